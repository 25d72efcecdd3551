/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talking to the person who sets something up.  Does not know what about. */
#include <config.h>

#include "base/interrupt.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/report.h"
#include "cmd/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_LIMIT = 4096 };

void setup_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	fflush(stdout);
}

static void note_missing(
	struct setup_talk *talk, const char *what, const char *option)
{
	if (talk->missing_count == SETUP_MISSING_MAX)
		return;
	talk->missing[talk->missing_count++] =
		(struct setup_missing){ what, option };
}

/* Until there is one, or the person has enough. */
static const char *hear(
	struct setup_talk *talk, const char *prompt, const char *usual)
{
	struct buf answer = BUF_INIT(ANSWER_LIMIT);
	const char *text = NULL;
	bool is_answered;

	do {
		struct span said;

		is_answered = !interrupt_is_there() &&
			      terminal_ask_line(prompt, &answer);
		said = span_trim(buf_span(&answer));
		if (is_answered)
			text = arena_strndup(talk->arena, said.at, said.length);
	} while (is_answered && !*text && !usual);
	buf_free(&answer);
	if (!is_answered)
		return NULL;
	return *text ? text : usual;
}

const char *setup_ask(struct setup_talk *talk, const char *what,
	const char *usual, const char *option, struct diag *why)
{
	struct buf prompt = BUF_INIT(ANSWER_LIMIT);
	const char *text;

	if (!talk->may_ask) {
		note_missing(talk, what, option);
		return "";
	}
	buf_printf(&prompt, usual && *usual ? "%s [%s]: " : "%s: ", _(what),
		usual);
	text = hear(talk, buf_text(&prompt), usual);
	buf_free(&prompt);
	if (!text)
		diag_set(why, DIAG_SETUP_STOPPED);
	return text;
}

bool setup_is_yes(const char *answer)
{
	return *answer && strchr("yYjJ", *answer);
}

bool setup_ask_secret(struct setup_talk *talk, struct secret *secret,
	const char *option, struct diag *why)
{
	struct buf prompt = BUF_INIT(ANSWER_LIMIT);
	bool is_answered;

	if (!talk->may_ask) {
		note_missing(talk, N_("the password"), option);
		return true;
	}
	buf_printf(&prompt, "%s: ", _("Password (it is not shown)"));
	is_answered = !interrupt_is_there() &&
		      terminal_ask_secret(buf_text(&prompt), secret);
	buf_free(&prompt);
	return is_answered || diag_set(why, DIAG_SETUP_STOPPED);
}

bool setup_has_all(const struct setup_talk *talk, struct diag *why)
{
	if (!talk->missing_count)
		return true;
	for (size_t i = 0; i < talk->missing_count; i++) {
		if (i)
			(void)report_problem(why);
		diag_set(why, DIAG_SETUP_MISSING,
			arena_printf(talk->arena, DIAG_WORDS "%s",
				talk->missing[i].what),
			talk->missing[i].option);
	}
	return false;
}
