/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts and files for a message.  Does not know whom it goes to. */
#include <config.h>

#include "cmd/send_parts.h"

#include "base/charset.h"
#include "base/random.h"
#include "base/snapshot.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cmd/editor.h"
#include "mail/field.h"
#include "mail/htmltext.h"
#include "mail/mimetype.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	TYPED_TEXT_LIMIT = 64 * 1024 * 1024, /* of an editor */
	META_BYTES = 1024, /* where HTML must name its charset */
	NUMBER_BYTES = 24,
	CALENDAR_BYTES = 64 * 1024 /* in which its METHOD has to stand */
};

static bool is_stdin(const char *path)
{
	return !strcmp(path, "-");
}

/* ---- sources ------------------------------------------------------------- */

/* Keeps standard input, so that it can be read twice. */
static struct source *stdin_source(struct send_parts *parts, struct diag *why)
{
	struct source *source;
	struct span piece;
	bool is_read;

	if (parts->stdin_was_closed) {
		diag_set(why, DIAG_INPUT_CLOSED);
		return NULL;
	}
	parts->stdin_store = store_new(STORE_MEMORY_BYTES);
	source = source_from_fd(STDIN_FILENO);
	while ((is_read = source_next(source, &piece, why)) && piece.length)
		if (!store_put(parts->stdin_store, piece, why)) {
			is_read = false;
			break;
		}
	source_close(source);
	return is_read ? store_source(parts->stdin_store) : NULL;
}

/* "/dev/null" is what scripts say for "nothing". */
static struct source *open_source(
	struct send_parts *parts, const char *path, struct diag *why)
{
	if (is_stdin(path))
		return stdin_source(parts, why);
	if (!strcmp(path, "/dev/null"))
		return source_from_span(SPAN(""));
	return snapshot_new(path, why);
}

/* A part with its content counted; NULL and a problem when that fails. */
static struct compose_part *make_part(struct send_parts *parts,
	struct source *body, struct problems *problems)
{
	struct compose_part *part = arena_alloc(parts->arena, sizeof *part);
	struct diag why;

	part->body = body;
	if (content_scan(body, &part->content, &why) &&
		source_rewind(body, &why))
		return part;
	problems_add(problems, &why);
	source_close(body);
	return NULL;
}

/* HINT: for a word that seems not to be meant as a file, or NULL. */
static struct compose_part *open_part(struct send_parts *parts,
	const char *path, const char *hint, struct problems *problems)
{
	struct diag why;
	struct source *body = open_source(parts, path, &why);

	if (body)
		return make_part(parts, body, problems);
	if (hint && why.system_error == ENOENT && !strpbrk(path, "./"))
		diag_add_hint(&why, hint);
	problems_add(problems, &why);
	return NULL;
}

/* ---- files --------------------------------------------------------------- */

struct file_word {
	const char *option; /* "--attach" */
	const char *path;
	const char *type; /* NULL: not given */
};

/* FILE[:TYPE]; a file of the whole name comes first, so that no name is out of
 * reach. */
static struct file_word split_word(
	struct arena *arena, const char *option, const char *word)
{
	struct file_word file = { .option = option, .path = word };
	const char *colon = strrchr(word, ':');

	if (!colon || colon == word || access(word, F_OK) == 0 ||
		!strchr(colon, '/'))
		return file;
	file.path = arena_strndup(arena, word, (size_t)(colon - word));
	file.type = colon + 1;
	return file;
}

static bool check_type(const struct file_word *file, struct problems *problems)
{
	struct diag why;

	if (!file->type)
		return true;
	if (!mimetype_is_valid(span_of(file->type)))
		diag_set(&why, DIAG_USAGE_BAD_VALUE, file->option, file->type,
			N_("not a media type such as text/csv"));
	else if (span_starts_with_nocase(
			 span_of(file->type), SPAN("multipart/")))
		diag_set(&why, DIAG_USAGE_BAD_VALUE, file->option, file->type,
			N_("a file is not several parts"));
	else
		return true;
	problems_add(problems, &why);
	return false;
}

