/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of a shared queue, by way of the helper.  Knows no libpq and no
 * record.
 */
#include <config.h>

#include "postgres/postgres.h"

#include "base/clock.h"
#include "base/pipe.h"
#include "base/process.h"
#include "base/random.h"
#include "postgres/frame.h"
#include "postgres/helper.h"
#include "postgres/schema.h"
#include "postgres/statement.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert((int)POSTGRES_SCHEMA_VERSION == (int)SCHEMA_VERSION,
	"said once to those above");

enum {
	LIMIT_S = 30,
	CLOSE_MS = 1000,
	GRACE_MS = 12000, /* for the helper to say so, who may be connecting */
	PAUSE_MS = 20,    /* before another try; doubles up to … */
	PAUSE_MAX_MS = 500
};

struct postgres {
	int fd, wake_fd;
	uint32_t number; /* of the last question */
	long limit_s;
	char *name;
	struct buf in, out;
	pid_t helper, owner; /* 0: of another, who waits for it */
};

/* What came of a question. */
struct reply {
	int outcome; /* server_outcome, HELPER_… or NO_HELPER, LATE */
	int64_t generation, number;
	char state[8], words[SERVER_WORDS_BYTES];
};
enum { NO_HELPER = 200, LATE };

/* Called for each row of a step (values, count), and at its end (NULL, how many
 * rows it concerned). */
struct taker {
	void (*take)(void *context, size_t step, const struct span *values,
		size_t count);
	void *context;
};

bool postgres_is_built(void)
{
	return server_is_built();
}

/* ---- the helper ---------------------------------------------------------- */

/* It ends when nobody can ask any more, not with the group of its parent: what
 * is under way is to be finished. */
static _Noreturn void be_helper(const char *url, int fd, int wake_fd)
{
	const struct helper_params params = { .url = url,
		.fd = STDERR_FILENO + 1,
		.wake_fd = STDERR_FILENO + 2 };
	const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };
	int high = fcntl(wake_fd, F_DUPFD, STDERR_FILENO + 10);
	int low = fcntl(fd, F_DUPFD, STDERR_FILENO + 10);

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		(void)signal(ignored[i], SIG_IGN);
	if (dup2(low, params.fd) < 0 || dup2(high, params.wake_fd) < 0)
		_exit(1);
	process_close_from(params.wake_fd + 1);
	(void)setpgid(0, 0);
	if (!server_load(NULL))
		_exit(1);
	helper_serve(&params);
	_exit(0);
}

static pid_t start_helper(const char *url, int fd, int wake_fd)
{
	pid_t child = fork();

	if (child == 0)
		be_helper(url, fd, wake_fd);
	return child;
}

static struct postgres *make(
	int fd, int wake_fd, const char *name, long limit_s)
{
	struct postgres *postgres = mem_zalloc(sizeof *postgres);

	postgres->fd = fd;
	postgres->wake_fd = wake_fd;
	postgres->name = mem_strdup(name);
	postgres->limit_s = limit_s ? limit_s : LIMIT_S;
	postgres->in = BUF_INIT(2 * FRAME_LIMIT);
	postgres->out = BUF_INIT(2 * FRAME_LIMIT);
	random_bytes(&postgres->number, sizeof postgres->number);
	return postgres;
}

struct postgres *postgres_open(
	const struct postgres_params *params, struct diag *why)
{
	int ends[2], wake[2];
	struct postgres *postgres = NULL;
	pid_t helper;

	if (!postgres_is_built()) {
		(void)server_load(why);
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		diag_set_errno(why, errno, DIAG_STORE_HELPER);
		return NULL;
	}
	if (!pipe_open(wake, false)) {
		diag_set_errno(why, errno, DIAG_STORE_HELPER);
		pipe_close(ends);
		return NULL;
	}
	helper = start_helper(params->url, ends[1], wake[1]);
	if (helper < 0) {
		diag_set_errno(why, errno, DIAG_STORE_HELPER);
		pipe_close(ends);
		pipe_close(wake);
		return NULL;
	}
	close(ends[1]);
	close(wake[1]);
	postgres = make(ends[0], wake[0], params->name, params->limit_s);
	postgres->helper = helper;
	postgres->owner = getpid();
	return postgres;
}

/* It ends by itself, unless others have a way to it still: then it is left to
 * the system. */
static void await_helper(pid_t helper)
{
	int64_t deadline_ms = clock_now_ms() + CLOSE_MS;
	int pause_ms = 1;

	while (waitpid(helper, NULL, WNOHANG) == 0 &&
		clock_left_ms(deadline_ms)) {
		(void)poll(NULL, 0, pause_ms);
		pause_ms *= 2;
	}
}

void postgres_close(struct postgres *postgres)
{
	if (!postgres)
		return;
	close(postgres->fd);
	if (postgres->wake_fd >= 0)
		close(postgres->wake_fd);
	if (postgres->helper && postgres->owner == getpid())
		await_helper(postgres->helper);
	buf_free(&postgres->in);
	buf_free(&postgres->out);
	mem_free(postgres->name);
	mem_free(postgres);
}

