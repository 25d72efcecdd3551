/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One account's part of a run.  Knows entries and a connection; the order of
 * accounts is the runner's. */
#include <config.h>

#include "deliver/lane.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "config/account.h"
#include "config/choose.h"
#include "config/load.h"
#include "deliver/bearing.h"
#include "deliver/blame.h"
#include "deliver/budget.h"
#include "deliver/connection.h"
#include "deliver/credential.h"
#include "deliver/members.h"
#include "deliver/notice.h"
#include "deliver/progress.h"
#include "deliver/queue.h"
#include "deliver/reach.h"
#include "deliver/route.h"
#include "deliver/suppression.h"
#include "deliver/terms.h"
#include "deliver/wake.h"
#include "mail/recipients.h"
#include "spool/schedule.h"
#include "spool/store.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	KEY_LIMIT = 1024 * 1024,
	/* A server need not wait for us longer than this. */
	PAUSE_WITH_CONNECTION_MS = 20 * 1000,
	/* Nor need a process. */
	WAIT_MAX_MS = 150 * 1000,
	/* A message that was begun may still end after SIGTERM; behind its dot
	 * it may in any case. */
	GRACE_S = 4,
	/* So many messages share a sync, and are in doubt after a crash. */
	AHEAD = 16,
	NO_INDEX = -1,
	CUTS_MAX = 3,
	/* Connections side by side, when nobody says how many: to a server that
	 * is so far away (a message takes that long) that it is waited for, and
	 * with so many messages for each. */
	CONNECTIONS_MAX = CREW_MAX,
	FAR_MS = 20,
	MESSAGES_EACH = 4,
	LOOK_MS = 1000 /* a signal may come just before a wait */
};

struct lane {
	const struct lane_params *params;
	size_t member; /* of the crew */
	struct arena *arena;
	struct config config;
	bool has_config;               /* of our own */
	const struct account *first;   /* NULL: not found yet */
	const struct account *account; /* FIRST, or who stands in for it */
	const struct account *const *fallbacks; /* who is left to stand in */
	bool has_password, has_more;
	struct diag no_password; /* why it has none: nobody is asked twice */
	struct schedule schedule;
	struct secret password;
	struct connection *connection;
	long sent_on_connection;
	struct members members; /* those who work beside */
	bool is_surplus;        /* one connection too many for the server */
	/* Messages on their way over CONNECTION, the oldest first; and those of
	 * which that came to nothing, which go one by one. */
	struct journey *flight[SMTP_SHARED_MESSAGES];
	struct journey *left[SMTP_SHARED_MESSAGES];
	size_t under_way, left_count;
	/* Taken before their turn, since their ends are noted with that of one
	 * that flies: AHEAD_DONE of them have had it. */
	struct journey *ahead[AHEAD];
	size_t ahead_count, ahead_done;
	struct bearing bearing; /* of FIRST's server */
	/* Of this connection: a doubt was judged, it has ended in flight, and
	 * how many messages it brought to their end that way. */
	bool has_judged_doubt, is_cut;
	long landed;
	long messages_max;    /* that one connection may carry; 0: not known */
	unsigned cuts;        /* connections that ended in flight */
	struct budget budget; /* of ACCOUNT */
	struct diag first_failure; /* why FIRST cannot be used; DIAG_NONE */
	struct reach_suspicion suspicion;
	/* Reports that were queued on the way: sent behind the rest. */
	char (*reports)[RECORD_ID_LENGTH + 1];
	size_t report_count;
};

/* One entry on its way. */
struct journey {
	struct lane *lane;
	struct spool_entry *entry;
	struct arena *arena;
	struct recipients due;  /* of the record's */
	struct envelope routed; /* as the account in turn sends it */
	struct recipients rest; /* of DUE: of whom nothing was said */
	/* Before it began: the end of the message is noted before MAIL is
	 * answered where all goes in one flight, and what comes of that the
	 * outcome knows. */
	bool was_in_doubt;
	bool is_noted; /* the end of the message may have gone out */
	bool flies;
	bool has_begun; /* somebody is due */
	bool has_ended; /* what came of it was noted */
	size_t index;   /* of the lane's entries; NO_INDEX: a report */
	struct delivery delivery;
	struct outcome outcome;
};

/* ---- the end of it ------------------------------------------------------- */

static volatile sig_atomic_t is_told_to_stop, is_behind_dot;

static void on_stop(int number)
{
	(void)number;
	is_told_to_stop = 1;
	(void)alarm(GRACE_S);
}

/* Nothing has been delivered, and the entry is as it was: another process takes
 * it up. */
static void on_end_of_grace(int number)
{
	(void)number;
	if (!is_behind_dot)
		_exit(1);
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_stop,
		.sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	action.sa_handler = on_end_of_grace;
	(void)sigaction(SIGALRM, &action, NULL);
}

/* By a signal, or because the runner is no more. */
static bool is_stopping(const struct lane *lane)
{
	struct pollfd line = { .fd = lane->params->lifeline };

	return is_told_to_stop || poll(&line, 1, 0) > 0;
}

/* False when it is time to end. */
static bool wait_until(const struct lane *lane, int64_t when_ms)
{
	struct pollfd line = { .fd = lane->params->lifeline };
	int64_t left_ms;

	while (!is_told_to_stop && (left_ms = when_ms - clock_now_ms()) > 0)
		if (clock_wait(&line, 1,
			    (int)(left_ms < LOOK_MS ? left_ms : LOOK_MS)) > 0)
			return false;
	return !is_told_to_stop;
}

