#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A message for each row of a table: what arrives, what is wrong with a row, and
# that nobody gets it twice, however often it is killed.
# shellcheck disable=SC2154 # status and ports are set by sink.sh
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue

queued() {
	profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' "$@"
}

merge() {
	submit mailchute send --merge "$@" </dev/null
}

# send_all: everything that waits goes out.
send_all() {
	submit mailchute queue run </dev/null
}

# job: the id of the only one.
job() {
	ls q/jobs
}

fresh() {
	rm -rf q mail
	mkdir mail
}

letters() {
	cat mail/*.eml 2>/dev/null | tr -d '\r'
}

# arrived: who got how many messages.
arrived() {
	letters | sed -n 's/^To: //p' | LC_ALL=C sort | uniq -c |
		sed 's/^ *//'
}

cat >people.csv <<-'END'
	email,name,city
	bob@example.test,"Lee, Bob",Bonn
	carol@example.test,Müller,Köln
	dora@example.test,,Ulm
END

begin 'a message for each row'
sink_start
queued
fresh
merge people.csv --to '{{name}} <{{email}}>' -s 'Hello {{name|friend}}' \
	--header 'X-City: {{city}}' 'Dear {{name|friend}}, {{{{'
check 'exit code' 0 "$status"
check_empty stdout "$client/out"
check_empty stderr "$client/err"
send_all
check 'exit code' 0 "$status"
check 'who' '1 "Lee, Bob" <bob@example.test>
1 =?utf-8?Q?M=C3=BCller?= <carol@example.test>
1 dora@example.test' "$(arrived)"
check 'subjects' 'Subject: =?utf-8?Q?Hello_M=C3=BCller?=
Subject: Hello Lee, Bob
Subject: Hello friend' "$(letters | grep ^Subject: | LC_ALL=C sort)"
check 'text' 1 "$(letters | grep -c '^Dear friend, {{')"
check 'header' 1 "$(letters | grep -c '^X-City: Ulm')"
check 'one connection' 1 "$(grep -c '^S: 220 .*ESMTP' transcript)"
merge_job=$(job)
submit mailchute send --report "$merge_job"
check 'report' 'row,address,state,code
1,bob@example.test,delivered,250
2,carol@example.test,delivered,250
3,dora@example.test,delivered,250' "$(tr -d '\r' <"$client/out" |
	cut -d, -f1,2,3,6 | sort -n)"
submit mailchute send --report "$merge_job" --json
check 'report' 3 "$(grep -c '"state":"delivered"' "$client/out")"
submit mailchute send --jobs
check 'jobs' "job,state,rows,messages,faults
$merge_job,queued,3,3,0" "$(tr -d '\r' <"$client/out")"
submit mailchute send --resume "$merge_job" --json
check 'resumed' "{\"job\":\"$merge_job\",\"rows\":3,\"messages\":3,\"faults\":0,\"exit_code\":0,\"error\":null}" \
	"$(cat "$client/out")"
send_all
check 'nobody twice' 3 "$(how_many)"
finish

begin 'HTML, files, a table of JSON lines from standard input'
fresh
printf '<p title="{{name}}">{{name}}</p>' >page.html
mkdir -p out
echo one >out/1.txt
echo two >out/2.txt
printf '%s\n' '{"mail":"bob@example.test","name":"<b>&","id":1}' \
	'{"mail":"carol@example.test","id":2,"name":null}' \
	'{"mail":"dora@example.test","name":"x","id":"../out/1"}' >in
submit mailchute send --merge - --to '{{mail}}' --html page.html \
	--attach 'out/{{id}}.txt' -s x <in
check 'exit code' 65 "$status"
check_match stderr "column 'id' has a '/'" "$client/err"
check_match stderr '1 rows were not used; the 2 messages of job [^ ]* are on their way' \
	"$client/err"
check_match log ' exitcode=EX_DATAERR( |$)' "$client/log"
send_all
check 'who' '1 bob@example.test
1 carol@example.test' "$(arrived)"
check 'escaped' 1 "$(letters |
	grep -c '<p title="&lt;b&gt;&amp;">&lt;b&gt;&amp;</p>')"
