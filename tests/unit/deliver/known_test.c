/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of known replies against what servers say; and the table itself:
 * no row that can never be found, no word that another row takes. */
#include <config.h>

#include "config/option.h"
#include "config/provider.h"
#include "deliver/known.h"
#include "tap.h"

#include <stdio.h>
#include <sysexits.h>

static const struct said {
	unsigned stages;
	const char *provider, *reply, *want;
} said[] = {
#define SAID(stage, provider, reply, want)                                     \
	{ KNOWN_##stage, provider, reply, want },
#include "unit/deliver/known_replies.def"
#undef SAID
};

static const struct known *find(
	unsigned stages, const char *provider, const char *reply)
{
	return known_find(&(const struct known_question){ .stages = stages,
		.provider = provider && *provider ? provider : NULL,
		.reply = span_of(reply) });
}

static const char *found_id(
	unsigned stages, const char *provider, const char *reply)
{
	const struct known *row = find(stages, provider, reply);

	return row ? row->id : "nothing";
}

static void test_replies(void)
{
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		tap_is_text(found_id(said[i].stages, said[i].provider,
				    said[i].reply),
			said[i].want, said[i].reply);
}

/* ---- the table ------------------------------------------------------------
 */

/* Whether the row is found by its own sample, as the answer to something. */
static bool is_found(const struct known *row)
{
	for (unsigned stage = 1; stage <= KNOWN_ANY; stage <<= 1)
		if ((row->stages & stage) &&
			find(stage, row->sample_provider, row->sample) == row)
			return true;
	return false;
}

static void test_samples(void)
{
	for (size_t i = 0; i < known_count(); i++)
		tap_ok(is_found(known_row(i)), "%s: %s", known_row(i)->id,
			known_row(i)->sample);
}

static bool is_first_of_name(size_t index)
{
	return known_named(span_of(known_row(index)->id)) == known_row(index);
}

static bool has_own_words(const struct known *row)
{
	struct buf lower = BUF_INIT(16384);
	bool is_own;

	known_put_lower(&lower, span_of(row->words));
	is_own = span_equal(buf_span(&lower), span_of(row->words)) &&
		 !strstr(row->words, "||") && !strstr(row->words, "|&") &&
		 !strstr(row->words, "&|");
	buf_free(&lower);
	return is_own && *row->cause && *row->next;
}

static bool has_known_providers(
	const struct known *row, const struct providers *providers)
{
	struct span rest = span_of(row->providers), word;

	while ((word = span_cut_word(&rest)).length)
		if (!providers_find(providers, word))
			return false;
	return true;
}

/* The first quoted word of TEXT with a '_' that is no keyword; empty: none. */
static struct span no_keyword(const char *text)
{
	struct span rest = span_of(text), word;

	(void)span_cut(&rest, '\'');
	while (rest.length) {
		struct span quoted = span_cut(&rest, '\'');

		word = span_cut_word(&quoted);
		if (memchr(word.at, '_', word.length) && !option_is_known(word))
			return word;
		(void)span_cut(&rest, '\'');
	}
	return span_make(text, 0);
}

static void test_keywords(void)
{
	for (size_t i = 0; i < known_count(); i++) {
		const struct known *row = known_row(i);

		tap_ok(!no_keyword(row->next).length &&
				!no_keyword(row->cause).length,
			"%s: its keywords are keywords", row->id);
	}
}

static void test_rows(void)
{
	const char *const folders[] = { NULL };
	struct arena *arena = arena_new();
	struct providers providers;

	providers_read(folders, arena, &providers);
	for (size_t i = 0; i < known_count(); i++) {
		const struct known *row = known_row(i);

		tap_ok(is_first_of_name(i) && has_own_words(row) &&
				has_known_providers(row, &providers),
			"%s has a name of its own, words in lower case, a next "
			"step, and providers that there are",
			row->id);
	}
	arena_free(arena);
}

static bool is_subset(const char *small, const char *large)
{
	struct span rest = span_of(small), word;

	if (!*large)
		return true;
	if (!*small)
		return false;
	while ((word = span_cut_word(&rest)).length)
		if (!provider_has_word(large, word))
			return false;
	return true;
}

static bool is_prefix_subset(const char *small, const char *large)
{
	struct span rest = span_of(small), word;

	if (!*large)
		return true;
	if (!*small)
		return false;
	while ((word = span_cut_word(&rest)).length) {
		struct span all = span_of(large), prefix;
		bool is_in = false;

		while (!is_in && (prefix = span_cut_word(&all)).length)
			is_in = span_starts_with(word, prefix);
		if (!is_in)
			return false;
	}
	return true;
}

/* Whether EARLIER takes every reply to LATER that holds WORD. */
static bool takes_word(const struct known *earlier, const struct known *later,
	struct span word)
{
	struct span found;

	return (later->stages & ~earlier->stages) == 0 &&
	       is_subset(later->providers, earlier->providers) &&
	       is_subset(later->statuses, earlier->statuses) &&
	       is_prefix_subset(later->codes, earlier->codes) &&
	       !strchr(earlier->words, '&') &&
	       (!*earlier->words ||
		       known_has_word(word, span_of(earlier->words), &found));
}

/* The first word of ROW that a row before it takes, or that stands in it
 * twice. */
static struct span dead_word(size_t index)
{
	const struct known *row = known_row(index);
	struct span groups = span_of(row->words), found;

	if (strchr(row->words, '&'))
		return span_make(NULL, 0);
	while (groups.length) {
		struct span word = span_cut(&groups, '|');

		if (groups.length && known_has_word(word, groups, &found))
			return word;
		for (size_t i = 0; i < index; i++)
			if (takes_word(known_row(i), row, word))
				return word;
	}
	return span_make(NULL, 0);
}

static void test_words(void)
{
	for (size_t i = 0; i < known_count(); i++) {
		struct span word = dead_word(i);

		tap_ok(!word.length, "%s: every word can be found (%.*s)",
			known_row(i)->id, (int)word.length,
			word.length ? word.at : "");
	}
}

/* ---- what it makes of a diag --------------------------------------------- */

static const struct refined {
	enum diag_id id;
	const char *provider;
	unsigned code;
	const char *status, *words;
	const char *known, *reason;
	int exit_code;
	enum diag_scope scope;
	bool is_final;
} refined[] = {
	/* 5yz that passes by itself */
	{ DIAG_SMTP_DATA_REFUSED, "gmail", 550, "5.4.5",
		"Daily user sending limit exceeded", "limit.google-day",
		"used-up", EX_TEMPFAIL, DIAG_SCOPE_ACCOUNT, false },
	{ DIAG_SMTP_AUTH_REFUSED, "qq", 535, "",
		"Error: authentication failed, system busy", "login.busy",
		"login-busy", EX_TEMPFAIL, DIAG_SCOPE_ACCOUNT, false },
	/* 4yz that does not */
	{ DIAG_SMTP_DATA_REFUSED, "mailersend", 450, "",
		"The domain is not good", "sender.mailersend", "sender",
		EX_UNAVAILABLE, DIAG_SCOPE_MESSAGE, true },
	/* as the code has it */
	{ DIAG_SMTP_RCPT_REFUSED, NULL, 452, "4.2.2", "mailbox full",
		"recipient.over-quota", "mailbox-full", EX_TEMPFAIL,
		DIAG_SCOPE_RECIPIENT, false },
	{ DIAG_SMTP_RCPT_REFUSED, NULL, 552, "5.2.2", "mailbox full",
		"recipient.over-quota", "mailbox-full", EX_NOUSER,
		DIAG_SCOPE_RECIPIENT, true },
	/* at the first RCPT, and it is everybody's */
	{ DIAG_SMTP_RCPT_REFUSED, NULL, 554, "5.7.1", "Relay access denied",
		"relay.denied", "relay", EX_NOUSER, DIAG_SCOPE_ACCOUNT, false },
	/* a token: what is known of passwords is no matter, all else is */
	{ DIAG_SMTP_TOKEN_UNCHECKED, "fastmail", 535, "5.7.8", "no", NULL, NULL,
		EX_NOPERM, DIAG_SCOPE_ACCOUNT, false },
	{ DIAG_SMTP_TOKEN_UNCHECKED, "m365", 535, "5.7.139",
		"SmtpClientAuthentication is disabled for the Tenant.",
		"microsoft.smtp-auth-off", "smtp-auth-off", EX_NOPERM,
		DIAG_SCOPE_ACCOUNT, false },
	/* nothing of a server's */
	{ DIAG_NET_REFUSED, NULL, 0, "", "", NULL, NULL, EX_TEMPFAIL,
		DIAG_SCOPE_HOST, false },
};

static void test_refined(void)
{
	for (size_t i = 0; i < sizeof refined / sizeof *refined; i++) {
		const struct refined *row = &refined[i];
		struct diag why;

		diag_set(&why, row->id, "x", "y");
		if (row->code)
			diag_add_reply(&why, row->code, span_of(row->status),
				span_of(row->words));
		known_refine(&why, row->provider);
		tap_is_text(why.known ? why.known : "",
			row->known ? row->known : "", row->words);
		tap_is_text(why.reason ? why.reason : "",
			row->reason ? row->reason : "", "reason");
		tap_is_number(why.exit_code, row->exit_code, "exit code");
		tap_is_number(why.scope, row->scope, "scope");
		tap_ok(diag_is_final(&why) == row->is_final, "is final: %d",
			row->is_final);
	}
}

/* ---- what comes from outside -----------------------------------------------
 */

static void test_bad_input(void)
{
	struct buf large = BUF_INIT(200000);

	tap_is_text(found_id(KNOWN_ANY, NULL, ""), "nothing", "no reply");
	tap_is_text(found_id(KNOWN_ANY, NULL, "hello"), "nothing", "no code");
	tap_is_text(found_id(KNOWN_ANY, NULL, "999 quota"), "nothing", "999");
	tap_is_text(found_id(KNOWN_DATA, NULL, "550 \xff\xfe spam \xe4"),
		"content.spam", "no UTF-8");
	buf_puts(&large, "550 5.7.1 ");
	while (large.length < 100000)
		buf_puts(&large, "nothing of note ");
	buf_puts(&large, "spamhaus");
	tap_is_text(found_id(KNOWN_DATA, NULL, buf_text(&large)),
		"content.policy", "100 KB: the first 4 count");
	buf_free(&large);
}

int main(void)
{
	test_samples();
	test_replies();
	test_rows();
	test_keywords();
	test_words();
	test_refined();
	test_bad_input();
	return tap_done();
}
