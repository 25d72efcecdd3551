/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line on a terminal that says how far it is.  Does not know what. */
#include <config.h>

#include "cmd/progress.h"

#include "base/clock.h"
#include "base/text.h"

#include <unistd.h>

enum { LINE_LIMIT = 500 };

struct unit {
	const char *name;
	uint64_t bytes;
};

/* The largest unit of which there is at least one. */
static struct unit unit_of(uint64_t bytes)
{
	static const struct unit units[] = { { "GB", 1000000000 },
		{ "MB", 1000000 }, { "kB", 1000 } };

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (bytes >= units[i].bytes)
			return units[i];
	return (struct unit){ "B", 1 };
}

static double in_unit(uint64_t bytes, struct unit unit)
{
	return (double)bytes / (double)unit.bytes;
}

static void put_left(struct buf *out, uint64_t left_s)
{
	if (left_s >= 3600)
		buf_printf(out, _(", %lu:%02lu:%02lu left"),
			(unsigned long)(left_s / 3600),
			(unsigned long)(left_s / 60 % 60),
			(unsigned long)(left_s % 60));
	else
		buf_printf(out, _(", %lu:%02lu left"),
			(unsigned long)(left_s / 60),
			(unsigned long)(left_s % 60));
}

void progress_put(
	struct buf *out, uint64_t sent, uint64_t total, int64_t elapsed_ms)
{
	struct unit unit = unit_of(total), rate_unit;
	uint64_t per_second;

	if (elapsed_ms < 1)
		elapsed_ms = 1;
	per_second = (uint64_t)((double)sent * 1000 / (double)elapsed_ms);
	rate_unit = unit_of(per_second);
	buf_printf(out, _("%.1f of %.1f %s (%d %%), %.1f %s/s"),
		in_unit(sent, unit), in_unit(total, unit), unit.name,
		total ? (int)((double)sent * 100 / (double)total) : 100,
		in_unit(per_second, rate_unit), rate_unit.name);
	if (!per_second || sent >= total)
		return;
	put_left(out, (total - sent + per_second - 1) / per_second);
}

void progress_put_count(struct buf *out, uint64_t done, uint64_t total,
	uint64_t faults, int64_t elapsed_ms)
{
	double per_second;

	if (elapsed_ms < 1)
		elapsed_ms = 1;
	per_second = (double)done * 1000 / (double)elapsed_ms;
	buf_printf(out, _("%llu of %llu (%d %%), %.1f/s"),
		(unsigned long long)done, (unsigned long long)total,
		total ? (int)((double)done * 100 / (double)total) : 100,
		per_second);
	if (per_second > 0 && done < total)
		put_left(out, (uint64_t)((double)(total - done) / per_second));
	if (faults)
		buf_printf(
			out, _(", %llu refused"), (unsigned long long)faults);
}

/* Writes LINE over what stands there; who does not look will not miss it. */
static void draw(struct progress *progress, const struct buf *text)
{
	struct buf line = BUF_INIT(LINE_LIMIT);

	buf_put_byte(&line, '\r');
	buf_put_span(&line, buf_span(text));
	for (size_t i = text->length; i < progress->width; i++)
		buf_put_byte(&line, ' ');
	if (!text->length)
		buf_put_byte(&line, '\r');
	if (write(progress->fd, line.data, line.length) < 0)
		progress->width = 0;
	progress->width = text->length;
	buf_free(&line);
}

/* Whether it is time to show something again. */
static bool is_time(struct progress *progress, int64_t now_ms)
{
	if (!progress->has_begun) {
		progress->has_begun = true;
		progress->began_ms = now_ms;
	}
	if (now_ms - progress->began_ms < PROGRESS_PATIENCE_MS ||
		now_ms - progress->shown_ms < PROGRESS_EVERY_MS)
		return false;
	progress->shown_ms = now_ms;
	return true;
}

void progress_show(void *context, uint64_t sent, uint64_t total)
{
	struct progress *progress = context;
	int64_t now_ms = clock_now_ms();
	struct buf text = BUF_INIT(LINE_LIMIT / 2);

	if (!is_time(progress, now_ms))
		return;
	progress_put(&text, sent, total, now_ms - progress->began_ms);
	draw(progress, &text);
	buf_free(&text);
}

void progress_count(struct progress *progress, uint64_t done, uint64_t total,
	uint64_t faults)
{
	int64_t now_ms = clock_now_ms();
	struct buf text = BUF_INIT(LINE_LIMIT / 2);

	if (!is_time(progress, now_ms))
		return;
	progress_put_count(
		&text, done, total, faults, now_ms - progress->began_ms);
	draw(progress, &text);
	buf_free(&text);
}

void progress_end(struct progress *progress)
{
	struct buf nothing = BUF_INIT(1);

	if (progress->width)
		draw(progress, &nothing);
	buf_free(&nothing);
}
