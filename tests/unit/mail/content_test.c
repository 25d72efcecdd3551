/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bytes are made of, and the type that follows. */
#include <config.h>

#include "mail/content.h"
#include "mail/mimetype.h"
#include "tap.h"
#include "unit/mail/pieces.h"

#include <stdio.h>

#define TEXT(bytes) SPAN(bytes)

static const struct {
	const char *name;
	struct span text;
	const char *want;
} scans[] = {
	{ "nothing", { "", 0 }, "0 h0 c0 n0 l0/0 w0 utf8 7bit" },
	{ "ASCII", { "ab cd\nefg", 9 }, "9 h0 c0 n0 l5/5 w3 utf8 7bit" },
	{ "CRLF is no control", { "a\r\nb\r\n", 6 },
		"6 h0 c0 n0 l1/1 w1 utf8 7bit" },
	{ "UTF-8", { "\xC3\xB6\xE2\x82\xAC\xF0\x9F\x93\xAE", 9 },
		"9 h9 c0 n0 l9/3 w9 utf8" },
	{ "Latin-1", { "J\xF6rg", 4 }, "4 h1 c0 n0 l4/4 w4" },
	{ "cut UTF-8", { "a\xE2\x82", 3 }, "3 h2 c0 n0 l3/2 w3" },
	{ "overlong", { "\xC0\xAF", 2 }, "2 h2 c0 n0 l2/1 w2" },
	{ "overlong of three", { "\xE0\x80\xAF", 3 }, "3 h3 c0 n0 l3/1 w3" },
	{ "a surrogate", { "\xED\xA0\x80", 3 }, "3 h3 c0 n0 l3/1 w3" },
	{ "past the end of Unicode", { "\xF4\x90\x80\x80", 4 },
		"4 h4 c0 n0 l4/1 w4" },
	{ "NUL", { "a\0b", 3 }, "3 h0 c1 n1 l3/3 w3 utf8" },
	{ "leading space", { "a\n b", 4 },
		"4 h0 c0 n0 l2/2 w1 utf8 7bit lead" },
	{ "trailing space", { "a \nb", 4 },
		"4 h0 c0 n0 l2/2 w2 utf8 7bit trail" },
	{ "a signature's space is none", { "a\n-- \nb", 7 },
		"7 h0 c0 n0 l3/3 w3 utf8 7bit" },
	{ "an unended line ends in a space", { "a ", 2 },
		"2 h0 c0 n0 l2/2 w2 utf8 7bit trail" },
	{ "From", { "x\nFrom a", 8 }, "8 h0 c0 n0 l6/6 w5 utf8 7bit from" },
	{ "no From", { "x\nFroma\n From", 13 },
		"13 h0 c0 n0 l5/5 w5 utf8 7bit lead" },
};

static void describe(const struct content *content, struct buf *out)
{
	buf_clear(out);
	buf_printf(out, "%d h%d c%d n%d l%d/%d w%d%s%s%s%s%s",
		(int)content->size, (int)content->high_count,
		(int)content->control_count, (int)content->nul_count,
		(int)content->longest_line, (int)content->longest_columns,
		(int)content->longest_word, content->is_utf8 ? " utf8" : "",
		content_is_7bit(content) ? " 7bit" : "",
		content->has_leading_space ? " lead" : "",
		content->has_trailing_space ? " trail" : "",
		content->has_from_line ? " from" : "");
}

static void test_scans(void)
{
	struct buf out = BUF_INIT(1000);
	struct content content;
	struct diag why;

	for (size_t i = 0; i < sizeof scans / sizeof *scans; i++)
		for (size_t size = 1; size < 20; size += 6) {
			struct source *source = pieces_of(scans[i].text, size);

			content_scan(source, &content, &why);
			describe(&content, &out);
			tap_is_text(
				buf_text(&out), scans[i].want, scans[i].name);
			source_close(source);
		}
	buf_free(&out);
}

static const struct {
	const char *name;
	struct span text;
	const char *type, *charset;
} types[] = {
	{ "a.pdf", { "x", 1 }, "application/pdf", "us-ascii" },
	{ "a.PDF", { "x", 1 }, "application/pdf", "us-ascii" },
	{ "a.tar.gz", { "x", 1 }, "application/gzip", "us-ascii" },
	{ "log.txt", { "x", 1 }, "text/plain", "us-ascii" },
	{ "log.txt", { "", 0 }, "text/plain", "us-ascii" },
	{ "log.txt", { "J\xC3\xB6rg", 5 }, "text/plain", "utf-8" },
	{ "log.txt", { "J\xF6rg", 4 }, "text/plain", "unknown-8bit" },
	{ "log.txt",
		{ "\xFF\xFE"
		  "a\0",
			4 },
		"text/plain", "utf-16" },
	{ "a lying.txt", { "\0\1\2\3", 4 }, "application/octet-stream",
		"us-ascii" },
	{ "a lying.txt", { "\x89PNG\r\n\x1A\n\0\0", 10 }, "image/png",
		"unknown-8bit" },
	{ "README", { "hello\n", 6 }, "text/plain", "us-ascii" },
	{ "core",
		{ "\x7F"
		  "ELF\0\0",
			6 },
		"application/octet-stream", "us-ascii" },
	{ "empty", { "", 0 }, "application/octet-stream", "us-ascii" },
	{ ".txt", { "\0", 1 }, "application/octet-stream", "us-ascii" },
	{ "scan", { "%PDF-1.4\n", 9 }, "application/pdf", "us-ascii" },
	{ "photo", { "\xFF\xD8\xFF\xE0", 4 }, "image/jpeg", "unknown-8bit" },
	{ "a.unknown", { "PK\3\4", 4 }, "application/zip", "us-ascii" },
	{ "film",
		{ "\0\0\0\x18"
		  "ftypmp42",
			12 },
		"video/mp4", "us-ascii" },
};

static void test_types(void)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct content content;

		content_init(&content);
		content_feed(&content, types[i].text);
		content_end(&content);
		tap_is_text(mimetype_of(types[i].name, &content), types[i].type,
			types[i].name);
		tap_is_text(mimetype_charset(&content), types[i].charset,
			"  its charset");
	}
	tap_is_text(mimetype_extension("Text/Plain; charset=x"), "txt",
		"an extension for a type");
	tap_ok(!mimetype_extension("text/none"), "and none for another");
}

static void test_valid(void)
{
	static const char *const good[] = { "text/plain", "a/b+c.d",
		"text/plain; charset=utf-8", "text/plain;charset=a;format=b" };
	static const char *const bad[] = { "", "text", "/", "text/", "/plain",
		"text/plain;", "text/pl ain", "text/plain; charset",
		"text/plain; charset=", "text/plain; =x", "text/plain/x",
		"text/plain\r\nBcc: x", "text/plain; charset=a\r\nX: b",
		"text/plain\n", " text/plain", "text/plain; a=b\n",
		"t\xC3\xB6xt/plain", "text/plain; charset=\"a\"" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		tap_ok(mimetype_is_valid(span_of(good[i])), "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		tap_ok(!mimetype_is_valid(span_of(bad[i])), "not: %s", bad[i]);
}

int main(void)
{
	test_scans();
	test_types();
	test_valid();
	return tap_done();
}
