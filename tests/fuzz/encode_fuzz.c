/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encoded words and quoted-printable: short lines, no way to end a header, and
 * decoding gives back what was encoded.  The first byte of the input is the
 * column.
 */
#include <config.h>

#include "base/base64.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "mail/address.h"
#include "mail/encode.h"

#include <stdlib.h>

/* The text as the encoders see it, but for blanks at its ends. */
static void put_expected(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.at[i];

		buf_put_byte(out, c < ' ' || c == 0x7F ? ' ' : (char)c);
	}
}

static void check_header_lines(struct span text)
{
	while (text.length) {
		size_t length = span_find(text, '\r');

		for (size_t i = 0; i < length; i++)
			fuzz_check((unsigned char)text.at[i] >= ' ' &&
				   text.at[i] != 0x7F);
		if (length < text.length)
			fuzz_check(length + 2 < text.length &&
				   text.at[length + 1] == '\n' &&
				   text.at[length + 2] == ' ');
		text = span_skip(text, length + 2);
	}
}

static void q_decode(struct span text, struct buf *out)
{
	while (text.length) {
		char digits[3] = "";

		if (text.at[0] == '=') {
			fuzz_check(text.length >= 3);
			memcpy(digits, text.at + 1, 2);
			buf_put_byte(out, (char)strtoul(digits, NULL, 16));
		} else {
			fuzz_check(text.at[0] > ' ');
			buf_put_byte(out, text.at[0] == '_' ? ' ' : text.at[0]);
		}
		text = span_skip(text, text.at[0] == '=' ? 3 : 1);
	}
}

static void word_decode(struct span word, bool is_utf8, struct buf *out)
{
	size_t before = out->length;
	struct span kind;

	fuzz_check(word.length <= 75);
	fuzz_check(span_starts_with(
		word, is_utf8 ? SPAN("=?utf-8?") : SPAN("=?unknown-8bit?")));
	word = span_skip(word, is_utf8 ? 8 : 15);
	kind = span_cut(&word, '?');
	fuzz_check(word.length > 2 && word.at[word.length - 2] == '?');
	word.length -= 2;
	if (span_equal(kind, SPAN("B")))
		fuzz_check(base64_decode(word, out));
	else
		q_decode(word, out);
	if (is_utf8)
		fuzz_check(text_is_utf8(span_skip(buf_span(out), before)));
}

static void check_words(struct span words, struct span want, size_t column)
{
	struct buf got = BUF_INIT(want.length);

	for (bool is_first = true; words.length; is_first = false) {
		struct span line = span_cut(&words, '\n'), text;

		text = span_trim(line);
		fuzz_check(!text.length ||
			   (is_first ? column : 1) + text.length <= 76);
		fuzz_check(text.length || is_first);
		if (text.length)
			word_decode(text, text_is_utf8(want), &got);
	}
	fuzz_check(span_equal(buf_span(&got), want));
	buf_free(&got);
}

/* A phrase in front of an address stays in front of it. */
static void check_phrase(struct span phrase)
{
	struct buf from = BUF_INIT(phrase.length + 20);
	struct arena *arena = arena_new();
	struct mailbox mailbox;
	const char *reason;

	buf_put_span(&from, phrase);
	buf_puts(&from, " <a@x.org>");
	fuzz_check(address_parse(buf_span(&from), arena, &mailbox, &reason));
	fuzz_check(strcmp(mailbox.local, "a") == 0);
	fuzz_check(strcmp(mailbox.domain, "x.org") == 0);
	buf_free(&from);
	arena_free(arena);
}

static void check_qp(struct span text)
{
	struct source *source = encode_quoted_printable(source_from_span(text));
	struct span piece;
	struct diag why;
	size_t column = 0;

	while (source_next(source, &piece, &why) && piece.length)
		for (size_t i = 0; i < piece.length; i++) {
			char c = piece.at[i];

			fuzz_check(c == '\r' || c == '\n' || c == '\t' ||
				   (c >= ' ' && c <= '~'));
			column = c == '\n' ? 0 : column + (c != '\r');
			fuzz_check(column <= 76);
		}
	source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = fuzz_span(data, size);
	struct buf want = BUF_INIT(size), out = BUF_INIT(size * 8 + 1000);
	size_t column = size ? data[0] : 0;

	text = span_skip(text, 1);
	put_expected(&want, text);
	encode_phrase(&out, text, column);
	fuzz_check(!out.overflowed);
	check_header_lines(buf_span(&out));
	check_phrase(buf_span(&out));
	if (!text_is_ascii(buf_span(&want)))
		check_words(buf_span(&out), span_trim(buf_span(&want)), column);
	buf_clear(&out);
	encode_text(&out, text, column);
	fuzz_check(!out.overflowed);
	check_header_lines(buf_span(&out));
	if (!text_is_ascii(buf_span(&want)))
		check_words(buf_span(&out), span_trim(buf_span(&want)), column);
	check_qp(text);
	buf_free(&want);
	buf_free(&out);
	return 0;
}
