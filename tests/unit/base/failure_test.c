/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failure in JSON, whole. */
#include <config.h>

#include "base/failure.h"
#include "tap.h"

static void test_diag(const struct diag *why, int exit_code, const char *want,
	const char *name)
{
	struct buf out = BUF_INIT(10000);
	struct json json = { .out = &out };

	json_begin(&json, NULL, '{');
	failure_put_diag(&json, why, exit_code);
	json_end(&json, '}');
	tap_is_text(buf_text(&out), want, name);
	buf_free(&out);
}

int main(void)
{
	struct diag why;

	diag_set(&why, DIAG_SMTP_RCPT_REFUSED, "a@x");
	diag_add_reply(&why, 451, SPAN("4.2.1"), SPAN("\"later\""));
	test_diag(&why, 99,
		"{\"diag\":\"smtp.rcpt-refused\",\"text\":\"the server refused "
		"the recipient a@x: 451 4.2.1 \\\"later\\\"\",\"exit_code\":99,"
		"\"status\":\"4.2.1\",\"reply\":\"451 4.2.1 \\\"later\\\"\","
		"\"temporary\":true,\"reason\":null,\"hint\":\"the "
		"server's words are the reason; 'mailchute explain' knows many "
		"of them\"}",
		"a reply, for a caller who takes 99 for 75");
	return tap_done();
}
