#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A message for each of many rows, while whoever makes them and whoever sends
# them are killed at random moments: each arrives once, but for those that the
# log calls possible duplicates; and memory does not grow with the rows.
# MASS_ROWS (60) is how many; CI takes 2000, and by hand it may be 100000.
# shellcheck disable=SC2154 # status and ports are set by sink.sh
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
rows=${MASS_ROWS-60}
deaths=8

chute() {
	env -i HOME="$client/home" "$MAILCHUTE" -C "$client/profile" "$@" \
		</dev/null
}

# table COUNT: of people who have all another address.
table() {
	awk -v count="$1" 'BEGIN {
		print "email,name"
		for (i = 1; i <= count; i++)
			printf "p%d@example.test,Person %d\n", i, i
	}'
}

# peak PID: the most memory it had, in KB, as it ends; nothing where the system
# does not tell.
peak() {
	peak_kb=
	while kill -0 "$1" 2>/dev/null; do
		peak_now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
			"/proc/$1/status" 2>/dev/null)
		peak_kb=${peak_now:-$peak_kb}
		sleep 0.01
	done
	echo "$peak_kb"
}

# nap: up to a half of a second, and of few rows less; another one each time.
nap() {
	sleep "$(od -An -N1 -tu1 /dev/urandom |
		awk -v most="$((rows < 500 ? rows : 500))" \
			'{ printf "%.3f", (1 + $1 * most / 255) / 1000 }')"
}

# start ARGUMENT...: in the background, as $victim.  The address sanitizer keeps
# what was freed, unless it is told not to.
start() {
	env -i HOME="$client/home" ASAN_OPTIONS=quarantine_size_mb=0 \
		"$MAILCHUTE" -C "$client/profile" "$@" \
		</dev/null >>victims 2>&1 &
	victim=$!
}

# end PID: kill -9.
end() {
	kill -9 "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

job() {
	ls q/jobs 2>/dev/null
}

sink_start --lifetime 3600
profile "queue_dir $sink/q" 'queue auto' 'queue_runner external' 'timeout 60'
table "$rows" >people.csv

begin "$rows rows, and $deaths deaths of the merge and of the runner"
while [ -z "$(job)" ] || [ ! -s "q/jobs/$(job)/job" ]; do
	rm -rf q
	start send --merge people.csv -s 'for {{email}}' 'Dear {{name}},'
	nap
	end "$victim"
done
n=0
while [ "$n" -lt "$deaths" ]; do
	n=$((n + 1))
	start send --resume "$(job)"
	merge=$victim
	start queue run
	runner=$victim
	nap
	end "$merge"
	nap
	end "$runner"
done
chute send --resume "$(job)" --json >resumed
check_match 'all rows' "\"messages\":$rows,\"faults\":0,\"exit_code\":0" resumed
chute queue run >>victims 2>&1
check 'the rest is sent' 0 $?
find mail -name '*.eml' -exec grep -h '^To: ' {} + | tr -d '\r' |
	LC_ALL=C sort >arrived
table "$rows" | sed -n 's/,.*//; 2,$s/^/To: /p' | LC_ALL=C sort >wanted
sort -u arrived | LC_ALL=C sort | cmp -s - wanted ||
	complain "not everybody got it: $(sort -u arrived | grep -c .) of $rows"
told=$(grep -c possible-duplicate "$client/log.all")
twice=$(($(grep -c . arrived) - $(sort -u arrived | grep -c .)))
[ "$twice" -le "$told" ] ||
	complain "$twice twice, and $told called possible duplicates"
chute send --report "$(job)" >report
check 'a row of the report for each' "$rows" \
	"$(grep -c ',delivered,' report)"
echo "# $twice were sent twice, and $told told as possible duplicates"
finish

# Of many rows 50 bytes each are allowed: who had one, in a hash.
begin 'memory does not grow with the rows'
for many in $((rows / 10)) "$rows"; do
	rm -rf q
	table "$many" >people.csv
	start send --merge people.csv -s 'for {{email}}' 'Dear {{name}},'
	peak "$victim" >"merge.$many"
	wait "$victim"
	check "a merge of $many" 0 $?
	start queue run
	peak "$victim" >"run.$many"
	wait "$victim"
	check "$many sent" 0 $?
done
for what in merge run; do
	less=$(cat "$what.$((rows / 10))") more=$(cat "$what.$rows")
	echo "# $what: ${less:-?} KB of $((rows / 10)), ${more:-?} KB of $rows"
	[ "$rows" -lt 2000 ] || [ -z "$less" ] || [ -z "$more" ] ||
		[ "$more" -le $((less + 2048 + rows / 20)) ] ||
		complain "$what: $less KB, and $more KB with ten times the rows"
done
finish
summary
