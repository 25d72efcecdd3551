/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a password comes from.  Knows nothing of mechanisms. */
#include <config.h>

#include "auth/password.h"

#include "auth/netrc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "base/terminal.h"
#include "base/text.h"

#include <stdio.h>

static bool check_nul(const struct password_params *params, struct span found,
	struct diag *why)
{
	return span_find(found, '\0') == found.length ||
	       diag_set(why, DIAG_SECRET_INVALID, params->account,
		       DIAG_WORDS N_("it holds a NUL byte"));
}

static bool from_profile(const struct password_params *params,
	struct secret *out, struct diag *why)
{
	if (!check_nul(params, secret_span(params->password), why))
		return false;
	secret_set(out, params->password->bytes, params->password->length);
	return true;
}

/* What a command ended with, other than success. */
static bool explain_end(const struct password_params *params,
	const struct process_result *result, struct diag *why)
{
	char text[80];

	if (result->timed_out) {
		snprintf(text, sizeof text, "%d", PASSWORD_COMMAND_TIMEOUT_S);
		return diag_set(why, DIAG_SECRET_COMMAND_TIMEOUT,
			params->account, text);
	}
	if (result->overflowed)
		snprintf(text, sizeof text, "%s%d",
			DIAG_WORDS N_("it printed more than %s bytes")
				DIAG_NEXT,
			PASSWORD_LIMIT);
	else if (result->exit_status == 127)
		snprintf(text, sizeof text, "%s",
			DIAG_WORDS N_("it was not found"));
	else if (result->exit_status > 128)
		snprintf(text, sizeof text, "%s%d",
			DIAG_WORDS N_("it was killed by signal %s") DIAG_NEXT,
			result->exit_status - 128);
	else
		snprintf(text, sizeof text, "%s%d",
			DIAG_WORDS N_("its exit status is %s") DIAG_NEXT,
			result->exit_status);
	return diag_set(why, DIAG_SECRET_COMMAND_FAILED, params->account, text);
}

/* The first line counts: many helpers print more below the password. */
static bool take_first_line(const struct password_params *params,
	struct span printed, struct secret *out, struct diag *why)
{
	struct span line = span_cut(&printed, '\n');

	if (line.length && line.at[line.length - 1] == '\r')
		line.length--;
	if (!line.length)
		return diag_set(
			why, DIAG_SECRET_COMMAND_EMPTY, params->account);
	if (!check_nul(params, line, why))
		return false;
	secret_set(out, line.at, line.length);
	return true;
}

/* A command that may ask somebody (pinentry, a touch of a key) is waited for
 * as long as that somebody takes. */
static bool from_command(const struct password_params *params,
	struct secret *out, struct diag *why)
{
	bool with_terminal = params->may_ask && terminal_exists();
	int64_t deadline_ms =
		with_terminal ? CLOCK_NEVER
			      : clock_deadline(PASSWORD_COMMAND_TIMEOUT_S);
	struct buf printed = BUF_INIT(PASSWORD_LIMIT);
	struct process_result result = { 0 };
	bool ok = process_capture(params->command, with_terminal, deadline_ms,
		&printed, &result, why);

	if (ok && (result.exit_status || result.timed_out || result.overflowed))
		ok = explain_end(params, &result, why);
	else if (ok)
		ok = take_first_line(params, buf_span(&printed), out, why);
	buf_wipe_free(&printed);
	return ok;
}

/* Without a session bus there is no keyring to ask. */
static bool from_keyring(
	const struct password_params *params, struct secret *out)
{
	struct buf command = BUF_INIT(PASSWORD_LIMIT);
	struct buf printed = BUF_INIT(PASSWORD_LIMIT);
	struct process_result result = { 0 };
	bool is_found = false;

	buf_puts(&command, "exec secret-tool lookup host ");
	text_put_shell(&command, params->host);
	buf_puts(&command, " service smtp user ");
	text_put_shell(&command, params->user);
	buf_puts(&command, " 2>/dev/null");
	if (process_getenv("DBUS_SESSION_BUS_ADDRESS") && !command.overflowed &&
		process_capture(buf_text(&command), false,
			clock_deadline(PASSWORD_COMMAND_TIMEOUT_S), &printed,
			&result, NULL))
		is_found =
			!result.exit_status && !result.timed_out &&
			!result.overflowed &&
			take_first_line(params, buf_span(&printed), out, NULL);
	buf_free(&command);
	buf_wipe_free(&printed);
	return is_found;
}

static bool from_netrc(const struct password_params *params, struct secret *out)
{
	bool is_found = false;

	for (size_t i = 0; params->netrc[i] && !is_found; i++) {
		struct buf text = BUF_INIT(PASSWORD_NETRC_LIMIT);

		is_found = file_read(params->netrc[i], &text, NULL, NULL) ==
				   FILE_READ &&
			   netrc_find(buf_span(&text), params->host,
				   params->user, out);
		buf_wipe_free(&text);
	}
	return is_found;
}

static bool from_terminal(const struct password_params *params,
	struct secret *out, struct diag *why)
{
	struct secret answer = { NULL, 0 };
	char prompt[600];
	bool ok;

	snprintf(prompt, sizeof prompt, _("password for %s at %s: "),
		params->user ? params->user : "", params->host);
	ok = terminal_ask_secret(prompt, &answer)
		     ? check_nul(params, secret_span(&answer), why)
		     : diag_set(why, DIAG_SECRET_PROMPT, params->account);
	if (ok)
		secret_set(out, answer.bytes, answer.length);
	secret_wipe(&answer);
	return ok;
}

bool password_get(const struct password_params *params, struct secret *out,
	struct diag *why)
{
	if (params->password && params->password->length)
		return from_profile(params, out, why);
	if (params->command)
		return from_command(params, out, why);
	if (params->use_keyring && params->user && params->host &&
		from_keyring(params, out))
		return true;
	if (params->netrc && params->user && params->host &&
		from_netrc(params, out))
		return true;
	if (params->may_ask && terminal_exists())
		return from_terminal(params, out, why);
	return diag_set(why, DIAG_SECRET_NONE, params->account);
}

static bool has_at_an_end(struct span password, struct span what)
{
	return password.length > what.length &&
	       (span_starts_with(password, what) ||
		       span_equal(span_skip(password,
					  password.length - what.length),
			       what));
}

const char *password_oddity(struct span password)
{
	static const char no_break_space[] = "\xC2\xA0";
	char first = password.length ? password.at[0] : '\0';

	if (password.length > 2 && (first == '"' || first == '\'') &&
		password.at[password.length - 1] == first)
		return N_("the password begins and ends with a quote, which "
			  "was sent, too: is it part of it?");
	if (has_at_an_end(password, SPAN(" ")) ||
		has_at_an_end(password, SPAN("\t")) ||
		has_at_an_end(password, span_of(no_break_space)))
		return N_("the password begins or ends with a blank, which was "
			  "sent, too: is it part of it?");
	return NULL;
}
