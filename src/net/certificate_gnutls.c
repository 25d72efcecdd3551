/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with a server's certificate, by GnuTLS.  Knows no session: the
 * chain comes as bytes. */
#include <config.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "net/certificate.h"
#include "net/pin.h"
#include "net/trust.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <time.h>

#define LIBRARY              gnutls
#define LIBRARY_SYMBOL(name) gnutls_##name
#define LIBRARY_NAME         GNUTLS_SONAME
#define LIBRARY_TABLE        "net/gnutls_certificate.def"
#include "base/library_calls.h"

enum {
	REASON_LIMIT = 700,
	NAMES_SHOWN = 5,
	SAN_BYTES = 256 /* longer is no host name */
};

/* ---- why a certificate is not trusted ------------------------------------ */

struct chain {
	gnutls_x509_crt_t
		items[CERTIFICATE_CHAIN_MAX]; /* the server's own first */
	unsigned count;
	/* Their subjects and issuers, as DER. */
	gnutls_datum_t names[2 * CERTIFICATE_CHAIN_MAX];
	struct span wanted[2 * CERTIFICATE_CHAIN_MAX];
	unsigned name_count;
};

static gnutls_datum_t datum_of(struct span bytes)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)bytes.at,
		(unsigned)bytes.length };
}

static void put_date(struct buf *out, time_t at)
{
	struct tm broken_down;
	char text[24] = "";

	if (gmtime_r(&at, &broken_down))
		strftime(text, sizeof text, "%Y-%m-%d", &broken_down);
	buf_puts(out, text);
}

/* "it …", or "the certificate of its issuer …" for all but the server's own:
 * msgids with a text to come, and both DIAG_WORDS. */
static void put_either(
	struct buf *out, unsigned index, const char *own, const char *issuers)
{
	buf_puts(out, index ? issuers : own);
	buf_puts(out, DIAG_NEXT);
}

static void put_expired(struct buf *out, const struct chain *chain)
{
	time_t now = clock_wall();

	for (unsigned i = 0; i < chain->count; i++) {
		time_t end =
			gnutls.x509_crt_get_expiration_time(chain->items[i]);

		if (end >= now)
			continue;
		put_either(out, i, DIAG_WORDS N_("it expired on %s"),
			DIAG_WORDS N_("the certificate of its issuer expired "
				      "on %s"));
		put_date(out, end);
		return;
	}
	buf_puts(out,
		DIAG_WORDS N_("the certificate of its issuer has expired"));
}

static void put_not_yet(struct buf *out, const struct chain *chain)
{
	time_t now = clock_wall();

	for (unsigned i = 0; i < chain->count; i++) {
		time_t begin =
			gnutls.x509_crt_get_activation_time(chain->items[i]);

		if (begin <= now)
			continue;
		put_either(out, i, DIAG_WORDS N_("it is not valid before %s"),
			DIAG_WORDS N_("the certificate of its issuer is not "
				      "valid before %s"));
		put_date(out, begin);
		buf_puts(out, DIAG_WORDS N_("is this machine's clock right?"));
		return;
	}
	buf_puts(
		out, DIAG_WORDS N_("the certificate of its issuer is not valid "
				   "yet"));
}

static void put_san(struct buf *out, int type, const char *value, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	if (type == GNUTLS_SAN_DNSNAME)
		text_put_printable(out, span_make(value, size));
	else if (inet_ntop(size == 4 ? AF_INET : AF_INET6, value, text,
			 sizeof text))
		buf_puts(out, text);
}

static bool is_host_san(int type, size_t size)
{
	return type == GNUTLS_SAN_DNSNAME ||
	       (type == GNUTLS_SAN_IPADDRESS && (size == 4 || size == 16));
}

/* Appends the first hosts that the certificate is good for; returns how many
 * there are. */
