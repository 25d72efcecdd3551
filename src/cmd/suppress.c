/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailchute suppress: keeps the list of those who get no more mail. */
#include <config.h>

#include "base/json.h"
#include "base/lines.h"
#include "base/source.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "cmd/submission.h"
#include "config/load.h"
#include "deliver/sealing.h"
#include "deliver/suppression.h"
#include "net/idn.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	DOMAIN_LIMIT = 1024,
	ADDRESS_MAX = 320,
	REASON_MAX = 500,
	TOKEN_TEXT_LIMIT = 64 * 1024
};

#define VERB_TABLE "cmd/suppress.def"
#define VERB_HAS_WORDS
#include "cmd/words_verb.h"

const struct words_table cmd_suppress_words = {
	.usage = N_("list|add|remove|import|export|--token [OPTION]... "
		    "[ADDRESS]..."),
	.about = N_("Keeps the list of those who get no more mail, which the "
		    "account names with\n'suppress'.\n"),
	.page = "mailchute-suppress",
	.words = words,
	.word_count = sizeof words / sizeof *words,
	.operand = N_("ADDRESS"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
};

struct run {
	const struct said *said;
	const char *path, *key_path;
	struct arena *arena;
	struct suppression *changes;
	size_t count, room;
};

/* ---- addresses ----------------------------------------------------------- */

static bool refuse(const char *text, const char *reason, struct diag *why)
{
	return diag_set(why, DIAG_ADDRESS_INVALID, text, reason);
}

/* "@example.org", or an address alone, as it goes on the wire. */
static bool read_address(
	struct run *run, const char *text, const char **out, struct diag *why)
{
	bool is_domain = text[0] == '@';
	const char *whole =
		is_domain ? arena_printf(run->arena, "x%s", text) : text;
	struct buf ascii = BUF_INIT(DOMAIN_LIMIT);
	struct mailbox mailbox;
	const char *reason;
	bool is_fine = true;

	if (!address_parse(span_of(whole), run->arena, &mailbox, &reason))
		return refuse(text, reason, why);
	if (!*mailbox.domain)
		return refuse(text, DIAG_WORDS N_("it has no domain"), why);
	if (!text_is_ascii(span_of(mailbox.domain)))
		is_fine = idn_to_ascii(mailbox.domain, &ascii, why);
	if (is_fine && ascii.length)
		mailbox.domain = arena_strdup(run->arena, buf_text(&ascii));
	buf_free(&ascii);
	if (!is_fine)
		return false;
	mailbox.name = "";
	*out = suppression_key(run->arena,
		is_domain ? arena_printf(run->arena, "@%s", mailbox.domain)
			  : address_string(run->arena, &mailbox));
	return strlen(*out) <= ADDRESS_MAX ||
	       refuse(text, DIAG_WORDS N_("it is too long"), why);
}

/* ---- changes ------------------------------------------------------------- */

static void add_change(struct run *run, struct suppression change)
{
	if (run->count == run->room) {
		run->room = run->room ? run->room * 2 : 64;
		run->changes = mem_array(
			run->changes, run->room, sizeof *run->changes);
	}
	run->changes[run->count++] = change;
}

/* Printable, on one line, and not too long for it. */
static const char *clean(struct run *run, struct span text)
{
	struct buf out = BUF_INIT(REASON_MAX * 4);
	const char *clean;

	if (text.length > REASON_MAX)
		text.length = REASON_MAX;
	text_put_printable(&out, span_trim(text));
	clean = arena_strdup(run->arena, buf_text(&out));
	buf_free(&out);
	return clean;
}

static const char *reason_or(struct run *run, const char *otherwise)
{
	return run->said->reason ? clean(run, span_of(run->said->reason))
				 : otherwise;
}

static int change(struct run *run)
{
	struct diag why;
	size_t changed;
	bool is_changed = suppression_change(
		run->path, run->changes, run->count, &changed, &why);

	mem_free(run->changes);
	run->changes = NULL;
	return is_changed ? EX_OK : report_problem(&why);
}

static int change_named(
	struct run *run, const struct request *request, bool is_added)
{
	const char *since = is_added ? suppression_now(run->arena) : NULL;
	struct diag why;

	for (size_t i = 0; i < request->operand_count; i++) {
		struct suppression entry = { .since = since,
			.reason = reason_or(run, "by hand") };

		if (!read_address(
			    run, request->operands[i], &entry.address, &why))
			return report_problem(&why);
		add_change(run, entry);
	}
	return change(run);
}

/* "ADDRESS", "ADDRESS\tDATE", "ADDRESS\tDATE\tREASON"; empty lines and those
 * that begin with '#' are none. */
static bool read_line(
	struct run *run, struct span line, const char *now, struct diag *why)
{
	struct span address = span_trim(span_cut(&line, '\t'));
	struct span since = span_trim(span_cut(&line, '\t'));
	struct suppression entry = { .since = now };

	if (!address.length || address.at[0] == '#')
		return true;
	if (since.length)
		entry.since = clean(run, since);
	entry.reason = span_trim(line).length ? clean(run, line)
					      : reason_or(run, "imported");
	if (!read_address(run,
		    arena_strndup(run->arena, address.at, address.length),
		    &entry.address, why))
		return false;
	add_change(run, entry);
	return true;
}

/* All that can be used is, and the exit code is that of the last that cannot.
 */
static int import(struct run *run)
{
	struct lines *lines = lines_new(STDIN_FILENO, SUPPRESSION_LINE_BYTES);
	const char *now = suppression_now(run->arena);
	enum lines_result result;
	struct span line;
	struct diag why;
	int exit_code = EX_OK, changed;

	while ((result = lines_next(lines, &line, &why)) == LINES_GOT)
		if (!read_line(run, line, now, &why))
			exit_code = report_problem(&why);
	if (result == LINES_END && lines_rest(lines, &line) &&
		!read_line(run, line, now, &why))
		exit_code = report_problem(&why);
	if (result == LINES_FAILED)
		exit_code = report_problem(&why);
	lines_free(lines);
	changed = change(run);
	return changed ? changed : exit_code;
}

/* ---- tokens -------------------------------------------------------------- */

/* Of more than a token the beginning: it may be a letter with one in its
 * subject. */
static bool read_beginning(struct buf *out, struct diag *why)
{
	struct source *input = source_from_fd(STDIN_FILENO);
	struct span piece;
	bool is_read;

	while ((is_read = source_next(input, &piece, why)) && piece.length) {
		size_t room = TOKEN_TEXT_LIMIT - out->length;

		buf_put_span(out,
			span_make(piece.at,
				piece.length < room ? piece.length : room));
	}
	source_close(input);
	return is_read;
}

static bool find_token(struct run *run, struct span text,
	struct seal_opened *out, struct diag *why)
{
	struct sealing *sealing;
	bool is_found;

	if (!sealing_open(run->key_path, SEALING_THERE, &sealing, why))
		return false;
	is_found =
		sealing_find(sealing, SEAL_UNSUBSCRIBE, text, run->arena, out);
	sealing_close(sealing);
	return is_found || diag_set(why, DIAG_SEAL_INVALID);
}

static int take_token(struct run *run)
{
	struct suppression entry = { .since = suppression_now(run->arena) };
	struct buf text = BUF_INIT(TOKEN_TEXT_LIMIT);
	struct seal_opened opened;
	struct diag why;
	bool is_taken = read_beginning(&text, &why) &&
			find_token(run, buf_span(&text), &opened, &why) &&
			read_address(run, opened.address, &entry.address, &why);

	buf_free(&text);
	if (!is_taken)
		return report_problem(&why);
	entry.reason = reason_or(run,
		*opened.about ? arena_printf(run->arena, "unsubscribed from %s",
					opened.about)
			      : "unsubscribed");
	add_change(run, entry);
	return change(run);
}

/* ---- showing ------------------------------------------------------------- */

static void print_line(void *context, const struct suppression *entry)
{
	(void)context;
	printf("%s\t%s\t%s\n", entry->address, entry->since, entry->reason);
}

static void print_row(void *context, const struct suppression *entry)
{
	struct buf out = BUF_INIT(16 * SUPPRESSION_LINE_BYTES);

	(void)context;
	text_put_printable(&out, span_of(entry->address));
	buf_puts(&out, "  ");
	text_put_printable(&out, span_of(entry->since));
	buf_puts(&out, "  ");
	text_put_printable(&out, span_of(entry->reason));
	puts(buf_text(&out));
	buf_free(&out);
}

static void print_json(void *context, const struct suppression *entry)
{
	struct buf out = BUF_INIT(16 * SUPPRESSION_LINE_BYTES);
	struct json json = { .out = &out };

	(void)context;
	json_begin(&json, NULL, '{');
	json_text(&json, "address", entry->address);
	json_text(&json, "since", entry->since);
	json_text(&json, "reason", entry->reason);
	json_end(&json, '}');
	puts(buf_text(&out));
	buf_free(&out);
}

static int show(struct run *run, bool is_export)
{
	struct diag why;

	if (suppression_each(run->path,
		    is_export         ? print_line
		    : run->said->json ? print_json
				      : print_row,
		    NULL, &why))
		return EX_OK;
	return report_problem(&why);
}

/* ---- the door ------------------------------------------------------------ */

static int run_word(
	struct run *run, enum word word, const struct request *request)
{
	if (run->said->token)
		return take_token(run);
	switch (word) {
	case SUPPRESS_ADD:
		return change_named(run, request, true);
	case SUPPRESS_REMOVE:
		return change_named(run, request, false);
	case SUPPRESS_IMPORT:
		return import(run);
	case SUPPRESS_EXPORT:
		return show(run, true);
	case SUPPRESS_LIST:
		break;
	}
	return show(run, false);
}

/* What the options name, or the account. */
static bool find_list(struct run *run, struct submission *account,
	const struct request *request, struct diag *why)
{
	run->path = run->said->list;
	run->key_path = sealing_path(NULL, run->path, run->arena);
	if (run->path)
		return true;
	if (!config_load(request, account->arena, &account->config, why) ||
		!submission_choose_account(account, why))
		return false;
	run->path = account->account->suppress;
	run->key_path = sealing_path(
		account->account->unsubscribe_key, run->path, run->arena);
	return run->path ||
	       diag_set(why, DIAG_SUPPRESS_NONE, account->account->name);
}

int cmd_suppress(const struct cmd_context *context)
{
	struct run run = { .said = context->said, .arena = context->arena };
	struct request request = *context->request;
	struct submission account;
	struct diag why;
	int exit_code;

	request.operand_count = 0;
	submission_init(&account, &request);
	exit_code = find_list(&run, &account, &request, &why)
			    ? run_word(&run, (enum word)context->word,
				      context->request)
			    : report_problem(&why);
	mem_free(run.changes);
	submission_free(&account);
	return exit_code;
}
