/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sendmail door.  The one way through the house, step by step; each step
 * knows only what came before it.
 */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "base/random.h"
#include "base/source.h"
#include "base/terminal.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "config/account.h"
#include "deliver/submit.h"
#include "mail/aliases.h"
#include "net/idn.h"

#include <string.h>
#include <unistd.h>

/* Everything of one run, in the order in which it becomes known. */
struct submission {
	const struct request *request;
	struct arena *arena;
	struct config config;
	struct message message;
	const char *author; /* the first address of From, or NULL */
	const struct account *account;
	struct buf alias_text;
	struct aliases_context aliases;
	struct envelope envelope;
	struct edit *edit;
	struct outcome outcome;
};

/* Half of the peers end a message at a lone dot, and cut job output short
 * there; we do so for a person at a terminal, and where the profile asks for it
 * by name (the profile that is known without the message). */
static bool lone_dot_ends(struct submission *run)
{
	struct account *account;

	if (run->request->ignore_dot)
		return false;
	return terminal_is(STDIN_FILENO) ||
	       (account_find(&run->config, run->request, NULL, run->arena,
			&account, NULL) &&
		       account->lone_dot == OPTION_LONE_DOT_END);
}

static bool read_stdin(struct submission *run, struct diag *why)
{
	const struct message_params params = {
		.lone_dot_ends = lone_dot_ends(run),
	};
	struct source *source = source_from_fd(STDIN_FILENO);
	bool is_read = message_read(source, &params, &run->message, why);

	source_close(source);
	return is_read;
}

/* The author picks the account (with -t) and can stand in for a sender that
 * nobody named.  A From that does not parse never stops a mail. */
static void find_author(struct submission *run)
{
	const struct header_field *from =
		header_find(&run->message.header, "From");
	struct buf value = BUF_INIT(MESSAGE_HEAD_LIMIT);
	struct mailbox_list list;
	struct span offending;
	const char *reason;

	if (!from)
		return;
	header_unfold(from->value, &value);
	if (address_list_parse(
		    buf_span(&value), run->arena, &list, &offending, &reason) &&
		list.count)
		run->author = address_string(run->arena, &list.items[0]);
	buf_free(&value);
}

/* What the request and the account say; else the author. */
static const char *choose_sender(struct submission *run, struct diag *why)
{
	const char *sender =
		account_sender(run->account, run->request, run->arena);

	if (sender)
		return sender;
	if (run->author && strchr(run->author, '@'))
		return run->author;
	diag_set(why, DIAG_CONFIG_NO_SENDER, run->account->name);
	return NULL;
}

/* An alias file that is named but cannot be read stops the mail: root's mail
 * must not go to whoever is called root elsewhere. */
static bool load_aliases(struct submission *run, struct diag *why)
{
	const char *path = run->account->aliases;
	enum file_result result;

	if (!path || run->request->no_aliases)
		return true;
	result = file_read(path, &run->alias_text, NULL, why);
	if (result == FILE_MISSING)
		diag_set(why, DIAG_CONFIG_UNREADABLE, path);
	if (result != FILE_READ)
		return false;
	run->aliases.aliases =
		aliases_parse(buf_span(&run->alias_text), run->arena);
	run->aliases.this_host = process_host_name(run->arena);
	return true;
}

static bool make_envelope(struct submission *run, struct diag *why)
{
	const struct request *request = run->request;
	const struct envelope_params params = {
		.operands = request->operands,
		.operand_count = request->operand_count,
		.from_header = request->read_recipients,
		.sender = choose_sender(run, why),
		.maildomain = run->account->maildomain,
		.expand_alias = run->aliases.aliases ? aliases_expand : NULL,
		.alias_context = &run->aliases,
		.to_ascii = idn_to_ascii,
		.dsn_notify = request->dsn_notify,
		.dsn_return = request->dsn_return,
		.dsn_envid = request->dsn_envid,
	};

	return params.sender && envelope_make(&params, &run->message,
					run->arena, &run->envelope, why);
}

static const char *domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? at + 1 : NULL;
}

static const enum edit_from from_edits[] = {
	[OPTION_SET_FROM_AUTO] = EDIT_FROM_AUTO,
	[OPTION_SET_FROM_ON] = EDIT_FROM_ON,
	[OPTION_SET_FROM_OFF] = EDIT_FROM_OFF,
};

static void make_edit(struct submission *run)
{
	const struct account *account = run->account;
	const char *sender = run->envelope.sender.utf8;
	struct edit_params params = {
		.set_from = from_edits[account->set_from_header],
		.set_date = account->set_date_header == OPTION_SET_AUTO,
		.set_msgid = account->set_msgid_header == OPTION_SET_AUTO,
		.remove_bcc = account->remove_bcc_headers,
		.from_address = sender[0] ? sender : account->from,
		.from_name = run->request->full_name ? run->request->full_name
						     : account->from_full_name,
		.local_from = account->from,
		.this_host = process_host_name(run->arena),
		.now = clock_wall(),
		.msgid_domain = domain_of(run->envelope.sender.ascii
						  ? run->envelope.sender.ascii
						  : ""),
	};

	params.zone_offset_s = clock_zone_offset(params.now);
	random_bytes(params.random, sizeof params.random);
	if (!params.msgid_domain)
		params.msgid_domain = account->host;
	run->edit = edit_make(&params, &run->message, run->arena);
}

/* Once the message is read, the rest is a chain. */
static bool prepare(struct submission *run, struct diag *why)
{
	find_author(run);
	return account_choose(&run->config, run->request, run->author,
		       run->arena, &run->account, why) &&
	       load_aliases(run, why) && make_envelope(run, why);
}

static void submit_run(struct submission *run)
{
	const struct submit_params params = {
		.account = run->account,
		.envelope = &run->envelope,
		.edit = run->edit,
		.may_ask = !run->request->is_fenced,
		.debug = run->request->debug,
	};

	submit(&params, run->arena, &run->outcome);
}

/* What can be known to fail without the message: then nobody waits for a
 * message on a terminal. */
static bool check_request(const struct cmd_context *context, struct diag *why)
{
	const struct request *request = context->request;

	if (context->stdin_was_closed)
		return diag_set(why, DIAG_INPUT_CLOSED);
	if (!request->read_recipients && !request->operand_count)
		return diag_set(why, DIAG_USAGE_NO_RECIPIENTS);
	return true;
}

int cmd_sendmail(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct submission run = { .request = request,
		.arena = arena_new(),
		.alias_text = BUF_INIT(ALIASES_TEXT_LIMIT) };
	struct diag *why = &run.outcome.failure;
	int exit_code;

	outcome_init(&run.outcome);
	outcome_make_id(&run.outcome);
	if (!check_request(context, why) ||
		!config_load(request, run.arena, &run.config, why)) {
		cmd_drain_stdin();
	} else if (read_stdin(&run, why)) {
		if (prepare(&run, why)) {
			make_edit(&run);
			submit_run(&run);
		}
		message_free(&run.message);
	}
	exit_code = report_outcome(&run.outcome, run.account, request);
	config_wipe(&run.config);
	buf_free(&run.alias_text);
	arena_free(run.arena);
	return exit_code;
}
