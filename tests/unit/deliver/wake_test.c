/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A caller and a listener of one queue, in one process. */
#include <config.h>

#include "deliver/wake.h"
#include "tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char some_id[] = "abcdefgh1234567";

static struct spool *open_spool(char folder[static 40])
{
	struct folder_params place = { .rest = "q", .may_create = true };
	struct diag why;

	snprintf(folder, 40, "/tmp/wake.XXXXXX");
	place.base = mkdtemp(folder);
	return place.base ? spool_open(&place, &why) : NULL;
}

static void check_full(struct spool *spool, struct wake *wake)
{
	char id[RECORD_ID_LENGTH + 1] = "";
	size_t sent = 0, heard = 0;
	struct stat status;

	tap_ok(!wake_was_full(spool), "nobody had too much to tell");
	while (fstatat(spool_fd(spool), "wake.full", &status, 0) < 0 &&
		wake_send(spool, some_id))
		sent++;
	tap_ok(sent > 100, "a pipe takes many");
	tap_ok(wake_send(spool, some_id), "a full one counts as heard,");
	while (wake_receive(wake, id, sizeof id))
		heard++;
	tap_is_number((long)heard, (long)sent - 1, "what fits is heard");
	tap_is_text(id, some_id, "whole");
	tap_ok(wake_was_full(spool), "and the listener knows of the rest,");
	tap_ok(!wake_was_full(spool), "once");
}

static void check_many(struct spool *spool, struct wake *wake)
{
	char id[RECORD_ID_LENGTH + 1] = "";

	tap_ok(wake_send_many(spool, some_id), "many are one call,");
	tap_ok(wake_receive(wake, id, sizeof id), "which is heard");
	tap_is_text(id, some_id, "whole,");
	tap_ok(!wake_receive(wake, id, sizeof id), "once,");
	tap_ok(wake_was_full(spool), "and more is to be looked for");
}

static void check_name(struct spool *spool)
{
	struct arena *arena = arena_new();
	const char *name = wake_listener(spool, arena);
	int fd = openat(spool_fd(spool), "runner", O_WRONLY | O_TRUNC);

	tap_is_text(name ? name : "",
		arena_printf(arena, "one (pid %ld)", (long)getpid()),
		"it says who it is");
	tap_ok(!wake_listener(spool, arena), "one that did not has no name");
	tap_ok(write(fd, "a\33[2J", 5) == 5, "a name of its owner's");
	name = wake_listener(spool, arena);
	tap_is_text(name ? name : "", "a", "as far as it can be shown");
	close(fd);
	arena_free(arena);
}

/* Whatever lies in the place of the pipe is not written to. */
static void check_no_pipe(struct spool *spool, struct wake *wake)
{
	struct stat status = { .st_size = -1 };
	int fd;

	wake_close(wake);
	tap_ok(!wake_listener(spool, NULL), "nobody listens, nobody's name");
	(void)unlinkat(spool_fd(spool), "wake", 0);
	fd = openat(spool_fd(spool), "wake", O_RDWR | O_CREAT, S_IRUSR);
	tap_ok(!wake_send(spool, some_id) && !wake_is_heard(spool),
		"a file is no listener");
	tap_ok(fstat(fd, &status) == 0 && status.st_size == 0,
		"and nothing is written to it");
	tap_is_number(wake_listen(spool, wake, "x"), WAKE_FAILED,
		"nobody can listen at it");
	close(fd);
}

int main(void)
{
	char folder[40], command[60];
	struct spool *spool = open_spool(folder);
	struct wake wake, second;

	if (!spool)
		return 1;
	tap_ok(!wake_send(spool, some_id) && !wake_send_many(spool, some_id),
		"nobody listens");
	tap_is_number(
		wake_listen(spool, &wake, "one"), WAKE_LISTENING, "somebody");
	tap_is_number(
		wake_listen(spool, &second, "two"), WAKE_TAKEN, "one alone");
	check_name(spool);
	check_full(spool, &wake);
	check_many(spool, &wake);
	check_no_pipe(spool, &wake);
	wake_close(&wake);
	spool_close(spool);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) ? 1 : tap_done();
}
