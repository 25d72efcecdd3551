/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SMTP submission (RFC 6409), without the network: bytes
 * in, bytes out, and what is wanted next.  It makes no system call, knows no
 * clock, and can be driven by a golden transcript.
 *
 *	d = smtp_dialogue_new(&params);
 *	smtp_dialogue_submit(d, &delivery);
 *	smtp_dialogue_finish(d);
 *	for (;;) {
 *		want = smtp_dialogue_next(d);
 *		send all that smtp_dialogue_output() has, report it with
 *		smtp_dialogue_sent(); go on reading and feeding meanwhile
 *		switch (want.kind) {
 *		case SMTP_WANT_REPLY:  read bytes → smtp_dialogue_feed()
 *		case SMTP_WANT_TLS:    handshake → smtp_dialogue_tls_done()
 *		case SMTP_WANT_SASL:   smtp_dialogue_auth() / _auth_continue()
 *		case SMTP_WANT_BODY:   smtp_dialogue_body() / _body_end()
 *		case SMTP_WANT_DONE:   smtp_dialogue_verdict() for each
 *		}
 *	}
 *
 * The verdicts are the truth.  smtp_dialogue_failure() tells that the
 * connection cannot be used any more and why; it may do so although the
 * message was delivered before.
 */
#ifndef SMTP_DIALOGUE_H
#define SMTP_DIALOGUE_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/span.h"
#include "base/text.h"
#include "mail/delivery.h"
#include "smtp/ehlo.h"

#include <stdbool.h>
#include <stdint.h>

struct smtp_dialogue;

/* What a greeting answers, in sentences; commands are called as SMTP does. */
#define SMTP_GREETING_NAME DIAG_WORDS N_("the connection")

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
	SMTP_DEADLINE_PROBE, /* what stands behind a message, for once */
	SMTP_DEADLINE_COUNT
};

enum smtp_want_kind {
	SMTP_WANT_REPLY, /* bytes from the server */
	SMTP_WANT_TLS,   /* a TLS handshake, now; no byte may be waiting */
	SMTP_WANT_SASL, /* a mechanism, the answer to a challenge, or consent */
	SMTP_WANT_BODY, /* the next piece of the message */
	/* The transaction has its verdicts, or nothing is left to do.  There
	 * may be a QUIT in the output: it is worth sending, but not worth
	 * waiting for its reply. */
	SMTP_WANT_DONE
};

struct smtp_want {
	enum smtp_want_kind kind;
	enum smtp_deadline deadline;
};

enum smtp_direction { SMTP_SENT, SMTP_RECEIVED };

struct smtp_params {
	const char *helo_name; /* FQDN or address literal */
	bool starttls;         /* wanted, unless is_secure */
	bool is_secure;        /* the stream is TLS from the start (or local) */
	bool auth;             /* authenticate before MAIL */
	/* Nothing follows AUTH in its group.  Without it MAIL, RCPT and DATA
	 * go along with AUTH PLAIN and AUTH EXTERNAL when the server offers
	 * PIPELINING, which RFC 4954 4 allows and which saves a round trip. */
	bool auth_alone;
	/* LHLO, and after the message a reply for each recipient (RFC 2033). */
	bool is_lmtp;
	/* Only over TLS, all the way: REQUIRETLS (RFC 8689). */
	bool requires_tls;
	const char *ehlo_ignore; /* as ehlo_ignore() takes it, or NULL */
	const char *auth_user;   /* for sentences; NULL when there is none */
	/* Never shown, also where the server repeats it, as it is or in base
	 * 64; NULL when there is none.  Copied. */
	const struct secret *secret;
	/* Called with every line (without CRLF) as it may be shown: secrets are
	 * "<hidden>", even where the server repeats one; the body is not
	 * traced.  The server's lines may hold control bytes.  NULL for
	 * none. */
	void (*trace)(void *context, enum smtp_direction, struct span line);
	void *trace_context;
};

