/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS over a socket pair, against a GnuTLS server in a thread: whom it trusts,
 * what it refuses, and what a broken connection looks like.
 */
#include <config.h>

#include "base/base64.h"
#include "base/clock.h"
#include "certs.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "net/trust.h"
#include "tap.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BIG_BYTES = 1024 * 1024 };

/* What the server does once the handshake is over, or instead of it. */
enum behaviour {
	BE_POLITE,   /* reads a line, answers, close_notify */
	BE_RUDE,     /* answers, closes without close_notify */
	BE_STUCK,    /* reads nothing at all, until the client has gone */
	BE_RAW,      /* sends bytes that are no TLS */
	BE_GONE,     /* closes at once */
	BE_RESTLESS, /* wants to renegotiate, or a key update */
	BE_READER,   /* reads BIG_BYTES, slowly at first */
	BE_PAIR,     /* two records at once, and then nothing */
	BE_WRITER,   /* writes BIG_BYTES */
	BE_ALARMED   /* sends a fatal alert */
};

struct server {
	const char *priorities;
	enum behaviour behaviour;
	struct span raw;
	const struct cert *chain[3];
	unsigned chain_count;
	bool asks; /* for the client's certificate */
	/* Filled by the thread. */
	int fd;
	pthread_t thread;
	int handshake;
	gnutls_alert_description_t alert;
	char name[256];
	char binding[64];
	size_t binding_length;
	ssize_t end; /* how the client's bytes ended; 0: close_notify */
	size_t byte_count;
	bool is_intact;
	char client[256]; /* the subject of its certificate */
};

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static void read_big(struct server *server, gnutls_session_t session)
{
	char bytes[16384];
	ssize_t count;

	server->is_intact = true;
	poll(NULL, 0, 100);
	while ((count = gnutls_record_recv(session, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < count; i++)
			if ((unsigned char)bytes[i] !=
				pattern(server->byte_count++))
				server->is_intact = false;
}

static void write_big(gnutls_session_t session)
{
	char bytes[5000];

	for (size_t done = 0; done < BIG_BYTES;) {
		size_t length = BIG_BYTES - done;
		ssize_t count;

		if (length > sizeof bytes)
			length = sizeof bytes;
		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)pattern(done + i);
		count = gnutls_record_send(session, bytes, length);
		if (count < 0)
			return;
		done += (size_t)count;
	}
}

static void answer(gnutls_session_t session)
{
	char line[100];

	if (gnutls_record_recv(session, line, sizeof line) > 0)
		gnutls_record_send(session, "220 pong\r\n", 10);
}

static void send_pair(struct server *server, gnutls_session_t session)
{
	char byte;

	gnutls_record_send(session, "first", 5);
	gnutls_record_send(session, "second", 6);
	server->end = gnutls_record_recv(session, &byte, 1);
}

static void behave(struct server *server, gnutls_session_t session)
{
	switch (server->behaviour) {
	case BE_RESTLESS:
		if (gnutls_protocol_get_version(session) == GNUTLS_TLS1_3)
			gnutls_session_key_update(session, GNUTLS_KU_PEER);
		else
			gnutls_rehandshake(session);
		answer(session);
		gnutls_bye(session, GNUTLS_SHUT_WR);
		break;
	case BE_READER:
		read_big(server, session);
		break;
	case BE_PAIR:
		send_pair(server, session);
		break;
	case BE_WRITER:
		write_big(session);
		gnutls_bye(session, GNUTLS_SHUT_WR);
		break;
	case BE_ALARMED:
		gnutls_alert_send(
			session, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR);
		break;
	case BE_RUDE:
		answer(session);
		break;
	case BE_POLITE:
	case BE_STUCK:
	case BE_RAW:
	case BE_GONE:
		answer(session);
		gnutls_bye(session, GNUTLS_SHUT_WR);
		break;
	}
}

static void note_client(struct server *server, gnutls_session_t session)
{
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, NULL);
	size_t size = sizeof server->client;
	gnutls_x509_crt_t crt;

	if (!der || gnutls_x509_crt_init(&crt) < 0)
		return;
	gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER);
	gnutls_x509_crt_get_dn(crt, server->client, &size);
	gnutls_x509_crt_deinit(crt);
}

static void note_session(struct server *server, gnutls_session_t session)
{
	gnutls_datum_t data = { NULL, 0 };
	size_t size = sizeof server->name;
	unsigned type = 0;
	int result;

	gnutls_server_name_get(session, server->name, &size, &type, 0);
	result = gnutls_session_channel_binding(
		session, GNUTLS_CB_TLS_EXPORTER, &data);
	if (result == 0 && data.size <= sizeof server->binding) {
		memcpy(server->binding, data.data, data.size);
		server->binding_length = data.size;
	}
	gnutls_free(data.data);
}

static void serve_tls(struct server *server)
{
	gnutls_certificate_credentials_t credentials =
		cert_credentials(server->chain, server->chain_count);
	gnutls_session_t session;

	gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
	gnutls_priority_set_direct(session,
		server->priorities ? server->priorities : "NORMAL", NULL);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(session, server->fd);
	if (server->asks)
		gnutls_certificate_server_set_request(
			session, GNUTLS_CERT_REQUEST);
	do
		server->handshake = gnutls_handshake(session);
	while (server->handshake < 0 &&
		!gnutls_error_is_fatal(server->handshake));
	if (server->handshake == 0) {
		note_session(server, session);
		note_client(server, session);
		behave(server, session);
	} else if (server->handshake == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		server->alert = gnutls_alert_get(session);
	} else {
		gnutls_alert_send_appropriate(session, server->handshake);
	}
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
}

static void *server_thread(void *context)
{
	struct server *server = context;
	struct pollfd hang_up = { .fd = server->fd };
	char bytes[2000];

	if (server->behaviour == BE_RAW) {
		send(server->fd, server->raw.at, server->raw.length,
			MSG_NOSIGNAL);
		while (recv(server->fd, bytes, sizeof bytes, 0) > 0)
			;
	} else if (server->behaviour == BE_STUCK) {
		poll(&hang_up, 1, 5000);
	} else if (server->behaviour == BE_GONE) {
		recv(server->fd, bytes, sizeof bytes, 0);
	} else {
		serve_tls(server);
	}
	shutdown(server->fd, SHUT_RDWR);
	close(server->fd);
	return NULL;
}

