/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SRV records.  Does not know what a server is asked for. */
#include <config.h>

#include "net/srv.h"

#include "net/dns.h"

static bool is_better(const struct dns_record *a, const struct srv *b)
{
	return !b->host || a->priority < b->priority ||
	       (a->priority == b->priority && a->weight > b->weight);
}

static bool choose(const struct dns_answer *answer, struct srv *out)
{
	struct srv best = { .host = NULL };

	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *one = &answer->items[i];

		if (one->host[0] && one->port && is_better(one, &best))
			best = (struct srv){ one->host, one->port,
				one->priority, one->weight };
	}
	if (best.host)
		*out = best;
	return best.host != NULL;
}

bool srv_parse(struct span answer, struct arena *arena, struct srv *out)
{
	struct dns_answer parsed;

	dns_parse(answer, DNS_SRV, arena, &parsed);
	return choose(&parsed, out);
}

bool srv_look_up(const char *service, const char *domain, int64_t deadline_ms,
	struct arena *arena, struct srv *out, bool *is_found, struct diag *why)
{
	const struct dns_question question = { arena_printf(
						       arena, "%s.", service),
		domain, DNS_SRV, deadline_ms };
	struct dns_answer answer;

	*is_found = false;
	if (!dns_look_up(&question, arena, &answer, why))
		return false;
	*is_found = choose(&answer, out);
	return true;
}
