/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which account a message goes through, and what follows from what it says.
 * Does not know how the accounts were read.
 */
#include <config.h>

#include "config/choose.h"

#include "auth/password.h"
#include "base/process.h"
#include "base/text.h"
#include "config/expand.h"
#include "config/fallback.h"
#include "config/preset.h"
#include "mail/address.h"
#include "mail/glob.h"
#include "smtp/command.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ACCOUNT_PORT_SMTP = 25,
	ACCOUNT_PORT_SUBMISSION = 587, /* RFC 6409 */
	ACCOUNT_PORT_SUBMISSIONS = 465 /* RFC 8314 */
};

/* ---- choosing ------------------------------------------------------------ */

static bool is_pattern(const char *from)
{
	return strpbrk(from, "?*[") != NULL;
}

/* The address in TEXT without its display name; NULL when there is none. */
static const char *plain_address(const char *text, struct arena *arena)
{
	struct mailbox_list list;
	struct span offending;
	const char *reason;

	if (!text ||
		!address_list_parse(
			span_of(text), arena, &list, &offending, &reason) ||
		!list.count || address_is_null(&list.items[0]))
		return NULL;
	return address_string(arena, &list.items[0]);
}

/* A full one: with a domain. */
static bool is_address(const char *text, struct arena *arena)
{
	struct mailbox mailbox;
	const char *reason;

	return text && address_parse(span_of(text), arena, &mailbox, &reason) &&
	       mailbox.domain[0];
}

/* The sender that was given, to msmtp with its expansions. */
static const char *given_sender(
	const struct request *request, struct arena *arena)
{
	const char *expanded = NULL;

	if (request->sender && request->manner == ARGV_MSMTP)
		expanded =
			expand_text(request->sender, "UHCM", NULL, arena, NULL);
	return expanded ? expanded : request->sender;
}

/* 'from' as it is written; auto_from is msmtp's older way to say it. */
static const char *raw_from(const struct account *account, struct arena *arena)
{
	if (!account->auto_from)
		return account->from;
	return account->maildomain
		       ? arena_printf(arena, "%%U@%s", account->maildomain)
		       : "%U";
}

/* What the account sends as, by its own word.  NULL and *WHY when an expansion
 * is not to be had. */
static const char *from_of(const struct account *account, const char *author,
	struct arena *arena, struct diag *why)
{
	const char *from = raw_from(account, arena);

	if (from)
		return expand_text(from, "UHCMF", author, arena, why);
	if (account->dialect == DIALECT_MAILCHUTE &&
		is_address(account->user, arena))
		return account->user;
	return NULL;
}

/* msmtp never looks at the header for its choice. */
static const struct account *by_sender(const struct config *config,
	const char *sender, bool is_header, struct arena *arena)
{
	const char *address = plain_address(sender, arena);

	for (size_t i = 0; address && i < config->account_count; i++) {
		const struct account *account = config->accounts[i];
		const char *from = from_of(account, NULL, arena, NULL);

		if (from && !(is_header && account->dialect == DIALECT_MSMTP) &&
			glob_matches_address(span_of(from), span_of(address)))
			return account;
	}
	return NULL;
}

static bool fail_choice(const struct config *config,
	const struct request *request, struct arena *arena, struct diag *why)
{
	if (!config->file_count && !config->account_count)
		return diag_set(why, DIAG_CONFIG_NONE,
			config_files_text(config, true, arena));
	if (request->account && request->is_account_secret)
		return diag_set(why, DIAG_CONFIG_ACCOUNT_SSMTP,
			config_files_text(config, false, arena));
	if (request->account)
		return config_fail_unknown(
			config, request->account, arena, why);
	diag_set_args(why, (struct diag_args){ .id = DIAG_CONFIG_NO_DEFAULT,
				   .a = config_files_text(config, false, arena),
				   .b = config_names_text(config, arena) });
	if (config->account_count)
		diag_add_hint(why,
			N_("name one with -a, or add 'account default : NAME' "
			   "to the file; there are: %2$s"));
	return false;
}

