/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The syntax of the configuration: a text becomes accounts.  Knows neither
 * which file it comes from, nor what a setting is for. */
#include <config.h>

#include "config/syntax.h"

#include "base/names.h"
#include "base/text.h"
#include "config/eval.h"
#include "config/mistake.h"
#include "config/storeurl.h"

#include <stdio.h>

struct reader {
	const char *name;
	unsigned line;
	enum dialect dialect;
	bool may_run;      /* commands of eval */
	bool is_evaluated; /* this line was printed by one */
	struct arena *arena;
	struct account_list *out;
	struct names names;       /* of its accounts */
	struct account *defaults; /* the template of later accounts */
	struct account *current;  /* NULL before the first line that needs it */
	const char *secret; /* the keyword of the line before, if it is one's */
	bool is_secret_alone; /* without its value, or all of it */
	struct buf value;     /* of this line, NUL-terminated; wiped */
	struct config_notes *notes;
	struct diag *why;
};

static bool at_line(struct reader *reader)
{
	char number[24];
	struct buf where = BUF_INIT(DIAG_WHERE_BYTES);

	snprintf(number, sizeof number, ":%u", reader->line);
	buf_puts(&where, reader->name);
	buf_puts(&where, number);
	diag_add_where(reader->why, buf_text(&where));
	buf_free(&where);
	return false;
}

static bool fail(struct reader *reader, enum diag_id id, const char *a,
	const char *b, const char *c)
{
	diag_set(reader->why, id, a, b, c);
	return at_line(reader);
}

/* About the line that is being read; nobody may be listening. */
static void note(struct reader *reader, enum config_note_kind kind,
	const char *keyword, const char *text, const char *what)
{
	if (reader->notes)
		config_notes_add(reader->notes,
			&(const struct config_note){ .kind = kind,
				.file = reader->name,
				.line = reader->line,
				.keyword = keyword,
				.text = text,
				.what = what });
}

static void add_account(struct reader *reader, struct account *account)
{
	struct account_list *list = reader->out;
	struct account **old = list->items;

	if (list->count == list->room) {
		list->room = 2 * list->room + 8;
		list->items = arena_alloc(
			reader->arena, list->room * sizeof(struct account *));
		if (list->count)
			memcpy(list->items, old,
				list->count * sizeof(struct account *));
	}
	list->items[list->count++] = account;
	names_put(&reader->names, account->name, account);
	reader->current = account;
}

static bool is_account_name(struct span name)
{
	for (size_t i = 0; i < name.length; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7F ||
			name.at[i] == ',' || name.at[i] == ':')
			return false;
	return name.length != 0;
}

static bool fail_name(struct reader *reader, struct span name)
{
	struct buf shown = BUF_INIT(CONFIG_LINE_LIMIT);

	text_put_first_word(&shown, name);
	fail(reader, DIAG_CONFIG_ACCOUNT_NAME, buf_text(&shown), NULL, NULL);
	buf_free(&shown);
	return false;
}

static bool begin_account(struct reader *reader, struct span name)
{
	const char *text = arena_strndup(reader->arena, name.at, name.length);
	struct account *account;

	if (!is_account_name(name))
		return fail_name(reader, name);
	if (names_get(&reader->names, name))
		return fail(
			reader, DIAG_CONFIG_ACCOUNT_TWICE, text, NULL, NULL);
	if (reader->out->count == CONFIG_ACCOUNTS_LIMIT)
		return fail(reader, DIAG_CONFIG_BAD_VALUE, "account", text,
			DIAG_WORDS N_("a file has at most 100000 accounts"));
	account = account_new(text, reader->dialect, reader->arena);
	account->file = reader->name;
	account->line = reader->line;
	account_overlay(account, reader->defaults, true);
	add_account(reader, account);
	return true;
}

static bool inherit(
	struct reader *reader, struct account *account, struct span parents)
{
	while (parents.length) {
		struct span name = span_trim(span_cut(&parents, ','));
		const struct account *parent = names_get(&reader->names, name);

		if (!is_account_name(name) && name.length)
			return fail_name(reader, name);
		if (!parent || parent == account)
			return fail(reader, DIAG_CONFIG_ACCOUNT_UNKNOWN,
				arena_strndup(
					reader->arena, name.at, name.length),
				reader->name, NULL);
		account_overlay(account, parent, true);
	}
	return true;
}

static bool account_line(struct reader *reader, struct span rest)
{
	bool has_parents = span_find(rest, ':') < rest.length;
	struct span name;

	if (!mistake_check_value(SPAN("account"), rest, reader->why))
		return at_line(reader);
	name = span_trim(span_cut(&rest, ':'));
	if (!begin_account(reader, name))
		return false;
	if (has_parents && !span_trim(rest).length)
		return fail(reader, DIAG_CONFIG_NO_VALUE,
			"account NAME :", NULL, NULL);
	return inherit(reader, reader->current, rest);
}

