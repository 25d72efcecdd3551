#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute send: what arrives, what is refused, what is printed.
# shellcheck disable=SC2154 # status and ports are set by sink.sh
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

# send ARGUMENT...: status, out, err and log as after submit; VARIABLES is a
# list of settings for the environment.
VARIABLES=
send() {
	send_seen=$(wc -c <"$client/log.all")
	status=0
	# shellcheck disable=SC2086 # a list
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C TZ=UTC0 \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" $VARIABLES \
		timeout 60 "$MAILCHUTE" send "$@" \
		>"$client/out" 2>"$client/err" || status=$?
	tail -c "+$((send_seen + 1))" "$client/log.all" >"$client/log"
}

# plain FILE: what differs from run to run made the same, LF line ends.
plain() {
	tr -d '\r' <"$1" | sed -e 's/^Message-ID: .*/Message-ID: ID/' \
		-e 's/^Date: [SMTWF].* [-+][0-9]*$/Date: NOW/' \
		-e 's/\(=_[0-9]_\)[0-9a-f]\{32\}/\1R/' \
		-e 's/@[0-9a-f]\{32\}/@R/'
}

# shows NAME WANT ARGUMENT... <in: the message that --dry-run prints; and that
# nothing else happens.
shows() {
	begin "$1"
	shows_want=$2
	shift 2
	send --dry-run "$@"
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	check_empty log "$client/log"
	check message "$shows_want" "$(plain "$client/out")"
	arrived 0
	finish
}

# refused NAME CODE STDERR ARGUMENT... <in: and nothing is sent.
refused() {
	begin "$1"
	refused_code=$2 refused_stderr=$3
	shift 3
	send "$@"
	check 'exit code' "$refused_code" "$status"
	check_empty stdout "$client/out"
	check stderr "$refused_stderr" "$(with_port "$client/err")"
	check 'log lines' 1 "$(grep -c . "$client/log")"
	arrived 0
	finish
}

# has NAME LINE... : fixed lines of the message last printed or arrived.
has() {
	for has_line; do
		grep -Fqx -e "$has_line" "$has_file" ||
			complain "no line '$has_line' in:
$(head -n 40 "$has_file")"
	done
}

printf 'Gr\303\274\303\237e\n' >umlaut
printf '\211PNG\r\n\032\n\0\0' >logo.png
printf '<p>Hi <img src="cid:logo.png"></p>\n' >page.html
printf 'one\ntwo=2\n' >log.txt
: >empty.txt
mkdir folder
mkfifo pipe

head_of='From: alice@example.test
Date: NOW
Message-ID: ID'
text_type='MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8; format=flowed'

# ---- words ------------------------------------------------------------------

sink_start
shows 'recipients, then text' "$head_of
To: bob@example.test, carol@example.test
Subject: Hello
$text_type

see you at x@y" -s Hello bob@example.test,carol@example.test see you 'at x@y' \
	</dev/null
shows 'with --to every word is text; Bcc is not shown' "$head_of
To: bob@example.test
Cc: Carol C <carol@example.test>
$text_type

dan is text" --to bob@example.test -c 'Carol C <carol@example.test>' \
	--bcc dan@example.test dan is text </dev/null
shows 'Bcc alone' "$head_of
To: undisclosed-recipients:;
$text_type

x" -b bob@example.test x </dev/null
space=' '
printf 'From a pipe\n-- \nme\n' >in
shows 'text from standard input' "$head_of
To: bob@example.test
$text_type

 From a pipe
--${space}
me" bob@example.test <in
shows 'no text at all' "$head_of
To: bob@example.test
$text_type" bob@example.test </dev/null
shows 'text from a file' "$head_of
To: bob@example.test
$text_type
Content-Transfer-Encoding: base64

R3LDvMOfZQ0K" bob@example.test --body umlaut </dev/null
shows 'an address with another script, a subject and a name' "$head_of
To: =?utf-8?B?SsO2cmc=?= <j@xn--bcher-kva.example>
Subject: =?utf-8?B?R3LDvMOfZQ==?=
$text_type

x" -s "$(cat umlaut)" "J$(printf '\303\266')rg <j@b$(printf '\303\274')cher.example>" x \
	</dev/null
shows 'all other fields' "Message-ID: ID
Date: NOW
From: Al <alice@example.test>
Reply-To: help@example.test
To: bob@example.test
In-Reply-To: <a@b>
References: <a@b>
X-Ticket: =?utf-8?B?R3LDvMOfZQ==?=
Auto-Submitted: auto-generated
$text_type