static unsigned put_hosts(struct buf *out, gnutls_x509_crt_t certificate)
{
	char value[SAN_BYTES];
	unsigned count = 0;

	for (unsigned i = 0;; i++) {
		size_t size = sizeof value;
		int type = gnutls.x509_crt_get_subject_alt_name(
			certificate, i, value, &size, NULL);

		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (type < 0)
			break;
		if (!is_host_san(type, size) || count++ >= NAMES_SHOWN)
			continue;
		if (count > 1)
			buf_puts(out, ", ");
		put_san(out, type, value, size);
	}
	return count;
}

/* The names that the certificate is good for, instead of ours. */
static void put_names(struct buf *out, const struct chain *chain)
{
	struct buf hosts = BUF_INIT(REASON_LIMIT);

	unsigned count = put_hosts(&hosts, chain->items[0]);

	if (!count)
		buf_puts(out,
			DIAG_WORDS N_("it names no host (subjectAltName, RFC "
				      "9525 6.3)"));
	else if (count <= NAMES_SHOWN)
		buf_printf(out, "%s%s",
			DIAG_WORDS N_("it was issued for %s") DIAG_NEXT,
			buf_text(&hosts));
	else
		buf_printf(out, "%s%s%s%u",
			DIAG_WORDS N_("it was issued for %s and %s more")
				DIAG_NEXT,
			buf_text(&hosts), DIAG_NEXT, count - NAMES_SHOWN);
	buf_free(&hosts);
}

static void put_dn(struct buf *out, gnutls_x509_dn_t dn)
{
	gnutls_datum_t text = { NULL, 0 };

	if (gnutls.x509_dn_get_str(dn, &text) == 0)
		text_put_printable(
			out, span_make((const char *)text.data, text.size));
	(*gnutls.free)(text.data);
}

/* The trust anchor that is missing is the issuer of the last one sent. */
static void put_unknown(struct buf *out, const struct chain *chain)
{
	gnutls_x509_dn_t dn;

	if (gnutls.x509_crt_check_issuer(chain->items[0], chain->items[0])) {
		buf_puts(out, DIAG_WORDS N_("it is self-signed"));
		return;
	}
	buf_puts(out,
		DIAG_WORDS N_("its issuer is not known here: %s") DIAG_NEXT);
	if (gnutls.x509_crt_get_issuer(chain->items[chain->count - 1], &dn) ==
		0)
		put_dn(out, dn);
}

static void put_weak(struct buf *out, const struct chain *chain)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < chain->count; i++) {
		int kind = gnutls.x509_crt_get_pk_algorithm(
			chain->items[i], &bits);

		if (kind != GNUTLS_PK_RSA || bits >= 2048)
			continue;
		put_either(out, i,
			DIAG_WORDS N_("its key is too weak (RSA, %s bits)"),
			DIAG_WORDS N_("the key of its issuer is too weak (RSA, "
				      "%s bits)"));
		buf_printf(out, "%u", bits);
		return;
	}
	buf_puts(
		out, DIAG_WORDS N_("it is signed with an algorithm that is not "
				   "safe"));
}

static void put_fingerprint(struct buf *out, gnutls_x509_crt_t certificate);

/* The third argument of what is said is the certificate's fingerprint. */
static const char hint_issuer[] =
	N_("if it is the right server: set 'tls_trust_file' to its issuer's "
	   "certificate, or 'tls_fingerprint %3$s'; for a public issuer "
	   "install the package ca-certificates");
static const char hint_renew[] =
	N_("its operator has to renew it, unless this machine's clock is "
	   "wrong; until then 'tls_fingerprint %3$s' takes this one");
static const char hint_clock[] =
	N_("set this machine's clock, if it is wrong; else ask the server's "
	   "operator");
static const char hint_host[] =
	N_("set 'host' or 'tls_host_override' to a name that it was issued "
	   "for; 'tls_fingerprint %3$s' takes it under any name");
/* A dNSName of digits and dots counts for nothing (RFC 9525 6.2). */
static const char hint_address[] =
	N_("for an address the certificate has to have that address "
	   "(iPAddress): set 'host' or 'tls_host_override' to a name that it "
	   "was issued for; 'tls_fingerprint %3$s' takes it under any name");
