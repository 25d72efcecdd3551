/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a report tells who somebody is, and what does not. */
#include <config.h>

#include "cmd/redact.h"
#include "tap.h"

static const struct {
	const char *text, *want;
} rows[] = {
	{ "mail is from ann@x.example", "mail is from <address-1>" },
	{ "<ann@x.example>, bob@y.example.", "<<address-1>>, <address-2>." },
	{ "ANN@x.example and ann@X.example", "<address-1> and <address-1>" },
	{ "smtp.x.example:587 refused the connection",
		"<host-1>:587 refused the connection" },
	{ "mx: 192.0.2.1, [2001:db8::1]", "mx: <ip-1>, [<ip-2>]" },
	{ "the log is /home/ann/log.", "the log is <path-1>." },
	{ "/home/ann/.mailchuterc:9: unknown keyword",
		"<path-1>:9: unknown keyword" },
	{ "~/x and /", "<path-1> and /" },
	{ "250 2.0.0 Ok: queued as 4F2A1B3C5D",
		"250 2.0.0 Ok: queued as <id-1>" },
	{ "id=1q8Xyz-0005bC-2k", "id=<id-1>" },
	{ "535 5.7.8 no", "535 5.7.8 no" },
	{ "TLS1.3 ECDHE-X25519 ECDSA-SECP256R1-SHA256 AES-256-GCM",
		"TLS1.3 ECDHE-X25519 ECDSA-SECP256R1-SHA256 AES-256-GCM" },
	{ "PIPELINING, SIZE 52428800, AUTH PLAIN SCRAM-SHA-256",
		"PIPELINING, SIZE 52428800, AUTH PLAIN SCRAM-SHA-256" },
	{ "'port 465', 'tls_starttls off'", "'port 465', 'tls_starttls off'" },
	{ "add 'include:spf.x.example' before",
		"add 'include:<host-1>' before" },
	{ "default: alice, mail.x.example:25",
		"default: <user-1>, <host-1>:25" },
	{ "the login of Alice", "the login of <user-1>" },
	{ "malice", "malice" },
	{ "M\xC3\xBCller@b\xC3\xBC.example", "<address-1>" },
	{ "b\xC3\xBC"
	  "cher.example",
		"<host-1>" },
	{ "", "" },
};

int main(void)
{
	struct buf got = BUF_INIT(4000);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct redact redact = { .arena = arena };

		redact_know(&redact, REDACT_USER, "alice");
		buf_clear(&got);
		redact_put(&redact, span_of(rows[i].text), &got);
		tap_is_text(buf_text(&got), rows[i].want, rows[i].text);
		arena_free(arena);
	}
	buf_clear(&got);
	redact_put(NULL, SPAN("ann@x.example"), &got);
	tap_is_text(buf_text(&got), "ann@x.example", "only when asked");
	buf_free(&got);
	return tap_done();
}
