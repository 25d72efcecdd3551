/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets: copies that are wiped, and a process without a core. */
#include <config.h>

#include "base/secret.h"
#include "tap.h"

#include <sys/resource.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

static void check_secret(void)
{
	char source[] = "hunter\0two";
	struct secret secret = { NULL, 0 };

	secret_set(&secret, source, 10);
	memset(source, 'x', sizeof source);
	tap_is_span(secret_span(&secret), SPAN("hunter\0two"),
		"a copy, NULs and all");
	tap_ok(secret.bytes[secret.length] == '\0', "NUL-terminated");
	secret_set(&secret, "other", 5);
	tap_is_span(secret_span(&secret), SPAN("other"), "replaced");
	secret_set(&secret, secret.bytes, 3);
	tap_is_span(secret_span(&secret), SPAN("oth"), "by a part of itself");
	secret_wipe(&secret);
	tap_ok(!secret.bytes && !secret.length, "empty after wiping");
	secret_wipe(&secret);
	tap_ok(!secret.bytes, "wiping twice does no harm");
}

static void check_erase(void)
{
	char memory[] = "xhunter2x";

	secret_erase(memory + 1, 7);
	tap_is_span(span_make(memory, 9), SPAN("x\0\0\0\0\0\0\0x"),
		"erased, and nothing else");
}

static void check_process(void)
{
	struct rlimit limit = { 1, 1 };

	secret_protect_process();
	getrlimit(RLIMIT_CORE, &limit);
	tap_ok(limit.rlim_cur == 0 && limit.rlim_max == 0, "no core dumps");
#if defined(HAVE_PRCTL) && defined(PR_GET_DUMPABLE)
	tap_is_number(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), PROCESS_DUMPABLE,
		"not readable by others");
#else
	tap_skip("not readable by others", "no prctl");
#endif
}

int main(void)
{
	check_secret();
	check_erase();
	check_process();
	return tap_done();
}
