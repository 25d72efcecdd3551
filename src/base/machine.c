/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of machine this is.  Does not know why anybody asks. */
#include <config.h>

#include "base/machine.h"

#include "base/diag.h"
#include "base/process.h"
#include "base/text.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static bool is_said(const char *variable)
{
	const char *value = process_getenv(variable);

	return value && value[0] && strcmp(value, "false") != 0 &&
	       strcmp(value, "0") != 0;
}

const char *machine_passing_kind(void)
{
	/* Docker; Podman; any container whose manager follows
	 * systemd.io/CONTAINER_INTERFACE but has no init of its own. */
	if (access("/.dockerenv", F_OK) == 0 ||
		access("/run/.containerenv", F_OK) == 0 ||
		is_said("container") || is_said("KUBERNETES_SERVICE_HOST"))
		return DIAG_WORDS N_("a container");
	if (is_said("CI"))
		return DIAG_WORDS N_("a CI job");
	return NULL;
}
