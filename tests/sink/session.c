/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection to the sink: smtp/reception speaks, this decides, delivers,
 * and misbehaves where it was told to. */
#include <config.h>

#include "base/base64.h"
#include "base/mem.h"
#include "sink.h"
#include "smtp/reception.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SINK_INPUT_LIMIT = 1024 * 1024,
	SINK_ENVELOPE_LIMIT = 16 * 1024 * 1024,
	SINK_CHUNK_LIMIT = 1000000000,
	SINK_VERBS_MAX = 32,
	SINK_WAIT_MS = 5
};

struct session {
	const struct sink_session_params *params;
	const struct sink_options *options;
	struct sink_conn *conn;
	struct reception *reception;
	struct buf in, out;
	struct buf mechanisms;
	struct sink_sasl *sasl;
	char mechanism[64]; /* of the last exchange */
	struct buf envelope;
	FILE *message; /* the one that is coming in */
	char path[4096];
	FILE *transcript;
	char verb[SINK_VERB_BYTES]; /* what the next reply answers */
	const char *instead;        /* a reply to send in place of the next */
	bool is_challenged;         /* a response is next */
	bool is_data;               /* between 354 and the end of the message */
	unsigned long chunk_left;   /* bytes of BDAT that are still to come */
	bool is_chunk_dropped;      /* its reply has been given already */
	unsigned ahead;             /* commands that came with this one */
	unsigned long mails, rcpts; /* of the session, of the transaction */
	/* What the script may ask for, and the rule for what is going on. */
	struct sink_script *script;
	const struct sink_rule *rule;
	struct sink_event event;
	struct verb_count {
		char verb[SINK_VERB_BYTES];
		unsigned long count;
	} counts[SINK_VERBS_MAX];
	struct buf line, address, sender, recipients;
	struct buf base64, response; /* of the client's last AUTH line */
	struct buf held;             /* waits for the next answer */
	bool is_holding, is_swallowing;
	bool is_exchanging; /* reception waits for a response */
};

/* ---- transcript ---------------------------------------------------------- */

static void note(struct session *session, const char *who, struct span text)
{
	while (session->transcript && text.length) {
		struct span line = span_cut(&text, '\n');

		if (line.length && line.at[line.length - 1] == '\r')
			line.length--;
		fprintf(session->transcript, "%s %.*s\n", who, (int)line.length,
			line.at);
	}
	if (session->transcript)
		fflush(session->transcript);
}

/* Passwords are in AUTH's initial response, and in every response. */
static void note_command(struct session *session, struct span line)
{
	struct span rest = line;
	struct buf safe = BUF_INIT(1000);

	if (!strcmp(session->verb, "RESPONSE")) {
		note(session, "C:", SPAN("<hidden>"));
		return;
	}
	if (strcmp(session->verb, "AUTH")) {
		note(session, "C:", line);
		return;
	}
	span_cut_word(&rest);
	buf_puts(&safe, "AUTH ");
	buf_put_span(&safe, span_trim(span_cut_word(&rest)));
	if (span_trim(rest).length)
		buf_puts(&safe, " <hidden>");
	note(session, "C:", buf_span(&safe));
	buf_free(&safe);
}

/* ---- the script ---------------------------------------------------------- */

static unsigned long count_verb(struct session *session, const char *verb)
{
	for (size_t i = 0; i < SINK_VERBS_MAX; i++) {
		struct verb_count *row = &session->counts[i];

		if (!row->verb[0])
			snprintf(row->verb, sizeof row->verb, "%s", verb);
		if (!strcmp(row->verb, verb))
			return ++row->count;
	}
	return 0;
}

/* What the script says about this, the next of its kind; NULL: nothing. */
static const struct sink_rule *find_rule(
	struct session *session, const char *verb)
{
	struct sink_event *event = &session->event;

	event->verb = verb;
	event->line = buf_text(&session->line);
	event->sender = buf_text(&session->sender);
	event->recipients = buf_text(strcmp(verb, "RCPT") ? &session->recipients
							  : &session->address);
	event->connection = session->params->number;
	event->nth = count_verb(session, verb);
	event->is_tls = sink_conn_is_tls(session->conn);
	return sink_script_find(
		session->script, event, &session->params->shared->fired);
}

/* What stands between < and >. */
static void read_address(struct session *session, struct span line)
{
	buf_clear(&session->address);
	span_cut(&line, '<');
	buf_put_span(&session->address, span_cut(&line, '>'));
}

