/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may read and write a file with a secret: owners and modes in a table,
 * whoever runs the test. */
#include <config.h>

#include "base/closed.h"
#include "base/diag.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum owner { ROOT, MINE, STRANGERS };

static const struct {
	enum owner owner;
	mode_t mode;
	const char *want; /* a part of the reason; NULL: it is closed */
} rows[] = {
	{ MINE, 0600, NULL },
	{ MINE, 0400, NULL },
	{ MINE, 0640, "read" },
	{ MINE, 0604, "read" },
	{ MINE, 0644, "read" },
	{ MINE, 0620, "write" },
	{ MINE, 0602, "write" },
	{ ROOT, 0600, NULL },
	{ ROOT, 0440, NULL },
	{ ROOT, 0640, NULL },
	{ ROOT, 0644, "read" },
	{ ROOT, 0660, "write" },
	{ ROOT, 0666, "write" },
	{ STRANGERS, 0600, "another user" },
	{ STRANGERS, 0400, "another user" },
};

/* As an ordinary user, whom root can be for a while. */
static void check_rows(void)
{
	uid_t me = geteuid();

	if (me == 0 && seteuid(65534) < 0) {
		tap_skip("owners", "root cannot be another user");
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct stat status = { .st_mode = S_IFREG | rows[i].mode,
			.st_uid = rows[i].owner == ROOT   ? 0
				  : rows[i].owner == MINE ? geteuid()
							  : geteuid() - 1 };
		const char *reason = NULL, *next = NULL;
		bool is_closed = closed_check(&status, &reason, &next);

		tap_ok(is_closed == !rows[i].want &&
				(is_closed || strstr(reason, rows[i].want)),
			"%04o of %s", (unsigned)rows[i].mode,
			rows[i].owner == ROOT   ? "root's"
			: rows[i].owner == MINE ? "mine"
						: "another's");
		if (!is_closed)
			tap_ok(strstr(next, "run 'ch"), "what to do");
	}
	if (me == 0 && seteuid(0) < 0)
		tap_ok(false, "cannot be root again");
}

static void check_readers(void)
{
	char path[] = "/tmp/closed.XXXXXX";
	struct buf out = BUF_INIT(500);
	int fd = mkstemp(path);

	tap_ok(fd >= 0 && fchmod(fd, 0) == 0, "a file");
	closed_put_readers(&out, path);
	tap_is_text(buf_text(&out),
		DIAG_WORDS "only %s can read it" DIAG_NEXT "root",
		"what nobody may read");
	buf_clear(&out);
	tap_ok(fd >= 0 && fchmod(fd, 0640) == 0, "a group's");
	closed_put_readers(&out, path);
	tap_ok(strstr(buf_text(&out), "only %s and the group %s can read it"),
		"names the group");
	buf_clear(&out);
	closed_put_readers(&out, "/nonexistent/x");
	tap_is_text(buf_text(&out), DIAG_WORDS "a folder above it is closed",
		"out of sight");
	buf_free(&out);
	close(fd);
	unlink(path);
}

int main(void)
{
	check_rows();
	check_readers();
	return tap_done();
}
