/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errands: a session without a message.  Knows no protocol. */
#include <config.h>

#include "deliver/errand.h"

#include "base/mem.h"
#include "deliver/connection.h"
#include "deliver/credential.h"

bool errand_etrn(
	const struct errand_params *params, const char *node, struct diag *why)
{
	struct secret password = { NULL, 0 };
	const struct connection_params peer = {
		.account = params->account,
		.password = &password,
		.debug = params->debug,
	};
	struct arena *arena = arena_new();
	struct connection *connection = NULL;
	bool is_fine = credential_get(
		params->account, params->may_ask, &password, why);

	if (is_fine)
		connection = connection_new(&peer, arena, why);
	is_fine = connection && connection_etrn(connection, node, why);
	connection_free(connection);
	secret_wipe(&password);
	arena_free(arena);
	return is_fine;
}
