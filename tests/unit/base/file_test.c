/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: what is read, what is refused, and lines that stay whole. */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 4, LINES = 50, LINE_BYTES = 200 };

static char folder[] = "/tmp/mailchute-test.XXXXXX";
static struct arena *arena;

static const char *in_folder(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static const char *make_file(const char *name, struct span content, mode_t mode)
{
	const char *path = in_folder(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (write(fd, content.at, content.length) < 0)
		tap_note("cannot write %s", path);
	fchmod(fd, mode);
	close(fd);
	return path;
}

static void make_link(const char *name, const char *target)
{
	if (symlink(target, in_folder(name)) < 0)
		tap_note("cannot make the link %s", name);
}

/* ---- reading ------------------------------------------------------------- */

static void is_refused(const char *path, int system_error, const char *name)
{
	struct buf out = BUF_INIT(10);
	struct diag why = { .id = DIAG_NONE };

	tap_is_number(file_read(path, &out, NULL, &why), FILE_FAILED, name);
	tap_is_diag(&why, DIAG_FILE_FAILED, "is a failure");
	tap_is_number(why.system_error, system_error, "with a reason");
	buf_free(&out);
}

static void is_missing(const char *path, const char *name)
{
	struct buf out = BUF_INIT(10);
	struct diag why = { .id = DIAG_NONE };

	tap_is_number(file_read(path, &out, NULL, &why), FILE_MISSING, name);
	tap_is_diag(&why, DIAG_NONE, "is no failure");
	buf_free(&out);
}

static void check_reading(void)
{
	const char *path = make_file("ten",
		SPAN("0123\0"
		     "6789"),
		0640);
	struct buf out = BUF_INIT(9);
	struct stat status;
	struct diag why = { .id = DIAG_NONE };

	tap_is_number(file_read(path, &out, &status, &why), FILE_READ, "read");
	tap_is_span(buf_span(&out),
		SPAN("0123\0"
		     "6789"),
		"to its end");
	tap_is_number(status.st_mode & 07777, 0640, "and what it was");
	tap_is_diag(&why, DIAG_NONE, "without a word");
	buf_free(&out);
	tap_is_number(
		file_read(make_file("empty", SPAN(""), 0600), &out, NULL, &why),
		FILE_READ, "an empty file");
	tap_is_text(buf_text(&out), "", "is empty");
	make_link("link", "ten");
	tap_is_number(file_read(in_folder("link"), &out, &status, &why),
		FILE_READ, "a link is followed");
	tap_ok(S_ISREG(status.st_mode), "to what it names");
	buf_free(&out);
}

static void check_large(void)
{
	struct buf want = BUF_INIT(100000), out = BUF_INIT(100000);
	struct diag why;

	for (int i = 0; i < 10000; i++)
		buf_printf(&want, "%9d\n", i);
	tap_is_number(file_read(make_file("large", buf_span(&want), 0600), &out,
			      NULL, &why),
		FILE_READ, "a large file");
	tap_ok(span_equal(buf_span(&out), buf_span(&want)), "comes whole");
	buf_free(&want);
	buf_free(&out);
}

/* Files of the kernel's say that they are empty. */
static void check_unsized(void)
{
	struct buf out = BUF_INIT(100000);
	struct stat status;
	struct diag why;

	if (file_read("/proc/self/status", &out, &status, &why) != FILE_READ ||
		status.st_size)
		tap_skip("a file without a size", "there is none");
	else
		tap_ok(out.length > 0, "a file without a size comes whole");
	buf_free(&out);
}

static void check_refused(void)
{
	is_refused(make_file("eleven", SPAN("0123456789a"), 0600), EFBIG,
		"more than the limit");
	is_refused(folder, EISDIR, "a folder");
	mkfifo(in_folder("fifo"), 0600);
	is_refused(in_folder("fifo"), ENOTSUP, "a FIFO without a writer");
	is_refused("/dev/null", ENOTSUP, "a device");
	make_link("circle", "circle");
	is_refused(in_folder("circle"), ELOOP, "a link to itself");
	is_missing(in_folder("nobody"), "a missing file");
	is_missing(in_folder("nobody/nothing"), "a missing folder");
	is_missing(in_folder("ten/nothing"), "a file for a folder");
	if (geteuid() == 0)
		tap_skip("an unreadable file", "root reads everything");
	else
		is_refused(make_file("closed", SPAN("x"), 0), EACCES,
			"an unreadable file");
}

/* ---- appending ----------------------------------------------------------- */

static void check_appending(void)
{
	const char *path = in_folder("log");
	struct buf out = BUF_INIT(100);
	struct stat status;
	struct diag why = { .id = DIAG_NONE };

	umask(0);
	tap_ok(file_append_line(path, "one", &why) &&
			file_append_line(path, "", &why) &&
			file_append_line(path, "two", &why),
		"three lines");
	file_read(path, &out, &status, &why);
	tap_is_text(buf_text(&out), "one\n\ntwo\n", "in order");
	tap_is_number(status.st_mode & 07777, 0600, "nobody else may read");
	tap_is_diag(&why, DIAG_NONE, "no failure");
	buf_free(&out);
	tap_ok(file_append_line("/dev/null", "x", &why), "a device");
}

static void check_create(void)
{
	const char *path = in_folder("new");
	struct buf out = BUF_INIT(100);
	struct stat status;
	struct diag why;

	umask(0);
	tap_ok(file_create(path, 0600, SPAN("one"), &why), "a new file");
	tap_ok(!file_create(path, 0644, SPAN("two"), &why) &&
			why.id == DIAG_FILE_FAILED &&
			why.system_error == EEXIST,
		"not a second time");
	file_read(path, &out, &status, &why);
	tap_is_text(buf_text(&out), "one", "the first stays");
	tap_is_number(status.st_mode & 07777, 0600, "as it was made");
	buf_free(&out);
	tap_ok(symlink("elsewhere", in_folder("to-nowhere")) == 0 &&
			!file_create(
				in_folder("to-nowhere"), 0600, SPAN("x"), &why),
		"a link is followed nowhere");
	tap_ok(!file_create(in_folder("none/new"), 0600, SPAN("x"), &why) &&
			why.system_error == ENOENT,
		"no folder is made");
}

static void check_folder(void)
{
	const char *path = in_folder("f/g/h");
	struct stat status;

	umask(0);
	tap_ok(file_make_folder(path) && stat(path, &status) == 0 &&
			(status.st_mode & 07777) == 0700,
		"a folder and those above it");
	tap_ok(file_make_folder(path), "which may be there");
	tap_ok(file_make_folder("/"), "as the root is");
	tap_ok(!file_make_folder("/dev/null/x") && errno == ENOTDIR,
		"none below a file");
	rmdir(path);
	rmdir(in_folder("f/g"));
	rmdir(in_folder("f"));
}

static void check_not_appended(void)
{
	static const struct {
		const char *path;
		int system_error;
	} cases[] = {
		{ "/nonexistent/log", ENOENT },
		{ "/", EISDIR },
		{ "/dev/full", ENOSPC },
	};
	struct diag why;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (access(cases[i].path, F_OK) < 0 && i == 2) {
			tap_skip(cases[i].path, "not on this system");
			continue;
		}
		tap_ok(!file_append_line(cases[i].path, "x", &why) &&
				why.id == DIAG_FILE_FAILED,
			"nothing is appended to %s", cases[i].path);
		tap_is_number(
			why.system_error, cases[i].system_error, "and why");
	}
	tap_ok(!file_append_line(in_folder("fifo"), "x", &why) &&
			why.system_error == ENXIO,
		"a FIFO without a reader is not waited for");
}

static void write_lines(const char *path, int writer)
{
	char line[LINE_BYTES + 1];

	memset(line, 'a' + writer, LINE_BYTES);
	line[LINE_BYTES] = '\0';
	for (int i = 0; i < LINES; i++)
		if (!file_append_line(path, line, NULL))
			_exit(1);
	_exit(0);
}

/* Whether each line is LINE_BYTES of one letter. */
static bool are_whole(struct span text, size_t count[WRITERS])
{
	while (text.length) {
		struct span line = span_cut(&text, '\n');

		if (line.length != LINE_BYTES)
			return false;
		for (size_t i = 0; i < LINE_BYTES; i++)
			if (line.at[i] != line.at[0])
				return false;
		count[(line.at[0] - 'a') % WRITERS]++;
	}
	return true;
}

static void check_concurrency(void)
{
	const char *path = in_folder("shared");
	struct buf out = BUF_INIT(WRITERS * LINES * (LINE_BYTES + 1));
	size_t count[WRITERS] = { 0 };
	struct diag why;
	bool has_all = true;

	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_lines(path, i);
	for (int i = 0; i < WRITERS; i++)
		wait(NULL);
	file_read(path, &out, NULL, &why);
	tap_ok(are_whole(buf_span(&out), count),
		"lines of several processes stay whole");
	for (int i = 0; i < WRITERS; i++)
		has_all &= count[i] == LINES;
	tap_ok(has_all, "and none is lost");
	buf_free(&out);
}

/* A child that holds the lock of a file until it is killed or, after a while,
 * writes "held" and lets go. */
static pid_t hold_lock(const char *path, int hold_ms)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char byte = 0;
	int ready[2];
	pid_t pid;

	if (pipe(ready) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);

		if (fcntl(fd, F_SETLK, &lock) < 0 ||
			write(ready[1], "x", 1) < 0)
			_exit(1);
		poll(NULL, 0, hold_ms);
		_exit(write(fd, "held\n", 5) != 5);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		tap_note("the lock was not taken");
	close(ready[0]);
	return pid;
}

