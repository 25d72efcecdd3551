/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found out of servers, by several processes at once. */
#include <config.h>

#include "deliver/bearing.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 4, SERVERS = 60 };

static struct spool *open_spool(char folder[static 40])
{
	struct folder_params place = { .rest = "q", .may_create = true };
	struct diag why;

	snprintf(folder, 40, "/tmp/bearing.XXXXXX");
	place.base = mkdtemp(folder);
	return place.base ? spool_open(&place, &why) : NULL;
}

static struct account account_of(char name[static 32], int writer, int server)
{
	snprintf(name, 32, "s%d-%d.example.test", writer, server);
	return (struct account){ .host = name, .port = 25 };
}

/* What one finds out is in nobody's way. */
static void run_writer(const struct spool *spool, int writer)
{
	for (int i = 0; i < SERVERS; i++) {
		char name[32];
		struct account account = account_of(name, writer, i);
		const struct bearing bearing = { SMTP_SHARING_OPEN, i };

		bearing_write(spool, &account, &bearing);
	}
	_exit(0);
}

static void check_together(const struct spool *spool)
{
	int known = 0;

	fflush(stdout);
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			run_writer(spool, i);
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < WRITERS; i++)
		for (int j = 0; j < SERVERS; j++) {
			char name[32];
			struct account account = account_of(name, i, j);
			struct bearing bearing;

			bearing_read(spool, &account, &bearing);
			known += bearing.sharing == SMTP_SHARING_OPEN &&
				 bearing.messages_max == j;
		}
	tap_is_number(known, WRITERS * SERVERS, "nobody's word is lost");
}

static void check_names(const struct spool *spool)
{
	const struct bearing bearing = { SMTP_SHARING_REFUSED, 7 };
	struct account account = { .socket = (char[]){ "/run/a b" } };
	struct bearing found;

	bearing_write(spool, &account, &bearing);
	bearing_read(spool, &account, &found);
	tap_is_number(found.messages_max, 0, "no word is made of two");
	account.socket = (char[]){ "/run/a" };
	bearing_write(spool, &account, &bearing);
	bearing_read(spool, &account, &found);
	tap_ok(found.sharing == SMTP_SHARING_REFUSED && found.messages_max == 7,
		"a socket");
}

int main(void)
{
	char folder[40], path[64];
	struct spool *spool = open_spool(folder);

	if (!spool)
		return 1;
	check_together(spool);
	check_names(spool);
	(void)unlinkat(spool_fd(spool), "servers", 0);
	spool_close(spool);
	snprintf(path, sizeof path, "rm -rf %s", folder);
	if (system(path) != 0)
		return 1;
	return tap_done();
}
