/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dialogue against the reception, in memory, over all combinations of what
 * one wants and the other offers; and what a transcript cannot show: windows,
 * limits, the trace, calls out of turn.
 */
#include <config.h>

#include "smtp/dialogue.h"
#include "smtp/reception.h"
#include "tap.h"

#include <stdio.h>

enum {
	RECIPIENTS_MAX = 5000,
	MAIL_LIMIT = 8 * 1024 * 1024,
	TURNS_MAX = 100000
};

static const struct smtp_mechanism just_plain = { .name = "PLAIN",
	.is_one_trip = true };

static const char body[] = "Subject: x\r\n\r\n.dot\r\n..dots\r\ntext\r\n";

/* Both ends and the line between them. */
struct meeting {
	struct smtp_params client;
	struct reception_params server;
	struct envelope envelope;
	struct envelope_address recipients[4];
	struct delivery delivery;
	const char *mechanism;
	size_t step;
	/* What came of it. */
	struct smtp_dialogue *dialogue;
	struct reception *reception;
	struct buf mail, server_said;
	size_t messages, flights, largest_flight;
	bool is_stuck;
};

/* ---- the server ---------------------------------------------------------- */

static void on_recipient(struct meeting *meeting)
{
	struct span address = reception_argument(meeting->reception);

	if (span_starts_with(address, SPAN("no"))) {
		reception_answer(meeting->reception, 550, "5.1.1 nobody");
		return;
	}
	if (span_starts_with(address, SPAN("later"))) {
		reception_answer(meeting->reception, 450, "4.2.1 not now");
		return;
	}
	buf_puts(&meeting->mail, "[");
	buf_put_span(&meeting->mail, address);
	buf_puts(&meeting->mail, "]");
	reception_answer(meeting->reception, 250, "2.1.5 fine");
}

static void on_auth(struct meeting *meeting)
{
	struct reception *reception = meeting->reception;
	struct span argument = reception_argument(reception);
	struct span initial = reception_initial_response(reception);

	if (initial.at)
		reception_auth_done(reception,
			span_equal(initial, SPAN("\0user\0hunter2")), "user");
	else if (!reception_is_response(reception))
		reception_challenge(reception, SPAN("Username:"));
	else if (span_equal(argument, SPAN("user")))
		reception_challenge(reception, SPAN("Password:"));
	else
		reception_auth_done(reception,
			span_equal(argument, SPAN("hunter2")), "user");
}

static void on_end(struct meeting *meeting)
{
	if (strstr(buf_text(&meeting->mail), "<refused@")) {
		reception_answer(meeting->reception, 554, "5.7.1 spam");
		return;
	}
	meeting->messages++;
	reception_answer(meeting->reception, 250, "2.0.0 taken");
}

static void on_sender(struct meeting *meeting)
{
	struct span sender = reception_argument(meeting->reception);

	buf_clear(&meeting->mail);
	buf_puts(&meeting->mail, "<");
	buf_put_span(&meeting->mail, sender);
	buf_puts(&meeting->mail, ">");
	if (span_starts_with(sender, SPAN("no")))
		reception_answer(meeting->reception, 550, "5.1.8 not you");
	else
		reception_answer(meeting->reception, 250, "2.1.0 fine");
}

static void serve(struct meeting *meeting)
{
	for (;;)
		switch (reception_next(meeting->reception)) {
		case RECEPTION_BYTES:
		case RECEPTION_TLS:
		case RECEPTION_CLOSED:
			return;
		case RECEPTION_AUTH:
			on_auth(meeting);
			break;
		case RECEPTION_SENDER:
			on_sender(meeting);
			break;
		case RECEPTION_RECIPIENT:
			on_recipient(meeting);
			break;
		case RECEPTION_DATA:
			buf_put_span(&meeting->mail,
				reception_argument(meeting->reception));
			reception_data_taken(meeting->reception);
			break;
		case RECEPTION_END:
			on_end(meeting);
			break;
		}
}

/* ---- the client ---------------------------------------------------------- */

