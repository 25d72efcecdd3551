/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding and reading configuration files.  Does not know what a setting is
 * for, nor which account will be chosen.
 */
#include <config.h>

#include "config/file.h"

#include "base/closed.h"
#include "base/file.h"
#include "base/names.h"
#include "base/process.h"
#include "base/text.h"
#include "config/eval.h"
#include "config/mistake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the syntax ---------------------------------------------------------- */

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

/* A PIN in a URI is a password, too. */
static bool is_secret(enum option_id id, struct span value)
{
	return id == OPTION_password || id == OPTION_proxy_password ||
	       id == OPTION_oauth_client_secret ||
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

/* ---- one file ------------------------------------------------------------ */

enum { CONFIG_FILES_MAX = 8 };

/* What is collected on the way. */
struct search {
	struct arena *arena;
	struct config *out;
	const char *files[CONFIG_FILES_MAX], *hidden[CONFIG_FILES_MAX],
		*unreadable[CONFIG_FILES_MAX];
	struct buf looked_for;
	struct config_notes *notes; /* or NULL */
};

/* The last two parts of a path: "msmtp/config". */
static struct span path_tail(const char *path)
{
	size_t at = strlen(path);
	int slashes = 0;

	while (at && slashes < 2)
		slashes += path[--at] == '/';
	return span_of(path + at);
}

static bool tail_has(const char *path, const char *word)
{
	struct span tail = path_tail(path);

	for (; tail.length; tail = span_skip(tail, 1))
		if (span_starts_with(tail, span_of(word)))
			return true;
	return false;
}

enum dialect config_dialect(const char *path, struct arena *arena)
{
	char *resolved = realpath(path, NULL);
	const char *names[] = { resolved ? arena_strdup(arena, resolved) : path,
		path };

	free(resolved);
	for (size_t i = 0; i < 2; i++) {
		if (tail_has(names[i], "mailchute"))
			return DIALECT_MAILCHUTE;
		if (tail_has(names[i], "msmtp"))
			return DIALECT_MSMTP;
	}
	return DIALECT_MAILCHUTE;
}

/* Whoever can write the file is the one who would run its commands: its owner,
 * and a group that has nobody else in it, as umask 002 wants it. */
static bool may_run(const struct stat *status)
{
	uid_t me = geteuid();

	return (status->st_uid == me || process_is_roots(status)) &&
	       !(status->st_mode & S_IWOTH) &&
	       (!(status->st_mode & S_IWGRP) ||
		       process_is_private_group(
			       status->st_uid, status->st_gid));
}

static bool fail_secret(struct diag *why, const char *path, bool is_user)
{
	diag_set(why, DIAG_CONFIG_SECRET_READABLE, path);
	return is_user ? false
		       : diag_add_hint(why,
				 N_("run 'chmod 640' on the file, and 'chgrp' "
				    "to a group of those who may know it"));
}

/* ssh's rule for the user's own file.  A system file, or one of root's given
 * with -C, may be shared with a group, never with everybody: whoever can read
 * the relay's password needs no sendmail.  DESIGN section 1, promise 5. */
static bool check_access(const char *path, const struct stat *status,
	bool is_user, const struct account_list *list, struct diag *why)
{
	uid_t me = geteuid();
	bool is_mine = status->st_uid == me;
	bool is_roots = process_is_roots(status);
	bool may_share = !is_user || (is_roots && !is_mine);

	if (!list->has_password && !list->has_command)
		return true;
	if (list->has_command && !may_run(status))
		return diag_set(why, DIAG_CONFIG_NOT_OURS, path);
	if (!is_mine && !is_roots && me != 0)
		return diag_set(why, DIAG_CONFIG_NOT_OURS, path);
	if (status->st_mode & S_IWOTH)
		return diag_set(why, DIAG_CONFIG_NOT_OURS, path);
	if (list->has_password &&
		status->st_mode &
			(may_share ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO))
		return fail_secret(why, path, is_user);
	return true;
}

static bool fail_unreadable(struct diag *why, const char *path, int error)
{
	struct buf readers = BUF_INIT(DIAG_TEXT_BYTES);

	if (error == EACCES) {
		closed_put_readers(&readers, path);
		diag_set(why, DIAG_CONFIG_CLOSED, path, buf_text(&readers));
		buf_free(&readers);
		return diag_add_errno(why, error);
	}
	diag_set(why, DIAG_CONFIG_UNREADABLE, path);
	return diag_add_errno(why, error);
}

static bool parse_file(struct search *search, struct span text,
	const char *path, const struct stat *status, struct account_list *out,
	struct diag *why)
{
	const struct config_text source = { .text = text,
		.name = path,
		.dialect = config_dialect(path, search->arena),
		.may_run = may_run(status),
		.notes = search->notes };

	return config_parse(&source, search->arena, out, why);
}

static bool has_pin(const struct account *account)
{
	const char *const names[] = { account->tls_key_file,
		account->tls_cert_file, account->dkim_key_file };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i] && text_has_pin(span_of(names[i])))
			return true;
	return false;
}

