/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs on disk.  Paths are relative to the queue's folder. */
#include <config.h>

#include "spool/job.h"

#include "base/clock.h"
#include "base/disk.h"
#include "base/lines.h"
#include "base/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATH_BYTES = 64,
	ID_TIME = 9, /* letters, as those of entries have it */
	ROW_LETTERS = RECORD_ID_LENGTH - JOB_ID_LENGTH,
	LINE_BYTES = 256, /* longer ones are no ids */
	TRIES = 10
};

struct job {
	struct spool *spool;
	int fd; /* of its folder, locked */
	char id[JOB_ID_LENGTH + 1];
	int history_fd;
	struct lines *history; /* read as it grows */
	unsigned char *ended;  /* a bit a row */
	size_t ended_bytes;
};

static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* Where an entry may be, in the order in which it moves. */
static const char *const places[] = { ".", "sending", "failed", "damaged" };

/* ---- ids ----------------------------------------------------------------- */

static void make_id(char out[static JOB_ID_LENGTH + 1])
{
	uint64_t ms = (uint64_t)clock_wall_ms();
	uint64_t ticks = ms / 1000 * 1024 + ms % 1000 * 1024 / 1000;
	unsigned char random[JOB_ID_LENGTH - ID_TIME];

	random_bytes(random, sizeof random);
	for (size_t i = 0; i < ID_TIME; i++)
		out[i] = letters[ticks >> (5 * (ID_TIME - 1 - i)) & 31];
	for (size_t i = 0; i < sizeof random; i++)
		out[ID_TIME + i] = letters[random[i] & 31];
	out[JOB_ID_LENGTH] = '\0';
}

void job_entry_id(
	const char *job, uint64_t row, char out[static RECORD_ID_LENGTH + 1])
{
	memcpy(out, job, JOB_ID_LENGTH);
	for (size_t i = 0; i < ROW_LETTERS; i++)
		out[JOB_ID_LENGTH + i] =
			letters[row >> (5 * (ROW_LETTERS - 1 - i)) & 31];
	out[RECORD_ID_LENGTH] = '\0';
}

uint64_t job_row(const char *job, struct span id)
{
	uint64_t row = 0;

	if (id.length != RECORD_ID_LENGTH ||
		!span_starts_with(id, span_make(job, JOB_ID_LENGTH)))
		return 0;
	for (size_t i = JOB_ID_LENGTH; i < RECORD_ID_LENGTH; i++) {
		const char *letter =
			id.at[i] ? strchr(letters, id.at[i]) : NULL;

		if (!letter)
			return 0;
		row = row * 32 + (uint64_t)(letter - letters);
	}
	return row;
}

static bool is_id(const char *text)
{
	return strlen(text) == JOB_ID_LENGTH &&
	       strspn(text, letters) == JOB_ID_LENGTH;
}

/* ---- folders ------------------------------------------------------------- */

static bool not_kept(const char *id, struct diag *why)
{
	int error = errno;

	diag_set(why, DIAG_JOB_NOT_KEPT, id);
	return diag_add_errno(why, error);
}

/* "jobs", durably. */
static bool need_jobs(struct spool *spool)
{
	if (mkdirat(spool_fd(spool), "jobs", S_IRWXU) < 0)
		return errno == EEXIST;
	return disk_sync(spool_fd(spool));
}

static void make_path(char out[static PATH_BYTES], const char *id)
{
	snprintf(out, PATH_BYTES, "jobs/%s", id);
}

static bool make_folder(struct job *job)
{
	char path[PATH_BYTES];

	for (int i = 0; i < TRIES; i++) {
		make_id(job->id);
		make_path(path, job->id);
		if (mkdirat(spool_fd(job->spool), path, S_IRWXU) == 0)
			return true;
		if (errno != EEXIST)
			return false;
	}
	return false;
}

/* -1 unless it is a folder, and ours. */
static int open_folder(struct spool *spool, const char *id)
{
	char path[PATH_BYTES];
	struct stat status;
	int fd;

	make_path(path, id);
	fd = openat(spool_fd(spool), path,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &status) < 0 ||
			       status.st_uid != spool_owner(spool))) {
		folder_close(fd);
		errno = ENOENT;
		return -1;
	}
	return fd;
}

