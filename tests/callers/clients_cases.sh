# SPDX-License-Identifier: GPL-3.0-or-later
# Mail programs for people with mailchute as the machine's sendmail: mutt, GNU
# mailutils, nmh, bsd-mailx, alpine.  Runs inside the sandbox:
#	sh clients_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
caller_install
printf 'one\n.\n..\n.dot\nGr\303\274\303\237e\n\nFrom here\nlast\n' >"$work/m/body"

# client ARGUMENT...: with the body as its standard input.
client() {
	caller_mark
	status=0
	env -i PATH="$PATH" HOME="$work/person" LC_ALL=C.UTF-8 \
		EMAIL=alice@example.test USER=alice timeout 60 "$@" \
		<"$work/m/body" >"$work/said" 2>&1 || status=$?
}

# client_sent MAILBOX...: it was content, and everybody has the message.
client_sent() {
	check 'exit code' 0 "$status"
	check_empty 'what it says' "$work/said"
	for client_mailbox; do
		postfix_take "$client_mailbox" || continue
		check_match 'envelope sender' \
			'^Return-Path: <alice@example\.test>' "$postfix/arrived"
		check_match From '^From: .*alice@example\.test' \
			"$postfix/arrived.head"
		check_match Subject '^Subject: Greetings' "$postfix/arrived.head"
		check_no_match Bcc '^Bcc' "$postfix/arrived.head"
		check_same body "$work/m/body" "$postfix/arrived.body"
	done
	caller_logged
	check_match log ' exitcode=EX_OK( |$)' "$client/log"
}
mkdir -p "$work/person"

# ---- mutt ------------------------------------------------------------------------

caller_is mutt mutt
mutt_sends() {
	client mutt -n -F /dev/null -e 'set copy=no send_charset=utf-8 from=alice@example.test' \
		"$@"
}
begin 'mutt'
mutt_sends -s Greetings bob@example.test
client_sent bob
finish
begin 'mutt with Cc and Bcc'
mutt_sends -s Greetings -c carol@example.test -b rcpt1@example.test \
	bob@example.test
client_sent bob carol rcpt1
finish
begin 'mutt with use_envelope_from and dsn_notify'
mutt_sends -e 'set use_envelope_from envelope_from_address=alice@example.test
	dsn_notify=failure,delay dsn_return=hdrs' -s Greetings bob@example.test
client_sent bob
finish
begin 'mutt with an attachment'
awk 'BEGIN { for (i = 0; i < 50000; i++) print i }' >"$work/numbers"
mutt_sends -s Greetings -a "$work/numbers" -- bob@example.test
check 'exit code' 0 "$status"
postfix_take bob
check_match 'the last line' '^49999$' "$postfix/arrived.body"
finish
begin 'mutt behind the fence'
mutt_sends -e "set sendmail='$MAILCHUTE -C $client/profile sendmail -oem -oi'" \
	-s Greetings bob@example.test
client_sent bob
finish
begin 'mutt tells a refusal'
mutt_sends -s Greetings nobody@example.test
check_match 'what it says' '550 5\.1\.1' "$work/said"
[ "$status" -ne 0 ] || complain 'it was content'
postfix_empty || complain 'something arrived'
finish

# ---- GNU mailutils ------------------------------------------------------------------

caller_is 'GNU mailutils' mailutils
mailutils_sends() {
	client mail.mailutils --no-config -N -E 'set nodot' --content-type 'text/plain; charset=utf-8' \
		-r alice@example.test -s Greetings "$@"
}
begin 'mail (GNU mailutils)'
mailutils_sends bob@example.test
client_sent bob
finish
begin 'mail (GNU mailutils), several and Bcc'
mailutils_sends -a 'Bcc: rcpt1@example.test' bob@example.test \
	carol@example.test
client_sent bob carol rcpt1
finish

# ---- bsd-mailx ------------------------------------------------------------------------

caller_is bsd-mailx bsd-mailx
begin 'mailx (BSD)'
client bsd-mailx -n -i -s Greetings -r alice@example.test bob@example.test
client_sent bob
finish
begin 'mailx (BSD), Cc and Bcc'
client bsd-mailx -n -i -s Greetings -r alice@example.test \
	-c carol@example.test -b rcpt1@example.test bob@example.test
client_sent bob carol rcpt1
finish
# Another mailx takes what follows for options of sendmail; this one makes
# recipients of it.
begin 'mailx (BSD), words behind --: what is no address is named'
client bsd-mailx -n -i -s Greetings -r alice@example.test bob@example.test \
	-- -f carol@example.test
check_match 'what it says' '<-f>|-f' "$work/said"
for client_mailbox in bob carol; do
	postfix_take "$client_mailbox"
done
postfix_empty
finish

# ---- nmh ----------------------------------------------------------------------------------

