#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The queue as its users see it: what is queued and what is not, what runs it,
# and what people can do with it.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue

# queued LINE...: a profile with a queue that somebody else runs.
queued() {
	profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' "$@"
}

# chute ARGUMENT...: no message on stdin.
chute() {
	submit mailchute "$@" </dev/null
}

entry_id() {
	find "${1-q}" -mindepth 1 -maxdepth 1 -name '1??????????????' |
		sed 's|.*/||'
}

# waiting N: how many entries lie in the queue.
waiting() {
	check 'entries that wait' "$1" \
		"$(entry_id 2>/dev/null | wc -l | tr -d ' ')"
}

# a_queue: empty, and the message in it if a name is given.
a_queue() {
	rm -rf q
	[ $# = 0 ] || {
		submit_plain mailchute -odq "$@"
		id=$(entry_id)
	}
}

# until_true COMMAND...: at most ten seconds.
until_true() {
	until_tries=0
	until "$@"; do
		until_tries=$((until_tries + 1))
		[ "$until_tries" -lt 200 ] || {
			complain "did not come true: $*"
			return
		}
		sleep 0.05
	done
}

has_arrived() {
	[ "$(find mail -name '*.eml' | wc -l)" -eq "$1" ]
}

nobody_runs() {
	! grep -q "FLOCK.*:$(stat -c %i q/runner 2>/dev/null || echo none) " \
		/proc/locks 2>/dev/null
}

# ---- what is queued -------------------------------------------------------

sink_start
queued
begin 'it works: nothing is queued'
submit_plain mailchute bob@example.test
check_sent
arrived 1
waiting 0
finish

begin '-odq queues and leaves'
a_queue bob@example.test carol@example.test
check_sent
arrived 1
waiting 1
check_match 'the log' ' queued=yes ' "$client/log"
check 'the message as it will be sent' "$(message_plain)" \
	"$(sed '1,/^end$/d' "q/$id" | tr -d '\r')"
check_no_match 'the password' sesame "q/$id"
finish

begin '-q sends it, and leaves no trace but the history'
chute -q
check_outcome 0 ''
arrived 2
waiting 0
check_match 'the log has the same id' " id=$id " "$client/log"
chute queue show "$id"
sed -e "s/$id/ID/" -e 's/20[0-9]*-[-0-9]* [0-9:]*\( [-+][0-9]*\)\{0,1\}/DATE/' \
	"$client/out" >shown
cat >want <<'END'
ID           ID
State        delivered
Queued       DATE
Size         195
Account      default
Message-ID   <plain@example.test>
Sender       alice@example.test
Recipient    bob@example.test (delivered)
Recipient    carol@example.test (delivered)
From         Alice <alice@example.test>
To           bob@example.test
Subject      a plain message
Date         Tue, 10 Nov 2026 12:00:00 +0100
DATE  dot        *
DATE  delivered  1-2  250 2.0.0 delivered
END
sed -i 's/ *$//' shown
check_same 'show' want shown
chute queue show --json "$id"
check_match 'JSON' '"state":"delivered",.*"header":\{"From":"Alice <alice@exa' \
	"$client/out"
check_match 'JSON' '"history":\[\{"event":"dot",.*"event":"delivered"' \
	"$client/out"
finish

begin 'queue always: first the queue, then the runner of -q'
queued 'queue always'
submit_plain mailchute bob@example.test
check_sent
arrived 2
waiting 1
submit_plain mailchute -odi bob@example.test
arrived 3
chute -q
arrived 4
finish

begin '-ODeliveryMode=queueonly does the same'
for word in -ODeliveryMode=queueonly -ODeliveryMode=q; do
	a_queue
	submit_plain sendmail $word bob@example.test
	check_sent
	waiting 1
done
a_queue
submit_plain sendmail -O DeliveryMode=q bob@example.test
check_sent
waiting 1
a_queue
finish

begin 'queue off: -odq is now'
queued 'queue off'
submit_plain mailchute -odq bob@example.test
arrived 5
waiting 0
finish

