/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: every sendmail letter in every spelling, the fence, the
 * long options, and what is refused. */
#include <config.h>

#include "config/argv.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

static const char *const verbs[] = { "send", "queue", "config", NULL };

struct row {
	const char *name;
	const char *words[WORDS_MAX]; /* the first is argv[0] */
	const char *want;
};

static void put_flags(struct buf *out, const struct request *request)
{
	static const char *const manners[] = { "", "sendmail ", "msmtp " };
	static const char *const modes[] = { "submit", "smtp", "list",
		"aliases", "run", "etrn", "serverinfo", "configure", "nothing",
		"help", "version", "verb" };
	static const char *const delivery[] = { "", " background", " now",
		" queue" };

	buf_printf(out, "%s%s%s", manners[request->manner],
		request->is_fenced ? "fenced " : "", modes[request->mode]);
	buf_puts(out, request->read_recipients ? " t" : "");
	buf_puts(out, request->ignore_dot ? " i" : "");
	buf_puts(out, request->wants_smtputf8 ? " smtputf8" : "");
	buf_puts(out, request->no_aliases ? " n" : "");
	buf_puts(out, request->debug ? " debug" : "");
	buf_puts(out, request->may_have_meant_t ? " t?" : "");
	buf_puts(out, request->errors == REQUEST_ERRORS_QUIET ? " quiet" : "");
	buf_puts(out, delivery[request->delivery]);
}

static void put_text(struct buf *out, const char *name, const char *value)
{
	if (value)
		buf_printf(out, " %s=%s", name, value);
}

static void put_request(struct buf *out, const struct request *request)
{
	put_flags(out, request);
	put_text(out, "verb", request->verb);
	put_text(out, "file", request->config_file);
	put_text(out, "account", request->account);
	if (request->has_sender)
		put_text(out, "sender", request->sender);
	put_text(out, "name", request->full_name);
	put_text(out, "notify", request->dsn_notify);
	put_text(out, "return", request->dsn_return);
	put_text(out, "envid", request->dsn_envid);
	put_text(out, "tag", request->log_tag);
	if (request->hop_count)
		buf_printf(out, " hops=%ld", request->hop_count);
	for (size_t i = 0; i < request->setting_count; i++)
		buf_printf(out, " %s=%s",
			option_keyword(request->settings[i].id),
			request->settings[i].value ? request->settings[i].value
						   : "(alone)");
	for (size_t i = 0; i < request->operand_count; i++)
		buf_printf(out, " [%s]", request->operands[i]);
	for (size_t i = 0; i < request->warning_count; i++) {
		buf_puts(out, " warning: ");
		diag_sentence(&request->warnings[i], false, out);
	}
}

static void parse(const struct row *row, struct buf *out)
{
	struct arena *arena = arena_new();
	char *argv[WORDS_MAX + 1] = { NULL };
	struct request request;
	struct diag why = { .id = DIAG_NONE };
	int argc = 0;

	while (argc < WORDS_MAX && row->words[argc]) {
		argv[argc] = arena_strdup(arena, row->words[argc]);
		argc++;
	}
	if (argv_parse(argc, argv, verbs, arena, &request, &why)) {
		put_request(out, &request);
	} else {
		buf_printf(out, "%d: ", why.exit_code);
		diag_sentence(&why, false, out);
	}
	arena_free(arena);
}

#define S "/usr/sbin/sendmail"
#define M "mailchute"
#define R(name, want, ...)                                                     \
	{                                                                      \
		name, { __VA_ARGS__ }, want                                    \
	}

