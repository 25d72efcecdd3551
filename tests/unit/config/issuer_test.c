/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of an account's issuer. */
#include <config.h>

#include "auth/answer.h"
#include "config/issuer.h"
#include "tap.h"

#include <string.h>

static const struct {
	const char *name, *host, *issuer, *metadata, *token_url, *scope;
	int flow;
	const char *want; /* name|token|metadata|scope|redirect */
} rows[] = {
	{ "by the host", "SMTP.gmail.com", NULL, NULL, NULL, NULL, 0,
		"google|https://oauth2.googleapis.com/token||"
		"https://mail.google.com/|http://127.0.0.1:%p" },
	{ "by name", "mail.example", "Microsoft", NULL, NULL, NULL, 0,
		"microsoft|https://login.microsoftonline.com/common/oauth2/"
		"v2.0/token||https://outlook.office.com/SMTP.Send "
		"offline_access|http://localhost:%p" },
	{ "with a tenant, without a person", "smtp.office365.com",
		"microsoft/contoso.onmicrosoft.com", NULL, NULL, NULL,
		OPTION_OAUTH_FLOW_CLIENT,
		"microsoft|https://login.microsoftonline.com/"
		"contoso.onmicrosoft.com/oauth2/v2.0/token||"
		"https://outlook.office365.com/.default|http://localhost:%p" },
	{ "a tenant that is a path", "h", "microsoft/a/b", NULL, NULL, NULL, 0,
		"refused" },
	{ "a tenant of somebody who has none", "h", "google/x", NULL, NULL,
		NULL, 0, "refused" },
	{ "a name of nobody", "h", "gogle", NULL, NULL, NULL, 0, "refused" },
	{ "a URL in clear", "h", "http://login.example", NULL, NULL, NULL, 0,
		"refused" },
	{ "a URL", "h", "https://login.example", NULL, NULL, "smtp", 0,
		"https://login.example|||smtp|http://127.0.0.1:%p/" },
	{ "metadata", "smtp.gmail.com", NULL, "https://l.example/m", NULL, NULL,
		0,
		"https://l.example/m||https://l.example/m||"
		"http://127.0.0.1:%p/" },
	{ "metadata in clear", "h", NULL, "http://l.example/m", NULL, NULL, 0,
		"refused" },
	{ "a token URL", "h", NULL, NULL, "https://l.example/t", NULL, 0,
		"https://l.example/t|https://l.example/t|||"
		"http://127.0.0.1:%p/" },
	{ "nobody", "h", NULL, NULL, NULL, NULL, 0,
		"||||http://127.0.0.1:%p/" },
};

static void test_row(size_t i)
{
	struct arena *arena = arena_new();
	struct account *account = account_new("a", DIALECT_MAILCHUTE, arena);
	struct issuer issuer;
	struct diag why;
	const char *got = "refused";

	account->host = rows[i].host;
	account->oauth_issuer = rows[i].issuer;
	account->oauth_metadata = rows[i].metadata;
	account->oauth_token_url = rows[i].token_url;
	account->oauth_scope = rows[i].scope;
	account->oauth_flow = rows[i].flow;
	if (issuer_of_account(account, arena, &issuer, &why))
		got = arena_printf(arena, "%s|%s|%s|%s|%s", issuer.name,
			issuer.token, issuer.metadata, issuer.scope,
			issuer.redirect);
	tap_is_text(got, rows[i].want, rows[i].name);
	arena_free(arena);
}

/* Every row's URLs are such that tokens may be sent to them. */
static void test_table(void)
{
	struct arena *arena = arena_new();
	const char *name;

	for (size_t i = 0; (name = issuer_name(i)); i++) {
		struct account *account =
			account_new("a", DIALECT_MAILCHUTE, arena);
		struct issuer issuer;
		struct diag why;

		account->oauth_issuer = name;
		if (!tap_ok(issuer_of_account(account, arena, &issuer, &why),
			    "%s", name))
			continue;
		tap_ok(answer_is_url(span_of(issuer.token)) ||
				answer_is_url(span_of(issuer.metadata)),
			"%s has a token endpoint", name);
		tap_ok(!issuer.device[0] ||
				answer_is_url(span_of(issuer.device)),
			"%s: device", name);
		tap_ok(strstr(issuer.redirect, ":%p") != NULL, "%s: any port",
			name);
	}
	arena_free(arena);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(i);
	test_table();
	return tap_done();
}
