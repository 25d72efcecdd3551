/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the bytes of a message to what it says of another.  Does not know who
 * asks. */
#include <config.h>

#include "cmd/returned.h"

#include "base/source.h"
#include "base/text.h"
#include "cmd/mailbox.h"

enum { MEMORY_LIMIT = 2 * MAILBOX_MESSAGE_LIMIT };

static void put_body(struct message *message, struct buf *out)
{
	struct source *body = store_source(message->body);
	struct span piece;
	struct diag ignored;

	while (source_next(body, &piece, &ignored) && piece.length)
		if (!buf_put_span(out, piece))
			break;
	source_close(body);
}

bool returned_read(struct span text, struct returned *out)
{
	struct message_params params = { .memory_limit = MEMORY_LIMIT };
	struct source *source = source_from_span(text);
	struct buf body = BUF_INIT(MEMORY_LIMIT);
	struct diag ignored;
	bool is_fine;

	is_fine = message_read(source, &params, &out->message, &ignored);
	if (is_fine) {
		put_body(&out->message, &body);
		bounce_read(&out->message.header, buf_span(&body),
			out->message.arena, &out->bounce);
	}
	buf_free(&body);
	source_close(source);
	return is_fine;
}

void returned_free(struct returned *returned)
{
	message_free(&returned->message);
}

const char *returned_kind_text(enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return N_("failed");
	case BOUNCE_COMPLAINT:
		return N_("complaint");
	case BOUNCE_DELAYED:
		return N_("delayed");
	case BOUNCE_DELIVERED:
		return N_("delivered");
	case BOUNCE_AUTOMATIC:
		return N_("automatic answer");
	case BOUNCE_NONE:
		break;
	}
	return N_("no report");
}
