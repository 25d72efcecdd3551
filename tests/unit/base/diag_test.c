/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics: the rows of the table, and how one becomes a sentence. */
#include <config.h>

#include "base/text.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>

/* ---- the table ----------------------------------------------------------- */

static const struct row {
	const char *id, *name;
	int exit_code;
	const char *status, *text, *hint;
} rows[] = {
#define DIAG(id, name, scope, exit_code, status, text, hint)                   \
	{ #id, name, exit_code, status, text, hint },
#include "base/diag.def"
#undef DIAG
};

/* The number of %s, or more than any row may have when there is another %. */
static size_t count_arguments(const char *text)
{
	size_t count = 0;

	for (; *text; text++) {
		if (*text != '%')
			continue;
		text++;
		if (*text == 's')
			count++;
		else if (*text != '%')
			return DIAG_ARGS_MAX + 1;
	}
	return count;
}

/* A hint names the sentence's arguments by their place: %1$s. */
/* A hint may have arguments behind those of its sentence. */
static bool has_good_places(const char *hint)
{
	while ((hint = strchr(hint, '%'))) {
		size_t has_place = hint[1] >= '1' &&
				   hint[1] <= (char)('0' + DIAG_ARGS_MAX);

		if (strncmp(hint + 1 + has_place, has_place ? "$s" : "s",
			    1 + has_place) != 0)
			return false;
		hint++;
	}
	return true;
}

static bool is_status(const char *status)
{
	unsigned class, subject, detail;
	char again[12];

	if (sscanf(status, "%1u.%3u.%3u", &class, &subject, &detail) != 3)
		return false;
	snprintf(again, sizeof again, "%u.%u.%u", class, subject, detail);
	return strcmp(again, status) == 0 && (class == 4 || class == 5);
}

static bool is_name(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot > name && dot[1] &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz-") ==
		       (size_t)(dot - name) &&
	       strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz-") ==
		       strlen(dot + 1);
}

static bool is_sentence(const char *text)
{
	size_t length = strlen(text);

	return length && text_is_ascii(span_of(text)) &&
	       text[length - 1] != '.' && text[length - 1] != '\n';
}

static bool is_unique(size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(rows[i].id, rows[index].id) == 0 ||
			strcmp(rows[i].text, rows[index].text) == 0)
			return false;
	return true;
}

static void check_row(size_t index)
{
	const struct row *row = &rows[index];
	const char *wrong = NULL;

	if (!is_name(row->name))
		wrong = "its name is not of the form area.trouble";
	else if (row->exit_code != EX_OK &&
		 (row->exit_code < EX__BASE || row->exit_code > EX_CONFIG))
		wrong = "its exit code is not of sysexits.h";
	else if (!is_status(row->status))
		wrong = "its status is not of RFC 3463";
	else if (row->exit_code == EX_TEMPFAIL && row->status[0] != '4')
		wrong = "it is temporary, its status is not";
	else if (!is_sentence(row->text))
		wrong = "its sentence ends in a full stop, or is not ASCII";
	else if (count_arguments(row->text) > DIAG_ARGS_MAX)
		wrong = "its sentence has too many %s, or another %";
	else if (row->hint &&
		 (!is_sentence(row->hint) || !has_good_places(row->hint)))
		wrong = "its hint is no sentence, or has another % than %s";
	else if (!is_unique(index))
		wrong = "another row has its id or its sentence";
	tap_ok(!wrong, "row %s%s%s", row->id, wrong ? ": " : "",
		wrong ? wrong : "");
}

/* ---- a translation ------------------------------------------------------- */

static const char *translation;

/* The test's own, called instead of the library's.  The compiler may have
 * turned one into the other. */
#undef dcgettext
#undef dgettext
#undef gettext
char *dcgettext(const char *domain, const char *msgid, int category);
char *dgettext(const char *domain, const char *msgid);
char *gettext(const char *msgid);

char *dcgettext(const char *domain, const char *msgid, int category)
{
	static char text[1000];

	(void)domain;
	(void)category;
	snprintf(text, sizeof text, "%s", translation ? translation : msgid);
	return text;
}

char *dgettext(const char *domain, const char *msgid)
{
	return dcgettext(domain, msgid, 0);
}

char *gettext(const char *msgid)
{
	return dcgettext(NULL, msgid, 0);
}

static const struct {
	const char *name, *translation, *want;
} translations[] = {
	{ "in order", "Option %s nimmt %s nicht: %s",
		"Option o nimmt v nicht: w" },
	{ "turned round", "%3$s: %2$s (%1$s)", "w: v (o)" },
	{ "one twice", "%1$s %1$s", "o o" },
	{ "an argument that is not there", "%4$s%5$s%s", "%5$so" },
	{ "more than there are", "%s%s%s%s%s%s", "ovw%s%s" },
	{ "a number", "%d %n %1$n %", "%d %n %1$n %" },
	{ "a percent sign", "%%s %%", "%s %" },
	{ "nothing", "", "" },
};