/* ---- the account --------------------------------------------------------- */

/* The service that we are part of has no file: what it was started with. */
static bool is_held(const struct lane *lane, const struct record *record)
{
	return lane->params->held && record->is_taken;
}

static bool load_config(struct lane *lane, const struct record *record,
	const struct request *request, struct diag *why)
{
	if (lane->has_config)
		config_wipe(&lane->config);
	lane->has_config = !is_held(lane, record);
	if (lane->has_config)
		return config_load(request, lane->arena, &lane->config, why);
	lane->config = *lane->params->held->config;
	return true;
}

/* What the configuration says now, not what it said when the message was
 * queued: a corrected password is a reason to try. */
static bool find_account(
	struct lane *lane, const struct record *record, struct diag *why)
{
	struct request *request = arena_alloc(lane->arena, sizeof *request);

	if (lane->first)
		return true;
	if (!terms_read(record, lane->params->config_file, lane->arena, request,
		    why) ||
		!load_config(lane, record, request, why) ||
		!account_choose(&lane->config, request, NULL, lane->arena,
			&lane->account, why) ||
		!account_fallbacks(&lane->config, request, lane->account,
			lane->arena, &lane->fallbacks, why)) {
		lane->account = NULL;
		return false;
	}
	lane->first = lane->account;
	lane->schedule = queue_schedule(lane->first);
	budget_init(&lane->budget, lane->params->spool, lane->account);
	bearing_read(lane->params->spool, lane->account, &lane->bearing);
	return true;
}

/* A token may have ended with the connection that it was for. */
static bool find_password(struct lane *lane, struct diag *why)
{
	if (!lane->connection && account_uses_login(lane->account))
		lane->has_password = false;
	if (lane->no_password.id != DIAG_NONE) {
		*why = lane->no_password;
		return false;
	}
	if (!lane->has_password)
		lane->has_password = credential_get(lane->account, false,
			&lane->password, &lane->has_more, why);
	if (!lane->has_password)
		lane->no_password = *why;
	return lane->has_password;
}

static struct schedule schedule_of(const struct lane *lane)
{
	struct schedule usual = { .lifetime_s = 0 };

	if (lane->first)
		return lane->schedule;
	/* Without a configuration nothing ends, and an hour is soon enough. */
	usual.steps_s[0] = 3600;
	usual.step_count = 1;
	return usual;
}

/* ---- the connection ------------------------------------------------------ */

/* What became of the messages before is durable from here on: no next one may
 * come soon. */
static void hang_up(struct lane *lane)
{
	(void)spool_sync(lane->params->spool);
	connection_free(lane->connection);
	lane->connection = NULL;
	lane->sent_on_connection = 0;
	lane->has_judged_doubt = lane->is_cut = false;
	lane->landed = 0;
}

/* Of the profile, or where this server was seen to end. */
static long messages_max(const struct lane *lane)
{
	long most = lane->account->max_messages_per_connection;
	long seen =
		lane->account == lane->first ? lane->bearing.messages_max : 0;

	return seen && seen < most ? seen : most;
}

static bool connect_lane(struct lane *lane, struct diag *why)
{
	const struct connection_params params = {
		.account = lane->account,
		.password = &lane->password,
		.debug = lane->params->debug,
	};

	if (lane->connection &&
		(!connection_is_usable(lane->connection) ||
			lane->sent_on_connection >= messages_max(lane)))
		hang_up(lane);
	if (!lane->connection)
		lane->connection = connection_new(&params, lane->arena, why);
	return lane->connection != NULL;
}

/* ---- one entry ----------------------------------------------------------- */

static void report(struct journey *journey, bool is_try)
{
	const struct lane *lane = journey->lane;
	const struct record *record = spool_entry_record(journey->entry);
	const struct lane_report told = {
		.outcome = &journey->outcome,
		.account = lane->account,
		.record = record,
		.is_try = is_try,
	};

	snprintf(journey->outcome.id, sizeof journey->outcome.id, "%s",
		record->id);
	journey->outcome.envelope = &journey->routed;
	journey->outcome.tries = record_tries(record);
	journey->outcome.next = record_next(record);
	if (journey->outcome.fallback) { /* not noted, not over */
		journey->outcome.tries++;
		journey->outcome.next = 0;
	}
	if (lane->params->report)
		lane->params->report(lane->params->context, &told);
}

static bool is_due(
	const struct journey *journey, const struct record_recipient *recipient)
{
	const struct record *record = spool_entry_record(journey->entry);

	return recipient->state == RECORD_WAITING &&
	       record->not_before <= clock_wall() &&
	       (journey->lane->params->is_forced ||
		       progress_is_due(recipient, clock_wall()));
}

/* The envelope of those who are due. */
static void make_envelope(struct journey *journey)
{
	const struct record *record = spool_entry_record(journey->entry);
	const struct envelope whole = { .sender = record->sender,
		.recipient_count = record->recipient_count,
		.dsn_notify = record->dsn_notify,
		.dsn_return = record->dsn_return,
		.dsn_envid = record->dsn_envid,
		.wants_smtputf8 = record->wants_smtputf8 };

	recipients_begin(&journey->due, &whole, journey->arena);
	for (size_t i = 0; i < record->recipient_count; i++)
		if (is_due(journey, &record->recipients[i]))
			recipients_add(&journey->due,
				&record->recipients[i].address, i);
	journey->routed = journey->due.envelope;
}

