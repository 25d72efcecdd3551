/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units by their files (systemd.unit(5)).  Does not know what is done with
 * what they say. */
#include <config.h>

#include "base/unit.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/process.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNIT_LIMIT = 256 * 1024 };

/* Highest first.  "%h" is the home, "%t" the user's runtime folder. */
static const char *const system_folders[] = {
	"/etc/systemd/system.control",
	"/run/systemd/system.control",
	"/run/systemd/transient",
	"/run/systemd/generator.early",
	"/etc/systemd/system",
	"/run/systemd/system",
	"/run/systemd/generator",
	"/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",
	"/lib/systemd/system",
	"/run/systemd/generator.late",
	NULL,
};
static const char *const user_folders[] = {
	"%h/.config/systemd/user.control",
	"%t/systemd/user.control",
	"%t/systemd/transient",
	"%t/systemd/generator.early",
	"%h/.config/systemd/user",
	"/etc/systemd/user",
	"%t/systemd/user",
	"/run/systemd/user",
	"%t/systemd/generator",
	"%h/.local/share/systemd/user",
	"/usr/local/lib/systemd/user",
	"/usr/lib/systemd/user",
	"%t/systemd/generator.late",
	NULL,
};

struct unit {
	const struct unit_params *params;
	struct arena *arena;
	const char *name, *template; /* "x@1.service", "x@.service" or NULL */
	const char *const *folders;
	bool is_transient, is_oneshot, remains, is_killed;
};

/* ---- the name ------------------------------------------------------------ */

static bool ends_with(struct span text, const char *end)
{
	size_t length = strlen(end);

	return text.length >= length &&
	       memcmp(text.at + text.length - length, end, length) == 0;
}

/* The path of our control group: that of systemd's own hierarchy, or of the
 * only one there is. */
static struct span find_group(struct span cgroup)
{
	struct span found = SPAN("");

	while (cgroup.length) {
		struct span path = span_cut(&cgroup, '\n');
		struct span number = span_cut(&path, ':');
		struct span name = span_cut(&path, ':');

		if (span_equal(name, SPAN("name=systemd")))
			return path;
		if (span_equal(number, SPAN("0")))
			found = path;
	}
	return found;
}

/* The innermost unit is ours; a scope (a login, a terminal's tab) lives as
 * long as anything in it. */
static bool find_name(struct unit *unit)
{
	struct span rest = find_group(unit->params->cgroup), name = SPAN("");
	bool is_users = false;
	const char *at;

	unit->folders = system_folders;
	while (rest.length) {
		struct span part = span_cut(&rest, '/');

		if (is_users && ends_with(part, ".service"))
			unit->folders = user_folders;
		if (ends_with(part, ".service") || ends_with(part, ".scope"))
			name = part;
		is_users = is_users || span_starts_with(part, SPAN("user@"));
	}
	if (!ends_with(name, ".service"))
		return false;
	unit->name = arena_strndup(unit->arena, name.at, name.length);
	at = strchr(unit->name, '@');
	if (at)
		unit->template = arena_printf(unit->arena, "%.*s@.service",
			(int)(at - unit->name), unit->name);
	return true;
}

/* NULL where it needs a home and there is none. */
static const char *expand(const struct unit *unit, const char *folder)
{
	const struct unit_params *params = unit->params;

	if (strncmp(folder, "%h", 2) == 0)
		return params->home
			       ? arena_printf(unit->arena, "%s%s%s",
					 params->root, params->home, folder + 2)
			       : NULL;
	if (strncmp(folder, "%t", 2) == 0)
		return arena_printf(unit->arena, "%s/run/user/%lu%s",
			params->root, (unsigned long)params->uid, folder + 2);
	return arena_printf(unit->arena, "%s%s", params->root, folder);
}

/* ---- what the files say -------------------------------------------------- */

static bool is_yes(struct span value)
{
	return span_equal(value, SPAN("yes")) ||
	       span_equal(value, SPAN("true")) ||
	       span_equal(value, SPAN("on")) || span_equal(value, SPAN("1"));
}

static void take_line(struct unit *unit, struct span line)
{
	struct span value = line, key = span_trim(span_cut(&value, '='));

	value = span_trim(value);
	if (span_equal(key, SPAN("Type")))
		unit->is_oneshot = span_equal(value, SPAN("oneshot"));
	else if (span_equal(key, SPAN("RemainAfterExit")))
		unit->remains = is_yes(value);
	else if (span_equal(key, SPAN("KillMode")))
		unit->is_killed = !span_equal(value, SPAN("process")) &&
				  !span_equal(value, SPAN("none"));
}

