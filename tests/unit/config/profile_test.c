/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/profile.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUT_LIMIT = 4096, LINES_MAX = 4 };

/* ---- text ---------------------------------------------------------------- */

static const struct {
	const char *name, *text, *account;
	struct profile_line lines[LINES_MAX];
	const char *want;
} rows[] = {
	{ "an empty file", "", "default",
		{ { "host", "h" }, { "user", "u" }, { "password", NULL } },
		"account default\nhost h\nuser u\n" },
	{ "behind others, a blank line between", "# mine\naccount a\nhost x\n",
		"b", { { "host", "h" } },
		"# mine\naccount a\nhost x\n\naccount b\nhost h\n" },
	{ "a last line without its end", "account a\nhost x", "b",
		{ { "host", "h" } },
		"account a\nhost x\n\naccount b\nhost h\n" },
	{ "changed where it stands, the rest as it was",
		"defaults\ntls on\n\naccount a\n\thost  x # not a comment\n"
		"# why\nlogfile ~/l\n\n# next\naccount b\nhost y\n",
		"a", { { "host", "h" }, { "user", "u" } },
		"defaults\ntls on\n\naccount a\nhost h\n# why\nlogfile ~/l\n"
		"user u\n\n# next\naccount b\nhost y\n" },
	{ "left out; a second one, too",
		"account a\npasswordeval x\nhost 1\nhost 2\n", "a",
		{ { "passwordeval", NULL }, { "host", "h" },
			{ "password", "p" } },
		"account a\nhost h\npassword p\n" },
	{ "one with a parent", "Account  a : b, c\nHOST x\n", "a",
		{ { "host", "h" } }, "Account  a : b, c\nhost h\n" },
	{ "an empty one at the end", "account a", "a", { { "host", "h" } },
		"account a\nhost h\n" },
	{ "a name that begins alike", "account ab\nhost x\n", "a",
		{ { "host", "h" } },
		"account ab\nhost x\n\naccount a\nhost h\n" },
	{ "lines as Windows ends them: so do ours, and the rest stays",
		"# mine\r\naccount a\r\nhost x\r\n\r\naccount b\r\nhost y\r\n",
		"a", { { "host", "h" }, { "user", "u" } },
		"# mine\r\naccount a\r\nhost h\r\nuser u\r\n\r\n"
		"account b\r\nhost y\r\n" },
	{ "the same, behind others", "account a\r\nhost x", "b",
		{ { "host", "h" } },
		"account a\r\nhost x\r\n\r\naccount b\r\nhost h\r\n" },
	{ "quotes keep what would be stripped", "", "a",
		{ { "password", " p" }, { "user", "\"u\"" }, { "from", "=x" },
			{ "domain", "a b" } },
		"account a\npassword \" p\"\nuser \"\"u\"\"\nfrom \"=x\"\n"
		"domain a b\n" },
};

static void test_text(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT(OUT_LIMIT);
		size_t count = 0;

		while (count < LINES_MAX && rows[i].lines[count].keyword)
			count++;
		profile_put(span_of(rows[i].text), rows[i].account,
			rows[i].lines, count, &out);
		tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
		buf_free(&out);
	}
}

/* ---- file ---------------------------------------------------------------- */

static char folder[] = "/tmp/mailchute-profile.XXXXXX";
static struct arena *arena;

static const char *in_folder(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void is_file(const char *path, const char *want, unsigned mode)
{
	struct buf out = BUF_INIT(OUT_LIMIT);
	struct stat status = { .st_mode = 0 };
	struct diag why;

	file_read(path, &out, &status, &why);
	tap_is_text(buf_text(&out), want, path + sizeof folder);
	tap_is_number(status.st_mode & 07777, mode, "its mode");
	buf_free(&out);
}

static void test_file(void)
{
	const struct profile_access ours = { geteuid(), getegid(), 0604 };
	const char *path = in_folder("a/b/rc");
	struct diag why;

	umask(0);
	tap_ok(profile_write(path, SPAN("one\n"), NULL, &why),
		"its folders are made");
	is_file(path, "one\n", 0600);
	chmod(path, 0640);
	tap_ok(symlink(path, in_folder("link")) == 0 &&
			profile_write(
				in_folder("link"), SPAN("two\n"), NULL, &why),
		"through a link");
	is_file(path, "two\n", 0640);
	tap_ok(!profile_write(in_folder("a"), SPAN("x"), NULL, &why) &&
			why.id == DIAG_FILE_FAILED,
		"not over a folder");
	tap_ok(!profile_write("/dev/full", SPAN("x"), NULL, &why),
		"nor a device");
	tap_ok(profile_write(path, SPAN("three\n"), &ours, &why),
		"and who may read it is changed");
	is_file(path, "three\n", 0604);
	tap_ok(profile_may_write(path, &why) &&
			profile_may_write(in_folder("new/rc"), &why),
		"it is known before: there, or in a folder to be made");
	tap_ok(!profile_may_write(in_folder("a"), &why) &&
			!profile_may_write("/dev/full", &why) &&
			!profile_may_write(in_folder("a/b/rc/x"), &why),
		"a folder, a device and a file's file are not");
	tap_ok(symlink("nothing", in_folder("dangling")) == 0 &&
			!profile_may_write(in_folder("dangling"), &why) &&
			!profile_write(
				in_folder("dangling"), SPAN("x"), NULL, &why) &&
			why.system_error == ENOENT,
		"nor a link to nothing");
	unlink(in_folder("dangling"));
}

int main(void)
{
	arena = arena_new();
	if (!mkdtemp(folder))
		return 1;
	test_text();
	test_file();
	unlink(in_folder("link"));
	unlink(in_folder("a/b/rc"));
	rmdir(in_folder("a/b"));
	rmdir(in_folder("a"));
	rmdir(folder);
	arena_free(arena);
	return tap_done();
}
