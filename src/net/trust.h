/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of trusted certificates, without a library: parsing all 150 of them
 * costs more than the rest of a send, and one is wanted.  So the PEM text is
 * only searched for the certificates whose subject is in the server's chain;
 * what they are worth is decided by whoever verifies.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include "base/diag.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* A certificate of more bytes (DER) is no certificate. */
enum {
	TRUST_CERTIFICATE_LIMIT = 64 * 1024,
	TRUST_FILE_LIMIT = 16 * 1024 * 1024
};

struct trust_search {
	/* Wanted subjects, each a DER Name (RFC 5280 4.1.2.4), compared byte
	 * for byte; no names: every certificate is wanted. */
	const struct span *names;
	size_t name_count;
	/* Called for each with its DER, borrowed for the call. */
	void (*found)(void *context, struct span der);
	void *context;
};

/* Searches PEM ("BEGIN CERTIFICATE", RFC 7468); anything else in it, damaged
 * certificates included, is skipped.  Returns how many certificates there
 * were, wanted or not. */
size_t trust_search(struct span pem, const struct trust_search *search);
/* Says of PEM, the text of the file PATH, why it holds no certificate, and how
 * it is made one: DIAG_CONFIG_TRUST_FILE.  False. */
bool trust_explain(const char *path, struct span pem, struct diag *why);
/* Whether the file can be read and holds a certificate, whatever that is worth;
 * else DIAG_CONFIG_TRUST_FILE. */
bool trust_check_file(const char *path, struct diag *why);
/* The subject of a certificate, a piece of DER (which may be cut off behind
 * it); empty when there is none. */
struct span trust_subject(struct span der);
/* Whether the TLS library may be asked for a store that is no file; not once a
 * test has set other places. */
bool trust_has_library_store(void);
/* The path of the system's own file of trusted certificates, static; NULL when
 * there is none. */
const char *trust_system_file(void);
/* Other places to look for it, for tests (NULL-terminated, borrowed); NULL
 * brings the usual ones back. */
void trust_set_system_files_for_test(const char *const *paths);

#endif
