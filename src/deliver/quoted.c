/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a text a reply stands.  Knows how others write them down. */
#include <config.h>

#include "deliver/quoted.h"

#include "base/mem.h"
#include "base/text.h"
#include "config/provider.h"

#include <stdio.h>
#include <string.h>

/* In what is searched, a line that a client sent is such a byte: what the next
 * reply answers.  No other control character but the line's end is left. */
enum { MARK_HELLO = 1, MARK_TLS, MARK_AUTH, MARK_MAIL, MARK_RCPT, MARK_DATA };

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
	  "dot:|did not accept the mail",
		KNOWN_DATA },
	{ "to rcpt|after rcpt|rcpt to:|the recipient |recipient address",
		KNOWN_RCPT },
	{ "to mail from|after mail from|mail from:|the sender |envelope from "
	  "address",
		KNOWN_MAIL },
	{ "initial connection|does not take mail", KNOWN_CONNECT },
	{ "to ehlo|to helo|after ehlo|after helo|server refused ehlo",
		KNOWN_HELLO },
	{ "to auth |to auth)|to auth:|after auth |after auth:|the login of "
	  "|sasl authentication failed|"
	  "smtp-auth|authentication failed (method",
		KNOWN_AUTH },
};

/* A reply of these codes, or with these words, may be one to a login; of a code
 * that others have as well, words of logins alone say so. */
static bool may_be_login(struct span lower, struct span code)
{
	static const char codes[] = "334 432 525 530 534 535 538";
	static const char words[] =
		"login|log in|auth|password|passwort|credential|oauth|token|"
		"5.7.8|5.7.9|5.7.3 |5.7.30|5.7.139|4.7.8|user has no "
		"permission";
	static const char weak_words[] = "user|account|app ";
	static const char others[] = "421 450 451 452 550 551 552 553 554";

	if (has(lower, "spf|dkim|dmarc"))
		return false;
	return provider_has_word(codes, code) || has(lower, words) ||
	       (!provider_has_word(others, code) && has(lower, weak_words));
}

/* Whether it speaks of somebody. */
static bool may_be_recipient(struct span lower)
{
	static const char words[] =
		"recipient|mailbox|user|address|inbox|account|host|"
		"empfänger|benutzer|postfach|konto|utilisateur|destinatair|"
		"boîte|boite|adresse|usuario|usuário|buzón|buzon|destinatari|"
		"destinatário|utente|casella|indirizzo|gebruiker|użytkownik|"
		"skrzynk|uživatel|schránk|пользовател|получател|ящик|адрес|"
		"收件人|用户|邮箱|信箱|宛先|ユーザー|수신자|사용자";

	return (lower.length && memchr(lower.at, '@', lower.length)) ||
	       has(lower, words);
}

/* 0: nothing says so. */
static unsigned said_stages(struct span lower)
{
	for (size_t i = 0; i < sizeof stage_words / sizeof *stage_words; i++)
		if (has(lower, stage_words[i].words))
			return stage_words[i].stages;
	return 0;
}

/* The last command before AT; 0: there was none. */
static unsigned asked_stages(struct span lower, const char *at)
{
	static const unsigned stages[] = { [MARK_HELLO] = KNOWN_HELLO,
		[MARK_TLS] = KNOWN_TLS,
		[MARK_AUTH] = KNOWN_AUTH,
		[MARK_MAIL] = KNOWN_MAIL,
		[MARK_RCPT] = KNOWN_RCPT,
		[MARK_DATA] = KNOWN_DATA };

	for (size_t i = at ? (size_t)(at - lower.at) : 0; i > 0; i--)
		if (lower.at[i - 1] > 0 && lower.at[i - 1] <= MARK_DATA)
			return stages[(size_t)lower.at[i - 1]];
	return 0;
}

/* What the text says of a reply that stands AT, which its line says best. */
static unsigned told_stages(struct span lower, const char *at)
{
	unsigned stages = asked_stages(lower, at);
	size_t begin = at ? (size_t)(at - lower.at) : 0;

	while (begin && lower.at[begin - 1] != '\n')
		begin--;
	if (!stages) {
		struct span line = span_skip(lower, begin);

		stages = said_stages(span_cut(&line, '\n'));
	}
	return stages ? stages : said_stages(lower);
}

