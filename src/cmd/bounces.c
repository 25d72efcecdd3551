/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailchute bounces: who did not get what, from messages that came back. */
#include <config.h>

#include "base/json.h"
#include "base/source.h"
#include "base/text.h"
#include "bounce/bounce.h"
#include "cmd/cmd.h"
#include "cmd/mailbox.h"
#include "cmd/report.h"
#include "deliver/known.h"
#include "mail/message.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { OUTPUT_LIMIT = 16 * 1024 * 1024, NO_BOUNCE = 1 };

#define VERB_TABLE "cmd/bounces.def"
#include "cmd/words_verb.h"

const struct words_table cmd_bounces_words = {
	.usage = N_("[OPTION]... [FILE|MAILDIR]..."),
	.about =
		N_("Says who did not get which message, and why: from the "
		   "reports that came back, on\nstandard input, in files (a "
		   "message, an mbox) or in Maildirs.  Exit code 0: there was\n"
		   "a bounce or a complaint; 1: none.  Anybody can write such "
		   "a report.\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

struct run {
	const struct said *said;
	bool found; /* a bounce, or a complaint */
};

/* ---- one report ---------------------------------------------------------- */

static bool counts(enum bounce_kind kind)
{
	return kind == BOUNCE_FAILED || kind == BOUNCE_COMPLAINT;
}

/* What to do about it, where the words are known. */
static const struct known *find_known(const struct bounce_recipient *one)
{
	struct buf reply = BUF_INIT(KNOWN_TEXT_BYTES);
	struct known_question asked = { .stages = KNOWN_ENVELOPE };
	const struct known *known;

	/* A table of replies: prose has its meaning, if not its number. */
	buf_printf(&reply, "%u %s ",
		one->code           ? one->code
		: one->is_permanent ? 550
				    : 450,
		one->status);
	buf_puts(&reply, one->text);
	asked.reply = buf_span(&reply);
	known = counts(one->kind) ? known_find(&asked) : NULL;
	buf_free(&reply);
	return known;
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static void put_json(struct buf *out, const struct bounce *bounce,
	const struct bounce_recipient *one)
{
	const struct known *known = one ? find_known(one) : NULL;
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_text(&json, "kind",
		bounce_kind_name(one ? one->kind : bounce->kind));
	json_text(&json, "recipient", one ? or_null(one->address) : NULL);
	json_text(&json, "original", one ? or_null(one->original) : NULL);
	json_text(&json, "status", one ? or_null(one->status) : NULL);
	if (one && one->code)
		json_number(&json, "code", one->code);
	else
		json_text(&json, "code", NULL);
	json_text(
		&json, "reason", one ? bounce_reason_name(one->reason) : NULL);
	json_bool(&json, "permanent", one && one->is_permanent);
	json_text(&json, "reply", one ? or_null(one->text) : NULL);
	json_text(&json, "known", known ? known->id : NULL);
	json_text(&json, "hint", known ? known->next : NULL);
	json_text(&json, "message_id", or_null(bounce->message_id));
	json_text(&json, "envelope_id", or_null(bounce->envelope_id));
	json_text(&json, "reporter", or_null(bounce->reporter));
	json_text(&json, "returned_to", or_null(bounce->returned_to));
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}

static const char *kind_text(enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return N_("failed");
	case BOUNCE_COMPLAINT:
		return N_("complaint");
	case BOUNCE_DELAYED:
		return N_("delayed");
	case BOUNCE_DELIVERED:
		return N_("delivered");
	case BOUNCE_AUTOMATIC:
		return N_("automatic answer");
	case BOUNCE_NONE:
		break;
	}
	return N_("no report");
}

static void put_people(struct buf *out, const struct bounce *bounce,
	const struct bounce_recipient *one)
{
	if (!one) {
		buf_printf(out, "%s\n", _(kind_text(bounce->kind)));
		return;
	}
	buf_printf(out, "%s: %s", _(kind_text(one->kind)),
		*one->address ? one->address : _("(nobody is named)"));
	if (counts(one->kind))
		buf_printf(out, ": %s", _(bounce_reason_text(one->reason)));
	if (*one->status)
		buf_printf(out, " (%s)", one->status);
	buf_put_byte(out, '\n');
	if (*one->text)
		buf_printf(out, "  %s\n", one->text);
}

static void take_bounce(struct run *run, const struct bounce *bounce)
{
	struct buf out = BUF_INIT(OUTPUT_LIMIT);

	for (size_t i = 0; i < bounce->count; i++)
		(run->said->is_json ? put_json : put_people)(
			&out, bounce, &bounce->recipients[i]);
	if (!bounce->count)
		(run->said->is_json ? put_json : put_people)(
			&out, bounce, NULL);
	run->found = run->found || counts(bounce->kind);
	(void)cmd_print(&out);
}

/* ---- messages ------------------------------------------------------------ */

static void put_body(struct message *message, struct buf *out)
{
	struct source *body = store_source(message->body);
	struct span piece;
	struct diag ignored;

	while (source_next(body, &piece, &ignored) && piece.length)
		if (!buf_put_span(out, piece))
			break;
	source_close(body);
}

static void take_message(void *context, struct span text)
{
	struct source *source = source_from_span(text);
	struct buf body = BUF_INIT(2 * MAILBOX_MESSAGE_LIMIT);
	struct message message;
	struct bounce bounce;
	struct diag ignored;

	/* One that cannot be read is none. */
	if (message_read(source,
		    &(struct message_params){
			    .memory_limit = 2 * MAILBOX_MESSAGE_LIMIT },
		    &message, &ignored)) {
		put_body(&message, &body);
		bounce_read(&message.header, buf_span(&body), message.arena,
			&bounce);
		take_bounce(context, &bounce);
		message_free(&message);
	}
	buf_free(&body);
	source_close(source);
}

int cmd_bounces(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct run run = { .said = context->said };
	struct diag why;
	bool is_fine = true;

	for (size_t i = 0; i < request->operand_count && is_fine; i++)
		is_fine = mailbox_walk(
			request->operands[i], take_message, &run, &why);
	if (!request->operand_count)
		is_fine =
			mailbox_walk_fd(STDIN_FILENO, take_message, &run, &why);
	if (!is_fine)
		return report_problem(&why);
	return run.found ? EX_OK : NO_BOUNCE;
}
