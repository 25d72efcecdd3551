/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection: carries bytes between the dialogue and the stream until every
 * recipient has a verdict.  Knows no protocol (that is smtp/), no cipher
 * (net/), no mechanism (auth/).
 */
#include <config.h>

#include "deliver/connection.h"

#include "auth/password.h"
#include "auth/sasl.h"
#include "base/clock.h"
#include "base/source.h"
#include "base/text.h"
#include "config/provider.h"
#include "deliver/known.h"
#include "deliver/signing.h"
#include "mail/downgrade.h"
#include "mail/recipients.h"
#include "net/idn.h"
#include "net/resolve.h"
#include "net/socks.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "smtp/dialogue.h"

#include <stdio.h>
#include <string.h>

enum {
	CONNECT_TIMEOUT_S = 30, /* look-up, and connecting to all addresses */
	TLS_TIMEOUT_S = 60,
	GREETING_PATIENCE_S =
		8, /* before it is asked whether TLS comes first */
	PROBE_TIMEOUT_S = 5,
	READ_BYTES = 16 * 1024,
	RESPONSE_LIMIT = 64 * 1024, /* a SASL response */
	NAME_LIMIT = 600,           /* "host:port" */
	IGNORED_LIMIT = 64 * 1024,  /* names of extensions */
	FRUITLESS_MAX = 3, /* connections that nobody got the message over */
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

/* The message as it goes out under some circumstances.  Invariant: SOURCE is
 * the delivery's, or reads the others, which are ours to close or NULL. */
struct form {
	struct source *source, *downgraded, *with_signatures;
	uint64_t size_bytes;
};

struct connection {
	const struct account *account;
	const char *provider; /* its row's name, or NULL */
	bool has_provider;    /* it was looked up */
	const struct secret *password;
	bool is_traced;
	void (*listener)(
		void *context, enum smtp_direction direction, struct span line);
	void *listener_context;
	struct arena *arena;
	struct buf name; /* "host:587" or the socket's path */
	struct buf helo_name;
	struct stream *stream;
	bool peer_is_local;
	const char *tls_version; /* NULL: not encrypted */
	const char *mechanism;   /* of the login that was tried, or NULL */
	bool is_logged_in;
	struct smtp_dialogue *dialogue;
	struct buf ignored; /* what the server offers and is not to be used */
	bool is_finished;   /* QUIT is on its way */
	bool is_broken;     /* there is nobody left to take leave of */
	int64_t began_ms; /* of the message, the first one's with connecting */
	const struct delivery *delivery;
	struct delivery sent;    /* for whom and in what form, over this one */
	struct signing *signing; /* NULL: nothing is signed */
	struct form utf8, ascii; /* ascii.source NULL: the same */
	bool is_body_read;       /* to its end: the next time it begins anew */
	struct span body;        /* read, and not handed over yet */
	uint64_t given;          /* bytes of the message, to the dialogue */
	struct sasl *sasl;
	struct sasl_params sasl_params;
	struct buf binding;
	bool has_fallen_back;
	bool has_probed; /* it was found out whether TLS comes first */
	/* The wait in progress: it starts anew when a reply is complete or
	 * bytes have gone out, not when the server dribbles another byte. */
	int64_t deadline_ms;
	long deadline_s;
	uint64_t progress, writes;
};

static long capped_s(const struct connection *connection, long seconds)
{
	long cap = connection->account->timeout;

	return cap ? cap : seconds;
}

/* ---- connecting ---------------------------------------------------------- */

/* A TCP connection to HOST, as the account wants them made. */
static struct stream *connect_to(struct connection *connection,
	const char *host, long port, int64_t deadline_ms, struct diag *why)
{
	const struct account *account = connection->account;
	static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
	const struct resolve_question asked = { host, (unsigned)port,
		families[account->ip_version], deadline_ms };
	const char *name = buf_text(&connection->name);
	struct resolve_list addresses, source;

	if (!resolve_family(&asked, connection->arena, &addresses, why))
		return NULL;
	if (!account->source_ip)
		return tcp_connect(&addresses, name, deadline_ms, why);
	return resolve_host(account->source_ip, 0, deadline_ms,
		       connection->arena, &source, why)
		       ? tcp_connect_from(&addresses, source.items, name,
				 deadline_ms, why)
		       : NULL;
}

static struct stream *connect_tcp(
	struct connection *connection, int64_t deadline_ms, struct diag *why)
{
	const struct account *account = connection->account;

	buf_printf(&connection->name, "%s:%ld", account->host, account->port);
	return connect_to(
		connection, account->host, account->port, deadline_ms, why);
}

static struct stream *connect_proxy(
	struct connection *connection, int64_t deadline_ms, struct diag *why)
{
	const struct account *account = connection->account;
	struct stream *stream;
	struct socks_params params = { .host = account->host,
		.port = (unsigned)account->port,
		.user = account->proxy_user,
		.password = &account->proxy_password };

