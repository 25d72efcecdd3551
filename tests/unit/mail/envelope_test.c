/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Envelopes: operands, headers, Resent blocks, aliases and domains in both
 * forms, and each way of having no valid recipient.
 */
#include <config.h>

#include "base/clock.h"
#include "mail/envelope.h"
#include "tap.h"

#include <stdio.h>

#define MUENCHEN "m\xC3\xBCnchen.de"
#define OE       "\xC3\xB6"

static const struct {
	const char *name, *members;
} aliases[] = {
	{ "root", "admin@x.org" },
	{ "team", "root, a@x.org, b@x.org" },
	{ "root@localhost", "root" },
	{ "self", "\\self, a@x.org" },
	{ "loop", "a@x.org, loop2" },
	{ "loop2", "loop3" },
	{ "loop3", "b@x.org, loop" },
	{ "into", "c@x.org, loop2" },
	{ "direct", "direct" },
	{ "empty", "" },
	{ "bad", "a@x.org, two words" },
	{ "bare", "nobody" },
	{ "twice", "team, team, root" },
};

static const char *expand_alias(
	void *context, const char *name, struct arena *arena)
{
	int number;

	tap_ok(context == aliases && arena, "alias '%s' is asked for", name);
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (strcmp(aliases[i].name, name) == 0)
			return aliases[i].members;
	if (sscanf(name, "chain%d", &number) == 1 && number > 0)
		return arena_printf(arena, "chain%d", number - 1);
	return NULL;
}

static bool to_ascii(const char *domain, struct buf *out, struct diag *why)
{
	if (strcmp(domain, MUENCHEN) == 0)
		return buf_puts(out, "xn--mnchen-3ya.de");
	return diag_set(
		why, DIAG_ADDRESS_DOMAIN_INVALID, domain, "says the stub");
}

/* operands: words, each ended by "|". want: the sender, ">", then each
 * recipient ended by ";", an ascii form that differs in braces, "?" if there
 * is none, and "U" in front if SMTPUTF8 is needed.  Or "!", the exit code and
 * the sentence. */
