/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of other programs, looked up.  Does not know who asks. */
#include <config.h>

#include "config/habit.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *verb, *theirs, *ours;
} habits[] = {
#define HABIT(verb, theirs, ours) { verb, theirs, ours },
#include "config/habit.def"
};

/* In any case: swaks has --h-Subject.  Not letters: -S and -s are two. */
static bool is_same(struct span word, const char *theirs)
{
	return word.length == 2 && word.at[0] == '-'
		       ? span_equal(word, span_of(theirs))
		       : span_equal_nocase(word, span_of(theirs));
}

const char *habit_find(const char *verb, struct span theirs)
{
	for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
		if (!strcmp(habits[i].verb, verb) &&
			is_same(theirs, habits[i].theirs))
			return habits[i].ours;
	return NULL;
}

const char *habit_nearest(const char *verb, struct span theirs)
{
	struct text_nearest nearest = { .word = theirs };

	for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
		if (!strcmp(habits[i].verb, verb) && habits[i].theirs[0] != '-')
			text_consider(&nearest, habits[i].theirs);
	return nearest.name ? habit_find(verb, span_of(nearest.name)) : NULL;
}
