/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for a secret: a child at a pseudo terminal, and a person who types
 * into it. */
#include <config.h>

#include "base/terminal.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { ANSWER_NONE = 1, ANSWER_WRONG = 2, PATIENCE_S = 30 };

/* What the person sees, and what is left of the child. */
struct session {
	int terminal;
	pid_t child;
	struct buf seen;
	int status;
};

/* As a person's shell would start us: a shell that runs the suite in the
 * background has SIGINT and SIGQUIT ignored. */
static void take_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGTSTP };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], SIG_DFL);
	alarm(PATIENCE_S);
}

/* The child asks for a line that may be seen. */
static bool asks_line;

static int answer_line(const char *want)
{
	struct buf line = BUF_INIT(100);

	if (!terminal_ask_line("Password: ", &line))
		return ANSWER_NONE;
	return strcmp(buf_text(&line), want) == 0 ? 0 : ANSWER_WRONG;
}

static _Noreturn void ask(const char *name, const char *want)
{
	struct secret answer = { NULL, 0 };
	int fd, exit_code = ANSWER_NONE;

	setsid();
	take_signals();
	/* Stays open: a terminal that nobody has open hangs up. */
	fd = open(name, O_RDWR);
#ifdef TIOCSCTTY
	(void)ioctl(fd, TIOCSCTTY, 0);
#endif
	if (asks_line)
		exit_code = answer_line(want);
	else if (terminal_ask_secret("Password: ", &answer))
		exit_code = span_equal(secret_span(&answer), span_of(want))
				    ? 0
				    : ANSWER_WRONG;
	secret_wipe(&answer);
	_exit(exit_code);
}

static bool session_begin(struct session *session, const char *want)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);

	*session = (struct session){ .terminal = terminal,
		.child = -1,
		.seen = BUF_INIT(10000),
		.status = -1 };
	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0)
		return false;
	fcntl(terminal, F_SETFD, FD_CLOEXEC);
	session->child = fork();
	if (session->child == 0)
		ask(ptsname(terminal), want);
	return session->child > 0;
}

/* Reads what the terminal shows until TEXT stands at its end. */
static bool session_await(struct session *session, const char *text)
{
	struct pollfd wait = { .fd = session->terminal, .events = POLLIN };
	char bytes[500];

	while (poll(&wait, 1, 5000) == 1) {
		ssize_t got = read(session->terminal, bytes, sizeof bytes);

		if (got <= 0)
			return false;
		buf_put(&session->seen, bytes, (size_t)got);
		if (session->seen.length >= strlen(text) &&
			strcmp(session->seen.data + session->seen.length -
					strlen(text),
				text) == 0)
			return true;
	}
	return false;
}

static void session_type(struct session *session, const char *keys)
{
	if (write(session->terminal, keys, strlen(keys)) < 0)
		tap_note("cannot type");
}

static bool session_echoes(const struct session *session)
{
	struct termios state;

	return tcgetattr(session->terminal, &state) == 0 &&
	       (state.c_lflag & ECHO);
}

static void session_end(struct session *session)
{
	waitpid(session->child, &session->status, 0);
	/* The rest of what was shown; EIO once the other side is closed. */
	session_await(session, "never");
	close(session->terminal);
	buf_free(&session->seen);
}

static const struct {
	const char *name, *keys, *want;
	int exit_code;
} answers[] = {
	{ "a password", "hunter2\n", "hunter2", 0 },
	{ "spaces count", " hunter 2 \n", " hunter 2 ", 0 },
	{ "UTF-8", "gr\xC3\xBC\xC3\x9F\n", "gr\xC3\xBC\xC3\x9F", 0 },
	{ "a correction", "huntex\x7Fr2\n", "hunter2", 0 },
	{ "the line is killed and typed again", "other\x15hunter2\n", "hunter2",
		0 },
	{ "an empty line", "\n", "", ANSWER_NONE },
	{ "the end of the file", "\x04", "", ANSWER_NONE },
	{ "only the first line", "hunter2\nother\n", "hunter2", 0 },
};