sink_stop
begin 'a server that is down: queued, said on a terminal only'
queued
submit_plain mailchute bob@example.test
check_sent
waiting 1
check_match 'the reason in the log' ' diag=net.refused ' "$client/log"
check_match 'the next try in the log' ' next=[0-9]+ ' "$client/log"
finish

begin 'queue off: a plain 75'
queued 'queue off'
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'refused the connection'
waiting 1
finish

begin 'a host that does not exist is an error, not a queue entry'
queued 'host nonexistent.invalid'
submit_plain mailchute bob@example.test
case $status in
68) check_match stderr 'no host nonexistent.invalid' "$client/err" ;;
*) # a machine without a name server
	check_match stderr 'name|looked up' "$client/err" ;;
esac
[ "$status" = 68 ] && waiting 1
finish

begin 'a password that was typed in cannot be had again: 75'
a_queue
queued 'password' 'host localhost'
submit_plain mailchute bob@example.test
[ "$status" != 0 ] || complain 'success without a password'
waiting 0
finish

begin 'a queue that others can write to is none: 75, with the reason'
mkdir q && chmod 777 q
queued
submit_plain mailchute bob@example.test
check 'exit code' 75 "$status"
check_match stderr 'not in the queue either: .*others can write' "$client/err"
rm -rf q
finish

begin 'a queue in memory is none'
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ]; then
	queued "queue_dir /dev/shm/mailchute-test-$$"
	submit_plain mailchute bob@example.test
	check 'exit code' 75 "$status"
	check_match stderr 'gone after a restart' "$client/err"
	rmdir "/dev/shm/mailchute-test-$$"
fi
finish

begin 'a home is never made'
queued "queue_dir $sink/nohome/q"
submit_plain mailchute bob@example.test
check 'exit code' 75 "$status"
[ ! -e nohome ] || complain 'it was made'
finish

begin 'a container without a runner: auto is off'
profile "queue_dir $sink/q" 'queue auto'
status=0
message_plain | env -i PATH="$PATH" HOME="$client/home" CI=true \
	ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" -C "$client/profile" \
	bob@example.test 2>"$client/err" || status=$?
check 'exit code' 75 "$status"
check_match stderr 'nobody would send it later' "$client/err"
waiting 0
finish

# ---- over SMTP ------------------------------------------------------------

# smtp_session: one message over -bs; the replies are in out.
smtp_session() {
	{
		printf 'EHLO x\r\nMAIL FROM:<alice@example.test>\r\n'
		printf 'RCPT TO:<%s>\r\n' "$@"
		printf 'DATA\r\n'
		message_plain | sed 's/$/\r/'
		printf '.\r\nQUIT\r\n'
	} >session
	submit fence -bs <session
}

begin '-bs with a queue: 250 after the commit'
a_queue
queued 'queue always'
smtp_session bob@example.test
check_match replies '^250 2.0.0 queued as [0-9a-z]+' "$client/out"
waiting 1
finish

begin '-bs, and the server is down: 250 when it is in the queue'
queued
smtp_session bob@example.test
check_match replies '^250 2.0.0 queued as [0-9a-z]+' "$client/out"
waiting 2
finish

begin '-bs, no queue, and the server is down: 451'
queued 'queue off'
smtp_session bob@example.test
check_match replies '^451 4' "$client/out"
waiting 2
finish

begin '-bs: one refused, the other queued: 554 names both'
sink_start --refuse-rcpt bob@example.test='550 5.1.1 no such user' \
	--refuse-rcpt dan@example.test='451 4.7.1 come back'
queued
smtp_session bob@example.test dan@example.test
check_match replies '^554[ -]5.5.0 not accepted: .*bob@example.test' \
	"$client/out"
check_match replies '^554[ -]5.5.0 accepted, do not repeat: dan@example.test' \
	"$client/out"
waiting 3
sink_stop
finish
rm -rf q

# ---- running --------------------------------------------------------------

begin 'queue run: 75 and a line each while anything waits'
queued
a_queue bob@example.test carol@example.test
chute queue run
check 'exit code' 75 "$status"
check_match stderr \
	"^mailchute: $id: bob@example.test \\+1: .*refused.*, next try in [0-9]" \
	"$client/err"
