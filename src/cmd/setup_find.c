/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which server takes mail from the users of an address.  Asks the DNS, and no
 * server of mail. */
#include <config.h>

#include "cmd/setup.h"
#include "net/dns.h"
#include "net/srv.h"

static bool find_by_mx(const char *domain, const struct providers *providers,
	struct arena *arena, struct setup_server *out)
{
	struct dns_answer answer = { NULL, 0 };
	struct diag ignored;

	if (!dns_look_up("", domain, DNS_MX, arena, &answer, &ignored))
		return false;
	for (size_t i = 0; i < answer.count && !out->provider; i++)
		out->provider = providers_of_mx(
			providers, span_of(answer.items[i].host));
	out->told_by = N_("by the MX records of its domain");
	return out->provider != NULL;
}

/* TLS from the first byte comes first (RFC 8314 3). */
static bool find_by_srv(const char *domain, struct arena *arena,
	struct setup_server *out, struct diag *why)
{
	static const char *const services[] = { "_submissions._tcp",
		"_submission._tcp" };

	for (size_t i = 0; i < 2; i++) {
		struct srv server;
		bool is_found;

		if (!srv_look_up(services[i], domain, arena, &server, &is_found,
			    why))
			return false;
		if (!is_found)
			continue;
		out->host = server.host;
		out->port = server.port;
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