/* Starts the server and returns the client's end. */
static struct stream *serve(struct server *server)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		exit(99);
	server->fd = fds[1];
	pthread_create(&server->thread, NULL, server_thread, server);
	return tcp_from_fd(fds[0]);
}

/* ---- certificates -------------------------------------------------------- */

static struct {
	struct cert ca, other_ca, middle, good, rsa;
	char folder[32], ca_file[64], other_file[64], bundle_file[64],
		self_file[64], empty_file[64];
	struct cert self_signed;
} pki;

static void write_pem(char *path, size_t size, const char *name,
	const struct cert *const *certs, size_t count)
{
	struct buf pem = BUF_INIT(CERT_PEM_LIMIT);

	snprintf(path, size, "%s/%s", pki.folder, name);
	buf_puts(&pem, "\n");
	for (size_t i = 0; i < count; i++)
		cert_put(&pem, certs[i]);
	cert_write_file(path, &pem);
	buf_free(&pem);
}

static void write_bundle(void)
{
	struct cert many[40];
	const struct cert *list[42];

	for (size_t i = 0; i < 40; i++) {
		char name[40];

		snprintf(name, sizeof name, "Some CA %zu", i);
		many[i] = cert_make(
			&(struct cert_params){ .name = name, .is_ca = true },
			NULL);
		list[i] = &many[i];
	}
	list[40] = &pki.ca;
	list[41] = &pki.other_ca;
	write_pem(pki.bundle_file, sizeof pki.bundle_file, "bundle.pem", list,
		42);
	for (size_t i = 0; i < 40; i++)
		cert_free(&many[i]);
}

static void make_pki(void)
{
	const struct cert *list[1];

	snprintf(pki.folder, sizeof pki.folder, "/tmp/tls_test.XXXXXX");
	if (!mkdtemp(pki.folder))
		exit(99);
	pki.ca = cert_make(
		&(struct cert_params){ .name = "Test CA", .is_ca = true },
		NULL);
	pki.other_ca =
		cert_make(&(struct cert_params){ .name = "Other\033[2J CA",
				  .is_ca = true },
			NULL);
	pki.middle = cert_make(
		&(struct cert_params){ .name = "Middle CA", .is_ca = true },
		&pki.ca);
	pki.good = cert_make(
		&(struct cert_params){ .dns = { "mail.example.org" } },
		&pki.ca);
	pki.rsa =
		cert_make(&(struct cert_params){ .dns = { "mail.example.org" },
				  .rsa_bits = 2048 },
			&pki.ca);
	pki.self_signed =
		cert_make(&(struct cert_params){ .name = "mail.example.org",
				  .dns = { "mail.example.org" } },
			NULL);
	list[0] = &pki.ca;
	write_pem(pki.ca_file, sizeof pki.ca_file, "ca.pem", list, 1);
	list[0] = &pki.other_ca;
	write_pem(pki.other_file, sizeof pki.other_file, "other.pem", list, 1);
	list[0] = &pki.self_signed;
	write_pem(pki.self_file, sizeof pki.self_file, "self.pem", list, 1);
	write_pem(pki.empty_file, sizeof pki.empty_file, "empty.pem", list, 0);
	write_bundle();
}

static void remove_pki(void)
{
	cert_free(&pki.ca);
	cert_free(&pki.other_ca);
	cert_free(&pki.middle);
	cert_free(&pki.good);
	cert_free(&pki.rsa);
	cert_free(&pki.self_signed);
	unlink(pki.ca_file);
	unlink(pki.other_file);
	unlink(pki.self_file);
	unlink(pki.empty_file);
	unlink(pki.bundle_file);
	rmdir(pki.folder);
}

/* ---- helpers of the client ----------------------------------------------- */

static struct tls_params params_for(const char *host, const char *trust_file)
{
	return (struct tls_params){ .host = host,
		.trust_file = trust_file,
		.verify = true,
		.timeout_s = 5 };
}

/* Reads until LENGTH bytes have come or the stream says something else. */
static enum stream_result read_some(
	struct stream *stream, struct buf *out, size_t length, struct diag *why)
{
	while (out->length < length) {
		char bytes[3000];
		size_t got = 0;
		unsigned ready = 0;
		enum stream_result result = stream->ops->read(
			stream, bytes, sizeof bytes, &got, why);

		if (result == STREAM_OK)
			buf_put(out, bytes, got);
		else if (result != STREAM_AGAIN)
			return result;
		else if (!stream->ops->wait(stream, STREAM_READABLE,
				 clock_deadline(5), &ready, why) ||
			 !ready)
			return STREAM_AGAIN;
	}
	return STREAM_OK;
}

static void ping(struct stream *stream, const char *want, const char *name)
{
	struct buf got = BUF_INIT(100);
	struct diag why = { 0 };
	size_t sent = 0;

	stream->ops->write(stream, "ping\r\n", 6, &sent, &why);
	read_some(stream, &got, 10, &why);
	tap_is_text(buf_text(&got), want, name);
	buf_free(&got);
}

/* One handshake.  The stream, or NULL with *WHY; the server's thread has
 * ended when it failed. */
static struct stream *connect_to(struct server *server,
	const struct tls_params *params, struct diag *why)
{
	struct stream *under = serve(server);
	struct stream *stream =
		tls_start(under, params, clock_deadline(10), why);

	if (!stream) {
		stream_close(under);
		pthread_join(server->thread, NULL);
	}
	return stream;
}

static void end(struct server *server, struct stream *stream)
{
	stream_close(stream);
	pthread_join(server->thread, NULL);
}

/* ---- a good connection --------------------------------------------------- */

static const struct {
	const char *name, *priorities, *version, *binding;
	const char *key_exchange; /* NULL: ECDHE */
} versions[] = {
	{ "TLS 1.3", NULL, "TLS1.3", "tls-exporter" },
	{ "TLS 1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "TLS1.2",
		"tls-exporter" },
	{ "TLS 1.2 without extended master secret",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH", "TLS1.2",
		NULL },
	{ "TLS 1.2 with DHE", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA",
		"TLS1.2", "tls-exporter", " DHE-" },
	{ "TLS 1.3 with P-256 only", "NORMAL:-GROUP-ALL:+GROUP-SECP256R1",
		"TLS1.3", "tls-exporter" },
	{ "TLS 1.2 with CBC and SHA-2",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC"
		":-MAC-ALL:+SHA256",
		"TLS1.2", "tls-exporter" },
};

