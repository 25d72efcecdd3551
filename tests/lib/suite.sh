# SPDX-License-Identifier: GPL-3.0-or-later
# Runs suites in sandboxes, for the programs tests/*/run, and adds up what they
# say.  The caller has set `here`, its own folder.
#
#	suite_open
#	suite_run NAME SECONDS 'PACKAGE...'     NAME_cases.sh, beside the caller;
#	                                        of A-B it is A_cases.sh
#	summary
#
# MAILCHUTE is the program (default: src/mailchute in this checkout), PACKAGES
# a folder that keeps unpacked packages between runs, SUITES those to run
# (default: all).
#
# shellcheck shell=sh disable=SC2154

# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
sandbox_library=$here/../lib/sandbox.sh
# shellcheck source=tests/lib/sandbox.sh
. "$sandbox_library"

suite_open() {
	MAILCHUTE=${MAILCHUTE-$here/../../src/mailchute}
	PACKAGES=${PACKAGES-$here/../packages}
	[ -x "$MAILCHUTE" ] ||
		bail "no program $MAILCHUTE: build it, or set MAILCHUTE"
	MAILCHUTE=$(cd "$(dirname "$MAILCHUTE")" && pwd)/${MAILCHUTE##*/}
	mkdir -p "$PACKAGES" && PACKAGES=$(cd "$PACKAGES" && pwd) ||
		bail "no folder $PACKAGES"
	export MAILCHUTE
	[ "$(id -u)" -eq 0 ] || bail 'this needs root'
	for suite_tool in apt-get certtool ip unshare timeout; do
		command -v "$suite_tool" >/dev/null || bail "no $suite_tool" \
			'(packages: apt gnutls-bin iproute2 util-linux coreutils)'
	done
}

suite_run() {
	case " ${SUITES-$1} " in
	*" $1 "*) ;;
	*) return ;;
	esac
	echo "# ---- $1"
	# shellcheck disable=SC2086 # a list
	sandbox_packages "$PACKAGES/$1" $3 ||
		bail "the packages for $1 cannot be fetched"
	sed 's/^/# with /' "$PACKAGES/$1/.versions"
	suite_result=$(mktemp) || exit
	suite_code=0
	sandbox_run "$PACKAGES/$1" "$2" sh "$here/${1%%-*}_cases.sh" "$here" "$1" \
		>"$suite_result" 2>&1 || suite_code=$?
	suite_counts=$(sed -n \
		's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
		"$suite_result" | tail -n 1)
	sed -e '/^1\.\.[0-9]*$/d' -e '/^[0-9]* passed, [0-9]* failed$/d' \
		"$suite_result"
	rm -f "$suite_result"
	[ -n "$suite_counts" ] || bail "$1 ended early, with $suite_code"
	tap_passed=$((tap_passed + ${suite_counts% *}))
	tap_failed=$((tap_failed + ${suite_counts#* }))
}
