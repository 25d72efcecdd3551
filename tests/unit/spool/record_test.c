/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope record: what is printed is read again; what is wrong is named;
 * the journal makes the states. */
#include <config.h>

#include "spool/record.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

#define WISH_HEAD                                                              \
	"mailchute-queue 2\n"                                                  \
	"id 0abcdefghjkmnp1\n"                                                 \
	"created 1795313400\n"                                                 \
	"size 0000000000000001234\n"
#define TAKEN_HEAD                                                             \
	"mailchute-queue 4\n"                                                  \
	"id 0abcdefghjkmnp1\n"                                                 \
	"created 1795313400\n"                                                 \
	"size 0000000000000001234\n"
#define HEAD                                                                   \
	"mailchute-queue 1\n"                                                  \
	"id 0abcdefghjkmnp1\n"                                                 \
	"created 1795313400\n"                                                 \
	"size 0000000000000001234\n"
#define PEOPLE                                                                 \
	"sender ann@example.org\n"                                             \
	"recipient bob@example.net\n"                                          \
	"recipient eve@example.net\n"                                          \
	"recipient joe@example.net\n"                                          \
	"end\n"

static void test_round_trip(void)
{
	static const char *const texts[] = {
		HEAD PEOPLE,
		HEAD "flags 8bit header-8bit report\n"
		     "config /home/ann/my \\x5c file\n"
		     "account work\n"
		     "message-id <caf\xC3\xA9 \\x09 x>\n"
		     "dsn-notify FAILURE,DELAY\n"
		     "dsn-return HDRS\n"
		     "dsn-envid QQ+3D\n"
		     "set timeout 30\n"
		     "set tls_trust_file /etc/a b\n"
		     "set auth\n" PEOPLE,
		HEAD "sender \nrecipient \"a b\"@example.net\nend\n",
		TAKEN_HEAD "flags 8bit taken\n"
			   "account work\n" PEOPLE,
		WISH_HEAD "sender \n"
			  "recipient a@example.net\n"
			  "notify NEVER\n"
			  "recipient b@example.net\n"
			  "recipient c@example.net\n"
			  "notify DELAY\n"
			  "original rfc822;c+2Bd@example.com\n"
			  "recipient d@example.net\n"
			  "original utf-8;z\xC3\xAB@example.com\n"
			  "end\n",
		HEAD "sender ann@example.org\n"
		     "recipient zo\xC3\xAB@b\xC3\xBC"
		     "cher.example\n"
		     "recipient zoe@b\xC3\xBC"
		     "cher.example\tzoe@xn--bcher-kva.example\nend\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct arena *arena = arena_new();
		struct buf out = BUF_INIT(RECORD_LIMIT);
		struct record record;
		struct diag why = { .id = DIAG_NONE };

		if (tap_ok(record_parse(
				   span_of(texts[i]), arena, &record, &why),
			    "record %zu is read", i))
			record_put_head(&out, &record);
		tap_is_text(buf_text(&out), texts[i], "and printed the same");
		buf_free(&out);
		arena_free(arena);
	}
}

static void test_address_forms(void)
{
	struct arena *arena = arena_new();
	struct record record;
	struct diag why;

	record_parse(SPAN(HEAD "sender \n"
			       "recipient a@example.net (x)\n"
			       "recipient zo\xC3\xAB@x.example\n"
			       "recipient "
			       "zoe@b\xC3\xBC.example\tzoe@xn--b-xga.example\n"
			       "end\n"),
		arena, &record, &why);
	tap_is_number((int64_t)record.recipient_count, 3, "three recipients");
	tap_is_text(record.sender.ascii, "", "the null sender");
	tap_is_text(record.recipients[0].address.utf8, "a@example.net",
		"a comment does not reach the wire");
	tap_ok(record.recipients[1].address.ascii == NULL,
		"a local part that is not ASCII has no ASCII form");
	tap_is_text(record.recipients[2].address.ascii, "zoe@xn--b-xga.example",
		"a domain has");
	arena_free(arena);
}

