/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server can be asked besides taking a message. */
#ifndef DELIVER_ERRAND_H
#define DELIVER_ERRAND_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/secret.h"
#include "config/account.h"

#include <stdbool.h>

struct errand_params {
	const struct account *account;
	bool may_ask; /* for the password, on a terminal */
	bool debug;   /* the dialogue on stderr, secrets hidden */
};

/* Asks the account's server to send now what it keeps for NODE: a host, "@" and
 * a domain, or "#" and a queue (RFC 1985).  Fails with DIAG_SECRET_…, as a
 * connection does, or with DIAG_SMTP_NO_ETRN, DIAG_SMTP_ETRN_NODE,
 * DIAG_SMTP_ETRN_REFUSED. */
bool errand_etrn(
	const struct errand_params *params, const char *node, struct diag *why);

/* What a server says of itself: texts from elsewhere, made printable. */
struct errand_info {
	struct buf peer;        /* "host:port" or the socket */
	struct buf greeting;    /* a line each, with the code */
	struct buf offers;      /* a line each, after TLS if there is TLS */
	struct buf session;     /* "TLS1.3 …", or empty */
	struct buf certificate; /* as tls_put_certificate() has it, or empty */
};

void errand_info_init(struct errand_info *info);
void errand_info_free(struct errand_info *info);
/* A whole visit: the login, too, once, and whether the server takes mail from
 * somebody to himself; none is sent. */
struct errand_visit {
	struct errand_info info;
	const char *mechanism; /* of a login that worked, or NULL; static */
	bool is_asked;         /* about the sender */
};

/* VISIT->info is the caller's, begun and freed with errand_info_…().  SENDER is
 * an address in full, or NULL: not asked about.  SECRET is the account's.
 * Fails as a delivery would; how far it came is in VISIT. */
bool errand_visit(const struct errand_params *params,
	const struct secret *secret, const char *sender,
	struct errand_visit *visit, struct diag *why);

/* Asks the account's server whose tokens it takes, with one that is none: its
 * answer may name the metadata of their issuer (RFC 7628 3.2.2), whose URL is
 * appended to URL.  The scope that it names counts for nothing: servers make it
 * up.  Fails as a connection does, with DIAG_OAUTH_NO_ISSUER when it does not
 * say, or when nobody has proved who it is. */
bool errand_ask_issuer(
	const struct errand_params *params, struct buf *url, struct diag *why);

/* Asks the account's server, without a login.  Fails as a connection does; what
 * was heard until then is in INFO. */
bool errand_server_info(const struct errand_params *params,
	struct errand_info *info, struct diag *why);

#endif
