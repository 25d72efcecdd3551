#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Access tokens: kept, renewed, refused, lost; the sink takes those that
# tests/oauth/issuer.py has given and that are still good.
set -u
# shellcheck source=tests/oauth/oauth.sh
. "$TOP_SRCDIR/tests/oauth/oauth.sh"
oauth_open queue

# ---- the usual course -------------------------------------------------------

login_of brought-1
begin 'the first send gets a token, and the second none'
submit_plain mailchute bob@example.test
check_sent
submit_plain mailchute bob@example.test
check_sent
requests 'refresh_token 200'
check 'mode' 600 "$(stat -c %a "$login")"
arrived 2
finish

begin 'a token that is about to end is renewed'
expire
submit_plain mailchute bob@example.test
check_sent
requests 'refresh_token 200'
finish

begin 'a login without a token_endpoint: from the metadata, and found again'
sed -i '/^token_endpoint /d' "$login"
expire
submit_plain mailchute bob@example.test
check_sent
requests 'metadata 200
refresh_token 200'
finish

begin 'refresh tokens that are good for once'
touch issuer/rotate
expire
submit_plain mailchute bob@example.test
check_sent
first=$(sed -n 's/^refresh_token //p' "$login")
expire
submit_plain mailchute bob@example.test
check_sent
requests 'refresh_token 200
refresh_token 200'
[ "$first" != "$(sed -n 's/^refresh_token //p' "$login")" ] ||
	complain 'the new one is not kept'
finish

begin 'eight at once: one refresh'
expire
rm -f mail/* codes
senders=
for _ in 1 2 3 4 5 6 7 8; do
	(
		env -i HOME="$client/home" PATH="$PATH" \
			ASAN_OPTIONS="${ASAN_OPTIONS-}" timeout 60 "$MAILCHUTE" \
			-C "$client/profile" bob@example.test <in.plain
		echo "$?" >>codes
	) 2>>eight.err &
	senders="$senders $!"
done
# shellcheck disable=SC2086 # a list
wait $senders
check 'exit codes' 8 "$(grep -c '^0$' codes)"
check_empty stderr eight.err
requests 'refresh_token 200'
arrived 8
finish
rm -f issuer/rotate

# ---- refusals -----------------------------------------------------------------

begin 'an old token that the server refuses is replaced, once'
: >issuer/tokens
sed -i "s/^fetched .*/fetched $(($(date +%s) - 600))/" "$login"
rm -f mail/*
submit_plain mailchute bob@example.test
check_sent
requests 'refresh_token 200'
arrived 1
finish

begin 'a new token that the server refuses: later, and no other is got'
: >issuer/tokens
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'the server refused the access token of alice'
check_match hint 'the token has only just come: the clocks' "$client/err"
requests ''
finish

begin 'a refusal that says nothing of the token: later, and no other is got'
echo 'AUTH : reply "535 5.7.8 Error: authentication failed"' >script
sed -i "s/^fetched .*/fetched $(($(date +%s) - 600))/" "$login"
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'says nothing against the token: 535 5\.7\.8'
check_no_match 'no word of passwords' 'app password' "$client/err"
requests ''
: >script
finish

# ---- issuers that fail --------------------------------------------------------