caller_is nmh nmh
mkdir -p "$work/person/Mail/inbox" "$work/person/Mail/drafts"
chmod -R go= "$work/person"
printf 'Path: Mail\nSignature: Alice\n' >"$work/person/.mh_profile"
nmh_sends() {
	sed -i '/^mts:/d; /^sendmail:/d; /^localname:/d' /etc/nmh/mts.conf
	printf 'mts: %s\nsendmail: /usr/sbin/sendmail\nlocalname: example.test\n' "$1" \
		>>/etc/nmh/mts.conf
	{
		printf 'From: alice@example.test\nTo: %s\n' "$2"
		printf 'Subject: Greetings\n%s--------\n' "${3-}"
		cat "$work/m/body"
	} >"$work/draft"
	client env PATH="/usr/bin/mh:$PATH" MM_CHARSET=UTF-8 \
		/usr/bin/mh/send "$work/draft"
}
for mts in sendmail/smtp sendmail/pipe; do
	begin "nmh, $mts"
	nmh_sends $mts bob@example.test
	client_sent bob
	finish
	begin "nmh, $mts, Cc"
	nmh_sends $mts bob@example.test 'Cc: carol@example.test
'
	client_sent bob carol
	finish
done
# It sends twice over one session: the message, and a letter about it to Bcc.
begin "nmh, sendmail/smtp: Bcc's copy is a second message"
nmh_sends sendmail/smtp bob@example.test 'Bcc: carol@example.test
'
client_sent bob
postfix_take carol && {
	check_match Subject '^Subject: Greetings' "$postfix/arrived.head"
	check_match 'what it is' '^------- Blind-Carbon-Copy' \
		"$postfix/arrived.body"
	check_match 'the message in it' '^To: bob@example\.test' \
		"$postfix/arrived.body"
}
postfix_empty || complain 'something else arrived'
finish
begin 'nmh, sendmail/smtp: a refusal'
nmh_sends sendmail/smtp nobody@example.test
check_match 'what it says' '550 5\.1\.1|message not delivered' "$work/said"
[ "$status" -ne 0 ] || complain 'it was content'
postfix_empty || complain 'something arrived'
finish

# ---- alpine --------------------------------------------------------------------------------

caller_is alpine alpine
# It wants a terminal: what it shows is waited for, then answered.
cat >"$work/terminal.py" <<-'END'
	import os, pty, select, sys, time
	answers = [(b"last", b"\x18")]
	end, shown = time.time() + 20, b""
	pid, terminal = pty.fork()
	if pid == 0:
	    os.execvp(sys.argv[1], sys.argv[1:])
	while time.time() < end and b"Mail not sent" not in shown:
	    if select.select([terminal], [], [], 0.1)[0]:
	        try:
	            piece = os.read(terminal, 65536)
	        except OSError:
	            piece = b""
	        if not piece:
	            break
	        sys.stdout.buffer.write(piece.replace(b"\0", b""))
	        shown += piece
	    elif answers and answers[0][0] in shown.replace(b"\0", b""):
	        os.write(terminal, answers.pop(0)[1])
	        shown = b""
	else:
	    os.kill(pid, 9)
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
# alpine_sends TO [LINE-OF-PINERC]
alpine_sends() {
	{
		printf '%s\n' 'personal-name=Alice' 'user-domain=example.test' \
			'customized-hdrs=From: Alice <alice@example.test>' \
			'feature-list=send-without-confirm,quell-flowed-text' \
			'last-version-used=6.26' 'default-fcc=""' \
			'fcc-name-rule=default-fcc' "${2-}"
	} >"$work/person/.pinerc"
	client env TERM=vt100 python3 "$work/terminal.py" \
		alpine -p "$work/person/.pinerc" -url \
		"mailto:$1?subject=Greetings&body=one%0A.%0A..%0A.dot%0Alast%0A"
}
printf 'one\n.\n..\n.dot\nlast\n\n' >"$work/m/typed"
alpine_sent() {
	check 'exit code' 0 "$status"
	postfix_take bob && {
		check_match 'envelope sender' \
			'^Return-Path: <alice@example\.test>' "$postfix/arrived"
		check_match Subject '^Subject: Greetings' "$postfix/arrived.head"
		check_same body "$work/m/typed" "$postfix/arrived.body"
	}
	caller_logged
	check_match log ' exitcode=EX_OK( |$)' "$client/log"
}
begin 'alpine: its default, sendmail -bs -odb -oem'
alpine_sends bob@example.test
alpine_sent
finish
begin 'alpine: sendmail-path with -t'
alpine_sends bob@example.test 'sendmail-path=/usr/sbin/sendmail -oem -t -oi'
alpine_sent
finish
begin 'alpine tells a refusal'
alpine_sends nobody@example.test
# Where others show the reply, alpine shows the one to its own RSET.
check_match 'what it says' 'Mail not sent' "$work/said"
caller_logged
check_match log ' exitcode=EX_NOUSER ' "$client/log"
postfix_empty || complain 'something arrived'
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
