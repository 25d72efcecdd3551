#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How one leaves a list: the links of a merge, the tokens in them, and the page
# behind them.
# shellcheck disable=SC2154 # status and ports are set by sink.sh
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open queue

listed() {
	profile "suppress $sink/list" "queue_dir $sink/q" 'queue auto' \
		'queue_runner external' "$@"
}

merge() {
	submit mailchute send --merge people.csv -s x "$@" </dev/null
}

letters() {
	cat mail/*.eml 2>/dev/null | tr -d '\r'
}

# header NAME: its lines unfolded, of every message.
header() {
	letters | awk -v name="$1" '
		/^[ \t]/ { if (on) { sub(/^[ \t]+/, " "); line = line $0 }; next }
		on { print line; on = 0 }
		tolower(substr($0, 1, length(name) + 1)) == tolower(name ":") {
			on = 1; line = $0 }' | LC_ALL=C sort
}

# token ADDRESS: what stands in the link of the message to ADDRESS.
token() {
	grep -l "^To: $1" mail/*.eml | xargs cat | tr -d '\r\n' |
		sed -n 's/.*leave?t=\([A-Za-z0-9_-]*\).*/\1/p'
}

redeem() {
	printf '%s\n' "$1" >in
	submit mailchute suppress --token <in
}

printf '%s\n' email,name 'bob@example.test,"Bob & Co"' \
	carol@example.test,Carol >people.csv

begin 'links, and the other fields of mail to many'
sink_start
listed
merge --unsubscribe 'https://example.test/leave?t={{token}}&n={{name}}' \
	--unsubscribe 'mailto:leave@example.test?subject={{token}}' \
	--feedback-id 'spring:::examplenews' 'leave: {{unsubscribe}}'
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
check 'a key for nobody else' -rw------- \
	"$(stat -c %A list.key 2>/dev/null || stat -f %Sp list.key)"
submit mailchute queue run </dev/null
check 'exit code' 0 "$status"
check 'one click' 'List-Unsubscribe-Post: List-Unsubscribe=One-Click
List-Unsubscribe-Post: List-Unsubscribe=One-Click' \
	"$(header List-Unsubscribe-Post)"
check 'links' 'List-Unsubscribe: <https://example.test/leave?t=T&n=Bob%20%26%20Co>, <mailto:leave@example.test?subject=T>
List-Unsubscribe: <https://example.test/leave?t=T&n=Carol>, <mailto:leave@example.test?subject=T>' \
	"$(header List-Unsubscribe | sed 's/\([t=]\)=u[A-Za-z0-9_-]*/\1=T/g' |
	LC_ALL=C sort)"
check 'the others' 'Auto-Submitted: auto-generated
Feedback-ID: spring:::examplenews
List-Id: <alice.example.test>
Precedence: bulk' "$(for name in Auto-Submitted Feedback-ID List-Id Precedence; do
	header $name | uniq
done)"
check 'the link in the text' 2 \
	"$(letters | grep -c '^https://example.test/leave?t=u')"
bob=$(token bob@example.test)
carol=$(token carol@example.test)
check 'two of them' yes "$([ -n "$bob" ] && [ "$bob" != "$carol" ] && echo yes)"
check 'no address in it' 0 "$(printf '%s\n' "${bob#u}" | tr -- -_ +/ |
	awk '{ while (length($0) % 4) $0 = $0 "="; print }' | base64 -d |
	grep -ac 'bob\|example')"
finish

begin 'a token takes off'
redeem "$bob"
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
check_empty stdout "$client/out"
check 'the list' 'bob@example.test	unsubscribed from alice.example.test' \
	"$(cut -f1,3 list)"
redeem "$bob"
check 'once more' 0 "$status"
check 'the list' 1 "$(wc -l <list)"
for wrong in '' nonsense "x$carol" "${carol}A" "${carol%?}" "${carol%?????}"; do
	redeem "$wrong"
	check "'$wrong'" 65 "$status"
done
check_match stderr 'there is no token of ours' "$client/err"
# From a mail program, to the mailto: address.
printf 'From: Carol <carol@example.test>\nSubject: %s\n\nplease\n' "$carol" >in
submit mailchute suppress --token --reason 'by mail' <in
check 'a letter with one' 0 "$status"
check 'the list' 'bob@example.test	unsubscribed from alice.example.test
carol@example.test	by mail' "$(cut -f1,3 list)"
rm -rf mail q
mkdir mail
merge --unsubscribe 'https://example.test/leave?t={{token}}' x
check 'nobody is left' 65 "$status"
check_match stderr 'bob@example.test gets no more mail: .*unsubscribed from' \
	"$client/err"
finish

