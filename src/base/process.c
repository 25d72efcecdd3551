/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This process and its children.  Does not know what they are for. */
#include <config.h>

#include "base/process.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/pipe.h"
#include "base/secret.h"
#include "base/span.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_SYS_AUXV_H
#include <sys/auxv.h>
#endif

enum {
	PROCESS_FDS_MAX = 65536,
	PROCESS_PIECE_BYTES = 4096,
	PROCESS_PRINTED_LIMIT = 64 * 1024, /* that nobody looks at */
	PROCESS_NUMBER_BYTES = 64,
	PROCESS_GROUPS_MAX = 65536,
	PROCESS_HOST_BYTES = 256, /* POSIX: at most 255 bytes */
	PROCESS_TICK_MS = 20,
	/* Nobody ignores real-time signals, which come after these, for a
	 * program that it starts. */
	PROCESS_SIGNALS = 32
};

/* ---- what the caller left us --------------------------------------------- */

void process_close_from(int first)
{
	long most = sysconf(_SC_OPEN_MAX);

#ifdef HAVE_CLOSE_RANGE
	if (close_range((unsigned)first, ~0u, 0) == 0)
		return;
#endif
	if (most < 0 || most > PROCESS_FDS_MAX)
		most = PROCESS_FDS_MAX;
	for (int fd = first; fd < (int)most; fd++)
		(void)close(fd);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* open() takes the lowest free number, which is FD when everything below it
 * is open.  In a chroot without /dev, "/" keeps the number occupied, so that
 * a socket can never become somebody's standard error. */
static void occupy(int fd)
{
	if (open("/dev/null", O_RDWR) != fd)
		(void)open("/", O_RDONLY);
}

/* Only what is ignored survives an exec.  SIGHUP, SIGINT and SIGQUIT stay
 * ignored: nohup and a shell's "&" mean it. */
static void reset_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < PROCESS_SIGNALS; number++) {
		struct sigaction now;

		if (number == SIGHUP || number == SIGINT || number == SIGQUIT)
			continue;
		if (sigaction(number, NULL, &now) == 0 &&
			now.sa_handler == SIG_IGN)
			(void)sigaction(number, &standard, NULL);
	}
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int process_listen_count(void)
{
	const char *count = process_getenv("LISTEN_FDS");
	const char *pid = process_getenv("LISTEN_PID");
	unsigned long fds, ours;

	/* The variables are inherited; the sockets are meant for one. */
	if (!count || !pid || !span_number(span_of(pid), INT_MAX, &ours) ||
		(pid_t)ours != getpid())
		return 0;
	if (!span_number(span_of(count), PROCESS_LISTEN_MAX, &fds))
		return -1;
	return (int)fds;
}

void process_notify(const char *state)
{
	const char *path = process_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path ? strlen(path) : 0;
	int fd;

	if (!length || length >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, path, length);
	/* Linux has sockets without a file, whose names begin with NUL. */
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0)
		return;
	/* Whoever started us knows it without, too. */
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		    (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				length)) < 0)
		errno = 0;
	close(fd);
}

void process_normalise(bool *stdin_was_closed)
{
	int fds;

	*stdin_was_closed = !is_open(STDIN_FILENO);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (!is_open(fd))
			occupy(fd);
	fds = process_listen_count();
	process_close_from(PROCESS_LISTEN_FD + (fds > 0 ? fds : 0));
	reset_signals();
	/* 0177 and 0700, both common mistakes, make folders that nobody can
	 * enter and files that not even their owner can read. */
	(void)umask(S_IRWXG | S_IRWXO);
}

bool process_is_privileged(void)
{
#ifdef HAVE_GETAUXVAL
	return getauxval(AT_SECURE) != 0;
#elif defined(HAVE_ISSETUGID)
	return issetugid() != 0;
#else
	return getuid() != geteuid() || getgid() != getegid();
#endif
}

/* -1 when there is none. */
static long first_number(const char *path)
{
	char text[PROCESS_NUMBER_BYTES] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	struct span rest = span_make(text, got > 0 ? (size_t)got : 0), word;
	unsigned long number;

	if (fd >= 0)
		(void)close(fd);
	rest = span_cut(&rest, '\n');
	word = span_cut_word(&rest);
	return span_number(word, LONG_MAX, &number) ? (long)number : -1;
}

