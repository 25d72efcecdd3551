# SPDX-License-Identifier: GPL-3.0-or-later
# A Dovecot of the test's own: its submission service, which passes mail on to
# the Exim of exim.sh, and its LMTP service.  Runs inside the sandbox.
#
#	1587 STARTTLS, 1465 implicit TLS: PLAIN LOGIN SCRAM-SHA-256
#	24 LMTP, and the socket FOLDER/lmtp
#
# shellcheck shell=sh disable=SC2154

dovecot_start() {
	dovecot=$1
	mkdir -p "$dovecot/box"
	sandbox_user dovecot 972
	sandbox_user dovenull 973
	exim_start "$1" || return
	chown vmail "$dovecot/box"
	for dovecot_box in alice bob carol; do
		printf '%s:{PLAIN}%s\n' "$dovecot_box" "$server_password"
	done >"$dovecot/users"
	chown dovecot "$dovecot/users"
	dovecot_configure >"$dovecot/dovecot.conf"
	command dovecot -F -c "$dovecot/dovecot.conf" \
		>"$dovecot/dovecot.console" 2>&1 &
	dovecot_pid=$!
	server_wait 1587 && server_wait 24
}

dovecot_stop() {
	kill "$dovecot_pid"
	wait "$dovecot_pid"
	exim_stop
	server_tries=50
	while pgrep -x dovecot >/dev/null && [ $server_tries -gt 0 ]; do
		server_tries=$((server_tries - 1))
		sleep 0.1
	done
}

dovecot_tell() {
	server_tell "$dovecot/dovecot.console" "$dovecot/dovecot.log"
	exim_tell
}

dovecot_configure() {
	cat <<-END
		protocols = submission lmtp
		base_dir = $dovecot/run
		state_dir = $dovecot/run
		log_path = $dovecot/dovecot.log
		hostname = $server_host
		ssl = required
		ssl_cert = <$dovecot/pki/good.pem
		ssl_key = <$dovecot/pki/good.key
		auth_mechanisms = plain login scram-sha-256
		auth_failure_delay = 0
		auth_username_format = %n
		mail_location = maildir:$dovecot/mail/%n
		first_valid_uid = 100
		submission_relay_host = 127.0.0.1
		submission_relay_port = 25
		submission_relay_trusted = yes
		passdb {
		  driver = passwd-file
		  args = scheme=PLAIN username_format=%n $dovecot/users
		}
		userdb {
		  driver = static
		  args = uid=vmail gid=vmail home=$dovecot/box/%n
		}
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
		service submission-login {
		  inet_listener submission {
		    port = 1587
		  }
		  inet_listener submissions {
		    port = 1465
		    ssl = yes
		  }
		}
		service lmtp {
		  inet_listener lmtp {
		    address = 127.0.0.1
		    port = 24
		  }
		  unix_listener $dovecot/lmtp {
		    mode = 0666
		  }
		}
	END
}
