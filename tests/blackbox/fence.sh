#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The fence: whatever option a stranger adds to a call of sendmail (PHP's mail()
# and its fifth parameter), option by option, as sendmail and behind the word:
# no file is written or read, no command run, no host but ours connected to.
# With strace the kernel tells; without, the folder that the options name.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --auth-optional
profile "port $clear_port" 'tls off' 'auth off'
printf 'To: bob@example.test\nSubject: s\n\n<?php evil();\n' >message

loot=$sink/loot
mkdir "$loot"
chmod 777 "$loot"
printf 'account default\nhost evil.example.test\nuser root\nlogfile %s/log\npasswordeval touch %s/ran\n' \
	"$loot" "$loot" >"$loot/rc"
chmod 600 "$loot/rc"
echo 'a secret' >"$loot/secret"
ls "$loot" >before
tracer=
if strace -f -o trace true 2>/dev/null; then
	tracer="strace -f -s 4096 -e trace=%file,%process,connect,write -o $sink/trace"
	echo '# with strace'
elif [ "${STRACE-}" = required ]; then
	bail 'there is no strace'
fi

# traced DOOR ARGUMENT...: as submit; under strace what was not refused.
traced() {
	traced_door=$1
	shift
	submit "$traced_door" "$@" <message
	: >trace
	[ "$status" -eq 0 ] && [ -n "$tracer" ] || return
	rm -f mail/*
	case $traced_door in
	sendmail) set -- "$client/bin/sendmail" "$@" ;;
	fence) set -- "$MAILCHUTE" -C "$client/profile" sendmail "$@" ;;
	esac
	# The leak checker needs ptrace for itself.
	# shellcheck disable=SC2086 # words
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS=detect_leaks=0 timeout 60 $tracer "$@" \
		>"$client/out" 2>"$client/err" <message ||
		complain 'it fails under strace'
}

# look: what the last run did outside.
look() {
	ls "$loot" >after
	check_same 'the folder that was named' before after
	read -r look_secret <"$loot/secret"
	check 'its secret' 'a secret' "$look_secret"
	if grep -qs 'a secret' mail/*.eml; then
		complain 'the secret was sent'
	fi
	[ -s trace ] || return
	# What the program says of a file it will not touch is no touch.
	grep -vE '^[0-9]+ +(write|execve)\(' trace >touched
	check_no_match 'a file that was named' "$loot" touched
	check 'programs that ran' 1 "$(grep -c 'execve(' trace)"
	check_no_match 'written elsewhere' \
		"open[^\"]*\"(/[^\"]*)\".*O_(WRONLY|RDWR|CREAT)" \
		"$(grep -vE "\"$client/log\\.all\"|\"/dev/(null|tty)\"|\"/proc/|O_TMPFILE" \
			touched >written; echo written)"
	# An address as a number: strace, as an ordinary user, may not look into
	# a process that holds a secret.
	grep 'connect(' touched | grep -vE 'AF_UNIX|connect\([0-9]+, 0x' |
		grep -v "sin_port=htons($clear_port)" >connected
	check_empty 'other servers' connected
}

# stranger DOOR ARGUMENT...: whatever comes of it, nothing is lost.
stranger() {
	begin "$*"
	stranger_door=$1
	shift
	rm -f mail/*
	traced "$stranger_door" -t -i "$@"
	look
	case $status in
	0) ;; # it went out, or it was a list of options
	67) arrived 1 ;; # the stranger's word is nobody: it is named
	64 | 65 | 69 | 76) arrived 0 ;;
	*) complain "exit code $status: $(head -n 5 "$client/err")" ;;
	esac
	case $* in
	-[aCDXEJMQTswjklPSuyzYZWHK]*) check 'exit code' 64 "$status" ;;
	esac
	finish
}

letters='a b c d e f g h i j k l m n o p q r s t u v w x y z
	A B C D E F G H I J K L M N O P Q R S T U V W X Y Z'
for door in sendmail fence; do
	for letter in $letters; do
		stranger "$door" "-$letter$loot/x"
	done
	# Both doors read the same table: once is enough for its spellings.
	[ "$door" = fence ] || continue
	for letter in a B C D F L N O R V X f h o p r A e q d; do
		stranger "$door" "-$letter" "$loot/secret"
	done
	for mode in a d D e F h i l p P r s t v V w z; do
		stranger "$door" "-b$mode$loot/secret"
		stranger "$door" "-b$mode" "$loot/secret"
	done
	for option in QueueDirectory AliasFile LogFile DataFileName \
		TrustStickyBit ForwardPath StatusFile DefaultUser; do
		stranger "$door" "-O$option=$loot/x"
	done
	for option in A Q oX P H L S X MrX; do
		stranger "$door" "-o$option$loot/x"
	done
	stranger "$door" -C "$loot/rc" -D "$loot/x"
	stranger "$door" -X "$loot/x.php" -f 'a@example.test'
	stranger "$door" -be "\${run{/bin/touch $loot/ran}}"
	stranger "$door" -be "\${readfile{$loot/secret}}"
	stranger "$door" -ps "$loot/x"
	stranger "$door" "bob@example.test -X$loot/x"
	stranger "$door" "|touch $loot/ran"
	stranger "$door" "$loot/x"
	stranger "$door" ":include:$loot/secret"
	stranger "$door" "\"|touch $loot/ran\"@example.test"
done

# The environment is the stranger's, too.
begin 'variables behind the fence'
rm -f mail/*
status=0
env -i PATH="$PATH" HOME="$client/home" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	MAILCHUTE_PASSWORDEVAL="touch $loot/ran" MAILCHUTE_AUTH=plain \
	MAILCHUTE_LOGFILE="$loot/log" MAILCHUTE_CAPTURE="$loot/mail" \
	MAILCHUTE_HOST=evil.example.test MAILCHUTE_PORT=1 \
	MAILCHUTE_TLS_TRUST_FILE="$loot/x" MAILCHUTE_ALIASES="$loot/x" \
	MAILCHUTE_QUEUE_DIR="$loot/q" MAILCHUTE_SET_FROM_HEADER=odd \
	SMTP_HOST=evil.example.test SSLKEYLOGFILE="$loot/keys" \
	MAILCHUTE_DSN_NOTIFY=never \
	"$MAILCHUTE" -C "$client/profile" sendmail -t -i <message \
	>"$client/out" 2>"$client/err" || status=$?
: >trace
look
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
arrived 1
finish

# Every long option and verb that there is.
"$MAILCHUTE" --help | grep -oE '^ +--[a-z0-9-]+' | tr -d ' ' | sort -u >longs
begin 'long options were found'
[ "$(wc -l <longs)" -gt 30 ] || complain "$(cat longs)"
finish
while read -r long; do
	case $long in
	--help | --version) continue ;;
	esac
	begin "$long behind the fence: unknown"
	rm -f mail/*
	traced fence -t -i "$long=$loot/x"
	look
	check 'exit code' 64 "$status"
	arrived 0
	finish
done <longs
for verb in queue send serve config doctor setup sendmail help; do
	begin "the verb $verb behind the fence: an address"
	rm -f mail/*
	traced fence -i "$verb"
	look
	check 'exit code' 67 "$status"
	arrived 0
	finish
done

summary
