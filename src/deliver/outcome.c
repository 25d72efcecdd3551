/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of a message, said three ways.  Knows no network and no file. */
#include <config.h>

#include "deliver/outcome.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/exits.h"
#include "base/failure.h"
#include "base/random.h"
#include "base/text.h"

#include <inttypes.h>
#include <sysexits.h>

enum {
	ID_TIME = 9, /* letters: 1024 ticks a second, until the year 3058 */
	JSON_RECIPIENTS = 100,  /* of a log line; the number is there too */
	LOG_VALUE_BYTES = 2000, /* a reply or an error in the log */
	LOG_RECIPIENTS_BYTES = 16 * 1024
};

void outcome_init(struct outcome *outcome)
{
	*outcome = (struct outcome)OUTCOME_INIT;
}

void outcome_make_id(struct outcome *outcome)
{
	static const char letters[] = TEXT_ID_LETTERS;
	uint64_t ms = (uint64_t)clock_wall_ms();
	uint64_t ticks = ms / 1000 * 1024 + ms % 1000 * 1024 / 1000;
	unsigned char random[OUTCOME_ID_BYTES - 1 - ID_TIME];

	random_bytes(random, sizeof random);
	for (size_t i = 0; i < ID_TIME; i++)
		outcome->id[i] = letters[ticks >> (5 * (ID_TIME - 1 - i)) & 31];
	for (size_t i = 0; i < sizeof random; i++)
		outcome->id[ID_TIME + i] = letters[random[i] & 31];
	outcome->id[OUTCOME_ID_BYTES - 1] = '\0';
}

static const struct diag *first_of(
	const struct outcome *outcome, enum verdict_kind kind)
{
	/* Nothing was tried: it went straight into the queue. */
	if (!outcome->verdicts)
		return NULL;
	for (size_t i = 0; i < outcome->envelope->recipient_count; i++)
		if (outcome->verdicts[i].kind == kind)
			return outcome->verdicts[i].why;
	return NULL;
}

const struct diag *outcome_delay(const struct outcome *outcome)
{
	if (!outcome->is_queued)
		return NULL;
	if (outcome->failure.id != DIAG_NONE)
		return &outcome->failure;
	return first_of(outcome, VERDICT_DEFERRED);
}

/* Who was named and never was a recipient. */
static const struct diag *first_fault(const struct outcome *outcome)
{
	return outcome->envelope && outcome->envelope->fault_count
		       ? &outcome->envelope->faults[0].why
		       : NULL;
}

static const struct diag *reason_of_recipients(const struct outcome *outcome)
{
	const struct diag *why;

	if (outcome->is_queued)
		return outcome->failure.id == DIAG_NONE
			       ? first_of(outcome, VERDICT_REFUSED)
			       : NULL;
	if (outcome->failure.id != DIAG_NONE)
		return &outcome->failure;
	why = first_of(outcome, VERDICT_DEFERRED);
	return why ? why : first_of(outcome, VERDICT_REFUSED);
}

const struct diag *outcome_reason(const struct outcome *outcome)
{
	const struct diag *why = reason_of_recipients(outcome);

	return why ? why : first_fault(outcome);
}

bool outcome_is_safe(const struct outcome *outcome, size_t recipient)
{
	enum verdict_kind kind = outcome->verdicts
					 ? outcome->verdicts[recipient].kind
					 : VERDICT_UNKNOWN;

	return outcome->captured || kind == VERDICT_DELIVERED ||
	       (outcome->is_queued && kind != VERDICT_REFUSED);
}

int outcome_exit_code(
	const struct outcome *outcome, const struct account *account)
{
	const struct diag *why = outcome_reason(outcome);

	if (!why)
		return EX_OK;
	if (why->exit_code == EX_TEMPFAIL && account && account->tempfail_exit)
		return (int)account->tempfail_exit;
	return why->exit_code;
}

/* One line: who speaks, for which account, what went wrong. */
static void put_sentence(
	struct buf *out, const struct diag *why, const struct account *account)
{
	buf_puts(out, "mailchute: ");
	if (account && why->scope != DIAG_SCOPE_MESSAGE &&
		why->scope != DIAG_SCOPE_RECIPIENT) {
		buf_printf(out, _("account %s"), account->name);
		buf_puts(out, ": ");
	}
	diag_sentence(why, true, out);
	buf_put_byte(out, '\n');
}

static void put_faults(struct buf *out, const struct outcome *outcome,
	const struct account *account)
{
	const struct envelope *envelope = outcome->envelope;

	for (size_t i = 0; envelope && i < envelope->fault_count; i++)
		put_sentence(out, &envelope->faults[i].why, account);
}

