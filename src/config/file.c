/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding configuration files, and who may read and write them.  Knows neither
 * their syntax nor which account will be chosen. */
#include <config.h>

#include "config/file.h"

#include "base/closed.h"
#include "base/file.h"
#include "base/names.h"
#include "base/process.h"
#include "base/text.h"
#include "config/syntax.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
	return diag_set_errno(why, error, DIAG_CONFIG_UNREADABLE, path);
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
