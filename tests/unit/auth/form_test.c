/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forms and queries: what is written, and what is read of what others write. */
#include <config.h>

#include "auth/form.h"
#include "tap.h"

#include <stdio.h>

static const struct {
	const char *name, *query, *want; /* want NULL: not found */
} finds[] = {
	{ "the first", "code=abc&state=1", "abc" },
	{ "the last", "state=1&code=abc", "abc" },
	{ "an empty one", "code=&state=1", "" },
	{ "encoded", "code=a%2Fb%3d%20c+d", "a/b= c d" },
	{ "another that begins with it", "codes=1&xcode=2", NULL },
	{ "none", "", NULL },
	{ "twice", "code=a&code=b", NULL },
	{ "cut short", "code=a%2", NULL },
	{ "cut shorter", "code=a%", NULL },
	{ "no digits", "code=%zz", NULL },
	{ "a newline", "code=a%0Ab", NULL },
	{ "a NUL", "code=a%00b", NULL },
	{ "a DEL", "code=%7f", NULL },
	{ "without a value", "code", "" },
	{ "many separators", "&&code=x&&", "x" },
};

static void test_find(size_t i)
{
	struct buf out = BUF_INIT(100);
	bool is_found = form_find(span_of(finds[i].query), "code", &out);

	tap_is_text(
		is_found ? buf_text(&out) : NULL, finds[i].want, finds[i].name);
	buf_free(&out);
}

static void test_put(void)
{
	struct buf out = BUF_INIT(200), small = BUF_INIT(10);

	form_put(&out, "a", "x y&z=\303\244");
	form_put(&out, "b", NULL);
	form_put(&out, "c", "");
	form_put(&out, "d", "-._~A9");
	tap_is_text(buf_text(&out), "a=x%20y%26z%3D%C3%A4&d=-._~A9", "a form");
	tap_ok(!form_put(&small, "name", "a long value"), "too much");
	buf_free(&small);
	small = BUF_INIT(100);
	form_put_url(&small, "https://a.example/x", SPAN("q=1"));
	tap_is_text(buf_text(&small), "https://a.example/x?q=1", "a URL");
	buf_clear(&small);
	form_put_url(&small, "https://a.example/x?p=0", SPAN("q=1"));
	tap_is_text(buf_text(&small), "https://a.example/x?p=0&q=1",
		"a URL with a query");
	buf_clear(&small);
	form_put_url(&small, "https://a.example/", SPAN(""));
	tap_is_text(buf_text(&small), "https://a.example/", "nothing to add");
	buf_clear(&small);
	form_put_base64(&small, SPAN("\377\357\276x"));
	tap_is_text(buf_text(&small), "_---eA", "base 64");
	buf_free(&small);
	buf_free(&out);
}

int main(void)
{
	for (size_t i = 0; i < sizeof finds / sizeof *finds; i++)
		test_find(i);
	test_put();
	return tap_done();
}
