# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# The queue with a real Postfix behind it: stopped, hung, slow, full, refusing,
# with a changed password.  What is queued and what is final, and all that the
# caller, mailq, 'queue list' and the log say.  Runs inside the sandbox:
#	sh queue_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"
# shellcheck source=tests/lib/pki.sh
. "$lib/pki.sh"
# shellcheck source=tests/lib/client.sh
. "$lib/client.sh"
# shellcheck source=tests/lib/message.sh
. "$lib/message.sh"
# shellcheck source=tests/lib/disk.sh
. "$lib/disk.sh"
# shellcheck source=tests/servers/postfix.sh
. "$1/postfix.sh"

# /run is a tmpfs, which no queue is kept in.
work=/run/test
mkdir -p "$work/client" "$work/m"
client_open "$work/client"
place=$(lasting_folder) || {
	skip 'the queue' 'no disk on which one would last: set QUEUE_DISK'
	summary
	exit
}
disk=$(mktemp -d "$place/mailchute-queue.XXXXXX") || exit
trap 'rm -rf "$disk"' EXIT
trap 'exit 1' HUP INT TERM
queue=$disk/q
cd "$work" || exit
postfix_start "$work/postfix" || bail 'Postfix does not start'
# Every connection has a process of its own, which reads what is set then.
echo 'max_use = 1' >>"$postfix/etc/main.cf"

# profile LINE...: Alice's, with a queue that somebody else runs.
profile() {
	client_profile "host $postfix_host" 'port 587' 'tls on' \
		"tls_trust_file $work/postfix/pki/ca.pem" \
		'from alice@example.test' 'auth plain' "user $postfix_user" \
		"password $postfix_password" 'queue auto' \
		"queue_dir $queue" 'queue_runner external' 'timeout 20' "$@"
}

# send RECIPIENT...: in the foreground.
send() {
	submit_plain mailchute "$@"
}

# chute ARGUMENT...: no message on stdin.
chute() {
	submit mailchute "$@" </dev/null
}

# plain_text FILE: without what is new in every run.  Ids are numbered in the
# order of their time.
plain_text() {
	plain_number=0
	cp "$1" "$work/m/plain"
	for plain_id in $(find "$queue" "$queue/failed" -mindepth 1 \
		-maxdepth 1 -name '1??????????????' 2>/dev/null |
		sed 's|.*/||' | sort) $gone_ids; do
		plain_number=$((plain_number + 1))
		sed -i "s/$plain_id/ID-----------$plain_number/g" \
			"$work/m/plain"
	done
	sed -e 's/^20[-0-9]*T[0-9:]*[-+][0-9]* //' \
		-e 's/ ms=[0-9]*/ ms=N/; s/ next=[0-9]*/ next=N/' \
		-e 's/Ok: [0-9]* bytes queued/Ok: queued/' \
		-e 's/queued as [0-9A-Za-z]*/queued as QUEUEID/' \
		-e 's/[A-Z][a-z][a-z] [A-Z][a-z][a-z] [0-9][0-9] [0-9][0-9]:[0-9][0-9]/DAY MON NN HH:MM/' \
		-e 's/next try in [0-9][0-9smhd ]*/next try in TIME/' \
		-e 's/^\(ID-*[0-9]  [a-z]*\) *[0-9]*[smhd]  /\1 AGE  /' \
		-e 's/\(AGE *[0-9]* *[0-9]*\) *[0-9]*[smhd]  /\1 NEXT  /' \
		-e "s|$disk|DISK|g" "$work/m/plain"
}
gone_ids=

# says WHAT FILE: the file is what stands on stdin, byte for byte, but for what
# is new in every run.
says() {
	cat >"$work/m/want"
	plain_text "$2" >"$work/m/got"
	cmp -s "$work/m/want" "$work/m/got" ||
		complain "$1:
$(diff "$work/m/want" "$work/m/got" | sed 's/^/  /')"
}

says_nothing() {
	says "$1" "$2" </dev/null
}

