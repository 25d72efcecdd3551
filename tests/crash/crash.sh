#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A crash or a failure at every call that matters, of queueing and of running:
# nothing that was accepted is lost, and nothing arrives twice but what the log
# calls a possible duplicate.
#
# CRASH_ACTIONS (kill) are tried one after the other; CI takes
# "kill short EIO ENOSPC EINTR EMFILE".  With CRASH_TOOL=strace it is the real
# program, and every system call that it makes with a file or a socket (and no
# "short").
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
tool=${CRASH_TOOL-wrap}
chute=$TOP_BUILDDIR/tests/crash/chute
calls="openat mkdirat pwrite pread read write send recv fdatasync fsync
	renameat unlinkat flock ftruncate close fork"
if [ "$tool" = strace ]; then
	chute=$MAILCHUTE
	calls="openat mkdirat pwrite64 pread64 read write sendto recvfrom
		fdatasync fsync renameat renameat2 unlinkat flock ftruncate
		close clone clone3 newfstatat fstat fstatfs access getdents64
		socket connect poll pipe pipe2 fcntl wait4 rt_sigaction"
	strace -o strace.out true 2>/dev/null || {
		begin 'strace'
		echo '# strace does not work here'
		finish
		summary
		exit
	}
fi

# plainly COMMAND...: with nothing in the environment but what is needed.
plainly() {
	env -i PATH="$PATH" HOME="$client/home" FAULT="$fault" \
		FAULT_MARK="$sink/mark" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		timeout 60 "$@" 2>>err.all
}

# faulty FAULT ARGUMENT...: mailchute with that fault; $status.
faulty() {
	fault=$1
	shift
	status=0
	if [ "$tool" = wrap ] || [ -z "$fault" ]; then
		plainly "$chute" -C "$client/profile" "$@" || status=$?
		return
	fi
	fault_call=${fault%%:*}
	fault_rest=${fault#*:}
	case $fault in
	*:kill) fault_what=signal=KILL ;;
	*) fault_what=error=${fault##*:} ;;
	esac
	plainly strace -f -qq -o "$sink/strace.out" -e "trace=$fault_call" \
		-e "inject=$fault_call:$fault_what:when=${fault_rest%%:*}" \
		"$chute" -C "$client/profile" "$@" || status=$?
	grep -q 'INJECTED\|killed by SIGKILL' strace.out && : >mark
}

# empty_all: before each case.
empty_all() {
	rm -rf q mark
	rm -f mail/*
	: >"$client/log.all"
	: >err.all
}

how_many() {
	find mail -name '*.eml' | wc -l | tr -d ' '
}

# judge CASE LEAST: at least so many have arrived, and no more than one unless
# the log says why.
judge() {
	judge_arrived=$(how_many)
	[ "$judge_arrived" -ge "$2" ] ||
		complain "$1: lost (exit code $status): $(tail -n 2 err.all)"
	[ "$judge_arrived" -le 1 ] ||
		grep -q 'diag=smtp.possible-duplicate' "$client/log.all" ||
		complain "$1: arrived $judge_arrived times: $(
			cat "$client/log.all")"
	[ -z "$(find q -mindepth 2 -maxdepth 2 -path 'q/damaged/*' \
		2>/dev/null)" ] ||
		complain "$1: damaged: $(cat q/damaged/*.why)"
	for judge_left in q/[0-9]*; do
		[ ! -e "$judge_left" ] || complain "$1: $judge_left is left"
	done
}

# No fault any more; the clock is not waited for.
settle() {
	# shellcheck disable=SC2034 # a count
	for settle_round in 1 2 3; do
		faulty '' queue run
		[ "$status" -eq 0 ] && return
	done
}

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

# each_call ACTION TRY: every call of every name, until there are no more.
each_call() {
	for call in $calls; do
		k=0
		while :; do
			k=$((k + 1))
			"$2" "$call:$k:$1"
			[ -e mark ] || break
			count=$((count + 1))
			[ "$k" -lt 500 ] || bail "$call never ends"
		done
	done
}

message_plain >message
sink_start --auth-optional --lifetime 3000
client_profile 'host localhost' "port $clear_port" 'tls off' 'auth off' \
	'from alice@example.test' 'timeout 5' "queue_dir $sink/q" \
	'queue auto' 'queue_runner external'
for action in ${CRASH_ACTIONS-kill}; do
	for what in queueing running; do
		begin "$what: $action at every call"
		count=0
		each_call "$action" "try_$what"
		finish
		echo "# $count calls"
	done
done
summary
