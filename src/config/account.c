/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accounts: which one a message goes through, and what follows from what it
 * says.  Does not know how files and variables are read.
 */
#include <config.h>

#include "config/account.h"

#include "base/place.h"
#include "base/process.h"
#include "base/text.h"
#include "config/environment.h"
#include "config/expand.h"
#include "config/file.h"
#include "config/preset.h"
#include "smtp/command.h"

#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum {
	ACCOUNT_PORT_SMTP = 25,
	ACCOUNT_PORT_SUBMISSION = 587, /* RFC 6409 */
	ACCOUNT_PORT_SUBMISSIONS = 465 /* RFC 8314 */
};

/* ---- names of accounts --------------------------------------------------- */

static const struct account *by_name(
	const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->account_count; i++)
		if (strcmp(config->accounts[i]->name, name) == 0)
			return config->accounts[i];
	return NULL;
}

/* "/etc/mailchuterc; cannot read …" */
static const char *files_text(
	const struct config *config, bool looked_for, struct arena *arena)
{
	struct buf text = BUF_INIT(DIAG_TEXT_BYTES);
	const char *copy;

	if (looked_for || !config->file_count)
		buf_puts(&text, config->looked_for);
	else
		for (size_t i = 0; i < config->file_count; i++)
			buf_printf(
				&text, "%s%s", i ? ", " : "", config->files[i]);
	for (size_t i = 0; i < config->unreadable_count; i++)
		buf_printf(&text, "; %s", config->unreadable[i]);
	copy = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return copy;
}

static bool conflict(
	const struct account *account, const char *what, struct diag *why)
{
	return diag_set(why, DIAG_CONFIG_CONFLICT, account->name, what);
}

/* ---- fallback ------------------------------------------------------------ */

/* The next name of a list; false at its end. */
static bool next_name(struct span *list, struct arena *arena, const char **name)
{
	struct span word = { NULL, 0 };

	while (list->length && !word.length)
		word = span_trim(span_cut(list, ','));
	*name = arena_strndup(arena, word.at, word.length);
	return word.length != 0;
}

static bool is_name_in(struct span list, const char *name, struct arena *arena)
{
	const char *other;

	while (next_name(&list, arena, &other))
		if (strcmp(other, name) == 0)
			return true;
	return false;
}

static bool check_name(const struct config *config,
	const struct account *account, const char *name, struct span rest,
	struct arena *arena, struct diag *why)
{
	if (strcmp(name, account->name) == 0)
		return conflict(
			account, "fallback names the account itself", why);
	if (is_name_in(rest, name, arena))
		return conflict(
			account, "fallback names an account twice", why);
	return by_name(config, name) ||
	       diag_set(why, DIAG_CONFIG_ACCOUNT_UNKNOWN, name,
		       files_text(config, false, arena));
}

/* A backup that is none is found out now, not on the day it is needed. */
static bool check_fallback(const struct config *config,
	const struct account *account, struct arena *arena, struct diag *why)
{
	struct span list = span_of(account->fallback ? account->fallback : "");
	struct buf where = BUF_INIT(DIAG_WHERE_BYTES);
	const char *name;
	bool is_fine = true;

	while (is_fine && next_name(&list, arena, &name))
		is_fine = check_name(config, account, name, list, arena, why);
	if (!is_fine) {
		origin_put(&where, &account->origin[OPTION_fallback]);
		diag_add_where(why, buf_text(&where));
	}
	buf_free(&where);
	return is_fine;
}

static bool check_fallbacks(
	const struct config *config, struct arena *arena, struct diag *why)
{
	for (size_t i = 0; i < config->account_count; i++)
		if (!check_fallback(config, config->accounts[i], arena, why))
			return false;
	return true;
}

/* ---- loading ------------------------------------------------------------- */

static bool has_host(const struct request *request)
{
	for (size_t i = 0; i < request->setting_count; i++)
		if (request->settings[i].id == OPTION_host)
			return true;
	return false;
}

/* Whoever started a privileged process chooses none of its files. */
static struct config_places find_places(
	const struct request *request, struct arena *arena)
{
	const char *xdg = process_getenv("XDG_CONFIG_HOME");

	return (struct config_places){
		.config_file =
			process_is_privileged() ? NULL : request->config_file,
		.home = process_home(arena),
		/* XDG: a path that is not absolute is to be ignored. */
		.xdg_config_home = xdg && xdg[0] == '/' ? xdg : NULL,
		.sysconfdir = place_system.settings,
	};
}

