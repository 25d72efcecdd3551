#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every way in which a submission ends: exit code, sentence and log, whole.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

# Without libgsasl there is no SCRAM, and PLAIN is the best that we have.
has_scram=false
best=PLAIN
other="; if they are right, try 'auth LOGIN', which the server offers, too"
named="
mailchute: 'auth' with a name of the list tries that one, if this build knows it"
unbound=PLAIN
if grep -q '^#define HAVE_LIBGSASL 1' "$TOP_BUILDDIR/config.h"; then
	has_scram=true
	best=SCRAM-SHA-256-PLUS
	other=
	named="
mailchute: set 'auth GSSAPI': it is offered, and used only when it is named"
	unbound=SCRAM-SHA-256
fi

# log_has WORD...: the log line's keys that say so.
log_has() {
	for word; do
		case " $(cat "$client/log") " in
		*" $word "*) ;;
		*) complain "log: no '$word' in: $(cat "$client/log")" ;;
		esac
	done
}

# case_of NAME CODE EXIT-NAME DIAG STDERR [MESSAGES]: sends the plain message
# to bob and carol, and looks at everything that came of it.
case_of() {
	begin "$1"
	submit_plain mailchute bob@example.test carol@example.test
	check_outcome "$2" "$5"
	log_has "exitcode=$3" "diag=$4"
	arrived "${6-0}"
	finish
}

at='account default: localhost:PORT:'

# ---- it works -------------------------------------------------------------

sink_start
begin 'a message: silent, delivered, logged'
submit_plain mailchute bob@example.test carol@example.test
check_outcome 0 ''
tr -d '\r' <mail/1.eml >arrived
check_same 'the message' "$client/in" arrived
log_has exitcode=EX_OK tls=on auth=on user=alice from=alice@example.test \
	recipients=bob@example.test,carol@example.test mailsize=195 \
	smtpstatus=250 status=2.0.0 tlsver=TLS1.3 mech=$best
check 'the envelope' 'from alice@example.test
from-parameters SIZE=195
to bob@example.test
to carol@example.test' "$(grep -E '^(from|to)' mail/1.envelope)"
finish

# ---- recipients -----------------------------------------------------------

sink_start --refuse-rcpt bob@example.test='550 5.1.1 no such user'
case_of 'one refused: 67, the other has it' 67 EX_NOUSER smtp.rcpt-refused \
'mailchute: the server refused the recipient bob@example.test: 550 5.1.1 no such user
mailchute: the server took the message for the 1 other recipient
mailchute: there is no such mailbox
mailchute: check the spelling of the address, and take it off your lists' 1

sink_start --refuse-rcpt bob@example.test='451 4.7.1 come back'
case_of 'one deferred: 75, the other has it' 75 EX_TEMPFAIL smtp.rcpt-refused \
'mailchute: the server refused the recipient bob@example.test: 451 4.7.1 come back
mailchute: the server took the message for the 1 other recipient
mailchute: the receiver lets a first try wait, or has trouble
mailchute: try again in some minutes, the queue does so by itself' 1

sink_start --refuse-rcpt '*=550 5.1.1 nobody'
case_of 'all refused: 67' 67 EX_NOUSER smtp.rcpt-refused \
'mailchute: the server refused the recipient bob@example.test: 550 5.1.1 nobody
mailchute: the server refused the recipient carol@example.test: 550 5.1.1 nobody
mailchute: there is no such mailbox
mailchute: check the spelling of the address, and take it off your lists'

sink_start --bad-reply 'DOT=254 4.7.1 Suppression for user 1\r\n'
begin 'a yes that means no: 0, and a warning'
submit_plain mailchute bob@example.test
check_outcome 0 \
"mailchute: the server has said yes, and that not everybody will get the message: 254 4.7.1 Suppression for user 1
mailchute: a provider does not send to an address that bounced or complained before; if it is good again, take it off the provider's suppression list"
log_has exitcode=EX_OK status=suppressed
check_match 'the log' "suppressed='254 4.7.1 Suppression for user 1'" \
	"$client/log"