static unsigned stages_of(struct span lower, struct span code)
{
	unsigned stages = KNOWN_ANY;

	if (provider_has_word("525 534 535 538", code))
		return KNOWN_AUTH;
	if (!may_be_login(lower, code))
		stages &= ~(unsigned)KNOWN_AUTH;
	if (!may_be_recipient(lower))
		stages &= ~(unsigned)KNOWN_RCPT;
	return stages;
}

/* For what is known of a code alone: a 5yz says nothing when nobody knows what
 * it answered, but for those of a login and of a command's form. */
static unsigned stages_of_code(struct span lower, struct span code)
{
	if (provider_has_word("530 534 535 538", code) ||
		(code.at[0] == '4' && has(lower, "auth|login|password")))
		return KNOWN_AUTH;
	return code.at[0] == '4' || code.at[1] == '0' ? KNOWN_ENVELOPE : 0;
}

/* ---- one reply -------------------------------------------------------------
 */

/* Where in the text it stands (NULL: the code is no part of it). */
struct place {
	const char *at;
	struct span code, words;
};

/* Whether a reply's code stands AT: three digits by themselves, as RFC 5321
 * 4.2.1 has them (587 is a port). */
static bool is_code(struct span text, size_t at)
{
	static const char before[] =
		"0123456789abcdefghijklmnopqrstuvwxyz.:-@=";

	return at + 3 <= text.length && text.at[at] >= '2' &&
	       text.at[at] <= '5' && text.at[at + 1] >= '0' &&
	       text.at[at + 1] <= '5' && ascii_is_digit(text.at[at + 2]) &&
	       (!at || !strchr(before, text.at[at - 1])) &&
	       (at + 3 == text.length ||
		       strchr(" -#,:])\n\"'", text.at[at + 3]));
}

/* What stands between code and words: "535-5.7.8", "(535, b'5.7.8". */
static struct span without_signs(struct span words)
{
	while (words.length) {
		bool is_bytes = words.length > 1 && words.at[0] == 'b' &&
				(words.at[1] == '\'' || words.at[1] == '"');

		if (!is_bytes && !strchr(" \n-#,:])'\"", words.at[0]))
			break;
		words = span_skip(words, 1);
	}
	return words;
}

/* The status, which each line of a reply has, only once. */
static void put_words(struct buf *out, struct span words)
{
	struct span status = SPAN("");

	while (words.length) {
		size_t length = 0;
		struct span word;

		while (length < words.length && words.at[length] != ' ' &&
			words.at[length] != '\n')
			length++;
		word = span_make(words.at, length);
		words = span_skip(words, length + 1);
		if (!length || (status.length && span_equal(word, status)))
			continue;
		if (known_is_status(word) && !status.length)
			status = word;
		buf_puts(out, " ");
		buf_put_span(out, word);
	}
}

static void note_status(struct span word, struct quoted *out)
{
	if (known_is_status(word) && word.length < sizeof out->status)
		memcpy(out->status, word.at, word.length);
}

/* Of each group the word of the row's that stands in REPLY. */
static void note_words(struct quoted *out, struct span reply)
{
	struct span groups = span_of(out->row->words), found;

	while (groups.length && out->word_count < QUOTED_WORDS_MAX) {
		struct span group = span_cut(&groups, '&'), word;

		do
			word = span_cut(&group, '|');
		while (group.length && !known_has_word(reply, word, &found));
		out->words[out->word_count++] = word;
	}
}

static void note(struct finder *finder, const struct place *place,
	const struct known *row)
{
	struct span words = place->words;
	unsigned long code = 0;

	finder->out->row = row;
	(void)span_number(place->code, 599, &code);
	finder->out->code = (unsigned)code;
	note_status(span_cut_word(&words), finder->out);
}

static bool try_reply(
	struct finder *finder, const struct place *place, bool is_particular)
{
	unsigned stages = told_stages(finder->lower, place->at);
	struct buf reply = BUF_INIT(QUOTED_TEXT_LIMIT + 8);
	const struct known *row;

	if (!stages)
		stages = is_particular
				 ? stages_of(place->words, place->code)
				 : stages_of_code(place->words, place->code);
	buf_put_span(&reply, place->code);
	put_words(&reply, place->words);
	row = known_find(&(const struct known_question){
		.provider = finder->provider,
		.stages = stages,
		.reply = buf_span(&reply),
		.is_particular = is_particular,
	});
	if (row) {
		note(finder, place, row);
		note_words(finder->out, buf_span(&reply));
	}
	buf_free(&reply);
	return row != NULL;
}

static struct span find_status(struct span words)
{
	static const char parts[] = "0123456789.";

