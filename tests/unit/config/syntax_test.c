/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The syntax of the configuration. */
#include <config.h>

#include "config/syntax.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* "work(host=mx.example:2 tls=off:3)": what was said, and on which line. */
static void put_account(struct buf *out, const struct account *account)
{
	const char *space = "";

	buf_printf(out, "%s(", account->name);
	for (int i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;

		if (!option_is_said(account, id))
			continue;
		buf_printf(out, "%s%s=", space, option_keyword(id));
		option_put(out, account, id);
		buf_printf(out, ":%u", account->origin[id].line);
		space = " ";
	}
	buf_puts(out, ")");
}

static void put_accounts(
	struct buf *out, struct account *const *accounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, i ? " " : "");
		put_account(out, accounts[i]);
	}
}

#define HOST_EXPECTED "a name or an address alone; the port goes to 'port'"
#define NO_KEYWORD(line)                                                       \
	"f:" #line ": the line begins with no keyword (it is not shown, it "   \
	"may hold a password)"
#define WRAPPED(line)                                                          \
	"f:" #line ": a line that is no setting follows 'password' (it is "    \
	"not shown, it may hold a password)"

struct syntax_row {
	const char *name, *text, *want;
	size_t length; /* of a text with NUL bytes */
	enum dialect dialect;
};

