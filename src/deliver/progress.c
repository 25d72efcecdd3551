/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From verdicts to events.  Knows no file and no network. */
#include <config.h>

#include "deliver/progress.h"

#include "base/duration.h"
#include "base/random.h"
#include "deliver/reach.h"

#include <string.h>
#include <sysexits.h>

enum { RANGES_LIMIT = 2 * 1024 * 1024, WORDS_LIMIT = 4 * DIAG_TEXT_BYTES };

struct maker {
	const struct progress *progress;
	struct arena *arena;
	struct record_event *events;
	size_t count;
	uint32_t random; /* one for all: they are tried again together */
};

static size_t verdict_count(const struct progress *progress)
{
	return progress->part ? progress->part->envelope.recipient_count
			      : progress->record->recipient_count;
}

static size_t place_of(const struct progress *progress, size_t verdict)
{
	return progress->part ? progress->part->place[verdict] : verdict;
}

/* What kept everybody counts for whoever has no verdict of their own. */
static struct verdict verdict_of(const struct progress *progress, size_t i)
{
	const struct outcome *outcome = progress->outcome;
	struct verdict kept = { VERDICT_DEFERRED, &outcome->failure };

	if (outcome->verdicts && outcome->verdicts[i].kind != VERDICT_UNKNOWN)
		return outcome->verdicts[i];
	if (diag_is_final(&outcome->failure))
		kept.kind = VERDICT_REFUSED;
	return kept;
}

static const char *words_of(struct arena *arena, const struct diag *why)
{
	struct buf words = BUF_INIT(WORDS_LIMIT);
	const char *kept;

	diag_sentence(why, false, &words);
	kept = arena_strdup(arena, buf_text(&words));
	buf_free(&words);
	return kept;
}

static void describe(
	struct maker *maker, struct record_event *event, const struct diag *why)
{
	event->name = diag_name(why->id);
	event->code = why->reply_code;
	event->status = arena_strdup(maker->arena, why->status);
	event->words = words_of(maker->arena, why);
}

static struct record_event *add(struct maker *maker,
	enum record_event_kind kind, const char *recipients)
{
	struct record_event *event = &maker->events[maker->count++];

	event->kind = kind;
	event->at = maker->progress->now;
	event->count = 1;
	event->recipients = arena_strdup(maker->arena, recipients);
	return event;
}

/* ---- who has it ---------------------------------------------------------- */

static bool is_delivered(const struct progress *progress, size_t i)
{
	return verdict_of(progress, i).kind == VERDICT_DELIVERED;
}

/* Ranges of the record's numbers; the places rise. */
static void put_delivered(struct buf *out, const struct progress *progress)
{
	size_t count = verdict_count(progress);

	for (size_t i = 0; i < count; i++) {
		size_t first = i;

		if (!is_delivered(progress, i))
			continue;
		while (i + 1 < count && is_delivered(progress, i + 1) &&
			place_of(progress, i + 1) == place_of(progress, i) + 1)
			i++;
		buf_printf(out, "%s%zu", out->length ? "," : "",
			place_of(progress, first) + 1);
		if (i > first)
			buf_printf(out, "-%zu", place_of(progress, i) + 1);
	}
}

static void add_delivered(struct maker *maker)
{
	const struct diag *reply = &maker->progress->outcome->reply;
	struct buf ranges = BUF_INIT(RANGES_LIMIT);

	put_delivered(&ranges, maker->progress);
	if (ranges.length) {
		struct record_event *event =
			add(maker, RECORD_EVENT_DELIVERED, buf_text(&ranges));

		event->code = reply->reply_code;
		event->status = arena_strdup(maker->arena, reply->status);
		event->words = arena_strdup(maker->arena, reply->reply);
	}
	buf_free(&ranges);
}

/* ---- who has not --------------------------------------------------------- */

