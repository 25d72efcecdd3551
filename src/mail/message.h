/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message, read whole: its head parsed, its body kept, both canonical (every
 * line ends in CRLF; no bare CR, LF or NUL anywhere).  No system calls: bytes
 * come from a source, the body goes to a store.
 *
 *	struct message message;
 *	if (!message_read(source, &(struct message_params){ 0 }, &message, why))
 *		return false;
 *	… header_find(&message.header, "Subject"), store_source(message.body) …
 *	message_free(&message);
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/source.h"
#include "mail/header.h"

#include <stdbool.h>
#include <stdint.h>

/* A header larger than this is refused (DIAG_MESSAGE_HEAD_TOO_LARGE), and one
 * of more fields (DIAG_MESSAGE_TOO_MANY_FIELDS): RFC 5322 names no limits, and
 * no real mail comes near. */
enum { MESSAGE_HEAD_LIMIT = 16 * 1024 * 1024, MESSAGE_FIELDS_LIMIT = 100000 };
/* RFC 5322 2.1.1, without CRLF. */
enum { MESSAGE_LINE_LIMIT = 998 };

struct message_params {
	bool lone_dot_ends;  /* a line "." ends the message (terminal, no -i) */
	size_t memory_limit; /* of the body; 0: STORE_MEMORY_BYTES */
};

/* Owned by the caller, freed with message_free(). */
struct message {
	struct arena *arena;
	struct span head; /* the fields, without the empty line */
	struct header header;
	/* What follows the empty line; ends in CRLF unless it is empty. */
	struct store *body;
	uint64_t body_size;
	/* What was found. */
	bool head_is_8bit, body_is_8bit;
	uint64_t nul_count, bare_cr_count; /* removed, made line ends */
	uint64_t longest_line;             /* of the body, without CRLF */
	bool had_from_line; /* an mbox "From " line was dropped */
	bool had_no_header; /* the input began with text */
	bool head_was_cut;  /* the input ended within a line of the header */
	bool has_no_end;    /* it ended within a line, or before a body */
};

/* Reads SOURCE to its end (also past a lone dot, and also when it fails for
 * another reason than the source) and takes it apart:
 * - any mix of CR, LF and CRLF in; all CRs before an LF are one line end;
 * - leading "From " lines, quoted (">From ") or not, are dropped;
 * - before the first line that is no field an empty line is put: text without
 *   a header is a body;
 * - NULs are removed, a bare CR in the head becomes a space, in the body a
 *   line end;
 * - a continuation line of nothing but white space is dropped;
 * - a missing final line end is added.
 * Memory: the head, the body up to memory_limit, and a constant.  Fails with
 * DIAG_MESSAGE_HEAD_TOO_LARGE, DIAG_MESSAGE_TOO_MANY_FIELDS, or as source and
 * store do (DIAG_INPUT_…); then *OUT needs no message_free(). */
bool message_read(struct source *source, const struct message_params *params,
	struct message *out, struct diag *why);
void message_free(struct message *message);

#endif