check_match 'the log' ' try=1 next=' "$client/log"
finish

begin '--due leaves alone what is not due'
chute queue run --due
check 'exit code' 75 "$status"
check_empty 'no attempt' "$client/log"
finish

begin 'what settings the message was queued with, it is sent with'
a_queue
sink_start --auth-optional
queued
message_plain >"$client/in"
submit mailchute --host=localhost --port="$starttls_port" --auth=off \
	--tls-trust-file="$sink/certs/ca.pem" --queue-dir="$sink/q" \
	--queue-runner=external --from=x@example.test -odq \
	bob@example.test <"$client/in"
check 'exit code' 0 "$status"
id=$(entry_id)
check_match 'the entry has them' '^set port ' "q/$id"
chute queue run
check 'exit code' 0 "$status"
arrived 1
finish

sink_start
begin 'the variables of who runs it are not those of who queued'
queued
a_queue bob@example.test
status=0
env MAILCHUTE_PORT=1 MAILCHUTE_FROM=eve@example.test \
	"$MAILCHUTE" -C client/profile queue run </dev/null >client/out \
	2>client/err || status=$?
check 'exit code' 0 "$status"
arrived 1
check 'from' 'from alice@example.test' "$(grep '^from ' mail/1.envelope)"
finish

begin 'many over one connection'
queued
a_queue
for i in 1 2 3 4 5; do
	submit_plain mailchute -odq "r$i@example.test"
done
chute queue run
check 'exit code' 0 "$status"
arrived 6
check 'connections' 2 "$(grep -c '^S: 220 .*ESMTP' transcript)"
finish

begin 'in the order in which they came'
queued
a_queue
rm -rf mail/*
for i in 1 2 3 4 5 6; do
	submit_plain mailchute -odq "r$i@example.test"
done
chute queue run
check 'order' 'r1 r2 r3 r4 r5 r6' \
	"$(sed -n 's/.* recipients=\(r[0-9]\)@.*/\1/p' "$client/log" |
		tr '\n' ' ' | sed 's/ $//')"
finish

# filtered FILTER RECIPIENTS: whom a run with this filter reaches.
filtered() {
	begin "-q$1"
	a_queue
	submit_plain mailchute -odq one@example.test two@example.test
	submit_plain mailchute -odq -f bob@example.test three@example.test
	filtered_id=$(find q -mindepth 1 -maxdepth 1 -name '1??????????????' |
		sed 's|.*/||' | sort | tail -n 1)
	chute "-q$(echo "$1" | sed "s/ID/$filtered_id/")"
	check 'exit code' 0 "$status"
	check 'reached' "$2" \
		"$(sed -n 's/.* recipients=\([^ ]*\).*/\1/p' "$client/log" |
			sed 's/@example.test//g' | tr '\n' ' ' | sed 's/ $//')"
	finish
}
filtered Rtwo one,two
filtered '!Rtwo' three
filtered Sbob@ three
filtered '!Sbob@' one,two
filtered IID three
filtered '!IID' one,two
filtered Rnobody ''
filtered 30m 'one,two three'
filtered f 'one,two three'
begin '-qR wants a word'
chute -qR
check 'exit code' 64 "$status"
finish
a_queue
sink_stop
sink_start
queued
for i in 1 2 3 4 5 6; do
	submit_plain mailchute "r$i@example.test"
done

begin 'max_messages_per_connection'
queued 'max_messages_per_connection 2'
for i in 1 2 3 4 5; do
	submit_plain mailchute -odq "r$i@example.test"
done
chute queue run
arrived 11
check 'log lines' 5 "$(grep -c 'exitcode=EX_OK' "$client/log")"
finish

begin 'max_connections'
queued 'max_connections 3'
for i in 1 2 3 4 5; do
	submit_plain mailchute -odq "r$i@example.test"
done
chute queue run
check 'exit code' 0 "$status"
arrived 16
finish

# ---- refusals -------------------------------------------------------------

sink_start --refuse-rcpt bob@example.test='550 5.1.1 no such user' \
	--refuse-rcpt dan@example.test='451 4.7.1 come back'
