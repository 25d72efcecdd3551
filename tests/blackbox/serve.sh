#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The system-wide door: callers without a password, a relay that has it, a
# server behind.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
serve_pid=
sockets=$TOP_BUILDDIR/tests/blackbox/sockets
# Below the ephemeral ones, and not that of a suite beside this one.
port=$((10000 + $$ % 20000))

# relay LINE...: the profile of the service.
relay() {
	{
		printf '%s\n' 'account default' 'host localhost' \
			"port $starttls_port" 'user alice' \
			'password open sesame' 'from alice@example.test' \
			"tls_trust_file $sink/certs/ca.pem" 'timeout 5' \
			'queue always' "queue_dir $sink/q" \
			'queue_runner external' "$@" \
			"logfile $sink/relay.log" 'syslog off'
	} >relay.conf
	chmod 600 relay.conf
}

# serve_start ARGUMENT...
serve_start() {
	serve_stop
	rm -f "$sink/submit"
	env -i PATH="$PATH" HOME="$client/home" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"$MAILCHUTE" -C "$sink/relay.conf" serve "$@" \
		>serve.out 2>&1 &
	serve_pid=$!
	until_true listens "$sink/submit"
}

serve_stop() {
	[ -z "$serve_pid" ] && return
	kill "$serve_pid" 2>/dev/null
	wait "$serve_pid"
	serve_status=$?
	serve_pid=
}
trap 'serve_stop; sink_stop; rm -rf "$sink"' EXIT

until_true() {
	until_tries=0
	until "$@"; do
		until_tries=$((until_tries + 1))
		[ "$until_tries" -lt 200 ] || {
			complain "did not come true: $*" \
				"($(find mail -name '*.eml' | wc -l) arrived)"
			return
		}
		sleep 0.05
	done
}

has_arrived() {
	[ "$(find mail -name '*.eml' | wc -l)" -eq "$1" ]
}

# by_socket: what the callers' profile says.
by_socket() {
	client_profile "socket $sink/submit" 'from alice@example.test' "$@"
}

sink_start
relay
serve_start --socket "$sink/submit"
by_socket

begin 'a caller without a password: relayed, with its Received'
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived 1
check_match 'the first line' \
	'^Received: \(from uid [0-9]+\)' mail/1.eml
check_match 'its id is in both logs' \
	" id=$(sed -n 's/.*SMTP id \([0-9a-z]*\);.*/\1/p' mail/1.eml | head -1) " \
	relay.log
check_match 'the caller' " tag='from uid $(id -u), pid [0-9]+'" relay.log
check_match 'who sent' '^from alice@example.test' mail/1.envelope
finish

begin '250 comes after the commit: the server behind is down'
sink_stop
submit_plain sendmail bob@example.test
check_sent
check_match 'the reply' "smtpmsg='250 2.0.0 queued as" "$client/log"
check 'in the queue' 1 \
	"$(find q -maxdepth 1 -name '1*' | wc -l | tr -d ' ')"
finish

begin 'it goes out when the server is back'
sink_start
relay "port $starttls_port"
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$sink/relay.conf" queue run 2>serve.err
until_true has_arrived 1
serve_start --socket "$sink/submit"
finish

