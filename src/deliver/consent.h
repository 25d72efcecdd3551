/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The consent of a person, got once: with a browser here, with one elsewhere
 * whose address is pasted, or with a code on another device.  What is shown,
 * and to whom, is the caller's.
 */
#ifndef DELIVER_CONSENT_H
#define DELIVER_CONSENT_H

#include "config/issuer.h"
#include "deliver/login_store.h"

#include <stdbool.h>

enum {
	CONSENT_TIMEOUT_S = 600, /* for a person with a browser */
	CONSENT_INTERVAL_S = 5   /* RFC 8628 3.2 */
};

struct consent {
	const struct account *account;
	struct issuer *issuer; /* with its endpoints */
	struct arena *arena;
	/* Shows where the person has to go, and the code to be entered there,
	 * or NULL. */
	void (*show)(void *context, const char *url, const char *code);
	/* Reads what the person has pasted into OUT; false: nothing more. */
	bool (*read)(void *context, struct buf *out);
	/* Says that it was not an address at URI, as this login leads to. */
	void (*refuse)(void *context, const char *uri);
	void *context;
};

/* Each fills LOGIN with tokens and the client's id.  Fails with
 * DIAG_OAUTH_DENIED (the person said no), DIAG_OAUTH_LATE, DIAG_OAUTH_PASTED,
 * DIAG_OAUTH_NO_CLIENT, DIAG_OAUTH_NO_FLOW (the issuer does not have it),
 * DIAG_NET_LISTEN, and as inquire() and inquiry_explain() do. */
bool consent_by_browser(
	const struct consent *consent, struct login *login, struct diag *why);
bool consent_by_paste(
	const struct consent *consent, struct login *login, struct diag *why);
bool consent_by_device(
	const struct consent *consent, struct login *login, struct diag *why);

/* Whether LOGIN is what was asked for: it can be renewed, and has all scopes.
 * Fails with DIAG_OAUTH_LESS. */
bool consent_check(const struct consent *consent, const struct login *login,
	struct diag *why);

#endif