/* What came of it is known. */
static void forget_dot(struct journey *journey)
{
	is_behind_dot -= journey->is_noted;
	journey->is_noted = false;
}

static bool note_dot(void *context, struct diag *why);

static struct delivery delivery_of(struct journey *journey)
{
	const struct record *record = spool_entry_record(journey->entry);

	return (struct delivery){
		.envelope = &journey->routed,
		.size_bytes = record->size_bytes,
		.is_8bit = record->is_8bit,
		.header_is_8bit = record->header_is_8bit,
		.message_id = record->message_id ? record->message_id : "",
		.before_end = note_dot,
		.context = journey,
	};
}

static void deliver(struct journey *journey)
{
	struct lane *lane = journey->lane;
	const struct record *record = spool_entry_record(journey->entry);
	struct delivery delivery = delivery_of(journey);

	outcome_init(&journey->outcome);
	if (!find_account(lane, record, &journey->outcome.failure) ||
		!find_password(lane, &journey->outcome.failure) ||
		!connect_lane(lane, &journey->outcome.failure))
		return;
	journey->routed = route_envelope(lane->first, lane->account,
		&journey->due.envelope, journey->arena);
	delivery.message = spool_entry_message(journey->entry);
	connection_deliver(
		lane->connection, &delivery, journey->arena, &journey->outcome);
	source_close(delivery.message);
	if (!lane->sent_on_connection++)
		credential_report(lane->account, &lane->password,
			lane->has_more, journey->outcome.came_to_mail,
			&journey->outcome.failure);
}

/* A server may close a connection that it has had enough of: that is no news
 * about the message, which gets a connection of its own. */
static bool deserves_new_connection(const struct journey *journey)
{
	const struct diag *failure = &journey->outcome.failure;
	const struct connection *connection = journey->lane->connection;

	/* "Too fast" is often said of one connection. */
	bool is_servers = failure->scope == DIAG_SCOPE_HOST ||
			  (failure->id == DIAG_SMTP_CLOSING &&
				  failure->wait == DIAG_WAIT_SOON);

	return connection && journey->lane->sent_on_connection > 1 &&
	       failure->id != DIAG_NONE && is_servers &&
	       diag_is_temporary(failure) && !journey->was_in_doubt &&
	       !connection_is_usable(connection);
}

/* A token that was refused, and could be replaced. */
static bool has_new_token(struct journey *journey)
{
	struct lane *lane = journey->lane;

	return lane->account && credential_renew(lane->account, &lane->password,
					&journey->outcome.failure);
}

static void deliver_or_again(struct journey *journey)
{
	bool is_renewed;

	deliver(journey);
	is_renewed = has_new_token(journey);
	if (!is_renewed && !deserves_new_connection(journey))
		return;
	hang_up(journey->lane);
	deliver(journey);
	/* Not a third time: what the refusal means. */
	if (is_renewed)
		(void)has_new_token(journey);
}

/* The next account takes this message and what comes after it; the next run
 * begins with the first one again. */
static void take_next_account(struct journey *journey)
{
	struct lane *lane = journey->lane;

	if (lane->account == lane->first)
		lane->first_failure = journey->outcome.failure;
	hang_up(lane);
	secret_wipe(&lane->password);
	lane->has_password = false;
	lane->no_password.id = DIAG_NONE;
	journey->outcome.fallback = (*lane->fallbacks)->name;
	report(journey, true);
	if (!journey->outcome.came_to_mail)
		budget_give_back(&lane->budget);
	lane->account = *lane->fallbacks++;
	budget_init(&lane->budget, lane->params->spool, lane->account);
	budget_spend(&lane->budget);
}

static bool may_take_next_account(const struct journey *journey)
{
	const struct lane *lane = journey->lane;

	return lane->first && *lane->fallbacks &&
	       route_may_go_on(&journey->outcome) && !journey->was_in_doubt;
}

/* Said of the connection, in front of a message or instead of one. */
static bool is_of_connections(const struct journey *journey)
{
	const struct diag *failure = &journey->outcome.failure;

	return !journey->outcome.came_to_mail ||
	       (failure->known && strstr(failure->known, "concurrent"));
}

/* The server takes no further connection, or no further login, and others of us
 * have some: what is left is theirs.  Whoever is the last hears that nothing
 * goes at all. */
static bool is_surplus(const struct journey *journey)
{
	const struct diag *failure = &journey->outcome.failure;

	return journey->index != (size_t)NO_INDEX && !journey->is_noted &&
	       failure->id != DIAG_NONE && diag_is_temporary(failure) &&
	       (failure->scope == DIAG_SCOPE_HOST ||
		       failure->scope == DIAG_SCOPE_ACCOUNT) &&
	       is_of_connections(journey) &&
	       crew_shrink(journey->lane->params->crew);
}

static void deliver_somehow(struct journey *journey)
{
	struct lane *lane = journey->lane;

	deliver_or_again(journey);
	lane->is_surplus = is_surplus(journey);
	if (lane->is_surplus)
		return;
	while (may_take_next_account(journey)) {
		take_next_account(journey);
		deliver_or_again(journey);
	}
}

/* When nobody could be used, what is remembered is the trouble with the first:
 * there the next try begins. */
static void stop_all(const struct journey *journey)
{
	const struct lane *lane = journey->lane;

	crew_stop(lane->params->crew,
		lane->first_failure.id != DIAG_NONE
			? &lane->first_failure
			: outcome_reason(&journey->outcome),
		true);
}

/* Two of them: the server has had enough for now.  What it said was said of
 * those two. */
