/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server can be asked besides taking a message. */
#ifndef DELIVER_ERRAND_H
#define DELIVER_ERRAND_H

#include "base/diag.h"
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

#endif
