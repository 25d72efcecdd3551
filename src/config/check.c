/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings against what else is set.  The rules are a table; how a setting is
 * read, and what a mail makes of it, are others' business.
 */
#include <config.h>

#include "config/check.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "config/choose.h"
#include "config/preset.h"
#include "mail/aliases.h"
#include "net/trust.h"

#include <limits.h>
#include <string.h>

/* ---- when a rule holds --------------------------------------------------- */

typedef bool condition(const struct account *account);

static bool always(const struct account *account)
{
	(void)account;
	return true;
}

static bool has_timeout(const struct account *account)
{
	return account->timeout != 0;
}

static bool has_no_timeout(const struct account *account)
{
	return account->timeout == 0;
}

static bool has_auth(const struct account *account)
{
	return account->auth != OPTION_AUTH_OFF;
}

/* Unset, it follows from user in our files, and is off in msmtp's. */
static bool has_no_auth(const struct account *account)
{
	return !has_auth(account) &&
	       (account->dialect == DIALECT_MSMTP ||
		       option_is_said(account, OPTION_auth));
}

static bool chooses_auth(const struct account *account)
{
	return account->auth == OPTION_AUTH_ON;
}

static bool is_this_machine(const char *host)
{
	struct span name = span_of(host);

	return span_equal_nocase(name, SPAN("localhost")) ||
	       span_starts_with(name, SPAN("127.")) ||
	       span_equal(name, SPAN("::1")) || span_equal(name, SPAN("[::1]"));
}

static bool logs_in_clear(const struct account *account)
{
	return has_auth(account) && !account->tls && account->host &&
	       !account->socket && !is_this_machine(account->host) &&
	       option_is_said(account, OPTION_tls);
}

static bool has_password(const struct account *account)
{
	return account->password.length != 0;
}

/* Neither for the login nor for the key of a certificate. */
static bool needs_no_password(const struct account *account)
{
	return has_auth(account) && !account_needs_password(account) &&
	       !account->tls_key_file;
}

static bool is_not_ntlm(const struct account *account)
{
	return account->auth != OPTION_AUTH_NTLM;
}

static bool replaces_from(const struct account *account)
{
	return account->set_from_header == OPTION_SET_FROM_ON &&
	       !account->from_full_name;
}

static bool makes_no_from(const struct account *account)
{
	return account->set_from_header == OPTION_SET_FROM_OFF;
}

static bool names_recipients(const struct account *account)
{
	return account->set_to_header == OPTION_SET_TO_ON;
}

static bool removes_bcc(const struct account *account)
{
	return account->remove_bcc_headers;
}

static bool has_socket(const struct account *account)
{
	return account->socket != NULL;
}

static bool has_no_proxy(const struct account *account)
{
	return !account->proxy_host;
}

/* A socket has no TLS unless somebody said so. */
static bool has_no_tls(const struct account *account)
{
	return !account->tls ||
	       (account->socket && !option_is_said(account, OPTION_tls));
}

static bool trusts_without_asking(const struct account *account)
{
	return !has_no_tls(account) &&
	       (!account->tls_certcheck || account->tls_fingerprint);
}

static bool has_short_pin(const struct account *account)
{
	struct span list = span_of(
		account->tls_fingerprint ? account->tls_fingerprint : "");

	while (list.length) {
		struct span pin = span_trim(span_cut(&list, ','));
		size_t digits = 0;

		for (size_t i = 0; i < pin.length; i++)
			digits += pin.at[i] != ':' && pin.at[i] != ' ';
		if (!span_starts_with_nocase(pin, SPAN("sha")) && digits &&
			digits < 64)
			return true;
	}
	return false;
}

static bool has_no_sender(const struct account *account)
{
	return !account->from && !account->auto_from;
}

static bool has_pattern(const struct account *account)
{
	return account->from && strpbrk(account->from, "?*[");
}

static bool has_expansion(const struct account *account)
{
	return account->from && strchr(account->from, '%');
}

static bool qualifies(const struct account *account)
{
	return account->maildomain && !account->auto_from;
}

static bool makes_sender(const struct account *account)
{
	return account->auto_from;
}

static bool has_no_sandbox(const struct account *account)
{
	return !account->sandbox;
}

static bool has_syslog(const struct account *account)
{
	return account->syslog != OPTION_SYSLOG_OFF;
}

