/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a password comes from.  Knows nothing of mechanisms. */
#include <config.h>

#include "auth/password.h"

#include "auth/netrc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/closed.h"
#include "base/command.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/terminal.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char keyring[] = "secret-tool", pass[] = "pass", git[] = "git";

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
	const struct command_result *result, struct diag *why)
{
	char text[80];

	if (result->timed_out) {
		snprintf(text, sizeof text, "%d", PASSWORD_COMMAND_TIMEOUT_S);
		return diag_set(why, DIAG_SECRET_COMMAND_TIMEOUT,
			params->account, text);
	}
	if (result->exit_status == 127 && !result->overflowed)
		snprintf(text, sizeof text, "%s",
			DIAG_WORDS N_("it was not found"));
	else if (result->exit_status == 126 && !result->overflowed)
		snprintf(text, sizeof text, "%s",
			DIAG_WORDS N_("it cannot be run"));
	else
		command_explain(result, PASSWORD_LIMIT, text, sizeof text);
	return diag_set(why, DIAG_SECRET_COMMAND_FAILED, params->account, text);
}

static bool take_first_line(const struct password_params *params,
	struct span printed, struct secret *out, bool *has_more,
	struct diag *why)
{
	/* Most sources have said it all with it: many helpers print more
	 * below the password. */
	struct span line = span_cut_line(&printed);

	if (!line.length)
		return diag_set(
			why, DIAG_SECRET_COMMAND_EMPTY, params->account);
	if (!check_nul(params, line, why))
		return false;
	if (has_more)
		*has_more = span_trim(printed).length != 0;
	secret_set(out, line.at, line.length);
	return true;
}

/* ---- commands ------------------------------------------------------------ */

/* A command that may ask somebody (pinentry, a touch of a key) is waited for
 * as long as that somebody takes. */
static int64_t command_deadline(bool with_terminal)
{
	return with_terminal ? CLOCK_NEVER
			     : clock_deadline(PASSWORD_COMMAND_TIMEOUT_S);
}

static bool has_terminal(const struct password_params *params)
{
	return params->may_ask && terminal_exists();
}

static bool is_success(const struct command_result *result)
{
	return !result->exit_status && !result->timed_out &&
	       !result->overflowed;
}

/* Nothing of a command that failed is used. */
static bool take_printed(const struct password_params *params,
	const struct command_result *result, const struct buf *printed,
	struct secret *out, bool *has_more, struct diag *why)
{
	return is_success(result) ? take_first_line(params, buf_span(printed),
					    out, has_more, why)
				  : explain_end(params, result, why);
}

static bool from_command(const struct password_params *params,
	struct secret *out, bool *has_more, struct diag *why)
{
	bool with_terminal = has_terminal(params);
	struct buf printed = BUF_INIT(PASSWORD_LIMIT);
	struct command_result result = { 0 };
	bool ok = command_capture(params->command, with_terminal,
			  command_deadline(with_terminal), &printed, &result,
			  why) &&
		  take_printed(params, &result, &printed, out, has_more, why);

	buf_wipe_free(&printed);
	return ok;
}

static bool from_words(const struct password_params *params,
	const char *const *words, struct secret *out, bool *has_more,
	struct diag *why)
{
	bool with_terminal = has_terminal(params);
	struct buf printed = BUF_INIT(PASSWORD_LIMIT);
	struct command_result result = { 0 };
	bool ok = command_capture_words(words, SPAN(""), with_terminal,
			  command_deadline(with_terminal), &printed, &result,
			  why) &&
		  take_printed(params, &result, &printed, out, has_more, why);

	buf_wipe_free(&printed);
	return ok;
}

static bool from_program(const struct password_params *params,
	struct secret *out, bool *has_more, struct diag *why)
{
	struct arena *arena = arena_new();
	const char **words;
	bool ok = text_split(span_of(params->words), arena, &words)
			  ? from_words(params, words, out, has_more, why)
			  : diag_set(why, DIAG_SECRET_COMMAND_FAILED,
				    params->account,
				    DIAG_WORDS N_("a quote in it does not "
						  "end"));

	arena_free(arena);
	return ok;
}

/* ---- a file -------------------------------------------------------------- */

/* A name without a folder is systemd's (LoadCredential=). */
static const char *file_path(struct arena *arena, const char *name)
{
	const char *folder = process_getenv("CREDENTIALS_DIRECTORY");

	return folder && !strchr(name, '/')
		       ? arena_printf(arena, "%s/%s", folder, name)
		       : file_expand_home(arena, name);
}

static bool fail_file(const char *path, const char *reason, const char *next,
	struct diag *why)
{
	struct buf text = BUF_INIT(DIAG_TEXT_BYTES);

	buf_printf(&text, "%s%s", DIAG_WORDS, reason);
	diag_set(why, DIAG_SECRET_FILE, path, buf_text(&text));
	buf_free(&text);
	return next ? diag_add_hint(why, next) : false;
}

