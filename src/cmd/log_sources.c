/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the log is.  Does not know what it says. */
#include <config.h>

#include "cmd/log_sources.h"

#include "base/place.h"
#include "base/text.h"
#include "cmd/log_fallback.h"
#include "cmd/report.h"
#include "config/account.h"
#include "config/load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 40, ARGUMENT_BYTES = 64 };

static void complain(struct log_sources *sources, struct diag *why)
{
	int exit_code;

	if (why->system_error == EACCES)
		diag_add_hint(why,
			N_("'ls -l %1$s' shows who may read it: root, or the "
			   "members of its group"));
	exit_code = report_problem(why);
	if (!sources->exit_code)
		sources->exit_code = exit_code;
}

static void add(
	struct log_sources *sources, struct log_source source, struct diag *why)
{
	if (!source.tail)
		complain(sources, why);
	else if (sources->count < LOG_SOURCES_LIMIT)
		sources->items[sources->count++] = source;
	else
		(void)log_tail_close(source.tail);
}

static bool has(const struct log_sources *sources, const char *name)
{
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->items[i].name, name) == 0)
			return true;
	return false;
}

static void add_file(struct log_sources *sources, const struct log_wish *wish,
	const char *path, bool is_shared)
{
	struct diag why;

	if (!has(sources, path))
		add(sources,
			(struct log_source){ .name = path,
				.is_shared = is_shared,
				.tail = log_tail_file(
					path, wish->since, &why) },
			&why);
}

/* One that a person has named is there; one to follow may come. */
static void add_named(struct log_sources *sources, const struct log_wish *wish,
	const char *path)
{
	struct diag why;

	if (wish->is_followed || strcmp(path, "-") == 0 ||
		access(path, F_OK) == 0) {
		add_file(sources, wish, path, false);
		return;
	}
	diag_set(&why, DIAG_FILE_UNREADABLE, path);
	diag_add_errno(&why, errno);
	complain(sources, &why);
}

/* ---- the system's log ---------------------------------------------------- */

/* A set of LOG_… facilities, as bits of their numbers. */
static void add_journal(struct log_sources *sources,
	const struct log_wish *wish, unsigned facilities)
{
	const char *arguments[ARGUMENTS_MAX] = { place_system.journalctl,
		"--quiet", "--no-pager", "--output=short-unix" };
	size_t count = 4;
	char *since = arena_alloc(sources->arena, ARGUMENT_BYTES);
	struct diag why;

	snprintf(
		since, ARGUMENT_BYTES, "--since=@%lld", (long long)wish->since);
	/* Followed, it begins with the last ten by itself. */
	if (!wish->is_followed || wish->since)
		arguments[count++] = since;
	if (wish->is_followed)
		arguments[count++] = "--follow";
	for (unsigned i = 0; i < 24; i++) {
		char *match = arena_alloc(sources->arena, ARGUMENT_BYTES);

		snprintf(match, ARGUMENT_BYTES, "SYSLOG_FACILITY=%u", i);
		if (facilities & 1u << i)
			arguments[count++] = match;
	}
	add(sources,
		(struct log_source){ .name = _("the journal"),
			.is_program = true,
			.is_shared = true,
			.tail = log_tail_program(
				arguments, wish->is_followed, &why) },
		&why);
}

/* The first that is there. */
static void add_system_file(
	struct log_sources *sources, const struct log_wish *wish)
{
	static const char *const names[] = { "mail.log", "maillog", "mail",
		"syslog", "messages" };
	struct buf path = BUF_INIT(4096);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", place_system.logs, names[i]);
		if (access(buf_text(&path), F_OK) != 0)
			continue;
		add_file(sources, wish,
			arena_strdup(sources->arena, buf_text(&path)), true);
		break;
	}
	buf_free(&path);
}

/* What was logged while nobody took it, not even a log file. */
static void add_fallback(
	struct log_sources *sources, const struct log_wish *wish)
{
	const char *path = log_fallback_path(sources->arena);

	if (access(path, F_OK) == 0)
		add_file(sources, wish, path, false);
}

static void add_system(struct log_sources *sources, const struct log_wish *wish,
	unsigned facilities)
{
	if (!facilities)
		return;
	if (access(place_system.journal, F_OK) == 0 &&
		access(place_system.journalctl, X_OK) == 0)
		add_journal(sources, wish, facilities);
	else
		add_system_file(sources, wish);
}

/* ---- what the accounts say ----------------------------------------------- */

/* Returns the facility that the account logs to, as a bit. */
static unsigned add_account(struct log_sources *sources,
	const struct log_wish *wish, const struct account *account)
{
	int facility = account_syslog_facility(account);

	if (account->logfile && strcmp(account->logfile, "-") != 0) {
		add_file(sources, wish, account->logfile, false);
		sources->own_files[sources->own_file_count++] = account->name;
		return 0;
	}
	/* LOG_MAIL is 2 << 3. */
	return facility < 0 ? 0 : 1u << (facility >> 3);
}

static void add_accounts(
	struct log_sources *sources, const struct log_wish *wish)
{
	struct config config;
	struct diag why;
	unsigned facilities = 0;

	if (!config_load(wish->request, sources->arena, &config, &why)) {
		/* What failed so is logged, too. */
		sources->exit_code = report_problem(&why);
		config.account_count = 0;
	}
	sources->own_files = arena_alloc(sources->arena,
		(config.account_count + 1) * sizeof *sources->own_files);
	for (size_t i = 0; i < config.account_count; i++)
		if (!wish->request->account ||
			strcmp(wish->request->account,
				config.accounts[i]->name) == 0)
			facilities |=
				add_account(sources, wish, config.accounts[i]);
	if (!config.account_count)
		facilities = 1u << (account_syslog_facility(NULL) >> 3);
	config_wipe(&config);
	add_fallback(sources, wish);
	add_system(sources, wish, facilities);
}

void log_sources_open(struct log_sources *sources, const struct log_wish *wish)
{
	const struct request *request = wish->request;

	sources->items = arena_alloc(
		sources->arena, LOG_SOURCES_LIMIT * sizeof *sources->items);
	for (size_t i = 0; i < request->operand_count; i++)
		add_named(sources, wish, request->operands[i]);
	if (!request->operand_count)
		add_accounts(sources, wish);
}

bool log_sources_have_twice(const struct log_sources *sources,
	const struct log_source *source, const struct log_line *line)
{
	if (!source->is_shared)
		return false;
	for (size_t i = 0; i < sources->own_file_count; i++)
		if (span_equal(line->value[LOG_ACCOUNT],
			    span_of(sources->own_files[i])))
			return true;
	return false;
}

void log_sources_close(struct log_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		(void)log_tail_close(sources->items[i].tail);
	sources->count = 0;
}