static const struct {
	const char *name, *text, *where;
	enum diag_id want;
} bad_records[] = {
	{ "empty", "", "line 0", DIAG_QUEUE_RECORD },
	{ "no record", "hello\n", "line 1", DIAG_QUEUE_RECORD },
	{ "newer", "mailchute-queue 6\nfoo\n", "", DIAG_QUEUE_RECORD_NEWER },
	{ "format 0", "mailchute-queue 0\nfoo\n", "line 1", DIAG_QUEUE_RECORD },
	{ "in DOS", "mailchute-queue 2\r\nfoo\r\n", "line 1",
		DIAG_QUEUE_RECORD },
	{ "no number", "mailchute-queue x\nfoo\n", "line 1",
		DIAG_QUEUE_RECORD },
	{ "cut in the head", HEAD "sender a@b.c\nrecipient x@", "line 5",
		DIAG_QUEUE_RECORD },
	{ "cut before the end", HEAD "sender a@b.c\nrecipient x@y.z\nen",
		"line 6", DIAG_QUEUE_RECORD },
	{ "no id",
		"mailchute-queue 1\ncreated 1\nsize 2\nsender \nrecipient "
		"x@y.z\nend\n",
		"line 6", DIAG_QUEUE_RECORD },
	{ "id in capitals", "mailchute-queue 1\nid 0ABCDEFGHJKMNP1\n", "line 2",
		DIAG_QUEUE_RECORD },
	{ "id with a slash", "mailchute-queue 1\nid ../../../../../\n",
		"line 2", DIAG_QUEUE_RECORD },
	{ "no time",
		"mailchute-queue 1\nid 0abcdefghjkmnp1\nsize 2\nsender "
		"\nrecipient x@y.z\nend\n",
		"line 6", DIAG_QUEUE_RECORD },
	{ "no size",
		"mailchute-queue 1\nid 0abcdefghjkmnp1\ncreated 2\nsender "
		"\nrecipient x@y.z\nend\n",
		"line 6", DIAG_QUEUE_RECORD },
	{ "no sender", HEAD "recipient x@y.z\nend\n", "line 6",
		DIAG_QUEUE_RECORD },
	{ "no recipient", HEAD "sender \nend\n", "line 6", DIAG_QUEUE_RECORD },
	{ "a null recipient", HEAD "sender \nrecipient <>\nend\n", "line 6",
		DIAG_QUEUE_RECORD },
	{ "an unknown line", HEAD "colour blue\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "an unknown flag", HEAD "flags 9bit\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "no number", "mailchute-queue 1\ncreated yesterday\n", "line 2",
		DIAG_QUEUE_RECORD },
	{ "a negative number", "mailchute-queue 1\nsize -1\n", "line 2",
		DIAG_QUEUE_RECORD },
	{ "no address", HEAD "sender \nrecipient a b c\nend\n", "line 6",
		DIAG_QUEUE_RECORD },
	{ "a line end in an address",
		HEAD "sender \nrecipient a\\x0a@b.c\nend\n", "line 6",
		DIAG_QUEUE_RECORD },
	{ "a line end in a comment",
		HEAD "sender \nrecipient a@b.c (\\x0d\\x0a)\nend\n", "line 6",
		DIAG_QUEUE_RECORD },
	{ "an ASCII form that is none",
		HEAD "sender \nrecipient a@b.c\tz\xC3\xA9@b.c\nend\n", "line 6",
		DIAG_QUEUE_RECORD },
	{ "an empty ASCII form", HEAD "sender \nrecipient a@b.c\t\nend\n",
		"line 6", DIAG_QUEUE_RECORD },
	{ "a control byte", HEAD "account a\001b\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "a NUL as an escape", HEAD "account a\\x00b\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "a broken escape", HEAD "account a\\x1\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "a space in what goes on the wire", HEAD "dsn-envid a b\n" PEOPLE,
		"line 5", DIAG_QUEUE_RECORD },
	{ "a line end in what goes on the wire",
		HEAD "dsn-notify a\\x0d\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "a wish for nobody", HEAD "notify NEVER\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "a wish that is empty", HEAD "sender \nrecipient a@b.c\noriginal \n",
		"line 7", DIAG_QUEUE_RECORD },
	{ "a space in a wish",
		HEAD "sender \nrecipient a@b.c\nnotify NEVER DATA\n", "line 7",
		DIAG_QUEUE_RECORD },
	{ "a line end in a wish",
		HEAD "sender \nrecipient a@b.c\noriginal rfc822;a\\x0a\n",
		"line 7", DIAG_QUEUE_RECORD },
	{ "a wish that is no UTF-8",
		HEAD "sender \nrecipient a@b.c\noriginal utf-8;\xEB\n",
		"line 7", DIAG_QUEUE_RECORD },
	{ "a setting without a name", HEAD "set  x\n" PEOPLE, "line 5",
		DIAG_QUEUE_RECORD },
	{ "words behind the end", HEAD "sender \nrecipient a@b.c\nend x\n",
		"line 7", DIAG_QUEUE_RECORD },
	{ "an unknown event", HEAD PEOPLE "vanished 1 0 1 * - 0 - \n",
		"line 10", DIAG_QUEUE_RECORD },
	{ "an event without a time", HEAD PEOPLE "deferred x 0 1 * - 0 - \n",
		"line 10", DIAG_QUEUE_RECORD },
	{ "recipient 0", HEAD PEOPLE "deferred 1 0 1 0 - 0 - \n", "line 10",
		DIAG_QUEUE_RECORD },
	{ "recipient 4 of 3", HEAD PEOPLE "deferred 1 0 1 4 - 0 - \n",
		"line 10", DIAG_QUEUE_RECORD },
	{ "a range backwards", HEAD PEOPLE "deferred 1 0 1 2-1 - 0 - \n",
		"line 10", DIAG_QUEUE_RECORD },
	{ "a range without its end", HEAD PEOPLE "deferred 1 0 1 2-4 - 0 - \n",
		"line 10", DIAG_QUEUE_RECORD },
	{ "no ranges", HEAD PEOPLE "deferred 1 0 1  - 0 - \n", "line 10",
		DIAG_QUEUE_RECORD },
	{ "a report that has no id", HEAD PEOPLE "notified 1 0 1 * - 0 - x\n",
		"line 10", DIAG_QUEUE_RECORD },
	{ "a code of 999", HEAD PEOPLE "deferred 1 0 1 * - 999 - \n", "line 10",
		DIAG_QUEUE_RECORD },
};

