/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of who stands in.  Does not know when. */
#include <config.h>

#include "config/fallback.h"

#include "base/text.h"

#include <string.h>

bool fallback_next(struct span *list, struct arena *arena, const char **name)
{
	struct span word = { NULL, 0 };

	while (list->length && !word.length)
		word = span_trim(span_cut(list, ','));
	*name = arena_strndup(arena, word.at, word.length);
	return word.length != 0;
}

static bool is_name_in(struct span list, const char *name, struct arena *arena)
{
	const char *other;

	while (fallback_next(&list, arena, &other))
		if (strcmp(other, name) == 0)
			return true;
	return false;
}

static bool check_name(const struct config *config,
	const struct account *account, const char *name, struct span rest,
	struct arena *arena, struct diag *why)
{
	if (strcmp(name, account->name) == 0)
		return account_conflict(account,
			DIAG_WORDS N_("fallback names the account itself"),
			why);
	if (is_name_in(rest, name, arena))
		return account_conflict(account,
			DIAG_WORDS N_("fallback names an account twice"), why);
	return config_account(config, name) ||
	       config_fail_unknown(config, name, arena, why);
}

bool fallback_check(const struct config *config, const struct account *account,
	struct arena *arena, struct diag *why)
{
	struct span list = span_of(account->fallback ? account->fallback : "");
	struct buf where = BUF_INIT(DIAG_WHERE_BYTES);
	const char *name;
	bool is_fine = true;

	while (is_fine && fallback_next(&list, arena, &name))
		is_fine = check_name(config, account, name, list, arena, why);
	if (!is_fine) {
		origin_put(&where, &account->origin[OPTION_fallback]);
		diag_add_where(why, buf_text(&where));
	}
	buf_free(&where);
	return is_fine;
}
