/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the options of 'mailchute send' to a message.  Does not know what
 * becomes of it. */
#include <config.h>

#include "cmd/sending.h"

#include "config/load.h"

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

bool sending_load(struct sending *sending, struct diag *why)
{
	struct submission *run = &sending->run;

	return config_load(&sending->request, run->arena, &run->config, why) &&
	       submission_choose_account(run, why) &&
	       submission_load_aliases(run, why);
}

void sending_share(struct sending *sending, const struct sending *base)
{
	sending->run.account = base->run.account;
	sending->run.fallbacks = base->run.fallbacks;
	sending->run.aliases = base->run.aliases;
	sending->run.has_lost_aliases = base->run.has_lost_aliases;
}

void sending_read_parts(struct sending *sending, bool has_account)
{
	struct submission *run = &sending->run;

	if (has_account)
		send_head_expand(&sending->head, &run->aliases,
			run->account->maildomain, &sending->problems);
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
	submission_free(&sending->run);
}
