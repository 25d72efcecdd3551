# SPDX-License-Identifier: GPL-3.0-or-later
# What tests/bench/run measures, inside its sandbox:
#
#	sh cases.sh FOLDER WORK PART...
#
# Tables go to WORK/table, test cases to stdout.
# shellcheck shell=sh disable=SC2154
set -u
here=$1 work=$2
shift 2
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"

measure=$TOP_BUILDDIR/tests/bench/measure
# As a person's shell has it, which costs more than cron's.
LC_ALL=C.UTF-8
export LC_ALL
unset LANGUAGE LD_BIND_NOW
HOME=$work/home
export HOME
mkdir -p "$HOME" && cd "$work" || exit

# ---- measuring ------------------------------------------------------------

# client NAME COMMAND...: a program of the part, as a script would call it.
client() {
	client_name=$1
	shift
	printf '%s\n' "$*" >"command.$client_name"
	clients="$clients $client_name"
}

# rounds COUNT RUNS [OPTION...]: every client in turn; the best of its rounds
# counts, since all that disturbs makes a round longer.
rounds() {
	rounds_count=$1 rounds_runs=$2
	shift 2
	for name in $clients; do
		: >"rounds.$name"
	done
	while [ "$rounds_count" -gt 0 ]; do
		for name in $clients; do
			# shellcheck disable=SC2046 # a command
			"$measure" -n "$rounds_runs" -i message "$@" \
				$(cat "command.$name") >>"rounds.$name" \
				2>>"errors.$name" || {
				tail -n 3 "errors.$name"
				bail "$name fails"
			}
		done
		rounds_count=$((rounds_count - 1))
	done
}

# best NAME FIELD
best() {
	sed "s/.*\\<$2=\\([0-9]*\\).*/\\1/" "rounds.$1" | sort -n | head -n 1
}

# instructions NAME: of the process and its children, in user space.
instructions() {
	# shellcheck disable=SC2046 # a command
	valgrind --tool=callgrind --trace-children=yes \
		--callgrind-out-file=/dev/null $(cat "command.$1") \
		<message 2>&1 >/dev/null |
		awk '/Collected/ { sum += $NF } END { print sum + 0 }'
}

# calls NAME [STRACE-OPTION...]: how many system calls.
calls() {
	calls_name=$1
	shift
	# shellcheck disable=SC2046 # a command
	strace -f -o calls.out "$@" $(cat "command.$calls_name") \
		<message >/dev/null 2>&1
	grep -c '^[0-9]* *[a-z0-9_]*(' calls.out
}

# millions N; ms MICROSECONDS; ratio A B
millions() {
	awk -v n="$1" 'BEGIN { printf "%.2f", n / 1e6 }'
}
ms() {
	awk -v n="$1" 'BEGIN { printf "%.2f", n / 1e3 }'
}
ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b ? a / b : 0 }'
}

# table TEXT TITLE...: begins one.
table() {
	printf '\n%s\n\n' "$1" >>table
	shift
	: >rows
	row "$@"
}

# row CELL...
row() {
	printf '%s\t' "$@" >>rows
	echo >>rows
}

# The first column left, the others right.
table_end() {
	awk -F '\t' '
	NR == FNR {
		for (i = 1; i < NF; i++)
			if (length($i) > width[i])
				width[i] = length($i)
		next
	}
	{
		line = sprintf("  %-*s", width[1], $1)
		for (i = 2; i < NF; i++)
			line = line sprintf("  %*s", width[i], $i)
		print line
	}' rows rows >>table
}

# not_more WHAT A B: a case.
not_more() {
	begin "$1"
	[ "$2" -le "$3" ] || complain "$2 is more than $3"
	finish
}

# ---- what is measured -----------------------------------------------------

{
	printf '%s\n' 'From: alice@example.test' 'To: bob@example.test' \
		'Subject: a message of two kilobytes' ''
	yes 'Sphinx of black quartz, judge my vow. 0123456789 0123456789' |
		head -n 33
} >message

# profile LINE...
profile() {
	printf '%s\n' 'account default' 'from alice@example.test' \
		'syslog off' "$@" >"$HOME/.mailchuterc"
	chmod 600 "$HOME/.mailchuterc"
}

