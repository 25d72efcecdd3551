/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration file that is changed.  Does not know what keywords mean. */
#include <config.h>

#include "config/profile.h"

#include "base/disk.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- text ---------------------------------------------------------------- */

/* What the parser would strip, or take for quotes, stands in quotes. */
static void put_value(struct buf *out, const char *value)
{
	size_t length = strlen(value);
	bool needs_quotes = !length || strchr(" \t\"=:", value[0]) ||
			    strchr(" \t\"", value[length - 1]);

	buf_printf(out, needs_quotes ? "\"%s\"" : "%s", value);
}

/* As the text's first line ends: files come from Windows, too. */
static const char *line_end(struct span text)
{
	struct span line = span_cut(&text, '\n');

	return line.length && line.at[line.length - 1] == '\r' ? "\r\n" : "\n";
}

static struct span first_word(struct span line)
{
	return span_cut_word(&line);
}

/* Whether LINE begins the account NAME: "account NAME [: PARENT]". */
static bool begins(struct span line, const char *name)
{
	struct span keyword = span_cut_word(&line);
	struct span said = span_trim(span_cut(&line, ':'));

	return span_equal_nocase(keyword, SPAN("account")) &&
	       span_equal(said, span_of(name));
}

static bool ends_account(struct span line)
{
	struct span word = first_word(line);

	return span_equal_nocase(word, SPAN("account")) ||
	       span_equal_nocase(word, SPAN("defaults"));
}

/* The lines of an account that is mended. */
struct mending {
	const struct profile_line *lines;
	size_t count;
	bool *is_done;
	struct buf *out;
	const char *line_end;
};

static void put_line(
	const struct mending *mending, const struct profile_line *line)
{
	buf_printf(mending->out, "%s ", line->keyword);
	put_value(mending->out, line->value);
	buf_puts(mending->out, mending->line_end);
}

/* LINE as it is to be: a line of ours, nothing, or itself. */
static void mend_line(struct mending *mending, struct span line)
{
	struct span word = first_word(line);

	for (size_t i = 0; i < mending->count; i++) {
		if (!span_equal_nocase(
			    word, span_of(mending->lines[i].keyword)))
			continue;
		if (mending->lines[i].value && !mending->is_done[i])
			put_line(mending, &mending->lines[i]);
		mending->is_done[i] = true;
		return;
	}
	buf_put_span(mending->out, line);
	buf_put_byte(mending->out, '\n');
}

static void put_rest(struct mending *mending)
{
	for (size_t i = 0; i < mending->count; i++)
		if (mending->lines[i].value && !mending->is_done[i]) {
			put_line(mending, &mending->lines[i]);
			mending->is_done[i] = true;
		}
}

/* Blank lines and comments at the end of an account belong to what follows. */
static size_t own_length(struct span text)
{
	struct span rest = text;
	size_t length = 0;

	while (rest.length) {
		struct span line = span_cut(&rest, '\n');
		struct span word = first_word(span_trim(line));

		if (ends_account(line))
			break;
		if (word.length && *word.at != '#')
			length = text.length - rest.length;
	}
	return length;
}

static void mend(struct mending *mending, struct span text)
{
	struct span own = span_make(text.at, own_length(text));

	while (own.length)
		mend_line(mending, span_cut(&own, '\n'));
	put_rest(mending);
	buf_put_span(mending->out, span_skip(text, own_length(text)));
}

static void append(struct mending *mending, struct span text, const char *name)
{
	buf_put_span(mending->out, text);
	if (text.length && text.at[text.length - 1] != '\n')
		buf_puts(mending->out, mending->line_end);
	if (text.length)
		buf_puts(mending->out, mending->line_end);
	buf_printf(mending->out, "account %s%s", name, mending->line_end);
	put_rest(mending);
}

