# SPDX-License-Identifier: GPL-3.0-or-later
# A Kerberos realm of the test's own: its KDC on loopback, Alice, and the mail
# service.  Runs inside the sandbox.
#
#	kerberos_start FOLDER HOST    FOLDER/service.keytab, FOLDER/alice.keytab
#	kerberos_login [LIFETIME]     Alice gets a ticket
#	kerberos_logout
#	kerberos_stop
#
# shellcheck shell=sh disable=SC2154

kerberos_realm=EXAMPLE.TEST

kerberos_start() {
	kerberos=$1
	mkdir -p "$kerberos" || return
	cat >/etc/krb5.conf <<-END
		[libdefaults]
		default_realm = $kerberos_realm
		default_ccache_name = FILE:$kerberos/tickets
		dns_lookup_kdc = false
		dns_lookup_realm = false
		dns_canonicalize_hostname = false
		rdns = false
		[realms]
		$kerberos_realm = {
		  kdc = 127.0.0.1:88
		}
		[domain_realm]
		.example.test = $kerberos_realm
	END
	cat >"$kerberos/kdc.conf" <<-END
		[kdcdefaults]
		kdc_listen = 127.0.0.1:88
		kdc_tcp_listen = 127.0.0.1:88
		[realms]
		$kerberos_realm = {
		  database_name = $kerberos/principal
		  key_stash_file = $kerberos/stash
		}
		[logging]
		kdc = FILE:$kerberos/log
	END
	KRB5_KDC_PROFILE=$kerberos/kdc.conf
	export KRB5_KDC_PROFILE
	{
		kdb5_util create -s -P "a word for this run" &&
			kerberos_principal alice alice &&
			kerberos_principal "smtp/$2" service
	} >"$kerberos/console" 2>&1 || return
	krb5kdc -n >>"$kerberos/console" 2>&1 &
	kerberos_pid=$!
	kerberos_wait
}

# kerberos_principal NAME FILE: with a key that nobody knows, but the file.
kerberos_principal() {
	kadmin.local addprinc -randkey "$1" &&
		kadmin.local ktadd -k "$kerberos/$2.keytab" "$1"
}

# Ten seconds: 0058 is 88 in /proc's hexadecimal.
kerberos_wait() {
	kerberos_tries=100
	until grep -q ' 0100007F:0058 00000000:0000 0A ' /proc/net/tcp; do
		kerberos_tries=$((kerberos_tries - 1))
		[ "$kerberos_tries" -gt 0 ] || return
		sleep 0.1
	done
}

kerberos_login() {
	kinit -l "${1-1h}" -k -t "$kerberos/alice.keytab" alice
}

kerberos_logout() {
	kdestroy -q 2>/dev/null
	rm -f "$kerberos/tickets"
}

kerberos_tell() {
	for kerberos_file in console log; do
		sed "s,^,# kerberos $kerberos_file: ," "$kerberos/$kerberos_file" |
			tail -n 20
	done
}

kerberos_stop() {
	kill "$kerberos_pid"
	wait "$kerberos_pid"
}
