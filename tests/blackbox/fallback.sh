#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Several relays: who stands in for whom, when, and what is never shown to a
# second one.  Two servers: the first is the sink of every suite, the second
# ("backup") knows another user.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
backup_pid=

# backup_start OPTION...: a second server, with its mail in backup/mail.
backup_start() {
	backup_stop
	rm -rf backup
	mkdir -p backup/mail certs
	"$sink_program" --starttls 0 --port-file backup/ports \
		--certs backup --maildir backup/mail \
		--transcript backup/transcript --user 'bob:second password' \
		--lifetime 120 "$@" >backup/out 2>&1 &
	backup_pid=$!
	backup_tries=0
	while [ ! -s backup/ports ]; do
		backup_tries=$((backup_tries + 1))
		[ "$backup_tries" -lt 200 ] ||
			bail "no second sink: $(cat backup/out)"
		sleep 0.05
	done
	backup_port=$(sed -n 's/^starttls_port=//p' backup/ports)
}

backup_stop() {
	[ -z "$backup_pid" ] && return
	kill "$backup_pid" 2>/dev/null
	wait "$backup_pid" 2>/dev/null
	backup_pid=
}
trap 'backup_stop; sink_stop; rm -rf "$sink"' EXIT

# routed LINE...: the usual profile with a fallback, and lines on top.
routed() {
	profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' \
		'fallback backup' "$@"
	{
		echo 'account backup'
		echo host localhost
		echo "port $backup_port"
		echo user bob
		echo password second password
		echo from backup@example.test
		echo "tls_trust_file $sink/backup/ca.pem"
		echo timeout 5
		printf 'logfile %s\nsyslog off\n' "$client/log.all"
	} >>"$client/profile"
}

# came_by FIRST BACKUP: how many messages each server has.
came_by() {
	check 'messages at the first' "$1" \
		"$(find mail -name '*.eml' 2>/dev/null | wc -l | tr -d ' ')"
	check 'messages at the backup' "$2" \
		"$(find backup/mail -name '*.eml' | wc -l | tr -d ' ')"
}

# a_waiting: the id of what lies in the queue.
a_waiting() {
	find q -mindepth 1 -maxdepth 1 -name '1??????????????' 2>/dev/null |
		sed 's|.*/||'
}

# told KEY...: the values of these keys, one line for each line of the log.
told() {
	while read -r told_line; do
		told_text=
		for told_key in "$@"; do
			told_value=$(printf '%s\n' "$told_line" | sed -n \
				"s/.* $told_key=\\([^ ]*\\).*/\\1/p")
			told_text="$told_text $told_key=${told_value:--}"
		done
		echo "${told_text# }"
	done <"$client/log"
}

# ---- in the foreground ----------------------------------------------------

sink_start
backup_start
routed
begin 'the first works: the second hears nothing'
submit_plain mailchute bob@example.test
check_sent
came_by 1 0
[ ! -s backup/transcript ] || complain 'the backup was asked'
finish

sink_stop
begin 'the first is down: the second takes it, in silence'
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
check_empty stdout "$client/out"
check_empty stderr "$client/err"
came_by 1 1
check 'the log' "account=default exitcode=EX_TEMPFAIL diag=net.refused fallback=backup
account=backup exitcode=EX_OK diag=- fallback=-" \
	"$(told account exitcode diag fallback)"
check 'one id in both lines' 1 "$(told id | sort -u | wc -l | tr -d ' ')"
check 'its own sender' 'from backup@example.test' \
	"$(grep '^from ' backup/mail/1.envelope)"
check_match 'its own login' 'bob' backup/transcript
[ -z "$(a_waiting)" ] || complain 'it is in the queue, too'
finish

begin "a sender that is not the account's own stays"
submit_plain mailchute -f list@example.test bob@example.test
check 'exit code' 0 "$status"
check 'the sender' 'from list@example.test' \
	"$(grep '^from ' backup/mail/2.envelope)"
finish

begin 'what the first got by option does not reach the second'
submit_plain mailchute --port=1 --user=eve bob@example.test
check 'exit code' 0 "$status"
came_by 1 3
finish

# asks_second NAME SINK-OPTION...: trouble with the host or the account.
asks_second() {
	begin "$1: the second takes it"
	shift
	sink_start "$@"
	backup_start
	routed
	submit_plain mailchute bob@example.test
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	came_by 0 1
	finish
}

asks_second 'a wrong password' --auth-fail '535 5.7.8 no'
asks_second 'a login that has to wait' --auth-fail '454 4.7.0 later'
asks_second 'a certificate that is refused' --cert expired
asks_second 'no STARTTLS' --no-starttls
asks_second 'a 554 greeting' --greeting '554 5.7.1 go away'
asks_second '421 in place of an answer' --bad-reply 'RCPT=421 4.7.0 too much\r\n'
asks_second 'closed before the end' --drop DATA

# keeps_first NAME CODE ARRIVED SINK-OPTION...: an answer about the message.
keeps_first() {
	begin "$1: the second is not asked"
	keeps_code=$2
	keeps_count=$3
	shift 3
	sink_start "$@"
	backup_start
	routed 'queue off'
	submit_plain mailchute bob@example.test
	check 'exit code' "$keeps_code" "$status"
	came_by "$keeps_count" 0
	[ ! -s backup/transcript ] || complain 'the backup was asked'
	check 'log lines' 1 "$(grep -c . "$client/log")"
	finish
}

keeps_first 'a recipient refused' 67 0 \
	--refuse-rcpt bob@example.test='550 5.1.1 no such user'
keeps_first 'a recipient deferred' 75 0 \
	--refuse-rcpt bob@example.test='450 4.7.1 greylisted'
