/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server's side of SMTP.  Knows no network, no files and no users; whether
 * an address is good and where a message goes is the caller's business.
 */
#include <config.h>

#include "smtp/reception.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"
#include "smtp/command.h"
#include "smtp/dotstuff.h"

#include <inttypes.h>
#include <limits.h>

enum {
	PIECE_LIMIT = 64 * 1024,
	INPUT_LIMIT = RECEPTION_RESPONSE_LIMIT + RECEPTION_FEED_LIMIT,
	/* Replies to all the commands that fit one feed. */
	OUTPUT_LIMIT = 4 * 1024 * 1024,
	REPLY_TEXT_LIMIT = 8 * 1024,
	NAME_LIMIT = 255
};

enum mode { MODE_COMMAND, MODE_RESPONSE, MODE_DATA, MODE_CHUNK };

struct transaction {
	bool has_sender, is_smtputf8, is_chunked, is_last_chunk, is_too_large;
	size_t recipients;
	uint64_t size;
};

struct reception {
	struct reception_params params;
	enum reception_event event;
	enum mode mode;
	struct buf input, output;
	struct buf line;     /* the command or response being worked on */
	struct buf data;     /* the piece of the message under DATA */
	struct buf response; /* decoded */
	struct span argument, parameters;
	bool has_response; /* also for the initial one */
	bool is_response;
	bool is_skipping; /* the rest of a line that was too long */
	bool is_esmtp, is_tls, has_quit;
	char client_name[NAME_LIMIT + 1];
	char *user;
	unsigned errors;
	struct transaction transaction;
	struct dotstuff dots;
	uint64_t chunk_left;
	bool is_data_over; /* the end of the message follows the piece */
};

/* ---- replies ------------------------------------------------------------- */

static void put_line(
	struct reception *reception, unsigned code, char mark, struct span text)
{
	buf_printf(&reception->output, "%03u%c", code, mark);
	for (size_t i = 0; i < text.length; i++)
		/* A caller's text cannot make a second line. */
		buf_put_byte(&reception->output,
			text.at[i] == '\r' || !text.at[i] ? '?' : text.at[i]);
	buf_puts(&reception->output, "\r\n");
}

static void reply(struct reception *reception, unsigned code, const char *text)
{
	struct span rest = span_of(text);

	if (rest.length > REPLY_TEXT_LIMIT)
		rest.length = REPLY_TEXT_LIMIT;
	while (span_find(rest, '\n') < rest.length)
		put_line(reception, code, '-', span_cut(&rest, '\n'));
	put_line(reception, code, ' ', rest);
}

static void shut(struct reception *reception)
{
	reception->event = RECEPTION_CLOSED;
	buf_wipe(&reception->input);
}

void reception_close(struct reception *reception, const char *text)
{
	if (reception->event == RECEPTION_CLOSED)
		return;
	reply(reception, 421, text);
	shut(reception);
}

/* A reply to a mistake of the client. */
static void complain(
	struct reception *reception, unsigned code, const char *text)
{
	reply(reception, code, text);
	if (++reception->errors >= RECEPTION_ERRORS_MAX)
		reception_close(reception, "4.7.0 too many errors");
}

static void forget_transaction(struct reception *reception)
{
	reception->transaction = (struct transaction){ 0 };
	reception->dots = (struct dotstuff){ 0 };
	reception->mode = MODE_COMMAND;
	buf_clear(&reception->data);
}

/* ---- what is offered ----------------------------------------------------- */

static bool takes_auth(const struct reception *reception)
{
	return reception->params.mechanisms &&
	       (reception->is_tls || !reception->params.auth_needs_tls);
}

static void reply_to_ehlo(struct reception *reception)
{
	const struct reception_params *params = &reception->params;
	struct buf text = BUF_INIT(REPLY_TEXT_LIMIT);

	buf_puts(&text, params->host_name);
	if (params->pipelining)
		buf_puts(&text, "\nPIPELINING");
	if (params->size_limit)
		buf_printf(&text, "\nSIZE %" PRIu64, params->size_limit);
	else
		buf_puts(&text, "\nSIZE");
	if (params->starttls && !reception->is_tls)
		buf_puts(&text, "\nSTARTTLS");
	if (takes_auth(reception))
		buf_printf(&text, "\nAUTH %s", params->mechanisms);
	if (params->eightbitmime)
		buf_puts(&text, "\n8BITMIME");
	if (params->smtputf8)
		buf_puts(&text, "\nSMTPUTF8");
	if (params->dsn)
		buf_puts(&text, "\nDSN");
	if (params->chunking)
		buf_puts(&text, "\nCHUNKING");
	buf_puts(&text, "\nENHANCEDSTATUSCODES");
	reply(reception, 250, buf_text(&text));
	buf_free(&text);
}