static void do_sasl(struct meeting *meeting)
{
	struct smtp_dialogue *dialogue = meeting->dialogue;
	const struct span *challenge = smtp_dialogue_challenge(dialogue);
	const struct span initial = SPAN("\0user\0hunter2");
	const struct smtp_mechanism other = { .name = meeting->mechanism,
		.is_for_people = true };

	if (smtp_dialogue_is_authenticated(dialogue))
		smtp_dialogue_auth_accept(dialogue);
	else if (challenge && span_equal(*challenge, SPAN("Username:")))
		smtp_dialogue_auth_continue(dialogue, SPAN("user"));
	else if (challenge)
		smtp_dialogue_auth_continue(dialogue, SPAN("hunter2"));
	else if (smtp_dialogue_auth_refusal(dialogue))
		smtp_dialogue_auth_give_up(
			dialogue, smtp_dialogue_auth_refusal(dialogue));
	else if (strcmp(meeting->mechanism, "PLAIN") == 0)
		smtp_dialogue_auth(dialogue, &just_plain, &initial);
	else
		smtp_dialogue_auth(dialogue, &other, NULL);
}

static void do_body(struct meeting *meeting)
{
	struct span rest = span_of(body);

	while (rest.length) {
		struct span piece = rest;

		if (piece.length > meeting->step)
			piece.length = meeting->step;
		smtp_dialogue_body(meeting->dialogue, piece);
		rest = span_skip(rest, piece.length);
	}
	smtp_dialogue_body_end(meeting->dialogue);
}

static bool act(struct meeting *meeting)
{
	switch (smtp_dialogue_next(meeting->dialogue).kind) {
	case SMTP_WANT_REPLY:
		return true;
	case SMTP_WANT_TLS:
		reception_tls_done(meeting->reception);
		smtp_dialogue_tls_done(meeting->dialogue);
		return true;
	case SMTP_WANT_SASL:
		do_sasl(meeting);
		return true;
	case SMTP_WANT_BODY:
		do_body(meeting);
		return true;
	case SMTP_WANT_DONE:
		break;
	}
	return false;
}

/* ---- the line ------------------------------------------------------------ */

static bool carry_up(struct meeting *meeting)
{
	struct span output = smtp_dialogue_output(meeting->dialogue);

	if (!output.length)
		return false;
	meeting->flights++;
	if (output.length > meeting->largest_flight)
		meeting->largest_flight = output.length;
	if (output.length > meeting->step)
		output.length = meeting->step;
	reception_feed(meeting->reception, output);
	smtp_dialogue_sent(meeting->dialogue, output.length);
	serve(meeting);
	return true;
}

static bool carry_down(struct meeting *meeting)
{
	struct span output = reception_output(meeting->reception);
	struct diag why;

	if (!output.length)
		return false;
	if (output.length > meeting->step)
		output.length = meeting->step;
	buf_put_span(&meeting->server_said, output);
	smtp_dialogue_feed(meeting->dialogue, output, &why);
	reception_sent(meeting->reception, output.length);
	return true;
}

static void meet(struct meeting *meeting)
{
	bool is_done = false;

	meeting->delivery = (struct delivery){ .envelope = &meeting->envelope,
		.size_bytes = sizeof body - 1,
		.is_8bit = true };
	buf_init(&meeting->mail, MAIL_LIMIT);
	buf_init(&meeting->server_said, MAIL_LIMIT);
	meeting->reception = reception_new(&meeting->server);
	meeting->dialogue = smtp_dialogue_new(&meeting->client);
	smtp_dialogue_submit(meeting->dialogue, &meeting->delivery);
	smtp_dialogue_finish(meeting->dialogue);
	meeting->is_stuck = true;
	for (int turn = 0; turn < TURNS_MAX; turn++) {
		bool has_moved = carry_up(meeting) || carry_down(meeting);

		if (!has_moved && is_done) {
			meeting->is_stuck = false;
			break;
		}
		if (!has_moved)
			is_done = !act(meeting);
	}
}

static void part(struct meeting *meeting)
{
	smtp_dialogue_free(meeting->dialogue);
	reception_free(meeting->reception);
	buf_free(&meeting->mail);
	buf_free(&meeting->server_said);
}

/* ---- all combinations ---------------------------------------------------- */

enum scenario {
	SCENARIO_GOOD,
	SCENARIO_PARTIAL,
	SCENARIO_NOBODY,
	SCENARIO_SENDER,
	SCENARIO_MESSAGE,
	SCENARIO_COUNT
};

static const struct envelope_address good = { .utf8 = "a@x.example",
	.ascii = "a@x.example" };
