# SPDX-License-Identifier: GPL-3.0-or-later
# Test cases for shell suites: one TAP line a case, however many things it
# looks at, and "N passed, N failed" at the end.  Knows nothing of mail.
#
#	begin 'a case'
#	check 'exit code' 0 "$status"
#	check_match 'stderr' 'no such host' "$file"
#	finish
#	...
#	summary        # its status is the suite's
#
# shellcheck shell=sh

tap_passed=0
tap_failed=0
tap_case=

# begin NAME: a case opens; what follows belongs to it.
begin() {
	tap_case=$1
	tap_notes=
}

# complain TEXT...: the open case has failed, and why.
complain() {
	tap_notes="$tap_notes$(printf '%s\n' "$*" | sed 's/^/#   /')
"
}

# check WHAT WANT GOT
check() {
	[ "$2" = "$3" ] || complain "$1: want '$2', got '$3'"
}

# check_match WHAT PATTERN FILE: an extended regular expression is in a file.
check_match() {
	grep -Eq -e "$2" "$3" 2>/dev/null ||
		complain "$1: nothing matches '$2' in:
$(head -n 20 "$3" 2>&1)"
}

# check_no_match WHAT PATTERN FILE
check_no_match() {
	if grep -Eq -e "$2" "$3" 2>/dev/null; then
		complain "$1: '$2' is in:
$(grep -E -e "$2" "$3" | head -n 5)"
	fi
}

# check_empty WHAT FILE
check_empty() {
	[ ! -s "$2" ] || complain "$1: not empty:
$(head -n 20 "$2")"
}

# check_same WHAT WANTED-FILE GOT-FILE: byte for byte.
check_same() {
	tap_difference=$(cmp "$2" "$3" 2>&1) ||
		complain "$1: $tap_difference
$(wc -c "$2" "$3" 2>&1)"
}

# finish: the open case is over; it passed if nothing was complained of.
finish() {
	if [ -z "$tap_notes" ]; then
		tap_passed=$((tap_passed + 1))
		printf 'ok %d - %s\n' $((tap_passed + tap_failed)) "$tap_case"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n%s' $((tap_passed + tap_failed)) \
			"$tap_case" "$tap_notes"
	fi
	tap_case=
}

# skip NAME REASON: a case that cannot be looked at here.
skip() {
	tap_passed=$((tap_passed + 1))
	printf 'ok %d - %s # SKIP %s\n' $((tap_passed + tap_failed)) "$1" "$2"
}

# bail TEXT...: nothing can be tested; counts as a failure.
bail() {
	printf 'Bail out! %s\n' "$*"
	tap_failed=$((tap_failed + 1))
	summary
	exit 1
}

# summary: the last line; fails when a case failed or none ran.
summary() {
	printf '1..%d\n' $((tap_passed + tap_failed))
	printf '%d passed, %d failed\n' "$tap_passed" "$tap_failed"
	[ "$tap_failed" -eq 0 ] && [ "$tap_passed" -gt 0 ]
}
