/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings in the environment, and passwords taken out of it. */
#include <config.h>

#include "config/environment.h"

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "config/dsn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ENVIRONMENT_SECRET_LIMIT = 64 * 1024, ENVIRONMENT_NAME_LIMIT = 64 };

static const char prefix[] = "MAILCHUTE_";

/* A variable that is set to something; NULL also for a privileged process. */
static const char *value_of(const char *name)
{
	const char *value = process_getenv(name);

	return value && *value ? value : NULL;
}

/* Children inherit the environment, and others of the same user can read its
 * first state in /proc: both copies go. */
static void erase_variable(const char *name)
{
	char *value = getenv(name);

	if (value)
		secret_erase(value, strlen(value));
	(void)unsetenv(name);
}

static bool set_from(struct account *account, enum option_id id,
	const char *name, const char *value, struct arena *arena,
	struct diag *why)
{
	const struct origin origin = { ORIGIN_ENVIRONMENT,
		arena_strdup(arena, name), 0 };

	return option_set(account, id, value, origin, arena, why);
}

/* ---- passwords ----------------------------------------------------------- */

static bool set_from_file(struct account *account, const char *name,
	const char *path, struct arena *arena, struct diag *why)
{
	struct buf text = BUF_INIT(ENVIRONMENT_SECRET_LIMIT);
	struct diag failure = { .system_error = ENOENT };
	bool is_fine = file_read(path, &text, NULL, &failure) == FILE_READ;

	if (!is_fine) {
		diag_set(why, DIAG_CONFIG_UNREADABLE, path);
		diag_add_errno(why, failure.system_error);
		diag_add_where(why, name);
	} else {
		struct span value = buf_span(&text);

		/* The line end that echo and editors put there. */
		if (value.length && value.at[value.length - 1] == '\n')
			text.data[--value.length] = '\0';
		if (value.length && value.at[value.length - 1] == '\r')
			text.data[--value.length] = '\0';
		is_fine = set_from(account, OPTION_password, name,
			buf_text(&text), arena, why);
	}
	buf_wipe_free(&text);
	return is_fine;
}

/* NAME, or what the file in FILE_NAME holds. */
static bool take_password(struct account *account, const char *name,
	const char *file_name, struct arena *arena, struct diag *why)
{
	const char *value = value_of(name), *path = value_of(file_name);
	bool is_fine = true;

	if (value && path)
		is_fine = diag_set(why, DIAG_CONFIG_EXCLUSIVE, name, file_name);
	else if (path)
		is_fine = set_from_file(account, file_name, path, arena, why);
	else if (value)
		is_fine = set_from(
			account, OPTION_password, name, value, arena, why);
	return is_fine;
}

/* ---- MAILCHUTE_<KEYWORD> ------------------------------------------------- */

extern char **environ;

/* The keyword in "MAILCHUTE_TLS_STARTTLS=off" in lower case; false for any
 * other entry. */
static bool keyword_of(const char *entry, struct buf *keyword)
{
	struct span name = span_of(entry);

	name.length = span_find(name, '=');
	if (!span_starts_with(name, span_of(prefix)))
		return false;
	name = span_skip(name, sizeof prefix - 1);
	for (size_t i = 0; i < name.length; i++)
		buf_put_byte(keyword, ascii_lower(name.at[i]));
	return keyword->length && !keyword->overflowed;
}

/* MAILCHUTE_VERSION in somebody's image is none of our business;
 * MAILCHUTE_PASWORD is. */
static bool is_ours(struct span keyword)
{
	struct diag unknown = { .id = DIAG_NONE };
	const char *value = NULL;

	return option_resolve(keyword, &value,
		       (struct origin){ ORIGIN_ENVIRONMENT, "", 0 },
		       &unknown) != OPTION_COUNT ||
	       (unknown.id != DIAG_CONFIG_UNKNOWN_KEYWORD &&
		       unknown.id != DIAG_CONFIG_NO_KEYWORD);
}

