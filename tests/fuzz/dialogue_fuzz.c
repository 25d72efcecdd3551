/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a server may say in a session: the first byte chooses what the client
 * wants, the rest is the server's.  The client sends after each line.  Checked:
 * the session ends, however the bytes are cut in the same way; what is sent is
 * well-formed; nobody is "delivered" before the whole message was out and a
 * 2yz came; every recipient has a verdict.
 */
#include <config.h>

#include "fuzz/fuzz.h"
#include "smtp/dialogue.h"

#include <string.h>

enum { SENT_LIMIT = 1024 * 1024, MESSAGES = 2 };

static struct envelope_address recipients[] = {
	{ .utf8 = "a@x.example", .ascii = "a@x.example" },
	{ .utf8 = "\xc3\xbc@x.example" },
	{ .utf8 = "c@x.example", .ascii = "c@x.example" },
};

struct session {
	struct smtp_dialogue *dialogue;
	struct buf sent, result;
	unsigned steps, messages;
	bool is_kept;
	bool has_success; /* a line "2yz" came */
};

static const struct envelope envelope = {
	.sender = { .utf8 = "me@x.example", .ascii = "me@x.example" },
	.recipients = recipients,
	.recipient_count = 3,
	.needs_smtputf8 = true,
	.dsn_notify = "NEVER",
};
static const struct delivery delivery = {
	.envelope = &envelope, .size_bytes = 1000, .is_8bit = true
};

static void do_sasl(struct session *session)
{
	static const struct smtp_mechanism login = { .name = "LOGIN",
		.is_for_people = true };
	static const struct smtp_mechanism plain = { .name = "PLAIN",
		.is_one_trip = true };
	struct smtp_dialogue *dialogue = session->dialogue;
	struct span secret = SPAN("\0user\0hunter2");
	const struct span *challenge = smtp_dialogue_challenge(dialogue);
	struct diag why;

	diag_set(&why, DIAG_SMTP_AUTH_PROTOCOL, "X", "x");
	if (smtp_dialogue_is_authenticated(dialogue))
		smtp_dialogue_auth_accept(dialogue);
	else if (challenge && challenge->length == 3)
		smtp_dialogue_auth_cancel(dialogue, &why);
	else if (challenge)
		smtp_dialogue_auth_continue(dialogue, SPAN("hunter2"));
	else if (++session->steps > 3)
		smtp_dialogue_auth_give_up(dialogue, &why);
	else if (session->steps == 2)
		smtp_dialogue_auth(dialogue, &login, NULL);
	else
		smtp_dialogue_auth(dialogue, &plain, &secret);
}

static void flush(struct session *session)
{
	struct span output = smtp_dialogue_output(session->dialogue);

	buf_put_span(&session->sent, output);
	smtp_dialogue_sent(session->dialogue, output.length);
}

static void note_verdicts(struct session *session)
{
	for (size_t i = 0; i < envelope.recipient_count; i++) {
		const struct verdict *verdict =
			smtp_dialogue_verdict(session->dialogue, i);

		fuzz_check(verdict->kind != VERDICT_UNKNOWN);
		fuzz_check(
			(verdict->kind == VERDICT_DELIVERED) == !verdict->why);
		buf_printf(&session->result, "%d %s %s|", (int)verdict->kind,
			verdict->why ? diag_name(verdict->why->id) : "",
			verdict->why ? verdict->why->reply : "");
		if (verdict->kind != VERDICT_DELIVERED)
			continue;
		fuzz_check(session->has_success);
		fuzz_check(strstr(buf_text(&session->sent),
				   "\r\n..dot\r\ntext\r\n.\r\n") ||
			   strstr(buf_text(&session->sent),
				   "BDAT 20 LAST\r\na: b\r\n\r\n.dot\r\n"
				   "text\r\n"));
	}
}

/* Does what is wanted until bytes are; false at the end. */
static bool turn(struct session *session)
{
	for (;;) {
		flush(session);
		switch (smtp_dialogue_next(session->dialogue).kind) {
		case SMTP_WANT_REPLY:
			return true;
		case SMTP_WANT_TLS:
			smtp_dialogue_tls_done(session->dialogue);
			break;
		case SMTP_WANT_SASL:
			do_sasl(session);
			break;
		case SMTP_WANT_BODY:
			smtp_dialogue_body(session->dialogue,
				SPAN("a: b\r\n\r\n.dot\r\ntext"));
			smtp_dialogue_body_end(session->dialogue);
			break;
		case SMTP_WANT_DONE:
			note_verdicts(session);
			if (!session->is_kept ||
				++session->messages >= MESSAGES)
				return false;
			smtp_dialogue_submit(session->dialogue, &delivery);
			break;
		}
	}
}

static void check_sent(const struct buf *sent)
{
	for (size_t i = 0; i < sent->length; i++) {
		fuzz_check(sent->data[i] != '\0');
		if (sent->data[i] == '\n')
			fuzz_check(i && sent->data[i - 1] == '\r');
		if (sent->data[i] == '\r')
			fuzz_check(sent->data[i + 1] == '\n');
	}
}

static void run(unsigned choice, struct span input, size_t step,
	struct session *session)
{
	const struct smtp_params params = {
		.helo_name = "c",
		.starttls = choice & 1,
		.auth = choice & 2,
		.auth_alone = choice & 4,
		.is_secure = choice & 8,
	};
	struct diag why;

	session->is_kept = choice & 16;
	session->dialogue = smtp_dialogue_new(&params);
	smtp_dialogue_submit(session->dialogue, &delivery);
	if (choice & 32)
		smtp_dialogue_etrn(session->dialogue, "x");
	if (!session->is_kept)
		smtp_dialogue_finish(session->dialogue);
	while (turn(session) && input.length) {
		size_t length = span_find(input, '\n') + 1;
		struct span line = input;

		if (length < line.length)
			line.length = length;
		input = span_skip(input, line.length);
		session->has_success =
			session->has_success || line.at[0] == '2';
		while (line.length) {
			struct span piece = line;

			if (piece.length > step)
				piece.length = step;
			smtp_dialogue_feed(session->dialogue, piece, &why);
			line = span_skip(line, piece.length);
		}
	}
	diag_set(&why, DIAG_NET_CLOSED);
	smtp_dialogue_broken(session->dialogue, &why);
	note_verdicts(session);
	smtp_dialogue_put_renounced(session->dialogue, &session->result);
	fuzz_check(smtp_dialogue_failure(session->dialogue) ||
		   !smtp_dialogue_may_repeat(session->dialogue));
	flush(session);
	check_sent(&session->sent);
	smtp_dialogue_free(session->dialogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session whole = { .sent = BUF_INIT(SENT_LIMIT),
		.result = BUF_INIT(SENT_LIMIT) };
	struct session cut = { .sent = BUF_INIT(SENT_LIMIT),
		.result = BUF_INIT(SENT_LIMIT) };

	if (!size)
		return 0;
	run(data[0], fuzz_span(data + 1, size - 1), size, &whole);
	run(data[0], fuzz_span(data + 1, size - 1), 1, &cut);
	fuzz_check(span_equal(buf_span(&whole.sent), buf_span(&cut.sent)));
	fuzz_check(span_equal(buf_span(&whole.result), buf_span(&cut.result)));
	buf_free(&whole.sent);
	buf_free(&whole.result);
	buf_free(&cut.sent);
	buf_free(&cut.result);
	return 0;
}
