#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual agrees with the tables: each keyword with its defaults, each
# option, exit code and diagnostic is there, and nothing that is not.
. "$(dirname "$0")/lint.sh"

build=${TOP_BUILDDIR:-$top}
page1=$build/man/mailchute.1
page5=$top/man/mailchuterc.5
page_send=$top/man/mailchute-send.1
page_queue=$top/man/mailchute-queue.1
page7=$top/man/mailchute-migrate.7
page_serve=$top/man/mailchute-serve.8
tables=$("$build/tests/lint/tables") || exit 99

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
config_options=$(sed -n \
	's/^CONFIG_OPTION([a-z_]*, [A-Z]*, 0, "\([a-z-]*\)".*/-\1/p' \
	"$top/src/cmd/config.def" | sort)

report 'the tables have rows' "$(
	[ "$(printf '%s\n' "$tables" | wc -l)" -gt 200 ] || echo 'too few')"
report 'each default in mailchuterc(5) is that of options.def' "$(
	only_in_first "$(printf '%s\n' "$tables" |
		sed -n 's/^keyword	//p')" "$defaults")"
report 'and there are no others' "$(
	only_in_first "$defaults" "$(printf '%s\n' "$tables" |
		sed -n 's/^keyword	//p')")"
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
		"$(rows option; echo "$config_options")")"
report 'each exit code is described' "$(
	only_in_first "$(rows exit)" "$(items '' "$page1" | grep '^[0-9]';
		sed -n 's/^\.It \([0-9]*\)$/\1/p' "$page1")")"
report 'each diagnostic is named' "$(
	only_in_first "$(rows diag)" "$(items Sy "$page1")")"
report 'each verb is described' "$(
	only_in_first "$(sed -n 's/^VERB("\([a-z]*\)".*/\1/p' \
		"$top/src/cmd/cmd.def")" "$(items Cm "$page1")")"

send_options=$(sed -n \
	"s/^SEND_OPTION([a-z_]*, [A-Z]*, \(0\|'\(.\)'\), \"\([a-z-]*\)\".*/\2 -\3/p" \
	"$top/src/cmd/send.def" | tr ' ' '\n' | grep . | sort -u)
report 'each option of send.def is in mailchute-send(1)' "$(
	[ "$(printf '%s\n' "$send_options" | wc -l)" -gt 15 ] || echo 'too few'
	only_in_first "$send_options" "$(item_options "$page_send")")"
report 'mailchute-send(1) describes no option that is not there' "$(
	only_in_first "$(item_options "$page_send")" "$send_options")"

serve_options=$({
	# A row may go over two lines, but not before its name.
	sed -n -e 's/^SERVE_LIMIT([a-z_]*, "\([a-z-]*\)".*/-\1/p' \
		-e 's/^SERVE_OPTION([a-z_]*, [A-Z]*, 0, "\([a-z-]*\)".*/-\1/p' \
		"$top/src/cmd/serve.def"
} | sort)
report 'each option of serve.def is in mailchute-serve(8)' "$(
	[ "$(printf '%s\n' "$serve_options" | wc -l)" -gt 4 ] || echo 'too few'
	only_in_first "$serve_options" "$(item_options "$page_serve")")"
report 'mailchute-serve(8) describes no option that is not there' "$(
	only_in_first "$(item_options "$page_serve")" "$serve_options")"

queue_options=$(sed -n \
	's/^QUEUE_OPTION([a-z_]*, [A-Z]*, 0, "\([a-z-]*\)".*/-\1/p' \
	"$top/src/cmd/queue.def" | grep -vx -e -help | sort)
report 'each option of queue.def is in mailchute-queue(1)' "$(
	[ "$(printf '%s\n' "$queue_options" | wc -l)" -gt 4 ] || echo 'too few'
	only_in_first "$queue_options" "$({
		item_options "$page_queue"
		sed -n 's/^\.Fl \(-[a-z-]*\).*/\1/p' "$page_queue"
	} | sort -u)")"
report 'each word of queue.def is in mailchute-queue(1)' "$(
	only_in_first "$(sed -n 's/^QUEUE_WORD("\([a-z]*\)".*/\1/p' \
		"$top/src/cmd/queue.def" | sort)" "$(items Cm "$page_queue")")"
report 'each option of config.def is in mailchute(1)' "$(
	[ -n "$config_options" ] || echo none
	only_in_first "$config_options" \
		"$(sed -n '/^\.It Cm config /,/^\.It/p' "$page1" |
			tr ' ' '\n' | grep '^-[a-z]' | sort -u)")"

# lint NAME COMMAND...: a formatter has nothing to say about a page.
lint() {
	for page in "$page1" "$page5" "$page_send" "$page_queue" "$page7" \
	"$page_serve"; do
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
for page in "$page1" "$page5" "$page_send" "$page_queue" "$page7" \
	"$page_serve"; do
	name="mandoc -Tlint of $(basename "$page")"
	if command -v mandoc >/dev/null 2>&1; then
		report "$name" "$(mandoc_lint "$page" 2>&1)"
	else
		skip "$name" 'there is no mandoc'
	fi
done
lint_done
