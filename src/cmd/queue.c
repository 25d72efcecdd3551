/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailq, -q and 'mailchute queue': what waits, and what a person wants done
 * with it.
 */
#include <config.h>

#include "cmd/queue.h"

#include "base/clock.h"
#include "base/place.h"
#include "base/process.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/queue_run.h"
#include "cmd/queue_store.h"
#include "cmd/report.h"
#include "config/account.h"
#include "config/load.h"
#include "config/storeurl.h"
#include "deliver/handover.h"
#include "deliver/hire.h"
#include "deliver/queue.h"
#include "deliver/runner.h"
#include "deliver/wake.h"
#include "spool/shared.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	HEAD_BYTES = 64 * 1024,
	WHY_LIMIT = 8192,
	LIST_LIMIT = 64 * 1024 * 1024
};

/* What was asked, with everything that is opened for it. */
struct run {
	const struct request *request;
	struct queue_set set;
	struct arena *arena;
	const char *folder; /* only this queue; NULL */
	enum queue_form form;
	enum runner_manner manner;
	bool is_dry_run;
	const char *const *ids;
	size_t id_count;
	int exit_code;
};

static void complain(struct run *run, const struct diag *why)
{
	int exit_code = report_problem(why);

	if (!run->exit_code)
		run->exit_code = exit_code;
}

/* ---- which queues -------------------------------------------------------- */

static bool has_path(const struct queue_set *set, const char *path)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(spool_path(set->spools[i]), path) == 0)
			return true;
	return false;
}

/* Who runs SPOOL, for the account that fills it. */
static const char *say_runner(struct queue_set *set,
	const struct request *request, const struct account *account,
	const struct spool *spool)
{
	const struct hire_params hiring = {
		.account = account,
		.config_file = request->config_file,
	};
	struct buf text = BUF_INIT(4 * DIAG_TEXT_BYTES);
	struct hire_said said;
	const char *sentence;

	hire_say(&hiring, spool, set->arena, &said);
	hire_put(&said, !set->is_for_programs, &text);
	sentence = arena_strdup(set->arena, buf_text(&text));
	buf_free(&text);
	return sentence;
}

static void add_spool(
	struct queue_set *set, struct spool *spool, const char *runner)
{
	if (has_path(set, spool_path(spool))) {
		spool_close(spool);
		return;
	}
	set->spools =
		mem_array(set->spools, set->count + 1, sizeof *set->spools);
	set->runners =
		mem_array(set->runners, set->count + 1, sizeof *set->runners);
	set->into = mem_array(set->into, set->count + 1, sizeof *set->into);
	set->into[set->count] = NULL;
	set->runners[set->count] = runner;
	set->spools[set->count++] = spool;
}

/* Several accounts may share one store. */
static void join_shared(
	struct queue_set *set, const char *path, const struct account *account)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(spool_path(set->spools[i]), path) == 0)
			shared_serve_account(set->spools[i], account->name);
}

/* What waits here until the store that PATH names takes it. */
static void add_handover(struct queue_set *set, const char *path,
	const struct account *account, bool may_create)
{
	struct diag ignored;
	struct spool *folder = handover_open(account,
		may_create && account->queue_store_fallback ==
				      OPTION_STORE_FALLBACK_FOLDER,
		&ignored);
	size_t before = set->count, into = 0;

	if (!folder)
		return;
	while (into < before && strcmp(spool_path(set->spools[into]), path))
		into++;
	add_spool(set, folder, NULL);
	if (set->count > before && into < before)
		set->into[before] = set->spools[into];
}

static void add_shared_handover(
	struct queue_set *set, const struct account *account, bool may_create)
{
	struct buf name = BUF_INIT(LIST_LIMIT);

	storeurl_put(&name, span_of(account->queue_store));
	add_handover(set, buf_text(&name), account, may_create);
	buf_free(&name);
}

static void add_queue(struct queue_set *set, const struct request *request,
	const struct account *account, bool may_create)
{
	struct diag why;
	struct spool *spool = queue_open(account, may_create, &why);

	if (spool && account && account->queue_store)
		join_shared(set, spool_path(spool), account);
	if (spool)
		add_spool(set, spool,
			account && account->queue != OPTION_QUEUE_OFF
				? say_runner(set, request, account, spool)
				: NULL);
	else if (why.system_error != ENOENT && !set->exit_code)
		set->exit_code = report_problem(&why);
	if (spool && account && account->queue_store)
		add_shared_handover(set, account, may_create);
}

