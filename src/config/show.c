/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings in force, as a table.  Does not know where it is printed. */
#include <config.h>

#include "config/show.h"

#include "base/json.h"
#include "base/text.h"
#include "config/choose.h"
#include "config/syntax.h"

#include <string.h>

enum { SHOW_KEYWORD_COLUMNS = 20, SHOW_VALUE_COLUMNS = 28 };

static void put_padded(struct buf *out, struct span text, size_t columns)
{
	buf_put_span(out, text);
	for (size_t i = text.length; i < columns; i++)
		buf_put_byte(out, ' ');
}

static void put_list(struct buf *out, const char *label,
	const char *const *items, size_t count)
{
	if (!count)
		return;
	buf_printf(out, "%s: ", label);
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, i ? ", " : "");
		text_put_printable(out, span_of(items[i]));
	}
	buf_puts(out, "\n");
}

static void put_files(struct buf *out, const struct config *config)
{
	if (config->file_count)
		put_list(out, _("read"), config->files, config->file_count);
	else if (config->looked_for && config->looked_for[0])
		put_list(out, _("no file found, looked for"),
			&config->looked_for, 1);
	put_list(out, _("hidden by another file"), config->hidden,
		config->hidden_count);
	put_list(
		out, _("closed"), config->unreadable, config->unreadable_count);
}

static void put_accounts(struct buf *out, const struct config *config)
{
	if (!config->account_count)
		return;
	buf_printf(out, "%s: ", _("accounts"));
	for (size_t i = 0; i < config->account_count; i++) {
		buf_puts(out, i ? ", " : "");
		text_put_printable(out, span_of(config->accounts[i]->name));
	}
	buf_puts(out, "\n");
}

/* What is not set by anybody is no setting in force. */
static void put_setting(
	struct buf *out, const struct account *account, enum option_id id)
{
	struct buf value = BUF_INIT(CONFIG_LINE_LIMIT);
	const struct origin *origin = &account->origin[id];

	if (!option_is_set(account, id) && origin->kind == ORIGIN_DEFAULT)
		return;
	option_put(&value, account, id);
	put_padded(out, span_of(option_keyword(id)), SHOW_KEYWORD_COLUMNS);
	buf_put_byte(out, ' ');
	put_padded(out, buf_span(&value), SHOW_VALUE_COLUMNS);
	buf_puts(out, " # ");
	origin_put(out, origin);
	buf_put_byte(out, '\n');
	buf_free(&value);
}

void config_show_account(const struct account *account, struct buf *out)
{
	buf_puts(out, "\naccount ");
	text_put_printable(out, span_of(account->name));
	if (account->dialect == DIALECT_MSMTP)
		buf_printf(out, " (%s)", _("with msmtp's defaults"));
	buf_puts(out, "\n");
	for (int id = 0; id < OPTION_COUNT; id++)
		put_setting(out, account, (enum option_id)id);
}

/* --from is no setting, but what the message goes out with. */
static void set_sender(struct account *account, const struct request *request,
	struct arena *arena)
{
	const char *sender = account_sender(account, request, arena);

	if (!sender || !*sender || sender == account->from)
		return;
	account->from = sender;
	account->origin[OPTION_from] =
		(struct origin){ ORIGIN_COMMAND_LINE, NULL, 0 };
}

bool config_show(const struct config *config, const struct request *request,
	struct arena *arena, struct buf *out, struct diag *why)
{
	struct account *account = NULL;

	put_files(out, config);
	put_accounts(out, config);
	if (!account_find(config, request, NULL, arena, &account, why))
		return false;
	set_sender(account, request, arena);
	config_show_account(account, out);
	return account_check(account, why);
}

/* ---- JSON ---------------------------------------------------------------- */

/* As origin_put(), but for programs: never translated. */
static void put_json_origin(struct buf *out, const struct origin *origin)
{
	static const char *const words[] = { [ORIGIN_DEFAULT] = "default",
		[ORIGIN_COMMAND_LINE] = "command line",
		[ORIGIN_DERIVED] = "derived",
		[ORIGIN_FILE] = NULL,
		[ORIGIN_ENVIRONMENT] = NULL,
		[ORIGIN_PROVIDER] = NULL,
		[ORIGIN_SERVICE] = NULL };

	if (words[origin->kind])
		buf_puts(out, words[origin->kind]);
	else
		origin_put(out, origin);
}

static void put_json_setting(
	struct json *json, const struct account *account, enum option_id id)
{
	struct buf value = BUF_INIT(CONFIG_LINE_LIMIT);
	struct buf origin = BUF_INIT(CONFIG_LINE_LIMIT);

	if (option_is_set(account, id) ||
		account->origin[id].kind != ORIGIN_DEFAULT) {
		option_put(&value, account, id);
		put_json_origin(&origin, &account->origin[id]);
		json_begin(json, NULL, '{');
		json_text(json, "keyword", option_keyword(id));
		json_text(json, "value", buf_text(&value));
		json_text(json, "origin", buf_text(&origin));
		json_end(json, '}');
	}
	buf_free(&value);
	buf_free(&origin);
}

bool config_begin_json(const struct config *config,
	const struct request *request, struct arena *arena, struct json *json,
	struct diag *why)
{
	struct account *account = NULL;

	if (!account_find(config, request, NULL, arena, &account, why))
		return false;
	set_sender(account, request, arena);
	json_begin(json, NULL, '{');
	json_texts(json, "files", config->files, config->file_count);
	json_texts(json, "hidden", config->hidden, config->hidden_count);
	json_texts(json, "unreadable", config->unreadable,
		config->unreadable_count);
	json_begin(json, "accounts", '[');
	for (size_t i = 0; i < config->account_count; i++)
		json_text(json, NULL, config->accounts[i]->name);
	json_end(json, ']');
	json_text(json, "account", account->name);
	json_bool(json, "msmtp", account->dialect == DIALECT_MSMTP);
	json_begin(json, "settings", '[');
	for (int id = 0; id < OPTION_COUNT; id++)
		put_json_setting(json, account, (enum option_id)id);
	json_end(json, ']');
	return account_check(account, why);
}
