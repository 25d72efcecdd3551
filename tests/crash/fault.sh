# SPDX-License-Identifier: GPL-3.0-or-later
# The program with a fault in it, for the suites in this folder.
#
#	fault_open                what the faults are made with: CRASH_TOOL
#	fault_find NAME COMMAND   strace: which calls COMMAND makes
#	faulty FAULT ARGUMENT...  mailchute with that fault: $status; the file
#	                          mark is there if its turn has come
#	each_call ACTION TRY      TRY FAULT, for every call of every name, until
#	                          there are no more: $count
#	judge, settle, empty_all  before and after
#
# CRASH_TOOL says how:
#
#	wrap     tests/crash/chute, with its calls routed through fault.c
#	shim     the real program, with tests/crash/shim.so preloaded
#	strace   the real program, and every system call that it makes: also
#	         those of the loader and of the libraries' insides (no "short")
#
# CRASH_ACTIONS (kill) are tried one after the other; CI takes "kill short EIO
# ENOSPC EINTR EMFILE".  CRASH_STEP (1) takes every n-th call only.
#
# shellcheck shell=sh disable=SC2154
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"

# Those that end a process or its beginning are no failures of ours, and some
# cannot fail: a process with a wrong number for itself could not be stopped.
fault_not='execve|exit|exit_group|rt_sigreturn|restart_syscall|brk|arch_prctl'
fault_not="$fault_not|get(p|pp|t)id|gete?[ug]id|umask"

fault_open() {
	tool=${CRASH_TOOL-wrap}
	chute=$MAILCHUTE
	shim=$TOP_BUILDDIR/tests/crash/shim.so
	# Of the table; a row begins a line.
	calls="open openat fcntl close $(sed -n \
		's/^FAULT_\(CALL([a-z_]*, \|BYTES(\)\([a-z0-9_]*\).*/\2/p' \
		"$TOP_SRCDIR/tests/crash/calls.def" | tr '\n' ' ')"
	case $tool in
	wrap)
		chute=$TOP_BUILDDIR/tests/crash/chute
		[ -x "$chute" ] || fault_cannot 'the linker has no --wrap'
		;;
	shim)
		LD_PRELOAD=$shim "$chute" --version >/dev/null 2>&1 ||
			fault_cannot 'the program does not run with shim.so'
		;;
	strace)
		strace -o strace.out true 2>/dev/null ||
			fault_cannot 'strace does not work here'
		;;
	*) bail "there is no CRASH_TOOL $tool" ;;
	esac
}

# fault_cannot REASON: there is nothing to be tested then, and CI wants all.
fault_cannot() {
	begin "$tool"
	[ -z "${CI-}" ] || complain "$1"
	echo "# $1"
	finish
	summary
	exit
}

# fault_find NAME COMMAND...: the names of the system calls that it makes, with
# all its children, become $calls.
fault_find() {
	fault_name=$1
	shift
	[ "$tool" = strace ] || return
	fault=
	plainly strace -f -qq -o "$sink/strace.$fault_name" "$@"
	calls=$(sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' \
		"$sink/strace.$fault_name" | sort -u |
		grep -Evx "$fault_not" | tr '\n' ' ')
	[ "$(echo "$calls" | wc -w)" -gt 20 ] ||
		bail "strace saw too little: $calls"
}

# plainly COMMAND...: with nothing in the environment but what is needed.
plainly() {
	env -i PATH="$PATH" HOME="$client/home" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" timeout -k 5 60 "$@" 2>>err.all
}

# with_fault FAULT COMMAND...: runs it with that fault; by the words of $launch,
# if it is not empty.
launch=
# shellcheck disable=SC2086 # words
with_fault() {
	fault=$1
	shift
	case $tool:$fault in
	*:) plainly $launch "$@" ;;
	wrap:*)
		plainly $launch env FAULT="$fault" FAULT_MARK="$sink/mark" "$@"
		;;
	shim:*)
		plainly $launch env FAULT="$fault" FAULT_MARK="$sink/mark" \
			LD_PRELOAD="$shim" "$@"
		;;
	strace:*) with_strace $launch "$@" ;;
	esac
}

with_strace() {
	fault_call=${fault%%:*}
	fault_rest=${fault#*:}
	case $fault in
	*:kill) fault_what=signal=KILL ;;
	*) fault_what=error=${fault##*:} ;;
	esac
	plainly strace -f -qq -o "$sink/strace.out" -e "trace=$fault_call" \
		-e "inject=$fault_call:$fault_what:when=${fault_rest%%:*}" "$@"
}

# After a run that is over.
look_for_mark() {
	[ "$tool" = strace ] && [ -e strace.out ] || return 0
	grep -q 'INJECTED\|killed by SIGKILL' strace.out && : >mark
	rm -f strace.out
}

# faulty FAULT ARGUMENT...: mailchute with that fault; $status.
faulty() {
	fault_wanted=$1
	shift
	status=0
	with_fault "$fault_wanted" "$chute" -C "$client/profile" "$@" ||
		status=$?
	look_for_mark
}

# empty_all: before each case.
empty_all() {
	rm -rf q mark
	rm -f mail/*
	: >"$client/log.all"
	: >err.all
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
	judge_queue "$1"
}

# judge_queue CASE: nothing is left in it, and nothing was damaged.
judge_queue() {
	for judge_left in q/[0-9]* q/sending/* q/damaged/*; do
		[ ! -e "$judge_left" ] ||
			complain "$1: $judge_left is left: $(
				head -n 15 "$judge_left" 2>&1)"
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

each_call() {
	for call in $calls; do
		k=1
		while :; do
			"$2" "$call:$k:$1"
			[ -e mark ] || break
			count=$((count + 1))
			k=$((k + ${CRASH_STEP-1}))
			[ "$k" -lt 500 ] || bail "$call never ends"
		done
	done
}
