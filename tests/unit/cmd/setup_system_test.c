/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a machine, below a folder of its own. */
#include <config.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/setup.h"
#include "tap.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_LIMIT = 8000 };

static char folder[] = "/tmp/mailchute-system.XXXXXX";
static struct arena *arena;
static struct place place;

static const char *in_folder(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void put_file(const char *name, const char *text)
{
	FILE *stream = fopen(in_folder(name), "w");

	if (!stream)
		return;
	fputs(text, stream);
	fclose(stream);
	(void)chmod(in_folder(name), 0600);
}

/* What a file says, and its mode in front. */
static void is_file(const char *name, const char *want)
{
	struct buf text = BUF_INIT(TEXT_LIMIT), got = BUF_INIT(TEXT_LIMIT);
	struct stat status = { .st_mode = 0 };
	struct diag ignored;
	char *at;

	if (file_read(in_folder(name), &text, &status, &ignored) == FILE_READ)
		buf_printf(&got, "%o\n%s", status.st_mode & 07777U,
			buf_text(&text));
	while (got.data && (at = strstr(got.data, folder)))
		memmove(at, at + sizeof folder - 1,
			strlen(at + sizeof folder - 1) + 1);
	tap_is_text(got.data ? got.data : "", want, name);
	buf_free(&text);
	buf_free(&got);
}

/* Us, in the place of the user of the service, whom no machine has to have. */
static struct setup_system service(void)
{
	return (struct setup_system){ .way = SETUP_WAY_SERVE,
		.path = place.relay_config,
		.has_systemd = true,
		.place = &place,
		.arena = arena,
		.owner = geteuid(),
		.group = getegid(),
		.service_group = getegid() };
}

static void write_account(
	struct setup_system *system, struct setup_profile *profile)
{
	const struct profile_access access = setup_system_access(system);
	struct diag why;

	setup_system_begin(system, profile);
	setup_profile_line(profile, "host", "mail.example.org");
	setup_profile_line(profile, "password", "open sesame");
	tap_ok(setup_profile_write(profile, &access, &why),
		"the account is written");
	tap_ok(setup_system_finish(system, "host@example.org", &why),
		"and what everybody reads");
}

static void test_serve(void)
{
	struct setup_system system = service();
	struct setup_profile profile = { .path = place.relay_config,
		.account = "default",
		.is_new = true,
		.before = BUF_INIT(TEXT_LIMIT) };
	struct stat status = { .st_mode = 0 };
	struct setup_made made = { .count = 0 };
	struct diag why;

	tap_ok(setup_system_prepare(&system, &made, &why) &&
			stat(in_folder("etc/mailchute"), &status) == 0,
		"the folder is made");
	tap_is_number(status.st_mode & 07777, 0750, "for the service's group");
	setup_made_undo(&made);
	tap_ok(access(in_folder("etc/mailchute"), F_OK) < 0,
		"the person has enough, and it is gone");
	tap_ok(setup_system_prepare(&system, &made, &why) && made.count == 1,
		"made again");
	write_account(&system, &profile);
	setup_made_undo(&made);
	tap_ok(access(place.relay_config, F_OK) == 0,
		"with something in it, it stays");
	is_file("etc/mailchute/relay.conf",
		"640\n"
		"# Read by 'mailchute serve' alone: mailchute-serve(8).\n"
		"defaults\n"
		"# The sender has its answer when the message is on the disk.\n"
		"queue always\n"
		"queue_dir /var/spool/mailchute\n"
		"queue_runner external\n"
		"\n"
		"account default\n"
		"host mail.example.org\n"
		"password open sesame\n");
	is_file("etc/mailchuterc",
		"644\n"
		"# Everybody reads this: the password is with 'mailchute "
		"serve'.\n"
		"\n"
		"account default\n"
		"socket /run/mailchute/submit\n"
		"from host@example.org\n");
	setup_profile_take_back(&profile);
	tap_ok(access(place.relay_config, F_OK) < 0,
		"taken back: it was not there before");
	buf_free(&profile.before);
}

static void test_mending(void)
{
	struct setup_system system = service();
	struct diag why;

	put_file("etc/mailchuterc",
		"# ours\naccount default\nsocket /run/other\nlogfile /var/l\n");
	tap_ok(setup_system_finish(&system, "new@example.org", &why),
		"what everybody reads is mended");
	is_file("etc/mailchuterc",
		"644\n# ours\naccount default\nsocket /run/mailchute/submit\n"
		"logfile /var/l\nfrom new@example.org\n");
}

static void test_credential(void)
{
	struct setup_system system = service();
	struct setup_made made = { .count = 0 };
	struct diag why;

	tap_ok(setup_system_put_unit(&system, "/etc/x.cred", &made, &why),
		"a file for systemd");
	is_file("etc/systemd/system/mailchute.service.d/credential.conf",
		"644\n"
		"# By 'mailchute setup': the password is encrypted for this "
		"machine.\n"
		"[Service]\n"
		"LoadCredential=\n"
		"LoadCredentialEncrypted=relay-password:/etc/x.cred\n");
	setup_made_undo(&made);
	tap_ok(access(in_folder("etc/systemd/system/mailchute.service.d"),
		       F_OK) < 0,
		"what was not there before is taken away with its folder");
}

static void opens(enum setup_way way, const char *want, const char *name)
{
	struct setup_system system;
	struct diag why = { .exit_code = 0 };
	bool is_open = setup_system_open(&system, way, &place, arena, &why);

	tap_is_text(
		is_open ? system.path + sizeof folder - 1 : diag_name(why.id),
		want, name);
}

static void test_open(void)
{
	bool has_user = getpwnam("mailchute") != NULL;

	(void)unlink(in_folder("etc/mailchuterc"));
	opens(SETUP_WAY_ROOT, "/etc/mailchuterc", "for root alone");
	opens(SETUP_WAY_SERVE,
		has_user ? "/etc/mailchute/relay.conf" : "setup.no-user",
		"for the service, if there is its user");
	put_file("etc/mailchuterc", "account a\nhost h\npassword p\n");
	opens(SETUP_WAY_SERVE, "setup.in-the-way",
		"an account that everybody would read");
	opens(SETUP_WAY_ROOT, "/etc/mailchuterc", "but not for root alone");
	put_file("etc/mailchuterc", "hots h\n");
	opens(SETUP_WAY_SERVE, "config.unknown-keyword", "one that is broken");
	place.settings = "/nonexistent";
	opens(SETUP_WAY_ROOT, "setup.not-root", "no folder");
	tap_is_number(setup_way_of("root"), SETUP_WAY_ROOT, "a name");
	tap_is_number(setup_way_of("bus"), SETUP_WAYS, "no name");
}

int main(void)
{
	arena = arena_new();
	if (!mkdtemp(folder) || mkdir(in_folder("etc"), 0755) < 0)
		return 1;
	place = (struct place){ .settings = in_folder("etc"),
		.relay_config = in_folder("etc/mailchute/relay.conf"),
		.socket = "/run/mailchute/submit",
		.systemd = "/nonexistent",
		.queues = "/var/spool" };
	test_serve();
	test_mending();
	test_credential();
	test_open();
	tap_ok(system(arena_printf(arena, "rm -r %s", folder)) == 0, "gone");
	arena_free(arena);
	return tap_done();
}
