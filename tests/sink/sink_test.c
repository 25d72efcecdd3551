/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sink, spoken to over real sockets with net/ and auth/: it is worth
 * nothing as a witness if it does not do what its options say.
 */
#include <config.h>

#include "auth/sasl.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/resolve.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "tap.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_LIMIT = 1024 * 1024, ARGS_MAX = 40 };

static struct {
	char folder[40], path[200];
	pid_t pid;
	struct arena *arena;
	struct stream *stream;
	struct buf in;
} t;

/* ---- the sink ------------------------------------------------------------ */

static const char *in_folder(const char *name)
{
	return arena_printf(t.arena, "%s/%s", t.folder, name);
}

static bool read_file(const char *name, struct buf *out)
{
	FILE *file = fopen(in_folder(name), "rb");
	char bytes[4096];
	size_t count;

	buf_clear(out);
	if (!file)
		return false;
	while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
		buf_put(out, bytes, count);
	fclose(file);
	return true;
}

/* Starts it with the usual options and MORE (separated by single bars), and
 * waits until it is ready. */
static void start(const char *more)
{
	char *args[ARGS_MAX] = { t.path, arena_strdup(t.arena, "--starttls=0"),
		arena_strdup(t.arena, "--implicit=0"),
		arena_strdup(t.arena, "--clear=0"),
		arena_strdup(t.arena, "--user=me@example.org:s3cret") };
	size_t count = 5;
	char *rest = arena_strdup(t.arena, more);

	args[count++] = arena_printf(t.arena, "--certs=%s", t.folder);
	args[count++] = arena_printf(t.arena, "--maildir=%s/mail", t.folder);
	args[count++] = arena_printf(t.arena, "--port-file=%s/ports", t.folder);
	args[count++] =
		arena_printf(t.arena, "--transcript=%s/transcript", t.folder);
	while (*rest && count < ARGS_MAX - 1) {
		char *bar = strchr(rest, '|');

		args[count++] = rest;
		if (!bar)
			break;
		*bar = '\0';
		rest = bar + 1;
	}
	unlink(in_folder("ports"));
	t.pid = fork();
	if (t.pid == 0) {
		execv(args[0], args);
		_exit(127);
	}
	for (int i = 0; i < 500 && access(in_folder("ports"), R_OK); i++)
		poll(NULL, 0, 10);
}

static void stop(void)
{
	int status = 1;

	kill(t.pid, SIGTERM);
	waitpid(t.pid, &status, 0);
	tap_is_number(status, 0, "it ends well");
}

static unsigned port_of(const char *name)
{
	struct buf text = BUF_INIT(TEXT_LIMIT);
	struct span rest;
	unsigned long port = 0;

	read_file("ports", &text);
	rest = buf_span(&text);
	while (rest.length) {
		struct span value = span_cut(&rest, '\n');
		struct span key = span_cut(&value, '=');

		if (span_equal(key, span_of(name)))
			span_number(value, 65535, &port);
	}
	buf_free(&text);
	return (unsigned)port;
}

/* ---- the client ---------------------------------------------------------- */

static bool dial(const char *port_name)
{
	struct resolve_list list = { 0 };

	buf_clear(&t.in);
	return resolve_host("127.0.0.1", port_of(port_name), CLOCK_NEVER,
		       t.arena, &list, NULL) &&
	       (t.stream = tcp_connect(&list, "sink", clock_deadline(5), NULL));
}

static bool encrypt(const char *host, struct diag *why)
{
	struct tls_params params = { .host = host,
		.trust_file = in_folder("ca.pem"),
		.verify = true,
		.timeout_s = 5 };
	struct stream *over =
		tls_start(t.stream, &params, clock_deadline(5), why);

	if (over)
		t.stream = over;
	return over != NULL;
}

static void hang_up(void)
{
	stream_close(t.stream);
	t.stream = NULL;
}

/* Reads more; false at the end, or after two seconds of nothing. */
static bool read_more(void)
{
	char *room = buf_reserve(&t.in, 4096);
	unsigned ready = 0;
	size_t got = 0;
	enum stream_result result;

	do
		result = t.stream->ops->read(t.stream, room, 4096, &got, NULL);
	while (result == STREAM_AGAIN &&
		t.stream->ops->wait(t.stream, STREAM_READABLE,
			clock_deadline(2), &ready, NULL) &&
		ready);
	if (result == STREAM_OK)
		buf_grow(&t.in, got);
	return result == STREAM_OK;
}