check 'files' 'filename=1.txt
filename=2.txt' "$(letters | grep -o 'filename=[^;]*' | tr -d '\r"' | sort)"
submit mailchute send --report "$(job)"
check 'report' '3,,unused,merge.value' "$(tr -d '\r' <"$client/out" |
	grep '^3,' | cut -d, -f1,2,3,8)"
finish

begin 'what is wrong with rows'
fresh
cat >bad.csv <<-'END'
	email;name
	bob@example.test;Bob
	carol@example.test
	not an address;x
	BOB@example.test;again
	"a@example.test, b@example.test";two
	dora@example.test;Dora
END
merge bad.csv -s 'Hi {{name}}' x
check 'exit code' 65 "$status"
check_match stderr 'bad.csv:3: row 2: it has 1 cells, and the header names 2 columns' "$client/err"
check_match stderr 'bad.csv:4: .*not an address' "$client/err"
check_match stderr 'bad.csv:5: BOB@example.test has a row already' "$client/err"
check_match stderr 'bad.csv:6: .*a cell holds more than one address' \
	"$client/err"
send_all
check 'the others' '1 bob@example.test
1 dora@example.test' "$(arrived)"
fresh
merge bad.csv --dry-run -s 'Hi {{name}}' x
check 'exit code' 65 "$status"
check 'dry run' 'bad.csv: 6 rows, 2 messages' "$(sed 1q "$client/out")"
check 'faults' 4 "$(grep -c '^  bad.csv:' "$client/out")"
merge bad.csv --duplicates --dry-run -s 'Hi {{name}}' x
check 'duplicates' 'bad.csv: 6 rows, 3 messages' "$(sed 1q "$client/out")"
check 'nothing queued' no "$([ -e q/jobs ] && echo yes || echo no)"
finish

begin 'what stops all of it'
fresh
merge people.csv -s 'Hi {{nmae}}' '{{name'
check 'exit code' 65 "$status"
check_match stderr "{{name' is no placeholder: it has no end" "$client/err"
merge people.csv -s 'Hi {{nmae}}' x
check 'exit code' 65 "$status"
check_match stderr "no column 'nmae' \(did you mean 'name'\?\)" "$client/err"
merge missing.csv -s x x
check 'exit code' 66 "$status"
: >empty.csv
merge empty.csv -s x x
check 'exit code' 65 "$status"
check_match stderr 'empty.csv cannot be used: it is empty' "$client/err"
printf 'name\nBob\n' >nobody.csv
merge nobody.csv -s x x
check 'exit code' 64 "$status"
check_match stderr "none is called 'email'" "$client/err"
merge people.csv -s x -a - x
check 'exit code' 64 "$status"
submit mailchute send --resume 0000000000
check 'exit code' 64 "$status"
check_match stderr "there is no job '0000000000'" "$client/err"
profile 'queue off'
merge people.csv -s x x
check 'exit code' 78 "$status"
check 'nothing sent' '' "$(arrived)"
queued
finish

begin 'how long it takes'
echo email >many.csv
seq 4800 | sed 's/.*/p&@example.test/' >>many.csv
merge many.csv --dry-run --limit 500/d -s x x
check_match stdout '^4800 messages at 500/d: 10 days; a mailbox is the wrong tool' "$client/out"
check 'three are shown' 3 "$(grep -c '^---- row ' "$client/out")"
merge many.csv --dry-run --json --limit 500/d -s x x
check json '{"rows":4800,"messages":4800,"seconds":829440,"exit_code":0,"faults":[]}' \
	"$(cat "$client/out")"
merge people.csv --limit 2/d -s x x
send_all
check 'a budget' 2 "$(how_many)"
merge people.csv --limit much -s x x
check 'exit code' 64 "$status"
finish

# Killed at any moment, and gone on with, until it says that it is done.
begin 'kill -9'
fresh
sed 121q many.csv >some.csv
env -i HOME="$client/home" "$MAILCHUTE" -C "$client/profile" send \
	--merge some.csv -s 'for {{email}}' x >/dev/null 2>&1 &
