/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which account is chosen, and what follows from what it says. */
#include <config.h>

#include "base/process.h"
#include "config/account.h"
#include "config/choose.h"
#include "config/expand.h"
#include "config/syntax.h"
#include "tap.h"

#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

enum { SETTINGS_MAX = 4 };

/* One situation: files, a request, and the From header of the message. */
struct row {
	const char *name;
	const char *text;  /* of the file, in our dialect */
	const char *msmtp; /* of a second one, in msmtp's */
	const char *want;
	const char *account, *sender, *from_header;
	struct request_setting settings[SETTINGS_MAX];
};

#define WORK                                                                   \
	"account work\nhost w\nfrom ann@work.example\n"                        \
	"account home\nhost h\nfrom ann@home.example\n"                        \
	"account default : home\n"

static const struct row choice_rows[] = {
	{ "default", WORK, NULL, "default h" },
	{ "-a", WORK, NULL, "work w", "work" },
	{ "-a with an unknown name", WORK, NULL,
		"78: there is no account 'wrok' in f", "wrok" },
	{ "-f", WORK, NULL, "work w", NULL, "ann@work.example" },
	{ "-f in capitals", WORK, NULL, "work w", NULL, "ANN@WORK.EXAMPLE" },
	{ "-f with a name", WORK, NULL, "work w", NULL,
		"Ann <ann@work.example>" },
	{ "-f with a detail", WORK, NULL, "work w", NULL,
		"ann+cron@work.example" },
	{ "-f that fits none", WORK, NULL, "default h", NULL,
		"bob@work.example" },
	{ "-f without a sender", WORK, NULL, "default h", NULL, "" },
	{ "-f <>", WORK, NULL, "default h", NULL, "<>" },
	{ "-f that is bare", WORK, NULL, "default h", NULL, "root" },
	{ "-f that is no address", WORK, NULL, "default h", NULL, "a b@@c" },
	{ "-a beats -f", WORK, NULL, "home h", "home", "ann@work.example" },
	{ "From", WORK, NULL, "work w", NULL, NULL, "Ann <ann@work.example>" },
	{ "the first of several", WORK, NULL, "work w", NULL, NULL,
		"ann@work.example, ann@home.example" },
	{ "-f beats From", WORK, NULL, "home h", NULL, "ann@home.example",
		"ann@work.example" },
	{ "From that does not parse", WORK, NULL, "default h", NULL, NULL,
		"<<>" },
	{ "a pattern",
		"account a\nhost a\nfrom *@a.example\naccount default\n"
		"host d\n",
		NULL, "a a from=bob@a.example", NULL, "bob@a.example" },
	{ "a pattern's sender comes from the header too",
		"account a\nhost a\nfrom *@a.example\n", NULL,
		"a a from=bob@a.example", NULL, NULL, "Bob <bob@a.example>" },
	{ "a pattern without a sender has none",
		"account a\nhost a\nfrom *@a.example\n", NULL, "a a", "a" },
	{ "a pattern that the sender does not fit",
		"account a\nhost a\nfrom *@a.example\n", NULL, "a a", "a",
		"bob@b.example" },
	{ "a pattern, and a user who fits",
		"account a\nhost a\nfrom *@a.example\nuser ann@a.example\n",
		NULL, "a a from=ann@a.example auth=on", "a" },
	{ "the first of two that fit",
		"account a\nhost a\nfrom *@x.example\n"
		"account b\nhost b\nfrom ann@x.example\n",
		NULL, "a a from=ann@x.example", NULL, "ann@x.example" },
	{ "user is a sender", "account a\nhost a\nuser ann@a.example\n", NULL,
		"a a from=ann@a.example auth=on", NULL, "ann@a.example" },
	{ "no default", "account a\nhost a\n", NULL,
		"78: no account fits the sender, and there is no account "
		"'default' in f" },
	{ "no account at all", "", NULL,
		"78: no account fits the sender, and there is no account "
		"'default' in f" },
	{ "no file", NULL, NULL,
		"78: no configuration found (looked for /r/.mailchuterc, /e)" },
	{ "no file, and -a", NULL, NULL,
		"78: no configuration found (looked for /r/.mailchuterc, /e)",
		"work" },
	{ "msmtp chooses by -f", NULL, WORK, "work~ w", NULL,
		"ann@work.example" },
	{ "but not by From", NULL, WORK, "default~ h", NULL, NULL,
		"ann@work.example" },
	{ "--host", WORK, NULL, "default x", NULL, NULL, NULL,
		{ { OPTION_host, "x" } } },
	{ "--host and -a", WORK, NULL,
		"64: options --account and --host exclude each other", "work",
		NULL, NULL, { { OPTION_host, "x" } } },
	{ "a wrong value on the command line", WORK, NULL,
		"64: option --port does not take 'x': a number from 1 to 65535",
		"work", NULL, NULL, { { OPTION_port, "x" } } },
	{ "the command line on top", WORK, NULL,
		"work w from=ann@work.example port=2525 starttls=off", "work",
		NULL, NULL,
		{ { OPTION_port, "2525" }, { OPTION_tls_starttls, "off" } } },
};

