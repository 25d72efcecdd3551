/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A secret for the setup: as the provider wants it, and where it is kept. */
#include <config.h>

#include "auth/password.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/setup.h"
#include "net/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SECRET_LIMIT = 64 * 1024,
	APP_PASSWORD_LETTERS = 16,
	SES_BYTES = 33, /* its version and an HMAC */
	SES_VERSION = 4,
	HMAC_BYTES = 32,
	STORE_TIMEOUT_S = 120
};

/* As 'mailchute serve' names it, wherever systemd has it from. */
static const char service_credential[] = "relay-password";

/* ---- as the provider wants it -------------------------------------------- */

/* "abcd efgh ijkl mnop", as Google's page shows it. */
static void mend_letters(struct secret *secret)
{
	struct buf letters = BUF_INIT(SECRET_LIMIT);
	bool is_one = true;

	for (size_t i = 0; i < secret->length; i++) {
		char c = secret->bytes[i];

		if (c == ' ')
			continue;
		is_one = is_one && ascii_is_alpha(c);
		buf_put_byte(&letters, c);
	}
	if (is_one && letters.length == APP_PASSWORD_LETTERS)
		secret_set(secret, letters.data, letters.length);
	buf_wipe_free(&letters);
}

/* Whether it is SES's own password already. */
static bool is_derived(const struct secret *secret)
{
	struct buf bytes = BUF_INIT(SECRET_LIMIT);
	bool is_it = base64_decode(secret_span(secret), &bytes) &&
		     bytes.length == SES_BYTES && bytes.data[0] == SES_VERSION;

	buf_wipe_free(&bytes);
	return is_it;
}

/* AWS, "Obtaining Amazon SES SMTP credentials": a chain of HMACs over words. */
static bool derive(const char *region, struct secret *secret, struct diag *why)
{
	const char *const words[] = { "11111111", region, "ses", "aws4_request",
		"SendRawEmail" };
	unsigned char key[SES_BYTES] = { SES_VERSION };
	struct buf first = BUF_INIT(SECRET_LIMIT),
		   text = BUF_INIT(SECRET_LIMIT);
	bool is_fine = true;

	buf_puts(&first, "AWS4");
	buf_put_span(&first, secret_span(secret));
	for (size_t i = 0; is_fine && i < sizeof words / sizeof *words; i++)
		is_fine = key_hmac(i ? span_make((char *)key + 1, HMAC_BYTES)
				     : buf_span(&first),
			span_of(words[i]), key + 1, why);
	if (is_fine) {
		base64_encode(span_make((char *)key, sizeof key), &text);
		secret_set(secret, text.data, text.length);
	}
	secret_erase(key, sizeof key);
	buf_wipe_free(&first);
	buf_wipe_free(&text);
	return is_fine;
}

bool setup_secret_mend(const struct provider *provider, const char *region,
	struct secret *secret, struct diag *why)
{
	if (!provider)
		return true;
	if (provider->password_form &&
		strcmp(provider->password_form, "letters16") == 0)
		mend_letters(secret);
	return !provider_has_word(provider->login, SPAN("derived")) ||
	       !region || is_derived(secret) || derive(region, secret, why);
}

/* ---- where it is kept ---------------------------------------------------- */

static const struct {
	const char *name, *program, *text;
} stores[SETUP_STORES] = {
	[SETUP_STORE_PROFILE] = { "profile", NULL,
		N_("in the configuration file itself, closed to others") },
	[SETUP_STORE_FILE] = { "file", NULL,
		N_("in a file of its own, closed to others") },
	[SETUP_STORE_KEYRING] = { "keyring", "secret-tool",
		N_("in the desktop's keyring; not for cron and services") },
	[SETUP_STORE_PASS] = { "pass", "pass",
		N_("with pass(1), the password store") },
	[SETUP_STORE_COMMAND] = { "command", NULL,
		N_("nowhere: a command of yours prints it") },
	[SETUP_STORE_CREDENTIAL] = { "credential", "systemd-creds",
		N_("with systemd, encrypted for this machine") },
};