static bool fail_missing(const char *path, struct diag *why)
{
	return fail_file(path, N_("there is no such file"),
		strchr(path, '/')
			? NULL
			: N_("a name without a folder is a credential of "
			     "systemd's: 'LoadCredential=%1$s:FILE' in the "
			     "unit that calls, or write the whole path"),
		why);
}

static bool fail_closed(const char *path, int system_error, struct diag *why)
{
	struct buf readers = BUF_INIT(DIAG_TEXT_BYTES);

	if (system_error == EACCES) {
		closed_put_readers(&readers, path);
		diag_set(why, DIAG_SECRET_FILE, path, buf_text(&readers));
		diag_add_hint(why,
			N_("'mailchute serve' keeps a password that callers "
			   "must not read: see mailchute-serve(8)"));
	} else {
		diag_set(why, DIAG_SECRET_FILE, path, strerror(system_error));
	}
	buf_free(&readers);
	return false;
}

static bool take_file(const struct password_params *params, const char *path,
	const struct buf *text, struct secret *out, bool *has_more,
	struct diag *why)
{
	struct span rest = buf_span(text);

	if (!span_cut_line(&rest).length)
		return fail_file(
			path, N_("its first line is empty"), NULL, why);
	return take_first_line(params, buf_span(text), out, has_more, why);
}

static bool from_file(const struct password_params *params, struct secret *out,
	bool *has_more, struct diag *why)
{
	struct arena *arena = arena_new();
	const char *path = file_path(arena, params->file), *reason, *next;
	struct buf text = BUF_INIT(PASSWORD_LIMIT);
	struct diag failure = { .system_error = 0 };
	struct stat status;
	bool ok = false;

	switch (file_read(path, &text, &status, &failure)) {
	case FILE_MISSING:
		fail_missing(path, why);
		break;
	case FILE_FAILED:
		fail_closed(path, failure.system_error, why);
		break;
	case FILE_READ:
		ok = closed_check(&status, &reason, &next)
			     ? take_file(
				       params, path, &text, out, has_more, why)
			     : fail_file(path, reason, next, why);
		break;
	}
	buf_wipe_free(&text);
	arena_free(arena);
	return ok;
}

/* ---- stores -------------------------------------------------------------- */

bool password_is_store(struct span words)
{
	struct span name = span_cut_word(&words);

	words = span_trim(words);
	return span_equal(name, span_of(pass)) ||
	       (!words.length && (span_equal(name, span_of(keyring)) ||
					 span_equal(name, span_of(git))));
}

static bool fail_store(const struct password_params *params, const char *name,
	struct diag *why)
{
	return diag_set(why, DIAG_SECRET_STORE, name,
		params->user ? params->user : "",
		params->host ? params->host : "");
}

static void put_git_question(
	const struct password_params *params, struct buf *out)
{
	/* As git-send-email asks, so that they share what is stored. */
	buf_printf(out, "protocol=smtp\nhost=%s:%ld\n",
		params->host ? params->host : "", params->port);
	if (params->user)
		buf_printf(out, "username=%s\n", params->user);
}

static bool run_git(const struct password_params *params, const char *verb,
	struct buf *question, struct buf *answer, struct command_result *result,
	struct diag *why)
{
	bool may_ask = has_terminal(params);
	const char *const words[] = { "env",
		may_ask ? "GIT_TERMINAL_PROMPT=1" : "GIT_TERMINAL_PROMPT=0",
		git, "credential", verb, NULL };

	buf_puts(question, "\n");
	return command_capture_words(words, buf_span(question), may_ask,
		command_deadline(may_ask), answer, result, why);
}

/* The value of "password=" among the lines of an answer. */
static struct span find_password(struct span answer)
{
	const struct span key = SPAN("password=");

	while (answer.length) {
		struct span line = span_cut(&answer, '\n');

		if (span_starts_with(line, key))
			return span_skip(line, key.length);
	}
	return SPAN("");
}

static bool from_git(const struct password_params *params, struct secret *out,
	struct diag *why)
{
	struct buf question = BUF_INIT(PASSWORD_LIMIT),
		   answer = BUF_INIT(PASSWORD_LIMIT);
	struct command_result result = { 0 };
	struct span found;
	bool ok;

	put_git_question(params, &question);
	ok = run_git(params, "fill", &question, &answer, &result, why);
	found = find_password(buf_span(&answer));
	if (ok && !is_success(&result))
		ok = explain_end(params, &result, why);
	else if (ok && !found.length)
		ok = fail_store(params, git, why);
	else if (ok)
		secret_set(out, found.at, found.length);
	buf_wipe_free(&answer);
	buf_free(&question);
	return ok;
}

