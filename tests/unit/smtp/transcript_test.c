/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replays tests/transcripts/ (README there) against the dialogue, with the
 * server's bytes and the body cut into pieces of every size.
 */
#include <config.h>

#include "base/base64.h"
#include "smtp/dialogue.h"
#include "tap.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_LIMIT = 64 * 1024, RECIPIENTS = 16 };

struct settings {
	struct smtp_params params;
	const char *etrn_node; /* or NULL */
	bool is_kept, is_idle;
	struct envelope envelope;
	struct envelope_address recipients[RECIPIENTS];
	struct delivery delivery;
	struct buf body;
};

struct replay {
	struct settings *settings;
	struct smtp_dialogue *dialogue;
	struct arena *arena;
	size_t step; /* size of the pieces */
	size_t line_number, recipient;
	bool may_be_unsent;
	struct buf flight; /* what the server says until it is our turn */
	size_t longest_flight;
	struct buf trace;
	const struct diag *told; /* by the last result, or NULL */
	struct buf fault;        /* the first thing that went wrong */
};

static const char *const want_names[] = { "reply", "tls", "sasl", "body",
	"done" };
static const char *const deadline_names[] = { "greeting", "command", "mail",
	"rcpt", "data", "block", "dot", "quit", "probe" };

__attribute__((format(printf, 2, 3))) static void fault(
	struct replay *replay, const char *format, ...)
{
	char text[2000];
	va_list args;

	if (replay->fault.length)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buf_printf(&replay->fault, "line %zu, pieces of %zu: %s",
		replay->line_number, replay->step, text);
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, ascii_lower(c)) : NULL;

	return found ? (int)(found - digits) : 0;
}

static void put_unescaped(struct buf *out, struct span text)
{
	static const char letters[] = "rnt0\\", bytes[] = "\r\n\t\0\\";

	while (text.length) {
		const char *letter = text.at[0] == '\\' && text.length > 1
					     ? strchr(letters, text.at[1])
					     : NULL;

		if (letter) {
			buf_put_byte(out, bytes[letter - letters]);
			text = span_skip(text, 2);
		} else if (text.at[0] == '\\' && text.length > 3) {
			buf_put_byte(out, (char)(hex_value(text.at[2]) * 16 +
						  hex_value(text.at[3])));
			text = span_skip(text, 4);
		} else {
			buf_put_byte(out, text.at[0]);
			text = span_skip(text, 1);
		}
	}
}

static const char *unescaped(struct arena *arena, struct span text)
{
	struct buf out = BUF_INIT(FILE_LIMIT);
	const char *copy;

	put_unescaped(&out, text);
	copy = arena_strndup(arena, buf_text(&out), out.length);
	buf_free(&out);
	return copy;
}

/* ---- settings ------------------------------------------------------------ */

static struct envelope_address address_of(struct arena *arena, struct span text)
{
	struct span utf8 = span_cut_word(&text), ascii = span_cut_word(&text);
	struct envelope_address address = { .utf8 = NULL };

	if (span_equal(utf8, SPAN("<>")))
		utf8.length = 0;
	address.utf8 = unescaped(arena, utf8);
	address.ascii = address.utf8;
	if (span_equal(ascii, SPAN("-")))
		address.ascii = NULL;
	else if (ascii.length)
		address.ascii = unescaped(arena, ascii);
	return address;
}

static bool read_word(struct settings *settings, struct span word)
{
	if (span_equal(word, SPAN("keep")))
		settings->is_kept = true;
	else if (span_equal(word, SPAN("idle")))
		settings->is_idle = true;
	else if (span_equal(word, SPAN("utf8")))
		settings->envelope.needs_smtputf8 = true;
	else if (span_equal(word, SPAN("8bit")))
		settings->delivery.is_8bit = true;
	else if (span_equal(word, SPAN("starttls")))
		settings->params.starttls = true;
	else if (span_equal(word, SPAN("auth")))
		settings->params.auth = true;
	else if (span_equal(word, SPAN("secure")))
		settings->params.is_secure = true;
	else if (span_equal(word, SPAN("lmtp")))
		settings->params.is_lmtp = true;
	else if (span_equal(word, SPAN("requiretls")))
		settings->params.requires_tls = true;
	else if (span_equal(word, SPAN("question")))
		settings->delivery.is_question = true;
	else if (span_equal(word, SPAN("alone")))
		settings->params.auth_alone = true;
	else
		return false;
	return true;
}

