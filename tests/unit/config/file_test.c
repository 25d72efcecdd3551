/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that the configuration is found in. */
#include <config.h>

#include "config/file.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static char root[] = "/tmp/mailchute-file-test.XXXXXX";

static const char *in_root(const char *path)
{
	static char full[8][300];
	static size_t next;

	next = (next + 1) % 8;
	snprintf(full[next], sizeof full[next], "%s/%s", root, path);
	return full[next];
}

static void write_file(const char *path, mode_t mode, const char *text)
{
	int fd = open(in_root(path), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
		fchmod(fd, mode) < 0)
		tap_ok(false, "cannot write %s", path);
	if (fd >= 0)
		close(fd);
}

static const char *const folders[] = { "home", "home/.config",
	"home/.config/mailchute", "home/.config/msmtp", "xdg", "xdg/mailchute",
	"xdg/msmtp", "etc", "odd", "odd/msmtp" };
static const char *const files[] = { "home/.mailchuterc", "home/.msmtprc",
	"home/.config/mailchute/config", "home/.config/msmtp/config",
	"xdg/mailchute/config", "xdg/msmtp/config", "etc/mailchuterc",
	"etc/msmtprc", "odd/rc", "odd/msmtp.conf", "odd/msmtp/rc" };

static void clean(void)
{
	for (size_t i = 0; i < COUNT(files); i++)
		if (unlink(in_root(files[i])) < 0 && errno == EISDIR)
			rmdir(in_root(files[i]));
}

static void remove_all(void)
{
	clean();
	for (size_t i = COUNT(folders); i > 0; i--)
		rmdir(in_root(folders[i - 1]));
	rmdir(root);
}

/* The path without the folder of this run. */
static void put_relative(struct buf *out, const char *text)
{
	for (const char *at = text; *at; at++)
		if (strncmp(at, root, strlen(root)) == 0)
			at += strlen(root) - 1;
		else
			buf_put_byte(out, *at);
}

static void put_config(struct buf *out, const struct config *config)
{
	for (size_t i = 0; i < config->account_count; i++)
		buf_printf(out, "%s%s%s=%s", i ? " " : "",
			config->accounts[i]->name,
			config->accounts[i]->dialect == DIALECT_MSMTP ? "~"
								      : "",
			config->accounts[i]->host);
	for (size_t i = 0; i < config->account_count; i++)
		if (config->accounts[i]->exposed_in)
			buf_puts(out, " exposed");
	for (size_t i = 0; i < config->hidden_count; i++) {
		buf_puts(out, " hidden ");
		put_relative(out, config->hidden[i]);
	}
	for (size_t i = 0; i < config->unreadable_count; i++) {
		buf_puts(out, " ");
		put_relative(out, config->unreadable[i]);
	}
}

enum { FILES_PER_ROW = 5 };
struct file_row {
	const char *name;
	struct {
		const char *path;
		mode_t mode;
		const char *text;
	} files[FILES_PER_ROW];
	const char *config_file, *xdg;
	const char *want;
};

