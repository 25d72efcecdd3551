# SPDX-License-Identifier: GPL-3.0-or-later
# An OpenSMTPD of the test's own.  Runs inside the sandbox.
#
#	25 no TLS, no login: that of Debian 12 cannot use its private key with
#	OpenSSL 3 ("missing private key"), so there is no handshake to be had
#
# shellcheck shell=sh disable=SC2154

opensmtpd_start() {
	opensmtpd=$1
	sandbox_user opensmtpd 975
	sandbox_user opensmtpq 976
	mkdir -p /var/lib/opensmtpd/empty /etc/smtpd
	chown -R root:root /var/lib/opensmtpd 2>/dev/null
	printf '%s\t%s\n' bob@example.test vmail carol@example.test vmail \
		>/etc/smtpd/boxes
	opensmtpd_configure >/etc/smtpd/smtpd.conf
	smtpd -d -f /etc/smtpd/smtpd.conf >"$opensmtpd/console" 2>&1 &
	opensmtpd_pid=$!
	server_wait 25
}

opensmtpd_stop() {
	kill "$opensmtpd_pid"
	wait "$opensmtpd_pid"
}

opensmtpd_tell() {
	server_tell "$opensmtpd/console"
}

opensmtpd_configure() {
	cat <<-END
		table boxes file:/etc/smtpd/boxes
		listen on 127.0.0.1 port 25 hostname $server_host
		action "keep" maildir "$opensmtpd/mail/%{rcpt.user}" virtual <boxes>
		match from local for domain example.test action "keep"
	END
}
