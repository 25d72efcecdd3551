#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How fast the queue goes: connections, rate, schedule, what a server asks for,
# and that one account never waits for another.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
slow_pid=
trap 'slow_stop; sink_stop; rm -rf "$sink"' EXIT

queued() {
	profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' "$@"
}

chute() {
	submit mailchute "$@" </dev/null
}

# a_queue COUNT ARGUMENT...: so many messages in an empty queue.
a_queue() {
	rm -rf q
	pace_count=$1
	shift
	for n in $(seq "$pace_count"); do
		submit_plain mailchute -odq "$@" "r$n@example.test"
	done
}

# slow_start OPTION...: a second server; $slow_port.
slow_start() {
	rm -rf slow
	mkdir -p slow/mail
	"$sink_program" --clear 0 --port-file slow/ports --maildir slow/mail \
		--transcript slow/transcript --lifetime 120 "$@" \
		>slow/out 2>&1 &
	slow_pid=$!
	slow_tries=0
	while [ ! -s slow/ports ]; do
		slow_tries=$((slow_tries + 1))
		[ "$slow_tries" -lt 200 ] || bail "no second sink"
		sleep 0.05
	done
	slow_port=$(sed -n 's/^clear_port=//p' slow/ports)
}

slow_stop() {
	[ -z "$slow_pid" ] && return
	kill "$slow_pid" 2>/dev/null
	wait "$slow_pid" 2>/dev/null
	slow_pid=
}

# second LINE...: an account of that name, on the second server.
second() {
	printf '%s\n' 'account second' 'host 127.0.0.1' "port $slow_port" \
		'tls off' 'auth off' 'from bob@example.test' 'timeout 2' \
		"logfile $client/log.all" 'syslog off' 'queue auto' \
		"queue_dir $sink/q" 'queue_runner external' "$@" \
		>>"$client/profile"
}

connections() {
	grep -c '^S: 220 .*ESMTP' "${1-transcript}"
}

now_ms() {
	date +%s%3N
}

# in_ms FROM TO WHAT MS
in_ms() {
	{ [ "$4" -ge "$1" ] && [ "$4" -le "$2" ]; } ||
		complain "$3: $4 ms, and not $1 to $2"
}

# timed ARGUMENT...: chute, and $took in milliseconds.
timed() {
	timed_began=$(now_ms)
	chute "$@"
	took=$(($(now_ms) - timed_began))
}

# ---- connections ------------------------------------------------------------

begin 'one connection, unless something else is said'
sink_start
queued
a_queue 5
chute queue run
check 'exit code' 0 "$status"
arrived 5
check connections 1 "$(connections)"
finish

begin 'max_messages_per_connection 2: five messages over three'
sink_start
queued 'max_messages_per_connection 2'
a_queue 5
chute queue run
arrived 5
check connections 3 "$(connections)"
finish

begin 'max_connections 3: three side by side'
sink_start --delay-ms DOT=500
queued 'max_connections 3'
a_queue 6
timed queue run
arrived 6
check connections 3 "$(connections)"
# Six times 500 ms one after the other would be 3000.
in_ms 1000 2900 'time' "$took"
finish

begin 'as many as there are messages, no more'
sink_start
queued 'max_connections 5'
a_queue 2
chute queue run
check connections 2 "$(connections)"
finish

begin 'a server that is far away, and takes no chunks: more and more connections'
sink_start --delay-ms DOT=40
queued
a_queue 60
timed queue run
check 'exit code' 0 "$status"
arrived 60
[ "$(connections)" -ge 4 ] || complain "$(connections) connections"
[ "$(connections)" -le 15 ] || complain "$(connections) connections"
# One after the other it would be 2400 ms.
[ "$took" -le 2000 ] || complain "it took $took ms"
check 'tries' 60 "$(grep -c ' exitcode=EX_OK' "$client/log")"
finish