/* A rule can ask for all that before reception has seen the command. */
static void remember_command(struct session *session, struct span line)
{
	struct span word = { "", 0 }, rest = span_trim(line);

	buf_clear(&session->line);
	buf_put_span(&session->line, rest);
	if (!strcmp(session->verb, "MAIL")) {
		read_address(session, rest);
		buf_clear(&session->sender);
		buf_put_span(&session->sender, buf_span(&session->address));
		buf_clear(&session->recipients);
		session->event.mail++;
		session->event.rcpt = session->event.size = 0;
	} else if (!strcmp(session->verb, "RCPT")) {
		read_address(session, rest);
		session->event.rcpt++;
	} else if (!strcmp(session->verb, "AUTH") ||
		   !strcmp(session->verb, "RESPONSE")) {
		while (rest.length)
			word = span_cut_word(&rest);
		buf_clear(&session->base64);
		buf_clear(&session->response);
		buf_put_span(&session->base64, span_trim(word));
		base64_decode(span_trim(word), &session->response);
	}
}

/* The secret in PLAIN, in LOGIN and in a bearer token. */
static struct span password_in(struct span response)
{
	struct span rest = response;

	while (span_find(rest, '\0') < rest.length)
		span_cut(&rest, '\0');
	if (rest.length < response.length)
		return rest;
	for (; rest.length; rest = span_skip(rest, 1))
		if (span_starts_with(rest, SPAN("Bearer "))) {
			rest = span_skip(rest, strlen("Bearer "));
			return span_cut(&rest, '\001');
		}
	return response;
}

static bool put_value(struct session *session, struct span name)
{
	const struct {
		const char *name;
		struct span value;
	} values[] = {
		{ "line", buf_span(&session->line) },
		{ "address", buf_span(&session->address) },
		{ "base64", buf_span(&session->base64) },
		{ "password", password_in(buf_span(&session->response)) },
	};

	if (span_equal(name, SPAN("connection")))
		return buf_printf(
			&session->out, "%lu", session->params->number);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (span_equal(name, span_of(values[i].name)))
			return buf_put_span(&session->out, values[i].value);
	return false;
}

/* TEXT with {line} and its like replaced. */
static void put_text(struct session *session, struct span text)
{
	while (text.length) {
		struct span rest = span_skip(text, 1);

		if (text.at[0] == '{' &&
			put_value(session, span_cut(&rest, '}'))) {
			text = rest;
			continue;
		}
		buf_put_byte(&session->out, text.at[0]);
		text = span_skip(text, 1);
	}
}

/* ---- replies ------------------------------------------------------------- */

static bool flush(struct session *session)
{
	bool ok = sink_conn_write(session->conn, buf_span(&session->out));

	buf_clear(&session->out);
	return ok;
}

static bool is_hidden(const struct session *session, struct span line)
{
	const struct sink_rule *rule = session->rule;
	struct span word = span_cut_word(&line);

	if (session->options->no_size && span_equal(word, SPAN("SIZE")))
		return true;
	for (size_t i = 0; rule && i < rule->count; i++)
		if (rule->actions[i].act == SINK_ACT_HIDE &&
			span_equal_nocase(word, rule->actions[i].text))
			return true;
	for (size_t i = 0; i < session->options->hidden.count; i++)
		if (span_equal_nocase(
			    word, span_of(session->options->hidden.items[i])))
			return true;
	return false;
}

/* One line more: *LAST goes out now that it is not the last. */
static void put_offer(
	struct session *session, struct span *last, struct span offer)
{
	buf_printf(&session->out, "250-%.*s\r\n", (int)last->length, last->at);
	*last = offer;
}

/* The reply to EHLO without what is hidden and with what is announced. */
static void put_ehlo(struct session *session, struct span reply)
{
	const struct sink_list *more = &session->options->announced;
	const struct sink_rule *rule = session->rule;
	struct span last = { "", 0 };

	while (reply.length) {
		struct span line = span_trim(span_cut(&reply, '\n'));

		if (is_hidden(session, span_skip(line, 4)))
			continue;
		if (last.length)
			put_offer(session, &last, span_skip(line, 4));
		last = span_skip(line, 4);
	}
	for (size_t i = 0; i < more->count; i++)
		put_offer(session, &last, span_of(more->items[i]));
	for (size_t i = 0; rule && i < rule->count; i++)
		if (rule->actions[i].act == SINK_ACT_OFFER)
			put_offer(session, &last, rule->actions[i].text);
	buf_printf(&session->out, "250 %.*s\r\n", (int)last.length, last.at);
}

