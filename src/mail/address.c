/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The address parser: one pass, no recursion, every byte looked at once.  It
 * is generous to what the field really writes (obsolete forms, semicolons,
 * an address as display name) as long as it has one meaning only, and strict
 * with what a mailbox may hold, because that goes on the wire.  Knows no
 * header and no alias.
 */
#include <config.h>

#include "mail/address.h"

#include "base/diag.h"
#include "base/text.h"

enum { COMMENT_DEPTH_LIMIT = 100 };

static const char reason_control[] =
	DIAG_WORDS N_("a line break or control character");
static const char reason_comment[] = DIAG_WORDS N_("a '(' without its ')'");
static const char reason_depth[] = DIAG_WORDS N_("comments nested too deep");
static const char reason_quote[] = DIAG_WORDS N_("a '\"' without its end");
static const char reason_no_local[] = DIAG_WORDS N_("nothing before the '@'");
static const char reason_no_domain[] = DIAG_WORDS N_("nothing after the '@'");
static const char reason_spaced[] =
	DIAG_WORDS N_("two words without a comma or angle brackets");
static const char reason_local_dot[] =
	DIAG_WORDS N_("a dot at the wrong place before the '@'");
static const char reason_domain_dot[] =
	DIAG_WORDS N_("a dot at the wrong place in the domain");
static const char reason_local_bracket[] =
	DIAG_WORDS N_("an angle bracket before the '@'");
static const char reason_local_long[] =
	DIAG_WORDS N_("the part before the '@' is too long");
static const char reason_domain_long[] =
	DIAG_WORDS N_("the domain is too long");
static const char reason_domain_byte[] =
	DIAG_WORDS N_("a character that no domain name has");
static const char reason_literal[] = DIAG_WORDS N_("a '[' without its ']'");
static const char reason_literal_byte[] =
	DIAG_WORDS N_("a character that no address literal has");
static const char reason_utf8[] = DIAG_WORDS N_("bytes that are not UTF-8");
static const char reason_angle[] = DIAG_WORDS N_("a '<' without its '>'");
static const char reason_angle_second[] = DIAG_WORDS N_("a second '<'");
static const char reason_route[] = DIAG_WORDS N_("a route without its ':'");
static const char reason_after_angle[] = DIAG_WORDS N_("text after the '>'");
static const char reason_after_address[] =
	DIAG_WORDS N_("text behind the address");
static const char reason_at[] = DIAG_WORDS N_("a second '@'");
static const char reason_group_nested[] =
	DIAG_WORDS N_("a group inside a group");
static const char reason_group_name[] =
	DIAG_WORDS N_("a ':' without a group name");
static const char reason_too_many[] =
	DIAG_WORDS N_("too many addresses in one list");
static const char reason_none[] = DIAG_WORDS N_("no address");
static const char reason_several[] = DIAG_WORDS N_("more than one address");
static const char reason_is_group[] = DIAG_WORDS N_("a group of addresses");

struct parser {
	struct span rest;
	struct arena *arena;
	const char *reason; /* of the failure, or NULL */
	/* The words being read, as a display name and as a local part; the
	 * domain; the last comment, which may be the name. */
	struct buf phrase, local, domain, comment;
	size_t comment_count; /* read so far */
	struct mailbox *items;
	size_t count, capacity;
	struct address_fault *faults;
	size_t fault_count, fault_capacity;
	bool is_in_group, had_group, is_too_long;
	bool may_be_null;  /* "<>" is an address */
	bool is_continued; /* no separator is due: a group just began */
};

/* What words turned out to be.  Read once, they are judged as a local part
 * only when an '@' follows. */
struct words {
	size_t count, dots;
	bool is_spaced;   /* two words without a dot between */
	bool has_odd_dot; /* a dot that does not stand between words */
	bool has_gap;     /* white space or a comment after the first */
	bool is_after_word;
	bool is_verbatim; /* a backslash stood before */
};

static bool fail(struct parser *p, const char *reason)
{
	p->reason = reason;
	return false;
}

/* The next byte; NUL at the end (and for a NUL, which nothing allows). */
static char front(const struct parser *p)
{
	return p->rest.length ? p->rest.at[0] : '\0';
}

static void skip(struct parser *p, size_t length)
{
	p->rest = span_skip(p->rest, length);
}

/* atext, RFC 5322 3.2.3 with RFC 6532 3.2. */
static bool is_atext(char c)
{
	return ascii_is_atext(c) || (unsigned char)c >= 0x80;
}

