# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# What the README says by role, done as it says it, from its own text: PHP as
# php-fpm and as Apache's module, cron, git, a machine that others are on, with
# a user nobody knows and one in a user namespace.  Each sends; then the server
# is down, each is answered that the mail is safe, and when the server is back
# it arrives.  Runs inside the sandbox: sh readme_cases.sh FOLDER
set -u
here=$1
# In a container "queue auto" is "off": this is a machine.
if [ -e /.dockerenv ] || [ -e /run/.containerenv ]; then
	mkdir -p /run/machine/upper /run/machine/work /run/machine/root
	mount -t overlay overlay -o \
		lowerdir=/,upperdir=/run/machine/upper,workdir=/run/machine/work \
		/run/machine/root || exit
	rm -f /run/machine/root/.dockerenv
	for part in dev proc sys run usr etc var tmp "${MAILCHUTE%/src/*}" \
		"$here/../.."; do
		[ ! -d "/${part#/}" ] || {
			mkdir -p "/run/machine/root/${part#/}"
			mount --rbind "/${part#/}" "/run/machine/root/${part#/}"
		} || exit
	done
	rm -f /run/.containerenv
	# Not chroot: in one there are no user namespaces.
	mkdir /run/machine/root/old && cd /run/machine/root &&
		pivot_root . old || exit
	exec chroot . sh "$0" "$@"
fi
umount -l /old 2>/dev/null
# shellcheck source=tests/lib/disk.sh
. "$here/../lib/disk.sh"
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
readme=$here/../../README

# A queue is kept on a disk alone.
place=$(lasting_folder) || {
	skip "the README's steps" 'no disk on which a queue would last: set QUEUE_DISK'
	summary
	exit
}
disk=$(mktemp -d "$place/mailchute-readme.XXXXXX") || exit
trap 'rm -rf "$disk"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$disk"
mkdir "$disk/lib" "$disk/queues" "$disk/root" "$disk/ann"
mount --bind "$disk/lib" /var/lib
mkdir -p /var/spool && mount --bind "$disk/queues" /var/spool
mount -t tmpfs tmpfs /var/log
# A way out, without which a runner would be of no use.
ip route add default dev lo
cat "$work/postfix/pki/ca.pem" >>/etc/ssl/certs/ca-certificates.crt
sandbox_user www-data 33
sandbox_user ann 1001
sandbox_user mailchute 980
sed -i -e "s,^\\(root:.*:\\)/root:,\\1$disk/root:," \
	-e "s,^\\(ann:.*:\\)/nonexistent:,\\1$disk/ann:," \
	-e 's,^\(www-data:.*:\)/nonexistent:,\1/var/www:,' /etc/passwd
mkdir -p /var/www
chown ann:ann "$disk/ann"
chmod 700 "$disk/root" "$disk/ann"

# ---- the steps, as they stand there ---------------------------------------------

# step PATTERN: the one line of it.
step() {
	sed -n "s/^    *\\($1.*\\)\$/\\1/p" "$readme" | head -n 1
}

# profile: the README's, for this server.
readme_profile() {
	sed -n '/^A profile$/,/^    password_file/s/^    //p' "$readme" |
		sed -e "s/smtp\\.example\\.org/$postfix_host/" \
			-e 's/^from .*/from alice@example.test/' \
			-e "s/^user .*/user $postfix_user/"
	# So that nobody waits for minutes here.
	echo 'queue_retry 1s,1s,1s,1m'
}

# with_password: the same, in the place of password_file.
with_password() {
	readme_profile | sed "s/^password_file .*/password $postfix_password/"
}

sendmail_path=$(sed -n 's/^    sendmail_path = "\(.*\)"$/\1/p' "$readme")

# as UID COMMAND...: without an environment.
as() {
	as_uid=$1
	shift
	env -i PATH="$PATH" LC_ALL=C setpriv --reuid "$as_uid" \
		--regid "$as_uid" --clear-groups "$@"
}

