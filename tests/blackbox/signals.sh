#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Told to end: SIGTERM, SIGINT and SIGHUP at every place where a submission
# waits.  There is a line in the log, and the caller sees the signal.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
: >script
sink_start --script script --auth-optional

# told SIGNAL: once the file "here" is there, and until the program ends.
told() {
	(
		told_tries=0
		until [ -e here ] || [ "$told_tries" = 100 ]; do
			told_tries=$((told_tries + 1))
			sleep 0.05
		done
		kill -s "$1" "$(cat pid)"
	) &
	teller=$!
}

# interrupted SIGNAL COMMAND...: what submit does, in a process whose number is
# known; the input is in.
interrupted() {
	interrupted_by=$1
	shift
	rm -f here pid
	told "$interrupted_by"
	client_seen=$(wc -c <"$client/log.all")
	status=0
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
		sh -c 'echo $$ >pid; exec "$@"' sh "$@" \
		<"$client/in" >"$client/out" 2>"$client/err" || status=$?
	wait "$teller"
	tail -c "+$((client_seen + 1))" "$client/log.all" >"$client/log"
}

# check_told SIGNAL NUMBER WORDS
check_told() {
	check 'ended by the signal' $((128 + $2)) "$status"
	check 'log lines' 1 "$(grep -c . "$client/log")"
	check_match 'the log' ' exitcode=EX_TEMPFAIL ' "$client/log"
	check_match 'the log' "$3" "$client/log"
	check_match stderr "SIG$1" "$client/err"
}

message_plain >"$client/in"
for signal in 'TERM 15' 'INT 2' 'HUP 1'; do
	name=${signal% *} number=${signal#* }

	begin "$name: while the server says nothing"
	echo 'CONNECT : touch here stall' >script
	profile 'queue auto' "queue_dir $sink/q" 'timeout 50'
	interrupted "$name" "$MAILCHUTE" bob@example.test
	check_told "$name" "$number" ' diag=system.interrupted'
	check 'nothing is queued' '' "$(ls q 2>/dev/null)"
	finish

	begin "$name: behind the dot"
	echo 'DOT : touch here stall' >script
	interrupted "$name" "$MAILCHUTE" bob@example.test
	check_told "$name" "$number" ' diag=smtp.possible-duplicate'
	check 'nothing is queued' '' "$(ls q 2>/dev/null)"
	finish

	begin "$name: while a command looks for the password"
	client_profile 'host localhost' "port $starttls_port" 'user alice' \
		"tls_trust_file $sink/certs/ca.pem" 'from alice@example.test' \
		"passwordeval touch $sink/here; sleep 100"
	interrupted "$name" "$MAILCHUTE" bob@example.test
	check_told "$name" "$number" ' diag=system.interrupted'
	finish

	begin "$name: while the message is written"
	profile
	mkfifo pipe
	# More than the pipe holds: then somebody reads.
	(
		printf 'Subject: half\n\n'
		head -c 300000 /dev/zero | tr '\0' x
		touch here
		exec sleep 100
	) >pipe &
	writer=$!
	mv "$client/in" plain
	ln -s "$sink/pipe" "$client/in"
	interrupted "$name" "$MAILCHUTE" bob@example.test
	check_told "$name" "$number" ' diag=system.interrupted'
	kill "$writer" 2>/dev/null
	wait "$writer" 2>/dev/null
	rm pipe
	mv plain "$client/in"
	finish
done
summary
