/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The login over one connection: the dialogue says when, SASL says what.
 *
 *	struct login login = { .account = account, .password = password,
 *		.peer = &peer };
 *
 *	login_init(&login);
 *	… login_step(&login, dialogue), whenever it wants SASL …
 *	login_free(&login);
 */
#ifndef DELIVER_LOGIN_H
#define DELIVER_LOGIN_H

#include "auth/sasl.h"
#include "base/buf.h"
#include "base/secret.h"
#include "config/account.h"
#include "deliver/peer.h"
#include "smtp/dialogue.h"

#include <stdbool.h>

/* The first three are the caller's, who fills them in; all else begins as
 * zero. */
struct login {
	const struct account *account;
	const struct secret *password; /* empty when none is needed */
	const struct peer *peer;
	const char *mechanism; /* that was tried, or NULL; static */
	bool is_accepted;
	bool has_fallen_back; /* to the next mechanism, which is done once */
	struct smtp_dialogue *dialogue;
	struct sasl *sasl;
	struct sasl_params params;
	struct buf binding; /* of the TLS channel */
};

void login_init(struct login *login);
/* The next thing that a dialogue which wants SASL is to hear: a mechanism, a
 * response, or that there is no hope, and why (DIAG_SMTP_AUTH_REFUSED,
 * _NO_MECHANISM, DIAG_AUTH_…).  RFC 4954 4. */
void login_step(struct login *login, struct smtp_dialogue *dialogue);
/* Forgets it all, for another connection. */
void login_forget(struct login *login);
void login_free(struct login *login);

#endif
