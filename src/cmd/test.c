/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute test: what the doctor looks at, and then one real message.  Knows
 * neither the checks nor how a message goes its way.
 */
#include <config.h>

#include "base/process.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/doctor.h"
#include "cmd/report.h"
#include "cmd/submission.h"
#include "mail/address.h"

#include <string.h>

enum { TEST_TEXT_LIMIT = 64 * 1024 };

#define VERB_TABLE "cmd/test.def"
#include "cmd/words_verb.h"

const struct words_table cmd_test_words = {
	.usage = N_("[OPTION]... ADDRESS..."),
	.about = N_("Does what 'mailchute doctor' does, and sends one real "
		    "message to ADDRESS, now or\nnot at all.  The exit code is "
		    "that of the first failure.\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_NEEDED,
};

/* Whoever gets it shall know where it comes from. */
static void put_message(const struct submission *run, struct buf *out)
{
	const struct account *account = run->account;
	const char *host = process_host_name(run->arena);

	if (!host || !text_is_ascii(span_of(host)))
		host = "localhost";
	buf_printf(out,
		"Subject: mailchute test from %s\r\n"
		"Auto-Submitted: auto-generated\r\n\r\n"
		"This is a test: somebody on %s has said 'mailchute test'.\r\n"
		"It needs no answer.\r\n\r\n"
		"Id:      %s\r\nAccount: %s\r\n",
		host, host, run->outcome.id, account->name);
	if (!account->socket)
		buf_printf(out, "Server:  %s:%ld\r\n", account->host,
			account->port);
}

static bool read_message(struct submission *run, struct diag *why)
{
	const struct message_params params = { .lone_dot_ends = false };
	struct buf text = BUF_INIT(TEST_TEXT_LIMIT);
	struct source *source;

	put_message(run, &text);
	source = source_from_span(buf_span(&text));
	run->has_message = message_read(source, &params, &run->message, why);
	source_close(source);
	buf_free(&text);
	return run->has_message;
}

/* "root" may be somebody else. */
static void tell_recipients(
	struct findings *found, const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->recipient_count; i++)
		findings_note(found, "test.to", FINDING_OK, N_("it goes to %s"),
			envelope->recipients[i].utf8);
}

static void tell_outcome(struct findings *found, const struct outcome *outcome)
{
	const struct diag *why = outcome_reason(outcome);

	if (why && why->id != DIAG_NONE) {
		findings_fail(found, "test.mail", why);
		return;
	}
	if (outcome->captured)
		findings_note(found, "test.mail", FINDING_WARN,
			N_("'capture': it was not sent, and is %s"),
			outcome->captured);
	else
		findings_note(found, "test.mail", FINDING_OK,
			N_("the server took it: %s"), outcome->reply.reply);
	findings_note(found, "test.id", FINDING_OK,
		N_("look for it there by its Message-ID, %s"),
		outcome->message_id);
}

static bool prepare(struct submission *run, struct diag *why)
{
	return submission_load_aliases(run, why) && read_message(run, why) &&
	       submission_make_envelope(run, why);
}

/* Now or not at all: a test that waits in a queue tells nothing. */
static void send_mail(struct doctor *doctor)
{
	static const struct account *const no_fallbacks[] = { NULL };
	struct request request = *doctor->request;
	struct account account = *doctor->account;
	struct submission run;

	account.queue = OPTION_QUEUE_OFF;
	request.errors = REQUEST_ERRORS_QUIET;
	submission_init(&run, &request);
	run.account = &account;
	run.fallbacks = no_fallbacks;
	if (prepare(&run, &run.outcome.failure)) {
		tell_recipients(doctor->found, &run.envelope);
		submission_make_edit(&run);
		submission_submit(&run);
	}
	(void)report_outcome(&run.outcome, &account, &request);
	tell_outcome(doctor->found, &run.outcome);
	submission_free(&run);
}

/* What is wrong in the DNS does not keep a message from going out. */
static bool may_send(const struct findings *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->items[i].status == FINDING_FAIL &&
			(strncmp(found->items[i].id, "dns.", 4) != 0 ||
				!strcmp(found->items[i].id, "dns.host")))
			return false;
	return true;
}

static bool check_addresses(
	const struct request *request, struct arena *arena, struct diag *why)
{
	for (size_t i = 0; i < request->operand_count; i++) {
		struct span text = span_of(request->operands[i]), offending;
		struct mailbox_list list;
		const char *reason;

		if (!address_list_parse(
			    text, arena, &list, &offending, &reason))
			return diag_set(why, DIAG_ADDRESS_INVALID,
				request->operands[i], reason);
	}
	return true;
}

int cmd_test(const struct cmd_context *context)
{
	const struct said *said = context->said;
	struct findings found = { .arena = context->arena,
		.listener = said->is_json ? NULL : doctor_print };
	struct doctor doctor = { .request = context->request,
		.arena = context->arena,
		.found = &found };
	struct diag why;

	if (!check_addresses(context->request, context->arena, &why))
		return report_problem(&why);
	doctor_look(&doctor);
	if (may_send(&found))
		send_mail(&doctor);
	else
		findings_note(&found, "test.mail", FINDING_SKIP,
			N_("nothing was sent"), NULL);
	doctor_close(&doctor);
	return doctor_report(&found, said->is_json);
}