static bool take_file(struct unit *unit, const char *path)
{
	struct buf text = BUF_INIT(UNIT_LIMIT);
	struct stat status;
	struct span rest;
	struct diag why;
	bool is_there, is_service = false;

	is_there = stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
		   file_read(path, &text, NULL, &why) == FILE_READ;
	rest = buf_span(&text);
	while (rest.length) {
		struct span line = span_trim(span_cut(&rest, '\n'));

		if (span_starts_with(line, SPAN("[")))
			is_service = span_equal(line, SPAN("[Service]"));
		else if (is_service)
			take_line(unit, line);
	}
	buf_free(&text);
	return is_there;
}

/* The first file of that name is the unit. */
static bool take_fragment(struct unit *unit, const char *name)
{
	for (size_t i = 0; name && unit->folders[i]; i++) {
		const char *folder = expand(unit, unit->folders[i]);

		if (!folder || !take_file(unit, arena_printf(unit->arena,
							"%s/%s", folder, name)))
			continue;
		unit->is_transient =
			ends_with(span_of(unit->folders[i]), "/transient");
		return true;
	}
	return false;
}

static int is_drop_in(const struct dirent *item)
{
	return ends_with(span_of(item->d_name), ".conf");
}

static void take_drop_ins(struct unit *unit, const char *folder)
{
	struct dirent **items = NULL;
	int count = scandir(folder, &items, is_drop_in, alphasort);

	for (int i = 0; i < count; i++) {
		(void)take_file(unit, arena_printf(unit->arena, "%s/%s", folder,
					      items[i]->d_name));
		free(items[i]);
	}
	free(items);
}

/* What stands in a higher folder, and in the unit's own, counts last. */
static void take_all_drop_ins(struct unit *unit)
{
	const char *const names[] = { "service", unit->template, unit->name };
	size_t count = 0;

	while (unit->folders[count])
		count++;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t j = count; names[i] && j-- > 0;) {
			const char *folder = expand(unit, unit->folders[j]);

			if (folder)
				take_drop_ins(unit,
					arena_printf(unit->arena, "%s/%s.d",
						folder, names[i]));
		}
}

const char *unit_that_ends(
	const struct unit_params *params, struct arena *arena)
{
	struct unit unit = {
		.params = params, .arena = arena, .is_killed = true
	};

	if (!find_name(&unit) || (!take_fragment(&unit, unit.name) &&
					 !take_fragment(&unit, unit.template)))
		return NULL;
	take_all_drop_ins(&unit);
	return (unit.is_oneshot || unit.is_transient) && unit.is_killed &&
			       !unit.remains
		       ? unit.name
		       : NULL;
}

const char *unit_of_ours_that_ends(struct arena *arena)
{
	struct buf cgroup = BUF_INIT(UNIT_LIMIT);
	struct unit_params params = {
		.root = "", .home = process_home(arena), .uid = getuid()
	};
	const char *name = NULL;
	struct diag why;

	if (file_read("/proc/self/cgroup", &cgroup, NULL, &why) == FILE_READ) {
		params.cgroup = buf_span(&cgroup);
		name = unit_that_ends(&params, arena);
	}
	buf_free(&cgroup);
	return name;
}

/* ---- timers -------------------------------------------------------------- */

static bool is_there(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

const char *unit_queue_timer(
	const struct unit_params *params, const char *user, struct arena *arena)
{
	static const char wanted[] = "timers.target.wants/mailchute-queue";
	const char *root = params->root;
	bool has_manager;

	if (!is_there(arena_printf(arena, "%s/run/systemd/system", root)))
		return NULL;
	if (is_there(arena_printf(arena, "%s/etc/systemd/system/%s@%s.timer",
		    root, wanted, user)))
		return arena_printf(arena, "mailchute-queue@%s.timer", user);
	has_manager = is_there(arena_printf(arena, "%s/run/user/%lu/systemd",
			      root, (unsigned long)params->uid)) ||
		      is_there(arena_printf(arena,
			      "%s/var/lib/systemd/linger/%s", root, user));
	if (has_manager &&
		(is_there(arena_printf(arena, "%s/etc/systemd/user/%s.timer",
			 root, wanted)) ||
			(params->home &&
				is_there(arena_printf(arena,
					"%s%s/.config/systemd/user/%s.timer",
					root, params->home, wanted)))))
		return "mailchute-queue.timer";
	return NULL;
}