/* The length of a line end that only folds, that is, before white space. */
static size_t fold_length(struct span rest)
{
	size_t length = rest.length > 1 && rest.at[0] == '\r';

	if (length + 1 < rest.length && rest.at[length] == '\n' &&
		ascii_is_wsp(rest.at[length + 1]))
		return length + 1;
	return 0;
}

/* Takes one byte from inside quotes or a comment. */
static bool text_take(
	struct parser *p, char *byte, bool *is_escaped, const char *unclosed)
{
	skip(p, fold_length(p->rest));
	*is_escaped = front(p) == '\\';
	skip(p, *is_escaped);
	if (!p->rest.length)
		return fail(p, unclosed);
	*byte = front(p);
	if (ascii_is_control(*byte) && *byte != '\t')
		return fail(p, reason_control);
	skip(p, 1);
	return true;
}

static bool comment_read(struct parser *p)
{
	size_t depth = 0;
	bool is_escaped;
	char byte;

	buf_clear(&p->comment);
	p->comment_count++;
	do {
		if (!text_take(p, &byte, &is_escaped, reason_comment))
			return false;
		if (byte == '(' && !is_escaped && depth++ == 0)
			continue;
		if (depth > COMMENT_DEPTH_LIMIT)
			return fail(p, reason_depth);
		if (byte == ')' && !is_escaped && --depth == 0)
			return true;
		buf_put_byte(&p->comment, byte);
	} while (depth);
	return true;
}

/* Skips comments and folded white space (CFWS); *SKIPPED (may be NULL) tells
 * whether there were any. */
static bool cfws_skip(struct parser *p, bool *skipped)
{
	size_t before = p->rest.length;

	for (;;) {
		size_t fold = fold_length(p->rest);

		if (fold || ascii_is_wsp(front(p)))
			skip(p, fold ? fold : 1);
		else if (front(p) != '(')
			break;
		else if (!comment_read(p))
			return false;
	}
	if (skipped)
		*skipped = p->rest.length != before;
	return true;
}

static bool quoted_read(struct parser *p, struct buf *out)
{
	bool is_escaped;
	char byte;

	skip(p, 1);
	for (;;) {
		if (!text_take(p, &byte, &is_escaped, reason_quote))
			return false;
		if (byte == '"' && !is_escaped)
			return true;
		buf_put_byte(out, byte);
	}
}

static void atom_read(struct parser *p, struct buf *out)
{
	size_t length = 0;

	while (length < p->rest.length && is_atext(p->rest.at[length]))
		length++;
	buf_put(out, p->rest.at, length);
	skip(p, length);
}

/* RFC 821 had quoted pairs outside quotes too, and "o\'neil@x" is what some
 * libraries still make of an address for a shell: the byte itself is meant. */
static bool is_pair(struct span text)
{
	return text.length > 1 && text.at[0] == '\\' &&
	       !ascii_is_control(text.at[1]);
}

/* The length of the encoded word at the front (RFC 2047 2), 0 when there is
 * none.  In a name it is one word whatever it holds: real ones hold commas,
 * brackets, even spaces. */
static size_t encoded_length(struct span text)
{
	size_t at = 2, marks = 0;

	if (!span_starts_with(text, SPAN("=?")))
		return 0;
	for (; at + 1 < text.length; at++) {
		char c = text.at[at];

		if (marks == 2 && c == '?' && text.at[at + 1] == '=')
			return at + 2;
		if (ascii_is_control(c) || strchr("<>\"", c) ||
			(marks < 2 && c != '?' && !is_atext(c)))
			return 0;
		marks += c == '?';
		if (marks > 2)
			return 0;
	}
	return 0;
}

/* A word outside quotes: atoms, quoted pairs, encoded words. */
static void plain_read(struct parser *p, struct buf *out)
{
	for (;;) {
		size_t encoded = encoded_length(p->rest);

		if (encoded) {
			buf_put(out, p->rest.at, encoded);
			skip(p, encoded);
		} else if (is_pair(p->rest)) {
			buf_put_byte(out, p->rest.at[1]);
			skip(p, 2);
		} else if (is_atext(front(p))) {
			/* Up to the next byte that may begin either. */
			size_t length = 1;

			while (length < p->rest.length &&
				p->rest.at[length] != '=' &&
				is_atext(p->rest.at[length]))
				length++;
			buf_put(out, p->rest.at, length);
			skip(p, length);
		} else {
			return;
		}
	}
}

