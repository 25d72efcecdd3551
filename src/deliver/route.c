/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several relays.  Knows accounts and verdicts, not how anything is sent. */
#include <config.h>

#include "deliver/route.h"

#include "net/idn.h"

#include <string.h>

bool route_may_go_on(const struct outcome *outcome)
{
	const struct diag *failure = &outcome->failure;

	switch (failure->id == DIAG_NONE ? DIAG_SCOPE_MESSAGE
					 : failure->scope) {
	case DIAG_SCOPE_HOST:
		/* A disk on which nothing can be noted is the same disk for
		 * every account. */
		return failure->id != DIAG_QUEUE_NOT_NOTED;
	case DIAG_SCOPE_ACCOUNT:
		return true;
	case DIAG_SCOPE_MESSAGE:
	case DIAG_SCOPE_RECIPIENT:
		break;
	}
	return false;
}

static bool keeps_sender(const struct account *first,
	const struct account *account, const struct envelope *envelope)
{
	if (account == first || !account->from)
		return true;
	return account->allow_from_override &&
	       (!first->from ||
		       strcmp(envelope->sender.utf8, first->from) != 0);
}

static bool needs_smtputf8(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (!envelope->recipients[i].ascii)
			return true;
	return !envelope->sender.ascii;
}

struct envelope route_envelope(const struct account *first,
	const struct account *account, const struct envelope *envelope,
	struct arena *arena)
{
	const struct envelope_params params = {
		.operands = &account->from,
		.operand_count = 1,
		.sender = account->from,
		.to_ascii = idn_to_ascii,
	};
	struct envelope changed = *envelope, own;

	if (keeps_sender(first, account, envelope) ||
		!envelope_make(&params, NULL, arena, &own, NULL))
		return changed;
	changed.sender = own.sender;
	changed.needs_smtputf8 = needs_smtputf8(&changed);
	return changed;
}

size_t route_decisive(const struct outcome *tries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (diag_is_temporary(&tries[i].failure))
			return i;
	return 0;
}
