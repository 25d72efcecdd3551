/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exit codes and their names, both ways. */
#include <config.h>

#include "base/exits.h"
#include "tap.h"

#include <sysexits.h>

int main(void)
{
	int code = 0;

	tap_is_text(exits_name(EX_OK), "EX_OK", "0");
	tap_is_text(exits_name(EX_TEMPFAIL), "EX_TEMPFAIL", "75 has its name");
	tap_is_text(exits_name(3), "EX_OTHER", "3 has none");
	tap_is_text(exits_name(-1), "EX_OTHER", "nor has -1");
	tap_ok(exits_find(SPAN("EX_CONFIG"), &code) && code == EX_CONFIG,
		"EX_CONFIG is 78");
	tap_ok(exits_find(SPAN("EX_OTHER"), &code) && code == -1,
		"EX_OTHER is no number");
	tap_ok(!exits_find(SPAN("EX_CONF"), &code), "half a name is none");
	for (int i = EX__BASE; i <= EX_CONFIG; i++)
		if (exits_find(span_of(exits_name(i)), &code) && code >= 0)
			tap_is_number(code, i, exits_name(i));
	return tap_done();
}