static void test_version(size_t i)
{
	struct server server = { .priorities = versions[i].priorities,
		.chain = { versions[i].key_exchange ? &pki.rsa : &pki.good },
		.chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct buf binding = BUF_INIT(100), text = BUF_INIT(200);
	struct diag why = { 0 };
	struct stream *stream;

	stream = connect_to(&server, &params, &why);
	if (!tap_ok(stream, "%s", versions[i].name)) {
		diag_sentence(&why, false, &text);
		tap_note("%s", buf_text(&text));
		buf_free(&text);
		return;
	}
	ping(stream, "220 pong\r\n", "bytes go both ways");
	tap_is_text(tls_version(stream), versions[i].version, "the version");
	tls_describe(stream, &text);
	tap_ok(span_starts_with(
		       buf_span(&text), span_of(versions[i].version)) &&
			strstr(buf_text(&text),
				versions[i].key_exchange
					? versions[i].key_exchange
					: " ECDHE-") &&
			!strpbrk(buf_text(&text), "()"),
		"described as '%s'", buf_text(&text));
	tap_is_text(tls_channel_binding(stream, &binding), versions[i].binding,
		"the channel binding");
	end(&server, stream);
	tap_is_span(buf_span(&binding),
		span_make(server.binding, server.binding_length),
		"both ends have the same");
	tap_is_text(server.name, "mail.example.org",
		"the server was told the name");
	buf_free(&binding);
	buf_free(&text);
}

/* ---- whom it trusts ------------------------------------------------------ */

struct trust_case {
	const char *name;
	struct cert_params leaf;
	enum { BY_CA, BY_OTHER, BY_MIDDLE, BY_LOST_MIDDLE, BY_SELF } by;
	const char *host; /* NULL: mail.example.org */
	const char *want; /* a part of the sentence; NULL: trusted */
	const char *sni;  /* what the server heard; NULL: the host */
};

static const struct trust_case trust_cases[] = {
	{ "a good certificate", { .dns = { "mail.example.org" } } },
	{ "one name of several",
		{ .dns = { "a.example", "mail.example.org" } } },
	{ "a wildcard", { .dns = { "*.example.org" } } },
	{ "a host in capitals", { .dns = { "mail.example.org" } }, BY_CA,
		"MAIL.Example.ORG", NULL, NULL },
	{ "a final dot", { .dns = { "mail.example.org" } }, BY_CA,
		"mail.example.org.", NULL, "mail.example.org" },
	{ "an internationalised name", { .dns = { "xn--bcher-kva.example" } },
		BY_CA, "b\303\274cher.example", NULL, "xn--bcher-kva.example" },
	{ "an IPv4 address", { .ip = { "192.0.2.1" } }, BY_CA, "192.0.2.1",
		NULL, "" },
	{ "an IPv6 address", { .ip = { "2001:db8::1" } }, BY_CA,
		"[2001:db8::1]", NULL, "" },
	{ "an IPv6 address with a zone", { .ip = { "fe80::1" } }, BY_CA,
		"fe80::1%eth0", NULL, "" },
	{ "any purpose",
		{ .dns = { "mail.example.org" }, .has_any_purpose = true } },
	{ "RSA 2048", { .dns = { "mail.example.org" }, .rsa_bits = 2048 } },
	{ "an intermediate", { .dns = { "mail.example.org" } }, BY_MIDDLE },

	{ "an intermediate that was not sent",
		{ .dns = { "mail.example.org" } }, BY_LOST_MIDDLE, NULL,
		"its issuer is not known here: CN=Middle CA" },
	{ "another CA", { .dns = { "mail.example.org" } }, BY_OTHER, NULL,
		"its issuer is not known here: CN=Other\\x1B[2J CA" },
	{ "self-signed",
		{ .name = "mail.example.org", .dns = { "mail.example.org" } },
		BY_SELF, NULL, "it is self-signed" },
	{ "expired",
		{ .dns = { "mail.example.org" },
			.from_days = -9,
			.until_days = -3 },
		BY_CA, NULL, "it expired on 20" },
	{ "not valid yet",
		{ .dns = { "mail.example.org" },
			.from_days = 3,
			.until_days = 9 },
		BY_CA, NULL, "clock right?" },
	{ "another name", { .dns = { "www.example.org", "example.net" } },
		BY_CA, NULL, "it was issued for www.example.org, example.net" },
	{ "many other names",
		{ .dns = { "a.example", "b.example", "c.example", "d.example",
			  "e.example", "f.example", "g.example" } },
		BY_CA, NULL, "e.example and 2 more" },
	{ "an address instead of a name", { .ip = { "192.0.2.1" } }, BY_CA,
		NULL, "it was issued for 192.0.2.1" },
	{ "another address", { .ip = { "192.0.2.1" } }, BY_CA, "192.0.2.2",
		"it was issued for 192.0.2.1", "" },
	{ "an address written as a name", { .dns = { "192.0.2.1" } }, BY_CA,
		"192.0.2.1", "it was issued for 192.0.2.1", "" },
	{ "a wildcard for two labels", { .dns = { "*.org" } }, BY_CA, NULL,
		"it was issued for *.org" },
	{ "a wildcard for its parent", { .dns = { "*.mail.example.org" } },
		BY_CA, NULL, "it was issued for *.mail.example.org" },
	{ "a common name only", { .name = "mail.example.org" }, BY_CA, NULL,
		"it names no host" },
	{ "a common name and another SAN",
		{ .name = "mail.example.org", .ip = { "192.0.2.1" } }, BY_CA,
		NULL, "it was issued for 192.0.2.1" },
	{ "for clients only",
		{ .dns = { "mail.example.org" },
			.purpose = GNUTLS_KP_TLS_WWW_CLIENT },
		BY_CA, NULL, "it is not meant for servers" },
	{ "RSA 1024", { .dns = { "mail.example.org" }, .rsa_bits = 1024 },
		BY_CA, NULL, "its key is too weak (RSA, 1024 bits)" },
};

static const struct cert *issuer_of(const struct trust_case *wanted)
{
	switch (wanted->by) {
	case BY_CA:
		return &pki.ca;
	case BY_OTHER:
		return &pki.other_ca;
	case BY_MIDDLE:
	case BY_LOST_MIDDLE:
		return &pki.middle;
	case BY_SELF:
		break;
	}
	return NULL;
}

static void test_trust(const struct trust_case *wanted)
{
	const char *host = wanted->host ? wanted->host : "mail.example.org";
	struct cert leaf = cert_make(&wanted->leaf, issuer_of(wanted));
	struct server server = { .priorities = "NORMAL:%PROFILE_VERY_WEAK",
		.chain = { &leaf, &pki.middle },
		.chain_count = wanted->by == BY_MIDDLE ? 2 : 1 };
	struct tls_params params = params_for(host, pki.ca_file);
	struct buf text = BUF_INIT(2000);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);

	if (!wanted->want) {
		if (tap_ok(stream, "%s: trusted", wanted->name)) {
			ping(stream, "220 pong\r\n", "and used");
			end(&server, stream);
			tap_is_text(server.name,
				wanted->sni ? wanted->sni : host,
				"the name in SNI");
		}
	} else {
		tap_is_diag(&why, DIAG_TLS_CERTIFICATE, wanted->name);
		diag_sentence(&why, false, &text);
		if (!tap_ok(strstr(buf_text(&text), wanted->want),
			    "it says '%s'", wanted->want))
			tap_note("%s", buf_text(&text));
		buf_clear(&text);
		diag_hint(&why, &text);
		tap_ok(!strstr(buf_text(&text), "(iPAddress)") ==
				!(wanted->host && !wanted->leaf.purpose),
			"it says so of an address alone: %s", buf_text(&text));
		tap_ok(server.handshake < 0,
			"the server saw no finished handshake");
	}
	if (!stream && !wanted->want) {
		diag_sentence(&why, false, &text);
		tap_note("%s", buf_text(&text));
	}
	buf_free(&text);
	cert_free(&leaf);
}

