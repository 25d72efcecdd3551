/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the options of 'mailchute send' to a message.  Does not know what
 * becomes of it. */
#include <config.h>

#include "cmd/sending.h"

#include "base/clock.h"
#include "config/load.h"
#include "mail/date.h"

#include <string.h>

void sending_begin(struct sending *sending, const struct request *request,
	const struct send_options *options)
{
	*sending = (struct sending){ .request = *request, .options = *options };
	submission_init(&sending->run, &sending->request);
	sending->parts.arena = sending->run.arena;
}

/* --from is the sender too, as far as the account lets it. */
static void set_sender(struct sending *sending)
{
	const struct mailbox_list *from = &sending->head.from;

	if (from->count != 1)
		return;
	sending->request.has_sender = true;
	sending->request.sender =
		address_string(sending->run.arena, &from->items[0]);
}

void sending_read_head(struct sending *sending)
{
	send_head_read(&sending->head, &sending->options, sending->run.arena,
		&sending->problems);
	set_sender(sending);
}

static bool has_token(struct sending *sending)
{
	struct problems told_elsewhere = { .count = 0 };
	struct send_list list;

	send_list_read(
		&list, &sending->options, sending->run.arena, &told_elsewhere);
	problems_free(&told_elsewhere);
	return send_list_uses(&list, SPAN("token"));
}

/* The key is needed for tokens; without them it is used if it can be. */
static bool open_sealing(struct sending *sending, struct diag *why)
{
	struct submission *run = &sending->run;
	const struct account *account = run->account;
	const char *path = sealing_path(
		account->unsubscribe_key, account->suppress, run->arena);
	bool is_needed = has_token(sending);
	bool is_marked = account->suppress && sending->options.merge;
	struct diag ignored;

	if (is_needed && !account->suppress)
		return diag_set(why, DIAG_SUPPRESS_NONE, account->name);
	if (!sealing_open(path,
		    is_needed || is_marked ? SEALING_MADE : SEALING_IF_THERE,
		    &sending->sealing, is_needed ? why : &ignored) &&
		is_needed)
		return false;
	run->sealing = sending->sealing;
	return true;
}

static bool refuse_at(const char *text, const char *reason, struct diag *why)
{
	return diag_set(why, DIAG_USAGE_BAD_VALUE, "--at", text, reason);
}

/* By the clock of this place, unless it says which. */
static bool read_at(struct sending *sending, struct diag *why)
{
	const char *text = sending->options.at;
	struct date date;
	time_t at;

	if (!text)
		return true;
	if (!date_read(span_of(text), &date))
		return refuse_at(text,
			DIAG_WORDS N_("a date looks like '2026-11-22 02:10' or "
				      "'Sun, 22 Nov 2026 02:10:00 +0100'"),
			why);
	if (!date.has_zone)
		date.zone_offset_s = send_head_local_offset(date.wall_s);
	at = (time_t)(date.wall_s - date.zone_offset_s);
	if (at <= clock_wall() && !sending->options.is_resumed)
		return refuse_at(text, DIAG_WORDS N_("that time is over"), why);
	sending->run.not_before = at;
	return true;
}

bool sending_load(struct sending *sending, struct diag *why)
{
	struct submission *run = &sending->run;

	return config_load(&sending->request, run->arena, &run->config, why) &&
	       submission_choose_account(run, why) &&
	       submission_load_aliases(run, why) &&
	       open_sealing(sending, why) && read_at(sending, why);
}

void sending_share(struct sending *sending, const struct sending *base)
{
	sending->run.account = base->run.account;
	sending->run.fallbacks = base->run.fallbacks;
	sending->run.aliases = base->run.aliases;
	sending->run.sealing = base->run.sealing;
	sending->run.not_before = base->run.not_before;
	sending->run.has_lost_aliases = base->run.has_lost_aliases;
}

void sending_expand(struct sending *sending, bool has_account)
{
	struct submission *run = &sending->run;

	if (has_account)
		send_head_expand(&sending->head, &run->aliases,
			run->account->maildomain, &sending->problems);
}

/* ---- leaving ------------------------------------------------------------- */

static const char *author_of(const struct sending *sending)
{
	const struct mailbox_list *from = &sending->head.from;

	return from->count ? address_string(sending->run.arena, &from->items[0])
			   : sending->run.account->from;
}

/* The token is for one who gets the message alone. */
static bool put_token(
	struct sending *sending, struct buf *out, struct diag *why)
{
	const struct send_head *head = &sending->head;
	struct arena *arena = sending->run.arena;
	const char *const *recipients;
	size_t count;

	send_head_recipients(head, &recipients, &count);
	if (count != 1)
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "--unsubscribe",
			"{{token}}",
			DIAG_WORDS N_("a token is of one recipient, and the "
				      "message has another number of them"));
	return sealing_put(sending->run.sealing, SEAL_UNSUBSCRIBE,
		send_list_plain_id(&head->list, arena), recipients[0], out,
		why);
}

bool sending_fill_links(struct sending *sending, const struct table_cell *cells,
	size_t count, struct diag *why)
{
	struct send_list *list = &sending->head.list;
	struct arena *arena = sending->run.arena;
	struct table_cell *with =
		arena_alloc(arena, (count + 1) * sizeof *with);
	struct buf token = BUF_INIT(SEAL_LENGTH_MAX);
	bool is_filled;

	send_list_name(list, author_of(sending), arena);
	is_filled = !send_list_uses(list, SPAN("token")) ||
		    put_token(sending, &token, why);
	with[0] = (struct table_cell){ SPAN("token"), buf_span(&token) };
	if (count)
		memcpy(with + 1, cells, count * sizeof *cells);
	is_filled = is_filled && send_list_check(list, with, count + 1, why) &&
		    send_list_fill(list, with, count + 1, arena, why);
	buf_free(&token);
	return is_filled;
}

/* ---- the message --------------------------------------------------------- */

void sending_read_parts(struct sending *sending)
{
	send_parts_open(&sending->parts, &sending->options, &sending->problems);
	send_parts_read_text(
		&sending->parts, &sending->options, &sending->problems);
}

static bool compose(struct sending *sending, struct diag *why)
{
	const struct message_params params = { .lone_dot_ends = false };
	struct submission *run = &sending->run;
	struct buf head = BUF_INIT(MESSAGE_HEAD_LIMIT);
	struct source *source;

	send_head_put(&sending->head, &head);
	source = send_parts_compose(&sending->parts, &head);
	run->has_message = message_read(source, &params, &run->message, why);
	source_close(source);
	buf_free(&head);
	return run->has_message;
}

bool sending_make(struct sending *sending, struct diag *why)
{
	struct submission *run = &sending->run;
	struct request *request = &sending->request;

	if (!compose(sending, why))
		return false;
	send_head_recipients(
		&sending->head, &request->operands, &request->operand_count);
	if (sending->head.dsn_notify)
		request->dsn_notify = sending->head.dsn_notify;
	if (!submission_make_envelope(run, why))
		return false;
	submission_make_edit(run);
	return true;
}

void sending_end(struct sending *sending)
{
	send_parts_close(&sending->parts);
	problems_free(&sending->problems);
	sealing_close(sending->sealing);
	submission_free(&sending->run);
}