# mailq_says, list_says: what stands on stdin, all of it.
mailq_says() {
	submit sendmail -bp </dev/null
	check 'exit code of mailq' 0 "$status"
	says mailq "$client/out"
}

list_says() {
	chute queue list
	says 'queue list' "$client/out"
}

nothing_waits() {
	mailq_says <<-'END'
		Mail queue is empty
	END
}

# arrives MAILBOX...: the plain message, once each, and nothing else.
arrives() {
	message_plain | message_body /dev/stdin >"$work/m/body"
	for arrives_box; do
		postfix_take "$arrives_box" || continue
		check_same "body for $arrives_box" "$work/m/body" \
			"$postfix/arrived.body"
	done
	postfix_empty || complain 'more arrived'
}

# postfix_login PASSWORD: Alice's from now on; Dovecot looks at its file once a
# second.
postfix_login() {
	printf '%s:{PLAIN}%s\n' "$postfix_user" "$1" >"$postfix/dovecot/users"
	sleep 1.2
}

# postfix_setting NAME VALUE: from now on; postfix_setting NAME: no more.
postfix_setting() {
	sed -i "/^$1 = /d" "$postfix/etc/main.cf"
	[ $# -eq 1 ] || echo "$1 = $2" >>"$postfix/etc/main.cf"
}

nothing_arrives() {
	postfix_empty || complain 'something arrived'
}

head_line='-----Q-ID------ --Size-- -----Q-Time-----   ------------Sender/Recipient-----------'
log_start="host=$postfix_host tls=on auth=on user=alice from=alice@example.test"

# ---- stopped ----------------------------------------------------------------

begin 'stopped: the message is queued, in silence'
profile
postfix_stop
send bob@example.test
check 'exit code' 0 "$status"
says_nothing stdout "$client/out"
says_nothing stderr "$client/err"
says log "$client/log" <<END
$log_start recipients=bob@example.test errormsg='$postfix_host:587 refused the connection' exitcode=EX_OK id=ID-----------1 account=default diag=net.refused status=4.4.1 queued=yes next=N msgid=<plain@example.test> ms=N
END
finish

begin 'stopped: mailq, queue list, and another one'
send carol@example.test bob@example.test
mailq_says <<END
$head_line
ID-----------1      195 DAY MON NN HH:MM   alice@example.test
                 ($postfix_host:587 refused the connection)
                                             bob@example.test
ID-----------2      195 DAY MON NN HH:MM   alice@example.test
                 ($postfix_host:587 refused the connection)
                                             carol@example.test
                                             bob@example.test
		Total requests: 2
-- 1 Kbytes in 2 Requests.
END
list_says <<END
ID               STATE    AGE     SIZE  TRIES  NEXT  SENDER
ID-----------1  waiting AGE      195      1 NEXT  alice@example.test
  bob@example.test
    $postfix_host:587 refused the connection
ID-----------2  waiting AGE      195      1 NEXT  alice@example.test
  carol@example.test
  bob@example.test
    $postfix_host:587 refused the connection
what waits is sent by whatever runs the queue ('queue_runner external')
END
finish

begin 'stopped: a run asks once, for both, and says what waits'
chute queue run
check 'exit code' 75 "$status"
says_nothing stdout "$client/out"
says stderr "$client/err" <<END
mailchute: ID-----------1: bob@example.test: $postfix_host:587 refused the connection, next try in TIME
mailchute: ID-----------2: carol@example.test +1: $postfix_host:587 refused the connection, next try in TIME
END
says log "$client/log" <<END
$log_start recipients=bob@example.test errormsg='$postfix_host:587 refused the connection' exitcode=EX_TEMPFAIL id=ID-----------1 account=default diag=net.refused status=4.4.1 try=2 next=N ms=N
END
finish

begin 'back again: both go out, over one connection'
postfix_run || bail 'Postfix does not come back'
gone_ids=$(find "$queue" -mindepth 1 -maxdepth 1 -name '1??????????????' |
	sed 's|.*/||' | sort)
postfix_mark
chute queue run
check 'exit code' 0 "$status"
says_nothing stdout "$client/out"
says_nothing stderr "$client/err"
says log "$client/log" <<END
$log_start recipients=bob@example.test mailsize=195 smtpstatus=250 smtpmsg='250 2.0.0 Ok: queued as QUEUEID' exitcode=EX_OK id=ID-----------1 account=default status=2.0.0 tlsver=TLS1.3 mech=PLAIN msgid=<plain@example.test> ms=N
$log_start recipients=carol@example.test,bob@example.test mailsize=195 smtpstatus=250 smtpmsg='250 2.0.0 Ok: queued as QUEUEID' exitcode=EX_OK id=ID-----------2 account=default status=2.0.0 tlsver=TLS1.3 mech=PLAIN msgid=<plain@example.test> ms=N
END
gone_ids=
nothing_waits
arrives bob bob carol
postfix_log
check connections 1 "$(grep -c 'smtpd.*: connect from' "$postfix/log.new")"
finish

# until_arrives MAILBOX SECONDS
until_arrives() {
	until_tries=$(($2 * 10))
	until [ "$(postfix_count "$1")" -gt 0 ]; do
		until_tries=$((until_tries - 1))
		[ "$until_tries" -gt 0 ] || return
		sleep 0.1
	done
}

begin 'stopped for a while: a runner that watches sends it by itself'
profile 'queue_retry 1s'
postfix_stop
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$client/profile" queue run --watch \
	>"$work/m/watch" 2>&1 &
watcher=$!
send bob@example.test
check 'exit code' 0 "$status"
sleep 1.5
nothing_arrives
postfix_run || bail 'Postfix does not come back'
until_arrives bob 40
arrives bob
kill "$watcher"
wait "$watcher"
check 'the exit code of the runner' 0 $?
check_empty 'its output' "$work/m/watch"
nothing_waits
finish

# ---- hung and slow ----------------------------------------------------------

begin 'hung: the wait ends, and the message is queued'
profile 'timeout 1'
postfix_freeze STOP
send bob@example.test
postfix_freeze CONT
check 'exit code' 0 "$status"
says_nothing stderr "$client/err"
mailq_says <<END
$head_line
ID-----------1      195 DAY MON NN HH:MM   alice@example.test
                 (the server did not answer within 1 seconds)
                                             bob@example.test
		Total requests: 1
-- 1 Kbytes in 1 Request.
END
profile
chute queue run
check 'exit code' 0 "$status"
arrives bob
nothing_waits
finish

begin 'slow: it takes its time, and nothing is queued'
postfix_setting smtpd_client_restrictions 'sleep 2'
profile
send bob@example.test
check 'exit code' 0 "$status"
nothing_waits
arrives bob
finish

begin 'slower than we wait: queued, and sent when there is more time'
profile 'timeout 1'
send bob@example.test
check 'exit code' 0 "$status"
says_nothing stderr "$client/err"
nothing_arrives
chute queue run
check 'exit code' 75 "$status"
says stderr "$client/err" <<END
mailchute: ID-----------1: bob@example.test: the server did not answer within 1 seconds, next try in TIME
END
postfix_setting smtpd_client_restrictions
profile
chute queue run
check 'exit code' 0 "$status"
arrives bob
nothing_waits
finish

# ---- full -------------------------------------------------------------------

begin 'full: 452 keeps the message, whatever its recipients'
postfix_setting queue_minfree 4000000000000000
profile
send bob@example.test carol@example.test
check 'exit code' 0 "$status"
says_nothing stderr "$client/err"
says log "$client/log" <<END
$log_start recipients=bob@example.test,carol@example.test smtpstatus=452 smtpmsg='452 4.3.1 Insufficient system storage' errormsg='the server refused the sender alice@example.test: 452 4.3.1 Insufficient system storage' exitcode=EX_OK id=ID-----------1 account=default diag=smtp.mail-refused reason=server-busy known=server.storage status=4.3.1 queued=yes next=N tlsver=TLS1.3 mech=PLAIN msgid=<plain@example.test> ms=N
END
mailq_says <<END
$head_line
ID-----------1      195 DAY MON NN HH:MM   alice@example.test
                 (the server refused the sender alice@example.test: 452 4.3.1 Insufficient system storage)
                                             bob@example.test
                                             carol@example.test
		Total requests: 1
-- 1 Kbytes in 1 Request.
END
nothing_arrives
postfix_setting queue_minfree
chute queue run
check 'exit code' 0 "$status"
arrives bob carol
nothing_waits
finish

# ---- refusing ---------------------------------------------------------------

begin 'in the foreground: 5xx is told, 4xx is queued, the rest is sent'
profile
send nobody@example.test bob@example.test grey@example.test
check 'exit code' 67 "$status"
says stderr "$client/err" <<'END'
mailchute: the server refused the recipient nobody@example.test: 550 5.1.1 <nobody@example.test>: Recipient address rejected: User unknown in virtual mailbox table
mailchute: the server took the message for the 1 other recipient
mailchute: there is no such mailbox
mailchute: check the spelling of the address, and take it off your lists
END
mailq_says <<'END'
-----Q-ID------ --Size-- -----Q-Time-----   ------------Sender/Recipient-----------
ID-----------1      195 DAY MON NN HH:MM   alice@example.test
                 (the server refused the recipient grey@example.test: 450 4.2.0 <grey@example.test>: Recipient address rejected: Greylisted, come back later)
                                             grey@example.test
		Total requests: 1
-- 1 Kbytes in 1 Request.
END
arrives bob
finish

begin 'later it takes the greylisted one'
: >"$postfix/etc/recipients"
chute queue run
check 'exit code' 0 "$status"
arrives grey
nothing_waits
printf '/^grey@/ 450 4.2.0 Greylisted, come back later\n' \
	>"$postfix/etc/recipients"
finish

begin 'in the background: 5xx is final and kept, 4xx waits, the rest is sent'
profile
send -odq nobody@example.test bob@example.test grey@example.test
chute queue run
check 'exit code' 75 "$status"
says stderr "$client/err" <<'END'
mailchute: ID-----------1: grey@example.test: the server refused the recipient grey@example.test: 450 4.2.0 <grey@example.test>: Recipient address rejected: Greylisted, come back later, next try in TIME
END
arrives bob
: >"$postfix/etc/recipients"
chute queue run
check 'exit code' 0 "$status"
arrives grey
mailq_says <<'END'
Not sent, kept until 'mailchute queue release' or 'remove':
ID-----------1      195 DAY MON NN HH:MM   alice@example.test
                 (the server refused the recipient nobody@example.test: 550 5.1.1 <nobody@example.test>: Recipient address rejected: User unknown in virtual mailbox table)
                                             nobody@example.test
Mail queue is empty
END
list_says <<'END'
ID               STATE    AGE     SIZE  TRIES  NEXT  SENDER
ID-----------1  failed AGE      195      0     -  alice@example.test
  nobody@example.test
    the server refused the recipient nobody@example.test: 550 5.1.1 <nobody@example.test>: Recipient address rejected: User unknown in virtual mailbox table
END
finish

begin 'its history: three tries, each with its answer'
chute queue show "$(find "$queue/failed" -mindepth 1 -maxdepth 1 |
	sed 's|.*/||')"
