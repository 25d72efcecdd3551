/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One attempt to deliver one message: connects, and carries bytes between the
 * dialogue and the stream until every recipient has a verdict.  Knows no
 * protocol (that is smtp/), no cipher (net/), no mechanism (auth/).
 */
#include <config.h>

#include "deliver/attempt.h"

#include "auth/sasl.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/source.h"
#include "base/text.h"
#include "net/resolve.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "smtp/dialogue.h"

#include <stdio.h>
#include <string.h>

enum {
	CONNECT_TIMEOUT_S = 30, /* look-up, and connecting to all addresses */
	TLS_TIMEOUT_S = 60,
	READ_BYTES = 16 * 1024,
	RESPONSE_LIMIT = 64 * 1024, /* a SASL response */
	NAME_LIMIT = 600,           /* "host:port" */
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
	[SMTP_DEADLINE_DOT] = 600,
	[SMTP_DEADLINE_QUIT] = 5,
};

struct session {
	const struct attempt_params *params;
	const struct account *account;
	struct arena *arena;
	struct outcome *outcome;
	struct buf name; /* "host:587" or the socket's path */
	struct buf helo_name;
	struct stream *stream;
	bool peer_is_local;
	bool is_tls;
	struct smtp_dialogue *dialogue;
	struct source *body;
	struct sasl *sasl;
	struct sasl_params sasl_params;
	struct buf binding;
	bool has_fallen_back;
	/* The wait in progress: it starts anew when a reply is complete or
	 * bytes have gone out, not when the server dribbles another byte. */
	int64_t deadline_ms;
	long deadline_s;
	uint64_t progress, writes;
};

static long capped_s(const struct session *session, long seconds)
{
	long cap = session->account->timeout;

	return cap ? cap : seconds;
}

/* ---- connecting ---------------------------------------------------------- */

static struct stream *connect_tcp(struct session *session, struct diag *why)
{
	const struct account *account = session->account;
	long seconds = capped_s(session, CONNECT_TIMEOUT_S);
	int64_t deadline_ms = clock_deadline(seconds);
	struct resolve_list addresses;

	buf_printf(&session->name, "%s:%ld", account->host, account->port);
	if (!resolve_host(account->host, (unsigned)account->port, deadline_ms,
		    session->arena, &addresses, why))
		return NULL;
	return tcp_connect(
		&addresses, buf_text(&session->name), deadline_ms, why);
}

static struct stream *connect_unix(struct session *session, struct diag *why)
{
	const char *path = session->account->socket;
	long seconds = capped_s(session, CONNECT_TIMEOUT_S);

	buf_puts(&session->name, path);
	return tcp_connect_unix(path, clock_deadline(seconds), why);
}

static bool start_tls(struct session *session, struct diag *why)
{
	const struct account *account = session->account;
	long seconds = capped_s(session, TLS_TIMEOUT_S);
	const struct tls_params params = {
		.host = account->tls_host_override ? account->tls_host_override
						   : account->host,
		.trust_file = account_trust_file(account),
		.verify = account->tls_certcheck,
		.priorities = account->tls_priorities,
		.timeout_s = seconds,
	};
	struct stream *tls = tls_start(
		session->stream, &params, clock_deadline(seconds), why);

	if (!tls)
		return false;
	session->stream = tls;
	session->is_tls = true;
	session->outcome->tls_version = tls_version(tls);
	return true;
}

/* RFC 5321 4.1.1.1: a name that others can look up, else the literal of this
 * end of the connection; "localhost" and "vm" are neither. */
static void choose_helo_name(struct session *session)
{
	const char *host = process_host_name(session->arena);

	if (session->account->domain)
		buf_puts(&session->helo_name, session->account->domain);
	else if (host && strchr(host, '.') && text_is_ascii(span_of(host)))
		buf_puts(&session->helo_name, host);
	else
		tcp_put_own_literal(session->stream, &session->helo_name);
}

static bool connect_to_server(struct session *session, struct diag *why)
{
	const struct account *account = session->account;

	session->stream = account->socket ? connect_unix(session, why)
					  : connect_tcp(session, why);
	if (!session->stream)
		return false;
	session->peer_is_local = tcp_peer_is_local(session->stream);
	choose_helo_name(session);
	return !account->tls || account->tls_starttls ||
	       start_tls(session, why);
}

/* ---- authentication ------------------------------------------------------ */

/* No password but through verified TLS, or to this machine when the profile
 * gave up TLS or the check by name (promise 5). */
