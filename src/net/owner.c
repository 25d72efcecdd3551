/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owners of TCP sockets, as Linux lists them.  Knows nothing of callers. */
#include <config.h>

#include "net/owner.h"

#include "base/buf.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
	TABLE_LIMIT = 16 * 1024 * 1024,
	END_BYTES = 48,           /* "0100007F:0019", and of IPv6 */
	TABLE_FIELDS_BETWEEN = 3, /* queues, timer, retransmissions */
	MAPPED_WORDS = 3
};

/* The words of an address as the table has them: the machine's order. */
static size_t words_of(const struct sockaddr *address, uint32_t words[static 4],
	unsigned *port)
{
	const struct sockaddr_in *four = (const void *)address;
	const struct sockaddr_in6 *six = (const void *)address;

	if (address->sa_family == AF_INET) {
		words[0] = four->sin_addr.s_addr;
		*port = ntohs(four->sin_port);
		return 1;
	}
	memcpy(words, &six->sin6_addr, sizeof six->sin6_addr);
	*port = ntohs(six->sin6_port);
	return 4;
}

/* IS_MAPPED: an IPv4 address as a socket of IPv6 has it (RFC 4291 2.5.5.2). */
static void put_end(const struct sockaddr *address, bool is_mapped,
	char out[static END_BYTES])
{
	uint32_t words[4] = { 0, 0, htonl(0xFFFF), 0 };
	unsigned port;
	size_t count = words_of(address, is_mapped ? &words[0] : words, &port);
	size_t length = 0;

	if (is_mapped && count == 1) {
		words[3] = words[0];
		words[0] = 0;
		count = 4;
	}
	for (size_t i = 0; i < count; i++)
		length += (size_t)snprintf(
			out + length, END_BYTES - length, "%08X", words[i]);
	snprintf(out + length, END_BYTES - length, ":%04X", port);
}

/* The uid of a row, if it is of an open socket: an end that is closed belongs
 * to nobody, and its row says 0, which is not root. */
static bool read_row(
	struct span row, const char *local, const char *remote, uid_t *uid)
{
	static const char established[] = "01";
	unsigned long number, inode;
	struct span word;

	(void)span_cut_word(&row);
	if (!span_equal(span_cut_word(&row), span_of(local)) ||
		!span_equal(span_cut_word(&row), span_of(remote)) ||
		!span_equal(span_cut_word(&row), span_of(established)))
		return false;
	for (size_t i = 0; i < TABLE_FIELDS_BETWEEN; i++)
		(void)span_cut_word(&row);
	word = span_cut_word(&row);
	(void)span_cut_word(&row);
	if (!span_number(word, UINT32_MAX, &number) ||
		!span_number(span_cut_word(&row), UINT32_MAX, &inode) || !inode)
		return false;
	*uid = (uid_t)number;
	return true;
}

static bool find(struct span table, const struct sockaddr *local,
	const struct sockaddr *remote, bool is_mapped, uid_t *uid)
{
	char own[END_BYTES], other[END_BYTES];

	put_end(local, is_mapped, own);
	put_end(remote, is_mapped, other);
	while (table.length)
		if (read_row(span_cut(&table, '\n'), own, other, uid))
			return true;
	return false;
}

bool owner_find(struct span table, const struct sockaddr *local,
	const struct sockaddr *remote, uid_t *uid)
{
	return find(table, local, remote, false, uid) ||
	       (local->sa_family == AF_INET &&
		       find(table, local, remote, true, uid));
}

static bool find_in(const char *path, const struct sockaddr *local,
	const struct sockaddr *remote, uid_t *uid)
{
	struct buf table = BUF_INIT(TABLE_LIMIT);
	bool is_found = file_read(path, &table, NULL, NULL) == FILE_READ &&
			owner_find(buf_span(&table), local, remote, uid);

	buf_free(&table);
	return is_found;
}

bool owner_of_peer(int fd, uid_t *uid)
{
	struct sockaddr_storage ours, theirs;
	socklen_t ours_length = sizeof ours, theirs_length = sizeof theirs;
	const struct sockaddr *own = (const struct sockaddr *)&ours;
	const struct sockaddr *other = (const struct sockaddr *)&theirs;

	if (getsockname(fd, (struct sockaddr *)&ours, &ours_length) < 0 ||
		getpeername(fd, (struct sockaddr *)&theirs, &theirs_length) <
			0 ||
		(own->sa_family != AF_INET && own->sa_family != AF_INET6))
		return false;
	/* Its own end is our other one.  "self" is there in a /proc of nothing
	 * but processes, too. */
	return find_in("/proc/self/net/tcp", other, own, uid) ||
	       find_in("/proc/self/net/tcp6", other, own, uid);
}
