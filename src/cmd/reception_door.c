/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMTP with a caller.  Knows neither where it comes from, nor what is done with
 * a message (that is submission's), nor how that is told (reception_answer). */
#include <config.h>

#include "cmd/reception_door.h"

#include "base/clock.h"
#include "base/source.h"
#include "base/text.h"
#include "cmd/reception_answer.h"
#include "cmd/report.h"
#include "cmd/submission.h"
#include "config/choose.h"
#include "mail/date.h"
#include "smtp/command.h"
#include "smtp/reception.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	READ_BYTES = 32 * 1024,
	WRITE_BYTES = 4096 /* a caller who reads has room for them */
};

/* The message under way, from MAIL on. */
struct transaction {
	struct request request;
	struct submission run;
	const char **recipients;
	struct envelope_wish *wishes; /* one a recipient */
	size_t count, room;
	struct store *text;
	struct diag failure; /* what kept the text from being kept */
};

enum line_ends { LINE_ENDS_UNKNOWN, LINE_ENDS_CRLF, LINE_ENDS_LF };

struct door {
	const struct reception_door_params *params;
	struct reception *reception;
	enum line_ends line_ends;
	char last; /* byte that came */
	bool has_transaction;
	bool was_stopped;
	unsigned unsaid;          /* refusals without a line in the log */
	unsigned refusals;        /* since the last message that was taken */
	int64_t stop_deadline_ms; /* 0: the service goes on */
	struct transaction transaction;
};

static bool is_stopping(struct door *door)
{
	struct pollfd stop = { .fd = door->params->stop_fd, .events = POLLIN };

	if (door->stop_deadline_ms)
		return true;
	if (door->params->stop_fd < 0 || poll(&stop, 1, 0) <= 0)
		return false;
	door->stop_deadline_ms = clock_deadline(RECEPTION_DOOR_STOP_S);
	return true;
}

/* ---- the log ------------------------------------------------------------- */

/* The caller reads the reply; stderr, where some take any byte for a failure,
 * stays empty. */
static void log_outcome(struct transaction *transaction)
{
	struct request quiet = *submission_request(&transaction->run);

	quiet.errors = REQUEST_ERRORS_QUIET;
	report_outcome(
		&transaction->run.outcome, transaction->run.account, &quiet);
}

static void log_failure(struct door *door, const struct diag *why)
{
	const struct reception_door_params *params = door->params;
	const struct transaction *transaction = &door->transaction;
	struct outcome outcome = transaction->run.outcome;
	struct request quiet = transaction->request;

	if (params->may_log && !params->may_log(params->context)) {
		door->unsaid++;
		return;
	}
	quiet.errors = REQUEST_ERRORS_QUIET;
	outcome.failure = *why;
	report_outcome(&outcome, transaction->run.account, &quiet);
}

/* Memory and log are the house's: who only makes mistakes is sent away. */
static void refuse(struct door *door, unsigned code, const char *text)
{
	if (++door->refusals < RECEPTION_DOOR_REFUSALS_MAX)
		reception_answer(door->reception, code, text);
	else
		reception_close(door->reception, "4.7.0 too many errors");
}

static void answer_failure(
	struct door *door, const struct diag *why, unsigned code)
{
	struct buf text = BUF_INIT(RECEPTION_ANSWER_LIMIT);

	log_failure(door, why);
	code = reception_answer_put_failure(&text, why, code);
	refuse(door, code, buf_text(&text));
	buf_free(&text);
}

/* ---- the transaction ----------------------------------------------------- */

static void close_transaction(struct door *door)
{
	struct transaction *transaction = &door->transaction;

	if (!door->has_transaction)
		return;
	/* The configuration is the door's. */
	transaction->run.config = (struct config){ .account_count = 0 };
	submission_free(&transaction->run);
	store_free(transaction->text);
	door->has_transaction = false;
}

static void open_transaction(struct door *door)
{
	struct transaction *transaction = &door->transaction;

	close_transaction(door);
	*transaction =
		(struct transaction){ .request = *door->params->request };
	submission_init(&transaction->run, &transaction->request);
	if (door->params->config)
		transaction->run.config = *door->params->config;
	transaction->text = store_new(STORE_MEMORY_BYTES);
	transaction->request.has_sender = true;
	transaction->request.read_recipients = false;
	transaction->request.operand_count = 0;
	door->has_transaction = true;
}