/* ---- commands without much to them --------------------------------------- */

static void hello(struct reception *reception, struct span name, bool is_esmtp)
{
	if (!name.length || name.length > NAME_LIMIT ||
		span_find(name, ' ') < name.length) {
		complain(reception, 501, "5.5.4 who are you?");
		return;
	}
	forget_transaction(reception);
	memcpy(reception->client_name, name.at, name.length);
	reception->client_name[name.length] = '\0';
	reception->is_esmtp = is_esmtp;
	if (is_esmtp)
		reply_to_ehlo(reception);
	else
		reply(reception, 250, reception->params.host_name);
}

static void on_ehlo(struct reception *reception, struct span rest)
{
	hello(reception, rest, true);
}

static void on_helo(struct reception *reception, struct span rest)
{
	hello(reception, rest, false);
}

static void on_rset(struct reception *reception, struct span rest)
{
	if (rest.length) {
		complain(reception, 501, "5.5.4 RSET takes nothing");
		return;
	}
	forget_transaction(reception);
	reply(reception, 250, "2.0.0 forgotten");
}

static void on_noop(struct reception *reception, struct span rest)
{
	(void)rest;
	reply(reception, 250, "2.0.0 nothing done");
}

static void on_vrfy(struct reception *reception, struct span rest)
{
	if (rest.length)
		reply(reception, 252, "2.5.0 send some mail, and see");
	else
		complain(reception, 501, "5.5.4 whom?");
}

static void on_help(struct reception *reception, struct span rest)
{
	(void)rest;
	reply(reception, 214, "2.0.0 see RFC 5321");
}

static void on_quit(struct reception *reception, struct span rest)
{
	if (rest.length) {
		complain(reception, 501, "5.5.4 QUIT takes nothing");
		return;
	}
	reception->has_quit = true;
	reply(reception, 221, "2.0.0 goodbye");
	shut(reception);
}

static void on_starttls(struct reception *reception, struct span rest)
{
	if (!reception->params.starttls || reception->is_tls) {
		complain(reception, 503, "5.5.1 there is no STARTTLS now");
	} else if (rest.length) {
		complain(reception, 501, "5.5.4 STARTTLS takes nothing");
	} else if (reception->input.length) {
		/* Whatever it is, it was not said by whom we will be talking
		 * to (RFC 3207 4.2). */
		reception_close(reception, "4.7.0 nothing may follow STARTTLS");
	} else {
		reply(reception, 220, "2.0.0 go ahead");
		reception->event = RECEPTION_TLS;
	}
}

void reception_tls_done(struct reception *reception)
{
	if (reception->event != RECEPTION_TLS)
		return;
	forget_transaction(reception);
	reception->is_tls = true;
	reception->is_esmtp = false;
	reception->client_name[0] = '\0';
	mem_free(reception->user);
	reception->user = NULL;
	reception->event = RECEPTION_BYTES;
}

/* ---- AUTH ---------------------------------------------------------------- */

/* Decodes into reception->response; "=" is the empty initial response. */
static bool decode(struct reception *reception, struct span text)
{
	buf_wipe(&reception->response);
	reception->has_response = true;
	return base64_decode(text, &reception->response);
}

static bool is_offered(const struct reception *reception, struct span mechanism)
{
	struct span rest = span_of(reception->params.mechanisms), word;

	while ((word = span_cut_word(&rest)).length)
		if (span_equal_nocase(word, mechanism))
			return true;
	return false;
}

