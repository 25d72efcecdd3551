# SPDX-License-Identifier: GPL-3.0-or-later
# Callers, and a server, that do not what one expects of them: Emacs, maildrop,
# fetchmail, Ruby's net-smtp, aiosmtpd.  Runs inside the sandbox:
#	sh hold_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
caller_install
printf 'one\n.\n..\n.dot\nlast\n' >"$work/m/body"
mkdir -p "$work/person"

# held PROGRAM...: its standard input is the file in; what it says is in said.
held() {
	caller_mark
	status=0
	env -i PATH="$PATH" HOME="$work/person" USER=alice LOGNAME=alice \
		EMAIL=alice@example.test LC_ALL=C.UTF-8 timeout 60 "$@" \
		<"$work/in" >"$work/said" 2>&1 || status=$?
	caller_logged
}

# sent_to SENDER MAILBOX...: it was content, and they have the body.
sent_to() {
	check 'exit code' 0 "$status"
	sent_sender=$1
	shift
	for sent_mailbox; do
		postfix_take "$sent_mailbox" || continue
		check_match 'envelope sender' "^Return-Path: <$sent_sender>" \
			"$postfix/arrived"
		check_match Subject '^Subject: Greetings' "$postfix/arrived.head"
		check_no_match 'Bcc, From_' '^(Bcc|From )' "$postfix/arrived.head"
		check_same body "$work/m/body" "$postfix/arrived.body"
	done
	postfix_empty || complain 'something else arrived'
}

message() {
	printf 'From: alice@example.test\nTo: bob@example.test\n'
	printf 'Subject: Greetings\n%s\n' "$@"
	cat "$work/m/body"
}

# ---- Emacs -----------------------------------------------------------------