/* PARAMS is copied, the strings it names are borrowed.  The first want is the
 * greeting. */
struct smtp_dialogue *smtp_dialogue_new(const struct smtp_params *params);
/* NULL is allowed. */
void smtp_dialogue_free(struct smtp_dialogue *dialogue);

/* Gives the message to deliver once the session is ready; borrowed, with all
 * it names but its source, which is the caller's alone, until the next one is
 * submitted or the dialogue is freed.  Another may follow
 * after SMTP_WANT_DONE, as long as smtp_dialogue_failure() is NULL (on a
 * session that is over every recipient gets its failure); the verdicts of the
 * one before are gone then.  While one is under way the call does nothing. */
void smtp_dialogue_submit(
	struct smtp_dialogue *dialogue, const struct delivery *delivery);
/*
 * Several messages in one flight, RSET before each MAIL, where the server
 * offers PIPELINING; after a first one went by submit() in this session:
 *
 *	smtp_dialogue_share(d, false)
 *	while (there are more, and smtp_dialogue_may_follow(d, size))
 *		smtp_dialogue_follow(d, &delivery), and give its body when that
 *		is wanted
 *	SMTP_WANT_DONE: the verdicts of the oldest; smtp_dialogue_taken(d)
 *
 * One of many keeps VERDICT_UNKNOWN for whom nothing was said of in a way that
 * concerns it alone: a 421, a connection that ends before its own end went out,
 * an order of commands that the server does not take, more recipients than it
 * wants.  Nobody has got it then, and it is to be sent by itself.
 */
enum { SMTP_SHARED_MESSAGES = 64 };
enum smtp_sharing {
	SMTP_SHARING_OFF,    /* not asked for */
	SMTP_SHARING_PROBED, /* two at a time, the second up to its MAIL */
	SMTP_SHARING_OPEN,
	SMTP_SHARING_SHUT,   /* not any more in this session */
	SMTP_SHARING_REFUSED /* not with this server */
};
/* KNOWN: it has been found out that the server takes it.  Not with LMTP. */
void smtp_dialogue_share(struct smtp_dialogue *dialogue, bool is_known);
enum smtp_sharing smtp_dialogue_sharing(const struct smtp_dialogue *dialogue);
/* Whether a message of SIZE_BYTES may go now, behind those under way. */
bool smtp_dialogue_may_follow(
	const struct smtp_dialogue *dialogue, uint64_t size_bytes);
/* As smtp_dialogue_submit(), borrowed until smtp_dialogue_taken() for it. */
void smtp_dialogue_follow(
	struct smtp_dialogue *dialogue, const struct delivery *delivery);
/* The results of the oldest, which is done, are not needed any more. */
void smtp_dialogue_taken(struct smtp_dialogue *dialogue);
/* Instead of a transaction: asks the server to send now what it keeps for NODE,
 * which is borrowed (ETRN, RFC 1985). */
void smtp_dialogue_etrn(struct smtp_dialogue *dialogue, const char *node);
/* Under SMTP_WANT_DONE: whether the server has said yes.  Fails with
 * DIAG_SMTP_NO_ETRN, DIAG_SMTP_ETRN_NODE, DIAG_SMTP_ETRN_REFUSED, or as the
 * session did. */
bool smtp_dialogue_etrn_result(
	const struct smtp_dialogue *dialogue, struct diag *why);
/* No further transaction: QUIT is sent (with the last group, if that may be).
 * Best called right after the last smtp_dialogue_submit().  Without any
 * transaction the session is opened, up to authentication, and left. */
void smtp_dialogue_finish(struct smtp_dialogue *dialogue);

struct smtp_want smtp_dialogue_next(const struct smtp_dialogue *dialogue);

/* Bytes to send, borrowed until the next call that changes the dialogue; and
 * how many of them have gone.  Report what the stream took before feeding what
 * the server answered. */
