/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of options.  Knows each one's name, kind and default, neither what
 * a kind looks like (kind.c) nor what an option is for. */
#include <config.h>

#include "config/option.h"

#include "base/text.h"
#include "config/account.h"

#include <string.h>

enum {
	OPTION_VALUE_BYTES = 64 * 1024,
	OPTION_SAID_MAX = 30 /* the longest keyword has some 28 */
};

#define WORD(...)                WORD_OF(__VA_ARGS__, )
#define WORD_OF(name, word, ...) word,
static const char *const auth_words[] = { OPTION_CHOICES_AUTH(WORD) NULL };
static const char *const oauth_flow_words[] = { OPTION_CHOICES_OAUTH_FLOW(WORD)
		NULL };
static const char *const protocol_words[] = { OPTION_CHOICES_PROTOCOL(WORD)
		NULL };
static const char *const ip_version_words[] = { OPTION_CHOICES_IP_VERSION(WORD)
		NULL };
static const char *const set_from_words[] = { OPTION_CHOICES_SET_FROM(WORD)
		NULL };
static const char *const set_to_words[] = { OPTION_CHOICES_SET_TO(WORD) NULL };
static const char *const set_words[] = { OPTION_CHOICES_SET(WORD) NULL };
static const char *const lone_dot_words[] = { OPTION_CHOICES_LONE_DOT(WORD)
		NULL };
static const char *const dsn_return_words[] = { OPTION_CHOICES_DSN_RETURN(WORD)
		NULL };
static const char *const dkim_algorithm_words[] = {
	OPTION_CHOICES_DKIM_ALGORITHM(WORD) NULL
};
static const char *const queue_words[] = { OPTION_CHOICES_QUEUE(WORD) NULL };
static const char *const store_fallback_words[] = {
	OPTION_CHOICES_STORE_FALLBACK(WORD) NULL
};
static const char *const queue_runner_words[] = { OPTION_CHOICES_QUEUE_RUNNER(
	WORD) NULL };
static const char *const log_format_words[] = { OPTION_CHOICES_LOG_FORMAT(WORD)
		NULL };
static const char *const syslog_words[] = { OPTION_CHOICES_SYSLOG(WORD) NULL };
#undef WORD
#undef WORD_OF

#define ANY                                                                    \
	{                                                                      \
		NULL, 0, 0, NULL                                               \
	}
#define WORDS(words)                                                           \
	{                                                                      \
		words, 0, 0, NULL                                              \
	}
#define RANGE(a, b)                                                            \
	{                                                                      \
		NULL, a, b, NULL                                               \
	}

#define HOST_OF(port)                                                          \
	{                                                                      \
		NULL, 0, 0, #port                                              \
	}

struct row {
	const char *keyword;
	const struct kind *kind;
	size_t offset;
	const char *preset, *msmtp_preset;
	struct kind_domain domain;
	unsigned flags;
	const char *text;
};

/* ---- the table ----------------------------------------------------------- */

#define OPTION(field, type, preset, msmtp, domain, flags, text)                \
	{ #field, &kind_##type, offsetof(struct account, field), preset,       \
		msmtp, domain, flags, text },
static const struct row rows[OPTION_COUNT] = {
#include "config/options.def"
};

