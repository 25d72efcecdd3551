/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text with placeholders, and a row of a table in their place:
 *
 *	{{name}}        what the row has in the column "name"
 *	{{name|there}}  the same, or "there" where that is empty or missing
 *	{{{{            two braces
 *
 * Columns are named in any case; blanks around a name and around a value do not
 * count.  What a value may be depends on where it goes: none becomes markup, a
 * second field, a second recipient or another folder.  Pure.
 *
 *	template_parse(text, "--subject", TEMPLATE_HEADER, arena, &template,
 *		why) && template_check(&template, columns, count, why) &&
 *		template_fill(&template, row.cells, row.count, &out, why)
 */
#ifndef MAIL_TEMPLATE_H
#define MAIL_TEMPLATE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"
#include "mail/table.h"

#include <stdbool.h>
#include <stddef.h>

enum template_place {
	TEMPLATE_TEXT,
	TEMPLATE_HTML,    /* values are escaped, for text and attributes */
	TEMPLATE_HEADER,  /* no line ends or other control bytes */
	TEMPLATE_ADDRESS, /* the same, and a value is a name, or in a name, or
			     an address: quoted where it is a name */
	TEMPLATE_LINK,    /* the same; values as RFC 3986 escapes them */
	TEMPLATE_FILE     /* the same; a value has no '/' and is not "..",
			     unless it is the whole */
};

/* A piece of text, or a placeholder when NAME is not empty. */
struct template_piece {
	struct span text, name, instead;
	bool has_instead;
};

struct template
{
	const char *what; /* for people: "--subject" */
	enum template_place place;
	struct template_piece *pieces;
	size_t count;
};

/* Finds the placeholders of TEXT, which is borrowed, as WHAT is.  Fails with
 * DIAG_TEMPLATE_PLACEHOLDER. */
bool template_parse(struct span text, const char *what,
	enum template_place place, struct arena *arena, struct template *out,
	struct diag *why);
/* Whether every placeholder names one of the columns; fails with
 * DIAG_TEMPLATE_COLUMN or _NEAR. */
bool template_check(const struct template *template,
	const struct table_cell *columns, size_t count, struct diag *why);
/* Whether a placeholder names that column. */
bool template_uses(const struct template *template, struct span name);
/* Appends the text with the values of a row; fails with DIAG_TEMPLATE_VALUE, of
 * a full buffer too. */
bool template_fill(const struct template *template,
	const struct table_cell *cells, size_t count, struct buf *out,
	struct diag *why);

#endif