static void stop_for_now(const struct journey *journey)
{
	const struct diag *why = outcome_reason(&journey->outcome);
	struct crew *crew = journey->lane->params->crew;

	if (schedule_is_throttle(why->reply_code, why->status))
		atomic_store(&crew->not_before_ms,
			clock_now_ms() + 1000 * (int64_t)SCHEDULE_THROTTLE_S);
	crew_stop(crew, why, false);
}

/* Whether the lane goes on after this: not when every message would end the
 * same way, and not against a server that asks for less. */
static void judge(struct journey *journey)
{
	struct reach_suspicion *suspicion = &journey->lane->suspicion;

	switch (reach_of(&journey->outcome)) {
	case REACH_MESSAGE:
		reach_forget(suspicion);
		break;
	case REACH_PERHAPS:
		if (reach_is_confirmed(suspicion, &journey->outcome))
			stop_for_now(journey);
		break;
	case REACH_ALL:
		stop_all(journey);
		break;
	}
}

static bool has_result(const struct record_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (events[i].kind != RECORD_EVENT_DEFERRED)
			return true;
	return false;
}

/* Delivered, and no way to remember it: rather out of the way than twice. */
static void rescue(struct journey *journey, const struct diag *why)
{
	const struct record *record = spool_entry_record(journey->entry);

	if (record_count(record, RECORD_DELIVERED) &&
		record_count(record, RECORD_WAITING))
		(void)spool_set_aside(
			journey->lane->params->spool, record->id, why);
}

/* When nobody could be used, what is remembered is the trouble with the first:
 * there the next try begins.  True when it is given up: then the outcome says
 * so. */
static bool note_outcome(struct journey *journey)
{
	const struct lane *lane = journey->lane;
	const struct schedule schedule = schedule_of(lane);
	struct outcome outcome = journey->outcome;
	const struct progress progress = {
		.schedule = &schedule,
		.record = spool_entry_record(journey->entry),
		.part = &journey->due,
		.outcome = &outcome,
		.now = clock_wall(),
	};
	size_t count;
	struct record_event *events;
	struct diag why;
	bool is_over;

	if (lane->first_failure.id != DIAG_NONE && route_may_go_on(&outcome)) {
		outcome.failure = lane->first_failure;
		outcome.verdicts = NULL;
	}
	is_over = progress_settle(&progress, journey->arena, &outcome);
	if (is_over)
		journey->outcome = outcome;
	events = progress_events(&progress, journey->arena, &count);
	if (!spool_entry_note(journey->entry, events, count,
		    has_result(events, count) ? SPOOL_SHARED : SPOOL_LAZY,
		    &why))
		rescue(journey, &why);
	return is_over;
}

static void say_doubt(struct journey *journey)
{
	struct diag *why = &journey->outcome.failure;

	if (!journey->was_in_doubt)
		return;
	outcome_init(&journey->outcome);
	diag_set(why, DIAG_SMTP_POSSIBLE_DUPLICATE,
		DIAG_WORDS N_("the process that sent it ended; it is sent "
			      "again"));
	report(journey, false);
}

/* It takes long until the next one may go: what is left waits for the next run,
 * and whoever looks on is told once. */
static void wait_for_budget(struct journey *journey, int64_t wait_ms)
{
	const struct lane *lane = journey->lane;
	struct crew *crew = lane->params->crew;
	struct diag why;

	atomic_store(&crew->not_before_ms, clock_now_ms() + wait_ms);
	diag_set(&why, DIAG_QUEUE_BUDGET, lane->account->rate);
	crew_stop(crew, &why, false);
	outcome_init(&journey->outcome);
	journey->outcome.failure = why;
	report(journey, false);
}

/* Waits for its turn; false when the end comes first. */
static bool wait_for_turn(struct journey *journey)
{
	struct lane *lane = journey->lane;
	int64_t wait_ms;

	while (!budget_take(&lane->budget, &wait_ms)) {
		if (lane->budget.is_used_up && wait_ms > WAIT_MAX_MS) {
			wait_for_budget(journey, wait_ms);
			return false;
		}
		(void)spool_sync(lane->params->spool);
		if (wait_ms > PAUSE_WITH_CONNECTION_MS)
			hang_up(lane);
		if (!wait_until(lane, clock_now_ms() + wait_ms))
			return false;
	}
	return true;
}

/* Some are only here to go along with others. */
static bool is_due_itself(const struct journey *journey)
{
	const struct record *record = spool_entry_record(journey->entry);
	time_t now = clock_wall();

	for (size_t i = 0; i < journey->due.envelope.recipient_count; i++)
		if (record->recipients[journey->due.place[i]].next <= now)
			return true;
	return journey->lane->params->is_forced;
}

static void sweep_along(struct journey *journey)
{
	if (!is_due_itself(journey))
		return;
	outcome_init(&journey->outcome);
	journey->outcome.failure = *crew_failure(journey->lane->params->crew);
	if (note_outcome(journey))
		report(journey, false);
}

static void conclude(struct journey *journey)
{
	const struct lane *lane = journey->lane;
	struct diag ignored;

	(void)note_outcome(journey);
	journey->has_ended = true;
	forget_dot(journey);
	journey->lane->landed += journey->outcome.came_to_mail;
	report(journey, true);
	/* The next merge asks again, and hears the same. */
	if (lane->first)
		(void)suppression_learn(
			lane->first, &journey->outcome, &ignored);
}

