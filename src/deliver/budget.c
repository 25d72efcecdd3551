/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of a server for a user.  Knows no message and no connection. */
#include <config.h>

#include "deliver/budget.h"

#include "base/clock.h"
#include "base/duration.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_LIMIT = 4096,
	/* A limit for this long or longer is a budget. */
	BUDGET_FROM_S = 3600,
	/* A clock has no finer steps, and a process wakes no sooner. */
	GRAIN_US = 5000,
	LOCK_TRIES = 100,
	LOCK_PAUSE_MS = 10,
	LOT_S = 2, /* what is drawn at a time */
	LOT_MAX = 100,
	BUCKET_BYTES = 80
};

static const char folder_name[] = "limits";
static const int64_t us_of_second = 1000000;

/* ---- the arithmetic ------------------------------------------------------ */

static int64_t now_us(void)
{
	return clock_wall_ms() * 1000;
}

static struct budget_limit make_limit(long number, long seconds)
{
	struct budget_limit limit = { .number = number, .seconds = seconds };
	int64_t window_us = seconds * us_of_second;

	limit.step_us = window_us / number;
	limit.ahead_us =
		seconds >= BUDGET_FROM_S ? window_us - limit.step_us : GRAIN_US;
	return limit;
}

/* ---- the file ------------------------------------------------------------ */

static bool lock(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		(void)poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return false;
}

static int open_folder(const struct spool *spool)
{
	int queue = spool_fd(spool), fd;

	if (mkdirat(queue, folder_name, S_IRWXU) < 0 && errno != EEXIST)
		return -1;
	fd = openat(queue, folder_name,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	spool_give(spool, fd);
	return fd;
}

/* Locked; -1 without. */
static int open_file(const struct budget *budget)
{
	int folder = budget->spool ? open_folder(budget->spool) : -1, fd = -1;
	struct stat status;

	if (folder >= 0)
		fd = openat(folder, budget->name,
			O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			S_IRUSR | S_IWUSR);
	folder_close(folder);
	if (fd < 0)
		return -1;
	spool_give(budget->spool, fd);
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && lock(fd))
		return fd;
	folder_close(fd);
	return -1;
}

/* "500 86400 1795313402 250000", a line a limit: what it is, and until when
 * (with microseconds) all is taken.  One that is no more is forgotten. */
static void read_line(struct budget *budget, struct span line)
{
	unsigned long number, seconds, until, rest;

	if (!span_number(span_cut(&line, ' '), LONG_MAX, &number) ||
		!span_number(span_cut(&line, ' '), LONG_MAX, &seconds) ||
		!span_number(span_cut(&line, ' '), LONG_MAX, &until) ||
		!span_number(line, LONG_MAX, &rest))
		return;
	for (size_t i = 0; i < budget->count; i++) {
		struct budget_limit *limit = &budget->limits[i];

		if (limit->number == (long)number &&
			limit->seconds == (long)seconds)
			limit->until_us =
				(int64_t)until * us_of_second + (int64_t)rest;
	}
}

static void read_file(struct budget *budget, int fd)
{
	char text[FILE_LIMIT];
	ssize_t got = fd < 0 ? 0 : pread(fd, text, sizeof text, 0);
	struct span rest = span_make(text, got > 0 ? (size_t)got : 0);

	while (rest.length)
		read_line(budget, span_cut(&rest, '\n'));
}

static void write_file(const struct budget *budget, int fd)
{
	struct buf text = BUF_INIT(FILE_LIMIT);

	for (size_t i = 0; i < budget->count; i++)
		buf_printf(&text, "%ld %ld %lld %lld\n",
			budget->limits[i].number, budget->limits[i].seconds,
			(long long)(budget->limits[i].until_us / us_of_second),
			(long long)(budget->limits[i].until_us % us_of_second));
	if (fd >= 0 && folder_write(fd, buf_span(&text), 0) &&
		ftruncate(fd, (off_t)text.length) < 0)
		errno = 0;
	buf_free(&text);
}

/* ---- the whole ----------------------------------------------------------- */

/* FNV-1a. */
static void make_name(struct budget *budget, const struct account *account)
{
	struct buf who = BUF_INIT(FILE_LIMIT);
	uint64_t hash = 0xcbf29ce484222325;

	buf_printf(&who, "%s\n%ld\n%s",
		account->socket ? account->socket
				: (account->host ? account->host : ""),
		account->socket ? 0L : (long)account->port,
		account->user ? account->user : "");
	for (size_t i = 0; i < who.length; i++)
		hash = (hash ^ (unsigned char)who.data[i]) * 0x100000001b3;
	snprintf(budget->name, sizeof budget->name, "%016llx",
		(unsigned long long)hash);
	buf_free(&who);
}