begin 'the token of another list, and of another kind'
rm -f list
profile "suppress $sink/others"
(umask 077 && head -c 32 /dev/urandom | base64 >others.key)
redeem "$bob"
check 'exit code' 65 "$status"
check 'nobody is off theirs' no "$([ -e others ] && echo yes || echo no)"
check 'nor ours' no "$([ -e list ] && echo yes || echo no)"
listed
redeem "m${bob#u}"
check 'as the mark of a message' 65 "$status"
finish

begin 'keys'
mv list.key old.key
rm -f list
redeem "$bob"
check 'no key' 78 "$status"
check_match stderr 'the key of unsubscribe links, .*/list.key, cannot be used: there is no such file' "$client/err"
merge --dry-run --unsubscribe 'https://example.test/leave?t={{token}}' x
check 'a new one is made' 0 "$status"
redeem "$bob"
check 'of another key' 65 "$status"
cat old.key >>list.key
redeem "$bob"
check 'behind the new one' 0 "$status"
chmod 644 list.key
redeem "$bob"
check 'that others can read' 78 "$status"
for content in '' 'no key' 'YWJj'; do
	rm -f list.key
	(umask 077 && printf '%s\n' "$content" >list.key)
	redeem "$bob"
	check "'$content'" 78 "$status"
done
listed "unsubscribe_key $sink/old.key"
redeem "$carol"
check 'named' 0 "$status"
listed
rm -f list list.key
finish

begin 'what is no link'
for link in http://example.test/ ftp://x javascript:x 'https://{{name}}/x' \
	'https://example.test/a b' 'https://example.test/ü' \
	'https://example.test/>'; do
	merge --dry-run --unsubscribe "$link" x
	check "$link" 64 "$status"
done
merge --dry-run --unsubscribe 'https://example.test/{{tokn}}' x
check 'another column' 65 "$status"
merge --dry-run --unsubscribe 'https://example.test/{{token}}' \
	--unsubscribe https://example.test/b x
check 'two of them' 64 "$status"
merge --dry-run --unsubscribe 'https://example.test/{{token}}' \
	--cc dora@example.test x
check 'a token of two' 65 "$status"
submit mailchute send bob@example.test,carol@example.test x --dry-run \
	--unsubscribe 'https://example.test/{{token}}' </dev/null
check 'a token of two, without a table' 64 "$status"
check_match stderr 'a token is of one recipient' "$client/err"
merge --dry-run --unsubscribe mailto:leave@example.test \
	--header 'List-Unsubscribe: <mailto:x@example.test>' x
check 'said twice' 64 "$status"
for option in --list-id=news '--list-id=<a b.c>' --list-id=a..b --precedence=x \
	--auto-submitted=maybe '--feedback-id=a b'; do
	merge --dry-run "$option" x
	check "$option" 64 "$status"
done
profile
merge --dry-run --unsubscribe 'https://example.test/{{token}}' x
check 'nowhere to keep it' 78 "$status"
check_match stderr "set 'suppress FILE'" "$client/err"
listed
finish

begin 'other fields'
merge --dry-run --precedence list --auto-submitted no \
	--list-id 'Our news <news.example.test>' x
check 'said' 'List-Id: Our news <news.example.test>
Precedence: list' "$(sed '1,/^---- row 1/d' "$client/out" |
	grep -E '^(List-|Auto|Prec)' | head -n 2)"
merge --dry-run --header 'Precedence: junk' --header 'List-Id: <a.b>' \
	--unsubscribe mailto:leave@example.test x
check 'by hand' 'Precedence: junk
List-Id: <a.b>' "$(sed '1,/^---- row 1/d;/^---- row 2/,$d' "$client/out" |
	grep -E '^(List-Id|Prec)')"
check 'mailto alone is no one click' 0 "$(grep -c One-Click "$client/out")"
submit mailchute send bob@example.test x --dry-run </dev/null
check 'a single message has none' 0 \
	"$(grep -cE '^(List-|Auto|Prec)' "$client/out")"
submit mailchute send bob@example.test x --dry-run \
	--unsubscribe 'https://example.test/leave?t={{token}}' </dev/null
check 'unless it is asked for' 1 \
	"$(grep -c '^List-Unsubscribe-Post' "$client/out")"
finish

# ---- what comes back --------------------------------------------------------

