# SPDX-License-Identifier: GPL-3.0-or-later
# PHP with a mailer's classes, for the suites that have some.
#
# shellcheck shell=sh disable=SC2154

php_sendmail='/usr/sbin/sendmail -t -i'

# php_mailer CODE: what it prints in the file php, what it hurls in php.err.
php_mailer() {
	caller_mark
	status=0
	env -i PATH="$PATH" HOME="$client/home" timeout 60 \
		php -n -d extension=ctype.so -d extension=iconv.so \
		-d extension=mbstring.so -d extension=tokenizer.so \
		-d "sendmail_path=$php_sendmail" \
		-d include_path=/usr/share/php -d error_reporting=8191 \
		-d display_errors=stderr -r "$1" \
		>"$work/php" 2>"$work/php.err" || status=$?
	caller_logged
}

# sent_to MAILBOX SENDER: PHP was content, and the message is as it was made.
sent_to() {
	check 'exit code' 0 "$status"
	check 'what it says' sent "$(cat "$work/php")"
	check_empty stderr "$work/php.err"
	postfix_take "$1" || return
	check_match 'envelope sender' "^Return-Path: <$2>" "$postfix/arrived"
	check_no_match Bcc '^Bcc' "$postfix/arrived.head"
	check_match Subject '^Subject: .*G' "$postfix/arrived.head"
	printf 'one\n.\n.dot\nlast\n' >"$work/m/body"
	# PHP's mail() adds an empty line to a body that ends in a line end.
	sed '${/^$/d}' "$postfix/arrived.body" >"$work/m/arrived"
	check_same body "$work/m/body" "$work/m/arrived"
}