keeps_first 'a sender refused' 69 0 --refuse-mail '553 5.7.1 not yours'
keeps_first 'a message refused' 69 0 --refuse-dot '554 5.7.1 spam'
keeps_first 'a message deferred' 75 0 --refuse-dot '451 4.3.0 later'
keeps_first 'no answer after the dot: a possible duplicate' 75 1 --drop DOT

begin 'both are down: in the queue, and nothing on stderr'
sink_start
backup_start
routed
sink_stop
backup_stop
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
id=$(a_waiting)
[ -n "$id" ] || complain 'it is not in the queue'
check 'the log' 'account=backup exitcode=EX_TEMPFAIL queued=- fallback=-
account=default exitcode=EX_OK queued=yes fallback=backup' \
	"$(told account exitcode queued fallback)"
finish

begin 'both are down, no queue: 75, with both reasons'
routed 'queue off'
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL '^mailchute: account default: .*refused the conn'
check_match 'the other reason' '^mailchute: account backup: .*refused the' \
	"$client/err"
finish

begin 'one is wrong for good, the other only now: 75, and the queue takes it'
sink_start --auth-fail '535 5.7.8 no'
routed 'queue off'
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'account default: .*535 5.7.8 no$'
check_match 'the other' 'account backup: .*refused the connection' \
	"$client/err"
routed
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
check 'waiting' 2 "$(a_waiting | wc -l | tr -d ' ')"
finish

begin 'both are wrong for good: told, not queued'
sink_start --auth-fail '535 5.7.8 no'
backup_start --auth-fail '535 5.7.8 neither'
routed
rm -rf q
submit_plain mailchute bob@example.test
check 'exit code' 77 "$status"
check_match 'the first' 'account default: .*535 5.7.8 no$' "$client/err"
check_match 'the second' 'account backup: .*535 5.7.8 neither$' "$client/err"
[ -z "$(a_waiting)" ] || complain 'it is in the queue'
finish

# ---- in the queue ---------------------------------------------------------

# chute ARGUMENT...: no message on stdin.
chute() {
	submit mailchute "$@" </dev/null
}

# a_queue COUNT: that many messages in an empty queue.
a_queue() {
	rm -rf q
	for n in $(seq "$1"); do
		submit_plain mailchute -odq "r$n@example.test"
	done
}

begin 'a run: all of it goes over one connection to the second'
sink_start
backup_start
routed
sink_stop
a_queue 3
chute queue run
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
came_by 0 3
check 'connections' 1 "$(grep -c '^S: 220 .*ESMTP' backup/transcript)"
check 'the log' "account=default exitcode=EX_TEMPFAIL fallback=backup try=1 next=-
account=backup exitcode=EX_OK fallback=- try=- next=-
account=backup exitcode=EX_OK fallback=- try=- next=-
account=backup exitcode=EX_OK fallback=- try=- next=-" \
	"$(told account exitcode fallback try next)"
check 'its own sender' 3 \
	"$(grep -l '^from backup@example.test' backup/mail/*.envelope |
		wc -l | tr -d ' ')"
finish

begin 'a wrong password in the run: the second'
sink_start --auth-fail '535 5.7.8 no'
routed
a_queue 2
chute queue run
check 'exit code' 0 "$status"
came_by 0 5
finish

begin 'a run: what the first refuses is not shown to the second'
sink_start --refuse-rcpt r1@example.test='550 5.1.1 no such user'
routed
a_queue 2
chute queue run
check 'exit code' 0 "$status"
came_by 1 5
check 'failed' 1 "$(find q/failed -mindepth 1 -maxdepth 1 | wc -l | tr -d ' ')"
finish

begin 'a run: in doubt after the dot, the second is not asked'
sink_start --drop DOT
routed
a_queue 1
chute queue run
check 'exit code' 75 "$status"
came_by 1 5
check_match 'the log' ' diag=smtp.possible-duplicate ' "$client/log"
check 'log lines' 1 "$(grep -c . "$client/log")"
finish

begin 'a run: both are down; the reason is the first one, and it is one try'
sink_start
routed
sink_stop
backup_stop
a_queue 2
chute queue run
check 'exit code' 75 "$status"
check 'the log' "account=default exitcode=EX_TEMPFAIL fallback=backup try=1
account=backup exitcode=EX_TEMPFAIL fallback=- try=1" \
	"$(told account exitcode fallback try)"
check 'the reason, of all' 2 \
	"$(grep -c "localhost:$starttls_port refused" "$client/err")"
finish

# ---- configuration --------------------------------------------------------

# refuses NAME PATTERN LINE...: the whole file is refused, before anything.
refuses() {
	begin "$1"
	refuses_pattern=$2
	shift 2
	routed "$@"
	submit_plain mailchute -a backup bob@example.test
	check 'exit code' 78 "$status"
	check_match stderr "$refuses_pattern" "$client/err"
	check_match 'the line' 'profile:[0-9]+' "$client/err"
	finish
}

sink_start
backup_start
refuses 'an account that is not there' "there is no account 'nowhere'" \
	'fallback nowhere'
refuses 'itself' 'fallback names the account itself' 'fallback backup, default'
refuses 'twice' 'fallback names an account twice' 'fallback backup,backup'

begin 'two accounts can stand in for each other'
routed
echo 'fallback default' >>"$client/profile"
submit_plain mailchute -a backup bob@example.test
check_sent
sink_stop
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
came_by 0 2
finish

begin "'fallback' alone takes an inherited one away"
routed 'fallback'
submit_plain mailchute --queue=off bob@example.test
check 'exit code' 75 "$status"
came_by 0 2
finish

begin 'mailchute config shows it'
routed
chute config
check_match 'the line' '^fallback +backup ' "$client/out"
finish

summary