static void put_reply(struct session *session, struct span reply)
{
	/* (For a command, take_command() has seen to it.) */
	const char *raw =
		strcmp(session->verb, "DOT")
			? NULL
			: sink_list_value(
				  &session->options->bad_replies, "DOT");

	if (raw)
		sink_put_unescaped(&session->out, raw);
	else if (session->instead)
		buf_printf(&session->out, "%s\r\n", session->instead);
	else if (!strcmp(session->verb, "EHLO") &&
		 span_starts_with(reply, SPAN("250")))
		put_ehlo(session, reply);
	else
		buf_put_span(&session->out, reply);
	if (!strcmp(session->verb, "STARTTLS") && session->options->inject &&
		span_starts_with(reply, SPAN("220")))
		sink_put_unescaped(&session->out, session->options->inject);
	session->instead = NULL;
}

/* What was asked for before a reply to this verb; false ends the session. */
static bool behave(struct session *session)
{
	const char *delay =
		sink_list_value(&session->options->delays, session->verb);

	if (delay) {
		if (!flush(session))
			return false;
		poll(NULL, 0, (int)strtol(delay, NULL, 10));
	}
	if (sink_list_has(&session->options->hangs, session->verb)) {
		flush(session);
		sink_conn_drain(session->conn);
		return false;
	}
	if (sink_list_has(&session->options->drops, session->verb)) {
		flush(session);
		return false;
	}
	return true;
}

static struct span last_line(struct span text)
{
	struct span line = { "", 0 };

	while (text.length)
		line = span_cut(&text, '\n');
	return line;
}

/* One byte at a time. */
static bool dribble(struct session *session, size_t before, int pause_ms)
{
	struct buf bytes = BUF_INIT(SINK_INPUT_LIMIT);
	bool ok;

	buf_put_span(&bytes, span_skip(buf_span(&session->out), before));
	session->out.length = before;
	ok = flush(session);
	for (size_t i = 0; ok && i < bytes.length; i++) {
		ok = sink_conn_write(
			session->conn, span_make(bytes.data + i, 1));
		poll(NULL, 0, pause_ms);
	}
	buf_free(&bytes);
	return ok;
}

/* What has been put behind BEFORE is said now, slowly, or later. */
static bool settle(struct session *session, size_t before)
{
	const struct sink_action *slow =
		sink_rule_action(session->rule, SINK_ACT_DRIBBLE);
	struct span said = span_skip(buf_span(&session->out), before);

	note(session, "S:", said);
	if (session->is_holding) {
		buf_put_span(&session->held, said);
		session->out.length = before;
		return true;
	}
	if (said.length && session->held.length) {
		buf_put_span(&session->out, buf_span(&session->held));
		buf_clear(&session->held);
	}
	return !slow || dribble(session, before, (int)slow->number);
}

/* Files of the script are in its folder. */
static const char *script_path(const struct session *session, struct span name,
	char *path, size_t size)
{
	const char *script = session->options->script;
	const char *slash = strrchr(script, '/');

	snprintf(path, size, "%.*s%.*s", slash ? (int)(slash - script) + 1 : 0,
		script, (int)name.length, name.at);
	return path;
}

static bool wait_for(struct session *session, const struct sink_action *action)
{
	char path[4096];

	script_path(session, action->text, path, sizeof path);
	if (!flush(session))
		return false;
	while (access(path, F_OK) < 0)
		poll(NULL, 0, SINK_WAIT_MS);
	return true;
}

static bool run(struct session *session, const struct sink_action *action)
{
	char folder[4096], command[8192];

	script_path(session, SPAN("."), folder, sizeof folder);
	snprintf(command, sizeof command, "cd '%s' && %.*s", folder,
		(int)action->text.length, action->text.at);
	if (!flush(session))
		return false;
	if (system(command) != 0)
		fprintf(stderr, "sink: failed: %s\n", command);
	return true;
}

static void touch(struct session *session, struct span name)
{
	char path[4096];
	FILE *file = fopen(script_path(session, name, path, sizeof path), "a");

	if (file)
		fclose(file);
}

/* Says what the action says; false at the end of the connection. */
static bool perform(struct session *session, const struct sink_action *action,
	struct span normal)
{
	size_t before = session->out.length;

