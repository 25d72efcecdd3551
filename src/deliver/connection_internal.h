/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of a connection share: connection.c, what is asked of it, and
 * below it pump.c, the bytes. */
#ifndef DELIVER_CONNECTION_INTERNAL_H
#define DELIVER_CONNECTION_INTERNAL_H

#include "deliver/connection.h"
#include "deliver/login.h"
#include "deliver/peer.h"
#include "deliver/signing.h"

/* The message as it goes out under some circumstances.  Invariant: SOURCE is
 * the delivery's, or reads the others, which are ours to close or NULL. */
struct form {
	struct source *source, *downgraded, *with_signatures;
	uint64_t size_bytes;
	unsigned changes; /* of the content, to make it */
};

/* One of several messages on their way. */
struct shipment {
	const struct delivery *delivery;
	struct delivery sent;
	struct arena *arena;
	struct outcome *outcome;
	int64_t began_ms;
	unsigned changes; /* when it is taken */
};

struct connection {
	const struct account *account;
	const char *provider; /* its row's name, or NULL */
	bool has_provider;    /* it was looked up */
	const struct secret *password;
	bool is_traced;
	void (*listener)(
		void *context, enum smtp_direction direction, struct span line);
	void *listener_context;
	struct arena *arena;
	struct peer peer;
	struct login login;
	struct smtp_dialogue *dialogue;
	struct buf ignored; /* what the server offers and is not to be used */
	bool is_finished;   /* QUIT is on its way */
	bool is_broken;     /* there is nobody left to take leave of */
	int64_t began_ms; /* of the message, the first one's with connecting */
	const struct delivery *delivery;
	struct delivery sent;    /* for whom and in what form, over this one */
	struct signing *signing; /* NULL: nothing is signed */
	/* For a server without SMTPUTF8, and for one without 8BITMIME as well;
	 * source NULL: as the one before. */
	struct form utf8, ascii, words;
	bool is_body_read; /* to its end: the next time it begins anew */
	struct span body;  /* read, and not handed over yet */
	uint64_t given;    /* bytes of the message, to the dialogue */
	struct shipment flight[SMTP_SHARED_MESSAGES];
	size_t oldest, under_way;
	bool has_probed; /* it was found out whether TLS comes first */
	/* The wait in progress: it starts anew when a reply is complete or
	 * bytes have gone out, not when the server dribbles another byte. */
	int64_t deadline_ms;
	long deadline_s;
	uint64_t progress, writes;
};

/* The form of the message that this server is to have. */
const struct form *pump_form(const struct connection *connection);
/* Hands over one piece of the message, or its end. */
void pump_do_body(struct connection *connection);
/* Whoever gets the message next gets it from its beginning; IS_READ: somebody
 * has read from it. */
void pump_forget_body(struct connection *connection, bool is_read);
/* Whether nothing more is to be done. */
bool pump_is_over(const struct connection *connection);
/* Reads once and feeds; false when there was nothing to read. */
bool pump_read_some(struct connection *connection);
/* Writes once; false when nothing could be written now. */
bool pump_write_some(struct connection *connection);
/* One turn: moves bytes, or does what is wanted, or waits.  False at the end.
 */
bool pump_turn(struct connection *connection);
/* What is still to be sent is good manners (QUIT), and not worth a wait. */
void pump_send_rest(struct connection *connection);

#endif