/* A line of the map is "inside outside count". */
bool process_is_roots(const struct stat *status)
{
	if (status->st_uid == 0)
		return true;
	return first_number("/proc/self/uid_map") > 0 &&
	       (long)status->st_uid ==
		       first_number("/proc/sys/kernel/overflowuid") &&
	       status->st_uid != geteuid() &&
	       !(status->st_mode & (S_IWGRP | S_IWOTH));
}

bool process_is_private_group(uid_t uid, gid_t gid)
{
	const struct passwd *user = getpwuid(uid);
	const struct group *group = user ? getgrgid(gid) : NULL;

	return group && user->pw_gid == gid &&
	       strcmp(group->gr_name, user->pw_name) == 0 &&
	       (!group->gr_mem || !group->gr_mem[0] ||
		       (strcmp(group->gr_mem[0], user->pw_name) == 0 &&
			       !group->gr_mem[1]));
}

/* Root's own groups, while it acts as another. */
static gid_t own_groups[PROCESS_GROUPS_MAX];
static int own_group_count = -1;

static bool give_groups_back(void)
{
	return own_group_count < 0 ||
	       setgroups((size_t)own_group_count, own_groups) == 0;
}

static bool take_groups_of(const struct passwd *entry)
{
	if (own_group_count < 0)
		own_group_count = getgroups(PROCESS_GROUPS_MAX, own_groups);
	return own_group_count >= 0 &&
	       initgroups(entry->pw_name, entry->pw_gid) == 0;
}

bool process_act_as(uid_t uid)
{
	const struct passwd *entry;

	if (geteuid() == uid)
		return true;
	if (geteuid() != 0 && seteuid(0) < 0)
		return true; /* never was root */
	if (uid == 0)
		return setegid(getgid()) == 0 && give_groups_back();
	entry = getpwuid(uid);
	return entry && take_groups_of(entry) && setegid(entry->pw_gid) == 0 &&
	       seteuid(uid) == 0;
}

static bool take_identity(const struct passwd *entry)
{
	static const char *const others[] = { "XDG_CONFIG_HOME",
		"XDG_STATE_HOME", "XDG_RUNTIME_DIR",
		"DBUS_SESSION_BUS_ADDRESS" };
	bool is_done = setenv("HOME", entry->pw_dir, 1) == 0 &&
		       setenv("USER", entry->pw_name, 1) == 0 &&
		       setenv("LOGNAME", entry->pw_name, 1) == 0;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		is_done = unsetenv(others[i]) == 0 && is_done;
	return is_done;
}

bool process_become_user(uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	/* In this order: afterwards there is no right to do the rest. */
	return entry && take_identity(entry) &&
	       initgroups(entry->pw_name, entry->pw_gid) == 0 &&
	       setgid(entry->pw_gid) == 0 && setuid(uid) == 0 &&
	       (uid == 0 || setuid(0) < 0);
}

static bool is_kept(const char *variable)
{
	static const char *const names[] = { "HOME", "USER", "LOGNAME", "SHELL",
		"PATH", "LANG", "LANGUAGE", "TZ", "XDG_CONFIG_HOME",
		"XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
		"DBUS_SESSION_BUS_ADDRESS", "GNUPGHOME", "PASSWORD_STORE_DIR",
		"SSH_AUTH_SOCK", "KRB5CCNAME", "KRB5_CONFIG",
		"KRB5_CLIENT_KTNAME" };
	const struct span name = span_make(variable, strcspn(variable, "="));

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_equal(name, span_of(names[i])))
			return true;
	return span_starts_with(name, SPAN("LC_"));
}

static void forget_environment(void)
{
	extern char **environ;
	size_t kept = 0;

	for (size_t i = 0; environ && environ[i]; i++)
		if (is_kept(environ[i]))
			environ[kept++] = environ[i];
	if (environ)
		environ[kept] = NULL;
}

/* glibc's type of a resource is its own, and others' is int. */
#define WIDEN(resource)                                                        \
	do {                                                                   \
		struct rlimit limit;                                           \
                                                                               \
		if (getrlimit(resource, &limit) == 0) {                        \
			limit.rlim_cur = limit.rlim_max;                       \
			(void)setrlimit(resource, &limit);                     \
		}                                                              \
	} while (0)

static void widen_limits(void)
{
	WIDEN(RLIMIT_CPU);
	WIDEN(RLIMIT_FSIZE);
	WIDEN(RLIMIT_DATA);
	WIDEN(RLIMIT_NOFILE);
	WIDEN(RLIMIT_AS);
}

