/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a finished message to an outcome.  Knows when, not how. */
#include <config.h>

#include "deliver/submit.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "deliver/attempt.h"
#include "deliver/budget.h"
#include "deliver/capture.h"
#include "deliver/connection.h"
#include "deliver/credential.h"
#include "deliver/handover.h"
#include "deliver/queue.h"
#include "deliver/route.h"
#include "deliver/suppression.h"
#include "spool/shared.h"

enum plan { PLAN_NOW, PLAN_NOW_THEN_QUEUE, PLAN_QUEUE };

static enum plan make_plan(const struct submit_params *params)
{
	const struct account *account = params->account;

	if (account->queue == OPTION_QUEUE_OFF)
		return PLAN_NOW;
	switch (params->when) {
	case REQUEST_DELIVERY_BACKGROUND:
	case REQUEST_DELIVERY_QUEUE:
		return PLAN_QUEUE;
	case REQUEST_DELIVERY_NOW:
		return PLAN_NOW_THEN_QUEUE;
	case REQUEST_DELIVERY_DEFAULT:
		break;
	}
	return account->queue == OPTION_QUEUE_ALWAYS ? PLAN_QUEUE
						     : PLAN_NOW_THEN_QUEUE;
}

/* ---- now ----------------------------------------------------------------- */

/* What goes out at once is a part of what the server takes in a day. */
static void count_sent(const struct account *account)
{
	struct budget budget;
	struct spool *spool;
	struct diag why;

	if (!account->rate)
		return;
	spool = queue_open(account, true, &why);
	budget_init(&budget, spool, account);
	budget_spend(&budget);
	spool_close(spool);
}

/* Once more with another token, where the first one was refused. */
static void attempt_or_again(const struct connection_params *peer,
	const struct delivery *delivery, struct secret *password,
	struct arena *arena, struct outcome *out)
{
	const struct outcome before = *out;

	attempt_make(peer, delivery, arena, out);
	if (!credential_renew(peer->account, password, &out->failure))
		return;
	*out = before;
	attempt_make(peer, delivery, arena, out);
	/* Not a third time: what the refusal means. */
	(void)credential_renew(peer->account, password, &out->failure);
}

static void send_through(const struct submit_params *params,
	const struct account *account, struct arena *arena, struct outcome *out)
{
	struct secret password = { NULL, 0 };
	const struct connection_params peer = { .account = account,
		.password = &password,
		.debug = params->debug };
	const struct envelope changed = route_envelope(
		params->account, account, params->delivery->envelope, arena);
	struct delivery delivery = *params->delivery;
	bool has_more = false;

	delivery.envelope = arena_memdup(arena, &changed, sizeof changed);
	out->account = account;
	out->envelope = delivery.envelope;
	if (credential_get(account, params->may_ask, &password, &has_more,
		    &out->failure)) {
		attempt_or_again(&peer, &delivery, &password, arena, out);
		credential_report(account, &password, has_more,
			out->came_to_mail, &out->failure);
	}
	if (out->came_to_mail)
		count_sent(account);
	secret_wipe(&password);
}

static size_t count_fallbacks(const struct submit_params *params)
{
	size_t count = 0;

	while (params->fallbacks && params->fallbacks[count])
		count++;
	return count;
}

/* The one of COUNT attempts that says what became of the message, with the
 * others behind it. */
static struct outcome join(struct outcome *tries, size_t count)
{
	size_t decisive = count - 1;
	struct outcome out;

	if (route_may_go_on(&tries[count - 1]))
		decisive = route_decisive(tries, count);
	out = tries[decisive];
	for (size_t i = decisive; i + 1 < count; i++)
		tries[i] = tries[i + 1];
	out.others = tries;
	out.other_count = count - 1;
	return out;
}

static void send_now(const struct submit_params *params, struct arena *arena,
	struct outcome *out)
{
	size_t count = 0, fallbacks = count_fallbacks(params);
	struct outcome *tries =
		arena_alloc(arena, (fallbacks + 1) * sizeof *tries);

	tries[0] = *out;
	send_through(params, params->account, arena, &tries[0]);
	while (count < fallbacks && route_may_go_on(&tries[count])) {
		tries[count].fallback = params->fallbacks[count]->name;
		tries[++count] = *out;
		send_through(params, params->fallbacks[count - 1], arena,
			&tries[count]);
	}
	*out = join(tries, count + 1);
}

/* ---- the queue ----------------------------------------------------------- */