/* Takes one reply, all its lines, off what came; the text, or "" at the end. */
static const char *reply(void)
{
	struct buf text = BUF_INIT(TEXT_LIMIT);
	const char *copy;
	size_t length;
	bool is_last = false;

	while (!is_last) {
		struct span all = buf_span(&t.in);

		length = span_find(all, '\n') + 1;
		if (length > all.length && !read_more())
			break;
		if (length > all.length)
			continue;
		is_last = length < 4 || all.at[3] != '-';
		buf_put(&text, all.at, length);
		buf_consume(&t.in, length);
	}
	copy = arena_strdup(t.arena, buf_text(&text));
	buf_free(&text);
	return copy;
}

static void say(const char *text)
{
	size_t sent = 0;

	t.stream->ops->write(t.stream, text, strlen(text), &sent, NULL);
}

/* Says WHAT, unless NULL, and is answered BEGIN...; the case is called NAME. */
static void expect_as(const char *name, const char *what, const char *begin)
{
	const char *got;

	if (what)
		say(what);
	got = reply();
	if (!tap_ok(!strncmp(got, begin, strlen(begin)), "%s", name))
		tap_note("got '%s'", got);
}

static void expect(const char *what, const char *begin)
{
	expect_as(arena_printf(
			  t.arena, "'%s' to %s", begin, what ? what : "that"),
		what, begin);
}

static void say_base64(struct buf *raw)
{
	struct buf text = BUF_INIT(TEXT_LIMIT);

	base64_encode(buf_span(raw), &text);
	buf_puts(&text, "\r\n");
	say(buf_text(&text));
	buf_wipe(raw);
	buf_wipe_free(&text);
}

/* One exchange, without initial responses; "235", the refusal, or "client: …"
 * when this end did not believe it. */
static const char *authenticate(const char *mechanism, const char *word)
{
	struct secret password = { NULL, 0 };
	struct buf binding = BUF_INIT(100), out = BUF_INIT(TEXT_LIMIT),
		   challenge = BUF_INIT(TEXT_LIMIT);
	struct sasl_params params = { .user = "me@example.org",
		.password = &password,
		.is_secure = true };
	struct diag why = { 0 };
	struct sasl *sasl;
	const char *got = "", *result = NULL;

	secret_set(&password, word, strlen(word));
	params.binding_type = strstr(mechanism, "-PLUS")
				      ? tls_channel_binding(t.stream, &binding)
				      : NULL;
	params.binding = buf_span(&binding);
	sasl = sasl_new(mechanism, &params, &why);
	say(arena_printf(t.arena, "AUTH %s\r\n", mechanism));
	while (sasl && !result) {
		got = reply();
		buf_clear(&challenge);
		if (strncmp(got, "334 ", 4))
			result = got;
		else if (!base64_decode(
				 span_trim(span_of(got + 4)), &challenge) ||
			 !sasl_step(sasl, buf_span(&challenge), &out, &why))
			result = "client: refused the challenge";
		else
			say_base64(&out);
	}
	if (sasl && !strncmp(got, "235", 3) && !sasl_finish(sasl, &why))
		result = "client: refused the end";
	sasl_free(sasl);
	secret_wipe(&password);
	buf_wipe_free(&binding);
	buf_wipe_free(&out);
	buf_free(&challenge);
	return result ? result : "client: no such mechanism";
}

static void expect_auth(
	const char *mechanism, const char *word, const char *begin)
{
	const char *got;

	if (!sasl_knows(mechanism)) {
		tap_skip(mechanism, "built without libgsasl");
		return;
	}
	got = authenticate(mechanism, word);
	if (!tap_ok(!strncmp(got, begin, strlen(begin)), "'%s' to %s", begin,
		    mechanism))
		tap_note("got '%s'", got);
}

static bool session(const char *port_name)
{
	struct diag why = { 0 };
	bool is_implicit = !strcmp(port_name, "implicit_port");

	if (!tap_ok(dial(port_name), "connects to %s", port_name))
		return false;
	if (is_implicit && !tap_ok(encrypt("localhost", &why), "TLS"))
		return false;
	expect(NULL, "220 localhost");
	expect("EHLO client.example\r\n", "250-localhost");
	if (strcmp(port_name, "starttls_port"))
		return true;
	expect("STARTTLS\r\n", "220 ");
	if (!tap_ok(encrypt("localhost", &why), "TLS"))
		return false;
	expect("EHLO client.example\r\n", "250-localhost");
	return true;
}