static void check_lock_is_awaited(void)
{
	const char *path = in_folder("locked");
	struct buf out = BUF_INIT(100);
	pid_t holder = hold_lock(path, 200);
	struct diag why;

	tap_ok(file_append_line(path, "waited", &why), "a lock is waited for");
	waitpid(holder, NULL, 0);
	file_read(path, &out, NULL, &why);
	tap_is_text(buf_text(&out), "held\nwaited\n", "until it is free");
	buf_free(&out);
}

static void on_alarm(int number)
{
	(void)number;
	clock_set_for_test(1100, 0);
}

/* The clock stands while we wait; the alarm moves it past the deadline. */
static void check_lock_is_given_up(void)
{
	struct itimerval soon = { .it_value.tv_usec = 50000 };
	struct sigaction action = { .sa_handler = on_alarm };
	const char *path = in_folder("hogged");
	pid_t holder = hold_lock(path, 60000);
	struct diag why = { .id = DIAG_NONE };

	clock_set_for_test(0, 0);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_ok(!file_append_line(path, "never", &why), "one second at most");
	tap_is_number(why.system_error, ETIMEDOUT, "then it fails");
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
}

/* ---- the home directory -------------------------------------------------- */

static void check_home(void)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "~", "/home/x" },
		{ "~/.mailchuterc", "/home/x/.mailchuterc" },
		{ "~//a", "/home/x//a" },
		{ "~other/a", "~other/a" },
		{ "/a/~/b", "/a/~/b" },
		{ "a~", "a~" },
		{ "", "" },
	};

	setenv("HOME", "/home/x", 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		tap_is_text(file_expand_home(arena, cases[i].path),
			cases[i].want, cases[i].path);
}

