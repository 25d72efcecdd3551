/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on those who send mail here: what they call, by their own files.
 * Reads them as data, and runs nothing.
 */
#include <config.h>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "cmd/doctor.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_LIMIT = 1024 * 1024 };

/* ---- lines of files ------------------------------------------------------ */

/* Told of each "name = value", both trimmed; SECTION is the "[…]" above. */
struct reading {
	struct doctor *doctor;
	const char *file;
	struct span section;
	void (*take)(const struct reading *reading, struct span name,
		struct span value);
	bool is_found; /* a file */
};

static struct span unquoted(struct span value)
{
	if (value.length >= 2 && value.at[0] == '"' &&
		value.at[value.length - 1] == '"')
		return span_make(value.at + 1, value.length - 2);
	return value;
}

static void read_lines(struct reading *reading, struct span text)
{
	reading->section = SPAN("");
	while (text.length) {
		struct span line = span_trim(span_cut(&text, '\n'));
		bool has_value = span_find(line, '=') < line.length;
		struct span name;

		if (!line.length || line.at[0] == ';' || line.at[0] == '#')
			continue;
		if (line.at[0] == '[' && line.at[line.length - 1] == ']') {
			reading->section = line;
			continue;
		}
		name = span_trim(span_cut(&line, '='));
		if (has_value)
			reading->take(reading, name, unquoted(span_trim(line)));
	}
}

static void read_file(struct reading *reading, const char *path)
{
	struct buf text = BUF_INIT(FILE_LIMIT);

	reading->file = path;
	if (file_read(path, &text, NULL, NULL) == FILE_READ) {
		reading->is_found = true;
		read_lines(reading, buf_span(&text));
	}
	buf_free(&text);
}

