/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The helper's side: runs what is asked.  Knows no message. */
#include <config.h>

#include "postgres/helper.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/text.h"
#include "postgres/frame.h"
#include "postgres/schema.h"
#include "postgres/statement.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 1024,
	MERGED_MAX = 64,
	MERGED_BYTES = 4 * 1024 * 1024,
	ANSWER_LIMIT = 2 * FRAME_LIMIT,
	ANSWER_S = 10,      /* for a client to read it */
	HOUSEKEEPING_S = 5, /* for a question of the helper itself */
	WAKE_MS = 250,      /* between two wakings */
	HEAR_MS = 1000,
	SCRIPT_LIMIT = 64 * 1024,
	CHANNEL_BYTES = 40
};

struct client {
	int fd;
	struct buf in, out;
	size_t answered; /* of OUT, by earlier steps */
	struct frame question;
	size_t question_length; /* 0: it has asked nothing */
};

struct helper {
	const struct helper_params *params;
	struct server *server;
	struct client *clients[CLIENTS_MAX];
	size_t client_count;
	int64_t generation; /* of the connection */
	bool knows_schema, is_postgres, hears;
	unsigned long timeline; /* the highest seen, of SYSTEM */
	char system[24];
	bool wants_wake, may_not_look;
	int64_t wake_at_ms;
};

/* One who asks, and which of the steps are his. */
struct share {
	struct client *client;
	size_t first, count;
};

struct work {
	struct helper *helper;
	struct server_step steps[HELPER_STEPS_MAX];
	struct span values[HELPER_STEPS_MAX * 6];
	size_t step_count, value_count;
	struct share shares[MERGED_MAX];
	size_t share_count;
	int64_t deadline_ms;
	bool needs_schema, is_put, has_durable;
	int64_t generation;
};

/* What the helper asks for itself: the first row's first values. */
struct first_row {
	char values[4][128];
	size_t count; /* of values; 0: no row */
};

static void take_first(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct first_row *row = context;

	(void)step;
	if (!values || row->count)
		return;
	for (; row->count < count && row->count < 4; row->count++)
		(void)snprintf(row->values[row->count], sizeof row->values[0],
			"%.*s", (int)values[row->count].length,
			values[row->count].at);
}

static enum server_outcome ask(struct helper *helper, enum statement statement,
	struct first_row *row, struct server_trouble *trouble)
{
	const struct server_step step = {
		.sql = statement_rows[statement].sql,
		.types = statement_rows[statement].types,
	};
	const struct server_taker taker = { take_first, row };

	*row = (struct first_row){ 0 };
	return server_run(helper->server, &step, 1,
		clock_deadline(HOUSEKEEPING_S), &taker, trouble);
}

/* ---- the connection ------------------------------------------------------ */

/* An old primary that comes back takes what will be lost: a promotion begins a
 * new timeline, and nobody goes back to an earlier one.  What cannot be asked
 * (other engines, no right) is no reason to refuse. */
static int check_timeline(struct helper *helper, struct server_trouble *trouble)
{
	struct server_trouble ignored;
	struct first_row row;
	unsigned long timeline;

	if (!helper->is_postgres ||
		ask(helper, STATEMENT_TIMELINE, &row, &ignored) !=
			SERVER_DONE ||
		row.count < 2)
		return SERVER_DONE;
	timeline = strtoul(row.values[0], NULL, 16);
	if (strcmp(row.values[1], helper->system) == 0 &&
		timeline < helper->timeline) {
		(void)snprintf(trouble->words, sizeof trouble->words, "%lu",
			helper->timeline);
		(void)snprintf(trouble->state, sizeof trouble->state, "%lu",
			timeline % 100000);
		return HELPER_OLD_TIMELINE;
	}
	(void)snprintf(
		helper->system, sizeof helper->system, "%.23s", row.values[1]);
	helper->timeline = timeline;
	return SERVER_DONE;
}

static int connect_once(struct helper *helper, struct server_trouble *trouble)
{
	struct first_row row;
	int outcome = (int)server_connect(
		helper->server, helper->params->url, trouble);

	helper->knows_schema = helper->hears = false;
	if (outcome != SERVER_DONE)
		return outcome;
	helper->generation++;
	outcome = (int)ask(helper, STATEMENT_ENGINE, &row, trouble);
	if (outcome != SERVER_DONE)
		return outcome;
	helper->is_postgres = strncmp(row.values[0], "PostgreSQL ", 11) == 0 &&
			      !strstr(row.values[0], "-YB-");
	return check_timeline(helper, trouble);
}

