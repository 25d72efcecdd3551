# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# A first hour: "mailchute setup" typed at a terminal, with a name server (NSD)
# that has the whole of the DNS, and a Postfix that is every provider, with a
# certificate for all of their names; to the mail that arrives.
#	sh setup_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"
# shellcheck source=tests/lib/nsd.sh
. "$lib/nsd.sh"
# shellcheck source=tests/lib/pki.sh
. "$lib/pki.sh"
# shellcheck source=tests/servers/postfix.sh
. "$1/postfix.sh"

work=/run/test
mkdir -p "$work/home" "$work/nsd"
typist=${MAILCHUTE%/src/*}/tests/blackbox/typist
[ -x "$typist" ] || bail 'no typist: make check TESTS= builds it'

# ---- the DNS ---------------------------------------------------------------------

hosts='smtp.gmail.com smtp.web.de mail.gmx.net smtp.mail.me.com
	smtp.fastmail.com smtp.mailbox.org posteo.de smtp.zoho.eu
	email-smtp.eu-central-1.amazonaws.com smtp.sendgrid.net
	smtp.postmarkapp.com mail.srv.test mail.guess.test'
{
	cat <<-'END'
		$ORIGIN .
		$TTL 60
		. SOA ns.test. me.test. 1 3600 600 86400 60
		. NS ns.test.
		ns.test. A 127.0.0.1
		google.test. MX 1 aspmx.l.google.com.
		srv.test. MX 10 mx.srv.test.
		_submissions._tcp.srv.test. SRV 10 0 465 mail.srv.test.
		_submission._tcp.srv.test. SRV 0 0 587 mail.srv.test.
		none.test. MX 0 .
		_submissions._tcp.none.test. SRV 0 0 0 .
		_submission._tcp.none.test. SRV 0 0 0 .
		loop.test. CNAME pool.test.
		pool.test. CNAME loop.test.
		_submissions._tcp.lie.test. SRV 0 0 465 smtp.nowhere.test.
		self.test. MX 10 self.test.
		mxloop.test. MX 10 loop.test.
		srvloop.test. MX 10 mx.srvloop.test.
		_submissions._tcp.srvloop.test. SRV 0 0 465 loop.test.
		_submissions._tcp.cname.test. CNAME _submission._tcp.cname.test.
		_submission._tcp.cname.test. CNAME _submissions._tcp.cname.test.
		_submissions._tcp.port.test. SRV 0 0 4465 mail.srv.test.
		_submissions._tcp.starttls.test. SRV 0 0 587 mail.srv.test.
		_submissions._tcp.zero.test. SRV 0 0 0 mail.srv.test.
		_submissions._tcp.here.test. SRV 0 0 465 localhost.
		other.test. MX 1 mx.other.test.
		mail.other.test. A 127.0.0.1
	END
	for host in $hosts; do
		printf '%s. A 127.0.0.1\n' "$host"
	done
	# The best of many, which do not fit into a datagram.
	for number in 1 2 3 4 5 6 7 8 9; do
		for more in 0 1 2 3 4 5; do
			printf '_submissions._tcp.many.test. SRV %s 0 465 %s.test.\n' \
				"$number$more" "some-longer-name-$number$more"
			printf 'many.test. MX %s %s.test.\n' "$number$more" \
				"some-longer-name-$number$more"
		done
	done
	echo '_submissions._tcp.many.test. SRV 1 0 465 mail.guess.test.'
} >"$work/nsd/zone"
# The first of them.
nsd_start "$work/nsd" "${hosts%% *}"

# ---- the providers ---------------------------------------------------------------

postfix_certificates() {
	pki_authority "$postfix/pki/ca" && pki_key "$postfix/pki/good.key" ||
		return
	{
		printf 'cn = "%s"\ndns_name = "%s"\n' "$postfix_host" \
			"$postfix_host"
		for host in $hosts; do
			printf 'dns_name = "%s"\n' "$host"
		done
		printf 'signing_key\ntls_www_server\nexpiration_days = 2\n'
	} >"$postfix/pki/good.cfg"
	certtool --generate-certificate --load-privkey "$postfix/pki/good.key" \
		--load-ca-certificate "$postfix/pki/ca.pem" \
		--load-ca-privkey "$postfix/pki/ca.key" \
		--template "$postfix/pki/good.cfg" \
		--outfile "$postfix/pki/good.pem" 2>/dev/null || return
	cat "$postfix/pki/good.key" "$postfix/pki/good.pem" \
		>"$postfix/pki/good.chain"
	for postfix_name in unknown other expired; do
		cp "$postfix/pki/good.chain" "$postfix/pki/$postfix_name.chain"
	done
}

# All mail, whomever it is for, is Bob's.  The logins are there from the start:
# Dovecot reads a file again when it is of another second.  It knows names in
# small letters.
postfix_more() {
	while read -r postfix_name postfix_word; do
		printf '%s:{PLAIN}%s\n' "$postfix_name" "$postfix_word"
	done >>"$postfix/dovecot/users" <<-'END'
		me@gmail.com abcdefghijklmnop
		me pass word
		me@gmx.de key of gmx
		me@icloud.com key of icloud
		me@fastmail.com key of fastmail
		me@mailbox.org key of mailbox.org
		me@posteo.de key of posteo
		akiaexample BF0/eIJm0ruTHsSjOkRuOGzGF+zeSyE3aiRzrzUQ8LwG
		apikey SG.key
		tok-en tok-en
		me@google.test qrstuvwxyzabcdef
		me@srv.test open
		me@guess.test open
	END
	printf '/./ bob@example.test\n' >"$postfix/etc/aliases"
	cat >>"$postfix/etc/main.cf" <<-END
		virtual_alias_domains =
		virtual_alias_maps = regexp:$postfix/etc/aliases
	END
}

postfix_start "$work/postfix" || bail 'Postfix does not start'
cat "$work/postfix/pki/ca.pem" >>/etc/ssl/certs/ca-certificates.crt

# ---- a person --------------------------------------------------------------------

rc=$work/home/.mailchuterc

# typed CODE ARGUMENT... with the answers on standard input
typed() {
	typed_code=0
	cat >"$work/script"
	typed_want=$1
	shift
	env -i HOME="$work/home" PATH="$PATH" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"$typist" 40 "$work/script" "$MAILCHUTE" setup --syslog=off \
		"$@" >"$work/out" || typed_code=$?
	tr -d '\r' <"$work/out" >"$work/shown"
	check "exit code of 'setup $*'" "$typed_want" "$typed_code"
	[ "$typed_want" = "$typed_code" ] || sed 's/^/# /' "$work/shown"
}

# works NAME ADDRESS SERVER PROFILE ARGUMENT...: with the answers on standard
# input; the profile without what every one has, and the mail that arrived.
works() {
	begin "$1"
	works_address=$2
	works_server=$3
	works_profile=$4
	shift 4
	rm -f "$rc"
	typed 0 "$@" "$works_address"
	check profile "$works_profile" "$(sed -e 1d -e '/^syslog off$/d' "$rc")"
	check mode -rw------- "$(ls -l "$rc" | cut -c 1-10)"
	check_match 'the login' '^ok +auth.login' "$work/shown"
	check_match 'the test' '^ok +test.mail' "$work/shown"
	if postfix_take bob; then
		check_match 'From' "^From:.*$works_address" \
			"$postfix/arrived.head"
		check_match 'its text' "^Server:  $works_server" \
			"$postfix/arrived.body"
	fi
	finish
}
works 'Gmail: a password with the blanks of its page' me@gmail.com \
	smtp.gmail.com 'provider gmail
from me@gmail.com
user me@gmail.com
password abcdefghijklmnop' <<'END'
Password (it is not shown): |abcd efgh ijkl mnop
Place [profile]: |
Send a test mail to this address? [yes]: |
END
works 'web.de: the user is the local part' me@web.de smtp.web.de \
	'provider web.de
from me@web.de
user me
password pass word' <<'END'
Password (it is not shown): |pass word
Place [profile]: |
Send a test mail to this address? [yes]: |
END

# simple PROVIDER ADDRESS SERVER: the address is the user.
simple() {
	works "$1" "$2" "$3" "provider $1
from $2
user $2
password key of $1" <<-END
		Password (it is not shown): |key of $1
		Place [profile]: |
		Send a test mail to this address? [yes]: |
	END
}
simple gmx me@gmx.de mail.gmx.net
simple icloud me@icloud.com smtp.mail.me.com
simple fastmail me@fastmail.com smtp.fastmail.com
simple mailbox.org me@mailbox.org smtp.mailbox.org
simple posteo me@posteo.de posteo.de
works 'SES: a region, a user, and the secret key' me@shop.test \
	email-smtp.eu-central-1.amazonaws.com 'provider ses eu-central-1
from me@shop.test
user AKIAEXAMPLE
password BF0/eIJm0ruTHsSjOkRuOGzGF+zeSyE3aiRzrzUQ8LwG' \
	--provider ses <<'END'
as in 'provider ses eu-central-1': |eu-central-1
User: |AKIAEXAMPLE
Password (it is not shown): |wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
Place [profile]: |
Send a test mail to this address? [yes]: |
END
works 'SendGrid: the user is "apikey"' me@shop.test smtp.sendgrid.net \
	'provider sendgrid
from me@shop.test
user apikey
password SG.key' --provider sendgrid <<'END'
Password (it is not shown): |SG.key
Place [profile]: |
Send a test mail to this address? [yes]: |
END
works 'Postmark: the token is both' me@shop.test smtp.postmarkapp.com \
	'provider postmark
from me@shop.test
user tok-en
password tok-en' --provider postmark <<'END'
Password (it is not shown): |tok-en
Place [profile]: |
Send a test mail to this address? [yes]: |
END
works 'a company, by its MX' me@google.test smtp.gmail.com \
	'provider google-workspace
from me@google.test
user me@google.test
password qrstuvwxyzabcdef' <<'END'
Is that right? (yes, no) [yes]: |
Password (it is not shown): |qrst uvwx yzab cdef
Place [profile]: |
Send a test mail to this address? [yes]: |
END
works 'a domain, by its SRV records' me@srv.test mail.srv.test:465 \
	'host mail.srv.test
port 465
tls_starttls off
from me@srv.test
user me@srv.test
password open' <<'END'
Is that right? (yes, no) [yes]: |
Password (it is not shown): |wrong
Password (it is not shown): |open
Place [profile]: |
Send a test mail to this address? [yes]: |
END
works 'a domain that says nothing: a guess' me@guess.test \
	mail.guess.test:465 'host mail.guess.test
port 465
tls_starttls off
from me@guess.test
user me@guess.test
password open' <<'END'
Is that right? (yes, no) [no]: |yes
Password (it is not shown): |open
Place [profile]: |
Send a test mail to this address? [yes]: |
END

# ---- what is wrong ---------------------------------------------------------------

# nothing NAME CODE PATTERN ADDRESS ARGUMENT...: with answers on standard input
nothing() {
	begin "$1"
	rm -rf /run/test/home && mkdir "$work/home"
	nothing_code=$2
	nothing_pattern=$3
	nothing_address=$4
	shift 4
	typed "$nothing_code" "$@" "$nothing_address"
	check_match 'what it says' "$nothing_pattern" "$work/shown"
	check 'the home' '' "$(ls -A "$work/home")"
	finish
}

for domain in none loop nowhere self mxloop cname zero; do
	nothing "$domain.test: no server; and Ctrl-D" 75 \
		'The DNS does not say which server' "me@$domain.test" <<-'END'
			Server: |^D
		END
done
nothing 'a certificate of another name is no guess' 75 \
	'The DNS does not say which server' me@other.test <<'END'
Server: |^D
END
# lies WHAT CODE PATTERN DOMAIN: the person says yes to what the DNS has.
lies() {
	nothing "$1" "$2" "$3" "me@$4.test" <<-'END'
		Is that right? (yes, no) [yes]: |
	END
}
lies 'an SRV record to a name that leads to itself' 68 \
	'there is no host loop.test' srvloop
lies 'an SRV record with a port where nobody is' 75 \
	'mail.srv.test:4465 refused the connection' port
lies 'an SRV record for TLS, at a port without' 76 \
	'mail.srv.test does not speak TLS on this port' starttls
lies 'an SRV record to this machine: its certificate is of others' 69 \
	'certificate' here
begin 'no, at what the DNS says'
rm -f "$rc"
typed 75 me@srv.test <<'END'
Is that right? (yes, no) [yes]: |no
Server: |^D
END
check 'the home' '' "$(ls -A "$work/home")"
finish
nothing 'the best of 55 SRV records' 130 'me@many.test: mail.guess.test' \
	me@many.test <<'END'
Is that right? (yes, no) [yes]: |^C
END
nothing 'an SRV record that lies' 68 'there is no host smtp.nowhere.test' \
	me@lie.test <<'END'
Is that right? (yes, no) [yes]: |
END
nothing 'no, at a guess, and Ctrl-C' 130 'a guess' me@guess.test <<'END'
Is that right? (yes, no) [no]: |
Server: |^C
END
begin 'no, at a guess: a server by its name and port'
rm -f "$rc"
typed 0 me@guess.test <<'END'
Is that right? (yes, no) [no]: |no
Server: |mail.guess.test:587
Password (it is not shown): |open
Place [profile]: |
Send a test mail to this address? [yes]: |no
END
check profile 'host mail.guess.test
port 587
tls_starttls on' "$(sed -n 2,4p "$rc")"
finish

# configured ADDRESS CODE: with the profile on standard input.
configured() {
	begin "--configure=$1 prints"
	cat >"$work/wanted"
	env -i HOME="$work/home" LC_ALL=C "$MAILCHUTE" "--configure=$1" \
		>"$work/out" 2>"$work/err"
	check 'exit code' "$2" $?
	sed '/^from/q' "$work/out" >"$work/shown"
	check_same profile "$work/wanted" "$work/shown"
	finish
}
configured me@srv.test 0 <<'END'
# by the SRV records of its domain
account default
host mail.srv.test
port 465
tls on
tls_starttls off
auth on
user me@srv.test
from me@srv.test
END
configured me@google.test 0 <<'END'
# by the MX records of its domain
account default
host smtp.gmail.com
port 465
tls on
tls_starttls off
auth on
user me@google.test
from me@google.test
END
configured me@none.test 68 </dev/null
begin '--configure: a server outside of the domain is pointed out'
env -i HOME="$work/home" LC_ALL=C "$MAILCHUTE" --configure=me@google.test \
	>"$work/out" 2>"$work/err"
check_match stderr 'smtp.gmail.com is not in google.test' "$work/err"
finish

begin 'nobody to ask: no guess, and what is missing'
rm -f "$rc"
env -i HOME="$work/home" PATH="$PATH" LC_ALL=C "$MAILCHUTE" setup -n \
	me@guess.test >"$work/out" 2>"$work/err" </dev/null
check 'exit code' 64 $?
check_match 'the server' '--host, --provider' "$work/err"
check_match 'the password' 'the password: say it with' "$work/err"
finish

# ---- a machine -------------------------------------------------------------------

begin 'a machine: what is missing for "serve"'
typed 78 --system me@gmail.com <<'END'
Way [serve]: |
END
check_match 'what to do' 'systemd-sysusers' "$work/shown"
finish

begin 'a machine: the account for the service, and what everybody reads'
sandbox_user mailchute 980
mkdir -p /var/spool/mailchute /run/mailchute
chown mailchute:mailchute /var/spool/mailchute /run/mailchute
chmod 700 /var/spool/mailchute
rm -rf /etc/mailchuterc /etc/mailchute
typed 0 --system me@gmail.com <<'END'
Way [serve]: |
Password (it is not shown): |abcd efgh ijkl mnop
Place [profile]: |
END
check 'owners and modes' 'drwxr-x--- root mailchute /etc/mailchute
-rw-r----- root mailchute /etc/mailchute/relay.conf
-rw-r--r-- root root /etc/mailchuterc' \
	"$(stat -c '%A %U %G %n' /etc/mailchute /etc/mailchute/relay.conf \
		/etc/mailchuterc)"
check_no_match 'no secret for all' abcdefgh /etc/mailchuterc
check_match 'the next commands' 'mailchute test me@gmail.com' "$work/shown"
finish

begin 'a machine: somebody else sends'
env -i PATH="$PATH" setpriv --reuid 980 --regid 980 --clear-groups \
	"$MAILCHUTE" serve >"$work/serve" 2>&1 &
serve=$!
tries=100
until [ -S /run/mailchute/submit ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
sandbox_user www-data 33
printf 'To: bob@example.test\nSubject: from PHP\n\nhello\n' |
	env -i PATH="$PATH" setpriv --reuid 33 --regid 33 --clear-groups \
		"$MAILCHUTE" sendmail -t -i >"$work/err" 2>&1
check 'exit code' 0 $?
if postfix_take bob; then
	check_match Subject '^Subject: from PHP' "$postfix/arrived.head"
else
	sed 's/^/# /' "$work/err" "$work/serve"
fi
kill "$serve"
finish

begin 'a machine: for root alone, which is not opened to others later'
rm -rf /etc/mailchuterc /etc/mailchute
typed 0 --way root me@gmail.com <<'END'
Password (it is not shown): |abcd efgh ijkl mnop
Place [profile]: |
END
check 'owner and mode' '-rw------- root root' \
	"$(stat -c '%A %U %G' /etc/mailchuterc)"
typed 78 --way serve me@gmail.com </dev/null
check_match 'what is in the way' 'everybody would read' "$work/shown"
rm -f /etc/mailchuterc
finish

# ---- stores that fail ------------------------------------------------------------

# store NAME: a program of that name that takes nothing.
store() {
	mkdir -p "$work/bin"
	printf '#!/bin/sh\necho "no, thank you" >&2\nexit 1\n' >"$work/bin/$1"
	chmod 755 "$work/bin/$1"
}
store secret-tool
store pass
store systemd-creds
before=$PATH
PATH=$work/bin:$PATH
begin 'a person: two stores that fail, and the profile at last'
rm -f "$rc"
typed 0 me@gmail.com <<'END'
Password (it is not shown): |abcd efgh ijkl mnop
Place [profile]: |keyring
Place [profile]: |pass
Place [profile]: |profile
Send a test mail to this address? [yes]: |no
END
check_match keyring 'was not taken by keyring' "$work/shown"
check_match pass 'was not taken by pass' "$work/shown"
check 'the line' 'password abcdefghijklmnop' "$(grep ^password "$rc")"
check 'the home' .mailchuterc "$(ls -A "$work/home")"
finish
begin 'a machine: systemd-creds fails; Ctrl-C, and nothing is there'
rm -rf /etc/mailchuterc /etc/mailchute
mkdir -p /run/systemd/system
typed 130 --system --way serve me@gmail.com <<'END'
Password (it is not shown): |abcd efgh ijkl mnop
Place [file]: |credential
Place [file]: |^C
END
check_match credential 'was not taken by credential' "$work/shown"
check 'files' '' "$(ls -d /etc/mailchute /etc/mailchuterc \
	/etc/systemd/system/mailchute.service.d 2>/dev/null)"
finish
for at in Way Password; do
	begin "a machine: Ctrl-C at $at, and nothing is there"
	case $at in
	Way) echo 'Way [serve]: |^C' ;;
	Password) printf 'Way [serve]: |\nPassword (it is not shown): |^C\n' ;;
	esac | typed 130 --system me@gmail.com
	check 'files' '' "$(ls -d /etc/mailchute /etc/mailchuterc 2>/dev/null)"
	finish
done
begin 'a machine: Ctrl-C while it takes the password'
printf '#!/bin/sh\nexec sleep 60\n' >"$work/bin/systemd-creds"
typed 130 --system --way serve me@gmail.com <<'END'
Password (it is not shown): |abcd efgh ijkl mnop
Place [file]: |credential
credential|^C
END
check_match 'the word' 'nothing was written' "$work/shown"
check 'files' '' "$(ls -d /etc/mailchute /etc/mailchuterc 2>/dev/null)"
finish
rm -rf /run/systemd
PATH=$before

# ---- disks -----------------------------------------------------------------------

begin 'a home that cannot be written is told first'
rm -f "$rc"
mount -t tmpfs -o ro tmpfs "$work/home"
typed 71 me@gmail.com </dev/null
check_match 'what it says' 'cannot use' "$work/shown"
umount "$work/home"
finish

begin 'a full disk at the last step: everything as it was'
mount -t tmpfs -o size=8k tmpfs "$work/home"
printf '# mine\naccount a\nhost h.example\n' >"$rc"
chmod 600 "$rc"
cp "$rc" "$work/before"
dd if=/dev/zero of="$work/home/fill" bs=1 count=4096 2>/dev/null
typed 71 me@gmail.com <<'END'
Password (it is not shown): |abcd efgh ijkl mnop
Place [profile]: |file
Place [profile]: |profile
END
check_same profile "$work/before" "$rc"
check 'the home' '.mailchuterc fill' "$(ls -A "$work/home" | paste -s -d ' ')"
umount "$work/home"
finish

kill %1 2>/dev/null
postfix_stop
summary
