/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of the socket calls.  Knows no name. */
#include <config.h>

#include "net/endpoint.h"

bool endpoint_is_loopback(const union endpoint *endpoint)
{
	if (endpoint->any.sa_family == AF_INET)
		return ntohl(endpoint->v4.sin_addr.s_addr) >> 24 ==
		       IN_LOOPBACKNET;
	return endpoint->any.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&endpoint->v6.sin6_addr);
}