static const struct envelope_address no = { .utf8 = "no@x.example",
	.ascii = "no@x.example" };
static const struct envelope_address later = { .utf8 = "later@x.example",
	.ascii = "later@x.example" };
static const struct envelope_address umlaut = { .utf8 = "\xc3\xbc@x.example" };

static void add(struct meeting *meeting, struct envelope_address address)
{
	meeting->recipients[meeting->envelope.recipient_count++] = address;
}

static void set_scene(struct meeting *meeting, enum scenario scenario)
{
	struct envelope_address sender = { .utf8 = "me@x.example" };

	if (scenario == SCENARIO_SENDER)
		sender.utf8 = "no@x.example";
	if (scenario == SCENARIO_MESSAGE)
		sender.utf8 = "refused@x.example";
	sender.ascii = sender.utf8;
	meeting->envelope.sender = sender;
	meeting->envelope.recipients = meeting->recipients;
	if (scenario != SCENARIO_NOBODY)
		add(meeting, good);
	if (scenario == SCENARIO_PARTIAL || scenario == SCENARIO_NOBODY) {
		add(meeting, no);
		add(meeting, later);
	}
}

/* What each recipient's verdict must be: "D", or a diag. */
static enum diag_id want_diag(
	const struct meeting *meeting, enum scenario scenario, size_t recipient)
{
	const char *address = meeting->recipients[recipient].utf8;
	bool has_auth = meeting->server.mechanisms != NULL;

	if (meeting->client.starttls && !meeting->server.starttls)
		return DIAG_SMTP_NO_STARTTLS;
	if (meeting->client.auth && !has_auth)
		return DIAG_SMTP_NO_AUTH;
	if (!meeting->recipients[recipient].ascii && !meeting->server.smtputf8)
		return DIAG_ADDRESS_NOT_ASCII;
	if (!meeting->client.auth && meeting->server.auth_required)
		return DIAG_SMTP_AUTH_REQUIRED;
	if (scenario == SCENARIO_SENDER)
		return DIAG_SMTP_MAIL_REFUSED;
	if (span_starts_with(span_of(address), SPAN("no")) ||
		span_starts_with(span_of(address), SPAN("later")))
		return DIAG_SMTP_RCPT_REFUSED;
	return scenario == SCENARIO_MESSAGE ? DIAG_SMTP_DATA_REFUSED
					    : DIAG_NONE;
}

/* Appends what is wrong. */
static void compare(const struct meeting *meeting, enum scenario scenario,
	struct buf *wrong)
{
	struct buf mail = BUF_INIT(10000);
	bool is_delivered = false;

	buf_printf(&mail, "<%s>", meeting->envelope.sender.utf8);
	for (size_t i = 0; i < meeting->envelope.recipient_count; i++) {
		const struct verdict *verdict =
			smtp_dialogue_verdict(meeting->dialogue, i);
		enum diag_id want = want_diag(meeting, scenario, i);
		enum diag_id got = verdict->why ? verdict->why->id : DIAG_NONE;

		if (got != want || (verdict->kind == VERDICT_DELIVERED) !=
					   (want == DIAG_NONE))
			buf_printf(wrong, " %s: want %s, got %s;",
				meeting->recipients[i].utf8, diag_name(want),
				diag_name(got));
		if (want == DIAG_NONE) {
			is_delivered = true;
			buf_printf(&mail, "[%s]", meeting->recipients[i].utf8);
		}
	}
	buf_puts(&mail, body);
	if (meeting->messages != is_delivered)
		buf_printf(wrong, " %zu messages;", meeting->messages);
	if (is_delivered &&
		!span_equal(buf_span(&mail), buf_span(&meeting->mail)))
		buf_printf(wrong, " another message;");
	if (meeting->is_stuck)
		buf_puts(wrong, " stuck;");
	if (strstr(buf_text(&meeting->server_said), "you were to wait"))
		buf_puts(wrong, " the client did not wait;");
	buf_free(&mail);
}

