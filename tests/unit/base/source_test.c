/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources and the store, in memory, in a file, and without room. */
#include <config.h>

#include "base/mem.h"
#include "base/source.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 300000 };

static char folder[] = "/tmp/mailchute-test.XXXXXX";

/* Reads to the end; the number of pieces, or 0 after a failure. */
static size_t read_all(struct source *source, struct buf *out, struct diag *why)
{
	struct span piece;
	size_t pieces = 0;

	buf_clear(out);
	for (;;) {
		pieces++;
		if (!source_next(source, &piece, why))
			return 0;
		if (!piece.length)
			return pieces;
		buf_put_span(out, piece);
	}
}

static void is_read(struct source *source, struct span want, const char *name)
{
	struct buf out = BUF_INIT(2 * MANY);
	struct diag why = { .id = DIAG_NONE };
	bool is_ok = read_all(source, &out, &why) &&
		     span_equal(buf_span(&out), want);

	tap_ok(is_ok, "%s", name);
	if (!is_ok)
		tap_note("got %zu bytes of %zu, %s", out.length, want.length,
			diag_name(why.id));
	buf_free(&out);
}

/* ---- descriptors --------------------------------------------------------- */

static void write_slowly(int fd)
{
	for (int i = 0; i < 3; i++) {
		poll(NULL, 0, 20);
		if (write(fd, "abc", 3) != 3)
			_exit(1);
	}
	_exit(0);
}

static void check_pipe(bool is_blocking)
{
	struct source *source;
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		return;
	if (!is_blocking)
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
	pid = fork();
	if (pid == 0)
		write_slowly(ends[1]);
	close(ends[1]);
	source = source_from_fd(ends[0]);
	is_read(source, SPAN("abcabcabc"),
		is_blocking ? "a slow pipe" : "a pipe that does not block");
	is_read(source, SPAN(""), "the end stays the end");
	tap_ok(!source->ops->rewind, "a pipe cannot go back");
	source_close(source);
	tap_ok(fcntl(ends[0], F_GETFD) >= 0, "the descriptor stays open");
	close(ends[0]);
	waitpid(pid, NULL, 0);
}

static void on_alarm(int number)
{
	(void)number;
}

static void check_signal(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct source *source;
	int ends[2];
	pid_t pid, parent = getpid();

	if (pipe(ends) < 0)
		return;
	sigaction(SIGUSR1, &action, NULL);
	pid = fork();
	if (pid == 0) {
		poll(NULL, 0, 30);
		kill(parent, SIGUSR1);
		poll(NULL, 0, 30);
		_exit(write(ends[1], "abc", 3) != 3);
	}
	close(ends[1]);
	source = source_from_fd(ends[0]);
	is_read(source, SPAN("abc"), "a signal while waiting");
	source_close(source);
	close(ends[0]);
	waitpid(pid, NULL, 0);
}

static void check_wrong_descriptors(void)
{
	int fd = open("/", O_RDONLY);
	struct source *source = source_from_fd(fd);
	struct buf out = BUF_INIT(100);
	struct diag why = { .id = DIAG_NONE };

	read_all(source, &out, &why);
	tap_is_diag(&why, DIAG_INPUT_UNREADABLE, "a folder");
	tap_is_number(why.system_error, EISDIR, "says so");
	close(fd);
	read_all(source, &out, &why);
	tap_is_diag(&why, DIAG_INPUT_CLOSED, "a closed descriptor");
	source_close(source);
	source_close(NULL);
	buf_free(&out);
}

static void check_span(void)
{
	struct source *source = source_from_span(SPAN("a\0b"));
	struct buf out = BUF_INIT(100);
	struct diag why;

	tap_is_number((int64_t)read_all(source, &out, &why), 2,
		"memory comes in one piece");
	tap_is_span(buf_span(&out), SPAN("a\0b"), "the right one");
	is_read(source, SPAN(""), "then nothing more");
	source_rewind(source, &why);
	is_read(source, SPAN("a\0b"), "and again from the beginning");
	source_close(source);
	buf_free(&out);
}

/* ---- the store ----------------------------------------------------------- */

static size_t count_files(void)
{
	DIR *handle = opendir(folder);
	const struct dirent *entry;
	size_t count = 0;

	while (handle && (entry = readdir(handle)))
		count += entry->d_name[0] != '.';
	if (handle)
		closedir(handle);
	return count;
}

static int lowest_free(void)
{
	int fd = open("/", O_RDONLY);

	close(fd);
	return fd;
}