static bool lock(struct job *job, struct diag *why)
{
	if (flock(job->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return diag_set(why, DIAG_JOB_BUSY, job->id);
	return not_kept(job->id, why);
}

void job_close(struct job *job)
{
	if (!job)
		return;
	lines_free(job->history);
	folder_close(job->history_fd);
	folder_close(job->fd);
	mem_free(job->ended);
	mem_free(job);
}

/* ---- files --------------------------------------------------------------- */

static bool copy(
	int fd, const char *id, struct source *source, struct diag *why)
{
	struct span piece;
	off_t offset = 0;

	for (;;) {
		if (!source_next(source, &piece, why))
			return false;
		if (!piece.length)
			return disk_sync_data(fd) || not_kept(id, why);
		if (!folder_write(fd, piece, offset))
			return not_kept(id, why);
		offset += (off_t)piece.length;
	}
}

bool job_put(struct job *job, const char *name, struct source *source,
	struct diag *why)
{
	int fd = openat(job->fd, name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		S_IRUSR | S_IWUSR);
	bool is_put;

	if (fd < 0)
		return not_kept(job->id, why);
	spool_give(job->spool, fd);
	is_put = copy(fd, job->id, source, why);
	folder_close(fd);
	return is_put;
}

int job_make_file(const struct job *job, const char *name)
{
	int fd = openat(job->fd, name,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		S_IRUSR | S_IWUSR);

	spool_give(job->spool, fd);
	return fd;
}

static bool put_span(
	struct job *job, const char *name, struct span text, struct diag *why)
{
	struct source *source = source_from_span(text);
	bool is_put = job_put(job, name, source, why);

	source_close(source);
	return is_put;
}

/* The names are there as durably as the bytes. */
static bool sync_names(struct job *job)
{
	int fd = openat(spool_fd(job->spool), "jobs",
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool is_synced = fd >= 0 && disk_sync(job->fd) && disk_sync(fd);

	folder_close(fd);
	return is_synced;
}

bool job_begin(struct job *job, struct span text, struct diag *why)
{
	return put_span(job, "history", SPAN(""), why) &&
	       (disk_sync(job->fd) || not_kept(job->id, why)) &&
	       put_span(job, "job", text, why) &&
	       (sync_names(job) || not_kept(job->id, why));
}

static int open_in(int folder_fd, const char *name)
{
	return openat(folder_fd, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

int job_file(const struct job *job, const char *name)
{
	return open_in(job->fd, name);
}

int job_file_of(struct spool *spool, const char *id, const char *name)
{
	int folder_fd = is_id(id) ? open_folder(spool, id) : -1;
	int fd = folder_fd < 0 ? -1 : open_in(folder_fd, name);

	folder_close(folder_fd);
	return fd;
}

const char *job_id(const struct job *job)
{
	return job->id;
}

/* ---- rows ---------------------------------------------------------------- */

static void set_ended(struct job *job, uint64_t row)
{
	size_t at = (size_t)(row / 8);

	if (at >= job->ended_bytes) {
		size_t bytes = at * 2 + 64;

		job->ended = mem_array(job->ended, bytes, 1);
		memset(job->ended + job->ended_bytes, 0,
			bytes - job->ended_bytes);
		job->ended_bytes = bytes;
	}
	job->ended[at] = (unsigned char)(job->ended[at] | 1U << row % 8);
}

/* What has come to it since it was last read. */
static bool read_history(struct job *job, struct diag *why)
{
	enum lines_result result;
	struct span line;

	while ((result = lines_next(job->history, &line, why)) == LINES_GOT)
		if (span_starts_with(line, SPAN("id ")) &&
			job_row(job->id, span_skip(line, 3)))
			set_ended(job, job_row(job->id, span_skip(line, 3)));
	return result == LINES_END;
}

static bool open_history(struct job *job, struct diag *why)
{
	job->history_fd = job_file(job, "history");
	if (job->history_fd < 0)
		return not_kept(job->id, why);
	job->history = lines_new(job->history_fd, LINE_BYTES);
	return read_history(job, why);
}

static bool is_begun(const struct job *job)
{
	struct stat status;

	return fstatat(job->fd, "job", &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Not locked yet; NULL when there is no such folder. */
static struct job *take(struct spool *spool, const char *id)
{
	int fd = is_id(id) ? open_folder(spool, id) : -1;
	struct job *job;

	if (fd < 0)
		return NULL;
	job = mem_zalloc(sizeof *job);
	job->spool = spool;
	job->fd = fd;
	job->history_fd = -1;
	snprintf(job->id, sizeof job->id, "%s", id);
	return job;
}

struct job *job_open(struct spool *spool, const char *id, struct diag *why)
{
	struct job *job = take(spool, id);

	if (!job || !is_begun(job))
		diag_set(why, DIAG_JOB_NONE, id);
	else if (lock(job, why) && open_history(job, why))
		return job;
	job_close(job);
	return NULL;
}

static bool has_ended(const struct job *job, uint64_t row)
{
	size_t at = (size_t)(row / 8);

	return at < job->ended_bytes && job->ended[at] & 1U << row % 8;
}

static bool is_kept_anywhere(const struct job *job, uint64_t row)
{
	char id[RECORD_ID_LENGTH + 1], path[PATH_BYTES];
	struct stat status;

	job_entry_id(job->id, row, id);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(path, sizeof path, "%s/%s", places[i], id);
		if (fstatat(spool_fd(job->spool), path, &status,
			    AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

/* An entry is in the history before it leaves the queue: what is found in
 * neither, in this order, was never accepted.  Looked for twice, as it may be
 * moved between two places meanwhile. */
bool job_has(struct job *job, uint64_t row, bool *has, struct diag *why)
{
	*has = has_ended(job, row) || is_kept_anywhere(job, row) ||
	       is_kept_anywhere(job, row);
	if (*has)
		return true;
	if (!read_history(job, why))
		return false;
	*has = has_ended(job, row);
	return true;
}

/* Calls TELL with the name of each folder that may be a job's. */
static void each_folder(struct spool *spool,
	void (*tell)(void *context, const char *id), void *context)
{
	int fd = openat(spool_fd(spool), "jobs",
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	if (!list) {
		folder_close(fd);
		return;
	}
	while ((item = readdir(list)))
		if (is_id(item->d_name))
			tell(context, item->d_name);
	closedir(list);
}

struct listing {
	struct spool *spool;
	void (*tell)(void *context, const char *id);
	void *context;
};

static void tell_begun(void *context, const char *id)
{
	const struct listing *listing = context;
	int fd = job_file_of(listing->spool, id, "job");

	if (fd < 0)
		return;
	folder_close(fd);
	listing->tell(listing->context, id);
}

void job_each(struct spool *spool, void (*tell)(void *context, const char *id),
	void *context)
{
	struct listing listing = { spool, tell, context };

	each_folder(spool, tell_begun, &listing);
}

/* ---- making one ---------------------------------------------------------- */

void job_abandon(struct job *job)
{
	static const char *const names[] = { "job", "history", "table", "text",
		"page", "faults", "summary" };
	char path[PATH_BYTES];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		(void)unlinkat(job->fd, names[i], 0);
	make_path(path, job->id);
	(void)unlinkat(spool_fd(job->spool), path, AT_REMOVEDIR);
	job_close(job);
}

/* ---- ends ---------------------------------------------------------------- */

/* Of a file that is not there, false. */
static bool is_old(const struct job *job, const char *name)
{
	struct stat status;

	return fstatat(job->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       clock_wall() - status.st_mtime > JOB_KEPT_S;
}

/* Whether an entry of the job is in that folder of the queue's; one that cannot
 * be read may have any. */
static bool has_entries(const struct job *job, const char *place)
{
	int fd = openat(spool_fd(job->spool), place,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;
	bool has = !list && errno != ENOENT;

	if (!list) {
		folder_close(fd);
		return has;
	}
	while (!has && (item = readdir(list)))
		has = job_row(job->id, span_of(item->d_name)) != 0;
	closedir(list);
	return has;
}

/* Its rows are all made, and done with for long. */
static bool is_over(const struct job *job)
{
	if (!is_old(job, "summary") || !is_old(job, "history"))
		return false;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (has_entries(job, places[i]))
			return false;
	return true;
}

static bool is_for_nothing(const struct job *job)
{
	return !is_begun(job) || is_over(job);
}

/* What a crash left of one that never began, and what nobody asks about any
 * more. */
static void sweep(void *context, const char *id)
{
	struct spool *spool = context;
	struct job *job = take(spool, id);
	struct diag why;

	if (job && is_for_nothing(job) && lock(job, &why) &&
		is_for_nothing(job))
		job_abandon(job);
	else
		job_close(job);
}

struct job *job_new(struct spool *spool, struct diag *why)
{
	struct job *job = mem_zalloc(sizeof *job);

	each_folder(spool, sweep, spool);
	job->spool = spool;
	job->fd = job->history_fd = -1;
	if (!need_jobs(spool) || !make_folder(job) ||
		(job->fd = open_folder(spool, job->id)) < 0)
		not_kept(job->id, why);
	else if (lock(job, why))
		return job;
	job_close(job);
	return NULL;
}
