#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who gets no more mail: the list, its verb, and every door that asks it.
# shellcheck disable=SC2154 # status and ports are set by sink.sh
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue

listed() {
	profile "suppress $sink/list" "$@"
}

suppress() {
	submit mailchute suppress "$@" </dev/null
}

cat >script <<-'END'
	RCPT to nobody@* : reply "550 5.1.1 no such user"
	RCPT to gone@* : reply "550 5.2.1 switched off"
	RCPT to full@* : reply "552 5.2.2 mailbox full"
	RCPT to odd@* : reply "550 5.7.1 not from you"
	RCPT to slow@* : reply "450 4.1.1 not now"
END

begin 'the list'
sink_start
listed
suppress list
check 'exit code' 0 "$status"
check_empty stdout "$client/out"
suppress add Carol@Example.test @closed.test --reason 'asked for it'
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
suppress add bob@example.test carol@example.test
check 'sorted, and the first reason stays' '@closed.test	asked for it
bob@example.test	by hand
carol@example.test	asked for it' "$(cut -f1,3 list)"
suppress remove bob@example.test nobody@example.test
check 'removed' '@closed.test
carol@example.test' "$(cut -f1 list)"
suppress export
check 'exported' "$(cat list)" "$(cat "$client/out")"
suppress list --json
check json 2 "$(grep -c '^{"address":"[^"]*","since":"20[^"]*Z","reason":"asked for it"}$' "$client/out")"
printf 'dora@example.test\n# none\n\nEve@example.test\t2026-01-02T03:04:05Z\tbounced\nnot an address\n' >in
submit mailchute suppress import <in
check 'exit code' 65 "$status"
check_match stderr "'not an address' is not a valid address" "$client/err"
check 'imported' 'dora@example.test	imported
eve@example.test	bounced' "$(grep '^[de]' list | cut -f1,3)"
suppress add nonsense
check 'exit code' 65 "$status"
profile
suppress list
check 'exit code' 78 "$status"
check_match stderr 'account default names no list' "$client/err"
suppress list --list "$sink/list"
check 'exit code' 0 "$status"
finish

begin 'every door'
listed
for door in mailchute fence sendmail; do
	message_plain >in
	submit $door carol@example.test bob@example.test <in
	check "$door" 67 "$status"
	check_match stderr 'carol@example.test gets no more mail: on the list since 20[^ ]* \(asked for it\)' "$client/err"
	check_match log 'recipient.suppressed' "$client/log"
done
arrived 3
submit mailchute send --json --to CAROL@example.TEST x </dev/null
check 'send' 67 "$status"
check_match json '"diag":"recipient.suppressed".*"exit_code":67' "$client/out"
submit mailchute send --to ann@closed.test x </dev/null
check 'a whole domain' 67 "$status"
submit mailchute send --to ann@sub.closed.test x </dev/null
check 'not below it' 0 "$status"
arrived 4
printf 'EHLO x\r\nMAIL FROM:<alice@example.test>\r\nRCPT TO:<carol@example.test>\r\nRCPT TO:<bob@example.test>\r\nQUIT\r\n' >in
submit sendmail -bs <in
check_match 'SMTP' '^55[0-9] .*gets no more mail' "$client/out"
printf 'email\ncarol@example.test\nbob@example.test\n' >people.csv
profile "suppress $sink/list" "queue_dir $sink/q" 'queue auto' \
	'queue_runner external'
submit mailchute send --merge people.csv x </dev/null
check 'merge' 65 "$status"
check_match stderr 'people.csv:2: carol@example.test gets no more mail' \
	"$client/err"
check 'one is queued' 1 "$(find q -path 'q/jobs' -prune -o -type f -print |
	grep -c .)"
finish

# queued LINE...: a queue that nobody runs by himself, and the list.
queued() {
	rm -rf q mail
	mkdir mail
	listed "queue_dir $sink/q" 'queue auto' 'queue_runner external' "$@"
}