/* ---- cases --------------------------------------------------------------- */

static void test_delivery(void)
{
	struct buf text = BUF_INIT(TEXT_LIMIT);

	start("--refuse-rcpt=bad@example.org=451 4.2.1 later");
	if (session("starttls_port")) {
		expect("MAIL FROM:<a@b.example>\r\n", "530 ");
		expect_auth("PLAIN", "wrong", "535 ");
		expect_auth("PLAIN", "s3cret", "235 ");
		say("MAIL FROM:<a@b.example> SIZE=9\r\n"
		    "RCPT TO:<c@d.example>\r\nRCPT TO:<BAD@example.org>\r\n"
		    "DATA\r\n");
		expect(NULL, "250 ");
		expect(NULL, "250 ");
		expect(NULL, "451 4.2.1 later");
		expect(NULL, "354 ");
		say("Subject: x\r\n\r\n..dot\r\n\r\n.\r\nQUIT\r\n");
		expect(NULL, "250 ");
		expect(NULL, "221 ");
		tap_is_text(reply(), "", "then the end");
	}
	hang_up();
	tap_ok(read_file("mail/1.eml", &text), "a file was delivered");
	tap_is_text(buf_text(&text), "Subject: x\r\n\r\n.dot\r\n\r\n",
		"byte for byte");
	read_file("mail/1.envelope", &text);
	tap_ok(strstr(buf_text(&text), "tls TLS1.3 "), "the TLS version");
	tap_ok(strstr(buf_text(&text),
		       "\nmechanism PLAIN\nuser me@example.org\n"
		       "from a@b.example\nfrom-parameters SIZE=9\n"
		       "to c@d.example\n"),
		"the envelope");
	tap_ok(!strstr(buf_text(&text), "BAD@"), "without the refused one");
	read_file("transcript", &text);
	tap_ok(strstr(buf_text(&text), "C: MAIL FROM:<a@b.example> SIZE=9\n"),
		"a transcript");
	tap_ok(!strstr(buf_text(&text), "czNjcmV0") &&
			strstr(buf_text(&text), "C: <hidden>"),
		"without the password");
	stop();
	buf_free(&text);
}

static void test_mechanisms(void)
{
	static const char *const names[] = { "LOGIN", "SCRAM-SHA-1",
		"SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS" };

	start("--tls-priorities=NORMAL");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (session("implicit_port")) {
			expect_auth(names[i], "wrong", "535 ");
			expect_auth(names[i], "s3cret", "235 ");
		}
		hang_up();
	}
	stop();
	start("--tls-priorities=NORMAL:-VERS-ALL:+VERS-TLS1.2");
	if (session("implicit_port"))
		expect_auth("SCRAM-SHA-256-PLUS", "s3cret", "235 ");
	hang_up();
	stop();
	start("--scram-forge");
	if (session("implicit_port"))
		expect_auth(
			"SCRAM-SHA-256", "s3cret", "client: refused the ch");
	hang_up();
	stop();
	start("--scram-skip-final");
	if (session("implicit_port"))
		expect_auth(
			"SCRAM-SHA-256", "s3cret", "client: refused the end");
	hang_up();
	stop();
	start("--scram-iterations=100");
	if (session("implicit_port"))
		expect_auth(
			"SCRAM-SHA-256", "s3cret", "client: refused the ch");
	hang_up();
	stop();
	start("--auth-fail=454 4.7.0 try later|--mechanisms=PLAIN");
	if (session("implicit_port")) {
		expect_auth("LOGIN", "s3cret", "504 ");
		expect_auth("PLAIN", "s3cret", "454 4.7.0 try later");
	}
	hang_up();
	stop();
}

static void test_offers(void)
{
	const char *ehlo;

	start("--no-size|--no-pipelining|--no-8bitmime|--no-smtputf8|"
	      "--hide=ENHANCEDSTATUSCODES|--announce=LIMITS RCPTMAX=3|"
	      "--no-starttls|--auth-in-clear|--mechanisms=LOGIN");
	if (tap_ok(dial("starttls_port"), "connects")) {
		expect(NULL, "220 ");
		say("EHLO x\r\n");
		ehlo = reply();
		tap_is_text(ehlo,
			"250-localhost\r\n250-AUTH LOGIN\r\n"
			"250 LIMITS RCPTMAX=3\r\n",
			"offers only that");
		expect_auth("LOGIN", "s3cret", "235 ");
	}
	hang_up();
	stop();
	start("--auth-optional");
	if (session("clear_port")) {
		expect("STARTTLS\r\n", "503 ");
		expect("MAIL FROM:<>\r\n", "250 ");
	}
	hang_up();
	stop();
}

