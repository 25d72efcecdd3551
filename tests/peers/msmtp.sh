#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# msmtp and mailchute, called as msmtp, with the same configuration, arguments
# and message against the sink: exit code, envelope and message are the same,
# but for what stands in the table, with the reason.  Not part of make check,
# since it wants msmtp; MSMTP names another one than that in PATH.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
peer=${MSMTP-$(command -v msmtp)}
[ -n "$peer" ] || bail 'there is no msmtp'
sink_open
sink_start --dsn --auth-optional
# shellcheck disable=SC2154  # of sink.sh
base="host localhost
port $starttls_port
tls on
tls_trust_file $sink/certs/ca.pem
from alice@example.test"
# A link, not a copy: the name is what counts.
ln -s "$MAILCHUTE" msmtp
mkdir home rc
printf 'machine localhost login alice password "open sesame"\n' >home/.netrc
chmod 600 home/.netrc
printf 'root: bob@example.test\ndefault: eve@example.test\n' >aliases
cat >message <<'END'
From: Ann Author <ann@example.test>
To: Bob <bob@example.test>,
 carl@example.test
Cc: root@elsewhere.test
Bcc: eve@example.test
Subject: compared
Date: Sun, 22 Nov 2026 02:10:00 +0100
Message-ID: <1@example.test>

text
.
.. dots
last
END
sed '/^From/d; /^Date/d; /^Message-ID/d' message >bare
printf 'From: ann@example.test\nSubject: s\n\n' >bodyless

# send WHO PROGRAM ARGUMENT... <message: WHO.out has what there was to see.
send() {
	who=$1
	shift
	rm -rf mail
	mkdir mail
	env -i HOME="$sink/home" USER=alice LOGNAME=alice PATH="$PATH" LC_ALL=C \
		timeout 20 "$@" >"$who.stdout" 2>"$who.stderr"
	echo "exit code $?" >"$who.out"
	for mail in mail/*.envelope; do
		[ -e "$mail" ] || continue
		# Parameters of MAIL that msmtp does not know.
		sed 's/ SIZE=[0-9]*//; s/ BODY=8BITMIME//;
			/^from-parameters *$/d' "$mail" | sort
		tr -d '\r' <"${mail%.envelope}.eml" |
			sed 's/^Date: .*/Date: D/; s/^Message-ID: .*/Message-ID: I/'
	done >>"$who.out"
}

# both NAME WANT LINES INPUT ARGUMENT...: WANT is "same", or why they differ.
both() {
	begin "$1"
	want=$2 lines=$3 input=$4
	shift 4
	printf '%s\n%b\n' "$base" "$lines" >rc/msmtprc
	chmod 600 rc/msmtprc
	send theirs "$peer" -C "$sink/rc/msmtprc" "$@" <"$input"
	send ours ./msmtp -C "$sink/rc/msmtprc" "$@" <"$input"
	if cmp -s theirs.out ours.out; then
		check 'they' "$want" same
	elif [ "$want" = same ]; then
		complain "$(diff theirs.out ours.out; cat ours.stderr theirs.stderr)"
	fi
	finish
}