static void begin_auth(
	struct reception *reception, struct span mechanism, struct span initial)
{
	reception->has_response = false;
	if (span_equal(initial, SPAN("=")))
		decode(reception, SPAN(""));
	else if (initial.length && !decode(reception, initial)) {
		complain(reception, 501, "5.5.2 that is not base 64");
		return;
	}
	/* Points into reception->line, which stays until the next command. */
	for (size_t i = 0; i < mechanism.length; i++) {
		char *letter = reception->line.data +
			       (mechanism.at - reception->line.data) + i;

		if (*letter >= 'a' && *letter <= 'z')
			*letter = (char)(*letter - 'a' + 'A');
	}
	reception->argument = mechanism;
	reception->is_response = false;
	reception->event = RECEPTION_AUTH;
}

static void on_auth(struct reception *reception, struct span rest)
{
	struct span mechanism = span_cut_word(&rest);
	struct span initial = span_trim(rest);

	if (!reception->params.mechanisms || !reception->is_esmtp)
		complain(reception, 503, "5.5.1 there is no AUTH");
	else if (!takes_auth(reception))
		complain(reception, 538, "5.7.11 not without TLS");
	else if (reception->user || reception->transaction.has_sender)
		complain(reception, 503, "5.5.1 not now");
	else if (!mechanism.length)
		complain(reception, 501, "5.5.4 with which mechanism?");
	else if (!is_offered(reception, mechanism))
		complain(reception, 504, "5.5.4 that mechanism is not offered");
	else
		begin_auth(reception, mechanism, initial);
}

static void on_response(struct reception *reception, struct span line)
{
	reception->mode = MODE_COMMAND;
	if (span_equal(line, SPAN("*"))) {
		complain(reception, 501, "5.7.0 cancelled");
	} else if (!decode(reception, line)) {
		complain(reception, 501, "5.5.2 that is not base 64");
	} else {
		reception->argument = buf_span(&reception->response);
		reception->is_response = true;
		reception->event = RECEPTION_AUTH;
	}
}

/* ---- MAIL and RCPT ------------------------------------------------------- */

/* Takes "<path>" off *REST: the path without brackets and source route (RFC
 * 5321 C: ignored).  A '>' in a quoted string does not end it. */
static bool cut_path(struct span *rest, struct span *path)
{
	bool is_quoted = false;
	size_t at = 1;

	*rest = span_trim(*rest);
	if (!rest->length || rest->at[0] != '<')
		return false;
	for (; at < rest->length; at++) {
		if (rest->at[at] == '"')
			is_quoted = !is_quoted;
		else if (rest->at[at] == '\\' && is_quoted)
			at++;
		else if (rest->at[at] == '>' && !is_quoted)
			break;
	}
	if (at >= rest->length)
		return false;
	*path = span_make(rest->at + 1, at - 1);
	*rest = span_skip(*rest, at + 1);
	if (path->length && path->at[0] == '@')
		span_cut(path, ':');
	return !rest->length || rest->at[0] == ' ';
}

static bool is_sound(struct span path, bool is_smtputf8)
{
	char *address = mem_strndup(path.at ? path.at : "", path.length);
	bool is_ok = !memchr(address, '\0', path.length) &&
		     command_address_check(address, is_smtputf8, NULL);

	mem_free(address);
	return is_ok;
}

/* RFC 1870 6.1.  False when a reply was given. */
static bool take_size(struct reception *reception, struct span digits)
{
	uint64_t limit = reception->params.size_limit;
	unsigned long size;

	if (!span_number(digits, ULONG_MAX, &size)) {
		complain(reception, 501, "5.5.4 that is no size");
		return false;
	}
	if (limit && size > limit) {
		reply(reception, 552, "5.3.4 too large");
		return false;
	}
	return true;
}

/* Whether a parameter of MAIL is one that was offered; the value of some
 * matters here. */
static bool take_mail_parameter(struct reception *reception, struct span word)
{
	const struct reception_params *params = &reception->params;
	struct span value = word, name = span_cut(&value, '=');

	if (span_equal_nocase(name, SPAN("SIZE")))
		return take_size(reception, value);
	if (params->eightbitmime && span_equal_nocase(name, SPAN("BODY")) &&
		(span_equal_nocase(value, SPAN("7BIT")) ||
			span_equal_nocase(value, SPAN("8BITMIME"))))
		return true;
	if (params->smtputf8 && span_equal_nocase(word, SPAN("SMTPUTF8"))) {
		reception->transaction.is_smtputf8 = true;
		return true;
	}
	if (params->dsn && value.length &&
		(span_equal_nocase(name, SPAN("RET")) ||
			span_equal_nocase(name, SPAN("ENVID"))))
		return true;
	if (params->mechanisms && value.length &&
		span_equal_nocase(name, SPAN("AUTH")))
		return true;
	complain(reception, 555, "5.5.4 that parameter was not offered");
	return false;
}

