/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The project's own submission server, for tests and for the demo: STARTTLS
 * and implicit TLS with a throw-away CA, SASL, messages delivered to a folder,
 * and, on request, every kind of bad manners.  It listens on loopback only.
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include "base/buf.h"
#include "base/span.h"
#include "script.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- options ------------------------------------------------------------- */

enum { SINK_LIST_MAX = 64, SINK_LINE_LIMIT = 64 * 1024 };

struct sink_list {
	const char *items[SINK_LIST_MAX];
	size_t count;
};

/* NULL and 0 stand for: not given. */
struct sink_options {
	/* Where. */
	const char *starttls_port, *implicit_port, *clear_port, *address;
	const char *port_file, *certs_folder, *maildir, *transcript;
	const char *host_name;
	unsigned long max_connections, lifetime_s;
	/* Whom it lets in. */
	struct sink_list users; /* NAME:PASSWORD */
	const char *tokens;     /* a file of NAME:TOKEN, or NULL */
	const char *metadata;   /* URL of their issuer's, or NULL */
	const char *mechanisms;
	bool auth_optional, auth_in_clear;
	/* TLS. */
	const char *certificate, *tls_priorities;
	struct sink_list names;
	/* What it offers. */
	bool no_pipelining, no_size, no_8bitmime, no_smtputf8, no_starttls;
	bool dsn, chunking, strict;
	unsigned long size;
	struct sink_list hidden, announced;
	/* What it refuses. */
	struct sink_list refused_rcpt;
	const char *refuse_parameters;
	bool lose_ahead;
	unsigned long mail_max, rcpt_max;
	const char *refuse_mail, *refuse_data, *refuse_dot, *auth_fail;
	/* How it misbehaves; VERB or VERB=VALUE. */
	const char *script;
	const char *greeting, *inject;
	struct sink_list bad_replies, delays, hangs, drops, closes;
	unsigned long scram_iterations;
	bool ask_certificate, demand_certificate, no_initial_response;
	bool scram_forge, scram_skip_final;
};

/* Fills OPTIONS from argv.  False: *EXIT_CODE says how to end (a sentence, or
 * the help, has been printed). */
bool sink_options_read(
	struct sink_options *options, char **argv, int *exit_code);
/* Whether VERB stands in the list; and what stands behind "VERB=", or NULL. */
bool sink_list_has(const struct sink_list *list, const char *verb);
const char *sink_list_value(const struct sink_list *list, const char *verb);
/* Appends TEXT with \r \n \t \e \0 \\ \" and \xHH replaced. */
void sink_put_unescaped(struct buf *out, const char *text);

/* ---- connections --------------------------------------------------------- */

struct sink_tls; /* certificate and settings, for all connections */
struct sink_conn;

/* Makes the certificates, and writes ca.pem to the folder for them. */
struct sink_tls *sink_tls_new(const struct sink_options *options);
void sink_tls_free(struct sink_tls *tls);

/* Everything on a connection blocks; the process has nothing else to do. */
struct sink_conn *sink_conn_new(int fd);
/* RULE, which may be NULL, can choose another certificate, or other ways. */
bool sink_conn_start_tls(struct sink_conn *conn, const struct sink_tls *tls,
	const struct sink_rule *rule);
bool sink_conn_is_tls(const struct sink_conn *conn);
/* The number of bytes, 0 at the end or after an error. */
size_t sink_conn_read(struct sink_conn *conn, char *into, size_t capacity);
bool sink_conn_write(struct sink_conn *conn, struct span bytes);
/* Reads and forgets until the client has gone. */
void sink_conn_drain(struct sink_conn *conn);
void sink_conn_close(struct sink_conn *conn);
/* sink_conn_close() will not say good-bye in TLS; and with IS_RESET the client
 * gets a TCP reset. */
void sink_conn_spoil(struct sink_conn *conn, bool is_reset);
/* "TLS1.3 …", or "none". */
void sink_conn_describe(struct sink_conn *conn, struct buf *out);
/* The data of "tls-exporter" or "tls-unique"; false without. */
/* The common name in the client's certificate; false when it has none. */
bool sink_conn_client(struct sink_conn *conn, char *name, size_t size);
bool sink_conn_binding(
	struct sink_conn *conn, const char *type, struct buf *out);

/* ---- SASL ---------------------------------------------------------------- */

enum sink_sasl_result {
	SINK_SASL_CHALLENGE, /* in OUT */
	SINK_SASL_ACCEPTED,
	SINK_SASL_REFUSED
};

struct sink_sasl;

/* NULL when the mechanism is not known. */
struct sink_sasl *sink_sasl_new(const char *mechanism,
	const struct sink_options *options, struct sink_conn *conn);
/* RESPONSE is NULL when there is no initial response. */
enum sink_sasl_result sink_sasl_step(
	struct sink_sasl *sasl, const struct span *response, struct buf *out);
const char *sink_sasl_user(const struct sink_sasl *sasl);
void sink_sasl_free(struct sink_sasl *sasl);
/* Appends those of WANTED that this build has; those with channel binding only
 * if WITH_BINDING. */
void sink_sasl_put_known(
	struct buf *out, const char *wanted, bool with_binding);

/* ---- a session ----------------------------------------------------------- */

/* Shared by all processes. */
struct sink_shared {
	atomic_uint messages;
	struct sink_fired fired;
};

struct sink_session_params {
	const struct sink_options *options;
	const struct sink_tls *tls;
	int fd;
	bool is_implicit, is_clear; /* TLS at once; TLS never */
	unsigned long number;       /* of the connection, from 1 */
	struct sink_shared *shared;
};

/* Serves one connection to its end. */
void sink_session_run(const struct sink_session_params *params);

#endif
