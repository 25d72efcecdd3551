/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sorted file of addresses.  Does not know why anybody is on it. */
#include <config.h>

#include "deliver/suppression.h"

#include "base/clock.h"
#include "base/disk.h"
#include "base/lines.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_BYTES = 64 * 1024, REASON_MAX = 300 };

static bool failed(const char *path, struct diag *why)
{
	int error = errno;

	diag_set(why, DIAG_SUPPRESS_FILE, path);
	return diag_add_errno(why, error);
}

const char *suppression_key(struct arena *arena, const char *address)
{
	char *key = arena_strdup(arena, address);

	for (char *at = key; *at; at++)
		*at = ascii_lower(*at);
	return key;
}

const char *suppression_now(struct arena *arena)
{
	time_t now = clock_wall();
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&now, &tm))
		(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_strdup(arena, text);
}

/* -1 with errno; a list that is not there yet has nobody on it. */
static int open_list(const char *path, off_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		*size = status.st_size;
		return fd;
	}
	(void)close(fd);
	errno = EINVAL;
	return -1;
}

/* ---- lines --------------------------------------------------------------- */

static int compare(struct span a, struct span b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter ? memcmp(a.at, b.at, shorter) : 0;

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static struct suppression parse(struct arena *arena, struct span line)
{
	struct span address = span_cut(&line, '\t');
	struct span since = span_cut(&line, '\t');

	return (struct suppression){ arena_strndup(
					     arena, address.at, address.length),
		arena_strndup(
			arena, since.length ? since.at : "", since.length),
		arena_strndup(arena, line.length ? line.at : "", line.length) };
}

/* ---- looking ------------------------------------------------------------- */

/* The first whole line at or behind OFFSET; *END is behind it.  Empty when
 * there is none. */
static bool line_at(
	int fd, off_t offset, char *bytes, struct span *line, off_t *end)
{
	off_t from = offset ? offset - 1 : 0;
	ssize_t got = pread(fd, bytes, 2 * SUPPRESSION_LINE_BYTES, from);
	struct span rest = span_make(bytes, got > 0 ? (size_t)got : 0);

	if (got < 0)
		return false;
	if (offset)
		(void)span_cut(&rest, '\n');
	*line = span_cut(&rest, '\n');
	*end = from + (off_t)((size_t)got - rest.length);
	return true;
}

/* Invariant: if KEY is there, its line begins in [low, high). */
static bool search(int fd, off_t size, struct span key, struct arena *arena,
	struct suppression *out)
{
	char bytes[2 * SUPPRESSION_LINE_BYTES];
	off_t low = 0, high = size, end;
	struct span line;

	while (low < high) {
		off_t middle = low + (high - low) / 2;
		struct span rest;
		int order;

		if (!line_at(fd, middle, bytes, &line, &end))
			return false;
		rest = line;
		order = line.length ? compare(key, span_cut(&rest, '\t')) : -1;
		if (!order) {
			*out = parse(arena, line);
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = end;
	}
	return true;
}

bool suppression_find(const char *path, const char *address,
	struct arena *arena, struct suppression *out, struct diag *why)
{
	const char *key = suppression_key(arena, address);
	const char *at = strrchr(key, '@');
	off_t size = 0;
	int fd = open_list(path, &size);
	bool is_read;

	*out = (struct suppression){ .address = NULL };
	if (fd < 0)
		return errno == ENOENT || failed(path, why);
	is_read = search(fd, size, span_of(key), arena, out);
	if (is_read && !out->address && at)
		is_read = search(fd, size, span_of(at), arena, out);
	if (!is_read)
		(void)failed(path, why);
	(void)close(fd);
	return is_read;
}

bool suppression_each(const char *path,
	void (*tell)(void *context, const struct suppression *entry),
	void *context, struct diag *why)
{
	off_t size = 0;
	int fd = open_list(path, &size);
	enum lines_result result;
	struct arena *arena;
	struct lines *lines;
	struct span line;

	if (fd < 0)
		return errno == ENOENT || failed(path, why);
	arena = arena_new();
	lines = lines_new(fd, SUPPRESSION_LINE_BYTES);
	while ((result = lines_next(lines, &line, why)) == LINES_GOT) {
		struct suppression entry = parse(arena, line);

		if (*entry.address)
			tell(context, &entry);
		arena_reset(arena);
	}
	lines_free(lines);
	arena_free(arena);
	(void)close(fd);
	return result == LINES_END;
}

/* ---- changing ------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
	const struct suppression *one = a, *other = b;

	return strcmp(one->address, other->address);
}

struct writer {
	FILE *file;
	const struct suppression *changes;
	size_t count, at, changed;
};

static void put(struct writer *writer, const struct suppression *entry)
{
	fprintf(writer->file, "%s\t%s\t%s\n", entry->address, entry->since,
		entry->reason);
}

/* The changes up to ADDRESS (NULL: all) that are no entry's yet. */
static void put_before(struct writer *writer, const char *address)
{
	for (; writer->at < writer->count; writer->at++) {
		const struct suppression *next = &writer->changes[writer->at];

		if (address && strcmp(next->address, address) >= 0)
			return;
		if (!next->since || (writer->at && !strcmp(next[-1].address,
							   next->address)))
			continue;
		put(writer, next);
		writer->changed++;
	}
}

static void put_old(void *context, const struct suppression *entry)
{
	struct writer *writer = context;
	bool is_kept = true;

	put_before(writer, entry->address);
	while (writer->at < writer->count &&
		!strcmp(writer->changes[writer->at].address, entry->address)) {
		is_kept = is_kept && writer->changes[writer->at].since;
		writer->at++;
	}
	if (is_kept)
		put(writer, entry);
	writer->changed += !is_kept;
}

static bool write_list(
	const char *path, int fd, struct writer *writer, struct diag *why)
{
	bool is_read;

	writer->file = fdopen(fd, "w");
	if (!writer->file) {
		(void)close(fd);
		return failed(path, why);
	}
	is_read = suppression_each(path, put_old, writer, why);
	put_before(writer, NULL);
	if (is_read && (fflush(writer->file) != 0 || ferror(writer->file) ||
			       !disk_sync(fileno(writer->file))))
		is_read = failed(path, why);
	(void)fclose(writer->file);
	return is_read;
}

/* Everybody who writes takes it first; it stays, so that nobody locks a file
 * that is gone. */
static int lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		S_IRUSR | S_IWUSR);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			(void)close(fd);
			return -1;
		}
	return fd;
}