static bool take_rcpt_parameter(struct reception *reception, struct span word)
{
	struct span value = word, name = span_cut(&value, '=');

	if (reception->params.dsn && value.length &&
		(span_equal_nocase(name, SPAN("NOTIFY")) ||
			span_equal_nocase(name, SPAN("ORCPT"))))
		return true;
	complain(reception, 555, "5.5.4 that parameter was not offered");
	return false;
}

/* Takes KEYWORD, a path and parameters apart; false when a reply was given. */
static bool take_path(struct reception *reception, struct span rest,
	struct span keyword,
	bool (*take_parameter)(struct reception *, struct span))
{
	struct span words;

	if (!span_starts_with_nocase(rest, keyword)) {
		complain(reception, 501, "5.5.4 syntax error");
		return false;
	}
	rest = span_skip(rest, keyword.length);
	if (!cut_path(&rest, &reception->argument)) {
		complain(reception, 501, "5.5.4 syntax error in the address");
		return false;
	}
	reception->parameters = words = span_trim(rest);
	if (words.length && !reception->is_esmtp) {
		complain(reception, 555, "5.5.4 say EHLO first");
		return false;
	}
	while (words.length)
		if (!take_parameter(reception, span_cut_word(&words)))
			return false;
	if (is_sound(reception->argument, reception->transaction.is_smtputf8))
		return true;
	complain(reception, 553, "5.1.3 that is no address");
	return false;
}

static void on_mail(struct reception *reception, struct span rest)
{
	if (!reception->client_name[0]) {
		complain(reception, 503, "5.5.1 say EHLO first");
	} else if (reception->params.auth_required && !reception->user) {
		complain(reception, 530, "5.7.0 authenticate first");
	} else if (reception->transaction.has_sender) {
		complain(reception, 503, "5.5.1 there is a sender already");
	} else {
		reception->transaction.is_smtputf8 = false;
		if (take_path(reception, rest, SPAN("FROM:"),
			    take_mail_parameter))
			reception->event = RECEPTION_SENDER;
	}
}

static void on_rcpt(struct reception *reception, struct span rest)
{
	size_t limit = reception->params.recipient_limit;

	if (!reception->transaction.has_sender ||
		reception->transaction.is_chunked)
		complain(reception, 503, "5.5.1 not now");
	else if (limit && reception->transaction.recipients >= limit)
		reply(reception, 452, "4.5.3 too many recipients");
	else if (take_path(reception, rest, SPAN("TO:"), take_rcpt_parameter)) {
		if (reception->argument.length)
			reception->event = RECEPTION_RECIPIENT;
		else
			complain(reception, 501, "5.1.3 that is no address");
	}
}

/* ---- the message --------------------------------------------------------- */

/* Whether a message may begin; else a reply was given. */
static bool may_begin(struct reception *reception)
{
	if (reception->transaction.has_sender &&
		reception->transaction.recipients)
		return true;
	/* RFC 2920 3.1: a client that pipelines gets here when all recipients
	 * were refused; that is no error of its own. */
	if (reception->transaction.has_sender)
		reply(reception, 554, "5.5.1 no valid recipients");
	else
		complain(reception, 503, "5.5.1 not now");
	return false;
}

static void on_data(struct reception *reception, struct span rest)
{
	if (rest.length) {
		complain(reception, 501, "5.5.4 DATA takes nothing");
	} else if (reception->transaction.is_chunked) {
		complain(reception, 503, "5.5.1 go on with BDAT");
	} else if (may_begin(reception)) {
		reply(reception, 354, "go ahead, end with a dot");
		reception->mode = MODE_DATA;
	}
}

/* RFC 3030 2.  The chunk follows whatever the reply will be, so a BDAT whose
 * size cannot be read leaves no way to go on. */
