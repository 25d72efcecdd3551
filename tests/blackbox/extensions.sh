#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The extensions of SMTP, used, kept from use, and refused after they were
# offered: what goes over the wire, and what comes of it.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

# said PATTERN: so many lines of the transcript.
said() {
	grep -cE -e "$1" transcript
}

# ---- CHUNKING ----------------------------------------------------------------

# Any message arrives the same in chunks and behind DATA.
both_ways() {
	begin "CHUNKING: body: $2"
	"body_$1" >raw
	message_with raw >message
	sink_start
	submit sendmail -i bob@example.test <message
	check_sent
	arrived 1
	mv mail/1.eml by_data
	sink_start --chunking
	submit sendmail -i bob@example.test <message
	check_sent
	arrived 1
	check_same 'the message' by_data mail/1.eml
	check 'DATA' 0 "$(said '^C: DATA')"
	check 'the end' 1 "$(said '^C: BDAT [0-9]+ LAST$')"
	check 'chunks before it' "${3-0}" "$(said '^C: BDAT 65[0-9]*$')"
	finish
}

body_nul() {
	printf 'a\0b\n\0.\nc\n'
}

both_ways dots 'leading and lone dots'
both_ways bare 'bare CR'
both_ways nul NUL
both_ways no_newline 'no line end at the end'
both_ways empty 'no body at all'
both_ways long_lines 'lines that are too long'
both_ways ten_megabytes '10 MB' "$(body_ten_megabytes | wc -lc |
	awk '{ print int(($1 + $2) / 65536) }')"

# More than the dialogue holds, in one line of the head: source and stream have
# to keep step.
for how in --chunking --no-pipelining; do
	begin "a head line of 9 MB with $how"
	{
		printf 'X-Long: '
		head -c 9000000 /dev/zero | tr '\0' x
		echo
		message_plain
	} >message
	sink_start "$how"
	submit sendmail -i bob@example.test <message
	check_sent
	arrived 1
	# It is folded.
	tr -d ' \n' <message >wanted
	tr -d ' \r\n' <mail/1.eml >got
	check_same 'the message' wanted got
	finish
done

sink_start --chunking
begin 'CHUNKING: ehlo_ignore'
profile 'ehlo_ignore CHUNKING'
submit_plain mailchute bob@example.test
check_sent
arrived 1
check 'BDAT' 0 "$(said '^C: BDAT')"
finish

sink_start --chunking --no-pipelining
begin 'CHUNKING without PIPELINING'
body_ten_megabytes | head -c 300000 >raw
message_with raw >message
submit sendmail -i bob@example.test <message
check_sent
arrived 1
check 'chunks' 6 "$(said '^C: BDAT')"
finish

# chunks_fail NAME CODE DIAG STDERR: of a message in chunks.
chunks_fail() {
	begin "CHUNKING: $1"
	submit_plain mailchute bob@example.test
	check_outcome "$2" "$4"
	check_match log " diag=$3 " "$client/log"
	arrived "${5-0}"
	finish
}

sink_start --chunking --refuse-rcpt '*=550 5.1.1 nobody'
chunks_fail 'the recipient refused: 67' 67 smtp.rcpt-refused \
'mailchute: the server refused the recipient bob@example.test: 550 5.1.1 nobody
mailchute: there is no such mailbox
mailchute: check the spelling of the address, and take it off your lists'
sink_start --chunking --refuse-dot '554 5.6.0 no'
chunks_fail 'the message refused: 69' 69 smtp.data-refused \
	"mailchute: the server refused the message: 554 5.6.0 no
mailchute: the server does not take this kind of content, or cannot convert it
mailchute: send plain text with fewer or other attachments"
sink_start --chunking --bad-reply 'BDAT=452 4.3.1 full\r\n'
chunks_fail 'the chunk deferred: 75' 75 smtp.data-refused \
	'mailchute: the server refused the message: 452 4.3.1 full
mailchute: the server has no room or memory at the moment
mailchute: try again later, the queue does so by itself; a server of yours: look at its disk'
sink_start --chunking --drop DOT
chunks_fail 'no confirmation: possible duplicate' 75 smtp.possible-duplicate \
'mailchute: the whole message was sent, but the server did not confirm it: the server closed the connection
mailchute: it may have arrived; sending it again may deliver it twice' 1