static bool has_logfile(const struct account *account)
{
	return account->logfile != NULL;
}

static bool has_no_text_log(const struct account *account)
{
	return !account->logfile ||
	       account->log_format == OPTION_LOG_FORMAT_JSON;
}

static bool has_no_queue(const struct account *account)
{
	return account->queue == OPTION_QUEUE_OFF;
}

static bool asks_for_reports(const struct account *account)
{
	return account->dsn_notify != NULL;
}

static bool asks_for_return(const struct account *account)
{
	return account->dsn_return != OPTION_DSN_RETURN_OFF;
}

/* ---- the rules ----------------------------------------------------------- */

enum { BOTH = 0, MSMTP = 1 /* in files of msmtp's alone */ };

static const char no_tls[] = N_("there is no TLS with 'tls off', or through a "
				"socket without 'tls on'");
static const char no_queue[] = N_("there is no queue");
static const char no_proxy[] = N_("there is no proxy_host");
static const char no_auth[] = N_("auth is off");
static const char no_password[] =
	N_("a login by certificate or ticket needs none");
static const char no_socket[] = N_("socket is used instead");
static const char command[] =
	N_("its exit status counts, it has no input, and 30 seconds");
static const char no_dsn[] = N_("a server without DSN gets the mail without "
				"it, msmtp fails");

