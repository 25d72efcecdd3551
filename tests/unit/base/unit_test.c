/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units by their files, in a folder that stands for "/". */
#include <config.h>

#include "base/unit.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/mailchute-unit.XXXXXX";

/* COMMAND on PATH below the root. */
static void run(const char *command, const char *path)
{
	char line[1000];

	snprintf(line, sizeof line, "%s '%s%s'", command, root, path);
	if (system(line) != 0)
		tap_ok(false, "a test's folder");
}

/* Makes what comes before the last '/'. */
static void make_folder(const char *path)
{
	char folder[500];

	snprintf(folder, sizeof folder, "%.*s",
		(int)(strrchr(path, '/') - path), path);
	run("mkdir -p", folder);
}

static void put(const char *path, const char *text)
{
	char name[500];
	FILE *file;

	make_folder(path);
	snprintf(name, sizeof name, "%s%s", root, path);
	file = fopen(name, "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static const struct {
	const char *name, *path, *text, *cgroup, *want;
} cases[] = {
	{ "no unit", NULL, NULL, "0::/\n", NULL },
	{ "a login", NULL, NULL,
		"0::/user.slice/user-1000.slice/session-3.scope\n", NULL },
	{ "a unit that nobody knows", NULL, NULL,
		"0::/system.slice/ghost.service\n", NULL },
	{ "a daemon", "/usr/lib/systemd/system/cron.service",
		"[Service]\nType=simple\nKillMode=process\n",
		"0::/system.slice/cron.service\n", NULL },
	{ "a long-lived service, its group killed",
		"/lib/systemd/system/php-fpm.service",
		"[Unit]\nDescription=x\n[Service]\nType=notify\n",
		"0::/system.slice/php-fpm.service\n", NULL },
	{ "a job", "/etc/systemd/system/backup.service",
		"[Unit]\nType=simple\n[Service]\n Type = oneshot \n",
		"0::/system.slice/backup.service\n", "backup.service" },
	{ "in a hierarchy of its own", NULL, NULL,
		"9:pids:/x\n1:name=systemd:/system.slice/backup.service\n0::/"
		"\n",
		"backup.service" },
	{ "in a group below it", NULL, NULL,
		"0::/system.slice/backup.service/inner\n", "backup.service" },
	{ "another file hides it", "/run/systemd/system.control/backup.service",
		"[Service]\nType=simple\n", "0::/system.slice/backup.service\n",
		NULL },
	{ "an addition", "/etc/systemd/system/backup.service.d/x.conf",
		"[Service]\nType=oneshot\n",
		"0::/system.slice/backup.service\n", "backup.service" },
	{ "whose processes stay", "/etc/systemd/system/backup.service.d/y.conf",
		"[Service]\nKillMode=process\n",
		"0::/system.slice/backup.service\n", NULL },
	{ "that remains", "/usr/lib/systemd/system/once.service",
		"[Service]\nType=oneshot\nRemainAfterExit=yes\n",
		"0::/system.slice/once.service\n", NULL },
	{ "an instance", "/usr/lib/systemd/system/job@.service",
		"[Service]\nType=oneshot\n",
		"0::/system.slice/system-job.slice/job@1.service\n",
		"job@1.service" },
	{ "systemd-run", "/run/systemd/transient/run-u7.service",
		"[Service]\nType=simple\n", "0::/system.slice/run-u7.service\n",
		"run-u7.service" },
	{ "a user's job", "/home/ann/.config/systemd/user/mine.service",
		"[Service]\nType=oneshot\n",
		"0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		"mine.service\n",
		"mine.service" },
	{ "the system's files are not the user's", NULL, NULL,
		"0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		"once.service\n",
		NULL },
	{ "a user's systemd-run",
		"/run/user/1000/systemd/transient/run-r1.service",
		"[Service]\n",
		"0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		"run-r1.service\n",
		"run-r1.service" },
};

static struct unit_params params = {
	.root = root, .home = "/home/ann", .uid = 1000
};

static void check_ends(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena *arena = arena_new();
		const char *got;

		if (cases[i].path)
			put(cases[i].path, cases[i].text);
		params.cgroup = span_of(cases[i].cgroup);
		got = unit_that_ends(&params, arena);
		tap_is_text(got ? got : "-",
			cases[i].want ? cases[i].want : "-", cases[i].name);
		arena_free(arena);
	}
}

static void check_timer(const char *want, const char *name)
{
	struct arena *arena = arena_new();
	const char *got = unit_queue_timer(&params, "ann", arena);

	tap_is_text(got ? got : "-", want, name);
	arena_free(arena);
}

static void check_timers(void)
{
	put("/home/ann/.config/systemd/user/timers.target.wants/"
	    "mailchute-queue.timer",
		"");
	run("rm -rf", "/run/user");
	check_timer("-", "a machine without systemd");
	put("/run/systemd/system/x", "");
	check_timer("-", "a user whose manager does not run");
	put("/var/lib/systemd/linger/ann", "");
	check_timer("mailchute-queue.timer", "a user's timer");
	put("/etc/systemd/system/timers.target.wants/"
	    "mailchute-queue@bob.timer",
		"");
	check_timer("mailchute-queue.timer", "another's is none");
	put("/etc/systemd/system/timers.target.wants/"
	    "mailchute-queue@ann.timer",
		"");
	check_timer("mailchute-queue@ann.timer", "the system's for this user");
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	check_ends();
	check_timers();
	run("rm -rf", "");
	return tap_done();
}
