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

command -v pgrep >/dev/null || {
	echo '1..0 # SKIP no pgrep'
	exit 0
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
