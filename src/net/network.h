/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hearing that a network has come: a new default route, as the kernel tells it
 * (Linux: rtnetlink(7)).  Asks nobody, and tells nobody.
 *
 *	int fd = network_listen();
 *	poll(fd) … if (network_has_come(fd)) …
 */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include <stdbool.h>

/* A descriptor that is readable when routes change, and waits for nobody; -1
 * where there is none: then nothing is heard, and the schedule goes on. */
int network_listen(void);
/* Reads all that was told: whether a default route is among what is new, or
 * more was told than could be kept.  FD may be -1. */
bool network_has_come(int fd);

#endif