x" --from 'Al <alice@example.test>' --reply-to help@example.test \
	--in-reply-to a@b --date '2026-11-22 02:10 +0100' \
	--header "X-Ticket: $(cat umlaut)" \
	--header 'Auto-Submitted: auto-generated' bob@example.test x </dev/null
begin 'the date that was given'
check_match message '^Date: Sun, 22 Nov 2026 02:10:00 \+0100$' "$client/out"
finish

# ---- parts ------------------------------------------------------------------

shows 'HTML makes its own text' "$head_of
To: bob@example.test
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary=\"=_1_R\"


--=_1_R
$(printf '%s' "$text_type" | sed 1d)

Hi [logo]

--=_1_R
Content-Type: text/html; charset=utf-8

<p>Hi <img alt=logo></p>

--=_1_R--" --html - bob@example.test <<'END'
<p>Hi <img alt=logo></p>
END
shows 'HTML with a picture, a text and files' "$head_of
To: bob@example.test
MIME-Version: 1.0
Content-Type: multipart/mixed;
 boundary=\"=_1_R\"


--=_1_R
Content-Type: multipart/alternative;
 boundary=\"=_2_R\"


--=_2_R
$(printf '%s' "$text_type" | sed 1d)

the text

--=_2_R
Content-Type: multipart/related; type=\"text/html\";
 boundary=\"=_3_R\"


--=_3_R
Content-Type: text/html; charset=utf-8

<p>Hi <img src=\"cid:logo.png@R\"></p>

--=_3_R
Content-Type: image/png;
 name=logo.png
Content-Disposition: inline;
 filename=logo.png
Content-ID: <logo.png@R>
Content-Transfer-Encoding: base64

iVBORw0KGgoAAA==

--=_3_R--

--=_2_R--

--=_1_R
Content-Type: text/plain; charset=us-ascii;
 name=log.txt
Content-Disposition: attachment;
 filename=log.txt
Content-Transfer-Encoding: quoted-printable

one
two=3D2

--=_1_R
Content-Type: text/csv; charset=us-ascii;
 name=empty.txt
Content-Disposition: attachment;
 filename=empty.txt
Content-Transfer-Encoding: base64


--=_1_R--" --html page.html --inline logo.png -a log.txt \
	-a empty.txt:text/csv bob@example.test the text </dev/null
begin 'standard input as a file'
printf 'a,b\n' >in
send --dry-run -a -:text/csv bob@example.test see there <in
has_file=$client/out
has 'see there' ' filename=attachment.csv' 'a,b'
finish
begin 'a file name that a colon is part of'
cp log.txt 'a:text/b'  2>/dev/null || { mkdir 'a:text' && cp log.txt 'a:text/b'; }
send --dry-run -a a:text/b bob@example.test x </dev/null
check 'exit code' 0 "$status"
has ' filename=b'
finish
begin 'a file name in another script, with a line end'
name="$(printf '\320\277\321\200\320\270')
Bcc: eve@example.test"
cp log.txt "$name"
send --dry-run -a "$name" bob@example.test x </dev/null
check 'exit code' 0 "$status"
has " filename*=utf-8''%D0%BF%D1%80%D0%B8_Bcc%3A%20eve%40example.test" \
	' name="____Bcc: eve@example.test"'
check_no_match 'a field of the name' '^Bcc' "$client/out"
finish
begin 'no argument adds a field'
inject="$(printf 'x\r\nBcc: eve@example.test\r\n\r\nbody')"
send --dry-run -s "$inject" --to "\"$inject\" <bob@example.test>" x </dev/null
check_no_match 'a field of the subject' '^Bcc' "$client/out"
finish

# ---- it goes out ------------------------------------------------------------

sink_start --dsn
begin 'what arrives is what --dry-run shows'
set -- -s 'all of it' --html page.html --inline logo.png -a log.txt -a umlaut \
	--to bob@example.test --cc carol@example.test --bcc dan@example.test \
	--dsn success,failure 'with text'
send --dry-run "$@" </dev/null
plain "$client/out" >want
send "$@" </dev/null
check 'exit code' 0 "$status"
check_empty stdout "$client/out"
check_empty stderr "$client/err"
check_match log 'recipients=bob@example.test,carol@example.test,dan@example.test ' \
	"$client/log"
