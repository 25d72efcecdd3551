/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a test wants the sink to do, and when: the rules of a script file
 * (tests/sink/README tells how they are written).  Knows no connection. */
#ifndef SINK_SCRIPT_H
#define SINK_SCRIPT_H

#include "base/buf.h"
#include "base/span.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	SINK_RULES_MAX = 200,
	SINK_ACTIONS_MAX = 12,
	SINK_VERB_BYTES = 16,
	SINK_SCRIPT_LIMIT = 4 * 1024 * 1024
};

enum sink_act {
	/* What is said, in this order. */
	SINK_ACT_REPLY, /* a whole line: TEXT and a line end */
	SINK_ACT_BYTES, /* TEXT as it is */
	SINK_ACT_PASS,  /* what the sink says without a rule */
	SINK_ACT_MUTE,  /* nothing at all */
	SINK_ACT_HOLD,  /* what follows waits for the next answer to go first */
	/* When. */
	SINK_ACT_DELAY,
	SINK_ACT_DRIBBLE,
	SINK_ACT_WAIT,
	SINK_ACT_TOUCH,
	SINK_ACT_RUN,
	/* What becomes of the command. */
	SINK_ACT_ACCEPT,
	SINK_ACT_REFUSE,
	/* The reply to EHLO. */
	SINK_ACT_HIDE,
	SINK_ACT_OFFER,
	/* The handshake. */
	SINK_ACT_CERT,
	SINK_ACT_PRIORITIES,
	SINK_ACT_ASK,
	SINK_ACT_DEMAND,
	/* The end of the connection. */
	SINK_ACT_CLOSE,
	SINK_ACT_CUT,
	SINK_ACT_RESET,
	SINK_ACT_STALL,
	SINK_ACT_FREEZE
};

struct sink_action {
	enum sink_act act;
	struct span text;
	unsigned long number;
};

/* Both ends count; 0, 0: any. */
struct sink_range {
	unsigned long from, to;
};

struct sink_rule {
	unsigned line;
	char verb[SINK_VERB_BYTES];
	struct sink_range connection, nth, mail, rcpt, size;
	unsigned long times; /* 0: always */
	const char *sender, *recipient, *match;
	bool in_tls, in_clear;
	struct sink_action actions[SINK_ACTIONS_MAX];
	size_t count;
};

/* What a rule is asked about.  LINE is the command; RECIPIENTS are one address
 * a line. */
struct sink_event {
	const char *verb, *line, *sender, *recipients;
	unsigned long connection, nth, mail, rcpt, size;
	bool is_tls;
};

/* How often each line has been followed, in all processes. */
struct sink_fired {
	atomic_uint counts[SINK_RULES_MAX];
};

struct sink_script;

/* NULL after a sentence on stderr. */
struct sink_script *sink_script_read(const char *path);
void sink_script_free(struct sink_script *script);
/* The first rule for this event, which counts as followed; or NULL.  SCRIPT may
 * be NULL. */
const struct sink_rule *sink_script_find(const struct sink_script *script,
	const struct sink_event *event, struct sink_fired *fired);
/* The action, or NULL. */
const struct sink_action *sink_rule_action(
	const struct sink_rule *rule, enum sink_act act);

enum sink_verdict {
	SINK_AS_EVER, /* what the sink itself thinks */
	SINK_ACCEPTED,
	SINK_CHALLENGED, /* 334 */
	SINK_REFUSED
};

/* What the rule says about the command: accept, refuse, or the first digit of
 * the last line of what it answers.  RULE may be NULL. */
enum sink_verdict sink_rule_verdict(const struct sink_rule *rule);

#endif
