/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time.  Deadlines are points of the monotonic clock in milliseconds; dates
 * come from the wall clock.  Tests move both through clock_set_for_test().
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { CLOCK_NEVER = -1 };

/* Milliseconds of a clock that never goes back, and goes on while the machine
 * sleeps where the system has such a one. */
int64_t clock_now_ms(void);
/* A deadline SECONDS from now; 0 seconds means CLOCK_NEVER. */
int64_t clock_deadline(long seconds);
/* Milliseconds left, as poll(2) takes them: -1 without a deadline, 0 when it
 * has passed, never more than INT_MAX. */
int clock_left_ms(int64_t deadline_ms);
/* The earlier of two deadlines. */
int64_t clock_earlier(int64_t a, int64_t b);

/* Seconds since the epoch. */
time_t clock_wall(void);
/* The same in milliseconds. */
int64_t clock_wall_ms(void);
/* The zone's offset from UTC at that time, in seconds east. */
long clock_zone_offset(time_t at);

/* poll(2), for whoever has nothing else to wait for than time or FDS.  A clock
 * that tests move goes on by TIMEOUT_MS at once when nothing is ready. */
int clock_wait(struct pollfd *fds, nfds_t count, int timeout_ms);

/* From now on both clocks stand at the given times, in this process and those
 * it starts; tests only. */
void clock_set_for_test(int64_t now_ms, time_t wall);

#endif