static const struct row derived_rows[] = {
	{ "a provider", "provider gmail\nfrom Ann <a@x.example>", NULL,
		"default smtp.gmail.com from=a@x.example full=Ann port=465 "
		"starttls=off auth=on user=a@x.example rate=500/d" },
	{ "a provider and the other port",
		"provider gmail\nfrom a@x.example\nport 587", NULL,
		"default smtp.gmail.com from=a@x.example auth=on "
		"user=a@x.example rate=500/d" },
	{ "a provider and the other kind of TLS",
		"provider gmail\nfrom a@x.example\ntls_starttls on", NULL,
		"default smtp.gmail.com from=a@x.example auth=on "
		"user=a@x.example rate=500/d" },
	{ "a provider and what overrides it",
		"provider gmail\nfrom a@x.example\nuser u\nhost h\nport 26\n"
		"rate off",
		NULL, "default h from=a@x.example port=26 auth=on user=u" },
	{ "a provider without an address to be the user", "provider gmail",
		NULL, "78: account default: auth needs a user" },
	{ "a provider whose user is the local part",
		"provider web.de\nfrom a.b@web.de\n", NULL,
		"default smtp.web.de from=a.b@web.de port=465 starttls=off "
		"auth=on user=a.b" },
	{ "a provider's own word as user",
		"provider SendGrid\nfrom a@x.example", NULL,
		"default smtp.sendgrid.net from=a@x.example auth=on "
		"user=apikey" },
	{ "a region", "provider ses eu-central-1\nuser AKIA", NULL,
		"default email-smtp.eu-central-1.amazonaws.com port=465 "
		"starttls=off auth=on user=AKIA" },
	{ "no region", "provider ses\nuser AKIA", NULL,
		"78: f:1: provider ses wants a second word: a region of AWS, "
		"as in 'provider ses eu-central-1'" },
	{ "a host instead of a region", "provider ses\nhost h\nuser AKIA", NULL,
		"default h port=465 starttls=off auth=on user=AKIA" },
	{ "a region of its own", "provider zoho\nfrom a@zoho.com", NULL,
		"default smtp.zoho.com from=a@zoho.com port=465 starttls=off "
		"auth=on user=a@zoho.com" },
	{ "STARTTLS on 465", "provider mailtrap-sandbox\nuser u\nport 465",
		NULL,
		"default sandbox.smtp.mailtrap.io port=465 auth=on user=u" },
	{ "no TLS and no login", "provider mailpit", NULL,
		"default localhost port=1025 tls=off" },
	{ "a provider in msmtp's file", NULL,
		"provider gmail\nfrom a@x.example",
		"default~ smtp.gmail.com from=a@x.example port=465 "
		"starttls=off auth=on user=a@x.example rate=500/d" },
	{ "a provider that is none", "provider gmial", NULL,
		"78: f:1: there is no provider 'gmial' (did you mean "
		"'gmail'?)" },
	{ "nothing like one", "provider xyzzy", NULL,
		"78: f:1: there is no provider 'xyzzy'" },
	{ "one that takes no mail", "provider tuta", NULL,
		"78: f:1: no mail can be sent through provider tuta: Tuta has "
		"no SMTP: mail leaves through its own programs alone" },
	{ "one that takes no ordinary mail", "provider loops", NULL,
		"78: f:1: no mail can be sent through provider loops: Loops "
		"takes no ordinary mail over SMTP: the body has to be JSON "
		"that names a template" },
	{ "fewer messages than usual over a connection", "provider cloudflare",
		NULL,
		"default smtp.mx.cloudflare.net port=465 starttls=off auth=on "
		"user=api_token messages=50" },
	{ "our defaults", "host h", NULL, "default h" },
	{ "tls_starttls off", "host h\ntls_starttls off", NULL,
		"default h port=465 starttls=off" },
	{ "port 465 alone", "host h\nport 465", NULL,
		"default h port=465 starttls=off" },
	{ "port 465 and its opposite", "host h\nport 465\ntls_starttls on",
		NULL, "default h port=465" },
	{ "another port", "host h\nport 2525", NULL, "default h port=2525" },
	{ "tls off", "host h\ntls off", NULL, "default h port=25 tls=off" },
	{ "port 465 without tls", "host h\nport 465\ntls off", NULL,
		"default h port=465 tls=off" },
	{ "user", "host h\nuser u", NULL, "default h auth=on" },
	{ "user, auth off", "host h\nuser u\nauth off", NULL, "default h" },
	{ "a user that is an address", "host h\nuser u@x.example", NULL,
		"default h from=u@x.example auth=on" },
	{ "from beside it", "host h\nuser u@x.example\nfrom a@x.example", NULL,
		"default h from=a@x.example auth=on" },
	{ "from with a name", "host h\nfrom Ann B <a@x.example>", NULL,
		"default h from=a@x.example full=Ann B" },
	{ "from with a name, and another",
		"host h\nfrom Ann B <a@x.example>\nfrom_full_name Cee", NULL,
		"default h from=a@x.example full=Cee" },
	{ "from with the login name", "host h\nfrom %U@x.example", NULL,
		"default h from=joe@x.example" },
	{ "with host names", NULL, "host h\nfrom %U%H@%H.example",
		"default~ h from=joeBox@Box.example port=25 tls=off" },
	{ "another percent sign", "host h\nfrom a%b@x.example", NULL,
		"default h from=a%b@x.example" },
	{ "auto_from", NULL, "host h\nauto_from on\nmaildomain y.example",
		"default~ h from=joe@y.example port=25 tls=off" },
	{ "the author, and there is none", "host h\nfrom %F", NULL,
		"default h" },
	{ "a socket", "socket /run/x\nuser u", NULL,
		"default - socket=/run/x port=0 tls=off" },
	{ "a socket, and auth by name", "socket /run/x\nuser u\nauth on", NULL,
		"default - socket=/run/x port=0 tls=off auth=on" },
	{ "a socket, and tls by name",
		"socket /run/x\ntls on\ntls_host_override h", NULL,
		"default - socket=/run/x port=0" },
	{ "a socket, tls, and no name to expect", "socket /run/x\ntls on", NULL,
		"78: account default: tls through a socket needs "
		"tls_host_override" },
	{ "msmtp's defaults", NULL, "host h", "default~ h port=25 tls=off" },
	{ "msmtp with tls", NULL, "host h\ntls on", "default~ h port=25" },
	{ "msmtp with tls from the first byte", NULL,
		"host h\ntls on\ntls_starttls off",
		"default~ h port=465 starttls=off" },
	{ "msmtp on 465 means what it says", NULL, "host h\ntls on\nport 465",
		"default~ h port=465" },
	{ "msmtp: a user is no auth", NULL, "host h\nuser u@x.example",
		"default~ h port=25 tls=off" },
	{ "msmtp: auth without a word about tls", NULL,
		"host h\nuser u\nauth on",
		"78: account default: auth, but no word about tls: add "
		"'tls on' (or 'tls off', for a server on this machine)" },
	{ "msmtp: auth, tls off by name", NULL,
		"host h\nuser u\nauth on\ntls off",
		"default~ h port=25 tls=off auth=on" },
	{ "no host", "user u", NULL, "78: account default has no host" },
	{ "auth without a user", "host h\nauth on", NULL,
		"78: account default: auth needs a user" },
	{ "LMTP without a port", "host h\nprotocol lmtp", NULL,
		"78: account default: protocol lmtp needs a port or a socket" },
	{ "external needs none", "host h\nauth external", NULL,
		"default h auth=external" },
	{ "a fingerprint instead of trust",
		"host h\ntls_trust_file\ntls_fingerprint "
		"00112233445566778899aabbccddeeff",
		NULL, "default h" },
	{ "a certificate without its key", "host h\ntls_cert_file /c.pem", NULL,
		"78: account default: tls_cert_file and tls_key_file need each "
		"other" },
	{ "a key without its certificate", "host h\ntls_key_file /k.pem", NULL,
		"78: account default: tls_cert_file and tls_key_file need each "
		"other" },
	{ "nothing to trust", "host h\ntls_trust_file", NULL,
		"78: account default: tls_trust_file is empty, but "
		"tls_certcheck is on" },
	{ "nothing to trust, nothing to check",
		"host h\ntls_trust_file\ntls_certcheck off", NULL,
		"default h" },
	{ "from that is no address", "host h\nfrom @@", NULL,
		"78: f:2: from does not take '@@': *" },
	{ "no account of msmtp's is made secure by another file",
		"account a\nhost a", "host h", "default~ h port=25 tls=off" },
};