static void check_translations(void)
{
	for (size_t i = 0; i < sizeof translations / sizeof *translations;
		i++) {
		struct buf out = BUF_INIT(1000);
		struct diag why;

		diag_set(&why, DIAG_USAGE_BAD_VALUE, "o", "v", "w");
		translation = translations[i].translation;
#ifdef ENABLE_NLS
		diag_sentence(&why, true, &out);
		tap_is_text(buf_text(&out), translations[i].want,
			translations[i].name);
		buf_clear(&out);
#endif
		diag_sentence(&why, false, &out);
		tap_is_text(buf_text(&out), "option o does not take 'v': w",
			"the log stays English");
		buf_free(&out);
	}
	translation = NULL;
}

/* ---- sentences ----------------------------------------------------------- */

static void is_said(const struct diag *why, const char *want, const char *name)
{
	struct buf out = BUF_INIT(4000);

	diag_sentence(why, true, &out);
	tap_is_text(buf_text(&out), want, name);
	buf_free(&out);
}

static void check_sentences(void)
{
	struct diag why;

	diag_set(&why, DIAG_NET_CONNECT_TIMEOUT, "mail.example:587", "30");
	is_said(&why, "mail.example:587 did not answer within 30 seconds",
		"two arguments");
	diag_add_where(&why, "~/.mailchuterc:\x1B[3");
	is_said(&why,
		"~/.mailchuterc:\\x1B[3: mail.example:587 did not answer "
		"within 30 seconds",
		"a place in front");
	diag_set(&why, DIAG_FILE_FAILED, "/a\nb\x1B[2J");
	diag_add_errno(&why, ENOENT);
	is_said(&why, "cannot use /a b\\x1B[2J: No such file or directory",
		"the system's reason, and an argument made printable");
	diag_set(&why, DIAG_USAGE_BAD_VALUE, "%s%n", NULL, "%1$s");
	is_said(&why, "option %s%n does not take '': %1$s",
		"arguments are no formats, a missing one is empty");
	diag_set(&why, DIAG_FILE_FAILED, "/second");
	is_said(&why, "cannot use /second", "a row replaces the one before");
	why = (struct diag){ .id = DIAG_NONE };
	is_said(&why, "", "nothing happened");
	tap_ok(!diag_set(NULL, DIAG_FILE_FAILED, "/x") &&
			!diag_add_errno(NULL, ENOENT) &&
			!diag_add_where(NULL, "x") &&
			!diag_add_reply(NULL, 550, SPAN(""), SPAN("")) &&
			!diag_add_hint(NULL, "x"),
		"whoever does not want to know may say NULL");
}

static void check_long_arguments(void)
{
	char longest[3000];
	struct buf out = BUF_INIT(5000);
	struct diag why;

	for (size_t i = 0; i + 2 < sizeof longest; i += 2)
		memcpy(longest + i, "\xC3\xBC", 3);
	diag_set(&why, DIAG_USAGE_BAD_VALUE, longest, "v", longest);
	diag_sentence(&why, false, &out);
	tap_ok(text_is_utf8(buf_span(&out)) && out.length > 900 &&
			out.length < DIAG_TEXT_BYTES + 50,
		"a long argument is cut between characters");
	diag_set(&why, DIAG_USAGE_BAD_VALUE, "o", "v", "w");
	diag_add_where(&why, longest);
	diag_add_reply(&why, 550, SPAN(""), span_of(longest));
	buf_clear(&out);
	diag_sentence(&why, false, &out);
	tap_ok(text_is_utf8(buf_span(&out)) &&
			strlen(why.where) == DIAG_WHERE_BYTES - 2 &&
			strlen(why.reply) >= DIAG_TEXT_BYTES - 8,
		"so are a place and a reply");
	buf_free(&out);
}