	switch (action->act) {
	case SINK_ACT_REPLY:
		put_text(session, action->text);
		buf_puts(&session->out, "\r\n");
		return settle(session, before);
	case SINK_ACT_BYTES:
		put_text(session, action->text);
		return settle(session, before);
	case SINK_ACT_PASS:
		if (normal.length)
			put_reply(session, normal);
		return settle(session, before);
	case SINK_ACT_HOLD:
		session->is_holding = true;
		return true;
	case SINK_ACT_DELAY:
		before = flush(session);
		poll(NULL, 0, (int)action->number);
		return before;
	case SINK_ACT_WAIT:
		return wait_for(session, action);
	case SINK_ACT_TOUCH:
		touch(session, action->text);
		return true;
	case SINK_ACT_RUN:
		return run(session, action);
	case SINK_ACT_CLOSE:
		flush(session);
		return false;
	case SINK_ACT_CUT:
	case SINK_ACT_RESET:
		flush(session);
		sink_conn_spoil(session->conn, action->act == SINK_ACT_RESET);
		return false;
	case SINK_ACT_STALL:
		flush(session);
		sink_conn_drain(session->conn);
		return false;
	case SINK_ACT_FREEZE:
		flush(session);
		pause();
		return false;
	case SINK_ACT_MUTE:
	case SINK_ACT_DRIBBLE:
	case SINK_ACT_ACCEPT:
	case SINK_ACT_REFUSE:
	case SINK_ACT_HIDE:
	case SINK_ACT_OFFER:
	case SINK_ACT_CERT:
	case SINK_ACT_PRIORITIES:
	case SINK_ACT_ASK:
	case SINK_ACT_DEMAND:
		return true;
	}
	return true;
}

/* Whether the normal answer comes by itself, behind the last action. */
static bool is_silent(const struct sink_rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		if (rule->actions[i].act <= SINK_ACT_MUTE)
			return false;
	return true;
}

/* Does what the rule says, with NORMAL as the answer without it. */
static bool follow(struct session *session, struct span normal)
{
	const struct sink_rule *rule = session->rule;
	bool ok = true;

	for (size_t i = 0; ok && i < rule->count; i++)
		ok = perform(session, &rule->actions[i], normal);
	if (ok && is_silent(rule))
		ok = perform(session,
			&(struct sink_action){ .act = SINK_ACT_PASS }, normal);
	session->rule = NULL;
	session->is_holding = false;
	session->instead = NULL;
	return ok;
}

/* Passes on what reception has to say, if anything. */
static bool answer(struct session *session)
{
	struct span reply = reception_output(session->reception);
	enum sink_verdict verdict = sink_rule_verdict(session->rule);
	size_t before = session->out.length;

	if (!reply.length)
		return true;
	session->is_data = span_starts_with(last_line(reply), SPAN("354"));
	session->is_challenged =
		span_starts_with(last_line(reply), SPAN("334"));
	session->is_exchanging = session->is_challenged;
	if (session->rule) {
		bool ok;

		session->is_challenged |= verdict == SINK_CHALLENGED;
		session->is_swallowing = !session->is_data &&
					 verdict == SINK_ACCEPTED &&
					 !strcmp(session->verb, "DATA");
		session->is_data |= session->is_swallowing;
		ok = follow(session, reply);
		reception_sent(session->reception, reply.length);
		return ok;
	}
	if (!behave(session))
		return false;
	before = before < session->out.length ? before : session->out.length;
	put_reply(session, reply);
	if (session->held.length) {
		buf_put_span(&session->out, buf_span(&session->held));
		buf_clear(&session->held);
	}
	note(session, "S:", span_skip(buf_span(&session->out), before));
	reception_sent(session->reception, reply.length);
	if (!sink_list_has(&session->options->closes, session->verb))
		return true;
	flush(session);
	return false;
}

/* ---- the message --------------------------------------------------------- */

static void drop_message(struct session *session)
{
	if (session->message) {
		fclose(session->message);
		unlink(session->path);
	}
	session->message = NULL;
}

/* A file that is renamed when the message is complete. */
static void keep(struct session *session, struct span piece)
{
	if (!session->options->maildir)
		return;
	if (!session->message) {
		snprintf(session->path, sizeof session->path, "%s/.%ld.tmp",
			session->options->maildir, (long)getpid());
		session->message = fopen(session->path, "wb");
	}
	if (session->message)
		fwrite(piece.at, 1, piece.length, session->message);
}

static void put_session(struct session *session, struct buf *out)
{
	const char *user = reception_user(session->reception);

	buf_printf(out, "helo %s\ntls ",
		reception_client_name(session->reception));
	sink_conn_describe(session->conn, out);
	buf_printf(out, "\nmechanism %s\nuser %s\n",
		user ? session->mechanism : "none", user ? user : "none");
}