/* callers.md section 1, in its order, in all spellings. */
static const struct row sendmail_rows[] = {
	R("-t", "sendmail submit t", S, "-t"),
	R("-t and addresses", "sendmail submit t [a@x] [b@x]", S, "-t", "a@x",
		"b@x"),
	R("-i", "sendmail submit i [a@x]", S, "-i", "a@x"),
	R("-oi", "sendmail submit i [a@x]", S, "-oi", "a@x"),
	R("-oitrue", "sendmail submit i [a@x]", S, "-oitrue", "a@x"),
	R("-f a", "sendmail submit sender=a@x [b@x]", S, "-f", "a@x", "b@x"),
	R("-fa", "sendmail submit sender=a@x [b@x]", S, "-fa@x", "b@x"),
	R("-f with a name", "sendmail submit sender=Ann <a@x> [b@x]", S, "-f",
		"Ann <a@x>", "b@x"),
	R("-f <>", "sendmail submit sender=<> [b@x]", S, "-f", "<>", "b@x"),
	R("-f with an empty word", "sendmail submit sender= [b@x]", S, "-f", "",
		"b@x"),
	R("-f twice: the last counts", "sendmail submit sender=b@x", S, "-fa@x",
		"-fb@x"),
	R("-r a", "sendmail submit sender=a@x [b@x]", S, "-r", "a@x", "b@x"),
	R("-ra", "sendmail submit sender=a@x [b@x]", S, "-ra@x", "b@x"),
	R("-F name", "sendmail submit name=Cron Daemon [root]", S, "-F",
		"Cron Daemon", "root"),
	R("-Fname", "sendmail submit i name=CronDaemon [root]", S,
		"-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"),
	R("-F with an empty word", "sendmail submit name= [root]", S, "-F", "",
		"root"),
	R("-N list", "sendmail submit notify=SUCCESS,FAILURE [a@x]", S, "-N",
		"success,failure", "a@x"),
	R("-Nnever", "sendmail submit notify=NEVER [a@x]", S, "-Nnever", "a@x"),
	R("-N takes no recipient, as Exim's has none",
		"64: option -N does not take 'a@x': it takes never, or a list "
		"of failure, delay, success; Exim's -N takes nothing",
		S, "-N", "a@x", "b@x"),
	R("-R hdrs", "sendmail submit return=HDRS [a@x]", S, "-R", "hdrs",
		"a@x"),
	R("-Rfull", "sendmail submit return=FULL [a@x]", S, "-Rfull", "a@x"),
	R("-R with a wrong value",
		"64: option -R does not take 'half': it takes hdrs or full, "
		"what a report returns; a part of the queue is -qR",
		S, "-R", "half", "a@x"),
	R("-V id", "sendmail submit envid=QQ314 [a@x]", S, "-V", "QQ314",
		"a@x"),
	R("-Vid", "sendmail submit envid=QQ314 [a@x]", S, "-VQQ314", "a@x"),
	R("-V padded as Sympa does", "sendmail submit envid=X12 [a@x]", S,
		"-V     X12", "a@x"),
	R("-V in xtext", "sendmail submit envid=a+b [a@x]", S, "-V", "a+2Bb",
		"a@x"),
	R("-V takes no recipient, as Postfix's has none",
		"64: option -V does not take 'a@x': it takes an envelope id; "
		"VERP, which Postfix's -V and -XV ask for, is not done",
		S, "-V", "a@x", "b@x"),
	R("-V and VERP's delimiters",
		"64: option -V does not take '+=': it takes an envelope id; "
		"VERP, which Postfix's -V and -XV ask for, is not done",
		S, "-V+=", "b@x"),
	R("-XV is no file",
		"64: option -X is not allowed here: VERP, which Postfix's -XV "
		"asks for, is not done",
		S, "-XV", "b@x"),
	R("-V with a space",
		"sendmail submit [a@x] warning: option -V does not take 'a b': "
		"xtext of at most 100 characters (RFC 3461)",
		S, "-V", "a b", "a@x"),
	R("-V that is no xtext is a warning",
		"sendmail submit [a@x] warning: option -V does not take 'a+b': "
		"xtext of at most 100 characters (RFC 3461)",
		S, "-V", "a+b", "a@x"),
	R("-B 8BITMIME", "sendmail submit [a@x]", S, "-B", "8BITMIME", "a@x"),
	R("-B7BIT", "sendmail submit [a@x]", S, "-B7BIT", "a@x"),
	R("-B of no known type", "sendmail submit [a@x]", S, "-B", "odd",
		"a@x"),
	R("-O name=value", "sendmail submit queue [a@x]", S, "-O",
		"DeliveryMode=q", "a@x"),
	R("-Oname=value", "sendmail submit quiet [a@x]", S, "-OErrorMode=quiet",
		"a@x"),
	R("-O of no meaning", "sendmail submit [a@x]", S, "-O",
		"QueueDirectory=/tmp", "a@x"),
	R("-odb", "sendmail submit background [a@x]", S, "-odb", "a@x"),
	R("-odi", "sendmail submit now [a@x]", S, "-odi", "a@x"),
	R("-odf", "sendmail submit now [a@x]", S, "-odf", "a@x"),
	R("-odq", "sendmail submit queue [a@x]", S, "-odq", "a@x"),
	R("-odd", "sendmail submit queue [a@x]", S, "-odd", "a@x"),
	R("-oem", "sendmail submit [a@x]", S, "-oem", "a@x"),
	R("-oep", "sendmail submit [a@x]", S, "-oep", "a@x"),
	R("-oeq", "sendmail submit quiet [a@x]", S, "-oeq", "a@x"),
	R("-oew", "sendmail submit [a@x]", S, "-oew", "a@x"),
	R("-oee", "sendmail submit quiet [a@x]", S, "-oee", "a@x"),
	R("-em", "sendmail submit [a@x]", S, "-em", "a@x"),
	R("-eq", "sendmail submit quiet [a@x]", S, "-eq", "a@x"),
	R("-ee", "sendmail submit quiet [a@x]", S, "-ee", "a@x"),
	R("-e takes no address for its value",
		"64: option -e does not take 'a@x': m, p, q, w, e", S, "-e",
		"a@x"),
	R("-oAfile", "sendmail submit [a@x]", S, "-oA/etc/aliases", "a@x"),
	R("-oA file", "sendmail submit [a@x]", S, "-oA", "/etc/aliases", "a@x"),
	R("-om", "sendmail submit [a@x]", S, "-om", "a@x"),
	R("-m", "sendmail submit [a@x]", S, "-m", "a@x"),
	R("-oo -o7 -o8 -or0s -oQ/tmp", "sendmail submit [a@x]", S, "-oo", "-o7",
		"-o8", "-or0s", "-oQ/tmp", "a@x"),
	R("-oeml", "sendmail submit [a@x]", S, "-oeml", "a@x"),
	R("-o i", "sendmail submit i [a@x]", S, "-o", "i", "a@x"),
	R("-o 7, -o em", "sendmail submit [a@x]", S, "-o", "7", "-o", "em",
		"a@x"),
	R("-o takes no address", "64: option -o needs a value", S, "-o", "a@x"),
	R("-o takes no name", "64: option -o needs a value", S, "-o", "bob"),
	R("-O requiretls", "sendmail submit requiretls=on [a@x]", S, "-O",
		"requiretls=yes", "a@x"),
	R("-O requiretls=no takes no promise away", "sendmail submit [a@x]", S,
		"-O", "requiretls=no", "a@x"),
	R("-O requiretls=odd",
		"64: option -O does not take 'requiretls=odd': it is yes or no",
		S, "-O", "requiretls=odd", "a@x"),
	R("-O smtputf8", "sendmail submit smtputf8 [a@x]", S, "-OSMTPUTF8=yes",
		"a@x"),
	/* Nothing drops a message and ends well. */
	R("-t and -bp", "64: options -bp and -t exclude each other", S, "-t",
		"-bp"),
	R("-I and -i", "64: options -I and -i exclude each other", S, "-I",
		"-i"),
	R("-bh and an address", "64: options -bh and a@x exclude each other", S,
		"-bh", "a@x"),
	R("-t and --help", "64: options --help and -t exclude each other", S,
		"-t", "--help"),
	R("--help and -t", "64: options --help and -t exclude each other", S,
		"--help", "-X", "f", "-t"),
	R("-t and -d0.1", "64: options -d and -t exclude each other", S, "-ti",
		"-d0.1"),
	R("-bs and -q", "64: options -q and -bs exclude each other", S, "-bs",
		"-q"),
	R("the last mode counts", "sendmail submit t", S, "-bp", "-bm", "-t"),
	R("-bm", "sendmail submit [a@x]", S, "-bm", "a@x"),
	R("-bs", "sendmail smtp", S, "-bs"),
	R("-bs -i -t", "sendmail smtp t i", S, "-bs", "-i", "-t"),
	R("-bp", "sendmail list", S, "-bp"),
	R("mailq", "sendmail list", "/usr/bin/mailq"),
	R("mailq -v", "sendmail list debug", "mailq", "-v"),
	R("-bi", "sendmail aliases", S, "-bi"),
	R("-I", "sendmail aliases", S, "-I"),
	R("newaliases", "sendmail aliases", "newaliases"),
	R("runq", "sendmail run", "runq"),
	R("send-mail", "sendmail submit [a@x]", "send-mail", "a@x"),
	R("sendmail.mailchute", "sendmail submit [a@x]", "sendmail.mailchute",
		"a@x"),
	R("-bv",
		"64: option -bv is not allowed here: addresses are not "
		"verified, and nothing is sent",
		S, "-bv", "a@x"),
	R("-bt",
		"64: option -bt is not allowed here: there are no rewriting "
		"rules to test",
		S, "-bt"),
	R("-bd", "64: option -bd is not allowed here: this is no daemon", S,
		"-bd"),
	R("-bD", "64: option -bD is not allowed here: this is no daemon", S,
		"-bD"),
	R("-bl", "64: option -bl is not allowed here: this is no daemon", S,
		"-bl"),
	R("-ba",
		"64: option -ba is not allowed here: ARPANET mode is of the "
		"past",
		S, "-ba"),
	R("-bP", "64: option -bP is not allowed here: there is no such queue",
		S, "-bP"),
	R("-bz",
		"64: option -bz is not allowed here: there is no "
		"configuration to freeze",
		S, "-bz"),
	R("-bh", "sendmail nothing", S, "-bh"),
	R("-bH", "sendmail nothing", S, "-bH"),
	R("-bx", "64: unknown option -bx", S, "-bx"),
	R("-bmt", "64: unknown option -bmt", S, "-bmt"),
	R("-b alone", "64: option -b needs a value", S, "-b", "m"),
	R("-q", "sendmail run", S, "-q"),
	R("-q takes no word", "64: options -q and a@x exclude each other", S,
		"-q", "a@x"),
	R("-q30m", "sendmail run", S, "-q30m"),
	R("-qf", "sendmail run", S, "-qf"),
	R("-qRexample", "sendmail run", S, "-qRexample.org"),
	R("-v", "sendmail submit debug [a@x]", S, "-v", "a@x"),
	R("-d0.1", "sendmail version", S, "-d0.1", "-bv", "root"),
	R("-X file",
		"64: option -X is not allowed here: a caller chooses no "
		"file to write",
		S, "-X", "/tmp/log", "a@x"),
	R("-Xfile",
		"64: option -X is not allowed here: a caller chooses no "
		"file to write",
		S, "-X/tmp/log", "a@x"),
	R("-C file",
		"64: option -C is not allowed here: a caller chooses no "
		"configuration",
		S, "-C", "/tmp/rc", "a@x"),
	R("-Cfile",
		"64: option -C is not allowed here: a caller chooses no "
		"configuration",
		S, "-C/tmp/rc", "a@x"),
	R("-D",
		"64: option -D is not allowed here: a caller chooses no file "
		"to write",
		S, "-D", "/tmp/x", "a@x"),
	R("-Ac", "sendmail submit [a@x]", S, "-Ac", "a@x"),
	R("-Am", "sendmail submit [a@x]", S, "-Am", "a@x"),
	R("-A c", "sendmail submit [a@x]", S, "-A", "c", "a@x"),
	R("-G", "sendmail submit [a@x]", S, "-G", "a@x"),
	R("-h n", "sendmail submit hops=17 [a@x]", S, "-h", "17", "a@x"),
	R("-hn", "sendmail submit hops=50 [a@x]", S, "-h50", "a@x"),
	R("-h of a loop",
		"69: the message has passed 51 hosts: it runs in circles", S,
		"-h51", "a@x"),
	R("-h without a number", "64: option -h does not take 'many': a number",
		S, "-h", "many"),
	R("-L tag", "sendmail submit tag=backup [a@x]", S, "-L", "backup",
		"a@x"),
	R("-Ltag", "sendmail submit tag=backup [a@x]", S, "-Lbackup", "a@x"),
	R("-n", "sendmail submit n [a@x]", S, "-n", "a@x"),
	R("-p proto:host", "sendmail submit [a@x]", S, "-p", "SMTP:news",
		"a@x"),
	R("-pproto:host", "sendmail submit [a@x]", S, "-pSMTP:news", "a@x"),
	R("-U", "sendmail submit [a@x]", S, "-U", "a@x"),
	R("-s",
		"64: option -s is not allowed here: a subject is given as "
		"'mailchute send -s'",
		S, "-s", "Backup", "a@x"),
	R("-x", "sendmail submit [a@x]", S, "-x", "a@x"),
	R("-c", "sendmail submit [a@x]", S, "-c", "a@x"),
	R("-T", "64: option -T is not allowed here: it is of the past", S,
		"-T"),
	R("-M", "64: option -M is not allowed here: it is of the past", S, "-M",
		"x"),
	R("-E", "64: option -E is not allowed here: it is of the past", S,
		"-E"),
	R("-J", "64: option -J is not allowed here: it is of the past", S,
		"-J"),
	R("-Q", "64: option -Q is not allowed here: it is of the past", S,
		"-Q"),
	R("--", "sendmail submit i [-a@x] [--help]", S, "-i", "--", "-a@x",
		"--help"),
	R("-- after an address", "sendmail submit [a@x] [-b@x]", S, "a@x", "--",
		"-b@x"),
	R("-ti", "sendmail submit t i", S, "-ti"),
	R("-it", "sendmail submit t i", S, "-it"),
	R("-tif a", "sendmail submit t i sender=a@x [b@x]", S, "-tif", "a@x",
		"b@x"),
	R("-tifa", "sendmail submit t i sender=a@x", S, "-tifa@x"),
	R("-oit is -oi", "sendmail submit i t?", S, "-oit"),
	R("an option after an address", "64: option -f after an address", S,
		"a@x", "-f", "b@x"),
	R("ssmtp's password after an address", "64: option -a after an address",
		S, "a@x", "-apS3cret"),
	R("a lone dash is a word", "sendmail submit [a@x] [-]", S, "a@x", "-"),
	R("lists and names stay whole", "sendmail submit [a@x,b@x] [A <a@x>]",
		S, "a@x,b@x", "A <a@x>"),
	R("an empty word stays", "sendmail submit []", S, ""),
	R("--version", "sendmail version", S, "--version"),
	R("--help", "sendmail help", S, "--help", "-X"),
	R("no other long option", "64: unknown option --account", S,
		"--account=work", "a@x"),
	R("no keyword", "64: unknown option --host", S, "--host=evil.example",
		"a@x"),
	R("no -a", "64: unknown option -a", S, "-a", "work", "a@x"),
	R("an unknown letter", "64: unknown option -w", S, "-w"),
	R("an unknown letter in a cluster", "64: unknown option -w", S, "-tiw"),
	R("-f at the end", "64: option -f needs a value", S, "-t", "-f"),
	R("no words", "sendmail submit", S),
	R("a verb is an address", "sendmail submit [queue]", S, "queue"),
};