static const struct syntax_row syntax_rows[] = {
	{ "nothing", "", "" },
	{ "comments and empty lines", "# a\n\n \t\n  # b\n", "" },
	{ "a line without an account is the default's", "host mx.example\n",
		"default(host=mx.example:1)" },
	{ "no newline at the end", "host mx.example",
		"default(host=mx.example:1)" },
	{ "CRLF", "account a\r\nhost h\r\nuser u\r\n", "a(host=h:2 user=u:3)" },
	{ "a byte order mark", "\xEF\xBB\xBFhost h\n", "default(host=h:1)" },
	{ "spaces and tabs", "\t host\t  h \t\n", "default(host=h:1)" },
	{ "a value keeps its inner spaces", "from_full_name Ann  B. Cee\n",
		"default(from_full_name=Ann  B. Cee:1)" },
	{ "quotes keep the outer ones", "from_full_name \" Ann \"\n",
		"default(from_full_name= Ann :1)" },
	{ "quotes inside mean nothing", "from_full_name \"A \"B\" C\"\n",
		"default(from_full_name=A \"B\" C:1)" },
	{ "a quote within is a quote", "from_full_name A \"B\"\n",
		"default(from_full_name=A \"B\":1)" },
	{ "an empty pair unsets", "host h\nhost \"\"\n", "default(host=:2)" },
	{ "a keyword alone unsets a text", "host h\nhost\n",
		"default(host=:2)" },
	{ "no comment at the end of a line", "logfile a#b # c\n",
		"default(logfile=a#b # c:1)" },
	{ "nor behind a name, which has no blank", "user a#b # c\n",
		"f:1: the value of user has a comment behind it" },
	{ "a number sign in a name", "user a#b\n", "default(user=a#b:1)" },
	{ "a quote without its sister", "user \"a\n",
		"f:1: the value of user begins with a double quote that does "
		"not end" },
	{ "only one quote", "user \"\n",
		"f:1: the value of user begins with a double quote that does "
		"not end" },
	{ "msmtp takes it as it is", "user \"a\n", "default(user=\"a:1)", 0,
		DIALECT_MSMTP },
	{ "the last of two lines counts", "port 1\nport 2\n",
		"default(port=2:2)" },

	{ "defaults", "defaults\nport 26\naccount a\nhost h\naccount b\n",
		"a(host=h:4 port=26:2) b(port=26:2)" },
	{ "defaults only for what comes later",
		"account a\nhost h\ndefaults\nport 26\naccount b\n",
		"a(host=h:2) b(port=26:4)" },
	{ "defaults with a value", "defaults x\n",
		"f:1: defaults takes no value" },
	{ "an account of another", "account a\nhost h\naccount b : a\nport 1\n",
		"a(host=h:2) b(host=h:2 port=1:4)" },
	{ "of several: the last wins",
		"account a\nhost h\nuser u\naccount b\nhost i\n"
		"account c : a, b\n",
		"a(host=h:2 user=u:3) b(host=i:5) c(host=i:5 user=u:3)" },
	{ "the colon may stick", "account a\nhost h\naccount b:a\n",
		"a(host=h:2) b(host=h:2)" },
	{ "a parent's secret", "account a\npassword p\naccount b : a\n",
		"a(password=********:2) b(password=********:2)" },
	{ "a default's secret", "defaults\npassword p\naccount b\n",
		"b(password=********:2)" },
	{ "a child can take it back",
		"account a\npassword p\naccount b : a\npassword\n",
		"a(password=********:2) b(password=:4)" },
	{ "an unknown parent", "account b : a\n",
		"f:1: there is no account 'a' in f" },
	{ "a parent that comes later", "account b : a\naccount a\n",
		"f:1: there is no account 'a' in f" },
	{ "its own parent", "account a : a\n",
		"f:1: there is no account 'a' in f" },
	{ "an empty parent", "account a\naccount b : a,,\n",
		"f:2: there is no account '' in f" },
	{ "a colon and nothing", "account b :\n",
		"f:1: account NAME : needs a value" },
	{ "twice the same name", "account a\naccount a\n",
		"f:2: the account 'a' is defined twice" },
	{ "a default after the implied one", "host h\naccount default\n",
		"f:2: the account 'default' is defined twice" },
	{ "no name", "account\n", "f:1: '' is no name for an account" },
	{ "a name with a space", "account my mail\n",
		"f:1: 'my \xE2\x80\xA6' is no name for an account" },
	{ "a name with a comma", "account a,b\n",
		"f:1: 'a,b' is no name for an account" },
	{ "names know case", "account a\naccount A\n", "a() A()" },

	{ "an unknown keyword", "frobnicate 1\n",
		"f:1: unknown keyword 'frobnicate'" },
	{ "one that is near", "# x\nusr ann\n",
		"f:2: unknown keyword 'usr' (did you mean 'user'?)" },
	{ "in capitals", "Host h\n",
		"f:1: unknown keyword 'Host' (did you mean 'host'?)" },
	{ "near a second word", "account a\nhost h\npasswrdeval pass\n",
		"f:3: unknown keyword 'passwrdeval' (did you mean "
		"'passwordeval'?)" },
	{ "eval", "account a\neval echo host h\nport 1\n",
		"a(host=h:2 port=1:3)" },
	{ "eval: a password", "eval printf 'password p\\r\\nhost h\\n'\n",
		"default(password=********:1)" },
	{ "eval: in quotes", "eval \"echo host h | tr h i\"\n",
		"f:1: unknown keyword 'iost' (did you mean 'host'?)" },
	{ "eval: a structure", "eval echo account b\nhost h\n", "b(host=h:2)" },
	{ "eval: without our input", "eval cat; echo host h\n",
		"default(host=h:1)" },
	{ "eval: alone", "eval\n", "f:1: eval needs a value" },
	{ "eval: it fails", "# x\neval echo host h; exit 3\n",
		"f:2: the command of eval failed: its exit status is 3" },
	{ "eval: it is killed", "eval kill -9 $$\n",
		"f:1: the command of eval failed: it was killed by signal 9" },
	{ "eval: it says nothing", "eval true\n",
		"f:1: the command of eval failed: it printed nothing" },
	{ "eval: it says too much", "eval yes 2>/dev/null\n",
		"f:1: the command of eval failed: it printed more than 65536 "
		"bytes" },
	{ "eval: within eval", "eval echo eval echo host h\n",
		"f:1: the command of eval failed: it printed another eval" },
	{ "eval: a NUL", "eval printf 'host a\\000b\\n'\n",
		"f:1: a NUL byte in the configuration" },
	{ "a protocol: unknown", "protocol qmqp\n",
		"f:1: protocol does not take 'qmqp': smtp, lmtp" },
	{ "an extension: unknown", "ehlo_ignore PIPLINING\n",
		"f:1: ehlo_ignore does not take 'PIPLINING': a list of "
		"STARTTLS, AUTH, PIPELINING, SIZE, 8BITMIME, "
		"ENHANCEDSTATUSCODES, SMTPUTF8, DSN, CHUNKING, LIMITS, "
		"REQUIRETLS, ETRN" },
	{ "extensions", "ehlo_ignore CHUNKING, pipelining\n",
		"default(ehlo_ignore=CHUNKING, pipelining:1)" },
	{ "an expansion stays as it is", "from %U@example.org\n",
		"default(from=%U@example.org:1)" },
	{ "a percent sign", "from a%b@example.org\n",
		"default(from=a%b@example.org:1)" },
	{ "a control character", "user a\001b\n",
		"f:1: user does not take 'a\\x01b': no control characters are "
		"allowed" },
	{ "in a host", "host a\001b\n",
		"f:1: host does not take 'a\\x01b': " HOST_EXPECTED },
	{ "a NUL", "host a\0b\n", "f:1: a NUL byte in the configuration", 9 },
	{ "a NUL in a comment", "# \0\nhost h\n",
		"f:1: a NUL byte in the configuration", 11 },
	{ "a bare carriage return", "user a\rb\n",
		"f:1: user does not take 'a b': no control characters are "
		"allowed" },

	/* Lines that other programs want, with what may be a password. */
	{ "key=value", "host h\npassword=S3cret\n",
		"f:2: 'password' is followed by '=', where a blank belongs: "
		"write 'password VALUE'" },
	{ "key:value", "password:S3cret\n",
		"f:1: 'password' is followed by ':', where a blank belongs: "
		"write 'password VALUE'" },
	{ "key = value", "host = h\n",
		"f:1: 'host' is followed by '=', where a blank belongs: write "
		"'host VALUE'" },
	{ "key : value, in msmtp's", "host : h\n",
		"f:1: 'host' is followed by ':', where a blank belongs: write "
		"'host VALUE'",
		0, DIALECT_MSMTP },
	{ "account = NAME", "account = work\n",
		"f:1: 'account' is followed by '=', where a blank belongs: "
		"write 'account VALUE'" },
	{ "a password that begins so", "password =x\n",
		"default(password=********:1)" },
	{ "one in quotes", "password \"= x\"\n",
		"default(password=********:1)" },
	{ "ssmtp's word", "AuthPass=S3cret\n",
		"f:1: 'AuthPass' is followed by '=', where a blank belongs: "
		"write 'password VALUE'" },
	{ "ssmtp's word alone", "AuthPass S3cret\n",
		"f:1: unknown keyword 'AuthPass' (did you mean "
		"'password'?)" },
	{ "a no-break space", "password\xC2\xA0S3cret\n",
		"f:1: 'password' is followed by a blank of another kind "
		"(no-break space), where a blank belongs: write 'password "
		"VALUE'" },
	{ "before the value", "user \xE2\x80\x89 ann\n",
		"f:1: 'user' is followed by a blank of another kind (no-break "
		"space), where a blank belongs: write 'user VALUE'" },
	{ "behind the value", "user ann\xC2\xA0\n",
		"f:1: the value of user begins or ends with a blank of another "
		"kind (no-break space)" },
	{ "quotes of a word processor", "user \xE2\x80\x9C\x61\xE2\x80\x9D\n",
		"f:1: the value of user begins or ends with a typographic "
		"quotation mark" },
	{ "but in a password", "password p\xC2\xA0\n",
		"default(password=********:1)" },
	{ "in front of the keyword", "\xC2\xA0host h\n", NO_KEYWORD(1) },
	{ "no blank", "passwordS3cret\n", NO_KEYWORD(1) },
	{ "no keyword at all", "user a\nS3cret\n", NO_KEYWORD(2) },
	{ "nor one that looks so", "user a\nsecretword\n", NO_KEYWORD(2) },
	{ "a word of a passphrase", "user a\nS3 cret\n", NO_KEYWORD(2) },
	{ "a wrapped password", "password\n\tS3cret\n", WRAPPED(2) },
	{ "wrapped: it looks like a keyword", "password\n hots abc\n",
		WRAPPED(2) },
	{ "wrapped: the rest of it", "password abcd\n efgh ijkl\n",
		WRAPPED(2) },
	{ "wrapped with a backslash", "password \\\n\n secret word\n",
		WRAPPED(3) },
	{ "a misspelt line behind a password", "password p\nusr ann\n",
		"f:2: unknown keyword 'usr' (did you mean 'user'?)" },
	{ "a section", "[default]\nhost h\n", "f:1: a line begins with '['" },
	{ "a comment behind quotes", "password \"a #9\" # mine\n",
		"f:1: text follows the closing quote of the value of "
		"password" },
	{ "a comment behind a value", "port 587 # secret\n",
		"f:1: port does not take '587 \xE2\x80\xA6': a number from 1 "
		"to 65535" },
	{ "netrc's one line", "account a user u password S3cret\n",
		"f:1: 'a \xE2\x80\xA6' is no name for an account" },
	{ "with parents", "account b\naccount a : b password S3cret\n",
		"f:2: 'b \xE2\x80\xA6' is no name for an account" },
	{ "host: a port", "host mx:587\n",
		"f:1: host does not take 'mx:587': " HOST_EXPECTED },
	{ "host: a scheme", "host smtp://mx\n",
		"f:1: host does not take 'smtp://mx': " HOST_EXPECTED },
	{ "host: a login", "host ann:S3cret@mx\n",
		"f:1: host does not take '********': " HOST_EXPECTED },
	{ "host: more", "host mx password S3cret\n",
		"f:1: host does not take 'mx \xE2\x80\xA6': " HOST_EXPECTED },
	{ "host: IPv6", "host ::1\nproxy_host [::1]\n",
		"default(host=::1:1 proxy_host=[::1]:2)" },
	{ "UTF-16", "\xFF\xFEh\0", "f:1: the configuration is UTF-16 text", 4 },
	{ "UTF-16 without a mark", "\0h\0o",
		"f:1: the configuration is UTF-16 text", 4 },
};

