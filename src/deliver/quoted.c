/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a text a reply stands.  Knows how others write them down. */
#include <config.h>

#include "deliver/quoted.h"

#include "base/mem.h"
#include "base/text.h"
#include "config/provider.h"

#include <stdio.h>
#include <string.h>

struct finder {
	struct span lower; /* the whole text, in lower case */
	const char *provider;
	struct quoted *out;
};

static bool has(struct span lower, const char *words)
{
	struct span found;

	return known_has_word(lower, span_of(words), &found);
}

/* ---- what it answered ------------------------------------------------------
 */

/* How servers' logs, bounces and our own sentences say it. */
static const struct {
	const char *words;
	unsigned stages;
} stage_words[] = {
	{ "end of data|data command|after data|the message:|after end of data|"
	  "dot:",
		KNOWN_DATA },
	{ "to rcpt|after rcpt|rcpt to:|the recipient ", KNOWN_RCPT },
	{ "to mail from|after mail from|mail from:|the sender ", KNOWN_MAIL },
	{ "initial connection|does not take mail", KNOWN_CONNECT },
	{ "to ehlo|to helo|after ehlo|after helo|server refused ehlo",
		KNOWN_HELLO },
	{ "to auth|after auth|the login of |sasl authentication failed|"
	  "smtp-auth",
		KNOWN_AUTH },
};

/* A reply of these codes, or with these words, may be one to a login. */
static bool may_be_login(struct span lower, struct span reply)
{
	static const char codes[] = "334 432 525 530 534 535 538";
	static const char words[] =
		"login|log in|auth|password|passwort|credential|user|oauth|"
		"token|account|app ";

	if (has(lower, "spf|dkim|dmarc"))
		return false;
	return provider_has_word(codes, span_make(reply.at, 3)) ||
	       has(lower, words);
}

/* Whether it speaks of somebody. */
static bool may_be_recipient(struct span lower)
{
	return (lower.length && memchr(lower.at, '@', lower.length)) ||
	       has(lower, "recipient|mailbox|user|address|inbox|account|host");
}

/* 0: nothing says so. */
static unsigned said_stages(struct span lower)
{
	for (size_t i = 0; i < sizeof stage_words / sizeof *stage_words; i++)
		if (has(lower, stage_words[i].words))
			return stage_words[i].stages;
	return 0;
}

static unsigned stages_of(struct span lower, struct span reply)
{
	unsigned stages = said_stages(lower);

	if (stages)
		return stages;
	stages = KNOWN_ANY;
	if (!may_be_login(lower, reply))
		stages &= ~(unsigned)KNOWN_AUTH;
	if (!may_be_recipient(lower))
		stages &= ~(unsigned)KNOWN_RCPT;
	return stages;
}

/* For what is known of a code alone: a 5yz says nothing when nobody knows what
 * it answered, but for those of a login. */
static unsigned stages_of_code(struct span lower, struct span reply)
{
	static const char login_codes[] = "530 534 535 538";
	unsigned stages = said_stages(lower);

	if (stages)
		return stages;
	if (provider_has_word(login_codes, span_make(reply.at, 3)))
		return KNOWN_AUTH;
	return reply.at[0] == '4' ? KNOWN_ENVELOPE : 0;
}

/* ---- one reply -------------------------------------------------------------
 */

/* "5.7.26", if that is what TEXT begins with. */
static void note_status(struct span text, struct quoted *out)
{
	struct span word = span_cut_word(&text), rest = word;
	unsigned long number;

	for (int part = 0; part < 3; part++)
		if (!span_number(part < 2 ? span_cut(&rest, '.') : rest, 999,
			    &number))
			return;
	if (word.length < sizeof out->status)
		memcpy(out->status, word.at, word.length);
}

static void note(
	struct finder *finder, struct span reply, const struct known *row)
{
	unsigned long code = 0;

	finder->out->row = row;
	(void)span_number(span_make(reply.at, 3), 599, &code);
	finder->out->code = (unsigned)code;
	reply = span_skip(reply, 3);
	if (reply.length && (reply.at[0] == '-' || reply.at[0] == '#'))
		reply = span_skip(reply, 1);
	note_status(span_trim(reply), finder->out);
}

static bool try_reply(
	struct finder *finder, struct span reply, bool is_particular)
{
	const struct known_question asked = {
		.provider = finder->provider,
		.stages = is_particular ? stages_of(finder->lower, reply)
					: stages_of_code(finder->lower, reply),
		.reply = reply,
		.is_particular = is_particular,
	};
	const struct known *row = known_find(&asked);

	if (row)
		note(finder, reply, row);
	return row != NULL;
}

/* Whether a reply can begin AT: three digits by themselves. */
static bool is_code(struct span text, size_t at)
{
	unsigned long code;

	return at + 3 <= text.length &&
	       span_number(span_make(text.at + at, 3), 599, &code) &&
	       code >= 200 &&
	       (!at || !strchr("0123456789abcdefghijklmnopqrstuvwxyz.:-@",
			       text.at[at - 1])) &&
	       (at + 3 == text.length || strchr(" -#\t", text.at[at + 3]));
}

static bool try_replies(
	struct finder *finder, struct span text, bool is_particular)
{
	for (size_t i = 0; i < text.length; i++)
		if (is_code(text, i) &&
			try_reply(finder, span_skip(text, i), is_particular))
			return true;
	return false;
}

