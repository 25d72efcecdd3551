/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which server a domain's users have: by the table, by MX, by SRV. */
#include <config.h>

#include "base/mem.h"
#include "cmd/setup.h"
#include "net/dns.h"
#include "tap.h"
#include "unit/cmd/zone.h"

static const struct {
	const char *name, *domain, *zone;
	bool is_silent;
	const char *want; /* provider, or host, port and TLS; or the diag */
} rows[] = {
	{ "by its domain, whatever the DNS says", "gmail.com",
		"gmail.com MX mx.evil.example\n", false, "gmail, certain" },
	{ "by its MX: the mailboxes, and no relay that shares them",
		"x.example", "x.example MX aspmx.l.google.com\n", false,
		"google-workspace" },
	{ "by the second MX", "x.example",
		"x.example MX a.example\nx.example MX mx.yandex.net\n", false,
		"yandex" },
	{ "an MX that only ends alike", "x.example",
		"x.example MX notgoogle.com\n", false, "net.no-service" },
	{ "SRV: TLS from the first byte comes first", "x.example",
		"_submission._tcp.x.example SRV 587 m.x.example\n"
		"_submissions._tcp.x.example SRV 465 s.x.example\n",
		false, "s.x.example:465 implicit" },
	{ "SRV: STARTTLS", "x.example",
		"_submission._tcp.x.example SRV 2587 m.x.example\n", false,
		"m.x.example:2587" },
	{ "SRV: not offered, by a root", "x.example",
		"_submissions._tcp.x.example SRV 0 .\n", false,
		"net.no-service" },
	{ "nothing", "x.example", "", false, "net.no-service" },
	{ "a name server that is silent", "x.example", "", true,
		"net.name-server" },
};

static void put(struct buf *out, const struct setup_server *server)
{
	if (server->provider)
		buf_puts(out, server->provider->name);
	else
		buf_printf(out, "%s:%ld%s", server->host, server->port,
			server->is_implicit ? " implicit" : "");
	if (server->is_certain)
		buf_puts(out, ", certain");
}

int main(void)
{
	static const char *const no_folders[] = { NULL };
	struct arena *arena = arena_new();
	struct providers providers;

	providers_read(no_folders, arena, &providers);
	dns_set_query_for_test(zone_answer);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf got = BUF_INIT(1000);
		struct setup_server server;
		struct diag why;

		zone = rows[i].zone;
		zone_is_silent = rows[i].is_silent;
		if (setup_find(
			    rows[i].domain, &providers, arena, &server, &why))
			put(&got, &server);
		else
			buf_puts(&got, diag_name(why.id));
		tap_is_text(buf_text(&got), rows[i].want, rows[i].name);
		buf_free(&got);
	}
	dns_set_query_for_test(NULL);
	arena_free(arena);
	return tap_done();
}
