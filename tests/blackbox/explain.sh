#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute explain: what is known and what is not, and that nothing of its
# input is printed.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/mailchute-explain.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99

# run CODE ARGUMENT...: with ./in as standard input.
run() {
	run_want=$1
	shift
	run_status=0
	env -i HOME="$work" "$MAILCHUTE" explain "$@" <in >out 2>err ||
		run_status=$?
	check 'exit code' "$run_want" "$run_status"
	check_empty stderr err
}

: >in
begin 'a reply as an argument'
run 0 '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.'
check 'what is said' '535 5.7.139 (smtpclientauthentication is disabled)
What is wrong: SMTP AUTH is switched off for this organisation or mailbox; password and token may be right
What to do: the administrator switches it on: Set-CASMailbox -SmtpClientAuthenticationDisabled $false for the mailbox, or Set-TransportConfig for all
It concerns: everything that goes out through this account
How long: it does not pass by itself
Reason: logging in by SMTP is switched off; not the password
Name: microsoft.smtp-auth-off' "$(cat out)"
finish

begin 'a reply as several arguments, and whose it is'
run 0 --provider sendgrid 535 Authentication failed: Bad username
check_match 'the name' '^Name: sendgrid.apikey$' out
finish

begin 'JSON'
run 0 --json 550 5.4.5 Daily user sending limit exceeded
check 'what is said' '{"known":"limit.google-day","code":550,"status":"5.4.5","reply":"daily","words":"daily","reason":"used-up","scope":"account","cause":"the account has sent as much as its provider allows in 24 hours","hint":"wait up to a day: the queue keeps the mail and tries again; '"'rate 500/d'"' keeps below the limit"}' "$(cat out)"
finish

begin 'nothing of the input is printed'
cat >in <<'END'
--> AUTH PLAIN c3Ryb25nc2VjcmV0
<-- 535-5.7.8 sorry topsecret, bob@example.org has
<-- 535 5.7.8 no access to SMTP at host7.example.net
END
run 0
check_no_match 'what was read' 'c3Ry|topsecret|bob|host7' out
check_match 'the code' '^535 5.7.8' out
finish

begin 'a terminal colours it'
printf '\033[1;31m535\033[0m 5.7.8 \033[01;31m\033[KUsername\033[m\033[K and Password \033]8;;http://host7.example/\033\\not accepted\033]8;;\033\\\n' >in
run 0 --provider gmail
check_match 'the code and the words' '^535 5.7.8 \(' out
check_no_match 'what was read' "host7|$(printf '\033')" out
finish

begin 'a server without EHLO is no matter of the name in it'
: >in
run 0 502 5.5.1 EHLO not supported
check_match 'the name' '^Name: hello.not-known' out
run 0 501 5.5.4 EHLO argument is invalid
check_match 'the name' '^Name: hello.name' out
finish

begin 'a login that is not offered'
run 0 503 5.5.1 Error: authentication not enabled
check_match 'the name' '^Name: login.not-offered' out
finish

begin 'a message that arrived'
printf '%s\r\n' 'Return-Path: <b@secret.example>' \
	'Authentication-Results: mx7.secret.example (c;c);' \
	'	spf=pass (topsecret) smtp.mailfrom=b@secret.example;' \
	'	dkim=pass header.d=other.example;' \
	'	dmarc=fail (p=REJECT) header.from=shop.example' \
	'ARC-Authentication-Results: i=1; mx; dmarc=pass' \
	'From: A <a@shop.example>' '' '550 5.1.1 User unknown' >in
run 0
check 'what is said' "SPF: pass, in the name of another domain than From's
DKIM: pass, in the name of another domain than From's
DMARC: fail
Results of other servers, which do not count: 1
What is wrong: the signature is right, but the provider's, not that of From's domain: for DMARC it does not count
What to do: set your domain up at the provider (its DKIM records in your DNS), or let 'from' have the domain that signs
Name: arrived.not-aligned" "$(cat out)"
run 0 --json
check_match 'JSON' '^\{"known":"arrived.not-aligned","spf":"pass","dkim":"pass","dmarc":"fail","spf_aligned":false,"dkim_aligned":false,"set_aside":1,"reason":"domain-authentication","cause":"the signature .*","hint":"set your domain up .*"\}$' out
check_no_match 'what was read' 'secret|shop|other.example' out
finish

begin 'a bounce says what it tells of'
sed 's/^Return-Path: .*/Return-Path: <>/' in >in.bounce
mv in.bounce in
run 0
check_match 'the name' '^Name: recipient.unknown' out
finish

# of NAME ARGUMENT...: what is said of a message of tests/bounces.
of() {
	of_name=$1
	shift
	cp "$TOP_SRCDIR/tests/bounces/$of_name.eml" in
	run 0 "$@"
}

begin 'a report: what it is, and why'
of dsn-postfix-unknown
check_match failed '^Report: failed$' out
check_match reason '^Why it came back: nobody has that address$' out
check_match code '^550 5.1.1 \(' out
check_match name '^Name: recipient.unknown$' out
of dsn-postfix-unknown --json
check_match JSON '^\{"kind":"failed","reason":"recipient","permanent":true,"code":550,"status":"5.1.1","known":"recipient.unknown","cause":"[^"]+","hint":"[^"]+"\}$' out
of qmail
check_match prose '^Report: failed$' out
of nobody-named
check_match 'nobody is named' '^Report: failed$' out
of dsn-postfix-delayed
check 'delayed' 'Report: delayed
What is wrong: the mail did not arrive yet
What to do: nothing: a server still tries, and tells when it gives up; do not send it again' "$(cat out)"
of arf-abuse
check 'a complaint' "Report: complaint
What is wrong: the mail arrived, and its recipient called it spam
What to do: never write to this recipient again: 'mailchute bounces --suppress' sees to it" "$(cat out)"
of vacation-german
check_match 'a vacation' '^Report: automatic answer$' out
of dsn-postfix-success
check_match 'it arrived' '^Report: delivered$' out
finish

begin 'of no sample is anything printed that it says'
for sample in "$TOP_SRCDIR"/tests/bounces/*.eml; do
	cp "$sample" in
	for form in '' --json; do
		env -i HOME="$work" "$MAILCHUTE" explain $form <in >out 2>err
		said=$?
		case $said in
		0 | 1) ;;
		*) check "$sample: exit code" '0 or 1' $said ;;
		esac
		check_empty "$sample: stderr" err
		check_no_match "$sample" '[[:alnum:]]@|example|<|\[' out
	done
done
finish

begin 'what is not known: 1'
echo 'the weather is fine, 200 people say' >in
run 1
check_match 'a sentence' 'Nothing in it is known' out
run 1 --json
check 'JSON' null "$(cat out)"
finish

begin 'a reply of 100 KB; NULs, and a line of a megabyte behind it'
{
	printf '535-5.7.8 %s\n' "$(head -c 50000 /dev/zero | tr '\0' x)"
	printf '535 5.7.8 Username\0and\0Password not accepted\n'
	head -c 1048576 /dev/zero | tr '\0' y
} >in
run 0
check 'the code' '535 5.7.8' "$(head -n 1 out)"
check_no_match 'what was read' 'xxxx|yyyy' out
printf '535-5.7.8 %s\n' "$(head -c 100000 /dev/zero | tr '\0' x)" >in
run 0
check 'the code' '535 5.7.8' "$(head -n 1 out)"
finish

begin 'nothing at all, and much too much'
: >in
run 1
head -c 1000000 /dev/zero | tr '\0' x >in
run 1
finish

summary