/* In TLS 1.2, too, the certificate is judged before the handshake ends. */
static void test_alert(void)
{
	struct server server = { .chain = { &pki.good },
		.chain_count = 1,
		.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2" };
	struct tls_params params =
		params_for("mail.example.org", pki.other_file);
	struct diag why = { 0 };

	tap_ok(!connect_to(&server, &params, &why), "TLS 1.2, not trusted");
	tap_is_number(server.handshake, GNUTLS_E_FATAL_ALERT_RECEIVED,
		"the server is told by an alert");
	tap_is_number(server.alert, GNUTLS_A_BAD_CERTIFICATE, "the right one");
}

static const struct {
	const char *name;
	const char *file; /* a member of pki, or a path */
	bool verify;
	enum diag_id want;
} stores[] = {
	{ "a big bundle", pki.bundle_file, true, DIAG_NONE },
	{ "the wrong file", pki.other_file, true, DIAG_TLS_CERTIFICATE },
	{ "the wrong file, and tls_certcheck off", pki.other_file, false,
		DIAG_NONE },
	{ "no such file", "/nonexistent/ca.pem", true, DIAG_CONFIG_TRUST_FILE },
	{ "a folder", "/", true, DIAG_CONFIG_TRUST_FILE },
	{ "a file without certificates", pki.empty_file, true,
		DIAG_CONFIG_TRUST_FILE },
	{ "no file, and tls_certcheck off", "/nonexistent/ca.pem", false,
		DIAG_NONE },
	{ "the system's store", NULL, true, DIAG_NONE },
};

static void test_store(size_t i)
{
	const char *const system[] = { "/nonexistent/ca.pem", pki.bundle_file,
		NULL };
	struct server server = { .chain = { &pki.good }, .chain_count = 1 };
	struct tls_params params =
		params_for("mail.example.org", stores[i].file);
	struct diag why = { 0 };
	struct stream *stream;

	trust_set_system_files_for_test(system);
	params.verify = stores[i].verify;
	stream = connect_to(&server, &params, &why);
	tap_is_diag(&why, stores[i].want, stores[i].name);
	if (stream)
		end(&server, stream);
	trust_set_system_files_for_test(NULL);
}

static void test_no_system_store(void)
{
	const char *const none[] = { NULL };
	struct server server = { .chain = { &pki.good }, .chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", NULL);
	struct diag why = { 0 };

	trust_set_system_files_for_test(none);
	tap_ok(!connect_to(&server, &params, &why), "no system store");
	tap_is_diag(&why, DIAG_CONFIG_TRUST_FILE, "is a configuration error");
	trust_set_system_files_for_test(NULL);
}

/* A self-signed certificate is trusted when it is itself the trust file, for
 * its own name only. */
static void test_pinned(void)
{
	struct server server = { .chain = { &pki.self_signed },
		.chain_count = 1 };
	struct tls_params params =
		params_for("mail.example.org", pki.self_file);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);

	if (tap_ok(stream, "a self-signed certificate as trust file"))
		end(&server, stream);
	params.host = "other.example.org";
	tap_ok(!connect_to(&server, &params, &why), "but not for another name");
	tap_is_diag(&why, DIAG_TLS_CERTIFICATE, "as a matter of names");
}

/* ---- what goes wrong in the handshake ------------------------------------ */

static const struct {
	const char *name, *priorities;
	enum behaviour behaviour;
	struct span raw;
	enum diag_id want;
	const char *text;
} handshakes[] = {
	{ "TLS 1.1 only", "NORMAL:-VERS-ALL:+VERS-TLS1.1:+SHA1", BE_POLITE,
		SPAN(""), DIAG_TLS_HANDSHAKE, "alert 40 (Handshake failed)" },
	{ "a server that says it has no TLS 1.2", NULL, BE_RAW,
		SPAN("\x15\x03\x01\x00\x02\x02\x46"), DIAG_TLS_HANDSHAKE,
		"the server has no TLS 1.2 or newer" },
	{ "no forward secrecy", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
		BE_POLITE, SPAN(""), DIAG_TLS_HANDSHAKE,
		"alert 40 (Handshake failed)" },
	{ "SMTP instead of TLS", NULL, BE_RAW,
		SPAN("220 mail.example ESMTP\r\n"), DIAG_TLS_NOT_TLS,
		"does not speak TLS" },
	{ "HTTP instead of TLS", NULL, BE_RAW, SPAN("HTTP/1.0 400 Bad\r\n\r\n"),
		DIAG_TLS_NOT_TLS, "does not speak TLS" },
	{ "a record that does not end", NULL, BE_RAW,
		SPAN("\x16\x03\x03\x01\x01garbage, and more of it"),
		DIAG_TLS_TIMEOUT, NULL },
	{ "a record that is too long", NULL, BE_RAW,
		SPAN("\x16\x03\x03\xff\xffgarbage, and more of it"),
		DIAG_TLS_HANDSHAKE, NULL },
	{ "a server hello that is none", NULL, BE_RAW,
		SPAN("\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\x01\x01"),
		DIAG_TLS_HANDSHAKE, NULL },
	{ "a message out of order", NULL, BE_RAW,
		SPAN("\x16\x03\x03\x00\x04\x14\x00\x00\x00"),
		DIAG_TLS_HANDSHAKE, NULL },
	{ "a server that goes away", NULL, BE_GONE, SPAN(""), DIAG_NET_CLOSED,
		"closed the connection" },
	{ "a server that says nothing", NULL, BE_STUCK, SPAN(""),
		DIAG_TLS_TIMEOUT, "did not end within 5 seconds" },
};

static void test_handshake(size_t i)
{
	struct server server = { .priorities = handshakes[i].priorities,
		.behaviour = handshakes[i].behaviour,
		.raw = handshakes[i].raw,
		.chain = { &pki.rsa },
		.chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct stream *under = serve(&server);
	struct buf text = BUF_INIT(2000);
	struct diag why = { 0 };
	int64_t begin = clock_now_ms();

	tap_ok(!tls_start(under, &params, begin + 300, &why), "%s: refused",
		handshakes[i].name);
	diag_sentence(&why, false, &text);
	if (!tap_is_diag(&why, handshakes[i].want, handshakes[i].name))
		tap_note("%s", buf_text(&text));
	if (handshakes[i].text &&
		!tap_ok(strstr(buf_text(&text), handshakes[i].text),
			"it says '%s'", handshakes[i].text))
		tap_note("%s", buf_text(&text));
	tap_ok(clock_now_ms() - begin < 2000, "within the deadline");
	stream_close(under);
	pthread_join(server.thread, NULL);
	buf_free(&text);
}

static void test_priorities(void)
{
	struct server server = { .chain = { &pki.good }, .chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct diag why = { 0 };
	struct stream *stream;

	params.priorities = "NORMAL:+NONSENSE";
	tap_ok(!connect_to(&server, &params, &why), "bad tls_priorities");
	tap_is_diag(&why, DIAG_CONFIG_BAD_VALUE, "is a configuration error");
	params.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
	stream = connect_to(&server, &params, &why);
	if (tap_ok(stream, "good tls_priorities")) {
		tap_is_text(tls_version(stream), "TLS1.2", "are obeyed");
		end(&server, stream);
	}
}

/* ---- what goes wrong afterwards ------------------------------------------ */

static const struct {
	const char *name, *priorities;
	enum behaviour behaviour;
	enum stream_result want;
	enum diag_id want_diag;
} ends[] = {
	{ "close_notify is an end", NULL, BE_POLITE, STREAM_END, DIAG_NONE },
	{ "a close without close_notify is none", NULL, BE_RUDE, STREAM_FAILED,
		DIAG_NET_CLOSED },
	{ "nor is it in TLS 1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.2", BE_RUDE,
		STREAM_FAILED, DIAG_NET_CLOSED },
	{ "a key update is invisible", NULL, BE_RESTLESS, STREAM_END,
		DIAG_NONE },
	{ "a request to renegotiate is declined",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2", BE_RESTLESS, STREAM_END,
		DIAG_NONE },
};

static void test_end(size_t i)
{
	struct server server = { .priorities = ends[i].priorities,
		.behaviour = ends[i].behaviour,
		.chain = { &pki.good },
		.chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct buf rest = BUF_INIT(100);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);

	if (!tap_ok(stream, "%s", ends[i].name))
		return;
	if (ends[i].behaviour == BE_RESTLESS && ends[i].priorities) {
		size_t sent;

		/* GnuTLS gives the warning to the server's next read. */
		stream->ops->write(stream, "ping\r\n", 6, &sent, &why);
		read_some(stream, &rest, 10, &why);
		buf_clear(&rest);
	} else {
		ping(stream, "220 pong\r\n", "an answer");
	}
	tap_is_number(read_some(stream, &rest, 1, &why), ends[i].want,
		"then the end");
	tap_is_diag(&why, ends[i].want_diag, "its reason");
	tap_is_number((int64_t)rest.length, 0, "and no bytes");
	end(&server, stream);
	buf_free(&rest);
}

static void test_fatal_alert(void)
{
	struct server server = { .behaviour = BE_ALARMED,
		.chain = { &pki.good },
		.chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct buf rest = BUF_INIT(100), text = BUF_INIT(500);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);

	if (!tap_ok(stream, "a fatal alert after the handshake"))
		return;
	tap_is_number(read_some(stream, &rest, 1, &why), STREAM_FAILED,
		"fails the read");
	tap_is_diag(&why, DIAG_TLS_BROKEN, "as broken");
	diag_sentence(&why, false, &text);
	tap_is_text(buf_text(&text), "the TLS connection broke: Internal error",
		"with the alert's name");
	end(&server, stream);
	buf_free(&rest);
	buf_free(&text);
}

/* ---- a lot of bytes ------------------------------------------------------ */

/* Records that came together: wait() knows of what is not on the wire any
 * more, whether it is opened already or not. */
static void test_pair(void)
{
	struct server server = {
		.behaviour = BE_PAIR, .chain = { &pki.good }, .chain_count = 1
	};
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);
	char bytes[100];
	unsigned ready = 0;
	size_t got = 0;

	if (!tap_ok(stream, "two records"))
		return;
	poll(NULL, 0, 200);
	stream->ops->read(stream, bytes, sizeof bytes, &got, &why);
	tap_is_span(span_make(bytes, got), SPAN("first"), "the first");
	tap_ok(stream->ops->wait(stream, STREAM_READABLE, 0, &ready, &why) &&
			ready == STREAM_READABLE,
		"there is more");
	stream->ops->read(stream, bytes, 2, &got, &why);
	tap_is_span(span_make(bytes, got), SPAN("se"), "a part of the second");
	tap_is_number((int64_t)stream->ops->buffered(stream), 4, "the rest");
	tap_ok(stream->ops->wait(stream, STREAM_READABLE, 0, &ready, &why) &&
			ready == STREAM_READABLE,
		"wait() knows of the rest");
	stream->ops->read(stream, bytes, sizeof bytes, &got, &why);
	tap_is_span(span_make(bytes, got), SPAN("cond"), "the rest comes");
	tap_ok(stream->ops->wait(stream, STREAM_READABLE, 0, &ready, &why) &&
			!ready,
		"and that was all");
	end(&server, stream);
	tap_is_number(server.end, 0, "the server heard close_notify");
}

static void test_big_write(void)
{
	struct server server = {
		.behaviour = BE_READER, .chain = { &pki.good }, .chain_count = 1
	};
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	char *bytes = malloc(BIG_BYTES);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);
	size_t done = 0, again = 0, sent;
	unsigned ready;

	for (size_t i = 0; i < BIG_BYTES; i++)
		bytes[i] = (char)pattern(i);
	while (stream && done < BIG_BYTES) {
		enum stream_result result = stream->ops->write(
			stream, bytes + done, BIG_BYTES - done, &sent, &why);

		if (result == STREAM_OK)
			done += sent;
		else if (result == STREAM_AGAIN)
			again++;
		else
			break;
		if (result == STREAM_AGAIN &&
			(!stream->ops->wait(stream, STREAM_WRITABLE,
				 clock_deadline(5), &ready, &why) ||
				!ready))
			break;
	}
	tap_is_number((int64_t)done, BIG_BYTES, "a megabyte is written");
	tap_ok(again > 0, "with waits (%zu)", again);
	end(&server, stream);
	tap_is_number((int64_t)server.byte_count, BIG_BYTES, "and read");
	tap_ok(server.is_intact, "every byte once and in order");
	free(bytes);
}

static void test_big_read(void)
{
	struct server server = {
		.behaviour = BE_WRITER, .chain = { &pki.good }, .chain_count = 1
	};
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct buf got = BUF_INIT(2 * BIG_BYTES);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);
	enum stream_result result;
	bool is_intact = true;
	unsigned ready = 0;
	char byte;
	size_t count;

	do {
		result = stream->ops->read(stream, &byte, 1, &count, &why);
	} while (result == STREAM_AGAIN &&
		 stream->ops->wait(stream, STREAM_READABLE, clock_deadline(5),
			 &ready, &why) &&
		 ready);
	buf_put(&got, &byte, 1);
	tap_ok(stream->ops->buffered(stream) > 100,
		"the rest of a record is buffered");
	tap_ok(stream->ops->wait(stream, STREAM_READABLE, 0, &ready, &why) &&
			ready == STREAM_READABLE,
		"and wait() knows of it");
	tap_is_number(read_some(stream, &got, 2 * BIG_BYTES, &why), STREAM_END,
		"read to the end");
	tap_is_number((int64_t)got.length, BIG_BYTES, "a megabyte");
	for (size_t i = 0; i < got.length; i++)
		is_intact =
			is_intact && (unsigned char)got.data[i] == pattern(i);
	tap_ok(is_intact, "every byte once and in order");
	end(&server, stream);
	buf_free(&got);
}