/* What "to-notify" and "to-original" are about. */
static struct envelope_address *last_recipient(struct settings *settings)
{
	size_t count = settings->envelope.recipient_count;

	return &settings->recipients[count ? count - 1 : 0];
}

/* Of the message, and of its forms: as many as there are. */
static bool read_sizes(struct delivery *delivery, struct span sizes)
{
	uint64_t *const out[] = { &delivery->size_bytes,
		&delivery->ascii_size_bytes, &delivery->words_size_bytes };
	struct span word;
	unsigned long number;

	for (size_t i = 0; (word = span_cut_word(&sizes)).length; i++) {
		if (i >= sizeof out / sizeof *out ||
			!span_number(word, 1000000000, &number))
			return false;
		*out[i] = number;
	}
	return true;
}

static bool read_setting(
	struct settings *settings, struct arena *arena, struct span line)
{
	struct envelope *envelope = &settings->envelope;
	struct span value = line, key = span_cut(&value, ':'), word;

	value = span_trim(value);
	if (span_equal(key, SPAN("params"))) {
		while ((word = span_cut_word(&value)).length)
			if (!read_word(settings, word))
				return false;
	} else if (span_equal(key, SPAN("helo"))) {
		settings->params.helo_name = unescaped(arena, value);
	} else if (span_equal(key, SPAN("from"))) {
		envelope->sender = address_of(arena, value);
	} else if (span_equal(key, SPAN("to"))) {
		settings->recipients[envelope->recipient_count++] =
			address_of(arena, value);
	} else if (span_equal(key, SPAN("size"))) {
		if (!read_sizes(&settings->delivery, value))
			return false;
	} else if (span_equal(key, SPAN("notify"))) {
		envelope->dsn_notify = unescaped(arena, value);
	} else if (span_equal(key, SPAN("to-notify"))) {
		last_recipient(settings)->wish.notify = unescaped(arena, value);
	} else if (span_equal(key, SPAN("to-original"))) {
		last_recipient(settings)->wish.original =
			unescaped(arena, value);
	} else if (span_equal(key, SPAN("return"))) {
		envelope->dsn_return = unescaped(arena, value);
	} else if (span_equal(key, SPAN("ignore"))) {
		settings->params.ehlo_ignore = unescaped(arena, value);
	} else if (span_equal(key, SPAN("envid"))) {
		envelope->dsn_envid = unescaped(arena, value);
	} else if (span_equal(key, SPAN("etrn"))) {
		settings->etrn_node = unescaped(arena, value);
		settings->is_idle = true;
	} else if (span_equal(key, SPAN("body"))) {
		put_unescaped(&settings->body, value);
		buf_puts(&settings->body, "\r\n");
	} else {
		return read_word(settings, key);
	}
	return true;
}

static bool is_dialogue(struct span line)
{
	return line.length >= 1 &&
	       (line.at[0] == '!' || line.at[0] == '=' ||
		       (line.length >= 2 && line.at[1] == ':'));
}

/* Reads the settings off *TEXT; returns how many lines they have. */
static size_t read_settings(struct settings *settings, struct arena *arena,
	struct span *text, struct replay *replay)
{
	size_t lines = 0;

