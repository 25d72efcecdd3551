/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows GnuTLS.  Knows nothing of SMTP or SASL. */
#include <config.h>

#include "net/tls.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/idn.h"
#include "net/pin.h"
#include "net/trust.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define LIBRARY              gnutls
#define LIBRARY_SYMBOL(name) gnutls_##name
#define LIBRARY_NAME         GNUTLS_SONAME
#define LIBRARY_TABLE        "net/gnutls.def"
#include "base/library_calls.h"

/* TLS 1.2 or newer; no key exchange without forward secrecy (plain RSA); no
 * HMAC-SHA1, but the CBC suites with SHA-2, which are all that some old
 * Exchange servers have.  X25519 first: with GNUTLS_KEY_SHARE_TOP only its key
 * share is made, a whole P-256 key pair less in every handshake. */
static const char default_priorities[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA"
	":-SHA1:+SHA256:+SHA384:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1"
	":+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-FFDHE2048:+GROUP-FFDHE3072"
	":%PROFILE_MEDIUM";

enum {
	TLS_HOST_LIMIT = 255,
	TLS_CHAIN_MAX = 16,
	TLS_TRUST_FILE_LIMIT = TRUST_FILE_LIMIT,
	TLS_REASON_LIMIT = 700,
	TLS_PRIORITIES_LIMIT = 64 * 1024,
	TLS_NAMES_SHOWN = 5,
	TLS_SAN_BYTES = 256, /* longer is no host name */
	/* Small pieces of a flight are joined up to this size. */
	TLS_FLIGHT_BYTES = 4096,
	/* Read ahead: GnuTLS asks for five bytes, then for the rest. */
	TLS_AHEAD_BYTES = 8192
};

struct tls_stream {
	struct stream stream;
	struct stream *under;
	const struct tls_params *params; /* during the handshake only */
	struct buf host; /* A-labels, or a literal without brackets */
	unsigned char address[16];
	unsigned address_length; /* 4 or 16 for a literal, else 0 */
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	struct diag transport_why; /* what UNDER said, or DIAG_NONE */
	struct diag certificate_why;
	char ahead[TLS_AHEAD_BYTES]; /* came, but GnuTLS has not asked yet */
	size_t ahead_at, ahead_end;
	unsigned char first_byte; /* the first one that came */
	bool has_first_byte, is_broken, is_write_pending;
	/* The server asked for a certificate of ours; we had one to show. */
	bool was_asked, has_own;
	/* What the last read or write that could not go on waits for. */
	unsigned read_waits_for, write_waits_for;
};

static struct tls_stream *tls_of(struct stream *stream)
{
	return (struct tls_stream *)(void *)stream;
}

/* ---- what GnuTLS reads from and writes to -------------------------------- */

static ssize_t result_of(
	struct tls_stream *tls, enum stream_result result, size_t count)
{
	switch (result) {
	case STREAM_OK:
		return (ssize_t)count;
	case STREAM_END:
		return 0;
	case STREAM_AGAIN:
		gnutls.transport_set_errno(tls->session, EAGAIN);
		return -1;
	case STREAM_FAILED:
		break;
	}
	gnutls.transport_set_errno(tls->session, EIO);
	return -1;
}

static ssize_t take_ahead(struct tls_stream *tls, char *into, size_t capacity)
{
	size_t length = tls->ahead_end - tls->ahead_at;

	if (length > capacity)
		length = capacity;
	memcpy(into, tls->ahead + tls->ahead_at, length);
	tls->ahead_at += length;
	return (ssize_t)length;
}

static ssize_t transport_pull(
	gnutls_transport_ptr_t context, void *into, size_t capacity)
{
	struct tls_stream *tls = context;
	bool is_small = capacity < sizeof tls->ahead;
	enum stream_result result;
	size_t got = 0;

	if (tls->ahead_at < tls->ahead_end)
		return take_ahead(tls, into, capacity);
	result = tls->under->ops->read(tls->under, is_small ? tls->ahead : into,
		is_small ? sizeof tls->ahead : capacity, &got,
		&tls->transport_why);
	if (result != STREAM_OK)
		return result_of(tls, result, 0);
	if (!tls->has_first_byte)
		tls->first_byte =
			(unsigned char)*(is_small ? tls->ahead : (char *)into);
	tls->has_first_byte = true;
	if (!is_small)
		return (ssize_t)got;
	tls->ahead_at = 0;
	tls->ahead_end = got;
	return take_ahead(tls, into, capacity);
}

/* GnuTLS gives a flight in pieces, the six bytes of ChangeCipherSpec among
 * them; they leave in one write. */
static ssize_t transport_push(
	gnutls_transport_ptr_t context, const giovec_t *pieces, int count)
{
	struct tls_stream *tls = context;
	const char *from = pieces[0].iov_base;
	size_t length = pieces[0].iov_len, sent = 0;
	char flight[TLS_FLIGHT_BYTES];
	enum stream_result result;

	if (count > 1 && length < sizeof flight) {
		length = 0;
		for (int i = 0; i < count; i++) {
			size_t more = pieces[i].iov_len;

			if (more > sizeof flight - length)
				more = sizeof flight - length;
			memcpy(flight + length, pieces[i].iov_base, more);
			length += more;
			if (more < pieces[i].iov_len)
				break;
		}
		from = flight;
	}
	result = tls->under->ops->write(
		tls->under, from, length, &sent, &tls->transport_why);
	return result_of(tls, result, sent);
}

/* GnuTLS asks for this in places even when it must not block. */
static int transport_wait(gnutls_transport_ptr_t context, unsigned timeout_ms)
{
	struct tls_stream *tls = context;
	unsigned ready = 0;
	int64_t deadline_ms = clock_now_ms() + timeout_ms;

	if (tls->ahead_at < tls->ahead_end)
		return 1;
	if (timeout_ms == GNUTLS_INDEFINITE_TIMEOUT)
		deadline_ms = CLOCK_NEVER;
	if (!tls->under->ops->wait(tls->under, STREAM_READABLE, deadline_ms,
		    &ready, &tls->transport_why))
		return -1;
	return ready ? 1 : 0;
}

/* ---- the five operations ------------------------------------------------- */

static unsigned waits_for(const struct tls_stream *tls)
{
	return gnutls.record_get_direction(tls->session) ? STREAM_WRITABLE
							 : STREAM_READABLE;
}

/* RFC 8446 6.2: what is sent about a certificate, and the one that TLS 1.2 has
 * for a missing one. */
static bool is_about_certificate(gnutls_alert_description_t alert)
{
	static const gnutls_alert_description_t alerts[] = {
		GNUTLS_A_HANDSHAKE_FAILURE, GNUTLS_A_SSL3_NO_CERTIFICATE,
		GNUTLS_A_BAD_CERTIFICATE, GNUTLS_A_UNSUPPORTED_CERTIFICATE,
		GNUTLS_A_CERTIFICATE_REVOKED, GNUTLS_A_CERTIFICATE_EXPIRED,
		GNUTLS_A_CERTIFICATE_UNKNOWN, GNUTLS_A_UNKNOWN_CA,
		GNUTLS_A_ACCESS_DENIED, GNUTLS_A_DECRYPT_ERROR,
		GNUTLS_A_CERTIFICATE_REQUIRED
	};

	for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
		if (alerts[i] == alert)
			return true;
	return false;
}

/* With TLS 1.3 our side of the handshake is over before the server looks at our
 * certificate, so that the alert may come in place of the first reply. */
static bool explain_own_certificate(
	const struct tls_stream *tls, struct diag *why)
{
	gnutls_alert_description_t alert = gnutls.alert_get(tls->session);
	struct buf text = BUF_INIT(TLS_REASON_LIMIT);

	/* GnuTLS' own servers have a "decode error" for none, in TLS 1.2 (seen
	 * in November 2026). */
	if (!tls->was_asked ||
		!(is_about_certificate(alert) ||
			(!tls->has_own && alert == GNUTLS_A_DECODE_ERROR)))
		return false;
	buf_printf(&text, "%s%d%s%s",
		DIAG_WORDS N_("the server sent the alert %s (%s)") DIAG_NEXT,
		(int)alert, DIAG_NEXT, gnutls.alert_get_name(alert));
	diag_set(why,
		tls->has_own ? DIAG_TLS_OWN_CERTIFICATE
			     : DIAG_TLS_NO_OWN_CERTIFICATE,
		buf_text(&tls->host), buf_text(&text));
	buf_free(&text);
	return true;
}

/* What a negative result means once the handshake is done. */
static enum stream_result explain_record(
	struct tls_stream *tls, int result, struct diag *why)
{
	tls->is_broken = true;
	/* What the server said tells more than that a write to it failed. */
	if (result == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		if (!explain_own_certificate(tls, why))
			diag_set(why, DIAG_TLS_BROKEN,
				gnutls.alert_get_name(
					gnutls.alert_get(tls->session)));
	} else if (tls->transport_why.id != DIAG_NONE) {
		if (why)
			*why = tls->transport_why;
	} else if (result == GNUTLS_E_PREMATURE_TERMINATION) {
		/* No close_notify: what came may not be all that was sent. */
		diag_set(why, DIAG_NET_CLOSED);
	} else {
		diag_set(why, DIAG_TLS_BROKEN, gnutls.strerror(result));
	}
	return STREAM_FAILED;
}

static bool is_harmless(int result)
{
	return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED ||
	       result == GNUTLS_E_WARNING_ALERT_RECEIVED ||
	       result == GNUTLS_E_REHANDSHAKE;
}

static enum stream_result tls_read(struct stream *stream, char *into,
	size_t capacity, size_t *got, struct diag *why)
{
	struct tls_stream *tls = tls_of(stream);
	ssize_t count = gnutls.record_recv(tls->session, into, capacity);

	tls->read_waits_for = STREAM_READABLE;
	if (count > 0) {
		*got = (size_t)count;
		return STREAM_OK;
	}
	if (count == 0)
		return STREAM_END;
	if (!is_harmless((int)count))
		return explain_record(tls, (int)count, why);
	if (count == GNUTLS_E_AGAIN)
		tls->read_waits_for = waits_for(tls);
	/* We never renegotiate (RFC 5746 4.2 lets us say so). */
	if (count == GNUTLS_E_REHANDSHAKE)
		gnutls.alert_send(tls->session, GNUTLS_AL_WARNING,
			GNUTLS_A_NO_RENEGOTIATION);
	return STREAM_AGAIN;
}

/* A record that was sealed but not sent must leave before anything else:
 * GnuTLS finishes it when it is called without data. */
static enum stream_result tls_write(struct stream *stream, const char *from,
	size_t length, size_t *sent, struct diag *why)
{
	struct tls_stream *tls = tls_of(stream);
	ssize_t count;

	if (tls->is_write_pending)
		count = gnutls.record_send(tls->session, NULL, 0);
	else
		count = gnutls.record_send(tls->session, from, length);
	tls->is_write_pending = count < 0 && is_harmless((int)count);
	tls->write_waits_for = STREAM_WRITABLE;
	if (tls->is_write_pending) {
		tls->write_waits_for = waits_for(tls);
		return STREAM_AGAIN;
	}
	if (count < 0)
		return explain_record(tls, (int)count, why);
	*sent = (size_t)count;
	return STREAM_OK;
}

static bool tls_wait(struct stream *stream, unsigned events,
	int64_t deadline_ms, unsigned *ready, struct diag *why)
{
	struct tls_stream *tls = tls_of(stream);
	unsigned wanted = 0, seen = 0;

	*ready = 0;
	if ((events & STREAM_READABLE) &&
		(gnutls.record_check_pending(tls->session) ||
			tls->ahead_at < tls->ahead_end)) {
		*ready = STREAM_READABLE;
		return true;
	}
	if (events & STREAM_READABLE)
		wanted |= tls->read_waits_for;
	if (events & STREAM_WRITABLE)
		wanted |= tls->write_waits_for;
	if (!tls->under->ops->wait(tls->under, wanted, deadline_ms, &seen, why))
		return false;
	if ((events & STREAM_READABLE) && (seen & tls->read_waits_for))
		*ready |= STREAM_READABLE;
	if ((events & STREAM_WRITABLE) && (seen & tls->write_waits_for))
		*ready |= STREAM_WRITABLE;
	return true;
}

static size_t tls_buffered(struct stream *stream)
{
	return gnutls.record_check_pending(tls_of(stream)->session);
}

/* Frees all but UNDER. */
static void tls_free(struct tls_stream *tls)
{
	if (tls->session)
		gnutls.deinit(tls->session);
	if (tls->credentials)
		gnutls.certificate_free_credentials(tls->credentials);
	buf_free(&tls->host);
	mem_free(tls);
}

static void tls_close(struct stream *stream)
{
	struct tls_stream *tls = tls_of(stream);
	struct stream *under = tls->under;

	if (!tls->is_broken && !tls->is_write_pending)
		gnutls.bye(tls->session, GNUTLS_SHUT_WR);
	tls_free(tls);
	stream_close(under);
}

static const struct stream_ops tls_ops = { .read = tls_read,
	.write = tls_write,
	.wait = tls_wait,
	.buffered = tls_buffered,
	.close = tls_close };

/* ---- why a certificate is not trusted ------------------------------------ */

struct chain {
	gnutls_x509_crt_t items[TLS_CHAIN_MAX]; /* the server's own first */
	unsigned count;
	/* Their subjects and issuers, as DER. */
	gnutls_datum_t names[2 * TLS_CHAIN_MAX];
	struct span wanted[2 * TLS_CHAIN_MAX];
	unsigned name_count;
};

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
	char value[TLS_SAN_BYTES];
	unsigned count = 0;

	for (unsigned i = 0;; i++) {
		size_t size = sizeof value;
		int type = gnutls.x509_crt_get_subject_alt_name(
			certificate, i, value, &size, NULL);

		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (type < 0)
			break;
		if (!is_host_san(type, size) || count++ >= TLS_NAMES_SHOWN)
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
	struct buf hosts = BUF_INIT(TLS_REASON_LIMIT);

	unsigned count = put_hosts(&hosts, chain->items[0]);

	if (!count)
		buf_puts(out,
			DIAG_WORDS N_("it names no host (subjectAltName, RFC "
				      "9525 6.3)"));
	else if (count <= TLS_NAMES_SHOWN)
		buf_printf(out, "%s%s",
			DIAG_WORDS N_("it was issued for %s") DIAG_NEXT,
			buf_text(&hosts));
	else
		buf_printf(out, "%s%s%s%u",
			DIAG_WORDS N_("it was issued for %s and %s more")
				DIAG_NEXT,
			buf_text(&hosts), DIAG_NEXT, count - TLS_NAMES_SHOWN);
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
	const struct tls_stream *tls;
	struct chain chain;
	unsigned status;
	struct buf crl; /* PEM, or empty */
	bool is_crl_bad;
};

static bool refuse_certificate(const struct check *check, const char *reason,
	const char *hint, struct diag *why)
{
	struct buf fingerprint = BUF_INIT(TLS_REASON_LIMIT);

	put_fingerprint(&fingerprint, check->chain.items[0]);
	diag_set_args(why, (struct diag_args){ .id = DIAG_TLS_CERTIFICATE,
				   .a = check->tls->params->host,
				   .b = reason,
				   .c = buf_text(&fingerprint) });
	buf_free(&fingerprint);
	return diag_add_hint(why, hint);
}

static bool explain_status(const struct check *check, struct diag *why)
{
	struct buf reason = BUF_INIT(TLS_REASON_LIMIT);
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
	if (hint == hint_host && check->tls->address_length)
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
	char value[TLS_SAN_BYTES];
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
		check->tls->params->crl_file &&
		(!pem.size || gnutls.x509_trust_list_add_trust_mem(list, NULL,
				      &pem, GNUTLS_X509_FMT_PEM, 0, 0) <= 0);
	return !check->is_crl_bad;
}

static void check_against(struct check *check, gnutls_x509_trust_list_t list)
{
	char server_purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	const struct tls_stream *tls = check->tls;
	unsigned char address[sizeof tls->address];
	gnutls_typed_vdata_st data[2] = {
		{ .type = GNUTLS_DT_DNS_HOSTNAME,
			.data = (unsigned char *)tls->host.data },
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID,
			.data = (unsigned char *)server_purpose },
	};

	if (tls->address_length) {
		memcpy(address, tls->address, sizeof address);
		data[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS,
			address, tls->address_length };
	}
	if (!add_crl(check, list))
		return;
	if (gnutls.x509_trust_list_verify_crt2(list, check->chain.items,
		    check->chain.count, data, 2,
		    GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM),
		    &check->status, NULL) < 0)
		check->status = GNUTLS_CERT_INVALID;
	if (!tls->address_length && !has_dns_name(check->chain.items[0]))
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
	diag_set(why, id, path,
		reason->id == DIAG_NONE ? DIAG_WORDS N_("there is no such file")
					: DIAG_WORDS N_("it cannot be read"));
	return diag_add_errno(why, reason->system_error);
}