static const struct {
	const char *name;
	unsigned long iterations;
	struct span want; /* its size names the hash; empty: refused */
	size_t size;
} keys[] = {
	{ "RFC 6070, third vector", 4096,
		SPAN("\x4b\x00\x79\x01\xb7\x65\x48\x9a\xbe\xad"
		     "\x49\xd9\x26\xf7\x21\xd0\x65\xa4\x29\xc1"),
		20 },
	{ "the same with SHA-256", 4096,
		SPAN("\xc5\xe4\x78\xd5\x92\x88\xc8\x41"
		     "\xaa\x53\x0d\xb6\x84\x5c\x4c\x8d"
		     "\x96\x28\x93\xa0\x01\xce\x4e\x11"
		     "\xa4\x96\x38\x73\xaa\x98\x13\x4a"),
		32 },
	{ "no such hash", 4096, SPAN(""), 16 },
};

static void test_key(size_t i)
{
	unsigned char key[32];
	bool ok = tls_derive_key(SPAN("password"), SPAN("salt"),
		keys[i].iterations, key, keys[i].size);

	tap_is_span(span_make((const char *)key, ok ? keys[i].size : 0),
		keys[i].want, keys[i].name);
}

/* ---- fingerprints -------------------------------------------------------- */

enum pin_kind { PIN_SHA256, PIN_SHA1, PIN_MD5, PIN_KEY };