static void put_chosen(struct buf *out, const struct account *account)
{
	buf_printf(out, "%s%s %s", account->name,
		account->dialect == DIALECT_MSMTP ? "~" : "",
		account->host ? account->host : "-");
	if (account->socket)
		buf_printf(out, " socket=%s", account->socket);
	if (account->from)
		buf_printf(out, " from=%s", account->from);
	if (account->from_full_name)
		buf_printf(out, " full=%s", account->from_full_name);
	if (account->port != 587)
		buf_printf(out, " port=%ld", account->port);
	if (!account->tls)
		buf_puts(out, " tls=off");
	if (!account->tls_starttls)
		buf_puts(out, " starttls=off");
	if (account->auth != OPTION_AUTH_OFF) {
		buf_puts(out, " auth=");
		option_put(out, account, OPTION_auth);
	}
	if (account->provider && account->user)
		buf_printf(out, " user=%s", account->user);
	if (account->max_messages_per_connection != 100)
		buf_printf(out, " messages=%ld",
			account->max_messages_per_connection);
	if (account->rate)
		buf_printf(out, " rate=%s", account->rate);
}

static void add(struct config *config, struct account_list *list,
	struct arena *arena, const char *text, enum dialect dialect)
{
	static const char *const files[] = { "f", NULL };
	const struct config_text source = { .text = span_of(text ? text : ""),
		.name = "f",
		.dialect = dialect };
	struct diag why = { .id = DIAG_NONE };
	struct account **all =
		arena_alloc(arena, (config->account_count + 20) * sizeof *all);