	*settings = (struct settings){
		.params = { .helo_name = "client.example",
			.auth_user = "user" },
		.envelope.sender = { .utf8 = "me@example.org",
			.ascii = "me@example.org" },
		.delivery.size_bytes = 100,
		.body = BUF_INIT(FILE_LIMIT),
	};
	settings->envelope.recipients = settings->recipients;
	settings->delivery.envelope = &settings->envelope;
	while (text->length) {
		struct span rest = *text, line = span_cut(&rest, '\n');

		if (is_dialogue(line))
			break;
		*text = rest;
		lines++;
		if (line.length && line.at[0] != '#' &&
			!read_setting(settings, arena, line))
			fault(replay, "setting %zu is not known", lines);
	}
	if (!settings->envelope.recipient_count) {
		settings->recipients[0] =
			address_of(arena, SPAN("you@example.net"));
		settings->envelope.recipient_count = 1;
	}
	if (!settings->body.length)
		buf_puts(&settings->body, "text\r\n");
	return lines;
}

/* ---- actions ------------------------------------------------------------- */

static void on_trace(
	void *context, enum smtp_direction direction, struct span line)
{
	struct replay *replay = context;

	buf_puts(&replay->trace, direction == SMTP_SENT ? "> " : "< ");
	buf_put_span(&replay->trace, line);
	buf_put_byte(&replay->trace, '\n');
}

/* Gives the server's words, in pieces. */
static void feed_flight(struct replay *replay)
{
	struct span bytes = buf_span(&replay->flight);

	if (!bytes.length)
		return;
	if (smtp_dialogue_output(replay->dialogue).length &&
		!replay->may_be_unsent)
		fault(replay, "the client has more to send: \"%s\"",
			smtp_dialogue_output(replay->dialogue).at);
	replay->may_be_unsent = false;
	if (bytes.length > replay->longest_flight)
		replay->longest_flight = bytes.length;
	for (size_t at = 0; at < bytes.length; at += replay->step) {
		struct span piece = span_skip(bytes, at);
		struct diag why = { 0 };
		bool is_ok;

		if (piece.length > replay->step)
			piece.length = replay->step;
		is_ok = smtp_dialogue_feed(replay->dialogue, piece, &why);
		if (is_ok == (smtp_dialogue_failure(replay->dialogue) != NULL))
			fault(replay, "feed() and failure() differ");
		if (!is_ok &&
			why.id != smtp_dialogue_failure(replay->dialogue)->id)
			fault(replay, "feed() gave %s", diag_name(why.id));
	}
	buf_clear(&replay->flight);
}

static void expect_output(struct replay *replay, struct span text, bool has_end)
{
	struct buf want = BUF_INIT(FILE_LIMIT);
	struct span got;

	put_unescaped(&want, text);
	if (has_end)
		buf_puts(&want, "\r\n");
	got = smtp_dialogue_output(replay->dialogue);
	if (!span_starts_with(got, buf_span(&want)))
		fault(replay, "want \"%s\", got \"%.*s\"", buf_text(&want),
			(int)got.length, got.length ? got.at : "");
	else
		smtp_dialogue_sent(replay->dialogue, want.length);
	buf_free(&want);
}

static void hand_body(struct replay *replay)
{
	struct span body = buf_span(&replay->settings->body);

	for (size_t at = 0; at < body.length; at += replay->step) {
		struct span piece = span_skip(body, at);

		if (piece.length > replay->step)
			piece.length = replay->step;
		smtp_dialogue_body(replay->dialogue, piece);
	}
}

static void check_want(struct replay *replay, struct span words)
{
	struct smtp_want want = smtp_dialogue_next(replay->dialogue);
	const char *kind = want_names[want.kind];
	const char *deadline = deadline_names[want.deadline];
	struct span word = span_cut_word(&words);

	if (!span_equal(word, span_of(kind)))
		fault(replay, "wants %s", kind);
	word = span_cut_word(&words);
	if (word.length && !span_equal(word, span_of(deadline)))
		fault(replay, "waits for %s", deadline);
}