begin 'not with max_connections 1'
sink_start --delay-ms DOT=30
queued 'max_connections 1'
a_queue 20
chute queue run
arrived 20
check connections 1 "$(connections)"
finish

begin "nor more than the account's provider takes"
sink_start --delay-ms DOT=30
mkdir -p "$client/home/.config/mailchute/providers.d"
printf 'provider mine\nhost localhost\nmax_connections 2\n' \
	>"$client/home/.config/mailchute/providers.d/mine.conf"
chmod 644 "$client/home/.config/mailchute/providers.d/mine.conf"
queued 'provider mine'
a_queue 30
chute queue run
arrived 30
check connections 2 "$(connections)"
rm -r "$client/home/.config/mailchute"
finish

begin 'nor to one that takes many in one flight'
sink_start --delay-ms DOT=30 --chunking
queued
a_queue 20
chute queue run
arrived 20
check connections 1 "$(connections)"
finish

begin 'one that takes three at a time: no message is tried in vain'
sink_start --delay-ms DOT=40 --max-connections 3
queued
a_queue 60
chute queue run
check 'exit code' 0 "$status"
arrived 60
check 'log lines' 60 "$(wc -l <"$client/log")"
check 'of success' 60 "$(grep -c ' exitcode=EX_OK' "$client/log")"
finish

# more WHERE RULE...: a server that bears two connections tells the next so.
more() {
	begin "a connection too many: told so at $1"
	shift
	printf '%s\n' "$@" >script
	sink_start --delay-ms DOT=40 --script script
	queued
	a_queue 30
	chute queue run
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	arrived 30
	check 'log lines' 30 "$(wc -l <"$client/log")"
	check 'of success' 30 "$(grep -c ' exitcode=EX_OK' "$client/log")"
	# Two at work never ask for more than six others before they hear of it.
	[ "$(grep -c '^S: 4' transcript)" -le 6 ] ||
		complain "$(grep -c '^S: 4' transcript) refusals"
	rm script
	finish
}
more 'the greeting, 421' \
	'CONNECT connection 3- : reply "421 4.7.0 too many connections" close'
more 'the greeting, 554' \
	'CONNECT connection 3- : reply "554 5.7.0 too many connections" close'
more 'the login' \
	'AUTH connection 3- : reply "454 4.7.0 too many connections"'
more MAIL 'MAIL connection 3- : reply "421 4.7.0 too many connections" close'
more 'MAIL, 432' \
	'MAIL connection 3- : reply "432 4.3.2 concurrent connections limit exceeded" close'

# ---- rate -------------------------------------------------------------------

begin 'rate 240/m: a quarter of a second between two'
sink_start
queued 'rate 240/m'
a_queue 4
timed queue run
arrived 4
in_ms 750 2500 'time' "$took"
check 'over one connection' 1 "$(connections)"
finish

begin 'rate counts for all connections together'
sink_start
queued 'rate 240/m' 'max_connections 2'
a_queue 4
timed queue run
arrived 4
in_ms 500 2500 'time' "$took"
finish

begin 'rate holds for one that watches, message by message'
queued 'rate 120/m'
a_queue 2
timed queue run --until-empty
in_ms 480 4000 'time' "$took"
finish

# ---- the schedule -----------------------------------------------------------

# retry: one run, and the time of the next try that its log line tells.
retry() {
	retry_began=$(date +%s)
	chute queue run
	retry_next=$(sed -n 's/.* next=\([0-9]*\).*/\1/p' "$client/log" |
		tail -n 1)
}

# waited FROM TO: the try was put off by so many seconds.
waited() {
	{ [ $((retry_next - retry_began)) -ge "$1" ] &&
		[ $((retry_next - $(date +%s))) -le "$2" ]; } 2>/dev/null ||
		complain "next try at '$retry_next', begun at $retry_began, and not $1 to $2 s later"
}