# letter RECIPIENT SUBJECT
letter() {
	printf 'To: %s\nSubject: %s\n\nhello\n' "$1" "$2"
}

# arrives MAILBOX SUBJECT: an expression.  What has waited may take a while: the
# server was seen to be down.
arrives() {
	arrives_tries=400
	until arrives_file=$(grep -l "^Subject: .*$2" -r \
		"$postfix/mail/$1/new" 2>/dev/null | head -n 1) &&
		[ -n "$arrives_file" ]; do
		arrives_tries=$((arrives_tries - 1))
		[ $arrives_tries -gt 0 ] || {
			complain "'$2' does not arrive"
			return
		}
		sleep 0.1
	done
	rm -f "$arrives_file"
}

down() {
	postfix_stop 2>/dev/null
}

up() {
	postfix_run || bail 'Postfix does not start again'
}

# waiting FOLDER: how many messages are in a queue.
waiting() {
	find "$1" "$1/sending" -maxdepth 1 -name '1??????????????' 2>/dev/null |
		wc -l | tr -d ' '
}

begin 'make install, make install-sendmail'
build=${MAILCHUTE%/src/mailchute}
make -C "$build" install >"$work/made" 2>&1 || complain "$(tail "$work/made")"
rm -f /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases
line=$(step 'make install-sendmail' | sed 's/ *(.*//')
check 'the step' 'make install-sendmail' "$line"
sh -c "cd '$build' && $line" >"$work/made" 2>&1 ||
	complain "$(tail "$work/made")"
check 'the place for queues' '1733 root' \
	"$(stat -c '%a %U' /var/lib/mailchute/users)"
for link in /usr/sbin/sendmail /usr/lib/sendmail; do
	check "$link" /usr/local/bin/mailchute "$(readlink -f "$link")"
done
finish

# ---- PHP --------------------------------------------------------------------------

with_password >/etc/shop.conf
owner=$(sed -n 's,^    /etc/shop.conf.*)  *\([a-z:-]*\)  *\([0-9]*\)$,\1,p' "$readme")
mode=$(sed -n 's,^    /etc/shop.conf.*)  *\([a-z:-]*\)  *\([0-9]*\)$,\2,p' "$readme")
chown "$owner" /etc/shop.conf
chmod "$mode" /etc/shop.conf
mkdir "$work/web" "$work/fpm"
chmod 755 "$work" "$work/web"
chown www-data:www-data "$work/fpm"
cat >"$work/web/mail.php" <<'END'
<?php var_dump(mail("bob@example.test", "from PHP", "hello"));
END
chmod 644 "$work/web/mail.php"

php_version=$(ls /etc/php)
cat >"$work/fpm.conf" <<END
[global]
error_log = $work/fpm.log
[www]
user = www-data
group = www-data
listen = $work/fpm/socket
pm = static
pm.max_children = 1
php_admin_value[sendmail_path] = "$sendmail_path"
END
env -i PATH="$PATH" "php-fpm$php_version" -F -n -y "$work/fpm.conf" \
	>"$work/fpm.out" 2>&1 &
fpm=$!

cat >"$work/php.ini" <<END
sendmail_path = "$sendmail_path"
END
cat >"$work/apache.conf" <<END
ServerName localhost
ServerRoot $work
PidFile $work/apache.pid
DefaultRuntimeDir $work
Mutex file:/tmp
Listen 127.0.0.1:8080
ErrorLog $work/apache.log
User www-data
Group www-data
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule php_module /usr/lib/apache2/modules/libphp$php_version.so
PHPIniDir $work
StartServers 1
DocumentRoot $work/web
<FilesMatch \.php$>
SetHandler application/x-httpd-php
</FilesMatch>
END
env -i PATH="$PATH" apache2 -X -f "$work/apache.conf" >"$work/apache.out" 2>&1 &
apache=$!

