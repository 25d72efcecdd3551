/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords from the profile and from commands. */
#include <config.h>

#include "auth/password.h"
#include "base/clock.h"
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
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
	tap_is_number(password_get(&params, &got, NULL, &why),
		cases[i].want != NULL, cases[i].name);
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

/* ---- on a terminal ------------------------------------------------------- */

static const struct {
	const char *name, *command;
	bool may_ask;
	const char *typed;  /* once the prompt is there; NULL: nothing */
	const char *prompt; /* NULL: none is waited for */
	const char *want;
	enum diag_id want_diag;
} asked[] = {
	{ "asked for it", NULL, true, "typed\n",
		"password for me at mail.example: ", "typed", DIAG_NONE },
	{ "an empty answer", NULL, true, "\n",
		"password for me at mail.example: ", NULL, DIAG_SECRET_PROMPT },
	{ "not to be asked", NULL, false, NULL, NULL, NULL, DIAG_SECRET_NONE },
	{ "a command that asks",
		"printf 'PIN: ' >/dev/tty; read pin; echo $pin", true, "1234\n",
		"PIN: ", "1234", DIAG_NONE },
};

/* In a child whose controlling terminal is PATH; the exit code is the diag, or
 * 250 for a wrong password. */
static void ask(size_t i, const char *path)
{
	struct password_params params = { .account = "work",
		.user = "me",
		.host = "mail.example",
		.command = asked[i].command,
		.may_ask = asked[i].may_ask };
	struct secret got = { NULL, 0 };
	struct diag why = { 0 };
	int code;

	setsid();
	if (open(path, O_RDWR) < 0)
		_exit(251);
	password_get(&params, &got, NULL, &why);
	code = (int)why.id;
	if (code == DIAG_NONE &&
		!span_equal(secret_span(&got), span_of(asked[i].want)))
		code = 250;
	secret_wipe(&got);
	_exit(code);
}

static bool await(int terminal, const char *text, struct buf *seen)
{
	struct pollfd ready = { .fd = terminal, .events = POLLIN };
	char bytes[500];

	while (!strstr(buf_text(seen), text)) {
		ssize_t got = -1;

		if (poll(&ready, 1, 5000) == 1)
			got = read(terminal, bytes, sizeof bytes);
		if (got <= 0)
			return false;
		buf_put(seen, bytes, (size_t)got);
	}
	return true;
}

static void test_asked(size_t i)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), status = -1;
	struct buf seen = BUF_INIT(10000);
	pid_t child;

	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0) {
		tap_skip(asked[i].name, "no pseudo terminals here");
		return;
	}
	child = fork();
	if (child == 0)
		ask(i, ptsname(terminal));
	if (asked[i].prompt)
		tap_ok(await(terminal, asked[i].prompt, &seen), "%s: prompt",
			asked[i].name);
	if (asked[i].typed)
		tap_ok(write(terminal, asked[i].typed, strlen(asked[i].typed)) >
				0,
			"typed");
	waitpid(child, &status, 0);
	tap_is_number(WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		asked[i].want_diag, asked[i].name);
	buf_free(&seen);
	close(terminal);
}

/* ---- time ---------------------------------------------------------------- */

static const int64_t NOON_MS = 1000000;

static void pass_time(int signal_number)
{
	(void)signal_number;
	clock_set_for_test(
		NOON_MS + PASSWORD_COMMAND_TIMEOUT_S * 1000 + 1, 1000);
}

static const struct {
	const char *name, *command;
} slow[] = {
	{ "a command that hangs", "sleep 60" },
	{ "one that hangs behind the password", "echo pw; sleep 60" },
	{ "one that hangs with its output closed",
		"echo pw; exec >/dev/null 2>&1; sleep 60" },
	{ "one that does not want to end", "trap '' TERM INT HUP; sleep 60" },
};

/* Half a minute passes a tenth of a second after the command began. */
static void test_slow(size_t i)
{
	const struct itimerval tenth = { .it_value.tv_usec = 100 * 1000 };
	struct password_params params = { .account = "work",
		.command = slow[i].command };
	struct secret got = { NULL, 0 };
	struct buf text = BUF_INIT(1000);
	struct diag why = { 0 };

	clock_set_for_test(NOON_MS, 1000);
	setitimer(ITIMER_REAL, &tenth, NULL);
	tap_ok(!password_get(&params, &got, NULL, &why), "%s", slow[i].name);
	tap_is_diag(&why, DIAG_SECRET_COMMAND_TIMEOUT, "the diag");
	tap_is_number(why.exit_code, 75, "the exit code");
	diag_sentence(&why, false, &text);
	tap_is_text(buf_text(&text),
		"the password command of account work did not end within 30 "
		"seconds",
		"the sentence");
	tap_is_number((int64_t)got.length, 0, "no password");
	buf_free(&text);
}

static void test_time(void)
{
	struct timespec begin, end;

	signal(SIGALRM, pass_time);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
		test_slow(i);
	clock_gettime(CLOCK_MONOTONIC, &end);
	tap_ok(end.tv_sec - begin.tv_sec < 20, "and nobody waited for it");
}

static const struct {
	const char *password, *want; /* a word of the hint, or NULL */
} oddities[] = {
	{ "plain", NULL },
	{ "two words", NULL },
	{ "\"quoted\"", "quote" },
	{ "'quoted'", "quote" },
	{ "'one", NULL },
	{ "''", NULL },
	{ " before", "blank" },
	{ "behind\t", "blank" },
	{ "behind\xC2\xA0", "blank" },
	{ "", NULL },
};

static void test_oddities(void)
{
	for (size_t i = 0; i < sizeof oddities / sizeof *oddities; i++) {
		const char *got =
			password_oddity(span_of(oddities[i].password));
		const char *want = oddities[i].want;

		tap_ok(want ? got && strstr(got, want) : !got, "oddity %zu", i);
	}
}

int main(void)
{
	test_oddities();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_case(i);
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		test_asked(i);
	test_time();
	return tap_done();
}
