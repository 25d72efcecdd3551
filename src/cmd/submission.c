/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps from a message to its submission.  Does not know which door. */
#include <config.h>

#include "cmd/submission.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "base/random.h"
#include "base/text.h"
#include "cmd/report.h"
#include "config/choose.h"
#include "deliver/queue.h"
#include "deliver/submit.h"
#include "deliver/suppression.h"
#include "net/idn.h"

#include <string.h>

void submission_init(struct submission *run, const struct request *request)
{
	*run = (struct submission){ .request = request,
		.arena = arena_new(),
		.alias_text = BUF_INIT(ALIASES_TEXT_LIMIT),
		.hire = { HIRE_NOBODY, -1 },
		.outcome = OUTCOME_INIT };
	outcome_make_id(&run->outcome);
}

/* The author picks the account (with -t) and can stand in for a sender that
 * nobody named.  A From that does not parse never stops a mail. */
static void find_author(struct submission *run)
{
	const struct header *header = &run->message.header;
	const struct header_field *from = header_find(header, "From");
	const struct header_field *resent = header_find(header, "Resent-From");
	struct buf value = BUF_INIT(MESSAGE_HEAD_LIMIT);
	struct mailbox_list list;
	struct span offending;
	const char *reason;

	if (run->request->read_sender && resent && (!from || resent < from))
		from = resent;
	if (!from)
		return;
	header_unfold(from->value, &value);
	if (address_list_parse(
		    buf_span(&value), run->arena, &list, &offending, &reason) &&
		list.count)
		run->author = address_string(run->arena, &list.items[0]);
	buf_free(&value);
}

/* --read-envelope-from: as if the author had been given with -f.  Whoever sent
 * it again is its author now, when that stands first. */
static bool take_sender(struct submission *run, struct diag *why)
{
	struct request *request =
		arena_memdup(run->arena, run->request, sizeof *request);

	if (!run->author)
		return diag_set(
			why, DIAG_USAGE_NO_AUTHOR, "--read-envelope-from");
	request->has_sender = true;
	request->sender = run->author;
	run->request = request;
	return true;
}

bool submission_choose_account(struct submission *run, struct diag *why)
{
	if (run->has_message)
		find_author(run);
	if (run->request->read_sender && !take_sender(run, why))
		return false;
	return account_choose(&run->config, run->request, run->author,
		       run->arena, &run->account, why) &&
	       account_fallbacks(&run->config, run->request, run->account,
		       run->arena, &run->fallbacks, why);
}

const struct request *submission_request(struct submission *run)
{
	const struct request *said = run->request;
	struct request *request;
	struct diag *warnings;

	if (!run->has_lost_aliases)
		return said;
	request = arena_memdup(run->arena, said, sizeof *request);
	warnings = arena_alloc(
		run->arena, (said->warning_count + 1) * sizeof *warnings);
	if (said->warning_count)
		memcpy(warnings, said->warnings,
			said->warning_count * sizeof *warnings);
	diag_set(&warnings[request->warning_count++], DIAG_CONFIG_UNREADABLE,
		run->account->aliases);
	request->warnings = warnings;
	return request;
}

bool submission_load_aliases(struct submission *run, struct diag *why)
{
	const char *path = run->account->aliases;
	struct diag failure = { .id = DIAG_NONE };
	enum file_result result;

	run->aliases.this_host = process_host_name(run->arena);
	if (!path || run->request->no_aliases)
		return true;
	result = file_read(path, &run->alias_text, NULL, &failure);
	if (result == FILE_FAILED)
		return diag_set_errno(why, failure.system_error,
			DIAG_CONFIG_UNREADABLE, path);
	run->has_lost_aliases = result == FILE_MISSING;
	if (result == FILE_READ)
		run->aliases.aliases =
			aliases_open(buf_span(&run->alias_text), run->arena);
	return true;
}

/* ---- local names --------------------------------------------------------- */

static bool is_address(struct arena *arena, const char *text)
{
	struct mailbox mailbox;
	const char *reason;

	return text && address_parse(span_of(text), arena, &mailbox, &reason) &&
	       *mailbox.domain;
}

