/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options and texts of 'mailchute send' with placeholders in them, and what
 * they are for one row of a table.
 *
 *	send_template_read(&template, &options, text, page, arena, &problems);
 *	send_template_check(&template, columns, count, &problems);
 *	…
 *	send_template_fill(&template, &row, arena, &filled, why);
 */
#ifndef CMD_SEND_TEMPLATE_H
#define CMD_SEND_TEMPLATE_H

#include "cmd/problems.h"
#include "cmd/send_options.h"
#include "mail/table.h"
#include "mail/template.h"

#include <stdbool.h>

/* What the first link of --unsubscribe is called in text and page. */
#define SEND_TEMPLATE_LINK "unsubscribe"

/* Invariant: FIELDS has an item for each text of the options that may have
 * placeholders, in the order of the table in send_template.c. */
struct send_template {
	const struct send_options *options;
	struct template *fields;
	size_t field_count;
	bool has_text, has_page;
	struct template text, page;
};

/* Everything for one row; lives as the arena does. */
struct send_filled {
	struct send_options options;
	struct span text, page;
};

/* TEXT and PAGE (NULL: none) and the options are borrowed. */
void send_template_read(struct send_template *template,
	const struct send_options *options, const struct span *text,
	const struct span *page, struct arena *arena,
	struct problems *problems);
/* Whether there are all columns that are named. */
void send_template_check(const struct send_template *template,
	const struct table_cell *columns, size_t count,
	struct problems *problems);
bool send_template_uses(const struct send_template *template, struct span name);
/* The options.  Fails with DIAG_TEMPLATE_VALUE, or DIAG_ADDRESS_INVALID when a
 * value has made two addresses of one. */
bool send_template_fill(const struct send_template *template,
	const struct table_row *row, struct arena *arena,
	struct send_filled *out, struct diag *why);
/* Then the texts, in which {{unsubscribe}} is LINK, if there is one. */
bool send_template_fill_texts(const struct send_template *template,
	const struct table_row *row, const char *link, struct arena *arena,
	struct send_filled *out, struct diag *why);

#endif
