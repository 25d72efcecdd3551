/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shape of JSON: for each value on standard input its path and its type, a
 * tab between: "recipients[].address	text".  Each line is a document.  Fails
 * when one is no JSON, or a name stands twice in an object. */
#include <config.h>

#include "base/buf.h"
#include "base/jsonwalk.h"

#include <stdio.h>
#include <string.h>

enum { INPUT_LIMIT = 16 * 1024 * 1024, PATH_LIMIT = 1000, DEPTH_MAX = 20 };

static const char *type_of(const struct jsonwalk_member *member)
{
	switch (member->kind) {
	case JSONWALK_TEXT:
		return "text";
	case JSONWALK_NUMBER:
		return "number";
	case JSONWALK_TRUE:
	case JSONWALK_FALSE:
		return "bool";
	case JSONWALK_NULL:
		return "null";
	case JSONWALK_NESTED:
		break;
	}
	return member->value.at[0] == '[' ? "list" : "object";
}

static bool stands_twice(struct span text, struct span name)
{
	struct jsonwalk walk = jsonwalk_of(text);
	struct jsonwalk_member member;
	int count = 0;

	while (jsonwalk_next(&walk, &member))
		count += span_equal(member.name, name);
	return count > 1;
}

static bool print(struct span text, const char *path, int depth)
{
	struct jsonwalk walk = jsonwalk_of(text);
	struct jsonwalk_member member;
	bool is_list = text.length && text.at[0] == '[';

	while (depth < DEPTH_MAX && jsonwalk_next(&walk, &member)) {
		char inner[PATH_LIMIT];

		if (!is_list && stands_twice(text, member.name))
			return false;
		snprintf(inner, sizeof inner, "%s%s%.*s", path,
			is_list ? "[]"
			: *path ? "."
				: "",
			(int)member.name.length,
			member.name.at ? member.name.at : "");
		printf("%s\t%s\n", inner, type_of(&member));
		if (member.kind == JSONWALK_NESTED &&
			!print(member.value, inner, depth + 1))
			return false;
	}
	return walk.is_whole;
}

int main(void)
{
	struct buf input = BUF_INIT(INPUT_LIMIT);
	char piece[4096];
	struct span rest, line;
	bool is_fine = true;
	size_t got;

	while ((got = fread(piece, 1, sizeof piece, stdin)) > 0)
		buf_put(&input, piece, got);
	rest = buf_span(&input);
	while (is_fine && (line = span_cut(&rest, '\n')).length)
		is_fine = print(line, "", 0);
	if (!is_fine)
		fprintf(stderr, "no JSON: %.*s\n", (int)line.length, line.at);
	buf_free(&input);
	return is_fine ? 0 : 1;
}