void password_report(const struct password_params *params,
	const struct secret *password, bool is_good)
{
	struct buf question = BUF_INIT(PASSWORD_LIMIT),
		   answer = BUF_INIT(PASSWORD_LIMIT);
	struct command_result result = { 0 };
	struct diag ignored;

	if (params->store && strcmp(params->store, git) == 0) {
		put_git_question(params, &question);
		buf_puts(&question, "password=");
		buf_put_span(&question, secret_span(password));
		buf_puts(&question, "\n");
		(void)run_git(params, is_good ? "approve" : "reject", &question,
			&answer, &result, &ignored);
	}
	buf_wipe_free(&question);
	buf_free(&answer);
}

static bool from_keyring_by_name(const struct password_params *params,
	struct secret *out, bool *has_more, struct diag *why)
{
	const char *const words[] = { keyring, "lookup", "host",
		params->host ? params->host : "", "service", "smtp", "user",
		params->user ? params->user : "", NULL };

	return from_words(params, words, out, has_more, why);
}

/* Without a name it is the one that 'mailchute setup' gives. */
static bool from_pass(const struct password_params *params, struct span name,
	struct secret *out, bool *has_more, struct diag *why)
{
	struct arena *arena = arena_new();
	const char *const words[] = { pass, "show",
		name.length
			? arena_strndup(arena, name.at, name.length)
			: arena_printf(arena, "mailchute/%s", params->account),
		NULL };
	bool ok = from_words(params, words, out, has_more, why);

	arena_free(arena);
	return ok;
}

static bool from_store(const struct password_params *params, struct secret *out,
	bool *has_more, struct diag *why)
{
	struct span rest = span_of(params->store);
	struct span name = span_cut_word(&rest);

	if (span_equal(name, span_of(git)))
		return from_git(params, out, why);
	if (span_equal(name, span_of(pass)))
		return from_pass(params, span_trim(rest), out, has_more, why);
	return from_keyring_by_name(params, out, has_more, why);
}

/* ---- what nobody has named ----------------------------------------------- */

/* Without a session bus there is no keyring to ask. */
static bool from_keyring(
	const struct password_params *params, struct secret *out)
{
	struct buf command = BUF_INIT(PASSWORD_LIMIT);
	struct buf printed = BUF_INIT(PASSWORD_LIMIT);
	struct command_result result = { 0 };
	bool is_found = false;

	buf_puts(&command, "exec secret-tool lookup host ");
	text_put_shell(&command, params->host);
	buf_puts(&command, " service smtp user ");
	text_put_shell(&command, params->user);
	buf_puts(&command, " 2>/dev/null");
	if (process_getenv("DBUS_SESSION_BUS_ADDRESS") && !command.overflowed &&
		command_capture(buf_text(&command), false,
			clock_deadline(PASSWORD_COMMAND_TIMEOUT_S), &printed,
			&result, NULL))
		is_found = !result.exit_status && !result.timed_out &&
			   !result.overflowed &&
			   take_first_line(
				   params, buf_span(&printed), out, NULL, NULL);
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
			   netrc_find(buf_span(&text), params->netrc_dialect,
				   params->host, params->user, out);
		buf_wipe_free(&text);
	}
	return is_found;
}

static bool reads_alike(const struct password_params *params, struct span text)
{
	struct secret ours = { NULL, 0 }, theirs = { NULL, 0 };
	bool has_ours =
		netrc_find(text, NETRC_OURS, params->host, params->user, &ours);
	bool has_theirs = netrc_find(
		text, NETRC_MSMTP, params->host, params->user, &theirs);
	bool is_same = has_ours == has_theirs &&
		       span_equal(secret_span(&ours), secret_span(&theirs));

	secret_wipe(&ours);
	secret_wipe(&theirs);
	return is_same;
}

const char *password_ambiguous_netrc(const struct password_params *params)
{
	const char *found = NULL;

	for (size_t i = 0; params->netrc[i] && !found; i++) {
		struct buf text = BUF_INIT(PASSWORD_NETRC_LIMIT);

		if (file_read(params->netrc[i], &text, NULL, NULL) ==
				FILE_READ &&
			!reads_alike(params, buf_span(&text)))
			found = params->netrc[i];
		buf_wipe_free(&text);
	}
	return found;
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

static bool find_somewhere(const struct password_params *params,
	struct secret *out, struct diag *why)
{
	if (params->use_keyring && params->user && params->host &&
		from_keyring(params, out))
		return true;
	if (params->netrc && params->user && params->host &&
		from_netrc(params, out))
		return true;
	if (has_terminal(params))
		return from_terminal(params, out, why);
	return diag_set(why, DIAG_SECRET_NONE, params->account);
}

bool password_get(const struct password_params *params, struct secret *out,
	bool *has_more, struct diag *why)
{
	if (has_more)
		*has_more = false;
	if (params->password && params->password->length)
		return from_profile(params, out, why);
	if (params->command)
		return from_command(params, out, has_more, why);
	if (params->words)
		return from_program(params, out, has_more, why);
	if (params->file)
		return from_file(params, out, has_more, why);
	if (params->store)
		return from_store(params, out, has_more, why);
	return find_somewhere(params, out, why);
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
