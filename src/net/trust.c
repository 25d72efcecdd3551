/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PEM and just enough DER to find a subject.  Verifies nothing. */
#include <config.h>

#include "net/trust.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The subject ends within the first bytes of nearly every certificate. */
enum { TRUST_PREFIX_BYTES = 400 };

/* ---- DER ----------------------------------------------------------------- */

enum {
	DER_INTEGER = 0x02,
	DER_SEQUENCE = 0x30,
	DER_VERSION = 0xa0 /* [0], constructed */
};

/* Cuts tag and length (X.690 8.1.3: definite forms) off *REST; what follows
 * may be shorter than *LENGTH says. */
static bool der_header(struct span *rest, unsigned char tag, size_t *length)
{
	const unsigned char *at = (const unsigned char *)rest->at;
	size_t size = 2, octets;

	if (rest->length < 2 || at[0] != tag)
		return false;
	*length = at[1];
	if (at[1] & 0x80) {
		octets = at[1] & 0x7f;
		if (octets < 1 || octets > 3 || rest->length < 2 + octets)
			return false;
		*length = 0;
		for (; size < 2 + octets; size++)
			*length = *length << 8 | at[size];
	}
	*rest = span_skip(*rest, size);
	return true;
}

/* Cuts a whole element off *REST; OUT (may be NULL) gets it, header and all. */
static bool der_element(struct span *rest, unsigned char tag, struct span *out)
{
	struct span whole = *rest;
	size_t length;

	if (!der_header(rest, tag, &length) || length > rest->length)
		return false;
	*rest = span_skip(*rest, length);
	if (out)
		*out = span_make(whole.at, (size_t)(rest->at - whole.at));
	return true;
}

/* RFC 5280 4.1: Certificate { TBSCertificate { [0] version, serialNumber,
 * signature, issuer, validity, subject, … */
struct span trust_subject(struct span der)
{
	struct span rest = der, subject;
	size_t length;

	if (!der_header(&rest, DER_SEQUENCE, &length) ||
		!der_header(&rest, DER_SEQUENCE, &length))
		return span_make(NULL, 0);
	der_element(&rest, DER_VERSION, NULL); /* absent in version 1 */
	if (!der_element(&rest, DER_INTEGER, NULL) ||
		!der_element(&rest, DER_SEQUENCE, NULL) ||
		!der_element(&rest, DER_SEQUENCE, NULL) ||
		!der_element(&rest, DER_SEQUENCE, NULL) ||
		!der_element(&rest, DER_SEQUENCE, &subject))
		return span_make(NULL, 0);
	return subject;
}

/* ---- PEM ----------------------------------------------------------------- */

/* What a byte means in base 64 with line breaks. */
enum { LETTER_BLANK = 64, LETTER_END, LETTER_BAD };

struct alphabet {
	unsigned char value[256]; /* 0..63, or one of the above */
};

static void alphabet_fill(struct alphabet *alphabet)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";

	memset(alphabet->value, LETTER_BAD, sizeof alphabet->value);
	for (unsigned char i = 0; letters[i]; i++)
		alphabet->value[(unsigned char)letters[i]] = i;
	alphabet->value['\r'] = alphabet->value['\n'] = LETTER_BLANK;
	alphabet->value[' '] = alphabet->value['\t'] = LETTER_BLANK;
	alphabet->value['='] = LETTER_END;
}

/* Decodes as many whole groups of four letters as stand together, and returns
 * how many there were. */
static size_t decode_groups(const struct alphabet *alphabet, struct span text,
	unsigned char *into, size_t capacity)
{
	const unsigned char *value = alphabet->value;
	const unsigned char *at = (const unsigned char *)text.at;
	size_t most = text.length / 4, count = 0;

	if (most > capacity / 3)
		most = capacity / 3;
	for (; count < most; count++, at += 4, into += 3) {
		unsigned a = value[at[0]], b = value[at[1]];
		unsigned c = value[at[2]], d = value[at[3]];
		unsigned bits = a << 18 | b << 12 | c << 6 | d;

		if ((a | b | c | d) >= LETTER_BLANK)
			break;
		into[0] = (unsigned char)(bits >> 16);
		into[1] = (unsigned char)(bits >> 8);
		into[2] = (unsigned char)bits;
	}
	return count;
}

/* Decodes up to the padding, or until CAPACITY bytes are there, and returns
 * their number; 0 for what is no base 64.  (base/base64 is strict about line
 * breaks; and this, unlike passwords, is no secret, so that it may look things
 * up in a table.) */
static size_t decode(const struct alphabet *alphabet, struct span text,
	unsigned char *into, size_t capacity)
{
	unsigned bits = 0, bit_count = 0;
	size_t length = 0;

	while (text.length && length < capacity) {
		unsigned value = alphabet->value[(unsigned char)*text.at];
		size_t groups =
			bit_count ? 0
				  : decode_groups(alphabet, text, into + length,
					    capacity - length);

		length += 3 * groups;
		text = span_skip(text, groups ? 4 * groups : 1);
		if (groups || value == LETTER_BLANK)
			continue;
		if (value == LETTER_END)
			break;
		if (value == LETTER_BAD)
			return 0;
		bits = bits << 6 | value;
		bit_count += 6;
		if (bit_count >= 8) {
			bit_count -= 8;
			into[length++] = (unsigned char)(bits >> bit_count);
		}
	}
	return length;
}

static bool is_wanted(struct span subject, const struct trust_search *search)
{
	if (!search->name_count)
		return true;
	for (size_t i = 0; i < search->name_count; i++)
		if (span_equal(subject, search->names[i]))
			return true;
	return false;
}

struct workplace {
	struct alphabet alphabet;
	unsigned char der[TRUST_CERTIFICATE_LIMIT];
};

