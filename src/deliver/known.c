/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which row a reply is.  Knows the table, not what is made of it. */
#include <config.h>

#include "deliver/known.h"

#include "base/text.h"
#include "config/provider.h"
#include "smtp/dialogue.h"

static const struct known rows[] = {
#define KNOWN(id, providers, stages, codes, statuses, words, scope, reason,    \
	wait, cause, next, sample_provider, sample)                            \
	{ id, providers, stages, codes, statuses, words, DIAG_SCOPE_##scope,   \
		KNOWN_REASON_##reason, DIAG_WAIT_##wait, cause, next,          \
		sample_provider, sample },
/* The stages without the prefix, for the table alone. */
#define CONNECT  KNOWN_CONNECT
#define HELLO    KNOWN_HELLO
#define TLS      KNOWN_TLS
#define AUTH     KNOWN_AUTH
#define MAIL     KNOWN_MAIL
#define RCPT     KNOWN_RCPT
#define DATA     KNOWN_DATA
#define GREET    KNOWN_GREET
#define ENVELOPE KNOWN_ENVELOPE
#define ANY      KNOWN_ANY
#include "deliver/known.def"
#undef CONNECT
#undef HELLO
#undef TLS
#undef AUTH
#undef MAIL
#undef RCPT
#undef DATA
#undef GREET
#undef ENVELOPE
#undef ANY
#undef KNOWN
};

static const struct {
	const char *name, *text;
} reasons[] = {
#define KNOWN_REASON(id, name, text) [KNOWN_REASON_##id] = { name, text },
#include "deliver/known_reasons.def"
#undef KNOWN_REASON
};

/* A reply, taken apart. */
struct reply {
	char code[4];
	struct span status; /* RFC 3463, or empty */
	struct span text;   /* lower case, with the status in front */
};

/* ---- letters ------------------------------------------------------------- */

/* The lower-case letter is so many further on. */
static unsigned lower_distance(unsigned character)
{
	static const struct {
		unsigned first, last, distance;
	} capitals[] = {
		{ 0xc0, 0xde, 0x20 },   /* Latin with accents */
		{ 0x391, 0x3a9, 0x20 }, /* Greek */
		{ 0x400, 0x40f, 0x50 }, /* Cyrillic */
		{ 0x410, 0x42f, 0x20 },
	};

	for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++)
		if (character >= capitals[i].first &&
			character <= capitals[i].last)
			return capitals[i].distance;
	/* Latin Extended-A: a capital is followed by its small letter. */
	if (character >= 0x100 && character <= 0x137)
		return character % 2 == 0;
	return character >= 0x139 && character <= 0x17e &&
	       (character <= 0x148 || character >= 0x179) && character % 2 == 1;
}

static void put_lower_pair(struct buf *out, struct span letter)
{
	unsigned character = (unsigned)(letter.at[0] & 0x1f) << 6 |
			     (unsigned)(letter.at[1] & 0x3f);

	character += lower_distance(character);
	buf_put_byte(out, (char)(0xc0 | character >> 6));
	buf_put_byte(out, (char)(0x80 | (character & 0x3f)));
}

void known_put_lower(struct buf *out, struct span text)
{
	while (text.length) {
		size_t length = text_utf8_length(text);

		if (length == 2)
			put_lower_pair(out, text);
		else if (length > 2)
			buf_put_span(out, span_make(text.at, length));
		else
			buf_put_byte(out, ascii_lower(text.at[0]));
		text = span_skip(text, length ? length : 1);
	}
}

/* ---- words --------------------------------------------------------------- */

static bool has_one(struct span text, struct span word, struct span *found)
{
	for (size_t at = 0; at + word.length <= text.length; at++) {
		if (memcmp(text.at + at, word.at, word.length) != 0)
			continue;
		if (at && ascii_is_alnum(text.at[at - 1]) &&
			ascii_is_alnum(word.at[0]))
			continue;
		*found = span_make(text.at + at, word.length);
		return true;
	}
	return false;
}

bool known_has_word(struct span text, struct span words, struct span *found)
{
	while (words.length)
		if (has_one(text, span_cut(&words, '|'), found))
			return true;
	return false;
}

static bool has_all(struct span text, const char *groups)
{
	struct span rest = span_of(groups), found;

	while (rest.length)
		if (!known_has_word(text, span_cut(&rest, '&'), &found))
			return false;
	return true;
}

