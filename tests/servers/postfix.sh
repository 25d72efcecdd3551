# SPDX-License-Identifier: GPL-3.0-or-later
# A Postfix with Dovecot's SASL, of the test's own: configuration, queue, mail
# and log in one folder, started and stopped by process id.  Runs inside the
# sandbox.  Knows nothing of the client.
#
#	postfix_start FOLDER        with postfix_mailboxes=yes, see below
#	postfix_take MAILBOX        FOLDER/arrived, arrived.head, arrived.body
#	postfix_stop
#
# Ports, all on loopback:
#	587   STARTTLS              PLAIN LOGIN SCRAM-SHA-256
#	465   implicit TLS          the same
#	2001  STARTTLS              PLAIN only
#	2002  STARTTLS              LOGIN only
#	2003  STARTTLS              a certificate of an unknown authority
#	2004  STARTTLS              a certificate of another host
#	2005  STARTTLS              an expired certificate
#	2006  no STARTTLS
#	2007  STARTTLS              5,000 bytes a message at most
#	2008  STARTTLS              no authentication offered
#	2009  STARTTLS              TLS 1.2 at most
#
# postfix_mechanisms and postfix_dovecot_lines change what Dovecot offers.
# postfix_more, which the caller may define again, prints more of master.cf.
# With postfix_mailboxes=yes all mail, whomever it is for, goes by LMTP into
# Dovecot's mailbox of Alice, which she reads over IMAP on port 2143.
#
# shellcheck shell=sh disable=SC2154

postfix_host=mail.example.test
postfix_user=alice
postfix_password='sesame open = "#; 42'
postfix_mailboxes=${postfix_mailboxes-}
postfix_mechanisms=${postfix_mechanisms-plain login scram-sha-256}
postfix_dovecot_lines= # more of its configuration
postfix_interfaces=loopback-only
postfix_protocols=ipv4

postfix_more() {
	:
}

# postfix_start FOLDER
postfix_start() {
	postfix=$1
	mkdir -p "$postfix/pki" "$postfix/etc" "$postfix/queue" \
		"$postfix/data" "$postfix/mail" "$postfix/dovecot" || return
	sandbox_user postfix 970
	sandbox_user postdrop 971
	sandbox_user dovecot 972
	sandbox_user dovenull 973
	sandbox_user vmail 974
	printf '127.0.0.1 %s\n' "$postfix_host" >>/etc/hosts
	chown postfix "$postfix/data"
	chown vmail:vmail "$postfix/mail"
	chmod 755 "$postfix" "$postfix/dovecot"
	: >"$postfix/log"
	postfix_certificates && postfix_dovecot && postfix_configure &&
		postfix_run
}

postfix_run() {
	dovecot -F -c "$postfix/dovecot/dovecot.conf" \
		>"$postfix/dovecot/console" 2>&1 &
	postfix_dovecot_pid=$!
	"$(postfix_directory)/master" -c "$postfix/etc" -d \
		>"$postfix/console" 2>&1 &
	postfix_pid=$!
	postfix_wait
}

postfix_directory() {
	for postfix_place in /usr/lib/postfix/sbin /usr/libexec/postfix; do
		[ ! -x "$postfix_place/master" ] || echo "$postfix_place"
	done
}

postfix_certificates() {
	pki_authority "$postfix/pki/ca" &&
		pki_authority "$postfix/pki/stranger" &&
		pki_certificate "$postfix/pki/ca" "$postfix/pki/good" \
			"$postfix_host" &&
		pki_certificate "$postfix/pki/stranger" \
			"$postfix/pki/unknown" "$postfix_host" &&
		pki_certificate "$postfix/pki/ca" "$postfix/pki/other" \
			other.example.test &&
		pki_certificate "$postfix/pki/ca" "$postfix/pki/expired" \
			"$postfix_host" '2020-01-01 00:00:00' \
			'2020-02-01 00:00:00' || return
	for postfix_name in good unknown other expired; do
		cat "$postfix/pki/$postfix_name.key" \
			"$postfix/pki/$postfix_name.pem" \
			>"$postfix/pki/$postfix_name.chain"
	done
}

postfix_dovecot() {
	printf '%s:%s\n' "$postfix_user" "{PLAIN}$postfix_password" \
		>"$postfix/dovecot/users"
	chown dovecot "$postfix/dovecot/users"
	cat >"$postfix/dovecot/dovecot.conf" <<-END
		protocols =
		base_dir = $postfix/dovecot/run
		state_dir = $postfix/dovecot/run
		log_path = $postfix/dovecot/log
		ssl = no
		auth_mechanisms = $postfix_mechanisms
		$postfix_dovecot_lines
		auth_failure_delay = 0
		passdb {
		  driver = passwd-file
		  args = scheme=PLAIN username_format=%u $postfix/dovecot/users
		}
		userdb {
		  driver = static
		  args = uid=vmail gid=vmail home=$postfix/mail
		}
		# Or every login after a wrong password takes longer.
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
		service auth {
		  unix_listener $postfix/dovecot/auth {
		    mode = 0666
		  }
		}
	END
	[ -z "$postfix_mailboxes" ] || postfix_dovecot_mailboxes
}

