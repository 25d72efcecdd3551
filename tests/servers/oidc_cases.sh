# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute login with a real issuer, and mail with its tokens through Postfix
# and Dovecot.  Runs inside the sandbox:
#	sh oidc_cases.sh FOLDER-OF-THIS-FILE
# OIDC_SENDS is how many mails the long cases send (200).
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
# shellcheck source=tests/lib/disk.sh
. "$lib/disk.sh"
# shellcheck source=tests/servers/postfix.sh
. "$1/postfix.sh"
# shellcheck source=tests/servers/oidc.sh
. "$1/oidc.sh"

work=/run/test
sends=${OIDC_SENDS-200}
mkdir -p "$work/client" "$work/m"
place=$(lasting_folder) ||
	bail 'no disk on which a queue would last: set QUEUE_DISK'
disk=$(mktemp -d "$place/mailchute-oidc.XXXXXX") || exit
trap 'rm -rf "$disk"' EXIT
queue=$disk/q
client_open "$work/client"
oidc_prepare "$work/oidc" || bail 'no keys'
postfix_start "$work/postfix" || bail 'Postfix does not start'
pki_certificate "$work/postfix/pki/ca" "$work/scripted" localhost
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

	begin "$kind: nobody has named the issuer, but the server"
	forget_all
	profile "$kind" 'oauth_flow browser' 'oauth_client_id public'
	sed -i '/^oauth_issuer/d' "$client/profile"
	login
	check_match said "says who gives its tokens: .*:$oidc_port/" "$client/err"
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

# ---- for the whole machine ----------------------------------------------------------

begin 'root logs in for the user of mailchute serve'
sandbox_user mailchute 975
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p /etc/mailchute
install -d -m 755 /var/lib/mailchute
install -d -m 700 -o mailchute -g mailchute /var/lib/mailchute/tokens
{
	printf '%s\n' 'account default' "host $postfix_host" 'port 587' \
		'auth on' 'user alice@example.test' 'from alice@example.test' \
		"tls_trust_file $work/oidc/ca.pem" 'oauth_client_id public' \
		"oauth_issuer https://$oidc_host:8443" 'queue off' 'syslog off' \
		'oauth_scope openid smtp offline_access' 'oauth_flow browser'
} >/etc/mailchute/relay.conf
chown root:mailchute /etc/mailchute /etc/mailchute/relay.conf
chmod 750 /etc/mailchute
chmod 640 /etc/mailchute/relay.conf
status=0
env -i PATH="$PATH" HOME=/root BROWSER="python3 $here/consent.py" \
	timeout 60 "$MAILCHUTE" -C /etc/mailchute/relay.conf login \
	>"$client/out" 2>"$client/err" </dev/null || status=$?
check 'exit code of the login' 0 "$status"
check 'whose it is' "600 mailchute mailchute" "$(stat -c '%a %U %G' \
	"/var/lib/mailchute/tokens/alice@example.test@$postfix_host")"
echo 3 >"$work/oidc/opaque/life"
sed -i 's/^expires .*/expires 1/' \
	"/var/lib/mailchute/tokens/alice@example.test@$postfix_host"
message_plain >"$work/m/in"
status=0
env -i PATH="$PATH" setpriv --reuid=975 --regid=975 --clear-groups \
	"$MAILCHUTE" -C /etc/mailchute/relay.conf bob@example.test \
	<"$work/m/in" >"$client/out" 2>"$client/err" || status=$?
check 'exit code of that user' 0 "$status"
check_empty stderr "$client/err"
postfix_take bob
rm -f "$work/oidc/opaque/life"
umount /var/lib
finish

# ---- a disk that is full, or may not be written to ---------------------------------

begin 'the folder of logins is full, or read-only'
profile opaque 'oauth_flow browser' 'oauth_client_id public'
forget_all
tokens=$client/home/.local/state/mailchute/tokens
mkdir -p "$tokens"
mount -t tmpfs -o size=96k,mode=700 tmpfs "$tokens"
login
head -c 60000 /dev/zero >"$tokens/full"
arrives
cp -p "$tokens/alice@example.test@$postfix_host" "$work/m/kept"
sed -i "s/^expires .*/expires 1/" "$work/m/kept"
cat "$work/m/kept" >"$tokens/alice@example.test@$postfix_host"
oidc_requests opaque >/dev/null
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'its file cannot be written'
mount -o remount,ro "$tokens"
submit_plain mailchute bob@example.test
check_failed 75 EX_TEMPFAIL 'its folder cannot be written to'
check 'what was asked' '' "$(oidc_requests opaque)"
mount -o remount,rw "$tokens"
rm -f "$tokens/full"
arrives
umount "$tokens"
postfix_empty
finish

# ---- what the real issuer never says ------------------------------------------------

begin 'a device that asks too often waits longer'
mkdir -p "$work/scripted"
python3 "$here/../oauth/issuer.py" "$work/scripted" "$work/scripted.pem" \
	"$work/scripted.key" &
