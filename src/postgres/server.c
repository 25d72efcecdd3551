/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows libpq.  Knows no table of ours. */
#include <config.h>

#include "postgres/server.h"

#include "base/text.h"

#include <stddef.h>

#ifdef HAVE_LIBPQ

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY              pq
#define LIBRARY_SYMBOL(name) PQ##name
#define LIBRARY_NAME         LIBPQ_SONAME
#define LIBRARY_TABLE        "postgres/libpq.def"
#include "base/library_calls.h"

/* Of pg_type.dat: bytea and text. */
enum { OID_BYTEA = 17, OID_TEXT = 25 };

enum { OPTIONS_MAX = 80 };

/* What a URL says, with its hosts in another order; both end with NULL. */
struct options {
	const char *names[OPTIONS_MAX + 1], *values[OPTIONS_MAX + 1];
};

struct server {
	PGconn *connection;
	struct options *turned;
	struct arena *arena; /* of TURNED */
	bool is_doubtful;    /* since the last server_run() */
};

/* What a try at one transaction has come to. */
struct run {
	struct server *server;
	const struct server_taker *taker;
	int64_t deadline_ms;
	struct server_trouble *trouble;
	size_t step;
	bool has_failed, is_synced, is_lost;
};

bool server_is_built(void)
{
	return true;
}

bool server_load(struct diag *why)
{
	return load(why);
}

struct server *server_new(void)
{
	return mem_zalloc(sizeof(struct server));
}

bool server_is_connected(const struct server *server)
{
	return server->connection != NULL;
}

int server_fd(const struct server *server)
{
	return server->connection ? pq.socket(server->connection) : -1;
}

void server_disconnect(struct server *server)
{
	if (server->connection)
		pq.finish(server->connection);
	server->connection = NULL;
}

/* ---- what is said -------------------------------------------------------- */

static void keep_words(struct server_trouble *trouble, const char *words)
{
	struct buf text = BUF_INIT(4 * SERVER_WORDS_BYTES);

	text_put_printable(&text, span_trim(span_of(words ? words : "")));
	(void)snprintf(
		trouble->words, sizeof trouble->words, "%s", buf_text(&text));
	buf_free(&text);
}

