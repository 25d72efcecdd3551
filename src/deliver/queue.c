/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of an account.  Knows no network. */
#include <config.h>

#include "deliver/queue.h"

#include "base/clock.h"
#include "base/place.h"
#include "base/process.h"
#include "base/text.h"
#include "config/storeurl.h"
#include "deliver/credential.h"
#include "deliver/progress.h"
#include "deliver/terms.h"
#include "mail/recipients.h"
#include "spool/shared.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PIN_VALUE_BYTES = 64 * 1024,
	FALL_BACK_S = 10 /* a store that is silent so long is away */
};

/* ---- where --------------------------------------------------------------- */

static const char *parent_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path
		       ? arena_strndup(arena, path, (size_t)(slash - path))
		       : "/";
}

void queue_place_at(
	const char *path, struct arena *arena, struct folder_params *out)
{
	size_t length = strlen(path);
	const char *trimmed, *slash;

	*out = (struct folder_params){ .base_is_ours = false };
	while (length > 1 && path[length - 1] == '/')
		length--;
	trimmed = arena_strndup(arena, path, length);
	slash = strrchr(trimmed, '/');
	out->base = slash ? parent_of(arena, trimmed) : trimmed;
	out->rest = slash ? slash + 1 : "";
}

/* Where only root, or nobody but its owner, can move what a user has made. */
static bool is_parent_safe(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
	       process_is_roots(&status) &&
	       (status.st_mode & S_ISVTX ||
		       !(status.st_mode & (S_IWGRP | S_IWOTH)));
}

static bool is_own(const char *home)
{
	struct stat status;

	return home && stat(home, &status) == 0 && status.st_uid == geteuid();
}

bool queue_place(const struct account *account, struct arena *arena,
	struct folder_params *out, struct diag *why)
{
	const char *state = process_getenv("XDG_STATE_HOME");
	const char *home = process_home(arena);

	*out = (struct folder_params){ .base_is_ours = true };
	if (account && account->queue_dir) {
		queue_place_at(account->queue_dir, arena, out);
		return true;
	}
	if (state && state[0] == '/') {
		out->base = arena_strdup(arena, state);
		out->rest = "mailchute/queue";
		return true;
	}
	if (!is_own(home) && is_parent_safe(place_system.users)) {
		*out = (struct folder_params){ .base = place_system.users,
			.rest = arena_printf(
				arena, "%lu", (unsigned long)geteuid()) };
		return true;
	}
	if (!home)
		return diag_set(why, DIAG_QUEUE_NOT_OURS, "~",
			DIAG_WORDS N_("there is no home folder"));
	out->base = home;
	out->rest = QUEUE_IN_HOME;
	return true;
}

static struct spool *open_shared(
	const struct account *account, struct diag *why)
{
	struct buf name = BUF_INIT(PATH_MAX);
	struct spool *spool;

	storeurl_put(&name, span_of(account->queue_store));

	const struct shared_params params = {
		.url = account->queue_store,
		.name = buf_text(&name),
		.limit_s = account->queue_store_fallback ==
					   OPTION_STORE_FALLBACK_FOLDER
				   ? FALL_BACK_S
				   : 0,
	};

	spool = shared_open(&params, why);
	if (spool)
		shared_serve_account(spool, account->name);
	buf_free(&name);
	return spool;
}

static struct spool *open_folder(
	const struct account *account, bool may_create, struct diag *why)
{
	struct arena *arena = arena_new();
	struct folder_params params;
	struct spool *spool = NULL;

	if (queue_place(account, arena, &params, why)) {
		params.may_create = may_create;
		spool = spool_open(&params, why);
	}
	arena_free(arena);
	return spool;
}

struct spool *queue_open(
	const struct account *account, bool may_create, struct diag *why)
{
	return account && account->queue_store
		       ? open_shared(account, why)
		       : open_folder(account, may_create, why);
}

/* ---- whether ------------------------------------------------------------- */

/* The PIN of a key in any of the settings. */
static bool is_pin_written(const struct account *account)
{
	struct buf value = BUF_INIT(PIN_VALUE_BYTES);
	bool is_pin = false;

	for (int i = 0; i < OPTION_COUNT && !is_pin; i++) {
		enum option_id id = (enum option_id)i;

		if (!terms_must_be_written(account, id))
			continue;
		buf_clear(&value);
		option_put(&value, account, id);
		is_pin = text_has_pin(buf_span(&value));
	}
	buf_free(&value);
	return is_pin;
}

static bool check_secret(const struct account *account, struct diag *why)
{
	if ((terms_must_be_written(account, OPTION_password) &&
		    account->password.length) ||
		(terms_must_be_written(account, OPTION_proxy_password) &&
			account->proxy_password.length) ||
		(terms_must_be_written(account, OPTION_oauth_client_secret) &&
			account->oauth_client_secret.length) ||
		is_pin_written(account))
		return diag_set(why, DIAG_QUEUE_NOT_RECORDABLE,
			DIAG_WORDS N_("its password is not in the "
				      "configuration file"));
	if (account_needs_password(account) && !credential_lasts(account))
		return diag_set(why, DIAG_QUEUE_NOT_RECORDABLE,
			DIAG_WORDS N_("its password was typed in"));
	return true;
}