/* What auth/sasl says of a mechanism. */
static struct smtp_mechanism mechanism_of(const char *name)
{
	static const struct smtp_mechanism rows[] = { { "PLAIN", true, false,
							      false },
		{ "EXTERNAL", true, false, false },
		{ "NTLM", false, true, false }, { "LOGIN", false, false, true },
		{ "XOAUTH2", false, false, true },
		{ "OAUTHBEARER", false, false, true } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i];
	return (struct smtp_mechanism){ .name = name };
}

static void start_auth(struct replay *replay, struct span words)
{
	struct span name = span_cut_word(&words), bytes;
	struct smtp_mechanism mechanism = mechanism_of(
		arena_strndup(replay->arena, name.at, name.length));
	struct buf initial = BUF_INIT(FILE_LIMIT);

	check_want(replay, SPAN("sasl command"));
	words = span_trim(words);
	if (!span_equal(words, SPAN("\"\"")))
		put_unescaped(&initial, words);
	bytes = buf_span(&initial);
	smtp_dialogue_auth(
		replay->dialogue, &mechanism, words.length ? &bytes : NULL);
	buf_free(&initial);
}

static void respond(struct replay *replay, struct span text)
{
	struct buf response = BUF_INIT(FILE_LIMIT);

	put_unescaped(&response, text);
	smtp_dialogue_auth_continue(replay->dialogue, buf_span(&response));
	buf_free(&response);
}

static void check_challenge(struct replay *replay, struct span text)
{
	const struct span *challenge =
		smtp_dialogue_challenge(replay->dialogue);
	struct buf want = BUF_INIT(FILE_LIMIT);

	check_want(replay, SPAN("sasl command"));
	put_unescaped(&want, text);
	if (!challenge)
		fault(replay, "there is no challenge");
	else if (!span_equal(*challenge, buf_span(&want)))
		fault(replay, "the challenge is \"%.*s\"",
			(int)challenge->length, challenge->at);
	buf_free(&want);
}

static void check_refusal(struct replay *replay, struct span name)
{
	const struct diag *refusal =
		smtp_dialogue_auth_refusal(replay->dialogue);
	const char *got = diag_name(refusal ? refusal->id : DIAG_NONE);

	if (!span_equal(name, span_of(got)))
		fault(replay, "the refusal is %s", got);
}

static void break_off(struct replay *replay, enum diag_id id)
{
	struct diag why;

	diag_set(&why, id, "300");
	smtp_dialogue_broken(replay->dialogue, &why);
}

static void sasl_ends(struct replay *replay, bool is_cancelled)
{
	struct diag why;

	diag_set(&why, DIAG_SMTP_AUTH_PROTOCOL, "X", "we do not like it");
	if (is_cancelled)
		smtp_dialogue_auth_cancel(replay->dialogue, &why);
	else
		smtp_dialogue_auth_give_up(replay->dialogue, &why);
}

static void submit(struct replay *replay)
{
	replay->recipient = 0;
	smtp_dialogue_submit(replay->dialogue, &replay->settings->delivery);
}

static void do_unsent(struct replay *replay, struct span rest)
{
	(void)rest;
	replay->may_be_unsent = true;
}

static void do_tls(struct replay *replay, struct span rest)
{
	(void)rest;
	check_want(replay, SPAN("tls command"));
	smtp_dialogue_tls_done(replay->dialogue);
}

static void do_accept(struct replay *replay, struct span rest)
{
	(void)rest;
	check_want(replay, SPAN("sasl command"));
	if (!smtp_dialogue_is_authenticated(replay->dialogue))
		fault(replay, "is not authenticated");
	smtp_dialogue_auth_accept(replay->dialogue);
}

static void do_cancel(struct replay *replay, struct span rest)
{
	(void)rest;
	check_want(replay, SPAN("sasl command"));
	sasl_ends(replay, true);
}

static void do_giveup(struct replay *replay, struct span rest)
{
	(void)rest;
	check_want(replay, SPAN("sasl command"));
	sasl_ends(replay, false);
}

