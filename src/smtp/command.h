/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines a client sends, RFC 5321 4.1.1 and the extensions' parameters.
 * Each function appends one line with its CRLF, or nothing and fails.  Pure;
 * does not know which extensions the server offers.
 *
 * Everything that comes from outside is checked here once more: no byte of an
 * address, a name or a wish can end the line or the path early.
 */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	/* RFC 5321 4.5.3.1.4, RFC 4954 4: with CRLF. */
	COMMAND_LINE_LIMIT = 512,
	/* Longer paths than RFC 5321 4.5.3.1.3 allows work in the wild, and
	 * each extension adds to the line. */
	COMMAND_PATH_LINE_LIMIT = 4096,
	/* RFC 4954 4: a line of an exchange, with CRLF. */
	COMMAND_RESPONSE_LIMIT = 12288,
	/* RFC 5321 4.5.3.1.2 */
	COMMAND_NAME_LIMIT = 255
};

/* Whether NAME is one that others may look up: two labels or more of letters,
 * digits and hyphens, and no IPv4 address (RFC 1123 2.1, RFC 5321 4.1.2). */
bool command_is_host_name(struct span name);

/* "VERB name"; fails with DIAG_SMTP_HELO_NAME unless NAME is a domain or an
 * address literal by its letters. */
bool command_hello(
	struct buf *out, const char *verb, const char *name, struct diag *why);

struct command_mail {
	const char *address; /* "" is the null sender */
	bool has_size, is_8bit, is_smtputf8, requires_tls;
	uint64_t size;
	const char *dsn_return, *dsn_envid; /* NULL without */
};

/* Fails with DIAG_ADDRESS_INVALID, DIAG_ADDRESS_NOT_ASCII,
 * DIAG_USAGE_BAD_VALUE. */
bool command_mail(
	struct buf *out, const struct command_mail *mail, struct diag *why);

struct command_rcpt {
	const char *address;
	bool is_smtputf8;
	const char *dsn_notify;   /* NULL without */
	const char *dsn_original; /* ORCPT as it was given; NULL without */
	bool has_original;        /* else with the address itself */
};

/* Fails as command_mail() does; the empty address is invalid. */
bool command_rcpt(
	struct buf *out, const struct command_rcpt *rcpt, struct diag *why);

/* Whether ORIGINAL may stand behind ORCPT=: a type, ';' and xtext, at most 500
 * characters (RFC 3461 4.2); of type utf-8 also UTF-8 itself, which goes out
 * in the form for all servers (RFC 6533 3). */
bool command_original_check(const char *original);

/* "ETRN NODE" (RFC 1985 5): a host, "@" and a domain for all of its hosts, or
 * "#" and the name of a queue.  Fails with DIAG_SMTP_ETRN_NODE. */
bool command_etrn(struct buf *out, const char *node, struct diag *why);

/* Whether ADDRESS may stand in a path: DIAG_ADDRESS_INVALID for control bytes,
 * angle brackets, unquoted spaces, malformed UTF-8 and what is too long,
 * DIAG_ADDRESS_NOT_ASCII without IS_SMTPUTF8. */
bool command_address_check(
	const char *address, bool is_smtputf8, struct diag *why);

/* "AUTH MECHANISM", with INITIAL (may be NULL) in base 64 ("=" when it is
 * empty) if the line stays within COMMAND_LINE_LIMIT; *IS_INLINE tells.  Fails
 * with DIAG_SMTP_AUTH_PROTOCOL when MECHANISM is none by its letters. */
bool command_auth(struct buf *out, const char *mechanism,
	const struct span *initial, bool *is_inline, struct diag *why);
/* A response: its base 64 alone.  False when it is longer than
 * COMMAND_RESPONSE_LIMIT allows. */
bool command_response(struct buf *out, struct span response);

#endif