	buf_printf(&connection->name, "%s:%ld", account->proxy_host,
		account->proxy_port);
	params.proxy = buf_text(&connection->name);
	stream = connect_to(connection, account->proxy_host,
		account->proxy_port, deadline_ms, why);
	if (!stream || socks_connect(stream, &params, deadline_ms, why))
		return stream;
	stream_close(stream);
	return NULL;
}

static struct stream *connect_unix(
	struct connection *connection, int64_t deadline_ms, struct diag *why)
{
	const char *path = connection->account->socket;

	buf_puts(&connection->name, path);
	return tcp_connect_unix(path, deadline_ms, why);
}

static void trace_tls(struct stream *tls)
{
	struct buf text = BUF_INIT(READ_BYTES);
	struct span rest, line;

	tls_describe(tls, &text);
	buf_puts(&text, "\n");
	tls_put_certificate(tls, &text);
	rest = buf_span(&text);
	while ((line = span_cut(&rest, '\n')).length)
		fprintf(stderr, "--- %.*s\n", (int)line.length, line.at);
	buf_free(&text);
}

static bool start_tls(struct connection *connection, struct diag *why)
{
	const struct account *account = connection->account;
	long seconds = capped_s(connection, TLS_TIMEOUT_S);
	const struct tls_params params = {
		.host = account->tls_host_override ? account->tls_host_override
						   : account->host,
		.trust_file = account_trust_file(account),
		.verify = account->tls_certcheck || account->tls_fingerprint,
		.priorities = account->tls_priorities,
		.fingerprint = account->tls_fingerprint,
		.crl_file = account->tls_crl_file,
		.cert_file = account->tls_cert_file,
		.key_file = account->tls_key_file,
		.key_password = connection->password,
		.min_dh_bits = (unsigned)account->tls_min_dh_prime_bits,
		.timeout_s = seconds,
	};
	struct stream *tls = tls_start(
		connection->stream, &params, clock_deadline(seconds), why);

	if (!tls)
		return false;
	connection->stream = tls;
	connection->tls_version = tls_version(tls);
	if (connection->is_traced)
		trace_tls(tls);
	return true;
}

/* Without a name that others can look up, the literal of this end of the
 * connection (RFC 5321 4.1.1.1).  What is no name at all EHLO tells. */
static void choose_helo_name(struct connection *connection)
{
	const char *domain = connection->account->domain;
	struct buf *name = &connection->helo_name;

	if (!domain)
		tcp_put_own_literal(connection->stream, name);
	else if (!idn_to_ascii(domain, name, NULL))
		buf_puts(name, domain);
	if (name->length > 1 && name->data[name->length - 1] == '.')
		name->data[--name->length] = '\0';
}

static struct stream *open_stream(
	struct connection *connection, int64_t deadline_ms, struct diag *why)
{
	const struct account *account = connection->account;

	return account->socket ? connect_unix(connection, deadline_ms, why)
	       : account->proxy_host
		       ? connect_proxy(connection, deadline_ms, why)
		       : connect_tcp(connection, deadline_ms, why);
}

static bool connect_to_server(struct connection *connection, struct diag *why)
{
	const struct account *account = connection->account;

	connection->stream = open_stream(connection,
		clock_deadline(capped_s(connection, CONNECT_TIMEOUT_S)), why);
	if (!connection->stream)
		return false;
	/* Behind a proxy on this machine is another one. */
	connection->peer_is_local =
		!account->proxy_host && tcp_peer_is_local(connection->stream);
	choose_helo_name(connection);
	return !account->tls || account->tls_starttls ||
	       start_tls(connection, why);
}

/* ---- authentication ------------------------------------------------------ */

/* No password but through verified TLS, or to this machine when the profile
 * gave up TLS or the check by name (promise 5). */
static bool is_secure(const struct connection *connection)
{
	const struct account *account = connection->account;

	if (connection->tls_version &&
		(account->tls_certcheck || account->tls_fingerprint))
		return true;
	return connection->peer_is_local &&
	       (connection->tls_version ||
		       account_permits_clear_password(account));
}

static void prepare_sasl(struct connection *connection)
{
	const struct account *account = connection->account;

	connection->sasl_params = (struct sasl_params){
		.mechanism = account_mechanism(account),
		.user = account->user,
		.password = connection->password,
		.is_token = account_uses_login(account),
		.domain = account->ntlmdomain,
		.host = account->host,
		.port = (unsigned)account->port,
		.is_secure = is_secure(connection),
		.derive = tls_derive_key,
		.hmac_md5 = tls_hmac_md5,
	};
	if (!connection->tls_version)
		return;
	connection->sasl_params.binding_type =
		tls_channel_binding(connection->stream, &connection->binding);
	connection->sasl_params.binding = buf_span(&connection->binding);
}

/* A mechanism may fail for a reason of its own (a -PLUS whose channel binding
 * the server cannot do, a name it does not know after all): then the next one
 * without channel binding is tried, once.  A password that was refused, and a
 * server that failed our own check, are never tried again: some providers lock
 * an account after three refusals. */
static bool may_try_another(
	const struct connection *connection, const struct diag *refusal)
{
	bool is_unknown = refusal->id == DIAG_SMTP_NO_MECHANISM &&
			  refusal->reply_code != 0;

	return connection->sasl && !connection->has_fallen_back &&
	       !connection->sasl_params.mechanism &&
	       (is_unknown || sasl_blames_binding(connection->sasl));
}

/* *WHY, a refusal, as another sentence: the reply stays what it was. */
static void reword(struct diag *why, struct diag_args args)
{
	struct diag reworded;

	diag_set_args(&reworded, args);
	reworded.exit_code = why->exit_code;
	reworded.reply_code = why->reply_code;
	memcpy(reworded.status, why->status, sizeof reworded.status);
	memcpy(reworded.reply, why->reply, sizeof reworded.reply);
	*why = reworded;
}

/* No mechanism is usable, as *WHY says: MECHANISM is what HINT is about. */
static void reword_hint(
	struct diag *why, const char *mechanism, const char *hint)
{
	struct buf offered = BUF_INIT(DIAG_TEXT_BYTES);

