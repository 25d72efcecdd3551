#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The places that callers start a sendmail in: without an environment, a user, a
# disk, descriptors, a terminal.  Some want root; they are left out without it,
# but never in CI.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
chmod 711 "$sink" "$client"
sink_start --auth-optional
quick="port $clear_port"
profile "$quick" 'tls off' 'auth off'
message_plain >message
asan="ASAN_OPTIONS=${ASAN_OPTIONS-}"

# bare NAME COMMAND...: in env -i, nothing but the sanitizer's variable.
bare() {
	status=0
	env -i "$asan" "$@" >"$client/out" 2>"$client/err" || status=$?
}

# in_silence N: the run before sent; N messages are there.
in_silence() {
	check 'exit code' 0 "$status"
	check_empty stdout "$client/out"
	check_empty stderr "$client/err"
	arrived "$1"
	rm -f mail/*
}

# as_root NAME: opens the case, or leaves it out.
as_root() {
	if [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null; then
		begin "$1"
		return
	fi
	[ "${CI-}" != true ] || bail "CI is not root: $1"
	skip "$1" 'wants root and mount namespaces'
	return 1
}

# ---- no environment, no user -----------------------------------------------------

begin 'env -i, an absolute path, a profile'
bare "$MAILCHUTE" -C "$client/profile" bob@example.test <message
in_silence 1
finish

begin 'env -i, HOME alone'
bare HOME="$client/home" "$client/bin/sendmail" bob@example.test <message
in_silence 1
finish

begin 'a HOME that is not there: 78, and where it was looked for'
bare HOME="$sink/nowhere" "$client/bin/sendmail" bob@example.test <message
check 'exit code' 78 "$status"
check_match stderr "no configuration found \\(looked for $sink/nowhere" \
	"$client/err"
finish

if as_root 'a user without a passwd entry'; then
	mkdir "$sink/nobody"
	sed "s,^logfile .*,logfile $sink/nobody/log," "$client/profile" \
		>"$sink/nobody/rc"
	chmod 600 "$sink/nobody/rc"
	chown -R 12345:12345 "$sink/nobody"
	chmod 644 message "$sink/certs/ca.pem"
	cp "$MAILCHUTE" "$sink/program"
	chmod 755 "$sink/program"
	for home in '' HOME="$sink/nobody" HOME=/; do
		# shellcheck disable=SC2086 # one or none
		bare setpriv --reuid 12345 --regid 12345 --clear-groups \
			env $home "$sink/program" -C "$sink/nobody/rc" \
			sendmail -t -i <message
		in_silence 1
	done
	printf 'Subject: no From\n\nhi\n' >short
	bare setpriv --reuid 12345 --regid 12345 --clear-groups \
		"$sink/program" -C "$sink/nobody/rc" -f root bob@example.test \
		<short
	check_match 'the From that is made' '^From: root on [^ ]* <alice@example\.test' mail/*.eml
	in_silence 1
	check 'lines in its log' 4 "$(wc -l <"$sink/nobody/log" | tr -d ' ')"
	finish
fi

# It could be told to use its rights for anything that its caller wants.
case $(findmnt -no OPTIONS -T "$sink") in
*nosuid*) has_rights=false ;;
*) has_rights=: ;;
esac
if $has_rights && as_root 'set-uid, set-gid: it refuses, and does nothing'; then
	cp "$MAILCHUTE" "$sink/rights"
	cp "$sink/nobody/rc" "$sink/caller.rc"
	chown 12345 "$sink/caller.rc"
	for mode in 4755 2755; do
		chown 12346:12346 "$sink/rights"
		chmod "$mode" "$sink/rights"
		for words in "-C $sink/caller.rc bob@example.test" -bp \
			"--logfile=$sink/made bob@example.test" --help; do
			# shellcheck disable=SC2086 # several words
			bare setpriv --reuid 12345 --regid 12345 \
				--clear-groups env HOME="$sink/nobody" \
				MAILCHUTE_LOGFILE="$sink/made" \
				"$sink/rights" $words <message
			check_match "$mode $words" \
				'rights that its caller has not' "$client/err"
			check_empty 'what it prints' "$client/out"
		done
	done
	check_match hint "'mailchute serve'" "$client/err"
	arrived 0
	check 'a file of its own' '' "$(ls made 2>/dev/null)"
	finish
fi

# ---- descriptors --------------------------------------------------------------------

begin 'closed: standard output'
bare "$MAILCHUTE" -C "$client/profile" bob@example.test <message
status=0
env -i "$asan" "$MAILCHUTE" -C "$client/profile" bob@example.test \
	<message >&- 2>"$client/err" || status=$?
in_silence 2
finish

begin 'closed: standard error'
status=0
env -i "$asan" "$MAILCHUTE" -C "$client/profile" bob@example.test \
	<message >"$client/out" 2>&- || status=$?
in_silence 1
finish

begin 'closed: both; the dialogue of -v goes nowhere, least of all to the server'
status=0
env -i "$asan" "$MAILCHUTE" -C "$client/profile" -v bob@example.test \
	<message >&- 2>&- || status=$?
check 'exit code' 0 "$status"
check 'the message' "$(cat message)" "$(tr -d '\r' <"$(echo mail/*.eml)")"
in_silence 1
finish

begin 'closed: standard input: 66'
status=0
env -i "$asan" "$MAILCHUTE" -C "$client/profile" bob@example.test \
	<&- >"$client/out" 2>"$client/err" || status=$?
check 'exit code' 66 "$status"
arrived 0
finish

begin 'closed: all three: 66'
status=0
env -i "$asan" "$MAILCHUTE" -C "$client/profile" bob@example.test \
	<&- >&- 2>&- || status=$?
check 'exit code' 66 "$status"
arrived 0
finish

begin 'full: standard output and error'
if [ -e /dev/full ]; then
	status=0
	env -i "$asan" "$MAILCHUTE" -C "$client/profile" -v bob@example.test \
		<message >/dev/full 2>/dev/full || status=$?
	check 'exit code' 0 "$status"
	arrived 1
	rm -f mail/*
fi
finish

# printing WORD...: all that prints, to a full disk, to a pipe that is closed.
printing() {
	begin "a full disk for what is printed: $*"
	status=0
	"$MAILCHUTE" -C "$client/profile" "$@" <message >/dev/full \
		2>"$client/err" || status=$?
	check 'exit code' 74 "$status"
	check_match stderr 'could not be written: No space left' "$client/err"
	{
		sleep 0.1
		"$MAILCHUTE" -C "$client/profile" "$@" <message \
			2>"$client/err"
		echo $? >status
	} | :
	check 'exit code, nobody reads' 74 "$(cat status)"
	check_empty 'stderr, nobody reads' "$client/err"
	finish
}
if [ -e /dev/full ]; then
	profile "$quick" 'tls off' 'auth off' "queue_dir $sink/none" 'queue off'
	printing config
	printing config --json
	printing config --check
	printing config --help
	printing --help
	printing help
	printing --version
	printing --pretend bob@example.test
	printing queue list --json
	printing queue --help
	printing send --help
	printing serve --help
	printing --serverinfo
	printing sendmail --help
	rm -rf none
	profile "$quick" 'tls off' 'auth off'
	sed 's,^logfile .*,logfile -,' "$client/profile" >own.rc
	chmod 600 own.rc
	begin 'a full disk for the log on standard output: sent, with a warning'
	status=0
	"$MAILCHUTE" -C own.rc bob@example.test <message \
		>/dev/full 2>"$client/err" || status=$?
	check 'exit code' 0 "$status"
	check_match stderr 'the log - cannot be written: No space' \
		"$client/err"
	arrived 1
	rm -f mail/*
	finish
	profile "$quick" 'tls off' 'auth off'
fi

begin 'what was open stays with the caller'
profile "$quick" 'tls off' 'auth plain' 'user alice' \
	"passwordeval ls -l /proc/self/fd >$sink/fds; echo open sesame"
echo inherited >inherited
bare "$MAILCHUTE" -C "$client/profile" bob@example.test \
	3<inherited 4<inherited 9<inherited <message
if [ -e /proc/self/fd ]; then
	check_no_match 'descriptors of a child' inherited fds
fi
rm -f mail/*
finish
profile "$quick" 'tls off' 'auth off'

begin 'an error to a pipe that nobody reads'
{
	env -i "$asan" "$MAILCHUTE" -C "$client/profile" -v bob@example.test \
		<message 2>&1
	echo $? >status
} | :
check 'exit code' 0 "$(cat status)"
arrived 1
rm -f mail/*
finish

# ---- signals, umask, terminal -----------------------------------------------------------

begin 'signals blocked and ignored, SIGCHLD among them'
profile "port $starttls_port" 'tls on' 'auth on' 'password' \
	"passwordeval cat /proc/self/status >$sink/signals; echo open sesame"
if env --block-signal --ignore-signal=CHLD true 2>/dev/null; then
	bare env --block-signal --ignore-signal=CHLD --ignore-signal=PIPE \
		--ignore-signal=ALRM "$MAILCHUTE" -C "$client/profile" \
		bob@example.test <message
	in_silence 1
	check_match 'blocked in a child' '^SigBlk:	0+$' signals
fi
finish
profile "$quick" 'tls off' 'auth off'

for mask in 000 777; do
	begin "umask $mask: sent, and the log is nobody else's"
	rm -f own.log
	sed "s,^logfile .*,logfile $sink/own.log," "$client/profile" >own.rc
	chmod 600 own.rc
	: >status
	(
		umask $mask
		env -i "$asan" "$MAILCHUTE" -C own.rc bob@example.test \
			<message >"$client/out" 2>"$client/err"
		echo $? >status
	) || :
	check 'exit code' 0 "$(cat status 2>&1)"
	arrived 1
	rm -f mail/* status
	case $(ls -l own.log) in
	-rw-------*) ;;
	*) complain "log: $(ls -l own.log)" ;;
	esac
	finish
done

# modes PATH...: of each that is there.
modes() {
	find "$@" -mindepth 1 \( -type d -printf '%m %P/\n' -o -printf '%m %P\n' \) |
		sed 's,1[0-9A-Za-z]\{14\},ID,' | sort
}

lasting=$(lasting_folder) || lasting=
for mask in 0177 0700 0777 0000 0277; do
	[ -n "$lasting" ] || break
	begin "umask $mask: queue, log and capture stay usable for their owner"
	profile "port 9" 'tls off' 'auth off' 'queue auto' \
		'queue_runner external'
	sed "s,^logfile .*,logfile $sink/mask/log," "$client/profile" >own.rc
	chmod 600 own.rc
	rm -rf "$sink/mask" && mkdir "$sink/mask"
	for try in first second; do
		: >"$sink/status"
		(
			umask $mask
			env -i "$asan" HOME="$sink/mask" "$MAILCHUTE" -C own.rc \
				bob@example.test <message \
				>"$client/out" 2>"$client/err"
			echo $? >"$sink/status"
		) || :
		check "exit code, $try" 0 "$(cat "$sink/status" 2>&1)"
	done
	printf 'capture %s\n' "$sink/mask/captured" >>own.rc
	(
		umask $mask
		env -i "$asan" HOME="$sink/mask" "$MAILCHUTE" -C own.rc \
			bob@example.test <message
	) >"$client/out" 2>&1 || complain "capture: $(cat "$client/out")"
	check 'what nobody else may see' '' "$(modes "$sink/mask" |
		grep -v -e '^700 .*/$' -e '^600 .*[^/]$')"
	check 'entries' 2 "$(modes "$sink/mask" |
		grep -c '^600 .*queue/ID$')"
	check 'captured' 1 "$(modes "$sink/mask" | grep -c '^600 .*eml$')"
	rm -rf "$sink/mask"
	finish