scripted_pid=$!
tries=100
until [ -s "$work/scripted/port" ] || [ "$tries" -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
forget_all
profile opaque 'oauth_flow device' 'oauth_client_id public' \
	"oauth_issuer https://localhost:$(cat "$work/scripted/port")" \
	'oauth_scope smtp offline_access'
echo yes >"$work/scripted/allow"
printf '400\napplication/json\n{"error":"slow_down"}\nonce\n' \
	>"$work/scripted/say"
began=$(date +%s)
login
[ $(($(date +%s) - began)) -ge 7 ] || complain 'it did not slow down'
check 'polls' 'device_code said 400
device_code 200' "$(grep device_code "$work/scripted/requests")"
kill "$scripted_pid"
finish

# ---- tokens that live for seconds ------------------------------------------------

# storm SENDS [LINE...]: eight at once, until there were so many; what each ended
# with is a line in codes.
storm() {
	storm_each=$((($1 + 7) / 8))
	storm_pids=
	: >"$work/m/codes"
	for _ in 1 2 3 4 5 6 7 8; do
		(
			storm_count=0
			while [ "$storm_count" -lt "$storm_each" ]; do
				storm_count=$((storm_count + 1))
				storm_code=0
				env -i PATH="$PATH" HOME="$client/home" \
					timeout 60 "$MAILCHUTE" \
					-C "$client/profile" bob@example.test \
					<"$work/m/in" 2>>"$work/m/storm.err" ||
					storm_code=$?
				echo "$storm_code" >>"$work/m/codes"
			done
		) &
		storm_pids="$storm_pids $!"
	done
	if [ $# -gt 1 ]; then
		shift
		"$@"
	fi
	# shellcheck disable=SC2086 # a list
	wait $storm_pids
}

# drain: runs the queue until nothing waits.
drain() {
	drain_tries=20
	until submit mailchute queue run </dev/null && [ "$status" -eq 0 ]; do
		drain_tries=$((drain_tries - 1))
		[ "$drain_tries" -gt 0 ] || {
			complain "the queue does not get empty: \
$(cat "$client/err")"
			return
		}
		sleep 1
	done
}

# all_arrived: as many as were accepted, and nothing in failed/.
all_arrived() {
	arrived_tries=100
	until [ "$(postfix_count bob)" -ge "$(grep -c '^0$' "$work/m/codes")" ]; do
		arrived_tries=$((arrived_tries - 1))
		[ "$arrived_tries" -gt 0 ] || break
		sleep 0.1
	done
	check 'mails' "$(grep -c '^0$' "$work/m/codes")" "$(postfix_count bob)"
	check 'refused for good' '' "$(find "$queue/failed" -type f \
		2>/dev/null)"
	postfix_empty
}

# one_an_expiry KIND SECONDS LIFE: no refresh token was used twice, and none too
# often: a token is renewed when a tenth of its life is left.
one_an_expiry() {
	oidc_requests "$1" >"$work/m/asked"
	check 'used twice' '' "$(grep invalid_grant "$work/m/asked")"
	expiry_most=$(($2 * 10 / ($3 * 9) + 2))
	expiry_count=$(sed -n 's/^refresh_token 200 //p' "$work/m/asked")
	[ "${expiry_count:-0}" -ge 1 ] && [ "$expiry_count" -le "$expiry_most" ] ||
		complain "refreshes in $2 seconds: ${expiry_count:-0}, \
at most $expiry_most"
}

stormy() {
	profile "$1" 'oauth_flow browser' 'oauth_client_id public' \
		'queue auto' "queue_dir $queue" 'queue_runner external'
	rm -f "$work/oidc/$1/rotate"
	[ "$2" = kept ] || touch "$work/oidc/$1/rotate"
	echo 3 >"$work/oidc/$1/life"
	forget_all
	login
	oidc_requests "$1" >/dev/null
	message_plain >"$work/m/in"
	: >"$work/m/storm.err"
	postfix_empty
	sleep 3 # the first of them find an expired one
	began=$(date +%s)
}

for way in 'opaque once' 'jwt kept'; do
	begin "$sends mails, eight at once, over expiry: $way"
	# shellcheck disable=SC2086 # two words
	stormy $way
	storm "$sends"
	check 'exit codes' "$(wc -l <"$work/m/codes")" \
		"$(grep -c '^0$' "$work/m/codes")"
	drain
	all_arrived
	one_an_expiry "${way% *}" $(($(date +%s) - began)) 3
	finish
done

# The issuer does not answer for some seconds, nor does Dovecot, which asks it.
away() {
	sleep 1
	kill -STOP "$oidc_opaque_pid"
	sleep 6
	kill -CONT "$oidc_opaque_pid"
}

begin "$sends mails, while the issuer is away"
stormy opaque once
storm "$sends" away
check 'exit codes' "$(wc -l <"$work/m/codes")" \
	"$(grep -c '^0$' "$work/m/codes")"
drain
all_arrived
one_an_expiry opaque $(($(date +%s) - began)) 3
finish

# As an administrator would take the login back.
revoke() {
	sleep 1
	python3 - "$client/home/.local/state/mailchute/tokens" <<-'END'
		import glob, ssl, sys, urllib.parse, urllib.request
		name = glob.glob(sys.argv[1] + "/*@*t")[0]
		token = dict(line.strip().split(" ", 1) for line in open(name)
		             if " " in line)["refresh_token"]
		form = {"token": token, "client_id": "public"}
		urllib.request.urlopen(
		    "https://login.example.test:8443/token/revocation",
		    urllib.parse.urlencode(form).encode(),
		    context=ssl._create_unverified_context())
	END
}

begin "$sends mails, and a login that is taken back"
stormy opaque kept
storm "$sends" revoke
check 'exit codes' '0
77' "$(sort -u "$work/m/codes" | grep -v '^75$')"
check_match 'what is to be done' "'mailchute login default' gets a new consent" \
	"$work/m/storm.err"
submit mailchute -odq bob@example.test <"$work/m/in"
echo "$status" >>"$work/m/codes"
submit mailchute queue run </dev/null
check 'exit code of the run' 75 "$status"
login
drain
all_arrived
check 'no second question with what has ended' 'refresh_token invalid_grant 1' \
	"$(oidc_requests opaque | grep invalid)"
finish
rm -f "$work/oidc"/*/life "$work/oidc"/*/rotate

[ "$tap_failed" -eq 0 ] || {
	oidc_tell
	postfix_tell
}
oidc_stop
postfix_stop
summary
