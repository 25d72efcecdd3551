/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server's side of SMTP, without the network: what tests/sink, and later
 * -bs and serve, are made of.  Commands come in as bytes, replies go out as
 * bytes; what only the caller can decide comes as an event.
 *
 *	r = reception_new(&params);
 *	for (;;) {
 *		send reception_output(), then reception_sent();
 *		switch (reception_next(r)) {
 *		case RECEPTION_WANT_BYTES: reception_feed(r, bytes)
 *		case RECEPTION_WANT_…
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
	RECEPTION_DATA,      /* a piece of the message: reception_data() */
	RECEPTION_END, /* the message is complete: reception_answer() decides */
	RECEPTION_CLOSED /* QUIT was answered, or too many errors */
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
	bool auth_needs_tls;
	bool pipelining, eightbitmime, smtputf8, dsn, chunking;
};

struct reception *reception_new(const struct reception_params *params);
void reception_free(struct reception *reception);
enum reception_event reception_next(const struct reception *reception);
void reception_feed(struct reception *reception, struct span bytes);
struct span reception_output(const struct reception *reception);
void reception_sent(struct reception *reception, size_t length);
/* The address under RECEPTION_SENDER and RECEPTION_RECIPIENT, the mechanism or
 * base 64 response under RECEPTION_AUTH, the bytes (dots undone, CRLF kept)
 * under RECEPTION_DATA; borrowed until the next call. */
struct span reception_argument(const struct reception *reception);
/* The parameters behind the address, as sent ("SIZE=100 BODY=8BITMIME"). */
struct span reception_parameters(const struct reception *reception);
/* The initial response under RECEPTION_AUTH, NULL span when there is none. */
struct span reception_initial_response(const struct reception *reception);
/* Goes on after RECEPTION_DATA. */
void reception_data_taken(struct reception *reception);
/* Goes on after SENDER, RECIPIENT and END with a reply; TEXT begins with the
 * enhanced status code ("2.1.5 fine"). */
void reception_answer(
	struct reception *reception, unsigned code, const char *text);
void reception_tls_done(struct reception *reception);
/* Under RECEPTION_AUTH: a challenge (raw), or the verdict. */
void reception_challenge(struct reception *reception, struct span challenge);
void reception_auth_done(
	struct reception *reception, bool accepted, const char *user);
const char *reception_user(const struct reception *reception);
bool reception_is_tls(const struct reception *reception);

#endif
