/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only file that knows libpq: one connection, and transactions over it,
 * each with a deadline of our own (the server's do not end a COMMIT that waits
 * for a standby).  Knows no table of ours.
 *
 * Statements are never prepared under a name: behind a pool the next one may
 * run on another connection.
 */
#ifndef POSTGRES_SERVER_H
#define POSTGRES_SERVER_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum server_outcome {
	SERVER_DONE,
	SERVER_UNKNOWN, /* it may have been done, or become so */
	SERVER_AWAY,    /* not done: no connection, or none for writing */
	SERVER_AGAIN,   /* not done: others were in the way */
	SERVER_REFUSED, /* not done, and the server says why */
	SERVER_NO_TABLE,
	SERVER_BAD_URL
};

enum { SERVER_WORDS_BYTES = 600, SERVER_PARAMETERS_MAX = 12 };

/* What the server, or libpq, said; no secret is ever in it. */
struct server_trouble {
	char state[6]; /* SQLSTATE, or "" */
	char words[SERVER_WORDS_BYTES];
};

bool server_is_built(void);
/* Loads libpq: for a process of its own. */
bool server_load(struct diag *why);

struct server;
struct server *server_new(void);
/* Disconnects first. */
void server_free(struct server *server);
/* Waits as long as the URL's connect_timeout, for each host. */
enum server_outcome server_connect(
	struct server *server, const char *url, struct server_trouble *trouble);
void server_disconnect(struct server *server);
/* After a host that would not do: the next one of its URL comes first from here
 * on.  False when all had their TURN, which is counted from 0. */
bool server_turn(struct server *server, size_t turn);
bool server_is_connected(const struct server *server);
/* For poll(); -1 without a connection. */
int server_fd(const struct server *server);

/* TYPES has a letter for each value: 't' text, 'b' bytes. */
struct server_step {
	const char *sql, *types;
	const struct span *values;
};

/* Called for each row of a step (values, count), and for each step at its end
 * (NULL, how many rows it concerned).  All values come as bytes. */
struct server_taker {
	void (*take)(void *context, size_t step, const struct span *values,
		size_t count);
	void *context;
};

/* Runs the steps in one transaction.  A connection on which something is
 * unknown is closed. */
enum server_outcome server_run(struct server *server,
	const struct server_step *steps, size_t count, int64_t deadline_ms,
	const struct server_taker *taker, struct server_trouble *trouble);
/* Runs a script in one transaction of its own: BEGIN and COMMIT are in it. */
enum server_outcome server_run_script(struct server *server, const char *script,
	int64_t deadline_ms, struct server_trouble *trouble);

/* Reads what has come by itself; true once for each NOTIFY on CHANNEL since. */
bool server_was_notified(struct server *server, const char *channel);

#endif
