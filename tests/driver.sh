#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Automake's test driver for every suite of make check: one line for a suite
# that passes, and of one that fails each case that did, with what it said;
# V=1 shows every case.  The suite runs under the keeper.  Its arguments are the
# driver's (automake's manual, "Command-line arguments for test drivers").
set -u
tap_driver=$(dirname "$0")/../build-aux/tap-driver.sh
suite='' log='' options=''
while [ "$1" != -- ]; do
	case $1 in
	--test-name) suite=$2 ;;
	--log-file) log=$2 ;;
	esac
	case $1 in
	--*) options="$options $1 '$2'" ;;
	esac
	shift 2
done
shift
keeper=$TOP_BUILDDIR/tests/keeper
[ ! -x "$keeper" ] || set -- "$keeper" "${SUITE_SECONDS:-600}" "$@"
# Words with quotes of our own making.
run_suite() {
	eval "sh \"$tap_driver\" $options -- \"\$@\""
}
if [ "${V-0}" = 1 ]; then
	run_suite "$@"
	exit
fi
said=$log.said
began=$(date +%s)
run_suite "$@" >"$said" 2>&1
status=$?
took=$(($(date +%s) - began))
if grep -Eq '(^|m)(FAIL|ERROR|XPASS)' "$said" || [ "$status" -ne 0 ]; then
	grep -Ev '(^|m)(PASS|SKIP|XFAIL)' "$said"
	# Each failed case with the comments behind it, and what made it end.
	awk '/^not ok/ { shown = 1 } /^(ok|PASS|SKIP|1\.\.)/ { shown = 0 }
		/^(FAIL|ERROR)/ { next }
		/^# keeper.*(did not|cannot)|^Bail out|Sanitizer|runtime error/ { print; next }
		shown' "$log"
elif grep -Eq '(^|m)PASS' "$said"; then
	echo "PASS: $suite ($(grep -Ec '(^|m)PASS' "$said") cases, $took s)"
else
	cat "$said"
fi
rm -f "$said"
exit "$status"
