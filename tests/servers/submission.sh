# SPDX-License-Identifier: GPL-3.0-or-later
# What every submission server in this folder is asked to do.  Runs inside the
# sandbox; NAME.sh starts the server, and says what it can do:
#
#	NAME_start FOLDER        returns once it answers on port 587
#	NAME_stop, NAME_tell     the end; its console and log, for a failed test
#
# It delivers into FOLDER/mail/MAILBOX/new, takes the certificate of
# FOLDER/pki/good, and knows the boxes bob and carol, and nobody@ not.
#
# shellcheck shell=sh disable=SC2154

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
# shellcheck source=tests/servers/drain.sh
. "$lib/../servers/drain.sh"

server_host=mail.example.test
server_port=587
server_profile= # lines of every profile
server_utf8= # the mailbox of grün@example.test, with SMTPUTF8
server_lines= # a line of every body's profile
server_has_login=yes # LOGIN, besides PLAIN
server_user=alice
server_password='sesame open = "#; 42'

# server_open NAME: everything it needs, and itself.
server_open() {
	server_name=$1
	work=/run/test
	server=$work/$1
	mkdir -p "$work/client" "$work/m" "$server/pki" "$server/mail" || return
	client_open "$work/client"
	sandbox_user vmail 974
	chown vmail:vmail "$server/mail"
	chmod 755 "$work" "$server" "$server/mail"
	printf '127.0.0.1 %s\n' "$server_host" >>/etc/hosts
	pki_authority "$server/pki/ca" &&
		pki_certificate "$server/pki/ca" "$server/pki/good" \
			"$server_host" || return
	chmod 644 "$server/pki"/*.key
	"$1_start" "$server" && return
	"$1_tell"
	return 1
}

# server_listens PORT: on loopback, by /proc's hexadecimal.
server_listens() {
	grep -qE ":$(printf '%04X' "$1") [0:]+ 0A " \
		/proc/net/tcp /proc/net/tcp6
}

# server_wait PORT: ten seconds for it to answer.
server_wait() {
	server_tries=100
	until server_listens "$1"; do
		server_tries=$((server_tries - 1))
		[ "$server_tries" -gt 0 ] || return
		sleep 0.1
	done
}

server_tell() {
	for server_file; do
		sed "s,^,# ${server_file##*/}: ," "$server_file" 2>&1 |
			tail -n 30
	done
}

# profile PORT LINE...: Alice's, on a port.
profile() {
	profile_port=$1
	shift
	client_profile "host $server_host" "port $profile_port" 'tls on' \
		"tls_trust_file $server/pki/ca.pem" 'timeout 20' \
		'from alice@example.test' 'auth on' "user $server_user" \
		"password $server_password" ${server_profile:+"$server_profile"} \
		"$@"
}

# drain: 200 messages from the queue, to bob.
drain() {
	drain_cases "$server_name" "$server/mail/bob/new" \
		"host $server_host" 'port 587' 'tls on' \
		"tls_trust_file $server/pki/ca.pem" 'timeout 20' \
		'from alice@example.test' 'auth on' "user $server_user" \
		"password $server_password" \
		${server_profile:+"$server_profile"} "$@"
}

# arrives MAILBOX BODY: byte for byte.
arrives() {
	server_tries=100
	rm -f "$server/arrived" "$server/arrived.body"
	until [ -n "$(find "$server/mail/$1/new" -type f 2>/dev/null)" ]; do
		server_tries=$((server_tries - 1))
		[ "$server_tries" -gt 0 ] || {
			complain "no message for $1 within 10 seconds"
			return 1
		}
		sleep 0.1
	done
	find "$server/mail/$1/new" -type f | head -n 1 |
		while IFS= read -r server_file; do
			mv "$server_file" "$server/arrived"
		done
	# Some servers keep CRLF; what arrived is compared as lines.
	LC_ALL=C sed -e '1,/^\r*$/d' "$server/arrived" |
		LC_ALL=C sed 's/\r$//' >"$server/arrived.body"
	check_same body "$2" "$server/arrived.body"
}

# nothing_arrived: and what did is taken away.
nothing_arrived() {
	[ -z "$(find "$server/mail" -type f -path '*/new/*')" ] ||
		complain 'something arrived'
	find "$server/mail" -type f -path '*/new/*' -exec rm -f {} +
}

# way NAME PORT LINE...: a plain message arrives.
way() {
	begin "$server_name: $1"
	way_port=$2
	shift 2
	profile "$way_port" "$@"
	submit_plain mailchute -t
	check_sent
	message_body "$client/in" >"$work/m/body"
	arrives bob "$work/m/body"
	finish
}

# ways PORT: each way in; PORT has implicit TLS.
ways() {
	way 'STARTTLS, the best mechanism' "$server_port"
	[ "$tap_failed" -eq 0 ] || {
		"${server_name}_tell"
		bail 'the plainest of messages fails'
	}
	way 'STARTTLS, PLAIN' "$server_port" 'auth plain'
	way 'TLS, PLAIN' "$1" 'tls_starttls off' 'auth plain'
	[ -n "$server_has_login" ] || return 0
	way 'STARTTLS, LOGIN' "$server_port" 'auth login'
	way 'TLS, LOGIN' "$1" 'tls_starttls off' 'auth login'
}

