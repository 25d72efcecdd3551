/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection: messages go over it, or over several, until every recipient has
 * a verdict.  Knows no protocol (that is smtp/), no way to the server (peer.c),
 * no mechanism (login.c) and no byte (pump.c).
 */
#include <config.h>

#include "deliver/connection.h"

#include "auth/password.h"
#include "base/clock.h"
#include "base/source.h"
#include "base/text.h"
#include "config/provider.h"
#include "deliver/connection_internal.h"
#include "deliver/known.h"
#include "mail/downgrade.h"
#include "mail/recipients.h"
#include "net/idn.h"
#include "net/tls.h"
#include "smtp/dialogue.h"

#include <stdio.h>
#include <string.h>

enum {
	TRACE_LIMIT = 16 * 1024,
	IGNORED_LIMIT = 64 * 1024, /* names of extensions */
	FRUITLESS_MAX = 3 /* connections that nobody got the message over */
};

static void trace(
	void *context, enum smtp_direction direction, struct span line)
{
	const struct connection *connection = context;
	struct buf printable = BUF_INIT(TRACE_LIMIT);

	if (connection->listener)
		connection->listener(
			connection->listener_context, direction, line);
	if (!connection->is_traced)
		return;
	text_put_printable(&printable, line);
	fprintf(stderr, "%s %s\n", direction == SMTP_SENT ? "-->" : "<--",
		buf_text(&printable));
	buf_free(&printable);
}

static struct smtp_dialogue *make_dialogue(struct connection *connection)
{
	const struct account *account = connection->account;
	const struct smtp_params params = {
		.helo_name = buf_text(&connection->peer.helo_name),
		.starttls = account->tls && account->tls_starttls,
		.is_secure = connection->peer.tls_version != NULL,
		.auth = account->auth != OPTION_AUTH_OFF,
		/* chasquid hangs up after three errors: a wrong password with
		 * MAIL and RCPT behind it would end in its 421 "too many
		 * errors", and look like something to try again. */
		.auth_alone = true,
		.is_lmtp = account->protocol == OPTION_PROTOCOL_LMTP,
		.requires_tls = account->requiretls,
		.ehlo_ignore = buf_text(&connection->ignored),
		.auth_user = account->user,
		.secret = connection->password,
		.trace = connection->is_traced || connection->listener ? trace
								       : NULL,
		.trace_context = connection,
	};

	return smtp_dialogue_new(&params);
}

static void prepare_delivery(
	struct connection *connection, const struct envelope *envelope)
{
	struct delivery *sent = &connection->sent;

	*sent = *connection->delivery;
	sent->envelope = envelope;
	sent->size_bytes = connection->utf8.size_bytes;
	sent->ascii_size_bytes = connection->ascii.size_bytes;
	sent->words_size_bytes = connection->words.size_bytes;
}

static void submit_delivery(
	struct connection *connection, const struct envelope *envelope)
{
	struct delivery *sent = &connection->sent;

	prepare_delivery(connection, envelope);
	smtp_dialogue_submit(connection->dialogue, sent);
	if (sent->is_last) {
		smtp_dialogue_finish(connection->dialogue);
		connection->is_finished = true;
	}
}

/* ---- what is known of a refusal -------------------------------------------
 */

/* By the profile, or by the server's name; NULL: nobody that is built in, and
 * so nobody in the table of replies. */
static const char *provider_of(const struct connection *connection)
{
	static const char *const no_folders[] = { NULL };
	const struct account *account = connection->account;
	struct span name = span_of(account->provider ? account->provider : "");
	const struct provider *provider;
	struct providers providers;

	if (!account->provider && !account->host)
		return NULL;
	providers_read(no_folders, connection->arena, &providers);
	provider =
		account->provider
			? providers_find(&providers, span_cut_word(&name))
			: providers_of_host(&providers, span_of(account->host));
	return provider ? provider->name : NULL;
}