sed -e 's/^20[-0-9]* [0-9:]*  /DATE  /' -e 's/^\(Queued *\).*/\1DATE/' \
	-e 's/^\(DATE  dot *\*\).*/\1/' "$client/out" >"$work/m/history"
says show "$work/m/history" <<'END'
ID           ID-----------1
State        failed
Queued       DATE
Size         195
Account      default
Message-ID   <plain@example.test>
Sender       alice@example.test
Recipient    nobody@example.test (refused)
Recipient    bob@example.test (delivered)
Recipient    grey@example.test (delivered)
From         Alice <alice@example.test>
To           bob@example.test
Subject      a plain message
Date         Tue, 10 Nov 2026 12:00:00 +0100
DATE  dot        *
DATE  delivered  2  250 2.0.0 Ok: queued as QUEUEID
DATE  refused    1  smtp.rcpt-refused: the server refused the recipient nobody@example.test: 550 5.1.1 <nobody@example.test>: Recipient address rejected: User unknown in virtual mailbox table
DATE  deferred   3  smtp.rcpt-refused: the server refused the recipient grey@example.test: 450 4.2.0 <grey@example.test>: Recipient address rejected: Greylisted, come back later
DATE  dot        *
DATE  delivered  3  250 2.0.0 Ok: queued as QUEUEID
END
chute queue remove "$(find "$queue/failed" -mindepth 1 -maxdepth 1 |
	sed 's|.*/||')"
