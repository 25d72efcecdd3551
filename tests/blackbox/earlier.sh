#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A queue that an earlier version left, whose messages are folders of two files:
# it is read, run and finished, beside those of today.  What is in earlier/ was
# made by that version; one run was killed in the middle of a line.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue

kept=1ngvp5dtvjgpyqr     # as it was queued
in_doubt=1ngvp5d5r0t0jtq # its end was going out
failed=1ngvp5czysrevw2

chute() {
	submit mailchute "$@" </dev/null
}

# as_left: the queue, and one message of today.
as_left() {
	rm -rf q mail/*
	cp -R "$TOP_SRCDIR/tests/blackbox/earlier" q
	find q -type d -exec chmod 700 {} +
	find q -type f -exec chmod 600 {} +
	sed -i "s|^config .*|config $client/profile|" q/1*/envelope \
		q/failed/1*/envelope
	profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' \
		'queue_lifetime off'
	submit_plain mailchute -odq bob@example.test
	check 'queued beside them' 0 "$status"
}

sink_start
begin 'they are listed and shown'
as_left
chute queue list
check 'all of them' 4 "$(grep -c '^1[0-9a-z]\{14\} ' "$client/out")"
chute queue show "$in_doubt"
check_match 'what is known' 'dot' "$client/out"
check_match 'its subject' '^Subject +the answer never came' "$client/out"
chute queue export "$kept"
check 'the message' "$(tr -d "\r" <"q/$kept/message")" \
	"$(tr -d "\r" <"$client/out")"
finish

begin 'they are sent, and nothing is left of them'
chute queue run
check 'exit code' 0 "$status"
arrived 3
grep -h '^Subject' mail/*.eml | tr -d '\r' | sort >subjects
check_match 'one of them' 'Subject: kept by an older version' subjects
check_match 'the other' 'Subject: the answer never came' subjects
check_match 'the one in doubt' \
	"id=$in_doubt.*diag=smtp.possible-duplicate" "$client/log.all"
check 'what is left' "$failed failed history incoming sending servers" \
	"$(find q -mindepth 1 ! -path '*/1*/*' | sed 's|.*/||' | sort |
		tr '\n' ' ' | sed 's/ $//')"
chute queue show "$kept"
check_match 'the history has it' '^Subject +kept by an older' "$client/out"
finish

begin 'what was refused is released, sent and removed as well'
chute queue release "$failed"
check 'release' 0 "$status"
[ -d "q/$failed" ] || complain 'it is no folder any more'
chute queue hold "$failed"
check 'hold' 0 "$status"
chute queue release "$failed"
chute queue run
arrived 4
as_left
for id in "$kept" "$failed"; do
	chute queue remove "$id"
	check "remove $id" 0 "$status"
done
check 'what is left' "$in_doubt" \
	"$(find q q/failed -maxdepth 1 -type d -name '1*' | sed 's|.*/||')"
finish

begin 'one that is no message is set aside, released and removed'
as_left
echo scribble >>"q/$kept/envelope"
chute queue run
check 'set aside' "$kept" "$(find q/damaged -name '1*' -type d | sed 's|.*/||')"
sed -i '/^scribble$/d' "q/damaged/$kept/envelope"
chute queue release "$kept"
check 'release' 0 "$status"
chute queue run
arrived 3
as_left
rm "q/$kept/message"
chute queue run
chute queue remove "$kept"
check 'remove' 0 "$status"
check 'what is left of it' '' "$(find q/damaged -name '1*')"
finish

summary
