#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A password where nobody looks for it: in a line that is no setting, on the
# command line, in what a server says, in the environment of a child.  None of
# it is ever said again; tests/lint/secrets.sh looks through this suite's log,
# too.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue

secret=Ztq7pasS-word
encoded=$(printf %s "$secret" | base64)
# A password, too.
near=password1
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
		check_no_match 'the secret on stderr' "$secret|$near" \
			"$client/err"
		check_no_match 'the secret in the log' "$secret|$near" \
			"$client/log"
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
wrong 'a line of its own, near to a keyword' "profile:3: .*$hidden" "$near"
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
for words in queue 'send bob@example.test' 'dkim keygen' serve config login; do
	# shellcheck disable=SC2086
	typed "a letter of no verb: $words" 64 mailchute $words "-p$secret"
done
for word in --password --pass: -- --p%; do
	typed "behind the fence: ${word}X" 64 fence "$word$secret" \
		bob@example.test
	typed "a sendmail's: ${word}X=" 64 sendmail "$word$secret=x" \
		bob@example.test
done
typed '--host with a login' 64 mailchute \
	"--host=smtp://ann:$secret@localhost" bob@example.test

# ---- a server that repeats it ----------------------------------------------

# repeats NAME STDERR RULE...: in the log of both formats, in the dialogue of
# -v, on stderr and in the queue.
repeats() {
	begin "$1"
	want=$2
	shift 2
	printf '%s\n' "$@" >script
	for form in text json; do
		submit_plain mailchute "--log-format=$form" -v bob@example.test
		unsaid "$client/err" "$client/out" "$client/log"
		check_match 'what it says' "$want" "$client/err"
		check_match 'what is left of it' '<hidden>' "$client/err"
	done
	submit_plain mailchute "$queue" --queue=always \
		--queue-runner=external bob@example.test
	for verb in run list 'list --json'; do
		# shellcheck disable=SC2086
		submit mailchute "$queue" queue $verb </dev/null
		unsaid "$client/err" "$client/out" "$client/log"
	done
	check 'entries with the secret' '' \
		"$(grep -rlE "$secret|$encoded" queue)"
	rm -rf queue
	finish
}

printf 'VERB : pass\n' >script
sink_start --script=script --user "ann:$secret" --mechanisms 'PLAIN LOGIN'
profile 'user ann' "password $secret"
queue=--queue-dir=$sink/queue
repeats 'refusing PLAIN' 535 \
	'VERDICT : reply "535 5.7.8 ann, {password} is wrong ({base64})"'
repeats 'on two lines' 535 \
	'VERDICT : bytes "535-5.7.8 no: {line}\r\n" reply "535 5.7.8 {base64}"'
repeats 'refusing LOGIN' 535 'AUTH match "AUTH PLAIN*" : reply "504 no"' \
	'VERDICT : reply "535 5.7.8 {line} {password}"'
repeats 'welcoming' 235 'VERDICT : reply "235 2.7.0 {password} {base64} fine"'
repeats 'in a challenge that is none' 334 \
	'AUTH : reply "334 ?? {password} ??"'
repeats 'at MAIL' 550 'MAIL : reply "550 5.7.1 not with {password}"'
repeats 'at RCPT' 450 'RCPT : reply "450 4.7.1 {base64}, {password}?"'
repeats 'at DATA' 554 'DATA : reply "554 5.7.1 {password}"'
repeats 'behind the dot' 554 'DOT : reply "554 5.7.1 [{password}]"'
repeats 'behind the dot, well' 250 'DOT : reply "250 2.0.0 [{password}]"'
repeats 'lines that are none' 250 \
	'DOT : bytes "{password}\r\n{base64}\r\n" reply "250 2.0.0 taken"'
repeats 'a line that is none' 'SMTP' 'MAIL : bytes "{password} {base64}\r\n"'
repeats 'at RSET' 250 'RCPT : reply "550 no"' 'RSET : reply "250 {password}"'

# Not even as stars: what runs the entry would take those for the PIN.
for keyword in DKIM_KEY_FILE OAUTH_KEY_FILE; do
	begin "the PIN of a key is not written to the queue: $keyword"
	: >script
	status=0
	message_plain | env -i PATH="$PATH" HOME="$client/home" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		"MAILCHUTE_$keyword=pkcs11:token=x?pin-value=$secret" \
		"$MAILCHUTE" "$queue" --queue=always --queue-runner=external \
		bob@example.test 2>"$client/err" || status=$?
	check 'exit code' 0 "$status"
	unsaid "$client/err"
	check 'entries with it' '' "$(grep -rl 'pin-value' queue 2>/dev/null)"
	rm -rf queue
	finish
done

# ---- the environment of a child --------------------------------------------

# child NAME VARIABLE...: what a password command is given of it.
child() {
	begin "$1"
	shift
	rm -f env.child
	status=0
	message_plain | env -i PATH="$PATH" HOME="$client/home" \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" KEPT=kept "$@" \
		>"$client/out" 2>"$client/err" || status=$?
	check 'exit code' 0 "$status"
	check_match 'what else there is' '^KEPT=kept$' env.child
	check_no_match 'the secret' "$secret" env.child
	finish
}

: >script
profile 'user ann' "passwordeval env >$sink/env.child; \
printf '%s%s' Ztq7pasS -word"
grep -v '^password ' "$client/profile" >"$client/without"
chmod 600 "$client/without"
child 'SMTP_PASSWORD, and a file that counts' SMTP_PASSWORD="$secret" \
	SMTP_HOST=smtp.example.test "$MAILCHUTE" -C "$client/without" \
	bob@example.test
child 'URLs with a password' SMTP_URL="smtp://ann:$secret@localhost" \
	SMTP_DSN="smtp://ann:$secret@localhost" \
	"$MAILCHUTE" -C "$client/without" bob@example.test
child 'the secret of an OAuth2 client' \
	MAILCHUTE_OAUTH_CLIENT_SECRET="$secret" \
	"$MAILCHUTE" -C "$client/without" bob@example.test
child 'the PIN of a key' \
	MAILCHUTE_OAUTH_KEY_FILE="pkcs11:token=x?pin-value=$secret" \
	MAILCHUTE_DKIM_KEY_FILE="pkcs11:token=x?pin-value=$secret" \
	"$MAILCHUTE" -C "$client/without" bob@example.test
child 'in small letters' MAILCHUTE_password="$secret" \
	MAILCHUTE_Proxy_Password="$secret" \
	"$MAILCHUTE" -C "$client/without" bob@example.test
child 'a server on the command line' SMTP_PASSWORD="$secret" "$MAILCHUTE" \
	--host=localhost "--port=$starttls_port" --user=ann \
	--from=ann@example.test "--tls-trust-file=$sink/certs/ca.pem" \
	"--passwordeval=env >$sink/env.child; printf '%s%s' Ztq7pasS -word" \
	bob@example.test

summary
