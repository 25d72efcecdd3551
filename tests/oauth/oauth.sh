# SPDX-License-Identifier: GPL-3.0-or-later
# The sink, and an issuer whose tokens it takes, for the suites of access
# tokens.
#
#	oauth_open [queue]         both, and a profile
#	oauth_profile LINE...      on top of it
#	login_of REFRESH-TOKEN     the file that 'mailchute login' would make: $login
#	expire                     its access token ends now
#	requests LINES             what the issuer was asked since the last time
#
# shellcheck shell=sh disable=SC2154

# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
# shellcheck source=tests/lib/pki.sh
. "$TOP_SRCDIR/tests/lib/pki.sh"

issuer_pid=

oauth_skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

oauth_open() {
	command -v python3 >/dev/null || oauth_skip 'no python3'
	command -v certtool >/dev/null || oauth_skip 'no certtool'
	[ "$(grep -cE '^#define HAVE_(LIBCURL|JANSSON) 1' \
		"$TOP_BUILDDIR/config.h")" -eq 2 ] ||
		oauth_skip 'this build has no libcurl or no jansson'
	sink_open "$@"
	trap 'sink_stop; issuer_stop; rm -rf "$sink"' EXIT
	mkdir issuer
	pki_authority issuer/ca && pki_certificate issuer/ca issuer/tls localhost
	issuer_start
	: >script
	sink_start --mechanisms 'XOAUTH2 OAUTHBEARER PLAIN' --script script \
		--tokens issuer/tokens \
		--metadata "$issuer/.well-known/openid-configuration"
	cat certs/ca.pem issuer/ca.pem >trust.pem
	message_plain >in.plain
	login=$client/home/.local/state/mailchute/tokens/alice@example.test@localhost
	oauth_profile
}

issuer_start() {
	: >issuer/requests
	rm -f issuer/port
	python3 "$TOP_SRCDIR/tests/oauth/issuer.py" issuer issuer/tls.pem \
		issuer/tls.key >issuer.out 2>&1 &
	issuer_pid=$!
	oauth_tries=0
	while [ ! -s issuer/port ]; do
		oauth_tries=$((oauth_tries + 1))
		[ "$oauth_tries" -lt 400 ] ||
			bail "the issuer does not start: $(cat issuer.out)"
		sleep 0.05
	done
	issuer=https://localhost:$(cat issuer/port)
}

issuer_stop() {
	[ -z "$issuer_pid" ] && return
	kill "$issuer_pid" 2>/dev/null
	wait "$issuer_pid" 2>/dev/null
	issuer_pid=
}

oauth_profile() {
	client_profile 'host localhost' "port $starttls_port" \
		'user alice@example.test' 'auth xoauth2' \
		"oauth_issuer $issuer" 'oauth_client_id public' \
		'from alice@example.test' "tls_trust_file $sink/trust.pem" \
		'timeout 5' "$@"
}

login_of() {
	mkdir -p "${login%/*}"
	rm -f "$login"
	(
		umask 077
		printf '%s\n' 'client_id public' \
			"token_endpoint $issuer/token" 'scope smtp' \
			"refresh_token $1" end >"$login"
	)
	: >issuer/requests
}

expire() {
	sed -i "s/^expires .*/expires $(date +%s)/" "$login"
}

requests() {
	check 'what the issuer was asked' "$1" "$(cat issuer/requests)"
	: >issuer/requests
}