# report MESSAGE-ID ENVID STATUS: a bounce of victim@example.test.
report() {
	cat <<-END
		From: MAILER-DAEMON@mx.example.test
		To: alice@example.test
		Subject: Undelivered
		MIME-Version: 1.0
		Content-Type: multipart/report; report-type=delivery-status; boundary=b

		--b
		Content-Type: text/plain

		Sorry.
		--b
		Content-Type: message/delivery-status

		Reporting-MTA: dns; mx.example.test
		Original-Envelope-Id: $2

		Final-Recipient: rfc822; victim@example.test
		Action: failed
		Status: $3
		Diagnostic-Code: smtp; 550 $3 sorry

		--b
		Content-Type: message/rfc822

		From: alice@example.test
		Message-ID: $1
		Subject: x

		text
		--b--
	END
}

begin 'bounces are known by their mark, and forged ones suppress nobody'
rm -rf list list.key q
sink_start --dsn
listed
merge x
check 'exit code' 0 "$status"
check 'a merge makes the key' yes "$([ -s list.key ] && echo yes)"
submit mailchute queue run </dev/null
id=$(grep -l '^To: bob' mail/*.eml | xargs sed -n \
	's/^Message-ID: *//p' | tr -d '\r')
check_match 'ENVID' 'MAIL FROM:<alice@example.test>.* ENVID=m[A-Za-z0-9_-]*' \
	transcript
case $id in
'<m'*@example.test'>') ;;
*) complain "Message-ID: $id" ;;
esac
forged=$(printf %s "$id" | tr 'a-z' 'b-za')
for wrong in "<1@example.test>" "$forged" "<m@example.test>"; do
	report "$wrong" - 5.1.1 >in
	submit mailchute bounces --suppress <in
	check 'it is a bounce' 0 "$status"
	check_match 'told' 'the message was not ours' "$client/out"
	check 'nobody' no "$([ -e list ] && echo yes || echo no)"
done
report "$id" - 5.2.2 >in
submit mailchute bounces --suppress <in
check 'a full mailbox' no "$([ -e list ] && echo yes || echo no)"
report "$id" - 5.1.1 >in
submit mailchute bounces --json <in
check 'without --suppress' no "$([ -e list ] && echo yes || echo no)"
submit mailchute bounces --suppress --json <in
check 'exit code' 0 "$status"
check_match json '"recipient":"victim@example.test".*"sent_to":"bob@example.test"' "$client/out"
check 'whom we sent it to' 'bob@example.test	bounced: recipient 5.1.1' \
	"$(cut -f1,3 list)"
envid=$(grep -o 'ENVID=m[A-Za-z0-9_-]*' transcript | tail -n 1)
report '<else@example.test>' "${envid#ENVID=}" 5.1.1 >in
submit mailchute bounces --suppress <in
check 'by ENVID' 2 "$(grep -c 'bounced: recipient 5.1.1' list)"
# The mark of one account says nothing to another.
profile "suppress $sink/others"
report "$id" "${envid#ENVID=}" 5.1.1 >in
submit mailchute bounces --suppress <in
check 'of another account' 0 "$status"
check_match 'told' 'the message was not ours' "$client/out"
check 'nobody' no "$([ -e others ] && echo yes || echo no)"
listed
chmod 644 list.key
submit mailchute bounces --suppress <in
check 'a key that others can read' 78 "$status"
profile
submit mailchute bounces --suppress <in
check 'no list' 78 "$status"
finish

# ---- the page ---------------------------------------------------------------

# The program as a web server's user has it.
mkdir -p path
printf '#!/bin/sh\nexec env HOME=%s %s -C %s "$@"\n' "$client/home" \
	"$MAILCHUTE" "$client/profile" >path/mailchute
chmod 755 path/mailchute
PATH=$sink/path:$PATH
export PATH

begin 'CGI'
listed
rm -f list list.key
mv old.key list.key
cgi=$TOP_SRCDIR/contrib/unsubscribe/unsubscribe.cgi
cgi() {
	REQUEST_METHOD=$1 QUERY_STRING=$2 sh "$cgi" </dev/null 2>/dev/null |
		tr -d '\r' >answer
	sed -n 1p answer
}
check 'GET asks' 'Status: 200 OK' "$(cgi GET "t=$bob")"
check 'form' 1 "$(grep -c "action='?t=$bob'" answer)"
check 'nobody is off' no "$([ -e list ] && echo yes || echo no)"
check 'no markup' 0 "$(cgi GET "t='><script>" >/dev/null; grep -c script answer)"
check 'POST does' 'Status: 200 OK' "$(cgi POST "a=b&t=$bob")"
check 'off' bob@example.test "$(cut -f1 list)"
check 'a bad token' 'Status: 400 Bad Request' "$(cgi POST "t=x$bob")"
check 'none' 'Status: 400 Bad Request' "$(cgi POST '')"
chmod 644 list.key
check 'trouble' 'Status: 500 Internal Server Error' "$(cgi POST "t=$bob")"
chmod 600 list.key
finish

summary