plain mail/1.eml >got
check_same message want got
check envelope 'from alice@example.test
to bob@example.test
to-parameters NOTIFY=SUCCESS,FAILURE
to carol@example.test
to-parameters NOTIFY=SUCCESS,FAILURE
to dan@example.test
to-parameters NOTIFY=SUCCESS,FAILURE' \
	"$(grep -E '^(from|to)( |-parameters NOTIFY)' mail/1.envelope |
		sed 's/ ORCPT=.*//')"
finish

begin '--from is the sender'
send --from 'Al <al@example.test>' bob@example.test x </dev/null
check 'exit code' 0 "$status"
check envelope 'from al@example.test' "$(grep '^from ' mail/2.envelope)"
finish

begin '--json: all is well'
send --json bob@example.test x </dev/null
check 'exit code' 0 "$status"
check_match stdout '^\{"id":"[0-9a-z]+","message_id":"<[^"]+@example\.test>","queue_id":null,"exit_code":0,"reply":\{"code":250,"text":"250 [^"]*"\},"error":null,"recipients":\[\{"address":"bob@example\.test","verdict":"delivered","reply":\{"code":250,"text":"250 [^"]*"\},"error":null\}\]\}$' \
	"$client/out"
id=$(sed 's/{"id":"\([^"]*\)".*/\1/' "$client/out")
check_match 'the same id in the log' "id=$id( |\$)" "$client/log"
finish

begin '--json: two of three are refused'
sink_start --refuse-rcpt carol@example.test='550 5.1.1 no "Carol"' \
	--refuse-rcpt dan@example.test='451 4.2.1 later'
send --json --to bob@example.test,carol@example.test,dan@example.test x \
	</dev/null
check 'exit code' 75 "$status"
check_match delivered '"bob@example\.test","verdict":"delivered"' "$client/out"
check_match refused '"carol@example\.test","verdict":"refused","reply":\{"code":550,"text":"550 5\.1\.1 no \\"Carol\\""\},"error":\{"id":"smtp\.rcpt-refused","is_temporary":false,"diag":"smtp\.rcpt-refused","text":"[^}]*","exit_code":67,"status":"5\.1\.1","reply":"550 5\.1\.1 no \\"Carol\\"","temporary":false,' \
	"$client/out"
check_match deferred '"dan@example\.test","verdict":"deferred","reply":\{"code":451,"text":"451 4\.2\.1 later"\},"error":\{"id":"smtp\.rcpt-refused","is_temporary":true,"diag":"smtp\.rcpt-refused","text":"[^}]*","exit_code":75,"status":"4\.2\.1","reply":"451 4\.2\.1 later","temporary":true,' \
	"$client/out"
check_match exit_code '"exit_code":75' "$client/out"
arrived 1
finish

begin '--json: nobody was asked'
sink_stop
send --json bob@example.test x </dev/null
check 'exit code' 75 "$status"
check_match stdout '"exit_code":75,"reply":null,"error":\{"id":"net\.refused".*"recipients":\[\{"address":"bob@example\.test","verdict":"unknown","reply":null,"error":null\}\]' \
	"$client/out"
finish

begin '--json: queued, and on the way'
profile "queue_dir $sink/q" 'queue auto' 'queue_runner external'
send --json --to bob@example.test --cc carol@example.test x </dev/null
check 'exit code' 0 "$status"
id=$(sed 's/{"id":"\([^"]*\)".*/\1/' "$client/out")
check_match stdout "\"queue_id\":\"$id\",\"exit_code\":0," "$client/out"
check 'in the queue' 1 "$(find "$sink/q/$id" -type f | wc -l | tr -d ' ')"
sink_start
profile "queue_dir $sink/q" 'queue auto' 'queue_runner external'
submit mailchute queue run
check 'exit code of the runner' 0 "$status"
check_empty 'its stderr' "$client/err"
arrived 1
check_match message '^To: bob@example.test' mail/1.eml
finish

# ---- nicknames --------------------------------------------------------------

sink_start
cat >aliases <<'END'
mum: Mum M <mum@example.test>
family: mum, "Dad, the" <dad@example.test>
loop: loop
END
profile "aliases $sink/aliases"
shows 'nicknames stand in the header as what they mean' "$head_of
To: Mum M <mum@example.test>, \"Dad, the\" <dad@example.test>
Cc: bob@example.test
$text_type