static void test_bad_records(void)
{
	for (size_t i = 0; i < sizeof bad_records / sizeof *bad_records; i++) {
		struct arena *arena = arena_new();
		struct record record;
		struct diag why = { .id = DIAG_NONE };

		tap_ok(!record_parse(span_of(bad_records[i].text), arena,
			       &record, &why),
			"refused: %s", bad_records[i].name);
		tap_is_diag(&why, bad_records[i].want, bad_records[i].name);
		tap_is_text(why.where, bad_records[i].where, "and where");
		arena_free(arena);
	}
}

/* "W2@30" a waiting recipient with two tries, next at 30; D delivered; R
 * refused, "!" when somebody was told of it. */
static void put_states(struct buf *out, const struct record *record)
{
	for (size_t i = 0; i < record->recipient_count; i++)
		buf_printf(out, "%s%c%lu@%ld%s", i ? " " : "",
			"WDR"[record->recipients[i].state],
			record -> recipients[i].tries,
			(long)record->recipients[i].next,
			record->recipients[i].is_reported ? "!" : "");
	buf_printf(out, "%s%s", record->is_held ? " held" : "",
		record->is_in_doubt ? " doubt" : "");
	if (record->report_id)
		buf_printf(out, " %s", record->report_id);
}

static const struct {
	const char *name, *journal, *want;
} journals[] = {
	{ "nothing yet", "", "W0@0 W0@0 W0@0" },
	{ "all deferred", "deferred 5 30 1 * net.refused 0 4.4.1 no\n",
		"W1@30 W1@30 W1@30" },
	{ "one each",
		"delivered 5 0 1 1 - 250 2.0.0 ok\n"
		"refused 5 0 1 2 smtp.rcpt-refused 550 5.1.1 who\n"
		"deferred 5 30 1 3 smtp.rcpt-refused 450 4.2.0 later\n",
		"D1@0 R1@0 W1@30" },
	{ "ranges", "deferred 5 9 2 1-2 - 0 - \ndeferred 6 8 1 1,3 - 0 - \n",
		"W3@8 W2@9 W1@8" },
	{ "the dot is out", "dot 5 0 1 * - 0 - \n", "W0@0 W0@0 W0@0 doubt" },
	{ "and answered", "dot 5 0 1 * - 0 - \ndelivered 6 0 1 * - 250 - \n",
		"D1@0 D1@0 D1@0" },
	{ "held in doubt", "dot 5 0 1 * - 0 - \nheld 6 0 1 * - 0 - \n",
		"W0@0 W0@0 W0@0 held doubt" },
	{ "held and released", "held 6 0 1 * - 0 - \nreleased 7 0 1 * - 0 - \n",
		"W0@0 W0@0 W0@0" },
	{ "released after refusal",
		"delivered 5 0 1 1 - 250 - \n"
		"refused 5 0 1 2-3 a.b 550 5.1.1 x\n"
		"released 7 0 1 * - 0 - \n",
		"D1@0 W1@0 W1@0" },
	{ "somebody was told",
		"refused 5 0 1 1-2 a.b 550 5.1.1 x\n"
		"notified 6 0 1 1-2 - 0 - 1abcdefghjkmnp1\n",
		"R1@0! R1@0! W0@0 1abcdefghjkmnp1" },
	{ "told, released, and refused again: one of them is news",
		"refused 5 0 1 1-2 a.b 550 5.1.1 x\n"
		"notified 6 0 1 1-2 - 0 - 1abcdefghjkmnp1\n"
		"released 7 0 1 1 - 0 - \n"
		"refused 8 0 1 1 a.b 550 5.1.1 x\n",
		"R2@0 R1@0! W0@0 1abcdefghjkmnp1" },
	{ "a torn line is none", "deferred 5 30 1 * - 0 - \ndelivered 6 0 1 ",
		"W1@30 W1@30 W1@30" },
	{ "a line that was cut at its end",
		"deferred 5 30 1 * - 0 - \ndelivered 6 0 1 * - 250 - ok",
		"W1@30 W1@30 W1@30" },
};

