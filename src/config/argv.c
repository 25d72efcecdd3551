/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line.  Words become a request by two tables; what a request
 * means is others' business.
 */
#include <config.h>

#include "config/argv.h"

#include "base/text.h"
#include "config/account.h"
#include "config/habit.h"
#include "mail/address.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	ARGV_HOPS_MAX = 50, /* as many Received fields are a loop, too */
	ARGV_HOPS_LIMIT = 1000000,
	ARGV_WARNINGS_LIMIT = 8,
	ARGV_ENVID_LIMIT = 100 /* RFC 3461 4.4 */
};

enum form { NONE, VALUE, ATTACHED, OPTIONAL };
/* Manners of the table's rows. */
enum {
	MAILCHUTE = 1 << ARGV_MAILCHUTE,
	SENDMAIL = 1 << ARGV_SENDMAIL,
	MSMTP = 1 << ARGV_MSMTP,
	OWN = MAILCHUTE | MSMTP,
	ALL = OWN | SENDMAIL
};

struct parser {
	char *const *words;
	size_t count, at; /* the next word */
	struct arena *arena;
	struct request *out;
	const char **operands;
	struct diag *warnings;
	const char *const *verbs;
	bool no_more_options; /* after "--" */
	bool has_operand;
	bool is_done;              /* --help: whatever comes is not looked at */
	const char *option;        /* "-f", as in a sentence */
	const char *reason;        /* the text of its row */
	const char *letter_option; /* the first that is not a common one */
	/* The last that chose what to do, as in a sentence; NULL: the name we
	 * are called by. */
	const char *mode_option;
	bool had_smtp;
	bool is_attached; /* the value, to the letter */
	struct diag *why;
};

static void set_mode(struct parser *p, enum request_mode mode)
{
	p->out->mode = mode;
	p->mode_option = p->option;
}

/* What an option does with its value ("" when it takes none, NULL when it may
 * and has none). */
#define ACTION(name) static bool act_##name(struct parser *p, const char *value)

static bool fail(struct parser *p, enum diag_id id, const char *value,
	const char *reason)
{
	return diag_set(p->why, id, p->option, value, reason);
}

static void warn(struct parser *p, const char *value, const char *reason)
{
	if (!p->warnings)
		p->warnings = arena_alloc(
			p->arena, ARGV_WARNINGS_LIMIT * sizeof *p->warnings);
	p->out->warnings = p->warnings;
	if (p->out->warning_count < ARGV_WARNINGS_LIMIT)
		diag_set(&p->warnings[p->out->warning_count++],
			DIAG_USAGE_BAD_VALUE, p->option, value, reason);
}

bool argv_is_fence_open(enum option_id id, const char *value)
{
	static const struct {
		enum option_id id;
		const char *value;
	} rows[] = {
#define FENCE(keyword, value) { OPTION_##keyword, value },
#include "config/sendmail.def"
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].id == id)
			return !rows[i].value ||
			       (value && strcmp(value, rows[i].value) == 0);
	return false;
}

static bool add_setting(struct parser *p, enum option_id id, const char *value)
{
	static const struct origin origin = { ORIGIN_COMMAND_LINE, NULL, 0 };
	struct account scratch = { .name = "" };
	struct request *out = p->out;

	if (out->manner == ARGV_SENDMAIL && !argv_is_fence_open(id, value))
		return fail(p, DIAG_USAGE_OPTION_REFUSED,
			N_("a caller chooses no setting"), NULL);
	if (!option_set(&scratch, id, value, origin, p->arena, p->why))
		return false;
	out->settings[out->setting_count++] =
		(struct request_setting){ id, value };
	return true;
}

/* ---- actions ----------------------------------------------------------------
 */

ACTION(sender)
{
	p->out->has_sender = true;
	p->out->sender = value;
	return true;
}

ACTION(full_name)
{
	p->out->full_name = value;
	return true;
}

ACTION(read_recipients)
{
	(void)value;
	p->out->read_recipients = true;
	return true;
}

ACTION(read_sender)
{
	(void)value;
	p->out->read_sender = true;
	return true;
}

ACTION(pretend)
{
	(void)value;
	p->out->pretend = true;
	return true;
}

ACTION(ignore_dot)
{
	(void)value;
	p->out->ignore_dot = true;
	return true;
}

ACTION(no_aliases)
{
	(void)value;
	p->out->no_aliases = true;
	return true;
}

/* Exim's -N and Postfix's -V take no value: what stands behind them may be a
 * recipient, and is neither taken for a wish nor left out. */
ACTION(dsn_notify)
{
	static const struct origin origin = { ORIGIN_COMMAND_LINE, NULL, 0 };
	struct account scratch = { .name = "" };

	if (!option_set(
		    &scratch, OPTION_dsn_notify, value, origin, p->arena, NULL))
		return fail(p, DIAG_USAGE_BAD_VALUE, value,
			N_("it takes never, or a list of failure, delay, "
			   "success; Exim's -N takes nothing"));
	p->out->dsn_notify = scratch.dsn_notify;
	return true;
}

