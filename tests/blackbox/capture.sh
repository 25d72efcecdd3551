#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is for development and staging: messages in a folder instead of on the
# wire, all of them to one address, and local names in headers.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --auth-optional --dsn

cat >in <<'END'
From: Ann <ann@example.test>
To: Bob <bob@example.test>
Bcc: eve@example.test
Subject: s
Date: Tue, 10 Nov 2026 12:00:00 +0100
Message-ID: <1@example.test>

.
text
END

# ---- capture -----------------------------------------------------------------------

# catch LINE...: a profile without any host.
catch() {
	client_profile 'from alice@example.test' "capture $sink/caught" "$@"
	rm -rf caught
}

# caught N
caught() {
	check 'files' "$1" "$(find caught -type f -name '*.eml' | wc -l | tr -d ' ')"
	check 'other files' '' "$(find caught -type f ! -name '*.eml')"
	arrived 0
}

catch
begin 'capture: a file, and nothing on the wire'
submit sendmail -t carl@example.test <in
check 'exit code' 0 "$status"
caught 1
file=$(echo caught/*.eml)
id=${file#caught/}
check 'stderr' "mailchute: captured in $sink/$file, and not sent" \
	"$(cat "$client/err")"
check_match log " id=${id%.eml} .* captured='$sink/$file'" "$client/log"
check_match log ' exitcode=EX_OK ' "$client/log"
check 'the file' 'X-Envelope-From: <alice@example.test>
X-Envelope-To: <carl@example.test>
X-Envelope-To: <bob@example.test>
X-Envelope-To: <eve@example.test>
From: Ann <ann@example.test>
To: Bob <bob@example.test>
Subject: s
Date: Tue, 10 Nov 2026 12:00:00 +0100
Message-ID: <1@example.test>

.
text' "$(tr -d '\r' <"$file")"
check 'its mode' 600 "$(stat -c %a "$file")"
check 'line ends' 0 "$(grep -vc "$(printf '\r')\$" "$file")"
finish

begin 'capture: behind the fence, where the file says so'
catch
submit fence -t <in
check 'exit code' 0 "$status"
caught 1
finish
begin "capture: not by a caller's variable"
profile "port $clear_port" 'tls off' 'auth off'
mkdir -p stolen
env -i HOME="$client/home" MAILCHUTE_CAPTURE="$sink/stolen" LC_ALL=C \
	ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" -C "$client/profile" \
	sendmail -t <in 2>"$client/err"
check 'exit code' 0 $?
check 'nothing' '' "$(ls -A stolen)"
arrived 1
rm -f mail/*
finish
begin "capture: not by a caller's option"
submit fence --capture="$sink/stolen" bob@example.test <in
check 'exit code' 64 "$status"
check 'nothing' '' "$(ls -A stolen)"
arrived 0
finish
begin 'capture: an option before the fence'
rm -rf caught
submit mailchute --capture="$sink/caught" sendmail bob@example.test <in
check 'exit code' 0 "$status"
caught 1
finish
for queue in auto always; do
	begin "capture, queue $queue"
	catch "queue $queue" "queue_dir $sink/q"
	submit sendmail -odq bob@example.test <in
	check 'exit code' 0 "$status"
	caught 1
	check 'queue' '' "$(ls q 2>/dev/null)"
	finish
done
begin 'capture: what waits already does not go out either'
rm -rf q
profile "port $clear_port" 'tls off' 'auth off' 'queue auto' \
	"queue_dir $sink/q" 'queue_runner external'
submit sendmail -odq bob@example.test <in
catch 'queue auto' "queue_dir $sink/q" 'queue_runner external' \
	"host localhost" "port $clear_port" 'tls off'
submit mailchute queue run </dev/null
check 'exit code' 75 "$status"
arrived 0
check 'it waits' 1 "$(find q -name '1*' | wc -l | tr -d ' ')"
check_match log 'capture is set: nothing is sent' "$client/log"
rm -rf q
finish
begin 'capture: --serverinfo'
submit mailchute --serverinfo </dev/null
check 'exit code' 78 "$status"
finish
begin 'capture: -bs'
catch
printf 'EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nSubject: s\r\n\r\nhi\r\n.\r\nQUIT\r\n' |
	submit sendmail -bs
submit_status=$(grep -c '^250 2' "$client/out")
caught 1
check 'the reply' 3 "$submit_status"
finish
begin 'capture: in JSON'
catch 'log_format json'
submit sendmail bob@example.test <in
check_match log '"captured":"[^"]*/caught/[0-9a-z]*\.eml"' "$client/log"
finish
begin 'capture: -oeq is quiet'
submit sendmail -oeq bob@example.test <in
check_empty stderr "$client/err"
finish
begin 'capture: no such folder, and not below one'
catch "capture $sink/none/caught"
submit sendmail bob@example.test <in
check 'exit code' 71 "$status"
check_match stderr 'none/caught: No such file' "$client/err"
arrived 0
finish
if [ "$(id -u)" -ne 0 ]; then
	begin 'capture: a folder that is closed'
	catch
	mkdir caught
	chmod 500 caught
	submit sendmail bob@example.test <in
	check 'exit code' 71 "$status"
	caught 0
	finish
	chmod 700 caught
fi
begin 'capture: a file in its place'
catch
echo x >caught
submit sendmail bob@example.test <in
check 'exit code' 71 "$status"
check 'the file' x "$(cat caught)"
rm caught
finish

# ---- redirect_to ---------------------------------------------------------------------

# whole NAME: the field of the one mail.
whole() {
	cat mail/*.eml | tr -d '\r' | sed -n "s/^$1: //p"
}
envelope() {
	cat mail/*.envelope | sed -n "s/^$1 //p" | paste -s -d ' ' -
}
profile "port $clear_port" 'tls off' 'auth off' 'redirect_to qa@staging.test'
begin 'redirect_to: one mail, its recipients in a header'
rm -f mail/*
submit sendmail -t -N failure -V x1 carl@example.test <in
check 'exit code' 0 "$status"
arrived 1
check to qa@staging.test "$(envelope to)"
check 'X-Original-To' 'carl@example.test, bob@example.test, eve@example.test' \
	"$(whole X-Original-To)"
check To 'Bob <bob@example.test>' "$(whole To)"
check Bcc '' "$(whole Bcc)"
check_no_match 'a report to somebody else' 'ORCPT=rfc822;(carl|bob|eve)' \
	"$(echo mail/*.envelope)"
check_match NOTIFY 'to-parameters .*NOTIFY=FAILURE' "$(echo mail/*.envelope)"
finish
begin 'redirect_to: an X-Original-To of the message is dropped'
rm -f mail/*
printf 'X-Original-To: old@example.test\nTo: bob@example.test\n\nhi\n' >old
submit sendmail -t <old
check 'X-Original-To' bob@example.test "$(whole X-Original-To)"
finish
begin 'redirect_to: through the queue'
rm -f mail/*
profile "port $clear_port" 'tls off' 'auth off' 'redirect_to qa@staging.test' \
	'queue auto' 'queue_runner external' "queue_dir $sink/q"
submit sendmail -t -odq <in
arrived 0
# Whatever the file says later: it was decided when it was taken.
profile "port $clear_port" 'tls off' 'auth off' 'queue auto' \
	'queue_runner external' "queue_dir $sink/q"
submit mailchute queue run </dev/null
check 'exit code' 0 "$status"
arrived 1
check to qa@staging.test "$(envelope to)"
check 'X-Original-To' 'bob@example.test, eve@example.test' \
	"$(whole X-Original-To)"
finish
begin 'redirect_to: what is no address'
profile "port $clear_port" 'tls off' 'auth off' 'redirect_to two words'
submit sendmail bob@example.test <in
check 'exit code' 78 "$status"
check_match stderr "redirect_to does not take 'two words'" "$client/err"
arrived 1
finish

# ---- map_headers ----------------------------------------------------------------------

host=$(uname -n)
awk 'BEGIN {
	print "root: Ann Root <ann@example.test>"
	print "two: root, bob@example.test"
	printf "many: m0@example.test"
	for (i = 1; i < 101; i++) printf ", m%d@example.test", i
	printf "\n"
}' >aliases

# map 'FIELD' 'WANTED': of a message with this field.
map() {
	begin "map_headers: $1"
	rm -f mail/*
	printf '%b\nSubject: s\n\nhi\n' "$1" >mapped
	submit sendmail -t bob@example.test <mapped
	check 'exit code' 0 "$status"
	check 'the field' "$2" "$(tr -d '\r' <"$(echo mail/*.eml)" |
		sed '/^Subject/,$d; /^From:/d; /^Date:/d; /^Message-ID:/d')"
	finish
}
profile "port $clear_port" 'tls off' 'auth off' "aliases $sink/aliases" \
	'maildomain house.test'
map 'To: root' 'To: root'
profile "port $clear_port" 'tls off' 'auth off' "aliases $sink/aliases" \
	'maildomain house.test' map_headers
map 'To: root' 'To: ann@example.test'
map 'To: ROOT@localhost' 'To: ann@example.test'
map "Cc: root@$host" 'Cc: ann@example.test'
map 'To: The Boss <root>' 'To: The Boss <ann@example.test>'
map 'To: root (Charlie &)' 'To: Charlie & <ann@example.test>'
map 'To: two' 'To: ann@example.test,
 bob@example.test'
map 'To: Bob <bob@example.test>, root,\n\troot@example.test' \
	'To: Bob <bob@example.test>,
 ann@example.test,
 root@example.test'
map 'To: nobody' 'To: nobody@house.test'
map 'To: \\root' 'To: root@house.test'
map 'To: Staff: root, two;' 'To: ann@example.test,
 ann@example.test,
 bob@example.test'
map 'To: undisclosed-recipients:;' 'To: undisclosed-recipients:;'
map 'To: many' 'To: many'
map 'to:   bob@example.test ,\n  carl@example.test' \
	'to:   bob@example.test ,
  carl@example.test'
profile "port $clear_port" 'tls off' 'auth off' "aliases $sink/aliases" \
	'map_headers on'
map 'To: root' 'To: ann@example.test'
summary