finish

# ---- the transaction ------------------------------------------------------

sink_start --refuse-mail '553 5.7.1 not you'
case_of 'sender refused: 69' 69 EX_UNAVAILABLE smtp.mail-refused \
"mailchute: the server refused the sender alice@example.test: 553 5.7.1 not you
mailchute: 'from' is the sender: many servers take the address of the login alone, or one that was confirmed with the provider"

sink_start --refuse-mail '530 5.7.0 log in'
case_of 'credentials wanted at MAIL: 77' 77 EX_NOPERM smtp.auth-required \
"mailchute: account default: the server wants authentication: 530 5.7.0 log in
mailchute: the login had been accepted: ask the provider what this account lacks"

sink_start --refuse-data '554 5.6.0 no'
case_of 'DATA refused: 69' 69 EX_UNAVAILABLE smtp.data-refused \
"mailchute: the server refused the message: 554 5.6.0 no
mailchute: the server does not take this kind of content, or cannot convert it
mailchute: send plain text with fewer or other attachments"

sink_start --refuse-dot '554 5.7.1 spam'
case_of 'the dot refused: 69' 69 EX_UNAVAILABLE smtp.data-refused \
"mailchute: the server refused the message: 554 5.7.1 spam
mailchute: the server takes the message for spam
mailchute: change what it says, above all its links; authenticate the sender's domain (SPF, DKIM, DMARC); the server's words may name a page to ask at"

sink_start --refuse-dot '451 4.3.0 full'
case_of 'the dot deferred: 75' 75 EX_TEMPFAIL smtp.data-refused \
"mailchute: the server refused the message: 451 4.3.0 full
mailchute: try again later, the queue does so by itself; the server's words may say what it waits for"

sink_start --drop DOT
case_of 'closed after the dot: 75, possible duplicate' 75 EX_TEMPFAIL \
	smtp.possible-duplicate \
'mailchute: the whole message was sent, but the server did not confirm it: the server closed the connection
mailchute: it may have arrived; sending it again may deliver it twice' 1

sink_start --bad-reply 'DOT=354 bogus\r\n'
case_of 'a malformed reply to the dot: 75, possible duplicate' 75 EX_TEMPFAIL \
	smtp.answer-unreadable \
"mailchute: the whole message was sent, but the server's answer to it cannot be read: the server's reply to the message makes no sense: 354 bogus
mailchute: it may have arrived; sending it again may deliver it twice" 1

sink_start --bad-reply 'MAIL=bogus\r\n'
case_of 'a malformed reply before the dot: 76' 76 EX_PROTOCOL \
	smtp.reply-malformed \
"mailchute: $at the server sent something that is no SMTP reply: bogus
mailchute: is this the right host and port?"

sink_start --size 100
case_of 'too large: 69, known before it is sent' 69 EX_UNAVAILABLE \
	smtp.too-large \
'mailchute: the message has 195 bytes, the server takes 100
mailchute: send less in one message, or a link to what is large'
begin 'too large: nothing of it was sent'
check_no_match transcript '^C: (MAIL|RCPT|DATA)' transcript
finish

# ---- the session ----------------------------------------------------------

sink_start --greeting '554 5.3.2 go away'
case_of 'refused at the door: 69' 69 EX_UNAVAILABLE smtp.greeting \
"mailchute: $at the server does not take mail: 554 5.3.2 go away
mailchute: this server takes no mail from here: use the submission server of a mail provider, or ask its operator"

sink_start --greeting '421 4.3.2 busy'
case_of 'busy at the door: 75' 75 EX_TEMPFAIL smtp.greeting \
"mailchute: $at the server does not take mail: 421 4.3.2 busy
mailchute: try again later, the queue does so by itself; if it lasts, set 'domain' to a full name of yours: 'localhost' is refused by some"

