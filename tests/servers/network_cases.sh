# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute in networks that are half broken: addresses that swallow packets, a
# name server that never answers.  Runs inside the sandbox, whose network is its
# own:
#	sh network_cases.sh FOLDER-OF-THIS-FILE
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
mkdir -p "$work/client" "$work/m"
client_open "$work/client"

# A cable to nowhere: our end has addresses, and what is sent to its neighbours
# is swallowed at the other.
ip link add near type veth peer name far &&
	ip addr add 192.0.2.2/24 dev near &&
	ip addr add 192.0.2.3/24 dev near &&
	ip addr add 2001:db8::2/64 dev near nodad &&
	ip link set near up && ip link set far up || bail 'no network'
for neighbour in 192.0.2.1 192.0.2.53 2001:db8::1 2001:db8::3; do
	ip neigh add "$neighbour" lladdr 02:00:00:00:00:01 dev near ||
		bail "no neighbour $neighbour"
done

# Postfix on the near end, port 587, IPv4 and IPv6.
postfix_more() {
	for network_end in 192.0.2.2 '[2001:db8::2]'; do
		printf '%s:587 inet n - n - - smtpd -o %s\n' "$network_end" \
			smtpd_peername_lookup=no
	done
}
postfix_interfaces=all
postfix_protocols=all
postfix_start "$work/postfix" || bail 'Postfix does not start'
network_tries=100
until grep -q '^ *[0-9]*: B80D0120000000000000000002000000:024B ' \
	/proc/net/tcp6; do
	network_tries=$((network_tries - 1))
	[ "$network_tries" -gt 0 ] || bail 'Postfix does not listen on IPv6'
	sleep 0.1
done

# addresses ADDRESS...: those of mail.example.test, and in that order.
addresses() {
	printf '127.0.0.1 localhost\n' >/etc/hosts
	for address; do
		printf '%s %s\n' "$address" "$postfix_host" >>/etc/hosts
	done
}

# profile LINE...
profile() {
	client_profile "host $postfix_host" 'port 587' 'tls on' \
		"tls_trust_file $work/postfix/pki/ca.pem" \
		'from alice@example.test' 'auth on' "user $postfix_user" \
		"password $postfix_password" "$@"
}

# timed LEAST MOST ARGUMENT...: a run, and its milliseconds.
timed() {
	timed_least=$1
	timed_most=$2
	shift 2
	timed_began=$(date +%s%3N)
	submit_plain mailchute "$@" -t
	timed_ms=$(($(date +%s%3N) - timed_began))
	[ $timed_ms -ge "$timed_least" ] && [ $timed_ms -lt "$timed_most" ] ||
		complain "it took $timed_ms ms, not $timed_least to $timed_most"
}

# way NAME LEAST MOST ADDRESSES LINE...: the message arrives, and how soon.
way() {
	begin "$1"
	way_least=$2
	way_most=$3
	# shellcheck disable=SC2086 # a list
	addresses $4
	shift 4
	profile "$@"
	timed "$way_least" "$way_most"
	check_sent
	message_body "$client/in" >"$work/m/body"
	postfix_take bob && check_same body "$work/m/body" "$postfix/arrived.body"
	finish
}

# not NAME LEAST MOST CODE EXIT PATTERN ADDRESSES LINE...: it does not.
not() {
	begin "$1"
	not_least=$2
	not_most=$3
	not_code=$4
	not_name=$5
	not_pattern=$6
	# shellcheck disable=SC2086 # a list
	addresses $7
	shift 7
	profile "$@"
	timed "$not_least" "$not_most"
	check_failed "$not_code" "$not_name" "$not_pattern"
	postfix_empty || complain 'something arrived'
	finish
}

# ---- addresses that swallow packets: RFC 8305 --------------------------------

way 'IPv4 and IPv6 both work' 0 5000 '2001:db8::2 192.0.2.2'
check_with() {
	check_match Received "$1" "$postfix/arrived"
}
begin 'and it was IPv6, which comes first'
check_with '\[IPv6:2001:db8::2\]'
finish
way 'IPv6 swallows: IPv4 after a quarter of a second' 250 1200 \
	'2001:db8::1 192.0.2.2'
begin 'and it was IPv4'
check_with '\[192\.0\.2\.[23]\]'
finish
way 'two addresses of IPv6 swallow: IPv4 comes second, not third' 250 1000 \
	'2001:db8::1 2001:db8::3 192.0.2.2'
way 'IPv4 swallows, and comes first' 0 1200 '192.0.2.1 2001:db8::2'
way 'nobody listens on IPv6: IPv4 at once' 0 900 '::1 192.0.2.2'
way 'ip_version 4: no wait for IPv6' 0 900 '2001:db8::1 192.0.2.2' \
	'ip_version 4'
way 'source_ip: the family is its' 0 900 '2001:db8::1 192.0.2.2' \
	'source_ip 192.0.2.3'
begin 'and the address, too'
check_with '\[192\.0\.2\.3\]'
finish
begin '-4 on the command line'
addresses 2001:db8::1 192.0.2.2
profile
timed 0 900 -4
check_sent
postfix_take bob
finish

not 'both swallow: 75 when the time is up' 1000 1900 75 EX_TEMPFAIL \
	'mail\.example\.test:587 did not answer within 1 seconds' \
	'2001:db8::1 192.0.2.1' 'timeout 1'
not 'ip_version 6, and IPv6 swallows: 75' 1000 1900 75 EX_TEMPFAIL \
	'did not answer within 1 seconds' '2001:db8::1 192.0.2.2' \
	'ip_version 6' 'timeout 1'
not 'ip_version 6, and there is only IPv4: 68' 0 900 68 EX_NOHOST \
	'mail\.example\.test has no IPv6 address' 192.0.2.2 'ip_version 6'
not 'a source_ip of a family that the server has not: 78' 0 900 78 EX_CONFIG \
	"cannot be reached from 'source_ip'" 192.0.2.2 'source_ip 2001:db8::2'
not 'a server without a way to it: 75' 0 900 75 EX_TEMPFAIL \
	'mail\.example\.test:587 cannot be reached' '198.51.100.1 2001:db9::1'
not 'a proxy that swallows: 75' 1000 1900 75 EX_TEMPFAIL \
	'192\.0\.2\.1:1080 did not answer within 1 seconds' 192.0.2.2 \
	'proxy_host 192.0.2.1' 'timeout 1'

# ---- name servers ------------------------------------------------------------

sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
printf 'nameserver 192.0.2.53\n' >/etc/resolv.conf
not 'a name server that never answers: 75 when the time is up' 1000 1900 75 \
	EX_TEMPFAIL 'address of mail\.example\.test could not be looked up within 1 seconds' \
	'' 'timeout 1'
way 'an address instead of a name does not ask it' 0 900 '' 'host 192.0.2.2' \
	"tls_host_override $postfix_host"
begin 'a name server that is not there: 75'
printf 'nameserver 127.0.0.1\n' >/etc/resolv.conf
addresses
profile
submit_plain mailchute -t
check_failed 75 EX_TEMPFAIL \
	'address of mail\.example\.test could not be looked up'
finish

# ---- in the middle of it -----------------------------------------------------

begin 'a server that is stopped in the middle: 75 when the time is up'
addresses 192.0.2.2
profile 'timeout 1'
postfix_freeze STOP
timed 1000 1900
postfix_freeze CONT
check_failed 75 EX_TEMPFAIL 'the server did not answer within 1 seconds'
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
postfix_stop
begin 'nothing is left running'
check processes "" "$(pgrep -l smtpd; pgrep -l dovecot)"
finish
summary