/* ---- code and status ----------------------------------------------------- */

static bool has_code(const char *codes, const char *code)
{
	struct span rest = span_of(codes), prefix;

	while ((prefix = span_cut_word(&rest)).length)
		if (span_starts_with(span_of(code), prefix))
			return true;
	return !*codes;
}

static bool has_status(const char *statuses, struct span status)
{
	struct span rest = span_of(statuses), wanted;

	while ((wanted = span_cut_word(&rest)).length)
		if (span_equal(
			    wanted.at[0] == '.' ? span_skip(status, 1) : status,
			    wanted))
			return true;
	return !*statuses;
}

bool known_is_status(struct span word)
{
	unsigned long number;

	for (int part = 0; part < 3; part++)
		if (!span_number(part < 2 ? span_cut(&word, '.') : word, 999,
			    &number))
			return false;
	return true;
}

/* In front, "5.7.8 …"; or where a sign marks it, "sorry (#5.7.1)". */
static struct span take_status(struct span text)
{
	struct span rest = text, word = span_cut_word(&rest);

	if (known_is_status(word))
		return word;
	for (size_t at = 0; at < text.length; at++) {
		size_t length = 0;

		if (!strchr("#([", text.at[at]))
			continue;
		rest = span_skip(text, at + 1);
		while (length < rest.length &&
			(ascii_is_digit(rest.at[length]) ||
				rest.at[length] == '.'))
			length++;
		if (known_is_status(span_make(rest.at, length)))
			return span_make(rest.at, length);
	}
	return SPAN("");
}

static bool is_blank(char c)
{
	return c == ' ' || ascii_is_control(c);
}

/* The words, one blank apart.  An address says nothing of the matter, whatever
 * words it is made of. */
static void put_without_addresses(struct buf *out, struct span text)
{
	while (text.length) {
		size_t length = 0;

		while (length < text.length && !is_blank(text.at[length]))
			length++;
		if (length && !memchr(text.at, '@', length)) {
			buf_puts(out, out->length ? " " : "");
			buf_put(out, text.at, length);
		}
		text = span_skip(text, length + 1);
	}
}

static void put_lower_reply(struct buf *out, struct span text)
{
	struct buf plain = BUF_INIT(KNOWN_TEXT_BYTES);

	put_without_addresses(&plain, text);
	known_put_lower(out, buf_span(&plain));
	buf_free(&plain);
}

/* False when it does not begin with a code. */
static bool take_apart(struct span text, struct buf *lower, struct reply *out)
{
	unsigned long code;

	text = span_trim(text);
	if (text.length > KNOWN_TEXT_BYTES)
		text.length = KNOWN_TEXT_BYTES;
	if (text.length < 3 ||
		!span_number(span_make(text.at, 3), 599, &code) || code < 200)
		return false;
	memcpy(out->code, text.at, 3);
	out->code[3] = '\0';
	text = span_skip(text, 3);
	if (text.length && text.at[0] == '-')
		text = span_skip(text, 1);
	text = span_trim(text);
	if (text.length && text.at[0] == '#')
		text = span_skip(text, 1);
	put_lower_reply(lower, text);
	out->text = buf_span(lower);
	out->status = take_status(out->text);
	return true;
}

/* ---- rows ---------------------------------------------------------------- */

static bool is_particular(const struct known *row)
{
	return *row->providers || *row->statuses || *row->words;
}

static bool fits(const struct known *row, const struct known_question *asked,
	const struct reply *reply)
{
	if (!(row->stages & asked->stages) ||
		(asked->is_particular && !is_particular(row)) ||
		!has_code(row->codes, reply->code) ||
		!has_status(row->statuses, reply->status))
		return false;
	if (*row->providers &&
		(!asked->provider || !provider_has_word(row->providers,
					     span_of(asked->provider))))
		return false;
	return has_all(reply->text, row->words);
}

const struct known *known_find(const struct known_question *asked)
{
	struct buf lower = BUF_INIT(2 * KNOWN_TEXT_BYTES);
	const struct known *found = NULL;
	struct reply reply;

	if (take_apart(asked->reply, &lower, &reply))
		for (size_t i = 0; i < known_count() && !found; i++)
			if (fits(&rows[i], asked, &reply))
				found = &rows[i];
	buf_free(&lower);
	return found;
}