/* libpq takes the first host that can be written to: when that is an old
 * primary, the others have their turn. */
static int connect_server(struct helper *helper, struct server_trouble *trouble)
{
	int outcome = connect_once(helper, trouble);

	for (size_t i = 0; outcome == HELPER_OLD_TIMELINE &&
			   server_turn(helper->server, i);
		i++)
		outcome = connect_once(helper, trouble);
	if (outcome == HELPER_OLD_TIMELINE)
		server_disconnect(helper->server);
	return outcome;
}

static int check_schema(
	struct helper *helper, struct server_trouble *trouble, long *version)
{
	struct first_row row;
	int outcome = (int)ask(helper, STATEMENT_VERSION, &row, trouble);

	*version = 0;
	if (outcome == SERVER_NO_TABLE)
		return HELPER_WRONG_VERSION;
	if (outcome != SERVER_DONE)
		return outcome;
	*version = strtol(row.values[0], NULL, 10);
	if (*version != SCHEMA_VERSION)
		return HELPER_WRONG_VERSION;
	helper->knows_schema = true;
	return SERVER_DONE;
}

static int make_ready(struct helper *helper, bool needs_schema,
	struct server_trouble *trouble, long *version)
{
	int outcome = SERVER_DONE;

	*version = 0;
	if (!server_is_connected(helper->server))
		outcome = connect_server(helper, trouble);
	if (outcome == SERVER_DONE && needs_schema && !helper->knows_schema)
		outcome = check_schema(helper, trouble, version);
	return outcome;
}

/* ---- answers ------------------------------------------------------------- */

static void put_answer(struct client *client, unsigned kind, size_t step,
	const struct span *values, size_t count)
{
	struct buf *out = &client->out;
	size_t at = out->length;

	frame_begin(out, kind, client->question.number);
	frame_put_number(out, (int64_t)step);
	if (kind == HELPER_COUNT)
		frame_put_number(out, (int64_t)count);
	for (size_t i = 0; kind == HELPER_ROW && i < count; i++)
		frame_put(out, values[i]);
	frame_end(out, at);
}

static void take_row(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct work *work = context;

	for (size_t i = 0; i < work->share_count; i++) {
		const struct share *share = &work->shares[i];

		if (step >= share->first && step - share->first < share->count)
			put_answer(share->client,
				values ? HELPER_ROW : HELPER_COUNT,
				step - share->first, values, count);
	}
}

/* Sends what there is, and the END.  Whoever does not read is dropped when his
 * end is looked at next. */
static void answer(struct helper *helper, struct client *client, int outcome,
	const struct server_trouble *trouble, long number)
{
	struct buf *out = &client->out;
	size_t at;

	if (out->overflowed)
		outcome = SERVER_AWAY;
	if (outcome != SERVER_DONE)
		buf_clear(out);
	at = out->length;
	frame_begin(out, HELPER_END, client->question.number);
	frame_put_number(out, outcome);
	frame_put_number(out, helper->generation);
	frame_put(out, span_of(trouble->state));
	frame_put(out, span_of(trouble->words));
	frame_put_number(out, number);
	if (frame_end(out, at))
		(void)frame_send(
			client->fd, buf_span(out), clock_deadline(ANSWER_S));
	if (out->capacity > MERGED_BYTES)
		buf_free(out);
	else
		buf_clear(out);
	buf_consume(&client->in, client->question_length);
	client->question_length = 0;
}

/* ---- transactions -------------------------------------------------------- */

/* One step of the question; false when it is none, or one too many. */
static bool add_step(struct work *work, struct frame *frame)
{
	int64_t number;
	const struct statement_row *row;
	struct span *values = &work->values[work->value_count];
	size_t count;

	if (!frame_take_number(frame, &number) || number < 0 ||
		number >= STATEMENT_COUNT_OF ||
		work->step_count == HELPER_STEPS_MAX)
		return false;
	row = &statement_rows[number];
	count = strlen(row->types);
	if (work->value_count + count >
		sizeof work->values / sizeof *work->values)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!frame_take(frame, &values[i]))
			return false;
	work->value_count += count;
	work->steps[work->step_count++] = (struct server_step){
		.sql = row->sql,
		.types = row->types,
		.values = values,
	};
	return true;
}

