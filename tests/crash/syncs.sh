#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How often the disk is waited for: what spool/store.h says, no more and no
# less.  A message that is safe costs two; each that is missing loses mail in a
# power cut, which no other test can see.
set -u
# shellcheck source=tests/crash/fault.sh
. "$TOP_SRCDIR/tests/crash/fault.sh"
sink_open

queue_one() {
	mkdir -m 700 q
	faulty "$1" -odq bob@example.test <message
}

run_one() {
	faulty '' -odq bob@example.test <message
	rm -f mark
	faulty "$1" queue run
}

# syncs COMMAND CALL: how many of that call it makes.
syncs() {
	syncs_count=0
	while :; do
		empty_all
		"$1" "$2:$((syncs_count + 1)):kill"
		[ -e mark ] || break
		syncs_count=$((syncs_count + 1))
		[ "$syncs_count" -lt 50 ] || break
	done
	echo "$syncs_count"
}

message_plain >message
fault_open
sink_start --auth-optional
by_queue() {
	client_profile 'host localhost' "port $clear_port" 'tls off' \
		'auth off' 'from alice@example.test' 'timeout 5' \
		"queue_dir $sink/q" 'queue auto' 'queue_runner external' \
		"$@"
}
by_queue

begin 'a message is accepted: its bytes, the queue'
check fdatasync 1 "$(syncs queue_one fdatasync)"
check fsync 1 "$(syncs queue_one fsync)"
finish

queue_first() {
	rm -rf "$client/home/.local"
	faulty "$1" -odq bob@example.test <message
}

begin 'the first message of a user: .local, state, mailchute, queue as well'
cp -p "$client/profile" kept.rc
sed -i '/^queue_dir/d' "$client/profile"
check fdatasync 1 "$(syncs queue_first fdatasync)"
check fsync 5 "$(syncs queue_first fsync)"
cp -p kept.rc "$client/profile"
finish

run_ten() {
	# shellcheck disable=SC2034 # a count
	for n in 1 2 3 4 5 6 7 8 9 10; do
		faulty '' -odq bob@example.test <message
	done
	rm -f mark
	faulty "$1" queue run
}

begin 'it is delivered: sending/ is made, before the dot, at the end of the run'
check fdatasync 0 "$(syncs run_one fdatasync)"
check fsync 3 "$(syncs run_one fsync)"
finish

# sending/, the first, the second that asks what the server bears, the rest, the
# end.
# One connection: a slow machine might make more.
by_queue 'max_connections 1'
begin 'ten are delivered: those that go in one flight share one'
check fdatasync 0 "$(syncs run_ten fdatasync)"
check fsync 5 "$(syncs run_ten fsync)"
finish

begin 'one of two is refused: it is known before it is moved'
sink_start --auth-optional --refuse-rcpt 'carol@example.test=550 5.1.1 nobody'
by_queue
run_refused() {
	faulty '' -odq bob@example.test carol@example.test <message
	rm -f mark
	faulty "$1" queue run
}
check fdatasync 1 "$(syncs run_refused fdatasync)"
check fsync 3 "$(syncs run_refused fsync)"
finish

begin 'it is deferred: nothing'
sink_stop
check fdatasync 0 "$(syncs run_one fdatasync)"
check fsync 0 "$(syncs run_one fsync)"
finish

capture_one() {
	rm -rf caught
	faulty "$1" bob@example.test <message
}

begin 'it is captured: once, and what is not safe is not there'
client_profile 'host localhost' "port $clear_port" 'tls off' 'auth off' \
	'from alice@example.test' "capture $sink/caught"
check fdatasync 1 "$(syncs capture_one fdatasync)"
empty_all
capture_one fdatasync:1:EIO
check 'exit code' 71 "$status"
check 'what is left' '' "$(ls -A caught)"
finish

summary