static void test_manners(void)
{
	int64_t begin;

	start("--auth-optional|--greeting=220 hello there|"
	      "--bad-reply=NOOP=\\x32\\x35\\x30 a\\r\\n250 b\\r\\n|"
	      "--refuse-mail=452 4.3.1 full|--delay-ms=RSET=300|"
	      "--drop=VRFY|--close-after=HELP");
	if (tap_ok(dial("clear_port"), "connects")) {
		expect(NULL, "220 hello there\r\n");
		expect("EHLO x\r\n", "250");
		expect("NOOP\r\n", "250 a\r\n");
		expect(NULL, "250 b\r\n");
		begin = clock_now_ms();
		expect("RSET\r\n", "250 ");
		tap_ok(clock_now_ms() - begin >= 300, "after a while");
		expect("MAIL FROM:<a@b.example>\r\n", "452 4.3.1 full");
		expect("VRFY x\r\n", "");
		tap_is_text(reply(), "", "dropped");
	}
	hang_up();
	if (tap_ok(dial("clear_port"), "connects again")) {
		expect(NULL, "220 ");
		expect("HELP\r\n", "214 ");
		tap_is_text(reply(), "", "closed");
	}
	hang_up();
	stop();
	start("--auth-optional|--refuse-data=451 4.3.0 no|--hang=QUIT");
	if (session("clear_port")) {
		expect("MAIL FROM:<a@b.example>\r\n", "250 ");
		expect("RCPT TO:<c@d.example>\r\n", "250 ");
		expect("DATA\r\n", "451 4.3.0 no");
		expect("RSET\r\n", "250 ");
		say("QUIT\r\n");
		tap_is_text(reply(), "", "no answer to QUIT");
	}
	hang_up();
	stop();
	start("--auth-optional|--refuse-dot=554 5.7.1 spam|--drop=BODY|"
	      "--inject-after-starttls=250 ok\\r\\n");
	if (tap_ok(dial("starttls_port"), "connects")) {
		expect(NULL, "220 ");
		expect("EHLO x\r\n", "250");
		expect("STARTTLS\r\n", "220 ");
		expect(NULL, "250 ok");
	}
	hang_up();
	if (session("clear_port")) {
		expect("MAIL FROM:<a@b.example>\r\n", "250 ");
		expect("RCPT TO:<c@d.example>\r\n", "250 ");
		expect("DATA\r\n", "354 ");
		expect("x\r\n", "");
		tap_is_text(reply(), "", "dropped in the body");
	}
	hang_up();
	stop();
	start("--auth-optional|--refuse-dot=554 5.7.1 spam|--size=100");
	if (session("clear_port")) {
		expect("MAIL FROM:<a@b.example> SIZE=101\r\n", "552 ");
		expect("MAIL FROM:<a@b.example>\r\n", "250 ");
		expect("RCPT TO:<c@d.example>\r\n", "250 ");
		expect("DATA\r\n", "354 ");
		expect("x\r\n.\r\n", "554 5.7.1 spam");
	}
	hang_up();
	stop();
}

static const struct {
	const char *kind, *host;
	enum diag_id want;
} certificates[] = {
	{ "good", "localhost", DIAG_NONE },
	{ "good", "127.0.0.1", DIAG_NONE },
	{ "good|--cert-name=mail.example.org", "mail.example.org", DIAG_NONE },
	{ "good|--cert-name=192.0.2.1", "192.0.2.1", DIAG_NONE },
	{ "expired", "localhost", DIAG_TLS_CERTIFICATE },
	{ "future", "localhost", DIAG_TLS_CERTIFICATE },
	{ "wrong-name", "localhost", DIAG_TLS_CERTIFICATE },
	{ "self-signed", "localhost", DIAG_TLS_CERTIFICATE },
	{ "other-ca", "localhost", DIAG_TLS_CERTIFICATE },
	{ "cn-only", "localhost", DIAG_TLS_CERTIFICATE },
	{ "client-only", "localhost", DIAG_TLS_CERTIFICATE },
	{ "weak", "localhost", DIAG_TLS_CERTIFICATE },
};

