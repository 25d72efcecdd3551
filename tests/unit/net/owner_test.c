/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owners of sockets: Linux' tables, and a connection to ourselves. */
#include <config.h>

#include "net/owner.h"
#include "tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define TITLE                                                                  \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "  \
	"retrnsmt   uid  timeout inode\n"
#define ROW4(local, remote, state, uid, inode)                                 \
	"   0: " local " " remote " " state                                    \
	" 00000000:00000000 00:00000000 00000000 " uid "        0 " inode      \
	" 1 0000000000000000 20 4 30 10 -1\n"
/* 127.0.0.1:4660 calls 127.0.0.1:25, on a machine of either order. */
#define CALLER "0100007F:1234"
#define SERVER "0100007F:0019"
#define ZEROS  "0000000000000000"

static const struct {
	const char *name, *table;
	long want; /* -1: nobody is told */
} rows[] = {
	{ "the caller's row", TITLE ROW4(CALLER, SERVER, "01", " 1000", "77"),
		1000 },
	{ "not our own", TITLE ROW4(SERVER, CALLER, "01", "  101", "78"), -1 },
	{ "behind others",
		TITLE ROW4(SERVER, CALLER, "01", "  101", "78")
			ROW4(CALLER, SERVER, "01", "    0", "77"),
		0 },
	{ "one that is closed is not root's",
		TITLE ROW4(CALLER, SERVER, "06", "    0", "0"), -1 },
	{ "nor one that nobody holds",
		TITLE ROW4(CALLER, SERVER, "01", "    0", "0"), -1 },
	{ "a socket of IPv6, to IPv4",
		TITLE ROW4(ZEROS "FFFF0000" CALLER, ZEROS "FFFF0000" SERVER,
			"01", " 1001", "79"),
		1001 },
	{ "nothing", "", -1 },
	{ "a row that is cut", TITLE "   0: " CALLER " " SERVER " 01", -1 },
};

static struct sockaddr_in place(unsigned port)
{
	struct sockaddr_in out = { .sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return out;
}

static void test_rows(void)
{
	struct sockaddr_in caller = place(0x1234), server = place(25);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uid_t uid = 4242;
		bool is_told = owner_find(span_of(rows[i].table),
			(struct sockaddr *)&caller, (struct sockaddr *)&server,
			&uid);

		tap_is_number(
			is_told ? (long)uid : -1, rows[i].want, rows[i].name);
	}
}

static void test_ourselves(void)
{
	struct sockaddr_in address = place(0);
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int caller = socket(AF_INET, SOCK_STREAM, 0);
	uid_t uid = 4242;
	int fd;

	bind(listener, (struct sockaddr *)&address, sizeof address);
	listen(listener, 1);
	getsockname(listener, (struct sockaddr *)&address, &length);
	connect(caller, (struct sockaddr *)&address, sizeof address);
	fd = accept(listener, NULL, NULL);
	if (access("/proc/net/tcp", R_OK) == 0)
		tap_ok(owner_of_peer(fd, &uid) && uid == getuid(),
			"we are the ones");
	close(caller);
	tap_ok(!owner_of_peer(fd, &uid), "and are not, when we have hung up");
	close(fd);
	close(listener);
	tap_ok(!owner_of_peer(-1, &uid), "no connection");
}

int main(void)
{
	test_rows();
	test_ourselves();
	return tap_done();
}
