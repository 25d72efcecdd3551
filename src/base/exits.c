/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of exit codes.  Does not know who ends with them. */
#include <config.h>

#include "base/exits.h"

#include <stddef.h>
#include <sysexits.h>

static const struct {
	int code;
	const char *name;
} rows[] = {
	{ EX_OK, "EX_OK" },
	{ EX_USAGE, "EX_USAGE" },
	{ EX_DATAERR, "EX_DATAERR" },
	{ EX_NOINPUT, "EX_NOINPUT" },
	{ EX_NOUSER, "EX_NOUSER" },
	{ EX_NOHOST, "EX_NOHOST" },
	{ EX_UNAVAILABLE, "EX_UNAVAILABLE" },
	{ EX_SOFTWARE, "EX_SOFTWARE" },
	{ EX_OSERR, "EX_OSERR" },
	{ EX_OSFILE, "EX_OSFILE" },
	{ EX_CANTCREAT, "EX_CANTCREAT" },
	{ EX_IOERR, "EX_IOERR" },
	{ EX_TEMPFAIL, "EX_TEMPFAIL" },
	{ EX_PROTOCOL, "EX_PROTOCOL" },
	{ EX_NOPERM, "EX_NOPERM" },
	{ EX_CONFIG, "EX_CONFIG" },
};
static const char other[] = "EX_OTHER";

const char *exits_name(int exit_code)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].code == exit_code)
			return rows[i].name;
	return other;
}

bool exits_find(struct span name, int *out)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_equal(name, span_of(rows[i].name))) {
			*out = rows[i].code;
			return true;
		}
	*out = -1;
	return span_equal(name, span_of(other));
}
