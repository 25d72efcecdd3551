/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sendmail door.  The one way through the house, step by step; each step
 * knows only what came before it.
 */
#include <config.h>

#include "base/caller.h"
#include "base/interrupt.h"
#include "base/source.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "cmd/submission.h"
#include "config/choose.h"
#include "config/load.h"
#include "config/show.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

/* Half of the peers end a message at a lone dot, and cut job output short
 * there; we do so for a person at a terminal, and where the profile asks for it
 * by name (the profile that is known without the message). */
static bool lone_dot_ends(struct submission *run)
{
	struct account *account;

	if (run->request->ignore_dot)
		return false;
	return terminal_is(STDIN_FILENO) ||
	       (account_find(&run->config, run->request, NULL, run->arena,
			&account, NULL) &&
		       account->lone_dot == OPTION_LONE_DOT_END);
}

static bool read_stdin(struct submission *run, struct diag *why)
{
	const struct message_params params = {
		.lone_dot_ends = lone_dot_ends(run),
	};
	struct source *source = source_from_fd(STDIN_FILENO);

	run->has_message = message_read(source, &params, &run->message, why);
	source_close(source);
	return run->has_message;
}

/* A caller that is killed while it writes leaves a pipe that ends like any
 * other (DESIGN section 1, promise 2).  Whoever writes a message to its end
 * ends its last line, too, or waits for us, or leaves content. */
static bool check_caller(const struct caller *caller,
	const struct submission *run, struct diag *why)
{
	bool has_no_end = run->message.has_no_end;
	enum caller_end end = caller_feeds(STDIN_FILENO)
				      ? caller_end(caller, has_no_end)
				      : CALLER_LIVES;

	return (end != CALLER_KILLED && !(end == CALLER_ENDED && has_no_end)) ||
	       diag_set(why, DIAG_INPUT_CALLER_DIED);
}

/* Half an address is another address, and gets no mail. */
static bool check_end(const struct submission *run, struct diag *why)
{
	static const char *const names[] = { "To", "Cc", "Bcc", "Resent-To",
		"Resent-Cc", "Resent-Bcc" };
	const struct header *header = &run->message.header;

	if (!run->request->read_recipients || !run->message.head_was_cut ||
		!header->count)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (header_field_is(
			    &header->fields[header->count - 1], names[i]))
			return diag_set(why, DIAG_MESSAGE_CUT, names[i]);
	return true;
}

/* What can be known to fail without the message: then nobody waits for a
 * message on a terminal. */
static bool check_request(const struct cmd_context *context, struct diag *why)
{
	const struct request *request = context->request;

	if (context->stdin_was_closed)
		return diag_set(why, DIAG_INPUT_CLOSED);
	if (!request->read_recipients && !request->operand_count &&
		!request->pretend) {
		diag_set(why, DIAG_USAGE_NO_RECIPIENTS);
		if (request->may_have_meant_t)
			diag_add_hint(why, N_("-oit is -oi alone; for both, "
					      "write -oi -t"));
		return false;
	}
	return true;
}

/* What would be used for this message; nothing is sent or logged. */
static int pretend(struct submission *run)
{
	struct buf text = BUF_INIT(CONFIG_SHOW_LIMIT);
	struct diag why = { .exit_code = EX_OK };
	struct buf sentence = BUF_INIT(4 * DIAG_TEXT_BYTES);

	if (config_load(run->request, run->arena, &run->config, &why) &&
		read_stdin(run, &why) && submission_choose_account(run, &why) &&
		submission_load_aliases(run, &why))
		config_show_account(run->account, &text);
	fputs(buf_text(&text), stdout);
	if (why.exit_code != EX_OK) {
		diag_sentence(&why, true, &sentence);
		fprintf(stderr, "mailchute: %s\n", buf_text(&sentence));
	}
	buf_free(&sentence);
	buf_free(&text);
	submission_free(run);
	return why.exit_code;
}

int cmd_sendmail(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct caller caller;
	struct submission run;
	struct diag *why = &run.outcome.failure;
	int exit_code;

	submission_init(&run, request);
	if (request->pretend && !context->stdin_was_closed)
		return pretend(&run);
	interrupt_hear();
	caller_watch(&caller);
	if (!check_request(context, why) ||
		!config_load(request, run.arena, &run.config, why)) {
		cmd_drain_stdin();
	} else if (read_stdin(&run, why) && check_caller(&caller, &run, why) &&
		   check_end(&run, why) &&
		   submission_choose_account(&run, why) &&
		   submission_load_aliases(&run, why) &&
		   submission_make_envelope(&run, why)) {
		submission_make_edit(&run);
		submission_submit(&run);
	}
	caller_close(&caller);
	/* What failed before there was an account is logged where it would have
	 * been. */
	if (!run.account && run.config.account_count)
		(void)account_choose(&run.config, request, NULL, run.arena,
			&run.account, NULL);
	exit_code = report_outcome(
		&run.outcome, run.account, submission_request(&run));
	submission_free(&run);
	if (exit_code)
		interrupt_end();
	return exit_code;
}
