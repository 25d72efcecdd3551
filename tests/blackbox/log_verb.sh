#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute log: what really was logged, text and JSON; what is asked for; logs
# that were cut, rotated and written by others.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
TZ=UTC0
export TZ

# ask WORD...: mailchute log, with ./in as standard input; into out and err.
: >in
ask() {
	status=0
	env -i TZ=UTC0 HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		LSAN_OPTIONS="${LSAN_OPTIONS-}" "$MAILCHUTE" log "$@" <in >out 2>err || status=$?
}
# told CODE TEXT: of the last question.
told() {
	check 'exit code' "$1" "$status"
	check 'what is said' "$2" "$(cat out)"
	check_empty stderr err
}

# ---- what is logged here -----------------------------------------------------

sink_start --auth-optional
for format in text json; do
	: >"$client/log.all"
	profile "port $clear_port" 'tls off' 'auth off' "log_format $format"
	submit_plain sendmail bob@example.test carol@example.test
	begin "$format: a message that was sent"
	ask
	check 'exit code' 0 "$status"
	check_match 'its row' '^20[0-9-]* [0-9:]*  sent  *[0-9a-z]{15}  [a-z]*  *bob@example.test, carol@example.test  \([0-9.]* s\)$' out
	check_match 'the end' '^In all: 1 sent$' out
	finish
	profile 'port 1' 'tls off' 'auth off' "log_format $format" 'queue off'
	submit_plain sendmail bob@example.test
	profile 'port 1' 'tls off' 'auth off' "log_format $format" \
		'queue auto' "queue_dir $sink/q" 'queue_runner external'
	submit_plain sendmail dave@example.test
	begin "$format: what did not go out"
	ask --failed
	check_match 'failed' '  failed .*bob@example.test  \(the caller was told, and it is not kept\)$' out
	check_match 'deferred' '  deferred .*dave@example.test  \(next try 20' out
	check_match 'why' '^    localhost:1 refused the connection$' out
	check_match 'the end' '^In all: 1 deferred, 1 failed$' out
	finish
	begin "$format: one message"
	id=$(sed -n 's/.*  deferred  *\([0-9a-z]*\) .*/\1/p' out)
	submit mailchute queue run </dev/null
	ask --id "$id" --json
	check 'exit code' 0 "$status"
	check results 'deferred deferred' \
		"$(sed -n 's/.*"result":"\([a-z]*\)","id":"'"$id"'".*/\1/p' out |
			tr '\n' ' ' | sed 's/ $//')"
	finish
	submit mailchute queue remove "$id" </dev/null
done

# ---- what others have written ------------------------------------------------

now=$(date +%s)
# at AGO [FORMAT]: a moment so many seconds ago.
at() {
	date -u -d "@$((now - $1))" "+${2-%Y-%m-%dT%H:%M:%SZ}" 2>/dev/null ||
		date -u -r "$((now - $1))" "+${2-%Y-%m-%dT%H:%M:%SZ}"
}
# sent N: the words of a message that was sent.
sent() {
	echo "host=mx.test tls=on auth=off from=a@x.test" \
		"recipients=b$1@y.test mailsize=5 smtpstatus=250 smtpmsg='250" \
		"ok' exitcode=EX_OK id=1ngv83n00abcde$1 account=work" \
		"status=2.0.0 msgid=<m$1@x> ms=120"
}
profile
rm -f "$client/log.all"