static const struct rule {
	enum option_id id;
	int dialect;
	enum config_note_kind kind;
	condition *holds;
	const char *text;
} rules[] = {
	{ OPTION_port, BOTH, CONFIG_NOTE_IGNORED, has_socket, no_socket },
	{ OPTION_source_ip, BOTH, CONFIG_NOTE_IGNORED, has_socket, no_socket },
	{ OPTION_ip_version, BOTH, CONFIG_NOTE_IGNORED, has_socket, no_socket },
	{ OPTION_proxy_host, BOTH, CONFIG_NOTE_IGNORED, has_socket, no_socket },
	{ OPTION_proxy_port, BOTH, CONFIG_NOTE_IGNORED, has_no_proxy,
		no_proxy },
	{ OPTION_proxy_user, BOTH, CONFIG_NOTE_IGNORED, has_no_proxy,
		no_proxy },
	{ OPTION_proxy_password, BOTH, CONFIG_NOTE_IGNORED, has_no_proxy,
		no_proxy },
	{ OPTION_timeout, MSMTP, CONFIG_NOTE_DIFFERS, has_timeout,
		N_("caps every wait, under TLS too, and over all addresses of "
		   "the host together") },
	{ OPTION_timeout, MSMTP, CONFIG_NOTE_DIFFERS, has_no_timeout,
		N_("the limits of each stage hold; msmtp waits for ever") },
	{ OPTION_from, MSMTP, CONFIG_NOTE_DIFFERS, has_no_sender,
		N_("without an address the message's author is the sender") },
	{ OPTION_from, MSMTP, CONFIG_NOTE_DIFFERS, has_pattern,
		N_("a pattern fits in any case, and is never a sender "
		   "itself") },
	{ OPTION_from, MSMTP, CONFIG_NOTE_DIFFERS, has_expansion,
		N_("%-words are expanded before a sender is compared with "
		   "it") },
	{ OPTION_from_full_name, BOTH, CONFIG_NOTE_IGNORED, makes_no_from,
		N_("set_from_header is off") },
	{ OPTION_auto_from, BOTH, CONFIG_NOTE_OBSOLETE, makes_sender,
		N_("write 'from %U@domain'") },
	{ OPTION_maildomain, MSMTP, CONFIG_NOTE_DIFFERS, qualifies,
		N_("is added to recipients without a domain") },
	{ OPTION_aliases, MSMTP, CONFIG_NOTE_DIFFERS, always,
		N_("names fit in any case, and with the name of this host; "
		   "commands, files and lists in it are skipped") },
	{ OPTION_auth, MSMTP, CONFIG_NOTE_DIFFERS, chooses_auth,
		N_("CRAM-MD5, DIGEST-MD5 and NTLM are only taken by name") },
	{ OPTION_auth, BOTH, CONFIG_NOTE_DIFFERS, logs_in_clear,
		N_("no password goes over a connection without TLS, except to "
		   "this machine: set 'tls on'") },
	{ OPTION_user, BOTH, CONFIG_NOTE_IGNORED, has_no_auth, no_auth },
	{ OPTION_password, BOTH, CONFIG_NOTE_IGNORED, has_no_auth, no_auth },
	{ OPTION_passwordeval, BOTH, CONFIG_NOTE_IGNORED, has_no_auth,
		no_auth },
	{ OPTION_password_command, BOTH, CONFIG_NOTE_IGNORED, has_no_auth,
		no_auth },
	{ OPTION_password_file, BOTH, CONFIG_NOTE_IGNORED, has_no_auth,
		no_auth },
	{ OPTION_password_store, BOTH, CONFIG_NOTE_IGNORED, has_no_auth,
		no_auth },
	{ OPTION_password, BOTH, CONFIG_NOTE_IGNORED, needs_no_password,
		no_password },
	{ OPTION_passwordeval, BOTH, CONFIG_NOTE_IGNORED, needs_no_password,
		no_password },
	{ OPTION_ntlmdomain, BOTH, CONFIG_NOTE_IGNORED, is_not_ntlm,
		N_("it is for 'auth ntlm'") },
	{ OPTION_passwordeval, BOTH, CONFIG_NOTE_IGNORED, has_password,
		N_("password is used instead") },
	{ OPTION_password_command, BOTH, CONFIG_NOTE_IGNORED, has_password,
		N_("password is used instead") },
	{ OPTION_password_file, BOTH, CONFIG_NOTE_IGNORED, has_password,
		N_("password is used instead") },
	{ OPTION_password_store, BOTH, CONFIG_NOTE_IGNORED, has_password,
		N_("password is used instead") },
	{ OPTION_passwordeval, MSMTP, CONFIG_NOTE_DIFFERS, always, command },
	{ OPTION_tls_starttls, BOTH, CONFIG_NOTE_IGNORED, has_no_tls, no_tls },
	{ OPTION_tls_trust_file, BOTH, CONFIG_NOTE_IGNORED, has_no_tls,
		no_tls },
	{ OPTION_tls_certcheck, BOTH, CONFIG_NOTE_IGNORED, has_no_tls, no_tls },
	{ OPTION_tls_host_override, BOTH, CONFIG_NOTE_IGNORED, has_no_tls,
		no_tls },
	{ OPTION_tls_fingerprint, BOTH, CONFIG_NOTE_IGNORED, has_no_tls,
		no_tls },
	{ OPTION_tls_crl_file, BOTH, CONFIG_NOTE_IGNORED, has_no_tls, no_tls },
	{ OPTION_tls_cert_file, BOTH, CONFIG_NOTE_IGNORED, has_no_tls, no_tls },
	{ OPTION_tls_key_file, BOTH, CONFIG_NOTE_IGNORED, has_no_tls, no_tls },
	{ OPTION_tls_priorities, BOTH, CONFIG_NOTE_IGNORED, has_no_tls,
		no_tls },
	{ OPTION_tls_min_dh_prime_bits, BOTH, CONFIG_NOTE_IGNORED, has_no_tls,
		no_tls },
	{ OPTION_tls_trust_file, BOTH, CONFIG_NOTE_IGNORED,
		trusts_without_asking,
		N_("tls_certcheck is off, or there is a tls_fingerprint") },
	{ OPTION_tls_crl_file, BOTH, CONFIG_NOTE_IGNORED, trusts_without_asking,
		N_("tls_certcheck is off, or there is a tls_fingerprint") },
	{ OPTION_tls_fingerprint, BOTH, CONFIG_NOTE_OBSOLETE, has_short_pin,
		N_("SHA-1 and MD5 protect little: use the SHA-256 "
		   "fingerprint") },
	{ OPTION_tls_force_sslv3, BOTH, CONFIG_NOTE_IGNORED, always,
		N_("SSL 3.0 is broken, and gone") },
	{ OPTION_set_from_header, MSMTP, CONFIG_NOTE_DIFFERS, replaces_from,
		N_("the author's name is kept") },
	{ OPTION_set_to_header, MSMTP, CONFIG_NOTE_DIFFERS, names_recipients,
		N_("nobody who was Bcc is named") },
	{ OPTION_remove_bcc_headers, MSMTP, CONFIG_NOTE_DIFFERS, removes_bcc,
		N_("Resent-Bcc is removed as well, and 'Bcc :'") },
	{ OPTION_dsn_notify, MSMTP, CONFIG_NOTE_DIFFERS, asks_for_reports,
		no_dsn },
	{ OPTION_dsn_return, MSMTP, CONFIG_NOTE_DIFFERS, asks_for_return,
		no_dsn },
	{ OPTION_queue_dir, BOTH, CONFIG_NOTE_IGNORED, has_no_queue, no_queue },
	{ OPTION_queue_runner, BOTH, CONFIG_NOTE_IGNORED, has_no_queue,
		no_queue },
	{ OPTION_queue_lifetime, BOTH, CONFIG_NOTE_IGNORED, has_no_queue,
		no_queue },
	{ OPTION_queue_retry, BOTH, CONFIG_NOTE_IGNORED, has_no_queue,
		no_queue },
	{ OPTION_rate, BOTH, CONFIG_NOTE_IGNORED, has_no_queue, no_queue },
	{ OPTION_max_connections, BOTH, CONFIG_NOTE_IGNORED, has_no_queue,
		no_queue },
	{ OPTION_max_messages_per_connection, BOTH, CONFIG_NOTE_IGNORED,
		has_no_queue, no_queue },
	{ OPTION_sandbox, BOTH, CONFIG_NOTE_EXPOSED, has_no_sandbox,
		N_("what a server says is read with all of your rights") },
	{ OPTION_logfile, MSMTP, CONFIG_NOTE_DIFFERS, has_logfile,
		N_("failures before the connection are logged too; our fields "
		   "follow msmtp's") },
	{ OPTION_logfile_time_format, BOTH, CONFIG_NOTE_IGNORED,
		has_no_text_log,
		N_("there is no logfile, or it is one of JSON") },
	{ OPTION_syslog, MSMTP, CONFIG_NOTE_DIFFERS, has_syslog,
		N_("the lines are those of 'mailchute', unless it is called "
		   "msmtp; failures before the connection are logged too") },
};