sink_start --bad-reply 'MAIL=421 4.3.2 shutting down\r\n'
case_of '421 in the middle: 75' 75 EX_TEMPFAIL smtp.closing \
"mailchute: $at the server is closing the connection: 421 4.3.2 shutting down
mailchute: try again later, the queue does so by itself; if it lasts, set 'max_connections 1' and look at 'mailchute --debug'"

sink_start --drop EHLO
case_of 'closed at EHLO: 75' 75 EX_TEMPFAIL net.closed \
"mailchute: $at the server closed the connection
mailchute: if it stays so: 'mailchute doctor' finds out why"

sink_start --no-starttls
case_of 'no STARTTLS: 69, nothing in clear' 69 EX_UNAVAILABLE smtp.no-starttls \
"mailchute: $at the server does not offer STARTTLS, and mail is not sent in clear
mailchute: try port 465 with 'tls_starttls off'"
begin 'no STARTTLS: neither login nor sender were sent'
check_no_match transcript '^C: (AUTH|MAIL|RCPT|DATA)' transcript
finish

sink_start --inject-after-starttls '250 injected\r\n'
case_of 'bytes behind the 220 to STARTTLS: 76' 76 EX_PROTOCOL tls.injection \
"mailchute: $at the server sent data between STARTTLS and the TLS handshake
mailchute: somebody may be tampering with the connection"

sink_start --hang EHLO
profile 'timeout 1'
case_of 'a server that says nothing: 75' 75 EX_TEMPFAIL net.timeout \
"mailchute: $at the server did not answer within 1 seconds
mailchute: if it stays so: 'mailchute doctor' finds out where it hangs; 'timeout' waits longer"

# Whether it wants TLS first is asked on the side, and takes no longer.
sink_start --hang CONNECT
profile 'timeout 1'
case_of 'a server that does not even greet: 75' 75 EX_TEMPFAIL net.timeout \
"mailchute: $at the server did not answer within 1 seconds
mailchute: if it stays so: 'mailchute doctor' finds out where it hangs; 'timeout' waits longer"
begin 'and when the time is up'
took=$(sed -n 's/.* ms=\([0-9]*\).*/\1/p' "$client/log")
[ "${took:-9999}" -lt 4000 ] || complain "it took ${took:-?} ms, not 1000"
finish

sink_start --hang DOT
profile 'timeout 1'
case_of 'silence after the dot: 75, possible duplicate' 75 EX_TEMPFAIL \
	smtp.possible-duplicate \
'mailchute: the whole message was sent, but the server did not confirm it: the server did not answer within 1 seconds
mailchute: it may have arrived; sending it again may deliver it twice' 1

# ---- the login ------------------------------------------------------------

sink_start
profile 'password wrong sesame'
case_of 'a wrong password: 77' 77 EX_NOPERM smtp.auth-refused \
"mailchute: account default: the server refused the login of alice with $best: 535 5.7.8 that is not right
mailchute: check user name and password; many providers want an app password here$other"

begin 'a wrong password: one login, whatever else is offered'
check 'logins' "C: AUTH $best <hidden>" "$(grep '^C: AUTH' transcript)"
finish

sink_start --bad-reply 'AUTH=535 5.7.8 no\r\n'
case_of 'a login that is refused before it is proven: 77' 77 EX_NOPERM \
	smtp.auth-refused \
"mailchute: account default: the server refused the login of alice with $unbound: 535 5.7.8 no
mailchute: check user name and password; many providers want an app password here$other"

begin 'a login that is refused before it is proven: once more, without binding'
logins="C: AUTH $unbound <hidden>"
[ $best = $unbound ] || logins="C: AUTH $best <hidden>
$logins"
check 'logins' "$logins" "$(grep '^C: AUTH' transcript)"
finish