static void put_verdicts(struct buf *out, const struct outcome *outcome,
	const struct account *account)
{
	const struct diag *last = first_fault(outcome);
	size_t delivered = 0, count = outcome->envelope->recipient_count;

	for (size_t i = 0; outcome->verdicts && i < count; i++) {
		const struct diag *why = outcome->verdicts[i].why;

		delivered += outcome->verdicts[i].kind == VERDICT_DELIVERED;
		if (outcome->verdicts[i].kind == VERDICT_DELIVERED ||
			(outcome->is_queued &&
				outcome->verdicts[i].kind == VERDICT_DEFERRED))
			continue;
		/* One refusal of the whole message is said once. */
		if (why != last)
			put_sentence(out, why, account);
		last = why;
	}
	if (!delivered || !last)
		return;
	buf_puts(out, "mailchute: ");
	buf_printf(out,
		ngettext_("the server took the message for the %zu other "
			  "recipient",
			"the server took the message for the %zu other "
			"recipients",
			delivered),
		delivered);
	buf_put_byte(out, '\n');
}

static void put_wait(struct buf *out, time_t next)
{
	time_t now = clock_wall();

	duration_put_rough(out, next > now ? (long)(next - now) : 0);
}

/* A line each with what is wrong and what to do, as far as that is known. */
static void put_advice(struct buf *out, const struct diag *why)
{
	struct buf text = BUF_INIT(DIAG_TEXT_BYTES);

	if (diag_cause(why, &text))
		buf_printf(out, "mailchute: %s\n", buf_text(&text));
	buf_clear(&text);
	if (diag_hint(why, &text))
		buf_printf(out, "mailchute: %s\n", buf_text(&text));
	buf_free(&text);
}

void outcome_put_queued(struct buf *out, const struct outcome *outcome)
{
	const struct diag *why = outcome_delay(outcome);
	struct buf reason = BUF_INIT(2 * DIAG_TEXT_BYTES);
	struct buf wait = BUF_INIT(64);

	if (!outcome->is_queued)
		return;
	buf_puts(out, "mailchute: ");
	if (why) {
		diag_sentence(why, true, &reason);
		put_wait(&wait, outcome->next);
		buf_printf(out, _("queued as %s (%s), next try in %s"),
			outcome->id, buf_text(&reason), buf_text(&wait));
	} else {
		buf_printf(out, _("queued as %s"), outcome->id);
	}
	buf_put_byte(out, '\n');
	if (why)
		put_advice(out, why);
	buf_free(&reason);
	buf_free(&wait);
}

void outcome_put_captured(struct buf *out, const struct outcome *outcome)
{
	if (!outcome->captured)
		return;
	buf_puts(out, "mailchute: ");
	buf_printf(out, _("captured in %s, and not sent"), outcome->captured);
	buf_put_byte(out, '\n');
}

void outcome_put_sentences(struct buf *out, const struct outcome *outcome,
	const struct account *account)
{
	const struct diag *why = outcome_reason(outcome);

	if (!why)
		return;
	put_faults(out, outcome, account);
	if (outcome->failure.id == DIAG_NONE)
		put_verdicts(out, outcome, account);
	else if (why == &outcome->failure)
		put_sentence(out, why, account);
	put_advice(out, why);
	if (outcome->not_queued.id != DIAG_NONE) {
		buf_puts(out, "mailchute: ");
		buf_puts(out, _("it is not in the queue either"));
		buf_puts(out, ": ");
		diag_sentence(&outcome->not_queued, true, out);
		buf_put_byte(out, '\n');
	}
}

void outcome_put_warnings(struct buf *out, const struct outcome *outcome)
{
	if (outcome->suppressed.id == DIAG_NONE)
		return;
	put_sentence(out, &outcome->suppressed, NULL);
	put_advice(out, &outcome->suppressed);
}

/* An address is what its writer likes, and so are a name and a Message-ID; one
 * that could be taken for the next key is quoted. */
static void put_address(struct buf *out, const char *key, const char *value)
{
	if (strpbrk(value, " \t\"'\\"))
		text_put_quoted(out, key, span_of(value));
	else
		buf_printf(out, " %s=%s", key, value);
}

static void put_recipients(struct buf *out, const struct envelope *envelope)
{
	struct buf list = BUF_INIT(LOG_RECIPIENTS_BYTES);
	size_t shown = 0;

	for (; shown < envelope->recipient_count; shown++)
		if (!buf_printf(&list, "%s%s", shown ? "," : "",
			    envelope->recipients[shown].utf8))
			break;
	put_address(out, "from", envelope->sender.utf8);
	put_address(out, "recipients", buf_text(&list));
	if (shown < envelope->recipient_count)
		buf_printf(out, ",+%zu", envelope->recipient_count - shown);
	buf_free(&list);
}

