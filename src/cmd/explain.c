/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute explain: what a server's words mean, and what to do.  Prints
 * nothing of its input: a code, a status, and words that are the table's.
 */
#include <config.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "deliver/quoted.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { EXPLAIN_OUTPUT_LIMIT = 64 * 1024, NOT_KNOWN = 1 };

struct said {
#define VERB_OPTION WORDS_FIELD
#include "cmd/explain.def"
};

static const struct words_option options[] = {
#define SAID        struct said
#define VERB_OPTION WORDS_OPTION
#include "cmd/explain.def"
};

const struct words_table cmd_explain_words = {
	.usage = N_("[OPTION]... [TEXT...]"),
	.about = N_("Says what a server's reply means, and what to do: "
		    "'535 5.7.8 …', or a log line, a\nbounce or a trace that "
		    "holds one, on standard input without TEXT.  Exit code 0: "
		    "it\nis known; 1: it is not.\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

/* False when it cannot be read. */
static bool read_input(
	const struct request *request, struct buf *out, struct diag *why)
{
	struct source *in;
	struct span piece;
	bool is_fine;

	for (size_t i = 0; i < request->operand_count; i++) {
		buf_puts(out, i ? " " : "");
		buf_puts(out, request->operands[i]);
	}
	if (request->operand_count)
		return true;
	in = source_from_fd(STDIN_FILENO);
	/* What is over the limit is read, so that its writer ends well. */
	while ((is_fine = source_next(in, &piece, why)) && piece.length) {
		size_t room = QUOTED_TEXT_LIMIT - out->length;

		buf_put_span(out,
			span_make(piece.at,
				piece.length < room ? piece.length : room));
	}
	source_close(in);
	return is_fine;
}

static const char *scope_text(enum diag_scope scope)
{
	switch (scope) {
	case DIAG_SCOPE_RECIPIENT:
		return N_("this recipient");
	case DIAG_SCOPE_MESSAGE:
		return N_("this message");
	case DIAG_SCOPE_ACCOUNT:
		return N_("everything that goes out through this account");
	case DIAG_SCOPE_HOST:
		break;
	}
	return N_("everything that goes out from this machine");
}

static const char *scope_name(enum diag_scope scope)
{
	static const char *const names[] = {
		[DIAG_SCOPE_RECIPIENT] = "recipient",
		[DIAG_SCOPE_MESSAGE] = "message",
		[DIAG_SCOPE_ACCOUNT] = "account",
		[DIAG_SCOPE_HOST] = "host",
	};

	return names[scope];
}

static const char *wait_text(enum diag_wait wait)
{
	switch (wait) {
	case DIAG_WAIT_SOON:
		return N_("it passes in seconds or minutes");
	case DIAG_WAIT_STEP:
		return N_("it passes by itself");
	case DIAG_WAIT_HOUR:
		return N_("it passes in an hour");
	case DIAG_WAIT_DAY:
		return N_("it passes in hours");
	case DIAG_WAIT_NEVER:
		return N_("it does not pass by itself");
	case DIAG_WAIT_AS_CODE:
		break;
	}
	return N_("4yz may pass by itself, 5yz does not");
}

static void put_line(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "%s: %s\n", name, text);
}

static void put_people(
	struct buf *out, const struct quoted *found, struct span text)
{
	const struct known *row = found->row;
	struct buf words = BUF_INIT(EXPLAIN_OUTPUT_LIMIT);

	quoted_put_words(&words, text, row);
	if (found->code)
		buf_printf(out, "%u", found->code);
	if (found->status[0])
		buf_printf(out, "%s%s", out->length ? " " : "", found->status);
	if (words.length)
		buf_printf(out, "%s(%s)", out->length ? " " : "",
			buf_text(&words));
	if (out->length)
		buf_put_byte(out, '\n');
	put_line(out, _("What is wrong"), _(row->cause));
	put_line(out, _("What to do"), _(row->next));
	put_line(out, _("It concerns"), _(scope_text(row->scope)));
	put_line(out, _("How long"), _(wait_text(row->wait)));
	put_line(out, _("Reason"), _(known_reason_text(row->reason)));
	put_line(out, _("Name"), row->id);
	buf_free(&words);
}

static void put_json(
	struct buf *out, const struct quoted *found, struct span text)
{
	const struct known *row = found->row;
	struct json json = { .out = out };
	struct buf words = BUF_INIT(EXPLAIN_OUTPUT_LIMIT);

	quoted_put_words(&words, text, row);
	json_begin(&json, NULL, '{');
	json_text(&json, "known", row->id);
	if (found->code)
		json_number(&json, "code", found->code);
	else
		json_text(&json, "code", NULL);
	json_text(&json, "status", found->status[0] ? found->status : NULL);
	json_text(&json, "words", buf_text(&words));
	json_text(&json, "reason", known_reason_name(row->reason));
	json_text(&json, "scope", scope_name(row->scope));
	json_text(&json, "cause", row->cause);
	json_text(&json, "hint", row->next);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
	buf_free(&words);
}

static int explain(const struct said *said, struct span text)
{
	struct buf out = BUF_INIT(EXPLAIN_OUTPUT_LIMIT);
	struct quoted found;

	if (quoted_find(text, said->provider, &found)) {
		(said->is_json ? put_json : put_people)(&out, &found, text);
		return cmd_print(&out);
	}
	buf_puts(&out, said->is_json ? "null\n"
				     : _("Nothing in it is known.  The "
					 "server's own words count; "
					 "'mailchute doctor' looks at the "
					 "rest.\n"));
	(void)cmd_print(&out);
	return NOT_KNOWN;
}

int cmd_explain(const struct cmd_context *context)
{
	struct buf text = BUF_INIT(4 * QUOTED_TEXT_LIMIT);
	struct diag why;
	int exit_code;

	exit_code = read_input(context->request, &text, &why)
			    ? explain(context->said, buf_span(&text))
			    : report_problem(&why);
	buf_free(&text);
	return exit_code;
}
