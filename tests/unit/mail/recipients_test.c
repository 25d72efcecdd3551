/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A part of the recipients: who is in it, and who of the whole each is. */
#include <config.h>

#include "mail/recipients.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

static struct envelope_address people[] = { { .utf8 = "a", .ascii = "a" },
	{ .utf8 = "\xc3\xa4" }, { .utf8 = "c", .ascii = "c" },
	{ .utf8 = "d", .ascii = "d" } };

static const struct envelope whole = { .sender = { .utf8 = "s", .ascii = "s" },
	.recipients = people,
	.recipient_count = 4,
	.dsn_envid = "id",
	.needs_smtputf8 = true };

/* "0:a 2:c -" for a part of two that needs no SMTPUTF8. */
static const char *shown(const struct recipients *part)
{
	static char text[200];
	size_t length = 0;

	for (size_t i = 0; i < part->envelope.recipient_count; i++)
		length += (size_t)snprintf(text + length, sizeof text - length,
			"%zu:%s ", part->place[i],
			part->envelope.recipients[i].utf8);
	snprintf(text + length, sizeof text - length, "%s",
		part->envelope.needs_smtputf8 ? "utf8" : "-");
	return text;
}

static bool is_in(const void *context, size_t place)
{
	return strchr(context, (int)('0' + place)) != NULL;
}

static const struct row {
	const char *first, *then; /* who is kept, by their places */
	const char *want;
} rows[] = {
	{ "0123", "0123", "0:a 1:\xc3\xa4 2:c 3:d utf8" },
	{ "0123", "1", "1:\xc3\xa4 utf8" },
	{ "0123", "02", "0:a 2:c -" },
	{ "0123", "", "-" },
	{ "023", "13", "3:d -" },
	{ "13", "3", "3:d -" },
	{ "13", "1", "1:\xc3\xa4 utf8" },
	{ "", "0123", "-" },
};

static void test_keep(struct arena *arena)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct recipients part;

		recipients_all(&part, &whole, arena);
		recipients_keep(&part, is_in, rows[i].first, arena);
		recipients_keep(&part, is_in, rows[i].then, arena);
		tap_is_text(shown(&part), rows[i].want, rows[i].want);
	}
}

static void test_whole(struct arena *arena)
{
	struct recipients part;

	recipients_all(&part, &whole, arena);
	tap_is_text(shown(&part), "0:a 1:\xc3\xa4 2:c 3:d utf8", "everybody");
	tap_is_text(part.envelope.dsn_envid, "id", "with the whole's wishes");
	tap_ok(part.envelope.recipients != people, "in a place of their own");
	recipients_begin(&part, &whole, arena);
	tap_is_text(shown(&part), "-", "nobody");
	recipients_add(&part, &people[3], 7);
	tap_is_text(shown(&part), "7:d -", "one, of another list");
}

static void test_sender(struct arena *arena)
{
	struct envelope other = whole;
	struct recipients part;

	other.sender.ascii = NULL;
	recipients_begin(&part, &other, arena);
	recipients_add(&part, &people[0], 0);
	tap_is_text(shown(&part), "0:a utf8", "a sender that is not ASCII");
}

static void test_verdicts(struct arena *arena)
{
	const struct verdict all[] = { { VERDICT_DELIVERED, NULL },
		{ VERDICT_REFUSED, NULL }, { VERDICT_DEFERRED, NULL },
		{ VERDICT_UNKNOWN, NULL } };
	const struct verdict *some;
	struct recipients part;

	recipients_all(&part, &whole, arena);
	recipients_keep(&part, is_in, "12", arena);
	some = recipients_verdicts(&part, all, arena);
	tap_is_number(some[0].kind, VERDICT_REFUSED, "the verdict of 1");
	tap_is_number(some[1].kind, VERDICT_DEFERRED, "the verdict of 2");
}

int main(void)
{
	struct arena *arena = arena_new();

	test_keep(arena);
	test_whole(arena);
	test_sender(arena);
	test_verdicts(arena);
	arena_free(arena);
	return tap_done();
}