/* The server cannot tell, but we can see it. */
static void explain_password(
	const struct connection *connection, struct diag *why)
{
	const char *hint =
		why->id == DIAG_SMTP_AUTH_REFUSED
			? password_oddity(secret_span(connection->password))
			: NULL;

	if (hint)
		diag_add_hint(why, hint);
}

/* What every failure goes through before anybody decides anything by it. */
static void refine(struct connection *connection, struct diag *why)
{
	if (!why->reply[0] || why->reason)
		return;
	if (!connection->has_provider)
		connection->provider = provider_of(connection);
	connection->has_provider = true;
	known_refine(why, connection->provider);
	explain_password(connection, why);
}

/* A diag of the dialogue dies with it; the verdicts outlive both. */
struct keeper {
	struct connection *connection;
	struct arena *arena;
	const struct diag *from, *to; /* the last one that was kept */
};

static const struct diag *keep_diag(
	struct keeper *keeper, const struct diag *why)
{
	if (!why)
		return NULL;
	if (why != keeper->from) {
		struct diag *kept =
			arena_memdup(keeper->arena, why, sizeof *why);

		refine(keeper->connection, kept);
		keeper->from = why;
		keeper->to = kept;
	}
	return keeper->to;
}

static struct verdict keep_verdict(
	struct keeper *keeper, const struct verdict *verdict)
{
	struct verdict kept = { verdict->kind,
		keep_diag(keeper, verdict->why) };

	if (kept.why && kept.why->known)
		kept.kind = diag_is_final(kept.why) ? VERDICT_REFUSED
						    : VERDICT_DEFERRED;
	return kept;
}

static void collect_verdicts(struct connection *connection,
	const struct recipients *pass, struct arena *arena,
	struct outcome *outcome)
{
	struct keeper keeper = { .connection = connection, .arena = arena };

	for (size_t i = 0; i < pass->envelope.recipient_count; i++)
		outcome->verdicts[pass->place[i]] = keep_verdict(&keeper,
			smtp_dialogue_verdict(connection->dialogue, i));
}

/* One reason for all is the failure of the attempt, not of each. */
static void share_failure(struct outcome *outcome)
{
	const struct diag *why = outcome->verdicts[0].why;

	for (size_t i = 0; i < outcome->envelope->recipient_count; i++)
		if (outcome->verdicts[i].why != why)
			return;
	if (why && why->scope != DIAG_SCOPE_RECIPIENT)
		outcome->failure = *why;
}

static void collect_reply(
	struct connection *connection, struct outcome *outcome)
{
	const struct smtp_reply *reply =
		smtp_dialogue_last_reply(connection->dialogue);

	if (!reply || !reply->code)
		return;
	diag_set(&outcome->reply, DIAG_NONE);
	reply_explain(reply, &outcome->reply);
}

static void collect_skipped(struct connection *connection, struct arena *arena,
	struct outcome *outcome)
{
	const char *words;

	if (smtp_dialogue_suppressed(connection->dialogue))
		outcome->suppressed =
			*smtp_dialogue_suppressed(connection->dialogue);
	if (smtp_dialogue_skipped(connection->dialogue, &words))
		outcome->skipped = arena_strdup(arena, words);
}

/* Only what concerns the host says which host; and not twice. */
static void say_where(const struct connection *connection, struct diag *failure)
{
	const struct account *account = connection->account;
	const char *peer = account->socket ? account->socket : account->host;

	if (failure->id != DIAG_NONE && failure->scope == DIAG_SCOPE_HOST &&
		!failure->where[0] && connection->peer.name.length &&
		!strstr(failure->text, peer) &&
		!strstr(failure->text, buf_text(&connection->peer.name)))
		diag_add_where(failure, buf_text(&connection->peer.name));
}

struct connection *connection_new(const struct connection_params *params,
	struct arena *arena, struct diag *why)
{
	struct connection *connection;