struct span smtp_dialogue_output(const struct smtp_dialogue *dialogue);
void smtp_dialogue_sent(struct smtp_dialogue *dialogue, size_t length);

/* Bytes from the server, cut anywhere.  False: the session has failed (*WHY,
 * also given by smtp_dialogue_failure()).  A 5yz or 4yz that only concerns the
 * transaction is no failure of feed(): see the verdicts.  What comes after the
 * last verdict of a session that was finished is ignored. */
bool smtp_dialogue_feed(
	struct smtp_dialogue *dialogue, struct span bytes, struct diag *why);
/* The connection ended or a deadline passed: WHY is what the stream said.
 * Between the last byte of the body and its reply this makes every accepted
 * recipient DIAG_SMTP_POSSIBLE_DUPLICATE, or DIAG_SMTP_ANSWER_UNREADABLE when
 * the server has said something that is no verdict. */
void smtp_dialogue_broken(
	struct smtp_dialogue *dialogue, const struct diag *why);

/* After SMTP_WANT_TLS: the stream is encrypted and verified.  What was known
 * is forgotten, EHLO is sent again. */
void smtp_dialogue_tls_done(struct smtp_dialogue *dialogue);

/* What the server offers, once EHLO has been answered. */
const struct ehlo *smtp_dialogue_ehlo(const struct smtp_dialogue *dialogue);
/* Says that none of its mechanisms can be used: DIAG_SMTP_NO_MECHANISM. */
bool smtp_dialogue_explain_mechanisms(
	const struct smtp_dialogue *dialogue, struct diag *why);

/*
 * Under SMTP_WANT_SASL there are three situations:
 *
 *	smtp_dialogue_is_authenticated()   235 came: check the mechanism's end
 *		(server signature), then auth_accept() or auth_give_up()
 *	smtp_dialogue_challenge()          answer with auth_continue() or
 *		auth_cancel()
 *	neither                            name a mechanism with auth(), or
 *		auth_give_up(); auth_refusal() tells how the one before ended
 */

/* The decoded 334 (empty is possible), NULL when there is none. */
const struct span *smtp_dialogue_challenge(
	const struct smtp_dialogue *dialogue);
/* A mechanism as the wire sees it; all else is the caller's business. */
struct smtp_mechanism {
	const char *name;
	/* Ends in one round trip when the initial response is on the AUTH line:
	 * only these may be followed by more in a group (RFC 4954 4). */
	bool is_one_trip;
	/* MS-SMTPNTLM 1.3: "AUTH NTLM" and the first message are two steps;
	 * Exchange's 334 between them is no base 64 but "ntlm supported". */
	bool is_never_inline;
	/* Its challenges are for people: a prompt, of which the order alone
	 * counts, or the reason of a refusal. */
	bool is_for_people;
};
/* Starts MECHANISM, which is copied.  INITIAL (may be NULL; raw, not base 64)
 * goes on the AUTH line when that stays within 512 bytes (RFC 4954 4), else
 * after a 334. */
void smtp_dialogue_auth(struct smtp_dialogue *dialogue,
	const struct smtp_mechanism *mechanism, const struct span *initial);
void smtp_dialogue_auth_continue(
	struct smtp_dialogue *dialogue, struct span response);
/* Cancels the exchange ("*", RFC 4954 4); WHY becomes auth_refusal(), and what
 * the verdicts will say when no other mechanism follows. */
void smtp_dialogue_auth_cancel(
	struct smtp_dialogue *dialogue, const struct diag *why);
/* The server has said 235. */
bool smtp_dialogue_is_authenticated(const struct smtp_dialogue *dialogue);
void smtp_dialogue_auth_accept(struct smtp_dialogue *dialogue);
/* Why the last mechanism failed: the server refused it (5yz), sent no base 64,
 * or it was cancelled.  NULL when none has failed. */
