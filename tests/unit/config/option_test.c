/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of options: every kind, every default, and that the table agrees
 * with itself. */
#include <config.h>

#include "config/account.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

static const struct origin in_file = { ORIGIN_FILE, "f", 1 };

/* Keyword and value in, value out. */
static const struct {
	const char *keyword, *value, *want;
} rows[] = {
	{ "host", "mx.example", "mx.example" },
	{ "host", "a\177b",
		"f:1: host does not take 'a\\x7Fb': a name or an address "
		"alone; the port goes to 'port'" },
	{ "host", "", "" },
	{ "host", NULL, "" },
	{ "port", "1", "1" },
	{ "port", "65535", "65535" },
	{ "port", "65536",
		"f:1: port does not take '65536': a number from 1 to "
		"65535" },
	{ "port", "0x24b",
		"f:1: port does not take '0x24b': a number from 1 "
		"to 65535" },
	{ "port", "-1",
		"f:1: port does not take '-1': a number from 1 to 65535" },
	{ "port", "99999999999999999999",
		"f:1: port does not take '99999999999999999999': a number "
		"from 1 to 65535" },
	{ "port", NULL, "f:1: port needs a value" },
	{ "port", "", "f:1: port needs a value" },
	{ "timeout", "off", "off" },
	{ "timeout", "30", "30" },
	{ "timeout", "0",
		"f:1: timeout does not take '0': off, or a number of "
		"seconds from 1 to 604800" },
	{ "connect_timeout", "5", "5" },
	{ "protocol", "smtp", "smtp" },
	{ "protocol", "http",
		"f:1: protocol does not take 'http': smtp, lmtp" },
	{ "logfile", "~/mail.log", "/home/ann/mail.log" },
	{ "logfile", "-", "-" },
	{ "tls", "on", "on" },
	{ "tls", "off", "off" },
	{ "tls", "OFF", "off" },
	{ "tls", NULL, "on" },
	{ "tls", "yes", "f:1: tls does not take 'yes': on or off" },
	{ "tls", "1", "f:1: tls does not take '1': on or off" },
	{ "auth", "on", "on" },
	{ "auth", NULL, "on" },
	{ "auth", "scram-sha-256-plus", "scram-sha-256-plus" },
	{ "auth", "PLAIN", "plain" },
	{ "auth", "XOAUTH2", "xoauth2" },
	{ "source_ip", "192.0.2.1", "192.0.2.1" },
	{ "source_ip", "2001:db8::1", "2001:db8::1" },
	{ "source_ip", NULL, "" },
	{ "source_ip", "", "" },
	{ "proxy_port", NULL, "1080" },
	{ "tls_fingerprint", "", "" },
	{ "tls_min_dh_prime_bits", NULL, "" },
	{ "ehlo_ignore", NULL, "" },
	{ "queue", NULL, "f:1: queue needs a value" },
	{ "tls_force_sslv3", NULL, "on" },
	{ "source_ip", "eth0",
		"f:1: source_ip does not take 'eth0': an IPv4 or IPv6 "
		"address" },
	{ "ip_version", "4", "4" },
	{ "ip_version", "5", "f:1: ip_version does not take '5': any, 4, 6" },
	{ "proxy_port", "0",
		"f:1: proxy_port does not take '0': a number from 1 to 65535" },
	{ "tls_fingerprint", "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
		"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff" },
	{ "tls_fingerprint", "0011",
		"f:1: tls_fingerprint does not take '0011': 64 hexadecimal "
		"digits (SHA-256 of a certificate), or sha256// and base 64 "
		"(of its key)" },
	{ "tls_min_dh_prime_bits", "2048", "2048" },
	{ "tls_min_dh_prime_bits", "100",
		"f:1: tls_min_dh_prime_bits does not take '100': a number from "
		"512 to 16384" },
	{ "tls_key_file", "pkcs11:token=t;object=o",
		"pkcs11:token=t;object=o" },
	{ "tls_key_file", "pkcs11:token=t?pin-value=4711",
		"pkcs11:token=t?pin-value=********" },
	{ "auth", "ntlm", "ntlm" },
	{ "auth", "DIGEST-MD5", "digest-md5" },
	{ "ntlmdomain", "EXAMPLE", "EXAMPLE" },
	{ "auth", "magic",
		"f:1: auth does not take 'magic': off, on, plain, "
		"login, external, scram-sha-1, scram-sha-1-plus, "
		"scram-sha-256, scram-sha-256-plus, oauthbearer, xoauth2, "
		"cram-md5, digest-md5, ntlm, gssapi" },
	{ "password", "in a name", "********" },
	{ "password", NULL, "" },
	{ "set_from_header", NULL, "on" },
	{ "set_from_header", "off", "off" },
	{ "set_date_header", NULL, "auto" },
	{ "set_msgid_header", "on",
		"f:1: set_msgid_header does not take 'on': auto, off" },
	{ "dsn_notify", "off", "off" },
	{ "dsn_notify", "never", "never" },
	{ "dsn_notify", "failure, Delay,success", "failure,delay,success" },
	{ "dsn_notify", "failure,failure", "failure" },
	{ "dsn_notify", "failure,never",
		"f:1: dsn_notify does not take 'failure,never': off, never, "
		"or a list of failure, delay, success" },
	{ "dsn_notify", "failure,,delay",
		"f:1: dsn_notify does not take 'failure,,delay': off, never, "
		"or a list of failure, delay, success" },
	{ "dsn_return", "headers", "hdrs" },
	{ "dsn_return", "full", "full" },
	{ "lone_dot", "end", "end" },
	{ "syslog", NULL, "on" },
	{ "syslog", "LOG_LOCAL7", "LOG_LOCAL7" },
	{ "syslog", "LOG_KERN",
		"f:1: syslog does not take 'LOG_KERN': off, on, LOG_USER, "
		"LOG_MAIL, LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, "
		"LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7" },
	{ "tempfail_exit", "69", "69" },
	{ "tempfail_exit", "0",
		"f:1: tempfail_exit does not take '0': a number "
		"from 1 to 255" },
	{ "keepbcc", "on", "off" },
	{ "keepbcc", NULL, "off" },
	{ "add_missing_from_header", "off", "off" },
	{ "add_missing_date_header", "on", "auto" },
	{ "tls_nocertcheck", NULL, "off" },
	{ "tls_nostarttls", NULL, "off" },
	{ "tls_nostarttls", "perhaps",
		"f:1: tls_nostarttls does not take 'perhaps': on or off" },
	{ "domain", "%H", "%H" },
	{ "hst", "x", "f:1: unknown keyword 'hst' (did you mean 'host'?)" },
	{ "xx", "x", "f:1: unknown keyword 'xx'" },
};