begin 'syslog, of many programs'
{
	echo "$(at 90 '%b %e %H:%M:%S') box mailchute[7]: $(sent 1)"
	echo "$(at 80 '%b %e %H:%M:%S') box postfix/smtp[8]: 4F: to=<b@y>, status=sent (250 ok)"
	echo "$(at 70 '%b %e %H:%M:%S') box sshd[9]: Invalid user $(sent 2)"
	echo "$(at 60 '%b %e %H:%M:%S') box sshd[9]: $(sent 3)"
	echo "$(at 50) box mailchute[7]: $(sent 4)"
	head -c 1000000 /dev/zero | tr '\0' x
	echo
	printf 'NUL \0 and \033[2J\n'
	printf '%s box mailchute[7]: %s' "$(at 40)" "$(sent 5)"
} >mail.log
ask mail.log
told 0 "$(at 90 '%Y-%m-%d %H:%M:%S')  sent       1ngv83n00abcde1  work          b1@y.test  (0.12 s)
$(at 50 '%Y-%m-%d %H:%M:%S')  sent       1ngv83n00abcde4  work          b4@y.test  (0.12 s)
$(at 40 '%Y-%m-%d %H:%M:%S')  sent       1ngv83n00abcde5  work          b5@y.test  (0.12 s)
In all: 3 sent
1 line was too long to be read"
finish

