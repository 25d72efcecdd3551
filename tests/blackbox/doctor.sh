#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute doctor: each fault is one finding that fails, with what to do last,
# and the exit code that a message would have; nothing is ever sent.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

: >script
: >in

# doctor CODE ARGUMENT...: what is not the same everywhere is taken out of it;
# the file shown is what is left.
doctor() {
	doctor_code=$1
	shift
	rm -f transcript
	submit mailchute "$@" <in
	check 'exit code' "$doctor_code" "$status"
	check_empty stderr "$client/err"
	arrived 0
	check_no_match password 'sesame|c2VzYW1l' "$client/out"
	with_port "$client/out" | grep -Ev '^[a-zA-Z]* *(tcp\.ipv[46]|caller\.)' |
		sed -e 's/TLS1\.3 .*/TLS1.3 …/' -e 's/[0-9]* more days/N more days/' \
			-e 's/localhost: [^ ]*127.*/localhost: 127.0.0.1/' >shown
}

# commands WORDS: the client's side of the dialogue.
commands() {
	check 'the dialogue' "$1" "$(sed -n 's/^C: \([A-Z]*\).*/\1/p' \
		transcript 2>/dev/null | tr '\n' ' ' | sed 's/ $//')"
}

# good LINE...: the profile; no name server is asked about this domain.
good() {
	profile "$@"
	sed -i.old 's/^from .*/from alice@example.invalid/' "$client/profile"
}

# fails NAME CODE ID WORDS ADVICE LINE...: with these lines in the profile.
fails() {
	begin "$1"
	want_code=$2 want_id=$3 want_words=$4 want_advice=$5
	shift 5
	good "$@"
	doctor "$want_code" doctor
	check_match 'what fails' "^FAIL  $want_id +$want_words" shown
	check 'how many fail' 1 "$(grep -c '^FAIL' shown)"
	check_match 'what to do' "^First: $want_advice" shown
	check 'where that stands' "$(tail -n 1 shown)" \
		"$(grep '^First: ' shown)"
	doctor "$want_code" doctor --json
	check_match 'in JSON' \
		"\"id\":\"$want_id\",\"status\":\"fail\",\"text\":\"" \
		"$client/out"
	check_match 'its exit code' "\"exit_code\":$want_code}\$" \
		"$client/out"
	finish
}

sink_start --script=script --mechanisms 'PLAIN LOGIN'
begin 'a good profile'
good
doctor 0 doctor
check 'what it finds' "ok    config.file       the settings are those of DIR/client/profile
ok    config.account    default: alice, localhost:PORT
ok    config.from       mail is from alice@example.invalid
ok    secret.password   there is a password (password)
ok    dns.host          localhost: 127.0.0.1
ok    tcp.port          localhost:PORT answers
ok    smtp.greeting     220 localhost ESMTP
ok    tls.session       TLS1.3 …
ok    tls.cert          the certificate is trusted, for N more days
ok    smtp.offers       PIPELINING, SIZE 52428800, AUTH PLAIN LOGIN, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES
ok    auth.login        the login works (PLAIN)
ok    smtp.sender       the server takes mail from alice@example.invalid
skip  dns.mx            the sender's domain is in no DNS
skip  queue.folder      'queue off': what cannot be sent at once fails
ok    log.file          the log is DIR/client/log.all" "$(cat shown)"
commands 'EHLO STARTTLS EHLO AUTH MAIL RCPT RSET QUIT'
doctor 0 doctor --json
check_match 'JSON' '^\{"checks":\[\{"id":"config.file","status":"ok","text":"' \
	"$client/out"
check_match 'its end' '\],"exit_code":0\}$' "$client/out"
finish

begin '--offline asks nobody'
doctor 0 doctor --offline
commands ''
check_match 'what is left out' '^skip  dns.host ' shown
finish

begin "a file of providers of one's own that is wrong"
mkdir -p "$client/home/.config/mailchute/providers.d"
printf 'provider mine\nhots h.example\n' \
	>"$client/home/.config/mailchute/providers.d/own.conf"
chmod 644 "$client/home/.config/mailchute/providers.d/own.conf"
doctor 0 doctor --offline
check_match 'it' '^warn  config.setting .*/own.conf:2: .*hots' shown
rm -r "$client/home/.config/mailchute"
finish