/* As the connection does when no other mechanism is left. */
static void do_refused(struct replay *replay, struct span rest)
{
	const struct diag *refusal =
		smtp_dialogue_auth_refusal(replay->dialogue);
	struct diag why;

	(void)rest;
	check_want(replay, SPAN("sasl command"));
	if (!refusal) {
		fault(replay, "there is no refusal");
		return;
	}
	why = *refusal;
	smtp_dialogue_auth_give_up(replay->dialogue, &why);
}

static void do_part(struct replay *replay, struct span rest)
{
	(void)rest;
	check_want(replay, SPAN("body block"));
	hand_body(replay);
}

static void do_body(struct replay *replay, struct span rest)
{
	do_part(replay, rest);
	smtp_dialogue_body_end(replay->dialogue);
}

static void do_abort(struct replay *replay, struct span rest)
{
	struct diag why;

	(void)rest;
	diag_set(&why, DIAG_INPUT_UNREADABLE);
	smtp_dialogue_body_abort(replay->dialogue, &why);
}

static void do_close(struct replay *replay, struct span rest)
{
	(void)rest;
	break_off(replay, DIAG_NET_CLOSED);
}

static void do_timeout(struct replay *replay, struct span rest)
{
	(void)rest;
	break_off(replay, DIAG_NET_TIMEOUT);
}

static void do_submit(struct replay *replay, struct span rest)
{
	(void)rest;
	submit(replay);
}

static void do_share(struct replay *replay, struct span rest)
{
	replay->recipient = 0;
	smtp_dialogue_share(replay->dialogue, span_equal(rest, SPAN("known")));
}

/* The same message once more, from somebody else. */
static void do_follow(struct replay *replay, struct span rest)
{
	struct envelope *envelope = arena_memdup(
		replay->arena, &replay->settings->envelope, sizeof *envelope);
	struct delivery *delivery = arena_memdup(
		replay->arena, &replay->settings->delivery, sizeof *delivery);

	envelope->sender = address_of(replay->arena, rest);
	delivery->envelope = envelope;
	if (smtp_dialogue_may_follow(replay->dialogue, delivery->size_bytes))
		smtp_dialogue_follow(replay->dialogue, delivery);
	else
		fault(replay, "nothing may follow");
}

static void do_nothing_follows(struct replay *replay, struct span rest)
{
	(void)rest;
	if (smtp_dialogue_may_follow(replay->dialogue, 100))
		fault(replay, "another may follow");
}

static void do_taken(struct replay *replay, struct span rest)
{
	(void)rest;
	replay->recipient = 0;
	smtp_dialogue_taken(replay->dialogue);
}

static void check_sharing(struct replay *replay, struct span want)
{
	static const char *const names[] = { "off", "probed", "open", "shut",
		"refused" };
	const char *got = names[smtp_dialogue_sharing(replay->dialogue)];

	if (!span_equal(want, span_of(got)))
		fault(replay, "the flight is %s", got);
}

static void do_finish(struct replay *replay, struct span rest)
{
	(void)rest;
	smtp_dialogue_finish(replay->dialogue);
}

static const struct {
	const char *name;
	void (*act)(struct replay *replay, struct span rest);
} actions[] = {
	{ "abort", do_abort },
	{ "accept", do_accept },
	{ "auth", start_auth },
	{ "body", do_body },
	{ "cancel", do_cancel },
	{ "challenge", check_challenge },
	{ "close", do_close },
	{ "finish", do_finish },
	{ "follow", do_follow },
	{ "giveup", do_giveup },
	{ "nothing-follows", do_nothing_follows },
	{ "part", do_part },
	{ "refusal", check_refusal },
	{ "refused", do_refused },
	{ "respond", respond },
	{ "share", do_share },
	{ "sharing", check_sharing },
	{ "submit", do_submit },
	{ "taken", do_taken },
	{ "timeout", do_timeout },
	{ "tls", do_tls },
	{ "unsent", do_unsent },
	{ "want", check_want },
};