	for (size_t at = 0; at < words.length; at++) {
		size_t end = at;

		while (end < words.length && words.at[end] &&
			strchr(parts, words.at[end]))
			end++;
		if (words.at[at] >= '4' && words.at[at] <= '5' &&
			known_is_status(span_make(words.at + at, end - at)))
			return span_make(words.at + at, end - at);
		at = end;
	}
	return SPAN("");
}

/* Whether it goes on with more than a status: "SMTP code: 550 Additional SMTP
 * info: 5.1.1" and "responseCode: 550" do not. */
static bool has_own_words(const struct place *place)
{
	struct span rest = place->words, word = span_cut_word(&rest);

	return !known_is_status(word)
		       ? rest.length && !span_equal(word, SPAN("additional"))
		       : rest.length;
}

/* "code "550", with message "550 5.1.1 …": the last one with words is the
 * reply. */
static bool is_said_again(struct span line, const struct place *place)
{
	struct span rest = place->words;
	bool has_status = known_is_status(span_cut_word(&rest));

	if (has_status && has_own_words(place))
		return false;
	for (size_t i = 3; i + 4 < line.length; i++) {
		if (!is_code(line, i) ||
			memcmp(line.at + i, place->code.at, 3) != 0)
			continue;
		rest = without_signs(span_skip(line, i + 3));
		if (known_is_status(span_cut_word(&rest)) ||
			!has_own_words(place))
			return true;
	}
	return false;
}

/* A row that asks for more than the code, or what is known of a code: of one
 * with words, or of any. */
enum wanted { PARTICULAR, CODE_WITH_WORDS, CODE };

/* How much of what follows a code belongs to it. */
enum extent { LINE, REST };

/* Where what quotes a reply goes on: behind its quote, or its own remark. */
static size_t end_of(struct span text, size_t at, struct span words)
{
	static const struct span remark = SPAN(" (in reply to ");
	char quote = at ? text.at[at - 1] : '\0';

	for (size_t i = 0; i < words.length; i++) {
		char next = i + 1 < words.length ? words.at[i + 1] : ' ';

		if ((quote == '\'' || quote == '"') && words.at[i] == quote &&
			next && strchr(" ,;.)]}\n", next))
			return i;
		if (span_starts_with(span_skip(words, i), remark))
			return i;
	}
	return words.length;
}

static struct span line_at(struct span text, size_t at)
{
	struct span line = span_skip(text, at);

	line.length = span_find(line, '\n');
	return line;
}

static struct place place_at(struct span text, size_t at, enum extent extent)
{
	struct span words = span_skip(
		extent == LINE ? line_at(text, at) : span_skip(text, at), 3);

	words.length = end_of(text, at, words);
	if (words.length > KNOWN_TEXT_BYTES)
		words.length = KNOWN_TEXT_BYTES;
	return (struct place){ text.at + at, span_make(text.at + at, 3),
		without_signs(words) };
}

/* Further ones than so many are those of a text about something else. */
enum { CODES_MAX = 1000 };

static bool try_replies(
	struct finder *finder, enum extent extent, enum wanted wanted)
{
	struct span text = finder->lower;
	size_t tried = 0;

	for (size_t i = 0; i < text.length && tried < CODES_MAX; i++) {
		struct place place;

		if (!is_code(text, i) || (extent == REST && text.at[i] < '4'))
			continue;
		tried++;
		place = place_at(text, i, extent);
		if (extent == LINE && is_said_again(line_at(text, i), &place))
			continue;
		if (wanted == CODE_WITH_WORDS && !has_own_words(&place))
			continue;
		if (try_reply(finder, &place, wanted == PARTICULAR))
			return true;
	}
	return false;
}

static bool try_words_with(
	struct finder *finder, const char *at, struct span code)
{
	struct span words = span_trim(finder->lower);
	struct buf text = BUF_INIT(QUOTED_TEXT_LIMIT);
	struct place place = { .at = at, .code = code };
	bool is_found;

	if (words.length > KNOWN_TEXT_BYTES)
		words.length = KNOWN_TEXT_BYTES;
	buf_put_span(&text, find_status(words));
	buf_puts(&text, " ");
	buf_put_span(&text, words);
	place.words = span_trim(buf_span(&text));
	is_found = try_reply(finder, &place, true);
	buf_free(&text);
	return is_found;
}

/* Words whose code stands behind them, or nowhere: then one that would go with
 * them. */