static bool is_secure(const struct session *session)
{
	const struct account *account = session->account;

	if (session->is_tls && account->tls_certcheck)
		return true;
	return session->peer_is_local &&
	       (session->is_tls || account_permits_clear_password(account));
}

static void prepare_sasl(struct session *session)
{
	const struct account *account = session->account;

	session->sasl_params = (struct sasl_params){
		.mechanism = account_mechanism(account),
		.user = account->user,
		.password = session->params->password,
		.host = account->host,
		.is_secure = is_secure(session),
	};
	if (!session->is_tls)
		return;
	session->sasl_params.binding_type =
		tls_channel_binding(session->stream, &session->binding);
	session->sasl_params.binding = buf_span(&session->binding);
}

/* A mechanism may fail for a reason of its own (a -PLUS that the server
 * announces and cannot do, a name it does not know after all): then the next
 * one without channel binding is tried, once.  A password that was refused, and
 * a server that failed our own check, are never tried again. */
static bool may_try_another(
	const struct session *session, const struct diag *refusal)
{
	const char *failed = session->outcome->mechanism;
	bool is_unknown =
		refusal->reply_code == 501 || refusal->reply_code == 504;

	return failed && !session->has_fallen_back &&
	       !session->sasl_params.mechanism &&
	       refusal->id == DIAG_SMTP_AUTH_REFUSED &&
	       !diag_is_temporary(refusal) &&
	       (is_unknown || strstr(failed, "-PLUS"));
}

static void give_up_on_mechanisms(struct session *session)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(session->dialogue);
	struct diag why;

	diag_set(&why, DIAG_SMTP_NO_MECHANISM, buf_text(&ehlo->mechanisms));
	if (!session->sasl_params.is_secure)
		diag_add_hint(&why, N_("PLAIN and LOGIN need verified TLS: set "
				       "'tls on' and 'tls_certcheck on'"));
	smtp_dialogue_auth_give_up(session->dialogue, &why);
}

static void begin_mechanism(struct session *session, const char *after)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(session->dialogue);
	const char *name = sasl_choose(
		&session->sasl_params, buf_span(&ehlo->mechanisms), after);
	struct buf response = BUF_INIT(RESPONSE_LIMIT);
	struct span initial;
	struct diag why;

	if (!name) {
		give_up_on_mechanisms(session);
		return;
	}
	sasl_free(session->sasl);
	session->outcome->mechanism = name;
	session->sasl = sasl_new(name, &session->sasl_params, &why);
	if (!session->sasl) {
		smtp_dialogue_auth_give_up(session->dialogue, &why);
	} else if (!sasl_has_initial(session->sasl)) {
		smtp_dialogue_auth(session->dialogue, name, NULL);
	} else if (!sasl_step(session->sasl, SPAN(""), &response, &why)) {
		smtp_dialogue_auth_give_up(session->dialogue, &why);
	} else {
		initial = buf_span(&response);
		smtp_dialogue_auth(session->dialogue, name, &initial);
	}
	buf_wipe_free(&response);
}

static void answer_challenge(struct session *session, struct span challenge)
{
	struct buf response = BUF_INIT(RESPONSE_LIMIT);
	struct diag why;

	if (sasl_step(session->sasl, challenge, &response, &why))
		smtp_dialogue_auth_continue(
			session->dialogue, buf_span(&response));
	else
		smtp_dialogue_auth_cancel(session->dialogue, &why);
	buf_wipe_free(&response);
}

static void do_sasl(struct session *session)
{
	struct smtp_dialogue *dialogue = session->dialogue;
	const struct span *challenge = smtp_dialogue_challenge(dialogue);
	const struct diag *refusal = smtp_dialogue_auth_refusal(dialogue);
	struct diag why;

	if (smtp_dialogue_is_authenticated(dialogue)) {
		if (sasl_finish(session->sasl, &why))
			smtp_dialogue_auth_accept(dialogue);
		else
			smtp_dialogue_auth_give_up(dialogue, &why);
	} else if (challenge) {
		answer_challenge(session, *challenge);
	} else if (!refusal) {
		prepare_sasl(session);
		begin_mechanism(session, NULL);
	} else if (may_try_another(session, refusal)) {
		session->has_fallen_back = true;
		session->sasl_params.binding_type = NULL;
		begin_mechanism(session, session->outcome->mechanism);
	} else {
		smtp_dialogue_auth_give_up(dialogue, refusal);
	}
}

/* ---- the pump ------------------------------------------------------------ */

static void broken(struct session *session, const struct diag *why)
{
	smtp_dialogue_broken(session->dialogue, why);
}

