/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on the address that mail comes from: its name in the DNS and back,
 * and block lists.  Matters where no provider stands between; asks no server of
 * mail.
 */
#include <config.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "net/dns.h"
#include "net/resolve.h"
#include "net/tcp.h"

#include <netinet/in.h>
#include <string.h>

enum {
	STEP_S = 10, /* all that one question takes */
	ADDRESSES_MAX = 4,
	SMTP_PORT = 25,
	NAME_BYTES = 512,
	LIST_REFUSES = 255 /* 127.255.255.x is no entry */
};

/* ---- addresses ----------------------------------------------------------- */

static const unsigned char *bytes_of(
	const struct resolve_address *address, size_t *count)
{
	if (address->address.ss_family == AF_INET) {
		*count = 4;
		return (const unsigned char *)&(
			(const struct sockaddr_in *)&address->address)
			->sin_addr;
	}
	*count = 16;
	return (const unsigned char *)&(
		(const struct sockaddr_in6 *)&address->address)
		->sin6_addr;
}

/* Whether anybody else can see it: RFC 1918, 3927, 4193, 6598. */
static bool is_public(const struct resolve_address *address)
{
	size_t count;
	const unsigned char *at = bytes_of(address, &count);

	if (resolve_is_loopback(address))
		return false;
	if (count == 16)
		return (at[0] & 0xE0) ==
		       0x20; /* RFC 4291 2.4: what is routed */
	return at[0] != 10 && at[0] != 0 && at[0] != 127 &&
	       !(at[0] == 172 && (at[1] & 0xF0) == 16) &&
	       !(at[0] == 192 && at[1] == 168) &&
	       !(at[0] == 169 && at[1] == 254) &&
	       !(at[0] == 100 && (at[1] & 0xC0) == 64);
}

static bool is_same(
	const struct resolve_address *a, const struct resolve_address *b)
{
	size_t in_a, in_b;
	const unsigned char *bytes_a = bytes_of(a, &in_a),
			    *bytes_b = bytes_of(b, &in_b);

	return in_a == in_b && memcmp(bytes_a, bytes_b, in_a) == 0;
}

/* Appends "1.2.0.192.": RFC 1035 3.5, RFC 3596 2.5. */
static void put_reversed(const struct resolve_address *address, struct buf *out)
{
	size_t count;
	const unsigned char *at = bytes_of(address, &count);

	for (size_t i = count; i > 0; i--)
		if (count == 4)
			buf_printf(out, "%u.", at[i - 1]);
		else
			buf_printf(out, "%x.%x.", at[i - 1] & 15u,
				(unsigned)at[i - 1] >> 4);
}

static const char *name_of(
	struct doctor *doctor, const struct resolve_address *address)
{
	struct buf text = BUF_INIT(NAME_BYTES);
	const char *name;

	resolve_put_address(address, &text);
	name = arena_strdup(doctor->arena, buf_text(&text));
	buf_free(&text);
	return name;
}

/* ---- the name ------------------------------------------------------------ */

/* Whether HOST has ADDRESS. */
static bool leads_back(struct doctor *doctor, const char *host,
	const struct resolve_address *address)
{
	struct resolve_list found;
	struct diag why;

	if (!resolve_host(host, 0, clock_deadline(STEP_S), doctor->arena,
		    &found, &why))
		return false;
	for (size_t i = 0; i < found.count; i++)
		if (is_same(&found.items[i], address))
			return true;
	return false;
}

static void judge_names(struct doctor *doctor,
	const struct resolve_address *address, const struct dns_answer *names)
{
	const char *text = name_of(doctor, address);
	struct diag why;

	for (size_t i = 0; i < names->count; i++)
		if (leads_back(doctor, names->items[i].host, address)) {
			findings_note(doctor->found, "dns.ptr", FINDING_OK,
				"%s",
				arena_printf(doctor->arena, "%s: %s", text,
					names->items[i].host));
			return;
		}
	if (names->count)
		diag_set(
			&why, DIAG_DNS_PTR_FORWARD, text, names->items[0].host);
	else
		diag_set(&why, DIAG_DNS_PTR_NONE, text);
	findings_warn(doctor->found, "dns.ptr", &why);
}

