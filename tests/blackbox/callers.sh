#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How programs call a sendmail: their words and the shape of what they write,
# one row each.  (tests/callers runs the programs themselves, as root.)
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start --auth-optional --dsn
profile "port $clear_port" 'tls off' 'auth off'

body() {
	printf 'first line\n.\n..\n.leading\nGr\303\274\303\237e\n\nFrom here\nlast\n'
}
body >body

# The shapes: a message on stdout, header and body.
head_to() {
	printf 'From: Alice <alice@example.test>\nTo: bob@example.test\n'
	printf 'Subject: a report\nMIME-Version: 1.0\n'
}
plain() {
	head_to
	printf 'Content-Type: text/plain; charset=UTF-8\n\n'
	body
}
crlf() {
	plain | sed 's/$/\r/'
}
crlf_head() {
	head_to | sed 's/$/\r/'
	printf '\r\n'
	body
}
lf_head() {
	head_to
	printf '\n'
	body | sed 's/$/\r/'
}
cron() {
	printf 'From: root (Cron Daemon)\nTo: root\n'
	printf 'Subject: Cron <root@host> job\nMIME-Version: 1.0\n'
	printf 'Content-Type: text/plain; charset=UTF-8\n'
	printf 'Content-Transfer-Encoding: 8bit\nX-Cron-Env: <HOME=/root>\n\n'
	body
}
cronie() {
	printf 'From: "(Cron Daemon)" <root>\nTo: bob@example.test\n'
	printf 'Subject: Cron <root@host> job\nAuto-Submitted: auto-generated\n'
	printf 'Precedence: bulk\nX-Cron-Env: <HOME=/root>\n\n'
	body
}
bare_head() {
	printf 'To: bob@example.test\nSubject: a report\n\n'
	body
}
subject_only() {
	printf 'Subject: a report\nTo: root\n\n'
	body
}
bcc() {
	printf 'From: alice@example.test\r\nTo: undisclosed-recipients:;\r\n'
	printf 'Bcc: bob@example.test\r\nSubject: a report\r\n\r\n'
	body | sed 's/$/\r/'
}
mbox() {
	printf 'From alice@example.test  Tue Nov 10 12:00:00 2026\n'
	plain
}
three() {
	printf 'From: alice@example.test\nTo: bob@example.test\n'
	printf 'Cc: Carol <carol@example.test>\nBcc: dora@example.test\n'
	printf 'Subject: a report\n\n'
	body
}

# A caller that gives its sendmail one end of a socket pair, as Perl's and
# Python's do with socketpair().
submit_by_socket() {
	status=0
	env -i PATH="$PATH" HOME="$client/home" LC_ALL=C \
		ASAN_OPTIONS="${ASAN_OPTIONS-}" perl -MSocket -e '
		socketpair(my $ours, my $its, AF_UNIX, SOCK_STREAM, 0) or die;
		my $pid = fork;
		if (!$pid) {
			close $ours;
			open STDIN, "<&", $its or die;
			exec @ARGV or die;
		}
		close $its;
		open my $in, "<", "in" or die;
		local $/;
		syswrite $ours, <$in>;
		shutdown $ours, 1;
		waitpid $pid, 0;
		exit $? >> 8' "$client/bin/sendmail" "$@" \
		>"$client/out" 2>"$client/err" || status=$?
}

