/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a verb's table makes of itself (words.h).  Included once, by the verb's
 * own file, and therefore without a guard:
 *
 *	#define VERB_TABLE "cmd/greet.def"
 *	#define VERB_HAS_WORDS
 *	#include "cmd/words_verb.h"
 *
 * gives struct said, a field for each option, and options[]; with
 * VERB_HAS_WORDS also enum word, which context->word is one of, and words[].
 */
#include "cmd/words.h"

#ifdef VERB_HAS_WORDS
enum word {
#define VERB_WORD(id, ...) id,
#include VERB_TABLE
};

static const struct words_word words[] = {
#define VERB_WORD WORDS_WORD
#include VERB_TABLE
};
#endif

struct said {
#define VERB_OPTION WORDS_FIELD
#define VERB_NUMBER WORDS_NUMBER_FIELD
#include VERB_TABLE
};

static const struct words_option options[] = {
#define SAID        struct said
#define VERB_OPTION WORDS_OPTION
#define VERB_NUMBER WORDS_NUMBER_OPTION
#include VERB_TABLE
};
