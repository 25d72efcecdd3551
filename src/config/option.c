/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of options and its kinds.  Knows what a value may look like, not
 * what it is for.
 */
#include <config.h>

#include "config/option.h"

#include "base/duration.h"
#include "base/file.h"
#include "base/text.h"
#include "config/account.h"
#include "net/pin.h"
#include "smtp/ehlo.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	OPTION_VALUE_BYTES = 64 * 1024,
	OPTION_HOST_MAX = 255, /* RFC 1035 3.1 */
	OPTION_SAID_MAX = 30,  /* the longest keyword has some 28 */
	OPTION_DURATIONS = 32  /* as many as the schedule has steps */
};

#define WORD(name, word) word,
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
static const char *const queue_runner_words[] = { OPTION_CHOICES_QUEUE_RUNNER(
	WORD) NULL };
static const char *const log_format_words[] = { OPTION_CHOICES_LOG_FORMAT(WORD)
		NULL };
static const char *const syslog_words[] = { OPTION_CHOICES_SYSLOG(WORD) NULL };
#undef WORD

/* What a value may be: one of these words, or a number between these. */
struct domain {
	const char *const *words;
	unsigned long min, max;
};
#define ANY                                                                    \
	{                                                                      \
		NULL, 0, 0                                                     \
	}
#define WORDS(words)                                                           \
	{                                                                      \
		words, 0, 0                                                    \
	}
#define RANGE(a, b)                                                            \
	{                                                                      \
		NULL, a, b                                                     \
	}

struct kind;
struct row {
	const char *keyword;
	const struct kind *kind;
	size_t offset;
	const char *preset, *msmtp_preset;
	struct domain domain;
	unsigned flags;
	const char *text;
};

/* A kind of value.  parse() leaves the field alone when it returns false; the
 * reason is appended by expect(). */
struct kind {
	bool (*parse)(const struct row *row, void *field, const char *value,
		struct arena *arena);
	void (*expect)(struct buf *out, const struct row *row);
	void (*put)(struct buf *out, const struct row *row, const void *field);
	bool (*is_set)(const void *field);
	void (*copy)(void *into, const void *from, bool is_owner);
	/* "FILE"; NULL: what expect() says. */
	const char *form;
};

/* ---- texts ----------------------------------------------------------------
 */

static const char *text_of(const void *field)
{
	return *(const char *const *)field;
}

static bool string_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	(void)row;
	/* A control byte in a name would end a command on the wire. */
	for (const char *p = value; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7F)
			return false;
	*(const char **)field = *value ? arena_strdup(arena, value) : NULL;
	return true;
}

static void string_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_puts(out, DIAG_WORDS N_("no control characters are allowed"));
}

static void string_put(
	struct buf *out, const struct row *row, const void *field)
{
	(void)row;
	if (text_of(field))
		text_put_printable(out, span_of(text_of(field)));
}

static bool string_is_set(const void *field)
{
	return text_of(field) != NULL;
}

static void string_copy(void *into, const void *from, bool is_owner)
{
	(void)is_owner;
	*(const char **)into = text_of(from);
}

/* A name or an address alone: no scheme, no port, no user. */
static bool is_host(struct span value)
{
	size_t colons = 0;
	bool is_bracketed = span_starts_with(value, SPAN("["));

	for (size_t i = 0; i < value.length; i++) {
		struct span rest = span_skip(value, i);

		if (strchr(" \t\"'/@#,;=", rest.at[0]) ||
			text_odd_blank_length(rest))
			return false;
		colons += rest.at[0] == ':';
	}
	if (value.length > OPTION_HOST_MAX)
		return false;
	return is_bracketed ? value.at[value.length - 1] == ']' : colons != 1;
}

static bool host_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	return is_host(span_of(value)) &&
	       string_parse(row, field, value, arena);
}

