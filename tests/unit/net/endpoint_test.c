/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which addresses are this machine's alone. */
#include <config.h>

#include "net/endpoint.h"
#include "tap.h"

#include <arpa/inet.h>

static const struct {
	int family;
	const char *text;
	bool is_loopback;
} rows[] = {
	{ AF_INET, "127.0.0.1", true },
	{ AF_INET, "127.255.0.9", true },
	{ AF_INET, "126.255.255.255", false },
	{ AF_INET, "128.0.0.1", false },
	{ AF_INET, "0.0.0.0", false },
	{ AF_INET, "1.0.0.127", false },
	{ AF_INET6, "::1", true },
	{ AF_INET6, "::", false },
	{ AF_INET6, "::2", false },
	{ AF_INET6, "fe80::1", false },
	{ AF_INET6, "::ffff:192.0.2.1", false },
};

int main(void)
{
	union endpoint local = { .local = { .sun_family = AF_UNIX } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		union endpoint endpoint = {
			.any.sa_family = (sa_family_t)rows[i].family
		};
		void *place = rows[i].family == AF_INET
				      ? (void *)&endpoint.v4.sin_addr
				      : (void *)&endpoint.v6.sin6_addr;

		if (inet_pton(rows[i].family, rows[i].text, place) != 1)
			tap_ok(false, "%s", rows[i].text);
		tap_is_number(endpoint_is_loopback(&endpoint),
			rows[i].is_loopback, rows[i].text);
	}
	tap_ok(!endpoint_is_loopback(&local), "a socket with a name");
	return tap_done();
}