static void on_bdat(struct reception *reception, struct span rest)
{
	struct span digits = span_cut_word(&rest);
	struct span last = span_cut_word(&rest);
	unsigned long size;

	if (!reception->params.chunking) {
		complain(reception, 502, "5.5.1 there is no BDAT");
	} else if (!span_number(digits, ULONG_MAX, &size) ||
		   (last.length && !span_equal_nocase(last, SPAN("LAST")))) {
		reply(reception, 501, "5.5.4 syntax error");
		reception_close(reception, "4.5.0 what follows is unclear");
	} else if (!may_begin(reception)) {
		reception_close(reception, "4.5.0 a chunk nobody waits for");
	} else {
		reception->transaction.is_chunked = true;
		reception->transaction.is_last_chunk = last.length != 0;
		reception->chunk_left = size;
		reception->mode = MODE_CHUNK;
	}
}

/* The data ends here: the caller decides, unless it was too much. */
static void end_message(struct reception *reception)
{
	reception->mode = MODE_COMMAND;
	reception->is_data_over = false;
	if (!reception->transaction.is_too_large) {
		reception->event = RECEPTION_END;
		return;
	}
	forget_transaction(reception);
	reply(reception, 552, "5.3.4 too large");
}

static void end_chunk(struct reception *reception)
{
	reception->is_data_over = false;
	reception->mode = MODE_COMMAND;
	if (reception->transaction.is_last_chunk)
		end_message(reception);
	else
		reply(reception, 250, "2.0.0 go on");
}

static void end_data(struct reception *reception)
{
	if (reception->mode == MODE_CHUNK)
		end_chunk(reception);
	else
		end_message(reception);
}

/* Drops the first LENGTH bytes of the input: a password may have been among
 * them. */
static void drop_input(struct reception *reception, size_t length)
{
	struct buf *input = &reception->input;

	buf_consume(input, length);
	if (length)
		secret_erase(input->data + input->length + 1, length - 1);
}

static void take_chunk_bytes(struct reception *reception)
{
	struct span piece = buf_span(&reception->input);

	if (piece.length > PIECE_LIMIT)
		piece.length = PIECE_LIMIT;
	if (piece.length > reception->chunk_left)
		piece.length = (size_t)reception->chunk_left;
	buf_put_span(&reception->data, piece);
	drop_input(reception, piece.length);
	reception->chunk_left -= piece.length;
	reception->is_data_over = !reception->chunk_left;
}

static void take_data_bytes(struct reception *reception)
{
	struct span rest = buf_span(&reception->input);
	size_t length = rest.length;

	reception->is_data_over = dotstuff_undo(
		&reception->dots, &rest, PIECE_LIMIT, &reception->data);
	drop_input(reception, length - rest.length);
}

/* One piece of the message.  What is too much is read on, to stay in step, but
 * not given to the caller. */
static bool take_data(struct reception *reception)
{
	struct transaction *transaction = &reception->transaction;
	uint64_t limit = reception->params.size_limit;

	if (!reception->input.length &&
		!(reception->mode == MODE_CHUNK && !reception->chunk_left))
		return false;
	buf_clear(&reception->data);
	if (reception->mode == MODE_CHUNK)
		take_chunk_bytes(reception);
	else
		take_data_bytes(reception);
	transaction->size += reception->data.length;
	if (limit && transaction->size > limit)
		transaction->is_too_large = true;
	if (transaction->is_too_large)
		buf_clear(&reception->data);
	if (reception->data.length) {
		reception->argument = buf_span(&reception->data);
		reception->event = RECEPTION_DATA;
	} else if (reception->is_data_over) {
		end_data(reception);
	}
	return true;
}

/* ---- the loop ------------------------------------------------------------ */

static const struct {
	const char *verb;
	void (*on)(struct reception *reception, struct span rest);
	bool ends_group; /* RFC 2920 3.1 */
} commands[] = {
	{ "EHLO", on_ehlo, true },
	{ "HELO", on_helo, true },
	{ "MAIL", on_mail, false },
	{ "RCPT", on_rcpt, false },
	{ "DATA", on_data, true },
	{ "BDAT", on_bdat, false },
	{ "RSET", on_rset, false },
	{ "NOOP", on_noop, true },
	{ "VRFY", on_vrfy, true },
	{ "HELP", on_help, true },
	{ "QUIT", on_quit, true },
	{ "STARTTLS", on_starttls, true },
	{ "AUTH", on_auth, false },
};