begin 'one refused, one deferred, one delivered'
queued
a_queue bob@example.test carol@example.test dan@example.test
chute queue run
check 'exit code' 75 "$status"
arrived 1
chute queue show "$id"
check_match show 'bob@example.test \(refused\)' "$client/out"
check_match show 'carol@example.test \(delivered\)' "$client/out"
check_match show 'dan@example.test \(waiting\)' "$client/out"
finish

sink_start --refuse-rcpt bob@example.test='550 5.1.1 no such user'
begin 'only who waits is tried again; who was refused is kept'
queued
chute queue run
check 'exit code' 0 "$status"
check 'to' 'to dan@example.test' "$(grep '^to ' mail/1.envelope)"
waiting 0
check 'failed' "$id" "$(entry_id q/failed)"
chute -bp
check_match mailq 'Mail queue is empty' "$client/out"
check_match mailq '550 5.1.1 no such user' "$client/out"
chute queue
check_no_match 'who runs it' 'what waits' "$client/out"
finish

begin 'config --json: what was found out of servers, as long as it is known'
queued
printf '%s\n' "a.example:25 together 0 $(date +%s)" \
	"b.example:587 - 10 $(date +%s)" 'c.example:25 together 0 1000000000' \
	>q/servers
chute config --json
check 'servers' '"servers":[{"folder":"'"$sink"'/q","server":"a.example:25",'\
'"flight":"together","messages_max":null,"found":N},{"folder":"'"$sink"'/q",'\
'"server":"b.example:587","flight":null,"messages_max":10,"found":N}]}' \
	"$(sed -n 's/.*\("servers":\)/\1/; s/"found":[0-9]*/"found":N/g; p' \
		"$client/out")"
rm -f q/servers
finish

begin 'release: another try, by a person'
sink_start
queued
chute queue release "$id"
check 'exit code' 0 "$status"
chute queue run
arrived 1
check 'to' 'to bob@example.test' "$(grep '^to ' mail/1.envelope)"
waiting 0
finish

sink_start --refuse-rcpt bob@example.test='450 4.2.2 bob is full' \
	--refuse-rcpt carol@example.test='450 4.2.1 carol moves'
begin 'each recipient keeps the words that are his'
queued
a_queue bob@example.test carol@example.test
chute queue run
chute queue show "$id"
check_match show ' 1  smtp.rcpt-refused: .*450 4.2.2 bob is full$' "$client/out"
check_match show ' 2  smtp.rcpt-refused: .*450 4.2.1 carol moves$' "$client/out"
rm -rf q
finish

begin 'in the foreground: refused is told, deferred is queued'
sink_start --refuse-rcpt bob@example.test='550 5.1.1 no such user' \
	--refuse-rcpt dan@example.test='451 4.7.1 come back'
queued
submit_plain mailchute bob@example.test carol@example.test dan@example.test
check 'exit code' 67 "$status"
check_match stderr 'bob@example.test: 550' "$client/err"
check_no_match stderr 'dan@example.test' "$client/err"
waiting 1
id=$(entry_id)
check 'who waits' 'recipient dan@example.test' \
	"$(grep '^recipient' "q/$id")"
finish

begin 'a wrong password keeps what is queued'
sink_start
queued 'password wrong'
chute queue run
check 'exit code' 75 "$status"
check_match 'the log' ' exitcode=EX_NOPERM .* try=2 next=' "$client/log"
waiting 1
queued
chute queue run
check 'exit code' 0 "$status"
arrived 1
finish

begin 'a wrong password in the foreground is told, not queued'
queued 'password wrong'
submit_plain mailchute bob@example.test
check 'exit code' 77 "$status"
waiting 0
finish

begin 'a password command that fails is asked once a run'
queued "passwordeval echo . >>$sink/asked; exit 1"
sed -i '/^password /d' "$client/profile"
a_queue bob@example.test
submit_plain mailchute -odq carl@example.test
chute queue run
check 'exit code' 75 "$status"
check 'asked' . "$(cat "$sink/asked")"
finish

