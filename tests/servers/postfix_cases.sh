# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and a real Postfix with Dovecot SASL.  Runs inside the sandbox:
#	sh postfix_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"
# shellcheck source=tests/lib/pki.sh
. "$lib/pki.sh"
# shellcheck source=tests/lib/client.sh
. "$lib/client.sh"
# shellcheck source=tests/lib/message.sh
. "$lib/message.sh"
# shellcheck source=tests/lib/disk.sh
. "$lib/disk.sh"
# shellcheck source=tests/servers/drain.sh
. "$1/drain.sh"
# shellcheck source=tests/servers/postfix.sh
. "$1/postfix.sh"

work=/run/test
mkdir -p "$work/client" "$work/m"
client_open "$work/client"
postfix_start "$work/postfix" || bail 'Postfix does not start'

# profile PORT LINE...: Alice's, on a port.
profile() {
	profile_port=$1
	shift
	client_profile "host $postfix_host" "port $profile_port" \
		'tls on' "tls_trust_file $work/postfix/pki/ca.pem" \
		'from alice@example.test' 'auth on' "user $postfix_user" \
		"password $postfix_password" "$@"
}

# arrives MAILBOX BODY: what Postfix delivered is what was meant.
arrives() {
	postfix_take "$1" || return
	check_same body "$2" "$postfix/arrived.body"
}

# ---- ways in ----------------------------------------------------------------

# way NAME PORT METHOD DOOR LINE...: a plain message, and how it got there.
way() {
	begin "$1"
	way_port=$2
	way_method=$3
	way_door=$4
	shift 4
	profile "$way_port" "$@"
	postfix_mark
	message_plain >"$work/m/in"
	submit "$way_door" -t <"$work/m/in"
	check_sent
	check_match log "host=$postfix_host tls=on auth=on user=alice from=alice@example\\.test recipients=bob@example\\.test mailsize=[0-9]+ smtpstatus=250" "$client/log"
	message_body "$work/m/in" >"$work/m/body"
	arrives bob "$work/m/body"
	message_head "$work/m/in" >"$work/m/head"
	check_same header "$work/m/head" "$postfix/arrived.head"
	check_match 'TLS in Received' 'using TLSv1\.[23] with cipher' \
		"$postfix/arrived"
	postfix_log
	check_match 'mechanism at the server' \
		"sasl_method=$way_method, sasl_username=alice" "$postfix/log.new"
	finish
}

way 'sendmail: 587, the best mechanism' 587 SCRAM-SHA-256 sendmail
way 'mailchute: 587, the best mechanism' 587 SCRAM-SHA-256 mailchute
way 'behind the fence: 587' 587 SCRAM-SHA-256 fence
way 'sendmail: 465' 465 SCRAM-SHA-256 sendmail 'tls_starttls off'
way 'mailchute: 465' 465 SCRAM-SHA-256 mailchute 'tls_starttls off'
way '587, PLAIN asked for' 587 PLAIN mailchute 'auth plain'
way '587, LOGIN asked for' 587 LOGIN mailchute 'auth login'
way '587, SCRAM-SHA-256 asked for' 587 SCRAM-SHA-256 mailchute \
	'auth scram-sha-256'
way '465, PLAIN asked for' 465 PLAIN mailchute 'tls_starttls off' 'auth plain'
way '465, LOGIN asked for' 465 LOGIN sendmail 'tls_starttls off' 'auth login'
way 'a server that has PLAIN only' 2001 PLAIN sendmail
way 'a server that has LOGIN only' 2002 LOGIN sendmail
way 'a server that has TLS 1.2 only' 2009 SCRAM-SHA-256 mailchute

begin 'a password from a command'
client_profile "host $postfix_host" 'port 587' 'tls on' 'auth on' \
	"tls_trust_file $work/postfix/pki/ca.pem" 'from alice@example.test' \
	"user $postfix_user" "passwordeval cat $work/m/password"
printf '%s\n' "$postfix_password" >"$work/m/password"
message_plain >"$work/m/in"
submit mailchute -t <"$work/m/in"
check_sent
message_body "$work/m/in" >"$work/m/body"
arrives bob "$work/m/body"
finish

begin 'recipients and sender from the command line'
profile 587
message_plain >"$work/m/in"
submit sendmail -i -f alice+bounce@example.test carol@example.test \
	<"$work/m/in"
