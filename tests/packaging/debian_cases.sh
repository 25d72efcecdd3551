# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages in a system of their own: installed in place of another
# mail transport agent, used by cron and PHP, purged.  Runs inside debian_chroot's
# namespaces:	sh debian_cases.sh FOLDER-OF-DEBS SYSTEM
# shellcheck shell=sh disable=SC2154
set -u
debs=$1 system=$2

ip link set lo up && mount --make-rprivate / &&
	mount -t tmpfs -o mode=0755 tmpfs /run || exit
root=/run/root
mkdir /run/upper /run/work $root &&
	mount -t overlay overlay -o \
		"lowerdir=$system,upperdir=/run/upper,workdir=/run/work" $root &&
	mount -t proc proc $root/proc &&
	mount -t tmpfs -o mode=0755 tmpfs $root/dev || exit
for node in null zero full random urandom; do
	: >$root/dev/$node
	mount --bind /dev/$node $root/dev/$node || exit
done
printf '127.0.0.1 localhost\n' >$root/etc/hosts
: >$root/etc/resolv.conf
printf '#!/bin/sh\nexit 101\n' >$root/usr/sbin/policy-rc.d
chmod 755 $root/usr/sbin/policy-rc.d
mkdir -p $root/debs
cp "$debs"/*.deb $root/debs
rm -f $root/debs/*dbgsym*

# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --lifetime 300

# inside COMMAND...: in the system, with a plain environment; $status, out, err.
inside() {
	status=0
	timeout -k 5 120 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		chroot $root "$@" >out 2>err </dev/null || status=$?
}

# done_well: the command before said nothing wrong.
done_well() {
	check 'exit code' 0 "$status"
	[ "$status" -eq 0 ] || complain "$(tail -n 20 out err)"
}

# every_file: all there is, but for what apt and dpkg keep for themselves.
every_file() {
	(cd $root && find . -xdev \( -path ./proc -o -path ./dev -o -path ./run \
		-o -path ./tmp -o -path ./debs -o -path ./var/cache \
		-o -path ./var/log -o -path ./var/lib/apt \
		-o -path './var/lib/dpkg/*-old' \
		-o -path ./var/lib/dpkg/lock \) -prune -o -print | sort)
}

# sent_one TO: exactly one message came, for TO; then they are forgotten.
sent_one() {
	arrived 1
	check_match 'envelope' "RCPT TO:<$1>" transcript
	cat mail/*.eml >arrived.eml 2>/dev/null
	rm -f mail/*.eml
	: >transcript
}

every_file >before

# ---- another agent first -----------------------------------------------------

begin 'another mail transport agent is there'
mkdir -p other/DEBIAN other/usr/sbin other/usr/lib other/usr/bin
for name in usr/sbin/sendmail usr/lib/sendmail usr/bin/mailq \
	usr/bin/newaliases; do
	printf '#!/bin/sh\necho other\n' >other/$name
	chmod 755 other/$name
done
cat >other/DEBIAN/control <<-'END'
	Package: other-mta
	Version: 1
	Architecture: all
	Maintainer: nobody <nobody@example.test>
	Provides: mail-transport-agent
	Conflicts: mail-transport-agent
	Replaces: mail-transport-agent
	Description: another one
END
dpkg-deb --root-owner-group -b other $root/debs/other.deb >out 2>&1 ||
	complain "$(cat out)"
inside dpkg -i /debs/other.deb
done_well
check sendmail other "$(chroot $root /usr/sbin/sendmail)"
rm $root/debs/other.deb
finish

begin 'apt-get install ./mailchute-mta.deb takes its place'
inside sh -c 'exec apt-get install -y --no-install-recommends /debs/*.deb'
done_well
check_match 'apt-get says' 'other-mta' out
check_match 'what is next' "^mailchute: next: 'mailchute setup " out
check_match 'and for the machine' '^mailchute-mta: next: .*README.Debian tells' out
inside dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' 'other-mta*' \
	'mailchute*'
check 'packages' 'mailchute ii mailchute-mta ii' \
	"$(grep ' ii' out | sed 's/ *$//' | paste -s -d ' ' -)"
inside dpkg --audit
done_well
check_empty 'dpkg --audit' out
inside dpkg --verify mailchute mailchute-mta
done_well
check_empty 'dpkg --verify' out
finish

begin 'every name leads to mailchute, every page to its page'
for name in /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq \
	/usr/bin/newaliases; do
	inside readlink -e $name
	check "$name" /usr/bin/mailchute "$(cat out)"
done
inside dpkg -L mailchute-mta
check_match page '^/usr/share/man/man8/sendmail.8.gz$' out
finish

begin 'without a configuration: 78, and told so'
inside /usr/sbin/sendmail bob@example.test
check 'exit code' 78 "$status"
[ -s err ] || complain 'nothing is said'
finish

begin 'the units are enabled, and wait for a profile'
wants=$root/etc/systemd/system
for unit in multi-user.target.wants/mailchute.service \
	sockets.target.wants/mailchute.socket; do
	check $unit "/lib/systemd/system/${unit#*/}" "$(readlink $wants/$unit)"
