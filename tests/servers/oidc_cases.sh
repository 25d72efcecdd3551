# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute login with a real issuer, and mail with its tokens through Postfix
# and Dovecot.  Runs inside the sandbox:
#	sh oidc_cases.sh FOLDER-OF-THIS-FILE
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
mkdir -p "$work/client" "$work/m"
client_open "$work/client"
oidc_prepare "$work/oidc" || bail 'no keys'
postfix_start "$work/postfix" || bail 'Postfix does not start'
oidc_start || {
	oidc_tell
	bail 'the issuers do not start'
}

# ---- what the cases are made of ------------------------------------------------

# profile KIND LINE...: Alice's, of that issuer and the Dovecot that takes it.
profile() {
	kind=$1
	shift
	case $kind in
	opaque) port=587 xoauth2_port=2011 oidc_port=8443 ;;
	jwt) port=2010 xoauth2_port=2012 oidc_port=8444 ;;
	esac
	client_profile "host $postfix_host" "port $port" 'auth on' \
		"tls_trust_file $work/oidc/ca.pem" 'from alice@example.test' \
		'user alice@example.test' "timeout 20" \
		"oauth_issuer https://$oidc_host:$oidc_port" \
		'oauth_scope openid smtp offline_access' "$@"
}

# login WORD...: Alice consents.
login() {
	status=0
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		BROWSER="python3 $here/consent.py" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		timeout 60 "$MAILCHUTE" -C "$client/profile" login "$@" \
		>"$client/out" 2>"$client/err" </dev/null || status=$?
	check 'exit code of the login' 0 "$status"
	[ "$status" -eq 0 ] || complain "$(cat "$client/err")"
}

forget_all() {
	rm -rf "$client/home/.local"
}

# arrives: a mail with that login, and how Dovecot took it.
arrives() {
	postfix_mark
	submit_plain mailchute bob@example.test
	check_sent
	message_body "$client/in" >"$work/m/body"
	postfix_take bob && check_same body "$work/m/body" "$postfix/arrived.body"
	postfix_log
	check_match 'the login' \
		"sasl_method=${1-OAUTHBEARER|XOAUTH2}, sasl_username=alice@example.test" \
		"$postfix/log.new"
}

# ---- each flow, from consent to arrived mail -----------------------------------

for kind in opaque jwt; do
	for client_lines in 'oauth_client_id public' 'oauth_client_id desk
