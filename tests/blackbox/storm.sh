#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Many at once: submitters and runners on one queue, and every message arrives
# exactly once; also through "mailchute serve", which gives a caller fewer
# connections than he wants.  STORM_MESSAGES (200) is how many; CI takes 2000.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
submitters=8
runners=4
each=$((${STORM_MESSAGES-200} / submitters))

# one_submitter N: half of its messages through the queue, half at once.
one_submitter() {
	i=0
	while [ "$i" -lt "$each" ]; do
		i=$((i + 1))
		way=-odq
		[ $((i % 4)) -ne 0 ] || way=-odi
		printf 'Message-ID: <s%d.%d@storm>\n\nhello\n' "$1" "$i" |
			"$MAILCHUTE" -C "$client/profile" $way \
				bob@example.test || echo "s$1.$i: $?"
	done
}

# one_runner: until nothing waits and nobody submits.
one_runner() {
	while :; do
		ended=
		[ -e submitted ] && ended=yes
		"$MAILCHUTE" -C "$client/profile" queue run 2>>runner.err
		code=$?
		[ "$code" -eq 0 ] || [ "$code" -eq 75 ] || echo "runner: $code"
		[ -n "$ended" ] && [ "$code" -eq 0 ] && return
	done
}

sink_start --lifetime 600
profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' 'timeout 60' \
	'max_connections 2' 'max_messages_per_connection 7'
begin "$submitters submitters, $runners runners, $((each * submitters)) messages"
export HOME="$client/home"
n=0
pids=
while [ "$n" -lt "$submitters" ]; do
	n=$((n + 1))
	one_submitter "$n" >"submitter.$n" 2>&1 &
	pids="$pids $!"
done
n=0
runner_pids=
while [ "$n" -lt "$runners" ]; do
	n=$((n + 1))
	one_runner >"runner.$n" 2>&1 &
	runner_pids="$runner_pids $!"
done
# shellcheck disable=SC2086
wait $pids
: >submitted
# shellcheck disable=SC2086
wait $runner_pids
check 'submitters' '' "$(cat submitter.*)"
check 'runners' '' "$(cat runner.[0-9]*)"
find mail -name '*.eml' -exec grep -h '^Message-ID' {} + | tr -d '\r' |
	sort >arrived
check 'messages' "$((each * submitters))" "$(grep -c . arrived)"
check 'twice' '' "$(uniq -d arrived)"
check 'left in the queue' 'history incoming sending servers' \
	"$(find q -mindepth 1 ! -name 'history.*' | sed 's|q/||' | sort |
		tr '\n' ' ' | sed 's/ $//')"
check 'possible duplicates' 0 \
	"$(grep -c possible-duplicate "$client/log.all")"
finish

# ---- by the service ----------------------------------------------------------

# one_caller N: all of its messages by the socket.
one_caller() {
	i=0
	while [ "$i" -lt "$each" ]; do
		i=$((i + 1))
		printf 'Message-ID: <c%d.%d@storm>\n\nhello\n' "$1" "$i" |
			"$MAILCHUTE" -C "$sink/caller" bob@example.test ||
			echo "c$1.$i: $?"
	done
}

serve_start() {
	rm -f submit
	"$MAILCHUTE" -C "$client/profile" serve --socket "$sink/submit" \
		--max-connections 3 >>serve.out 2>&1 &
	serve_pid=$!
	until [ -S submit ]; do sleep 0.05; done
}

begin "$submitters callers of a service that is killed, $((each * submitters)) messages"
sink_start --lifetime 600
rm -rf q
: >"$client/log.all"
profile "queue_dir $sink/q" 'queue always' 'queue_runner external' 'timeout 60' \
	'max_connections 2'
printf '%s\n' 'account default' "socket $sink/submit" 'timeout 60' \
	'from alice@example.test' 'syslog off' 'queue off' >caller
serve_start
n=0
pids=
while [ "$n" -lt "$submitters" ]; do
	n=$((n + 1))
	one_caller "$n" >"caller.$n" 2>caller.err &
	pids="$pids $!"
done
# Two deaths in the middle of it; whoever is not answered knows it.
# shellcheck disable=SC2034 # a count
for death in 1 2; do
	sleep 0.5
	kill -9 "$serve_pid"
	wait "$serve_pid" 2>/dev/null
	serve_start
done
# shellcheck disable=SC2086
wait $pids
storm_tries=0
# What is just going out stands in 'sending'.
until [ -z "$(find q q/sending -maxdepth 1 -name '1??????????????' \
	2>/dev/null)" ] ||
	[ "$storm_tries" -ge 300 ]; do
	storm_tries=$((storm_tries + 1))
	sleep 0.1
done
kill "$serve_pid"
wait "$serve_pid"
check 'exit code' 0 $?
find mail -name '*.eml' -exec grep -h '^Message-ID' {} + | tr -d '\r' |
	sort >arrived
sed -n 's/^\(c[0-9.]*\): .*/Message-ID: <\1@storm>/p' caller.[0-9]* |
	sort >refused
sort -u arrived refused >known
check 'messages that are accounted for' "$((each * submitters))" \
	"$(grep -c . known)"
[ "$(uniq -d arrived | grep -c .)" -le "$(
	grep -c possible-duplicate "$client/log.all")" ] ||
	complain "twice, and not called possible duplicates: $(uniq -d arrived)"
echo "# $(grep -c . refused) were not answered"
finish
summary