# ---- offered, and not done ---------------------------------------------------

# anyway NAME CONNECTIONS SINK-OPTION...: a message to bob and carol arrives
# all the same.
anyway() {
	begin "offered, not done: $1"
	anyway_connections=$2
	shift 2
	sink_start "$@"
	[ -z "$anyway_line" ] || profile "$anyway_line"
	message_with raw >message
	submit mailchute bob@example.test carol@example.test <message
	check_sent
	arrived 1
	tr -d '\r' <mail/1.eml >arrived
	check_same 'the message' message arrived
	check 'recipients' 'to bob@example.test to carol@example.test' \
		"$(grep '^to ' mail/1.envelope | tr '\n' ' ' | sed 's/ $//')"
	check 'connections' "$anyway_connections" "$(said '^S: 220 .*ESMTP')"
	finish
}
anyway_line=
echo text >raw
anyway CHUNKING 2 --chunking --bad-reply 'BDAT=502 5.5.1 what is BDAT?\r\n'
begin 'offered, not done: CHUNKING: DATA instead'
check DATA 1 "$(said '^C: DATA')"
finish
anyway 'CHUNKING, in clear words' 2 --chunking \
	--bad-reply 'BDAT=500 what?\r\n'
anyway 'CHUNKING, but the chunks are commands' 2 --announce CHUNKING
body_ten_megabytes | head -n 5000 >raw
anyway 'CHUNKING, 250 KB' 2 --chunking --bad-reply 'BDAT=504 no\r\n'
echo text >raw
anyway PIPELINING 1 --lose-ahead
anyway 'PIPELINING and CHUNKING' 2 --lose-ahead --chunking
anyway 'SIZE' 1 --refuse-parameters '555 5.5.4 what is that?'
anyway 'SIZE, with CHUNKING' 2 --chunking \
	--refuse-parameters '555 5.5.4 what is that?'
anyway_line='dsn_notify failure'
anyway 'SIZE, then DSN' 1 --dsn --refuse-parameters '501 what is that?'
anyway 'SIZE, then DSN, with CHUNKING' 3 --dsn --chunking \
	--refuse-parameters '501 what is that?'
anyway_line=

begin 'offered, not done: no second connection: 75'
sink_start --chunking --bad-reply 'BDAT=502 no\r\n' --max-connections 1
submit_plain mailchute bob@example.test
check 'exit code' 75 "$status"
check_match log ' exitcode=EX_TEMPFAIL .* diag=net\.(refused|lost|closed) ' \
	"$client/log"
arrived 0
finish

begin 'offered, not done: remembered for the next message on the connection'
sink_start --chunking --bad-reply 'BDAT=502 no\r\n'
profile 'queue always' "queue_dir $sink/queue" 'queue_runner external'
for number in 1 2 3; do
	submit_plain mailchute "rcpt$number@example.test"
done
submit mailchute queue run </dev/null
check 'exit code' 0 "$status"
arrived 3
check 'connections' 2 "$(said '^S: 220 .*ESMTP')"
check 'chunks' 1 "$(said '^C: BDAT')"
finish

begin 'offered, not done: REQUIRETLS is not left out: 69'
sink_start --announce REQUIRETLS
profile 'requiretls on'
submit_plain mailchute bob@example.test
check_outcome 69 'mailchute: the server does not promise to pass the message on over TLS alone (REQUIRETLS): 555 5.5.4 that parameter was not offered
mailchute: without '"'requiretls on'"' it can go over servers that do not encrypt'
arrived 0
finish

# ---- LIMITS ------------------------------------------------------------------

