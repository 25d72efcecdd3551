/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runner and lanes: what the server does, what the account says, and all that
 * comes of it: who got what in which order, over how many connections, what the
 * queue and the log say, and how the run ended. */
#include <config.h>

#include "base/clock.h"
#include "deliver/bearing.h"
#include "deliver/wake.h"
#include "spool/store.h"
#include "stage.h"
#include "tap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { RESULT_BYTES = 64 * 1024, DAY_S = 24 * 3600 };

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

/* An account whose server is not there. */
#define STAND_IN(name)                                                         \
	"\naccount " name "\nhost 127.0.0.1\nport 1\ntls off\nauth off\n"      \
	"from alice@example.test\nsyslog off\nqueue_runner external\n"

/* ---- one run ------------------------------------------------------------- */

enum whom { NOBODY, RUNNER, LANE };

static const struct row {
	const char *name;
	const char *script; /* of the server; NULL: nobody listens */
	const char *settings;
	unsigned count; /* of messages */
	enum runner_manner manner;
	/* When the script has made the file "there": a signal, and then the
	 * file "go". */
	enum whom whom;
	int number;
	const char *want;
} rows[] = {
	{ "all is well", "", "", 3, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 (1)\nqueue: \n"
		"log: m1 ok; m2 ok; m3 ok; \nend: 0" },
	{ "the server takes one connection, and the lane hung up itself",
		"--max-connections=1", "max_messages_per_connection 1\n", 3,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 (1)\n"
		"queue: m2 waiting 1 net.refused; m3 waiting 1 net.refused; \n"
		"log: m1 ok; m2 net.refused; \nend: 0" },
	{ "what had to wait leaves in its order",
		"CONNECT connection 2 : reply \"421 4.3.2 busy\" close\n",
		"max_messages_per_connection 1\n", 5, RUNNER_UNTIL_EMPTY,
		NOBODY, 0,
		"arrived: r1 r2 r3 r4 r5 (5)\nqueue: \n"
		"log: m1 ok; m2 smtp.greeting; "
		"m2 ok; m3 ok; m4 ok; m5 ok; \nend: 0" },
	{ "a lane is killed: the message it is at waits, and no other",
		"EHLO : hide PIPELINING\n"
		"RCPT to r2@* : touch there wait go\n",
		"", 3, RUNNER_EVERYTHING, LANE, SIGKILL,
		"arrived: r1 r3 (2)\nqueue: m2 waiting 1 queue.crashed; \n"
		"log: m1 ok; m3 ok; \nend: 0" },
	{ "and goes a little later",
		"EHLO : hide PIPELINING\n"
		"RCPT to r2@* times 1 : touch there wait go\n",
		"", 3, RUNNER_UNTIL_EMPTY, LANE, SIGKILL,
		"arrived: r1 r3 r2 (3)\nqueue: \n"
		"log: m1 ok; m3 ok; m2 ok; \nend: 0" },
	{ "SIGTERM behind the dot: the answer is waited for, nothing is begun",
		"DOT to r1@* : touch there wait go\n", "", 3, RUNNER_EVERYTHING,
		RUNNER, SIGTERM,
		"arrived: r1 (1)\nqueue: m2 waiting 0 -; m3 waiting 0 -; \n"
		"log: m1 ok; \nend: 0" },
	{ "SIGTERM before it, and the server says nothing: nothing has been",
		"RCPT to r1@* : touch there stall\n", "", 2, RUNNER_EVERYTHING,
		RUNNER, SIGTERM,
		"arrived:  (1)\nqueue: m1 waiting 0 -; m2 waiting 0 -; \n"
		"log: \nend: 0" },
	{ "the runner is killed: its lane ends behind its message",
		"DOT to r1@* : touch there wait go\n", "", 3, RUNNER_EVERYTHING,
		RUNNER, SIGKILL,
		"arrived: r1 (1)\nqueue: m2 waiting 0 -; m3 waiting 0 -; \n"
		"log: m1 ok; \nend: 256" },
	{ "a server that goes away over one message", "RCPT to r2@* : close\n",
		"", 4, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r3 r4 (3)\n"
		"queue: m2 waiting 1 smtp.broken-off; \n"
		"log: m1 ok; m2 net.closed; m3 ok; m4 ok; \n"
		"end: 0" },
	{ "one that hangs up behind the dot of one message",
		"DOT to r2@* : refuse close\n", "", 4, RUNNER_EVERYTHING,
		NOBODY, 0,
		"arrived: r1 r3 r4 (2)\n"
		"queue: m2 waiting 1 smtp.possible-duplicate; \n"
		"log: m1 ok; m2 smtp.possible-duplicate; m3 ok; m4 ok; \n"
		"end: 0" },
	{ "421 to the dot of one message",
		"DOT to r2@* : reply \"421 4.7.0 r2 is too much\" close\n", "",
		4, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r3 r4 (3)\n"
		"queue: m2 waiting 1 smtp.broken-off; \n"
		"log: m1 ok; m2 smtp.closing; m3 ok; m4 ok; \n"
		"end: 0" },
	{ "one recipient gets too much",
		"RCPT to r[23]@* : reply \"450 4.2.1 r2 is too fast\"\n", "", 4,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r4 (1)\n"
		"queue: m2 waiting 1 smtp.rcpt-refused; m3 waiting 1 "
		"smtp.rcpt-refused; \n"
		"log: m1 ok; m2 smtp.rcpt-refused; m3 smtp.rcpt-refused; m4 "
		"ok; \n"
		"end: 0" },
	{ "one message is too much",
		"RCPT to r2@* : reply \"451 4.7.0 r2 is too much\"\n", "", 4,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r3 r4 (1)\n"
		"queue: m2 waiting 1 smtp.rcpt-refused; \n"
		"log: m1 ok; m2 smtp.rcpt-refused; m3 ok; m4 ok; \n"
		"end: 0" },
	{ "every message is",
		"EHLO : hide PIPELINING\nDATA : reply \"451 4.7.0 too much\"\n",
		"", 4, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived:  (1)\n"
		"queue: m1 waiting 1 smtp.data-refused; m2 waiting 1 "
		"smtp.data-refused; m3 waiting 0 -; m4 waiting 0 -; \n"
		"log: m1 smtp.data-refused; m2 smtp.data-refused; \n"
		"end: 0" },
	{ "a day's budget is used up: who follows the schedule waits", "",
		"rate 2/d\n", 3, RUNNER_UNTIL_EMPTY, NOBODY, 0,
		"arrived: r1 r2 r3 (2)\nqueue: \n"
		"log: m1 ok; m2 ok; m3 queue.budget; m3 ok; \nend: 0" },
	{ "and one run ends", "", "rate 2/d\n", 4, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 (1)\n"
		"queue: m3 waiting 0 -; m4 waiting 0 -; \n"
		"log: m1 ok; m2 ok; m3 queue.budget; \nend: 0" },
	{ "so many a second are waited for", "", "rate 2/s\n", 3,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 (1)\nqueue: \n"
		"log: m1 ok; m2 ok; m3 ok; \nend: 0" },
	{ "a wait of 15 seconds keeps the connection", "", "rate 4/m\n", 2,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 (1)\nqueue: \nlog: m1 ok; m2 ok; \nend: 0" },
	{ "one of 30 does not", "", "rate 2/m\n", 2, RUNNER_EVERYTHING, NOBODY,
		0, "arrived: r1 r2 (2)\nqueue: \nlog: m1 ok; m2 ok; \nend: 0" },
	{ "two accounts stand in: the trouble with the first is remembered",
		"CONNECT : reply \"421 4.3.2 busy\" close\n",
		"fallback b,c\n" STAND_IN("b") STAND_IN("c"), 2,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived:  (0)\n"
		"queue: m1 waiting 1 smtp.greeting; m2 waiting 1 "
		"smtp.greeting; \n"
		"log: m1 smtp.greeting to b; m1 net.refused to c; "
		"m1 net.refused; \nend: 0" },
	{ "a login that is refused is everybody's",
		"MAIL : reply \"530 5.7.0 log in\"\n", "", 3, RUNNER_EVERYTHING,
		NOBODY, 0,
		"arrived:  (1)\n"
		"queue: m1 waiting 1 smtp.auth-required; m2 waiting 1 "
		"smtp.auth-required; m3 waiting 1 smtp.auth-required; \n"
		"log: m1 smtp.auth-required; \n"
		"end: 0" },
	{ "an answer that is none, twice",
		"DOT to r2@* : bytes \"hello\\r\\n\" close\n", "", 3,
		RUNNER_UNTIL_EMPTY, NOBODY, 0,
		"arrived: r1 r3 (3)\n"
		"queue: m2 failed 2 smtp.answer-unreadable; \n"
		"log: m1 ok; m2 smtp.answer-unreadable; m3 ok; m2 "
		"smtp.answer-unreadable; \n"
		"end: 0" },
	{ "no answer, twice", "DOT to r2@* times 2 : refuse close\n", "", 3,
		RUNNER_UNTIL_EMPTY, NOBODY, 0,
		"arrived: r1 r3 r2 (4)\n"
		"queue: \n"
		"log: m1 ok; m2 smtp.possible-duplicate; m3 ok; m2 "
		"smtp.possible-duplicate; m2 ok; \n"
		"end: 0" },
	/* ---- several in one flight: the first goes by itself, and of the
	 * third the server sees no more than MAIL before it is known to bear
	 * it ---- */
	{ "in one flight", "--chunking\n", "", 8, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 r5 r6 r7 r8 (1)\n"
		"queue: \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; m5 ok; m6 ok; m7 ok; m8 ok; "
		"\n"
		"end: 0" },
	{ "one recipient and one content are refused, and nobody else's; a "
	  "chunk for "
	  "nobody makes this server hang up",
		"--chunking\nRCPT to r5@* : reply \"550 5.1.1 no r5\"\n"
		"DOT to r6@* : reply \"550 5.7.1 spam\"\n",
		"", 8, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 r7 r8 (3)\n"
		"queue: m5 failed 1 smtp.rcpt-refused; m6 failed 1 "
		"smtp.data-refused; \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; m5 smtp.rcpt-refused; m6 "
		"smtp.data-refused; m7 ok; m8 ok; \n"
		"end: 0" },
	{ "421 in the middle: no try, and no more on one connection than that",
		"--chunking\n"
		"MAIL mail 5- : reply \"421 too many messages, really\"\n",
		"", 10, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 (3)\n"
		"queue: \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; m5 ok; m6 ok; m7 ok; m8 ok; "
		"m9 ok; m10 ok; \n"
		"end: 0" },
	{ "the same from a server that hangs up",
		"--chunking\n"
		"MAIL mail 5 : reply \"421 4.7.0 too many errors\" close\n",
		"", 10, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 (3)\n"
		"queue: \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; m5 ok; m6 ok; m7 ok; m8 ok; "
		"m9 ok; m10 ok; \n"
		"end: 0" },
	{ "all senders have to wait: two are asked alone, and no others",
		"MAIL nth 5- : reply \"451 4.7.0 r2 is too much\"\n", "", 9,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 (1)\n"
		"queue: m5 waiting 1 smtp.mail-refused; m6 waiting 1 "
		"smtp.mail-refused; m7 waiting 0 -; m8 waiting 0 -; m9 waiting "
		"0 -; \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; m5 smtp.mail-refused; m6 "
		"smtp.mail-refused; \n"
		"end: 0" },
	{ "a server that does not bear it: nothing is lost, one by one",
		"RSET times 1 : reply \"503 5.5.1 pipelined\"\n", "", 6,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 r5 r6 (1)\n"
		"queue: \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; m5 ok; m6 ok; \n"
		"end: 0" },
	{ "with chunks, too",
		"--chunking\n"
		"RSET times 1 : reply \"503 5.5.1 pipelined\"\n",
		"", 6, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 r5 r6 (1)\n"
		"queue: \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; m5 ok; m6 ok; \n"
		"end: 0" },
	{ "one that is known by its name is not asked",
		"--chunking\nCONNECT : reply \"220 here ESMTP Haraka ready\"\n"
		"RSET : close\n",
		"", 4, RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 (1)\n"
		"queue: \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; \n"
		"end: 0" },
	{ "a DATA without 354 never is",
		"DOT to r3@* : delay 300 refuse close\n", "", 4,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r4 (2)\n"
		"queue: m3 waiting 1 smtp.possible-duplicate; \n"
		"log: m1 ok; m2 ok; m3 smtp.possible-duplicate; m4 ok; \n"
		"end: 0" },
	{ "messages that are spaced are no flight",
		"--chunking\nRSET : close\n", "rate 50/s\n", 4,
		RUNNER_EVERYTHING, NOBODY, 0,
		"arrived: r1 r2 r3 r4 (1)\n"
		"queue: \n"
		"log: m1 ok; m2 ok; m3 ok; m4 ok; \n"
		"end: 0" },
};

static void send_signal(
	struct stage *stage, const struct row *row, pid_t runner)
{
	if (row->whom == NOBODY)
		return;
	tap_ok(stage_await(stage, "there"), "the server is there");
	if (row->whom == RUNNER)
		stage_stop(runner, row->number);
	else
		tap_is_number(stage_signal_children(runner, row->number), 1,
			"a lane");
	stage_touch(stage, "go");
}

static void run_row(const struct row *row)
{
	struct stage stage;
	pid_t runner;

	stage_open(&stage, row->script, row->settings);
	for (unsigned i = 1; i <= row->count; i++)
		stage_put(&stage, i, NULL);
	runner = stage_begin(&stage, row->manner);
	send_signal(&stage, row, runner);
	check(&stage, stage_end(&stage, runner), row->name, row->want);
	stage_close(&stage);
}

/* ---- several runs -------------------------------------------------------- */

static void check_server_again(void)
{
	struct stage stage;

	stage_open(&stage, NULL, "");
	stage_put(&stage, 1, NULL);
	stage_put(&stage, 2, NULL);
	(void)stage_run(&stage, RUNNER_DUE);
	stage_serve(&stage, "");
	stage_put(&stage, 3, NULL);
	check(&stage, stage_run(&stage, RUNNER_DUE),
		"who waited for the server goes with the first that is due",
		"arrived: r1 r2 r3 (1)\nqueue: \n"
		"log: m1 net.refused; m1 ok; m2 ok; m3 ok; \nend: 0");
	stage_close(&stage);
}

static void check_server_away(void)
{
	struct stage stage;

	stage_open(&stage, NULL, "");
	stage_put(&stage, 1, NULL);
	stage_put(&stage, 2, NULL);
	(void)stage_run(&stage, RUNNER_DUE);
	stage_put(&stage, 3, NULL);
	check(&stage, stage_run(&stage, RUNNER_DUE),
		"who only went along has no further try behind him",
		"arrived:  (0)\nqueue: m1 waiting 2 net.refused; "
		"m2 waiting 1 net.refused; m3 waiting 1 net.refused; \n"
		"log: m1 net.refused; m1 net.refused; \nend: 0");
	stage_close(&stage);
}

static void check_offenders(void)
{
	struct stage stage;

	stage_open(&stage,
		"RCPT to r[23]@* : reply \"421 4.7.0 enough\" close\n", "");
	for (unsigned i = 1; i <= 5; i++)
		stage_put(&stage, i, NULL);
	(void)stage_run(&stage, RUNNER_EVERYTHING);
	check(&stage, stage_run(&stage, RUNNER_EVERYTHING),
		"two in a row: the rest goes first next time",
		"arrived: r1 r4 r5 (6)\n"
		"queue: m2 waiting 2 smtp.broken-off; "
		"m3 waiting 2 smtp.broken-off; \n"
		"log: m1 ok; m2 smtp.closing; m3 smtp.closing; "
		"m4 ok; m5 ok; m2 smtp.closing; m3 smtp.closing; \nend: 0");
	stage_close(&stage);
}

/* What was found out stands in a file: the next run begins with it. */
static void check_bearing(const char *script, const char *want)
{
	struct buf known = BUF_INIT(RESULT_BYTES);
	struct stage stage;

	stage_open(&stage, script, "");
	for (unsigned i = 1; i <= 8; i++)
		stage_put(&stage, i, NULL);
	(void)stage_run(&stage, RUNNER_EVERYTHING);
	tap_ok(bearing_put(stage.spool, "", &known), "something is known");
	tap_ok(strstr(buf_text(&known), want) != NULL, "'%s' in: %s", want,
		buf_text(&known));
	for (unsigned i = 11; i <= 18; i++)
		stage_put(&stage, i, NULL);
	(void)stage_run(&stage, RUNNER_EVERYTHING);
	buf_clear(&known);
	stage_put_arrived(&stage, &known);
	tap_is_text(buf_text(&known),
		"r1 r2 r3 r4 r5 r6 r7 r8 r11 r12 r13 r14 r15 r16 r17 r18",
		"and all arrives");
	buf_clear(&known);
	stage_sleep(29L * DAY_S);
	tap_ok(bearing_put(stage.spool, "", &known), "still, for a month");
	stage_sleep(2L * DAY_S);
	tap_ok(!bearing_put(stage.spool, "", &known), "and not for longer");
	buf_free(&known);
	stage_close(&stage);
}

/* Other options, the same server: not beside each other. */
static void check_one_at_a_time(void)
{
	struct stage stage;

	stage_open(&stage, "DOT to r1@* : delay 300\n", "");
	stage_put(&stage, 1, NULL);
	stage_put(&stage, 2, "timeout 7\n");
	stage_put(&stage, 3, "timeout 8\n");
	check(&stage, stage_run(&stage, RUNNER_EVERYTHING),
		"options of their own are no connections of their own",
		"arrived: r1 r2 r3 (3)\nqueue: \n"
		"log: m1 ok; m2 ok; m3 ok; \nend: 0");
	stage_close(&stage);
}

static void check_clock_set_back(void)
{
	struct stage stage;

	stage_open(&stage, NULL, "");
	stage_put(&stage, 1, NULL);
	(void)stage_run(&stage, RUNNER_DUE);
	stage_serve(&stage, "");
	stage_set_wall(STAGE_BEGAN - 3 * 3600);
	check(&stage, stage_run(&stage, RUNNER_DUE),
		"a clock that is set back holds nothing up",
		"arrived: r1 (1)\nqueue: \nlog: m1 net.refused; m1 ok; \n"
		"end: 0");
	stage_close(&stage);
}

static void check_crashed_one(struct stage *stage)
{
	struct buf queue = BUF_INIT(RESULT_BYTES);

	stage_put_queue(stage, &queue);
	tap_ok(strcmp(buf_text(&queue), "m1 waiting 1 queue.crashed; ") == 0 ||
			strcmp(buf_text(&queue),
				"m2 waiting 1 queue.crashed; ") == 0,
		"its message waits, and no other");
	buf_free(&queue);
}

/* Tries at these moments, by the wall clock, after the message was made. */
static const struct life {
	const char *name;
	time_t made;
	long hours[6]; /* 0: no more */
	const char *want;
} lives[] = {
	{ "given up", STAGE_BEGAN, { 100, 119, 121 },
		"failed 3 queue.expired" },
	{ "not at two failures at once", STAGE_BEGAN, { 1, 120, 120 },
		"waiting 3 net.refused" },
	{ "not at the first failure behind a sleep", STAGE_BEGAN,
		{ 1, 50, 121 }, "waiting 3 net.refused" },
	{ "but at the second", STAGE_BEGAN, { 1, 50, 121, 125 },
		"failed 4 queue.expired" },
	{ "not when the clock was set in between", 1000,
		{ 1, 500000, 500005, 500119 }, "waiting 4 net.refused" },
	{ "but a life later", 1000, { 1, 500000, 500005, 500119, 500121 },
		"failed 5 queue.expired" },
	{ "not when it was set before the first try", 1000,
		{ 500000, 500005, 500119 }, "waiting 3 net.refused" },
	{ "not when it was set back", STAGE_BEGAN, { 1, -300, -299 },
		"waiting 3 net.refused" },
};

static void check_life(const struct life *life)
{
	struct buf queue = BUF_INIT(RESULT_BYTES), log = BUF_INIT(RESULT_BYTES);
	struct stage stage;

	stage_open(&stage, NULL, "");
	stage_set_wall(life->made);
	stage_put(&stage, 1, NULL);
	for (size_t i = 0; life->hours[i]; i++) {
		stage_set_wall(life->made + 3600 * (time_t)life->hours[i]);
		(void)stage_run(&stage, RUNNER_EVERYTHING);
	}
	stage_put_queue(&stage, &queue);
	stage_put_log(&stage, &log);
	tap_ok(strstr(buf_text(&queue), life->want) != NULL, "%s: got %s",
		life->name, buf_text(&queue));
	tap_is_number(strstr(buf_text(&log), "queue.expired") != NULL,
		strstr(life->want, "queue.expired") != NULL, "the log says so");
	stage_close(&stage);
	buf_free(&queue);
	buf_free(&log);
}

/* It may have arrived: so no other server gets it before the first has said no.
 */
static void check_doubt(void)
{
	struct stage stage;
	pid_t runner;

	stage_open(&stage, "DOT : refuse touch there stall\n",
		"fallback b\n" STAND_IN("b"));
	stage_put(&stage, 1, NULL);
	runner = stage_begin(&stage, RUNNER_EVERYTHING);
	tap_ok(stage_await(&stage, "there"), "the server has it all");
	tap_is_number(stage_signal_children(runner, SIGKILL), 1, "a lane");
	(void)stage_end(&stage, runner);
	stage_end_server(&stage);
	check(&stage, stage_run(&stage, RUNNER_EVERYTHING),
		"in doubt no other account stands in",
		"arrived:  (1)\nqueue: m1 waiting 2 net.refused; \n"
		"log: m1 smtp.possible-duplicate; m1 net.refused; \nend: 0");
	stage_close(&stage);
}

/* Which of the two has the second process is a matter of luck. */
static void check_member_killed(void)
{
	static const char script[] = "BODY to r1@* : touch there wait go\n"
				     "BODY to r2@* : touch there2 wait go\n";
	struct stage stage;
	pid_t runner;

	stage_open(&stage, script, "max_connections 2\n");
	for (unsigned i = 1; i <= 3; i++)
		stage_put(&stage, i, NULL);
	runner = stage_begin(&stage, RUNNER_EVERYTHING);
	tap_ok(stage_await(&stage, "there") && stage_await(&stage, "there2"),
		"two connections");
	tap_is_number(stage_signal_grandchildren(runner, SIGKILL), 1,
		"the second process is killed");
	stage_touch(&stage, "go");
	(void)stage_end(&stage, runner);
	check_crashed_one(&stage);
	stage_close(&stage);
}

/* Its author had it still when its turn came: the call behind that is not lost
 * on a batch that is under way. */
static void check_called_in_between(void)
{
	static const char script[] = "BODY to r1@* : touch there wait go\n"
				     "RCPT to r2@* : reply \"550 5.1.1 no\"\n"
				     "BODY to r3@* : touch there2 wait go2\n";
	char id[RECORD_ID_LENGTH + 1];
	struct spool_entry *entry = NULL;
	struct stage stage;
	struct diag why;
	pid_t runner;

	stage_put_id(id, 2);
	stage_open(&stage, script, "");
	for (unsigned i = 1; i <= 3; i++)
		stage_put(&stage, i, NULL);
	runner = stage_begin(&stage, RUNNER_UNTIL_EMPTY);
	tap_ok(stage_await(&stage, "there"), "the first is under way");
	tap_is_number(
		spool_entry_open(stage.spool, SPOOL_QUEUED, id, &entry, &why),
		SPOOL_OK, "the second is ours");
	stage_touch(&stage, "go");
	tap_ok(stage_await(&stage, "there2"), "it was passed over");
	spool_entry_close(entry);
	tap_ok(wake_send(stage.spool, id), "the runner is called");
	stage_touch(&stage, "go2");
	check(&stage, stage_end(&stage, runner), "called in between",
		"arrived: r1 r3 (2)\nqueue: m2 failed 1 smtp.rcpt-refused; \n"
		"log: m1 ok; m3 ok; m2 smtp.rcpt-refused; \nend: 0");
	tap_is_number(stage_failed_at(&stage, 2), STAGE_BEGAN, "and at once");
	stage_close(&stage);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		run_row(&rows[i]);
	check_server_again();
	check_server_away();
	check_offenders();
	check_bearing("--chunking\n", " together 0 ");
	check_bearing("RSET times 1 : reply \"503 pipelined\"\n"
		      "RSET connection 2- : close\n",
		" one-by-one 0 ");
	check_bearing("--chunking\n"
		      "MAIL mail 5- : reply \"421 too many messages\"\n",
		" 4 18");
	check_one_at_a_time();
	check_clock_set_back();
	for (size_t i = 0; i < sizeof lives / sizeof *lives; i++)
		check_life(&lives[i]);
	check_doubt();
	check_member_killed();
	check_called_in_between();
	return tap_done();
}
