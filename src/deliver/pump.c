/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries bytes between the dialogue and the stream, in time.  Knows neither
 * what they mean nor what becomes of the message. */
#include <config.h>

#include "base/clock.h"
#include "base/source.h"
#include "deliver/connection_internal.h"

#include <stdio.h>

enum {
	GREETING_PATIENCE_S =
		8, /* before it is asked whether TLS comes first */
	READ_BYTES = 16 * 1024,
	LAST_WORDS_S = 5
};

/* RFC 5321 4.5.3.2; the reply to the dot decides whether a mail is sent twice,
 * so nobody should be in a hurry there. */
static const long deadline_seconds[SMTP_DEADLINE_COUNT] = {
	[SMTP_DEADLINE_GREETING] = 300,
	[SMTP_DEADLINE_COMMAND] = 300,
	[SMTP_DEADLINE_MAIL] = 300,
	[SMTP_DEADLINE_RCPT] = 300,
	[SMTP_DEADLINE_DATA] = 120,
	[SMTP_DEADLINE_BLOCK] = 180,
	[SMTP_DEADLINE_DOT] = CONNECTION_ANSWER_S,
	[SMTP_DEADLINE_QUIT] = 5,
	[SMTP_DEADLINE_PROBE] = 30,
};

static void broken(struct connection *connection, const struct diag *why)
{
	connection->is_broken = true;
	smtp_dialogue_broken(connection->dialogue, why);
}

static void do_tls(struct connection *connection)
{
	struct diag why;

	if (connection->peer.stream->ops->buffered(connection->peer.stream)) {
		diag_set(&why, DIAG_TLS_INJECTION);
		broken(connection, &why);
	} else if (peer_start_tls(&connection->peer, &why)) {
		smtp_dialogue_tls_done(connection->dialogue);
	} else {
		broken(connection, &why);
	}
}

static void end_body(struct connection *connection)
{
	const struct delivery *delivery = &connection->sent;
	struct diag why;

	if (!delivery->before_end ||
		delivery->before_end(delivery->context, &why))
		smtp_dialogue_body_end(connection->dialogue);
	else
		smtp_dialogue_body_abort(connection->dialogue, &why);
}

const struct form *pump_form(const struct connection *connection)
{
	const struct smtp_dialogue *dialogue = connection->dialogue;

	if (connection->words.source && smtp_dialogue_is_7bit(dialogue))
		return &connection->words;
	if (connection->ascii.source && !smtp_dialogue_is_smtputf8(dialogue))
		return &connection->ascii;
	return &connection->utf8;
}

/* A piece is asked for when the last one has gone. */
static void report_progress(const struct connection *connection)
{
	const struct delivery *sent = &connection->sent;

	if (sent->progress)
		sent->progress(
			sent->context, connection->given, sent->size_bytes);
}

/* The next bytes of the message to connection->body; none at its end.  The
 * message may have to be read anew. */
static bool read_body(struct connection *connection, struct diag *why)
{
	struct source *source = pump_form(connection)->source;

	if (connection->is_body_read && !source_rewind(source, why))
		return false;
	if (connection->is_body_read)
		connection->given = 0;
	connection->is_body_read = false;
	report_progress(connection);
	if (!source_next(source, &connection->body, why))
		return false;
	connection->given += connection->body.length;
	return true;
}

/* Hands over one piece: a source may give a whole head at once, and the
 * dialogue holds no more than what a write can take. */
void pump_do_body(struct connection *connection)
{
	struct span piece;
	struct diag why;

	if (!connection->body.length && !read_body(connection, &why)) {
		smtp_dialogue_body_abort(connection->dialogue, &why);
		return;
	}
	piece = connection->body;
	if (!piece.length) {
		connection->is_body_read = true;
		end_body(connection);
		return;
	}
	if (piece.length > SMTP_BODY_PIECE)
		piece.length = SMTP_BODY_PIECE;
	connection->body = span_skip(connection->body, piece.length);
	smtp_dialogue_body(connection->dialogue, piece);
}

/* Whoever gets the message next gets it from its beginning. */
void pump_forget_body(struct connection *connection, bool is_read)
{
	connection->is_body_read = is_read;
	connection->given = 0;
	connection->body = SPAN("");
}

/* Whether nothing that the server may say is waited for any more. */
bool pump_is_over(const struct connection *connection)
{
	return smtp_dialogue_failure(connection->dialogue) ||
	       (!connection->under_way &&
		       smtp_dialogue_next(connection->dialogue).kind ==
			       SMTP_WANT_DONE);
}

/* Reads once and feeds; false when there was nothing to read. */
bool pump_read_some(struct connection *connection)
{
	char bytes[READ_BYTES];
	size_t got = 0;
	struct diag why;
	enum stream_result result = connection->peer.stream->ops->read(
		connection->peer.stream, bytes, sizeof bytes, &got, &why);

	switch (result) {
	case STREAM_OK:
		/* A failure is the dialogue's own from here on. */
		(void)smtp_dialogue_feed(
			connection->dialogue, span_make(bytes, got), &why);
		return true;
	case STREAM_AGAIN:
		return false;
	case STREAM_END:
		diag_set(&why, DIAG_NET_CLOSED);
		broken(connection, &why);
		return true;
	case STREAM_FAILED:
		broken(connection, &why);
		return true;
	}
	return true;
}