/* ---- questions ----------------------------------------------------------- */

static void begin(struct postgres *postgres, unsigned kind, int64_t deadline_ms)
{
	buf_clear(&postgres->out);
	frame_begin(&postgres->out, kind, ++postgres->number);
	frame_put_number(&postgres->out, clock_left_ms(deadline_ms));
}

static void begin_run(struct postgres *postgres, int64_t deadline_ms,
	unsigned flags, int64_t generation)
{
	begin(postgres, HELPER_RUN, deadline_ms);
	frame_put_number(&postgres->out, flags);
	frame_put_number(&postgres->out, generation);
}

static void add_step(struct postgres *postgres, enum statement statement,
	const struct span *values)
{
	frame_put_number(&postgres->out, statement);
	for (size_t i = 0; statement_rows[statement].types[i]; i++)
		frame_put(&postgres->out, values[i]);
}

/* A number as a parameter. */
struct digits {
	char text[24];
};

static struct span number_in(struct digits *digits, int64_t number)
{
	int length = snprintf(
		digits->text, sizeof digits->text, "%lld", (long long)number);

	return span_make(digits->text, length > 0 ? (size_t)length : 0);
}

static void copy_span(char *into, size_t size, struct span text)
{
	(void)snprintf(
		into, size, "%.*s", (int)text.length, text.at ? text.at : "");
}

/* One frame of the answer; true at its END. */
static bool take_frame(
	struct frame *frame, const struct taker *taker, struct reply *reply)
{
	struct span values[16], text = { 0 };
	int64_t number = 0, count = 0;
	size_t n = 0;

	(void)frame_take_number(frame, &number);
	if (frame->kind == HELPER_END) {
		reply->outcome = (int)number;
		(void)frame_take_number(frame, &reply->generation);
		if (frame_take(frame, &text))
			copy_span(reply->state, sizeof reply->state, text);
		if (frame_take(frame, &text))
			copy_span(reply->words, sizeof reply->words, text);
		(void)frame_take_number(frame, &reply->number);
		return true;
	}
	if (!taker)
		return false;
	if (frame->kind == HELPER_COUNT) {
		(void)frame_take_number(frame, &count);
		taker->take(
			taker->context, (size_t)number, NULL, (size_t)count);
	} else {
		while (n < sizeof values / sizeof *values &&
			frame_take(frame, &values[n]))
			n++;
		taker->take(taker->context, (size_t)number, values, n);
	}
	return false;
}

/* Until the END of what was asked last; older answers came too late. */
static void await_answer(struct postgres *postgres, int64_t deadline_ms,
	const struct taker *taker, struct reply *reply)
{
	struct frame frame;
	size_t length;
	bool has_ended = false;

	while (!has_ended) {
		length = frame_cut(buf_span(&postgres->in), &frame);
		if (length == FRAME_PARTIAL) {
			enum frame_received received = frame_receive(
				postgres->fd, &postgres->in, deadline_ms, NULL);

			if (received == FRAME_RECEIVED)
				continue;
			reply->outcome =
				received == FRAME_LATE ? LATE : NO_HELPER;
			return;
		}
		if (length == SIZE_MAX) {
			reply->outcome = NO_HELPER;
			return;
		}
		if (frame.number == postgres->number)
			has_ended = take_frame(&frame, taker, reply);
		buf_consume(&postgres->in, length);
	}
}

/* Sends what begin() and add_step() have put together. */
static struct reply ask(struct postgres *postgres, int64_t deadline_ms,
	const struct taker *taker)
{
	struct reply reply = { .outcome = NO_HELPER };
	int64_t patience_ms = deadline_ms + GRACE_MS;

	if (!frame_end(&postgres->out, 0)) {
		reply.outcome = SERVER_REFUSED;
		(void)snprintf(reply.words, sizeof reply.words, "too large");
	} else if (frame_send(postgres->fd, buf_span(&postgres->out),
			   patience_ms)) {
		await_answer(postgres, patience_ms, taker, &reply);
	}
	if (postgres->out.capacity > 4 * POSTGRES_PIECE_BYTES)
		buf_free(&postgres->out);
	return reply;
}

static bool explain(const struct reply *reply, struct diag *why)
{
	struct digits version, needed;

	switch (reply->outcome) {
	case SERVER_DONE:
		return true;
	case SERVER_BAD_URL:
		return diag_set(why, DIAG_STORE_URL);
	case SERVER_REFUSED:
	case SERVER_NO_TABLE:
		return diag_set(
			why, DIAG_STORE_REFUSED, reply->words, reply->state);
	case HELPER_OLD_TIMELINE:
		return diag_set(
			why, DIAG_STORE_TIMELINE, reply->state, reply->words);
	case HELPER_WRONG_VERSION:
		(void)number_in(&version, reply->number);
		(void)number_in(&needed, SCHEMA_VERSION);
		return diag_set(
			why, DIAG_STORE_VERSION, version.text, needed.text);
	case NO_HELPER:
		return diag_set(why, DIAG_STORE_HELPER);
	case LATE:
		return diag_set(why, DIAG_STORE_SILENT);
	default:
		return diag_set(why, DIAG_STORE_AWAY, reply->words);
	}
}

