# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# Every fault of a machine, made real, and what the doctor says of it: a row is
# the fault, the exit code, what must be said and what must not, and the profile.
# The same fault ends a message with the same code; no password is shown.
#	sh faults_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"
# shellcheck source=tests/lib/nsd.sh
. "$lib/nsd.sh"

build=${MAILCHUTE%/src/*}
sink_program=$build/tests/sink/sink
[ -x "$sink_program" ] || bail 'no sink: make tests/sink/sink builds it'
work=/run/test
mkdir -p "$work/home" "$work/nsd" "$work/mail" "$work/certs"
cd "$work" || exit 1
rc=$work/home/.mailchuterc

# ---- networks --------------------------------------------------------------------

# 10.9.0.0/24 swallows what it is sent, 10.8.0.0/24 cannot be reached.
ip link add near type veth peer name far &&
	ip address add 10.9.0.1/24 dev near &&
	ip address add fd00:9::1/64 dev near nodad &&
	ip link set near up && ip link set far up || bail 'no network'
for silent in 10.9.0.2 10.9.0.3 10.9.0.9 fd00:9::2; do
	ip neighbour add "$silent" lladdr 02:00:00:00:00:01 dev near ||
		bail 'no neighbour'
done
ip route add unreachable 10.8.0.0/24 || bail 'no unreachable route'

# ---- the DNS ---------------------------------------------------------------------

long_words=$(printf 'ip4:192.0.2.%d ' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 \
	18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34)
key='MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA'
cat >"$work/nsd/zone" <<END
\$ORIGIN .
\$TTL 60
. SOA ns.test. me.test. 1 3600 600 86400 60
. NS ns.test.
ns.test. A 127.0.0.1
localhost. A 127.0.0.1
mail.test. A 127.0.0.1
dropped.test. A 10.9.0.2
far.test. A 10.8.0.2
half.test. A 127.0.0.1
half.test. AAAA fd00:9::2
lost.test. NS ns.lost.test.
ns.lost.test. A 10.9.0.3
spf.mailer.test. TXT "v=spf1 ip4:192.0.2.0/24 -all"
good.test. MX 1 mail.test.
good.test. TXT "v=spf1 include:spf.mailer.test -all"
s1._domainkey.good.test. TXT "v=DKIM1; k=rsa; p=$key"
_dmarc.good.test. TXT "v=DMARC1; p=reject"
_mta-sts.good.test. TXT "v=STSv1; id=1"
_smtp._tls.good.test. TXT "v=TLSRPTv1; rua=mailto:a@good.test"
two.test. MX 1 mail.test.
two.test. TXT "v=spf1 include:spf.mailer.test -all"
two.test. TXT "v=spf1 mx ~all"
long.test. MX 1 mail.test.
long.test. TXT "v=spf1 include:spf.mailer.test " "$(echo "$long_words" | cut -c 1-250)" "$(echo "$long_words" | cut -c 251-500)" " ip4:198.51.100.1 ip4:198.51.100.2 ip4:198.51.100.3 ip4:198.51.100.4 -all"
broken.test. MX 1 mail.test.
broken.test. TXT "v=spf1 include:none.test -all"
everybody.test. MX 1 mail.test.
everybody.test. TXT "v=spf1 include:spf.mailer.test +all"
many.test. MX 1 mail.test.
many.test. TXT "v=spf1 a mx a:1.test a:2.test a:3.test a:4.test a:5.test a:6.test a:7.test a:8.test a:9.test -all"
wrong.test. MX 1 mail.test.
wrong.test. TXT "v=spf1 ip4:192.0.2.1 -all"
s1._domainkey.wrong.test. TXT "v=DKIM1; k=rsa; p="
_dmarc.wrong.test. TXT "v=DMARC1; p=reject"
cut.test. MX 1 mail.test.
_dmarc.cut.test. TXT "v=DMARC1; rua"
END
nsd_start "$work/nsd" mail.test servfail.test

# name_server ADDRESS: who is asked; one that is silent is asked once.
name_server() {
	printf 'nameserver %s\noptions timeout:1 attempts:1\n' "$1" \
		>/etc/resolv.conf
}
name_server 127.0.0.1

mkdir -p /etc/mailchute/providers.d
cat >/etc/mailchute/providers.d/mailer.conf <<'END'
provider mailer
title Mailer
hosts mail.test
host mail.test
ports 587 465/tls
spf spf.mailer.test
dkim s1 s2
END

# ---- the server ------------------------------------------------------------------

: >script
"$sink_program" --starttls 0 --implicit 0 --clear 0 --port-file ports \
	--certs certs --maildir mail --script script --host-name mail.test \
	--user 'alice:open sesame' --lifetime 600 >sink.out 2>&1 &
tries=0
until [ -s ports ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 200 ] || bail "the sink does not start: $(cat sink.out)"
	sleep 0.05
done
# shellcheck disable=SC1091
. ./ports

# ---- rows ------------------------------------------------------------------------

run_as=''
# fault NAME CODE SAID NOT LINE...: SAID and NOT are extended regular expressions
# over a line of the doctor's; an empty NOT forbids nothing.
fault() {
	begin "$1"
	fault_code=$2
	fault_said=$3
	fault_not=$4
	shift 4
	printf '%s\n' 'account default' 'host mail.test' "port $starttls_port" \
		'user alice' 'password open sesame' 'from alice@good.test' \
		"tls_trust_file $work/certs/ca.pem" 'timeout 3' 'syslog off' \
		'queue off' "logfile $work/log" 'provider mailer' "$@" >"$rc"
	chmod 600 "$rc"
	doctor
	case $fault_code in
	0 | 78) ;; # not of the server's
	*)
		status=0
		printf 'Subject: x\n\nx\n' | env -i HOME="$work/home" \
			PATH="$PATH" LC_ALL=C "$MAILCHUTE" bob@example.test \
			>out.send 2>&1 || status=$?
		check 'exit code of a message' "$fault_code" "$status"
		[ "$status" = "$fault_code" ] || complain "$(cat out.send)"
		;;
	esac
	finish
}

# doctor: by $fault_…, and the profile that is there.
doctor() {
	status=0
	# shellcheck disable=SC2086 # words
	env -i HOME="$work/home" PATH="$PATH" LC_ALL=C "$MAILCHUTE" doctor \
		$run_as >out 2>&1 </dev/null || status=$?
	check 'exit code' "$fault_code" "$status"
	check_match 'what is said' "$fault_said" out
	[ -z "$fault_not" ] || check_no_match 'what is said' "$fault_not" out
	check_no_match 'a password' 'sesame' out

}

fault 'nothing is wrong' 0 '^ok    dns.alignment ' '^(FAIL|warn)  (dns|tcp|tls|auth|smtp)'
fault 'its MTA-STS' 0 '^ok    dns.mta-sts ' ''

# The DNS of the server.
fault 'NXDOMAIN' 68 '^FAIL  dns.host .*no-such.test' '^ok    tcp' 'host no-such.test'
fault 'SERVFAIL' 75 '^FAIL  dns.host .*servfail.test' 'no host' 'host servfail.test'
name_server 10.9.0.9
fault 'silence' 75 '^FAIL  dns.host .*mail.test' 'there is no host' 'host mail.test'
name_server 127.0.0.1

# The DNS of the sender's domain.
fault 'a domain that is not there' 0 '^warn  dns.mx .*absent.test' '' 'from a@absent.test'
fault 'SERVFAIL for the domain' 0 '^warn  dns.mx .*servfail.test' '' 'from a@servfail.test'
fault 'two SPF records' 78 '^FAIL  dns.spf .*two.test has 2 SPF records' '' 'from a@two.test'
fault 'a TXT of 600 bytes' 0 '^ok    dns.spf ' '^(FAIL|warn)  dns.spf' 'from a@long.test'
fault 'an include of nothing' 78 '^FAIL  dns.spf .*none.test' '' 'from a@broken.test'
fault '+all' 78 '^FAIL  dns.spf .*everybody' '' 'from a@everybody.test'
fault 'eleven look-ups' 78 '^FAIL  dns.spf .*11 look-ups' '' 'from a@many.test'
fault 'without the provider' 78 '^warn  dns.spf .*does not name the provider' '' 'from a@wrong.test'
fault 'wrong DKIM keys' 78 '^warn  dns.dkim .*none of the provider' '' 'from a@wrong.test'
fault 'nothing for DMARC to count' 78 '^FAIL  dns.alignment .*p=reject' '' 'from a@wrong.test'
fault 'a DMARC record without p=' 78 '^FAIL  dns.dmarc .*no p=' '' 'from a@cut.test'

# Ports.
fault 'a closed port' 75 '^FAIL  tcp.port .*refused' '' 'port 9'
fault 'a swallowed port' 75 '^FAIL  tcp.port .*(did not answer|no answer|time|within)' 'refused' 'host dropped.test'
fault 'an unreachable network' 75 '^FAIL  tcp.port .*(reach|route)' 'refused' 'host far.test'
printf '%s\n' 'CONNECT : reset' >script
fault 'a reset' 75 '^FAIL  (tcp|smtp).* ' 'refused'
: >script
fault 'IPv6 that leads nowhere' 0 '^warn  tcp.ipv6 ' '^FAIL' 'host half.test' 'tls_host_override mail.test'

# TLS.
fault 'STARTTLS where TLS comes first' 76 "^First: .*tls_starttls off" '' "port $implicit_port"
fault 'TLS first where STARTTLS comes' 76 "^First: .*tls_starttls on" '' 'tls_starttls off'
fault 'no TLS at all' 69 '^FAIL  tls.session .*STARTTLS' '' "port $clear_port"
fault 'a name that is not in the certificate' 69 '^FAIL  tls.cert ' '' 'host ns.test'
for kind in expired future wrong-name self-signed other-ca cn-only; do
	printf '%s\n' "TLS : cert $kind" >script
	fault "a certificate: $kind" 69 '^FAIL  tls.cert ' ''
done
: >script

# The dialogue.
printf '%s\n' 'EHLO : hide AUTH' >script
fault 'no AUTH' 69 '^FAIL  auth.login ' ''
printf '%s\n' 'CONNECT : bytes "HTTP/1.1 400 Bad Request\r\n\r\n" close' >script
fault 'HTTP' 76 '^FAIL  smtp.greeting .*HTTP' ''
printf '%s\n' 'MAIL : reply "553 5.7.1 Sender not allowed"' >script
fault 'a refused sender' 69 '^FAIL  smtp.sender .*553' ''
: >script
fault 'a wrong password' 77 '^FAIL  auth.login ' '' 'password wrong'

# The machine.
mkdir full && mount -t tmpfs -o size=8k tmpfs full &&
	head -c 100000 /dev/zero >full/fill 2>/dev/null
fault 'a full disk for the queue' 0 'queue' '' 'queue auto' "queue_dir $work/full/queue"
umount full
sandbox_user web 4711
chmod 755 "$work" "$work/home"
run_as='--as web'
begin 'a profile that this user cannot read'
fault_code=78 fault_said='mailchuterc' fault_not='^ok    auth'
doctor
finish
begin 'another owner, and readable by all'
run_as=''
chown web "$rc"
chmod 644 "$rc"
fault_code=78 fault_said='^FAIL  config.file ' fault_not=''
doctor
finish

summary
