#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Root and the queues of others: root may look and help, as the owner, and runs
# no command that another user wrote; nobody else sees anything.  The system's
# queue is in a mount namespace of this suite's own.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
[ "$(id -u)" -eq 0 ] || {
	echo '1..0 # SKIP only root can look after the queues of others'
	exit 0
}
if [ -z "${ROOT_SUITE-}" ]; then
	if ! command -v setpriv >/dev/null ||
		! unshare --mount true 2>/dev/null; then
		echo '1..0 # SKIP setpriv and mount namespaces are wanted'
		exit 0
	fi
	ROOT_SUITE=yes
	export ROOT_SUITE
	exec unshare --mount sh "$0"
fi
mount --make-rprivate /
sink_open queue
chmod 711 "$sink"

# as UID COMMAND...: by that user, who has a home and a copy of the program.
as() {
	as_uid=$1
	shift
	setpriv --reuid "$as_uid" --regid "$as_uid" --clear-groups \
		env -i PATH="$PATH" HOME="$sink/home$as_uid" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$@"
}

# mailchute_as UID ARGUMENT...: status, out and err.
mailchute_as() {
	status=0
	mailchute_uid=$1
	shift
	if [ "$mailchute_uid" -eq 0 ]; then
		env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
			ASAN_OPTIONS="${ASAN_OPTIONS-}" \
			"$sink/mailchute" "$@" >out 2>err </dev/null || status=$?
	else
		as "$mailchute_uid" "$sink/mailchute" "$@" \
			>out 2>err </dev/null || status=$?
	fi
}

# The owner of the system's queue, and somebody else.
owner=$(id -u nobody)
other=1
# The program that is installed, in place of the one that sees no machine.
cp "$TOP_BUILDDIR/src/mailchute" mailchute
chmod 755 mailchute
mount -t tmpfs -o mode=755 tmpfs /var/spool || bail 'no mount'
: >empty
for file in /etc/mailchuterc /etc/msmtprc /etc/netrc /etc/mailname; do
	[ ! -e "$file" ] || mount --bind empty "$file" || bail 'no bind mount'
done
mkdir -p system /var/spool/mailchute
chown "$owner" system
chmod 700 system
mount --bind "$sink/system" /var/spool/mailchute || bail 'no bind mount'
: >log
chmod 666 log
for uid in "$owner" "$other"; do
	mkdir "home$uid"
	chown "$uid" "home$uid"
done

# owned: the owner's profile, with the system's queue.
owned() {
	{
		printf '%s\n' 'account default' 'host localhost' \
			"port $starttls_port" 'user alice' \
			'from alice@example.test' \
			"passwordeval id -u >>$sink/home$owner/ran; echo open sesame" \
			"tls_trust_file $sink/certs/ca.pem" 'timeout 5' \
			'queue_dir /var/spool/mailchute' \
			'queue_runner external' "logfile $sink/log" \
			'syslog off'
	} >"home$owner/.mailchuterc"
	chown "$owner" "home$owner/.mailchuterc"
	chmod 600 "home$owner/.mailchuterc"
}

# a_queued: a message in the system's queue; $id.
a_queued() {
	message_plain >in
	as "$owner" "$sink/mailchute" -C "$sink/home$owner/.mailchuterc" \
		-odq bob@example.test <in || bail 'nothing is queued'
	id=$(find system -mindepth 1 -maxdepth 1 -name '1??????????????' |
		sed 's|.*/||')
}

sink_start
chmod 711 certs
chmod 644 certs/ca.pem
owned

begin "root's mailq shows the system's queue"
a_queued
mailchute_as 0 -bp
check 'exit code' 0 "$status"
check_match mailq "^$id +195 .* alice@example.test" out
mailchute_as 0 queue list --json
check_match list "\"id\":\"$id\"" out
finish

begin 'to others it is closed'
mailchute_as "$other" -bp
check_match mailq 'Mail queue is empty' out
mailchute_as "$other" queue list --folder /var/spool/mailchute
check 'exit code' 75 "$status"
check_match stderr 'cannot hold the queue: .*(Permission|another user)' err
finish