static void check_condensed(
	const struct record *record, const char *want, const char *name)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(RECORD_LIMIT), states = BUF_INIT(1000);
	struct record again;
	struct diag why;

	record_put_head(&text, record);
	record_put_condensed(&text, record);
	if (tap_ok(record_parse(buf_span(&text), arena, &again, &why),
		    "%s: condensed", name))
		put_states(&states, &again);
	tap_is_text(buf_text(&states), want, name);
	buf_free(&text);
	buf_free(&states);
	arena_free(arena);
}

static void test_journals(void)
{
	for (size_t i = 0; i < sizeof journals / sizeof *journals; i++) {
		struct arena *arena = arena_new();
		struct buf text = BUF_INIT(10000), states = BUF_INIT(1000);
		struct record record;
		struct diag why;

		buf_printf(&text, "%s%s", HEAD PEOPLE, journals[i].journal);
		if (tap_ok(record_parse(buf_span(&text), arena, &record, &why),
			    "%s", journals[i].name)) {
			put_states(&states, &record);
			check_condensed(
				&record, journals[i].want, journals[i].name);
		}
		tap_is_text(
			buf_text(&states), journals[i].want, journals[i].name);
		buf_free(&text);
		buf_free(&states);
		arena_free(arena);
	}
}

/* What a power cut leaves of pages that were not written. */
static void test_zeros(void)
{
	static const char text[] = HEAD PEOPLE "deferred 5 30 1 * - 0 - \n"
					       "deli\0\0\0\0 * - 0 - \n"
					       "delivered 6 0 1 * - 0 - \n";
	struct arena *arena = arena_new();
	struct record record;
	struct diag why;

	if (tap_ok(record_parse(SPAN(text), arena, &record, &why),
		    "zeros are torn lines"))
		tap_is_number(record_next(&record), 30,
			"what stands before them holds");
	tap_is_number((int64_t)record.journal_bytes,
		(int64_t)strlen("deferred 5 30 1 * - 0 - \n"),
		"and nothing else is cut");
	arena_free(arena);
}

/* A message between them, which may look like anything. */
static void test_apart(void)
{
	static const char head[] = HEAD PEOPLE;
	static const char text[] =
		HEAD PEOPLE "Subject: x\r\n\nend\nrecipient x@example.net\n";
	static const char journal[] = "delivered 5 0 1 2 - 250 - ok\n"
				      "scribble\n";
	struct arena *arena = arena_new();
	struct record record;
	struct diag why = { .id = DIAG_NONE };

	tap_is_number((int64_t)record_find_end(SPAN(text)),
		(int64_t)strlen(head), "a head ends where its message begins");
	tap_is_number(
		(int64_t)record_find_end(span_make(head, sizeof head - 2)), 0,
		"one that is cut does not end");
	tap_ok(record_parse_head(SPAN(text), arena, &record, &why),
		"the head alone");
	tap_is_number((int64_t)record.recipient_count, 3, "no line more");
	tap_ok(record_parse_journal(span_make(journal, strlen(journal) - 9),
		       arena, &record, &why),
		"its journal");
	tap_is_number(record.recipients[1].state, RECORD_DELIVERED, "applied");
	tap_ok(!record_parse_journal(SPAN(journal), arena, &record, &why),
		"a line that is no event");
	tap_is_diag(&why, DIAG_QUEUE_RECORD, "a line that is no event");
	tap_is_text(why.where, "line 11", "is the record's eleventh");
	arena_free(arena);
}

/* Written before the message is counted, and again after. */
static void test_size_keeps_its_place(void)
{
	struct arena *arena = arena_new();
	struct buf before = BUF_INIT(10000), after = BUF_INIT(10000);
	struct record record;
	struct diag why;

	record_parse(SPAN(HEAD PEOPLE), arena, &record, &why);
	record.size_bytes = 0;
	record_put_head(&before, &record);
	record.size_bytes = INT64_MAX;
	record_put_head(&after, &record);
	tap_is_number((int64_t)before.length, (int64_t)after.length,
		"a head is as long whatever the size");
	record_set_size(&before, INT64_MAX);
	tap_is_text(
		buf_text(&before), buf_text(&after), "and is changed to it");
	buf_free(&before);
	buf_free(&after);
	arena_free(arena);
}