postfix_dovecot_mailboxes() {
	cat >>"$postfix/dovecot/dovecot.conf" <<-END
		protocols = imap lmtp
		auth_username_format = %n
		disable_plaintext_auth = no
		listen = 127.0.0.1
		mail_location = maildir:$postfix/mail/dovecot/%n
		service imap-login {
		  inet_listener imap {
		    port = 2143
		  }
		  inet_listener imaps {
		    port = 0
		  }
		}
		service lmtp {
		  unix_listener $postfix/dovecot/lmtp {
		    mode = 0666
		  }
		}
	END
	mkdir -p "$postfix/mail/dovecot" &&
		chown vmail:vmail "$postfix/mail/dovecot"
}

postfix_configure() {
	cat >"$postfix/etc/main.cf" <<-END
		compatibility_level = 3.6
		maillog_file = $postfix/log
		maillog_file_prefixes = $postfix
		daemon_directory = $(postfix_directory)
		queue_directory = $postfix/queue
		data_directory = $postfix/data
		mail_owner = postfix
		setgid_group = postdrop
		myhostname = $postfix_host
		mydestination =
		inet_interfaces = $postfix_interfaces
		inet_protocols = $postfix_protocols
		mynetworks =
		alias_maps =
		local_transport = error:there is none
		default_transport = error:nothing leaves here
		virtual_mailbox_domains = example.test
		virtual_mailbox_base = $postfix/mail
		virtual_mailbox_maps = texthash:$postfix/etc/mailboxes
		recipient_delimiter = +
		virtual_minimum_uid = 100
		virtual_uid_maps = static:974
		virtual_gid_maps = static:974
		message_size_limit = 50000000
		virtual_mailbox_limit = 0
		smtpd_tls_chain_files = $postfix/pki/good.chain
		smtpd_tls_security_level = may
		smtpd_tls_auth_only = yes
		smtpd_tls_received_header = yes
		smtpd_tls_loglevel = 1
		smtpd_sasl_auth_enable = yes
		smtpd_sasl_type = dovecot
		smtpd_sasl_path = $postfix/dovecot/auth
		smtpd_sasl_authenticated_header = yes
		smtpd_recipient_restrictions =
		  check_recipient_access regexp:$postfix/etc/recipients,
		  permit_sasl_authenticated, reject
		smtpd_relay_restrictions = permit_sasl_authenticated, reject
		smtpd_sender_restrictions =
		  check_sender_access regexp:$postfix/etc/senders
		smtpd_error_sleep_time = 0
		smtpd_delay_reject = no
		smtpd_client_connection_count_limit = 0
		fast_flush_domains = example.net
		smtpd_etrn_restrictions = permit_sasl_authenticated, reject
	END
	awk 'BEGIN {
		n = split("alice bob carol grey", name)
		for (i = 1; i <= 100; i++)
			name[n + i] = "rcpt" i
		for (i in name)
			printf "%s@example.test %s/\n", name[i], name[i]
		print "grün@example.test gruen/"
	}' >"$postfix/etc/mailboxes"
	if [ -n "$postfix_mailboxes" ]; then
		printf '/./ alice@example.test\n' >"$postfix/etc/aliases"
		cat >>"$postfix/etc/main.cf" <<-END
			virtual_alias_domains =
			virtual_alias_maps = regexp:$postfix/etc/aliases
			virtual_transport = lmtp:unix:$postfix/dovecot/lmtp
		END
	fi
	printf '/^grey@/ 450 4.2.0 Greylisted, come back later\n' \
		>"$postfix/etc/recipients"
	printf '/^mallory@/ 550 5.7.1 Not in my name\n' \
		>"$postfix/etc/senders"
	postfix_services >"$postfix/etc/master.cf"
	# Directories of the queue, with their owners.
	for postfix_name in active bounce corrupt defer deferred flush hold \
		incoming private saved trace; do
		mkdir -p "$postfix/queue/$postfix_name"
		chown postfix "$postfix/queue/$postfix_name"
		chmod 700 "$postfix/queue/$postfix_name"
	done
	mkdir -p "$postfix/queue/pid" "$postfix/queue/public" \
		"$postfix/queue/maildrop"
	chown postfix:postdrop "$postfix/queue/public" \
		"$postfix/queue/maildrop"
	chmod 710 "$postfix/queue/public"
	chmod 730 "$postfix/queue/maildrop"
}

