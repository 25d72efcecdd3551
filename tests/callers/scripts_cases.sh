# SPDX-License-Identifier: GPL-3.0-or-later
# Scripting languages and system scripts with mailchute as the machine's
# sendmail: Perl, Ruby, Python, Django, nodemailer, logwatch, bts, check_mailq, reportbug.  Runs inside the sandbox:
#	sh scripts_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
# shellcheck source=tests/lib/disk.sh
. "$here/../lib/disk.sh"
caller_install
printf 'one\n.\n..\n.dot\nlast\n' >"$work/m/body"
mkdir -p "$work/person"

# script PROGRAM...: its output in the file said.
script() {
	caller_mark
	status=0
	env -i PATH="$PATH" HOME="$work/person" LC_ALL=C.UTF-8 timeout 60 "$@" \
		</dev/null >"$work/said" 2>&1 || status=$?
}

# script_sent MAILBOX...: nothing was printed, and everybody has it.
script_sent() {
	check 'exit code' 0 "$status"
	check_empty 'what it says' "$work/said"
	for script_mailbox; do
		postfix_take "$script_mailbox" || continue
		check_match 'envelope sender' \
			'^Return-Path: <alice@example\.test>' "$postfix/arrived"
		check_match Subject '^Subject: Greetings' "$postfix/arrived.head"
		check_no_match Bcc '^Bcc' "$postfix/arrived.head"
		check_same body "$work/m/body" "$postfix/arrived.body"
	done
	caller_logged
	check_match log ' exitcode=EX_OK( |$)' "$client/log"
}

# script_refused: it says so, and nothing arrived.
script_refused() {
	[ "$status" -ne 0 ] || complain 'it was content'
	check_match "the server's words" '550 5\.1\.1' "$work/said"
	postfix_empty || complain 'something arrived'
}

# ---- Perl ---------------------------------------------------------------------------

caller_is 'Perl Mail::Send' libmailtools-perl
perl_mail='use Mail::Send; local $/; open F, "<", "/run/test/m/body"; my $body = <F>;
	my $m = Mail::Send->new(Subject => "Greetings", @ARGV);
	my $f = $m->open("sendmail"); print $f $body; $f->close or die "failed\n";'
begin 'Mail::Send'
script perl -e "$perl_mail" To bob@example.test
script_sent bob
finish
begin 'Mail::Send with Cc and Bcc'
script perl -e "$perl_mail" To bob@example.test Cc carol@example.test \
	Bcc rcpt1@example.test
script_sent bob carol rcpt1
finish
begin 'Mail::Send: a refusal'
script perl -e "$perl_mail" To nobody@example.test
script_refused
finish

# ---- Ruby ---------------------------------------------------------------------------

caller_is "Ruby's mail" ruby-mail
ruby_mail='require "mail"
	Mail.defaults { delivery_method :sendmail }
	Mail.deliver { from "alice@example.test"; to ARGV; bcc ENV["BCC"]
		subject "Greetings"; body File.read("/run/test/m/body") }'
begin "Ruby's mail"
script ruby -W0 -e "$ruby_mail" bob@example.test
script_sent bob
finish
begin "Ruby's mail, several and Bcc"
script env BCC=rcpt1@example.test ruby -W0 -e "$ruby_mail" bob@example.test \
	carol@example.test
script_sent bob carol rcpt1
finish
begin "Ruby's mail: a refusal"
script ruby -W0 -e "$ruby_mail" nobody@example.test
# This version of the gem does not look at exit codes: the log must tell.
caller_logged
check_match log ' exitcode=EX_NOUSER( |$)' "$client/log"
postfix_empty || complain 'something arrived'
finish

# ---- Python ---------------------------------------------------------------------------

caller_is 'Python subprocess' python3
python_mail='
import subprocess, sys
from email.message import EmailMessage
m = EmailMessage()
m["From"] = "alice@example.test"
m["To"] = sys.argv[1]
m["Subject"] = "Greetings"
m.set_content(open("/run/test/m/body").read())
subprocess.run(["/usr/sbin/sendmail"] + sys.argv[2:], input=m.as_bytes(), check=True)
'
begin 'Python: sendmail -t -oi'
script /usr/bin/python3 -c "$python_mail" bob@example.test -t -oi
script_sent bob
finish
begin 'Python: sendmail -t, without -i'
script /usr/bin/python3 -c "$python_mail" bob@example.test -t
script_sent bob
finish
begin 'Python: recipients as arguments'
script /usr/bin/python3 -c "$python_mail" bob@example.test \
	-f alice@example.test bob@example.test carol@example.test
script_sent bob carol
finish
begin 'Python: a refusal is an exception'
script /usr/bin/python3 -c "$python_mail" nobody@example.test -t -oi
script_refused
check_match exception 'returned non-zero exit status 67' "$work/said"
finish

# ---- Django ------------------------------------------------------------------------------

