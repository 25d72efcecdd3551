/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One HTTPS request and its answer.  Always verified; never anything but
 * https, redirects included; no cookie, no netrc, no proxy but the one that is
 * named.  Knows no JSON and no OAuth.
 *
 * Loads libcurl, which brings thirty libraries along: to be called in a
 * process that ends soon (base/process, process_apart()).
 */
#ifndef NET_HTTPS_H
#define NET_HTTPS_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/secret.h"

#include <stdbool.h>
#include <time.h>

enum {
	HTTPS_TIMEOUT_S = 30, /* for all of it */
	HTTPS_CONNECT_TIMEOUT_S = 15,
	HTTPS_REDIRECTS_MAX = 3, /* of a GET; a POST follows none */
	HTTPS_HEADER_LIMIT = 64 * 1024
};

struct https_request {
	const char *url;
	struct span body;          /* at is NULL: a GET */
	const char *content_type;  /* of the body */
	const char *authorization; /* the header's value, or NULL */
	const char *trust_file;    /* PEM; NULL: the system's */
	/* A SOCKS 5 proxy; proxy_host NULL: none. */
	const char *proxy_host, *proxy_user;
	unsigned proxy_port;
	const struct secret *proxy_password;
};

struct https_answer {
	unsigned status;
	time_t date;      /* the server's clock; 0: it did not say */
	struct buf *body; /* the caller's; a longer one is a failure */
};

/* Whether this build can do it at all. */
bool https_is_built(void);
/* Any status is success.  Fails with DIAG_HTTPS_FAILED (worth trying again),
 * DIAG_HTTPS_CERTIFICATE, DIAG_HTTPS_TOO_LONG, DIAG_CONFIG_TRUST_FILE or
 * DIAG_LIBRARY_…. */
bool https_ask(const struct https_request *request, struct https_answer *out,
	struct diag *why);

#endif
