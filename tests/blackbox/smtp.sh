#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sendmail -bs: whole dialogues, and what arrived of them.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

# dialogue <commands: LF becomes CRLF; the replies in the file
# replies, without CR, with our name as HOST and ids as ID.
dialogue() {
	sed 's/$/\r/' >commands
	submit sendmail -bs <commands
	replies
}

replies() {
	tr -d '\r' <"$client/out" |
		sed -e "s/\\<$(hostname)\\>/HOST/" -e 's/^\(2.*\) [0-9a-z]\{15\} was/\1 ID was/' \
			-e 's/ queued as [0-9a-z]*$/ queued as ID/' \
			>replies
}

# check_replies WANTED: all of them.
check_replies() {
	check replies "$1" "$(cat replies)"
	check_empty stderr "$client/err"
	check 'exit code' 0 "$status"
}

hello='220 HOST ESMTP mailchute
250-HOST
250-PIPELINING
250-SIZE 1073741824
250-8BITMIME
250-SMTPUTF8
250-DSN
250 ENHANCEDSTATUSCODES'
mail='250 2.1.0 go on
250 2.1.5 go on
354 go ahead, end with a dot'
taken='250 2.0.0 ID was accepted: 250 2.0.0 delivered'
bye='221 2.0.0 goodbye'

sink_start
begin 'a message'
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
DATA
From: alice@example.test
Subject: dots

..
..leading
Bcc: no header
.
QUIT
END
check_replies "$hello
$mail
$taken
$bye"
arrived 1
check body '.
.leading
Bcc: no header' "$(tr -d '\r' <mail/1.eml | sed '1,/^$/d')"
check_match log ' exitcode=EX_OK ' "$client/log"
check_match envelope '^to bob@example.test' mail/1.envelope
finish

begin 'several messages a session, RSET and NOOP between them'
sink_start
dialogue <<'END'
EHLO caller
NOOP
MAIL FROM:<alice@example.test>
RCPT TO:<dora@example.test>
RSET
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
DATA
Subject: one
Bcc: secret@example.test

one
.
VRFY bob
MAIL FROM:<> BODY=8BITMIME SIZE=100
RCPT TO:<carol@example.test>
DATA
Subject: two

two
.
NOOP
QUIT
END
check_replies "$hello
250 2.0.0 nothing done
250 2.1.0 go on
250 2.1.5 go on
250 2.0.0 forgotten
$mail
$taken
252 2.5.0 send some mail, and see
$mail
$taken
250 2.0.0 nothing done
$bye"
arrived 2
check 'recipients' 'to bob@example.test
to carol@example.test' "$(cat mail/*.envelope | grep '^to ')"
check 'the second sender is null' 'from ' "$(grep '^from ' mail/2.envelope)"
check_no_match Bcc '^Bcc' mail/1.eml
check 'log lines' 2 "$(wc -l <"$client/log" | tr -d ' ')"
finish

begin 'HELO, and no parameters then'
sink_start
dialogue <<'END'
HELO caller
MAIL FROM:<alice@example.test> SIZE=10
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
DATA

hi
.
QUIT
END
check_replies "220 HOST ESMTP mailchute
250 HOST
555 5.5.4 say EHLO first
$mail
$taken
$bye"
arrived 1
finish

each_wish='to bob@example.test
to-parameters NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@example.test
to carol@example.test
to-parameters NOTIFY=NEVER ORCPT=rfc822;carol@example.test
to dora@example.test'

begin 'DSN goes on to a server that has it, for each recipient its own'
sink_start --dsn
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test> RET=HDRS ENVID=a+2Bb
RCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@example.test
RCPT TO:<carol@example.test> NOTIFY=NEVER
RCPT TO:<dora@example.test>
DATA

hi
.
MAIL FROM:<alice@example.test> RET=SOME
MAIL FROM:<alice@example.test> ENVID=a+2
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test> NOTIFY=TOMORROW
RCPT TO:<bob@example.test> ORCPT=bob
RCPT TO:<bob@example.test> ORCPT=rfc822;b=b
QUIT
END
check_replies "$hello
250 2.1.0 go on
250 2.1.5 go on
250 2.1.5 go on
250 2.1.5 go on
354 go ahead, end with a dot
$taken
501 5.5.4 that is no value for RET or ENVID
501 5.5.4 that is no value for RET or ENVID
250 2.1.0 go on
501 5.5.4 that is no value for NOTIFY or ORCPT
501 5.5.4 that is no value for NOTIFY or ORCPT
501 5.5.4 that is no value for NOTIFY or ORCPT
$bye"
check_match RET 'RET=HDRS' mail/1.envelope
check_match ENVID 'ENVID=a\+2Bb( |$)' mail/1.envelope
check 'what the server was told of each' "$each_wish" \
	"$(grep '^to' mail/1.envelope)"
