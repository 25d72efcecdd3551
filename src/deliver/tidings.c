/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outcomes as bytes.  Knows no process and no pipe. */
#include <config.h>

#include "deliver/tidings.h"

#include "base/names.h"
#include "base/packed.h"
#include "base/text.h"

#include <string.h>

enum {
	SAME_AS_LAST = 1,
	ANOTHER = 2,
	HINT_BYTES = 4096,
	KEPT_MAX = 4096, /* texts */
	KEPT_BYTES = 1024 * 1024
};

/* ---- there --------------------------------------------------------------- */

static size_t used(const char *bytes, size_t size)
{
	while (size && !bytes[size - 1])
		size--;
	return size;
}

static void put_diag(struct buf *out, const struct diag *why)
{
	packed_put_number(out, why->id);
	packed_put_number(out, why->scope);
	packed_put_number(out, (uint64_t)why->exit_code);
	packed_put_number(out, (uint64_t)why->system_error);
	packed_put_number(out, why->reply_code);
	packed_put_number(out, why->wait);
	packed_put_text(out, why->status);
	packed_put_text(out, why->where);
	packed_put_bytes(out, why->text, used(why->text, sizeof why->text));
	packed_put_text(out, why->reply);
	packed_put_text(out, why->hint);
	packed_put_text(out, why->reason);
	packed_put_text(out, why->known);
	packed_put_text(out, why->cause);
}

static void put_verdicts(struct buf *out, const struct outcome *outcome)
{
	const struct diag *last = NULL;

	if (!outcome->verdicts)
		return;
	for (size_t i = 0; i < outcome->envelope->recipient_count; i++) {
		const struct verdict *verdict = &outcome->verdicts[i];

		packed_put_number(out, verdict->kind);
		packed_put_number(out, !verdict->why          ? 0
				       : verdict->why == last ? SAME_AS_LAST
							      : ANOTHER);
		if (verdict->why && verdict->why != last)
			put_diag(out, verdict->why);
		if (verdict->why)
			last = verdict->why;
	}
}

void tidings_put(struct buf *out, const struct outcome *outcome)
{
	buf_put_byte(out, TIDINGS_OUTCOME);
	put_diag(out, &outcome->failure);
	put_diag(out, &outcome->reply);
	put_diag(out, &outcome->suppressed);
	packed_put_text(out, outcome->skipped);
	packed_put_text(out, outcome->tls_version);
	packed_put_text(out, outcome->mechanism);
	packed_put_number(out, outcome->came_to_mail);
	packed_put_number(out, (uint64_t)outcome->elapsed_ms);
	packed_put_number(out, outcome->changes);
	packed_put_number(out, outcome->verdicts != NULL);
	put_verdicts(out, outcome);
}

/* ---- and back ------------------------------------------------------------ */

/* What a diag points to lives as long as the program; of some hundred sentences
 * that it can be, each is kept once.  More than that nobody honest has said. */
static struct kept {
	struct names names;
	size_t bytes;
} kept;

static bool has_room(size_t bytes)
{
	return kept.names.count < KEPT_MAX && bytes <= KEPT_BYTES - kept.bytes;
}

static const char *keep_new(const char *text)
{
	const size_t bytes = strlen(text) + 1;
	char *copy;

	if (!has_room(bytes))
		return NULL;
	if (!kept.names.arena)
		kept.names.arena = arena_new();
	copy = arena_memdup(kept.names.arena, text, bytes);
	names_put(&kept.names, copy, copy);
	kept.bytes += bytes;
	return copy;
}

static const char *keep(struct packed *reader, const char *text)
{
	const char *old = text ? names_get(&kept.names, span_of(text)) : NULL;
	const char *one = old || !text ? old : keep_new(text);

	if (text && !one)
		reader->is_wrong = true;
	return one;
}

static const char *take_kept(struct packed *reader)
{
	return keep(reader, packed_take_text(reader, HINT_BYTES));
}

/* The row's own is told from another by its address. */
static const char *take_hint(struct packed *reader, enum diag_id id)
{
	const char *hint = packed_take_text(reader, HINT_BYTES);
	struct diag row;

	diag_set(&row, id);
	return hint && row.hint && strcmp(hint, row.hint) == 0
		       ? row.hint
		       : keep(reader, hint);
}

static void copy_text(struct packed *reader, char *into, size_t size)
{
	const char *text = packed_take_text(reader, size);

	if (!text)
		reader->is_wrong = true;
	else
		memcpy(into, text, strlen(text) + 1);
}

/* An argument that begins with DIAG_WORDS may have more of it, and DIAG_NEXT;
 * in any other they would be control characters. */
static bool is_argument(struct span argument)
{
	struct span plain = argument;
	char bytes[DIAG_TEXT_BYTES];

	if (argument.length && argument.at[0] == DIAG_WORDS[0]) {
		for (size_t i = 0; i < argument.length; i++)
			bytes[i] =
				argument.at[i] == DIAG_WORDS[0] ||
						argument.at[i] == DIAG_NEXT[0]
					? ' '
					: argument.at[i];
		plain.at = bytes;
	}
	return text_is_printable(plain);
}

