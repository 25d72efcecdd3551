/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON that is read: what a member is, and what is no object. */
#include <config.h>

#include "base/jsonread.h"
#include "tap.h"

#include <stdio.h>

static const struct {
	const char *name, *json;
	enum jsonread_kind kind;
	int64_t number;
	const char *text;
} rows[] = {
	{ "a text", "{\"x\":\"a\\u00e9\\n\"}", JSONREAD_TEXT, 0,
		"a\xC3\xA9\n" },
	{ "an empty text", " {\"x\":\"\"} \r\n", JSONREAD_TEXT, 0, "" },
	{ "a number", "{\"x\":3600}", JSONREAD_NUMBER, 3600, NULL },
	{ "a negative one", "{\"x\":-1}", JSONREAD_NUMBER, -1, NULL },
	{ "one with a fraction", "{\"x\":3599.9}", JSONREAD_NUMBER, 3599,
		NULL },
	{ "one with an exponent", "{\"x\":1e3}", JSONREAD_NUMBER, 1000, NULL },
	{ "one beyond all bounds", "{\"x\":1e300}", JSONREAD_OTHER, 0, NULL },
	{ "one beyond 2^53", "{\"x\":9007199254740999000}", JSONREAD_OTHER, 0,
		NULL },
	{ "true", "{\"x\":true}", JSONREAD_BOOL, 1, NULL },
	{ "false", "{\"x\":false}", JSONREAD_BOOL, 0, NULL },
	{ "null is nothing", "{\"x\":null}", JSONREAD_MISSING, 0, NULL },
	{ "another member", "{\"y\":1}", JSONREAD_MISSING, 0, NULL },
	{ "a list", "{\"x\":[1]}", JSONREAD_OTHER, 0, NULL },
	{ "an object", "{\"x\":{\"x\":1}}", JSONREAD_OTHER, 0, NULL },
};

static const struct {
	const char *name;
	struct span json;
} wrong[] = {
	{ "nothing", SPAN("") },
	{ "HTML", SPAN("<html><body>Bad gateway</body></html>") },
	{ "a list", SPAN("[{\"x\":1}]") },
	{ "a text", SPAN("\"x\"") },
	{ "a cut object", SPAN("{\"x\":1") },
	{ "something behind it", SPAN("{\"x\":1} {}") },
	{ "a name twice", SPAN("{\"x\":1,\"x\":2}") },
	{ "a NUL in a text", SPAN("{\"x\":\"a\\u0000b\"}") },
	{ "a NUL", SPAN("{\"x\":\"a\0b\"}") },
	{ "no UTF-8", SPAN("{\"x\":\"\xFF\"}") },
	{ "a bare word", SPAN("{x:1}") },
};

static void test_row(size_t i)
{
	struct diag why = { .id = DIAG_NONE };
	struct jsonread *object = jsonread_open(span_of(rows[i].json), &why);
	struct span text = { NULL, 0 };
	int64_t number = 0;

	if (!tap_ok(object != NULL, "%s: an object", rows[i].name))
		return;
	tap_is_number(jsonread_member(object, "x", &number, &text),
		rows[i].kind, rows[i].name);
	tap_is_number(number, rows[i].number, rows[i].name);
	if (rows[i].text)
		tap_is_span(text, span_of(rows[i].text), rows[i].name);
	jsonread_close(object);
}

int main(void)
{
	struct diag why;

	if (!jsonread_is_built()) {
		tap_skip("JSON", "this build has no jansson");
		return tap_done();
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		why.id = DIAG_NONE;
		tap_ok(!jsonread_open(wrong[i].json, &why), "%s: no object",
			wrong[i].name);
		tap_is_diag(&why, DIAG_JSON_INVALID, wrong[i].name);
	}
	jsonread_close(NULL);
	return tap_done();
}