begin "its owner's mailq shows it, when the configuration names it"
mailchute_as "$owner" -bp
check_match mailq "^$id " out
finish

begin 'hold, release, show and export by root: files stay the owner'"'"'s'
for words in hold release show export; do
	mailchute_as 0 queue "$words" "$id"
	check "$words" 0 "$status"
done
check_match export '^Subject: a plain message' out
check 'files of others in the queue' '' \
	"$(find system ! -user "$owner")"
finish

begin 'a run by root is one by the owner: its commands, its files'
rm -f "home$owner/ran"
mailchute_as 0 queue run
check 'exit code' 0 "$status"
check_empty stderr err
arrived 1
check 'who ran the password command' "$owner" "$(sort -u "home$owner/ran")"
check 'files of others in the queue' '' \
	"$(find system ! -user "$owner")"
mailchute_as 0 queue show "$id"
check_match show '^State +delivered' out
finish

begin 'what waits is 75 for root, too'
sink_stop
a_queued
mailchute_as 0 queue run
check 'exit code' 75 "$status"
check_match stderr "^mailchute: $id: bob@example.test: .*refused" err
finish

# The owner puts links where folders should be, to where only root may write.
begin 'a queue that leads elsewhere leads root nowhere'
mkdir -m 700 precious
rm -rf system/failed system/damaged system/incoming
for name in failed damaged incoming; do
	ln -s "$sink/precious" "system/$name"
	chown -h "$owner" "system/$name"
done
echo scribble >>"system/$id"
mailchute_as 0 queue run
mailchute_as 0 queue remove "$id"
mailchute_as 0 queue release "$id"
mailchute_as 0 queue list
check 'what was made there' '' "$(ls -A precious)"
rm -f "home$owner/ran"
cp -p "home$owner/.mailchuterc" rooted
chown 0 rooted
chmod 644 rooted
status=0
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$sink/mailchute" -C "$sink/rooted" -odq bob@example.test \
	<in >out 2>err || status=$?
check 'what root queues' 75 "$status"
check 'what was made there' '' "$(ls -A precious)"
rm system/failed system/damaged system/incoming
finish

begin 'what root queues there is the owner'"'"'s'
rm -rf system/1* system/history
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$sink/mailchute" -C "$sink/rooted" -odq bob@example.test \
	<in >out 2>err || complain "not queued: $(cat err)"
check 'entries' 1 "$(find system -mindepth 1 -maxdepth 1 \
	-name '1??????????????' | wc -l | tr -d ' ')"
check 'files of others in the queue' '' \
	"$(find system ! -user "$owner")"
finish

begin 'serve, started by root, runs it as the owner, too'
rm -f "home$owner/ran"
sink_start
chmod 711 certs
chmod 644 certs/ca.pem
sed -i "s/^port .*/port $starttls_port/" rooted
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$sink/mailchute" -C "$sink/rooted" serve --socket "$sink/door" \
	>serve.out 2>&1 &
serving=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ ! -s "home$owner/ran" ] || break
	sleep 0.2
done
kill "$serving"
wait "$serving"
check 'who ran the password command' "$owner" \
	"$(sort -u "home$owner/ran" 2>/dev/null)"
finish

# PHP's user: his home is root's, and holds a web site.
begin 'a user whose home is another'"'"'s has a queue in the machine'"'"'s folder'
mkdir -p var-lib/mailchute/users home
chmod -R 755 var-lib
mount --bind "$sink/var-lib" /var/lib || bail 'no bind mount'
chmod 1733 /var/lib/mailchute/users
chmod 755 home
printf '%s\n' 'account default' 'host localhost' 'port 1' 'auth off' \
	'tls off' 'from alice@example.test' 'queue_runner external' \
	'syslog off' >web
chmod 644 web
# homeless ARGUMENT...: by that user.
homeless() {
	status=0
	setpriv --reuid "$other" --regid "$other" --clear-groups \
		env -i PATH="$PATH" HOME="$sink/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$sink/mailchute" \
		-C "$sink/web" "$@" <in >out 2>err || status=$?
}
homeless bob@example.test
check 'exit code' 0 "$status"
check 'whose' "$other 700" \
	"$(stat -c '%u %a' "/var/lib/mailchute/users/$other")"