static const char hint_operator[] =
	N_("its operator has to get a better one; until then 'tls_fingerprint "
	   "%3$s' takes this one");
static const char hint_beware[] =
	N_("do not trust it: ask the server's operator");

/* One reason per row, and what to do; PUT, where there is one, finds better
 * words. */
static const struct {
	unsigned flag;
	const char *text;
	void (*put)(struct buf *out, const struct chain *chain);
	const char *hint;
} reasons[] = {
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, NULL, put_unknown, hint_issuer },
	{ GNUTLS_CERT_EXPIRED, NULL, put_expired, hint_renew },
	{ GNUTLS_CERT_NOT_ACTIVATED, NULL, put_not_yet, hint_clock },
	{ GNUTLS_CERT_UNEXPECTED_OWNER, NULL, put_names, hint_host },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, NULL, put_weak, hint_operator },
	{ GNUTLS_CERT_REVOKED, DIAG_WORDS N_("its issuer has revoked it"), NULL,
		hint_beware },
	{ GNUTLS_CERT_PURPOSE_MISMATCH,
		DIAG_WORDS N_("it is not meant for servers"), NULL,
		hint_operator },
	{ GNUTLS_CERT_SIGNER_NOT_CA,
		DIAG_WORDS N_("its issuer may not issue certificates"), NULL,
		hint_operator },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
		DIAG_WORDS N_("its issuer may not issue it for this name"),
		NULL, hint_operator },
	{ GNUTLS_CERT_SIGNATURE_FAILURE,
		DIAG_WORDS N_("its signature is wrong"), NULL, hint_beware },
	{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS,
		DIAG_WORDS N_(
			"it holds a critical extension that is not known here"),
		NULL, hint_operator },
};

/* One verification.  Invariant: status is that of the last try. */
struct check {
	const struct certificate_peer *peer;
	struct chain chain;
	unsigned status;
	struct buf crl; /* PEM, or empty */
	bool is_crl_bad;
};

static bool refuse_certificate(const struct check *check, const char *reason,
	const char *hint, struct diag *why)
{
	struct buf fingerprint = BUF_INIT(REASON_LIMIT);

	put_fingerprint(&fingerprint, check->chain.items[0]);
	diag_set_args(why, (struct diag_args){ .id = DIAG_TLS_CERTIFICATE,
				   .a = check->peer->params->host,
				   .b = reason,
				   .c = buf_text(&fingerprint) });
	buf_free(&fingerprint);
	return diag_add_hint(why, hint);
}

static bool explain_status(const struct check *check, struct diag *why)
{
	struct buf reason = BUF_INIT(REASON_LIMIT);
	const char *hint = NULL;

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		if (!(check->status & reasons[i].flag))
			continue;
		hint = hint ? hint : reasons[i].hint;
		if (reasons[i].put)
			reasons[i].put(&reason, &check->chain);
		else
			buf_puts(&reason, reasons[i].text);
	}
	if (!reason.length)
		buf_puts(&reason, DIAG_WORDS N_("it is not valid"));
	if (hint == hint_host && check->peer->address_length)
		hint = hint_address;
	refuse_certificate(
		check, buf_text(&reason), hint ? hint : hint_beware, why);
	buf_free(&reason);
	return false;
}

/* ---- verification -------------------------------------------------------- */

/* CONTEXT is the trust list.  What GnuTLS cannot read is no anchor. */
static void add_anchor(void *context, struct span der)
{
	gnutls_x509_trust_list_t list = context;
	struct buf copy = BUF_INIT(TRUST_CERTIFICATE_LIMIT);
	gnutls_datum_t datum;

	if (buf_put_span(&copy, der)) {
		datum.data = (unsigned char *)copy.data;
		datum.size = (unsigned)copy.length;
		gnutls.x509_trust_list_add_trust_mem(
			list, &datum, NULL, GNUTLS_X509_FMT_DER, 0, 0);
	}
	buf_free(&copy);
}

/* RFC 9525 6.3: the name stands in subjectAltName or nowhere; GnuTLS would
 * still take a common name. */