/* The first message over a connection went by itself: the next may go in one
 * flight, unless they are to be spaced. */
static void open_flight(struct lane *lane, const struct outcome *outcome)
{
	if (!lane->connection || lane->budget.count ||
		lane->bearing.sharing == SMTP_SHARING_REFUSED ||
		lane->cuts >= CUTS_MAX || outcome_reason(outcome))
		return;
	connection_share(
		lane->connection, lane->bearing.sharing == SMTP_SHARING_OPEN);
}

/* As many members again as there are, when the server is well and what takes
 * the time is the way to it.  Where many go in one flight one connection is
 * enough. */
static void grow(const struct journey *journey)
{
	const struct lane *lane = journey->lane;
	struct crew *crew = lane->params->crew;
	size_t working = crew_working(crew);
	size_t left = crew_left(crew, lane->params->id_count);

	if (!members_may_grow(&lane->members) || !lane->connection ||
		outcome_reason(&journey->outcome) ||
		journey->outcome.elapsed_ms < FAR_MS ||
		connection_is_enough(lane->connection))
		return;
	for (size_t i = 0; i < working; i++)
		if (left > MESSAGES_EACH * (working + i + 1))
			members_more(&lane->members);
}

/* By itself. */
static void travel(struct journey *journey)
{
	struct lane *lane = journey->lane;

	if (crew_failure(lane->params->crew)) {
		sweep_along(journey);
		return;
	}
	if (!wait_for_turn(journey))
		return;
	deliver_somehow(journey);
	if (!journey->outcome.came_to_mail)
		budget_give_back(&lane->budget);
	if (lane->is_surplus)
		return;
	judge(journey);
	conclude(journey);
	open_flight(lane, &journey->outcome);
	grow(journey);
}

static void add_report(struct lane *lane, const char *id)
{
	lane->reports = mem_array(
		lane->reports, lane->report_count + 1, sizeof *lane->reports);
	snprintf(lane->reports[lane->report_count++], RECORD_ID_LENGTH + 1,
		"%s", id);
}

/* False when somebody is still to be told of a refusal. */
static bool tell_of_refusals(struct journey *journey)
{
	struct lane *lane = journey->lane;
	const struct record *record = spool_entry_record(journey->entry);
	struct notice notice = { .spool = lane->params->spool,
		.entry = journey->entry };
	char id[RECORD_ID_LENGTH + 1];
	struct diag why;
	bool is_fine;

	if (!record_count(record, RECORD_REFUSED) ||
		!find_account(lane, record, &why))
		return true;
	notice.account = lane->first;
	is_fine = notice_put(&notice, id, &why);
	if (id[0])
		add_report(lane, id);
	return is_fine;
}

static void finish_if_done(struct journey *journey)
{
	struct spool_entry *entry = journey->entry;
	struct diag why;

	/* What cannot be moved now is moved by the next run. */
	if (tell_of_refusals(journey) &&
		!record_count(spool_entry_record(entry), RECORD_WAITING))
		(void)spool_entry_finish(entry, &why);
}

void lane_set_aside(const struct lane_params *params,
	const struct account *account, const char *id, const struct diag *why)
{
	struct outcome outcome;
	const struct lane_report told = {
		.outcome = &outcome, .account = account, .is_set_aside = true
	};

	outcome_init(&outcome);
	snprintf(outcome.id, sizeof outcome.id, "%s", id);
	outcome.failure = *why;
	/* Another runner may have been faster: then it has said so. */
	if (spool_set_aside(params->spool, id, why) && params->report)
		params->report(params->context, &told);
}

/* By whose log it is told: an entry that cannot be written can be read. */
static void find_stuck_account(struct lane *lane, const char *id)
{
	struct diag why;
	struct spool_walk *walk =
		spool_walk_new(lane->params->spool, SPOOL_QUEUED, &why);
	struct spool_item item = { .record = NULL };

	if (walk)
		spool_walk_look(walk, id, &item);
	if (item.record)
		(void)find_account(lane, item.record, &why);
	spool_walk_free(walk);
}

/* Silence would look like mail that has gone.  A disk that takes nothing any
 * more is every message's trouble, and is told once. */
static void tell_stuck(struct lane *lane, const char *id, struct diag *why)
{
	struct outcome outcome;
	struct lane_report told = { .outcome = &outcome, .is_stuck = true };

	find_stuck_account(lane, id);
	told.account = lane->account;
	outcome_init(&outcome);
	snprintf(outcome.id, sizeof outcome.id, "%s", id);
	outcome.failure = *why;
	if (lane->params->report)
		lane->params->report(lane->params->context, &told);
	if (why->system_error == EROFS)
		crew_stop(lane->params->crew, why, false);
}

static void end_journey(struct journey *journey)
{
	struct lane *lane = journey->lane;
	size_t index = journey->index;
	bool is_left = lane->is_surplus && journey->has_begun &&
		       !journey->has_ended && index != (size_t)NO_INDEX;

	if (journey->delivery.message)
		source_close(journey->delivery.message);
	forget_dot(journey);
	finish_if_done(journey);
	spool_entry_close(journey->entry);
	arena_free(journey->arena);
	mem_free(journey);
	if (is_left)
		crew_give_back(lane->params->crew, index);
}

/* Who was put on the list of those who get no more mail since the message was
 * queued leaves the journey, and is told.  False: the list cannot be read, and
 * nothing goes out. */
