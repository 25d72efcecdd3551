/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What /proc/net says of a way out. */
#include <config.h>

#include "base/outlet.h"
#include "tap.h"

#define TITLES "Inter-|   Receive  |  Transmit\n face |bytes  |bytes\n"
#define LO     "    lo:  0  0\n"
#define ETH0   "  eth0: 12 12\n"
#define HEAD   "Iface\tDestination\tGateway \tFlags\n"
#define ROUTE  "eth0\t00000000\t010200C0\t0003\t0\n"
#define LINK6                                                                  \
	"fe800000000000000000000000000000 40 0 00 0 100 1 0 1     eth0\n"      \
	"ff000000000000000000000000000000 08 0 00 0 100 1 0 1     eth0\n"      \
	"00000000000000000000000000000001 80 0 00 0 100 1 0 1       lo\n"
#define ROUTE6                                                                 \
	"00000000000000000000000000000000 00 0 00 fd01 400 1 0 3     eth0\n"

static struct outlet_view view(
	const char *devices, const char *routes, const char *routes6)
{
	return (struct outlet_view){ span_of(devices), span_of(routes),
		span_of(routes6) };
}

int main(void)
{
	const struct outlet_view alone = view(TITLES LO, HEAD, ""),
				 train = view(TITLES LO ETH0, HEAD, LINK6),
				 home = view(TITLES LO ETH0, HEAD ROUTE, LINK6),
				 six = view(TITLES LO ETH0, HEAD, LINK6 ROUTE6);

	tap_ok(!outlet_has_route(&alone), "nothing but the loopback");
	tap_ok(!outlet_has_route(&train), "a link is no route");
	tap_ok(outlet_has_route(&home), "a route");
	tap_ok(outlet_has_route(&six), "a route of IPv6");
	tap_ok(outlet_is_apart(&alone, &home), "a sandbox beside a network");
	tap_ok(outlet_is_apart(&alone, &train), "a sandbox on a train");
	tap_ok(!outlet_is_apart(&train, &train), "a train");
	tap_ok(outlet_is_apart(&train, &home), "a link without the route");
	tap_ok(outlet_is_apart(&alone, NULL), "a sandbox that sees no other");
	tap_ok(!outlet_is_apart(&train, NULL), "a train that sees no other");
	return tap_done();
}