static void put_diag(struct buf *out, const struct diag *why)
{
	diag_sentence(why, false, out);
}

static void parse_text(struct span text, enum dialect dialect, struct buf *out)
{
	struct arena *arena = arena_new();
	struct account_list list;
	const struct config_text source = {
		.text = text, .name = "f", .dialect = dialect, .may_run = true
	};
	struct diag why = { .id = DIAG_NONE };

	if (config_parse(&source, arena, &list, &why))
		put_accounts(out, list.items, list.count);
	else
		put_diag(out, &why);
	config_wipe_list(&list);
	arena_free(arena);
}

static void test_syntax(void)
{
	for (size_t i = 0; i < COUNT(syntax_rows); i++) {
		const struct syntax_row *row = &syntax_rows[i];
		struct buf got = BUF_INIT(10000);

		parse_text(
			span_make(row->text,
				row->length ? row->length : strlen(row->text)),
			row->dialect, &got);
		tap_is_text(buf_text(&got), row->want, row->name);
		buf_free(&got);
	}
}

static void test_line_limit(size_t length, const char *want, const char *name)
{
	struct buf text = BUF_INIT(2 * CONFIG_LINE_LIMIT);
	struct buf got = BUF_INIT(2 * CONFIG_LINE_LIMIT);

	buf_puts(&text, "# one\npassword ");
	while (text.length < length + 6)
		buf_put_byte(&text, 'x');
	buf_puts(&text, "\nhost h\n");
	parse_text(buf_span(&text), DIALECT_MAILCHUTE, &got);
	tap_is_text(buf_text(&got), want, name);
	buf_free(&text);
	buf_free(&got);
}

static void test_account_limit(void)
{
	struct buf text = BUF_INIT(4 * 1024 * 1024);
	struct arena *arena = arena_new();
	struct account_list list;
	struct config_text source = { .name = "f" };
	struct diag why = { .id = DIAG_NONE };
	struct buf got = BUF_INIT(1000);

	for (int i = 0; i <= CONFIG_ACCOUNTS_LIMIT; i++)
		buf_printf(&text, "account a%d\n", i);
	source.text = buf_span(&text);
	tap_ok(!config_parse(&source, arena, &list, &why) &&
			list.count == CONFIG_ACCOUNTS_LIMIT,
		"100,000 accounts, and no more");
	put_diag(&got, &why);
	tap_is_text(buf_text(&got),
		"f:100001: account does not take 'a100000': "
		"a file has at most 100000 accounts",
		"too many accounts");
	arena_free(arena);
	buf_free(&text);
	buf_free(&got);
}

int main(void)
{
	test_syntax();
	test_line_limit(CONFIG_LINE_LIMIT,
		"default(host=h:3 password=********:2)", "the longest line");
	test_line_limit(CONFIG_LINE_LIMIT + 1,
		"f:2: a line of more than 65536 bytes", "a line too long");
	test_account_limit();
	return tap_done();
}
