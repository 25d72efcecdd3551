/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailchute login: consent, once.  Knows how to show it, not how it is got. */
#include <config.h>

#include "auth/form.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "config/account.h"
#include "config/choose.h"
#include "config/issuer.h"
#include "config/load.h"
#include "deliver/consent.h"
#include "deliver/errand.h"
#include "deliver/inquiry.h"
#include "deliver/token.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { LOGIN_TEXT_LIMIT = 64 * 1024, LOGIN_LOCK_TIMEOUT_S = 45 };

#define VERB_TABLE "cmd/login.def"
#include "cmd/words_verb.h"

const struct words_table cmd_login_words = {
	.usage = N_("[OPTION]... [ACCOUNT]"),
	.about =
		N_("Gets the consent that an account with access tokens needs, "
		   "once.\n"),
	.page = "mailchute-login",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

/* One run, and everything that is opened for it. */
struct run {
	const struct said *said;
	const struct account *account;
	struct issuer issuer;
	struct login_store store;
	struct login login;
	struct arena *arena;
};

/* ---- what a person sees ----------------------------------------------------
 */

/* A browser of its own, behind us. */
static void open_browser(const char *url)
{
	const char *browser = process_getenv("BROWSER");
	struct buf command = BUF_INIT(LOGIN_TEXT_LIMIT);

	buf_printf(&command,
		"open_it() { %s \"$1\" >/dev/null 2>&1 & }; open_it",
		browser && *browser ? browser : "xdg-open");
	(void)command_run(buf_text(&command), url);
	buf_free(&command);
}

static void show_browser(void *context, const char *url, const char *code)
{
	(void)context;
	(void)code;
	fprintf(stderr,
		_("Your browser asks for the consent; if it does not, open\n"
		  "\n  %s\n\n"),
		url);
	open_browser(url);
}

static void show_paste(void *context, const char *url, const char *code)
{
	(void)context;
	(void)code;
	fprintf(stderr,
		_("Open this address in any browser:\n\n  %s\n\n"
		  "In the end the browser cannot show a page. Copy the address "
		  "that it then has,\nand paste it here:\n"),
		url);
}

static void show_device(void *context, const char *url, const char *code)
{
	(void)context;
	fprintf(stderr, _("Open %s in any browser, and enter the code %s\n"),
		url, code);
}

static bool read_line(void *context, struct buf *out)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length = getline(&line, &room, stdin);

	(void)context;
	if (length > 0)
		buf_put(out, line, (size_t)length);
	if (line)
		secret_erase(line, room);
	free(line);
	return length > 0;
}

static void refuse_line(void *context, const char *uri)
{
	(void)context;
	fprintf(stderr,
		_("That is not the address of this login: it begins with %s, "
		  "and has 'code' and\n'state' in it. Paste all of it:\n"),
		uri);
}

/* ---- who stores
 * -------------------------------------------------------------- */

/* The profile of 'mailchute serve' is root's, and readable for a group: whose
 * user of the same name sends with it, and so keeps its login. */
static void become_reader(const struct account *account)
{
	struct stat status;
	struct group *group;
	struct passwd *user;

	if (geteuid() != 0 || !account->file ||
		stat(account->file, &status) < 0 || status.st_uid != 0 ||
		status.st_gid == 0 || !(status.st_mode & S_IRGRP))
		return;
	group = getgrgid(status.st_gid);
	user = group ? getpwnam(group->gr_name) : NULL;
	if (user)
		(void)process_act_as(user->pw_uid);
}