/* What has its own reader. */
static bool is_no_plain_one(struct span keyword)
{
	return span_equal(keyword, SPAN("url")) ||
	       span_equal(keyword, SPAN("password")) ||
	       span_equal(keyword, SPAN("password_file")) ||
	       span_equal(keyword, SPAN("proxy_password")) ||
	       span_equal(keyword, SPAN("oauth_client_secret"));
}

/* What is no keyword, or has no meaning, is not said behind the fence. */
static bool is_open(struct span keyword, const char *value)
{
	enum option_id id = option_resolve(keyword, &value,
		(struct origin){ ORIGIN_ENVIRONMENT, "", 0 }, NULL);

	return id != OPTION_COUNT && argv_is_fence_open(id, value);
}

static bool take_keyword(struct account *account, struct span keyword,
	enum environment_scope scope, const char *name, const char *value,
	struct arena *arena, struct diag *why)
{
	const struct origin origin = { ORIGIN_ENVIRONMENT, name, 0 };
	enum option_id id;

	if (is_no_plain_one(keyword) || !*value || !is_ours(keyword))
		return true;
	if (scope == ENVIRONMENT_FENCED && !is_open(keyword, value))
		return true;
	id = option_resolve(keyword, &value, origin, why);
	return id != OPTION_COUNT &&
	       option_set(account, id, value, origin, arena, why);
}

static bool take_entry(struct account *account, enum environment_scope scope,
	const char *entry, struct arena *arena, struct diag *why)
{
	struct buf keyword = BUF_INIT(ENVIRONMENT_NAME_LIMIT);
	const char *equals = strchr(entry, '=');
	bool is_fine = true;

	if (equals && keyword_of(entry, &keyword))
		is_fine = take_keyword(account, buf_span(&keyword), scope,
			arena_strndup(arena, entry, (size_t)(equals - entry)),
			equals + 1, arena, why);
	buf_free(&keyword);
	return is_fine;
}

static bool take_secret(struct account *account, enum option_id id,
	const char *name, struct arena *arena, struct diag *why)
{
	const char *value = value_of(name);

	return !value || set_from(account, id, name, value, arena, why);
}

static bool take_keywords(struct account *account, enum environment_scope scope,
	struct arena *arena, struct diag *why)
{
	for (char **entry = environ; entry && *entry; entry++)
		if (!take_entry(account, scope, *entry, arena, why))
			return false;
	if (scope == ENVIRONMENT_FENCED)
		return true;
	return take_secret(account, OPTION_proxy_password,
		       "MAILCHUTE_PROXY_PASSWORD", arena, why) &&
	       take_secret(account, OPTION_oauth_client_secret,
		       "MAILCHUTE_OAUTH_CLIENT_SECRET", arena, why) &&
	       take_password(account, "MAILCHUTE_PASSWORD",
		       "MAILCHUTE_PASSWORD_FILE", arena, why);
}

/* ---- SMTP_… -------------------------------------------------------------- */

static const struct {
	const char *name;
	enum option_id id;
} smtp_variables[] = {
	{ "SMTP_HOST", OPTION_host },
	{ "SMTP_PORT", OPTION_port },
	{ "SMTP_USER", OPTION_user },
	{ "SMTP_FROM", OPTION_from },
	{ "SMTP_PROVIDER", OPTION_provider },
};

/* The first that is set counts. */
static const char *const urls[] = { "MAILCHUTE_URL", "SMTP_URL", "SMTP_DSN" };

static const char *set_url(void)
{
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
		if (value_of(urls[i]))
			return urls[i];
	return NULL;
}