to=bob@example.test
login='auth on\nuser alice\npassword open sesame'
both 'plain' same '' message $to
both 'several' same '' message $to carl@example.test eve@example.test
both '-t' same '' message -t
both '-t and a word' same '' message -t dora@example.test
both 'twice the same' 'one recipient is one recipient' '' message $to $to
both 'a list in a word' same '' message 'bob@example.test, carl@example.test'
both 'a name in a word' same '' message 'Bob <bob@example.test>'
both 'no recipients' same '' message
both '-f' same '' message -f ann@example.test $to
both '-f of nobody' 'an empty From is no From' '' bare -f '<>' $to
both '-f of nobody, with From' same '' message -f '<>' $to
both '-r' 'what every sendmail knows' '' message -r ann@example.test $to
both 'no from: it is the author' 'msmtp wants a from' 'from' message $to
both '--read-envelope-from' same '' message --read-envelope-from $to
both '--read-envelope-from, no From' 'a wrong use is 64' '' bare --read-envelope-from $to
both 'allow_from_override off' same 'allow_from_override off' message -f x@example.test $to
both 'from with %U' same 'from %U@example.test' message $to
both 'maildomain, auto_from' same 'from\nauto_from on\nmaildomain m.test' message $to
both 'from_full_name' 'older msmtp do not know it' 'from_full_name Alice A' bare $to
both '-F' same '' bare -F 'Alice B' $to
both 'set_from_header on' 'the name of the author stays' 'set_from_header on' message $to
both 'set_from_header on, with a name' 'From stays where it was' 'set_from_header on\nfrom_full_name A' message $to
both 'set_from_header off' same 'set_from_header off' bare $to
both 'add_missing_from_header off' same 'add_missing_from_header off' bare $to
both 'set_date_header off' same 'set_date_header off' bare $to
both 'set_msgid_header off' same 'set_msgid_header off' bare $to
both 'set_to_header' 'Bcc stays hidden' 'set_to_header on' message -t
both 'undisclosed_recipients' same 'undisclosed_recipients on' message $to
both 'remove_bcc_headers off' same 'remove_bcc_headers off' message $to
both 'keepbcc' same 'keepbcc on' message $to
both 'a message without a body' same '' bodyless $to
both 'aliases' same "aliases $sink/aliases" message root
both 'aliases: default' same "aliases $sink/aliases" message nobody
both 'auth on' 'a stronger mechanism' "$login" message $to
both 'auth plain' same "$login\nauth plain" message $to
both 'auth login' same "$login\nauth login" message $to
both 'auth scram-sha-1' same "$login\nauth scram-sha-1" message $to
both 'passwordeval' 'a stronger mechanism' 'auth on\nuser alice\npasswordeval "echo open sesame"' message $to
both 'passwordeval that fails' 'its exit status counts' 'auth on\nuser alice\npasswordeval echo open sesame; exit 3' message $to
both 'eval' 'a stronger mechanism' 'auth on\nuser alice\neval echo password open sesame' message $to
both 'netrc' 'a stronger mechanism' 'auth on\nuser alice' message $to
both 'a wrong password' same 'auth on\nuser alice\npassword no' message $to
both 'dsn' 'ORCPT says whom a report is about' 'dsn_notify failure,delay\ndsn_return headers' message $to
both '-N never -R full' 'ORCPT says whom a report is about' '' message -N never -R full $to
both 'values that unset' same 'source_ip 192.0.2.1\nsource_ip\nproxy_port 1\nproxy_port\ntls_fingerprint\ntls_min_dh_prime_bits 9999\ntls_min_dh_prime_bits' message $to
both 'tls_force_sslv3' same 'tls_force_sslv3 on' message $to
both 'dots in the local part' 'they are in quotes, as in RFC 5321' '' message a..b@example.test
both 'tls_starttls off' same "tls_starttls off\nport $implicit_port" message $to
both 'no tls' same "tls off\nport $clear_port" message $to
both 'a certificate that is not trusted' same 'tls_trust_file system' message $to
both 'tls_certcheck off' same 'tls_certcheck off' message $to
both 'a port where nobody is' same 'port 1' message $to
both 'a keyword nobody knows' same 'frobnicate on' message $to
both 'defaults and an account' same "account a\n$base\nfrom a@example.test\naccount b : a\nfrom b@example.test" message -a b $to
both 'the account by -f' same "account a\n$base\nfrom a@example.test\naccount b : a\nfrom *@b.test" message -f x@b.test $to
both '--host' same '' message --host=localhost --port="$clear_port" --tls=off --from=q@example.test $to
both 'a shortened option' same '' message --logfi="$sink/log" $to
both 'options behind addresses' same '' message $to -f behind@example.test
both '--' same '' message -- $to
both 'letters of the past' same '' message -oi -oem -odb -G -m -n -A x -B 8BITMIME -h 3 -L tag $to
summary
