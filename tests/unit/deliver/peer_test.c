/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to a server, twice: what is looked up for the second time, and from
 * where the connections come. */
#include <config.h>

#include "deliver/peer.h"
#include "net/resolve.h"
#include "tap.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 20 }; /* nobody accepts */

static int listener = -1;
static unsigned port, looked_up, confined;

static bool listen_on_loopback(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 ||
		bind(listener, (struct sockaddr *)&address, length) < 0 ||
		listen(listener, BACKLOG) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &length) < 0)
		return false;
	port = ntohs(address.sin_port);
	return true;
}

/* In another thread, which has ended when the answer is there. */
static int find_loopback(const char *host, const char *service,
	const struct addrinfo *hints, struct addrinfo **found)
{
	looked_up += !strcmp(host, "mx.example.test");
	return getaddrinfo("127.0.0.1", service, hints, found);
}

static void count(const struct account *account, bool is_traced)
{
	(void)account;
	(void)is_traced;
	confined++;
}

static void check(const char *name, bool is_confined, const char *source_ip,
	unsigned want)
{
	static const char *const times[] = { "once", "twice" };
	const struct account account = { .name = "test",
		.host = "mx.example.test",
		.port = (long)port,
		.domain = "client.example.test",
		.source_ip = source_ip };
	struct arena *arena = arena_new();
	struct peer peer = { .account = &account,
		.arena = arena,
		.confine = is_confined ? count : NULL };
	struct diag why;

	looked_up = confined = 0;
	peer_init(&peer);
	for (int i = 0; i < 2; i++) {
		tap_ok(peer_connect(&peer, &why), "%s: %s", name, times[i]);
		peer_hang_up(&peer);
	}
	tap_is_number(looked_up, want, name);
	tap_is_number(confined, is_confined, name);
	peer_free(&peer);
	arena_free(arena);
}

int main(void)
{
	if (!listen_on_loopback())
		return 99;
	resolve_set_lookup_for_test(find_loopback);
	check("free", false, NULL, 2);
	check("confined", true, NULL, 1);
	check("free, from an address", false, "127.0.0.1", 2);
	check("confined, from an address", true, "127.0.0.1", 1);
	close(listener);
	return tap_done();
}
