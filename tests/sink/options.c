/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of the sink, as a table. */
#include <config.h>

#include "sink.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum kind { FLAG, TEXT, NUMBER, LIST };

static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *value, *help;
} rows[] = {
#define ROW(name, kind, field, value, help)                                    \
	{                                                                      \
		name, kind, offsetof(struct sink_options, field), value, help  \
	}
	ROW("starttls", TEXT, starttls_port, "PORT",
		"listen for STARTTLS; 0 takes a free port"),
	ROW("implicit", TEXT, implicit_port, "PORT",
		"listen for TLS from the first byte"),
	ROW("clear", TEXT, clear_port, "PORT", "listen without any TLS"),
	ROW("address", TEXT, address, "ADDRESS",
		"a loopback address (default: 127.0.0.1)"),
	ROW("port-file", TEXT, port_file, "FILE",
		"written when ready: starttls_port=N, implicit_port=N, "
		"clear_port=N"),
	ROW("certs", TEXT, certs_folder, "DIR",
		"write ca.pem, the CA to trust, to this folder"),
	ROW("maildir", TEXT, maildir, "DIR",
		"deliver to DIR/N.eml (the bytes as they came) and "
		"DIR/N.envelope"),
	ROW("transcript", TEXT, transcript, "FILE",
		"append the dialogue, secrets hidden"),
	ROW("host-name", TEXT, host_name, "NAME",
		"in greeting and certificate (default: localhost)"),
	ROW("max-connections", NUMBER, max_connections, "N",
		"end after that many connections"),
	ROW("lifetime", NUMBER, lifetime_s, "SECONDS",
		"end after that time in any case (default: 600)"),

	ROW("user", LIST, users, "NAME:PASSWORD",
		"a login; with one, MAIL wants authentication"),
	ROW("tokens", TEXT, tokens, "FILE",
		"its lines are NAME:TOKEN, good as long as they stand there"),
	ROW("metadata", TEXT, metadata, "URL",
		"what a refused token is told of the issuer"),
	ROW("mechanisms", TEXT, mechanisms, "LIST",
		"offered, in one word list (default: all that it has)"),
	ROW("auth-optional", FLAG, auth_optional, NULL,
		"offer authentication, but do not want it"),
	ROW("auth-in-clear", FLAG, auth_in_clear, NULL,
		"offer it without TLS, too"),

	ROW("cert", TEXT, certificate, "KIND",
		"good, expired, future, wrong-name, self-signed, other-ca, "
		"cn-only, client-only or weak"),
	ROW("cert-name", LIST, names, "NAME",
		"a further name or address in the certificate"),
	ROW("ask-cert", FLAG, ask_certificate, NULL,
		"ask the client for a certificate"),
	ROW("demand-cert", FLAG, demand_certificate, NULL,
		"want one, and one that the sink's CA has signed"),
	ROW("tls-priorities", TEXT, tls_priorities, "STRING",
		"as GnuTLS writes them"),

	ROW("no-pipelining", FLAG, no_pipelining, NULL, "do not offer it"),
	ROW("no-size", FLAG, no_size, NULL, "do not offer it"),
	ROW("no-8bitmime", FLAG, no_8bitmime, NULL, "do not offer it"),
	ROW("no-smtputf8", FLAG, no_smtputf8, NULL, "do not offer it"),
	ROW("no-starttls", FLAG, no_starttls, NULL, "do not offer it"),
	ROW("dsn", FLAG, dsn, NULL, "offer DSN"),
	ROW("chunking", FLAG, chunking, NULL, "offer CHUNKING"),
	ROW("strict", FLAG, strict, NULL,
		"hang up on a client that sends ahead where RFC 2920 forbids "
		"it; VERB is then the first of a group"),
	ROW("size", NUMBER, size, "BYTES", "the largest message"),
	ROW("hide", LIST, hidden, "KEYWORD",
		"leave this line out of the reply to EHLO"),
	ROW("announce", LIST, announced, "TEXT",
		"add a line to the reply to EHLO"),

	ROW("refuse-rcpt", LIST, refused_rcpt, "ADDRESS[=CODE TEXT]",
		"refuse this recipient; * is every one"),
	ROW("refuse-parameters", TEXT, refuse_parameters, "CODE TEXT",
		"the reply to MAIL and RCPT with any"),
	ROW("mail-max", NUMBER, mail_max, "N",
		"421 to every MAIL after as many in a session"),
	ROW("rcpt-max", NUMBER, rcpt_max, "N",
		"452 to every RCPT after as many in a transaction"),
	ROW("lose-ahead", FLAG, lose_ahead, NULL,
		"RCPT, DATA and BDAT that were sent ahead get 503"),
	ROW("refuse-mail", TEXT, refuse_mail, "CODE TEXT", "the reply to MAIL"),
	ROW("refuse-data", TEXT, refuse_data, "CODE TEXT", "the reply to DATA"),
	ROW("refuse-dot", TEXT, refuse_dot, "CODE TEXT",
		"the reply to the end of the message"),
	ROW("auth-fail", TEXT, auth_fail, "CODE TEXT",
		"the reply to every authentication"),

	ROW("script", TEXT, script, "FILE",
		"what to do when: tests/sink/README; read anew for each "
		"connection"),
	ROW("greeting", TEXT, greeting, "TEXT", "the greeting, a whole line"),
	ROW("inject-after-starttls", TEXT, inject, "TEXT",
		"sent in clear behind the 220; escapes as in C"),
	ROW("bad-reply", LIST, bad_replies, "VERB=TEXT",
		"answer VERB with these bytes; escapes as in C"),
	ROW("delay-ms", LIST, delays, "VERB=N", "wait before the reply"),
	ROW("hang", LIST, hangs, "VERB", "never answer"),
	ROW("drop", LIST, drops, "VERB", "close instead of the reply"),
	ROW("close-after", LIST, closes, "VERB", "close after the reply"),
	ROW("no-initial-response", FLAG, no_initial_response, NULL,
		"501 to AUTH with one"),
	ROW("scram-iterations", NUMBER, scram_iterations, "N",
		"what SCRAM asks for"),
	ROW("scram-forge", FLAG, scram_forge, NULL,
		"give a wrong server signature"),
	ROW("scram-skip-final", FLAG, scram_skip_final, NULL,
		"say 235 without a server signature"),
#undef ROW
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static void print_help(void)
{
	puts("usage: sink [options]\n\n"
	     "A submission server for tests, on loopback.  Ends on SIGTERM.\n"
	     "VERB is CONNECT, EHLO, HELO, STARTTLS, AUTH, RESPONSE (to a\n"
	     "challenge), MAIL, RCPT, DATA, BODY, BDAT, DOT, RSET, NOOP or "
	     "QUIT.\n");
	for (size_t i = 0; i < ROW_COUNT; i++)
		printf("  --%s%s%s\n\t%s\n", rows[i].name,
			rows[i].value ? " " : "",
			rows[i].value ? rows[i].value : "", rows[i].help);
}

static const struct row *find(const char *word)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		size_t length = strlen(rows[i].name);

		if (!strncmp(word, rows[i].name, length) &&
			(word[length] == '\0' || word[length] == '='))
			return &rows[i];
	}
	return NULL;
}