static void defer(struct maker *maker, struct record_event *event,
	const struct diag *why, unsigned long tries)
{
	const struct progress *progress = maker->progress;
	const struct schedule_failure failure = {
		.now = progress->now,
		.tries = tries + 1,
		.code = why->reply_code,
		.status = why->status,
		.wait = why->wait,
		.random = maker->random,
	};
	const struct diag own = reach_own(why);

	describe(maker, event, progress->outcome->came_to_mail ? &own : why);
	event->next = schedule_next(progress->schedule, &failure);
}

static bool is_same(const struct progress *progress, size_t a, size_t b)
{
	const struct record_recipient *all = progress->record->recipients;
	struct verdict one = verdict_of(progress, a);
	struct verdict two = verdict_of(progress, b);
	size_t at = place_of(progress, a), next = place_of(progress, b);

	return one.kind == two.kind && one.why == two.why && next == at + 1 &&
	       all[at].tries == all[next].tries;
}

/* One line for the run of recipients that begins at FIRST; returns the one
 * behind it. */
static size_t add_run(struct maker *maker, size_t first)
{
	const struct progress *progress = maker->progress;
	size_t last = first, count = verdict_count(progress);
	struct verdict verdict = verdict_of(progress, first);
	struct buf range = BUF_INIT(64);
	struct record_event *event;

	while (last + 1 < count && is_same(progress, last, last + 1))
		last++;
	buf_printf(&range, "%zu", place_of(progress, first) + 1);
	if (last > first)
		buf_printf(&range, "-%zu", place_of(progress, last) + 1);
	event = add(maker, RECORD_EVENT_REFUSED, buf_text(&range));
	if (verdict.kind == VERDICT_REFUSED) {
		describe(maker, event, verdict.why);
	} else {
		size_t place = place_of(progress, first);

		event->kind = RECORD_EVENT_DEFERRED;
		defer(maker, event, verdict.why,
			progress->record->recipients[place].tries);
	}
	buf_free(&range);
	return last + 1;
}

struct record_event *progress_events(
	const struct progress *progress, struct arena *arena, size_t *count)
{
	struct maker maker = { .progress = progress, .arena = arena };

	maker.events = arena_alloc(
		arena, (verdict_count(progress) + 1) * sizeof *maker.events);
	random_bytes(&maker.random, sizeof maker.random);
	add_delivered(&maker);
	for (size_t i = 0; i < verdict_count(progress);)
		i = is_delivered(progress, i) ? i + 1 : add_run(&maker, i);
	*count = maker.count;
	return maker.events;
}

/* ---- the end ------------------------------------------------------------- */

/* Two moments this far apart: the clock was set, or the machine was off. */
static bool is_gap(const struct progress *progress, time_t from, time_t to)
{
	const struct schedule *schedule = progress->schedule;

	return to - from > schedule->lifetime_s &&
	       to - from > 2 * schedule_longest(schedule);
}

/* When the message's life began: anew behind each gap, but not for ever: what
 * failed as often as the schedule has steps was tried enough. */
static time_t beginning(const struct progress *progress)
{
	const struct record *record = progress->record;
	time_t began = record->not_before > record->created ? record->not_before
							    : record->created;
	time_t last = began;
	size_t failures = 0;

	for (size_t i = 0; i <= record->event_count; i++) {
		const struct record_event *event =
			i < record->event_count ? &record->events[i] : NULL;
		time_t at = event ? event->at : progress->now;

		if (event && event->kind != RECORD_EVENT_DEFERRED)
			continue;
		failures += event ? event->count : 1;
		if (failures <= progress->schedule->step_count &&
			is_gap(progress, last, at))
			began = at;
		last = at;
	}
	return began;
}

/* One that failed before, at least a step of the schedule ago; and not so long
 * ago that the machine has slept since, unless the life of the message was over
 * then, too. */
static bool is_second_failure(const struct progress *progress,
	const struct record_event *event, time_t end)
{
	const struct schedule *schedule = progress->schedule;
	time_t ago = progress->now - event->at;

	return event->kind == RECORD_EVENT_DEFERRED &&
	       ago >= schedule_shortest(schedule) &&
	       (event->at >= end || ago <= 2 * schedule_longest(schedule));
}

