/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wiping, and a process that leaves no core behind. */
#include <config.h>

#include "base/secret.h"

#include "base/mem.h"

#include <sys/resource.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

void secret_erase(void *memory, size_t size_bytes)
{
#ifdef HAVE_EXPLICIT_BZERO
	explicit_bzero(memory, size_bytes);
#else
	volatile unsigned char *bytes = memory;

	while (size_bytes)
		bytes[--size_bytes] = 0;
#endif
}

void secret_set(struct secret *secret, const char *bytes, size_t length)
{
	char *copy = mem_strndup(bytes, length);

	secret_wipe(secret);
	secret->bytes = copy;
	secret->length = length;
}

void secret_wipe(struct secret *secret)
{
	if (secret->bytes) {
		secret_erase(secret->bytes, secret->length);
		mem_free(secret->bytes);
	}
	*secret = (struct secret){ NULL, 0 };
}

void secret_protect_process(void)
{
	const struct rlimit none = { 0, 0 };

	/* Failing to forbid a core is no reason not to send a mail. */
	(void)setrlimit(RLIMIT_CORE, &none);
#if defined(HAVE_PRCTL) && defined(PR_SET_DUMPABLE)
	(void)prctl(PR_SET_DUMPABLE, PROCESS_DUMPABLE, 0, 0, 0);
#endif
}