static const struct {
	const char *name, *operands, *head, *want;
	const char *sender, *maildomain; /* NULL: s@x.org; none */
} cases[] = {
	/* Operands. */
	{ "one", "a@x.org|", NULL, "s@x.org>a@x.org;", 0, 0 },
	{ "several", "a@x.org|B <b@x.org>, c@x.org|", NULL,
		"s@x.org>a@x.org;b@x.org;c@x.org;", 0, 0 },
	{ "a group", "Team: a@x.org, b@x.org;|", NULL,
		"s@x.org>a@x.org;b@x.org;", 0, 0 },
	{ "quoted where it must be", "\"john doe\"@x.org|\"jim\"@x.org|", NULL,
		"s@x.org>\"john doe\"@x.org;jim@x.org;", 0, 0 },
	{ "duplicates",
		"a@x.org|b@x.org|a@X.ORG|\"a\"@x.org, <a@x.org>|A@x.org|", NULL,
		"s@x.org>a@x.org;b@x.org;A@x.org;", 0, 0 },
	{ "the header is not looked at without -t", "a@x.org|",
		"~To: b@x.org\n", "s@x.org>a@x.org;", 0, 0 },
	{ "none", "", NULL, "!64 no recipients", 0, 0 },
	{ "two words", "a@x.org|bad address|", NULL,
		"!65 'bad address' is not a valid address: two words without a "
		"comma or angle brackets",
		0, 0 },
	{ "an empty operand", "a@x.org||", NULL,
		"!65 '' is not a valid address: no address", 0, 0 },
	{ "an operand of commas", ",,|a@x.org|", NULL,
		"!65 ',,' is not a valid address: no address", 0, 0 },
	{ "an empty group as operand", "undisclosed-recipients:;|", NULL,
		"!65 'undisclosed-recipients:;' is not a valid address: no "
		"address",
		0, 0 },
	{ "a line break in an operand", "a@x.org\nb@x.org|", NULL,
		"!65 'a@x.org b@x.org' is not a valid address: a line break", 0,
		0 },
	{ "also one that folds", "a@x.org,\r\n b@x.org|", NULL,
		"!65 'a@x.org,  b@x.org' is not a valid address: a line break",
		0, 0 },
	{ "empty brackets as operand", "<>|", NULL,
		"!65 '<>' is not a valid address: no address", 0, 0 },
	{ "empty brackets in a field", "", "To: a@x.org\nCc: <>, Bob <>\n",
		"s@x.org>a@x.org;", 0, 0 },
	/* -t. */
	{ "To, Cc and Bcc", "",
		"To: to@x.org\nCc: C <cc@x.org>,\n cc2@x.org\nBcc: bcc@x.org\n",
		"s@x.org>to@x.org;cc@x.org;cc2@x.org;bcc@x.org;", 0, 0 },
	{ "in any case and order, more than once", "",
		"bcc : 1@x\nTO: 2@x\nFrom: 3@x\nto: 4@x\nReply-To: 5@x\n",
		"s@x.org>1@x;2@x;4@x;", 0, 0 },
	{ "added to the operands, once", "extra@x.org|cc@x.org|",
		"To: to@x.org\nCc: cc@x.org\nBcc: bcc@x.org\n",
		"s@x.org>extra@x.org;cc@x.org;to@x.org;bcc@x.org;", 0, 0 },
	{ "a group without members, and Bcc", "",
		"To: undisclosed-recipients:;\nBcc: a@x.org\n",
		"s@x.org>a@x.org;", 0, 0 },
	{ "empty members and fields", "", "To:\nCc: ,a@x.org,,\nBcc: \n",
		"s@x.org>a@x.org;", 0, 0 },
	{ "operands alone do for -t", "a@x.org|", "Subject: x\n",
		"s@x.org>a@x.org;", 0, 0 },
	{ "nobody", "", "Subject: x\n",
		"!65 the message names no recipient in To, Cc, Bcc", 0, 0 },
	{ "nobody but a group", "", "To: undisclosed-recipients:;\n",
		"!65 the message names no recipient in To, Cc, Bcc", 0, 0 },
	{ "partly bad: nothing, and the bad one is named", "",
		"To: a@x.org, two words, b@x.org\n",
		"!65 the To header holds an invalid address 'two words': two "
		"words without a comma or angle brackets",
		0, 0 },
	{ "bad in a Bcc with a space", "", "To: a@x.org\nbcc : @x\n",
		"!65 the bcc header holds an invalid address '@x': nothing "
		"before the '@'",
		0, 0 },
	{ "a malformed From or Reply-To stops nothing", "",
		"From: two words\nReply-To: <\nTo: a@x.org\n",
		"s@x.org>a@x.org;", 0, 0 },
	/* Resent. */
	{ "a Resent block alone counts", "",
		"Resent-From: r@x\nResent-To: 1@x\nResent-Cc: 2@x\n"
		"Resent-Bcc: 3@x\nTo: 4@x\nCc: 5@x\nBcc: 6@x\n",
		"s@x.org>1@x;2@x;3@x;", 0, 0 },
	{ "after trace fields", "",
		"Received: x\nResent-To: 1@x\nReceived: y\nResent-To: 2@x\n",
		"s@x.org>1@x;", 0, 0 },
	{ "the latest of two blocks that touch", "",
		"Resent-From: r@x\nResent-To: 1@x\nResent-From: q@x\n"
		"Resent-To: 2@x\n",
		"s@x.org>1@x;", 0, 0 },
	{ "also when the older begins with its To", "",
		"Resent-To: 1@x\nResent-From: r@x\nResent-To: 2@x\n"
		"Resent-From: q@x\n",
		"s@x.org>1@x;", 0, 0 },
	{ "a line for each recipient is one block", "",
		"Resent-To: 1@x\nresent-to: 2@x\nResent-Cc: 3@x\n",
		"s@x.org>1@x;2@x;3@x;", 0, 0 },
	{ "scattered by trace fields", "",
		"Resent-From: r@x\nReceived: x\nResent-To: 1@x\n"
		"MIME-Version: 1.0\nResent-Cc: 2@x\nTo: 3@x\n"
		"Resent-Date: d\n",
		"s@x.org>1@x;2@x;", 0, 0 },
	{ "and before an older one", "",
		"Resent-From: r@x\nReceived: x\nResent-To: 1@x\n"
		"Received: y\nResent-From: q@x\nResent-To: 2@x\n",
		"s@x.org>1@x;", 0, 0 },
	{ "that contradict each other", "",
		"Resent-From: r@x\nResent-To: 1@x\nReceived: x\n"
		"Resent-To: 2@x\nResent-Cc: 3@x\n",
		"!65 its Resent fields contradict each other: for whom it is "
		"can only be guessed",
		0, 0 },
	{ "a Resent block that names nobody", "", "Resent-From: r@x\nTo: a@x\n",
		"!65 the message names no recipient in Resent-To, Resent-Cc, "
		"Resent-Bcc",
		0, 0 },
	{ "a bad Resent-To", "", "Resent-To: a b\n",
		"!65 the Resent-To header holds an invalid address 'a b': two "
		"words without a comma or angle brackets",
		0, 0 },
	/* Bare names. */
	{ "a bare name without a domain", "a@x.org|nobody|", NULL,
		"!67 the recipient 'nobody' has no domain", 0, 0 },
	{ "a bare name with maildomain", "nobody|\"j d\"|", NULL,
		"s@x.org>nobody@m.org;\"j d\"@m.org;", 0, "m.org" },
	{ "a bare name in a header", "", "To: nobody\n",
		"s@x.org>nobody@m.org;", 0, "m.org" },
	{ "bare and in full are one", "a|a@M.org|", NULL, "s@x.org>a@m.org;", 0,
		"m.org" },
	{ "a maildomain that is none", "nobody|", NULL,
		"!65 'nobody@a b' is not a valid address: text behind the "
		"address",
		0, "a b" },
	{ "a maildomain with a line break", "nobody|", NULL,
		"!65 'nobody@m.org ' is not a valid address: text behind the "
		"address",
		0, "m.org\n" },
	/* Aliases. */
	{ "an alias", "root|", NULL, "s@x.org>admin@x.org;", 0, 0 },
	{ "an alias of an alias", "team|", NULL,
		"s@x.org>admin@x.org;a@x.org;b@x.org;", 0, 0 },
	{ "an alias in a header", "", "To: Root <root>\n",
		"s@x.org>admin@x.org;", 0, 0 },
	{ "an alias with a domain", "root@localhost|", NULL,
		"s@x.org>admin@x.org;", 0, 0 },
	{ "an alias before maildomain", "root|nobody|", NULL,
		"s@x.org>admin@x.org;nobody@m.org;", 0, "m.org" },
	{ "a backslash stops the alias", "\\root|", NULL, "s@x.org>root@m.org;",
		0, "m.org" },
	{ "a backslash without a domain", "\\root|", NULL,
		"!67 the recipient 'root' has no domain", 0, 0 },
	{ "an alias that names itself literally", "self|", NULL,
		"s@x.org>self@m.org;a@x.org;", 0, "m.org" },
	{ "an alias twice", "twice|team|root|", NULL,
		"s@x.org>admin@x.org;a@x.org;b@x.org;", 0, 0 },
	{ "an alias to nobody", "empty|", NULL, "!64 no recipients", 0, 0 },
	{ "a loop", "loop|", NULL,
		"!78 the alias 'loop' leads back to itself: "
		"loop -> loop2 -> loop3 -> loop",
		0, 0 },
	{ "a loop, from outside", "into|", NULL,
		"!78 the alias 'loop2' leads back to itself: "
		"loop2 -> loop3 -> loop -> loop2",
		0, 0 },
	{ "an alias of itself", "direct|", NULL,
		"!78 the alias 'direct' leads back to itself: direct -> direct",
		0, 0 },
	{ "16 aliases deep", "chain16|", NULL, "s@x.org>chain0@m.org;", 0,
		"m.org" },
	{ "17 aliases deep", "chain17|", NULL,
		"!78 the alias 'chain1' is the end of a chain of more than 16 "
		"aliases",
		0, "m.org" },
	{ "an alias that does not parse", "bad|", NULL,
		"!78 the alias 'bad' holds an invalid address 'two words': two "
		"words without a comma or angle brackets",
		0, 0 },
	{ "an alias to a bare name", "bare|", NULL,
		"!67 the recipient 'nobody' has no domain", 0, 0 },
	/* Domains and local parts that are not ASCII. */
	{ "an IDN", "a@" MUENCHEN "|", NULL,
		"s@x.org>a@" MUENCHEN "{a@xn--mnchen-3ya.de};", 0, 0 },
	{ "both forms of a domain are one",
		"a@" MUENCHEN "|a@xn--mnchen-3ya.de|a@XN--MNCHEN-3YA.de|", NULL,
		"s@x.org>a@" MUENCHEN "{a@xn--mnchen-3ya.de};", 0, 0 },
	{ "an 8-bit local part", "j" OE "rg@x.org|", NULL,
		"Us@x.org>j" OE "rg@x.org{?};", 0, 0 },
	{ "a bad IDN", "a@m" OE ".de|", NULL,
		"!65 the domain of 'm" OE ".de' is not valid: says the stub", 0,
		0 },
	{ "a bad IDN with an 8-bit local part", OE "@m" OE ".de|", NULL,
		"!65 the domain of 'm" OE ".de' is not valid: says the stub", 0,
		0 },
	{ "not UTF-8", "", "To: j\xF6rg@x.org\n",
		"!65 the To header holds an invalid address 'j\\xF6rg@x.org': "
		"bytes that are not UTF-8",
		0, 0 },
	/* The sender. */
	{ "the null sender", "a@x.org|", NULL, ">a@x.org;", "", 0 },
	{ "the null sender in brackets", "a@x.org|", NULL, ">a@x.org;", "<>",
		0 },
	{ "a sender with a name", "a@x.org|", NULL, "b@x.org>a@x.org;",
		"B <b@x.org>", 0 },
	{ "a bare sender with maildomain", "a@x.org|", NULL,
		"www-data@m.org>a@x.org;", "www-data", "m.org" },
	{ "a bare sender", "a@x.org|", NULL,
		"!65 the sender 'www-data' has no domain", "www-data", 0 },
	{ "two senders", "a@x.org|", NULL,
		"!65 'b@x.org, c@x.org' is not a valid address: more than one "
		"address",
		"b@x.org, c@x.org", 0 },
	{ "a sender with a line break", "a@x.org|", NULL,
		"!65 'b@x.org RCPT TO:<c@x>' is not a valid address: a line "
		"break",
		"b@x.org\r\nRCPT TO:<c@x>", 0 },
	{ "a sender that does not parse", "a@x.org|", NULL,
		"!65 'b@' is not a valid address: nothing after the '@'", "b@",
		0 },
	{ "an IDN sender", "a@x.org|", NULL,
		"b@" MUENCHEN "{b@xn--mnchen-3ya.de}>a@x.org;", "b@" MUENCHEN,
		0 },
	{ "an 8-bit sender", "a@x.org|", NULL, "U" OE "@x.org{?}>a@x.org;",
		OE "@x.org", 0 },
	{ "a sender is no alias", "a@x.org|", NULL, "root@m.org>a@x.org;",
		"root", "m.org" },
};

