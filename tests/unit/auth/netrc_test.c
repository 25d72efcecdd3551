/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netrc's form, and the files and the keyring that a password is looked for
 * in. */
#include <config.h>

#include "auth/netrc.h"
#include "auth/password.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name, *text, *want;
} rows[] = {
	{ "one line", "machine h.example login me password p", "p" },
	{ "lines", "machine h.example\n\tlogin me\n\tpassword p\n", "p" },
	{ "the machine knows no case", "machine H.Example login me password p",
		"p" },
	{ "the login does", "machine h.example login Me password p", NULL },
	{ "password first", "machine h.example password p login me", "p" },
	{ "another machine", "machine i.example login me password p", NULL },
	{ "another login", "machine h.example login you password p", NULL },
	{ "the second entry",
		"machine h.example login you password q\n"
		"machine h.example login me password p\n",
		"p" },
	{ "nothing is carried over",
		"machine h.example login me\n"
		"machine i.example password q\n",
		NULL },
	{ "not even the login",
		"machine i.example login me password q\n"
		"machine h.example password p\n",
		NULL },
	{ "default is nobody's", "default login me password p", NULL },
	{ "default ends an entry",
		"machine h.example login me default password p", NULL },
	{ "account", "machine h.example account x login me password p", "p" },
	{ "quotes", "machine h.example login me password \"a b\\\"c\"",
		"a b\"c" },
	{ "a backslash", "machine h.example login me password a\\ b", "a b" },
	{ "a quote within", "machine h.example login me password a\"b",
		"a\"b" },
	{ "a macro",
		"macdef x\nmachine h.example login me password no\n\n"
		"machine h.example login me password p",
		"p" },
	{ "a macro without an end",
		"macdef x\nmachine h.example login me password no\n", NULL },
	{ "no password", "machine h.example login me password", NULL },
	{ "nothing", "", NULL },
	{ "an open quote", "machine h.example login me password \"a b", "a b" },
};

static void test_form(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct secret got = { NULL, 0 };
		bool is_found = netrc_find(span_of(rows[i].text), NETRC_OURS,
			"h.example", "me", &got);

		tap_is_text(is_found ? got.bytes : NULL, rows[i].want,
			rows[i].name);
		secret_wipe(&got);
	}
}

/* As msmtp 1.8.23 of Debian 12 has read them. */
static const struct {
	const char *word, *ours, *msmtps;
} words[] = {
	{ "a\\b", "ab", "a\\b" },
	{ "\"a\\b\"", "ab", "a\\b" },
	{ "a\\\\b", "a\\b", "a\\\\b" },
	{ "a\\\"b", "a\"b", "a\\b" },
	{ "\"a b\"", "a b", "a b" },
	{ "a\"b", "a\"b", "ab" },
	{ "\\\"ab\"", "\"ab\"", "\\ab" },
	{ "'a b'", "'a", "a b" },
	{ "a\\ b", "a b", "a\\" },
	{ "ab\\", "ab\\", "ab\\" },
	{ "\"ab", "ab", "ab" },
};

static void test_words(void)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct buf text = BUF_INIT(1000);
		struct secret got = { NULL, 0 };

		buf_printf(&text, "machine h login m password %s\nmachine i\n",
			words[i].word);
		netrc_find(buf_span(&text), NETRC_OURS, "h", "m", &got);
		tap_is_text(got.bytes, words[i].ours, words[i].word);
		netrc_find(buf_span(&text), NETRC_MSMTP, "h", "m", &got);
		tap_is_text(got.bytes, words[i].msmtps, "and as msmtp");
		secret_wipe(&got);
		buf_free(&text);
	}
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0 ||
		chmod(path, mode) < 0)
		tap_ok(false, "cannot write %s", path);
}

static void test_get(const char *password, const char *command,
	bool use_keyring, const char *want, const char *name)
{
	static const char *const netrc[] = { "none", "netrc", NULL };
	struct secret given = { NULL, 0 }, got = { NULL, 0 };
	struct diag why = { .id = DIAG_NONE };
	const struct password_params params = { .account = "a",
		.host = "h.example",
		.user = "m'e",
		.password = &given,
		.command = command,
		.use_keyring = use_keyring,
		.netrc = netrc };

	if (password)
		secret_set(&given, password, strlen(password));
	tap_is_text(password_get(&params, &got, NULL, &why) ? got.bytes : NULL,
		want, name);
	secret_wipe(&given);
	secret_wipe(&got);
}

int main(void)
{
	char folder[] = "/tmp/mailchute-netrc-test.XXXXXX";

	test_form();
	test_words();
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 99;
	write_file("netrc", "machine h.example login m'e password n", 0644);
	write_file("secret-tool",
		"#!/bin/sh\n[ \"$*\" = \"lookup host h.example service smtp "
		"user m'e\" ] && printf k\n",
		0755);
	setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", 1);
	test_get("p", "echo c", true, "p", "the profile first");
	test_get(NULL, "echo c", true, "c", "then the command");
	test_get(NULL, NULL, true, "n", "no keyring");
	setenv("PATH", ".:/usr/bin:/bin", 1);
	test_get(NULL, NULL, true, "k", "then the keyring");
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	test_get(NULL, NULL, true, "n", "without a session there is none");
	test_get(NULL, NULL, false, "n", "then netrc");
	unlink("netrc");
	test_get(NULL, NULL, false, NULL, "then nothing");
	unlink("secret-tool");
	if (chdir("/") == 0)
		rmdir(folder);
	return tap_done();
}
