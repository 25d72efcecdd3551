/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals as answers.  Does not know what they interrupt. */
#include <config.h>

#include "base/interrupt.h"

#include "base/pipe.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int alarm_pipe[2] = { -1, -1 };
static volatile sig_atomic_t number;

static const struct {
	int number;
	const char *name;
} signals[] = {
	{ SIGTERM, "SIGTERM" },
	{ SIGINT, "SIGINT" },
	{ SIGHUP, "SIGHUP" },
};

enum { SIGNALS = sizeof signals / sizeof *signals };

static void on_signal(int which)
{
	int kept = errno;
	ssize_t put = write(alarm_pipe[1], "", 1);

	(void)put;
	number = which;
	errno = kept;
}

void interrupt_hear(void)
{
	struct sigaction action = { .sa_handler = on_signal,
		.sa_flags = (int)SA_RESETHAND };
	struct sigaction now;

	if (alarm_pipe[0] >= 0 || !pipe_open(alarm_pipe, false))
		return;
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < SIGNALS; i++)
		if (sigaction(signals[i].number, NULL, &now) == 0 &&
			now.sa_handler != SIG_IGN)
			(void)sigaction(signals[i].number, &action, NULL);
}

int interrupt_fd(void)
{
	return alarm_pipe[0];
}

bool interrupt_is_there(void)
{
	return number != 0;
}

int interrupt_number(void)
{
	return number;
}

void interrupt_begin_child(void)
{
	if (alarm_pipe[0] < 0)
		return;
	pipe_close(alarm_pipe);
	alarm_pipe[0] = alarm_pipe[1] = -1;
	if (!pipe_open(alarm_pipe, false))
		return;
	/* What came before is as good as if it came now. */
	if (number && write(alarm_pipe[1], "", 1) < 0)
		errno = 0;
}

int interrupt_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct pollfd all[INTERRUPT_FDS_MAX + 1] = {
		{ .fd = alarm_pipe[0], .events = POLLIN },
	};
	int ready;

	if (alarm_pipe[0] < 0 || count > INTERRUPT_FDS_MAX)
		return poll(fds, count, timeout_ms);
	memcpy(all + 1, fds, count * sizeof *fds);
	ready = poll(all, count + 1, timeout_ms);
	if (ready >= 0)
		memcpy(fds, all + 1, count * sizeof *fds);
	if (number || (ready > 0 && all[0].revents)) {
		errno = ECANCELED;
		return -1;
	}
	return ready;
}

static const char *name_of(int which)
{
	for (int i = 0; i < SIGNALS; i++)
		if (signals[i].number == which)
			return signals[i].name;
	return "a signal";
}

bool interrupt_explain(struct diag *why)
{
	return diag_set(why, DIAG_INTERRUPTED, name_of(number));
}

void interrupt_end(void)
{
	if (!number)
		return;
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}