void process_forget_caller(void)
{
	forget_environment();
	widen_limits();
	(void)umask(S_IRWXG | S_IRWXO);
}

enum { PROCESS_ARGUMENTS = 16 };

bool process_become(const char *const *arguments)
{
	static const char *const selves[] = { "/proc/self/exe",
		"/proc/curproc/file" };
	char *copied[PROCESS_ARGUMENTS] = { NULL };

	/* execv() changes none of them, but says so nowhere. */
	for (size_t i = 0; arguments[i] && i + 1 < PROCESS_ARGUMENTS; i++)
		memcpy(&copied[i], &arguments[i], sizeof copied[i]);
	for (size_t i = 0; i < sizeof selves / sizeof *selves; i++)
		(void)execv(selves[i], copied);
	return false;
}

/* ---- who we are ---------------------------------------------------------- */

const char *process_getenv(const char *name)
{
	return process_is_privileged() ? NULL : getenv(name);
}

const char *process_home(struct arena *arena)
{
	const char *home = process_getenv("HOME");
	const struct passwd *entry;

	if (home && home[0] == '/')
		return arena_strdup(arena, home);
	entry = getpwuid(getuid());
	if (!entry || !entry->pw_dir || entry->pw_dir[0] != '/')
		return NULL;
	return arena_strdup(arena, entry->pw_dir);
}

const char *process_user_name(struct arena *arena)
{
	const struct passwd *entry = getpwuid(getuid());

	if (entry && entry->pw_name && entry->pw_name[0])
		return arena_strdup(arena, entry->pw_name);
	return arena_printf(arena, "uid-%lu", (unsigned long)getuid());
}

/* The name is the first of the comma-separated parts, and "&" in it stands for
 * the login name with a capital (passwd(5) of the BSDs). */
const char *process_full_name(struct arena *arena)
{
	const struct passwd *entry = getpwuid(getuid());
	struct buf name = BUF_INIT(1000);
	const char *copy = NULL;

	if (!entry || !entry->pw_gecos || !entry->pw_name)
		return NULL;
	for (const char *p = entry->pw_gecos; *p && *p != ','; p++) {
		char first = entry->pw_name[0];

		if (*p != '&') {
			buf_put_byte(&name, *p);
			continue;
		}
		buf_puts(&name, entry->pw_name);
		if (name.length && first >= 'a' && first <= 'z')
			name.data[name.length - strlen(entry->pw_name)] =
				(char)(first - 'a' + 'A');
	}
	if (name.length && !name.overflowed)
		copy = arena_strdup(arena, buf_text(&name));
	buf_free(&name);
	return copy;
}

const char *process_host_name(struct arena *arena)
{
	char name[PROCESS_HOST_BYTES];

	if (gethostname(name, sizeof name) < 0 || !name[0])
		return arena_strdup(arena, "localhost");
	name[sizeof name - 1] = '\0';
	return arena_strdup(arena, name);
}

/* ---- a command that prints something ------------------------------------- */

struct command {
	const char *program; /* looked for in $PATH, if it has no slash */
	const char *const *words;
	bool is_known; /* the program is ours to know: it must be there */
};

struct child {
	pid_t pid;
	bool has_group; /* of its own: it can be killed whole */
	int stdout_fd, failure_fd;
};

