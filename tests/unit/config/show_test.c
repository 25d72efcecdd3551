/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 'mailchute config': settings, origins, and no secrets. */
#include <config.h>

#include "config/show.h"
#include "config/syntax.h"
#include "tap.h"

static const char file_text[] = "account work\n"
				"host mx.example\n"
				"user ann@x.example\n"
				"password hunter2\n"
				"passwordeval pass x\n"
				"domain here.example\n"
				"port 2525\n"
				"account bad\n"
				"from ann@y.example\n";

static const char *const files[] = { "/home/ann/.mailchuterc" };
static const char *const hidden[] = { "/home/ann/.msmtprc" };
static const char *const closed[] = {
	"cannot read /etc/mailchuterc: Permission denied"
};

static const char head[] = "read: /home/ann/.mailchuterc\n"
			   "hidden by another file: /home/ann/.msmtprc\n"
			   "closed: cannot read /etc/mailchuterc: "
			   "Permission denied\n"
			   "accounts: work, bad\n";

static const char work[] =
	"\naccount work\n"
	"host                 mx.example                   "
	"# /home/ann/.mailchuterc:2\n"
	"port                 2525                         "
	"# /home/ann/.mailchuterc:7\n"
	"protocol             smtp                         # default\n"
	"ip_version           any                          # default\n"
	"proxy_port           1080                         # default\n"
	"sandbox              on                           # default\n"
	"timeout              30                           "
	"# MAILCHUTE_TIMEOUT\n"
	"domain               here.example                 "
	"# /home/ann/.mailchuterc:6\n"
	"from                 ann@x.example                # derived\n"
	"allow_from_override  on                           # default\n"
	"auto_from            off                          # default\n"
	"from_local_name      on                           # default\n"
	"auth                 on                           # derived\n"
	"user                 ann@x.example                "
	"# /home/ann/.mailchuterc:3\n"
	"password             ********                     "
	"# /home/ann/.mailchuterc:4\n"
	"passwordeval         pass x                       "
	"# /home/ann/.mailchuterc:5\n"
	"oauth_flow           auto                         # default\n"
	"oauth_store          file                         # default\n"
	"tls                  on                           # default\n"
	"tls_starttls         on                           # default\n"
	"tls_trust_file       /ca.pem                      # command line\n"
	"tls_certcheck        on                           # default\n"
	"tls_force_sslv3      off                          # default\n"
	"requiretls           off                          # default\n"
	"set_from_header      auto                         # default\n"
	"set_to_header        off                          # default\n"
	"set_date_header      auto                         # default\n"
	"set_msgid_header     auto                         # default\n"
	"remove_bcc_headers   on                           # default\n"
	"map_headers          off                          # default\n"
	"lone_dot             text                         # default\n"
	"dsn_return           off                          # default\n"
	"dkim_algorithm       auto                         # default\n"
	"queue                auto                         # default\n"
	"queue_store_fallback off                          # default\n"
	"queue_runner         auto                         # default\n"
	"queue_lifetime       5d                           # default\n"
	"queue_retry          5m 10m 20m 40m 1h 2h 4h      # default\n"
	"suppress_refused     off                          # default\n"
	"max_messages_per_connection 100                          # default\n"
	"logfile_time_format  %Y-%m-%dT%H:%M:%S%z          # default\n"
	"syslog               on                           # default\n"
	"log_format           text                         # default\n"
	"tempfail_exit        75                           # default\n";

static struct config make_config(struct account_list *list, struct arena *arena)
{
	static const struct origin variable = { ORIGIN_ENVIRONMENT,
		"MAILCHUTE_TIMEOUT", 0 };
	const struct config_text text = { .text = span_of(file_text),
		.name = files[0] };
	struct config config = { .files = files,
		.file_count = 1,
		.hidden = hidden,
		.hidden_count = 1,
		.unreadable = closed,
		.unreadable_count = 1,
		.environment =
			account_new("environment", DIALECT_MAILCHUTE, arena) };

	tap_ok(config_parse(&text, arena, list, NULL), "parsed");
	option_set(config.environment, OPTION_timeout, "30", variable, arena,
		NULL);
	config.accounts = list->items;
	config.account_count = list->count;
	return config;
}

static void show(const char *account, const char *want,
	const char *want_failure, const char *name)
{
	struct request_setting setting = { OPTION_tls_trust_file, "/ca.pem" };
	struct request request = {
		.account = account, .settings = &setting, .setting_count = 1
	};
	struct arena *arena = arena_new();
	struct account_list list;
	struct config config = make_config(&list, arena);
	struct buf got = BUF_INIT(CONFIG_SHOW_LIMIT);
	struct buf want_text = BUF_INIT(CONFIG_SHOW_LIMIT);
	struct buf failure = BUF_INIT(1000);
	struct diag why = { .id = DIAG_NONE };

	if (!config_show(&config, &request, arena, &got, &why))
		diag_sentence(&why, false, &failure);
	buf_puts(&want_text, head);
	buf_puts(&want_text, want);
	tap_is_text(buf_text(&got), buf_text(&want_text), name);
	tap_is_text(buf_text(&failure), want_failure, name);
	config_wipe(&config);
	buf_free(&got);
	buf_free(&want_text);
	buf_free(&failure);
	arena_free(arena);
}

static void test_nothing(void)
{
	struct request request = { .account = NULL };
	struct arena *arena = arena_new();
	struct config config = { .looked_for = "/root/.mailchuterc, /etc/x",
		.environment =
			account_new("environment", DIALECT_MAILCHUTE, arena) };
	struct buf got = BUF_INIT(1000);
	struct diag why = { .id = DIAG_NONE };

	tap_ok(!config_show(&config, &request, arena, &got, &why),
		"no file is a failure");
	tap_is_text(buf_text(&got),
		"no file found, looked for: /root/.mailchuterc, /etc/x\n",
		"that says where it looked");
	tap_is_diag(&why, DIAG_CONFIG_NONE, "and why");
	buf_free(&got);
	arena_free(arena);
}

int main(void)
{
	show("work", work, "", "an account");
	show("none", "",
		"there is no account 'none' in /home/ann/.mailchuterc; "
		"cannot read /etc/mailchuterc: Permission denied",
		"an unknown account");
	test_nothing();
	return tap_done();
}
