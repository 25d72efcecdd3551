# SPDX-License-Identifier: GPL-3.0-or-later
# What a machine with "mailchute serve" does, from its first message to the end
# of the service.  Runs as root, as a service of that machine: boot.sh.
#
# shellcheck shell=sh disable=SC2154
set -u
# shellcheck source=tests/lib/tap.sh
. /cases/tap.sh
cd /root || exit 1
unset CREDENTIALS_DIRECTORY NOTIFY_SOCKET INVOCATION_ID JOURNAL_STREAM
export LC_ALL=C
ports=
trap 'kill $sink_pid' EXIT

sink_start() {
	rm -f ports
	mkdir -p certs mail
	/cases/sink --starttls "${ports:-0}" --port-file ports --certs certs \
		--maildir mail --transcript transcript \
		--user 'alice:open sesame' --lifetime 200 >sink.out 2>&1 &
	sink_pid=$!
	until_true test -s ports
	# shellcheck disable=SC1091
	. ./ports
	# The same one the next time; the certificates are new ones.
	ports=$starttls_port
	install -m 644 certs/ca.pem /etc/mailchute/ca.pem
}

# Each has its own numbers.
sink_stop() {
	kill "$sink_pid"
	wait "$sink_pid" 2>/dev/null
	mkdir -p kept
	for file in mail/*.eml; do
		[ ! -e "$file" ] || mv "$file" "kept/$sink_pid.${file#*/}"
	done
}

until_true() {
	until_tries=0
	until "$@"; do
		until_tries=$((until_tries + 1))
		[ "$until_tries" -lt 150 ] || {
			complain "did not come true: $*"
			return
		}
		sleep 0.1
	done
}

how_many() {
	find mail kept -name '*.eml' 2>/dev/null | wc -l
}

has_arrived() {
	[ "$(how_many)" -eq "$1" ]
}

# as_user NAME COMMAND...: $status, out, err.
as_user() {
	as_name=$1
	shift
	status=0
	setpriv --reuid="$as_name" --regid="$as_name" --init-groups \
		env -i HOME="/home/$as_name" PATH="$PATH" LC_ALL=C \
		timeout 60 "$@" >out 2>err || status=$?
}

# mail_from NAME: a message by the machine's sendmail.
mail_from() {
	printf 'Subject: from %s\n\nhello\n' "$1" >message
	as_user "$1" /usr/sbin/sendmail bob@example.test <message
	check "$1's exit code" 0 "$status"
	[ ! -s out ] && [ ! -s err ] || complain "$(cat out err)"
}

state() {
	systemctl show --property="$2" --value "$1"
}

relay() {
	cat >/etc/mailchute/relay.conf <<END
defaults
queue always
queue_dir /var/spool/mailchute
queue_runner external
queue_retry 1s
account default
host localhost
port $starttls_port
user alice
from host@example.test
tls_trust_file /etc/mailchute/ca.pem
$(grep '^password_file' /cases/relay.conf.example)
END
	chown root:mailchute /etc/mailchute/relay.conf
	chmod 640 /etc/mailchute/relay.conf
}

begin 'booted'
until_true test "$(systemctl is-active multi-user.target)" = active
check 'units that failed' '' "$(systemctl --failed --plain --no-legend)"
check 'process 1' systemd "$(cat /proc/1/comm)"
finish

begin 'installed as mailchute-serve(8) says'
systemd-sysusers >err 2>&1 || complain "$(cat err)"
systemd-tmpfiles --create mailchute.conf >err 2>&1 || complain "$(cat err)"
check 'the folder' '750 root mailchute' "$(stat -c '%a %U %G' /etc/mailchute)"
check 'the queue' '700 mailchute mailchute' \
	"$(stat -c '%a %U %G' /var/spool/mailchute)"
sink_start
(umask 077 && echo 'open sesame' >/etc/mailchute/relay-password)
relay
cp /cases/mailchuterc.example /etc/mailchuterc
systemctl enable mailchute.socket mailchute.service >err 2>&1 ||
	complain "$(cat err)"
systemctl start mailchute.socket >err 2>&1 || complain "$(cat err)"
check socket active "$(state mailchute.socket ActiveState)"
check service inactive "$(state mailchute.service ActiveState)"
says=$(systemd-analyze verify --man=no mailchute.service mailchute.socket 2>&1)
check 'systemd-analyze verify' '' "$says"
finish

begin 'the first message starts the service, and arrives'
mail_from alice
check service active "$(state mailchute.service ActiveState)"
until_true has_arrived 1
check Received "Received: (from uid $(id -u alice))" \
	"$(head -n 1 mail/1.eml | tr -d '\r')"
