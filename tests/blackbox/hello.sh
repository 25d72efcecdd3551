#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The beginning of a session: the name that EHLO says, and servers that refuse
# the greeting, EHLO or the login.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

# ---- names -------------------------------------------------------------------

# Odd names are refused by hostname(1), not by the system.
cat >named <<END
#!/bin/sh
printf %s "\$MACHINE" >/proc/sys/kernel/hostname && exec "$MAILCHUTE" "\$@"
END

# greets NAME WANTED: what EHLO says on a machine of that name.
greets() {
	begin "a machine called $1"
	rm -f transcript mail/*
	printf '#!/bin/sh\nMACHINE=%s exec %s sh %s "$@"\n' "$1" "$unshare" \
		"$sink/named" >machine
	chmod +x machine
	MAILCHUTE=$sink/machine submit_plain mailchute bob@example.test
	check_sent
	arrived 1
	check EHLO "C: EHLO $2" "$(grep '^C: EHLO' transcript | uniq)"
	finish
}

unshare='unshare --uts'
[ "$(id -u)" -eq 0 ] || unshare='unshare --user --map-root-user --uts'
sink_start
if $unshare sh -c 'echo x >/proc/sys/kernel/hostname' 2>/dev/null; then
	greets mail.example.org mail.example.org
	greets mail.example.org. mail.example.org
	for name in web_1.example.org cabinet-.example.org -bad.example.org \
		a..b x. 10.0.0.5 münchen.example vm localhost; do
		greets "$name" '[127.0.0.1]'
	done
else
	skip 'machines with odd names' 'no namespace may be made here'
fi

# domain LINE WANTED: in the profile.
domain() {
	begin "domain $1"
	profile "domain $1"
	rm -f transcript mail/*
	submit_plain mailchute bob@example.test
	check_sent
	check EHLO "C: EHLO $2" "$(grep '^C: EHLO' transcript | uniq)"
	finish
}
domain client.example client.example
domain client.example. client.example
domain MY_PC MY_PC
domain '[192.0.2.1]' '[192.0.2.1]'
domain münchen.example xn--mnchen-3ya.example
begin 'a domain that is none: the setting is named'
profile 'domain two words'
submit_plain mailchute bob@example.test
check_failed 78 EX_CONFIG "'two words' cannot be this machine's name in EHLO"
check_match 'the next step' "set 'domain' to" "$client/err"
finish

begin 'a host with a final dot'
profile 'host localhost.'
rm -f mail/*
submit_plain mailchute bob@example.test
check_sent
arrived 1
finish
begin 'a recipient with one'
profile
rm -f mail/*
submit_plain mailchute bob@example.test. carl@example.test
check_sent
check recipients 'to bob@example.test to carl@example.test' \
	"$(grep '^to ' mail/*.envelope | paste -s -d ' ' -)"
finish

# ---- refused -----------------------------------------------------------------

# refused NAME CODE WORDS NOT-WORDS <script: on standard error.
refused() {
	begin "$1"
	cat >script
	rm -rf mail/* transcript
	submit_plain mailchute bob@example.test
	check 'exit code' "$2" "$status"
	arrived 0
	check 'log lines' 1 "$(grep -c . "$client/log")"
	check_match stderr "$3" "$client/err"
	[ -z "${4-}" ] || check_no_match stderr "$4" "$client/err"
	finish
}

: >script
sink_start --script script
refused 'EHLO: 501 is about the name' 69 "set 'domain' to the full name" \
	"STARTTLS|auth off" <<'END'
EHLO : reply "501 5.5.4 Invalid domain name"
END
refused 'EHLO: 550 with a login configured' 69 "machine's name or address" \
	'auth off' <<'END'
EHLO : reply "550 5.7.1 go away"
END
refused 'EHLO: 421' 75 "set 'domain' to" <<'END'
EHLO : reply "421 4.7.0 Try again later, closing connection. (EHLO)" close
END
profile 'tls off' 'auth off'
refused 'no login was used: 550 Relaying denied' 67 "set 'tls on', 'auth on'" <<'END'
MAIL : reply "250 2.1.0 ok"
RCPT : reply "550 5.7.1 Relaying denied"
END

# ---- mechanisms --------------------------------------------------------------

# login NAME MECHANISMS CODE WORDS [LINE...]: with a script on standard input.
login() {
	begin "$1"
	cat >script
	sink_start --script script --mechanisms "$2"
	code=$3
	words=$4
	shift 4
	profile "$@"
	submit_plain mailchute bob@example.test
	check 'exit code' "$code" "$status"
	[ -z "$words" ] || check_match 'the next step' "$words" "$client/err"
	finish
}
login 'PLAIN refused, and LOGIN is offered' 'PLAIN LOGIN' 77 \
	"try 'auth LOGIN', which the server offers, too" <<'END'
AUTH match "AUTH PLAIN*" : reply "535 5.7.8 no"
END
login 'as the hint has it' 'PLAIN LOGIN' 0 '' 'auth LOGIN' <<'END'
AUTH match "AUTH PLAIN*" : reply "535 5.7.8 no"
END
login 'PLAIN alone' PLAIN 77 'app password here$' <<'END'
VERDICT : reply "535 5.7.8 no"
END
# Without libgsasl there is no SCRAM.
! grep -q '^#define HAVE_LIBGSASL 1' "$TOP_BUILDDIR/config.h" ||
	login 'only the -PLUS form of what is named' 'SCRAM-SHA-256-PLUS' 69 \
		"no 'SCRAM-SHA-256': 'auth on' takes the best" \
		'auth scram-sha-256' </dev/null
login 'CRAM-MD5 alone' CRAM-MD5 69 "set 'auth CRAM-MD5': it is offered" </dev/null
login 'XOAUTH2 alone' XOAUTH2 69 \
	"it takes access tokens: set 'auth XOAUTH2' and 'oauth_client_id'" </dev/null

# ---- a certificate of ours --------------------------------------------------

# not_ours NAME WORDS LINE...: the server takes no certificate like that; with
# TLS 1.3 it says so behind our side of the handshake.
not_ours() {
	begin "our certificate: $1"
	words=$2
	shift 2
	profile "$@"
	submit_plain mailchute bob@example.test
	check_failed 77 EX_NOPERM "$words"
	check_match log ' diag=tls.own-certificate ' "$client/log"
	check_match 'whose it is' tls_cert_file "$client/err"
	arrived 0
	finish
}

sink_start
cp certs/client.pem certs/client.key .
for version in 1.2 1.3; do
	sink_start --demand-cert \
		--tls-priorities "NORMAL:-VERS-ALL:+VERS-TLS$version"
	not_ours "none, TLS $version, STARTTLS" \
		'wants a certificate of ours, and the account has none'
	not_ours "none, TLS $version, from the first byte" \
		'wants a certificate of ours, and the account has none' \
		"port $implicit_port" 'tls_starttls off'
	not_ours "of another CA, TLS $version, STARTTLS" \
		'does not take our certificate: the server sent the alert' \
		"tls_cert_file $sink/client.pem" "tls_key_file $sink/client.key"
done

sink_stop
summary
