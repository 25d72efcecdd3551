# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's cron with mailchute as the machine's sendmail.  Runs inside the
# sandbox, where /usr and /etc are its own: sh cron_cases.sh FOLDER
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
caller_is cron cron

# cron takes a home from passwd: none of this machine's, please.
sed -i "s,^\\(root:.*:\\)/root:,\\1$work/root:," /etc/passwd
cp "$client/profile" /etc/mailchuterc
chmod 600 /etc/mailchuterc
ln -sf "$MAILCHUTE" /usr/sbin/sendmail
mkdir -p "$work/root"

# cron_message TO: what Debian's cron writes, header fields and all.
cron_message() {
	printf 'From: root (Cron Daemon)\nTo: %s\n' "$1"
	printf 'Subject: Cron <root@host> run-parts /etc/cron.daily\n'
	printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n'
	printf 'Content-Transfer-Encoding: 8bit\n'
	printf 'X-Cron-Env: <SHELL=/bin/sh>\nX-Cron-Env: <HOME=/root>\n'
	printf 'X-Cron-Env: <PATH=/usr/bin:/bin>\nX-Cron-Env: <LOGNAME=root>\n\n'
	printf 'first line\n.\nGr\303\274\303\237e\nlast line\n'
}

# by_hand ARGUMENT...: cron's argv and environment, its message on stdin.
by_hand() {
	caller_mark
	status=0
	env -i HOME="$work/root" LOGNAME=root SHELL=/bin/sh PATH=/usr/bin:/bin \
		/usr/sbin/sendmail -FCronDaemon -i -B8BITMIME -oem "$@" \
		<"$work/m/in" >"$client/out" 2>"$client/err" || status=$?
	caller_logged
}

begin "cron's argv and message, to an address"
cron_message bob@example.test >"$work/m/in"
by_hand bob@example.test
check_sent
postfix_take bob
caller_body "$work/m/in" >"$work/m/body"
check_same body "$work/m/body" "$postfix/arrived.body"
check_match 'From is the account' '^From: .*alice@example\.test' \
	"$postfix/arrived.head"
check_match 'envelope sender' '^Return-Path: <alice@example\.test>' \
	"$postfix/arrived"
check_match Date '^Date: ' "$postfix/arrived.head"
check_match 'other fields' '^X-Cron-Env: <LOGNAME=root>$' \
	"$postfix/arrived.head"
finish

begin 'to root, who has no address: it goes to the account'"'"'s own'
cron_message root >"$work/m/in"
by_hand root
check_sent
postfix_take alice
caller_body "$work/m/in" >"$work/m/body"
check_same body "$work/m/body" "$postfix/arrived.body"
check_match 'whom it was for' '^X-Original-To: root' "$postfix/arrived"
finish

begin 'to a name that is nobody: 67, and told what to do'
cron_message nobody-here >"$work/m/in"
by_hand nobody-here
check_failed 67 EX_NOUSER "'?nobody-here'? has no domain"
check_match hint 'aliases' "$client/err"
postfix_empty || complain 'something arrived'
finish
cron_message root >"$work/m/in"

begin 'to root, whom the alias file sends to Bob'
printf 'root: bob@example.test\n' >"$work/aliases"
echo "aliases $work/aliases" >>/etc/mailchuterc
by_hand root
check_sent
postfix_take bob
caller_body "$work/m/in" >"$work/m/body"
check_same body "$work/m/body" "$postfix/arrived.body"
finish

begin 'a real cron runs a job and mails what it prints'
mkdir -p /var/spool/cron/crontabs
rm -rf /etc/cron.d /etc/crontab /var/spool/cron/crontabs/*
mkdir /etc/cron.d
cat >/etc/crontab <<-END
	SHELL=/bin/sh
	HOME=$work/root
	PATH=/usr/bin:/bin
	MAILTO=bob@example.test
	@reboot root printf 'hello\n.\nfrom cron\n'
END
chmod 644 /etc/crontab
caller_mark
rm -f /run/crond.reboot /run/crond.pid
env -i PATH="$PATH" cron -f >"$work/cron" 2>&1 &
cron_pid=$!
postfix_take bob
caller_logged
kill "$cron_pid" 2>/dev/null
wait "$cron_pid" 2>/dev/null
check_match log ' exitcode=EX_OK( |$)' "$client/log"
printf 'hello\n.\nfrom cron\n' >"$work/m/body"
check_same body "$work/m/body" "$postfix/arrived.body"
check_match Subject '^Subject: Cron <root@.*printf' "$postfix/arrived.head"
check_match 'envelope sender' '^Return-Path: <alice@example\.test>' \
	"$postfix/arrived"
check_empty 'what cron says' "$work/cron"
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