/* callers.tsv: what programs really say. */
static const struct row caller_rows[] = {
	R("cronie", "sendmail submit t i now sender=root name=CronDaemon", S,
		"-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f",
		"root"),
	R("anacron", "sendmail submit now name=Anacron [root]", S, "-FAnacron",
		"-odi", "root"),
	R("PHP with a fifth parameter",
		"sendmail submit t i sender=bounce@host.example", S, "-t", "-i",
		"-fbounce@host.example"),
	R("git send-email", "sendmail submit i sender=a@x [b@x] [c@x]", S, "-f",
		"a@x", "-i", "b@x", "c@x"),
	R("mutt", "sendmail submit i [a@x] [b@x]", S, "-oem", "-oi",
		"-B8BITMIME", "--", "a@x", "b@x"),
	R("slrn", "sendmail submit t i background", "/usr/lib/sendmail", "-oi",
		"-t", "-oem", "-odb"),
	R("Ruby's mail", "sendmail submit i sender=a@x [b@x]", S, "-i", "-f",
		"a@x", "--", "b@x"),
	R("Emacs", "sendmail submit t i background sender=a@x", S, "-i", "-f",
		"a@x", "-oA/home/a/.mailrc", "-odb", "-oem", "-t"),
};

static const struct row own_rows[] = {
	R("addresses", "submit [a@x]", M, "a@x"),
	R("another name", "submit [a@x]", "mail-out", "a@x"),
	R("-a and letters", "submit t account=work", M, "-a", "work", "-t"),
	R("-awork", "submit t account=work", M, "-awork", "-t"),
	R("-C", "submit file=/tmp/rc [a@x]", M, "-C", "/tmp/rc", "a@x"),
	R("--file", "submit file=/tmp/rc [a@x]", M, "--file=/tmp/rc", "a@x"),
	R("--account with a word", "submit account=work [a@x]", M, "--account",
		"work", "a@x"),
	R("--account=", "64: option --account needs a value", M, "--account="),
	R("-C with an empty word", "64: option -C needs a value", M, "-C", ""),
	R("keywords", "submit host=mx.example port=465 [a@x]", M,
		"--host=mx.example", "--port=465", "a@x"),
	R("a keyword and a word", "submit host=mx.example [a@x]", M, "--host",
		"mx.example", "a@x"),
	R("on can be left out", "submit tls=(alone) [a@x]", M, "--tls", "a@x"),
	R("off cannot", "submit tls=off [a@x]", M, "--tls=off", "a@x"),
	R("dash for underscore", "submit tls_starttls=off [a@x]", M,
		"--tls-starttls=off", "a@x"),
	R("another name of a keyword", "submit timeout=7 [a@x]", M,
		"--connect-timeout=7", "a@x"),
	R("an old spelling", "submit remove_bcc_headers=off [a@x]", M,
		"--keepbcc", "a@x"),
	R("an old spelling, off", "submit remove_bcc_headers=on [a@x]", M,
		"--keepbcc=off", "a@x"),
	R("an old spelling, wrong",
		"64: option --keepbcc does not take 'no': on or off", M,
		"--keepbcc=no", "a@x"),
	R("--from is -f", "submit sender=a@x [b@x]", M, "--from=a@x", "b@x"),
	R("--from with a word", "submit sender=a@x [b@x]", M, "--from", "a@x",
		"b@x"),
	R("--read-recipients", "submit t", M, "--read-recipients"),
	R("--read-recipients=x", "64: option --read-recipients takes no value",
		M, "--read-recipients=x"),
	R("--debug", "submit debug [a@x]", M, "--debug", "a@x"),
	R("common options after an address",
		"submit file=/rc account=work tls=off [a@x]", M, "a@x",
		"--tls=off", "-a", "work", "-C", "/rc"),
	R("no letters after an address", "64: option -t after an address", M,
		"a@x", "-t"),
	R("no --from after an address", "64: option --from after an address", M,
		"a@x", "--from=b@x"),
	R("a wrong number",
		"64: option --port does not take '0': a number from 1 to 65535",
		M, "--port=0", "a@x"),
	R("a number with a tail",
		"64: option --port does not take '25x': a number from 1 to "
		"65535",
		M, "--port=25x", "a@x"),
	R("a wrong choice", "64: option --tls does not take 'yes': on or off",
		M, "--tls=yes", "a@x"),
	R("a control character",
		"64: option --user does not take 'a b': no control characters "
		"are allowed",
		M, "--user=a\nb", "a@x"),
	R("a missing value", "64: option --host needs a value", M, "--host"),
	R("the password",
		"64: option --password is not allowed here: everybody can read "
		"a command line; use passwordeval, or the variable "
		"MAILCHUTE_PASSWORD",
		M, "--password=hunter2", "a@x"),
	R("an unknown option", "64: unknown option --frobnicate", M,
		"--frobnicate=1"),
	R("what is no name is not said",
		"64: a word that begins with '-' is no option (it is not "
		"shown, it may hold a password)",
		M, "--password:S3cret", "a@x"),
	R("one that is near",
		"64: unknown option --tls-startls (did you mean "
		"--tls-starttls?)",
		M, "--tls-startls=off"),
	R("one that is near, no keyword",
		"64: unknown option --acount (did you mean --account?)", M,
		"--acount=x"),
	R("no abbreviations", "64: unknown option --tls-s", M, "--tls-s=off"),
	R("a PIN in a URI",
		"64: option --tls-key-file"
		" is not allowed here: everybody can read a command line; use "
		"passwordeval, or the variable MAILCHUTE_PASSWORD",
		M, "--tls-key-file=pkcs11:object=o?pin-value=4711"),
	R("--serverinfo", "serverinfo", M, "--serverinfo"),
	R("--serverinfo is no caller's", "64: unknown option --serverinfo", S,
		"--serverinfo"),
	R("--rmqs", "etrn", M, "--rmqs=@example.org"),
	R("--configure", "configure", M, "--configure=a@example.org"),
	R("--configure without an address",
		"64: option --configure needs a value", M, "--configure"),
	R("--configure with nothing", "64: option --configure needs a value", M,
		"--configure="),
	R("--rmqs without a node", "64: option --rmqs needs a value", M,
		"--rmqs"),
	R("--rmqs is no caller's", "64: unknown option --rmqs", S, "--rmqs=a"),
	R("-X is a caller's too",
		"64: option -X is not allowed here: a caller chooses no file "
		"to write",
		M, "-X", "/tmp/log", "a@x"),
	R("a verb", "verb verb=queue account=work [list] [-t]", M, "-a", "work",
		"queue", "list", "-t"),
	R("not after --", "submit [queue]", M, "--", "queue"),
	R("not the second word", "submit [a@x] [queue]", M, "a@x", "queue"),
	R("one letter too many",
		"64: 'queues' is neither a verb nor an address "
		"(did you mean 'queue'?)",
		M, "queues"),
	R("no letters before a verb",
		"64: options -t and queue exclude each other", M, "-t",
		"queue"),
	R("a verb's common options",
		"verb verb=config tls=off [--account] [work]", M, "--tls=off",
		"config", "--account", "work"),
	R("a verb's operands", "verb verb=config [work]", M, "config", "work"),
	R("nearly a verb",
		"64: 'sned' is neither a verb nor an address "
		"(did you mean 'send'?)",
		M, "sned"),
	R("nearly another, behind common options",
		"64: 'quueue' is neither a verb nor an address "
		"(did you mean 'queue'?)",
		M, "-a", "work", "--host=h", "quueue", "list"),
	R("nearly the fence",
		"64: 'sendmial' is neither a verb nor an address "
		"(did you mean 'sendmail'?)",
		M, "sendmial", "-t"),
	R("not even nearly",
		"64: 'frobnicate' is neither a verb nor an address", M,
		"frobnicate"),
	R("nearly a verb, behind a letter",
		"64: 'sned' is neither a verb nor an address "
		"(did you mean 'send'?)",
		M, "-i", "sned"),
	R("another program's verb",
		"64: 'flush' is neither a verb nor an address "
		"(did you mean 'queue run'?)",
		M, "flush"),
	R("another program's option",
		"64: unknown option --mail-from (did you mean --from?)", M,
		"--mail-from", "a@x"),
	R("in any case",
		"64: unknown option --h-Subject "
		"(did you mean 'mailchute send --subject'?)",
		M, "--h-Subject", "x"),
	R("with a value",
		"64: unknown option --to (did you mean 'mailchute send --to'?)",
		M, "--to=a@x"),
	R("of a configuration",
		"64: unknown option --smtp-server (did you mean --host?)", M,
		"--smtp-server", "x"),
	R("a letter", "64: unknown option -u (did you mean --user?)", M, "-u",
		"x"),
	R("several letters", "64: unknown option -tls (did you mean --tls?)", M,
		"-tls", "a@x"),
	R("whose value is not said",
		"64: unknown option -ap (did you mean --passwordeval?)", M,
		"-ap", "5ecret"),
	R("for what may not be said",
		"64: option --api-key is not allowed here: everybody can read "
		"a command line; use passwordeval, or the variable "
		"MAILCHUTE_PASSWORD",
		M, "--api-key=x"),
	R("nearly what may not be said",
		"64: option --pasword is not allowed here: everybody can read "
		"a command line; use passwordeval, or the variable "
		"MAILCHUTE_PASSWORD",
		M, "--pasword=x"),
	R("not told to a sendmail's caller", "64: unknown option --to", S,
		"--to", "a@x"),
	R("nor a letter", "64: unknown option -u", S, "-u", "x"),
	R("a local name behind a letter", "submit i [frobnicate]", M, "-i",
		"frobnicate"),
	R("a local name behind --", "submit [sned]", M, "--", "sned"),
	R("a local name behind an address", "submit [a@x] [sned]", M, "a@x",
		"sned"),
	R("root", "submit [root]", M, "root"),
	R("postmaster", "submit [postmaster]", M, "postmaster"),
	R("several addresses", "submit [a,b]", M, "a,b"),
	R("-h alone", "help", M, "-h"),
	R("-h with a number", "submit hops=3 [a@x]", M, "-h", "3", "a@x"),
	R("the fence", "sendmail fenced submit t i account=web sender=b@x", M,
		"-a", "web", "sendmail", "-t", "-i", "-fb@x"),
	R("the fence, and settings",
		"sendmail fenced submit t tempfail_exit=69", M,
		"--tempfail-exit=69", "sendmail", "-t"),
	R("behind the fence: no -a", "64: unknown option -a", M, "-a", "web",
		"sendmail", "-t", "-a", "other"),
	R("behind the fence: no -C",
		"64: option -C is not allowed here: a caller chooses no "
		"configuration",
		M, "sendmail", "-t", "-C/tmp/rc"),
	R("behind the fence: no -X",
		"64: option -X is not allowed here: a caller chooses no file "
		"to write",
		M, "sendmail", "-t", "-X/var/www/x.php"),
	R("behind the fence: no -D",
		"64: option -D is not allowed here: a caller chooses no file "
		"to write",
		M, "sendmail", "-D/var/www/x.php"),
	R("behind the fence: no keyword", "64: unknown option --logfile", M,
		"sendmail", "--logfile=/var/www/x.php", "-t"),
	R("behind the fence: no --file", "64: unknown option --file", M,
		"sendmail", "--file=/tmp/rc", "-t"),
	R("behind the fence: no --passwordeval",
		"64: unknown option --passwordeval", M, "sendmail",
		"--passwordeval=id", "-t"),
	R("behind the fence: no verb", "sendmail fenced submit [queue]", M,
		"sendmail", "queue"),
	R("behind the fence: no fence", "sendmail fenced submit [sendmail]", M,
		"sendmail", "sendmail"),
	R("behind the fence: no option after an address",
		"64: option -f after an address", M, "sendmail", "a@x", "-f",
		"b@x"),
	R("letters before the fence, as nodemailer has them",
		"sendmail fenced submit t i sender=a@x", M, "-i", "-f", "a@x",
		"sendmail", "-t"),
	R("no letters before a verb",
		"64: options -f and queue exclude each other", M, "-f", "a@x",
		"queue"),
	R("--from before a verb", "verb verb=queue sender=a@x", M, "--from",
		"a@x", "queue"),
	R("the fence is no verb after --", "submit [sendmail]", M, "--",
		"sendmail"),
};