static bool check_file(struct check *check, const char *path, struct diag *why)
{
	struct buf pem = BUF_INIT(TLS_TRUST_FILE_LIMIT);
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

static bool chain_load(struct chain *chain, gnutls_session_t session)
{
	unsigned sent = 0;
	const gnutls_datum_t *peers =
		gnutls.certificate_get_peers(session, &sent);

	for (unsigned i = 0; peers && i < sent && i < TLS_CHAIN_MAX; i++) {
		gnutls_x509_crt_t one;

		if (gnutls.x509_crt_init(&one) < 0)
			return false;
		chain->items[chain->count++] = one;
		if (gnutls.x509_crt_import(
			    one, &peers[i], GNUTLS_X509_FMT_DER) < 0)
			return false;
		chain_add_name(chain, gnutls.x509_crt_get_raw_dn, one);
		chain_add_name(chain, gnutls.x509_crt_get_raw_issuer_dn, one);
	}
	return chain->count && sent <= TLS_CHAIN_MAX;
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
	const char *path = check->tls->params->crl_file;
	struct diag reason = { 0 };

	return !path ||
	       file_read(path, &check->crl, NULL, &reason) == FILE_READ ||
	       explain_file(DIAG_CONFIG_CRL_FILE, path, &reason, why);
}

static bool check_trust(struct check *check, struct diag *why)
{
	const struct tls_params *params = check->tls->params;
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
	const struct tls_params *params = check->tls->params;
	gnutls_x509_crt_t own = check->chain.items[0];
	struct span list = span_of(params->fingerprint);
	unsigned char digest[PIN_BYTES_MAX];
	struct buf text = BUF_INIT(TLS_REASON_LIMIT);
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

/* Called by GnuTLS as soon as the certificate is there: a server that is not
 * trusted hears of it, and not one byte more. */
static int verify_peer(gnutls_session_t session)
{
	struct tls_stream *tls = gnutls.session_get_ptr(session);
	struct check check = { .tls = tls,
		.crl = BUF_INIT(TLS_TRUST_FILE_LIMIT) };
	struct diag *why = &tls->certificate_why;
	bool ok;

	if (!chain_load(&check.chain, session))
		ok = diag_set(why, DIAG_TLS_CERTIFICATE, tls->params->host,
			DIAG_WORDS N_("it cannot be read"));
	else if (tls->params->fingerprint)
		ok = check_pins(&check, why);
	else
		ok = read_crl(&check, why) && check_trust(&check, why);
	chain_free(&check.chain);
	buf_free(&check.crl);
	return ok ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

/* ---- the handshake ------------------------------------------------------- */

/* The content types of RFC 8446 5.1: change_cipher_spec to heartbeat. */
static bool is_tls_byte(unsigned char byte)
{
	return byte >= 20 && byte <= 24;
}

static bool explain_alert(const struct tls_stream *tls, struct diag *why)
{
	gnutls_alert_description_t alert = gnutls.alert_get(tls->session);
	struct buf text = BUF_INIT(TLS_REASON_LIMIT);

	if (explain_own_certificate(tls, why))
		return false;
	if (alert == GNUTLS_A_PROTOCOL_VERSION)
		buf_puts(&text,
			DIAG_WORDS N_("the server has no TLS 1.2 or newer"));
	else
		buf_printf(&text, "%s%d%s%s",
			DIAG_WORDS N_("the server sent the alert %s (%s)")
				DIAG_NEXT,
			(int)alert, DIAG_NEXT, gnutls.alert_get_name(alert));
	diag_set(why, DIAG_TLS_HANDSHAKE, tls->params->host, buf_text(&text));
	buf_free(&text);
	return false;
}

static bool explain_handshake(
	struct tls_stream *tls, int result, struct diag *why)
{
	const char *host = tls->params->host;

	if (tls->certificate_why.id != DIAG_NONE) {
		if (why)
			*why = tls->certificate_why;
		return false;
	}
	if (tls->has_first_byte && !is_tls_byte(tls->first_byte))
		return diag_set(why, DIAG_TLS_NOT_TLS, host);
	if (tls->transport_why.id != DIAG_NONE) {
		if (why)
			*why = tls->transport_why;
		return false;
	}
	if (result == GNUTLS_E_PREMATURE_TERMINATION)
		return diag_set(why, DIAG_NET_CLOSED);
	if (result == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return explain_alert(tls, why);
	if (result == GNUTLS_E_UNSUPPORTED_VERSION_PACKET)
		return diag_set(why, DIAG_TLS_HANDSHAKE, host,
			DIAG_WORDS N_("the server has no TLS 1.2 or newer"));
	return diag_set(why, DIAG_TLS_HANDSHAKE, host, gnutls.strerror(result));
}

static bool explain_timeout(const struct tls_params *params, struct diag *why)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%ld", params->timeout_s);
	return diag_set(why, DIAG_TLS_TIMEOUT, params->host, seconds);
}

/* The other side's log should know, too. */
static void tell_peer(struct tls_stream *tls, int result)
{
	if (result != GNUTLS_E_PREMATURE_TERMINATION &&
		result != GNUTLS_E_FATAL_ALERT_RECEIVED &&
		tls->transport_why.id == DIAG_NONE)
		gnutls.alert_send_appropriate(tls->session, result);
}

static bool shake_hands(
	struct tls_stream *tls, int64_t deadline_ms, struct diag *why)
{
	for (;;) {
		int result = gnutls.handshake(tls->session);
		unsigned ready = 0;

		tls->was_asked |= gnutls.certificate_client_get_request_status(
					  tls->session) != 0;
		if (result == 0)
			return true;
		if (gnutls.error_is_fatal(result)) {
			explain_handshake(tls, result, why);
			tell_peer(tls, result);
			return false;
		}
		if (!clock_left_ms(deadline_ms))
			return explain_timeout(tls->params, why);
		if (result == GNUTLS_E_AGAIN &&
			!tls->under->ops->wait(tls->under, waits_for(tls),
				deadline_ms, &ready, why))
			return false;
	}
}

/* HOST as it is verified: A-labels without a final dot, or the bytes of an
 * address literal. */
static bool set_host(struct tls_stream *tls, struct diag *why)
{
	struct span host = span_of(tls->params->host);
	char literal[INET6_ADDRSTRLEN] = "";

	if (host.length > 2 && host.at[0] == '[' &&
		host.at[host.length - 1] == ']')
		host = span_make(host.at + 1, host.length - 2);
	host.length = span_find(host, '%'); /* RFC 4007 11: fe80::1%eth0 */
	if (host.length < sizeof literal)
		memcpy(literal, host.at, host.length);
	if (inet_pton(AF_INET, literal, tls->address) == 1)
		tls->address_length = 4;
	else if (inet_pton(AF_INET6, literal, tls->address) == 1)
		tls->address_length = 16;
	if (tls->address_length)
		return buf_puts(&tls->host, literal);
	if (!idn_to_ascii(tls->params->host, &tls->host, why))
		return false;
	if (tls->host.length && tls->host.data[tls->host.length - 1] == '.')
		tls->host.data[--tls->host.length] = '\0';
	return true;
}

/* A group that both sides know by name (RFC 7919) is not measured by GnuTLS:
 * those that are too short are not offered. */
static void put_priorities(struct buf *out, const struct tls_params *params)
{
	static const unsigned groups[] = { 2048, 3072, 4096, 6144, 8192 };

	buf_puts(out,
		params->priorities ? params->priorities : default_priorities);
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (groups[i] < params->min_dh_bits)
			buf_printf(out, ":-GROUP-FFDHE%u", groups[i]);
}

static bool set_priorities(struct tls_stream *tls, struct diag *why)
{
	const struct tls_params *params = tls->params;
	struct buf text = BUF_INIT(TLS_PRIORITIES_LIMIT);
	int result;

	put_priorities(&text, params);
	result =
		gnutls.priority_set_direct(tls->session, buf_text(&text), NULL);
	buf_free(&text);
	if (params->min_dh_bits)
		gnutls.dh_set_prime_bits(tls->session, params->min_dh_bits);
	if (result < 0 && params->priorities)
		return diag_set(why, DIAG_CONFIG_BAD_VALUE, "tls_priorities",
			params->priorities, gnutls.strerror(result));
	return result >= 0 ||
	       diag_set(why, DIAG_TLS_LIBRARY, gnutls.strerror(result));
}

/* It is shown whatever issuers the server names (GNUTLS_FORCE_CLIENT_CERT):
 * one that knows us by the fingerprint names others, or none. */
static bool set_own_certificate(struct tls_stream *tls, struct diag *why)
{
	const struct tls_params *params = tls->params;
	const struct secret *password = params->key_password;
	struct buf name = BUF_INIT(TLS_REASON_LIMIT);
	int result;

	if (!params->cert_file)
		return true;
	result = gnutls.certificate_set_x509_key_file2(tls->credentials,
		params->cert_file, params->key_file, GNUTLS_X509_FMT_PEM,
		password && password->length ? password->bytes : NULL, 0);
	text_put_uri(&name, span_of(params->cert_file));
	if (result < 0)
		diag_set(why, DIAG_CONFIG_CLIENT_CERTIFICATE, buf_text(&name),
			gnutls.strerror(result));
	buf_free(&name);
	tls->has_own = result >= 0;
	return tls->has_own;
}

static void set_transport(struct tls_stream *tls)
{
	gnutls.transport_set_ptr(tls->session, tls);
	gnutls.transport_set_pull_function(tls->session, transport_pull);
	gnutls.transport_set_vec_push_function(tls->session, transport_push);
	gnutls.transport_set_pull_timeout_function(
		tls->session, transport_wait);
	gnutls.session_set_ptr(tls->session, tls);
	if (tls->params->verify)
		gnutls.session_set_verify_function(tls->session, verify_peer);
}

static time_t wall_clock(time_t *at)
{
	time_t now = clock_wall();

	if (at)
		*at = now;
	return now;
}

static bool prepare(struct tls_stream *tls, struct diag *why)
{
	int result;

	if (!load(why))
		return false;
	gnutls.global_set_time_function(wall_clock);
	result = gnutls.init(&tls->session,
		GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
			GNUTLS_KEY_SHARE_TOP | GNUTLS_NO_TICKETS |
			GNUTLS_FORCE_CLIENT_CERT);
	if (result >= 0)
		result = gnutls.certificate_allocate_credentials(
			&tls->credentials);
	if (result >= 0)
		result = gnutls.credentials_set(
			tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials);
	if (result < 0)
		return diag_set(why, DIAG_TLS_LIBRARY, gnutls.strerror(result));
	if (!set_priorities(tls, why) || !set_host(tls, why) ||
		!set_own_certificate(tls, why))
		return false;
	/* RFC 6066 3: literals are not permitted in server_name. */
	if (!tls->address_length)
		gnutls.server_name_set(tls->session, GNUTLS_NAME_DNS,
			buf_text(&tls->host), tls->host.length);
	set_transport(tls);
	return true;
}

struct stream *tls_start(struct stream *under, const struct tls_params *params,
	int64_t deadline_ms, struct diag *why)
{
	struct tls_stream *tls = mem_zalloc(sizeof *tls);

	tls->stream.ops = &tls_ops;
	tls->under = under;
	tls->params = params;
	tls->host = BUF_INIT(TLS_HOST_LIMIT);
	tls->read_waits_for = STREAM_READABLE;
	tls->write_waits_for = STREAM_WRITABLE;
	if (!prepare(tls, why) || !shake_hands(tls, deadline_ms, why)) {
		tls_free(tls);
		return NULL;
	}
	tls->params = NULL;
	return &tls->stream;
}

/* ---- what was agreed on -------------------------------------------------- */

/* The exporter exists for TLS 1.3, and for 1.2 with the extended master secret;
 * tls-unique without that is open to the triple handshake (RFC 7627 1). */
const char *tls_channel_binding(struct stream *stream, struct buf *out)
{
	gnutls_session_t session = tls_of(stream)->session;
	gnutls_datum_t data = { NULL, 0 };
	const char *type = NULL;

#if GNUTLS_VERSION_NUMBER >= 0x030702
	if (gnutls.session_channel_binding(
		    session, GNUTLS_CB_TLS_EXPORTER, &data) == 0)
		type = "tls-exporter";
#endif
	if (!type && gnutls.protocol_get_version(session) == GNUTLS_TLS1_2 &&
		(gnutls.session_get_flags(session) &
			GNUTLS_SFLAGS_EXT_MASTER_SECRET) &&
		gnutls.session_channel_binding(
			session, GNUTLS_CB_TLS_UNIQUE, &data) == 0)
		type = "tls-unique";
	if (type && !buf_put(out, (const char *)data.data, data.size))
		type = NULL;
	(*gnutls.free)(data.data);
	return type;
}

#if GNUTLS_VERSION_NUMBER >= 0x03060d

static gnutls_datum_t datum_of(struct span bytes)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)bytes.at,
		(unsigned)bytes.length };
}