static void host_expect(struct buf *out, const struct row *row)
{
	buf_printf(out, "%s%s",
		DIAG_WORDS N_("a name or an address alone; the port goes to "
			      "'%s'") DIAG_NEXT,
		row->offset == offsetof(struct account, host) ? "port"
							      : "proxy_port");
}

static bool path_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	if (!string_parse(row, field, value, arena))
		return false;
	if (text_of(field))
		*(const char **)field = file_expand_home(arena, text_of(field));
	return true;
}

static void path_put(struct buf *out, const struct row *row, const void *field)
{
	(void)row;
	if (text_of(field))
		text_put_uri(out, span_of(text_of(field)));
}

/* ---- dsn_notify: RFC 3461 4.1 ----------------------------------------------
 */

static const char *notify_word(struct span word)
{
	static const char *const words[] = { "FAILURE", "DELAY", "SUCCESS" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_equal_nocase(word, span_of(words[i])))
			return words[i];
	return NULL;
}

static bool notify_list(struct span list, struct buf *out)
{
	while (list.length) {
		struct span member = span_trim(span_cut(&list, ','));
		const char *word = notify_word(member);

		if (!word)
			return false;
		if (!strstr(buf_text(out), word))
			buf_printf(out, "%s%s", out->length ? "," : "", word);
	}
	return out->length != 0;
}

static bool notify_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	struct buf list = BUF_INIT(64);
	bool is_fine = true;

	(void)row;
	if (span_equal_nocase(span_of(value), SPAN("off")))
		*(const char **)field = NULL;
	else if (span_equal_nocase(span_of(value), SPAN("never")))
		*(const char **)field = "NEVER";
	else if ((is_fine = notify_list(span_of(value), &list)))
		*(const char **)field = arena_strdup(arena, buf_text(&list));
	buf_free(&list);
	return is_fine;
}

static void notify_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_puts(out,
		DIAG_WORDS N_(
			"off, never, or a list of failure, delay, success"));
}

static void notify_put(
	struct buf *out, const struct row *row, const void *field)
{
	const char *text = text_of(field);

	(void)row;
	for (const char *p = text ? text : "off"; *p; p++)
		buf_put_byte(out, ascii_lower(*p));
}

/* ---- extensions of SMTP: words that smtp/ehlo.def has ----------------------
 */

static bool extensions_parse(const struct row *row, void *field,
	const char *value, struct arena *arena)
{
	struct span list = span_of(value);

	(void)row;
	while (list.length) {
		struct span rest = span_cut(&list, ','), word;

		while ((word = span_cut_word(&rest)).length)
			if (ehlo_find(word) == EHLO_COUNT)
				return false;
	}
	*(const char **)field = *value ? arena_strdup(arena, value) : NULL;
	return true;
}

static void extensions_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_puts(out, DIAG_WORDS N_("a list of %s") DIAG_NEXT);
	for (size_t i = 0; i < EHLO_COUNT; i++)
		buf_printf(out, "%s%s", i ? ", " : "",
			ehlo_keyword((enum ehlo_extension)i));
}

/* ---- numbers ---------------------------------------------------------------
 */

static bool number_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	unsigned long number;

	(void)arena;
	if (!span_number(span_of(value), row->domain.max, &number) ||
		number < row->domain.min)
		return false;
	*(long *)field = (long)number;
	return true;
}

static void number_expect(struct buf *out, const struct row *row)
{
	buf_printf(out, "%s%lu%s%lu",
		DIAG_WORDS N_("a number from %s to %s") DIAG_NEXT,
		row->domain.min, DIAG_NEXT, row->domain.max);
}

static void number_put(
	struct buf *out, const struct row *row, const void *field)
{
	(void)row;
	if (*(const long *)field)
		buf_printf(out, "%ld", *(const long *)field);
}

static bool number_is_set(const void *field)
{
	return *(const long *)field != 0;
}

static void number_copy(void *into, const void *from, bool is_owner)
{
	(void)is_owner;
	*(long *)into = *(const long *)from;
}