check_sent
message_body "$work/m/in" >"$work/m/body"
arrives carol "$work/m/body"
check_match 'envelope sender' '^Return-Path: <alice\+bounce@example\.test>' \
	"$postfix/arrived"
check 'mail for the To header' 0 "$(postfix_count bob)"
finish

begin 'Bcc arrives and is not seen'
profile 587
{
	printf 'Bcc: carol@example.test\n'
	message_plain
} >"$work/m/in"
submit sendmail -t <"$work/m/in"
check_sent
message_body "$work/m/in" >"$work/m/body"
arrives bob "$work/m/body"
check_no_match 'Bcc for Bob' 'Bcc|carol' "$postfix/arrived"
arrives carol "$work/m/body"
check_no_match 'Bcc for Carol' '^Bcc' "$postfix/arrived"
finish

begin 'a message without From, Date and Message-ID gets them'
profile 587
printf 'To: bob@example.test\nSubject: bare\n\nbody\n' >"$work/m/in"
submit sendmail -t <"$work/m/in"
check_sent
printf 'body\n' >"$work/m/body"
arrives bob "$work/m/body"
check_match From '^From: .*alice@example\.test' "$postfix/arrived.head"
check_match Date '^Date: [A-Z][a-z][a-z], [ 0-9]?[0-9] ' \
	"$postfix/arrived.head"
check_match Message-ID '^Message-I[dD]: <[^ @<>]+@[^ @<>]+>$' \
	"$postfix/arrived.head"
# Postfix adds what it misses, in its own way; these are not Postfix's.
check_no_match "Postfix's Message-ID" "@$postfix_host>" \
	"$postfix/arrived.head"
finish

# bs_two_wishes: Bob's success shall be reported under another name, Carol's
# not.
bs_two_wishes() {
	printf '%s\r\n' 'EHLO caller' \
		'MAIL FROM:<alice@example.test> RET=HDRS ENVID=order+2B7' \
		'RCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;robert+2Bold@example.com' \
		'RCPT TO:<carol@example.test> NOTIFY=NEVER' DATA \
		'From: alice@example.test' 'Subject: two wishes' '' hello . QUIT
}

begin '-bs: what each recipient was wished comes to the report (DSN)'
profile 587
bs_two_wishes >"$work/m/commands"
submit sendmail -bs <"$work/m/commands"
check 'exit code' 0 "$status"
check 'answer to the dot' 1 "$(grep -c '^250 2.0.0 .* was accepted' "$client/out")"
printf 'hello\n' >"$work/m/body"
arrives bob "$work/m/body"
arrives carol "$work/m/body"
postfix_take alice && {
	tr -d '\r' <"$postfix/arrived" >"$work/m/report"
	check_match 'envelope id' '^Original-Envelope-Id: order\+7$' \
		"$work/m/report"
	check 'recipients reported' 1 \
		"$(grep -c '^Final-Recipient:' "$work/m/report")"
	check_match Bob '^Final-Recipient: rfc822; ?bob@example\.test$' \
		"$work/m/report"
	check_match 'whom Bob was' \
		'^Original-Recipient: rfc822; ?robert\+(2B)?old@example\.com$' \
		"$work/m/report"
	check_match action '^Action: delivered$' "$work/m/report"
	check_no_match Carol 'carol' "$work/m/report"
}
finish

# ---- bodies -----------------------------------------------------------------

# body NAME TEXT [COMMAND]: the message of that name arrives byte for byte.
lines=
body() {
	begin "body: $2"
	profile 587 ${lines:+"$lines"}
	"body_$1" >"$work/m/raw"
	message_with "$work/m/raw" "${3-:}" >"$work/m/in"
	submit sendmail -t -i <"$work/m/in"
	check_sent
	message_lines "$work/m/raw" >"$work/m/body"
	arrives bob "$work/m/body"
	finish
}

body dots 'leading and lone dots'
body eight_bit '8-bit text'
body eight_bit '8-bit text that says so' message_mime
body crlf 'CRLF line ends'
body mixed 'LF and CRLF mixed'
body bare 'bare CR'
body no_newline 'no line end at the end'
body empty 'no body at all'
body blank_lines 'nothing but blank lines'
body from_line 'a line that begins with From'
body latin 'bytes that are no UTF-8'
body ten_megabytes '10 MB'