static bool is_given_up(const struct progress *progress)
{
	const struct record *record = progress->record;
	time_t began = beginning(progress);

	if (!schedule_has_expired(progress->schedule, began, progress->now))
		return false;
	for (size_t i = 0; i < record->event_count; i++)
		if (is_second_failure(progress, &record->events[i],
			    began + progress->schedule->lifetime_s))
			return true;
	return false;
}

/* Not for ever: what was kept for a whole lifetime is refused by us. */
static struct diag expired(const struct progress *progress, struct arena *arena,
	const struct diag *why)
{
	struct buf lifetime = BUF_INIT(64);
	struct diag end;

	duration_put_rough(&lifetime, progress->schedule->lifetime_s);
	diag_set(&end, DIAG_QUEUE_EXPIRED, buf_text(&lifetime),
		words_of(arena, why));
	end.reply_code = why->reply_code;
	buf_free(&lifetime);
	return end;
}

/* An answer that cannot be read may be a yes every time: one more copy is
 * enough. */
static bool was_unreadable(const struct record *record, const struct diag *why)
{
	for (size_t i = 0; i < record->event_count; i++)
		if (why->id == DIAG_SMTP_ANSWER_UNREADABLE &&
			strcmp(record->events[i].name, diag_name(why->id)) == 0)
			return true;
	return false;
}

static struct diag unreadable_again(const struct diag *why)
{
	struct diag end = *why;

	end.exit_code = EX_UNAVAILABLE;
	end.status[0] = '5';
	return end;
}

/* WHY, or, when it is not tried again after it, what is said then. */
static const struct diag *settle(const struct progress *progress,
	struct arena *arena, const struct diag *why)
{
	struct diag end;

	if (why->id == DIAG_NONE || diag_is_final(why))
		return why;
	if (was_unreadable(progress->record, why))
		end = unreadable_again(why);
	else if (is_given_up(progress))
		end = expired(progress, arena, why);
	else
		return why;
	return arena_memdup(arena, &end, sizeof end);
}

static bool settle_verdicts(const struct progress *progress,
	struct arena *arena, struct outcome *outcome)
{
	size_t count = verdict_count(progress);
	struct verdict *verdicts = arena_memdup(
		arena, outcome->verdicts, count * sizeof *verdicts);
	const struct diag *from = NULL, *to = NULL;
	bool is_changed = false;

	outcome->verdicts = verdicts;
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].kind != VERDICT_DEFERRED)
			continue;
		if (verdicts[i].why != from)
			to = settle(progress, arena, verdicts[i].why);
		from = verdicts[i].why;
		if (to == from)
			continue;
		verdicts[i] = (struct verdict){ VERDICT_REFUSED, to };
		is_changed = true;
	}
	return is_changed;
}

bool progress_settle(const struct progress *progress, struct arena *arena,
	struct outcome *outcome)
{
	const struct diag *failure = settle(progress, arena, &outcome->failure);
	bool is_changed = failure != &outcome->failure;

	if (is_changed)
		outcome->failure = *failure;
	if (outcome->verdicts && settle_verdicts(progress, arena, outcome))
		is_changed = true;
	return is_changed;
}

/* ---- who waits for what -------------------------------------------------- */

time_t progress_told_at(const struct record *record)
{
	const struct record_event *last = record_last(record);

	return last ? last->at : 0;
}

static bool is_about_server(const struct record_event *told)
{
	enum diag_scope scope;

	return told && diag_find_scope(told->name, &scope) &&
	       (scope == DIAG_SCOPE_HOST || scope == DIAG_SCOPE_ACCOUNT);
}

bool progress_waits_for_server(const struct record *record)
{
	return is_about_server(record_last(record));
}

bool progress_is_due(const struct record_recipient *recipient, time_t now)
{
	const struct record_event *told = recipient->last;

	return recipient->next <= now || is_about_server(told) ||
	       (told && now < told->at);
}
