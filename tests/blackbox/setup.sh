#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A first profile: from an address, an answer or two, and a login that worked,
# to a file that is changed in one step or not at all.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start
typist=$TOP_BUILDDIR/tests/blackbox/typist
mkdir own
best=PLAIN
! grep -q '^#define HAVE_LIBGSASL 1' "$TOP_BUILDDIR/config.h" ||
	best=SCRAM-SHA-256-PLUS
: >password
rc=own/.mailchuterc

# Always said: where the server is, which no DNS tells here.
server() {
	set -- "$@" --host localhost --port "$starttls_port" \
		--tls-trust-file "$sink/certs/ca.pem" --timeout 5 --syslog=off \
		--queue=off
	env -i HOME="$sink/own" PATH="$PATH" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" setup "$@"
}

# setup CODE ARGUMENT... <password
setup() {
	setup_want=$1 setup_status=0
	shift
	server "$@" >out 2>err || setup_status=$?
	check "exit code of 'setup $*'" "$setup_want" "$setup_status"
	grep -q sesame out err && complain 'the password is printed'
	:
}

# typed CODE ARGUMENT... with the answers in the file script
typed() {
	typed_want=$1 typed_status=0
	shift
	set -- "$@" --host localhost --port "$starttls_port" \
		--tls-trust-file "$sink/certs/ca.pem" --timeout 5 --syslog=off \
		--queue=off
	env -i HOME="$sink/own" PATH="$PATH" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"$typist" 40 script "$MAILCHUTE" setup "$@" >out || typed_status=$?
	tr -d '\r' <out >shown
	check "exit code of 'setup $*', typed" "$typed_want" "$typed_status"
	grep -v printf out | grep -q sesame && complain 'the password is shown'
	:
}

lines() {
	sed "s/$starttls_port/PORT/; s,$sink,DIR," "$1"
}

mode() {
	ls -l "$1" | cut -c 1-10
}

