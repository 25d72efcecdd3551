/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits in a queue, by lane.  Does not know how it is sent. */
#include <config.h>

#include "deliver/waiting.h"

#include "base/mem.h"
#include "deliver/crew.h"
#include "deliver/lane.h"
#include "deliver/progress.h"
#include "deliver/reach.h"

#include <search.h>
#include <stdio.h>
#include <string.h>

enum { KEY_LIMIT = 1024 * 1024 };

_Static_assert((int)WAITING_BATCH <= CREW_ENTRIES, "a batch is a crew's");

/* ---- orders -------------------------------------------------------------- */

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* What tells the account of an entry from another's: entries with the same key
 * can share a connection. */
static void put_key(struct buf *out, const struct record *record)
{
	buf_printf(out, "%s%s\n%s\n", record->is_taken ? "taken " : "",
		text_or_empty(record->config), text_or_empty(record->account));
	for (size_t i = 0; i < record->setting_count; i++)
		buf_printf(out, "%s %s\n", record->settings[i].keyword,
			text_or_empty(record->settings[i].value));
}

/* What tells the server and the user of an entry from another's: what they
 * allow
 * ('max_connections') is for all entries with the same. */
static void put_peer(struct buf *out, const struct record *record)
{
	static const char *const keywords[] = { "host", "port", "socket",
		"user" };

	buf_printf(out, "%s%s\n%s\n", record->is_taken ? "taken " : "",
		text_or_empty(record->config), text_or_empty(record->account));
	for (size_t i = 0; !record->is_taken && i < record->setting_count; i++)
		for (size_t j = 0; j < sizeof keywords / sizeof *keywords; j++)
			if (strcmp(record->settings[i].keyword, keywords[j]) ==
				0)
				buf_printf(out, "%s %s\n", keywords[j],
					text_or_empty(
						record->settings[i].value));
}

static int compare_ids(const void *a, const void *b)
{
	const struct waiting_item *one = a, *two = b;

	return strcmp(one->id, two->id);
}

/* Ids begin with a time. */
static int compare_turns(const void *a, const void *b)
{
	const struct waiting_item *one = a, *two = b;

	if (one->is_offender != two->is_offender)
		return one->is_offender ? 1 : -1;
	return strcmp(one->id, two->id);
}

static int compare_times(const void *a, const void *b)
{
	const struct waiting_item *one = a, *two = b;

	return (one->next > two->next) - (one->next < two->next);
}

/* ---- lanes --------------------------------------------------------------- */

static char *peer_of(const struct record *record)
{
	struct buf peer = BUF_INIT(KEY_LIMIT);
	char *copy;

	put_peer(&peer, record);
	copy = mem_strdup(buf_text(&peer));
	buf_free(&peer);
	return copy;
}

static struct waiting_lane *new_lane(
	struct waiting *waiting, const char *key, const struct record *record)
{
	struct crew *crew = crew_new();
	struct waiting_lane *lane;

	if (!crew)
		return NULL;
	waiting->lanes = mem_array(waiting->lanes, waiting->lane_count + 1,
		sizeof(struct waiting_lane *));
	lane = mem_zalloc(sizeof *lane);
	lane->key = mem_strdup(key);
	lane->peer = peer_of(record);
	lane->by_time = (struct heap){ .compare = compare_times,
		.place = offsetof(struct waiting_item, by_time) };
	lane->by_turn = (struct heap){ .compare = compare_turns,
		.place = offsetof(struct waiting_item, by_turn) };
	lane->crew = crew;
	waiting->lanes[waiting->lane_count++] = lane;
	return lane;
}

static struct waiting_lane *find_lane(
	struct waiting *waiting, const struct record *record)
{
	struct buf key = BUF_INIT(KEY_LIMIT);
	struct waiting_lane *lane = NULL;

