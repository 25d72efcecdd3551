# SPDX-License-Identifier: GPL-3.0-or-later
# What the lint scripts share: where the source is, and one TAP case for a list
# of complaints.  Sourced; each script ends with `lint_done`.
# shellcheck shell=sh

LC_ALL=C
export LC_ALL
lint_dir=$(dirname "$0")
top=${TOP_SRCDIR:-$(cd "$lint_dir/../.." && pwd)}
lint_count=0
lint_status=0

# report NAME COMPLAINTS: passes when there are none.
report() {
	lint_count=$((lint_count + 1))
	if [ -z "$2" ]; then
		echo "ok $lint_count - $1"
	else
		lint_status=1
		echo "not ok $lint_count - $1"
		printf '%s\n' "$2" | sed 's/^/#   /'
	fi
}

# skip NAME REASON
skip() {
	lint_count=$((lint_count + 1))
	echo "ok $lint_count - $1 # SKIP $2"
}

# sources FOLDER... -- PATTERN...: matching files below folders of the source
# tree, named from its top.  (tests/packages is what the server suites unpack.)
sources() {
	lint_folders=
	while [ "$1" != -- ]; do
		[ ! -d "$top/$1" ] || lint_folders="$lint_folders $1"
		shift
	done
	shift
	lint_tests=
	for lint_pattern; do
		lint_tests="$lint_tests -o -name $lint_pattern"
	done
	(
		cd "$top" || exit 1
		set -f
		# shellcheck disable=SC2086  # lists of words without spaces
		find $lint_folders -path tests/packages -prune -o \
			-type f \( ${lint_tests# -o} \) -print | sort
	)
}

# code FILE...: each line of C as "file:line:text", without comments and with
# strings and characters emptied.  #include lines keep their names.
code() {
	(cd "$top" && awk -f "$lint_code" "$@" </dev/null)
}

lint_code=$(cd "$lint_dir" && pwd)/code.awk

lint_done() {
	echo "1..$lint_count"
	exit "$lint_status"
}
