/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of its own for each test. */
#include <config.h>

#include "unit/spool/room.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char room[4096];

static void die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(99);
}

const char *room_enter(void)
{
	char here[3000];

	/* In the build folder: a queue must be on a disk, /tmp may be none. */
	if (!getcwd(here, sizeof here))
		die("getcwd");
	snprintf(room, sizeof room, "%s/room.XXXXXX", here);
	if (!mkdtemp(room) || chdir(room) < 0)
		die("mkdtemp");
	return room;
}

static int remove_one(const char *path, const struct stat *status, int flag,
	struct FTW *position)
{
	(void)status, (void)flag, (void)position;
	return remove(path);
}

void room_leave(void)
{
	if (chdir("..") < 0 ||
		nftw(room, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		die("cannot remove the test's folder");
}

bool room_has(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

int room_count(const char *path)
{
	DIR *list = opendir(path);
	const struct dirent *item;
	int count = 0;

	if (!list)
		return -1;
	while ((item = readdir(list)))
		count += item->d_name[0] != '.';
	closedir(list);
	return count;
}

static void put(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die(path);
	close(fd);
}

void room_write(const char *path, const char *text)
{
	put(path, O_TRUNC, text);
}

void room_append(const char *path, const char *text)
{
	put(path, O_APPEND, text);
}

const char *room_read(const char *path)
{
	static char text[64 * 1024];
	int fd = open(path, O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[got < 0 ? 0 : got] = '\0';
	return text;
}

struct spool *room_begin(void)
{
	struct folder_params params = { .rest = "q", .may_create = true };
	struct spool *spool;
	struct diag why;

	params.base = room_enter();
	spool = spool_open(&params, &why);
	if (!spool)
		die("the queue does not open");
	return spool;
}

void room_end(struct spool *spool)
{
	spool_close(spool);
	room_leave();
}
