/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of providers: that it agrees with itself, and files beside it. */
#include <config.h>

#include "config/provider.h"
#include "tap.h"

static const char *const nowhere[] = { NULL };

/* Whose users ask first (mailers' lists of providers). */
static const char *const first[] = { "gmail", "google-relay", "m365", "outlook",
	"yahoo", "sendgrid", "mailgun", "ses", "postmark", "smtp2go", "brevo",
	"sendlayer", "smtp.com", "own" };

static void test_order(const struct providers *all)
{
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		tap_is_text(all->items[i]->name, first[i], "in its place");
	tap_ok(all->count >= 45, "at least 45 providers");
}

/* What a file with the same row would say has nothing wrong. */
static void test_kinds(const struct provider *row, struct arena *arena)
{
	struct buf text = BUF_INIT(64 * 1024);
	struct providers read;

	providers_read(nowhere, arena, &read);
	buf_printf(&text, "provider x-%s\n", row->name);
	for (size_t i = 0; provider_field_name(i); i++)
		if (provider_field(row, i))
			buf_printf(&text, "%s %s\n", provider_field_name(i),
				provider_field(row, i));
	providers_parse(buf_span(&text), "f", arena, &read);
	tap_is_number((int64_t)read.problem_count, 0, row->name);
	buf_free(&text);
}

static void test_row(const struct providers *all, const struct provider *row)
{
	const struct provider *found = providers_find(all, span_of(row->name));
	struct span doubts = span_of(row->doubt ? row->doubt : ""), doubt;

	tap_ok(found == row, "%s: its name is its own", row->name);
	tap_ok(row->title && row->checked && row->login, "%s: has the least",
		row->name);
	tap_ok(row->impossible || row->ports, "%s: ports", row->name);
	tap_ok(!row->host == !row->ports || !row->host, "%s: host", row->name);
	if (row->host && row->hosts && !strchr(row->host, '{'))
		tap_ok(providers_of_host(all, span_of(row->host)) == row,
			"%s: known by its host", row->name);
	while ((doubt = span_cut_word(&doubts)).length) {
		size_t i = 0;

		while (provider_field_name(i) &&
			!span_equal(span_of(provider_field_name(i)), doubt))
			i++;
		tap_ok(provider_field_name(i) && provider_field(row, i),
			"%s: what is doubted is there", row->name);
	}
}

static void test_table(void)
{
	struct arena *arena = arena_new();
	struct providers all;

	providers_read(nowhere, arena, &all);
	test_order(&all);
	for (size_t i = 0; i < all.count; i++) {
		test_kinds(all.items[i], arena);
		test_row(&all, all.items[i]);
	}
	arena_free(arena);
}

static const struct {
	const char *host, *want;
} hosts[] = {
	{ "smtp.gmail.com", "gmail" },
	{ "SMTP-Relay.Gmail.com", "google-relay" },
	{ "email-smtp.eu-west-1.amazonaws.com", "ses" },
	{ "smtp.eu.mailgun.org", "mailgun-eu" },
	{ "smtp.mailgun.org", "mailgun" },
	{ "notgmail.com", NULL },
	{ "smtp.gmail.com.evil.example", NULL },
	{ "", NULL },
};

static const struct {
	const char *word, *want, *near;
} names[] = {
	{ "Gmail", "gmail", "gmail" },
	{ "office365", "m365", NULL },
	{ "postfix", "own", NULL },
	{ "sendgird", NULL, "sendgrid" },
	{ "brevoo", NULL, "brevo" },
	{ "x", NULL, NULL },
};

static void test_finding(void)
{
	struct arena *arena = arena_new();
	const struct provider *found;
	struct providers all;

	providers_read(nowhere, arena, &all);
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		found = providers_of_host(&all, span_of(hosts[i].host));
		tap_is_text(found ? found->name : NULL, hosts[i].want,
			hosts[i].host);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		found = providers_find(&all, span_of(names[i].word));
		tap_is_text(found ? found->name : NULL, names[i].want,
			names[i].word);
		tap_is_text(providers_nearest(&all, span_of(names[i].word)),
			names[i].near, "the nearest");
	}
	found = providers_of_domain(&all, SPAN("web.de"));
	tap_is_text(found ? found->name : NULL, "web.de", "of a domain");
	tap_ok(!providers_of_domain(&all, SPAN("example.org")), "of no domain");
	arena_free(arena);
}

/* A file, and the first thing that is wrong with it. */
static const struct {
	const char *text, *want;
} files[] = {
	{ "# nothing\n\n", "" },
	{ "provider x\nhost h.example\nports 465\n", "" },
	{ "\xEF\xBB\xBFprovider x\r\nhost \"h.example\"\r\n", "" },
	{ "host h.example\n",
		"f:1: host of a provider does not take 'h.example': a line "
		"'provider NAME' comes first" },
	{ "provider x\nhots h.example\n",
		"f:2: provider of a provider does not take 'hots': no such "
		"field (did you mean 'hosts'?)" },
	{ "provider x\nports 465 x\n",
		"f:2: ports of a provider does not take '465 x': ports, as "
		"465 587 2026/tls 1025/off" },
	{ "provider x\nports 70000\n",
		"f:2: ports of a provider does not take '70000': ports, as "
		"465 587 2026/tls 1025/off" },
	{ "provider x\nhost a b\n",
		"f:2: host of a provider does not take 'a b': the name of a "
		"host, and nothing else" },
	{ "provider x\nlimits 500\n",
		"f:2: limits of a provider does not take '500': so many in a "
		"time: 30/m 500/d" },
	{ "provider x\nlogin secret\n",
		"f:2: login of a provider does not take 'secret': password, "
		"app-password, key, token, code, derived, oauth2, none" },
	{ "provider\n",
		"f:1: provider of a provider does not take '': one word" },
	{ "provider a b\n",
		"f:1: provider of a provider does not take 'a b': one word" },
	{ "provider x\nnote \033[31m\n",
		"f:2: note of a provider does not take '\\x1B[31m': a word" },
};

static void test_files(void)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct arena *arena = arena_new();
		struct buf text = BUF_INIT(4096);
		struct providers all;

		providers_read(nowhere, arena, &all);
		providers_parse(span_of(files[i].text), "f", arena, &all);
		if (all.problem_count)
			diag_sentence(&all.problems[0].why, false, &text);
		tap_is_text(buf_text(&text), files[i].want, files[i].text);
		buf_free(&text);
		arena_free(arena);
	}
}

static void test_change(void)
{
	struct arena *arena = arena_new();
	const struct provider *found;
	struct providers all;

	providers_read(nowhere, arena, &all);
	providers_parse(SPAN("provider GMAIL\nlimits 2000/d\nnote\n"), "f",
		arena, &all);
	found = providers_find(&all, SPAN("gmail"));
	tap_is_text(
		found->host, "smtp.gmail.com", "what it does not say stays");
	tap_is_text(found->limits, "2000/d", "what it says counts");
	tap_is_text(found->note, NULL, "an empty field is gone");
	tap_ok(providers_is_hidden(&all, 0), "the row before it is hidden");
	tap_ok(!providers_is_hidden(&all, all.count - 1), "it is not");
	arena_free(arena);
}

int main(void)
{
	test_table();
	test_finding();
	test_files();
	test_change();
	return tap_done();
}
