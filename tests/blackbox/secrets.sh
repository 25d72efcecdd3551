#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A password where nobody looks for it: in a line that is no setting, on the
# command line, in what a server says, in the environment of a child.  None of
# it is ever said again; tests/lint/secrets.sh looks through this suite's log,
# too.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

secret=Ztq7pasS-word
encoded=$(printf %s "$secret" | base64)
nbsp=$(printf '\302\240')

# said FILE...: none of them has the secret, nor its base 64.
unsaid() {
	for place; do
		check_no_match "the secret in ${place##*/}" \
			"$secret|$encoded" "$place"
	done
}

# ---- the configuration -----------------------------------------------------

# wrong NAME WANT LINE...: the third line of the file is no setting.
wrong() {
	begin "$1"
	want=$2
	shift 2
	{
		printf '%s\n' 'host localhost' "logfile $client/log.all"
		printf '%s\n' "$@"
	} >"$client/profile"
	chmod 600 "$client/profile"
	for form in text json; do
		submit mailchute "--log-format=$form" bob@example.test </dev/null
		check 'exit code' 78 "$status"
		check_match 'what it says' "$want" "$client/err"
		check_no_match 'the secret on stderr' "$secret" "$client/err"
		check_no_match 'the secret in the log' "$secret" "$client/log"
	done
	submit mailchute config --check </dev/null
	check 'config --check' 78 "$status"
	check_no_match 'the secret in it' "$secret" "$client/out"
	submit mailchute config --check --json </dev/null
	check_no_match 'the secret in JSON' "$secret" "$client/out"
	finish
}
blank='where a blank belongs: write .password VALUE'
hidden='it is not shown'
wrong 'password=X' "profile:3: .*$blank" "password=$secret"
wrong 'password:X' "profile:3: .*$blank" "password:$secret"
wrong 'password = X' "profile:3: .*$blank" "password = $secret"
wrong 'AuthPass=X' "profile:3: .*$blank" "AuthPass=$secret"
wrong 'a no-break space' "profile:3: .*$blank" "password$nbsp$secret"
wrong 'no blank' "profile:3: .*$hidden" "password$secret"
wrong 'a wrapped line' "profile:4: .*$hidden" 'password' "	$secret"
wrong 'a line of its own' "profile:3: .*$hidden" "$secret"
wrong 'a line with something behind' "profile:3: .*$hidden" "$secret # here"
wrong "netrc's line" 'profile:3: ' \
	"machine localhost login ann password $secret"
wrong 'behind the name of an account' 'profile:3: ' \
	"account work user ann password $secret"
wrong 'behind a host' 'profile:3: ' "host localhost password $secret"
wrong 'in the place of a host' 'profile:3: ' \
	"host smtp://ann:$secret@localhost:587"
wrong 'behind a number' 'profile:3: ' "port 587 password $secret"

# ---- the command line ------------------------------------------------------

# typed NAME CODE DOOR WORD...
typed() {
	begin "$1"
	want=$2
	shift 2
	submit "$@" </dev/null
	check 'exit code' "$want" "$status"
	unsaid "$client/err" "$client/out" "$client/log"
	finish
}
client_profile 'host localhost' 'port 1' 'from a@example.test'
typed "ssmtp's -apX" 78 mailchute "-ap$secret" bob@example.test
typed 'behind -auX' 78 mailchute -auann "-ap$secret" bob@example.test
typed 'behind an address' 64 sendmail bob@example.test "-ap$secret"
typed '--password=X' 64 mailchute "--password=$secret" bob@example.test
typed '--pasword=X' 64 mailchute "--pasword=$secret" bob@example.test
typed '--password:X' 64 mailchute "--password:$secret" bob@example.test
typed '--host with a login' 64 mailchute \
	"--host=smtp://ann:$secret@localhost" bob@example.test

summary
