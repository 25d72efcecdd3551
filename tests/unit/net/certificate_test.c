/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chain of certificates without a session: how long it may be, what cannot be
 * read, and what one says of itself.  Why it is not trusted: tls_test. */
#include <config.h>

#include "certs.h"
#include "net/certificate.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

enum { CHAIN = CERTIFICATE_CHAIN_MAX + 1 };

static struct span chain[CHAIN];

/* The certificate's own words, then its verdict. */
static void judge(size_t count, const char *fingerprint, struct buf *out)
{
	const struct tls_params params = { .host = "mail.example.org",
		.verify = true,
		.fingerprint = fingerprint };
	const struct certificate_peer peer = { .params = &params,
		.host = "mail.example.org",
		.chain = chain,
		.count = count };
	struct diag why = { .id = DIAG_NONE };

	buf_puts(out, certificate_check(&peer, &why) ? "trusted" : "");
	if (why.id != DIAG_NONE)
		diag_sentence(&why, false, out);
}

static void test_verdict(
	size_t count, const char *fingerprint, const char *want)
{
	struct buf got = BUF_INIT(10000);
	char name[100];

	snprintf(name, sizeof name, "%zu certificates: %s", count, want);
	judge(count, fingerprint, &got);
	tap_is_text(buf_text(&got), want, name);
	buf_free(&got);
}

static void get_fingerprint(char *out, size_t size, const struct buf *text)
{
	const char *at = strstr(buf_text(text), "fingerprint: ");

	snprintf(out, size, "%.95s", at ? at + strlen("fingerprint: ") : "");
}

int main(void)
{
	static const char unreadable[] =
		"the certificate of mail.example.org is not trusted: it cannot "
		"be read";
	struct cert leaf =
		cert_make(&(struct cert_params){ .name = "One",
				  .dns = { "a.example", "b.example" } },
			NULL);
	gnutls_datum_t der = { NULL, 0 };
	struct certificate_peer peer = { .chain = chain, .count = 1 };
	struct buf text = BUF_INIT(10000);
	char pin[200];

	gnutls_x509_crt_export2(leaf.crt, GNUTLS_X509_FMT_DER, &der);
	for (size_t i = 0; i < CHAIN; i++)
		chain[i] = span_make((const char *)der.data, der.size);
	certificate_put(&peer, &text);
	tap_ok(strstr(buf_text(&text), "owner: CN=One\n") != NULL &&
			strstr(buf_text(&text),
				"hosts: a.example, b.example\n") != NULL &&
			strstr(buf_text(&text), "issuer: CN=One\n") != NULL,
		"owner, hosts and issuer: %s", buf_text(&text));
	get_fingerprint(pin, sizeof pin, &text);
	test_verdict(1, pin, "trusted");
	test_verdict(CERTIFICATE_CHAIN_MAX, pin, "trusted");
	test_verdict(CHAIN, pin, unreadable);
	test_verdict(0, pin, unreadable);
	chain[0].length /= 2;
	test_verdict(1, pin, unreadable);
	buf_clear(&text);
	certificate_put(&peer, &text);
	tap_is_text(buf_text(&text), "", "half of one says nothing");
	gnutls_free(der.data);
	buf_free(&text);
	cert_free(&leaf);
	return tap_done();
}