static void put_address(struct buf *out, const struct envelope_address *address)
{
	buf_puts(out, address->utf8);
	if (!address->ascii || strcmp(address->ascii, address->utf8) != 0)
		buf_printf(out, "{%s}", address->ascii ? address->ascii : "?");
}

static void read_message(const char *head, struct message *message)
{
	struct source *source = source_from_span(span_of(head));
	struct diag why;

	tap_ok(message_read(
		       source, &(struct message_params){ 0 }, message, &why),
		"a message is read");
	source_close(source);
}

/* Cuts the operands at "|". */
static size_t words_cut(
	struct arena *arena, const char *text, const char **words)
{
	size_t count = 0;

	for (struct span rest = span_of(text); rest.length;) {
		struct span word = span_cut(&rest, '|');

		words[count++] = arena_strndup(arena, word.at, word.length);
	}
	return count;
}

static void describe(const struct envelope_params *params,
	const struct message *message, struct arena *arena, struct buf *got)
{
	struct envelope envelope;
	struct diag why;

	if (!envelope_make(params, message, arena, &envelope, &why)) {
		buf_printf(got, "!%d ", why.exit_code);
		diag_sentence(&why, false, got);
		return;
	}
	if (envelope.needs_smtputf8)
		buf_puts(got, "U");
	put_address(got, &envelope.sender);
	buf_puts(got, ">");
	for (size_t i = 0; i < envelope.recipient_count; i++) {
		put_address(got, &envelope.recipients[i]);
		buf_puts(got, ";");
	}
}

