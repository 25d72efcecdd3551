/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings in the environment. */
#include <config.h>

#include "config/environment.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { VARIABLES_MAX = 6 };

static char secret_path[] = "/tmp/mailchute-environment-test.XXXXXX";

struct row {
	const char *name;
	bool has_file; /* a configuration file was read */
	const char *variables[VARIABLES_MAX]; /* "NAME=value" */
	const char *want;
};

#define R(name, want, ...)                                                     \
	{                                                                      \
		name, false, { __VA_ARGS__ }, want                             \
	}
#define F(name, want, ...)                                                     \
	{                                                                      \
		name, true, { __VA_ARGS__ }, want                              \
	}

static const struct row rows[] = {
	R("nothing", ""),
	F("a keyword", "over(host=h)", "MAILCHUTE_HOST=h"),
	F("an underscore in it", "over(tls_starttls=off)",
		"MAILCHUTE_TLS_STARTTLS=off"),
	F("another name of it", "over(timeout=7)",
		"MAILCHUTE_CONNECT_TIMEOUT=7"),
	F("an old spelling", "over(tls_certcheck=off)",
		"MAILCHUTE_TLS_NOCERTCHECK=on"),
	F("several", "over(host=h port=26 user=u)", "MAILCHUTE_USER=u",
		"MAILCHUTE_PORT=26", "MAILCHUTE_HOST=h"),
	F("an empty one counts for nothing", "", "MAILCHUTE_HOST="),
	F("a wrong value",
		"MAILCHUTE_PORT: port does not take 'http': a number from 1 "
		"to 65535",
		"MAILCHUTE_PORT=http"),
	F("one that is near",
		"MAILCHUTE_PASWORD: unknown keyword 'pasword' (did you mean "
		"'password'?)",
		"MAILCHUTE_PASWORD=p"),
	F("one of somebody else's", "", "MAILCHUTE_VERSION=1.0", "MAILCHUTE_=x",
		"MAILCHUTE=y"),
	F("a password", "over(password=********[hunter2])",
		"MAILCHUTE_PASSWORD=hunter2"),
	F("a password's file", "over(password=********[from a file])",
		"MAILCHUTE_PASSWORD_FILE=*"),
	F("both",
		"MAILCHUTE_PASSWORD and MAILCHUTE_PASSWORD_FILE exclude each "
		"other",
		"MAILCHUTE_PASSWORD=p", "MAILCHUTE_PASSWORD_FILE=*"),
	F("a password's file that is not there",
		"MAILCHUTE_PASSWORD_FILE: cannot read /nonexistent: No such "
		"file or directory",
		"MAILCHUTE_PASSWORD_FILE=/nonexistent"),
	F("SMTP_HOST does not count beside a file", "", "SMTP_HOST=h",
		"SMTP_USER=u"),

	R("SMTP_HOST", "default(host=h)", "SMTP_HOST=h"),
	R("the whole set",
		"default(host=h port=26 from=a@x user=u "
		"password=********[hunter2])",
		"SMTP_HOST=h", "SMTP_PORT=26", "SMTP_USER=u",
		"SMTP_PASSWORD=hunter2", "SMTP_FROM=a@x"),
	R("the password in a file",
		"default(host=h user=u password=********[from a file])",
		"SMTP_HOST=h", "SMTP_USER=u", "SMTP_PASSWORD_FILE=*"),
	R("both passwords",
		"SMTP_PASSWORD and SMTP_PASSWORD_FILE exclude each other",
		"SMTP_HOST=h", "SMTP_USER=u", "SMTP_PASSWORD=p",
		"SMTP_PASSWORD_FILE=*"),
	R("a user, no host", "the environment has SMTP_USER, but not SMTP_HOST",
		"SMTP_USER=u", "SMTP_PASSWORD=p"),
	R("a port, no host", "the environment has SMTP_PORT, but not SMTP_HOST",
		"SMTP_PORT=587"),
	R("an empty host is none",
		"the environment has SMTP_FROM, but not SMTP_HOST",
		"SMTP_HOST=", "SMTP_FROM=a@x"),
	R("a user, no password",
		"the environment has SMTP_USER, but not SMTP_PASSWORD",
		"SMTP_HOST=h", "SMTP_USER=u"),
	R("a password, no user",
		"the environment has SMTP_PASSWORD, but not SMTP_USER",
		"SMTP_HOST=h", "SMTP_PASSWORD=p"),
	R("a wrong port",
		"SMTP_PORT: port does not take '0': a number from 1 to 65535",
		"SMTP_HOST=h", "SMTP_PORT=0"),
	R("a password by our own name",
		"default(host=h user=u) over(password=********[p])",
		"SMTP_HOST=h", "SMTP_USER=u", "MAILCHUTE_PASSWORD=p"),
	R("a password by a command",
		"default(host=h user=u) over(passwordeval=pass x)",
		"SMTP_HOST=h", "SMTP_USER=u", "MAILCHUTE_PASSWORDEVAL=pass x"),
	R("no password without auth", "default(host=h user=u) over(auth=off)",
		"SMTP_HOST=h", "SMTP_USER=u", "MAILCHUTE_AUTH=off"),
	R("a host by our own name",
		"default(user=u password=********[p]) over(host=h)",
		"MAILCHUTE_HOST=h", "SMTP_USER=u", "SMTP_PASSWORD=p"),
	R("nothing but our own names", "default() over(host=h user=u)",
		"MAILCHUTE_HOST=h", "MAILCHUTE_USER=u"),
	R("a socket", "default() over(socket=/run/x)",
		"MAILCHUTE_SOCKET=/run/x"),
	R("a provider", "default(provider=gmail from=a@x password=********[p])",
		"SMTP_PROVIDER=gmail", "SMTP_FROM=a@x", "SMTP_PASSWORD=p"),
	R("a provider by our own name",
		"default() over(provider=gmail user=a@x)",
		"MAILCHUTE_PROVIDER=gmail", "MAILCHUTE_USER=a@x"),
	R("STARTTLS", "default(host=h tls=on tls_starttls=on)", "SMTP_HOST=h",
		"SMTP_TLS=starttls"),
	R("TLS at once", "default(host=h tls=on tls_starttls=off)",
		"SMTP_HOST=h", "SMTP_TLS=SSL"),
	R("no TLS", "default(host=h tls=off)", "SMTP_HOST=h", "SMTP_TLS=false"),
	R("a wrong word for it",
		"SMTP_TLS: tls does not take 'maybe': on, starttls, implicit, "
		"off",
		"SMTP_HOST=h", "SMTP_TLS=maybe"),
	R("TLS, no host", "the environment has SMTP_TLS, but not SMTP_HOST",
		"SMTP_TLS=on"),

	R("a URL",
		"default(host=h port=465 user=a@x password=********[p:/?%] "
		"tls=on tls_starttls=off)",
		"MAILCHUTE_URL=smtps://a%40x:p:%2F%3f%25@h:465"),
	R("with a user as he is",
		"default(host=h user=a@x password=********[p])",
		"SMTP_URL=smtp://a@x:p@h"),
	R("with a password beside it",
		"default(host=h port=465 user=me password=********[p] tls=on "
		"tls_starttls=off)",
		"MAILCHUTE_URL=smtps://me@h:465", "SMTP_PASSWORD=p"),
	R("without one",
		"the environment has MAILCHUTE_URL, but not SMTP_PASSWORD",
		"MAILCHUTE_URL=smtps://me@h:465"),
	R("without a login", "default(host=::1 port=1025)",
		"SMTP_DSN=smtp://[::1]:1025"),
	R("the first one counts", "default(host=h)", "MAILCHUTE_URL=smtp://h",
		"SMTP_DSN=smtp://i"),
	R("with more", "default(host=h domain=d.example from=a@x tls=off)",
		"SMTP_DSN=smtp://h/?auto_tls=false&from=a%40x&local_domain="
		"d.example&ping_threshold=10"),
	R("without verification", "default(host=h tls_certcheck=off)",
		"SMTP_DSN=smtp://h?verify_peer=0"),
	R("a provider's key",
		"default(provider=sendgrid password=********[SG.x])",
		"SMTP_DSN=sendgrid+smtp://SG.x@default"),
	R("a provider's login, and where",
		"default(provider=ses eu-west-1 user=u password=********[p] "
		"tls=on tls_starttls=off)",
		"SMTP_DSN=ses+smtps://u:p@default?region=eu-west-1"),
	R("a URL does not count beside a variable",
		"MAILCHUTE_URL and SMTP_HOST exclude each other",
		"MAILCHUTE_URL=smtp://h", "SMTP_HOST=h"),
	R("nor two passwords",
		"MAILCHUTE_URL and SMTP_PASSWORD_FILE exclude each other",
		"MAILCHUTE_URL=smtp://u:p@h", "SMTP_PASSWORD_FILE=*"),
	F("nor beside a file", "", "MAILCHUTE_URL=smtp://h"),
	R("another scheme",
		"SMTP_DSN cannot be used: it begins neither with smtp:// nor "
		"with smtps://",
		"SMTP_DSN=http://u:p@h"),
	R("none",
		"SMTP_URL cannot be used: it begins neither with smtp:// nor "
		"with smtps://",
		"SMTP_URL=h:25"),
	R("no host in it", "MAILCHUTE_URL cannot be used: it has no host",
		"MAILCHUTE_URL=smtp://u:p@"),
	R("a port that is none, and maybe a secret",
		"MAILCHUTE_URL cannot be used: its port is no number from 1 "
		"to 65535",
		"MAILCHUTE_URL=smtp://me:hunter2"),
	R("a secret that is not encoded",
		"MAILCHUTE_URL cannot be used: a '/', '?' or '#' in its user "
		"or password is not encoded",
		"MAILCHUTE_URL=smtp://me:hun/ter2@h"),
	R("a broken code",
		"MAILCHUTE_URL cannot be used: a percent sign in it is not "
		"followed by "
		"two hexadecimal digits",
		"MAILCHUTE_URL=smtp://me:hunter2%@h"),
	R("a parameter of nobody's",
		"SMTP_DSN cannot be used: it has a parameter that is not "
		"known: from, local_domain, source_ip, timeout, auth_mode, "
		"peer_fingerprint, verify_peer, auto_tls, require_tls, "
		"encryption and region are",
		"SMTP_DSN=smtp://h?verify=0"),
	R("our own names without a host make no account", "over(user=u)",
		"MAILCHUTE_USER=u"),
};

