/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What PHP's own files say of mail, and what they have to say.  Reads them as
 * data: no PHP is run. */
#include <config.h>

#include "base/file.h"
#include "base/text.h"
#include "cmd/setup.h"

#include <glob.h>

enum { FILE_LIMIT = 1024 * 1024 };

/* Extensions have a file each; those say nothing of mail, as a rule. */
static const struct {
	const char *pattern;
	bool is_pool, is_extra;
} places[] = {
	{ "/etc/php/*/*/php.ini", false, false },
	{ "/etc/php/*/*/conf.d/*.ini", false, true },
	{ "/etc/php/*/fpm/pool.d/*.conf", true, false },
	{ "/etc/php.ini", false, false },
	{ "/etc/php.d/*.ini", false, true },
	{ "/etc/php-fpm.d/*.conf", true, false },
	{ "/etc/php[0-9]*/php.ini", false, false },
	{ "/etc/php[0-9]*/conf.d/*.ini", false, true },
	{ "/etc/php[0-9]*/php-fpm.d/*.conf", true, false },
	{ "/usr/local/etc/php/php.ini", false, false },
	{ "/usr/local/etc/php/conf.d/*.ini", false, true },
	{ "/usr/local/etc/php-fpm.d/*.conf", true, false },
};

/* "sendmail_path = VALUE", or "php_admin_value[sendmail_path] = VALUE". */
static bool is_it(struct span line, struct span *value)
{
	struct span name = span_trim(span_cut(&line, '='));
	const struct span what = SPAN("sendmail_path");

	if (span_starts_with(name, SPAN("php_admin_value[")) ||
		span_starts_with(name, SPAN("php_value["))) {
		(void)span_cut(&name, '[');
		name = span_trim(span_cut(&name, ']'));
	}
	*value = span_trim(line);
	return span_equal(name, what);
}

static struct span unquoted(struct span value)
{
	if (value.length >= 2 && value.at[0] == '"' &&
		value.at[value.length - 1] == '"')
		return span_make(value.at + 1, value.length - 2);
	return value;
}

/* The last one counts.  False: it says nothing. */
static bool find_value(struct span text, struct span *value)
{
	bool is_found = false;

	while (text.length) {
		struct span line = span_trim(span_cut(&text, '\n')), found;

		if (!line.length || line.at[0] == ';' || line.at[0] == '#' ||
			!is_it(line, &found))
			continue;
		*value = unquoted(found);
		is_found = true;
	}
	return is_found;
}

static void put_file(const char *path, size_t place, const char *wanted,
	struct setup_php *out)
{
	struct buf text = BUF_INIT(FILE_LIMIT);
	struct span value;
	bool is_read = file_read(path, &text, NULL, NULL) == FILE_READ;
	bool is_said = is_read && find_value(buf_span(&text), &value);

	if (is_read && (is_said || !places[place].is_extra)) {
		out->count++;
		buf_printf(out->text, "%s\n", path);
		if (is_said && span_equal(value, span_of(wanted))) {
			buf_printf(out->text, "  %s\n", _("is right"));
		} else {
			out->wrong_count++;
			if (is_said) {
				buf_printf(out->text, "  %s ", _("now:"));
				text_put_printable(out->text, value);
				buf_puts(out->text, "\n");
			}
			buf_printf(out->text, "  %s = \"%s\"\n",
				places[place].is_pool
					? "php_admin_value[sendmail_path]"
					: "sendmail_path",
				wanted);
		}
	}
	buf_free(&text);
}

void setup_php_look(const char *root, const char *program, const char *config,
	struct arena *arena, struct setup_php *out)
{
	const char *wanted =
		config ? arena_printf(arena, "%s -C %s sendmail -t -i", program,
				 config)
		       : arena_printf(arena, "%s sendmail -t -i", program);

	out->count = out->wrong_count = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		glob_t found = { .gl_pathc = 0 };

		if (!glob(arena_printf(arena, "%s%s", root, places[i].pattern),
			    0, NULL, &found))
			for (size_t j = 0; j < found.gl_pathc; j++)
				put_file(found.gl_pathv[j], i, wanted, out);
		globfree(&found);
	}
}
