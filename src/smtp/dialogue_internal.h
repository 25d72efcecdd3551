/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the dialogue share; nobody else includes this.
 *
 *	dialogue.c        the door: bytes in and out, what is next, the end
 *	session.c         greeting, EHLO, STARTTLS, QUIT
 *	authentication.c  AUTH
 *	transaction.c     MAIL, RCPT, DATA, the message, the verdicts
 *	window.c          which transactions are under way in one flight
 *	renounce.c        what the server offers and does not do
 *	advice.c          what to do about a refusal
 *	wire.c            what all of these stand on: the queue, the output
 *
 * Each calls only those below it.  Two rules keep pipelining simple.  A reply
 *pops the oldest command of the queue and its handler only records what it
 *says.  What is sent next is decided in one place: after every event dialogue.c
 *asks each part in turn for its next step, until nobody has one.  (Responses
 *and the body are sent when the caller hands them over.)  A part that finds
 *that the session cannot go on only records it: the deliveries are ended, and
 *leave is taken, in the same place.
 */
#ifndef SMTP_DIALOGUE_INTERNAL_H
#define SMTP_DIALOGUE_INTERNAL_H

#include "base/mask.h"
#include "base/secret.h"
#include "smtp/command.h"
#include "smtp/dialogue.h"
#include "smtp/dotstuff.h"
#include "smtp/reply.h"

enum smtp_verb {
#define VERB(id, name, handler, ends_group, success, deadline) SMTP_VERB_##id,
#include "smtp/verb.def"
#undef VERB
	SMTP_VERB_COUNT
};

struct smtp_verb_facts {
	const char *name;
	bool ends_group;
	unsigned success;
	enum smtp_deadline deadline;
};

/* A command that waits for its reply. */
struct smtp_command {
	enum smtp_verb verb;
	struct smtp_delivery *delivery; /* at hand when it was sent */
	size_t recipient;               /* of RCPT */
	uint64_t end; /* of its last byte among all that is ever sent */
};

enum {
	/* So much may be unanswered; more goes out once half of it has been
	 * answered.  It must fit the buffers between two programs that both
	 * only write (RFC 2920 3.1). */
	SMTP_WINDOW_COMMANDS = 1000,
	SMTP_WINDOW_BYTES = 32 * 1024,
	/* The same with several transactions on their way, whose replies are
	 * read while they go out. */
	SMTP_SHARED_BYTES = 256 * 1024,
	/* 4 MB on their way: a long line is not to be slower than with DATA. */
	SMTP_CHUNKS_UNANSWERED = 64,
	SMTP_OUTPUT_LIMIT = 4 * 1024 * 1024,
	/* As many refused recipients keep the server's words each; the others
	 * share one diag. */
	SMTP_REFUSALS_KEPT = 1000,
	/* Of lines that are no reply, for a sentence. */
	SMTP_SKIPPED_KEPT = 200,
	/* No mechanism has so many challenges. */
	SMTP_CHALLENGES_MAX = 16
};

/* A ring; it never fills, because the window is smaller. */
struct smtp_queue {
	struct smtp_command at[SMTP_WINDOW_COMMANDS + 24];
	size_t first, count;
	uint64_t answered_end; /* end of the last one popped */
	bool is_draining; /* the window was full and is not half empty yet */
	uint64_t limit_bytes;
};

enum session_stage {
	SESSION_GREETING,
	SESSION_EHLO, /* to be sent, or sent */
	SESSION_HELO,
	SESSION_STARTTLS,
	SESSION_HANDSHAKE, /* the caller's turn */
	SESSION_OPEN
};

/* What lasts as long as the connection. */
struct smtp_session {
	enum session_stage stage;
	struct ehlo ehlo;
	bool is_secure;
	bool is_finishing; /* no further transaction */
	bool is_quit_sent;
	bool needs_reset; /* a transaction was left half done */
	enum smtp_sharing sharing;
	bool is_one_by_one; /* by the name it gave */
	/* 421: nothing more is sent, and what was is answered or not. */
	bool is_closing;
	struct diag closing;
	unsigned long mails;      /* transactions, for LIMITS MAILMAX */
	unsigned long recipients; /* that it took, in all of them */
	bool is_full;             /* and no more */
	const char *etrn_node;    /* NULL: not asked for */
	bool is_etrn_sent, is_etrn_refused;
	struct diag etrn_refusal;
	bool renounced[EHLO_COUNT];
	bool is_over, has_failed;
	struct diag failure;
	const struct smtp_delivery *failed_at; /* at hand then */
	bool may_take_leave; /* the server waits for us, whatever failed */
	bool is_settled;     /* what follows from the failure was done */
};