static void act(struct replay *replay, struct span line)
{
	struct span rest = span_skip(line, 1), name = span_cut(&rest, ' ');

	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (span_equal(name, span_of(actions[i].name))) {
			actions[i].act(replay, rest);
			return;
		}
	fault(replay, "action is not known");
}

/* ---- results ------------------------------------------------------------- */

static void put_diag(struct buf *out, const struct diag *why)
{
	buf_printf(out, " %s %d %s: ", diag_name(why->id), why->exit_code,
		why->status);
	diag_sentence(why, false, out);
}

static void put_last(struct buf *out, const struct smtp_reply *last)
{
	buf_printf(out, "last %u%s%s", last->code, last->status[0] ? " " : "",
		last->status);
}

static void put_hint(struct buf *out, const struct diag *why)
{
	buf_puts(out, "hint ");
	if (!why || !diag_hint(why, out))
		buf_puts(out, "none");
}

/* Of the next recipient. */
static void put_verdict(struct replay *replay, struct buf *out)
{
	static const char *const kinds[] = { "unknown", "delivered", "deferred",
		"refused" };
	const struct verdict *verdict =
		smtp_dialogue_verdict(replay->dialogue, replay->recipient++);

	replay->told = verdict->why;
	buf_puts(out, kinds[verdict->kind]);
	if (verdict->why)
		put_diag(out, verdict->why);
}

static void put_etrn(struct buf *out, const struct smtp_dialogue *dialogue)
{
	struct diag why;

	buf_puts(out, "etrn");
	if (smtp_dialogue_etrn_result(dialogue, &why))
		buf_puts(out, " yes");
	else
		put_diag(out, &why);
}

static void put_renounced(struct buf *out, const struct smtp_dialogue *dialogue)
{
	struct buf words = BUF_INIT(FILE_LIMIT);

	smtp_dialogue_put_renounced(dialogue, &words);
	buf_printf(out, "renounced %s%s",
		words.length ? buf_text(&words) : "nothing",
		smtp_dialogue_may_repeat(dialogue) ? ": once more" : "");
	buf_free(&words);
}

static void put_skipped(struct buf *out, const struct smtp_dialogue *dialogue)
{
	const char *words;
	unsigned count = smtp_dialogue_skipped(dialogue, &words);

	buf_printf(out, "skipped %u %s", count, words);
}

static void check_result(struct replay *replay, struct span want)
{
	const struct diag *failure = smtp_dialogue_failure(replay->dialogue);
	struct buf got = BUF_INIT(FILE_LIMIT);

	check_want(replay, SPAN("done"));
	if (span_starts_with(want, SPAN("hint")))
		put_hint(&got, replay->told);
	else if (span_starts_with(want, SPAN("last")))
		put_last(&got, smtp_dialogue_last_reply(replay->dialogue));
	else if (span_starts_with(want, SPAN("etrn")))
		put_etrn(&got, replay->dialogue);
	else if (span_starts_with(want, SPAN("renounced")))
		put_renounced(&got, replay->dialogue);
	else if (span_starts_with(want, SPAN("skipped")))
		put_skipped(&got, replay->dialogue);
	else if (!span_starts_with(want, SPAN("failure")))
		put_verdict(replay, &got);
	else
		buf_puts(&got, failure ? "failure" : "failure none");
	if (span_starts_with(want, SPAN("failure")) && failure)
		put_diag(&got, failure);
	if (!span_equal(buf_span(&got), want))
		fault(replay, "got\n#   = %s\n", buf_text(&got));
	buf_free(&got);
}

/* ---- one file ------------------------------------------------------------ */

static void take_line(struct replay *replay, struct span line)
{
	struct span text = span_skip(line, 3);

	if (line.at[0] != 'S' && line.at[0] != 's')
		feed_flight(replay);
	switch (line.at[0]) {
	case 'S':
		put_unescaped(&replay->flight, text);
		buf_puts(&replay->flight, "\r\n");
		break;
	case 's':
		put_unescaped(&replay->flight, text);
		break;
	case 'C':
		expect_output(replay, text, true);
		break;
	case 'c':
		expect_output(replay, text, false);
		break;
	case '!':
		act(replay, line);
		break;
	case '=':
		check_result(replay, span_skip(line, 2));
		break;
	default:
		fault(replay, "what is this?");
	}
}