/* Everything that msmtp 1.8 has a keyword for; the list is closed. */
static const enum option_id of_msmtp[] = { OPTION_host, OPTION_port,
	OPTION_socket, OPTION_protocol, OPTION_source_ip, OPTION_proxy_host,
	OPTION_proxy_port, OPTION_timeout, OPTION_domain, OPTION_from,
	OPTION_from_full_name, OPTION_allow_from_override, OPTION_auto_from,
	OPTION_maildomain, OPTION_aliases, OPTION_auth, OPTION_user,
	OPTION_password, OPTION_passwordeval, OPTION_tls, OPTION_tls_starttls,
	OPTION_tls_trust_file, OPTION_tls_certcheck, OPTION_tls_host_override,
	OPTION_tls_fingerprint, OPTION_tls_crl_file, OPTION_tls_cert_file,
	OPTION_tls_key_file, OPTION_tls_priorities,
	OPTION_tls_min_dh_prime_bits, OPTION_tls_force_sslv3,
	OPTION_set_from_header, OPTION_set_to_header, OPTION_set_date_header,
	OPTION_set_msgid_header, OPTION_remove_bcc_headers, OPTION_dsn_notify,
	OPTION_dsn_return, OPTION_logfile, OPTION_logfile_time_format,
	OPTION_syslog, OPTION_ntlmdomain };

static bool is_of_msmtp(enum option_id id)
{
	for (size_t i = 0; i < sizeof of_msmtp / sizeof *of_msmtp; i++)
		if (of_msmtp[i] == id)
			return true;
	return false;
}

/* ---- one account --------------------------------------------------------- */

static void add(struct config_notes *notes, const struct account *account,
	enum option_id id, enum config_note_kind kind, const char *text,
	const char *what)
{
	const struct origin *origin = &account->origin[id];

	config_notes_add(notes,
		&(const struct config_note){ .kind = kind,
			.file = origin->name ? origin->name : account->file,
			.line = origin->line,
			.account = account->name,
			.keyword = option_keyword(id),
			.text = text,
			.what = what });
}

/* One reason is enough for a line to have no effect. */
static void check_setting(struct config_notes *notes,
	const struct account *account, enum option_id id)
{
	bool is_msmtp = account->dialect == DIALECT_MSMTP;
	bool is_ignored = false;

	if (account->origin[id].kind != ORIGIN_FILE)
		return;
	if (is_msmtp && !is_of_msmtp(id))
		add(notes, account, id, CONFIG_NOTE_DIFFERS,
			N_("msmtp does not know this keyword"), NULL);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		const struct rule *rule = &rules[i];

		if (rule->id != id || (rule->dialect == MSMTP && !is_msmtp) ||
			is_ignored || !rule->holds(account))
			continue;
		add(notes, account, id, rule->kind, rule->text, NULL);
		is_ignored = rule->kind == CONFIG_NOTE_IGNORED;
	}
}

