/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnostics: what went wrong, whose fault it is, what it means for the mail
 * and what to do.  Every function that can fail has the shape
 *
 *	bool f(…, struct diag *why);
 *
 * returns false on failure and leaves *why untouched on success, so that calls
 * chain with &&.  A diag is a plain value: it owns no memory, may be copied by
 * assignment, and holds nothing but printable text.
 *
 *	if (!path_exists)
 *		return diag_set(why, DIAG_FILE_MISSING, path);
 *
 * All diagnostics are rows of base/diag.def.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/buf.h"
#include "base/span.h"

#include <stdbool.h>

enum diag_id {
	DIAG_NONE,
#define DIAG(id, name, scope, exit_code, status, text, hint) DIAG_##id,
#include "base/diag.def"
#undef DIAG
	DIAG_COUNT
};

/* What a failure reaches.  Only a permanent failure of one recipient or of the
 * message is final; trouble with an account (credentials, configuration) or a
 * host (network, certificate, this machine) keeps what is queued. */
enum diag_scope {
	DIAG_SCOPE_RECIPIENT,
	DIAG_SCOPE_MESSAGE,
	DIAG_SCOPE_ACCOUNT,
	DIAG_SCOPE_HOST
};

/* Before an argument that is a sentence itself, and is translated with the
 *rest: a msgid, and DIAG_NEXT before each text for its %s.  Several of them
 *stand one after the other, and are joined by "; ".
 *
 *	diag_set(why, DIAG_X, host, DIAG_WORDS N_("it is too long"));
 *	buf_puts(&out, DIAG_WORDS N_("it expired on %s") DIAG_NEXT);
 *	buf_puts(&out, date);
 *
 * Neither byte is printable, so that no text from elsewhere begins with one. */
#define DIAG_WORDS "\036"
#define DIAG_NEXT  "\037"

/* How long what passes by itself takes to pass. */
enum diag_wait {
	DIAG_WAIT_AS_CODE, /* nobody knows: the code decides */
	DIAG_WAIT_SOON,    /* seconds to minutes */
	DIAG_WAIT_STEP,    /* as the schedule has it */
	DIAG_WAIT_HOUR,
	DIAG_WAIT_DAY,  /* several hours */
	DIAG_WAIT_NEVER /* it does not pass */
};

enum { DIAG_TEXT_BYTES = 1024, DIAG_WHERE_BYTES = 256, DIAG_ARGS_MAX = 4 };

/* Invariant: reply_code is 0 or 200..599; status is empty or an RFC 3463 code
 * whose class agrees with reply_code; every string is printable and
 * NUL-terminated. */
struct diag {
	enum diag_id id;
	enum diag_scope scope;
	int exit_code;                /* sysexits.h */
	int system_error;             /* errno, or 0 */
	unsigned reply_code;          /* of the server, or 0 */
	char status[12];              /* RFC 3463: "5.1.1" */
	char where[DIAG_WHERE_BYTES]; /* "file:3", "host:587", or empty */
	char text[DIAG_TEXT_BYTES];   /* the arguments, NUL-separated */
	char reply[DIAG_TEXT_BYTES];  /* "550 5.1.1 no such user", or empty */
	const char *hint;             /* untranslated msgid, or NULL; its %1$s
					 are the arguments, too */
	/* What a known reply is about, of deliver/known.def; static, or NULL:
	 * "used-up", the row's name, and what the trouble is (a msgid). */
	const char *reason, *known, *cause;
	enum diag_wait wait;
};

/* The arguments of one row, in the order of its %s. */
struct diag_args {
	enum diag_id id;
	const char *a, *b, *c, *d;
};

/* Fills *WHY from the row and up to four strings, which are copied, made
 * printable (but for DIAG_WORDS and what belongs to it), and cut at
 * DIAG_TEXT_BYTES.  WHY may be NULL.  Always returns false, so that it can be
 * returned. */
#define diag_set(why, ...)                                                     \
	diag_set_args((why), (struct diag_args){ __VA_ARGS__ })
bool diag_set_args(struct diag *why, struct diag_args args);

/* The same with an errno, which is read before anything is done. */
#define diag_set_errno(why, system_error, ...)                                 \
	diag_set_errno_args(                                                   \
		(why), (system_error), (struct diag_args){ __VA_ARGS__ })
bool diag_set_errno_args(
	struct diag *why, int system_error, struct diag_args args);

/* Additions to a diag that was just set; each returns false too. */
bool diag_add_errno(struct diag *why, int system_error);
bool diag_add_where(struct diag *why, const char *where);
/* The server's reply: keeps code and words (made printable), takes its enhanced
 * status if that has the class of CODE, and a 4yz turns the exit code into
 * EX_TEMPFAIL (75). */
bool diag_add_reply(
	struct diag *why, unsigned code, struct span status, struct span text);
/* What is known of the server's words.  Whether it is temporary follows from
 * WAIT: NEVER takes the row's exit code back, or EX_UNAVAILABLE (69) where that
 * is EX_TEMPFAIL, whatever the reply's code; SOON,
 * STEP, HOUR and DAY turn it into EX_TEMPFAIL; AS_CODE leaves it. */
struct diag_known {
	const char *name, *reason, *cause, *next; /* static */
	enum diag_scope scope;
	enum diag_wait wait;
};
void diag_refine(struct diag *why, const struct diag_known *known);
/* Another hint than the row's; HINT is a static, untranslated string, whose %s
 * are the arguments too. */
bool diag_add_hint(struct diag *why, const char *hint);
/* Whether its hint is another than the row's. */
bool diag_has_own_hint(const struct diag *why);

/* Worth trying again: exit code 75. */
bool diag_is_temporary(const struct diag *why);
/* Never worth trying again: permanent, and of scope recipient or message. */
bool diag_is_final(const struct diag *why);

/* The stable name of a diagnostic: "net.refused". */
const char *diag_name(enum diag_id id);
/* The scope of the row of that name; false when there is none. */
bool diag_find_scope(const char *name, enum diag_scope *scope);
/* The exit code of that row; EX_UNAVAILABLE (69) when there is none. */
int diag_find_exit_code(const char *name);
/* The hint of that row, untranslated; NULL when there is none, or it speaks of
 * the row's arguments. */
const char *diag_find_hint(const char *name);
/* Appends the sentence without program name, hint or newline; in the user's
 * language, or in English for the log. */
void diag_sentence(const struct diag *why, bool is_translated, struct buf *out);
/* Appends the hint, translated; false when there is none. */
bool diag_hint(const struct diag *why, struct buf *out);
/* The same in English, for machines. */
bool diag_hint_in_english(const struct diag *why, struct buf *out);
/* Appends what the trouble is, when a known reply says it, in the user's
 * language; false when it does not. */
bool diag_cause(const struct diag *why, struct buf *out);

#endif
