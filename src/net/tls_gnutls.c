/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS over a stream, by GnuTLS.  Knows nothing of SMTP or SASL, nor what is
 * wrong with a certificate. */
#include <config.h>

#include "net/tls.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/certificate.h"
#include "net/idn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
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
	TLS_REASON_LIMIT = 700,
	TLS_PRIORITIES_LIMIT = 64 * 1024,
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

/* ---- the server's certificate -------------------------------------------- */

/* One more than are believed are enough. */
static size_t get_chain(gnutls_session_t session,
	struct span chain[static CERTIFICATE_CHAIN_MAX + 1])
{
	unsigned sent = 0;
	size_t count = 0;
	const gnutls_datum_t *peers =
		gnutls.certificate_get_peers(session, &sent);

	while (peers && count < sent && count <= CERTIFICATE_CHAIN_MAX) {
		chain[count] = span_make(
			(const char *)peers[count].data, peers[count].size);
		count++;
	}
	return count;
}

/* Called by GnuTLS as soon as the certificate is there: a server that is not
 * trusted hears of it, and not one byte more. */
static int verify_peer(gnutls_session_t session)
{
	struct tls_stream *tls = gnutls.session_get_ptr(session);
	struct span chain[CERTIFICATE_CHAIN_MAX + 1];
	struct certificate_peer peer = { .params = tls->params,
		.host = buf_text(&tls->host),
		.address_length = tls->address_length,
		.chain = chain,
		.count = get_chain(session, chain) };

	memcpy(peer.address, tls->address, sizeof peer.address);
	return certificate_check(&peer, &tls->certificate_why)
		       ? 0
		       : GNUTLS_E_CERTIFICATE_ERROR;
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

void tls_put_certificate(struct stream *stream, struct buf *out)
{
	struct span chain[CERTIFICATE_CHAIN_MAX + 1];
	const struct certificate_peer peer = { .chain = chain,
		.count = get_chain(tls_of(stream)->session, chain) };

	certificate_put(&peer, out);
}

const char *tls_version(struct stream *stream)
{
	const char *name = gnutls.protocol_get_name(
		gnutls.protocol_get_version(tls_of(stream)->session));

	return name ? name : "TLS";
}

const char *tls_library_version(bool is_loaded)
{
	if (!is_loaded)
		return GNUTLS_VERSION;
	return load(NULL) ? gnutls.check_version(NULL) : NULL;
}
