#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# DKIM in a profile: who is signed, in which form, through every door, and the
# keys that are refused.  What verifiers say of it is tests/dkim's.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --auth-optional

# The keys are worth nothing: RFC 8463's, and one of an elliptic curve.
cat >ed.pem <<'END'
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
END
cat >ec.pem <<'END'
-----BEGIN PRIVATE KEY-----
MIGTAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBHkwdwIBAQQgUUpHM8GjxRKCOqTy
4+B4ZwN+OVg6RLSwwjgGs5GLCs2gCgYIKoZIzj0DAQehRANCAATu+HKE/GJlARiG
NQbmHyO/dqOICPaUuDVs4coKZ4AfuCmkz3V0rr0RWoA3xTRZ19bV1v6zOujwr3wJ
T0vI31Ar
-----END PRIVATE KEY-----
END
chmod 600 ed.pem ec.pem

# signing LINE...: a profile that signs for example.test.
signing() {
	profile 'dkim_domain example.test' 'dkim_selector s1' \
		"dkim_key_file $sink/ed.pem" "$@"
}

# signatures N FILE
signatures() {
	check "signatures in $2" "$1" "$(grep -c '^DKIM-Signature:' "$2")"
}

# mail: the newest message.
mail() {
	for mail_file in mail/*.eml; do
		:
	done
	printf '%s\n' "$mail_file"
}

fresh() {
	rm -f mail/*
}

# ---- who, and through which door ----------------------------------------------------

signing
begin 'an author of the domain: one signature, in front, announced'
fresh
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
signatures 1 "$(mail)"
check 'it is in front' 'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.test;' \
	"$(head -n 1 "$(mail)" | tr -d '\r')"
check_match 'SIZE is that of what went out' \
	"^.*MAIL FROM:<[^>]*> .*SIZE=$(wc -c <"$(mail)" | tr -d ' ')( |$)" \
	transcript
message_plain >wanted
tr -d '\r' <"$(mail)" | sed -n '/^From:/,$p' >got
check_same 'the rest' wanted got
finish

begin 'an author of another domain: none'
fresh
message_plain | sed 's/^From: .*/From: ann@example.net/' >in
submit mailchute bob@example.test <in
check 'exit code' 0 "$status"
signatures 0 "$(mail)"
finish

begin 'sendmail -bs'
fresh
printf '%s\r\n' 'EHLO x' 'MAIL FROM:<alice@example.test>' \
	'RCPT TO:<bob@example.test>' DATA 'From: alice@example.test' '' text . \
	QUIT >in
submit sendmail -bs <in
check 'exit code' 0 "$status"
signatures 1 "$(mail)"
finish

begin 'a header that is not ASCII, to a server without SMTPUTF8'
sink_start --auth-optional --no-smtputf8
signing 'dkim_domain münchen.test'
printf 'From: Ä <a@münchen.test>\nTo: bob@example.test\n\ntext\n' >in
fresh
submit mailchute bob@example.test <in
check 'exit code' 0 "$status"
signatures 1 "$(mail)"
check_match 'd= is an A-label' 'd=xn--mnchen-3ya.test;' "$(mail)"
finish

begin 'two keys: two signatures'
sink_start --auth-optional
signing 'dkim_selector s1, s2' "dkim_key_file $sink/ed.pem $sink/ed.pem"
fresh
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
signatures 2 "$(mail)"
check_match 's1' ' s=s1;|	s=s1;' "$(mail)"
check_match 's2' ' s=s2;|	s=s2;' "$(mail)"
finish

begin 'fields by name, and a credential of systemd'"'"'s'
mkdir -p credentials
cp -p ed.pem credentials/dkim
signing 'dkim_headers Subject:X-Own' 'dkim_key_file dkim'
fresh
status=0
message_plain | env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
	CREDENTIALS_DIRECTORY="$sink/credentials" \
	ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" bob@example.test \
	2>err || status=$?
check 'exit code' 0 "$status"
check_match 'h=' 'h=From:From:Subject:Subject:X-Own;' "$(mail)"
finish

# ---- what is refused ----------------------------------------------------------------

# refuses NAME STDERR LINE...: exit code 78, nothing sent, one log line.
refuses() {
	begin "$1"
	refuses_want=$2
	shift 2
	signing "$@"
	fresh
	submit_plain mailchute bob@example.test
	check 'exit code' 78 "$status"
	check stderr "mailchute: account default: $refuses_want" "$(sed "s,$sink,DIR,g" "$client/err")"
	check 'log lines' 1 "$(grep -c . "$client/log")"
	arrived 0
	finish
}

begin 'no selector'
profile 'dkim_domain example.test' "dkim_key_file $sink/ed.pem"
submit_plain mailchute bob@example.test
check 'exit code' 78 "$status"
check stderr 'mailchute: account default: dkim_domain needs dkim_selector and dkim_key_file' \
	"$(cat "$client/err")"
finish

refuses 'two selectors for one key' "dkim_key_file does not take 'DIR/ed.pem': one for each dkim_selector, and four at most" \
	'dkim_selector s1 s2'
refuses 'two keys for one selector' "dkim_key_file does not take 'DIR/ed.pem,DIR/ed.pem': one for each dkim_selector, and four at most" \
	"dkim_key_file $sink/ed.pem,$sink/ed.pem" 'dkim_selector s1'
refuses 'a selector with odd characters' "dkim_selector does not take 's_1;b=x': letters, digits, '-' and '.'" \
	'dkim_selector s_1;b=x'
refuses 'no such file' "the key DIR/none.pem cannot be used: there is no such file
mailchute: 'mailchute dkim keygen' makes one" "dkim_key_file $sink/none.pem"
refuses 'a key of another kind' "the key DIR/ec.pem cannot be used: it is neither RSA nor Ed25519
mailchute: 'mailchute dkim keygen' makes one" "dkim_key_file $sink/ec.pem"
refuses 'Ed25519 where RSA is wanted' "the key DIR/ed.pem is none for 'dkim_algorithm rsa-sha256'
mailchute: 'mailchute dkim keygen' makes both kinds of keys" \
	'dkim_algorithm rsa'
refuses 'both, and one is there' "dkim_key_file does not take 'DIR/ed.pem': an RSA and an Ed25519 key, for 'dkim_algorithm both'" \
	'dkim_algorithm both'
chmod 644 ed.pem
refuses 'a key that others can read' "the key DIR/ed.pem can be read by others
mailchute: run 'chmod 600' on the file"
chmod 600 ed.pem
summary
