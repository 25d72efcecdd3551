/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Look-ups of addresses, left behind at their deadline.  Knows nothing of
 * connections.
 */
#include <config.h>

#include "net/resolve.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "net/aside.h"
#include "net/endpoint.h"
#include "net/idn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

enum { RESOLVE_HOST_LIMIT = 255, RESOLVE_ADDRESSES_MAX = 64 };

struct lookup {
	int (*look_up)(const char *, const char *, const struct addrinfo *,
		struct addrinfo **);
	char *host;
	char port[8];
	int family;
	struct addrinfo *found;
	int result, system_error;
};

struct question {
	const char *host;
	unsigned port;
	int64_t deadline_ms;
	struct arena *arena;
	int family;
};

static int (*look_up)(const char *, const char *, const struct addrinfo *,
	struct addrinfo **) = getaddrinfo;

void resolve_set_lookup_for_test(int (*function)(const char *, const char *,
	const struct addrinfo *, struct addrinfo **))
{
	look_up = function ? function : getaddrinfo;
}

static void lookup_forget(void *state)
{
	struct lookup *lookup = state;

	if (lookup->found)
		freeaddrinfo(lookup->found);
	mem_free(lookup->host);
	mem_free(lookup);
}

static void lookup_run(void *state)
{
	struct lookup *lookup = state;
	struct addrinfo hints = { .ai_family = lookup->family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	struct addrinfo *found = NULL;

	lookup->result =
		lookup->look_up(lookup->host, lookup->port, &hints, &found);
	lookup->system_error = errno;
	lookup->found = lookup->result ? NULL : found;
}

static struct lookup *lookup_new(
	const struct question *question, const char *host)
{
	struct lookup *lookup = mem_zalloc(sizeof *lookup);

	lookup->look_up = look_up;
	lookup->host = mem_strdup(host);
	lookup->family = question->family;
	snprintf(lookup->port, sizeof lookup->port, "%u",
		question->port % 65536);
	return lookup;
}

/* Whether the name does not exist, as opposed to: nobody could tell. */
static bool is_missing(int result)
{
#ifdef EAI_NODATA
	if (result == EAI_NODATA)
		return true;
#endif
	return result == EAI_NONAME;
}

/* With a family it may be that only the other one is missing. */
static bool explain_missing(const char *host, int family, struct diag *why)
{
	if (family == AF_UNSPEC)
		return diag_set(why, DIAG_NET_NO_SUCH_HOST, host);
	return diag_set(why, DIAG_NET_NO_ADDRESS, host,
		family == AF_INET6 ? "IPv6" : "IPv4");
}

static bool explain(
	const char *host, const struct lookup *lookup, struct diag *why)
{
	if (is_missing(lookup->result))
		return explain_missing(host, lookup->family, why);
	diag_set(why, DIAG_NET_NAME_SERVER, host,
		lookup->result == EAI_SYSTEM
			? DIAG_WORDS N_("the system failed")
			: gai_strerror(lookup->result));
	if (lookup->result == EAI_SYSTEM)
		diag_add_errno(why, lookup->system_error);
	return false;
}

static void copy_addresses(const struct addrinfo *found, struct arena *arena,
	struct resolve_list *out)
{
	size_t count = 0;

	out->items =
		arena_alloc(arena, RESOLVE_ADDRESSES_MAX * sizeof *out->items);
	for (; found && count < RESOLVE_ADDRESSES_MAX; found = found->ai_next) {
		if (found->ai_addrlen > sizeof out->items->address)
			continue;
		memcpy(&out->items[count].address, found->ai_addr,
			found->ai_addrlen);
		out->items[count++].length = found->ai_addrlen;
	}
	out->count = count;
}

/* Takes what was found; LOOKUP is forgotten. */
static bool take_answer(const struct question *question, struct lookup *lookup,
	struct resolve_list *out, struct diag *why)
{
	bool ok;

	if (lookup->result) {
		ok = explain(question->host, lookup, why);
	} else {
		copy_addresses(lookup->found, question->arena, out);
		ok = out->count ||
		     explain_missing(question->host, question->family, why);
	}
	lookup_forget(lookup);
	return ok;
}

static bool ask_name_server(const struct question *question, const char *ascii,
	struct resolve_list *out, struct diag *why)
{
	struct lookup *lookup = lookup_new(question, ascii);
	int64_t begin_ms = clock_now_ms();
	int error = 0;

	switch (aside_run(lookup_run, lookup_forget, lookup,
		question->deadline_ms, &error)) {
	case ASIDE_DONE:
		return take_answer(question, lookup, out, why);
	case ASIDE_LATE:
		return aside_time_out(question->host, begin_ms, why);
	case ASIDE_INTERRUPTED:
		return interrupt_explain(why);
	case ASIDE_FAILED:
		break;
	}
	/* Too many processes or files: that passes. */
	return diag_set_errno(why, error, DIAG_NET_NAME_SERVER, question->host,
		DIAG_WORDS N_("the system failed"));
}

/* Whether HOST is a literal, and then its address; no name server ever hears
 * of it. */
static bool read_literal(const struct question *question, const char *host,
	struct resolve_list *out)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char port[8];

	snprintf(port, sizeof port, "%u", question->port % 65536);
	if (getaddrinfo(host, port, &hints, &found))
		return false;
	copy_addresses(found, question->arena, out);
	freeaddrinfo(found);
	return out->count != 0;
}