php_fpm() {
	python3 "$here/../container/fcgi.py" "$work/fpm/socket" \
		"$work/web/mail.php" 2>&1 | tr -d '\r' | tail -n 1
}

mod_php() {
	python3 - <<'END' 2>&1
import time
import urllib.request
for i in range(100):
    try:
        print(urllib.request.urlopen(
            "http://127.0.0.1:8080/mail.php", timeout=60).read().decode().strip())
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
END
}
tries=100
until [ -S "$work/fpm/socket" ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done

for way in php_fpm mod_php; do
	begin "$way: the line of the README sends"
	check 'mail() returned' 'bool(true)' "$($way)"
	arrives bob 'from PHP'
	finish
done

begin "PHP while the server is down: true, and it waits under www-data's number"
down
for way in php_fpm mod_php; do
	check "$way: mail() returned" 'bool(true)' "$($way)"
done
check 'owner and mode' '700 www-data' \
	"$(stat -c '%a %U' /var/lib/mailchute/users/33)"
check 'messages' 2 "$(waiting /var/lib/mailchute/users/33)"
line=$(step 'mailchute queue list')
env -i PATH="$PATH" HOME="$disk/root" LC_ALL=C sh -c "$line" >"$work/list" 2>&1
check "root's list" 2 "$(grep -c 'bob@example.test' "$work/list")"
check_no_match 'below the web root' . /dev/stdin <<END
$(find "$work/web" /var/www -type f ! -name mail.php)
END
up
arrives bob 'from PHP'
arrives bob 'from PHP'
finish
kill $fpm $apache
wait $fpm $apache 2>/dev/null

# ---- cron and the administrator ---------------------------------------------------

with_password >/etc/mailchuterc
chown root:root /etc/mailchuterc
chmod 600 /etc/mailchuterc
rm -rf /etc/cron.d /etc/crontab
mkdir -p /etc/cron.d /var/spool/cron/crontabs
printf '@reboot root echo hello\n' >/etc/crontab
chmod 644 /etc/crontab

# cron_runs: the job once, and its mail.
cron_runs() {
	rm -f /run/crond.reboot /run/crond.pid
	env -i PATH="$PATH" cron -f >"$work/cron" 2>&1 &
	cron_pid=$!
	cron_tries=100
	until "$@" || [ $cron_tries = 0 ]; do
		cron_tries=$((cron_tries - 1))
		sleep 0.1
	done
	kill $cron_pid
	wait $cron_pid 2>/dev/null
	check_empty 'what cron says' "$work/cron"
}

is_there() {
	[ -n "$(find "$postfix/mail/alice/new" -type f 2>/dev/null)" ]
}

is_queued() {
	[ "$(waiting "$disk/root/.local/state/mailchute/queue")" = 1 ]
}

begin "cron's mail for root goes to the profile's from"
cron_runs is_there
arrives alice 'Cron <root@'
finish
begin "cron's mail waits while the server is down, and arrives"
down
cron_runs is_queued
check 'messages' 1 "$(waiting "$disk/root/.local/state/mailchute/queue")"
up
arrives alice 'Cron <root@'
finish
rm -f /etc/mailchuterc

# ---- git --------------------------------------------------------------------------

rc=$disk/ann/.mailchuterc
readme_profile >"$rc"
printf '%s\n' "$postfix_password" >"$disk/ann/.mail-password"
chown ann:ann "$rc" "$disk/ann/.mail-password"
chmod 600 "$rc" "$disk/ann/.mail-password"

# ann COMMAND: a line of hers.
ann() {
	(cd "$disk/ann/tree" 2>/dev/null || cd "$disk/ann" || exit
	as 1001 env HOME="$disk/ann" USER=ann GIT_CONFIG_NOSYSTEM=1 \
		timeout 60 sh -c "$1") >"$work/ann.out" 2>&1 </dev/null
}
git_line=$(step 'git config --global')
begin 'git: one line of the README'
ann "$git_line && git config --global user.name Ann &&
	git config --global user.email alice@example.test &&
	git init -q tree && cd tree && echo a >a && git add a &&
	git commit -q -m 'a change'" || complain "$(cat "$work/ann.out")"
ann 'git send-email -q --to bob@example.test --confirm never -1' ||
	complain "$(cat "$work/ann.out")"
arrives bob 'a change'
finish
begin 'git while the server is down'
down
ann 'git send-email -q --to bob@example.test --confirm never -1' ||
	complain "$(cat "$work/ann.out")"
check 'messages' 1 "$(waiting "$disk/ann/.local/state/mailchute/queue")"
up
arrives bob 'a change'
finish

# ---- users nobody knows ------------------------------------------------------------

# own WAY COMMAND...: with a profile of one's own, or PHP's, and its group.
own() {
	own_way=$1
	shift
	case $own_way in
	'an unknown user') env -i PATH="$PATH" setpriv --reuid 4242 --regid 33 \
		--clear-groups /usr/local/bin/mailchute -C /etc/shop.conf "$@" ;;
	'a user namespace') as 1001 env HOME="$disk/ann" unshare --user \
		--map-user=12345 /usr/local/bin/mailchute "$@" ;;
	'one that maps nobody') as 1001 env HOME="$disk/ann" unshare --user \
		/usr/local/bin/mailchute "$@" ;;
	esac
}
ways='an unknown user'
everybody='www-data
an unknown user'
if as 1001 unshare --user true 2>/dev/null; then
	ways="$ways
