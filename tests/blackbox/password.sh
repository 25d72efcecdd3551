#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Where a password comes from: a program without a shell, a file, a credential
# of systemd's, git's, pass's and the keyring's; and what is said of each that
# is not as it should be.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start

mkdir bin
PATH=$sink/bin:$PATH

# from LINE...: a profile with the password only there.
from() {
	profile password "$@"
}

# sends NAME LINE...
sends() {
	begin "$1"
	shift
	from "$@"
	submit_plain mailchute bob@example.test
	check_sent
	finish
}

# fails NAME CODE PATTERN LINE...: the whole of what people read is on one line.
fails() {
	begin "$1"
	want=$2 pattern=$3
	shift 3
	from "$@"
	submit_plain mailchute bob@example.test
	check 'exit code' "$want" "$status"
	tr '\n' ' ' <client/err >said
	check_match 'what it says' "$pattern" said
	check_no_match 'the secret' 'sesame' client/err
	check_no_match 'the secret in the log' 'sesame' client/log
	finish
}

# ---- password_command ------------------------------------------------------

cat >bin/giver <<'END'
#!/bin/sh
[ "$1" = 'a b' ] && [ "$2" = '$HOME;' ] && echo 'open sesame'
END
chmod 755 bin/giver
sends 'a program and its words' "password_command giver 'a b' \$HOME;"
sends 'in the environment of nobody else' \
	'password_command env echo open sesame'
fails 'no shell' 78 'its exit status is' \
	'password_command test -n x && echo open sesame'
fails 'its exit status' 78 'password command .* failed: its exit status is 3' \
	'password_command sh -c "echo open sesame; exit 3"'
fails 'a signal' 78 'killed by signal 9' \
	'password_command sh -c "echo open sesame; kill -9 \$\$"'
fails 'not there' 78 'it was not found' 'password_command no-such-program x'
fails 'not a program' 78 'it cannot be run' "password_command $sink/mail"
fails 'a quote' 78 'a quote in it does not end' \
	"password_command echo 'open sesame"
fails 'nothing printed' 78 'printed nothing' 'password_command true'
sends 'standard input is not its own' \
	"password_command sh -c \"cat; echo 'open sesame'\""
begin 'and the message is whole'
check 'its text' 1 "$(grep -c '^all is well' "mail/$(how_many).eml")"
finish
begin 'a program of a file that others can write'
from 'password_command echo open sesame'
chmod 622 client/profile
submit_plain mailchute bob@example.test
check 'exit code' 78 "$status"
check_match stderr 'can be written by others' client/err
finish

# ---- password_file ---------------------------------------------------------

printf 'open sesame\r\n' >secret
chmod 600 secret
sends 'a file' "password_file $sink/secret"
printf 'open sesame' >secret
sends 'without a line end' "password_file $sink/secret"
printf 'open sesame\n\nlogin: alice\n' >secret
sends 'its first line' "password_file $sink/secret"
printf 'login: alice\nopen sesame\n' >secret
begin 'its first line is refused'
from "password_file $sink/secret"
submit_plain mailchute bob@example.test
check 'exit code' 77 "$status"
check_match stderr 'more than a line, and the first one counts' client/err
finish
printf 'open sesame\n\nlogin: alice\n' >secret
begin 'of which the doctor tells'
submit mailchute doctor </dev/null
check_match doctor 'password_file; it gave more lines' client/out
finish
fails 'no file' 78 "$sink/none cannot be used: there is no such file" \
	"password_file $sink/none"
fails 'a folder' 78 "$sink/mail cannot be used: Is a directory" \
	"password_file $sink/mail"
: >empty
chmod 600 empty
fails 'an empty one' 78 'its first line is empty' "password_file $sink/empty"
chmod 604 secret
fails 'others can read it' 78 \
	"secret cannot be used: others than its owner can read it.*chmod 600" \
	"password_file $sink/secret"
