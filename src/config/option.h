/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of options: every keyword of the configuration, once.  A row gives
 * the field of struct account, its kind (how it is parsed, printed and
 * checked: config/kind.h), default, choices and one line of text.  A new option
 * is a row.
 *
 *	id = option_resolve(keyword, &value, origin, why);
 *	if (id != OPTION_COUNT)
 *		option_set(account, id, value, origin, arena, why);
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/span.h"
#include "config/kind.h"

#include <stdbool.h>
#include <stddef.h>

enum option_id {
#define OPTION(field, ...) OPTION_##field,
#include "config/options.def"
	OPTION_COUNT
};

enum option_flags {
	OPTION_ALONE = 1,               /* without a value it means on */
	OPTION_DERIVED = 2,             /* unset, it follows from others */
	OPTION_NOT_ON_COMMAND_LINE = 4, /* argv can be read by everybody */
	OPTION_UNSET = 8                /* without a value it is not set */
};

/* The choices of each row, in the order of its enum; those of auth with the
 * mechanism, those of syslog with the facility. */
#define OPTION_CHOICES_AUTH(X)                                                 \
	X(AUTH_OFF, "off", NULL)                                               \
	X(AUTH_ON, "on", NULL)                                                 \
	X(AUTH_PLAIN, "plain", "PLAIN")                                        \
	X(AUTH_LOGIN, "login", "LOGIN")                                        \
	X(AUTH_EXTERNAL, "external", "EXTERNAL")                               \
	X(AUTH_SCRAM_SHA_1, "scram-sha-1", "SCRAM-SHA-1")                      \
	X(AUTH_SCRAM_SHA_1_PLUS, "scram-sha-1-plus", "SCRAM-SHA-1-PLUS")       \
	X(AUTH_SCRAM_SHA_256, "scram-sha-256", "SCRAM-SHA-256")                \
	X(AUTH_SCRAM_SHA_256_PLUS, "scram-sha-256-plus", "SCRAM-SHA-256-PLUS") \
	X(AUTH_OAUTHBEARER, "oauthbearer", "OAUTHBEARER")                      \
	X(AUTH_XOAUTH2, "xoauth2", "XOAUTH2")                                  \
	X(AUTH_CRAM_MD5, "cram-md5", "CRAM-MD5")                               \
	X(AUTH_DIGEST_MD5, "digest-md5", "DIGEST-MD5")                         \
	X(AUTH_NTLM, "ntlm", "NTLM")                                           \
	X(AUTH_GSSAPI, "gssapi", "GSSAPI")
#define OPTION_CHOICES_OAUTH_FLOW(X)                                           \
	X(OAUTH_FLOW_AUTO, "auto")                                             \
	X(OAUTH_FLOW_BROWSER, "browser")                                       \
	X(OAUTH_FLOW_PASTE, "paste")                                           \
	X(OAUTH_FLOW_DEVICE, "device")                                         \
	X(OAUTH_FLOW_CLIENT, "client")                                         \
	X(OAUTH_FLOW_JWT, "jwt")
#define OPTION_CHOICES_PROTOCOL(X)                                             \
	X(PROTOCOL_SMTP, "smtp") X(PROTOCOL_LMTP, "lmtp")
#define OPTION_CHOICES_IP_VERSION(X)                                           \
	X(IP_VERSION_ANY, "any") X(IP_VERSION_4, "4") X(IP_VERSION_6, "6")
#define OPTION_CHOICES_SET_FROM(X)                                             \
	X(SET_FROM_AUTO, "auto") X(SET_FROM_ON, "on") X(SET_FROM_OFF, "off")
#define OPTION_CHOICES_SET_TO(X)                                               \
	X(SET_TO_OFF, "off")                                                   \
	X(SET_TO_ON, "on") X(SET_TO_UNDISCLOSED, "undisclosed_recipients")
#define OPTION_CHOICES_SET(X) X(SET_AUTO, "auto") X(SET_OFF, "off")
#define OPTION_CHOICES_LONE_DOT(X)                                             \
	X(LONE_DOT_TEXT, "text") X(LONE_DOT_END, "end")
