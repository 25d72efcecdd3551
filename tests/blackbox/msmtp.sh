#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What msmtp's users know, under its name and in its dialect.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start
ln -s "$MAILCHUTE" msmtp

# An msmtprc with the sink's settings and LINE...
msmtprc() {
	printf '%s\n' 'host localhost' "port $starttls_port" 'tls on' \
		"tls_trust_file $sink/certs/ca.pem" 'auth on' 'user alice' 'password open sesame' 'from alice@example.test' "logfile $sink/log" "$@" \
		>rc/msmtprc
	chmod 600 rc/msmtprc
}

# msmtp CODE ARGUMENT... <message: with an empty maildir and log.
msmtp() {
	rm -rf mail
	mkdir mail
	: >log
	msmtp_code=$1
	shift
	env -i HOME="$sink/home" USER=alice PATH="$PATH" \
		XDG_RUNTIME_DIR=/nonexistent ./msmtp -C "$sink/rc/msmtprc" "$@" \
		>out 2>err
	check 'exit code' "$msmtp_code" "$?"
}

mails() {
	find mail -name '*.eml' | wc -l | tr -d ' '
}

# header NAME: of the one mail.
header() {
	cat mail/*.eml | tr -d '\r' | sed -n "s/^$1: //p"
}

mkdir home rc
printf 'From: Ann <ann@example.test>\nTo: root, bob@example.test\n\nhi\n' >mail.txt
printf 'root: alice@example.test\n' >aliases

begin '--pretend prints, and sends nothing'
msmtprc 'eval echo user carol'
msmtp 0 -P -t <mail.txt
check 'mails' 0 "$(mails)"
check 'log' '' "$(cat log)"
check 'the user' "user                 carol                        # $sink/rc/msmtprc:10" \
	"$(grep ^user out)"
finish

begin '--read-envelope-from'
msmtprc "aliases $sink/aliases"
msmtp 0 --read-envelope-from -t <mail.txt
check 'mails' 1 "$(mails)"
check 'the sender' ' from=ann@example.test ' \
	"$(grep -o ' from=[^ ]* ' log)"
finish

begin '--read-envelope-from without an author'
printf 'To: bob@example.test\n\nhi\n' >nobody.txt
msmtp 64 --read-envelope-from -t <nobody.txt
check 'mails' 0 "$(mails)"
check 'stderr' 'mailchute: --read-envelope-from: the message has no From with an address' \
	"$(head -n 1 err)"
finish

begin 'from with the login name'
msmtprc 'from %U@example.test'
msmtp 0 bob@example.test <mail.txt
check 'the sender' ' from=alice@example.test ' \
	"$(grep -o ' from=[^ ]* ' log)"
finish

begin 'set_to_header on: aliases out, Bcc kept to itself'
msmtprc "aliases $sink/aliases" 'set_to_header on'
{
	echo 'Bcc: eve@example.test'
	cat mail.txt
} >bcc.txt
msmtp 0 -t <bcc.txt
check 'To' 'alice@example.test, bob@example.test' "$(header To)"
check 'recipients' \
	' recipients=alice@example.test,bob@example.test,eve@example.test ' \
	"$(grep -o ' recipients=[^ ]* ' log | tr , '\n' | sed 's/^ recipients=//; s/ $//' |
		sort | paste -s -d , - | sed 's/^/ recipients=/; s/$/ /')"
finish

begin 'set_to_header on: several recipients that no field names'
printf 'From: a@example.test\n\nhi\n' >plain.txt
msmtp 0 bob@example.test eve@example.test <plain.txt
check 'To' 'undisclosed-recipients:;' "$(header To)"
finish

begin 'undisclosed_recipients'
msmtprc undisclosed_recipients
msmtp 0 bob@example.test <mail.txt
check 'To' 'undisclosed-recipients:;' "$(header To)"
finish

begin 'redirect_to'
msmtprc 'redirect_to staging@example.test'
msmtp 0 bob@example.test eve@example.test <mail.txt
check 'mails' 1 "$(mails)"
check 'recipients' ' recipients=staging@example.test ' \
	"$(grep -o ' recipients=[^ ]* ' log)"
check 'X-Original-To' 'bob@example.test, eve@example.test' \
	"$(header X-Original-To)"
finish

begin 'a password in netrc'
msmtprc password
echo 'machine localhost login alice password "open sesame"' >home/.netrc
msmtp 0 bob@example.test <mail.txt
check 'mails' 1 "$(mails)"
rm home/.netrc
finish

begin 'log_format json'
msmtprc 'log_format json'
msmtp 0 bob@example.test <mail.txt
check 'the line' '{"time":T,"id":I,"account":"default","host":"localhost","tls":true,"auth":true,"user":"alice","from":"alice@example.test","recipient_count":1,"recipients":[{"address":"bob@example.test","verdict":"delivered"}],' \
	"$(sed 's/"time":"[^"]*"/"time":T/; s/"id":"[^"]*"/"id":I/; s/"mailsize.*//' log)"
check 'exit code' '"exitcode":0' "$(grep -o '"exitcode":[0-9]*' log)"
finish

begin 'log_format json: a failure before the connection'
msmtprc 'log_format json' 'port 1'
msmtp 75 bob@example.test <mail.txt
check 'temporary' '"temporary":true' "$(grep -o '"temporary":[a-z]*' log)"
check 'exit code' '"exitcode":75' "$(grep -o '"exitcode":[0-9]*' log)"
finish
summary
