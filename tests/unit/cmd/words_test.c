/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words behind any verb: options of each kind, first words, operands, and
 * what is told when one is wrong. */
#include <config.h>

#include "cmd/words.h"
#include "tap.h"

enum { WORDS_MAX = 12 };

struct said {
	bool is_loud, is_long;
	const char *name;
	struct words_list to;
	unsigned long times;
};

static const struct words_option options[] = {
#define SAID struct said
	WORDS_OPTION(is_loud, FLAG, 'l', "loud", "", "loudly") WORDS_OPTION(
		is_long, FLAG, 0, "long", "", "at length") WORDS_OPTION(name,
		VALUE, 'n', "name", "NAME",
		"who") WORDS_OPTION(to, LIST, 't', "to", "NAME", "whom")
		WORDS_NUMBER_OPTION(times, 0, "times", 1, 1, 9, "how often")
};

static const struct words_word words[] = { WORDS_WORD(0, "list", NONE, "all")
		WORDS_WORD(1, "show", NEEDED, "these")
			WORDS_WORD(2, "run", SOME, "all, or these") };

static const struct words_table plain = {
	.usage = "[OPTION]... NAME...",
	.about = "Says hello.\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

static struct words_table with_words;

static const struct row {
	const char *name;
	const char *words[WORDS_MAX];
	const char *want; /* what was said, or the sentence */
} plain_rows[] = {
	{ "nothing", { NULL }, "times=1" },
	{ "a flag", { "--loud" }, "loud times=1" },
	{ "a flag's letter", { "-l" }, "loud times=1" },
	{ "letters together", { "-lnx" }, "loud name=x times=1" },
	{ "and the value apart", { "-ln", "x" }, "loud name=x times=1" },
	{ "the last of two counts", { "-na", "--name=b" }, "name=b times=1" },
	{ "all of a list", { "-ta", "--to", "b", "--to=c" },
		"to=a to=b to=c times=1" },
	{ "a number", { "--times=9" }, "times=9" },
	{ "over its bound", { "--times", "10" },
		"option --times does not take '10': 1-9" },
	{ "under it", { "--times=0" },
		"option --times does not take '0': 1-9" },
	{ "no number", { "--times=x" },
		"option --times does not take 'x': 1-9" },
	{ "an empty number", { "--times=" },
		"option --times does not take '': 1-9" },
	{ "an empty value", { "--name=" }, "name= times=1" },
	{ "a dash is an operand", { "-", "-n", "-" }, "name=- times=1 [-]" },
	{ "operands and options in any order", { "a", "-l", "b" },
		"loud times=1 [a] [b]" },
	{ "behind --", { "--", "-l", "--", "a" }, "times=1 [-l] [--] [a]" },
	{ "a setting", { "--host", "h", "--port=25" }, "times=1 settings=2" },
	{ "the account", { "-a", "work" }, "times=1 account=work" },
	{ "behind a letter of its own", { "-la", "work" },
		"loud times=1 account=work" },
	{ "help", { "--loud", "--help", "--wrong" }, "help" },
	{ "its letter", { "-h", "--wrong" }, "help" },
	{ "behind another", { "-lh" }, "help" },
	{ "version", { "--version", "x" }, "version" },
	{ "an unknown letter", { "-Z" },
		"unknown option -Z of 'mailchute greet'" },
	{ "a letter of sendmail's", { "-t" }, "option -t needs a value" },
	{ "another", { "-f", "x" }, "unknown option -f of 'mailchute greet'" },
	{ "an unknown word", { "--zzzzzz=1" },
		"unknown option --zzzzzz of 'mailchute greet'" },
	{ "near to one of two", { "--lng" },
		"unknown option --lng of 'mailchute greet' "
		"(did you mean --long?)" },
	{ "near to one that all have", { "--acount=x" },
		"unknown option --acount of 'mailchute greet' "
		"(did you mean --account?)" },
	{ "near to a setting", { "--tls-startls=on" },
		"unknown option --tls-startls of 'mailchute greet' "
		"(did you mean --tls-starttls?)" },
	{ "another program's", { "--smtp-server=x" },
		"unknown option --smtp-server of 'mailchute greet' "
		"(did you mean --host?)" },
	{ "another's, which is here an option", { "--insecure" },
		"unknown option --insecure of 'mailchute greet' "
		"(did you mean --tls-fingerprint?)" },
	{ "another's letter", { "-k" },
		"unknown option -k of 'mailchute greet' "
		"(did you mean --tls-fingerprint?)" },
	{ "not said again", { "--S3cret-word" },
		"a word that begins with '-' is no option "
		"(it is not shown, it may hold a password)" },
	{ "no value", { "--name" }, "option --name needs a value" },
	{ "an unwanted one", { "--loud=1" }, "option --loud takes no value" },
	{ "a setting's value is wrong", { "--port=x" },
		"option --port does not take 'x': a number from 1 to 65535" },
};

static const struct row word_rows[] = {
	{ "the first without a word", { NULL }, "0 times=1" },
	{ "and with an option", { "-l" }, "0 loud times=1" },
	{ "a word", { "run" }, "2 times=1" },
	{ "with an operand", { "run", "x" }, "2 times=1 [x]" },
	{ "which may be called as a word", { "show", "list" },
		"1 times=1 [list]" },
	{ "behind an option", { "-nx", "show", "y" }, "1 name=x times=1 [y]" },
	{ "an unknown one", { "walk" },
		"'mailchute greet' does not know 'walk'" },
	{ "nearly one", { "lst" },
		"'mailchute greet' does not know 'lst' (did you mean "
		"'list'?)" },
	{ "one too many", { "list", "x" }, "'greet list' takes no 'x'" },
	{ "one too few", { "show" },
		"'mailchute greet show' needs to be told what, or which" },
};

static void put_said(struct buf *out, const struct said *said)
{
	buf_puts(out, said->is_loud ? "loud " : "");
	buf_puts(out, said->is_long ? "long " : "");
	if (said->name)
		buf_printf(out, "name=%s ", said->name);
	for (size_t i = 0; i < said->to.count; i++)
		buf_printf(out, "to=%s ", said->to.items[i]);
	buf_printf(out, "times=%lu", said->times);
}

static void put_request(struct buf *out, const struct request *request)
{
	if (request->account)
		buf_printf(out, " account=%s", request->account);
	if (request->setting_count)
		buf_printf(out, " settings=%d", (int)request->setting_count);
	for (size_t i = 0; i < request->operand_count; i++)
		buf_printf(out, " [%s]", request->operands[i]);
}

static void test_row(const struct words_table *table, const struct row *row)
{
	struct arena *arena = arena_new();
	struct request request = {
		.mode = REQUEST_VERB, .verb = "greet", .operands = row->words
	};
	struct buf got = BUF_INIT(1000);
	struct said said;
	struct diag why;
	size_t word;

	while (row->words[request.operand_count])
		request.operand_count++;
	if (!words_parse(table, &request, arena, &said, &word, &why)) {
		diag_sentence(&why, false, &got);
	} else if (request.mode != REQUEST_VERB) {
		buf_puts(&got,
			request.mode == REQUEST_HELP ? "help" : "version");
	} else {
		if (table->word_count)
			buf_printf(&got, "%d ", (int)word);
		put_said(&got, &said);
		put_request(&got, &request);
	}
	tap_is_text(buf_text(&got), row->want, row->name);
	buf_free(&got);
	arena_free(arena);
}

static void test_hint(void)
{
	struct arena *arena = arena_new();
	const char *const wrong[] = { "--zzz" };
	struct request request = { .mode = REQUEST_VERB,
		.verb = "greet",
		.operands = wrong,
		.operand_count = 1 };
	struct buf hint = BUF_INIT(1000);
	struct said said;
	struct diag why;
	size_t word;

	words_parse(&plain, &request, arena, &said, &word, &why);
	diag_hint(&why, &hint);
	tap_is_text(buf_text(&hint),
		"'mailchute help greet' lists what it takes",
		"the hint names the verb's help");
	buf_free(&hint);
	arena_free(arena);
}

static void test_needs_word(void)
{
	static const struct row row = { "a word must be there", { NULL },
		"'mailchute greet' needs to be told what, or which" };
	struct words_table table = with_words;

	table.needs_word = true;
	test_row(&table, &row);
}

static void test_help(void)
{
	struct buf help = BUF_INIT(100000);

	words_put_help("greet", &with_words, &help);
	tap_is_text(buf_text(&help),
		"Usage: mailchute [-C FILE] [-a ACCOUNT] greet [OPTION]... "
		"NAME...\n"
		"Says hello.\n"
		"\n"
		"  list                           all\n"
		"  show ID...                     these\n"
		"  run [ID]...                    all, or these\n"
		"\n"
		"  -l, --loud                     loudly\n"
		"      --long                     at length\n"
		"  -n, --name NAME                who\n"
		"  -t, --to NAME                  whom\n"
		"      --times N                  how often\n"
		"  -h, --help                     print this\n"
		"\n"
		"The options of every verb and the settings are taken too, "
		"so --account NAME\n"
		"or --host NAME: see 'mailchute help'.\n"
		"The manual: man mailchute\n",
		"help has every row");
	buf_free(&help);
}

int main(void)
{
	with_words = plain;
	with_words.words = words;
	with_words.word_count = sizeof words / sizeof *words;
	with_words.operand = "ID";
	for (size_t i = 0; i < sizeof plain_rows / sizeof *plain_rows; i++)
		test_row(&plain, &plain_rows[i]);
	for (size_t i = 0; i < sizeof word_rows / sizeof *word_rows; i++)
		test_row(&with_words, &word_rows[i]);
	test_hint();
	test_needs_word();
	test_help();
	return tap_done();
}