/* A PIN in a URI is a password, too, and so is one in a URL. */
static bool is_secret(enum option_id id, struct span value)
{
	return id == OPTION_password || id == OPTION_proxy_password ||
	       id == OPTION_oauth_client_secret ||
	       (id == OPTION_queue_store && storeurl_has_secret(value)) ||
	       ((id == OPTION_tls_key_file || id == OPTION_tls_cert_file ||
			id == OPTION_dkim_key_file) &&
		       text_has_pin(value));
}

/* One pair of double quotes around the whole keeps spaces; nothing inside has
 * a meaning, a quote neither.  msmtp takes a quote without its sister as it
 * is. */
static bool unquote(
	struct reader *reader, struct span keyword, struct span *value)
{
	if (!value->length || value->at[0] != '"')
		return true;
	if (value->length > 1 && value->at[value->length - 1] == '"') {
		*value = span_make(value->at + 1, value->length - 2);
		return true;
	}
	if (reader->dialect == DIALECT_MSMTP)
		return true;
	return fail(reader,
		span_find(span_skip(*value, 1), '"') < value->length - 1
			? DIAG_CONFIG_QUOTE_ENDS
			: DIAG_CONFIG_QUOTE,
		arena_strndup(reader->arena, keyword.at, keyword.length), NULL,
		NULL);
}

/* Older names, and lines that a later one makes void: msmtp has both, and
 * neither is an error. */
static void note_setting(struct reader *reader, struct span keyword,
	enum option_id id, const char *value)
{
	const struct account *account = reader->current;
	const struct origin *before = &account->origin[id];
	unsigned line = reader->line;

	if (!reader->notes)
		return;
	if (!span_equal(keyword, span_of(option_keyword(id))))
		note(reader, CONFIG_NOTE_OBSOLETE,
			arena_strndup(reader->notes->arena, keyword.at,
				keyword.length),
			N_("write '%s'"),
			arena_printf(reader->notes->arena, "%s %s",
				option_keyword(id), value ? value : ""));
	if (before->kind != ORIGIN_FILE || before->line < account->line ||
		before->line == line)
		return;
	reader->line = before->line;
	note(reader, CONFIG_NOTE_HIDDEN, option_keyword(id),
		N_("a later line of the account counts: %s"),
		arena_printf(reader->notes->arena, "%u", line));
	reader->line = line;
}

static bool is_a_password(enum option_id id)
{
	return id == OPTION_password || id == OPTION_proxy_password;
}

/* A password may have anything at its ends, and msmtp takes it so. */
static bool check_ends(
	struct reader *reader, enum option_id id, struct span value)
{
	return is_a_password(id) || reader->dialect == DIALECT_MSMTP ||
	       mistake_check_ends(option_keyword(id), value, reader->why) ||
	       at_line(reader);
}

static bool is_known(struct span keyword)
{
	return span_equal(keyword, SPAN("defaults")) ||
	       span_equal(keyword, SPAN("account")) ||
	       span_equal(keyword, SPAN("eval")) || option_is_known(keyword);
}

/* What follows a password and is no setting is more of it. */
static bool check_keyword(struct reader *reader, struct span keyword)
{
	const char *secret = reader->secret;

	reader->secret = NULL;
	if (is_known(keyword))
		return true;
	if (!reader->is_secret_alone &&
		!mistake_check_word(keyword, reader->why))
		return at_line(reader);
	return !secret ||
	       (!reader->is_secret_alone && option_nearest(keyword)) ||
	       fail(reader, DIAG_CONFIG_WRAPPED, secret, NULL, NULL);
}

static bool setting_line(
	struct reader *reader, struct span keyword, struct span value)
{
	const struct origin origin = { ORIGIN_FILE, reader->name,
		reader->line };
	bool is_alone = !value.length;
	const char *text = NULL;
	enum option_id id;

	if (!reader->current && !begin_account(reader, SPAN("default")))
		return false;
	if (!mistake_check_value(keyword, value, reader->why))
		return at_line(reader);
	if (!unquote(reader, keyword, &value))
		return false;
	buf_put_span(&reader->value, value);
	text = is_alone ? NULL : buf_text(&reader->value);
	id = option_resolve(keyword, &text, origin, reader->why);
	if (id != OPTION_COUNT && !check_ends(reader, id, value))
		return false;
	if (id != OPTION_COUNT)
		note_setting(reader, keyword, id, text);
	if (id == OPTION_COUNT || !option_set(reader->current, id, text, origin,
					  reader->arena, reader->why))
		return false;
	reader->secret = is_a_password(id) ? option_keyword(id) : NULL;
	reader->is_secret_alone =
		!value.length || span_equal(value, SPAN("\\"));
	/* What a command prints does not stand in the file. */
	reader->out->has_password |=
		is_secret(id, value) && value.length && !reader->is_evaluated;
	reader->out->has_command |=
		((id == OPTION_passwordeval || id == OPTION_password_command) &&
			value.length) ||
		(id == OPTION_oauth_store &&
			span_find(value, '|') < value.length);
	return true;
}

