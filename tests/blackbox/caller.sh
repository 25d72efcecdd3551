#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a caller may do wrong before there is a mail to send.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start

# wrong NAME CODE STDERR DOOR ARGUMENT... <message
wrong() {
	begin "$1"
	wrong_code=$2 wrong_stderr=$3
	shift 3
	submit "$@"
	check 'exit code' "$wrong_code" "$status"
	check_empty stdout "$client/out"
	check stderr "$wrong_stderr" "$(with_port "$client/err")"
	arrived 0
	finish
}

message_plain >plain
: >empty
printf 'Subject: nobody\n\nbody\n' >nobody
printf 'To: bad address here\n\nbody\n' >bad

help="mailchute: 'mailchute --help' lists the options"
wrong 'an unknown option' 64 "mailchute: unknown option -Z
$help" sendmail -Z bob@example.test <plain
wrong 'an unknown long option' 64 "mailchute: unknown option --hots (did you mean --host?)
$help" mailchute --hots=x bob@example.test <plain
wrong 'no recipients' 64 "mailchute: no recipients
mailchute: name them on the command line, or use -t to take them from the message" \
	sendmail <plain
wrong 'an option behind an address' 64 "mailchute: option -f after an address
mailchute: put options before the addresses, or '--' before an address that begins with '-'" \
	sendmail bob@example.test -f x@example.test <plain
wrong '-t without a recipient in the message' 65 \
"mailchute: the message names no recipient in To, Cc, Bcc
mailchute: -t takes recipients from the header; it must be the first thing in the message" \
	sendmail -t <nobody
wrong 'a bare name without a domain' 67 \
"mailchute: the recipient 'nobody-here' has no domain
mailchute: write the address in full, name it in the alias file ('aliases'), or set 'maildomain'" \
	sendmail nobody-here <plain
wrong 'a configuration of the caller, as sendmail' 64 \
'mailchute: option -C is not allowed here: a caller chooses no configuration
mailchute: '\''mailchute --help'\'' lists the options that are' \
	sendmail -C /etc/passwd bob@example.test <plain
wrong 'a log of the caller, behind the fence' 64 \
'mailchute: option -X is not allowed here: a caller chooses no file to write
mailchute: '\''mailchute --help'\'' lists the options that are' \
	fence -X /tmp/log bob@example.test <plain

begin 'an address that does not parse: 65, named'
submit mailchute 'bad address' <plain
check 'exit code' 65 "$status"
check_match stderr "^mailchute: 'bad address' is not a valid address: " "$client/err"
arrived 0
finish

begin 'a header that does not parse: 65, named'
submit mailchute -t <bad
check 'exit code' 65 "$status"
check_match stderr '^mailchute: the To header holds an invalid address' "$client/err"
arrived 0
finish

begin 'standard input closed: 66'
submit mailchute bob@example.test <&-
check 'exit code' 66 "$status"
check stderr 'mailchute: standard input is closed: there is no message to send
mailchute: give it the message, as in '\''mailchute ADDRESS < FILE'\'', or write one with '\''mailchute send'\''' \
	"$(cat "$client/err")"
arrived 0
finish

begin 'a directory as standard input: 74'
submit mailchute bob@example.test <.
check 'exit code' 74 "$status"
check_match stderr '^mailchute: the message cannot be read: Is a directory$' \
	"$client/err"
arrived 0
finish

begin 'the producer is read to its end even if nothing is sent'
{
	dd if=/dev/zero bs=1024 count=300 2>/dev/null
	echo done >producer
} | env HOME="$client/home" "$client/bin/sendmail" -Z 2>/dev/null
check 'the producer ended well' done "$(cat producer 2>&1)"
finish

for profile_case in 'hots x|unknown keyword' 'port 99999|port' 'tls maybe|tls'; do
	begin "a wrong line in the profile (${profile_case%|*}): 78, with its place"
	profile "${profile_case%|*}"
	submit mailchute bob@example.test <plain
	check 'exit code' 78 "$status"
	check_match stderr "^mailchute: (account default: )?.*/profile:9: .*${profile_case#*|}" \
		"$client/err"
	arrived 0
	finish
done

begin 'a profile with a password that others can read: 78'
profile
chmod 644 "$client/profile"
submit mailchute bob@example.test <plain
check 'exit code' 78 "$status"
check_match stderr 'holds a password and can be read by others' "$client/err"
check_match stderr "^mailchute: run 'chmod 600' on the file" "$client/err"
arrived 0
finish

begin 'no configuration at all: 78, with where it was looked for'
rm "$client/home/.mailchuterc"
submit sendmail bob@example.test <plain
check 'exit code' 78 "$status"
check_match stderr "$client/home/.mailchuterc" "$client/err"
finish

begin 'a password command that fails: 78'
profile 'passwordeval echo half; exit 3' 'password'
submit mailchute bob@example.test <plain
check 'exit code' 78 "$status"
check_match stderr 'the password command of account default failed' "$client/err"
arrived 0
finish

begin 'a password command that works'
profile "passwordeval printf 'open sesame\\nmore\\n'" 'password'
submit mailchute bob@example.test <plain
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
arrived 1
finish

summary
