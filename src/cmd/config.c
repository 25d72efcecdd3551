/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailchute config: the settings in force.  Knows only how to print them. */
#include <config.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "config/check.h"
#include "config/load.h"
#include "config/show.h"
#include "deliver/bearing.h"
#include "deliver/credential.h"
#include "deliver/hire.h"
#include "deliver/queue.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void print_failure(const struct diag *why)
{
	struct buf text = BUF_INIT(4 * DIAG_TEXT_BYTES);

	diag_sentence(why, true, &text);
	fprintf(stderr, "mailchute: %s\n", buf_text(&text));
	buf_clear(&text);
	if (diag_hint(why, &text))
		fprintf(stderr, "mailchute: %s\n", buf_text(&text));
	buf_free(&text);
}

#define VERB_TABLE "cmd/config.def"
#include "cmd/words_verb.h"

const struct words_table cmd_config_words = {
	.usage = N_("[OPTION]..."),
	.about = N_("Prints the settings in force, and where they come "
		    "from.\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
};

static void print(struct buf *text)
{
	fputs(buf_text(text), stdout);
	buf_free(text);
}

/* What was found out of servers, and where a person may delete it. */
static void put_bearings(
	const struct spool *spool, struct buf *out, struct json *json)
{
	struct buf known = BUF_INIT(2 * BEARING_FILE_LIMIT);

	if (json)
		bearing_put_json(spool, json);
	else if (bearing_put(spool, "#\t", &known))
		buf_printf(out, "\n# %s/servers\n%s", spool_path(spool),
			buf_text(&known));
	buf_free(&known);
}

/* Each queue once, however many accounts have it; JSON NULL: as text. */
static void put_all_bearings(
	const struct config *config, struct buf *out, struct json *json)
{
	struct buf seen = BUF_INIT(CONFIG_SHOW_LIMIT);

	for (size_t i = 0; i < config->account_count; i++) {
		const struct account *account = config->accounts[i];
		struct buf path = BUF_INIT(CONFIG_SHOW_LIMIT);
		struct diag why;
		struct spool *spool =
			account->queue == OPTION_QUEUE_OFF
				? NULL
				: queue_open(account, false, &why);

		if (spool)
			buf_printf(&path, "\n%s\n", spool_path(spool));
		if (spool && !strstr(buf_text(&seen), buf_text(&path))) {
			buf_put_span(&seen, buf_span(&path));
			put_bearings(spool, out, json);
		}
		spool_close(spool);
		buf_free(&path);
	}
	buf_free(&seen);
}

static bool put_json(const struct config *config, const struct request *request,
	struct arena *arena, struct buf *out, struct diag *why)
{
	struct json json = { .out = out };
	bool is_fine = config_begin_json(config, request, arena, &json, why);

	if (!out->length)
		return false;
	json_begin(&json, "servers", '[');
	put_all_bearings(config, out, &json);
	json_end(&json, ']');
	json_end(&json, '}');
	buf_puts(out, "\n");
	return is_fine;
}

static bool print_settings(const struct request *request, bool is_json,
	struct arena *arena, struct diag *why)
{
	struct config config;
	struct buf text = BUF_INIT(CONFIG_SHOW_LIMIT);
	bool is_fine = config_load(request, arena, &config, why);

	if (is_fine) {
		is_fine = (is_json ? put_json : config_show)(
			&config, request, arena, &text, why);
		if (!is_json)
			put_all_bearings(&config, &text, NULL);
		config_wipe(&config);
	}
	print(&text);
	return is_fine;
}

/* Who runs the queue of each account that has one; QUEUES is as long as the
 * list of accounts. */
static size_t find_runners(const struct config *config,
	const struct request *request, bool is_json, struct arena *arena,
	struct config_queue *queues)
{
	size_t count = 0;

	for (size_t i = 0; i < config->account_count; i++) {
		const struct account *account = config->accounts[i];
		const struct hire_params hiring = { .account = account,
			.config_file = request->config_file };
		struct buf text = BUF_INIT(4 * DIAG_TEXT_BYTES);
		struct hire_said said;
		struct spool *spool;
		struct diag why;

		if (account->queue == OPTION_QUEUE_OFF ||
			(!account->host && !account->socket))
			continue;
		spool = queue_open(account, false, &why);
		hire_say(&hiring, spool, arena, &said);
		hire_put(&said, !is_json, &text);
		queues[count].account = arena_strdup(arena, account->name);
		queues[count++].runner = arena_strdup(arena, buf_text(&text));
		buf_free(&text);
		spool_close(spool);
	}
	return count;
}

/* A netrc is shared with other programs, and its words are not. */
static void note_netrc(const struct config *config, struct config_notes *notes)
{
	for (size_t i = 0; i < config->account_count; i++) {
		const struct account *account = config->accounts[i];
		const char *file =
			credential_ambiguous_netrc(account, notes->arena);

		if (file)
			config_notes_add(notes,
				&(const struct config_note){
					.kind = CONFIG_NOTE_DIFFERS,
					.file = file,
					.account = account->name,
					.text = N_("a quote or backslash in "
						   "the password means one "
						   "thing in a file of "
						   "msmtp's, and another in "
						   "one of ours; see "
						   "mailchuterc(5)") });
	}
}

/* Everything that is wrong, and not the first of it alone. */
static bool print_check(const struct request *request, bool is_json,
	struct arena *arena, struct diag *why)
{
	struct config config;
	struct config_notes notes = { .arena = arena };
	struct config_queue *queues;
	size_t count = 0;
	struct buf text = BUF_INIT(CONFIG_SHOW_LIMIT);

	if (!config_load_noting(request, &notes, arena, &config, why))
		return false;
	if (!config.account_count && !notes.count) {
		config_wipe(&config);
		return diag_set(why, DIAG_CONFIG_NONE, config.looked_for);
	}
	note_netrc(&config, &notes);
	config_check(&config, request, &notes);
	queues =
		arena_alloc(arena, (config.account_count + 1) * sizeof *queues);
	if (!notes.error_count)
		count = find_runners(&config, request, is_json, arena, queues);
	config_check_put(&config, &notes, queues, count, is_json, &text);
	config_wipe(&config);
	print(&text);
	if (notes.error_count)
		why->exit_code = EX_CONFIG;
	return true;
}

int cmd_config(const struct cmd_context *context)
{
	const struct said *said = context->said;
	struct diag why = { .exit_code = EX_OK };

	if (!(said->is_check ? print_check : print_settings)(
		    context->request, said->is_json, context->arena, &why))
		print_failure(&why);
	return why.exit_code;
}
