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
for n in 1 2 3 4 5 6 7 8; do
	env -i HOME="$client/home" "$MAILCHUTE" suppress --list "$sink/list" \
		add "w$n@example.test" &
done
wait_for=$(jobs -p)
for pid in $wait_for; do
	[ "$pid" = "$sink_pid" ] || wait "$pid"
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
