/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placeholders: what comes in their place, wherever they stand. */
#include <config.h>

#include "mail/template.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct table_cell cells[] = {
	{ { "name", 4 }, { " Ann ", 5 } },
	{ { "Full Name", 9 }, { "Lee, Ann \"A\"", 12 } },
	{ { "email", 5 }, { "ann@example.org", 15 } },
	{ { "empty", 5 }, { "", 0 } },
	{ { "blank", 5 }, { "  ", 2 } },
	{ { "html", 4 }, { "<b>&\"'", 6 } },
	{ { "lines", 5 }, { "a\r\nBcc: x@x", 11 } },
	{ { "bell", 4 }, { "a\ab", 3 } },
	{ { "tab", 3 }, { "a\tb", 3 } },
	{ { "path", 4 }, { "../../etc/passwd", 16 } },
	{ { "up", 2 }, { "..", 2 } },
	{ { "number", 6 }, { "{{name}}", 8 } },
};

/* What comes of it, or "-" and the sentence. */
static const struct {
	const char *name;
	enum template_place place;
	const char *text, *want;
} rows[] = {
	{ "plain", TEMPLATE_TEXT, "Dear all", "Dear all" },
	{ "nothing", TEMPLATE_TEXT, "", "" },
	{ "a name", TEMPLATE_TEXT, "Dear {{name}},", "Dear Ann," },
	{ "alone", TEMPLATE_TEXT, "{{name}}", "Ann" },
	{ "side by side", TEMPLATE_TEXT, "{{name}}{{name}}", "AnnAnn" },
	{ "blanks within", TEMPLATE_TEXT, "{{ name }}", "Ann" },
	{ "any case", TEMPLATE_TEXT, "{{NAME}} {{full name}}",
		"Ann Lee, Ann \"A\"" },
	{ "empty", TEMPLATE_TEXT, "Dear {{empty}},", "Dear ," },
	{ "instead of an empty one", TEMPLATE_TEXT, "Dear {{empty|friend}},",
		"Dear friend," },
	{ "instead of a blank one", TEMPLATE_TEXT, "Dear {{blank|my friend}},",
		"Dear my friend," },
	{ "not instead", TEMPLATE_TEXT, "Dear {{name|friend}},", "Dear Ann," },
	{ "nothing instead", TEMPLATE_TEXT, "({{empty|}})", "()" },
	{ "a bar instead", TEMPLATE_TEXT, "{{empty|a|b}}", "a|b" },
	{ "missing", TEMPLATE_TEXT, "Dear {{nobody}},",
		"-t: column 'nobody' is not in this row" },
	{ "instead of a missing one", TEMPLATE_TEXT, "Dear {{nobody|all}},",
		"Dear all," },
	{ "two braces", TEMPLATE_TEXT, "a {{{{ b", "a {{ b" },
	{ "two braces around a name", TEMPLATE_TEXT, "{{{{name}}", "{{name}}" },
	{ "a brace before one", TEMPLATE_TEXT, "{{{name}}}", "{Ann}" },
	{ "braces before one", TEMPLATE_TEXT, "{{{{{{name}}", "{{Ann" },
	{ "one brace", TEMPLATE_TEXT, "{name} }} }", "{name} }} }" },
	{ "a value is no template", TEMPLATE_TEXT, "{{number}}", "{{name}}" },
	{ "no end", TEMPLATE_TEXT, "a {{name",
		"-t: '{{name' is no placeholder: "
		"it has no end" },
	{ "no name", TEMPLATE_TEXT, "a {{}} b",
		"-t: '{{}}' is no placeholder: that is no name for a column" },
	{ "another brace", TEMPLATE_TEXT, "{{a {{b}}",
		"-t: '{{a {{b}}' is no placeholder: that is no name for a "
		"column" },
	{ "lines in a text", TEMPLATE_TEXT, "{{lines}}", "a\r\nBcc: x@x" },
	{ "HTML", TEMPLATE_HTML, "<p title=\"{{html}}\">{{html}}",
		"<p title=\"&lt;b&gt;&amp;&quot;&#39;\">&lt;b&gt;&amp;&quot;"
		"&#39;" },
	{ "HTML instead", TEMPLATE_HTML, "{{empty|<b>}}", "&lt;b&gt;" },
	{ "a header", TEMPLATE_HEADER, "Hi {{name}}: {{tab}}", "Hi Ann: a\tb" },
	{ "a line end in a header", TEMPLATE_HEADER, "Hi {{lines}}",
		"-t: column 'lines' has a line end, and a header has none" },
	{ "a control in a header", TEMPLATE_HEADER, "Hi {{bell}}",
		"-t: column 'bell' has a control character" },
	{ "an address", TEMPLATE_ADDRESS, "{{email}}", "ann@example.org" },
	{ "a name and an address", TEMPLATE_ADDRESS,
		"{{full name}} <{{email}}>",
		"\"Lee, Ann \\\"A\\\"\" <ann@example.org>" },
	{ "a name in quotes", TEMPLATE_ADDRESS, "\"{{full name}}\" <{{email}}>",
		"\"Lee, Ann \\\"A\\\"\" <ann@example.org>" },
	{ "a part of a name", TEMPLATE_ADDRESS, "Dr. {{name}} Lee <{{email}}>",
		"Dr. \"Ann\" Lee <ann@example.org>" },
	{ "no name", TEMPLATE_ADDRESS, "{{empty}} <{{email}}>",
		" <ann@example.org>" },
	{ "an address and a name", TEMPLATE_ADDRESS,
		"{{email}}, {{name}} <b@x>", "ann@example.org, \"Ann\" <b@x>" },
	{ "a part of an address", TEMPLATE_ADDRESS, "{{name}}@x.example",
		"Ann@x.example" },
	{ "an angle in quotes", TEMPLATE_ADDRESS,
		"\"a < b\" {{name}} <{{email}}>",
		"\"a < b\" \"Ann\" <ann@example.org>" },
	{ "a quote in quotes", TEMPLATE_ADDRESS,
		"\"a \\\" < b\" {{name}} <{{email}}>",
		"\"a \\\" < b\" \"Ann\" <ann@example.org>" },
	{ "a line end in an address", TEMPLATE_ADDRESS, "{{lines}}",
		"-t: column 'lines' has a line end, and a header has none" },
	{ "a file", TEMPLATE_FILE, "out/{{name}}.pdf", "out/Ann.pdf" },
	{ "another folder", TEMPLATE_FILE, "out/{{path}}",
		"-t: column 'path' has a '/', and may not choose the folder" },
	{ "the folder above", TEMPLATE_FILE, "out/{{up}}/x",
		"-t: column 'up' is a folder's name" },
	{ "a whole path", TEMPLATE_FILE, "{{path}}", "../../etc/passwd" },
	{ "no file", TEMPLATE_FILE, "out/{{empty}}",
		"-t: column 'empty' is empty, and a file's name cannot be" },
};