victim=$!
for n in 1 2 3 4 5 6 7 8; do
	tries=0
	while ! grep -q . q/jobs/*/job 2>/dev/null && [ $tries -lt 500 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	sleep 0.0$n
	kill -9 $victim 2>/dev/null
	wait $victim 2>/dev/null
	send_all
	env -i HOME="$client/home" "$MAILCHUTE" -C "$client/profile" send \
		--resume "$(job)" >/dev/null 2>&1 &
	victim=$!
done
wait $victim
submit mailchute send --resume "$(job)" --json
check_match json '"messages":120,"faults":0,"exit_code":0' "$client/out"
send_all
made=$(job)
sed 's/^mailchute-job 1$/mailchute-job 9/' "q/jobs/$made/job" >newer
cp "q/jobs/$made/job" older
cp newer "q/jobs/$made/job"
submit mailchute send --resume "$made"
check 'a job of another version' 64 "$status"
cp older "q/jobs/$made/job"
if [ "$(id -u)" -eq 0 ]; then
	chown 65533 "q/jobs/$made"
	submit mailchute send --report "$made"
	check "somebody else's" 64 "$status"
	chown 0 "q/jobs/$made"
fi
check 'each once' '120 1' "$(arrived | awk '{ n++; if ($1 > most) most = $1 }
	END { print n, most }')"
finish

begin 'a runner that listens is called for all of them'
fresh
queued
"$MAILCHUTE" -C "$client/profile" queue run --watch >watch.out 2>&1 &
watch_pid=$!
tries=0
until submit mailchute queue && grep -q 'which is there' "$client/out" ||
	[ "$tries" -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
merge people.csv -s Hello x
check 'a merge' 0 "$status"
tries=0
while [ "$(how_many)" -lt 3 ] && [ "$tries" -lt 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
check 'all went out' 3 "$(how_many)"
kill "$watch_pid"
wait "$watch_pid"
finish

begin 'sent later'
fresh
queued
at=$(($(date +%s) + 3))
merge people.csv --at "@$at" -s 'Hello {{name|friend}}' x
check 'a merge' 0 "$status"
submit mailchute send eve@example.test x --at "@$at" </dev/null
check 'one' 0 "$status"
check_empty stdout "$client/out"
submit mailchute queue run </dev/null
check 'they wait' 75 "$status"
check_match stderr 'eve@example.test: not tried yet, next try in [0-9]s' \
	"$client/err"
check 'nothing went out' 0 "$(how_many)"
while [ "$(date +%s)" -le "$at" ]; do
	sleep 0.2
done
send_all
check 'then they go' 0 "$status"
check 'all of them' 4 "$(how_many)"
check 'and are of that time' "$(date -u -d "@$at" '+%d %b %Y %H:%M:%S' 2>/dev/null ||
	date -u -r "$at" '+%d %b %Y %H:%M:%S')" \
	"$(cat mail/*.eml | TZ=UTC sed -n 's/^Date: [A-Z][a-z]*, //p' | tr -d '\r' |
		sed 's/^\([0-9]\) /0\1 /; s/ +0000$//' | sort -u)"
for over in '2020-01-01 08:00' '2020-01-01 08:00 +0100' @1 nonsense '' \
	'2099-13-01 08:00'; do
	submit mailchute send eve@example.test x --at "$over" </dev/null
	check "'$over'" 64 "$status"
done
# What the clock said nine hours ago at a place where it is ten hours ahead.
over=$(TZ=ABC-1 date '+%Y-%m-%d %H:%M')
printf '#!/bin/sh\nTZ=ABC-10 exec %s "$@"\n' "$MAILCHUTE" >ahead
chmod 755 ahead
program=$MAILCHUTE
MAILCHUTE=$sink/ahead
submit mailchute send eve@example.test x --at "$over" </dev/null
check 'over, at this place' 64 "$status"
submit mailchute send eve@example.test x --at "$over +0000" </dev/null
check 'and not, where it was meant' 0 "$status"
MAILCHUTE=$program
submit mailchute send eve@example.test x --at '2099-12-24 08:00' --queue=off \
	</dev/null
check 'without a queue' 78 "$status"
check 'nothing went out' 4 "$(how_many)"
finish

summary
