/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A long way to a near server: what comes in on one loopback port goes out to
 * another, each byte so many milliseconds later, in both directions, however
 * many are on their way.  Knows no protocol.
 *
 *	line MS PORT      prints the port it listens at
 */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE_BYTES = 16 * 1024, PIECES = 2048, DECIMAL = 10 };

struct piece {
	struct piece *next;
	int64_t due_us;
	size_t length, sent; /* length 0: the end */
	char bytes[];
};

/* One direction. */
struct way {
	int from, to;
	struct piece *first, **last;
	bool is_read, is_over;
	size_t count;
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void take(struct way *way, int64_t delay_us)
{
	static char bytes[PIECE_BYTES];
	ssize_t got = recv(way->from, bytes, sizeof bytes, MSG_DONTWAIT);
	struct piece *piece;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0)
		got = 0;
	piece = malloc(sizeof *piece + (size_t)got);
	if (!piece)
		_exit(1);
	*piece = (struct piece){ .due_us = now_us() + delay_us,
		.length = (size_t)got };
	memcpy(piece->bytes, bytes, (size_t)got);
	*way->last = piece;
	way->last = &piece->next;
	way->is_read = got == 0;
	way->count++;
}

static void drop(struct way *way)
{
	struct piece *piece = way->first;

	way->first = piece->next;
	if (!way->first)
		way->last = &way->first;
	way->count--;
	free(piece);
}

/* What is due goes out, as far as it can. */
static void give(struct way *way)
{
	while (way->first && way->first->due_us <= now_us()) {
		struct piece *piece = way->first;
		ssize_t put;

		if (!piece->length) {
			(void)shutdown(way->to, SHUT_WR);
			way->is_over = true;
			drop(way);
			continue;
		}
		put = send(way->to, piece->bytes + piece->sent,
			piece->length - piece->sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (put < 0 && errno == EAGAIN)
			return;
		piece->sent += put > 0 ? (size_t)put : piece->length;
		if (piece->sent >= piece->length)
			drop(way);
	}
}

static int64_t wait_us(const struct way *ways)
{
	int64_t left_us = 1000000;

	for (int i = 0; i < 2; i++)
		if (ways[i].first && ways[i].first->due_us - now_us() < left_us)
			left_us = ways[i].first->due_us - now_us();
	return left_us > 0 ? left_us : 1000;
}

/* No byte waits for another one but as long as the line is. */
static void hurry(int fd)
{
	static const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void carry(int client, int server, int64_t delay_us)
{
	struct way ways[2] = { { .from = client, .to = server },
		{ .from = server, .to = client } };

	hurry(client);
	hurry(server);
	ways[0].last = &ways[0].first;
	ways[1].last = &ways[1].first;
	while (!ways[0].is_over || !ways[1].is_over) {
		struct pollfd ends[2];
		int64_t left_us = wait_us(ways);
		struct timespec left = { .tv_sec = left_us / 1000000,
			.tv_nsec = left_us % 1000000 * 1000 };

		for (int i = 0; i < 2; i++)
			ends[i] = (struct pollfd){
				.fd = ways[i].is_read || ways[i].count > PIECES
					      ? -1
					      : ways[i].from,
				.events = POLLIN
			};
		(void)ppoll(ends, 2, &left, NULL);
		for (int i = 0; i < 2; i++) {
			if (ends[i].fd >= 0 && ends[i].revents)
				take(&ways[i], delay_us);
			give(&ways[i]);
		}
	}
}

static struct sockaddr_in loopback(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* A process for each connection. */
static void serve(int listener, uint16_t port, int64_t delay_us)
{
	for (;;) {
		struct sockaddr_in address = loopback(port);
		int client = accept(listener, NULL, NULL), server;

		if (client < 0)
			continue;
		if (fork() == 0) {
			server = socket(AF_INET, SOCK_STREAM, 0);
			if (connect(server, (struct sockaddr *)&address,
				    sizeof address) == 0)
				carry(client, server, delay_us);
			_exit(0);
		}
		close(client);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 3 ||
		bind(listener, (struct sockaddr *)&address, length) < 0 ||
		listen(listener, SOMAXCONN) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &length) < 0)
		return 1;
	printf("%u\n", (unsigned)ntohs(address.sin_port));
	fflush(stdout);
	serve(listener, (uint16_t)strtoul(argv[2], NULL, DECIMAL),
		(int64_t)strtoul(argv[1], NULL, DECIMAL) * 1000);
}