enum authentication_stage {
	AUTHENTICATION_NEEDED, /* not begun */
	AUTHENTICATION_CHOICE, /* the caller names a mechanism or gives up */
	AUTHENTICATION_SENT,   /* a reply is due */
	AUTHENTICATION_CHALLENGED, /* the caller answers */
	AUTHENTICATION_HELD,       /* the held initial response is to be sent */
	AUTHENTICATION_CANCELLED,  /* "*" is to be sent */
	AUTHENTICATION_REFUSED,    /* replies to what was pipelined are due */
	AUTHENTICATION_RETRIED,    /* the same, then AUTH once more */
	AUTHENTICATION_CONFIRMED,  /* 235: the caller checks the server */
	AUTHENTICATION_DONE        /* or not wanted */
};

struct smtp_authentication {
	enum authentication_stage stage;
	char mechanism[21];
	struct smtp_mechanism like; /* its name is the one above */
	bool may_be_followed;       /* RFC 4954 4: by the rest of the group */
	bool is_inline;     /* the initial response is on the AUTH line */
	bool has_retried;   /* AUTH was said again, without it */
	bool has_held;      /* the initial response waits for a 334 */
	struct secret held; /* the initial response, if there is one */
	struct buf challenge;
	struct span challenge_span;
	bool has_challenge;
	unsigned challenges;
	bool has_refusal;
	struct diag refusal;
};

/* What the server said of one message. */
struct smtp_said {
	struct smtp_reply last; /* that decided; code 0 */
	/* Lines behind a message that are no reply. */
	struct buf skipped;
	unsigned skipped_lines;
	bool has_noise;         /* not all of them were empty */
	struct diag suppressed; /* DIAG_NONE */
};

/* One message; begun anew for each. */
struct smtp_delivery {
	const struct delivery *asked;
	struct arena *arena; /* the diags and verdicts */
	struct smtp_said said;
	struct verdict *verdicts;
	bool is_active;
	bool is_shared; /* by smtp_dialogue_follow() */
	bool is_behind; /* others had no answer when it was begun */
	bool is_left;   /* the server has not looked at it */
	bool is_screened, is_smtputf8, is_7bit;
	bool is_reset_sent; /* before MAIL */
	bool is_mail_sent, is_mail_taken, is_data_sent;
	bool has_renounced;             /* something since this round began */
	bool is_void;                   /* nothing more of it may be sent */
	bool is_body;                   /* 354 came, or BDAT needs none */
	bool is_chunked, is_chunk_sent; /* RFC 3030; one chunk at least */
	bool is_empty;                  /* for nobody: a lone dot */
	bool is_dot_queued;
	/* One round is one transaction with the server.  A recipient whose
	 * verdict is unknown but has a reason was put off to the next one. */
	size_t cursor;     /* the next recipient to name */
	size_t named;      /* RCPTs of this round */
	size_t unanswered; /* RCPTs */
	size_t taken;      /* RCPTs that the server said yes to */
	size_t accepted;   /* the same, if they still count */
	size_t refusals;
	const struct diag *other_refusal[2]; /* permanent, temporary */
	struct dotstuff dots;
	uint64_t dot_start; /* where the final dot begins */
};

