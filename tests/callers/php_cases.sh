# SPDX-License-Identifier: GPL-3.0-or-later
# PHP's mail(), with mailchute behind the fence as php.ini has it.  Runs inside
# the sandbox: sh php_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
caller_is "PHP's mail()" php-cli

caller_record "$work/recorder"
door="$MAILCHUTE -C $client/profile sendmail -t -i"
mixed=0

# php_run SENDMAIL_PATH SCRIPT: the script's output in the file php.
php_run() {
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C timeout 60 \
		php -n -d "sendmail_path=$1" -d mail.add_x_header=0 \
		-d "mail.mixed_lf_and_crlf=$mixed" -r "$2" \
		>"$work/php" 2>"$work/php.err"
}

# php_mail SCRIPT: what PHP hands to any sendmail, then the same to mailchute.
php_mail() {
	rm -f "$work/recorder/stdin"
	php_run "$work/recorder/sendmail -t -i" "$1"
	caller_mark
	php_run "$door" "$1"
	caller_logged
}

# php_arrives MAILBOX: mail() said true, nobody printed anything, and the
# message arrived as PHP made it.
php_arrives() {
	check 'mail() returned' 'bool(true)' "$(cat "$work/php")"
	check_empty stderr "$work/php.err"
	check_match log ' exitcode=EX_OK( |$)' "$client/log"
	postfix_take "$1" || return
	caller_head "$work/recorder/stdin" | sed '/^[Bb]cc:/d' >"$work/m/head"
	# What PHP left out is added, in front or behind.
	grep -Evi '^(from|date|message-id):' "$postfix/arrived.head" \
		>"$work/m/arrived"
	grep -Evi '^(from|date|message-id):' "$work/m/head" >"$work/m/wanted"
	check_same header "$work/m/wanted" "$work/m/arrived"
	check_match 'From' '^From: ' "$postfix/arrived.head"
	check_match 'Message-ID' '^Message-I[Dd]: ' "$postfix/arrived.head"
	caller_body "$work/recorder/stdin" >"$work/m/body"
	check_same body "$work/m/body" "$postfix/arrived.body"
}

begin 'mail() with three arguments'
php_mail 'var_dump(mail("bob@example.test", "Subject", "line one\nline two"));'
php_arrives bob
check_match 'From is the account' '^From: .*alice@example\.test' \
	"$postfix/arrived.head"
check_match 'PHP ends header lines with CRLF' '^Subject: Subject.$' \
	"$work/recorder/stdin"
finish

begin 'a header string, CRLF in the body'
php_mail 'var_dump(mail("bob@example.test", "S", "one\r\ntwo\r\n.\r\nfour",
	"From: Shop <shop@example.test>\r\nReply-To: bob@example.test\r\nX-A: b"));'
php_arrives bob
check_match From '^From: Shop <shop@example\.test>$' "$postfix/arrived.head"
finish

begin 'a header array'
php_mail 'var_dump(mail("bob@example.test", "S", "text",
	["From" => "alice@example.test", "MIME-Version" => "1.0",
	"Content-Type" => "text/plain; charset=UTF-8"]));'
php_arrives bob
finish

begin 'LF everywhere, as PHP before 8'
mixed=1
php_mail 'var_dump(mail("bob@example.test", "S", "one\ntwo\n",
	"From: alice@example.test\nX-B: c"));'
mixed=0
check_no_match 'CR from PHP' "$(printf '\r')" "$work/recorder/stdin"
php_arrives bob
finish

begin 'LF, CRLF and lone dots in one body'
php_mail 'var_dump(mail("bob@example.test", "S", "a\nb\r\n.\n..\n.c\r\n\r\n\nd\n",
	"From: alice@example.test"));'
php_arrives bob
finish

begin 'UTF-8 in subject and body'
php_mail 'var_dump(mail("bob@example.test",
	"=?UTF-8?B?".base64_encode("Grüße")."?=", "Grüße aus Köln\n",
	"From: alice@example.test\r\nContent-Type: text/plain; charset=UTF-8\r\n".
	"Content-Transfer-Encoding: 8bit"));'
php_arrives bob
finish

begin 'an attachment of 2 MB'
php_mail 'mt_srand(1); $a = ""; for ($i = 0; $i < 524288; $i++)
	$a .= pack("V", mt_rand());
	var_dump(mail("bob@example.test", "S",
	"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\n".
	"Content-Type: application/octet-stream\r\n".
	"Content-Transfer-Encoding: base64\r\n\r\n".
	chunk_split(base64_encode($a))."--x--\r\n",
	"From: alice@example.test\r\nMIME-Version: 1.0\r\n".
	"Content-Type: multipart/mixed; boundary=x"));'
php_arrives bob
finish

begin 'Cc and Bcc'
php_mail 'var_dump(mail("bob@example.test", "S", "text",
	"From: alice@example.test\r\nCc: carol@example.test\r\n".
	"Bcc: rcpt1@example.test"));'
php_arrives bob
check_no_match 'Bcc for Bob' 'rcpt1' "$postfix/arrived"
php_arrives carol
php_arrives rcpt1
finish