/* Adds all that CLIENT asks; false, with nothing added, when it cannot be. */
static bool add_share(struct work *work, struct client *client)
{
	struct frame frame = client->question;
	struct share *share = &work->shares[work->share_count];
	size_t steps = work->step_count, values = work->value_count;
	int64_t left_ms, flags, generation;

	if (!frame_take_number(&frame, &left_ms) ||
		!frame_take_number(&frame, &flags) ||
		!frame_take_number(&frame, &generation))
		return false;
	while (frame.rest.length)
		if (!add_step(work, &frame)) {
			work->step_count = steps;
			work->value_count = values;
			return false;
		}
	*share = (struct share){ client, steps, work->step_count - steps };
	work->share_count++;
	work->deadline_ms =
		clock_earlier(work->deadline_ms, clock_now_ms() + left_ms);
	work->needs_schema |= !(flags & HELPER_WITHOUT_SCHEMA);
	work->is_put |= (flags & HELPER_IS_PUT) != 0;
	if (generation)
		work->generation = generation;
	return true;
}

static void run_work(struct helper *helper, struct work *work)
{
	const struct server_taker taker = { take_row, work };
	struct server_trouble trouble = { 0 };
	long version;
	int outcome =
		make_ready(helper, work->needs_schema, &trouble, &version);

	if (outcome == SERVER_DONE && work->generation &&
		work->generation != helper->generation)
		outcome = HELPER_MOVED;
	/* Connecting has taken all of the time: who asked has given up. */
	if (outcome == SERVER_DONE && clock_left_ms(work->deadline_ms) == 0)
		outcome = SERVER_AWAY;
	if (outcome == SERVER_DONE)
		outcome = (int)server_run(helper->server, work->steps,
			work->step_count, work->deadline_ms, &taker, &trouble);
	if (outcome == SERVER_NO_TABLE)
		helper->knows_schema = false;
	if (outcome != SERVER_DONE && work->share_count > 1 &&
		outcome != SERVER_UNKNOWN && outcome != SERVER_AWAY) {
		/* One of them is to blame: each for himself. */
		for (size_t i = 0; i < work->share_count; i++)
			buf_clear(&work->shares[i].client->out);
		return;
	}
	for (size_t i = 0; i < work->share_count; i++)
		answer(helper, work->shares[i].client, outcome, &trouble,
			version);
	if (outcome == SERVER_DONE && work->is_put)
		helper->wants_wake = true;
}

static bool is_put(const struct client *client)
{
	struct frame frame = client->question;
	int64_t left_ms, flags, generation;

	return client->question_length && frame.kind == HELPER_RUN &&
	       frame_take_number(&frame, &left_ms) &&
	       frame_take_number(&frame, &flags) &&
	       frame_take_number(&frame, &generation) && !generation &&
	       flags & HELPER_IS_PUT;
}

static struct work *work_new(struct helper *helper)
{
	struct work *work = mem_zalloc(sizeof *work);

	work->helper = helper;
	work->deadline_ms = CLOCK_NEVER;
	return work;
}

static void run_alone(struct helper *helper, struct client *client)
{
	const struct server_trouble none = { 0 };
	struct work *work = work_new(helper);

	if (add_share(work, client))
		run_work(helper, work);
	else
		answer(helper, client, HELPER_SENSELESS, &none, 0);
	mem_free(work);
}

/* All puts that wait; whoever is left over is answered alone. */
static void run_puts(struct helper *helper)
{
	struct work *work = work_new(helper);
	size_t bytes = 0;

	for (size_t i = 0; i < helper->client_count; i++) {
		struct client *client = helper->clients[i];

		if (!is_put(client) || work->share_count == MERGED_MAX ||
			bytes > MERGED_BYTES)
			continue;
		bytes += client->question_length;
		(void)add_share(work, client);
	}
	if (work->share_count > 1)
		run_work(helper, work);
	mem_free(work);
}

/* ---- the other questions ------------------------------------------------- */

