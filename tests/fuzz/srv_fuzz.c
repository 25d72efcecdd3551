/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of name servers: a host that comes of one is a host name. */
#include <config.h>

#include "fuzz/fuzz.h"
#include "net/srv.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct srv srv;

	if (srv_parse(fuzz_span(data, size), arena, &srv)) {
		fuzz_check(srv.host[0] && strlen(srv.host) <= 255);
		fuzz_check(srv.port > 0 && srv.port < 65536);
		for (const char *c = srv.host; *c; c++)
			fuzz_check(ascii_is_alpha(*c) || ascii_is_digit(*c) ||
				   strchr("-_.", *c));
	}
	arena_free(arena);
	return 0;
}