begin 'the account behind the verb'
printf 'account work\nhost localhost\nport %s\nauth off\nfrom w@example.invalid\n%s\n' \
	"$starttls_port" "tls_trust_file $sink/certs/ca.pem" >>"$client/profile"
printf '%s\n' 'AUTH : reply "535 no"' >script
doctor 77 doctor work
check_match 'it' '^ok    config.account    work: localhost:PORT$' shown
check_match 'without a password' '^skip  secret.password ' shown
check_match 'what fails' '^FAIL  auth.login .*530' shown
submit mailchute doctor work extra <in
check 'one alone' 64 "$status"
submit mailchute doctor wrok <in
check 'one that is not there' 78 "$status"
check_match 'is told' '^FAIL  config.account .*wrok' "$client/out"
finish
good

: >script
fails 'a wrong password' 77 auth.login 'the server refused the login of alice' \
	'check user name and password' 'password wrong'
fails 'a password in quotes' 77 auth.login 'the server refused the login' \
	'the password begins and ends with a quote' "password 'open sesame'"
nbsp=$(printf '\302\240')
fails 'with a no-break space' 77 auth.login 'the server refused the login' \
	'the password begins or ends with a blank' "password open sesame$nbsp"
begin 'and tries it once'
good 'password wrong'
doctor 77 doctor
commands 'EHLO STARTTLS EHLO AUTH QUIT'
finish
good

fails 'no host of that name' 68 dns.host 'there is no host' \
	'check the spelling' 'host no-such-host.invalid'
fails 'nobody listens' 75 tcp.port 'localhost:1 refused' 'is the port right' \
	'port 1'
fails 'no trusted certificates' 78 tls.cert 'the trusted certificates in' \
	'install the package' "tls_trust_file $sink/none.pem"
printf '%s\n' 'TLS : cert other-ca' >script
fails 'an authority that nobody knows' 69 tls.cert 'the certificate of localhost' \
	'.'
printf '%s\n' 'TLS : cert expired' >script
fails 'a certificate that is over' 69 tls.cert 'the certificate of localhost' '.'
printf '%s\n' 'EHLO : hide STARTTLS' >script
fails 'no STARTTLS' 69 tls.session 'localhost:PORT: the server does not offer' '.'
printf '%s\n' 'CONNECT : bytes "HTTP/1.1 400 Bad Request\r\n\r\n" close' >script
fails 'a web server' 76 smtp.greeting '.' '.'
fails 'the wrong way to do TLS' 76 tls.session 'localhost does not speak' \
	'port 465 wants' 'tls_starttls off'
printf '%s\n' 'CONNECT : reply "554 5.7.1 not you"' >script
fails 'a server that wants none of us' 69 smtp.greeting '.*the server does not take mail: 554 5.7.1' \
	'.'
printf '%s\n' 'CONNECT : reply "421 4.3.2 busy" close' >script
fails 'a busy server' 75 smtp.greeting '.*421 4.3.2 busy' '.'
printf '%s\n' 'MAIL : reply "553 5.7.1 not yours"' >script
fails 'a sender that may not be used' 69 smtp.sender \
	'the server refused the sender alice@example.invalid: 553' '.'
printf '%s\n' 'RCPT : reply "550 5.1.1 no such user"' >script
fails 'a sender that the server does not know' 67 smtp.sender \
	'the server refused the recipient alice@example.invalid: 550' '.'
: >script
begin 'no password'
grep -v '^password ' "$client/profile" >"$client/without"
echo 'passwordeval exit 3' >>"$client/without"
cat "$client/without" >"$client/profile"
doctor 78 doctor
check_match 'what fails' '^FAIL  secret.password ' shown
check 'how many fail' 1 "$(grep -c '^FAIL' shown)"
check_match 'no login is tried' '^ok    smtp.offers ' shown
commands 'EHLO STARTTLS EHLO QUIT'
finish