static const struct row msmtp_rows[] = {
	R("addresses", "msmtp submit [a@x]", "/usr/bin/msmtp", "a@x"),
	R("-a and -C", "msmtp submit file=/rc account=work [a@x]", "msmtp",
		"-C", "/rc", "-a", "work", "a@x"),
	R("-X is the log file", "msmtp submit logfile=/tmp/log [a@x]", "msmtp",
		"-X", "/tmp/log", "a@x"),
	R("options after addresses", "msmtp submit t tls=(alone) [a@x] [b@x]",
		"msmtp", "a@x", "-t", "--tls", "b@x"),
	R("a unique beginning", "msmtp submit host=h [a@x]", "msmtp", "--hos=h",
		"a@x"),
	R("a beginning that is whole", "msmtp submit tls=off [a@x]", "msmtp",
		"--tls=off", "a@x"),
	R("a beginning of several", "64: unknown option --tls-c", "msmtp",
		"--tls-c=off", "a@x"),
	R("-r is taken", "msmtp submit sender=a@x [b@x]", "msmtp", "-r", "a@x",
		"b@x"),
	R("--from", "msmtp submit sender=a@x [b@x]", "msmtp", "--from=a@x",
		"b@x"),
	R("-S", "msmtp serverinfo", "msmtp", "-S"),
	R("--read-envelope-from and -f",
		"64: options --read-envelope-from and -f exclude each other",
		"msmtp", "--read-envelope-from", "-fa@x"),
	R("no verbs", "msmtp submit [queue]", "msmtp", "queue"),
	R("no fence", "msmtp submit [sendmail] [-t]", "msmtp", "sendmail", "--",
		"-t"),
	R("-d", "msmtp submit debug [a@x]", "msmtp", "-d", "a@x"),
	R("--debug=x", "msmtp submit debug [a@x]", "msmtp", "--debug=on",
		"a@x"),
};