/* What hosts share names an account, and each has it from its own file. */
static bool check_shared(const struct account *account, struct diag *why)
{
	static const enum option_id ids[] = { OPTION_host, OPTION_port,
		OPTION_socket, OPTION_user, OPTION_auth, OPTION_protocol,
		OPTION_tls, OPTION_tls_starttls, OPTION_from };

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (terms_must_be_written(account, ids[i]))
			return diag_set(why, DIAG_QUEUE_NOT_RECORDABLE,
				DIAG_WORDS N_("its server is not in the "
					      "configuration file"));
	return true;
}

bool queue_check(const struct account *account, const struct spool *spool,
	struct diag *why)
{
	if (spool && spool_is_shared(spool))
		return check_shared(account, why);
	return check_secret(account, why) &&
	       (!spool || spool_check_lasting(spool, why));
}

struct schedule queue_schedule(const struct account *account)
{
	struct schedule schedule = { .lifetime_s = account->queue_lifetime };

	/* The option's kind has seen to it that it parses. */
	if (!schedule_parse(span_of(account->queue_retry), &schedule)) {
		schedule.steps_s[0] = 3600;
		schedule.step_count = 1;
	}
	return schedule;
}

/* ---- in ------------------------------------------------------------------ */

static bool is_wanted(const struct queue_message *message, size_t recipient)
{
	return !message->outcome || !message->outcome->verdicts ||
	       message->outcome->verdicts[recipient].kind == VERDICT_DEFERRED ||
	       message->outcome->verdicts[recipient].kind == VERDICT_UNKNOWN;
}

static void find_wanted(const struct queue_message *message,
	struct arena *arena, struct recipients *wanted)
{
	const struct envelope *envelope = message->delivery->envelope;

	recipients_begin(wanted, envelope, arena);
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (is_wanted(message, i))
			recipients_add(wanted, &envelope->recipients[i], i);
}

static void record_recipients(const struct envelope *wanted,
	struct arena *arena, struct record *record)
{
	record->recipient_count = wanted->recipient_count;
	record->recipients = arena_alloc(arena,
		(wanted->recipient_count + 1) * sizeof *record->recipients);
	for (size_t i = 0; i < wanted->recipient_count; i++)
		record->recipients[i].address = wanted->recipients[i];
}

static struct record make_record(const struct queue_message *message,
	const struct recipients *wanted, struct arena *arena)
{
	const struct envelope *envelope = &wanted->envelope;
	const struct delivery *delivery = message->delivery;
	struct record record = {
		.id = message->id,
		.created = clock_wall(),
		.not_before = message->not_before,
		.is_8bit = delivery->is_8bit,
		.header_is_8bit = delivery->header_is_8bit,
		.is_report = message->is_report,
		.is_taken = message->is_taken || message->account->queue_store,
		.message_id =
			delivery->message_id[0] ? delivery->message_id : NULL,
		.dsn_notify = envelope->dsn_notify,
		.dsn_return = envelope->dsn_return,
		.dsn_envid = envelope->dsn_envid,
		.wants_smtputf8 = envelope->wants_smtputf8,
		.sender = envelope->sender,
	};

	terms_write(&record, message->account, message->config_file, arena);
	record_recipients(envelope, arena, &record);
	return record;
}

/* What the first attempt came to, as the beginning of the journal. */
static void record_outcome(const struct queue_message *message,
	const struct recipients *wanted, struct arena *arena,
	struct record *record)
{
	const struct schedule schedule = queue_schedule(message->account);

	if (!message->outcome)
		return;

	struct outcome chosen = *message->outcome;
	struct progress progress = {
		.schedule = &schedule,
		.record = record,
		.outcome = &chosen,
		.now = record->created,
	};

	if (chosen.verdicts)
		chosen.verdicts =
			recipients_verdicts(wanted, chosen.verdicts, arena);
	record->events =
		progress_events(&progress, arena, &record->event_count);
}

/* As whoever died behind the dot leaves it. */
static void record_doubt(const struct queue_message *message,
	struct arena *arena, struct record *record)
{
	struct record_event *events;

	if (!message->is_in_doubt)
		return;
	events = arena_alloc(arena, (record->event_count + 1) * sizeof *events);
	for (size_t i = 0; i < record->event_count; i++)
		events[i] = record->events[i];
	events[record->event_count++] =
		(struct record_event){ .kind = RECORD_EVENT_DOT,
			.at = record->created,
			.count = 1,
			.recipients = "*" };
	record->events = events;
}

/* In another user's folder anything may be a link to anywhere: root writes
 * there with that user's rights. */
static bool commit_as_owner(const struct queue_message *message,
	struct record *record, struct diag *why)
{
	struct spool *spool = message->spool;
	bool is_kept;

	is_kept =
		process_act_as(spool_owner(spool))
			? spool_commit(spool, record,
				  message->delivery->message, why)
			: diag_set(why, DIAG_QUEUE_NOT_OURS, spool_path(spool),
				  DIAG_WORDS N_("its owner is no user of "
						"this machine"));
	(void)process_act_as(0);
	return is_kept;
}

bool queue_put(
	const struct queue_message *message, time_t *next, struct diag *why)
{
	struct arena *arena = arena_new();
	struct recipients wanted;
	struct record record;
	bool is_kept;

	find_wanted(message, arena, &wanted);
	record = make_record(message, &wanted, arena);
	record_outcome(message, &wanted, arena, &record);
	record_doubt(message, arena, &record);
	is_kept = source_rewind(message->delivery->message, why) &&
		  commit_as_owner(message, &record, why);
	for (size_t i = 0; i < record.event_count; i++)
		(void)record_apply(&record, &record.events[i]);
	*next = record_next(&record);
	arena_free(arena);
	return is_kept;
}