static bool word_read(struct parser *p, struct words *words)
{
	if (words->is_after_word)
		words->is_spaced = true;
	words->is_after_word = true;
	words->count++;
	if (front(p) == '"')
		return quoted_read(p, &p->local);
	plain_read(p, &p->local);
	return true;
}

static void dot_read(struct parser *p, struct words *words)
{
	if (!words->is_after_word)
		words->has_odd_dot = true;
	words->is_after_word = false;
	words->dots++;
	buf_put_byte(&p->local, '.');
	skip(p, 1);
}

/* "\root": sendmail's way to say that no alias is meant. */
static bool begins_plain(struct parser *p, struct words *words)
{
	if (is_pair(p->rest) && is_atext(p->rest.at[1]) && !words->count &&
		!words->dots) {
		words->is_verbatim = true;
		skip(p, 1);
	}
	return is_atext(front(p)) || is_pair(p->rest);
}

static bool has_encoded_word(struct span text)
{
	for (; text.length; text = span_skip(text, 1))
		if (span_starts_with(text, SPAN("=?")))
			return true;
	return false;
}

/* "Support (Billing) <a@x>": what people write there belongs to the name.  But
 * no encoded word, which would not be one in the quotes that this takes. */
static void comment_keep(struct parser *p)
{
	if (!p->phrase.length || has_encoded_word(buf_span(&p->phrase)) ||
		has_encoded_word(buf_span(&p->comment)))
		return;
	buf_puts(&p->phrase, " (");
	buf_put_span(&p->phrase, buf_span(&p->comment));
	buf_put_byte(&p->phrase, ')');
}

/* Reads words, dots and what may stand between them, up to a byte that
 * decides what they were. */
static bool words_read(struct parser *p, struct words *words)
{
	for (;;) {
		size_t mark = p->local.length, comments = p->comment_count;
		bool has_gap;

		if (!cfws_skip(p, &has_gap))
			return false;
		if (p->comment_count > comments)
			comment_keep(p);
		words->has_gap |= has_gap && (words->count || words->dots);
		if (front(p) == '.')
			dot_read(p, words);
		else if (front(p) != '"' && !begins_plain(p, words))
			return true;
		else if (!word_read(p, words))
			return false;
		if (has_gap && p->phrase.length)
			buf_put_byte(&p->phrase, ' ');
		buf_put_span(&p->phrase, span_skip(buf_span(&p->local), mark));
	}
}

/* Well-formed UTF-8 without control characters, C1 included. */
static bool bytes_check(struct parser *p, struct span text)
{
	while (text.length) {
		size_t length = text_utf8_length(text);

		if (!length)
			return fail(p, reason_utf8);
		if (ascii_is_control(text.at[0]) ||
			(text.at[0] == '\xC2' &&
				(unsigned char)text.at[1] < 0xA0))
			return fail(p, reason_control);
		text = span_skip(text, length);
	}
	return true;
}

static bool is_dot_atom(struct span text)
{
	bool is_after_dot = true;

	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '.' ? is_after_dot : !is_atext(text.at[i]))
			return false;
		is_after_dot = text.at[i] == '.';
	}
	return !is_after_dot;
}

static const char *quoted_make(struct arena *arena, struct span text)
{
	struct buf quoted = BUF_INIT(text.length * 2 + 2);
	const char *copy;

	buf_put_byte(&quoted, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			buf_put_byte(&quoted, '\\');
		buf_put_byte(&quoted, text.at[i]);
	}
	buf_put_byte(&quoted, '"');
	copy = arena_strndup(arena, quoted.data, quoted.length);
	buf_free(&quoted);
	return copy;
}

/* "a..b@docomo.ne.jp", "a.@ezweb.ne.jp": mobile carriers of Japan gave them
 * out.  RFC 5321 4.1.2 has such a local part in quotes, and that is how it goes
 * on the wire, as from Postfix; but with spaces between, or without a domain,
 * it is rather the end of a sentence. */
static bool dots_are_fine(
	const struct words *words, const struct mailbox *mailbox)
{
	return (!words->has_odd_dot && words->is_after_word) ||
	       (!words->has_gap && *mailbox->domain);
}

/* Turns the words into the local part of *MAILBOX, in its wire form. */
static bool local_finish(
	struct parser *p, const struct words *words, struct mailbox *mailbox)
{
	struct span local = buf_span(&p->local);

