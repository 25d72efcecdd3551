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

struct connection;

struct connection_params {
	const struct account *account;
	const struct secret *password; /* empty when none is needed */
	bool debug; /* the dialogue on stderr, secrets hidden */
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