static void put_account(struct buf *out, const struct account *account)
{
	if (account->socket)
		buf_printf(out, "socket=%s", account->socket);
	else
		buf_printf(out, "host=%s", account->host ? account->host : "");
	buf_printf(out, " tls=%s auth=%s", account->tls ? "on" : "off",
		account->auth ? "on" : "off");
	if (account->auth && account->user)
		put_address(out, "user", account->user);
}

static void put_ours(struct buf *out, const struct outcome *outcome,
	const struct account *account, const struct diag *why)
{
	if (outcome->id[0])
		buf_printf(out, " id=%s", outcome->id);
	if (account)
		put_address(out, "account", account->name);
	if (why)
		buf_printf(out, " diag=%s", diag_name(why->id));
	if (why && why->reason)
		buf_printf(out, " reason=%s", why->reason);
	if (why && why->known)
		buf_printf(out, " known=%s", why->known);
	if (why)
		buf_printf(out, " status=%s", why->status);
	else if (outcome->suppressed.id != DIAG_NONE)
		buf_puts(out, " status=suppressed");
	else if (outcome->reply.status[0])
		buf_printf(out, " status=%s", outcome->reply.status);
	if (outcome->changes) {
		buf_puts(out, " content=");
		change_put(out, outcome->changes);
	}
	if (outcome->is_queued)
		buf_puts(out, " queued=yes");
	if (outcome->captured)
		text_put_quoted(out, "captured", span_of(outcome->captured));
	if (outcome->skipped)
		text_put_quoted(out, "skipped", span_of(outcome->skipped));
	if (outcome->suppressed.id != DIAG_NONE)
		text_put_quoted(
			out, "suppressed", span_of(outcome->suppressed.reply));
	if (outcome->fallback)
		buf_printf(out, " fallback=%s", outcome->fallback);
	if (outcome->tries)
		buf_printf(out, " try=%lu", outcome->tries);
	if (outcome->next)
		buf_printf(out, " next=%" PRId64, (int64_t)outcome->next);
	if (outcome->tls_version)
		buf_printf(out, " tlsver=%s", outcome->tls_version);
	if (outcome->mechanism)
		buf_printf(out, " mech=%s", outcome->mechanism);
	if (outcome->message_id[0])
		put_address(out, "msgid", outcome->message_id);
	buf_printf(out, " ms=%" PRId64, outcome->elapsed_ms);
}

/* Those whom the line does not name otherwise. */
static void put_other_faults(
	struct buf *out, const struct outcome *outcome, const struct diag *told)
{
	const struct envelope *envelope = outcome->envelope;

	for (size_t i = 0; envelope && i < envelope->fault_count; i++) {
		const struct diag *why = &envelope->faults[i].why;

		if (why == told)
			continue;
		buf_puts(out, "; ");
		diag_sentence(why, false, out);
	}
}

void outcome_put_log(struct buf *out, const struct outcome *outcome,
	const struct account *account)
{
	const struct diag *delay = outcome_delay(outcome);
	const struct diag *why = delay ? delay : outcome_reason(outcome);
	const struct diag *reply =
		why && why->reply_code ? why : &outcome->reply;
	struct buf line = BUF_INIT(2 * LOG_RECIPIENTS_BYTES);
	struct buf error = BUF_INIT(LOG_RECIPIENTS_BYTES);

	if (account)
		put_account(&line, account);
	if (outcome->envelope)
		put_recipients(&line, outcome->envelope);
	if (!why)
		buf_printf(&line, " mailsize=%" PRIu64, outcome->size_bytes);
	if (reply->reply_code) {
		buf_printf(&line, " smtpstatus=%u", reply->reply_code);
		text_put_quoted(&line, "smtpmsg", span_of(reply->reply));
	}
	if (why) {
		diag_sentence(why, false, &error);
		put_other_faults(&error, outcome, why);
		text_put_quoted(&line, "errormsg", buf_span(&error));
	}
	buf_printf(&line, " exitcode=%s",
		exits_name(outcome_exit_code(outcome, account)));
	put_ours(&line, outcome, account, why);
	text_put_printable(out, span_trim(buf_span(&line)));
	buf_free(&error);
	buf_free(&line);
}

/* ---- the log as JSON ------------------------------------------------------
 */

/* RFC 3339, in UTC. */
static void json_time(struct json *json, const char *key, time_t when)
{
	struct tm broken_down;
	char text[32] = "";

	if (gmtime_r(&when, &broken_down))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &broken_down);
	json_text(json, key, text);
}

static void json_text_if(struct json *json, const char *key, const char *text)
{
	if (text && *text)
		json_text(json, key, text);
}

