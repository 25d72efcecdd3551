/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor on the profile: files, account, password.  Asks no server. */
#include <config.h>

#include "base/process.h"
#include "base/terminal.h"
#include "cmd/doctor.h"
#include "config/check.h"
#include "config/choose.h"
#include "config/load.h"
#include "deliver/credential.h"

#include <string.h>
#include <unistd.h>

enum { TOLD_NOTES = 8, NOTE_BYTES = 4096, NAMES_BYTES = 64 * 1024 };

/* ---- files --------------------------------------------------------------- */

static void note_files(struct doctor *doctor)
{
	const struct config *config = &doctor->config;
	struct buf names = BUF_INIT(NAMES_BYTES);

	for (size_t i = 0; i < config->file_count; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", config->files[i]);
	if (config->file_count)
		findings_note(doctor->found, "config.file", FINDING_OK,
			N_("the settings are those of %s"), buf_text(&names));
	else if (config->account_count)
		findings_note(doctor->found, "config.file", FINDING_OK,
			N_("no file: the environment has the settings"), NULL);
	for (size_t i = 0; i < config->hidden_count; i++)
		findings_note(doctor->found, "config.hidden", FINDING_WARN,
			N_("%s is there, too, but another file counts instead"),
			config->hidden[i]);
	for (size_t i = 0; i < config->unreadable_count; i++)
		findings_note(doctor->found, "config.unreadable", FINDING_WARN,
			"%s", config->unreadable[i]);
	buf_free(&names);
}

static void fail_notes(struct doctor *doctor, const struct config_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		if (notes->items[i].kind == CONFIG_NOTE_ERROR &&
			notes->items[i].why)
			findings_fail(doctor->found, "config.file",
				notes->items[i].why);
}

static void warn_notes(struct doctor *doctor, const struct config_notes *notes)
{
	size_t told = 0;

	for (size_t i = 0; i < notes->count && told < TOLD_NOTES; i++) {
		struct buf line = BUF_INIT(NOTE_BYTES);

		if (notes->items[i].kind != CONFIG_NOTE_ERROR) {
			config_note_put(&line, &notes->items[i]);
			findings_note(doctor->found, "config.setting",
				FINDING_WARN, "%s", buf_text(&line));
			told++;
		}
		buf_free(&line);
	}
}

static bool read_files(struct doctor *doctor, struct config_notes *notes)
{
	struct config *config = &doctor->config;
	struct diag why;

	if (!config_load_noting(
		    doctor->request, notes, doctor->arena, config, &why)) {
		findings_fail(doctor->found, "config.file", &why);
		return false;
	}
	if (!config->account_count && !notes->count &&
		!doctor->request->setting_count) {
		diag_set(&why, DIAG_CONFIG_NONE, config->looked_for);
		findings_fail(doctor->found, "config.file", &why);
		return false;
	}
	note_files(doctor);
	fail_notes(doctor, notes);
	return true;
}

/* ---- account ------------------------------------------------------------- */

/* Names that do not show by themselves what they are. */
static void know_names(struct doctor *doctor)
{
	const struct account *account = doctor->account;
	struct redact *redact = doctor->found->redact;

	redact_know(redact, REDACT_ADDRESS, account->from);
	redact_know(redact, REDACT_USER, account->user);
	redact_know(redact, REDACT_HOST, account->host);
	redact_know(redact, REDACT_HOST, account->proxy_host);
	redact_know(redact, REDACT_HOST, process_host_name(doctor->arena));
	redact_know(redact, REDACT_PATH, account->socket);
}

static void note_account(struct doctor *doctor)
{
	const struct account *account = doctor->account;
	struct buf text = BUF_INIT(NOTE_BYTES);

	buf_printf(&text, "%s: ", account->name);
	if (account->user)
		buf_printf(&text, "%s, ", account->user);
	if (account->socket)
		buf_puts(&text, account->socket);
	else
		buf_printf(&text, "%s:%ld", account->host, account->port);
	findings_note(doctor->found, "config.account", FINDING_OK, "%s",
		buf_text(&text));
	buf_free(&text);
}

static void check_sender(struct doctor *doctor)
{
	const char *sender =
		account_sender(doctor->account, doctor->request, doctor->arena);
	struct diag why;

	if (sender && strchr(sender, '@')) {
		doctor->sender = sender;
		findings_note(doctor->found, "config.from", FINDING_OK,
			N_("mail is from %s"), sender);
		return;
	}
	diag_set(&why, DIAG_CONFIG_NO_SENDER, doctor->account->name);
	findings_fail(doctor->found, "config.from", &why);
}

bool doctor_config(struct doctor *doctor)
{
	struct config_notes notes = { .arena = doctor->arena };
	struct diag why;

	if (!read_files(doctor, &notes))
		return false;
	if (!account_choose(&doctor->config, doctor->request, NULL,
		    doctor->arena, &doctor->account, &why)) {
		findings_fail(doctor->found, "config.account", &why);
		return false;
	}
	know_names(doctor);
	note_account(doctor);
	check_sender(doctor);
	config_check(&doctor->config, doctor->request, &notes);
	warn_notes(doctor, &notes);
	return true;
}

/* ---- password ------------------------------------------------------------ */

static const char *source_of(const struct account *account)
{
	const struct {
		enum option_id id;
		bool is_it;
	} sources[] = { { OPTION_password, account->password.length },
		{ OPTION_passwordeval, account->passwordeval },
		{ OPTION_password_command, account->password_command },
		{ OPTION_password_file, account->password_file },
		{ OPTION_password_store, account->password_store } };

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (sources[i].is_it)
			return option_keyword(sources[i].id);
	return "netrc, keyring";
}

bool doctor_secret(struct doctor *doctor)
{
	const struct account *account = doctor->account;
	struct diag why;
	bool has_more;

	if (!account_needs_password(account)) {
		findings_note(doctor->found, "secret.password", FINDING_SKIP,
			N_("the account needs no password"), NULL);
		return true;
	}
	if (!credential_get(account, terminal_is(STDIN_FILENO), &doctor->secret,
		    &has_more, &why)) {
		findings_fail(doctor->found, "secret.password", &why);
		return false;
	}
	findings_note(doctor->found, "secret.password", FINDING_OK,
		has_more ? N_("there is a password (%s; it gave more lines, of "
			      "which the first counts)")
			 : N_("there is a password (%s)"),
		source_of(account));
	return true;
}