begin 'what was taken names an account, looked up by whoever runs it'
by_socket
sink_stop
submit_plain sendmail bob@example.test
check_sent
serve_stop
grep -ql "^config " q/*/* && complain 'the entry names a file'
sink_start
# The service's own file goes on with a server that is no more.
relay "port $starttls_port"
mv relay.conf own.conf
relay 'port 1'
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$sink/own.conf" queue run 2>serve.err
until_true has_arrived 1
relay "port $starttls_port"
serve_start --socket "$sink/submit"
finish

begin 'several messages'
by_socket
submit_plain sendmail bob@example.test carol@example.test
check_sent
until_true has_arrived 2
check_match 'both' '^to carol@example.test' mail/2.envelope
finish

begin 'more than 50 Received fields go in circles'
{
	i=0
	while [ "$i" -le 50 ]; do
		i=$((i + 1))
		echo "Received: by host$i.example.test"
	done
	message_plain
} >looped
submit sendmail bob@example.test <looped
check 'exit code' 69 "$status"
check_match stderr '554 5.4.6' "$client/err"
finish

begin 'a full disk: no 250'
chmod 777 q
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived 3
check_match 'it went out at once' 'smtpmsg=.250 2.0.0 [0-9a-z]+ was accepted' \
	"$client/log"
chmod 700 q
finish

begin 'a loopback port, for programs that only speak SMTP'
serve_start --socket "$sink/submit" --listen=127.0.0.1:$port
client_profile 'host 127.0.0.1' "port $port" 'tls off' 'auth off' \
	'from alice@example.test'
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived 4
check_match Received "^Received: \\(from (uid $(id -u)|this machine)\\)" mail/4.eml
finish

begin 'no other address'
status=0
"$MAILCHUTE" -C relay.conf serve --listen 0.0.0.0:$port 2>err || status=$?
check 'exit code' 64 "$status"
check_match stderr "0.0.0.0:$port is no address of this machine alone" err
finish

begin 'the relay itself has no socket'
cp relay.conf relay.kept
printf 'account other\nsocket /x\n' >>relay.conf
status=0
"$MAILCHUTE" -C relay.conf serve --socket "$sink/other" 2>err || status=$?
check 'exit code' 78 "$status"
check_match stderr 'account other: socket' err
mv relay.kept relay.conf
finish

begin 'its configuration is read, and nothing else'
status=0
MAILCHUTE_HOST=elsewhere "$MAILCHUTE" -C "$sink/nothing" serve \
	--socket "$sink/other" 2>err || status=$?
check 'exit code' 78 "$status"
finish

begin 'a socket that is in use is not taken'
status=0
"$MAILCHUTE" -C relay.conf serve --socket "$sink/submit" 2>err || status=$?
check 'exit code' 71 "$status"
check_match stderr 'cannot listen on' err
finish

begin 'a caller who only knocks is no failure'
"$sockets" call "$sink/submit" 0 </dev/null >/dev/null
serve_stop
check 'exit code' 0 "$serve_status"
check_no_match 'the log' 'diag=(file.failed|input.unreadable)' relay.log
serve_start --socket "$sink/submit" --listen=127.0.0.1:$port
finish

begin 'SIGTERM ends it'
serve_stop
check 'exit code' 0 "$serve_status"
check_no_match 'the password' sesame serve.out
finish

begin 'a socket that nobody listens on any more is replaced'
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$sink/relay.conf" serve --socket "$sink/submit" \
	>serve.out 2>&1 &
serve_pid=$!
by_socket
answers() {
	submit_plain sendmail bob@example.test
	[ "$status" -eq 0 ]
}
until_true answers
finish

# ---- sockets that come with us -----------------------------------------------

# passed COUNT ADDRESS... -- ARGUMENT...: serve, with these descriptors.
passed() {
	serve_stop
	rm -f submit other
	passed_words=
	while [ "$1" != -- ]; do
		passed_words="$passed_words $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words
	env -i PATH="$PATH" HOME="$client/home" LISTEN_PID="${listen_pid-}" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" sh -c '
		[ -n "$LISTEN_PID" ] || unset LISTEN_PID
		exec "$@"' - "$sockets" pass $passed_words -- \
		"$MAILCHUTE" -C "$sink/relay.conf" serve "$@" \
		>serve.out 2>&1 &
	serve_pid=$!
}

# relayed NAME: a message by the socket NAME.
relayed() {
	client_profile "socket $sink/$1" 'from alice@example.test'
	relayed_before=$(find mail -name '*.eml' | wc -l)
	submit_plain sendmail bob@example.test
	check_sent
	until_true has_arrived $((relayed_before + 1))
}

begin 'sockets of a service manager: each of them, and no other'
passed 3 "$sink/submit" "$sink/other" $port --
until_true listens other
relayed submit
relayed other
client_profile 'host 127.0.0.1' "port $port" 'tls off' 'auth off' \
	'from alice@example.test'
before=$(find mail -name '*.eml' | wc -l)
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived $((before + 1))
serve_stop
check 'exit code' 0 "$serve_status"
check 'it has said' '' "$(cat serve.out)"
finish

begin 'and its own besides'
passed 1 "$sink/other" -- --socket "$sink/submit"
until_true listens submit
relayed submit
relayed other
finish

# not_passed NAME PATTERN COUNT ADDRESS...
not_passed() {
	begin "$1"
	not_passed_pattern=$2
	shift 2
	passed "$@" --
	wait "$serve_pid"
	check 'exit code' 64 $?
	serve_pid=
	check_match stderr "$not_passed_pattern" serve.out
	finish
}
not_passed 'a socket that others can reach is named' \
	"0.0.0.0:$port is no address of this machine alone" \
	2 "$sink/submit" any:$port
not_passed 'a descriptor that is no socket is named' \
	'descriptor 4, from LISTEN_FDS, is no stream socket that listens' \
	2 "$sink/submit" "file:$sink/file"
not_passed 'a socket of datagrams is named' \
	'descriptor 3, from LISTEN_FDS' 1 udp:$port
not_passed 'a descriptor that is not there is named' \
	'descriptor [45], from LISTEN_FDS' 3 "$sink/submit"
not_passed 'a count that is none' \
	"LISTEN_FDS does not take 'many'" many "$sink/submit"

begin 'sockets that are meant for another process are not touched'
listen_pid=1
passed 1 any:$port -- --socket "$sink/submit"
listen_pid=
until_true listens submit
relayed submit
finish

begin 'started by systemd-socket-activate, at the first call'
if command -v systemd-socket-activate >/dev/null; then
	serve_stop
	rm -f submit other
	env -i PATH="$PATH" HOME="$client/home" systemd-socket-activate \
		-l "$sink/submit" -l "$sink/other" \
		-E ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" \
		-C "$sink/relay.conf" serve >serve.out 2>&1 &
	serve_pid=$!
	until_true listens other
	relayed other
	relayed submit
	serve_stop
	check 'exit code' 0 "$serve_status"
else
	echo '# there is no systemd-socket-activate'
fi
finish

begin 'the service manager hears that it is ready, and that it ends'
serve_stop
rm -f submit notify
"$sockets" hear "$sink/notify" >heard &
hear_pid=$!
until_true test -S notify
env -i PATH="$PATH" HOME="$client/home" NOTIFY_SOCKET="$sink/notify" \
	ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" \
	-C "$sink/relay.conf" serve --socket "$sink/submit" >serve.out 2>&1 &
serve_pid=$!
until_true grep -q READY=1 heard
serve_stop
until_true grep -q STOPPING=1 heard
kill "$hear_pid"
wait "$hear_pid" 2>/dev/null
check heard 'READY=1
STOPPING=1' "$(cat heard)"
finish

# ---- callers without manners -------------------------------------------------

# talk SECONDS <commands >replies: LF becomes CRLF.
talk() {
	sed 's/$/\r/' | "$sockets" call "$sink/submit" "$@" | tr -d '\r'
}

# say TEXT...: to the session that open_session began.
open_session() {
	rm -f to said
	mkfifo to
	"$sockets" call "$sink/submit" <to >said &
	call_pid=$!
	exec 3>to
}
say() {
	printf '%s\r\n' "$@" >&3
}
close_session() {
	exec 3>&-
	wait "$call_pid"
}

begin 'the limits: size, recipients, messages a minute'
serve_start --socket "$sink/submit" --max-size 2000 --max-recipients=2 \
	--max-messages 2
talk <<'END' >replies
EHLO caller
MAIL FROM:<alice@example.test> SIZE=2001
MAIL FROM:<alice@example.test>
RCPT TO:<bob@example.test>
RCPT TO:<carol@example.test>
RCPT TO:<dave@example.test>
RSET
MAIL FROM:<alice@example.test>
RSET
MAIL FROM:<alice@example.test>
QUIT
END
check replies '552 5.3.4 too large
250 2.1.0 go on
250 2.1.5 go on
250 2.1.5 go on
452 4.5.3 too many recipients
250 2.0.0 forgotten
250 2.1.0 go on
250 2.0.0 forgotten
451 4.7.1 the caller sends more than 2 messages a minute
221 2.0.0 goodbye' "$(sed '1,/ENHANCEDSTATUSCODES/d' replies)"
check_match 'what EHLO says' '^250-SIZE 2000$' replies
check_match log "diag=input.too-many .*tag='from uid $(id -u), pid" relay.log
finish

begin 'the rate is the caller'"'"'s, not the session'"'"'s'
by_socket
submit_plain sendmail bob@example.test
check 'exit code' 75 "$status"
check_match stderr '451 4\.7\.1' "$client/err"
finish

begin 'a caller of another name has a rate of its own'
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 711 "$sink"
	printf 'EHLO c\r\nMAIL FROM:<alice@example.test>\r\nQUIT\r\n' |
		setpriv --reuid=65534 --clear-groups "$sockets" call \
			"$sink/submit" | tr -d '\r' >replies
	check MAIL '250 2.1.0 go on' "$(tail -n 2 replies | head -n 1)"
else
	echo '# only root has another name'
fi
finish

begin 'too many connections of a caller: the next ones wait'
serve_start --socket "$sink/submit" --max-connections 1
open_session
say 'EHLO first'
until_true grep -q ENHANCED said
talk <<'END' >replies &
EHLO second
QUIT
END
talk_pid=$!
sleep 0.2
check 'the second' '' "$(cat replies)"
say QUIT
close_session
wait "$talk_pid"
check_match 'the second, after the first' '^221' replies
finish

begin 'far too many: the last one is turned away, and that is logged'
serve_start --socket "$sink/submit" --max-connections 1
"$sockets" crowd 151 "$sink/submit" >replies
check 'the last one' '421 4.7.0 too many connections' "$(tr -d '\r' <replies)"
check 'log' 1 "$(grep -c 'diag=input.crowded' relay.log)"
finish

begin 'a caller who says nothing'
serve_start --socket "$sink/submit" --idle 1
talk <<'END' >replies
EHLO caller
MAIL FROM:<alice@example.test>
END
check 'the last word' '421 4.4.2 you said nothing' "$(tail -n 1 replies)"
check_match log 'diag=input.idle' relay.log
finish

# wrong NAME CODE PATTERN ARGUMENT...
wrong() {
	begin "wrong: $1"
	wrong_code=$2
	wrong_pattern=$3
	shift 3
	status=0
	"$MAILCHUTE" -C relay.conf serve "$@" 2>err || status=$?
	check 'exit code' "$wrong_code" "$status"
	check_match stderr "$wrong_pattern" err
	finish
}
wrong 'a limit that is none' 64 "--max-size does not take 'big': 1-1073741824" \
	--max-size=big
wrong 'a limit that is too small' 64 "--idle does not take '0'" --idle 0
wrong 'a value is missing' 64 'option --listen needs a value' --listen
wrong 'an unknown option' 64 'unknown option --sockets' --sockets x
wrong 'a word' 64 "'serve' takes no 'now'" now

begin '--help'
"$MAILCHUTE" serve --help >help 2>err
check 'exit code' 0 $?
check_match 'its table' '--max-connections N +connections of one caller' help
finish

# ---- its end, and a new configuration ----------------------------------------

begin 'SIGTERM: the message that is under way is taken, and no other'
serve_start --socket "$sink/submit"
before=$(find mail -name '*.eml' | wc -l)
open_session
say 'EHLO caller' 'MAIL FROM:<alice@example.test>' \
	'RCPT TO:<bob@example.test>' 'DATA'
until_true grep -q ^354 said
kill "$serve_pid"
sleep 0.2
say 'Subject: late' '' 'text' . 'MAIL FROM:<alice@example.test>'
close_session
serve_stop
check 'exit code' 0 "$serve_status"
check 'the last words' '250 2.0.0 queued as ID
421 4.3.2 the service ends' "$(tr -d '\r' <said | tail -n 2 |
	sed 's/ as [0-9a-z]*$/ as ID/')"
serve_start --socket "$sink/submit"
until_true has_arrived $((before + 1))
finish

begin 'SIGTERM: a caller who does nothing is not waited for'
open_session
say 'EHLO caller'
until_true grep -q ENHANCED said
serve_stop
check 'exit code' 0 "$serve_status"
close_session
check 'the last word' '421 4.3.2 the service ends' \
	"$(tr -d '\r' <said | tail -n 1)"
finish

begin 'SIGTERM: a caller who drips is answered within ten seconds'
relay
serve_start --socket "$sink/submit"
{
	printf 'EHLO x\r\nMAIL FROM:<a@example.test>\r\n'
	printf 'RCPT TO:<bob@example.test>\r\nDATA\r\n'
	while printf x 2>/dev/null; do
		sleep 0.2
	done
} | "$sockets" call "$sink/submit" >answers 2>/dev/null &
until_true grep -q '^354' answers
began=$(date +%s)
serve_stop
took=$(($(date +%s) - began))
[ "$took" -ge 5 ] && [ "$took" -le 14 ] || complain "it took $took s"
check 'exit code' 0 "$serve_status"
check_match 'the caller is told' '^421 4.3.2' answers
check_match 'and the log' 'diag=input.stopped' relay.log
finish

begin 'who only makes mistakes is sent away, and costs no memory'
relay
serve_start --socket "$sink/submit"
: >relay.log
{
	printf 'EHLO x\r\nMAIL FROM:<a@example.test>\r\n'
	awk 'BEGIN { for (i = 0; i < 120; i++)
		printf "RCPT TO:<nobody%d>\r\nRCPT TO:<b%d@x.test>\r\n", i, i }'
} | "$sockets" call "$sink/submit" >answers 2>/dev/null
check 'refusals' 99 "$(grep -c '^550' answers)"
check 'the last word' '421 4.7.0 too many errors' \
	"$(tail -n 1 answers | tr -d '\r')"
until_true grep -q input.more-refusals relay.log
lines=$(grep -c address.no-domain relay.log)
[ "$lines" -ge 55 ] && [ "$lines" -le 65 ] ||
	complain "lines in the log: $lines"
check 'and how many more' "$((100 - lines)) more refusals from uid $(id -u)" \
	"$(sed -n "s/.*errormsg='\([^']*\) have no.*/\1/p" relay.log)"
