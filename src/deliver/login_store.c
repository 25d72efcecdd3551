/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where logins are kept.  Asks no issuer. */
#include <config.h>

#include "deliver/login_store.h"

#include "base/clock.h"
#include "base/command.h"
#include "base/disk.h"
#include "base/file.h"
#include "base/place.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOGIN_FILE_LIMIT = 64 * 1024, /* two tokens, and what is small */
	LOGIN_NAME_LIMIT = 200,
	LOGIN_COMMAND_TIMEOUT_S = 30,
	LOGIN_LOCK_LOOK_MS = 50
};

/* What of an issuer's answers is kept. */
static const char *const kept[] = { "issuer", "client_id", "client_secret",
	"token_endpoint", "revocation_endpoint", "scope", "refresh_token",
	"access_token" };

/* ---- where --------------------------------------------------------------- */

static bool fail(const struct login_store *store, const char *what,
	int system_error, struct diag *why)
{
	return diag_set_errno(
		why, system_error, DIAG_OAUTH_STORE, store->account, what);
}

/* The profile of 'mailchute serve', whose user has no home. */
static bool is_system(const struct account *account)
{
	struct span settings = span_of(place_system.settings);
	struct span file = span_of(account->file ? account->file : "");

	return span_starts_with(file, settings) &&
	       span_starts_with(
		       span_skip(file, settings.length), SPAN("/mailchute/"));
}

static const char *find_folder(
	const struct account *account, struct arena *arena)
{
	const char *state = process_getenv("XDG_STATE_HOME");
	const char *home;

	if (is_system(account))
		return place_system.tokens;
	if (state && state[0] == '/')
		return arena_printf(arena, "%s/mailchute/tokens", state);
	home = process_home(arena);
	return home ? arena_printf(
			      arena, "%s/.local/state/mailchute/tokens", home)
		    : NULL;
}

