/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 'mailchute send': a message made from arguments.  Once it is made it goes the
 * way of all others.
 */
#include <config.h>

#include "base/failure.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/merge.h"
#include "cmd/merge_report.h"
#include "cmd/progress.h"
#include "cmd/report.h"
#include "cmd/sending.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { JSON_LIMIT = 64 * 1024 * 1024 };

/* Everything that can be wrong is found out before anybody is asked for a text
 * and before anything is sent. */
static void look_at_arguments(struct sending *sending, struct diag *why)
{
	bool has_account;

	sending_read_head(sending);
	has_account = sending_load(sending, why);
	if (!has_account)
		problems_add(&sending->problems, why);
	sending_expand(sending, has_account);
	sending_read_parts(sending);
}

/* ---- what becomes of it -------------------------------------------------- */

/* With the line ends of this system: it is for people and programs here. */
static void print_line_ends(struct span piece)
{
	for (size_t i = 0; i < piece.length; i++)
		if (piece.at[i] != '\r')
			putchar(piece.at[i]);
}

static bool print_message(struct submission *run, struct diag *why)
{
	struct source *source = edit_source(run->edit);
	struct span piece;
	bool is_read;

	run->outcome.message_id = edit_message_id(run->edit);
	while ((is_read = source_next(source, &piece, why)) && piece.length)
		print_line_ends(piece);
	source_close(source);
	if (is_read && fflush(stdout))
		return diag_set_errno(why, errno, DIAG_FILE_FAILED, "stdout");
	return is_read;
}

static void submit_with_progress(struct sending *sending)
{
	struct progress progress = { .fd = STDERR_FILENO };

	/* The dialogue of --debug would be written over. */
	if (terminal_is(STDERR_FILENO) && !sending->request.debug) {
		sending->run.progress = progress_show;
		sending->run.progress_context = &progress;
	}
	submission_submit(&sending->run);
	progress_end(&progress);
}

static void deliver(struct sending *sending, struct diag *why)
{
	struct buf errors =
		BUF_INIT(PROBLEMS_LIMIT * (size_t)DIAG_TEXT_BYTES * 4);

	look_at_arguments(sending, why);
	if (problems_tell(&sending->problems, &errors, why))
		fputs(buf_text(&errors), stderr);
	else if (!sending_fill_links(sending, NULL, 0, why))
		return buf_free(&errors);
	else if (sending_make(sending, why) && sending->options.dry_run)
		print_message(&sending->run, why);
	else if (sending->run.edit)
		submit_with_progress(sending);
	buf_free(&errors);
}

/* ---- JSON ---------------------------------------------------------------- */

static void put_reply(struct json *json, const struct diag *why)
{
	if (!why || !why->reply_code) {
		json_text(json, "reply", NULL);
		return;
	}
	json_begin(json, "reply", '{');
	json_number(json, "code", why->reply_code);
	json_text(json, "text", why->reply);
	json_end(json, '}');
}

static void put_error(struct json *json, const struct diag *why, int exit_code)
{
	if (!why || why->id == DIAG_NONE) {
		json_text(json, "error", NULL);
		return;
	}
	json_begin(json, "error", '{');
	json_text(json, "id", diag_name(why->id));
	json_bool(json, "is_temporary", diag_is_temporary(why));
	failure_put_diag(json, why, exit_code);
	json_end(json, '}');
}

static const char *verdict_name(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_DELIVERED:
		return "delivered";
	case VERDICT_DEFERRED:
		return "deferred";
	case VERDICT_REFUSED:
		return "refused";
	case VERDICT_UNKNOWN:
		break;
	}
	return "unknown";
}

/* A recipient that was accepted has the reply to the whole. */
static void put_recipient(
	struct json *json, const struct outcome *outcome, size_t index)
{
	const struct envelope *envelope = outcome->envelope;
	struct verdict verdict = { .kind = VERDICT_UNKNOWN };
	bool is_delivered;

	if (outcome->verdicts)
		verdict = outcome->verdicts[index];
	is_delivered = verdict.kind == VERDICT_DELIVERED;
	json_begin(json, NULL, '{');
	json_text(json, "address", envelope->recipients[index].utf8);
	json_text(json, "verdict", verdict_name(verdict.kind));
	put_reply(json, is_delivered ? &outcome->reply : verdict.why);
	put_error(json, verdict.why, verdict.why ? verdict.why->exit_code : 0);
	json_end(json, '}');
}

static void put_outcome(
	struct json *json, const struct outcome *outcome, int exit_code)
{
	const char *message_id = outcome->message_id;
	const struct envelope *envelope = outcome->envelope;

	json_begin(json, NULL, '{');
	json_text(json, "id", outcome->id);
	json_text(json, "message_id",
		message_id && *message_id ? message_id : NULL);
	json_text(json, "queue_id", outcome->is_queued ? outcome->id : NULL);
	json_number(json, "exit_code", exit_code);
	put_reply(json, outcome->reply.reply_code ? &outcome->reply
						  : &outcome->failure);
	put_error(json, outcome_reason(outcome), exit_code);
	json_begin(json, "recipients", '[');
	for (size_t i = 0; envelope && i < envelope->recipient_count; i++)
		put_recipient(json, outcome, i);
	json_end(json, ']');
	json_end(json, '}');
}

static void print_json(const struct outcome *outcome, int exit_code)
{
	struct buf out = BUF_INIT(JSON_LIMIT);
	struct json json = { .out = &out };

	put_outcome(&json, outcome, exit_code);
	puts(buf_text(&out));
	buf_free(&out);
}

/* ---- the door ------------------------------------------------------------ */

static int send_message(struct sending *sending)
{
	struct submission *run = &sending->run;
	int exit_code;

	interrupt_hear();
	deliver(sending, &run->outcome.failure);
	if (sending->options.dry_run && run->edit &&
		run->outcome.failure.id == DIAG_NONE)
		return EX_OK;
	exit_code = report_outcome(
		&run->outcome, run->account, submission_request(run));
	if (sending->options.json)
		print_json(&run->outcome, exit_code);
	return exit_code;
}

static int send_merge(
	const struct cmd_context *context, const struct send_options *said)
{
	struct send_options options = *said;

	send_options_share(&options, context->request->operands,
		context->request->operand_count, context->arena);
	return merge_run(context, &options);
}

int cmd_send(const struct cmd_context *context)
{
	const struct send_options *said = context->said;
	struct sending sending;
	int exit_code;

	if (said->report)
		return merge_report(context, said);
	if (said->jobs)
		return merge_jobs(context, said);
	if (said->merge || said->resume)
		return send_merge(context, said);
	sending_begin(&sending, context->request, said);
	send_options_share(&sending.options, sending.request.operands,
		sending.request.operand_count, context->arena);
	sending.request.operand_count = 0;
	sending.parts.stdin_was_closed = context->stdin_was_closed;
	exit_code = send_message(&sending);
	sending_end(&sending);
	if (exit_code)
		interrupt_end();
	return exit_code;
}