/* The name it gets in the mail, in UTF-8; NULL and a problem without one. */
static const char *name_file(struct send_parts *parts,
	const struct file_word *file, struct problems *problems)
{
	const char *slash = strrchr(file->path, '/');
	const char *base = slash ? slash + 1 : file->path;
	char *name = charset_to_utf8(
		parts->arena, span_of(base), charset_of_locale());
	struct diag why;

	if (name)
		return field_file_name(parts->arena, name);
	diag_set(&why, DIAG_SEND_NOT_UTF8, file->option, file->path);
	problems_add(problems, &why);
	return NULL;
}

/* What came on standard input has a type, but no name. */
static void name_stdin(struct send_parts *parts, struct compose_part *part)
{
	const char *extension = mimetype_extension(part->type);

	part->file_name = extension ? arena_printf(parts->arena,
					      "attachment.%s", extension)
				    : "attachment";
}

/* The value of a calendar's METHOD, which its type has to say too (RFC 6047
 * 2.4); NULL without one. */
static const char *calendar_method(
	struct send_parts *parts, struct compose_part *part)
{
	struct buf text = BUF_INIT(CALENDAR_BYTES);
	struct span piece, rest;
	const char *method = NULL;

	while (text.length < CALENDAR_BYTES / 2 &&
		source_next(part->body, &piece, NULL) && piece.length)
		buf_put(&text, piece.at,
			piece.length < CALENDAR_BYTES / 2 ? piece.length
							  : CALENDAR_BYTES / 2);
	rest = span_of(buf_text(&text));
	while (rest.length && !method) {
		struct span line = span_trim(span_cut(&rest, '\n'));
		struct span name = span_cut(&line, ':');

		if (span_equal_nocase(name, SPAN("METHOD")) &&
			mimetype_is_valid(span_of(arena_printf(parts->arena,
				"text/%.*s", (int)line.length, line.at))))
			method = arena_strndup(
				parts->arena, line.at, line.length);
	}
	buf_free(&text);
	return source_rewind(part->body, NULL) ? method : NULL;
}

/* "text/calendar" alone makes an invitation a file. */
static void add_method(struct send_parts *parts, struct compose_part *part)
{
	const char *method;

	if (strcmp(part->type, "text/calendar") != 0)
		return;
	method = calendar_method(parts, part);
	if (method)
		part->type = arena_printf(
			parts->arena, "text/calendar; method=%s", method);
}

static struct compose_part *open_file(struct send_parts *parts,
	const char *option, const char *word, struct problems *problems)
{
	struct file_word file = split_word(parts->arena, option, word);
	bool is_typed = check_type(&file, problems);
	const char *name = name_file(parts, &file, problems);
	/* "send -a work", as "-a work" chooses an account elsewhere. */
	struct compose_part *part = open_part(parts, file.path,
		strcmp(file.option, "--attach") != 0
			? NULL
			: N_("-a attaches a file here; '--account %1$s' "
			     "chooses an account"),
		problems);

	if (!part)
		return NULL;
	if (!is_typed || !name) {
		source_close(part->body);
		return NULL;
	}
	part->file_name = name;
	part->type = file.type ? file.type
			       : mimetype_of(is_stdin(file.path) ? "" : name,
					 &part->content);
	if (is_stdin(file.path))
		name_stdin(parts, part);
	add_method(parts, part);
	return part;
}

static size_t open_files(struct send_parts *parts, const char *option,
	const struct words_list *words, struct compose_part ***out,
	struct problems *problems)
{
	size_t count = 0;

	*out = arena_alloc(parts->arena, (words->count + 1) * sizeof **out);
	for (size_t i = 0; i < words->count; i++) {
		(*out)[count] =
			open_file(parts, option, words->items[i], problems);
		count += (*out)[count] != NULL;
	}
	return count;
}