static enum environment_scope scope_of(const struct request *request)
{
	return request->is_fenced  ? ENVIRONMENT_FENCED
	       : has_host(request) ? ENVIRONMENT_KEYWORDS
				   : ENVIRONMENT_ALL;
}

bool config_load_noting(const struct request *request,
	struct config_notes *notes, struct arena *arena, struct config *out,
	struct diag *why)
{
	struct config_places places = { .config_file = NULL };
	bool is_fine;

	if (!has_host(request))
		places = find_places(request, arena);
	places.notes = notes;
	is_fine = config_read_files(&places, arena, out, why) &&
		  check_fallbacks(out, arena, why) &&
		  environment_read(out, scope_of(request), arena, why);
	if (!is_fine)
		config_wipe(out);
	return is_fine;
}

bool config_load(const struct request *request, struct arena *arena,
	struct config *out, struct diag *why)
{
	return config_load_noting(request, NULL, arena, out, why);
}

bool config_load_only(const char *path, struct arena *arena, struct config *out,
	struct diag *why)
{
	const struct config_places places = { .config_file = path };
	bool is_fine = config_read_files(&places, arena, out, why) &&
		       check_fallbacks(out, arena, why);

	out->environment = account_new("environment", DIALECT_MAILCHUTE, arena);
	if (!is_fine)
		config_wipe(out);
	return is_fine;
}

void account_wipe(struct account *account)
{
	secret_wipe(&account->password);
	secret_wipe(&account->proxy_password);
	secret_wipe(&account->oauth_client_secret);
}

void config_wipe(struct config *config)
{
	struct account_list list = { config->accounts, config->account_count,
		false, false };

	config_wipe_list(&list);
	config->account_count = 0;
	if (config->environment)
		account_wipe(config->environment);
}

/* ---- accounts ------------------------------------------------------------ */

struct account *account_new(
	const char *name, enum dialect dialect, struct arena *arena)
{
	struct account *account = arena_alloc(arena, sizeof *account);

	account->name = name;
	account->dialect = dialect;
	for (int id = 0; id < OPTION_COUNT; id++)
		option_reset(account, (enum option_id)id);
	return account;
}

void account_overlay(
	struct account *into, const struct account *from, bool is_owner)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_is_said(from, (enum option_id)id))
			option_copy(into, from, (enum option_id)id, is_owner);
}

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
			address_matches(span_of(from), span_of(address)))
			return account;
	}
	return NULL;
}

