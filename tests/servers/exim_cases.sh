# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and a real Exim.  Runs inside the sandbox:
#	sh exim_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/servers/submission.sh
. "$1/submission.sh"
# shellcheck source=tests/lib/disk.sh
. "$lib/disk.sh"
# shellcheck source=tests/servers/exim.sh
. "$1/exim.sh"

server_open exim || bail 'Exim does not start'
ways 465
way 'STARTTLS, CRAM-MD5' 587 'auth cram-md5'
way 'STARTTLS, NTLM' 587 'auth ntlm'
way 'STARTTLS, NTLM with a domain' 587 'auth ntlm' 'ntlmdomain EXAMPLE'
for mechanism in cram-md5 ntlm; do
	begin "exim: $mechanism: a wrong password"
	profile 587 "auth $mechanism" 'password sesame closed'
	submit_plain mailchute -t
	check_failed 77 EX_NOPERM '535'
	nothing_arrived
	finish
done

pki_client "$server/pki/ca" "$server/pki/alice" alice
pki_authority "$server/pki/stranger"
pki_client "$server/pki/stranger" "$server/pki/mallory" alice
way 'STARTTLS, EXTERNAL with a certificate' 587 'auth external' \
	"tls_cert_file $server/pki/alice.pem" \
	"tls_key_file $server/pki/alice.key"
way 'TLS, EXTERNAL with a certificate' 465 'auth external' \
	'tls_starttls off' "tls_cert_file $server/pki/alice.pem" \
	"tls_key_file $server/pki/alice.key"
begin 'exim: EXTERNAL as somebody else'
profile 587 'auth external' 'user bob' "tls_cert_file $server/pki/alice.pem" \
	"tls_key_file $server/pki/alice.key"
submit_plain mailchute -t
check_failed 77 EX_NOPERM '535'
nothing_arrived
finish
begin 'exim: EXTERNAL without a certificate, and with a stranger'"'"'s'
profile 587 'auth external'
submit_plain mailchute -t
check_failed 69 EX_UNAVAILABLE 'no usable way'
profile 587 'auth external' "tls_cert_file $server/pki/mallory.pem" \
	"tls_key_file $server/pki/mallory.key"
submit_plain mailchute -t
check_failed 69 EX_UNAVAILABLE 'no usable way'
nothing_arrived
finish

bodies
chunked
server_utf8=gruen
international
refusals '550 5\.1\.1'

begin 'exim: one recipient at a time: the message twice'
profile 2010
submit_plain mailchute bob@example.test carol@example.test
check_sent
message_body "$client/in" >"$work/m/body"
arrives bob "$work/m/body"
arrives carol "$work/m/body"
check 'put off' 1 "$(grep -c 'too many recipients' "$exim/log/mainlog")"
finish

# queue_run: seven messages, three a connection.
queue_run() {
	disk=$(mktemp -d "$1/mailchute-queue.XXXXXX") || return
	begin 'exim: a run of the queue, and 421 after three messages'
	profile 587 'queue always' "queue_dir $disk/q" 'queue_runner external'
	# shellcheck disable=SC2034 # a count
	for number in 1 2 3 4 5 6 7; do
		submit_plain mailchute bob@example.test
	done
	nothing_arrived
	submit mailchute queue run </dev/null
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	# shellcheck disable=SC2034 # a count
	for number in 1 2 3 4 5 6 7; do
		arrives bob "$work/m/body"
	done
	nothing_arrived
	# The four that were in flight then: the next connection ends before.
	check 'refusals' 4 \
		"$(grep -ci 'too many messages' "$exim/log/mainlog")"
	finish
	rm -rf "$disk"
}
if place=$(lasting_folder); then
	queue_run "$place"
else
	skip 'a run of the queue' 'no disk on which one would last: set QUEUE_DISK'
fi

begin 'exim: ORCPT of an address beyond ASCII'
profile 587 'dsn_notify failure'
submit_plain mailchute --debug grün@example.test
check 'exit code' 0 "$status"
check_match RCPT 'RCPT TO:<grün@example.test> NOTIFY=FAILURE ORCPT=utf-8;gr\\x\{FC\}n@example.test$' \
	"$client/err"
check 'MAIL' 1 "$(grep -c '^--> MAIL' "$client/err")"
arrives gruen "$work/m/body"
finish

begin 'exim: a message larger than it takes: 69, before it is sent'
profile 2007
body_long_lines >"$work/m/raw"
message_with "$work/m/raw" >"$work/m/in"
submit sendmail -t -i <"$work/m/in"
check_failed 69 EX_UNAVAILABLE '2000'
nothing_arrived
finish

begin 'exim: ETRN'
profile 587
submit mailchute --rmqs='#example.net' </dev/null
check 'exit code' 0 "$status"
check_empty stdout "$client/out"
check_empty stderr "$client/err"
check 'taken' 1 "$(grep -c 'ETRN #example.net' "$exim/log/mainlog")"
finish

begin 'exim: ETRN without a login: 458, so 75'
profile 587 'auth off'
submit mailchute --rmqs='#example.net' </dev/null
check 'exit code' 75 "$status"
check_match stderr '458 authenticate first' "$client/err"
finish

drain
server_close 'exim4'