/* "mail.example.org." is the same name; but files of hosts have it without. */
static void cut_final_dot(struct buf *name)
{
	if (name->length > 1 && name->data[name->length - 1] == '.')
		name->data[--name->length] = '\0';
}

/* HOST without the brackets that may be around a literal. */
static const char *without_brackets(const char *host, struct arena *arena)
{
	size_t length = strlen(host);

	if (length > 2 && host[0] == '[' && host[length - 1] == ']')
		return arena_strndup(arena, host + 1, length - 2);
	return host;
}

/* Leaves only the addresses of the family that was asked for. */
static bool keep_family(const struct question *question,
	struct resolve_list *list, struct diag *why)
{
	size_t count = 0;

	if (question->family == AF_UNSPEC)
		return true;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].address.ss_family == question->family)
			list->items[count++] = list->items[i];
	list->count = count;
	return count || explain_missing(question->host, question->family, why);
}

/* RFC 6761 6.3: "localhost" and what is below it are this machine; no name
 * server is asked, and no file has to say so. */
static bool find_this_machine(const struct question *question, struct span name,
	struct resolve_list *out)
{
	struct resolve_list v6 = { 0 };

	while (span_find(name, '.') < name.length)
		span_cut(&name, '.');
	if (!span_equal_nocase(name, SPAN("localhost")) ||
		!read_literal(question, "127.0.0.1", out))
		return false;
	if (read_literal(question, "::1", &v6))
		out->items[out->count++] = v6.items[0];
	return true;
}

bool resolve_family(const struct resolve_question *asked, struct arena *arena,
	struct resolve_list *out, struct diag *why)
{
	const char *host = asked->host;
	const struct question question = { host, asked->port,
		asked->deadline_ms, arena, asked->family };
	struct buf ascii = BUF_INIT(RESOLVE_HOST_LIMIT);
	struct resolve_list found = { 0 };
	bool ok = true;

	if (!*host)
		return diag_set(why, DIAG_NET_NO_SUCH_HOST, host);
	if (!read_literal(&question, without_brackets(host, arena), &found)) {
		ok = idn_to_ascii(host, &ascii, why);
		cut_final_dot(&ascii);
		ok = ok &&
		     (find_this_machine(&question, buf_span(&ascii), &found) ||
			     ask_name_server(
				     &question, buf_text(&ascii), &found, why));
	}
	buf_free(&ascii);
	ok = ok && keep_family(&question, &found, why);
	if (ok)
		*out = found;
	return ok;
}

bool resolve_host(const char *host, unsigned port, int64_t deadline_ms,
	struct arena *arena, struct resolve_list *out, struct diag *why)
{
	const struct resolve_question asked = { host, port, AF_UNSPEC,
		deadline_ms };

	return resolve_family(&asked, arena, out, why);
}

bool resolve_is_loopback(const struct resolve_address *address)
{
	const union endpoint of = { .storage = address->address };

	return endpoint_is_loopback(&of);
}

void resolve_put_address(const struct resolve_address *address, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	union endpoint of = { .storage = address->address };

	if (of.any.sa_family == AF_INET &&
		inet_ntop(AF_INET, &of.v4.sin_addr, text, sizeof text))
		buf_puts(out, text);
	else if (of.any.sa_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &of.v6.sin6_addr, text, sizeof text))
		buf_printf(out, "[%s]", text);
}