static bool ask_suppression(struct journey *journey)
{
	struct lane *lane = journey->lane;
	const struct record *record = spool_entry_record(journey->entry);
	struct outcome *outcome = &journey->outcome;
	struct recipients off;
	bool is_read;

	if (!find_account(lane, record, &outcome->failure) ||
		!lane->first->suppress)
		return true;
	outcome_init(outcome);
	is_read = suppression_part(lane->first, &journey->due, journey->arena,
		&off, &outcome->verdicts, &outcome->failure);
	if (is_read && !off.envelope.recipient_count)
		return true;
	if (is_read) {
		journey->due = off;
		journey->routed = off.envelope;
	}
	(void)note_outcome(journey);
	report(journey, true);
	make_envelope(journey);
	return is_read;
}

/* Whom the verdicts are about, and whether there are any. */
static bool begin_journey(struct journey *journey)
{
	make_envelope(journey);
	if (journey->due.envelope.recipient_count && !ask_suppression(journey))
		return false;
	journey->was_in_doubt = spool_entry_record(journey->entry)->is_in_doubt;
	if (journey->due.envelope.recipient_count)
		say_doubt(journey);
	return journey->due.envelope.recipient_count != 0;
}

/* ---- in one flight ------------------------------------------------------- */

static bool has_doubt(const struct outcome *outcome)
{
	const struct diag *why = outcome_reason(outcome);

	return why && (why->id == DIAG_SMTP_POSSIBLE_DUPLICATE ||
			      why->id == DIAG_SMTP_ANSWER_UNREADABLE);
}

static bool is_unknown(const struct journey *journey, size_t i)
{
	return journey->outcome.failure.id == DIAG_NONE &&
	       journey->outcome.verdicts[i].kind == VERDICT_UNKNOWN;
}

static size_t count_unknown(const struct journey *journey)
{
	size_t count = 0;

	for (size_t i = 0; i < journey->routed.recipient_count; i++)
		count += is_unknown(journey, i);
	return count;
}

/* Leaves in DUE those of whom something was said; REST are the others. */
static void part(struct journey *journey)
{
	struct recipients whole = journey->due;
	struct envelope routed = journey->routed;
	size_t known = 0;

	recipients_begin(&journey->due, &routed, journey->arena);
	recipients_begin(&journey->rest, &whole.envelope, journey->arena);
	for (size_t i = 0; i < whole.envelope.recipient_count; i++) {
		if (is_unknown(journey, i)) {
			recipients_add(&journey->rest,
				&whole.envelope.recipients[i], whole.place[i]);
			continue;
		}
		recipients_add(
			&journey->due, &routed.recipients[i], whole.place[i]);
		journey->outcome.verdicts[known++] =
			journey->outcome.verdicts[i];
	}
	journey->routed = journey->due.envelope;
}

/* Whether what was heard in the flight stands: trouble that may be everybody's
 * is looked into by the message alone, and what is in doubt is not sent once
 * more. */
static bool is_settled(const struct journey *journey)
{
	return has_doubt(&journey->outcome) ||
	       reach_of(&journey->outcome) == REACH_MESSAGE;
}

/* One end of a connection is one doubt, however many messages it met. */
static void judge_in_flight(struct journey *journey)
{
	struct lane *lane = journey->lane;

	if (!has_doubt(&journey->outcome) || !lane->has_judged_doubt)
		judge(journey);
	lane->has_judged_doubt |= has_doubt(&journey->outcome);
}

static void leave(struct journey *journey)
{
	struct lane *lane = journey->lane;

	source_close(journey->delivery.message);
	journey->delivery.message = NULL;
	forget_dot(journey);
	lane->left[lane->left_count++] = journey;
}

/* For whoever finds this process dead. */
static void turn_to(const struct journey *journey)
{
	const struct lane *lane = journey->lane;

	if (journey->index != (size_t)NO_INDEX)
		crew_turn_to(lane->params->crew, lane->member, journey->index);
}

static void learn_sharing(struct lane *lane)
{
	enum smtp_sharing sharing = connection_sharing(lane->connection);

	if ((sharing != SMTP_SHARING_OPEN && sharing != SMTP_SHARING_REFUSED) ||
		sharing == lane->bearing.sharing)
		return;
	lane->bearing.sharing = sharing;
	bearing_write(lane->params->spool, lane->first, &lane->bearing);
}

/* What the end of this connection says about the next one. */
static void learn(struct lane *lane)
{
	const struct diag *failure = connection_failure(lane->connection);

	if (!failure || lane->is_cut)
		return;
	lane->is_cut = true;
	if (failure->id == DIAG_SMTP_CLOSING && lane->landed &&
		strstr(failure->reply, "messages")) {
		lane->bearing.messages_max = lane->landed;
		bearing_write(lane->params->spool, lane->first, &lane->bearing);
	} else {
		lane->cuts++;
	}
}

/* The outcome of the oldest is there. */
static void land(struct lane *lane)
{
	struct journey *journey = lane->flight[0];
	size_t unknown, all = journey->routed.recipient_count;

	connection_take(lane->connection);
	memmove(lane->flight, lane->flight + 1,
		--lane->under_way * sizeof *lane->flight);
	learn_sharing(lane);
	unknown = count_unknown(journey);
	if (unknown == all || (!unknown && !is_settled(journey))) {
		journey->rest = journey->due;
		leave(journey);
		return;
	}
	part(journey);
	judge_in_flight(journey);
	conclude(journey);
	grow(journey);
	if (unknown)
		leave(journey);
	else
		end_journey(journey);
}

/* The end of the message was noted, and has not gone out, or the server has not
 * looked at it: nobody need be told of a doubt. */
