/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes of a lane's crew.  Does not know what they do. */
#include <config.h>

#include "deliver/members.h"

#include "base/pipe.h"

#include <errno.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static void begin_one(struct members *members)
{
	struct crew *crew = members->crew;
	size_t member;
	pid_t child;

	if (!crew_join(crew, &member))
		return;
	child = fork();
	if (child == 0) {
		members->orders = -1;
		members->work(members->context, member);
		_exit(0);
	}
	if (child > 0)
		atomic_store(&crew->members[member].pid, (int)child);
	else
		(void)crew_leave(crew); /* there is one less of us */
}

static void end_one(struct members *members, pid_t child, int status)
{
	struct crew *crew = members->crew;

	for (size_t i = 1; i < CREW_MAX; i++) {
		if (atomic_load(&crew->members[i].pid) != (int)child)
			continue;
		atomic_store(&crew->members[i].pid, 0);
		members->died(members->context, i, status);
	}
}

static bool has_any(const struct members *members)
{
	for (size_t i = 1; i < CREW_MAX; i++)
		if (atomic_load(&members->crew->members[i].pid))
			return true;
	return false;
}

/* A store's helper is a child, too, and stays. */
static void end_all(struct members *members)
{
	pid_t child;
	int status;

	while (has_any(members) &&
		((child = wait(&status)) > 0 || errno == EINTR))
		if (child > 0)
			end_one(members, child, status);
}

/* Those who come later begin in a process that has done nothing yet: a byte
 * asks for one, until nobody is left to ask. */
static void run_orders(struct members *members, int orders)
{
	ssize_t got;
	char byte;

	while ((got = read(orders, &byte, 1)) > 0 ||
		(got < 0 && errno == EINTR))
		if (got > 0)
			begin_one(members);
	end_all(members);
	_exit(0);
}

static void open_orders(struct members *members)
{
	int ends[2];
	pid_t child;

	if (!pipe_open(ends, true))
		return;
	child = fork();
	if (child == 0) {
		(void)close(ends[1]);
		run_orders(members, ends[0]);
	}
	(void)close(ends[0]);
	members->orders = ends[1];
}

void members_run(struct members *members)
{
	members->orders = -1;
	crew_allow(members->crew, members->most);
	for (size_t i = 1; i < members->count; i++)
		begin_one(members);
	if (members->most > members->count)
		open_orders(members);
	members->work(members->context, 0);
	if (members->orders >= 0)
		(void)close(members->orders);
	end_all(members);
}

bool members_may_grow(const struct members *members)
{
	return members->orders >= 0;
}

void members_more(const struct members *members)
{
	ssize_t put = members->orders < 0 ? 0 : write(members->orders, "", 1);

	(void)put;
}
