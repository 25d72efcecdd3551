/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of values.  Knows what a value may look like, not what it is for,
 * and no option. */
#include <config.h>

#include "config/kind.h"

#include "base/duration.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "config/storeurl.h"
#include "net/pin.h"
#include "smtp/ehlo.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	KIND_HOST_MAX = 255, /* RFC 1035 3.1 */
	KIND_DURATIONS = 32  /* as many as the schedule has steps */
};

/* ---- texts -----------------------------------------------------------------
 */

static const char *text_of(const void *field)
{
	return *(const char *const *)field;
}

static bool string_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	(void)domain;
	/* A control byte in a name would end a command on the wire. */
	for (const char *p = value; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7F)
			return false;
	*(const char **)field = *value ? arena_strdup(arena, value) : NULL;
	return true;
}

static void string_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out, DIAG_WORDS N_("no control characters are allowed"));
}

static void string_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	(void)domain;
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
	if (value.length > KIND_HOST_MAX)
		return false;
	return is_bracketed ? value.at[value.length - 1] == ']' : colons != 1;
}

static bool host_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	return is_host(span_of(value)) &&
	       string_parse(domain, field, value, arena);
}

static void host_expect(struct buf *out, const struct kind_domain *domain)
{
	buf_printf(out, "%s%s",
		DIAG_WORDS N_("a name or an address alone; the port goes to "
			      "'%s'") DIAG_NEXT,
		domain->port);
}

static bool path_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	if (!string_parse(domain, field, value, arena))
		return false;
	if (text_of(field))
		*(const char **)field = file_expand_home(arena, text_of(field));
	return true;
}

static void path_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	(void)domain;
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

static bool notify_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	struct buf list = BUF_INIT(64);
	bool is_fine = true;

	(void)domain;
	if (span_equal_nocase(span_of(value), SPAN("off")))
		*(const char **)field = NULL;
	else if (span_equal_nocase(span_of(value), SPAN("never")))
		*(const char **)field = "NEVER";
	else if ((is_fine = notify_list(span_of(value), &list)))
		*(const char **)field = arena_strdup(arena, buf_text(&list));
	buf_free(&list);
	return is_fine;
}

static void notify_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out,
		DIAG_WORDS N_(
			"off, never, or a list of failure, delay, success"));
}

static void notify_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	const char *text = text_of(field);

	(void)domain;
	for (const char *p = text ? text : "off"; *p; p++)
		buf_put_byte(out, ascii_lower(*p));
}

/* ---- extensions of SMTP: words that smtp/ehlo.def has ----------------------
 */

static bool extensions_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	struct span list = span_of(value);

	(void)domain;
	while (list.length) {
		struct span rest = span_cut(&list, ','), word;

		while ((word = span_cut_word(&rest)).length)
			if (ehlo_find(word) == EHLO_COUNT)
				return false;
	}
	*(const char **)field = *value ? arena_strdup(arena, value) : NULL;
	return true;
}

static void extensions_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out, DIAG_WORDS N_("a list of %s") DIAG_NEXT);
	for (size_t i = 0; i < EHLO_COUNT; i++)
		buf_printf(out, "%s%s", i ? ", " : "",
			ehlo_keyword((enum ehlo_extension)i));
}

/* ---- numbers ---------------------------------------------------------------
 */

static bool number_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	unsigned long number;

	(void)arena;
	if (!span_number(span_of(value), domain->max, &number) ||
		number < domain->min)
		return false;
	*(long *)field = (long)number;
	return true;
}

static void number_expect(struct buf *out, const struct kind_domain *domain)
{
	buf_printf(out, "%s%lu%s%lu",
		DIAG_WORDS N_("a number from %s to %s") DIAG_NEXT, domain->min,
		DIAG_NEXT, domain->max);
}

static void number_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	(void)domain;
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

static bool seconds_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	if (!span_equal_nocase(span_of(value), SPAN("off")))
		return number_parse(domain, field, value, arena);
	*(long *)field = 0;
	return true;
}