static void reset_child_signals(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < PROCESS_SIGNALS; number++)
		(void)sigaction(number, &standard, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: async-signal-safe calls only, another thread may have held any
 * lock when we forked. */
static _Noreturn void run_words(const struct command *command, int stdin_fd,
	int stdout_fd, int failure_fd)
{
	char *const *arguments;
	int system_error;

	/* execvp(3) takes char * for historical reasons; it writes nothing. */
	memcpy(&arguments, &command->words, sizeof arguments);
	reset_child_signals();
	if (dup2(stdin_fd, STDIN_FILENO) >= 0 &&
		dup2(stdout_fd, STDOUT_FILENO) >= 0 &&
		dup2(failure_fd, STDERR_FILENO + 1) >= 0 &&
		fcntl(STDERR_FILENO + 1, F_SETFD, FD_CLOEXEC) >= 0) {
		process_close_from(STDERR_FILENO + 2);
		failure_fd = STDERR_FILENO + 1;
		(void)execvp(command->program, arguments);
	}
	system_error = errno;
	/* Nobody is left to be told that telling failed. */
	if (write(failure_fd, &system_error, sizeof system_error) < 0)
		_exit(127);
	_exit(127);
}

static _Noreturn void run_with_argument(
	const char *command, const char *argument)
{
	reset_child_signals();
	execl("/bin/sh", "sh", "-c", "eval \"$1 \\\"\\$2\\\"\"", "sh", command,
		argument, (char *)NULL);
	_exit(127);
}

bool process_run(const char *command, const char *argument)
{
	struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction interrupt, quit;
	int status = -1;
	pid_t pid;

	sigaction(SIGINT, &ignored, &interrupt);
	sigaction(SIGQUIT, &ignored, &quit);
	pid = fork();
	if (pid == 0)
		run_with_argument(command, argument);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* With a terminal the command stays in our process group, which may read it
 * and which the terminal's ^C and ^Z reach; without, it gets a session of its
 * own, so that it cannot wait for a terminal either. */
static bool fork_command(
	const struct command *command, int stdin_fd, struct child *child)
{
	int output[2], failure[2];

	if (!pipe_open(output, true))
		return false;
	if (!pipe_open(failure, true)) {
		pipe_close(output);
		return false;
	}
	child->pid = fork();
	if (child->pid == 0) {
		if (child->has_group)
			(void)setsid();
		run_words(command, stdin_fd, output[1], failure[1]);
	}
	close(output[1]);
	close(failure[1]);
	if (child->pid > 0) {
		child->stdout_fd = output[0];
		child->failure_fd = failure[0];
		return true;
	}
	close(output[0]);
	close(failure[0]);
	return false;
}

/* 0 when the program runs, else the errno of the child's failing call. */
static int exec_error(const struct child *child)
{
	int system_error = 0;
	ssize_t got;

	do
		got = read(
			child->failure_fd, &system_error, sizeof system_error);
	while (got < 0 && errno == EINTR);
	close(child->failure_fd);
	return got == sizeof system_error ? system_error : 0;
}

/* One piece; false at the end, which is also a full OUT or the deadline. */
static bool read_output(const struct child *child, int64_t deadline_ms,
	struct buf *out, struct process_result *result)
{
	struct pollfd wait = { .fd = child->stdout_fd, .events = POLLIN };
	int ready = interrupt_poll(&wait, 1, clock_left_ms(deadline_ms));
	char piece[PROCESS_PIECE_BYTES];
	ssize_t got;

	if (ready < 0)
		return errno == EINTR;
	if (ready == 0) {
		result->timed_out = clock_left_ms(deadline_ms) == 0;
		return !result->timed_out;
	}
	got = read(child->stdout_fd, piece, sizeof piece);
	if (got > 0 && !buf_put(out, piece, (size_t)got))
		result->overflowed = true;
	secret_erase(piece, sizeof piece);
	return got > 0 ? !result->overflowed : got < 0 && errno == EINTR;
}

static void kill_child(const struct child *child)
{
	if (child->has_group)
		(void)kill(-child->pid, SIGKILL);
	(void)kill(child->pid, SIGKILL);
}

static int exit_status_of(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return 128 + (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* The output has ended, but the command may run on: POSIX has no waitpid()
 * with a deadline, so it is asked now and then. */
static void await_end(const struct child *child, int64_t deadline_ms,
	struct process_result *result)
{
	bool is_killed =
		result->timed_out || result->overflowed || interrupt_is_there();
	int status = 0, pause_ms = 1;
	pid_t ended;

	if (is_killed)
		kill_child(child);
	while ((ended = waitpid(
			child->pid, &status, is_killed ? 0 : WNOHANG)) <= 0) {
		if (ended < 0 && errno != EINTR)
			break;
		if (!is_killed && (interrupt_is_there() ||
					  clock_left_ms(deadline_ms) == 0)) {
			is_killed = result->timed_out = true;
			kill_child(child);
		} else if (!is_killed) {
			(void)poll(NULL, 0, pause_ms);
			if (pause_ms < PROCESS_TICK_MS)
				pause_ms *= 2;
		}
	}
	result->exit_status = exit_status_of(status);
}

/* execvp(3) has EACCES also for a name that is nowhere, when one of $PATH's
 * folders is closed. */
static bool is_anywhere(const char *program)
{
	const char *path = getenv("PATH");
	struct span rest = span_of(path ? path : ""), folder;
	bool is_there = strchr(program, '/') != NULL;

	while (!is_there && rest.length) {
		char name[PATH_MAX];

		folder = span_cut(&rest, ':');
		is_there = snprintf(name, sizeof name, "%.*s/%s",
				   (int)folder.length, folder.at,
				   program) < (int)sizeof name &&
			   access(name, F_OK) == 0;
	}
	return is_there;
}

/* As a shell has it: not there, or not to be run. */
static int status_of_error(const char *program, int system_error)
{
	return system_error == ENOENT || system_error == ENOTDIR ||
			       (system_error == EACCES && !is_anywhere(program))
		       ? 127
		       : 126;
}

/* STDIN_FD is closed. */
static bool run(const struct command *command, int stdin_fd,
	struct child *child, int64_t deadline_ms, struct buf *out,
	struct process_result *result, struct diag *why)
{
	bool is_started =
		stdin_fd >= 0 && fork_command(command, stdin_fd, child);
	int system_error = errno;

	*result = (struct process_result){ .exit_status = 0 };
	if (is_started) {
		system_error = exec_error(child);
		while (!system_error &&
			read_output(child, deadline_ms, out, result))
			;
		await_end(child, deadline_ms, result);
		close(child->stdout_fd);
	}
	if (stdin_fd >= 0)
		close(stdin_fd);
	if (interrupt_is_there())
		return interrupt_explain(why);
	if (is_started && system_error && !command->is_known) {
		result->exit_status =
			status_of_error(command->program, system_error);
		return true;
	}
	if (is_started && !system_error)
		return true;
	return diag_set_errno(
		why, system_error, DIAG_SYSTEM_FAILED, command->program);
}

static bool run_shell(const char *text, int stdin_fd, struct child *child,
	int64_t deadline_ms, struct buf *out, struct process_result *result,
	struct diag *why)
{
	const char *const words[] = { "sh", "-c", text, NULL };
	const struct command command = { "/bin/sh", words, true };

	return run(&command, stdin_fd, child, deadline_ms, out, result, why);
}

/* The terminal, when there is one, or nothing. */
static int open_input(bool with_terminal, struct child *child)
{
	int fd = -1;

	if (with_terminal)
		fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	child->has_group = fd < 0;
	return fd < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fd;
}

bool process_capture(const char *command, bool with_terminal,
	int64_t deadline_ms, struct buf *out, struct process_result *result,
	struct diag *why)
{
	struct child child = { .pid = -1 };
	int stdin_fd = open_input(with_terminal, &child);

	return run_shell(
		command, stdin_fd, &child, deadline_ms, out, result, why);
}

/* A pipe with all of INPUT in it, and nobody at its other end. */
static int filled_pipe(struct span input)
{
	int ends[2];
	bool is_filled;

	if (!pipe_open(ends, false))
		return -1;
	is_filled = write(ends[1], input.at, input.length) ==
			    (ssize_t)input.length &&
		    fcntl(ends[0], F_SETFL, 0) == 0;
	close(ends[1]);
	if (is_filled)
		return ends[0];
	close(ends[0]);
	errno = EFBIG;
	return -1;
}

bool process_feed(const char *command, struct span input, int64_t deadline_ms,
	struct process_result *result, struct diag *why)
{
	struct child child = { .pid = -1, .has_group = true };
	struct buf printed = BUF_INIT(PROCESS_PRINTED_LIMIT);
	bool is_fine = run_shell(command, filled_pipe(input), &child,
		deadline_ms, &printed, result, why);

	buf_wipe_free(&printed);
	return is_fine;
}

bool process_capture_words(const char *const *words, struct span input,
	bool with_terminal, int64_t deadline_ms, struct buf *out,
	struct process_result *result, struct diag *why)
{
	const struct command command = { words[0], words, false };
	struct child child = { .pid = -1 };
	int stdin_fd = open_input(with_terminal, &child);

	if (input.length) {
		(void)close(stdin_fd);
		stdin_fd = filled_pipe(input);
	}
	return run(&command, stdin_fd, &child, deadline_ms, out, result, why);
}

void process_explain(const struct process_result *result, size_t limit,
	char *text, size_t size)
{
	if (result->overflowed)
		snprintf(text, size, "%s%zu",
			DIAG_WORDS N_("it printed more than %s bytes")
				DIAG_NEXT,
			limit);
	else if (result->exit_status > 128)
		snprintf(text, size, "%s%d",
			DIAG_WORDS N_("it was killed by signal %s") DIAG_NEXT,
			result->exit_status - 128);
	else
		snprintf(text, size, "%s%d",
			DIAG_WORDS N_("its exit status is %s") DIAG_NEXT,
			result->exit_status);
}
