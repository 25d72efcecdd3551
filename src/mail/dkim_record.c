/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DKIM keys in DNS.  Knows no DNS, and no private keys. */
#include <config.h>

#include "mail/dkim_record.h"

#include "base/base64.h"
#include "base/diag.h"
#include "base/text.h"

enum { LABEL_BYTES = 63, STRING_BYTES = 255, KEY_LIMIT = 16 * 1024 };

static bool is_label(struct span label)
{
	for (size_t i = 0; i < label.length; i++)
		if (!ascii_is_alpha(label.at[i]) &&
			!ascii_is_digit(label.at[i]) &&
			!strchr("-_", label.at[i]))
			return false;
	return label.length && label.length <= LABEL_BYTES;
}

bool dkim_record_is_selector(struct span name)
{
	bool ends = span_find(name, '.') == name.length;

	while (!ends && is_label(span_cut(&name, '.')))
		ends = span_find(name, '.') == name.length;
	return ends && is_label(name);
}

void dkim_record_put(const char *kind, struct span public, struct buf *out)
{
	buf_puts(out, "v=DKIM1; k=");
	buf_puts(out, kind);
	buf_puts(out, "; p=");
	base64_encode(public, out);
}

void dkim_record_put_zone(const char *selector, const char *domain,
	struct span text, struct buf *out)
{
	bool is_long = text.length > STRING_BYTES;

	buf_printf(out, "%s._domainkey.%s. IN TXT%s", selector, domain,
		is_long ? " (" : "");
	do {
		size_t length =
			text.length < STRING_BYTES ? text.length : STRING_BYTES;

		buf_puts(out, is_long ? "\n\t\"" : " \"");
		buf_put(out, text.at, length);
		buf_put_byte(out, '"');
		text = span_skip(text, length);
	} while (text.length);
	buf_puts(out, is_long ? " )\n" : "\n");
}

/* ---- reading ------------------------------------------------------------- */

/* The tags that matter, empty for one that is not there. */
struct tags {
	struct span v, k, h, s, p;
};

static struct span *find_tag(struct tags *tags, struct span name)
{
	struct span *const all[] = { &tags->v, &tags->k, &tags->h, &tags->s,
		&tags->p };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (name.length == 1 && *name.at == "vkhsp"[i])
			return all[i];
	return NULL;
}

/* RFC 6376 3.2: a tag stands once, and v= in front. */
static bool read_tags(struct span text, struct tags *tags)
{
	for (bool is_first = true; span_trim(text).length; is_first = false) {
		struct span value = span_cut(&text, ';');
		bool has_value = span_find(value, '=') < value.length;
		struct span *tag =
			find_tag(tags, span_trim(span_cut(&value, '=')));

		if (!has_value || (tag && tag->at))
			return false;
		if (tag == &tags->v && !is_first)
			return false;
		if (tag)
			*tag = span_trim(value);
	}
	return true;
}

/* Whether one of the names in LIST, with colons between, is WORD. */
static bool names(struct span list, const char *word)
{
	while (list.length)
		if (span_equal_nocase(
			    span_trim(span_cut(&list, ':')), span_of(word)))
			return true;
	return false;
}

/* Blanks may stand within base 64. */
static bool holds_key(struct span p, struct span public)
{
	struct buf text = BUF_INIT(KEY_LIMIT), key = BUF_INIT(KEY_LIMIT);
	bool is_it;

	for (size_t i = 0; i < p.length; i++)
		if (!strchr(" \t\r\n", p.at[i]))
			buf_put_byte(&text, p.at[i]);
	is_it = base64_decode(buf_span(&text), &key) &&
		span_equal(buf_span(&key), public);
	buf_free(&text);
	buf_free(&key);
	return is_it;
}

bool dkim_record_holds(struct span text, const char *kind, struct span public,
	const char **reason)
{
	struct tags tags = { 0 };

	*reason = NULL;
	if (!read_tags(text, &tags))
		*reason = N_("it is no list of 'tag=value' with ';' between");
	else if (tags.v.at && !span_equal(tags.v, SPAN("DKIM1")))
		*reason = N_("it does not begin with v=DKIM1");
	else if (!tags.p.at)
		*reason = N_("it has no p=");
	else if (!tags.p.length)
		*reason = N_("its p= is empty: the key is withdrawn");
	else if (!span_equal(tags.k.at ? tags.k : SPAN("rsa"), span_of(kind)))
		*reason = N_("its k= is of another kind of key");
	else if (tags.h.at && !names(tags.h, "sha256"))
		*reason = N_("its h= does not allow sha256");
	else if (tags.s.at && !names(tags.s, "*") && !names(tags.s, "email"))
		*reason = N_("its s= does not allow mail");
	else if (!holds_key(tags.p, public))
		*reason = N_("its p= is another key");
	return !*reason;
}