	put_key(&key, record);
	for (size_t i = 0; i < waiting->lane_count && !lane; i++)
		if (strcmp(waiting->lanes[i]->key, buf_text(&key)) == 0)
			lane = waiting->lanes[i];
	if (!lane)
		lane = new_lane(waiting, buf_text(&key), record);
	buf_free(&key);
	return lane;
}

static void free_lane(struct waiting_lane *lane)
{
	crew_free(lane->crew);
	heap_free(&lane->by_time);
	heap_free(&lane->by_turn);
	mem_free(lane->key);
	mem_free(lane->peer);
	mem_free(lane);
}

void waiting_forget_lanes(struct waiting *waiting, int64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < waiting->lane_count; i++) {
		struct waiting_lane *lane = waiting->lanes[i];

		if (lane->items || lane->child || lane->not_before_ms > now_ms)
			waiting->lanes[kept++] = lane;
		else
			free_lane(lane);
	}
	waiting->lane_count = kept;
}

/* ---- entries ------------------------------------------------------------- */

bool waiting_item_is_due(const struct waiting_item *item, time_t now)
{
	return item->next <= now || now < item->at;
}

/* Before what orders it is changed. */
static void unsettle(struct waiting_item *item)
{
	heap_take(&item->lane->by_time, item);
	heap_take(&item->lane->by_turn, item);
	item->lane->due -= item->is_due;
	item->is_due = false;
}

static void settle(
	const struct waiting *waiting, struct waiting_item *item, time_t now)
{
	unsettle(item);
	if (item->is_held || item->is_running ||
		(waiting->is_once && item->was_tried))
		return;
	item->is_due = item->not_before <= now &&
		       (waiting->is_forced || waiting_item_is_due(item, now));
	item->lane->due += item->is_due;
	if (!item->is_due)
		heap_put(&item->lane->by_time, item);
	if (item->is_due || item->waits_for_server)
		heap_put(&item->lane->by_turn, item);
}

struct waiting_item *waiting_find(const struct waiting *waiting, const char *id)
{
	struct waiting_item wanted;
	struct waiting_item **found;

	snprintf(wanted.id, sizeof wanted.id, "%s", id);
	found = tfind(&wanted, &waiting->ids, compare_ids);
	return found ? *found : NULL;
}

static struct waiting_item *new_item(
	struct waiting *waiting, const char *id, struct waiting_lane *lane)
{
	struct waiting_item *item = mem_zalloc(sizeof *item);

	snprintf(item->id, sizeof item->id, "%s", id);
	if (!tsearch(item, &waiting->ids, compare_ids)) {
		mem_free(item);
		return NULL;
	}
	item->lane = lane;
	lane->items++;
	waiting->active++;
	return item;
}

/* "net.unreachable", "net.name-timeout" … */
static bool waits_for_network(const struct record *record)
{
	for (size_t i = 0; i < record->recipient_count; i++) {
		const struct record_event *last = record->recipients[i].last;

		if (record->recipients[i].state == RECORD_WAITING && last &&
			last->name &&
			span_starts_with(span_of(last->name), SPAN("net.")))
			return true;
	}
	return false;
}

static void set_item(struct waiting *waiting, struct waiting_item *item,
	const struct record *record, time_t now)
{
	waiting->active += item->is_held;
	waiting->active -= record->is_held;
	item->is_held = record->is_held;
	item->next = record_next(record);
	item->not_before = record->not_before;
	item->at = progress_told_at(record);
	item->waits_for_server = progress_waits_for_server(record);
	item->waits_for_network = waits_for_network(record);
	item->is_offender = reach_is_offender(record);
	settle(waiting, item, now);
}

static void move_item(struct waiting_item *item, struct waiting_lane *lane)
{
	unsettle(item);
	item->lane->items--;
	lane->items++;
	item->lane = lane;
}