static void do_tls(struct session *session)
{
	struct diag why;

	if (session->stream->ops->buffered(session->stream)) {
		diag_set(&why, DIAG_TLS_INJECTION);
		broken(session, &why);
	} else if (start_tls(session, &why)) {
		smtp_dialogue_tls_done(session->dialogue);
	} else {
		broken(session, &why);
	}
}

static void do_body(struct session *session)
{
	struct span piece;
	struct diag why;

	if (!source_next(session->body, &piece, &why)) {
		smtp_dialogue_body_abort(session->dialogue, &why);
		return;
	}
	if (!piece.length)
		smtp_dialogue_body_end(session->dialogue);
	while (piece.length) {
		struct span part = piece;

		if (part.length > SMTP_BODY_PIECE)
			part.length = SMTP_BODY_PIECE;
		smtp_dialogue_body(session->dialogue, part);
		piece = span_skip(piece, part.length);
	}
}

/* Reads once and feeds; false when there was nothing to read. */
static bool read_some(struct session *session)
{
	char bytes[READ_BYTES];
	size_t got = 0;
	struct diag why;
	enum stream_result result = session->stream->ops->read(
		session->stream, bytes, sizeof bytes, &got, &why);

	switch (result) {
	case STREAM_OK:
		/* A failure is the dialogue's own from here on. */
		(void)smtp_dialogue_feed(
			session->dialogue, span_make(bytes, got), &why);
		return true;
	case STREAM_AGAIN:
		return false;
	case STREAM_END:
		diag_set(&why, DIAG_NET_CLOSED);
		broken(session, &why);
		return true;
	case STREAM_FAILED:
		broken(session, &why);
		return true;
	}
	return true;
}

/* Writes once.  False when nothing could be written now. */
static bool write_some(struct session *session)
{
	struct span output = smtp_dialogue_output(session->dialogue);
	size_t sent = 0;
	struct diag why;
	enum stream_result result = session->stream->ops->write(
		session->stream, output.at, output.length, &sent, &why);

	if (result == STREAM_OK) {
		smtp_dialogue_sent(session->dialogue, sent);
		session->writes++;
		return true;
	}
	if (result == STREAM_AGAIN)
		return false;
	/* The server may have said why before it hung up: its last words tell
	 * more than "connection reset". */
	while (!smtp_dialogue_failure(session->dialogue) && read_some(session))
		;
	if (!smtp_dialogue_failure(session->dialogue))
		broken(session, &why);
	return true;
}

static void refresh_deadline(struct session *session, struct smtp_want want)
{
	uint64_t progress = session->writes +
			    smtp_dialogue_reply_count(session->dialogue) + 1;

	if (progress == session->progress)
		return;
	session->progress = progress;
	session->deadline_s =
		capped_s(session, deadline_seconds[want.deadline]);
	session->deadline_ms = clock_deadline(session->deadline_s);
}

static void timed_out(struct session *session)
{
	char seconds[24];
	struct diag why;

	snprintf(seconds, sizeof seconds, "%ld", session->deadline_s);
	diag_set(&why, DIAG_NET_TIMEOUT, seconds);
	broken(session, &why);
}

static void wait_for_stream(struct session *session, bool has_output)
{
	unsigned events = STREAM_READABLE | (has_output ? STREAM_WRITABLE : 0);
	unsigned ready = 0;
	struct diag why;

	if (!session->stream->ops->wait(session->stream, events,
		    session->deadline_ms, &ready, &why))
		broken(session, &why);
	else if (!ready)
		timed_out(session);
	else if (ready & STREAM_READABLE)
		read_some(session);
}

/* One turn: move bytes, or do what is wanted, or wait.  False at the end. */
static bool turn(struct session *session)
{
	struct smtp_want want = smtp_dialogue_next(session->dialogue);
	bool has_output = smtp_dialogue_output(session->dialogue).length != 0;

	if (want.kind == SMTP_WANT_DONE)
		return false;
	if (has_output && write_some(session))
		return true;
	if (has_output || want.kind == SMTP_WANT_REPLY) {
		refresh_deadline(session, want);
		wait_for_stream(session, has_output);
	} else if (want.kind == SMTP_WANT_TLS) {
		do_tls(session);
	} else if (want.kind == SMTP_WANT_SASL) {
		do_sasl(session);
	} else {
		do_body(session);
	}
	return true;
}

/* ---- the whole ----------------------------------------------------------- */

static void trace(
	void *context, enum smtp_direction direction, struct span line)
{
	struct buf printable = BUF_INIT(READ_BYTES);

	(void)context;
	text_put_printable(&printable, line);
	fprintf(stderr, "%s %s\n", direction == SMTP_SENT ? "-->" : "<--",
		buf_text(&printable));
	buf_free(&printable);
}