static void test_case(size_t row)
{
	/* A "~" in front: there is a header, but no -t. */
	const char *head = cases[row].head ? cases[row].head : "";
	struct arena *arena = arena_new();
	struct buf got = BUF_INIT(2000);
	const char *words[20];
	struct message message;
	struct envelope_params params = { .operands = words,
		.operand_count = words_cut(arena, cases[row].operands, words),
		.from_header = cases[row].head && *head != '~',
		.sender = cases[row].sender ? cases[row].sender : "s@x.org",
		.maildomain = cases[row].maildomain,
		.expand_alias = expand_alias,
		.alias_context = (void *)(uintptr_t)aliases,
		.to_ascii = to_ascii };

	read_message(head + (*head == '~'), &message);
	describe(&params, &message, arena, &got);
	tap_is_text(buf_text(&got), cases[row].want, cases[row].name);
	message_free(&message);
	buf_free(&got);
	arena_free(arena);
}

/* Everything that may be NULL is NULL. */
static void test_defaults(void)
{
	static const char *const words[] = { "\\a@x.org", "a@x.org",
		("b@" MUENCHEN) };
	struct arena *arena = arena_new();
	struct buf got = BUF_INIT(1000);
	struct envelope_params params = { .operands = words,
		.operand_count = 2 };
	struct message message;

	read_message("", &message);
	describe(&params, &message, arena, &got);
	tap_is_text(buf_text(&got), ">a@x.org;", "all defaults");
	buf_clear(&got);
	params.operand_count = 3;
	describe(&params, &message, arena, &got);
	tap_is_text(buf_text(&got),
		"!65 the domain of 'b@" MUENCHEN
		"' is not valid: it is not ASCII, and no IDN library is there",
		"an IDN without a library");
	message_free(&message);
	buf_free(&got);
	arena_free(arena);
}

