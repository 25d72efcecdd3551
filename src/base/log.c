/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where log lines go.  Does not know what stands in them. */
#include <config.h>

#include "base/log.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum {
	LOG_IDENT_BYTES = 64,
	LOG_TIME_BYTES = 128,
	LOG_LINE_BYTES = 1024 * 1024
};

/* A log reader finds the end of an ident at the first other byte. */
static void put_ident(struct buf *out, const char *ident)
{
	for (const char *c = ident ? ident : ""; *c; c++)
		if (ascii_is_alpha(*c) || ascii_is_digit(*c) ||
			strchr("-_./", *c))
			buf_put_byte(out, *c);
	if (!out->length)
		buf_puts(out, "mailchute");
}

void log_syslog(
	const char *ident, int facility, bool is_error, const char *line)
{
	struct buf name = BUF_INIT(LOG_IDENT_BYTES);

	put_ident(&name, ident);
	openlog(buf_text(&name), LOG_PID, facility);
	syslog(is_error ? LOG_ERR : LOG_INFO, "%s", line);
	closelog();
	buf_free(&name);
}

/* A datagram or a stream, as the C library tries it. */
bool log_syslog_is_there(const char *path)
{
	static const int kinds[] = { SOCK_DGRAM, SOCK_STREAM };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	bool is_there = false;

	if (strlen(path) >= sizeof address.sun_path)
		return false;
	memcpy(address.sun_path, path, strlen(path));
	for (size_t i = 0; i < 2 && !is_there; i++) {
		int fd = socket(AF_UNIX, kinds[i] | SOCK_CLOEXEC, 0);

		is_there = fd >= 0 &&
			   connect(fd, (const struct sockaddr *)&address,
				   sizeof address) == 0;
		if (fd >= 0)
			close(fd);
	}
	return is_there;
}

/* In the C locale: log lines are never translated, months included.  A time
 * that does not fit is left out. */
static void put_time(struct buf *out, const char *format)
{
	locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	time_t now = clock_wall();
	char text[LOG_TIME_BYTES];
	struct tm here;

	if (!english)
		return;
	if (localtime_r(&now, &here) &&
		strftime_l(text, sizeof text, format, &here, english)) {
		buf_puts(out, text);
		buf_put_byte(out, ' ');
	}
	freelocale(english);
}

/* Past stdio: a log that cannot be written is no failure of what a door
 * prints. */
static bool put_line(const char *path, const char *line, struct diag *why)
{
	if (strcmp(path, "-") != 0)
		return file_append_line(path, line, why);
	(void)fflush(stdout);
	return file_put_line(STDOUT_FILENO, path, line, why);
}

bool log_file(const char *path, const char *time_format, const char *line,
	struct diag *why)
{
	struct buf whole = BUF_INIT(LOG_LINE_BYTES);
	struct diag failure = { .id = DIAG_NONE };
	bool is_written;

	if (*time_format)
		put_time(&whole, time_format);
	if (!buf_puts(&whole, line))
		diag_add_errno(&failure, EMSGSIZE);
	is_written =
		!whole.overflowed && put_line(path, buf_text(&whole), &failure);
	buf_free(&whole);
	return is_written || diag_set(why, DIAG_LOG_FAILED, path) ||
	       diag_add_errno(why, failure.system_error);
}