static bool write_file(const char *path, const struct buf *text)
{
	FILE *file = fopen(path, "wb");

	return file && fwrite(text->data, 1, text->length, file) &&
	       fclose(file) == 0;
}

/* The envelope first: who waits for N.eml finds both. */
static bool deliver(struct session *session)
{
	struct buf text = BUF_INIT(SINK_ENVELOPE_LIMIT + 4096);
	char path[sizeof session->path + 40];
	unsigned number;
	bool ok;

	if (!session->options->maildir)
		return true;
	keep(session, SPAN(""));
	number = atomic_fetch_add(&session->params->shared->messages, 1) + 1;
	put_session(session, &text);
	buf_put_span(&text, buf_span(&session->envelope));
	snprintf(path, sizeof path, "%s/%u.envelope", session->options->maildir,
		number);
	ok = session->message && write_file(path, &text) &&
	     fclose(session->message) == 0;
	session->message = NULL;
	snprintf(path, sizeof path, "%s/%u.eml", session->options->maildir,
		number);
	ok = ok && rename(session->path, path) == 0;
	buf_free(&text);
	return ok;
}

static void on_end(struct session *session)
{
	const char *refusal = session->options->refuse_dot;

	snprintf(session->verb, sizeof session->verb, "DOT");
	session->is_data = false;
	session->instead = refusal;
	session->rule = find_rule(session, "DOT");
	if (refusal || sink_rule_verdict(session->rule) == SINK_REFUSED)
		reception_answer(session->reception, 550, "5.7.1 refused");
	else if (deliver(session))
		reception_answer(session->reception, 250, "2.0.0 delivered");
	else
		reception_answer(session->reception, 452, "4.3.1 no room");
	drop_message(session);
}

/* ---- the envelope -------------------------------------------------------- */

static void put_address(struct session *session, const char *key)
{
	struct span address = reception_argument(session->reception);
	struct span parameters = reception_parameters(session->reception);

	buf_printf(&session->envelope, "%s %.*s\n", key, (int)address.length,
		address.at);
	if (parameters.length)
		buf_printf(&session->envelope, "%s-parameters %.*s\n", key,
			(int)parameters.length, parameters.at);
}

static void on_sender(struct session *session)
{
	drop_message(session);
	buf_clear(&session->envelope);
	put_address(session, "from");
	session->instead = session->options->refuse_mail;
	session->rcpts = 0;
	if (session->options->mail_max &&
		++session->mails > session->options->mail_max)
		session->instead = "421 4.7.0 too many messages";
	if (reception_parameters(session->reception).length &&
		session->options->refuse_parameters)
		session->instead = session->options->refuse_parameters;
	if (sink_rule_verdict(session->rule) == SINK_ACCEPTED)
		session->instead = NULL;
	if (session->instead)
		reception_answer(session->reception, 550, "5.7.1 refused");
	else
		reception_answer(session->reception, 250, "2.1.0 fine");
}

/* The reply to a recipient who is to be refused, or NULL. */
static const char *refusal_of(
	const struct session *session, struct span address)
{
	const struct sink_list *list = &session->options->refused_rcpt;

	for (size_t i = 0; i < list->count; i++) {
		struct span text = span_of(list->items[i]);
		struct span name = span_cut(&text, '=');

		if (!span_equal(name, SPAN("*")) &&
			!span_equal_nocase(name, address))
			continue;
		return text.length ? text.at : "550 5.1.1 no such user";
	}
	return NULL;
}

static void on_recipient(struct session *session)
{
	session->instead =
		refusal_of(session, reception_argument(session->reception));
	if (reception_parameters(session->reception).length &&
		session->options->refuse_parameters)
		session->instead = session->options->refuse_parameters;
	if (!session->instead && session->options->rcpt_max &&
		++session->rcpts > session->options->rcpt_max)
		session->instead = "452 4.5.3 too many recipients";
	if (sink_rule_verdict(session->rule) == SINK_ACCEPTED)
		session->instead = NULL;
	if (session->instead) {
		reception_answer(session->reception, 550, "5.1.1 refused");
		return;
	}
	put_address(session, "to");
	buf_put_span(
		&session->recipients, reception_argument(session->reception));
	buf_puts(&session->recipients, "\n");
	reception_answer(session->reception, 250, "2.1.5 fine");
}

/* ---- authentication ------------------------------------------------------ */

static enum sink_sasl_result take_response(
	struct session *session, struct buf *challenge)
{
	struct span response = reception_argument(session->reception);
	bool has_response = reception_is_response(session->reception);

