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
	for (size_t i = 0; i < CREW_ENTRIES / CREW_WORD; i++)
		atomic_store(&crew->returned[i], 0);
	atomic_store(&crew->joined, 1);
	atomic_store(&crew->working, 1);
	atomic_store(&crew->most, 1);
	for (size_t i = 0; i < CREW_MAX; i++) {
		atomic_store(&crew->members[i].pid, 0);
		atomic_store(&crew->members[i].at, CREW_IDLE);
	}
	atomic_store(&crew->stage, NOT_THERE);
	atomic_store(&crew->not_before_ms, 0);
}

void crew_allow(struct crew *crew, size_t most)
{
	atomic_store(&crew->most, most < CREW_MAX ? (int)most : CREW_MAX);
}

bool crew_join(struct crew *crew, size_t *member)
{
	int number;

	if (atomic_fetch_add(&crew->working, 1) < atomic_load(&crew->most)) {
		number = atomic_fetch_add(&crew->joined, 1);
		if (number < CREW_MAX) {
			*member = (size_t)number;
			return true;
		}
	}
	atomic_fetch_sub(&crew->working, 1);
	return false;
}

bool crew_shrink(struct crew *crew)
{
	int working = atomic_load(&crew->working);

	if (working < 2)
		return false;
	atomic_store(&crew->most, working - 1);
	return true;
}

bool crew_leave(struct crew *crew)
{
	if (atomic_fetch_sub(&crew->working, 1) > 1)
		return true;
	for (size_t i = 0; i < CREW_ENTRIES / CREW_WORD; i++)
		if (atomic_load(&crew->returned[i])) {
			atomic_fetch_add(&crew->working, 1);
			return false;
		}
	return true;
}

size_t crew_working(const struct crew *crew)
{
	return (size_t)atomic_load(&crew->working);
}

size_t crew_left(const struct crew *crew, size_t count)
{
	return count - atomic_load(&crew->next);
}

void crew_give_back(struct crew *crew, size_t index)
{
	atomic_fetch_or(&crew->returned[index / CREW_WORD],
		UINT64_C(1) << index % CREW_WORD);
}

/* The lowest bit of *WORD, which is not set any more; false when none is. */
static bool take_bit(_Atomic uint64_t *word, size_t *bit)
{
	uint64_t old = atomic_load(word);

	while (old &&
		!atomic_compare_exchange_weak(word, &old, old & (old - 1)))
		;
	for (*bit = 0; old && !(old >> *bit & 1);)
		++*bit;
	return old != 0;
}

/* What somebody could not do, and goes first. */
static bool take_returned(struct crew *crew, size_t *index)
{
	for (size_t i = 0; i < CREW_ENTRIES / CREW_WORD; i++)
		if (take_bit(&crew->returned[i], index)) {
			*index += i * CREW_WORD;
			return true;
		}
	return false;
}

bool crew_take(struct crew *crew, size_t member, size_t count, size_t *index)
{
	size_t next = atomic_load(&crew->next);

	if (take_returned(crew, index)) {
		crew_turn_to(crew, member, *index);
		return true;
	}
	/* Never past the end: the number says how many were taken. */
	do {
		if (next >= count) {
			crew_rest(crew, member);
			return false;
		}
	} while (!atomic_compare_exchange_weak(&crew->next, &next, next + 1));
	crew_turn_to(crew, member, next);
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