	buf_puts(&offered, why->text);
	reword(why, (struct diag_args){ .id = DIAG_SMTP_NO_MECHANISM,
			    .a = buf_text(&offered),
			    .b = mechanism });
	diag_add_hint(why, hint);
	buf_free(&offered);
}

/* What is offered and would do: without the one that the profile names, or if
 * it named one. */
static void name_mechanism(struct connection *connection, struct diag *why)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(connection->dialogue);
	struct span offered = buf_span(&ehlo->mechanisms);
	struct sasl_params any = connection->sasl_params;
	bool is_token = false;
	const char *name;

	any.mechanism = NULL;
	if (sasl_choose(&any, offered, NULL)) {
		if (connection->sasl_params.mechanism)
			reword_hint(why, connection->sasl_params.mechanism,
				N_("the server has no '%2$s': 'auth on' takes "
				   "the best of what it offers"));
		return;
	}
	name = sasl_choose_by_name(&any, offered, &is_token);
	if (name)
		reword_hint(why, name,
			is_token ? N_("it takes access tokens: set 'auth "
				      "%2$s' and 'oauth_client_id' in place of "
				      "the password, then 'mailchute login'")
				 : N_("set 'auth %2$s': it is offered, and "
				      "used only when it is named"));
}

/* Of a password that may be right after all, how to try it by hand. */
static void name_other_mechanism(
	struct connection *connection, struct diag *why)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(connection->dialogue);
	const char *user = connection->account->user, *other = NULL;

	if (why->id == DIAG_SMTP_AUTH_REFUSED && why->reply_code == 535)
		other = sasl_choose_other(&connection->sasl_params,
			buf_span(&ehlo->mechanisms), connection->mechanism);
	if (!other)
		return;
	reword(why, (struct diag_args){ .id = DIAG_SMTP_AUTH_REFUSED,
			    .a = user ? user : "",
			    .b = connection->mechanism,
			    .c = other });
	diag_add_hint(why,
		N_("check user name and password; many providers want an app "
		   "password here; if they are right, try 'auth %3$s', which "
		   "the server offers, too"));
}

static void give_up_on_mechanisms(struct connection *connection)
{
	const char *wanted = connection->sasl_params.mechanism;
	struct diag why;

	smtp_dialogue_explain_mechanisms(connection->dialogue, &why);
	name_mechanism(connection, &why);
	if (wanted && !sasl_knows(wanted))
		diag_add_hint(&why,
			N_("this build does not know the mechanism of 'auth': "
			   "it was made without libgsasl"));
	if (!connection->sasl_params.is_secure)
		diag_add_hint(&why, N_("PLAIN and LOGIN need verified TLS: set "
				       "'tls on' and 'tls_certcheck on'"));
	smtp_dialogue_auth_give_up(connection->dialogue, &why);
}

