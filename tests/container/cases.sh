# SPDX-License-Identifier: GPL-3.0-or-later
# The images of contrib/container at work: sh cases.sh FOLDER-OF-THIS-FILE STORE
# In namespaces of their own: the ports below 1024 are free, there is no way out.
# shellcheck shell=sh disable=SC2154
set -u
here=$1
store=$2
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=tests/lib/disk.sh
. "$here/../lib/disk.sh"
ip link set lo up || bail 'no loopback'
place=$(lasting_folder) || bail 'no disk on which a queue would last'
work=$(mktemp -d "$place/mailchute-test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"
cd "$work" || exit 1
mkdir certs mail
printf 'Subject: from a container\n\nhello\n' >in

sink_pid=
sink_start() {
	rm -f certs/ca.pem
	"$TOP_BUILDDIR/tests/sink/sink" --starttls 587 --certs certs \
		--maildir mail --transcript transcript --lifetime 110 \
		--user 'me@example.org:open sesame' \
		--user 'shop@example.org:open sesame' --cert-name \
		smtp.example.org >sink.out 2>&1 &
	sink_pid=$!
	until_true test -s certs/ca.pem
	chmod 644 certs/ca.pem
}

sink_stop() {
	kill "$sink_pid" && wait "$sink_pid"
}

until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || {
			complain "did not come true: $*
$(tail -n 5 ./*.log 2>/dev/null)"
			return
		}
		sleep 0.05
	done
}

has_arrived() {
	[ "$(find mail -name '*.eml' | wc -l)" -eq "$1" ]
}

contain() {
	contained=$store/mailchute_$1
	shift
	python3 "$here/contain.py" "$contained" "$@" <in \
		>"out" 2>"err"
}

# The certificates of the image, and the one of the sink: as in an image of a
# company with a CA of its own.
trusts() {
	echo "--mount $work/certs/ca.pem:/etc/ssl/certs/ca-certificates.crt:ro"
}

three='--env SMTP_HOST=localhost --env SMTP_USER=me@example.org
	--env SMTP_PASSWORD_FILE=/run/secrets/smtp'
mkdir secrets
printf 'open sesame\n' >secrets/smtp
chmod 644 secrets/smtp
secret="--mount $work/secrets:/run/secrets:ro"

# What waits is tried again soon.
retry=MAILCHUTE_QUEUE_RETRY=1s,1s,1s

# started NAME IMAGE OPTION...: in the background; its log is NAME.log.
started() {
	log=$1.log contained=$store/mailchute_$2
	shift 2
	python3 "$here/contain.py" "$contained" --env $retry "$@" </dev/null \
		>"$log" 2>&1 &
	started_pid=$!
}

# As when the machine runs out of memory: nobody could say anything.
ended() {
	# The first process of the container; unshare is its parent.
	# shellcheck disable=SC2046
	kill -9 $(ps -o pid= --ppid "$started_pid") "$started_pid"
	wait "$started_pid" 2>/dev/null
	rm -f door/submit
}

sink_start

# ---- at once, by three variables ----------------------------------------------

for image in debian bare; do
	begin "$image: three variables, an unknown uid, a root that is read"
	rm -f mail/*
	# shellcheck disable=SC2046,SC2086 # lists
	contain $image $three $secret $(trusts) --user 4242:4242 \
		bob@example.net || complain "$?"
	check_empty stdout out
	check_empty stderr err
	until_true has_arrived 1
	check_match 'who sent' '^from me@example.org' mail/*.envelope
	finish
done

begin 'bare: by a user of the machine, as root of a user namespace'
rm -f mail/*
cp -a "$store/mailchute_bare" ./rootless
cp certs/ca.pem secrets/
chmod 644 secrets/ca.pem
# shellcheck disable=SC2086
python3 "$here/contain.py" ./rootless --unprivileged 4242 $three $secret \
	--env MAILCHUTE_TLS_TRUST_FILE=/run/secrets/ca.pem \
	bob@example.net <in >out 2>err || complain "$?: $(cat err)"
until_true has_arrived 1
finish

begin 'bare: there is no shell, and nothing else'
check 'programs' 'mailchute' "$(ls "$store/mailchute_bare/root/usr/bin")"
[ ! -e "$store/mailchute_bare/root/bin" ] || complain 'there is a /bin'
[ ! -e "$store/mailchute_bare/root/etc/passwd" ] ||
	complain 'there is an /etc/passwd'
check 'files' ok "$([ "$(find "$store/mailchute_bare/root" -type f | wc -l)" \
	-lt 25 ] && echo ok)"
finish

# ---- the door ------------------------------------------------------------------

# shared: the volumes of two containers.
shared() {
	rm -rf door queue
	mkdir door queue
	chown 10025:10025 door queue
	chmod 755 door
	chmod 700 queue
}
door="--mount $work/door:/run/mailchute"
queue="--mount $work/queue:/var/spool/mailchute"

# by_door: another container, of another user, who knows the socket alone.
by_door() {
	# shellcheck disable=SC2086
	contain debian $door --user 33:33 --mount "$work/callers:/etc/mailchuterc:ro" \
		sendmail -i bob@example.net || complain "$? $(cat err)"
}
cp "$here/../../contrib/container/door" callers
chmod 644 callers

for image in debian bare; do
	begin "$image: 'serve' has the variables, another container sends"
	rm -f mail/*
	shared
	# shellcheck disable=SC2086
	contain $image $door --exec && complain 'healthy before it began'
	# shellcheck disable=SC2046,SC2086
	started serve $image $three $secret $(trusts) $door $queue
	until_true test -S door/submit
	# shellcheck disable=SC2086
	contain $image $door --exec || complain "health: $? $(cat err)"
	by_door
	until_true has_arrived 1
	check_match 'by whom' '^Received: \(from uid 33\)' mail/*.eml
	check_match 'who sent' '^from me@example.org' mail/*.envelope
	finish

	begin "$image: what waits while the server is down, the next one sends"
	sink_stop
	rm -f mail/*
	by_door
	check waiting 1 "$(find queue -maxdepth 2 -name '1*' | wc -l)"
	ended
	# shellcheck disable=SC2086
	contain $image $door --exec && complain 'healthy when it has ended'
	sink_start
	# shellcheck disable=SC2046,SC2086
	started serve $image $three $secret $(trusts) $door $queue
	until_true test -S door/submit
	kill -0 "$started_pid" || complain 'it has ended'
	until_true has_arrived 1
	check_no_match 'the password' sesame serve.log
	ended
	finish
done

begin 'Alpine: its program is of musl, and serves'
file=$store/mailchute_alpine/root/usr/bin/mailchute
grep -aq '/lib/ld-musl-' "$file" || complain 'it is not of musl'
shared
# shellcheck disable=SC2086
started serve alpine $three $secret $door $queue
until_true test -S door/submit
# shellcheck disable=SC2086
contain alpine $door --exec || complain "health: $? $(cat err)"
by_door
check waiting 1 "$(find queue -maxdepth 2 -name '1*' | wc -l)"
ended
finish

# ---- PHP -------------------------------------------------------------------------

begin 'php-fpm: mail() by the socket; the variables are not for PHP'
rm -f mail/*
shared
mkdir php
cat >php/mail.php <<'END'
<?php
header('Content-Type: text/plain');
var_dump(mail('bob@example.net', 'from PHP', "hello\n"));
$all = '';
foreach (glob('/proc/[0-9]*/environ') as $file)
	$all .= @file_get_contents($file);
var_dump(getenv('SMTP_USER'), strpos($all, 'sesame'), strpos($all, 'SMTP_'));
END
chmod 644 php/mail.php
mkdir fpm
# shellcheck disable=SC2046,SC2086
started php php-fpm --env SMTP_HOST=localhost --env SMTP_USER=me@example.org \
	--env 'SMTP_PASSWORD=open sesame' $(trusts) $queue \
	--mount "$work/php:/srv:ro" --mount "$work/fpm:/run/php"
until_true test -S fpm/php8.2-fpm.sock
python3 "$here/fcgi.py" fpm/php8.2-fpm.sock /srv/mail.php >out 2>err ||
	complain "$(cat err)"
sed '1,/^.\{0,1\}$/d' out >php.out
printf 'bool(true)\nbool(false)\nbool(false)\nbool(false)\n' >want
check_same 'what PHP says' want php.out
until_true has_arrived 1
check_match 'who sent' '^from me@example.org' mail/*.envelope
ended
finish

# ---- Kubernetes --------------------------------------------------------------------

manifest=$here/../../contrib/container/kubernetes.yaml
# kubelet WORD...
kubelet() {
	POD_ENV="SMTP_HOST=localhost $retry" python3 "$here/pod.py" "$manifest" \
		"$work/pod" "$@"
}

# As the process whose child is the container, for ended().
pod_starts() {
	POD_ENV="SMTP_HOST=localhost $retry" python3 "$here/pod.py" "$manifest" \
		"$work/pod" start mail >pod.log 2>&1 </dev/null &
	started_pid=$!
}

begin 'the manifest: known fields, nobody is root, no root is written'
mkdir -p pod/images
ln -s "$store/mailchute_bare" pod/images/mail
ln -s "$store/mailchute_debian" pod/images/shop
check 'the manifest' checked "$(kubelet check 2>&1 | tail -n 1)"
finish

begin 'the pod: the sidecar is asked how it is, the application sends'
rm -f mail/*
kubelet probe mail >out 2>err && complain 'it is well before it began'
cp -a "$store/mailchute_bare" ./sidecar
cp certs/ca.pem sidecar/root/etc/ssl/certs/ca-certificates.crt
rm pod/images/mail && ln -s "$work/sidecar" pod/images/mail
pod_starts
until_true test -S pod/door/door/submit
kubelet probe mail >out 2>err || complain "probe: $? $(cat err)"
kubelet exec shop mailchute sendmail -i bob@example.net <in >out 2>err ||
	complain "$? $(cat err)"
until_true has_arrived 1
check_match 'who sent' '^from shop@example.org' mail/*.envelope
check_match 'by whom' '^Received: \(from uid 33\)' mail/*.eml
finish

begin 'the pod: killed and made anew, what waits is sent'
sink_stop
rm -f mail/*
kubelet exec shop mailchute sendmail -i bob@example.net <in >out 2>err ||
	complain "$? $(cat err)"
check waiting 1 "$(find pod/mail-queue -maxdepth 2 -name '1*' | wc -l)"
ended
sink_start
cp certs/ca.pem sidecar/root/etc/ssl/certs/ca-certificates.crt
rm -rf pod/door
pod_starts
until_true has_arrived 1
ended
finish
sink_stop
summary
