/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One attempt: one message over one connection. */
#include <config.h>

#include "deliver/attempt.h"

#include "base/clock.h"
#include "deliver/connection.h"

/* The message as it is read by a connection, which asks for the next piece when
 * the last one has gone. */
struct watched {
	struct source source;
	struct source *message;
	const struct attempt_params *params;
	uint64_t given;
};

static bool watched_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct watched *watched = (struct watched *)source;
	const struct attempt_params *params = watched->params;

	if (params->progress)
		params->progress(params->progress_context, watched->given,
			params->size_bytes);
	if (!source_next(watched->message, piece, why))
		return false;
	watched->given += piece->length;
	return true;
}

static bool watched_rewind(struct source *source, struct diag *why)
{
	struct watched *watched = (struct watched *)source;

	watched->given = 0;
	return source_rewind(watched->message, why);
}

void attempt(const struct attempt_params *params, struct arena *arena,
	struct outcome *out)
{
	const struct connection_params peer = {
		.account = params->account,
		.password = params->password,
		.debug = params->debug,
	};
	static const struct source_ops ops = { .next = watched_next,
		.rewind = watched_rewind };
	struct watched watched = { .source.ops = &ops, .params = params };
	struct delivery delivery = {
		.message = &watched.source,
		.envelope = params->envelope,
		.size_bytes = params->size_bytes,
		.is_8bit = edit_is_8bit(params->edit),
		.header_is_8bit = edit_header_is_8bit(params->edit),
		.message_id = edit_message_id(params->edit),
		.is_last = true,
	};
	int64_t began_ms = clock_now_ms();
	struct connection *connection =
		connection_new(&peer, arena, &out->failure);

	out->envelope = params->envelope;
	out->size_bytes = params->size_bytes;
	out->elapsed_ms = clock_now_ms() - began_ms;
	if (!connection)
		return;
	watched.message = edit_source(params->edit);
	connection_deliver(connection, &delivery, arena, out);
	source_close(watched.message);
	connection_free(connection);
}
