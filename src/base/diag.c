/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics as data; the only place where one becomes a sentence. */
#include <config.h>

#include "base/diag.h"

#include "base/text.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <sysexits.h>

struct row {
	const char *name;
	enum diag_scope scope;
	int exit_code;
	const char *status, *text, *hint;
};

static const struct row rows[DIAG_COUNT] = {
	[DIAG_NONE] = { "none", DIAG_SCOPE_HOST, EX_SOFTWARE, "4.0.0", "",
		NULL },
#define DIAG(id, name, scope, exit_code, status, text, hint)                   \
	[DIAG_##id] = { name, DIAG_SCOPE_##scope, exit_code, status, text,     \
		hint },
#include "base/diag.def"
#undef DIAG
};

/* ARG printable; the marks of one that is to be translated stay. */
static void put_printable_arg(struct buf *out, const char *arg)
{
	bool has_marks = arg[0] == DIAG_WORDS[0];

	while (*arg) {
		size_t length = has_marks ? strcspn(arg, DIAG_WORDS DIAG_NEXT)
					  : strlen(arg);

		text_put_printable(out, span_make(arg, length));
		arg += length;
		if (*arg)
			buf_put_byte(out, *arg++);
	}
}

/* Appends ARG and its NUL to the packed arguments; what does not fit is cut
 * between characters, and room for the NULs of the remaining arguments is
 * always kept. */
static size_t pack(char *text, size_t at, const char *arg, size_t still_to_come)
{
	struct buf printable =
		BUF_INIT(DIAG_TEXT_BYTES - at - still_to_come - 1);

	put_printable_arg(&printable, arg);
	memcpy(text + at, buf_text(&printable), printable.length + 1);
	at += printable.length + 1;
	buf_free(&printable);
	return at;
}

bool diag_set_args(struct diag *why, struct diag_args args)
{
	const char *arg[DIAG_ARGS_MAX] = { args.a, args.b, args.c, args.d };
	const struct row *row = &rows[args.id];
	size_t at = 0;

	if (!why)
		return false;
	*why = (struct diag){ .id = args.id,
		.scope = row->scope,
		.exit_code = row->exit_code,
		.hint = row->hint };
	snprintf(why->status, sizeof why->status, "%s", row->status);
	for (size_t i = 0; i < DIAG_ARGS_MAX; i++)
		at = pack(why->text, at, arg[i] ? arg[i] : "",
			DIAG_ARGS_MAX - 1 - i);
	return false;
}

bool diag_add_errno(struct diag *why, int system_error)
{
	if (why)
		why->system_error = system_error;
	return false;
}

bool diag_set_errno_args(
	struct diag *why, int system_error, struct diag_args args)
{
	diag_set_args(why, args);
	return diag_add_errno(why, system_error);
}

static void copy_printable(char *into, size_t size, struct span text)
{
	struct buf printable = BUF_INIT(size - 1);

	text_put_printable(&printable, text);
	snprintf(into, size, "%s", buf_text(&printable));
	buf_free(&printable);
}

bool diag_add_where(struct diag *why, const char *where)
{
	if (why)
		copy_printable(why->where, sizeof why->where, span_of(where));
	return false;
}

/* "550 5.1.1 no such user": as the server said it. */
static void put_reply(
	struct diag *why, unsigned code, struct span status, struct span text)
{
	struct buf words = BUF_INIT(2 * DIAG_TEXT_BYTES);

	buf_printf(&words, "%03u", code);
	for (int part = 0; part < 2; part++) {
		struct span word = part ? text : status;

		if (word.length > DIAG_TEXT_BYTES)
			word.length = DIAG_TEXT_BYTES;
		if (word.length)
			buf_put_byte(&words, ' ');
		buf_put_span(&words, word);
	}
	copy_printable(why->reply, sizeof why->reply, buf_span(&words));
	buf_free(&words);
}

/* RFC 3463 section 2: class, subject and detail, digits with dots between. */
static bool is_status(struct span status, unsigned class)
{
	unsigned long number;

	for (int part = 0; part < 3; part++) {
		struct span digits = part < 2 ? span_cut(&status, '.') : status;

		if (digits.length > 3 || !span_number(digits, 999, &number) ||
			(part == 0 && number != class))
			return false;
	}
	return true;
}

bool diag_add_reply(
	struct diag *why, unsigned code, struct span status, struct span text)
{
	if (!why)
		return false;
	why->reply_code = code;
	if (code / 100 == 4)
		why->exit_code = EX_TEMPFAIL;
	if (is_status(status, code / 100))
		copy_printable(why->status, sizeof why->status, status);
	else if (why->status[0] && (code / 100 == 4 || code / 100 == 5))
		why->status[0] = (char)('0' + code / 100);
	put_reply(why, code, status, span_trim(text));
	return false;
}

void diag_refine(struct diag *why, const struct diag_known *known)
{
	why->known = known->name;
	why->reason = known->reason;
	why->cause = known->cause;
	why->hint = known->next;
	why->scope = known->scope;
	why->wait = known->wait;
	if (known->wait == DIAG_WAIT_NEVER)
		why->exit_code = rows[why->id].exit_code == EX_TEMPFAIL
					 ? EX_UNAVAILABLE
					 : rows[why->id].exit_code;
	else if (known->wait != DIAG_WAIT_AS_CODE)
		why->exit_code = EX_TEMPFAIL;
}