/* One file for each mailbox: a name that any file system takes. */
static void put_name(struct buf *out, const char *text)
{
	for (; *text; text++) {
		char c = ascii_lower(*text);

		if (ascii_is_alpha(c) || ascii_is_digit(c) || c == '@' ||
			c == '-' || c == '_' || c == '+' ||
			(c == '.' && out->length))
			buf_put_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

bool login_store_open(const struct account *account, struct arena *arena,
	struct login_store *out, struct diag *why)
{
	struct buf name = BUF_INIT(LOGIN_NAME_LIMIT);

	*out = (struct login_store){ .account = account->name,
		.folder = find_folder(account, arena),
		.lock_fd = -1,
		.draft_fd = -1 };
	put_name(&name, account->user ? account->user : account->name);
	buf_put_byte(&name, '@');
	put_name(&name, account->host ? account->host : "");
	if (out->folder && !name.overflowed) {
		out->file = arena_printf(
			arena, "%s/%s", out->folder, buf_text(&name));
		out->draft = arena_printf(arena, "%s.new", out->file);
		out->lock = arena_printf(arena, "%s.lock", out->file);
	}
	buf_free(&name);
	if (!out->file)
		return fail(out,
			DIAG_WORDS N_("there is no home folder for it"), 0,
			why);
	if (!account_store_commands(account, arena, &out->reader, &out->writer))
		out->reader = out->writer = NULL;
	return true;
}

/* ---- reading ------------------------------------------------------------- */

static bool is_kept(struct span name)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (span_equal(name, span_of(kept[i])))
			return true;
	return false;
}

static bool take_time(struct span text, time_t *out)
{
	unsigned long value;

	if (!span_number(text, INT32_MAX * 2UL, &value))
		return false;
	*out = (time_t)value;
	return true;
}

static bool take_line(struct span line, struct login *out)
{
	struct span value = line;
	struct span name = span_cut(&value, ' ');

	if (span_equal(name, SPAN("fetched")))
		return take_time(value, &out->fetched);
	if (span_equal(name, SPAN("expires")))
		return take_time(value, &out->expires);
	if (span_equal(name, SPAN("ended")))
		return take_time(value, &out->ended);
	return is_kept(name) && answer_take(&out->is, name, value);
}

/* The last line is "end": a file that was cut is known. */
static bool take_lines(struct span text, struct login *out)
{
	while (text.length) {
		struct span line = span_cut(&text, '\n');

		if (span_equal(line, SPAN("end")))
			return !text.length;
		if (line.length && line.at[0] != '#' && !take_line(line, out))
			return false;
	}
	return false;
}

static bool check_file(const struct login_store *store,
	const struct stat *status, struct diag *why)
{
	if (status->st_uid == geteuid() &&
		!(status->st_mode & (S_IRWXG | S_IRWXO)))
		return true;
	diag_set(why, DIAG_OAUTH_STORE, store->account,
		DIAG_WORDS N_("its file is open to others, or somebody "
			      "else's"));
	return diag_add_where(why, store->file);
}

/* The last line end of a command's output is not the token's. */
static bool read_command(
	const struct login_store *store, struct login *out, struct diag *why)
{
	struct buf printed = BUF_INIT(LOGIN_FILE_LIMIT);
	struct command_result result = { 0 };
	struct span token;
	bool is_fine = command_capture(store->reader, false,
		clock_deadline(LOGIN_COMMAND_TIMEOUT_S), &printed, &result,
		why);

	if (is_fine) {
		token = span_trim(buf_span(&printed));
		is_fine = !result.exit_status && !result.timed_out &&
			  !result.overflowed && token.length &&
			  answer_take(&out->is, SPAN("refresh_token"), token);
		if (!is_fine)
			fail(store,
				DIAG_WORDS N_("the command of 'oauth_store' "
					      "does not print it"),
				0, why);
	}
	buf_wipe_free(&printed);
	return is_fine;
}

enum login_found login_store_read(const struct login_store *store,
	bool with_refresh, struct login *out, struct diag *why)
{
	struct buf text = BUF_INIT(LOGIN_FILE_LIMIT);
	struct stat status;
	enum file_result result = file_read(store->file, &text, &status, why);
	enum login_found found = LOGIN_FAILED;

	*out = (struct login){ .fetched = 0 };
	if (result == FILE_MISSING) {
		found = LOGIN_MISSING;
	} else if (result == FILE_READ && check_file(store, &status, why)) {
		if (take_lines(buf_span(&text), out)) {
			found = LOGIN_READ;
		} else {
			diag_set(why, DIAG_OAUTH_DAMAGED, store->account);
			diag_add_where(why, store->file);
		}
	}
	buf_wipe_free(&text);
	if (found == LOGIN_READ && with_refresh && store->reader &&
		!read_command(store, out, why))
		found = LOGIN_FAILED;
	if (found != LOGIN_READ)
		login_wipe(out);
	return found;
}

/* ---- the lock ------------------------------------------------------------ */

static bool make_folder(const struct login_store *store, struct diag *why)
{
	if (file_make_folder(store->folder))
		return true;
	fail(store, DIAG_WORDS N_("its folder cannot be made"), errno, why);
	return diag_add_where(why, store->folder);
}

static bool open_lock(struct login_store *store, struct diag *why)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;

	store->lock_fd = open(store->lock, flags, 0600);
	if (store->lock_fd < 0 && errno == ENOENT) {
		if (!make_folder(store, why))
			return false;
		store->lock_fd = open(store->lock, flags, 0600);
	}
	if (store->lock_fd >= 0)
		return true;
	fail(store, DIAG_WORDS N_("its folder cannot be written to"), errno,
		why);
	return diag_add_where(why, store->folder);
}

bool login_store_lock(
	struct login_store *store, int64_t deadline_ms, struct diag *why)
{
	if (!open_lock(store, why))
		return false;
	while (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(store,
				DIAG_WORDS N_("its file cannot be locked"),
				errno, why);
		if (clock_left_ms(deadline_ms) == 0)
			return diag_set(why, DIAG_OAUTH_BUSY, store->account);
		(void)clock_wait(NULL, 0, LOGIN_LOCK_LOOK_MS);
	}
	return true;
}

