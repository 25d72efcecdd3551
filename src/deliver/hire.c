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
#include <stdlib.h>
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
		return arena_printf(arena, "%s%s",
			DIAG_WORDS N_("the unit %s, which ends with all its "
				      "processes") DIAG_NEXT,
			unit);
	return is_here(params->account) ? NULL : outlet_obstacle();
}

static const char *find_timer(const struct hire_params *params,
	const struct spool *spool, struct arena *arena)
{
	const struct unit_params places = {
		.root = "",
		.home = process_home(arena),
		.uid = spool ? spool_owner(spool) : geteuid(),
	};

	return params->config_file ? NULL
				   : unit_queue_timer(&places,
					     process_user_name(arena), arena);
}

/* Who would run SPOOL; NULL is one that is not there yet. */
static enum hire_who look(const struct hire_params *params,
	const struct spool *spool, struct arena *arena, const char **timer,
	struct diag *why)
{
	const char *obstacle;

	if (spool && wake_is_heard(spool))
		return HIRE_LISTENER;
	if (params->account->queue_runner == OPTION_QUEUE_RUNNER_EXTERNAL ||
		(spool && spool_is_shared(spool)))
		return HIRE_EXTERNAL;
	*timer = find_timer(params, spool, arena);
	if (*timer)
		return HIRE_TIMER;
	obstacle = find_obstacle(params, arena);
	if (!obstacle)
		return HIRE_OWN;
	diag_set(why, DIAG_QUEUE_NO_RUNNER, obstacle);
	return HIRE_NOBODY;
}

/* ---- for people ---------------------------------------------------------- */

static const char *format_of(const struct hire_said *said)
{
	static const char *const formats[] = {
		[HIRE_NOBODY] = "",
		[HIRE_EXTERNAL] = N_("what waits is sent by whatever runs the "
				     "queue ('queue_runner external')"),
		[HIRE_LISTENER] = N_("what waits is sent by '%s', which is "
				     "there"),
		[HIRE_TIMER] = N_("what waits is sent by systemd, at the times "
				  "of %s"),
		[HIRE_OWN] = N_("what waits is sent by a process of its own, "
				"which mail that has to wait starts; none is "
				"there now"),
	};

	if (said->who == HIRE_LISTENER && !said->name)
		return N_("what waits is sent by a runner that is there");
	return formats[said->who];
}

void hire_say(const struct hire_params *params, const struct spool *spool,
	struct arena *arena, struct hire_said *said)
{
	*said = (struct hire_said){ .who = HIRE_NOBODY };
	if (queue_check(params->account, spool, &said->why))
		said->who = look(params, spool, arena, &said->name, &said->why);
	if (said->who == HIRE_LISTENER)
		said->name = wake_listener(spool, arena);
	said->format = format_of(said);
}

static void put_nobody(
	const struct hire_said *said, bool is_translated, struct buf *out)
{
	diag_sentence(&said->why, is_translated, out);
	buf_printf(out, "; %s",
		text_translated(N_("what cannot be sent at once fails, and "
				   "what waits stays"),
			is_translated));
}

void hire_put(const struct hire_said *said, bool is_translated, struct buf *out)
{
	const char *format = text_translated(said->format, is_translated);
	struct span rest = span_of(format);
	struct span before = span_cut(&rest, '%');

	if (said->who == HIRE_NOBODY) {
		put_nobody(said, is_translated, out);
		return;
	}
	buf_put_span(out, before);
	if (said->name)
		buf_puts(out, said->name);
	buf_put_span(out, span_skip(rest, rest.length ? 1 : 0));
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

static void become_runner(const struct hire_params *params,
	const char *config_file, struct spool *spool)
{
	const struct runner_params run = {
		.spool = spool,
		.manner = RUNNER_UNTIL_EMPTY,
		.config_file = config_file,
		.report = params->report,
	};
	struct buf folder = BUF_INIT(PATH_MAX + 16);
	const char *arguments[] = { "mailchute", "queue", "run",
		"--until-empty", NULL, config_file ? "-C" : NULL, config_file,
		NULL };
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
	/* From where we are. */
	char *config_file = params->config_file
				    ? realpath(params->config_file, NULL)
				    : NULL;

	folder_close(there);
	leave_everything();
	is_told = is_told && read_byte(go);
	folder_close(go);
	if (is_told)
		become_runner(params, config_file, spool);
	free(config_file);
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
	return diag_set_errno(
		why, child < 0 ? error : EAGAIN, DIAG_QUEUE_NO_PROCESS);
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
	struct arena *arena = arena_new();
	const char *timer = NULL;

	*hire = (struct hire){ look(params, spool, arena, &timer, why), -1 };
	arena_free(arena);
	if (hire->who == HIRE_OWN && !params->is_for_later &&
		!make_own(params, spool, hire, why))
		hire->who = HIRE_NOBODY;
	return hire->who != HIRE_NOBODY;
}

void hire_call(
	const struct hire_params *params, struct hire *hire, const char *id)
{
	struct diag why;
	/* A store calls whoever runs it; of a folder one may have begun to
	 * listen since we looked, whoever that is. */
	struct spool *spool =
		params->account->queue_store
			? NULL
			: queue_open(params->account, false, &why);

	if (spool && !(params->is_of_many ? wake_send_many(spool, id)
					  : wake_send(spool, id))) {
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
