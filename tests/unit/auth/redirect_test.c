/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a browser brings back, and all that it may bring besides. */
#include <config.h>

#include "auth/redirect.h"
#include "tap.h"

static const struct redirect wanted = { "http://127.0.0.1:4711/back", "S1",
	"https://a.example", false };
/* Of an issuer that always says who it is. */
static const struct redirect strict = { "http://127.0.0.1:4711/back", "S1",
	"https://a.example", true };

static const struct {
	const char *name, *head;
	enum redirect_kind want;
	const char *value;
} heads[] = {
	{ "a code",
		"GET /back?code=abc&state=S1&iss=https%3A%2F%2Fa.example "
		"HTTP/1.1\r\nHost: x\r\n\r\n",
		REDIRECT_CODE, "abc" },
	{ "without iss", "GET /back?state=S1&code=a%2Fb HTTP/1.1\r\n\r\n",
		REDIRECT_CODE, "a/b" },
	{ "a refusal",
		"GET /back?error=access_denied&state=S1 HTTP/1.1\r\n\r\n",
		REDIRECT_ERROR, "access_denied" },
	{ "a refusal that says more",
		"GET /back?error=access_denied&error_description=AADSTS65004%3A"
		"+User+declined&state=S1 HTTP/1.1\r\n\r\n",
		REDIRECT_ERROR, "access_denied, AADSTS65004: User declined" },
	{ "a refusal with words that are none",
		"GET /back?error=access_denied&error_description=a%1Bb&state=S1"
		" HTTP/1.1\r\n\r\n",
		REDIRECT_ERROR, "access_denied" },
	{ "another state", "GET /back?code=abc&state=S2 HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "no state", "GET /back?code=abc HTTP/1.1\r\n\r\n", REDIRECT_NOT_OURS,
		"" },
	{ "a refusal with another state",
		"GET /back?error=access_denied&state=x HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "another issuer",
		"GET /back?code=abc&state=S1&iss=https%3A%2F%2Fb.example "
		"HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "an issuer twice",
		"GET /back?code=abc&state=S1&iss=https%3A%2F%2Fa.example"
		"&iss=https%3A%2F%2Fb.example HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "a favicon", "GET /favicon.ico HTTP/1.1\r\n\r\n", REDIRECT_NOT_OURS,
		"" },
	{ "another path", "GET /backs?code=abc&state=S1 HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "another method", "POST /back?code=abc&state=S1 HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "HEAD", "HEAD /back?code=abc&state=S1 HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "no HTTP", "GET /back?code=abc&state=S1\r\n\r\n", REDIRECT_NOT_OURS,
		"" },
	{ "no code", "GET /back?state=S1 HTTP/1.1\r\n\r\n", REDIRECT_NOT_OURS,
		"" },
	{ "two codes", "GET /back?code=a&code=b&state=S1 HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "an empty code", "GET /back?code=&state=S1 HTTP/1.1\r\n\r\n",
		REDIRECT_NOT_OURS, "" },
	{ "nothing", "", REDIRECT_NOT_OURS, "" },
	{ "TLS", "\026\003\001\002", REDIRECT_NOT_OURS, "" },
};

static const struct {
	const char *name, *text;
	enum redirect_kind want;
} pasted[] = {
	{ "the address", "http://127.0.0.1:4711/back?code=abc&state=S1\n",
		REDIRECT_CODE },
	{ "with a fragment", " http://127.0.0.1:4711/back?code=abc&state=S1#_ ",
		REDIRECT_CODE },
	{ "its query", "state=S1&code=abc", REDIRECT_CODE },
	{ "the code alone", "abc", REDIRECT_NOT_OURS },
	{ "of another try", "http://127.0.0.1:4711/back?code=abc&state=S0",
		REDIRECT_NOT_OURS },
	{ "nothing", "", REDIRECT_NOT_OURS },
};

int main(void)
{
	struct buf out = BUF_INIT(100);

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		buf_clear(&out);
		tap_is_number(
			redirect_read(&wanted, span_of(heads[i].head), &out),
			heads[i].want, heads[i].name);
		if (heads[i].want != REDIRECT_NOT_OURS)
			tap_is_text(buf_text(&out), heads[i].value, "value");
	}
	tap_is_number(
		redirect_read_pasted(&strict, SPAN("code=abc&state=S1"), &out),
		REDIRECT_NOT_OURS, "no issuer, of one that always says it");
	buf_clear(&out);
	tap_is_number(
		redirect_read_pasted(&strict,
			SPAN("code=abc&state=S1&iss=https://a.example"), &out),
		REDIRECT_CODE, "and with it");
	for (size_t i = 0; i < sizeof pasted / sizeof *pasted; i++) {
		buf_clear(&out);
		tap_is_number(redirect_read_pasted(
				      &wanted, span_of(pasted[i].text), &out),
			pasted[i].want, pasted[i].name);
	}
	buf_free(&out);
	return tap_done();
}
