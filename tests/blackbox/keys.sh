#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Access tokens for a key: a service account, and an application without a
# secret; and keys that will not do.
set -u
# shellcheck source=tests/oauth/oauth.sh
. "$TOP_SRCDIR/tests/oauth/oauth.sh"
oauth_open

certtool --generate-privkey --key-type=rsa --bits=2048 --no-text \
	--outfile key.pem 2>/dev/null
certtool --load-privkey key.pem --pubkey-info --no-text --outfile issuer/key \
	2>/dev/null
printf 'cn = "app"\nexpiration_days = 2\n' >app.cfg
certtool --generate-self-signed --load-privkey key.pem --template app.cfg \
	--no-text --outfile app.pem 2>/dev/null
chmod 600 key.pem
{
	printf '{"type":"service_account","private_key_id":"k1","private_key":"'
	awk '{ printf "%s\\n", $0 }' key.pem
	printf '","client_email":"service@project.example","token_uri":"%s"}\n' \
		"$issuer/token"
} >account.json
chmod 600 account.json
service_account() {
	rm -f "$login"
	oauth_profile 'oauth_flow jwt' "oauth_key_file $sink/account.json" "$@"
	sed -i '/^oauth_client_id/d' "$client/profile"
}

begin 'a service account: no login, one token'
service_account 'oauth_scope smtp'
submit_plain mailchute bob@example.test
check_sent
submit_plain mailchute bob@example.test
check_sent
requests 'metadata 200
jwt-bearer 200'
finish

begin 'a service account: its file says who gives the tokens'
service_account
sed -i '/^oauth_issuer/d' "$client/profile"
submit_plain mailchute bob@example.test
check_sent
requests 'jwt-bearer 200'
finish

begin 'a service account: a clock that is off by an hour, and by three seconds'
service_account
for seconds in 3600 -3600; do
	echo "$seconds" >issuer/clock
	rm -f "$login"
	submit_plain mailchute bob@example.test
	check_sent
	requests 'metadata 200
jwt-bearer invalid_grant
jwt-bearer 200'
done
for seconds in 3 -3; do
	echo "$seconds" >issuer/clock
	rm -f "$login"
	submit_plain mailchute bob@example.test
	check_sent
	requests 'metadata 200
jwt-bearer 200'
done
rm -f issuer/clock
finish

for form in key.pem both.pem; do
	begin "an application with a key: $form"
	rm -f "$login"
	case $form in
	both*)
		cat key.pem app.pem >both.pem
		chmod 600 both.pem
		certtool --infile app.pem --fingerprint --hash sha256 |
			tr -d ':' >issuer/cert
		;;
	esac
	oauth_profile 'oauth_flow client' 'oauth_client_id signer' \
		'oauth_scope smtp' "oauth_key_file $sink/$form"
	submit_plain mailchute bob@example.test
	check_sent
	requests 'metadata 200
client_credentials 200'
	finish
done
rm -f issuer/cert

# bad_key NAME PATTERN: the file "bad" of the present profile: 78, and nobody is
# asked for a token.
bad_key() {
	begin "a key that will not do: $1"
	rm -f "$login"
	oauth_profile 'oauth_flow jwt' "oauth_key_file $sink/bad" \
		"oauth_token_url $issuer/token"
	submit_plain mailchute bob@example.test
	check_failed 78 EX_CONFIG "$2"
	requests ''
	finish
}
rm -f bad
bad_key missing 'there is no such file'
install -m 600 /dev/null bad
bad_key empty 'the key .*/bad cannot be used'
cp account.json bad
chmod 644 bad
bad_key 'open to others' 'can be read by others'
chmod 600 bad
head -c 300 account.json >bad
bad_key 'cut short' 'it is damaged, or no file of a service account'
echo '{"installed":{"client_id":"x"}}' >bad
bad_key "a client's file" 'it is damaged, or no file of a service account'
sed 's/BEGIN PRIVATE/BEGIN/;s/MII/MIJ/' account.json >bad
bad_key 'a damaged key' 'the key .*/bad cannot be used: ASN1'
certtool --generate-privkey --key-type=ed25519 --no-text --outfile bad \
	2>/dev/null
bad_key 'Ed25519' 'its key is not RSA'
cp issuer/tls.key bad
bad_key 'elliptic curves' 'it is neither RSA nor Ed25519'

begin 'no key and no token was ever printed or logged'
check 'secrets' '' "$(grep -lE 'at-[A-Za-z0-9_-]{20}|PRIVATE KEY|eyJ' \
	"$client/log.all" "$client/out" "$client/err" transcript)"
finish
summary