/* ---- standard input, once ------------------------------------------------ */

static bool takes_stdin(struct arena *arena, const char *word)
{
	return is_stdin(split_word(arena, "", word).path);
}

/* The first two options that want standard input. */
static size_t find_stdin(struct arena *arena,
	const struct send_options *options, const char *names[static 2])
{
	size_t count = 0;

	if (options->body && is_stdin(options->body))
		names[count++] = "--body";
	if (options->html && is_stdin(options->html))
		names[count++] = "--html";
	for (size_t i = 0; i < options->inlined.count && count < 2; i++)
		if (takes_stdin(arena, options->inlined.items[i]))
			names[count++] = "--inline";
	for (size_t i = 0; i < options->attach.count && count < 2; i++)
		if (takes_stdin(arena, options->attach.items[i]))
			names[count++] = "--attach";
	return count;
}

/* ---- HTML ---------------------------------------------------------------- */

static bool is_utf16(
	const struct content *content, const char *path, struct diag *why)
{
	if (strcmp(mimetype_charset(content), "utf-16") != 0)
		return false;
	diag_set(why, DIAG_FILE_UTF16, path);
	return true;
}

/* The charset that the page itself names, in ARENA; NULL without. */
static const char *meta_charset(struct arena *arena, struct span page)
{
	static const char mark[] = "charset=";
	struct span rest = page, name;

	if (rest.length > META_BYTES)
		rest.length = META_BYTES;
	while (rest.length && !span_starts_with_nocase(rest, span_of(mark)))
		rest = span_skip(rest, 1);
	name = span_skip(rest, strlen(mark));
	if (name.length && (name.at[0] == '"' || name.at[0] == '\''))
		name = span_skip(name, 1);
	rest = name;
	for (name.length = 0; name.length < rest.length; name.length++) {
		char c = rest.at[name.length];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' &&
			c != '_')
			break;
	}
	return name.length ? arena_strndup(arena, name.at, name.length) : NULL;
}

static bool read_page(const char *path, struct source *source, struct buf *page,
	struct diag *why)
{
	char limit[NUMBER_BYTES];
	struct span piece;

	for (;;) {
		if (!source_next(source, &piece, why))
			return false;
		if (!piece.length)
			return true;
		if (buf_put_span(page, piece))
			continue;
		snprintf(limit, sizeof limit, "%d", SEND_HTML_LIMIT);
		return diag_set(why, DIAG_FILE_TOO_LARGE, path, limit);
	}
}

/* Every "cid:NAME" becomes the Content-ID of that file. */
static void refer_to_inlines(struct send_parts *parts)
{
	unsigned char random[16];

	for (size_t i = 0; i < parts->inline_count; i++) {
		struct compose_part *part = parts->inlines[i];
		struct buf page = BUF_INIT(SEND_HTML_LIMIT * 4);

		random_bytes(random, sizeof random);
		part->content_id = compose_content_id(
			parts->arena, part->file_name, random);
		compose_refer(&page, buf_span(&parts->page), part->file_name,
			part->content_id);
		buf_free(&parts->page);
		parts->page = page;
	}
}

/* The page in UTF-8, if anybody knows what it is in now. */
static void convert_page(struct send_parts *parts)
{
	struct span page = buf_span(&parts->page);
	const char *charset = meta_charset(parts->arena, page);
	const char *utf8 = charset_to_utf8(
		parts->arena, page, charset ? charset : charset_of_locale());

	if (!utf8 || text_is_utf8(page))
		return;
	buf_free(&parts->page);
	parts->page = BUF_INIT(strlen(utf8) + 1);
	buf_puts(&parts->page, utf8);
}

/* False, and a problem, when it cannot be read. */
static bool take_page(
	struct send_parts *parts, const char *path, struct problems *problems)
{
	struct diag why;
	struct source *source = open_source(parts, path, &why);
	bool is_read = source && read_page(path, source, &parts->page, &why);

