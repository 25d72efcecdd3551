/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule of owners and modes.  Does not know what the files are for. */
#include <config.h>

#include "base/closed.h"

#include "base/diag.h"
#include "base/process.h"
#include "base/text.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

static bool fail(const char **out, const char *text)
{
	*out = text;
	return false;
}

bool closed_check(
	const struct stat *status, const char **reason, const char **next)
{
	bool is_roots = process_is_roots(status);
	mode_t readers = is_roots ? S_IROTH : S_IRGRP | S_IROTH;

	*next = N_("run 'chown' on it: it must be the caller's own, or root's");
	if (!is_roots && status->st_uid != geteuid() && geteuid() != 0)
		return fail(reason, N_("it belongs to another user"));
	*next = is_roots ? N_("run 'chmod 600' on it; or 'chgrp' to a group of "
			      "those who may know it, and 'chmod 640'")
			 : N_("run 'chmod 600' on it");
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return fail(reason, N_("others than its owner can write it"));
	if (status->st_mode & readers)
		return fail(reason, N_("others than its owner can read it"));
	return true;
}

/* Root needs no mode, and is the only one who can do without. */
static void put_owner(struct buf *out, const struct stat *status)
{
	uid_t uid = status->st_mode & S_IRUSR ? status->st_uid : 0;
	const struct passwd *entry = getpwuid(uid);

	if (entry)
		text_put_printable(out, span_of(entry->pw_name));
	else
		buf_printf(out, "uid %lu", (unsigned long)uid);
}

static void put_group(struct buf *out, gid_t gid)
{
	const struct group *entry = getgrgid(gid);

	if (entry)
		text_put_printable(out, span_of(entry->gr_name));
	else
		buf_printf(out, "%lu", (unsigned long)gid);
}

void closed_put_readers(struct buf *out, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0 || status.st_mode & S_IROTH) {
		buf_puts(out, DIAG_WORDS N_("a folder above it is closed"));
		return;
	}
	buf_puts(out, status.st_mode & S_IRGRP
			      ? DIAG_WORDS N_("only %s and the group %s can "
					      "read it") DIAG_NEXT
			      : DIAG_WORDS N_("only %s can read it") DIAG_NEXT);
	put_owner(out, &status);
	if (status.st_mode & S_IRGRP) {
		buf_puts(out, DIAG_NEXT);
		put_group(out, status.st_gid);
	}
}