/* The queue of 'mailchute serve' is root's to look after. */
static void add_system_queue(struct queue_set *set)
{
	const struct folder_params params = {
		.base = place_system.queues,
		.rest = "mailchute",
	};
	struct diag why;
	struct spool *spool = geteuid() == 0 ? spool_open(&params, &why) : NULL;

	if (spool)
		add_spool(set, spool, NULL);
}

/* So are those of users without a home of their own. */
static void add_users_queues(struct queue_set *set)
{
	DIR *list = geteuid() == 0 ? opendir(place_system.users) : NULL;
	const struct dirent *item;
	unsigned long uid;

	while (list && (item = readdir(list))) {
		const struct folder_params params = {
			.base = place_system.users, .rest = item->d_name
		};
		struct spool *spool = NULL;
		struct diag why;

		if (span_number(span_of(item->d_name), UINT32_MAX, &uid))
			spool = spool_open(&params, &why);
		/* A folder with the number of another is a trap. */
		if (spool && spool_owner(spool) == (uid_t)uid)
			add_spool(set, spool, NULL);
		else
			spool_close(spool);
	}
	if (list)
		closedir(list);
}

void queue_set_open(struct queue_set *set, const struct request *request,
	bool may_create, bool is_for_programs)
{
	struct config config;
	struct diag why;

	*set = (struct queue_set){ .arena = arena_new(),
		.is_whole = true,
		.is_for_programs = is_for_programs };
	if (!config_load(request, set->arena, &config, &why)) {
		/* The usual queue can be shown even so. */
		set->exit_code = report_problem(&why);
		add_queue(set, request, NULL, false);
		add_system_queue(set);
		add_users_queues(set);
		config_wipe(&config);
		return;
	}
	for (size_t i = 0; i < config.account_count; i++)
		add_queue(set, request, config.accounts[i],
			may_create &&
				config.accounts[i]->queue != OPTION_QUEUE_OFF);
	if (!config.account_count)
		add_queue(set, request, NULL, may_create);
	add_system_queue(set);
	add_users_queues(set);
	config_wipe(&config);
}

void queue_set_open_folder(struct queue_set *set, const char *path)
{
	struct folder_params place;
	struct spool *spool;
	struct diag why;

	*set = (struct queue_set){ .arena = arena_new() };
	queue_place_at(path, set->arena, &place);
	spool = spool_open(&place, &why);
	if (spool)
		add_spool(set, spool, NULL);
	else
		set->exit_code = report_problem(&why);
}

void queue_set_close(struct queue_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		spool_close(set->spools[i]);
	mem_free(set->spools);
	mem_free(set->runners);
	mem_free(set->into);
	arena_free(set->arena);
}

/* The I-th queue.  What root does in it is done with the rights of its owner,
 * who may have put anything there. */
static struct spool *enter(struct run *run, size_t i)
{
	struct spool *spool = run->set.spools[i];

	return process_act_as(spool_owner(spool)) ? spool : NULL;
}

/* ---- entries by their id ------------------------------------------------- */

struct found {
	struct spool *spool;
	struct spool_entry *entry;
	enum spool_place place;
};

/* Opens ID wherever it is; *WHY is the most telling reason why not. */
static bool find_entry(
	struct run *run, const char *id, struct found *found, struct diag *why)
{
	static const enum spool_place places[] = { SPOOL_QUEUED,
		SPOOL_IN_FAILED };
	bool has_reason = false;

	for (size_t i = 0; i < run->set.count; i++)
		for (size_t j = 0; j < 2; j++) {
			struct spool *spool = enter(run, i);
			enum spool_result result;
			struct diag reason;

			if (!spool)
				continue;
			result = spool_entry_open(
				spool, places[j], id, &found->entry, &reason);
			if (result == SPOOL_OK) {
				found->spool = spool;
				found->place = places[j];
				return true;
			}
			if (!has_reason || result != SPOOL_GONE)
				*why = reason;
			has_reason = true;
		}
	return !has_reason && diag_set(why, DIAG_QUEUE_NO_ENTRY, id);
}