id=$(find "/var/lib/mailchute/users/$other" -name '1??????????????' \
	-printf '%f\n')
check 'the home' '' "$(ls -A home)"
homeless queue list
check_match 'his list' "^$id +waiting" out
mailchute_as 0 -bp
check_match "root's list" "^$id " out
finish

begin 'queues in the homes of others are named to root, and to nobody else'
printf 'root:x:0:0::/root:/bin/sh\nann:x:%s:%s::%s:/bin/sh\nbad line\n' \
	"$other" "$other" "$sink/home$other" >passwd
chmod 644 passwd
mount --bind passwd /etc/passwd || bail 'no bind mount'
as "$other" "$sink/mailchute" -C "$sink/web" bob@example.test <in ||
	complain 'not queued'
folder=$sink/home$other/.local/state/mailchute/queue
mailchute_as 0 -bp
check 'exit code' 0 "$status"
check_match mailq "^ +1  ann  $folder\$" out
mailchute_as 0 queue list
check_match list "^ +1  ann  $folder\$" out
mailchute_as 0 queue list --json
check_match JSON \
	",\"others\":\[\{\"user\":\"ann\",\"folder\":\"$folder\",\"waiting\":1\}\]}\$" out
mailchute_as 0 queue list --folder "$folder"
check_no_match 'of one folder' ' ann ' out
mailchute_as "$other" -bp
check_no_match 'his own' ' ann ' out
rm -rf "home$other/.local"
ln -s /var/spool/mailchute "home$other/.local"
mailchute_as 0 queue list
check_no_match 'a link that leads elsewhere' ' ann ' out
rm "home$other/.local"
umount /etc/passwd
finish

begin 'not one that somebody else has made there'
rm -rf "/var/lib/mailchute/users/$other"
mkdir -m 777 "/var/lib/mailchute/users/$other"
homeless bob@example.test
check 'exit code' 75 "$status"
check_match stderr 'another user' err
check 'what was made there' '' "$(ls -A "/var/lib/mailchute/users/$other")"
mailchute_as 0 -bp
check 'exit code' 0 "$status"
finish

begin 'not where everybody can move it'
rm -rf "/var/lib/mailchute/users/$other"
chmod 777 /var/lib/mailchute/users
homeless bob@example.test
check 'exit code' 75 "$status"
check 'what was made there' '' "$(ls -A /var/lib/mailchute/users)"
finish

begin 'a profile with a command that its group can write is not taken'
chgrp 1 "home$owner/.mailchuterc"
chmod 660 "home$owner/.mailchuterc"
mailchute_as "$owner" config
check 'exit code' 78 "$status"
check_match stderr 'mailchuterc' err
chmod 640 "home$owner/.mailchuterc"
mailchute_as "$owner" config
check 'one that it can read' 0 "$status"
finish

begin 'files of a root that is not mapped are root'"'"'s'
sed '/^passwordeval/s/.*/password open sesame/' rooted >shared
chmod 640 shared
chgrp "$other" shared
for mode in 640 660; do
	chmod "$mode" shared
	status=0
	setpriv --reuid "$other" --regid "$other" --clear-groups \
		unshare --user --map-user=12345 env -i PATH="$PATH" \
		HOME="$sink/home$other" ASAN_OPTIONS=detect_leaks=0 \
		"$sink/mailchute" -C "$sink/shared" config \
		>out 2>err || status=$?
	echo "$mode $status" >>mapped
done
if grep -q 'unshare:' err; then
	echo '# it cannot be tried here'
else
	check 'exit codes' '640 0 660 78 ' "$(tr '\n' ' ' <mapped)"
fi
finish

begin 'an owner that is no user runs nothing'
chown -R 54321 system
mailchute_as 0 queue run
check 'exit code' 75 "$status"
check_match stderr 'its owner is no user of this machine' err
finish

summary