static bool has_dns_name(gnutls_x509_crt_t certificate)
{
	char value[SAN_BYTES];
	size_t size = sizeof value;
	int type = 0;

	for (unsigned i = 0; type != GNUTLS_SAN_DNSNAME; i++) {
		size = sizeof value;
		type = gnutls.x509_crt_get_subject_alt_name(
			certificate, i, value, &size, NULL);
		if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			return false;
	}
	return true;
}

/* The file is the user's own, so its signature is not asked for: the issuer
 * may be a certificate that only the server has. */
static bool add_crl(struct check *check, gnutls_x509_trust_list_t list)
{
	gnutls_datum_t pem = { (unsigned char *)check->crl.data,
		(unsigned)check->crl.length };

	check->status = GNUTLS_CERT_INVALID;
	check->is_crl_bad =
		check->peer->params->crl_file &&
		(!pem.size || gnutls.x509_trust_list_add_trust_mem(list, NULL,
				      &pem, GNUTLS_X509_FMT_PEM, 0, 0) <= 0);
	return !check->is_crl_bad;
}

static void check_against(struct check *check, gnutls_x509_trust_list_t list)
{
	char server_purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	const struct certificate_peer *peer = check->peer;
	unsigned char address[sizeof peer->address];
	gnutls_typed_vdata_st data[2] = {
		{ .type = GNUTLS_DT_DNS_HOSTNAME,
			.data = (unsigned char *)(uintptr_t)peer->host },
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID,
			.data = (unsigned char *)server_purpose },
	};

	if (peer->address_length) {
		memcpy(address, peer->address, sizeof address);
		data[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS,
			address, peer->address_length };
	}
	if (!add_crl(check, list))
		return;
	if (gnutls.x509_trust_list_verify_crt2(list, check->chain.items,
		    check->chain.count, data, 2,
		    GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM),
		    &check->status, NULL) < 0)
		check->status = GNUTLS_CERT_INVALID;
	if (!peer->address_length && !has_dns_name(check->chain.items[0]))
		check->status |=
			GNUTLS_CERT_INVALID | GNUTLS_CERT_UNEXPECTED_OWNER;
}

/* Verifies against those certificates of PEM that the chain names; GnuTLS
 * compares names byte for byte too (3.7 indexes them by their DER), so the
 * others could not make a difference.  Returns how many there are in PEM. */
static size_t check_search(struct check *check, struct span pem)
{
	struct trust_search search = { .names = check->chain.wanted,
		.name_count = check->chain.name_count,
		.found = add_anchor };
	gnutls_x509_trust_list_t list;
	size_t count;

	check->status = GNUTLS_CERT_INVALID;
	if (gnutls.x509_trust_list_init(&list, 0) < 0)
		return 1;
	search.context = list;
	count = trust_search(pem, &search);
	check_against(check, list);
	gnutls.x509_trust_list_deinit(list, 1);
	return count;
}

static bool explain_file(enum diag_id id, const char *path,
	const struct diag *reason, struct diag *why)
{
	return diag_set_errno(why, reason->system_error, id, path,
		reason->id == DIAG_NONE ? DIAG_WORDS N_("there is no such file")
					: DIAG_WORDS N_("it cannot be read"));
}

static bool check_file(struct check *check, const char *path, struct diag *why)
{
	struct buf pem = BUF_INIT(TRUST_FILE_LIMIT);
	struct diag reason = { 0 };
	size_t count;

	if (file_read(path, &pem, NULL, &reason) != FILE_READ) {
		buf_free(&pem);
		return explain_file(DIAG_CONFIG_TRUST_FILE, path, &reason, why);
	}
	count = check_search(check, buf_span(&pem));
	if (!count)
		(void)trust_explain(path, buf_span(&pem), why);
	buf_free(&pem);
	if (!count)
		return false;
	return !check->status || explain_status(check, why);
}