/* As the command-line tools would print it. */
static void put_pin(
	struct buf *out, const struct cert *cert, enum pin_kind kind)
{
	static const gnutls_digest_algorithm_t digests[] = { GNUTLS_DIG_SHA256,
		GNUTLS_DIG_SHA1, GNUTLS_DIG_MD5 };
	unsigned char bytes[64];
	size_t size = sizeof bytes;

	if (kind == PIN_KEY) {
		gnutls_x509_crt_get_key_id(
			cert->crt, GNUTLS_KEYID_USE_SHA256, bytes, &size);
		buf_puts(out, "sha256//");
		base64_encode(span_make((char *)bytes, size), out);
		return;
	}
	gnutls_x509_crt_get_fingerprint(cert->crt, digests[kind], bytes, &size);
	for (size_t i = 0; i < size; i++)
		buf_printf(out, "%s%02X", i ? ":" : "", bytes[i]);
}

static const struct {
	const char *name;
	const struct cert *of, *second; /* of whom the fingerprints are */
	enum pin_kind kind;
	const char *host, *trust_file;
	enum diag_id want;
} pins[] = {
	{ "SHA-256", &pki.good, NULL, PIN_SHA256, "mail.example.org",
		pki.ca_file, DIAG_NONE },
	{ "SHA-1", &pki.good, NULL, PIN_SHA1, "mail.example.org", pki.ca_file,
		DIAG_NONE },
	{ "MD5", &pki.good, NULL, PIN_MD5, "mail.example.org", pki.ca_file,
		DIAG_NONE },
	{ "the key's", &pki.good, NULL, PIN_KEY, "mail.example.org",
		pki.ca_file, DIAG_NONE },
	{ "another name, nobody to trust", &pki.good, NULL, PIN_SHA256,
		"other.example", pki.empty_file, DIAG_NONE },
	{ "no trust file at all", &pki.good, NULL, PIN_KEY, "mail.example.org",
		"/nonexistent/ca.pem", DIAG_NONE },
	{ "the second of two", &pki.rsa, &pki.good, PIN_SHA256,
		"mail.example.org", pki.ca_file, DIAG_NONE },
	{ "another certificate", &pki.rsa, NULL, PIN_SHA256, "mail.example.org",
		pki.ca_file, DIAG_TLS_FINGERPRINT },
	{ "another key", &pki.rsa, NULL, PIN_KEY, "mail.example.org",
		pki.ca_file, DIAG_TLS_FINGERPRINT },
	{ "its issuer's", &pki.ca, NULL, PIN_SHA256, "mail.example.org",
		pki.ca_file, DIAG_TLS_FINGERPRINT },
};