done
profile "$quick" 'tls off' 'auth off'

begin 'no terminal: a password is not asked for, 78'
client_profile 'host localhost' "port $starttls_port" 'user alice' \
	'from alice@example.test' "tls_trust_file $sink/certs/ca.pem"
bare setsid -w "$MAILCHUTE" -C "$client/profile" bob@example.test <message
check 'exit code' 78 "$status"
check_match stderr 'there is no terminal to ask on' "$client/err"
arrived 0
finish
profile "$quick" 'tls off' 'auth off'

# ---- the disk ------------------------------------------------------------------------------

{
	message_plain | sed '/^$/q'
	awk 'BEGIN { for (i = 0; i < 60000; i++) print "a line of fifty bytes, or nearly so, of " i }'
} >large

if as_root 'a root that is read-only, and a large message'; then
	sed '/^logfile/d' "$client/profile" >ro.rc
	chmod 600 ro.rc
	status=0
	unshare --mount sh -c '
		mount --make-rprivate / && mount --rbind / /mnt || exit 99
		for at in $(awk "{ print \$5 }" /proc/self/mountinfo |
			grep "^/mnt"); do
			mount -o remount,bind,ro "$at" 2>/dev/null
		done
		for at in /tmp /var/tmp; do
			! touch "/mnt$at/x" 2>/dev/null || exit 98
		done
		exec chroot /mnt env -i "$@"' sh "$asan" "$MAILCHUTE" \
		-C "$sink/ro.rc" bob@example.test <large \
		>"$client/out" 2>"$client/err" || status=$?
	check 'lines' "$(wc -l <large)" "$(cat mail/*.eml | wc -l)"
	in_silence 1
	finish
