/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of diagnostics.  Does not know what they are about. */
#include <config.h>

#include "cmd/problems.h"

#include "base/mem.h"

void problems_add(struct problems *problems, const struct diag *why)
{
	if (problems->count == PROBLEMS_LIMIT)
		return;
	problems->items = mem_array(
		problems->items, problems->count + 1, sizeof *problems->items);
	problems->items[problems->count++] = *why;
}

static void put_line(struct buf *out, const struct diag *why)
{
	struct buf hint = BUF_INIT(DIAG_TEXT_BYTES);

	buf_puts(out, "mailchute: ");
	diag_sentence(why, true, out);
	if (diag_hint(why, &hint))
		buf_printf(out, " (%s)", buf_text(&hint));
	buf_put_byte(out, '\n');
	buf_free(&hint);
}

bool problems_tell(
	const struct problems *problems, struct buf *out, struct diag *last)
{
	if (!problems->count)
		return false;
	for (size_t i = 0; i + 1 < problems->count; i++)
		put_line(out, &problems->items[i]);
	*last = problems->items[problems->count - 1];
	return true;
}

void problems_free(struct problems *problems)
{
	mem_free(problems->items);
	*problems = (struct problems){ .count = 0 };
}
