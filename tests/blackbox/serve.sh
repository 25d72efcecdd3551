#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The system-wide door: callers without a password, a relay that has it, a
# server behind.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
serve_pid=

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
	until_true test -S "$sink/submit"
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
			complain "did not come true: $*"
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
check_match 'the caller' " tag='from uid $(id -u)'" relay.log
check_match 'who sent' '^from alice@example.test' mail/1.envelope
finish

begin '250 comes after the commit: the server behind is down'
sink_stop
submit_plain sendmail bob@example.test
check_sent
check_match 'the reply' "smtpmsg='250 2.0.0 queued as" "$client/log"
check 'in the queue' 1 \
	"$(find q -mindepth 2 -name message | wc -l | tr -d ' ')"
finish

begin 'it goes out when the server is back'
sink_start
relay "port $starttls_port"
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$sink/relay.conf" queue run 2>serve.err
until_true has_arrived 1
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
serve_start --socket "$sink/submit" --listen=127.0.0.1:2525
client_profile 'host 127.0.0.1' 'port 2525' 'tls off' 'auth off' \
	'from alice@example.test'
submit_plain sendmail bob@example.test
check_sent
until_true has_arrived 4
check_match Received '^Received: \(from this machine\)' mail/4.eml
finish

begin 'no other address'
status=0
"$MAILCHUTE" -C relay.conf serve --listen 0.0.0.0:2526 2>err || status=$?
check 'exit code' 64 "$status"
check_match stderr '0.0.0.0:2526 is no address of this machine alone' err
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
summary