static void clear_doubt(struct journey *journey)
{
	if (!journey->was_in_doubt)
		spool_cancel_end(journey->entry);
}

/* When all would end the same way, that is noted for the rest of them; what is
 * left of one that is too many, others take. */
static bool may_go_on(const struct lane *lane)
{
	struct crew *crew = lane->params->crew;

	return !is_stopping(lane) && !lane->is_surplus &&
	       (!crew_failure(crew) || crew->concerns_all);
}

static void travel_after(struct journey *journey)
{
	journey->due = journey->rest;
	journey->has_ended = false;
	journey->routed = journey->due.envelope;
	outcome_init(&journey->outcome);
	turn_to(journey);
	if (may_go_on(journey->lane))
		travel(journey);
	clear_doubt(journey);
}

static bool await(struct lane *lane, uint64_t next_bytes)
{
	turn_to(lane->flight[0]);
	return connection_await(lane->connection, next_bytes);
}

/* Waits for all that is under way, and sends what was left of it one by one. */
static void land_all(struct lane *lane)
{
	while (lane->under_way)
		if (await(lane, 0))
			land(lane);
	if (lane->connection)
		learn(lane);
	for (size_t i = 0; i < lane->left_count; i++) {
		travel_after(lane->left[i]);
		end_journey(lane->left[i]);
	}
	lane->left_count = 0;
}

/* Whether one of SIZE_BYTES can go behind those under way; waits until it
 * can. */
static bool has_room(struct lane *lane, uint64_t size_bytes)
{
	while (lane->under_way && !lane->left_count &&
		!connection_may_follow(lane->connection, size_bytes))
		if (await(lane, size_bytes))
			land(lane);
	if (lane->left_count)
		land_all(lane);
	return lane->connection &&
	       lane->sent_on_connection <
		       lane->account->max_messages_per_connection &&
	       connection_may_follow(lane->connection, size_bytes);
}

static bool may_fly(const struct journey *journey)
{
	struct lane *lane = journey->lane;

	return lane->connection && !crew_failure(lane->params->crew) &&
	       lane->account == lane->first && !journey->was_in_doubt &&
	       has_room(lane, spool_entry_record(journey->entry)->size_bytes) &&
	       !crew_failure(lane->params->crew);
}

static void fly(struct journey *journey)
{
	struct lane *lane = journey->lane;

	outcome_init(&journey->outcome);
	journey->routed = route_envelope(lane->first, lane->account,
		&journey->due.envelope, journey->arena);
	journey->delivery = delivery_of(journey);
	journey->delivery.message = spool_entry_message(journey->entry);
	journey->flies = true;
	lane->sent_on_connection++;
	if (!connection_follow(lane->connection, &journey->delivery,
		    journey->arena, &journey->outcome)) {
		judge(journey);
		conclude(journey);
		end_journey(journey);
		return;
	}
	lane->flight[lane->under_way++] = journey;
	while (lane->under_way && connection_is_ready(lane->connection))
		land(lane);
}

/* Takes it over. */
static void go(struct journey *journey)
{
	journey->flies = false;
	if (!journey->has_begun) {
		end_journey(journey);
	} else if (may_fly(journey)) {
		fly(journey);
	} else {
		land_all(journey->lane);
		/* What came down may have stopped the lane. */
		if (may_go_on(journey->lane))
			travel(journey);
		clear_doubt(journey);
		end_journey(journey);
	}
}

static struct journey *journey_new(
	struct lane *lane, struct spool_entry *entry, size_t index)
{
	struct journey *journey = mem_zalloc(sizeof *journey);

	journey->lane = lane;
	journey->entry = entry;
	journey->index = index;
	journey->arena = arena_new();
	journey->has_begun =
		!spool_entry_record(entry)->is_held && begin_journey(journey);
	return journey;
}

/* NULL: there is none to be made with that entry. */
static struct journey *find_journey(
	struct lane *lane, const char *id, size_t index)
{
	struct spool_entry *entry = NULL;
	struct diag why;

	switch (spool_entry_open(
		lane->params->spool, SPOOL_QUEUED, id, &entry, &why)) {
	case SPOOL_OK:
		return journey_new(lane, entry, index);
	case SPOOL_DAMAGED:
		lane_set_aside(lane->params, lane->account, id, &why);
		break;
	case SPOOL_FAILED:
		tell_stuck(lane, id, &why);
		break;
	case SPOOL_BUSY:
	case SPOOL_GONE:
		break;
	}
	return NULL;
}

static void run_entry(struct lane *lane, const char *id, size_t index)
{
	struct journey *journey = find_journey(lane, id, index);

	if (journey)
		go(journey);
}

/* The others of the crew are to have something to do, too. */
static size_t most_ahead(const struct lane *lane)
{
	const struct crew *crew = lane->params->crew;
	size_t working = crew_working(crew);
	size_t share = crew_left(crew, lane->params->id_count) / working / 2;

	return working > 1 && share < AHEAD - 1 ? share : AHEAD - 1;
}

static void take_ahead(struct lane *lane)
{
	const struct lane_params *params = lane->params;
	size_t i;

	lane->ahead_count = lane->ahead_done = 0;
	while (lane->ahead_count < most_ahead(lane) &&
		crew_take(params->crew, lane->member, params->id_count, &i)) {
		struct journey *journey = find_journey(lane, params->ids[i], i);

		if (journey)
			lane->ahead[lane->ahead_count++] = journey;
	}
}

