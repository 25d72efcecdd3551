/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of providers, and the files that add to it.  Does not know what an
 * account makes of a row.
 */
#include <config.h>

#include "config/provider.h"

#include "base/duration.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "config/option.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct provider built_in[] = {
#define PROVIDER(id, ...) { .name = id, __VA_ARGS__ },
#include "config/providers.def"
#undef PROVIDER
};

enum {
	BUILT_IN = sizeof built_in / sizeof *built_in,
	NAME_BYTES = 64,
	PROBLEMS_KEPT = 50
};

/* ---- kinds of fields ----------------------------------------------------- */

typedef bool check(struct span value);

static bool is_TEXT(struct span value)
{
	return value.length != 0;
}

static bool is_WORDS(struct span value)
{
	return value.length != 0;
}

static bool is_NUMBER(struct span value)
{
	unsigned long number;

	return span_number(value, 1000000000, &number) && number;
}

static bool is_HOST(struct span value)
{
	for (size_t i = 0; i < value.length; i++)
		if (!ascii_is_alpha(value.at[i]) &&
			!ascii_is_digit(value.at[i]) &&
			!memchr(".-_{}:[]", value.at[i], 8))
			return false;
	return value.length != 0;
}

static bool is_PORTS(struct span value)
{
	struct provider_port port;
	size_t count = 0;

	while (provider_next_port(&value, &port))
		count++;
	return count && !span_trim(value).length;
}

static bool is_LIMITS(struct span value)
{
	long number, seconds;
	struct span word;
	size_t count = 0;

	while ((word = span_cut_word(&value)).length)
		if (!duration_parse_rate(word, &number, &seconds) ||
			++count > KIND_RATES)
			return false;
	return true;
}

static bool is_LOGIN(struct span value)
{
	static const char words[] =
		"password app-password key token code derived oauth2 none";
	struct span word;

	while ((word = span_cut_word(&value)).length)
		if (!provider_has_word(words, word))
			return false;
	return true;
}

static bool is_AUTH(struct span value)
{
	return provider_has_word("on off plain login xoauth2 oauthbearer "
				 "cram-md5 scram-sha-256 external",
		value);
}

static bool is_MONTH(struct span value)
{
	return value.length == 7 && value.at[4] == '-';
}