static void one_meeting(unsigned choice, enum scenario scenario,
	const char *mechanism, struct buf *wrong)
{
	static const size_t steps[] = { 1, 3, 17, 100000 };
	struct meeting meeting = {
		.client = { .helo_name = "c",
			.starttls = choice & 1,
			.auth = choice & 2,
			.auth_alone = choice & 4 },
		.server = { .host_name = "s",
			.mechanisms = mechanism,
			.pipelining = choice & 8,
			.eightbitmime = choice & 16,
			.dsn = choice & 16,
			.smtputf8 = choice & 32,
			.starttls = choice & 64,
			.auth_required = mechanism && choice & 128,
			.is_strict = true },
		.mechanism = mechanism,
	};

	set_scene(&meeting, scenario);
	if (choice & 256) {
		add(&meeting, umlaut);
		meeting.envelope.needs_smtputf8 = true;
	}
	meeting.envelope.dsn_notify = "NEVER";
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		meeting.step = steps[i];
		meeting.messages = 0;
		meet(&meeting);
		compare(&meeting, scenario, wrong);
		part(&meeting);
	}
}

static void check_combinations(void)
{
	static const char *const mechanisms[] = { NULL, "PLAIN", "LOGIN" };
	static const char *const names[] = { "a good message",
		"a message for some", "a message for nobody", "a bad sender",
		"a message that is refused" };

	for (int scenario = 0; scenario < SCENARIO_COUNT; scenario++)
		for (size_t m = 0; m < 3; m++) {
			struct buf wrong = BUF_INIT(2000);
			unsigned choice = 0;

			for (; choice < 512 && !wrong.length; choice++)
				one_meeting(choice, (enum scenario)scenario,
					mechanisms[m], &wrong);
			tap_ok(!wrong.length, "%s, %s, all choices",
				names[scenario],
				mechanisms[m] ? mechanisms[m] : "no AUTH");
			if (wrong.length)
				tap_note("choice %u:%s", choice - 1,
					buf_text(&wrong));
			buf_free(&wrong);
		}
}

/* ---- many recipients ----------------------------------------------------- */

static struct envelope_address many[RECIPIENTS_MAX];
static char many_names[RECIPIENTS_MAX][40];

static void name_many(size_t every_bad, const char *name)
{
	for (size_t i = 0; i < RECIPIENTS_MAX; i++) {
		snprintf(many_names[i], sizeof many_names[i], "%s%s%zu@x",
			i % every_bad ? "" : "no", name, i);
		many[i] = (struct envelope_address){ .utf8 = many_names[i],
			.ascii = many_names[i] };
	}
}

static void meet_many(struct meeting *meeting, size_t step)
{
	*meeting = (struct meeting){
		.client.helo_name = "c",
		.server = { .host_name = "s",
			.pipelining = true,
			.is_strict = true },
		.envelope = { .sender = good,
			.recipients = many,
			.recipient_count = RECIPIENTS_MAX },
		.step = step,
	};
	meet(meeting);
}

static size_t count_verdicts(
	const struct meeting *meeting, enum verdict_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < meeting->envelope.recipient_count; i++)
		count += smtp_dialogue_verdict(meeting->dialogue, i)->kind ==
			 kind;
	return count;
}

static void check_many(void)
{
	struct meeting meeting;
	const struct diag *why;

	name_many(10, "recipient-with-a-long-name-");
	meet_many(&meeting, 100000);
	tap_is_number((int64_t)count_verdicts(&meeting, VERDICT_DELIVERED),
		RECIPIENTS_MAX / 10 * 9, "4500 of 5000 recipients are served");
	tap_is_number((int64_t)count_verdicts(&meeting, VERDICT_REFUSED),
		RECIPIENTS_MAX / 10, "and 500 refused");
	tap_is_number((int64_t)meeting.messages, 1, "by one message");
	tap_ok(meeting.largest_flight <= 34 * 1024,
		"no flight is larger than the window, got %zu",
		meeting.largest_flight);
	tap_ok(meeting.flights <= 16, "and there are few, got %zu",
		meeting.flights);
	why = smtp_dialogue_verdict(meeting.dialogue, 4990)->why;
	tap_is_text(why->text, "norecipient-with-a-long-name-4990@x",
		"the refused are named");
	part(&meeting);
	meet_many(&meeting, 777);
	tap_is_number((int64_t)count_verdicts(&meeting, VERDICT_DELIVERED),
		RECIPIENTS_MAX / 10 * 9, "the same in small pieces");
	part(&meeting);
}