/* A store must do for cron, which has neither a desktop nor an agent. */
static void leave_desktop(void)
{
	static const char *const names[] = { "DISPLAY", "WAYLAND_DISPLAY",
		"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK",
		"GPG_TTY", "GPG_AGENT_INFO" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		(void)unsetenv(names[i]);
}

/* Commands are asked at once whether they can give back what they took. */
static bool check_store(struct run *run, struct diag *why)
{
	struct login stored = { .fetched = 0 };
	bool is_same;

	if (!run->store.reader)
		return true;
	is_same =
		login_store_read(&run->store, true, &stored, why) == LOGIN_READ;
	if (is_same &&
		!span_equal(
			secret_span(&stored.is.values[ANSWER_refresh_token]),
			secret_span(
				&run->login.is.values[ANSWER_refresh_token])))
		is_same = diag_set(why, DIAG_OAUTH_STORE, run->account->name,
			DIAG_WORDS N_("the command of 'oauth_store' prints "
				      "another"));
	login_wipe(&stored);
	return is_same;
}

static bool store(struct run *run, struct diag *why)
{
	leave_desktop();
	return login_store_lock(&run->store,
		       clock_deadline(LOGIN_LOCK_TIMEOUT_S), why) &&
	       login_store_reserve(&run->store, why) &&
	       login_store_write(&run->store, true, &run->login, why) &&
	       check_store(run, why);
}

/* ---- getting one
 * ------------------------------------------------------------- */

static enum option_oauth_flow flow_of(const struct run *run)
{
	const char *const desktops[] = { "DISPLAY", "WAYLAND_DISPLAY",
		"BROWSER" };

	if (run->account->oauth_flow != OPTION_OAUTH_FLOW_AUTO)
		return (enum option_oauth_flow)run->account->oauth_flow;
	for (size_t i = 0; i < sizeof desktops / sizeof *desktops; i++)
		if (process_getenv(desktops[i]) && run->issuer.authorization[0])
			return OPTION_OAUTH_FLOW_BROWSER;
	return run->issuer.device[0] ? OPTION_OAUTH_FLOW_DEVICE
				     : OPTION_OAUTH_FLOW_PASTE;
}

static bool get_consent(struct run *run, struct diag *why)
{
	struct consent consent = { .account = run->account,
		.issuer = &run->issuer,
		.arena = run->arena,
		.read = read_line,
		.refuse = refuse_line };
	bool is_fine = false;

	switch (flow_of(run)) {
	case OPTION_OAUTH_FLOW_BROWSER:
		consent.show = show_browser;
		is_fine = consent_by_browser(&consent, &run->login, why);
		break;
	case OPTION_OAUTH_FLOW_DEVICE:
		consent.show = show_device;
		is_fine = consent_by_device(&consent, &run->login, why);
		break;
	case OPTION_OAUTH_FLOW_AUTO:
	case OPTION_OAUTH_FLOW_PASTE:
	case OPTION_OAUTH_FLOW_CLIENT:
	case OPTION_OAUTH_FLOW_JWT:
		consent.show = show_paste;
		is_fine = consent_by_paste(&consent, &run->login, why);
		break;
	}
	return is_fine && consent_check(&consent, &run->login, why) &&
	       store(run, why);
}

/* A refresh token from elsewhere is good when it gets a token. */
static bool import(struct run *run, struct diag *why)
{
	struct buf line = BUF_INIT(LOGIN_TEXT_LIMIT);
	struct secret token = { NULL, 0 };
	bool is_fine = read_line(NULL, &line) &&
		       answer_take(&run->login.is, SPAN("refresh_token"),
			       span_trim(buf_span(&line))) &&
		       answer_has(&run->login.is, ANSWER_refresh_token);

	buf_wipe_free(&line);
	if (!is_fine)
		return diag_set(why, DIAG_OAUTH_NO_TOKEN);
	answer_set(&run->login.is, ANSWER_client_id,
		run->account->oauth_client_id);
	answer_set(&run->login.is, ANSWER_token_endpoint, run->issuer.token);
	answer_set(&run->login.is, ANSWER_revocation_endpoint,
		run->issuer.revocation);
	is_fine = store(run, why);
	login_store_close(&run->store);
	is_fine = is_fine && token_get(run->account, &token, why);
	secret_wipe(&token);
	return is_fine;
}

/* Nobody has said who gives the tokens: the server that takes them may. */
static bool ask_server(struct run *run, struct diag *why)
{
	const struct errand_params params = { .account = run->account };
	struct buf url = BUF_INIT(LOGIN_TEXT_LIMIT);
	bool is_fine = errand_ask_issuer(&params, &url, why);

	if (is_fine) {
		run->issuer.name = run->issuer.metadata =
			arena_strdup(run->arena, buf_text(&url));
		fprintf(stderr, _("%s says who gives its tokens: %s\n"),
			run->account->host ? run->account->host : "-",
			run->issuer.name);
	}
	buf_free(&url);
	return is_fine;
}

static bool find_issuer(struct run *run, struct diag *why)
{
	return issuer_of_account(run->account, run->arena, &run->issuer, why) &&
	       (run->issuer.name[0] || ask_server(run, why)) &&
	       inquire_endpoints(run->account, &run->issuer, run->arena, why);
}

static bool log_in(struct run *run, struct diag *why)
{
	struct secret token = { NULL, 0 };
	bool is_fine;

	if (token_needs_no_login(run->account))
		is_fine = token_get(run->account, &token, why);
	else
		is_fine = find_issuer(run, why) &&
			  (run->said->is_import ? import(run, why)
						: get_consent(run, why));
	secret_wipe(&token);
	if (is_fine)
		printf(_("Account %s is logged in as %s.\n"),
			run->account->name, run->account->user);
	return is_fine;
}

/* ---- what there is
 * ----------------------------------------------------------- */

static const char *date_of(time_t when, char text[static 32])
{
	struct tm parts;

	if (!when || !gmtime_r(&when, &parts) ||
		!strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts))
		return NULL;
	return text;
}

static const char *state_of(const struct run *run, enum login_found found)
{
	if (found == LOGIN_MISSING)
		return token_needs_no_login(run->account) ? "renewable"
							  : "none";
	return run->login.ended ? "ended" : "renewable";
}