begin 'what was rotated away goes before'
rm -f mail.log.1
sed -n 1p mail.log >mail.log.1
echo "$(at 50) box mailchute[7]: $(sent 4)" >mail.log
ask mail.log --json
check ids '1ngv83n00abcde1 1ngv83n00abcde4 ' \
	"$(sed 's/.*"id":"\([^"]*\)".*/\1/' out | tr '\n' ' ')"
ask mail.log --since 65s --json
check 'ids since then' '1ngv83n00abcde4 ' \
	"$(sed 's/.*"id":"\([^"]*\)".*/\1/' out | tr '\n' ' ')"
ask mail.log --until 65s --json
check 'ids until then' '1ngv83n00abcde1 ' \
	"$(sed 's/.*"id":"\([^"]*\)".*/\1/' out | tr '\n' ' ')"
finish

begin 'standard input, and the last lines'
cat mail.log.1 mail.log >in
ask --lines 1 -
told 0 "$(at 50 '%Y-%m-%d %H:%M:%S')  sent       1ngv83n00abcde4  work          b4@y.test  (0.12 s)
In all: 2 sent"
finish
begin 'by the Message-ID, by a recipient, by an account'
for words in '--id m4@x' '--id <m4@x>' '--to B4@Y' '--id 1ngv83n00abcde4'; do
	# shellcheck disable=SC2086 # words
	ask $words -
	check_match "$words" '^In all: 1 sent$' out
done
ask --account other -
check_match 'another account' '^Nothing found in: -$' out
finish
begin 'an id that no line has: 1'
ask --id nobody -
told 1 'Nothing found in: -'
finish
: >in

begin 'no log yet'
rm -f "$client/log.all"
ask
told 0 "Nothing found in: $client/log.all (not there yet)"
finish

# ---- where nobody takes the log ----------------------------------------------

if [ ! -S /dev/log ]; then
	state=$client/home/.local/state/mailchute
	# without_log LINE...: a profile with nothing but syslog.
	without_log() {
		profile 'tls off' 'auth off' "$@"
		sed -i.old '/^logfile/d; s/^syslog off/syslog on/' \
			"$client/profile" "$client/home/.mailchuterc"
	}
	begin 'no syslog: a file in the state folder'
	without_log "port $clear_port"
	submit_plain sendmail bob@example.test
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	check_match 'a line' '^20[^ ]* host=.* exitcode=EX_OK ' "$state/log"
	check 'its mode' '-rw-------' \
		"$(ls -l "$state/log" | sed 's/ .*//; s/\.$//')"
	ask
	check_match 'mailchute log' '  sent .*  bob@example.test' out
	check_match 'and no more' '^In all: 1 sent$' out
	finish
	begin 'no syslog: the file has a bound'
	head -c 1048577 /dev/zero | tr '\0' '\n' >"$state/log"
	submit_plain sendmail carol@example.test
	check 'lines in the new one' 1 "$(grep -c . "$state/log")"
	check 'the old one' 1048577 "$(wc -c <"$state/log.1" | tr -d ' ')"
	finish
	begin 'no syslog: standard error of "queue run"'
	without_log "port $clear_port" 'queue always' "queue_dir $sink/q" \
		'queue_runner external'
	submit_plain sendmail dave@example.test
	submit mailchute queue run </dev/null
	check_match 'a line' '^host=.*dave@example.test.* exitcode=EX_OK ' \
		"$client/err"
	check_no_match 'the file' 'recipients=dave.* try=' "$state/log"
	finish
	begin 'no syslog: not with a log file'
	profile "port $clear_port" 'tls off' 'auth off'
	rm -f "$state/log"
	sed -i.old 's/^syslog off/syslog on/' "$client/profile" \
		"$client/home/.mailchuterc"
	submit_plain sendmail bob@example.test
	check 'no file' '' "$(find "$state" -name log)"
	finish
	begin 'no syslog: what the log file does not take'
	sed -i.old "s,^logfile .*,logfile $sink/nowhere/log," \
		"$client/profile" "$client/home/.mailchuterc"
	submit_plain sendmail erin@example.test
	check_match stderr 'nowhere/log cannot be written' "$client/err"
	ask
	check_match 'mailchute log' '  sent .*  erin@example.test' out
	finish
fi
profile

# ---- summaries ---------------------------------------------------------------

# refused N: a login that was, for an account whose name is an address.
refused() {
	echo "host=smtp.gmail.com tls=on auth=on user=x from=a@x.test" \
		"recipients=b$1@y.test smtpstatus=535 smtpmsg='535 5.7.8 no'" \
		"errormsg='no: <b>535</b>' exitcode=EX_NOPERM" \
		"id=1ngv83n00abcde$1 account=ann@x.test diag=auth.refused" \
		"status=5.7.8 ms=9"
}
rm -f mail.log.1
{
	echo "$(at 50) box mailchute[7]: $(sent 1)"
	echo "$(at 40) box mailchute[7]: $(sent 2)"
	echo "$(at 30) box mailchute[7]: $(refused 3)"
} >mail.log
begin 'a summary: the table'
ask mail.log --summary --by account --by provider
check 'exit code' 0 "$status"
check 'the table' "In all: 2 sent, 1 refused
The first line: $(at 50 '%Y-%m-%d %H:%M:%S')
The last line: $(at 30 '%Y-%m-%d %H:%M:%S')
The last one sent: $(at 40 '%Y-%m-%d %H:%M:%S')
Until the server had it: 0.12 s (half of them), 0.12 s (95 % of them)

Account                    sent    refused   median     95 %
work                          2          0   0.12 s   0.12 s  ####################
ann@x.test                    0          1        -        -  ----------

Provider                   sent    refused   median     95 %
mx.test                       2          0   0.12 s   0.12 s  ####################
gmail                         0          1        -        -  ----------

Why not:
    1  auth.refused (the last: $(at 30 '%Y-%m-%d %H:%M:%S'))" "$(sed '/^    What to do: /d' out)"
check_empty stderr err
finish
begin 'a summary: JSON'
ask mail.log --summary --json
check_match 'by code' '"code":\[\{"name":"250","total":2,"sent":2,' out
check_match 'by hour' '"hour":\[\{"name":"[0-9][0-9]",' out
check_match 'why not' '"causes":\[\{"name":"auth.refused","count":1,' out
finish
begin 'a summary: OpenMetrics text'
ask mail.log --metrics
check_match 'sent' '^mailchute_log_results\{account="work",result="sent"\} 2$' out
check_match 'replies' '^mailchute_log_replies\{account="ann@x.test",class="5xx"\} 1$' out
check 'the end' '# EOF' "$(tail -n 1 out)"
finish
begin 'a summary: what waits'
profile 'port 1' 'tls off' 'auth off' 'queue always' "queue_dir $sink/q" \
	'queue_runner external'
submit_plain sendmail bob@example.test
ask mail.log --metrics
check_match 'waiting' '^mailchute_queue_messages\{account="default",state="waiting"\} 1$' out
check_match 'its age' '^mailchute_queue_oldest_age_seconds\{account="default"\} [0-9]+$' out
profile
finish
begin 'a summary: a page'
ask mail.log --html page.html
told 0 ''
check 'its mode' '-rw-------' "$(find page.html -printf '%M\n' 2>/dev/null ||
	echo -rw-------)"
check_match 'the policy' "default-src 'none'; style-src 'sha256-" page.html
check_no_match 'an address' 'ann@|b[0-9]@y' page.html
check_no_match 'what runs or loads' '<script|http:|https:| style=|url\(| on[a-z]*=' \
	page.html
ask mail.log --html - --addresses
check_match 'addresses for who asks' '^<pre>[0-9].*  refused .* b3@y.test$' out
check_match 'escaped' 'no: &lt;b&gt;535&lt;/b&gt;' out
if command -v openssl >/dev/null; then
	check 'the hash of its style' "$(sed -n "s/.*style-src '\(sha256-[^']*\)'.*/\1/p" page.html)" \
		"sha256-$(sed -n 's/^<style>\(.*\)<\/style>.*/\1/p' page.html |
			tr -d '\n' | openssl dgst -sha256 -binary | openssl base64)"
fi
finish
begin 'a page that cannot be written'
ask mail.log --html nosuch/page.html
check 'exit code is not 0' yes "$([ "$status" -ne 0 ] && echo yes)"
check_match 'what is said' 'nosuch/page.html' err
finish
for words in '--follow --summary' '--metrics --html x' '--json --metrics' \
	'--by day --html x' '--by week'; do
	begin "not together: $words"
	# shellcheck disable=SC2086 # words
	ask mail.log $words
	check 'exit code' 64 "$status"
	finish
done

# ---- mistakes ----------------------------------------------------------------

for time in 2 2026 '2 d' 2x 2026-02-30 'last week' ''; do
	begin "--since '$time'"
	ask --since "$time"
	check 'exit code' 64 "$status"
	check stderr "mailchute: option --since does not take '$time': write 2d, 12h, 30m, today, yesterday, 2026-11-30 or '2026-11-30 22:00'
mailchute: 'mailchute help log' lists what it takes" \
		"$(cat err)"
	finish
done
begin 'times that cannot be'
ask --since 9999-01-01
check 'exit code' 64 "$status"
check_match 'what is said' 'it lies ahead' err
ask --since 1h --until 2h
check 'exit code' 64 "$status"
check_match 'what is said' 'it lies before --since' err
finish
begin 'a file that is not there, or is none'
ask nosuch.log
check 'exit code' 66 "$status"
check_match 'what is said' 'nosuch.log cannot be read: No such file' err
ask .
check 'exit code' 66 "$status"
finish

# ---- following ---------------------------------------------------------------

begin 'follow, over a rotation'
rm -f mail.log mail.log.1
echo "$(at 50) box mailchute[7]: $(sent 1)" >mail.log
env -i TZ=UTC0 HOME="$client/home" "$MAILCHUTE" log --follow --json mail.log \
	>followed 2>err &
follower=$!
# until_lines N: has it printed so many?
until_lines() {
	tries=0
	until [ "$(grep -c . followed)" -ge "$1" ] || [ "$tries" -ge 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	check "lines" "$1" "$(grep -c . followed)"
}
until_lines 1
mv mail.log mail.log.1
echo "$(at 40) box mailchute[7]: $(sent 2)" >>mail.log.1
echo "$(at 30) box mailchute[7]: $(sent 3)" >mail.log
until_lines 3
check ids '1ngv83n00abcde1 1ngv83n00abcde2 1ngv83n00abcde3 ' \
	"$(sed 's/.*"id":"\([^"]*\)".*/\1/' followed | tr '\n' ' ')"
kill "$follower"
wait "$follower" 2>/dev/null
check_empty stderr err
finish
summary
