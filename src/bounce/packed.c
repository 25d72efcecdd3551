/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports as bytes.  Knows no process. */
#include <config.h>

#include "bounce/packed.h"

#include "base/packed.h"

#include <string.h>

/* ---- there --------------------------------------------------------------- */

static void put_recipient(struct buf *out, const struct bounce_recipient *one)
{
	packed_put_number(out, one->kind);
	packed_put_text(out, one->address);
	packed_put_text(out, one->original);
	packed_put_text(out, one->status);
	packed_put_number(out, one->code);
	packed_put_number(out, one->reason);
	packed_put_number(out, one->is_permanent);
	packed_put_text(out, one->text);
}

void bounce_put(struct buf *out, const struct bounce *bounce)
{
	packed_put_number(out, bounce->kind);
	packed_put_text(out, bounce->reporter);
	packed_put_text(out, bounce->message_id);
	packed_put_text(out, bounce->envelope_id);
	packed_put_text(out, bounce->returned_to);
	packed_put_number(out, bounce->count);
	for (size_t i = 0; i < bounce->count; i++)
		put_recipient(out, &bounce->recipients[i]);
}

/* ---- and back ------------------------------------------------------------ */

/* Never NULL. */
static const char *take_text(struct packed *packed)
{
	const char *text = packed_take_text(packed, SIZE_MAX);

	if (text)
		return text;
	packed->is_wrong = true;
	return "";
}

static enum bounce_kind take_kind(struct packed *packed)
{
	return (enum bounce_kind)packed_take_number(packed, BOUNCE_FAILED);
}

static void take_recipient(struct packed *packed, struct bounce_recipient *one)
{
	const char *status;

	*one = (struct bounce_recipient){ .kind = take_kind(packed) };
	one->address = take_text(packed);
	one->original = take_text(packed);
	status = take_text(packed);
	if (strlen(status) < sizeof one->status)
		memcpy(one->status, status, strlen(status) + 1);
	else
		packed->is_wrong = true;
	one->code = (unsigned)packed_take_number(packed, 599);
	one->reason = (enum bounce_reason)packed_take_number(
		packed, BOUNCE_REASON_COUNT - 1);
	one->is_permanent = packed_take_number(packed, 1);
	one->text = take_text(packed);
}

bool bounce_take(struct span bytes, struct arena *arena, struct bounce *bounce)
{
	struct packed packed = { bytes, arena, false };

	*bounce = (struct bounce){ .kind = take_kind(&packed) };
	bounce->reporter = take_text(&packed);
	bounce->message_id = take_text(&packed);
	bounce->envelope_id = take_text(&packed);
	bounce->returned_to = take_text(&packed);
	bounce->count =
		(size_t)packed_take_number(&packed, BOUNCE_RECIPIENTS_LIMIT);
	bounce->recipients = arena_alloc(
		arena, (bounce->count + 1) * sizeof *bounce->recipients);
	for (size_t i = 0; i < bounce->count && !packed.is_wrong; i++)
		take_recipient(&packed, &bounce->recipients[i]);
	return !packed.is_wrong && !packed.rest.length;
}
