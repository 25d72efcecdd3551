#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The printing doors, as a user sees them: config, help, version.

work=$(mktemp -d "${TMPDIR:-/tmp}/mailchute-config.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
count=0
status=0

# ok NAME STATUS: one TAP line.
ok() {
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $count - $1"
	else
		status=1
		echo "not ok $count - $1"
		sed 's/^/#   out: /' "$work/out"
		sed 's/^/#   err: /' "$work/err"
	fi
}

# run CODE ARGUMENT...: with nothing in the environment but HOME and what stands
# in $variables.
run() {
	want=$1
	shift
	# shellcheck disable=SC2086  # a list of words
	env -i HOME="$work/home" $variables "$MAILCHUTE" "$@" </dev/null \
		>"$work/out" 2>"$work/err"
	got=$?
	[ "$got" -eq "$want" ] || echo "# exit $got, want $want"
	[ "$got" -eq "$want" ]
}

# says FILE TEXT
says() {
	grep -Fqe "$2" "$work/$1"
}

variables=
rc=$work/rc
cat >"$rc" <<'END'
account work
host mx.example
user ann@example.org
password sesame closed
END
chmod 600 "$rc"

run 78 -C "$work/none" config && says err "cannot read $work/none"
ok 'a file that is not there' $?
run 0 -C "$rc" -a work config && says out 'host                 mx.example ' &&
	says out "# $rc:2" && says out 'password             ******** ' &&
	[ ! -s "$work/err" ]
ok 'settings and origins' $?
! grep -q sesame "$work/out"
ok 'no password' $?
run 0 -C "$rc" config --account=work --tls-certcheck=off &&
	says out 'tls_certcheck        off                          # command line'
ok 'options after the verb' $?
run 78 -C "$rc" config && says err "there is no account 'default' in $rc" &&
	says out 'accounts: work'
ok 'no account fits, but which ones there are is said' $?
run 64 -C "$rc" config work && says err "'config' takes no 'work'"
ok 'a word too many' $?
run 64 -C "$rc" config -t && says err 'unknown option -t'
ok 'an option too many' $?
run 0 config --help && says out 'Usage: '
ok 'its help' $?

run 0 -C "$rc" -a work --from=bob@example.org config &&
	says out 'from                 bob@example.org              # command line'
ok '--from is what it goes out with' $?
run 0 -C "$rc" -a work --from=bob@example.org config --json &&
	says out '"bob@example.org","origin":"command line"'
ok 'and in JSON' $?
run 0 -C "$rc" -a work --from=root config && ! says out 'command line'
ok 'but not a bare name' $?

chmod 644 "$rc"
run 78 -C "$rc" -a work config && says err 'holds a password' &&
	says err "chmod 600"
ok 'a password that others can read' $?
echo 'host mx.example' >"$work/home/.msmtprc"
echo 'host other.example' >"$work/home/.mailchuterc"
run 0 config && says out 'host                 other.example ' &&
	says out "hidden by another file: $work/home/.msmtprc"
ok 'a hidden file' $?
rm "$work/home/.mailchuterc"
run 0 config && says out "account default (with msmtp's defaults)" &&
	says out 'tls                  off '
ok "msmtp's file" $?
variables='MAILCHUTE_PORT=2525 MAILCHUTE_PASSWORD=s3cret'
run 0 config && says out '2525                         # MAILCHUTE_PORT' &&
	says out '********                     # MAILCHUTE_PASSWORD'
ok 'the environment' $?
rm "$work/home/.msmtprc"
variables='SMTP_HOST=mx.example SMTP_USER=ann SMTP_PASSWORD=s3cret'
run 0 config && says out '# SMTP_HOST' && says out '# SMTP_PASSWORD'
ok 'SMTP_HOST' $?
variables='SMTP_USER=ann'
run 78 config &&
	says err 'the environment has SMTP_USER, but not SMTP_HOST'
ok 'half a set' $?
variables=
run 0 --host=mx.example --port=465 config &&
	says out 'tls_starttls         off                          # derived'
ok '--host needs no file' $?

run 0 --help
missing=$("$TOP_BUILDDIR/tests/lint/tables" | awk -F '\t' '
	$1 == "keyword" && $2 !~ /^(proxy_)?password$|_secret$|^queue_store$/ {
		gsub("_", "-", $2); print "--" $2 }' | while read -r option; do
		grep -q -e "^  ${option}[=[ ]" "$work/out" || echo "$option"
	done)
[ -z "$missing" ] || echo "# missing: $missing"
[ -z "$missing" ]
ok '--help lists every keyword' $?
run 0 --version && says out 'mailchute ' && says out 'GnuTLS '
ok '--version' $?
ln -s "$MAILCHUTE" "$work/sendmail"
MAILCHUTE=$work/sendmail
run 0 --help && ! says out '--host' && says out '  -t '
ok "sendmail's help has no long options" $?
echo "1..$count"
exit "$status"
