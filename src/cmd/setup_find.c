/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which server takes mail from the users of an address.  Asks the DNS, and no
 * server of mail. */
#include <config.h>

#include "base/text.h"
#include "cmd/setup.h"
#include "net/dns.h"

/* Relays for whole organisations share the MX of mailboxes, and are not what an
 * address alone can stand for. */
static bool has_mailboxes(const struct provider *provider)
{
	return provider->user &&
	       !provider_has_word(provider->login, SPAN("none"));
}

static bool ends_in(struct span host, struct span end)
{
	struct span tail;

	if (!end.length || host.length < end.length)
		return false;
	tail = span_skip(host, host.length - end.length);
	return span_equal_nocase(tail, end) &&
	       (host.length == end.length || tail.at[-1] == '.');
}

static const struct provider *of_mx(
	const struct providers *providers, const char *host)
{
	for (size_t i = providers->count; i--;) {
		const struct provider *provider = providers->items[i];
		struct span ends = span_of(provider->mx ? provider->mx : "");

		while (has_mailboxes(provider) && ends.length)
			if (ends_in(span_of(host), span_cut_word(&ends)))
				return provider;
	}
	return NULL;
}

static bool find_by_mx(const char *domain, const struct providers *providers,
	struct arena *arena, struct setup_server *out)
{
	struct dns_answer answer = { NULL, 0 };
	struct diag ignored;

	if (!dns_look_up("", domain, DNS_MX, arena, &answer, &ignored))
		return false;
	for (size_t i = 0; i < answer.count && !out->provider; i++)
		out->provider = of_mx(providers, answer.items[i].host);
	out->told_by = N_("by the MX records of its domain");
	return out->provider != NULL;
}

/* Least priority first, and most weight among those; a root is a refusal. */
static const struct dns_record *best_of(const struct dns_answer *answer)
{
	const struct dns_record *best = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->items[i];

		if (!record->host || !*record->host || !record->port)
			continue;
		if (!best || record->priority < best->priority ||
			(record->priority == best->priority &&
				record->weight > best->weight))
			best = record;
	}
	return best;
}

/* TLS from the first byte comes first (RFC 8314 3). */
static bool find_by_srv(const char *domain, struct arena *arena,
	struct setup_server *out, struct diag *why)
{
	static const char *const services[] = { "_submissions._tcp.",
		"_submission._tcp." };

	for (size_t i = 0; i < 2; i++) {
		struct dns_answer answer = { NULL, 0 };
		const struct dns_record *best;

		if (!dns_look_up(
			    services[i], domain, DNS_SRV, arena, &answer, why))
			return false;
		best = best_of(&answer);
		if (!best)
			continue;
		out->host = best->host;
		out->port = best->port;
		out->is_implicit = i == 0;
		out->told_by = N_("by the SRV records of its domain");
		return true;
	}
	return diag_set(why, DIAG_NET_NO_SERVICE, domain);
}

bool setup_find(const char *domain, const struct providers *providers,
	struct arena *arena, struct setup_server *out, struct diag *why)
{
	*out = (struct setup_server){ NULL };
	out->provider = providers_of_domain(providers, span_of(domain));
	if (out->provider) {
		out->told_by = N_("by its domain");
		out->is_certain = true;
		return true;
	}
	return find_by_mx(domain, providers, arena, out) ||
	       find_by_srv(domain, arena, out, why);
}
