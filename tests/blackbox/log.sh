#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One id for a message, wherever it is spoken of: the log, as text and as JSON,
# mailq, the queue's folder, Received, and every line of a later run.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --auth-optional

# as LINE...: a profile whose queue somebody else runs.
as() {
	rm -rf q
	profile "port $clear_port" 'tls off' 'auth off' 'queue auto' \
		"queue_dir $sink/q" 'queue_runner external' "$@"
}

# log_id: of the last run's lines, all of them.
log_id() {
	sed -n 's/.* id=\([0-9a-z]*\) .*/\1/p; s/.*"id":"\([^"]*\)".*/\1/p' \
		"$client/log" | sort -u
}

# follow FORMAT: through the queue.
follow() {
	as "log_format $1"
	rm -f mail/*
	begin "$1: queued"
	submit_plain sendmail -odq bob@example.test
	check_empty stderr "$client/err"
	id=$(log_id)
	check 'an id of 15 letters and digits' 15 "$(printf %s "$id" | tr -cd '0-9a-z' | wc -c | tr -d ' ')"
	check 'lines' 1 "$(grep -c . "$client/log")"
	check 'the file' yes "$([ -f "q/$id" ] && echo yes)"
	finish
	begin "$1: in mailq"
	submit sendmail -bp </dev/null
	check_match mailq "(^|[^0-9a-z])$id([^0-9a-z]|\$)" "$client/out"
	submit mailchute queue --json </dev/null
	check_match JSON "\"id\":\"$id\"" "$client/out"
	finish
	begin "$1: a try that fails, and one that does not"
	profile 'port 1' 'tls off' 'auth off' 'queue auto' "log_format $1" \
		"queue_dir $sink/q" 'queue_runner external'
	submit mailchute queue run </dev/null
	check 'exit code' 75 "$status"
	check 'id' "$id" "$(log_id)"
	check_match 'the reason' net.refused "$client/log"
	profile "port $clear_port" 'tls off' 'auth off' 'queue auto' \
		"log_format $1" "queue_dir $sink/q" 'queue_runner external'
	submit mailchute queue run </dev/null
	check 'exit code' 0 "$status"
	check 'id' "$id" "$(log_id)"
	arrived 1
	finish
	begin "$1: sent at once"
	submit_plain sendmail bob@example.test
	check 'lines' 1 "$(grep -c . "$client/log")"
	[ "$(log_id)" != "$id" ] || complain 'two messages have one id'
	finish
}
follow text
follow json

begin 'the reply after the dot'
as
printf 'EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nSubject: s\r\n\r\nhi\r\n.\r\nQUIT\r\n' >dialogue
submit sendmail -bs <dialogue
check_match 'the reply' "^250 .*$(log_id)" "$client/out"
finish

begin 'in Received, and in the log of the service'
printf '%s\n' 'host localhost' "port $clear_port" 'tls off' 'queue off' \
	"logfile $sink/relay.log" 'syslog off' >relay.conf
chmod 600 relay.conf
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$sink/relay.conf" serve --socket "$sink/submit" \
	>serve.out 2>&1 &
serve_pid=$!
trap 'kill $serve_pid; sink_stop; rm -rf "$sink"' EXIT
tries=0
until [ -S submit ] || [ "$tries" -ge 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
rm -f mail/*
client_profile "socket $sink/submit" 'from alice@example.test'
submit_plain sendmail bob@example.test
check 'exit code' 0 "$status"
arrived 1
id=$(sed -n 's/.* id=\([0-9a-z]*\) .*/\1/p' relay.log)
check 'Received' "$id" "$(tr -d '\r' <"$(echo mail/*.eml)" |
	sed -n 's/.* with SMTP id \([0-9a-z]*\);.*/\1/p')"
check_match "the caller's log has it, in the service's words" \
	" smtpmsg='[^']*$id" "$client/log"
finish

begin 'on stderr, when it is queued and refused'
as 'port 1'
submit_plain sendmail bob@example.test
check 'exit code' 0 "$status"
check 'the file' yes "$([ -f "q/$(log_id)" ] && echo yes)"
finish

# ---- the fields --------------------------------------------------------------------

begin "msmtp's fields first, then ours"
as
submit_plain sendmail bob@example.test
check keys 'host tls auth from recipients mailsize smtpstatus smtpmsg exitcode id account status msgid ms' \
	"$(sed 's/^[^ ]* //; s/ smtpmsg=.[^'\'']*./ smtpmsg=/' "$client/log" |
		tr ' ' '\n' | sed -n 's/=.*//p' | paste -s -d ' ' -)"
finish
begin 'no time with none'
as 'logfile_time_format none'
submit_plain sendmail bob@example.test
check_match log '^host=localhost ' "$client/log"
finish
begin "msmtp's time"
as 'logfile_time_format %b %d %H:%M:%S'
submit_plain sendmail bob@example.test
check_match log '^[A-Z][a-z][a-z] [0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-9][0-9] host=' "$client/log"
finish
begin 'what fails before there is an account'
client_profile 'host x' "logfile $client/log.all"
submit_plain sendmail -N never ''
check 'exit code' 65 "$status"
check_match log 'exitcode=EX_DATAERR id=[0-9a-z]{15} ' "$client/log"
finish
summary
