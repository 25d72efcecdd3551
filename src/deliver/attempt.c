/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One attempt: one message over one connection. */
#include <config.h>

#include "deliver/attempt.h"

#include "base/clock.h"
#include "deliver/connection.h"

void attempt(const struct attempt_params *params, struct arena *arena,
	struct outcome *out)
{
	const struct connection_params peer = {
		.account = params->account,
		.password = params->password,
		.debug = params->debug,
	};
	struct delivery delivery = {
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
	delivery.message = edit_source(params->edit);
	connection_deliver(connection, &delivery, arena, out);
	source_close(delivery.message);
	connection_free(connection);
}