/* An account of the command line alone. */
static const struct account *by_host(
	const struct request *request, struct arena *arena)
{
	return account_new("default",
		request->manner == ARGV_MSMTP ? DIALECT_MSMTP
					      : DIALECT_MAILCHUTE,
		arena);
}

/* What msmtp falls back to: $SMTPSERVER and $EMAIL, port 25, no TLS. */
static const struct account *by_smtpserver(
	const struct request *request, struct arena *arena)
{
	static const struct origin server = { ORIGIN_ENVIRONMENT, "SMTPSERVER",
		0 };
	static const struct origin email = { ORIGIN_ENVIRONMENT, "EMAIL", 0 };
	const char *host = process_getenv("SMTPSERVER");
	const char *from = process_getenv("EMAIL");
	struct account *account;

	if (request->manner != ARGV_MSMTP || !host || !*host ||
		((!from || !*from) && !request->has_sender))
		return NULL;
	account = account_new("default", DIALECT_MSMTP, arena);
	if (!option_set(account, OPTION_host, host, server, arena, NULL) ||
		(from && !option_set(account, OPTION_from, from, email, arena,
				 NULL)))
		return NULL;
	return account;
}

static const struct account *pick(const struct config *config,
	const struct request *request, const char *from_header,
	struct arena *arena)
{
	const struct account *account = NULL;

	if (argv_names_host(request))
		return by_host(request, arena);
	if (request->account)
		return config_account(config, request->account);
	if (request->has_sender)
		account = by_sender(
			config, given_sender(request, arena), false, arena);
	else if (request->read_recipients && from_header)
		account = by_sender(config, from_header, true, arena);
	account = account ? account : config_account(config, "default");
	return account ? account : by_smtpserver(request, arena);
}

/* ---- what follows -------------------------------------------------------- */

static void derived(struct account *account, enum option_id id)
{
	account->origin[id] = (struct origin){ ORIGIN_DERIVED, NULL, 0 };
}

/* A server behind a socket of this machine needs no TLS and knows who we
 * are. */
static void derive_socket(struct account *account)
{
	if (!account->socket)
		return;
	if (!option_is_said(account, OPTION_tls)) {
		account->tls = false;
		derived(account, OPTION_tls);
	}
	if (!option_is_said(account, OPTION_auth)) {
		account->auth = OPTION_AUTH_OFF;
		derived(account, OPTION_auth);
	}
}

static void derive_port(struct account *account)
{
	bool is_msmtp = account->dialect == DIALECT_MSMTP;

	if (!is_msmtp && account->tls &&
		account->port == ACCOUNT_PORT_SUBMISSIONS &&
		!option_is_said(account, OPTION_tls_starttls)) {
		account->tls_starttls = false;
		derived(account, OPTION_tls_starttls);
	}
	/* RFC 2033 5: anything but 25. */
	if (account->port || account->socket ||
		account->protocol == OPTION_PROTOCOL_LMTP)
		return;
	account->port = account->tls && !account->tls_starttls
				? ACCOUNT_PORT_SUBMISSIONS
			: account->tls && !is_msmtp ? ACCOUNT_PORT_SUBMISSION
						    : ACCOUNT_PORT_SMTP;
	derived(account, OPTION_port);
}

static void derive_auth(struct account *account)
{
	if (account->dialect == DIALECT_MSMTP || account->socket ||
		!account->user || option_is_said(account, OPTION_auth))
		return;
	account->auth = OPTION_AUTH_ON;
	derived(account, OPTION_auth);
}

/* The sender that a pattern stands for: the one it was chosen by. */
static const char *from_of_pattern(const struct account *account,
	const struct request *request, const char *from_header,
	struct arena *arena)
{
	const char *candidates[] = {
		request->has_sender ? given_sender(request, arena) : NULL,
		from_header, account->user
	};

	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
		const char *address = plain_address(candidates[i], arena);

		if (address && is_address(address, arena) &&
			glob_matches_address(
				span_of(account->from), span_of(address)))
			return address;
	}
	return NULL;
}

