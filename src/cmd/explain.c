/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute explain: what a server's words mean, or the results of a message
 * that arrived, or the report of one that came back, and what to do.  Prints
 * nothing of its input: a code, a status, and words that are the table's.
 */
#include <config.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/reader.h"
#include "cmd/report.h"
#include "cmd/returned.h"
#include "deliver/arrived.h"
#include "deliver/quoted.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { EXPLAIN_OUTPUT_LIMIT = 64 * 1024, NOT_KNOWN = 1 };

#define VERB_TABLE "cmd/explain.def"
#include "cmd/words_verb.h"

const struct words_table cmd_explain_words = {
	.usage = N_("[OPTION]... [TEXT...]"),
	.about = N_("Says what a server's reply means, and what to do: "
		    "'535 5.7.8 …', or a log line, a\nbounce or a trace that "
		    "holds one; or what became of a message that arrived, by "
		    "its\nhead.  Without TEXT, on standard input.  Exit code "
		    "0: it is known; 1: it is not.\n"),
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

static void put_people(struct buf *out, const struct quoted *found)
{
	const struct known *row = found->row;
	struct buf words = BUF_INIT(EXPLAIN_OUTPUT_LIMIT);

	quoted_put_words(&words, found);
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

static void put_json(struct buf *out, const struct quoted *found)
{
	const struct known *row = found->row;
	struct json json = { .out = out };
	struct buf words = BUF_INIT(EXPLAIN_OUTPUT_LIMIT);

	quoted_put_words(&words, found);
	json_begin(&json, NULL, '{');
	json_text(&json, "known", row->id);
	if (found->code)
		json_number(&json, "code", found->code);
	else
		json_text(&json, "code", NULL);
	json_text(&json, "status", found->status[0] ? found->status : NULL);
	json_text(&json, "reply", buf_text(&words));
	json_text(&json, "words", buf_text(&words));
	json_text(&json, "reason", known_reason_name(row->reason));
	json_text(&json, "scope", scope_name(row->scope));
	json_text(&json, "cause", row->cause);
	json_text(&json, "hint", row->next);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
	buf_free(&words);
}

/* ---- a message that arrived ---------------------------------------------- */

static const char *const methods[] = { [AUTHRES_SPF] = "spf",
	[AUTHRES_DKIM] = "dkim",
	[AUTHRES_DMARC] = "dmarc" };

static const char *state_text(enum arrived_state state)
{
	return state == ARRIVED_ALIGNED ? N_("in the name of From's domain")
	       : state == ARRIVED_OTHER
		       ? N_("in the name of another domain than From's")
		       : NULL;
}

static void put_mark(
	struct buf *out, const char *name, const struct arrived_mark *mark)
{
	const char *text = state_text(mark->state);

	buf_printf(out, "%s: %s%s%s\n", name, authres_result_name(mark->result),
		text ? ", " : "", text ? _(text) : "");
}

static void put_arrived(struct buf *out, const struct arrived *found)
{
	put_mark(out, "SPF", &found->marks[AUTHRES_SPF]);
	put_mark(out, "DKIM", &found->marks[AUTHRES_DKIM]);
	put_mark(out, "DMARC", &found->marks[AUTHRES_DMARC]);
	if (found->set_aside)
		buf_printf(out, "%s: %zu\n",
			_("Results of other servers, which do not count"),
			found->set_aside);
	put_line(out, _("What is wrong"), _(found->row->cause));
	put_line(out, _("What to do"), _(found->row->next));
	put_line(out, _("Name"), found->row->id);
}

static void put_arrived_json(struct buf *out, const struct arrived *found)
{
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_text(&json, "known", found->row->id);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		json_text(&json, methods[i],
			authres_result_name(found->marks[i].result));
	for (size_t i = 0; i < AUTHRES_DMARC; i++)
		json_bool(&json,
			i == AUTHRES_SPF ? "spf_aligned" : "dkim_aligned",
			found->marks[i].state == ARRIVED_ALIGNED);
	json_number(&json, "set_aside", (long)found->set_aside);
	json_text(&json, "reason", known_reason_name(KNOWN_REASON_DOMAIN));
	json_text(&json, "cause", found->row->cause);
	json_text(&json, "hint", found->row->next);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}

/* ---- a message that came back -------------------------------------------- */

/* What its report comes to: BY its own words, or by its kind. */
struct told {
	const struct bounce_recipient *by; /* NULL: nobody is told of */
	bool is_known;
	struct quoted quoted;
	const char *cause, *next; /* untranslated msgids */
};

static const struct told kinds[] = {
	[BOUNCE_AUTOMATIC] = { .cause = N_("nothing: the mail arrived, and a "
					   "machine answered it"),
		.next = N_("nothing; the address stays on the list") },
	[BOUNCE_DELIVERED] = { .cause = N_("nothing: the mail arrived, as was "
					   "asked for"),
		.next = N_("nothing") },
	[BOUNCE_DELAYED] = { .cause = N_("the mail did not arrive yet"),
		.next = N_("nothing: a server still tries, and tells when it "
			   "gives up; do not send it again") },
	[BOUNCE_COMPLAINT] = { .cause = N_("the mail arrived, and its "
					   "recipient called it spam"),
		.next = N_("never write to this recipient again: 'mailchute "
			   "bounces --suppress' sees to it") },
	[BOUNCE_FAILED] = { .cause = N_("the mail did not arrive; the reason "
					"is all that is known"),
		.next = N_("read the report itself: the words of the server "
			   "that wrote it count") },
};

/* Replies are a table of their own: prose has their meaning, if not their
 * number. */
static bool find_reply(const struct bounce_recipient *one, const char *provider,
	struct quoted *out)
{
	struct buf reply = BUF_INIT(QUOTED_TEXT_LIMIT);
	unsigned code = one->code ? one->code : one->is_permanent ? 550 : 450;
	bool is_known;

	buf_printf(&reply, "%u %s ", code, one->status);
	buf_puts(&reply, one->text);
	is_known = quoted_find(buf_span(&reply), provider, out);
	out->code = one->code;
	buf_free(&reply);
	return is_known;
}

static struct told tell(const struct bounce *bounce,
	const struct bounce_recipient *one, const char *provider)
{
	enum bounce_kind kind = one ? one->kind : bounce->kind;
	struct told told = kinds[kind];

	told.by = one;
	told.is_known = one && kind == BOUNCE_FAILED &&
			find_reply(one, provider, &told.quoted);
	return told;
}

static void put_returned(
	struct buf *out, enum bounce_kind kind, const struct told *told)
{
	put_line(out, _("Report"), _(returned_kind_text(kind)));
	if (told->by && kind == BOUNCE_FAILED)
		put_line(out, _("Why it came back"),
			_(bounce_reason_text(told->by->reason)));
	if (told->is_known) {
		put_people(out, &told->quoted);
		return;
	}
	put_line(out, _("What is wrong"), _(told->cause));
	put_line(out, _("What to do"), _(told->next));
}

static void put_returned_json(
	struct buf *out, enum bounce_kind kind, const struct told *told)
{
	const struct bounce_recipient *one = told->by;
	const struct known *row = told->is_known ? told->quoted.row : NULL;
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_text(&json, "kind", bounce_kind_name(kind));
	json_text(
		&json, "reason", one ? bounce_reason_name(one->reason) : NULL);
	json_bool(&json, "permanent", one && one->is_permanent);
	if (one && one->code)
		json_number(&json, "code", one->code);
	else
		json_text(&json, "code", NULL);
	json_text(&json, "status", one && *one->status ? one->status : NULL);
	json_text(&json, "known", row ? row->id : NULL);
	json_text(&json, "cause", row ? row->cause : told->cause);
	json_text(&json, "hint", row ? row->next : told->next);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}

/* A paragraph for each recipient; what is the same of several stands once, as
 * nobody is named. */
static void put_report(const struct said *said, const struct bounce *bounce,
	const struct bounce_recipient *one, struct buf *out)
{
	enum bounce_kind kind = one ? one->kind : bounce->kind;
	struct told told = tell(bounce, one, said->provider);
	struct buf paragraph = BUF_INIT(EXPLAIN_OUTPUT_LIMIT);

	(said->is_json ? put_returned_json : put_returned)(
		&paragraph, kind, &told);
	if (!out->length || !strstr(buf_text(out), buf_text(&paragraph))) {
		if (out->length && !said->is_json)
			buf_put_byte(out, '\n');
		buf_put_span(out, buf_span(&paragraph));
	}
	buf_free(&paragraph);
}

/* False when TEXT is no report. */
static bool put_report_of(
	const struct said *said, struct span text, struct buf *out)
{
	struct returned returned;
	const struct bounce *bounce = &returned.bounce;
	bool is_report;

	if (!returned_read(text, &returned))
		return false;
	is_report = bounce->kind != BOUNCE_NONE;
	for (size_t i = 0; is_report && i < bounce->count; i++)
		put_report(said, bounce, &bounce->recipients[i], out);
	if (is_report && !bounce->count)
		put_report(said, bounce, NULL, out);
	returned_free(&returned);
	return is_report;
}

/* ---- the whole ----------------------------------------------------------- */

/* False when nothing is known.  A message that arrived says by its fields what
 * became of it, whatever stands in it; a bounce, what it tells of. */
static bool put_known(
	const struct said *said, struct span text, struct buf *out)
{
	struct arrived arrived;
	struct quoted quoted;
	bool has_arrived;

	if (put_report_of(said, text, out))
		return true;
	has_arrived = arrived_find(text, &arrived);
	if (!(has_arrived && !arrived.is_report) &&
		quoted_find(text, said->provider, &quoted)) {
		(said->is_json ? put_json : put_people)(out, &quoted);
		return true;
	}
	if (has_arrived)
		(said->is_json ? put_arrived_json : put_arrived)(out, &arrived);
	return has_arrived;
}

struct question {
	const struct said *said;
	struct span text;
};

static bool answer(void *context, struct buf *out)
{
	const struct question *question = context;

	(void)put_known(question->said, question->text, out);
	return true;
}

static int explain(const struct said *said, struct span text)
{
	struct question question = { said, text };
	struct buf said_so = BUF_INIT(EXPLAIN_OUTPUT_LIMIT);
	struct buf out = BUF_INIT(4 * EXPLAIN_OUTPUT_LIMIT);
	struct diag why;

	if (!reader_run(answer, &question, &said_so, &why)) {
		buf_free(&said_so);
		return report_problem(&why);
	}
	reader_put_lines(&out, buf_span(&said_so));
	buf_free(&said_so);
	if (out.length)
		return cmd_print(&out);
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