	/* The one door to the network: what waited before somebody set it
	 * waits on. */
	if (params->account->capture) {
		diag_set(why, DIAG_CONFIG_CONFLICT, params->account->name,
			DIAG_WORDS N_("capture is set: nothing is sent"));
		return NULL;
	}
	connection = mem_zalloc(sizeof *connection);
	connection->account = params->account;
	connection->password = params->password;
	connection->is_traced = params->debug;
	connection->listener = params->listener;
	connection->listener_context = params->listener_context;
	connection->arena = arena;
	connection->peer = (struct peer){ .account = params->account,
		.key_password = params->password,
		.arena = arena,
		.is_traced = params->debug,
		.confine = params->confine };
	peer_init(&connection->peer);
	connection->login = (struct login){ .account = params->account,
		.password = params->password,
		.peer = &connection->peer };
	login_init(&connection->login);
	connection->ignored = BUF_INIT(IGNORED_LIMIT);
	if (params->account->ehlo_ignore)
		buf_puts(&connection->ignored, params->account->ehlo_ignore);
	connection->began_ms = clock_now_ms();
	if (!signing_open(params->account, &connection->signing, why)) {
		connection_free(connection);
		return NULL;
	}
	if (peer_connect(&connection->peer, why)) {
		connection->dialogue = make_dialogue(connection);
		return connection;
	}
	say_where(connection, why);
	connection_free(connection);
	return NULL;
}

/* Another connection in the place of the one that broke; the dialogue of that
 * one stays when there is none. */
static bool reconnect(struct connection *connection, struct diag *why)
{
	peer_hang_up(&connection->peer);
	login_forget(&connection->login);
	connection->is_finished = false;
	connection->progress = 0;
	if (!peer_connect(&connection->peer, why))
		return false;
	smtp_dialogue_free(connection->dialogue);
	connection->dialogue = make_dialogue(connection);
	return true;
}

/* What is signed is what really goes out: last of all. */
static bool sign_form(
	struct connection *connection, struct form *form, struct diag *why)
{
	uint64_t growth = 0;

	if (!connection->signing || !form->source)
		return true;
	if (!signing_apply(connection->signing, form->source,
		    &form->with_signatures, &growth, why))
		return false;
	if (form->with_signatures)
		form->source = form->with_signatures;
	form->size_bytes += growth;
	return true;
}

static void close_form(struct form *form)
{
	source_close(form->with_signatures);
	source_close(form->downgraded);
	*form = (struct form){ NULL };
}

/* FORM is nothing when that changes none of WANTED. */
static bool downgrade_form(struct connection *connection, bool is_7bit,
	unsigned wanted, struct form *form, struct diag *why)
{
	const struct delivery *delivery = connection->delivery;
	struct downgraded made;

	*form = (struct form){ NULL };
	if (!delivery->header_is_8bit)
		return true;
	if (!downgrade_open(
		    delivery->message, is_7bit, idn_to_ascii, &made, why))
		return false;
	if (!(made.changes & wanted)) {
		source_close(made.source);
		return true;
	}
	*form = (struct form){ .source = made.source,
		.downgraded = made.source,
		.size_bytes = delivery->size_bytes + (uint64_t)made.growth,
		.changes = made.changes };
	return true;
}

/* The message, and what servers get instead that take less. */
static bool make_forms(struct connection *connection, struct diag *why)
{
	const struct delivery *delivery = connection->delivery;

	connection->utf8 = (struct form){ .source = delivery->message,
		.size_bytes = delivery->size_bytes };
	return downgrade_form(connection, false, CHANGE_ALABELS,
		       &connection->ascii, why) &&
	       downgrade_form(connection, true, CHANGE_WORDS,
		       &connection->words, why) &&
	       sign_form(connection, &connection->utf8, why) &&
	       sign_form(connection, &connection->ascii, why) &&
	       sign_form(connection, &connection->words, why);
}

struct leaving {
	const struct outcome *outcome;
	const struct diag *failure;
};

static bool is_left(const void *context, size_t place)
{
	const struct leaving *leaving = context;
	const struct diag *why = leaving->outcome->verdicts[place].why;

	return why && why->id == leaving->failure->id;
}