static const struct {
	const char *text, *want;
} checks[] = {
	{ "{{name}} {{ FULL NAME }}", "" },
	{ "{{nmae}}", "t: the table has no column 'nmae' (did you mean "
		      "'name'?)" },
	{ "{{telephone|none}}",
		"t: the table has no column 'telephone'; it has name, Full "
		"Name, "
		"email, empty, blank, html, lines, bell, tab, path, up, "
		"number" },
};

static void put_sentence(struct buf *out, const struct diag *why)
{
	diag_sentence(why, false, out);
}

static void test_rows(struct arena *arena)
{
	struct buf out = BUF_INIT(1000);
	struct template template;
	struct diag why;

	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		if (!template_parse(span_of(rows[i].text), "t", rows[i].place,
			    arena, &template, &why) ||
			!template_fill(
				&template, cells, COUNT(cells), &out, &why)) {
			buf_clear(&out);
			buf_puts(&out, "-");
			put_sentence(&out, &why);
		}
		tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
	}
	buf_free(&out);
}

static void test_checks(struct arena *arena)
{
	struct buf out = BUF_INIT(1000);
	struct template template;
	struct diag why;

	for (size_t i = 0; i < COUNT(checks); i++) {
		buf_clear(&out);
		if (!template_parse(span_of(checks[i].text), "t", TEMPLATE_TEXT,
			    arena, &template, &why) ||
			!template_check(&template, cells, COUNT(cells), &why))
			put_sentence(&out, &why);
		tap_is_text(buf_text(&out), checks[i].want, checks[i].text);
	}
	(void)template_parse(SPAN("a {{x}} {{y|z}}"), "t", TEMPLATE_TEXT, arena,
		&template, &why);
	tap_ok(template_uses(&template, SPAN("Y")), "a column that is used");
	tap_ok(!template_uses(&template, SPAN("z")), "and one that is not");
	buf_free(&out);
}

static void test_limit(struct arena *arena)
{
	struct buf out = BUF_INIT(10);
	struct template template;
	struct diag why = { .id = DIAG_NONE };

	(void)template_parse(
		SPAN("{{email}}"), "t", TEMPLATE_TEXT, arena, &template, &why);
	tap_ok(!template_fill(&template, cells, COUNT(cells), &out, &why) &&
			why.id == DIAG_TEMPLATE_VALUE,
		"more than there is room for");
	buf_free(&out);
}

int main(void)
{
	struct arena *arena = arena_new();

	test_rows(arena);
	test_checks(arena);
	test_limit(arena);
	arena_free(arena);
	return tap_done();
}
