/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's paths, as configure was told them. */
#include <config.h>

#include "base/place.h"

#include <syslog.h>

/* Whatever prefix we have. */
#ifndef PASSWD_FILE
#define PASSWD_FILE "/etc/passwd"
#define LOGDIR      "/var/log"
#define RUNDIR      "/run"
#define PROGRAMDIR  "/usr/bin"
#endif
#ifndef _PATH_LOG
#define _PATH_LOG "/dev/log"
#endif

#ifndef ROOT
#define ROOT ""
#endif

const struct place place_system = {
	.root = ROOT,
	.settings = SYSCONFDIR,
	.mailname = SYSCONFDIR "/mailname",
	.netrc = SYSCONFDIR "/netrc",
	.relay_config = SYSCONFDIR "/mailchute/relay.conf",
	.socket = RUNDIR "/mailchute/submit",
	.systemd = RUNDIR "/systemd/system",
	.providers = DATADIR "/mailchute/providers.d",
	.system_providers = SYSCONFDIR "/mailchute/providers.d",
	.passwd = PASSWD_FILE,
	.queues = LOCALSTATEDIR "/spool",
	.users = LOCALSTATEDIR "/lib/mailchute/users",
	.tokens = LOCALSTATEDIR "/lib/mailchute/tokens",
	.log = LOGDIR "/mailchute.log",
	.syslog = _PATH_LOG,
	.logs = LOGDIR,
	.journal = RUNDIR "/systemd/journal/socket",
	.journalctl = PROGRAMDIR "/journalctl",
};
