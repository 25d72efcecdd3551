# SPDX-License-Identifier: GPL-3.0-or-later
# SwiftMailer, and Laravel, which uses it up to version 8, with mailchute as the
# machine's sendmail.  Runs inside the sandbox:
#	sh laravel_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/callers/caller.sh
. "$here/caller.sh"
# shellcheck source=tests/callers/php_mailer.sh
. "$here/php_mailer.sh"
caller_install

# ---- SwiftMailer -----------------------------------------------------------------

caller_is SwiftMailer php-swiftmailer
swift='require "Egulias/EmailValidator/autoload.php";
	require "Swift/swift_required.php";
	function email($to) { return (new Swift_Message("Greetings"))
		->setFrom("alice@example.test")->setTo($to)
		->setBody("one\n.\n.dot\nlast"); }'

# swift_sent COMMAND: "" is SwiftMailer's own.
swift_sent() {
	begin "SwiftMailer: ${1:-its default, sendmail -bs}"
	php_mailer "$swift"'$command = '"'$1'"' ?: "/usr/sbin/sendmail -bs";
		$m = new Swift_Mailer(new Swift_SendmailTransport($command));
		echo $m->send(email("bob@example.test")) == 1 ? "sent" : "not";'
	sent_to bob alice@example.test
	finish
}
swift_sent ''
swift_sent '/usr/sbin/sendmail -bs'
swift_sent '/usr/sbin/sendmail -t -i'

# Without -i it doubles a dot that begins a line.  Postfix and Exim leave it so,
# and a lone one does not end the message.
begin 'SwiftMailer: sendmail -t, without -i'
php_mailer "$swift"'$m = new Swift_Mailer(
	new Swift_SendmailTransport("/usr/sbin/sendmail -t"));
	echo $m->send(email("bob@example.test"));'
check 'what it says' 1 "$(cat "$work/php")"
postfix_take bob
printf 'one\n..\n..dot\nlast\n' >"$work/m/body"
check_same body "$work/m/body" "$postfix/arrived.body"
finish

begin 'SwiftMailer: several messages over one -bs, with Cc and Bcc'
php_mailer "$swift"'$m = new Swift_Mailer(new Swift_SendmailTransport());
	$m->send(email("bob@example.test"));
	$m->send(email("bob@example.test")->setCc("carol@example.test")
		->setBcc("rcpt1@example.test")); echo "sent";'
sent_to bob alice@example.test
sent_to bob alice@example.test
sent_to carol alice@example.test
sent_to rcpt1 alice@example.test
check 'log lines' 2 "$(grep -c ' exitcode=EX_OK ' "$client/log")"
finish

begin 'SwiftMailer -bs: a refused recipient is an exception, then it goes on'
php_mailer "$swift"'$m = new Swift_Mailer(new Swift_SendmailTransport());
	try { $m->send(email("nobody@example.test")); echo "sent"; }
	catch (Swift_TransportException $e) { fwrite(STDERR, $e->getMessage()); }
	$m->send(email("bob@example.test")); echo "sent";'
check 'what it says' sent "$(cat "$work/php")"
check_match "exception has the server's words" '550 5\.1\.1 <nobody@example\.test>' \
	"$work/php.err"
postfix_take bob
finish

# ---- Laravel ---------------------------------------------------------------------

caller_is 'Laravel 8, Mail::raw()' php-laravel-framework
# laravel_mail COMMAND: the framework's own mail manager, with what a skeleton's
# config/mail.php says.
laravel_mail() {
	echo 'require "Egulias/EmailValidator/autoload.php";
	foreach (["Config", "Container", "Events", "Filesystem", "View", "Mail"]
			as $part)
		require "Illuminate/$part/autoload.php";
	$app = new Illuminate\Container\Container;
	$app["config"] = new Illuminate\Config\Repository(["mail" => [
		"default" => "sendmail", "mailers" => ["sendmail" => [
			"transport" => "sendmail", "path" => "'"$1"'"]],
		"from" => ["address" => "alice@example.test", "name" => "Alice"]]]);
	$app["events"] = new Illuminate\Events\Dispatcher($app);
	$app["view"] = new Illuminate\View\Factory(
		new Illuminate\View\Engines\EngineResolver,
		new Illuminate\View\FileViewFinder(
			new Illuminate\Filesystem\Filesystem, []), $app["events"]);
	$mail = new Illuminate\Mail\MailManager($app);
	function raw($mail, $to) { $mail->raw("one\n.\n.dot\nlast",
		function ($m) use ($to) { $m->to($to)->bcc("rcpt1@example.test")
			->subject("Greetings"); }); }'
}
for command in '/usr/sbin/sendmail -bs' '/usr/sbin/sendmail -bs -i' \
	'/usr/sbin/sendmail -t -i'; do
	begin "Laravel: $command"
	php_mailer "$(laravel_mail "$command")"'raw($mail, "bob@example.test");
		echo $mail->failures() ? "failed" : "sent";'
	sent_to bob alice@example.test
	sent_to rcpt1 alice@example.test
	check_match From '^From: Alice <alice@example\.test>' \
		"$postfix/arrived.head"
	finish
done
begin 'Laravel: behind the fence, with a profile'
php_mailer "$(laravel_mail "$MAILCHUTE -C $client/profile sendmail -bs -i")"'
	raw($mail, "bob@example.test"); echo "sent";'
sent_to bob alice@example.test
sent_to rcpt1 alice@example.test
finish
begin 'Laravel: a refused sender is an exception'
php_mailer "$(laravel_mail '/usr/sbin/sendmail -bs -i')"'try { $mail->alwaysFrom(
	"mallory@example.test"); raw($mail, "bob@example.test"); echo "sent"; }
	catch (Exception $e) { fwrite(STDERR, $e->getMessage()); echo "failed"; }'
check 'what it says' failed "$(cat "$work/php")"
check_match exception '550 5\.7\.1' "$work/php.err"
postfix_empty || complain 'something arrived'
finish

[ "$tap_failed" -eq 0 ] || postfix_tell
summary
