#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every shape of an address in tests/addresses: as a word of the command line,
# as a field with -t, through the queue, and as -f.  One mail has them all: the
# row's number stands in the addresses.  What is none is named with its reason,
# and the others get the mail.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
# No server: what would be sent is kept.
profile() {
	client_profile 'host localhost' 'from alice@example.test' \
		"capture $sink/mail" "$@"
}
mkdir mail
profile
awk -f "$TOP_SRCDIR/tests/lib/addresses.awk" "$TOP_SRCDIR/tests/addresses" ||
	bail 'no table'

# line_of FILE: its first line, as $line.
line_of() {
	line=
	IFS= read -r line <"$1" || :
}

# per_row FILE: lines with a row's number, as "NUMBER RECIPIENT..." a row.
per_row() {
	awk '
		match($0, /n[0-9][0-9][0-9]/) {
			row = substr($0, RSTART, 4)
			if (!(row in got))
				order[++count] = row
			got[row] = got[row] " " $0
		}
		END {
			for (i = 1; i <= count; i++)
				print order[i] got[order[i]]
		}' "$1"
}

# wanted KIND COLUMN: of the rows that have rows/NNN.KIND and no header of
# their own.
wanted() {
	for file in rows/*."$1"; do
		row=${file#rows/} row=${row%.*}
		[ -e "rows/$row.head" ] || case $2 in
		want)
			line_of "rows/$row.want"
			[ "$line" = - ] || echo "$row $line"
			;;
		faults)
			line_of "rows/$row.want"
			if [ -s "rows/$row.faults" ]; then
				cat "rows/$row.faults"
				echo
			# Nobody is meant: in a field, that is no fault.
			elif [ "$1" = argv ] && [ "$line" = - ]; then
				cat "rows/$row.input"
				echo ': no address'
			fi
			;;
		esac
	done | awk '{ gsub(/ \/\/ /, "\n"); print }'
}

# recipients_of_mail: of the one that was captured.
recipients_of_mail() {
	sed '/^$/q' mail/*.eml | awk '
		/^[^ \t]/ { is_ours = sub(/^X-Envelope-To:/, "") }
		is_ours && match($0, /<.*>/) {
			print substr($0, RSTART + 1, RLENGTH - 2)
		}'
}

# faults_of_run: "MEMBER: REASON", as the table has it.
faults_of_run() {
	sed -n "s/^mailchute: '\(.*\)' is not a valid address: /\1: /p
		s/^mailchute: the [A-Za-z-]* header holds an invalid address '\(.*\)': /\1: /p
		s/^mailchute: the recipient '\(.*\)' has no domain$/\1: no domain/p" \
		"$client/err"
}

# looked_at KIND
looked_at() {
	wanted "$1" want >want
	recipients_of_mail >recipients
	per_row recipients >got
	check recipients '' "$(diff want got)"
	wanted "$1" faults >want
	faults_of_run >got
	check faults '' "$(diff want got)"
	rm -f mail/*
}

begin 'as words of the command line'
set --
for file in rows/*.argv; do
	set -- "$@" "$(cat "${file%.argv}.input")"
done
submit_plain mailchute -- "$@"
check 'exit code' 67 "$status"
looked_at argv
finish

for file in rows/*.input; do
	[ -e "${file%.input}.head" ] || {
		printf 'To: '
		cat "$file"
		echo
	}
done >fields
printf 'Subject: all\n\nbody\n' >>fields

begin 'as fields, with -t'
submit mailchute -t <fields
check 'exit code' 67 "$status"
looked_at input
finish

begin 'as fields, with -t, through the queue'
profile 'queue always' 'queue_runner external' "queue_dir $sink/queue"
submit mailchute -t <fields
check 'exit code' 67 "$status"
cp "$client/err" named
"$MAILCHUTE" -C "$client/profile" queue run >/dev/null 2>&1
cp named "$client/err"
looked_at input
profile
finish

# One sender a run.
begin 'as -f'
for file in rows/*.argv; do
	row=${file#rows/} row=${row%.argv}
	[ ! -s "rows/$row.faults" ] || continue
	line_of "rows/$row.want"
	want=$line
	case $want in
	*' '* | -) continue ;;
	esac
	line_of "rows/$row.input"
	case $line in
	*[\;,]*'>'*) ;;
	*[\;,]*) continue ;; # a list of one
	esac
	submit_plain mailchute -f "$line" bob@example.test
	tr -d '\r' <"$(echo mail/*.eml)" |
		sed -n "s/^X-Envelope-From: <\(.*\)>\$/$row \1/p"
	rm -f mail/*
	echo "$row $want" >>senders
done >got
check senders '' "$(diff senders got)"
finish

# Whole headers.
for file in rows/*.head; do
	[ -e "$file" ] || continue
	row=${file#rows/} row=${row%.head}
	begin "-t: $(tr '\n' '|' <"rows/$row.input")"
	{
		cat "rows/$row.input"
		printf '\nSubject: s\n\nbody\n'
	} >in
	submit mailchute -t <in
	got=$(recipients_of_mail 2>/dev/null | paste -s -d ' ' -)
	check recipients "$(cat "rows/$row.want")" "${got:--}"
	check faults "$(cat "rows/$row.faults")" "$(faults_of_run)"
	rm -f mail/*
	finish
done
summary