begin 'CHUNKING: in one flight'
profile 587
submit_plain mailchute --debug -t
check 'exit code' 0 "$status"
check_match 'the end' '^--> BDAT [0-9]+ LAST$' "$client/err"
check 'what follows it at once' '--> QUIT' \
	"$(sed -n '/BDAT/,/^<--/p' "$client/err" | sed -n 2p)"
message_body "$client/in" >"$work/m/body"
arrives bob "$work/m/body"
finish

begin 'CHUNKING: 300 KB in chunks'
profile 587
body_ten_megabytes | head -c 300000 >"$work/m/raw"
message_with "$work/m/raw" >"$work/m/in"
submit mailchute --debug -t <"$work/m/in"
check 'exit code' 0 "$status"
check 'chunks' 6 "$(grep -c '^--> BDAT' "$client/err")"
message_lines "$work/m/raw" >"$work/m/body"
arrives bob "$work/m/body"
finish

# Everything so far went in chunks, since Postfix offers it.
lines='ehlo_ignore CHUNKING'
body dots 'leading and lone dots, ehlo_ignore CHUNKING'
body bare 'bare CR, ehlo_ignore CHUNKING'
body no_newline 'no line end at the end, ehlo_ignore CHUNKING'
body empty 'no body at all, ehlo_ignore CHUNKING'
body ten_megabytes '10 MB, ehlo_ignore CHUNKING'
lines=

# long_lines NAME [COMMAND]: arrive whole, as quoted-printable.
long_lines() {
	begin "$1"
	shift
	profile 587
	body_long_lines >"$work/m/raw"
	message_with "$work/m/raw" "$@" >"$work/m/in"
	submit sendmail -t -i <"$work/m/in"
	check_sent
	if postfix_take bob; then
		check_match header \
			'^Content-Transfer-Encoding: quoted-printable$' \
			"$postfix/arrived.head"
		check 'lines over 76' '' \
			"$(awk 'length > 76' "$postfix/arrived.body")"
		# Letters only: soft line ends are all there is to undo.
		sed -e ':more' -e '/=$/ { N; s/=\n//; b more' -e '}' \
			"$postfix/arrived.body" >"$work/m/body"
		check_same body "$work/m/raw" "$work/m/body"
	fi
	finish
}
long_lines 'body: lines over 998 bytes, with MIME fields' message_mime
long_lines 'body: lines over 998 bytes, no MIME fields'

begin 'header and body with CRLF, as PHP sends them'
profile 587
message_plain >"$work/m/plain"
message_head "$work/m/plain" | sed 's/$/\r/' >"$work/m/in"
printf '\r\nline one\nline two\r\n.\nline three' >>"$work/m/in"
submit fence -t -i <"$work/m/in"
check_sent
printf 'line one\nline two\n.\nline three\n' >"$work/m/body"
arrives bob "$work/m/body"
message_head "$work/m/plain" >"$work/m/head"
check_same header "$work/m/head" "$postfix/arrived.head"
finish

begin '100 recipients'
profile 587
recipients=
number=1
while [ $number -le 100 ]; do
	recipients="$recipients rcpt$number@example.test"
	number=$((number + 1))
done
message_plain >"$work/m/in"
# shellcheck disable=SC2086 # a list
submit sendmail -i $recipients <"$work/m/in"
check_sent
message_body "$work/m/in" >"$work/m/body"
number=1
while [ $number -le 100 ]; do
	arrives "rcpt$number" "$work/m/body" || break
	number=$((number + 1))
done
finish

# ---- SMTPUTF8 ---------------------------------------------------------------

message_plain | sed -e 's/^From:.*/From: Ann <ann@bücher.example>/' \
	-e 's/^To:.*/To: bob@example.test, Bob <bob@bücher.example>/' \
	>"$work/m/in"
message_body "$work/m/in" >"$work/m/body"

begin 'A-labels in envelope and header'
profile 587
submit mailchute -f ann@bücher.example bob@example.test <"$work/m/in"
check_sent
arrives bob "$work/m/body"
check From 'From: Ann <ann@xn--bcher-kva.example>' \
	"$(grep '^From:' "$postfix/arrived.head")"
check 'the envelope' 1 \
	"$(grep -c '^Return-Path: <ann@xn--bcher-kva.example>' "$postfix/arrived")"