static const char *keep(struct transaction *transaction, struct span text)
{
	return arena_strndup(
		transaction->run.arena, text.at ? text.at : "", text.length);
}

/* RFC 3461 4.4: "+2B" is one byte of an envelope id; what is no xtext is
 * none. */
static const char *decode_xtext(
	struct transaction *transaction, struct span xtext)
{
	struct buf text = BUF_INIT(RECEPTION_ANSWER_LIMIT);
	bool is_fine = text_put_from_xtext(&text, xtext);
	const char *copy = NULL;

	for (size_t i = 0; i < text.length; i++)
		is_fine = is_fine && text.data[i] >= '!' && text.data[i] <= '~';
	if (is_fine)
		copy = keep(transaction, buf_span(&text));
	buf_free(&text);
	return copy;
}

/* RET and ENVID; the other parameters the message itself shows. */
static bool take_mail_wishes(struct transaction *transaction, struct span words)
{
	while (words.length) {
		struct span value = span_cut_word(&words);
		struct span name = span_cut(&value, '=');

		if (span_equal_nocase(name, SPAN("RET"))) {
			if (span_equal_nocase(value, SPAN("FULL")))
				transaction->request.dsn_return = "FULL";
			else if (span_equal_nocase(value, SPAN("HDRS")))
				transaction->request.dsn_return = "HDRS";
			else
				return false;
		} else if (span_equal_nocase(name, SPAN("ENVID"))) {
			transaction->request.dsn_envid =
				decode_xtext(transaction, value);
			if (!transaction->request.dsn_envid)
				return false;
		}
	}
	return true;
}

static void say_goodbye(struct door *door)
{
	door->was_stopped = true;
	reception_close(door->reception, "4.3.2 the service ends");
}

static bool may_send(const struct door *door, struct diag *why)
{
	return !door->params->may_send ||
	       door->params->may_send(door->params->context, why);
}

static void on_sender(struct door *door)
{
	struct transaction *transaction = &door->transaction;
	struct diag why = { .id = DIAG_NONE };

	if (is_stopping(door)) {
		say_goodbye(door);
		return;
	}
	open_transaction(door);
	transaction->request.sender =
		keep(transaction, reception_argument(door->reception));
	if (!take_mail_wishes(
		    transaction, reception_parameters(door->reception)))
		refuse(door, 501, "5.5.4 that is no value for RET or ENVID");
	else if (!door->params->config)
		answer_failure(door, door->params->config_failure, 550);
	else if (!submission_choose_account(&transaction->run, &why) ||
		 !submission_load_aliases(&transaction->run, &why) ||
		 !may_send(door, &why))
		answer_failure(door, &why, 550);
	else
		reception_answer(door->reception, 250, "2.1.0 go on");
}

/* NOTIFY as options.def has it. */
static bool take_notify(struct transaction *transaction, struct span value,
	struct envelope_wish *wish)
{
	static const struct origin origin = { ORIGIN_COMMAND_LINE, NULL, 0 };
	struct account scratch = { .name = "" };

	if (!option_set(&scratch, OPTION_dsn_notify, keep(transaction, value),
		    origin, transaction->run.arena, NULL))
		return false;
	wish->notify = scratch.dsn_notify;
	return wish->notify != NULL;
}

/* ORCPT, of which RCPT makes what every server takes. */
static bool take_original(struct transaction *transaction, struct span value,
	struct envelope_wish *wish)
{
	wish->original = keep(transaction, value);
	return command_original_check(wish->original);
}

static bool take_wish(struct transaction *transaction, struct span words,
	struct envelope_wish *wish)
{
	while (words.length) {
		struct span value = span_cut_word(&words);
		struct span name = span_cut(&value, '=');

		if (span_equal_nocase(name, SPAN("NOTIFY")) &&
			!take_notify(transaction, value, wish))
			return false;
		if (span_equal_nocase(name, SPAN("ORCPT")) &&
			!take_original(transaction, value, wish))
			return false;
	}
	return true;
}