static void check_name(
	struct doctor *doctor, const struct resolve_address *address)
{
	struct buf prefix = BUF_INIT(NAME_BYTES);
	struct dns_question question = {
		.domain = address->address.ss_family == AF_INET ? "in-addr.arpa"
								: "ip6.arpa",
		.type = DNS_PTR,
		.deadline_ms = clock_deadline(STEP_S),
	};
	struct dns_answer names;
	struct diag why;

	put_reversed(address, &prefix);
	question.prefix = buf_text(&prefix);
	if (dns_look_up(&question, doctor->arena, &names, &why))
		judge_names(doctor, address, &names);
	else
		findings_warn(doctor->found, "dns.ptr", &why);
	buf_free(&prefix);
}

/* ---- block lists --------------------------------------------------------- */

/* RFC 5782 2.1: an entry is an address in 127.0.0.0/8. */
static void check_list(struct doctor *doctor,
	const struct resolve_address *address, const char *zone)
{
	struct buf name = BUF_INIT(NAME_BYTES);
	struct resolve_list found;
	struct diag why;
	const char *words;
	size_t count;

	put_reversed(address, &name);
	buf_puts(&name, zone);
	words = arena_printf(
		doctor->arena, "%s, %s", name_of(doctor, address), zone);
	if (!resolve_family(&(const struct resolve_question){ buf_text(&name),
				    0, AF_INET, clock_deadline(STEP_S) },
		    doctor->arena, &found, &why)) {
		if (why.id == DIAG_NET_NO_SUCH_HOST ||
			why.id == DIAG_NET_NO_ADDRESS)
			findings_note(doctor->found, "dns.blocklist",
				FINDING_OK, N_("not in the block list: %s"),
				words);
		else
			findings_warn(doctor->found, "dns.blocklist", &why);
	} else if (bytes_of(found.items, &count)[1] == LIST_REFUSES) {
		findings_note(doctor->found, "dns.blocklist", FINDING_SKIP,
			N_("the block list does not answer this name server: "
			   "%s"),
			words);
	} else {
		diag_set(&why, DIAG_DNS_LISTED, name_of(doctor, address), zone);
		findings_warn(doctor->found, "dns.blocklist", &why);
	}
	buf_free(&name);
}

static void check_lists(
	struct doctor *doctor, const struct resolve_address *address)
{
	struct span rest = span_of(doctor->account->blocklist), words;

	while ((words = span_cut_word(&rest)).length)
		while (words.length) {
			struct span zone = span_cut(&words, ',');

			if (zone.length)
				check_list(doctor, address,
					arena_strndup(doctor->arena, zone.at,
						zone.length));
		}
}

/* ---- the whole ----------------------------------------------------------- */

/* Whether the server is the sender's own, which then speaks to everybody. */
static bool is_own_server(const struct doctor *doctor)
{
	const struct account *account = doctor->account;
	const char *at = doctor->sender ? strrchr(doctor->sender, '@') : NULL;

	return at && account->host && !account->known &&
	       span_is_below(span_of(account->host), span_of(at + 1));
}

static void check_address(
	struct doctor *doctor, const struct resolve_address *address)
{
	if (!is_public(address)) {
		findings_note(doctor->found, "dns.ptr", FINDING_SKIP,
			N_("%s is private: which address receivers see is not "
			   "known here"),
			name_of(doctor, address));
		return;
	}
	check_name(doctor, address);
	if (doctor->account->blocklist)
		check_lists(doctor, address);
}

void doctor_address(struct doctor *doctor)
{
	const struct account *account = doctor->account;
	bool is_own = is_own_server(doctor);
	struct resolve_list there;
	struct resolve_address here;
	struct diag why;

	if (doctor->is_offline || account->socket || account->proxy_host ||
		!(is_own || account->port == SMTP_PORT || account->blocklist))
		return;
	/* That there is no such host has been said. */
	if (!resolve_host(account->host, (unsigned)account->port,
		    clock_deadline(STEP_S), doctor->arena, &there, &why))
		return;
	if (!is_own) {
		if (tcp_source(there.items, &here))
			check_address(doctor, &here);
		return;
	}
	for (size_t i = 0; i < there.count && i < ADDRESSES_MAX; i++)
		check_address(doctor, &there.items[i]);
}
