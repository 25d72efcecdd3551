#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A hostile world: servers that do at every stage what they must not, each a
# script for the sink (tests/sink/README).  Of each scenario: the exit code,
# whether the message arrived, and what holds for all of them: it ends in time,
# says one sentence, never the password, and no control character; nothing is
# lost with exit code 0.
#
# A row is one scenario:
#
#	CODE ARRIVED NAME | RULE [; RULE ...]
#
# CODE may be a list (75/76) where the machine's timing decides which of two
# truths is heard.  ARRIVED is 0, 1, or ? where the server alone knows.
# "| LINE" at the end is a further line of the profile.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

: >script
sink_start --script script
deadline_s=20

seconds() {
	date +%s
}

check_code() {
	case "/$1/" in
	*"/$status/"*) ;;
	*) complain "exit code: want $1, got $status" ;;
	esac
}

scenario() {
	row_code=$1
	row_arrived=$2
	begin "$3"
	printf '%s\n' "$4" | sed 's/ ; /\n/g' >script
	profile 'timeout 1' "${5:-queue off}"
	rm -rf mail/*
	began=$(seconds)
	submit_plain mailchute bob@example.test
	[ $(($(seconds) - began)) -le "$deadline_s" ] ||
		complain "it took more than $deadline_s seconds"
	check_code "$row_code"
	[ "$row_arrived" = '?' ] || arrived "$row_arrived"
	[ "$status" -ne 0 ] || arrived 1
	check_empty stdout "$client/out"
	[ "$status" -eq 0 ] ||
		check_match 'a sentence' '^mailchute: .' "$client/err"
	[ "$(wc -c <"$client/err")" -le 4096 ] || complain 'stderr: too much'
	check 'log lines' 1 "$(grep -c . "$client/log")"
	for file in "$client/err" "$client/log"; do
		check_no_match 'a control character' \
			"$(printf '[\001-\010\013-\037\177]')" "$file"
		check_no_match 'the password' 'sesame|b3BlbiBzZXNhbWU' "$file"
	done
	finish
}

# rows: as above, from standard input.
rows() {
	while IFS='|' read -r head script line <&3; do
		# shellcheck disable=SC2086 # words
		set -- $head
		case ${1-#} in
		\#*) continue ;;
		esac
		code=$1
		there=$2
		shift 2
		scenario "$code" "$there" "$*" \
			"${script# }" "${line# }"
	done 3<&0
}

# each CODE ARRIVED NAME RULE: for every VERB of $verbs, which is the @ that RULE
# begins with.
each() {
	for verb in $verbs; do
		printf '%s %s %s at %s | %s\n' "$1" "$2" "$3" "$verb" \
			"$verb${4#@}"
	done >each
	rows <each
}

# ---- at every stage before the message ---------------------------------------

verbs='CONNECT EHLO STARTTLS MAIL RCPT DATA'
each 75 0 'closed' '@ : close'
each 75 0 'reset' '@ : reset'
each 75 0 'cut off' '@ : cut'
each 75 0 '421' '@ : reply "421 4.3.2 later" close'
each 75 0 '421 that stays' '@ : reply "421 4.3.2 later"'
each 75 0 '4yz' '@ : reply "451 4.3.0 not now"'
each 67/69 0 '5yz' '@ : reply "554 5.7.1 never"'
each 76 0 'no reply' '@ : bytes "HTTP/1.1 400 Bad Request\r\n"'
each 76 0 'a reply without end' '@ : bytes "2" dribble 0 bytes "x\r\n"'
each 76 0 'an impossible code' '@ : bytes "999 what\r\n"'
each 76 0 'a code below 200' '@ : bytes "150 what\r\n"'
each 75 0 'half a reply, and closed' '@ : bytes "25" close'
each 75 0 'an open multi-line reply' '@ : bytes "250-a\r\n250-b\r\n" close'
each 67/69/75/76 0 'escapes in a refusal' \
	'@ : bytes "554 5.7.1 \e]0;owned\x07\e[2J\0\x08\x7f no\r\n"'
each 67/69/76 0 'the password said back' '@ : reply "554 5.7.1 {password} {base64}"'
each 67/69/75/76 0 'a reply nobody asked for' '@ : bytes "554 5.0.0 no\r\n250 yes\r\n" close'

# ---- the login ---------------------------------------------------------------

verbs='AUTH'
each 75 0 'closed' '@ : close'
each 75 0 'reset' '@ : reset'
each 76 0 'garbage' '@ : bytes "?\r\n"'
rows <<'END'
75 0 AUTH: 421 | AUTH : reply "421 4.7.0 too many" close
75 0 AUTH: 454 | AUTH : reply "454 4.7.0 not now"
77 0 AUTH: 535 | AUTH : reply "535 5.7.8 no"
77 0 AUTH: 535 with escapes | AUTH : bytes "535 5.7.8 \e[31m{password}\0\r\n"
76 0 AUTH: 235 for a mutual mechanism, without its proof | AUTH : reply "235 2.7.0 welcome"
76 0 AUTH: 250 is no success | AUTH : reply "250 ok"
76 0 AUTH: 354 is no challenge | AUTH : reply "354 go"
76 0 AUTH: the challenge is no base 64 | AUTH : reply "334 ***"
76 0 AUTH: an empty challenge to SCRAM | AUTH : reply "334 "
76 0 AUTH: challenges without end | AUTH : reply "334 " ; RESPONSE : reply "334 "
76 0 SCRAM: another nonce | AUTH : reply "334 cj1hYmMscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng=="
76 0 SCRAM: an iteration count of 1 | AUTH match "AUTH SCRAM*" : reply "334 cj1hYmMscz1RU1hDUitRNnNlazhiZjkyLGk9MQ=="
76 0 SCRAM: an iteration count of 2^31 | AUTH match "AUTH SCRAM*" : reply "334 cj1hYmMscz1RU1hDUitRNnNlazhiZjkyLGk9MjE0NzQ4MzY0OA=="
75 0 PLAIN: closed behind the password | AUTH : close | auth plain
77 0 PLAIN: the password said back in base 64 | AUTH : reply "535 5.7.8 {base64} {password}" | auth plain
76 0 PLAIN: a challenge more | AUTH : reply "334 bW9yZQ==" | auth plain
76 0 LOGIN: three prompts | RESPONSE nth 2 : reply "334 bW9yZQ==" | auth login
75 0 LOGIN: closed after the user | RESPONSE nth 1 : close | auth login
0 1 LOGIN: prompts that are none | AUTH : reply "334 your name" ; RESPONSE nth 1 : reply "334 and now" ; RESPONSE nth 2 : reply "235 2.7.0 ok" | auth login
69 0 no mechanism that is any good | EHLO tls : hide AUTH offer "AUTH GSSAPI NTLM"
69 0 no AUTH at all | EHLO tls : hide AUTH
END

# ---- STARTTLS ----------------------------------------------------------------

rows <<'END'
69 0 STARTTLS is stripped | EHLO clear : hide STARTTLS
69 0 STARTTLS is stripped, and AUTH offered in clear | EHLO clear : hide STARTTLS offer "AUTH PLAIN LOGIN"
69 0 STARTTLS: 502 | STARTTLS : reply "502 5.5.1 what?"
75 0 STARTTLS: 454 | STARTTLS : reply "454 4.7.0 not now"
76 0 STARTTLS: 250 is no 220 | STARTTLS : reply "250 ok"
76 0 STARTTLS: a command's reply is injected | STARTTLS : bytes "220 go\r\n250 injected\r\n"
76 0 STARTTLS: one byte is injected | STARTTLS : bytes "220 go\r\n2"
75/76 0 STARTTLS: text in place of the handshake | STARTTLS : bytes "220 go\r\n" delay 100 bytes "220 still here\r\n" close
75 0 STARTTLS: closed behind the 220 | STARTTLS : reply "220 go" close
69 0 an expired certificate | TLS : cert expired
69 0 a certificate for another name | TLS : cert wrong-name
69 0 a certificate of another CA | TLS : cert other-ca
69 0 a self-signed certificate | TLS : cert self-signed
69 0 a certificate for clients | TLS : cert client-only
69 0 a certificate of the future | TLS : cert future
69 0 a certificate with a weak key | TLS : cert weak
69 0 a certificate that has a common name alone | TLS : cert cn-only
77 0 it demands a certificate of ours | TLS : demand-cert
0 1 it asks for one | TLS : ask-cert
76 0 TLS 1.1 alone | TLS : priorities "NORMAL:-VERS-ALL:+VERS-TLS1.1"
0 1 TLS 1.2 alone | TLS : priorities "NORMAL:-VERS-ALL:+VERS-TLS1.2"
0 1 what it offers changes inside of TLS | EHLO clear : hide SIZE hide PIPELINING
69 0 inside of TLS AUTH is gone | EHLO tls : hide AUTH
75 0 TLS is cut off without a good-bye | EHLO tls : cut
END

# ---- the message -------------------------------------------------------------

rows <<'END'
67 0 all recipients refused | RCPT : reply "550 5.1.1 who?"
75 0 all recipients deferred | RCPT : reply "450 4.2.1 later"
76 0 354 to RCPT | RCPT : reply "354 go"
76 0 250 to DATA | DATA : reply "250 ok"
69 0 the size is refused at MAIL | MAIL : reply "552 5.3.4 too big"
75 ? closed while the message comes | BODY : close
75 ? reset while the message comes | BODY : reset
75 ? closed behind the dot | DOT : close
75 ? reset behind the dot | DOT : reset
75 ? cut off behind the dot | DOT : cut
75 0 421 behind the dot | DOT : reply "421 4.3.2 no" close
75 0 451 behind the dot | DOT : reply "451 4.3.0 no"
69 0 554 behind the dot | DOT : reply "554 5.6.0 no"
69 0 554 with escapes behind the dot | DOT : bytes "554 5.6.0 \e[2J\0no\r\n" refuse
69 0 a refusal in many lines behind the dot | DOT : bytes "554-a\r\n554-b\r\n554 5.6.0 c\r\n" refuse
75 ? half a verdict | DOT : bytes "250" accept close
75 ? a verdict without end | DOT : bytes "250-ok\r\n" accept close
75 ? words in place of a verdict | DOT : bytes "ok\r\n" accept close
75 ? 354 in place of a verdict | DOT : reply "354 more" accept
75 ? 221 in place of a verdict | DOT : reply "221 bye" accept close
0 1 a verdict in drops | DOT : dribble 2 reply "250 2.0.0 ok"
0 1 an empty line before the verdict | DOT : bytes "\r\n250 2.0.0 ok\r\n"
0 1 a NUL in the verdict | DOT : bytes "250 2.0.0 \0ok\r\n"
0 1 closed behind the verdict | DOT : pass close
0 1 reset behind the verdict | DOT : pass reset
0 1 garbage behind the verdict | DOT : pass bytes "?????\r\n"
0 1 QUIT refused | QUIT : reply "554 5.0.0 you stay"
0 1 QUIT: closed | QUIT : close
0 1 QUIT: silence | QUIT : mute
75 0 no reply to EHLO | EHLO : mute
75/76 0 no reply to MAIL | MAIL : mute
75 0 no 354 | DATA : mute
75 ? no verdict | DOT : mute
75 ? it stops reading behind the 354 | DATA : reply "354 go" freeze
75 0 a greeting in drops that never ends | CONNECT : dribble 300 bytes "220-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
END

sink_stop
summary