/* The field of a row has the C type of the row's kind. */
#define OPTION(field, type, ...)                                               \
	_Static_assert(_Generic(((struct account *)0)->field,                  \
			       OPTION_TYPE_##type : 1, default : 0),           \
		#field);
#include "config/options.def"

/* Keywords that stand for another one.  on == NULL: with the same value. */
struct old_spelling {
	const char *keyword;
	enum option_id id;
	const char *on, *off;
};
#define OPTION(...)
#define OPTION_ALIAS(spelling, field) { #spelling, OPTION_##field, NULL, NULL },
#define OPTION_COMPAT(spelling, field, on, off)                                \
	{ #spelling, OPTION_##field, on, off },
static const struct old_spelling old_spellings[] = {
#include "config/options.def"
};

struct choice_word {
	enum option_id id;
	const char *spelling, *word;
};
#define OPTION(...)
#define OPTION_WORD(field, spelling, word) { OPTION_##field, spelling, word },
static const struct choice_word choice_words[] = {
#include "config/options.def"
};

struct foreign {
	const char *spelling;
	enum option_id id;
};
#define OPTION(...)
#define OPTION_FOREIGN(spelling, field) { #spelling, OPTION_##field },
static const struct foreign foreign_words[] = {
#include "config/options.def"
};

struct meant_value {
	enum option_id id;
	const char *theirs, *ours;
};
#define OPTION(...)
#define OPTION_MEANT(field, theirs, ours) { OPTION_##field, theirs, ours },
static const struct meant_value meant_values[] = {
#include "config/options.def"
};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static void *field_of(struct account *account, enum option_id id)
{
	return (char *)account + rows[id].offset;
}

static const void *const_field_of(
	const struct account *account, enum option_id id)
{
	return (const char *)account + rows[id].offset;
}

/* ---- names --------------------------------------------------------------- */

/* Long options are keywords with '-' for '_'; either is taken everywhere. */
static bool is_keyword(struct span word, const char *keyword)
{
	if (word.length != strlen(keyword))
		return false;
	for (size_t i = 0; i < word.length; i++)
		if ((word.at[i] == '-' ? '_' : word.at[i]) != keyword[i])
			return false;
	return true;
}

enum option_id option_find(struct span keyword)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (is_keyword(keyword, rows[id].keyword))
			return (enum option_id)id;
	for (size_t i = 0; i < COUNT(old_spellings); i++)
		if (!old_spellings[i].on &&
			is_keyword(keyword, old_spellings[i].keyword))
			return old_spellings[i].id;
	return OPTION_COUNT;
}

bool option_is_known(struct span keyword)
{
	for (size_t i = 0; i < COUNT(old_spellings); i++)
		if (is_keyword(keyword, old_spellings[i].keyword))
			return true;
	return option_find(keyword) != OPTION_COUNT;
}

const char *option_keyword(enum option_id id)
{
	return rows[id].keyword;
}

static struct span skip_signs(struct span word)
{
	while (word.length && (word.at[0] == '_' || word.at[0] == '-'))
		word = span_skip(word, 1);
	return word;
}

/* In any case, and however it is joined: AuthPass, auth_pass, auth-pass. */
static bool is_foreign(struct span word, const char *spelling)
{
	struct span other = skip_signs(span_of(spelling));

	for (word = skip_signs(word); word.length && other.length;
		word = skip_signs(span_skip(word, 1)),
	    other = skip_signs(span_skip(other, 1)))
		if (ascii_lower(word.at[0]) != other.at[0])
			return false;
	return !word.length && !other.length;
}

const char *option_foreign(struct span word)
{
	for (size_t i = 0; i < COUNT(foreign_words); i++)
		if (is_foreign(word, foreign_words[i].spelling))
			return rows[foreign_words[i].id].keyword;
	return NULL;
}

const char *option_nearest(struct span word)
{
	struct text_nearest nearest = { .word = word };

	if (option_foreign(word))
		return option_foreign(word);
	for (int id = 0; id < OPTION_COUNT; id++)
		text_consider(&nearest, rows[id].keyword);
	for (size_t i = 0; i < COUNT(old_spellings); i++)
		text_consider(&nearest, old_spellings[i].keyword);
	return nearest.name;
}

/* ---- failing ------------------------------------------------------------- */

/* Which row of diag.def tells it: a wrong line in a file is a matter of
 * configuration (78), a wrong option one of usage (64). */
struct fault {
	enum diag_id in_file, on_command_line;
};
static const struct fault fault_bad_value = { DIAG_CONFIG_BAD_VALUE,
	DIAG_USAGE_BAD_VALUE };
static const struct fault fault_no_value = { DIAG_CONFIG_NO_VALUE,
	DIAG_USAGE_NO_VALUE };
static const struct fault fault_unknown = { DIAG_CONFIG_UNKNOWN_KEYWORD,
	DIAG_USAGE_UNKNOWN_OPTION };
/* The word is not said: it may be a password. */
static const struct fault fault_no_keyword = { DIAG_CONFIG_NO_KEYWORD,
	DIAG_USAGE_NO_OPTION };
static const struct fault fault_did_you_mean = { DIAG_CONFIG_DID_YOU_MEAN,
	DIAG_USAGE_DID_YOU_MEAN };

static void put_name(struct buf *out, const char *keyword, struct origin origin)
{
	if (origin.kind != ORIGIN_COMMAND_LINE) {
		buf_puts(out, keyword);
		return;
	}
	buf_puts(out, "--");
	for (const char *p = keyword; *p; p++)
		buf_put_byte(out, *p == '_' ? '-' : *p);
}

/* NAME is a keyword, and so is SECOND for a "did you mean"; always false. */
static bool fail(struct diag *why, struct fault fault, struct origin origin,
	struct diag_args args)
{
	struct buf name = BUF_INIT(OPTION_VALUE_BYTES);
	struct buf where = BUF_INIT(OPTION_VALUE_BYTES);

	put_name(&name, args.a, origin);
	args.a = buf_text(&name);
	args.id = origin.kind == ORIGIN_COMMAND_LINE ? fault.on_command_line
						     : fault.in_file;
	diag_set_args(why, args);
	if (origin.kind != ORIGIN_COMMAND_LINE) {
		origin_put(&where, &origin);
		diag_add_where(why, buf_text(&where));
	}
	buf_free(&name);
	buf_free(&where);
	return false;
}

/* As much of a value as may be said; "smtp://ann:PASSWORD@mx" has a user. */
static void put_value(struct buf *out, const struct row *row, const char *value)
{
	bool is_hidden = row->kind == &kind_SECRET ||
			 row->kind == &kind_STORE ||
			 (row->kind == &kind_HOST && strchr(value, '@'));

	if (is_hidden)
		buf_puts(out, "********");
	else
		text_put_first_word(out, span_of(value));
}

/* What other programs call on and off. */
static const char *switch_of(struct span word)
{
	static const char *const words[][2] = { { "yes", "on" },
		{ "true", "on" }, { "1", "on" }, { "enable", "on" },
		{ "enabled", "on" }, { "no", "off" }, { "false", "off" },
		{ "0", "off" }, { "none", "off" }, { "never", "off" },
		{ "disable", "off" }, { "disabled", "off" } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_equal_nocase(word, span_of(words[i][0])))
			return words[i][1];
	return NULL;
}

/* What VALUE was meant to be, or NULL. */
static const char *meant_choice(const struct row *row, const char *value)
{
	static const char *const switches[] = { "on", "off", NULL };
	const char *const *choices = row->kind == &kind_BOOL ? switches
				     : row->kind == &kind_CHOICE
					     ? row->domain.words
					     : NULL;
	struct text_nearest nearest = { .word = span_of(value) };
	const char *word = switch_of(span_of(value));

	for (size_t i = 0; i < COUNT(meant_values); i++)
		if (row == &rows[meant_values[i].id] &&
			span_equal_nocase(
				nearest.word, span_of(meant_values[i].theirs)))
			return meant_values[i].ours;
	for (size_t i = 0; choices && choices[i]; i++) {
		if (word && !strcmp(word, choices[i]))
			return choices[i];
		text_consider(&nearest, choices[i]);
	}
	return nearest.name;
}

static const char *value_hint(
	const struct row *row, const char *value, const char *meant)
{
	if (strstr(value, " #") || strstr(value, "\t#"))
		return N_("a comment stands on a line of its own");
	if (meant)
		return N_("did you mean '%4$s'?");
	if (row->kind == &kind_HOST && strchr(value, '@'))
		return N_("user and password go to 'user' and 'password', "
			  "each on a line of its own");
	if (row->kind == &kind_HOST && strstr(value, "://"))
		return N_("write the name alone; for a server that speaks TLS "
			  "from the first byte (port 465) there is "
			  "'tls_starttls off'");
	if (row == &rows[OPTION_tls])
		return N_("'tls on' is STARTTLS, port 587; with 'tls_starttls "
			  "off' it is TLS from the first byte, port 465");
	if (*value == '\'')
		return N_("a value needs no quotes; these are part of it");
	return NULL;
}

static bool fail_bad_value(struct diag *why, enum option_id id,
	const char *value, struct origin origin)
{
	const char *meant = meant_choice(&rows[id], value);
	const char *hint = value_hint(&rows[id], value, meant);
	struct buf reason = BUF_INIT(OPTION_VALUE_BYTES);
	struct buf shown = BUF_INIT(OPTION_VALUE_BYTES);

	rows[id].kind->expect(&reason, &rows[id].domain);
	put_value(&shown, &rows[id], value);
	fail(why, fault_bad_value, origin,
		(struct diag_args){ .a = rows[id].keyword,
			.b = buf_text(&shown),
			.c = buf_text(&reason),
			.d = meant });
	if (hint)
		diag_add_hint(why, hint);
	buf_free(&shown);
	buf_free(&reason);
	return false;
}

bool option_may_be_said(struct span word)
{
	if (word.length > OPTION_SAID_MAX)
		return false;
	for (size_t i = 0; i < word.length; i++)
		if (!(word.at[i] >= 'a' && word.at[i] <= 'z') &&
			word.at[i] != '_' && word.at[i] != '-')
			return false;
	return true;
}

/* What a line may begin with: a keyword, or one of two words that are none. */
static const char *nearest_line(struct span word)
{
	static const char *const others[] = { "account", "defaults" };
	const char *keyword = option_nearest(word);
	struct text_nearest nearest = { .word = word };

	for (size_t i = 0; !keyword && i < COUNT(others); i++) {
		if (is_foreign(word, others[i]))
			return others[i];
		text_consider(&nearest, others[i]);
	}
	return keyword ? keyword : nearest.name;
}

/* mutt, mailx and the shell set what they have. */
static bool is_set(struct span word)
{
	static const char *const words[] = { "set", "export", "setenv" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (span_equal(word, span_of(words[i])))
			return true;
	return false;
}

static bool fail_unknown(struct diag *why, struct span keyword, bool has_value,
	struct origin origin)
{
	bool is_option = origin.kind == ORIGIN_COMMAND_LINE;
	const char *nearest =
		is_option ? option_nearest(keyword) : nearest_line(keyword);
	struct fault fault =
		nearest ? fault_did_you_mean
		: (has_value || is_option) && option_may_be_said(keyword)
			? fault_unknown
			: fault_no_keyword;
	struct buf word = BUF_INIT(OPTION_VALUE_BYTES);
	struct buf near = BUF_INIT(OPTION_VALUE_BYTES);

	buf_put_span(&word, keyword);
	if (nearest)
		put_name(&near, nearest, origin);
	fail(why, fault, origin,
		(struct diag_args){
			.a = buf_text(&word), .b = buf_text(&near) });
	if (!is_option && is_set(keyword))
		diag_add_hint(why,
			N_("a line is a keyword, a blank and its value alone, "
			   "as 'host smtp.example.org'"));
	buf_wipe_free(&word);
	buf_free(&near);
	return false;
}

/* ---- setting ------------------------------------------------------------- */

static bool replace_value(const struct old_spelling *old, const char **value,
	struct origin origin, struct diag *why)
{
	if (!old->on)
		return true;
	if (!*value || !**value ||
		span_equal_nocase(span_of(*value), SPAN("on"))) {
		*value = old->on;
		return true;
	}
	if (span_equal_nocase(span_of(*value), SPAN("off"))) {
		*value = old->off;
		return true;
	}
	return fail(why, fault_bad_value, origin,
		(struct diag_args){ .a = old->keyword,
			.b = *value,
			.c = DIAG_WORDS N_("on or off") });
}

enum option_id option_resolve(struct span keyword, const char **value,
	struct origin origin, struct diag *why)
{
	enum option_id id = option_find(keyword);

	if (id != OPTION_COUNT)
		return id;
	for (size_t i = 0; i < COUNT(old_spellings); i++)
		if (is_keyword(keyword, old_spellings[i].keyword))
			return replace_value(
				       &old_spellings[i], value, origin, why)
				       ? old_spellings[i].id
				       : OPTION_COUNT;
	fail_unknown(why, keyword, *value && **value, origin);
	return OPTION_COUNT;
}

static const char *choice_spelling(enum option_id id, const char *value)
{
	for (size_t i = 0; i < COUNT(choice_words); i++)
		if (choice_words[i].id == id &&
			span_equal_nocase(span_of(value),
				span_of(choice_words[i].spelling)))
			return choice_words[i].word;
	return value;
}

/* A text without a value is unset; 'on' can be left out where the row says
 * so; anything else needs one. */
static const char *complete_value(enum option_id id, const char *value)
{
	if (value && *value)
		return value;
	if (rows[id].flags & OPTION_ALONE)
		return rows[id].domain.words == set_words ? "auto" : "on";
	return rows[id].flags & OPTION_UNSET || rows[id].kind->may_be_empty
		       ? ""
		       : NULL;
}

bool option_set(struct account *account, enum option_id id, const char *value,
	struct origin origin, struct arena *arena, struct diag *why)
{
	const struct row *row = &rows[id];
	const char *complete = complete_value(id, value);

	if (!complete)
		return fail(why, fault_no_value, origin,
			(struct diag_args){ .a = row->keyword });
	if (row->flags & OPTION_UNSET && !*complete) {
		option_reset(account, id);
		account->origin[id] = origin;
		return true;
	}
	complete = choice_spelling(id, complete);
	if (!row->kind->parse(
		    &row->domain, field_of(account, id), complete, arena))
		return fail_bad_value(why, id, complete, origin);
	account->origin[id] = origin;
	return true;
}

void option_reset(struct account *account, enum option_id id)
{
	const struct row *row = &rows[id];
	const char *preset = option_default(id, account->dialect);

	account->origin[id] = (struct origin){ ORIGIN_DEFAULT, NULL, 0 };
	/* The words of a derived default are for people; no default needs an
	 * arena but a text, and a text of the table needs no copy. */
	if (row->kind->is_text)
		*(const char **)field_of(account, id) =
			*preset && !(row->flags & OPTION_DERIVED) ? preset
								  : NULL;
	else if (*preset && !(row->flags & OPTION_DERIVED))
		row->kind->parse(
			&row->domain, field_of(account, id), preset, NULL);
	else if (row->kind == &kind_NUMBER)
		*(long *)field_of(account, id) = 0;
}

void option_copy(struct account *into, const struct account *from,
	enum option_id id, bool is_owner)
{
	rows[id].kind->copy(
		field_of(into, id), const_field_of(from, id), is_owner);
	into->origin[id] = from->origin[id];
}

/* ---- showing ------------------------------------------------------------- */

void option_put(
	struct buf *out, const struct account *account, enum option_id id)
{
	rows[id].kind->put(out, &rows[id].domain, const_field_of(account, id));
}

bool option_is_set(const struct account *account, enum option_id id)
{
	return rows[id].kind->is_set(const_field_of(account, id));
}

bool option_is_said(const struct account *account, enum option_id id)
{
	return account->origin[id].kind != ORIGIN_DEFAULT &&
	       account->origin[id].kind != ORIGIN_DERIVED;
}

const char *option_text(enum option_id id)
{
	return rows[id].text;
}

const char *option_default(enum option_id id, enum dialect dialect)
{
	return dialect == DIALECT_MSMTP && rows[id].msmtp_preset
		       ? rows[id].msmtp_preset
		       : rows[id].preset;
}

unsigned option_flags(enum option_id id)
{
	return rows[id].flags;
}

void option_put_form(struct buf *out, enum option_id id)
{
	if (rows[id].kind->form)
		buf_puts(out, rows[id].kind->form);
	else
		for (int i = 0; rows[id].domain.words[i]; i++)
			buf_printf(out, "%s%s", i ? "|" : "",
				rows[id].domain.words[i]);
}

const char *option_old_spelling(size_t index)
{
	return index < COUNT(old_spellings) ? old_spellings[index].keyword
					    : NULL;
}

void origin_put(struct buf *out, const struct origin *origin)
{
	switch (origin->kind) {
	case ORIGIN_DEFAULT:
		buf_puts(out, _("default"));
		return;
	case ORIGIN_FILE:
		buf_printf(out, "%s:%u", origin->name, origin->line);
		return;
	case ORIGIN_ENVIRONMENT:
	case ORIGIN_PROVIDER:
	case ORIGIN_SERVICE:
		buf_puts(out, origin->name);
		return;
	case ORIGIN_COMMAND_LINE:
		buf_puts(out, _("command line"));
		return;
	case ORIGIN_DERIVED:
		buf_puts(out, _("derived"));
		return;
	}
}
