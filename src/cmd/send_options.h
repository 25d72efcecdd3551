/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of 'mailchute send', by its own table (send.def). */
#ifndef CMD_SEND_OPTIONS_H
#define CMD_SEND_OPTIONS_H

#include "cmd/words.h"

/* A field for each row, and what is no option.  Invariant: recipients is empty
 * when to, cc or bcc is not. */
struct send_options {
#define VERB_OPTION WORDS_FIELD
#include "cmd/send.def"
	struct words_list recipients; /* the first word */
	struct words_list words;      /* the text */
	bool is_resumed;              /* it was said before: --at may be over */
};

/* Shares OPERANDS, which are borrowed, out to recipients and words. */
void send_options_share(struct send_options *options,
	const char *const *operands, size_t count, struct arena *arena);

#endif