/* Without a file that we know of, the library may know of another store. */
static bool check_library_store(struct check *check, struct diag *why)
{
	gnutls_x509_trust_list_t list;
	int count;

	if (gnutls.x509_trust_list_init(&list, 0) < 0)
		return diag_set(why, DIAG_TLS_LIBRARY,
			gnutls.strerror(GNUTLS_E_MEMORY_ERROR));
	count = trust_has_library_store()
			? gnutls.x509_trust_list_add_system_trust(list, 0, 0)
			: 0;
	if (count > 0)
		check_against(check, list);
	gnutls.x509_trust_list_deinit(list, 1);
	if (count <= 0)
		return diag_set(why, DIAG_CONFIG_TRUST_FILE,
			DIAG_WORDS N_("the system's store"),
			DIAG_WORDS N_("there is none"));
	return !check->status || explain_status(check, why);
}

/* ---- the chain ----------------------------------------------------------- */

static void chain_add_name(struct chain *chain,
	int (*get)(gnutls_x509_crt_t, gnutls_datum_t *), gnutls_x509_crt_t of)
{
	gnutls_datum_t *name = &chain->names[chain->name_count];

	if (get(of, name) < 0)
		return;
	chain->wanted[chain->name_count++] =
		span_make((const char *)name->data, name->size);
}

static bool chain_load(struct chain *chain, const struct certificate_peer *peer)
{
	for (size_t i = 0; i < peer->count && i < CERTIFICATE_CHAIN_MAX; i++) {
		gnutls_datum_t der = datum_of(peer->chain[i]);
		gnutls_x509_crt_t one;

		if (gnutls.x509_crt_init(&one) < 0)
			return false;
		chain->items[chain->count++] = one;
		if (gnutls.x509_crt_import(one, &der, GNUTLS_X509_FMT_DER) < 0)
			return false;
		chain_add_name(chain, gnutls.x509_crt_get_raw_dn, one);
		chain_add_name(chain, gnutls.x509_crt_get_raw_issuer_dn, one);
	}
	return chain->count && peer->count <= CERTIFICATE_CHAIN_MAX;
}

static void chain_free(struct chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++)
		gnutls.x509_crt_deinit(chain->items[i]);
	for (unsigned i = 0; i < chain->name_count; i++)
		(*gnutls.free)(chain->names[i].data);
}

static bool read_crl(struct check *check, struct diag *why)
{
	const char *path = check->peer->params->crl_file;
	struct diag reason = { 0 };

	return !path ||
	       file_read(path, &check->crl, NULL, &reason) == FILE_READ ||
	       explain_file(DIAG_CONFIG_CRL_FILE, path, &reason, why);
}

static bool check_trust(struct check *check, struct diag *why)
{
	const struct tls_params *params = check->peer->params;
	const char *path =
		params->trust_file ? params->trust_file : trust_system_file();
	bool ok = path ? check_file(check, path, why)
		       : check_library_store(check, why);

	return check->is_crl_bad
		       ? diag_set(why, DIAG_CONFIG_CRL_FILE, params->crl_file,
				 DIAG_WORDS N_("it holds no such list"))
		       : ok;
}

/* ---- fingerprints -------------------------------------------------------- */

static gnutls_digest_algorithm_t digest_of_length(size_t length)
{
	return length == 32   ? GNUTLS_DIG_SHA256
	       : length == 20 ? GNUTLS_DIG_SHA1
			      : GNUTLS_DIG_MD5;
}

/* The digest that a pin of that kind would have; false when there is none. */
static bool make_digest(gnutls_x509_crt_t certificate, const struct pin *like,
	unsigned char *out)
{
	size_t size = like->length;

	if (like->is_key)
		return gnutls.x509_crt_get_key_id(certificate,
			       GNUTLS_KEYID_USE_SHA256, out, &size) >= 0;
	return gnutls.x509_crt_get_fingerprint(
		       certificate, digest_of_length(size), out, &size) >= 0;
}

static void put_fingerprint(struct buf *out, gnutls_x509_crt_t certificate)
{
	const struct pin like = { .length = 32 };
	unsigned char digest[PIN_BYTES_MAX];

	if (!make_digest(certificate, &like, digest))
		return;
	for (size_t i = 0; i < sizeof digest; i++)
		buf_printf(out, "%s%02X", i ? ":" : "", digest[i]);
}

