/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching PEM: the same certificates as the library finds, and no crash on
 * what is none. */
#include <config.h>

#include "certs.h"
#include "net/trust.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static struct buf first;
static unsigned found_count;

static void on_found(void *context, struct span der)
{
	(void)context;
	if (!found_count++)
		buf_put_span(&first, der);
}

static size_t search(struct span pem, const struct span *names, size_t count)
{
	const struct trust_search params = { names, count, on_found, NULL };

	found_count = 0;
	buf_clear(&first);
	return trust_search(pem, &params);
}

static gnutls_datum_t der_of(const struct cert *cert)
{
	gnutls_datum_t der = { NULL, 0 };

	gnutls_x509_crt_export2(cert->crt, GNUTLS_X509_FMT_DER, &der);
	return der;
}

static struct span subject_of(const struct cert *cert, gnutls_datum_t *keep)
{
	gnutls_x509_crt_get_raw_dn(cert->crt, keep);
	return span_make((const char *)keep->data, keep->size);
}

static void test_find(void)
{
	struct buf pem = BUF_INIT(CERT_PEM_LIMIT);
	struct cert certs[3];
	gnutls_datum_t der, dn;
	struct span subject, nobody = SPAN("\x30\x00");

	for (int i = 0; i < 3; i++) {
		const char *names[] = { "One", "Two", "Three" };

		certs[i] = cert_make(&(struct cert_params){ .name = names[i],
					     .is_ca = true },
			NULL);
		buf_printf(&pem, "# %s\r\n", names[i]);
		cert_put(&pem, &certs[i]);
		cert_put_key(&pem, &certs[i]);
	}
	der = der_of(&certs[1]);
	subject = subject_of(&certs[1], &dn);
	tap_is_number((int64_t)search(buf_span(&pem), &subject, 1), 3,
		"three certificates are counted, keys are not");
	tap_is_number(found_count, 1, "one is wanted");
	tap_is_span(buf_span(&first),
		span_make((const char *)der.data, der.size),
		"it comes as the library writes it");
	tap_is_span(trust_subject(buf_span(&first)), subject, "its subject");
	search(buf_span(&pem), &nobody, 1);
	tap_is_number(found_count, 0, "a subject that nobody has");
	search(buf_span(&pem), NULL, 0);
	tap_is_number(found_count, 3, "without names: all");
	search(span_make(pem.data, pem.length / 2), NULL, 0);
	tap_ok(found_count < 3, "half a file has fewer");
	gnutls_free(der.data);
	gnutls_free(dn.data);
	for (int i = 0; i < 3; i++)
		cert_free(&certs[i]);
	buf_free(&pem);
}

static const struct {
	const char *name, *pem;
	size_t want_count;
} damaged[] = {
	{ "an empty file", "", 0 },
	{ "text", "no certificates here\n", 0 },
	{ "only dashes", "--------------------------------", 0 },
	{ "a begin without an end", "-----BEGIN CERTIFICATE-----\nMIIB\n", 0 },
	{ "no base 64",
		"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
		1 },
	{ "nothing inside",
		"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 1 },
	{ "no DER",
		"-----BEGIN CERTIFICATE-----\nAAAAAAAA\n"
		"-----END CERTIFICATE-----\n",
		1 },
	{ "an endless length",
		"-----BEGIN CERTIFICATE-----\nMIT/////MIT/////\n"
		"-----END CERTIFICATE-----\n",
		1 },
	{ "an indefinite length",
		"-----BEGIN CERTIFICATE-----\nMIAwgDCA\n"
		"-----END CERTIFICATE-----\n",
		1 },
	{ "another object",
		"-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n"
		"-----END TRUSTED CERTIFICATE-----\n",
		0 },
};

/* Every prefix of a certificate: a subject, or none, but never beyond. */
static void test_prefixes(void)
{
	struct cert cert = cert_make(
		&(struct cert_params){ .name = "Prefix", .is_ca = true }, NULL);
	gnutls_datum_t der = der_of(&cert), dn;
	struct span subject = subject_of(&cert, &dn);
	bool is_sane = true;

	for (size_t i = 0; i <= der.size; i++) {
		char *copy = malloc(i + 1);
		struct span got;

		memcpy(copy, der.data, i);
		got = trust_subject(span_make(copy, i));
		if (got.length && !span_equal(got, subject))
			is_sane = false;
		if (i == der.size && !got.length)
			is_sane = false;
		free(copy);
	}
	tap_ok(is_sane, "every prefix gives the subject or nothing");
	gnutls_free(der.data);
	gnutls_free(dn.data);
	cert_free(&cert);
}

static void test_system(void)
{
	static const char *const none[] = { "/nonexistent/a", NULL };
	static const char *const second[] = { "/nonexistent/a", "/dev/null",
		NULL };

	trust_set_system_files_for_test(none);
	tap_ok(!trust_system_file(), "no system store");
	tap_ok(!trust_has_library_store(), "the library is not asked then");
	trust_set_system_files_for_test(second);
	tap_is_text(
		trust_system_file(), "/dev/null", "the first that is there");
	trust_set_system_files_for_test(NULL);
	tap_ok(trust_has_library_store(), "and back");
}

static const struct {
	const char *name, *text, *want; /* a piece of the sentence */
} unusable[] = {
	{ "OpenSSL's own form",
		"-----BEGIN TRUSTED CERTIFICATE-----\nMA==\n"
		"-----END TRUSTED CERTIFICATE-----\n",
		"'openssl x509 -in ca.pem -out NEWFILE' converts" },
	{ "PKCS #7", "-----BEGIN PKCS7-----\nMA==\n-----END PKCS7-----\n",
		"'openssl pkcs7 -in ca.pem -print_certs -out NEWFILE'" },
	{ "a key", "-----BEGIN PRIVATE KEY-----\nMA==\n",
		"it holds no certificate" },
	{ "words", "hello\n", "it holds no certificate" },
	{ "blanks", " \n\n", "it is empty" },
	{ "nothing", "", "it is empty" },
};

static void test_unusable(void)
{
	struct buf sentence = BUF_INIT(4000);
	struct diag why;

	for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
		buf_clear(&sentence);
		tap_ok(!trust_explain(
			       "ca.pem", span_of(unusable[i].text), &why),
			"%s is refused", unusable[i].name);
		tap_is_diag(&why, DIAG_CONFIG_TRUST_FILE, "so");
		diag_sentence(&why, false, &sentence);
		tap_ok(strstr(buf_text(&sentence), unusable[i].want),
			"because: %s", buf_text(&sentence));
	}
	tap_ok(!trust_check_file("/nonexistent/ca.pem", &why), "no file");
	buf_clear(&sentence);
	diag_sentence(&why, false, &sentence);
	tap_ok(strstr(buf_text(&sentence), "there is no such file") != NULL,
		"is told as that: %s", buf_text(&sentence));
	tap_ok(!trust_check_file("/", &why), "a folder");
	buf_free(&sentence);
}

int main(void)
{
	first = BUF_INIT(CERT_PEM_LIMIT);
	test_find();
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		size_t count = search(span_of(damaged[i].pem), NULL, 0);

		tap_is_number((int64_t)count, (int64_t)damaged[i].want_count,
			damaged[i].name);
		tap_is_number(found_count, 0, "and nothing is found in it");
	}
	test_prefixes();
	test_system();
	test_unusable();
	buf_free(&first);
	return tap_done();
}
