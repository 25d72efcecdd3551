/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words behind a verb, read by the verb's own table.  Parsing, --help,
 * "mailchute help VERB", completion (contrib/tables.awk) and the manual's check
 * (tests/lint/man.sh) all derive from its rows; a verb parses nothing itself.
 *
 * A new verb "greet" is a row in cmd.def,
 *
 *	VERB(greet, N_("say hello"))
 *
 * a table greet.def (a verb without words and options of its own has none), and
 * a file greet.c; both stand in local.mk:
 *
 *	VERB_WORD(GREET_WORLD, "world", NONE, N_("everybody"))
 *	VERB_OPTION(to, LIST, 't', "to", N_("NAME"), N_("whom"))
 *	VERB_OPTION(is_loud, FLAG, 0, "loud", "", N_("so that all hear it"))
 *	VERB_NUMBER(times, 'n', "times", 1, 1, 9, N_("how often"))
 *
 *	#define VERB_TABLE "cmd/greet.def"
 *	#define VERB_HAS_WORDS
 *	#include "cmd/words_verb.h"
 *
 *	const struct words_table cmd_greet_words = {
 *		.usage = N_("[OPTION]... NAME..."),
 *		.about = N_("Says hello.\n"),
 *		.words = words,
 *		.word_count = sizeof words / sizeof *words,
 *		.options = options,
 *		.option_count = sizeof options / sizeof *options,
 *		.said_bytes = sizeof(struct said),
 *	};
 *
 *	int cmd_greet(const struct cmd_context *context)
 *	{
 *		const struct said *said = context->said;
 *		const struct request *request = context->request;
 *
 *		for (size_t i = 0; i < request->operand_count; i++)
 *			...
 *
 * greet.def includes words_begin.def before its rows and words_end.def behind
 * them, which take care of the macros that the including file does not want.
 */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "config/argv.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the value of an option goes: the type of its field. */
enum words_kind {
	WORDS_FLAG,  /* bool; takes no value */
	WORDS_VALUE, /* const char *, NULL when not given; the last counts */
	WORDS_LIST,  /* struct words_list; all count */
	WORDS_NUMBER /* unsigned long, between two bounds; the last counts */
};

enum words_operands { WORDS_NONE, WORDS_SOME, WORDS_NEEDED };

struct words_list {
	const char **items;
	size_t count;
};

#define WORDS_TYPE_FLAG  bool
#define WORDS_TYPE_VALUE const char *
#define WORDS_TYPE_LIST  struct words_list

struct words_option {
	const char *name; /* without its dashes */
	char letter;      /* 0: none */
	enum words_kind kind;
	size_t offset;     /* of its field */
	const char *value; /* what stands for it in --help; "" for a flag */
	const char *text;
	unsigned long usual, least, most; /* of a number */
};

/* What the first word behind the verb may be. */
struct words_word {
	const char *name;
	enum words_operands operands; /* what may follow it */
	const char *text;
};

/* Texts are untranslated. */
struct words_table {
	const char *usage; /* what follows "mailchute VERB" */
	const char *about; /* sentences, with their newlines */
	const char *page;  /* of the manual; NULL: mailchute */
	const struct words_word *words;
	size_t word_count;   /* 0: every operand is one */
	const char *operand; /* what stands for one behind a word: N_("ID") */
	bool needs_word;     /* else the first counts when there is none */
	const struct words_option *options;
	size_t option_count;
	size_t said_bytes; /* of the struct that the options are fields of */
	enum words_operands operands; /* of a verb without words */
	bool reads_stdin; /* so that its writer learns by our exit code, and not
			     by SIGPIPE, that a word was wrong */
};

/* What VERB_OPTION and VERB_NUMBER become: fields, rows. */
#define WORDS_FIELD(field, kind, ...)  WORDS_TYPE_##kind field;
#define WORDS_NUMBER_FIELD(field, ...) unsigned long field;
#define WORDS_OPTION(field, kind, letter, name, value, text)                   \
	{ name, letter, WORDS_##kind, offsetof(SAID, field), value, text, 0,   \
		0, 0 },
#define WORDS_NUMBER_OPTION(field, letter, name, usual, least, most, text)     \
	{ name, letter, WORDS_NUMBER, offsetof(SAID, field), N_("N"), text,    \
		usual, least, most },
#define WORDS_WORD(id, name, operands, text)                                   \
	[id] = { name, WORDS_##operands, text },

/* Takes the words of REQUEST (its operands) apart by the table of its verb.
 * SAID, of said_bytes, is filled; *WORD is the index of the first word; common
 * options go into REQUEST, whose operands are what is left.  Options may stand
 * anywhere before "--".  With -h, --help or --version REQUEST's mode is that,
 * and whatever comes behind is not looked at.  Borrows the words.  Fails with
 * DIAG_USAGE_..., which names the nearest option and the verb's own help. */
bool words_parse(const struct words_table *table, struct request *request,
	struct arena *arena, void *said, size_t *word, struct diag *why);

/* Appends what --help of VERB prints. */
void words_put_help(
	const char *verb, const struct words_table *table, struct buf *out);
/* Appends a row of a list: what there is, and its text, translated. */
void words_put_row(struct buf *out, const char *left, const char *text);

/* Appends ITEM to LIST, which grows in ARENA. */
void words_list_add(
	struct words_list *list, const char *item, struct arena *arena);

#endif