# caller_row NAME SHAPE PIPE|FILE|SOCKET SENDER RECIPIENTS ARGUMENT...
caller_row() {
	begin "$1"
	row_shape=$2 row_kind=$3 row_sender=$4 row_to=$5
	shift 5
	rm -f mail/*
	$row_shape >in
	if [ "$row_kind" = pipe ]; then
		mkfifo pipe
		cat in >pipe &
		submit sendmail "$@" <pipe
		wait $!
		rm pipe
	elif [ "$row_kind" = socket ]; then
		submit_by_socket "$@"
	else
		submit sendmail "$@" <in
	fi
	check 'exit code' 0 "$status"
	check_empty stdout "$client/out"
	check_empty stderr "$client/err"
	arrived 1
	check sender "$row_sender" "$(sed -n 's/^from //p' mail/*.envelope)"
	check recipients "$row_to" "$(sed -n 's/^to //p' mail/*.envelope |
		sed 's/@example\.test$//' | paste -s -d ' ' -)"
	tr -d '\r' <"$(echo mail/*.eml)" >arrived
	sed '1,/^$/d' arrived >arrived.body
	check_same body body arrived.body
	sed '/^$/,$d' arrived >arrived.head
	check_match From '^From: .*alice@example\.test' arrived.head
	check_match Date '^Date: ' arrived.head
	check_match Message-ID '^Message-ID: ' arrived.head
	check_no_match Bcc '^Bcc' arrived.head
	check_no_match 'mbox line' '^>?From ' arrived.head
	finish
}

a=alice@example.test
b=bob@example.test

caller_row 'Debian cron' cron pipe $a bob -FCronDaemon -i -B8BITMIME -oem $b
caller_row 'cronie' cronie pipe $a bob \
	-FCronDaemon -i -odi -oem -oi -t -f root
caller_row 'bcron' bare_head pipe $a bob -FCronDaemon -i -odi -oem -t
caller_row 'anacron' cron file $a bob -FAnacron -odi $b
caller_row 'atd' cron file $a bob -i $b
caller_row 'systemd-cron' bare_head pipe $a bob -i -B8BITMIME $b
caller_row "PHP's mail()" crlf_head pipe $a bob -t -i
caller_row "PHP's mail(), CRLF in the body" crlf pipe $a bob -t -i
caller_row "PHP's mail() before 8.0" plain pipe $a bob -t -i
caller_row "PHP's mail() before 8.0, CRLF in the body" lf_head pipe $a bob -t -i
caller_row "PHP's mail(), fifth parameter" crlf_head pipe \
	bounce@example.test bob -t -i -fbounce@example.test
caller_row 'php-fpm, -f in the pool' crlf_head pipe www@example.test bob \
	-t -i -f www@example.test
caller_row 'PHP imap_mail()' three pipe $a 'bob carol dora' -t -i
caller_row 'PHPMailer isSendmail()' crlf pipe $a bob -f$a -i -t
caller_row 'PHPMailer isMail(), Bcc alone' bcc pipe $a bob -t -i -f$a
caller_row 'WordPress wp_mail()' crlf_head pipe wordpress@example.test bob \
	-t -i -fwordpress@example.test
caller_row 'DokuWiki' crlf_head pipe wiki@example.test bob \
	-t -i '-f wiki@example.test'
caller_row 'Symfony Mailer -t' plain pipe $a bob -t -i
caller_row 'SwiftMailer -t' plain pipe $a bob -t -i -f$a
caller_row 'git send-email' plain pipe $a 'bob carol' \
	-f $a -i $b carol@example.test
caller_row 'git post-receive-email' plain pipe $a bob -t -f $a
caller_row 'mutt' plain file $a 'bob carol' \
	-oem -oi -B8BITMIME -f $a -- $b carol@example.test
caller_row 'mutt, with a report' plain file $a bob \
	-oem -oi -f $a -N delay,failure -R hdrs -- $b
caller_row 'neomutt' plain file $a bob -oem -oi -- $b
caller_row 'GNU mailutils' plain pipe $a bob -oi -f $a $b
caller_row 'bsd-mailx' plain file $a bob -i $b
caller_row 'nmh, sendmail/pipe' plain pipe $a bob -t -i
caller_row 'claws-mail' plain pipe $a bob -t -i
caller_row 'slrn' plain pipe $a bob -oi -t -oem -odb
caller_row 'Emacs' plain pipe $a bob \
	-i -f $a -oA/home/alice/.mailrc -odb -oem -t
caller_row 'Mail::Send' three pipe $a 'bob carol dora' -t
caller_row 'MIME::Lite' three pipe $a 'bob carol dora' -t -oi -oem
caller_row 'Email::Sender' plain pipe $a bob -i -f $a -- $b
caller_row "Ruby's mail" plain pipe $a 'bob carol' -i -f $a -- $b \
	carol@example.test
caller_row 'nodemailer' crlf pipe $a bob -i -f $a $b
caller_row 'Mercurial' plain pipe $a bob -f $a $b
caller_row 'rss2email' plain pipe $a bob -F '' -f $a $b
caller_row 'rss2email, empty -f' plain pipe '' bob -f '' $b
caller_row 'maildrop' mbox pipe $a bob -oi -f $a $b
caller_row 'procmail' mbox pipe $a bob -oi $b
caller_row 'logwatch' bare_head pipe $a bob -t
caller_row 'apt-listchanges' plain pipe $a bob -oi -t
caller_row 'debsecan' plain pipe $a bob -t
caller_row 'cron-apt' plain pipe $a bob -t -oi
caller_row 'rkhunter' subject_only pipe $a bob $b
caller_row 'popularity-contest' plain pipe popcon@example.test bob \
	-oi -f popcon@example.test $b
caller_row 'arpwatch' plain file $a bob -odi $b
caller_row 'mdadm' plain pipe $a bob -t
caller_row 'sudo' plain pipe $a bob -t
caller_row 'warnquota' plain pipe $a bob -t
caller_row 'gpg-mailkeys' plain file $a bob -ti
caller_row 'bts, mass-bug, nmudiff' plain pipe $a bob -t
caller_row 'Bacula' plain pipe $a bob -t
caller_row 'tripwire' plain pipe $a bob -oi -t
caller_row 'LSF' plain pipe $a bob -oi -FLSF -f $a $b
caller_row 'INN' plain pipe $a bob -oi -oem -pNNTP:news $b
caller_row 'Sympa' plain pipe $a bob -oi -odi -oem -V00000007 -N success -f $a $b
caller_row 'fail2ban' plain pipe fail2ban@example.test bob \
	-f fail2ban@example.test $b

if perl -MSocket -e 1 2>/dev/null; then
	caller_row 'a socket for standard input' plain socket $a bob -t -i
fi

begin 'a command line of 20,000 recipients'
rm -f mail/*
plain >in
# shellcheck disable=SC2046 # words
submit sendmail -i $(awk 'BEGIN { for (i = 0; i < 20000; i++) print "r" i "@example.test" }') <in
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
check recipients 20000 "$(cat mail/*.envelope | grep -c '^to ')"
finish

summary
