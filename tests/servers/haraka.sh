# SPDX-License-Identifier: GPL-3.0-or-later
# A Haraka of the test's own, from /usr/lib/haraka.  Runs inside the sandbox.
#
#	587 STARTTLS, 465 implicit TLS: PLAIN LOGIN
#
# shellcheck shell=sh disable=SC2154

haraka_start() {
	haraka=$1
	mkdir -p "$haraka/config" "$haraka/plugins" "$haraka/queue"
	cat >"$haraka/config/smtp.ini" <<-END
		listen=127.0.0.1:587,127.0.0.1:465
		smtps_port=465
		nodes=0
	END
	cat >"$haraka/config/tls.ini" <<-END
		key=$haraka/pki/good.key
		cert=$haraka/pki/good.pem
	END
	printf '%s\n' tls keep >"$haraka/config/plugins"
	printf '%s\n' "$server_host" >"$haraka/config/me"
	printf '%s' "$server_password" >"$haraka/password"
	cp /usr/lib/haraka/node_modules/Haraka/config/connection.ini \
		"$haraka/config"
	haraka_plugin >"$haraka/plugins/keep.js"
	node /usr/lib/haraka/node_modules/Haraka/bin/haraka -c "$haraka" \
		>"$haraka/console" 2>&1 &
	haraka_pid=$!
	server_wait 587 && server_wait 465
}

haraka_stop() {
	kill "$haraka_pid"
	wait "$haraka_pid"
}

haraka_tell() {
	server_tell "$haraka/console"
}

# Logins, mailboxes and delivery.
haraka_plugin() {
	cat <<-END
		'use strict'
		const fs = require('node:fs')
		const folder = '$haraka'
		const password = fs.readFileSync(folder + '/password', 'utf8')
		const methods = ['PLAIN', 'LOGIN']
		let count = 0

		exports.register = function () {
		  this.inherits('auth/auth_base')
		}
		exports.hook_capabilities = (next, connection) => {
		  if (connection.tls.enabled) {
		    connection.capabilities.push('AUTH ' + methods.join(' '))
		    connection.notes.allowed_auth_methods = methods
		  }
		  next()
		}
		exports.get_plain_passwd = (user, connection, done) =>
		  done(user === '$server_user' ? password : null)
		exports.hook_rcpt = (next, connection, parameters) =>
		  ['bob', 'carol', 'grün'].includes(parameters[0].user)
		    ? next(OK) : next(DENY, 'User unknown')
		exports.hook_queue = (next, connection) => {
		  const transaction = connection.transaction
		  const name = 'message' + ++count
		  const out = fs.createWriteStream(folder + '/' + name)
		  out.on('finish', () => {
		    for (const to of transaction.rcpt_to) {
		      const box = folder + '/mail/' + to.user + '/new/'
		      fs.mkdirSync(box, { recursive: true })
		      fs.copyFileSync(folder + '/' + name, box + name)
		    }
		    next(OK)
		  })
		  transaction.message_stream.pipe(out)
		}
		// Where mail goes that was sent after a login.
		exports.hook_queue_outbound = exports.hook_queue
	END
}
