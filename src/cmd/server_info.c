/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --serverinfo: what a server says of itself, and of its certificate. */
#include <config.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "config/account.h"
#include "config/choose.h"
#include "config/load.h"
#include "deliver/errand.h"

#include <stdio.h>

enum { INFO_COLUMN = 30 }; /* where explanations begin */

/* What an extension is good for; others are shown without a word. */
static const struct {
	const char *keyword, *text;
} extensions[] = {
	{ "8BITMIME", N_("takes text that is not ASCII as it is") },
	{ "AUTH", N_("ways to log in") },
	{ "BINARYMIME", N_("takes bodies that are not text") },
	{ "CHUNKING", N_("takes a message in pieces of known length") },
	{ "DELIVERBY", N_("takes a time by which a message must arrive") },
	{ "DSN", N_("reports what becomes of a message, on request") },
	{ "ENHANCEDSTATUSCODES", N_("says more precisely why it refuses") },
	{ "ETRN", N_("sends what it keeps for a host, on request") },
	{ "FUTURERELEASE", N_("keeps a message until a time") },
	{ "HELP", N_("has a text of help") },
	{ "LIMITS", N_("says how much it takes at once") },
	{ "MT-PRIORITY", N_("takes messages of several priorities") },
	{ "PIPELINING", N_("takes commands without waiting for each") },
	{ "REQUIRETLS", N_("passes a message on over TLS alone, on request") },
	{ "SIZE", N_("bytes that a message may have") },
	{ "SMTPUTF8", N_("takes addresses that are not ASCII") },
	{ "STARTTLS", N_("can switch to TLS") },
	{ "VRFY", N_("may tell whether an address exists") },
};

static const char *extension_text(struct span line)
{
	struct span word = span_cut_word(&line);

	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
		if (span_equal_nocase(word, span_of(extensions[i].keyword)))
			return _(extensions[i].text);
	return NULL;
}

static void print_lines(const char *title, const struct buf *lines)
{
	struct span rest = buf_span(lines), line;

	printf("\n%s\n", title);
	while ((line = span_cut(&rest, '\n')).length)
		printf("  %.*s\n", (int)line.length, line.at);
}

static void print_offers(const struct buf *offers)
{
	struct span rest = buf_span(offers), line;

	printf("\n%s\n",
		offers->length ? _("It offers:") : _("It offers nothing."));
	while ((line = span_cut(&rest, '\n')).length) {
		const char *text = extension_text(line);

		printf("  %.*s", (int)line.length, line.at);
		if (text && line.length < INFO_COLUMN)
			printf("%*s%s", INFO_COLUMN - (int)line.length, "",
				text);
		putchar('\n');
	}
}

/* Why the certificate may be believed. */
static const char *trust_text(const struct account *account)
{
	if (account->tls_fingerprint)
		return _("Its certificate, known by 'tls_fingerprint':");
	return account->tls_certcheck
		       ? _("Its certificate, which is trusted:")
		       : _("Its certificate, which was not checked:");
}

static void print_info(
	const struct errand_info *info, const struct account *account)
{
	if (!info->peer.length)
		return;
	printf("%s\n", buf_text(&info->peer));
	if (info->greeting.length)
		print_lines(_("It says:"), &info->greeting);
	if (info->session.length)
		print_lines(_("The connection is encrypted:"), &info->session);
	if (info->certificate.length)
		print_lines(trust_text(account), &info->certificate);
}

static bool ask(const struct account *account, bool debug, struct diag *why)
{
	const struct errand_params params = {
		.account = account, .may_ask = true, .debug = debug
	};
	struct errand_info info;
	bool is_fine;

	errand_info_init(&info);
	is_fine = errand_server_info(&params, &info, why);
	print_info(&info, account);
	if (is_fine)
		print_offers(&info.offers);
	else if (why->id == DIAG_TLS_CERTIFICATE)
		diag_add_hint(why,
			N_("with --tls-certcheck=off its certificate is shown "
			   "all the same"));
	errand_info_free(&info);
	return is_fine;
}

static bool run(const struct request *request, struct diag *why)
{
	struct arena *arena = arena_new();
	struct config config = { .account_count = 0 };
	const struct account *account = NULL;
	bool is_fine =
		config_load(request, arena, &config, why) &&
		account_choose(&config, request, NULL, arena, &account, why) &&
		ask(account, request->debug, why);

	config_wipe(&config);
	arena_free(arena);
	return is_fine;
}

int cmd_server_info(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct diag why = { .exit_code = 0 };

	if (request->operand_count || request->read_recipients)
		diag_set(&why, DIAG_USAGE_UNWANTED_WORD, "--serverinfo",
			request->operand_count ? request->operands[0] : "-t");
	else if (run(request, &why))
		return 0;
	return report_problem(&why);
}