begin 'nobody is asked: the profile, the password with it, closed to others'
echo 'open sesame' >password
setup 0 --non-interactive --user alice alice@example.test <password
check_empty stderr err
check 'what it says' "alice@example.test: localhost
ok dns.host localhost: ADDRESS
ok tcp.port localhost:PORT answers
ok smtp.greeting 220 localhost ESMTP
ok tls.session TLS
ok tls.cert the certificate is trusted, for N more days
ok smtp.offers PIPELINING
ok auth.login the login works ($best)
ok smtp.sender the server takes mail from alice@example.test
Written: account default in DIR/own/.mailchuterc
A test mail: mailchute -a default test alice@example.test" \
	"$(lines out | grep -v 'tcp.ipv' | sed -E 's/ +/ /g
		s/^(ok dns.host localhost:) .*/\1 ADDRESS/
		s/for [0-9]+ more/for N more/; s/^(ok tls.session TLS).*/\1/; s/^(ok smtp.offers PIPELINING).*/\1/')"
check profile "account default
host localhost
port PORT
from alice@example.test
user alice
tls_trust_file DIR/certs/ca.pem
timeout 5
syslog off
queue off
password open sesame" "$(lines $rc)"
check mode '-rw-------' "$(mode $rc)"
finish

begin 'and it sends'
echo hello | env -i HOME="$sink/own" "$MAILCHUTE" bob@example.test 2>err
check_empty stderr err
arrived 1
finish

begin 'a second run mends: other lines stay'
printf '# mine\ndefaults\ntls on\n\n# work\naccount default\n# the old one\nhost old.example\npassword wrong\nlogfile ~/log\nuser alice\nfrom alice@example.test\n\n# home\naccount home\nhost h.example\n' >$rc
echo 'open sesame' >password
setup 0 -n --user alice alice@example.test <password
check profile '# mine
defaults
tls on

# work
account default
# the old one
host localhost
password open sesame
logfile ~/log
user alice
from alice@example.test
port PORT
tls_trust_file DIR/certs/ca.pem
timeout 5
syslog off
queue off

# home
account home
host h.example' "$(lines $rc)"
finish

begin 'a file that others could read is closed, once a password is in it'
mv $rc kept
printf '# mine\naccount work\nhost w.example\n' >$rc
chmod 644 $rc
setup 0 -n --user alice alice@example.test <password
check mode '-rw-------' "$(mode $rc)"
mv kept $rc
finish

begin 'another address is another account'
echo 'open sesame' >password
setup 0 -n --user alice second@example.test <password
check accounts 'account default account home account second@example.test' \
	"$(grep '^account' $rc | tr '\n' ' ' | sed 's/ $//')"
finish

begin 'a file of its own for the password, and a name for the account'
rm -f $rc
echo 'open sesame' >password
setup 0 -n --store file --account work --user alice \
	alice@example.test <password
check 'the line' "password_file DIR/own/work.password" \
	"$(lines $rc | tail -n 1)"
check mode '-rw-------' "$(mode own/work.password)"
check password 'open sesame' "$(cat own/work.password)"
finish

# Programs of these names, which keep what they are given in a file.
mkdir bin
cat >bin/pass <<END
#!/bin/sh
printf '%s\n' "\$*" >>$sink/asked
case \$1 in
insert) cat >$sink/kept ;;
show) cat $sink/kept ;;
esac
END
cat >bin/secret-tool <<END
#!/bin/sh
exit 1
END
chmod +x bin/*
before=$PATH
PATH=$sink/bin:$PATH

begin 'pass(1) keeps the password, and gives it'
rm -f $rc
echo 'open sesame' >password
setup 0 -n --store pass --account work --user alice alice@example.test \
	<password
check 'the line' "password_store pass mailchute/work" \
	"$(tail -n 1 $rc)"
check 'what it was given' 'open sesame' "$(cat kept)"
check 'what it was asked' 'insert --multiline --force mailchute/work' \
	"$(cat asked)"
echo hello | env -i HOME="$sink/own" PATH="$PATH" "$MAILCHUTE" -a work \
	bob@example.test 2>err
check_empty stderr err
finish

begin 'a place that fails: nothing is written'
rm -f $rc
setup 71 -n --store keyring --user alice alice@example.test <password
check stderr 'mailchute: the password was not taken by keyring' \
	"$(head -n 1 err)"
check 'the profile' '' "$(find own -name '*mailchuterc*')"
finish
PATH=$before

begin 'a command has the password'
rm -f $rc
setup 0 -n --user alice --passwordeval 'echo open sesame' \
	alice@example.test </dev/null
check 'the line' 'passwordeval echo open sesame' \
	"$(grep password $rc)"
finish

begin "msmtp's file stays one that msmtp reads"
mkdir -p own/.config/msmtp
rm -f $rc
printf 'account default\nhost x.example\n' >own/.config/msmtp/config
chmod 600 own/.config/msmtp/config
echo pw | env -i HOME="$sink/own" PATH="$PATH" "$MAILCHUTE" setup -n \
	--untried me@gmail.com >out 2>err
check profile 'account default
host x.example

account me@gmail.com
host smtp.gmail.com
port 465
tls_starttls off
from me@gmail.com
user me@gmail.com
tls on
auth on
password pw' "$(cat own/.config/msmtp/config)"
rm -r own/.config
finish

begin 'a provider, its region, and what is made of the secret key'
echo 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' |
	env -i HOME="$sink/own" "$MAILCHUTE" setup -n --untried \
		--provider 'ses eu-central-1' --user AKIAEXAMPLE \
		me@example.test >out 2>err
check profile 'account default
provider ses eu-central-1
from me@example.test
user AKIAEXAMPLE
password BF0/eIJm0ruTHsSjOkRuOGzGF+zeSyE3aiRzrzUQ8LwG' "$(cat $rc)"
rm $rc
echo 'abcd efgh ijkl mnop' | env -i HOME="$sink/own" "$MAILCHUTE" setup -n \
	--untried me@gmail.com >out 2>err
check 'an app password without its blanks' 'password abcdefghijklmnop' \
	"$(tail -n 1 $rc)"
rm $rc
# As long, but none of those: the blanks are its own.
echo 'abcd efgh ijkl mn0p' | env -i HOME="$sink/own" "$MAILCHUTE" setup -n \
	--untried me@gmail.com >out 2>err
check 'another password with its blanks' 'password abcd efgh ijkl mn0p' \
	"$(tail -n 1 $rc | tr -d '"')"
rm $rc
finish

# ---- what is wrong ------------------------------------------------------------------

# refused NAME CODE STDERR ARGUMENT...: and no file is made
refused() {
	begin "$1"
	refused_code=$2 refused_text=$3
	shift 3
	echo "${password-open sesame}" >password
	setup "$refused_code" -n "$@" <password
	check stderr "$refused_text" "$(lines err | head -n 1)"
	check 'the home' '' "$(ls -A own)"
	finish
}

rm -rf own && mkdir own
password='' refused 'no password' 64 'mailchute: nobody can be asked for the password: say it with --passwordeval, or the first line of the standard input' \
	--user alice alice@example.test
password=wrong
refused 'a wrong password' 77 "mailchute: the server refused the login of alice with $best: 535 5.7.8 that is not right" \
	--user alice alice@example.test
begin 'everything that is missing is named'
: | env -i HOME="$sink/own" "$MAILCHUTE" setup -n --provider ses \
	me@example.test >out 2>err
check 'exit code' 64 $?
check stderr "mailchute: nobody can be asked for a region of AWS, as in 'provider ses eu-central-1': say it with --provider=\"NAME REGION\"
mailchute: nobody can be asked for User: say it with --user
mailchute: nobody can be asked for the password: say it with --passwordeval, or the first line of the standard input" "$(grep -v 'mailchute help setup' err)"
finish
unset password
refused 'no address' 65 "mailchute: 'alice' is not a valid address: it has no domain" \
	alice
refused 'two addresses' 64 "mailchute: 'setup' takes no 'bob@example.test'" \
	alice@example.test bob@example.test
begin 'an unknown place'
setup 64 -n --store attic --user alice alice@example.test </dev/null
check_match stderr "option --store does not take 'attic': one of profile, file" \
	err
finish
refused 'a machine, whose files cannot be written' 77 \
	"mailchute: the machine's files, in /proc/nonexistent/etc, cannot be written: No such file or directory" \
	--system --user alice alice@example.test
refused 'a machine, another way' 64 \
	"mailchute: option --way does not take 'bus': one of serve, root" \
	--way bus --user alice alice@example.test
begin 'no such provider'
env -i HOME="$sink/own" "$MAILCHUTE" setup -n --provider gmial me@example.test \
	>out 2>err </dev/null
check 'exit code' 78 $?
check stderr "mailchute: there is no provider 'gmial' (did you mean 'gmail'?)" \
	"$(head -n 1 err)"
finish

begin 'a file that cannot be written is told before anything is asked'
mkdir own/real && : >own/real/rc
ln -s real/nowhere $rc
setup 71 -n --user alice alice@example.test </dev/null
check stderr "mailchute: cannot use DIR/own/.mailchuterc: No such file or directory" \
	"$(lines err | head -n 1)"
check 'the link' real/nowhere "$(readlink $rc)"
rm $rc
finish

begin 'a link is followed'
ln -s real/rc $rc
setup 0 -n --user alice alice@example.test <password
check 'the link' real/rc "$(readlink $rc)"
check 'the file' 'account default' "$(head -n 1 own/real/rc)"
rm -r $rc own/real
finish

begin 'a file that is broken stays as it is'
printf 'account default\nhots x\n' >$rc
chmod 600 $rc
cp $rc before
echo 'open sesame' >password
setup 78 -n --user alice alice@example.test <password
check_match stderr 'hots' err
check_same profile before $rc
rm $rc
finish

# half NAME PATTERN TEXT: a profile whose writer stopped in the middle; it stays.
half() {
	begin "half a profile: $1"
	printf "$3" >$rc
	chmod 600 $rc
	cp $rc before
	echo pw | env -i HOME="$sink/own" "$MAILCHUTE" setup -n --untried \
		me@gmail.com >out 2>err
	check 'exit code' 78 $?
	check_match stderr "$2" err
	check_same profile before $rc
	check files .mailchuterc "$(ls -A own)"
	rm $rc
	finish
}
half 'an account without its name' 'no name for an account' account
half 'half a keyword' 'begins with no keyword' 'account default\nho'
half 'half a value' 'double quote that does not end' \
	'account default\npassword "half'
half 'the end of a page' 'a NUL byte' 'account default\nhost a.example\0\0\0'
half 'a parent that did not come' "there is no account 'work'" \
	'account default : work\n'

begin 'access tokens: what is missing, and what is written'
env -i HOME="$sink/own" "$MAILCHUTE" setup -n --untried me@outlook.com \
	>out 2>err </dev/null
check 'exit code' 64 $?
check stderr 'mailchute: nobody can be asked for Client id: say it with --oauth-client-id' \
	"$(head -n 1 err)"
env -i HOME="$sink/own" "$MAILCHUTE" setup -n --untried \
	--oauth-client-id 1234 me@outlook.com >out 2>err </dev/null
check 'exit code' 0 $?
check_match 'what comes next' '^Now log in: mailchute login default$' out
check profile 'account default
provider outlook
from me@outlook.com
auth xoauth2
oauth_client_id 1234
user me@outlook.com' "$(cat $rc)"
rm $rc
finish

begin "PHP's files: there are none here"
env -i "$MAILCHUTE" setup --php >out
check 'exit code' 0 $?
check 'what it says' 'There are no files of PHP here.' "$(cat out)"
finish

begin 'the list, for people and programs'
env -i "$MAILCHUTE" setup --list >out
check_match gmail '^gmail +smtp.gmail.com +Gmail$' out
env -i "$MAILCHUTE" setup --list ses >out
check_match 'one' '^  region_is' out
env -i "$MAILCHUTE" setup --list --json >out
check_match JSON '^\[\{"name":"gmail","title":"Gmail",' out
env -i "$MAILCHUTE" setup --list nobody >out 2>err
check 'exit code of an unknown one' 78 $?
env -i "$MAILCHUTE" setup --list gmial >out 2>err
check_match 'one that is near' "did you mean 'gmail'" err
finish

begin '--configure knows whom setup knows, and prints alone'
env -i HOME="$sink/own" "$MAILCHUTE" --configure=me@web.de >out 2>err
check 'exit code' 0 $?
check_empty stderr err
check profile '# by its domain
account default
host smtp.web.de
port 465
tls on
tls_starttls off
auth on
user me
from me@web.de' "$(sed '/^from/q' out)"
check_match 'the page' '^# The password is made at https://web.de$' out
check 'the home' '' "$(ls -A own)"
env -i "$MAILCHUTE" --configure=me@tuta.com >out 2>err
check 'exit code where no mail goes through' 78 $?
check_match why 'Tuta has no SMTP' err
finish

# ---- a person -----------------------------------------------------------------------

begin 'typed: a wrong password, the right one, the place, and no test mail'
cat >script <<'END'
Password (it is not shown): |wrong
Password (it is not shown): |open sesame
Place [profile]: |
Send a test mail to this address? [yes]: |no
END
typed 0 --user alice alice@example.test
check_match 'why' 'refused the login of alice' shown
check_match 'the places' 'file +in a file of its own, closed to others' shown
check 'the password' 'password open sesame' "$(grep password $rc)"
finish

begin 'typed: and a test mail'
rm $rc
find mail -name '*.eml' -exec rm {} +
cat >script <<'END'
Password (it is not shown): |open sesame
Place [profile]: |file
Send a test mail to this address? [yes]: |
END
typed 0 --user alice alice@example.test
arrived 1
check 'the line' "password_file DIR/own/default.password" \
	"$(lines $rc | grep password)"
finish

begin 'typed: a place that is none, one that fails, and a command at last'
rm -rf own && mkdir own
PATH=$sink/bin:$PATH
cat >script <<'END'
Password (it is not shown): |open sesame
Place [profile]: |attic
Place [profile]: |keyring
Place [profile]: |command
Command that prints it: |echo wrong
Place [profile]: |command
Command that prints it: |printf 'open sesame\nmore\n'
Send a test mail to this address? [yes]: |no
END
typed 0 --user alice alice@example.test 2>/dev/null
PATH=$before
check_match 'the one that is none' "--store does not take 'attic'" shown
check_match 'the one that fails' 'was not taken by keyring' shown
check_match 'the command' 'prints another password' shown
check 'the line' "passwordeval printf 'open sesame\nmore\n'" \
	"$(grep password $rc)"
finish

begin 'another source, and the old line is gone'
echo 'open sesame' >own/secret && chmod 600 own/secret
setup 0 -n --user alice --password-file "$sink/own/secret" \
	alice@example.test </dev/null
check 'the lines' 'password_file DIR/own/secret' "$(lines $rc | grep password)"
finish

# ---- a person who has enough ----------------------------------------------------

# stopped KEY ARGUMENT...: with the answers before that key in the file script;
# typist sees that the terminal has its echo again.
stopped() {
	stopped_key=$1
	shift
	[ "$stopped_key" = ^C ] && stopped_want=130 || stopped_want=75
	stopped_code=0
	env -i HOME="$sink/own" PATH="$PATH" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"$typist" 40 script "$MAILCHUTE" setup "$@" >out ||
		stopped_code=$?
	tr -d '\r' <out >shown
	check "exit code of 'setup $*', stopped" $stopped_want $stopped_code
	check_match 'the word' '^mailchute: the setup was ended; nothing was' \
		shown
}

# enough PROMPT ARGUMENT...: at that prompt, behind the answers on standard
# input; with Ctrl-D there is no profile before, with Ctrl-C there is.
enough() {
	enough_at=$1
	shift
	cat >answers
	for key in '^C' '^D'; do
		begin "typed: $key at '$enough_at': nothing is written"
		{
			cat answers
			echo "$enough_at|$key"
		} >script
		rm -rf own && mkdir own
		case $key in
		^D)
			stopped "$key" "$@" alice@example.test
			check files '' "$(ls -A own)"
			;;
		^C)
			printf '# mine\naccount a\nhost a.example\n' >$rc
			chmod 600 $rc
			cp $rc before
			stopped "$key" "$@" alice@example.test
			check files .mailchuterc "$(ls -A own)"
			check_same profile before $rc
			;;
		esac
		finish
	done
}

# here WORDS...: enough, with the sink as the server.
here() {
	here_at=$1
	shift
	enough "$here_at" --host localhost --port "$starttls_port" \
		--tls-trust-file "$sink/certs/ca.pem" --timeout 5 \
		--syslog=off --queue=off --user alice "$@"
}
here 'Password (it is not shown): ' </dev/null
here 'Password (it is not shown): ' <<'END'
Password (it is not shown): |wrong
END
here 'Place [profile]: ' <<'END'
Password (it is not shown): |open sesame
END
here 'Command that prints it: ' <<'END'
Password (it is not shown): |open sesame
Place [profile]: |command
END
enough "as in 'provider ses eu-central-1': " --provider ses </dev/null
enough 'User: ' --provider 'ses eu-central-1' </dev/null
enough 'Client id: ' --provider outlook </dev/null

# written KEY CODE PROMPT ARGUMENT...: what is written by then stays, and is
# whole.
written() {
	begin "typed: $1 at '$3': the profile is there"
	rm -rf own && mkdir own
	echo "$3|$1" >>script
	written_code=$2
	shift 3
	typed "$written_code" "$@" --user alice alice@example.test
	check_match 'what is said' '^Written: account default in ' shown
	check_no_match 'and not' 'nothing was written' shown
	check mode '-rw-------' "$(mode $rc)"
	check files .mailchuterc "$(ls -A own)"
	finish
}
for key in '^C 130' '^D 0'; do
	cat >script <<'END'
Password (it is not shown): |open sesame
Place [profile]: |
END
	written "${key% *}" "${key#* }" \
		'Send a test mail to this address? [yes]: '
	: >script
	written "${key% *}" "${key#* }" 'Log in now? [yes]: ' \
		--auth=xoauth2 --oauth-client-id 1234
done
summary