/* What passes by itself. */
static bool passes(int outcome)
{
	return outcome == SERVER_AWAY || outcome == SERVER_AGAIN ||
	       outcome == SERVER_UNKNOWN;
}

/* Waits a little longer each time; false at the deadline. */
static bool pause_before(int64_t deadline_ms, int *pause_ms)
{
	int left_ms = clock_left_ms(deadline_ms);

	if (left_ms == 0)
		return false;
	(void)clock_wait(NULL, 0,
		left_ms > 0 && left_ms < *pause_ms ? left_ms : *pause_ms);
	*pause_ms = *pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : *pause_ms * 2;
	return true;
}

/* A question that may be repeated: BUILD adds its steps. */
struct question {
	unsigned flags;
	void (*build)(
		struct postgres *postgres, void *context, bool is_repeated);
	void *context;
	struct taker taker;
};

static bool ask_until_done(struct postgres *postgres,
	const struct question *question, struct diag *why)
{
	int64_t deadline_ms = clock_deadline(postgres->limit_s);
	int pause_ms = PAUSE_MS;
	bool is_repeated = false;
	struct reply reply;

	do {
		begin_run(postgres, deadline_ms, question->flags, 0);
		question->build(postgres, question->context, is_repeated);
		reply = ask(postgres, deadline_ms,
			question->taker.take ? &question->taker : NULL);
		is_repeated |= reply.outcome == SERVER_UNKNOWN;
	} while (passes(reply.outcome) && pause_before(deadline_ms, &pause_ms));
	return explain(&reply, why);
}

struct postgres *postgres_share(struct postgres *postgres, struct diag *why)
{
	int ends[2];
	struct reply reply = { .outcome = NO_HELPER };
	int64_t deadline_ms = clock_deadline(postgres->limit_s);

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		diag_set_errno(why, errno, DIAG_STORE_HELPER);
		return NULL;
	}
	begin(postgres, HELPER_SHARE, deadline_ms);
	if (frame_end(&postgres->out, 0) &&
		frame_pass(postgres->fd, buf_span(&postgres->out), ends[1]))
		await_answer(postgres, deadline_ms, NULL, &reply);
	close(ends[1]);
	if (reply.outcome == SERVER_DONE)
		return make(ends[0], -1, postgres->name, postgres->limit_s);
	close(ends[0]);
	explain(&reply, why);
	return NULL;
}

/* ---- put ----------------------------------------------------------------- */

struct putting {
	struct postgres *postgres;
	const struct postgres_message *message;
	struct source *source;
	struct span rest; /* of what SOURCE gave last */
	struct buf piece;
	uint64_t size_bytes;
	int64_t generation; /* of the connection that has the pieces; 0: none */
	long piece_count;
	int64_t deadline_ms;
	bool is_doubtful, is_repeated;
	struct reply reply;
};

/* Fills the piece, or what there is at the end; false as SOURCE fails. */
static bool fill_piece(struct putting *putting, struct diag *why)
{
	buf_clear(&putting->piece);
	while (putting->piece.length < POSTGRES_PIECE_BYTES) {
		size_t room = POSTGRES_PIECE_BYTES - putting->piece.length;

		if (!putting->rest.length &&
			!source_next(putting->source, &putting->rest, why))
			return false;
		if (!putting->rest.length)
			break;
		if (room > putting->rest.length)
			room = putting->rest.length;
		buf_put(&putting->piece, putting->rest.at, room);
		putting->rest = span_skip(putting->rest, room);
	}
	putting->size_bytes += putting->piece.length;
	return true;
}

static void add_piece(struct putting *putting)
{
	struct digits no;

	if (putting->piece.length)
		add_step(putting->postgres, STATEMENT_PUT_PIECE,
			(struct span[]){ span_of(putting->message->id),
				number_in(&no, putting->piece_count),
				buf_span(&putting->piece) });
}

static void add_entry(struct putting *putting, struct span record)
{
	const struct postgres_message *message = putting->message;
	struct digits delay, size;

	if (putting->is_repeated)
		add_step(putting->postgres, STATEMENT_PUT_MARK,
			(struct span[]){ span_of(message->id) });
	add_step(putting->postgres, STATEMENT_PUT_ENTRY,
		(struct span[]){ span_of(message->id),
			span_of(message->account),
			number_in(&delay, message->delay_s),
			number_in(&size, (int64_t)putting->size_bytes), record,
			message->journal });
}

static void ask_to_put(struct putting *putting)
{
	putting->reply = ask(putting->postgres, putting->deadline_ms, NULL);
}

