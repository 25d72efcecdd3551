/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errands: a session without a message.  Knows no protocol. */
#include <config.h>

#include "deliver/errand.h"

#include "auth/answer.h"
#include "auth/oauth.h"
#include "base/base64.h"
#include "base/mem.h"
#include "base/text.h"
#include "deliver/connection.h"
#include "deliver/credential.h"
#include "net/idn.h"

enum { INFO_LIMIT = 128 * 1024 };

bool errand_etrn(
	const struct errand_params *params, const char *node, struct diag *why)
{
	struct secret password = { NULL, 0 };
	const struct connection_params peer = {
		.account = params->account,
		.password = &password,
		.debug = params->debug,
	};
	struct arena *arena = arena_new();
	struct connection *connection = NULL;
	bool is_fine = credential_get(
		params->account, params->may_ask, &password, NULL, why);

	if (is_fine)
		connection = connection_new(&peer, arena, why);
	is_fine = connection && connection_etrn(connection, node, why);
	connection_free(connection);
	secret_wipe(&password);
	arena_free(arena);
	return is_fine;
}

/* ---- what a server says of itself ---------------------------------------- */

void errand_info_init(struct errand_info *info)
{
	*info = (struct errand_info){ .peer = BUF_INIT(INFO_LIMIT),
		.greeting = BUF_INIT(INFO_LIMIT),
		.offers = BUF_INIT(INFO_LIMIT),
		.session = BUF_INIT(INFO_LIMIT),
		.certificate = BUF_INIT(INFO_LIMIT) };
}

void errand_info_free(struct errand_info *info)
{
	buf_free(&info->peer);
	buf_free(&info->greeting);
	buf_free(&info->offers);
	buf_free(&info->session);
	buf_free(&info->certificate);
}

/* What the next lines from the server answer. */
struct hearing {
	struct errand_info *info;
	bool is_greeted; /* the greeting is over: we have spoken */
	bool is_hello;   /* EHLO, whose first line is only a name */
	bool is_first;
};

static void put_line(struct buf *out, struct span line)
{
	text_put_printable(out, line);
	buf_puts(out, "\n");
}

static void note_command(struct hearing *hearing, struct span line)
{
	hearing->is_greeted = true;
	hearing->is_hello = span_starts_with(line, SPAN("EHLO ")) ||
			    span_starts_with(line, SPAN("LHLO "));
	hearing->is_first = true;
	if (hearing->is_hello)
		buf_clear(&hearing->info->offers);
}

static void hear(void *context, enum smtp_direction direction, struct span line)
{
	struct hearing *hearing = context;

	if (direction == SMTP_SENT) {
		note_command(hearing, line);
	} else if (!hearing->is_greeted) {
		put_line(&hearing->info->greeting, line);
	} else if (hearing->is_hello) {
		if (!hearing->is_first && span_starts_with(line, SPAN("250")))
			put_line(&hearing->info->offers, span_skip(line, 4));
		hearing->is_first = false;
	}
}

static bool greet(const struct connection_params *peer,
	struct errand_info *info, struct diag *why)
{
	struct arena *arena = arena_new();
	struct connection *connection = connection_new(peer, arena, why);
	bool is_fine = connection && connection_greet(connection, why);

	if (connection) {
		buf_puts(&info->peer, connection_name(connection));
		connection_put_tls(
			connection, &info->session, &info->certificate);
	}
	connection_free(connection);
	arena_free(arena);
	return is_fine;
}

bool errand_server_info(const struct errand_params *params,
	struct errand_info *info, struct diag *why)
{
	struct account account = *params->account;
	struct secret password = { NULL, 0 };
	struct hearing hearing = { .info = info };
	const struct connection_params peer = { .account = &account,
		.password = &password,
		.debug = params->debug,
		.listener = hear,
		.listener_context = &hearing };
	bool is_fine;

	account.auth = OPTION_AUTH_OFF;
	is_fine = credential_get(
			  &account, params->may_ask, &password, NULL, why) &&
		  greet(&peer, info, why);
	secret_wipe(&password);
	return is_fine;
}

