/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This process and its children: the state callers leave us in, who we are,
 * and commands that print a secret.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Makes the process sane whatever the caller left: descriptors 0, 1 and 2 are
 * open (/dev/null stands in for a missing one), inherited ones above are
 * closed, the signal mask is empty and no signal is ignored but SIGPIPE and
 * SIGXFSZ (a limit on file sizes is then an errno), and SIGHUP, SIGINT and
 * SIGQUIT where the caller (nohup, "&") meant it; what is made is its owner's
 * alone (umask 077).  *STDIN_WAS_CLOSED tells
 * whether 0 had to be opened.  To be called before anything opens a file. */
void process_normalise(bool *stdin_was_closed);
/* How many descriptors from PROCESS_LISTEN_FD on a service manager has opened
 * for us (LISTEN_FDS and LISTEN_PID, sd_listen_fds(3)); process_normalise() has
 * left them open.  -1 when LISTEN_FDS is for us and no number up to
 * PROCESS_LISTEN_MAX. */
enum { PROCESS_LISTEN_FD = 3, PROCESS_LISTEN_MAX = 32 };
int process_listen_count(void);
/* Closes every descriptor from FIRST on. */
void process_close_from(int first);
/* Tells the service manager, if there is one ($NOTIFY_SOCKET, sd_notify(3)),
 * "READY=1" and the like. */
void process_notify(const char *state);
/* Started with other rights than its caller's (set-uid, AT_SECURE): the
 * environment is not to be trusted. */
bool process_is_privileged(void);
/* getenv() that returns NULL when the process is privileged. */
const char *process_getenv(const char *name);
/* The home directory: $HOME when it is absolute, else the passwd entry's;
 * NULL without either.  Copied into ARENA. */
const char *process_home(struct arena *arena);
/* The login name of the real user, or "uid-N" without a passwd entry. */
const char *process_user_name(struct arena *arena);
/* The full name in the passwd entry's GECOS field, or NULL. */
const char *process_full_name(struct arena *arena);
/* The host's own name as gethostname(2) gives it; DNS is never asked. */
const char *process_host_name(struct arena *arena);

/* Runs COMMAND ARGUMENT with /bin/sh on our own terminal and waits for its end;
 * the keys that interrupt are the command's meanwhile.  Whether it ended well.
 */
bool process_run(const char *command, const char *argument);

/* Whether a file is root's.  In a user namespace that does not map root, its
 * files belong to the number that stands for all who are not mapped: one that
 * is not ours either, and that nobody else may write to, counts. */
bool process_is_roots(const struct stat *status);
/* Whether the group GID is UID's own, with nobody else in it. */
bool process_is_private_group(uid_t uid, gid_t gid);

/* Root looks after another user's files as that user: files are made and found
 * with the rights of UID and his groups from here on; 0 takes them back.  No
 * command is run meanwhile.  Does nothing, with success, for whoever is not
 * root. */
bool process_act_as(uid_t uid);
/* The same for good, with home and login name: for running what that user
 * wrote.  False, with nothing to be relied on but an end of the process, when
 * there is no such user. */
bool process_become_user(uid_t uid);

/* Goes on as a new run of this program, with these arguments (NULL behind the
 * last, the first is the name) and an empty memory.  Returns false, with errno,
 * where a program cannot find itself: without /proc. */
bool process_become(const char *const *arguments);

/* In a process that outlives its caller and works for others: of the
 * environment only what tells where things are, in which language and zone, and
 * how to come by a secret; limits as wide as they may be; our own mask. */
void process_forget_caller(void);

/* What a command said.  Invariant: exit_status is 0..255, or 128 + signal. */
struct process_result {
	int exit_status;
	bool timed_out;
	bool overflowed;
};

/* Writes what ended a command badly, DIAG_WORDS to be an argument: more output
 * than LIMIT bytes, a signal, or else its exit status. */
void process_explain(const struct process_result *result, size_t limit,
	char *text, size_t size);

/* Runs COMMAND with /bin/sh -c: stdin is /dev/null (or the terminal, when
 * there is one and WITH_TERMINAL), stderr is ours, stdout goes to OUT up to
 * its limit, no other descriptor is inherited.  The command is killed when
 * DEADLINE_MS passes or OUT overflows, and with it everything it started:
 * it runs in a session of its own.  Not so with the terminal, which belongs to
 * our process group: there the shell alone is killed.  Waits for the end of
 * the output, as `...` does in a shell.  Needs descriptors 0 to 2 open
 * (process_normalise).  Fails only when the command cannot be started
 * (DIAG_SYSTEM_FAILED), or we are told to end (DIAG_INTERRUPTED).  The caller
 * wipes OUT. */
bool process_capture(const char *command, bool with_terminal,
	int64_t deadline_ms, struct buf *out, struct process_result *result,
	struct diag *why);

/* The same the other way: COMMAND gets INPUT on standard input, and what it
 * prints is not looked at.  INPUT is what a pipe holds at once: a secret of
 * some kilobytes.  Fails with DIAG_SYSTEM_FAILED when it is more, too. */
bool process_feed(const char *command, struct span input, int64_t deadline_ms,
	struct process_result *result, struct diag *why);

/* A program and its words without a shell, NULL behind the last; one without a
 * slash is looked for in $PATH.  One that is not there ends with the exit
 * status 127, as a shell would have it, and one that cannot be run with 126.
 * With an INPUT, which is what a pipe holds at once, that is its standard
 * input; WITH_TERMINAL it may still open the terminal itself.  The rest as
 * process_capture(). */
bool process_capture_words(const char *const *words, struct span input,
	bool with_terminal, int64_t deadline_ms, struct buf *out,
	struct process_result *result, struct diag *why);

#endif