/* ---- replies ------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned code;
	const char *status, *words;
	int want_code;
	const char *want_status, *want_reply;
} replies[] = {
	{ "permanent", 550, "5.1.1", "no such user", EX_NOUSER, "5.1.1",
		"550 5.1.1 no such user" },
	{ "temporary", 450, "4.2.1", "try later", EX_TEMPFAIL, "4.2.1",
		"450 4.2.1 try later" },
	{ "without status", 550, "", "no", EX_NOUSER, "5.1.0", "550 no" },
	{ "temporary without status", 451, "", "no", EX_TEMPFAIL, "4.1.0",
		"451 no" },
	{ "status of another class", 450, "5.1.1", "no", EX_TEMPFAIL, "4.1.0",
		"450 5.1.1 no" },
	{ "success's status", 550, "2.0.0", "ok", EX_NOUSER, "5.1.0",
		"550 2.0.0 ok" },
	{ "a status that is none", 550, "5.1", "x", EX_NOUSER, "5.1.0",
		"550 5.1 x" },
	{ "too many parts", 550, "5.1.1.1", "x", EX_NOUSER, "5.1.0",
		"550 5.1.1.1 x" },
	{ "a dot at the end", 550, "5.1.1.", "x", EX_NOUSER, "5.1.0",
		"550 5.1.1. x" },
	{ "no digits", 550, "5.\x1B.1", "x", EX_NOUSER, "5.1.0",
		"550 5.\\x1B.1 x" },
	{ "too many digits", 550, "5.1.1000", "x", EX_NOUSER, "5.1.0",
		"550 5.1.1000 x" },
	{ "the longest status", 550, "5.100.200", "x", EX_NOUSER, "5.100.200",
		"550 5.100.200 x" },
	{ "several lines", 550, "5.7.1", "one\r\ntwo\r\n", EX_NOUSER, "5.7.1",
		"550 5.7.1 one two" },
	{ "control characters", 554, "", "\x1B]0;x\a\xC2\x9B", EX_NOUSER,
		"5.1.0", "554 \\x1B]0;x\\x07\\xC2\\x9B" },
	{ "no words", 550, "", "", EX_NOUSER, "5.1.0", "550" },
};

static void check_replies(void)
{
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		struct buf want = BUF_INIT(1000);
		struct diag why;

		diag_set(&why, DIAG_SMTP_RCPT_REFUSED, "a@b");
		diag_add_reply(&why, replies[i].code,
			span_of(replies[i].status), span_of(replies[i].words));
		tap_is_number(
			why.exit_code, replies[i].want_code, replies[i].name);
		tap_is_text(why.status, replies[i].want_status, "its status");
		buf_printf(&want, "the server refused the recipient a@b: %s",
			replies[i].want_reply);
		is_said(&why, buf_text(&want), "its sentence");
		tap_is_number(why.reply_code, replies[i].code, "its code");
		buf_free(&want);
	}
}

static void check_meaning(void)
{
	struct diag why;

	diag_set(&why, DIAG_SMTP_RCPT_REFUSED, "a@b");
	tap_ok(diag_is_final(&why) && !diag_is_temporary(&why),
		"a refused recipient is final");
	diag_add_reply(&why, 450, SPAN(""), SPAN("later"));
	tap_ok(!diag_is_final(&why) && diag_is_temporary(&why),
		"not for now it is not");
	diag_set(&why, DIAG_SMTP_AUTH_REFUSED, "u", "PLAIN");
	tap_ok(!diag_is_final(&why) && !diag_is_temporary(&why),
		"a password is neither final nor temporary");
	diag_set(&why, DIAG_TLS_CERTIFICATE, "h", "expired");
	tap_ok(!diag_is_final(&why), "a certificate is not final");
	tap_is_text(diag_name(DIAG_NET_REFUSED), "net.refused", "a name");
	tap_is_text(diag_name(DIAG_NONE), "none", "the name of nothing");
}

static void check_hints(void)
{
	struct buf out = BUF_INIT(1000);
	struct diag why;

	diag_set(&why, DIAG_JSON_INVALID);
	tap_ok(!diag_hint(&why, &out) && !out.length, "no hint");
	diag_add_hint(&why, "try this");
	tap_ok(diag_hint(&why, &out), "another hint");
	tap_is_text(buf_text(&out), "try this", "is the one that is given");
	buf_clear(&out);
	diag_set(&why, DIAG_CONFIG_SECRET_READABLE, "f");
	diag_hint(&why, &out);
	tap_is_text(buf_text(&out), "run 'chmod 600' on the file",
		"the row's hint");
	buf_clear(&out);
	diag_set(&why, DIAG_USAGE_VERB_OPTION, "--x", "greet");
	diag_hint(&why, &out);
	tap_is_text(buf_text(&out),
		"'mailchute help greet' lists what it takes",
		"a hint with an argument of the sentence");
	buf_free(&out);
}

/* ---- arguments that are sentences ---------------------------------------- */