bool diag_add_hint(struct diag *why, const char *hint)
{
	if (why)
		why->hint = hint;
	return false;
}

bool diag_has_own_hint(const struct diag *why)
{
	return why->hint && why->hint != rows[why->id].hint;
}

bool diag_is_temporary(const struct diag *why)
{
	return why->exit_code == EX_TEMPFAIL;
}

bool diag_is_final(const struct diag *why)
{
	return !diag_is_temporary(why) &&
	       (why->scope == DIAG_SCOPE_RECIPIENT ||
		       why->scope == DIAG_SCOPE_MESSAGE);
}

const char *diag_name(enum diag_id id)
{
	return rows[id].name;
}

bool diag_find_scope(const char *name, enum diag_scope *scope)
{
	for (size_t i = 1; i < DIAG_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0) {
			*scope = rows[i].scope;
			return true;
		}
	return false;
}

int diag_find_exit_code(const char *name)
{
	for (size_t i = 1; i < DIAG_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].exit_code;
	return EX_UNAVAILABLE;
}

const char *diag_find_hint(const char *name)
{
	for (size_t i = 1; i < DIAG_COUNT; i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].hint && !strchr(rows[i].hint, '%')
				       ? rows[i].hint
				       : NULL;
	return NULL;
}

static const char *packed_arg(const struct diag *why, size_t index)
{
	const char *arg = why->text;

	while (index--)
		arg += strlen(arg) + 1;
	return arg;
}

/* What fills the %s of a format. */
struct filler {
	const char *args[DIAG_ARGS_MAX];
	bool is_translated;
};

static void put_arg(const struct filler *filler, size_t index, struct buf *out);

/* Only %s, %1$s … %4$s and %% mean anything, so that a wrong translation can
 * print a wrong sentence but never read memory that is not there. */
static void expand(
	const struct filler *filler, const char *format, struct buf *out)
{
	size_t next = 0;

	for (const char *p = format; *p; p++) {
		if (p[0] != '%') {
			buf_put_byte(out, *p);
		} else if (p[1] == 's' && next < DIAG_ARGS_MAX) {
			put_arg(filler, next++, out);
			p++;
		} else if (p[1] >= '1' && p[1] <= '4' && p[2] == '$' &&
			   p[3] == 's') {
			put_arg(filler, (size_t)(p[1] - '1'), out);
			p += 3;
		} else {
			buf_put_byte(out, '%');
			if (p[1] == '%')
				p++;
		}
	}
}

/* One sentence of an argument: a msgid and its texts, in place. */
static void put_words(char *words, bool is_translated, struct buf *out)
{
	struct filler filler = { .is_translated = is_translated };
	char *at = words;

	for (size_t i = 0; i < DIAG_ARGS_MAX; i++) {
		at += strcspn(at, DIAG_NEXT);
		if (*at)
			*at++ = '\0';
		filler.args[i] = at;
	}
	at[strcspn(at, DIAG_NEXT)] = '\0';
	expand(&filler, text_translated(words, is_translated), out);
}

static void put_arg(const struct filler *filler, size_t index, struct buf *out)
{
	const char *arg = filler->args[index];
	char words[DIAG_TEXT_BYTES];

	if (arg[0] != DIAG_WORDS[0]) {
		buf_puts(out, arg);
		return;
	}
	while (*arg) {
		size_t length = strcspn(++arg, DIAG_WORDS);

		memcpy(words, arg, length);
		words[length] = '\0';
		put_words(words, filler->is_translated, out);
		arg += length;
		if (*arg)
			buf_puts(out, "; ");
	}
}

static void put_errno(int system_error, bool is_translated, struct buf *out)
{
	if (is_translated) {
		buf_puts(out, strerror(system_error));
		return;
	}
#ifdef HAVE_STRERROR_L
	locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0);

	if (english) {
		buf_puts(out, strerror_l(system_error, english));
		freelocale(english);
		return;
	}
#endif
	buf_printf(out, "errno %d", system_error);
}

/* TEXT with the arguments of WHY. */
static void put_text(const struct diag *why, const char *text,
	bool is_translated, struct buf *out)
{
	struct filler filler = { .is_translated = is_translated };

	for (size_t i = 0; i < DIAG_ARGS_MAX; i++)
		filler.args[i] = packed_arg(why, i);
	expand(&filler, text_translated(text, is_translated), out);
}

void diag_sentence(const struct diag *why, bool is_translated, struct buf *out)
{
	if (why->where[0])
		buf_printf(out, "%s: ", why->where);
	put_text(why, rows[why->id].text, is_translated, out);
	if (why->system_error) {
		buf_puts(out, ": ");
		put_errno(why->system_error, is_translated, out);
	}
	if (why->reply[0])
		buf_printf(out, ": %s", why->reply);
}

bool diag_hint(const struct diag *why, struct buf *out)
{
	if (why->hint)
		put_text(why, why->hint, true, out);
	return why->hint != NULL;
}

bool diag_hint_in_english(const struct diag *why, struct buf *out)
{
	if (why->hint)
		put_text(why, why->hint, false, out);
	return why->hint != NULL;
}

bool diag_cause(const struct diag *why, struct buf *out)
{
	if (why->cause)
		buf_puts(out, _(why->cause));
	return why->cause != NULL;
}
