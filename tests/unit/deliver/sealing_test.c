/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of keys: who may read it, and whose keys count. */
#include <config.h>

#include "deliver/sealing.h"
#include "tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 100, TOKEN_LIMIT = 2000, NOBODY = 65534 };

static char folder[] = "/tmp/sealing_test.XXXXXX";
static char path[PATH_BYTES], other_path[PATH_BYTES];
static struct arena *arena;

static mode_t mode_of(const char *file)
{
	struct stat status;

	return stat(file, &status) == 0 ? status.st_mode & 0777 : 0;
}

static struct sealing *open_at(const char *file, enum sealing_need need)
{
	struct sealing *sealing = NULL;
	struct diag why;

	if (!sealing_open(file, need, &sealing, &why))
		tap_note("%d", (int)why.id);
	return sealing;
}

static bool finds(const struct sealing *sealing, const struct buf *token)
{
	struct seal_opened opened;

	return sealing_find(
		sealing, SEAL_UNSUBSCRIBE, buf_span(token), arena, &opened);
}

/* The key of another list, beside it, knows nothing of ours. */
static void test_lists(void)
{
	struct sealing *ours = open_at(path, SEALING_MADE);
	struct sealing *theirs = open_at(other_path, SEALING_MADE);
	struct buf token = BUF_INIT(TOKEN_LIMIT);
	struct diag why;

	tap_ok(ours && theirs && mode_of(path) == 0600,
		"made for nobody else, whatever the mask");
	if (ours && theirs) {
		tap_ok(sealing_put(ours, SEAL_UNSUBSCRIBE, "a.example.test",
			       "bob@example.test", &token, &why),
			"a token");
		tap_ok(finds(ours, &token), "of ours");
		tap_ok(!finds(theirs, &token), "of another list");
	}
	buf_free(&token);
	sealing_close(ours);
	sealing_close(theirs);
}

static void test_refused(void)
{
	struct sealing *sealing = NULL;
	struct diag why;

	(void)chmod(path, 0644);
	tap_ok(!sealing_open(path, SEALING_IF_THERE, &sealing, &why),
		"that others can read");
	tap_is_diag(&why, DIAG_CONFIG_KEY_READABLE, "the reason");
	(void)chmod(path, 0600);
	if (geteuid() == 0) {
		(void)chmod(path, 0640);
		tap_ok(sealing_open(path, SEALING_THERE, &sealing, &why),
			"root's, for a group");
		sealing_close(sealing);
		if (chown(path, NOBODY, NOBODY) == 0)
			tap_ok(!sealing_open(
				       path, SEALING_THERE, &sealing, &why),
				"another's, for a group");
		(void)chmod(path, 0600);
		(void)!chown(path, 0, 0);
	}
	tap_ok(!sealing_open("/nonexistent/x", SEALING_THERE, &sealing, &why),
		"that is not there");
	tap_is_diag(&why, DIAG_SEAL_KEY, "the reason");
	tap_ok(sealing_open(
		       "/nonexistent/x", SEALING_IF_THERE, &sealing, &why) &&
			!sealing,
		"and need not be");
}

/* COUNT lines, each a key. */
static bool opens_with(size_t count)
{
	struct sealing *sealing = NULL;
	FILE *file = fopen(path, "w");
	struct diag why;
	bool is_open;

	for (size_t i = 0; file && i < count; i++)
		fprintf(file, "# %zu\n%c%.42s=\n", i, (int)('A' + i),
			"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	if (file)
		fclose(file);
	is_open = sealing_open(path, SEALING_THERE, &sealing, &why);
	sealing_close(sealing);
	return is_open;
}

int main(void)
{
	arena = arena_new();
	if (!mkdtemp(folder))
		return 99;
	snprintf(path, sizeof path, "%s/a.key", folder);
	snprintf(other_path, sizeof other_path, "%s/b.key", folder);
	(void)umask(0);
	test_lists();
	test_refused();
	tap_ok(opens_with(SEAL_KEYS_LIMIT), "as many keys as may be");
	tap_ok(!opens_with(SEAL_KEYS_LIMIT + 1), "one more");
	tap_ok(!opens_with(0), "none");
	(void)unlink(path);
	(void)unlink(other_path);
	(void)rmdir(folder);
	arena_free(arena);
	return tap_done();
}
