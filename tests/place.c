/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No machine: the paths of the program that the suites run, in place of
 * base/place.c. */
#include <config.h>

#undef SYSCONFDIR
#undef LOCALSTATEDIR
#undef DATADIR
#define SYSCONFDIR    "/nonexistent/etc"
#define LOCALSTATEDIR "/nonexistent/var"
#define DATADIR       "/nonexistent/share"
#define PASSWD_FILE   "/nonexistent/etc/passwd"
#define LOGDIR        "/nonexistent/var/log"
#define ROOT          "/nonexistent"
#define RUNDIR        "/nonexistent/run"
#define PROGRAMDIR    "/nonexistent/bin"

#include "base/place.c"
