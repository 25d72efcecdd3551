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