static void ignore(int number)
{
	(void)number;
}

/* More than a pipe holds, with a signal now and then: whoever reads gets it
 * all. */
static void check_write(void)
{
	enum { WHOLE = 1024 * 1024 };
	static char bytes[WHOLE];
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } },
			       never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = ignore }, before;
	int ends[2], status = -1;
	pid_t reader;

	if (!tap_ok(pipe(ends) == 0, "a pipe"))
		return;
	reader = fork();
	if (reader == 0) {
		size_t count = 0;
		ssize_t got;

		close(ends[1]);
		/* Until two signals have come: the second finds it full. */
		(void)poll(NULL, 0, 20);
		while ((got = read(ends[0], bytes, 1000)) > 0)
			count += (size_t)got;
		_exit(count == WHOLE ? 0 : 1);
	}
	close(ends[0]);
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &often, NULL);
	tap_ok(file_write(ends[1], span_make(bytes, WHOLE)), "all of it");
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	close(ends[1]);
	tap_ok(waitpid(reader, &status, 0) == reader && status == 0, "came");
	tap_ok(!file_write(-1, SPAN("x")) && errno == EBADF, "the reason");
	tap_ok(file_write(-1, SPAN("")), "nothing");
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	arena = arena_new();
	check_reading();
	check_large();
	check_unsized();
	check_refused();
	check_appending();
	check_create();
	check_folder();
	check_not_appended();
	check_write();
	check_concurrency();
	check_lock_is_awaited();
	check_lock_is_given_up();
	check_home();
	if (system(arena_printf(arena, "rm -rf %s", folder)) != 0)
		tap_note("%s is left behind", folder);
	arena_free(arena);
	return tap_done();
}