# body NAME TEXT [COMMAND]: the message of that name arrives byte for byte.
body() {
	begin "$server_name: body: $2${server_lines:+, $server_lines}"
	profile "$server_port" ${server_lines:+"$server_lines"}
	"body_$1" >"$work/m/raw"
	message_with "$work/m/raw" "${3-:}" >"$work/m/in"
	submit sendmail -t -i <"$work/m/in"
	check_sent
	message_lines "$work/m/raw" >"$work/m/body"
	arrives bob "$work/m/body"
	finish
}

# chunked: how a message goes to a server that has CHUNKING, and all bodies
# once more the other way.
chunked() {
	begin "$server_name: in chunks, in one flight"
	profile "$server_port"
	submit_plain mailchute --debug -t
	check 'exit code' 0 "$status"
	check_match 'the end' '^--> BDAT [0-9]+ LAST$' "$client/err"
	check 'what the server says first' '--> QUIT' \
		"$(sed -n '/BDAT/,/^<--/p' "$client/err" | sed -n 2p)"
	message_body "$client/in" >"$work/m/body"
	arrives bob "$work/m/body"
	finish
	begin "$server_name: ehlo_ignore CHUNKING"
	profile "$server_port" 'ehlo_ignore CHUNKING'
	submit_plain mailchute --debug -t
	check 'exit code' 0 "$status"
	check_no_match BDAT '^--> BDAT' "$client/err"
	arrives bob "$work/m/body"
	finish
	server_lines='ehlo_ignore CHUNKING'
	bodies
	server_lines=
}

bodies() {
	body dots 'leading and lone dots'
	body eight_bit '8-bit text that says so' message_mime
	body crlf 'CRLF line ends'
	body bare 'bare CR'
	body no_newline 'no line end at the end'
	body empty 'no body at all'
	body blank_lines 'nothing but blank lines'
	body from_line 'a line that begins with From'
	body latin 'bytes that are no UTF-8'
	body ten_megabytes '10 MB'
}

message_international() {
	message_plain | sed -e 's/^From:.*/From: Ann <ann@bücher.example>/' \
		-e 's/^To:.*/To: bob@example.test, Bob <bob@bücher.example>/'
}

# international: A-labels for everybody; SMTPUTF8, or a clear word, for grün.
international() {
	begin "$server_name: A-labels in envelope and header"
	profile "$server_port"
	message_international >"$client/in"
	submit mailchute -f ann@bücher.example bob@example.test <"$client/in"
	check_sent
	message_body "$client/in" >"$work/m/body"
	arrives bob "$work/m/body"
	check From 'From: Ann <ann@xn--bcher-kva.example>' \
		"$(grep '^From:' "$server/arrived" | tr -d '\r')"
	check To 'To: bob@example.test, Bob <bob@xn--bcher-kva.example>' \
		"$(grep '^To:' "$server/arrived" | tr -d '\r')"
	finish
	begin "$server_name: a local part beyond ASCII"
	submit mailchute bob@example.test grün@example.test <"$client/in"
	arrives bob "$work/m/body"
	if [ -n "$server_utf8" ]; then
		check_sent
		check From 'From: Ann <ann@bücher.example>' \
			"$(grep '^From:' "$server/arrived" | tr -d '\r')"
		arrives "$server_utf8" "$work/m/body"
	else
		check_failed 65 EX_DATAERR \
			"'grün@example.test' is not ASCII, and the server has no SMTPUTF8"
	fi
	finish
	[ -n "$server_utf8" ] || return 0
	begin "$server_name: a local part beyond ASCII, ehlo_ignore SMTPUTF8"
	profile "$server_port" 'ehlo_ignore SMTPUTF8'
	submit mailchute bob@example.test grün@example.test <"$client/in"
	check_failed 65 EX_DATAERR "'grün@example.test' is not ASCII"
	arrives bob "$work/m/body"
	nothing_arrived
	finish
}

# refused PATTERN: nobody@'s reply.
refused() {
	begin "$server_name: a refused recipient among others"
	profile "$server_port"
	submit_plain sendmail -i bob@example.test nobody@example.test \
		carol@example.test
	check_failed 67 EX_NOUSER "nobody@example\\.test.*$1"
	message_body "$client/in" >"$work/m/body"
	arrives bob "$work/m/body"
	arrives carol "$work/m/body"
	finish
}

# refusals PATTERN: that, and wrong passwords.
refusals() {
	refused "$1"
	for refusals_mechanism in on plain ${server_has_login:+login}; do
		begin "$server_name: a wrong password, auth $refusals_mechanism"
		client_profile "host $server_host" "port $server_port" 'tls on' \
			"auth $refusals_mechanism" \
			"tls_trust_file $server/pki/ca.pem" 'timeout 20' \
			'from alice@example.test' "user $server_user" \
			'password sesame closed'
		submit_plain mailchute -t
		check_failed 77 EX_NOPERM '535'
		nothing_arrived
		finish
	done
}

# server_close: the end of a suite.
server_close() {
	[ "$tap_failed" -eq 0 ] || "${server_name}_tell"
	"${server_name}_stop"
	begin "$server_name: nothing is left running"
	check processes "" "$(pgrep -l "$1")"
	finish
	summary
}