queue_profile() {
	profile 'host localhost' "port $starttls_port" 'auth plain' \
		'user alice' 'password bench-password' \
		"tls_trust_file $work/certs/ca.pem" 'queue always' \
		'queue_runner external' "queue_dir $work/queue"
}

# Their queues lie on the same disk as ours.
queues_open() {
	mkdir -p nullmailer/queue nullmailer/tmp nullmailer/failed dma \
		/var/spool/nullmailer /var/spool/dma /etc/nullmailer /etc/dma
	mkfifo nullmailer/trigger
	chown -R mail:mail nullmailer
	chmod 777 dma
	mount --bind nullmailer /var/spool/nullmailer
	mount --bind dma /var/spool/dma
	echo host.example.test >/etc/mailname
}

queues_configure() {
	echo "localhost smtp --port=$starttls_port --starttls --auth-login \
		--x509cafile=$work/certs/ca.pem --user=alice \
		--pass=bench-password" >/etc/nullmailer/remotes
	printf '%s\n' 'SMARTHOST localhost' "PORT $starttls_port" DEFER \
		SECURETRANSFER STARTTLS 'AUTHPATH /etc/dma/auth.conf' \
		>/etc/dma/dma.conf
	echo 'alice|localhost:bench-password' >/etc/dma/auth.conf
	chmod 644 /etc/dma/auth.conf
}

sink_start() {
	rm -f ports
	mkdir -p certs
	"$TOP_BUILDDIR/tests/sink/sink" --starttls 0 --clear 0 \
		--port-file ports --certs certs --lifetime 900 "$@" \
		>sink.out 2>&1 &
	sink_pid=$!
	sink_tries=0
	while [ ! -s ports ]; do
		sink_tries=$((sink_tries + 1))
		[ "$sink_tries" -lt 200 ] || bail 'the sink does not start'
		sleep 0.05
	done
	# shellcheck disable=SC1091
	. ./ports
}

sink_stop() {
	kill "$sink_pid"
	wait "$sink_pid" 2>/dev/null
}

queue_clients() {
	clients=
	client mailchute "$MAILCHUTE bob@example.test"
	client nullmailer nullmailer-inject bob@example.test
	client dma dma -f alice@example.test bob@example.test
}