begin 'an account that is gone keeps what is queued'
queued
a_queue bob@example.test
sed -i 's/^account default/account other/' "$client/profile"
chute queue run
check 'exit code' 75 "$status"
check_match stderr "there is no account 'default'" "$client/err"
waiting 1
finish

begin 'queue_lifetime: refused by us, kept for a person'
queued 'queue_lifetime 1m'
sink_stop
sed -i 's/^created .*/created 1000/' "q/$id"
chute queue run
check 'one failure is not the end' 75 "$status"
now=$(date +%s)
sed -i "s/^deferred [0-9]*/deferred $((now - 3600))/" "q/$id"
chute queue run
check 'exit code' 0 "$status"
check_match stderr "$id: not delivered for 1m; the last reason was: " \
	"$client/err"
check_match log "exitcode=EX_UNAVAILABLE .*diag=queue.expired" "$client/log"
waiting 0
chute -bp
check_match mailq 'not delivered for 1m; the last reason was: .*refused the' \
	"$client/out"
finish

# ---- what people do -------------------------------------------------------

begin 'hold, release, remove'
queued
a_queue bob@example.test
chute queue hold "$id"
check 'exit code' 0 "$status"
chute queue run
check 'nothing is tried' 0 "$status"
chute queue list
check_match list "^$id +held" "$client/out"
chute queue release "$id"
chute queue list
check_match list "^$id +waiting" "$client/out"
chute queue remove "$id"
check 'exit code' 0 "$status"
waiting 0
chute queue show "$id"
check_match show '^State +removed$' "$client/out"
finish

begin 'export gives the message back'
a_queue bob@example.test
chute queue export "$id"
check 'exit code' 0 "$status"
cmp -s "$client/in" q/none 2>/dev/null
check 'the message' "$(message_plain)" "$(cat "$client/out")"
finish

begin 'JSON is JSON'
a_queue 'bob@example.test'
for words in 'list --json' "show --json $id"; do
	# shellcheck disable=SC2086
	chute queue $words
	if command -v python3 >/dev/null; then
		python3 -m json.tool <"$client/out" >/dev/null ||
			complain "$words: no JSON"
	fi
	check_match "$words" "\"id\":\"$id\"" "$client/out"
done
finish

begin 'what is not there'
for words in show hold release remove export; do
	chute queue "$words" 100000000000000
	check "$words" 69 "$status"
	check_match "$words" 'there is no message 100000000000000' \
		"$client/err"
	chute queue "$words"
	check "$words without an id" 64 "$status"
done
sink_start
queued
a_queue bob@example.test
for there in "" "$id"; do
	# shellcheck disable=SC2086
	chute queue run 100000000000000 $there
	check "run" 69 "$status"
	check_match "run" 'there is no message 100000000000000' "$client/err"
done
arrived 1
chute queue run "$id"
check 'run, one that has arrived' 69 "$status"
chute queue run 'no id'
check 'run, what is no id' 69 "$status"
chute queue run
check 'run, nothing there' 0 "$status"
chute queue frobnicate
check 'an unknown word' 64 "$status"
chute queue list --frobnicate
check 'an unknown option' 64 "$status"
chute queue list --json=yes
check 'a value for an option without one' 64 "$status"
chute queue run --due=now
check 'and for another' 64 "$status"
chute queue list x
check 'a word too many' 64 "$status"
finish

begin 'a damaged entry is set aside, and stops nobody'
sink_start
queued
a_queue bob@example.test
submit_plain mailchute -odq carol@example.test
echo scribble >>"q/$id"
chute queue run
check 'exit code' 0 "$status"
arrived 1
check 'set aside' "$id" "$(entry_id q/damaged)"
chute queue list
check_match list "^$id +damaged .*it makes no sense" "$client/out"
sed -i '/^scribble$/d' "q/damaged/$id"
chute queue release "$id"
check 'repaired' 0 "$status"
chute queue run
arrived 2
finish

begin 'a damaged entry can be removed'
a_queue bob@example.test
: >"q/$id"
chute queue run
chute queue remove "$id"
check 'exit code' 0 "$status"
check 'gone' '' "$(entry_id q/damaged)"
finish