finish
serve_stop

begin 'kill -9 of the service: its sessions end after their messages'
serve_start --socket "$sink/submit"
before=$(find mail -name '*.eml' | wc -l)
open_session
say 'EHLO caller' 'MAIL FROM:<alice@example.test>' \
	'RCPT TO:<bob@example.test>' 'DATA'
until_true grep -q ^354 said
kill -9 "$serve_pid"
wait "$serve_pid" 2>/dev/null
serve_pid=
say 'Subject: late' '' 'text' .
close_session
check 'the last words' '250 2.0.0 queued as ID
421 4.3.2 the service ends' "$(tr -d '\r' <said | tail -n 2 |
	sed 's/ as [0-9a-z]*$/ as ID/')"
serve_start --socket "$sink/submit"
until_true has_arrived $((before + 1))
finish

begin 'SIGHUP: a new profile, and its queue'
relay "queue_dir $sink/q2"
kill -HUP "$serve_pid"
until_true test -e q2/runner
before=$(find mail -name '*.eml' | wc -l)
by_socket
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived $((before + 1))
finish

begin 'SIGHUP: a profile that is wrong is said, and the old one goes on'
cp relay.conf relay.kept
echo 'nonsense on' >>relay.conf
kill -HUP "$serve_pid"
until_true grep -q nonsense serve.out
submit_plain sendmail bob@example.test
check 'exit code' 75 "$status"
check_match stderr '451 4\.3\.5' "$client/err"
mv relay.kept relay.conf
before=$(find mail -name '*.eml' | wc -l)
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived $((before + 1))
relay
kill -HUP "$serve_pid"
finish

