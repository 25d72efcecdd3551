/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found out of servers, in a file.  Knows no connection. */
#include <config.h>

#include "deliver/bearing.h"

#include "base/clock.h"
#include "base/text.h"
#include "spool/folder.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KNOWN_FOR_S = 30 * 24 * 3600, NAME_LIMIT = 600 };

static const char file_name[] = "servers";
static const char together[] = "together", alone[] = "one-by-one";

struct line {
	struct span name;
	struct bearing bearing;
	time_t at;
};

/* One word; what has blanks in it is not remembered. */
static bool put_name(const struct account *account, struct buf *out)
{
	if (account->socket)
		buf_puts(out, account->socket);
	else
		buf_printf(out, "%s:%ld", account->host ? account->host : "",
			account->port);
	for (size_t i = 0; i < out->length; i++)
		if ((unsigned char)out->data[i] <= ' ')
			return false;
	return !out->overflowed;
}

static bool read_line(struct span text, struct line *line)
{
	struct span word;
	unsigned long most, at;

	*line = (struct line){ .name = span_cut(&text, ' ') };
	word = span_cut(&text, ' ');
	if (!line->name.length ||
		!span_number(span_cut(&text, ' '), LONG_MAX, &most) ||
		!span_number(text, LONG_MAX, &at))
		return false;
	line->bearing.messages_max = (long)most;
	line->at = (time_t)at;
	if (span_equal(word, SPAN("together")))
		line->bearing.sharing = SMTP_SHARING_OPEN;
	else if (span_equal(word, SPAN("one-by-one")))
		line->bearing.sharing = SMTP_SHARING_REFUSED;
	else
		return span_equal(word, SPAN("-"));
	return true;
}

/* A clock that was set back makes nothing known for longer. */
static bool is_known(const struct line *line)
{
	time_t age = clock_wall() - line->at;

	return age >= -KNOWN_FOR_S && age <= KNOWN_FOR_S;
}

static int open_file(const struct spool *spool, int flags)
{
	int fd = openat(spool_fd(spool), file_name,
		flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return fd;
	folder_close(fd);
	return -1;
}

static void read_text(int fd, struct buf *out)
{
	char text[4096];
	ssize_t got;
	off_t at = 0;

	while ((got = pread(fd, text, sizeof text, at)) > 0 &&
		buf_put_span(out, span_make(text, (size_t)got)))
		at += got;
}

void bearing_read(const struct spool *spool, const struct account *account,
	struct bearing *out)
{
	struct buf text = BUF_INIT(BEARING_FILE_LIMIT);
	struct buf name = BUF_INIT(NAME_LIMIT);
	int fd = open_file(spool, O_RDONLY);
	struct span rest;
	struct line line;

	*out = (struct bearing){ .sharing = SMTP_SHARING_OFF };
	if (fd >= 0 && put_name(account, &name))
		read_text(fd, &text);
	for (rest = buf_span(&text); rest.length;)
		if (read_line(span_cut(&rest, '\n'), &line) &&
			span_equal(line.name, buf_span(&name)) &&
			is_known(&line))
			*out = line.bearing;
	folder_close(fd);
	buf_free(&name);
	buf_free(&text);
}

/* What is still known of the others. */
static void put_others(struct buf *out, struct span text, struct span name)
{
	while (text.length) {
		struct span whole = span_cut(&text, '\n');
		struct line line;

		if (!read_line(whole, &line) || !is_known(&line) ||
			span_equal(line.name, name))
			continue;
		buf_put_span(out, whole);
		buf_puts(out, "\n");
	}
}

/* NULL: it is not known. */
static const char *word_of(const struct bearing *bearing)
{
	if (bearing->sharing == SMTP_SHARING_OPEN)
		return together;
	return bearing->sharing == SMTP_SHARING_REFUSED ? alone : NULL;
}

static void put_line(
	struct buf *out, struct span name, const struct bearing *bearing)
{
	const char *word = word_of(bearing);

	buf_put_span(out, name);
	buf_printf(out, " %s %ld %lld\n", word ? word : "-",
		bearing->messages_max, (long long)clock_wall());
}

void bearing_write(const struct spool *spool, const struct account *account,
	const struct bearing *bearing)
{
	struct buf old = BUF_INIT(BEARING_FILE_LIMIT);
	struct buf text = BUF_INIT(BEARING_FILE_LIMIT);
	struct buf name = BUF_INIT(NAME_LIMIT);
	int fd = open_file(spool, O_RDWR | O_CREAT);

	if (fd >= 0 && put_name(account, &name) && flock(fd, LOCK_EX) == 0) {
		spool_give(spool, fd);
		read_text(fd, &old);
		put_line(&text, buf_span(&name), bearing);
		put_others(&text, buf_span(&old), buf_span(&name));
		if (!text.overflowed && folder_write(fd, buf_span(&text), 0) &&
			ftruncate(fd, (off_t)text.length) < 0)
			(void)unlinkat(spool_fd(spool), file_name, 0);
	}
	folder_close(fd);
	buf_free(&name);
	buf_free(&text);
	buf_free(&old);
}

/* Calls PUT for each line that is known still. */
static void for_known(const struct spool *spool,
	void (*put)(void *context, struct span whole, const struct line *line),
	void *context)
{
	struct buf text = BUF_INIT(BEARING_FILE_LIMIT);
	int fd = open_file(spool, O_RDONLY);
	struct line line;

	if (fd >= 0)
		read_text(fd, &text);
	for (struct span rest = buf_span(&text); rest.length;) {
		struct span whole = span_cut(&rest, '\n');

		if (read_line(whole, &line) && is_known(&line))
			put(context, whole, &line);
	}
	folder_close(fd);
	buf_free(&text);
}

struct listing {
	const char *before;
	struct buf *out;
	bool has_any;
};

static void put_text(void *context, struct span whole, const struct line *line)
{
	struct listing *listing = context;

	(void)line;
	buf_puts(listing->out, listing->before);
	text_put_printable(listing->out, whole);
	buf_puts(listing->out, "\n");
	listing->has_any = true;
}

bool bearing_put(const struct spool *spool, const char *before, struct buf *out)
{
	struct listing listing = { .before = before, .out = out };

	for_known(spool, put_text, &listing);
	return listing.has_any;
}

struct objects {
	const struct spool *spool;
	struct json *json;
};

static void put_object(
	void *context, struct span whole, const struct line *line)
{
	const struct objects *objects = context;
	struct json *json = objects->json;
	struct buf name = BUF_INIT(NAME_LIMIT);

	(void)whole;
	buf_put_span(&name, line->name);
	json_begin(json, NULL, '{');
	json_text(json, "folder", spool_path(objects->spool));
	json_text(json, "server", buf_text(&name));
	json_text(json, "flight", word_of(&line->bearing));
	if (line->bearing.messages_max)
		json_number(json, "messages_max", line->bearing.messages_max);
	else
		json_text(json, "messages_max", NULL);
	json_number(json, "found", line->at);
	json_end(json, '}');
	buf_free(&name);
}

void bearing_put_json(const struct spool *spool, struct json *json)
{
	struct objects objects = { spool, json };

	for_known(spool, put_object, &objects);
}
