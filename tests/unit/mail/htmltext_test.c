/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML to text. */
#include <config.h>

#include "base/mem.h"
#include "mail/htmltext.h"
#include "tap.h"

static const struct {
	const char *name, *html, *want;
} rows[] = {
	{ "nothing", "", "" },
	{ "only tags", "<html><body></body></html>", "" },
	{ "words", "Hello, world", "Hello, world\n" },
	{ "white space collapses", "  a \n\t b  ", "a b\n" },
	{ "paragraphs", "<p>a</p>\n<p>b</p>", "a\n\nb\n" },
	{ "divisions", "<div>a</div><div>b</div>", "a\nb\n" },
	{ "headings", "<h1>T</h1>text", "T\n\ntext\n" },
	{ "breaks", "a<br>b<br/><br>c", "a\nb\n\nc\n" },
	{ "inline elements", "a<b>b</b> <i>c</i>", "ab c\n" },
	{ "a list", "<ul><li>a</li><li>b</ul>c", "* a\n* b\n\nc\n" },
	{ "a numbered list", "<ol><li>a<li>b</ol>", "1. a\n2. b\n" },
	{ "a list in a list", "<ul><li>a<ul><li>b</ul><li>c</ul>",
		"* a\n  * b\n* c\n" },
	{ "an item with a paragraph", "<ul><li><p>a</p></li><li>b</li></ul>",
		"* a\n* b\n" },
	{ "a table", "<table><tr><th>a<th>b<tr><td>1<td>2</table>",
		"a b\n1 2\n" },
	{ "a link", "see <a href=\"https://x.org/?a=1&amp;b\">this</a>.",
		"see this <https://x.org/?a=1&b>.\n" },
	{ "a link that shows itself",
		"<a href='https://x.org'>https://x.org</a>",
		"https://x.org\n" },
	{ "a bare link", "<a href='mailto:a@x.org'>a@x.org</a>", "a@x.org\n" },
	{ "no script links", "<a href='javascript:x()'>a</a>", "a\n" },
	{ "a link around an image", "<a href=https://x.org><img alt=Logo></a>",
		"[Logo] <https://x.org>\n" },
	{ "an image", "<img src=a.png alt=\"A &lt;logo&gt;\">b",
		"[A <logo>]b\n" },
	{ "an image without words", "a<img src=a.png>b", "ab\n" },
	{ "a rule", "a<hr>b", "a\n\n----------\n\nb\n" },
	{ "pre", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc\n" },
	{ "a quote", "<blockquote>a<p>b</blockquote>c", "> a\n\n> b\n\nc\n" },
	{ "what is not shown",
		"<head><title>T</title><style>p{}</style></head>"
		"<script>if (a<b) x('</p>')</script>a<!-- b -->c",
		"ac\n" },
	{ "entities", "&lt;a&gt; &amp;amp; &eacute;&#228;&#xE4;&euro;",
		"<a> &amp; \xC3\xA9\xC3\xA4\xC3\xA4\xE2\x82\xAC\n" },
	{ "what is no entity", "a & b &foo; &#x; &; &#99999999;",
		"a & b &foo; &#x; &; \xEF\xBF\xBD\n" },
	{ "an entity is not markup", "&#60;b&#62;", "<b>\n" },
	{ "control characters by number", "a&#27;[2J&#0;",
		"a[2J\xEF\xBF\xBD\n" },
	{ "a less-than sign", "a < b", "a < b\n" },
	{ "a tag in quotes", "<a title=\"x > y\">b</a>", "b\n" },
	{ "an unended tag", "a <b", "a\n" },
	{ "an unended quote", "a <b c=\"d", "a\n" },
	{ "an unended comment", "a<!-- b", "a\n" },
	{ "an unended script", "a<script>b", "a\n" },
	{ "a doctype", "<!DOCTYPE html><?xml?>a", "a\n" },
	{ "ends without begins", "</pre></ul></blockquote></a>a", "a\n" },
	{ "upper case", "<P>a</P><BR>b", "a\n\n\nb\n" },
};

int main(void)
{
	struct buf out = BUF_INIT(1000), small = BUF_INIT(50);
	char *deep = mem_alloc(1000000);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&out);
		htmltext_put(&out, span_of(rows[i].html));
		tap_is_text(buf_text(&out), rows[i].want, rows[i].name);
	}
	for (size_t i = 0; i < 1000000; i += 4)
		memcpy(deep + i, i % 8 ? "<ul>" : "<li>", 4);
	htmltext_put(&small, span_make(deep, 1000000));
	tap_ok(small.length <= 50, "depth and size are bounded");
	mem_free(deep);
	buf_free(&out);
	buf_free(&small);
	return tap_done();
}