/* A piece of many: on a connection that does not have those before it, it is
 * none. */
static bool put_piece(struct putting *putting)
{
	begin_run(putting->postgres, putting->deadline_ms, 0,
		putting->generation);
	add_step(putting->postgres, STATEMENT_DURABLE, NULL);
	add_piece(putting);
	ask_to_put(putting);
	if (putting->reply.outcome == SERVER_UNKNOWN)
		putting->reply.outcome = HELPER_MOVED;
	putting->generation = putting->reply.generation;
	putting->piece_count++;
	if (putting->reply.outcome == SERVER_DONE)
		putting->deadline_ms =
			clock_deadline(putting->postgres->limit_s);
	return putting->reply.outcome == SERVER_DONE;
}

/* The last piece, and what makes all of them an entry. */
static bool put_entry(struct putting *putting, struct diag *why)
{
	const struct postgres_message *message = putting->message;
	struct buf record = BUF_INIT(FRAME_LIMIT);
	bool is_made = message->put_record(
		message->context, putting->size_bytes, &record, why);

	if (is_made) {
		begin_run(putting->postgres, putting->deadline_ms,
			HELPER_IS_PUT, putting->generation);
		add_step(putting->postgres, STATEMENT_DURABLE, NULL);
		add_piece(putting);
		add_entry(putting, buf_span(&record));
		ask_to_put(putting);
	}
	buf_free(&record);
	return is_made;
}

/* One try at all of it.  False: it is not the store that failed. */
static bool put_once(struct putting *putting, struct diag *why)
{
	putting->rest = span_make(NULL, 0);
	putting->size_bytes = 0;
	putting->generation = 0;
	putting->piece_count = 0;
	for (;;) {
		if (!fill_piece(putting, why))
			return false;
		if (putting->piece.length < POSTGRES_PIECE_BYTES)
			return put_entry(putting, why);
		if (!put_piece(putting))
			return true;
	}
}

static bool may_put_again(struct putting *putting, int *pause_ms)
{
	struct diag ignored;
	int outcome = putting->reply.outcome;

	if (outcome == SERVER_UNKNOWN || outcome == LATE ||
		outcome == NO_HELPER)
		putting->is_doubtful = putting->is_repeated = true;
	return (passes(outcome) || outcome == HELPER_MOVED) &&
	       putting->source->ops->rewind &&
	       pause_before(putting->deadline_ms, pause_ms) &&
	       source_rewind(putting->source, &ignored);
}

static enum postgres_kept put_until_known(
	struct putting *putting, struct diag *why)
{
	int pause_ms = PAUSE_MS;
	struct diag reason = { 0 };

	do {
		if (!put_once(putting, why))
			return putting->is_doubtful ? POSTGRES_IN_DOUBT
						    : POSTGRES_NOT_KEPT;
		if (putting->reply.outcome == SERVER_DONE)
			return POSTGRES_KEPT;
	} while (may_put_again(putting, &pause_ms));
	if (!putting->is_doubtful) {
		explain(&putting->reply, why);
		return POSTGRES_NOT_KEPT;
	}
	explain(&putting->reply, &reason);
	diag_set(why, DIAG_STORE_IN_DOUBT, putting->reply.words);
	return POSTGRES_IN_DOUBT;
}

enum postgres_kept postgres_put(struct postgres *postgres,
	const struct postgres_message *message, struct source *source,
	struct diag *why)
{
	struct putting putting = {
		.postgres = postgres,
		.message = message,
		.source = source,
		.piece = BUF_INIT(POSTGRES_PIECE_BYTES),
		.deadline_ms = clock_deadline(postgres->limit_s),
		.is_repeated = message->is_repeated,
	};
	enum postgres_kept kept = put_until_known(&putting, why);

	buf_free(&putting.piece);
	return kept;
}

/* ---- rows ---------------------------------------------------------------- */

struct rows {
	struct arena *arena;
	struct postgres_rows *out;
	size_t room;
	bool is_without_fence;
};

static int64_t number_of(struct span text)
{
	unsigned long value = 0;

	(void)span_number(text, INT64_MAX, &value);
	return (int64_t)value;
}

static const char *text_of(struct arena *arena, struct span text)
{
	return arena_strndup(arena, text.at, text.length);
}

static struct span bytes_of(struct arena *arena, struct span bytes)
{
	return span_make(
		arena_strndup(arena, bytes.at, bytes.length), bytes.length);
}

/* The values of ROW in statement.def. */
static void parse_row(struct arena *arena, const struct span *values,
	struct postgres_row *row)
{
	*row = (struct postgres_row){
		.id = text_of(arena, values[0]),
		.account = text_of(arena, values[1]),
		.runner = text_of(arena, values[2]),
		.state = (enum postgres_state)number_of(values[3]),
		.is_leased = number_of(values[4]) != 0,
		.fence = (uint64_t)number_of(values[5]),
		.size_bytes = (uint64_t)number_of(values[6]),
		.accepted = (time_t)number_of(values[7]),
		.due_in_s = number_of(values[8]),
		.record = bytes_of(arena, values[9]),
		.journal = bytes_of(arena, values[10]),
	};
}

