/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runner and lanes: what the server does, what the account says, and all that
 * comes of it: who got what in which order, over how many connections, what the
 * queue and the log say, and how the run ended. */
#include <config.h>

#include "base/clock.h"
#include "stage.h"
#include "tap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { RESULT_BYTES = 64 * 1024 };

/* The whole result as one text. */
static void put_result(struct stage *stage, int status, struct buf *out)
{
	struct buf part = BUF_INIT(RESULT_BYTES);

	stage_put_arrived(stage, &part);
	buf_printf(out, "arrived: %s (%u)", buf_text(&part),
		stage_connections(stage));
	buf_clear(&part);
	stage_put_queue(stage, &part);
	buf_printf(out, "\nqueue: %s", buf_text(&part));
	buf_clear(&part);
	stage_put_log(stage, &part);
	buf_printf(out, "\nlog: %s\nend: %d", buf_text(&part),
		WIFEXITED(status) ? WEXITSTATUS(status) : 256);
	buf_free(&part);
}

static void check(
	struct stage *stage, int status, const char *name, const char *want)
{
	struct buf got = BUF_INIT(RESULT_BYTES);

	put_result(stage, status, &got);
	tap_is_text(buf_text(&got), want, name);
	buf_free(&got);
}

/* ---- one run ------------------------------------------------------------- */

static const struct row {
	const char *name;
	const char *sink; /* NULL: nobody listens */
	const char *settings;
	unsigned count; /* of messages */
	enum runner_manner manner;
	const char *want;
} rows[] = {
	{ "all is well", "", "", 3, RUNNER_EVERYTHING,
		"arrived: r1 r2 r3 (1)\nqueue: \n"
		"log: m1 ok; m2 ok; m3 ok; \nend: 0" },
	{ "the server takes one connection, and the lane hung up itself",
		"--max-connections=1", "max_messages_per_connection 1\n", 3,
		RUNNER_EVERYTHING,
		"arrived: r1 (1)\n"
		"queue: m2 waiting 1 net.refused; m3 waiting 1 net.refused; \n"
		"log: m1 ok; m2 net.refused; \nend: 0" },
};

static void run_row(const struct row *row)
{
	struct stage stage;
	int status;

	stage_open(&stage, row->sink, row->settings);
	for (unsigned i = 1; i <= row->count; i++)
		stage_put(&stage, i, NULL);
	status = stage_run(&stage, row->manner);
	check(&stage, status, row->name, row->want);
	stage_close(&stage);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		run_row(&rows[i]);
	return tap_done();
}