/* The server may have said why before it hung up: its last words tell more than
 * "connection reset", and of what was sent before they say what was taken. */
static void hear_last_words(struct connection *connection)
{
	int64_t deadline_ms = clock_deadline(LAST_WORDS_S);
	unsigned ready = 1;
	struct diag why;

	while (!pump_is_over(connection) &&
		(pump_read_some(connection) ||
			(connection->under_way && ready &&
				connection->peer.stream->ops->wait(
					connection->peer.stream,
					STREAM_READABLE, deadline_ms, &ready,
					&why))))
		;
}

/* Writes once.  False when nothing could be written now. */
bool pump_write_some(struct connection *connection)
{
	struct span output = smtp_dialogue_output(connection->dialogue);
	size_t sent = 0;
	struct diag why;
	enum stream_result result = connection->peer.stream->ops->write(
		connection->peer.stream, output.at, output.length, &sent, &why);

	if (result == STREAM_OK) {
		smtp_dialogue_sent(connection->dialogue, sent);
		connection->writes++;
		return true;
	}
	if (result == STREAM_AGAIN)
		return false;
	hear_last_words(connection);
	if (!pump_is_over(connection))
		broken(connection, &why);
	return true;
}

static void refresh_deadline(
	struct connection *connection, struct smtp_want want)
{
	uint64_t progress = connection->writes +
			    smtp_dialogue_reply_count(connection->dialogue) + 1;

	if (progress == connection->progress)
		return;
	connection->progress = progress;
	connection->deadline_s = peer_capped_s(
		&connection->peer, deadline_seconds[want.deadline]);
	connection->deadline_ms = clock_deadline(connection->deadline_s);
}

static void timed_out(struct connection *connection)
{
	char seconds[24];
	struct diag why;

	snprintf(seconds, sizeof seconds, "%ld", connection->deadline_s);
	diag_set(&why, DIAG_NET_TIMEOUT, seconds);
	broken(connection, &why);
}

/* Whether the greeting is so late that this should be found out, once. */
static bool is_greeting_late(struct connection *connection)
{
	bool is_late = !connection->has_probed &&
		       !connection->account->socket &&
		       !connection->peer.tls_version &&
		       !smtp_dialogue_reply_count(connection->dialogue);

	connection->has_probed = connection->has_probed || is_late;
	return is_late;
}

/* At half of the time at the latest, so that the other half is left. */
static int64_t patience_ms(const struct connection *connection)
{
	int64_t rest_ms = connection->deadline_s * INT64_C(500);

	if (connection->has_probed ||
		smtp_dialogue_reply_count(connection->dialogue))
		return connection->deadline_ms;
	if (connection->deadline_s > 2 * GREETING_PATIENCE_S)
		rest_ms = (connection->deadline_s - GREETING_PATIENCE_S) *
			  INT64_C(1000);
	return connection->deadline_ms - rest_ms;
}

static void wait_for_stream(struct connection *connection, bool has_output)
{
	unsigned events = STREAM_READABLE | (has_output ? STREAM_WRITABLE : 0);
	unsigned ready = 0;
	struct diag why;

	if (!connection->peer.stream->ops->wait(connection->peer.stream, events,
		    patience_ms(connection), &ready, &why))
		broken(connection, &why);
	else if (!ready && is_greeting_late(connection)) {
		if (!peer_speaks_tls_first(
			    &connection->peer, connection->deadline_ms))
			return;
		diag_set(
			&why, DIAG_TLS_FIRST, buf_text(&connection->peer.name));
		broken(connection, &why);
	} else if (!ready)
		timed_out(connection);
	else if (ready & STREAM_READABLE)
		pump_read_some(connection);
}

/* One turn: move bytes, or do what is wanted, or wait.  False at the end. */
bool pump_turn(struct connection *connection)
{
	struct smtp_want want = smtp_dialogue_next(connection->dialogue);
	bool has_output =
		smtp_dialogue_output(connection->dialogue).length != 0;

	if (want.kind == SMTP_WANT_DONE)
		return false;
	if (has_output && pump_write_some(connection))
		return true;
	if (has_output || want.kind == SMTP_WANT_REPLY) {
		refresh_deadline(connection, want);
		wait_for_stream(connection, has_output);
	} else if (want.kind == SMTP_WANT_TLS) {
		do_tls(connection);
	} else if (want.kind == SMTP_WANT_SASL) {
		login_step(&connection->login, connection->dialogue);
	} else {
		pump_do_body(connection);
	}
	return true;
}

/* What is still to be sent is good manners (QUIT), and not worth a wait: the
 * verdicts are in. */
void pump_send_rest(struct connection *connection)
{
	if (smtp_dialogue_output(connection->dialogue).length &&
		!connection->is_broken)
		(void)pump_write_some(connection);
}