sink_start --mechanisms 'SCRAM-SHA-256 PLAIN LOGIN'
profile 'password wrong sesame'
case_of 'a wrong password without channel binding: 77' 77 EX_NOPERM \
	smtp.auth-refused \
"mailchute: account default: the server refused the login of alice with $unbound: 535 5.7.8 that is not right
mailchute: check user name and password; many providers want an app password here$other"
begin 'a wrong password without channel binding: one login'
check 'logins' 1 "$(grep -c '^C: AUTH' transcript)"
finish

sink_start --mechanisms 'PLAIN LOGIN' \
	--bad-reply 'AUTH=504 5.5.4 not that one\r\n'
begin 'a mechanism the server does not know after all: one more is tried'
submit_plain mailchute bob@example.test
check 'exit code' 69 "$status"
check 'logins' 'C: AUTH PLAIN <hidden>
C: AUTH PLAIN
C: AUTH LOGIN' "$(grep '^C: AUTH' transcript)"
finish

if $has_scram; then
	sink_start --mechanisms 'PLAIN LOGIN SCRAM-SHA-256' \
		--bad-reply 'AUTH=504 5.5.4 not that one\r\n'
	begin 'a server that knows none of its mechanisms: two are tried'
	submit_plain mailchute bob@example.test
	check 'exit code' 69 "$status"
	check 'logins' 'C: AUTH SCRAM-SHA-256 <hidden>
C: AUTH SCRAM-SHA-256
C: AUTH PLAIN <hidden>
C: AUTH PLAIN' "$(grep '^C: AUTH' transcript)"
	finish
fi

# A server without initial responses.
for best_or_plain in "$best" PLAIN; do
	sink_start --no-initial-response
	[ "$best_or_plain" = "$best" ] || profile 'auth plain'
	begin "AUTH $best_or_plain without an initial response"
	submit_plain mailchute bob@example.test
	check_outcome 0 ''
	check 'logins' "C: AUTH $best_or_plain <hidden>
C: AUTH $best_or_plain" "$(grep '^C: AUTH' transcript)"
	arrived 1
	finish
done

for code in 454 432; do
	sink_start --auth-fail "$code 4.7.0 later" --mechanisms PLAIN
	case_of "$code at AUTH: 75" 75 EX_TEMPFAIL smtp.auth-refused \
"mailchute: account default: the server refused the login of alice with PLAIN: $code 4.7.0 later
mailchute: try again later, the queue does so by itself; if it lasts, ask the provider's status page"
done

for code in 534 535; do
	sink_start --auth-fail "$code 5.7.0 no" --mechanisms PLAIN
	case_of "$code at AUTH: 77" 77 EX_NOPERM smtp.auth-refused \
"mailchute: account default: the server refused the login of alice with PLAIN: $code 5.7.0 no
mailchute: check user name and password; many providers want an app password here"
done

sink_start --auth-fail '538 5.7.0 no' --mechanisms PLAIN
case_of '538 at AUTH: 77' 77 EX_NOPERM smtp.auth-refused \
"mailchute: account default: the server refused the login of alice with PLAIN: 538 5.7.0 no
mailchute: the server did not look at the password: check 'port', 'tls' and 'auth' in the account"

sink_start --hide AUTH
case_of 'no authentication offered: 69' 69 EX_UNAVAILABLE smtp.no-auth \
"mailchute: account default: the server does not offer authentication
mailchute: if it wants none, set 'auth off'"

sink_start --hide AUTH --announce 'AUTH GSSAPI'
case_of 'no usable mechanism: 69' 69 EX_UNAVAILABLE smtp.no-mechanism \
"mailchute: account default: the server offers no usable way to authenticate (it offers: GSSAPI)$named"

if $has_scram; then
sink_start --scram-forge
case_of 'a forged server signature: not sent' 76 EX_PROTOCOL \
	smtp.auth-protocol \