# limited NAME CONNECTIONS MESSAGES SINK-OPTION...: to five recipients, who all
# get it, once.
limited() {
	begin "LIMITS: $1"
	limited_connections=$2
	limited_messages=$3
	shift 3
	sink_start "$@"
	submit_plain mailchute r1@example.test r2@example.test \
		r3@example.test r4@example.test r5@example.test
	check_sent
	arrived "$limited_messages"
	check 'recipients' 'r1 r2 r3 r4 r5 ' "$(cat mail/*.envelope |
		sed -n 's/^to \(.*\)@.*/\1/p' | sort | tr '\n' ' ')"
	check 'connections' "$limited_connections" "$(said '^S: 220 .*ESMTP')"
	for file in mail/*.eml; do
		tr -d '\r' <"$file" >arrived
		check_same "$file" "$client/in" arrived
	done
	finish
}
limited 'RCPTMAX' 1 3 --rcpt-max 2 --announce 'LIMITS RCPTMAX=2'
check_refusals() {
	begin "LIMITS: $1 refusals"
	check 'refusals' "$1" "$(said '^S: (421|452)')"
	finish
}
check_refusals 0
limited 'RCPTMAX, in chunks' 1 3 --rcpt-max 2 --announce 'LIMITS RCPTMAX=2' \
	--chunking
limited '452, without a word before' 1 3 --rcpt-max 2
check_refusals 4
limited '452, in chunks' 1 3 --rcpt-max 2 --chunking
limited 'RCPTMAX and MAILMAX' 3 3 --rcpt-max 2 --mail-max 1 \
	--announce 'LIMITS RCPTMAX=2 MAILMAX=1'
check_refusals 0
limited '452 and MAILMAX, in chunks' 2 3 --rcpt-max 2 --mail-max 2 --chunking \
	--announce 'LIMITS MAILMAX=2'
limited 'a MAILMAX that is less' 1 1 --mail-max 1 \
	--announce 'LIMITS MAILMAX=2'
# Two a connection, whatever the transactions.
cat >counted <<'END'
RCPT mail 2- : reply "452 4.5.3 too many recipients in this session"
END
limited 'recipients of a connection' 3 3 --rcpt-max 2 --script counted \
	--announce 'LIMITS RCPTMAX=2'
cat >counted <<'END'
RCPT mail 2- : reply "550 5.5.3 too many recipients in this session"
END
limited 'recipients of a connection, for good' 3 3 --rcpt-max 2 \
	--script counted
# One that takes no second one at all is asked once more, and no further.
cat >counted <<'END'
RCPT to r2@* : reply "452 4.5.3 too many recipients"
END
begin 'LIMITS: refused as the first of a connection'
sink_start --script counted
submit_plain mailchute r1@example.test r2@example.test
check 'exit code' 75 "$status"
check_match stderr 'refused the recipient r2@example.test: 452' \
	client/err
arrived 1
check 'connections' 2 "$(said '^S: 220 .*ESMTP')"
finish

# queued NAME CONNECTIONS REFUSALS SINK-OPTION...: seven messages of a queue;
# REFUSALS is a pattern.
queued() {
	begin "LIMITS: $1"
	queued_connections=$2
	queued_refusals=$3
	shift 3
	sink_start "$@"
	rm -rf queue
	profile 'queue always' "queue_dir $sink/queue" 'queue_runner external'
	for number in 1 2 3 4 5 6 7; do
		submit_plain mailchute "rcpt$number@example.test"
	done
	submit mailchute queue run </dev/null
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	arrived 7
	check 'recipients' 7 "$(cat mail/*.envelope | grep '^to ' | sort -u |
		wc -l | tr -d ' ')"
	check 'connections' "$queued_connections" "$(said '^S: 220 .*ESMTP')"
	said '^S: 421 4.7.0' >refused
	check_match 'refusals' "^$queued_refusals$" refused
	finish
}
queued 'MAILMAX in a run of the queue' 3 0 --mail-max 3 \
	--announce 'LIMITS MAILMAX=3'
queued 'MAILMAX in a run of the queue, in chunks' 7 0 --mail-max 1 \
	--announce 'LIMITS MAILMAX=1' --chunking
queued 'a limit that nobody announced' 3 2 --mail-max 3
# Whoever sends in flights may have learnt it at the first.
queued 'a limit that nobody announced, in chunks' 3 '[12]' --mail-max 3 \
	--chunking
queued 'no limit' 1 0
queued 'no limit, in chunks' 1 0 --chunking

# ---- SMTPUTF8 and A-labels ---------------------------------------------------

# international: with U-labels in the header, and the rest ASCII.
international() {
	cat <<-'END'
		From: "Ann @bücher.example" <ann@bücher.example>
		To: bob@example.test, Bob <bob@bücher.example>
		Subject: bob@example.test
		Date: Tue, 10 Nov 2026 12:00:00 +0100
		Message-ID: <plain@example.test>

		bob@bücher.example
	END
}
international | sed 's/^From: "Ann @bücher.example"/From: Ann/' >u_labels
sed '1,/^$/s/bücher/xn--bcher-kva/' u_labels >a_labels

# came WHAT FILE: message 1, and what the server was told of its size.
came() {
	tr -d '\r' <mail/1.eml >arrived
	check_same "$1" "$2" arrived
	check 'the size' "$(wc -c <mail/1.eml | tr -d ' ')" \
		"$(sed -n 's/.* SIZE=\([0-9]*\).*/\1/p' mail/1.envelope)"
}