static void test_pin(size_t i)
{
	struct server server = { .chain = { &pki.good, &pki.ca },
		.chain_count = 2 };
	struct tls_params params = params_for(pins[i].host, pins[i].trust_file);
	struct buf list = BUF_INIT(1000), text = BUF_INIT(1000),
		   own = BUF_INIT(200);
	struct diag why = { 0 };
	struct stream *stream;

	put_pin(&list, pins[i].of, pins[i].kind);
	if (pins[i].second) {
		buf_puts(&list, ", ");
		put_pin(&list, pins[i].second, pins[i].kind);
	}
	params.fingerprint = buf_text(&list);
	stream = connect_to(&server, &params, &why);
	tap_is_diag(&why, pins[i].want, pins[i].name);
	if (stream) {
		ping(stream, "220 pong\r\n", "and used");
		end(&server, stream);
	} else {
		put_pin(&own, &pki.good, PIN_SHA256);
		diag_sentence(&why, false, &text);
		tap_ok(strstr(buf_text(&text), buf_text(&own)),
			"it says which: %s", buf_text(&text));
	}
	buf_free(&list);
	buf_free(&text);
	buf_free(&own);
}

/* ---- our own certificate ------------------------------------------------- */

/* Writes PUT's PEM to a file of pki's folder; the caller unlinks it. */
static void write_file(
	char *path, size_t size, const char *name, const struct buf *pem)
{
	snprintf(path, size, "%s/%s", pki.folder, name);
	cert_write_file(path, pem);
}

enum key_file { KEY_NONE, KEY_PLAIN, KEY_SEALED, KEY_OF_ANOTHER, KEY_MISSING };

static const struct {
	const char *name;
	enum key_file key;
	const char *password;
	bool asks;
	const char *want_client;
	enum diag_id want;
} clients[] = {
	{ "no client certificate", KEY_NONE, NULL, true, "", DIAG_NONE },
	{ "a client certificate", KEY_PLAIN, NULL, true, "CN=client",
		DIAG_NONE },
	{ "a client certificate, not asked for", KEY_PLAIN, NULL, false, "",
		DIAG_NONE },
	{ "a password that nobody needs", KEY_PLAIN, "x", true, "CN=client",
		DIAG_NONE },
	{ "a key with a password", KEY_SEALED, "open sesame", true, "CN=client",
		DIAG_NONE },
	{ "a wrong password", KEY_SEALED, "sesame", true, "",
		DIAG_CONFIG_CLIENT_CERTIFICATE },
	{ "no password", KEY_SEALED, NULL, true, "",
		DIAG_CONFIG_CLIENT_CERTIFICATE },
	{ "another key", KEY_OF_ANOTHER, NULL, true, "",
		DIAG_CONFIG_CLIENT_CERTIFICATE },
	{ "no key", KEY_MISSING, NULL, true, "",
		DIAG_CONFIG_CLIENT_CERTIFICATE },
};

/* The client's certificate is self-signed, and the server names no issuer that
 * would fit: it is shown all the same. */
static void test_client(size_t i, const struct cert *client)
{
	struct server server = { .chain = { &pki.good },
		.chain_count = 1,
		.asks = clients[i].asks };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct buf pem = BUF_INIT(CERT_PEM_LIMIT),
		   key = BUF_INIT(CERT_PEM_LIMIT);
	struct secret password = { NULL, 0 };
	char cert_file[64], key_file[64];
	struct diag why = { 0 };
	struct stream *stream;

	cert_put(&pem, client);
	if (clients[i].key == KEY_SEALED)
		cert_put_sealed_key(&key, client, "open sesame");
	else
		cert_put_key(&key,
			clients[i].key == KEY_OF_ANOTHER ? &pki.ca : client);
	write_file(cert_file, sizeof cert_file, "client.pem", &pem);
	write_file(key_file, sizeof key_file, "client.key", &key);
	if (clients[i].key == KEY_MISSING)
		unlink(key_file);
	if (clients[i].key != KEY_NONE) {
		params.cert_file = cert_file;
		params.key_file = key_file;
	}
	if (clients[i].password)
		secret_set(&password, clients[i].password,
			strlen(clients[i].password));
	params.key_password = &password;
	stream = connect_to(&server, &params, &why);
	tap_is_diag(&why, clients[i].want, clients[i].name);
	if (stream) {
		ping(stream, "220 pong\r\n", "and used");
		end(&server, stream);
	}
	tap_is_text(server.client, clients[i].want_client, "who it is");
	secret_wipe(&password);
	unlink(cert_file);
	unlink(key_file);
	buf_free(&pem);
	buf_wipe_free(&key);
}

static void test_clients(void)
{
	struct cert client =
		cert_make(&(struct cert_params){ .name = "client",
				  .purpose = GNUTLS_KP_TLS_WWW_CLIENT },
			NULL);

	for (size_t i = 0; i < sizeof clients / sizeof *clients; i++)
		test_client(i, &client);
	cert_free(&client);
}

/* ---- revoked certificates ------------------------------------------------ */

