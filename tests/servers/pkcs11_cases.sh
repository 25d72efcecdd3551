# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute with a client certificate: from files, and from a token (SoftHSM,
# through PKCS#11), to a Postfix that knows Alice by her certificate's
# fingerprint.  Runs inside the sandbox:
#	sh pkcs11_cases.sh FOLDER-OF-THIS-FILE
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
# shellcheck source=tests/servers/postfix.sh
. "$1/postfix.sh"

work=/run/test
mkdir -p "$work/client" "$work/m" "$work/tokens" "$work/pki"
client_open "$work/client"

pki_authority "$work/pki/ca" &&
	pki_client "$work/pki/ca" "$work/pki/alice" alice &&
	pki_client "$work/pki/ca" "$work/pki/mallory" mallory ||
	bail 'no certificates'
umask 077
certtool --to-p8 --load-privkey "$work/pki/alice.key" --password 'sesame key' \
	--outfile "$work/pki/alice.p8" 2>/dev/null || bail 'no encrypted key'
umask 022

# Port 2011 wants a certificate, and no login; 2012 a certificate and a login.
postfix_more() {
	postfix_listen 2011 smtpd_sasl_auth_enable=no smtpd_tls_ask_ccert=yes \
		"smtpd_tls_CAfile=$work/pki/ca.pem" \
		smtpd_tls_fingerprint_digest=sha256 \
		"relay_clientcerts=texthash:$work/pki/known" \
		smtpd_recipient_restrictions=permit_tls_clientcerts,reject \
		smtpd_relay_restrictions=permit_tls_clientcerts,reject
	postfix_listen 2012 smtpd_tls_ask_ccert=yes smtpd_tls_req_ccert=yes \
		smtpd_tls_security_level=encrypt \
		"smtpd_tls_CAfile=$work/pki/ca.pem"
}
printf '%s alice\n' "$(certtool --fingerprint --hash sha256 \
	--infile "$work/pki/alice.pem" | sed 's/../&:/g; s/:$//' |
	tr a-f A-F)" >"$work/pki/known"
postfix_start "$work/postfix" || bail 'Postfix does not start'

# ---- the token ---------------------------------------------------------------

cat >/etc/softhsm/softhsm2.conf <<-END
	directories.tokendir = $work/tokens
	objectstore.backend = file
	log.level = ERROR
END
token='pkcs11:token=chute'
{
	softhsm2-util --init-token --free --label chute --pin 4711 \
		--so-pin 12345678 &&
		GNUTLS_PIN=4711 p11tool --batch --login --write --label alice \
			--load-privkey "$work/pki/alice.key" "$token" &&
		GNUTLS_PIN=4711 p11tool --batch --login --write --label alice \
			--load-certificate "$work/pki/alice.pem" "$token"
} >"$work/m/token" 2>&1 || {
	sed 's/^/# token: /' "$work/m/token"
	bail 'no token'
}
certificate="$token;object=alice;type=cert"
key="$token;object=alice;type=private"

# ---- cases -------------------------------------------------------------------

# profile PORT LINE...
profile() {
	profile_port=$1
	shift
	client_profile "host $postfix_host" "port $profile_port" 'tls on' \
		"tls_trust_file $work/postfix/pki/ca.pem" 'timeout 20' \
		'from alice@example.test' "$@"
}

# way NAME PORT LINE...: a plain message arrives, and Postfix knows Alice.
way() {
	begin "$1"
	way_port=$2
	shift 2
	profile "$way_port" "$@"
	submit_plain mailchute -t
	check_sent
	message_body "$client/in" >"$work/m/body"
	postfix_take bob && check_same body "$work/m/body" "$postfix/arrived.body"
	check_match Received 'Client CN "alice", Issuer ".*" \(verified OK\)' \
		"$postfix/arrived"
	finish
}

# not NAME CODE EXIT PATTERN PORT LINE...: it does not arrive.
not() {
	begin "$1"
	not_code=$2
	not_name=$3
	not_pattern=$4
	shift 4
	profile "$@"
	submit_plain mailchute -t
	check_failed "$not_code" "$not_name" "$not_pattern"
	postfix_empty || complain 'something arrived'
	finish
}

way 'a certificate and a key in files' 2011 'auth off' \
	"tls_cert_file $work/pki/alice.pem" "tls_key_file $work/pki/alice.key"
way 'an encrypted key' 2011 'auth off' \
	"tls_cert_file $work/pki/alice.pem" "tls_key_file $work/pki/alice.p8" \
	'password sesame key'
not 'an encrypted key, and the wrong password: 78' 78 EX_CONFIG \
	'client certificate .*alice\.pem cannot be used' 2011 'auth off' \
	"tls_cert_file $work/pki/alice.pem" "tls_key_file $work/pki/alice.p8" \
	'password sesame'
not 'a certificate that Postfix does not know' 67 EX_NOUSER 'bob@example\.test' \
	2011 'auth off' "tls_cert_file $work/pki/mallory.pem" \
	"tls_key_file $work/pki/mallory.key"
not 'no certificate' 67 EX_NOUSER 'bob@example\.test' 2011 'auth off'
not 'a key that is not the certificate'"'"'s: 78' 78 EX_CONFIG \
	'client certificate .* cannot be used' 2011 'auth off' \
	"tls_cert_file $work/pki/mallory.pem" "tls_key_file $work/pki/alice.key"

way 'a token, and its PIN as the password' 2011 'auth off' \
	"tls_cert_file $certificate" "tls_key_file $key" 'password 4711'
