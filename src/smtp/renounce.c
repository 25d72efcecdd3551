/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers that offer what they do not do: which refusals say so, and what is
 * not used any more then.  Knows nothing of recipients.
 */
#include <config.h>

#include "smtp/dialogue_internal.h"

/* Without a status the code has to do. */
static bool has_status(const struct smtp_reply *reply, const char *detail)
{
	return !reply->status[0] || strcmp(reply->status + 1, detail) == 0;
}

/* RFC 5321 4.1.1.11; RFC 3463 3.6: "invalid command arguments".  A 501 with
 * another status is about the address. */
bool renounce_is_about_parameters(const struct smtp_reply *reply)
{
	return (reply->code == 501 || reply->code == 504 ||
		       reply->code == 555) &&
	       has_status(reply, ".5.4");
}

/* The order was right, so the server has lost what was sent ahead. */
bool renounce_is_about_order(const struct smtp_reply *reply)
{
	return reply->code == 503 && has_status(reply, ".5.1");
}

/* OpenSMTPD's "500 5.5.1 Invalid command: Pipelining not supported", Haraka's
 * "503 Bad sequence of commands - pipelined after end of DATA", Exim's "554
 * SMTP synchronization error". */
bool renounce_is_about_flight(const struct smtp_reply *reply)
{
	return reply_says(reply, SPAN("pipelin")) ||
	       reply_says(reply, SPAN("synchroni"));
}

/* RFC 5321 4.2.2: about the command, whatever it carries. */
bool renounce_is_about_command(const struct smtp_reply *reply)
{
	return (reply->code >= 500 && reply->code <= 504) ||
	       (reply->code == 555 && has_status(reply, ".5.4"));
}

bool renounce(struct smtp_dialogue *dialogue, enum ehlo_extension extension)
{
	if (!dialogue->session.ehlo.has[extension])
		return false;
	ehlo_forget_extension(&dialogue->session.ehlo, extension);
	dialogue->session.renounced[extension] = true;
	dialogue->delivery->has_renounced = true;
	return true;
}

bool smtp_dialogue_put_renounced(
	const struct smtp_dialogue *dialogue, struct buf *out)
{
	bool has_any = false;

	for (size_t i = 0; i < EHLO_COUNT; i++) {
		if (!dialogue->session.renounced[i])
			continue;
		buf_printf(out, "%s%s", out->length ? " " : "",
			ehlo_keyword((enum ehlo_extension)i));
		has_any = true;
	}
	return has_any;
}

void renounce_explain(struct smtp_dialogue *dialogue,
	const struct smtp_reply *reply, struct diag *why)
{
	struct buf keywords = BUF_INIT(DIAG_TEXT_BYTES);

	smtp_dialogue_put_renounced(dialogue, &keywords);
	diag_set(why, DIAG_SMTP_NOT_DONE, buf_text(&keywords));
	reply_explain(reply, why);
	buf_free(&keywords);
}

bool smtp_dialogue_may_repeat(const struct smtp_dialogue *dialogue)
{
	enum diag_id id = dialogue->session.failure.id;

	return dialogue->session.has_failed &&
	       (id == DIAG_SMTP_NOT_DONE || id == DIAG_SMTP_MAIL_LIMIT ||
		       id == DIAG_SMTP_RCPT_LIMIT);
}
