/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which folders may hold a queue, and which files in one are touched. */
#include <config.h>

#include "spool/folder.h"
#include "tap.h"
#include "unit/spool/room.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base;

static int open_rest(const char *rest, bool may_create, struct diag *why)
{
	const struct folder_params params = {
		.base = base,
		.rest = rest,
		.base_is_ours = true,
		.may_create = may_create,
	};

	memset(why, 0, sizeof *why);
	return folder_open(&params, why);
}

static void refused(
	const char *rest, enum diag_id want, int want_errno, const char *name)
{
	struct diag why;
	int fd = open_rest(rest, false, &why);

	tap_is_number(fd, -1, name);
	tap_is_diag(&why, want, name);
	if (want_errno)
		tap_is_number(why.system_error, want_errno, name);
	folder_close(fd);
}

static void test_making(void)
{
	struct diag why;
	struct stat status;
	int fd;

	refused("a/b/queue", DIAG_QUEUE_FOLDER, ENOENT, "what is not there");
	tap_ok(!room_has("a"), "and is not made");
	fd = open_rest("a/b//./queue", true, &why);
	tap_ok(fd >= 0, "missing folders are made");
	folder_close(fd);
	tap_ok(stat("a/b/queue", &status) == 0 &&
			(status.st_mode & 0777) == 0700,
		"for us alone");
	fd = open_rest("a/b/queue", false, &why);
	tap_ok(fd >= 0, "what is there is opened");
	folder_close(fd);
}

static void test_base(void)
{
	struct folder_params params = { .base = "relative", .rest = "x" };
	struct diag why;

	tap_is_number(folder_open(&params, &why), -1, "a relative base");
	tap_is_diag(&why, DIAG_QUEUE_NOT_OURS, "a relative base");
	params = (struct folder_params){
		.base = "/nonexistent/home", .rest = "x", .may_create = true
	};
	tap_is_number(folder_open(&params, &why), -1, "a home is never made");
	tap_is_diag(&why, DIAG_QUEUE_FOLDER, "a home is never made");
}

static void test_permissions(void)
{
	mkdir("open", 0700);
	chmod("open", 0770);
	refused("open", DIAG_QUEUE_NOT_OURS, 0, "writable by the group");
	chmod("open", 0702);
	refused("open", DIAG_QUEUE_NOT_OURS, 0, "writable by others");
	chmod("open", 0755);
	tap_ok(room_has("open"), "readable by others is their choice");
}

static void test_links(void)
{
	struct diag why;
	int fd;

	mkdir("real", 0700);
	if (geteuid() == 0) {
		/* A link of root's in a folder of root's is followed. */
		if (symlink("real", "rootlink") == 0)
			fd = open_rest("rootlink", false, &why);
		else
			fd = -1;
		tap_ok(fd >= 0, "a link of root's is followed");
		folder_close(fd);
		if (lchown("rootlink", 12345, 12345) < 0)
			tap_note("lchown failed");
		refused("rootlink", DIAG_QUEUE_FOLDER, 0,
			"a user's link is not");
	} else {
		if (symlink("real", "link") < 0)
			tap_note("symlink failed");
		refused("link", DIAG_QUEUE_FOLDER, 0, "a link is not followed");
	}
	room_write("file", "x");
	refused("file", DIAG_QUEUE_FOLDER, ENOTDIR, "a file is no folder");
	refused("file/below", DIAG_QUEUE_FOLDER, ENOTDIR, "nothing below it");
}

static void check_file(const char *name, enum folder_result want)
{
	int here = open(".", O_RDONLY | O_DIRECTORY), fd;
	const char *reason = NULL;
	struct stat status;

	tap_is_number(folder_open_file(here, name, O_RDWR, geteuid(), &fd,
			      &status, &reason),
		want, name);
	tap_ok((fd >= 0) == (want == FOLDER_OK) &&
			(reason != NULL) == (want == FOLDER_WRONG),
		"%s: %s", name, reason ? reason : "no fault");
	folder_close(fd);
	folder_close(here);
}

static void test_files(void)
{
	room_write("plain", "x");
	room_write("twice", "x");
	if (link("twice", "second") < 0 || symlink("plain", "slink") < 0)
		tap_note("no links here");
	mkfifo("fifo", 0600);
	mkdir("dir", 0700);
	check_file("plain", FOLDER_OK);
	check_file("twice", FOLDER_WRONG);
	check_file("slink", FOLDER_WRONG);
	check_file("fifo", FOLDER_WRONG);
	check_file("dir", FOLDER_IS_FOLDER);
	check_file("missing", FOLDER_MISSING);
	if (geteuid() != 0) {
		tap_skip("another owner", "only root can give files away");
		return;
	}
	room_write("foreign", "x");
	if (chown("foreign", 12345, 12345) == 0)
		check_file("foreign", FOLDER_WRONG);
}

int main(void)
{
	base = room_enter();
	test_making();
	test_base();
	test_permissions();
	test_links();
	test_files();
	room_leave();
	return tap_done();
}