	if (!text)
		return;
	tap_ok(config_parse(&source, arena, list, &why), "parsed");
	for (size_t i = 0; i < config->account_count; i++)
		all[i] = config->accounts[i];
	for (size_t i = 0; i < list->count; i++)
		all[config->account_count++] = list->items[i];
	config->accounts = all;
	config->files = files;
	config->file_count = 1;
}

static struct config make_config(const struct row *row, struct arena *arena)
{
	struct account_list ours = { .items = NULL };
	struct account_list msmtps = ours;
	struct config config = { .looked_for = "/r/.mailchuterc, /e",
		.environment =
			account_new("environment", DIALECT_MAILCHUTE, arena) };

	add(&config, &ours, arena, row->text, DIALECT_MAILCHUTE);
	add(&config, &msmtps, arena, row->msmtp, DIALECT_MSMTP);
	return config;
}

static struct request make_request(
	const struct row *row, struct request_setting *settings)
{
	struct request request = { .account = row->account,
		.has_sender = row->sender != NULL,
		.sender = row->sender,
		.read_recipients = row->from_header != NULL,
		.settings = settings };

	while (request.setting_count < SETTINGS_MAX &&
		row->settings[request.setting_count].value) {
		settings[request.setting_count] =
			row->settings[request.setting_count];
		request.setting_count++;
	}
	return request;
}

static bool fits(const char *got, const char *want)
{
	size_t length = strlen(want);

	if (length && want[length - 1] == '*')
		return strncmp(got, want, length - 1) == 0;
	return strcmp(got, want) == 0;
}

/* The choice is about the host alone, unless more is wanted. */
static void run_row(const struct row *row, bool is_choice)
{
	struct arena *arena = arena_new();
	struct request_setting settings[SETTINGS_MAX];
	struct config config = make_config(row, arena);
	struct request request = make_request(row, settings);
	struct buf got = BUF_INIT(10000);
	struct diag why = { .id = DIAG_NONE };
	const struct account *account = NULL;

	if (account_choose(&config, &request, row->from_header, arena, &account,
		    &why)) {
		put_chosen(&got, account);
	} else {
		buf_printf(&got, "%d: ", why.exit_code);
		diag_sentence(&why, false, &got);
	}
	if (is_choice && account && !strchr(row->want, '=')) {
		buf_clear(&got);
		buf_printf(&got, "%s%s %s", account->name,
			account->dialect == DIALECT_MSMTP ? "~" : "",
			account->host);
	}
	if (!fits(buf_text(&got), row->want))
		tap_is_text(buf_text(&got), row->want, row->name);
	else
		tap_ok(true, "%s", row->name);
	config_wipe(&config);
	buf_free(&got);
	arena_free(arena);
}