begin 'put on the list while the message waits'
queued
rm -f list
message_plain >in
submit mailchute -odq bob@example.test carol@example.test dora@example.test <in
submit mailchute -odq bob@example.test <in
check 'queued' 0 "$status"
suppress add bob@example.test --reason 'just now'
submit mailchute queue run </dev/null
arrived 1
check 'who' 'RCPT TO:<carol@example.test>
RCPT TO:<dora@example.test>' "$(grep -o 'RCPT TO:<[^>]*>' transcript | tail -n 2)"
check 'the log says so, for each' 2 \
	"$(grep -c 'just now.*recipient.suppressed' "$client/log.all")"
check_match 'since when and why' \
	'recipients=bob@example.test .*on the list since 20[^ ]*Z \(just now\)' \
	"$client/log.all"
submit mailchute queue --json </dev/null
check 'not silent' 2 \
	"$(grep -o '"diag":"recipient.suppressed"' "$client/out" | wc -l)"
finish

begin 'a list that cannot be read while the message waits'
queued
rm -f list
message_plain >in
submit mailchute -odq bob@example.test <in
mkdir list
submit mailchute queue run </dev/null
check 'exit code' 75 "$status"
arrived 0
rmdir list
submit mailchute queue run </dev/null
check 'then it goes' 0 "$status"
arrived 1
finish

begin 'refusals fill it, when the profile says so'
sink_start --script script
rm -f list
listed 'queue off'
message_plain >in
submit mailchute nobody@example.test <in
check 'exit code' 67 "$status"
check 'off by itself' no "$([ -e list ] && echo yes || echo no)"
listed 'queue off' suppress_refused
submit mailchute full@example.test odd@example.test slow@example.test \
	bob@example.test Nobody@example.test <in
check 'exit code' 75 "$status"
check 'who is on it' 'nobody@example.test	refused: 550 5.1.1 no such user' \
	"$(cut -f1,3 list)"
submit mailchute nobody@example.test <in
check_match 'not asked again' 'gets no more mail: .*refused: 550 5.1.1' \
	"$client/err"
queued suppress_refused
submit mailchute -odq gone@example.test <in
submit mailchute queue run </dev/null
check 'by the queue' 'gone@example.test	refused: 550 5.2.1 switched off' \
	"$(grep ^gone list | cut -f1,3)"
sink_start
finish

begin 'a list that cannot be used'
mkdir -p folder
profile "suppress $sink/folder"
message_plain >in
submit mailchute bob@example.test <in
check 'exit code' 78 "$status"
check_match stderr 'cannot be used' "$client/err"
finish

# A million in CI's patience is a hundred thousand here.
begin 'many'
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "p%06d@example.test\n", i }' >in
rm -f list
listed
submit mailchute suppress import <in
check 'exit code' 0 "$status"
check 'all' 100000 "$(wc -l <list)"
message_plain >in
for n in 000000 000001 050000 099998 099999; do
	submit mailchute "p$n@example.test" <in
	check "p$n" 67 "$status"
done
for n in 00000 0999990 100000; do
	submit mailchute "p$n@example.test" <in
	check "p$n" 0 "$status"
done
finish

begin 'many writers'
rm -f list
writers=
for n in 1 2 3 4 5 6 7 8; do
	env -i HOME="$client/home" "$MAILCHUTE" suppress --list "$sink/list" \
		add "w$n@example.test" &
	writers="$writers $!"
done
for pid in $writers; do
	wait "$pid"
done
check 'all of them' 8 "$(wc -l <list)"
finish
begin 'an address that another one begins with'
listed
kept=$(cat list)
suppress add ann@example.network ann@example
submit_plain mailchute ann@example.net
check_sent
suppress remove ann@example
submit_plain mailchute ann@example.network
check 'exit code' 67 "$status"
suppress remove ann@example.network
check 'as it was' "$kept" "$(cat list)"
finish

summary