static const struct file_row file_rows[] = {
	{ "no file", { { 0 } }, NULL, NULL, "" },
	{ "the user's", { { "home/.mailchuterc", 0644, "host a\n" } }, NULL,
		NULL, "default=a" },
	{ "the folder of XDG",
		{ { "home/.config/mailchute/config", 0644, "host a\n" } }, NULL,
		NULL, "default=a" },
	{ "XDG_CONFIG_HOME", { { "xdg/mailchute/config", 0644, "host a\n" } },
		NULL, "xdg", "default=a" },
	{ "msmtp's", { { "home/.msmtprc", 0644, "host a\n" } }, NULL, NULL,
		"default~=a" },
	{ "msmtp's in XDG",
		{ { "home/.config/msmtp/config", 0644, "host a\n" } }, NULL,
		NULL, "default~=a" },
	{ "the first that is found",
		{ { "home/.mailchuterc", 0644, "host a\n" },
			{ "home/.config/mailchute/config", 0644, "host b\n" },
			{ "home/.msmtprc", 0644, "host c\n" },
			{ "home/.config/msmtp/config", 0644, "host d\n" } },
		NULL, NULL,
		"default=a hidden /home/.config/mailchute/config "
		"hidden /home/.msmtprc hidden /home/.config/msmtp/config" },
	{ "the system's", { { "etc/mailchuterc", 0644, "host s\n" } }, NULL,
		NULL, "default=s" },
	{ "msmtp's system file", { { "etc/msmtprc", 0644, "host s\n" } }, NULL,
		NULL, "default~=s" },
	{ "both levels, the user's first",
		{ { "etc/mailchuterc", 0644,
			  "account a\nhost s\naccount b\nhost t\n" },
			{ "home/.mailchuterc", 0644,
				"account c\nhost u\naccount b\nhost v\n" } },
		NULL, NULL, "c=u b=v a=s" },
	{ "defaults stay in their file",
		{ { "home/.mailchuterc", 0644,
			  "defaults\nhost u\naccount a\n" },
			{ "etc/mailchuterc", 0644, "account b\nhost s\n" } },
		NULL, NULL, "a=u b=s" },
	{ "-C instead of the user's",
		{ { "home/.mailchuterc", 0644, "host a\n" },
			{ "odd/rc", 0644, "host c\n" },
			{ "etc/mailchuterc", 0644, "account b\nhost s\n" } },
		"odd/rc", NULL, "default=c b=s" },
	{ "-C with msmtp's name", { { "odd/msmtp.conf", 0644, "host c\n" } },
		"odd/msmtp.conf", NULL, "default~=c" },
	{ "-C in msmtp's folder", { { "odd/msmtp/rc", 0644, "host c\n" } },
		"odd/msmtp/rc", NULL, "default~=c" },
	{ "-C without a file", { { 0 } }, "odd/rc", NULL,
		"cannot read /odd/rc: No such file or directory" },
	{ "-C with a folder", { { 0 } }, "odd", NULL,
		"cannot read /odd: Is a directory" },
	{ "a mistake in the system's file counts too",
		{ { "home/.mailchuterc", 0644, "host a\n" },
			{ "etc/mailchuterc", 0644, "hist s\n" } },
		NULL, NULL,
		"/etc/mailchuterc:1: unknown keyword 'hist' (did you mean "
		"'host'?)" },

	{ "the user's password, for the user alone",
		{ { "home/.mailchuterc", 0600, "host a\npassword p\n" } }, NULL,
		NULL, "default=a" },
	{ "readable by the group",
		{ { "home/.mailchuterc", 0640, "host a\npassword p\n" } }, NULL,
		NULL,
		"/home/.mailchuterc holds a password and can be read by "
		"others" },
	{ "readable by all",
		{ { "home/.msmtprc", 0604, "host a\npassword p\n" } }, NULL,
		NULL,
		"/home/.msmtprc holds a password and can be read by others" },
	{ "writable by all",
		{ { "home/.mailchuterc", 0602, "host a\npassword p\n" } }, NULL,
		NULL,
		"/home/.mailchuterc belongs to another user or can be written "
		"by others" },
	{ "a command, writable by all",
		{ { "home/.mailchuterc", 0666,
			"host a\npasswordeval pass x\n" } },
		NULL, NULL,
		"/home/.mailchuterc belongs to another user or can be written "
		"by others" },
	{ "a command, readable by all",
		{ { "home/.mailchuterc", 0644,
			"host a\npasswordeval pass x\n" } },
		NULL, NULL, "default=a" },
	{ "an empty password is none",
		{ { "home/.mailchuterc", 0644, "host a\npassword\n" } }, NULL,
		NULL, "default=a" },
	{ "-C is checked too", { { "odd/rc", 0644, "host a\npassword p\n" } },
		"odd/rc", NULL,
		"/odd/rc holds a password and can be read by others" },
	{ "the system's password, for a group",
		{ { "etc/mailchuterc", 0640, "host s\npassword p\n" } }, NULL,
		NULL, "default=s" },
	{ "the system's, readable by all",
		{ { "etc/mailchuterc", 0644, "host s\npassword p\n" } }, NULL,
		NULL,
		"/etc/mailchuterc holds a password and can be read by "
		"others" },
	{ "msmtp's system file, readable by all: but told",
		{ { "etc/msmtprc", 0644, "host s\npassword p\n" } }, NULL, NULL,
		"default~=s exposed" },
	{ "msmtp's file given with -C",
		{ { "odd/msmtp/rc", 0644, "host s\npassword p\n" } },
		"odd/msmtp/rc", NULL,
		"/odd/msmtp/rc holds a password and can be read by others" },
	{ "a password that eval prints, readable by all",
		{ { "home/.msmtprc", 0644, "host a\neval echo password p\n" } },
		NULL, NULL, "default~=a" },
	{ "eval, writable by all",
		{ { "home/.msmtprc", 0666,
			"eval touch /tmp/mailchute-eval-ran; echo host a\n" } },
		NULL, NULL,
		"/home/.msmtprc:1: /home/.msmtprc belongs to another user or "
		"can be written by others" },
	{ "the system's, writable by a group",
		{ { "etc/msmtprc", 0660, "host s\npassword p\n" } }, NULL, NULL,
		"/etc/msmtprc holds a password and can be read by others" },
};