static bool store(const struct row *row, const char *value, char *field)
{
	const char **text = (const char **)(void *)field;
	unsigned long *number = (unsigned long *)(void *)field;
	struct sink_list *list = (struct sink_list *)(void *)field;

	switch (row->kind) {
	case FLAG:
		*(bool *)(void *)field = true;
		return true;
	case TEXT:
		*text = value;
		return true;
	case NUMBER:
		return span_number(span_of(value), UINT32_MAX, number);
	case LIST:
		if (list->count == SINK_LIST_MAX)
			return false;
		list->items[list->count++] = value;
		return true;
	}
	return false;
}

/* Takes one option, and its value, off *ARGV. */
static bool read_option(struct sink_options *options, char ***argv)
{
	const char *word = *(*argv)++, *value = NULL;
	const struct row *row = NULL;

	if (word[0] == '-' && word[1] == '-')
		row = find(word + 2);
	if (!row) {
		fprintf(stderr, "sink: unknown option %s\n", word);
		return false;
	}
	if (word[2 + strlen(row->name)] == '=')
		value = word + 3 + strlen(row->name);
	else if (row->kind != FLAG)
		value = *(*argv) ? *(*argv)++ : NULL;
	if ((row->kind == FLAG) != !value ||
		!store(row, value, (char *)options + row->offset)) {
		fprintf(stderr, "sink: bad value for --%s\n", row->name);
		return false;
	}
	return true;
}

static bool check(const struct sink_options *options)
{
	if (!options->starttls_port && !options->implicit_port &&
		!options->clear_port) {
		fputs("sink: give --starttls, --implicit or --clear\n", stderr);
		return false;
	}
	for (size_t i = 0; i < options->users.count; i++)
		if (!strchr(options->users.items[i], ':')) {
			fputs("sink: --user wants NAME:PASSWORD\n", stderr);
			return false;
		}
	return true;
}

bool sink_options_read(
	struct sink_options *options, char **argv, int *exit_code)
{
	*options = (struct sink_options){ .address = "127.0.0.1",
		.host_name = "localhost",
		.lifetime_s = 600,
		.certificate = "good" };
	*exit_code = EX_USAGE;
	for (argv++; *argv;) {
		if (!strcmp(*argv, "--help")) {
			print_help();
			*exit_code = EX_OK;
			return false;
		}
		if (!read_option(options, &argv))
			return false;
	}
	return check(options);
}

bool sink_list_has(const struct sink_list *list, const char *verb)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_equal_nocase(span_of(list->items[i]), span_of(verb)))
			return true;
	return false;
}

const char *sink_list_value(const struct sink_list *list, const char *verb)
{
	for (size_t i = 0; i < list->count; i++) {
		struct span value = span_of(list->items[i]);
		struct span name = span_cut(&value, '=');

		if (span_equal_nocase(name, span_of(verb)) && value.at)
			return value.at;
	}
	return NULL;
}

static unsigned hex_value(char c)
{
	if (ascii_is_digit(c))
		return (unsigned)(c - '0');
	return (unsigned)(ascii_lower(c) - 'a' + 10);
}

void sink_put_unescaped(struct buf *out, const char *text)
{
	static const char letters[] = "rnte0\\\"", bytes[] = "\r\n\t\033\0\\\"";

	for (const char *p = text; *p; p++) {
		const char *letter =
			p[0] == '\\' && p[1] ? strchr(letters, p[1]) : NULL;

		if (letter) {
			buf_put_byte(out, bytes[letter - letters]);
			p++;
		} else if (p[0] == '\\' && p[1] == 'x' && p[2] && p[3]) {
			buf_put_byte(out,
				(char)(hex_value(p[2]) * 16 + hex_value(p[3])));
			p += 3;
		} else {
			buf_put_byte(out, *p);
		}
	}
}