fi

if as_root 'a full TMPDIR: all of the message, or nothing of it'; then
	mkdir "$sink/full"
	status=0
	unshare --mount sh -c '
		mount --make-rprivate / && mount -t tmpfs -o size=64k tmpfs "$1" &&
		shift && exec env -i "$@"' sh "$sink/full" "$asan" \
		TMPDIR="$sink/full" "$MAILCHUTE" -C "$client/profile" \
		bob@example.test <large >"$client/out" 2>"$client/err" ||
		status=$?
	case $status in
	0)
		check 'lines' "$(wc -l <large)" "$(cat mail/*.eml | wc -l)"
		arrived 1
		;;
	*)
		check 'exit code' 75 "$status"
		check_match stderr "cannot be kept in $sink/full" "$client/err"
		arrived 0
		;;
	esac
	rm -f mail/*
	finish
fi

begin 'a log that cannot be written: sent, with a warning'
sed "s,^logfile .*,logfile $sink/nowhere/log," "$client/profile" >nolog.rc
chmod 600 nolog.rc
bare "$MAILCHUTE" -C nolog.rc bob@example.test <message
check 'exit code' 0 "$status"
check_match stderr "nowhere/log cannot be written" "$client/err"
arrived 1
rm -f mail/*
finish

begin 'its line is not lost: syslog has it, with "syslog off" too'
if strace -f -o trace true 2>/dev/null; then
	echo 'syslog off' >>nolog.rc
	status=0
	env -i ASAN_OPTIONS=detect_leaks=0 strace -f -o trace \
		-e trace=connect "$MAILCHUTE" -C nolog.rc bob@example.test \
		<message >"$client/out" 2>"$client/err" || status=$?
	check 'exit code' 0 "$status"
	# As a number where strace may not look into who holds a secret.
	check_match 'syslog is asked' '"/dev/log"|, 0x[0-9a-f]+, 110\)' trace
	arrived 1
	rm -f mail/*
elif [ "${STRACE-}" = required ]; then
	complain 'there is no strace'
fi
finish

begin 'a log that somebody holds: one second, not ten'
if python3 -c 'import fcntl' 2>/dev/null; then
	sed "s,^logfile .*,logfile $sink/held.log," "$client/profile" >held.rc
	chmod 600 held.rc
	python3 -c 'import fcntl, sys, time
log = open(sys.argv[1], "a")
fcntl.lockf(log, fcntl.LOCK_EX)
open(sys.argv[1] + ".is", "w")
time.sleep(60)' "$sink/held.log" &
	holder=$!
	tries=0
	until [ -e "$sink/held.log.is" ] || [ $((tries += 1)) -gt 500 ]; do
		sleep 0.02
	done
	before=$(date +%s)
	bare "$MAILCHUTE" -C held.rc bob@example.test <message
	check 'exit code' 0 "$status"
	[ $(($(date +%s) - before)) -lt 8 ] || complain 'it waited for long'
	check_match stderr 'held.log cannot be written' "$client/err"
	arrived 1
	rm -f mail/*
	kill "$holder"
	wait "$holder" 2>/dev/null || :
fi
finish

# ---- names --------------------------------------------------------------------------------------

begin 'no name server is asked for our own name'
if strace -f -o trace true 2>/dev/null; then
	sed 's/^host .*/host 127.0.0.1/' "$client/profile" >numeric.rc
	chmod 600 numeric.rc
	status=0
	env -i ASAN_OPTIONS=detect_leaks=0 strace -f -o trace \
		-e trace=connect,sendto,sendmsg,sendmmsg \
		"$MAILCHUTE" -C numeric.rc bob@example.test <message \
		>"$client/out" 2>"$client/err" || status=$?
	check_no_match 'port 53' 'htons\(53\)' trace
	in_silence 1