static const struct {
	const char *name;
	size_t offset;
	check *is_fine;
	const char *expected;
} fields[] = {
#define EXPECTED_TEXT   DIAG_WORDS N_("a word")
#define EXPECTED_WORDS  DIAG_WORDS N_("words with spaces between")
#define EXPECTED_NUMBER DIAG_WORDS N_("a number")
#define EXPECTED_HOST   DIAG_WORDS N_("the name of a host, and nothing else")
#define EXPECTED_PORTS  DIAG_WORDS N_("ports, as 465 587 2026/tls 1025/off")
#define EXPECTED_LIMITS DIAG_WORDS N_("so many in a time: 30/m 500/d")
#define EXPECTED_LOGIN                                                         \
	"password, app-password, key, token, code, derived, oauth2, none"
#define EXPECTED_AUTH  DIAG_WORDS N_("a value of 'auth'")
#define EXPECTED_MONTH DIAG_WORDS N_("a month as 2026-11")
#define PROVIDER_FIELD(field, kind, text)                                      \
	{ #field, offsetof(struct provider, field), is_##kind,                 \
		EXPECTED_##kind },
#include "config/provider_fields.def"
#undef PROVIDER_FIELD
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields };

const char *provider_field_name(size_t index)
{
	return index < FIELD_COUNT ? fields[index].name : NULL;
}

static const char **field_of(struct provider *provider, size_t index)
{
	void *field = (char *)provider + fields[index].offset;

	return field;
}

const char *provider_field(const struct provider *provider, size_t index)
{
	const void *field = (const char *)provider + fields[index].offset;

	return *(const char *const *)field;
}

bool provider_has_word(const char *list, struct span word)
{
	struct span rest = span_of(list ? list : ""), one;

	while ((one = span_cut_word(&rest)).length)
		if (span_equal_nocase(one, word))
			return true;
	return false;
}

/* RFC 8314 3.3: 465 is TLS from the first byte, and so are its neighbours where
 * providers have them. */
static enum provider_tls usual_tls(unsigned long port)
{
	return port == 465 || port == 2465 || port == 8465 || port == 443
		       ? PROVIDER_TLS_FIRST
		       : PROVIDER_STARTTLS;
}

bool provider_next_port(struct span *ports, struct provider_port *out)
{
	struct span rest = *ports, word = span_cut_word(&rest);
	struct span digits = span_cut(&word, '/');
	unsigned long number;

	if (!span_number(digits, 65535, &number) || !number)
		return false;
	*out = (struct provider_port){ (long)number, usual_tls(number) };
	if (span_equal(word, SPAN("tls")))
		out->tls = PROVIDER_TLS_FIRST;
	else if (span_equal(word, SPAN("starttls")))
		out->tls = PROVIDER_STARTTLS;
	else if (span_equal(word, SPAN("off")))
		out->tls = PROVIDER_NO_TLS;
	else if (word.length)
		return false;
	*ports = rest;
	return true;
}

/* ---- files --------------------------------------------------------------- */

struct reader {
	struct arena *arena;
	struct providers *out;
	const char *file;
	unsigned line;
	struct provider *current;
};

/* Most machines have no such file, and the room for the most of them is four
 * times what all of a submission needs. */
static void make_room(struct arena *arena, struct providers *out)
{
	const struct provider **items;

	if (out->problems)
		return;
	items = arena_alloc(arena, PROVIDERS_LIMIT * sizeof *items);
	memcpy(items, out->items, out->count * sizeof *items);
	out->items = items;
	out->problems =
		arena_alloc(arena, PROBLEMS_KEPT * sizeof *out->problems);
}

static void add_problem(struct reader *reader, const struct diag *why)
{
	struct providers *out = reader->out;

	make_room(reader->arena, out);
	if (out->problem_count < PROBLEMS_KEPT)
		out->problems[out->problem_count++] =
			(struct provider_problem){ reader->file, reader->line,
				*why };
}

static bool problem(struct reader *reader, const char *what, struct span value,
	const char *reason)
{
	struct buf text = BUF_INIT(DIAG_WHERE_BYTES);
	struct diag why;

	buf_put_span(&text, value);
	diag_set(&why, DIAG_PROVIDER_FILE, what, buf_text(&text), reason);
	buf_clear(&text);
	buf_printf(&text, "%s:%u", reader->file, reader->line);
	diag_add_where(&why, buf_text(&text));
	add_problem(reader, &why);
	buf_free(&text);
	return false;
}

static bool is_name(struct span name)
{
	for (size_t i = 0; i < name.length; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7F ||
			memchr(":/\"#,", name.at[i], 5))
			return false;
	return name.length && name.length < NAME_BYTES;
}

/* A row that is there already is changed; another begins empty. */
static bool begin(struct reader *reader, struct span name)
{
	struct providers *out = reader->out;
	const struct provider *known = NULL;

	reader->current = NULL;
	if (!is_name(name))
		return problem(
			reader, "provider", name, DIAG_WORDS N_("one word"));
	if (out->count == PROVIDERS_LIMIT)
		return problem(reader, "provider", name,
			DIAG_WORDS N_("there are too many"));
	for (size_t i = 0; i < out->count; i++)
		if (span_equal_nocase(span_of(out->items[i]->name), name))
			known = out->items[i];
	reader->current = arena_alloc(reader->arena, sizeof *reader->current);
	if (known)
		*reader->current = *known;
	else
		reader->current->name =
			arena_strndup(reader->arena, name.at, name.length);
	reader->current->file = reader->file;
	out->items[out->count++] = reader->current;
	return true;
}

static const char *nearest_field(struct span word)
{
	struct text_nearest nearest = { .word = word };

	for (size_t i = 0; i < FIELD_COUNT; i++)
		text_consider(&nearest, fields[i].name);
	return nearest.name;
}

static bool unknown_field(struct reader *reader, struct span keyword)
{
	const char *near = nearest_field(keyword);

	return problem(reader, "provider", keyword,
		near ? arena_printf(reader->arena, "%s%s",
			       DIAG_WORDS N_("no such field (did you mean "
					     "'%s'?)") DIAG_NEXT,
			       near)
		     : DIAG_WORDS N_("no such field"));
}

static bool is_printable(struct span value)
{
	for (size_t i = 0; i < value.length; i++)
		if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7F)
			return false;
	return text_is_utf8(value);
}