begin 'queue_retry: each wait in its turn, the last one again, with jitter'
sink_stop
queued 'queue_retry 100s 200s 400s'
a_queue 1
for pair in '85 115' '170 230' '340 460' '340 460'; do
	retry
	# shellcheck disable=SC2086
	waited $pair
done
finish

# The first wait is 5 minutes; who wants less mail gets 15.  One message alone
# stops nobody else (tests/lane has when it does).
cat >replies <<'END'
255 345 2 450 4.2.0 greylisted
255 345 2 450 4.7.1 greylisted
255 345 2 451 4.3.0 try again
255 345 2 452 4.3.1 disk full
255 345 2 452 4.2.2 mailbox full
900 1035 2 450 4.2.1 too many for this mailbox
900 1035 2 450 4.7.28 unusual rate
900 1035 2 451 4.7.500 server busy
900 1035 2 451 4.7.650 throttled
900 1035 2 452 4.5.3 too many messages
900 1035 2 421 4.7.0 too many messages
900 1035 2 421 4.3.2 shutting down
900 1035 2 421 go away
END
set --
row=0
while read -r _ _ _ reply; do
	row=$((row + 1))
	set -- "$@" --refuse-rcpt "row$row@example.test=$reply"
done <replies
sink_start "$@"
queued
row=0
while read -r from to asked reply; do
	row=$((row + 1))
	begin "$reply: $from seconds at least"
	rm -rf q
	submit_plain mailchute -odq "row$row@example.test"
	submit_plain mailchute -odq "row$row@example.test"
	retry
	check 'exit code' 75 "$status"
	check 'messages it was asked for' "$asked" \
		"$(grep -c . "$client/log")"
	waited "$from" "$to"
	finish
done <replies

begin 'queue_lifetime: after it no more'
sink_stop
queued 'queue_lifetime 1h'
a_queue 1
id=$(find q -mindepth 1 -maxdepth 1 -name '1??????????????' | sed 's|.*/||')
sed -i "s/^created .*/created $(($(date +%s) - 3500))/" "q/$id"
chute queue run
check 'still waiting' 75 "$status"
sed -i "s/^created .*/created $(($(date +%s) - 3700))/" "q/$id"
chute queue run
check 'twice, but at once' 75 "$status"
sed -i "s/^deferred [0-9]*/deferred $(($(date +%s) - 300))/" "q/$id"
chute queue run
check 'given up' 0 "$status"
[ -f "q/failed/$id" ] || complain 'it is not kept'
chute queue show "$id"
check_match show 'refused +1 +queue.expired: not delivered for 1h; the last' \
	"$client/out"
finish

begin 'queue_lifetime off: for ever'
queued 'queue_lifetime off'
a_queue 1
sed -i 's/^created .*/created 1000/' q/1*
chute queue run
check 'still waiting' 75 "$status"
finish

# ---- accounts side by side --------------------------------------------------

begin 'a server that says nothing keeps nobody else waiting'
sink_start
slow_start --hang CONNECT
queued
second
a_queue 0
mkdir -m 700 q
for n in 1 2 3; do
	submit_plain mailchute -odq -a second "slow$n@example.test"
	submit_plain mailchute -odq "r$n@example.test"
done
seen=$(wc -c <"$client/log.all")
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$client/profile" queue run >run.out 2>&1 &
runner=$!
tries=0
until [ "$(find mail -name '*.eml' | wc -l)" -eq 3 ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || break
	sleep 0.05
done
arrived 3
check 'lines about the slow one by then' 0 \
	"$(tail -c "+$((seen + 1))" "$client/log.all" | grep -c account=second)"
kill -0 "$runner" 2>/dev/null || complain 'the slow one was not waited for'
wait "$runner"
check 'exit code' 75 $?
check 'what still waits' 3 "$(grep -c '^mailchute: .*slow[0-9]@' run.out)"
finish
slow_stop

begin 'nor does a slow server'
slow_start --delay-ms DOT=600
queued
second
rm -rf q
for n in 1 2; do
	submit_plain mailchute -odq -a second "slow$n@example.test"
	submit_plain mailchute -odq "r$n@example.test"
done
chute queue run
check 'exit code' 0 "$status"
# By the time in the log: all of the fast ones before any of the slow ones.
check 'order' 'default default second second' \
	"$(sed 's/.* account=\([a-z]*\).*/\1/' "$client/log" | tr '\n' ' ' |
		sed 's/ $//')"