ACTION(dsn_return)
{
	if (span_equal_nocase(span_of(value), SPAN("hdrs")))
		p->out->dsn_return = "HDRS";
	else if (span_equal_nocase(span_of(value), SPAN("full")))
		p->out->dsn_return = "FULL";
	else
		return fail(p, DIAG_USAGE_BAD_VALUE, value,
			N_("it takes hdrs or full, what a report returns; "
			   "a part of the queue is -qR"));
	return true;
}

/* The text that XTEXT stands for, which is encoded again where it is sent; NULL
 * when it is none: RFC 3461 4 has printable ASCII and no "=". */
static const char *decode_xtext(struct arena *arena, const char *xtext)
{
	struct buf text = BUF_INIT(ARGV_ENVID_LIMIT);
	bool is_fine = *xtext && strlen(xtext) <= ARGV_ENVID_LIMIT;
	const char *copy = NULL;

	for (const char *c = xtext; *c; c++)
		is_fine = is_fine && *c >= '!' && *c <= '~' && *c != '=';
	if (is_fine && text_put_from_xtext(&text, span_of(xtext)))
		copy = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return copy;
}

static bool is_address(struct parser *p, const char *text)
{
	struct mailbox mailbox;
	const char *reason;

	return address_parse(span_of(text), p->arena, &mailbox, &reason) &&
	       *mailbox.domain;
}

static const char verp_reason[] =
	N_("it takes an envelope id; VERP, which Postfix's -V and -XV ask for, "
	   "is not done");

ACTION(dsn_envid)
{
	const char *envid;

	/* Sympa pads with spaces: -V%08s. */
	while (*value == ' ')
		value++;
	/* Postfix's delimiters for VERP are two bytes: "-V+=". */
	if (is_address(p, value) || (p->is_attached && !strcmp(value, "+=")))
		return fail(p, DIAG_USAGE_BAD_VALUE, value, verp_reason);
	envid = decode_xtext(p->arena, value);
	if (envid)
		p->out->dsn_envid = envid;
	else
		warn(p, value,
			N_("xtext of at most 100 characters (RFC 3461)"));
	return true;
}

ACTION(log_tag)
{
	p->out->log_tag = value;
	return true;
}

ACTION(hop_count)
{
	unsigned long hops;

	if (!span_number(span_of(value), ARGV_HOPS_LIMIT, &hops))
		return fail(p, DIAG_USAGE_BAD_VALUE, value,
			DIAG_WORDS N_("a number"));
	p->out->hop_count = (long)hops;
	return hops <= ARGV_HOPS_MAX ||
	       diag_set(p->why, DIAG_MESSAGE_LOOP, value);
}

ACTION(debug)
{
	(void)value;
	p->out->debug = true;
	return true;
}

ACTION(version)
{
	(void)value;
	set_mode(p, REQUEST_VERSION);
	p->is_done = true;
	return true;
}

ACTION(help)
{
	(void)value;
	set_mode(p, REQUEST_HELP);
	p->is_done = true;
	return true;
}

ACTION(debug_level)
{
	/* sendmail -d0.1 is how people ask a sendmail for its version. */
	if (value && strcmp(value, "0.1") == 0)
		return act_version(p, value);
	if (p->out->manner != ARGV_SENDMAIL || geteuid() == 0)
		p->out->debug = true;
	return true;
}

ACTION(submit)
{
	(void)value;
	set_mode(p, REQUEST_SUBMIT);
	return true;
}

ACTION(smtp)
{
	(void)value;
	set_mode(p, REQUEST_SMTP);
	p->had_smtp = true;
	return true;
}

ACTION(list_queue)
{
	(void)value;
	set_mode(p, REQUEST_LIST_QUEUE);
	return true;
}

ACTION(aliases)
{
	(void)value;
	set_mode(p, REQUEST_ALIASES);
	return true;
}

ACTION(nothing)
{
	(void)value;
	set_mode(p, REQUEST_NOTHING);
	return true;
}

ACTION(server_info)
{
	(void)value;
	if (p->out->mode == REQUEST_ETRN)
		return diag_set(
			p->why, DIAG_USAGE_CONFLICT, "--rmqs", "--serverinfo");
	p->out->mode = REQUEST_SERVER_INFO;
	return true;
}

ACTION(etrn)
{
	if (!*value)
		return fail(p, DIAG_USAGE_NO_VALUE, NULL, NULL);
	if (p->out->mode == REQUEST_SERVER_INFO)
		return diag_set(
			p->why, DIAG_USAGE_CONFLICT, "--rmqs", "--serverinfo");
	p->out->mode = REQUEST_ETRN;
	p->out->etrn_node = value;
	return true;
}

