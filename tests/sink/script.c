/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a script and finds the rule for what happens. */
#include <config.h>

#include "script.h"

#include "base/mem.h"
#include "sink.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

struct sink_script {
	struct arena *arena;
	struct sink_rule rules[SINK_RULES_MAX];
	size_t count;
};

/* Of one line. */
struct reader {
	struct sink_script *script;
	struct span rest;
	const char *wrong; /* NULL as long as nothing is */
};

/* ---- words --------------------------------------------------------------- */

/* The length of the word at the front: up to a blank, or to the quote that ends
 * it. */
static size_t word_length(struct span text)
{
	size_t at = 1;

	if (text.at[0] != '"') {
		while (at < text.length && !ascii_is_wsp(text.at[at]))
			at++;
		return at;
	}
	while (at < text.length && text.at[at] != '"')
		at += text.at[at] == '\\' ? 2 : 1;
	return at + 1;
}

/* The next word, with the escapes replaced when it is quoted; at == NULL behind
 * the last. */
static struct span next_word(struct reader *reader)
{
	struct buf text = BUF_INIT(SINK_SCRIPT_LIMIT);
	struct span word, result;
	size_t length;

	reader->rest = span_trim(reader->rest);
	if (!reader->rest.length)
		return (struct span){ NULL, 0 };
	length = word_length(reader->rest);
	if (length > reader->rest.length) {
		reader->wrong = "a quote is missing";
		return (struct span){ NULL, 0 };
	}
	word = span_make(reader->rest.at, length);
	reader->rest = span_skip(reader->rest, length);
	if (word.at[0] == '"')
		sink_put_unescaped(
			&text, arena_strndup(reader->script->arena, word.at + 1,
				       word.length - 2));
	else
		buf_put_span(&text, word);
	result = span_make(arena_memdup(reader->script->arena, buf_text(&text),
				   text.length + 1),
		text.length);
	buf_free(&text);
	return result;
}

static struct span want_word(struct reader *reader)
{
	struct span word = next_word(reader);

	if (!word.at && !reader->wrong)
		reader->wrong = "something is missing at the end";
	return word.at ? word : SPAN("");
}

static unsigned long read_number(struct reader *reader, struct span word)
{
	unsigned long number = 0;

	if (!span_number(word, 1000000000, &number))
		reader->wrong = "a number is none";
	return number;
}

/* "3", "3-" or "3-5". */
static struct sink_range read_range(struct reader *reader, struct span word)
{
	struct span last = word, first = span_cut(&last, '-');
	struct sink_range range = { .from = read_number(reader, first) };

	range.to = range.from;
	if (first.length < word.length)
		range.to = last.length ? read_number(reader, last) : ~0UL;
	return range;
}

/* ---- conditions and actions ---------------------------------------------- */

enum kind { NOTHING, RANGE, NUMBER, TEXT, FLAG };

static const struct condition {
	const char *name;
	enum kind kind;
	size_t offset;
} conditions[] = {
#define ROW(name, kind, field)                                                 \
	{                                                                      \
		name, kind, offsetof(struct sink_rule, field)                  \
	}
	ROW("connection", RANGE, connection),
	ROW("nth", RANGE, nth),
	ROW("mail", RANGE, mail),
	ROW("rcpt", RANGE, rcpt),
	ROW("size", RANGE, size),
	ROW("times", NUMBER, times),
	ROW("from", TEXT, sender),
	ROW("to", TEXT, recipient),
	ROW("match", TEXT, match),
	ROW("tls", FLAG, in_tls),
	ROW("clear", FLAG, in_clear),
#undef ROW
};

