/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of 'mailchute serve': where it listens, and its limits
 * (serve.def). */
#ifndef CMD_SERVE_OPTIONS_H
#define CMD_SERVE_OPTIONS_H

#include "base/buf.h"
#include "base/diag.h"
#include "config/argv.h"

#include <stdbool.h>
#include <stddef.h>

enum { SERVE_LISTENERS_MAX = 32 };

struct serve_listener {
	bool is_socket; /* a unix socket's path, or a loopback address */
	const char *name;
};

/* A field for each row. */
struct serve_options {
#define SERVE_OPTION(field, kind, letter, name, value, text)
#define SERVE_LIMIT(field, ...) unsigned long field;
#include "cmd/serve.def"
#undef SERVE_LIMIT
#undef SERVE_OPTION
	struct serve_listener listeners[SERVE_LISTENERS_MAX];
	size_t listener_count;
};

/* Takes the words of REQUEST (its operands) apart; common options among them go
 * into REQUEST, which then has no operands.  Borrows the words.  Fails with
 * DIAG_USAGE_…. */
bool serve_options_parse(struct request *request, struct arena *arena,
	struct serve_options *out, struct diag *why);
/* Appends what --help prints. */
void serve_options_help(struct buf *out);

#endif