	source_close(source);
	if (is_read)
		convert_page(parts);
	else
		problems_add(problems, &why);
	return is_read;
}

static void open_page(
	struct send_parts *parts, const char *path, struct problems *problems)
{
	struct diag why;

	if (parts->given_page)
		buf_put_span(&parts->page, *parts->given_page);
	else if (!take_page(parts, path, problems))
		return;
	refer_to_inlines(parts);
	parts->html = make_part(
		parts, source_from_span(buf_span(&parts->page)), problems);
	if (is_utf16(&parts->html->content, path, &why))
		problems_add(problems, &why);
}

/* ---- all files ----------------------------------------------------------- */

void send_parts_open(struct send_parts *parts,
	const struct send_options *options, struct problems *problems)
{
	const char *names[2] = { NULL, NULL };
	struct diag why;

	parts->page = BUF_INIT(SEND_HTML_LIMIT);
	parts->page_text = BUF_INIT(SEND_HTML_LIMIT * 4);
	if (find_stdin(parts->arena, options, names) > 1) {
		diag_set(&why, DIAG_SEND_STDIN_TWICE, names[0], names[1]);
		problems_add(problems, &why);
		return;
	}
	parts->inline_count = open_files(parts, "--inline", &options->inlined,
		&parts->inlines, problems);
	for (size_t i = 0; i < parts->inline_count; i++)
		parts->inlines[i]->is_inline = true;
	parts->attachment_count = open_files(parts, "--attach",
		&options->attach, &parts->attachments, problems);
	if (options->html)
		open_page(parts, options->html, problems);
}

/* ---- text ---------------------------------------------------------------- */

static struct source *words_source(struct send_parts *parts,
	const struct words_list *words, struct problems *problems)
{
	struct buf text = BUF_INIT(TYPED_TEXT_LIMIT);
	struct diag why;
	char *utf8;

	for (size_t i = 0; i < words->count; i++) {
		buf_puts(&text, i ? " " : "");
		buf_puts(&text, words->items[i]);
	}
	utf8 = charset_to_utf8(
		parts->arena, buf_span(&text), charset_of_locale());
	if (!utf8) {
		diag_set(&why, DIAG_SEND_NOT_UTF8, N_("the text"),
			buf_text(&text));
		problems_add(problems, &why);
	}
	buf_free(&text);
	return utf8 ? source_from_span(span_of(utf8)) : NULL;
}

static struct source *editor_source(struct send_parts *parts,
	const char *command, struct problems *problems)
{
	struct buf text = BUF_INIT(TYPED_TEXT_LIMIT);
	struct source *source = NULL;
	struct diag why;

	if (editor_write(command, &text, &why))
		source = source_from_span(span_make(
			arena_strndup(parts->arena, text.data, text.length),
			text.length));
	else
		problems_add(problems, &why);
	buf_free(&text);
	return source;
}

static struct source *typed_source(
	struct send_parts *parts, struct problems *problems)
{
	struct source *source;
	struct diag why;

	if (terminal_is(STDERR_FILENO))
		fprintf(stderr, "%s\n",
			_("Write the text; a line with Control-D alone ends "
			  "it."));
	source = stdin_source(parts, &why);
	if (!source)
		problems_add(problems, &why);
	return source;
}

/* Nothing was said about a text: it comes from a pipe, or from a person. */
static struct source *unnamed_source(
	struct send_parts *parts, struct problems *problems)
{
	const char *editor = editor_command();
	struct source *source;
	struct diag why;

	if (terminal_is(STDIN_FILENO)) {
		/* No person is asked to write what cannot be sent. */
		if (problems->count)
			return NULL;
		return editor ? editor_source(parts, editor, problems)
			      : typed_source(parts, problems);
	}
	source = stdin_source(parts, &why);
	if (!source)
		problems_add(problems, &why);
	return source;
}

/* A text too long to be converted in memory is sent under the name of its
 * charset, if the locale knows it. */
