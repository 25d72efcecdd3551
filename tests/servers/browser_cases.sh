# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute login with a real browser: Debian's chromium, at the pages of a real
# issuer, to the mail that arrives.  Runs inside the sandbox:
#	sh browser_cases.sh FOLDER-OF-THIS-FILE
set -u
here=$1
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
# shellcheck source=tests/servers/oidc.sh
. "$1/oidc.sh"

work=/run/test
seen=$work/seen
mkdir -p "$work/client"
client_open "$work/client"
oidc_prepare "$work/oidc" || bail 'no keys'
postfix_start "$work/postfix" || bail 'Postfix does not start'
oidc_start || {
	oidc_tell
	bail 'the issuers do not start'
}
# The browser verifies the issuer, too.
store=sql:$client/home/.pki/nssdb
mkdir -p "$client/home/.pki/nssdb"
certutil -d "$store" -N --empty-password &&
	certutil -d "$store" -A -t C,, -n test -i "$work/oidc/ca.pem" ||
	bail 'no store for the browser'

profile() {
	client_profile "host $postfix_host" 'port 587' 'auth on' \
		"tls_trust_file $work/oidc/ca.pem" 'from alice@example.test' \
		'user alice@example.test' 'oauth_client_id public' \
		"oauth_issuer https://$oidc_host:8443" \
		'oauth_scope openid smtp offline_access' "$@"
	rm -rf "$client/home/.local"
}

# browse WORD...: the login, with that browser; $status.
browse() {
	rm -rf "$seen"
	status=0
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/pulseaudio \
		BROWSER="python3 $here/chromium.py $seen $*" timeout 60 \
		"$MAILCHUTE" -C "$client/profile" login </dev/null \
		>"$client/out" 2>"$client/err" || status=$?
	browse_tries=300
	until [ -e "$seen/end" ] || [ "$browse_tries" -eq 0 ]; do
		browse_tries=$((browse_tries - 1))
		sleep 0.1
	done
	[ -e "$seen/end" ] || complain 'the browser did not end'
	sed 's/code=[^&]*/code=C/;s/state=[^& ]*/state=S/
		s/ http:[^ ]*$/ FROM/' "$seen/requests" >"$seen/plain"
}

check_done() {
	check 'exit code of the login' 0 "$status"
	check 'the page' 'mailchute
Done: go back to the terminal.' "$(head -n 2 "$seen/page")"
	submit_plain mailchute bob@example.test
	check_sent
	postfix_take bob
}

came='GET /?code=C&state=S&iss=https%3A%2F%2Flogin.example.test%3A8443 -'

for host in 127.0.0.1 '[::1]' localhost; do
	begin "consent, by way of $host: one request, and a mail"
	profile 'oauth_flow browser' "oauth_redirect http://$host:%p/"
	browse
	check_done
	check 'what the browser sent' "$came" "$(cat "$seen/plain")"
	finish
done

begin 'what else a browser asks for: 404, and the wait goes on'
profile 'oauth_flow browser'
browse --first /nothing --first /favicon.ico
check_done
check 'what the browser sent' "GET /nothing -
GET /favicon.ico -
$came" "$(cat "$seen/plain")"
finish

begin 'she says no'
profile 'oauth_flow browser'
browse --no
check 'exit code of the login' 77 "$status"
check_match stderr 'access_denied' "$client/err"
finish

[ "$tap_failed" -eq 0 ] || {
	oidc_tell
	sed 's/^/# seen: /' "$seen/page" "$seen/requests"
}
oidc_stop
postfix_stop
summary
