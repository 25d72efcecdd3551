/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that share what is to be done. */
#include <config.h>

#include "deliver/crew.h"
#include "tap.h"

#include <sys/wait.h>
#include <unistd.h>

enum { MEMBERS = 4, ENTRIES = 200, TIMES = 256 };

/* Takes what it can; the exit code says how much that was. */
static pid_t begin(struct crew *crew, size_t member)
{
	pid_t child = fork();
	size_t index, last = 0, count = 0;

	if (child != 0)
		return child;
	while (crew_take(crew, member, ENTRIES, &index)) {
		if (count++ && index <= last)
			_exit(TIMES - 1);
		last = index;
	}
	_exit((int)count);
}

static void check_turns(struct crew *crew)
{
	int total = 0, status;

	for (size_t i = 0; i < MEMBERS; i++)
		(void)begin(crew, i);
	while (wait(&status) > 0)
		total += WIFEXITED(status) ? WEXITSTATUS(status) : TIMES;
	tap_is_number(total, ENTRIES, "each entry is taken once, in order");
	tap_is_number((long)atomic_load(&crew->next), ENTRIES, "and all are");
	tap_is_number(crew_at(crew, 1), CREW_IDLE, "then nobody is at one");
}

/* What it was at is known after its death. */
static void check_death(struct crew *crew)
{
	pid_t child;
	size_t index;

	crew_begin(crew);
	child = fork();
	if (child == 0) {
		(void)crew_take(crew, 2, ENTRIES, &index);
		(void)crew_take(crew, 2, ENTRIES, &index);
		_exit(0);
	}
	(void)waitpid(child, NULL, 0);
	tap_is_number(crew_at(crew, 2), 1, "what it was at");
	tap_ok(crew_take(crew, 0, ENTRIES, &index) && index == 2,
		"the next one goes on behind it");
	crew_rest(crew, 0);
	tap_is_number(crew_at(crew, 0), CREW_IDLE, "at rest");
	tap_ok(!crew_take(crew, 0, 3, &index), "no more than there are");
}

/* One connection too many: what its member had, the others take. */
static void check_surplus(struct crew *crew)
{
	size_t index, member = 0;

	crew_begin(crew);
	tap_ok(!crew_join(crew, &member), "one alone, unless more are allowed");
	tap_ok(!crew_shrink(crew), "one alone is not too many");
	crew_allow(crew, 3);
	tap_ok(crew_join(crew, &member) && member == 1, "a second");
	tap_ok(crew_join(crew, &member) && member == 2, "a third");
	tap_ok(!crew_join(crew, &member), "and no more than that");
	for (size_t i = 0; i < 130; i++)
		(void)crew_take(crew, i % 3, ENTRIES, &index);
	tap_is_number((long)crew_left(crew, ENTRIES), ENTRIES - 130, "left");
	tap_ok(crew_shrink(crew), "one is too many");
	crew_give_back(crew, 129);
	crew_give_back(crew, 64);
	crew_give_back(crew, 0);
	tap_ok(crew_leave(crew), "it leaves");
	tap_is_number((long)crew_working(crew), 2, "two are at work");
	tap_ok(!crew_join(crew, &member), "and stay two");
	tap_ok(crew_take(crew, 0, ENTRIES, &index) && index == 0, "the first");
	tap_is_number(crew_at(crew, 0), 0, "somebody is at it");
	tap_ok(crew_take(crew, 1, ENTRIES, &index) && index == 64, "the next");
	tap_ok(crew_leave(crew), "another leaves");
	tap_ok(!crew_leave(crew), "not the last, as long as there is one");
	tap_ok(crew_take(crew, 0, ENTRIES, &index) && index == 129, "which is");
	tap_ok(crew_take(crew, 0, ENTRIES, &index) && index == 130,
		"then those that nobody had");
	tap_ok(crew_leave(crew), "the last one may leave");
	tap_is_number((long)crew_working(crew), 0, "nobody is at work");
}

/* Numbers are not used twice: there is an end to them. */
static void check_numbers(struct crew *crew)
{
	size_t member = 0;

	crew_begin(crew);
	crew_allow(crew, 1000);
	for (size_t i = 1; i < CREW_MAX; i++)
		if (!crew_join(crew, &member) || member != i ||
			!crew_leave(crew))
			tap_ok(false, "%zu: %zu", i, member);
	tap_ok(!crew_join(crew, &member), "no more numbers");
}

int main(void)
{
	struct crew *crew = crew_new();

	if (!crew)
		return 1;
	crew_begin(crew);
	check_turns(crew);
	check_death(crew);
	check_surplus(crew);
	check_numbers(crew);
	crew_free(crew);
	crew_free(NULL);
	return tap_done();
}