/* The vocabulary of all JSON, beside msmtp's names of the same. */
static void json_diag(struct json *json, const struct diag *why, int exit_code)
{
	struct buf sentence = BUF_INIT(2 * DIAG_TEXT_BYTES);

	failure_put_diag(json, why, exit_code);
	diag_sentence(why, false, &sentence);
	json_text(json, "errormsg", buf_text(&sentence));
	json_text_if(json, "known", why->known);
	buf_free(&sentence);
}

static void json_reply(struct json *json, const struct diag *reply)
{
	if (!reply || !reply->reply_code)
		return;
	json_number(json, "smtpstatus", reply->reply_code);
	json_text(json, "smtpmsg", reply->reply);
}

static void json_account(struct json *json, const struct account *account)
{
	json_text(json, "account", account->name);
	json_text_if(json, "socket", account->socket);
	json_text_if(json, "host", account->host);
	json_bool(json, "tls", account->tls);
	json_bool(json, "auth", account->auth != OPTION_AUTH_OFF);
	json_text_if(json, "user", account->user);
}

static void json_recipient(
	struct json *json, const char *address, const struct verdict *verdict)
{
	static const char *const words[] = { [VERDICT_UNKNOWN] = "unknown",
		[VERDICT_DELIVERED] = "delivered",
		[VERDICT_DEFERRED] = "deferred",
		[VERDICT_REFUSED] = "refused" };

	json_begin(json, NULL, '{');
	json_text(json, "address", address);
	json_text(json, "verdict",
		words[verdict ? verdict->kind : VERDICT_UNKNOWN]);
	if (verdict && verdict->why) {
		json_reply(json, verdict->why);
		json_diag(json, verdict->why, verdict->why->exit_code);
	}
	json_end(json, '}');
}

static void json_recipients(struct json *json, const struct outcome *outcome)
{
	const struct envelope *envelope = outcome->envelope;
	size_t shown = envelope->recipient_count;

	if (shown > JSON_RECIPIENTS)
		shown = JSON_RECIPIENTS;
	json_text(json, "from", envelope->sender.utf8);
	json_number(
		json, "recipient_count", (int64_t)envelope->recipient_count);
	json_begin(json, "recipients", '[');
	for (size_t i = 0; i < shown; i++)
		json_recipient(json, envelope->recipients[i].utf8,
			outcome->verdicts ? &outcome->verdicts[i] : NULL);
	for (size_t i = 0; i < envelope->fault_count && i < JSON_RECIPIENTS;
		i++) {
		const struct verdict refused = { VERDICT_REFUSED,
			&envelope->faults[i].why };

		json_recipient(json, envelope->faults[i].text, &refused);
	}
	json_end(json, ']');
}

static void json_changes(struct json *json, unsigned changes)
{
	struct buf words = BUF_INIT(LOG_VALUE_BYTES);

	change_put(&words, changes);
	json_text_if(json, "content", buf_text(&words));
	buf_free(&words);
}

void outcome_begin_json(struct json *json, const struct outcome *outcome,
	const struct account *account, time_t now)
{
	const struct diag *delay = outcome_delay(outcome);
	const struct diag *why = delay ? delay : outcome_reason(outcome);
	int exit_code = outcome_exit_code(outcome, account);

	json_begin(json, NULL, '{');
	json_time(json, "time", now);
	json_text_if(json, "id", outcome->id);
	if (account)
		json_account(json, account);
	if (outcome->envelope)
		json_recipients(json, outcome);
	json_number(json, "mailsize", (int64_t)outcome->size_bytes);
	json_reply(json, why && why->reply_code ? why : &outcome->reply);
	if (why) {
		json_diag(json, why, exit_code);
	} else {
		json_number(json, "exit_code", exit_code);
		json_text_if(json, "reply", outcome->reply.reply);
	}
	json_number(json, "exitcode", exit_code);
	json_changes(json, outcome->changes);
	json_bool(json, "queued", outcome->is_queued);
	json_text_if(json, "captured", outcome->captured);
	if (outcome->skipped)
		json_text(json, "skipped", outcome->skipped);
	if (outcome->suppressed.id != DIAG_NONE) {
		if (!why)
			json_text(json, "status", "suppressed");
		json_text(json, "suppressed", outcome->suppressed.reply);
	}
	json_text_if(json, "fallback", outcome->fallback);
	if (outcome->tries)
		json_number(json, "try", (int64_t)outcome->tries);
	if (outcome->next)
		json_time(json, "next", outcome->next);
	json_text_if(json, "tlsver", outcome->tls_version);
	json_text_if(json, "mech", outcome->mechanism);
	json_text_if(json, "msgid", outcome->message_id);
	json_number(json, "ms", outcome->elapsed_ms);
}