chmod 622 secret
fails 'others can write it' 78 'others than its owner can write it' \
	"password_file $sink/secret"
chmod 600 secret
if [ "$(id -u)" -ne 0 ]; then
	chmod 000 secret
	fails 'it is closed to us' 78 'only root can read it.*mailchute serve' \
		"password_file $sink/secret"
	chmod 600 secret
fi

# ---- systemd's -------------------------------------------------------------

# started WORDS...: with a credential of a unit.
started() {
	status=0
	message_plain | env CREDENTIALS_DIRECTORY="$sink/credentials" \
		"$MAILCHUTE" -C client/profile bob@example.test \
		>client/out 2>client/err || status=$?
}
mkdir credentials
printf 'open sesame\n' >credentials/relay
chmod 400 credentials/relay
begin 'a credential'
from 'password_file relay'
started
check 'exit code' 0 "$status"
check_empty stderr client/err
from 'password_file other'
started
check 'another one' 78 "$status"
check_match stderr 'other cannot be used: there is no such file' client/err
finish
fails 'no credentials' 78 'relay cannot be used: .*LoadCredential=relay:FILE' \
	'password_file relay'

# ---- what was said last ----------------------------------------------------

begin 'the command line before the file'
profile 'password wrong one'
submit_plain mailchute "--password-file=$sink/secret" bob@example.test
check_sent
from 'password_file /nonexistent'
submit_plain mailchute '--password-command=echo open sesame' bob@example.test
check_sent
finish

# ---- stores ----------------------------------------------------------------

fails 'no store' 78 'password_store is secret-tool, pass \[NAME\] or git' \
	'password_store keepass'
cat >bin/secret-tool <<'END'
#!/bin/sh
[ "$*" = 'lookup host localhost service smtp user alice' ] &&
	echo 'open sesame'
END
cat >bin/pass <<'END'
#!/bin/sh
case $* in
'show mailchute/default' | 'show mail/work') echo 'open sesame' ;;
*) echo "Error: $2 is not in the password store." >&2 && exit 1 ;;
esac
END
chmod 755 bin/*
sends 'the keyring' 'password_store secret-tool'
sends 'pass' 'password_store pass'
sends 'pass, by name' 'password_store pass mail/work'
fails 'pass without it' 78 'its exit status is 1' 'password_store pass other'

command -v git >/dev/null || {
	echo "# no git: its store is not looked at"
	summary
	exit
}

# The helper of git's own that keeps a file.
git config --file client/home/.gitconfig credential.helper \
	"store --file=$sink/stored"
stored() {
	printf 'smtp://alice:%s@localhost%%3a%s\n' "$1" "$starttls_port" >stored
	chmod 600 stored
}
# kept: what git keeps of it, with the port made plain.
kept() {
	sed "s/$starttls_port/PORT/" stored 2>/dev/null
}
from 'password_store git'
begin "git's, which is told that it was good"
stored 'open%20sesame'
submit_plain mailchute bob@example.test
check_sent
check 'git keeps' 'smtp://alice:open%20sesame@localhost%3aPORT' "$(kept)"
finish
begin 'and that it was wrong'
stored 'shut%20sesame'
submit_plain mailchute bob@example.test
check 'exit code' 77 "$status"
check 'git keeps' '' "$(kept)"
finish
begin 'git has none, and nobody is asked'
submit_plain mailchute bob@example.test
check 'exit code' 78 "$status"
check_match stderr 'password command of account default failed' client/err
finish
stored 'open%20sesame'
printf 'VERB : pass\nAUTH : reply "535 5.7.0 Mailbox is blocked, too many logins"\n' >script
sink_start --script=script
from 'password_store git'
stored 'open%20sesame'
begin 'a refusal that is not about the password'
submit_plain mailchute bob@example.test
[ "$status" -ne 0 ] || complain 'it was sent'
check 'git keeps' 'smtp://alice:open%20sesame@localhost%3aPORT' "$(kept)"
finish
sink_stop
summary
