/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a shared queue, for people.  Knows no SQL. */
#include <config.h>

#include "cmd/queue_store.h"

#include "base/text.h"
#include "cmd/report.h"
#include "spool/shared.h"

#include <stdio.h>

enum { SQL_LIMIT = 256 * 1024 };

static int tell_none(void)
{
	struct diag why;

	diag_set(&why, DIAG_STORE_NONE);
	return report_problem(&why);
}

/* Calls ACT for each shared queue, until one fails. */
static int each_shared(const struct queue_set *set,
	bool (*act)(struct spool *spool, struct diag *why))
{
	size_t count = 0;
	struct diag why;

	for (size_t i = 0; i < set->count; i++) {
		if (!spool_is_shared(set->spools[i]))
			continue;
		count++;
		if (!act(set->spools[i], &why))
			return report_problem(&why);
	}
	if (set->exit_code)
		return set->exit_code;
	return count ? 0 : tell_none();
}

/* ---- init ---------------------------------------------------------------- */

static bool make_tables(struct spool *spool, struct diag *why)
{
	int from = 0;

	if (!shared_init(spool, &from, why))
		return false;
	if (from == POSTGRES_SCHEMA_VERSION)
		printf(_("%s: the tables are of version %d already\n"),
			spool_path(spool), from);
	else
		printf(_("%s: the tables are of version %d now\n"),
			spool_path(spool), POSTGRES_SCHEMA_VERSION);
	return true;
}

int queue_store_init(const struct queue_set *set, bool is_dry_run)
{
	struct buf sql = BUF_INIT(SQL_LIMIT);

	if (!is_dry_run)
		return each_shared(set, make_tables);
	postgres_put_schema(&sql, 0);
	fputs(buf_text(&sql), stdout);
	buf_free(&sql);
	return 0;
}

/* ---- check --------------------------------------------------------------- */

static const char *say_standby(const struct postgres_health *health)
{
	return health->is_synchronous
		       ? _("a synchronous standby: a database host that dies "
			   "takes no mail with it")
		       : _("no synchronous standby: a database host that dies "
			   "takes mail with it");
}

static const char *yes_or_no(bool is_so)
{
	return is_so ? _("yes") : _("no");
}

static bool print_health(struct spool *spool, struct diag *why)
{
	struct postgres_health health;

	if (!shared_check(spool, &health, why))
		return false;
	printf("%s\n", spool_path(spool));
	printf(_("  server: %s, as %s\n"), health.server, health.role);
	printf(_("  tables: version %d, this program's is %d\n"),
		health.version, POSTGRES_SCHEMA_VERSION);
	printf(_("  may submit: %s; may run: %s; may read: %s\n"),
		yes_or_no(health.may_submit), yes_or_no(health.may_run),
		yes_or_no(health.may_read));
	printf("  %s\n", say_standby(&health));
	if (!health.flushes)
		printf("  %s\n",
			_("fsync is off: a power cut takes mail with it"));
	if (!health.hears)
		printf("  %s\n",
			_("no call is heard here (is that a pool?): runners "
			  "look from time to time"));
	return true;
}

int queue_store_check(const struct queue_set *set)
{
	return each_shared(set, print_health);
}
