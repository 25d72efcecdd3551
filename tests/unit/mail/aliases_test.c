/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The alias file. */
#include <config.h>

#include "mail/aliases.h"
#include "tap.h"

#include <stdio.h>

struct row {
	const char *name, *text, *key, *want;
	size_t length; /* of a text with NUL bytes */
};

static const struct row rows[] = {
	{ "a name", "root: ann@x\n", "root", "ann@x" },
	{ "no newline at the end", "root: ann@x", "root", "ann@x" },
	{ "no space", "root:ann@x\n", "root", "ann@x" },
	{ "spaces everywhere", "root  :  ann@x , bob@x  \n", "root",
		"ann@x, bob@x" },
	{ "tabs", "root:\tann@x\n", "root", "ann@x" },
	{ "CRLF", "root: ann@x,\r\n bob@x\r\nbob: cee@x\r\n", "root",
		"ann@x, bob@x" },
	{ "several lines", "a: x@x\nroot: ann@x\nb: y@x\n", "root", "ann@x" },
	{ "an unknown name", "root: ann@x\n", "bob", NULL },
	{ "an empty file", "", "root", NULL },
	{ "a beginning is no name", "roots: ann@x\n", "root", NULL },
	{ "names do not know case", "Root: ann@x\n", "rOOt", "ann@x" },
	{ "a continuation", "root: ann@x,\n\tbob@x,\n  cee@x\n", "root",
		"ann@x, bob@x, cee@x" },
	{ "a continuation before the comma", "root: ann@x\n , bob@x\n", "root",
		"ann@x, bob@x" },
	{ "a continuation of the whole value", "root:\n  ann@x\n", "root",
		"ann@x" },
	{ "a comment", "# root: no@x\nroot: ann@x\n", "root", "ann@x" },
	{ "an indented comment at the top", "  # c\nroot: ann@x\n", "root",
		"ann@x" },
	{ "a comment continues nothing", "# c\n root: ann@x\n", "root",
		"ann@x" },
	{ "a comment between continuations", "root: ann@x,\n# c: d\n  bob@x\n",
		"root", "ann@x, bob@x" },
	{ "an empty line between continuations", "root: ann@x,\n\n  bob@x\n",
		"root", "ann@x, bob@x" },
	{ "a comment within a member", "root: \"ann\"\n# c\n @x\n", "root",
		"\"ann\" @x" },
	{ "a comment after the last", "root: ann@x\n# c\n\nbob: b@x\n", "bob",
		"b@x" },
	{ "a hash in an address", "root: #ann@x, #b@x\n", "root",
		"#ann@x, #b@x" },
	{ "a quoted name", "\"the boss\": ann@x\n", "the boss", "ann@x" },
	{ "a quoted address", "\"the boss\": ann@x\n", "\"the boss\"@localhost",
		"ann@x" },
	{ "a quoted key", "\"the boss\": ann@x\n", "\"the boss\"", "ann@x" },
	{ "a quoted quote", "a\"b: no@x\n\"a\\b\": ann@x\n", "\"a\\\\b\"",
		"ann@x" },
	{ "nothing in quotes", "default: ann@x\n", "\"\"", "ann@x" },
	{ "a colon in a quoted name", "\"a:b\": ann@x\n", "a:b", "ann@x" },
	{ "a comma in a quoted member", "root: \"a,b\"@x, c@x\n", "root",
		"\"a,b\"@x, c@x" },
	{ "an escaped quote", "root: \"a\\\",b\"@x, c@x\n", "root",
		"\"a\\\",b\"@x, c@x" },
	{ "empty members", "root: ,, ann@x,,\n", "root", "ann@x" },
	{ "a local member", "root: ann\n", "root", "ann" },
	{ "a member that is no alias", "root: \\root, ann@x\n", "root",
		"\\root, ann@x" },
	{ "a command is skipped", "root: ann@x, |/bin/cat\n", "root", "ann@x" },
	{ "a quoted command is skipped", "root: \"|/bin/cat -v, -e\", ann@x\n",
		"root", "ann@x" },
	{ "a file is skipped", "root: /var/mail/root, ann@x\n", "root",
		"ann@x" },
	{ "a list is skipped", "root: :include:/etc/list, ann@x\n", "root",
		"ann@x" },
	{ "a name of nothing else is unknown", "root: |/bin/cat\n", "root",
		NULL },
	{ "the first of two counts", "root: ann@x\nROOT: bob@x\n", "root",
		"ann@x" },
	{ "default", "default: ann@x\n", "bob", "ann@x" },
	{ "default is for what has no own", "bob: b@x\ndefault: ann@x\n", "bob",
		"b@x" },
	{ "default is not for addresses", "default: ann@x\n", "bob@x", NULL },
	{ "localhost", "root: ann@x\n", "root@localhost", "ann@x" },
	{ "this host", "root: ann@x\n", "root@Here.Example", "ann@x" },
	{ "default for this host", "default: ann@x\n", "bob@here.example",
		"ann@x" },
	{ "another host", "root: ann@x\n", "root@there.example", NULL },
	{ "a whole address", "bob@there.example: ann@x\n", "bob@there.example",
		"ann@x" },
	{ "nothing at localhost", "default: ann@x\n", "@localhost", NULL },
	{ "a NUL in its line", "root: ann\0@x\nbob: b@x\n", "root", NULL, 22 },
	{ "a NUL in another", "root: ann\0@x\nbob: b@x\n", "bob", "b@x", 22 },
};

