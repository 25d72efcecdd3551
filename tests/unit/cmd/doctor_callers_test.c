/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the doctor reads in other programs' files, below a root of its own. */
#include <config.h>

#include "base/text.h"
#include "cmd/doctor.h"
#include "tap.h"
#include "unit/cmd/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/mailchute-callers.XXXXXX";

/* FILE below the root with TEXT in it, and the folders above. */
/* The findings of ID, a line each, with the root left out. */
static void look(const char *id, const char *want, const char *name)
{
	struct arena *arena = arena_new();
	struct findings found = { .arena = arena };
	struct doctor doctor = { .arena = arena,
		.found = &found,
		.root = root,
		.program = arena_printf(arena, "%s/mailchute", root) };
	struct buf got = BUF_INIT(8000);

	doctor_callers(&doctor);
	for (size_t i = 0; i < found.count; i++) {
		struct buf line = BUF_INIT(8000);
		char *at;

		if (strcmp(found.items[i].id, id))
			continue;
		finding_put(&found, &found.items[i], &line);
		while ((at = strstr(line.data, root)))
			memmove(at, at + sizeof root - 1,
				strlen(at + sizeof root - 1) + 1);
		buf_puts(&got, line.data);
		buf_free(&line);
	}
	tap_is_text(buf_text(&got), want, name);
	buf_free(&got);
	arena_free(arena);
}

static void test_links(void)
{
	char ours[300], theirs[300];

	look("caller.sendmail",
		"skip  caller.sendmail   there is no /usr/sbin/sendmail: who "
		"looks for one finds none\n",
		"no sendmail");
	tree_put(root, "/mailchute", "x");
	tree_put(root, "/usr/sbin/sendmail", "y");
	look("caller.sendmail",
		"warn  caller.sendmail   /usr/sbin/sendmail is another "
		"program: what is given to it does not come here\n",
		"another's");
	snprintf(ours, sizeof ours, "%s/mailchute", root);
	snprintf(theirs, sizeof theirs, "%s/usr/sbin/sendmail", root);
	unlink(theirs);
	if (symlink(ours, theirs) == 0)
		look("caller.sendmail",
			"ok    caller.sendmail   /usr/sbin/sendmail is this "
			"program\n",
			"ours");
}

static void test_php(void)
{
	look("caller.php", "", "no PHP");
	tree_put(root, "/etc/php/8.2/cli/php.ini",
		"[mail function]\n;sendmail_path "
		"= /x\nmail.add_x_header = On\n");
	look("caller.php",
		"ok    caller.php        PHP calls 'sendmail -t -i', as "
		"nothing else is set\n",
		"nothing set");
	tree_put(root, "/etc/php/8.2/fpm/php.ini",
		"sendmail_path = \"/usr/bin/mailchute sendmail -t -i\"\n");
	tree_put(root, "/etc/php/8.2/fpm/pool.d/www.conf",
		"php_admin_value[sendmail_path] = /usr/bin/msmtp -t\n");
	look("caller.php",
		"ok    caller.php        PHP's sendmail_path, "
		"/etc/php/8.2/fpm/php.ini: /usr/bin/mailchute sendmail -t -i\n"
		"warn  caller.php        PHP's sendmail_path is another "
		"program, /etc/php/8.2/fpm/pool.d/www.conf: /usr/bin/msmtp "
		"-t\n",
		"one right, one wrong");
}

static void test_git(void)
{
	tree_put(root, "/home/.gitconfig",
		"[user]\n\tsmtpServer = no.example\n[sendemail]\n"
		"\tsmtpServer = smtp.example.org\n");
	tree_put(root, "/etc/gitconfig",
		"[sendemail]\n\tsendmailCmd = mailchute\n");
	look("caller.git",
		"ok    caller.git        git send-email calls a program, "
		"/etc/gitconfig: mailchute\n"
		"warn  caller.git        git send-email does not come here, "
		"/home/.gitconfig: smtp.example.org\n",
		"git");
}

static void test_cron(void)
{
	tree_put(root, "/etc/crontab",
		"# MAILTO=x\nMAILTO=\"\"\n* * * * * root x\n");
	tree_put(root, "/etc/cron.d/job", "MAILTO=ops@example.org\n");
	look("caller.cron",
		"warn  caller.cron       cron mails nothing, since MAILTO is "
		"empty, /etc/crontab: MAILTO=\n"
		"ok    caller.cron       cron mails to the MAILTO in "
		"/etc/cron.d/job: ops@example.org\n",
		"cron");
}

static void test_confinement(void)
{
	tree_put(root, "/proc/self/attr/current", "unconfined\n");
	look("caller.confined", "", "not confined");
	tree_put(root, "/proc/self/attr/current", "mailchute (enforce)\n");
	look("caller.confined",
		"ok    caller.confined   AppArmor or SELinux confines this "
		"process: mailchute (enforce)\n",
		"confined");
}

int main(void)
{
	char command[100], home[100];

	if (!mkdtemp(root))
		return 1;
	snprintf(home, sizeof home, "%s/home", root);
	setenv("HOME", home, 1);
	test_links();
	test_php();
	test_git();
	test_cron();
	test_confinement();
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command) ? 1 : tap_done();
}