'mailchute: account default: authentication with SCRAM-SHA-256-PLUS failed: the server does not know the password itself
mailchute: '\''auth'\'' with the name of another mechanism tries that one: '\''mailchute --serverinfo'\'' lists them'
begin 'a forged server signature: no other mechanism is tried'
check 'logins' 1 "$(grep -c '^C: AUTH' transcript)"
finish

sink_start --scram-skip-final
case_of 'no server signature: not sent' 76 EX_PROTOCOL smtp.auth-protocol \
'mailchute: account default: authentication with SCRAM-SHA-256-PLUS failed: the server did not prove that it knows the password
mailchute: '\''auth'\'' with the name of another mechanism tries that one: '\''mailchute --serverinfo'\'' lists them'

sink_start --scram-iterations 100
case_of 'too few iterations: not sent' 76 EX_PROTOCOL smtp.auth-protocol \
'mailchute: account default: authentication with SCRAM-SHA-256-PLUS failed: the iteration count is too low to be safe
mailchute: '\''auth'\'' with the name of another mechanism tries that one: '\''mailchute --serverinfo'\'' lists them'
fi

# ---- mechanisms by name ---------------------------------------------------

long=$(printf '%0600d' 0)
# named MECHANISM LINE...: a server that knows those that must be named.
named() {
	sink_start --mechanisms 'XOAUTH2 OAUTHBEARER CRAM-MD5 PLAIN' \
		--user 'bert:ya29.token' --user "long:$long"
	name=$1
	shift
	profile "auth $name" "$@"
}

# login_case TITLE LINES: one login, and what the server says of it.
login_case() {
	begin "$1"
	submit_plain mailchute bob@example.test
	check_outcome 0 ''
	check 'logins' "$2" "$(grep '^[CS]: \(AUTH\|<hidden>\|334\|235\)' \
		transcript | sed 's/ $//')"
	finish
}

named xoauth2 'user bert' 'password ya29.token'
login_case 'XOAUTH2' 'C: AUTH XOAUTH2 <hidden>
S: 235 2.7.0 welcome'
named oauthbearer 'user bert' 'password ya29.token'
login_case 'OAUTHBEARER' 'C: AUTH OAUTHBEARER <hidden>
S: 235 2.7.0 welcome'
named xoauth2 'user long' "password $long"
login_case 'a long token goes after the challenge' 'C: AUTH XOAUTH2
S: 334
C: <hidden>
S: 235 2.7.0 welcome'
named cram-md5
login_case 'CRAM-MD5' 'C: AUTH CRAM-MD5
S: 334 PDE4OTYuNjk3MTcwOTUyQHNpbmsuZXhhbXBsZS50ZXN0Pg==
C: <hidden>
S: 235 2.7.0 welcome'

for mechanism in xoauth2 oauthbearer; do
	named "$mechanism" 'user bert' 'password ya29.old'
	case_of "$mechanism: a token that is refused: 77" 77 EX_NOPERM \
		smtp.token-refused \
'mailchute: account default: the server refused the access token of bert (invalid_token, scope https://mail.example.test/): 535 5.7.8 that is not right
mailchute: the access token may be old, or made for something else than SMTP'
done
named cram-md5 'password wrong sesame'
case_of 'CRAM-MD5: a wrong password: 77' 77 EX_NOPERM smtp.auth-refused \
'mailchute: account default: the server refused the login of alice with CRAM-MD5: 535 5.7.8 that is not right
mailchute: check user name and password; many providers want an app password here'

# ---- certificates ---------------------------------------------------------

# As it is shown: AB:CD:...
fingerprint() {
	tr a-f A-F <certs/fingerprint | sed 's/../&:/g; s/:$//'
}

own="'tls_fingerprint FINGERPRINT' takes this one"
while IFS='|' read -r kind reason next; do
	sink_start --cert "$kind"
	case_of "certificate: $kind: 69" 69 EX_UNAVAILABLE tls.certificate \