for offered in --no-smtputf8 --dsn; do
	sink_start $offered
	begin "A-labels in envelope and header, $offered"
	submit mailchute -f ann@bücher.example bob@bücher.example <u_labels
	check_sent
	arrived 1
	came 'the message' a_labels
	check 'envelope' 'from ann@xn--bcher-kva.example to bob@xn--bcher-kva.example ' \
		"$(grep -E '^(from|to) ' mail/1.envelope | tr '\n' ' ')"
	check SMTPUTF8 0 "$(said '^C: MAIL.* SMTPUTF8')"
	check_match 'the log' ' content=[a-z0-9,]*a-labels ' "$client/log"
	finish
done

begin 'A-labels from the queue'
sink_start
profile 'queue always' "queue_dir $sink/queue" 'queue_runner external'
submit mailchute -f ann@bücher.example bob@bücher.example <u_labels
submit mailchute queue run </dev/null
arrived 1
came 'the message' a_labels
finish

begin 'what is quoted or in the body is text'
sink_start
international >message
submit mailchute bob@example.test <message
check_sent
arrived 1
check From 'From: "Ann @bücher.example" <ann@xn--bcher-kva.example>' \
	"$(head -n 1 mail/1.eml | tr -d '\r')"
finish

begin 'SMTPUTF8 where an address needs it: all stays as it is'
sink_start --dsn
profile 'dsn_notify failure'
submit mailchute grün@bücher.example bob@bücher.example <u_labels
check_sent
check_no_match 'the log' a-labels "$client/log"
arrived 1
came 'the message' u_labels
check MAIL 1 "$(said '^C: MAIL.* SMTPUTF8')"
check ORCPT 'ORCPT=utf-8;gr\x{FC}n@b\x{FC}cher.example' \
	"$(grep '^to-par' mail/1.envelope | head -n 1 | grep -o 'ORCPT=.*')"
finish

begin 'a local part for which the server has no SMTPUTF8: that one alone'
sink_start --no-smtputf8
submit mailchute grün@example.test bob@example.test <u_labels
check_outcome 65 "mailchute: the address 'grün@example.test' is not ASCII, and the server has no SMTPUTF8
mailchute: the server took the message for the 1 other recipient
mailchute: only a server that offers SMTPUTF8 can take it"
arrived 1
came 'the message' a_labels
check 'recipients' 'to bob@example.test' "$(grep '^to ' mail/1.envelope)"
finish

begin 'a sender for whom the server has no SMTPUTF8'
submit mailchute -f grün@example.test bob@example.test <u_labels
check_outcome 65 "mailchute: the address 'grün@example.test' is not ASCII, and the server has no SMTPUTF8
mailchute: only a server that offers SMTPUTF8 can take it"
finish

begin 'SMTPUTF8 offered and not done: those who can do without it'
sink_start --chunking --refuse-parameters '555 5.5.4 what is that?'
submit mailchute grün@example.test bob@example.test <u_labels
check 'exit code' 65 "$status"
arrived 1
tr -d '\r' <mail/1.eml >arrived
check_same 'the message' a_labels arrived
finish

