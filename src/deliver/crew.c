/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that the processes of a lane share.  Knows numbers, not entries. */
#include <config.h>

#include "deliver/crew.h"

#include <signal.h>
#include <sys/mman.h>

enum { NOT_THERE, BEING_WRITTEN, THERE };

struct crew *crew_new(void)
{
	struct crew *crew = mmap(NULL, sizeof *crew, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return crew == MAP_FAILED ? NULL : crew;
}

void crew_free(struct crew *crew)
{
	if (crew)
		(void)munmap(crew, sizeof *crew);
}

void crew_begin(struct crew *crew)
{
	atomic_store(&crew->next, 0);
	for (size_t i = 0; i < CREW_MAX; i++) {
		atomic_store(&crew->members[i].pid, 0);
		atomic_store(&crew->members[i].at, CREW_IDLE);
	}
	atomic_store(&crew->stage, NOT_THERE);
	atomic_store(&crew->not_before_ms, 0);
}

bool crew_take(struct crew *crew, size_t member, size_t count, size_t *index)
{
	size_t next = atomic_load(&crew->next);

	/* Never past the end: the number says how many were taken. */
	do {
		if (next >= count) {
			crew_rest(crew, member);
			return false;
		}
	} while (!atomic_compare_exchange_weak(&crew->next, &next, next + 1));
	atomic_store(&crew->members[member].at, (long)next);
	*index = next;
	return true;
}

void crew_turn_to(struct crew *crew, size_t member, size_t index)
{
	atomic_store(&crew->members[member].at, (long)index);
}

void crew_rest(struct crew *crew, size_t member)
{
	atomic_store(&crew->members[member].at, CREW_IDLE);
}

long crew_at(const struct crew *crew, size_t member)
{
	return atomic_load(&crew->members[member].at);
}

void crew_stop(struct crew *crew, const struct diag *why, bool concerns_all)
{
	int stage = NOT_THERE;

	if (!atomic_compare_exchange_strong(
		    &crew->stage, &stage, BEING_WRITTEN))
		return;
	crew->failure = *why;
	crew->concerns_all = concerns_all;
	atomic_store(&crew->stage, THERE);
}

const struct diag *crew_failure(struct crew *crew)
{
	return atomic_load(&crew->stage) == THERE ? &crew->failure : NULL;
}

void crew_signal(const struct crew *crew, int number)
{
	for (size_t i = 1; i < CREW_MAX; i++) {
		int pid = atomic_load(&crew->members[i].pid);

		if (pid > 0)
			(void)kill(pid, number);
	}
}