"mailchute: account default: the certificate of localhost is not trusted: $reason
mailchute: $(echo "$next" | sed "s/FINGERPRINT/$(fingerprint)/")"
done <<END
wrong-name|it was issued for somewhere-else.example|set 'host' or 'tls_host_override' to a name that it was issued for; 'tls_fingerprint FINGERPRINT' takes it under any name
expired|it expired on DATE|its operator has to renew it, unless this machine's clock is wrong; until then $own
future|it is not valid before DATE; is this machine's clock right?|set this machine's clock, if it is wrong; else ask the server's operator
self-signed|it is self-signed|if it is the right server: set 'tls_trust_file' to its issuer's certificate, or 'tls_fingerprint FINGERPRINT'; for a public issuer install the package ca-certificates
other-ca|its issuer is not known here: CN=another CA|if it is the right server: set 'tls_trust_file' to its issuer's certificate, or 'tls_fingerprint FINGERPRINT'; for a public issuer install the package ca-certificates
cn-only|it names no host (subjectAltName, RFC 9525 6.3)|set 'host' or 'tls_host_override' to a name that it was issued for; 'tls_fingerprint FINGERPRINT' takes it under any name
client-only|it is not meant for servers|its operator has to get a better one; until then $own
weak|its key is too weak (RSA, 1024 bits)|its operator has to get a better one; until then $own
END

sink_start --cert expired
profile 'tls_trust_file' "tls_fingerprint $(cat certs/fingerprint)"
begin 'a certificate that is known by its fingerprint, whatever else: 0'
submit_plain mailchute bob@example.test
check_outcome 0 ''
finish

sink_start
wrong=$(printf '%064d' 0)
profile "tls_fingerprint $wrong"
case_of 'another fingerprint: 69' 69 EX_UNAVAILABLE tls.fingerprint \
"mailchute: account default: the certificate of localhost has another fingerprint: $(tr a-f A-F <certs/fingerprint | sed 's/../&:/g; s/:$//')
mailchute: if the server has a new certificate, ask its operator before you change 'tls_fingerprint'"

profile 'tls_crl_file no-such.pem'
case_of 'no list of revoked certificates: 78' 78 EX_CONFIG config.crl-file \
'mailchute: account default: the revoked certificates in no-such.pem cannot be used: there is no such file
mailchute: fetch the list anew from its issuer, in PEM, or leave '\''tls_crl_file'\'' out'

profile 'tls_cert_file certs/client.pem' 'tls_key_file certs/ca.pem'
case_of 'a client key that is none: 78' 78 EX_CONFIG config.client-certificate \
'mailchute: account default: the client certificate certs/client.pem cannot be used: Base64 unexpected header error.
mailchute: '\''tls_cert_file'\'' and '\''tls_key_file'\'' are a certificate and its key, both in PEM, and readable by the user who sends'

# external TITLE CODE LINE...: a login by certificate.
external() {
	sink_start --ask-cert --mechanisms 'EXTERNAL PLAIN'
	title=$1
	code=$2
	shift 2
	profile 'auth external' "$@"
	begin "$title"
	submit_plain mailchute bob@example.test
	check 'exit code' "$code" "$status"
	check 'logins' 1 "$(grep -c '^C: AUTH EXTERNAL' transcript)"
	finish
}
external 'EXTERNAL with a client certificate: 0' 0 \
	'tls_cert_file certs/client.pem' 'tls_key_file certs/client.key'
external 'EXTERNAL without one: 77' 77
external 'EXTERNAL as somebody else: 77' 77 'user bert' \
	'tls_cert_file certs/client.pem' 'tls_key_file certs/client.key'

sink_start --ask-cert
cp certs/client.key open.key
chmod 644 open.key
profile 'tls_cert_file certs/client.pem' 'tls_key_file open.key'
begin 'a key that others can read: 78'
submit_plain mailchute bob@example.test
check 'exit code' 78 "$status"
check stderr "mailchute: the key open.key can be read by others
mailchute: run 'chmod 600' on the file" "$(cat client/err)"
arrived 0
finish

