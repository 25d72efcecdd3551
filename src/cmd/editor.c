/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs an editor.  Does not know what the text is for. */
#include <config.h>

#include "cmd/editor.h"

#include "base/command.h"
#include "base/file.h"
#include "base/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

const char *editor_command(void)
{
	const char *visual = process_getenv("VISUAL");
	const char *editor = process_getenv("EDITOR");

	if (visual && visual[0])
		return visual;
	return editor && editor[0] ? editor : NULL;
}

static bool make_file(char path[static PATH_BYTES], struct diag *why)
{
	const char *folder = process_getenv("TMPDIR");
	int fd;

	if (!folder || !folder[0])
		folder = "/tmp";
	snprintf(path, PATH_BYTES, "%s/mailchute.XXXXXX", folder);
	fd = mkstemp(path);
	if (fd < 0)
		return diag_set_errno(why, errno, DIAG_INPUT_NOT_KEPT, folder);
	close(fd);
	return true;
}

static bool has_words(const struct buf *text, size_t from)
{
	return span_trim(span_skip(buf_span(text), from)).length > 0;
}

bool editor_write(const char *command, struct buf *out, struct diag *why)
{
	char path[PATH_BYTES];
	size_t before = out->length;
	bool is_written = false;

	if (!make_file(path, why))
		return false;
	if (!command_run(command, path))
		diag_set(why, DIAG_SEND_EDITOR, command);
	else if (file_read(path, out, NULL, why) == FILE_READ)
		is_written = has_words(out, before) ||
			     diag_set(why, DIAG_SEND_NO_TEXT);
	else
		diag_set(why, DIAG_SEND_NO_TEXT);
	unlink(path);
	return is_written;
}