a user namespace
one that maps nobody"
	everybody="$everybody
a user namespace
a user namespace, as its root"
else
	skip 'user namespaces' 'nobody but root makes them here'
fi
echo "$ways" >"$work/ways"
begin 'with a profile: they send'
while read -r way; do
	letter bob@example.test "own, $way" | own "$way" bob@example.test \
		>"$work/out" 2>&1 || complain "$way: $? $(cat "$work/out")"
	arrives bob "own, $way\$"
done <"$work/ways"
finish
begin 'with a profile, while the server is down: it waits, and arrives'
down
while read -r way; do
	letter bob@example.test "later, $way" | own "$way" bob@example.test \
		>"$work/out" 2>&1 || complain "$way: $? $(cat "$work/out")"
done <"$work/ways"
check "the unknown user's" '700 4242' \
	"$(stat -c '%a %u' /var/lib/mailchute/users/4242)"
check 'messages' 1 "$(waiting /var/lib/mailchute/users/4242)"
up
while read -r way; do
	arrives bob "later, $way\$"
done <"$work/ways"
finish

# The README's, for this server.
variables=$(sed -e :a -e '/\\$/N; s/ *\\\n */ /; ta' "$readme" |
	sed -n 's/^    docker run \(.*\) \.\.\.$/\1/p' | sed -e 's/-e //g' \
	-e "s,smtp.example.org,$postfix_host," -e "s,me@example.org,$postfix_user," \
	-e "s,/run/secrets/smtp,$work/secret,")
printf '%s\n' "$postfix_password" >"$work/secret"
chown 4242 "$work/secret"
chmod 600 "$work/secret"
# in_container COMMAND...
in_container() {
	# shellcheck disable=SC2086 # words
	as 4242 env $variables SMTP_FROM=alice@example.test "$@"
}
begin "a container's variables, for a user nobody knows"
letter bob@example.test variables |
	in_container /usr/local/bin/mailchute bob@example.test >"$work/out" 2>&1 ||
	complain "$? $(cat "$work/out")"
arrives bob variables
finish

# ---- a machine that others are on --------------------------------------------------

rm -f "$rc"
mkdir -p /etc/mailchute /run/mailchute "$work/credentials"
sed -e "s/^host .*/host $postfix_host/" -e 's/^from .*/from alice@example.test/' \
	-e "s/^user .*/user $postfix_user/" \
	"$here/../../contrib/relay.conf.example" >/etc/mailchute/relay.conf