static void test_questions(void)
{
	static const char text[] = HEAD PEOPLE
		"delivered 5 0 1 1 - 250 2.0.0 ok\n"
		"deferred 5 90 1 2 smtp.rcpt-refused 450 4.2.0 later \\x5c\n"
		"deferred 6 60 3 3 net.refused 0 4.4.1 gone\n"
		"torn";
	struct arena *arena = arena_new();
	struct record record;
	struct diag why;

	record_parse(SPAN(text), arena, &record, &why);
	tap_is_number((int64_t)(record.head_bytes + record.journal_bytes),
		(int64_t)sizeof text - 1 - 4, "without the torn line");
	tap_is_number((int64_t)record.head_bytes, (int64_t)strlen(HEAD PEOPLE),
		"the head ends with end");
	tap_is_number(record_next(&record), 60, "the first that is due");
	tap_is_number((int64_t)record_tries(&record), 3, "the most tries");
	tap_is_text(record_last(&record)->words, "gone", "the latest reason");
	tap_is_text(record.recipients[1].last->words, "later \\",
		"words are unescaped");
	tap_is_number(
		(int64_t)record_count(&record, RECORD_WAITING), 2, "two wait");
	tap_is_number((int64_t)record_count(&record, RECORD_DELIVERED), 1,
		"one has it");
	arena_free(arena);
}

static bool is_odd(const struct record *record, size_t index, void *context)
{
	const char *pattern = context;

	(void)record;
	return pattern[index] == 'x';
}

static void test_ranges(void)
{
	static const char *const rows[][2] = { { "xxx", "1-3" },
		{ "x.x", "1,3" }, { ".xx", "2-3" }, { "...", "" } };
	struct arena *arena = arena_new();
	struct record record;
	struct diag why;

	record_parse(SPAN(HEAD PEOPLE), arena, &record, &why);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT(100);
		char pattern[4];

		memcpy(pattern, rows[i][0], sizeof pattern);
		record_put_ranges(&out, &record, is_odd, pattern);
		tap_is_text(buf_text(&out), rows[i][1], rows[i][0]);
		buf_free(&out);
	}
	arena_free(arena);
}

static void test_event_text(void)
{
	char words[RECORD_WORDS_LIMIT + 10];
	struct record_event event = {
		.kind = RECORD_EVENT_DEFERRED,
		.at = 5,
		.next = 60,
		.count = 1,
		.recipients = "1-2",
		.name = "net.refused",
		.status = "",
		.words = "a\nb",
	};
	struct buf out = BUF_INIT(RECORD_LIMIT);

	record_put_event(&out, &event);
	tap_is_text(buf_text(&out),
		"deferred 5 60 1 1-2 net.refused 0 - a\\x0ab\n",
		"an event is one line");
	buf_clear(&out);
	memset(words, 'x', sizeof words);
	words[sizeof words - 1] = '\0';
	memcpy(words + RECORD_WORDS_LIMIT - 1, "\xC3\xA9", 2);
	event.words = words;
	record_put_event(&out, &event);
	tap_is_number((int64_t)out.length,
		RECORD_WORDS_LIMIT - 1 +
			(int64_t)strlen(
				"deferred 5 60 1 1-2 net.refused 0 - \n"),
		"long words are cut between characters");
	buf_free(&out);
}

static void test_ids(void)
{
	tap_ok(record_id_is_valid(SPAN("0abcdefghjkmnp1")), "an id");
	tap_ok(!record_id_is_valid(SPAN("0abcdefghjkmnp")), "too short");
	tap_ok(!record_id_is_valid(SPAN("0abcdefghjkmnp12")), "too long");
	tap_ok(!record_id_is_valid(SPAN("0abcdefghjkmn/1")), "a slash");
	tap_ok(!record_id_is_valid(SPAN("0abcdefghjkmn\0001")), "a NUL");
	tap_ok(!record_id_is_valid(SPAN("0abcdefghijkmn1")), "an i");
}

int main(void)
{
	test_ids();
	test_round_trip();
	test_address_forms();
	test_bad_records();
	test_journals();
	test_zeros();
	test_apart();
	test_size_keeps_its_place();
	test_questions();
	test_ranges();
	test_event_text();
	return tap_done();
}