begin 'SIGHUP: a profile without a host is said, and the old one goes on'
cp relay.conf relay.kept
sed -i '/^host/d' relay.conf
kill -HUP "$serve_pid"
until_true grep -q 'has no host' serve.out
before=$(find mail -name '*.eml' | wc -l)
mv relay.kept relay.conf
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived $((before + 1))
finish

begin 'without a queue, one of two refused: 554, and who has it'
sink_start --refuse-rcpt bob@example.test='550 5.1.1 no such user'
relay 'queue off'
by_socket
submit_plain sendmail bob@example.test carol@example.test
check 'exit code' 69 "$status"
check_match stderr 'not accepted: the server refused the recipient bob' \
	"$client/err"
check_match stderr 'accepted, do not repeat: carol@example\.test' "$client/err"
arrived 1
sink_start
relay
finish

begin 'the password as a credential of the service'
serve_stop
mkdir -p credentials
echo 'open sesame' >credentials/relay-password
# shellcheck disable=SC2016 # expanded by the service
sed 's|^password .*|passwordeval cat "$CREDENTIALS_DIRECTORY/relay-password"|' \
	relay.conf >relay.new
mv relay.new relay.conf
rm -f submit
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	CREDENTIALS_DIRECTORY="$sink/credentials" \
	"$MAILCHUTE" -C "$sink/relay.conf" serve --socket "$sink/submit" \
	>serve.out 2>&1 &