ACTION(configure)
{
	if (!*value)
		return fail(p, DIAG_USAGE_NO_VALUE, NULL, NULL);
	p->out->mode = REQUEST_CONFIGURE;
	p->out->configure_address = value;
	return true;
}

/* "-q30m" is a daemon's, and a run; "-qRexample.org" is a part of the queue. */
ACTION(run_queue)
{
	const char *kind = value ? value + (*value == '!') : "";

	if (*kind && strchr("IRS", *kind)) {
		if (!kind[1])
			return fail(p, DIAG_USAGE_NO_VALUE, NULL, NULL);
		p->out->queue_filter = value;
	}
	set_mode(p, REQUEST_RUN_QUEUE);
	return true;
}

static bool set_error_mode(struct request *out, char mode)
{
	/* Mailing an error back needs a queue: m and w are p. */
	if (!mode || !strchr("mwpqe", mode))
		return false;
	out->errors = mode == 'q' || mode == 'e' ? REQUEST_ERRORS_QUIET
						 : REQUEST_ERRORS_PRINT;
	return true;
}

static void set_delivery(struct request *out, char mode)
{
	if (mode == 'b')
		out->delivery = REQUEST_DELIVERY_BACKGROUND;
	else if (mode == 'i' || mode == 'f')
		out->delivery = REQUEST_DELIVERY_NOW;
	else if (mode == 'q' || mode == 'd')
		out->delivery = REQUEST_DELIVERY_QUEUE;
}

ACTION(error_mode)
{
	/* "-e user@example.org" would lose a recipient. */
	if (!value[0] || value[1] || !set_error_mode(p->out, value[0]))
		return fail(p, DIAG_USAGE_BAD_VALUE, value, "m, p, q, w, e");
	return true;
}

/* Any -o is taken; these mean something. */
ACTION(option)
{
	if (value[0] == 'i') {
		p->out->ignore_dot = true;
		if (strcmp(value, "it") == 0)
			p->out->may_have_meant_t = true;
	} else if (value[0] == 'e') {
		set_error_mode(p->out, value[1]);
	} else if (value[0] == 'd') {
		set_delivery(p->out, value[1]);
	} else if (value[0] == 'A' && !value[1] && p->at < p->count) {
		p->at++; /* Exim's -oA FILE: a name, not a recipient */
	}
	return true;
}

static bool require_tls(struct parser *p)
{
	return add_setting(p, OPTION_requiretls, "on");
}

static bool want_smtputf8(struct parser *p)
{
	p->out->wants_smtputf8 = true;
	return true;
}

/* Postfix 3.11's: "no" is the default, and takes no promise of the profile's
 * away. */
static bool take_wish(struct parser *p, const char *value, struct span answer,
	bool (*grant)(struct parser *p))
{
	if (span_equal_nocase(answer, SPAN("yes")))
		return grant(p);
	return span_equal_nocase(answer, SPAN("no")) ||
	       fail(p, DIAG_USAGE_BAD_VALUE, value, N_("it is yes or no"));
}

ACTION(long_option)
{
	struct span rest = span_of(value);
	struct span name = span_trim(span_cut(&rest, '='));
	char first = '\0';

	rest = span_trim(rest);
	if (rest.length)
		first = ascii_lower(rest.at[0]);
	if (span_equal_nocase(name, SPAN("DeliveryMode")))
		set_delivery(p->out, first);
	else if (span_equal_nocase(name, SPAN("ErrorMode")))
		set_error_mode(p->out, first);
	else if (span_equal_nocase(name, SPAN("requiretls")))
		return take_wish(p, value, rest, require_tls);
	else if (span_equal_nocase(name, SPAN("smtputf8")))
		return take_wish(p, value, rest, want_smtputf8);
	return true;
}

ACTION(account)
{
	if (!*value)
		return fail(p, DIAG_USAGE_NO_VALUE, NULL, NULL);
	p->out->account = value;
	/* ssmtp's -auUSER and -apPASSWORD. */
	p->out->is_account_secret = p->is_attached && strchr("upm", *value);
	return true;
}

ACTION(config_file)
{
	if (!*value)
		return fail(p, DIAG_USAGE_NO_VALUE, NULL, NULL);
	p->out->config_file = value;
	return true;
}

ACTION(log_file)
{
	return add_setting(p, OPTION_logfile, value);
}

ACTION(ip_4)
{
	(void)value;
	return add_setting(p, OPTION_ip_version, "4");
}

ACTION(ip_6)
{
	(void)value;
	return add_setting(p, OPTION_ip_version, "6");
}

ACTION(ignore)
{
	(void)p, (void)value;
	return true;
}