static void put_account(
	struct buf *out, const char *name, const struct account *account)
{
	const char *space = "";

	buf_printf(out, "%s%s(", out->length ? " " : "", name);
	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;

		if (!option_is_said(account, id))
			continue;
		buf_printf(out, "%s%s=", space, option_keyword(id));
		option_put(out, account, id);
		if (id == OPTION_password)
			buf_printf(out, "[%s]", account->password.bytes);
		space = " ";
	}
	buf_puts(out, ")");
}

static bool says_anything(const struct account *account)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (option_is_said(account, (enum option_id)i))
			return true;
	return false;
}

static void put_config(struct buf *out, const struct config *config)
{
	for (size_t i = 0; i < config->account_count; i++)
		put_account(
			out, config->accounts[i]->name, config->accounts[i]);
	if (says_anything(config->environment))
		put_account(out, "over", config->environment);
}

static void set_variables(const struct row *row)
{
	for (size_t i = 0; i < VARIABLES_MAX && row->variables[i]; i++) {
		char name[100];
		const char *equals = strchr(row->variables[i], '=');

		snprintf(name, sizeof name, "%.*s",
			(int)(equals - row->variables[i]), row->variables[i]);
		setenv(name,
			strcmp(equals, "=*") == 0 ? secret_path : equals + 1,
			1);
	}
}

