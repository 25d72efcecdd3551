/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope record: what is read can be printed and read again, condensed
 * or not, with the same states; no address has a line end. */
#include <config.h>

#include "fuzz/fuzz.h"
#include "spool/record.h"

#include <string.h>

static void check_wire(const char *text)
{
	for (const char *p = text; p && *p; p++)
		fuzz_check((unsigned char)*p >= ' ' && *p != 0x7F);
}

static void check_same(const struct record *a, const struct record *b)
{
	fuzz_check(strcmp(a->id, b->id) == 0);
	fuzz_check(a->recipient_count == b->recipient_count);
	fuzz_check(a->is_held == b->is_held);
	fuzz_check(a->is_in_doubt == b->is_in_doubt);
	fuzz_check(a->size_bytes == b->size_bytes);
	for (size_t i = 0; i < a->recipient_count; i++) {
		fuzz_check(strcmp(a->recipients[i].address.utf8,
				   b->recipients[i].address.utf8) == 0);
		fuzz_check(a->recipients[i].state == b->recipients[i].state);
		fuzz_check(a->recipients[i].next == b->recipients[i].next);
	}
}

static void check_record(const struct record *record)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(RECORD_LIMIT);
	struct record again;
	struct diag why;

	check_wire(record->sender.utf8);
	check_wire(record->dsn_envid);
	for (size_t i = 0; i < record->recipient_count; i++) {
		check_wire(record->recipients[i].address.utf8);
		check_wire(record->recipients[i].address.ascii);
	}
	record_put_head(&text, record);
	record_put_condensed(&text, record);
	fuzz_check(record_parse(buf_span(&text), arena, &again, &why));
	check_same(record, &again);
	buf_free(&text);
	arena_free(arena);
}

/* As it stands in its file: whatever the message is, what is read is the same.
 */
static void check_apart(struct span text, const struct record *record)
{
	struct arena *arena = arena_new();
	struct buf file = BUF_INIT(RECORD_LIMIT);
	struct record again;
	struct diag why;

	buf_put(&file, text.at, record->head_bytes);
	buf_puts(&file, "Subject: x\r\n\nend\nid x\n");
	fuzz_check(record_find_end(buf_span(&file)) == record->head_bytes);
	fuzz_check(record_parse_head(buf_span(&file), arena, &again, &why));
	fuzz_check(record_parse_journal(
		span_skip(text, record->head_bytes), arena, &again, &why));
	check_same(record, &again);
	fuzz_check(again.journal_bytes == record->journal_bytes);
	buf_free(&file);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = fuzz_span(data, size);
	struct arena *arena = arena_new();
	struct record record;
	struct diag why = { .id = DIAG_NONE };

	if (record_parse(text, arena, &record, &why)) {
		check_record(&record);
		check_apart(text, &record);
	} else {
		fuzz_check(why.id == DIAG_QUEUE_RECORD ||
			   why.id == DIAG_QUEUE_RECORD_NEWER);
	}
	arena_free(arena);
	return 0;
}
