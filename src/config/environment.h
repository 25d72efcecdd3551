/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings in the environment: MAILCHUTE_<KEYWORD> on top of the files; when
 * there is no file, a URL (config/dsn) and the SMTP_HOST, SMTP_PORT, … of the
 * container world.
 */
#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include "config/account.h"

enum environment_scope {
	ENVIRONMENT_ALL,      /* SMTP_… too */
	ENVIRONMENT_KEYWORDS, /* MAILCHUTE_… alone */
	ENVIRONMENT_FENCED    /* of that what a stranger may say (PHP's putenv()
			       * reaches it): argv_is_fence_open() */
};

/* Fills CONFIG->environment and, when CONFIG has read no file and SCOPE is ALL,
 * adds an account 'default'.  FENCED also takes variables away by which
 * libraries would write a file or choose a host.  Passwords, and URLs with one
 * in them, are overwritten in the environment and removed from it, also those
 * that count for nothing: children inherit what is left.  A variable that is
 * set to nothing counts as not set.  A privileged process has no environment.
 * Fails with DIAG_CONFIG_… (a wrong value, _INCOMPLETE, _EXCLUSIVE). */
bool environment_read(struct config *config, enum environment_scope scope,
	struct arena *arena, struct diag *why);

#endif