static int64_t deadline_of(const struct client *client)
{
	struct frame frame = client->question;
	int64_t left_ms = 0;

	(void)frame_take_number(&frame, &left_ms);
	return clock_now_ms() + left_ms;
}

static void init_schema(struct helper *helper, struct client *client)
{
	struct buf script = BUF_INIT(SCRIPT_LIMIT);
	struct server_trouble trouble = { 0 };
	long version = 0;
	int outcome = make_ready(helper, false, &trouble, &version);

	if (outcome == SERVER_DONE)
		outcome = check_schema(helper, &trouble, &version);
	if (outcome == HELPER_WRONG_VERSION && version < SCHEMA_VERSION) {
		schema_put(&script, (int)version, helper->is_postgres);
		outcome = (int)server_run_script(helper->server,
			buf_text(&script), deadline_of(client), &trouble);
	}
	buf_free(&script);
	answer(helper, client, outcome, &trouble, version);
}

static bool say(struct server *server, const char *word, const char *channel,
	int64_t deadline_ms)
{
	struct server_trouble trouble;
	struct first_row row = { 0 };
	char sql[CHANNEL_BYTES + 16];
	const struct server_step step = { .sql = sql, .types = "" };
	const struct server_taker taker = { take_first, &row };

	(void)snprintf(sql, sizeof sql, "%s %s", word, channel);
	return server_run(server, &step, 1, deadline_ms, &taker, &trouble) ==
	       SERVER_DONE;
}

static void name_channel(char name[static CHANNEL_BYTES])
{
	unsigned char bytes[8];
	struct buf hex = BUF_INIT(2 * sizeof bytes + 1);

	random_bytes(bytes, sizeof bytes);
	text_put_hex(&hex, bytes, sizeof bytes);
	(void)snprintf(name, CHANNEL_BYTES, "mailchute_%s", buf_text(&hex));
	buf_free(&hex);
}

static bool is_heard(
	struct helper *helper, const char *channel, int64_t deadline_ms)
{
	struct pollfd wait = { .events = POLLIN };

	deadline_ms = clock_earlier(deadline_ms, clock_now_ms() + HEAR_MS);
	while (!server_was_notified(helper->server, channel)) {
		wait.fd = server_fd(helper->server);
		if (wait.fd < 0 || !clock_left_ms(deadline_ms))
			return false;
		(void)poll(&wait, 1, clock_left_ms(deadline_ms));
	}
	return true;
}

/* A pool takes LISTEN, and the connection that it was said on goes to another.
 * What is told over that same connection comes back all the same, so it is told
 * over a second one. */
static void try_to_hear(struct helper *helper, int64_t deadline_ms)
{
	struct server_trouble trouble;
	struct server *other = server_new();
	char channel[CHANNEL_BYTES];

	name_channel(channel);
	helper->hears =
		say(helper->server, "listen", "mailchute", deadline_ms) &&
		say(helper->server, "listen", channel, deadline_ms) &&
		server_connect(other, helper->params->url, &trouble) ==
			SERVER_DONE &&
		say(other, "notify", channel, deadline_ms) &&
		is_heard(helper, channel, deadline_ms);
	server_free(other);
	(void)say(helper->server, "unlisten", helper->hears ? channel : "*",
		deadline_ms);
}

static void hear(struct helper *helper, struct client *client)
{
	struct server_trouble trouble = { 0 };
	long version;
	int outcome = make_ready(helper, false, &trouble, &version);

	if (outcome == SERVER_DONE && !helper->hears)
		try_to_hear(helper, deadline_of(client));
	answer(helper, client, outcome, &trouble, helper->hears);
}

static void handle(struct helper *helper, struct client *client)
{
	const struct server_trouble none = { 0 };

	switch (client->question.kind) {
	case HELPER_RUN:
		run_alone(helper, client);
		break;
	case HELPER_INIT:
		init_schema(helper, client);
		break;
	case HELPER_HEAR:
		hear(helper, client);
		break;
	case HELPER_WAKE:
		helper->wants_wake = true;
		answer(helper, client, SERVER_DONE, &none, 0);
		break;
	case HELPER_SHARE:
		answer(helper, client, SERVER_DONE, &none, 0);
		break;
	default:
		answer(helper, client, HELPER_SENSELESS, &none, 0);
		break;
	}
}

