# SPDX-License-Identifier: GPL-3.0-or-later
# A certificate authority for one test run, with GnuTLS's certtool (package
# gnutls-bin): its keys are worth nothing and are gone with the run.
#
#	pki_authority DIR/ca                    DIR/ca.pem, DIR/ca.key
#	pki_certificate DIR/ca DIR/name HOST [FROM TO]
#	pki_client DIR/ca DIR/name NAME         for a client of that name
#
# shellcheck shell=sh

pki_key() {
	certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 \
		--outfile "$1" 2>/dev/null
}

# pki_authority PREFIX
pki_authority() {
	pki_key "$1.key" || return
	cat >"$1.cfg" <<-END
		cn = "mailchute throw-away authority"
		expiration_days = 2
		ca
		cert_signing_key
	END
	certtool --generate-self-signed --load-privkey "$1.key" \
		--template "$1.cfg" --outfile "$1.pem" 2>/dev/null
}

# pki_certificate AUTHORITY PREFIX HOST [FROM TO]: for a server of that name;
# dates as certtool takes them.
pki_certificate() {
	pki_key "$2.key" || return
	{
		printf 'cn = "%s"\ndns_name = "%s"\n' "$3" "$3"
		printf 'signing_key\ntls_www_server\n'
		if [ $# -gt 3 ]; then
			printf 'activation_date = "%s"\n' "$4"
			printf 'expiration_date = "%s"\n' "$5"
		else
			printf 'expiration_days = 2\n'
		fi
	} >"$2.cfg"
	certtool --generate-certificate --load-privkey "$2.key" \
		--load-ca-certificate "$1.pem" --load-ca-privkey "$1.key" \
		--template "$2.cfg" --outfile "$2.pem" 2>/dev/null
}

# pki_client AUTHORITY PREFIX NAME
pki_client() {
	pki_key "$2.key" || return
	printf 'cn = "%s"\nsigning_key\ntls_www_client\nexpiration_days = 2\n' \
		"$3" >"$2.cfg"
	certtool --generate-certificate --load-privkey "$2.key" \
		--load-ca-certificate "$1.pem" --load-ca-privkey "$1.key" \
		--template "$2.cfg" --outfile "$2.pem" 2>/dev/null
}