/* Whether the client had no right to send more behind this command. */
static bool is_ahead(const struct reception *reception, bool ends_group)
{
	return reception->params.is_strict && reception->input.length &&
	       (ends_group || !reception->params.pipelining ||
		       !reception->is_esmtp);
}

static void on_command(struct reception *reception, struct span line)
{
	struct span rest = line, verb = span_cut_word(&rest);

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (!span_equal_nocase(verb, span_of(commands[i].verb)))
			continue;
		if (is_ahead(reception, commands[i].ends_group) &&
			commands[i].on != on_bdat)
			reception_close(
				reception, "4.5.0 you were to wait for me");
		else
			commands[i].on(reception, span_trim(rest));
		return;
	}
	complain(reception, 500, "5.5.1 what?");
}

/* Takes a line off the input into reception->line; false when there is none
 * yet.  A line that is too long is skipped to its end. */
static bool cut_line(struct reception *reception, bool *is_good)
{
	size_t limit = reception->mode == MODE_RESPONSE
			       ? RECEPTION_RESPONSE_LIMIT
			       : RECEPTION_LINE_LIMIT;
	struct span input = buf_span(&reception->input);
	size_t length = span_find(input, '\n');
	bool is_whole = length < input.length;

	if (!is_whole && length < limit)
		return false;
	*is_good = is_whole && length < limit && !reception->is_skipping;
	buf_wipe(&reception->line);
	if (*is_good)
		buf_put(&reception->line, input.at, length);
	drop_input(reception, is_whole ? length + 1 : length);
	if (!is_whole && reception->is_skipping)
		return false;
	if (is_whole && reception->is_skipping) {
		reception->is_skipping = false;
		return cut_line(reception, is_good);
	}
	reception->is_skipping = !is_whole;
	return true;
}

/* A line ends in CRLF and holds no other CR and no NUL (RFC 5321 2.3.8). */
static bool strip_line_end(struct buf *line)
{
	struct span text = buf_span(line);

	if (!text.length || span_find(text, '\r') != text.length - 1 ||
		span_find(text, '\0') < text.length)
		return false;
	line->length--;
	line->data[line->length] = '\0';
	return true;
}

static bool take_line(struct reception *reception)
{
	bool is_good = false;

	if (!cut_line(reception, &is_good))
		return false;
	if (!is_good) {
		reception->mode = MODE_COMMAND;
		complain(reception, 500, "5.5.2 the line is too long");
	} else if (!strip_line_end(&reception->line)) {
		reception->mode = MODE_COMMAND;
		complain(reception, 500, "5.5.2 a line ends in CR LF");
	} else if (reception->mode == MODE_RESPONSE) {
		on_response(reception, buf_span(&reception->line));
	} else {
		on_command(reception, buf_span(&reception->line));
	}
	return true;
}

static void advance(struct reception *reception)
{
	bool is_moving = true;

	while (is_moving && reception->event == RECEPTION_BYTES)
		is_moving = reception->mode == MODE_DATA ||
					    reception->mode == MODE_CHUNK
				    ? take_data(reception)
				    : take_line(reception);
	if (reception->output.overflowed)
		shut(reception);
}

/* ---- the door ------------------------------------------------------------ */

struct reception *reception_new(const struct reception_params *params)
{
	struct reception *reception = mem_zalloc(sizeof *reception);
	struct buf greeting = BUF_INIT(REPLY_TEXT_LIMIT);

	reception->params = *params;
	reception->is_tls = params->is_tls;
	buf_init(&reception->input, INPUT_LIMIT);
	buf_init(&reception->output, OUTPUT_LIMIT);
	buf_init(&reception->line, RECEPTION_RESPONSE_LIMIT);
	buf_init(&reception->data, PIECE_LIMIT + 2);
	buf_init(&reception->response, RECEPTION_RESPONSE_LIMIT);
	buf_printf(&greeting, "%s ESMTP%s%s", params->host_name,
		params->banner ? " " : "",
		params->banner ? params->banner : "");
	reply(reception, 220, buf_text(&greeting));
	buf_free(&greeting);
	return reception;
}

void reception_free(struct reception *reception)
{
	if (!reception)
		return;
	buf_wipe_free(&reception->input);
	buf_wipe_free(&reception->output);
	buf_wipe_free(&reception->line);
	buf_wipe_free(&reception->response);
	buf_free(&reception->data);
	mem_free(reception->user);
	mem_free(reception);
}

