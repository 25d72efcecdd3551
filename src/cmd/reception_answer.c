/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a caller over SMTP is told of what became of a message.  Knows neither
 * the session nor how its words travel. */
#include <config.h>

#include "cmd/reception_answer.h"

#include <stdio.h>
#include <string.h>

enum {
	/* RFC 5321 4.5.3.1.5, without code and line end. */
	REPLY_LINE_LIMIT = 500,
	STATUS_BYTES = 12
};

static void put_line(struct buf *text, const char *status, const char *what,
	struct span sentence)
{
	size_t room = REPLY_LINE_LIMIT - strlen(status) - strlen(what);

	buf_printf(text, "%s%s %s", text->length ? "\n" : "", status, what);
	buf_put_span(text, text_cut(sentence, room));
}

static void put_diag(struct buf *text, const char *status, const char *what,
	const struct diag *why)
{
	struct buf sentence = BUF_INIT(4 * DIAG_TEXT_BYTES);

	diag_sentence(why, false, &sentence);
	put_line(text, status, what, buf_span(&sentence));
	buf_free(&sentence);
}

/* WHY's status, with the class of CODE. */
static void set_status(
	char status[static STATUS_BYTES], const struct diag *why, unsigned code)
{
	snprintf(status, STATUS_BYTES, "%c.%s", code >= 500 ? '5' : '4',
		why->status[0] ? why->status + 2 : "0.0");
}

unsigned reception_answer_put_failure(
	struct buf *text, const struct diag *why, unsigned code)
{
	char status[STATUS_BYTES];

	code = diag_is_final(why) ? code : 451;
	set_status(status, why, code);
	put_diag(text, status, "", why);
	return code;
}

static size_t count_safe(const struct outcome *outcome)
{
	size_t safe = 0;

	for (size_t i = 0; i < outcome->envelope->recipient_count; i++)
		safe += outcome_is_safe(outcome, i);
	return safe;
}

static void put_accepted(struct buf *text, const struct outcome *outcome)
{
	struct buf words = BUF_INIT(RECEPTION_ANSWER_LIMIT);

	if (outcome->is_queued)
		buf_printf(&words, "queued as %s", outcome->id);
	else
		buf_printf(&words, "%s was accepted: %s", outcome->id,
			outcome->reply.reply);
	put_line(text, "2.0.0", "", buf_span(&words));
	buf_free(&words);
}

/* One line a recipient, the refused first: they are what must not be lost if
 * there are more than a reply can hold. */
static void put_lists(struct buf *text, const struct outcome *outcome)
{
	const struct envelope *envelope = outcome->envelope;

	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (!outcome_is_safe(outcome, i))
			put_diag(text, "5.5.0",
				"not accepted: ", outcome->verdicts[i].why);
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (outcome_is_safe(outcome, i))
			put_line(text, "5.5.0", "accepted, do not repeat: ",
				span_of(envelope->recipients[i].utf8));
}

/* Nobody has it: one line for each reason. */
static unsigned put_refused(struct buf *text, const struct outcome *outcome)
{
	unsigned code = diag_is_final(outcome_reason(outcome)) ? 554 : 451;
	const struct diag *last = NULL;
	char status[STATUS_BYTES];

	for (size_t i = 0; i < outcome->envelope->recipient_count; i++) {
		const struct diag *why = outcome->verdicts[i].why;

		if (why == last)
			continue;
		set_status(status, why, code);
		put_diag(text, status, "", why);
		last = why;
	}
	return code;
}

unsigned reception_answer_put_outcome(
	struct buf *text, const struct outcome *outcome)
{
	const struct diag *why = outcome_reason(outcome);
	size_t safe;

	if (!why) {
		put_accepted(text, outcome);
		return 250;
	}
	if (why == &outcome->failure)
		return reception_answer_put_failure(text, why, 554);
	safe = count_safe(outcome);
	if (!safe)
		return put_refused(text, outcome);
	put_lists(text, outcome);
	return 554;
}