enum { ROW_VALUES = 11 };

static void take_row(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct rows *rows = context;

	(void)step;
	if (!values || count < ROW_VALUES || rows->out->count == rows->room)
		return;
	parse_row(rows->arena, values, &rows->out->rows[rows->out->count++]);
}

static struct rows make_rows(
	struct arena *arena, struct postgres_rows *out, size_t limit)
{
	if (limit > POSTGRES_ROWS_MAX || !limit)
		limit = POSTGRES_ROWS_MAX;
	out->rows = arena_alloc(arena, limit * sizeof *out->rows);
	out->count = 0;
	return (struct rows){ .arena = arena, .out = out, .room = limit };
}

/* ---- take ---------------------------------------------------------------- */

static void build_take(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct postgres_take *take = context;
	struct digits limit, lease;

	(void)is_repeated;
	add_step(postgres, STATEMENT_DURABLE, NULL);
	add_step(postgres, take->is_now ? STATEMENT_TAKE_NOW : STATEMENT_TAKE,
		(struct span[]){ span_of(take->account),
			number_in(&limit, (int64_t)take->limit),
			number_in(&lease, take->lease_s),
			span_of(postgres->name) });
}

bool postgres_take(struct postgres *postgres, const struct postgres_take *take,
	struct arena *arena, struct postgres_rows *out, struct diag *why)
{
	struct postgres_take copy = *take;
	struct rows rows = make_rows(arena, out, take->limit);
	const struct question question = { 0, build_take, &copy,
		{ take_row, &rows } };

	copy.limit = rows.room;
	return ask_until_done(postgres, &question, why);
}

struct one {
	const char *id;
	long lease_s;
	struct rows rows;
};

static void build_take_one(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct one *one = context;
	struct digits lease;

	(void)is_repeated;
	add_step(postgres, STATEMENT_DURABLE, NULL);
	add_step(postgres, STATEMENT_TAKE_ONE,
		(struct span[]){ span_of(one->id),
			number_in(&lease, one->lease_s),
			span_of(postgres->name) });
	add_step(postgres, STATEMENT_FIND, (struct span[]){ span_of(one->id) });
}

/* The row as it was taken, or as it was found when it could not be. */
static void take_one(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct one *one = context;
	struct postgres_rows *out = one->rows.out;

	if (out->count)
		return;
	take_row(&one->rows, step, values, count);
	if (out->count && step == 2) {
		out->rows[0].fence = 0;
		if (out->rows[0].state == POSTGRES_ENDED)
			out->count = 0;
	}
}

bool postgres_take_one(struct postgres *postgres, const char *id, long lease_s,
	struct arena *arena, struct postgres_rows *out, struct diag *why)
{
	struct one one = { id, lease_s, make_rows(arena, out, 1) };
	const struct question question = { 0, build_take_one, &one,
		{ take_one, &one } };

	return ask_until_done(postgres, &question, why);
}

/* ---- change -------------------------------------------------------------- */

struct changes {
	struct postgres_change *changes;
	size_t count;
};

static enum statement statement_of(enum postgres_change_kind kind)
{
	static const enum statement statements[] = {
		[POSTGRES_RENEW] = STATEMENT_RENEW,
		[POSTGRES_END_GOES] = STATEMENT_END_GOES,
		[POSTGRES_NOTE] = STATEMENT_NOTE,
		[POSTGRES_DEFER] = STATEMENT_DEFER,
		[POSTGRES_RELEASE] = STATEMENT_RELEASE,
		[POSTGRES_HOLD] = STATEMENT_HOLD,
		[POSTGRES_FAIL] = STATEMENT_FAIL,
		[POSTGRES_SET_ASIDE] = STATEMENT_SET_ASIDE,
		[POSTGRES_END] = STATEMENT_END,
	};

	return statements[kind];
}

static void build_changes(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct changes *changes = context;
	struct digits fence, delay;

	add_step(postgres, STATEMENT_DURABLE, NULL);
	for (size_t i = 0; i < changes->count; i++) {
		const struct postgres_change *change = &changes->changes[i];

		add_step(postgres, statement_of(change->kind),
			(struct span[]){ span_of(change->id),
				number_in(&fence, (int64_t)change->fence),
				number_in(&delay, change->delay_s),
				change->journal,
				is_repeated ? SPAN("1") : SPAN("0") });
	}
}

static void take_change(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct changes *changes = context;

	if (!values && step > 0 && step <= changes->count)
		changes->changes[step - 1].is_done = count == 1;
}

bool postgres_change(struct postgres *postgres, struct postgres_change *changes,
	size_t count, struct diag *why)
{
	struct changes all = { changes, count };
	const struct question question = { 0, build_changes, &all,
		{ take_change, &all } };

	for (size_t i = 0; i < count; i++)
		changes[i].is_done = false;
	return count == 0 || ask_until_done(postgres, &question, why);
}

