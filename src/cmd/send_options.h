/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of 'mailchute send', by its own table (send.def). */
#ifndef CMD_SEND_OPTIONS_H
#define CMD_SEND_OPTIONS_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "config/argv.h"

#include <stdbool.h>
#include <stddef.h>

struct send_list {
	const char **items;
	size_t count;
};

#define SEND_TYPE_LIST  struct send_list
#define SEND_TYPE_VALUE const char * /* NULL: not given */
#define SEND_TYPE_FLAG  bool

/* A field for each row, and what is no option.  Invariant: recipients is empty
 * when to, cc or bcc is not. */
struct send_options {
#define SEND_OPTION(field, kind, ...) SEND_TYPE_##kind field;
#include "cmd/send.def"
#undef SEND_OPTION
	struct send_list recipients; /* the leading words that contain '@' */
	struct send_list words;      /* the text */
};

/* Takes the words of REQUEST (its operands) apart; common options among them go
 * into REQUEST, which then has no operands.  Borrows the words.  Fails with
 * DIAG_USAGE_…. */
bool send_options_parse(struct request *request, struct arena *arena,
	struct send_options *out, struct diag *why);
/* Appends what --help prints. */
void send_options_help(struct buf *out);

#endif
