#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --serverinfo: what a server says of itself, and no login.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

fingerprint='([0-9A-F]{2}:){31}[0-9A-F]{2}'

# info CODE STDERR ARGUMENT...: what it prints is left in the file shown.
info() {
	info_code=$1
	info_error=$2
	shift 2
	submit mailchute "$@" </dev/null
	check 'exit code' "$info_code" "$status"
	check stderr "$info_error" "$(with_port "$client/err")"
	with_port "$client/out" | sed -E -e "s|$fingerprint|FINGERPRINT|" \
		-e 's|sha256//[A-Za-z0-9+/=]{44}|KEY|' \
		-e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/DATE/g' \
		-e 's/TLS1\.3 .*/TLS1.3 …/' >shown
	check 'logins' 0 "$(grep -c '^C: AUTH' transcript)"
	check_no_match password sesame "$client/out"
}

certificate='  owner: CN=localhost
  hosts: localhost, 127.0.0.1
  issuer: CN=mailchute sink CA
  valid: DATE to DATE
  fingerprint: FINGERPRINT
  key: KEY'
offers='
It offers:
  PIPELINING                    takes commands without waiting for each
  SIZE 52428800                 bytes that a message may have
  AUTH PLAIN LOGIN              ways to log in
  8BITMIME                      takes text that is not ASCII as it is
  SMTPUTF8                      takes addresses that are not ASCII
  ENHANCEDSTATUSCODES           says more precisely why it refuses
  X-OURS a b'

sink_start --mechanisms 'PLAIN LOGIN' \
	--announce 'X-OURS a b' --ask-cert
begin 'STARTTLS'
info 0 '' --serverinfo
check output "localhost:PORT

It says:
  220 localhost ESMTP

The connection is encrypted:
  TLS1.3 …

Its certificate, which is trusted:
$certificate
$offers" "$(cat shown)"
check 'the dialogue' 'EHLO STARTTLS EHLO QUIT ' \
	"$(sed -n 's/^C: \([A-Z]*\).*/\1/p' transcript | tr '\n' ' ')"
finish

begin 'TLS from the first byte, unchecked'
info 0 '' --serverinfo --port="$implicit_port" --tls-starttls=off \
	--tls-certcheck=off --tls-trust-file=
check_match certificate '^Its certificate, which was not checked:$' shown
check 'its lines' "$certificate" "$(sed -n '/^Its cert/,/^$/p' shown |
	sed '1d; /^$/d')"
finish

begin 'known by its fingerprint'
profile "tls_fingerprint $(cat certs/fingerprint)"
info 0 '' --serverinfo
check_match certificate "^Its certificate, known by 'tls_fingerprint':\$" shown
finish

begin 'without TLS'
profile
info 0 '' --serverinfo --port="$clear_port" --tls=off
check 'TLS and AUTH' 0 "$(grep -cE 'TLS|certificate|AUTH' shown)"
check_match offers '^  PIPELINING ' shown
finish

begin 'a password command is not run'
profile 'password' "passwordeval touch $sink/asked"
info 0 '' --serverinfo
[ ! -e asked ] || complain 'it was run'
finish
profile

begin 'not trusted: 69, and the greeting is shown'
info 69 "mailchute: localhost:PORT: the certificate of other.example is not trusted: it was issued for localhost, 127.0.0.1
mailchute: with --tls-certcheck=off its certificate is shown all the same" \
	--serverinfo --tls-host-override=other.example
check output 'localhost:PORT

It says:
  220 localhost ESMTP' "$(cat shown)"
finish

begin 'with a word too many: 64'
info 64 "mailchute: '--serverinfo' takes no 'bob@example.test'
mailchute: 'mailchute --help' lists the options" --serverinfo bob@example.test
info 64 "mailchute: '--serverinfo' takes no '-t'
mailchute: 'mailchute --help' lists the options" --serverinfo -t
info 64 "mailchute: options --rmqs and --serverinfo exclude each other
mailchute: 'mailchute --help' lists the options" \
	--rmqs=a.example --serverinfo
info 64 "mailchute: options --rmqs and --serverinfo exclude each other
mailchute: 'mailchute --help' lists the options" \
	--serverinfo --rmqs=a.example
finish

begin 'not for those behind the fence: 64'
submit fence --serverinfo </dev/null
check 'exit code' 64 "$status"
finish

begin 'as msmtp, -S'
ln -sf "$MAILCHUTE" msmtp
cp -p "$client/profile" msmtprc
printf 'tls on\nauth on\n' >>msmtprc
status=0
env -i HOME="$sink" PATH="$PATH" ./msmtp -C "$sink/msmtprc" -S \
	>out 2>err </dev/null || status=$?
check 'exit code' 0 "$status"
check_match offers '^  8BITMIME' out
check_empty stderr err
finish

sink_start --greeting "$(printf '220 \033[31mtwo')"
begin 'control characters are made visible'
info 0 '' --serverinfo
check greeting '  220 \x1B[31mtwo' "$(sed -n '/^It says/,/^$/p' shown | sed '1d; /^$/d')"
finish

sink_start --greeting '554 5.3.2 go away'
begin 'a server that takes no mail: 69'
info 69 'mailchute: localhost:PORT: the server does not take mail: 554 5.3.2 go away
mailchute: this server takes no mail from here: use the submission server of a mail provider, or ask its operator' \
	--serverinfo
check greeting '  554 5.3.2 go away' "$(sed -n '$p' shown)"
finish

sink_start --no-starttls
begin 'no STARTTLS: 69'
info 69 'mailchute: localhost:PORT: the server does not offer STARTTLS, and mail is not sent in clear
mailchute: try port 465 with '"'tls_starttls off'" --serverinfo
finish

sink_stop
begin 'nobody there: 75'
submit mailchute --serverinfo </dev/null
check 'exit code' 75 "$status"
check_empty stdout "$client/out"
finish

summary