static void test_certificate(size_t i)
{
	struct diag why = { 0 };

	start(arena_printf(t.arena, "--cert=%s", certificates[i].kind));
	if (tap_ok(dial("implicit_port"), "connects"))
		encrypt(certificates[i].host, &why);
	tap_is_diag(&why, certificates[i].want, certificates[i].kind);
	hang_up();
	stop();
}

/* ---- the script ---------------------------------------------------------- */

static void write_script(const char *text)
{
	FILE *file = fopen(in_folder("script"), "wb");

	fputs(text, file);
	fclose(file);
}

static void start_script(const char *text, const char *more)
{
	write_script(text);
	start(arena_printf(t.arena,
		"--auth-optional|--auth-in-clear|"
		"--script=%s/script%s",
		t.folder, more));
}

/* What is said (NULL: nothing), and how the reply to it begins; "" is the end
 * of the connection.  A "*" dials anew. */
struct step {
	const char *say, *want;
};

enum { STEPS_MAX = 20 };

static const struct script {
	const char *name, *text;
	struct step steps[STEPS_MAX];
} scripts[] = {
	{ "a connection, and how often",
		"# a comment\n\n"
		"CONNECT connection 2 : reply \"421 4.3.2 busy\" close\n"
		"NOOP connection 3- times 1 : reply \"450 {connection}\"\n",
		{ { "*", "220 " }, { "NOOP\r\n", "250 " }, { "*", "421 4.3.2" },
			{ NULL, "" }, { "*", "220 " },
			{ "NOOP\r\n", "450 3\r\n" }, { "NOOP\r\n", "250 " },
			{ "*", "220 " }, { "NOOP\r\n", "250 " } } },
	{ "senders and recipients",
		"MAIL from bad@* : reply \"550 5.7.1 {address}\"\n"
		"MAIL mail 3 : reply \"452 4.3.1 full\"\n"
		"RCPT to SLOW@* : reply \"450 4.2.1 too fast\"\n"
		"RCPT rcpt 4- : reply \"452 4.5.3 {line}\"\n"
		"DOT to c@* : reply \"554 5.7.1 spam\"\n",
		{ { "*", "220 " }, { "EHLO x\r\n", "250" },
			{ "MAIL FROM:<bad@b.example>\r\n", "550 5.7.1 bad@b" },
			{ "MAIL FROM:<a@b.example>\r\n", "250 " },
			{ "RCPT TO:<c@d.example>\r\n", "250 " },
			{ "RCPT TO:<slow@d.example>\r\n", "450 4.2.1 " },
			{ "RCPT TO:<d@d.example>\r\n", "250 " },
			{ "RCPT TO:<e@d.example>\r\n", "452 4.5.3 RCPT TO:<e" },
			{ "DATA\r\n", "354 " }, { "x\r\n.\r\n", "554 5.7.1 s" },
			{ "MAIL FROM:<a@b.example>\r\n", "452 4.3.1 full" } } },
	{ "odd bytes",
		"NOOP nth 1 : bytes \"\\r\\n\\e[31m \\\"\\\\\\x41\\t\\r\\n\"\n"
		"NOOP nth 2 : pass bytes \"421 late\\r\\n\" close\n",
		{ { "*", "220 " }, { "NOOP\r\n", "\r\n" },
			{ NULL, "\033[31m \"\\A\t\r\n" }, { "NOOP\r\n", "250" },
			{ NULL, "421 late" }, { NULL, "" } } },
	{ "wrong order, nothing, a half",
		"NOOP : hold reply \"250 held\"\n"
		"VRFY nth 1 : mute\nVRFY nth 2 : bytes \"2\\n\" close\n",
		{ { "*", "220 " }, { "NOOP\r\nRSET\r\n", "250 2" },
			{ NULL, "250 held" }, { "VRFY x\r\nRSET\r\n", "250 " },
			{ "VRFY x\r\n", "2\n" }, { NULL, "" } } },
	{ "slowly", "NOOP : dribble 1 reply \"250 a\" delay 1\n",
		{ { "*", "220 " }, { "NOOP\r\n", "250 a\r\n" } } },
	{ "what EHLO offers",
		"EHLO connection 1 nth 1 : hide SIZE hide pipelining hide AUTH "
		"hide 8BITMIME hide SMTPUTF8 hide ENHANCEDSTATUSCODES "
		"offer \"X Y\"\n"
		"EHLO connection 1 : reply \"502 5.5.1 what?\"\n",
		{ { "*", "220 " },
			{ "EHLO x\r\n", "250-localhost\r\n250 X Y\r\n" },
			{ "EHLO x\r\n", "502 " }, { "*", "220 " },
			{ "EHLO x\r\n", "250-localhost\r\n250-PIPE" } } },
	{ "behind the dot",
		"BODY size 6- connection 2 : bytes \"421 down\\r\\n\" reset\n"
		"DOT connection 1 : bytes \"\\r\\n250 2.0.0 ok\\r\\n\"\n",
		{ { "*", "220 " }, { "EHLO x\r\n", "250" },
			{ "MAIL FROM:<a@b.example>\r\n", "250 " },
			{ "RCPT TO:<c@d.example>\r\n", "250 " },
			{ "DATA\r\n", "354 " }, { "x\r\n.\r\n", "\r\n" },
			{ NULL, "250 2.0.0 ok" }, { "*", "220 " },
			{ "EHLO x\r\n", "250" },
			{ "MAIL FROM:<a@b.example>\r\n", "250 " },
			{ "RCPT TO:<c@d.example>\r\n", "250 " },
			{ "DATA\r\n", "354 " },
			{ "1234567890\r\n", "421 down" }, { NULL, "" } } },
	{ "354 for nobody", "DATA : reply \"354 go on\"\n",
		{ { "*", "220 " }, { "EHLO x\r\n", "250" },
			{ "MAIL FROM:<a@b.example>\r\n", "250 " },
			{ "DATA\r\n", "354 go on" },
			{ "RSET\r\n.\r\n", "554 " }, { "NOOP\r\n", "250 " } } },
	{ "authentication",
		"AUTH match \"auth plain*\" : reply \"535 {password} "
		"{base64}\"\n"
		"AUTH match \"AUTH LOGIN*\" : reply \"334 VXN\"\n"
		"RESPONSE nth 2 : reply \"334 {base64}\"\n"
		"AUTH match \"AUTH NEW\" : reply \"334 \"\n"
		"RESPONSE nth 4 : reply \"454 4.7.0 later\"\n"
		"VERDICT nth 1 : pass\nVERDICT : reply \"535 no\"\n",
		{ { "*", "220 " }, { "EHLO x\r\n", "250" },
			{ "AUTH PLAIN AGEAYg==\r\n", "535 b AGEAYg==" },
			{ "AUTH LOGIN\r\n", "334 VXN\r\n" },
			{ "bWVAZXhhbXBsZS5vcmc=\r\n", "334 UGFz" },
			{ "czNjcmV0\r\n", "334 czNjcmV0" }, { "*\r\n", "501 " },
			{ "AUTH NEW\r\n", "334 \r\n" },
			{ "*\r\n", "454 4.7.0" }, { "NOOP\r\n", "250 " },
			{ "AUTH CRAM-MD5\r\n", "504 " } } },
	{ "its own verdict", "VERDICT : reply \"535 5.7.8 no\"\n",
		{ { "*", "220 " }, { "EHLO x\r\n", "250" },
			{ "AUTH PLAIN AG1lQGV4YW1wbGUub3JnAHMzY3JldA==\r\n",
				"535 5.7.8 no" },
			{ "RSET\r\n", "250 " } } },
	{ "files and commands",
		"NOOP nth 1 : run \"echo 1 >ran\" touch touched\n"
		"NOOP nth 2 : wait ran wait touched reply \"250 both\"\n",
		{ { "*", "220 " }, { "NOOP\r\n", "250 2" },
			{ "NOOP\r\n", "250 both" } } },
};

