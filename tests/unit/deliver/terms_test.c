/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an entry may say about its account: every row of the options, as its
 * author's own entry has it and as one does that was taken from another, read
 * and written. */
#include <config.h>

#include "base/place.h"
#include "deliver/terms.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

/* What chooses no server, no TLS, no command and no file. */
static const struct open {
	enum option_id id;
	const char *value; /* NULL: any */
} opens[] = {
	{ OPTION_from_full_name, NULL },
	{ OPTION_dsn_notify, NULL },
	{ OPTION_dsn_return, NULL },
	{ OPTION_requiretls, "on" },
};

static bool is_open(enum option_id id, const char *value)
{
	for (size_t i = 0; i < sizeof opens / sizeof *opens; i++)
		if (opens[i].id == id)
			return !opens[i].value ||
			       strcmp(value, opens[i].value) == 0;
	return false;
}

static const char *const values[] = { "on", "off", "x", "/tmp/x", "5",
	"touch /tmp/x", "failure", "full", "" };

/* How many settings of ONE count. */
static size_t count_read(
	const struct record_setting *one, bool is_taken, struct arena *arena)
{
	struct record_setting setting = *one;
	const struct record record = {
		.settings = &setting,
		.setting_count = 1,
		.account = "work",
		.is_taken = is_taken,
	};
	struct request request;
	struct diag why;

	if (!terms_read(&record, NULL, arena, &request, &why))
		return 99;
	return request.setting_count;
}

static void test_read(enum option_id id)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const struct record_setting one = { option_keyword(id),
			values[i] };

		tap_ok(count_read(&one, true, arena) == is_open(id, values[i]),
			"taken: set %s %s", one.keyword, one.value);
	}
	tap_is_number(
		(int64_t)count_read(
			&(struct record_setting){ option_keyword(id), NULL },
			true, arena),
		is_open(id, "no such value"), "taken, without a value");
	tap_is_number(
		(int64_t)count_read(
			&(struct record_setting){ option_keyword(id), "on" },
			false, arena),
		1, "its author's own");
	arena_free(arena);
}

/* Old spellings may turn the value round. */
static void test_old_spellings(void)
{
	struct arena *arena = arena_new();
	const char *spelling;

	for (size_t i = 0; (spelling = option_old_spelling(i)); i++) {
		const struct record_setting one = { spelling, "on" };

		tap_ok(count_read(&one, true, arena) == 0, "taken: set %s on",
			spelling);
	}
	tap_is_number(
		(int64_t)count_read(
			&(struct record_setting){ "hots", "x" }, true, arena),
		0, "taken: no keyword");
	tap_is_number(
		(int64_t)count_read(
			&(struct record_setting){ "hots", "x" }, false, arena),
		99, "its author's own: no keyword");
	arena_free(arena);
}

static void put_settings(struct buf *out, const struct record *record)
{
	for (size_t i = 0; i < record->setting_count; i++)
		buf_printf(out, "%s %s\n", record->settings[i].keyword,
			record->settings[i].value);
}

/* An account of which ID was said on the command line. */
static void test_written(enum option_id id, enum origin_kind kind)
{
	struct arena *arena = arena_new();
	struct account *account = account_new("work", DIALECT_MAILCHUTE, arena);
	struct record taken = { .is_taken = true }, own = { .id = NULL };
	struct buf text = BUF_INIT(4096);

	account->origin[id] = (struct origin){ kind, "X", 0 };
	account->requiretls = id == OPTION_requiretls;
	terms_write(&taken, account, "/dev/null", arena);
	put_settings(&text, &taken);
	if (is_open(id, "on"))
		tap_ok(strncmp(buf_text(&text), option_keyword(id),
			       strlen(option_keyword(id))) == 0,
			"taken: %s is written", option_keyword(id));
	else
		tap_is_text(buf_text(&text), "", option_keyword(id));
	tap_is_text(taken.config, NULL, "and no file");
	tap_is_text(taken.account, "work", "and the account");
	terms_write(&own, account, "/dev/null", arena);
	tap_ok(own.setting_count ==
			(id != OPTION_password && id != OPTION_proxy_password &&
				id != OPTION_oauth_client_secret),
		"its author's own: %s", option_keyword(id));
	tap_is_text(own.config, "/dev/null", "and a file");
	buf_free(&text);
	arena_free(arena);
}

static const struct file_row {
	const char *name, *config, *own;
	bool is_taken;
	const char *want;
} file_rows[] = {
	{ "its author's file", "/a", "/b", false, "/a" },
	{ "the usual search", NULL, "/b", false, NULL },
	{ "the file of who runs it", NULL, "/b", true, "/b" },
	{ "never the one it names", "/a", "/b", true, "/b" },
	{ "the service's", "/a", NULL, true, "SERVICE" },
};

static void test_file(const struct file_row *row)
{
	struct arena *arena = arena_new();
	const struct record record = { .config = row->config,
		.account = "work",
		.is_taken = row->is_taken };
	struct request request;
	const char *want = row->want;

	if (want && strcmp(want, "SERVICE") == 0)
		want = place_system.relay_config;
	tap_ok(terms_read(&record, row->own, arena, &request, NULL), "%s",
		row->name);
	tap_is_text(request.config_file, want, row->name);
	tap_is_text(request.account, "work", "and the account");
	arena_free(arena);
}

int main(void)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		test_read((enum option_id)id);
		test_written((enum option_id)id, ORIGIN_COMMAND_LINE);
		test_written((enum option_id)id, ORIGIN_ENVIRONMENT);
	}
	test_old_spellings();
	for (size_t i = 0; i < sizeof file_rows / sizeof *file_rows; i++)
		test_file(&file_rows[i]);
	return tap_done();
}