finish

begin 'SMTPUTF8 for a local part beyond ASCII'
submit mailchute grün@example.test <"$work/m/in"
check_sent
arrives gruen "$work/m/body"
check From 'From: Ann <ann@bücher.example>' \
	"$(grep '^From:' "$postfix/arrived.head")"
finish

begin 'ORCPT of an address beyond ASCII'
profile 587 'dsn_notify failure'
submit mailchute --debug grün@example.test <"$work/m/in"
check 'exit code' 0 "$status"
check_match RCPT 'RCPT TO:<grün@example.test> NOTIFY=FAILURE ORCPT=utf-8;gr\\x\{FC\}n@example.test$' \
	"$client/err"
check 'MAIL' 1 "$(grep -c '^--> MAIL' "$client/err")"
arrives gruen "$work/m/body"
finish

begin 'a local part beyond ASCII and no SMTPUTF8: 65, the others get it'
profile 587 'ehlo_ignore SMTPUTF8'
submit mailchute grün@example.test bob@example.test <"$work/m/in"
check_failed 65 EX_DATAERR "'grün@example.test' is not ASCII"
arrives bob "$work/m/body"
finish

# ---- ETRN -------------------------------------------------------------------

# etrn NODE CODE PATTERN: what Postfix says.
etrn() {
	begin "ETRN $1: $2"
	profile 587
	submit mailchute --debug --rmqs="$1" </dev/null
	check 'exit code' "$2" "$status"
	check_match 'the reply' "$3" "$client/err"
	finish
}
etrn example.net 0 '^<-- 250 '
etrn @example.net 0 '^<-- 250 '
etrn example.org 75 '459 '

begin 'ETRN is silent'
profile 587
submit mailchute --rmqs=example.net </dev/null
check 'exit code' 0 "$status"
check_empty stdout "$client/out"
check_empty stderr "$client/err"
finish

# ---- refusals ---------------------------------------------------------------

begin 'a refused recipient among others: 67, the others get it'
profile 587
message_plain >"$work/m/in"
submit sendmail -i bob@example.test nobody@example.test carol@example.test \
	<"$work/m/in"
check_failed 67 EX_NOUSER 'nobody@example\.test'
check_match "the server's words" '550 5\.1\.1 .*User unknown' "$client/err"
check_no_match 'names of the others' 'refused.*(bob|carol)@' "$client/err"
message_body "$work/m/in" >"$work/m/body"
arrives bob "$work/m/body"
arrives carol "$work/m/body"
finish

begin 'every recipient refused: 67, nothing sent'
profile 587
submit_plain sendmail -i nobody@example.test
check_failed 67 EX_NOUSER 'nobody@example\.test.*550 5\.1\.1'
postfix_empty || complain 'something arrived'
finish

begin 'a greylisted recipient: 75'
profile 587
submit_plain sendmail -i grey@example.test
check_failed 75 EX_TEMPFAIL 'grey@example\.test.*450 4\.2\.0 .*Greylisted'
postfix_empty || complain 'something arrived'
finish

begin 'a greylisted recipient among others: 75, the others get it'
profile 587
message_plain >"$work/m/in"
submit sendmail -i grey@example.test bob@example.test <"$work/m/in"
check_failed 75 EX_TEMPFAIL 'grey@example\.test'
message_body "$work/m/in" >"$work/m/body"
arrives bob "$work/m/body"
finish

begin 'a refused sender: 69'
profile 587
submit_plain sendmail -i -f mallory@example.test bob@example.test
check_failed 69 EX_UNAVAILABLE '550 5\.7\.1 .*Not in my name'
postfix_empty || complain 'something arrived'
finish

# wrong_password MECHANISM
wrong_password() {
	begin "a wrong password with $1: 77"
	client_profile "host $postfix_host" 'port 587' 'tls on' "auth $1" \
		"tls_trust_file $work/postfix/pki/ca.pem" \
		'from alice@example.test' "user $postfix_user" \
		'password sesame closed'
	submit_plain mailchute -t
	check_failed 77 EX_NOPERM '535 5\.7\.8 '
	postfix_empty || complain 'something arrived'
	finish
}
wrong_password on
wrong_password plain
wrong_password login
wrong_password scram-sha-256

