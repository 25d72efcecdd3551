/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exit code, sentences and log line, each compared whole. */
#include <config.h>

#include "deliver/outcome.h"
#include "tap.h"

#include <poll.h>
#include <stdio.h>
#include <sysexits.h>

enum { RECIPIENTS = 3 };

/* One recipient's fate: a diag, or DIAG_NONE for delivered; and the reply. */
struct fate {
	enum diag_id id;
	unsigned code;
	const char *status, *words;
};

static struct envelope_address addresses[RECIPIENTS] = {
	{ .utf8 = "a@example.org", .ascii = "a@example.org" },
	{ .utf8 = "b@example.org", .ascii = "b@example.org" },
	{ .utf8 = "c@example.org", .ascii = "c@example.org" },
};

static const struct envelope envelope = {
	.sender = { .utf8 = "me@example.org", .ascii = "me@example.org" },
	.recipients = addresses,
	.recipient_count = RECIPIENTS,
};

static struct verdict verdicts[RECIPIENTS];
static struct diag whys[RECIPIENTS];

static void set_fate(size_t i, const struct fate *fate)
{
	verdicts[i] = (struct verdict){ VERDICT_DELIVERED, NULL };
	if (fate->id == DIAG_NONE)
		return;
	diag_set(&whys[i], fate->id, addresses[i].utf8);
	if (fate->code)
		diag_add_reply(&whys[i], fate->code, span_of(fate->status),
			span_of(fate->words));
	verdicts[i].kind = diag_is_temporary(&whys[i]) ? VERDICT_DEFERRED
						       : VERDICT_REFUSED;
	verdicts[i].why = &whys[i];
}

static struct outcome make_outcome(const struct fate fates[RECIPIENTS])
{
	struct outcome outcome;

	outcome_init(&outcome);
	outcome.envelope = &envelope;
	outcome.verdicts = verdicts;
	for (size_t i = 0; i < RECIPIENTS; i++)
		set_fate(i, &fates[i]);
	return outcome;
}

static const struct account work = {
	.name = "work",
	.host = "smtp.example.org",
	.port = 587,
	.tls = true,
	.auth = OPTION_AUTH_ON,
	.user = "me",
};

#define REFUSED                                                                \
	{                                                                      \
		DIAG_SMTP_RCPT_REFUSED, 550, "5.1.1", "no such user"           \
	}
#define DEFERRED                                                               \
	{                                                                      \
		DIAG_SMTP_RCPT_REFUSED, 451, "4.3.0", "later"                  \
	}
#define TAKEN                                                                  \
	{                                                                      \
		DIAG_NONE, 0, "", ""                                           \
	}

static const struct {
	const char *name;
	struct fate fates[RECIPIENTS];
	int exit_code;
	const char *sentences;
} cases[] = {
	{ "all taken", { TAKEN, TAKEN, TAKEN }, EX_OK, "" },
	{ "one refused", { TAKEN, REFUSED, TAKEN }, EX_NOUSER,
		"mailchute: the server refused the recipient b@example.org: "
		"550 5.1.1 no such user\n"
		"mailchute: the server took the message for the 2 other "
		"recipients\n"
		"mailchute: the server's words are the reason; 'mailchute "
		"explain' knows many of them\n" },
	{ "two refused", { REFUSED, REFUSED, TAKEN }, EX_NOUSER,
		"mailchute: the server refused the recipient a@example.org: "
		"550 5.1.1 no such user\n"
		"mailchute: the server refused the recipient b@example.org: "
		"550 5.1.1 no such user\n"
		"mailchute: the server took the message for the 1 other "
		"recipient\n"
		"mailchute: the server's words are the reason; 'mailchute "
		"explain' knows many of them\n" },
	{ "a deferred one among others outweighs a refused one",
		{ REFUSED, DEFERRED, TAKEN }, EX_TEMPFAIL,
		"mailchute: the server refused the recipient a@example.org: "
		"550 5.1.1 no such user\n"
		"mailchute: the server refused the recipient b@example.org: "
		"451 4.3.0 later\n"
		"mailchute: the server took the message for the 1 other "
		"recipient\n"
		"mailchute: the server's words are the reason; 'mailchute "
		"explain' knows many of them\n" },
	{ "credentials wanted at RCPT",
		{ { DIAG_SMTP_AUTH_REQUIRED, 530, "5.7.0", "log in" }, TAKEN,
			TAKEN },
		EX_NOPERM,
		"mailchute: account work: the server wants authentication: "
		"530 5.7.0 log in\n"
		"mailchute: the server took the message for the 2 other "
		"recipients\n"
		"mailchute: set 'auth on', 'user' and a password\n" },
};

static void test_case(size_t i)
{
	struct outcome outcome = make_outcome(cases[i].fates);
	struct buf got = BUF_INIT(100000);
	char name[200];

	snprintf(name, sizeof name, "%s: exit code", cases[i].name);
	tap_is_number(
		outcome_exit_code(&outcome, &work), cases[i].exit_code, name);
	outcome_put_sentences(&got, &outcome, &work);
	snprintf(name, sizeof name, "%s: sentences", cases[i].name);
	tap_is_text(buf_text(&got), cases[i].sentences, name);
	buf_free(&got);
}