/* By default the account's own address; msmtp knows no such thing. */
static const char *local_to(const struct submission *run, struct arena *arena)
{
	const struct account *account = run->account;
	const char *address =
		option_is_said(account, OPTION_local_to) ? account->local_to
		: account->dialect == DIALECT_MAILCHUTE  ? account->from
							 : NULL;

	return is_address(arena, address) ? address : NULL;
}

/* The names whose mail is the mail of whoever looks after this machine; who
 * that is costs a look into the system's list, so not for an address. */
static bool is_local_name(const char *name, struct arena *arena)
{
	struct span whole = span_of(name);

	if (strchr(name, '@'))
		return false;
	return span_equal_nocase(whole, SPAN("root")) ||
	       span_equal_nocase(whole, SPAN("postmaster")) ||
	       strcmp(name, process_user_name(arena)) == 0;
}

static void local_name_add(struct submission *run, const char *name)
{
	const char **names = arena_alloc(
		run->arena, (run->local_name_count + 1) * sizeof *names);

	for (size_t i = 0; i < run->local_name_count; i++) {
		if (strcmp(run->local_names[i], name) == 0)
			return;
		names[i] = run->local_names[i];
	}
	names[run->local_name_count++] = arena_strdup(run->arena, name);
	run->local_names = names;
}

/* The alias file's members. */
static const char *alias_members(
	const struct submission *run, const char *name, struct arena *arena)
{
	struct aliases_context aliases = run->aliases;

	return aliases.aliases ? aliases_expand(&aliases, name, arena) : NULL;
}

/* local_to, for a name that maildomain does not name. */
static const char *local_address(
	const struct submission *run, const char *name, struct arena *arena)
{
	bool is_named = run->account->maildomain && !run->has_lost_aliases;

	return !is_named && is_local_name(name, arena) ? local_to(run, arena)
						       : NULL;
}

/* The alias file first, then local_to, which is noted. */
static const char *expand_name(
	void *context, const char *name, struct arena *arena)
{
	struct submission *run = context;
	const char *members = alias_members(run, name, arena), *address;

	if (members)
		return members;
	address = local_address(run, name, arena);
	if (address)
		local_name_add(run, name);
	return address;
}

/* The same, and nothing is noted. */
static const char *look_up_name(
	void *context, const char *name, struct arena *arena)
{
	const struct submission *const *run = context;
	const char *members = alias_members(*run, name, arena);

	return members ? members : local_address(*run, name, arena);
}

/* What the request and the account say; else the author. */
static const char *choose_sender(
	const struct submission *run, struct arena *arena, struct diag *why)
{
	const char *sender = account_sender(run->account, run->request, arena);

	if (sender)
		return sender;
	if (run->author && strchr(run->author, '@'))
		return run->author;
	diag_set(why, DIAG_CONFIG_NO_SENDER, run->account->name);
	return NULL;
}

/* The same mail, to another address; who it was for stands in its header. */
static bool redirect(struct submission *run, struct diag *why)
{
	const char *const *to = &run->account->redirect_to;
	struct envelope_params params = { .operands = to,
		.operand_count = 1,
		.sender = run->envelope.sender.utf8,
		.to_ascii = idn_to_ascii,
		.dsn_notify = run->envelope.dsn_notify,
		.dsn_return = run->envelope.dsn_return,
		.dsn_envid = run->envelope.dsn_envid,
		.wants_smtputf8 = run->envelope.wants_smtputf8 };
	const struct envelope *original = &run->envelope;
	struct envelope changed;

	run->original_to = arena_alloc(run->arena,
		(original->recipient_count + 1) * sizeof *run->original_to);
	for (size_t i = 0; i < original->recipient_count; i++)
		run->original_to[run->original_count++] =
			original->recipients[i].utf8;
	if (!envelope_make(&params, &run->message, run->arena, &changed, why))
		return false;
	changed.faults = original->faults;
	changed.fault_count = original->fault_count;
	run->envelope = changed;
	return true;
}

/* What the caller says of reports counts, then what the account does. */
static const char *dsn_return(const struct submission *run)
{
	static const char *const words[] = { [OPTION_DSN_RETURN_OFF] = NULL,
		[OPTION_DSN_RETURN_HDRS] = "HDRS",
		[OPTION_DSN_RETURN_FULL] = "FULL" };

	return run->request->dsn_return ? run->request->dsn_return
					: words[run->account->dsn_return];
}

