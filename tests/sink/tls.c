/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sink's connections: a socket, with GnuTLS over it or not; and the
 * certificates that it shows. */
#include <config.h>

#include "base/mem.h"
#include "certs.h"
#include "sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct sink_tls {
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priorities;
	struct cert ca, leaf, client;
	const struct sink_options *options;
};

struct sink_conn {
	int fd;
	gnutls_session_t session; /* NULL in clear */
	/* When a rule wants another than that of sink_tls. */
	gnutls_certificate_credentials_t credentials;
	bool is_spoilt;
};

/* ---- certificates -------------------------------------------------------- */

static const struct kind {
	const char *name;
	const char *purpose;
	long from_days, until_days;
	unsigned rsa_bits;
	bool is_self_signed, is_other_ca, has_no_san, has_wrong_name;
} kinds[] = {
	{ .name = "good", .from_days = -1, .until_days = 30 },
	{ .name = "expired", .from_days = -30, .until_days = -2 },
	{ .name = "future", .from_days = 10, .until_days = 30 },
	{ .name = "wrong-name", .has_wrong_name = true },
	{ .name = "self-signed", .is_self_signed = true },
	{ .name = "other-ca", .is_other_ca = true },
	{ .name = "cn-only", .has_no_san = true },
	{ .name = "client-only", .purpose = GNUTLS_KP_TLS_WWW_CLIENT },
	{ .name = "weak", .rsa_bits = 1024 },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	fprintf(stderr, "sink: no such kind of certificate: %s\n", name);
	exit(64);
}

static bool is_literal(const char *name)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, name, bytes) == 1 ||
	       inet_pton(AF_INET6, name, bytes) == 1;
}

static void add_names(
	struct cert_params *params, const struct sink_options *options)
{
	size_t dns = 0, ip = 0;

	params->dns[dns++] = options->host_name;
	params->ip[ip++] = options->address;
	for (size_t i = 0; i < options->names.count; i++) {
		const char *name = options->names.items[i];

		if (is_literal(name) && ip < CERT_SANS_MAX)
			params->ip[ip++] = name;
		else if (dns < CERT_SANS_MAX)
			params->dns[dns++] = name;
	}
}

static struct cert make_authority(const char *name)
{
	struct cert_params params = {
		.name = name, .is_ca = true, .from_days = -1, .until_days = 30
	};

	return cert_make(&params, NULL);
}

static struct cert make_leaf(const struct sink_options *options,
	const char *kind_name, const struct cert *authority)
{
	const struct kind *kind = find_kind(kind_name);
	struct cert_params params = { .name = options->host_name,
		.purpose = kind->purpose,
		.from_days = kind->from_days,
		.until_days = kind->until_days,
		.rsa_bits = kind->rsa_bits };
	struct cert leaf, other;

	if (kind->has_wrong_name)
		params.dns[0] = "somewhere-else.example";
	else if (!kind->has_no_san)
		add_names(&params, options);
	if (!kind->is_other_ca)
		return cert_make(
			&params, kind->is_self_signed ? NULL : authority);
	other = make_authority("another CA");
	leaf = cert_make(&params, &other);
	cert_free(&other);
	return leaf;
}

static void write_pem(const char *folder, const char *name,
	const struct cert *cert, void (*put)(struct buf *, const struct cert *))
{
	struct buf pem = BUF_INIT(CERT_PEM_LIMIT), path = BUF_INIT(4000);

	buf_printf(&path, "%s/%s", folder, name);
	put(&pem, cert);
	cert_write_file(buf_text(&path), &pem);
	buf_wipe_free(&pem);
	buf_free(&path);
}

static void put_fingerprint(struct buf *out, const struct cert *cert)
{
	unsigned char bytes[32];
	size_t size = sizeof bytes;

	if (gnutls_x509_crt_get_fingerprint(
		    cert->crt, GNUTLS_DIG_SHA256, bytes, &size) < 0)
		return;
	for (size_t i = 0; i < size; i++)
		buf_printf(out, "%02x", bytes[i]);
	buf_puts(out, "\n");
}