begin 'the same in a file of msmtp'"'"'s: a warning in the log'
cp client/profile client/msmtprc
printf 'tls on\nauth on\n' >>client/msmtprc
chmod 600 client/msmtprc
submit mailchute -C client/msmtprc bob@example.test <client/in
check 'exit code' 0 "$status"
log_has 'exitcode=EX_OK'
check_match log "warning='the key open.key can be read by others'" "$client/log"
finish

# A PIN is a password: not on the command line, not in a file that is open to
# others, and never shown.
begin 'a PIN in a pkcs11: URI'
pin='pkcs11:token=none;object=x?pin-value=sesame'
profile "tls_cert_file $pin" "tls_key_file $pin"
submit_plain mailchute bob@example.test
check 'exit code' 78 "$status"
check_match stderr 'certificate pkcs11:token=none;object=x\?pin-value=\*{8} cannot be used: ' \
	"$client/err"
check_no_match 'PIN on stderr' sesame "$client/err"
check_no_match 'PIN in the log' sesame "$client/log"
submit mailchute config
check_match config '^tls_key_file +pkcs11:token=none;object=x\?pin-value=\*{8} ' \
	"$client/out"
check_no_match 'PIN in the configuration' sesame "$client/out"
submit_plain mailchute --tls-key-file="$pin" bob@example.test
check 'exit code' 64 "$status"
check_no_match PIN sesame "$client/err"
sed -i '/^password/d' client/profile
chmod 644 client/profile
submit_plain mailchute bob@example.test
check 'exit code' 78 "$status"
check_match stderr 'profile holds a password and can be read by others' \
	"$client/err"
finish
profile

# ---- the way there --------------------------------------------------------

sink_start
for setting in 'source_ip 127.0.0.9' 'ip_version 4'; do
	profile 'host 127.0.0.1' 'tls_host_override localhost' "$setting"
	begin "$setting: 0"
	submit_plain mailchute bob@example.test
	check_outcome 0 ''
	finish
done

rm -f mail/*
profile 'host 127.0.0.1' 'source_ip 192.0.2.99'
case_of 'an address that is not ours: 78' 78 EX_CONFIG net.source \
"mailchute: account default: 127.0.0.1:PORT cannot be reached from 'source_ip': Cannot assign requested address
mailchute: it must be an address of this machine, of the server's kind: IPv4 or IPv6"

profile 'host 127.0.0.1' 'ip_version 6'
case_of 'no address of that kind: 68' 68 EX_NOHOST net.no-address \
'mailchute: account default: 127.0.0.1 has no IPv6 address
mailchute: '\''source_ip'\'', -4 or -6 asks for that kind of address: leave it out, or choose another host'

profile 'proxy_host 127.0.0.1' "proxy_port $starttls_port"
case_of 'a proxy that is none: 75' 75 EX_TEMPFAIL net.proxy \
'mailchute: account default: the proxy 127.0.0.1:PORT does not connect to localhost: it does not speak SOCKS 5
mailchute: check '\''proxy_host'\'' and '\''proxy_port'\''; '\''mailchute doctor'\'' tries the way'
profile

# ---- nobody there ---------------------------------------------------------

sink_stop
case_of 'nobody listens: 75' 75 EX_TEMPFAIL net.refused \
'mailchute: account default: localhost:PORT refused the connection
mailchute: is the port right? Submission servers listen on 587 or 465'

profile 'host no-such-host.invalid'
begin 'a host that does not exist: 68, or 75 without a name server'
submit_plain mailchute bob@example.test
case $status in
68) check_outcome 68 \
"mailchute: account default: there is no host no-such-host.invalid
mailchute: check the spelling of 'host' in the account" ;;
*) check 'exit code' 75 "$status" ;;
esac
finish

summary