const struct diag *smtp_dialogue_auth_refusal(
	const struct smtp_dialogue *dialogue);
void smtp_dialogue_auth_give_up(
	struct smtp_dialogue *dialogue, const struct diag *why);

/* A server may take fewer recipients at once than there are (452, or LIMITS
 * RCPTMAX): then SMTP_WANT_BODY comes once more after smtp_dialogue_body_end(),
 * and the message is to be given from its beginning.
 *
 * Under SMTP_WANT_BODY, with the output sent: canonical bytes of the message
 * (CRLF line ends; dots are doubled here).  Pieces may be cut anywhere; at most
 * SMTP_BODY_PIECE bytes a call.  (Should the output overflow, the session fails
 * with DIAG_SYSTEM_FAILED: no message is ever shortened.) */
enum { SMTP_BODY_PIECE = 64 * 1024 };
/* Whether SMTPUTF8 was asked for (RFC 6531); else the form for others is
 * wanted. */
bool smtp_dialogue_is_smtputf8(const struct smtp_dialogue *dialogue);
/* Whether the server offers neither SMTPUTF8 nor 8BITMIME: then the form with
 * encoded words is. */
bool smtp_dialogue_is_7bit(const struct smtp_dialogue *dialogue);
void smtp_dialogue_body(struct smtp_dialogue *dialogue, struct span piece);
void smtp_dialogue_body_end(struct smtp_dialogue *dialogue);
/* The message cannot be read to its end: the connection must be dropped
 * without the final dot. */
void smtp_dialogue_body_abort(
	struct smtp_dialogue *dialogue, const struct diag *why);

/* Under SMTP_WANT_DONE: the session has ended because the server does not do
 * what it offers (DIAG_SMTP_NOT_DONE), or takes no further transaction in this
 * session (DIAG_SMTP_MAIL_LIMIT).  Recipients whose verdict has that diag have
 * not got the message: for them it may go over another connection, without
 * what smtp_dialogue_put_renounced() appends (words for ehlo_ignore; false
 * when there are none).  Most of that is seen to without another
 * connection. */
bool smtp_dialogue_may_repeat(const struct smtp_dialogue *dialogue);
bool smtp_dialogue_put_renounced(
	const struct smtp_dialogue *dialogue, struct buf *out);
/* Under SMTP_WANT_DONE: never VERDICT_UNKNOWN.  The verdict and its diag live
 * until the next submit() or free().  DEFERRED or REFUSED follows
 * diag_is_final(). */
const struct verdict *smtp_dialogue_verdict(
	const struct smtp_dialogue *dialogue, size_t recipient);
/* How many complete replies have come: what a deadline starts anew with, since
 * single bytes are no progress (promise 4). */
uint64_t smtp_dialogue_reply_count(const struct smtp_dialogue *dialogue);
/* The last reply that decided (250 to the dot, or the refusal), or code 0. */
const struct smtp_reply *smtp_dialogue_last_reply(
	const struct smtp_dialogue *dialogue);
/* How many lines were skipped since the last submit() because they are no reply
 * (behind a message all such lines are, elsewhere empty ones); *WORDS,
 * borrowed, is what they said, printable and cut. */
unsigned smtp_dialogue_skipped(
	const struct smtp_dialogue *dialogue, const char **words);
/* A yes since the last submit() that says that the message will not arrive
 * (DIAG_SMTP_SUPPRESSED, with the reply), or NULL.  The verdicts are as the
 * codes have them. */
const struct diag *smtp_dialogue_suppressed(
	const struct smtp_dialogue *dialogue);
/* Whether MAIL has gone out for the transaction: what comes later may be due to
 * it. */
bool smtp_dialogue_came_to_mail(const struct smtp_dialogue *dialogue);
/* Why the session ended; NULL while it is alive, and after a QUIT. */
const struct diag *smtp_dialogue_failure(const struct smtp_dialogue *dialogue);

#endif