x" --to family --cc bob@example.test x </dev/null
refused 'a nickname that leads to itself' 78 \
"mailchute: account default: the alias 'loop' is the end of a chain of more than 10 aliases
mailchute: let an alias on the way name the addresses themselves" \
	--to loop x </dev/null
refused 'a name that is none' 67 \
"mailchute: the recipient 'dud' has no domain
mailchute: write the address in full, name it in the alias file ('aliases'), or set 'maildomain'" \
	--to dud x </dev/null
profile 'maildomain example.test'
shows 'other names get the domain' "$head_of
To: dud@example.test
$text_type

x" --to dud x </dev/null

begin 'a text of mixed line ends keeps every byte'
printf 'a\r\nb\nc' >mixed.txt
send --dry-run -a mixed.txt bob@example.test x </dev/null
check_match 'CRLF' '^a=0D=0A=' "$client/out"
check_match 'LF' '^b=0A=' "$client/out"
finish
begin 'a text of CRLF alone keeps every byte, and its lines'
printf 'a\r\nb\r\n' >dos.txt
send --dry-run -a dos.txt bob@example.test x </dev/null
check_match 'base 64' '^YQ0KYg0K$' "$client/out"
finish
# Its type has to say what the invitation is for (RFC 6047 2.4).
begin 'a calendar with a method'
printf 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n' >f.ics
send --dry-run -a f.ics bob@example.test x </dev/null
check 'exit code' 0 "$status"
check_match stdout '^Content-Type: text/calendar; method=REQUEST; charset=' "$client/out"
check_match 'line ends' '^METHOD:REQUEST' "$client/out"
finish

# ---- what is wrong ----------------------------------------------------------

profile
refused 'no recipients' 64 'mailchute: no recipients
mailchute: name them in the first word, or with --to' </dev/null
stray="mailchute: several recipients stand in the first word, with commas, or each behind its own --to"
refused 'an address among the words' 64 \
"mailchute: 'carol@example.test' is an address where text is meant
$stray" bob@example.test carol@example.test hello </dev/null
refused 'an address behind --cc ADDRESS' 64 \
"mailchute: 'Bob <bob@example.test>' is an address where text is meant
$stray" --cc carol@example.test 'Bob <bob@example.test>' hello </dev/null
refused 'a first word that is no address' 67 \
"mailchute: the recipient 'hello' has no domain
mailchute: write the address in full, name it in the alias file ('aliases'), or set 'maildomain'" \
	hello you </dev/null
refused 'an empty recipient' 64 'mailchute: --to has an empty recipient
mailchute: is a variable not set?' --to '' x </dev/null
refused 'an address that is none' 65 \
"mailchute: --to: 'bad address@example.test' is not a valid address: two words without a comma or angle brackets
mailchute: an address is NAME@DOMAIN; between several of them stands a comma" \
	--to 'bad address@example.test' x </dev/null
refused 'a file that is not there' 66 \
'mailchute: the file DIR/none cannot be read: No such file or directory
mailchute: is its name right, and may this user read it?' \
	-a "$sink/none" bob@example.test x </dev/null
if [ "$(id -u)" -ne 0 ]; then
	: >secret && chmod 0 secret
	refused 'a file that may not be read' 66 \
	'mailchute: the file DIR/secret cannot be read: Permission denied
mailchute: is its name right, and may this user read it?' \
		-a "$sink/secret" bob@example.test x </dev/null
fi
refused 'a folder' 66 'mailchute: DIR/folder is no file but a directory
mailchute: pack it into one file first, as with tar' \
	-a "$sink/folder" bob@example.test x </dev/null
refused 'a pipe that nobody writes to' 66 \
"mailchute: DIR/pipe is no file but a pipe
mailchute: '-' instead of a file name reads standard input" \
	-a "$sink/pipe" bob@example.test x </dev/null
refused 'a device' 66 'mailchute: /dev/zero is no file but a device
mailchute: name a file that has an end' \
	--inline /dev/zero bob@example.test x </dev/null
refused 'a text that is not there' 66 \
'mailchute: the file DIR/none cannot be read: No such file or directory
mailchute: is its name right, and may this user read it?' \
	--body "$sink/none" bob@example.test </dev/null
refused 'HTML that is not there' 66 \
'mailchute: the file DIR/none cannot be read: No such file or directory
mailchute: is its name right, and may this user read it?' \
	--html "$sink/none" bob@example.test </dev/null
