/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a runner hears of new mail: a FIFO "wake" in the queue's folder, which
 * the one that follows the schedule holds open, and into which whoever queues
 * a message writes its id.  A line that is lost costs time, never mail: the
 * runner looks for itself now and then.
 */
#ifndef DELIVER_WAKE_H
#define DELIVER_WAKE_H

#include "spool/store.h"

#include <stdbool.h>

/* Whether a runner listens. */
bool wake_is_heard(const struct spool *spool);
/* Tells the runner of ID; false when none listens.  One that cannot take it in
 * is told that there is more than it heard of. */
bool wake_send(const struct spool *spool, const char *id);
/* The same, of many of which ID is one. */
bool wake_send_many(const struct spool *spool, const char *id);

/* The runner's end. */
struct wake {
	int fd;      /* for poll(): readable when somebody wrote; -1 */
	int keep_fd; /* our own writing end: without one, poll() would say
			"hung up" for ever after the first writer */
	int lock_fd; /* held by the one runner that listens; -1 */
};

enum wake_result {
	WAKE_LISTENING,
	WAKE_TAKEN, /* another runner does */
	WAKE_FAILED /* errno */
};

/* Becomes the runner that listens, or finds that there is one.  WHO is what
 * wake_listener() says of it then. */
enum wake_result wake_listen(
	const struct spool *spool, struct wake *wake, const char *who);
/* The one that listens, in ARENA: "mailchute serve (pid 17)"; NULL when nobody
 * does, or it did not say. */
const char *wake_listener(const struct spool *spool, struct arena *arena);
/* The next id that was written (cut at SIZE); false when there is none. */
bool wake_receive(struct wake *wake, char *id, size_t size);
/* Whether somebody had more to tell than could be written, since the last
 * question. */
bool wake_was_full(const struct spool *spool);
/* From now on wake_send() fails; the lock is kept, so that the last look into
 * the queue is ours. */
void wake_stop_listening(struct wake *wake);
/* Listens again, after wake_stop_listening(). */
bool wake_resume(const struct spool *spool, struct wake *wake);
void wake_close(struct wake *wake);

#endif