	if (!has_response) {
		snprintf(session->mechanism, sizeof session->mechanism, "%.*s",
			(int)response.length, response.at);
		sink_sasl_free(session->sasl);
		session->sasl = sink_sasl_new(
			session->mechanism, session->options, session->conn);
		response = reception_initial_response(session->reception);
		has_response = response.at != NULL;
		if (has_response && session->options->no_initial_response) {
			session->instead = "501 5.5.4 Syntax: AUTH mechanism";
			return SINK_SASL_REFUSED;
		}
	}
	if (!session->sasl)
		return SINK_SASL_REFUSED;
	return sink_sasl_step(
		session->sasl, has_response ? &response : NULL, challenge);
}

/* What the script wants of it: a rule for this line, or for every end of an
 * exchange. */
static enum sink_sasl_result overrule(
	struct session *session, enum sink_sasl_result result)
{
	enum sink_verdict verdict = sink_rule_verdict(session->rule);

	if (!session->rule && result != SINK_SASL_CHALLENGE) {
		session->rule = find_rule(session, "VERDICT");
		verdict = sink_rule_verdict(session->rule);
	}
	switch (verdict) {
	case SINK_AS_EVER:
		break;
	case SINK_CHALLENGED:
		return SINK_SASL_CHALLENGE;
	case SINK_ACCEPTED:
		return SINK_SASL_ACCEPTED;
	case SINK_REFUSED:
		return SINK_SASL_REFUSED;
	}
	return result;
}

static void on_auth(struct session *session)
{
	struct buf challenge = BUF_INIT(SINK_LINE_LIMIT);
	enum sink_sasl_result result =
		overrule(session, take_response(session, &challenge));

	if (result == SINK_SASL_CHALLENGE) {
		reception_challenge(session->reception, buf_span(&challenge));
	} else if (session->options->auth_fail || session->instead) {
		if (!session->instead)
			session->instead = session->options->auth_fail;
		reception_auth_done(session->reception, false, NULL);
	} else {
		reception_auth_done(session->reception,
			result == SINK_SASL_ACCEPTED,
			session->sasl ? sink_sasl_user(session->sasl)
				      : "nobody");
	}
	buf_wipe_free(&challenge);
}

/* ---- the dialogue -------------------------------------------------------- */

static bool start_tls(struct session *session)
{
	const struct sink_rule *rule = find_rule(session, "TLS");

	session->rule = rule;
	return (!rule || (follow(session, SPAN("")) && flush(session))) &&
	       sink_conn_start_tls(session->conn, session->params->tls, rule);
}

static bool on_tls(struct session *session)
{
	if (!answer(session) || !flush(session) || !start_tls(session))
		return false;
	note(session, "--", SPAN("TLS"));
	reception_tls_done(session->reception);
	return true;
}

/* Goes on until reception wants more bytes. */
static bool run_events(struct session *session)
{
	for (;;) {
		switch (reception_next(session->reception)) {
		case RECEPTION_BYTES:
			return answer(session);
		case RECEPTION_TLS:
			if (!on_tls(session))
				return false;
			break;
		case RECEPTION_AUTH:
			on_auth(session);
			break;
		case RECEPTION_SENDER:
			on_sender(session);
			break;
		case RECEPTION_RECIPIENT:
			on_recipient(session);
			break;
		case RECEPTION_DATA:
			keep(session, reception_argument(session->reception));
			reception_data_taken(session->reception);
			break;
		case RECEPTION_END:
			on_end(session);
			break;
		case RECEPTION_CLOSED:
			if (answer(session))
				flush(session);
			return false;
		}
	}
}

static void set_verb(struct session *session, struct span line)
{
	struct span word = span_cut_word(&line);
	size_t length = span_trim(word).length;

	if (session->is_challenged) {
		session->is_challenged = false;
		snprintf(session->verb, sizeof session->verb, "RESPONSE");
		return;
	}
	if (length >= sizeof session->verb)
		length = sizeof session->verb - 1;
	for (size_t i = 0; i < length; i++)
		session->verb[i] = word.at[i] >= 'a' && word.at[i] <= 'z'
					   ? (char)(word.at[i] - 'a' + 'A')
					   : word.at[i];
	session->verb[length] = '\0';
}

/* The replies that reception is never asked for. */
static const char *own_reply(const struct session *session)
{
	if (!strcmp(session->verb, "DATA") && session->options->refuse_data)
		return session->options->refuse_data;
	if (session->options->lose_ahead && session->ahead &&
		(!strcmp(session->verb, "RCPT") ||
			!strcmp(session->verb, "DATA") ||
			!strcmp(session->verb, "BDAT")))
		return "503 5.5.1 bad sequence of commands";
	return NULL;
}

