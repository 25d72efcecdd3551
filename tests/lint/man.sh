#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual agrees with the tables: each keyword with its defaults, each
# option, exit code and diagnostic is there, and nothing that is not.
. "$(dirname "$0")/lint.sh"

build=${TOP_BUILDDIR:-$top}
page1=$build/man/mailchute.1
page5=$top/man/mailchuterc.5
tables=$("$build/tests/lint/tables") || exit 99
# What completion is made from: each verb's words and options.
verb_tables=$build/contrib/tables
verbs=$(awk -F '\t' '$1 == "verb" { print $2 }' "$verb_tables")

# rows KIND: the second column of the table's rows of that kind.
rows() {
	printf '%s\n' "$tables" | awk -F '\t' -v kind="$1" '$1 == kind { print $2 }' |
		sort -u
}

# items PATTERN FILE...: what follows PATTERN at the begin of an item, one word a
# line, commas left out.
items() {
	pattern=$1
	shift
	sed -n "s/^\\.It $pattern //p" "$@" | sed 's/ .*//' | sort -u
}

# only_in_first FIRST SECOND: lines of the list FIRST that SECOND has not.
only_in_first() {
	printf '%s\n' "$1" | while read -r word; do
		[ -z "$word" ] || printf '%s\n' "$2" | grep -Fqx -e "$word" ||
			echo "$word"
	done
}

# Everything that the page says, a macro's argument or a word, one a line.
words() {
	tr -s ' \t' '\n\n' <"$1" | sed 's/^\\&//; s/[,.]$//' | sort -u
}

# The options that stand in an item of page 1: "f", "bm", "-account".
item_options() {
	awk '/^\.It / { line = $0
		while (line ~ /\\$/ && (getline more) > 0)
			line = substr(line, 1, length(line) - 1) more
		n = split(line, part, /[ \t]+/)
		for (i = 2; i < n; i++)
			if (part[i] == "Fl") {
				print part[i + 1]
			}
	}' "${1:-$page1}" | sort -u
}

# Options may also be told in the running text of the manual's later sections.
text_options() {
	sed -n '/^\.Fl/p' "$page1" | tr -s ' ' '\n' | grep -v '^\.\{0,1\}Fl$' |
		sort -u
}

defaults=$(sed -n 's/^\.It Cm \([a-z0-9_]*\) Ta \(.*\) Ta \(.*\)$/\1	\2	\3/p' \
	"$page5")
keywords=$(rows keyword)

# verb_options VERB: "-check", "s"; without -h and --help, which all have.
verb_options() {
	awk -F '\t' -v verb="$1" '$1 == "option" && $2 == verb {
		print substr($3, 2) }' "$verb_tables" |
		grep -vxE -e '-help|h' | sort -u
}
verb_words() {
	awk -F '\t' -v verb="$1" '$1 == "word" && $2 == verb { print $3 }' \
		"$verb_tables" | sort -u
}
# The page of a verb, or its item in page 1.
verb_page() {
	for page in "$top/man/mailchute-$1".[1-8]; do
		[ ! -f "$page" ] || cat "$page"
	done
	sed -n "/^\.It Cm $1\$/,/^\.\(It\|El\)/p; /^\.It Cm $1 /,/^\.\(It\|El\)/p" \
		"$page1"
}
# What a page calls an option, anywhere.
said_options() {
	tr -s ' \t' '\n\n' | awk '
		after { print; after = 0 }
		/^\.?Fl$/ { after = 1 }' | sed 's/^\\&//' | sort -u
}

report 'the tables have rows' "$(
	[ "$(printf '%s\n' "$tables" | wc -l)" -gt 200 ] || echo 'too few')"
report 'each default in mailchuterc(5) is that of options.def' "$(
	only_in_first "$(printf '%s\n' "$tables" |
		sed -n 's/^keyword	//p')" "$defaults")"
report 'and there are no others' "$(
	only_in_first "$defaults" "$(printf '%s\n' "$tables" |
		sed -n 's/^keyword	//p')")"