# ---- ETRN --------------------------------------------------------------------

# etrn NAME CODE STDERR NODE SINK-OPTION...
etrn() {
	begin "ETRN: $1"
	etrn_code=$2
	etrn_sentence=$3
	etrn_node=$4
	shift 4
	sink_start "$@"
	submit mailchute --rmqs="$etrn_node" <&-
	check 'exit code' "$etrn_code" "$status"
	check_empty stdout "$client/out"
	check stderr "$etrn_sentence" "$(with_port "$client/err")"
	arrived 0
	finish
}

etrn 'mail is on its way: silent' 0 '' '@example.test' \
	--announce ETRN --bad-reply 'ETRN=253 OK, 14 pending messages\r\n'
begin 'ETRN: after the login, and nothing else'
check commands 'AUTH ETRN @example.test QUIT ' \
	"$(sed -n 's/^C: //p' transcript | sed -e '1,/^EHLO/d' -e '/^STARTTLS/d; /^EHLO/d; /hidden>$/ { /^AUTH/!d; s/ .*// }' | tr '\n' ' ')"
finish
etrn 'a U-label' 0 '' 'bücher.example' \
	--announce ETRN --bad-reply 'ETRN=250 OK\r\n'
begin 'ETRN: as A-label'
check 'the command' 1 "$(said '^C: ETRN xn--bcher-kva.example$')"
finish
etrn 'not now: 75' 75 \
'mailchute: the server does not send what it keeps for a.example: 458 Unable to queue messages for node a.example
mailchute: does that server keep mail for it, and for whoever calls from here?' \
	a.example --announce ETRN \
	--bad-reply 'ETRN=458 Unable to queue messages for node a.example\r\n'
etrn 'offered and not done: 69' 69 \
'mailchute: the server does not send what it keeps for a.example: 500 5.5.1 what?
mailchute: does that server keep mail for it, and for whoever calls from here?' \
	a.example --announce ETRN --bad-reply 'ETRN=500 5.5.1 what?\r\n'
etrn 'not offered: 69' 69 \
'mailchute: the server does not offer ETRN, and keeps no mail for others
mailchute: -q runs this machine'\''s own queue; ETRN is for servers that keep mail for a domain' a.example
etrn 'the server closes: 75' 75 \
	'mailchute: localhost:PORT: the server closed the connection
mailchute: if it stays so: '\''mailchute doctor'\'' finds out why' \
	a.example --announce ETRN --drop ETRN
etrn 'a wrong password: 77' 77 \
"mailchute: the server refused the login of alice with PLAIN: 535 5.7.8 no
mailchute: check user name and password; many providers want an app password here" \
	a.example --announce ETRN --mechanisms PLAIN \
	--auth-fail '535 5.7.8 no'
etrn 'no node: 64' 64 \
"mailchute: 'a b' is nothing that ETRN takes
mailchute: it takes a host, '@' and a domain, or '#' and the name of a queue" \
	'a b' --announce ETRN
etrn 'nothing: 64' 64 "mailchute: option --rmqs needs a value
mailchute: 'mailchute --help' lists the options" ''
begin 'ETRN: no message with it: 64'
submit mailchute --rmqs=a.example bob@example.test <&-
check 'exit code' 64 "$status"
check stderr "mailchute: '--rmqs' takes no 'bob@example.test'
mailchute: 'mailchute --help' lists the options" "$(cat "$client/err")"
finish
begin 'ETRN: not for those behind the fence: 64'
submit fence --rmqs=a.example </dev/null
check 'exit code' 64 "$status"
finish
begin 'ETRN: as msmtp'
sink_start --announce ETRN --bad-reply 'ETRN=250 OK\r\n'
ln -sf "$MAILCHUTE" msmtp
cp -p "$client/profile" msmtprc
status=0
env -i HOME="$sink" PATH="$PATH" ./msmtp -C "$sink/msmtprc" --rmqs a.example \
	>out 2>&1 || status=$?
check 'exit code' 0 "$status"
check_empty output out
check 'the command' 1 "$(said '^C: ETRN a.example$')"
finish

summary