/* All that PATTERN, below the doctor's root, names. */
static void read_files(struct reading *reading, const char *pattern)
{
	struct arena *arena = reading->doctor->arena;
	glob_t found = { .gl_pathc = 0 };

	if (!glob(arena_printf(arena, "%s%s", reading->doctor->root, pattern),
		    0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(reading, found.gl_pathv[i]);
	globfree(&found);
}

static void tell(const struct reading *reading, const char *id,
	enum finding_status status, const char *text, struct span value)
{
	findings_note(reading->doctor->found, id, status, text,
		arena_printf(reading->doctor->arena, "%s: %.*s", reading->file,
			(int)value.length, value.at));
}

/* ---- sendmail and mailq -------------------------------------------------- */

static bool is_ourselves(const char *path, const char *own)
{
	struct stat theirs, ours;

	return stat(path, &theirs) == 0 && stat(own, &ours) == 0 &&
	       theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

static void check_link(struct doctor *doctor, const char *id, const char *name)
{
	const char *path =
		arena_printf(doctor->arena, "%s%s", doctor->root, name);
	struct stat status;

	if (stat(path, &status))
		findings_note(doctor->found, id, FINDING_SKIP,
			N_("there is no %s: who looks for one finds none"),
			path);
	else if (is_ourselves(path, doctor->program))
		findings_note(doctor->found, id, FINDING_OK,
			N_("%s is this program"), path);
	else
		findings_note(doctor->found, id, FINDING_WARN,
			N_("%s is another program: what is given to it does "
			   "not come here"),
			path);
}

/* ---- PHP ----------------------------------------------------------------- */

static bool has_word(struct span text, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i + length <= text.length; i++)
		if (span_equal(span_make(text.at + i, length), span_of(word)))
			return true;
	return false;
}

/* "sendmail_path" in php.ini, "php_admin_value[sendmail_path]" in a pool. */
static void take_php(
	const struct reading *reading, struct span name, struct span value)
{
	if (!has_word(name, "sendmail_path") || !value.length)
		return;
	if (has_word(value, "mailchute") || has_word(value, "sendmail"))
		tell(reading, "caller.php", FINDING_OK,
			N_("PHP's sendmail_path, %s"), value);
	else
		tell(reading, "caller.php", FINDING_WARN,
			N_("PHP's sendmail_path is another program, %s"),
			value);
}

static void check_php(struct doctor *doctor)
{
	static const char *const patterns[] = { "/etc/php/*/*/php.ini",
		"/etc/php/*/*/conf.d/*.ini", "/etc/php/*/fpm/pool.d/*.conf",
		"/etc/php.ini", "/etc/php.d/*.ini", "/etc/php-fpm.d/*.conf",
		"/usr/local/etc/php/php.ini", "/usr/local/etc/php/conf.d/*.ini",
		"/usr/local/etc/php-fpm.d/*.conf" };
	struct reading reading = { .doctor = doctor, .take = take_php };
	size_t before = doctor->found->count;

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		read_files(&reading, patterns[i]);
	if (reading.is_found && doctor->found->count == before)
		findings_note(doctor->found, "caller.php", FINDING_OK,
			N_("PHP calls 'sendmail -t -i', as nothing else is "
			   "set"),
			NULL);
}

/* ---- git ----------------------------------------------------------------- */

static void take_git(
	const struct reading *reading, struct span name, struct span value)
{
	if (!span_equal_nocase(reading->section, SPAN("[sendemail]")) ||
		!(span_equal_nocase(name, SPAN("smtpserver")) ||
			span_equal_nocase(name, SPAN("sendmailcmd"))))
		return;
	if (has_word(value, "mailchute") || has_word(value, "sendmail"))
		tell(reading, "caller.git", FINDING_OK,
			N_("git send-email calls a program, %s"), value);
	else
		tell(reading, "caller.git", FINDING_WARN,
			N_("git send-email does not come here, %s"), value);
}

static void check_git(struct doctor *doctor)
{
	struct reading reading = { .doctor = doctor, .take = take_git };
	const char *home = process_home(doctor->arena);

	read_files(&reading, "/etc/gitconfig");
	if (!home)
		return;
	read_file(&reading,
		arena_printf(doctor->arena, "%s/.config/git/config", home));
	read_file(&reading, arena_printf(doctor->arena, "%s/.gitconfig", home));
}

/* ---- cron ---------------------------------------------------------------- */

static void take_cron(
	const struct reading *reading, struct span name, struct span value)
{
	if (!span_equal(name, SPAN("MAILTO")))
		return;
	if (!value.length)
		tell(reading, "caller.cron", FINDING_WARN,
			N_("cron mails nothing, since MAILTO is empty, %s"),
			SPAN("MAILTO="));
	else
		tell(reading, "caller.cron", FINDING_OK,
			N_("cron mails to the MAILTO in %s"), value);
}

static void check_cron(struct doctor *doctor)
{
	struct reading reading = { .doctor = doctor, .take = take_cron };
	const char *user = process_getenv("LOGNAME");

	read_files(&reading, "/etc/crontab");
	read_files(&reading, "/etc/cron.d/*");
	if (user && !strchr(user, '/'))
		read_file(&reading, arena_printf(doctor->arena,
					    "%s/var/spool/cron/crontabs/%s",
					    doctor->root, user));
}

/* ---- who may forbid what ------------------------------------------------- */

static void check_confinement(struct doctor *doctor)
{
	struct buf text = BUF_INIT(FILE_LIMIT);
	struct span name;

	if (file_read(arena_printf(doctor->arena, "%s/proc/self/attr/current",
			      doctor->root),
		    &text, NULL, NULL) == FILE_READ) {
		name = buf_span(&text);
		name.length = span_find(name, '\0');
		name = span_trim(name);
		if (name.length && !span_starts_with(name, SPAN("unconfined")))
			findings_note(doctor->found, "caller.confined",
				FINDING_OK,
				N_("AppArmor or SELinux confines this "
				   "process: %s"),
				arena_strndup(
					doctor->arena, name.at, name.length));
	}
	buf_free(&text);
}

void doctor_callers(struct doctor *doctor)
{
	check_link(doctor, "caller.sendmail", "/usr/sbin/sendmail");
	check_link(doctor, "caller.mailq", "/usr/bin/mailq");
	check_php(doctor);
	check_git(doctor);
	check_cron(doctor);
	check_confinement(doctor);
}
