# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute as its callers start it: profiles, the three doors, and what came
# of a run.  Knows nothing of the server behind.
#
#	client_open FOLDER           a home, and a link named sendmail
#	client_profile LINE...       the profile of the next runs
#	submit DOOR ARGUMENT... <message
#	submit_plain DOOR ARGUMENT...   message_plain, which stays in the file in
#
# After submit: $status, and the files out, err and log in the folder; log is
# what this run alone has added.  Never in a pipe: $status would be lost.
#
# shellcheck shell=sh disable=SC2154

# client_open FOLDER
client_open() {
	client=$1
	mkdir -p "$client/home" "$client/bin" || return
	ln -sf "$MAILCHUTE" "$client/bin/sendmail"
	: >"$client/log.all"
}

# client_profile LINE...: these lines, and a log of our own.
client_profile() {
	{
		printf '%s\n' 'account default' "$@"
		printf 'logfile %s\nsyslog off\n' "$client/log.all"
		# What waits for a runner would hide what fails.
		case "$*" in
		*queue\ a*) ;;
		*) echo queue off ;;
		esac
	} >"$client/profile"
	chmod 600 "$client/profile"
	cp -p "$client/profile" "$client/home/.mailchuterc"
}

# submit DOOR ARGUMENT...: the message is on stdin.
submit() {
	client_door=$1
	shift
	client_seen=$(wc -c <"$client/log.all")
	case $client_door in
	sendmail) # a link of that name, the user's own file
		set -- "$client/bin/sendmail" "$@"
		;;
	fence) # as php.ini has it
		set -- "$MAILCHUTE" -C "$client/profile" sendmail "$@"
		;;
	mailchute) set -- "$MAILCHUTE" -C "$client/profile" "$@" ;;
	esac
	status=0
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" \
		timeout 60 "$@" >"$client/out" 2>"$client/err" || status=$?
	tail -c "+$((client_seen + 1))" "$client/log.all" >"$client/log"
}

submit_plain() {
	message_plain >"$client/in"
	submit "$@" <"$client/in"
}

# check_sent: the last run succeeded, in silence, and says so in the log.
check_sent() {
	check 'exit code' 0 "$status"
	check_empty stdout "$client/out"
	check_empty stderr "$client/err"
	check_match log ' exitcode=EX_OK( |$)' "$client/log"
}

# check_failed CODE NAME PATTERN: the last run ended with this code, said a
# sentence, and logged the code's name.
check_failed() {
	check 'exit code' "$1" "$status"
	check_empty stdout "$client/out"
	check_match stderr "$3" "$client/err"
	check_match log " exitcode=$2( |\$)" "$client/log"
	check_no_match 'password in the log' sesame "$client/log"
	check_no_match 'password on stderr' sesame "$client/err"
}
