/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings, for people and for programs.  Does not know what was looked at. */
#include <config.h>

#include "cmd/findings.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>
#include <sysexits.h>

enum { FINDINGS_LIMIT = 200, FINDING_TEXT_LIMIT = 8 * DIAG_TEXT_BYTES };

static void add(struct findings *findings, const struct finding *finding)
{
	if (!findings->items)
		findings->items = arena_alloc(findings->arena,
			FINDINGS_LIMIT * sizeof *findings->items);
	if (findings->count == FINDINGS_LIMIT)
		return;
	findings->items[findings->count++] = *finding;
	if (findings->listener)
		findings->listener(findings, finding);
}

void findings_note(struct findings *findings, const char *id,
	enum finding_status status, const char *text, const char *what)
{
	add(findings, &(const struct finding){ .id = id,
			      .status = status,
			      .text = text,
			      .what = arena_strdup(
				      findings->arena, what ? what : "") });
}

static void add_diag(struct findings *findings, const char *id,
	enum finding_status status, const struct diag *why)
{
	add(findings, &(const struct finding){ .id = id,
			      .status = status,
			      .why = arena_memdup(
				      findings->arena, why, sizeof *why) });
}

void findings_fail(
	struct findings *findings, const char *id, const struct diag *why)
{
	add_diag(findings, id, FINDING_FAIL, why);
}

void findings_warn(
	struct findings *findings, const char *id, const struct diag *why)
{
	add_diag(findings, id, FINDING_WARN, why);
}

static const struct finding *first(
	const struct findings *findings, enum finding_status status)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].status == status)
			return &findings->items[i];
	return NULL;
}

bool findings_have_failed(const struct findings *findings)
{
	return first(findings, FINDING_FAIL) != NULL;
}

int findings_exit_code(const struct findings *findings)
{
	const struct finding *failed = first(findings, FINDING_FAIL);

	return failed ? failed->why->exit_code : EX_OK;
}

/* ---- words --------------------------------------------------------------- */

static void put_plain(
	const struct finding *finding, bool is_translated, struct buf *out)
{
	const char *text, *place;

	if (finding->why) {
		diag_sentence(finding->why, is_translated, out);
		return;
	}
	text = text_translated(finding->text, is_translated);
	place = strstr(text, "%s");
	buf_put(out, text, place ? (size_t)(place - text) : strlen(text));
	if (!place)
		return;
	text_put_printable(out, span_of(finding->what));
	buf_puts(out, place + 2);
}

static void put_words(const struct findings *findings,
	const struct finding *finding, bool is_translated, struct buf *out)
{
	struct buf words = BUF_INIT(FINDING_TEXT_LIMIT);

	put_plain(finding, is_translated, &words);
	redact_put(findings->redact, buf_span(&words), out);
	buf_free(&words);
}

/* False when there is none. */
static bool put_hint(const struct findings *findings,
	const struct finding *finding, struct buf *out)
{
	struct buf hint = BUF_INIT(FINDING_TEXT_LIMIT);
	bool has_hint = finding->why && diag_hint(finding->why, &hint);

	redact_put(findings->redact, buf_span(&hint), out);
	buf_free(&hint);
	return has_hint;
}

/* Words that people and programs look for: not translated. */
static const char *status_name(enum finding_status status)
{
	static const char *const names[] = { "ok", "warn", "FAIL", "skip" };

	return names[status];
}

void finding_put(const struct findings *findings, const struct finding *finding,
	struct buf *out)
{
	buf_printf(out, "%-4s  %-16s  ", status_name(finding->status),
		finding->id);
	put_words(findings, finding, true, out);
	buf_puts(out, "\n");
}

void findings_put_advice(const struct findings *findings, struct buf *out)
{
	const struct finding *finding = first(findings, FINDING_FAIL);

	if (!finding)
		finding = first(findings, FINDING_WARN);
	if (!finding)
		return;
	buf_printf(out, "\n%s ", _("First:"));
	if (!put_hint(findings, finding, out))
		put_words(findings, finding, true, out);
	buf_puts(out, "\n");
}

/* ---- JSON ---------------------------------------------------------------- */

static void put_diag_json(struct json *json, const struct findings *findings,
	const struct finding *finding)
{
	const struct diag *why = finding->why;
	struct buf text = BUF_INIT(FINDING_TEXT_LIMIT);

	json_text(json, "diag", diag_name(why->id));
	json_number(json, "exit_code", why->exit_code);
	json_text(json, "enhanced_status", why->status[0] ? why->status : NULL);
	redact_put(findings->redact, span_of(why->reply), &text);
	json_text(json, "reply", text.length ? buf_text(&text) : NULL);
	json_bool(json, "temporary", diag_is_temporary(why));
	json_text(json, "reason", why->reason);
	buf_free(&text);
}

static void put_json(struct json *json, const struct findings *findings,
	const struct finding *finding)
{
	struct buf text = BUF_INIT(FINDING_TEXT_LIMIT);
	bool has_hint;

	json_begin(json, NULL, '{');
	json_text(json, "id", finding->id);
	json_text(json, "status",
		finding->status == FINDING_FAIL ? "fail"
						: status_name(finding->status));
	put_words(findings, finding, false, &text);
	json_text(json, "text", buf_text(&text));
	if (finding->why)
		put_diag_json(json, findings, finding);
	buf_clear(&text);
	has_hint = put_hint(findings, finding, &text);
	json_text(json, "hint", has_hint ? buf_text(&text) : NULL);
	json_end(json, '}');
	buf_free(&text);
}

void findings_put_json(const struct findings *findings, struct buf *out)
{
	struct json json = { .out = out };

	json_begin(&json, NULL, '{');
	json_begin(&json, "checks", '[');
	for (size_t i = 0; i < findings->count; i++)
		put_json(&json, findings, &findings->items[i]);
	json_end(&json, ']');
	json_number(&json, "exit_code", findings_exit_code(findings));
	json_end(&json, '}');
	buf_puts(out, "\n");
}
