#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every sentence reaches the translators: po/POTFILES.in against the sources.
. "$(dirname "$0")/lint.sh"

listed=$(grep -v '^#' "$top/po/POTFILES.in" | grep . | sort)
# shellcheck disable=SC2046  # a list of names without spaces
marked=$(code $(sources src -- '*.c' '*.h' '*.def') |
	grep -v '^src/base/text\.h:' | grep -v ':#[ 	]*define' |
	grep -E '(^|[^A-Za-z0-9_])(_|N_|ngettext_)[ 	]*\((""|$)' | cut -d: -f1 |
	sort -u)

# only_in FIRST SECOND: the lines of the first list that the second lacks.
only_in() {
	printf '%s\n' "$1" | while read -r line; do
		printf '%s\n' "$2" | grep -Fqx -e "$line" || echo "$line"
	done
}

report 'files with sentences are in po/POTFILES.in' \
	"$(only_in "$marked" "$listed")"
report 'po/POTFILES.in names files with sentences' \
	"$(only_in "$listed" "$marked")"
report 'po/POTFILES.in is in order' "$(
	[ "$(grep -v '^#' "$top/po/POTFILES.in" | grep .)" = "$listed" ] ||
		echo 'sort it')"
lint_done
