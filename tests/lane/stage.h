/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queue, a server and a clock for one row of the lane suite, and everything
 * that came of it as a text to compare.  The messages are m1, m2 …; each goes
 * to its own recipient, r1@example.test, r2@example.test …
 */
#ifndef LANE_STAGE_H
#define LANE_STAGE_H

#include "base/buf.h"
#include "deliver/runner.h"
#include "spool/record.h"

#include <stdbool.h>
#include <sys/types.h>

struct stage {
	char folder[64];
	pid_t server;
	unsigned port;
	int run; /* a pipe that is open as long as a process of the run */
	struct spool *spool;
};

/* The wall clock of every row begins here. */
enum { STAGE_BEGAN = 1800000000 };

/* SCRIPT: the server's rules (tests/sink/README) and options ("--name=value"),
 * a line each; NULL: nobody listens.  SETTINGS: of the account, lines. */
void stage_open(struct stage *stage, const char *script, const char *settings);
void stage_close(struct stage *stage);
/* Another server in the place of the first, at the same port. */
void stage_serve(struct stage *stage, const char *script);
void stage_end_server(struct stage *stage);
/* The id of message NUMBER. */
void stage_put_id(char id[static RECORD_ID_LENGTH + 1], unsigned number);
/* Puts message NUMBER into the queue, with SETTINGS ("keyword value" lines, or
 * NULL) of its own. */
void stage_put(struct stage *stage, unsigned number, const char *settings);
/* Lets the clock go on. */
void stage_sleep(long seconds);
/* Sets the wall clock alone. */
void stage_set_wall(time_t wall);
/* Runs in a process of its own and waits for it: its wait status. */
int stage_run(struct stage *stage, enum runner_manner manner);
/* The same in two steps; the second waits for every process of the run, even
 * when the runner ends first. */
pid_t stage_begin(struct stage *stage, enum runner_manner manner);
int stage_end(struct stage *stage, pid_t runner);
/* Makes the file for which a rule waits, and waits for one that a rule makes:
 * in real time, at most some seconds, and false without it. */
void stage_touch(const struct stage *stage, const char *name);
bool stage_await(const struct stage *stage, const char *name);
/* Tells a runner to stop by SIGTERM or SIGKILL, and waits until its lanes can
 * know of it. */
void stage_stop(pid_t runner, int number);
/* Sends a signal to the children of PARENT: the number of them. */
unsigned stage_signal_children(pid_t parent, int number);
unsigned stage_signal_grandchildren(pid_t parent, int number);

/* Who got what, in the order of arrival: "r1 r2". */
void stage_put_arrived(struct stage *stage, struct buf *out);
/* How often somebody connected. */
unsigned stage_connections(struct stage *stage);
/* "m1 waiting 1 net.refused; m2 …": state, tries, last diag, in order. */
void stage_put_queue(struct stage *stage, struct buf *out);
/* When it was last told of an entry that is in failed/; 0: it is not there. */
time_t stage_failed_at(struct stage *stage, unsigned number);
/* What was reported: "m1 net.refused; m2 ok …". */
void stage_put_log(struct stage *stage, struct buf *out);

#endif
