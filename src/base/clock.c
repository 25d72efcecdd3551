/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two clocks.  The only file that asks the system what time it is. */
#include <config.h>

#include "base/clock.h"

#include <limits.h>
#include <sys/mman.h>

/* One that goes on while the machine sleeps: who waited does not wait all over
 * again. */
#ifdef CLOCK_BOOTTIME
#define STEADY_CLOCK CLOCK_BOOTTIME
#else
#define STEADY_CLOCK CLOCK_MONOTONIC
#endif

/* Shared with the processes that a test starts: what one of them waits, all of
 * them have waited. */
struct test_clock {
	int64_t now_ms, wall_ms;
};

static struct test_clock *test; /* NULL: the real ones */

int64_t clock_now_ms(void)
{
	struct timespec now = { 0, 0 };

	if (test)
		return test->now_ms;
	/* With a valid pointer it cannot fail. */
	(void)clock_gettime(STEADY_CLOCK, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_deadline(long seconds)
{
	int64_t now = clock_now_ms();

	if (seconds <= 0 || seconds > (INT64_MAX - now) / 1000)
		return CLOCK_NEVER;
	return now + (int64_t)seconds * 1000;
}

int clock_left_ms(int64_t deadline_ms)
{
	int64_t left;

	if (deadline_ms == CLOCK_NEVER)
		return -1;
	left = deadline_ms - clock_now_ms();
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int64_t clock_earlier(int64_t a, int64_t b)
{
	if (a == CLOCK_NEVER)
		return b;
	if (b == CLOCK_NEVER)
		return a;
	return a < b ? a : b;
}

time_t clock_wall(void)
{
	return test ? (time_t)(test->wall_ms / 1000) : time(NULL);
}

int64_t clock_wall_ms(void)
{
	struct timespec now = { 0, 0 };

	if (test)
		return test->wall_ms;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* POSIX.1-2008 has no tm_gmtoff: the offset is the distance between the two
 * readings of one moment, which are at most a day apart. */
long clock_zone_offset(time_t at)
{
	struct tm here, utc;
	long days;

	tzset();
	if (!localtime_r(&at, &here) || !gmtime_r(&at, &utc))
		return 0;
	days = here.tm_year != utc.tm_year ? here.tm_year - utc.tm_year
					   : here.tm_yday - utc.tm_yday;
	return ((days * 24 + here.tm_hour - utc.tm_hour) * 60 + here.tm_min -
		       utc.tm_min) *
		       60 +
	       here.tm_sec - utc.tm_sec;
}

int clock_wait(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	int ready = poll(fds, count, test ? 0 : timeout_ms);

	if (!test || ready || timeout_ms < 0)
		return ready;
	test->now_ms += timeout_ms;
	test->wall_ms += timeout_ms;
	return 0;
}

void clock_set_for_test(int64_t now_ms, time_t wall)
{
	static struct test_clock alone;

	if (!test)
		test = mmap(NULL, sizeof *test, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (test == MAP_FAILED)
		test = &alone;
	*test = (struct test_clock){ now_ms, (int64_t)wall * 1000 };
}