static void name_charset(struct compose_part *part)
{
	if (!part->content.is_utf8)
		part->charset = charset_of_locale();
}

static void add_body(
	struct send_parts *parts, const char *path, struct problems *problems)
{
	struct diag why;

	parts->text = open_part(parts, path,
		N_("--body and --html take a file; a text itself stands behind "
		   "the recipients"),
		problems);
	if (!parts->text)
		return;
	if (is_utf16(&parts->text->content, path, &why))
		problems_add(problems, &why);
	name_charset(parts->text);
}

static void add_page_text(struct send_parts *parts, struct problems *problems)
{
	htmltext_put(&parts->page_text, buf_span(&parts->page));
	parts->text = make_part(
		parts, source_from_span(buf_span(&parts->page_text)), problems);
}

void send_parts_read_text(struct send_parts *parts,
	const struct send_options *options, struct problems *problems)
{
	const char *names[2];
	struct source *source;

	if (parts->given_text) {
		parts->text = make_part(
			parts, source_from_span(*parts->given_text), problems);
		return;
	}
	if (options->body) {
		add_body(parts, options->body, problems);
		return;
	}
	if (options->html && !options->words.count) {
		add_page_text(parts, problems);
		return;
	}
	if (options->words.count)
		source = words_source(parts, &options->words, problems);
	else if (find_stdin(parts->arena, options, names))
		source = source_from_span(SPAN(""));
	else
		source = unnamed_source(parts, problems);
	if (source)
		parts->text = make_part(parts, source, problems);
	if (parts->text)
		name_charset(parts->text);
}

static bool read_text(struct source *body, struct buf *out, struct diag *why)
{
	struct span piece;

	for (;;) {
		if (!source_next(body, &piece, why))
			return false;
		if (!piece.length)
			return true;
		if (!buf_put_span(out, piece))
			return diag_set(why, DIAG_FILE_TOO_LARGE,
				DIAG_WORDS N_("the text"), "16777216");
	}
}

bool send_parts_put_text(
	struct send_parts *parts, struct buf *out, struct problems *problems)
{
	const char *utf8;
	struct diag why;

	if (!parts->text)
		return true;
	if (!read_text(parts->text->body, out, &why)) {
		problems_add(problems, &why);
		return false;
	}
	utf8 = charset_to_utf8(
		parts->arena, buf_span(out), charset_of_locale());
	if (!utf8) {
		diag_set(&why, DIAG_SEND_NOT_UTF8, DIAG_WORDS N_("the text"),
			buf_text(out));
		problems_add(problems, &why);
		return false;
	}
	if (!text_is_utf8(buf_span(out))) {
		buf_clear(out);
		buf_puts(out, utf8);
	}
	return true;
}

/* ---- the message --------------------------------------------------------- */

struct source *send_parts_compose(
	struct send_parts *parts, const struct buf *head)
{
	struct compose_params params = { .head = buf_span(head),
		.text = parts->text,
		.html = parts->html,
		.inlines = (const struct compose_part *const *)parts->inlines,
		.inline_count = parts->inline_count,
		.attachments =
			(const struct compose_part *const *)parts->attachments,
		.attachment_count = parts->attachment_count };
	struct source *source;

	random_bytes(params.random, sizeof params.random);
	source = compose_source(&params, parts->arena);
	parts->text = parts->html = NULL;
	parts->inline_count = parts->attachment_count = 0;
	return source;
}

static void close_part(struct compose_part *part)
{
	if (part)
		source_close(part->body);
}

void send_parts_close(struct send_parts *parts)
{
	close_part(parts->text);
	close_part(parts->html);
	for (size_t i = 0; i < parts->inline_count; i++)
		close_part(parts->inlines[i]);
	for (size_t i = 0; i < parts->attachment_count; i++)
		close_part(parts->attachments[i]);
	store_free(parts->stdin_store);
	buf_free(&parts->page);
	buf_free(&parts->page_text);
}