postfix_services() {
	postfix_listen 587
	postfix_listen 465 smtpd_tls_wrappermode=yes
	postfix_listen 2001 smtpd_sasl_mechanism_filter=plain
	postfix_listen 2002 smtpd_sasl_mechanism_filter=login
	postfix_listen 2003 "smtpd_tls_chain_files=$postfix/pki/unknown.chain"
	postfix_listen 2004 "smtpd_tls_chain_files=$postfix/pki/other.chain"
	postfix_listen 2005 "smtpd_tls_chain_files=$postfix/pki/expired.chain"
	postfix_listen 2006 smtpd_tls_security_level=none
	postfix_listen 2007 message_size_limit=5000
	postfix_listen 2008 smtpd_sasl_auth_enable=no
	postfix_listen 2009 'smtpd_tls_mandatory_protocols=<=TLSv1.2' \
		'smtpd_tls_protocols=<=TLSv1.2'
	postfix_more
	cat <<-'END'
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		error unix - - n - - error
		flush unix n - n 1000? 0 flush
		virtual unix - n n - - virtual
		lmtp unix - - n - - lmtp
		anvil unix - - n - 1 anvil
		tlsmgr unix - - n 1000? 1 tlsmgr
		proxymap unix - - n - - proxymap
		postlog unix-dgram n - n - 1 postlogd
	END
}

# postfix_listen PORT OPTION...
postfix_listen() {
	printf '127.0.0.1:%s inet n - n - - smtpd' "$1"
	shift
	for postfix_option; do
		printf ' -o %s' "$postfix_option"
	done
	printf '\n'
}

# Ten seconds for both to answer.
postfix_wait() {
	postfix_tries=100
	until [ -S "$postfix/dovecot/auth" ] && postfix_listens; do
		postfix_tries=$((postfix_tries - 1))
		[ "$postfix_tries" -gt 0 ] || {
			postfix_tell
			return 1
		}
		sleep 0.1
	done
}

# 024B is 587 in /proc's hexadecimal, 0A is the state of a listener.
postfix_listens() {
	grep -q ' 0100007F:024B 00000000:0000 0A ' /proc/net/tcp
}

# postfix_tell: what the servers have to say, for a failed test.
postfix_tell() {
	for postfix_name in console log dovecot/console dovecot/log; do
		sed "s,^,# $postfix_name: ," "$postfix/$postfix_name" |
			tail -n 20
	done
}

postfix_stop() {
	kill "$postfix_pid" "$postfix_dovecot_pid"
	wait "$postfix_pid" "$postfix_dovecot_pid"
	postfix_tries=100
	while postfix_listens && [ "$postfix_tries" -gt 0 ]; do
		postfix_tries=$((postfix_tries - 1))
		sleep 0.1
	done
}

# postfix_freeze STOP|CONT: the kernel still takes connections, nobody answers.
postfix_freeze() {
	pkill "-$1" -P "$postfix_pid" smtpd
	kill "-$1" "$postfix_pid"
}

# postfix_mark: what follows in the log is the next case's.
postfix_mark() {
	postfix_seen=$(wc -c <"$postfix/log")
}

# postfix_log: what the log has said since, in FOLDER/log.new.
postfix_log() {
	tail -c "+$((postfix_seen + 1))" "$postfix/log" >"$postfix/log.new"
}

# postfix_count MAILBOX: how many messages wait there.
postfix_count() {
	find "$postfix/mail/$1/new" -type f 2>/dev/null | wc -l
}

# postfix_take MAILBOX: waits for a message, moves it to FOLDER/arrived, and
# splits it.  arrived.head is without the lines that Postfix adds on the way.
postfix_take() {
	postfix_tries=50
	rm -f "$postfix/arrived" "$postfix/arrived.head" "$postfix/arrived.body"
	until [ "$(postfix_count "$1")" -gt 0 ]; do
		postfix_tries=$((postfix_tries - 1))
		[ "$postfix_tries" -gt 0 ] || {
			complain "no message for $1 within 5 seconds"
			return 1
		}
		sleep 0.1
	done
	find "$postfix/mail/$1/new" -type f | sort | head -n 1 |
		while IFS= read -r postfix_file; do
			mv "$postfix_file" "$postfix/arrived"
		done
	LC_ALL=C sed '/^$/,$d' "$postfix/arrived" >"$postfix/arrived.all"
	LC_ALL=C sed '1,/^$/d' "$postfix/arrived" >"$postfix/arrived.body"
	# A field's continuation lines go with it.
	LC_ALL=C awk '
		/^[^ \t]/ {
			added = tolower($0) ~ \
			    /^(received|return-path|delivered-to|x-original-to):/
		}
		!added
	' "$postfix/arrived.all" >"$postfix/arrived.head"
}

# postfix_empty: takes away what nobody asked for; fails if there was any.
postfix_empty() {
	[ -z "$(find "$postfix/mail" -type f)" ] || {
		find "$postfix/mail" -type f -exec rm -f {} +
		return 1
	}
}