static void set_row(const char *keyword, const char *value, struct buf *out)
{
	struct arena *arena = arena_new();
	struct account *account = account_new("a", DIALECT_MAILCHUTE, arena);
	struct diag why = { .id = DIAG_NONE };
	enum option_id id =
		option_resolve(span_of(keyword), &value, in_file, &why);

	if (id != OPTION_COUNT &&
		option_set(account, id, value, in_file, arena, &why))
		option_put(out, account, id);
	else
		diag_sentence(&why, false, out);
	secret_wipe(&account->password);
	arena_free(arena);
}

static void test_values(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf got = BUF_INIT(10000);
		char name[100];

		snprintf(name, sizeof name, "%s %s", rows[i].keyword,
			rows[i].value ? rows[i].value : "alone");
		set_row(rows[i].keyword, rows[i].value, &got);
		tap_is_text(buf_text(&got), rows[i].want, name);
		buf_free(&got);
	}
}

static void put_defaults(struct buf *out, enum dialect dialect)
{
	struct arena *arena = arena_new();
	struct account *account = account_new("a", dialect, arena);

	for (int i = 0; i < OPTION_COUNT; i++)
		if (option_is_set(account, (enum option_id)i)) {
			buf_printf(out, "%s%s=", out->length ? " " : "",
				option_keyword((enum option_id)i));
			option_put(out, account, (enum option_id)i);
		}
	arena_free(arena);
}