static const char *any_smtp_variable(void)
{
	static const char *const names[] = { "SMTP_HOST", "SMTP_PROVIDER",
		"SMTP_USER", "SMTP_PASSWORD", "SMTP_PASSWORD_FILE", "SMTP_PORT",
		"SMTP_FROM", "SMTP_TLS" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (value_of(names[i]))
			return names[i];
	return NULL;
}

/* What SMTP_TLS says, in the words that other programs have for it. */
static bool set_tls(
	struct account *account, struct arena *arena, struct diag *why)
{
	static const struct {
		const char *word, *tls, *starttls;
	} words[] = { { "on", "on", NULL }, { "true", "on", NULL },
		{ "yes", "on", NULL }, { "1", "on", NULL },
		{ "tls", "on", NULL }, { "starttls", "on", "on" },
		{ "implicit", "on", "off" }, { "ssl", "on", "off" },
		{ "smtps", "on", "off" }, { "off", "off", NULL },
		{ "false", "off", NULL }, { "no", "off", NULL },
		{ "none", "off", NULL }, { "0", "off", NULL } };
	const char *name = "SMTP_TLS", *value = value_of(name);

	if (!value)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_equal_nocase(span_of(value), span_of(words[i].word)))
			return set_from(account, OPTION_tls, name, words[i].tls,
				       arena, why) &&
			       (!words[i].starttls ||
				       set_from(account, OPTION_tls_starttls,
					       name, words[i].starttls, arena,
					       why));
	diag_set(why, DIAG_CONFIG_BAD_VALUE, "tls", value,
		"on, starttls, implicit, off");
	return diag_add_where(why, name);
}

static bool has_server(const struct account *account)
{
	return option_is_set(account, OPTION_host) ||
	       option_is_set(account, OPTION_socket) ||
	       option_is_set(account, OPTION_provider);
}

static bool needs_password(
	const struct account *account, const struct account *over)
{
	bool has_auth = option_is_said(over, OPTION_auth);

	return option_is_set(account, OPTION_user) &&
	       !option_is_set(account, OPTION_password) &&
	       !account_names_secret(over) &&
	       !(has_auth && (over->auth == OPTION_AUTH_OFF ||
				     over->auth == OPTION_AUTH_EXTERNAL));
}

/* A provider's user is often the sender's address, or a fixed word. */
static bool needs_user(
	const struct account *account, const struct account *over)
{
	return option_is_set(account, OPTION_password) &&
	       !option_is_set(account, OPTION_user) &&
	       !option_is_set(over, OPTION_user) &&
	       !option_is_set(account, OPTION_provider) &&
	       !option_is_set(over, OPTION_provider);
}

/* Half a set is worse than none: it would fail far away, for a reason that
 * nobody connects with it. */
static bool check_complete(const struct account *account,
	const struct account *over, struct diag *why)
{
	const char *url = set_url();

	if (!has_server(account) && !has_server(over))
		return diag_set(why, DIAG_CONFIG_INCOMPLETE,
			any_smtp_variable(), "SMTP_HOST");
	if (needs_user(account, over))
		return diag_set(why, DIAG_CONFIG_INCOMPLETE, "SMTP_PASSWORD",
			"SMTP_USER");
	if (needs_password(account, over))
		return diag_set(why, DIAG_CONFIG_INCOMPLETE,
			url ? url : "SMTP_USER", "SMTP_PASSWORD");
	return true;
}

/* What a URL has said, no other variable says again. */
static bool check_once(const struct account *account, enum option_id id,
	const char *name, struct diag *why)
{
	return !option_is_said(account, id) ||
	       diag_set(why, DIAG_CONFIG_EXCLUSIVE, account->origin[id].name,
		       name);
}

static bool read_url(
	struct account *account, struct arena *arena, struct diag *why)
{
	const char *name = set_url();
	const char *value = name ? value_of(name) : NULL;

	return !value || dsn_read(account, name, value, arena, why);
}

static bool read_variables(
	struct account *account, struct arena *arena, struct diag *why)
{
	for (size_t i = 0; i < sizeof smtp_variables / sizeof *smtp_variables;
		i++) {
		const char *name = smtp_variables[i].name;
		const char *value = value_of(name);
		enum option_id id = smtp_variables[i].id;

		if (value && (!check_once(account, id, name, why) ||
				     !set_from(account, id, name, value, arena,
					     why)))
			return false;
	}
	return set_tls(account, arena, why);
}

