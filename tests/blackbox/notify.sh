#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 'notify': whoever is to be told of a refusal in the background is told once,
# whatever crashes in between, and nobody is told of a refused report.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue

# told LINE...: a profile that tells ops, on top of one that works.
told() {
	profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' \
		'notify ops@example.test' "$@"
}

chute() {
	submit mailchute "$@" </dev/null
}

# ids FOLDER: of the entries that lie there.
ids() {
	find "$1" -mindepth 1 -maxdepth 1 -name '1??????????????' 2>/dev/null |
		sed 's|.*/||' | sort
}

# a_queue RECIPIENT...: one message in an empty queue; $id.
a_queue() {
	rm -rf q
	submit_plain mailchute -odq "$@"
	id=$(ids q)
}

# reports: the numbers of the messages that went to ops.
reports() {
	grep -l '^to ops@example.test' mail/*.envelope 2>/dev/null |
		sed 's|.*/||; s|\..*||' | sort -n | tr '\n' ' ' | sed 's/ $//'
}

no_bob='bob@example.test=550 5.1.1 no such user here'

# ---- the report -----------------------------------------------------------

sink_start --refuse-rcpt "$no_bob"
told
begin 'in the foreground the caller is told, and nobody else'
submit_plain mailchute bob@example.test
check 'exit code' 67 "$status"
check reports '' "$(reports)"
finish

begin 'in the background the report comes, once'
a_queue bob@example.test carol@example.test
chute queue run
check 'exit code' 0 "$status"
check reports 2 "$(reports)"
check 'waiting' '' "$(ids q)"
check 'failed' "$id" "$(ids q/failed)"
chute queue run
check 'reports after another run' 2 "$(reports)"
finish

begin 'what it says'
report_id=$(sed -n 's/^notified .* \([0-9a-z]*\)$/\1/p' "q/failed/$id")
check 'its sender' 'from alice@example.test' \
	"$(grep '^from ' mail/2.envelope)"
sed -e 's/\r$//' -e 's/^Date: .*/Date: DATE/' -e "s/$id/ID/g" \
	-e 's/^Message-ID: <[0-9a-z.]*@/Message-ID: <UNIQUE@/' \
	-e 's/^\(    queued     \).*/\1DATE/' -e "s|$sink|DIR|" \
	-e "s/kept on $(uname -n),/kept on HOST,/" mail/2.eml |
	sed '/^Received:/,/^[^ 	]/{/^Received:/d;/^[ 	]/d;}' >report
cat >want <<'END'
From: mailchute <alice@example.test>
To: ops@example.test
Subject: Mail ID was refused
Date: DATE
Message-ID: <UNIQUE@example.test>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

This message was refused, and is not tried again:

    id         ID
    queued     DATE
    sender     alice@example.test
    account    default
    Message-ID <plain@example.test>
    from       Alice <alice@example.test>
    to         bob@example.test
    subject    a plain message
    date       Tue, 10 Nov 2026 12:00:00 +0100

It did not reach

    bob@example.test
      the server refused the recipient bob@example.test: 550 5.1.1 no such
      user here

It is kept on HOST, in DIR/q, until somebody says

    mailchute queue release ID    to try it again, or
    mailchute queue remove ID
END
check_same 'the report' want report
check_match 'the log of the report' \
	" recipients=ops@example.test .* id=$report_id " "$client/log.all"
chute queue show "$id"
check_match 'the history' "  notified +1  $report_id\$" "$client/out"
finish

begin 'each refusal once: one now, one later'
sink_start --refuse-rcpt "$no_bob" \
	--refuse-rcpt dan@example.test='451 4.7.1 come back'
told
a_queue bob@example.test dan@example.test
chute queue run
check 'of bob' 1 "$(reports)"
chute queue run
check 'not again' 1 "$(reports)"
sink_stop
now=$(date +%s)
sed -i "s/^created .*/created $((now - 5 * 86400 - 3600))/
	s/^deferred [0-9]*/deferred $((now - 7200))/" "q/$id"
chute queue run
check 'exit code' 75 "$status"
check 'dan has expired; the report waits for the server' 1 \
	"$(ids q | wc -l | tr -d ' ')"