/* "root: |command" leaves root without an address: it is in the file, but does
 * not count. */
static bool explain_name(const struct submission *run, struct diag *why)
{
	const struct aliases *aliases = run->aliases.aliases;

	/* A few names were looked for; what is wrong elsewhere shows now. */
	if (why->id == DIAG_ADDRESS_NO_DOMAIN && aliases &&
		aliases_parse(aliases->text, run->arena)->fault_count)
		diag_add_hint(why, N_("the alias file has entries that do not "
				      "count, as commands: 'newaliases' lists "
				      "them"));
	return false;
}

/* Whose mail it was, unless the header keeps that to itself. */
static void note_local_names(struct submission *run)
{
	if (!run->local_name_count || run->original_count ||
		header_find(&run->message.header, "Bcc"))
		return;
	run->original_to = run->local_names;
	run->original_count = run->local_name_count;
}

bool submission_make_envelope(struct submission *run, struct diag *why)
{
	const struct request *request = run->request;
	const struct envelope_params params = {
		.operands = request->operands,
		.operand_count = request->operand_count,
		.wishes = run->wishes,
		.from_header = request->read_recipients,
		.may_be_partial = true,
		.sender = choose_sender(run, run->arena, why),
		.maildomain = run->account->maildomain,
		.expand_alias = expand_name,
		.alias_context = run,
		.to_ascii = idn_to_ascii,
		.dsn_notify = request->dsn_notify ? request->dsn_notify
						  : run->account->dsn_notify,
		.dsn_return = dsn_return(run),
		.dsn_envid = request->dsn_envid,
		.wants_smtputf8 = request->wants_smtputf8,
	};

	if (!params.sender || !(envelope_make(&params, &run->message,
					run->arena, &run->envelope, why) ||
				      explain_name(run, why)))
		return false;
	if (!suppression_apply(run->account, &run->envelope, run->arena, why))
		return false;
	if (run->account->redirect_to)
		return redirect(run, why);
	note_local_names(run);
	return true;
}

static bool check_recipient(const struct submission *run, const char *address,
	struct arena *arena, struct diag *why)
{
	const struct envelope_params params = {
		.operands = &address,
		.operand_count = 1,
		.may_be_partial = true,
		.sender = choose_sender(run, arena, why),
		.maildomain = run->account->maildomain,
		.expand_alias = look_up_name,
		.alias_context = &run,
		.to_ascii = idn_to_ascii,
	};
	struct envelope envelope;
	struct mailbox mailbox;
	const char *reason;

	if (!address_parse(span_of(address), arena, &mailbox, &reason))
		return diag_set(why, DIAG_ADDRESS_INVALID, address, reason);
	if (!params.sender)
		return false;
	if (!envelope_make(&params, NULL, arena, &envelope, why))
		return explain_name(run, why);
	if (!suppression_apply(run->account, &envelope, arena, why))
		return false;
	if (envelope.fault_count)
		*why = envelope.faults[0].why;
	return !envelope.fault_count;
}

bool submission_check_recipient(
	const struct submission *run, const char *address, struct diag *why)
{
	struct arena *arena = arena_new();
	bool is_fine = check_recipient(run, address, arena, why);

	arena_free(arena);
	return is_fine;
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

/* The members of all fields of that name, each as an operand. */
static void add_operands(struct submission *run, const char *name,
	const char **operands, size_t *count)
{
	const struct header *header = &run->message.header;
	const struct header_field *field = header_find(header, name);

	for (; field; field = header_find_next(header, field, name)) {
		struct buf value = BUF_INIT(MESSAGE_HEAD_LIMIT);
		struct mailbox_list list;
		struct span offending;
		const char *reason;

		header_unfold(field->value, &value);
		if (!address_list_parse(buf_span(&value), run->arena, &list,
			    &offending, &reason) ||
			list.count)
			operands[(*count)++] =
				arena_strdup(run->arena, buf_text(&value));
		buf_free(&value);
	}
}

static void take_addresses(struct submission *run,
	const struct envelope *envelope, struct edit_params *params)
{
	const char **to = arena_alloc(
		run->arena, (envelope->recipient_count + 1) * sizeof *to);

	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct envelope_address *address =
			&envelope->recipients[i];

		to[params->to_count++] =
			address->ascii ? address->ascii : address->utf8;
	}
	params->to = to;
}