static struct span text_of(const struct row *row)
{
	return span_make(
		row->text, row->length ? row->length : strlen(row->text));
}

static void test_find(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct aliases_context context = {
			aliases_parse(text_of(&rows[i]), arena), "here.example"
		};

		tap_is_text(aliases_expand(&context, rows[i].key, arena),
			rows[i].want, rows[i].name);
		context.aliases = aliases_open(text_of(&rows[i]), arena);
		tap_is_text(aliases_expand(&context, rows[i].key, arena),
			rows[i].want, rows[i].name);
		arena_free(arena);
	}
}

static const struct row note_rows[] = {
	{ "nothing to tell", "root: ann@x\n# c\n", NULL, "" },
	{ "a command", "a: x@x\nroot: ann@x, |/bin/cat\n", NULL,
		"line 2: root: |/bin/cat: commands are not run, skipped\n" },
	{ "a file", "root: ann@x, /var/mail/r\n", NULL,
		"line 1: root: /var/mail/r: files are not written, "
		"skipped\n" },
	{ "a list", "root: ann@x, :Include:/l\n", NULL,
		"line 1: root: :Include:/l: lists are not included, "
		"skipped\n" },
	{ "a name with nothing left", "\n\nroot: \"|cat\"\n", NULL,
		"line 3: root: \"|cat\": commands are not run, skipped\n"
		"line 3: root: no address, skipped\n" },
	{ "a name with nothing", "root:\nbob: b@x\n", NULL,
		"line 1: root: no address, skipped\n" },
	{ "no colon", "root ann@x\n", NULL,
		"line 1: root ann@x: no 'name:', skipped\n" },
	{ "no name", ": ann@x\n", NULL,
		"line 1: : ann@x: no 'name:', skipped\n" },
	{ "an open quote in a name", "\"root: ann@x\n", NULL,
		"line 1: \"root: ann@x: a quote that does not end, "
		"skipped\n" },
	{ "an open quote in a member", "root: a@x, \"ann@x, b@x\n", NULL,
		"line 1: root: \"ann@x, b@x: a quote that does not end, "
		"skipped\n" },
	{ "a NUL", "root: ann\0@x\n", NULL,
		"line 1: a NUL byte in the line, skipped\n", 13 },
	{ "twice", "root: a@x\nbob: b@x\nRoot: c@x\n", NULL,
		"line 3: Root: defined before, skipped\n" },
	{ "from the top", "root: a@x\nroot: b@x\nbob: |c\n", NULL,
		"line 2: root: defined before, skipped\n"
		"line 3: bob: |c: commands are not run, skipped\n"
		"line 3: bob: no address, skipped\n" },
	{ "nothing for a terminal", "root: |\033[2J\n", NULL,
		"line 1: root: |\\x1B[2J: commands are not run, skipped\n"
		"line 1: root: no address, skipped\n" },
};

