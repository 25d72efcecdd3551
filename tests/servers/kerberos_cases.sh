# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and the mechanisms that are taken by name, with a real Kerberos and
# a Postfix with Dovecot SASL.  Runs inside the sandbox:
#	sh kerberos_cases.sh FOLDER-OF-THIS-FILE
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
# shellcheck source=tests/servers/kerberos.sh
. "$1/kerberos.sh"
# shellcheck source=tests/servers/postfix.sh
. "$1/postfix.sh"

work=/run/test
mkdir -p "$work/client" "$work/m"
client_open "$work/client"
chmod 755 "$work"
kerberos_start "$work/kerberos" "$postfix_host" || {
	kerberos_tell
	bail 'the KDC does not start'
}
chmod 644 "$work/kerberos/service.keytab"
postfix_mechanisms='plain scram-sha-256 cram-md5 digest-md5 gssapi'
postfix_dovecot_lines="auth_krb5_keytab = $work/kerberos/service.keytab
auth_gssapi_hostname = $postfix_host"
postfix_start "$work/postfix" || bail 'Postfix does not start'

# profile LINE...: without a password.
profile() {
	client_profile "host $postfix_host" 'port 587' 'tls on' \
		"tls_trust_file $work/postfix/pki/ca.pem" 'timeout 20' \
		'from alice@example.test' "$@"
}

# way NAME METHOD USER LINE...: a plain message, and who Postfix thinks sent it.
way() {
	begin "$1"
	way_method=$2
	way_user=$3
	shift 3
	profile "$@"
	postfix_mark
	submit_plain mailchute -t
	check_sent
	message_body "$client/in" >"$work/m/body"
	postfix_take bob && check_same body "$work/m/body" "$postfix/arrived.body"
	postfix_log
	check_match 'mechanism at the server' \
		"sasl_method=$way_method, sasl_username=$way_user( |\$)" \
		"$postfix/log.new"
	finish
}

# logins: how often the server was asked to let somebody in and did not.
logins() {
	postfix_log
	grep -c 'SASL [A-Z0-9-]* authentication failed' "$postfix/log.new"
}

# nothing_arrived: and the next case is not blamed for it.
nothing_arrived() {
	postfix_empty || complain 'something arrived'
}

kerberos_login || bail 'no ticket for Alice'
way 'GSSAPI: a ticket, no user, no password' GSSAPI alice@example.test \
	'auth gssapi'
way 'GSSAPI: a user in the profile changes nothing' GSSAPI \
	alice@example.test 'auth gssapi' 'user alice'
way 'GSSAPI is never taken by itself' SCRAM-SHA-256 alice 'auth on' \
	'user alice' "password $postfix_password"

begin 'GSSAPI: the dialogue does not show the ticket'
profile 'auth gssapi'
submit_plain mailchute --debug -t
check 'exit code' 0 "$status"
check_match 'the dialogue' 'AUTH GSSAPI( <hidden>)?$' "$client/err"
check_no_match 'base 64 of a ticket' '^--> [A-Za-z0-9+/=]{40}' "$client/err"
postfix_take bob
finish

begin 'GSSAPI: a server that is not in Kerberos: 77'
printf '127.0.0.1 other.example.test\n' >>/etc/hosts
client_profile 'host other.example.test' 'port 587' 'tls on' \
	"tls_trust_file $work/postfix/pki/ca.pem" 'timeout 20' \
	"tls_host_override $postfix_host" 'from alice@example.test' \
	'auth gssapi'
submit_plain mailchute -t
check_failed 77 EX_NOPERM \
	'no valid Kerberos ticket for the mail service of other\.example\.test'
nothing_arrived
finish

begin 'GSSAPI: no ticket: 77, and the server hears no AUTH'
kerberos_logout
profile 'auth gssapi'
postfix_mark
submit_plain mailchute -t
check_failed 77 EX_NOPERM 'no valid Kerberos ticket'
check_match hint 'kinit' "$client/err"
check 'logins' 0 "$(logins)"
nothing_arrived
finish

begin 'GSSAPI: a ticket that has expired: 77'
kerberos_login 1s || complain 'no ticket'
sleep 2.1
submit_plain mailchute -t
check_failed 77 EX_NOPERM 'no valid Kerberos ticket'
nothing_arrived
finish

begin 'GSSAPI: no KDC, a ticket for the service at hand'
kerberos_logout
kerberos_login || complain 'no ticket'
submit_plain mailchute -t
check_sent
postfix_take bob
kerberos_stop
submit_plain mailchute -t
check_sent
postfix_take bob
finish

way 'DIGEST-MD5' DIGEST-MD5 alice 'auth digest-md5' 'user alice' \
	"password $postfix_password"
way 'CRAM-MD5' CRAM-MD5 alice 'auth cram-md5' 'user alice' \
	"password $postfix_password"
for mechanism in digest-md5 cram-md5; do
	begin "$mechanism: a wrong password: 77, one login"
	profile "auth $mechanism" 'user alice' 'password sesame closed'
	postfix_mark
	submit_plain mailchute -t
	check_failed 77 EX_NOPERM '535'
	check 'logins' 1 "$(logins)"
	nothing_arrived
	finish
done

begin 'a wrong password, the best mechanism: one login'
profile 'auth on' 'user alice' 'password sesame closed'
postfix_mark
submit_plain mailchute -t
check_failed 77 EX_NOPERM '535'
check 'logins' 1 "$(logins)"
nothing_arrived
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
postfix_stop
begin 'nothing is left running'
check processes "" "$(pgrep -l smtpd; pgrep -l dovecot; pgrep -l krb5kdc)"
finish
summary