/* One refusal of the message is one sentence, whatever the recipients. */
static void test_shared_diag(void)
{
	static const struct fate fates[] = { TAKEN, TAKEN, TAKEN };
	struct outcome outcome = make_outcome(fates);
	struct buf got = BUF_INIT(100000);
	struct diag why;

	diag_set(&why, DIAG_SMTP_DATA_REFUSED);
	diag_add_reply(&why, 554, span_of("5.7.1"), span_of("spam"));
	for (size_t i = 0; i < RECIPIENTS; i++)
		verdicts[i] = (struct verdict){ VERDICT_REFUSED, &why };
	outcome_put_sentences(&got, &outcome, &work);
	tap_is_text(buf_text(&got),
		"mailchute: the server refused the message: 554 5.7.1 spam\n"
		"mailchute: the server's words are the reason; 'mailchute "
		"explain' knows many of them\n",
		"a refused message: one sentence");
	tap_is_number(outcome_exit_code(&outcome, &work), EX_UNAVAILABLE,
		"a refused message: exit code");
	buf_free(&got);
}

static void test_failure(void)
{
	struct buf got = BUF_INIT(100000);
	struct account account = work;
	struct outcome outcome;

	outcome_init(&outcome);
	diag_set(&outcome.failure, DIAG_NET_REFUSED, "smtp.example.org:587");
	outcome_put_sentences(&got, &outcome, &account);
	tap_is_text(buf_text(&got),
		"mailchute: account work: smtp.example.org:587 refused the "
		"connection\n"
		"mailchute: is the port right? Submission servers listen on "
		"587 or 465\n",
		"a failure names the account and the next step");
	tap_is_number(outcome_exit_code(&outcome, &account), EX_TEMPFAIL,
		"a failure's exit code");
	account.tempfail_exit = 69;
	tap_is_number(outcome_exit_code(&outcome, &account), 69,
		"tempfail_exit stands in for 75");
	outcome.failure.exit_code = EX_CONFIG;
	tap_is_number(outcome_exit_code(&outcome, &account), EX_CONFIG,
		"tempfail_exit leaves other codes alone");
	buf_free(&got);
}

static void is_log(const struct outcome *outcome, const struct account *account,
	const char *want, const char *name)
{
	struct buf got = BUF_INIT(100000);

	outcome_put_log(&got, outcome, account);
	tap_is_text(buf_text(&got), want, name);
	buf_free(&got);
}

static void test_log(void)
{
	static const struct fate all[] = { TAKEN, TAKEN, TAKEN };
	static const struct fate one[] = { TAKEN, REFUSED, TAKEN };
	struct outcome outcome = make_outcome(all);
	struct account socket = { .name = "hub", .socket = "/run/hub" };

	snprintf(outcome.id, sizeof outcome.id, "ID");
	outcome.size_bytes = 1234;
	outcome.tls_version = "TLS1.3";
	outcome.mechanism = "PLAIN";
	outcome.message_id = "<1@x>";
	outcome.changes = CHANGE_FOLDED | CHANGE_EIGHT_BIT;
	outcome.elapsed_ms = 42;
	diag_add_reply(&outcome.reply, 250, span_of("2.0.0"),
		span_of("it's\nqueued\x1b[31m"));
	is_log(&outcome, &work,
		"host=smtp.example.org tls=on auth=on user=me "
		"from=me@example.org "
		"recipients=a@example.org,b@example.org,c@example.org "
		"mailsize=1234 smtpstatus=250 "
		"smtpmsg='250 2.0.0 it?s queued\\x1B[31m' exitcode=EX_OK "
		"id=ID account=work status=2.0.0 content=folded,8bit "
		"tlsver=TLS1.3 mech=PLAIN "
		"msgid=<1@x> ms=42",
		"success in the log");
	outcome.message_id = "<1 diag=x exitcode=EX_OK@x>";
	is_log(&outcome, &work,
		"host=smtp.example.org tls=on auth=on user=me "
		"from=me@example.org "
		"recipients=a@example.org,b@example.org,c@example.org "
		"mailsize=1234 smtpstatus=250 "
		"smtpmsg='250 2.0.0 it?s queued\\x1B[31m' exitcode=EX_OK "
		"id=ID account=work status=2.0.0 content=folded,8bit "
		"tlsver=TLS1.3 mech=PLAIN "
		"msgid='<1 diag=x exitcode=EX_OK@x>' ms=42",
		"a Message-ID is no key");
	outcome = make_outcome(one);
	is_log(&outcome, &socket,
		"socket=/run/hub tls=off auth=off from=me@example.org "
		"recipients=a@example.org,b@example.org,c@example.org "
		"smtpstatus=550 smtpmsg='550 5.1.1 no such user' "
		"errormsg='the server refused the recipient b@example.org: "
		"550 5.1.1 no such user' exitcode=EX_NOUSER account=hub "
		"diag=smtp.rcpt-refused status=5.1.1 ms=0",
		"a refused recipient in the log");
	outcome_init(&outcome);
	diag_set(&outcome.failure, DIAG_CONFIG_UNREADABLE, "/etc/x");
	diag_add_errno(&outcome.failure, 13);
	is_log(&outcome, NULL,
		"errormsg='cannot read /etc/x: Permission denied' "
		"exitcode=EX_CONFIG diag=config.unreadable status=4.3.5 ms=0",
		"a failure without an account in the log");
}

static void test_ids(void)
{
	struct outcome a, b;

	outcome_init(&a);
	outcome_init(&b);
	outcome_make_id(&a);
	(void)poll(NULL, 0, 2);
	outcome_make_id(&b);
	tap_is_number((int64_t)strlen(a.id), 15, "an id has 15 letters");
	tap_ok(strncmp(a.id, b.id, 9) < 0, "ids sort as they were made");
	tap_is_number((int64_t)strspn(a.id, "0123456789abcdefghjkmnpqrstvwxyz"),
		15, "an id is letters and digits");
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		test_case(i);
	test_shared_diag();
	test_failure();
	test_log();
	test_ids();
	return tap_done();
}