finish
slow_stop

begin 'nor does an account without a password, or one that is gone'
slow_start
queued
second 'auth plain' 'user bob' 'passwordeval false'
rm -rf q
submit_plain mailchute -odq -a second slow@example.test
submit_plain mailchute -odq bob@example.test
cp "$client/profile" kept
{
	cat kept
	printf '%s\n' 'account third : default'
} >"$client/profile"
submit_plain mailchute -odq -a third gone@example.test
cp kept "$client/profile"
rm -rf mail/*
chute queue run
check 'exit code' 75 "$status"
arrived 1
check 'what waits' 2 "$(grep -c '^mailchute: .*, next try in' "$client/err")"
check_match 'why' 'the password command of account second failed' "$client/err"
check_match 'why' "there is no account 'third'" "$client/err"
finish
slow_stop

begin 'an account that does not let us in is left alone for a while'
sink_start --auth-fail '535 5.7.8 no'
queued 'queue_retry 1s'
a_queue 3
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$client/profile" queue run --watch >run.out 2>&1 &
runner=$!
sleep 2
kill "$runner"
wait "$runner"
check 'logins in two seconds' 1 "$(connections)"
finish

# ---- -od --------------------------------------------------------------------

# 'always', since in a container 'auto' is 'off' without a runner.
begin '-odb: the caller does not wait for the server'
sink_start --delay-ms DOT=1500
rm -rf q
queued 'queue always' 'queue_runner auto'
began=$(now_ms)
submit_plain mailchute -odb bob@example.test
took=$(($(now_ms) - began))
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
in_ms 0 1400 'time' "$took"
tries=0
until [ "$(find mail -name '*.eml' | wc -l)" -eq 1 ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || break
	sleep 0.05
done
arrived 1
finish

begin '-odi: the caller hears what the server said, even with queue always'
sink_start --refuse-rcpt bob@example.test='550 5.1.1 no such user'
queued 'queue always'
submit_plain mailchute -odi bob@example.test
check 'exit code' 67 "$status"
check_match stderr '550 5.1.1 no such user' "$client/err"
finish

begin '-odq: nothing is sent, and no process is left behind'
sink_start
rm -rf q
queued 'queue always' 'queue_runner auto'
submit_plain mailchute -odq bob@example.test
check 'exit code' 0 "$status"
arrived 0
[ ! -e q/runner ] || complain 'a runner was started'
chute -q
check 'exit code' 0 "$status"
arrived 1
finish

for mode in q e; do
	begin "-oe$mode: an error is an exit code, and no word"
	sink_stop
	queued 'queue off'
	submit_plain mailchute "-oe$mode" bob@example.test
	check 'exit code' 75 "$status"
	check_empty stderr "$client/err"
	check_match log ' exitcode=EX_TEMPFAIL ' "$client/log"
	finish
done
for mode in p m w; do
	begin "-oe$mode: an error is told"
	submit_plain mailchute "-oe$mode" bob@example.test
	check_failed 75 EX_TEMPFAIL 'refused the connection'
	finish
done

begin 'tempfail_exit: another code in place of 75, and 0 when it is queued'
queued 'queue off' 'tempfail_exit 1'
submit_plain mailchute bob@example.test
check 'exit code' 1 "$status"
queued 'tempfail_exit 1'
submit_plain mailchute bob@example.test
check 'queued' 0 "$status"
finish

summary
