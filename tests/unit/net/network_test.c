/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the kernel's messages say that a network has come. */
#include <config.h>

#include "net/network.h"
#include "tap.h"

#ifdef HAVE_LINUX_RTNETLINK_H
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned short type;
	unsigned char destination_bits, kind;
	unsigned flags;
	bool want;
} rows[] = {
	{ "a default route", RTM_NEWROUTE, 0, RTN_UNICAST, 0, true },
	{ "one that goes", RTM_DELROUTE, 0, RTN_UNICAST, 0, false },
	{ "one to a net", RTM_NEWROUTE, 24, RTN_UNICAST, 0, false },
	{ "one that leads nowhere", RTM_NEWROUTE, 0, RTN_UNREACHABLE, 0,
		false },
	{ "a cached one", RTM_NEWROUTE, 0, RTN_UNICAST, RTM_F_CLONED, false },
	{ "something else", RTM_NEWLINK, 0, RTN_UNICAST, 0, false },
};

struct message {
	struct nlmsghdr head;
	struct rtmsg route;
};

static struct message make(size_t i)
{
	return (struct message){
		.head = { .nlmsg_len = sizeof(struct message),
			.nlmsg_type = rows[i].type },
		.route = { .rtm_dst_len = rows[i].destination_bits,
			.rtm_type = rows[i].kind,
			.rtm_flags = rows[i].flags },
	};
}

static void tell(int fd, const void *bytes, size_t length)
{
	if (send(fd, bytes, length, 0) != (ssize_t)length)
		tap_ok(false, "cannot send");
}

static void check_rows(const int *ends)
{
	struct message all[2];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct message message = make(i);

		tell(ends[1], &message, sizeof message);
		tap_is_number(
			network_has_come(ends[0]), rows[i].want, rows[i].name);
		tap_is_number(network_has_come(ends[0]), false, "said once");
	}
	all[0] = make(2);
	all[1] = make(0);
	tell(ends[1], all, sizeof all);
	tap_ok(network_has_come(ends[0]), "the second of a datagram");
	tell(ends[1], &all[0], sizeof all[0]);
	tell(ends[1], &all[1], sizeof all[1]);
	tap_ok(network_has_come(ends[0]), "the second datagram");
}

static void check_broken(const int *ends)
{
	struct message message = make(0);

	for (size_t length = 1; length < sizeof message; length++)
		tell(ends[1], &message, length);
	message.head.nlmsg_len = 3;
	tell(ends[1], &message, sizeof message);
	message.head.nlmsg_len = 0xFFFFFFF0;
	tell(ends[1], &message, sizeof message);
	tap_ok(!network_has_come(ends[0]), "what is cut short says nothing");
}

int main(void)
{
	int ends[2], fd = network_listen();

	tap_ok(!network_has_come(-1), "nobody listens");
	if (fd >= 0)
		close(fd);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0)
		return 1;
	check_rows(ends);
	check_broken(ends);
	return tap_done();
}
#else
int main(void)
{
	tap_ok(network_listen() == -1, "nobody tells here");
	return tap_done();
}
#endif
