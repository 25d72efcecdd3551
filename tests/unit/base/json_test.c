/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: commas, escapes, bytes that are no text. */
#include <config.h>

#include "base/json.h"
#include "tap.h"

static void test_structure(void)
{
	struct buf out = BUF_INIT(1000);
	struct json json = { .out = &out };
	static const char *const texts[] = { "p", "q" };

	json_begin(&json, NULL, '{');
	json_text(&json, "a", "x");
	json_number(&json, "b", -5);
	json_begin(&json, "c", '[');
	json_begin(&json, NULL, '{');
	json_end(&json, '}');
	json_begin(&json, NULL, '[');
	json_end(&json, ']');
	json_bool(&json, NULL, true);
	json_text(&json, NULL, NULL);
	json_end(&json, ']');
	json_bool(&json, "d", false);
	json_texts(&json, "e", texts, 2);
	json_texts(&json, "f", texts, 0);
	json_end(&json, '}');
	tap_is_text(buf_text(&out),
		"{\"a\":\"x\",\"b\":-5,\"c\":[{},[],true,null],\"d\":false,"
		"\"e\":[\"p\",\"q\"],\"f\":[]}",
		"commas stand between, never behind");
	buf_free(&out);
}

static void test_strings(void)
{
	static const char *const rows[][2] = {
		{ "", "\"\"" },
		{ "caf\xC3\xA9", "\"caf\xC3\xA9\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "a\nb\tc\x1b\x7f", "\"a\\nb\\u0009c\\u001b\\u007f\"" },
		{ "a\xE2\x80\xAEz\xC2\x9B", "\"a\\u202ez\\u009b\"" },
		{ "\xF3\xA0\x81\x81", "\"\\udb40\\udc41\"" },
		{ "a\xFFz", "\"a\\ufffdz\"" },
		{ "\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT(1000);
		struct json json = { .out = &out };

		json_text(&json, NULL, rows[i][0]);
		tap_is_text(buf_text(&out), rows[i][1], rows[i][1]);
		buf_free(&out);
	}
}

int main(void)
{
	test_structure();
	test_strings();
	return tap_done();
}