finish

begin 'DSN goes on through the queue, too'
sink_start --dsn
profile 'queue always' "queue_dir $sink/queue" 'queue_runner external' \
	'dsn_notify delay'
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test> RET=HDRS ENVID=a+2Bb
RCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@example.test
RCPT TO:<carol@example.test> NOTIFY=NEVER
RCPT TO:<dora@example.test>
DATA

hi
.
QUIT
END
check_match 'the answer' 'queued as' replies
arrived 0
check_match 'the record' '^mailchute-queue 2$' queue/1*
submit mailchute queue run </dev/null
check 'exit code of the runner' 0 "$status"
check 'what the server was told of each' "$each_wish
to-parameters NOTIFY=DELAY ORCPT=rfc822;dora@example.test" \
	"$(grep '^to' mail/1.envelope)"
check_match RET 'RET=HDRS ENVID=a\+2Bb' mail/1.envelope
rm -rf queue
finish

begin 'a server without DSN is told nothing, and has the mail'
sink_start
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test> RET=HDRS ENVID=a
RCPT TO:<bob@example.test> NOTIFY=NEVER ORCPT=rfc822;b@example.test
DATA

hi
.
QUIT
END
arrived 1
check 'parameters' 0 "$(grep -c '^to-parameters' mail/1.envelope)"
finish

utf8() {
	printf 'EHLO caller\nMAIL FROM:<alice@example.test> BODY=8BITMIME SMTPUTF8\n'
	printf 'RCPT TO:<zo\303\253@example.test> ORCPT=utf-8;z\303\253@example.test\n'
	printf 'RCPT TO:<bob@b\303\274cher.example>\n'
	printf 'DATA\nSubject: Gr\303\274\303\237e\n\nGr\303\274\303\237e\n.\nQUIT\n'
}
begin 'SMTPUTF8 and 8BITMIME go on to a server that has them'
sink_start --dsn
utf8 >utf8
dialogue <utf8
check_replies "$hello
250 2.1.0 go on
250 2.1.5 go on
250 2.1.5 go on
354 go ahead, end with a dot
$taken
$bye"
check recipients "$(printf 'to zo\303\253@example.test\nto bob@xn--bcher-kva.example')" \
	"$(grep '^to ' mail/1.envelope)"
check_match parameters 'BODY=8BITMIME.*SMTPUTF8' mail/1.envelope
check ORCPT 'to-parameters ORCPT=utf-8;z\x{EB}@example.test' \
	"$(grep '^to-p' mail/1.envelope)"
profile 'queue always' "queue_dir $sink/queue" 'queue_runner external'
dialogue <utf8
submit mailchute queue run </dev/null
arrived 2
check 'ORCPT by the queue' 'to-parameters ORCPT=utf-8;z\x{EB}@example.test' \
	"$(grep '^to-p' mail/2.envelope)"
rm -rf queue
check body "$(printf 'Gr\303\274\303\237e')" \
	"$(tr -d '\r' <mail/1.eml | sed '1,/^$/d')"
finish

begin 'a server without SMTPUTF8: who has no other form is named, others have it'
sink_start --no-smtputf8
dialogue <utf8
check_match 'the answer' "^554-.*zo" replies
check_match 'and who has it' '^554 .*bob@' replies
check recipients 'to bob@xn--bcher-kva.example' "$(grep '^to ' mail/1.envelope)"
finish

begin 'an address in UTF-8 without SMTPUTF8'
printf 'EHLO caller\nMAIL FROM:<alice@example.test>\nRCPT TO:<zo\303\253@example.test>\nQUIT\n' \
	>commands.in
dialogue <commands.in
check RCPT '553 5.1.3 that is no address' "$(sed -n 10p replies)"
finish

# ---- refusals ----------------------------------------------------------------

