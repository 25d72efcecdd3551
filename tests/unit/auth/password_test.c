/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords from the profile and from commands. */
#include <config.h>

#include "auth/password.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	struct span password; /* of the profile */
	const char *command;
	const char *want; /* NULL: a failure */
	enum diag_id want_diag;
	const char *want_text; /* a part of its sentence */
} cases[] = {
	{ "the profile's password", { "s3cret", 6 }, NULL, "s3cret", 0, NULL },
	{ "the profile before the command", { "s3cret", 6 }, "echo other",
		"s3cret", 0, NULL },
	{ "a NUL in the profile's password", { "a\0b", 3 }, NULL, NULL,
		DIAG_SECRET_INVALID, "NUL" },
	{ "a command", { 0 }, "echo pw", "pw", 0, NULL },
	{ "a command without a newline", { 0 }, "printf pw", "pw", 0, NULL },
	{ "a command with CRLF", { 0 }, "printf 'pw\\r\\n'", "pw", 0, NULL },
	{ "only the first line", { 0 }, "printf 'pw\\nuser: me\\n'", "pw", 0,
		NULL },
	{ "blanks belong to it", { 0 }, "echo ' p w '", " p w ", 0, NULL },
	{ "a shell command", { 0 }, "test -n \"$PATH\" && echo a | tr a b", "b",
		0, NULL },
	{ "UTF-8", { 0 }, "printf 'p\\303\\244ss\\n'", "p\303\244ss", 0, NULL },
	{ "a command that fails", { 0 }, "echo pw; exit 3", NULL,
		DIAG_SECRET_COMMAND_FAILED, "its exit status is 3" },
	{ "a command that is not there", { 0 }, "/nonexistent/x 2>/dev/null",
		NULL, DIAG_SECRET_COMMAND_FAILED, "it was not found" },
	{ "a command that is killed", { 0 }, "kill -9 $$", NULL,
		DIAG_SECRET_COMMAND_FAILED, "it was killed by signal 9" },
	{ "a command that prints nothing", { 0 }, "true", NULL,
		DIAG_SECRET_COMMAND_EMPTY, NULL },
	{ "an empty first line", { 0 }, "printf '\\npw\\n'", NULL,
		DIAG_SECRET_COMMAND_EMPTY, NULL },
	{ "a NUL in the output", { 0 }, "printf 'a\\000b\\n'", NULL,
		DIAG_SECRET_INVALID, "NUL" },
	{ "endless output", { 0 }, "yes 2>/dev/null", NULL,
		DIAG_SECRET_COMMAND_FAILED, "more than 65536 bytes" },
	{ "nothing at all", { 0 }, NULL, NULL, DIAG_SECRET_NONE,
		"account work has no password" },
};

static void test_case(size_t i)
{
	struct secret given = { NULL, 0 }, got = { NULL, 0 };
	struct buf text = BUF_INIT(1000);
	struct diag why = { 0 };
	struct password_params params = { .account = "work",
		.user = "me",
		.host = "mail.example",
		.password = &given,
		.command = cases[i].command };

	secret_set(&given, cases[i].password.at, cases[i].password.length);
	tap_is_number(password_get(&params, &got, &why), cases[i].want != NULL,
		cases[i].name);
	tap_is_diag(&why, cases[i].want_diag, "its diag");
	tap_is_text(got.bytes, cases[i].want, "its value");
	diag_sentence(&why, false, &text);
	if (cases[i].want_text &&
		!tap_ok(strstr(buf_text(&text), cases[i].want_text),
			"it says '%s'", cases[i].want_text))
		tap_note("%s", buf_text(&text));
	tap_ok(!strstr(buf_text(&text), "pw"), "and no secret");
	secret_wipe(&given);
	secret_wipe(&got);
	buf_free(&text);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_case(i);
	return tap_done();
}