static bool set(struct reader *reader, struct span keyword, struct span value)
{
	size_t i = 0;

	while (i < FIELD_COUNT &&
		!span_equal_nocase(span_of(fields[i].name), keyword))
		i++;
	if (i == FIELD_COUNT)
		return unknown_field(reader, keyword);
	if (!reader->current)
		return problem(reader, fields[i].name, value,
			DIAG_WORDS N_("a line 'provider NAME' comes first"));
	if (!is_printable(value) || (value.length && !fields[i].is_fine(value)))
		return problem(
			reader, fields[i].name, value, fields[i].expected);
	*field_of(reader->current, i) =
		value.length
			? arena_strndup(reader->arena, value.at, value.length)
			: NULL;
	return true;
}

static bool parse_line(struct reader *reader, struct span line)
{
	struct span rest = span_trim(line);
	struct span keyword;

	if (!rest.length || rest.at[0] == '#')
		return true;
	keyword = span_cut_word(&rest);
	rest = span_trim(rest);
	if (rest.length > 1 && rest.at[0] == '"' &&
		rest.at[rest.length - 1] == '"')
		rest = span_make(rest.at + 1, rest.length - 2);
	if (span_equal_nocase(keyword, SPAN("provider")))
		return begin(reader, rest);
	return set(reader, keyword, rest);
}

void providers_parse(struct span text, const char *file, struct arena *arena,
	struct providers *out)
{
	struct reader reader = { .arena = arena, .out = out, .file = file };

	make_room(arena, out);
	if (span_starts_with(text, SPAN("\xEF\xBB\xBF")))
		text = span_skip(text, 3);
	while (text.length) {
		reader.line++;
		(void)parse_line(&reader, span_cut(&text, '\n'));
	}
}

/* Whoever writes it chooses where passwords go. */
static bool is_trusted(const struct stat *status)
{
	return (process_is_roots(status) || status->st_uid == geteuid()) &&
	       !(status->st_mode & (S_IWGRP | S_IWOTH));
}

static void cannot_read(
	const char *path, int error, struct arena *arena, struct providers *out)
{
	struct reader reader = { .arena = arena, .out = out, .file = path };
	struct diag why;

	diag_set(&why, DIAG_CONFIG_UNREADABLE, path);
	diag_add_errno(&why, error);
	add_problem(&reader, &why);
}

static void read_file(
	const char *path, struct arena *arena, struct providers *out)
{
	struct reader reader = { .arena = arena, .out = out, .file = path };
	struct buf text = BUF_INIT(PROVIDER_FILE_LIMIT);
	struct stat status;
	struct diag why = { .system_error = 0 };
	enum file_result result = file_read(path, &text, &status, &why);

	if (result == FILE_FAILED) {
		cannot_read(path, why.system_error, arena, out);
	} else if (result == FILE_READ && !is_trusted(&status)) {
		diag_set(&why, DIAG_CONFIG_NOT_OURS, path);
		add_problem(&reader, &why);
	} else if (result == FILE_READ) {
		providers_parse(buf_span(&text), path, arena, out);
	}
	buf_free(&text);
}

