/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the dialogue stand on: the queue of unanswered commands,
 * what is to be sent, and that the session has failed.  Does not know what a
 * command means, nor what comes next.
 */
#include <config.h>

#include "smtp/dialogue_internal.h"

static const struct smtp_verb_facts facts[SMTP_VERB_COUNT] = {
#define VERB(id, name, handler, ends_group, success, deadline)                 \
	[SMTP_VERB_##                                                          \
		id] = { name, ends_group, success, SMTP_DEADLINE_##deadline },
#include "smtp/verb.def"
#undef VERB
};

const struct smtp_verb_facts *wire_verb(enum smtp_verb verb)
{
	return &facts[verb];
}

/* ---- the queue ----------------------------------------------------------- */

static const struct smtp_command *queue_at(
	const struct smtp_queue *queue, size_t index)
{
	size_t slots = sizeof queue->at / sizeof queue->at[0];

	return &queue->at[(queue->first + index) % slots];
}

static void queue_push(struct smtp_queue *queue, struct smtp_command command)
{
	size_t slots = sizeof queue->at / sizeof queue->at[0];

	queue->at[(queue->first + queue->count) % slots] = command;
	queue->count++;
}

static struct smtp_command queue_pop(struct smtp_queue *queue)
{
	struct smtp_command command = *queue_at(queue, 0);

	queue->first =
		(queue->first + 1) % (sizeof queue->at / sizeof queue->at[0]);
	queue->count--;
	queue->answered_end = command.end;
	return command;
}

/* Closes the window when it is full, and opens it again when half of it has
 * been answered, so that one reply does not set off one little packet. */
static void queue_watch(struct smtp_queue *queue, uint64_t queued)
{
	uint64_t unanswered = queued - queue->answered_end;

	if (queue->count >= SMTP_WINDOW_COMMANDS ||
		unanswered >= queue->limit_bytes)
		queue->is_draining = true;
	else if (queue->count <= SMTP_WINDOW_COMMANDS / 2 &&
		 unanswered <= queue->limit_bytes / 2)
		queue->is_draining = false;
}

const struct smtp_command *wire_head(const struct smtp_dialogue *dialogue)
{
	return dialogue->queue.count ? queue_at(&dialogue->queue, 0) : NULL;
}

bool wire_is_head_sent(const struct smtp_dialogue *dialogue)
{
	const struct smtp_command *head = wire_head(dialogue);

	return head && head->end <= dialogue->sent;
}

struct smtp_command wire_take_head(struct smtp_dialogue *dialogue)
{
	struct smtp_command command = queue_pop(&dialogue->queue);

	queue_watch(&dialogue->queue, dialogue->queued);
	return command;
}

void wire_expect_again(
	struct smtp_dialogue *dialogue, const struct smtp_command *command)
{
	struct smtp_queue *queue = &dialogue->queue;
	size_t slots = sizeof queue->at / sizeof queue->at[0];

	queue->first = (queue->first + slots - 1) % slots;
	queue->at[queue->first] = *command;
	queue->count++;
}

bool wire_may_send(const struct smtp_dialogue *dialogue)
{
	const struct smtp_queue *queue = &dialogue->queue;
	const struct smtp_command *last;

	if (!queue->count)
		return true;
	last = queue_at(queue, queue->count - 1);
	return dialogue->session.ehlo.has[EHLO_PIPELINING] &&
	       !queue->is_draining && !facts[last->verb].ends_group;
}

/* ---- out ----------------------------------------------------------------- */

void wire_trace(const struct smtp_dialogue *dialogue,
	enum smtp_direction direction, struct span line)
{
	if (dialogue->params.trace)
		dialogue->params.trace(
			dialogue->params.trace_context, direction, line);
}

void wire_send(struct smtp_dialogue *dialogue, enum smtp_verb verb,
	size_t recipient, const char *shown)
{
	struct span line = buf_span(&dialogue->line);

	if (!buf_put_span(&dialogue->output, line)) {
		wire_fail_overflow(dialogue);
		return;
	}
	dialogue->queued += line.length;
	queue_push(&dialogue->queue,
		(struct smtp_command){ verb, dialogue->delivery, recipient,
			dialogue->queued });
	queue_watch(&dialogue->queue, dialogue->queued);
	line.length -= 2;
	wire_trace(dialogue, SMTP_SENT, shown ? span_of(shown) : line);
	if (shown) {
		dialogue->has_secret_output = true;
		buf_wipe(&dialogue->line);
	}
	buf_clear(&dialogue->line);
}

void wire_send_chunk(
	struct smtp_dialogue *dialogue, enum smtp_verb verb, struct span data)
{
	struct span line = buf_span(&dialogue->line);

	if (!buf_put_span(&dialogue->output, line) ||
		!buf_put_span(&dialogue->output, data)) {
		wire_fail_overflow(dialogue);
		return;
	}
	dialogue->queued += line.length + data.length;
	queue_push(&dialogue->queue, (struct smtp_command){ .verb = verb,
					     .delivery = dialogue->delivery,
					     .end = dialogue->queued });
	line.length -= 2;
	wire_trace(dialogue, SMTP_SENT, line);
	buf_clear(&dialogue->line);
}

struct span wire_output(const struct smtp_dialogue *dialogue)
{
	return span_skip(buf_span(&dialogue->output), dialogue->output_from);
}

void wire_clear_output(struct smtp_dialogue *dialogue)
{
	dialogue->queued -= wire_output(dialogue).length;
	dialogue->output_from = 0;
	if (dialogue->has_secret_output)
		buf_wipe(&dialogue->output);
	else
		buf_clear(&dialogue->output);
	dialogue->has_secret_output = false;
}

void wire_sent(struct smtp_dialogue *dialogue, size_t length)
{
	size_t waiting = wire_output(dialogue).length;

	if (length > waiting)
		length = waiting;
	dialogue->sent += length;
	dialogue->output_from += length;
	if (length == waiting)
		wire_clear_output(dialogue);
}

/* ---- the record ---------------------------------------------------------- */

void wire_remember(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply)
{
	struct smtp_reply *last = &dialogue->delivery->said.last;

	last->code = reply->code;
	memcpy(last->status, reply->status, sizeof last->status);
	buf_clear(&last->text);
	buf_put_span(&last->text, buf_span(&reply->text));
}

void wire_fail(struct smtp_dialogue *dialogue, const struct diag *why)
{
	struct smtp_session *session = &dialogue->session;

	if (session->is_over)
		return;
	session->is_over = session->has_failed = true;
	session->failure = *why;
	session->failed_at = dialogue->delivery;
}

void wire_give_up(struct smtp_dialogue *dialogue, const struct diag *why)
{
	dialogue->session.may_take_leave |= !dialogue->session.is_over;
	wire_fail(dialogue, why);
}

void wire_fail_overflow(struct smtp_dialogue *dialogue)
{
	struct diag why;

	diag_set(&why, DIAG_SYSTEM_FAILED, "smtp_dialogue_output");
	wire_fail(dialogue, &why);
}

void wire_fail_unexpected(struct smtp_dialogue *dialogue, const char *name,
	const struct smtp_reply *reply)
{
	struct diag why;

	wire_remember(dialogue, reply);
	diag_set(&why, DIAG_SMTP_REPLY_UNEXPECTED, name);
	reply_explain(reply, &why);
	wire_fail(dialogue, &why);
}