serve_pid=$!
until_true listens submit
before=$(find mail -name '*.eml' | wc -l)
by_socket
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived $((before + 1))
check_match 'by login' ' auth=on .*smtpstatus=250' relay.log
check_no_match 'the password' sesame relay.log
relay
finish

begin 'its queue: root lists it, another user does not'
serve_start --socket "$sink/submit"
sink_stop
submit_plain sendmail bob@example.test
check_sent
"$MAILCHUTE" -C relay.conf queue list >listed 2>err
check_match 'its owner' 'bob@example.test' listed
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	serve_stop
	chown -R 65533:65533 q
	"$MAILCHUTE" -C relay.conf queue list >listed 2>err
	check_match 'root' 'bob@example.test' listed
	chmod 711 "$sink"
	grep -v -e password -e logfile relay.conf >q/relay.conf
	chmod 644 q/relay.conf
	setpriv --reuid=65533 --clear-groups "$MAILCHUTE" \
		-C "$sink/q/relay.conf" queue list >listed 2>err
	check_match 'the service' 'bob@example.test' listed
	cp q/relay.conf public.conf
	chmod 644 public.conf
	setpriv --reuid=65534 --clear-groups "$MAILCHUTE" \
		-C "$sink/public.conf" queue list >listed 2>err
	check 'another user' 75 $?
	check_match 'another user' 'cannot hold the queue: Permission denied' err
	check_no_match 'another user' bob listed
	chown -R 0:0 q
	rm q/relay.conf
