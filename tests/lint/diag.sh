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

# Lines "ID N": how many arguments a row's sentence takes.
wants() {
	awk '
	/^DIAG\(/ { row = "" ; id = $0; sub(/^DIAG\(/, "", id); sub(/,.*/, "", id) }
	id != "" { row = row $0 }
	id != "" && /\)[ \t]*$/ {
		sub(/^[^(]*\([^"]*"[^"]*"[^"]*"[^"]*"[^"]*"/, "", row)
		sub(/".*/, "", row)
		print "DIAG_" id, gsub(/%s/, "", row)
		id = ""
	}' "$top/src/base/diag.def"
}

# given: "FILE:LINE ID N" of each diag_set() and diag_set_errno() whose id is
# written out.
given() {
	# shellcheck disable=SC2046  # a list of names without spaces
	code $(sources src -- '*.c' '*.h') | awk '
	# The arguments end with the bracket that closes the call.
	function count(text,    i, c, depth, commas) {
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			if (c ~ /[(\[{]/)
				depth++
			else if (c ~ /[)\]}]/ && --depth < 0)
				return commas
			else if (c == "," && depth == 0)
				commas++
		}
		return -1
	}
	function call(text) {
		if (count(text) < 0)
			return 0
		if (match(text, /,[ \t]*DIAG_[A-Z0-9_]+[ \t]*[,)]/)) {
			id = substr(text, RSTART + 1, RLENGTH - 2)
			gsub(/[ \t]/, "", id)
			print place, id, count(text) - 1 - has_errno
		}
		return 1
	}
	{
		split($0, part, ":")
		text = substr($0, length(part[1]) + length(part[2]) + 3)
		if (open != "") {
			open = open " " text
			if (call(open))
				open = ""
			next
		}
		while (match(text, /(^|[^a-z_])diag_set(_errno)?[ \t]*\(/)) {
			has_errno = substr(text, RSTART, RLENGTH) ~ /_errno/
			text = substr(text, RSTART + RLENGTH)
			place = part[1] ":" part[2]
			if (!call(text)) {
				open = text
				break
			}
		}
	}'
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
report 'every sentence gets the words it takes' "$(
	{ wants; given; } | awk '
		NF == 2 { want[$1] = $2 }
		NF == 3 && want[$2] != $3 {
			print $1 ": " $2 " takes " want[$2] " words, got " $3
		}')"
hintless=$(awk '
	/^DIAG\(/ { id = $0; sub(/^DIAG\(/, "DIAG_", id); sub(/,.*/, "", id) }
	/(^|[ \t])NULL\)[ \t]*$/ { print id }' "$top/src/base/diag.def")
without=$(grep -v '^#' "$lint_dir/diag_hintless" 2>/dev/null)
report 'every diagnostic says what to do' "$(
	for id in $hintless; do
		is_in "$without" "$id" || echo "$id"
	done)"
report 'who need not say what to do still does not' "$(
	for id in $without; do
		is_in "$hintless" "$id" || echo "$id"
	done)"
# What stands in a sentence that is translated is translated itself: three words
# and more are no keyword.
report 'words in a sentence are marked: DIAG_WORDS N_()' "$(
	cd "$top" && awk '
	FNR == 1 { open = "" }
	open == "" && /(^|[^a-z_])diag_set(_errno)?[ \t]*\(/ { open = " "; place = FILENAME ":" FNR }
	open != "" {
		open = open " " $0
		if ($0 !~ /;/)
			next
		while (match(open, /"([^"\\]|\\.)*"/)) {
			before = substr(open, 1, RSTART - 1)
			text = substr(open, RSTART + 1, RLENGTH - 2)
			open = substr(open, RSTART + RLENGTH)
			if (before ~ /,[ \t]*$/ && text ~ /^[a-z]+ [a-z]+ [a-z]/)
				print place ": " text
		}
		open = ""
	}' $(sources src -- '*.c') </dev/null)"
for id in $waiting; do
	! is_in "$used" "$id" ||
		echo "# $id is used by now: take it off tests/lint/diag_unused"
done
lint_done
