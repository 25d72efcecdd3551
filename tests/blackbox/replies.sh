#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Servers with odd replies, each a script for the sink: what comes of a message.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open

# case_of NAME CODE ARRIVED LOG <script: one message to bob; LOG is a pattern
# for the line in the log.
case_of() {
	begin "$1"
	cat >script
	rm -rf mail/* transcript
	submit_plain mailchute "${recipients-bob@example.test}"
	check 'exit code' "$2" "$status"
	arrived "$3"
	check 'log lines' 1 "$(grep -c . "$client/log")"
	check_match 'the log' "$4" "$client/log"
	[ "$2" -ne 0 ] || check_empty stderr "$client/err"
	check_no_match 'control characters' '[[:cntrl:]]' "$client/err"
	finish
}

# said PATTERN: of the case before, on standard error.
said() {
	begin "… says $1"
	check_match stderr "$1" "$client/err"
	finish
}

: >script
sink_start --script script --auth-optional
profile "port $clear_port" 'tls off' 'auth off' 'timeout 2' 'domain client.example'

# ---- behind the dot -------------------------------------------------------

case_of 'an empty line before the verdict' 0 1 " skipped=''" <<'END'
DOT : bytes "\r\n250 2.0.0 ok id=1\r\n"
END
case_of 'text before the verdict' 0 1 " skipped='queued as 1'" <<'END'
DOT : bytes "queued as 1\r\n250 2.0.0 ok\r\n"
END
case_of 'text before a refusal' 69 0 'smtpstatus=550 .* skipped=.no' <<'END'
DOT : bytes "no\r\n550 5.7.1 spam\r\n"
END
case_of 'a NUL in the text' 0 1 'smtpmsg=.250 2.0.0 o.x00k' <<'END'
DOT : bytes "250 2.0.0 o\0k\r\n"
END
case_of 'CR CR LF' 0 1 "smtpmsg='250 ok'" <<'END'
DOT : bytes "250 ok\r\r\n"
END
case_of 'a tab behind the code' 0 1 'smtpstatus=250' <<'END'
DOT : bytes "250\tok\r\n"
END
case_of 'control characters everywhere' 0 1 'smtpstatus=250' <<'END'
DOT : bytes "\e\0 250 \e[2J\x07ok\r\r\r\n" accept
END
case_of 'two codes: the last counts' 69 0 'smtpstatus=550' <<'END'
DOT : bytes "250-2.0.0 ok\r\n550 5.7.1 no\r\n" refuse
END
case_of 'a verdict in many pieces' 0 1 'smtpstatus=250' <<'END'
DOT : dribble 1 bytes "\r\nok\r\n250-2.0.0 a\r\n250 2.0.0 b\r\n"
END
case_of 'words that are no verdict' 75 1 \
	"diag=smtp.answer-unreadable .* skipped='it is done'" <<'END'
DOT : bytes "it is done\r\n" accept close
END
said "the server's answer to it cannot be read: it is done"
case_of 'words, and silence' 75 1 'diag=smtp.answer-unreadable' <<'END'
DOT : bytes "OK\r\n" accept
END
case_of '354 behind the dot' 75 1 'diag=smtp.answer-unreadable' <<'END'
DOT : reply "354 go on" accept
END
case_of 'nothing at all' 75 1 'diag=smtp.possible-duplicate' <<'END'
DOT : close
END
case_of 'half a verdict' 75 1 'diag=smtp.possible-duplicate' <<'END'
DOT : bytes "250" accept reset
END

# ---- before ---------------------------------------------------------------

case_of 'empty lines everywhere' 0 1 'smtpstatus=250' <<'END'
CONNECT : bytes "\r\n \r\n" pass
EHLO : bytes "\n" pass
MAIL : bytes "\r\r\n" pass
RCPT : bytes "\r\n" pass
DATA : bytes "\r\n" pass
END
case_of 'a greeting with two codes' 75 0 'smtpstatus=421' <<'END'
CONNECT : bytes "220-hello\r\n421 4.3.2 busy\r\n" close
END
case_of 'a greeting that ends in 554' 69 0 'smtpstatus=554' <<'END'
CONNECT : bytes "220-hi\r\n554 5.7.1 go away\r\n"
END
case_of 'a greeting with NUL and CR' 0 1 'smtpstatus=250' <<'END'
CONNECT : bytes "220 he\0l\rlo\r\n"
END
case_of 'a refusal with control characters is one' 67 0 'smtpstatus=550' <<'END'
RCPT : bytes "550 5.1.1 \e[31mno\0\x07\r\n"
END
case_of 'no mail server at all' 76 0 'diag=smtp.reply-malformed' <<'END'
CONNECT : bytes "SSH-2.0-OpenSSH_9.2\r\n"
END

# ---- the login ------------------------------------------------------------

profile "port $starttls_port" 'timeout 2'
case_of 'a login refused with control characters' 77 0 'smtpstatus=535' <<'END'
VERDICT : bytes "535 5.7.8 \e[31mno\0\x08\r\n"
END

sink_stop
summary