static struct smtp_dialogue *start_dialogue(struct session *session)
{
	const struct account *account = session->account;
	const struct smtp_params params = {
		.helo_name = buf_text(&session->helo_name),
		.starttls = account->tls && account->tls_starttls,
		.is_secure = session->is_tls,
		.auth = account->auth != OPTION_AUTH_OFF,
		.auth_user = account->user,
		.trace = session->params->debug ? trace : NULL,
	};
	const struct smtp_transaction transaction = {
		.envelope = session->params->envelope,
		.size = session->params->size_bytes,
		.is_8bit = edit_is_8bit(session->params->edit),
		.header_is_8bit = edit_header_is_8bit(session->params->edit),
	};
	struct smtp_dialogue *dialogue = smtp_dialogue_new(&params);

	smtp_dialogue_submit(dialogue, &transaction);
	smtp_dialogue_finish(dialogue);
	return dialogue;
}

/* A diag of the dialogue dies with it; the verdicts outlive both. */
static const struct diag *keep_diag(struct session *session,
	const struct diag *why, const struct diag **last_from,
	const struct diag **last_to)
{
	if (!why)
		return NULL;
	if (why != *last_from) {
		*last_from = why;
		*last_to = arena_memdup(session->arena, why, sizeof *why);
	}
	return *last_to;
}

static void collect_verdicts(struct session *session)
{
	const size_t count = session->params->envelope->recipient_count;
	struct outcome *outcome = session->outcome;
	const struct diag *from = NULL, *to = NULL;
	bool is_shared = true;

	outcome->verdicts =
		arena_alloc(session->arena, count * sizeof *outcome->verdicts);
	for (size_t i = 0; i < count; i++) {
		const struct verdict *verdict =
			smtp_dialogue_verdict(session->dialogue, i);

		outcome->verdicts[i].kind = verdict->kind;
		outcome->verdicts[i].why =
			keep_diag(session, verdict->why, &from, &to);
		is_shared = is_shared && verdict->why &&
			    outcome->verdicts[i].why == to &&
			    outcome->verdicts[0].why == to;
	}
	/* One reason for all is the failure of the attempt, not of each. */
	if (is_shared && to && to->scope != DIAG_SCOPE_RECIPIENT)
		outcome->failure = *to;
}

static void collect_reply(struct session *session)
{
	const struct smtp_reply *reply =
		smtp_dialogue_last_reply(session->dialogue);
	struct diag *kept = &session->outcome->reply;

	if (!reply || !reply->code)
		return;
	diag_set(kept, DIAG_NONE);
	reply_explain(reply, kept);
}

static void talk(struct session *session)
{
	session->body = edit_source(session->params->edit);
	session->dialogue = start_dialogue(session);
	while (turn(session))
		;
	/* QUIT is good manners, not worth a wait: the verdicts are in. */
	if (smtp_dialogue_output(session->dialogue).length &&
		!smtp_dialogue_failure(session->dialogue))
		(void)write_some(session);
	collect_verdicts(session);
	collect_reply(session);
	smtp_dialogue_free(session->dialogue);
	source_close(session->body);
}

/* Only what concerns the host says which host; and not twice. */
static void say_where(struct session *session)
{
	struct diag *failure = &session->outcome->failure;

	if (failure->id != DIAG_NONE && failure->scope == DIAG_SCOPE_HOST &&
		!failure->where[0] && session->name.length &&
		!strstr(failure->text, session->account->socket
					       ? session->account->socket
					       : session->account->host))
		diag_add_where(failure, buf_text(&session->name));
}

void attempt(const struct attempt_params *params, struct arena *arena,
	struct outcome *out)
{
	int64_t began_ms = clock_now_ms();
	struct session session = {
		.params = params,
		.account = params->account,
		.arena = arena,
		.outcome = out,
		.name = BUF_INIT(NAME_LIMIT),
		.helo_name = BUF_INIT(NAME_LIMIT),
		.binding = BUF_INIT(NAME_LIMIT),
	};
	struct diag why;

	out->envelope = params->envelope;
	out->size_bytes = params->size_bytes;
	if (connect_to_server(&session, &why))
		talk(&session);
	else
		out->failure = why;
	say_where(&session);
	sasl_free(session.sasl);
	stream_close(session.stream);
	buf_wipe_free(&session.binding);
	buf_free(&session.helo_name);
	buf_free(&session.name);
	out->elapsed_ms = clock_now_ms() - began_ms;
}