static void clear_variables(const struct row *row)
{
	for (size_t i = 0; i < VARIABLES_MAX && row->variables[i]; i++) {
		char name[100];

		snprintf(name, sizeof name, "%.*s",
			(int)strcspn(row->variables[i], "="),
			row->variables[i]);
		unsetenv(name);
	}
}

static void run_row(const struct row *row)
{
	struct arena *arena = arena_new();
	struct buf got = BUF_INIT(10000);
	struct diag why = { .id = DIAG_NONE };
	struct config config = { .file_count = row->has_file,
		.environment =
			account_new("environment", DIALECT_MAILCHUTE, arena) };

	set_variables(row);
	if (environment_read(&config, ENVIRONMENT_ALL, arena, &why))
		put_config(&got, &config);
	else
		diag_sentence(&why, false, &got);
	tap_is_text(buf_text(&got), row->want, row->name);
	clear_variables(row);
	config_wipe(&config);
	buf_free(&got);
	arena_free(arena);
}

/* Whoever starts passwordeval inherits what is left. */
static void test_erased(void)
{
	static char block[] = "MAILCHUTE_PASSWORD=hunter2";
	struct arena *arena = arena_new();
	struct config config = { .environment = account_new("environment",
					 DIALECT_MAILCHUTE, arena) };

	putenv(block);
	tap_ok(environment_read(&config, ENVIRONMENT_ALL, arena, NULL) &&
			!getenv("MAILCHUTE_PASSWORD"),
		"a password leaves the environment");
	tap_ok(!memchr(block, 'h', sizeof block),
		"and is overwritten where it stood");
	config_wipe(&config);
	arena_free(arena);
}

