/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds or makes a runner.  Does not know what it will run. */
#include <config.h>

#include "deliver/hire.h"

#include "base/machine.h"
#include "base/outlet.h"
#include "base/pipe.h"
#include "base/process.h"
#include "base/text.h"
#include "base/unit.h"
#include "deliver/queue.h"
#include "deliver/runner.h"
#include "deliver/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- who ----------------------------------------------------------------- */

/* A server on this machine needs no way out of it. */
static bool is_here(const struct account *account)
{
	const char *host = account->host;

	return account->socket ||
	       (host && (strcmp(host, "localhost") == 0 ||
				strcmp(host, "::1") == 0 ||
				strncmp(host, "127.", 4) == 0));
}

/* Why a process that we leave behind would be of no use; NULL. */
static const char *find_obstacle(
	const struct hire_params *params, struct arena *arena)
{
	const char *kind = NULL, *unit;

	/* Whoever says "always" means it, there too. */
	if (params->account->queue != OPTION_QUEUE_ALWAYS)
		kind = machine_passing_kind();
	if (kind || params->is_for_later)
		return kind;
	unit = unit_of_ours_that_ends(arena);
	if (unit)
		return arena_printf(arena,
			"the unit %s, which ends with all its processes", unit);
	return is_here(params->account) ? NULL : outlet_obstacle();
}

static const char *find_timer(const struct hire_params *params,
	const struct spool *spool, struct arena *arena)
{
	const struct unit_params places = {
		.root = "",
		.home = process_home(arena),
		.uid = spool_owner(spool),
	};

	return params->config_file ? NULL
				   : unit_queue_timer(&places,
					     process_user_name(arena), arena);
}

enum hire_who hire_look(const struct hire_params *params,
	const struct spool *spool, struct diag *why)
{
	struct arena *arena = arena_new();
	enum hire_who who = HIRE_OWN;
	const char *obstacle = NULL;

	if (wake_is_heard(spool))
		who = HIRE_LISTENER;
	else if (params->account->queue_runner == OPTION_QUEUE_RUNNER_EXTERNAL)
		who = HIRE_EXTERNAL;
	else if (find_timer(params, spool, arena))
		who = HIRE_TIMER;
	else if ((obstacle = find_obstacle(params, arena)))
		who = HIRE_NOBODY;
	if (obstacle)
		diag_set(why, DIAG_QUEUE_NO_RUNNER, obstacle);
	arena_free(arena);
	return who;
}

const char *hire_words(enum hire_who who)
{
	static const char *const words[] = {
		[HIRE_NOBODY] = "",
		[HIRE_EXTERNAL] = N_("what waits is sent by whatever runs the "
				     "queue ('queue_runner external')"),
		[HIRE_LISTENER] = N_("what waits is sent by a runner that is "
				     "there"),
		[HIRE_TIMER] = N_("what waits is sent by a timer of systemd"),
		[HIRE_OWN] = N_("what waits is sent by a process of its own"),
	};

	return words[who];
}

/* ---- a process of its own ------------------------------------------------ */

static void leave_everything(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	if (null > STDERR_FILENO)
		(void)close(null);
	process_forget_caller();
	if (chdir("/") < 0)
		errno = 0;
}

static void become_runner(const struct hire_params *params, struct spool *spool)
{
	const struct runner_params run = {
		.spool = spool,
		.manner = RUNNER_UNTIL_EMPTY,
		.report = params->report,
	};
	struct buf folder = BUF_INIT(PATH_MAX + 16);
	const char *arguments[] = { "mailchute", "queue", "run",
		"--until-empty", NULL, NULL };
	struct diag why;

	buf_printf(&folder, "--folder=%s", spool_path(spool));
	arguments[4] = buf_text(&folder);
	if ((process_is_privileged() || !process_become(arguments)) &&
		(geteuid() != 0 || process_become_user(spool_owner(spool))))
		(void)runner_run(&run, &why);
	buf_free(&folder);
}

static bool read_byte(int fd)
{
	char byte;
	ssize_t got;

	do
		got = read(fd, &byte, 1);
	while (got < 0 && errno == EINTR);
	return got == 1;
}

static bool write_byte(int fd)
{
	return write(fd, "", 1) == 1;
}

/* In the process that stays: says that it is there, and waits for the word. */
static void wait_for_word(const struct hire_params *params, struct spool *spool,
	int there, int go)
{
	bool is_told = write_byte(there);

	folder_close(there);
	leave_everything();
	is_told = is_told && read_byte(go);
	folder_close(go);
	if (is_told)
		become_runner(params, spool);
}

static void close_both(const int ends[2])
{
	folder_close(ends[0]);
	folder_close(ends[1]);
}

/* Twice forked, so that nobody has to wait for it and no terminal can be
 * its. */
static bool make_process(const struct hire_params *params, struct spool *spool,
	int there[2], int go[2], struct diag *why)
{
	pid_t child = fork();
	int error = errno, status;
	bool is_there;

	if (child == 0) {
		folder_close(there[0]);
		folder_close(go[1]);
		if (setsid() < 0 || fork() != 0)
			_exit(0);
		wait_for_word(params, spool, there[1], go[0]);
		_exit(0);
	}
	folder_close(there[1]);
	there[1] = -1;
	is_there = child > 0 && read_byte(there[0]);
	if (child > 0)
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	if (is_there)
		return true;
	diag_set(why, DIAG_QUEUE_NO_PROCESS);
	return diag_add_errno(why, child < 0 ? error : EAGAIN);
}

static bool make_own(const struct hire_params *params, struct spool *spool,
	struct hire *hire, struct diag *why)
{
	int there[2] = { -1, -1 }, go[2] = { -1, -1 };

	if (!pipe_open(there, true) || !pipe_open(go, true)) {
		diag_set(why, DIAG_QUEUE_NO_PROCESS);
		diag_add_errno(why, errno);
	} else if (make_process(params, spool, there, go, why)) {
		hire->go_fd = go[1];
		go[1] = -1;
	}
	close_both(there);
	close_both(go);
	return hire->go_fd >= 0;
}

bool hire_find(const struct hire_params *params, struct spool *spool,
	struct hire *hire, struct diag *why)
{
	*hire = (struct hire){ hire_look(params, spool, why), -1 };
	if (hire->who == HIRE_OWN && !params->is_for_later &&
		!make_own(params, spool, hire, why))
		hire->who = HIRE_NOBODY;
	return hire->who != HIRE_NOBODY;
}

void hire_call(
	const struct hire_params *params, struct hire *hire, const char *id)
{
	struct diag why;
	struct spool *spool = queue_open(params->account, false, &why);

	if (spool && !wake_send(spool, id)) {
		/* The one that listened may be gone meanwhile. */
		if (hire->who == HIRE_LISTENER)
			(void)hire_find(params, spool, hire, &why);
		if (hire->go_fd >= 0)
			(void)write_byte(hire->go_fd);
	}
	spool_close(spool);
	hire_end(hire);
}

void hire_end(struct hire *hire)
{
	folder_close(hire->go_fd);
	hire->go_fd = -1;
}