caller_is 'Django, a sendmail back end' python3-django
mkdir -p "$work/django"
# As the back ends that people write and share do it.
cat >"$work/django/sendmail_backend.py" <<-'END'
	import subprocess
	from django.core.mail.backends.base import BaseEmailBackend

	class EmailBackend(BaseEmailBackend):
	    def send_messages(self, messages):
	        for m in messages:
	            p = subprocess.Popen(["/usr/sbin/sendmail", "-i", "-f",
	                m.from_email] + m.recipients(),
	                stdin=subprocess.PIPE, stderr=subprocess.PIPE)
	            _, err = p.communicate(m.message().as_bytes())
	            if p.returncode and not self.fail_silently:
	                raise RuntimeError(err.decode())
	        return len(messages)
END
django_mail='
import sys
sys.path.insert(0, "/run/test/django")
from django.conf import settings
settings.configure(EMAIL_BACKEND="sendmail_backend.EmailBackend", USE_TZ=True)
from django.core.mail import EmailMessage
EmailMessage("Greetings", open("/run/test/m/body").read(), "alice@example.test",
	sys.argv[1:2], bcc=sys.argv[2:]).send()
'
begin 'Django'
script /usr/bin/python3 -c "$django_mail" bob@example.test
script_sent bob
finish
begin 'Django with Bcc'
script /usr/bin/python3 -c "$django_mail" bob@example.test rcpt1@example.test
script_sent bob rcpt1
finish
begin 'Django: a refusal'
script /usr/bin/python3 -c "$django_mail" nobody@example.test
script_refused
finish

# ---- nodemailer -------------------------------------------------------------------------

caller_is 'nodemailer' node-nodemailer
node_mail='require("nodemailer").createTransport({ sendmail: true,
		path: "/usr/sbin/sendmail", newline: process.argv[1] }).sendMail({
		from: "alice@example.test", to: process.argv[2],
		bcc: process.argv[3], subject: "Greetings",
		text: require("fs").readFileSync("/run/test/m/body", "utf8")
	}, (error) => { if (error) { console.log(error.message);
		process.exitCode = 9; } });'
for newline in unix windows; do
	begin "nodemailer, $newline line ends"
	script env NODE_PATH=/usr/share/nodejs node -e "$node_mail" $newline \
		bob@example.test
	script_sent bob
	finish
done
begin 'nodemailer with Bcc'
script env NODE_PATH=/usr/share/nodejs node -e "$node_mail" unix \
	bob@example.test rcpt1@example.test
script_sent bob rcpt1
finish
# Its own lines end in CR LF, those of a raw message as they are; Bcc is in the
# header and among the words.
begin 'nodemailer: mixed line ends, Bcc in header and argv'
script env NODE_PATH=/usr/share/nodejs node -e '
	const body = require("fs").readFileSync("/run/test/m/body", "utf8");
	require("nodemailer").createTransport({ sendmail: true,
		path: "/usr/sbin/sendmail", newline: "windows" }).sendMail({
		envelope: { from: "alice@example.test",
			to: ["bob@example.test", "rcpt1@example.test"] },
		raw: "From: alice@example.test\r\nTo: bob@example.test\n" +
			"Bcc: rcpt1@example.test\nSubject: Greetings\r\n\r\n" + body
	}, (error) => { if (error) { console.log(error.message);
		process.exitCode = 9; } });'
script_sent bob rcpt1
finish
# With words of one's own it puts none of its own behind them, but its -i first.
begin 'nodemailer with args: -i before what they say'
script env NODE_PATH=/usr/share/nodejs node -e '
	const body = require("fs").readFileSync("/run/test/m/body", "utf8");
	require("nodemailer").createTransport({ sendmail: true,
		path: process.argv[1], args: ["-C", "/etc/mailchuterc", "sendmail",
			"-f", "alice@example.test", "--"] }).sendMail({
		from: "alice@example.test", to: "bob@example.test",
		subject: "Greetings", text: body
	}, (error) => { if (error) { console.log(error.message);
		process.exitCode = 9; } });' "$MAILCHUTE"
script_sent bob
finish
begin 'nodemailer: a refusal is an error'
script env NODE_PATH=/usr/share/nodejs node -e "$node_mail" unix \
	nobody@example.test
check 'exit code' 9 "$status"
check_match 'what it says' 'exited with code 67' "$work/said"
postfix_empty || complain 'something arrived'
finish

# ---- logwatch ---------------------------------------------------------------------------

caller_is logwatch logwatch
mkdir -p "$work/logs" "$work/logwatch"
echo "TmpDir = $work/logwatch" >/etc/logwatch/conf/logwatch.conf
printf '%s host sshd[7]: Accepted password for alice from 192.0.2.1 port 7 ssh2\n' \
	"$(LC_ALL=C date '+%b %e %H:%M:%S')" >"$work/logs/auth.log"
begin 'logwatch'
script logwatch --output mail --mailto bob@example.test --service sshd \
	--logdir "$work/logs" --range all
