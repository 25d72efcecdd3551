/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of 'mailchute send'. */
#include <config.h>

#include "cmd/cmd.h"
#include "cmd/send_options.h"
#include "tap.h"

enum { WORDS_MAX = 12 };

static const struct {
	const char *name;
	const char *words[WORDS_MAX];
	const char *want; /* the fields that are set, or the diag's name */
} rows[] = {
	{ "nothing", { NULL }, "" },
	{ "a recipient and text", { "a@b", "hello", "you" },
		" recipient=a@b word=hello word=you" },
	{ "the second word is text", { "a@b", "c@d", "hello" },
		" recipient=a@b word=c@d word=hello" },
	{ "an address after text is text", { "a@b", "write", "c@d" },
		" recipient=a@b word=write word=c@d" },
	{ "with --to every word is text", { "--to", "a@b", "c@d" },
		" to=a@b word=c@d" },
	{ "with --cc too", { "c@d", "--cc=a@b" }, " cc=a@b word=c@d" },
	{ "with --bcc too", { "-b", "a@b", "c@d" }, " bcc=a@b word=c@d" },
	{ "the first word is a recipient", { "hello" }, " recipient=hello" },
	{ "a list, one word each", { "--to", "a", "--to=b", "-cc" },
		" to=a to=b cc=c" },
	{ "the last of two counts", { "-s", "a", "--subject=b" },
		" subject=b" },
	{ "attached and apart", { "-sx", "-a", "f", "-ag", "--attach", "h" },
		" subject=x attach=f attach=g attach=h" },
	{ "-a - is standard input", { "-a", "-" }, " attach=-" },
	{ "an empty value", { "--subject=", "--to", "" }, " to= subject=" },
	{ "an equals sign in a value", { "--subject=a=b" }, " subject=a=b" },
	{ "options behind text", { "a@b", "x", "-s", "y", "z" },
		" subject=y recipient=a@b word=x word=z" },
	{ "after --", { "--", "a@b", "-s", "--json" },
		" recipient=a@b word=-s word=--json" },
	{ "a dash is text", { "a@b", "-" }, " recipient=a@b word=-" },
	{ "flags", { "--dry-run", "--json" }, " dry_run json" },
	{ "the account", { "--account=work", "x" },
		" recipient=x account=work" },
	{ "a setting", { "--host", "h.example", "x" },
		" recipient=x settings=1" },
	{ "two settings", { "--host=h", "x", "--port=25" },
		" recipient=x settings=2" },
	{ "an unknown letter", { "-Z" }, "usage.unknown-option" },
	{ "a letter of sendmail's", { "-t" }, "did you mean --to" },
	{ "an unknown word", { "--zzzzzz" }, "usage.unknown-option" },
	{ "nearly ours", { "--atach=x" }, "did you mean --attach" },
	{ "nearly another's", { "--hosst=x" }, "did you mean --host" },
	{ "a missing value", { "--subject" }, "usage.no-value" },
	{ "a missing value of a letter", { "-s" }, "usage.no-value" },
	{ "an unwanted value", { "--json=x" }, "usage.unwanted-value" },
	{ "a bad setting", { "--port=x" }, "usage.bad-value" },
};

static void put_list(
	struct buf *out, const char *name, const struct words_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		buf_printf(out, " %s=%s", name, list->items[i]);
}

static void describe(const struct send_options *options,
	const struct request *request, struct buf *out)
{
	put_list(out, "to", &options->to);
	put_list(out, "cc", &options->cc);
	put_list(out, "bcc", &options->bcc);
	if (options->subject)
		buf_printf(out, " subject=%s", options->subject);
	put_list(out, "attach", &options->attach);
	buf_puts(out, options->dry_run ? " dry_run" : "");
	buf_puts(out, options->json ? " json" : "");
	put_list(out, "recipient", &options->recipients);
	put_list(out, "word", &options->words);
	if (request->account)
		buf_printf(out, " account=%s", request->account);
	if (request->setting_count)
		buf_printf(out, " settings=%d", (int)request->setting_count);
}

static void describe_failure(const struct diag *why, struct buf *out)
{
	struct buf sentence = BUF_INIT(1000);
	const char *guess;

	diag_sentence(why, false, &sentence);
	guess = strstr(buf_text(&sentence), "did you mean ");
	if (guess)
		buf_put(out, guess, strcspn(guess, "?"));
	else
		buf_puts(out, diag_name(why->id));
	buf_free(&sentence);
}

static void test_row(size_t row)
{
	struct arena *arena = arena_new();
	struct request request = { .mode = REQUEST_VERB,
		.verb = "send",
		.operands = rows[row].words };
	struct buf got = BUF_INIT(1000);
	struct send_options options;
	struct diag why;
	size_t word;

	while (rows[row].words[request.operand_count])
		request.operand_count++;
	if (words_parse(
		    &cmd_send_words, &request, arena, &options, &word, &why)) {
		send_options_share(&options, request.operands,
			request.operand_count, arena);
		describe(&options, &request, &got);
	} else {
		describe_failure(&why, &got);
	}
	tap_is_text(buf_text(&got), rows[row].want, rows[row].name);
	buf_free(&got);
	arena_free(arena);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	return tap_done();
}