static const struct word {
	const char *name;
	enum sink_act act;
	enum kind kind;
} words[] = {
	{ "reply", SINK_ACT_REPLY, TEXT },
	{ "bytes", SINK_ACT_BYTES, TEXT },
	{ "pass", SINK_ACT_PASS, NOTHING },
	{ "mute", SINK_ACT_MUTE, NOTHING },
	{ "hold", SINK_ACT_HOLD, NOTHING },
	{ "delay", SINK_ACT_DELAY, NUMBER },
	{ "dribble", SINK_ACT_DRIBBLE, NUMBER },
	{ "wait", SINK_ACT_WAIT, TEXT },
	{ "touch", SINK_ACT_TOUCH, TEXT },
	{ "run", SINK_ACT_RUN, TEXT },
	{ "accept", SINK_ACT_ACCEPT, NOTHING },
	{ "refuse", SINK_ACT_REFUSE, NOTHING },
	{ "hide", SINK_ACT_HIDE, TEXT },
	{ "offer", SINK_ACT_OFFER, TEXT },
	{ "cert", SINK_ACT_CERT, TEXT },
	{ "priorities", SINK_ACT_PRIORITIES, TEXT },
	{ "ask-cert", SINK_ACT_ASK, NOTHING },
	{ "demand-cert", SINK_ACT_DEMAND, NOTHING },
	{ "close", SINK_ACT_CLOSE, NOTHING },
	{ "cut", SINK_ACT_CUT, NOTHING },
	{ "reset", SINK_ACT_RESET, NOTHING },
	{ "stall", SINK_ACT_STALL, NOTHING },
	{ "freeze", SINK_ACT_FREEZE, NOTHING },
};

static bool read_condition(
	struct reader *reader, struct sink_rule *rule, struct span name)
{
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		char *field = (char *)rule + conditions[i].offset;

		if (!span_equal(name, span_of(conditions[i].name)))
			continue;
		if (conditions[i].kind == RANGE)
			*(struct sink_range *)(void *)field =
				read_range(reader, want_word(reader));
		else if (conditions[i].kind == NUMBER)
			*(unsigned long *)(void *)field =
				read_number(reader, want_word(reader));
		else if (conditions[i].kind == TEXT)
			*(const char **)(void *)field = want_word(reader).at;
		else
			*(bool *)(void *)field = true;
		return true;
	}
	return false;
}

static bool read_action(
	struct reader *reader, struct sink_rule *rule, struct span name)
{
	struct sink_action *action = &rule->actions[rule->count];

	if (rule->count == SINK_ACTIONS_MAX)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!span_equal(name, span_of(words[i].name)))
			continue;
		action->act = words[i].act;
		if (words[i].kind == TEXT)
			action->text = want_word(reader);
		if (words[i].kind == NUMBER)
			action->number = read_number(reader, want_word(reader));
		rule->count++;
		return true;
	}
	return false;
}

/* VERB [CONDITION …] : ACTION … */
static void read_rule(struct reader *reader, struct sink_rule *rule)
{
	struct span word = want_word(reader);
	bool is_behind = false;

	if (word.length >= sizeof rule->verb)
		reader->wrong = "that is no verb";
	else
		memcpy(rule->verb, word.at, word.length);
	while (!reader->wrong && (word = next_word(reader)).at) {
		if (!is_behind && span_equal(word, SPAN(":")))
			is_behind = true;
		else if (is_behind ? !read_action(reader, rule, word)
				   : !read_condition(reader, rule, word))
			reader->wrong = is_behind ? "no such action"
						  : "no such condition";
	}
	if (!reader->wrong && !rule->count)
		reader->wrong = "nothing is to be done";
}

/* ---- the file ------------------------------------------------------------ */

static bool read_line(struct sink_script *script, const char *path,
	unsigned number, struct span line)
{
	struct reader reader = { .script = script, .rest = span_trim(line) };
	struct sink_rule *rule = &script->rules[script->count];

	if (!reader.rest.length || reader.rest.at[0] == '#')
		return true;
	if (number >= SINK_RULES_MAX)
		reader.wrong = "too many lines";
	else
		read_rule(&reader, rule);
	if (reader.wrong) {
		fprintf(stderr, "sink: %s:%u: %s: %.*s\n", path, number,
			reader.wrong, (int)line.length, line.at);
		return false;
	}
	rule->line = number;
	script->count++;
	return true;
}

static bool read_bytes(const char *path, struct buf *text)
{
	FILE *file = fopen(path, "rb");
	char bytes[4096];
	size_t count;

	if (!file) {
		fprintf(stderr, "sink: cannot read %s\n", path);
		return false;
	}
	while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
		buf_put(text, bytes, count);
	fclose(file);
	return true;
}