static void build_rewrite(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct changes *changes = context;
	const struct postgres_change *change = changes->changes;
	struct digits fence;

	(void)is_repeated;
	add_step(postgres, STATEMENT_DURABLE, NULL);
	add_step(postgres, STATEMENT_REWRITE,
		(struct span[]){ span_of(change->id),
			number_in(&fence, (int64_t)change->fence),
			change->journal });
}

bool postgres_rewrite(struct postgres *postgres, struct postgres_change *change,
	struct diag *why)
{
	struct changes one = { change, 1 };
	const struct question question = { 0, build_rewrite, &one,
		{ take_change, &one } };

	change->is_done = false;
	return ask_until_done(postgres, &question, why);
}

/* ---- look ---------------------------------------------------------------- */

static void build_walk(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct postgres_page *page = context;
	struct digits limit, state;

	(void)is_repeated;
	add_step(postgres,
		page->is_without_record ? STATEMENT_WALK_NAMES : STATEMENT_WALK,
		(struct span[]){ span_of(page->after ? page->after : ""),
			number_in(&limit, (int64_t)page->limit),
			page->state < 0 ? SPAN("")
					: number_in(&state, page->state) });
}

bool postgres_walk(struct postgres *postgres, const struct postgres_page *page,
	struct arena *arena, struct postgres_rows *out, struct diag *why)
{
	struct postgres_page copy = *page;
	struct rows rows = make_rows(arena, out, page->limit);
	const struct question question = { 0, build_walk, &copy,
		{ take_row, &rows } };

	copy.limit = rows.room;
	return ask_until_done(postgres, &question, why);
}

static void build_find(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct one *one = context;

	(void)is_repeated;
	add_step(postgres, STATEMENT_FIND, (struct span[]){ span_of(one->id) });
}

static void take_found(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct one *one = context;

	take_row(&one->rows, step, values, count);
}

bool postgres_find(struct postgres *postgres, const char *id,
	struct arena *arena, struct postgres_rows *out, struct diag *why)
{
	struct one one = { id, 0, make_rows(arena, out, 1) };
	const struct question question = { 0, build_find, &one,
		{ take_found, &one } };

	return ask_until_done(postgres, &question, why);
}

struct reading {
	struct source source; /* first: a source is one */
	struct postgres *postgres;
	char *id;
	uint64_t size_bytes, read_bytes;
	long no;
	struct buf piece;
	bool is_there;
};

static void build_read(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct reading *reading = context;
	struct digits no;

	(void)is_repeated;
	add_step(postgres, STATEMENT_READ,
		(struct span[]){
			span_of(reading->id), number_in(&no, reading->no) });
}

static void take_piece(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct reading *reading = context;

	(void)step;
	if (values && count == 1)
		reading->is_there = buf_put_span(&reading->piece, values[0]);
}

static bool reading_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct reading *reading = (struct reading *)source;
	const struct question question = { 0, build_read, reading,
		{ take_piece, reading } };

	buf_clear(&reading->piece);
	*piece = span_make("", 0);
	if (reading->read_bytes == reading->size_bytes)
		return true;
	reading->is_there = false;
	if (!ask_until_done(reading->postgres, &question, why))
		return false;
	if (!reading->is_there || !reading->piece.length ||
		reading->piece.length >
			reading->size_bytes - reading->read_bytes)
		return diag_set(why, DIAG_STORE_PIECE, reading->id);
	reading->no++;
	reading->read_bytes += reading->piece.length;
	*piece = buf_span(&reading->piece);
	return true;
}

static bool reading_rewind(struct source *source, struct diag *why)
{
	struct reading *reading = (struct reading *)source;

	(void)why;
	reading->no = 0;
	reading->read_bytes = 0;
	return true;
}

static void reading_close(struct source *source)
{
	struct reading *reading = (struct reading *)source;

	buf_free(&reading->piece);
	mem_free(reading->id);
	mem_free(reading);
}

struct source *postgres_message(
	struct postgres *postgres, const char *id, uint64_t size_bytes)
{
	static const struct source_ops ops = { reading_next, reading_rewind,
		reading_close };
	struct reading *reading = mem_zalloc(sizeof *reading);

	reading->source.ops = &ops;
	reading->postgres = postgres;
	reading->id = mem_strdup(id);
	reading->size_bytes = size_bytes;
	reading->piece = BUF_INIT(4 * POSTGRES_PIECE_BYTES);
	return &reading->source;
}

/* ---- sums ---------------------------------------------------------------- */

struct counting {
	struct arena *arena;
	struct postgres_sums *out;
	size_t room;
};

static void build_count(
	struct postgres *postgres, void *context, bool is_repeated)
{
	(void)context, (void)is_repeated;
	add_step(postgres, STATEMENT_COUNT, NULL);
	add_step(postgres, STATEMENT_SNAPSHOT, NULL);
	add_step(postgres, STATEMENT_RUNNERS, NULL);
}