static bool fail_choice(const struct config *config,
	const struct request *request, struct arena *arena, struct diag *why)
{
	if (!config->file_count && !config->account_count)
		return diag_set(
			why, DIAG_CONFIG_NONE, files_text(config, true, arena));
	if (request->account && request->is_account_secret)
		return diag_set(why, DIAG_CONFIG_ACCOUNT_SSMTP,
			files_text(config, false, arena));
	if (request->account)
		return diag_set(why, DIAG_CONFIG_ACCOUNT_UNKNOWN,
			request->account, files_text(config, false, arena));
	return diag_set(
		why, DIAG_CONFIG_NO_DEFAULT, files_text(config, false, arena));
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

	if (has_host(request))
		return by_host(request, arena);
	if (request->account)
		return by_name(config, request->account);
	if (request->has_sender)
		account = by_sender(
			config, given_sender(request, arena), false, arena);
	else if (request->read_recipients && from_header)
		account = by_sender(config, from_header, true, arena);
	account = account ? account : by_name(config, "default");
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
			address_matches(
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

bool account_find(const struct config *config, const struct request *request,
	const char *from_header, struct arena *arena, struct account **out,
	struct diag *why)
{
	const struct account *chosen;
	struct account *account;

	if (has_host(request) && request->account)
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
	if (!check_fallback(config, account, arena, why) ||
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
	if (account->oauth_store && !is_store(account->oauth_store))
		return conflict(account,
			"oauth_store is 'file', or a command that prints the "
			"login, '|', and one that takes it",
			why);
	if (account->oauth_flow == OPTION_OAUTH_FLOW_JWT &&
		!account->oauth_key_file)
		return conflict(account,
			DIAG_WORDS N_("oauth_flow jwt needs oauth_key_file"),
			why);
	if (account->dialect == DIALECT_MSMTP && !account->socket &&
		!option_is_said(account, OPTION_tls))
		return conflict(account,
			"auth, but no word about tls: add 'tls on' "
			"(or 'tls off', for a server on this machine)",
			why);
	if (!account->user && account_needs_password(account))
		return conflict(account, "auth needs a user", why);
	return true;
}

static bool bad_address(const struct account *account, enum option_id id,
	const char *value, const char *reason, struct diag *why)
{
	struct buf where = BUF_INIT(DIAG_WHERE_BYTES);

	diag_set(why, DIAG_CONFIG_BAD_VALUE, option_keyword(id), value, reason);
	origin_put(&where, &account->origin[id]);
	diag_add_where(why, buf_text(&where));
	buf_free(&where);
	return false;
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
		const char *reason = "it has no domain";

		if (value && (!address_parse(span_of(value), arena, &mailbox,
				      &reason) ||
				     (!mailbox.domain[0] &&
					     !addresses[i].may_be_bare)))
			is_fine = bad_address(
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
		return conflict(
			account, "protocol lmtp needs a port or a socket", why);
	if (account->tls && account->tls_certcheck &&
		!account->tls_trust_file && !account->tls_fingerprint)
		return conflict(account,
			"tls_trust_file is empty, but tls_certcheck is on",
			why);
	if (account->dkim_domain &&
		(!account->dkim_selector || !account->dkim_key_file))
		return conflict(account,
			DIAG_WORDS N_("dkim_domain needs dkim_selector and "
				      "dkim_key_file"),
			why);
	if (!account->tls_cert_file != !account->tls_key_file)
		return conflict(account,
			"tls_cert_file and tls_key_file need each other", why);
	if (account->tls && !account->host && !account->tls_host_override)
		return conflict(account,
			"tls through a socket needs tls_host_override", why);
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

	while (next_name(&list, arena, &name)) {
		/* check_fallback() has seen that it is there. */
		const struct account *chosen = by_name(config, name);

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

/* ---- questions ----------------------------------------------------------- */

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

const char *account_trust_file(const struct account *account)
{
	const char *file = account->tls_trust_file;

	return file && strcmp(file, "system") != 0 ? file : NULL;
}

const char *account_mechanism(const struct account *account)
{
	static const char *const names[] = { NULL, NULL, "PLAIN", "LOGIN",
		"EXTERNAL", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256",
		"SCRAM-SHA-256-PLUS", "OAUTHBEARER", "XOAUTH2", "CRAM-MD5",
		"DIGEST-MD5", "NTLM", "GSSAPI" };
	_Static_assert(sizeof names / sizeof *names == OPTION_AUTH_GSSAPI + 1,
		"one name a choice of auth");

	return names[account->auth];
}

bool account_needs_password(const struct account *account)
{
	return account->auth != OPTION_AUTH_OFF &&
	       account->auth != OPTION_AUTH_EXTERNAL &&
	       account->auth != OPTION_AUTH_GSSAPI;
}

static bool has_issuer(const struct account *account)
{
	return account->oauth_issuer || account->oauth_metadata ||
	       account->oauth_client_id || account->oauth_key_file ||
	       account->oauth_token_url;
}

bool account_uses_login(const struct account *account)
{
	if (account->password.length || account->passwordeval)
		return false;
	return account->auth == OPTION_AUTH_OAUTHBEARER ||
	       account->auth == OPTION_AUTH_XOAUTH2 ||
	       (account->auth == OPTION_AUTH_ON && has_issuer(account));
}

bool account_store_commands(const struct account *account, struct arena *arena,
	const char **read_command, const char **write_command)
{
	struct span rest =
		span_of(account->oauth_store ? account->oauth_store : "");
	struct span first;

	if (span_find(rest, '|') == rest.length)
		return false;
	first = span_trim(span_cut(&rest, '|'));
	rest = span_trim(rest);
	*read_command = arena_strndup(arena, first.at, first.length);
	*write_command = arena_strndup(arena, rest.at, rest.length);
	return true;
}

bool account_permits_clear_password(const struct account *account)
{
	return account->socket ||
	       (!account->tls && option_is_said(account, OPTION_tls));
}

int account_syslog_facility(const struct account *account)
{
	static const int facilities[] = { -1, LOG_MAIL, LOG_USER, LOG_MAIL,
		LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4,
		LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7 };
	_Static_assert(sizeof facilities / sizeof *facilities ==
			       OPTION_SYSLOG_LOCAL7 + 1,
		"one facility a choice of syslog");

	if (!account)
		return LOG_MAIL;
	if (account->dialect == DIALECT_MSMTP &&
		account->syslog == OPTION_SYSLOG_ON)
		return LOG_USER;
	return facilities[account->syslog];
}

const char *account_log_time_format(const struct account *account)
{
	const char *format = account->logfile_time_format;

	return format && strcmp(format, "none") != 0 ? format : "";
}
