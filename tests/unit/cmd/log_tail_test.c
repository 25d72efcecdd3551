/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A log over rotations, as they happen in real life; a program's output. */
#include <config.h>

#include "cmd/log_tail.h"
#include "tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/mailchute-log-tail.XXXXXX";

/* MODE as open(2) has it. */
static void put(const char *name, int mode, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | mode, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

static void clear(void)
{
	static const char *const names[] = { "log", "log.1", "log-20261101",
		"log-20261128", "log-20261129.gz", "log-2026112", "log-x" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		(void)unlink(names[i]);
}

/* All that is there now, "|" behind each line and "." at the end. */
static void get(struct log_tail *tail, struct buf *out)
{
	struct diag why;
	struct span line;
	enum lines_result result = LINES_GOT;

	do {
		while ((result = log_tail_next(tail, &line, &why)) ==
			LINES_GOT) {
			buf_put_span(out, line);
			buf_put_byte(out, '|');
		}
	} while (result == LINES_END && log_tail_follow(tail));
	buf_puts(out, result == LINES_END ? "." : "!");
}

static struct log_tail *open_tail(int64_t since)
{
	struct diag why = { .id = DIAG_NONE };
	struct log_tail *tail = log_tail_file("log", since, &why);

	tap_is_diag(&why, DIAG_NONE, "it opens");
	return tail;
}

static void expect(struct log_tail *tail, const char *want, const char *name)
{
	struct buf out = BUF_INIT(10000);

	get(tail, &out);
	tap_is_text(buf_text(&out), want, name);
	buf_free(&out);
}

static void test_older(void)
{
	struct log_tail *tail;

	clear();
	put("log", 0, "c\n");
	put("log.1", 0, "a\nb\n");
	tail = open_tail(0);
	expect(tail, "a|b|c|.", "log.1 comes first");
	log_tail_close(tail);
	tail = open_tail((int64_t)time(NULL) + 3600);
	expect(tail, "c|.", "but not when it is too old");
	log_tail_close(tail);
	unlink("log.1");
	put("log-20261128", 0, "b");
	put("log-20261101", 0, "no\n");
	put("log-20261129.gz", 0, "no\n");
	put("log-2026112", 0, "no\n");
	put("log-x", 0, "no\n");
	tail = open_tail(0);
	expect(tail, "b|c|.", "the newest of those with a date");
	log_tail_close(tail);
	unlink("log");
	tail = open_tail(0);
	expect(tail, "b|.", "nothing logged since");
	log_tail_close(tail);
}

static void test_rotations(void)
{
	struct log_tail *tail;
	struct span rest;

	clear();
	tail = open_tail(0);
	expect(tail, ".", "no file yet");
	tap_ok(!log_tail_was_there(tail), "and it says so");
	put("log", 0, "a\nb");
	expect(tail, "a|.", "it comes, with half a line");
	put("log", O_APPEND, "c\n");
	expect(tail, "bc|.", "the rest of it");
	put("log", O_APPEND, "d\n");
	rename("log", "log.1");
	expect(tail, "d|.", "moved away, with a line that was not read yet");
	put("log.1", O_APPEND, "e\n");
	put("log", 0, "f\n");
	expect(tail, "e|f|.", "the writer went on, then to a new file");
	put("log", O_TRUNC, "");
	expect(tail, ".", "emptied in its place");
	put("log", 0, "g\n");
	expect(tail, "g|.", "and written again");
	unlink("log");
	expect(tail, ".", "removed");
	put("log", 0, "h");
	expect(tail, ".", "half a line");
	tap_ok(log_tail_rest(tail, &rest), "which is there");
	tap_is_span(rest, SPAN("h"), "for whoever wants it");
	log_tail_close(tail);
}

static void test_no_files(void)
{
	struct diag why = { .id = DIAG_NONE };

	clear();
	mkdir("log", 0700);
	tap_ok(!log_tail_file("log", 0, &why), "a folder is no log");
	tap_is_diag(&why, DIAG_FILE_UNREADABLE, "and that is told");
	rmdir("log");
	mkfifo("log", 0600);
	why.id = DIAG_NONE;
	tap_ok(!log_tail_file("log", 0, &why), "nobody waits for a fifo");
	tap_is_diag(&why, DIAG_FILE_UNREADABLE, "and that is told");
	unlink("log");
}

static void test_program(void)
{
	static const char *const prints[] = { "/bin/sh", "-c",
		"read x || echo a; echo b; exit 3", NULL };
	static const char *const missing[] = { "/nonexistent/x", NULL };
	static const char *const stays[] = { "/bin/sh", "-c",
		"echo a; exec sleep 100", NULL };
	struct diag why = { .id = DIAG_NONE };
	struct log_tail *tail = log_tail_program(prints, false, &why);

	expect(tail, "a|b|.", "what a program prints, without our input");
	tap_is_number(log_tail_close(tail), 3, "and its exit status");
	tail = log_tail_program(missing, false, &why);
	tap_ok(!tail || log_tail_close(tail) == 0, "none");
	tap_ok(tail || why.id == DIAG_SYSTEM_FAILED, "is told");
	tail = log_tail_program(stays, true, &why);
	tap_ok(log_tail_fd(tail) >= 0, "one that stays has a descriptor");
	tap_is_number(log_tail_close(tail), 0, "and is ended");
}

int main(void)
{
	if (!mkdtemp(folder) || chdir(folder) != 0)
		abort();
	test_older();
	test_rotations();
	test_no_files();
	test_program();
	clear();
	if (chdir("/") != 0 || rmdir(folder) != 0)
		abort();
	return tap_done();
}