#define OPTION_CHOICES_DSN_RETURN(X)                                           \
	X(DSN_RETURN_OFF, "off")                                               \
	X(DSN_RETURN_HDRS, "hdrs") X(DSN_RETURN_FULL, "full")
#define OPTION_CHOICES_DKIM_ALGORITHM(X)                                       \
	X(DKIM_AUTO, "auto")                                                   \
	X(DKIM_RSA, "rsa-sha256")                                              \
	X(DKIM_ED25519, "ed25519-sha256")                                      \
	X(DKIM_BOTH, "both")
#define OPTION_CHOICES_QUEUE(X)                                                \
	X(QUEUE_OFF, "off") X(QUEUE_AUTO, "auto") X(QUEUE_ALWAYS, "always")
#define OPTION_CHOICES_STORE_FALLBACK(X)                                       \
	X(STORE_FALLBACK_OFF, "off") X(STORE_FALLBACK_FOLDER, "folder")
#define OPTION_CHOICES_QUEUE_RUNNER(X)                                         \
	X(QUEUE_RUNNER_AUTO, "auto") X(QUEUE_RUNNER_EXTERNAL, "external")
#define OPTION_CHOICES_LOG_FORMAT(X)                                           \
	X(LOG_FORMAT_TEXT, "text") X(LOG_FORMAT_JSON, "json")
#define OPTION_CHOICES_SYSLOG(X)                                               \
	X(SYSLOG_OFF, "off", -1)                                               \
	X(SYSLOG_ON, "on", LOG_MAIL)                                           \
	X(SYSLOG_USER, "LOG_USER", LOG_USER)                                   \
	X(SYSLOG_MAIL, "LOG_MAIL", LOG_MAIL)                                   \
	X(SYSLOG_LOCAL0, "LOG_LOCAL0", LOG_LOCAL0)                             \
	X(SYSLOG_LOCAL1, "LOG_LOCAL1", LOG_LOCAL1)                             \
	X(SYSLOG_LOCAL2, "LOG_LOCAL2", LOG_LOCAL2)                             \
	X(SYSLOG_LOCAL3, "LOG_LOCAL3", LOG_LOCAL3)                             \
	X(SYSLOG_LOCAL4, "LOG_LOCAL4", LOG_LOCAL4)                             \
	X(SYSLOG_LOCAL5, "LOG_LOCAL5", LOG_LOCAL5)                             \
	X(SYSLOG_LOCAL6, "LOG_LOCAL6", LOG_LOCAL6)                             \
	X(SYSLOG_LOCAL7, "LOG_LOCAL7", LOG_LOCAL7)

#define OPTION_CHOICE(name, ...) OPTION_##name,
enum option_auth { OPTION_CHOICES_AUTH(OPTION_CHOICE) };
enum option_oauth_flow { OPTION_CHOICES_OAUTH_FLOW(OPTION_CHOICE) };
enum option_protocol { OPTION_CHOICES_PROTOCOL(OPTION_CHOICE) };
enum option_ip_version { OPTION_CHOICES_IP_VERSION(OPTION_CHOICE) };
enum option_set_from { OPTION_CHOICES_SET_FROM(OPTION_CHOICE) };
enum option_set_to { OPTION_CHOICES_SET_TO(OPTION_CHOICE) };
enum option_set_header { OPTION_CHOICES_SET(OPTION_CHOICE) };
enum option_lone_dot { OPTION_CHOICES_LONE_DOT(OPTION_CHOICE) };
enum option_dsn_return { OPTION_CHOICES_DSN_RETURN(OPTION_CHOICE) };
enum option_dkim_algorithm { OPTION_CHOICES_DKIM_ALGORITHM(OPTION_CHOICE) };
enum option_queue { OPTION_CHOICES_QUEUE(OPTION_CHOICE) };
enum option_store_fallback { OPTION_CHOICES_STORE_FALLBACK(OPTION_CHOICE) };
enum option_queue_runner { OPTION_CHOICES_QUEUE_RUNNER(OPTION_CHOICE) };
enum option_log_format { OPTION_CHOICES_LOG_FORMAT(OPTION_CHOICE) };
enum option_syslog { OPTION_CHOICES_SYSLOG(OPTION_CHOICE) };
#undef OPTION_CHOICE

