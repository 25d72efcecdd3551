/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a look at something found: a row a check, in the order in which they are
 * added.  Knows how to print them, not what is looked at.
 *
 *	struct findings found = { .arena = arena };
 *	findings_note(&found, "tcp.port", FINDING_OK, N_("%s answers"), name);
 *	findings_fail(&found, "auth.login", &why);
 *	findings_put(&found, &out);
 *	return findings_exit_code(&found);
 */
#ifndef CMD_FINDINGS_H
#define CMD_FINDINGS_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "cmd/redact.h"

#include <stdbool.h>
#include <stddef.h>

enum finding_status { FINDING_OK, FINDING_WARN, FINDING_FAIL, FINDING_SKIP };

/* One check.  Its words are TEXT with its %s, or a diag. */
struct finding {
	const char *id; /* "stage.check": others rely on it; static */
	enum finding_status status;
	const char *text, *what; /* TEXT is an untranslated msgid */
	const struct diag *why;
};

/* Lives in ARENA, which is not owned. */
struct findings {
	struct arena *arena;
	struct finding *items;
	size_t count;
	/* Told of each when it is added; NULL for nobody. */
	void (*listener)(
		const struct findings *findings, const struct finding *finding);
	struct redact *redact; /* NULL: everything is shown */
};

/* WHAT is copied; NULL is "". */
void findings_note(struct findings *findings, const char *id,
	enum finding_status status, const char *text, const char *what);
/* WHY is copied: FINDING_FAIL, or FINDING_WARN. */
void findings_fail(
	struct findings *findings, const char *id, const struct diag *why);
void findings_warn(
	struct findings *findings, const char *id, const struct diag *why);
/* Whether one has FINDING_FAIL. */
bool findings_have_failed(const struct findings *findings);
/* Appends one as a line: "FAIL  auth.login  words". */
void finding_put(const struct findings *findings, const struct finding *finding,
	struct buf *out);
/* Appends what to do about the first failure, or else about the first warning;
 * nothing when all is well. */
void findings_put_advice(const struct findings *findings, struct buf *out);
/* Appends them as {"checks":[{"id","status","text",…}],"exit_code"}; the keys
 * of a failure are those of every failure in JSON. */
void findings_put_json(const struct findings *findings, struct buf *out);
/* 0, or that of the first failure. */
int findings_exit_code(const struct findings *findings);

#endif
