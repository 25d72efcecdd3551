#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A crash or a failure at every call that matters, of queueing and of running:
# nothing that was accepted is lost, and nothing arrives twice but what the log
# calls a possible duplicate.  fault.sh tells of CRASH_TOOL and the others; make
# check takes every seventh call.
set -u
CRASH_STEP=${CRASH_STEP-7}
# shellcheck source=tests/crash/fault.sh
. "$TOP_SRCDIR/tests/crash/fault.sh"
sink_open

try_queueing() {
	empty_all
	faulty "$1" -odq bob@example.test <message
	try_status=$status
	settle
	least=0
	[ "$try_status" -ne 0 ] || least=1
	judge "queueing, $1" "$least"
}

try_running() {
	empty_all
	faulty '' -odq bob@example.test <message
	[ "$status" -eq 0 ] || complain "running, $1: not queued"
	faulty "$1" queue run
	settle
	judge "running, $1" 1
}

# Four messages, of which the last go in one flight and share a sync.
try_flight() {
	empty_all
	for n in 1 2 3 4; do
		faulty '' -odq "r$n@example.test" <message
	done
	faulty "$1" queue run
	settle
	for n in 1 2 3 4; do
		grep -q "^to r$n@" mail/*.envelope 2>/dev/null ||
			complain "flight, $1: r$n is lost: $(tail -n 2 err.all)"
	done
	[ "$(how_many)" -le 4 ] ||
		grep -q 'diag=smtp.possible-duplicate' "$client/log.all" ||
		complain "flight, $1: $(how_many) arrived: $(
			cat "$client/log.all")"
	judge_queue "flight, $1"
}

# find_calls WHAT: those that it makes.
find_calls() {
	empty_all
	[ "$1" = queueing ] || faulty '' -odq bob@example.test <message
	[ "$1" != flight ] || faulty '' -odq bob@example.test <message
	case $1 in
	queueing) set -- "$1" -odq bob@example.test ;;
	running | flight) set -- "$1" queue run ;;
	esac
	find_calls_of=$1
	shift
	fault_find "$find_calls_of" "$chute" -C "$client/profile" "$@" <message
}

message_plain >message
fault_open
sink_start --auth-optional --lifetime 3000
client_profile 'host localhost' "port $clear_port" 'tls off' 'auth off' \
	'from alice@example.test' 'timeout 5' "queue_dir $sink/q" \
	'queue auto' 'queue_runner external'
for action in ${CRASH_ACTIONS-kill}; do
	for what in queueing running; do
		begin "$what: $action at every call ($tool)"
		count=0
		find_calls "$what"
		each_call "$action" "try_$what"
		[ "$((count * CRASH_STEP))" -gt 30 ] || complain "only $count calls"
		finish
		echo "# $count calls"
	done
	begin "four in a flight: $action at every call ($tool)"
	count=0
	find_calls flight
	CRASH_STEP=${CRASH_FLIGHT_STEP-$((CRASH_STEP * 6 - 5))} \
		each_call "$action" try_flight
	finish
	echo "# $count calls"
done

# 124: it had to be ended.
if [ "$tool" != strace ]; then
	begin "running: no fcntl that fails keeps it for ever ($tool)"
	for k in 1 2 3 4 5 6 7 8 9 10; do
		empty_all
		faulty '' -odq bob@example.test <message
		faulty "fcntl:$k:EMFILE" queue run
		[ "$status" -ne 124 ] || complain "fcntl:$k: did not end"
	done
	finish
fi
summary