const char *setup_store_name(enum setup_store store)
{
	return store < SETUP_STORES ? stores[store].name : NULL;
}

const char *setup_store_text(enum setup_store store)
{
	return stores[store].text;
}

static bool is_in_path(const char *program)
{
	const char *path = getenv("PATH");
	struct span rest = span_of(path ? path : "/usr/bin:/bin");
	bool is_found = false;

	while (rest.length && !is_found) {
		struct buf name = BUF_INIT(SECRET_LIMIT);

		buf_put_span(&name, span_cut(&rest, ':'));
		buf_printf(&name, "/%s", program);
		is_found = access(buf_text(&name), X_OK) == 0;
		buf_free(&name);
	}
	return is_found;
}

/* What a service can come by: it has no desktop, and no keys of a person. */
static bool is_for(enum setup_store store, const struct setup_system *system)
{
	switch (store) {
	case SETUP_STORE_KEYRING:
	case SETUP_STORE_PASS:
		return !system;
	case SETUP_STORE_FILE:
		return !system ||
		       (system->way == SETUP_WAY_SERVE && system->has_systemd);
	case SETUP_STORE_CREDENTIAL:
		return system && system->way == SETUP_WAY_SERVE &&
		       system->has_systemd;
	case SETUP_STORE_PROFILE:
	case SETUP_STORE_COMMAND:
	case SETUP_STORES:
		break;
	}
	return true;
}

bool setup_store_is_there(
	enum setup_store store, const struct setup_system *system)
{
	return is_for(store, system) &&
	       (!stores[store].program || is_in_path(stores[store].program));
}

/* COMMAND reads the secret from its standard input; it may ask its person by a
 * window, which takes a while. */
static bool feed(const char *command, const struct secret *secret)
{
	struct command_result result = { 0 };
	struct diag ignored;

	return command_feed(command, secret_span(secret),
		       clock_deadline(STORE_TIMEOUT_S), &result, &ignored) &&
	       !result.exit_status && !result.timed_out;
}

static bool put_in_keyring(const char *host, const char *user,
	const struct secret *secret, struct buf *command)
{
	buf_puts(command, "secret-tool store --label=");
	text_put_shell(command, host);
	buf_puts(command, " host ");
	text_put_shell(command, host);
	buf_puts(command, " service smtp user ");
	text_put_shell(command, user);
	return feed(buf_text(command), secret);
}

/* What reads it again is a line for the profile. */
static void read_with(struct setup_keeping *keeping, const char *keyword,
	const struct buf *value)
{
	keeping->keyword = keyword;
	keeping->value = arena_strdup(keeping->arena, buf_text(value));
}

static bool put_in_pass(struct setup_keeping *keeping,
	const struct secret *secret, struct buf *command)
{
	struct buf name = BUF_INIT(SECRET_LIMIT);
	bool is_put;

	buf_printf(&name, "mailchute/%s", keeping->account);
	buf_puts(command, "pass insert --multiline --force ");
	text_put_shell(command, buf_text(&name));
	buf_puts(command, " >/dev/null");
	is_put = feed(buf_text(command), secret);
	buf_clear(command);
	buf_puts(command, keeping->is_msmtp ? "pass show " : "pass ");
	if (keeping->is_msmtp)
		text_put_shell(command, buf_text(&name));
	else
		buf_puts(command, buf_text(&name));
	read_with(keeping,
		keeping->is_msmtp ? "passwordeval" : "password_store", command);
	buf_free(&name);
	return is_put;
}

/* The old one stays until the new one is whole. */
static bool put_in_file(struct setup_keeping *keeping,
	const struct secret *secret, struct buf *line, struct diag *why)
{
	const char *path = keeping->system
				   ? setup_system_secret(keeping->system)
				   : keeping->path;
	const struct profile_access ours = { geteuid(), getegid(),
		S_IRUSR | S_IWUSR };
	bool is_put;

	setup_made_note(keeping->made, path);
	is_put = profile_write(path, secret_span(secret), &ours, why);
	if (keeping->is_msmtp) {
		buf_puts(line, "cat ");
		text_put_shell(line, path);
	} else {
		buf_puts(line, keeping->system ? service_credential : path);
	}
	read_with(keeping, keeping->is_msmtp ? "passwordeval" : "password_file",
		line);
	return is_put;
}