/* 'from Ann <ann@example.org>' is both an address and a name. */
static void split_from(struct account *account, struct arena *arena)
{
	struct mailbox mailbox;
	const char *reason;

	if (!account->from || !address_parse(span_of(account->from), arena,
				      &mailbox, &reason))
		return;
	account->from = address_string(arena, &mailbox);
	if (mailbox.name[0] && !account->from_full_name) {
		account->from_full_name = mailbox.name;
		account->origin[OPTION_from_full_name] =
			account->origin[OPTION_from];
	}
}

static bool derive_from(struct account *account, const struct request *request,
	const char *from_header, struct arena *arena, struct diag *why)
{
	struct diag failure = { .id = DIAG_NONE };
	const char *from = from_of(account, from_header, arena, &failure);

	if (failure.id != DIAG_NONE) {
		*why = failure;
		return false;
	}
	if (account->auto_from || !account->from)
		derived(account, OPTION_from);
	account->from = from;
	if (account->from && is_pattern(account->from)) {
		account->from =
			from_of_pattern(account, request, from_header, arena);
		derived(account, OPTION_from);
	}
	split_from(account, arena);
	return true;
}

/* RFC 5321 4.1.1.1 wants a name that others can look up, or an address literal:
 * that one is known when the connection is there.  "localhost", "vm" and
 * "web_1.example.org" are neither. */
static bool derive_domain(
	struct account *account, struct arena *arena, struct diag *why)
{
	struct span host;

	if (account->domain) {
		account->domain =
			expand_text(account->domain, "HCM", NULL, arena, why);
		return account->domain != NULL;
	}
	if (account->dialect == DIALECT_MSMTP) {
		account->domain = option_default(OPTION_domain, DIALECT_MSMTP);
		return true;
	}
	host = span_of(process_host_name(arena));
	/* Absolute, as name servers write it. */
	if (host.length && host.at[host.length - 1] == '.')
		host.length--;
	if (command_is_host_name(host)) {
		account->domain = arena_strndup(arena, host.at, host.length);
		derived(account, OPTION_domain);
	}
	return true;
}

static bool derive(struct account *account, const struct request *request,
	const char *from_header, struct arena *arena, struct diag *why)
{
	if (!preset_apply(account, arena, why))
		return false;
	derive_socket(account);
	derive_port(account);
	derive_auth(account);
	return derive_from(account, request, from_header, arena, why) &&
	       derive_domain(account, arena, why);
}

/* ---- account_choose() ---------------------------------------------------- */

static bool apply_command_line(struct account *account,
	const struct request *request, struct arena *arena, struct diag *why)
{
	static const struct origin origin = { ORIGIN_COMMAND_LINE, NULL, 0 };

	for (size_t i = 0; i < request->setting_count; i++)
		if (!option_set(account, request->settings[i].id,
			    request->settings[i].value, origin, arena, why))
			return false;
	return true;
}

/* Of several places for the password those count that were said last: on the
 * command line, in the environment, in the file. */
static void settle_secret(struct account *account)
{
	static const enum option_id places[] = { OPTION_password,
		OPTION_passwordeval, OPTION_password_command,
		OPTION_password_file, OPTION_password_store };
	const size_t count = sizeof places / sizeof *places;
	enum origin_kind last = ORIGIN_DEFAULT;

	for (size_t i = 0; i < count; i++)
		if (option_is_set(account, places[i]) &&
			account->origin[places[i]].kind > last)
			last = account->origin[places[i]].kind;
	for (size_t i = 0; i < count; i++) {
		if (account->origin[places[i]].kind >= last)
			continue;
		/* Borrowed: the one it is from wipes it. */
		if (places[i] == OPTION_password)
			account->password = (struct secret){ NULL, 0 };
		option_reset(account, places[i]);
	}
}

bool account_find(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena, struct account **out,
	struct diag *why)
{
	const struct account *chosen;
	struct account *account;

