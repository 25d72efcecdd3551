/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute dkim: makes keys, and prints what DNS and the configuration have to
 * say of them.  Knows no messages.
 */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/place.h"
#include "base/process.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "mail/dkim_record.h"
#include "net/idn.h"
#include "net/keys.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { TEXT_LIMIT = 64 * 1024, KEYS = 2 };

#define VERB_TABLE "cmd/dkim.def"
#define VERB_HAS_WORDS
#include "cmd/words_verb.h"

const struct words_table cmd_dkim_words = {
	.usage = N_("keygen [OPTION]... DOMAIN"),
	.about = N_("Makes private keys for signing with DKIM, and prints "
		    "their DNS records\nand the lines of the configuration.\n"),
	.page = "mailchute-dkim",
	.words = words,
	.word_count = sizeof words / sizeof *words,
	.operand = N_("DOMAIN"),
	.needs_word = true,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
};

struct made {
	const char *kind; /* "k=" */
	const char *selector, *path;
	struct signing_key *key;
};

struct keygen {
	struct arena *arena;
	const char *domain; /* A-labels */
	const char *folder;
	struct made made[KEYS];
	size_t count;
};

/* ---- what is wanted ------------------------------------------------------ */

static bool fail_value(const char *option, const char *value,
	const char *reason, struct diag *why)
{
	return diag_set(why, DIAG_USAGE_BAD_VALUE, option, value, reason);
}

/* The selector of one of several kinds ends in the kind. */
static const char *make_selector(struct keygen *run, const struct said *said,
	const char *kind, bool both)
{
	time_t now = clock_wall();
	char month[16] = "";
	struct tm date;

	if (!said->selector && gmtime_r(&now, &date))
		strftime(month, sizeof month, "%Y%m", &date);
	if (said->selector && !both)
		return said->selector;
	return arena_printf(run->arena, "%s-%s",
		said->selector ? said->selector : month, kind);
}

static void want(struct keygen *run, const struct said *said, const char *kind,
	bool both)
{
	struct made *made = &run->made[run->count++];

	made->kind = kind;
	made->selector = make_selector(run, said, kind, both);
	made->path = arena_printf(run->arena, "%s/%s.%s.pem", run->folder,
		made->selector, run->domain);
}

static bool want_kinds(
	struct keygen *run, const struct said *said, struct diag *why)
{
	const char *kind = said->kind ? said->kind : "both";
	bool both = strcmp(kind, "both") == 0;

	if (both || strcmp(kind, "rsa") == 0)
		want(run, said, "rsa", both);
	if (both || strcmp(kind, "ed25519") == 0)
		want(run, said, "ed25519", both);
	if (!run->count)
		return fail_value("--kind", kind,
			DIAG_WORDS N_("one of rsa, ed25519, both"), why);
	return dkim_record_is_selector(span_of(run->made[0].selector)) ||
	       fail_value("--selector", said->selector,
		       DIAG_WORDS N_("letters, digits, '-' and '.'"), why);
}

static bool take_domain(
	struct keygen *run, const struct request *request, struct diag *why)
{
	struct buf domain = BUF_INIT(TEXT_LIMIT);
	bool is_fine;

	if (request->operand_count > 1)
		return diag_set(why, DIAG_USAGE_UNWANTED_WORD, "dkim keygen",
			request->operands[1]);
	is_fine = idn_to_ascii(request->operands[0], &domain, why);
	for (size_t i = 0; i < domain.length; i++)
		domain.data[i] = ascii_lower(domain.data[i]);
	run->domain = arena_strdup(run->arena, buf_text(&domain));
	buf_free(&domain);
	if (is_fine && !dkim_record_is_selector(span_of(run->domain)))
		is_fine = diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID,
			request->operands[0],
			DIAG_WORDS N_("it is not the name of a host"));
	return is_fine;
}

/* ---- where to ------------------------------------------------------------ */

static const char *usual_folder(struct arena *arena)
{
	const char *xdg = process_getenv("XDG_CONFIG_HOME");
	const char *home = process_home(arena);

	if (geteuid() == 0 || !home)
		return arena_printf(
			arena, "%s/mailchute", place_system.settings);
	return xdg && xdg[0] == '/'
		       ? arena_printf(arena, "%s/mailchute", xdg)
		       : arena_printf(arena, "%s/.config/mailchute", home);
}