typedef bool action(struct run *run, const char *id, struct diag *why);

static void each_id(struct run *run, action *act)
{
	struct diag why;

	for (size_t i = 0; i < run->id_count; i++) {
		bool is_done = act(run, run->ids[i], &why);

		(void)process_act_as(0);
		if (!is_done)
			complain(run, &why);
	}
}

static bool note(
	struct found *found, enum record_event_kind kind, struct diag *why)
{
	const struct record_event event = {
		.kind = kind,
		.at = clock_wall(),
		.count = 1,
		.recipients = "*",
	};

	return spool_entry_note(found->entry, &event, 1, SPOOL_DURABLE, why);
}

static bool hold(struct run *run, const char *id, struct diag *why)
{
	struct found found = { .entry = NULL };
	bool is_held;

	if (!find_entry(run, id, &found, why))
		return false;
	is_held = note(&found, RECORD_EVENT_HELD, why);
	spool_entry_close(found.entry);
	if (is_held)
		(void)wake_send(found.spool, id);
	return is_held;
}

/* A damaged one that somebody repaired is an entry again. */
static bool take_back(struct run *run, const char *id, struct diag *why)
{
	struct diag ignored;

	for (size_t i = 0; i < run->set.count; i++) {
		struct spool *spool = enter(run, i);
		struct spool_entry *entry = NULL;

		if (!spool || !spool_take_back(spool, id, &ignored))
			continue;
		if (spool_entry_open(spool, SPOOL_QUEUED, id, &entry, why) ==
			SPOOL_OK) {
			spool_entry_close(entry);
			(void)wake_send(spool, id);
			return true;
		}
		(void)spool_set_aside(spool, id, why);
		return false;
	}
	return false;
}

static bool release(struct run *run, const char *id, struct diag *why)
{
	struct found found = { .entry = NULL };
	bool is_released;

	if (!find_entry(run, id, &found, why))
		return take_back(run, id, why);
	is_released = note(&found, RECORD_EVENT_RELEASED, why) &&
		      (found.place == SPOOL_QUEUED ||
			      spool_entry_requeue(found.entry, why));
	spool_entry_close(found.entry);
	if (is_released)
		(void)wake_send(found.spool, id);
	return is_released;
}

static bool remove_damaged(struct run *run, const char *id)
{
	for (size_t i = 0; i < run->set.count; i++) {
		struct spool *spool = enter(run, i);

		if (spool && spool_remove_damaged(spool, id))
			return true;
	}
	return false;
}

static bool remove_one(struct run *run, const char *id, struct diag *why)
{
	struct found found = { .entry = NULL };
	bool is_removed;

	if (!find_entry(run, id, &found, why))
		return remove_damaged(run, id);
	is_removed = spool_entry_remove(found.entry, why);
	spool_entry_close(found.entry);
	return is_removed;
}

/* With LF, as files on this system have it, and as 'sendmail -t' takes it. */
static bool print_message(struct spool_entry *entry, struct diag *why)
{
	struct source *source = spool_entry_message(entry);
	bool is_read;
	struct span piece;

	while ((is_read = source_next(source, &piece, why)) && piece.length)
		for (size_t i = 0; i < piece.length; i++)
			if (piece.at[i] != '\r')
				putchar(piece.at[i]);
	source_close(source);
	return is_read;
}

static bool export(struct run *run, const char *id, struct diag *why)
{
	struct found found = { .entry = NULL };
	bool is_printed;

	if (!find_entry(run, id, &found, why))
		return false;
	is_printed = print_message(found.entry, why);
	spool_entry_close(found.entry);
	return is_printed;
}

/* ---- show ---------------------------------------------------------------- */

