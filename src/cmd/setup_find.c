/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which server takes mail from the users of an address.  Asks the DNS, and no
 * server of mail. */
#include <config.h>

#include "base/clock.h"
#include "cmd/setup.h"
#include "net/dns.h"
#include "net/srv.h"

/* Who is silent for a record of one kind is so for another: that ends it. */
static bool find_by_mx(const struct dns_question *question,
	const struct providers *providers, struct arena *arena,
	struct setup_server *out, struct diag *why)
{
	struct dns_answer answer;

	if (!dns_look_up(question, arena, &answer, why))
		return false;
	for (size_t i = 0; i < answer.count && !out->provider; i++)
		out->provider = providers_of_mx(
			providers, span_of(answer.items[i].host));
	out->told_by = N_("by the MX records of its domain");
	return true;
}

/* TLS from the first byte comes first (RFC 8314 3). */
static bool find_by_srv(const struct dns_question *asked, struct arena *arena,
	struct setup_server *out, struct diag *why)
{
	static const char *const services[] = { "_submissions._tcp",
		"_submission._tcp" };

	for (size_t i = 0; i < 2; i++) {
		struct srv server;
		bool is_found;

		if (!srv_look_up(services[i], asked->domain, asked->deadline_ms,
			    arena, &server, &is_found, why))
			return false;
		if (!is_found)
			continue;
		out->host = server.host;
		out->port = server.port;
		out->is_implicit = i == 0;
		out->told_by = N_("by the SRV records of its domain");
		return true;
	}
	return diag_set(why, DIAG_NET_NO_SERVICE, asked->domain);
}

bool setup_find(const char *domain, const struct providers *providers,
	struct arena *arena, struct setup_server *out, struct diag *why)
{
	const struct dns_question question = { "", domain, DNS_MX,
		clock_deadline(DNS_TIMEOUT_S) };

	*out = (struct setup_server){ NULL };
	out->provider = providers_of_domain(providers, span_of(domain));
	if (out->provider) {
		out->told_by = N_("by its domain");
		out->is_certain = true;
		return true;
	}
	return find_by_mx(&question, providers, arena, out, why) &&
	       (out->provider || find_by_srv(&question, arena, out, why));
}