/* So short that the number of commands closes the window, not their bytes. */
static void check_many_short(void)
{
	struct meeting meeting;

	name_many(10, "");
	meet_many(&meeting, 100000);
	tap_is_number((int64_t)count_verdicts(&meeting, VERDICT_DELIVERED),
		RECIPIENTS_MAX / 10 * 9, "5000 recipients with short names");
	tap_is_number((int64_t)meeting.messages, 1, "are served too");
	tap_ok(meeting.largest_flight < 24 * 1024,
		"by windows of a thousand, got %zu bytes",
		meeting.largest_flight);
	part(&meeting);
}

static void check_many_refused(void)
{
	struct meeting meeting;

	name_many(1, "");
	meet_many(&meeting, 100000);
	tap_is_number((int64_t)count_verdicts(&meeting, VERDICT_REFUSED),
		RECIPIENTS_MAX, "5000 recipients can be refused");
	tap_ok(smtp_dialogue_verdict(meeting.dialogue, 998)->why !=
			smtp_dialogue_verdict(meeting.dialogue, 999)->why,
		"the first thousand with their own words");
	tap_ok(smtp_dialogue_verdict(meeting.dialogue, 3000)->why ==
			smtp_dialogue_verdict(meeting.dialogue, 4999)->why,
		"the others share one diag");
	tap_is_number((int64_t)meeting.messages, 0, "and no message is sent");
	part(&meeting);
}

/* ---- the trace ----------------------------------------------------------- */

static void on_trace(
	void *context, enum smtp_direction direction, struct span line)
{
	struct buf *trace = context;

	buf_puts(trace, direction == SMTP_SENT ? "> " : "< ");
	buf_put_span(trace, line);
	buf_puts(trace, "\n");
}

static void check_trace(const char *mechanism, const char *want)
{
	struct buf trace = BUF_INIT(10000);
	struct meeting meeting = {
		.client = { .helo_name = "c",
			.auth = true,
			.is_secure = true,
			.trace = on_trace,
			.trace_context = &trace },
		.server = { .host_name = "s",
			.mechanisms = mechanism,
			.pipelining = true,
			.is_strict = true },
		.mechanism = mechanism,
		.step = 5,
	};

	set_scene(&meeting, SCENARIO_GOOD);
	meet(&meeting);
	tap_is_text(buf_text(&trace), want, "the trace hides what it must");
	part(&meeting);
	buf_free(&trace);
}

static void check_traces(void)
{
	check_trace("PLAIN",
		"< 220 s ESMTP\n> EHLO c\n< 250-s\n< 250-PIPELINING\n"
		"< 250-SIZE\n< 250-AUTH PLAIN\n< 250 ENHANCEDSTATUSCODES\n"
		"> AUTH PLAIN <hidden>\n"
		"> MAIL FROM:<me@x.example> SIZE=34\n"
		"> RCPT TO:<a@x.example>\n> DATA\n"
		"< 235 2.7.0 welcome\n< 250 2.1.0 fine\n< 250 2.1.5 fine\n"
		"< 354 go ahead, end with a dot\n> .\n> QUIT\n"
		"< 250 2.0.0 taken\n");
	check_trace("LOGIN",
		"< 220 s ESMTP\n> EHLO c\n< 250-s\n< 250-PIPELINING\n"
		"< 250-SIZE\n< 250-AUTH LOGIN\n< 250 ENHANCEDSTATUSCODES\n"
		"> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> <hidden>\n"
		"< 334 UGFzc3dvcmQ6\n> <hidden>\n< 235 2.7.0 welcome\n"
		"> MAIL FROM:<me@x.example> SIZE=34\n"
		"> RCPT TO:<a@x.example>\n> DATA\n"
		"< 250 2.1.0 fine\n< 250 2.1.5 fine\n"
		"< 354 go ahead, end with a dot\n> .\n> QUIT\n"
		"< 250 2.0.0 taken\n");
}

/* ---- limits and calls out of turn ---------------------------------------- */

static struct envelope_address one_recipient[] = { { .utf8 = "a@x.example",
	.ascii = "a@x.example" } };
static const struct envelope one_envelope = {
	.sender = { .utf8 = "", .ascii = "" },
	.recipients = one_recipient,
	.recipient_count = 1,
};
static const struct delivery one = { .envelope = &one_envelope };
static const struct smtp_params plain = { .helo_name = "c" };

