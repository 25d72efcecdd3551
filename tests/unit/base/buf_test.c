/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffers: growth, the limit, and memory that is wiped. */
#include <config.h>

#include "base/buf.h"
#include "tap.h"

#include <stdint.h>

static void check_content(void)
{
	struct buf buf = BUF_INIT(1000);

	tap_is_text(buf_text(&buf), "", "an empty buffer is a string");
	buf_puts(&buf, "RCPT TO:<");
	buf_put_span(&buf, SPAN("a@b"));
	buf_put_byte(&buf, '>');
	buf_printf(&buf, " n=%d%s", 5, "!");
	buf_put(&buf, "\0x", 2);
	tap_is_span(buf_span(&buf), SPAN("RCPT TO:<a@b> n=5!\0x"), "appends");
	buf_consume(&buf, 8);
	tap_is_span(buf_span(&buf), SPAN("<a@b> n=5!\0x"), "consumes");
	buf_consume(&buf, buf.length);
	tap_is_text(buf_text(&buf), "", "consumes all of it");
	tap_ok(buf_put(&buf, NULL, 0), "nothing can be appended");
	buf_free(&buf);
	tap_ok(buf.limit == 1000 && !buf.data && buf_puts(&buf, "again"),
		"can be used again after buf_free()");
	buf_free(&buf);
}

static void check_growth(void)
{
	struct buf buf = BUF_INIT(100000);
	bool is_terminated = true, is_right = true;

	for (size_t i = 0; i < 100000; i++) {
		buf_put_byte(&buf, (char)('a' + i % 26));
		is_terminated &= buf.data[buf.length] == '\0' &&
				 buf.length < buf.capacity &&
				 buf.capacity <= buf.limit + 1;
	}
	for (size_t i = 0; i < buf.length; i++)
		is_right &= buf.data[i] == (char)('a' + i % 26);
	tap_ok(is_terminated, "a NUL follows the content at every length");
	tap_ok(is_right && buf.length == 100000, "growing keeps the content");
	tap_ok(!buf.overflowed && !buf_put_byte(&buf, 'x') && buf.overflowed,
		"the limit holds to the byte");
	buf_free(&buf);
}

static void check_limit(void)
{
	struct buf buf = BUF_INIT(5);

	buf_puts(&buf, "abc");
	tap_ok(!buf_puts(&buf, "def") && buf.overflowed, "too much");
	tap_is_text(buf_text(&buf), "abc", "changes nothing");
	tap_ok(buf_puts(&buf, "de") && buf.overflowed,
		"overflowed stays set in a run of appends");
	tap_ok(!buf_printf(&buf, "%d", 7), "printf too");
	tap_ok(!buf_reserve(&buf, SIZE_MAX), "a length that wraps");
	tap_is_text(buf_text(&buf), "abcde", "nothing was lost");
	buf_clear(&buf);
	tap_ok(!buf.overflowed && !buf.length, "clear starts afresh");
	buf_free(&buf);
	buf_init(&buf, 0);
	tap_ok(!buf_put_byte(&buf, 'x') && buf_put(&buf, "", 0),
		"a limit of 0 takes nothing");
	buf_free(&buf);
	buf_init(&buf, SIZE_MAX);
	tap_ok(buf_puts(&buf, "text") && !buf_reserve(&buf, SIZE_MAX - 10),
		"the largest limit does not wrap");
	buf_free(&buf);
}

static void check_reserve(void)
{
	struct buf buf = BUF_INIT(200);
	char *end;

	buf_puts(&buf, "head ");
	end = buf_reserve(&buf, 100);
	memset(end, 'x', 100);
	buf_grow(&buf, 3);
	tap_is_text(buf_text(&buf), "head xxx", "reserve, then grow by less");
	buf_free(&buf);
}

static void check_wipe(void)
{
	struct buf buf = BUF_INIT(200);
	bool is_wiped = true;

	buf_puts(&buf, "a password");
	buf_clear(&buf);
	buf_puts(&buf, "b");
	buf_wipe(&buf);
	for (size_t i = 0; i < buf.capacity; i++)
		is_wiped &= buf.data[i] == '\0';
	tap_ok(is_wiped && !buf.length, "wiped to its capacity");
	buf_wipe_free(&buf);
	tap_ok(!buf.data, "wiped and freed");
	buf_wipe_free(&buf);
	tap_ok(!buf.data, "twice does no harm");
}

static void check_number(void)
{
	struct buf buf = BUF_INIT(30);

	buf_put_number(&buf, 0);
	buf_put_byte(&buf, ' ');
	buf_put_number(&buf, 1070);
	buf_put_byte(&buf, ' ');
	buf_put_number(&buf, UINT64_MAX);
	tap_is_text(buf_text(&buf), "0 1070 18446744073709551615", "numbers");
	tap_ok(!buf_put_number(&buf, 1234), "and their limit");
	buf_free(&buf);
}

int main(void)
{
	check_number();
	check_content();
	check_growth();
	check_limit();
	check_reserve();
	check_wipe();
	return tap_done();
}