/* The line that the diag names, or the account's. */
static unsigned line_of(const struct diag *why, const struct account *account)
{
	const char *colon = strrchr(why->where, ':');
	unsigned long line;

	return colon && span_number(span_of(colon + 1), UINT_MAX, &line)
		       ? (unsigned)line
		       : account->line;
}

/* One without a host may be there to be built upon; not the one that mail goes
 * to by itself or by name, nor the only ones there are. */
static bool may_lack_host(const struct config *config,
	const struct request *request, const struct account *account)
{
	bool has_other = false;

	for (size_t i = 0; i < config->account_count; i++) {
		const struct account *other = config->accounts[i];

		has_other |= other->host || other->socket || other->capture ||
			     (other->provider && *other->provider);
	}
	return has_other && !request->account &&
	       strcmp(account->name, "default") != 0;
}

bool config_check_account(const struct config *config,
	const struct request *request, const struct account *account,
	struct arena *arena, struct diag *why)
{
	struct request by_name = *request;
	struct account *found;
	struct diag failure = { .id = DIAG_NONE };

	by_name.account = account->name;
	by_name.has_sender = false;
	by_name.sender = NULL;
	if (account_find(config, &by_name, NULL, arena, &found, &failure) &&
		account_check(found, &failure))
		return true;
	if (failure.id == DIAG_CONFIG_NO_HOST &&
		may_lack_host(config, request, account))
		return true;
	*why = failure;
	return false;
}

/* What keeps the account from being used. */
static void check_whole(const struct config *config,
	const struct request *request, const struct account *account,
	struct config_notes *notes)
{
	struct diag why;

	if (config_check_account(config, request, account, notes->arena, &why))
		return;
	config_notes_add(
		notes, &(const struct config_note){ .kind = CONFIG_NOTE_ERROR,
			       .file = account->file ? account->file : "",
			       .line = line_of(&why, account),
			       .why = &why });
}

static void note_alias(struct config_notes *notes, const char *path,
	const struct aliases_note *found)
{
	config_notes_add(notes,
		&(const struct config_note){ .kind = CONFIG_NOTE_IGNORED,
			.file = path,
			.line = found->line,
			.text = aliases_fault_text(found->fault),
			.what = found->name[0] && found->member[0]
					? arena_printf(notes->arena, "%s: %s",
						  found->name, found->member)
				: found->name[0] ? found->name
						 : found->member });
}

/* A file that cannot be read keeps every mail of the account. */
static void check_aliases(
	const struct account *account, struct config_notes *notes)
{
	struct buf text = BUF_INIT(ALIASES_TEXT_LIMIT);
	struct diag why = { .id = DIAG_NONE };
	const struct aliases *aliases;
	enum file_result result = FILE_READ;

	if (account->aliases)
		result = file_read(account->aliases, &text, NULL, &why);
	if (result == FILE_MISSING)
		diag_set(&why, DIAG_CONFIG_UNREADABLE, account->aliases);
	if (result == FILE_MISSING) {
		add(notes, account, OPTION_aliases, CONFIG_NOTE_IGNORED,
			N_("there is no such file; until there is, mail to "
			   "root goes to local_to"),
			account->aliases);
	} else if (result != FILE_READ)
		config_notes_add(notes,
			&(const struct config_note){ .kind = CONFIG_NOTE_ERROR,
				.file = account->origin[OPTION_aliases].name
						? account->origin
							  [OPTION_aliases]
								  .name
						: account->aliases,
				.line = account->origin[OPTION_aliases].line,
				.why = &why });
	aliases = aliases_parse(buf_span(&text), notes->arena);
	for (size_t i = 0; i < aliases->note_count; i++)
		note_alias(notes, account->aliases, &aliases->notes[i]);
	buf_free(&text);
}