static void check_answers(void)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct session session;
		bool is_asked, is_silent, is_told;

		if (!session_begin(&session, answers[i].want)) {
			tap_skip(answers[i].name, "no pseudo terminals");
			continue;
		}
		is_asked = session_await(&session, "Password: ");
		is_silent = !session_echoes(&session);
		session_type(&session, answers[i].keys);
		is_told = session_await(&session, "\r\n");
		tap_ok(is_asked && is_silent && is_told, "%s: asked silently",
			answers[i].name);
		tap_is_text(buf_text(&session.seen), "Password: \r\n",
			"nothing else is shown");
		tap_ok(session_echoes(&session), "the echo is back");
		session_end(&session);
		tap_ok(WIFEXITED(session.status), "it ends by itself");
		tap_is_number(WEXITSTATUS(session.status), answers[i].exit_code,
			"with the answer");
	}
}

static const struct {
	const char *name;
	int number;
	const char *keys;
} signals[] = {
	{ "SIGINT typed", SIGINT, "\x03" },
	{ "SIGQUIT typed", SIGQUIT, "\x1C" },
	{ "SIGTERM sent", SIGTERM, NULL },
	{ "SIGHUP sent", SIGHUP, NULL },
};

static void check_signals(void)
{
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct session session;

		if (!session_begin(&session, "")) {
			tap_skip(signals[i].name, "no pseudo terminals");
			continue;
		}
		session_await(&session, "Password: ");
		session_type(&session, "half a pass");
		if (signals[i].keys)
			session_type(&session, signals[i].keys);
		else
			kill(session.child, signals[i].number);
		session_await(&session, "\r\n");
		tap_ok(session_echoes(&session), "%s: the echo is back",
			signals[i].name);
		session_end(&session);
		tap_ok(WIFSIGNALED(session.status) &&
				WTERMSIG(session.status) == signals[i].number,
			"and the signal does its work");
	}
}

static void check_line(void)
{
	static const struct {
		const char *keys, *want;
		int exit_code;
	} rows[] = { { "bob\n", "bob", 0 }, { "\n", "", 0 },
		{ "\x04", "", ANSWER_NONE } };

	asks_line = true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct session session;
		bool has_echo;

		if (!session_begin(&session, rows[i].want)) {
			tap_skip("a line", "no pseudo terminals");
			continue;
		}
		session_await(&session, "Password: ");
		has_echo = session_echoes(&session);
		session_type(&session, rows[i].keys);
		session_end(&session);
		tap_ok(has_echo, "a line is seen");
		tap_is_number(WEXITSTATUS(session.status), rows[i].exit_code,
			"and taken");
	}
	asks_line = false;
}

/* Nobody can continue a child without a shell, so the system does not stop it;
 * what matters is that it asks again. */
static void check_stop(void)
{
	struct session session;
	bool asks_again;

	if (!session_begin(&session, "hunter2")) {
		tap_skip("^Z", "no pseudo terminals");
		return;
	}
	session_await(&session, "Password: ");
	session_type(&session, "\x1A");
	asks_again = session_await(&session, "\r\nPassword: ");
	tap_ok(asks_again && !session_echoes(&session), "asks again after ^Z");
	session_type(&session, "hunter2\n");
	session_await(&session, "\r\n");
	session_end(&session);
	tap_is_number(session.status, 0, "and takes the answer");
}

static void check_without(void)
{
	int status = -1, fd = open("/dev/null", O_RDWR);
	pid_t pid = fork();

	if (pid == 0) {
		struct secret answer = { NULL, 0 };

		setsid();
		_exit(terminal_exists() ||
			terminal_ask_secret("Password: ", &answer));
	}
	waitpid(pid, &status, 0);
	tap_is_number(status, 0, "without a terminal nobody is asked");
	tap_ok(!terminal_is(fd), "/dev/null is no terminal");
	close(fd);
	tap_ok(!terminal_is(-1), "nor is a closed descriptor");
	fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (fd >= 0)
		tap_ok(terminal_is(fd), "a pseudo terminal is one");
	close(fd);
}

int main(void)
{
	check_answers();
	check_signals();
	check_line();
	check_stop();
	check_without();
	return tap_done();
}
