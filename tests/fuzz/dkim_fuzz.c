/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signing: the field that comes of it is a header field of short lines,
 * whatever the message; the relaxed form of a body does not depend on how it
 * was cut, and is its own relaxed form.  Records of keys: one that is made
 * holds its key, and no other text crashes.
 */
#include <config.h>

#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "mail/dkim.h"
#include "mail/dkim_record.h"
#include "mail/relaxed.h"

enum { LINE_BYTES = 998 };

/* ---- stand-ins ----------------------------------------------------------- */

static void *begin(void)
{
	return mem_zalloc(1);
}

static void put(void *hash, struct span bytes)
{
	(void)hash;
	(void)bytes;
}

static bool end(void *hash, unsigned char out[static DKIM_HASH_BYTES])
{
	memset(out, 0, DKIM_HASH_BYTES);
	mem_free(hash);
	return true;
}

static bool sign(
	void *context, struct span hash, struct buf *out, struct diag *why)
{
	(void)context;
	(void)why;
	fuzz_check(hash.length == DKIM_HASH_BYTES);
	return buf_put_span(out, hash);
}

/* ---- what must be so ----------------------------------------------------- */

/* Every line ends in CRLF and has none inside. */
static void make_canonical(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] == '\n')
			buf_puts(out, "\r\n");
		else if (text.at[i] != '\r')
			buf_put_byte(out, text.at[i]);
	if (out->length && out->data[out->length - 1] != '\n')
		buf_puts(out, "\r\n");
}

static void check_signature(struct span message)
{
	static const struct dkim_key key = { "s", "rsa-sha256", sign, NULL };
	const struct dkim_params params = { .domain = "x.org",
		.keys = &key,
		.key_count = 1,
		.hash = { begin, put, end },
		.now = 1 };
	struct source *source = source_from_span(message);
	struct buf fields = BUF_INIT(DKIM_FIELDS_LIMIT);
	struct span rest;
	struct diag why;

	if (!dkim_sign(&params, source, &fields, &why))
		buf_clear(&fields);
	rest = buf_span(&fields);
	fuzz_check(!rest.length ||
		   span_starts_with(rest, SPAN("DKIM-Signature: ")));
	for (bool is_first = true; rest.length; is_first = false) {
		struct span line = span_cut(&rest, '\n');

		fuzz_check(line.length > 1 && line.length <= LINE_BYTES);
		fuzz_check(line.at[line.length - 1] == '\r');
		fuzz_check(is_first || line.at[0] == '\t' || line.at[0] == ' ');
	}
	source_close(source);
	buf_free(&fields);
}

static void collect(void *context, struct span bytes)
{
	buf_put_span(context, bytes);
}

static void relax(struct span body, size_t piece, struct buf *out)
{
	struct relaxed_body relaxed = { .put = collect, .context = out };

	while (body.length) {
		size_t length = piece < body.length ? piece : body.length;

		relaxed_body_put(&relaxed, span_make(body.at, length));
		body = span_skip(body, length);
	}
	relaxed_body_end(&relaxed);
}

static void check_body(struct span body)
{
	struct buf whole = BUF_INIT(body.length + 2);
	struct buf cut = BUF_INIT(body.length + 2);

	relax(body, body.length, &whole);
	relax(body, 1 + body.length % 7, &cut);
	fuzz_check(!whole.overflowed);
	fuzz_check(span_equal(buf_span(&whole), buf_span(&cut)));
	buf_clear(&cut);
	relax(buf_span(&whole), whole.length, &cut);
	fuzz_check(span_equal(buf_span(&whole), buf_span(&cut)));
	buf_free(&whole);
	buf_free(&cut);
}

static void check_record(struct span text)
{
	struct buf record = BUF_INIT(2 * text.length + 100);
	const char *reason;

	(void)dkim_record_is_selector(text);
	fuzz_check(dkim_record_holds(text, "rsa", SPAN("key"), &reason) ==
		   !reason);
	dkim_record_put("ed25519", text, &record);
	fuzz_check(!text.length || dkim_record_holds(buf_span(&record),
					   "ed25519", text, &reason));
	buf_free(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf message = BUF_INIT(2 * size + 2);

	make_canonical(fuzz_span(data, size), &message);
	check_signature(buf_span(&message));
	check_body(buf_span(&message));
	if (size <= 8192)
		check_record(fuzz_span(data, size));
	buf_free(&message);
	return 0;
}