static void read_row(const struct file_row *row, struct buf *out)
{
	struct arena *arena = arena_new();
	struct diag why = { .id = DIAG_NONE };
	struct config config;
	struct buf sentence = BUF_INIT(10000);
	const struct config_places places = {
		.config_file =
			row->config_file ? in_root(row->config_file) : NULL,
		.home = in_root("home"),
		.xdg_config_home = row->xdg ? in_root(row->xdg) : NULL,
		.sysconfdir = in_root("etc")
	};

	for (size_t i = 0; i < FILES_PER_ROW && row->files[i].path; i++)
		write_file(row->files[i].path, row->files[i].mode,
			row->files[i].text);
	if (config_read_files(&places, arena, &config, &why)) {
		put_config(out, &config);
	} else {
		diag_sentence(&why, false, &sentence);
		put_relative(out, buf_text(&sentence));
	}
	config_wipe(&config);
	buf_free(&sentence);
	arena_free(arena);
	clean();
}

static void run_row(const struct file_row *row)
{
	struct buf got = BUF_INIT(10000);

	read_row(row, &got);
	/* The system's words for "no regular file" differ. */
	if (row->want[0] && row->want[strlen(row->want) - 1] == '*')
		tap_ok(strncmp(buf_text(&got), row->want,
			       strlen(row->want) - 1) == 0,
			"%s", row->name);
	else
		tap_is_text(buf_text(&got), row->want, row->name);
	buf_free(&got);
}

/* Everything that is worth telling, and not the first mistake alone. */
static void test_notes(void)
{
	struct arena *arena = arena_new();
	struct config_notes notes = { .arena = arena };
	struct config config;
	struct diag why = { .id = DIAG_NONE };
	struct buf text = BUF_INIT(10000), got = BUF_INIT(10000);
	const struct config_places places = { .home = in_root("home"),
		.sysconfdir = in_root("etc"),
		.notes = &notes };

	write_file("home/.msmtprc", 0600,
		"host a\nhst b\nport x\nhost c\nconnect_timeout 9\n");
	write_file("home/.config/msmtp/config", 0600, "");
	write_file("etc/msmtprc", 0644,
		"host s\npassword p\naccount b\npassword q\nfrobnicate\n");
	tap_ok(config_read_files(&places, arena, &config, &why),
		"mistakes are passed over");
	config_notes_sort(&notes);
	for (size_t i = 0; i < notes.count; i++) {
		config_note_put(&text, &notes.items[i]);
		buf_puts(&text, "\n");
	}
	put_relative(&got, buf_text(&text));
	tap_is_text(buf_text(&got),
		"/home/.msmtprc:1: host: hidden: a later line of the account "
		"counts: 4\n"
		"/home/.msmtprc:2: error: unknown keyword 'hst' (did you mean "
		"'host'?)\n"
		"/home/.msmtprc:3: error: port does not take 'x': a number "
		"from 1 to 65535\n"
		"/home/.msmtprc:5: connect_timeout: obsolete: write "
		"'timeout 9'\n"
		"/home/.config/msmtp/config: hidden: the file is not read, "
		"because there is /home/.msmtprc\n"
		"/etc/msmtprc: exposed: /etc/msmtprc holds a password and can "
		"be read by others\n"
		"/etc/msmtprc:1: account default: hidden: the account of that "
		"name in /home/.msmtprc counts\n"
		"/etc/msmtprc:5: error: a line that is no setting follows "
		"'password' (it is not shown, it may hold a password)\n",
		"notes, in the order of the files");
	tap_is_number((int64_t)notes.error_count, 3, "mistakes are counted");
	tap_is_number((int64_t)config.account_count, 2, "accounts are there");
	config_wipe(&config);
	buf_free(&text);
	buf_free(&got);
	arena_free(arena);
	clean();
}

