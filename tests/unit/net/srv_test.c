/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SRV records: answers as name servers write them, and as nobody should. */
#include <config.h>

#include "base/clock.h"
#include "net/dns.h"
#include "net/srv.h"
#include "tap.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* One question, "x", and N answers; owners are pointers to it. */
#define HEADER(n)                                                              \
	"\x12\x34\x81\x80\x00\x01\x00" n "\x00\x00\x00\x00\x01x\x00\x00\x21"   \
	"\x00\x01"
#define OWNER                      "\xC0\x0C"
#define SRV(length)                OWNER "\x00\x21\x00\x01\x00\x00\x0E\x10\x00" length
#define MX(length)                 OWNER "\x00\x0F\x00\x01\x00\x00\x0E\x10\x00" length
#define IN_CHAOS(length)           OWNER "\x00\x21\x00\x03\x00\x00\x0E\x10\x00" length
#define AT(priority, weight, port) "\x00" priority "\x00" weight port
#define P465                       "\x01\xD1"
#define P587                       "\x02\x4B"
#define MAIL_X_ORG                 "\x04mail\x01x\x03org\x00"
#define ROW(name, bytes, want)                                                 \
	{                                                                      \
		name, bytes, sizeof bytes - 1, want                            \
	}

static const struct {
	const char *name, *bytes;
	size_t length;
	const char *want; /* "host:port", or NULL */
} rows[] = {
	ROW("one",
		HEADER("\x01") SRV("\x12") AT("\x00", "\x01", P465) MAIL_X_ORG,
		"mail.x.org:465"),
	ROW("the least priority",
		HEADER("\x03") SRV("\x12") AT("\x02", "\x01", P465)
			MAIL_X_ORG SRV("\x09")
				AT("\x01", "\x01", P587) "\x01y\x00" SRV("\x09")
					AT("\x05", "\x09", P587) "\x01z\x00",
		"y:587"),
	ROW("the most weight of those",
		HEADER("\x02") SRV("\x09")
			AT("\x01", "\x01", P465) "\x01y\x00" SRV("\x09")
				AT("\x01", "\x02", P465) "\x01z\x00",
		"z:465"),
	ROW("a compressed name",
		HEADER("\x01") SRV("\x0D") AT("\x00", "\x01", P465) "\x04mail"
								    "\xC0\x0C",
		"mail.x:465"),
	ROW("other records are passed over",
		HEADER("\x02") MX("\x05") "\x00\x01\x01q\x00" SRV("\x09")
			AT("\x00", "\x00", P587) "\x01y\x00",
		"y:587"),
	ROW("another class",
		HEADER("\x01") IN_CHAOS("\x09")
			AT("\x00", "\x00", P587) "\x01y\x00",
		NULL),
	ROW("the root: not offered",
		HEADER("\x01") SRV("\x07")
			AT("\x00", "\x00", "\x00\x00") "\x00",
		NULL),
	ROW("port 0",
		HEADER("\x01") SRV("\x09")
			AT("\x00", "\x00", "\x00\x00") "\x01y\x00",
		NULL),
	ROW("no answer", HEADER("\x00"), NULL),
	ROW("nothing", "", NULL),
	ROW("a header cut short", "\x12\x34\x81", NULL),
	ROW("a failure",
		"\x12\x34\x81\x83\x00\x00\x00\x01\x00\x00\x00\x00" SRV("\x09")
			AT("\x00", "\x00", P587) "\x01y\x00",
		NULL),
	ROW("a line end in a name",
		HEADER("\x01") SRV("\x0B")
			AT("\x00", "\x00", P587) "\x03y\nz\x00",
		NULL),
	ROW("a dot in a label",
		HEADER("\x01") SRV("\x0B")
			AT("\x00", "\x00", P587) "\x03y.z\x00",
		NULL),
	ROW("a space in a name",
		HEADER("\x01") SRV("\x0B")
			AT("\x00", "\x00", P587) "\x03y z\x00",
		NULL),
	ROW("a pointer to itself",
		HEADER("\x01") SRV("\x08") AT("\x00", "\x00", P587) "\xC0\x25",
		NULL),
	ROW("a pointer ahead",
		HEADER("\x01") SRV("\x08") AT("\x00", "\x00", P587) "\xC0\x30",
		NULL),
	ROW("a pointer cut short",
		HEADER("\x01") SRV("\x07") AT("\x00", "\x00", P587) "\xC0",
		NULL),
	ROW("a label cut short",
		HEADER("\x01") SRV("\x09") AT("\x00", "\x00", P587) "\x09yy",
		NULL),
	ROW("a name without its end",
		HEADER("\x01") SRV("\x08") AT("\x00", "\x00", P587) "\x01y",
		NULL),
	ROW("a label of a kind nobody has",
		HEADER("\x01") SRV("\x09") AT("\x00", "\x00", P587) "\x41y\x00",
		NULL),
	ROW("longer than it is",
		HEADER("\x02") SRV("\xFF") AT("\x00", "\x00", P587) "\x01y\x00",
		"y:587"),
	ROW("more records promised than there are",
		HEADER("\x09") SRV("\x09") AT("\x00", "\x00", P587) "\x01y\x00",
		"y:587"),
};