static bool try_words(struct finder *finder)
{
	static const char *const codes[] = { "550", "535", "450" };
	struct span text = finder->lower;

	for (size_t i = 0; i < text.length; i++)
		if (is_code(text, i) && text.at[i] >= '4')
			return try_words_with(
				finder, text.at + i, span_make(text.at + i, 3));
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (try_words_with(finder, NULL, span_of(codes[i]))) {
			finder->out->code = 0;
			return true;
		}
	return false;
}

/* ---- the text --------------------------------------------------------------
 */

/* What a line of a client's is; 0: it is none.  Whoever logs in does not want
 * to see more of that. */
static char mark_of(struct span line)
{
	static const struct {
		const char *begin;
		char mark;
	} commands[] = { { "ehlo ", MARK_HELLO }, { "helo ", MARK_HELLO },
		{ "lhlo ", MARK_HELLO }, { "auth ", MARK_AUTH },
		{ "mail from:", MARK_MAIL }, { "rcpt to:", MARK_RCPT },
		{ "bdat ", MARK_DATA } };

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (span_starts_with(line, span_of(commands[i].begin)))
			return commands[i].mark;
	return span_equal(line, SPAN("data"))       ? MARK_DATA
	       : span_equal(line, SPAN("starttls")) ? MARK_TLS
						    : 0;
}

/* "--> AUTH PLAIN AGFu…", also behind a date or a name. */
static bool is_login_line(struct span line)
{
	return has(line, "auth plain |auth login |auth xoauth2 |"
			 "auth oauthbearer |auth cram-md5|auth scram|"
			 "auth external |auth ntlm");
}

/* The line behind a trace's mark. */
static struct span without_marks(struct span line)
{
	static const char *const marks[] = { "<-- ", "--> ", "<-  ", " -> ",
		"<** ", "<~  ", " ~> ", "<~* ", "*** ", "<<< ", ">>> ",
		"s: ", "c: ", "<= ", "=> ", "-> ", "<- ", "< ", "> ", "# ",
		"* " };

	line = span_trim(line);
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		struct span mark = span_trim(span_of(marks[i]));

		if (span_starts_with(line, mark))
			return span_trim(span_skip(line, mark.length));
	}
	return line;
}

/* "550-5.7.1 …", whatever stands before it, and the next line of the same
 * reply. */
static bool goes_on(struct span line, struct span before)
{
	if (!is_code(line, 0))
		return false;
	for (size_t i = 0; i + 4 <= before.length; i++)
		if (before.at[i + 3] == '-' && is_code(before, i) &&
			memcmp(line.at, before.at + i, 3) == 0)
			return true;
	return false;
}

static void put_line(struct buf *out, struct span line, char between)
{
	char mark = mark_of(line);

	if (!mark && is_login_line(line))
		mark = MARK_AUTH;
	if (mark) {
		buf_put_byte(out, '\n');
		buf_put_byte(out, mark);
		return;
	}
	buf_put_byte(out, between);
	buf_put_span(out, line);
}

/* Lines of one reply as one line, and what was folded. */
static void put_joined(struct buf *out, struct span lower)
{
	struct span before = SPAN("");

	while (lower.length) {
		struct span whole = span_cut(&lower, '\n');
		struct span line = without_marks(whole);
		/* "    at SMTPConnection…" is a program's stack. */
		bool is_folded = whole.length && ascii_is_wsp(whole.at[0]) &&
				 !is_code(line, 0) &&
				 !span_starts_with(line, SPAN("at "));

		/* "502-5.5.1", "502 EHLO not supported": no command of ours. */
		if (goes_on(line, before)) {
			buf_put_byte(out, ' ');
			buf_put_span(out, span_skip(line, 4));
		} else {
			put_line(out, line, is_folded ? ' ' : '\n');
		}
		before = line;
	}
}

/* How long what begins with ESC is (ECMA-48 5.3 to 5.6): colours and "erase the
 * line", a link or a title with its text, or two bytes. */
static size_t escape_length(struct span text)
{
	char kind = text.length > 1 ? text.at[1] : '\0';
	size_t i = 2;

	if (kind == '[') {
		while (i < text.length && text.at[i] >= ' ' &&
			text.at[i] <= '?')
			i++;
		return i < text.length && !ascii_is_control(text.at[i]) ? i + 1
									: i;
	}
	if (!kind || ascii_is_control(kind))
		return 1;
	if (!strchr("]PX^_", kind))
		return 2;
	while (i < text.length && !ascii_is_control(text.at[i]))
		i++;
	if (i < text.length && text.at[i] == '\a')
		return i + 1;
	/* One that does not end took nothing away but its beginning. */
	return span_starts_with(span_skip(text, i), SPAN("\033\\")) ? i + 2 : 2;
}

