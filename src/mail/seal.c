/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed addresses.  Does not know where the key comes from. */
#include <config.h>

#include "mail/seal.h"

#include "base/base64.h"
#include "base/secret.h"
#include "base/text.h"

#include <string.h>

enum {
	HASH_BYTES = 32,
	ID_BYTES = 2,
	MAC_BYTES = 16,
	HEAD_BYTES = ID_BYTES + MAC_BYTES,
	RAW_LIMIT = HEAD_BYTES + SEAL_TEXT_LIMIT
};

static struct span bytes_of(const void *bytes, size_t length)
{
	return span_make(bytes, length);
}

bool seal_key_set(struct seal_key *key, struct span secret, seal_hmac *hmac,
	struct diag *why)
{
	unsigned char id[HASH_BYTES];

	key->hmac = hmac;
	if (!hmac(secret, SPAN("mailchute seal: id"), id, why) ||
		!hmac(secret, SPAN("mailchute seal: check"), key->check, why) ||
		!hmac(secret, SPAN("mailchute seal: cipher"), key->cipher, why))
		return false;
	memcpy(key->id, id, ID_BYTES);
	return true;
}

/* ---- the two halves ------------------------------------------------------ */

static bool make_mac(const struct seal_key *key, enum seal_kind kind,
	struct span text, unsigned char mac[static MAC_BYTES], struct diag *why)
{
	struct buf whole = BUF_INIT(1 + SEAL_TEXT_LIMIT);
	unsigned char hash[HASH_BYTES];
	bool is_made;

	buf_put_byte(&whole, (char)kind);
	buf_put_span(&whole, text);
	is_made = key->hmac(bytes_of(key->check, sizeof key->check),
		buf_span(&whole), hash, why);
	if (is_made)
		memcpy(mac, hash, MAC_BYTES);
	buf_wipe_free(&whole);
	return is_made;
}

/* Into what cannot be read, and back. */
static bool mix(const struct seal_key *key,
	const unsigned char mac[static MAC_BYTES], char *text, size_t length,
	struct diag *why)
{
	unsigned char seed[MAC_BYTES + 1], stream[HASH_BYTES];

	memcpy(seed, mac, MAC_BYTES);
	for (size_t at = 0; at < length; at++) {
		if (at % HASH_BYTES == 0) {
			seed[MAC_BYTES] = (unsigned char)(at / HASH_BYTES);
			if (!key->hmac(
				    bytes_of(key->cipher, sizeof key->cipher),
				    bytes_of(seed, sizeof seed), stream, why))
				return false;
		}
		text[at] = (char)((unsigned char)text[at] ^
				  stream[at % HASH_BYTES]);
	}
	secret_erase(stream, sizeof stream);
	return true;
}

/* Takes as long wherever they differ. */
static bool is_same(const unsigned char *a, const unsigned char *b)
{
	unsigned difference = 0;

	for (size_t i = 0; i < MAC_BYTES; i++)
		difference |= (unsigned)(a[i] ^ b[i]);
	return difference == 0;
}

/* ---- letters ------------------------------------------------------------- */

static bool is_letter(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_';
}

static void put_letters(struct buf *out, struct span raw)
{
	struct buf text = BUF_INIT(SEAL_LENGTH_MAX);

	base64_encode(raw, &text);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c != '=')
			buf_put_byte(out, c == '+' ? '-' : c == '/' ? '_' : c);
	}
	buf_free(&text);
}

static bool take_letters(struct span seal, struct buf *raw)
{
	struct buf text = BUF_INIT(SEAL_LENGTH_MAX + 4);
	bool is_taken;

	for (size_t i = 0; i < seal.length; i++) {
		char c = seal.at[i];

		if (is_letter(c))
			buf_put_byte(&text, c == '-'   ? '+'
					    : c == '_' ? '/'
						       : c);
	}
	is_taken = text.length == seal.length;
	while (text.length % 4)
		buf_put_byte(&text, '=');
	is_taken = is_taken && base64_decode(buf_span(&text), raw);
	buf_free(&text);
	return is_taken;
}

