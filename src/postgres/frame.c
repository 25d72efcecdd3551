/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of fields over a socket.  Knows nothing of what they are. */
#include <config.h>

#include "postgres/frame.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Both ends are of one program on one machine: numbers are as it has them. */
struct head {
	uint32_t length; /* of what follows the head */
	uint32_t kind, number;
};

enum { READ_BYTES = 64 * 1024 };

void frame_begin(struct buf *out, unsigned kind, uint32_t number)
{
	struct head head = { .kind = kind, .number = number };

	buf_put(out, (const char *)&head, sizeof head);
}

void frame_put(struct buf *out, struct span field)
{
	uint32_t length = (uint32_t)field.length;

	if (field.length > FRAME_LIMIT) {
		out->overflowed = true;
		return;
	}
	buf_put(out, (const char *)&length, sizeof length);
	buf_put_span(out, field);
}

void frame_put_number(struct buf *out, int64_t number)
{
	char text[24];
	struct buf digits = BUF_INIT(sizeof text);

	buf_printf(&digits, "%lld", (long long)number);
	frame_put(out, buf_span(&digits));
	buf_free(&digits);
}

bool frame_end(struct buf *out, size_t at)
{
	uint32_t length;

	if (out->overflowed || out->length < at + sizeof(struct head) ||
		out->length - at - sizeof(struct head) > FRAME_LIMIT)
		return false;
	length = (uint32_t)(out->length - at - sizeof(struct head));
	memcpy(out->data + at, &length, sizeof length);
	return true;
}

size_t frame_cut(struct span bytes, struct frame *frame)
{
	struct head head;

	if (bytes.length < sizeof head)
		return FRAME_PARTIAL;
	memcpy(&head, bytes.at, sizeof head);
	if (head.length > FRAME_LIMIT)
		return SIZE_MAX;
	if (bytes.length - sizeof head < head.length)
		return FRAME_PARTIAL;
	*frame = (struct frame){
		.kind = head.kind,
		.number = head.number,
		.rest = span_make(bytes.at + sizeof head, head.length),
	};
	return sizeof head + head.length;
}

bool frame_take(struct frame *frame, struct span *field)
{
	uint32_t length;

	if (frame->rest.length < sizeof length)
		return false;
	memcpy(&length, frame->rest.at, sizeof length);
	if (frame->rest.length - sizeof length < length)
		return false;
	*field = span_make(frame->rest.at + sizeof length, length);
	frame->rest = span_skip(frame->rest, sizeof length + length);
	return true;
}

bool frame_take_number(struct frame *frame, int64_t *number)
{
	struct span field;
	unsigned long value = 0;
	bool is_negative;

	if (!frame_take(frame, &field))
		return false;
	is_negative = field.length && field.at[0] == '-';
	if (!span_number(span_skip(field, is_negative), INT64_MAX, &value))
		return false;
	*number = is_negative ? -(int64_t)value : (int64_t)value;
	return true;
}

static bool await(int fd, short events, int64_t deadline_ms)
{
	struct pollfd wait = { .fd = fd, .events = events };
	int ready;

	do
		ready = poll(&wait, 1, clock_left_ms(deadline_ms));
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

bool frame_send(int fd, struct span bytes, int64_t deadline_ms)
{
	while (bytes.length) {
		ssize_t put = send(fd, bytes.at, bytes.length,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put > 0)
			bytes = span_skip(bytes, (size_t)put);
		else if (put < 0 && errno == EAGAIN &&
			 await(fd, POLLOUT, deadline_ms))
			continue;
		else if (put == 0 || errno != EINTR)
			return false;
	}
	return true;
}

union passing {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* The one descriptor that came along, or -1. */
static int find_passed(struct msghdr *message)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (head && head->cmsg_level == SOL_SOCKET &&
		head->cmsg_type == SCM_RIGHTS &&
		head->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(head), sizeof fd);
	return fd;
}

enum frame_received frame_receive(
	int fd, struct buf *in, int64_t deadline_ms, int *passed)
{
	char *room = buf_reserve(in, READ_BYTES);
	struct iovec piece = { .iov_base = room, .iov_len = READ_BYTES };
	union passing along;
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = passed ? along.bytes : NULL,
		.msg_controllen = passed ? sizeof along.bytes : 0,
	};
	ssize_t got;

	if (passed)
		*passed = -1;
	if (!room)
		return FRAME_CLOSED;
	for (;;) {
		got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (got >= 0)
			break;
		if (errno == EAGAIN && !await(fd, POLLIN, deadline_ms))
			return FRAME_LATE;
		if (errno != EAGAIN && errno != EINTR)
			return FRAME_CLOSED;
	}
	if (passed)
		*passed = find_passed(&message);
	buf_grow(in, (size_t)got);
	return got ? FRAME_RECEIVED : FRAME_CLOSED;
}

bool frame_pass(int fd, struct span bytes, int passed)
{
	char copy[64];
	struct iovec piece = { .iov_base = copy, .iov_len = bytes.length };
	union passing along = { .head = {
					.cmsg_len = CMSG_LEN(sizeof passed),
					.cmsg_level = SOL_SOCKET,
					.cmsg_type = SCM_RIGHTS,
				} };
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = along.bytes,
		.msg_controllen = sizeof along.bytes,
	};
	ssize_t put;

	if (bytes.length > sizeof copy)
		return false;
	memcpy(copy, bytes.at, bytes.length);
	memcpy(CMSG_DATA(&along.head), &passed, sizeof passed);
	do
		put = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return put == (ssize_t)bytes.length;
}
