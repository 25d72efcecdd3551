/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailchute bounces: who did not get what, from messages that came back. */
#include <config.h>

#include "base/json.h"
#include "base/text.h"
#include "bounce/packed.h"
#include "cmd/cmd.h"
#include "cmd/mailbox.h"
#include "cmd/reader.h"
#include "cmd/report.h"
#include "cmd/returned.h"
#include "cmd/submission.h"
#include "config/load.h"
#include "deliver/known.h"
#include "deliver/sealing.h"
#include "deliver/suppression.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { OUTPUT_LIMIT = 16 * 1024 * 1024, NO_BOUNCE = 1 };

#define VERB_TABLE "cmd/bounces.def"
#include "cmd/words_verb.h"

const struct words_table cmd_bounces_words = {
	.usage = N_("[OPTION]... [FILE|MAILDIR]..."),
	.about =
		N_("Says who did not get which message, and why: from the "
		   "reports that came back, on\nstandard input, in files (a "
		   "message, an mbox) or in Maildirs.  Exit code 0: there was\n"
		   "a bounce or a complaint; 1: none.  Anybody can write such "
		   "a report.\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

/* The list that is filled, and the key that tells our own messages. */
struct filling {
	const char *path;
	struct sealing *sealing;
	struct arena *arena;
	struct diag failure; /* DIAG_NONE: it could be written so far */
};

struct run {
	const struct said *said;
	struct filling filling;
	bool found;         /* a bounce, or a complaint */
	struct diag unread; /* the last one; DIAG_NONE */
};

/* ---- one report ---------------------------------------------------------- */

static bool counts(enum bounce_kind kind)
{
	return kind == BOUNCE_FAILED || kind == BOUNCE_COMPLAINT;
}

/* What to do about it, where the words are known. */
static const struct known *find_known(const struct bounce_recipient *one)
{
	struct buf reply = BUF_INIT(KNOWN_TEXT_BYTES);
	struct known_question asked = { .stages = KNOWN_ENVELOPE };
	const struct known *known;

	/* A table of replies: prose has its meaning, if not its number. */
	buf_printf(&reply, "%u %s ",
		one->code           ? one->code
		: one->is_permanent ? 550
				    : 450,
		one->status);
	buf_puts(&reply, one->text);
	asked.reply = buf_span(&reply);
	known = counts(one->kind) ? known_find(&asked) : NULL;
	buf_free(&reply);
	return known;
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

/* ---- the list ------------------------------------------------------------ */

/* Whom the message went to that came back, if it was ours: the mark in its
 * Message-ID or ENVID says so, and nothing else does. */
static const char *sent_to(
	const struct filling *filling, const struct bounce *bounce)
{
	const char *const places[] = { bounce->message_id,
		bounce->envelope_id };
	struct seal_opened opened;

	for (size_t i = 0; filling->sealing && i < 2; i++)
		if (sealing_find(filling->sealing, SEAL_MESSAGE,
			    span_of(places[i] ? places[i] : ""), filling->arena,
			    &opened))
			return opened.address;
	return NULL;
}

static bool is_for_good(const struct bounce_recipient *one)
{
	if (one->kind == BOUNCE_COMPLAINT)
		return true;
	return one->kind == BOUNCE_FAILED && one->is_permanent &&
	       (one->reason == BOUNCE_REASON_RECIPIENT ||
		       one->reason == BOUNCE_REASON_INACTIVE ||
		       one->reason == BOUNCE_REASON_MOVED);
}

static void suppress(struct filling *filling, const char *address,
	const struct bounce_recipient *one)
{
	struct suppression change = {
		.address = suppression_key(filling->arena, address),
		.since = suppression_now(filling->arena),
		.reason = arena_printf(filling->arena, "%s: %s %s",
			one->kind == BOUNCE_COMPLAINT ? "complaint" : "bounced",
			bounce_reason_name(one->reason), one->status),
	};
	size_t changed;

	(void)suppression_change(
		filling->path, &change, 1, &changed, &filling->failure);
}

/* A message has one recipient when it has a mark: of several reports in one
 * letter, the first that counts. */
static void fill(struct filling *filling, const struct bounce *bounce)
{
	const char *address = sent_to(filling, bounce);

	for (size_t i = 0; address && i < bounce->count; i++)
		if (is_for_good(&bounce->recipients[i])) {
			suppress(filling, address, &bounce->recipients[i]);
			return;
		}
}

static bool open_list(struct run *run, const struct request *request,
	struct submission *of, struct diag *why)
{
	const struct account *account;

	run->filling.arena = of->arena;
	if (!run->said->suppress)
		return true;
	if (!config_load(request, of->arena, &of->config, why) ||
		!submission_choose_account(of, why))
		return false;
	account = of->account;
	run->filling.path = account->suppress;
	if (!account->suppress)
		return diag_set(why, DIAG_SUPPRESS_NONE, account->name);
	return sealing_open(sealing_path(account->unsubscribe_key,
				    account->suppress, of->arena),
		SEALING_THERE, &run->filling.sealing, why);
}

/* ---- telling ------------------------------------------------------------- */

static void put_json(struct buf *out, const struct run *run,
	const struct bounce *bounce, const struct bounce_recipient *one)
{
	const struct known *known = one ? find_known(one) : NULL;
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_text(&json, "kind",
		bounce_kind_name(one ? one->kind : bounce->kind));
	json_text(&json, "recipient", one ? or_null(one->address) : NULL);
	json_text(&json, "original", one ? or_null(one->original) : NULL);
	json_text(&json, "status", one ? or_null(one->status) : NULL);
	if (one && one->code)
		json_number(&json, "code", one->code);
	else
		json_text(&json, "code", NULL);
	json_text(
		&json, "reason", one ? bounce_reason_name(one->reason) : NULL);
	json_bool(&json, "permanent", one && one->is_permanent);
	json_text(&json, "reply", one ? or_null(one->text) : NULL);
	json_text(&json, "known", known ? known->id : NULL);
	json_text(&json, "hint", known ? known->next : NULL);
	json_text(&json, "message_id", or_null(bounce->message_id));
	json_text(&json, "envelope_id", or_null(bounce->envelope_id));
	json_text(&json, "reporter", or_null(bounce->reporter));
	json_text(&json, "returned_to", or_null(bounce->returned_to));
	json_text(&json, "sent_to", sent_to(&run->filling, bounce));
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}

static void put_people(struct buf *out, const struct run *run,
	const struct bounce *bounce, const struct bounce_recipient *one)
{
	if (!one) {
		buf_printf(out, "%s\n", _(returned_kind_text(bounce->kind)));
		return;
	}
	buf_printf(out, "%s: %s", _(returned_kind_text(one->kind)),
		*one->address ? one->address : _("(nobody is named)"));
	if (counts(one->kind))
		buf_printf(out, ": %s", _(bounce_reason_text(one->reason)));
	if (*one->status)
		buf_printf(out, " (%s)", one->status);
	buf_put_byte(out, '\n');
	if (*one->text)
		buf_printf(out, "  %s\n", one->text);
	if (run->said->suppress && is_for_good(one) &&
		!sent_to(&run->filling, bounce))
		buf_printf(out, "  %s\n",
			_("the message was not ours, or had no mark: nobody "
			  "is put on the list"));
}

static void take_bounce(struct run *run, const struct bounce *bounce)
{
	struct buf out = BUF_INIT(OUTPUT_LIMIT);

	for (size_t i = 0; i < bounce->count; i++)
		(run->said->is_json ? put_json : put_people)(
			&out, run, bounce, &bounce->recipients[i]);
	if (!bounce->count)
		(run->said->is_json ? put_json : put_people)(
			&out, run, bounce, NULL);
	run->found = run->found || counts(bounce->kind);
	fill(&run->filling, bounce);
	(void)cmd_print(&out);
}

/* ---- messages ------------------------------------------------------------ */

/* Puts nothing for a message that cannot be read: it is none. */
static bool read_message(void *context, struct buf *out)
{
	const struct span *text = context;
	struct returned returned;

	if (returned_read(*text, &returned)) {
		bounce_put(out, &returned.bounce);
		returned_free(&returned);
	}
	return true;
}

/* One that its reader did not survive keeps nobody from the others. */
static void take_message(void *context, struct span text)
{
	struct run *run = context;
	struct buf said = BUF_INIT(OUTPUT_LIMIT);
	struct arena *arena = arena_new();
	struct bounce bounce;
	struct diag why;

	if (!reader_run(read_message, &text, &said, &why) ||
		(said.length && !bounce_take(buf_span(&said), arena, &bounce) &&
			!diag_set(&why, DIAG_SYSTEM_FAILED, "sandbox")))
		run->unread = why;
	else if (said.length)
		take_bounce(run, &bounce);
	arena_free(arena);
	buf_free(&said);
}

static bool take_all(
	struct run *run, const struct request *request, struct diag *why)
{
	bool is_fine = true;

	if (!request->operand_count)
		return mailbox_walk_fd(STDIN_FILENO, take_message, run, why);
	for (size_t i = 0; i < request->operand_count && is_fine; i++)
		is_fine = mailbox_walk(
			request->operands[i], take_message, run, why);
	return is_fine;
}

int cmd_bounces(const struct cmd_context *context)
{
	struct request request = *context->request;
	struct run run = { .said = context->said };
	struct submission account;
	struct diag why;
	bool is_fine;

	run.filling.failure.id = DIAG_NONE;
	run.unread.id = DIAG_NONE;
	request.operand_count = 0;
	submission_init(&account, &request);
	is_fine = open_list(&run, &request, &account, &why) &&
		  take_all(&run, context->request, &why);
	if (is_fine && run.filling.failure.id != DIAG_NONE) {
		why = run.filling.failure;
		is_fine = false;
	}
	if (is_fine && run.unread.id != DIAG_NONE) {
		why = run.unread;
		is_fine = false;
	}
	sealing_close(run.filling.sealing);
	submission_free(&account);
	if (!is_fine)
		return report_problem(&why);
	return run.found ? EX_OK : NO_BOUNCE;
}
