/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --configure ADDRESS: a profile for a mail address, from the SRV records of
 * its domain (RFC 6186, RFC 8314 5.1).  Prints, and writes nothing.
 */
#include <config.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "mail/address.h"
#include "net/dns.h"
#include "net/srv.h"

#include <stdio.h>
#include <string.h>

/* TLS from the first byte comes first (RFC 8314 3). */
static const struct service {
	const char *name;
	bool is_implicit;
} services[] = { { "_submissions._tcp", true }, { "_submission._tcp", false } };

static bool find_server(const char *domain, struct arena *arena,
	const struct service **service, struct srv *server, struct diag *why)
{
	int64_t deadline_ms = clock_deadline(DNS_TIMEOUT_S);

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		bool is_found;

		if (!srv_look_up(services[i].name, domain, deadline_ms, arena,
			    server, &is_found, why))
			return false;
		*service = &services[i];
		if (is_found)
			return true;
	}
	return diag_set(why, DIAG_NET_NO_SERVICE, domain);
}

/* For a line that people copy into a shell. */
static bool is_plain(const char *word)
{
	for (; *word; word++)
		if (!ascii_is_alpha(*word) && !ascii_is_digit(*word) &&
			!strchr("@._+-", *word))
			return false;
	return true;
}

static void print_profile(const struct mailbox *mailbox,
	const struct service *service, const struct srv *server,
	struct arena *arena)
{
	const char *address = address_string(arena, mailbox);

	printf("# %s.%s\n", service->name, mailbox->domain);
	printf("account default\nhost %s\nport %u\ntls on\n", server->host,
		server->port);
	printf("tls_starttls %s\nauth on\n",
		service->is_implicit ? "off" : "on");
	printf("user %s\nfrom %s\n", address, address);
	if (is_plain(address))
		printf("# %s\n#   secret-tool store --label=%s host %s service "
		       "smtp "
		       "user %s\n",
			_("the password, for the desktop's keyring:"),
			server->host, server->host, address);
}

static void warn(const char *host, const char *domain)
{
	fputs("mailchute: ", stderr);
	fprintf(stderr,
		_("%s is not in %s: is it really the provider's? Such answers "
		  "are not signed"),
		host, domain);
	fputc('\n', stderr);
}

static bool configure(const char *text, struct arena *arena, struct diag *why)
{
	struct mailbox mailbox;
	const struct service *service;
	const char *reason = DIAG_WORDS N_("it has no domain");
	struct srv server;

	if (!address_parse(span_of(text), arena, &mailbox, &reason) ||
		!mailbox.domain[0])
		return diag_set(why, DIAG_ADDRESS_INVALID, text, reason);
	if (!find_server(mailbox.domain, arena, &service, &server, why))
		return false;
	print_profile(&mailbox, service, &server, arena);
	if (!span_is_below(span_of(server.host), span_of(mailbox.domain)))
		warn(server.host, mailbox.domain);
	return true;
}

int cmd_configure(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct arena *arena = arena_new();
	struct diag why = { .exit_code = 0 };

	if (!(request->operand_count
			    ? diag_set(&why, DIAG_USAGE_UNWANTED_WORD,
				      "--configure", request->operands[0])
			    : configure(
				      request->configure_address, arena, &why)))
		report_problem(&why);
	arena_free(arena);
	return why.exit_code;
}
