/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expansions.  Does not know which setting has them. */
#include <config.h>

#include "config/expand.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/place.h"
#include "base/process.h"
#include "base/span.h"

#include <string.h>

static const char *user_name(struct arena *arena)
{
	static const char *const variables[] = { "USER", "LOGNAME" };

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *value = process_getenv(variables[i]);

		if (value && *value)
			return value;
	}
	return process_user_name(arena);
}

static const char *host_name(struct arena *arena)
{
	const char *value = process_getenv("HOSTNAME");

	return value && *value ? value : process_host_name(arena);
}

/* A name server that is silent must not hold us: hostname(1) can be left. */
static const char *canonical_name(struct arena *arena)
{
	const char *name = process_host_name(arena);
	struct buf printed = BUF_INIT(EXPAND_LIMIT);
	struct command_result result;
	struct span rest, line;

	if (strchr(name, '.'))
		return name;
	if (command_capture("exec hostname -f 2>/dev/null", false,
		    clock_deadline(EXPAND_TIMEOUT_S), &printed, &result,
		    NULL) &&
		!result.exit_status && !result.timed_out) {
		rest = buf_span(&printed);
		line = span_trim(span_cut(&rest, '\n'));
		if (line.length)
			name = arena_strndup(arena, line.at, line.length);
	}
	buf_free(&printed);
	return name;
}

static const char *mail_name(struct arena *arena, struct diag *why)
{
	struct buf text = BUF_INIT(EXPAND_LIMIT);
	struct span rest, line = { "", 0 };
	const char *name = NULL;

	if (file_read(place_system.mailname, &text, NULL, NULL) == FILE_READ) {
		rest = buf_span(&text);
		line = span_trim(span_cut(&rest, '\n'));
	}
	if (line.length)
		name = arena_strndup(arena, line.at, line.length);
	else
		diag_set(why, DIAG_CONFIG_UNREADABLE, place_system.mailname);
	buf_free(&text);
	return name;
}

static const char *value_of(
	char letter, const char *author, struct arena *arena, struct diag *why)
{
	switch (letter) {
	case 'U':
		return user_name(arena);
	case 'H':
		return host_name(arena);
	case 'C':
		return canonical_name(arena);
	case 'M':
		return mail_name(arena, why);
	default:
		return author;
	}
}

const char *expand_text(const char *text, const char *letters,
	const char *author, struct arena *arena, struct diag *why)
{
	struct buf out = BUF_INIT(EXPAND_LIMIT);
	bool is_changed = false;
	const char *value = text;

	for (const char *at = text; *at && value; at++) {
		if (at[0] != '%' || !at[1] || !strchr(letters, at[1])) {
			buf_put_byte(&out, *at);
			continue;
		}
		is_changed = true;
		value = value_of(*++at, author, arena, why);
		if (value)
			buf_puts(&out, value);
	}
	if (value && is_changed)
		text = arena_strdup(arena, buf_text(&out));
	buf_free(&out);
	return value ? text : NULL;
}