/* A relay's password that everybody can read is no secret, but msmtp takes its
 * system file so, and mail must not stop when we take msmtp's place: it is
 * told, in the log and by 'mailchute config --check'. */
static bool may_be_exposed(const char *path, const struct stat *status,
	struct arena *arena, struct account_list *list)
{
	if (status->st_mode & S_IWGRP ||
		config_dialect(path, arena) != DIALECT_MSMTP)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->password.length ||
			list->items[i]->proxy_password.length ||
			list->items[i]->oauth_client_secret.length ||
			has_pin(list->items[i]))
			list->items[i]->exposed_in = path;
	return true;
}

static void note_file(struct search *search, enum config_note_kind kind,
	const char *path, const struct diag *why)
{
	if (search->notes)
		config_notes_add(search->notes,
			&(const struct config_note){
				.kind = kind, .file = path, .why = why });
}

/* What the text and the mode of a file that was read make of it. */
static bool take_file(struct search *search, const struct buf *text,
	const char *path, const struct stat *status, bool is_user,
	struct account_list *out, struct diag *why)
{
	if (!parse_file(search, buf_span(text), path, status, out, why))
		return false;
	if (check_access(path, status, is_user, out, why))
		return true;
	if (!is_user && why->id == DIAG_CONFIG_SECRET_READABLE &&
		may_be_exposed(path, status, search->arena, out)) {
		note_file(search, CONFIG_NOTE_EXPOSED, path, why);
		return true;
	}
	note_file(search, CONFIG_NOTE_ERROR, path, why);
	return search->notes != NULL;
}

/* MISSING is no failure.  On FAILED with EACCES *IS_CLOSED is set. */
static enum file_result read_file(struct search *search, const char *path,
	bool is_user, struct account_list *out, bool *is_closed,
	struct diag *why)
{
	struct buf text = BUF_INIT(CONFIG_FILE_LIMIT);
	struct stat status;
	struct diag failure = { .system_error = 0 };
	enum file_result result = file_read(path, &text, &status, &failure);

	*is_closed = result == FILE_FAILED && failure.system_error == EACCES;
	if (result == FILE_FAILED) {
		fail_unreadable(why, path, failure.system_error);
	} else if (result == FILE_READ &&
		   !take_file(search, &text, path, &status, is_user, out,
			   &failure)) {
		result = FILE_FAILED;
		if (why)
			*why = failure;
	}
	buf_wipe_free(&text);
	return result;
}

/* ---- all files ----------------------------------------------------------- */

static void note_hidden(struct search *search, const struct account *account,
	const struct account *known)
{
	if (search->notes)
		config_notes_add(search->notes,
			&(const struct config_note){ .kind = CONFIG_NOTE_HIDDEN,
				.file = account->file,
				.line = account->line,
				.account = account->name,
				.text = N_("the account of that name in %s "
					   "counts"),
				.what = known->file });
}

/* Accounts of a file that was read before win over those of the same name. */
static void merge(struct search *search, struct account_list *list)
{
	struct config *out = search->out;
	struct names names = { .arena = search->arena };
	struct account **merged = arena_alloc(search->arena,
		(out->account_count + list->count + 1) * sizeof *merged);
	size_t count = 0;

	for (; count < out->account_count; count++) {
		merged[count] = out->accounts[count];
		names_put(&names, merged[count]->name, merged[count]);
	}
	for (size_t i = 0; i < list->count; i++) {
		struct account *account = list->items[i];
		const struct account *known =
			names_get(&names, span_of(account->name));

		if (known) {
			note_hidden(search, account, known);
			account_wipe(account);
		} else {
			merged[count++] = account;
		}
	}
	out->accounts = merged;
	out->account_count = count;
}

static void note_unreadable(struct search *search, const struct diag *why)
{
	struct buf sentence = BUF_INIT(4096);

	diag_sentence(why, false, &sentence);
	search->unreadable[search->out->unreadable_count++] =
		arena_strdup(search->arena, buf_text(&sentence));
	buf_free(&sentence);
}

/* A closed file is no failure of its own, but will be named.  A user's file
 * that is there and closed is one: falling back to another would send the mail
 * from another account. */