static bool show_from_history(struct run *run, const char *id)
{
	struct buf text = BUF_INIT(LIST_LIMIT), head = BUF_INIT(HEAD_BYTES);
	struct arena *arena = arena_new();
	struct record record;
	struct diag why;
	bool is_found = false;

	for (size_t i = 0; i < run->set.count && !is_found; i++) {
		struct spool *spool = enter(run, i);

		is_found =
			spool && spool_find_in_history(spool, id, &text, &head);
	}
	is_found =
		is_found && record_parse(buf_span(&text), arena, &record, &why);
	if (is_found)
		queue_show(&record, buf_span(&head),
			record_count(&record, RECORD_DELIVERED) ==
					record.recipient_count
				? "delivered"
				: "removed",
			run->form);
	arena_free(arena);
	buf_free(&text);
	buf_free(&head);
	return is_found;
}

/* An entry that is being sent can be looked at too. */
static bool show_waiting(struct run *run, const char *id)
{
	for (size_t i = 0; i < run->set.count; i++) {
		struct diag why;
		struct spool *spool = enter(run, i);
		struct spool_walk *walk =
			spool ? spool_walk_new(spool, SPOOL_QUEUED, &why)
			      : NULL;
		struct spool_item item = { .id = NULL };

		if (walk)
			spool_walk_look(walk, id, &item);
		if (item.record)
			queue_show(item.record, SPAN(""), "sending", run->form);
		spool_walk_free(walk);
		if (item.record)
			return true;
	}
	return false;
}

static bool show(struct run *run, const char *id, struct diag *why)
{
	struct found found = { .entry = NULL };
	struct buf head = BUF_INIT(HEAD_BYTES);
	const struct record *record;

	if (!find_entry(run, id, &found, why))
		return show_waiting(run, id) || show_from_history(run, id);
	record = spool_entry_record(found.entry);
	spool_entry_put_head(found.entry, &head);
	queue_show(record, buf_span(&head),
		found.place == SPOOL_IN_FAILED ? "failed"
		: record->is_held              ? "held"
					       : "waiting",
		run->form);
	buf_free(&head);
	spool_entry_close(found.entry);
	return true;
}

/* ---- run ----------------------------------------------------------------- */

static bool is_watching(const struct run *run)
{
	return run->manner == RUNNER_WATCH || run->manner == RUNNER_UNTIL_EMPTY;
}

static bool waits(struct run *run, const char *id)
{
	bool is_there = false;

	for (size_t i = 0; i < run->set.count && !is_there; i++) {
		struct diag why;
		struct spool *spool = enter(run, i);
		struct spool_walk *walk =
			spool ? spool_walk_new(spool, SPOOL_QUEUED, &why)
			      : NULL;
		struct spool_item item = { .id = NULL };

		if (walk)
			spool_walk_look(walk, id, &item);
		is_there = item.id != NULL;
		spool_walk_free(walk);
	}
	(void)process_act_as(0);
	return is_there;
}

/* One that is not there may be a mistyped one: the mail that was meant stays
 * where it is. */
static void tell_missing(struct run *run)
{
	for (size_t i = 0; i < run->id_count; i++) {
		struct diag why;

		if (waits(run, run->ids[i]))
			continue;
		diag_set(&why, DIAG_QUEUE_NO_ENTRY, run->ids[i]);
		complain(run, &why);
	}
}

static void run_queues(struct run *run)
{
	struct queue_run details = {
		.request = run->request,
		.set = &run->set,
		.arena = run->arena,
		.manner = run->manner,
		.ids = run->ids,
		.id_count = run->id_count,
	};

	tell_missing(run);
	queue_run(&details);
	if (!run->exit_code)
		run->exit_code = details.exit_code;
}

/* ---- words --------------------------------------------------------------- */

static void do_list(struct run *run)
{
	int exit_code = queue_list(&run->set, run->form);

	if (!run->exit_code)
		run->exit_code = exit_code;
}

static void do_show(struct run *run)
{
	each_id(run, show);
}

static void do_hold(struct run *run)
{
	each_id(run, hold);
}

static void do_release(struct run *run)
{
	each_id(run, release);
}

static void do_remove(struct run *run)
{
	each_id(run, remove_one);
}

static void do_export(struct run *run)
{
	each_id(run, export);
}

static void do_init(struct run *run)
{
	int exit_code = queue_store_init(&run->set, run->is_dry_run);

	if (!run->exit_code)
		run->exit_code = exit_code;
}

static void do_check(struct run *run)
{
	int exit_code = queue_store_check(&run->set);

	if (!run->exit_code)
		run->exit_code = exit_code;
}