check_match 'the login' 'AUTH ' transcript
finish

begin 'the service is nobody but itself'
pid=$(state mailchute.service MainPID)
check user mailchute "$(ps -o user= -p "$pid")"
check 'rights' 'CapEff:0000000000000000 CapBnd:0000000000000000 NoNewPrivs:1 Seccomp:2' \
	"$(grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/"$pid"/status |
		tr -d '\t' | tr '\n' ' ' | sed 's/ $//')"
nsenter -t "$pid" -m sh -c ': >/usr/x || : >/etc/x || : >/home/alice/x' \
	2>/dev/null && complain 'it can write where it should not'
finish

begin 'no caller can read the password'
for file in /etc/mailchute/relay-password /etc/mailchute/relay.conf \
	/run/credentials/mailchute.service/relay-password \
	/proc/"$pid"/environ /proc/"$pid"/mem /proc/"$pid"/maps; do
	[ -e "$file" ] || complain "there is no $file"
	as_user alice cat "$file"
	[ "$status" -ne 0 ] || complain "alice reads $file"
done
as_user alice grep -rls 'open sesame' /etc /run /var /usr/lib/systemd
check 'found by alice' '' "$(cat out)"
# The server knows it, and must.
as_user alice sh -c 'for process in /proc/[0-9]*; do
	[ "$process" = "/proc/$1" ] ||
		cat "$process/cmdline" "$process/environ" 2>&1
done' - "$sink_pid"
tr '\0' '\n' <out >words
check_match 'the words of all' '^serve$' words
check_no_match 'in a process' sesame words
as_user alice ls /var/spool/mailchute
[ "$status" -ne 0 ] || complain 'alice looks into the queue'
check 'core dumps' 0 "$(awk '/Max core/ { print $5 }' /proc/"$pid"/limits)"
finish

begin 'the journal tells who, and not the password'
journalctl --sync
journalctl -t mailchute -o cat >journal
check_match 'the caller' "queued=yes .*tag='from uid $(id -u alice), pid" journal
check_match 'the server' "smtpstatus=250" journal
journalctl -o cat >journal
check_no_match 'the password' 'open sesame' journal
finish

begin '"mailchute log" reads the journal'
mailchute log >log.out 2>log.err || complain "it ended with $?"
check_empty stderr log.err
check_match 'a message' '^20[0-9-]* [0-9:]*  sent  *[0-9a-z]{15} ' log.out
mailchute log --since 1h --summary >log.out 2>log.err ||
	complain "it ended with $?"
check_match 'the sum' '^In all: [1-9][0-9]* sent' log.out
finish

begin 'a server that is away: taken, and shown to root alone'
sink_stop
mail_from alice
mail_from bob
mailchute -C /etc/mailchute/relay.conf queue list >listed 2>err
check 'in the queue' 2 "$(grep -c bob@example.test listed)"
as_user alice mailq
check_no_match 'what alice sees' 'example.test' out
as_user alice mailchute -C /etc/mailchute/relay.conf queue list
[ "$status" -ne 0 ] || complain 'alice lists the queue'
check 'still' active "$(state mailchute.service ActiveState)"
finish

begin 'killed in the middle of it: it comes back, and sends'
systemctl kill --signal=KILL mailchute.service
until_true test "$(state mailchute.service ActiveState)" != active
sink_start
systemctl start mailchute.service || complain "$(systemctl status mailchute)"
until_true has_arrived 3
finish

begin 'reload: the new profile; a wrong one is said and changes nothing'
pid=$(state mailchute.service MainPID)
echo 'nonsense on' >>/etc/mailchute/relay.conf
systemctl reload mailchute.service || complain 'reload failed'
is_said() {
	journalctl --sync
	journalctl -u mailchute.service -o cat | grep -q nonsense
}
until_true is_said
check 'still the same' "$pid" "$(state mailchute.service MainPID)"
relay
systemctl reload mailchute.service || complain 'reload failed'
mail_from alice
until_true has_arrived 4
finish

begin 'a wrong profile: systemctl start says so'
systemctl stop mailchute.service 2>err
echo 'socket /run/mailchute/submit' >>/etc/mailchute/relay.conf
systemctl start mailchute.service 2>err && complain 'it started'
check 'its status' 78 "$(state mailchute.service ExecMainStatus)"
journalctl --sync
journalctl -u mailchute.service -o cat >journal
check_match 'the reason' 'this is the relay, it needs a host' journal
systemctl stop mailchute.service mailchute.socket 2>err
systemctl reset-failed mailchute.service mailchute.socket 2>/dev/null
relay
systemctl start mailchute.socket
mail_from alice
until_true has_arrived 5
finish