	if (!words->count)
		return fail(
			p, words->dots ? reason_local_dot : reason_no_local);
	if (words->is_spaced)
		return fail(p, reason_spaced);
	if (!dots_are_fine(words, mailbox))
		return fail(p, reason_local_dot);
	if (!bytes_check(p, local))
		return false;
	if (span_find(local, '<') < local.length ||
		span_find(local, '>') < local.length)
		return fail(p, reason_local_bracket);
	if (!local.length && !*mailbox->domain)
		return fail(p, reason_none);
	mailbox->is_verbatim = words->is_verbatim;
	mailbox->local = is_dot_atom(local) ? arena_strndup(p->arena, local.at,
						      local.length)
					    : quoted_make(p->arena, local);
	if (strlen(mailbox->local) > ADDRESS_LOCAL_LIMIT)
		return fail(p, reason_local_long);
	return true;
}

static bool literal_read(struct parser *p)
{
	buf_put_byte(&p->domain, '[');
	skip(p, 1);
	for (;;) {
		char c;

		while (fold_length(p->rest) || ascii_is_wsp(front(p)))
			skip(p, 1);
		if (!p->rest.length)
			return fail(p, reason_literal);
		c = front(p);
		if (c == ']')
			break;
		if (ascii_is_control(c))
			return fail(p, reason_control);
		if ((unsigned char)c >= 0x80 || strchr("[\\<>@,;\"()", c))
			return fail(p, reason_literal_byte);
		buf_put_byte(&p->domain, c);
		skip(p, 1);
	}
	if (p->domain.length == 1)
		return fail(p, reason_no_domain);
	buf_put_byte(&p->domain, ']');
	skip(p, 1);
	return true;
}

/* RFC 5322 would allow all of atext; RFC 5321 4.1.2 does not, and the usual
 * culprit is a quote that a shell left over. */
static bool domain_check(struct parser *p)
{
	struct span domain = buf_span(&p->domain);

	for (size_t i = 0; i < domain.length; i++)
		if (!ascii_is_alpha(domain.at[i]) &&
			!ascii_is_digit(domain.at[i]) &&
			(unsigned char)domain.at[i] < 0x80 &&
			!strchr("-._", domain.at[i]))
			return fail(p, reason_domain_byte);
	return bytes_check(p, domain);
}

static bool ends_address(char c)
{
	return !c || strchr(",;<>", c);
}

static bool labels_read(struct parser *p)
{
	for (;;) {
		size_t mark = p->domain.length;

		atom_read(p, &p->domain);
		if (!cfws_skip(p, NULL))
			return false;
		if (p->domain.length == mark && mark > 1 &&
			ends_address(front(p))) {
			/* The root's dot, as resolvers take it. */
			p->domain.data[--p->domain.length] = '\0';
			return domain_check(p);
		}
		if (p->domain.length == mark)
			return fail(p, front(p) == '@' ? reason_at
				       : mark || front(p) == '.'
					       ? reason_domain_dot
					       : reason_no_domain);
		if (front(p) != '.')
			return domain_check(p);
		buf_put_byte(&p->domain, '.');
		skip(p, 1);
		if (!cfws_skip(p, NULL))
			return false;
	}
}

/* Reads what follows an '@' into p->domain. */
static bool domain_read(struct parser *p)
{
	buf_clear(&p->domain);
	skip(p, 1);
	if (!cfws_skip(p, NULL))
		return false;
	if (!(front(p) == '[' ? literal_read(p) : labels_read(p)))
		return false;
	if (p->domain.length > ADDRESS_DOMAIN_LIMIT)
		return fail(p, reason_domain_long);
	return cfws_skip(p, NULL);
}

static const char *domain_copy(struct parser *p)
{
	return arena_strndup(p->arena, buf_text(&p->domain), p->domain.length);
}

/* The display name: the phrase before the brackets, or else the last comment,
 * as in "root (Cron Daemon)". */
static const char *name_copy(struct parser *p, const struct buf *from)
{
	struct span name = span_trim(buf_span(from));
	char *copy = arena_strndup(p->arena, name.at, name.length);

	for (char *c = copy; *c; c++)
		if (*c == '\t')
			*c = ' ';
	return copy;
}

