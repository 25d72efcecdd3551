/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * newaliases: there is no database to rebuild, but the file can be checked.
 * Packages call it when they change the file, so it never fails.
 */
#include <config.h>

#include "base/file.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "config/account.h"
#include "config/choose.h"
#include "config/load.h"
#include "mail/aliases.h"

#include <stdio.h>
#include <sysexits.h>

enum { NOTE_LIMIT = 2000 };

static void print_notes(const char *path, const struct aliases *aliases)
{
	struct buf line = BUF_INIT(NOTE_LIMIT);

	for (size_t i = 0; i < aliases->note_count; i++) {
		buf_clear(&line);
		aliases_put_note(&line, &aliases->notes[i]);
		fprintf(stderr, "%s: %s\n", path, buf_text(&line));
	}
	if (aliases->fault_count > aliases->note_count)
		fprintf(stderr, "%s: …\n", path);
	buf_free(&line);
}

static void print_diag(const struct diag *why)
{
	struct buf sentence = BUF_INIT(2 * DIAG_TEXT_BYTES);

	diag_sentence(why, true, &sentence);
	fprintf(stderr, "mailchute: %s\n", buf_text(&sentence));
	buf_free(&sentence);
}

static void check_file(const char *path, struct arena *arena)
{
	struct buf text = BUF_INIT(ALIASES_TEXT_LIMIT);
	struct diag why;

	switch (file_read(path, &text, NULL, &why)) {
	case FILE_READ:
		print_notes(path, aliases_parse(buf_span(&text), arena));
		break;
	case FILE_MISSING:
		diag_set(&why, DIAG_CONFIG_UNREADABLE, path);
		print_diag(&why);
		break;
	case FILE_FAILED:
		print_diag(&why);
		break;
	}
	buf_free(&text);
}

int cmd_newaliases(const struct cmd_context *context)
{
	struct arena *arena = arena_new();
	struct config config = { .account_count = 0 };
	const struct account *account;
	struct diag why;

	if (!config_load(context->request, arena, &config, &why) ||
		!account_choose(
			&config, context->request, NULL, arena, &account, &why))
		print_diag(&why);
	else if (account->aliases)
		check_file(account->aliases, arena);
	config_wipe(&config);
	arena_free(arena);
	return EX_OK;
}
