# SPDX-License-Identifier: GPL-3.0-or-later
# An Exim of the test's own.  Runs inside the sandbox.
#
#	587 STARTTLS, 465 implicit TLS: PLAIN LOGIN CRAM-MD5 NTLM, and EXTERNAL
#	  for Alice's certificate
#	2007 STARTTLS, 2,000 bytes a message at most; 2010 one recipient at most
#	25 no TLS, no login: for a server that relays
#	421 after three messages over one connection
#
# shellcheck shell=sh disable=SC2154

exim_start() {
	exim=$1
	mkdir -p "$exim/spool" "$exim/log"
	sandbox_user Debian-exim 975
	chown Debian-exim "$exim/spool" "$exim/log"
	chown Debian-exim "$exim/pki/good.key"
	printf '%s: %s\n' bob bob carol carol grün gruen >"$exim/mailboxes"
	mkdir -p /etc/exim4
	# With -C it would give up the right to deliver as another user.
	rm -f /etc/exim4/exim4.conf
	exim_configure >/etc/exim4/exim4.conf
	exim4 -bdf >"$exim/console" 2>&1 &
	exim_pid=$!
	server_wait 587
}

exim_stop() {
	kill "$exim_pid"
	wait "$exim_pid"
}

exim_tell() {
	server_tell "$exim/console" "$exim/log/mainlog" "$exim/log/paniclog"
}

exim_configure() {
	cat <<-END
		primary_hostname = $server_host
		spool_directory = $exim/spool
		log_file_path = $exim/log/%slog
		log_selector = +smtp_protocol_error +received_recipients
		local_interfaces = 127.0.0.1
		daemon_smtp_ports = 25 : 587 : 465 : 2007 : 2010
		tls_on_connect_ports = 465
		tls_certificate = $exim/pki/good.pem
		tls_privatekey = $exim/pki/good.key
		tls_advertise_hosts = *
		tls_try_verify_hosts = *
		tls_verify_certificates = $exim/pki/ca.pem
		chunking_advertise_hosts = *
		smtputf8_advertise_hosts = *
		dsn_advertise_hosts = *
		pipelining_advertise_hosts = *
		host_lookup =
		rfc1413_hosts =
		allow_utf8_domains
		smtp_accept_max_per_connection = 3
		message_size_limit = \${if ={\$received_port}{2007}{2000}{50M}}
		acl_smtp_rcpt = rcpt
		acl_smtp_data = accept
		acl_smtp_etrn = etrn
		smtp_etrn_command = /bin/true
		begin acl
		rcpt:
		  deny condition = \${if ={\$received_port}{25}{no}{yes}}
		       !authenticated = *
		       message = authenticate first
		  defer condition = \${if ={\$received_port}{2010}{yes}}
		        condition = \${if >{\$recipients_count}{0}}
		        message = 452 4.5.3 too many recipients
		  deny local_parts = nobody
		       message = 5.1.1 User unknown
		  accept
		etrn:
		  deny !authenticated = *
		       message = authenticate first
		  accept
		begin routers
		boxes:
		  driver = accept
		  local_parts = lsearch;$exim/mailboxes
		  transport = maildir
		begin transports
		maildir:
		  driver = appendfile
		  directory = $exim/mail/\$local_part_data
		  maildir_format
		  create_directory
		  user = vmail
		  group = vmail
		  return_path_add
		begin authenticators
		PLAIN:
		  driver = plaintext
		  public_name = PLAIN
		  server_advertise_condition = \${if def:tls_in_cipher}
		  server_prompts = :
		  server_condition = \${if and{{eq{\$auth2}{$server_user}}{eq{\$auth3}{$server_password}}}}
		  server_set_id = \$auth2
		LOGIN:
		  driver = plaintext
		  public_name = LOGIN
		  server_advertise_condition = \${if def:tls_in_cipher}
		  server_prompts = <| Username: | Password:
		  server_condition = \${if and{{eq{\$auth1}{$server_user}}{eq{\$auth2}{$server_password}}}}
		  server_set_id = \$auth1
		CRAM:
		  driver = cram_md5
		  public_name = CRAM-MD5
		  server_secret = \${if eq{\$auth1}{$server_user}{$server_password}fail}
		  server_set_id = \$auth1
		NTLM:
		  driver = spa
		  public_name = NTLM
		  server_password = \${if eq{\$auth1}{$server_user}{$server_password}fail}
		  server_set_id = \$auth1
		EXTERNAL:
		  driver = external
		  public_name = EXTERNAL
		  server_advertise_condition = \$tls_in_certificate_verified
		  server_param2 = \${certextract{subject}{\$tls_in_peercert}}
		  server_condition = \${if eq{\$auth2}{CN=\$auth1}}
		  server_set_id = \$auth1
	END
}
