/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Throw-away certificates, with GnuTLS.  Only tests link this. */
#include <config.h>

#include "certs.h"

#include "base/random.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { DAY_S = 86400 };

static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "certs: %s: %s\n", what, gnutls_strerror(result));
	exit(99);
}

static gnutls_x509_privkey_t make_key(unsigned rsa_bits)
{
	gnutls_x509_privkey_t key;

	must(gnutls_x509_privkey_init(&key), "key");
	if (rsa_bits)
		must(gnutls_x509_privkey_generate(
			     key, GNUTLS_PK_RSA, rsa_bits, 0),
			"RSA key");
	else
		must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
			     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
			     0),
			"ECDSA key");
	return key;
}

static void set_ip(gnutls_x509_crt_t crt, const char *literal)
{
	unsigned char bytes[16];
	unsigned length = 4;

	if (inet_pton(AF_INET, literal, bytes) != 1) {
		must(inet_pton(AF_INET6, literal, bytes) - 1, literal);
		length = 16;
	}
	must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS,
		     bytes, length, GNUTLS_FSAN_APPEND),
		"IP address");
}

static void set_names(gnutls_x509_crt_t crt, const struct cert_params *params)
{
	if (params->name)
		must(gnutls_x509_crt_set_dn_by_oid(crt,
			     GNUTLS_OID_X520_COMMON_NAME, 0, params->name,
			     (unsigned)strlen(params->name)),
			"common name");
	for (int i = 0; i < CERT_SANS_MAX && params->dns[i]; i++)
		must(gnutls_x509_crt_set_subject_alt_name(crt,
			     GNUTLS_SAN_DNSNAME, params->dns[i],
			     (unsigned)strlen(params->dns[i]),
			     GNUTLS_FSAN_APPEND),
			"host name");
	for (int i = 0; i < CERT_SANS_MAX && params->ip[i]; i++)
		set_ip(crt, params->ip[i]);
}

static void set_use(gnutls_x509_crt_t crt, const struct cert_params *params)
{
	const char *purpose = params->purpose;

	must(gnutls_x509_crt_set_basic_constraints(crt, params->is_ca, -1),
		"basic constraints");
	if (params->is_ca)
		must(gnutls_x509_crt_set_key_usage(crt,
			     GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
			"key usage");
	if (!purpose && !params->is_ca && !params->has_any_purpose)
		purpose = GNUTLS_KP_TLS_WWW_SERVER;
	if (purpose)
		must(gnutls_x509_crt_set_key_purpose_oid(crt, purpose, 0),
			"key purpose");
}

static void set_serial(gnutls_x509_crt_t crt)
{
	unsigned char serial[8];

	random_bytes(serial, sizeof serial);
	serial[0] = (unsigned char)((serial[0] & 0x7f) | 1);
	must(gnutls_x509_crt_set_serial(crt, serial, sizeof serial), "serial");
}

/* A certificate that was made knows less of itself (its raw names) than one
 * that was read. */
static void read_again(gnutls_x509_crt_t *crt)
{
	gnutls_datum_t der;

	must(gnutls_x509_crt_export2(*crt, GNUTLS_X509_FMT_DER, &der),
		"export");
	gnutls_x509_crt_deinit(*crt);
	must(gnutls_x509_crt_init(crt), "certificate");
	must(gnutls_x509_crt_import(*crt, &der, GNUTLS_X509_FMT_DER), "import");
	gnutls_free(der.data);
}

struct cert cert_make(
	const struct cert_params *params, const struct cert *issuer)
{
	bool is_dated = params->from_days || params->until_days;
	time_t now = time(NULL);
	struct cert cert;

	cert.key = make_key(params->rsa_bits);
	must(gnutls_x509_crt_init(&cert.crt), "certificate");
	must(gnutls_x509_crt_set_version(cert.crt, 3), "version");
	must(gnutls_x509_crt_set_key(cert.crt, cert.key), "key");
	must(gnutls_x509_crt_set_activation_time(cert.crt,
		     now + (is_dated ? params->from_days : -1) * DAY_S),
		"activation");
	must(gnutls_x509_crt_set_expiration_time(cert.crt,
		     now + (is_dated ? params->until_days : 2) * DAY_S),
		"expiration");
	set_serial(cert.crt);
	set_names(cert.crt, params);
	set_use(cert.crt, params);
	if (!issuer)
		issuer = &cert;
	must(gnutls_x509_crt_sign2(
		     cert.crt, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0),
		"signature");
	read_again(&cert.crt);
	return cert;
}

void cert_free(struct cert *cert)
{
	gnutls_x509_crt_deinit(cert->crt);
	gnutls_x509_privkey_deinit(cert->key);
}

static void put_and_free(struct buf *out, gnutls_datum_t *pem)
{
	buf_put(out, (const char *)pem->data, pem->size);
	gnutls_free(pem->data);
}

void cert_put(struct buf *out, const struct cert *cert)
{
	gnutls_datum_t pem;

	must(gnutls_x509_crt_export2(cert->crt, GNUTLS_X509_FMT_PEM, &pem),
		"export");
	put_and_free(out, &pem);
}

void cert_put_key(struct buf *out, const struct cert *cert)
{
	gnutls_datum_t pem;

	must(gnutls_x509_privkey_export2(cert->key, GNUTLS_X509_FMT_PEM, &pem),
		"export key");
	put_and_free(out, &pem);
}

void cert_put_sealed_key(
	struct buf *out, const struct cert *cert, const char *password)
{
	gnutls_datum_t pem;

	must(gnutls_x509_privkey_export2_pkcs8(cert->key, GNUTLS_X509_FMT_PEM,
		     password, GNUTLS_PKCS_PBES2_AES_128, &pem),
		"export key");
	put_and_free(out, &pem);
}

void cert_put_crl(
	struct buf *out, const struct cert *issuer, const struct cert *revoked)
{
	time_t now = time(NULL);
	gnutls_x509_crl_t crl;
	gnutls_datum_t pem;

	must(gnutls_x509_crl_init(&crl), "CRL");
	must(gnutls_x509_crl_set_version(crl, 2), "version");
	must(gnutls_x509_crl_set_this_update(crl, now - 2 * DAY_S), "date");
	must(gnutls_x509_crl_set_next_update(crl, now + 7 * DAY_S),
		"next date");
	must(gnutls_x509_crl_set_number(crl, "\001", 1), "number");
	if (revoked)
		must(gnutls_x509_crl_set_crt(crl, revoked->crt, now - DAY_S),
			"revocation");
	must(gnutls_x509_crl_sign2(
		     crl, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0),
		"signature");
	must(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &pem), "export");
	put_and_free(out, &pem);
	gnutls_x509_crl_deinit(crl);
}

gnutls_certificate_credentials_t cert_credentials(
	const struct cert *const *chain, unsigned count)
{
	gnutls_certificate_credentials_t credentials;
	gnutls_x509_crt_t certificates[16];

	for (unsigned i = 0; i < count && i < 16; i++)
		certificates[i] = chain[i]->crt;
	must(gnutls_certificate_allocate_credentials(&credentials),
		"credentials");
	must(gnutls_certificate_set_x509_key(
		     credentials, certificates, (int)count, chain[0]->key),
		"server's key");
	return credentials;
}

void cert_write_file(const char *path, const struct buf *pem)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t written = 0;

	if (fd >= 0) {
		written = write(fd, pem->data, pem->length);
		close(fd);
	}
	if (fd >= 0 && written == (ssize_t)pem->length)
		return;
	perror(path);
	exit(99);
}
