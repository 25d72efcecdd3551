/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs one suite, so that it ends in time and leaves nothing behind, whatever
 * becomes of it: with a folder of its own for TMPDIR and HOME, with nothing of
 * the user's environment that a program of ours reads; then all of its
 *processes are ended, those that were detached included.
 *
 *	keeper SECONDS COMMAND...
 *
 * Its exit code is the suite's, 1 when the time was over.  What it has to say
 * are TAP comments: what was left, and what the suite cost.  Does not know what
 *the suite tests.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

enum {
	PATH_BYTES = 4096,
	LINE_BYTES = 1024,
	FOLDERS_OPEN = 16,
	GRACE_MS = 3000, /* for the trap of a suite whose time is over */
	STEP_MS = 20
};

extern char **environ;

/* What people have set, and programs of ours read. */
static const char *const unwanted[] = { "SMTP", "MAILCHUTE_", "MSMTP", "XDG_",
	"EMAIL=", "LANGUAGE=", "LISTEN_", "NOTIFY_SOCKET=", "CREDENTIALS_",
	"DBUS_SESSION_", "INVOCATION_ID=", "JOURNAL_STREAM=", "HOSTNAME=",
	"EDITOR=", "VISUAL=", "KRB5", "SSL_CERT_", "GNUTLS_",
	"NETRC=", "NO_COLOR=", "http_proxy=", "https_proxy=", "all_proxy=" };

static volatile sig_atomic_t is_over; /* the time, or interrupted */
static pid_t suite;
static const char *name; /* of the suite */

static void end_suite(int signal_number)
{
	is_over = signal_number;
	kill(-suite, SIGTERM);
}

static void clean_environment(void)
{
	size_t kept = 0;

	for (size_t i = 0; environ[i]; i++) {
		bool is_wanted = true;

		for (size_t j = 0; j < sizeof unwanted / sizeof *unwanted; j++)
			if (!strncmp(environ[i], unwanted[j],
				    strlen(unwanted[j])))
				is_wanted = false;
		if (is_wanted)
			environ[kept++] = environ[i];
	}
	environ[kept] = NULL;
}

static int remove_entry(const char *path, const struct stat *status, int type,
	struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

/* What a suite has made unreadable can still be removed. */
static int open_entry(const char *path, const struct stat *status, int type,
	struct FTW *where)
{
	(void)where;
	return type == FTW_DNR || S_ISDIR(status->st_mode) ? chmod(path, 0700)
							   : 0;
}

static void remove_folder(const char *path)
{
	nftw(path, open_entry, FOLDERS_OPEN, FTW_PHYS);
	if (nftw(path, remove_entry, FOLDERS_OPEN, FTW_PHYS | FTW_DEPTH))
		printf("# keeper: cannot remove %s: %s\n", path,
			strerror(errno));
}

static bool make_folder(char *path)
{
	const char *place = getenv("TMPDIR");
	char home[PATH_BYTES];

	snprintf(path, PATH_BYTES - 16, "%s/mailchute-suite.XXXXXX",
		place && *place ? place : "/tmp");
	if (!mkdtemp(path))
		return false;
	/* A suite's other users look into it. */
	if (chmod(path, 0755))
		return false;
	snprintf(home, sizeof home, "%.*s/home", PATH_BYTES - 16, path);
	return !mkdir(home, 0700) && !setenv("HOME", home, 1) &&
	       !setenv("TMPDIR", path, 1);
}

/* ---- processes ----------------------------------------------------------- */

static void sleep_ms(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* The parent that /proc/PID/stat names behind the name, which may have blanks
 * and parentheses; 0 if it has ended. */
static pid_t parent_of(const char *pid)
{
	char path[PATH_BYTES], line[LINE_BYTES] = "", state;
	const char *end;
	FILE *file;
	int parent = 0;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	fclose(file);
	if (!end || sscanf(end, ") %c %d", &state, &parent) != 2)
		return 0;
	return state == 'Z' ? 0 : (pid_t)parent;
}

static void tell(const char *pid)
{
	char path[PATH_BYTES], words[LINE_BYTES];
	FILE *file;
	size_t length;

	snprintf(path, sizeof path, "/proc/%s/cmdline", pid);
	file = fopen(path, "r");
	length = file ? fread(words, 1, sizeof words - 1, file) : 0;
	if (file)
		fclose(file);
	for (size_t i = 0; i < length; i++)
		if (words[i] < ' ')
			words[i] = ' ';
	printf("# keeper: %s left behind: %.*s\n", name, (int)length, words);
}

/* Our children are what is left of the suite: the runners that it started wait
 * for a next try, in a folder that is gone in a moment.  Returns whether there
 * was one. */
static bool kill_children(void)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	bool is_there = false;

	while (folder && (entry = readdir(folder))) {
		if (parent_of(entry->d_name) != getpid())
			continue;
		is_there = true;
		tell(entry->d_name);
		kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
	}
	if (folder)
		closedir(folder);
	return is_there;
}

/* The children of those that are killed become ours. */
static void end_children(void)
{
	while (kill_children()) {
		sleep_ms(STEP_MS);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static void tell_cost(void)
{
	struct rusage usage;

	if (!getrusage(RUSAGE_CHILDREN, &usage))
		printf("# keeper: %s took %ld ms of a processor\n", name,
			(long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
					1000 +
				(long)(usage.ru_utime.tv_usec +
					usage.ru_stime.tv_usec) /
					1000);
}

/* ---- the suite ----------------------------------------------------------- */

/* A suite sends signals, whatever nohup(1) or a service said of them to us. */
static void take_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGPIPE };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], SIG_DFL);
}

static void start(char **words)
{
	suite = fork();
	if (suite)
		return;
	setpgid(0, 0);
	take_signals();
	execvp(words[0], words);
	perror(words[0]);
	_exit(127);
}

static int wait_for_suite(long limit_s)
{
	const struct sigaction action = { .sa_handler = end_suite };
	int status = 0;

	setpgid(suite, suite);
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	alarm((unsigned)limit_s);
	while (waitpid(suite, &status, 0) < 0 && errno == EINTR)
		if (is_over) {
			/* Its trap may need a moment. */
			sleep_ms(GRACE_MS);
			kill(-suite, SIGKILL);
		}
	alarm(0);
	if (is_over == SIGALRM)
		printf("# keeper: %s did not end within %ld seconds\n", name,
			limit_s);
	if (is_over)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	char folder[PATH_BYTES];
	int exit_code;

	if (argc < 3 || !make_folder(folder)) {
		perror("keeper");
		return 99;
	}
	name = argv[argc - 1];
	clean_environment();
#ifdef PR_SET_CHILD_SUBREAPER
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
	start(argv + 2);
	exit_code = wait_for_suite(strtol(argv[1], NULL, 10));
	end_children();
	tell_cost();
	remove_folder(folder);
	return exit_code;
}
