#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The alias file, and names that mean this machine: what arrives, and what is
# said of a file that cannot be used as it is.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --auth-optional

# with LINE...: a profile with the alias file.
with() {
	profile "port $clear_port" 'tls off' 'auth off' \
		"aliases $sink/aliases" "$@"
}

# to ADDRESS... : sends a plain message to these.
to() {
	rm -f mail/*
	submit_plain sendmail "$@"
}

# got 'ADDRESS...': who got it, in any order.
got() {
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	check 'who got it' "$1" "$(cat mail/*.envelope 2>/dev/null |
		sed -n 's/^to //p' | sort | paste -s -d ' ' -)"
}

# notes: what newaliases says, without the file's name.
notes() {
	ln -sf "$MAILCHUTE" "$client/bin/newaliases"
	status=0
	env -i HOME="$client/home" LC_ALL=C PATH="$PATH" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$client/bin/newaliases" \
		</dev/null >"$client/out" 2>"$client/err" || status=$?
	check 'exit code' 0 "$status"
	check_empty stdout "$client/out"
	sed "s|^$sink/aliases: ||" "$client/err"
}

host=$(uname -n)
cat >aliases <<'END'
# comment: no@example.test
postmaster: root
root: ann@example.test,
	bob@example.test
# between
	, "The Boss" <boss@example.test>
"odd name": odd@example.test
MixedCase: mixed@example.test
some: |/bin/false, some@example.test, /dev/null, ":include:/etc/passwd"
nothing: "|exec /bin/false"
self: \root, self@example.test
END
with 'maildomain example.test'

for name in root ROOT postmaster root@localhost "root@$host" 'Root <root>'; do
	begin "$name"
	to "$name"
	got 'ann@example.test bob@example.test boss@example.test'
	finish
done
begin 'in the header'
rm -f mail/*
printf 'To: root, MIXEDCASE\nCc: "odd name"@localhost\n\nhi\n' >in
submit sendmail -t <in
got 'ann@example.test bob@example.test boss@example.test mixed@example.test odd@example.test'
finish
begin 'a backslash: no alias'
to '\root'
got root@example.test
finish
begin 'a backslash in the file'
to self
got 'root@example.test self@example.test'
finish
begin 'another host'
to root@example.test
got root@example.test
finish
begin '-n'
to -n root
got root@example.test
finish
begin 'commands, files and lists are skipped'
to some
got some@example.test
finish
begin 'an alias of nothing else: why it has no address'
profile "port $clear_port" 'tls off' 'auth off' "aliases $sink/aliases"
to nothing
check 'exit code' 67 "$status"
check 'stderr' "mailchute: the recipient 'nothing' has no domain
mailchute: the alias file has entries that do not count, as commands: 'newaliases' lists them" \
	"$(cat "$client/err")"
with 'maildomain example.test'
finish
begin 'and newaliases says so'
check notes 'line 9: some: |/bin/false: commands are not run, skipped
line 9: some: /dev/null: files are not written, skipped
line 9: some: ":include:/etc/passwd": lists are not included, skipped
line 10: nothing: "|exec /bin/false": commands are not run, skipped
line 10: nothing: no address, skipped' "$(notes)"
finish

# ---- what cannot be used ----------------------------------------------------------

# refuses CODE SENTENCE NAME: nothing is sent, and why.
refuses() {
	refuses_code=$1 refuses_sentence=$2
	shift 2
	begin "$*: $refuses_sentence"
	to "$@"
	check 'exit code' "$refuses_code" "$status"
	check 'the sentence' "mailchute: $refuses_sentence" \
		"$(head -n 1 "$client/err" | sed "s|$sink|DIR|g")"
	check 'log lines' 1 "$(grep -c . "$client/log")"
	arrived 0
	finish
}
cat >aliases <<'END'
direct: direct
a: x@example.test, b
b: c
c: y@example.test, a
host: host@localhost
default: catch@localhost
bad: ann@example.test, two words
END
i=1
while [ "$i" -le 40 ]; do
	echo "n$i: n$((i % 40 + 1))"
	i=$((i + 1))
done >>aliases
loop='account default: the alias'
refuses 78 "$loop 'direct' leads back to itself: direct -> direct" direct
refuses 78 "$loop 'a' leads back to itself: a -> b -> c -> a" a
refuses 78 "$loop 'c' leads back to itself: c -> a -> b -> c" ann@example.test c
refuses 78 "$loop 'host@localhost' leads back to itself: host@localhost -> host@localhost" \
	host
refuses 78 "$loop 'catch@localhost' leads back to itself: catch@localhost -> catch@localhost" \
	whoever
refuses 78 "$loop 'n17' is the end of a chain of more than 16 aliases" n1
refuses 78 "$loop 'bad' holds an invalid address 'two words': two words without a comma or angle brackets" \
	bad
printf 'zero: x\0y@example.test\nnext: next@example.test\n' >aliases
with
begin 'a NUL: its line does not count'
to next
got next@example.test
check notes 'line 1: a NUL byte in the line, skipped' "$(notes)"
finish
refuses 67 "the recipient 'zero' has no domain" zero
printf 'open: "ann@example.test\n' >aliases
refuses 67 "the recipient 'open' has no domain" open
rm aliases
mkdir aliases
refuses 78 "account default: cannot read DIR/aliases: Is a directory" root
rmdir aliases
mkfifo aliases
refuses 78 "account default: cannot read DIR/aliases: Operation not supported" root
rm aliases

# ---- a file that is not there, and names that everybody has ------------------------------

# original NAME: whom it was for, as the header says; '' for nobody.
original() {
	check 'X-Original-To' "$1" "$(message_lines mail/*.eml |
		sed -n '/^$/q; s/^X-Original-To: //p')"
}

begin 'an alias file that is not there: mail to full addresses goes out'
to bob@example.test
got bob@example.test
check_match log " warning='cannot read $sink/aliases'" "$client/log"
finish
begin 'root is not whoever is called so at maildomain then'
with 'maildomain example.test'
to root
got alice@example.test
finish
profile "port $clear_port" 'tls off' 'auth off'
login=$(id -un)
for name in root postmaster ROOT "$login"; do
	begin "$name goes to the account's from"
	to "$name"
	got alice@example.test
	original "$name"
	finish
done
begin 'a backslash is no address of somebody else'
to '\root' bob@example.test
check 'exit code' 67 "$status"
finish
begin 'in the header, beside others'
rm -f mail/*
printf 'To: bob@example.test, root\n\nhi\n' >in
submit sendmail -t <in
got 'alice@example.test bob@example.test'
original root
check_match To '^To: bob@example.test, root' mail/*.eml
finish
begin 'nobody who is Bcc is named'
rm -f mail/*
printf 'To: bob@example.test\nBcc: root\n\nhi\n' >in
submit sendmail -t <in
got 'alice@example.test bob@example.test'
original ''
finish
begin 'local_to ADDRESS'
profile "port $clear_port" 'tls off' 'auth off' 'local_to admin@example.test'
to root
got admin@example.test
finish
begin 'local_to alone: nobody'
profile "port $clear_port" 'tls off' 'auth off' local_to
to root
check 'exit code' 67 "$status"
finish
begin 'maildomain names them'
profile "port $clear_port" 'tls off' 'auth off' 'maildomain example.test'
to root
got root@example.test
original ''
finish
profile "port $clear_port" 'tls off' 'auth off'
begin 'another bare name is nobody'
to nosuch bob@example.test
check 'exit code' 67 "$status"
check_match stderr "'nosuch' has no domain" "$client/err"
finish

# ---- who it was from ---------------------------------------------------------------------

# author WANTED INPUT ARGUMENT...: the From of what arrives.
author() {
	begin "$3: $1"
	rm -f mail/*
	author_wanted=$1
	printf '%b' "$2" >in
	shift 3
	submit sendmail "$@" bob@example.test <in
	check 'exit code' 0 "$status"
	check From "$author_wanted" "$(message_lines mail/*.eml |
		sed -n '/^$/q; s/^From: //p')"
	finish
}
short=$(uname -n | sed 's/\..*//')
named="root on $short <alice@example.test>"
author "$named" 'From: root\n\nhi\n' 'a bare author'
author "$named" 'hi\n' 'a bare sender' -f root
author 'Cron <alice@example.test>' 'From: Cron <root>\n\nhi\n' 'with a name'
author 'alice@example.test' 'hi\n' 'no sender'
profile "port $clear_port" 'tls off' 'auth off' 'from_local_name off'
author 'alice@example.test' 'From: root\n\nhi\n' off
with

# ---- many --------------------------------------------------------------------------

# 100,000 members, by themselves and one alias each: seconds and megabytes,
# also under sanitizers (they are what the limits are for).
awk 'BEGIN {
	printf "all: u0@example.test"
	for (i = 1; i < 100000; i++) printf ",\n u%d@example.test", i
	printf "\nmore: all, one@example.test\n"
	for (i = 0; i < 50000; i++) printf "v%d: v%d@example.test\n", i, i
	printf "deep: v0"
	for (i = 1; i < 50000; i++) printf ", v%d", i
	printf "\n"
}' >aliases
with 'port 1' 'timeout 5'
# quickly NAME CODE PATTERN: in less than 15 s.
quickly() {
	begin "$1: in time"
	quickly_start=$(date +%s)
	to "$1"
	check 'exit code' "$2" "$status"
	check_match stderr "$3" "$client/err"
	quickly_s=$(($(date +%s) - quickly_start))
	[ "$quickly_s" -lt 15 ] || complain "it took $quickly_s s"
	finish
}
quickly all 75 'refused the connection'
quickly deep 75 'refused the connection'
quickly more 65 'more than 100000 recipients'

# ---- dots ----------------------------------------------------------------------------

# RFC 5322 has them in quotes only, but they were given out.
with
rm aliases
: >aliases
for address in a..b@docomo.example a.@docomo.example .a@docomo.example; do
	begin "$address, in quotes on the wire"
	to "$address"
	got "\"${address%@*}\"@docomo.example"
	finish
done
begin 'dots in a header: sent, and left as they are'
rm -f mail/*
printf 'From: x..@docomo.example\nTo: A <a..b@docomo.example>\n\nhi\n' >in
submit sendmail -t <in
got '"a..b"@docomo.example'
check 'To' 'To: A <a..b@docomo.example>' \
	"$(tr -d '\r' <"$(echo mail/*.eml)" | grep '^To:')"
check 'From' 'From: x..@docomo.example' \
	"$(tr -d '\r' <"$(echo mail/*.eml)" | grep '^From:')"
finish
begin 'a sentence is no address'
to 'Hello. . you@example.test'
check 'exit code' 65 "$status"
finish
summary