#define L62 "llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
#define L63 L62 "l"

/* want: the recipients, each ended by ";", then each fault as "!", its exit
 * code, what was written, and ";". */
static const struct {
	const char *name, *operands, *head, *want;
} partial[] = {
	{ "all are fine", "a@x.org|", "", "a@x.org;" },
	{ "one operand is none", "a@@x|b@x.org|", "", "b@x.org;!67 a@@x;" },
	{ "one in a list", "a@x, b c, d@x|", "", "a@x;d@x;!67 b c;" },
	{ "one in a field, with a bare name", "",
		"To: a@x, two words\nCc: nobody, b@x\n",
		"a@x;b@x;!67 two words;!67 nobody;" },
	{ "behind an operand", "b@x|", "To: two words\n",
		"b@x;!67 two words;" },
	{ "an empty operand", "|a@x|", "", "a@x;!67 ;" },
	{ "a bad IDN", "a@m" OE ".de|b@x|", "", "b@x;!67 a@m" OE ".de;" },
	{ "an open quote takes the rest", "", "To: a@x, \"b, c@x\nCc: d@x\n",
		"a@x;d@x;!67 \"b, c@x;" },
	{ "of an alias, a bare name", "bare|a@x|", "", "a@x;!67 nobody;" },
	{ "a label of 63 bytes, and one of 64", "a@" L63 ".x|b@" L63 "l.x|", "",
		"a@" L63 ".x;!67 b@" L63 "l.x;" },
	{ "a domain of 255 bytes, and one of 256",
		"a@" L63 "." L63 "." L63 "." L63 "|b@" L63 "." L63 "." L62
		"." L63 ".d|",
		"",
		"a@" L63 "." L63 "." L63 "." L63 ";!67 b@" L63 "." L63 "." L62
		".lllllll...;" },
	{ "nobody is left", "a@@x|nobody|", "",
		"!65 'a@@x' is not a valid address: a second '@'" },
	{ "nobody is left but a bare name", "nobody|", "",
		"!67 the recipient 'nobody' has no domain" },
	{ "a line break keeps it from all", "a@x\nb@x|c@x|", "",
		"!65 'a@x b@x' is not a valid address: a line break" },
	{ "an alias that is wrong, too", "bad|a@x|", "",
		"!78 the alias 'bad' holds an invalid address 'two words': two "
		"words without a comma or angle brackets" },
};