/* Those before it in a flight are answered first. */
static long answer_s(const struct lane *lane)
{
	long each = lane->account->timeout ? lane->account->timeout
					   : CONNECTION_ANSWER_S;

	return each * (long)(lane->under_way + 1);
}

/* The last moment at which nothing has been delivered: from here on a crash
 * means that it may have been.  Of what flies, those that follow are noted in
 * the same sync. */
static bool note_dot(void *context, struct diag *why)
{
	struct journey *journey = context;
	struct lane *lane = journey->lane;
	struct spool_entry *entries[AHEAD] = { journey->entry };
	size_t count = 1;
	const struct spool_end end = { clock_wall(), answer_s(lane) };

	is_behind_dot += !journey->is_noted;
	journey->is_noted = true;
	if (journey->flies && lane->ahead_done == lane->ahead_count &&
		!spool_entry_end_is_noted(journey->entry)) {
		take_ahead(lane);
		turn_to(journey);
		for (size_t i = 0; i < lane->ahead_count; i++)
			if (lane->ahead[i]->has_begun &&
				!lane->ahead[i]->was_in_doubt)
				entries[count++] = lane->ahead[i]->entry;
	}
	return spool_note_ends(entries, count, &end, why);
}

/* ---- the lane ------------------------------------------------------------ */

static void end_lane(struct lane *lane)
{
	hang_up(lane);
	secret_wipe(&lane->password);
	if (lane->has_config)
		config_wipe(&lane->config);
	reach_forget(&lane->suspicion);
	mem_free(lane->reports);
	arena_free(lane->arena);
}

/* Finds the account before anything is sent, by the first entry that can be
 * read; what goes wrong comes up again, and is noted, when that one's turn
 * comes. */
static void prepare(struct lane *lane)
{
	const struct lane_params *params = lane->params;
	struct spool_item item = { .record = NULL };
	struct diag why;
	struct spool_walk *walk =
		spool_walk_new(params->spool, SPOOL_QUEUED, &why);

	for (size_t i = 0; walk && i < params->id_count && !item.record; i++)
		spool_walk_look(walk, params->ids[i], &item);
	if (item.record && find_account(lane, item.record, &why))
		(void)find_password(lane, &why);
	spool_walk_free(walk);
}

static void send_reports(struct lane *lane)
{
	/* Whoever follows the schedule knows nothing of them yet. */
	for (size_t i = 0; i < lane->report_count; i++) {
		if (may_go_on(lane))
			run_entry(lane, lane->reports[i], (size_t)NO_INDEX);
		(void)wake_send(lane->params->spool, lane->reports[i]);
	}
	lane->report_count = 0;
}

static void go_ahead(struct lane *lane)
{
	while (lane->ahead_done < lane->ahead_count && may_go_on(lane)) {
		struct journey *journey = lane->ahead[lane->ahead_done++];

		turn_to(journey);
		go(journey);
	}
}

/* Their turn does not come any more. */
static void leave_ahead(struct lane *lane)
{
	while (lane->ahead_done < lane->ahead_count) {
		struct journey *journey = lane->ahead[lane->ahead_done++];

		clear_doubt(journey);
		end_journey(journey);
	}
}

/* What nobody else of the crew has taken. */
static void take_turns(struct lane *lane)
{
	const struct lane_params *params = lane->params;
	size_t i;

	lane->is_surplus = false;
	while (may_go_on(lane) &&
		crew_take(params->crew, lane->member, params->id_count, &i)) {
		run_entry(lane, params->ids[i], i);
		go_ahead(lane);
	}
	land_all(lane);
	leave_ahead(lane);
	crew_rest(params->crew, lane->member);
}

static void work(struct lane *lane)
{
	do {
		take_turns(lane);
	} while (!crew_leave(lane->params->crew) && !is_stopping(lane) &&
		 !crew_failure(lane->params->crew));
	send_reports(lane);
	land_all(lane);
}

static void run_member(void *context, size_t member)
{
	struct lane *lane = context;

	lane->member = member;
	work(lane);
	if (member)
		hang_up(lane);
}

/* Notes the end of a member, and what it died of. */
static void end_member(void *context, size_t member, int status)
{
	struct lane *lane = context;
	long at = crew_at(lane->params->crew, member);

	if (blame_is_due(status) && !is_stopping(lane) && at != CREW_IDLE)
		blame(lane->params->spool, lane->params->ids[at], status);
}

/* As many processes as the account allows connections; when it does not say,
 * there is one, and more when there is much to do.  What is to be spaced has
 * time. */
static void find_members(struct lane *lane)
{
	struct members *members = &lane->members;
	size_t entries = lane->params->id_count;

	*members = (struct members){ .crew = lane->params->crew,
		.count = 1,
		.work = run_member,
		.died = end_member,
		.context = lane };
	if (lane->first && lane->first->max_connections)
		members->count = (size_t)lane->first->max_connections;
	if (members->count > entries)
		members->count = entries ? entries : 1;
	members->most = members->count;
	if (lane->first && !lane->first->max_connections &&
		!lane->budget.count && entries > 2 * (size_t)MESSAGES_EACH)
		members->most =
			account_connections_max(lane->first, CONNECTIONS_MAX);
}

bool lane_run(const struct lane_params *params)
{
	struct lane lane = { .params = params, .arena = arena_new() };

	catch_signals();
	prepare(&lane);
	find_members(&lane);
	members_run(&lane.members);
	end_lane(&lane);
	return !crew_failure(params->crew);
}
