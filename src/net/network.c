/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routes that come.  Does not know who waits for them. */
#include <config.h>

#include "net/network.h"

#ifdef HAVE_LINUX_RTNETLINK_H

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NETWORK_PIECE_BYTES = 16384 };

int network_listen(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		NETLINK_ROUTE);

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* "unreachable default" is a route, too, and none that leads anywhere. */
static bool is_default(const struct rtmsg *route)
{
	return route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST &&
	       !(route->rtm_flags & RTM_F_CLONED);
}

/* The messages of one datagram, each aligned to four bytes; copied out, since
 * the bytes need not be. */
static bool has_default(const char *bytes, size_t length)
{
	struct nlmsghdr head;
	struct rtmsg route;
	size_t step;

	while (length >= sizeof head) {
		memcpy(&head, bytes, sizeof head);
		if (head.nlmsg_len < sizeof head || head.nlmsg_len > length)
			return false;
		if (head.nlmsg_type == RTM_NEWROUTE &&
			head.nlmsg_len >= NLMSG_HDRLEN + sizeof route) {
			memcpy(&route, bytes + NLMSG_HDRLEN, sizeof route);
			if (is_default(&route))
				return true;
		}
		step = NLMSG_ALIGN(head.nlmsg_len);
		if (step >= length)
			return false;
		bytes += step;
		length -= step;
	}
	return false;
}

bool network_has_come(int fd)
{
	bool has_come = false;
	char bytes[NETWORK_PIECE_BYTES];
	ssize_t got;

	if (fd < 0)
		return false;
	do {
		got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (got > 0 && has_default(bytes, (size_t)got))
			has_come = true;
		/* Some were lost: perhaps that one. */
		if (got < 0 && errno == ENOBUFS)
			has_come = true;
	} while (got > 0 || (got < 0 && (errno == EINTR || errno == ENOBUFS)));
	return has_come;
}

#else

int network_listen(void)
{
	return -1;
}

bool network_has_come(int fd)
{
	(void)fd;
	return false;
}

#endif
