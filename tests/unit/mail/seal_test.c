/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed addresses: what is read again, and that nothing else is. */
#include <config.h>

#include "mail/seal.h"
#include "tap.h"

#include <string.h>

/* No HMAC, but every byte of key and text counts. */
static bool toy(struct span key, struct span text, unsigned char out[static 32],
	struct diag *why)
{
	const struct span parts[] = { key, text };
	uint64_t state = 1469598103934665603u;

	(void)why;
	for (size_t part = 0; part < 2; part++)
		for (size_t i = 0; i < parts[part].length; i++)
			state = (state ^ (unsigned char)parts[part].at[i]) *
				1099511628211u;
	for (size_t i = 0; i < 32; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		out[i] = (unsigned char)(state >> 56);
	}
	return true;
}

static struct seal_keys one_key(char letter)
{
	char secret[SEAL_KEY_BYTES];
	struct seal_keys keys = { .count = 1 };
	struct diag why;

	memset(secret, letter, sizeof secret);
	seal_key_set(
		&keys.items[0], span_make(secret, sizeof secret), toy, &why);
	return keys;
}

static struct arena *arena;
static struct buf seal = BUF_INIT(SEAL_LENGTH_MAX);

static void make(
	const struct seal_keys *keys, const char *about, const char *address)
{
	struct diag why;

	buf_clear(&seal);
	seal_put(
		&keys->items[0], SEAL_UNSUBSCRIBE, about, address, &seal, &why);
}

static void test_again(const char *about, const char *address)
{
	struct seal_keys keys = one_key('a');
	struct seal_opened opened = { NULL, NULL };

	make(&keys, about, address);
	tap_ok(seal_open(&keys, SEAL_UNSUBSCRIBE, buf_span(&seal), arena,
		       &opened),
		"it is ours");
	tap_is_text(opened.about, about, "about");
	tap_is_text(opened.address, address, "address");
	tap_ok(!strstr(buf_text(&seal), "ann") && !strchr(buf_text(&seal), '='),
		"and tells nobody");
}

/* Every byte, each changed into every letter. */
static void test_changed(void)
{
	static const char letters[] = "ABCXYZabcxyz0189-_=+/ .";
	struct seal_keys keys = one_key('a');
	struct seal_opened opened;
	unsigned taken = 0;

	make(&keys, "news", "ann@example.org");
	for (size_t i = 0; i < seal.length; i++) {
		const char was = seal.data[i];

		for (const char *to = letters; *to; to++) {
			seal.data[i] = *to;
			if (*to != was)
				taken += seal_open(&keys, SEAL_UNSUBSCRIBE,
					buf_span(&seal), arena, &opened);
		}
		seal.data[i] = was;
	}
	tap_is_number(taken, 0, "one letter changed");
	for (size_t i = 0; i < seal.length; i++)
		taken += seal_open(&keys, SEAL_UNSUBSCRIBE,
			span_make(seal.data, i), arena, &opened);
	tap_is_number(taken, 0, "cut short");
	buf_puts(&seal, "AAAA");
	tap_ok(!seal_open(&keys, SEAL_UNSUBSCRIBE, buf_span(&seal), arena,
		       &opened),
		"more behind it");
}

static void test_keys(void)
{
	struct seal_keys old = one_key('a'), keys = one_key('b');
	struct seal_opened opened;

	make(&old, "news", "ann@example.org");
	tap_ok(!seal_open(&keys, SEAL_UNSUBSCRIBE, buf_span(&seal), arena,
		       &opened),
		"another key");
	keys.items[keys.count++] = old.items[0];
	tap_ok(seal_open(&keys, SEAL_UNSUBSCRIBE, buf_span(&seal), arena,
		       &opened),
		"an old key");
	tap_ok(!seal_open(&keys, SEAL_MESSAGE, buf_span(&seal), arena, &opened),
		"another kind");
	seal.data[0] = SEAL_MESSAGE;
	tap_ok(!seal_open(&keys, SEAL_MESSAGE, buf_span(&seal), arena, &opened),
		"called another kind");
}

static void test_find(void)
{
	struct seal_keys keys = one_key('a');
	struct buf text = BUF_INIT(64 * 1024);
	struct seal_opened opened = { NULL, NULL };

	make(&keys, "news", "ann@example.org");
	buf_puts(&text, "Subject: unsubscribe uuuu-uuu\n u ?t=");
	tap_ok(!seal_find(&keys, SEAL_UNSUBSCRIBE, buf_span(&text), arena,
		       &opened),
		"none");
	buf_put_span(&text, buf_span(&seal));
	tap_ok(seal_find(&keys, SEAL_UNSUBSCRIBE, buf_span(&text), arena,
		       &opened),
		"at the end");
	buf_puts(&text, "\r\n\r\n");
	buf_put_byte(&text, '\0');
	buf_puts(&text, "more");
	tap_ok(seal_find(&keys, SEAL_UNSUBSCRIBE, buf_span(&text), arena,
		       &opened),
		"between others");
	tap_is_text(opened.address, "ann@example.org", "whose");
	tap_ok(!seal_find(&keys, SEAL_UNSUBSCRIBE, SPAN(""), arena, &opened),
		"nothing");
	buf_free(&text);
}

static void test_long(void)
{
	struct seal_keys keys = one_key('a');
	char about[SEAL_TEXT_LIMIT + 1];
	struct seal_opened opened = { NULL, NULL };
	struct diag why;

	memset(about, 'x', sizeof about);
	about[SEAL_TEXT_LIMIT] = '\0';
	buf_clear(&seal);
	tap_ok(!seal_put(
		       &keys.items[0], SEAL_MESSAGE, about, "a@b", &seal, &why),
		"too long");
	tap_is_diag(&why, DIAG_ADDRESS_INVALID, "too long");
	tap_is_number((int64_t)seal.length, 0, "nothing is put");
	about[SEAL_TEXT_LIMIT - 4] = '\0';
	tap_ok(seal_put(&keys.items[0], SEAL_MESSAGE, about, "a@b", &seal,
		       &why) &&
			seal_open(&keys, SEAL_MESSAGE, buf_span(&seal), arena,
				&opened),
		"as long as can be");
	tap_is_text(opened.address, "a@b", "as long as can be");
}

int main(void)
{
	arena = arena_new();
	test_again("news.example.org", "ann@example.org");
	test_again("", "ann@xn--bcher-kva.example");
	test_again("07b2x0y2k4m6p8r",
		"a-rather-long-address-of-ann@department.of.something.example");
	test_changed();
	test_keys();
	test_find();
	test_long();
	buf_free(&seal);
	arena_free(arena);
	return tap_done();
}
