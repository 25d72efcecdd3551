/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys for signing: those that are taken, what they sign, and those that are
 * refused. */
#include <config.h>

#include "base/base64.h"
#include "net/keys.h"
#include "tap.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIMIT = 64 * 1024 };

static char path[] = "/tmp/mailchute-keys-XXXXXX";

/* RFC 8463 A.2, as PKCS#8 (RFC 8410 7). */
static const char ed25519[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	"-----END PRIVATE KEY-----\n";

static const char ec[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGTAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBHkwdwIBAQQgUUpHM8GjxRKCOqTy\n"
	"4+B4ZwN+OVg6RLSwwjgGs5GLCs2gCgYIKoZIzj0DAQehRANCAATu+HKE/GJlARiG\n"
	"NQbmHyO/dqOICPaUuDVs4coKZ4AfuCmkz3V0rr0RWoA3xTRZ19bV1v6zOujwr3wJ\n"
	"T0vI31Ar\n"
	"-----END PRIVATE KEY-----\n";

static const char rsa_512[] =
	"-----BEGIN RSA PRIVATE KEY-----\n"
	"MIIBOQIBAAJBAMgmZUILw0Tswys2VPOVPkM4Y7tbqorLUe9062v9UbSQTE83XTVo\n"
	"CbyrCGNCGyROpMwxuvyX127sIYhyYu296LcCAwEAAQJAdZUA5aUNaV+CZM99ZsAl\n"
	"nM3y4S2/6dv6XaedaoqeRml5CTE6vMtbnLa8k7BoU1Qp6jP7W3aPITLpDZO0eXtU\n"
	"qQIhAOwGqOk++wRPvVRWsXbJS1Cjr1oCbY1GQzZxQC9dlXLbAiEA2RaBnts1zAyc\n"
	"5Ng1oMKTzOsNN3GII44oxhCTO4cQMlUCIDILl3UdbYwUfEiNuUM+m0GV83BaY3A5\n"
	"HbdFfB6O8UlRAiAM8RWLJeBgKMRVtDoGOnNbPQwNqRwHmpr9q9FLNDMX/QIgY51C\n"
	"xWb1d0LSJ6WkB0SQAb86GUDt0ERFr33yTJJAtVY=\n"
	"-----END RSA PRIVATE KEY-----\n";

static const struct {
	const char *name, *text;
	enum diag_id want;
} wrong[] = {
	{ "nothing", "", DIAG_KEY_UNUSABLE },
	{ "no key", "hello\n", DIAG_KEY_UNUSABLE },
	{ "another kind", ec, DIAG_KEY_UNUSABLE },
	{ "RSA of 512 bits", rsa_512, DIAG_KEY_UNUSABLE },
	{ "half a key", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBC\n",
		DIAG_KEY_UNUSABLE },
};

static struct signing_key *load(const char *text, struct diag *why)
{
	FILE *file = fopen(path, "w");

	if (!file)
		exit(71);
	fputs(text, file);
	fclose(file);
	return key_load(path, why);
}

static gnutls_datum_t datum_of(const struct buf *bytes)
{
	return (gnutls_datum_t){ (unsigned char *)bytes->data,
		(unsigned)bytes->length };
}

/* What the library says of a signature over the SHA-256 of "abc". */
static bool verifies_rsa(const struct buf *public, const struct buf *signature)
{
	static unsigned char text[] = "abc";
	gnutls_datum_t der = datum_of(public), sign = datum_of(signature);
	gnutls_datum_t data = { text, 3 };
	gnutls_pubkey_t key;
	int result;

	gnutls_pubkey_init(&key);
	result = gnutls_pubkey_import(key, &der, GNUTLS_X509_FMT_DER);
	if (result >= 0)
		result = gnutls_pubkey_verify_data2(
			key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &sign);
	gnutls_pubkey_deinit(key);
	return result >= 0;
}

static void hash_abc(unsigned char *out)
{
	void *hash = key_hash_begin();

	key_hash_put(hash, SPAN("a"));
	key_hash_put(hash, SPAN("bc"));
	tap_ok(key_hash_end(hash, out), "a hash in pieces");
}

static void test_ed25519(void)
{
	struct buf public = BUF_INIT(LIMIT), text = BUF_INIT(LIMIT);
	struct buf signature = BUF_INIT(LIMIT);
	unsigned char hash[32];
	struct diag why;
	struct signing_key *key = load(ed25519, &why);

	if (!tap_ok(key != NULL, "an Ed25519 key is taken"))
		return;
	hash_abc(hash);
	tap_ok(hash[0] == 0xba && hash[31] == 0xad, "it is SHA-256");
	key_put_public(key, &public, &why);
	base64_encode(buf_span(&public), &text);
	tap_is_text(buf_text(&text),
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		"its public key is RFC 8463's");
	tap_ok(key_kind(key) == KEY_ED25519 &&
			key_sign(key, span_make((char *)hash, 32), &signature,
				&why) &&
			signature.length == 64,
		"it signs with 64 bytes");
	key_free(key);
	buf_free(&public);
	buf_free(&text);
	buf_free(&signature);
}

static void test_rsa(void)
{
	struct buf public = BUF_INIT(LIMIT), private = BUF_INIT(LIMIT);
	struct buf first = BUF_INIT(LIMIT), second = BUF_INIT(LIMIT);
	unsigned char hash[32];
	struct diag why;
	struct signing_key *key = key_make(KEY_RSA, 2048, &why), *again;

	if (!tap_ok(key != NULL, "an RSA key is made"))
		return;
	hash_abc(hash);
	tap_ok(key_kind(key) == KEY_RSA && key_bits(key) == 2048 &&
			key_put_public(key, &public, &why) &&
			key_put_private(key, &private, &why) &&
			key_sign(key, span_make((char *)hash, 32), &first,
				&why) &&
			verifies_rsa(&public, &first),
		"its signature verifies");
	again = load(buf_text(&private), &why);
	tap_ok(again &&
			key_sign(again, span_make((char *)hash, 32), &second,
				&why) &&
			span_equal(buf_span(&first), buf_span(&second)),
		"it is the same key when it has been written and read");
	key_free(again);
	key_free(key);
	buf_free(&public);
	buf_wipe_free(&private);
	buf_free(&first);
	buf_free(&second);
}

static void test_wrong(void)
{
	struct diag why;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		diag_set(&why, DIAG_NONE);
		tap_ok(!load(wrong[i].text, &why), "refused: %s",
			wrong[i].name);
		tap_is_diag(&why, wrong[i].want, wrong[i].name);
	}
	key_free(load(ed25519, &why));
	chmod(path, 0604);
	tap_ok(!key_load(path, &why), "a file that others can read");
	tap_is_diag(&why, DIAG_CONFIG_KEY_READABLE, "others can read it");
	chmod(path, 0620);
	tap_ok(!key_load(path, &why), "a file that its group can write");
	chmod(path, 0600);
	tap_ok(!key_load("/nonexistent/key", &why), "no file");
	tap_is_diag(&why, DIAG_KEY_UNUSABLE, "no file");
	tap_ok(!key_load("/tmp", &why), "a folder");
	tap_ok(!key_load("pkcs11:token=mailchute-none;object=x", &why),
		"a token that is not there");
	tap_is_diag(&why, DIAG_KEY_UNUSABLE, "a token that is not there");
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 71;
	close(fd);
	test_ed25519();
	test_rsa();
	test_wrong();
	unlink(path);
	return tap_done();
}