# ---- a runner of its own --------------------------------------------------

begin 'queue_runner auto: a process is left behind, and ends'
rm -rf q
queued 'queue always' 'queue_runner auto'
submit_plain mailchute bob@example.test
check_sent
until_true has_arrived 3
until_true nobody_runs
waiting 0
check_match 'its log line' ' smtpstatus=250 ' "$client/log.all"
finish

begin 'a runner that watches is woken'
queued 'queue always'
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$client/profile" queue run --watch \
	>watch.out 2>&1 &
watcher=$!
until_true test -p q/wake
submit_plain mailchute bob@example.test
until_true has_arrived 4
submit_plain mailchute bob@example.test
until_true has_arrived 5
kill "$watcher"
wait "$watcher"
check 'its exit code' 0 $?
check_empty 'its output' watch.out
finish

# runner_pid FOLDER: who holds the lock of that queue's runner.
runner_pid() {
	sed -n "s/.*FLOCK.* \([0-9]*\) [0-9a-f]*:[0-9a-f]*:$(stat -c %i \
		"$1/runner" 2>/dev/null || echo none) .*/\1/p" /proc/locks
}

# The list of locks is no snapshot: one look may miss it.
has_runner() {
	runner=$(runner_pid "$1")
	[ -n "$runner" ]
}

begin 'the process left behind begins anew: nothing of ours is in its memory'
sink_stop
rm -rf q
queued 'queue always' 'queue_runner auto'
submit_plain mailchute bob@example.test
check_sent
until_true has_runner q
pid=$runner
tr '\000' ' ' <"/proc/$pid/cmdline" >cmdline
check 'its command line' \
	"mailchute queue run --until-empty --folder=$sink/q -C $(
		realpath "$client/profile") " "$(cat cmdline)"
# Nobody but root looks into a process that keeps its memory to itself.
if readlink "/proc/$pid/cwd" >/dev/null; then
	check 'its folder' / "$(readlink "/proc/$pid/cwd")"
	check 'its output' /dev/null "$(readlink "/proc/$pid/fd/1")"
fi
chute queue run --until-empty
check 'another one finds that it is there' 0 "$status"
until_true has_runner q
[ "$runner" = "$pid" ] || complain 'another one took its place'
kill "$pid"
until_true nobody_runs
finish

# watch_start: a runner that follows the schedule; $watcher.
watch_start() {
	env -i PATH="$PATH" HOME="$client/home" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" \
		-C "$client/profile" queue run --watch >watch.out 2>&1 &
	watcher=$!
}

watch_stop() {
	kill "$watcher"
	wait "$watcher"
	check 'its exit code' 0 $?
	check_empty 'its output' watch.out
}

begin 'one that watches makes the queues that are not there, and serves all'
sink_start
rm -rf q q2
queued 'queue always'
grep -v '^queue_dir' "$client/profile" |
	sed 's/^account default/account second/' >second
echo "queue_dir $sink/q2" >>second
cat second >>"$client/profile"
watch_start
until_true test -p q/wake
until_true test -p q2/wake
submit_plain mailchute bob@example.test
until_true has_arrived 1
submit_plain mailchute -a second bob@example.test
until_true has_arrived 2
watch_stop
check 'nobody is left' '' "$(runner_pid q)$(runner_pid q2)"
finish

begin 'queue --help: every word and option of its table'
chute queue --help
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
for word in list show run hold release remove export; do
	check_match "$word" "^  $word( |\$)" "$client/out"
done
chute queue show --help
check 'exit code of a word' 0 "$status"
finish

begin 'mailq: programs that read Sendmail'"'"'s or Postfix'"'"' find the number'
queued
a_queue
chute -bp
check 'nothing' 'Mail queue is empty' "$(cat "$client/out")"
a_queue bob@example.test
submit sendmail -bp </dev/null
check 'one' '-- 1 Kbytes in 1 Request.' "$(tail -n 1 "$client/out")"
submit_plain mailchute -odq carol@example.test
LANGUAGE=de chute -bp
check 'Sendmail' 1 "$(grep -c '^[[:space:]]*Total requests: 2$' "$client/out")"
check 'Postfix: the last line' '-- 1 Kbytes in 2 Requests.' \
	"$(tail -n 1 "$client/out")"