/* ---- the environment on top, and secrets --------------------------------- */

static void test_overlays(void)
{
	static const struct origin variable = { ORIGIN_ENVIRONMENT,
		"MAILCHUTE_PORT", 0 };
	const struct row row = { .text = "host h\nport 26\npassword p\n" };
	struct request_setting port = { OPTION_port, "28" };
	struct arena *arena = arena_new();
	struct config config = make_config(&row, arena);
	struct request request = { .settings = &port };
	const struct account *account = NULL;

	option_set(
		config.environment, OPTION_port, "27", variable, arena, NULL);
	option_set(config.environment, OPTION_password, "q", variable, arena,
		NULL);
	account_choose(&config, &request, NULL, arena, &account, NULL);
	tap_is_number(account->port, 27, "the environment beats the file");
	tap_is_text(account->password.bytes, "q", "with a password too");
	tap_is_number(account->origin[OPTION_port].kind, ORIGIN_ENVIRONMENT,
		"and says so");
	request.setting_count = 1;
	account_choose(&config, &request, NULL, arena, &account, NULL);
	tap_is_number(account->port, 28, "the command line beats both");
	tap_is_number(account->origin[OPTION_port].kind, ORIGIN_COMMAND_LINE,
		"and says so");
	config_wipe(&config);
	tap_ok(!config.environment->password.bytes, "all secrets are wiped");
	arena_free(arena);
}

static void test_unreadable(void)
{
	static const char *const closed[] = {
		"cannot read /etc/mailchuterc: Permission denied"
	};
	const struct row nothing = { .text = NULL };
	const struct row other = { .text = "account a\nhost a\n" };
	struct arena *arena = arena_new();
	struct config config = make_config(&nothing, arena);
	struct request request = { .account = "b" };
	struct buf got = BUF_INIT(10000);
	const struct account *account;
	struct diag why;

	config.unreadable = closed;
	config.unreadable_count = 1;
	account_choose(&config, &request, NULL, arena, &account, &why);
	diag_sentence(&why, false, &got);
	tap_is_text(buf_text(&got),
		"no configuration found (looked for /r/.mailchuterc, /e; "
		"cannot read /etc/mailchuterc: Permission denied)",
		"a closed file is named when there is no other");
	config = make_config(&other, arena);
	config.unreadable = closed;
	config.unreadable_count = 1;
	account_choose(&config, &request, NULL, arena, &account, &why);
	buf_clear(&got);
	diag_sentence(&why, false, &got);
	tap_is_text(buf_text(&got),
		"there is no account 'b' in f; "
		"cannot read /etc/mailchuterc: Permission denied",
		"and when the account may be in it");
	config_wipe(&config);
	buf_free(&got);
	arena_free(arena);
}

/* ---- questions ----------------------------------------------------------- */

static const struct {
	const char *name, *from, *sender, *want;
	bool may_not_override;
} sender_rows[] = {
	{ "from", "a@x.example", NULL, "a@x.example" },
	{ "no from", NULL, NULL, NULL },
	{ "-f", "a@x.example", "b@x.example", "b@x.example" },
	{ "-f, no from", NULL, "b@x.example", "b@x.example" },
	{ "the null sender", "a@x.example", "", "" },
	{ "the null sender in brackets", "a@x.example", "<>", "<>" },
	{ "cron's root", "a@x.example", "root", "a@x.example" },
	{ "root at localhost", "a@x.example", "root@localhost", "a@x.example" },
	{ "root, no from", NULL, "root", "root" },
	{ "-f that may not", "a@x.example", "b@x.example", "a@x.example",
		true },
	{ "what does not parse stays", "a@x.example", "b@@", "b@@" },
};

static void test_sender(void)
{
	for (size_t i = 0; i < sizeof sender_rows / sizeof *sender_rows; i++) {
		struct arena *arena = arena_new();
		struct account *account =
			account_new("a", DIALECT_MAILCHUTE, arena);
		struct request request = {
			.has_sender = sender_rows[i].sender != NULL,
			.sender = sender_rows[i].sender
		};

		account->from = sender_rows[i].from;
		account->allow_from_override = !sender_rows[i].may_not_override;
		tap_is_text(account_sender(account, &request, arena),
			sender_rows[i].want, sender_rows[i].name);
		arena_free(arena);
	}
}

