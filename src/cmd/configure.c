/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --configure ADDRESS: a profile for a mail address, as 'mailchute setup' finds
 * its server.  Asks the DNS alone, prints, and writes nothing.
 */
#include <config.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "cmd/setup.h"
#include "config/preset.h"

#include <stdio.h>
#include <string.h>

struct found {
	struct mailbox mailbox;
	const char *address;
	struct setup_server server;
	struct account *account;
	struct arena *arena;
};

static bool set(struct found *found, enum option_id id, const char *value,
	struct diag *why)
{
	const struct origin origin = { ORIGIN_DEFAULT, NULL, 0 };

	return option_set(found->account, id, value, origin, found->arena, why);
}

/* Every line is one that msmtp has, too. */
static bool describe(struct found *found, struct diag *why)
{
	const struct setup_server *server = &found->server;

	found->account =
		account_new("default", DIALECT_MAILCHUTE, found->arena);
	if (!set(found, OPTION_from, found->address, why))
		return false;
	if (!server->host)
		return set(found, OPTION_provider, server->provider->name,
			       why) &&
		       preset_apply(found->account, found->arena, why);
	return set(found, OPTION_host, server->host, why) &&
	       set(found, OPTION_port,
		       arena_printf(found->arena, "%ld", server->port), why) &&
	       set(found, OPTION_tls, "on", why) &&
	       set(found, OPTION_tls_starttls,
		       server->is_implicit ? "off" : "on", why) &&
	       set(found, OPTION_auth, "on", why) &&
	       set(found, OPTION_user, found->address, why);
}

static void print_line(const struct account *account, enum option_id id)
{
	struct buf value = BUF_INIT(SETUP_TEXT_LIMIT);

	option_put(&value, account, id);
	if (value.length)
		printf("%s %s\n", option_keyword(id), buf_text(&value));
	buf_free(&value);
}

/* For a line that people copy into a shell. */
static bool is_plain(const char *word)
{
	for (; *word; word++)
		if (!ascii_is_alpha(*word) && !ascii_is_digit(*word) &&
			!strchr("@._+-", *word))
			return false;
	return true;
}

/* Where it is made, and one place to keep it. */
static void print_password(
	const struct account *account, const struct provider *provider)
{
	if (provider && provider->password_page) {
		printf("# ");
		printf(_("The password is made at %s\n"),
			provider->password_page);
	}
	if (account->user && is_plain(account->user))
		printf("# %s\n#   secret-tool store --label=%s host %s service "
		       "smtp user %s\n",
			_("the password, for the desktop's keyring:"),
			account->host, account->host, account->user);
}

static void print_profile(const struct found *found)
{
	static const enum option_id lines[] = { OPTION_host, OPTION_port,
		OPTION_tls, OPTION_tls_starttls, OPTION_auth, OPTION_user,
		OPTION_from };
	const struct account *account = found->account;
	const struct provider *provider = found->server.provider;

	printf("# %s\naccount default\n", _(found->server.told_by));
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		print_line(account, lines[i]);
	if (provider && provider->note)
		printf("# %s\n", _(provider->note));
	if (account->auth != OPTION_AUTH_XOAUTH2)
		print_password(account, provider);
}

static void warn(const char *host, const char *domain)
{
	fputs("mailchute: ", stderr);
	fprintf(stderr,
		_("%s is not in %s: is it really the provider's? Such answers "
		  "are not signed"),
		host, domain);
	fputc('\n', stderr);
}

static bool configure(const char *text, struct arena *arena, struct diag *why)
{
	struct found found = { .arena = arena };
	const char *reason = DIAG_WORDS N_("it has no domain"), *domain;
	struct providers providers;

	if (!address_parse(span_of(text), arena, &found.mailbox, &reason) ||
		!found.mailbox.domain[0])
		return diag_set(why, DIAG_ADDRESS_INVALID, text, reason);
	domain = found.mailbox.domain;
	found.address = address_string(arena, &found.mailbox);
	providers_read(preset_folders(NULL, arena), arena, &providers);
	if (!setup_find(domain, &providers, arena, &found.server, why) ||
		!describe(&found, why))
		return false;
	print_profile(&found);
	if (!found.server.is_certain &&
		!span_is_below(span_of(found.account->host), span_of(domain)))
		warn(found.account->host, domain);
	return true;
}

int cmd_configure(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct arena *arena = arena_new();
	struct diag why = { .exit_code = 0 };

	if (!(request->operand_count
			    ? diag_set(&why, DIAG_USAGE_UNWANTED_WORD,
				      "--configure", request->operands[0])
			    : configure(
				      request->configure_address, arena, &why)))
		report_problem(&why);
	arena_free(arena);
	return why.exit_code;
}
