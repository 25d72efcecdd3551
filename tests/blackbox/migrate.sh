#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute-migrate(7): each example is taken out of the page and run, with the
# sink for smtp.example.org and its password for the page's.
set -u
# shellcheck source=tests/blackbox/sink.sh
. "$TOP_SRCDIR/tests/blackbox/sink.sh"
sink_open
sink_start
page=$TOP_SRCDIR/man/mailchute-migrate.7

# example KIND NAME: the display behind that comment.
example() {
	awk -v mark=".\\\\\" $1: $2" '
		index($0, mark) == 1 && length($0) == length(mark) { found = 1 }
		found && /^\.Ed/ { exit }
		inside { print }
		found && /^\.Bd/ { inside = 1 }' "$page"
}

# adapt: for the sink.
adapt() {
	sed -e 's/^host .*/host localhost/' \
		-e "s/^port 587\$/port $starttls_port/" \
		-e "s/^port 465\$/port $implicit_port/" \
		-e 's/^password .*/password open sesame/' \
		-e 's/^queue always/queue off/' \
		-e "s,^aliases .*,aliases $sink/aliases,"
	printf 'tls_trust_file %s\ntimeout 5\nlogfile %s\nsyslog off\n' \
		"$sink/certs/ca.pem" "$client/log.all"
	grep -q '^port ' "$1" || echo "port $starttls_port"
}

cat >cron <<'END'
From: root (Cron Daemon)
To: root
Subject: Cron <root@host> job

what the job said
END

# mail_of ARGUMENT...: it goes out over TLS, after a login, from Alice.
mail_of() {
	mail_to=$1
	shift
	rm -f mail/*
	: >transcript
	submit "$@"
	check 'exit code' 0 "$status"
	check_empty stderr "$client/err"
	arrived 1
	check sender alice@example.org "$(sed -n 's/^from //p' mail/*.envelope)"
	check recipient "$mail_to" "$(sed -n 's/^to //p' mail/*.envelope)"
	check_match login '^C: AUTH ' transcript
	check_match From '^From: .*alice@example\.org' mail/*.eml
	check_match log ' tls=on auth=on user=alice ' "$client/log"
}

# moves NAME FILE: the new profile, and what the old file says stands in it.
moves() {
	begin "$1: old and new name the same server and login"
	example old "$1" >old
	example new "$1" >new
	example aliases "$1" >aliases
	for said in smtp.example.org alice 587 465; do
		grep -q "\\b$said\\b" old || continue
		grep -q "\\b$said\\b" new ||
			[ "$said" = 587 ] || complain "new: no $said"
	done
	[ -s old ] && [ -s new ] || complain 'no example'
	finish

	adapt new <new >"$client/profile"
	chmod 600 "$client/profile"
	cp -p "$client/profile" "$client/home/.mailchuterc"
	if [ -s aliases ]; then
		begin "$1: cron's mail to root"
		mail_of alice@example.org sendmail -FCronDaemon -i -B8BITMIME \
			-oem root <cron
		finish
	fi
	if grep -q '^maildomain' new; then
		begin "$1: a name that is no alias"
		mail_of bob@example.org sendmail -i bob <cron
		finish
	fi
	begin "$1: -t"
	printf 'From: alice@example.org\nTo: bob@example.test\n\nhi\n' >in
	mail_of bob@example.test sendmail -t -i <in
	finish
}

for name in ssmtp dma nullmailer postfix exim msmtp; do
	moves $name
done

begin 'msmtp: the old file as it is'
rm "$client/home/.mailchuterc"
adapt old <old >"$client/home/.msmtprc"
chmod 600 "$client/home/.msmtprc"
cp -p "$client/home/.msmtprc" "$sink/msmtprc"
mail_of bob@example.test sendmail -t -i <in
finish

begin 'nullmailer: mail for anybody on this host'
example new nullmailer >new
example aliases nullmailer >aliases
adapt new <new >"$client/home/.mailchuterc"
chmod 600 "$client/home/.mailchuterc"
mail_of alice@example.org sendmail -i www-data <cron
finish

# The page's folders are the suite's own here.
begin 'many senders, one password: root, by the door'
example relay serve >relay
example new serve >new
example aliases serve >aliases
adapt relay <relay | sed -e 's/^queue off/queue always/' \
	-e "s,^queue_dir .*,queue_dir $sink/spool," >relay.conf
chmod 600 relay.conf
sed -e "s,^socket .*,socket $sink/submit," \
	-e "s,^aliases .*,aliases $sink/aliases," new >"$client/home/.mailchuterc"
printf 'logfile %s\nsyslog off\nqueue off\n' "$client/log.all" \
	>>"$client/home/.mailchuterc"
chmod 644 "$client/home/.mailchuterc"
env -i PATH="$PATH" ASAN_OPTIONS="${ASAN_OPTIONS-}" "$MAILCHUTE" \
	-C "$sink/relay.conf" serve --socket "$sink/submit" >serve.out 2>&1 &
serve_pid=$!
tries=100
until [ -S submit ] || [ "$tries" -eq 0 ]; do
	sleep 0.1
	tries=$((tries - 1))
done
rm -f mail/*
submit sendmail -FCronDaemon -i -oem root <cron
check 'exit code' 0 "$status"
check_empty stderr "$client/err"
tries=100
until ls mail/*.eml >mails 2>/dev/null || [ "$tries" -eq 0 ]; do
	sleep 0.1
	tries=$((tries - 1))
done
arrived 1
check recipient alice@example.org "$(sed -n 's/^to //p' mail/*.envelope)"
check sender alice@example.org "$(sed -n 's/^from //p' mail/*.envelope)"
check_match From '^From: .*alice@example\.org' mail/*.eml
check_match login '^C: AUTH ' transcript
check_no_match 'the password for all to read' password \
	"$client/home/.mailchuterc"
kill "$serve_pid"
wait "$serve_pid"
check 'exit code of the door' 0 $?
check_empty 'what it said' serve.out
finish

begin 'a second server: asked when the first is not there'
example new fallback >new
adapt new <new | awk -v port="$starttls_port" '
	/^host / { print; print "port " (hosts++ ? port : 1); next }
	!/^port / { print }' >"$client/home/.mailchuterc"
# The settings for the sink belong to both.
grep -E '^(tls_trust_file|timeout|logfile|syslog)' "$client/home/.mailchuterc" \
	>common
grep -vxFf common "$client/home/.mailchuterc" | cat common - | sed '1i defaults' \
	>whole
cp whole "$client/home/.mailchuterc"
chmod 600 "$client/home/.mailchuterc"
rm -f mail/*
submit sendmail -t -i <in
check 'exit code' 0 "$status"
arrived 1
check_match log 'account=default .*fallback=backup' "$client/log"
check_match 'the second' 'account=backup ' "$client/log"
finish

begin 'every example of the page was run'
check 'examples' 8 "$(grep -c '^\.\\" new: ' "$page")"
finish

summary