begin 'stopped, it ends well, and the next message starts it again'
systemctl stop mailchute.service 2>err
check 'result' success "$(state mailchute.service Result)"
check 'socket' active "$(state mailchute.socket ActiveState)"
mail_from bob
until_true has_arrived 6
finish

begin 'started at boot, it sends what waited before it'
sink_stop
mail_from alice
systemctl stop mailchute.service mailchute.socket 2>err
sink_start
systemctl start mailchute.service
until_true has_arrived 7
check 'the socket came along' active "$(state mailchute.socket ActiveState)"
finish

begin 'a loopback port, by a line in the socket unit'
mkdir -p /etc/systemd/system/mailchute.socket.d
printf '[Socket]\nListenStream=127.0.0.1:25\n' \
	>/etc/systemd/system/mailchute.socket.d/port.conf
systemctl daemon-reload
systemctl stop mailchute.service mailchute.socket 2>err
systemctl start mailchute.socket
printf 'account default\nhost 127.0.0.1\nport 25\ntls off\nauth off\n%s\n' \
	'from alice@example.test' >/home/bob/.mailchuterc
chown bob /home/bob/.mailchuterc
chmod 600 /home/bob/.mailchuterc
mail_from bob
until_true has_arrived 8
check_match 'by TCP' '^Received: \(from (this machine|uid [0-9]+)\)' \
	"$(ls -t mail/*.eml | head -n 1)"
printf '[Socket]\nListenStream=0.0.0.0:26\n' \
	>/etc/systemd/system/mailchute.socket.d/port.conf
systemctl daemon-reload
systemctl stop mailchute.service mailchute.socket 2>err
systemctl start mailchute.socket
systemctl start mailchute.service 2>err && complain 'it takes any address'
journalctl --sync
journalctl -u mailchute.service -o cat >journal
check_match 'the reason' '0\.0\.0\.0:26 is no address of this machine alone' \
	journal
systemctl stop mailchute.service mailchute.socket 2>err
rm /etc/systemd/system/mailchute.socket.d/port.conf
systemctl daemon-reload
systemctl reset-failed mailchute.service mailchute.socket 2>/dev/null
finish

begin 'a queue of alice'\''s own, by the units of a user'
cat >/home/alice/.mailchuterc <<END
account default
host localhost
port $starttls_port
user alice
password open sesame
from alice@example.test
tls_trust_file /home/alice/ca.pem
queue always
queue_runner external
END
cp certs/ca.pem /home/alice
chown alice /home/alice/.mailchuterc /home/alice/ca.pem
chmod 600 /home/alice/.mailchuterc
mail_from alice
check 'waits' 8 "$(how_many)"
# As alice's own manager runs it, with a timer that does not wait.
cp /usr/lib/systemd/user/mailchute-queue.* /etc/systemd/system/
mkdir -p /etc/systemd/system/mailchute-queue.service.d \
	/etc/systemd/system/mailchute-queue.timer.d
printf '[Service]\nUser=alice\n' \
	>/etc/systemd/system/mailchute-queue.service.d/alice.conf
printf '[Timer]\nOnStartupSec=\nOnActiveSec=0\nRandomizedDelaySec=0\n' \
	>/etc/systemd/system/mailchute-queue.timer.d/now.conf
systemctl daemon-reload
systemctl start mailchute-queue.timer || complain 'the timer'
until_true has_arrived 9
until_true test "$(state mailchute-queue.service ActiveState)" != activating
check 'result' success "$(state mailchute-queue.service Result)"
finish

begin 'a queue of bob'\''s, who has no systemd of his own'
sed 's|/home/alice|/home/bob|' /home/alice/.mailchuterc >/home/bob/.mailchuterc
cp certs/ca.pem /home/bob
chmod 644 /home/bob/ca.pem
mail_from bob
check 'waits' 9 "$(how_many)"
systemctl start mailchute-queue@bob.service || complain 'the service'
has_arrived 10 || complain 'it has not come'
systemctl enable --now mailchute-queue@bob.timer 2>err || complain "$(cat err)"
check 'the timer' active "$(state mailchute-queue@bob.timer ActiveState)"
finish

begin 'nothing was sent twice, and nothing else failed'
cat mail/*.eml kept/*.eml | grep -i '^Message-ID' | sort | uniq -d >twice
check 'twice' '' "$(cat twice)"
check 'units that failed' '' "$(systemctl --failed --plain --no-legend)"
finish
summary