void budget_init(struct budget *budget, const struct spool *spool,
	const struct account *account)
{
	struct span rest = span_of(account->rate ? account->rate : ""), word;
	long number, seconds;

	*budget = (struct budget){ .spool = spool };
	while (budget->count < BUDGET_LIMITS &&
		(word = span_cut_word(&rest)).length)
		if (duration_parse_rate(word, &number, &seconds))
			budget->limits[budget->count++] =
				make_limit(number, seconds);
	make_name(budget, account);
}

/* What is further ahead than the whole bucket is of a clock that was set back.
 */
static int64_t longest_wait(struct budget *budget, int64_t now)
{
	int64_t longest = 0;

	for (size_t i = 0; i < budget->count; i++) {
		struct budget_limit *limit = &budget->limits[i];
		int64_t left = limit->until_us - limit->ahead_us - now;

		if (left > limit->step_us) {
			limit->until_us =
				now + limit->ahead_us + limit->step_us;
			left = limit->step_us;
		}
		if (left > longest) {
			longest = left;
			budget->is_used_up = limit->seconds >= BUDGET_FROM_S;
		}
	}
	return longest;
}

static void spend(struct budget *budget, int64_t now, int messages)
{
	for (size_t i = 0; i < budget->count; i++) {
		struct budget_limit *limit = &budget->limits[i];

		if (limit->until_us < now)
			limit->until_us = now;
		limit->until_us += messages * limit->step_us;
	}
}

/* ---- what hosts share ---------------------------------------------------- */

static void name_bucket(const struct budget *budget,
	const struct budget_limit *limit, char name[static BUCKET_BYTES])
{
	(void)snprintf(name, BUCKET_BYTES, "%s %ld/%ld", budget->name,
		limit->number, limit->seconds);
}

/* One is at hand; else *LONGEST_US is how long to wait, unless it is longer. */
static bool draw(
	struct budget *budget, struct budget_limit *limit, int64_t *longest_us)
{
	double rate = (double)limit->number / (double)limit->seconds;
	double lot_size = rate * LOT_S;
	char name[BUCKET_BYTES];
	struct spool_lot lot = { .bucket = name, .rate_per_s = rate };

	if (limit->drawn)
		return true;
	name_bucket(budget, limit, name);
	lot.burst = limit->seconds >= BUDGET_FROM_S ? (double)limit->number
		    : rate > 1                      ? rate
						    : 1;
	lot.wanted = lot_size >= LOT_MAX ? LOT_MAX
		     : lot_size > 1      ? (unsigned)lot_size
					 : 1;
	if (!spool_draw(budget->spool, &lot))
		return true;
	limit->drawn = lot.drawn;
	if (!lot.drawn && lot.wait_s * us_of_second > *longest_us) {
		*longest_us = lot.wait_s * us_of_second;
		budget->is_used_up = limit->seconds >= BUDGET_FROM_S;
	}
	return lot.drawn;
}

/* One of each limit that hosts share; 0, or how long to wait for it. */
static int64_t take_shared(struct budget *budget)
{
	int64_t longest_us = 0;
	bool has_all = true;

	if (!budget->spool || !spool_is_shared(budget->spool))
		return 0;
	for (size_t i = 0; i < budget->count; i++)
		has_all &= draw(budget, &budget->limits[i], &longest_us);
	for (size_t i = 0; has_all && i < budget->count; i++)
		if (budget->limits[i].drawn)
			budget->limits[i].drawn--;
	return has_all ? 0 : longest_us > 0 ? longest_us : us_of_second;
}

static void change_shared(struct budget *budget, int messages)
{
	char name[BUCKET_BYTES];

	if (!budget->spool || !spool_is_shared(budget->spool))
		return;
	for (size_t i = 0; i < budget->count; i++) {
		name_bucket(budget, &budget->limits[i], name);
		if (messages < 0)
			budget->limits[i].drawn++;
		else
			spool_overdraw(budget->spool, name, 1);
	}
}

/* ---- asked for ----------------------------------------------------------- */

bool budget_take(struct budget *budget, int64_t *wait_ms)
{
	int fd = budget->count ? open_file(budget) : -1;
	int64_t now = now_us(), longest;

	read_file(budget, fd);
	longest = longest_wait(budget, now);
	if (!longest)
		longest = take_shared(budget);
	if (!longest) {
		spend(budget, now, 1);
		write_file(budget, fd);
	}
	folder_close(fd);
	*wait_ms = (longest + 999) / 1000;
	return !longest;
}

/* Unasked. */
static void change(struct budget *budget, int messages)
{
	int fd = budget->count ? open_file(budget) : -1;

	read_file(budget, fd);
	spend(budget, now_us(), messages);
	write_file(budget, fd);
	folder_close(fd);
	change_shared(budget, messages);
}

void budget_spend(struct budget *budget)
{
	change(budget, 1);
}

void budget_give_back(struct budget *budget)
{
	change(budget, -1);
}