static void test_this_host(void)
{
	struct arena *arena = arena_new();
	struct account *account = account_new("a", DIALECT_MAILCHUTE, arena);
	struct request request = { .has_sender = true,
		.sender = arena_printf(
			arena, "root@%s", process_host_name(arena)) };

	account->from = "a@x.example";
	tap_is_text(account_sender(account, &request, arena), "a@x.example",
		"root at this host");
	arena_free(arena);
}

static void test_questions(void)
{
	struct arena *arena = arena_new();
	struct account *account = account_new("a", DIALECT_MAILCHUTE, arena);
	struct account *msmtps = account_new("a", DIALECT_MSMTP, arena);
	const struct origin origin = { ORIGIN_FILE, "f", 1 };

	tap_is_text(account_trust_file(account), NULL, "the system's store");
	account->tls_trust_file = "/ca.pem";
	tap_is_text(account_trust_file(account), "/ca.pem", "a file of ours");
	tap_is_text(account_mechanism(account), NULL, "any mechanism");
	account->auth = OPTION_AUTH_SCRAM_SHA_256_PLUS;
	tap_is_text(account_mechanism(account), "SCRAM-SHA-256-PLUS",
		"one mechanism");
	account->auth = OPTION_AUTH_CRAM_MD5;
	tap_is_text(account_mechanism(account), "CRAM-MD5", "the last one");
	account->auth = OPTION_AUTH_LOGIN;
	tap_is_text(account_mechanism(account), "LOGIN", "another one");
	tap_ok(!account_permits_clear_password(account), "TLS is on");
	tap_ok(!account_permits_clear_password(msmtps),
		"TLS is off, but nobody said so");
	account->socket = "/run/x";
	tap_ok(account_permits_clear_password(account), "a socket by name");
	account->socket = NULL;
	option_set(account, OPTION_tls, "off", origin, arena, NULL);
	tap_ok(account_permits_clear_password(account), "TLS is off by name");
	tap_is_number(account_syslog_facility(account), LOG_MAIL, "syslog on");
	tap_is_number(account_syslog_facility(NULL), LOG_MAIL, "no account");
	tap_is_number(account_syslog_facility(msmtps), -1, "msmtp's is off");
	msmtps->syslog = OPTION_SYSLOG_ON;
	tap_is_number(account_syslog_facility(msmtps), LOG_USER, "msmtp's on");
	account->syslog = OPTION_SYSLOG_LOCAL7;
	tap_is_number(account_syslog_facility(account), LOG_LOCAL7,
		"a facility by name");
	option_set(account, OPTION_logfile_time_format, "none", origin, arena,
		NULL);
	tap_is_text(account_log_time_format(account), "", "no time");
	tap_is_text(account_log_time_format(msmtps), "%b %d %H:%M:%S",
		"msmtp's time");
	arena_free(arena);
}

/* The expansions, in 'from' when it chooses and when it is used, and in -f for
 * a link named msmtp. */
static void test_expansions(void)
{
	struct arena *arena = arena_new();
	struct request request = { .has_sender = true,
		.sender = "%U@x.example",
		.manner = ARGV_MSMTP };
	struct account *account = account_new("a", DIALECT_MSMTP, arena);
	struct diag why = { .id = DIAG_NONE };

	tap_is_text(account_sender(account, &request, arena), "joe@x.example",
		"-f of msmtp is expanded");
	request.manner = ARGV_SENDMAIL;
	tap_is_text(account_sender(account, &request, arena), "%U@x.example",
		"-f of sendmail is not");
	tap_is_text(expand_text("%F", "UHCMF", "a@x.example", arena, &why),
		"a@x.example", "the author");
	tap_is_text(expand_text("%U%F%%H%", "HC", NULL, arena, &why),
		"%U%F%Box%", "only those that count");
	if (access(SYSCONFDIR "/mailname", F_OK) != 0) {
		tap_is_text(expand_text("%M", "M", NULL, arena, &why), NULL,
			"no mail name");
		tap_is_diag(&why, DIAG_CONFIG_UNREADABLE, "is told");
	}
	arena_free(arena);
}

int main(void)
{
	setenv("USER", "joe", 1);
	setenv("HOSTNAME", "Box", 1);
	for (size_t i = 0; i < sizeof choice_rows / sizeof *choice_rows; i++)
		run_row(&choice_rows[i], true);
	for (size_t i = 0; i < sizeof derived_rows / sizeof *derived_rows; i++)
		run_row(&derived_rows[i], false);
	test_overlays();
	test_unreadable();
	test_expansions();
	test_sender();
	test_this_host();
	test_questions();
	return tap_done();
}
