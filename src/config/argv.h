/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line, read by two tables: options.def (as long options) and
 * sendmail.def (every letter a sendmail ever had).
 */
#ifndef CONFIG_ARGV_H
#define CONFIG_ARGV_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/option.h"

#include <stdbool.h>
#include <stddef.h>

/* How we were called (DESIGN: "Doors"). */
enum argv_manner {
	ARGV_MAILCHUTE, /* as mailchute, or an unknown name */
	ARGV_SENDMAIL,  /* as sendmail: sendmail.def alone */
	ARGV_MSMTP
};

enum request_mode {
	REQUEST_SUBMIT,      /* -bm */
	REQUEST_SMTP,        /* -bs */
	REQUEST_LIST_QUEUE,  /* -bp, mailq */
	REQUEST_ALIASES,     /* -bi, -I, newaliases */
	REQUEST_RUN_QUEUE,   /* -q */
	REQUEST_ETRN,        /* --rmqs */
	REQUEST_SERVER_INFO, /* --serverinfo */
	REQUEST_CONFIGURE,   /* --configure */
	REQUEST_NOTHING,     /* -bh, -bH: nothing to do, successfully */
	REQUEST_HELP,
	REQUEST_VERSION,
	REQUEST_VERB /* verb and its own words in operands */
};

enum request_errors { REQUEST_ERRORS_PRINT, REQUEST_ERRORS_QUIET };
enum request_delivery {
	REQUEST_DELIVERY_DEFAULT,
	REQUEST_DELIVERY_BACKGROUND, /* -odb */
	REQUEST_DELIVERY_NOW,        /* -odi, -odf */
	REQUEST_DELIVERY_QUEUE       /* -odq, -odd */
};

struct request_setting {
	enum option_id id;
	const char *value;
};

struct request {
	char *const *words; /* the whole command line, the name included */
	size_t word_count;
	enum argv_manner manner;
	bool is_taken;  /* 'mailchute serve' has it from another */
	bool is_fenced; /* behind "sendmail": words of an untrusted caller */
	enum request_mode mode;
	const char *verb;        /* REQUEST_VERB */
	const char *config_file; /* -C, --file */
	const char *account;     /* -a, --account */
	bool is_account_secret;  /* one that is not there is not said */
	struct request_setting *settings; /* --keyword=value, in order */
	size_t setting_count;
	const char *const *operands; /* addresses, or the verb's words */
	size_t operand_count;
	bool has_sender;
	const char *sender;    /* -f, -r: as given, "" allowed */
	const char *full_name; /* -F */
	bool read_recipients;  /* -t */
	bool read_sender;      /* --read-envelope-from */
	bool pretend;          /* -P: print the settings, send nothing */
	bool ignore_dot;       /* -i */
	bool wants_smtputf8;   /* -O smtputf8=yes, where the server has it */
	bool no_aliases;       /* -n */
	bool debug;            /* -v, -d, --debug */
	/* -N -R -V, as SMTP has them: "NEVER", "HDRS", …; NULL without */
	const char *dsn_notify, *dsn_return, *dsn_envid;
	const char *log_tag;   /* -L */
	long hop_count;        /* -h */
	const char *etrn_node; /* --rmqs */
	/* -qI, -qR, -qS: "Rexample.org" with a letter in front, and "!" before
	 * it for all others; NULL for all. */
	const char *queue_filter;
	const char *configure_address; /* --configure */
	bool may_have_meant_t;         /* "-oit" is -oi; for a hint */
	enum request_errors errors;
	enum request_delivery delivery;
	const struct diag *warnings; /* what was let pass, but is wrong */
	size_t warning_count;
};

/* ARGV[0] chooses the manner; VERBS are the names that are verbs when the first
 * operand of a mailchute is exactly one of them ("sendmail", the fence, is one
 * without being named), ended by NULL.  *OUT borrows from ARGV.  Option values
 * are checked already.  Fails with DIAG_USAGE_…. */
bool argv_parse(int argc, char *const *argv, const char *const *verbs,
	struct arena *arena, struct request *out, struct diag *why);
/* For the words behind a verb: takes the option at the front of WORDS,
 * which the verb does not know, into REQUEST if it is a common one; *TAKEN is
 * how many words it was, its value included.  Fails with DIAG_USAGE_…. */
bool argv_take_common(struct request *request, const char *const *words,
	size_t count, struct arena *arena, size_t *taken, struct diag *why);

/* Whether WHY says that there is no such option. */
bool argv_is_unknown(const struct diag *why);
/* "--read-recipients"; lies in ARENA. */
const char *argv_spelling(const char *keyword, struct arena *arena);
/* The long options that argv_take_common() knows, for "did you mean"; the names
 * lie in ARENA. */
void argv_consider_common(struct text_nearest *nearest, struct arena *arena);

/* Whether a stranger behind the fence may say this, on the command line or in
 * the environment (sendmail.def). */
bool argv_is_fence_open(enum option_id id, const char *value);

/* The letters of sendmail.def and those after -b, for --help and the manual's
 * check: one row at a time; false after the last. */
struct argv_letter {
	char letter;
	const char *form; /* "", "VALUE", "[VALUE]" */
	const char *text; /* what it does, or why it is refused */
	unsigned manners; /* 1 << enum argv_manner of those that have it */
	bool is_ignored, is_refused;
};
bool argv_letter(size_t index, struct argv_letter *out);
bool argv_mode(size_t index, struct argv_letter *out);
/* Long options that are no keywords: "help", "version", …; NULL after the
 * last. */
const char *argv_long_option(
	size_t index, const char **form, const char **text);

/* Whether the command line names the server itself (--host). */
bool argv_names_host(const struct request *request);

#endif