static void test_odd_files(void)
{
	const struct file_row fifo = { .name = "a FIFO",
		.config_file = "odd/rc",
		.want = "cannot read /odd/rc: *" };
	const struct file_row folder = {
		.name = "a folder in the system's place",
		.want = "cannot read /etc/mailchuterc: Is a directory"
	};
	const struct file_row link = { .name = "a link to msmtp's file",
		.files = { { "home/.msmtprc", 0600, "host a\n" } },
		.want = "default~=a hidden /home/.msmtprc" };
	const struct file_row back = { .name = "a link of msmtp's name to ours",
		.files = { { "odd/rc", 0600, "host a\n" },
			{ "xdg/mailchute/config", 0600, "host b\n" } },
		.want = "default=b" };

	tap_ok(mkfifo(in_root("odd/rc"), 0600) == 0, "made a FIFO");
	run_row(&fifo);
	tap_ok(mkdir(in_root("etc/mailchuterc"), 0700) == 0, "made a folder");
	run_row(&folder);
	tap_ok(symlink(in_root("home/.msmtprc"),
		       in_root("home/.mailchuterc")) == 0,
		"made a link");
	run_row(&link);
	tap_ok(symlink(in_root("xdg/mailchute/config"),
		       in_root("home/.msmtprc")) == 0,
		"made a link");
	run_row(&back);
}

/* Root may read everything, so that these need another user. */
static void test_closed_files(void)
{
	const struct file_row user = { .name = "the user's file is closed",
		.files = { { "home/.mailchuterc", 0, "host a\n" },
			{ "etc/mailchuterc", 0644, "host s\n" } },
		.want = "cannot read /home/.mailchuterc: only root can read "
			"it: Permission denied" };
	const struct file_row system = { .name = "the system's file is closed",
		.files = { { "home/.mailchuterc", 0600, "host a\n" },
			{ "etc/mailchuterc", 0, "host s\n" },
			{ "etc/msmtprc", 0644, "host t\n" } },
		.want = "default=a hidden /etc/msmtprc "
			"cannot read /etc/mailchuterc: only root can read it: "
			"Permission denied" };
	const struct file_row home = {
		.name = "a home that is closed, as sudo leaves it",
		.files = { { "etc/mailchuterc", 0644, "host s\n" } },
		.xdg = "xdg",
		.want = "default=s "
			"cannot read /home/.mailchuterc: a folder above it is "
			"closed: Permission denied "
			"cannot read /home/.msmtprc: a folder above it is "
			"closed: Permission denied"
	};

	if (geteuid() == 0 &&
		(chown(root, 65534, 65534) < 0 || seteuid(65534) < 0)) {
		tap_skip("closed files", "root may read them");
		return;
	}
	for (size_t i = 0; getuid() == 0 && i < COUNT(folders); i++) {
		if (seteuid(0) < 0 ||
			chown(in_root(folders[i]), 65534, 65534) < 0 ||
			seteuid(65534) < 0)
			tap_ok(false, "cannot give %s away", folders[i]);
	}
	run_row(&user);
	run_row(&system);
	chmod(in_root("home"), 0);
	run_row(&home);
	chmod(in_root("home"), 0700);
	if (getuid() == 0 && seteuid(0) < 0)
		tap_ok(false, "cannot be root again");
}

/* Owners can only be changed by root. */
static void test_owners(void)
{
	const struct file_row others = { .name = "another user's command",
		.config_file = "odd/rc",
		.want = "/odd/rc belongs to another user or can be written by "
			"others" };
	const struct file_row roots = {
		.name = "root's file, shared with our group",
		.config_file = "odd/rc",
		.want = "default=a"
	};

	if (geteuid() != 0) {
		tap_skip("owners", "needs root");
		return;
	}
	write_file("odd/rc", 0644, "host a\npasswordeval pass\n");
	tap_ok(chown(in_root("odd/rc"), 1234, 1234) == 0, "gave it away");
	run_row(&others);
	write_file("odd/rc", 0640, "host a\npassword p\n");
	tap_ok(chown(in_root("odd/rc"), 0, 65534) == 0 && setegid(65534) == 0 &&
			seteuid(65534) == 0,
		"shared it");
	run_row(&roots);
	tap_ok(seteuid(0) == 0 && setegid(0) == 0, "root again");
	clean();
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	for (size_t i = 0; i < COUNT(folders); i++)
		if (mkdir(in_root(folders[i]), 0700) < 0)
			return 1;
	for (size_t i = 0; i < COUNT(file_rows); i++)
		run_row(&file_rows[i]);
	test_notes();
	test_odd_files();
	test_closed_files();
	test_owners();
	remove_all();
	return tap_done();
}