begin 'no login where one is wanted: not sent'
profile 587 'auth off'
submit_plain mailchute -t
# Postfix refuses the recipient (554 5.7.1), not the lack of a login.
check_failed 67 EX_NOUSER '554 5\.7\.1 '
postfix_empty || complain 'something arrived'
finish

begin 'a message larger than the server takes: 69, before it is sent'
profile 2007
body_long_lines >"$work/m/raw"
message_with "$work/m/raw" >"$work/m/in"
postfix_mark
submit sendmail -t -i <"$work/m/in"
check_failed 69 EX_UNAVAILABLE '5000'
postfix_empty || complain 'something arrived'
finish

begin 'a certificate of an unknown authority: 69'
profile 2003
submit_plain sendmail -t
check_failed 69 EX_UNAVAILABLE 'certificate'
postfix_empty || complain 'something arrived'
finish

begin 'a certificate of another host: 69'
profile 2004
submit_plain sendmail -t
check_failed 69 EX_UNAVAILABLE 'certificate'
check_match 'the name that is wrong' "$postfix_host" "$client/err"
postfix_empty || complain 'something arrived'
finish

begin 'an expired certificate: 69'
profile 2005
submit_plain sendmail -t
check_failed 69 EX_UNAVAILABLE 'certificate.*expired'
postfix_empty || complain 'something arrived'
finish

begin 'the certificate of another host, named in the profile'
profile 2004 'tls_host_override other.example.test'
message_plain >"$work/m/in"
submit sendmail -t <"$work/m/in"
check_sent
message_body "$work/m/in" >"$work/m/body"
arrives bob "$work/m/body"
finish

begin 'no STARTTLS: 69, and no password sent'
profile 2006
postfix_mark
submit_plain sendmail -t
check_failed 69 EX_UNAVAILABLE 'STARTTLS'
postfix_log
check_no_match 'a login' 'sasl' "$postfix/log.new"
postfix_empty || complain 'something arrived'
finish

begin 'no authentication offered: 69'
profile 2008
submit_plain sendmail -t
check_failed 69 EX_UNAVAILABLE 'authentication'
postfix_empty || complain 'something arrived'
finish

begin 'STARTTLS spoken to the port of implicit TLS: no message, no hang'
profile 465 'tls_starttls on' 'timeout 3'
submit_plain sendmail -t
case $status in
75 | 76) ;;
*) complain "exit code: want 75 or 76, got $status" ;;
esac
postfix_empty || complain 'something arrived'
finish

begin 'TLS spoken to the port of STARTTLS: 76'
profile 587 'tls_starttls off'
submit_plain sendmail -t
check_failed 76 EX_PROTOCOL 'TLS'
postfix_empty || complain 'something arrived'
finish

begin 'nothing listens: 75'
profile 2999
submit_plain sendmail -t
check_failed 75 EX_TEMPFAIL 'refused the connection'
finish

begin 'a host that does not exist: 68'
client_profile 'host nowhere.example.test' 'auth off' \
	'from alice@example.test'
submit_plain sendmail -t
check_failed 68 EX_NOHOST 'nowhere\.example\.test'
finish

drain_mallory=yes
drain_cases Postfix "$postfix/mail/bob/new" "host $postfix_host" 'port 587' \
	'tls on' "tls_trust_file $work/postfix/pki/ca.pem" \
	'from alice@example.test' 'auth on' "user $postfix_user" \
	"password $postfix_password"

begin 'the server is stopped: 75; started again: it arrives'
postfix_stop
profile 587
submit_plain sendmail -t
check_failed 75 EX_TEMPFAIL 'refused the connection'
postfix_run || complain 'Postfix does not start again'
submit_plain sendmail -t
check_sent
message_body "$client/in" >"$work/m/body"
arrives bob "$work/m/body"
finish

begin 'the server takes the connection and says nothing: 75'
postfix_freeze STOP
profile 587 'timeout 1'
submit_plain sendmail -t
check_failed 75 EX_TEMPFAIL 'did not answer within 1 second'
postfix_freeze CONT
finish

begin 'all is well again'
profile 587
submit_plain sendmail -t
check_sent
arrives bob "$work/m/body"
finish
postfix_stop

begin 'nothing is left running'
check processes "" "$(pgrep "master|dovecot|smtpd|qmgr")"
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