static const struct {
	const char *arg, *want;
} phrases[] = {
	{ "plain %s", "plain %s" },
	{ DIAG_WORDS "it is self-signed", "it is self-signed" },
	{ DIAG_WORDS "it expired on %s" DIAG_NEXT "2026-01-01",
		"it expired on 2026-01-01" },
	{ DIAG_WORDS "it was issued for %s and %s more" DIAG_NEXT "a" DIAG_NEXT
		     "7",
		"it was issued for a and 7 more" },
	{ DIAG_WORDS "a %s" DIAG_NEXT "b" DIAG_WORDS "c" DIAG_WORDS
		     "d %s" DIAG_NEXT "%s",
		"a b; c; d %s" },
	{ DIAG_WORDS "too few %s", "too few " },
	{ DIAG_WORDS "too many" DIAG_NEXT "1" DIAG_NEXT "2" DIAG_NEXT
		     "3" DIAG_NEXT "4" DIAG_NEXT "5",
		"too many" },
	{ DIAG_WORDS "%4$s" DIAG_NEXT "1" DIAG_NEXT "2" DIAG_NEXT "3" DIAG_NEXT
		     "4" DIAG_NEXT "5",
		"4" },
	{ DIAG_WORDS, "" },
	{ DIAG_WORDS DIAG_WORDS, "; " },
	{ "a" DIAG_WORDS "b" DIAG_NEXT "c", "a\\x1Eb\\x1Fc" },
	{ DIAG_NEXT "a", "\\x1Fa" },
	{ DIAG_WORDS "a\033%s" DIAG_NEXT "b\033", "a\\x1Bb\\x1B" },
};

static void test_phrase(size_t i)
{
	for (int translated = 0; translated < 2; translated++) {
		struct buf text = BUF_INIT(1000), want = BUF_INIT(1000);
		struct diag why;

		diag_set(&why, DIAG_TLS_CERTIFICATE, "h", phrases[i].arg);
		diag_sentence(&why, translated, &text);
		buf_printf(&want, "the certificate of h is not trusted: %s",
			phrases[i].want);
		tap_is_text(buf_text(&text), buf_text(&want),
			"an argument that is a sentence");
		buf_free(&text);
		buf_free(&want);
	}
}

/* Cut anywhere, it is still printable and never read beyond its end. */
static void test_long_phrase(void)
{
	struct buf arg = BUF_INIT(5000), text = BUF_INIT(9000);
	struct diag why;

	while (arg.length < 3000)
		buf_puts(&arg, DIAG_WORDS "%s, %s" DIAG_NEXT "a" DIAG_NEXT "b");
	diag_set(&why, DIAG_TLS_CERTIFICATE, "h", buf_text(&arg));
	diag_sentence(&why, true, &text);
	tap_ok(strstr(buf_text(&text), "trusted: a, b; a, b; a, b"),
		"many sentences");
	tap_ok(!strpbrk(buf_text(&text), DIAG_WORDS DIAG_NEXT), "no marks");
	buf_free(&arg);
	buf_free(&text);
}

/* A journal keeps the name alone. */
static void check_scopes(void)
{
	enum diag_scope scope = DIAG_SCOPE_RECIPIENT;

	tap_ok(diag_find_scope("net.refused", &scope) &&
			scope == DIAG_SCOPE_HOST,
		"the scope of a name");
	tap_ok(!diag_find_scope("net.nosuch", &scope) &&
			!diag_find_scope("", &scope) &&
			scope == DIAG_SCOPE_HOST,
		"no such name");
}

/* What is known of a reply decides over its code. */
static void check_known(void)
{
	static const struct {
		unsigned code;
		enum diag_wait wait;
		bool is_temporary;
	} known[] = {
		{ 550, DIAG_WAIT_AS_CODE, false },
		{ 550, DIAG_WAIT_SOON, true },
		{ 550, DIAG_WAIT_STEP, true },
		{ 550, DIAG_WAIT_DAY, true },
		{ 550, DIAG_WAIT_NEVER, false },
		{ 450, DIAG_WAIT_AS_CODE, true },
		{ 450, DIAG_WAIT_DAY, true },
		{ 450, DIAG_WAIT_NEVER, false },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct diag_known row = { "a.row", "a-reason", "why", "next",
			DIAG_SCOPE_ACCOUNT, known[i].wait };
		struct diag why;

		diag_set(&why, DIAG_SMTP_RCPT_REFUSED, "b@example.org");
		diag_add_reply(&why, known[i].code, SPAN(""), SPAN("no"));
		diag_refine(&why, &row);
		tap_ok(diag_is_temporary(&why) == known[i].is_temporary,
			"%u, wait %d", known[i].code, (int)known[i].wait);
		tap_ok(why.known == row.name && why.reason == row.reason &&
				why.cause == row.cause &&
				why.hint == row.next &&
				why.scope == row.scope && why.wait == row.wait,
			"and the rest");
	}
}

int main(void)
{
	check_known();
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		test_phrase(i);
	test_long_phrase();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(i);
	check_translations();
	check_sentences();
	check_long_arguments();
	check_replies();
	check_meaning();
	check_hints();
	check_scopes();
	return tap_done();
}