begin 'what is wrong with a recipient is said of that recipient'
sink_start
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<dud>
RCPT TO:<>
RCPT TO:bob@example.test
RCPT TO:<bob@example.test>
DATA

hi
.
QUIT
END
check_replies "$hello
250 2.1.0 go on
550 5.1.3 the recipient 'dud' has no domain
501 5.1.3 that is no address
501 5.5.4 syntax error in the address
250 2.1.5 go on
354 go ahead, end with a dot
$taken
$bye"
arrived 1
check_match 'log of the refusal' 'diag=address.no-domain' "$client/log"
finish

begin 'no valid recipients: DATA is refused'
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<dud>
DATA
QUIT
END
check_replies "$hello
250 2.1.0 go on
550 5.1.3 the recipient 'dud' has no domain
554 5.5.1 no valid recipients
$bye"
finish

# answer NAME WANTED SINK-OPTION...: to the dot of a message to bob and carol.
answer() {
	begin "$1"
	answer_wanted=$2
	shift 2
	sink_start "$@"
	dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
RCPT TO:<carol@example.test>
DATA

hi
.
QUIT
END
	check 'the answer to the dot' "$answer_wanted
$bye" "$(sed -e '1,/^354/d' replies | with_port /dev/stdin)"
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	finish
}

answer 'one of two refused: 554, and who has it' \
"554-5.5.0 not accepted: the server refused the recipient bob@example.test: 550 5.1.1 no such user
554 5.5.0 accepted, do not repeat: carol@example.test" \
	--refuse-rcpt bob@example.test='550 5.1.1 no such user'
begin 'one of two refused: the other has it'
arrived 1
check_match log ' exitcode=EX_NOUSER ' "$client/log"
finish
answer 'one of two deferred: a repetition would double the other: 554' \
"554-5.5.0 not accepted: the server refused the recipient bob@example.test: 451 4.7.1 later
554 5.5.0 accepted, do not repeat: carol@example.test" \
	--refuse-rcpt bob@example.test='451 4.7.1 later'
answer 'all refused: 554' \
"554-5.1.1 the server refused the recipient bob@example.test: 550 5.1.1 nobody
554 5.1.1 the server refused the recipient carol@example.test: 550 5.1.1 nobody" \
	--refuse-rcpt '*=550 5.1.1 nobody'
answer 'all deferred: 451' \
"451-4.7.1 the server refused the recipient bob@example.test: 451 4.7.1 later
451 4.7.1 the server refused the recipient carol@example.test: 451 4.7.1 later" \
	--refuse-rcpt '*=451 4.7.1 later'
answer 'the message refused: 554' \
	'554 5.7.1 the server refused the message: 554 5.7.1 spam' \
	--refuse-dot '554 5.7.1 spam'
answer 'the message deferred: 451' \
	'451 4.3.0 the server refused the message: 451 4.3.0 full' \
	--refuse-dot '451 4.3.0 full'
answer 'not confirmed: 451, possible duplicate' \
	'451 4.4.2 the whole message was sent, but the server did not confirm it: the server closed the connection' \
	--drop DOT
answer 'a wrong password is not the end of the message: 451' \
	'451 4.7.8 the server refused the login of alice with PLAIN: 535 5.7.8 no' \
	--mechanisms PLAIN --auth-fail '535 5.7.8 no'
answer 'no server: 451' \
	'451 4.3.2 localhost:PORT: the server does not take mail: 554 5.3.2 go away' \
	--greeting '554 5.3.2 go away'

# ---- the queue ---------------------------------------------------------------

# queued NAME WANTED: the answer to the dot, with a queue.
queued() {
	begin "$1"
	dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
RCPT TO:<carol@example.test>
DATA

hi
.
QUIT
END
	check 'the answer to the dot' "$2" \
		"$(sed -e '1,/^354/d; /^221/d' -e 's/\.0 [0-9a-z]\{15\} is/.0 ID is/' replies)"
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	finish
}
queue_lines() {
	profile "$1" "queue_dir $sink/queue" 'queue_runner external'
}
sink_start --refuse-rcpt '*=451 4.7.1 later'
queue_lines 'queue auto'
queued 'deferred, with a queue: 250' '250 2.0.0 queued as ID'
queue_lines 'queue always'
queued 'queued first: 250' '250 2.0.0 queued as ID'
begin 'both wait'
check 'entries' 2 "$(find queue -maxdepth 1 -name '1*' | wc -l | tr -d ' ')"
finish
sink_start --refuse-rcpt 'bob@example.test=550 5.1.1 nobody' \
	--refuse-rcpt 'carol@example.test=451 4.7.1 later'