static void add_sum(struct counting *counting, const struct span *values)
{
	struct postgres_sums *out = counting->out;

	if (out->count == counting->room) {
		struct postgres_sum *old = out->sums;

		counting->room = counting->room ? 2 * counting->room : 16;
		out->sums = arena_alloc(
			counting->arena, counting->room * sizeof *old);
		if (out->count)
			memcpy(out->sums, old, out->count * sizeof *old);
	}
	out->sums[out->count++] = (struct postgres_sum){
		.account = text_of(counting->arena, values[0]),
		.state = (enum postgres_state)number_of(values[1]),
		.count = (uint64_t)number_of(values[2]),
		.bytes = (uint64_t)number_of(values[3]),
		.oldest_s = number_of(values[4]),
	};
}

static void take_sum(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct counting *counting = context;

	if (!values)
		return;
	if (step == 0 && count == 5)
		add_sum(counting, values);
	if (step == 1 && count == 1)
		counting->out->snapshot_s = number_of(values[0]);
	if (step == 2 && count == 2) {
		counting->out->runners = (uint64_t)number_of(values[0]);
		counting->out->asleep = (uint64_t)number_of(values[1]);
	}
}

bool postgres_count(struct postgres *postgres, struct arena *arena,
	struct postgres_sums *out, struct diag *why)
{
	struct counting counting = { .arena = arena, .out = out };
	const struct question question = { 0, build_count, NULL,
		{ take_sum, &counting } };

	*out = (struct postgres_sums){ 0 };
	return ask_until_done(postgres, &question, why);
}

static void build_sweep(
	struct postgres *postgres, void *context, bool is_repeated)
{
	(void)context, (void)is_repeated;
	add_step(postgres, STATEMENT_LAZY, NULL);
	add_step(postgres, STATEMENT_SWEEP_ENDED, NULL);
	add_step(postgres, STATEMENT_SWEEP_PIECES, NULL);
	add_step(postgres, STATEMENT_SWEEP_RUNNERS, NULL);
}

static void take_swept(
	void *context, size_t step, const struct span *values, size_t count)
{
	uint64_t *swept = context;

	if (!values && step > 0)
		*swept += count;
}

bool postgres_sweep(
	struct postgres *postgres, uint64_t *count, struct diag *why)
{
	const struct question question = { 0, build_sweep, NULL,
		{ take_swept, count } };

	*count = 0;
	return ask_until_done(postgres, &question, why);
}

/* ---- limits -------------------------------------------------------------- */

struct decimal {
	char text[32];
};

static struct span decimal_in(struct decimal *decimal, double number)
{
	int length =
		snprintf(decimal->text, sizeof decimal->text, "%.6f", number);

	return span_make(decimal->text, length > 0 ? (size_t)length : 0);
}

static void build_draw(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct postgres_lot *lot = context;
	struct decimal rate, burst;
	struct digits wanted, lanes, max;

	(void)is_repeated;
	add_step(postgres, STATEMENT_LAZY, NULL);
	add_step(postgres, STATEMENT_LIMIT_MAKE,
		(struct span[]){ span_of(lot->account),
			decimal_in(&burst, lot->burst) });
	add_step(postgres, STATEMENT_LIMIT_DRAW,
		(struct span[]){ span_of(lot->account),
			decimal_in(&rate, lot->rate_per_s),
			decimal_in(&burst, lot->burst),
			number_in(&wanted, lot->wanted) });
	add_step(postgres, STATEMENT_LANES,
		(struct span[]){ span_of(lot->account), span_of(postgres->name),
			number_in(&lanes, lot->lanes_wanted),
			number_in(&max, lot->lanes_max) });
}

static void take_lot(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct postgres_lot *lot = context;

	if (values && step == 2 && count == 3) {
		lot->drawn = (unsigned)number_of(values[0]);
		lot->backoff_s = number_of(values[1]);
		lot->wait_s = number_of(values[2]);
	}
	if (values && step == 3 && count == 1)
		lot->lanes = (unsigned)number_of(values[0]);
}

bool postgres_draw(
	struct postgres *postgres, struct postgres_lot *lot, struct diag *why)
{
	const struct question question = { 0, build_draw, lot,
		{ take_lot, lot } };

	lot->drawn = lot->lanes = 0;
	lot->backoff_s = lot->wait_s = 0;
	return ask_until_done(postgres, &question, why);
}

struct giving {
	const char *account;
	long tokens, backoff_s;
};

static void build_give(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct giving *giving = context;
	struct digits tokens, backoff;

	(void)is_repeated;
	add_step(postgres, STATEMENT_LAZY, NULL);
	add_step(postgres, STATEMENT_LIMIT_MAKE,
		(struct span[]){ span_of(giving->account), SPAN("0") });
	add_step(postgres, STATEMENT_LIMIT_GIVE,
		(struct span[]){ span_of(giving->account),
			number_in(&tokens, giving->tokens),
			number_in(&backoff, giving->backoff_s) });
}

