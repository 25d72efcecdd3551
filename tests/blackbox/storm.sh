#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Many at once: submitters and runners on one queue, and every message arrives
# exactly once.  STORM_MESSAGES (200) is how many; CI takes 2000.
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
check 'left in the queue' 'history incoming' \
	"$(find q -mindepth 1 ! -name 'history.*' | sed 's|q/||' | sort |
		tr '\n' ' ' | sed 's/ $//')"
check 'possible duplicates' 0 \
	"$(grep -c possible-duplicate "$client/log.all")"
finish
summary