/* SIZE bytes, put in pieces, read twice. */
static void check_store(
	size_t size, size_t piece, size_t limit, bool is_in_file)
{
	int before = lowest_free();
	struct store *store = store_new(limit);
	char *bytes = mem_alloc(size);
	struct source *source;
	struct diag why = { .id = DIAG_NONE };

	tap_note("%zu bytes in pieces of %zu, %zu in memory", size, piece,
		limit);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(i * 7 % 251);
	for (size_t at = 0; at < size; at += piece)
		store_put(store,
			span_make(bytes + at,
				size - at < piece ? size - at : piece),
			&why);
	tap_is_diag(&why, DIAG_NONE, "stored");
	tap_is_number((int64_t)store_size(store), (int64_t)size, "its size");
	tap_ok((lowest_free() != before) == is_in_file, "kept in %s",
		is_in_file ? "a file" : "memory");
	tap_is_number((int64_t)count_files(), 0, "which has no name");
	source = store_source(store);
	is_read(source, span_make(bytes, size), "read");
	source_rewind(source, &why);
	is_read(source, span_make(bytes, size), "read again");
	source_close(source);
	source = store_source(store);
	is_read(source, span_make(bytes, size), "read by another source");
	source_close(source);
	store_free(store);
	tap_is_number(lowest_free(), before, "nothing stays open");
	mem_free(bytes);
}

static void check_descriptor_is_ours(void)
{
	int before = lowest_free();
	struct store *store = store_new(0);
	struct diag why;

	store_put(store, SPAN("x"), &why);
	tap_ok(fcntl(before, F_GETFD) & FD_CLOEXEC, "no child inherits it");
	store_free(store);
	store_free(NULL);
}

static void check_full_disk(void)
{
	struct rlimit before, small = { .rlim_cur = 1000 };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct store *store = store_new(100);
	struct diag why = { .id = DIAG_NONE };
	struct buf out = BUF_INIT(1000);
	bool is_first, is_second;

	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	sigaction(SIGXFSZ, &ignore, &old);
	setrlimit(RLIMIT_FSIZE, &small);
	is_first = store_put(store, span_make((char[900]){ 0 }, 900), &why);
	is_second = store_put(store, span_make((char[900]){ 0 }, 900), &why);
	setrlimit(RLIMIT_FSIZE, &before);
	sigaction(SIGXFSZ, &old, NULL);
	tap_ok(is_first && !is_second, "there is room for the first part only");
	tap_is_diag(&why, DIAG_INPUT_NOT_KEPT, "which is an error");
	tap_is_number(why.system_error, EFBIG, "of the system");
	diag_sentence(&why, false, &out);
	tap_ok(strstr(buf_text(&out), folder) != NULL, "that names the place");
	store_free(store);
	buf_free(&out);
}

static void check_lost_end(void)
{
	int fd = lowest_free();
	struct store *store = store_new(0);
	struct source *source = store_source(store);
	struct diag why = { .id = DIAG_NONE };
	struct buf out = BUF_INIT(1000);

	store_put(store, SPAN("some text"), &why);
	tap_ok(ftruncate(fd, 4) == 0, "a disk loses the end");
	tap_is_number((int64_t)read_all(source, &out, &why), 0, "it shows");
	tap_is_diag(&why, DIAG_INPUT_NOT_KEPT, "as an error");
	tap_is_number(why.system_error, EIO, "of the disk");
	source_close(source);
	store_free(store);
	buf_free(&out);
}

static void check_places(void)
{
	struct store *store = store_new(0);
	struct diag why = { .id = DIAG_NONE };

	setenv("TMPDIR", "/nonexistent/folder", 1);
	tap_ok(store_put(store, SPAN("x"), &why),
		"a TMPDIR that does not exist is passed over");
	store_free(store);
	setenv("TMPDIR", "", 1);
	store = store_new(0);
	tap_ok(store_put(store, SPAN("x"), &why), "an empty one, too");
	store_free(store);
}

int main(void)
{
	check_pipe(true);
	check_pipe(false);
	check_signal();
	check_wrong_descriptors();
	check_span();
	if (!mkdtemp(folder))
		return 1;
	setenv("TMPDIR", folder, 1);
	check_store(0, 1, 100, false);
	check_store(100, 7, 100, false);
	check_store(101, 7, 100, true);
	check_store(MANY, MANY, 1000, true);
	check_store(MANY, 4096, STORE_MEMORY_BYTES, false);
	check_store(MANY, 65536, 65536, true);
	check_store(10, 1, 0, true);
	check_descriptor_is_ours();
	check_full_disk();
	check_lost_end();
	check_places();
	rmdir(folder);
	return tap_done();
}