nothing_waits
finish

# At the dot: the answer concerns the message.
printf '%s\n' '/^alice\+later@/ 451 4.3.5 Not before tomorrow' \
	'/^alice\+never@/ 554 5.7.1 Not this one' >"$postfix/etc/dot"
postfix_setting smtpd_end_of_data_restrictions \
	"check_sender_access regexp:$postfix/etc/dot"

begin '4xx at the dot: queued in the foreground, kept in the background'
profile
send -f alice+later@example.test bob@example.test
check 'exit code' 0 "$status"
chute queue run
check 'exit code' 75 "$status"
says stderr "$client/err" <<'END'
mailchute: ID-----------1: bob@example.test: the server refused the message: 451 4.3.5 <alice+later@example.test>: Sender address rejected: Not before tomorrow, next try in TIME
END
nothing_arrives
finish

begin '5xx at the dot: final, in the foreground and in the background'
send -f alice+never@example.test bob@example.test
check 'exit code' 69 "$status"
says stderr "$client/err" <<'END'
mailchute: the server refused the message: 554 5.7.1 <alice+never@example.test>: Sender address rejected: Not this one
mailchute: a rule of the server does not let this message through: its content, its sender, or who sends it
mailchute: read the server's words; set 'from' to the login's address, then try a plain message
END
send -odq -f alice+never@example.test bob@example.test
chute queue run
check 'exit code' 75 "$status"
mailq_says <<'END'
-----Q-ID------ --Size-- -----Q-Time-----   ------------Sender/Recipient-----------
ID-----------1      195 DAY MON NN HH:MM   alice+later@example.test
                 (the server refused the message: 451 4.3.5 <alice+later@example.test>: Sender address rejected: Not before tomorrow)
                                             bob@example.test