report 'each word for a change of content is described, and no other' "$(
	only_in_first "$(rows change)" "$(items Li "$page1")"
	only_in_first "$(items Li "$page1")" "$(rows change)")"
report 'each keyword is described' "$(
	only_in_first "$keywords" "$(sed '/^\.Ss Defaults/,$d' "$page5" |
		items Cm)")"
report 'nothing else is described as a keyword' "$(
	only_in_first "$(sed '/^\.Ss Defaults/,$d' "$page5" | items Cm |
		grep -vE '^(account|defaults|eval)$')" "$keywords")"
report 'each old spelling is named' "$(
	only_in_first "$(rows old)" "$(words "$page5")")"
report 'each option of sendmail.def is in mailchute(1)' "$(
	only_in_first "$(rows option)" "$(item_options; text_options)")"
report 'mailchute(1) describes no option that is not there' "$(
	only_in_first "$(item_options | grep -vxE '\\?&?-|Ns|d0\.1')" \
		"$(rows option; for verb in $verbs; do
			verb_options "$verb"
		done; echo h)")"
report 'each exit code is described' "$(
	only_in_first "$(rows exit)" "$(items '' "$page1" | grep '^[0-9]';
		sed -n 's/^\.It \([0-9]*\)$/\1/p' "$page1")")"
report 'each diagnostic is named' "$(
	only_in_first "$(rows diag)" "$(items Sy "$page1")")"
report 'each verb is described' "$(
	[ "$(printf '%s\n' "$verbs" | wc -l)" -gt 3 ] || echo 'too few'
	only_in_first "$verbs" "$(items Cm "$page1")")"
for verb in $verbs; do
	# "help" has all the verbs as its words.
	[ "$verb" != help ] || continue
	options=$(verb_options "$verb")
	report "each option of 'mailchute $verb' is described" "$(
		only_in_first "$options" "$(verb_page "$verb" | said_options)")"
	report "each word of 'mailchute $verb' is described" "$(
		only_in_first "$(verb_words "$verb")" \
			"$(verb_page "$verb" | items Cm)")"
	for page in "$top/man/mailchute-$verb".[1-8]; do
		[ -f "$page" ] || continue
		report "$(basename "$page") describes no option that is not there" "$(
			only_in_first "$(item_options "$page" |
				grep -vxE '\\?&?-|Ns')" \
				"$options
$(awk -F '\t' '$1 == "option" && $2 == "common" { print substr($3, 2) }' "$verb_tables")")"
	done
done

report 'each known reply and state is in mailchute-hints(7)' "$(
	only_in_first "$(sed -n 's/^[A-Z]*("\([^"]*\)".*/\1/p' \
		"$top/src/deliver/known.def" "$top/src/deliver/arrived.def")" \
		"$(items Sy "$build/man/mailchute-hints.7")")"

# lint NAME COMMAND...: a formatter has nothing to say about a page.
lint() {
	for page in "$page1" "$page5" "$build/man/mailchute-hints.7" \
		"$build/man/mailchute-json.7" \
		"$top"/man/mailchute-*.[1-8]; do
		name="$1 of $(basename "$page")"
		if command -v "$2" >/dev/null 2>&1; then
			report "$name" "$(shift; "$@" "$page" 2>&1 >/dev/null)"
		else
			skip "$name" "there is no $2"
		fi
	done
}
lint 'groff -ww' groff -mdoc -ww -Tascii
# mandoc -Tlint tells on its standard output.
mandoc_lint() {
	mandoc -Tlint -Wwarning "$1" >&2
}
for page in "$page1" "$page5" "$build/man/mailchute-hints.7" \
	"$build/man/mailchute-json.7" \
	"$top"/man/mailchute-*.[1-8]; do
	name="mandoc -Tlint of $(basename "$page")"
	if command -v mandoc >/dev/null 2>&1; then
		report "$name" "$(mandoc_lint "$page" 2>&1)"
	else
		skip "$name" 'there is no mandoc'
	fi
done
lint_done