ACTION(REFUSE)
{
	/* "-XV" asks Postfix for VERP; all others have it write a file. */
	if (p->option[1] == 'X' && value[0] == 'V')
		return fail(p, DIAG_USAGE_OPTION_REFUSED,
			N_("VERP, which Postfix's -XV asks for, is not done"),
			NULL);
	return fail(p, DIAG_USAGE_OPTION_REFUSED, p->reason, NULL);
}

/* ---- the tables ---------------------------------------------------------- */

struct mode {
	char letter;
	bool (*act)(struct parser *p, const char *value);
	const char *text;
};
#define MODE(letter, action, text) { letter, act_##action, text },
static const struct mode modes[] = {
#include "config/sendmail.def"
};

ACTION(mode)
{
	p->option = arena_printf(p->arena, "-b%s", value);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (value[0] == modes[i].letter && !value[1]) {
			p->reason = modes[i].text;
			return modes[i].act(p, "");
		}
	return fail(p, DIAG_USAGE_UNKNOWN_OPTION, NULL, NULL);
}

struct option_row {
	const char *name; /* one letter, or a long option */
	enum form form;
	bool (*act)(struct parser *p, const char *value);
	unsigned manners;
	const char *text;
};
#define LETTER(letter, form, action, manners, text)                            \
	{ (const char[]){ letter, '\0' }, form, act_##action, manners, text },
static const struct option_row letters[] = {
#include "config/sendmail.def"
};
#define LONG(name, form, action, manners, text)                                \
	{ name, form, act_##action, manners, text },
static const struct option_row longs[] = {
#include "config/sendmail.def"
};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct option_row *find_row(const struct parser *p,
	const struct option_row *rows, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].manners & 1u << p->out->manner &&
			span_equal(name, span_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

/* ---- letters ------------------------------------------------------------- */

static bool next_word(struct parser *p, const char **value)
{
	if (p->at >= p->count)
		return fail(p, DIAG_USAGE_NO_VALUE, NULL, NULL);
	*value = p->words[p->at++];
	return true;
}

/* Common options may stand before a verb, and after addresses. */
static bool is_common(const struct option_row *row)
{
	return row->act == act_account || row->act == act_config_file ||
	       row->act == act_debug || row->act == act_debug_level ||
	       row->act == act_help || row->act == act_version;
}

static bool check_place(struct parser *p, const struct option_row *row)
{
	if (row && is_common(row))
		return true;
	/* --from, before a verb. */
	if (row && row->act == act_sender && row->name[1] && !p->has_operand &&
		p->out->mode != REQUEST_VERB)
		return true;
	if (p->out->mode == REQUEST_VERB)
		return fail(p, DIAG_USAGE_UNKNOWN_OPTION, NULL, NULL);
	if (p->has_operand && p->out->manner == ARGV_MAILCHUTE)
		return fail(p, DIAG_USAGE_OPTION_AFTER_ADDRESS, NULL, NULL);
	if (!p->letter_option)
		p->letter_option = p->option;
	return true;
}

/* "-o i", "-o 7", "-o em": no address is as short as that. */
static bool next_is_option(const struct parser *p)
{
	const char *word = p->at < p->count ? p->words[p->at] : "";

	return (ascii_is_alpha(word[0]) || ascii_is_digit(word[0])) &&
	       (!word[1] || (strchr("de", word[0]) && !word[2]));
}

/* REST is what follows the letter in its word; *TOOK_REST when it was the
 * letter's value. */
static bool take_letter(struct parser *p, const struct option_row *row,
	const char *rest, bool *took_rest)
{
	const char *value = "";

	*took_rest = row->form != NONE;
	/* With nothing behind it: a sendmail's caller gives a hop count. */
	if (row->act == act_hop_count && p->out->manner == ARGV_MAILCHUTE &&
		!*rest && p->at == p->count)
		return act_help(p, value);
	if (row->form == VALUE && !*rest && row->act != act_REFUSE) {
		if (!next_word(p, &value))
			return false;
	} else if (row->act == act_option && !*rest && next_is_option(p)) {
		value = p->words[p->at++];
	} else if (row->form == ATTACHED && !*rest) {
		return fail(p, DIAG_USAGE_NO_VALUE, NULL, NULL);
	} else if (row->form == OPTIONAL && !*rest) {
		value = NULL;
	} else if (row->form != NONE) {
		value = rest;
	}
	p->reason = row->text;
	return row->act(p, value);
}

/* WORD may be what another program has, as a whole ("-tls") or its letter. */
static bool fail_letter(struct parser *p, const char *word)
{
	const char *ours = NULL;

	if (p->option && p->out->manner != ARGV_SENDMAIL)
		ours = habit_find("", span_of(p->option));
	if (p->out->manner != ARGV_SENDMAIL && habit_find("", span_of(word))) {
		ours = habit_find("", span_of(word));
		p->option = word;
	}
	return ours ? fail(p, DIAG_USAGE_DID_YOU_MEAN, ours, NULL)
		    : fail(p, DIAG_USAGE_UNKNOWN_OPTION, NULL, NULL);
}

/* "-version" would be -v, and -e with a value. */
static bool is_long_with_one_dash(const struct parser *p, const char *word)
{
	return p->out->manner != ARGV_SENDMAIL &&
	       (!strcmp(word, "-help") || !strcmp(word, "-version"));
}

/* "-ti", "-fa@x", "-it -f a@x": one or more letters in a word. */
static bool parse_letters(struct parser *p, const char *word)
{
	bool took_rest = false;

	if (is_long_with_one_dash(p, word))
		return fail_letter(p, word);
	for (const char *at = word + 1; *at && !took_rest && !p->is_done;
		at++) {
		const struct option_row *row =
			find_row(p, letters, COUNT(letters), span_make(at, 1));

		p->option = arena_printf(p->arena, "-%c", *at);
		if (!row)
			return fail_letter(p, word);
		p->is_attached = at[1] != '\0';
		if (!check_place(p, row) ||
			!take_letter(p, row, at + 1, &took_rest))
			return false;
	}
	return true;
}

/* ---- long options -------------------------------------------------------- */

static bool refuse_secret(struct parser *p)
{
	return fail(p, DIAG_USAGE_OPTION_REFUSED,
		DIAG_WORDS N_(
			"everybody can read a command line; use passwordeval, "
			"or the variable MAILCHUTE_PASSWORD"),
		NULL);
}

static const char *dashed(const char *keyword, struct arena *arena)
{
	char *name = arena_strdup(arena, keyword);

	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

const char *argv_spelling(const char *keyword, struct arena *arena)
{
	return arena_printf(arena, "--%s", dashed(keyword, arena));
}

/* The long options of those rows, and the keywords as such. */
static void consider_longs(struct text_nearest *nearest, unsigned manner,
	bool is_common_only, struct arena *arena)
{
	for (size_t i = 0; i < COUNT(longs); i++)
		if (longs[i].manners & 1u << manner &&
			(!is_common_only || is_common(&longs[i])))
			text_consider(nearest, longs[i].name);
	for (int id = 0; id < OPTION_COUNT; id++)
		if ((enum option_id)id != OPTION_from)
			text_consider(nearest,
				dashed(option_keyword((enum option_id)id),
					arena));
}

void argv_consider_common(struct text_nearest *nearest, struct arena *arena)
{
	consider_longs(nearest, ARGV_MAILCHUTE, true, arena);
}

bool argv_is_unknown(const struct diag *why)
{
	return why->id == DIAG_USAGE_UNKNOWN_OPTION ||
	       why->id == DIAG_USAGE_DID_YOU_MEAN ||
	       why->id == DIAG_USAGE_NO_OPTION;
}

/* What --NAME, which is not ours, may have meant: another program's, or near
 * to one of ours. */
static const char *find_meant(const struct parser *p, struct span name)
{
	const char *ours = habit_find("", span_of(p->option));
	struct text_nearest nearest = { .word = name,
		.name = option_foreign(name) };

	if (ours)
		return ours;
	if (!nearest.name)
		consider_longs(&nearest, p->out->manner, false, p->arena);
	return nearest.name ? argv_spelling(nearest.name, p->arena) : NULL;
}

/* WHY no setting is called NAME. */
static bool fail_unknown(
	struct parser *p, struct span name, const struct diag *why)
{
	const char *meant = argv_is_unknown(why) ? find_meant(p, name) : NULL;
	enum option_id id =
		meant ? option_find(span_of(meant + 2)) : OPTION_COUNT;

	if (id != OPTION_COUNT && option_flags(id) & OPTION_NOT_ON_COMMAND_LINE)
		return refuse_secret(p);
	if (meant)
		return fail(p, DIAG_USAGE_DID_YOU_MEAN, meant, NULL);
	if (p->why)
		*p->why = *why;
	return false;
}

static bool parse_keyword(struct parser *p, struct span name, const char *value)
{
	static const struct origin origin = { ORIGIN_COMMAND_LINE, NULL, 0 };
	struct diag unknown = { .id = DIAG_NONE };
	enum option_id id = option_resolve(name, &value, origin, &unknown);
	bool is_direct = option_find(name) != OPTION_COUNT;

	if (id == OPTION_COUNT)
		return fail_unknown(p, name, &unknown);
	if (option_flags(id) & OPTION_NOT_ON_COMMAND_LINE)
		return refuse_secret(p);
	if (!value && is_direct && !(option_flags(id) & OPTION_ALONE) &&
		!next_word(p, &value))
		return false;
	if (value && text_has_pin(span_of(value)))
		return refuse_secret(p);
	return add_setting(p, id, value);
}

static bool take_long(
	struct parser *p, const struct option_row *row, const char *value)
{
	if (row->form == NONE && value)
		return fail(p, DIAG_USAGE_UNWANTED_VALUE, NULL, NULL);
	if (row->form == VALUE && !value && !next_word(p, &value))
		return false;
	p->reason = row->text;
	return row->act(p, row->form == NONE ? "" : value);
}

/* ---- msmtp's abbreviations ----------------------------------------------- */

static void consider(struct span prefix, const char *candidate,
	struct arena *arena, const char **found, size_t *matches)
{
	const char *name = dashed(candidate, arena);

	if (!span_starts_with(span_of(name), prefix))
		return;
	/* An exact match is no abbreviation. */
	*matches = strlen(name) == prefix.length ? 1 : *matches + 1;
	*found = name;
}

/* A unique beginning of a long option counts as the whole, as getopt_long(3)
 * has it. */
static struct span complete_name(const struct parser *p, struct span prefix)
{
	const char *found = NULL, *keyword;
	size_t matches = 0;

	if (option_find(prefix) != OPTION_COUNT ||
		find_row(p, longs, COUNT(longs), prefix))
		return prefix;
	for (int id = 0; id < OPTION_COUNT; id++)
		if ((enum option_id)id != OPTION_from)
			consider(prefix, option_keyword((enum option_id)id),
				p->arena, &found, &matches);
	for (size_t i = 0; (keyword = option_old_spelling(i)); i++)
		consider(prefix, keyword, p->arena, &found, &matches);
	for (size_t i = 0; i < COUNT(longs); i++)
		if (longs[i].manners & MSMTP)
			consider(prefix, longs[i].name, p->arena, &found,
				&matches);
	return matches == 1 ? span_of(found) : prefix;
}

static bool parse_long(struct parser *p, const char *word)
{
	struct span name = span_of(word + 2);
	const char *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : NULL;
	const struct option_row *row;

	name.length = equals ? (size_t)(equals - name.at) : name.length;
	p->option = arena_printf(p->arena, "--%.*s", (int)name.length, name.at);
	if (p->out->manner == ARGV_MSMTP)
		name = complete_name(p, name);
	row = find_row(p, longs, COUNT(longs), name);
	if (row)
		return check_place(p, row) && take_long(p, row, value);
	if (p->out->manner == ARGV_SENDMAIL)
		return fail(p,
			option_may_be_said(name) ? DIAG_USAGE_UNKNOWN_OPTION
						 : DIAG_USAGE_NO_OPTION,
			NULL, NULL);
	return parse_keyword(p, name, value);
}

/* ---- words --------------------------------------------------------------- */

/* "@" makes an address; so do a UUCP path's "!", what an alias file has, and a
 * blank, which no verb has.
 * The two names that every system has are local_to's. */
static bool may_be_address(const char *word)
{
	return word[strcspn(word, "@!|/:,<\"\\ ")] || !strcmp(word, "root") ||
	       !strcmp(word, "postmaster");
}

/* What seems to be the first word may be the value of another program's option,
 * and a password: "-ap PASSWORD". */
static bool check_word_before(struct parser *p)
{
	const char *before = p->at > 2 ? p->words[p->at - 2] : "";
	const char *ours =
		*before == '-' ? habit_find("", span_of(before)) : NULL;

	p->option = before;
	return !ours || fail(p, DIAG_USAGE_DID_YOU_MEAN, ours, NULL);
}

/* What pages and word processors make of '-': U+2010 to U+2015, U+2212. */
static bool has_other_dash(const char *word)
{
	return (!strncmp(word, "\xE2\x80", 2) &&
		       (unsigned char)word[2] >= 0x90 &&
		       (unsigned char)word[2] <= 0x95) ||
	       !strncmp(word, "\xE2\x88\x92", 3);
}

/* A first word that is neither a verb nor an address was meant to be a verb;
 * behind a sendmail's letter only if it looks like one. */
static bool check_first_word(struct parser *p, const char *word)
{
	struct text_nearest nearest = { .word = span_of(word) };

	if (!*word)
		return diag_set(p->why, DIAG_USAGE_EMPTY_WORD);
	if (has_other_dash(word))
		return diag_set(p->why, DIAG_USAGE_DASH, word);
	if (strstr(word, "://"))
		return diag_set(p->why, DIAG_USAGE_URL);
	if (may_be_address(word))
		return true;
	if (!check_word_before(p))
		return false;
	nearest.name = habit_find("", nearest.word);
	if (nearest.name)
		return diag_set(
			p->why, DIAG_USAGE_VERB_NEAR, word, nearest.name);
	for (const char *const *verb = p->verbs; *verb; verb++)
		text_consider(&nearest, *verb);
	text_consider(&nearest, "sendmail");
	if (!nearest.name)
		nearest.name = habit_nearest("", nearest.word);
	if (nearest.name)
		return diag_set(
			p->why, DIAG_USAGE_VERB_NEAR, word, nearest.name);
	return p->letter_option || diag_set(p->why, DIAG_USAGE_VERB, word);
}

static bool is_verb(const struct parser *p, const char *word)
{
	for (const char *const *verb = p->verbs; verb && *verb; verb++)
		if (strcmp(word, *verb) == 0)
			return true;
	return false;
}

/* What follows is a verb's, or an untrusted caller's behind the fence. */
static bool begin_verb(struct parser *p, const char *verb, bool is_fence)
{
	/* nodemailer puts its -i in front: those letters say nothing that a
	 * stranger may not say. */
	if (is_fence) {
		p->out->manner = ARGV_SENDMAIL;
		p->out->is_fenced = true;
		return true;
	}
	if (p->letter_option)
		return diag_set(
			p->why, DIAG_USAGE_CONFLICT, p->letter_option, verb);
	p->out->mode = REQUEST_VERB;
	p->out->verb = verb;
	p->no_more_options = true;
	p->verbs = NULL;
	return true;
}

static bool parse_operand(struct parser *p, const char *word)
{
	bool may_be_verb = p->out->manner == ARGV_MAILCHUTE &&
			   !p->has_operand && !p->no_more_options &&
			   p->out->mode != REQUEST_VERB && p->verbs;

	if (may_be_verb && strcmp(word, "sendmail") == 0)
		return begin_verb(p, word, true);
	if (may_be_verb && is_verb(p, word))
		return begin_verb(p, word, false);
	if (may_be_verb && !check_first_word(p, word))
		return false;
	p->has_operand = true;
	p->operands[p->out->operand_count++] = word;
	return true;
}

/* A word without what may be its value: a password, for some programs. */
static const char *option_name(const struct parser *p, const char *word)
{
	struct span name = span_of(word);

	if (word[1] == '-')
		name.length = span_find(name, '=');
	else
		name.length = 2;
	return arena_strndup(p->arena, name.at, name.length);
}

static bool parse_word(struct parser *p, const char *word)
{
	if (p->no_more_options || word[0] != '-' || !word[1])
		return parse_operand(p, word);
	if (strcmp(word, "--") == 0) {
		p->no_more_options = true;
		return true;
	}
	/* After an address sendmail takes an option for an address, and others
	 * take it for an option: neither guess is safe. */
	if (p->has_operand && p->out->manner == ARGV_SENDMAIL) {
		p->option = option_name(p, word);
		return fail(p, DIAG_USAGE_OPTION_AFTER_ADDRESS, NULL, NULL);
	}
	return word[1] == '-' ? parse_long(p, word) : parse_letters(p, word);
}

static bool parse_words(struct parser *p)
{
	struct request *out = p->out;
	struct request_setting *settings = arena_alloc(p->arena,
		(out->setting_count + p->count + 1) * sizeof *settings);

	/* No word makes more than one setting or operand. */
	if (out->setting_count)
		memcpy(settings, out->settings,
			out->setting_count * sizeof *settings);
	out->settings = settings;
	p->operands =
		arena_alloc(p->arena, (p->count + 1) * sizeof *p->operands);
	out->operands = p->operands;
	out->operand_count = 0;
	while (p->at < p->count && !p->is_done)
		if (!parse_word(p, p->words[p->at++]))
			return false;
	return true;
}

/* ---- the name we are called by ------------------------------------------- */

struct name {
	const char *name;
	enum argv_manner manner;
	enum request_mode mode;
};

static const struct name names[] = {
	{ "sendmail", ARGV_SENDMAIL, REQUEST_SUBMIT },
	{ "send-mail", ARGV_SENDMAIL, REQUEST_SUBMIT },
	{ "mailq", ARGV_SENDMAIL, REQUEST_LIST_QUEUE },
	{ "newaliases", ARGV_SENDMAIL, REQUEST_ALIASES },
	{ "runq", ARGV_SENDMAIL, REQUEST_RUN_QUEUE },
	{ "msmtp", ARGV_MSMTP, REQUEST_SUBMIT },
};

/* "sendmail.mailchute", as alternatives systems name it, is a sendmail. */
static void set_manner(struct request *out, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct span name = span_of(slash ? slash + 1 : path);

	name.length = span_find(name, '.');
	for (size_t i = 0; i < COUNT(names); i++)
		if (span_equal(name, span_of(names[i].name))) {
			out->manner = names[i].manner;
			out->mode = names[i].mode;
		}
}

/* What says that a message is coming; also among the words behind a --help,
 * which are not looked at otherwise. */
static const char *message_option(const struct parser *p)
{
	static const char *const words[] = { "-t", "-i", "-ti", "-it", "-oi" };
	const struct request *out = p->out;

	for (size_t at = p->at; at < p->count; at++)
		for (size_t i = 0; i < COUNT(words); i++)
			if (strcmp(p->words[at], words[i]) == 0)
				return words[i];
	return out->read_recipients ? "-t"
	       : out->ignore_dot    ? "-i"
	       : out->operand_count ? out->operands[0]
	       : p->had_smtp        ? "-bs"
				    : NULL;
}

/* "-t -i -bp": what lists a queue takes no message, and to end well without it
 * would lose it (PHP's mail() would say true).  --help among a person's words
 * is a question. */
static bool check_mode(const struct parser *p)
{
	const struct request *out = p->out;
	bool takes_none = out->mode == REQUEST_LIST_QUEUE ||
			  out->mode == REQUEST_ALIASES ||
			  out->mode == REQUEST_RUN_QUEUE ||
			  out->mode == REQUEST_NOTHING ||
			  (out->manner == ARGV_SENDMAIL &&
				  (out->mode == REQUEST_HELP ||
					  out->mode == REQUEST_VERSION));
	const char *other =
		takes_none && p->mode_option ? message_option(p) : NULL;

	return !other ||
	       diag_set(p->why, DIAG_USAGE_CONFLICT, p->mode_option, other);
}

static bool check_request(const struct parser *p)
{
	if (!check_mode(p))
		return false;
	return !p->out->read_sender || !p->out->has_sender ||
	       diag_set(p->why, DIAG_USAGE_CONFLICT, "--read-envelope-from",
		       "-f");
}

bool argv_parse(int argc, char *const *argv, const char *const *verbs,
	struct arena *arena, struct request *out, struct diag *why)
{
	static const char *const no_verbs[] = { NULL };
	struct parser parser = { .words = argv,
		.count = argc > 0 ? (size_t)argc : 0,
		.at = 1,
		.arena = arena,
		.out = out,
		.verbs = verbs ? verbs : no_verbs,
		.option = "",
		.why = why };

	*out = (struct request){ .words = argv,
		.word_count = parser.count,
		.manner = ARGV_MAILCHUTE,
		.mode = REQUEST_SUBMIT };
	if (argc > 0)
		set_manner(out, argv[0]);
	return parse_words(&parser) && check_request(&parser);
}

bool argv_take_common(struct request *request, const char *const *words,
	size_t count, struct arena *arena, size_t *taken, struct diag *why)
{
	struct parser parser = { .count = count,
		.at = 1,
		.arena = arena,
		.out = request,
		.option = "",
		.why = why };
	struct request_setting *settings = arena_alloc(
		arena, (request->setting_count + 1) * sizeof *settings);
	char **copies = arena_alloc(arena, (count + 1) * sizeof *copies);

	if (request->setting_count)
		memcpy(settings, request->settings,
			request->setting_count * sizeof *settings);
	request->settings = settings;
	/* An option has one value at most. */
	for (size_t i = 0; i < count && i < 2; i++)
		copies[i] = arena_strdup(arena, words[i]);
	parser.words = copies;
	if (!(words[0][1] == '-' ? parse_long(&parser, words[0])
				 : parse_letters(&parser, words[0])))
		return false;
	*taken = parser.at;
	return true;
}

/* ---- for the manual ------------------------------------------------------ */

static const char *form_text(enum form form)
{
	switch (form) {
	case NONE:
		return "";
	case VALUE:
	case ATTACHED:
		return "VALUE";
	case OPTIONAL:
		return "[VALUE]";
	}
	return "";
}

static void describe(struct argv_letter *out,
	bool (*act)(struct parser *p, const char *value), const char *text)
{
	out->text = text;
	out->is_ignored = act == act_ignore;
	out->is_refused = act == act_REFUSE;
}

bool argv_letter(size_t index, struct argv_letter *out)
{
	if (index >= COUNT(letters))
		return false;
	out->letter = letters[index].name[0];
	out->form = form_text(letters[index].form);
	out->manners = letters[index].manners;
	describe(out, letters[index].act, letters[index].text);
	return true;
}

bool argv_mode(size_t index, struct argv_letter *out)
{
	if (index >= COUNT(modes))
		return false;
	out->letter = modes[index].letter;
	out->form = "";
	out->manners = ALL;
	describe(out, modes[index].act, modes[index].text);
	return true;
}

const char *argv_long_option(size_t index, const char **form, const char **text)
{
	if (index >= COUNT(longs))
		return NULL;
	*form = form_text(longs[index].form);
	*text = longs[index].text;
	return longs[index].name;
}

bool argv_names_host(const struct request *request)
{
	for (size_t i = 0; i < request->setting_count; i++)
		if (request->settings[i].id == OPTION_host)
			return true;
	return false;
}