begin 'an empty To, recipients in Bcc only'
php_mail 'var_dump(mail("", "S", "text",
	"From: alice@example.test\r\nBcc: bob@example.test"));'
check 'mail() returned' 'bool(true)' "$(cat "$work/php")"
postfix_take bob
caller_body "$work/recorder/stdin" >"$work/m/body"
check_same body "$work/m/body" "$postfix/arrived.body"
finish

begin 'several recipients in To'
php_mail 'var_dump(mail("Bob <bob@example.test>, carol@example.test", "S", "t",
	"From: alice@example.test"));'
php_arrives bob
php_arrives carol
finish

begin 'the fifth parameter: -f'
php_mail 'var_dump(mail("bob@example.test", "S", "text",
	"From: alice@example.test", "-fbounce@example.test"));'
php_arrives bob
check_match 'envelope sender' '^Return-Path: <bounce@example\.test>' \
	"$postfix/arrived"
finish

begin 'the fifth parameter: -f, apart, and -F'
php_mail 'var_dump(mail("bob@example.test", "S", "text", "",
	"-f bounce@example.test -FShop"));'
php_arrives bob
check_match 'envelope sender' '^Return-Path: <bounce@example\.test>' \
	"$postfix/arrived"
check_match From '^From: Shop <' "$postfix/arrived.head"
finish

# ---- what must come back to PHP as false -------------------------------------

# php_fails CODE: mail() said false, and the log says why.
php_fails() {
	check 'mail() returned' 'bool(false)' "$(cat "$work/php")"
	check_match 'stderr' '^mailchute: |^sendmail: ' "$work/php.err"
	check_match log " exitcode=$1( |\$)" "$client/log"
	postfix_empty || complain 'something arrived'
}

begin 'a refused recipient: false'
php_mail 'var_dump(mail("nobody@example.test", "S", "text"));'
php_fails EX_NOUSER
finish

begin 'no recipient at all: false'
php_mail 'var_dump(mail("", "S", "text"));'
php_fails EX_DATAERR
finish

begin 'an address that does not parse: false'
php_mail 'var_dump(mail("bob@@example.test", "S", "text"));'
php_fails EX_DATAERR
finish

# ---- the fence: options that an attacker adds through the fifth parameter ----

# injected NAME OPTION: refused, nothing sent, no file written.
injected() {
	begin "injected $1: refused, nothing sent"
	rm -rf "$work/loot"
	mkdir -m 777 "$work/loot"
	php_mail "var_dump(mail('bob@example.test', 'S', '<?php evil();',
		'From: alice@example.test', '$2'));"
	check 'mail() returned' 'bool(false)' "$(cat "$work/php")"
	check 'files written' '' "$(ls "$work/loot")"
	postfix_empty || complain 'something arrived'
	finish
}

injected 'log file, -X' "-X $work/loot/x.php"
injected 'log file, -X attached' "-X$work/loot/x.php"
injected 'debug file, -D' "-D $work/loot/x"
injected 'configuration, -C' "-C $work/loot/evil"
injected 'configuration, -C attached' "-C$client/profile"
injected 'a verb after it' "-C $client/profile queue"
injected 'another account, -a' '-a other'
injected 'another host, --host' '--host=evil.example.test'
injected 'a log file, --logfile' "--logfile=$work/loot/log"
injected 'a command, --passwordeval' "--passwordeval=touch\\ $work/loot/pw"
injected 'a file, --read-envelope-from' "--file=$work/loot/evil"
injected 'an unknown option' '-Zfoo'
injected 'the daemon, -bd' '-bd'
injected 'an address test, -bt' '-bt'
injected 'Exim, -be' '-be'

# ignored NAME OPTION: the mail goes out as if it were not there.
ignored() {
	begin "injected $1: ignored"
	rm -rf "$work/loot"
	mkdir -m 777 "$work/loot"
	php_mail "var_dump(mail('bob@example.test', 'S', 'text',
		'From: alice@example.test', '$2'));"
	php_arrives bob
	check 'files written' '' "$(ls "$work/loot")"
	finish
}

ignored 'queue directory, -O' "-OQueueDirectory=$work/loot"
ignored 'queue directory, -oQ' "-oQ$work/loot"
ignored 'alias file, -oA' "-oA$work/loot/aliases"

# ---- not root ----------------------------------------------------------------

begin 'as www-data, without an environment'
mkdir "$work/www"
cp "$client/profile" "$work/www/profile"
sed -i "s,^logfile .*,logfile $work/www/log," "$work/www/profile"
chown -R 33:33 "$work/www"
chmod 755 "$work" "$work/client" "$work/www"
setpriv --reuid 33 --regid 33 --clear-groups env -i timeout 60 \
	/usr/bin/php -n \
	-d "sendmail_path=$MAILCHUTE -C $work/www/profile sendmail -t -i" \
	-r 'var_dump(mail("bob@example.test", "S", "text"));' \
	>"$work/php" 2>"$work/php.err"
check 'mail() returned' 'bool(true)' "$(cat "$work/php")"
check_empty stderr "$work/php.err"
postfix_take bob
printf 'text\n' >"$work/m/body"
check_same body "$work/m/body" "$postfix/arrived.body"
check_match log ' exitcode=EX_OK( |$)' "$work/www/log"
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