enum crl_file { CRL_FULL, CRL_EMPTY, CRL_GARBAGE, CRL_MISSING };

static const struct {
	const char *name;
	enum crl_file file;
	const struct cert *revoked;
	enum diag_id want;
	const char *text;
} crls[] = {
	{ "nobody is revoked", CRL_FULL, NULL, DIAG_NONE, NULL },
	{ "somebody else is revoked", CRL_FULL, &pki.rsa, DIAG_NONE, NULL },
	{ "the server is revoked", CRL_FULL, &pki.good, DIAG_TLS_CERTIFICATE,
		"its issuer has revoked it" },
	{ "a file without a list", CRL_GARBAGE, NULL, DIAG_CONFIG_CRL_FILE,
		"it holds no such list" },
	{ "a file that is empty", CRL_EMPTY, NULL, DIAG_CONFIG_CRL_FILE,
		"it holds no such list" },
	{ "no file", CRL_MISSING, NULL, DIAG_CONFIG_CRL_FILE,
		"there is no such file" },
};

static void test_crl(size_t i)
{
	struct server server = { .chain = { &pki.good }, .chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct buf pem = BUF_INIT(CERT_PEM_LIMIT), text = BUF_INIT(1000);
	struct diag why = { 0 };
	struct stream *stream;
	char path[64];

	if (crls[i].file == CRL_GARBAGE)
		cert_put(&pem, &pki.ca);
	else if (crls[i].file != CRL_EMPTY)
		cert_put_crl(&pem, &pki.ca, crls[i].revoked);
	write_file(path, sizeof path, "crl.pem", &pem);
	if (crls[i].file == CRL_MISSING)
		unlink(path);
	params.crl_file = path;
	stream = connect_to(&server, &params, &why);
	tap_is_diag(&why, crls[i].want, crls[i].name);
	diag_sentence(&why, false, &text);
	if (crls[i].text)
		tap_ok(strstr(buf_text(&text), crls[i].text), "it says: %s",
			buf_text(&text));
	if (stream)
		end(&server, stream);
	unlink(path);
	buf_free(&pem);
	buf_free(&text);
}

/* ---- the rest ------------------------------------------------------------ */

static void test_dh_bits(void)
{
	struct server server = { .chain = { &pki.rsa },
		.chain_count = 1,
		.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA"
			      ":-GROUP-ALL:+GROUP-FFDHE2048" };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct diag why = { 0 };
	struct stream *stream;

	params.min_dh_bits = 2048;
	stream = connect_to(&server, &params, &why);
	if (tap_ok(stream, "a prime that is long enough"))
		end(&server, stream);
	params.min_dh_bits = 3072;
	tap_ok(!connect_to(&server, &params, &why), "one that is too short");
	tap_is_diag(&why, DIAG_TLS_HANDSHAKE, "is no good handshake");
}

static void test_details(void)
{
	struct cert leaf =
		cert_make(&(struct cert_params){ .name = "Bad\033[2J name",
				  .dns = { "mail.example.org" } },
			&pki.ca);
	struct server server = { .chain = { &leaf }, .chain_count = 1 };
	struct tls_params params = params_for("mail.example.org", pki.ca_file);
	struct buf text = BUF_INIT(2000), want = BUF_INIT(300);
	struct diag why = { 0 };
	struct stream *stream = connect_to(&server, &params, &why);

	if (tap_ok(stream, "details of a certificate")) {
		tls_put_certificate(stream, &text);
		end(&server, stream);
	}
	tap_note("%s", buf_text(&text));
	tap_ok(strstr(buf_text(&text), "\nissuer: CN=Test CA\n"), "the issuer");
	tap_ok(strstr(buf_text(&text), "\nvalid: 20"), "the dates");
	put_pin(&want, &leaf, PIN_SHA256);
	tap_ok(strstr(buf_text(&text), buf_text(&want)), "the fingerprint");
	buf_clear(&want);
	put_pin(&want, &leaf, PIN_KEY);
	tap_ok(strstr(buf_text(&text), buf_text(&want)), "the key's");
	tap_ok(!strchr(buf_text(&text), '\033'), "nothing for the terminal");
	buf_free(&text);
	buf_free(&want);
	cert_free(&leaf);
}

/* RFC 2202 2, cases 2 and 6. */
static void test_hmac_md5(void)
{
	static const unsigned char want[] = "\x75\x0c\x78\x3e\x6a\xb0\xb5\x03"
					    "\xea\xa8\x6e\x31\x0a\x5d\xb7\x38";
	static const unsigned char want_long[] =
		"\x6b\x1a\xb7\xfe\x4b\xd7\xbf\x8f\x0b\x62\xe6\xce\x61\xb9\xd0"
		"\xcd";
	unsigned char out[16];
	char key[80];

	memset(key, 0xaa, sizeof key);
	tap_ok(tls_hmac_md5(SPAN("Jefe"), SPAN("what do ya want for nothing?"),
		       out) &&
			!memcmp(out, want, sizeof out),
		"HMAC-MD5");
	tap_ok(tls_hmac_md5(span_make(key, sizeof key),
		       SPAN("Test Using Larger Than Block-Size Key - Hash Key "
			    "First"),
		       out) &&
			!memcmp(out, want_long, sizeof out),
		"HMAC-MD5 with a long key");
}

int main(void)
{
	test_hmac_md5();
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		test_key(i);
	make_pki();
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
		test_version(i);
	for (size_t i = 0; i < sizeof trust_cases / sizeof *trust_cases; i++)
		test_trust(&trust_cases[i]);
	test_alert();
	for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
		test_store(i);
	test_no_system_store();
	test_pinned();
	for (size_t i = 0; i < sizeof pins / sizeof *pins; i++)
		test_pin(i);
	test_clients();
	for (size_t i = 0; i < sizeof crls / sizeof *crls; i++)
		test_crl(i);
	test_dh_bits();
	test_details();
	for (size_t i = 0; i < sizeof handshakes / sizeof *handshakes; i++)
		test_handshake(i);
	test_priorities();
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		test_end(i);
	test_fatal_alert();
	test_pair();
	test_big_write();
	test_big_read();
	tap_ok(tls_library_version(true)[0] == '3',
		"the library has a version");
	remove_pki();
	return tap_done();
}
