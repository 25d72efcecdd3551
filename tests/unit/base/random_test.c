/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes: all of them, and no others. */
#include <config.h>

#include "base/random.h"
#include "tap.h"

enum { MANY = 100000 };

static unsigned char bytes[MANY + 2];

int main(void)
{
	size_t seen[256] = { 0 };
	unsigned char first[16], second[16];
	bool has_all = true;

	memset(bytes, 0xA5, sizeof bytes);
	random_bytes(bytes + 1, MANY);
	for (size_t i = 1; i <= MANY; i++)
		seen[bytes[i]]++;
	/* Each value is expected 390 times. */
	for (size_t i = 0; i < 256; i++)
		has_all &= seen[i] > 200 && seen[i] < 600;
	tap_ok(has_all, "every value, about as often as any other");
	tap_ok(bytes[0] == 0xA5 && bytes[MANY + 1] == 0xA5,
		"nothing beside the request is touched");
	random_bytes(first, sizeof first);
	random_bytes(second, sizeof second);
	tap_ok(memcmp(first, second, sizeof first) != 0, "two requests differ");
	random_bytes(NULL, 0);
	tap_ok(true, "nothing can be asked for");
	return tap_done();
}