/* What a client needs: whom to trust, the fingerprint of the server, and a
 * certificate of its own. */
static void write_files(const struct sink_tls *tls, const char *folder)
{
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		perror(folder);
	write_pem(folder, "ca.pem", &tls->ca, cert_put);
	write_pem(folder, "fingerprint", &tls->leaf, put_fingerprint);
	write_pem(folder, "client.pem", &tls->client, cert_put);
	write_pem(folder, "client.key", &tls->client, cert_put_key);
}

struct sink_tls *sink_tls_new(const struct sink_options *options)
{
	struct sink_tls *tls = mem_zalloc(sizeof *tls);
	const struct cert *chain = &tls->leaf;
	const char *wanted = options->tls_priorities;

	tls->options = options;
	tls->ca = make_authority("mailchute sink CA");
	tls->leaf = make_leaf(options, options->certificate, &tls->ca);
	tls->client = cert_make(&(struct cert_params){ .name = "alice",
					.purpose = GNUTLS_KP_TLS_WWW_CLIENT },
		&tls->ca);
	tls->credentials = cert_credentials(&chain, 1);
	/* A weak certificate is the client's to refuse. */
	if (gnutls_priority_init(&tls->priorities,
		    wanted ? wanted : "NORMAL:%PROFILE_VERY_WEAK", NULL) < 0) {
		fputs("sink: bad --tls-priorities\n", stderr);
		exit(64);
	}
	if (options->certs_folder)
		write_files(tls, options->certs_folder);
	return tls;
}

void sink_tls_free(struct sink_tls *tls)
{
	if (!tls)
		return;
	gnutls_priority_deinit(tls->priorities);
	gnutls_certificate_free_credentials(tls->credentials);
	cert_free(&tls->client);
	cert_free(&tls->leaf);
	cert_free(&tls->ca);
	mem_free(tls);
}

/* ---- connections --------------------------------------------------------- */

struct sink_conn *sink_conn_new(int fd)
{
	struct sink_conn *conn = mem_zalloc(sizeof *conn);

	conn->fd = fd;
	return conn;
}

/* The certificate that the rule names, or the usual one. */
static gnutls_certificate_credentials_t choose_credentials(
	struct sink_conn *conn, const struct sink_tls *tls,
	const struct sink_rule *rule)
{
	const struct sink_action *action =
		sink_rule_action(rule, SINK_ACT_CERT);
	struct cert leaf;
	const struct cert *chain = &leaf;

	if (!action)
		return tls->credentials;
	leaf = make_leaf(tls->options, action->text.at, &tls->ca);
	conn->credentials = cert_credentials(&chain, 1);
	cert_free(&leaf);
	return conn->credentials;
}

static void set_priorities(struct sink_conn *conn, const struct sink_tls *tls,
	const struct sink_rule *rule)
{
	const struct sink_action *action =
		sink_rule_action(rule, SINK_ACT_PRIORITIES);

	if (!action)
		gnutls_priority_set(conn->session, tls->priorities);
	else if (gnutls_priority_set_direct(
			 conn->session, action->text.at, NULL) < 0)
		fputs("sink: bad priorities in the script\n", stderr);
}

static void set_wishes(struct sink_conn *conn, const struct sink_tls *tls,
	gnutls_certificate_credentials_t credentials,
	const struct sink_rule *rule)
{
	gnutls_x509_crt_t ca = tls->ca.crt;
	bool demands = tls->options->demand_certificate ||
		       sink_rule_action(rule, SINK_ACT_DEMAND);

	if (demands) {
		gnutls_certificate_set_x509_trust(credentials, &ca, 1);
		gnutls_session_set_verify_cert(conn->session, NULL, 0);
	}
	if (demands || tls->options->ask_certificate ||
		sink_rule_action(rule, SINK_ACT_ASK))
		gnutls_certificate_server_set_request(conn->session,
			demands ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST);
}

