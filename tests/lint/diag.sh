#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every diagnostic can happen: each row of base/diag.def is set somewhere, or
# stands in diag_unused, a list that may only become shorter.
. "$(dirname "$0")/lint.sh"

unused_file=$lint_dir/diag_unused
# shellcheck disable=SC2046  # a list of names without spaces
used=$(cd "$top" && grep -oh 'DIAG_[A-Z0-9_]*' \
	$(sources src -- '*.c' '*.h' '*.def') </dev/null | sort -u)
rows=$(sed -n 's/^DIAG(\([A-Z0-9_]*\),.*/DIAG_\1/p' "$top/src/base/diag.def")
waiting=$(grep -v '^#' "$unused_file" 2>/dev/null)

# is_in LIST WORD
is_in() {
	printf '%s\n' "$1" | grep -Fqx -e "$2"
}

report 'base/diag.def has rows' "$([ -n "$rows" ] || echo 'none found')"
report 'every row is used' "$(
	for id in $rows; do
		is_in "$used" "$id" || is_in "$waiting" "$id" || echo "$id"
	done)"
report 'the rows that wait for their code exist' "$(
	for id in $waiting; do
		is_in "$rows" "$id" || echo "$id"
	done)"
for id in $waiting; do
	! is_in "$used" "$id" ||
		echo "# $id is used by now: take it off tests/lint/diag_unused"
done
lint_done
