/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who will run the queue when this process is gone.  Found out before a message
 * is accepted: a promise that nobody keeps is none.
 *
 *	if (hire_find(&params, spool, &hire, why) && … the message is in the
 *queue …) hire_call(&params, &hire, id); hire_end(&hire);
 */
#ifndef DELIVER_HIRE_H
#define DELIVER_HIRE_H

#include "base/diag.h"
#include "config/account.h"
#include "deliver/lane.h"
#include "spool/store.h"

#include <stdbool.h>

enum hire_who {
	HIRE_NOBODY,   /* there is nobody */
	HIRE_EXTERNAL, /* 'queue_runner external': not our business */
	HIRE_LISTENER, /* a runner that listens */
	HIRE_TIMER,    /* systemd's, of this user */
	HIRE_OWN       /* a process that we leave behind */
};

struct hire_params {
	const struct account *account;
	const char *config_file; /* of -C, or NULL: no timer knows of it */
	/* The queue is only filled ('-odq'): whoever runs it comes by itself,
	 * and no process is made. */
	bool is_for_later;
	/* What it is called for is the last of many. */
	bool is_of_many;
	/* What a runner that cannot be started anew does with its reports. */
	void (*report)(void *context, const struct lane_report *report);
};

/* Invariant: go_fd is -1 unless WHO is HIRE_OWN and its process waits. */
struct hire {
	enum hire_who who;
	int go_fd;
};

/* For people: FORMAT is a sentence, to be translated, with one "%s" for NAME
 * if there is one; of HIRE_NOBODY it is WHY that tells. */
struct hire_said {
	enum hire_who who;
	const char *format, *name;
	struct diag why;
};

/* Who would run SPOOL (NULL: one that is made when something waits), without
 * making a process; NAME lives in ARENA.  HIRE_NOBODY also when nothing may be
 * left to the queue (queue_check()). */
void hire_say(const struct hire_params *params, const struct spool *spool,
	struct arena *arena, struct hire_said *said);
/* Appends the sentence: of HIRE_NOBODY with what becomes of mail then. */
void hire_put(
	const struct hire_said *said, bool is_translated, struct buf *out);
/* Finds one.  HIRE_OWN is a process that is there already, in a session of its
 * own, and waits for hire_call().  Fails with DIAG_QUEUE_NO_RUNNER
 * and DIAG_QUEUE_NO_PROCESS. */
bool hire_find(const struct hire_params *params, struct spool *spool,
	struct hire *hire, struct diag *why);
/* Sends it to work in the account's queue, on ID among others, and ends HIRE.
 */
void hire_call(
	const struct hire_params *params, struct hire *hire, const char *id);
/* Lets go of one that was not called. */
void hire_end(struct hire *hire);

#endif