/* It counts for nothing beside a file, and is no child's business all the
 * same. */
static void test_not_left(void)
{
	struct arena *arena = arena_new();
	struct config config = { .file_count = 1,
		.environment =
			account_new("environment", DIALECT_MAILCHUTE, arena) };

	setenv("SMTP_PASSWORD", "p", 1);
	tap_ok(environment_read(&config, ENVIRONMENT_ALL, arena, NULL) &&
			!getenv("SMTP_PASSWORD"),
		"SMTP_PASSWORD leaves the environment beside a file, too");
	unsetenv("SMTP_PASSWORD");
	arena_free(arena);
}

static bool is_said_behind_fence(enum option_id id, const char *value)
{
	struct arena *arena = arena_new();
	struct config config = { .environment = account_new("environment",
					 DIALECT_MAILCHUTE, arena) };
	struct diag why;
	char name[100];
	bool is_said;

	snprintf(name, sizeof name, "MAILCHUTE_%s", option_keyword(id));
	for (char *c = name; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	setenv(name, value, 1);
	is_said = !environment_read(&config, ENVIRONMENT_FENCED, arena, &why) ||
		  option_is_said(config.environment, id);
	unsetenv(name);
	config_wipe(&config);
	arena_free(arena);
	return is_said;
}

/* Whatever argv could not say behind the fence, the environment cannot. */
static void test_fence(void)
{
	size_t open = 0;

	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;
		bool is_open = argv_is_fence_open(id, "off");

		open += is_open;
		tap_ok(is_said_behind_fence(id, "off") == is_open,
			"behind the fence %s is %s", option_keyword(id),
			is_open ? "said" : "nothing");
	}
	tap_is_number((int64_t)open, 3, "three are");
	tap_ok(is_said_behind_fence(OPTION_requiretls, "on"),
		"and a promise can be asked for, not taken away");
	setenv("SMTP_HOST", "h", 1);
	setenv("SSLKEYLOGFILE", "f", 1);
	tap_ok(!is_said_behind_fence(OPTION_host, "h") &&
			!getenv("SSLKEYLOGFILE"),
		"nor SMTP_HOST, nor a library's variable");
	unsetenv("SMTP_HOST");
}

int main(void)
{
	static const char password[] = "from a file\n";
	int fd = mkstemp(secret_path);

	if (fd < 0 || write(fd, password, sizeof password - 1) < 0)
		return 1;
	close(fd);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		run_row(&rows[i]);
	test_erased();
	test_not_left();
	unlink(secret_path);
	test_fence();
	return tap_done();
}
