# SPDX-License-Identifier: GPL-3.0-or-later
# oidc-provider as the issuer, twice (opaque tokens on 8443, JWTs on 8444), and
# Dovecot behind Postfix that takes them: by asking the issuer on 587, and by
# the issuer's key on 2010; on 2011 and 2012 the same with XOAUTH2 alone.  Runs inside the sandbox, with postfix.sh.
#
#	oidc_prepare FOLDER        before postfix_start, which it is a part of
#	oidc_start
#	oidc_stop
#	oidc_requests KIND         the questions at the token endpoint since the
#	                           last time, counted: "refresh_token 200 3"
#
# shellcheck shell=sh disable=SC2154,SC2034

oidc_host=login.example.test

oidc_prepare() {
	oidc=$1
	mkdir -p "$oidc/opaque" "$oidc/jwt" "$oidc/keys/default/RS256" \
		/usr/lib/oidc || return
	printf '127.0.0.1 %s\n' "$oidc_host" >>/etc/hosts
	cp "$here/issuer.mjs" /usr/lib/oidc/
	certtool --generate-privkey --key-type=rsa --bits=2048 --no-text \
		--outfile "$oidc/client.key" 2>/dev/null &&
		certtool --load-privkey "$oidc/client.key" --pubkey-info \
			--no-text --outfile "$oidc/client.pem" 2>/dev/null &&
		chmod 600 "$oidc/client.key" || return
	postfix_mechanisms='plain xoauth2 oauthbearer'
	postfix_dovecot_lines="passdb {
		  driver = oauth2
		  mechanisms = xoauth2 oauthbearer
		  args = $oidc/asking.ext
		}"
	cat >"$oidc/asking.ext" <<-END
		introspection_url = https://dovecot:dovecot-secret@$oidc_host:8443/token/introspection
		introspection_mode = post
		active_attribute = active
		active_value = true
		username_attribute = email
		scope = smtp
		tls_ca_cert_file = $oidc/ca.pem
		openid_configuration_url = https://$oidc_host:8443/.well-known/openid-configuration
	END
	cat >"$oidc/key.ext" <<-END
		introspection_mode = local
		local_validation_key_dict = fs:posix:prefix=$oidc/keys/
		username_attribute = email
		scope = smtp
		issuers = https://$oidc_host:8444
		client_id = smtp.example.test
		openid_configuration_url = https://$oidc_host:8444/.well-known/openid-configuration
	END
}

postfix_more() {
	postfix_listen 2010 "smtpd_sasl_path=$postfix/dovecot/auth2"
	postfix_listen 2011 smtpd_sasl_mechanism_filter=xoauth2
	postfix_listen 2012 smtpd_sasl_mechanism_filter=xoauth2 \
		"smtpd_sasl_path=$postfix/dovecot/auth2"
}

# oidc_start: behind postfix_start, whose authority it needs.
oidc_start() {
	cp "$postfix/pki/ca.pem" "$oidc/ca.pem"
	chmod -R a+rX "$oidc"
	chmod 600 "$oidc/client.key"
	pki_certificate "$postfix/pki/ca" "$oidc/tls" "$oidc_host" || return
	for oidc_kind in opaque jwt; do
		cp "$oidc/tls.pem" "$oidc/tls.key" "$oidc/client.pem" \
			"$oidc/$oidc_kind"
		: >"$oidc/$oidc_kind/requests"
	done
	oidc_run opaque 8443
	oidc_opaque_pid=$oidc_pid
	oidc_run jwt 8444
	oidc_jwt_pid=$oidc_pid
	oidc_wait 8443 && oidc_wait 8444 || return
	cp "$oidc/jwt/public.pem" "$oidc/keys/default/RS256/k1"
	chmod -R a+rX "$oidc/keys"
	sed -e "s,base_dir = .*,base_dir = $postfix/dovecot/run2," \
		-e "s,state_dir = .*,state_dir = $postfix/dovecot/run2," \
		-e "s,asking\.ext,key.ext," -e "s,dovecot/auth {,dovecot/auth2 {," \
		"$postfix/dovecot/dovecot.conf" >"$postfix/dovecot/second.conf"
	dovecot -F -c "$postfix/dovecot/second.conf" \
		>"$oidc/dovecot.console" 2>&1 &
	oidc_dovecot_pid=$!
	oidc_tries=100
	until [ -S "$postfix/dovecot/auth2" ]; do
		oidc_tries=$((oidc_tries - 1))
		[ "$oidc_tries" -gt 0 ] || return
		sleep 0.1
	done
}

# oidc_run KIND PORT
oidc_run() {
	node /usr/lib/oidc/issuer.mjs "$oidc/$1" "$2" "$1" \
		>>"$oidc/$1/console" 2>&1 &
	oidc_pid=$!
}

# oidc_wait PORT
oidc_wait() {
	oidc_tries=200
	until grep -qi " 0100007F:$(printf '%04X' "$1") 00000000:0000 0A " \
		/proc/net/tcp; do
		oidc_tries=$((oidc_tries - 1))
		[ "$oidc_tries" -gt 0 ] || return
		sleep 0.1
	done
}

oidc_requests() {
	sort "$oidc/$1/requests" | uniq -c |
		sed 's/^ *\([0-9]*\) \(.*\)/\2 \1/;s/urn:ietf.*:\([^:]* \)/\1/'
	: >"$oidc/$1/requests"
}

oidc_tell() {
	for oidc_file in "$oidc"/*/console "$oidc/dovecot.console"; do
		sed "s,^,# ${oidc_file#"$oidc/"}: ," "$oidc_file" | tail -n 20
	done
}

oidc_stop() {
	kill "$oidc_opaque_pid" "$oidc_jwt_pid" "$oidc_dovecot_pid"
	wait "$oidc_opaque_pid" "$oidc_jwt_pid" "$oidc_dovecot_pid" 2>/dev/null
}