bool sink_conn_start_tls(struct sink_conn *conn, const struct sink_tls *tls,
	const struct sink_rule *rule)
{
	gnutls_certificate_credentials_t credentials =
		choose_credentials(conn, tls, rule);
	int result;

	gnutls_init(&conn->session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
	set_priorities(conn, tls, rule);
	gnutls_credentials_set(
		conn->session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(conn->session, conn->fd);
	set_wishes(conn, tls, credentials, rule);
	do
		result = gnutls_handshake(conn->session);
	while (result < 0 && !gnutls_error_is_fatal(result));
	if (result < 0)
		gnutls_alert_send_appropriate(conn->session, result);
	return result == 0;
}

bool sink_conn_is_tls(const struct sink_conn *conn)
{
	return conn->session != NULL;
}

size_t sink_conn_read(struct sink_conn *conn, char *into, size_t capacity)
{
	ssize_t count;

	do
		count = conn->session ? gnutls_record_recv(
						conn->session, into, capacity)
				      : recv(conn->fd, into, capacity, 0);
	while (conn->session ? count < 0 && !gnutls_error_is_fatal((int)count)
			     : count < 0 && errno == EINTR);
	return count > 0 ? (size_t)count : 0;
}

bool sink_conn_write(struct sink_conn *conn, struct span bytes)
{
	while (bytes.length) {
		ssize_t count = conn->session
					? gnutls_record_send(conn->session,
						  bytes.at, bytes.length)
					: send(conn->fd, bytes.at, bytes.length,
						  MSG_NOSIGNAL);

		if (count > 0)
			bytes = span_skip(bytes, (size_t)count);
		else if (conn->session ? gnutls_error_is_fatal((int)count)
				       : errno != EINTR)
			return false;
	}
	return true;
}

void sink_conn_drain(struct sink_conn *conn)
{
	char bytes[4096];

	while (sink_conn_read(conn, bytes, sizeof bytes))
		;
}

void sink_conn_close(struct sink_conn *conn)
{
	if (conn->session) {
		if (!conn->is_spoilt)
			gnutls_bye(conn->session, GNUTLS_SHUT_WR);
		gnutls_deinit(conn->session);
	}
	if (conn->credentials)
		gnutls_certificate_free_credentials(conn->credentials);
	close(conn->fd);
	mem_free(conn);
}

void sink_conn_spoil(struct sink_conn *conn, bool is_reset)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	conn->is_spoilt = true;
	if (is_reset)
		setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once,
			sizeof at_once);
}

void sink_conn_describe(struct sink_conn *conn, struct buf *out)
{
	if (!conn->session) {
		buf_puts(out, "none");
		return;
	}
	buf_printf(out, "%s %s",
		gnutls_protocol_get_name(
			gnutls_protocol_get_version(conn->session)),
		gnutls_cipher_get_name(gnutls_cipher_get(conn->session)));
}

bool sink_conn_client(struct sink_conn *conn, char *name, size_t size)
{
	const gnutls_datum_t *der =
		conn->session
			? gnutls_certificate_get_peers(conn->session, NULL)
			: NULL;
	gnutls_x509_crt_t crt;
	bool ok;

	if (!der || gnutls_x509_crt_init(&crt) < 0)
		return false;
	ok = gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) >= 0 &&
	     gnutls_x509_crt_get_dn_by_oid(
		     crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) >= 0;
	gnutls_x509_crt_deinit(crt);
	return ok;
}

bool sink_conn_binding(
	struct sink_conn *conn, const char *type, struct buf *out)
{
	gnutls_channel_binding_t kind = GNUTLS_CB_TLS_UNIQUE;
	gnutls_datum_t data = { NULL, 0 };
	bool ok;

#if GNUTLS_VERSION_NUMBER >= 0x030702
	if (!strcmp(type, "tls-exporter"))
		kind = GNUTLS_CB_TLS_EXPORTER;
#endif
	if (!conn->session ||
		(kind == GNUTLS_CB_TLS_UNIQUE && strcmp(type, "tls-unique")))
		return false;
	ok = gnutls_session_channel_binding(conn->session, kind, &data) == 0 &&
	     buf_put(out, (const char *)data.data, data.size);
	gnutls_free(data.data);
	return ok;
}