way 'a token, and its PIN from a command' 2011 'auth off' \
	"tls_cert_file $certificate" "tls_key_file $key" \
	'passwordeval echo 4711'
printf '4711' >"$work/m/pin"
way 'a token, and its PIN in a file that the URI names' 2011 'auth off' \
	"tls_cert_file $certificate" \
	"tls_key_file $key?pin-source=$work/m/pin"
way 'a token, and its PIN in the URI' 2011 'auth off' \
	"tls_cert_file $certificate" "tls_key_file $key?pin-value=4711"
way 'the certificate from a file, the key from the token' 2011 'auth off' \
	"tls_cert_file $work/pki/alice.pem" "tls_key_file $key" 'password 4711'
way 'a token for TLS, a password for the login' 2012 'auth on' \
	"user $postfix_user" "password $postfix_password" \
	"tls_cert_file $certificate" "tls_key_file $key?pin-value=4711"

not 'a wrong PIN: 78' 78 EX_CONFIG 'client certificate .* cannot be used' \
	2011 'auth off' "tls_cert_file $certificate" "tls_key_file $key" \
	'password 4712'
not 'no PIN: 78' 78 EX_CONFIG 'client certificate .* cannot be used' \
	2011 'auth off' "tls_cert_file $certificate" "tls_key_file $key"
not 'no such token: 78' 78 EX_CONFIG 'client certificate .* cannot be used' \
	2011 'auth off' 'tls_cert_file pkcs11:token=none;object=alice' \
	'tls_key_file pkcs11:token=none;object=alice' 'password 4711'
not 'no such key on the token: 78' 78 EX_CONFIG \
	'client certificate .* cannot be used' 2011 'auth off' \
	"tls_cert_file $certificate" \
	"tls_key_file $token;object=bob;type=private" 'password 4711'
not 'a URI that is none: 78' 78 EX_CONFIG \
	'client certificate .* cannot be used' 2011 'auth off' \
	'tls_cert_file pkcs11:nonsense' 'tls_key_file pkcs11:nonsense' \
	'password 4711'

# ---- DKIM ----------------------------------------------------------------------

"$MAILCHUTE" dkim keygen -k rsa -s s -f "$work/pki" example.test \
	>"$work/m/zone" 2>&1 &&
	GNUTLS_PIN=4711 p11tool --batch --login --write --label dkim \
		--load-privkey "$work/pki/s.example.test.pem" "$token" \
		>>"$work/m/zone" 2>&1 || bail "no key: $(cat "$work/m/zone")"
dkim_key="$token;object=dkim;type=private"

# signed FILE KEY: what arrives of a plain message that is signed with the key;
# its signature, put together, is in FILE.
signed() {
	profile 2011 'auth off' "tls_cert_file $work/pki/alice.pem" \
		"tls_key_file $work/pki/alice.key" 'dkim_domain example.test' \
		'dkim_selector s' "dkim_key_file $2"
	submit_plain mailchute -t
	check 'exit code' 0 "$status"
	postfix_take bob
	sed -n '/^DKIM-Signature:/,/^[^ \t]/p' "$postfix/arrived" |
		sed '/^DKIM-Signature:/!{/^[^ \t]/d}' | tr -d ' \t\r\n' >"$1"
}

# RSA signs the same twice with the same bytes: what differs is the second.
begin 'DKIM with a key of the token signs as the key in a file does'
for _ in 1 2 3 4 5; do
	signed "$work/m/by-file" "$work/pki/s.example.test.pem"
	signed "$work/m/by-token" "$dkim_key?pin-value=4711"
	[ "$(grep -o ';t=[0-9]*' "$work/m/by-file")" != \
		"$(grep -o ';t=[0-9]*' "$work/m/by-token")" ] || break
done
check_match signature 'a=rsa-sha256;.*;b=[A-Za-z0-9+/]' "$work/m/by-token"
check_same signature "$work/m/by-file" "$work/m/by-token"
finish

begin 'DKIM with a wrong PIN: 78, which is not printed'
profile 2011 'auth off' 'dkim_domain example.test' 'dkim_selector s' \
	"dkim_key_file $dkim_key?pin-value=4712"
submit_plain mailchute -t
check 'exit code' 78 "$status"
check_match stderr 'the key pkcs11:.* cannot be used: ' "$client/err"
check_no_match 'PIN on stderr' 4712 "$client/err"
check_no_match 'PIN in the log' 4712 "$client/log"
submit mailchute config
check_no_match 'PIN in the configuration' 4712 "$client/out"
postfix_empty || complain 'something arrived'
finish

begin 'the PIN is in nothing that is printed'
profile 2011 'auth off' "tls_cert_file $certificate" \
	"tls_key_file $key?pin-value=4711"
submit_plain mailchute --debug -t
check 'exit code' 0 "$status"
check_no_match 'PIN on stderr' 4711 "$client/err"
check_no_match 'PIN in the log' 4711 "$client/log"
postfix_take bob
submit mailchute config
check_no_match 'PIN in the configuration' 4711 "$client/out"
profile 2011 'auth off' "tls_cert_file $certificate?pin-value=4711" \
	"tls_key_file $token;object=bob;type=private?pin-value=4711"
submit_plain mailchute -t
check 'exit code' 78 "$status"
check_no_match 'PIN on stderr' 4711 "$client/err"
check_no_match 'PIN in the log' 4711 "$client/log"
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
postfix_stop
begin 'nothing is left running'
check processes "" "$(pgrep -l smtpd; pgrep -l dovecot)"
finish
summary