const struct known *known_named(struct span id)
{
	for (size_t i = 0; i < known_count(); i++)
		if (span_equal(id, span_of(rows[i].id)))
			return &rows[i];
	return NULL;
}

const struct known *known_row(size_t index)
{
	return &rows[index];
}

size_t known_count(void)
{
	return sizeof rows / sizeof *rows;
}

const char *known_reason_name(enum known_reason reason)
{
	return reasons[reason].name;
}

const char *known_reason_text(enum known_reason reason)
{
	return reasons[reason].text;
}

/* ---- what happened to us ------------------------------------------------- */

/* A 421 may come at any time; ASKED is what it came instead of. */
static unsigned stages_of_closing(const char *asked)
{
	static const struct {
		const char *asked;
		unsigned stages;
	} stages[] = {
		{ SMTP_GREETING_NAME, KNOWN_CONNECT },
		{ "EHLO", KNOWN_HELLO },
		{ "LHLO", KNOWN_HELLO },
		{ "HELO", KNOWN_HELLO },
		{ "STARTTLS", KNOWN_TLS },
		{ "AUTH", KNOWN_AUTH },
	};

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (strcmp(stages[i].asked, asked) == 0)
			return stages[i].stages;
	return KNOWN_ENVELOPE;
}

unsigned known_stages(const struct diag *why)
{
	static const struct {
		enum diag_id id;
		unsigned stages;
	} stages[] = {
		{ DIAG_SMTP_GREETING, KNOWN_CONNECT },
		{ DIAG_SMTP_HELLO, KNOWN_HELLO },
		{ DIAG_SMTP_STARTTLS_REFUSED, KNOWN_TLS },
		{ DIAG_SMTP_AUTH_REFUSED, KNOWN_AUTH },
		{ DIAG_SMTP_TOKEN_REFUSED, KNOWN_AUTH },
		{ DIAG_SMTP_TOKEN_UNCHECKED, KNOWN_AUTH },
		{ DIAG_SMTP_NO_MECHANISM, KNOWN_AUTH },
		{ DIAG_SMTP_AUTH_REQUIRED, KNOWN_ENVELOPE | KNOWN_HELLO },
		{ DIAG_SMTP_MAIL_REFUSED, KNOWN_MAIL },
		{ DIAG_SMTP_RCPT_REFUSED, KNOWN_RCPT },
		{ DIAG_SMTP_DATA_REFUSED, KNOWN_DATA },
	};

	if (why->id == DIAG_SMTP_CLOSING)
		return stages_of_closing(why->text);
	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (stages[i].id == why->id)
			return stages[i].stages;
	return 0;
}

/* What this session lacks is known better by who led it (smtp/advice). */
static bool is_advised(const struct diag *why, const struct known *row)
{
	if (!diag_has_own_hint(why))
		return false;
	return !is_particular(row) || row->reason == KNOWN_REASON_HELO ||
	       row->reason == KNOWN_REASON_LOGIN_MISSING ||
	       row->reason == KNOWN_REASON_RELAY ||
	       row->reason == KNOWN_REASON_TLS;
}

/* What such a row says of credentials is said of passwords. */
static bool is_beside(const struct diag *why, const struct known *row)
{
	return (why->id == DIAG_SMTP_TOKEN_REFUSED ||
		       why->id == DIAG_SMTP_TOKEN_UNCHECKED) &&
	       row->reason == KNOWN_REASON_CREDENTIALS;
}

static void refine_with(struct diag *why, const struct known *row)
{
	struct diag_known known = { .name = row->id,
		.reason = known_reason_name(row->reason),
		.cause = row->cause,
		.next = row->next,
		.scope = row->scope,
		.wait = row->wait };

	/* What says no more than the sentence is no cause, and not known. */
	if (!is_particular(row)) {
		known.name = NULL;
		known.scope = why->scope;
		known.wait = DIAG_WAIT_AS_CODE;
		known.cause = NULL;
	}
	if (is_advised(why, row)) {
		known.cause = NULL;
		known.next = why->hint;
	}
	diag_refine(why, &known);
}

void known_refine(struct diag *why, const char *provider)
{
	const struct known_question asked = {
		.provider = provider,
		.stages = known_stages(why),
		.reply = span_of(why->reply),
	};
	const struct known *row = known_find(&asked);

	if (row && !is_beside(why, row))
		refine_with(why, row);
}
