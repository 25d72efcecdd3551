/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runner: goes through a queue and lets every account's mail out through a
 * lane of its own, in a child process, so that a slow or dead server delays
 * nobody else's mail and a crash costs one message a delay.
 */
#ifndef DELIVER_RUNNER_H
#define DELIVER_RUNNER_H

#include "base/diag.h"
#include "config/account.h"
#include "deliver/lane.h"
#include "spool/store.h"

#include <stdbool.h>
#include <stddef.h>

enum runner_manner {
	RUNNER_EVERYTHING, /* once, every entry, whatever the schedule says */
	RUNNER_DUE,        /* once, what is due */
	RUNNER_WATCH,      /* follow the schedule until SIGTERM */
	RUNNER_UNTIL_EMPTY /* follow it until nothing waits */
};

struct runner_params {
	struct spool *spool;
	/* What is to be handed over to SPOOL, which hosts share; NULL. */
	struct spool *handover;
	enum runner_manner manner;
	const char *const *ids; /* RUNNER_EVERYTHING: only these */
	size_t id_count;        /* 0: all */
	/* A pipe whose end means the end of this run, as SIGTERM does; NULL:
	 * none. */
	const int *lifeline;
	/* Where it is heard that a network has come (net/network); NULL: the
	 * kernel tells. */
	const int *network;
	/* As for a lane; NULL. */
	const struct config_held *held;
	bool debug;
	const char *config_file; /* of -C, for what was taken; NULL */
	void (*report)(void *context, const struct lane_report *report);
	void *context;
};

/* Runs.  RUNNER_WATCH and RUNNER_UNTIL_EMPTY return at once, with success, when
 * another one watches the queue; the latter first waits for one that is just
 * ending.  Both let go of the queue when a try failed and this process has no
 * way out (DIAG_QUEUE_NO_RUNNER): the next one may have.  When a network comes,
 * both try at once what waits for one.  Fails with
 * DIAG_QUEUE_FOLDER.  Settings in
 * the environment are forgotten: what counts is what the entries say. */
bool runner_run(const struct runner_params *params, struct diag *why);

#endif