Not sent, kept until 'mailchute queue release' or 'remove':
ID-----------2      195 DAY MON NN HH:MM   alice+never@example.test
                 (the server refused the message: 554 5.7.1 <alice+never@example.test>: Sender address rejected: Not this one)
                                             bob@example.test
		Total requests: 1
-- 1 Kbytes in 1 Request.
END
nothing_arrives
postfix_setting smtpd_end_of_data_restrictions
chute queue run
check 'exit code' 0 "$status"
arrives bob
finish

begin 'released, it is tried again, and goes out'
chute queue release "$(find "$queue/failed" -mindepth 1 -maxdepth 1 |
	sed 's|.*/||')"
check 'exit code' 0 "$status"
chute queue run
check 'exit code' 0 "$status"
arrives bob
nothing_waits
finish

begin 'notify: the refusal is told by mail'
profile 'notify carol@example.test'
send -odq nobody@example.test
chute queue run
check 'exit code' 0 "$status"
if postfix_take carol; then
	check_match 'who and why' \
		'nobody@example.test: 550' "$postfix/arrived.body"
	check_match 'automatic' '^Auto-Submitted: auto-generated$' \
		"$postfix/arrived.head"
fi
postfix_empty || complain 'more arrived'
chute queue remove "$(find "$queue/failed" -mindepth 1 -maxdepth 1 |
	sed 's|.*/||')"
