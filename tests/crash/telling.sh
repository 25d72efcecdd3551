#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A crash or a failure at every call of a run that refuses a message and tells
# somebody of it ('notify'): the report comes, and comes once.  fault.sh tells
# of CRASH_TOOL and the others; make check takes every 25th call.
set -u
CRASH_STEP=${CRASH_STEP-25}
# shellcheck source=tests/crash/fault.sh
. "$TOP_SRCDIR/tests/crash/fault.sh"
sink_open

try_telling() {
	empty_all
	faulty '' -odq bob@example.test <message
	[ "$status" -eq 0 ] || complain "telling, $1: not queued"
	faulty "$1" queue run
	settle
	judge "telling, $1" 1
	[ "$(find q/failed -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -eq 1 ] ||
		complain "telling, $1: what was refused is not kept"
}

message_plain >message
fault_open
sink_start --auth-optional --lifetime 3000 \
	--refuse-rcpt bob@example.test='550 5.1.1 no such user'
client_profile 'host localhost' "port $clear_port" 'tls off' 'auth off' \
	'from alice@example.test' 'timeout 5' "queue_dir $sink/q" \
	'queue auto' 'queue_runner external' 'notify ops@example.test'
for action in ${CRASH_ACTIONS-kill}; do
	begin "telling: $action at every call ($tool)"
	count=0
	empty_all
	faulty '' -odq bob@example.test <message
	fault_find telling "$chute" -C "$client/profile" queue run
	each_call "$action" try_telling
	[ "$((count * CRASH_STEP))" -gt 30 ] || complain "only $count calls"
	finish
	echo "# $count calls"
done
summary