bool postgres_give(struct postgres *postgres, const char *account, long tokens,
	long backoff_s, struct diag *why)
{
	struct giving giving = { account, tokens, backoff_s };
	const struct question question = { 0, build_give, &giving,
		{ NULL, NULL } };

	return ask_until_done(postgres, &question, why);
}

/* ---- waking -------------------------------------------------------------- */

struct reporting {
	bool is_asleep;
};

static void build_report(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct reporting *reporting = context;

	(void)is_repeated;
	add_step(postgres, STATEMENT_LAZY, NULL);
	add_step(postgres, STATEMENT_REPORT,
		(struct span[]){ span_of(postgres->name),
			reporting->is_asleep ? SPAN("1") : SPAN("0") });
}

/* A question of the helper itself. */
static struct reply ask_helper(struct postgres *postgres, unsigned kind)
{
	int64_t deadline_ms = clock_deadline(postgres->limit_s);

	begin(postgres, kind, deadline_ms);
	return ask(postgres, deadline_ms, NULL);
}

bool postgres_report(struct postgres *postgres, bool is_asleep, bool *hears,
	struct diag *why)
{
	struct reporting reporting = { is_asleep };
	const struct question question = { 0, build_report, &reporting,
		{ NULL, NULL } };
	struct reply reply;

	*hears = false;
	if (!ask_until_done(postgres, &question, why))
		return false;
	reply = ask_helper(postgres, HELPER_HEAR);
	*hears = reply.outcome == SERVER_DONE && reply.number;
	return true;
}

int postgres_wake_fd(const struct postgres *postgres)
{
	return postgres->wake_fd;
}

void postgres_woken(struct postgres *postgres)
{
	char bytes[64];

	while (read(postgres->wake_fd, bytes, sizeof bytes) > 0)
		;
}

bool postgres_wake(struct postgres *postgres, struct diag *why)
{
	struct reply reply = ask_helper(postgres, HELPER_WAKE);

	return explain(&reply, why);
}

/* ---- schema -------------------------------------------------------------- */

void postgres_put_schema(struct buf *out, int from)
{
	schema_put(out, from, true);
}

bool postgres_init(struct postgres *postgres, int *from, struct diag *why)
{
	struct reply reply = ask_helper(postgres, HELPER_INIT);

	*from = (int)reply.number;
	return explain(&reply, why);
}

/* The values of the one row of a question that may be refused. */
struct look {
	enum statement statement;
	char values[4][64];
	size_t count;
};

static void take_look(
	void *context, size_t step, const struct span *values, size_t count)
{
	struct look *look = context;

	(void)step;
	for (size_t i = 0; values && i < count && i < 4; i++)
		copy_span(look->values[i], sizeof look->values[i], values[i]);
	if (values)
		look->count = count;
}

static void build_look(
	struct postgres *postgres, void *context, bool is_repeated)
{
	const struct look *look = context;

	(void)is_repeated;
	add_step(postgres, look->statement, NULL);
}

static bool look_at(struct postgres *postgres, enum statement statement,
	struct look *look, struct diag *why)
{
	const struct question question = { HELPER_WITHOUT_SCHEMA, build_look,
		look, { take_look, look } };

	*look = (struct look){ .statement = statement };
	return ask_until_done(postgres, &question, why);
}

static void judge_settings(const struct look *look, struct postgres_health *out)
{
	(void)snprintf(out->server, sizeof out->server, "%s", look->values[0]);
	(void)snprintf(out->role, sizeof out->role, "%s", look->values[1]);
	out->flushes = strcmp(look->values[2], "on") == 0;
	out->is_synchronous = *look->values[3] != '\0';
}

bool postgres_check(struct postgres *postgres, struct postgres_health *out,
	struct diag *why)
{
	struct look look;
	struct reply reply;

	*out = (struct postgres_health){ 0 };
	if (!look_at(postgres, STATEMENT_ENGINE, &look, why))
		return false;
	out->is_postgres = strncmp(look.values[0], "PostgreSQL ", 11) == 0 &&
			   !strstr(look.values[0], "-YB-");
	if (look_at(postgres, STATEMENT_SETTINGS, &look, NULL))
		judge_settings(&look, out);
	if (look_at(postgres, STATEMENT_VERSION, &look, NULL))
		out->version = (int)number_of(span_of(look.values[0]));
	if (look_at(postgres, STATEMENT_RIGHTS, &look, NULL)) {
		out->may_submit = *look.values[0] == '1';
		out->may_run = *look.values[1] == '1';
		out->may_read = *look.values[2] == '1';
	}
	if (look_at(postgres, STATEMENT_SNAPSHOT, &look, NULL))
		out->snapshot_s = number_of(span_of(look.values[0]));
	reply = ask_helper(postgres, HELPER_HEAR);
	out->hears = reply.outcome == SERVER_DONE && reply.number;
	return true;
}
