#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who will run the queue: exit 0 is said only if somebody will.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue
sink_start
sink_stop

# hiring LINE...: a profile whose queue is run by a process of our own, and
# whose server is down.
hiring() {
	rm -rf q
	profile 'port 1' "queue_dir $sink/q" 'queue always' "$@"
}

# boxed COMMAND... -- ARGUMENT...: what submit does, started by COMMAND.
boxed() {
	message_plain >"$client/in"
	cat >"$client/bin/box" <<END
#!/bin/sh
exec $* "$MAILCHUTE" -C "$client/profile" bob@example.test
END
	chmod +x "$client/bin/box"
	status=0
	client_seen=$(wc -c <"$client/log.all")
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" SMTP_FROM=x@example.test \
		LD_BIND_NOW=1 "$client/bin/box" <"$client/in" \
		>"$client/out" 2>"$client/err" || status=$?
	tail -c "+$((client_seen + 1))" "$client/log.all" >"$client/log"
}

runner_pid() {
	pgrep -f "until-empty --folder=$sink/q" | head -n 1
}

waits() {
	find q -mindepth 1 -maxdepth 1 -name '1??????????????' 2>/dev/null |
		wc -l | tr -d ' '
}

until_gone() {
	gone_tries=0
	while [ -n "$(runner_pid)" ] && [ "$gone_tries" -lt 200 ]; do
		gone_tries=$((gone_tries + 1))
		sleep 0.05
	done
}

# ---- who, in words ---------------------------------------------------------

# tells WANTED [COMMAND...]: 'queue' and 'config --check' do, each in both forms.
tells() {
	tells_wanted=$1
	shift
	for tells_words in 'queue' 'queue --json' 'config --check' \
		'config --check --json'; do
		# shellcheck disable=SC2086 # words
		env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
			ASAN_OPTIONS="${ASAN_OPTIONS-}" LD_BIND_NOW=1 "$@" \
			"$MAILCHUTE" -C "$client/profile" $tells_words \
			>"$client/out" 2>"$client/err"
		check "exit code of $tells_words" 0 "$?"
		check_empty stderr "$client/err"
		check_match "$tells_words" "$tells_wanted" "$client/out"
	done
}

own='what waits is sent by a process of its own, which mail that has to wait starts; none is there now'
begin 'who runs it: a process of its own'
hiring
mkdir -m 700 q
tells "$own"
finish

begin "who runs it: 'queue_runner external'"
hiring 'queue_runner external'
mkdir -m 700 q
tells "what waits is sent by whatever runs the queue \\('queue_runner external'\\)"
finish

begin 'who runs it: one that watches'
hiring
mkdir -m 700 q
"$MAILCHUTE" -C "$client/profile" queue run --watch 2>/dev/null &
watcher=$!
watcher_tries=0
until [ -p q/wake ] || [ "$watcher_tries" -gt 200 ]; do
	watcher_tries=$((watcher_tries + 1))
	sleep 0.05
done
tells "what waits is sent by 'mailchute queue run --watch \\(pid $watcher\\)', which is there"
kill "$watcher"
wait "$watcher"
tells "$own"
finish

begin 'who runs it: nobody'
hiring 'host mail.example.invalid'
mkdir -m 700 q
if unshare -rn true 2>/dev/null; then
	tells 'nobody would send it later: this is .*namespace without a route.*; what cannot be sent at once fails, and what waits stays' \
		unshare -rn
fi
finish

begin 'who runs it: no queue, nobody'
hiring 'queue off'
mkdir -m 700 q
submit mailchute config --check
check_no_match out 'what waits|would send' "$client/out"
submit mailchute queue
check out 'Nothing waits.' "$(cat "$client/out")"
finish

# ---- a process of its own -----------------------------------------------------

command -v pgrep >/dev/null || {
	skip 'a process of its own' 'no pgrep'
	summary
	exit
}

begin 'a process of its own has its own environment and limits'
hiring
boxed sh -c "'"'ulimit -S -n 100; umask 0700; exec "$@"'"'" sh
check 'exit code' 0 "$status"
check 'entries that wait' 1 "$(waits)"
pid=$(runner_pid)
if [ -r "/proc/$pid/environ" ]; then
	check 'its environment' "HOME LC_ALL PATH" \
		"$(tr '\0' '\n' <"/proc/$pid/environ" | sed 's/=.*//' |
			grep -v '^$' | sort | tr '\n' ' ' | sed 's/ $//')"
	check 'its limit' same \
		"$(awk '/^Max open files/ { print $4 == $5 ? "same" : $0 }' \
			"/proc/$pid/limits")"
fi
finish

begin 'it ends when the queue is gone'
rm -rf q
kill -s CHLD "$pid"
until_gone
check 'processes' '' "$(runner_pid)"
finish

begin 'a network namespace without a route: 75, and nobody is left there'
hiring 'host mail.example.invalid'
if unshare -rn true 2>/dev/null; then
	boxed unshare -rn
	check 'exit code' 75 "$status"
	check_match stderr 'namespace without a route' "$client/err"
	check 'entries that wait' 0 "$(waits)"
	check 'processes' '' "$(runner_pid)"
fi
finish

begin 'no more processes: 75, and it says so'
hiring
user=
[ "$(id -u)" != 0 ] ||
	user='setpriv --reuid 65533 --regid 65533 --clear-groups'
if [ -n "$user" ] && $user true 2>/dev/null &&
	command -v prlimit >/dev/null; then
	rm -rf "$sink/other"
	mkdir "$sink/other"
	chown 65533:65533 "$sink/other"
	chmod 711 "$sink" "$client" "$client/home"
	sed "s|^queue_dir .*|queue_dir $sink/other/q|; s|^logfile .*||" \
		"$client/home/.mailchuterc" >"$sink/other/profile"
	chown 65533 "$sink/other/profile"
	chmod 600 "$sink/other/profile"
	status=0
	env -i PATH="$PATH" HOME="$sink/other" LC_ALL=C \
		ASAN_OPTIONS=detect_leaks=0 $user prlimit --nproc=1:1 \
		"$MAILCHUTE" -C "$sink/other/profile" bob@example.test \
		<"$client/in" >"$client/out" 2>"$client/err" || status=$?
	check 'exit code' 75 "$status"
	check_match stderr 'no process can be left behind' "$client/err"
fi
finish
summary