static bool mailbox_add(struct parser *p, struct mailbox mailbox)
{
	if (p->count == ADDRESS_LIST_LIMIT) {
		p->is_too_long = true;
		return fail(p, reason_too_many);
	}
	if (p->count == p->capacity) {
		p->capacity = p->capacity ? p->capacity * 2 : 8;
		p->items = mem_array(p->items, p->capacity, sizeof *p->items);
	}
	if (!*mailbox.name)
		mailbox.name = name_copy(p, &p->comment);
	p->items[p->count++] = mailbox;
	return true;
}

/* obs-route, RFC 5322 4.4: read and forgotten (RFC 5321 3.3 says to). */
static bool route_skip(struct parser *p)
{
	while (front(p) == '@' || front(p) == ',') {
		if (front(p) == ',')
			skip(p, 1);
		else if (!domain_read(p))
			return false;
		if (!cfws_skip(p, NULL))
			return false;
	}
	if (front(p) != ':')
		return fail(p, reason_route);
	skip(p, 1);
	return true;
}

static const char *reason_for(char c)
{
	static const struct {
		char byte;
		const char *reason;
	} reasons[] = {
		{ '>', DIAG_WORDS N_("a '>' without its '<'") },
		{ ')', DIAG_WORDS N_("a ')' without its '('") },
		{ '[', DIAG_WORDS N_("a '[' outside a domain") },
		{ ']', DIAG_WORDS N_("a ']' outside a domain") },
		{ '\\', DIAG_WORDS N_("a '\\' outside quotes") },
		{ ':', DIAG_WORDS N_("a ':' in angle brackets") },
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].byte == c)
			return reasons[i].reason;
	return reason_control;
}

/* What stands where the '>' should be. */
static const char *angle_reason(const struct parser *p, bool has_domain)
{
	char c = front(p);

	if (!p->rest.length || c == ',' || c == ';')
		return reason_angle;
	if (c == '<')
		return reason_angle_second;
	if (!has_domain)
		return reason_for(c);
	return c == '@' ? reason_at : reason_after_address;
}

/* Reads the address inside "<…>", without the brackets.  "<mailto:a@x>" is
 * what a link in a page or a calendar leaves behind. */
static bool angle_content_read(struct parser *p, struct mailbox *mailbox)
{
	static const struct span scheme = { "mailto:", 7 };
	struct words words = { 0 };

	if (span_starts_with_nocase(p->rest, scheme))
		skip(p, scheme.length);
	if ((front(p) == '@' || front(p) == ',') && !route_skip(p))
		return false;
	if (!words_read(p, &words))
		return false;
	if (front(p) == '@') {
		if (!domain_read(p))
			return false;
		mailbox->domain = domain_copy(p);
	}
	if (front(p) != '>')
		return fail(p, angle_reason(p, *mailbox->domain != '\0'));
	return local_finish(p, &words, mailbox);
}

/* In a list "<>" and "Bob <>" name nobody: a form whose field was empty. */
static bool angle_read(struct parser *p)
{
	struct mailbox mailbox = {
		.local = "", .domain = "", .name = name_copy(p, &p->phrase)
	};
	bool is_empty;

	buf_clear(&p->local);
	skip(p, 1);
	if (!cfws_skip(p, NULL))
		return false;
	is_empty = front(p) == '>';
	if (!is_empty && !angle_content_read(p, &mailbox))
		return false;
	skip(p, 1);
	if (!cfws_skip(p, NULL))
		return false;
	if (p->rest.length && front(p) != ',' && front(p) != ';')
		return fail(p, reason_after_angle);
	return (is_empty && !p->may_be_null) || mailbox_add(p, mailbox);
}

/* An address without brackets; or, as many programs write it, one that serves
 * as the display name of another: "a@x <a@x>". */
static bool addr_spec_read(struct parser *p, const struct words *words)
{
	struct mailbox mailbox = { .name = "" };

	if (!domain_read(p))
		return false;
	if (front(p) == '<') {
		buf_put_byte(&p->phrase, '@');
		buf_put_span(&p->phrase, buf_span(&p->domain));
		return angle_read(p);
	}
	if (p->rest.length && front(p) != ',' && front(p) != ';')
		return fail(
			p, front(p) == '@' ? reason_at : reason_after_address);
	mailbox.domain = domain_copy(p);
	return local_finish(p, words, &mailbox) && mailbox_add(p, mailbox);
}