static bool seconds_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	if (!span_equal_nocase(span_of(value), SPAN("off")))
		return number_parse(row, field, value, arena);
	*(long *)field = 0;
	return true;
}

static void seconds_expect(struct buf *out, const struct row *row)
{
	buf_printf(out, "%s%lu%s%lu",
		DIAG_WORDS N_("off, or a number of seconds from %s to %s")
			DIAG_NEXT,
		row->domain.min, DIAG_NEXT, row->domain.max);
}

static void seconds_put(
	struct buf *out, const struct row *row, const void *field)
{
	if (number_is_set(field))
		number_put(out, row, field);
	else
		buf_puts(out, "off");
}

/* ---- lengths of time -------------------------------------------------------
 */

static bool duration_field_parse(const struct row *row, void *field,
	const char *value, struct arena *arena)
{
	long seconds = 0;

	(void)arena;
	if (!span_equal_nocase(span_of(value), SPAN("off")) &&
		(!duration_parse(span_of(value), &seconds) ||
			seconds < (long)row->domain.min ||
			seconds > (long)row->domain.max))
		return false;
	*(long *)field = seconds;
	return true;
}

static void duration_expect(struct buf *out, const struct row *row)
{
	buf_puts(out,
		DIAG_WORDS N_(
			"off, or a time as 90s, 5m, 4h, 5d, from %s to %s")
			DIAG_NEXT);
	duration_put(out, (long)row->domain.min);
	buf_puts(out, DIAG_NEXT);
	duration_put(out, (long)row->domain.max);
}

static void duration_field_put(
	struct buf *out, const struct row *row, const void *field)
{
	(void)row;
	if (number_is_set(field))
		duration_put(out, *(const long *)field);
	else
		buf_puts(out, "off");
}

static bool durations_parse(const struct row *row, void *field,
	const char *value, struct arena *arena)
{
	long seconds[OPTION_DURATIONS];
	size_t count;

	return duration_parse_list(
		       span_of(value), seconds, OPTION_DURATIONS, &count) &&
	       string_parse(row, field, value, arena);
}

static void durations_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_printf(out, "%s%d",
		DIAG_WORDS N_("up to %s times as 90s, 5m, 4h, 5d") DIAG_NEXT,
		(int)OPTION_DURATIONS);
}

static bool rate_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	struct span rest = span_of(value), word;
	long number, seconds;
	int count = 0;

	if (span_equal_nocase(rest, SPAN("off")))
		return string_parse(row, field, "", arena);
	while ((word = span_cut_word(&rest)).length)
		if (++count > OPTION_RATES ||
			!duration_parse_rate(word, &number, &seconds))
			return false;
	return string_parse(row, field, value, arena);
}

static void rate_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_puts(out,
		DIAG_WORDS N_(
			"off, or so many in a time: 30/m, 100/h, 30/m 500/d"));
}

/* ---- source_ip --------------------------------------------------------------
 */

static bool address_field_parse(const struct row *row, void *field,
	const char *value, struct arena *arena)
{
	unsigned char bytes[16];

	return (!*value || inet_pton(AF_INET, value, bytes) == 1 ||
		       inet_pton(AF_INET6, value, bytes) == 1) &&
	       string_parse(row, field, value, arena);
}

static void address_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_puts(out, DIAG_WORDS N_("an IPv4 or IPv6 address"));
}

/* ---- tls_fingerprint --------------------------------------------------------
 */

static bool fingerprint_parse(const struct row *row, void *field,
	const char *value, struct arena *arena)
{
	return (!*value || pin_list_is_valid(span_of(value))) &&
	       string_parse(row, field, value, arena);
}

static void fingerprint_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_puts(out,
		DIAG_WORDS N_(
			"64 hexadecimal digits (SHA-256 of a certificate), or "
			"sha256// and base 64 (of its key)"));
}

