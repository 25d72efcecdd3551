/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server, a login and settings in one URL, as containers and Symfony write
 * it:
 *
 *	smtps://user:password@host:465     TLS from the first byte
 *	smtp://user:password@host:587      STARTTLS (on port 465: as above)
 *	gmail+smtp://user:password@default a provider by its name
 *	smtp://host:25?from=a@b.example&auto_tls=false
 */
#ifndef CONFIG_DSN_H
#define CONFIG_DSN_H

#include "config/account.h"

/* Sets what URL says in ACCOUNT, with the variable NAME as origin.  What is no
 * letter or digit in user and password is %XX.  Of Symfony's parameters those
 * that are about its own way of sending count for nothing.  Fails with
 * DIAG_CONFIG_URL, which shows nothing of the URL, or with what is wrong with a
 * value. */
bool dsn_read(struct account *account, const char *name, const char *url,
	struct arena *arena, struct diag *why);

#endif