/* ---- what follows the verb ----------------------------------------------- */

#define VERB_TABLE "cmd/queue.def"
#define VERB_HAS_WORDS
#include "cmd/words_verb.h"

const struct words_table cmd_queue_words = {
	.usage = N_("[WORD] [OPTION]... [ID]..."),
	.about = N_("Shows what waits to be sent, and does something about "
		    "it.\n"),
	.page = "mailchute-queue",
	.words = words,
	.word_count = sizeof words / sizeof *words,
	.operand = N_("ID"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
};

static void (*const actions[])(struct run *run) = {
	[QUEUE_LIST] = do_list,
	[QUEUE_SHOW] = do_show,
	[QUEUE_RUN] = run_queues,
	[QUEUE_HOLD] = do_hold,
	[QUEUE_RELEASE] = do_release,
	[QUEUE_REMOVE] = do_remove,
	[QUEUE_EXPORT] = do_export,
	[QUEUE_INIT] = do_init,
	[QUEUE_CHECK] = do_check,
};

static bool take_folder(struct run *run, const char *folder, struct diag *why)
{
	/* Whoever has other rights than its caller looks where it is told. */
	if (folder && process_is_privileged())
		return diag_set(why, DIAG_USAGE_OPTION_REFUSED, "--folder",
			DIAG_WORDS N_("this program has rights that its caller "
				      "has not"));
	run->folder = folder;
	return !folder || *folder ||
	       diag_set(why, DIAG_USAGE_NO_VALUE, "--folder");
}

static bool take_manner(struct run *run, const struct said *said,
	enum word word, struct diag *why)
{
	const char *option = said->is_until_empty ? "--until-empty"
			     : said->is_watch     ? "--watch"
			     : said->is_due       ? "--due"
						  : NULL;

	if (option && word != QUEUE_RUN)
		return diag_set(why, DIAG_USAGE_VERB_OPTION, option,
			arena_printf(run->arena, "queue %s", words[word].name));
	run->manner = said->is_until_empty ? RUNNER_UNTIL_EMPTY
		      : said->is_watch     ? RUNNER_WATCH
		      : said->is_due       ? RUNNER_DUE
					   : run->manner;
	return true;
}

static bool take_dry_run(struct run *run, const struct said *said,
	enum word word, struct diag *why)
{
	run->is_dry_run = said->is_dry_run;
	return !said->is_dry_run || word == QUEUE_INIT ||
	       diag_set(why, DIAG_USAGE_VERB_OPTION, "--dry-run",
		       arena_printf(run->arena, "queue %s", words[word].name));
}

static void open_queues(struct run *run)
{
	if (run->folder)
		queue_set_open_folder(&run->set, run->folder);
	else
		queue_set_open(&run->set, run->request, is_watching(run),
			run->form == QUEUE_FORM_JSON);
}

static int end_run(struct run *run)
{
	int exit_code = run->exit_code ? run->exit_code : run->set.exit_code;

	queue_set_close(&run->set);
	arena_free(run->arena);
	return exit_code;
}

int cmd_queue(const struct cmd_context *context)
{
	const struct said *said = context->said;
	const struct request *request = context->request;
	struct run run = { .request = request,
		.arena = arena_new(),
		.form = said->is_json ? QUEUE_FORM_JSON : QUEUE_FORM_TABLE,
		.ids = request->operands,
		.id_count = request->operand_count };
	enum word word = (enum word)context->word;
	struct diag why;

	if (!take_folder(&run, said->folder, &why) ||
		!take_manner(&run, said, word, &why) ||
		!take_dry_run(&run, said, word, &why)) {
		complain(&run, &why);
	} else {
		open_queues(&run);
		actions[word](&run);
	}
	return end_run(&run);
}

int cmd_list_queue(const struct cmd_context *context)
{
	struct run run = { .request = context->request,
		.arena = arena_new(),
		.form = QUEUE_FORM_MAILQ };

	open_queues(&run);
	do_list(&run);
	return end_run(&run);
}

int cmd_run_queue(const struct cmd_context *context)
{
	struct run run = { .request = context->request, .arena = arena_new() };

	open_queues(&run);
	run_queues(&run);
	return end_run(&run);
}
