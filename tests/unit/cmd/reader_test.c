/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reader, from within: what whoever takes it over can do. */
#include <config.h>

#include "base/sandbox.h"
#include "base/text.h"
#include "cmd/reader.h"
#include "tap.h"
#include "unit/deeds.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 4000 };

static bool connect_out(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool signal_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static const struct {
	const char *name;
	bool (*works)(void);
} deeds[] = {
	{ "make a socket", connect_out },
	{ "signal the parent", signal_parent },
};

enum { DEEDS = sizeof deeds / sizeof *deeds };

static bool try_deeds(void *context, struct buf *out)
{
	bool forbidden[DEED_COUNT];

	(void)context;
	for (size_t i = 0; i < DEEDS; i++)
		buf_put_byte(out, deeds[i].works() ? 'y' : 'n');
	deeds_try(forbidden);
	return buf_put(out, (const char *)forbidden, sizeof forbidden);
}

static bool die(void *context, struct buf *out)
{
	(void)context;
	buf_puts(out, "half");
	return raise(SIGKILL) == 0;
}

static bool refuse(void *context, struct buf *out)
{
	return context && out->overflowed;
}

static void test_deeds(void)
{
	struct buf out = BUF_INIT(LIMIT);
	struct sandbox_state kernel;
	struct diag why;

	sandbox_ask(&kernel);
	tap_ok(reader_run(try_deeds, NULL, &out, &why), "it reads");
	if (!tap_is_number((int64_t)out.length, DEEDS + DEED_COUNT, "and says"))
		return;
	/* It can open nothing at all: that is a call. */
	deeds_check("a reader", (const bool *)(out.data + DEEDS), kernel.calls,
		kernel.calls);
	for (size_t i = 0; i < DEEDS; i++)
		if (kernel.calls)
			tap_ok(out.data[i] == 'n', "%s", deeds[i].name);
		else
			tap_skip(deeds[i].name, "not by this kernel");
	buf_free(&out);
}

static void test_deaths(void)
{
	struct buf out = BUF_INIT(LIMIT);
	struct diag why;

	tap_ok(!reader_run(die, NULL, &out, &why), "one that dies");
	tap_is_diag(&why, DIAG_SYSTEM_FAILED, "the reason");
	tap_ok(!reader_run(refuse, NULL, &out, &why), "one that gives up");
	buf_free(&out);
}

static bool read_here(void *context, struct buf *out)
{
	const pid_t *here = context;

	return *here == getpid() && buf_puts(out, "here");
}

/* Where no process can be made: in the sandbox of a lane, which makes none. */
static void test_no_child(void)
{
	struct sandbox_state state;
	int status = -1;
	pid_t alone = fork(), here = getpid();
	struct buf out = BUF_INIT(LIMIT);
	struct diag why;

	if (alone == 0) {
		sandbox_enter(
			&(struct sandbox_params){ .profile = SANDBOX_LANE },
			&state);
		_exit(reader_run(read_here, &here, &out, &why) && out.length
				? 0
				: 1);
	}
	tap_ok(alone > 0 && waitpid(alone, &status, 0) == alone, "it ends");
	sandbox_ask(&state);
	if (state.calls)
		tap_is_number(status, 0, "read here");
	else
		tap_skip("read here", "not by this kernel");
}

static void test_lines(void)
{
	struct buf out = BUF_INIT(LIMIT);

	reader_put_lines(&out, SPAN("one\n\033[2Jtwo\nl\303\244ter"));
	tap_is_text(buf_text(&out), "one\n\\x1B[2Jtwo\nl\303\244ter\n",
		"lines, and nothing for a terminal");
	buf_free(&out);
}

int main(void)
{
	test_deeds();
	test_deaths();
	test_no_child();
	test_lines();
	return tap_done();
}
