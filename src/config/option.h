/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of options: every keyword of the configuration, once.  A row gives
 * the field of struct account, its kind (how it is parsed, printed and
 * checked), default, choices and one line of text.  A new option is a row, a
 * new kind five small functions.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum option_id {
#define OPTION(field, ...) OPTION_##field,
#include "config/options.def"
#undef OPTION
	OPTION_COUNT
};


/* Where a value came from. */
enum origin_kind {
	ORIGIN_DEFAULT,
	ORIGIN_FILE,
	ORIGIN_ENVIRONMENT,
	ORIGIN_COMMAND_LINE,
	ORIGIN_DERIVED /* worked out from other settings */
};

struct origin {
	enum origin_kind kind;
	const char *name; /* file or variable; NULL */
	unsigned line;
};

/* The C type of each kind's field. */
#define OPTION_TYPE_STRING  const char * /* NULL: not set */
#define OPTION_TYPE_PATH    const char * /* "~/" is expanded when it is read */
#define OPTION_TYPE_NUMBER  long
#define OPTION_TYPE_SECONDS long /* 0: off */
#define OPTION_TYPE_BOOL    bool
#define OPTION_TYPE_CHOICE  int /* index into the row's choices */
#define OPTION_TYPE_SECRET  struct secret

struct account;

/* Finds a keyword (aliases of it included); OPTION_COUNT when there is none. */
enum option_id option_find(struct span keyword);
const char *option_keyword(enum option_id id);
/* The known keyword that is nearest to WORD, or NULL when none is near. */
const char *option_nearest(struct span word);
/* Parses VALUE (NULL: the keyword stood alone) into the account's field. */
bool option_set(struct account *account, enum option_id id, const char *value,
	struct origin origin, struct arena *arena, struct diag *why);
/* Appends the value as it would stand in a file; a secret is "********". */
void option_put(
	struct buf *out, const struct account *account, enum option_id id);
/* Whether the field holds anything ('host' without a value does not). */
bool option_is_set(const struct account *account, enum option_id id);
const char *option_text(enum option_id id);

#endif
