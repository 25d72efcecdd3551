# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute through a real SOCKS 5 proxy, Dante, to a real Postfix.  Runs inside
# the sandbox:
#	sh socks_cases.sh FOLDER-OF-THIS-FILE
set -u
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

work=/run/test
mkdir -p "$work/client" "$work/m" "$work/dante"
client_open "$work/client"
postfix_start "$work/postfix" || bail 'Postfix does not start'

# ---- the proxies -------------------------------------------------------------

# dante_start PORT METHOD: nothing but ports 587 and 465 may be reached.
dante_start() {
	cat >"$work/dante/$1.conf" <<-END
		logoutput: $work/dante/$1.log
		internal: 127.0.0.1 port = $1
		external: 127.0.0.1
		clientmethod: none
		socksmethod: $2
		user.privileged: root
		user.unprivileged: nobody
		client pass {
		  from: 127.0.0.0/8 to: 0.0.0.0/0
		}
		socks pass {
		  from: 127.0.0.0/8 to: 127.0.0.0/8 port = 587
		  protocol: tcp
		  log: connect
		}
		socks pass {
		  from: 127.0.0.0/8 to: 127.0.0.0/8 port = 465
		  protocol: tcp
		}
		socks pass {
		  from: 127.0.0.0/8 to: 127.0.0.0/8 port = 9
		  protocol: tcp
		}
	END
	danted -f "$work/dante/$1.conf" -N 1 >"$work/dante/$1.console" 2>&1 &
	dante_pids="$dante_pids $!"
	dante_tries=100
	until grep -qi ":$(printf '%04X' "$1") 00000000:0000 0A" \
		/proc/net/tcp; do
		dante_tries=$((dante_tries - 1))
		[ "$dante_tries" -gt 0 ] || {
			cat "$work/dante/$1.console" "$work/dante/$1.log"
			bail 'Dante does not start'
		}
		sleep 0.1
	done
}

# Dante knows the users of the system.
sandbox_user courier 976
printf 'courier:%s:19000:0:99999:7:::\n' \
	"$(perl -e 'print crypt("sesame tunnel", q($6$mailchute$))')" \
	>>/etc/shadow
dante_pids=
dante_start 1080 none
dante_start 1081 username

# ---- cases -------------------------------------------------------------------

# profile PORT LINE...
profile() {
	profile_port=$1
	shift
	client_profile "host $postfix_host" "port $profile_port" 'tls on' \
		"tls_trust_file $work/postfix/pki/ca.pem" 'timeout 20' \
		'from alice@example.test' 'auth on' "user $postfix_user" \
		"password $postfix_password" 'proxy_host 127.0.0.1' "$@"
}

# way NAME PORT LINE...: a plain message arrives.
way() {
	begin "$1"
	way_port=$2
	shift 2
	profile "$way_port" "$@"
	submit_plain mailchute -t
	check_sent
	message_body "$client/in" >"$work/m/body"
	postfix_take bob && check_same body "$work/m/body" "$postfix/arrived.body"
	finish
}

# not NAME CODE EXIT PATTERN PORT LINE...: it does not.
not() {
	begin "$1"
	not_code=$2
	not_name=$3
	not_pattern=$4
	shift 4
	profile "$@"
	submit_plain mailchute -t
	check_failed "$not_code" "$not_name" "$not_pattern"
	postfix_empty || complain 'something arrived'
	finish
}

way 'SOCKS without a password' 587
way 'SOCKS, TLS from the first byte' 465 'tls_starttls off'

# A client that knows no name at all.
real=$MAILCHUTE
cat >"$work/m/blind" <<END
#!/bin/sh
exec unshare --mount sh -c 'mount --bind /dev/null /etc/hosts &&
	exec "$real" "\$@"' blind "\$@"
END
chmod 755 "$work/m/blind"
MAILCHUTE=$work/m/blind
not 'without a proxy the name is not known' 68 EX_NOHOST \
	'mail\.example\.test' 587 'proxy_host'
way 'the proxy looks up the name' 587
MAILCHUTE=$real

way 'a login, to a proxy that wants none' 587 'proxy_user courier' \
	'proxy_password sesame tunnel'
way 'SOCKS with a password' 587 'proxy_port 1081' 'proxy_user courier' \
	'proxy_password sesame tunnel'
not 'a wrong password for the proxy: 77' 77 EX_NOPERM \
	'the proxy 127\.0\.0\.1:1081 refused the login' \
	587 'proxy_port 1081' 'proxy_user courier' 'proxy_password sesame'
not 'no password for a proxy that wants one: 77' 77 EX_NOPERM \
	'the proxy 127\.0\.0\.1:1081 refused the login' 587 'proxy_port 1081'
not 'a port that the proxy forbids: 75' 75 EX_TEMPFAIL \
	'the proxy 127\.0\.0\.1:1080 does not connect to mail\.example\.test: its rules' \
	25 'tls off' 'auth off'
not 'a server that is not there: 75' 75 EX_TEMPFAIL \
	'the proxy 127\.0\.0\.1:1080 does not connect to mail\.example\.test: the connection was refused' 9
not 'a name that the proxy does not know: 75' 75 EX_TEMPFAIL \
	'the proxy 127\.0\.0\.1:1080 does not connect to no\.example\.test: the host' \
	587 'host no.example.test'
not 'a proxy that is not there: 75' 75 EX_TEMPFAIL \
	'127\.0\.0\.1:1089 refused the connection' 587 'proxy_port 1089'
not 'the certificate is checked behind the proxy, too: 69' 69 \
	EX_UNAVAILABLE 'certificate' 587 'tls_host_override other.example.test'

begin 'no password for the server in clear, because it is behind a proxy'
profile 587 'tls off'
submit_plain mailchute -t
check 'exit code' 69 "$status"
postfix_empty || complain 'something arrived'
finish

[ "$tap_failed" -eq 0 ] || {
	postfix_tell
	sed 's/^/# dante: /' "$work/dante"/*.log | tail -n 40
}
# shellcheck disable=SC2086 # a list
kill $dante_pids
# shellcheck disable=SC2086
wait $dante_pids
postfix_stop
begin 'nothing is left running'
check processes "" "$(pgrep -l smtpd; pgrep -l dovecot; pgrep -l danted)"
finish
summary
