/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This process: the state callers leave us in, and who we are.
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

#endif
