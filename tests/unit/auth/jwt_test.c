/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signed JWTs, byte for byte. */
#include <config.h>

#include "auth/jwt.h"
#include "tap.h"

/* Made with Python's json and base64. */
static const char grant[] =
	"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJpc3MiOiJzZXJ2"
	"aWNlQHByb2plY3QuZXhhbXBsZSIsInN1YiI6ImFcImJAZXhhbXBsZS50ZXN0IiwiYXVk"
	"IjoiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZS90b2tlbiIsInNjb3BlIjoiaHR0cHM6Ly9t"
	"YWlsLmV4YW1wbGUvIiwianRpIjoiajEiLCJpYXQiOjE3OTYwMDAwMDAsImV4cCI6MTc5"
	"NjAwMDMwMH0.__4";
static const char client[] =
	"eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCIsIng1dCNTMjU2IjoiQVFJRCJ9.eyJpc3M"
	"iOiJhcHAiLCJzdWIiOiJhcHAiLCJhdWQiOiJodHRwczovL2lzc3Vlci5leGFtcGxlL3R"
	"va2VuIiwianRpIjoiajIiLCJpYXQiOjEsImV4cCI6Mn0";

static void test_grant(void)
{
	const struct jwt jwt = { .algorithm = "RS256",
		.key_id = "k1",
		.issuer = "service@project.example",
		.subject = "a\"b@example.test",
		.audience = "https://issuer.example/token",
		.scope = "https://mail.example/",
		.id = "j1",
		.issued = 1796000000,
		.expires = 1796000300 };
	struct buf out = BUF_INIT(2000), small = BUF_INIT(60);

	tap_ok(jwt_put_unsigned(&jwt, &out) &&
			jwt_put_signature(SPAN("\377\376"), &out),
		"a grant");
	tap_is_text(buf_text(&out), grant, "its bytes");
	tap_ok(!jwt_put_unsigned(&jwt, &small), "too small");
	buf_free(&out);
	buf_free(&small);
}

static void test_client(void)
{
	const struct jwt jwt = { .algorithm = "PS256",
		.thumbprint = SPAN("\001\002\003"),
		.issuer = "app",
		.subject = "app",
		.audience = "https://issuer.example/token",
		.id = "j2",
		.issued = 1,
		.expires = 2 };
	struct buf out = BUF_INIT(2000);

	jwt_put_unsigned(&jwt, &out);
	tap_is_text(buf_text(&out), client, "a client with a certificate");
	buf_free(&out);
}

int main(void)
{
	test_grant();
	test_client();
	return tap_done();
}
