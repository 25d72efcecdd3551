# SPDX-License-Identifier: GPL-3.0-or-later
# What the suites of this folder share: a folder of their own, and tools that a
# machine may not have.  With REQUIRE_TOOLS set (tests/packaging/run does) a
# tool that is not there is a failure.
#
# shellcheck shell=sh

tools_folder() {
	work=$(mktemp -d "${TMPDIR-/tmp}/mailchute-test.XXXXXX") || exit 1
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	cd "$work" || exit 1
}

# tools_need PROGRAM
tools_need() {
	! command -v "$1" >/dev/null 2>&1 || return 0
	if [ -n "${REQUIRE_TOOLS-}" ]; then
		begin "$1"
		complain "there is no $1"
	else
		begin "$1 # SKIP there is no $1"
	fi
	finish
	return 1
}