static void put_partial(struct buf *got, const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->recipient_count; i++)
		buf_printf(got, "%s;", envelope->recipients[i].utf8);
	for (size_t i = 0; i < envelope->fault_count; i++)
		buf_printf(got, "!%d %s;", envelope->faults[i].why.exit_code,
			envelope->faults[i].text);
}

static void test_partial(size_t row)
{
	struct arena *arena = arena_new();
	struct buf got = BUF_INIT(2000);
	const char *words[20];
	struct envelope envelope;
	struct message message;
	struct envelope_params params = { .operands = words,
		.operand_count = words_cut(arena, partial[row].operands, words),
		.from_header = *partial[row].head,
		.may_be_partial = true,
		.expand_alias = expand_alias,
		.alias_context = (void *)(uintptr_t)aliases,
		.to_ascii = to_ascii };
	struct diag why;

	read_message(partial[row].head, &message);
	if (envelope_make(&params, &message, arena, &envelope, &why)) {
		put_partial(&got, &envelope);
	} else {
		buf_printf(&got, "!%d ", why.exit_code);
		diag_sentence(&why, false, &got);
	}
	tap_is_text(buf_text(&got), partial[row].want, partial[row].name);
	message_free(&message);
	buf_free(&got);
	arena_free(arena);
}

static void test_wishes(void)
{
	static const char *const words[] = { "a@x.org" };
	const struct envelope_params params = { .operands = words,
		.operand_count = 1,
		.dsn_notify = "NEVER",
		.dsn_return = "HDRS",
		.dsn_envid = "id" };
	struct arena *arena = arena_new();
	struct envelope envelope = { 0 };
	struct message message;
	struct diag why;

	read_message("", &message);
	tap_ok(envelope_make(&params, &message, arena, &envelope, &why),
		"an envelope with wishes");
	tap_is_text(envelope.dsn_notify, "NEVER", "  NOTIFY");
	tap_is_text(envelope.dsn_return, "HDRS", "  RET");
	tap_is_text(envelope.dsn_envid, "id", "  ENVID");
	tap_is_text(envelope.sender.utf8, "", "  the null sender in UTF-8");
	tap_is_text(envelope.sender.ascii, "", "  and in ASCII");
	message_free(&message);
	arena_free(arena);
}

/* Each operand's own: an alias hands it on, a duplicate and the header have
 * none to give. */
static void test_operand_wishes(void)
{
	static const char *const words[] = { "a@x.org, b@x.org", "A@x.org",
		"a@X.org", "self" };
	static const struct envelope_wish wishes[] = {
		{ "NEVER", "rfc822;a@x.org" },
		{ NULL, NULL },
		{ "DELAY", NULL },
		{ "SUCCESS", NULL },
	};
	static const char want[] = "a@x.org NEVER rfc822;a@x.org\n"
				   "b@x.org NEVER rfc822;a@x.org\n"
				   "A@x.org - -\n"
				   "self@x.org SUCCESS -\n"
				   "c@x.org - -\n";
	struct envelope_params params = { .operands = words,
		.operand_count = 4,
		.wishes = wishes,
		.from_header = true,
		.maildomain = "x.org",
		.expand_alias = expand_alias,
		.alias_context = (void *)(uintptr_t)aliases };
	struct arena *arena = arena_new();
	struct envelope envelope = { .recipient_count = 0 };
	struct buf got = BUF_INIT(1000);
	struct message message;
	struct diag why;

	read_message("To: c@x.org\n", &message);
	envelope_make(&params, &message, arena, &envelope, &why);
	for (size_t i = 0; i < envelope.recipient_count; i++) {
		const struct envelope_address *to = &envelope.recipients[i];

		buf_printf(&got, "%s %s %s\n", to->utf8,
			to->wish.notify ? to->wish.notify : "-",
			to->wish.original ? to->wish.original : "-");
	}
	tap_is_text(buf_text(&got), want, "wishes of operands");
	message_free(&message);
	buf_free(&got);
	arena_free(arena);
}

