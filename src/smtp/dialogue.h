/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SMTP submission (RFC 6409), without the network: bytes
 * in, bytes out, and what is wanted next.  It makes no system call, knows no
 * clock, and can be driven by a golden transcript.
 *
 *	d = smtp_dialogue_new(&params);
 *	smtp_dialogue_submit(d, &transaction);
 *	for (;;) {
 *		want = smtp_dialogue_next(d);
 *		send whatever smtp_dialogue_output() has, report it with
 *		smtp_dialogue_sent();
 *		switch (want.kind) {
 *		case SMTP_WANT_REPLY:  read bytes → smtp_dialogue_feed()
 *		case SMTP_WANT_TLS:    handshake → smtp_dialogue_tls_done()
 *		case SMTP_WANT_SASL:   smtp_dialogue_auth() / _auth_continue()
 *		case SMTP_WANT_BODY:   smtp_dialogue_body() / _body_end()
 *		case SMTP_WANT_DONE:   smtp_dialogue_verdict() for each
 *		}
 *	}
 */
#ifndef SMTP_DIALOGUE_H
#define SMTP_DIALOGUE_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"
#include "mail/envelope.h"
#include "smtp/ehlo.h"

#include <stdbool.h>
#include <stdint.h>

struct smtp_dialogue;

/* What a wait is for: RFC 5321 4.5.3.2 has the seconds. */
enum smtp_deadline {
	SMTP_DEADLINE_GREETING,
	SMTP_DEADLINE_COMMAND, /* EHLO, STARTTLS, AUTH */
	SMTP_DEADLINE_MAIL,
	SMTP_DEADLINE_RCPT,
	SMTP_DEADLINE_DATA,  /* the 354 */
	SMTP_DEADLINE_BLOCK, /* a block of the body going out */
	SMTP_DEADLINE_DOT,   /* the reply to the end of the message */
	SMTP_DEADLINE_QUIT,
	SMTP_DEADLINE_COUNT
};

enum smtp_want_kind {
	SMTP_WANT_REPLY, /* bytes from the server */
	SMTP_WANT_TLS,   /* a TLS handshake, now; no byte may be waiting */
	SMTP_WANT_SASL,  /* the first response, or the answer to a challenge */
	SMTP_WANT_BODY,  /* the next piece of the message */
	SMTP_WANT_DONE   /* the transaction has its verdicts, or all failed */
};

struct smtp_want {
	enum smtp_want_kind kind;
	enum smtp_deadline deadline;
};

enum smtp_direction { SMTP_SENT, SMTP_RECEIVED };

struct smtp_params {
	const char *helo_name; /* FQDN or address literal */
	bool starttls; /* wanted; without it the session is clear or already TLS
			*/
	bool is_secure; /* the stream is TLS from the start (or a local socket)
			 */
	bool auth;      /* authenticate before MAIL */
	/* Called with every line (without CRLF) as it may be shown: secrets are
	 * "<hidden>", the body is not traced.  NULL for none. */
	void (*trace)(void *context, enum smtp_direction, struct span line);
	void *trace_context;
};

/* One message.  Everything is borrowed until the transaction is done. */
struct smtp_transaction {
	const struct envelope *envelope;
	uint64_t size; /* of the message, RFC 1870 */
	bool is_8bit;  /* the message has bytes over 127 */
	bool header_is_8bit;
};

/* PARAMS is copied, the strings it names are borrowed. */
struct smtp_dialogue *smtp_dialogue_new(const struct smtp_params *params);
void smtp_dialogue_free(struct smtp_dialogue *dialogue);

/* Gives the transaction to do once the session is ready; after
 * SMTP_WANT_DONE another may follow. */
void smtp_dialogue_submit(struct smtp_dialogue *dialogue,
	const struct smtp_transaction *transaction);
/* No further transaction: QUIT is sent (with the last group, if that may be).
 * Best called right after the last smtp_dialogue_submit(). */
void smtp_dialogue_finish(struct smtp_dialogue *dialogue);

struct smtp_want smtp_dialogue_next(const struct smtp_dialogue *dialogue);