# issuer_says NAME PATTERN LINE...: 75, and the login is as it was.
issuer_says() {
	begin "the issuer: $1"
	login_of brought-2
	cp "$login" before
	printf '%s\n' "$3" "$4" "$5" >issuer/say
	submit_plain mailchute bob@example.test
	check_failed 75 EX_TEMPFAIL "$2"
	check 'the login' "$(cat before)" "$(cat "$login")"
	check 'what is left over' '' "$(find "${login%/*}" -name '*.new')"
	rm -f issuer/say
	finish
}
issuer_says HTML 'answers 200: it is no answer of an issuer' \
	200 text/html '<html>welcome</html>'
issuer_says nothing 'answers 200: it is no answer of an issuer' \
	200 application/json ''
issuer_says 'no reply' 'cannot be asked' cut x x
issuer_says 'trouble' 'answers 500: it cannot answer now' \
	500 application/json '{"error":"invalid_grant"}'
issuer_says 'too often' 'answers 429: it cannot answer now' \
	429 application/json '{"error":"slow_down"}'
issuer_says 'go elsewhere' 'answers 302: it cannot answer now' \
	302 text/plain ''
issuer_says 'a list' 'answers 200: it is no answer of an issuer' \
	200 application/json '[{"access_token":"x"}]'
issuer_says 'a number for a token' 'answers 200: it is no answer' \
	200 application/json '{"access_token":17,"token_type":"Bearer"}'
issuer_says 'no token' 'there is no access token in it' \
	200 application/json '{"token_type":"Bearer"}'
issuer_says 'another type of token' 'there is no access token in it' \
	200 application/json '{"access_token":"x","token_type":"mac"}'
issuer_says 'a token with a line end' 'answers 200: it is no answer' \
	200 application/json '{"access_token":"a\nb","token_type":"Bearer"}'
issuer_says 'much too much' 'sends more than an answer may have' huge x x
issuer_says 'an error that passes' \
	'gives no token at the moment: temporarily_unavailable, come.x07 back' \
	400 application/json \
	'{"error":"temporarily_unavailable","error_description":"come\u0007 back"}'

begin 'an issuer that does not know us any more: 78'
login_of brought-3
sed -i 's/^client_id .*/client_id nobody/' "$login"
oauth_profile
sed -i '/^oauth_client_id/d' "$client/profile"
submit_plain mailchute bob@example.test
check_failed 78 EX_CONFIG 'gives no token: invalid_client'
oauth_profile
finish

begin 'a grant that is no more: 77, a person is needed, and nobody asks again'
login_of gone
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'the login for account default .* has ended'
check_match hint "'mailchute login default' gets a new consent" "$client/err"
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'the login for account default .* has ended'
requests 'refresh_token invalid_grant'
finish

# ---- logins that are not there ------------------------------------------------

begin 'no login: 77'
rm -f "$login"
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'there is no login for account default'
check_match hint "'mailchute login default' gets the consent" "$client/err"
finish

begin 'a login of another client: 77'
login_of brought-4
sed -i 's/^client_id .*/client_id another/' "$login"
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'there is no login for account default'
finish

begin 'a login that was cut: 77'
login_of brought-4
sed -i '$d' "$login"
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'the file with the login for account default is damaged'
finish

begin 'a login that others can read: 75'
login_of brought-4
chmod 640 "$login"
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'open to others'
requests ''
finish

begin 'clocks that were set by an hour: a token of the future is none'
login_of brought-4
submit_plain mailchute bob@example.test
: >issuer/requests
for seconds in 3600 -7200; do
	now=$(date +%s)
	sed -i "s/^fetched .*/fetched $((now + seconds))/
		s/^expires .*/expires $((now + seconds + 3600))/" "$login"
	submit_plain mailchute bob@example.test
	check_sent
done
requests 'refresh_token 200
refresh_token 200'
finish

begin 'a process that was killed while it wrote leaves nothing behind'
expire
printf 'half' >"$login.new"
submit_plain mailchute bob@example.test
check_sent
check 'what is left over' '' "$(find "${login%/*}" -name '*.new')"
finish

# The command that takes the new refresh token kills who gives it.
begin 'killed between the answer and its storing: a new login, and nothing else'
touch issuer/rotate
oauth_profile "oauth_store echo brought-8 | cat >/dev/null"
login_of brought-8
oauth_profile "oauth_store echo brought-8 | kill -9 \$PPID"
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'the process that asked it ended early'
requests 'refresh_token 200'
oauth_profile "oauth_store echo brought-8 | cat >/dev/null"
submit_plain mailchute bob@example.test
check_failed 77 EX_NOPERM 'the login for account default .* has ended'
requests 'refresh_token invalid_grant'
rm -f issuer/rotate
oauth_profile
finish

begin 'a folder that cannot be written to: 75, before the issuer is asked'
login_of brought-4
rm -f "$login.lock"
mkdir "$login.lock"
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'its folder cannot be written to'
rmdir "$login.lock"
requests ''
finish

# ---- without a person ---------------------------------------------------------

for client_id in private basic; do
	begin "an application's own token: $client_id"
	rm -f "$login"
	oauth_profile 'oauth_flow client' "oauth_client_id $client_id" \
		'oauth_client_secret c0nfidential' 'oauth_scope smtp'
	submit_plain mailchute bob@example.test
	check_sent
	submit_plain mailchute bob@example.test
	check_sent
	check 'tokens' 1 "$(grep -c '^client_credentials 200$' issuer/requests)"
	: >issuer/requests
	finish
done
oauth_profile

# ---- the queue ----------------------------------------------------------------

begin 'an issuer that is away: queued, and sent when it is back'
login_of brought-5
oauth_profile 'queue auto' "queue_dir $sink/queue" 'queue_runner external'
printf '503\ntext/plain\naway\n' >issuer/say
rm -f mail/*
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
check_match log ' diag=oauth\.answer ' "$client/log"
arrived 0
rm -f issuer/say
submit mailchute queue run </dev/null
check 'exit code of the run' 0 "$status"
arrived 1
finish

begin 'a grant that ends: what waits stays, and is sent after a new login'
login_of gone
submit mailchute -odq bob@example.test <in.plain
check 'exit code' 0 "$status"
rm -f mail/*
submit mailchute queue run </dev/null
check 'exit code of the run' 75 "$status"
check_match stderr 'the login for account default .* has ended' "$client/err"
login_of brought-6
submit mailchute queue run </dev/null
check 'exit code of the run' 0 "$status"
arrived 1
finish

begin 'no token was ever printed or logged'
check 'tokens' '' "$(grep -lE '(at|rt)-[A-Za-z0-9_-]{20}|c0nfidential' \
	"$client/log.all" "$client/out" "$client/err" transcript eight.err)"
finish
summary
