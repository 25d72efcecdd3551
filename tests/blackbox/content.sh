#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What becomes of a message's content: what arrives says the same, and the log
# has a word for whatever was done to it.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

# content WORDS: what the last line of the log says of it; "" for nothing.
content() {
	check 'content in the log' "$1" \
		"$(sed -n 's/.* content=\([^ ]*\) .*/\1/p' "$client/log")"
}

# a line of 4,800 bytes
long_line() {
	awk 'BEGIN { for (i = 0; i < 480; i++) printf "<b>%3d =</b", i; print "" }'
}

# mime TYPE [FIELD]: the head of a message with that type.
mime() {
	message_plain | sed '/^$/,$d'
	printf 'MIME-Version: 1.0\nContent-Type: %s\n' "$1"
	[ -z "${2-}" ] || printf '%s\n' "$2"
	echo
}

# decoded FILE: the body of a quoted-printable message.
decoded() {
	message_lines "$1" | sed '1,/^$/d' | awk '
		{ soft = sub(/=$/, ""); gsub(/=3D/, "\001"); gsub(/=2D/, "-")
		  gsub(/\001/, "="); printf "%s%s", $0, soft ? "" : "\n" }'
}

longest() {
	tr -d '\r' <"$1" | awk 'length > most { most = length } END { print most }'
}

sink_start

begin 'a long line of HTML is encoded, not cut'
{
	mime 'text/html; charset=utf-8'
	long_line
} >message
submit sendmail -i bob@example.test <message
check_sent
arrived 1
content encoded
check 'lines of over 998 bytes' yes "$([ "$(longest mail/1.eml)" -le 998 ] && echo yes)"
check_match 'the header' '^Content-Transfer-Encoding: quoted-printable' mail/1.eml
decoded mail/1.eml >got
long_line >want
check_same 'the text' want got
finish

begin 'what is signed arrives as it is'
sink_start
{
	mime 'multipart/signed; boundary=b; protocol="application/pgp-signature"'
	printf -- '--b\n\n'
	long_line
	printf -- '--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n'
} >message
submit sendmail -i bob@example.test <message
check_sent
arrived 1
content long-lines
message_body message >want
message_lines mail/1.eml | sed '1,/^$/d' >got
check_same 'the body' want got
finish

begin 'or is refused with words'
sink_start --refuse-dot '500 5.6.0 line too long'
submit sendmail -i bob@example.test <message
check_failed 69 EX_UNAVAILABLE '500 5.6.0 line too long'
check_match 'what to know' 'lines over 998 bytes in a part that is signed' "$client/err"
content long-lines
finish

begin 'a server without 8BITMIME'
sink_start --no-8bitmime
{
	mime 'text/plain; charset=utf-8'
	body_eight_bit
} >message
submit sendmail -i bob@example.test <message
check_sent
content 8bit
message_body message >want
message_lines mail/1.eml | sed '1,/^$/d' >got
check_same 'the body' want got
finish

# ---- a header for a server that takes ASCII alone ---------------------------

raw_header() {
	cat <<-'END'
		From: "Jürgen Müller" <alice@example.test>
		To: bob@example.test (für Bob)
		Subject: Grüße
		Date: Tue, 10 Nov 2026 12:00:00 +0100
		Message-ID: <plain@example.test>

		plain
	END
}
cat >worded <<-'END'
	From: =?utf-8?B?SsO8cmdlbiBNw7xsbGVy?= <alice@example.test>
	To: bob@example.test (=?utf-8?Q?f=C3=BCr_Bob?=)
	Subject: =?utf-8?B?R3LDvMOfZQ==?=
	Date: Tue, 10 Nov 2026 12:00:00 +0100
	Message-ID: <plain@example.test>

	plain
END

# came WHAT FILE: message 1, and what the server was told of its size.
came() {
	message_lines mail/1.eml >got
	check_same "$1" "$2" got
	check 'the size' "$(wc -c <mail/1.eml | tr -d ' ')" \
		"$(sed -n 's/.* SIZE=\([0-9]*\).*/\1/p' mail/1.envelope)"
}

for offered in '' --chunking; do
	begin "a raw header, and neither 8BITMIME nor SMTPUTF8 $offered"
	sink_start --no-8bitmime --no-smtputf8 $offered
	raw_header >message
	submit sendmail -i bob@example.test <message
	check_sent
	content encoded-words
	came 'the message' worded
	finish
done

begin 'a raw header with 8BITMIME alone, or SMTPUTF8 alone: as it is'
sink_start --no-smtputf8
submit sendmail -i bob@example.test <message
content ''
came 'with 8BITMIME' message
sink_start --no-8bitmime
submit sendmail -i bob@example.test <message
content 8bit
came 'with SMTPUTF8' message
finish

begin 'a raw header from the queue; the body stays raw, and is told'
sink_start --no-8bitmime --no-smtputf8
echo 'Grün' | tee -a message >>worded
profile 'queue always' "queue_dir $sink/queue" 'queue_runner external'
submit sendmail -i bob@example.test <message
submit mailchute queue run </dev/null
content 8bit,encoded-words
came 'the message' worded
profile
finish

begin "a raw header that the author's server has signed: only the rest"
sink_start --no-8bitmime --no-smtputf8
{
	printf 'DKIM-Signature: v=1; a=rsa-sha256; d=example.test; s=s;\n'
	printf ' h=From:\n Subject; bh=YQ==; b=YQ==\n'
	raw_header
} >message
sed 's/^To: .*/To: bob@example.test (=?utf-8?Q?f=C3=BCr_Bob?=)/' message >want
submit sendmail -i bob@example.test <message
check_sent
content 8bit,encoded-words
came 'the message' want
finish

begin 'a server with it: nothing to tell'
sink_start
{
	mime 'text/plain; charset=utf-8'
	body_eight_bit
} >message
submit sendmail -i bob@example.test <message
check_sent
content ''
finish

begin 'NULs, bare CRs and a long field; and in JSON'
{
	message_plain | sed '/^$/,$d'
	echo "X-Long: $(long_line | tr '<' ' ')"
	printf '\na\0b\rc\n'
} >message
submit sendmail -i bob@example.test <message
check_sent
content nul-removed,line-ends,folded
profile 'log_format json'
submit sendmail -i bob@example.test <message
check_match JSON '"content":"nul-removed,line-ends,folded"' "$client/log"
finish

# An address is what its writer likes: it must not forge another key.
begin 'an address with blanks and quotes is quoted in the log'
profile
submit_plain sendmail -f '"a exitcode=EX_OK"@example.test' \
	'"b'\''s from=c"@example.test' bob@example.test
check_sent
check_match log " from='\"a exitcode=EX_OK\"@example.test' recipients='\"b\\?s from=c\"@example.test,bob@example.test' mailsize=" "$client/log"
finish

summary