queue_lines 'queue auto'
queued 'one refused, one queued: 554, and who will have it' \
"554-5.5.0 not accepted: the server refused the recipient bob@example.test: 550 5.1.1 nobody
554 5.5.0 accepted, do not repeat: carol@example.test"
sink_start
sink_stop
queue_lines 'queue auto'
queued 'no server, with a queue: 250' '250 2.0.0 queued as ID'

begin 'no configuration: said at MAIL, the session goes on'
mv "$client/home/.mailchuterc" kept
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
QUIT
END
mv kept "$client/home/.mailchuterc"
check_match replies '^451 4\.3\.5 no configuration found' replies
check 'RCPT after it' '503 5.5.1 not now' "$(grep '^503' replies)"
check 'exit code' 0 "$status"
finish

begin 'a message in circles: 554 5.4.6'
sink_start
{
	printf 'EHLO c\nMAIL FROM:<alice@example.test>\n'
	printf 'RCPT TO:<bob@example.test>\nDATA\n'
	for n in 1 2 3 4 5; do
		for m in 1 2 3 4 5 6 7 8 9 0; do
			printf 'Received: from a by b; %d%d\n' $n $m
		done
	done
	printf 'Received: one more\n\nhi\n.\nQUIT\n'
} >circle
dialogue <circle
check 'the dot' '554 5.4.6 the message has passed 50 hosts: it runs in circles' \
	"$(sed '1,/^354/d; /^221/d' replies)"
arrived 0
finish

begin 'too large by its own word: 552'
dialogue <<'END'
EHLO caller
MAIL FROM:<alice@example.test> SIZE=99999999999
QUIT
END
check 'MAIL' '552 5.3.4 too large' "$(grep '^552' replies)"
finish

# ---- ends that are no ends ---------------------------------------------------

# broken NAME <commands: nothing sent, 76, one log line that says so.
broken() {
	begin "$1"
	sink_start
	dialogue
	check 'exit code' 76 "$status"
	check stderr \
'mailchute: the caller ended the SMTP session in the middle: what was not confirmed was not sent
mailchute: let the caller send QUIT at its end, and send again what has no 250' \
		"$(cat "$client/err")"
	check_match log ' exitcode=EX_PROTOCOL .* diag=input.broken-off ' \
		"$client/log"
	check_no_match 'nothing is called sent' EX_OK "$client/log"
	arrived 0
	finish
}

broken 'the caller dies in the middle of a message' <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
DATA
Subject: half

this is not all
END
broken 'the caller dies after RCPT' <<'END'
EHLO caller
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
END
broken 'a message instead of SMTP, as an injected -bs gets it' <<'END'
To: bob@example.test
Subject: hello

hello
END
broken 'more errors than anybody makes' <<'END'
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
To: bob@example.test
END
begin 'more errors than anybody makes: 421'
check 'the last word' '421 4.7.0 too many errors' "$(tail -n 1 replies)"
finish

begin 'the end of the input between messages is an end'
dialogue <<'END'
EHLO caller
RSET
END
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
finish

begin 'standard input closed: 66'
submit sendmail -bs <&-
check 'exit code' 66 "$status"
finish

begin 'a reader that is gone: the session ends'
{
	printf 'EHLO c\r\n'
	sleep 1
	printf 'NOOP\r\nQUIT\r\n'
} | {
	env -i HOME="$client/home" PATH="$PATH" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"$client/bin/sendmail" -bs 2>err
	echo $? >status
} | head -n 1 >/dev/null
check 'exit code' 71 "$(cat status)"
check_match stderr 'standard output' err
finish

# ---- doors -------------------------------------------------------------------

begin 'behind the fence, and with options beside it'
sink_start
printf 'EHLO c\r\nMAIL FROM:<alice@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n\r\nhi\r\n.\r\nQUIT\r\n' >commands
submit fence -bs -i -oi -t someone@example.test <commands
check 'exit code' 0 "$status"
arrived 1
check 'recipients' 'to bob@example.test' "$(grep '^to ' mail/1.envelope)"
submit mailchute -a default -bs <commands
check 'exit code' 0 "$status"
arrived 2
finish