check 'exit code' 0 "$status"
check_empty 'what it says' "$work/said"
postfix_take bob
check_match Subject '^Subject: Logwatch for ' "$postfix/arrived.head"
check_match From '^From: .*alice@example\.test' "$postfix/arrived.head"
check_match body 'alice' "$postfix/arrived.body"
check_match 'the end' 'Logwatch End' "$postfix/arrived.body"
finish

# ---- bts --------------------------------------------------------------------------------

caller_is bts devscripts
printf 'control@example.test: bob@example.test\n' >"$work/aliases"
echo "aliases $work/aliases" >>/etc/mailchuterc
begin 'bts'
script env DEBEMAIL=alice@example.test DEBFULLNAME=Alice EDITOR=true \
	bts --no-conf --bts-server=https://example.test --no-use-default-cc \
	--no-interactive --sendmail=/usr/sbin/sendmail \
	severity 123456 wishlist
check 'exit code' 0 "$status"
postfix_take bob
check_match From '^From: .*alice@example\.test' "$postfix/arrived.head"
check_match To '^To: .*control@example\.test' "$postfix/arrived.head"
check_match body '^severity 123456 wishlist' "$postfix/arrived.body"
finish

# ---- check_mailq ------------------------------------------------------------------------

# checked MTA WORDS: what the plugin says of the queue, with its numbers.
checked() {
	script /usr/lib/nagios/plugins/check_mailq -w 2 -c 4 -M "$1"
	check "$1" "$2" "$(cat "$work/said")"
}

# queue_one ADDRESS: a message that waits.
queue_one() {
	printf 'Subject: wait\n\nfor it\n' | env -i \
		PATH="$PATH" HOME="$work/person" /usr/sbin/sendmail "$1" ||
		complain "not queued for $1"
}

caller_is check_mailq monitoring-plugins-basic
# A queue wants a disk on which it lasts.
place=$(lasting_folder) || bail 'no disk on which a queue would last: set QUEUE_DISK'
disk=$(mktemp -d "$place/mailchute-queue.XXXXXX") || exit
trap 'rm -rf "$disk"' EXIT
begin 'check_mailq, as of Sendmail and of Postfix'
checked sendmail 'OK: sendmail mailq is empty|unsent=0;2;4;0'
checked postfix 'OK: postfix mailq reports queue is empty|unsent=0;2;4;0'
cp /etc/mailchuterc "$work/kept"
printf 'queue always\nqueue_runner external\nqueue_dir %s\n' \
	"$disk/q" >>/etc/mailchuterc
queue_one bob@example.test
checked sendmail 'OK: sendmail mailq (1) is below threshold (2/4)|unsent=1;2;4;0'
checked postfix 'OK: postfix mailq (1) is below threshold (2/4)|unsent=1;2;4;0'
queue_one bob@example.test
checked sendmail 'WARNING: sendmail mailq is 2 (threshold w = 2)|unsent=2;2;4;0'
checked postfix 'WARNING: postfix mailq is 2 (threshold w = 2)|unsent=2;2;4;0'
check 'exit code' 1 "$status"
queue_one nobody@example.test
queue_one bob@example.test
checked postfix 'CRITICAL: postfix mailq is 4 (threshold c = 4)|unsent=4;2;4;0'
script /usr/sbin/sendmail -q
postfix_take bob
postfix_take bob
postfix_take bob
checked sendmail 'OK: sendmail mailq is empty|unsent=0;2;4;0'
checked postfix 'OK: postfix mailq reports queue is empty|unsent=0;2;4;0'
cp "$work/kept" /etc/mailchuterc
finish

# ---- reportbug --------------------------------------------------------------------------

caller_is reportbug reportbug
# Not as root, and not from an address of a reserved domain that it knows.
sandbox_user reporter 4711
echo 'submit@bugs.debian.org: bob@example.test' >>"$work/aliases"
chgrp 4711 /etc/mailchuterc
chmod 640 /etc/mailchuterc
chown -R 4711 "$work/person"
chmod 755 /run/test "$work" "$work/m" "$client"
chmod 666 "$client/log.all"
begin 'reportbug'
script setpriv --reuid=4711 --regid=4711 --clear-groups \
	env TERM=dumb EDITOR=true VISUAL=true \
	/usr/bin/python3 /usr/bin/reportbug --ui=text --bts=debian \
	--no-query-bts --no-check-available --no-check-installed \
	--no-bug-script --no-debconf --email=alice@chute.home.arpa \
	--realname=Alice --subject=Greetings --severity=wishlist \
	--body-file="$work/m/body" --no-cc --no-cc-menu --no-tags-menu bash
check 'exit code' 0 "$status"
postfix_take bob
check_match 'envelope sender' '^Return-Path: <alice@chute\.home\.arpa>' \
	"$postfix/arrived"
check_match To '^To: Debian Bug Tracking System <submit@bugs\.debian\.org>' \
	"$postfix/arrived.head"
check_match Subject '^Subject: bash: Greetings' "$postfix/arrived.head"
check_match body '^Severity: wishlist' "$postfix/arrived.body"
check_match dots '^\.dot$' "$postfix/arrived.body"
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