static void answer(struct smtp_dialogue *dialogue, const char *text)
{
	struct diag why;

	smtp_dialogue_sent(dialogue, 1000000000);
	smtp_dialogue_feed(dialogue, span_of(text), &why);
}

static struct smtp_dialogue *in_body(void)
{
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&plain);

	smtp_dialogue_submit(dialogue, &one);
	smtp_dialogue_finish(dialogue);
	answer(dialogue, "220 x\r\n");
	answer(dialogue, "250 x\r\n");
	answer(dialogue, "250 x\r\n");
	answer(dialogue, "250 x\r\n");
	answer(dialogue, "354 x\r\n");
	return dialogue;
}

static void check_long_reply(void)
{
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&plain);
	struct diag why = { 0 };
	size_t lines = 0;

	smtp_dialogue_submit(dialogue, &one);
	while (lines < 100000 &&
		smtp_dialogue_feed(dialogue, SPAN("220-x\r\n"), &why))
		lines++;
	tap_ok(lines < 10000, "an endless greeting ends");
	tap_is_diag(&why, DIAG_SMTP_REPLY_TOO_LONG, "by its length");
	tap_is_diag(smtp_dialogue_verdict(dialogue, 0)->why,
		DIAG_SMTP_REPLY_TOO_LONG, "and that is the verdict");
	smtp_dialogue_free(dialogue);
}

static void check_overflow(void)
{
	static char piece[SMTP_BODY_PIECE];
	struct smtp_dialogue *dialogue = in_body();
	int pieces = 0;

	memset(piece, '\n', sizeof piece);
	while (pieces < 1000 && !smtp_dialogue_failure(dialogue)) {
		smtp_dialogue_body(dialogue, span_make(piece, sizeof piece));
		pieces++;
	}
	tap_ok(pieces >= 16, "a megabyte may wait to be sent");
	tap_is_diag(smtp_dialogue_failure(dialogue), DIAG_SYSTEM_FAILED,
		"too much fails, and is not cut");
	tap_is_number((int64_t)smtp_dialogue_output(dialogue).length, 0,
		"nothing more is sent");
	smtp_dialogue_body_end(dialogue);
	tap_is_number((int64_t)smtp_dialogue_output(dialogue).length, 0,
		"least of all the dot");
	smtp_dialogue_free(dialogue);
}

static void check_large_body(void)
{
	static char piece[SMTP_BODY_PIECE];
	struct smtp_dialogue *dialogue = in_body();
	uint64_t sent = 0;

	memset(piece, '.', sizeof piece);
	piece[sizeof piece - 2] = '\r';
	piece[sizeof piece - 1] = '\n';
	for (int i = 0; i < 1000; i++) {
		struct span output;

		smtp_dialogue_body(dialogue, span_make(piece, sizeof piece));
		/* Sent in two halves. */
		output = smtp_dialogue_output(dialogue);
		sent += output.length;
		smtp_dialogue_sent(dialogue, output.length / 2);
		output = smtp_dialogue_output(dialogue);
		smtp_dialogue_sent(dialogue, output.length);
	}
	tap_is_number((int64_t)sent, 1000 * ((int64_t)sizeof piece + 1),
		"64 MB pass through");
	smtp_dialogue_body_end(dialogue);
	tap_is_span(smtp_dialogue_output(dialogue), SPAN(".\r\n"),
		"and end with a dot");
	answer(dialogue, "250 x\r\n");
	tap_is_number((int64_t)smtp_dialogue_verdict(dialogue, 0)->kind,
		VERDICT_DELIVERED, "and arrive");
	smtp_dialogue_free(dialogue);
}

static bool wants_body(const struct smtp_dialogue *dialogue)
{
	return smtp_dialogue_next(dialogue).kind == SMTP_WANT_BODY;
}

/* A body in chunks (RFC 3030): the first goes with the commands, the others
 * when somebody was taken, and not too many at once. */
