/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A name server for unit tests, in the place of the system's resolver:
 *
 *	zone = "x.example MX mx.x.example\n"
 *	       "_submission._tcp.x.example SRV 587 mail.x.example\n"
 *	       "x.example TXT v=spf1 -all\n";
 *	dns_set_query_for_test(zone_answer);
 *	resolve_set_lookup_for_test(zone_look_up);
 */
#ifndef TESTS_UNIT_CMD_ZONE_H
#define TESTS_UNIT_CMD_ZONE_H

#include <stdbool.h>

/* "NAME TYPE TEXT" a line; a MX's and a PTR's text is a host, an SRV's a port
 * and a host.
 */
extern const char *zone;
/* It answers nothing. */
extern bool zone_is_silent;

int zone_answer(const char *name, int type, unsigned char *answer, int size);
/* In the place of getaddrinfo(3), for the first "NAME A ADDRESS". */
struct addrinfo;
int zone_look_up(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **found);

#endif