printf '\377\376a\0' >wide
refused 'a text in UTF-16' 65 "mailchute: DIR/wide is UTF-16 text
mailchute: convert it with 'iconv -f UTF-16 -t UTF-8', or attach it" \
	--body "$sink/wide" bob@example.test </dev/null
utf8_hint='mailchute: set LC_ALL to a locale with the charset of the command line'
latin=$(printf 'J\366rg')
refused 'a subject that is no UTF-8' 65 \
"mailchute: the value of --subject is not UTF-8, and not in the locale's charset: J\\xF6rg
$utf8_hint" -s "$latin" bob@example.test x </dev/null
refused 'a text that is no UTF-8' 65 \
"mailchute: the value of the text is not UTF-8, and not in the locale's charset: J\\xF6rg
$utf8_hint" bob@example.test "$latin" </dev/null
refused 'a type that is none' 64 \
"mailchute: option --attach does not take 'text/': not a media type such as text/csv
mailchute: 'mailchute --help' tells what each option takes" \
	-a log.txt:text/ bob@example.test x </dev/null
refused 'a type of several parts' 64 \
"mailchute: option --attach does not take 'multipart/mixed': a file is not several parts
mailchute: 'mailchute --help' tells what each option takes" \
	-a log.txt:multipart/mixed bob@example.test x </dev/null
refused 'standard input twice' 64 \
'mailchute: standard input can be read only once: it is the value of --body and of --attach
mailchute: name a file for one of them' \
	--body - -a - bob@example.test <log.txt
refused 'standard input that is closed' 66 \
'mailchute: standard input is closed: there is no message to send
mailchute: give it the message, as in '\''mailchute ADDRESS < FILE'\'', or write one with '\''mailchute send'\''' \
	bob@example.test <&-
refused 'a field that has an option' 64 \
"mailchute: --header does not take 'bcc: eve@example.test': use --bcc
mailchute: a field is 'Name: value'; 'mailchute help send' lists those with an option of their own" \
	--header 'bcc: eve@example.test' bob@example.test x </dev/null
refused 'a field of MIME' 64 \
"mailchute: --header does not take 'Content-Foo: x': it follows from the parts
mailchute: a field is 'Name: value'; 'mailchute help send' lists those with an option of their own" \
	--header 'Content-Foo: x' bob@example.test x </dev/null
refused 'two fields in one' 64 \
"mailchute: --header does not take 'X: a Bcc: eve@example.test': a field has one line
mailchute: a field is 'Name: value'; 'mailchute help send' lists those with an option of their own" \
	--header 'X: a
Bcc: eve@example.test' bob@example.test x </dev/null
refused 'a field without a name' 64 \
"mailchute: --header does not take 'a b: c': that is no name for a field
mailchute: a field is 'Name: value'; 'mailchute help send' lists those with an option of their own" \
	--header 'a b: c' bob@example.test x </dev/null
refused 'a field without text' 64 \
"mailchute: --header does not take 'X: ': there is no text after the colon
mailchute: a field is 'Name: value'; 'mailchute help send' lists those with an option of their own" \
	--header 'X: ' bob@example.test x </dev/null
refused 'no field at all' 64 \
"mailchute: --header does not take 'X': there is no colon after a name
mailchute: a field is 'Name: value'; 'mailchute help send' lists those with an option of their own" \
	--header X bob@example.test x </dev/null
refused 'two authors' 64 \
"mailchute: option --from does not take 'a@b.c, d@e.f': one author is enough
mailchute: 'mailchute --help' tells what each option takes" \
	--from 'a@b.c, d@e.f' bob@example.test x </dev/null
refused 'an identifier that is none' 64 \
"mailchute: option --in-reply-to does not take 'x': a Message-ID looks like <123@example.org>
mailchute: 'mailchute --help' tells what each option takes" \
	--in-reply-to x bob@example.test x </dev/null
refused 'a date that is none' 64 \
"mailchute: option --date does not take 'tomorrow': a date looks like 'DATE 02:10' or 'Sun, 22 Nov 2026 02:10:00 +0100'
mailchute: 'mailchute --help' tells what each option takes" \
	--date tomorrow bob@example.test x </dev/null
refused 'a wish that is none' 64 \
"mailchute: option --dsn does not take 'always': never, or a list of failure, delay and success
mailchute: 'mailchute --help' tells what each option takes" \
	--dsn always bob@example.test x </dev/null