/* Bytes to send, borrowed until the next call that changes the dialogue; and
 * how many of them have gone. */
struct span smtp_dialogue_output(const struct smtp_dialogue *dialogue);
void smtp_dialogue_sent(struct smtp_dialogue *dialogue, size_t length);

/* Bytes from the server.  False: the session is over (*WHY, also given by
 * smtp_dialogue_failure()).  A 5yz or 4yz that only concerns the transaction is
 * no failure of feed(): see the verdicts. */
bool smtp_dialogue_feed(
	struct smtp_dialogue *dialogue, struct span bytes, struct diag *why);
/* The connection ended or a deadline passed: WHY is what the stream said.
 * Between the last byte of the body and its reply this makes every accepted
 * recipient DIAG_SMTP_POSSIBLE_DUPLICATE. */
void smtp_dialogue_broken(
	struct smtp_dialogue *dialogue, const struct diag *why);

/* After SMTP_WANT_TLS: the stream is encrypted and verified.  What was known
 * is forgotten, EHLO is sent again. */
void smtp_dialogue_tls_done(struct smtp_dialogue *dialogue);

/* Under SMTP_WANT_SASL.  challenge: NULL before the mechanism is chosen, else
 * the decoded 334 (empty is possible). */
const struct ehlo *smtp_dialogue_ehlo(const struct smtp_dialogue *dialogue);
const struct span *smtp_dialogue_challenge(
	const struct smtp_dialogue *dialogue);
/* Starts MECHANISM.  INITIAL (may be NULL; raw, not base 64) goes on the AUTH
 * line when that stays within 512 bytes (RFC 4954 4), else after a 334. */
void smtp_dialogue_auth(struct smtp_dialogue *dialogue, const char *mechanism,
	const struct span *initial);
void smtp_dialogue_auth_continue(
	struct smtp_dialogue *dialogue, struct span response);
/* Cancels the exchange ("*", RFC 4954 4); WHY is what the verdicts will say
 * when no other mechanism follows. */
void smtp_dialogue_auth_cancel(
	struct smtp_dialogue *dialogue, const struct diag *why);
/* Set once the server has said 235: the caller checks the mechanism's end
 * (server signature) under SMTP_WANT_SASL with is_authenticated, then calls
 * smtp_dialogue_auth_accept(). */
bool smtp_dialogue_is_authenticated(const struct smtp_dialogue *dialogue);
void smtp_dialogue_auth_accept(struct smtp_dialogue *dialogue);
/* After the server refused (5yz) a mechanism SMTP_WANT_SASL may come again:
 * smtp_dialogue_auth_refusal() is then the reason, and the caller either starts
 * another mechanism or ends with smtp_dialogue_auth_give_up(). */
const struct diag *smtp_dialogue_auth_refusal(
	const struct smtp_dialogue *dialogue);
void smtp_dialogue_auth_give_up(
	struct smtp_dialogue *dialogue, const struct diag *why);

/* Under SMTP_WANT_BODY: canonical bytes of the message (CRLF line ends; dots
 * are doubled here).  Pieces may be cut anywhere; at most
 * SMTP_BODY_PIECE bytes a call. */
enum { SMTP_BODY_PIECE = 64 * 1024 };
void smtp_dialogue_body(struct smtp_dialogue *dialogue, struct span piece);
void smtp_dialogue_body_end(struct smtp_dialogue *dialogue);
/* The message cannot be read to its end: the connection must be dropped
 * without the final dot. */
void smtp_dialogue_body_abort(
	struct smtp_dialogue *dialogue, const struct diag *why);

/* Under SMTP_WANT_DONE. */
const struct verdict *smtp_dialogue_verdict(
	const struct smtp_dialogue *dialogue, size_t recipient);
/* The last reply that decided (250 to the dot, or the refusal), or code 0. */
const struct smtp_reply *smtp_dialogue_last_reply(
	const struct smtp_dialogue *dialogue);
/* Why the session ended; NULL while it is alive. */
const struct diag *smtp_dialogue_failure(const struct smtp_dialogue *dialogue);

#endif
