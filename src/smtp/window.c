/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several transactions in one flight (RFC 2920, RFC 3030): which of them are
 * under way, and whether another may follow.  Knows no reply.
 */
#include <config.h>

#include "smtp/dialogue_internal.h"

enum { SLOTS = SMTP_SHARED_MESSAGES + 1 };

static size_t newest_slot(const struct smtp_dialogue *dialogue)
{
	return (dialogue->oldest + dialogue->under_way + SLOTS - 1) % SLOTS;
}

struct smtp_delivery *window_newest(const struct smtp_dialogue *dialogue)
{
	return dialogue->window[newest_slot(dialogue)];
}

struct smtp_delivery *window_oldest(const struct smtp_dialogue *dialogue)
{
	return dialogue->under_way ? dialogue->window[dialogue->oldest]
				   : window_newest(dialogue);
}

struct smtp_delivery *window_at(
	const struct smtp_dialogue *dialogue, size_t index)
{
	return dialogue->window[(dialogue->oldest + index) % SLOTS];
}

bool window_is_active(const struct smtp_dialogue *dialogue)
{
	for (size_t i = 0; i < dialogue->under_way; i++)
		if (window_at(dialogue, i)->is_active)
			return true;
	return false;
}

static struct smtp_delivery *delivery_new(const struct smtp_dialogue *dialogue)
{
	struct smtp_delivery *delivery = mem_zalloc(sizeof *delivery);

	delivery->said.last.mask = &dialogue->mask;
	buf_init(&delivery->said.last.text, REPLY_LIMIT);
	buf_init(&delivery->said.skipped, SMTP_SKIPPED_KEPT);
	return delivery;
}

static void delivery_free(struct smtp_delivery *delivery)
{
	if (!delivery)
		return;
	arena_free(delivery->arena);
	buf_free(&delivery->said.last.text);
	buf_free(&delivery->said.skipped);
	mem_free(delivery);
}

void window_init(struct smtp_dialogue *dialogue)
{
	size_t slot = newest_slot(dialogue);

	dialogue->window[slot] = delivery_new(dialogue);
	dialogue->delivery = dialogue->window[slot];
}

void window_free(struct smtp_dialogue *dialogue)
{
	for (size_t i = 0; i < SLOTS; i++)
		delivery_free(dialogue->window[i]);
}

void window_restart(struct smtp_dialogue *dialogue)
{
	dialogue->oldest = newest_slot(dialogue);
	dialogue->under_way = 1;
	dialogue->delivery = window_oldest(dialogue);
}

void window_add(struct smtp_dialogue *dialogue)
{
	size_t slot;

	dialogue->under_way++;
	slot = newest_slot(dialogue);
	if (!dialogue->window[slot])
		dialogue->window[slot] = delivery_new(dialogue);
	dialogue->delivery = dialogue->window[slot];
}

bool window_is_probe(const struct smtp_dialogue *dialogue)
{
	return dialogue->session.sharing == SMTP_SHARING_PROBED &&
	       dialogue->delivery->is_behind && dialogue->queue.count;
}

/* Whether all of it has been said, and others can stand behind it. */
static bool is_said(const struct smtp_delivery *delivery)
{
	return !delivery->is_active ||
	       (delivery->is_shared && delivery->is_dot_queued &&
		       !delivery->is_empty);
}

static bool is_sharing(const struct smtp_dialogue *dialogue)
{
	const struct smtp_delivery *newest = window_newest(dialogue);

	return dialogue->session.sharing == SMTP_SHARING_OPEN ||
	       (dialogue->session.sharing == SMTP_SHARING_PROBED &&
		       !(newest->is_active && newest->is_behind));
}

static bool has_place(const struct smtp_dialogue *dialogue, uint64_t size_bytes)
{
	const struct smtp_queue *queue = &dialogue->queue;
	uint64_t unanswered = dialogue->queued - queue->answered_end;

	return dialogue->under_way < SMTP_SHARED_MESSAGES &&
	       (!queue->count ||
		       (!queue->is_draining && size_bytes < SMTP_BODY_PIECE &&
			       unanswered + size_bytes <= SMTP_SHARED_BYTES));
}

static bool is_session_spent(const struct smtp_dialogue *dialogue)
{
	const struct smtp_session *session = &dialogue->session;

	return session->is_over || session->is_finishing ||
	       session->is_closing || session->is_full ||
	       (session->ehlo.mail_max &&
		       session->mails >= session->ehlo.mail_max);
}

bool smtp_dialogue_may_follow(
	const struct smtp_dialogue *dialogue, uint64_t size_bytes)
{
	return dialogue->session.stage == SESSION_OPEN &&
	       dialogue->authentication.stage == AUTHENTICATION_DONE &&
	       dialogue->session.ehlo.has[EHLO_PIPELINING] &&
	       !is_session_spent(dialogue) && is_sharing(dialogue) &&
	       is_said(window_newest(dialogue)) &&
	       has_place(dialogue, size_bytes);
}

void smtp_dialogue_share(struct smtp_dialogue *dialogue, bool is_known)
{
	if (dialogue->params.is_lmtp ||
		dialogue->session.sharing != SMTP_SHARING_OFF)
		return;
	dialogue->session.sharing =
		is_known ? SMTP_SHARING_OPEN : SMTP_SHARING_PROBED;
	if (dialogue->session.is_one_by_one)
		dialogue->session.sharing = SMTP_SHARING_REFUSED;
	dialogue->queue.limit_bytes = SMTP_SHARED_BYTES;
}

enum smtp_sharing smtp_dialogue_sharing(const struct smtp_dialogue *dialogue)
{
	return dialogue->session.sharing;
}

void smtp_dialogue_taken(struct smtp_dialogue *dialogue)
{
	if (!dialogue->under_way)
		return;
	dialogue->oldest = (dialogue->oldest + 1) % SLOTS;
	dialogue->under_way--;
}