/* Without what colours it for a terminal. */
static void put_plain(struct buf *out, struct span text)
{
	while (text.length) {
		size_t length = span_find(text, '\033');

		buf_put_span(out, span_make(text.at, length));
		text = span_skip(text, length);
		if (text.length)
			text = span_skip(text, escape_length(text));
	}
}

/* In lower case; "\n" of a language's own notation is a blank, as is whatever
 * does not print. */
static void put_clean(struct buf *out, struct span text)
{
	struct buf plain = BUF_INIT(QUOTED_TEXT_LIMIT);

	put_plain(&plain, text);
	known_put_lower(out, buf_span(&plain));
	buf_free(&plain);
	for (size_t i = 0; i < out->length; i++) {
		char *at = out->data + i;

		if (*at == '\\' && i + 1 < out->length &&
			(at[1] == 'n' || at[1] == 'r' || at[1] == 't'))
			at[0] = at[1] = ' ';
		else if (ascii_is_control(*at) && *at != '\n')
			*at = ' ';
	}
}

/* "known=google.bad-credentials", or that alone. */
static bool try_name(struct finder *finder)
{
	static const char parts[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	struct span text = finder->lower;

	while (text.length) {
		size_t length = 0;

		while (length < text.length && text.at[length] &&
			strchr(parts, text.at[length]))
			length++;
		finder->out->row = known_named(span_make(text.at, length));
		if (finder->out->row)
			return true;
		text = span_skip(text, length + 1);
	}
	return false;
}

/* What may be a host's name: "[smtp.example]:587" in "host=…" or a sentence. */
static struct span cut_host(struct span *rest)
{
	static const char parts[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	struct span text = *rest;
	size_t begin = 0, end;

	while (begin < text.length && !ascii_is_alnum(text.at[begin]))
		begin++;
	for (end = begin; end < text.length && text.at[end] &&
			  strchr(parts, text.at[end]);)
		end++;
	*rest = span_skip(text, end + 1);
	return span_make(text.at + begin, end - begin);
}

/* By the name of a server; NULL: none that is known. */
static const char *provider_in(struct span text)
{
	static const char *const no_folders[] = { NULL };
	struct arena *arena = arena_new();
	struct providers providers;
	const char *found = NULL;

	providers_read(no_folders, arena, &providers);
	while (!found && text.length) {
		struct span name = cut_host(&text);
		const struct provider *provider =
			name.length && memchr(name.at, '.', name.length)
				? providers_of_host(&providers, name)
				: NULL;

		found = provider ? provider->name : NULL;
	}
	arena_free(arena);
	return found;
}

/* A reply by more than its code, or by that; if its line was broken, in what
 * follows; else by words before it or without any. */
static bool find_row(struct finder *finder)
{
	return try_name(finder) || try_replies(finder, LINE, PARTICULAR) ||
	       try_replies(finder, LINE, CODE_WITH_WORDS) ||
	       try_replies(finder, REST, PARTICULAR) || try_words(finder) ||
	       try_replies(finder, LINE, CODE);
}

bool quoted_find(struct span text, const char *provider, struct quoted *out)
{
	struct buf lower = BUF_INIT(2 * QUOTED_TEXT_LIMIT);
	struct buf joined = BUF_INIT(3 * QUOTED_TEXT_LIMIT);
	struct finder finder = { .out = out };
	bool is_found;

	if (text.length > QUOTED_TEXT_LIMIT)
		text.length = QUOTED_TEXT_LIMIT;
	*out = (struct quoted){ .code = 0 };
	put_clean(&lower, text);
	put_joined(&joined, buf_span(&lower));
	finder.lower = buf_span(&joined);
	finder.provider = provider_in(finder.lower);
	if (!finder.provider)
		finder.provider = provider;
	is_found = find_row(&finder);
	buf_free(&joined);
	buf_free(&lower);
	return is_found;
}

void quoted_put_words(struct buf *out, const struct quoted *found)
{
	for (size_t i = 0; i < found->word_count; i++) {
		buf_puts(out, i ? ", " : "");
		buf_put_span(out, found->words[i]);
	}
}
