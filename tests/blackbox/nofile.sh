#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# No configuration file at all, as in a container: the environment says it all,
# to whoever is not behind the fence; also for a user without a name or a home.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
sink_start
rm client/home/.mailchuterc
mkdir -p empty/home
chmod 755 "$sink" certs empty empty/home
chmod 644 certs/ca.pem
message_plain >in
chmod 644 in
trust=MAILCHUTE_TLS_TRUST_FILE=$sink/certs/ca.pem
from=SMTP_FROM=alice@example.test

# sent WORDS...: of env(1), and the program and its arguments behind them.
sent() {
	status=0
	env -i PATH="$PATH" LC_ALL=C ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" MAILCHUTE_SYSLOG=off \
		"$@" <in >out 2>err || status=$?
}

# works NAME WORDS...
works() {
	begin "$1"
	shift
	rm -f mail/*
	sent "$@" "$MAILCHUTE" bob@example.test
	check 'exit code' 0 "$status"
	check_empty stdout out
	check_empty stderr err
	arrived 1
	finish
}

printf 'open sesame\n' >password
chmod 600 password
works 'the whole set' SMTP_HOST=localhost SMTP_PORT="$starttls_port" \
	SMTP_USER=alice 'SMTP_PASSWORD=open sesame' "$from" "$trust"
works 'with the password in a file' SMTP_HOST=localhost SMTP_USER=alice \
	SMTP_PORT="$starttls_port" SMTP_PASSWORD_FILE="$sink/password" \
	"$from" "$trust"
works 'TLS from the first byte' SMTP_HOST=localhost SMTP_TLS=implicit \
	SMTP_PORT="$implicit_port" SMTP_USER=alice 'SMTP_PASSWORD=open sesame' \
	"$from" "$trust"
works 'a URL' MAILCHUTE_URL="smtps://alice@localhost:$implicit_port" \
	'SMTP_PASSWORD=open sesame' "$from" "$trust"
works "Symfony's" \
	SMTP_DSN="smtp://alice:open%20sesame@localhost:$starttls_port" \
	"$from" "$trust"
works 'with the sender in it' \
	SMTP_URL="smtp://alice:open%20sesame@localhost:$starttls_port?from=alice%40example.test" \
	"$trust"
works 'our own names alone' MAILCHUTE_HOST=localhost \
	MAILCHUTE_PORT="$starttls_port" MAILCHUTE_USER=alice \
	'MAILCHUTE_PASSWORD=open sesame' MAILCHUTE_FROM=alice@example.test \
	"$trust"
# The sink wants a login, and offers none without TLS: so far it goes.
begin "a developer's catcher: no TLS, no login"
sent MAILCHUTE_URL="smtp://localhost:$clear_port?auto_tls=false" "$from" \
	"$MAILCHUTE" bob@example.test
check_match 'as a URL' '530 5.7.0 authenticate first' err
sent SMTP_HOST=localhost SMTP_PORT="$clear_port" SMTP_TLS=off "$from" \
	"$MAILCHUTE" bob@example.test
check_match 'in variables' '530 5.7.0 authenticate first' err
finish

# ---- what is missing, and who may not ---------------------------------------

# lacks NAME PATTERN WORDS...
lacks() {
	begin "$1"
	want=$2
	shift 2
	sent "$@" "$MAILCHUTE" bob@example.test
	check 'exit code' 78 "$status"
	check_match stderr "$want" err
	check_no_match 'the secret' 'sesame' err
	finish
}
lacks 'a URL without a password' \
	'the environment has MAILCHUTE_URL, but not SMTP_PASSWORD' \
	MAILCHUTE_URL="smtps://alice@localhost:$implicit_port" "$from"
lacks 'a URL that is none, and is not shown' \
	'SMTP_URL cannot be used: its port is no number' \
	SMTP_URL='smtp://alice:open-sesame'

begin 'behind the fence none of them counts'
for variable in SMTP_DSN MAILCHUTE_URL SMTP_URL; do
	sent HOME="$sink/empty/home" "$from" "$trust" \
		$variable="smtp://alice:open%20sesame@localhost:$starttls_port" \
		"$MAILCHUTE" sendmail bob@example.test
	check "$variable" 78 "$status"
	check_match stderr 'no configuration found' err
done
finish

begin 'the password is not for children'
sent HOME="$sink/empty/home" \
	MAILCHUTE_URL="smtp://alice:open%20sesame@localhost:1" "$from" \
	MAILCHUTE_PASSWORD_COMMAND='env' "$MAILCHUTE" bob@example.test
check_no_match stderr 'sesame' err
finish

begin 'a queue would lose the password: 75, and nothing is said to be safe'
sent HOME="$sink/empty/home" SMTP_HOST=localhost SMTP_PORT=1 SMTP_USER=alice \
	'SMTP_PASSWORD=open sesame' "$from" "$trust" \
	"$MAILCHUTE" bob@example.test
check 'exit code' 75 "$status"
check_match stderr 'refused the connection' err
check 'a queue' '' "$(find empty -type f ! -name log)"
finish

# ---- 'serve' has the variables, and nobody else ------------------------------

# serves WORDS...: for env(1).
serves() {
	serve_ends
	rm -f "$sink/door/submit"
	env -i PATH="$PATH" LC_ALL=C ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" MAILCHUTE_SYSLOG=off \
		MAILCHUTE_LOGFILE="$sink/serve.log" \
		MAILCHUTE_QUEUE_RETRY=1s,1s,1s MAILCHUTE_QUEUE_DIR="$sink/q" \
		"$@" "$MAILCHUTE" serve --socket "$sink/door/submit" >serve.out 2>&1 &
	serve_pid=$!
	until_true listens "$sink/door/submit"
}

serve_pid=
serve_ends() {
	[ -z "$serve_pid" ] && return
	kill "$serve_pid" 2>/dev/null
	wait "$serve_pid"
	serve_pid=
}
trap 'serve_ends; sink_stop; rm -rf "$sink"' EXIT

until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || {
			complain "did not come true: $*: $(cat serve.out)"
			return
		}
		sleep 0.05
	done
}

has_arrived() {
	[ "$(how_many)" -eq "$1" ]
}

# by_socket: a caller who knows the socket alone.
by_socket() {
	sent HOME="$sink/empty/home" "$MAILCHUTE" -C "$sink/callers" \
		sendmail bob@example.test
}
printf 'account default\nsocket %s\nsyslog off\n' "$sink/door/submit" >callers
chmod 644 callers

begin "'serve' without a file: three variables are enough"
rm -f mail/*
serves SMTP_HOST=localhost SMTP_USER=alice 'SMTP_PASSWORD=open sesame' \
	SMTP_PORT="$starttls_port" "$from" "$trust"
by_socket
check 'exit code' 0 "$status"
check_empty stderr err
until_true has_arrived 1
check_match 'who sent' '^from alice@example.test' mail/*.envelope
check "the socket's folder" drwxr-xr-x "$(ls -ld door | cut -c 1-10)"
if [ -r "/proc/$serve_pid/environ" ]; then
	tr '\0' '\n' <"/proc/$serve_pid/environ" >environ
	check_no_match 'the password in /proc' sesame environ
fi
kill -HUP "$serve_pid"
by_socket
check 'exit code after SIGHUP' 0 "$status"
until_true has_arrived 2
finish

begin 'it queues while the server is down, and the next one sends'
sink_stop
by_socket
check 'exit code' 0 "$status"
check 'in the queue' 1 "$(find q q/sending -maxdepth 1 -name '1*' \
	2>/dev/null | wc -l | tr -d ' ')"
serve_ends
grep -rl 'sesame' q serve.log serve.out && complain 'the password is written'
sink_start
rm -f client/home/.mailchuterc
serves SMTP_DSN="smtp://alice:open%20sesame@localhost:$starttls_port" \
	"$from" "$trust"
until_true has_arrived 1
check_match 'who sent' '^from alice@example.test' mail/*.envelope
serve_ends
finish

# serves_not NAME PATTERN WORDS...
serves_not() {
	begin "'serve' without a file: $1"
	want=$2
	shift 2
	sent "$@" "$MAILCHUTE" serve --socket "$sink/door/submit"
	check 'exit code' 78 "$status"
	check_match stderr "$want" err
	check_no_match 'the secret' 'sesame' err
	finish
}
serves_not 'no variable' 'no configuration found' HOME="$sink/empty/home"
serves_not 'half a set' \
	'the environment has SMTP_PASSWORD, but not SMTP_USER' \
	SMTP_HOST=localhost 'SMTP_PASSWORD=open sesame'
serves_not 'a socket is not for a relay' 'this is the relay, it needs a host' \
	MAILCHUTE_SOCKET="$sink/door/submit" "$from"

# ---- a user without a name, a home, a shell or a terminal -------------------

if unshare --user --map-user=12345 true 2>/dev/null; then
	works 'a user namespace with a number nobody knows' SMTP_HOST=localhost \
		SMTP_PORT="$starttls_port" SMTP_USER=alice \
		'SMTP_PASSWORD=open sesame' "$from" "$trust" \
		unshare --user --map-user=12345 setsid
fi
if [ "$(id -u)" -eq 0 ] && setpriv --reuid 4242 true 2>/dev/null; then
	cp "$MAILCHUTE" program
	chmod 755 program
	MAILCHUTE=$sink/program
	works 'an unknown user, without a home' SMTP_HOST=localhost \
		SMTP_PORT="$starttls_port" SMTP_USER=alice \
		'SMTP_PASSWORD=open sesame' "$from" "$trust" \
		setpriv --reuid 4242 --regid 4242 --clear-groups
fi
sink_stop
summary