done
check "a user's timer is not" '' "$(find $root/etc/systemd/user -name 'mailchute*')"
for unit in mailchute.service mailchute.socket; do
	check_match "$unit.d" '^ConditionPathExists=/etc/mailchute/relay\.conf$' \
		$root/lib/systemd/system/$unit.d/debian.conf
done
# The units that ours name are this machine's; programs only have to be there.
mkdir -p units/lib/systemd
cp -R /lib/systemd/system $root/lib/systemd/system units/lib/systemd
sed -n 's/^Exec[A-Za-z]*=[-+!@]*\(\/[^ ]*\).*/\1/p' \
	$root/lib/systemd/system/mailchute.* >programs
while read -r program; do
	mkdir -p "units${program%/*}"
	cp /bin/true "units$program"
done <programs
systemd-analyze --root=units --man=no verify mailchute.service mailchute.socket \
	>out 2>&1 || complain "verify ended with $?"
check_empty 'systemd-analyze verify' out
finish

# owned FOLDER: its mode, owner and group.
owned() {
	inside stat -c '%a %U:%G' "$1"
	cat out
}

begin 'the user and its folders are there'
inside getent passwd mailchute
check_match user '^mailchute:x:[0-9]+:[0-9]+:.*:/var/spool/mailchute:.*nologin$' out
check profile '750 root:mailchute' "$(owned /etc/mailchute)"
check queue '700 mailchute:mailchute' "$(owned /var/spool/mailchute)"
check socket '755 mailchute:mailchute' "$(owned /run/mailchute)"
finish

# as USER COMMAND...: inside.
as() {
	as_user=$1
	shift
	inside setpriv --reuid="$as_user" --regid="$as_user" --clear-groups "$@"
}

# ---- the door of the machine -------------------------------------------------

cp certs/ca.pem $root/etc/ssl/mailchute-test.pem
chmod 644 $root/etc/ssl/mailchute-test.pem

begin 'the profiles, as README.Debian has them'
inside sh -ec 'cd /usr/share/doc/mailchute-mta/examples
	install -m 640 -g mailchute relay.conf.example /etc/mailchute/relay.conf
	install -m 600 /dev/null /etc/mailchute/relay-password
	install -m 644 mailchuterc.example /etc/mailchuterc'
done_well
sed -i -e "s/^host .*/host localhost\nport $starttls_port/" \
	-e 's/^user .*/user alice/' $root/etc/mailchute/relay.conf
cat >>$root/etc/mailchute/relay.conf <<-END
	from machine@example.test
	tls_trust_file /etc/ssl/mailchute-test.pem
	syslog off
END
echo 'open sesame' >$root/etc/mailchute/relay-password
sed -i 's/^from .*/from machine@example.test/' $root/etc/mailchuterc
printf 'aliases /etc/aliases\nsyslog off\n' >>$root/etc/mailchuterc
echo 'root: bob@example.test' >$root/etc/aliases
finish

# What systemd makes of LoadCredential.
mkdir -p $root/run/credentials
install -m 400 $root/etc/mailchute/relay-password $root/run/credentials/
serve_uid=$(chroot $root id -u mailchute)
chown -R "$serve_uid" $root/run/credentials
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin CREDENTIALS_DIRECTORY=/run/credentials \
	chroot $root setpriv --reuid=mailchute --regid=mailchute --clear-groups \
	mailchute serve >serve.out 2>&1 </dev/null &
serve_pid=$!
tries=100
until [ -S $root/run/mailchute/submit ] || [ "$tries" -eq 0 ]; do
	sleep 0.1
	tries=$((tries - 1))
done

