/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line, read by two tables: options.def (as long options) and
 * sendmail.def (every letter a sendmail ever had).
 */
#ifndef CONFIG_ARGV_H
#define CONFIG_ARGV_H

#include "base/diag.h"
#include "base/mem.h"
#include "config/option.h"

#include <stdbool.h>
#include <stddef.h>

/* How we were called (DESIGN: "Doors"). */
enum argv_manner {
	ARGV_MAILCHUTE, /* as mailchute, or an unknown name */
	ARGV_SENDMAIL, /* as sendmail: sendmail.def alone */
	ARGV_MSMTP
};

enum request_mode {
	REQUEST_SUBMIT, /* -bm */
	REQUEST_SMTP, /* -bs */
	REQUEST_LIST_QUEUE, /* -bp, mailq */
	REQUEST_ALIASES, /* -bi, -I, newaliases */
	REQUEST_RUN_QUEUE, /* -q */
	REQUEST_HELP,
	REQUEST_VERSION,
	REQUEST_VERB /* verb and its own words in operands */
};

enum request_errors { REQUEST_ERRORS_PRINT, REQUEST_ERRORS_QUIET };
enum request_delivery {
	REQUEST_DELIVERY_DEFAULT,
	REQUEST_DELIVERY_BACKGROUND, /* -odb */
	REQUEST_DELIVERY_NOW, /* -odi, -odf */
	REQUEST_DELIVERY_QUEUE /* -odq, -odd */
};

struct request_setting {
	enum option_id id;
	const char *value;
};

struct request {
	enum argv_manner manner;
	bool is_fenced; /* behind "sendmail": words of an untrusted caller */
	enum request_mode mode;
	const char *verb; /* REQUEST_VERB */
	const char *config_file; /* -C, --file */
	const char *account; /* -a, --account */
	struct request_setting *settings; /* --keyword=value, in order */
	size_t setting_count;
	const char *const *operands; /* addresses, or the verb's words */
	size_t operand_count;
	bool has_sender;
	const char *sender; /* -f, -r: as given, "" allowed */
	const char *full_name; /* -F */
	bool read_recipients; /* -t */
	bool ignore_dot; /* -i */
	bool no_aliases; /* -n */
	bool debug; /* -v, -d, --debug */
	const char *dsn_notify, *dsn_return, *dsn_envid; /* -N -R -V */
	const char *log_tag; /* -L */
	long hop_count; /* -h */
	enum request_errors errors;
	enum request_delivery delivery;
};

/* ARGV[0] chooses the manner.  *OUT borrows from ARGV.  Fails with
 * DIAG_USAGE_…. */
bool argv_parse(int argc, char *const *argv, struct arena *arena,
	struct request *out, struct diag *why);

#endif