/* Words, or a status, without a code: one that would go with them. */
static bool try_words(struct finder *finder, struct span text)
{
	static const char *const codes[] = { "550", "535", "450" };
	struct buf reply = BUF_INIT(QUOTED_TEXT_LIMIT + 4);

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		buf_clear(&reply);
		buf_printf(&reply, "%s ", codes[i]);
		buf_put_span(&reply, text);
		if (!try_reply(finder, buf_span(&reply), true))
			continue;
		buf_free(&reply);
		finder->out->code = 0;
		return true;
	}
	buf_free(&reply);
	return false;
}

/* ---- the text --------------------------------------------------------------
 */

/* "--> AUTH PLAIN AGFu…": nobody wants to see more of that. */
static bool is_login_line(struct span line)
{
	return has(line, "auth plain |auth login |auth xoauth2 |"
			 "auth oauthbearer |auth cram-md5|auth scram|"
			 "auth external |auth ntlm");
}

/* "<-- 550-5.7.26 " in front of a line: a trace's mark, then the code that the
 * lines of one reply have in common, which only the first one keeps. */
static struct span without_marks(struct span line)
{
	static const char *const marks[] = { "<-- ", "<-  ", "<** ", "<<< ",
		"s: ", "< ", "> ", "# " };

	line = span_trim(line);
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (span_starts_with(line, span_of(marks[i])))
			return span_trim(span_skip(line, strlen(marks[i])));
	return line;
}

static bool goes_on(struct span line, struct span before)
{
	return before.length >= 4 && is_code(before, 0) &&
	       before.at[3] == '-' && is_code(line, 0) &&
	       memcmp(line.at, before.at, 3) == 0;
}

/* Behind the code and the status. */
static struct span words_of(struct span line)
{
	struct quoted status = { .code = 0 };

	line = span_trim(span_skip(line, line.length > 3 ? 4 : 3));
	note_status(line, &status);
	return span_skip(line, strlen(status.status));
}

/* One line, replies of several lines joined. */
static void put_joined(struct buf *out, struct span lower)
{
	struct span before = SPAN("");

	while (lower.length) {
		struct span line = without_marks(span_cut(&lower, '\n'));

		if (is_login_line(line))
			continue;
		buf_put_byte(out, ' ');
		buf_put_span(
			out, goes_on(line, before) ? words_of(line) : line);
		before = line;
	}
}

/* "known=google.bad-credentials", or that alone. */
static bool try_name(struct finder *finder, struct span text)
{
	struct span rest = text, word;

	while ((word = span_cut_word(&rest)).length) {
		if (span_starts_with(word, SPAN("known=")))
			word = span_skip(word, 6);
		finder->out->row = known_named(word);
		if (finder->out->row)
			return true;
	}
	return false;
}

/* By the name of a server, as "host=smtp.gmail.com" or in a sentence. */
static const char *provider_in(struct span text)
{
	static const char *const no_folders[] = { NULL };
	struct arena *arena = arena_new();
	struct providers providers;
	const char *found = NULL;
	struct span word;

	providers_read(no_folders, arena, &providers);
	while (!found && (word = span_cut_word(&text)).length) {
		const struct provider *provider;
		struct span name = word;

		while (name.length && !strchr("=[(<", name.at[0]))
			name = span_skip(name, 1);
		name = name.length ? span_skip(name, 1) : word;
		while (name.length &&
			strchr("])>,;:'\"", name.at[name.length - 1]))
			name.length--;
		if (!memchr(name.at, '.', name.length))
			continue;
		provider = providers_of_host(&providers, name);
		found = provider ? provider->name : NULL;
	}
	arena_free(arena);
	return found;
}

bool quoted_find(struct span text, const char *provider, struct quoted *out)
{
	struct buf lower = BUF_INIT(2 * QUOTED_TEXT_LIMIT);
	struct buf joined = BUF_INIT(3 * QUOTED_TEXT_LIMIT);
	struct finder finder = { .out = out };
	struct span line;
	bool is_found;

	if (text.length > QUOTED_TEXT_LIMIT)
		text.length = QUOTED_TEXT_LIMIT;
	*out = (struct quoted){ .code = 0 };
	known_put_lower(&lower, text);
	put_joined(&joined, buf_span(&lower));
	line = finder.lower = span_trim(buf_span(&joined));
	finder.provider = provider_in(line);
	if (!finder.provider)
		finder.provider = provider;
	is_found =
		try_name(&finder, line) || try_replies(&finder, line, true) ||
		try_replies(&finder, line, false) || try_words(&finder, line);
	buf_free(&joined);
	buf_free(&lower);
	return is_found;
}

void quoted_put_words(
	struct buf *out, struct span text, const struct known *row)
{
	struct buf lower = BUF_INIT(2 * QUOTED_TEXT_LIMIT);
	struct span groups = span_of(row->words), found;
	const char *between = "";

	if (text.length > QUOTED_TEXT_LIMIT)
		text.length = QUOTED_TEXT_LIMIT;
	known_put_lower(&lower, text);
	while (groups.length) {
		if (!known_has_word(
			    buf_span(&lower), span_cut(&groups, '&'), &found))
			continue;
		buf_puts(out, between);
		buf_put_span(out, found);
		between = ", ";
	}
	buf_free(&lower);
}
