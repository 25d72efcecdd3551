/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No machine: the paths of the program that the suites run, where not even root
 * can make them, in place of base/place.c. */
#include <config.h>

#undef SYSCONFDIR
#undef LOCALSTATEDIR
#undef DATADIR
#define SYSCONFDIR    "/proc/nonexistent/etc"
#define LOCALSTATEDIR "/proc/nonexistent/var"
#define DATADIR       "/proc/nonexistent/share"
#define PASSWD_FILE   "/proc/nonexistent/etc/passwd"
#define LOGDIR        "/proc/nonexistent/var/log"
#define ROOT          "/proc/nonexistent"
#define RUNDIR        "/proc/nonexistent/run"
#define PROGRAMDIR    "/proc/nonexistent/bin"

#include "base/place.c"