bool waiting_put(struct waiting *waiting, const char *id,
	const struct record *record, time_t now)
{
	struct waiting_lane *lane = find_lane(waiting, record);
	struct waiting_item *item = waiting_find(waiting, id);

	if (!lane && item)
		lane = item->lane;
	if (!item && lane)
		item = new_item(waiting, id, lane);
	if (!item)
		return false;
	move_item(item, lane);
	set_item(waiting, item, record, now);
	return true;
}

void waiting_forget(struct waiting *waiting, struct waiting_item *item)
{
	unsettle(item);
	item->lane->items--;
	waiting->active -= !item->is_held;
	(void)tdelete(item, &waiting->ids, compare_ids);
	mem_free(item);
}

void waiting_delay(const struct waiting *waiting, struct waiting_item *item,
	time_t now, time_t next)
{
	unsettle(item);
	item->at = now;
	item->next = next;
	settle(waiting, item, now);
}

void waiting_free(struct waiting *waiting)
{
	while (waiting->ids)
		waiting_forget(waiting, *(struct waiting_item **)waiting->ids);
	for (size_t i = 0; i < waiting->lane_count; i++)
		free_lane(waiting->lanes[i]);
	mem_free(waiting->lanes);
	*waiting = (struct waiting){ .now = 0 };
}

/* ---- whose turn ---------------------------------------------------------- */

/* Those that are not due, in an array of its own: NULL when there are none. */
static struct waiting_item **undue(
	const struct waiting_lane *lane, size_t *count)
{
	struct waiting_item **items;

	*count = lane->by_time.count;
	if (!*count)
		return NULL;
	items = mem_array(NULL, *count, sizeof *items);
	memcpy(items, lane->by_time.items, *count * sizeof *items);
	return items;
}

/* All are looked at again: the clock was set back. */
static void settle_all(const struct waiting *waiting, struct waiting_lane *lane)
{
	size_t count;
	struct waiting_item **items = undue(lane, &count);

	for (size_t i = 0; i < count; i++)
		settle(waiting, items[i], waiting->now);
	mem_free(items);
}

bool waiting_hurry(
	const struct waiting *waiting, struct waiting_lane *lane, time_t now)
{
	size_t count;
	struct waiting_item **items = undue(lane, &count);
	bool is_any = false;

	for (size_t i = 0; i < count; i++) {
		if (!items[i]->waits_for_network)
			continue;
		waiting_delay(waiting, items[i], now, now);
		is_any = true;
	}
	mem_free(items);
	return is_any;
}

void waiting_tick(struct waiting *waiting, time_t now)
{
	bool is_set_back = now < waiting->now;
	struct waiting_item *item;

	waiting->now = now;
	for (size_t i = 0; i < waiting->lane_count; i++) {
		struct waiting_lane *lane = waiting->lanes[i];

		if (is_set_back)
			settle_all(waiting, lane);
		while ((item = heap_first(&lane->by_time)) && item->next <= now)
			settle(waiting, item, now);
	}
}

const struct waiting_item *waiting_first(const struct waiting_lane *lane)
{
	return lane->due ? heap_first(&lane->by_turn) : NULL;
}

void waiting_fill(const struct waiting *waiting, struct waiting_lane *lane)
{
	struct waiting_item *item;

	while (lane->batch_count < WAITING_BATCH &&
		(item = heap_first(&lane->by_turn))) {
		lane->batch[lane->batch_count++] = item;
		item->is_running = true;
		settle(waiting, item, waiting->now);
	}
}

void waiting_empty(const struct waiting *waiting, struct waiting_lane *lane)
{
	size_t count = lane->batch_count;

	lane->batch_count = 0;
	for (size_t i = 0; i < count; i++) {
		lane->batch[i]->is_running = false;
		settle(waiting, lane->batch[i], waiting->now);
	}
}

bool waiting_next(const struct waiting_lane *lane, time_t now, time_t *next)
{
	const struct waiting_item *item = heap_first(&lane->by_time);

	if (lane->due)
		*next = now;
	else if (item)
		*next = item->next;
	return lane->due || item;
}
