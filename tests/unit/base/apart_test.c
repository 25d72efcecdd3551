/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work in a child: what comes back, and from whom nothing does. */
#include <config.h>

#include "base/apart.h"
#include "base/clock.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { LARGE = 300000 };

static bool put_context(void *context, struct buf *out)
{
	return buf_puts(out, context);
}

static bool put_large(void *context, struct buf *out)
{
	(void)context;
	for (int i = 0; i < LARGE; i++)
		buf_put_byte(out, 'x');
	return true;
}

static bool refuse(void *context, struct buf *out)
{
	(void)context;
	buf_puts(out, "half");
	return false;
}

static bool die(void *context, struct buf *out)
{
	(void)context;
	(void)out;
	raise(SIGKILL);
	return true;
}

static bool hang(void *context, struct buf *out)
{
	(void)context;
	(void)out;
	while (pause() < 0)
		;
	return true;
}

static bool try_descriptor(void *context, struct buf *out)
{
	buf_puts(out, fcntl(*(int *)context, F_GETFD) < 0 ? "closed" : "open");
	return true;
}

static enum apart_result run(bool (*work)(void *context, struct buf *out),
	void *context, size_t limit, struct buf *out)
{
	*out = BUF_INIT(limit);
	return apart_run(work, context, clock_deadline(20), out);
}

int main(void)
{
	static char word[] = "a word";
	struct buf out;
	int fd = fcntl(STDOUT_FILENO, F_DUPFD, 20);

	tap_is_number(run(put_context, word, 100, &out), APART_DONE, "work");
	tap_is_text(buf_text(&out), word, "what it put");
	buf_free(&out);
	tap_is_number(run(put_large, NULL, LARGE, &out), APART_DONE, "much");
	tap_is_number((int64_t)out.length, LARGE, "all of it");
	buf_free(&out);
	tap_is_number(
		run(put_large, NULL, LARGE - 1, &out), APART_FAILED, "more");
	buf_free(&out);
	tap_is_number(run(refuse, NULL, 100, &out), APART_FAILED, "false");
	tap_is_number((int64_t)out.length, 0, "and nothing comes of it");
	buf_free(&out);
	tap_is_number(run(die, NULL, 100, &out), APART_FAILED, "a death");
	buf_free(&out);
	tap_is_number(run(try_descriptor, &fd, 100, &out), APART_DONE, "open");
	tap_is_text(buf_text(&out), "closed", "our descriptors are not its");
	buf_free(&out);
	out = BUF_INIT(100);
	tap_is_number(apart_run(hang, NULL, clock_now_ms() + 50, &out),
		APART_LATE, "too late");
	buf_free(&out);
	return tap_done();
}