/* Who really gets it, as far as the header told it already: 'set_to_header on'
 * names aliases' members, but nobody who was Bcc, and of several recipients
 * that no field names none is told of the others. */
static void set_to(struct submission *run, struct edit_params *edit)
{
	const struct header *header = &run->message.header;
	struct envelope shown;
	struct envelope_params params = {
		.sender = "",
		.maildomain = run->account->maildomain,
		.expand_alias = expand_name,
		.alias_context = run,
		.to_ascii = idn_to_ascii,
	};
	const char **operands;
	size_t first, end;

	if (run->account->set_to_header == OPTION_SET_TO_OFF ||
		envelope_resent_block(header, &first, &end))
		return;
	edit->set_to = true;
	if (run->account->set_to_header == OPTION_SET_TO_UNDISCLOSED)
		return;
	operands =
		arena_alloc(run->arena, (header->count + 1) * sizeof *operands);
	params.operands = operands;
	add_operands(run, "To", operands, &params.operand_count);
	add_operands(run, "Cc", operands, &params.operand_count);
	if (params.operand_count &&
		envelope_make(&params, &run->message, run->arena, &shown, NULL))
		take_addresses(run, &shown, edit);
	else if (params.operand_count)
		edit->set_to = false; /* it does not parse: it stays */
	else if (run->envelope.recipient_count == 1 &&
		 !header_find(header, "To") && !header_find(header, "Cc") &&
		 !header_find(header, "Bcc"))
		take_addresses(run, &run->envelope, edit);
}

/* More would turn a list of the house into everybody's. */
enum { MAPPED_LIMIT = 100 };

/* What the envelope makes of a local name, for the header. */
static size_t map_local(void *context, const char *name, struct arena *arena,
	const char *const **addresses)
{
	struct submission *run = context;
	struct envelope envelope;
	const struct envelope_params params = {
		.operands = &name,
		.operand_count = 1,
		.sender = "",
		.maildomain = run->account->maildomain,
		.expand_alias = expand_name,
		.alias_context = run,
		.to_ascii = idn_to_ascii,
	};
	const char **list;

	if (!envelope_make(&params, &run->message, arena, &envelope, NULL) ||
		envelope.recipient_count > MAPPED_LIMIT)
		return 0;
	list = arena_alloc(arena, envelope.recipient_count * sizeof *list);
	for (size_t i = 0; i < envelope.recipient_count; i++)
		list[i] = envelope.recipients[i].ascii
				  ? envelope.recipients[i].ascii
				  : envelope.recipients[i].utf8;
	*addresses = list;
	return envelope.recipient_count;
}

/* "root on web1": who a bare name on -f was, for a From that is made. */
static const char *local_sender_name(const struct submission *run)
{
	const struct request *request = run->request;
	struct mailbox mailbox;
	const char *reason;

	if (!run->account->from_local_name || !request->has_sender ||
		!address_parse(span_of(request->sender), run->arena, &mailbox,
			&reason) ||
		!*mailbox.local || *mailbox.domain)
		return NULL;
	return edit_local_name(
		run->arena, &mailbox, process_host_name(run->arena));
}

static const char *choose_full_name(const struct submission *run)
{
	if (run->request->full_name)
		return run->request->full_name;
	return run->account->from_full_name ? run->account->from_full_name
					    : local_sender_name(run);
}

/* RFC 3461 4.4. */
enum { ENVID_LIMIT = 100 };

/* By which a bounce is known again, whom it is about and that it is of a
 * message of ours: in the Message-ID, and, if it fits and nobody chose one, as
 * ENVID. NULL: there is no key, or several would share it. */
static const char *make_mark(struct submission *run)
{
	struct envelope *envelope = &run->envelope;
	struct buf mark = BUF_INIT(SEAL_LENGTH_MAX);
	const char *text = NULL;
	struct diag ignored;

	if (!run->sealing || envelope->recipient_count != 1)
		return NULL;
	if (sealing_put(run->sealing, SEAL_MESSAGE, run->outcome.id,
		    envelope->recipients[0].ascii
			    ? envelope->recipients[0].ascii
			    : envelope->recipients[0].utf8,
		    &mark, &ignored))
		text = arena_strdup(run->arena, buf_text(&mark));
	if (text && !envelope->dsn_envid && mark.length <= ENVID_LIMIT)
		envelope->dsn_envid = text;
	buf_free(&mark);
	return text;
}