static void grow_recipients(struct transaction *transaction)
{
	size_t count = transaction->count, room = count ? 2 * count : 16;
	struct arena *arena = transaction->run.arena;
	const char **recipients = arena_alloc(arena, room * sizeof *recipients);
	struct envelope_wish *wishes =
		arena_alloc(arena, room * sizeof *wishes);

	if (count) {
		memcpy(recipients, transaction->recipients,
			count * sizeof *recipients);
		memcpy(wishes, transaction->wishes, count * sizeof *wishes);
	}
	transaction->recipients = recipients;
	transaction->wishes = wishes;
	transaction->room = room;
}

static void add_recipient(struct transaction *transaction, const char *address,
	const struct envelope_wish *wish)
{
	if (transaction->count == transaction->room)
		grow_recipients(transaction);
	transaction->recipients[transaction->count] = address;
	transaction->wishes[transaction->count++] = *wish;
	transaction->request.operands = transaction->recipients;
}

static void on_recipient(struct door *door)
{
	struct transaction *transaction = &door->transaction;
	struct span argument = reception_argument(door->reception);
	char *address = mem_strndup(argument.at, argument.length);
	struct envelope_wish wish = { NULL, NULL };
	struct diag why = { .id = DIAG_NONE };

	if (!take_wish(transaction, reception_parameters(door->reception),
		    &wish)) {
		refuse(door, 501, "5.5.4 that is no value for NOTIFY or ORCPT");
	} else if (!submission_check_recipient(
			   &transaction->run, address, &why)) {
		answer_failure(door, &why, 550);
	} else {
		add_recipient(transaction, keep(transaction, span_of(address)),
			&wish);
		reception_answer(door->reception, 250, "2.1.5 go on");
	}
	mem_free(address);
}

/* RFC 5321 4.4: who handed it in, where, and the id that the log has. */
static void put_received(struct door *door)
{
	const struct reception_door_params *params = door->params;
	struct transaction *transaction = &door->transaction;
	time_t now = clock_wall();
	struct buf line = BUF_INIT(RECEPTION_ANSWER_LIMIT);

	if (!params->caller)
		return;
	buf_printf(&line, "Received: (%s)\r\n\tby %s with SMTP id %s;\r\n\t",
		params->caller, params->host_name, transaction->run.outcome.id);
	date_put(&line, now, clock_zone_offset(now));
	buf_puts(&line, "\r\n");
	store_put(transaction->text, buf_span(&line), &transaction->failure);
	buf_free(&line);
}

static void on_data(struct door *door)
{
	struct transaction *transaction = &door->transaction;

	if (!store_size(transaction->text))
		put_received(door);
	if (transaction->failure.id == DIAG_NONE)
		store_put(transaction->text,
			reception_argument(door->reception),
			&transaction->failure);
	reception_data_taken(door->reception);
}

/* ---- the message is complete --------------------------------------------- */

static bool read_text(struct transaction *transaction, struct diag *why)
{
	const struct message_params params = { .lone_dot_ends = false };
	struct source *source = store_source(transaction->text);

	transaction->run.has_message =
		message_read(source, &params, &transaction->run.message, why);
	source_close(source);
	return transaction->run.has_message;
}

static bool check_hops(const struct message *message, struct diag *why)
{
	const struct header *header = &message->header;
	size_t hops = 0;

	for (size_t i = 0; i < header->count; i++)
		hops += header_field_is(&header->fields[i], "Received");
	return hops <= RECEPTION_DOOR_HOPS_MAX ||
	       diag_set(why, DIAG_MESSAGE_LOOP, "50");
}

static void on_end(struct door *door)
{
	struct transaction *transaction = &door->transaction;
	struct submission *run = &transaction->run;
	struct diag *why = &run->outcome.failure;
	struct buf text = BUF_INIT(RECEPTION_ANSWER_LIMIT);
	unsigned code;

	transaction->request.operand_count = transaction->count;
	run->wishes = transaction->wishes;
	*why = transaction->failure;
	if (why->id == DIAG_NONE && read_text(transaction, why) &&
		check_hops(&run->message, why) &&
		submission_make_envelope(run, why)) {
		submission_make_edit(run);
		submission_submit(run);
	}
	log_outcome(transaction);
	code = reception_answer_put_outcome(&text, &run->outcome);
	door->refusals = code < 400 ? 0 : door->refusals + 1;
	reception_answer(door->reception, code, buf_text(&text));
	buf_free(&text);
	close_transaction(door);
}