/* Where a value came from. */
enum origin_kind {
	ORIGIN_DEFAULT,
	ORIGIN_FILE,
	ORIGIN_ENVIRONMENT,
	ORIGIN_COMMAND_LINE,
	ORIGIN_DERIVED,  /* worked out from other settings */
	ORIGIN_PROVIDER, /* what 'provider' stands for */
	/* The environment of a service that has no file: whatever it starts has
	 * the same. */
	ORIGIN_SERVICE
};

struct origin {
	enum origin_kind kind;
	const char *name; /* file, variable or "provider gmail"; NULL */
	unsigned line;
};

struct account;

/* The dialect of the file it came from (DESIGN: "Configuration"). */
enum dialect { DIALECT_MAILCHUTE, DIALECT_MSMTP };

/* Finds a keyword (aliases of it included, but no old spelling that changes
 * the value); OPTION_COUNT when there is none. */
enum option_id option_find(struct span keyword);
/* The option that KEYWORD means, as it is written in a file ('_' and '-' are
 * the same to it); old spellings may replace *VALUE.  OPTION_COUNT on failure:
 * DIAG_CONFIG_UNKNOWN_KEYWORD or _DID_YOU_MEAN, and their USAGE_ sisters when
 * the origin is the command line. */
enum option_id option_resolve(struct span keyword, const char **value,
	struct origin origin, struct diag *why);
const char *option_keyword(enum option_id id);
/* Whether it is a keyword, an older one included. */
bool option_is_known(struct span keyword);
/* Whether WORD looks like a keyword; anything else may be a password in the
 * wrong place, and is not said again. */
bool option_may_be_said(struct span word);
/* The keyword for what other programs call WORD, or NULL. */
const char *option_foreign(struct span word);
/* That, or the known keyword nearest to WORD; NULL when none is near. */
const char *option_nearest(struct span word);

/* Parses VALUE (NULL: the keyword stood alone) into the account's field.  An
 * empty value unsets a text.  Fails with DIAG_CONFIG_BAD_VALUE or _NO_VALUE, or
 * DIAG_USAGE_… when the origin is the command line; the field is unchanged
 * then. */
bool option_set(struct account *account, enum option_id id, const char *value,
	struct origin origin, struct arena *arena, struct diag *why);
/* Sets the default of the account's dialect (nothing, for a derived one). */
void option_reset(struct account *account, enum option_id id);
/* Copies one value with its origin; a secret is copied deep if IS_OWNER, else
 * it is borrowed. */
void option_copy(struct account *into, const struct account *from,
	enum option_id id, bool is_owner);
/* Appends the value as it would stand in a file; a secret is "********". */
void option_put(
	struct buf *out, const struct account *account, enum option_id id);
/* Whether the field holds anything ('host' without a value does not). */
bool option_is_set(const struct account *account, enum option_id id);
/* Whether somebody said so: not a default, not worked out. */
bool option_is_said(const struct account *account, enum option_id id);

/* What the table says, for --help and the manual. */
const char *option_text(enum option_id id);
/* The default as the manual shows it; "" is: not set. */
const char *option_default(enum option_id id, enum dialect dialect);
unsigned option_flags(enum option_id id);
/* "FILE", "NUMBER", "on|off": what stands for the value in a synopsis. */
void option_put_form(struct buf *out, enum option_id id);
/* Old spellings (index from 0); NULL after the last. */
const char *option_old_spelling(size_t index);

/* Appends the origin for people: "/etc/mailchuterc:3", "default", … */
void origin_put(struct buf *out, const struct origin *origin);

#endif
