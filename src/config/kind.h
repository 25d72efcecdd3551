/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of values that an option can have: how one is parsed, printed and
 * checked.  A new kind is a row of five small functions.
 *
 *	if (!kind_NUMBER.parse(&domain, &field, "25", arena))
 *		kind_NUMBER.expect(&reason, &domain);
 */
#ifndef CONFIG_KIND_H
#define CONFIG_KIND_H

#include "base/buf.h"
#include "base/mem.h"

#include <stdbool.h>

enum { KIND_RATES = 8 /* limits of one 'rate' */ };

/* The C type of each kind's field.  A text is NULL when it is not set, a number
 * 0; a path has its "~/" expanded; a notify is upper case, as in SMTP, and NULL
 * for off; a duration is in seconds, 0 for off; durations and a rate are texts
 * as base/duration.h takes them; a fingerprint as net/pin.h does; a store as
 * config/storeurl.h, and may hold a password. */
#define OPTION_TYPE_STRING      const char *
#define OPTION_TYPE_HOST        const char *
#define OPTION_TYPE_PATH        const char *
#define OPTION_TYPE_NOTIFY      const char *
#define OPTION_TYPE_EXTENSIONS  const char *
#define OPTION_TYPE_NUMBER      long
#define OPTION_TYPE_SECONDS     long
#define OPTION_TYPE_DURATION    long
#define OPTION_TYPE_DURATIONS   const char *
#define OPTION_TYPE_RATE        const char *
#define OPTION_TYPE_FINGERPRINT const char *
#define OPTION_TYPE_STORE       const char *
#define OPTION_TYPE_ADDRESS     const char *
#define OPTION_TYPE_BOOL        bool
#define OPTION_TYPE_CHOICE      int
#define OPTION_TYPE_SECRET      struct secret

/* What a value may be: one of these words (NULL-terminated), or a number
 * between these; and beside a host, the keyword that its port goes to. */
struct kind_domain {
	const char *const *words;
	unsigned long min, max;
	const char *port;
};

/* A kind of value.  parse() leaves the field alone when it returns false; the
 * reason is appended by expect().  copy() copies a secret deep if IS_OWNER,
 * else it borrows; texts are in an arena. */
struct kind {
	bool (*parse)(const struct kind_domain *domain, void *field,
		const char *value, struct arena *arena);
	void (*expect)(struct buf *out, const struct kind_domain *domain);
	void (*put)(struct buf *out, const struct kind_domain *domain,
		const void *field);
	bool (*is_set)(const void *field);
	void (*copy)(void *into, const void *from, bool is_owner);
	/* "FILE"; NULL: the words of its domain. */
	const char *form;
	/* The field is a text, which may be one of the table's as it stands. */
	bool is_text;
	/* Without a value it is not set. */
	bool may_be_empty;
};

extern const struct kind kind_STRING, kind_HOST, kind_PATH, kind_NOTIFY,
	kind_EXTENSIONS, kind_NUMBER, kind_SECONDS, kind_DURATION,
	kind_DURATIONS, kind_RATE, kind_STORE, kind_FINGERPRINT, kind_ADDRESS,
	kind_BOOL, kind_CHOICE, kind_SECRET;

#endif