/* Leaves in PASS those whom the message can go to over another connection;
 * false when there are none. */
static bool keep_left(struct connection *connection,
	const struct outcome *outcome, struct arena *arena,
	struct recipients *pass)
{
	const struct leaving leaving = { outcome,
		smtp_dialogue_failure(connection->dialogue) };

	if (!smtp_dialogue_may_repeat(connection->dialogue))
		return false;
	recipients_keep(pass, is_left, &leaving, arena);
	return pass->envelope.recipient_count != 0;
}

static void fail_pass(const struct recipients *pass, const struct diag *why,
	struct arena *arena, struct outcome *outcome)
{
	const struct diag *kept = arena_memdup(arena, why, sizeof *why);

	for (size_t i = 0; i < pass->envelope.recipient_count; i++)
		outcome->verdicts[pass->place[i]] =
			(struct verdict){ diag_is_final(why) ? VERDICT_REFUSED
							     : VERDICT_DEFERRED,
				kept };
}

/* Over this connection, and over others as long as the server does not do what
 * it offers, or takes no more on one. */
static void send_delivery(struct connection *connection, struct arena *arena,
	struct outcome *outcome)
{
	struct recipients pass;
	unsigned fruitless = 0;
	size_t count;
	struct diag why;

	recipients_all(&pass, connection->delivery->envelope, arena);
	outcome->verdicts =
		arena_alloc(arena, (pass.envelope.recipient_count + 1) *
					   sizeof *outcome->verdicts);
	pump_forget_body(connection, false);
	do {
		count = pass.envelope.recipient_count;
		submit_delivery(connection, &pass.envelope);
		while (pump_turn(connection))
			;
		collect_verdicts(connection, &pass, arena, outcome);
		if (!keep_left(connection, outcome, arena, &pass))
			return;
		fruitless += pass.envelope.recipient_count == count;
		buf_put_byte(&connection->ignored, ' ');
		smtp_dialogue_put_renounced(
			connection->dialogue, &connection->ignored);
		pump_forget_body(connection, true);
	} while (fruitless <= FRUITLESS_MAX && reconnect(connection, &why));
	if (fruitless <= FRUITLESS_MAX)
		fail_pass(&pass, &why, arena, outcome);
}

static bool is_delivered(const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->envelope->recipient_count; i++)
		if (outcome->verdicts[i].kind == VERDICT_DELIVERED)
			return true;
	return false;
}

/* What cannot be read is not known to be ASCII. */
static bool is_ascii(struct source *source)
{
	bool is_read = source_rewind(source, NULL), is_ascii = true;
	struct span piece;

	while (is_read && is_ascii) {
		is_read = source_next(source, &piece, NULL);
		is_ascii = is_read && text_is_ascii(piece);
		if (!piece.length)
			break;
	}
	return source_rewind(source, NULL) && is_ascii;
}

/* What the server's extensions make of the content that it takes; before the
 * message is read, or behind its end. */
static unsigned changes_of(const struct connection *connection)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(connection->dialogue);
	const struct form *form = pump_form(connection);
	unsigned changes = form->changes;

	if (connection->delivery->is_8bit && !ehlo->has[EHLO_EIGHTBITMIME] &&
		!(form->changes && is_ascii(form->source)))
		changes |= CHANGE_EIGHT_BIT;
	return changes;
}

static void begin_outcome(
	const struct delivery *delivery, struct outcome *outcome)
{
	outcome->envelope = delivery->envelope;
	outcome->size_bytes = delivery->size_bytes;
	outcome->message_id = delivery->message_id;
}

/* What was said of the message whose results the dialogue has now. */
static void collect(struct connection *connection, struct arena *arena,
	struct outcome *outcome)
{
	share_failure(outcome);
	collect_reply(connection, outcome);
	outcome->came_to_mail =
		smtp_dialogue_came_to_mail(connection->dialogue);
	collect_skipped(connection, arena, outcome);
}