static void print_json(const struct run *run, enum login_found found)
{
	const struct answer *is = &run->login.is;
	struct buf text = BUF_INIT(LOGIN_TEXT_LIMIT);
	struct json json = { .out = &text };
	char date[32];

	json_begin(&json, NULL, '{');
	json_text(&json, "account", run->account->name);
	json_text(&json, "user", run->account->user);
	json_text(&json, "state", state_of(run, found));
	json_text(&json, "client_id", answer_text(is, ANSWER_client_id));
	json_text(&json, "token_endpoint",
		answer_text(is, ANSWER_token_endpoint));
	json_text(&json, "scope", answer_text(is, ANSWER_scope));
	json_text(&json, "token_until", date_of(run->login.expires, date));
	json_text(&json, "ended", date_of(run->login.ended, date));
	json_end(&json, '}');
	printf("%s\n", buf_text(&text));
	buf_free(&text);
}

static void print_row(const char *name, const char *value)
{
	if (value)
		printf("%-16s %s\n", name, value);
}

static void print_rows(const struct run *run)
{
	const struct answer *is = &run->login.is;
	char date[32];

	print_row(_("account"), run->account->name);
	print_row(_("user"), run->account->user);
	print_row(_("client"), answer_text(is, ANSWER_client_id));
	print_row(_("issuer"), answer_text(is, ANSWER_token_endpoint));
	print_row(_("may"), answer_text(is, ANSWER_scope));
	print_row(_("token until"), date_of(run->login.expires, date));
}

static bool show_status(struct run *run, struct diag *why)
{
	enum login_found found =
		login_store_read(&run->store, false, &run->login, why);

	if (found == LOGIN_FAILED)
		return false;
	if (run->said->is_json)
		print_json(run, found);
	else if (found == LOGIN_READ)
		print_rows(run);
	if (found == LOGIN_MISSING && !token_needs_no_login(run->account))
		return diag_set(why, DIAG_OAUTH_NO_LOGIN, run->account->name,
			run->account->user ? run->account->user : "");
	return !run->login.ended ||
	       diag_set(why, DIAG_OAUTH_ENDED, run->account->name,
		       run->account->user ? run->account->user : "");
}

/* ---- giving it back
 * ----------------------------------------------------------- */

/* RFC 7009: an issuer says 200 for any token, and nothing more. */
static bool give_back(struct run *run, struct diag *why)
{
	struct buf form = BUF_INIT(LOGIN_TEXT_LIMIT);
	bool is_fine;

	form_put(&form, "token",
		answer_text(&run->login.is, ANSWER_refresh_token));
	form_put(&form, "token_type_hint", "refresh_token");
	is_fine = token_tell(run->account, &run->login.is,
		answer_text(&run->login.is, ANSWER_revocation_endpoint), &form,
		why);
	buf_wipe_free(&form);
	return is_fine;
}

static bool forget(struct run *run, struct diag *why)
{
	enum login_found found;

	if (!login_store_lock(
		    &run->store, clock_deadline(LOGIN_LOCK_TIMEOUT_S), why))
		return false;
	found = login_store_read(&run->store, true, &run->login, why);
	if (found == LOGIN_FAILED)
		return false;
	if (found == LOGIN_MISSING)
		return diag_set(why, DIAG_OAUTH_NO_LOGIN, run->account->name,
			run->account->user ? run->account->user : "");
	if (answer_has(&run->login.is, ANSWER_revocation_endpoint) &&
		answer_has(&run->login.is, ANSWER_refresh_token)) {
		if (!give_back(run, why))
			return false;
	} else {
		fprintf(stderr,
			_("mailchute: the issuer takes no login back: do that "
			  "in its settings\n"));
	}
	return login_store_remove(&run->store, why);
}

/* ---- the door
 * ------------------------------------------------------------------ */

static bool run_for(struct run *run, const struct config *config,
	const struct request *request, struct diag *why)
{
	if (!account_choose(
		    config, request, NULL, run->arena, &run->account, why))
		return false;
	if (!account_uses_login(run->account))
		return diag_set(why, DIAG_OAUTH_NOT_WANTED, run->account->name);
	become_reader(run->account);
	if (!login_store_open(run->account, run->arena, &run->store, why))
		return false;
	if (run->said->is_status)
		return show_status(run, why);
	return run->said->is_forget ? forget(run, why) : log_in(run, why);
}

int cmd_login(const struct cmd_context *context)
{
	struct request request = *context->request;
	struct config config = { .account_count = 0 };
	struct run run = { .said = context->said,
		.arena = context->arena,
		.store = { .lock_fd = -1, .draft_fd = -1 } };
	struct diag why = { .exit_code = EX_OK };
	bool is_fine;

	if (request.operand_count > 1) {
		diag_set(&why, DIAG_USAGE_UNWANTED_WORD, "login",
			request.operands[1]);
		return report_problem(&why);
	}
	if (request.operand_count)
		request.account = request.operands[0];
	is_fine = config_load(&request, run.arena, &config, &why) &&
		  run_for(&run, &config, &request, &why);
	login_wipe(&run.login);
	login_store_close(&run.store);
	config_wipe(&config);
	return is_fine ? EX_OK : report_problem(&why);
}