static bool may_pass(const char *path, bool is_user)
{
	struct stat status;

	return !is_user || stat(path, &status) < 0;
}

static bool read_one(struct search *search, const char *path, bool is_user,
	bool *is_found, struct diag *why)
{
	struct account_list list = { .items = NULL };
	struct diag failure = { .id = DIAG_NONE };
	bool is_closed;
	enum file_result result =
		read_file(search, path, is_user, &list, &is_closed, &failure);

	*is_found = result == FILE_READ || (is_closed && !is_user);
	merge(search, &list);
	if (result == FILE_READ)
		search->files[search->out->file_count++] = path;
	if (result != FILE_FAILED)
		return true;
	if (is_closed && may_pass(path, is_user)) {
		note_unreadable(search, &failure);
		note_file(search, CONFIG_NOTE_HIDDEN, path, &failure);
		return true;
	}
	if (why)
		*why = failure;
	return false;
}

static void add_hidden(struct search *search, const char *path)
{
	struct config *out = search->out;

	search->hidden[out->hidden_count++] = path;
	if (search->notes)
		config_notes_add(search->notes,
			&(const struct config_note){ .kind = CONFIG_NOTE_HIDDEN,
				.file = path,
				.text = N_("the file is not read, because "
					   "there is %s"),
				.what = out->file_count
						? search->files
							  [out->file_count - 1]
						: "" });
}

/* The first that is found wins; the others are told. */
static bool read_level(struct search *search, const char *const *paths,
	bool is_user, struct diag *why)
{
	bool is_found = false;

	for (; *paths; paths++) {
		buf_printf(&search->looked_for, "%s%s",
			search->looked_for.length ? ", " : "", *paths);
		if (is_found) {
			if (access(*paths, F_OK) == 0)
				add_hidden(search, *paths);
		} else if (!read_one(search, *paths, is_user, &is_found, why)) {
			return false;
		}
	}
	return true;
}

static bool read_given(
	struct search *search, const char *path, struct diag *why)
{
	bool is_found;

	buf_puts(&search->looked_for, path);
	if (!read_one(search, path, true, &is_found, why))
		return false;
	return is_found ||
	       (search->out->unreadable_count
			       ? fail_unreadable(why, path, EACCES)
			       : fail_unreadable(why, path, ENOENT));
}

static const char *join(
	struct arena *arena, const char *folder, const char *name)
{
	return arena_printf(arena, "%s%s", folder, name);
}

/* PATHS takes four and the NULL. */
static void user_paths(const struct config_places *places, struct arena *arena,
	const char **paths)
{
	const char *home = places->home;
	const char *xdg = places->xdg_config_home;

	if (!xdg && home)
		xdg = join(arena, home, "/.config");
	if (home)
		*paths++ = join(arena, home, "/.mailchuterc");
	if (xdg)
		*paths++ = join(arena, xdg, "/mailchute/config");
	if (home)
		*paths++ = join(arena, home, "/.msmtprc");
	if (xdg)
		*paths++ = join(arena, xdg, "/msmtp/config");
	*paths = NULL;
}

static bool read_both_levels(struct search *search,
	const struct config_places *places, struct diag *why)
{
	const char *user[5], *system[3] = { NULL };

	user_paths(places, search->arena, user);
	if (places->sysconfdir) {
		system[0] =
			join(search->arena, places->sysconfdir, "/mailchuterc");
		system[1] = join(search->arena, places->sysconfdir, "/msmtprc");
	}
	return (places->config_file
			       ? read_given(search, places->config_file, why)
			       : read_level(search, user, true, why)) &&
	       read_level(search, system, false, why);
}

static const char *const *keep(
	struct arena *arena, const char *const *items, size_t count)
{
	return arena_memdup(arena, items, (count + 1) * sizeof *items);
}

bool config_read_files(const struct config_places *places, struct arena *arena,
	struct config *out, struct diag *why)
{
	struct search search = { .arena = arena,
		.out = out,
		.looked_for = BUF_INIT(DIAG_TEXT_BYTES),
		.notes = places->notes };
	bool is_fine;

	*out = (struct config){ .environment = account_new("environment",
					DIALECT_MAILCHUTE, arena) };
	is_fine = read_both_levels(&search, places, why);
	out->files = keep(arena, search.files, out->file_count);
	out->hidden = keep(arena, search.hidden, out->hidden_count);
	out->unreadable = keep(arena, search.unreadable, out->unreadable_count);
	out->looked_for = arena_strdup(arena, buf_text(&search.looked_for));
	buf_free(&search.looked_for);
	return is_fine;
}