static bool group_begin(struct parser *p, const struct words *words)
{
	if (p->is_in_group)
		return fail(p, reason_group_nested);
	if (!words->count)
		return fail(p, reason_group_name);
	p->is_in_group = p->is_continued = true;
	skip(p, 1);
	return true;
}

/* What mailers write for nobody, when its colon was lost. */
static bool is_nobody(struct span phrase)
{
	static const char *const names[] = { "undisclosed-recipients",
		"undisclosed recipients", "undisclosed-recipient",
		"undisclosed recipient", "unlisted-recipients",
		"unlisted recipients", "recipient list not shown",
		"recipient list suppressed" };

	/* "unlisted-recipients (no To-header on input)" */
	phrase = span_trim(span_cut(&phrase, '('));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_equal_nocase(phrase, span_of(names[i])))
			return true;
	return false;
}

/* Reads one member: a mailbox, the beginning of a group, or nothing. */
static bool member_read(struct parser *p)
{
	struct words words = { 0 };

	p->is_continued = false;
	buf_clear(&p->phrase);
	buf_clear(&p->local);
	buf_clear(&p->comment);
	if (!words_read(p, &words))
		return false;
	if (front(p) == '@')
		return addr_spec_read(p, &words);
	if (front(p) == '<')
		return angle_read(p);
	if (front(p) == ':')
		return group_begin(p, &words);
	if (p->rest.length && front(p) != ',' && front(p) != ';')
		return fail(p, reason_for(front(p)));
	if ((!words.count && !words.dots) || is_nobody(buf_span(&p->phrase)))
		return true;

	struct mailbox bare = { .domain = "", .name = "" };

	return local_finish(p, &words, &bare) && mailbox_add(p, bare);
}

/* ---- members that do not parse ------------------------------------------- */

/* The length of the quoted string or comment at the front; one without its end
 * goes on to the end of the list. */
static size_t opaque_length(struct span text)
{
	size_t depth = 0;

	for (size_t at = 0; at < text.length; at++) {
		char c = text.at[at];

		if (c == '\\')
			at++;
		else if (text.at[0] == '"' ? at && c == '"'
					   : c == ')' && !--depth)
			return at + 1;
		else
			depth += c == '(';
	}
	return text.length;
}

/* The member at BEGIN, up to the separator behind what was read of it; *ANGLE
 * is where its last '<' outside quotes stands, or its length. */
static struct span member_span(
	const struct parser *p, struct span begin, size_t *angle)
{
	size_t taken = begin.length - p->rest.length, at = 0;
	bool has_angle = false;

	while (at < begin.length) {
		struct span rest = span_skip(begin, at);
		size_t encoded = encoded_length(rest);
		char c = rest.at[0];

		if (at >= taken && (c == ',' || c == ';'))
			break;
		if (c == '<') {
			has_angle = true;
			*angle = at;
		}
		at += encoded                ? encoded
		      : c == '"' || c == '(' ? opaque_length(rest)
					     : 1;
	}
	if (!has_angle)
		*angle = at;
	return span_make(begin.at, at);
}

/* "[ACME] Ann) <ann@x>", "'ann@x' <ann@x>": what stands before the only
 * brackets can only be a name, whatever it holds; nobody else is meant. */
static bool member_rescue(struct parser *p, struct span begin)
{
	struct parser before = *p;
	size_t angle;
	struct span member = member_span(p, begin, &angle);
	struct span name = span_trim(span_make(begin.at, angle));

	if (angle == member.length || span_find(name, '<') < name.length)
		return false;
	buf_clear(&p->phrase);
	buf_clear(&p->comment);
	for (size_t i = 0; i < name.length; i++)
		if (!ascii_is_control(name.at[i]))
			buf_put_byte(&p->phrase, name.at[i]);
	p->rest = span_skip(begin, angle);
	if (angle_read(p))
		return true;
	/* The brackets' own fault is the real one. */
	if (p->rest.length > before.rest.length)
		p->rest = before.rest;
	return false;
}

static void fault_add(struct parser *p, struct span member)
{
	if (p->fault_count == p->fault_capacity) {
		p->fault_capacity =
			p->fault_capacity ? p->fault_capacity * 2 : 4;
		p->faults = mem_array(
			p->faults, p->fault_capacity, sizeof *p->faults);
	}
	p->faults[p->fault_count++] =
		(struct address_fault){ span_trim(member), p->reason };
}