elif [ "${STRACE-}" = required ]; then
	complain 'there is no strace'
fi
finish

# ---- a caller that dies ----------------------------------------------------------------------------

# A pipe has one kind of end.  What can be seen: SMTP that breaks off
# (tests/blackbox/smtp.sh), a descriptor that fails, and a caller that is gone
# before it has ended its line.
begin 'input that fails in the middle: nothing sent, and the log says so'
: >"$client/log.all"
bare "$MAILCHUTE" -C "$client/profile" bob@example.test <"$sink"
check 'exit code' 74 "$status"
check_match log 'diag=input.unreadable' "$client/log.all"
arrived 0
finish

begin 'nothing goes out while the caller still writes'
: >transcript
{
	cat message
	sleep 2
	cp transcript while-writing
	echo 'the rest'
} | env -i "$asan" "$MAILCHUTE" -C "$client/profile" bob@example.test \
	>"$client/out" 2>"$client/err" || complain 'it failed'
check_empty 'dialogue so far' while-writing
arrived 1
check_match 'the rest' '^the rest' mail/*.eml
rm -f mail/*
finish

# deserted TEXT SIGNAL: a program starts a sendmail, writes the text into its
# pipe, and gets the signal (0: it ends).  A field that fills the pipe goes before: once it
# is written, the sendmail runs.
awk 'BEGIN {
	print "X-Fill:"
	for (i = 0; i < 2000; i++)
		printf " %060d\n", i
}' >fill
deserted() {
	rm -f pipe mail/*
	mkfifo pipe
	: >"$client/log.all"
	status=0
	(env -i "$asan" PATH="$PATH" sh -c 'signal=$1 text=$2 out=$3
		shift 3
		"$@" <pipe >"$out/out" 2>"$out/err" &
		exec 8>pipe
		cat fill >&8
		printf "$text" >&8
		kill -"$signal" $$' sh "$2" "$1" "$client" \
		"$MAILCHUTE" -C "$client/profile" -i bob@example.test
	:) 2>killed
	deserted_tries=100
	until grep -q 'exitcode=' "$client/log.all" ||
		[ "$deserted_tries" -eq 0 ]; do
		sleep 0.1
		deserted_tries=$((deserted_tries - 1))
	done
}

for text in 'To: bob@example.test\nSubject: x\n\nhello, and' \
	'To: bob@example.test\nSubje' 'To: bob@example.test\nSubject: x\n' ''; do
	begin "a caller that is killed behind '$(printf '%s' "$text" | tail -c 12)': nothing sent"
	deserted "$text" KILL
	# Nobody waits for it, and it writes the log first.
	tries=100
	until [ -s "$client/err" ] || [ "$tries" -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	check stderr \
'mailchute: the caller died while it wrote the message: nothing was sent
mailchute: find out why the caller died, and run it again' \
		"$(cat "$client/err")"
	check_match log 'exitcode=EX_DATAERR .*diag=input.caller-died' \
		"$client/log.all"
	arrived 0
	finish
done

# Linux 6.15 tells how a process ended that somebody else has waited for.
kernel=$(uname -r)
case ${kernel%%.*}.$(echo "${kernel#*.}." | cut -d. -f1) in
[7-9].* | [1-9][0-9].* | 6.1[5-9] | 6.[2-9][0-9])
	for signal in KILL TERM SEGV; do
		begin "a caller that is killed at the end of a line ($signal): nothing sent"
		deserted 'To: bob@example.test\nSubject: x\n\nhello\n' $signal
		check_match log 'exitcode=EX_DATAERR .*diag=input.caller-died' \
			"$client/log.all"
		arrived 0
		finish
	done
	begin 'a caller that does not end its line, and leaves content: sent'
	deserted 'To: bob@example.test\nSubject: x\n\nhello' 0
	check_match log 'exitcode=EX_OK' "$client/log.all"
	in_silence 1
	finish
	;;
esac

begin 'a caller that ends its last line, and does not wait: sent'
deserted 'To: bob@example.test\nSubject: x\n\nhello\n' 0
check_match log 'exitcode=EX_OK' "$client/log.all"
in_silence 1
finish

begin 'a caller that does not end its line, but waits: sent'
rm -f pipe
mkfifo pipe
printf 'To: bob@example.test\n\nhello, and' >pipe &
bare "$MAILCHUTE" -C "$client/profile" bob@example.test <pipe
in_silence 1
printf 'To: bob@example.test\n\nhello, and' >half
# A file was whole before we began.
rm -f mail/*
: >"$client/log.all"
(env -i "$asan" sh -c '"$@" <half >"$0/out" 2>"$0/err" & kill -KILL $$' \
	"$client" "$MAILCHUTE" -C "$client/profile" bob@example.test
:) 2>killed
tries=100
until grep -q 'exitcode=' "$client/log.all" || [ "$tries" -eq 0 ]; do
	sleep 0.1
	tries=$((tries - 1))
done
in_silence 1
finish

for cut in 'To: bob@example.co' 'Subject: x\nCc: bob@example.test,
 carol@exam' 'To: bob@example.test\nBcc: ca'; do
	begin 'a caller that dies in the middle of an address: nothing sent'
	: >"$client/log.all"
	printf "$cut" >half
	bare "$MAILCHUTE" -C "$client/profile" -t <half
	check 'exit code' 65 "$status"
	check_match stderr 'ends in the middle of its (To|Cc|Bcc) header' \
		"$client/err"
	check_match log 'exitcode=EX_DATAERR .*diag=message.cut' \
		"$client/log.all"
	arrived 0
	finish
done

begin 'a header without its last line end is no address cut in two'
printf 'To: bob@example.test\nSubject: no body' >half
bare "$MAILCHUTE" -C "$client/profile" -t <half
in_silence 1
printf 'To: bob@example.test' >half
bare "$MAILCHUTE" -C "$client/profile" bob@example.test <half
in_silence 1
printf 'just text' >half
bare "$MAILCHUTE" -C "$client/profile" bob@example.test <half
in_silence 1
finish

begin 'a caller that dies before a -t message names anybody: 65'
bare "$MAILCHUTE" -C "$client/profile" -t </dev/null
check 'exit code' 65 "$status"
arrived 0
finish

summary