begin 'one command at a time, answered before the next'
rm -f to from
mkfifo to from
env -i HOME="$client/home" PATH="$PATH" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$client/bin/sendmail" -bs <to >from 2>err &
caller_pid=$!
exec 3>to 4<from
say() {
	[ -z "$1" ] || printf '%s\r\n' "$1" >&3
	while IFS= read -r said <&4; do
		case $said in
		[0-9][0-9][0-9]-*) ;;
		*) break ;;
		esac
	done
	check "answer to '$1'" "$2" "$(printf '%.3s' "$said")"
}
say '' 220
say 'EHLO c' 250
say 'MAIL FROM:<alice@example.test>' 250
say 'RCPT TO:<bob@example.test>' 250
say 'DATA' 354
printf 'Subject: slow\r\n\r\nhi\r\n' >&3
say '.' 250
say 'NOOP' 250
say 'QUIT' 221
exec 3>&- 4<&-
wait "$caller_pid"
check 'exit code' 0 $?
arrived 3
finish

begin 'a caller that ends its lines with LF'
sink_start
printf 'EHLO c\nMAIL FROM:<alice@example.test>\nRCPT TO:<bob@example.test>\nDATA\nSubject: lf\n\n..dot\nand \r\nboth\n.\nQUIT\n' >commands
submit sendmail -bs <commands
check 'exit code' 0 "$status"
check_match 'the last reply' '^221 ' "$client/out"
arrived 1
check body '.dot,and ,both' "$(tr -d '\r' <mail/1.eml | sed '1,/^$/d' | paste -s -d , -)"
finish
begin 'but not one that began with CR LF'
printf 'EHLO c\r\nMAIL FROM:<alice@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n\r\na\n.\nMAIL FROM:<eve@example.test>\r\n.\r\nNOOP\nQUIT\r\n' >commands
submit sendmail -bs <commands
check 'exit code' 0 "$status"
arrived 2
check sender 'from alice@example.test' "$(grep '^from ' mail/2.envelope)"
check_match 'a command with LF' '^500 5.5.2 a line ends in CR LF' "$client/out"
finish

begin 'redirect_to: however many recipients the caller names'
sink_start
profile 'redirect_to qa@example.test'
for many in 1 2 40; do
	rm -f mail/*
	{
		printf 'EHLO c\r\nMAIL FROM:<alice@example.test>\r\n'
		for i in $(seq "$many"); do
			printf 'RCPT TO:<u%s@example.test>\r\n' "$i"
		done
		printf 'DATA\r\nSubject: %s\r\n\r\nhi\r\n.\r\nQUIT\r\n' "$many"
	} >commands
	submit sendmail -bs <commands
	check "exit code for $many" 0 "$status"
	check_empty stderr "$client/err"
	arrived 1
	check 'the one recipient' 'to qa@example.test' \
		"$(grep '^to ' mail/*.envelope)"
	check 'whom it was for' "$(seq -s ' ' "$many")" \
		"$(tr -d '\r' <"$(echo mail/*.eml)" |
			sed -n '/^X-Original-To:/,/^[^ \tX]/p' |
			grep -o 'u[0-9]*@' | tr -d 'u@' | paste -s -d ' ' -)"
done
finish

begin 'root, named again and again: each RCPT is asked about for itself'
sink_start
profile 'local_to qa@example.test'
{
	printf 'EHLO c\r\nMAIL FROM:<alice@example.test>\r\n'
	for i in root postmaster nobody-here root bob@example.test root; do
		printf 'RCPT TO:<%s>\r\n' "$i"
	done
	printf 'DATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n'
} >commands
submit sendmail -bs <commands
check 'exit code' 0 "$status"
arrived 1
check 'who gets it' 'qa@example.test bob@example.test' \
	"$(sed -n 's/^to //p' mail/1.envelope | paste -s -d ' ' -)"
check 'the answers' '250 250 550 250 250 250' \
	"$(sed -n 's/^\(...\) 2.1.5.*/\1/p; s/^\(550\) .*/\1/p' \
		"$client/out" | paste -s -d ' ' -)"
check 'whom it was for' 'X-Original-To: root, postmaster' \
	"$(grep '^X-Original-To:' mail/1.eml | tr -d '\r')"
finish

summary