part_enqueue() {
	starttls_port=9
	queues_configure
	queue_profile
	queue_clients
	rounds 5 30
	table 'Enqueue: one message, durably, in a process of its own.' \
		program 'wall ms' 'CPU ms' 'M instr.' calls fsyncs 'peak KB' \
		'8 at once, ms each'
	for name in $clients; do
		wall=$(best $name wall) cpu=$(best $name cpu)
		rss=$(best $name rss)
		cp "rounds.$name" "rounds.one.$name"
		echo "$wall $cpu" >"single.$name"
		echo "$rss" >>"single.$name"
	done
	rounds 3 80 -j 8
	for name in $clients; do
		{
			read -r wall cpu
			read -r rss
		} <"single.$name"
		crowd=$(best $name each)
		all=$(calls $name)
		syncs=$(calls $name -e trace=fsync,fdatasync,sync,syncfs)
		count=$(instructions $name)
		echo "$count" >"count.$name"
		row $name "$(ms "$wall")" "$(ms "$cpu")" "$(millions "$count")" \
			"$all" "$syncs" "$rss" "$(ms "$crowd")"
	done
	table_end
	for name in nullmailer dma; do
		not_more "enqueue takes no more instructions than $name's" \
			"$(cat count.mailchute)" "$(cat count.$name)"
	done
	rm -rf queue nullmailer/queue/* dma/*
}

# small LIMIT WORD...: in a small environment, as part of what is counted is
# reading it.  What is forked goes on counting where its parent was.
# No library of TLS, of names or of logins is opened for it.
small() {
	small_limit=$1
	shift
	# shellcheck disable=SC2016 # the inner shell's
	small_count=$(env -i PATH="$PATH" HOME="$HOME" LC_ALL=C.UTF-8 \
		valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$MAILCHUTE" "$@" <message 2>&1 >/dev/null |
		awk '/Collected/ && $NF > most { most = $NF } END { print most + 0 }')
	row "$*" "$(millions "$small_count")"
	not_more "$* takes no more than $(millions "$small_limit") M instructions" \
		"$small_count" "$small_limit"
	strace -f -o small.out "$MAILCHUTE" "$@" <message >/dev/null 2>&1
	begin "$* opens no library but libc"
	check libraries '' "$(grep -v ENOENT small.out | grep -v '/libc\.so' |
		grep -o '[^"/]*\.so\.[0-9]*' | sort -u |
		grep -v '^ld\.so\.')"
	finish
}

part_small() {
	starttls_port=9
	profile 'host localhost' 'from alice@example.test' \
		'queue_runner external' "queue_dir $work/queue"
	table 'What needs no network.' arguments 'M instr.'
	small 500000 --version
	small 800000 config
	small 800000 queue list
	small 800000 -odq bob@example.test
	table_end
	rm -rf queue
}

waiting_row() {
	rounds 3 20
	waiting_calls=$(calls mailchute)
	waiting_count=$(instructions mailchute)
	row "$1" "$(ms "$(best mailchute wall)")" \
		"$(ms "$(best mailchute cpu)")" \
		"$(millions "$waiting_count")" "$waiting_calls"
}

# A file system of its own: making and removing 200,000 inodes beside others
# takes minutes on some disks.
waiting_open() {
	mkdir -p queue
	truncate -s 2G image && mkfs.ext4 -q -N 300000 image &&
		mount -o loop image queue &&
		waiting_is_mounted=1
}

waiting_close() {
	if [ -n "$waiting_is_mounted" ]; then
		umount queue
		rm -f image
	fi
	rm -rf queue
}

part_waiting() {
	starttls_port=9
	queue_profile
	waiting_is_mounted=
	waiting_open || echo '# no file system of its own, which takes longer'
	chmod 700 queue
	clients=
	client mailchute "$MAILCHUTE bob@example.test"
	"$MAILCHUTE" bob@example.test <message || bail 'nothing is queued'
	table 'A submission, with others waiting.' waiting 'wall ms' 'CPU ms' \
		'M instr.' calls
	waiting_row 0
	few_calls=$waiting_calls few_count=$waiting_count
	"$TOP_BUILDDIR/tests/bench/fill" queue 100000 || bail 'fill fails'
	waiting_row 100,000
	table_end
	begin 'with 100,000 waiting a submission makes the same system calls'
	check 'how many' "$few_calls" "$waiting_calls"
	finish
	not_more 'and takes the same instructions, give or take one in a hundred' \
		"$waiting_count" $((few_count + few_count / 100))

	clients=
	ln -sf "$MAILCHUTE" mailq
	client mailq ./mailq
	client json "$MAILCHUTE queue --json"
	rounds 3 1
	table 'Listing 100,000 entries.' command 'wall ms' 'CPU ms' 'peak KB'
	row mailq "$(ms "$(best mailq wall)")" "$(ms "$(best mailq cpu)")" \
		"$(best mailq rss)"
	row 'mailchute queue --json' "$(ms "$(best json wall)")" \
		"$(ms "$(best json cpu)")" "$(best json rss)"
	table_end
	waiting_close
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

# until_empty FOLDER PATTERN: no such file there; at most two minutes.
until_empty() {
	until_tries=0
	while [ -n "$(find "$1" -type f -name "$2" -print -quit)" ]; do
		until_tries=$((until_tries + 1))
		[ $until_tries -lt 2400 ] || bail "$1 is not emptied"
		sleep 0.05
	done
}

# drained NAME MS: the round that was best so far.
drained() {
	drained_connections=$(grep -c '^S: 220 .* ESMTP' transcript)
	drained_messages=$(grep -c '^C: DATA' transcript)
	[ "$drained_messages" -eq $messages ] ||
		bail "$1: $drained_messages of $messages arrived"
	drained_best=$(cat "drained.$1" 2>/dev/null || echo 999999)
	[ "$2" -ge "${drained_best% *}" ] ||
		echo "$2 $drained_connections" >"drained.$1"
}

# What was queued before is on the disk when the clock starts.
drain_begin() {
	sync
	: >transcript
	began=$(now_ms)
}

drain_round() {
	rounds 1 $messages
	drain_begin
	"$MAILCHUTE" queue run || bail 'the queue is not run'
	drained mailchute $(($(now_ms) - began))

	drain_begin
	nullmailer-send >send.out 2>&1 &
	send_pid=$!
	until_empty nullmailer/queue '*'
	took=$(($(now_ms) - began))
	kill $send_pid
	wait $send_pid 2>/dev/null
	drained nullmailer $took

	drain_begin
	dma -q
	until_empty dma 'Q*'
	drained dma $(($(now_ms) - began))
}

part_drain() {
	messages=200
	sink_start --transcript transcript --user alice:bench-password
	queues_configure
	queue_profile
	queue_clients
	drain_round
	drain_round
	sink_stop
	table "Drain: $messages messages, the same server, STARTTLS and a login." \
		program 'messages/s' connections 'time, mailchute = 1'
	ours=$(cat drained.mailchute)
	for name in $clients; do
		theirs=$(cat drained.$name)
		row $name $((messages * 1000 / ${theirs% *})) "${theirs#* }" \
			"$(ratio "${theirs% *}" "${ours% *}")"
	done
	table_end
	# 'max_messages_per_connection' is 100.
	not_more 'the queue is emptied over one connection after another' \
		"${ours#* }" $((messages / 100))
}

# distance_row NAME MESSAGES SETTING [OPTION-OF-THE-SINK]: the best of three.
distance_row() {
	distance_best=999999
	# shellcheck disable=SC2086 # one word or none
	sink_start --transcript transcript ${4-}
	# shellcheck disable=SC2154 # of the file ports
	"$TOP_BUILDDIR/tests/bench/line" 25 "$clear_port" >line.port &
	line_pid=$!
	until [ -s line.port ]; do
		sleep 0.05
	done
	profile 'host 127.0.0.1' "port $(cat line.port)" 'tls off' 'auth off' \
		'queue always' "queue_dir $work/queue" \
		'queue_runner external' "$3"
	clients=
	client mailchute "$MAILCHUTE bob@example.test"
	for distance_round in 1 2 3; do
		rm -f queue/servers
		rounds 1 "$2"
		drain_begin
		"$MAILCHUTE" queue run || bail 'the queue is not run'
		distance_took=$(($(now_ms) - began))
		distance_count=$(grep -cE '^C: (DATA|BDAT .*)' transcript)
		[ "$distance_count" -eq "$2" ] ||
			bail "round $distance_round: $distance_count of $2"
		[ $distance_took -ge $distance_best ] ||
			distance_best=$distance_took
	done
	row "$1" "$2" $(($2 * 1000 / distance_best))
	kill $line_pid
	wait $line_pid 2>/dev/null
	rm -f line.port
	sink_stop
}

part_distance() {
	# A rate, whichever, is kept one by one.
	distance_alone='rate 100000/s'
	table 'Drain over a line of 50 ms, 100 messages a connection.' \
		'the server offers' messages 'messages/s'
	distance_row 'PIPELINING and CHUNKING' 500 'timeout 60' --chunking
	distance_row 'the same, one by one' 100 "$distance_alone" --chunking
	distance_row 'PIPELINING' 500 'timeout 60'
	distance_row 'the same, one connection' 100 'max_connections 1'
	distance_row 'the same, one by one' 100 "$distance_alone"
	distance_row 'DATA alone' 500 'timeout 60' --hide=PIPELINING
	table_end
}

# send_clients CA-FILE [few]: ssmtp trusts anybody, swaks takes a tenth of a
# second whatever the file.
send_clients() {
	profile 'host localhost' "port $starttls_port" 'auth plain' \
		'user alice' 'password bench-password' "tls_trust_file $1" \
		'queue off'
	{
		printf '%s\n' 'account default' 'host localhost' \
			"port $starttls_port" 'tls on' 'tls_starttls on' \
			'auth plain' 'user alice' 'password bench-password' \
			'from alice@example.test' "tls_trust_file $1"
	} >msmtprc
	chmod 600 msmtprc
	printf 'user = "alice:bench-password"\n' >curlrc
	mkdir -p /etc/ssmtp
	printf '%s\n' "mailhub=localhost:$starttls_port" 'UseTLS=YES' \
		'UseSTARTTLS=YES' 'AuthUser=alice' 'AuthPass=bench-password' \
		'hostname=host.example.test' 'FromLineOverride=YES' \
		>/etc/ssmtp/ssmtp.conf
	clients=
	client mailchute "$MAILCHUTE bob@example.test"
	client msmtp "msmtp -C $work/msmtprc bob@example.test"
	client curl "curl -s -K $work/curlrc --ssl-reqd --cacert $1 \
		--login-options AUTH=PLAIN --mail-from alice@example.test \
		--mail-rcpt bob@example.test --upload-file $work/message \
		smtp://localhost:$starttls_port"
	[ $# -lt 2 ] || return 0
	client swaks "perl -w /usr/bin/swaks --silent 3 --server localhost \
		--port $starttls_port --tls --tls-verify --tls-ca-path $1 \
		--auth PLAIN --auth-user alice --auth-password bench-password \
		--from alice@example.test --to bob@example.test \
		--data @$work/message"
	client ssmtp 'ssmtp bob@example.test'
}

send_table() {
	rounds 3 "$2"
	table "$1" program 'wall ms' 'CPU ms' 'M instr.' calls 'peak KB' \
		'wall, mailchute = 1'
	ours=$(best mailchute wall)
	for name in $clients; do
		wall=$(best $name wall)
		count=$(instructions $name)
		echo "$count" >"count.$name"
		row $name "$(ms "$wall")" "$(ms "$(best $name cpu)")" \
			"$(millions "$count")" "$(calls $name)" \
			"$(best $name rss)" "$(ratio "$wall" "$ours")"
	done
	table_end
}

# token_client: a login whose token is good, and whose issuer is nowhere: there
# would be no mail if it were asked.
token_client() {
	token=$(head -c 600 /dev/zero | tr '\0' t)
	token_folder=$HOME/.local/state/mailchute/tokens
	mkdir -p "$token_folder"
	echo "alice:$token" >tokens
	(
		umask 077
		printf '%s\n' 'client_id bench' \
			'token_endpoint https://localhost:9/token' \
			'refresh_token none' "access_token $token" \
			"fetched $(date +%s)" "expires $(($(date +%s) + 3600))" \
			end >"$token_folder/alice@localhost"
	)
	profile 'host localhost' "port $starttls_port" 'auth xoauth2' \
		'user alice' 'oauth_client_id bench' "tls_trust_file $1" \
		'queue off'
	client token "$MAILCHUTE bob@example.test"
}

part_send() {
	: >tokens
	sink_start --user 'alice:bench-password' --tokens tokens \
		--mechanisms 'PLAIN LOGIN XOAUTH2'
	send_clients "$work/certs/ca.pem"
	send_table 'Send: one message with STARTTLS and PLAIN, one CA.' 5
	not_more 'a send takes no more instructions than msmtp' \
		"$(cat count.mailchute)" "$(cat count.msmtp)"
	token_client "$work/certs/ca.pem"
	sh command.token <message || bail 'no mail with a token'
	not_more 'with a token that is kept at most 1.03 times those of PLAIN' \
		$((100 * $(instructions token))) \
		$((103 * $(cat count.mailchute)))
	cat /etc/ssl/certs/ca-certificates.crt certs/ca.pem >all.pem
	send_clients "$work/all.pem" few
	send_table "The same, with the CA last in a file of \
$(grep -c BEGIN all.pem)." 5
	not_more 'and less than a third of that with a whole file of CAs' \
		$((3 * $(cat count.mailchute))) "$(cat count.msmtp)"
	sink_stop
}

part_sign() {
	"$MAILCHUTE" dkim keygen -k rsa -s bench -f . example.test >zone ||
		bail 'no key'
	"$TOP_BUILDDIR/tests/bench/sign" bench.example.test.pem >signed ||
		bail 'nothing is signed'
	table 'DKIM: one signature (RSA, 2048 bits, relaxed), as part of a process.' \
		bytes 'floor us' 'mailchute us' 'libopendkim us' 'mailchute, floor = 1'
	tr '=' ' ' <signed | while read -r _ bytes kind floor _ ours _ others; do
		[ "$kind" != floor ] || row "$bytes" "$floor" "$ours" \
			"$others" "$(ratio "$ours" "$floor")"
	done
	table_end
	not_more 'to sign 100 MB takes no more than 2 MB of memory' \
		"$(sed -n 's/^.* rss=//p' signed)" 2048
}

# valgrind does not run what is set-group-id; root needs no group.
chmod g-s /usr/sbin/dma /usr/sbin/ssmtp
queues_open
for part; do
	part_began=$(now_ms)
	"part_$part"
	echo "# $part took $((($(now_ms) - part_began) / 1000)) s"
done
summary
