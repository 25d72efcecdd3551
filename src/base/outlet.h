/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether this process could reach a network, were there one: a sandbox takes
 * that away for good, a train does not. */
#ifndef BASE_OUTLET_H
#define BASE_OUTLET_H

#include "base/span.h"

#include <stdbool.h>

/* NULL, or what takes it away, untranslated: sockets are refused, or a network
 * namespace of its own has no route. */
const char *outlet_obstacle(void);

/* What /proc/net has in "dev", "route" and "ipv6_route". */
struct outlet_view {
	struct span devices, routes, routes6;
};

/* Whether there is a route to anything but this machine and its own link. */
bool outlet_has_route(const struct outlet_view *view);
/* Whether OURS is a namespace of its own beside that of the first process, as
 * far as the two tell; without FIRST (NULL): whether nothing but the loopback
 * is in it. */
bool outlet_is_apart(
	const struct outlet_view *ours, const struct outlet_view *first);

#endif