static bool read_password(
	struct account *account, struct arena *arena, struct diag *why)
{
	const char *name = value_of("SMTP_PASSWORD") ? "SMTP_PASSWORD"
			   : value_of("SMTP_PASSWORD_FILE")
				   ? "SMTP_PASSWORD_FILE"
				   : NULL;

	return !name || (check_once(account, OPTION_password, name, why) &&
				take_password(account, "SMTP_PASSWORD",
					"SMTP_PASSWORD_FILE", arena, why));
}

static bool read_smtp(struct account *account, const struct account *over,
	struct arena *arena, struct diag *why)
{
	if (!set_url() && !any_smtp_variable())
		return true;
	return read_url(account, arena, why) &&
	       read_variables(account, arena, why) &&
	       read_password(account, arena, why) &&
	       check_complete(account, over, why);
}

/* An account made of nothing but the environment. */
static bool add_default(
	struct config *config, struct arena *arena, struct diag *why)
{
	struct account *account =
		account_new("default", DIALECT_MAILCHUTE, arena);
	bool is_fine = read_smtp(account, config->environment, arena, why);

	if (has_server(account) || has_server(config->environment)) {
		config->accounts = arena_alloc(arena, sizeof account);
		config->accounts[0] = account;
		config->account_count = 1;
	} else {
		account_wipe(account);
	}
	return is_fine;
}

/* However it is spelt: a password, or the PIN of a key in any setting. */
static bool is_secret(const char *entry)
{
	struct buf keyword = BUF_INIT(ENVIRONMENT_NAME_LIMIT);
	const char *equals = strchr(entry, '=');
	enum option_id id = OPTION_COUNT;
	bool is_ours = equals && keyword_of(entry, &keyword);

	if (is_ours)
		id = option_find(buf_span(&keyword));
	buf_free(&keyword);
	return is_ours &&
	       ((id != OPTION_COUNT &&
			option_flags(id) & OPTION_NOT_ON_COMMAND_LINE) ||
		       text_has_pin(span_of(equals + 1)));
}

static void forget_settings(void)
{
	for (size_t i = 0; environ && environ[i];) {
		char *name = mem_strndup(
			environ[i], span_find(span_of(environ[i]), '='));
		bool is_meant = is_secret(environ[i]);

		if (is_meant)
			erase_variable(name);
		if (!is_meant || getenv(name))
			i++;
		mem_free(name);
	}
}

/* What counts for nothing here is a password all the same, and no child's
 * business: a password command has its own. */
static void forget_passwords(void)
{
	static const char *const names[] = { "MAILCHUTE_URL", "SMTP_PASSWORD",
		"SMTP_URL", "SMTP_DSN" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		erase_variable(names[i]);
	forget_settings();
}

/* The libraries' own variables: a file for TLS keys, another for priorities,
 * names for hosts, modules for charsets, tickets. */
static void forget_libraries(void)
{
	static const char *const names[] = { "SSLKEYLOGFILE",
		"GNUTLS_SYSTEM_PRIORITY_FILE", "GNUTLS_DEBUG_LEVEL",
		"HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF",
		"GCONV_PATH", "KRB5_CONFIG", "KRB5_TRACE", "KRB5CCNAME",
		"P11_KIT_DEBUG", "XDG_CONFIG_DIRS" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		(void)unsetenv(names[i]);
}

bool environment_read(struct config *config, enum environment_scope scope,
	struct arena *arena, struct diag *why)
{
	bool is_fine =
		process_is_privileged() ||
		(take_keywords(config->environment, scope, arena, why) &&
			(scope != ENVIRONMENT_ALL || config->file_count ||
				add_default(config, arena, why)));

	if (scope == ENVIRONMENT_FENCED)
		forget_libraries();
	forget_passwords();
	return is_fine;
}
