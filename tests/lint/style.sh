#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The style that a script can see.  The files in `unformatted` wait for
# clang-format; that list may only get shorter.
. "$(dirname "$0")/lint.sh"

c_files=$(sources src tests -- '*.c' '*.h')
own_files=$(
	sources src tests man contrib -- '*.c' '*.h' '*.def' '*.mk' '*.sh' \
		'*.awk' '*.[1-8]'
	for name in configure.ac Makefile.am; do
		[ ! -f "$top/$name" ] || echo "$name"
	done
)

# each PROGRAM FILE...: awk over files named from the top of the source.
each() {
	(cd "$top" && awk "$@" </dev/null)
}

# uses NAMES EXCEPT FILE...: calls of functions, but in files that match EXCEPT.
uses() {
	names=$1 except=$2
	shift 2
	code "$@" | grep -E "(^|[^A-Za-z0-9_>.])($names)[ 	]*\\(" |
		grep -vE "^($except):"
}

# long LINES FILE...: functions with more lines between their brackets.
long() {
	most=$1
	shift
	code "$@" | awk -F: -v most="$most" '
		{ text = substr($0, length($1) + length($2) + 3) }
		text ~ /^[{]/ { start = $2 }
		text ~ /^[}]/ && start {
			if ($2 - start - 1 > most)
				print $1 ":" start ": " $2 - start - 1 " lines"
			start = 0
		}'
}

# What is longer does more than one thing.
function_lines=45 test_lines=100 file_lines=1400

# shellcheck disable=SC2086  # lists of names without spaces
{
report 'every file begins with its licence' "$(each '
	FNR == 1 { seen = 0 }
	FNR <= 2 && /SPDX-License-Identifier: GPL-3.0-or-later/ &&
		(FNR == 1 || first ~ /^#!/) { seen = 1 }
	FNR == 1 { first = $0; if (seen || /^#!/) next; print FILENAME }
	FNR == 2 && first ~ /^#!/ && !seen { print FILENAME }
	' $own_files)"
report 'no white space at the end of a line' "$(each '
	/[ \t\r]$/ { print FILENAME ":" FNR }' $own_files)"
report 'every file ends with a newline' "$(
	cd "$top" && tail -c 1 $own_files /dev/null |
		awk '/^==> / { file = $2; next } NF { print file }')"
# The brackets keep this file from finding itself.
report 'nothing is left to be done later' "$(each '
	/(^|[^A-Za-z])(T[O]DO|F[I]XME|X[X]X)([^A-Za-z]|$)/ {
		print FILENAME ":" FNR ": " $0 }' $own_files)"
report 'no function that loses its way' "$(uses \
	'strcpy|strcat|stpcpy|sprintf|vsprintf|atoi|atol|atof|strtok|strtok_r|gets|alloca|setjmp|longjmp|sigsetjmp|siglongjmp|tmpnam|mktemp' \
	'-' $c_files)"
report 'only main and the memory handler end the run' "$(uses \
	'exit|_Exit|quick_exit|abort' 'src/main\.c|src/base/mem\.c|tests/.*' \
	$c_files)"
report 'only they and a forked child leave with _exit' "$(uses '_exit' \
	'src/main\.c|src/base/mem\.c|src/base/(apart|command|process)\.c|src/deliver/(attempt|hire|lane|members|runner)\.c|src/cmd/(queue_run|serve)\.c|src/postgres/postgres\.c|tests/.*' $c_files)"
report 'letters of a protocol do not depend on the locale' "$(uses \
	'isalpha|isdigit|isalnum|isspace|ispunct|isprint|isupper|islower|isxdigit|tolower|toupper|strcasecmp|strncasecmp' \
	'-' $c_files)"
report 'config.h comes first' "$(each '
	FNR == 1 { seen = 0 }
	!seen && /^#include/ { seen = 1; if ($2 != "<config.h>") print FILENAME }
	' $(printf '%s\n' $c_files | grep '\.c$'))"

name='clang-format 14 agrees'
formatter=
for candidate in clang-format-14 clang-format; do
	"$candidate" --version 2>/dev/null | grep -q 'version 14\.' || continue
	formatter=$candidate
	break
done
if [ -z "$formatter" ]; then
	skip "$name" 'there is no clang-format 14'
elif [ ! -f "$top/.clang-format" ]; then
	skip "$name" 'there is no .clang-format'
else
	unformatted=$(cd "$top" && $formatter --style=file --dry-run \
		$c_files 2>&1 | grep 'warning: code' | cut -d: -f1,2 | sort -u)
	report "$name" "$(printf '%s\n' "$unformatted" | grep . |
		while read -r place; do
			grep -Fqsx "${place%:*}" "$lint_dir/unformatted" ||
				echo "$place"
		done)"
fi

report "no function of the program has more than $function_lines lines" "$(
	long $function_lines $(printf '%s\n' $c_files | grep '^src/'))"
report "no function of the tests has more than $test_lines lines" "$(
	long $test_lines $(printf '%s\n' $c_files | grep '^tests/'))"
report "no file has more than $file_lines lines" "$(each -v most=$file_lines '
	FNR == most + 1 { print FILENAME }' $c_files)"
report 'every file of the program says what it is' "$(each '
	FNR == 2 && !/^\/\*/ { print FILENAME }' \
	$(printf '%s\n' $c_files | grep '^src/'))"
}
lint_done