/* There is a NUL behind each of them. */
static void copy_arguments(struct packed *reader, char *into)
{
	struct span bytes = packed_take_bytes(reader, DIAG_TEXT_BYTES - 1);
	struct span rest = bytes;
	size_t ends = DIAG_TEXT_BYTES - bytes.length;

	while (rest.length) {
		size_t length = span_find(rest, '\0');

		if (!is_argument(span_make(rest.at, length)))
			reader->is_wrong = true;
		ends += length < rest.length;
		rest = span_skip(rest, length + (length < rest.length));
	}
	if (ends < DIAG_ARGS_MAX)
		reader->is_wrong = true;
	if (!reader->is_wrong && bytes.length)
		memcpy(into, bytes.at, bytes.length);
}

static void take_diag(struct packed *reader, struct diag *why)
{
	*why = (struct diag){ .id = (enum diag_id)packed_take_number(
				      reader, DIAG_COUNT - 1) };
	why->scope =
		(enum diag_scope)packed_take_number(reader, DIAG_SCOPE_HOST);
	why->exit_code = (int)packed_take_number(reader, 255);
	why->system_error = (int)packed_take_number(reader, 4095);
	why->reply_code = (unsigned)packed_take_number(reader, 599);
	why->wait = (enum diag_wait)packed_take_number(reader, DIAG_WAIT_NEVER);
	copy_text(reader, why->status, sizeof why->status);
	copy_text(reader, why->where, sizeof why->where);
	copy_arguments(reader, why->text);
	copy_text(reader, why->reply, sizeof why->reply);
	why->hint = take_hint(reader, why->id);
	why->reason = take_kept(reader);
	why->known = take_kept(reader);
	why->cause = take_kept(reader);
}

/* Whoever has not got it has a reason (outcome.h). */
static void take_verdicts(struct packed *reader,
	const struct envelope *envelope, struct verdict *verdicts)
{
	struct diag *last = NULL;

	for (size_t i = 0; i < envelope->recipient_count; i++) {
		enum verdict_kind kind = (enum verdict_kind)packed_take_number(
			reader, VERDICT_REFUSED);
		uint64_t which = packed_take_number(reader, ANOTHER);

		if (which == ANOTHER) {
			last = arena_alloc(reader->arena, sizeof *last);
			take_diag(reader, last);
		}
		if (kind != VERDICT_DELIVERED && (!which || !last))
			reader->is_wrong = true;
		if (reader->is_wrong)
			return;
		verdicts[i] = (struct verdict){ kind, which ? last : NULL };
	}
}

static bool take_outcome(struct packed *reader, struct outcome *outcome)
{
	take_diag(reader, &outcome->failure);
	take_diag(reader, &outcome->reply);
	take_diag(reader, &outcome->suppressed);
	outcome->skipped = packed_take_text(reader, SIZE_MAX);
	outcome->tls_version = take_kept(reader);
	outcome->mechanism = take_kept(reader);
	outcome->came_to_mail = packed_take_number(reader, 1);
	outcome->elapsed_ms = (int64_t)packed_take_number(reader, INT64_MAX);
	outcome->changes = (unsigned)packed_take_number(reader, UINT32_MAX);
	if (packed_take_number(reader, 1)) {
		outcome->verdicts = arena_alloc(reader->arena,
			(outcome->envelope->recipient_count + 1) *
				sizeof *outcome->verdicts);
		take_verdicts(reader, outcome->envelope, outcome->verdicts);
	} else if (outcome->failure.id == DIAG_NONE) {
		reader->is_wrong = true;
	}
	return !reader->is_wrong && !reader->rest.length;
}

bool tidings_take(
	struct span bytes, struct arena *arena, struct outcome *outcome)
{
	struct outcome taken = *outcome;
	struct packed reader = { bytes, arena, false };

	if (!bytes.length || *bytes.at != TIDINGS_OUTCOME)
		return false;
	reader.rest = span_skip(bytes, 1);
	if (!take_outcome(&reader, &taken))
		return false;
	*outcome = taken;
	return true;
}

void tidings_forget(void)
{
	if (kept.names.arena)
		arena_free(kept.names.arena);
	kept = (struct kept){ .bytes = 0 };
}

void tidings_put_progress(struct buf *out, uint64_t sent, uint64_t total)
{
	buf_put_byte(out, TIDINGS_PROGRESS);
	packed_put_number(out, sent);
	packed_put_number(out, total);
}

bool tidings_take_mark(struct span *bytes, struct tidings_mark *mark)
{
	struct packed reader = { span_skip(*bytes, 1), NULL, false };

	*mark = (struct tidings_mark){ .kind = bytes->length ? *bytes->at : 0 };
	if (mark->kind == TIDINGS_PROGRESS) {
		mark->sent = packed_take_number(&reader, UINT64_MAX);
		mark->total = packed_take_number(&reader, UINT64_MAX);
	} else if (mark->kind != TIDINGS_BEFORE_END) {
		return false;
	}
	if (!reader.is_wrong)
		*bytes = reader.rest;
	return !reader.is_wrong;
}
