/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server may say in a SASL exchange, a line each: it can never make a
 * mutual mechanism believe that it knows the password. */
#include <config.h>

#include "auth/sasl.h"
#include "fuzz/fuzz.h"

static void converse(const char *mechanism, struct span challenges)
{
	struct secret password = { NULL, 0 };
	struct sasl_params params = { .mechanism = mechanism,
		.user = "me@example.org",
		.password = &password,
		.host = "mail.example.org",
		.is_secure = true };
	struct buf out = BUF_INIT(100000);
	struct diag why = { 0 };
	struct sasl *sasl;
	bool ok;

	secret_set(&password, "s3cret", 6);
	sasl = sasl_new(mechanism, &params, &why);
	fuzz_check(sasl != NULL);
	ok = !sasl_has_initial(sasl) || sasl_step(sasl, SPAN(""), &out, &why);
	while (ok && challenges.length)
		ok = sasl_step(sasl, span_cut(&challenges, '\n'), &out, &why);
	fuzz_check((mechanism[0] != 'S' && mechanism[0] != 'D') ||
		   !sasl_finish(sasl, &why));
	fuzz_check(ok || why.id != DIAG_NONE);
	sasl_free(sasl);
	secret_wipe(&password);
	buf_wipe_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const mechanisms[] = { "SCRAM-SHA-256",
		"SCRAM-SHA-1", "PLAIN", "LOGIN", "EXTERNAL", "CRAM-MD5",
		"DIGEST-MD5", "NTLM" };

	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
		if (sasl_knows(mechanisms[i]))
			converse(mechanisms[i], fuzz_span(data, size));
	return 0;
}