void profile_put(struct span text, const char *name,
	const struct profile_line *lines, size_t count, struct buf *out)
{
	struct mending mending = { lines, count,
		mem_zalloc(count * sizeof(bool) + 1), out, line_end(text) };
	struct span rest = text;
	bool is_found = false;

	while (rest.length && !is_found)
		is_found = begins(span_cut(&rest, '\n'), name);
	if (is_found) {
		buf_put_span(
			out, span_make(text.at, text.length - rest.length));
		if (text.at[text.length - rest.length - 1] != '\n')
			buf_put_byte(out, '\n');
		mend(&mending, rest);
	} else {
		append(&mending, text, name);
	}
	mem_free(mending.is_done);
}

/* ---- file ---------------------------------------------------------------- */

static bool fail(const char *path, int system_error, struct diag *why)
{
	return diag_set_errno(why, system_error, DIAG_FILE_FAILED, path);
}

/* "" for a file of the root or of no folder. */
static const char *folder_of(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	return arena_strndup(arena, path, slash ? (size_t)(slash - path) : 0);
}

static void sync_folder(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');
	int fd = open(
		slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1)
		      : ".",
		O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)disk_sync(fd);
		close(fd);
	}
}

static bool set_access(const char *part, const struct profile_access *wanted)
{
	struct stat now;

	if (stat(part, &now) < 0)
		return false;
	if ((now.st_uid != wanted->owner || now.st_gid != wanted->group) &&
		chown(part, wanted->owner, wanted->group) < 0)
		return false;
	return chmod(part, wanted->mode) == 0;
}

static bool replace(const char *path, struct span text,
	const struct profile_access *access, struct arena *arena,
	struct diag *why)
{
	const char *part = arena_printf(arena, "%s.%ld", path, (long)getpid());
	struct diag trouble;

	if (!file_create(part, S_IRUSR | S_IWUSR, text, &trouble))
		return fail(path, trouble.system_error, why);
	if ((!access || set_access(part, access)) && rename(part, path) == 0) {
		sync_folder(path, arena);
		return true;
	}
	fail(path, errno, why);
	unlink(part);
	return false;
}

/* Where PATH really is, and what is there: *IS_THERE.  A link to nothing is
 * somebody's, and stays. */
static bool find(const char *path, char whole[static PATH_MAX],
	struct stat *old, bool *is_there, struct diag *why)
{
	struct stat link;

	*is_there = stat(path, old) == 0;
	if (!*is_there)
		return lstat(path, &link) < 0 || fail(path, ENOENT, why);
	if (!S_ISREG(old->st_mode))
		return fail(path, ENOTSUP, why);
	return realpath(path, whole) || fail(path, errno, why);
}

bool profile_write(const char *path, struct span text,
	const struct profile_access *access, struct diag *why)
{
	struct arena *arena = arena_new();
	struct profile_access kept;
	char whole[PATH_MAX];
	struct stat old;
	bool is_there, is_written = find(path, whole, &old, &is_there, why);

	if (is_written && !is_there && *folder_of(path, arena))
		(void)file_make_folder(folder_of(path, arena));
	if (is_written && is_there && !access) {
		/* Whoever could read it still can. */
		kept = (struct profile_access){ old.st_uid, old.st_gid,
			old.st_mode & 07777 };
		access = &kept;
	}
	is_written = is_written &&
		     replace(is_there ? whole : path, text, access, arena, why);
	arena_free(arena);
	return is_written;
}

bool profile_may_write(const char *path, struct diag *why)
{
	struct arena *arena = arena_new();
	char whole[PATH_MAX];
	const char *folder;
	struct stat old;
	bool is_there, is_fine = find(path, whole, &old, &is_there, why);

	if (is_fine) {
		folder = folder_of(is_there ? whole : path, arena);
		/* The first that is there. */
		while (*folder && access(folder, F_OK) < 0)
			folder = folder_of(folder, arena);
		if (!*folder)
			folder = path[0] == '/' ? "/" : ".";
		is_fine = access(folder, W_OK | X_OK) == 0 ||
			  fail(path, errno, why);
	}
	arena_free(arena);
	return is_fine;
}