oauth_client_secret desk-secret'; do
		begin "$kind: a browser, ${client_lines##* }"
		forget_all
		profile "$kind" 'oauth_flow browser' "$client_lines"
		oidc_requests "$kind" >/dev/null
		login
		arrives
		arrives
		check 'what was asked' 'authorization_code 200 1' \
			"$(oidc_requests "$kind")"
		finish
	done

	begin "$kind: a browser by IPv6"
	forget_all
	profile "$kind" 'oauth_flow browser' 'oauth_client_id public' \
		'oauth_redirect http://[::1]:%p/'
	login
	arrives
	finish

	begin "$kind: copy and paste"
	forget_all
	profile "$kind" 'oauth_flow paste' 'oauth_client_id public'
	rm -f "$work/m/pasted"
	mkfifo "$work/m/pasted"
	(
		tries=200
		until url=$(grep -o 'https://[^ ]*/auth?[^ ]*' "$work/m/err"); do
			tries=$((tries - 1))
			[ "$tries" -gt 0 ] || exit
			sleep 0.05
		done
		python3 "$here/consent.py" --print "$url"
	) >"$work/m/pasted" &
	: >"$work/m/err"
	status=0
	env -i PATH="$PATH" HOME="$client/home" timeout 60 "$MAILCHUTE" \
		-C "$client/profile" login <"$work/m/pasted" 2>"$work/m/err" \
		>"$client/out" || status=$?
	check 'exit code' 0 "$status"
	arrives
	finish

	begin "$kind: a code for another device"
	forget_all
	profile "$kind" 'oauth_flow device' 'oauth_client_id public'
	: >"$work/m/err"
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C timeout 60 \
		"$MAILCHUTE" -C "$client/profile" login 2>"$work/m/err" \
		>"$client/out" &
	pid=$!
	tries=200
	until grep -q 'enter the code' "$work/m/err"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || break
		sleep 0.05
	done
	# shellcheck disable=SC2046 # a URL and a code
	python3 "$here/consent.py" $(sed -n \
		's/^Open \([^ ]*\) .* code \([^ ]*\)$/\1 \2/p' "$work/m/err")
	wait "$pid"
	check 'exit code' 0 "$?"
	arrives
	check 'granted polls' 1 "$(oidc_requests "$kind" |
		sed -n 's/^device_code 200 //p')"
	finish

	begin "$kind: an application with a secret"
	forget_all
	profile "$kind" 'oauth_flow client' 'oauth_client_id robot' \
		'oauth_client_secret robot-secret' 'oauth_scope smtp'
	arrives
	finish

	begin "$kind: an application with a key"
	forget_all
	profile "$kind" 'oauth_flow client' 'oauth_client_id signer' \
		"oauth_key_file $work/oidc/client.key" 'oauth_scope smtp'
	arrives
	finish

	begin "$kind: a service account"
	forget_all
	{
		printf '{"client_email":"service@project.example","private_key":"'
		awk '{ printf "%s\\n", $0 }' "$work/oidc/client.key"
		printf '","private_key_id":"k1","type":"service_account"}\n'
	} >"$work/m/account.json"
	chmod 600 "$work/m/account.json"
	profile "$kind" 'oauth_flow jwt' 'oauth_scope smtp' \
		"oauth_key_file $work/m/account.json"
	arrives
	finish

	begin "$kind: an issuer that registers whoever comes"
	forget_all
	profile "$kind" 'oauth_flow browser'
	login
	arrives
	finish

	begin "$kind: XOAUTH2, and OAUTHBEARER"
	profile "$kind" 'auth oauthbearer'
	arrives OAUTHBEARER
	sed -i "s/^port .*/port $xoauth2_port/" "$client/profile"
	arrives XOAUTH2
	finish

	begin "$kind: renewed, with and without rotation"
	forget_all
	profile "$kind" 'oauth_flow browser' 'oauth_client_id public'
	echo 3 >"$work/oidc/$kind/life"
	login
	oidc_requests "$kind" >/dev/null
	sleep 3
	arrives
	touch "$work/oidc/$kind/rotate"
	sleep 3
	arrives
	sleep 3
	arrives
	check 'what was asked' 'refresh_token 200 3' "$(oidc_requests "$kind")"
	rm -f "$work/oidc/$kind/life" "$work/oidc/$kind/rotate"
	finish

	begin "$kind: long tokens go in two steps"
	for filler in 900 2500 6000; do
		[ "$kind" = jwt ] || break
		echo "$filler" >"$work/oidc/jwt/filler"
		forget_all
		profile jwt 'oauth_flow client' 'oauth_client_id signer' \
			"oauth_key_file $work/oidc/client.key" 'oauth_scope smtp'
		arrives OAUTHBEARER
		sed -i "s/^port .*/port $xoauth2_port/" "$client/profile"
		arrives XOAUTH2
	done
	rm -f "$work/oidc/jwt/filler"
	finish
done

begin 'what it says of a login, and giving it back'
forget_all
profile opaque 'oauth_flow browser' 'oauth_client_id public'
login
login --status
check_match status '^may *openid smtp offline_access' "$client/out"
login --status --json
check_match json '"state":"renewable"' "$client/out"
cp -p "$client/home/.local/state/mailchute/tokens/alice@example.test@$postfix_host" \
	"$work/m/kept"
sed -i "s/^fetched .*/fetched $(($(date +%s) - 600))/" "$work/m/kept"
login --forget
cp -p "$work/m/kept" \
	"$client/home/.local/state/mailchute/tokens/alice@example.test@$postfix_host"
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'has ended: its issuer does not renew it any more'
postfix_empty || complain 'something arrived'
finish

[ "$tap_failed" -eq 0 ] || {
	oidc_tell
	postfix_tell
}
oidc_stop
postfix_stop
summary