enum reception_event reception_next(const struct reception *reception)
{
	return reception->event;
}

void reception_feed(struct reception *reception, struct span bytes)
{
	if (reception->event == RECEPTION_CLOSED)
		return;
	if (reception->event == RECEPTION_TLS)
		shut(reception);
	else if (!buf_put_span(&reception->input, bytes))
		reception_close(reception, "4.5.0 that is too much at once");
	else
		advance(reception);
}

struct span reception_output(const struct reception *reception)
{
	return buf_span(&reception->output);
}

void reception_sent(struct reception *reception, size_t length)
{
	if (length > reception->output.length)
		length = reception->output.length;
	buf_consume(&reception->output, length);
}

struct span reception_argument(const struct reception *reception)
{
	return reception->argument;
}

struct span reception_parameters(const struct reception *reception)
{
	return reception->parameters;
}

struct span reception_initial_response(const struct reception *reception)
{
	if (reception->is_response || !reception->has_response)
		return span_make(NULL, 0);
	return span_make(
		buf_text(&reception->response), reception->response.length);
}

bool reception_is_response(const struct reception *reception)
{
	return reception->is_response;
}

/* Back to reading. */
static void go_on(struct reception *reception)
{
	if (reception->event != RECEPTION_CLOSED)
		reception->event = RECEPTION_BYTES;
	advance(reception);
}

void reception_data_taken(struct reception *reception)
{
	if (reception->event != RECEPTION_DATA)
		return;
	reception->event = RECEPTION_BYTES;
	if (reception->is_data_over)
		end_data(reception);
	advance(reception);
}

static void note_answer(struct reception *reception, bool is_accepted)
{
	if (reception->event == RECEPTION_SENDER)
		reception->transaction.has_sender = is_accepted;
	else if (reception->event == RECEPTION_RECIPIENT)
		reception->transaction.recipients += is_accepted;
	else if (reception->event == RECEPTION_END)
		forget_transaction(reception);
	if (reception->event == RECEPTION_END && is_accepted)
		reception->errors = 0;
}

void reception_answer(
	struct reception *reception, unsigned code, const char *text)
{
	bool is_auth = reception->event == RECEPTION_AUTH;

	if (!is_auth && reception->event != RECEPTION_SENDER &&
		reception->event != RECEPTION_RECIPIENT &&
		reception->event != RECEPTION_END)
		return;
	buf_wipe(&reception->response);
	note_answer(reception, code / 100 == 2);
	if (code == 421) {
		reception_close(reception, text);
		return;
	}
	if (is_auth)
		complain(reception, code, text);
	else
		reply(reception, code, text);
	go_on(reception);
}

void reception_challenge(struct reception *reception, struct span challenge)
{
	struct buf line = BUF_INIT(RECEPTION_RESPONSE_LIMIT);

	if (reception->event != RECEPTION_AUTH)
		return;
	buf_wipe(&reception->response);
	if (reception->params.is_strict && reception->input.length) {
		reception_close(reception, "4.5.0 you were to wait for me");
		return;
	}
	base64_encode(challenge, &line);
	reply(reception, 334, buf_text(&line));
	buf_wipe_free(&line);
	reception->mode = MODE_RESPONSE;
	go_on(reception);
}

void reception_auth_done(
	struct reception *reception, bool is_accepted, const char *user)
{
	if (reception->event != RECEPTION_AUTH)
		return;
	if (!is_accepted) {
		reception_answer(reception, 535, "5.7.8 that is not right");
		return;
	}
	buf_wipe(&reception->response);
	mem_free(reception->user);
	reception->user = mem_strdup(user);
	reply(reception, 235, "2.7.0 welcome");
	go_on(reception);
}

bool reception_may_end(const struct reception *reception)
{
	return reception->has_quit ||
	       (reception->event != RECEPTION_CLOSED && !reception->errors &&
		       !reception->input.length &&
		       !reception->transaction.has_sender);
}

const char *reception_user(const struct reception *reception)
{
	return reception->user;
}

const char *reception_client_name(const struct reception *reception)
{
	return reception->client_name;
}

bool reception_is_esmtp(const struct reception *reception)
{
	return reception->is_esmtp;
}

bool reception_is_tls(const struct reception *reception)
{
	return reception->is_tls;
}
