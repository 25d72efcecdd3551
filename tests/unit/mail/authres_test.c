/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Authentication-Results as receivers write it, and as nobody should. */
#include <config.h>

#include "base/buf.h"
#include "mail/authres.h"
#include "tap.h"

static const struct {
	const char *value;
	/* "ID" and, of each result, "|METHOD RESULT DOMAIN (WORDS)" */
	const char *want;
} rows[] = {
	/* RFC 8601, appendix B */
	{ " example.org 1; none", "example.org" },
	{ " example.com;\r\n\tspf=pass smtp.mailfrom=example.net",
		"example.com|spf pass example.net ()" },
	{ " example.com;\r\n  auth=pass (cram-md5) smtp.auth=a@example.net;\r\n"
	  "  spf=fail smtp.mailfrom=example.net",
		"example.com|other pass  (cram-md5)|spf fail example.net ()" },
	{ " foo.example.net (foobar) 1 (baz);\r\n"
	  "\tdkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
	  "\tpolicy (A dot can go here) . (like that) expired\r\n"
	  "\t(this surprised me) = (as I wasn't expecting it) 1362471462",
		"foo.example.net|dkim fail  (because i like it one yay wait "
		"for it a dot can go here like that this surprised me as i "
		"wasn't expecting it)" },
	{ " example.com; dkim=fail reason=\"bad signature; sorry\"\r\n"
	  " header.i=@mail-router.example.net; dkim=pass header.d=x.example "
	  "header.i=@y.example",
		"example.com|dkim fail mail-router.example.net (bad signature; "
		"sorry)|dkim pass x.example ()" },
	/* as large receivers write it */
	{ " mx.example.com; dkim=pass header.i=@x.example header.s=s1 "
	  "header.b=\"AbC/d=e\"; spf=pass (example.com: domain of a@x.example "
	  "designates 192.0.2.1 as permitted sender) "
	  "smtp.mailfrom=\"a=b@x.example\"; dmarc=pass (p=NONE sp=NONE "
	  "dis=NONE)"
	  " header.from=x.example",
		"mx.example.com|dkim pass x.example (abc/d=e)|spf pass "
		"x.example (example.com: domain of a@x.example designates "
		"192.0.2.1 as permitted sender a=b@x.example)|dmarc pass "
		"x.example (p=none sp=none dis=none)" },
	{ " spf=softfail (sender IP is 192.0.2.1)\r\n smtp.mailfrom=x.example; "
	  "dkim=none (message not signed)\r\n header.d=none;dmarc=fail "
	  "action=quarantine header.from=x.example;compauth=fail reason=001",
		"|spf softfail x.example (sender ip is 192.0.2.1)|dkim none "
		"none (message not signed)|dmarc fail x.example ()|other fail  "
		"()" },
	{ " host.example; dmarc=pass(p=REJECT) header.from=X.Example.;",
		"host.example|dmarc pass X.Example (p=reject)" },
	{ "h.example;SPF=HARDFAIL smtp.mailfrom=<> smtp.helo=mx.example",
		"h.example|spf fail mx.example ()" },
	{ "h; spf=fail reason=\"x smtp.mailfrom=evil.example\" "
	  "smtp.mailfrom=a.example",
		"h|spf fail a.example (x smtp.mailfrom=evil.example)" },
	/* as nobody should */
	{ "", "" },
	{ ";;;", "" },
	{ "h; spf; =; spf=; dkim=banana header.d=x", "h|dkim none x ()" },
	{ "h; spf=pass (never (ends", "h|spf pass  (never ends)" },
	{ "h; spf=pass \"never ends", "h|spf pass  (never ends)" },
	{ "h; spf=pass (a \\) b) smtp.mailfrom=@", "h|spf pass  (a  b)" },
};

static const char *const methods[] = { "spf", "dkim", "dmarc", "other" };

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(8000);
		struct authres results;
		struct authres_item item;

		authres_open(span_of(rows[i].value), arena, &results);
		buf_put_span(&got, results.id);
		while (authres_next(&results, &item)) {
			buf_printf(&got, "|%s %s ", methods[item.method],
				authres_result_name(item.result));
			buf_put_span(&got, item.domain);
			buf_puts(&got, " (");
			buf_put_span(&got, item.words);
			buf_puts(&got, ")");
		}
		tap_is_text(buf_text(&got), rows[i].want, rows[i].value);
		buf_free(&got);
		arena_free(arena);
	}
}

static void test_deep(void)
{
	struct arena *arena = arena_new();
	struct buf value = BUF_INIT(100000);
	struct authres results;
	struct authres_item item;

	buf_puts(&value, "h; spf=pass ");
	while (value.length < 64000)
		buf_puts(&value, "(");
	authres_open(buf_span(&value), arena, &results);
	tap_ok(authres_next(&results, &item) && item.result == AUTHRES_PASS,
		"64 KB of brackets");
	buf_free(&value);
	arena_free(arena);
}

int main(void)
{
	test_rows();
	test_deep();
	return tap_done();
}
