/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A runner that begins to listen when it has been looked for already. */
#include <config.h>

#include "deliver/hire.h"
#include "deliver/queue.h"
#include "deliver/wake.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char some_id[] = "abcdefgh1234567";

static void check(struct account *account)
{
	const struct hire_params params = { .account = account };
	struct hire hire;
	struct wake wake;
	struct diag why;
	struct spool *spool = queue_open(account, true, &why);
	char id[RECORD_ID_LENGTH + 1] = "";

	tap_ok(spool != NULL, "there is a queue");
	tap_ok(hire_find(&params, spool, &hire, &why), "somebody comes");
	tap_is_number(hire.who, HIRE_EXTERNAL, "who is not there yet");
	tap_is_number(
		wake_listen(spool, &wake, "one"), WAKE_LISTENING, "he comes,");
	hire_call(&params, &hire, some_id);
	tap_ok(wake_receive(&wake, id, sizeof id), "is called");
	tap_is_text(id, some_id, "by the name");
	wake_close(&wake);
	tap_ok(hire_find(&params, spool, &hire, &why), "he has gone;");
	hire_call(&params, &hire, some_id);
	tap_is_number(hire.go_fd, -1, "nobody is called");
	spool_close(spool);
}

int main(void)
{
	char folder[] = "/tmp/hire.XXXXXX", path[64], command[80];
	struct account account = { .name = "test",
		.queue_dir = path,
		.queue_runner = OPTION_QUEUE_RUNNER_EXTERNAL };

	tap_ok(mkdtemp(folder) != NULL, "a folder");
	snprintf(path, sizeof path, "%s/q", folder);
	check(&account);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	tap_ok(system(command) == 0, "is gone");
	return tap_done();
}