/* ---- waking -------------------------------------------------------------- */

/* Apart from the submission: a NOTIFY in it holds a lock of the whole cluster
 * over its COMMIT. */
static void wake_sleepers(struct helper *helper)
{
	struct server_trouble trouble;
	struct first_row row;
	enum server_outcome outcome;

	helper->wants_wake = false;
	helper->wake_at_ms = clock_now_ms() + WAKE_MS;
	if (helper->may_not_look || !server_is_connected(helper->server))
		return;
	outcome = ask(helper, STATEMENT_SLEEPER, &row, &trouble);
	helper->may_not_look = outcome == SERVER_REFUSED;
	if (outcome == SERVER_DONE && row.count)
		(void)ask(helper, STATEMENT_NOTIFY, &row, &trouble);
}

static void listen_on(struct helper *helper)
{
	bool was_connected = server_is_connected(helper->server);
	bool is_told = server_was_notified(helper->server, "mailchute");

	/* What was said while there was nobody to hear it. */
	if (was_connected && !server_is_connected(helper->server))
		is_told = true;
	if (is_told)
		(void)!write(helper->params->wake_fd, "", 1);
}

/* ---- who asks ------------------------------------------------------------ */

static void add_client(struct helper *helper, int fd)
{
	struct client *client;

	if (helper->client_count == CLIENTS_MAX) {
		close(fd);
		return;
	}
	client = mem_zalloc(sizeof *client);
	client->fd = fd;
	client->in = BUF_INIT(2 * FRAME_LIMIT);
	client->out = BUF_INIT(ANSWER_LIMIT);
	helper->clients[helper->client_count++] = client;
}

static void drop_client(struct helper *helper, size_t index)
{
	struct client *client = helper->clients[index];

	close(client->fd);
	buf_free(&client->in);
	buf_free(&client->out);
	mem_free(client);
	helper->clients[index] = helper->clients[--helper->client_count];
}

/* False: it is gone, or talks nonsense. */
static bool read_client(struct helper *helper, struct client *client)
{
	int passed;
	enum frame_received received =
		frame_receive(client->fd, &client->in, clock_now_ms(), &passed);

	if (passed >= 0)
		add_client(helper, passed);
	return received != FRAME_CLOSED;
}

static bool look_for_question(struct client *client)
{
	size_t length = frame_cut(buf_span(&client->in), &client->question);

	client->question_length = length == SIZE_MAX ? 0 : length;
	return length != SIZE_MAX;
}

static int patience_ms(const struct helper *helper)
{
	int64_t left_ms = helper->wake_at_ms - clock_now_ms();

	if (!helper->wants_wake)
		return -1;
	return left_ms > 0 ? (int)left_ms : 0;
}

static void await_questions(struct helper *helper, struct pollfd *waits)
{
	size_t count = helper->client_count;

	for (size_t i = 0; i < count; i++)
		waits[i] = (struct pollfd){ .fd = helper->clients[i]->fd,
			.events = POLLIN };
	waits[count] = (struct pollfd){ .fd = server_fd(helper->server),
		.events = POLLIN };
	if (poll(waits, count + 1, patience_ms(helper)) < 0)
		return;
	if (waits[count].revents)
		listen_on(helper);
	for (size_t i = count; i-- > 0;)
		if (waits[i].revents &&
			(!read_client(helper, helper->clients[i]) ||
				!look_for_question(helper->clients[i])))
			drop_client(helper, i);
}

void helper_serve(const struct helper_params *params)
{
	struct helper *helper = mem_zalloc(sizeof *helper);
	struct pollfd *waits = mem_array(NULL, CLIENTS_MAX + 1, sizeof *waits);

	helper->params = params;
	helper->server = server_new();
	add_client(helper, params->fd);
	while (helper->client_count) {
		await_questions(helper, waits);
		run_puts(helper);
		for (size_t i = 0; i < helper->client_count; i++)
			while (helper->clients[i]->question_length) {
				handle(helper, helper->clients[i]);
				(void)look_for_question(helper->clients[i]);
			}
		if (helper->wants_wake && !patience_ms(helper))
			wake_sleepers(helper);
	}
	if (helper->wants_wake)
		wake_sleepers(helper);
	server_disconnect(helper->server);
}