caller_is Emacs emacs-nox
# emacs_sends VARIABLES: as M-x mail does; the words go to the file argv, too.
emacs_sends() {
	cat >/run/recorded <<-END
		#!/bin/sh
		printf '%s\n' "\$@" >$work/argv
		exec /usr/sbin/sendmail "\$@"
	END
	chmod 755 /run/recorded
	: >"$work/in"
	held emacs --batch -Q --eval "(progn (require 'sendmail)
		(setq user-mail-address \"alice@example.test\"
			sendmail-program \"/run/recorded\" $1)
		(with-temp-buffer
			(insert \"To: bob@example.test\nBcc: carol@example.test\n\"
				\"Subject: Greetings\n\" mail-header-separator \"\n\")
			(insert-file-contents \"$work/m/body\")
			(sendmail-send-it)))"
}
begin 'Emacs: -oep -odi, and -t'
emacs_sends ''
check_match 'its words' '^-oep$' "$work/argv"
check_match 'and' '^-odi$' "$work/argv"
check_match 'and' '^-t$' "$work/argv"
sent_to alice@example.test bob carol
finish
begin 'Emacs that does not wait: -oem -odb'
emacs_sends 'mail-interactive nil'
check_match 'its words' '^-oem$' "$work/argv"
sent_to alice@example.test bob carol
finish

# ---- maildrop ----------------------------------------------------------------

caller_is maildrop maildrop
# It hands a message on with its From_ line, and with an empty sender.
begin 'maildrop: an empty -f, and a From_ line'
{
	echo 'From mailer@elsewhere.example Tue Nov 10 12:00:00 2026'
	message ''
} >"$work/in"
cat >"$work/filter" <<-'END'
	SENDMAIL="/usr/sbin/sendmail"
	cc "! -f '' bob@example.test"
	to "! -f alice@example.test carol@example.test"
END
chmod 600 "$work/filter"
held maildrop "$work/filter"
check 'exit code' 0 "$status"
postfix_take bob && {
	check_match 'the null sender' '^Return-Path: <>' "$postfix/arrived"
	check_no_match 'From_' '^>?From ' "$postfix/arrived.head"
	check_same body "$work/m/body" "$postfix/arrived.body"
}
sent_to alice@example.test carol
finish

# ---- fetchmail ---------------------------------------------------------------

caller_is fetchmail fetchmail
# A mailbox with one message.
message '' >"$work/letter"
cat >"$work/pop3.py" <<-'END'
	import re, socket, sys
	letter = open(sys.argv[1], "rb").read().replace(b"\n", b"\r\n")
	listener = socket.create_server(("127.0.0.1", 110))
	print("ready", flush=True)
	stream = listener.accept()[0].makefile("rwb", 0)
	stream.write(b"+OK\r\n")
	for line in stream:
	    word = line.split()[0].upper()
	    if word == b"CAPA":
	        stream.write(b"+OK\r\nTOP\r\nUSER\r\n.\r\n")
	    elif word in (b"UIDL", b"LAST"):
	        stream.write(b"-ERR\r\n")
	    elif word == b"STAT":
	        stream.write(b"+OK 1 %d\r\n" % len(letter))
	    elif word == b"LIST":
	        stream.write(b"+OK 1 %d\r\n" % len(letter))
	    elif word in (b"RETR", b"TOP"):
	        stream.write(b"+OK\r\n" + re.sub(rb"(?m)^\.", b"..", letter)
	                     + b".\r\n")
	    else:
	        stream.write(b"+OK\r\n")
	    if word == b"QUIT":
	        break
END
# fetch OPTION...: from that mailbox.
fetch() {
	: >"$work/ready"
	/usr/bin/python3 "$work/pop3.py" "$work/letter" >"$work/ready" 2>&1 &
	pop3=$!
	until grep -q ready "$work/ready"; do
		kill -0 "$pop3" || bail "no mailbox: $(cat "$work/ready")"
		sleep 0.1
	done
	printf '%s\n' "poll 127.0.0.1 protocol pop3 user alice password x" \
		"is bob here sslproto ''" >"$work/person/fetchmailrc"
	chmod 600 "$work/person/fetchmailrc"
	: >"$work/in"
	held fetchmail -f "$work/person/fetchmailrc" --nosyslog "$@"
	kill "$pop3" 2>/dev/null
	wait "$pop3" 2>/dev/null
}
begin 'fetchmail --mda sendmail'
fetch --mda '/usr/sbin/sendmail -i -f %F bob@example.test'
[ "$status" -eq 0 ] || sed 's/^/# /' "$work/said"
sent_to alice@example.test bob
finish
# Neither EHLO nor QUIT: no session, and said so; nothing is half sent.
begin "fetchmail's BSMTP has no frame: -bs refuses it, loudly"
fetch --bsmtp "$work/batch"
check_match 'the batch' '^MAIL FROM:' "$work/batch"
check_no_match 'a frame' '^(HELO|EHLO|LHLO|QUIT)' "$work/batch"
cp "$work/batch" "$work/in"
held /usr/sbin/sendmail -bs
check 'exit code' 76 "$status"
check_match 'the refusal' '^503 5\.5\.1 say EHLO first' "$work/said"
check_match 'its sentence' 'what was not confirmed was not sent' "$work/said"
postfix_empty || complain 'something arrived'
finish
begin 'and in a frame it goes out'
{
	printf 'EHLO batch\r\n'
	sed 's/<bob@[^>]*>/<bob@example.test>/; s/<bob>/<bob@example.test>/' \
		"$work/batch"
	printf 'QUIT\r\n'
} >"$work/in"
held /usr/sbin/sendmail -bs
check 'exit code' 0 "$status"
check_match 'taken' '^250 2\.' "$work/said"
postfix_take bob && check_match Subject '^Subject: Greetings' \
	"$postfix/arrived.head"
finish

# ---- Ruby --------------------------------------------------------------------

caller_is "Ruby's net-smtp" ruby
mkdir -p /run/mailchute
env -i PATH="$PATH" HOME="$client/home" "$MAILCHUTE" -C /etc/mailchuterc \
	serve --listen 127.0.0.1:2500 >"$work/serve" 2>&1 &
serve=$!
# again LINE: a message with a recipient that is none, LINE, and another message.
again() {
	cat >"$work/again.rb" <<-END
		require "net/smtp"
		text = File.read(ARGV[0])
		Net::SMTP.start("127.0.0.1", 2500, "localhost") do |smtp|
		  begin
		    smtp.send_message(text, "alice@example.test",
		      "bob@example.test", "not an address")
		  rescue Net::SMTPError => e
		    puts e.message
		  end
		  $1
		  smtp.send_message(text, "alice@example.test", "carol@example.test")
		end
		puts "sent"
	END
	held ruby -W0 "$work/again.rb" "$work/letter"
}
message '' >"$work/letter"
: >"$work/in"
tries=50
until held ruby -rsocket -e 'TCPSocket.new("127.0.0.1", 2500)' &&
	[ "$status" -eq 0 ]; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || bail "no serve: $(cat "$work/serve")"
	sleep 0.1
done
# The first message has begun, with bob in it: the next one must not reach him.
begin 'net-smtp goes on behind a refused RCPT without RSET: not mixed, and told'
again ''
check_match 'the first refusal' '^553 5\.1\.3 ' "$work/said"
check_match 'the second' '503 5\.5\.1 there is a sender already' "$work/said"
[ "$status" -ne 0 ] || complain 'it was content'
postfix_empty || complain 'something arrived'
finish
begin 'net-smtp with RSET between'
again 'smtp.rset'
check 'what it says' '553 5.1.3 that is no address
sent' "$(cat "$work/said")"
sent_to alice@example.test carol
finish
kill "$serve"
wait "$serve" 2>/dev/null

# ---- aiosmtpd ----------------------------------------------------------------

caller_is aiosmtpd python3-aiosmtpd
cat >"$work/server.py" <<-'END'
	import sys, time
	from aiosmtpd.controller import Controller
	class Handler:
	    async def handle_DATA(self, server, session, envelope):
	        print(*envelope.rcpt_tos, flush=True)
	        return "250 taken"
	controller = Controller(Handler(), hostname="127.0.0.1", port=2525)
	controller.start()
	print("ready", flush=True)
	time.sleep(60)
END
: >"$work/rcpt"
/usr/bin/python3 "$work/server.py" >"$work/rcpt" 2>&1 &
server=$!
until grep -q ready "$work/rcpt"; do
	kill -0 "$server" || bail "no aiosmtpd: $(cat "$work/rcpt")"
	sleep 0.1
done
printf '%s\n' 'account default' 'host 127.0.0.1' 'port 2525' 'tls off' \
	'from alice@example.test' 'queue off' 'syslog off' >"$work/aiosmtpd"
chmod 600 "$work/aiosmtpd"
begin 'aiosmtpd takes whom it is told twice for two: we tell it once'
/usr/bin/python3 -c '
import smtplib
with smtplib.SMTP("127.0.0.1", 2525) as s:
    s.sendmail("a@x", ["bob@example.test"] * 2, "Subject: x\n\nx\n")'
message '' >"$work/in"
held "$MAILCHUTE" -C "$work/aiosmtpd" -t bob@example.test \
	'Bob <bob@EXAMPLE.test>' bob@example.test
check 'exit code' 0 "$status"
check 'whom it took' 'bob@example.test bob@example.test
bob@example.test' "$(sed 1d "$work/rcpt")"
finish
kill "$server"

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