/* Neither the password nor its base 64, alone or in PLAIN. */
static void check_secrets(struct replay *replay)
{
	static const char *const secrets[] = { "hunter2", "aHVudGVyMg",
		"AHVzZXIAaHVudGVyMg" };

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (strstr(buf_text(&replay->trace), secrets[i]))
			fault(replay, "the trace tells the password:\n%s",
				buf_text(&replay->trace));
}

static void check_end(struct replay *replay)
{
	if (smtp_dialogue_output(replay->dialogue).length &&
		!replay->may_be_unsent)
		fault(replay, "at the end there is more to send: \"%s\"",
			smtp_dialogue_output(replay->dialogue).at);
	if (replay->recipient != 0 &&
		replay->recipient != replay->settings->envelope.recipient_count)
		fault(replay, "not all verdicts were looked at");
	check_secrets(replay);
}

/* Plays TEXT in pieces of STEP bytes; returns the longest flight. */
static size_t play(struct span text, size_t step, struct buf *why)
{
	struct settings settings;
	struct replay replay = {
		.settings = &settings,
		.step = step,
		.arena = arena_new(),
		.flight = BUF_INIT(FILE_LIMIT),
		.trace = BUF_INIT(8 * FILE_LIMIT),
		.fault = BUF_INIT(FILE_LIMIT),
	};

	replay.line_number =
		read_settings(&settings, replay.arena, &text, &replay);
	settings.params.trace = on_trace;
	settings.params.trace_context = &replay;
	replay.dialogue = smtp_dialogue_new(&settings.params);
	if (!settings.is_idle)
		submit(&replay);
	if (settings.etrn_node)
		smtp_dialogue_etrn(replay.dialogue, settings.etrn_node);
	if (!settings.is_kept)
		smtp_dialogue_finish(replay.dialogue);
	while (text.length && !replay.fault.length) {
		struct span line = span_cut(&text, '\n');

		replay.line_number++;
		if (line.length && line.at[0] != '#')
			take_line(&replay, line);
	}
	feed_flight(&replay);
	if (!replay.fault.length)
		check_end(&replay);
	buf_put_span(why, buf_span(&replay.fault));
	smtp_dialogue_free(replay.dialogue);
	buf_free(&settings.body);
	buf_free(&replay.flight);
	buf_free(&replay.trace);
	buf_free(&replay.fault);
	arena_free(replay.arena);
	return replay.longest_flight;
}

static void play_file(const char *directory, const char *name)
{
	static char text[FILE_LIMIT];
	struct buf why = BUF_INIT(FILE_LIMIT);
	char path[4096];
	size_t length, longest = 1, steps = 0;
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	file = fopen(path, "rb");
	length = file ? fread(text, 1, sizeof text, file) : 0;
	if (file)
		fclose(file);
	for (size_t step = 1; step <= longest && !why.length; step++) {
		size_t flight = play(span_make(text, length), step, &why);

		if (flight > longest)
			longest = flight;
		steps++;
	}
	tap_ok(length && !why.length, "%s", name);
	if (why.length)
		tap_note("%s: %s", name, buf_text(&why));
	else
		tap_note("replayed in pieces of 1 to %zu", steps);
	buf_free(&why);
}

static int is_transcript(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 4 && strcmp(entry->d_name + length - 4, ".txt") == 0;
}

int main(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char directory[2048];
	struct dirent **names;
	int count;

	snprintf(directory, sizeof directory, "%s/tests/transcripts",
		top ? top : ".");
	count = scandir(directory, &names, is_transcript, alphasort);
	if (!tap_ok(count > 0, "there are transcripts"))
		return tap_done();
	for (int i = 0; i < count; i++) {
		play_file(directory, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return tap_done();
}