static void test_defaults(void)
{
	struct buf got = BUF_INIT(10000);

	put_defaults(&got, DIALECT_MAILCHUTE);
	tap_is_text(buf_text(&got),
		"protocol=smtp ip_version=any proxy_port=1080 "
		"sandbox=on timeout=off "
		"allow_from_override=on "
		"auto_from=off from_local_name=on auth=off "
		"oauth_flow=auto oauth_store=file "
		"tls=on tls_starttls=on tls_trust_file=system tls_certcheck=on "
		"tls_force_sslv3=off requiretls=off "
		"set_from_header=auto set_to_header=off set_date_header=auto "
		"set_msgid_header=auto remove_bcc_headers=on map_headers=off "
		"lone_dot=text "
		"dsn_return=off dkim_algorithm=auto "
		"queue=auto queue_store_fallback=off "
		"queue_runner=auto queue_lifetime=5d "
		"queue_retry=5m 10m 20m 40m 1h 2h 4h suppress_refused=off "
		"max_messages_per_connection=100 "
		"logfile_time_format=%Y-%m-%dT%H:%M:%S%z "
		"syslog=on log_format=text tempfail_exit=75",
		"our defaults");
	buf_clear(&got);
	put_defaults(&got, DIALECT_MSMTP);
	tap_is_text(buf_text(&got),
		"protocol=smtp ip_version=any proxy_port=1080 "
		"sandbox=on timeout=off "
		"allow_from_override=on "
		"auto_from=off from_local_name=off auth=off "
		"oauth_flow=auto oauth_store=file "
		"tls=off tls_starttls=on tls_trust_file=system "
		"tls_certcheck=on tls_force_sslv3=off requiretls=off "
		"set_from_header=auto "
		"set_to_header=off "
		"set_date_header=auto "
		"set_msgid_header=auto remove_bcc_headers=on map_headers=off "
		"lone_dot=text "
		"dsn_return=off dkim_algorithm=auto "
		"queue=off queue_store_fallback=off "
		"queue_runner=auto queue_lifetime=5d "
		"queue_retry=5m 10m 20m 40m 1h 2h 4h suppress_refused=off "
		"max_messages_per_connection=100 logfile_time_format=%b %d "
		"%H:%M:%S syslog=off log_format=text "
		"tempfail_exit=75",
		"msmtp's defaults");
	buf_free(&got);
}

/* What a row promises to people must be what the parser does. */
static void check_row(enum option_id id)
{
	struct arena *arena = arena_new();
	const char *keyword = option_keyword(id);
	struct buf form = BUF_INIT(1000), value = BUF_INIT(1000),
		   again = BUF_INIT(1000);
	struct account *account = account_new("a", DIALECT_MAILCHUTE, arena);
	bool is_derived = option_flags(id) & OPTION_DERIVED;

	option_put_form(&form, id);
	tap_ok(option_text(id)[0] && form.length, "%s has a text and a form",
		keyword);
	tap_ok(option_find(span_of(keyword)) == id, "%s is found", keyword);
	option_put(&value, account, id);
	if (!is_derived && option_is_set(account, id)) {
		tap_ok(option_set(account, id, buf_text(&value), in_file, arena,
			       NULL),
			"%s takes its own default", keyword);
		option_put(&again, account, id);
		tap_is_text(buf_text(&again), buf_text(&value), keyword);
		tap_is_text(buf_text(&value),
			option_default(id, DIALECT_MAILCHUTE), keyword);
	}
	buf_free(&form);
	buf_free(&value);
	buf_free(&again);
	arena_free(arena);
}

static void test_names(void)
{
	tap_is_text(option_nearest(SPAN("tls_trustfile")), "tls_trust_file",
		"near by a missing letter");
	tap_is_text(option_nearest(SPAN("TLS_CERTCHECK")), "tls_certcheck",
		"near but for case");
	tap_is_text(option_nearest(SPAN("zz")), NULL, "nothing is near");
	tap_is_text(option_nearest(SPAN("td")), NULL,
		"two edits of three letters are far");
	tap_is_text(option_nearest(SPAN("")), NULL, "nothing is near nothing");
}

static void test_copy(void)
{
	struct arena *arena = arena_new();
	struct account *a = account_new("a", DIALECT_MAILCHUTE, arena);
	struct account *b = account_new("b", DIALECT_MAILCHUTE, arena);

	option_set(a, OPTION_password, "hunter2", in_file, arena, NULL);
	option_copy(b, a, OPTION_password, true);
	secret_wipe(&a->password);
	tap_is_text(b->password.bytes, "hunter2", "an owner has its own copy");
	tap_is_number(
		b->origin[OPTION_password].line, 1, "a copy keeps its origin");
	option_copy(a, b, OPTION_password, false);
	tap_ok(a->password.bytes == b->password.bytes, "a borrower has none");
	secret_wipe(&b->password);
	arena_free(arena);
}

int main(void)
{
	setenv("HOME", "/home/ann", 1);
	test_values();
	test_defaults();
	for (int i = 0; i < OPTION_COUNT; i++)
		check_row((enum option_id)i);
	test_names();
	test_copy();
	return tap_done();
}
