#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A crash or a failure at every call of "mailchute serve", of its sessions and of
# its runner: what was acknowledged with 250 arrives, whatever ends, and nothing
# arrives twice but what the log calls a possible duplicate.  fault.sh tells of
# CRASH_TOOL and the others; make check takes one call in forty.
set -u
CRASH_STEP=${CRASH_STEP-40}
# shellcheck source=tests/crash/fault.sh
. "$TOP_SRCDIR/tests/crash/fault.sh"
sink_open
trap 'serve_stop; sink_stop; rm -rf "$sink"' EXIT
serve_pid=

# serve_start FAULT: in a session of its own, so that all of it can be ended.
serve_start() {
	rm -f submit
	launch="setsid sh $sink/launch"
	with_fault "$1" "$chute" -C "$client/profile" serve \
		--socket "$sink/submit" >>serve.out &
	launch=
	serve_pid=$!
	serve_tries=0
	until [ -S submit ] && [ -s pid ]; do
		serve_tries=$((serve_tries + 1))
		[ "$serve_tries" -lt 300 ] || break
		kill -0 "$serve_pid" 2>/dev/null || break
		sleep 0.01
	done
}

# Whether nothing of it is left.
is_ended() {
	! kill -0 "-$serve_group" 2>/dev/null
}

# serve_stop: as a service manager does it.
serve_stop() {
	[ -n "$serve_pid" ] || return 0
	if [ -s pid ]; then
		read -r serve_group <pid
		kill "$serve_group" 2>/dev/null
		stop_tries=0
		until is_ended || [ "$stop_tries" -ge 200 ]; do
			stop_tries=$((stop_tries + 1))
			sleep 0.01
		done
		is_ended || stopped_late=$((stopped_late + 1))
		kill -9 "-$serve_group" 2>/dev/null
	fi
	wait "$serve_pid" 2>/dev/null
	serve_pid=
	rm -f pid
	look_for_mark
}

# submit_one ID: to the service; whether it has the message now.
submit_one() {
	plainly "$MAILCHUTE" -C "$sink/caller" bob@example.test <"message$1"
}

# count_of ID: how many have arrived.
count_of() {
	count_found=0
	for count_file in mail/*.eml; do
		! grep -qs "^Message-ID: <$1@serving>" "$count_file" ||
			count_found=$((count_found + 1))
	done
}

# Two messages: what the first one leaves behind is there for the second.
try_serving() {
	empty_all
	serve_start "$1"
	taken='' taken_count=0
	for id in 1 2; do
		submit_one "$id" || continue
		taken="$taken $id"
		taken_count=$((taken_count + 1))
	done
	# The runner's turn; one that has failed would wait for longer.
	try_waits=0
	while [ "$(how_many)" -lt "$taken_count" ] &&
		[ "$try_waits" -lt 15 ]; do
		try_waits=$((try_waits + 1))
		sleep 0.01
	done
	serve_stop
	settle
	for id in 1 2; do
		count_of "$id"
		arrived=$count_found
		case " $taken " in
		*" $id "*)
			[ "$arrived" -ge 1 ] ||
				complain "serving, $1: $id is lost: $(
					tail -n 2 err.all "$client/log.all")"
			;;
		esac
		[ "$arrived" -le 1 ] ||
			grep -q 'diag=smtp.possible-duplicate' \
				"$client/log.all" ||
			complain "serving, $1: $id arrived $arrived times: $(
				cat "$client/log.all")"
	done
	judge_queue "serving, $1"
}

# strace: which calls there are, found out by a service without a fault.
find_calls() {
	[ "$tool" = strace ] || return
	empty_all
	fault_find serving sh -c '
		"$1" -C "$2" serve --socket "$3" &
		until [ -S "$3" ]; do sleep 0.05; done
		sh -c "$4"
		kill $!
		wait $!' - "$chute" "$client/profile" "$sink/submit" \
		"\"$MAILCHUTE\" -C '$sink/caller' bob@example.test <message
		sleep 0.5"
}

message_plain >message
for id in 1 2; do
	sed "s/^Message-ID: .*/Message-ID: <$id@serving>/" message >"message$id"
done
cat >launch <<'END'
# strace makes these calls fail as well.
echo $$ >pid
[ -s pid ] || exit 1
exec "$@"
END
fault_open
sink_start --auth-optional --lifetime 3000
client_profile 'host localhost' "port $clear_port" 'tls off' 'auth off' \
	'from alice@example.test' 'timeout 5' "queue_dir $sink/q" \
	'queue always' 'queue_runner external'
printf '%s\n' 'account default' "socket $sink/submit" 'timeout 5' \
	'from alice@example.test' 'syslog off' 'queue off' >caller
find_calls
for action in ${CRASH_ACTIONS-kill}; do
	begin "serving: $action at every call ($tool)"
	count=0
	stopped_late=0
	each_call "$action" try_serving
	[ "$((count * CRASH_STEP))" -gt 100 ] || complain "only $count calls"
	finish
	echo "# $count calls, ended late $stopped_late times"
done
summary
