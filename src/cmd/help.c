/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help and --version, from the tables: nothing is listed here by hand. */
#include <config.h>

#include "auth/sasl.h"
#include "base/place.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "net/idn.h"
#include "net/tls.h"

#include <stdio.h>
#include <string.h>

enum { FORM_LIMIT = 200, HELP_LIMIT = 256 * 1024 };

static void put_verbs(const struct cmd_verb *verb, struct buf *out)
{
	buf_puts(out, _("Verbs:\n"));
	for (; verb->name; verb++)
		words_put_row(out, verb->name, verb->text);
	words_put_row(
		out, "sendmail", N_("what follows is an untrusted caller's"));
}

static bool is_worth_a_line(
	const struct argv_letter *letter, enum argv_manner manner)
{
	return letter->manners & 1u << manner && !letter->is_refused &&
	       !letter->is_ignored;
}

static void put_letter(
	struct buf *out, const struct argv_letter *letter, const char *before)
{
	char left[FORM_LIMIT];

	snprintf(left, sizeof left, "-%s%c%s%s", before, letter->letter,
		letter->form[0] == '[' || !letter->form[0] ? "" : " ",
		letter->form);
	words_put_row(out, left, letter->text);
}

static void put_letters(struct buf *out, enum argv_manner manner)
{
	struct argv_letter letter;

	buf_puts(out, _("Options of sendmail:\n"));
	for (size_t i = 0; argv_letter(i, &letter); i++)
		if (is_worth_a_line(&letter, manner))
			put_letter(out, &letter, "");
	for (size_t i = 0; argv_mode(i, &letter); i++)
		if (is_worth_a_line(&letter, manner))
			put_letter(out, &letter, "b");
}

static void put_long_options(struct buf *out)
{
	const char *name, *form, *text;
	char left[FORM_LIMIT];

	buf_puts(out, _("Options of mailchute:\n"));
	for (size_t i = 0; (name = argv_long_option(i, &form, &text)); i++) {
		snprintf(left, sizeof left, "--%s%s%s%s", name,
			form[0] == '[' ? "[" : "", form[0] ? "=" : "",
			form[0] == '[' ? form + 1 : form);
		words_put_row(out, left, text);
	}
}

/* --from is an option of its own, and --password none. */
static bool is_long_option(enum option_id id)
{
	return id != OPTION_from &&
	       !(option_flags(id) & OPTION_NOT_ON_COMMAND_LINE);
}

static void put_keywords(struct buf *out)
{
	buf_puts(
		out, _("Settings, in the configuration file or as options:\n"));
	for (int id = 0; id < OPTION_COUNT; id++) {
		struct buf left = BUF_INIT(FORM_LIMIT);

		buf_printf(&left, "--%s=", option_keyword((enum option_id)id));
		for (size_t i = 0; i < left.length; i++)
			if (left.data[i] == '_')
				left.data[i] = '-';
		option_put_form(&left, (enum option_id)id);
		if (is_long_option((enum option_id)id))
			words_put_row(out, buf_text(&left),
				option_text((enum option_id)id));
		buf_free(&left);
	}
}

/* What most people need of all that follows. */
static void put_commands(struct buf *out)
{
	static const struct {
		const char *words, *text;
	} commands[] = {
#define MODE(...)
#define VERB(...)
#define COMMAND(words, text) { "mailchute " words, text },
#include "cmd/cmd.def"
#undef MODE
#undef VERB
	};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		buf_printf(out, "  %-48s", commands[i].words);
		buf_printf(out, " %s\n", _(commands[i].text));
	}
	buf_put_byte(out, '\n');
}

static void put_help(const struct cmd_context *context, struct buf *out)
{
	enum argv_manner manner = context->request->manner;

	if (manner == ARGV_MAILCHUTE)
		put_commands(out);
	buf_puts(out,
		_("Usage: mailchute [options] [--] recipient... < message\n"
		  "       mailchute [options] sendmail [sendmail's options] < "
		  "message\n"
		  "       mailchute [options] verb [words]\n"
		  "       mailchute help verb\n\n"));
	if (manner == ARGV_MAILCHUTE) {
		put_verbs(context->verbs, out);
		buf_put_byte(out, '\n');
	}
	put_letters(out, manner);
	if (manner != ARGV_SENDMAIL) {
		buf_put_byte(out, '\n');
		put_long_options(out);
		buf_put_byte(out, '\n');
		put_keywords(out);
	}
}

/* ---- help VERB ----------------------------------------------------------- */

const struct words_table cmd_help_words = {
	.usage = N_("[VERB]"),
	.about = N_("Lists the verbs and the options, or what a verb takes.\n"),
	.operands = WORDS_SOME,
};

static int fail(const struct cmd_context *context, const char *name)
{
	const struct cmd_verb *verbs = context->verbs;
	struct text_nearest nearest = { .word = span_of(name) };
	struct diag why;

	for (size_t i = 0; verbs[i].name; i++)
		text_consider(&nearest, verbs[i].name);
	if (nearest.name)
		diag_set(&why, DIAG_USAGE_VERB_NEAR, name, nearest.name);
	else
		diag_set(&why, DIAG_USAGE_VERB, name);
	diag_add_hint(&why, N_("'mailchute help' lists the verbs"));
	return report_problem(&why);
}

static const struct words_table *words_of(
	const struct cmd_verb *verb, const char *name)
{
	while (verb->name && strcmp(verb->name, name) != 0)
		verb++;
	return verb->words;
}

int cmd_help(const struct cmd_context *context)
{
	const struct request *request = context->request;
	const char *verb =
		request->mode == REQUEST_VERB && request->operand_count
			? request->operands[0]
			: NULL;
	const struct words_table *words =
		verb ? words_of(context->verbs, verb) : NULL;
	struct buf help = BUF_INIT(HELP_LIMIT);

	if (words)
		words_put_help(verb, words, &help);
	else if (!verb)
		put_help(context, &help);
	else if (!strcmp(verb, "sendmail"))
		put_letters(&help, ARGV_SENDMAIL);
	else
		return fail(context, verb);
	return cmd_print(&help);
}

static void put_version(
	struct buf *out, const char *library, const char *version)
{
	if (!version || *version)
		buf_printf(out, "%s %s\n", library,
			version ? version : _("(cannot be loaded)"));
}

/* Those that this was built with; with --debug those that are here, which costs
 * as much as all of a message to have them. */
int cmd_version(const struct cmd_context *context)
{
	bool is_loaded = context->request->debug;
	struct buf text = BUF_INIT(HELP_LIMIT);

	buf_printf(&text, "mailchute %s\n", PACKAGE_VERSION);
	put_version(&text, "GnuTLS", tls_library_version(is_loaded));
	put_version(&text, "libidn2", idn_library_version(is_loaded));
	put_version(&text, "libgsasl", sasl_library_version(is_loaded));
	buf_printf(&text, "%s %s/mailchuterc\n", _("System configuration:"),
		place_system.settings);
	buf_puts(
		&text, _("Licence: GPL-3.0-or-later; there is no warranty.\n"));
	return cmd_print(&text);
}
