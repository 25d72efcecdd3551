/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that must hold still, and what is no file. */
#include <config.h>

#include "base/snapshot.h"
#include "tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/snapshot_test.XXXXXX";
static char path[100];

static void write_file(const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		tap_ok(false, "the test can write its file");
	close(fd);
}

static bool read_all(struct source *source, struct buf *out, struct diag *why)
{
	struct span piece;

	buf_clear(out);
	for (;;) {
		if (!source_next(source, &piece, why))
			return false;
		if (!piece.length)
			return true;
		buf_put_span(out, piece);
	}
}

static void test_reading(void)
{
	struct buf out = BUF_INIT(1000);
	struct diag why;
	struct source *source;

	write_file("hello", O_TRUNC);
	source = snapshot_new(path, &why);
	for (int i = 0; i < 3; i++) {
		tap_ok(read_all(source, &out, &why), "it is read");
		tap_is_text(buf_text(&out), "hello", "  whole");
		tap_ok(source_rewind(source, &why), "  and again");
	}
	source_close(source);
	write_file("", O_TRUNC);
	source = snapshot_new(path, &why);
	tap_ok(read_all(source, &out, &why) && !out.length, "an empty file");
	source_close(source);
	buf_free(&out);
}

static void grow(struct source *source)
{
	(void)source;
	write_file("more", O_APPEND);
}

static void shrink(struct source *source)
{
	(void)source;
	if (truncate(path, 2))
		tap_ok(false, "the test can shrink its file");
}

/* The size stays, the content does not. */
static void rewrite(struct source *source)
{
	struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	(void)source;
	write_file("HELLO", O_TRUNC);
	if (utimensat(AT_FDCWD, path, times, 0))
		tap_ok(false, "the test can set times");
}

static void replace(struct source *source)
{
	(void)source;
	unlink(path);
	write_file("hello", 0);
}

static void lose(struct source *source)
{
	(void)source;
	unlink(path);
}

static void start_and_grow(struct source *source)
{
	struct span piece;
	struct diag why;

	source_next(source, &piece, &why);
	grow(source);
}

static void test_change(
	const char *name, void (*change)(struct source *), enum diag_id want)
{
	struct buf out = BUF_INIT(1000);
	struct diag why = { .id = DIAG_NONE };
	struct source *source;

	unlink(path);
	write_file("hello", 0);
	source = snapshot_new(path, &why);
	tap_ok(read_all(source, &out, &why) && source_rewind(source, &why),
		"it is read once");
	change(source);
	tap_ok(!read_all(source, &out, &why), "%s: not a second time", name);
	tap_is_diag(&why, want, name);
	source_close(source);
	buf_free(&out);
}

static void test_refused(const char *what, enum diag_id want)
{
	struct diag why = { .id = DIAG_NONE };
	struct source *source = snapshot_new(what, &why);

	tap_ok(!source, "%s is refused", what);
	tap_is_diag(&why, want, "  and says why");
	source_close(source);
}

static void make_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address))
		tap_ok(false, "the test can make a socket");
	close(fd);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/file", folder);
	test_reading();
	test_change("grown", grow, DIAG_FILE_CHANGED);
	test_change("shrunk", shrink, DIAG_FILE_CHANGED);
	test_change("rewritten", rewrite, DIAG_FILE_CHANGED);
	test_change("replaced", replace, DIAG_FILE_CHANGED);
	test_change("grown half way", start_and_grow, DIAG_FILE_CHANGED);
	test_change("gone", lose, DIAG_FILE_UNREADABLE);
	test_refused(path, DIAG_FILE_UNREADABLE);
	test_refused(folder, DIAG_FILE_NOT_REGULAR);
	test_refused("/dev/null", DIAG_FILE_NOT_REGULAR);
	if (mkfifo(path, 0600))
		tap_ok(false, "the test can make a pipe");
	test_refused(path, DIAG_FILE_NOT_REGULAR);
	unlink(path);
	make_socket();
	test_refused(path, DIAG_FILE_NOT_REGULAR);
	unlink(path);
	rmdir(folder);
	return tap_done();
}
