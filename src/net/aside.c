/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls in a thread of their own.  Knows nothing of names.
 *
 * A thread, because a fork would copy the secrets and cost more, and the thread
 * needs nothing from us but its state.  The two share a struct aside; whoever
 * is the last to leave frees it.
 */
#include <config.h>

#include "net/aside.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/pipe.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* The state belongs to the thread until it has written its byte to the pipe,
 * and to us afterwards; the rest is only read. */
struct aside {
	pthread_mutex_t lock;
	unsigned owners;
	int done_fd;
	void (*run)(void *);
	void (*forget)(void *); /* NULL: taken back */
	void *state;
};

static void leave(struct aside *aside)
{
	bool is_last;

	pthread_mutex_lock(&aside->lock);
	is_last = --aside->owners == 0;
	pthread_mutex_unlock(&aside->lock);
	if (!is_last)
		return;
	if (aside->forget)
		aside->forget(aside->state);
	pthread_mutex_destroy(&aside->lock);
	mem_free(aside);
}

static void *thread(void *argument)
{
	struct aside *aside = argument;

	aside->run(aside->state);
	/* A byte in a pipe orders nothing in memory (POSIX 4.12); a lock does.
	 */
	pthread_mutex_lock(&aside->lock);
	pthread_mutex_unlock(&aside->lock);
	/* Nobody may listen any more: SIGPIPE is blocked in this thread. */
	while (write(aside->done_fd, "", 1) < 0 && errno == EINTR)
		;
	close(aside->done_fd);
	leave(aside);
	return NULL;
}

/* Signals are for the main thread, and an abandoned thread must not be the
 * reason for one. */
static int start_thread(struct aside *aside)
{
	pthread_attr_t attributes;
	pthread_t id;
	sigset_t all, before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	result = pthread_create(&id, &attributes, thread, aside);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}

/* Whether the byte came before the deadline, and no end of ours. */
static bool wait_for(int fd, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int count;

	do
		count = interrupt_poll(&poll_fd, 1, clock_left_ms(deadline_ms));
	while ((count < 0 && errno == EINTR) ||
		(count == 0 && clock_left_ms(deadline_ms)));
	return count > 0;
}

static enum aside_end await(struct aside *aside, int fd, int64_t deadline_ms)
{
	enum aside_end end = ASIDE_DONE;

	if (!wait_for(fd, deadline_ms))
		end = interrupt_is_there() ? ASIDE_INTERRUPTED : ASIDE_LATE;
	pthread_mutex_lock(&aside->lock);
	if (end == ASIDE_DONE)
		aside->forget = NULL;
	pthread_mutex_unlock(&aside->lock);
	leave(aside);
	return end;
}

enum aside_end aside_run(void (*run)(void *), void (*forget)(void *),
	void *state, int64_t deadline_ms, int *error)
{
	struct aside *aside;
	enum aside_end end = ASIDE_FAILED;
	int fds[2];

	if (!pipe_open(fds, false)) {
		*error = errno;
		forget(state);
		return end;
	}
	aside = mem_zalloc(sizeof *aside);
	*aside = (struct aside){ .owners = 2,
		.done_fd = fds[1],
		.run = run,
		.forget = forget,
		.state = state };
	pthread_mutex_init(&aside->lock, NULL);
	*error = start_thread(aside);
	if (*error == 0) {
		end = await(aside, fds[0], deadline_ms);
	} else {
		close(fds[1]);
		aside->owners = 1;
		leave(aside);
	}
	close(fds[0]);
	return end;
}

bool aside_time_out(const char *name, int64_t begin_ms, struct diag *why)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%lld",
		(long long)(clock_now_ms() - begin_ms + 500) / 1000);
	return diag_set(why, DIAG_NET_NAME_TIMEOUT, name, seconds);
}