static void seconds_expect(struct buf *out, const struct kind_domain *domain)
{
	buf_printf(out, "%s%lu%s%lu",
		DIAG_WORDS N_("off, or a number of seconds from %s to %s")
			DIAG_NEXT,
		domain->min, DIAG_NEXT, domain->max);
}

static void seconds_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	if (number_is_set(field))
		number_put(out, domain, field);
	else
		buf_puts(out, "off");
}

/* ---- lengths of time -------------------------------------------------------
 */

static bool duration_field_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	long seconds = 0;

	(void)arena;
	if (!span_equal_nocase(span_of(value), SPAN("off")) &&
		(!duration_parse(span_of(value), &seconds) ||
			seconds < (long)domain->min ||
			seconds > (long)domain->max))
		return false;
	*(long *)field = seconds;
	return true;
}

static void duration_expect(struct buf *out, const struct kind_domain *domain)
{
	buf_puts(out,
		DIAG_WORDS N_(
			"off, or a time as 90s, 5m, 4h, 5d, from %s to %s")
			DIAG_NEXT);
	duration_put(out, (long)domain->min);
	buf_puts(out, DIAG_NEXT);
	duration_put(out, (long)domain->max);
}

static void duration_field_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	(void)domain;
	if (number_is_set(field))
		duration_put(out, *(const long *)field);
	else
		buf_puts(out, "off");
}

static bool durations_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	long seconds[KIND_DURATIONS];
	size_t count;

	return duration_parse_list(
		       span_of(value), seconds, KIND_DURATIONS, &count) &&
	       string_parse(domain, field, value, arena);
}

static void durations_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_printf(out, "%s%d",
		DIAG_WORDS N_("up to %s times as 90s, 5m, 4h, 5d") DIAG_NEXT,
		(int)KIND_DURATIONS);
}

static bool rate_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	struct span rest = span_of(value), word;
	long number, seconds;
	int count = 0;

	if (span_equal_nocase(rest, SPAN("off")))
		return string_parse(domain, field, "", arena);
	while ((word = span_cut_word(&rest)).length)
		if (++count > KIND_RATES ||
			!duration_parse_rate(word, &number, &seconds))
			return false;
	return string_parse(domain, field, value, arena);
}

static void rate_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out,
		DIAG_WORDS N_(
			"off, or so many in a time: 30/m, 100/h, 30/m 500/d"));
}

/* ---- queue_store -----------------------------------------------------------
 */

static bool store_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	return (!*value || storeurl_is_valid(span_of(value))) &&
	       string_parse(domain, field, value, arena);
}

static void store_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out, DIAG_WORDS N_("postgresql://USER@HOST/DATABASE, or "
				    "service=NAME"));
}

static void store_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	const char *text = *(const char *const *)field;

	(void)domain;
	if (text)
		storeurl_put(out, span_of(text));
}

/* ---- source_ip -------------------------------------------------------------
 */

static bool address_field_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	unsigned char bytes[16];

	return (!*value || inet_pton(AF_INET, value, bytes) == 1 ||
		       inet_pton(AF_INET6, value, bytes) == 1) &&
	       string_parse(domain, field, value, arena);
}

static void address_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out, DIAG_WORDS N_("an IPv4 or IPv6 address"));
}

/* ---- tls_fingerprint -------------------------------------------------------
 */

static bool fingerprint_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	return (!*value || pin_list_is_valid(span_of(value))) &&
	       string_parse(domain, field, value, arena);
}

static void fingerprint_expect(
	struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out,
		DIAG_WORDS N_(
			"64 hexadecimal digits (SHA-256 of a certificate), or "
			"sha256// and base 64 (of its key)"));
}

/* ---- on and off, and choices -----------------------------------------------
 */

static bool bool_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	bool is_on = span_equal_nocase(span_of(value), SPAN("on"));

	(void)domain, (void)arena;
	if (!is_on && !span_equal_nocase(span_of(value), SPAN("off")))
		return false;
	*(bool *)field = is_on;
	return true;
}

static void bool_expect(struct buf *out, const struct kind_domain *domain)
{
	(void)domain;
	buf_puts(out, DIAG_WORDS N_("on or off"));
}

static void bool_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	(void)domain;
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