/* ---- the loop ------------------------------------------------------------ */

/* Whether the caller reads on, in time; one who does not must not keep the
 * service from ending. */
static bool wait_to_write(struct door *door, struct diag *why)
{
	const struct reception_door_params *params = door->params;
	bool is_last = is_stopping(door);
	struct pollfd fds[2] = { { .fd = params->out, .events = POLLOUT },
		{ .fd = is_last ? -1 : params->stop_fd, .events = POLLIN } };
	int limit_ms = is_last ? clock_left_ms(door->stop_deadline_ms)
			       : (int)params->idle_limit_ms;
	int ready;

	do
		ready = poll(fds, 2, limit_ms);
	while (ready < 0 && errno == EINTR);
	if (fds[0].revents)
		return true;
	if (ready > 0)
		return wait_to_write(door, why);
	return diag_set(why, is_last ? DIAG_INPUT_STOPPED : DIAG_INPUT_IDLE);
}

static bool flush(struct door *door, struct diag *why)
{
	for (;;) {
		struct span out = reception_output(door->reception);
		ssize_t count;

		if (!out.length)
			return true;
		if (!wait_to_write(door, why))
			return false;
		if (out.length > WRITE_BYTES)
			out.length = WRITE_BYTES;
		count = write(door->params->out, out.at, out.length);
		if (count > 0)
			reception_sent(door->reception, (size_t)count);
		else if (count < 0 && errno != EINTR)
			return diag_set_errno(why, errno, DIAG_FILE_FAILED,
				door->params->caller
					? DIAG_WORDS N_("the connection")
					: DIAG_WORDS N_("standard output"));
	}
}

/* For the rest of a message, however it comes: who drips must not keep the
 * service from ending. */
static int64_t stop_left_ms(const struct door *door)
{
	return door->has_transaction ? clock_left_ms(door->stop_deadline_ms)
				     : 0;
}

/* Waits for the caller, but not when nothing is under way any more.  Negative
 * when the session was to end, 0 when the time is up. */
static int wait_for_caller(struct door *door, struct diag *why)
{
	const struct reception_door_params *params = door->params;
	struct pollfd fds[2] = { { .fd = params->in, .events = POLLIN },
		{ .fd = params->stop_fd, .events = POLLIN } };
	int64_t limit_ms = params->idle_limit_ms;
	bool is_last = is_stopping(door);
	int ready;

	if (is_last) {
		fds[1].fd = -1;
		limit_ms = stop_left_ms(door);
		if (!limit_ms)
			fds[0].fd = -1;
	}
	do
		ready = poll(fds, 2, (int)limit_ms);
	while (ready < 0 && errno == EINTR);
	if (ready && !fds[0].revents && fds[1].revents)
		return wait_for_caller(door, why);
	if (ready)
		return 1;
	if (!is_last) {
		reception_close(door->reception, "4.4.2 you said nothing");
		diag_set(why, DIAG_INPUT_IDLE);
		return 0;
	}
	say_goodbye(door);
	if (door->has_transaction)
		diag_set(why, DIAG_INPUT_STOPPED);
	return -1;
}

/* The caller's first line end decides for the session what all of them are. */
static void look_at_line_ends(struct door *door, struct span bytes)
{
	size_t at = span_find(bytes, '\n');

	if (door->line_ends != LINE_ENDS_UNKNOWN || at == bytes.length)
		return;
	door->line_ends = (at ? bytes.at[at - 1] : door->last) == '\r'
				  ? LINE_ENDS_CRLF
				  : LINE_ENDS_LF;
}

/* A program at the other end of a pipe may write lines as this system has them;
 * from a socket they are the protocol's, whatever that costs (a line end that
 * two servers read differently is how mail is smuggled). */
static void feed(struct door *door, struct span bytes)
{
	struct buf lines = BUF_INIT(2 * READ_BYTES);
	char last = door->last;

	look_at_line_ends(door, bytes);
	if (bytes.length)
		door->last = bytes.at[bytes.length - 1];
	if (door->params->caller || door->line_ends != LINE_ENDS_LF) {
		reception_feed(door->reception, bytes);
		return;
	}
	for (size_t i = 0; i < bytes.length; last = bytes.at[i++]) {
		if (bytes.at[i] == '\n' && last != '\r')
			buf_put_byte(&lines, '\r');
		buf_put_byte(&lines, bytes.at[i]);
	}
	reception_feed(door->reception, buf_span(&lines));
	buf_free(&lines);
}