sink_start
told
chute queue run
check 'of dan' 1 "$(reports)"
check_match 'the reason' 'not delivered for 5d' mail/1.eml
finish

begin 'released and refused again: told again'
sink_start --refuse-rcpt "$no_bob"
told
a_queue bob@example.test
chute queue run
chute queue release "$id"
chute queue run
check reports '1 2' "$(reports)"
finish

begin 'a report that is refused: nobody is told'
sink_start --refuse-rcpt "$no_bob" \
	--refuse-rcpt ops@example.test='550 5.1.1 no ops'
told
a_queue bob@example.test
chute queue run
check 'exit code' 0 "$status"
check 'all that is kept' 2 "$(ids q/failed | wc -l | tr -d ' ')"
chute queue run
check 'and no more' 2 "$(ids q/failed | wc -l | tr -d ' ')"
check 'arrived' 0 "$(find mail -name '*.eml' | wc -l | tr -d ' ')"
finish

begin 'by the same settings, and through the fallback'
sink_start --refuse-rcpt "$no_bob" --auth-optional
profile 'host nowhere.invalid'
message_plain >"$client/in"
rm -rf q
submit mailchute --host=localhost --port="$starttls_port" --auth=off \
	--tls-trust-file="$sink/certs/ca.pem" --queue-dir="$sink/q" \
	--queue-runner=external --from=x@example.test \
	--notify=ops@example.test -odq bob@example.test <"$client/in"
"$MAILCHUTE" queue run --folder "$sink/q" >"$client/out" 2>&1
check reports 1 "$(reports)"
finish

begin 'one that watches sends the report, too'
told
a_queue bob@example.test
rm -rf mail/*
"$MAILCHUTE" -C "$client/profile" queue run --until-empty >"$client/out" 2>&1
check 'exit code' 0 $?
check 'one report' 1 "$(reports | wc -w | tr -d ' ')"
finish

# ---- crashes --------------------------------------------------------------

# after_crash: the entry as it lay there between the note and the report, or
# between the report and the end.
begin 'killed when it was noted but not written: written now'
told
a_queue bob@example.test
cp -rp "q/$id" kept
chute queue run
rm -rf mail/*
report_id=$(sed -n 's/^notified .* \([0-9a-z]*\)$/\1/p' "q/failed/$id")
mv "q/failed/$id" "q/$id"
rm -f q/history
chute queue run
check 'one report' 1 "$(reports | wc -w | tr -d ' ')"
check_match 'the same id' " id=$report_id " "$client/log"
check 'failed' "$id" "$(ids q/failed)"
finish

begin 'killed when it was written and sent: not again'
rm -rf mail/*
mv "q/failed/$id" "q/$id"
chute queue run
check 'no report' 0 "$(reports | wc -w | tr -d ' ')"
check 'failed' "$id" "$(ids q/failed)"
finish

begin 'nor when the history has been turned over since'
sed -i "s/^notified [0-9]*/notified $(($(date +%s) - 2 * 86400))/" \
	"q/failed/$id"
mv "q/failed/$id" "q/$id"
rm -f q/history*
chute queue run
check 'no report' 0 "$(reports | wc -w | tr -d ' ')"
check 'failed' "$id" "$(ids q/failed)"
finish

begin 'a report that cannot be kept: the message stays until it can'
a_queue bob@example.test
mkdir -p q/incoming
chmod 500 q/incoming
if [ "$(id -u)" -ne 0 ]; then
	chute queue run
	check 'waiting' "$id" "$(ids q)"
	chmod 700 q/incoming
	chute queue run
	check 'failed' "$id" "$(ids q/failed)"
fi
chmod 700 q/incoming
finish

# ---- configuration --------------------------------------------------------

for bad in 'no address' root '@example.test'; do
	begin "notify $bad is an error in the file"
	told "notify $bad"
	submit_plain mailchute carol@example.test
	check 'exit code' 78 "$status"
	check_match stderr "notify does not take '$bad': .*" "$client/err"
	check_match 'the line' 'profile:[0-9]+' "$client/err"
	finish
done

summary
