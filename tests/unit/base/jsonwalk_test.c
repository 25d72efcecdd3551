/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in one pass: what its members are, and where it stops. */
#include <config.h>

#include "base/jsonwalk.h"
#include "tap.h"

/* What is found: "name=kind:value;" for each member, "!" unless whole. */
static const struct {
	const char *name, *json, *want;
} rows[] = {
	{ "an object", "{\"a\":\"x\",\"b\":1}", "a=t:x;b=n:1;" },
	{ "blanks", " { \"a\" : \"x\" ,\n\t\"b\" : true } \r\n",
		"a=t:x;b=1:true;" },
	{ "words", "{\"a\":false,\"b\":null,\"c\":-1.5e3}",
		"a=0:false;b=-:null;c=n:-1.5e3;" },
	{ "an array", "[1,\"x\",{}]", "=n:1;=t:x;=o:{};" },
	{ "nested", "{\"a\":{\"b\":[\"}\",\"\\\"]\"]},\"c\":[]}",
		"a=o:{\"b\":[\"}\",\"\\\"]\"]};c=o:[];" },
	{ "empty", "{}", "" },
	{ "what follows is not looked at", "{\"a\":1}{\"b\":2}", "a=n:1;" },
	{ "cut in a text", "{\"a\":1,\"b\":\"x", "a=n:1;!" },
	{ "cut behind an escape", "{\"a\":1,\"b\":\"x\\", "a=n:1;!" },
	{ "cut in a number", "{\"a\":1,\"b\":12", "a=n:1;!" },
	{ "cut in a nested one", "{\"a\":1,\"b\":[{\"c\":2},", "a=n:1;!" },
	{ "cut behind a comma", "{\"a\":1,", "a=n:1;!" },
	{ "a name that is none", "{\"a\":1,b:2}", "a=n:1;!" },
	{ "a word that is none", "{\"a\":1,\"b\":yes}", "a=n:1;!" },
	{ "no JSON", "host=x tls=on", "!" },
	{ "nothing", "", "!" },
};

static const struct {
	const char *name, *raw, *want;
} texts[] = {
	{ "plain", "a b", "a b" },
	{ "short escapes", "\\\"\\\\\\/\\n\\t", "\"\\/\n\t" },
	{ "a letter", "\\u00e9\\u20AC", "\xC3\xA9\xE2\x82\xAC" },
	{ "two that are one", "\\ud83d\\ude00", "\xF0\x9F\x98\x80" },
	{ "half of two", "\\ud83dx", "\xEF\xBF\xBDx" },
	{ "the other half", "\\ude00", "\xEF\xBF\xBD" },
	{ "no escape", "\\q\\u12", "\\q\\u12" },
	{ "a cut one", "a\\", "a\\" },
};

static void put_found(struct buf *out, const char *json)
{
	static const char kinds[] = { [JSONWALK_TEXT] = 't',
		[JSONWALK_NUMBER] = 'n',
		[JSONWALK_TRUE] = '1',
		[JSONWALK_FALSE] = '0',
		[JSONWALK_NULL] = '-',
		[JSONWALK_NESTED] = 'o' };
	struct jsonwalk walk = jsonwalk_of(span_of(json));
	struct jsonwalk_member member;

	while (jsonwalk_next(&walk, &member)) {
		buf_put_span(out, member.name);
		buf_printf(out, "=%c:", kinds[member.kind]);
		buf_put_span(out, member.value);
		buf_put_byte(out, ';');
	}
	if (!walk.is_whole)
		buf_put_byte(out, '!');
}

static void test_number(const char *json, int64_t want)
{
	struct jsonwalk walk = jsonwalk_of(span_of(json));
	struct jsonwalk_member member;
	int64_t number = -1;

	(void)(jsonwalk_next(&walk, &member) &&
		jsonwalk_number(&member, &number));
	tap_is_number(number, want, json);
}

int main(void)
{
	struct buf out = BUF_INIT(1000);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&out);
		put_found(&out, rows[i].json);
		tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		buf_clear(&out);
		jsonwalk_put_text(&out, span_of(texts[i].raw));
		tap_is_text(buf_text(&out), texts[i].want, texts[i].name);
	}
	test_number("[12]", 12);
	test_number("[123456789012345]", 123456789012345);
	test_number("[1234567890123456]", -1);
	test_number("[-1]", -1);
	test_number("[1.5]", -1);
	test_number("[\"1\"]", -1);
	buf_free(&out);
	return tap_done();
}