static void run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf got = BUF_INIT(10000);

		parse(&rows[i], &got);
		tap_is_text(buf_text(&got), rows[i].want, rows[i].name);
		buf_free(&got);
	}
}

static void test_no_words(void)
{
	struct arena *arena = arena_new();
	char *argv[] = { NULL };
	struct request request;
	struct diag why = { .id = DIAG_NONE };

	tap_ok(argv_parse(0, argv, verbs, arena, &request, &why) &&
			request.manner == ARGV_MAILCHUTE &&
			!request.operand_count,
		"argv without a single word");
	arena_free(arena);
}

/* -d is for root: others have -v, which shows the same. */
static void test_debug_level(void)
{
	const struct row row = R("-d", NULL, S, "-d", "a@x");
	struct buf got = BUF_INIT(1000);

	parse(&row, &got);
	tap_is_text(buf_text(&got),
		geteuid() == 0 ? "sendmail submit debug [a@x]"
			       : "sendmail submit [a@x]",
		"-d takes no word, and is for root");
	buf_free(&got);
}

int main(void)
{
	run(sendmail_rows, sizeof sendmail_rows / sizeof *sendmail_rows);
	run(caller_rows, sizeof caller_rows / sizeof *caller_rows);
	run(own_rows, sizeof own_rows / sizeof *own_rows);
	run(msmtp_rows, sizeof msmtp_rows / sizeof *msmtp_rows);
	test_no_words();
	test_debug_level();
	return tap_done();
}