static void run_script(const struct script *row)
{
	bool is_open = false;
	start_script(row->text, "");
	for (size_t i = 0; i < STEPS_MAX && row->steps[i].want; i++) {
		const struct step *step = &row->steps[i];

		if (step->say && !strcmp(step->say, "*")) {
			if (is_open)
				hang_up();
			is_open = tap_ok(dial("clear_port"), "connects");
		}
		/* Without the words: some of them are a password. */
		expect_as(
			arena_printf(t.arena, "%s, step %zu", row->name, i + 1),
			step->say && strcmp(step->say, "*") ? step->say : NULL,
			step->want);
		if (!*step->want)
			tap_is_number((int64_t)t.in.length, 0, "the end");
	}
	hang_up();
	stop();
	unlink(in_folder("ran"));
	unlink(in_folder("touched"));
}

static void test_script_nul(void)
{
	start_script("NOOP : bytes \"250 a\\0b\\r\\n\"\n", "");
	if (session("clear_port")) {
		say("NOOP\r\n");
		while (t.in.length < 9 && read_more())
			;
		tap_is_span(buf_span(&t.in), SPAN("250 a\0b\r\n"), "a NUL");
	}
	hang_up();
	stop();
}

static void test_script_anew(void)
{
	start_script("NOOP : reply \"250 one\"\n", "");
	if (session("clear_port"))
		expect("NOOP\r\n", "250 one");
	hang_up();
	write_script("NOOP : reply \"250 two\"\n");
	if (session("clear_port"))
		expect("NOOP\r\n", "250 two");
	hang_up();
	stop();
}