static bool is_wanted(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > 5 &&
	       strcmp(name + length - 5, ".conf") == 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_folder(
	const char *folder, struct arena *arena, struct providers *out)
{
	const char *names[PROVIDER_FILES_LIMIT];
	size_t count = 0;
	DIR *open = opendir(folder);
	const struct dirent *entry;

	if (!open) {
		if (errno != ENOENT && errno != ENOTDIR)
			cannot_read(folder, errno, arena, out);
		return;
	}
	while (count < PROVIDER_FILES_LIMIT && (entry = readdir(open)))
		if (is_wanted(entry->d_name))
			names[count++] = arena_printf(
				arena, "%s/%s", folder, entry->d_name);
	(void)closedir(open);
	qsort(names, count, sizeof *names, by_text);
	for (size_t i = 0; i < count; i++)
		read_file(names[i], arena, out);
}

void providers_read(
	const char *const *folders, struct arena *arena, struct providers *out)
{
	*out = (struct providers){ .count = BUILT_IN };
	out->items = arena_alloc(arena, BUILT_IN * sizeof *out->items);
	for (size_t i = 0; i < BUILT_IN; i++)
		out->items[i] = &built_in[i];
	for (; *folders; folders++)
		read_folder(*folders, arena, out);
}

/* ---- questions ----------------------------------------------------------- */

bool providers_is_hidden(const struct providers *providers, size_t index)
{
	for (size_t i = index + 1; i < providers->count; i++)
		if (span_equal_nocase(span_of(providers->items[i]->name),
			    span_of(providers->items[index]->name)))
			return true;
	return false;
}

/* A name goes before another one's other name. */
const struct provider *providers_find(
	const struct providers *providers, struct span name)
{
	for (size_t i = providers->count; i--;)
		if (span_equal_nocase(span_of(providers->items[i]->name), name))
			return providers->items[i];
	for (size_t i = providers->count; i--;)
		if (provider_has_word(providers->items[i]->aliases, name))
			return providers->items[i];
	return NULL;
}

/* How much of HOST's end the longest of SUFFIXES covers; whole labels only. All
 * of the list is looked at for each account, and nothing but blanks is in it.
 */
static size_t covered(const char *suffixes, struct span host)
{
	struct span rest = span_of(suffixes ? suffixes : ""), suffix;
	size_t best = 0;

	while (rest.length) {
		suffix = span_cut(&rest, ' ');
		if (suffix.length > best && span_is_below(host, suffix))
			best = suffix.length;
	}
	return best;
}

const struct provider *providers_of_host(
	const struct providers *providers, struct span host)
{
	const struct provider *found = NULL;
	size_t best = 0;

	for (size_t i = providers->count; i--;) {
		size_t length = covered(providers->items[i]->hosts, host);

		if (length > best) {
			best = length;
			found = providers->items[i];
		}
	}
	return found;
}

const struct provider *providers_of_domain(
	const struct providers *providers, struct span domain)
{
	for (size_t i = providers->count; i--;)
		if (provider_has_word(providers->items[i]->domains, domain))
			return providers->items[i];
	return NULL;
}

const struct provider *providers_of_mx(
	const struct providers *providers, struct span host)
{
	for (size_t i = providers->count; i--;) {
		const struct provider *provider = providers->items[i];

		if (provider->user &&
			!provider_has_word(provider->login, SPAN("none")) &&
			covered(provider->mx, host))
			return provider;
	}
	return NULL;
}

const char *providers_nearest(
	const struct providers *providers, struct span word)
{
	struct text_nearest nearest = { .word = word };
	const struct provider *whose = providers_of_domain(providers, word);

	/* "provider gmail.com", "provider smtp.gmail.com" */
	whose = whose ? whose : providers_of_host(providers, word);
	if (whose)
		return whose->name;
	for (size_t i = 0; i < providers->count; i++)
		text_consider(&nearest, providers->items[i]->name);
	return nearest.name;
}