/* Notes why the member at BEGIN is none, and goes on behind it. */
static void member_fail(struct parser *p, struct span begin)
{
	size_t angle;
	struct span member = member_span(p, begin, &angle);

	fault_add(p, member);
	p->rest = span_skip(begin, member.length);
	p->is_continued = false;
}

/* Also outside a group a ';' separates: Outlook taught people that.  And a
 * group has one at its end: in "Ann: Lee <a@x>" the colon is the name's. */
static void separator_take(struct parser *p)
{
	if (p->is_continued || !p->rest.length)
		return;
	if (front(p) == ';') {
		p->had_group |= p->is_in_group;
		p->is_in_group = false;
	}
	skip(p, 1);
}

/* A list that is too long is nobody's: half of it would be worse. */
static void list_read(struct parser *p)
{
	while (p->rest.length && !p->is_too_long) {
		struct span begin = p->rest;

		if (!member_read(p) &&
			(p->is_too_long || !member_rescue(p, begin)))
			member_fail(p, begin);
		separator_take(p);
	}
}

static void parse(struct parser *p, struct span text, struct arena *arena,
	struct mailbox_list *out)
{
	p->rest = text;
	p->arena = arena;
	p->phrase = p->local = p->comment = BUF_INIT(text.length + 3);
	p->domain = BUF_INIT(text.length);
	list_read(p);
	*out = (struct mailbox_list){
		.items = arena_memdup(
			arena, p->items, p->count * sizeof *p->items),
		.count = p->count,
		.faults = arena_memdup(
			arena, p->faults, p->fault_count * sizeof *p->faults),
		.fault_count = p->fault_count,
		.is_too_long = p->is_too_long,
	};
	mem_free(p->items);
	mem_free(p->faults);
	buf_free(&p->phrase);
	buf_free(&p->local);
	buf_free(&p->domain);
	buf_free(&p->comment);
}

void address_list_read(
	struct span text, struct arena *arena, struct mailbox_list *out)
{
	struct parser p = { 0 };

	parse(&p, text, arena, out);
}

bool address_list_parse(struct span text, struct arena *arena,
	struct mailbox_list *out, struct span *offending, const char **reason)
{
	struct mailbox_list list;

	address_list_read(text, arena, &list);
	if (list.fault_count) {
		/* Of a list that is too long it is the last. */
		const struct address_fault *fault =
			&list.faults[list.is_too_long ? list.fault_count - 1
						      : 0];

		*offending = fault->text;
		*reason = fault->reason;
		return false;
	}
	*out = list;
	return true;
}

bool address_parse(struct span text, struct arena *arena, struct mailbox *out,
	const char **reason)
{
	struct parser p = { .may_be_null = true };
	struct mailbox_list list;

	if (!span_trim(text).length) {
		*out = (struct mailbox){ "", "", "", false };
		return true;
	}
	parse(&p, text, arena, &list);
	if (list.fault_count || p.had_group || list.count != 1) {
		*reason = list.fault_count ? list.faults[0].reason
			  : p.had_group    ? reason_is_group
			  : list.count     ? reason_several
					   : reason_none;
		return false;
	}
	*out = list.items[0];
	return true;
}

void address_put(struct buf *out, const struct mailbox *mailbox)
{
	buf_puts(out, mailbox->local);
	if (*mailbox->domain) {
		buf_put_byte(out, '@');
		buf_puts(out, mailbox->domain);
	}
}

char *address_string(struct arena *arena, const struct mailbox *mailbox)
{
	size_t local = strlen(mailbox->local), domain = strlen(mailbox->domain);
	char *text;

	if (!domain)
		return arena_strndup(arena, mailbox->local, local);
	text = arena_alloc(arena, local + 1 + domain + 1);
	memcpy(text, mailbox->local, local);
	text[local] = '@';
	memcpy(text + local + 1, mailbox->domain, domain + 1);
	return text;
}

bool address_is_null(const struct mailbox *mailbox)
{
	return !*mailbox->local && !*mailbox->domain;
}

bool address_equal(const struct mailbox *a, const struct mailbox *b)
{
	return strcmp(a->local, b->local) == 0 &&
	       span_equal_nocase(span_of(a->domain), span_of(b->domain));
}

bool address_local_is_ascii(const struct mailbox *mailbox)
{
	return text_is_ascii(span_of(mailbox->local));
}

bool address_is_ascii(const struct mailbox *mailbox)
{
	return address_local_is_ascii(mailbox) &&
	       text_is_ascii(span_of(mailbox->domain));
}
