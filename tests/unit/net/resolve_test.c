/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Look-ups: literals, errors, and one that never ends. */
#include <config.h>

#include "base/clock.h"
#include "net/aside.h"
#include "net/resolve.h"
#include "tap.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static char asked[300];
static int asked_count, asked_family, answer;

/* Stands in for the name server: remembers the question. */
static int fake_lookup(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **found)
{
	struct addrinfo numeric = { .ai_family = AF_UNSPEC,
		.ai_socktype = hints->ai_socktype,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };

	asked_count++;
	asked_family = hints->ai_family;
	snprintf(asked, sizeof asked, "%s", host);
	errno = ENFILE;
	if (answer)
		return answer;
	return getaddrinfo("192.0.2.7", port, &numeric, found);
}

static int stuck_lookup(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **found)
{
	(void)host, (void)port, (void)hints, (void)found;
	poll(NULL, 0, 1000);
	return EAI_AGAIN;
}

static unsigned port_of(const struct resolve_address *address)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (address->address.ss_family == AF_INET6) {
		memcpy(&v6, &address->address, sizeof v6);
		return ntohs(v6.sin6_port);
	}
	memcpy(&v4, &address->address, sizeof v4);
	return ntohs(v4.sin_port);
}

static const struct {
	const char *name, *host, *want;
	bool is_loopback;
} literals[] = {
	{ "IPv4", "192.0.2.1", "192.0.2.1", false },
	{ "IPv4 in brackets", "[192.0.2.1]", "192.0.2.1", false },
	{ "IPv4 loopback", "127.255.0.9", "127.255.0.9", true },
	{ "IPv6", "2001:db8::1", "[2001:db8::1]", false },
	{ "IPv6 in brackets", "[2001:db8::1]", "[2001:db8::1]", false },
	{ "IPv6 loopback", "::1", "[::1]", true },
};

static void test_literal(size_t i, struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct buf text = BUF_INIT(100);
	struct diag why = { 0 };

	asked_count = 0;
	if (resolve_host(literals[i].host, 587, clock_deadline(5), arena, &list,
		    &why))
		resolve_put_address(&list.items[0], &text);
	tap_is_text(buf_text(&text), literals[i].want, literals[i].name);
	tap_ok(list.count == 1 && port_of(&list.items[0]) == 587,
		"%s: one address, its port", literals[i].name);
	tap_ok(list.count == 1 && resolve_is_loopback(&list.items[0]) ==
					  literals[i].is_loopback,
		"%s: whether it is this machine", literals[i].name);
	tap_is_number(asked_count, 0, "and nobody was asked");
	buf_free(&text);
}

static void test_name(struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct diag why = { 0 };
	struct buf text = BUF_INIT(100);

	answer = 0;
	tap_ok(resolve_host("b\303\274cher.example", 465, CLOCK_NEVER, arena,
		       &list, &why),
		"a name is looked up, without a deadline too");
	tap_is_text(asked, "xn--bcher-kva.example", "in A-labels");
	asked_count = 0;
	resolve_host("mail", 25, CLOCK_NEVER, arena, &list, &why);
	tap_is_number(asked_count, 1, "a name is never taken for a literal");
	resolve_host("mail.example", 465, CLOCK_NEVER, arena, &list, &why);
	if (tap_is_number((int64_t)list.count, 1, "one address"))
		resolve_put_address(&list.items[0], &text);
	tap_is_text(buf_text(&text), "192.0.2.7", "the one that came");
	tap_ok(list.count && port_of(&list.items[0]) == 465, "with the port");
	buf_free(&text);
}

static const struct {
	const char *name, *host;
	int family, answer;
	enum diag_id want;
} families[] = {
	{ "both", "mail.example", AF_UNSPEC, 0, DIAG_NONE },
	{ "IPv4", "mail.example", AF_INET, 0, DIAG_NONE },
	{ "IPv6, and there is IPv4 alone", "mail.example", AF_INET6, 0,
		DIAG_NET_NO_ADDRESS },
	{ "IPv6, and there is no such name", "mail.example", AF_INET6,
		EAI_NONAME, DIAG_NET_NO_ADDRESS },
	{ "IPv6, and the name server fails", "mail.example", AF_INET6, EAI_FAIL,
		DIAG_NET_NAME_SERVER },
	{ "IPv4 of a literal of IPv6", "[::1]", AF_INET, 0,
		DIAG_NET_NO_ADDRESS },
	{ "IPv6 of a literal of IPv6", "[::1]", AF_INET6, 0, DIAG_NONE },
	{ "of nothing", "", AF_INET, 0, DIAG_NET_NO_SUCH_HOST },
};

static void test_family(size_t i, struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct diag why = { 0 };
	const struct resolve_question question = { families[i].host, 25,
		families[i].family, clock_deadline(5) };

	answer = families[i].answer;
	asked_family = families[i].family;
	tap_is_number(resolve_family(&question, arena, &list, &why),
		families[i].want == DIAG_NONE, families[i].name);
	tap_is_diag(&why, families[i].want, "the diag");
	tap_is_number(asked_family, families[i].family, "what was asked for");
}

