# SPDX-License-Identifier: GPL-3.0-or-later
# PHP's mailers with mailchute as the machine's sendmail: PHPMailer, WordPress,
# Symfony Mailer and the way of Laravel 9 and later.  Runs inside the sandbox:
#	sh phpmail_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
caller_install

# shellcheck source=tests/callers/php_mailer.sh
. "$here/php_mailer.sh"

# ---- PHPMailer -------------------------------------------------------------------

caller_is PHPMailer libphp-phpmailer
phpmailer='require "/usr/share/php/libphp-phpmailer/autoload.php";
	$m = new PHPMailer\PHPMailer\PHPMailer(true);
	$m->setFrom("alice@example.test", "Alice");
	$m->addAddress("bob@example.test", "Bob");
	$m->Subject = "Greetings"; $m->Body = "one\n.\n.dot\nlast";'

begin 'PHPMailer isSendmail()'
php_mailer "$phpmailer"'$m->isSendmail(); $m->send(); echo "sent";'
sent_to bob alice@example.test
finish

begin 'PHPMailer isSendmail(), Sender, Cc and Bcc'
php_mailer "$phpmailer"'$m->isSendmail(); $m->Sender = "bounce@example.test";
	$m->addCC("carol@example.test"); $m->addBCC("rcpt1@example.test");
	$m->send(); echo "sent";'
sent_to bob bounce@example.test
sent_to carol bounce@example.test
sent_to rcpt1 bounce@example.test
finish

# It takes php.ini's line when "sendmail" stands in it, and else another program.
php_sendmail="$MAILCHUTE -C $client/profile sendmail -t -i"
mv /etc/mailchuterc /etc/kept
begin 'PHPMailer isSendmail() with the line of the README'
php_mailer "$phpmailer"'$m->isSendmail(); $m->send(); echo "sent";'
sent_to bob alice@example.test
finish
ln -s "$MAILCHUTE" /run/chute
php_sendmail="/run/chute -C $client/profile -t -i"
rm /usr/sbin/sendmail
printf '#!/bin/sh\ncat >%s\n' "$work/another" >/usr/sbin/sendmail
chmod 755 /usr/sbin/sendmail
begin 'PHPMailer isSendmail(), a line without the word: another program'
php_mailer "$phpmailer"'$m->isSendmail(); $m->send(); echo "sent";'
check_match 'what another got' '^Subject: Greetings' "$work/another"
postfix_empty || complain 'something arrived'
finish
mv /etc/kept /etc/mailchuterc
ln -sf "$MAILCHUTE" /usr/sbin/sendmail
php_sendmail='/usr/sbin/sendmail -t -i'

begin 'PHPMailer isMail()'
php_mailer "$phpmailer"'$m->isMail(); $m->send(); echo "sent";'
sent_to bob alice@example.test
finish

begin 'PHPMailer with an attachment'
php_mailer "$phpmailer"'$m->isSendmail();
	$m->addStringAttachment(str_repeat("0123456789abcdef\n", 100000), "a.bin");
	$m->send(); echo "sent";'
check 'exit code' 0 "$status"
postfix_take bob
check_match 'the end of the last part' '^--b1_[^ ]*--$' "$postfix/arrived.body"
check 'the attachment' 1700000 "$(sed -n '/a\.bin/,/^--/p' \
	"$postfix/arrived.body" | sed '1,/^$/d; /^--/d' | base64 -d | wc -c)"
finish

begin 'PHPMailer: a refused recipient is an exception'
php_mailer "$phpmailer"'$m->isSendmail(); $m->clearAddresses();
	$m->addAddress("nobody@example.test");
	try { $m->send(); echo "sent"; }
	catch (Exception $e) { echo $e->getMessage(); }'
check_match exception 'Could not execute: /usr/sbin/sendmail' "$work/php"
check_match stderr '550 5\.1\.1' "$work/php.err"
postfix_empty || complain 'something arrived'
finish

# ---- WordPress -------------------------------------------------------------------

caller_is 'WordPress wp_mail()' wordpress
# Without a database: what wp_mail() itself asks for.
wordpress='define("ABSPATH", "/usr/share/wordpress/"); define("WPINC", "wp-includes");
	function get_bloginfo($what) { return "UTF-8"; }
	function network_home_url() { return "http://blog.example.test/"; }
	function wp_parse_url($url, $part) { return parse_url($url, $part); }
	function is_wp_error($thing) { return $thing instanceof WP_Error; }
	function is_email($text) { return filter_var($text, FILTER_VALIDATE_EMAIL); }
	function __($text) { return $text; }
	require ABSPATH . WPINC . "/plugin.php";
	require ABSPATH . WPINC . "/class-wp-error.php";
	require ABSPATH . WPINC . "/pluggable.php";
	add_action("wp_mail_failed", function ($e) {
		fwrite(STDERR, $e->get_error_message()); });'

