/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of an account meet messages.  Knows neither the mathematics (net/keys)
 * nor what is signed (mail/dkim). */
#include <config.h>

#include "deliver/signing.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "mail/dkim.h"
#include "mail/dkim_record.h"
#include "net/idn.h"
#include "net/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DOMAIN_LIMIT = 1024, PUBLIC_LIMIT = 16 * 1024 };

struct signing {
	struct arena *arena;
	struct dkim_params params;
	struct dkim_key keys[DKIM_KEYS_LIMIT];
};

/* ---- the keys ------------------------------------------------------------ */

/* Cuts the next of several names, which blanks or commas separate. */
static struct span cut_name(struct span *rest, const char *separators)
{
	size_t length = 0;
	struct span name;

	while (rest->length && strchr(separators, *rest->at))
		*rest = span_skip(*rest, 1);
	while (length < rest->length && !strchr(separators, rest->at[length]))
		length++;
	name = span_make(rest->at, length);
	*rest = span_skip(*rest, length);
	return name;
}

/* A name without a folder is systemd's, where that has one of it. */
static const char *key_path(struct arena *arena, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const char *path;

	if (folder && !strchr(name, '/') && !strchr(name, ':')) {
		path = arena_printf(arena, "%s/%s", folder, name);
		if (access(path, R_OK) == 0)
			return path;
	}
	return file_expand_home(arena, name);
}

static bool is_wanted(const struct account *account, enum key_kind kind)
{
	switch ((enum option_dkim_algorithm)account->dkim_algorithm) {
	case OPTION_DKIM_RSA:
		return kind == KEY_RSA;
	case OPTION_DKIM_ED25519:
		return kind == KEY_ED25519;
	case OPTION_DKIM_AUTO:
	case OPTION_DKIM_BOTH:
		break;
	}
	return true;
}

static bool add_key(struct signing *signing, const struct account *account,
	struct span selector, struct span file, struct diag *why)
{
	struct dkim_key *key = &signing->keys[signing->params.key_count];
	const char *name = arena_strndup(signing->arena, file.at, file.length);
	const char *path = key_path(signing->arena, name);
	struct signing_key *loaded;

	key->selector =
		arena_strndup(signing->arena, selector.at, selector.length);
	if (!dkim_record_is_selector(selector))
		return diag_set(why, DIAG_CONFIG_BAD_VALUE, "dkim_selector",
			key->selector,
			DIAG_WORDS N_("letters, digits, '-' and '.'"));
	loaded = key_load(path, why);
	if (!loaded)
		return false;
	key->algorithm =
		key_kind(loaded) == KEY_RSA ? "rsa-sha256" : "ed25519-sha256";
	key->sign = key_sign;
	key->context = loaded;
	signing->params.key_count++;
	return is_wanted(account, key_kind(loaded)) ||
	       diag_set(why, DIAG_KEY_KIND, name,
		       account->dkim_algorithm == OPTION_DKIM_RSA
			       ? "rsa-sha256"
			       : "ed25519-sha256");
}

static bool fail_keys(
	const struct account *account, const char *reason, struct diag *why)
{
	return diag_set(why, DIAG_CONFIG_BAD_VALUE, "dkim_key_file",
		account->dkim_key_file, reason);
}

static bool has_both(const struct signing *signing)
{
	bool has_rsa = false, has_ed25519 = false;

	for (size_t i = 0; i < signing->params.key_count; i++) {
		if (key_kind(signing->keys[i].context) == KEY_RSA)
			has_rsa = true;
		else
			has_ed25519 = true;
	}
	return has_rsa && has_ed25519;
}

/* Commas separate files; blanks do where there are several selectors, and are
 * part of the name of a single one. */
static const char *file_separators(const struct account *account)
{
	struct span selectors = span_of(account->dkim_selector);

	if (strchr(account->dkim_key_file, ','))
		return ",";
	(void)cut_name(&selectors, ", \t");
	return cut_name(&selectors, ", \t").length ? " \t" : "";
}

static bool load_keys(struct signing *signing, const struct account *account,
	struct diag *why)
{
	struct span selectors = span_of(account->dkim_selector), selector;
	struct span files = span_of(account->dkim_key_file), file;
	const char *separators = file_separators(account);