/* ---- on and off, and choices ------------------------------------------------
 */

static bool bool_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	bool is_on = span_equal_nocase(span_of(value), SPAN("on"));

	(void)row, (void)arena;
	if (!is_on && !span_equal_nocase(span_of(value), SPAN("off")))
		return false;
	*(bool *)field = is_on;
	return true;
}

static void bool_expect(struct buf *out, const struct row *row)
{
	(void)row;
	buf_puts(out, DIAG_WORDS N_("on or off"));
}

static void bool_put(struct buf *out, const struct row *row, const void *field)
{
	(void)row;
	buf_puts(out, *(const bool *)field ? "on" : "off");
}

static bool always_set(const void *field)
{
	(void)field;
	return true;
}

static void bool_copy(void *into, const void *from, bool is_owner)
{
	(void)is_owner;
	*(bool *)into = *(const bool *)from;
}

static bool choice_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	(void)arena;
	for (int i = 0; row->domain.words[i]; i++)
		if (span_equal_nocase(
			    span_of(value), span_of(row->domain.words[i]))) {
			*(int *)field = i;
			return true;
		}
	return false;
}

static void choice_expect(struct buf *out, const struct row *row)
{
	for (int i = 0; row->domain.words[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", row->domain.words[i]);
}

static void choice_put(
	struct buf *out, const struct row *row, const void *field)
{
	buf_puts(out, row->domain.words[*(const int *)field]);
}

static void choice_copy(void *into, const void *from, bool is_owner)
{
	(void)is_owner;
	*(int *)into = *(const int *)from;
}

/* ---- secrets ----------------------------------------------------------------
 */

static bool secret_parse(const struct row *row, void *field, const char *value,
	struct arena *arena)
{
	(void)row, (void)arena;
	secret_wipe(field);
	if (*value)
		secret_set(field, value, strlen(value));
	return true;
}

static void secret_put(
	struct buf *out, const struct row *row, const void *field)
{
	const struct secret *secret = field;

	(void)row;
	/* Always eight stars: the length is part of the secret. */
	if (secret->length)
		buf_puts(out, "********");
}

static bool secret_is_set(const void *field)
{
	return ((const struct secret *)field)->length != 0;
}

static void secret_copy(void *into, const void *from, bool is_owner)
{
	const struct secret *secret = from;

	if (!is_owner) {
		*(struct secret *)into = *secret;
		return;
	}
	secret_wipe(into);
	if (secret->length)
		secret_set(into, secret->bytes, secret->length);
}

/* ---- the table ----------------------------------------------------------- */

static const struct kind kind_STRING = { string_parse, string_expect,
	string_put, string_is_set, string_copy, "TEXT" };
static const struct kind kind_HOST = { host_parse, host_expect, string_put,
	string_is_set, string_copy, "HOST" };
static const struct kind kind_PATH = { path_parse, string_expect, path_put,
	string_is_set, string_copy, "FILE" };
static const struct kind kind_NOTIFY = { notify_parse, notify_expect,
	notify_put, string_is_set, string_copy, "off|never|LIST" };
static const struct kind kind_EXTENSIONS = { extensions_parse,
	extensions_expect, string_put, string_is_set, string_copy, "LIST" };
static const struct kind kind_NUMBER = { number_parse, number_expect,
	number_put, number_is_set, number_copy, "NUMBER" };
static const struct kind kind_SECONDS = { seconds_parse, seconds_expect,
	seconds_put, always_set, number_copy, "off|SECONDS" };
static const struct kind kind_DURATION = { duration_field_parse,
	duration_expect, duration_field_put, always_set, number_copy,
	"off|TIME" };
static const struct kind kind_DURATIONS = { durations_parse, durations_expect,
	string_put, string_is_set, string_copy, "TIMES" };
static const struct kind kind_RATE = { rate_parse, rate_expect, string_put,
	string_is_set, string_copy, "off|NUMBER/TIME" };
static const struct kind kind_FINGERPRINT = { fingerprint_parse,
	fingerprint_expect, string_put, string_is_set, string_copy, "LIST" };
static const struct kind kind_ADDRESS = { address_field_parse, address_expect,
	string_put, string_is_set, string_copy, "ADDRESS" };
static const struct kind kind_BOOL = { bool_parse, bool_expect, bool_put,
	always_set, bool_copy, "on|off" };
static const struct kind kind_CHOICE = { choice_parse, choice_expect,
	choice_put, always_set, choice_copy, NULL };
static const struct kind kind_SECRET = { secret_parse, string_expect,
	secret_put, secret_is_set, secret_copy, "SECRET" };

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

/* In any case: ssmtp writes AuthPass, and a habit knows no '_'. */
static bool is_foreign(struct span word, const char *spelling)
{
	if (word.length != strlen(spelling))
		return false;
	for (size_t i = 0; i < word.length; i++)
		if ((word.at[i] == '-' ? '_' : ascii_lower(word.at[i])) !=
			spelling[i])
			return false;
	return true;
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

/* The choice that VALUE was meant to be, or NULL. */
static const char *meant_choice(const struct row *row, const char *value)
{
	static const char *const switches[] = { "on", "off", NULL };
	const char *const *choices = row->kind == &kind_BOOL ? switches
				     : row->kind == &kind_CHOICE
					     ? row->domain.words
					     : NULL;
	struct text_nearest nearest = { .word = span_of(value) };
	const char *word = switch_of(span_of(value));

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
	return NULL;
}

static bool fail_bad_value(struct diag *why, enum option_id id,
	const char *value, struct origin origin)
{
	const char *meant = meant_choice(&rows[id], value);
	const char *hint = value_hint(&rows[id], value, meant);
	struct buf reason = BUF_INIT(OPTION_VALUE_BYTES);
	struct buf shown = BUF_INIT(OPTION_VALUE_BYTES);

	rows[id].kind->expect(&reason, &rows[id]);
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

/* What looks like a keyword, with a value behind it; anything else may be a
 * password in the wrong place, and is not said again. */
static bool may_be_said(struct span word, bool has_value)
{
	if (word.length > OPTION_SAID_MAX || !has_value)
		return false;
	for (size_t i = 0; i < word.length; i++)
		if (!(word.at[i] >= 'a' && word.at[i] <= 'z') &&
			word.at[i] != '_' && word.at[i] != '-')
			return false;
	return true;
}

static bool fail_unknown(struct diag *why, struct span keyword, bool has_value,
	struct origin origin)
{
	bool is_option = origin.kind == ORIGIN_COMMAND_LINE;
	const char *nearest = option_nearest(keyword);
	struct fault fault = nearest ? fault_did_you_mean
			     : may_be_said(keyword, has_value || is_option)
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
	return rows[id].flags & OPTION_UNSET || rows[id].kind == &kind_STRING ||
			       rows[id].kind == &kind_HOST ||
			       rows[id].kind == &kind_PATH ||
			       rows[id].kind == &kind_RATE ||
			       rows[id].kind == &kind_SECRET
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
	if (!row->kind->parse(row, field_of(account, id), complete, arena))
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
	if (row->kind == &kind_STRING || row->kind == &kind_PATH ||
		row->kind == &kind_HOST || row->kind == &kind_DURATIONS ||
		row->kind == &kind_RATE || row->kind == &kind_ADDRESS ||
		row->kind == &kind_FINGERPRINT || row->kind == &kind_EXTENSIONS)
		*(const char **)field_of(account, id) =
			*preset && !(row->flags & OPTION_DERIVED) ? preset
								  : NULL;
	else if (*preset && !(row->flags & OPTION_DERIVED))
		row->kind->parse(row, field_of(account, id), preset, NULL);
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
	rows[id].kind->put(out, &rows[id], const_field_of(account, id));
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