static void begin_mechanism(struct connection *connection, const char *after)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(connection->dialogue);
	const char *name = sasl_choose(
		&connection->sasl_params, buf_span(&ehlo->mechanisms), after);
	struct buf response = BUF_INIT(RESPONSE_LIMIT);
	struct span initial;
	struct diag why;

	if (!name) {
		give_up_on_mechanisms(connection);
		return;
	}
	sasl_free(connection->sasl);
	connection->mechanism = name;
	connection->sasl = sasl_new(name, &connection->sasl_params, &why);
	if (!connection->sasl) {
		smtp_dialogue_auth_give_up(connection->dialogue, &why);
	} else if (!sasl_has_initial(connection->sasl)) {
		smtp_dialogue_auth(connection->dialogue, name, NULL);
	} else if (!sasl_step(connection->sasl, SPAN(""), &response, &why)) {
		smtp_dialogue_auth_give_up(connection->dialogue, &why);
	} else {
		initial = buf_span(&response);
		smtp_dialogue_auth(connection->dialogue, name, &initial);
	}
	buf_wipe_free(&response);
}

static void answer_challenge(
	struct connection *connection, struct span challenge)
{
	struct buf response = BUF_INIT(RESPONSE_LIMIT);
	struct diag why;

	if (sasl_step(connection->sasl, challenge, &response, &why))
		smtp_dialogue_auth_continue(
			connection->dialogue, buf_span(&response));
	else
		smtp_dialogue_auth_cancel(connection->dialogue, &why);
	buf_wipe_free(&response);
}

static void do_sasl(struct connection *connection)
{
	struct smtp_dialogue *dialogue = connection->dialogue;
	const struct span *challenge = smtp_dialogue_challenge(dialogue);
	const struct diag *refusal = smtp_dialogue_auth_refusal(dialogue);
	struct diag why;

	if (smtp_dialogue_is_authenticated(dialogue)) {
		connection->is_logged_in = sasl_finish(connection->sasl, &why);
		if (connection->is_logged_in)
			smtp_dialogue_auth_accept(dialogue);
		else
			smtp_dialogue_auth_give_up(dialogue, &why);
	} else if (challenge) {
		answer_challenge(connection, *challenge);
	} else if (!refusal) {
		prepare_sasl(connection);
		begin_mechanism(connection, NULL);
	} else if (may_try_another(connection, refusal)) {
		connection->has_fallen_back = true;
		connection->sasl_params.binding_type = NULL;
		begin_mechanism(connection, connection->mechanism);
	} else {
		why = *refusal;
		if (connection->sasl)
			sasl_explain_refusal(connection->sasl, &why);
		name_other_mechanism(connection, &why);
		smtp_dialogue_auth_give_up(dialogue, &why);
	}
}

/* ---- the pump ------------------------------------------------------------ */

static void broken(struct connection *connection, const struct diag *why)
{
	connection->is_broken = true;
	smtp_dialogue_broken(connection->dialogue, why);
}

static void do_tls(struct connection *connection)
{
	struct diag why;

	if (connection->stream->ops->buffered(connection->stream)) {
		diag_set(&why, DIAG_TLS_INJECTION);
		broken(connection, &why);
	} else if (start_tls(connection, &why)) {
		smtp_dialogue_tls_done(connection->dialogue);
	} else {
		broken(connection, &why);
	}
}

static void end_body(struct connection *connection)
{
	const struct delivery *delivery = connection->delivery;
	struct diag why;

	if (!delivery->before_end ||
		delivery->before_end(delivery->context, &why))
		smtp_dialogue_body_end(connection->dialogue);
	else
		smtp_dialogue_body_abort(connection->dialogue, &why);
}