static void test_script_tls(void)
{
	struct diag why = { 0 };

	start_script("TLS connection 1 : cert expired\n"
		     "TLS connection 2 : priorities "
		     "NORMAL:-VERS-ALL:+VERS-TLS1.2 demand-cert\n"
		     "TLS connection 3 : close\n"
		     "NOOP tls : reply \"250 tls\"\n"
		     "NOOP clear : reply \"250 clear\"\n",
		"");
	if (tap_ok(dial("implicit_port"), "connects"))
		encrypt("localhost", &why);
	tap_is_diag(&why, DIAG_TLS_CERTIFICATE, "expired for the first");
	hang_up();
	for (int i = 0; i < 2; i++) {
		if (tap_ok(dial("implicit_port"), "connects"))
			tap_ok(!encrypt("localhost", &why), "no TLS");
		hang_up();
	}
	if (session("implicit_port"))
		expect("NOOP\r\n", "250 tls");
	hang_up();
	if (session("clear_port"))
		expect("NOOP\r\n", "250 clear");
	hang_up();
	stop();
}

/* A mistake is told when the sink starts: 64. */
static void test_script_mistakes(void)
{
	static const char *const texts[] = { "NOOP reply x\n", "NOOP :\n",
		"NOOP : replay x\n", "NOOP : reply\n", "NOOP : reply \"x\n",
		"NOOP nth x : pass\n", "NOOP : delay 1s\n",
		"LONGER-THAN-ANY-VERB : pass\n" };
	int status;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		write_script(texts[i]);
		t.pid = fork();
		if (t.pid == 0) {
			fclose(stderr);
			execl(t.path, t.path, "--clear=0", "--script",
				in_folder("script"), (char *)NULL);
			_exit(127);
		}
		waitpid(t.pid, &status, 0);
		tap_is_number(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 64,
			texts[i]);
	}
}

static void test_ends(void)
{
	int status = 1;

	start("--max-connections=1");
	if (session("clear_port"))
		expect("QUIT\r\n", "221 ");
	hang_up();
	waitpid(t.pid, &status, 0);
	tap_is_number(status, 0, "one connection, and it is gone");
	start("--max-connections=3");
	if (session("clear_port"))
		stop();
	tap_is_text(reply(), "", "SIGTERM ends the connections too");
	hang_up();
}

int main(void)
{
	const char *top = getenv("TOP_BUILDDIR");

	signal(SIGPIPE, SIG_IGN);
	t.arena = arena_new();
	t.in = BUF_INIT(TEXT_LIMIT);
	snprintf(t.path, sizeof t.path, "%s/tests/sink/sink", top ? top : ".");
	snprintf(t.folder, sizeof t.folder, "/tmp/sink_test.XXXXXX");
	if (!mkdtemp(t.folder))
		return 99;
	test_delivery();
	test_mechanisms();
	test_offers();
	test_manners();
	for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++)
		test_certificate(i);
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		run_script(&scripts[i]);
	test_script_nul();
	test_script_anew();
	test_script_tls();
	test_script_mistakes();
	test_ends();
	unlink(in_folder("script"));
	unlink(in_folder("mail/1.eml"));
	unlink(in_folder("mail/1.envelope"));
	rmdir(in_folder("mail"));
	unlink(in_folder("transcript"));
	unlink(in_folder("ports"));
	unlink(in_folder("ca.pem"));
	rmdir(t.folder);
	buf_free(&t.in);
	arena_free(t.arena);
	return tap_done();
}