/* Without it no server is believed. */
static void check_trust_file(
	const struct account *account, struct config_notes *notes)
{
	const struct origin *origin = &account->origin[OPTION_tls_trust_file];
	const char *file = account_trust_file(account);
	struct diag why = { .id = DIAG_NONE };

	if (has_no_tls(account) || trusts_without_asking(account) || !file ||
		trust_check_file(file, &why))
		return;
	config_notes_add(
		notes, &(const struct config_note){ .kind = CONFIG_NOTE_ERROR,
			       .file = origin->name ? origin->name : file,
			       .line = origin->line,
			       .why = &why });
}

/* What the environment says counts instead. */
static void check_environment(const struct config *config,
	const struct account *account, struct config_notes *notes)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;

		if (option_is_said(config->environment, id) &&
			account->origin[id].kind == ORIGIN_FILE)
			add(notes, account, id, CONFIG_NOTE_HIDDEN,
				N_("the variable %s counts"),
				config->environment->origin[id].name);
	}
}

/* Whoever names one of these providers hears of it anyway; nobody else would.
 */
static void note_providers(struct config_notes *notes)
{
	struct providers providers;

	providers_read(
		preset_folders(NULL, notes->arena), notes->arena, &providers);
	for (size_t i = 0; i < providers.problem_count; i++)
		config_notes_add(
			notes, &(const struct config_note){
				       .kind = CONFIG_NOTE_IGNORED,
				       .file = providers.problems[i].file,
				       .line = providers.problems[i].line,
				       .why = &providers.problems[i].why });
}

void config_check(const struct config *config, const struct request *request,
	struct config_notes *notes)
{
	for (size_t i = 0; i < config->account_count; i++) {
		const struct account *account = config->accounts[i];

		for (int id = 0; id < OPTION_COUNT; id++)
			check_setting(notes, account, (enum option_id)id);
		check_environment(config, account, notes);
		check_aliases(account, notes);
		check_trust_file(account, notes);
		if (request->account &&
			strcmp(request->account, account->name) != 0)
			continue;
		check_whole(config, request, account, notes);
	}
	note_providers(notes);
	config_notes_sort(notes);
}

/* ---- printing ------------------------------------------------------------ */

static void put_note(struct json *json, const struct config_note *note)
{
	struct buf why = BUF_INIT(4 * DIAG_TEXT_BYTES);

	json_begin(json, NULL, '{');
	json_text(json, "kind", config_note_kind_name(note->kind));
	json_text(json, "file", note->file);
	if (note->line)
		json_number(json, "line", note->line);
	if (note->account)
		json_text(json, "account", note->account);
	if (note->keyword)
		json_text(json, "keyword", note->keyword);
	config_note_put_text(&why, note, false);
	json_text(json, "text", buf_text(&why));
	json_text(json, "why", buf_text(&why));
	json_end(json, '}');
	buf_free(&why);
}

static void put_queues(
	struct json *json, const struct config_queue *queues, size_t count)
{
	json_begin(json, "queues", '[');
	for (size_t i = 0; i < count; i++) {
		json_begin(json, NULL, '{');
		json_text(json, "account", queues[i].account);
		json_text(json, "runner", queues[i].runner);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void put_json(const struct config *config,
	const struct config_notes *notes, const struct config_queue *queues,
	size_t count, struct buf *out)
{
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_texts(&json, "files", config->files, config->file_count);
	json_texts(&json, "hidden", config->hidden, config->hidden_count);
	json_texts(&json, "unreadable", config->unreadable,
		config->unreadable_count);
	json_number(&json, "errors", (int64_t)notes->error_count);
	json_begin(&json, "notes", '[');
	for (size_t i = 0; i < notes->count; i++)
		put_note(&json, &notes->items[i]);
	json_end(&json, ']');
	if (count)
		put_queues(&json, queues, count);
	json_end(&json, '}');
	buf_puts(out, "\n");
}

void config_check_put(const struct config *config,
	const struct config_notes *notes, const struct config_queue *queues,
	size_t count, bool is_json, struct buf *out)
{
	if (is_json) {
		put_json(config, notes, queues, count, out);
		return;
	}
	for (size_t i = 0; i < notes->count; i++) {
		config_note_put(out, &notes->items[i]);
		buf_puts(out, "\n");
	}
	if (!notes->count)
		buf_printf(out, "%s\n", _("nothing to tell"));
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, _("account %s: "), queues[i].account);
		buf_printf(out, "%s\n", queues[i].runner);
	}
}