static bool choice_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	(void)arena;
	for (int i = 0; domain->words[i]; i++)
		if (span_equal_nocase(
			    span_of(value), span_of(domain->words[i]))) {
			*(int *)field = i;
			return true;
		}
	return false;
}

static void choice_expect(struct buf *out, const struct kind_domain *domain)
{
	for (int i = 0; domain->words[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", domain->words[i]);
}

static void choice_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	buf_puts(out, domain->words[*(const int *)field]);
}

static void choice_copy(void *into, const void *from, bool is_owner)
{
	(void)is_owner;
	*(int *)into = *(const int *)from;
}

/* ---- secrets ---------------------------------------------------------------
 */

static bool secret_parse(const struct kind_domain *domain, void *field,
	const char *value, struct arena *arena)
{
	(void)domain, (void)arena;
	secret_wipe(field);
	if (*value)
		secret_set(field, value, strlen(value));
	return true;
}

static void secret_put(
	struct buf *out, const struct kind_domain *domain, const void *field)
{
	const struct secret *secret = field;

	(void)domain;
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

/* ---- the kinds ----------------------------------------------------------- */

const struct kind kind_STRING = { .parse = string_parse,
	.expect = string_expect,
	.put = string_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "TEXT",
	.is_text = true,
	.may_be_empty = true };
const struct kind kind_HOST = { .parse = host_parse,
	.expect = host_expect,
	.put = string_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "HOST",
	.is_text = true,
	.may_be_empty = true };
const struct kind kind_PATH = { .parse = path_parse,
	.expect = string_expect,
	.put = path_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "FILE",
	.is_text = true,
	.may_be_empty = true };
const struct kind kind_NOTIFY = { .parse = notify_parse,
	.expect = notify_expect,
	.put = notify_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "off|never|LIST" };
const struct kind kind_EXTENSIONS = { .parse = extensions_parse,
	.expect = extensions_expect,
	.put = string_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "LIST",
	.is_text = true };
const struct kind kind_NUMBER = { .parse = number_parse,
	.expect = number_expect,
	.put = number_put,
	.is_set = number_is_set,
	.copy = number_copy,
	.form = "NUMBER" };
const struct kind kind_SECONDS = { .parse = seconds_parse,
	.expect = seconds_expect,
	.put = seconds_put,
	.is_set = always_set,
	.copy = number_copy,
	.form = "off|SECONDS" };
const struct kind kind_DURATION = { .parse = duration_field_parse,
	.expect = duration_expect,
	.put = duration_field_put,
	.is_set = always_set,
	.copy = number_copy,
	.form = "off|TIME" };
const struct kind kind_DURATIONS = { .parse = durations_parse,
	.expect = durations_expect,
	.put = string_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "TIMES",
	.is_text = true };
const struct kind kind_RATE = { .parse = rate_parse,
	.expect = rate_expect,
	.put = string_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "off|NUMBER/TIME",
	.is_text = true,
	.may_be_empty = true };
const struct kind kind_STORE = { .parse = store_parse,
	.expect = store_expect,
	.put = store_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "URL",
	.is_text = true };
const struct kind kind_FINGERPRINT = { .parse = fingerprint_parse,
	.expect = fingerprint_expect,
	.put = string_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "LIST",
	.is_text = true };
const struct kind kind_ADDRESS = { .parse = address_field_parse,
	.expect = address_expect,
	.put = string_put,
	.is_set = string_is_set,
	.copy = string_copy,
	.form = "ADDRESS",
	.is_text = true };
const struct kind kind_BOOL = { .parse = bool_parse,
	.expect = bool_expect,
	.put = bool_put,
	.is_set = always_set,
	.copy = bool_copy,
	.form = "on|off" };
const struct kind kind_CHOICE = { .parse = choice_parse,
	.expect = choice_expect,
	.put = choice_put,
	.is_set = always_set,
	.copy = choice_copy,
	.form = NULL };
const struct kind kind_SECRET = { .parse = secret_parse,
	.expect = string_expect,
	.put = secret_put,
	.is_set = secret_is_set,
	.copy = secret_copy,
	.form = "SECRET",
	.may_be_empty = true };