fi
sink_start
finish

# ---- who listens -------------------------------------------------------------

begin 'a listener of another user is not trusted'
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	serve_stop
	mkdir -p open && chmod 777 open "$sink"
	chmod 644 relay.conf
	cp relay.conf open/relay.conf
	sed -i '/password/d; s/^queue always/queue off/; /logfile/d' \
		open/relay.conf
	chown 65534 open/relay.conf
	chmod 600 open/relay.conf
	(cd open && exec env -i PATH="$PATH" HOME=/ \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" setpriv --reuid=65534 \
		--clear-groups "$MAILCHUTE" -C "$sink/open/relay.conf" \
		serve --socket "$sink/open/submit") >serve.out 2>&1 &
	serve_pid=$!
	serve_tries=0
	until [ -S open/submit ] || [ "$serve_tries" -gt 100 ]; do
		serve_tries=$((serve_tries + 1))
		sleep 0.05
	done
	if [ -S open/submit ]; then
		client_profile "socket $sink/open/submit" \
			'from alice@example.test'
		submit_plain sendmail bob@example.test
		check 'exit code' 75 "$status"
		check_match stderr 'is listened on by another user' \
			"$client/err"
	else
		echo "# the program cannot be run by another user here"
	fi
fi
finish
begin 'forty queues, and each has its runner'
serve_stop
relay
mkdir many
n=0
while [ "$n" -lt 40 ]; do
	n=$((n + 1))
	printf 'account a%s : default\nqueue_dir %s/many/q%s\n' \
		"$n" "$sink" "$n" >>relay.conf
done
have_runners() {
	[ "$(find many -type p | wc -l)" -eq 40 ]
}
serve_start --socket "$sink/submit"
until_true have_runners
serve_stop
check 'ended well' 0 "$serve_status"
finish

summary