static bool sync_parent(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *parent =
		slash == path ? "/"
		: slash ? arena_strndup(arena, path, (size_t)(slash - path))
			: ".";
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && disk_sync(fd);

	if (fd >= 0)
		(void)close(fd);
	return is_synced;
}

/* The new file has the old one's mode: others may have to read it. */
static int make_new(const char *path, const char *new_path)
{
	struct stat status;
	mode_t mode = stat(path, &status) == 0 ? status.st_mode & 0777
					       : S_IRUSR | S_IWUSR;
	int fd;

	(void)unlink(new_path);
	fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd >= 0)
		(void)fchmod(fd, mode);
	return fd;
}

static bool replace(const char *path, struct writer *writer,
	struct arena *arena, struct diag *why)
{
	const char *new_path = arena_printf(arena, "%s.new", path);
	int fd = make_new(path, new_path);

	if (fd < 0)
		return failed(path, why);
	if (!write_list(path, fd, writer, why)) {
		(void)unlink(new_path);
		return false;
	}
	if (rename(new_path, path) == 0 && sync_parent(arena, path))
		return true;
	return failed(path, why);
}

bool suppression_change(const char *path, struct suppression *changes,
	size_t count, size_t *changed, struct diag *why)
{
	struct arena *arena = arena_new();
	struct writer writer = { .changes = changes, .count = count };
	int fd = lock(arena_printf(arena, "%s.lock", path));
	bool is_changed;

	if (count)
		qsort(changes, count, sizeof *changes, by_address);
	is_changed =
		fd < 0 ? failed(path, why) : replace(path, &writer, arena, why);
	if (fd >= 0)
		(void)close(fd);
	*changed = writer.changed;
	arena_free(arena);
	return is_changed;
}

/* ---- a message ----------------------------------------------------------- */

static void refuse(
	struct diag *why, const char *address, const struct suppression *entry)
{
	diag_set(why, DIAG_SUPPRESSED, address,
		*entry->since ? entry->since : "?",
		*entry->reason ? entry->reason : "?");
}