begin 'an unknown option' # before there is a log to write to
send --atach x bob@example.test x </dev/null
check 'exit code' 64 "$status"
check stderr "mailchute: unknown option --atach of 'mailchute send' (did you mean --attach?)
mailchute: 'mailchute help send' lists what it takes" "$(cat "$client/err")"
arrived 0
finish
refused 'all that is wrong is told at once' 66 \
"mailchute: --to has an empty recipient (is a variable not set?)
mailchute: DIR/folder is no file but a directory (pack it into one file first, as with tar)
mailchute: the file DIR/none cannot be read: No such file or directory
mailchute: is its name right, and may this user read it?" \
	--to '' -a "$sink/folder" -a "$sink/none" x </dev/null

begin 'a file that changes while it is read'
dd if=/dev/zero of=growing bs=65536 count=200 2>/dev/null
(while [ ! -e enough ]; do printf 'x%.0s' 1 2 3 4 5 6 7 8 >>growing; done) &
grower=$!
send -a "$sink/growing" bob@example.test x </dev/null
: >enough
wait "$grower"
check 'exit code' 75 "$status"
check stderr "mailchute: DIR/growing changed while it was read
mailchute: nothing was sent; try again when it is complete" \
	"$(with_port "$client/err")"
arrived 0
check_empty 'nobody was even called' transcript
finish

# ---- a terminal -------------------------------------------------------------

# at_terminal WORD...: as send, on a terminal; what it shows is in out.
at_terminal() {
	for word; do
		printf " '%s'" "$word"
	done >words
	status=0
	# shellcheck disable=SC2086 # a list
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C TZ=UTC0 \
		SHELL=/bin/sh ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" $VARIABLES \
		timeout 60 script -qec "'$MAILCHUTE' send $(cat words)" \
		/dev/null >"$client/out" 2>&1 || status=$?
}

if command -v script >/dev/null 2>&1; then
	sink_start
	# shellcheck disable=SC2016 # its own words
	printf '#!/bin/sh\ntest ! -s "$1" && echo written >"$1"\n' >editor
	printf '#!/bin/sh\nexit 3\n' >fails
	printf '#!/bin/sh\n:\n' >lazy
	chmod +x editor fails lazy

	begin 'the editor'
	VARIABLES="EDITOR=fails VISUAL=$sink/editor"
	at_terminal bob@example.test </dev/null
	check 'exit code' 0 "$status"
	has_file=mail/1.eml
	check_match message '^written' mail/1.eml
	finish

	begin 'an editor that fails'
	VARIABLES="EDITOR=$sink/fails"
	at_terminal bob@example.test </dev/null
	check 'exit code' 69 "$status"
	check_match stderr "the editor '.*/fails' failed: nothing was sent" \
		"$client/out"
	arrived 1
	finish

	begin 'an editor that leaves nothing'
	VARIABLES="EDITOR=$sink/lazy"
	at_terminal bob@example.test </dev/null
	check 'exit code' 65 "$status"
	check_match stderr 'the editor left no text: nothing was sent' \
		"$client/out"
	arrived 1
	finish

	begin 'nobody is asked to write what cannot be sent'
	VARIABLES="EDITOR=$sink/editor"
	at_terminal -a "$sink/none" bob@example.test </dev/null
	check 'exit code' 66 "$status"
	check_no_match 'only what is wrong' editor "$client/out"
	arrived 1
	finish
	VARIABLES=

	# The server takes its time for every piece, so that it takes over a
	# second.
	begin 'progress on a terminal, which is gone at the end'
	sink_start --size 200000000 --delay-ms BODY=2
	dd if=/dev/urandom of=large bs=65536 count=800 2>/dev/null
	at_terminal -a "$sink/large" bob@example.test x </dev/null
	check 'exit code' 0 "$status"
	tr '\r' '\n' <"$client/out" >shown
	check_match 'a line' '^[0-9.]+ of 7[0-9]\.[0-9] MB \([0-9]+ %\), [0-9.]+ [kM]B/s(, [0-9]+:[0-9][0-9] left)?' \
		shown
	check 'the line at the end' '' "$(tail -n 1 shown | tr -d ' \n')"
	finish

	begin 'none when it is not asked for'
	sink_start --size 200000000
	send -a "$sink/large" bob@example.test x </dev/null
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	finish
fi
summary