echo 'queue_retry 1s,1s,1s,1m' >>/etc/mailchute/relay.conf
printf '%s\n' "$postfix_password" >/etc/mailchute/relay-password
for file in relay.conf relay-password; do
	set -- $(sed -n "s,^    /etc/mailchute/$file  *\\([a-z:]*\\)  *\\([0-9]*\\)\$,\\1 \\2,p" "$readme")
	chown "$1" "/etc/mailchute/$file"
	chmod "$2" "/etc/mailchute/$file"
done
sed -n '/^    \/etc\/mailchuterc  *"account default"/,/from/p' "$readme" |
	tr -d '\n' | grep -o '"[^"]*"' | tr -d '"' | tr -s ' ' |
	sed 's/^from .*/from alice@example.test/' >/etc/mailchuterc
check_lines=$(wc -l </etc/mailchuterc)
chmod 644 /etc/mailchuterc
# What systemd's unit does: the password as a credential, the folders.
cp /etc/mailchute/relay-password "$work/credentials/relay-password"
chown -R mailchute:mailchute "$work/credentials"
mkdir -p /var/spool/mailchute
chown mailchute:mailchute /run/mailchute /var/spool/mailchute
chmod 755 /run/mailchute
chmod 700 /var/spool/mailchute "$work/credentials"
as 980 env CREDENTIALS_DIRECTORY="$work/credentials" \
	/usr/local/bin/mailchute serve >"$work/serve" 2>&1 &
serve=$!
tries=100
until [ -S /run/mailchute/submit ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done

# others WHO COMMAND...
others() {
	others_who=$1
	shift
	case $others_who in
	www-data) as 33 "$@" ;;
	'an unknown user') as 4242 "$@" ;;
	'a user namespace') as 4242 unshare --user --map-user=12345 "$@" ;;
	'a user namespace, as its root') as 1001 unshare --user -r "$@" ;;
	esac
}
cat >"$work/send" <<'END'
#!/bin/sh
exec /usr/sbin/sendmail -t -i
END
chmod 755 "$work/send"

begin "a machine's files are three lines"
check lines 3 "$check_lines"
finish
how_many=$(echo "$everybody" | wc -l)

# all_send WORD: a message of each.
all_send() {
	echo "$everybody" | while read -r who; do
		letter bob@example.test "$1 $who" |
			others "$who" "$work/send" 2>&1 || echo "$who: $?"
	done >"$work/out"
	check_empty 'what is said' "$work/out"
}

all_arrive() {
	echo "$everybody" >"$work/everybody"
	while read -r who; do
		arrives bob "$1 $who\$"
	done <"$work/everybody"
}

begin 'everybody sends through the socket'
all_send 'from'
all_arrive 'from'
finish
begin 'nobody of them can read the password'
echo "$everybody" | while read -r who; do
	others "$who" cat /etc/mailchute/relay-password /etc/mailchute/relay.conf \
		2>&1 </dev/null
done >"$work/out"
check_no_match 'the files' 'sesame|host' "$work/out"
check 'refusals' $((2 * how_many)) "$(grep -c 'Permission denied' "$work/out")"
finish
begin 'everybody, while the server is down'
down
all_send 'again from'
check messages $how_many "$(waiting /var/spool/mailchute)"
up
all_arrive 'again from'
# The last one arrives a moment before its entry is gone.
tries=50
until [ "$(waiting /var/spool/mailchute)" = 0 ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
check messages 0 "$(waiting /var/spool/mailchute)"
finish
kill "$serve"
wait "$serve" 2>/dev/null
[ "$tap_failed" -eq 0 ] || sed 's/^/# serve: /' "$work/serve"

umount -l /var/lib /var/spool
begin 'each arrived once'
rm -rf "$postfix/mail/alice" # git's copies to the sender
postfix_empty || complain 'something else arrived'
finish
[ "$tap_failed" -eq 0 ] || postfix_tell
summary
