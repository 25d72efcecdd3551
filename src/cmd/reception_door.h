/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session of SMTP with a caller, over two descriptors: what -bs is on stdio,
 * and what a server is on each connection.  Each message takes the one way
 * through the house; 250 to the final dot is the promise of exit code 0.
 *
 * Knows how to talk, not how the caller came.
 */
#ifndef CMD_RECEPTION_DOOR_H
#define CMD_RECEPTION_DOOR_H

#include "base/diag.h"
#include "config/account.h"
#include "config/argv.h"
#include "deliver/outcome.h"

#include <stddef.h>
#include <stdint.h>

enum {
	/* One transaction's; RFC 5321 4.5.3.1.8 asks for 100. */
	RECEPTION_DOOR_RECIPIENTS_MAX = 10000,
	/* So many refusals since the last message that was taken are a caller
	 * who does not listen: 421. */
	RECEPTION_DOOR_REFUSALS_MAX = 100,
	/* What a caller has, at most, once the service is to end. */
	RECEPTION_DOOR_STOP_S = 10,
	/* A message with more Received fields than this goes in circles. */
	RECEPTION_DOOR_HOPS_MAX = 50
};
/* The largest message. */
#define RECEPTION_DOOR_SIZE_MAX ((uint64_t)1 << 30)

struct reception_door_params {
	int in, out;
	/* What was said on the command line: -a, --keyword, -N …; each message
	 * puts its own sender and recipients on top. */
	const struct request *request;
	/* Loaded, and wiped, by the caller.  NULL: it could not be, and
	 * CONFIG_FAILURE is what every MAIL is answered with. */
	const struct config *config;
	const struct diag *config_failure;
	const char *host_name; /* in the greeting */
	/* "from uid 1000": each message gets a Received field that says so.
	 * NULL: the caller is the user, and there is none. */
	const char *caller;
	int64_t idle_limit_ms; /* between two reads; -1: none */
	/* Readable, or at its end, when the session is to end after the message
	 * that is under way; -1: never. */
	int stop_fd;
	/* Whether the caller may send another message; NULL: any number. */
	bool (*may_send)(void *context, struct diag *why);
	/* Whether a refusal may have a line in the log; those that may not are
	 * counted, and told at the end.  NULL: each. */
	bool (*may_log)(void *context);
	void *context;
	uint64_t size_limit;    /* 0: RECEPTION_DOOR_SIZE_MAX */
	size_t recipient_limit; /* 0: RECEPTION_DOOR_RECIPIENTS_MAX */
};

/* Serves until QUIT, the end of the input, or too many errors; every message
 * and every refusal has its line in the log, and stderr stays empty.  0 after
 * an orderly end.  Otherwise the session broke off in the middle of a message
 * or after errors (DIAG_INPUT_BROKEN_OFF), the caller said nothing for too long
 * (DIAG_INPUT_IDLE), the service ended before the message was complete
 * (DIAG_INPUT_STOPPED), or a descriptor failed (DIAG_INPUT_UNREADABLE,
 * DIAG_FILE_FAILED): that is logged, said on stderr, and its exit code
 * returned. */
int reception_door_run(const struct reception_door_params *params);

#endif
