#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A server that is not this machine: no password but through TLS that was
# verified, by name or by fingerprint.  It is reached by a proxy, behind which
# nothing is this machine's.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
command -v python3 >/dev/null || {
	echo '1..0 # SKIP no python3'
	exit 0
}
sink_open
python3 "$TOP_SRCDIR/tests/blackbox/socks.py" proxy &
proxy_pid=$!
trap 'kill "$proxy_pid"; sink_stop; rm -rf "$sink"' EXIT
tries=0
until [ -s proxy ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 200 ] || bail 'no proxy'
	sleep 0.05
done
printf '%s\n' 'EHLO clear : offer "AUTH PLAIN LOGIN"' >script
sink_start --script script

# elsewhere NAME CODE LINE...: a CODE but 0 comes before any word of a login.
elsewhere() {
	begin "$1"
	elsewhere_code=$2
	shift 2
	: >transcript
	profile 'proxy_host 127.0.0.1' "proxy_port $(cat proxy)" "$@"
	submit_plain mailchute bob@example.test
	check 'exit code' "$elsewhere_code" "$status"
	elsewhere_logins=$(grep -c '^C: AUTH' transcript)
	if [ "$elsewhere_code" -eq 0 ]; then
		check 'logins' 1 "$elsewhere_logins"
	else
		check 'logins' 0 "$elsewhere_logins"
		check_match 'the reason' 'PLAIN and LOGIN need verified TLS' \
			"$client/err"
	fi
	finish
}
unverified='tls_certcheck off'
pin=$("$MAILCHUTE" -C "$client/profile" --serverinfo 2>/dev/null |
	sed -n 's/^ *fingerprint: //p')
elsewhere 'verified' 0 'auth plain'
elsewhere 'verified by its fingerprint' 0 'tls_trust_file' \
	"tls_fingerprint $pin" 'auth plain'
elsewhere 'not verified' 69 "$unverified" 'tls_trust_file' 'auth plain'
elsewhere 'not verified, and another mechanism' 69 "$unverified" \
	'tls_trust_file' 'auth login'
# Its password does not go over the wire.
! grep -q '^#define HAVE_LIBGSASL 1' "$TOP_BUILDDIR/config.h" ||
	elsewhere 'not verified, and SCRAM' 0 "$unverified" 'tls_trust_file' \
		'auth scram-sha-256'
elsewhere 'in clear' 69 'tls off' "port $clear_port" 'auth plain'
summary