bool tls_derive_key(struct span password, struct span salt,
	unsigned long iterations, unsigned char *out, size_t out_size)
{
	gnutls_datum_t key = datum_of(password), data = datum_of(salt);

	if ((out_size != 20 && out_size != 32) || iterations > UINT_MAX ||
		!load(NULL))
		return false;
	return gnutls.pbkdf2(
		       out_size == 20 ? GNUTLS_MAC_SHA1 : GNUTLS_MAC_SHA256,
		       &key, &data, (unsigned)iterations, out, out_size) == 0;
}

#else

bool tls_derive_key(struct span password, struct span salt,
	unsigned long iterations, unsigned char *out, size_t out_size)
{
	(void)password, (void)salt, (void)iterations, (void)out, (void)out_size;
	return false;
}

#endif

bool tls_hmac_md5(struct span key, struct span data, unsigned char *out)
{
	return load(NULL) &&
	       gnutls.hmac_fast(GNUTLS_MAC_MD5, key.at, key.length, data.at,
		       data.length, out) == 0;
}

/* GnuTLS writes "(TLS1.3)-(ECDHE-X25519)-(…)-(AES-256-GCM)". */
void tls_describe(struct stream *stream, struct buf *out)
{
	char *text = gnutls.session_get_desc(tls_of(stream)->session);

	for (const char *p = text ? text : ""; *p; p++)
		if (p[0] == ')' && p[1] == '-')
			buf_put_byte(out, ' ');
		else if (*p != '(' && *p != ')' && !(*p == '-' && p[1] == '('))
			buf_put_byte(out, *p);
	(*gnutls.free)(text);
}

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
	if (put_hosts(out, certificate) > TLS_NAMES_SHOWN)
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
void tls_put_certificate(struct stream *stream, struct buf *out)
{
	struct chain chain = { .count = 0 };
	bool is_loaded = chain_load(&chain, tls_of(stream)->session);

	for (size_t i = 0; is_loaded && i < sizeof details / sizeof *details;
		i++) {
		struct buf text = BUF_INIT(TLS_REASON_LIMIT);

		details[i].put(&text, chain.items[0]);
		buf_printf(out, "%s: ", _(details[i].title));
		text_put_printable(out, buf_span(&text));
		buf_puts(out, "\n");
		buf_free(&text);
	}
	chain_free(&chain);
}

const char *tls_version(struct stream *stream)
{
	const char *name = gnutls.protocol_get_name(
		gnutls.protocol_get_version(tls_of(stream)->session));

	return name ? name : "TLS";
}

const char *tls_library_version(void)
{
	return load(NULL) ? gnutls.check_version(NULL) : NULL;
}