begin 'a file with three mistakes'
good 'hostname x' 'prot 25' 'tls yes'
doctor 78 doctor
check 'what fails' "FAIL  config.file       DIR/client/profile:9: unknown keyword 'hostname' (did you mean 'host'?)
FAIL  config.file       DIR/client/profile:10: unknown keyword 'prot' (did you mean 'port'?)
FAIL  config.file       DIR/client/profile:11: tls does not take 'yes': on or off" \
	"$(grep '^FAIL' shown)"
finish

begin 'no file at all'
rm -f "$client/home/.mailchuterc"
status=0
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" doctor >"$client/out" 2>"$client/err" || status=$?
[ -e /etc/mailchuterc ] || [ -e /etc/msmtprc ] || {
	check 'exit code' 78 "$status"
	check_match 'what fails' '^FAIL  config.file +no configuration found' \
		"$client/out"
	check_match 'what to do' "^First: 'mailchute setup ADDRESS' writes a profile" "$client/out"
}
finish

begin 'another sender, and a queue that is not made'
good 'queue always' "queue_dir $sink/unmade"
submit mailchute --from=bob@example.invalid doctor <in
check 'exit code' 0 "$status"
check_match 'the sender' '^ok    smtp.sender .*bob@example.invalid$' \
	"$client/out"
check_match 'the queue' "^ok    queue.folder .*$sink/unmade is made when" \
	"$client/out"
[ ! -e unmade ] || complain 'it was made'
finish

begin 'what was refused in the background'
good 'queue always' "queue_dir $sink/refused" 'queue_runner external'
mkdir -m 700 refused
printf '%s\n' 'RCPT : reply "550 5.1.1 no such user"' >script
submit_plain mailchute bob@example.invalid
check 'exit code' 0 "$status"
submit mailchute queue run <in
: >script
submit mailchute doctor <in
check 'exit code' 0 "$status"
check_match 'the queue' '^warn  queue.failed      messages that were refused or cannot be read, and are kept: 1; ' \
	"$client/out"
finish

begin '--redact: nothing tells who it is'
good
printf '%s\n' 'MAIL : reply "553 5.7.1 {address} is not alice on mx1.example.com [192.0.2.7], see /var/log/x, id 4F2A1B3C5D"' >script
for form in '' --json; do
	# shellcheck disable=SC2086
	submit mailchute doctor --redact $form <in
	check 'exit code' 69 "$status"
	check_no_match 'what is shown' \
		'alice|localhost|example|192\.0|127\.0|/var|/tmp|4F2A|client' \
		"$client/out"
	check_match 'in its place' \
		'<address-1> is not <user-1> on <host-[0-9]> \[<ip-[0-9]>\], see <path-[0-9]>, id <id-1>' \
		"$client/out"
done
finish
: >script

# walk LINE...: in no form does a report tell who it is, and every check in it
# is a "stage.check"; the ids are kept in the file walked.
walk() {
	begin "--redact over every check: $(echo "$*" | sed "s|$sink|DIR|")"
	good "$@"
	walk_who="alice|sesame|localhost|example|mailchute-test|127\\.0|::1|$sink"
	walk_who="$walk_who|/(tmp|var|etc|usr|home|root|opt)"
	for form in '' --json --offline '--offline --json'; do
		# shellcheck disable=SC2086 # two options
		submit mailchute doctor --redact $form <in
		check_no_match "what 'doctor --redact $form' shows" "$walk_who" \
			"$client/out"
		check_no_match 'on standard error' "$walk_who" "$client/err"
	done
	for form in '' --offline; do
		# shellcheck disable=SC2086 # or nothing
		submit mailchute doctor --json $form <in
		grep -o '"id":"[^"]*"' "$client/out" | cut -d '"' -f 4 >ids
		check_no_match 'an id' '^(.*[^a-z0-9.].*|[^.]*|.*[.].*[.].*)$' ids
		check_no_match 'a status' '"status":"([^ofsw]|o[^k])' "$client/out"
		cat ids >>walked
	done
	check_no_match 'offline' \
		'"id":"(dns|tcp|tls|smtp|auth)\.[a-z0-9]*","status":"[^s]' \
		"$client/out"
	finish
}