/* What follows BDAT is no command, whatever the reply is. */
static void expect_chunk(struct session *session, struct span line)
{
	session->chunk_left = 0;
	if (!session->options->chunking || strcmp(session->verb, "BDAT"))
		return;
	span_cut_word(&line);
	span_number(span_trim(span_cut_word(&line)), SINK_CHUNK_LIMIT,
		&session->chunk_left);
}

/* A command that the script has a word about: reception hears of it unless it
 * is refused, so that it knows what the client takes for granted. */
static bool take_scripted(struct session *session, struct span line)
{
	enum sink_verdict verdict = sink_rule_verdict(session->rule);
	bool is_response = !strcmp(session->verb, "RESPONSE");

	session->is_chunk_dropped = verdict == SINK_REFUSED;
	session->ahead++;
	if (is_response ? session->is_exchanging : verdict != SINK_REFUSED) {
		session->is_exchanging = false;
		reception_feed(session->reception, line);
		return run_events(session);
	}
	if (verdict == SINK_CHALLENGED)
		session->is_challenged = true;
	return follow(session, SPAN("535 5.7.8 no\r\n"));
}

static bool take_command(struct session *session, struct span line)
{
	const char *raw, *own;

	set_verb(session, line);
	note_command(session, line);
	expect_chunk(session, line);
	remember_command(session, line);
	session->rule = find_rule(session, session->verb);
	if (session->rule)
		return take_scripted(session, line);
	raw = sink_list_value(&session->options->bad_replies, session->verb);
	own = own_reply(session);
	session->is_chunk_dropped = raw || own;
	session->ahead++;
	if (!raw && !own) {
		reception_feed(session->reception, line);
		return run_events(session);
	}
	if (!behave(session))
		return false;
	if (raw)
		sink_put_unescaped(&session->out, raw);
	else
		buf_printf(&session->out, "%s\r\n", own);
	note(session, "S:", span_of(raw ? raw : own));
	if (!sink_list_has(&session->options->closes, session->verb))
		return true;
	flush(session);
	return false;
}

/* The length of the lines up to and including the first that may end the
 * message: everything behind it may be a command. */
static size_t data_length(struct span bytes)
{
	size_t at = 0;

	while (at < bytes.length) {
		bool is_dot = bytes.at[at] == '.';
		size_t length = span_find(span_skip(bytes, at), '\n') + 1;

		if (at + length > bytes.length)
			break;
		at += length;
		if (is_dot || at > RECEPTION_FEED_LIMIT / 2)
			break;
	}
	if (!at && bytes.length > RECEPTION_LINE_LIMIT)
		at = RECEPTION_LINE_LIMIT;
	return at;
}

/* A message that nobody gets: a 354 of the script without a recipient. */
static bool swallow(struct session *session, struct span piece)
{
	if (!span_equal(span_trim(last_line(piece)), SPAN(".")))
		return true;
	session->is_data = session->is_swallowing = false;
	session->rule = find_rule(session, "DOT");
	if (session->rule)
		return follow(session, SPAN("554 5.5.1 nobody\r\n"));
	return buf_puts(&session->out, "554 5.5.1 nobody\r\n");
}

static bool take_data(struct session *session, struct span piece)
{
	snprintf(session->verb, sizeof session->verb, "BODY");
	session->event.size += piece.length;
	session->rule = find_rule(session, "BODY");
	if (session->rule && !follow(session, SPAN("")))
		return false;
	if (session->is_swallowing)
		return swallow(session, piece);
	if ((sink_list_has(&session->options->drops, "BODY") ||
		    sink_list_has(&session->options->hangs, "BODY") ||
		    sink_list_value(&session->options->delays, "BODY")) &&
		!behave(session))
		return false;
	reception_feed(session->reception, piece);
	return run_events(session);
}

static bool take_chunk(struct session *session, struct span piece)
{
	const struct sink_rule *rule = session->rule;

	session->chunk_left -= piece.length;
	session->event.size += piece.length;
	session->rule = find_rule(session, "BODY");
	if (session->rule && !follow(session, SPAN("")))
		return false;
	session->rule = rule;
	if (session->is_chunk_dropped)
		return true;
	reception_feed(session->reception, piece);
	return run_events(session);
}

/* How much to give to reception at once: a command, so that each reply can be
 * told from the next; or all, when reception must see what was sent ahead. */
