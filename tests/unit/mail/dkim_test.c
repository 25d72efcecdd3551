/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is hashed, and the field that comes of it; the mathematics is made up.
 */
#include <config.h>

#include "base/mem.h"
#include "mail/dkim.h"
#include "tap.h"
#include "unit/mail/pieces.h"

#include <stdio.h>

enum { LIMIT = 256 * 1024 };

/* All that was hashed, each hash in angle brackets. */
static struct buf hashed = BUF_INIT(LIMIT);

/* Whether there is a SHA-256. */
static bool has_hash = true;

static void *fake_begin(void)
{
	struct buf *text = mem_zalloc(sizeof *text);

	*text = BUF_INIT(LIMIT);
	return text;
}

static void fake_put(void *hash, struct span bytes)
{
	buf_put_span(hash, bytes);
}

static bool fake_end(void *hash, unsigned char out[static DKIM_HASH_BYTES])
{
	struct buf *text = hash;

	buf_puts(&hashed, "<");
	buf_put_span(&hashed, buf_span(text));
	buf_puts(&hashed, ">");
	memset(out, (int)(text->length & 0xff), DKIM_HASH_BYTES);
	buf_free(text);
	mem_free(text);
	return has_hash;
}

static bool fake_sign(
	void *context, struct span hash, struct buf *out, struct diag *why)
{
	const unsigned *count = context;

	(void)hash;
	if (!*count)
		return diag_set(why, DIAG_LIBRARY_NOT_LOADED, "key", "no");
	for (unsigned i = 0; i < *count; i++)
		buf_put_byte(out, 'x');
	return true;
}

static bool to_ascii(const char *domain, struct buf *out, struct diag *why)
{
	(void)why;
	return strcmp(domain, "\xc3\xbc.example") == 0 &&
	       buf_puts(out, "xn--tda.example");
}

static unsigned short_one = 6, long_one = 256, broken = 0;
static const struct dkim_key keys[] = {
	{ "s1", "ed25519-sha256", fake_sign, &short_one },
	{ "s2", "rsa-sha256", fake_sign, &long_one },
	{ "s3", "rsa-sha256", fake_sign, &broken },
};

static const struct dkim_params plain = {
	.domain = "example.org",
	.keys = keys,
	.key_count = 1,
	.headers = "From:Subject",
	.to_ascii = to_ascii,
	.hash = { fake_begin, fake_put, fake_end },
	.now = 1800000000,
};

#define FIELD_HEAD                                                             \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; "           \
	"d=example.org; "                                                      \
	"s=s1;\r\n\tt=1800000000; "
#define CANONICAL_HEAD                                                         \
	"dkim-signature:v=1; a=ed25519-sha256; c=relaxed/relaxed; "            \
	"d=example.org; s=s1; t=1800000000; "
/* 32 times 6: the length of the body. */
#define HASH_6 "BgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgY="

static const struct {
	const char *name, *input, *hashes;
} cases[] = {
	{ "From and Subject, signed once more than they are there",
		"Subject:  Hello\r\n you \r\nTo: b@x\r\n"
		"From: Ann <ann@example.org>\r\n\r\nbody \r\n\r\n",
		"<body\r\n><from:Ann <ann@example.org>\r\nsubject:Hello "
		"you\r\n" CANONICAL_HEAD
		"h=From:From:Subject:Subject; bh=" HASH_6 "; b=>" },
	{ "the last of several comes first",
		"Subject: one\r\nFrom: a@example.org\r\nSubject: two\r\n\r\n"
		"body\r\n",
		"<body\r\n><from:a@example.org\r\nsubject:two\r\nsubject:"
		"one\r\n" CANONICAL_HEAD
		"h=From:From:Subject:Subject:Subject; bh=" HASH_6 "; b=>" },
	{ "no Subject", "FROM: a@mail.Example.ORG\r\n\r\nbody\r\n",
		"<body\r\n><from:a@mail.Example.ORG\r\n" CANONICAL_HEAD
		"h=From:From:Subject; bh=" HASH_6 "; b=>" },
};

/* Whose message is none of ours: nothing is added. */
static const struct {
	const char *name, *input;
} foreign[] = {
	{ "another domain", "From: a@example.net\r\n\r\nbody\r\n" },
	{ "a domain that ends alike", "From: a@badexample.org\r\n\r\nb\r\n" },
	{ "a shorter domain", "From: a@org\r\n\r\nb\r\n" },
	{ "one author of two",
		"From: a@example.org, b@x.example\r\n\r\nb\r\n" },
	{ "no author", "To: a@example.org\r\n\r\nb\r\n" },
	{ "an empty author", "From: \r\n\r\nb\r\n" },
	{ "no address", "From: root\r\n\r\nb\r\n" },
	{ "two From fields",
		"From: a@example.org\r\nFrom: a@example.org\r\n\r\nb\r\n" },
	{ "no header", "\r\nFrom: a@example.org\r\n" },
	{ "nothing at all", "" },
};