static bool add_fault(struct envelope *envelope, const char *address,
	const struct suppression *entry, struct arena *arena)
{
	struct envelope_fault *faults = arena_alloc(
		arena, (envelope->fault_count + 1) * sizeof *faults);

	if (envelope->fault_count)
		memcpy(faults, envelope->faults,
			envelope->fault_count * sizeof *faults);
	faults[envelope->fault_count].text = address;
	refuse(&faults[envelope->fault_count].why, address, entry);
	envelope->fault_count++;
	envelope->faults = faults;
	return true;
}

/* In the form that goes on the wire, which is the list's, too. */
static const char *wire_form(const struct envelope_address *address)
{
	return address->ascii ? address->ascii : address->utf8;
}

bool suppression_apply(const struct account *account, struct envelope *envelope,
	struct arena *arena, struct diag *why)
{
	struct recipients left;
	struct suppression entry;

	if (!account->suppress)
		return true;
	recipients_begin(&left, envelope, arena);
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct envelope_address *one = &envelope->recipients[i];

		if (!suppression_find(account->suppress, wire_form(one), arena,
			    &entry, why))
			return false;
		if (entry.address)
			add_fault(envelope, one->utf8, &entry, arena);
		else
			recipients_add(&left, one, i);
	}
	if (left.envelope.recipient_count == envelope->recipient_count)
		return true;
	left.envelope.faults = envelope->faults;
	left.envelope.fault_count = envelope->fault_count;
	*envelope = left.envelope;
	if (envelope->recipient_count)
		return true;
	*why = envelope->faults[0].why;
	return false;
}

static struct verdict refusal(struct arena *arena, const char *address,
	const struct suppression *entry)
{
	struct diag *why = arena_alloc(arena, sizeof *why);

	refuse(why, address, entry);
	return (struct verdict){ VERDICT_REFUSED, why };
}

bool suppression_part(const struct account *account,
	const struct recipients *due, struct arena *arena,
	struct recipients *off, struct verdict **verdicts, struct diag *why)
{
	const struct envelope *envelope = &due->envelope;
	struct suppression entry;
	size_t count = 0;

	recipients_begin(off, envelope, arena);
	*verdicts = arena_alloc(
		arena, (envelope->recipient_count + 1) * sizeof **verdicts);
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct envelope_address *one = &envelope->recipients[i];

		if (!suppression_find(account->suppress, wire_form(one), arena,
			    &entry, why)) {
			*verdicts = NULL;
			return false;
		}
		if (!entry.address)
			continue;
		(*verdicts)[count++] = refusal(arena, one->utf8, &entry);
		recipients_add(off, one, due->place[i]);
	}
	return true;
}

/* ---- refusals ------------------------------------------------------------ */

/* RFC 3463: nobody has it, it has moved, takes no mail (RFC 7505), is switched
 * off. */
static bool is_nobody(const struct verdict *verdict)
{
	static const char *const statuses[] = { "5.1.1", "5.1.6", "5.1.10",
		"5.2.1" };

	if (verdict->kind != VERDICT_REFUSED || verdict->why->reply_code < 500)
		return false;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (!strcmp(verdict->why->status, statuses[i]))
			return true;
	return false;
}

static const char *reason_of(const struct diag *why, struct arena *arena)
{
	struct buf reply = BUF_INIT(SUPPRESSION_LINE_BYTES);
	struct span words = span_of(why->reply);
	const char *reason;

	if (words.length > REASON_MAX)
		words.length = REASON_MAX;
	text_put_printable(&reply, words);
	reason = arena_printf(arena, "refused: %s", buf_text(&reply));
	buf_free(&reply);
	return reason;
}

bool suppression_learn(const struct account *account,
	const struct outcome *outcome, struct diag *why)
{
	const struct envelope *envelope = outcome->envelope;
	struct arena *arena;
	struct suppression *changes;
	size_t count = 0, changed;
	bool is_changed = true;

	if (!account->suppress || !account->suppress_refused ||
		!outcome->verdicts || !envelope)
		return true;
	arena = arena_new();
	changes = arena_alloc(
		arena, (envelope->recipient_count + 1) * sizeof *changes);
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (is_nobody(&outcome->verdicts[i]))
			changes[count++] = (struct suppression){
				suppression_key(arena,
					wire_form(&envelope->recipients[i])),
				suppression_now(arena),
				reason_of(outcome->verdicts[i].why, arena)
			};
	if (count)
		is_changed = suppression_change(
			account->suppress, changes, count, &changed, why);
	arena_free(arena);
	return is_changed;
}