static struct source *body_source(const struct connection *connection)
{
	return connection->ascii.source &&
			       !smtp_dialogue_is_smtputf8(connection->dialogue)
		       ? connection->ascii.source
		       : connection->utf8.source;
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
	struct source *source = body_source(connection);

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
static void do_body(struct connection *connection)
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
static void forget_body(struct connection *connection, bool is_read)
{
	connection->is_body_read = is_read;
	connection->given = 0;
	connection->body = SPAN("");
}

static bool is_done(const struct connection *connection)
{
	return smtp_dialogue_next(connection->dialogue).kind == SMTP_WANT_DONE;
}

/* Reads once and feeds; false when there was nothing to read. */
static bool read_some(struct connection *connection)
{
	char bytes[READ_BYTES];
	size_t got = 0;
	struct diag why;
	enum stream_result result = connection->stream->ops->read(
		connection->stream, bytes, sizeof bytes, &got, &why);

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

/* Writes once.  False when nothing could be written now. */
static bool write_some(struct connection *connection)
{
	struct span output = smtp_dialogue_output(connection->dialogue);
	size_t sent = 0;
	struct diag why;
	enum stream_result result = connection->stream->ops->write(
		connection->stream, output.at, output.length, &sent, &why);

	if (result == STREAM_OK) {
		smtp_dialogue_sent(connection->dialogue, sent);
		connection->writes++;
		return true;
	}
	if (result == STREAM_AGAIN)
		return false;
	/* The server may have said why before it hung up: its last words tell
	 * more than "connection reset". */
	while (!is_done(connection) && read_some(connection))
		;
	if (!is_done(connection))
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
	connection->deadline_s =
		capped_s(connection, deadline_seconds[want.deadline]);
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

/* Where STARTTLS is expected a server that wants TLS at once waits like the
 * client, for minutes.  Asked over a connection of its own: a slow greeter is
 * not disturbed, and waited for no longer than without the question. */
static bool speaks_tls_first(struct connection *connection)
{
	const struct account *account = connection->account;
	const struct tls_params params = { .host = account->host,
		.priorities = account->tls_priorities,
		.timeout_s = PROBE_TIMEOUT_S };
	int64_t deadline_ms = clock_deadline(PROBE_TIMEOUT_S);
	struct stream *probe, *tls = NULL;
	struct diag why;

	if (deadline_ms > connection->deadline_ms)
		deadline_ms = connection->deadline_ms;
	buf_clear(&connection->name);
	probe = open_stream(connection, deadline_ms, &why);
	if (probe)
		tls = tls_start(probe, &params, deadline_ms, &why);
	if (tls || probe)
		stream_close(tls ? tls : probe);
	return tls != NULL;
}

/* Whether the greeting is so late that this should be found out, once. */
static bool is_greeting_late(struct connection *connection)
{
	bool is_late = !connection->has_probed &&
		       !connection->account->socket &&
		       !connection->tls_version &&
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

	if (!connection->stream->ops->wait(connection->stream, events,
		    patience_ms(connection), &ready, &why))
		broken(connection, &why);
	else if (!ready && is_greeting_late(connection)) {
		if (!speaks_tls_first(connection))
			return;
		diag_set(&why, DIAG_TLS_FIRST, buf_text(&connection->name));
		broken(connection, &why);
	} else if (!ready)
		timed_out(connection);
	else if (ready & STREAM_READABLE)
		read_some(connection);
}

/* One turn: move bytes, or do what is wanted, or wait.  False at the end. */
static bool turn(struct connection *connection)
{
	struct smtp_want want = smtp_dialogue_next(connection->dialogue);
	bool has_output =
		smtp_dialogue_output(connection->dialogue).length != 0;

	if (want.kind == SMTP_WANT_DONE)
		return false;
	if (has_output && write_some(connection))
		return true;
	if (has_output || want.kind == SMTP_WANT_REPLY) {
		refresh_deadline(connection, want);
		wait_for_stream(connection, has_output);
	} else if (want.kind == SMTP_WANT_TLS) {
		do_tls(connection);
	} else if (want.kind == SMTP_WANT_SASL) {
		do_sasl(connection);
	} else {
		do_body(connection);
	}
	return true;
}

/* ---- the whole ----------------------------------------------------------- */

static void trace(
	void *context, enum smtp_direction direction, struct span line)
{
	const struct connection *connection = context;
	struct buf printable = BUF_INIT(READ_BYTES);

	if (connection->listener)
		connection->listener(
			connection->listener_context, direction, line);
	if (!connection->is_traced)
		return;
	text_put_printable(&printable, line);
	fprintf(stderr, "%s %s\n", direction == SMTP_SENT ? "-->" : "<--",
		buf_text(&printable));
	buf_free(&printable);
}

static struct smtp_dialogue *make_dialogue(struct connection *connection)
{
	const struct account *account = connection->account;
	const struct smtp_params params = {
		.helo_name = buf_text(&connection->helo_name),
		.starttls = account->tls && account->tls_starttls,
		.is_secure = connection->tls_version != NULL,
		.auth = account->auth != OPTION_AUTH_OFF,
		/* chasquid hangs up after three errors: a wrong password with
		 * MAIL and RCPT behind it would end in its 421 "too many
		 * errors", and look like something to try again. */
		.auth_alone = true,
		.is_lmtp = account->protocol == OPTION_PROTOCOL_LMTP,
		.requires_tls = account->requiretls,
		.ehlo_ignore = buf_text(&connection->ignored),
		.auth_user = account->user,
		.secret = connection->password,
		.trace = connection->is_traced || connection->listener ? trace
								       : NULL,
		.trace_context = connection,
	};

	return smtp_dialogue_new(&params);
}

static void submit_delivery(
	struct connection *connection, const struct envelope *envelope)
{
	struct delivery *sent = &connection->sent;

	*sent = *connection->delivery;
	sent->envelope = envelope;
	sent->size_bytes = connection->utf8.size_bytes;
	sent->ascii_size_bytes = connection->ascii.size_bytes;
	smtp_dialogue_submit(connection->dialogue, sent);
	if (sent->is_last) {
		smtp_dialogue_finish(connection->dialogue);
		connection->is_finished = true;
	}
}

/* ---- what is known of a refusal -------------------------------------------
 */

/* By the profile, or by the server's name; NULL: nobody that is built in, and
 * so nobody in the table of replies. */
static const char *provider_of(const struct connection *connection)
{
	static const char *const no_folders[] = { NULL };
	const struct account *account = connection->account;
	struct span name = span_of(account->provider ? account->provider : "");
	const struct provider *provider;
	struct providers providers;

	if (!account->provider && !account->host)
		return NULL;
	providers_read(no_folders, connection->arena, &providers);
	provider =
		account->provider
			? providers_find(&providers, span_cut_word(&name))
			: providers_of_host(&providers, span_of(account->host));
	return provider ? provider->name : NULL;
}

/* The server cannot tell, but we can see it. */
static void explain_password(
	const struct connection *connection, struct diag *why)
{
	const char *hint =
		why->id == DIAG_SMTP_AUTH_REFUSED
			? password_oddity(secret_span(connection->password))
			: NULL;

	if (hint)
		diag_add_hint(why, hint);
}

/* What every failure goes through before anybody decides anything by it. */
static void refine(struct connection *connection, struct diag *why)
{
	if (!why->reply[0] || why->reason)
		return;
	if (!connection->has_provider)
		connection->provider = provider_of(connection);
	connection->has_provider = true;
	known_refine(why, connection->provider);
	explain_password(connection, why);
}

/* A diag of the dialogue dies with it; the verdicts outlive both. */
struct keeper {
	struct connection *connection;
	struct arena *arena;
	const struct diag *from, *to; /* the last one that was kept */
};

static const struct diag *keep_diag(
	struct keeper *keeper, const struct diag *why)
{
	if (!why)
		return NULL;
	if (why != keeper->from) {
		struct diag *kept =
			arena_memdup(keeper->arena, why, sizeof *why);

		refine(keeper->connection, kept);
		keeper->from = why;
		keeper->to = kept;
	}
	return keeper->to;
}

static struct verdict keep_verdict(
	struct keeper *keeper, const struct verdict *verdict)
{
	struct verdict kept = { verdict->kind,
		keep_diag(keeper, verdict->why) };

	if (kept.why && kept.why->known)
		kept.kind = diag_is_final(kept.why) ? VERDICT_REFUSED
						    : VERDICT_DEFERRED;
	return kept;
}

static void collect_verdicts(struct connection *connection,
	const struct recipients *pass, struct arena *arena,
	struct outcome *outcome)
{
	struct keeper keeper = { .connection = connection, .arena = arena };

	for (size_t i = 0; i < pass->envelope.recipient_count; i++)
		outcome->verdicts[pass->place[i]] = keep_verdict(&keeper,
			smtp_dialogue_verdict(connection->dialogue, i));
}

/* One reason for all is the failure of the attempt, not of each. */
static void share_failure(struct outcome *outcome)
{
	const struct diag *why = outcome->verdicts[0].why;

	for (size_t i = 0; i < outcome->envelope->recipient_count; i++)
		if (outcome->verdicts[i].why != why)
			return;
	if (why && why->scope != DIAG_SCOPE_RECIPIENT)
		outcome->failure = *why;
}

static void collect_reply(
	struct connection *connection, struct outcome *outcome)
{
	const struct smtp_reply *reply =
		smtp_dialogue_last_reply(connection->dialogue);

	if (!reply || !reply->code)
		return;
	diag_set(&outcome->reply, DIAG_NONE);
	reply_explain(reply, &outcome->reply);
}

static void collect_skipped(struct connection *connection, struct arena *arena,
	struct outcome *outcome)
{
	const char *words;

	if (smtp_dialogue_suppressed(connection->dialogue))
		outcome->suppressed =
			*smtp_dialogue_suppressed(connection->dialogue);
	if (smtp_dialogue_skipped(connection->dialogue, &words))
		outcome->skipped = arena_strdup(arena, words);
}

/* Only what concerns the host says which host; and not twice. */
static void say_where(const struct connection *connection, struct diag *failure)
{
	const struct account *account = connection->account;
	const char *peer = account->socket ? account->socket : account->host;

	if (failure->id != DIAG_NONE && failure->scope == DIAG_SCOPE_HOST &&
		!failure->where[0] && connection->name.length &&
		!strstr(failure->text, peer) &&
		!strstr(failure->text, buf_text(&connection->name)))
		diag_add_where(failure, buf_text(&connection->name));
}

/* What is still to be sent is good manners (QUIT), and not worth a wait: the
 * verdicts are in. */
static void send_rest(struct connection *connection)
{
	if (smtp_dialogue_output(connection->dialogue).length &&
		!connection->is_broken)
		(void)write_some(connection);
}

struct connection *connection_new(const struct connection_params *params,
	struct arena *arena, struct diag *why)
{
	struct connection *connection;

	/* The one door to the network: what waited before somebody set it
	 * waits on. */
	if (params->account->capture) {
		diag_set(why, DIAG_CONFIG_CONFLICT, params->account->name,
			DIAG_WORDS N_("capture is set: nothing is sent"));
		return NULL;
	}
	connection = mem_zalloc(sizeof *connection);
	connection->account = params->account;
	connection->password = params->password;
	connection->is_traced = params->debug;
	connection->listener = params->listener;
	connection->listener_context = params->listener_context;
	connection->arena = arena;
	connection->name = BUF_INIT(NAME_LIMIT);
	connection->helo_name = BUF_INIT(NAME_LIMIT);
	connection->binding = BUF_INIT(NAME_LIMIT);
	connection->ignored = BUF_INIT(IGNORED_LIMIT);
	if (params->account->ehlo_ignore)
		buf_puts(&connection->ignored, params->account->ehlo_ignore);
	connection->began_ms = clock_now_ms();
	if (!signing_open(params->account, &connection->signing, why)) {
		connection_free(connection);
		return NULL;
	}
	if (connect_to_server(connection, why)) {
		connection->dialogue = make_dialogue(connection);
		return connection;
	}
	say_where(connection, why);
	connection_free(connection);
	return NULL;
}

/* Another connection in the place of the one that broke; the dialogue of that
 * one stays when there is none. */
static bool reconnect(struct connection *connection, struct diag *why)
{
	stream_close(connection->stream);
	sasl_free(connection->sasl);
	buf_clear(&connection->name);
	buf_clear(&connection->helo_name);
	buf_wipe(&connection->binding);
	connection->stream = NULL;
	connection->sasl = NULL;
	connection->tls_version = connection->mechanism = NULL;
	connection->has_fallen_back = connection->is_finished = false;
	connection->is_logged_in = false;
	connection->progress = 0;
	if (!connect_to_server(connection, why))
		return false;
	smtp_dialogue_free(connection->dialogue);
	connection->dialogue = make_dialogue(connection);
	return true;
}

/* What is signed is what really goes out: last of all. */
static bool sign_form(
	struct connection *connection, struct form *form, struct diag *why)
{
	uint64_t growth = 0;

	if (!connection->signing || !form->source)
		return true;
	if (!signing_apply(connection->signing, form->source,
		    &form->with_signatures, &growth, why))
		return false;
	if (form->with_signatures)
		form->source = form->with_signatures;
	form->size_bytes += growth;
	return true;
}

/* The message, and what a server without SMTPUTF8 gets instead. */
static bool make_forms(struct connection *connection, struct diag *why)
{
	const struct delivery *delivery = connection->delivery;
	struct form *ascii = &connection->ascii;
	int64_t growth = 0;

	connection->utf8 = (struct form){ .source = delivery->message,
		.size_bytes = delivery->size_bytes };
	*ascii = (struct form){ NULL };
	if (delivery->header_is_8bit &&
		!downgrade_open(delivery->message, idn_to_ascii,
			&ascii->downgraded, &growth, why))
		return false;
	ascii->source = ascii->downgraded;
	if (ascii->source)
		ascii->size_bytes = delivery->size_bytes + (uint64_t)growth;
	return sign_form(connection, &connection->utf8, why) &&
	       sign_form(connection, ascii, why);
}

static void close_form(struct form *form)
{
	source_close(form->with_signatures);
	source_close(form->downgraded);
	*form = (struct form){ NULL };
}

struct leaving {
	const struct outcome *outcome;
	const struct diag *failure;
};

static bool is_left(const void *context, size_t place)
{
	const struct leaving *leaving = context;
	const struct diag *why = leaving->outcome->verdicts[place].why;

	return why && why->id == leaving->failure->id;
}

/* Leaves in PASS those whom the message can go to over another connection;
 * false when there are none. */
static bool keep_left(struct connection *connection,
	const struct outcome *outcome, struct arena *arena,
	struct recipients *pass)
{
	const struct leaving leaving = { outcome,
		smtp_dialogue_failure(connection->dialogue) };

	if (!smtp_dialogue_may_repeat(connection->dialogue))
		return false;
	recipients_keep(pass, is_left, &leaving, arena);
	return pass->envelope.recipient_count != 0;
}

static void fail_pass(const struct recipients *pass, const struct diag *why,
	struct arena *arena, struct outcome *outcome)
{
	const struct diag *kept = arena_memdup(arena, why, sizeof *why);

	for (size_t i = 0; i < pass->envelope.recipient_count; i++)
		outcome->verdicts[pass->place[i]] =
			(struct verdict){ diag_is_final(why) ? VERDICT_REFUSED
							     : VERDICT_DEFERRED,
				kept };
}

/* Over this connection, and over others as long as the server does not do what
 * it offers, or takes no more on one. */
static void send_delivery(struct connection *connection, struct arena *arena,
	struct outcome *outcome)
{
	struct recipients pass;
	unsigned fruitless = 0;
	size_t count;
	struct diag why;

	recipients_all(&pass, connection->delivery->envelope, arena);
	outcome->verdicts =
		arena_alloc(arena, (pass.envelope.recipient_count + 1) *
					   sizeof *outcome->verdicts);
	forget_body(connection, false);
	do {
		count = pass.envelope.recipient_count;
		submit_delivery(connection, &pass.envelope);
		while (turn(connection))
			;
		collect_verdicts(connection, &pass, arena, outcome);
		if (!keep_left(connection, outcome, arena, &pass))
			return;
		fruitless += pass.envelope.recipient_count == count;
		buf_put_byte(&connection->ignored, ' ');
		smtp_dialogue_put_renounced(
			connection->dialogue, &connection->ignored);
		forget_body(connection, true);
	} while (fruitless <= FRUITLESS_MAX && reconnect(connection, &why));
	if (fruitless <= FRUITLESS_MAX)
		fail_pass(&pass, &why, arena, outcome);
}

static bool is_delivered(const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->envelope->recipient_count; i++)
		if (outcome->verdicts[i].kind == VERDICT_DELIVERED)
			return true;
	return false;
}

/* What the server's extensions made of the content that it took. */
static void collect_changes(
	const struct connection *connection, struct outcome *outcome)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(connection->dialogue);

	if (!is_delivered(outcome))
		return;
	if (connection->delivery->is_8bit && !ehlo->has[EHLO_EIGHTBITMIME])
		outcome->changes |= CHANGE_EIGHT_BIT;
	if (body_source(connection) == connection->ascii.source)
		outcome->changes |= CHANGE_ALABELS;
}

void connection_deliver(struct connection *connection,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out)
{
	out->envelope = delivery->envelope;
	out->size_bytes = delivery->size_bytes;
	out->message_id = delivery->message_id;
	connection->delivery = delivery;
	if (make_forms(connection, &out->failure)) {
		send_delivery(connection, arena, out);
		if (delivery->is_last && connection->stream)
			send_rest(connection);
		share_failure(out);
		collect_reply(connection, out);
		out->came_to_mail =
			smtp_dialogue_came_to_mail(connection->dialogue);
		collect_skipped(connection, arena, out);
		collect_changes(connection, out);
	}
	say_where(connection, &out->failure);
	out->tls_version = connection->tls_version;
	out->mechanism = connection->mechanism;
	out->elapsed_ms = clock_now_ms() - connection->began_ms;
	connection->began_ms = clock_now_ms();
	close_form(&connection->ascii);
	close_form(&connection->utf8);
	connection->delivery = NULL;
}

bool connection_etrn(
	struct connection *connection, const char *node, struct diag *why)
{
	smtp_dialogue_etrn(connection->dialogue, node);
	smtp_dialogue_finish(connection->dialogue);
	connection->is_finished = true;
	while (turn(connection))
		;
	send_rest(connection);
	if (smtp_dialogue_etrn_result(connection->dialogue, why))
		return true;
	refine(connection, why);
	say_where(connection, why);
	return false;
}

bool connection_greet(struct connection *connection, struct diag *why)
{
	const struct diag *failure;

	smtp_dialogue_finish(connection->dialogue);
	connection->is_finished = true;
	while (turn(connection))
		;
	send_rest(connection);
	failure = smtp_dialogue_failure(connection->dialogue);
	if (!failure)
		return true;
	*why = *failure;
	refine(connection, why);
	say_where(connection, why);
	return false;
}

const char *connection_login(const struct connection *connection)
{
	return connection->is_logged_in ? connection->mechanism : NULL;
}

const char *connection_name(const struct connection *connection)
{
	return buf_text(&connection->name);
}

void connection_put_tls(struct connection *connection, struct buf *session,
	struct buf *certificate)
{
	if (!connection->tls_version)
		return;
	tls_describe(connection->stream, session);
	tls_put_certificate(connection->stream, certificate);
}

bool connection_is_usable(const struct connection *connection)
{
	return !connection->is_finished &&
	       !smtp_dialogue_failure(connection->dialogue);
}

void connection_free(struct connection *connection)
{
	if (!connection)
		return;
	if (connection->dialogue && connection_is_usable(connection)) {
		smtp_dialogue_finish(connection->dialogue);
		send_rest(connection);
	}
	smtp_dialogue_free(connection->dialogue);
	signing_close(connection->signing);
	sasl_free(connection->sasl);
	stream_close(connection->stream);
	buf_wipe_free(&connection->binding);
	buf_free(&connection->ignored);
	buf_free(&connection->helo_name);
	buf_free(&connection->name);
	mem_free(connection);
}