/* ---- a visit ------------------------------------------------------------- */

static bool ask_about(struct connection *connection,
	const struct envelope *envelope, struct arena *arena, struct diag *why)
{
	const struct delivery question = { .envelope = envelope,
		.message_id = "",
		.is_last = true,
		.is_question = true };
	struct outcome outcome = { .failure.id = DIAG_NONE };

	connection_deliver(connection, &question, arena, &outcome);
	if (outcome.failure.id != DIAG_NONE)
		*why = outcome.failure;
	else if (outcome.verdicts[0].why)
		*why = *outcome.verdicts[0].why;
	else
		return true;
	return false;
}

static bool visit_as(struct connection *connection, const char *sender,
	struct arena *arena, struct errand_visit *visit, struct diag *why)
{
	const struct envelope_params asked = { .sender = sender,
		.operands = &sender,
		.operand_count = 1,
		.to_ascii = idn_to_ascii };
	struct envelope envelope;

	if (!sender)
		return connection_greet(connection, why);
	if (!envelope_make(&asked, NULL, arena, &envelope, why))
		return false;
	visit->is_asked = true;
	return ask_about(connection, &envelope, arena, why);
}

bool errand_visit(const struct errand_params *params,
	const struct secret *secret, const char *sender,
	struct errand_visit *visit, struct diag *why)
{
	struct arena *arena = arena_new();
	struct hearing hearing = { .info = &visit->info };
	const struct connection_params peer = { .account = params->account,
		.password = secret,
		.debug = params->debug,
		.listener = hear,
		.listener_context = &hearing };
	struct connection *connection = connection_new(&peer, arena, why);
	bool is_fine =
		connection && visit_as(connection, sender, arena, visit, why);

	if (connection) {
		buf_puts(&visit->info.peer, connection_name(connection));
		connection_put_tls(connection, &visit->info.session,
			&visit->info.certificate);
		visit->mechanism = connection_login(connection);
		credential_report(params->account, secret, false,
			visit->mechanism != NULL, why);
	}
	connection_free(connection);
	arena_free(arena);
	return is_fine;
}

/* ---- whose tokens it takes ----------------------------------------------- */

enum { CHALLENGE_LIMIT = 16 * 1024 };

static void hear_challenge(
	void *context, enum smtp_direction direction, struct span line)
{
	struct buf *url = context;
	struct buf challenge = BUF_INIT(CHALLENGE_LIMIT);

	if (direction != SMTP_SENT && !url->length &&
		span_starts_with(line, SPAN("334 ")) &&
		base64_decode(span_trim(span_skip(line, 4)), &challenge))
		(void)oauth_put_metadata(buf_span(&challenge), url);
	buf_free(&challenge);
}

bool errand_ask_issuer(
	const struct errand_params *params, struct buf *url, struct diag *why)
{
	static const char nothing[] = "none";
	const struct account *account = params->account;
	struct secret token = { NULL, 0 };
	const struct connection_params peer = { .account = account,
		.password = &token,
		.debug = params->debug,
		.listener = hear_challenge,
		.listener_context = url };
	struct arena *arena = arena_new();
	struct connection *connection = NULL;
	struct diag reason = { .id = DIAG_NONE };
	bool is_verified = account->tls &&
			   (account->tls_certcheck || account->tls_fingerprint);

	secret_set(&token, nothing, sizeof nothing - 1);
	if (is_verified)
		connection = connection_new(&peer, arena, &reason);
	if (connection)
		(void)connection_greet(connection, &reason);
	connection_free(connection);
	secret_wipe(&token);
	arena_free(arena);
	if (answer_is_url(buf_span(url)))
		return true;
	if (reason.id == DIAG_NONE || reason.id == DIAG_SMTP_TOKEN_REFUSED)
		return diag_set(why, DIAG_OAUTH_NO_ISSUER, account->name);
	*why = reason;
	return false;
}
