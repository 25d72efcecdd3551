/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of 'mailchute send'.  Does not know what they are good for. */
#include <config.h>

#include "cmd/send_options.h"

#include "base/text.h"
#include "cmd/cmd.h"

#include <string.h>

static const struct words_option options[] = {
#define SAID        struct send_options
#define VERB_OPTION WORDS_OPTION
#include "cmd/send.def"
};

const struct words_table cmd_send_words = {
	.usage = N_("[OPTION]... [RECIPIENT[,RECIPIENT]...] [TEXT]..."),
	.about = N_("Sends a message made from its arguments.\n\n"
		    "The first word is the recipients, with commas, unless "
		    "--to, --cc or --bcc names\n"
		    "them; the others are the text, which comes from "
		    "standard input (or an editor,\n"
		    "on a terminal) when there is none.\n"),
	.page = "mailchute-send",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct send_options),
	.operands = WORDS_SOME,
	.reads_stdin = true,
};

void send_options_share(struct send_options *said, const char *const *operands,
	size_t count, struct arena *arena)
{
	bool is_named = said->to.count || said->cc.count || said->bcc.count ||
			said->merge;
	size_t i = 0;

	if (!is_named && count)
		words_list_add(&said->recipients, operands[i++], arena);
	while (i < count)
		words_list_add(&said->words, operands[i++], arena);
}