static void end_outcome(struct connection *connection, int64_t began_ms,
	struct outcome *outcome)
{
	say_where(connection, &outcome->failure);
	outcome->tls_version = connection->peer.tls_version;
	outcome->mechanism = connection->login.mechanism;
	outcome->elapsed_ms = clock_now_ms() - began_ms;
}

static void close_forms(struct connection *connection)
{
	close_form(&connection->words);
	close_form(&connection->ascii);
	close_form(&connection->utf8);
	connection->delivery = NULL;
}

void connection_deliver(struct connection *connection,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out)
{
	begin_outcome(delivery, out);
	connection->delivery = delivery;
	if (make_forms(connection, &out->failure)) {
		send_delivery(connection, arena, out);
		if (delivery->is_last && connection->peer.stream)
			pump_send_rest(connection);
		collect(connection, arena, out);
		if (is_delivered(out))
			out->changes |= changes_of(connection);
	}
	end_outcome(connection, connection->began_ms, out);
	connection->began_ms = clock_now_ms();
	close_forms(connection);
}

/* ---- several in one flight ----------------------------------------------- */

void connection_share(struct connection *connection, bool is_known)
{
	smtp_dialogue_share(connection->dialogue, is_known);
}

enum smtp_sharing connection_sharing(const struct connection *connection)
{
	return smtp_dialogue_sharing(connection->dialogue);
}

bool connection_is_enough(const struct connection *connection)
{
	const struct ehlo *ehlo = smtp_dialogue_ehlo(connection->dialogue);
	enum smtp_sharing sharing = connection_sharing(connection);

	return sharing == SMTP_SHARING_SHUT ||
	       (ehlo->has[EHLO_PIPELINING] && ehlo->has[EHLO_CHUNKING] &&
		       (sharing == SMTP_SHARING_PROBED ||
			       sharing == SMTP_SHARING_OPEN));
}

bool connection_may_follow(
	const struct connection *connection, uint64_t size_bytes)
{
	return connection_is_usable(connection) &&
	       connection->under_way < SMTP_SHARED_MESSAGES &&
	       smtp_dialogue_may_follow(connection->dialogue, size_bytes);
}

static struct shipment *shipment_at(struct connection *connection, size_t index)
{
	return &connection->flight[(connection->oldest + index) %
				   SMTP_SHARED_MESSAGES];
}

static bool wants_body(const struct connection *connection)
{
	return smtp_dialogue_next(connection->dialogue).kind == SMTP_WANT_BODY;
}

/* All of it in one write, with what stood there before. */
static void speak(struct connection *connection)
{
	while (wants_body(connection) && connection->delivery)
		pump_do_body(connection);
	if (smtp_dialogue_output(connection->dialogue).length)
		(void)pump_write_some(connection);
	if (!pump_is_over(connection))
		(void)pump_read_some(connection);
}

/* With chunks all of it goes out at once: what cannot be noted is not even
 * begun, and breaks nothing off behind others. */
static bool note_early(struct connection *connection, struct diag *why)
{
	struct delivery *sent = &connection->sent;
	const struct ehlo *ehlo = smtp_dialogue_ehlo(connection->dialogue);

	if (!ehlo->has[EHLO_CHUNKING] || !sent->before_end)
		return true;
	if (!sent->before_end(sent->context, why))
		return false;
	sent->before_end = NULL;
	return true;
}

/* As it goes out; false, with a failure, when it cannot be begun. */
static bool prepare_to_follow(struct connection *connection,
	const struct delivery *delivery, struct outcome *out)
{
	close_forms(connection);
	connection->delivery = delivery;
	if (make_forms(connection, &out->failure)) {
		prepare_delivery(connection, delivery->envelope);
		if (note_early(connection, &out->failure))
			return true;
	}
	end_outcome(connection, clock_now_ms(), out);
	close_forms(connection);
	return false;
}