finish

# ---- a changed password -----------------------------------------------------

begin 'a changed password: what waits stays, and the account is left alone'
profile
send -odq bob@example.test
send -odq carol@example.test
postfix_login 'another one'
postfix_mark
chute queue run
check 'exit code' 75 "$status"
says stderr "$client/err" <<'END'
mailchute: ID-----------1: bob@example.test: the server refused the login of alice with PLAIN: 535 5.7.8 Error: authentication failed: (reason unavailable), next try in TIME
mailchute: ID-----------2: carol@example.test: the server refused the login of alice with PLAIN: 535 5.7.8 Error: authentication failed: (reason unavailable), next try in TIME
END
says log "$client/log" <<END
$log_start recipients=bob@example.test smtpstatus=535 smtpmsg='535 5.7.8 Error: authentication failed: (reason unavailable)' errormsg='the server refused the login of alice with PLAIN: 535 5.7.8 Error: authentication failed: (reason unavailable)' exitcode=EX_NOPERM id=ID-----------1 account=default diag=smtp.auth-refused reason=credentials status=5.7.8 try=1 next=N tlsver=TLS1.3 mech=PLAIN msgid=<plain@example.test> ms=N
END
mailq_says <<END
$head_line
ID-----------1      195 DAY MON NN HH:MM   alice@example.test
                 (the server refused the login of alice with PLAIN: 535 5.7.8 Error: authentication failed: (reason unavailable))
                                             bob@example.test
ID-----------2      195 DAY MON NN HH:MM   alice@example.test
                 (the server refused the login of alice with PLAIN: 535 5.7.8 Error: authentication failed: (reason unavailable))
                                             carol@example.test
		Total requests: 2
-- 1 Kbytes in 2 Requests.
END
postfix_log
check 'logins that were tried' 1 \
	"$(grep -c 'authentication failed' "$postfix/log.new")"
nothing_arrives
finish

begin 'a changed password: in the foreground it is told, and not queued'
send bob@example.test
check 'exit code' 77 "$status"
says stderr "$client/err" <<'END'
mailchute: account default: the server refused the login of alice with PLAIN: 535 5.7.8 Error: authentication failed: (reason unavailable)
mailchute: check user name and password; many providers want an app password here; if they are right, try 'auth LOGIN', which the server offers, too
END
check 'still waiting' 2 "$(find "$queue" -mindepth 1 -maxdepth 1 \
	-name '1??????????????' | wc -l | tr -d ' ')"
finish

begin 'the right password, and all goes out'
profile 'password another one'
chute queue run
check 'exit code' 0 "$status"
says_nothing stderr "$client/err"
arrives bob carol
nothing_waits
postfix_login "$postfix_password"
finish

# ---- another way ------------------------------------------------------------

begin 'a fallback: the first does not listen, the second takes it'
profile 'port 2010' 'fallback second'
{
	grep -v '^fallback' "$client/profile" |
		sed -e 's/^account default/account second/' \
			-e 's/^port 2010/port 465/'
	echo tls_starttls off
} >"$work/m/second"
cat "$work/m/second" >>"$client/profile"
cp "$client/profile" "$client/home/.mailchuterc"
send bob@example.test
check 'exit code' 0 "$status"
says_nothing stderr "$client/err"
check 'accounts in the log' 'default second' \
	"$(sed 's/.* account=\([a-z]*\).*/\1/' "$client/log" | tr '\n' ' ' |
		sed 's/ $//')"
arrives bob
nothing_waits
finish

begin 'a host that does not exist: an error, and no entry'
profile 'host nowhere.example.test'
send bob@example.test
check 'nothing is queued' '' "$(find "$queue" -mindepth 1 -maxdepth 1 \
	-name '1??????????????')"
case $status in
68) check_match stderr 'there is no host nowhere.example.test' \
	"$client/err" ;;
*) complain "exit code: want 68, got $status" ;;
esac
finish

postfix_stop
summary
