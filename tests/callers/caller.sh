# SPDX-License-Identifier: GPL-3.0-or-later
# What the suites of callers share: libraries, a Postfix, and Alice's profile.
# Sourced with `here`, the folder of the suite, set.
#
# shellcheck shell=sh disable=SC2154

# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$here/../lib/sandbox.sh"
# shellcheck source=tests/lib/pki.sh
. "$here/../lib/pki.sh"
# shellcheck source=tests/lib/client.sh
. "$here/../lib/client.sh"
# shellcheck source=tests/lib/message.sh
. "$here/../lib/message.sh"
# shellcheck source=tests/servers/postfix.sh
. "$here/../servers/postfix.sh"

work=/run/test
mkdir -p "$work/client" "$work/m"
client_open "$work/client"
postfix_start "$work/postfix" || bail 'Postfix does not start'
client_profile "host $postfix_host" 'port 587' 'tls on' 'auth on' \
	"tls_trust_file $work/postfix/pki/ca.pem" 'from alice@example.test' \
	"user $postfix_user" "password $postfix_password"

# caller_record FOLDER: a program named sendmail that keeps what its caller
# gives it (argv, one word a line, and stdin) and sends nothing.
caller_record() {
	mkdir -p "$1"
	cat >"$1/sendmail" <<-END
		#!/bin/sh
		printf '%s\n' "\$@" >$1/argv
		cat >$1/stdin
	END
	chmod 755 "$1/sendmail"
}

# caller_logged: what mailchute has logged since caller_mark, in client/log.
caller_mark() {
	client_seen=$(wc -c <"$client/log.all")
}

caller_logged() {
	tail -c "+$((client_seen + 1))" "$client/log.all" >"$client/log"
}

# caller_lines FILE: a message as a mailbox keeps it: LF.
caller_head() {
	LC_ALL=C sed 's/\r*$//; /^$/,$d' "$1"
}

caller_body() {
	LC_ALL=C sed 's/\r*$//' "$1" | LC_ALL=C sed '1,/^$/d'
}

# caller_is NAME PACKAGE: whose the following cases are, for the table in the
# README.
caller_is() {
	printf '# caller %s|%s\n' "$1" "$2"
}

# caller_install: as a package would, with Alice's profile for the machine.
caller_install() {
	cp "$client/profile" /etc/mailchuterc
	chmod 600 /etc/mailchuterc
	ln -sf "$MAILCHUTE" /usr/sbin/sendmail
	ln -sf /usr/sbin/sendmail /usr/lib/sendmail
	ln -sf /usr/sbin/sendmail /usr/bin/mailq
	ln -sf /usr/sbin/sendmail /usr/bin/newaliases
}