/* The usual one is made; one that was named has to be there. */
static bool take_folder(
	struct keygen *run, const char *folder, struct diag *why)
{
	char whole[PATH_MAX];

	if (folder && process_is_privileged())
		return diag_set(why, DIAG_USAGE_OPTION_REFUSED, "--folder",
			DIAG_WORDS N_("this program has rights that its caller "
				      "has not"));
	if (!folder) {
		folder = usual_folder(run->arena);
		(void)file_make_folder(folder); /* realpath() says why not */
	}
	if (!realpath(folder, whole))
		return diag_set_errno(why, errno, DIAG_FILE_FAILED, folder);
	run->folder = arena_strdup(run->arena, whole);
	/* They separate the names of files in the configuration. */
	return !strpbrk(whole, " \t,") ||
	       fail_value("--folder", whole,
		       DIAG_WORDS N_("a name without blanks and commas"), why);
}

/* ---- the keys ------------------------------------------------------------ */

static bool write_key(const struct made *made, struct diag *why)
{
	struct buf pem = BUF_INIT(TEXT_LIMIT);
	bool is_written =
		key_put_private(made->key, &pem, why) &&
		file_create(made->path, S_IRUSR | S_IWUSR, buf_span(&pem), why);

	buf_wipe_free(&pem);
	return is_written;
}

/* All of them, or none. */
static bool make_keys(struct keygen *run, unsigned bits, struct diag *why)
{
	size_t written = 0;

	for (size_t i = 0; i < run->count; i++) {
		struct made *made = &run->made[i];
		bool is_rsa = strcmp(made->kind, "rsa") == 0;

		made->key = key_make(is_rsa ? KEY_RSA : KEY_ED25519, bits, why);
		if (!made->key)
			return false;
	}
	while (written < run->count && write_key(&run->made[written], why))
		written++;
	if (written == run->count)
		return true;
	while (written--)
		unlink(run->made[written].path);
	return false;
}

/* ---- what is said of them ------------------------------------------------ */

static bool put_record(const struct keygen *run, const struct made *made,
	struct buf *out, struct diag *why)
{
	struct buf public = BUF_INIT(TEXT_LIMIT), text = BUF_INIT(TEXT_LIMIT);
	bool is_fine = key_put_public(made->key, &public, why);

	dkim_record_put(made->kind, buf_span(&public), &text);
	if (is_fine)
		dkim_record_put_zone(
			made->selector, run->domain, buf_span(&text), out);
	buf_free(&public);
	buf_free(&text);
	return is_fine;
}

static void put_setting(const struct keygen *run, const char *name,
	bool is_path, struct buf *out)
{
	buf_printf(out, ";   %s", name);
	for (size_t i = 0; i < run->count; i++)
		buf_printf(out, " %s",
			is_path ? run->made[i].path : run->made[i].selector);
	buf_puts(out, "\n");
}

/* A zone file, whose comments are for the person. */
static bool put_all(const struct keygen *run, struct buf *out, struct diag *why)
{
	buf_printf(out, "; %s\n",
		_("in DNS, as a zone file has it (a form on "
		  "a page wants the strings as one):"));
	for (size_t i = 0; i < run->count; i++)
		if (!put_record(run, &run->made[i], out, why))
			return false;
	buf_printf(
		out, ";\n; %s\n", _("in the configuration, when DNS has it:"));
	buf_printf(out, ";   dkim_domain %s\n", run->domain);
	put_setting(run, "dkim_selector", false, out);
	put_setting(run, "dkim_key_file", true, out);
	return true;
}

static bool keygen(const struct cmd_context *context, struct keygen *run,
	struct buf *out, struct diag *why)
{
	const struct said *said = context->said;

	return take_domain(run, context->request, why) &&
	       take_folder(run, said->folder, why) &&
	       want_kinds(run, said, why) &&
	       make_keys(run, (unsigned)said->bits, why) &&
	       put_all(run, out, why);
}

int cmd_dkim(const struct cmd_context *context)
{
	struct keygen run = { .arena = context->arena };
	struct buf out = BUF_INIT(TEXT_LIMIT);
	struct diag why;
	bool is_fine = keygen(context, &run, &out, &why);

	for (size_t i = 0; i < run.count; i++)
		key_free(run.made[i].key);
	if (is_fine)
		return cmd_print(&out);
	buf_free(&out);
	return report_problem(&why);
}