static void test_notes(void)
{
	for (size_t i = 0; i < sizeof note_rows / sizeof *note_rows; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(10000);
		const struct aliases *aliases =
			aliases_parse(text_of(&note_rows[i]), arena);

		for (size_t j = 0; j < aliases->note_count; j++) {
			aliases_put_note(&got, &aliases->notes[j]);
			buf_puts(&got, "\n");
		}
		tap_is_text(
			buf_text(&got), note_rows[i].want, note_rows[i].name);
		buf_free(&got);
		arena_free(arena);
	}
}

static void test_many_notes(void)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(ALIASES_TEXT_LIMIT);
	struct aliases *aliases;

	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "no colon\n");
	aliases = aliases_parse(buf_span(&text), arena);
	tap_is_number((int64_t)aliases->note_count, ALIASES_NOTES_LIMIT,
		"the list of faults is bounded");
	tap_is_number(
		(int64_t)aliases->fault_count, 1000, "their number is told");
	buf_free(&text);
	arena_free(arena);
}

/* Few names do not take the text apart, many do so once. */
static void test_few_names(void)
{
	struct arena *arena = arena_new();
	struct aliases *aliases =
		aliases_open(SPAN("ann: a@x\nbob: b@x"), arena);

	for (int i = 0; i < 8; i++)
		aliases_find(aliases, "ann@example.org", NULL, arena);
	tap_ok(!aliases->is_apart, "eight names are searched for");
	tap_is_text(aliases_find(aliases, "bob", NULL, arena), "b@x",
		"the ninth is found");
	tap_ok(aliases->is_apart, "in what was taken apart");
	arena_free(arena);
}

/* Each in the time of a few comparisons, or the suite would notice. */
static void test_many_names(void)
{
	enum { NAMES = 100000 };
	struct arena *arena = arena_new(), *scratch = arena_new();
	struct buf text = BUF_INIT(ALIASES_TEXT_LIMIT);
	struct aliases *aliases;
	char name[40], want[40];
	int found = 0;

	for (int i = 0; i < NAMES; i++)
		buf_printf(&text, "user%d: u%d@example.org\n",
			(int)((long)i * 7919 % NAMES), i);
	aliases = aliases_parse(buf_span(&text), arena);
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof name, "USER%d",
			(int)((long)i * 7919 % NAMES));
		snprintf(want, sizeof want, "u%d@example.org", i);
		found += strcmp(aliases_find(aliases, name, NULL, scratch),
				 want) == 0;
	}
	tap_is_number(found, NAMES, "each of 100,000 names is found");
	buf_free(&text);
	arena_free(scratch);
	arena_free(arena);
}

static void test_many_members(void)
{
	enum { MEMBERS = 100000 };
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(ALIASES_TEXT_LIMIT);
	struct buf want = BUF_INIT(ALIASES_TEXT_LIMIT);

	buf_puts(&text, "all: u0@x");
	buf_puts(&want, "u0@x");
	for (int i = 1; i < MEMBERS; i++) {
		buf_printf(&text, ",\n\tu%d@x", i);
		buf_printf(&want, ", u%d@x", i);
	}
	tap_ok(strcmp(aliases_find(aliases_parse(buf_span(&text), arena), "all",
			      NULL, arena),
		       buf_text(&want)) == 0,
		"100,000 members of one name");
	buf_free(&text);
	buf_free(&want);
	arena_free(arena);
}

int main(void)
{
	test_find();
	test_notes();
	test_many_notes();
	test_few_names();
	test_many_names();
	test_many_members();
	return tap_done();
}
