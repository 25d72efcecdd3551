/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This process.  Does not know what it is for. */
#include <config.h>

#include "base/process.h"

#include "base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
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
	PROCESS_NUMBER_BYTES = 64,
	PROCESS_GROUPS_MAX = 65536,
	PROCESS_HOST_BYTES = 256, /* POSIX: at most 255 bytes */
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