	if (argv_names_host(request) && request->account)
		return diag_set(
			why, DIAG_USAGE_CONFLICT, "--account", "--host");
	chosen = pick(config, request, from_header, arena);
	if (!chosen)
		return fail_choice(config, request, arena, why);
	account = account_new(chosen->name, chosen->dialect, arena);
	account->exposed_in = chosen->exposed_in;
	account->file = chosen->file;
	account->line = chosen->line;
	account_overlay(account, chosen, false);
	account_overlay(account, config->environment, false);
	if (!apply_command_line(account, request, arena, why))
		return false;
	settle_secret(account);
	if (!fallback_check(config, account, arena, why) ||
		!derive(account, request, from_header, arena, why))
		return false;
	*out = account;
	return true;
}

/* 'file', or two commands. */
static bool is_store(const char *store)
{
	struct span rest = span_of(store);
	struct span first = span_trim(span_cut(&rest, '|'));

	return strcmp(store, "file") == 0 ||
	       (first.length && span_trim(rest).length &&
		       span_find(rest, '|') == rest.length);
}

static bool check_auth(const struct account *account, struct diag *why)
{
	if (account->auth == OPTION_AUTH_OFF)
		return true;
	if (account->password_store &&
		!password_is_store(span_of(account->password_store)))
		return account_conflict(account,
			"password_store is secret-tool, pass [NAME] or git",
			why);
	if (account->oauth_store && !is_store(account->oauth_store))
		return account_conflict(account,
			DIAG_WORDS N_("oauth_store is 'file', or a command "
				      "that prints the "
				      "login, '|', and one that takes it"),
			why);
	if (account->oauth_flow == OPTION_OAUTH_FLOW_JWT &&
		!account->oauth_key_file)
		return account_conflict(account,
			DIAG_WORDS N_("oauth_flow jwt needs oauth_key_file"),
			why);
	if (account->dialect == DIALECT_MSMTP && !account->socket &&
		!option_is_said(account, OPTION_tls))
		return account_conflict(account,
			DIAG_WORDS N_(
				"auth, but no word about tls: add 'tls on' "
				"(or 'tls off', for a server on this machine)"),
			why);
	if (!account->user && account_needs_password(account))
		return account_conflict(account,
			       DIAG_WORDS N_("auth needs a user"), why) ||
		       diag_add_hint(
			       why, N_("add a line 'user' with the name of the "
				       "login, or set 'auth off'"));
	return true;
}

/* 'from' may be a login name: its domain is asked for when it is used. */
static bool check_addresses(const struct account *account, struct diag *why)
{
	const struct {
		enum option_id id;
		const char *value;
		bool may_be_bare;
	} addresses[] = { { OPTION_from, account->from, true },
		{ OPTION_notify, account->notify, false },
		{ OPTION_redirect_to, account->redirect_to, false } };
	struct arena *arena = arena_new();
	struct mailbox mailbox;
	bool is_fine = true;

	for (size_t i = 0; is_fine && i < sizeof addresses / sizeof *addresses;
		i++) {
		const char *value = addresses[i].value;
		const char *reason = DIAG_WORDS N_("it has no domain");

		if (value && (!address_parse(span_of(value), arena, &mailbox,
				      &reason) ||
				     (!mailbox.domain[0] &&
					     !addresses[i].may_be_bare)))
			is_fine = account_bad_value(
				account, addresses[i].id, value, reason, why);
	}
	arena_free(arena);
	return is_fine;
}

/* Like a file with a password: one's own is for nobody else; one of root's, or
 * of a service, may be shared with a group. */
static bool key_is_closed(const struct account *account, struct diag *why)
{
	const char *path = account->tls_key_file;
	struct stat status;
	mode_t closed_to = S_IRWXG | S_IRWXO;

	if (!path || span_starts_with(span_of(path), SPAN("pkcs11:")) ||
		stat(path, &status) < 0)
		return true;
	if (status.st_uid != geteuid() || process_is_roots(&status))
		closed_to = S_IRWXO;
	return !(status.st_mode & closed_to) ||
	       diag_set(why, DIAG_CONFIG_KEY_READABLE, path);
}

