/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to an account's server.  Knows nothing of what is said there. */
#include <config.h>

#include "deliver/peer.h"

#include "base/clock.h"
#include "net/idn.h"
#include "net/resolve.h"
#include "net/socks.h"
#include "net/tcp.h"
#include "net/tls.h"

#include <stdio.h>

enum {
	CONNECT_TIMEOUT_S = 30, /* look-up, and connecting to all addresses */
	TLS_TIMEOUT_S = 60,
	PROBE_TIMEOUT_S = 5,
	NAME_LIMIT = 600, /* "host:port" */
	TRACE_LIMIT = 16 * 1024
};

void peer_init(struct peer *peer)
{
	peer->name = BUF_INIT(NAME_LIMIT);
	peer->helo_name = BUF_INIT(NAME_LIMIT);
}

long peer_capped_s(const struct peer *peer, long seconds)
{
	long cap = peer->account->timeout;

	return cap ? cap : seconds;
}

/* Names are found, and there is a connection: all that is needed from outside,
 * but for another one like it. */
static struct stream *confine(struct peer *peer, struct stream *stream)
{
	if (stream && peer->confine) {
		peer->confine(peer->account, peer->is_traced);
		peer->confine = NULL;
	}
	return stream;
}

static bool look_up(struct peer *peer, const char *host, long port,
	int64_t deadline_ms, struct resolve_list *to, struct resolve_list *from,
	struct diag *why)
{
	const struct account *account = peer->account;
	static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
	const struct resolve_question asked = { host, (unsigned)port,
		families[account->ip_version], deadline_ms };

	return resolve_family(&asked, peer->arena, to, why) &&
	       (!account->source_ip ||
		       resolve_host(account->source_ip, 0, deadline_ms,
			       peer->arena, from, why));
}

/* What finds names may be a file that was replaced since, or a socket of
 * somebody else: whoever is confined goes where the way led before. */
static bool find_addresses(struct peer *peer, const char *host, long port,
	int64_t deadline_ms, struct resolve_list *to, struct resolve_list *from,
	struct diag *why)
{
	if (!peer->to.count) {
		if (!look_up(peer, host, port, deadline_ms, to, from, why))
			return false;
		if (!peer->confine)
			return true;
		peer->to = *to;
		peer->from = *from;
	}
	*to = peer->to;
	*from = peer->from;
	return true;
}

/* A TCP connection to HOST, as the account wants them made. */
static struct stream *connect_to(struct peer *peer, const char *host, long port,
	int64_t deadline_ms, struct diag *why)
{
	const char *name = buf_text(&peer->name);
	struct resolve_list to, from = { NULL, 0 };

	if (!find_addresses(peer, host, port, deadline_ms, &to, &from, why))
		return NULL;
	return confine(
		peer, from.count ? tcp_connect_from(&to, from.items, name,
					   deadline_ms, why)
				 : tcp_connect(&to, name, deadline_ms, why));
}

static struct stream *connect_tcp(
	struct peer *peer, int64_t deadline_ms, struct diag *why)
{
	const struct account *account = peer->account;

	buf_printf(&peer->name, "%s:%ld", account->host, account->port);
	return connect_to(peer, account->host, account->port, deadline_ms, why);
}

static struct stream *connect_proxy(
	struct peer *peer, int64_t deadline_ms, struct diag *why)
{
	const struct account *account = peer->account;
	struct stream *stream;
	struct socks_params params = { .host = account->host,
		.port = (unsigned)account->port,
		.user = account->proxy_user,
		.password = &account->proxy_password };

	buf_printf(&peer->name, "%s:%ld", account->proxy_host,
		account->proxy_port);
	params.proxy = buf_text(&peer->name);
	stream = connect_to(peer, account->proxy_host, account->proxy_port,
		deadline_ms, why);
	if (!stream || socks_connect(stream, &params, deadline_ms, why))
		return stream;
	stream_close(stream);
	return NULL;
}

static struct stream *connect_unix(
	struct peer *peer, int64_t deadline_ms, struct diag *why)
{
	const char *path = peer->account->socket;

	buf_puts(&peer->name, path);
	return confine(peer, tcp_connect_unix(path, deadline_ms, why));
}

