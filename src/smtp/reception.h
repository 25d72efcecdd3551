/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server's side of SMTP (RFC 5321 4.1), without the network: what
 * tests/sink, and later -bs and serve, are made of.  Commands come in as bytes,
 * replies go out as bytes; what only the caller can decide comes as an event.
 *
 *	r = reception_new(&params);
 *	for (;;) {
 *		send all of reception_output(), report it: reception_sent()
 *		switch (reception_next(r)) {
 *		case RECEPTION_BYTES:     read → reception_feed()
 *		case RECEPTION_TLS:       handshake → reception_tls_done()
 *		case RECEPTION_AUTH:      reception_challenge() or
 *		                          reception_auth_done()
 *		case RECEPTION_SENDER:    a new message: forget what there was
 *		                          of another; reception_answer()
 *		case RECEPTION_RECIPIENT: reception_answer()
 *		case RECEPTION_DATA:      keep reception_argument(), then
 *		                          reception_data_taken()
 *		case RECEPTION_END:       commit, then reception_answer()
 *		case RECEPTION_CLOSED:    hang up
 *		}
 *	}
 *
 * A message is only complete under RECEPTION_END: whatever came before may be
 * taken back by RSET, EHLO, a message that grew too large, or a connection that
 * ended.
 */
#ifndef SMTP_RECEPTION_H
#define SMTP_RECEPTION_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reception;

enum reception_event {
	RECEPTION_BYTES,  /* wants bytes from the client */
	RECEPTION_TLS,    /* STARTTLS was answered: do the handshake */
	RECEPTION_AUTH,   /* AUTH began, or the client answered a challenge */
	RECEPTION_SENDER, /* MAIL FROM came: reception_answer() decides */
	RECEPTION_RECIPIENT, /* RCPT TO came: reception_answer() decides */
	RECEPTION_DATA,      /* a piece of the message */
	RECEPTION_END, /* the message is complete: reception_answer() decides */
	RECEPTION_CLOSED /* after QUIT, 421, or too many errors */
};

enum {
	/* RFC 5321 4.5.3.1 asks for 512 and more with each extension. */
	RECEPTION_LINE_LIMIT = 4096,
	/* RFC 4954 4 */
	RECEPTION_RESPONSE_LIMIT = 12288,
	/* At most this much a reception_feed(). */
	RECEPTION_FEED_LIMIT = 64 * 1024,
	/* After so many errors in a row the client gets 421. */
	RECEPTION_ERRORS_MAX = 10
};

struct reception_params {
	const char *host_name;
	const char *banner;     /* after the host name; NULL for none */
	uint64_t size_limit;    /* 0: none */
	size_t recipient_limit; /* 0: none */
	const char *mechanisms; /* "SCRAM-SHA-256 PLAIN"; NULL: no AUTH */
	bool starttls;          /* offered until TLS is on */
	bool is_tls;            /* TLS from the start */
	bool auth_required;     /* 530 to MAIL before AUTH */
	bool auth_needs_tls;    /* AUTH is only offered, and taken, under TLS */
	bool pipelining, eightbitmime, smtputf8, dsn, chunking;
	/* Hangs up on a client that sends ahead where RFC 2920 3.1 forbids it:
	 * for tests of clients. */
	bool is_strict;
};

/* PARAMS is copied, the strings it names are borrowed.  The greeting is in the
 * output. */
struct reception *reception_new(const struct reception_params *params);
/* NULL is allowed. */
void reception_free(struct reception *reception);

enum reception_event reception_next(const struct reception *reception);
/* Under RECEPTION_BYTES: bytes from the client, cut anywhere, at most
 * RECEPTION_FEED_LIMIT.  (More, or bytes under RECEPTION_TLS, close the
 * session; bytes after RECEPTION_CLOSED are ignored.) */
void reception_feed(struct reception *reception, struct span bytes);
/* Bytes to send, borrowed until the next call that changes the reception. */
struct span reception_output(const struct reception *reception);
void reception_sent(struct reception *reception, size_t length);

/* Borrowed until the next call that changes the reception:
 *
 *	SENDER, RECIPIENT  the address, without angle brackets and source
 *	                   route; empty for the null sender
 *	AUTH               the mechanism in upper case, or, if
 *	                   reception_is_response(), the decoded response
 *	DATA               bytes of the message, dots undone, line ends as sent
 */
struct span reception_argument(const struct reception *reception);
/* The parameters behind the address, as sent ("SIZE=100 BODY=8BITMIME"). */
struct span reception_parameters(const struct reception *reception);
/* The decoded initial response under RECEPTION_AUTH; at == NULL when there is
 * none. */
struct span reception_initial_response(const struct reception *reception);
/* Whether RECEPTION_AUTH is the answer to a challenge.  When it is not, a new
 * exchange begins, and one before it was cancelled. */
bool reception_is_response(const struct reception *reception);

/* Goes on after RECEPTION_DATA. */
void reception_data_taken(struct reception *reception);
/* Goes on after SENDER, RECIPIENT and END with a reply; TEXT begins with the
 * enhanced status code ("2.1.5 fine"), its lines are separated by LF.  After
 * AUTH it ends the exchange with a failure other than 535. */
void reception_answer(
	struct reception *reception, unsigned code, const char *text);
/* After RECEPTION_TLS: what the client said before is forgotten. */
void reception_tls_done(struct reception *reception);
/* Under RECEPTION_AUTH: a challenge (raw), or the verdict (235 or 535). */
void reception_challenge(struct reception *reception, struct span challenge);
void reception_auth_done(
	struct reception *reception, bool is_accepted, const char *user);
/* Ends the session with 421; TEXT as in reception_answer(). */
void reception_close(struct reception *reception, const char *text);

/* Whether the session may be over: QUIT came, or the client hangs up outside of
 * a transaction and not after an error. */
bool reception_may_end(const struct reception *reception);

/* Who authenticated, NULL for nobody. */
const char *reception_user(const struct reception *reception);
/* What the client called itself; empty before EHLO or HELO. */
const char *reception_client_name(const struct reception *reception);
bool reception_is_esmtp(const struct reception *reception);
bool reception_is_tls(const struct reception *reception);

#endif