static void put(struct buf *out, bool is_found, const struct srv *srv)
{
	if (is_found)
		buf_printf(out, "%s:%u", srv->host, srv->port);
}

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(1000);
		/* Of its very size, so that reading on is noticed. */
		char *copy = mem_alloc(rows[i].length);
		struct srv srv;

		memcpy(copy, rows[i].bytes, rows[i].length);
		put(&got,
			srv_parse(span_make(copy, rows[i].length), arena, &srv),
			&srv);
		tap_is_text(buf_text(&got), rows[i].want ? rows[i].want : "",
			rows[i].name);
		mem_free(copy);
		buf_free(&got);
		arena_free(arena);
	}
}

/* ---- asking -------------------------------------------------------------- */

static char asked[300];
static int error;

static int fake_query(
	const char *name, int type, unsigned char *answer, int size)
{
	tap_is_number(type, DNS_SRV, "the type");
	snprintf(asked, sizeof asked, "%s", name);
	if (error) {
		h_errno = error;
		return -1;
	}
	if ((size_t)size < rows[0].length)
		return -1;
	memcpy(answer, rows[0].bytes, rows[0].length);
	return (int)rows[0].length;
}

static const struct {
	const char *domain, *asked, *want;
	int error;
} questions[] = {
	{ "example.org", "_s._tcp.example.org", "mail.x.org:465", 0 },
	{ "m\xC3\xBCnchen.de", "_s._tcp.xn--mnchen-3ya.de", "mail.x.org:465",
		0 },
	{ "example.org", "_s._tcp.example.org", "", HOST_NOT_FOUND },
	{ "example.org", "_s._tcp.example.org", "", NO_DATA },
	{ "example.org", "_s._tcp.example.org", "75", TRY_AGAIN },
	{ "example.org", "_s._tcp.example.org", "75", NO_RECOVERY },
};

static void test_look_up(void)
{
	dns_set_query_for_test(fake_query);
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		struct arena *arena = arena_new();
		struct buf got = BUF_INIT(1000);
		struct diag why = { .id = DIAG_NONE };
		struct srv srv;
		bool is_found;

		error = questions[i].error;
		if (srv_look_up("_s._tcp", questions[i].domain,
			    clock_deadline(60), arena, &srv, &is_found, &why))
			put(&got, is_found, &srv);
		else
			buf_printf(&got, "%d", why.exit_code);
		tap_is_text(asked, questions[i].asked, "what is asked");
		tap_is_text(
			buf_text(&got), questions[i].want, questions[i].domain);
		buf_free(&got);
		arena_free(arena);
	}
	dns_set_query_for_test(NULL);
}

int main(void)
{
	test_parse();
	test_look_up();
	return tap_done();
}