static bool check_pins(const struct check *check, struct diag *why)
{
	const struct tls_params *params = check->peer->params;
	gnutls_x509_crt_t own = check->chain.items[0];
	struct span list = span_of(params->fingerprint);
	unsigned char digest[PIN_BYTES_MAX];
	struct buf text = BUF_INIT(REASON_LIMIT);
	struct pin pin;

	while (pin_cut(&list, &pin))
		if (make_digest(own, &pin, digest) &&
			!memcmp(digest, pin.digest, pin.length))
			return true;
	put_fingerprint(&text, own);
	diag_set(why, DIAG_TLS_FINGERPRINT, params->host, buf_text(&text));
	buf_free(&text);
	return false;
}

bool certificate_check(const struct certificate_peer *peer, struct diag *why)
{
	struct check check = { .peer = peer,
		.crl = BUF_INIT(TRUST_FILE_LIMIT) };
	bool ok;

	if (!load(why))
		return false;
	if (!chain_load(&check.chain, peer))
		ok = diag_set(why, DIAG_TLS_CERTIFICATE, peer->params->host,
			DIAG_WORDS N_("it cannot be read"));
	else if (peer->params->fingerprint)
		ok = check_pins(&check, why);
	else
		ok = read_crl(&check, why) && check_trust(&check, why);
	chain_free(&check.chain);
	buf_free(&check.crl);
	return ok;
}

/* ---- what a certificate says of itself ----------------------------------- */

static void put_key_fingerprint(struct buf *out, gnutls_x509_crt_t certificate)
{
	const struct pin like = { .is_key = true, .length = 32 };
	unsigned char digest[PIN_BYTES_MAX];

	if (make_digest(certificate, &like, digest) &&
		buf_puts(out, "sha256//"))
		base64_encode(
			span_make((const char *)digest, sizeof digest), out);
}

static void put_subject(struct buf *out, gnutls_x509_crt_t certificate)
{
	gnutls_x509_dn_t dn;

	if (gnutls.x509_crt_get_subject(certificate, &dn) == 0)
		put_dn(out, dn);
}

static void put_host_names(struct buf *out, gnutls_x509_crt_t certificate)
{
	if (put_hosts(out, certificate) > NAMES_SHOWN)
		buf_puts(out, ", ...");
}

static void put_issuer(struct buf *out, gnutls_x509_crt_t certificate)
{
	gnutls_x509_dn_t dn;

	if (gnutls.x509_crt_get_issuer(certificate, &dn) == 0)
		put_dn(out, dn);
}

static void put_dates(struct buf *out, gnutls_x509_crt_t certificate)
{
	put_date(out, gnutls.x509_crt_get_activation_time(certificate));
	buf_puts(out, " to ");
	put_date(out, gnutls.x509_crt_get_expiration_time(certificate));
}

static const struct {
	const char *title;
	void (*put)(struct buf *out, gnutls_x509_crt_t certificate);
} details[] = {
	{ N_("owner"), put_subject },
	{ N_("hosts"), put_host_names },
	{ N_("issuer"), put_issuer },
	{ N_("valid"), put_dates },
	{ N_("fingerprint"), put_fingerprint },
	{ N_("key"), put_key_fingerprint },
};

/* What a name holds was chosen by whoever made the certificate. */
void certificate_put(const struct certificate_peer *peer, struct buf *out)
{
	struct chain chain = { .count = 0 };
	bool is_loaded = load(NULL) && chain_load(&chain, peer);

	for (size_t i = 0; is_loaded && i < sizeof details / sizeof *details;
		i++) {
		struct buf text = BUF_INIT(REASON_LIMIT);

		details[i].put(&text, chain.items[0]);
		buf_printf(out, "%s: ", _(details[i].title));
		text_put_printable(out, buf_span(&text));
		buf_puts(out, "\n");
		buf_free(&text);
	}
	chain_free(&chain);
}