static void trace_tls(struct stream *tls)
{
	struct buf text = BUF_INIT(TRACE_LIMIT);
	struct span rest, line;

	tls_describe(tls, &text);
	buf_puts(&text, "\n");
	tls_put_certificate(tls, &text);
	rest = buf_span(&text);
	while ((line = span_cut(&rest, '\n')).length)
		fprintf(stderr, "--- %.*s\n", (int)line.length, line.at);
	buf_free(&text);
}

bool peer_start_tls(struct peer *peer, struct diag *why)
{
	const struct account *account = peer->account;
	long seconds = peer_capped_s(peer, TLS_TIMEOUT_S);
	const struct tls_params params = {
		.host = account->tls_host_override ? account->tls_host_override
						   : account->host,
		.trust_file = account_trust_file(account),
		.verify = account->tls_certcheck || account->tls_fingerprint,
		.priorities = account->tls_priorities,
		.fingerprint = account->tls_fingerprint,
		.crl_file = account->tls_crl_file,
		.cert_file = account->tls_cert_file,
		.key_file = account->tls_key_file,
		.key_password = peer->key_password,
		.min_dh_bits = (unsigned)account->tls_min_dh_prime_bits,
		.timeout_s = seconds,
	};
	struct stream *tls =
		tls_start(peer->stream, &params, clock_deadline(seconds), why);

	if (!tls)
		return false;
	peer->stream = tls;
	peer->tls_version = tls_version(tls);
	if (peer->is_traced)
		trace_tls(tls);
	return true;
}

/* Without a name that others can look up, the literal of this end of the
 * connection (RFC 5321 4.1.1.1).  What is no name at all EHLO tells. */
static void choose_helo_name(struct peer *peer)
{
	const char *domain = peer->account->domain;
	struct buf *name = &peer->helo_name;

	if (!domain)
		tcp_put_own_literal(peer->stream, name);
	else if (!idn_to_ascii(domain, name, NULL))
		buf_puts(name, domain);
	if (name->length > 1 && name->data[name->length - 1] == '.')
		name->data[--name->length] = '\0';
}

static struct stream *open_stream(
	struct peer *peer, int64_t deadline_ms, struct diag *why)
{
	const struct account *account = peer->account;

	return account->socket       ? connect_unix(peer, deadline_ms, why)
	       : account->proxy_host ? connect_proxy(peer, deadline_ms, why)
				     : connect_tcp(peer, deadline_ms, why);
}

bool peer_connect(struct peer *peer, struct diag *why)
{
	const struct account *account = peer->account;

	peer->stream = open_stream(peer,
		clock_deadline(peer_capped_s(peer, CONNECT_TIMEOUT_S)), why);
	if (!peer->stream)
		return false;
	/* Behind a proxy on this machine is another one. */
	peer->is_local =
		!account->proxy_host && tcp_peer_is_local(peer->stream);
	choose_helo_name(peer);
	return !account->tls || account->tls_starttls ||
	       peer_start_tls(peer, why);
}

bool peer_speaks_tls_first(struct peer *peer, int64_t latest_ms)
{
	const struct account *account = peer->account;
	const struct tls_params params = { .host = account->host,
		.priorities = account->tls_priorities,
		.timeout_s = PROBE_TIMEOUT_S };
	int64_t deadline_ms = clock_deadline(PROBE_TIMEOUT_S);
	struct stream *probe, *tls = NULL;
	struct diag why;

	if (deadline_ms > latest_ms)
		deadline_ms = latest_ms;
	buf_clear(&peer->name);
	probe = open_stream(peer, deadline_ms, &why);
	if (probe)
		tls = tls_start(probe, &params, deadline_ms, &why);
	if (tls || probe)
		stream_close(tls ? tls : probe);
	return tls != NULL;
}

void peer_hang_up(struct peer *peer)
{
	stream_close(peer->stream);
	buf_clear(&peer->name);
	buf_clear(&peer->helo_name);
	peer->stream = NULL;
	peer->tls_version = NULL;
}

void peer_free(struct peer *peer)
{
	stream_close(peer->stream);
	buf_free(&peer->helo_name);
	buf_free(&peer->name);
}