/* False at the end of the input too, *WHY untouched then. */
static bool read_more(struct door *door, struct diag *why)
{
	char bytes[READ_BYTES];
	ssize_t count;

	if (wait_for_caller(door, why) <= 0)
		return false;
	do
		count = read(door->params->in, bytes, sizeof bytes);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return diag_set_errno(why, errno, DIAG_INPUT_UNREADABLE);
	feed(door, span_make(bytes, (size_t)count));
	return count > 0;
}

/* One event; false when the session is over. */
static bool step(struct door *door, struct diag *why)
{
	if (!flush(door, why))
		return false;
	switch (reception_next(door->reception)) {
	case RECEPTION_BYTES:
		return read_more(door, why);
	case RECEPTION_SENDER:
		on_sender(door);
		return true;
	case RECEPTION_RECIPIENT:
		on_recipient(door);
		return true;
	case RECEPTION_DATA:
		on_data(door);
		return true;
	case RECEPTION_END:
		on_end(door);
		return true;
	case RECEPTION_TLS: /* neither is offered */
	case RECEPTION_AUTH:
	case RECEPTION_CLOSED:
		break;
	}
	return false;
}

/* Where the log is: with the message that was under way, else with the account
 * that would have been chosen. */
static int report_end(struct door *door, const struct diag *why)
{
	const struct reception_door_params *params = door->params;
	struct arena *arena = arena_new();
	const struct account *account = NULL;
	struct outcome outcome;
	int exit_code;

	outcome_init(&outcome);
	if (door->has_transaction) {
		outcome = door->transaction.run.outcome;
		account = door->transaction.run.account;
	}
	outcome.failure = *why;
	if (!account && params->config)
		(void)account_choose(params->config, params->request, NULL,
			arena, &account, NULL);
	exit_code = report_outcome(&outcome, account, params->request);
	arena_free(arena);
	return exit_code;
}

static void report_unsaid(struct door *door)
{
	const struct reception_door_params *params = door->params;
	char number[24];
	struct diag why;

	if (!door->unsaid)
		return;
	snprintf(number, sizeof number, "%u", door->unsaid);
	diag_set(&why, DIAG_INPUT_MORE_REFUSALS, number,
		params->caller ? params->caller : "");
	(void)report_end(door, &why);
}

static bool has_gone(const struct diag *why)
{
	return (why->id == DIAG_FILE_FAILED ||
		       why->id == DIAG_INPUT_UNREADABLE) &&
	       (why->system_error == EPIPE || why->system_error == ECONNRESET);
}

int reception_door_run(const struct reception_door_params *params)
{
	const struct reception_params offered = {
		.host_name = params->host_name,
		.banner = PACKAGE_NAME,
		.size_limit = params->size_limit ? params->size_limit
						 : RECEPTION_DOOR_SIZE_MAX,
		.recipient_limit = params->recipient_limit
					   ? params->recipient_limit
					   : RECEPTION_DOOR_RECIPIENTS_MAX,
		.pipelining = true,
		.eightbitmime = true,
		.smtputf8 = true,
		.dsn = true,
	};
	struct door door = { .params = params,
		.reception = reception_new(&offered) };
	struct diag why = { .id = DIAG_NONE };
	int exit_code = EX_OK;

	while (step(&door, &why))
		;
	if (why.id == DIAG_INPUT_IDLE || door.was_stopped)
		flush(&door, NULL);
	else if (why.id == DIAG_NONE && !reception_may_end(door.reception))
		diag_set(&why, DIAG_INPUT_BROKEN_OFF);
	/* Who hangs up between messages has nothing to be told of. */
	if (params->caller && !door.has_transaction && has_gone(&why))
		why.id = DIAG_NONE;
	if (why.id != DIAG_NONE)
		exit_code = report_end(&door, &why);
	report_unsaid(&door);
	close_transaction(&door);
	reception_free(door.reception);
	return exit_code;
}
