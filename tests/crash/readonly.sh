#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The disk of the queue takes nothing any more: what waits is told, by a run and
# by one that watches, in the log and on stderr, and goes when it is mended.
set -u
# shellcheck source=tests/crash/fault.sh
. "$TOP_SRCDIR/tests/crash/fault.sh"
sink_open
fault_open
message_plain >message
sink_start --auth-optional
client_profile 'host localhost' "port $clear_port" 'tls off' 'auth off' \
	'from alice@example.test' 'timeout 5' "queue_dir $sink/q" \
	'queue auto' 'queue_runner external'
launch="env FAULT_READ_ONLY=$sink/read-only"
empty_all
words='the message [0-9a-z]+ in the queue cannot be used: Read-only file system'

# until_said FILE
until_said() {
	said_tries=0
	until grep -Eq "$words" "$1" 2>/dev/null; do
		said_tries=$((said_tries + 1))
		[ "$said_tries" -lt 200 ] || break
		sleep 0.05
	done
}

begin 'a run says so'
faulty '' -odq bob@example.test <message
faulty '' -odq bob@example.test <message
: >read-only
faulty '' queue run
check_match stderr "^mailchute: $words\$" err.all
check 'exit code' 75 "$status"
check_match log "errormsg='$words' .*diag=queue\\.stuck" "$client/log.all"
check 'lines in the log, for all messages' 1 \
	"$(grep -c queue.stuck "$client/log.all")"
arrived 0
finish

begin 'and sends them when the disk is mended'
rm read-only
faulty '' queue run
check 'exit code' 0 "$status"
arrived 2
finish

begin 'one that watches says so, and lives'
empty_all
mkdir -m 700 q
# shellcheck disable=SC2086 # words
$launch "$chute" -C "$client/profile" queue run --watch >out 2>watcher.err &
watcher=$!
watcher_tries=0
until [ -p q/wake ] || [ "$watcher_tries" -gt 200 ]; do
	watcher_tries=$((watcher_tries + 1))
	sleep 0.05
done
: >read-only
launch=
faulty '' --queue=always bob@example.test <message
until_said watcher.err
check_match 'stderr of the watcher' "^mailchute: $words\$" watcher.err
check_match log "errormsg='$words' " "$client/log.all"
kill -0 "$watcher" || complain 'it is gone'
kill "$watcher"
wait "$watcher"
check 'its exit code' 0 "$?"
arrived 0
rm read-only
finish

summary