bool account_is_closed(const struct account *account, struct diag *why)
{
	if (account->exposed_in)
		return diag_set(
			why, DIAG_CONFIG_SECRET_READABLE, account->exposed_in);
	return !account->tls || key_is_closed(account, why);
}

bool account_check(const struct account *account, struct diag *why)
{
	if (account->capture)
		return check_addresses(account, why);
	if (!account->host && !account->socket)
		return diag_set(why, DIAG_CONFIG_NO_HOST, account->name);
	if (!account->port && !account->socket)
		return account_conflict(account,
			DIAG_WORDS N_("protocol lmtp needs a port or a socket"),
			why);
	if (account->tls && account->tls_certcheck &&
		!account->tls_trust_file && !account->tls_fingerprint)
		return account_conflict(account,
			DIAG_WORDS N_("tls_trust_file is empty, but "
				      "tls_certcheck is on"),
			why);
	if (account->dkim_domain &&
		(!account->dkim_selector || !account->dkim_key_file))
		return account_conflict(account,
			DIAG_WORDS N_("dkim_domain needs dkim_selector and "
				      "dkim_key_file"),
			why);
	if (!account->tls_cert_file != !account->tls_key_file)
		return account_conflict(account,
			DIAG_WORDS N_("tls_cert_file and tls_key_file need "
				      "each other"),
			why);
	if (account->tls && !account->host && !account->tls_host_override)
		return account_conflict(account,
			DIAG_WORDS N_(
				"tls through a socket needs tls_host_override"),
			why);
	if (account->tls && account->dialect != DIALECT_MSMTP &&
		!key_is_closed(account, why))
		return false;
	return check_auth(account, why) && check_addresses(account, why);
}

bool account_choose(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena,
	const struct account **out, struct diag *why)
{
	struct account *account = NULL;

	if (!account_find(config, request, from_header, arena, &account, why) ||
		!account_check(account, why))
		return false;
	*out = account;
	return true;
}

static const struct account *make_fallback(const struct account *chosen,
	const struct request *request, struct arena *arena, struct diag *why)
{
	struct account *account =
		account_new(chosen->name, chosen->dialect, arena);

	account->exposed_in = chosen->exposed_in;
	account->file = chosen->file;
	account->line = chosen->line;
	account_overlay(account, chosen, false);
	return derive(account, request, NULL, arena, why) &&
			       account_check(account, why)
		       ? account
		       : NULL;
}

bool account_fallbacks(const struct config *config,
	const struct request *request, const struct account *first,
	struct arena *arena, const struct account *const **out,
	struct diag *why)
{
	struct span list = span_of(first->fallback ? first->fallback : "");
	const struct account **found =
		arena_alloc(arena, (list.length / 2 + 2) * sizeof *found);
	size_t count = 0;
	const char *name;

	while (fallback_next(&list, arena, &name)) {
		/* fallback_check() has seen that it is there. */
		const struct account *chosen = config_account(config, name);

		found[count] =
			chosen ? make_fallback(chosen, request, arena, why)
			       : NULL;
		if (!found[count++])
			return false;
	}
	found[count] = NULL;
	*out = found;
	return true;
}

/* ---- the sender ---------------------------------------------------------- */

static bool is_this_host(const char *domain, struct arena *arena)
{
	const char *const names[] = { "localhost", "localhost.localdomain",
		process_host_name(arena) };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i] &&
			span_equal_nocase(span_of(domain), span_of(names[i])))
			return true;
	return false;
}

const char *account_sender(const struct account *account,
	const struct request *request, struct arena *arena)
{
	const char *sender = given_sender(request, arena);
	struct mailbox mailbox;
	const char *reason;

	if (!request->has_sender ||
		(!account->allow_from_override && account->from))
		return account->from;
	/* What does not parse is told by the envelope. */
	if (!address_parse(span_of(sender), arena, &mailbox, &reason) ||
		address_is_null(&mailbox) || !account->from)
		return sender;
	if (!mailbox.domain[0] || is_this_host(mailbox.domain, arena))
		return account->from;
	return sender;
}
