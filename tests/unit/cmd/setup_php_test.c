/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What PHP's files say, below a root of their own. */
#include <config.h>

#include "base/mem.h"
#include "cmd/setup.h"
#include "tap.h"
#include "unit/cmd/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char root[] = "/tmp/mailchute-php.XXXXXX";

static void looks(
	const char *config, size_t wrong, const char *want, const char *name)
{
	struct arena *arena = arena_new();
	struct buf text = BUF_INIT(8000);
	struct setup_php php = { .text = &text };
	char *at;

	setup_php_look(root, "/usr/bin/mailchute", config, arena, &php);
	buf_puts(&text, "");
	while (text.data && (at = strstr(text.data, root)))
		memmove(at, at + sizeof root - 1,
			strlen(at + sizeof root - 1) + 1);
	tap_is_text(text.data ? text.data : "", want, name);
	tap_is_number((long)php.wrong_count, (long)wrong, "how many are wrong");
	buf_free(&text);
	arena_free(arena);
}

int main(void)
{
	char command[100];

	if (!mkdtemp(root))
		return 1;
	looks(NULL, 0, "", "no PHP");
	tree_put(root, "/etc/php/8.2/cli/php.ini",
		";sendmail_path =\n[mail function]\n"
		"sendmail_path = \"/usr/bin/mailchute sendmail -t -i\"\n");
	tree_put(root, "/etc/php/8.2/fpm/php.ini", "; sendmail_path = x\n");
	tree_put(root, "/etc/php/8.2/fpm/conf.d/20-mysqli.ini",
		"extension=mysqli\n");
	tree_put(root, "/etc/php/8.2/fpm/conf.d/99-mail.ini",
		"sendmail_path=/usr/sbin/ssmtp -t\n");
	tree_put(root, "/etc/php/8.2/fpm/pool.d/www.conf",
		"[www]\nuser = www-data\n"
		"php_admin_value[sendmail_path] = /usr/sbin/sendmail -t\n");
	looks(NULL, 3,
		"/etc/php/8.2/cli/php.ini\n"
		"  is right\n"
		"/etc/php/8.2/fpm/php.ini\n"
		"  sendmail_path = \"/usr/bin/mailchute sendmail -t -i\"\n"
		"/etc/php/8.2/fpm/conf.d/99-mail.ini\n"
		"  now: /usr/sbin/ssmtp -t\n"
		"  sendmail_path = \"/usr/bin/mailchute sendmail -t -i\"\n"
		"/etc/php/8.2/fpm/pool.d/www.conf\n"
		"  now: /usr/sbin/sendmail -t\n"
		"  php_admin_value[sendmail_path] = \"/usr/bin/mailchute "
		"sendmail -t -i\"\n",
		"each file, and its line");
	tree_put(root, "/etc/php/8.2/cli/php.ini", "");
	tree_put(root, "/etc/php/8.2/fpm/conf.d/99-mail.ini", "");
	tree_put(root, "/etc/php/8.2/fpm/php.ini",
		"sendmail_path = /usr/bin/mailchute -C /etc/shop sendmail -t "
		"-i\n");
	tree_put(root, "/etc/php/8.2/fpm/pool.d/www.conf",
		"php_value [sendmail_path] = x\n"
		"php_admin_value[sendmail_path] = \"/usr/bin/mailchute -C "
		"/etc/shop sendmail -t -i\"\n");
	looks("/etc/shop", 1,
		"/etc/php/8.2/cli/php.ini\n"
		"  sendmail_path = \"/usr/bin/mailchute -C /etc/shop sendmail "
		"-t -i\"\n"
		"/etc/php/8.2/fpm/php.ini\n"
		"  is right\n"
		"/etc/php/8.2/fpm/pool.d/www.conf\n"
		"  is right\n",
		"with a profile of its own; the last line counts");
	snprintf(command, sizeof command, "rm -r %s", root);
	tap_ok(system(command) == 0, "gone");
	return tap_done();
}
