/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the doors do with stdin and stdout alike.  Knows no door. */
#include <config.h>

#include "base/source.h"
#include "base/terminal.h"
#include "cmd/cmd.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

void cmd_drain_stdin(void)
{
	struct source *source;
	struct span piece;

	if (terminal_is(STDIN_FILENO))
		return;
	source = source_from_fd(STDIN_FILENO);
	while (source_next(source, &piece, NULL) && piece.length)
		;
	source_close(source);
}

int cmd_print(struct buf *text)
{
	(void)fwrite(text->data, 1, text->length, stdout);
	buf_free(text);
	return EX_OK;
}