static size_t piece_length(const struct session *session)
{
	struct span bytes = buf_span(&session->in);

	if (session->chunk_left && bytes.length > session->chunk_left)
		bytes.length = session->chunk_left;
	if (session->options->strict || session->chunk_left)
		return bytes.length < RECEPTION_FEED_LIMIT
			       ? bytes.length
			       : RECEPTION_FEED_LIMIT;
	return session->is_data ? data_length(bytes)
				: span_find(bytes, '\n') + 1;
}

/* Takes what is there; false ends the session. */
static bool take_input(struct session *session)
{
	while (session->in.length) {
		struct span bytes = buf_span(&session->in);
		size_t length = piece_length(session);
		struct buf piece = BUF_INIT(SINK_INPUT_LIMIT);
		bool ok;

		if (!length || length > bytes.length)
			return bytes.length < SINK_INPUT_LIMIT / 2;
		buf_put(&piece, bytes.at, length);
		buf_consume(&session->in, length);
		if (session->chunk_left)
			ok = take_chunk(session, buf_span(&piece));
		else if (session->is_data)
			ok = take_data(session, buf_span(&piece));
		else
			ok = take_command(session, buf_span(&piece));
		buf_wipe_free(&piece);
		if (!ok)
			return false;
	}
	return true;
}

static void converse(struct session *session)
{
	size_t got;

	snprintf(session->verb, sizeof session->verb, "CONNECT");
	session->instead = session->options->greeting;
	session->rule = find_rule(session, "CONNECT");
	if (!run_events(session))
		return;
	do {
		char *room = buf_reserve(&session->in, RECEPTION_FEED_LIMIT);

		if (!room || !flush(session))
			return;
		session->ahead = 0;
		got = sink_conn_read(session->conn, room, RECEPTION_FEED_LIMIT);
		buf_grow(&session->in, got);
	} while (got && take_input(session));
}

static void open_reception(struct session *session)
{
	const struct sink_options *options = session->options;
	const struct sink_session_params *params = session->params;
	struct reception_params reception = { .host_name = options->host_name,
		.size_limit = options->size ? options->size : 50 * 1024 * 1024,
		.starttls = !params->is_clear && !options->no_starttls,
		.is_tls = params->is_implicit,
		.auth_required =
			options->users.count && !options->auth_optional,
		.auth_needs_tls = !options->auth_in_clear,
		.pipelining = !options->no_pipelining,
		.eightbitmime = !options->no_8bitmime,
		.smtputf8 = !options->no_smtputf8,
		.dsn = options->dsn,
		.chunking = options->chunking,
		.is_strict = options->strict };

	sink_sasl_put_known(
		&session->mechanisms, options->mechanisms, !params->is_clear);
	if (options->users.count && session->mechanisms.length)
		reception.mechanisms = buf_text(&session->mechanisms);
	session->reception = reception_new(&reception);
}

static void prepare(struct session *session)
{
	struct buf *const lines[] = { &session->line, &session->address,
		&session->sender, &session->base64, &session->response };

	buf_init(&session->in, SINK_INPUT_LIMIT);
	buf_init(&session->out, SINK_INPUT_LIMIT);
	buf_init(&session->held, SINK_INPUT_LIMIT);
	buf_init(&session->mechanisms, 1000);
	buf_init(&session->envelope, SINK_ENVELOPE_LIMIT);
	buf_init(&session->recipients, SINK_ENVELOPE_LIMIT);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		buf_init(lines[i], SINK_INPUT_LIMIT);
	if (session->options->transcript)
		session->transcript = fopen(session->options->transcript, "a");
	if (session->options->script)
		session->script = sink_script_read(session->options->script);
}

static void clean_up(struct session *session)
{
	struct buf *const bufs[] = { &session->in, &session->out,
		&session->held, &session->mechanisms, &session->envelope,
		&session->recipients, &session->line, &session->address,
		&session->sender, &session->base64, &session->response };

	drop_message(session);
	reception_free(session->reception);
	sink_sasl_free(session->sasl);
	sink_conn_close(session->conn);
	sink_script_free(session->script);
	if (session->transcript)
		fclose(session->transcript);
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_wipe_free(bufs[i]);
}

void sink_session_run(const struct sink_session_params *params)
{
	struct session session = { .params = params,
		.options = params->options,
		.conn = sink_conn_new(params->fd) };

	prepare(&session);
	if (!params->is_implicit || start_tls(&session)) {
		open_reception(&session);
		converse(&session);
	}
	clean_up(&session);
}
