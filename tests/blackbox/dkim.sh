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

begin 'the queue: signed when it is sent, with the key of that time'
if [ -n "$(lasting_folder)" ]; then
	fresh
	signing 'queue always' "queue_dir $sink/queue" 'queue_runner external'
	submit_plain mailchute bob@example.test
	check 'exit code' 0 "$status"
	check 'nothing is signed yet' 0 \
		"$(grep -rc '^DKIM-Signature' queue/1* | grep -c ':[1-9]')"
	submit mailchute queue run </dev/null
	check 'exit code of the run' 0 "$status"
	signatures 1 "$(mail)"
	rm -rf queue
fi
finish

begin 'serve: the service signs for its callers, who have no key'
fresh
signing
sed 's/^from .*/from alice@example.test/' "$client/profile" >relay.conf
chmod 600 relay.conf
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	"$MAILCHUTE" -C "$sink/relay.conf" serve --socket "$sink/submit" \
	>serve.out 2>&1 &
serve_pid=$!
tries=0
until [ -S submit ] || [ "$tries" -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
client_profile "socket $sink/submit" 'from alice@example.test'
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
signatures 1 "$(mail)"
check 'it stands above all but the service'"'"'s own Received' DKIM-Signature: \
	"$(grep -v '^[ 	]' "$(mail)" | head -n 1 | cut -d ' ' -f 1)"
kill "$serve_pid"
wait "$serve_pid"
signing
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
check stderr 'mailchute: account default: dkim_domain needs dkim_selector and dkim_key_file
mailchute: '\''mailchute config'\'' prints the settings of the account, and where each comes from' \
	"$(cat "$client/err")"
finish

refuses 'two selectors for one key' "dkim_key_file does not take 'DIR/ed.pem': one for each dkim_selector, and four at most
mailchute: correct the value of 'dkim_key_file'; 'man mailchuterc' tells what each keyword takes" \
	'dkim_selector s1 s2'
refuses 'two keys for one selector' "dkim_key_file does not take 'DIR/ed.pem,DIR/ed.pem': one for each dkim_selector, and four at most
mailchute: correct the value of 'dkim_key_file'; 'man mailchuterc' tells what each keyword takes" \
	"dkim_key_file $sink/ed.pem,$sink/ed.pem" 'dkim_selector s1'
refuses 'a selector with odd characters' "dkim_selector does not take 's_1;b=x': letters, digits, '-' and '.'
mailchute: correct the value of 'dkim_selector'; 'man mailchuterc' tells what each keyword takes" \
	'dkim_selector s_1;b=x'
refuses 'no such file' "the key DIR/none.pem cannot be used: there is no such file
mailchute: 'mailchute dkim keygen' makes one" "dkim_key_file $sink/none.pem"
refuses 'a key of another kind' "the key DIR/ec.pem cannot be used: it is neither RSA nor Ed25519
mailchute: 'mailchute dkim keygen' makes one" "dkim_key_file $sink/ec.pem"
refuses 'Ed25519 where RSA is wanted' "the key DIR/ed.pem is none for 'dkim_algorithm rsa-sha256'
mailchute: 'mailchute dkim keygen' makes both kinds of keys" \
	'dkim_algorithm rsa'
refuses 'both, and one is there' "dkim_key_file does not take 'DIR/ed.pem': an RSA and an Ed25519 key, for 'dkim_algorithm both'
mailchute: correct the value of 'dkim_key_file'; 'man mailchuterc' tells what each keyword takes" \
	'dkim_algorithm both'
chmod 644 ed.pem
refuses 'a key that others can read' "the key DIR/ed.pem can be read by others
mailchute: run 'chmod 600' on the file"
chmod 600 ed.pem

# ---- making keys --------------------------------------------------------------------

# keygen CODE ARGUMENT...: what it says, without what is another each time.
keygen() {
	keygen_want=$1
	shift
	keygen_status=0
	env -i HOME="$sink/own" "$MAILCHUTE" dkim keygen "$@" >zone 2>err ||
		keygen_status=$?
	check "exit code of 'keygen $*'" "$keygen_want" "$keygen_status"
	sed "s,$sink,DIR,g; s,p=[A-Za-z0-9+/]*=*,p=KEY,
		s,^	\"[A-Za-z0-9+/]*=*\" ),	\"KEY\" )," zone >said
}

begin 'keygen: both keys, closed to others; the records, the settings'
mkdir own keys
keygen 0 --folder keys -s s1 Example.test
check_empty stderr err
check 'what it prints' '; in DNS, as a zone file has it (a form on a page wants the strings as one):
s1-rsa._domainkey.example.test. IN TXT (
	"v=DKIM1; k=rsa; p=KEY"
	"KEY" )
s1-ed25519._domainkey.example.test. IN TXT "v=DKIM1; k=ed25519; p=KEY"
;
; in the configuration, when DNS has it:
;   dkim_domain example.test
;   dkim_selector s1-rsa s1-ed25519
;   dkim_key_file DIR/keys/s1-rsa.example.test.pem DIR/keys/s1-ed25519.example.test.pem' \
	"$(cat said)"
check 'the strings of the RSA record' '255 155 ' \
	"$(sed -n 's/^	"\([^"]*\)".*/\1/p' zone |
		awk '{ print length($0) }' | tr '\n' ' ')"
check 'modes' '-rw------- -rw-------' \
	"$(echo $(ls -l keys/*.pem | cut -c 1-10))"
finish

begin 'its settings sign'
profile "$(sed -n 's/^;   //p' zone)"
fresh
submit_plain mailchute bob@example.test
check 'exit code' 0 "$status"
signatures 2 "$(mail)"
finish

begin 'keygen: what is there stays, and nothing else is left'
cp keys/s1-ed25519.example.test.pem before
rm keys/s1-rsa.example.test.pem
keygen 71 --folder keys -s s1 example.test
check_empty stdout zone
check stderr 'mailchute: cannot use DIR/keys/s1-ed25519.example.test.pem: File exists
mailchute: move away what is there, or choose another name' \
	"$(sed "s,$sink,DIR,g" err)"
check_same 'the key' before keys/s1-ed25519.example.test.pem
check 'files' 1 "$(ls keys | wc -l | tr -d ' ')"
finish

begin 'keygen: one kind, its name as it is; a domain in letters of its own'
keygen 0 -k ed25519 -s mail.v2 -f keys 'bücher.example'
check record 'mail.v2._domainkey.xn--bcher-kva.example. IN TXT "v=DKIM1; k=ed25519; p=KEY"' \
	"$(sed -n 2p said)"
finish

begin 'keygen: names and folder of its own'
if [ "$(id -u)" != 0 ]; then
	keygen 0 -k ed25519 example.test
	check 'mode of the folder' 'drwx------' \
		"$(ls -ld own/.config/mailchute | cut -c 1-10)"
	check file "$(date -u +%Y%m)-ed25519.example.test.pem" \
		"$(ls own/.config/mailchute)"
fi
finish

# refused CODE SENTENCE ARGUMENT...
refused() {
	refused_code=$1 refused_text=$2
	shift 2
	begin "keygen refuses: $*"
	keygen "$refused_code" "$@"
	check stderr "mailchute: $refused_text" "$(head -n 1 err)"
	check_empty stdout zone
	finish
}

refused 64 "'mailchute dkim keygen' needs to be told what, or which"
refused 64 "option --kind does not take 'dsa': one of rsa, ed25519, both" \
	-f keys --kind dsa example.test
refused 64 "option --bits does not take '1024': 2048-4096" \
	-f keys --bits 1024 example.test
refused 64 "option --selector does not take 'a b': letters, digits, '-' and '.'" \
	-f keys -s 'a b' example.test
refused 64 "option --selector does not take '../x': letters, digits, '-' and '.'" \
	-f keys -s '../x' -k rsa example.test
refused 64 "'dkim keygen' takes no 'example.net'" \
	-f keys example.test example.net
refused 65 "the domain of 'exa mple.test' is not valid: it is not the name of a host" \
	-f keys 'exa mple.test'
refused 65 "the domain of '../../x' is not valid: it is not the name of a host" \
	-f keys '../../x'
refused 71 "cannot use none: No such file or directory" \
	-f none example.test
check 'nothing else was made' 2 "$(ls keys | wc -l | tr -d ' ')"
summary
