/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines: to syslog, to a file, to standard output.  syslog(3) is the
 * test's own. */
#include <config.h>

/* The checked syslog() of the C library could not be replaced. */
#undef _FORTIFY_SOURCE

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "tap.h"

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

static struct buf said = BUF_INIT(1000);

void openlog(const char *ident, int option, int facility)
{
	buf_printf(&said, "open %s pid=%d facility=%d\n", ident,
		option == LOG_PID, facility >> 3);
}

static void say(int priority, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void say(int priority, const char *format, va_list args)
{
	char line[200];

	vsnprintf(line, sizeof line, format, args);
	buf_printf(&said, "%d %s\n", priority, line);
}

void syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(priority, format, args);
	va_end(args);
}

/* What syslog() becomes under _FORTIFY_SOURCE, where base/ was compiled. */
void __syslog_chk(int priority, int flag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	say(priority, format, args);
	va_end(args);
}

void closelog(void)
{
	buf_puts(&said, "close\n");
}

static void check_syslog(void)
{
	log_syslog(NULL, LOG_MAIL, false, "host=h 100%s");
	tap_is_text(buf_text(&said),
		"open mailchute pid=1 facility=2\n6 host=h 100%s\nclose\n",
		"a line is no format");
	buf_clear(&said);
	log_syslog("", LOG_LOCAL3, true, "exitcode=EX_TEMPFAIL");
	tap_is_text(buf_text(&said),
		"open mailchute pid=1 facility=19\n3 exitcode=EX_TEMPFAIL\n"
		"close\n",
		"an error, another facility");
	buf_clear(&said);
	log_syslog("back up[1]: \033\nsshd", LOG_MAIL, false, "x");
	tap_is_text(buf_text(&said),
		"open backup1sshd pid=1 facility=2\n6 x\nclose\n",
		"a name of the caller's, its letters alone");
	buf_free(&said);
}

static void check_file(const char *path)
{
	struct buf out = BUF_INIT(1000);
	struct diag why = { .id = DIAG_NONE };

	setenv("TZ", "CET-1", 1);
	clock_set_for_test(0, 1704067199);
	if (!setlocale(LC_ALL, "de_DE.UTF-8"))
		tap_note("no German locale: months are not tried");
	tap_ok(log_file(path, "%b %d %H:%M:%S", "host=h", &why) &&
			log_file(path, "", "host=%s", &why) &&
			log_file(path, "%Y-%m-%dT%H:%M:%S%z", "x", &why),
		"three lines");
	setlocale(LC_ALL, "C");
	file_read(path, &out, NULL, &why);
	tap_is_text(buf_text(&out),
		"Jan 01 00:59:59 host=h\nhost=%s\n"
		"2024-01-01T00:59:59+0100 x\n",
		"with the time in front");
	tap_is_diag(&why, DIAG_NONE, "no failure");
	buf_free(&out);
	remove(path);
}

static void check_failures(void)
{
	struct diag why;

	tap_ok(!log_file("/nonexistent/log", "", "x", &why), "no folder");
	tap_is_diag(&why, DIAG_LOG_FAILED, "is a failure of the log");
	tap_is_number(why.system_error, ENOENT, "with the system's reason");
	tap_ok(!diag_is_temporary(&why) && why.exit_code == 0,
		"that changes no exit code");
	tap_ok(!log_file("/nonexistent/log", "", "x", NULL), "or unasked");
}

/* The cases print to standard output too: it is redirected meanwhile. */
static void check_stdout(const char *path)
{
	struct buf out = BUF_INIT(1000);
	int saved = dup(STDOUT_FILENO);
	struct diag why = { .id = DIAG_NONE };
	bool is_written, is_refused = true;

	fflush(stdout);
	is_written = freopen(path, "w", stdout) &&
		     log_file("-", "%H", "host=h", &why);
	if (access("/dev/full", F_OK) == 0)
		is_refused = freopen("/dev/full", "w", stdout) &&
			     !log_file("-", "", "x", &why);
	clearerr(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	file_read(path, &out, NULL, NULL);
	tap_ok(is_written, "a line to standard output");
	tap_is_text(buf_text(&out), "00 host=h\n", "is there at once");
	tap_ok(is_refused, "a full device is noticed");
	if (access("/dev/full", F_OK) == 0)
		tap_is_diag(&why, DIAG_LOG_FAILED, "and said");
	buf_free(&out);
	remove(path);
}

int main(void)
{
	char folder[] = "/tmp/mailchute-test.XXXXXX";
	char path[100];

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/log", folder);
	check_syslog();
	check_file(path);
	check_failures();
	check_stdout(path);
	rmdir(folder);
	return tap_done();
}