void login_store_close(struct login_store *store)
{
	if (store->draft_fd >= 0) {
		close(store->draft_fd);
		(void)unlink(store->draft);
	}
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	store->lock_fd = store->draft_fd = -1;
}

/* ---- writing ------------------------------------------------------------- */

static bool write_whole(int fd, struct span bytes)
{
	off_t at = 0;

	while (bytes.length) {
		ssize_t done = pwrite(fd, bytes.at, bytes.length, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		bytes = span_skip(bytes, (size_t)done);
	}
	return true;
}

static bool fail_to_write(
	const struct login_store *store, int system_error, struct diag *why)
{
	fail(store, DIAG_WORDS N_("its file cannot be written"), system_error,
		why);
	return diag_add_where(why, store->file);
}

bool login_store_reserve(struct login_store *store, struct diag *why)
{
	static const char nothing[LOGIN_FILE_LIMIT];

	(void)unlink(store->draft); /* of somebody who died */
	store->draft_fd = open(store->draft,
		O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->draft_fd >= 0 &&
		write_whole(
			store->draft_fd, span_make(nothing, sizeof nothing)) &&
		disk_sync(store->draft_fd))
		return true;
	return fail_to_write(store, errno, why);
}

static void put_time(struct buf *out, const char *name, time_t when)
{
	if (when > 0)
		buf_printf(out, "%s %lld\n", name, (long long)when);
}

static void put_login(const struct login_store *store,
	const struct login *login, struct buf *out)
{
	buf_puts(out, "# Made by 'mailchute login'.\n");
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		const char *value = answer_named(&login->is, kept[i]);

		if (value &&
			!(store->writer && !strcmp(kept[i], "refresh_token")))
			buf_printf(out, "%s %s\n", kept[i], value);
	}
	put_time(out, "fetched", login->fetched);
	put_time(out, "expires", login->expires);
	put_time(out, "ended", login->ended);
	buf_puts(out, "end\n");
}

/* A rename is there after a power cut when its folder has been synced. */
static bool sync_folder(const struct login_store *store)
{
	int fd = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && disk_sync(fd);

	if (fd >= 0)
		close(fd);
	return is_synced;
}

static bool put_draft_in_place(struct login_store *store, struct span text)
{
	bool is_written = write_whole(store->draft_fd, text) &&
			  ftruncate(store->draft_fd, (off_t)text.length) == 0 &&
			  disk_sync(store->draft_fd) &&
			  rename(store->draft, store->file) == 0;

	if (!is_written)
		return false;
	close(store->draft_fd);
	store->draft_fd = -1;
	return sync_folder(store);
}

static bool write_command(const struct login_store *store,
	const struct login *login, struct diag *why)
{
	struct command_result result = { 0 };

	if (!command_feed(store->writer,
		    secret_span(&login->is.values[ANSWER_refresh_token]),
		    clock_deadline(LOGIN_COMMAND_TIMEOUT_S), &result, why))
		return false;
	return (!result.exit_status && !result.timed_out) ||
	       fail(store,
		       DIAG_WORDS N_("the command of 'oauth_store' that takes "
				     "it failed"),
		       0, why);
}

bool login_store_write(struct login_store *store, bool with_refresh,
	const struct login *login, struct diag *why)
{
	struct buf text = BUF_INIT(LOGIN_FILE_LIMIT);
	bool is_fine = true;
	int system_error;

	if (with_refresh && store->writer)
		is_fine = write_command(store, login, why);
	put_login(store, login, &text);
	errno = EFBIG;
	if (is_fine && (text.overflowed ||
			       !put_draft_in_place(store, buf_span(&text)))) {
		system_error = errno;
		is_fine = fail_to_write(store, system_error, why);
	}
	buf_wipe_free(&text);
	return is_fine;
}

bool login_store_remove(const struct login_store *store, struct diag *why)
{
	return unlink(store->file) == 0 || errno == ENOENT ||
	       fail_to_write(store, errno, why);
}

void login_wipe(struct login *login)
{
	answer_wipe(&login->is);
	*login = (struct login){ .fetched = 0 };
}