struct smtp_dialogue {
	struct smtp_params params;
	struct smtp_session session;
	struct smtp_authentication authentication;
	/* The transaction at hand, never NULL: while a reply is read the one
	 * whose command it answers, else the last one. */
	struct smtp_delivery *delivery;
	/* Those whose verdicts the caller has not taken, a ring; the last one
	 * that was taken stands behind them. */
	struct smtp_delivery *window[SMTP_SHARED_MESSAGES + 1];
	size_t oldest, under_way;
	struct smtp_queue queue;
	struct buf chunk; /* of the message, not sent yet */
	struct mask mask; /* the password, and the last base 64 sent */
	struct reply_parser parser;
	bool is_reply_asked; /* the reply being read began after its command */
	enum smtp_verb answered; /* what the last reply was for */
	struct buf line;         /* the command being built */
	struct buf output;
	size_t output_from; /* what lies before has been sent */
	bool has_secret_output;
	uint64_t queued, sent; /* bytes, since the beginning */
	uint64_t reply_count;  /* complete ones, since the beginning */
};

/* ---- wire.c -------------------------------------------------------------- */
const struct smtp_verb_facts *wire_verb(enum smtp_verb verb);
/* The oldest command without a reply, or NULL; whether all of it has gone; and
 * it is answered. */
const struct smtp_command *wire_head(const struct smtp_dialogue *dialogue);
bool wire_is_head_sent(const struct smtp_dialogue *dialogue);
struct smtp_command wire_take_head(struct smtp_dialogue *dialogue);
/* COMMAND, whose reply was just taken, waits for another one. */
void wire_expect_again(
	struct smtp_dialogue *dialogue, const struct smtp_command *command);
/* Whether anything may be sent behind what waits: always on an empty queue,
 * else only with PIPELINING, inside the window and the group. */
bool wire_may_send(const struct smtp_dialogue *dialogue);
/* Sends dialogue->line as VERB; the trace shows SHOWN instead of a secret
 * (NULL: the line itself). */
void wire_send(struct smtp_dialogue *dialogue, enum smtp_verb verb,
	size_t recipient, const char *shown);
/* Sends dialogue->line with DATA behind it, which is not traced. */
void wire_send_chunk(
	struct smtp_dialogue *dialogue, enum smtp_verb verb, struct span data);
/* As smtp_dialogue_output() and _sent(); and what waits is not sent. */
struct span wire_output(const struct smtp_dialogue *dialogue);
void wire_sent(struct smtp_dialogue *dialogue, size_t length);
void wire_clear_output(struct smtp_dialogue *dialogue);
void wire_trace(const struct smtp_dialogue *dialogue,
	enum smtp_direction direction, struct span line);
/* Keeps REPLY as the one that decided. */
void wire_remember(
	struct smtp_dialogue *dialogue, const struct smtp_reply *reply);
/* The session has failed: nothing more is sent.  WHY, the first one, is
 * copied. */
void wire_fail(struct smtp_dialogue *dialogue, const struct diag *why);
/* The same, but leave is to be taken of the server if it is our turn. */
void wire_give_up(struct smtp_dialogue *dialogue, const struct diag *why);
/* The same because REPLY makes no sense as an answer to NAME. */
void wire_fail_unexpected(struct smtp_dialogue *dialogue, const char *name,
	const struct smtp_reply *reply);
/* The same because the caller did not send what there was. */
void wire_fail_overflow(struct smtp_dialogue *dialogue);

/* ---- the parts ----------------------------------------------------------- */
/* Each step sends or changes something and returns true, or returns false. */
bool session_step(struct smtp_dialogue *dialogue);
bool session_quit_step(struct smtp_dialogue *dialogue);
bool session_etrn_step(struct smtp_dialogue *dialogue);
bool authentication_step(struct smtp_dialogue *dialogue);
bool transaction_step(struct smtp_dialogue *dialogue);
/* The lone dot for a message that goes to nobody. */
bool transaction_dot_step(struct smtp_dialogue *dialogue);

/* What the caller does, as smtp_dialogue_…() has it. */
void session_tls_done(struct smtp_dialogue *dialogue);
void authentication_begin(struct smtp_dialogue *dialogue,
	const struct smtp_mechanism *mechanism, const struct span *initial);
void authentication_continue(
	struct smtp_dialogue *dialogue, struct span response);
void authentication_cancel(
	struct smtp_dialogue *dialogue, const struct diag *why);
void authentication_give_up(
	struct smtp_dialogue *dialogue, const struct diag *why);
