/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fields of mail to many: how one leaves (RFC 2369, RFC 8058), which list
 *it is (RFC 2919), and that no machine need answer (RFC 3834).
 *
 *	send_list_read(&list, options, arena, &problems);
 *	send_list_fill(&list, cells, count, arena, why);   (per recipient)
 *	send_list_put(&list, &out);
 */
#ifndef CMD_SEND_LIST_H
#define CMD_SEND_LIST_H

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/problems.h"
#include "cmd/send_options.h"
#include "mail/template.h"

#include <stdbool.h>
#include <stddef.h>

/* One https link, as RFC 8058 has it, and a few others. */
enum { SEND_LIST_LINKS = 4, SEND_LIST_LINK_MAX = 900 };

/* NULL: no such field. */
struct send_list {
	const char *id; /* with its brackets */
	bool has_said_id;
	const char *feedback_id, *auto_submitted, *precedence;
	struct template *links;
	const char *filled[SEND_LIST_LINKS];
	size_t link_count;
};

/* A merge has Auto-Submitted and Precedence unless the options or a field by
 * hand say otherwise. */
void send_list_read(struct send_list *list, const struct send_options *options,
	struct arena *arena, struct problems *problems);
/* Whether a link has the column NAME. */
bool send_list_uses(const struct send_list *list, struct span name);
/* Whether a link names no other columns than these; fails as template_check()
 * does. */
bool send_list_check(const struct send_list *list,
	const struct table_cell *columns, size_t count, struct diag *why);
/* Where no --list-id says it, mail that one can leave is of the list that the
 * author's address names. */
void send_list_name(
	struct send_list *list, const char *author, struct arena *arena);
/* What stands between the brackets of the id; "" without. */
const char *send_list_plain_id(
	const struct send_list *list, struct arena *arena);
/* The links, with these values; fails as template_fill() does, and of one that
 * does not fit into a line. */
bool send_list_fill(struct send_list *list, const struct table_cell *cells,
	size_t count, struct arena *arena, struct diag *why);
void send_list_put(const struct send_list *list, struct buf *out);

#endif