static void check_chunks(void)
{
	static char piece[SMTP_BODY_PIECE];
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&plain);
	struct span whole = span_make(piece, sizeof piece);
	int unanswered = 0;

	memset(piece, '.', sizeof piece);
	smtp_dialogue_submit(dialogue, &one);
	smtp_dialogue_finish(dialogue);
	answer(dialogue, "220 x\r\n");
	answer(dialogue, "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
	tap_ok(wants_body(dialogue), "the body at once");
	smtp_dialogue_body(dialogue, whole);
	smtp_dialogue_body(dialogue, whole);
	tap_is_number((int64_t)smtp_dialogue_output(dialogue).length,
		(int64_t)(sizeof piece +
			  strlen("MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\n"
				 "BDAT 65536\r\n")),
		"one chunk, without doubled dots");
	tap_ok(!wants_body(dialogue), "no second one for nobody");
	answer(dialogue, "250 x\r\n250 x\r\n250 x\r\n");
	while (unanswered < 1000 && wants_body(dialogue)) {
		smtp_dialogue_body(dialogue, whole);
		smtp_dialogue_sent(dialogue, 1000000000);
		unanswered++;
	}
	tap_is_number(unanswered, 64, "so many wait for their replies");
	answer(dialogue, "250 x\r\n");
	tap_ok(wants_body(dialogue), "one reply, one more");
	smtp_dialogue_body_end(dialogue);
	tap_ok(span_starts_with(smtp_dialogue_output(dialogue),
		       SPAN("BDAT 65538 LAST\r\n.....")),
		"the last one ends its line");
	for (int i = 0; i < 64; i++)
		answer(dialogue, "250 x\r\n");
	tap_is_number((int64_t)smtp_dialogue_verdict(dialogue, 0)->kind,
		VERDICT_DELIVERED, "and it arrives");
	smtp_dialogue_free(dialogue);
}

/* A refused chunk: nothing more of the message, and no QUIT either. */
static void check_chunk_refused(void)
{
	static char piece[SMTP_BODY_PIECE];
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&plain);
	struct span whole = span_make(piece, sizeof piece);

	memset(piece, 'x', sizeof piece);
	smtp_dialogue_submit(dialogue, &one);
	smtp_dialogue_finish(dialogue);
	answer(dialogue, "220 x\r\n");
	answer(dialogue, "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
	smtp_dialogue_body(dialogue, whole);
	smtp_dialogue_body(dialogue, whole);
	answer(dialogue, "250 x\r\n250 x\r\n552 5.3.4 too large\r\n");
	tap_is_diag(smtp_dialogue_verdict(dialogue, 0)->why,
		DIAG_SMTP_DATA_REFUSED, "a refused chunk refuses it all");
	tap_ok(smtp_dialogue_failure(dialogue) != NULL, "and is the end");
	tap_is_number((int64_t)smtp_dialogue_output(dialogue).length, 0,
		"nothing more is sent");
	smtp_dialogue_free(dialogue);
}

static void check_dot_overflow(void)
{
	static char piece[SMTP_BODY_PIECE];
	struct smtp_dialogue *dialogue = in_body();

	/* 64 pieces make 4 MiB, all that may wait: no room for the dot. */
	memset(piece, 'x', sizeof piece);
	piece[sizeof piece - 2] = '\r';
	piece[sizeof piece - 1] = '\n';
	for (int i = 0; i < 64; i++)
		smtp_dialogue_body(dialogue, span_make(piece, sizeof piece));
	tap_ok(!smtp_dialogue_failure(dialogue), "four megabytes may wait");
	smtp_dialogue_body_end(dialogue);
	tap_is_diag(smtp_dialogue_failure(dialogue), DIAG_SYSTEM_FAILED,
		"but the dot needs room, too");
	smtp_dialogue_free(dialogue);
}

/* The bytes of a response are gone from memory once they are sent. */
static void check_wiping(void)
{
	static const struct smtp_params params = { .helo_name = "c",
		.auth = true };
	static const struct span initial = SPAN("\0user\0hunter2");
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&params);
	struct span output;
	bool is_wiped = true;

	smtp_dialogue_submit(dialogue, &one);
	answer(dialogue, "220 x\r\n");
	answer(dialogue, "250-x\r\n250 AUTH PLAIN\r\n");
	smtp_dialogue_auth(dialogue, &just_plain, &initial);
	output = smtp_dialogue_output(dialogue);
	tap_is_span(output, SPAN("AUTH PLAIN AHVzZXIAaHVudGVyMg==\r\n"),
		"a response is sent");
	smtp_dialogue_sent(dialogue, 20);
	smtp_dialogue_sent(dialogue, output.length - 20);
	/* The buffer keeps its memory. */
	for (size_t i = 0; i < output.length; i++)
		is_wiped = is_wiped && !output.at[i];
	tap_ok(is_wiped, "and wiped");
	smtp_dialogue_free(dialogue);
}