bool connection_follow(struct connection *connection,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out)
{
	struct shipment *shipment =
		shipment_at(connection, connection->under_way);

	begin_outcome(delivery, out);
	if (!prepare_to_follow(connection, delivery, out))
		return false;
	*shipment = (struct shipment){ .delivery = delivery,
		.sent = connection->sent,
		.arena = arena,
		.outcome = out,
		.began_ms = clock_now_ms() };
	pump_forget_body(connection, false);
	connection->under_way++;
	smtp_dialogue_follow(connection->dialogue, &shipment->sent);
	shipment->changes = changes_of(connection);
	speak(connection);
	return true;
}

bool connection_is_ready(const struct connection *connection)
{
	return smtp_dialogue_next(connection->dialogue).kind == SMTP_WANT_DONE;
}

bool connection_await(struct connection *connection, uint64_t next_bytes)
{
	while (!connection_is_ready(connection)) {
		if (next_bytes && connection_may_follow(connection, next_bytes))
			return false;
		(void)pump_turn(connection);
	}
	return true;
}

const struct diag *connection_failure(const struct connection *connection)
{
	return smtp_dialogue_failure(connection->dialogue);
}

void connection_take(struct connection *connection)
{
	struct shipment *shipment = shipment_at(connection, 0);
	struct outcome *outcome = shipment->outcome;
	struct recipients all;

	recipients_all(&all, shipment->delivery->envelope, shipment->arena);
	outcome->verdicts = arena_alloc(shipment->arena,
		(all.envelope.recipient_count + 1) * sizeof *outcome->verdicts);
	collect_verdicts(connection, &all, shipment->arena, outcome);
	collect(connection, shipment->arena, outcome);
	if (is_delivered(outcome))
		outcome->changes |= shipment->changes;
	end_outcome(connection, shipment->began_ms, outcome);
	if (connection->delivery == shipment->delivery)
		close_forms(connection);
	smtp_dialogue_taken(connection->dialogue);
	connection->oldest = (connection->oldest + 1) % SMTP_SHARED_MESSAGES;
	connection->under_way--;
	connection->began_ms = clock_now_ms();
}

bool connection_etrn(
	struct connection *connection, const char *node, struct diag *why)
{
	smtp_dialogue_etrn(connection->dialogue, node);
	smtp_dialogue_finish(connection->dialogue);
	connection->is_finished = true;
	while (pump_turn(connection))
		;
	pump_send_rest(connection);
	if (smtp_dialogue_etrn_result(connection->dialogue, why))
		return true;
	refine(connection, why);
	say_where(connection, why);
	return false;
}

bool connection_greet(struct connection *connection, struct diag *why)
{
	const struct diag *failure;

	smtp_dialogue_finish(connection->dialogue);
	connection->is_finished = true;
	while (pump_turn(connection))
		;
	pump_send_rest(connection);
	failure = smtp_dialogue_failure(connection->dialogue);
	if (!failure)
		return true;
	*why = *failure;
	refine(connection, why);
	say_where(connection, why);
	return false;
}

const char *connection_login(const struct connection *connection)
{
	return connection->login.is_accepted ? connection->login.mechanism
					     : NULL;
}

const char *connection_name(const struct connection *connection)
{
	return buf_text(&connection->peer.name);
}

void connection_put_tls(struct connection *connection, struct buf *session,
	struct buf *certificate)
{
	if (!connection->peer.tls_version)
		return;
	tls_describe(connection->peer.stream, session);
	tls_put_certificate(connection->peer.stream, certificate);
}

bool connection_is_usable(const struct connection *connection)
{
	return !connection->is_finished &&
	       !smtp_dialogue_failure(connection->dialogue);
}

void connection_free(struct connection *connection)
{
	if (!connection)
		return;
	if (connection->dialogue && connection_is_usable(connection)) {
		smtp_dialogue_finish(connection->dialogue);
		pump_send_rest(connection);
	}
	smtp_dialogue_free(connection->dialogue);
	signing_close(connection->signing);
	login_free(&connection->login);
	peer_free(&connection->peer);
	buf_free(&connection->ignored);
	mem_free(connection);
}
