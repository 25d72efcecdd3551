/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: in pieces of every size, cut short, nonsense, over a socket. */
#include <config.h>

#include "base/clock.h"
#include "postgres/frame.h"
#include "tap.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void put_two(struct buf *out)
{
	size_t at;

	frame_begin(out, 7, 41);
	frame_put(out, SPAN("a\0b"));
	frame_put_number(out, -12);
	frame_end(out, 0);
	at = out->length;
	frame_begin(out, 8, 42);
	frame_put(out, SPAN(""));
	frame_end(out, at);
}

static void test_fields(void)
{
	struct buf bytes = BUF_INIT(1024);
	struct frame frame;
	struct span field;
	int64_t number = 0;
	size_t length;

	put_two(&bytes);
	length = frame_cut(buf_span(&bytes), &frame);
	tap_ok(frame.kind == 7 && frame.number == 41, "kind and number");
	tap_ok(frame_take(&frame, &field), "a field");
	tap_is_span(field, SPAN("a\0b"), "as it was put");
	tap_ok(frame_take_number(&frame, &number) && number == -12, "a number");
	tap_ok(!frame_take(&frame, &field), "no more");
	buf_consume(&bytes, length);
	length = frame_cut(buf_span(&bytes), &frame);
	tap_ok(length == bytes.length && frame.kind == 8 &&
			frame_take(&frame, &field) && field.length == 0,
		"an empty field of the next one");
	buf_free(&bytes);
}

static void test_cut_short(void)
{
	struct buf bytes = BUF_INIT(1024);
	struct frame frame;
	struct span field;
	size_t whole, partial = 0;

	put_two(&bytes);
	whole = frame_cut(buf_span(&bytes), &frame);
	for (size_t i = 0; i < whole; i++)
		partial += frame_cut(span_make(bytes.data, i), &frame) ==
			   FRAME_PARTIAL;
	tap_is_number((int64_t)partial, (int64_t)whole, "each part is a part");
	/* A field that says that it is longer than the frame. */
	memset(bytes.data + whole - 8, 0x7F, 4);
	whole = frame_cut(buf_span(&bytes), &frame);
	while (frame_take(&frame, &field))
		;
	tap_ok(frame.rest.length > 0, "a field beyond its frame is none");
	memset(bytes.data, 0x7F, 4);
	tap_ok(frame_cut(buf_span(&bytes), &frame) == SIZE_MAX,
		"a frame over the limit is none");
	buf_free(&bytes);
}

static void test_socket(void)
{
	struct buf out = BUF_INIT(1024), in = BUF_INIT(1024 * 1024);
	struct frame frame;
	int ends[2], passed = -1;
	char byte = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return;
	put_two(&out);
	tap_ok(frame_receive(ends[1], &in, clock_now_ms() + 1, NULL) ==
			FRAME_LATE,
		"nothing came in time");
	tap_ok(frame_pass(ends[0], buf_span(&out), ends[0]), "with an end");
	tap_ok(frame_receive(ends[1], &in, CLOCK_NEVER, &passed) ==
				FRAME_RECEIVED &&
			passed >= 0 &&
			frame_cut(buf_span(&in), &frame) != FRAME_PARTIAL,
		"it came, with a descriptor");
	if (passed >= 0) {
		tap_ok(write(passed, "x", 1) == 1 &&
				read(ends[1], &byte, 1) == 1 && byte == 'x',
			"that leads where it should");
		close(passed);
	}
	close(ends[0]);
	tap_ok(frame_receive(ends[1], &in, CLOCK_NEVER, NULL) == FRAME_CLOSED,
		"the other end is gone");
	tap_ok(!frame_send(ends[1], buf_span(&out), CLOCK_NEVER),
		"… and takes nothing");
	close(ends[1]);
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	test_fields();
	test_cut_short();
	test_socket();
	return tap_done();
}
