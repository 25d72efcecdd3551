/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection to an account's server, for one message or for many: stream,
 * dialogue and SASL meet here and nowhere else.
 *
 *	connection = connection_new(&params, arena, &outcome.failure);
 *	connection_deliver(connection, &delivery, arena, &outcome);
 *	…
 *	connection_free(connection);
 */
#ifndef DELIVER_CONNECTION_H
#define DELIVER_CONNECTION_H

#include "base/mem.h"
#include "config/account.h"
#include "deliver/outcome.h"
#include "mail/delivery.h"
#include "smtp/dialogue.h"

#include <stdbool.h>
#include <stdint.h>

/* How long the answer to the end of a message may take, unless the account says
 * otherwise ('timeout'). */
enum { CONNECTION_ANSWER_S = 600 };

struct connection;

struct connection_params {
	const struct account *account;
	const struct secret *password; /* empty when none is needed */
	bool debug; /* the dialogue on stderr, secrets hidden */
	/* Called once, as soon as there is a connection and before a byte of it
	 * is read; NULL for nobody (deliver/confine.h). */
	void (*confine)(const struct account *account, bool is_traced);
	/* Told of every line, as smtp_params.trace is; NULL for nobody. */
	void (*listener)(
		void *context, enum smtp_direction direction, struct span line);
	void *listener_context;
};

/* Connects, with TLS from the start if the account says so.  NULL on failure.
 * The arena and what PARAMS names must outlive the connection. */
struct connection *connection_new(const struct connection_params *params,
	struct arena *arena, struct diag *why);
/* Fills OUT (in ARENA, which may be a shorter-lived one): every recipient has a
 * verdict, or OUT->failure says why none has. */
void connection_deliver(struct connection *connection,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out);
/*
 * Several in one flight, once one was delivered by itself over this connection:
 *
 *	connection_share(connection, false);
 *	if (connection_may_follow(connection, size))
 *		connection_follow(connection, &delivery, arena, &outcome);
 *	…
 *	if (connection_await(connection, size_of_the_next))
 *		connection_take(connection);      the oldest one's outcome
 *
 * In the outcome of one of many VERDICT_UNKNOWN may be left, with no failure:
 * nothing was said about whom it is of, and it is to go by itself.
 */
/* KNOWN: it has been found out that the server takes it.  One that is known not
 * to is not asked. */
void connection_share(struct connection *connection, bool is_known);
enum smtp_sharing connection_sharing(const struct connection *connection);
/* Whether a further connection is no help: many messages go without a wait for
 * each, with chunks, or the server has just asked for less. */
bool connection_is_enough(const struct connection *connection);
/* Whether a message of that size may go now, behind those under way. */
bool connection_may_follow(
	const struct connection *connection, uint64_t size_bytes);
/* Puts it on its way; DELIVERY, ARENA and OUT, which is filled when it is
 * taken, are borrowed until then.  False: it has not begun, as OUT->failure
 * says. */
bool connection_follow(struct connection *connection,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out);
/* Waits until the oldest has its verdicts (true), or one of NEXT_BYTES may
 * follow (0: that is not asked). */
bool connection_await(struct connection *connection, uint64_t next_bytes);
/* Whether there is no need to wait. */
bool connection_is_ready(const struct connection *connection);
void connection_take(struct connection *connection);
/* Why the connection has ended, or NULL. */
const struct diag *connection_failure(const struct connection *connection);
/* Instead of a message: asks the server to send what it keeps for NODE, and
 * takes leave.  Fails as smtp_dialogue_etrn_result() does. */
bool connection_etrn(
	struct connection *connection, const char *node, struct diag *why);
/* Instead of a message: hears what the server says of itself, and takes leave.
 * Fails as the session does. */
bool connection_greet(struct connection *connection, struct diag *why);
/* The mechanism of a login that the server took; NULL: there was none.
 * Static. */
const char *connection_login(const struct connection *connection);
/* "HOST:PORT" or the socket; borrowed. */
const char *connection_name(const struct connection *connection);
/* Appends protocol and cipher to SESSION, and what the server's certificate
 * says to CERTIFICATE, a line each; nothing when it is not encrypted. */
void connection_put_tls(struct connection *connection, struct buf *session,
	struct buf *certificate);
/* Whether another message can follow. */
bool connection_is_usable(const struct connection *connection);
/* Says QUIT if nobody has yet, without waiting for the answer.  NULL is
 * allowed. */
void connection_free(struct connection *connection);

#endif