void authentication_accept(struct smtp_dialogue *dialogue);
void transaction_body(struct smtp_dialogue *dialogue, struct span piece);
void transaction_body_end(struct smtp_dialogue *dialogue);

/* Whether MAIL may be sent. */
bool authentication_lets_mail_pass(const struct smtp_dialogue *dialogue);
bool authentication_wants_caller(const struct smtp_dialogue *dialogue);
void authentication_free(struct smtp_authentication *authentication);

/* Gives every recipient without a final verdict this one. */
void transaction_end(struct smtp_dialogue *dialogue, const struct diag *why);
/* The same for those alone whom the message on its way is for. */
void transaction_end_round(
	struct smtp_dialogue *dialogue, const struct diag *why);
bool transaction_wants_body(const struct smtp_dialogue *dialogue);
/* Whether some recipients are left for another round, or may yet be put off to
 * one. */
bool transaction_has_more(const struct smtp_dialogue *dialogue);
/* As when nothing of it had been sent. */
void transaction_rewind(struct smtp_dialogue *dialogue);
/* Whether the server may have the whole message without having said so. */
bool transaction_is_in_doubt(const struct smtp_dialogue *dialogue);

/* Ends a shared one: nothing was said of it; whom it was not delivered to keeps
 * VERDICT_UNKNOWN, and nobody else's comes of it. */
void transaction_leave(struct smtp_dialogue *dialogue);
/* COMMAND of a shared one got 421: it counts as not looked at. */
void transaction_on_closing(
	struct smtp_dialogue *dialogue, const struct smtp_command *command);
/* Begins the one at hand, which is not under way, for ASKED. */
void transaction_begin(struct smtp_dialogue *dialogue,
	const struct delivery *asked, bool is_shared);

/* ---- window.c ------------------------------------------------------------ */
struct smtp_delivery *window_oldest(const struct smtp_dialogue *dialogue);
struct smtp_delivery *window_newest(const struct smtp_dialogue *dialogue);
/* Of those whose verdicts were not taken. */
struct smtp_delivery *window_at(
	const struct smtp_dialogue *dialogue, size_t index);
bool window_is_active(const struct smtp_dialogue *dialogue);
void window_init(struct smtp_dialogue *dialogue);
/* The newest place, and no other, is the next transaction's; a further one. */
void window_restart(struct smtp_dialogue *dialogue);
void window_add(struct smtp_dialogue *dialogue);
/* Whether the one at hand may only show how the server takes what stands behind
 * a message. */
bool window_is_probe(const struct smtp_dialogue *dialogue);
void window_free(struct smtp_dialogue *dialogue);

/* ---- advice.c ------------------------------------------------------------ */
/* Gives *WHY, which was made of REPLY, the hint that fits this session, if
 * there is a better one than its row's. */
void advise(const struct smtp_dialogue *dialogue,
	const struct smtp_reply *reply, struct diag *why);

/* Sets *WHY from ARGS and the reply, with a next step.  530, 534, 535 and 538
 * are about credentials whatever they answer (RFC 4954 6). */
void advice_explain(const struct smtp_dialogue *dialogue, struct diag *why,
	const struct smtp_reply *reply, struct diag_args args);

/* ---- renounce.c ---------------------------------------------------------- */
/* What a refusal is about, if not about the mail. */
bool renounce_is_about_parameters(const struct smtp_reply *reply);
bool renounce_is_about_order(const struct smtp_reply *reply);
/* Not the mail, but that it came with others in one flight. */
bool renounce_is_about_flight(const struct smtp_reply *reply);
bool renounce_is_about_command(const struct smtp_reply *reply);
/* Does without EXTENSION from here on; false when it was not used anyway. */
bool renounce(struct smtp_dialogue *dialogue, enum ehlo_extension extension);
/* *WHY: all that was renounced, and REPLY. */
void renounce_explain(struct smtp_dialogue *dialogue,
	const struct smtp_reply *reply, struct diag *why);

#define VERB(id, name, handler, ends_group, success, deadline)                 \
	void handler(struct smtp_dialogue *dialogue,                           \
		const struct smtp_command *command,                            \
		const struct smtp_reply *reply);
#include "smtp/verb.def"
#undef VERB

#endif
