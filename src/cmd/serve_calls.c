/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is served, and who waits.  Knows neither SMTP nor processes. */
#include <config.h>

#include "cmd/serve_calls.h"

#include <unistd.h>

static bool is_waiting(const struct call *call)
{
	return call->is_taken && !call->pid;
}

static bool is_same_caller(
	const struct listen_peer *a, const struct listen_peer *b)
{
	return a->has_uid == b->has_uid && (!a->has_uid || a->uid == b->uid);
}

static size_t count_of(const struct calls *calls,
	const struct listen_peer *peer, bool only_served)
{
	size_t count = 0;

	for (size_t i = 0; i < CALLS_MAX; i++) {
		const struct call *call = &calls->places[i];

		count += call->is_taken && (call->pid || !only_served) &&
			 is_same_caller(&call->peer, peer);
	}
	return count;
}

/* Two callers must not be able to take all places from a third, nor a thousand
 * from root. */
static size_t kept_from(const struct listen_peer *peer, size_t has)
{
	if (peer->has_uid && peer->uid == 0)
		return 0;
	return has ? CALLS_KEPT_NEW + CALLS_KEPT_ROOT : CALLS_KEPT_ROOT;
}

static size_t count_free(const struct calls *calls)
{
	size_t count = 0;

	for (size_t i = 0; i < CALLS_MAX; i++)
		count += !calls->places[i].is_taken;
	return count;
}

bool calls_add(struct calls *calls, int fd, const struct listen_peer *peer,
	int64_t now_ms)
{
	size_t has = count_of(calls, peer, false);

	if (has >= CALLS_PER_CALLER_MAX ||
		count_free(calls) <= kept_from(peer, has))
		return false;
	for (size_t i = 0; i < CALLS_MAX; i++) {
		if (calls->places[i].is_taken)
			continue;
		calls->places[i] = (struct call){ .is_taken = true,
			.fd = fd,
			.peer = *peer,
			.since_ms = now_ms,
			.number = calls->count++ };
		return true;
	}
	return false;
}

struct call *calls_next(struct calls *calls)
{
	struct call *next = NULL;

	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct call *call = &calls->places[i];

		if (is_waiting(call) &&
			(!next || call->number < next->number) &&
			count_of(calls, &call->peer, true) < calls->served_max)
			next = call;
	}
	return next;
}

struct call *calls_late(struct calls *calls, int64_t now_ms)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (is_waiting(&calls->places[i]) &&
			now_ms - calls->places[i].since_ms >= CALLS_WAIT_MS)
			return &calls->places[i];
	return NULL;
}

void calls_forget(struct call *call)
{
	if (call->fd >= 0)
		close(call->fd);
	*call = (struct call){ .is_taken = false, .fd = -1 };
}

void calls_end(struct calls *calls, pid_t pid)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (calls->places[i].is_taken && calls->places[i].pid == pid)
			calls_forget(&calls->places[i]);
}

size_t calls_count_served(const struct calls *calls)
{
	size_t count = 0;

	for (size_t i = 0; i < CALLS_MAX; i++)
		count += calls->places[i].is_taken && calls->places[i].pid;
	return count;
}

bool calls_is_anybody_waiting(const struct calls *calls)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (is_waiting(&calls->places[i]))
			return true;
	return false;
}

void calls_close_waiting(struct calls *calls)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (is_waiting(&calls->places[i]))
			calls_forget(&calls->places[i]);
}

size_t calls_caller(const struct listen_peer *peer)
{
	/* Users whose numbers are so far apart share a rate. */
	return peer->has_uid ? 1 + (size_t)peer->uid % (CALLERS_MAX - 1) : 0;
}