/* The primary message alone: details may have a row in them. */
static void keep_trouble(struct server_trouble *trouble, const PGresult *result)
{
	const char *state = pq.resultErrorField(result, PG_DIAG_SQLSTATE);

	(void)snprintf(trouble->state, sizeof trouble->state, "%s",
		state ? state : "");
	keep_words(
		trouble, pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

/* A COMMIT that no standby has confirmed succeeds with a warning (of syncrep.c,
 * in the server's language); an administrator's end of it is one as well. */
static void hear_notice(void *context, const PGresult *result)
{
	struct server *server = context;
	const char *state = pq.resultErrorField(result, PG_DIAG_SQLSTATE);
	const char *file = pq.resultErrorField(result, PG_DIAG_SOURCE_FILE);
	const char *words =
		pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if ((state && strncmp(state, "57", 2) == 0) ||
		(file && strstr(file, "syncrep")) ||
		(words && strstr(words, "not have been replicated")))
		server->is_doubtful = true;
}

static enum server_outcome judge(const char *state)
{
	static const struct {
		const char *prefix;
		enum server_outcome outcome;
	} rows[] = {
		{ "08", SERVER_UNKNOWN },
		{ "57P03", SERVER_AWAY }, /* starting up */
		{ "57P0", SERVER_UNKNOWN },
		{ "40003", SERVER_UNKNOWN },
		{ "40001", SERVER_AGAIN },
		{ "40P01", SERVER_AGAIN },
		{ "53300", SERVER_AWAY }, /* too many connections */
		{ "25006", SERVER_AWAY }, /* read-only */
		{ "57014", SERVER_AWAY }, /* cancelled */
		{ "42P01", SERVER_NO_TABLE },
	};

	if (!*state)
		return SERVER_UNKNOWN;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strncmp(state, rows[i].prefix, strlen(rows[i].prefix)) == 0)
			return rows[i].outcome;
	return SERVER_REFUSED;
}

/* ---- connecting ---------------------------------------------------------- */

/* What a URL, a service file or the environment says is stronger: the
 * environment is libpq's weakest source but for what is built in.  "Any" host
 * would do for libpq, also one that cannot be written to. */
static void set_defaults(void)
{
	(void)setenv("PGCONNECT_TIMEOUT", "5", 0);
	(void)setenv("PGTARGETSESSIONATTRS", "read-write", 0);
	(void)setenv("PGAPPNAME", "mailchute", 0);
}

/* libpq's own words about a URL repeat pieces of it. */
static bool understands(const char *url, struct server_trouble *trouble)
{
	char *words = NULL;
	PQconninfoOption *options = pq.conninfoParse(url, &words);

	if (words)
		pq.freemem(words);
	if (!options) {
		keep_words(trouble, "");
		return false;
	}
	pq.conninfoFree(options);
	return true;
}

enum server_outcome server_connect(
	struct server *server, const char *url, struct server_trouble *trouble)
{
	struct options plain = { { "dbname" }, { url } };
	const struct options *options =
		server->turned ? server->turned : &plain;

	*trouble = (struct server_trouble){ 0 };
	server_disconnect(server);
	if (!understands(url, trouble))
		return SERVER_BAD_URL;
	set_defaults();
	server->connection =
		pq.connectdbParams(options->names, options->values, 1);
	if (pq.status(server->connection) != CONNECTION_OK ||
		pq.setnonblocking(server->connection, 1)) {
		keep_words(trouble, pq.errorMessage(server->connection));
		server_disconnect(server);
		return SERVER_AWAY;
	}
	pq.setNoticeReceiver(server->connection, hear_notice, server);
	return SERVER_DONE;
}

void server_free(struct server *server)
{
	server_disconnect(server);
	arena_free(server->arena);
	mem_free(server);
}

static size_t count_members(const char *list)
{
	size_t count = 1;

	for (; *list; list++)
		count += *list == ',';
	return count;
}

/* "a,b,c" becomes "b,c,a". */
static const char *turn_list(struct arena *arena, const char *list)
{
	const char *comma = strchr(list, ',');

	if (!comma)
		return arena_strdup(arena, list);
	return arena_printf(
		arena, "%s,%.*s", comma + 1, (int)(comma - list), list);
}

static size_t turn_options(struct options *options, struct arena *arena,
	const PQconninfoOption *given)
{
	static const char *const lists[] = { "host", "hostaddr", "port" };
	size_t count = 0, hosts = 1;

	for (; given->keyword && count < OPTIONS_MAX; given++) {
		bool is_list = false;

		if (!given->val)
			continue;
		for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
			is_list |= strcmp(given->keyword, lists[i]) == 0;
		options->names[count] = arena_strdup(arena, given->keyword);
		options->values[count++] =
			is_list ? turn_list(arena, given->val)
				: arena_strdup(arena, given->val);
		if (strncmp(given->keyword, "host", 4) == 0)
			hosts = count_members(given->val);
	}
	options->names[count] = options->values[count] = NULL;
	return hosts;
}

bool server_turn(struct server *server, size_t turn)
{
	PQconninfoOption *given;
	struct arena *arena;
	struct options *options;
	size_t hosts;

	if (!server->connection)
		return false;
	given = pq.conninfo(server->connection);
	if (!given)
		return false;
	arena = arena_new();
	options = arena_alloc(arena, sizeof *options);
	hosts = turn_options(options, arena, given);
	pq.conninfoFree(given);
	arena_free(server->arena);
	server->arena = arena;
	server->turned = options;
	return turn + 1 < hosts;
}

/* ---- transactions -------------------------------------------------------- */

static bool send_step(PGconn *connection, const struct server_step *step)
{
	size_t count = strlen(step->types);
	const char *values[SERVER_PARAMETERS_MAX];
	char *copies[SERVER_PARAMETERS_MAX];
	int lengths[SERVER_PARAMETERS_MAX], formats[SERVER_PARAMETERS_MAX];
	Oid types[SERVER_PARAMETERS_MAX];
	bool is_sent;

	if (count > SERVER_PARAMETERS_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		bool is_text = step->types[i] == 't';

		types[i] = is_text ? OID_TEXT : OID_BYTEA;
		formats[i] = !is_text;
		lengths[i] = (int)step->values[i].length;
		copies[i] = is_text ? mem_strndup(step->values[i].at,
					      step->values[i].length)
				    : NULL;
		values[i] = is_text                  ? copies[i]
			    : step->values[i].length ? step->values[i].at
						     : "";
	}
	is_sent = pq.sendQueryParams(connection, step->sql, (int)count, types,
		values, lengths, formats, 1);
	for (size_t i = 0; i < count; i++)
		mem_free(copies[i]);
	return is_sent;
}

/* Until libpq has a whole result; false at the deadline, or when the connection
 * is lost. */
static bool await_result(struct run *run)
{
	PGconn *connection = run->server->connection;

	for (;;) {
		struct pollfd wait = { .fd = pq.socket(connection),
			.events = POLLIN };
		int unsent = pq.flush(connection), ready;

		if (unsent < 0 && pq.status(connection) != CONNECTION_OK)
			return false;
		if (!pq.isBusy(connection))
			return true;
		if (unsent > 0)
			wait.events |= POLLOUT;
		ready = poll(&wait, 1, clock_left_ms(run->deadline_ms));
		if (ready == 0 || (ready < 0 && errno != EINTR))
			return false;
		if (!pq.consumeInput(connection))
			return false;
	}
}

static void take_rows(struct run *run, PGresult *result)
{
	struct span values[32];
	int rows = pq.ntuples(result), fields = pq.nfields(result);
	unsigned long count = 0;

	if (fields > (int)(sizeof values / sizeof *values))
		fields = (int)(sizeof values / sizeof *values);
	for (int row = 0; row < rows; row++) {
		for (int i = 0; i < fields; i++)
			values[i] = span_make(pq.getvalue(result, row, i),
				(size_t)pq.getlength(result, row, i));
		run->taker->take(
			run->taker->context, run->step, values, (size_t)fields);
	}
	(void)span_number(span_of(pq.cmdTuples(result)), 1UL << 30, &count);
	run->taker->take(run->taker->context, run->step, NULL, count);
}

static void take_result(struct run *run, PGresult *result)
{
	ExecStatusType status = pq.resultStatus(result);

	if (status == PGRES_PIPELINE_SYNC)
		run->is_synced = true;
	else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		take_rows(run, result);
	else if (status != PGRES_PIPELINE_ABORTED && !run->has_failed) {
		run->has_failed = true;
		keep_trouble(run->trouble, result);
	}
}

/* Everything up to the synchronisation point, which is the COMMIT. */
static void take_results(struct run *run)
{
	PGconn *connection = run->server->connection;
	bool was_empty = false;

	while (!run->is_synced) {
		PGresult *result;

		if (!await_result(run)) {
			run->is_lost = true;
			break;
		}
		result = pq.getResult(connection);
		if (!result) {
			if (was_empty ||
				pq.status(connection) != CONNECTION_OK) {
				run->is_lost = true;
				break;
			}
			run->step++;
			was_empty = true;
			continue;
		}
		was_empty = false;
		take_result(run, result);
		pq.clear(result);
	}
}

static enum server_outcome conclude(struct run *run)
{
	struct server *server = run->server;
	enum server_outcome outcome = SERVER_DONE;

	if (run->has_failed)
		outcome = judge(run->trouble->state);
	else if (run->is_lost || server->is_doubtful)
		outcome = SERVER_UNKNOWN;
	if (run->is_lost && !run->has_failed && !*run->trouble->words)
		keep_words(run->trouble, pq.errorMessage(server->connection));
	if (run->is_lost || outcome == SERVER_UNKNOWN || outcome == SERVER_AWAY)
		server_disconnect(server);
	return outcome;
}

enum server_outcome server_run(struct server *server,
	const struct server_step *steps, size_t count, int64_t deadline_ms,
	const struct server_taker *taker, struct server_trouble *trouble)
{
	struct run run = { .server = server,
		.taker = taker,
		.deadline_ms = deadline_ms,
		.trouble = trouble };

	*trouble = (struct server_trouble){ 0 };
	if (!server->connection)
		return SERVER_AWAY;
	server->is_doubtful = false;
	run.is_lost = !pq.enterPipelineMode(server->connection);
	for (size_t i = 0; i < count && !run.is_lost; i++)
		run.is_lost = !send_step(server->connection, &steps[i]);
	if (!run.is_lost)
		run.is_lost = !pq.pipelineSync(server->connection);
	if (!run.is_lost)
		take_results(&run);
	if (!run.is_lost)
		run.is_lost = !pq.exitPipelineMode(server->connection);
	return conclude(&run);
}

enum server_outcome server_run_script(struct server *server, const char *script,
	int64_t deadline_ms, struct server_trouble *trouble)
{
	struct run run = {
		.server = server, .deadline_ms = deadline_ms, .trouble = trouble
	};

	*trouble = (struct server_trouble){ 0 };
	if (!server->connection)
		return SERVER_AWAY;
	server->is_doubtful = false;
	run.is_lost = !pq.sendQuery(server->connection, script);
	while (!run.is_lost && (run.is_lost = !await_result(&run)) == false) {
		PGresult *result = pq.getResult(server->connection);

		if (!result)
			break;
		if (pq.resultStatus(result) == PGRES_FATAL_ERROR &&
			!run.has_failed) {
			run.has_failed = true;
			keep_trouble(trouble, result);
		}
		pq.clear(result);
	}
	/* What it began must not wait for an end that never comes. */
	run.is_lost = run.is_lost || run.has_failed;
	return conclude(&run);
}

bool server_was_notified(struct server *server, const char *channel)
{
	bool was_notified = false;
	PGnotify *notify;

	if (!server->connection)
		return false;
	if (!pq.consumeInput(server->connection)) {
		server_disconnect(server);
		return false;
	}
	while ((notify = pq.notifies(server->connection)) != NULL) {
		if (strcmp(notify->relname, channel) == 0)
			was_notified = true;
		pq.freemem(notify);
	}
	return was_notified;
}

#else

bool server_is_built(void)
{
	return false;
}

bool server_load(struct diag *why)
{
	diag_set(why, DIAG_LIBRARY_NOT_BUILT, "libpq");
	return diag_add_hint(why, N_("build it with --with-postgres"));
}

struct server *server_new(void)
{
	return NULL;
}

enum server_outcome server_connect(
	struct server *server, const char *url, struct server_trouble *trouble)
{
	(void)server, (void)url, (void)trouble;
	return SERVER_AWAY;
}

void server_disconnect(struct server *server)
{
	(void)server;
}

void server_free(struct server *server)
{
	(void)server;
}

bool server_turn(struct server *server, size_t turn)
{
	(void)server, (void)turn;
	return false;
}

bool server_is_connected(const struct server *server)
{
	(void)server;
	return false;
}

int server_fd(const struct server *server)
{
	(void)server;
	return -1;
}

enum server_outcome server_run(struct server *server,
	const struct server_step *steps, size_t count, int64_t deadline_ms,
	const struct server_taker *taker, struct server_trouble *trouble)
{
	(void)server, (void)steps, (void)count, (void)deadline_ms;
	(void)taker, (void)trouble;
	return SERVER_AWAY;
}

enum server_outcome server_run_script(struct server *server, const char *script,
	int64_t deadline_ms, struct server_trouble *trouble)
{
	(void)server, (void)script, (void)deadline_ms, (void)trouble;
	return SERVER_AWAY;
}

bool server_was_notified(struct server *server, const char *channel)
{
	(void)server, (void)channel;
	return false;
}

#endif