/* Encrypted for this machine; its unit is told where. */
static bool put_in_credential(struct setup_keeping *keeping,
	const struct secret *secret, struct buf *line, struct diag *why)
{
	const char *path = arena_printf(keeping->arena, "%s.cred",
		setup_system_secret(keeping->system));

	setup_made_note(keeping->made, path);
	buf_printf(
		line, "systemd-creds encrypt --name=%s - ", service_credential);
	text_put_shell(line, path);
	if (!feed(buf_text(line), secret))
		return false;
	buf_clear(line);
	buf_puts(line, service_credential);
	read_with(keeping, "password_file", line);
	return setup_system_put_unit(keeping->system, path, keeping->made, why);
}

/* A command of the person's, which has to print what the server took. */
static bool check_command(struct setup_keeping *keeping,
	const struct secret *secret, struct diag *why)
{
	const struct password_params params = { .account = keeping->account,
		.command = keeping->command,
		.may_ask = true };
	struct secret printed = { NULL, 0 };
	bool is_same = password_get(&params, &printed, NULL, why);

	if (is_same && !span_equal(secret_span(&printed), secret_span(secret)))
		is_same = diag_set(why, DIAG_SETUP_COMMAND);
	secret_wipe(&printed);
	keeping->keyword = "passwordeval";
	keeping->value = keeping->command;
	return is_same;
}

bool setup_store_put(struct setup_keeping *keeping, const struct secret *secret,
	struct diag *why)
{
	struct buf line = BUF_INIT(SECRET_LIMIT);
	bool is_put = true;

	keeping->keyword = NULL;
	diag_set(why, DIAG_SETUP_STORE, setup_store_name(keeping->store));
	switch (keeping->store) {
	case SETUP_STORE_KEYRING:
		is_put = put_in_keyring(
			keeping->host, keeping->user, secret, &line);
		break;
	case SETUP_STORE_PASS:
		is_put = put_in_pass(keeping, secret, &line);
		break;
	case SETUP_STORE_FILE:
		is_put = put_in_file(keeping, secret, &line, why);
		break;
	case SETUP_STORE_CREDENTIAL:
		is_put = put_in_credential(keeping, secret, &line, why);
		break;
	case SETUP_STORE_COMMAND:
		is_put = check_command(keeping, secret, why);
		break;
	case SETUP_STORE_PROFILE:
		keeping->keyword = "password";
		keeping->value = secret->bytes;
		break;
	case SETUP_STORES:
		break;
	}
	buf_free(&line);
	return is_put;
}

/* ---- from whom ----------------------------------------------------------- */

/* The first line of the standard input. */
static bool read_secret(struct secret *secret)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length = getline(&line, &size, stdin);

	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (length > 0)
		secret_set(secret, line, (size_t)length);
	if (line)
		secret_erase(line, size);
	free(line);
	return length > 0;
}

static bool ask_secret(struct setup *setup, struct diag *why)
{
	const struct provider *provider = setup->server.provider;

	if (!setup->talk.may_ask && !terminal_is(STDIN_FILENO) &&
		read_secret(&setup->secret))
		return true;
	if (provider && provider->password_page && setup->talk.may_ask)
		setup_say(_("The password is made at %s\n"),
			provider->password_page);
	return setup_ask_secret(&setup->talk, &setup->secret,
		DIAG_WORDS N_("--passwordeval, or the first line of the "
			      "standard input"),
		why);
}

bool setup_settle_secret(struct setup *setup, struct diag *why)
{
	if (!ask_secret(setup, why))
		return false;
	if (!setup->secret.length)
		return true; /* it is missing */
	if (!setup_secret_mend(setup->server.provider, setup->server.region,
		    &setup->secret, why))
		return false;
	if (!setup->user ||
		(setup->server.provider &&
			provider_has_word(
				setup->server.provider->login, SPAN("token"))))
		setup->user = arena_strndup(setup->arena, setup->secret.bytes,
			setup->secret.length);
	return true;
}
