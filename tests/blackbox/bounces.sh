#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute bounces: every sample of tests/bounces, alone, in an mbox and in a
# Maildir; the ways of giving it one; exit codes.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
samples=$TOP_SRCDIR/tests/bounces
work=$(mktemp -d "${TMPDIR:-/tmp}/mailchute-bounces.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99

# bounces CODE ARGUMENT...: standard input is its caller's.
bounces() {
	bounces_want=$1
	shift
	bounces_status=0
	env -i HOME="$work" "$MAILCHUTE" bounces "$@" >out 2>err ||
		bounces_status=$?
	check 'exit code' "$bounces_want" "$bounces_status"
}

for sample in "$samples"/*.eml; do
	name=${sample##*/}
	name=${name%.eml}
	begin "$name"
	want=$(sed -n 's/^exit //p' "$samples/$name.json")
	bounces "$want" --json <"$sample"
	check_empty stderr err
	sed '$d' "$samples/$name.json" >want
	check 'all that is said' "$(cat want)" "$(cat out)"
	finish
done

begin 'for people'
bounces 0 <"$samples/qmail.eml"
check 'all that is said' 'failed: bob@example.net: nobody has that address (5.1.1)
  192.0.2.25 does not like recipient. Remote host said: 550 5.1.1 no such user here Giving up on 192.0.2.25.
failed: carol@example.net: the domain does not exist, or takes no mail (5.1.2)
  Sorry, I couldn'\''t find any host named example.net. (#5.1.2)' "$(cat out)"
bounces 1 <"$samples/vacation.eml"
check 'an answer of a machine' 'automatic answer' "$(cat out)"
bounces 1 <"$samples/ordinary.eml"
check 'an ordinary message' 'no report' "$(cat out)"
bounces 0 <"$samples/nobody-named.eml"
check_match 'nobody is named' '^failed: \(nobody is named\): ' out
finish

begin 'line ends, and a From line before it'
sed 's/$/\r/' "$samples/dsn-sendmail.eml" >crlf
bounces 0 --json <crlf
check 'the same' "$(head -1 "$samples/dsn-sendmail.json")" "$(cat out)"
{
	echo 'From MAILER-DAEMON Mon Nov 30 10:00:00 2026'
	cat "$samples/dsn-sendmail.eml"
} >from
bounces 0 --json <from
check 'the same' "$(head -1 "$samples/dsn-sendmail.json")" "$(cat out)"
finish

begin 'an mbox, a Maildir, files'
mkdir -p box/new box/cur box/tmp
for name in dsn-sendmail vacation arf-abuse; do
	echo 'From somebody Mon Nov 30 10:00:00 2026'
	cat "$samples/$name.eml"
	echo
done >mbox
: >want.all
for name in dsn-sendmail vacation arf-abuse; do
	sed '$d' "$samples/$name.json" >>want.all
done
bounces 0 --json mbox
check 'an mbox' "$(cat want.all)" "$(cat out)"
cp "$samples/vacation.eml" box/cur/1:2,S
cp "$samples/dsn-sendmail.eml" box/new/2
cp "$samples/arf-abuse.eml" box/cur/3:2,
cp "$samples/arf-abuse.eml" box/cur/.hidden
bounces 0 --json box
check 'a Maildir' "$(cat want.all)" "$(cat out)"
bounces 0 --json "$samples/dsn-sendmail.eml" "$samples/vacation.eml" \
	"$samples/arf-abuse.eml"
check 'files' "$(cat want.all)" "$(cat out)"
bounces 1 "$samples/vacation.eml" "$samples/ordinary.eml"
mkdir -p none/new none/cur
bounces 1 none
check_empty 'an empty one' out
finish

begin 'an mbox with a line of text that begins with From'
{
	echo 'From somebody Mon Nov 30 10:00:00 2026'
	sed 's/^Action:/X: y\nAction:/' "$samples/qmail.eml" |
		sed 's/^This is a permanent/From here on it is permanent.\n&/'
} >mbox
bounces 0 --json mbox
check 'recipients' 2 "$(wc -l <out | tr -d ' ')"
finish

begin 'what is none'
bounces 66 nowhere
check_match stderr 'nowhere cannot be read: No such file' err
bounces 66 "$work"
check_match stderr "$work" err
bounces 64 --nonsense
finish

begin 'a message without end'
{
	cat "$samples/dsn-sendmail.eml"
	head -c 9000000 /dev/zero | tr '\0' x
} >long
bounces 0 --json <long
check 'the same' "$(head -1 "$samples/dsn-sendmail.json")" "$(cat out)"
finish

begin 'parts in parts in parts'
{
	printf 'From: MAILER-DAEMON@x\nSubject: failure notice\n'
	i=0
	while [ $i -lt 200 ]; do
		printf 'Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n' $i $i
		i=$((i + 1))
	done
	printf 'Content-Type: message/delivery-status\n\n'
	printf 'Final-Recipient: rfc822; bob@example.net\nAction: failed\n'
} >deep
bounces 0 --json <deep
check_empty stderr err
finish

begin 'recipients without number'
{
	sed '/^Final-Recipient/,$d' "$samples/dsn-sendmail.eml"
	i=0
	while [ $i -lt 3000 ]; do
		printf 'Final-Recipient: rfc822; u%d@example.net\n' $i
		printf 'Action: failed\nStatus: 5.1.1\n\n'
		i=$((i + 1))
	done
} >many
bounces 0 --json <many
check 'as many as are told' 1000 "$(wc -l <out | tr -d ' ')"
finish

summary
