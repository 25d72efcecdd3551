/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of the DNS, by the system's resolver.  Answers are not signed: what
 * they say is a proposal, or something to tell a person.
 *
 *	struct dns_question question = { "_dmarc.", "example.org", DNS_TXT,
 *		clock_deadline(DNS_TIMEOUT_S) };
 *
 *	if (dns_look_up(&question, arena, &answer, why))
 *		for (size_t i = 0; i < answer.count; i++)
 *			... answer.items[i].text ...
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_type { DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_SRV = 33 };

/* Lives in an arena; what its type does not have is 0. */
struct dns_record {
	unsigned priority, weight, port;
	const char *host; /* without the last dot; "" is the root */
	struct span text; /* TXT: its strings put together */
};

struct dns_answer {
	struct dns_record *items;
	size_t count;
};

/* The records of TYPE in an answer, up to where it is broken; aliases on the
 * way are passed over.  A host that is more than letters, digits, "-", "_" and
 * dots counts for nothing.  Pure; linear in the length. */
void dns_parse(struct span answer, enum dns_type type, struct arena *arena,
	struct dns_answer *out);

/* For all that is asked about one thing. */
enum { DNS_TIMEOUT_S = 30 };

struct dns_question {
	const char *prefix; /* "_dmarc.", or "" */
	const char *domain;
	enum dns_type type;
	int64_t deadline_ms;
};

/* A name that is not there has no records.  No look-up outlives its deadline
 * by holding us up.  Fails with DIAG_NET_NAME_SERVER, DIAG_NET_NAME_TIMEOUT,
 * DIAG_INTERRUPTED, or as idn_to_ascii() does. */
bool dns_look_up(const struct dns_question *question, struct arena *arena,
	struct dns_answer *out, struct diag *why);
/* Replaces the resolver, for tests: gives the length of the answer, or -1 with
 * h_errno set; called in a thread.  NULL brings it back. */
void dns_set_query_for_test(int (*function)(
	const char *name, int type, unsigned char *answer, int size));

#endif
