#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# No suite printed a password: looks through all logs of the build folder, and
# the files and folders named as arguments, for each line of tests/passwords,
# in any case: as it is, with the blanks of a URL, and in base 64 or its form for
# URLs (as AUTH sends it, wherever it begins).
#
# Runs when all else is over.
. "$(dirname "$0")/lint.sh"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
build=${TOP_BUILDDIR:-.}

# One pattern a line.  Of base 64, what does not depend on the bytes around:
# a password may begin at any of the three places of a group.
grep -v '^#' "$top/tests/passwords" | awk '
	BEGIN {
		letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"abcdefghijklmnopqrstuvwxyz0123456789+/"
		for (i = 1; i < 128; i++)
			code[sprintf("%c", i)] = i
	}
	{
		print
		if (gsub(/ /, "%20"))
			print
		gsub(/%20/, " ")
		for (before = 0; before < 3; before++) {
			bits = 0; count = 0; out = ""
			# The first whole letter after what is unknown.
			skip = before ? (before == 1 ? 4 : 2) : 0
			for (i = 1; i <= length($0); i++) {
				bits = bits * 256 + code[substr($0, i, 1)]
				count += 8
				if (skip) {
					count -= skip
					bits %= 2 ^ count
					skip = 0
				}
				while (count >= 6) {
					count -= 6
					out = out substr(letters,
						int(bits / 2 ^ count) + 1, 1)
					bits %= 2 ^ count
				}
			}
			print out
			if (gsub(/\+/, "-", out) + gsub(/\//, "_", out))
				print out
		}
	}' >"$work/patterns"

{
	find "$build" -name '*.log' ! -name config.log -type f
	for place; do
		find "$place" -type f
	done
} >"$work/files"

report 'there are passwords to look for' \
	"$([ -s "$work/patterns" ] || echo 'tests/passwords is empty')"
[ -s "$work/files" ] || skip 'there are logs to look at' "none in $build"
# The finding is told without what was found.
report 'no suite printed a password' "$(
	tr '\n' '\0' <"$work/files" |
		xargs -0 grep -aFin -f "$work/patterns" /dev/null |
		cut -d: -f1,2)"
lint_done