static bool parse_line(struct reader *reader, struct span line);

/* The line that a command prints takes the place of this one. */
static bool eval_command(
	struct reader *reader, struct span keyword, struct span command)
{
	struct buf line = BUF_INIT(EVAL_OUTPUT_LIMIT);
	bool is_fine;

	if (!unquote(reader, keyword, &command))
		return false;
	if (reader->is_evaluated)
		return fail(reader, DIAG_CONFIG_EVAL,
			DIAG_WORDS N_("it printed another eval"), NULL, NULL);
	if (!command.length)
		return fail(reader, DIAG_CONFIG_NO_VALUE, "eval", NULL, NULL);
	if (!reader->may_run)
		return fail(
			reader, DIAG_CONFIG_NOT_OURS, reader->name, NULL, NULL);
	reader->is_evaluated = true;
	is_fine = eval_line(
		arena_strndup(reader->arena, command.at, command.length), &line,
		reader->why);
	is_fine =
		is_fine ? parse_line(reader, buf_span(&line)) : at_line(reader);
	reader->is_evaluated = false;
	if (is_fine && reader->dialect == DIALECT_MSMTP)
		note(reader, CONFIG_NOTE_DIFFERS, "eval",
			N_("its exit status counts, it has no input, and 30 "
			   "seconds"),
			NULL);
	buf_wipe_free(&line);
	return is_fine;
}

static bool parse_line(struct reader *reader, struct span line)
{
	struct span rest = span_trim(line);
	struct span keyword;

	if (line.length > CONFIG_LINE_LIMIT)
		return fail(
			reader, DIAG_CONFIG_LINE_TOO_LONG, "65536", NULL, NULL);
	if (line.length && memchr(line.at, '\0', line.length))
		return fail(reader, DIAG_CONFIG_NUL, NULL, NULL, NULL);
	if (!rest.length || rest.at[0] == '#')
		return true;
	keyword = span_cut_word(&rest);
	rest = span_trim(rest);
	if (!check_keyword(reader, keyword))
		return false;
	if (span_equal(keyword, SPAN("defaults"))) {
		reader->current = reader->defaults;
		reader->defaults->line = reader->line;
		return !rest.length || fail(reader, DIAG_CONFIG_UNWANTED_VALUE,
					       "defaults", NULL, NULL);
	}
	if (span_equal(keyword, SPAN("account")))
		return account_line(reader, rest);
	if (span_equal(keyword, SPAN("eval")))
		return eval_command(reader, keyword, rest);
	return setting_line(reader, keyword, rest);
}

/* Whether to go on behind a line that is wrong. */
static bool pass_over(struct reader *reader)
{
	if (!reader->notes)
		return false;
	config_notes_add(reader->notes,
		&(const struct config_note){ .kind = CONFIG_NOTE_ERROR,
			.file = reader->name,
			.line = reader->line,
			.why = reader->why });
	return true;
}

bool config_parse(const struct config_text *source, struct arena *arena,
	struct account_list *out, struct diag *why)
{
	struct span text = source->text;
	struct diag passed_over;
	struct reader reader = { .name = source->name,
		.dialect = source->dialect,
		.may_run = source->may_run,
		.arena = arena,
		.out = out,
		.names = { .arena = arena },
		.defaults = account_new("defaults", source->dialect, arena),
		.value = BUF_INIT(CONFIG_LINE_LIMIT),
		.notes = source->notes,
		.why = source->notes ? &passed_over : why };
	bool is_fine = true;

	*out = (struct account_list){ .items = NULL };
	/* Editors of Windows begin a file with U+FEFF. */
	if (span_starts_with(text, SPAN("\xEF\xBB\xBF")))
		text = span_skip(text, 3);
	if (mistake_is_utf16(text)) {
		reader.line = 1;
		fail(&reader, DIAG_CONFIG_WIDE, NULL, NULL, NULL);
		is_fine = pass_over(&reader);
		text.length = 0;
	}
	while (is_fine && text.length) {
		reader.line++;
		is_fine = parse_line(&reader, span_cut(&text, '\n')) ||
			  pass_over(&reader);
		buf_wipe(&reader.value);
	}
	account_wipe(reader.defaults);
	buf_wipe_free(&reader.value);
	return is_fine;
}

void config_wipe_list(struct account_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		account_wipe(list->items[i]);
	list->count = 0;
}