: >walked
walk
walk 'password wrong'
walk 'port 9'
walk 'tls_trust_file system'
walk 'tls_host_override mail.example'
walk 'tls off' 'auth off'
walk "queue_dir $sink/none/q" 'queue auto'
walk "logfile $sink/none/log"
walk "passwordeval cat $sink/none/secret"
walk 'hots mail.example'
walk "tls_trust_file $sink/none/ca.pem"
walk 'dkim on' "dkim_keys $sink/none"
begin 'every check that speaks here has been heard'
for id in config.file config.account config.from secret.password dns.host \
	tcp.port tls.cert tls.session smtp.offers smtp.sender auth.login \
	queue.folder log.file; do
	grep -q "^$id\$" walked || complain "nothing said $id"
done
finish

begin '--as'
good
submit mailchute doctor --as no-such-user <in
check 'nobody of that name' 64 "$status"
check_match 'is told' 'no-such-user.*there is no such user' "$client/err"
if [ "$(id -u)" -eq 0 ] && id nobody >/dev/null 2>&1; then
	submit mailchute doctor --offline --as nobody <in
	check 'a profile that he cannot read' 78 "$status"
	check_match 'is told' '^FAIL  config.file .*Permission denied' \
		"$client/out"
else
	submit mailchute doctor --as root <in
	check 'who is not root' 64 "$status"
fi
finish

# ---- mailchute test --------------------------------------------------------

begin 'one real message'
good
rm -f transcript mail/*
submit mailchute test bob@example.test <in
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
arrived 1
id=$(sed -n 's/^Message-I[Dd]: //p' mail/*.eml | tr -d '\r')
check 'what it tells of it' "ok    test.to           it goes to bob@example.test
ok    test.mail         the server took it: 250 2.0.0 delivered
ok    test.id           look for it there by its Message-ID, $id" \
	"$(grep ' test\.' "$client/out")"
check_match 'its subject' '^Subject: mailchute test from ' mail/*.eml
check_match 'its author' '^From: .*alice@example.invalid' mail/*.eml
check_match log ' recipients=.*bob@example.test.* exitcode=EX_OK' "$client/log"
check 'the dialogue' 'EHLO STARTTLS EHLO AUTH MAIL RCPT RSET QUIT' \
	"$(sed -n 's/^C: \([A-Z]*\).*/\1/p' transcript | head -n 8 |
		tr '\n' ' ' | sed 's/ $//')"
submit mailchute test --json bob@example.test <in
check_match 'in JSON' '"id":"test.mail","status":"ok"' "$client/out"
finish

begin 'root is who the alias file says'
good "aliases $sink/aliases"
echo 'root: ops@example.test, other@example.test' >aliases
rm -f mail/*
submit mailchute test root <in
check 'exit code' 0 "$status"
check 'who' 'it goes to ops@example.test it goes to other@example.test' \
	"$(sed -n 's/^ok *test.to *//p' "$client/out" | tr '\n' ' ' |
		sed 's/ $//')"
arrived 1
finish

begin 'a recipient that is refused'
good
rm -f mail/*
printf '%s\n' 'RCPT to bob@* : reply "550 5.1.1 no bob"' >script
submit mailchute test bob@example.test <in
check 'exit code' 67 "$status"
check_match 'what fails' '^FAIL  test.mail .*550 5.1.1 no bob' "$client/out"
check_empty stderr "$client/err"
arrived 0
finish

begin 'nothing is sent when the doctor finds a failure'
printf '%s\n' 'MAIL : reply "553 5.7.1 not yours"' >script
submit mailchute test bob@example.test <in
check 'exit code' 69 "$status"
check_match 'it says so' '^skip  test.mail  *nothing was sent$' "$client/out"
arrived 0
finish

begin 'a temporary failure is not queued'
good 'queue always'
printf '%s\n' 'DOT : reply "451 4.3.0 later"' >script
submit mailchute "--queue-dir=$sink/queue" --queue-runner=external \
	test bob@example.test <in
check 'exit code' 75 "$status"
check_match 'what fails' '^FAIL  test.mail .*451 4.3.0 later' "$client/out"
check 'entries in the queue' '' "$(find queue -name '*.msg' 2>/dev/null)"
submit mailchute "--queue-dir=$sink/queue" queue list <in
check_match 'the queue' '^Nothing waits' "$client/out"
finish

begin 'no address'
submit mailchute test <in
check 'exit code' 64 "$status"
finish

summary