static void look_at(struct workplace *place, struct span base64,
	const struct trust_search *search)
{
	unsigned char *room = place->der;
	size_t length =
		decode(&place->alphabet, base64, room, TRUST_PREFIX_BYTES);
	struct span der = span_make((const char *)room, length);
	struct span subject = trust_subject(der);

	if (search->name_count && subject.length && !is_wanted(subject, search))
		return;
	der.length =
		decode(&place->alphabet, base64, room, TRUST_CERTIFICATE_LIMIT);
	subject = trust_subject(der);
	if (subject.length && is_wanted(subject, search))
		search->found(search->context, der);
}

/* Cuts everything up to and including MARK off *REST; false, with *REST as it
 * was, when there is none.  BEFORE gets what stood in front of it. */
static bool cut_at(struct span *rest, struct span mark, struct span *before)
{
	const char *at = rest->at;
	size_t left = rest->length;

	while (left >= mark.length) {
		const char *dash =
			memchr(at, mark.at[0], left - mark.length + 1);

		if (!dash)
			return false;
		left -= (size_t)(dash - at);
		at = dash;
		if (!memcmp(at, mark.at, mark.length)) {
			*before = span_make(rest->at, (size_t)(at - rest->at));
			*rest = span_make(at + mark.length, left - mark.length);
			return true;
		}
		at++;
		left--;
	}
	return false;
}

size_t trust_search(struct span pem, const struct trust_search *search)
{
	struct workplace *place = mem_alloc(sizeof *place);
	struct span before, base64;
	size_t count = 0;

	alphabet_fill(&place->alphabet);
	while (cut_at(&pem, SPAN("-----BEGIN "), &before)) {
		if (!span_starts_with(pem, SPAN("CERTIFICATE-----")) &&
			!span_starts_with(pem, SPAN("X509 CERTIFICATE-----")))
			continue;
		cut_at(&pem, SPAN("-----"), &before);
		if (!cut_at(&pem, SPAN("-----END "), &base64))
			break;
		count++;
		look_at(place, base64, search);
	}
	mem_free(place);
	return count;
}

/* ---- what is no such file -------------------------------------------------
 */

/* With the command that makes it one; its %s is the file. */
static const struct form {
	const char *begin, *text;
} forms[] = {
	{ "-----BEGIN TRUSTED CERTIFICATE-----",
		DIAG_WORDS N_("it is in OpenSSL's own form (TRUSTED "
			      "CERTIFICATE), which 'openssl x509 -in %s -out "
			      "NEWFILE' converts") DIAG_NEXT },
	{ "-----BEGIN PKCS7-----",
		DIAG_WORDS N_("it is PKCS #7, which 'openssl pkcs7 -in %s "
			      "-print_certs -out NEWFILE' converts")
			DIAG_NEXT },
};

static bool fail(
	const char *path, const char *text, const char *rest, struct diag *why)
{
	struct buf words = BUF_INIT(DIAG_TEXT_BYTES);

	buf_puts(&words, text);
	buf_puts(&words, rest);
	diag_set(why, DIAG_CONFIG_TRUST_FILE, path, buf_text(&words));
	buf_free(&words);
	return false;
}

bool trust_explain(const char *path, struct span pem, struct diag *why)
{
	struct span before, rest = pem;

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (cut_at(&rest, span_of(forms[i].begin), &before))
			return fail(path, forms[i].text, path, why);
	if (trust_subject(pem).length)
		return fail(path,
			DIAG_WORDS N_("it is binary (DER), which 'openssl x509 "
				      "-inform DER -in %s -out NEWFILE' "
				      "converts") DIAG_NEXT,
			path, why);
	return fail(path,
		span_trim(pem).length ? DIAG_WORDS N_("it holds no certificate")
				      : DIAG_WORDS N_("it is empty"),
		"", why);
}

static void ignore(void *context, struct span der)
{
	*(size_t *)context += der.length != 0;
}

bool trust_check_file(const char *path, struct diag *why)
{
	struct buf pem = BUF_INIT(TRUST_FILE_LIMIT);
	struct diag reason = { .id = DIAG_NONE };
	size_t found = 0;
	const struct trust_search search = { .found = ignore,
		.context = &found };
	bool is_fine = false;

	if (file_read(path, &pem, NULL, &reason) != FILE_READ) {
		diag_set(why, DIAG_CONFIG_TRUST_FILE, path,
			reason.id == DIAG_NONE
				? DIAG_WORDS N_("there is no such file")
				: DIAG_WORDS N_("it cannot be read"));
		diag_add_errno(why, reason.system_error);
	} else {
		is_fine = trust_search(buf_span(&pem), &search) != 0 ||
			  trust_explain(path, buf_span(&pem), why);
	}
	buf_free(&pem);
	return is_fine;
}

/* ---- the system's own file ----------------------------------------------- */

static const char *const usual_files[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch, Gentoo */
	"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora and its kin */
	"/etc/ssl/ca-bundle.pem",             /* SUSE */
	"/etc/ssl/cert.pem",                  /* the BSDs, macOS, Alpine */
	"/usr/local/share/certs/ca-root-nss.crt", /* FreeBSD, the package */
	"/etc/certs/ca-certificates.crt",         /* illumos */
	NULL
};
static const char *const *system_files = usual_files;

void trust_set_system_files_for_test(const char *const *paths)
{
	system_files = paths ? paths : usual_files;
}

bool trust_has_library_store(void)
{
	return system_files == usual_files;
}

const char *trust_system_file(void)
{
	for (const char *const *path = system_files; *path; path++)
		if (access(*path, R_OK) == 0)
			return *path;
	return NULL;
}
