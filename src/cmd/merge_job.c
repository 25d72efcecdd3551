/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line as text.  Knows no option. */
#include <config.h>

#include "cmd/merge_job.h"

#include <string.h>

static const char version[] = "mailchute-job 1";

/* A value ends at the line's end. */
static void put_value(struct buf *out, const char *word, const char *value)
{
	buf_puts(out, word);
	buf_put_byte(out, ' ');
	for (const char *at = value; *at; at++)
		if (*at == '\n' || *at == '\\')
			buf_printf(out, "\\x%02X", (unsigned)*at);
		else
			buf_put_byte(out, *at);
	buf_put_byte(out, '\n');
}

void merge_job_put(struct buf *out, const struct merge_job *job)
{
	buf_printf(out, "%s\ncreated %llu\n", version, job->created);
	put_value(out, "folder", job->folder);
	for (size_t i = 0; i < job->word_count; i++)
		put_value(out, "word", job->words[i]);
}

static char *take_value(struct arena *arena, struct span value)
{
	char *text = arena_strndup(arena, value.at, value.length), *to = text;

	for (const char *at = text; *at; at++)
		if (at[0] == '\\' && at[1] == 'x' &&
			ascii_hex_value(at[2]) >= 0 &&
			ascii_hex_value(at[3]) >= 0) {
			*to++ = (char)(ascii_hex_value(at[2]) * 16 +
				       ascii_hex_value(at[3]));
			at += 3;
		} else {
			*to++ = *at;
		}
	*to = '\0';
	return text;
}

static size_t count_lines(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += text.at[i] == '\n';
	return count;
}

bool merge_job_parse(
	struct span text, struct arena *arena, struct merge_job *out)
{
	char **words =
		arena_alloc(arena, (count_lines(text) + 2) * sizeof *words);

	*out = (struct merge_job){ .words = words };
	if (!span_equal(span_cut(&text, '\n'), span_of(version)))
		return false;
	while (text.length) {
		struct span value = span_cut(&text, '\n');
		struct span word = span_cut(&value, ' ');
		unsigned long number;

		if (span_equal(word, SPAN("word")))
			words[out->word_count++] = take_value(arena, value);
		else if (span_equal(word, SPAN("folder")))
			out->folder = take_value(arena, value);
		else if (span_equal(word, SPAN("created")) &&
			 span_number(value, 999999999999, &number))
			out->created = number;
		else
			return false;
	}
	return out->folder && out->word_count;
}
