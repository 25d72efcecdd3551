/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file a message.  Does not know why it is not sent. */
#include <config.h>

#include "deliver/capture.h"

#include "base/disk.h"
#include "base/file.h"
#include "base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CAPTURE_FIELD_LIMIT = 2048 };

static bool fail(const char *path, struct diag *why)
{
	int error = errno;

	return diag_set_errno(why, error, DIAG_FILE_FAILED, path);
}

static bool put_address(
	int fd, const char *name, const struct envelope_address *address)
{
	struct buf field = BUF_INIT(CAPTURE_FIELD_LIMIT);
	bool is_fine;

	buf_printf(&field, "%s: <%s>\r\n", name, address->utf8);
	is_fine = file_write(fd, buf_span(&field));
	buf_free(&field);
	return is_fine;
}

static bool put_envelope(int fd, const struct envelope *envelope)
{
	if (!put_address(fd, "X-Envelope-From", &envelope->sender))
		return false;
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (!put_address(fd, "X-Envelope-To", &envelope->recipients[i]))
			return false;
	return true;
}

static bool put_message(
	int fd, const char *path, struct source *source, struct diag *why)
{
	struct span piece;
	bool is_fine = source_rewind(source, why);

	while (is_fine && (is_fine = source_next(source, &piece, why)) &&
		piece.length)
		if (!file_write(fd, piece)) {
			is_fine = fail(path, why);
			break;
		}
	return is_fine;
}

/* Closes FD in any case. */
static bool write_file(int fd, const char *path,
	const struct delivery *delivery, struct diag *why)
{
	bool is_fine =
		(put_envelope(fd, delivery->envelope) || fail(path, why)) &&
		put_message(fd, path, delivery->message, why) &&
		(disk_sync_data(fd) || errno == EINVAL || fail(path, why));

	if (close(fd) < 0 && is_fine)
		is_fine = fail(path, why);
	return is_fine;
}

bool capture_write(const char *folder, const char *id,
	const struct delivery *delivery, struct arena *arena, const char **path,
	struct diag *why)
{
	const char *part = arena_printf(arena, "%s/.%s.part", folder, id);
	const char *whole = arena_printf(arena, "%s/%s.eml", folder, id);
	int fd;

	if (mkdir(folder, S_IRWXU) < 0 && errno != EEXIST)
		return fail(folder, why);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		S_IRUSR | S_IWUSR);
	if (fd < 0)
		return fail(part, why);
	if (!write_file(fd, part, delivery, why)) {
		(void)unlink(part);
		return false;
	}
	if (rename(part, whole) < 0) {
		fail(whole, why);
		(void)unlink(part);
		return false;
	}
	*path = whole;
	return true;
}