begin 'wp_mail()'
php_mailer "$wordpress"'echo wp_mail("bob@example.test", "Greetings",
	"one\n.\n.dot\nlast", "From: Alice <alice@example.test>") ? "sent" : "failed";'
sent_to bob alice@example.test
finish

begin 'wp_mail(): headers as an array, Cc and Bcc, CRLF in the body'
php_mailer "$wordpress"'echo wp_mail(array("bob@example.test"), "Greetings",
	"one\r\n.\r\n.dot\r\nlast", array("From: alice@example.test",
	"Cc: carol@example.test", "Bcc: rcpt1@example.test")) ? "sent" : "failed";'
sent_to bob alice@example.test
sent_to carol alice@example.test
sent_to rcpt1 alice@example.test
finish

begin 'wp_mail(): a refused recipient is a false'
php_mailer "$wordpress"'echo wp_mail("nobody@example.test", "Greetings", "x",
	"From: alice@example.test") ? "sent" : "failed";'
check 'what it says' failed "$(cat "$work/php")"
check_match stderr '550 5\.1\.1' "$work/php.err"
postfix_empty || complain 'something arrived'
finish

# ---- Symfony Mailer ----------------------------------------------------------------

caller_is 'Symfony Mailer' php-symfony-mailer
symfony='require "Symfony/Component/Mailer/autoload.php";
	require "Symfony/Component/Mime/autoload.php";
	use Symfony\Component\Mailer\Mailer;
	use Symfony\Component\Mailer\Transport\SendmailTransport;
	use Symfony\Component\Mime\Email;
	function email($to) { return (new Email())->from("alice@example.test")
		->to($to)->subject("Greetings")->text("one\n.\n.dot\nlast"); }'

# symfony_sent COMMAND: "" is Symfony's own.
symfony_sent() {
	begin "Symfony Mailer: ${1:-its default, sendmail -bs}"
	php_mailer "$symfony"'$command = '"'$1'"' ?: null;
		$m = new Mailer(new SendmailTransport($command));
		$m->send(email("bob@example.test")); echo "sent";'
	sent_to bob alice@example.test
	finish
}
symfony_sent ''
symfony_sent '/usr/sbin/sendmail -bs'
symfony_sent '/usr/sbin/sendmail -t -i'
symfony_sent '/usr/sbin/sendmail -oi -t'

begin 'Symfony Mailer: several messages over one -bs'
php_mailer "$symfony"'$t = new SendmailTransport(null); $m = new Mailer($t);
	$m->send(email("bob@example.test")); $m->send(email("carol@example.test"));
	$m->send(email("bob@example.test")->bcc("rcpt1@example.test"));
	unset($m, $t); echo "sent";'
sent_to bob alice@example.test
sent_to carol alice@example.test
sent_to bob alice@example.test
sent_to rcpt1 alice@example.test
check 'log lines' 3 "$(grep -c ' exitcode=EX_OK ' "$client/log")"
finish

begin 'Symfony Mailer: HTML, an attachment and names that are not ASCII'
php_mailer "$symfony"'$m = new Mailer(new SendmailTransport(null));
	$m->send((new Email())->from("alice@example.test")
		->to(new Symfony\Component\Mime\Address("bob@example.test", "Bób"))
		->subject("Grüße")->text("hällo")->html("<b>hällo</b>")
		->attach(str_repeat("0123456789abcdef\n", 100000), "a.bin"));
	echo "sent";'
check 'what it says' sent "$(cat "$work/php")"
postfix_take bob
check 'the attachment' 1700000 "$(sed -n '/a\.bin/,/^--/p' \
	"$postfix/arrived.body" | sed '1,/^$/d; /^--/d' | base64 -d | wc -c)"
finish

begin 'Symfony Mailer -bs: a refused recipient is an exception, then it goes on'
php_mailer "$symfony"'$m = new Mailer(new SendmailTransport(null));
	try { $m->send(email("nobody@example.test")); echo "sent"; }
	catch (Symfony\Component\Mailer\Exception\TransportException $e) {
		fwrite(STDERR, $e->getMessage()); }
	$m->send(email("bob@example.test")); echo "sent";'
check 'what it says' sent "$(cat "$work/php")"
check_match exception 'Expected response code "250" but got code "554"' \
	"$work/php.err"
check_match "exception has the server's words" '550 5\.1\.1 <nobody@example\.test>' \
	"$work/php.err"
postfix_take bob
finish

# ---- Laravel ---------------------------------------------------------------------------

caller_is "Laravel 9's way (Symfony Mailer, -bs -i)" php-symfony-mailer
symfony_sent '/usr/sbin/sendmail -bs -i'
begin 'Laravel: behind the fence, with a profile'
php_mailer "$symfony"'$m = new Mailer(new SendmailTransport(
	"'"$MAILCHUTE -C $client/profile"' sendmail -bs -i"));
	$m->send(email("bob@example.test")); echo "sent";'
sent_to bob alice@example.test
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