	while ((selector = cut_name(&selectors, ", \t")).length) {
		file = span_trim(cut_name(&files, separators));
		if (!file.length ||
			signing->params.key_count == DKIM_KEYS_LIMIT)
			return fail_keys(account,
				DIAG_WORDS N_("one for each dkim_selector, and "
					      "four at most"),
				why);
		if (!add_key(signing, account, selector, file, why))
			return false;
	}
	if (cut_name(&files, separators).length)
		return fail_keys(account,
			DIAG_WORDS N_("one for each dkim_selector, and four at "
				      "most"),
			why);
	if (account->dkim_algorithm == OPTION_DKIM_BOTH && !has_both(signing))
		return fail_keys(account,
			DIAG_WORDS N_("an RSA and an Ed25519 key, for "
				      "'dkim_algorithm both'"),
			why);
	return true;
}

static bool prepare(struct signing *signing, const struct account *account,
	struct diag *why)
{
	struct buf domain = BUF_INIT(DOMAIN_LIMIT);
	bool is_good = idn_to_ascii(account->dkim_domain, &domain, why);

	signing->params = (struct dkim_params){
		.domain = arena_strdup(signing->arena, buf_text(&domain)),
		.keys = signing->keys,
		.headers = account->dkim_headers,
		.to_ascii = idn_to_ascii,
		.hash = { key_hash_begin, key_hash_put, key_hash_end },
	};
	buf_free(&domain);
	return is_good && load_keys(signing, account, why);
}

bool signing_open(
	const struct account *account, struct signing **out, struct diag *why)
{
	struct signing *signing;

	*out = NULL;
	if (!account->dkim_domain)
		return true;
	signing = mem_zalloc(sizeof *signing);
	signing->arena = arena_new();
	if (prepare(signing, account, why)) {
		*out = signing;
		return true;
	}
	signing_close(signing);
	return false;
}

void signing_close(struct signing *signing)
{
	if (!signing)
		return;
	for (size_t i = 0; i < signing->params.key_count; i++)
		key_free(signing->keys[i].context);
	arena_free(signing->arena);
	mem_free(signing);
}

/* ---- in DNS ------------------------------------------------------------- */

bool signing_place(const struct signing *signing, size_t index,
	const char **selector, const char **domain)
{
	if (index >= signing->params.key_count)
		return false;
	*selector = signing->keys[index].selector;
	*domain = signing->params.domain;
	return true;
}

bool signing_matches(const struct signing *signing, size_t index,
	struct span text, const char **reason)
{
	const struct signing_key *key = signing->keys[index].context;
	struct buf public = BUF_INIT(PUBLIC_LIMIT);
	bool is_same;

	*reason = N_("the key cannot be read");
	is_same = key_put_public(key, &public, NULL) &&
		  dkim_record_holds(text,
			  key_kind(key) == KEY_RSA ? "rsa" : "ed25519",
			  buf_span(&public), reason);
	buf_free(&public);
	return is_same;
}

/* ---- a message ----------------------------------------------------------- */

/* Signatures, and the message behind them. */
struct signed_message {
	struct source source;
	struct source *message;
	struct buf fields;
	bool are_fields_given;
};

static bool signed_next(
	struct source *source, struct span *piece, struct diag *why)
{
	struct signed_message *from = (struct signed_message *)source;

	if (from->are_fields_given)
		return source_next(from->message, piece, why);
	from->are_fields_given = true;
	*piece = buf_span(&from->fields);
	return true;
}

static bool signed_rewind(struct source *source, struct diag *why)
{
	struct signed_message *from = (struct signed_message *)source;

	from->are_fields_given = false;
	return source_rewind(from->message, why);
}

static void signed_close(struct source *source)
{
	buf_free(&((struct signed_message *)source)->fields);
	mem_free(source);
}

bool signing_apply(struct signing *signing, struct source *message,
	struct source **out, uint64_t *growth, struct diag *why)
{
	static const struct source_ops ops = { signed_next, signed_rewind,
		signed_close };
	struct signed_message *from = mem_zalloc(sizeof *from);
	bool is_signed;

	from->source.ops = &ops;
	from->message = message;
	from->fields = BUF_INIT(DKIM_FIELDS_LIMIT);
	signing->params.now = clock_wall();
	is_signed = dkim_sign(&signing->params, message, &from->fields, why) &&
		    source_rewind(message, why);
	*growth = from->fields.length;
	*out = &from->source;
	if (is_signed && *growth)
		return true;
	signed_close(&from->source);
	*out = NULL;
	*growth = 0;
	return is_signed;
}
