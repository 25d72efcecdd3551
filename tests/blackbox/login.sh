#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute login: each way to a consent, to the mail that arrives with it.
set -u
# shellcheck source=tests/oauth/oauth.sh
. "$TOP_SRCDIR/tests/oauth/oauth.sh"
oauth_open
scope='oauth_scope smtp offline_access'
browser="python3 $TOP_SRCDIR/tests/oauth/browser.py"

# login WORD...: status, out and err as submit has them; $with is more of the
# environment.
login() {
	status=0
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" ${with:+"$with"} timeout 30 \
		"$MAILCHUTE" -C "$client/profile" login "$@" \
		>"$client/out" 2>"$client/err" </dev/null || status=$?
}
with=

# check_login CODE [PATTERN]: of the last one.
check_login() {
	check 'exit code' "$1" "$status"
	[ -z "${2-}" ] || check_match stderr "$2" "$client/err"
}

# check_arrives: a mail with that login.
check_arrives() {
	rm -f mail/*
	submit_plain mailchute bob@example.test
	check_sent
	arrived 1
	: >issuer/requests
}

# ---- a browser ----------------------------------------------------------------

for redirect in 'http://127.0.0.1:%p/' 'http://[::1]:%p/back' \
	'http://localhost:%p'; do
	begin "a browser on this machine, $redirect"
	case $redirect in
	*::1*) [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6 ||
		redirect='http://127.0.0.1:%p/back' ;;
	esac
	rm -f "$login" page
	oauth_profile "$scope" "oauth_redirect $redirect"
	with="BROWSER=$browser"
	login
	check_login 0 "  $issuer/authorize?"
	check stdout 'Account default is logged in as alice@example.test.' \
		"$(cat "$client/out")"
	check_match 'the page' '^200 no-referrer$' page
	requests 'metadata 200
authorize client_id=public scope=smtp offline_access code_challenge_method=S256
authorization_code 200'
	check_arrives
	finish
done

begin 'asked for later, too, and by the page that asks for it'
oauth_profile 'oauth_scope smtp'
login
check_login 0 '&scope=smtp%20offline_access&.*&prompt=consent'
oauth_profile "$scope"
finish

begin 'an issuer that nobody has named: the server is asked'
rm -f "$login"
oauth_profile 'oauth_scope smtp'
sed -i '/^oauth_issuer/d' "$client/profile"
: >issuer/requests
login
check_login 0 "^localhost says who gives its tokens: $issuer/\\.well-known/openid-"
requests 'metadata 200
authorize client_id=public scope=smtp offline_access code_challenge_method=S256
authorization_code 200'
expire
check_arrives
kept=$(cat "$login")
sed -i 's/^tls_trust_file .*/tls_certcheck off/' "$client/profile"
login
check_login 78 'nothing says who gives the tokens'
check 'the login' "$kept" "$(cat "$login")"
oauth_profile "$scope"
finish

begin 'a person who says no: 77'
touch issuer/deny
login
check_login 77 'gives no consent: access_denied'
rm -f issuer/deny
check_arrives
finish

begin 'a port that is taken'
oauth_profile "$scope" "oauth_redirect http://127.0.0.1:$starttls_port/"
login
check 'exit code' 1 "$((status != 0))"
check_match stderr "127.0.0.1:$starttls_port" "$client/err"
finish

begin 'an issuer that gives no refresh token: 77, at once'
oauth_profile "$scope"
cp "$login" before
printf '200\napplication/json\n%s\nonce\n' \
	'{"access_token":"x","token_type":"Bearer","expires_in":60}' >issuer/say
login
check_login 77 'has given less than was asked for: no refresh token'
check 'the login' "$(cat before)" "$(cat "$login")"
printf '200\napplication/json\n%s\nonce\n' \
	'{"access_token":"x","refresh_token":"y","scope":"other"}' >issuer/say
login
check_login 77 'has given less than was asked for: not the scope smtp'
check 'the login' "$(cat before)" "$(cat "$login")"
finish

begin 'an issuer that registers whoever comes'
rm -f "$login"
oauth_profile "$scope"
sed -i '/^oauth_client_id/d' "$client/profile"
login
check_login 0
check_match asked "^register \\['http://127.0.0.1:[0-9]*/'\\]\$" issuer/requests
check_arrives
finish

begin 'an issuer that registers nobody: 78'
printf '400\napplication/json\n%s\nonce\n' \
	'{"error":"invalid_redirect_uri","error_description":"only https"}' \
	>issuer/say-register
login
check_login 78 'registers no client: invalid_redirect_uri, only https'
printf '201\napplication/json\n{}\nonce\n' >issuer/say-register
login
check_login 78 'registers no client: there is no client id in its answer'
check_match hint "yourself and set 'oauth_client_id'" "$client/err"
finish
with=

# ---- what an issuer says of itself --------------------------------------------

# metadata_says NAME PATTERN STATUS BODY
metadata_says() {
	begin "the issuer's metadata: $1"
	printf '%s\n' "$3" application/json "$4" >issuer/say-metadata
	login
	check_login 75 "$2"
	rm -f issuer/say-metadata
	finish
}
with="BROWSER=$browser"
oauth_profile "$scope"
page='"authorization_endpoint":"ISSUER/authorize"'
metadata_says 'not there' 'answers 404: it is no answer' 404 ''
metadata_says 'trouble' 'answers 500: it cannot answer now' 500 '{}'
metadata_says 'HTML' 'answers 200: it is no answer' 200 '<html>'
metadata_says 'nothing' 'answers 200: it is no answer' 200 ''
metadata_says 'no reply' 'cannot be asked' cut ''
metadata_says 'of another' 'answers 200: it is about another issuer' 200 \
	"{\"issuer\":\"https://a.example\",$page,\"token_endpoint\":\"ISSUER/token\"}"
metadata_says 'tokens in clear' 'answers 200: it is no answer' 200 \
	"{\"issuer\":\"ISSUER\",$page,\"token_endpoint\":\"http://localhost/token\"}"
metadata_says 'a file for a page' 'answers 200: it is no answer' 200 \
	'{"issuer":"ISSUER","authorization_endpoint":"file:///etc/passwd","token_endpoint":"ISSUER/token"}'

begin "the issuer's metadata: without a page"
printf '%s\n' 200 application/json \
	'{"issuer":"ISSUER","token_endpoint":"ISSUER/token"}' \
	>issuer/say-metadata
login
check_login 78 'has no consent in a browser'
rm -f issuer/say-metadata
finish
with=

# ---- a browser elsewhere ------------------------------------------------------

begin 'copy and paste'
rm -f "$login"
oauth_profile "$scope" 'oauth_flow paste'
mkfifo pasted
(
	tries=0
	until url=$(grep -o 'https://[^ ]*/authorize?[^ ]*' paste.err); do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || exit
		sleep 0.05
	done
	echo 'http://127.0.0.1:49152/?code=x&state=y'
	$browser --print "$url"
) >pasted &
status=0
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	timeout 60 "$MAILCHUTE" -C "$client/profile" login <pasted \
	>"$client/out" 2>paste.err || status=$?
check 'exit code' 0 "$status"
check 'what was refused' 1 "$(grep -c \
	'^That is not the address of this login: it begins with http://127' \
	paste.err)"
check_arrives
login
check_login 65 'that is not the address that this login leads to'
finish

begin 'copy and paste: another issuer answers'
echo https://evil.example >issuer/iss
rm -f pasted
mkfifo pasted
: >paste.err
(
	tries=0
	until url=$(grep -o 'https://[^ ]*/authorize?[^ ]*' paste.err); do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || exit
		sleep 0.05
	done
	$browser --print "$url"
) >pasted &
status=0
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	timeout 60 "$MAILCHUTE" -C "$client/profile" login <pasted \
	>"$client/out" 2>paste.err || status=$?
check 'exit code' 65 "$status"
check_match stderr 'that is not the address that this login leads to' paste.err
rm -f issuer/iss
finish

# ---- another device ------------------------------------------------------------

begin 'a code for another device'
rm -f "$login"
oauth_profile "$scope" 'oauth_flow device'
echo yes >issuer/allow
login
check_login 0 "^Open $issuer/here in any browser, and enter the code WDJB-MJHT"
check_arrives
echo no >issuer/allow
login
check_login 77 'gives no consent: access_denied'
finish

# device_says NAME BODY: the issuer's answer to the first question.
device_says() {
	begin "a code for another device: $1"
	printf '200\napplication/json\n%s\nonce\n' "$2" >issuer/say-device
	: >issuer/requests
	login
	rm -f issuer/say-device
}
code='"device_code":"d","user_code":"U","verification_uri":"https://x.example/y"'
device_says 'much later than the code ends' \
	"{$code,\"interval\":2147483647,\"expires_in\":1}"
check_login 75 'gives no token at the moment: invalid_grant'
finish
device_says 'without one' '{"verification_uri":"https://x.example/y"}'
check_login 75 'answers 200: there is no code in it'
finish
device_says 'a page that is no page' \
	'{"device_code":"d","user_code":"U","verification_uri":"javascript:x"}'
check_login 75 'answers 200: it is no answer of an issuer'
finish

begin 'a code for another device: what was granted cannot be read'
rm -f "$login"
echo yes >issuer/allow
for body in '<html>' '{"access_token":17}'; do
	printf '200\ntext/html\n%s\nonce\n' "$body" >issuer/say
	: >issuer/requests
	login
	check_login 75 'answers 200: it is no answer of an issuer'
	check 'polls' 1 "$(grep -c device_code issuer/requests)"
done
printf '503\ntext/html\naway\nonce\n' >issuer/say
: >issuer/requests
login
check_login 0
check 'polls' 2 "$(grep -c device_code issuer/requests)"
finish

# ---- from elsewhere ------------------------------------------------------------

begin 'a refresh token from elsewhere'
rm -f "$login"
oauth_profile
login_of none
rm -f "$login"
echo brought-1 >token
submit mailchute login --import <token
check 'exit code' 0 "$status"
requests 'metadata 200
refresh_token 200'
check_arrives
echo gone >token
submit mailchute login --import <token
check 'exit code' 77 "$status"
submit mailchute login --import </dev/null
check 'exit code' 65 "$status"
finish

# ---- what there is --------------------------------------------------------------

begin '--status, --json and --forget'
rm -f "$login"
login --status
check_login 77 'there is no login for account default'
check_empty stdout "$client/out"
echo brought-2 >token
submit mailchute login --import <token
: >issuer/requests
login --status
check_login 0
check_match stdout '^may *smtp offline_access$' "$client/out"
check_match stdout '^client *public$' "$client/out"
check_no_match 'no token' 'at-\|brought' "$client/out"
login --status --json default
check_match json '"state":"renewable".*"scope":"smtp offline_access"' \
	"$client/out"
cp "$client/profile" before
# An import knows the endpoint, too.
login --forget
check_login 0
requests 'revoke True'
check 'files' '' "$(find "${login%/*}" -name 'alice*' ! -name '*.lock')"
login --forget
check_login 77
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'there is no login'
finish

# ---- stores ----------------------------------------------------------------------

begin 'a store of two commands'
oauth_profile "oauth_store cat $sink/kept | cat >$sink/kept"
touch issuer/rotate
echo brought-3 >token
submit mailchute login --import <token
check 'exit code' 0 "$status"
check_no_match 'no refresh token in the file' refresh_token "$login"
check_match 'the new one in the store' '^rt-' kept
cp kept before
expire
check_arrives
[ "$(cat before)" != "$(cat kept)" ] || complain 'the new one is not stored'
rm -f issuer/rotate
finish

begin 'stores that fail: refused at login'
echo brought-4 >token
oauth_profile 'oauth_store echo x | false'
submit mailchute login --import <token
check_login 75 "the command of 'oauth_store' that takes it failed"
oauth_profile 'oauth_store echo x | cat >/dev/null'
submit mailchute login --import <token
check_login 75 "the command of 'oauth_store' prints another"
oauth_profile "oauth_store test \"\$DISPLAY\" | cat >$sink/kept"
DISPLAY=:0 submit mailchute login --import <token
check_login 75 "the command of 'oauth_store' does not print it"
finish

# ---- a first hour ----------------------------------------------------------------

# set_up NAME PROFILE-LINES ARGUMENT...: 'mailchute setup', typed, for a server that
# wants tokens, to the mail that arrives.
set_up() {
	begin "a setup with access tokens: $1"
	set_up_want=$2
	shift 2
	rm -rf person "$login" && mkdir person
	cat >script.typed <<'END'
Client id: |public
Log in now? [yes]: |
END
	status=0
	env -i PATH="$PATH" HOME="$sink/person" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" BROWSER="$browser" \
		"$TOP_BUILDDIR/tests/blackbox/typist" 40 script.typed \
		"$MAILCHUTE" setup --host localhost --port "$starttls_port" \
		--auth=xoauth2 --user alice@example.test \
		--oauth-issuer "$issuer" --oauth-scope 'smtp offline_access' \
		--tls-trust-file "$sink/trust.pem" --timeout 5 --syslog=off \
		--queue=off "$@" alice@example.test >person.out || status=$?
	check 'exit code' 0 "$status"
	check_match 'the end' 'is logged in as alice@example.test' person.out
	check profile "$set_up_want" \
		"$(grep -E '^(auth|oauth_c|oauth_flow|password)' \
			person/.mailchuterc)"
	: >issuer/requests
	rm -f mail/*
	message_plain | env -i HOME="$sink/person" PATH="$PATH" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" \
		bob@example.test >person.out 2>&1 ||
		complain "$? $(cat person.out)"
	arrived 1
	finish
}
set_up 'a browser on this machine' 'auth xoauth2
oauth_client_id public' --oauth-redirect 'http://127.0.0.1:%p/'
echo yes >issuer/allow
set_up 'a code for another device' 'auth xoauth2
oauth_client_id public
oauth_flow device' --oauth-flow device
rm -f issuer/allow

# ---- what cannot be ---------------------------------------------------------------

begin 'accounts without tokens, without a client'
profile
login
check_login 78 'account default does not log in with tokens'
oauth_profile
oauth_profile "oauth_scope smtp" 'oauth_flow device'
sed -i '/^oauth_client_id/d' "$client/profile"
login
check_login 78 'account default has no client id'
login nobody
check_login 78
login one two
check_login 64
finish

begin 'a server that takes nothing but tokens: log in'
sink_start --mechanisms 'XOAUTH2 OAUTHBEARER' --script script
submit_plain mailchute bob@example.test
check_failed 69 EX_UNAVAILABLE 'no usable way to authenticate'
check_match hint "it takes access tokens: .*'mailchute login'" "$client/err"
finish

begin 'no token was ever printed'
check 'tokens' '' "$(grep -lE '(at|rt)-[A-Za-z0-9_-]{20}' "$client/log.all" \
	"$client/out" "$client/err" transcript paste.err)"
finish
summary