void submission_make_edit(struct submission *run)
{
	const struct account *account = run->account;
	const char *sender = run->envelope.sender.utf8;
	struct edit_params params = {
		.set_from = from_edits[account->set_from_header],
		.set_date = account->set_date_header == OPTION_SET_AUTO,
		.set_msgid = account->set_msgid_header == OPTION_SET_AUTO,
		.remove_bcc = account->remove_bcc_headers,
		.from_address = sender[0] ? sender : account->from,
		.from_name = choose_full_name(run),
		.local_from = account->from,
		.names_local_from = account->from_local_name,
		.this_host = process_host_name(run->arena),
		.map_local = account->map_headers ? map_local : NULL,
		.map_context = run,
		.original_to = run->original_to,
		.original_count = run->original_count,
		.now = run->not_before ? run->not_before : clock_wall(),
		.msgid_domain = domain_of(run->envelope.sender.ascii
						  ? run->envelope.sender.ascii
						  : ""),
	};

	params.msgid_left = make_mark(run);
	params.zone_offset_s = clock_zone_offset(params.now);
	random_bytes(params.random, sizeof params.random);
	if (!params.msgid_domain)
		params.msgid_domain = account->host;
	set_to(run, &params);
	run->edit = edit_make(&params, &run->message, run->arena);
}

/* The one delivery; false when the body cannot be read. */
static bool make_delivery(struct submission *run, struct diag *why)
{
	int64_t size_bytes = edit_size(run->edit, why);

	if (size_bytes < 0)
		return false;
	run->delivery = (struct delivery){
		.envelope = &run->envelope,
		.message = edit_source(run->edit),
		.size_bytes = (uint64_t)size_bytes,
		.is_8bit = edit_is_8bit(run->edit),
		.header_is_8bit = edit_header_is_8bit(run->edit),
		.message_id = edit_message_id(run->edit),
		.is_last = true,
		.progress = run->progress,
		.context = run->progress_context,
	};
	return true;
}

struct hire_params submission_hiring(const struct submission *run)
{
	return (struct hire_params){
		.account = run->account,
		.config_file = run->request->config_file,
		.is_for_later =
			run->request->delivery == REQUEST_DELIVERY_QUEUE,
		.report = report_lane,
	};
}

bool submission_put(struct submission *run, struct spool *spool, const char *id,
	struct diag *why)
{
	struct queue_message message = {
		.spool = spool,
		.account = run->account,
		.config_file = run->request->config_file,
		.id = id,
		.delivery = &run->delivery,
		.not_before = run->not_before,
		.is_taken = run->request->is_taken,
	};
	time_t next;
	bool is_put =
		make_delivery(run, why) && queue_put(&message, &next, why);

	source_close(run->delivery.message);
	run->delivery.message = NULL;
	return is_put;
}

void submission_submit(struct submission *run)
{
	const struct submit_params params = {
		.hiring = &run->hiring,
		.hire = &run->hire,
		.account = run->account,
		.fallbacks = run->fallbacks,
		.delivery = &run->delivery,
		.not_before = run->not_before,
		.may_ask = !run->request->is_fenced,
		.debug = run->request->debug,
		.when = run->request->delivery,
		.config_file = run->request->config_file,
		.is_taken = run->request->is_taken,
	};

	run->hiring = submission_hiring(run);
	run->outcome.envelope = &run->envelope;
	run->outcome.message_id = edit_message_id(run->edit);
	run->outcome.changes = edit_changes(run->edit);
	if (make_delivery(run, &run->outcome.failure))
		submit(&params, run->arena, &run->outcome);
	source_close(run->delivery.message);
	run->delivery.message = NULL;
}

void submission_free(struct submission *run)
{
	if (run->has_message)
		message_free(&run->message);
	config_wipe(&run->config);
	buf_free(&run->alias_text);
	/* -odq means: not now.  Last of all, when no secret is left in memory
	 * that another process would inherit. */
	if (run->outcome.is_queued &&
		run->request->delivery != REQUEST_DELIVERY_QUEUE)
		hire_call(&run->hiring, &run->hire, run->outcome.id);
	arena_free(run->arena);
}