static void put_many(struct buf *head, size_t count)
{
	buf_puts(head, "To: 0@x.org");
	for (size_t i = 1; i < count; i++)
		buf_printf(head, ",\n %d@x.org", (int)i);
	buf_puts(head, "\n");
}

static void test_many(void)
{
	const struct envelope_params params = { .from_header = true };
	struct arena *arena = arena_new();
	struct buf head = BUF_INIT(10000000);
	struct envelope envelope = { 0 };
	struct message message;
	struct diag why;
	int64_t begin;

	put_many(&head, ENVELOPE_RECIPIENTS_LIMIT);
	put_many(&head, 1000);
	read_message(buf_text(&head), &message);
	begin = clock_now_ms();
	tap_ok(envelope_make(&params, &message, arena, &envelope, &why) &&
			envelope.recipient_count == ENVELOPE_RECIPIENTS_LIMIT,
		"as many recipients as the limit says, and duplicates");
	tap_ok(clock_now_ms() - begin < 10000, "  fast");
	message_free(&message);
	buf_clear(&head);
	put_many(&head, ENVELOPE_RECIPIENTS_LIMIT + 1);
	read_message(buf_text(&head), &message);
	tap_ok(!envelope_make(&params, &message, arena, &envelope, &why),
		"one more");
	tap_is_diag(&why, DIAG_TOO_MANY_RECIPIENTS, "  is too many");
	message_free(&message);
	buf_free(&head);
	arena_free(arena);
}

/* What is shown of a member that is far too long. */
static void test_long_member(void)
{
	struct buf word = BUF_INIT(5000), got = BUF_INIT(5000);
	struct buf want = BUF_INIT(5000);
	const char *const words[1] = { 0 };
	struct envelope_params params = { .operands = words,
		.operand_count = 1 };
	struct arena *arena = arena_new();
	const char *operand;
	struct message message;

	buf_puts(&word, "x");
	buf_puts(&want, "!65 'x");
	for (size_t i = 0; i < 2000; i++) {
		buf_puts(&word, OE);
		if (i < 100)
			buf_puts(&want, OE);
	}
	buf_puts(&word, " y");
	buf_puts(&want, "...' is not a valid address: two words without a "
			"comma or angle brackets");
	operand = buf_text(&word);
	params.operands = &operand;
	read_message("", &message);
	describe(&params, &message, arena, &got);
	tap_is_text(buf_text(&got), buf_text(&want),
		"a long member is cut between characters, the reason is not");
	message_free(&message);
	arena_free(arena);
	buf_free(&word);
	buf_free(&got);
	buf_free(&want);
}

static const struct {
	const char *name, *head;
	bool want;
	size_t want_first, want_end;
} blocks[] = {
	{ "never resent", "To: a\nFrom: b\n", false, 99, 99 },
	{ "no header", "", false, 99, 99 },
	{ "at the top", "Resent-From: a\nresent-date: b\nTo: c\n", true, 0, 2 },
	{ "at the end", "To: a\nResent-From: b\n", true, 1, 2 },
	{ "two, apart", "A: x\nResent-To: b\nB: y\nResent-To: c\n", true, 1,
		2 },
	{ "two, together",
		"Resent-Date: a\nResent-To: b\nResent-Date: c\nResent-To: d\n",
		true, 0, 2 },
	{ "a run", "Resent-To: a\nResent-To: b\nResent-Bcc: c\n", true, 0, 3 },
	{ "unknown Resent fields may repeat",
		"Resent-X: a\nResent-Y: b\nResent-X: c\nA: d\n", true, 0, 3 },
};

static void test_blocks(void)
{
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		size_t first = 99, end = 99;
		struct message message;
		bool got;

		read_message(blocks[i].head, &message);
		got = envelope_resent_block(&message.header, &first, &end);
		tap_ok(got == blocks[i].want && first == blocks[i].want_first &&
				end == blocks[i].want_end,
			"Resent block %s: [%d, %d)", blocks[i].name, (int)first,
			(int)end);
		message_free(&message);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		test_case(i);
	for (size_t row = 0; row < sizeof partial / sizeof *partial; row++)
		test_partial(row);
	test_defaults();
	test_wishes();
	test_operand_wishes();
	test_many();
	test_long_member();
	test_blocks();
	return tap_done();
}