# until_sent: the door answers when the mail is in its queue.
until_sent() {
	tries=100
	until ls mail/*.eml >/dev/null 2>&1 || [ "$tries" -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	sent_one "$1"
}

begin "by the door: cron's argv, to root"
printf 'From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@host> job\n\nsaid\n' \
	>$root/tmp/message
inside sh -c '/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem root </tmp/message'
done_well
check_empty stdout out
check_empty stderr err
until_sent bob@example.test
check_match From '^From: .*machine@example\.test' arrived.eml
check_match Received 'uid 0' arrived.eml
finish

begin "by the door: PHP's mail(), as www-data, who may not know the password"
as 33 php -r 'exit(mail("carol@example.test", "From PHP", "a\n.\nb\n") ? 0 : 9);'
done_well
check_empty stderr err
until_sent carol@example.test
check_match Received 'uid 33' arrived.eml
chmod 644 $root/etc/mailchute/*
for file in relay.conf relay-password; do
	as 33 cat /etc/mailchute/$file
	check "cat $file" 1 "$status"
	check_empty "$file" out
done
as 33 ls /var/spool/mailchute
check 'ls of the queue' 2 "$status"
finish

begin 'the door closes after its work'
kill $serve_pid
wait $serve_pid
check 'exit code' 0 $?
check_empty 'what it said' serve.out
rm -rf $root/run/credentials
finish

# ---- without the door -----------------------------------------------------------------------------------------------------------------------

sed -e "s/^host .*/host localhost\\nport $starttls_port/" \
	-e 's/^from .*/from machine@example.test/' \
	-e 's/^user .*/user alice/' \
	-e 's,^password_file .*,password_file /etc/mailchute.password,' \
	"$root/usr/share/doc/mailchute/examples/mailchuterc.example" \
	>$root/etc/mailchuterc
cat >>$root/etc/mailchuterc <<-END
	tls_trust_file /etc/ssl/mailchute-test.pem
	logfile /tmp/mail.log
	syslog off
	timeout 20
END
echo 'open sesame' >$root/etc/mailchute.password
: >$root/tmp/mail.log
chmod 666 $root/tmp/mail.log
chown 0:33 $root/etc/mailchuterc $root/etc/mailchute.password
chmod 640 $root/etc/mailchuterc $root/etc/mailchute.password

begin "cron's argv, to root, whom the aliases know"
inside sh -c '/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem root </tmp/message'
done_well
check_empty stdout out
check_empty stderr err
sent_one bob@example.test
check_match From '^From: .*machine@example\.test' arrived.eml
finish

begin 'the same by /usr/lib/sendmail'
inside sh -c '/usr/lib/sendmail -i root </tmp/message'
done_well
sent_one bob@example.test
finish

begin 'a real cron runs a job and mails what it prints'
rm -f $root/etc/cron.d/* $root/run/crond.*
printf '%s\n' 'SHELL=/bin/sh' 'PATH=/usr/sbin:/usr/bin:/sbin:/bin' 'MAILTO=root' \
	"@reboot root printf 'hello\\\\n.\\\\nfrom cron\\\\n'" >$root/etc/crontab
chmod 644 $root/etc/crontab
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot $root cron -f >cron.out 2>&1 \
	</dev/null &
cron_pid=$!
tries=150
until ls mail/*.eml >/dev/null 2>&1 || [ "$tries" -eq 0 ]; do
	sleep 0.1
	tries=$((tries - 1))
done
sleep 0.3
kill $cron_pid 2>/dev/null
wait $cron_pid 2>/dev/null
sent_one bob@example.test
check_match Subject '^Subject: Cron <root@.*printf' arrived.eml
tr -d '\r' <arrived.eml | sed '1,/^$/d' >body
printf 'hello\n.\nfrom cron\n' >wanted
check_same body wanted body
check_empty 'what cron says' cron.out
finish

begin "PHP's mail(), as www-data, with its own sendmail_path"
as 33 php -r \
	'exit(mail("carol@example.test", "From PHP", "a\n.\nb\n", "X-Test: 1",
		"-fweb@example.test") ? 0 : 9);'
done_well
check_empty stdout out
check_empty stderr err
sent_one carol@example.test
check_match Subject '^Subject: From PHP' arrived.eml
check_match header '^X-Test: 1' arrived.eml
finish

begin 'mailq and newaliases'
inside mailq
done_well
inside newaliases
done_well
check_empty stderr err
finish

# ---- gone --------------------------------------------------------------------

begin 'removed: the configuration stays'
inside apt-get remove -y mailchute mailchute-mta
done_well
[ -f $root/etc/mailchuterc ] || complain 'it is gone'
[ -f $root/etc/mailchute/relay.conf ] || complain "the relay's is gone"
[ ! -e $root/usr/bin/mailchute ] || complain 'the program is there'
finish

begin 'purged: nothing is left'
echo line >$root/var/log/mailchute.log
echo line >$root/var/log/mailchute.log.1.gz
mkdir -p $root/var/spool/mailchute
: >$root/var/spool/mailchute/1ngvn7a0r6atjc8
inside apt-get purge -y mailchute mailchute-mta
done_well
check_match 'what is lost' 'mailchute-mta: 1 message' err
check 'folders' '' "$(ls -d $root/run/mailchute $root/etc/mailchute 2>/dev/null)"
rm -f $root/etc/mailchute.password $root/etc/aliases \
	$root/etc/ssl/mailchute-test.pem
# Where nobody takes syslog, root's own mail is logged in root's home.
check "a log of root's own" log "$(ls $root/root/.local/state/mailchute)"
rm -rf $root/root/.local
# systemd-sysusers keeps the shadow file of before.
every_file | grep -v -e '^\./etc/cron\.d/' -e '^\./etc/shadow-$' >after
grep -v -e '^\./etc/cron\.d/' -e '^\./etc/shadow-$' before >wanted
check_same 'every file' wanted after
cmp -s wanted after || complain "$(diff wanted after | head -n 20)"
check logs '' "$(find $root/var/log -name '*mailchute*')"
check 'what dpkg knows' '' \
	"$(grep -rl mailchute $root/var/lib/dpkg/status $root/var/lib/dpkg/info \
		$root/var/lib/dpkg/triggers 2>/dev/null)"
finish
summary