struct sink_script *sink_script_read(const char *path)
{
	struct sink_script *script = mem_zalloc(sizeof *script);
	struct buf text = BUF_INIT(SINK_SCRIPT_LIMIT);
	bool ok = read_bytes(path, &text);
	struct span rest = buf_span(&text);

	script->arena = arena_new();
	for (unsigned number = 1; ok && rest.length; number++)
		ok = read_line(script, path, number, span_cut(&rest, '\n'));
	buf_free(&text);
	if (ok)
		return script;
	sink_script_free(script);
	return NULL;
}

void sink_script_free(struct sink_script *script)
{
	if (!script)
		return;
	arena_free(script->arena);
	mem_free(script);
}

/* ---- which rule ---------------------------------------------------------- */

static bool is_within(struct sink_range range, unsigned long value)
{
	return (!range.from && !range.to) ||
	       (value >= range.from && value <= range.to);
}

static bool fits(const char *pattern, const char *text)
{
	return !pattern || (text && fnmatch(pattern, text, FNM_CASEFOLD) == 0);
}

static bool fits_one(const char *pattern, const char *lines)
{
	struct span rest = span_of(lines ? lines : "");
	char line[1000];

	while (pattern && rest.length) {
		struct span one = span_cut(&rest, '\n');

		snprintf(line, sizeof line, "%.*s", (int)one.length, one.at);
		if (fits(pattern, line))
			return true;
	}
	return !pattern;
}

static bool rule_fits(
	const struct sink_rule *rule, const struct sink_event *event)
{
	return !strcmp(rule->verb, event->verb) &&
	       is_within(rule->connection, event->connection) &&
	       is_within(rule->nth, event->nth) &&
	       is_within(rule->mail, event->mail) &&
	       is_within(rule->rcpt, event->rcpt) &&
	       is_within(rule->size, event->size) &&
	       fits(rule->sender, event->sender) &&
	       fits_one(rule->recipient, event->recipients) &&
	       fits(rule->match, event->line) &&
	       (!rule->in_tls || event->is_tls) &&
	       (!rule->in_clear || !event->is_tls);
}

const struct sink_rule *sink_script_find(const struct sink_script *script,
	const struct sink_event *event, struct sink_fired *fired)
{
	for (size_t i = 0; script && i < script->count; i++) {
		const struct sink_rule *rule = &script->rules[i];

		if (rule_fits(rule, event) &&
			(!rule->times ||
				atomic_fetch_add(&fired->counts[rule->line],
					1) < rule->times))
			return rule;
	}
	return NULL;
}

const struct sink_action *sink_rule_action(
	const struct sink_rule *rule, enum sink_act act)
{
	for (size_t i = 0; rule && i < rule->count; i++)
		if (rule->actions[i].act == act)
			return &rule->actions[i];
	return NULL;
}

static struct span last_line(struct span text)
{
	struct span last = { "", 0 };

	while (text.length) {
		struct span line = span_trim(span_cut(&text, '\n'));

		if (line.length)
			last = line;
	}
	return last;
}

enum sink_verdict sink_rule_verdict(const struct sink_rule *rule)
{
	struct span last = { "", 0 };
	bool passes = sink_rule_action(rule, SINK_ACT_PASS) != NULL;

	if (!rule || sink_rule_action(rule, SINK_ACT_ACCEPT))
		return rule ? SINK_ACCEPTED : SINK_AS_EVER;
	if (sink_rule_action(rule, SINK_ACT_REFUSE))
		return SINK_REFUSED;
	for (size_t i = 0; i < rule->count; i++)
		if (rule->actions[i].act == SINK_ACT_REPLY ||
			rule->actions[i].act == SINK_ACT_BYTES)
			last = last_line(rule->actions[i].text);
	if (passes || !last.length)
		return SINK_AS_EVER;
	if (span_starts_with(last, SPAN("334")))
		return SINK_CHALLENGED;
	return last.at[0] == '2' || last.at[0] == '3' ? SINK_ACCEPTED
						      : SINK_REFUSED;
}