static void check_forgetting(void)
{
	static const struct smtp_params params = { .helo_name = "c",
		.starttls = true };
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&params);
	const struct ehlo *ehlo = smtp_dialogue_ehlo(dialogue);

	answer(dialogue, "220 x\r\n");
	answer(dialogue, "250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n");
	tap_ok(ehlo->has[EHLO_AUTH] && ehlo->mechanisms.length,
		"what the server offers can be seen");
	answer(dialogue, "220 x\r\n");
	smtp_dialogue_tls_done(dialogue);
	tap_ok(!ehlo->has[EHLO_AUTH] && !ehlo->has[EHLO_STARTTLS] &&
			!ehlo->mechanisms.length,
		"and is forgotten by the handshake");
	smtp_dialogue_free(dialogue);
}

/* Every call that is not the caller's turn. */
static void meddle(struct smtp_dialogue *dialogue, bool has_body)
{
	struct span secret = SPAN("secret");
	struct diag why;

	diag_set(&why, DIAG_NET_LOST);
	smtp_dialogue_tls_done(dialogue);
	smtp_dialogue_auth(dialogue, &just_plain, &secret);
	smtp_dialogue_auth_continue(dialogue, secret);
	smtp_dialogue_auth_cancel(dialogue, &why);
	smtp_dialogue_auth_accept(dialogue);
	smtp_dialogue_auth_give_up(dialogue, &why);
	smtp_dialogue_submit(dialogue, &one);
	smtp_dialogue_finish(dialogue);
	if (has_body)
		return;
	smtp_dialogue_body(dialogue, secret);
	smtp_dialogue_body_end(dialogue);
}

static void check_meddling(void)
{
	static const char *const replies[] = { "220 x\r\n", "250 x\r\n",
		"250 x\r\n", "250 x\r\n", "354 x\r\n" };
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&plain);
	struct buf sent = BUF_INIT(1000);

	smtp_dialogue_submit(dialogue, &one);
	smtp_dialogue_finish(dialogue);
	for (size_t i = 0; i < 5; i++) {
		meddle(dialogue, false);
		buf_put_span(&sent, smtp_dialogue_output(dialogue));
		answer(dialogue, replies[i]);
	}
	meddle(dialogue, true);
	smtp_dialogue_body(dialogue, SPAN("x"));
	smtp_dialogue_body_end(dialogue);
	buf_put_span(&sent, smtp_dialogue_output(dialogue));
	meddle(dialogue, false);
	answer(dialogue, "250 x\r\n");
	tap_is_text(buf_text(&sent),
		"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n"
		"x\r\n.\r\n",
		"calls out of turn send nothing");
	tap_is_number((int64_t)smtp_dialogue_verdict(dialogue, 0)->kind,
		VERDICT_DELIVERED, "and change nothing");
	tap_is_number((int64_t)smtp_dialogue_verdict(dialogue, 1)->kind,
		VERDICT_UNKNOWN, "a recipient that is none has no verdict");
	smtp_dialogue_free(dialogue);
	buf_free(&sent);
}

static void check_nobody(void)
{
	static const struct envelope empty = { .sender = { .utf8 = "",
						       .ascii = "" } };
	static const struct delivery nothing = { .envelope = &empty };
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&plain);

	smtp_dialogue_submit(dialogue, &nothing);
	smtp_dialogue_finish(dialogue);
	answer(dialogue, "220 x\r\n");
	answer(dialogue, "250 x\r\n");
	tap_is_span(smtp_dialogue_output(dialogue), SPAN("QUIT\r\n"),
		"an envelope for nobody sends nothing");
	tap_is_number((int64_t)smtp_dialogue_next(dialogue).kind,
		SMTP_WANT_DONE, "and is done");
	smtp_dialogue_free(dialogue);
	smtp_dialogue_free(NULL);
}

int main(void)
{
	check_combinations();
	check_many();
	check_many_short();
	check_many_refused();
	check_traces();
	check_long_reply();
	check_overflow();
	check_dot_overflow();
	check_large_body();
	check_chunks();
	check_chunk_refused();
	check_wiping();
	check_forgetting();
	check_meddling();
	check_nobody();
	return tap_done();
}
