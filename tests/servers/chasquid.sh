# SPDX-License-Identifier: GPL-3.0-or-later
# A chasquid of the test's own.  Runs inside the sandbox.
#
#	587 STARTTLS, 465 implicit TLS: PLAIN; SMTPUTF8
# After three errors it hangs up.
#
# shellcheck shell=sh disable=SC2154,SC2034

chasquid_start() {
	chasquid=$1
	server_user=alice@example.test # it wants the domain
	mkdir -p "$chasquid/etc/certs/$server_host" "$chasquid/data" \
		"$chasquid/etc/domains/example.test"
	cp "$chasquid/pki/good.pem" \
		"$chasquid/etc/certs/$server_host/fullchain.pem"
	cp "$chasquid/pki/good.key" \
		"$chasquid/etc/certs/$server_host/privkey.pem"
	for chasquid_box in alice bob carol grün; do
		chasquid-util --configdir="$chasquid/etc" user-add \
			"$chasquid_box@example.test" \
			--password="$server_password" || return
	done >"$chasquid/users" 2>&1
	chasquid_configure >"$chasquid/etc/chasquid.conf"
	cat >"$chasquid/deliver" <<-'END'
		#!/bin/sh
		mkdir -p "$1/new" "$1/tmp"
		cat >"$1/tmp/$$" && mv "$1/tmp/$$" "$1/new/$$"
	END
	chmod 755 "$chasquid/deliver"
	chasquid --config_dir="$chasquid/etc" >"$chasquid/console" 2>&1 &
	chasquid_pid=$!
	server_wait 587
}

chasquid_stop() {
	kill "$chasquid_pid"
	wait "$chasquid_pid"
}

chasquid_tell() {
	server_tell "$chasquid/users" "$chasquid/console"
}

chasquid_configure() {
	cat <<-END
		hostname: "$server_host"
		submission_address: "127.0.0.1:587"
		submission_over_tls_address: "127.0.0.1:465"
		data_dir: "$chasquid/data"
		mail_log_path: "<stderr>"
		mail_delivery_agent_bin: "$chasquid/deliver"
		mail_delivery_agent_args: "$chasquid/mail/%to_user%"
	END
}