static const struct {
	const char *name, *host;
	int answer;
	enum diag_id want;
	int system_error;
} failures[] = {
	{ "no such name", "nx.example", EAI_NONAME, DIAG_NET_NO_SUCH_HOST, 0 },
#ifdef EAI_NODATA
	{ "a name without address", "nx.example", EAI_NODATA,
		DIAG_NET_NO_SUCH_HOST, 0 },
#endif
	{ "the name server is silent", "a.example", EAI_AGAIN,
		DIAG_NET_NAME_SERVER, 0 },
	{ "the name server fails", "a.example", EAI_FAIL, DIAG_NET_NAME_SERVER,
		0 },
	{ "the system fails", "a.example", EAI_SYSTEM, DIAG_NET_NAME_SERVER,
		ENFILE },
	{ "the empty name", "", 0, DIAG_NET_NO_SUCH_HOST, 0 },
	{ "not UTF-8", "b\374cher.example", 0, DIAG_ADDRESS_DOMAIN_INVALID, 0 },
};

static void test_failure(size_t i, struct arena *arena)
{
	struct resolve_list list = { 0 };
	struct diag why = { 0 };

	answer = failures[i].answer;
	tap_ok(!resolve_host(failures[i].host, 25, clock_deadline(5), arena,
		       &list, &why),
		"%s: refused", failures[i].name);
	tap_is_diag(&why, failures[i].want, failures[i].name);
	tap_is_number(why.system_error, failures[i].system_error, "its errno");
	tap_is_number((int64_t)list.count, 0, "and no address");
}

static void on_alarm(int signal_number)
{
	(void)signal_number;
}

static void test_stuck(struct arena *arena)
{
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, off = { 0 };
	struct sigaction action = { .sa_handler = on_alarm };
	int64_t begin = clock_now_ms();
	struct buf sentence = BUF_INIT(1000);
	struct resolve_list list;
	struct diag why = { 0 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	resolve_set_lookup_for_test(stuck_lookup);
	tap_ok(!resolve_host(
		       "slow.example", 25, begin + 100, arena, &list, &why),
		"a look-up that does not end is left");
	tap_is_diag(&why, DIAG_NET_NAME_TIMEOUT, "as a time-out");
	aside_time_out("slow.example", clock_now_ms() - 3600, &why);
	diag_sentence(&why, false, &sentence);
	tap_ok(strstr(buf_text(&sentence), "slow.example") &&
			strstr(buf_text(&sentence), "within 4 seconds"),
		"of so many seconds: %s", buf_text(&sentence));
	buf_free(&sentence);
	setitimer(ITIMER_REAL, &off, NULL);
	tap_ok(clock_now_ms() - begin >= 100 && clock_now_ms() - begin < 900,
		"at the deadline, signals or not");
	resolve_set_lookup_for_test(NULL);
	/* The thread comes home after its second and frees what it has: the
	 * leak checker sees otherwise. */
	poll(NULL, 0, 1200);
}

static int knows_nobody(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **found)
{
	(void)host;
	(void)port;
	(void)hints;
	(void)found;
	asked_count++;
	return EAI_NONAME;
}

/* RFC 6761 6.3, without /etc/hosts and without a name server. */
static void test_this_machine(struct arena *arena)
{
	static const struct {
		const char *host;
		int family;
		const char *want;
	} rows[] = { { "localhost", AF_UNSPEC, "127.0.0.1 [::1]" },
		{ "LocalHost.", AF_UNSPEC, "127.0.0.1 [::1]" },
		{ "mail.localhost", AF_INET, "127.0.0.1" },
		{ "localhost", AF_INET6, "[::1]" },
		{ "localhost.example", AF_UNSPEC, "" },
		{ "notlocalhost", AF_UNSPEC, "" } };

	resolve_set_lookup_for_test(knows_nobody);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct resolve_question question = { rows[i].host, 25,
			rows[i].family, clock_deadline(10) };
		struct resolve_list list = { 0 };
		struct diag why = { 0 };
		struct buf text = BUF_INIT(100);

		asked_count = 0;
		if (!resolve_family(&question, arena, &list, &why))
			list.count = 0;
		for (size_t j = 0; j < list.count; j++) {
			buf_puts(&text, j ? " " : "");
			resolve_put_address(&list.items[j], &text);
		}
		tap_is_text(buf_text(&text), rows[i].want, rows[i].host);
		tap_is_diag(&why,
			*rows[i].want ? DIAG_NONE : DIAG_NET_NO_SUCH_HOST,
			"and said");
		tap_is_number(asked_count, !*rows[i].want,
			"the system is asked for others alone");
		buf_free(&text);
	}
	resolve_set_lookup_for_test(NULL);
}

int main(void)
{
	struct arena *arena = arena_new();

	resolve_set_lookup_for_test(fake_lookup);
	for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
		test_literal(i, arena);
	test_name(arena);
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		test_family(i, arena);
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
		test_failure(i, arena);
	test_stuck(arena);
	test_this_machine(arena);
	arena_free(arena);
	return tap_done();
}
