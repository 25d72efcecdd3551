#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A laptop on a train: what waits for the network goes when a default route
# comes, minutes before its time, in a network namespace of the suite's own.
set -u
if ! command -v ip >/dev/null ||
	! unshare -rn --pid --fork --mount-proc ip link set lo up 2>/dev/null; then
	echo '1..0 # SKIP no network namespaces, or no ip(8)'
	exit 0
fi
if [ -z "${IN_TRAIN-}" ]; then
	IN_TRAIN=1 exec unshare -rn --pid --fork --kill-child --mount-proc sh "$0"
fi
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
ip link set lo up
sink_start
profile 'queue auto' "queue_dir $sink/q" 'queue_runner external' \
	'queue_retry 1h' 'timeout 1'

begin 'in the tunnel: it waits'
ip link set lo down
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
check_match log 'diag=net\.' client/log
arrived 0
finish

begin 'a network comes: it goes at once'
"$MAILCHUTE" -C client/profile queue run --watch >watch.out 2>&1 &
watcher=$!
tries=0
until [ -p q/wake ] || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
ip link set lo up
tries=0
until [ "$(how_many)" = 1 ] || [ $tries -gt 200 ]; do
	# It may have begun to listen a moment later than its FIFO was there.
	[ $((tries % 20)) -ne 0 ] || ip route replace default dev lo
	tries=$((tries + 1))
	sleep 0.05
done
arrived 1
check 'what the runner says' '' "$(cat watch.out)"
kill "$watcher"
wait "$watcher"
submit mailchute queue </dev/null
check_no_match 'what still waits' 'waiting' client/out
finish
sink_stop
summary