/* A server that takes no long lines may not say that it is about them. */
static void explain_refusal(struct outcome *out)
{
	struct diag *failure = &out->failure;

	if (out->changes & CHANGE_LONG_LINES && failure->reply_code >= 500 &&
		failure->scope == DIAG_SCOPE_MESSAGE)
		diag_add_hint(failure,
			N_("the message has lines over 998 bytes in a part "
			   "that is signed or cannot be encoded, which went "
			   "out as they are: not every server takes them"));
}

/* Only what may pass by itself: a wrong password or a host that is not there
 * is told to whoever is here to correct it, and whoever ends us does not count
 * on the message being sent. */
static bool is_worth_queueing(const struct outcome *out)
{
	if (interrupt_is_there())
		return false;
	if (out->failure.id != DIAG_NONE)
		return diag_is_temporary(&out->failure);
	for (size_t i = 0; i < out->envelope->recipient_count; i++)
		if (out->verdicts[i].kind == VERDICT_DEFERRED)
			return diag_is_temporary(out->verdicts[i].why);
	return false;
}

static bool put_in(const struct submit_params *params, struct spool *spool,
	bool was_tried, bool is_in_doubt, struct outcome *out)
{
	const struct queue_message message = {
		.spool = spool,
		.account = params->account,
		.config_file = params->config_file,
		.is_taken = params->is_taken,
		.is_in_doubt = is_in_doubt,
		.id = out->id,
		.not_before = params->not_before,
		.delivery = params->delivery,
		.outcome = was_tried ? out : NULL,
	};

	return queue_put(&message, &out->next, &out->not_queued);
}

/* What the store that hosts share does not take waits here. */
static bool fall_back(
	const struct submit_params *params, bool was_tried, struct outcome *out)
{
	const struct account *account = params->account;
	bool is_in_doubt = out->not_queued.id == DIAG_STORE_IN_DOUBT;
	struct spool *folder = NULL;
	struct diag why;
	bool is_kept;

	if (handover_is_wanted(account, &out->not_queued))
		folder = handover_open(account, true, &why);
	is_kept = folder && spool_check_lasting(folder, &why) &&
		  put_in(params, folder, was_tried, is_in_doubt, out);
	spool_close(folder);
	return is_kept;
}

/* OUT->not_queued says why when it does not work. */
static void put_in_queue(
	const struct submit_params *params, bool was_tried, struct outcome *out)
{
	const struct account *account = params->account;
	struct diag *why = &out->not_queued;
	struct spool *spool = queue_open(account, true, why);

	out->is_queued = spool && queue_check(account, spool, why) &&
			 hire_find(params->hiring, spool, params->hire, why) &&
			 put_in(params, spool, was_tried, false, out);
	spool_close(spool);
	if (!out->is_queued)
		out->is_queued = fall_back(params, was_tried, out);
	if (!out->is_queued)
		hire_end(params->hire);
}

/* Where it cannot wait it does not go out either. */
static void keep_for_later(
	const struct submit_params *params, struct outcome *out)
{
	if (params->account->queue == OPTION_QUEUE_OFF)
		diag_set(&out->failure, DIAG_SEND_AT_NO_QUEUE,
			params->account->name);
	else
		put_in_queue(params, false, out);
	if (out->not_queued.id != DIAG_NONE)
		out->failure = out->not_queued;
}

/* A store may have it: sent from here as well, it would arrive twice. */
static bool is_in_doubt(struct outcome *out)
{
	if (out->not_queued.id != DIAG_STORE_IN_DOUBT)
		return false;
	out->failure = out->not_queued;
	return true;
}

void submit(const struct submit_params *params, struct arena *arena,
	struct outcome *out)
{
	const struct delivery *delivery = params->delivery;
	enum plan plan = make_plan(params);
	struct diag ignored;

	out->envelope = delivery->envelope;
	out->message_id = delivery->message_id;
	out->size_bytes = delivery->size_bytes;
	if (params->account->capture) {
		(void)capture_write(params->account->capture, out->id, delivery,
			arena, &out->captured, &out->failure);
		return;
	}
	if (params->account->queue_store && !shared_is_built(&out->failure))
		return;
	if (params->not_before) {
		keep_for_later(params, out);
		return;
	}
	if (plan == PLAN_QUEUE)
		put_in_queue(params, false, out);
	if (out->is_queued || is_in_doubt(out))
		return;
	send_now(params, arena, out);
	explain_refusal(out);
	(void)suppression_learn(params->account, out, &ignored);
	if (plan == PLAN_NOW_THEN_QUEUE && is_worth_queueing(out))
		put_in_queue(params, true, out);
}