/* ---- making -------------------------------------------------------------- */

static bool put_raw(const struct seal_key *key, enum seal_kind kind, char *text,
	size_t length, struct buf *raw, struct diag *why)
{
	unsigned char mac[MAC_BYTES];

	if (!make_mac(key, kind, span_make(text, length), mac, why) ||
		!mix(key, mac, text, length, why))
		return false;
	buf_put_span(raw, bytes_of(key->id, ID_BYTES));
	buf_put_span(raw, bytes_of(mac, MAC_BYTES));
	return buf_put(raw, text, length);
}

bool seal_put(const struct seal_key *key, enum seal_kind kind,
	const char *about, const char *address, struct buf *out,
	struct diag *why)
{
	const size_t about_length = strlen(about);
	const size_t length = about_length + 1 + strlen(address);
	struct buf raw = BUF_INIT(RAW_LIMIT);
	char text[SEAL_TEXT_LIMIT];
	bool is_put;

	if (length > sizeof text)
		return diag_set(why, DIAG_ADDRESS_INVALID, address,
			DIAG_WORDS N_("it is too long"));
	memcpy(text, about, about_length + 1);
	memcpy(text + about_length + 1, address, length - about_length - 1);
	is_put = put_raw(key, kind, text, length, &raw, why);
	if (is_put) {
		buf_put_byte(out, (char)kind);
		put_letters(out, buf_span(&raw));
	}
	secret_erase(text, sizeof text);
	buf_free(&raw);
	return is_put;
}

/* ---- opening ------------------------------------------------------------- */

static bool take_text(
	struct span text, struct arena *arena, struct seal_opened *out)
{
	struct span about = span_cut(&text, '\0');

	if (!text.length || memchr(text.at, '\0', text.length))
		return false;
	*out = (struct seal_opened){ arena_strndup(
					     arena, about.at, about.length),
		arena_strndup(arena, text.at, text.length) };
	return true;
}

static bool open_with(const struct seal_key *key, enum seal_kind kind,
	const struct buf *raw, struct arena *arena, struct seal_opened *out)
{
	const unsigned char *bytes = (const unsigned char *)raw->data;
	const size_t length = raw->length - HEAD_BYTES;
	unsigned char mac[MAC_BYTES];
	char text[SEAL_TEXT_LIMIT];
	struct diag ignored;

	if (memcmp(bytes, key->id, ID_BYTES) != 0)
		return false;
	memcpy(text, bytes + HEAD_BYTES, length);
	return mix(key, bytes + ID_BYTES, text, length, &ignored) &&
	       make_mac(key, kind, span_make(text, length), mac, &ignored) &&
	       is_same(mac, bytes + ID_BYTES) &&
	       take_text(span_make(text, length), arena, out);
}

bool seal_open(const struct seal_keys *keys, enum seal_kind kind,
	struct span seal, struct arena *arena, struct seal_opened *out)
{
	struct buf raw = BUF_INIT(RAW_LIMIT);
	bool is_open = false;

	if (seal.length && seal.length <= SEAL_LENGTH_MAX &&
		*seal.at == (char)kind &&
		take_letters(span_skip(seal, 1), &raw) &&
		raw.length > HEAD_BYTES)
		for (size_t i = 0; i < keys->count && !is_open; i++)
			is_open = open_with(
				&keys->items[i], kind, &raw, arena, out);
	buf_free(&raw);
	return is_open;
}

bool seal_find(const struct seal_keys *keys, enum seal_kind kind,
	struct span text, struct arena *arena, struct seal_opened *out)
{
	size_t begin = 0;

	for (size_t i = 0; i <= text.length; i++) {
		if (i < text.length && is_letter(text.at[i]))
			continue;
		if (seal_open(keys, kind, span_make(text.at + begin, i - begin),
			    arena, out))
			return true;
		begin = i + 1;
	}
	return false;
}