finish

begin '--folder: one queue, without any configuration'
rm -rf q
queued
a_queue bob@example.test
mv "$client/home/.mailchuterc" kept
submit sendmail -bp </dev/null
check_match 'without it' 'Mail queue is empty' "$client/out"
"$MAILCHUTE" queue list --folder "$sink/q" >"$client/out"
check_match list "^$id +waiting" "$client/out"
"$MAILCHUTE" queue list --folder="$sink/q" --json >"$client/out"
check_match list "\"id\":\"$id\"" "$client/out"
mv kept "$client/home/.mailchuterc"
chute queue list --folder "$sink/none"
check 'one that is not there' 75 "$status"
chute queue list --folder
check 'no name' 64 "$status"
finish

begin 'somebody else has the entry: the runner waits, and does not spin'
rm -rf mail && mkdir mail
exec 9<"q/$id"
flock 9
watch_start
until_true test -p q/wake
sleep 0.3
turns=$(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$watcher/status")
[ "$turns" -lt 30 ] || complain "it turned $turns times"
waiting 1
watch_stop
exec 9<&-
rm -rf q
finish

# What a person at a terminal sees of a message: sentence and next steps.
at_terminal() {
	rm -rf q
	# shellcheck disable=SC2016 # its own arguments
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"$TOP_BUILDDIR/tests/blackbox/typist" 200 /dev/null \
		sh -c '"$1" -C "$2" bob@example.test <"$3"' sh "$MAILCHUTE" \
		"$client/profile" "$client/in" | tr -d '\r' >seen
}

# hinted WHAT CODE LINE...: 'queued as' carries the reason and every next step
# of the same failure with 'queue off', which ends with CODE; what is no matter
# of time is told at once, in the same words.
hinted() {
	begin "the hint of what is queued: $1"
	hinted_code=$2
	shift 2
	queued "$@" 'queue off'
	at_terminal
	submit_plain mailchute bob@example.test
	check 'exit code, without a queue' "$hinted_code" "$status"
	# In parentheses an account goes without its name.
	sed 's/^mailchute: account default: /mailchute: /' <seen >off
	queued "$@"
	at_terminal
	sed -E -e 's/^mailchute: queued as [0-9a-z]+ \((.*)\), next try in [^,]*$/mailchute: \1/' \
		-e 's/^mailchute: account default: /mailchute: /' <seen >auto
	[ "$hinted_code" != 75 ] ||
		check_match 'queued' '^mailchute: queued as .*, next try' seen
	check_match 'a next step' '^mailchute: ' off
	check_same 'what is seen' off auto
	finish
}

message_plain >"$client/in"
hinted 'a port where nobody listens' 75 'port 9'
hinted 'a CA that is not known' 69 'tls_trust_file system'
hinted 'a certificate of another name' 69 'tls_host_override mail.example'
hinted 'a wrong password' 77 'password wrong'
hinted 'TLS on a port of STARTTLS' 76 'tls_starttls off'
while read -r code reply; do
	echo "$reply" >script
	sink_start --script script
	hinted "$reply" "$code"
done <<'END'
75 MAIL : reply "451 4.3.0 try later"
75 AUTH : reply "454 4.7.0 Temporary authentication failure"
75 RCPT : reply "450 4.2.0 Greylisted, try again"
75 RCPT : reply "550 5.4.5 Daily user sending limit exceeded"
75 DOT : reply "452 4.3.1 Insufficient system storage"
END
rm -rf q

begin "msmtp's files have no queue"
sink_stop
mkdir -p msmtp
{
	cat "$client/profile"
	echo 'tls on'
} | grep -v '^queue ' >msmtp/msmtprc
chmod 600 msmtp/msmtprc
message_plain >"$client/in"
submit mailchute -C "$sink/msmtp/msmtprc" bob@example.test <"$client/in"
check 'exit code' 75 "$status"
waiting 0
finish

summary