static bool sign(const struct dkim_params *params, const char *input,
	size_t size, struct buf *out)
{
	struct source *source = pieces_of(span_of(input), size);
	struct diag why;
	bool is_good;

	buf_clear(out);
	buf_clear(&hashed);
	is_good = dkim_sign(params, source, out, &why);
	source_close(source);
	return is_good;
}

static void check_hashes(void)
{
	struct buf fields = BUF_INIT(LIMIT);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].input);

		for (size_t size = 1; size <= length; size++) {
			sign(&plain, cases[i].input, size, &fields);
			if (strcmp(buf_text(&hashed), cases[i].hashes) != 0)
				break;
		}
		tap_is_text(buf_text(&hashed), cases[i].hashes, cases[i].name);
	}
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		tap_ok(sign(&plain, foreign[i].input, 1000, &fields) &&
				!fields.length,
			"not signed: %s", foreign[i].name);
	buf_free(&fields);
}

/* Lines of at most 78 columns, and the whole text. */
static void check_field(void)
{
	struct buf fields = BUF_INIT(LIMIT);
	struct dkim_params params = plain;
	struct span rest, line;
	size_t longest = 0, count = 0;

	sign(&plain, cases[0].input, 1000, &fields);
	tap_is_text(buf_text(&fields),
		FIELD_HEAD "h=From:From:Subject:Subject;\r\n\t"
			   "bh=" HASH_6 "; b=eHh4eHh4\r\n",
		"the field");
	params.headers = NULL;
	params.key_count = 2;
	sign(&params, cases[0].input, 1000, &fields);
	rest = buf_span(&fields);
	while ((line = span_cut(&rest, '\n')).length) {
		count++;
		if (line.length > longest)
			longest = line.length;
	}
	tap_ok(longest <= 79, "lines of at most 78 columns: %zu", longest);
	tap_ok(strstr(buf_text(&fields), "a=rsa-sha256") != NULL &&
			strstr(buf_text(&fields), "a=ed25519-sha256") != NULL,
		"a field for each key, in %zu lines", count);
	params.key_count = 3;
	tap_ok(!sign(&params, cases[0].input, 1000, &fields),
		"a key that does not sign");
	has_hash = false;
	tap_ok(!sign(&plain, cases[0].input, 1000, &fields), "no SHA-256");
	has_hash = true;
	params = plain;
	params.domain = "xn--tda.example";
	tap_ok(sign(&params, "From: a@\xc3\xbc.example\r\n\r\nb\r\n", 9,
		       &fields) &&
			fields.length,
		"a domain that is not ASCII");
	params.domain = "example.org";
	params.headers = "subject, X-Own Subject";
	sign(&params, "X-Own: 1\r\nFrom: a@example.org\r\n\r\nbody\r\n", 9,
		&fields);
	tap_ok(strstr(buf_text(&hashed), "h=From:From:subject:X-Own:X-Own;") !=
			NULL,
		"names of one's own, From besides, none twice");
	params.headers = "subject:list-unsubscribe";
	sign(&params,
		"List-Unsubscribe-Post: a\r\nFrom: a@example.org\r\n"
		"List-Unsubscribe: b\r\n\r\nbody\r\n",
		9, &fields);
	tap_ok(strstr(buf_text(&hashed), "List-Unsubscribe-Post") != NULL &&
			strstr(buf_text(&hashed),
				"list-unsubscribe-post:a\r\n"
				"list-unsubscribe:b\r\n") != NULL,
		"what one click needs besides");
	buf_free(&fields);
}

/* Signs a message with COUNT subjects: how often h= names them. */
static size_t name_subjects(unsigned count)
{
	struct buf input = BUF_INIT(LIMIT), fields = BUF_INIT(LIMIT);
	const char *at;
	size_t named = 0;

	for (unsigned i = 0; i < count; i++)
		buf_printf(&input, "Subject: %u\r\n", i);
	buf_puts(&input, "From: a@example.org\r\n\r\nbody\r\n");
	tap_ok(sign(&plain, buf_text(&input), 5000, &fields) &&
			fields.length < 1000,
		"%u subjects", count);
	at = strstr(buf_text(&fields), "h=");
	while (at && (at = strstr(at, "Subject"))) {
		named++;
		at++;
	}
	buf_free(&input);
	buf_free(&fields);
	return named;
}

/* Once more than they are there, but never more often than the limit. */
static void check_many(void)
{
	tap_is_number((long)name_subjects(DKIM_REPEATED_LIMIT - 1),
		DKIM_REPEATED_LIMIT, "  as many names as the limit");
	tap_is_number((long)name_subjects(DKIM_REPEATED_LIMIT),
		DKIM_REPEATED_LIMIT, "  no more for one more");
	tap_is_number((long)name_subjects(2000), DKIM_REPEATED_LIMIT,
		"  nor for thousands: the last ones are signed");
}

int main(void)
{
	check_hashes();
	check_field();
	check_many();
	buf_free(&hashed);
	return tap_done();
}
