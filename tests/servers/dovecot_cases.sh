# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and a real Dovecot.  Runs inside the sandbox:
#	sh dovecot_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/servers/submission.sh
. "$1/submission.sh"
# shellcheck source=tests/servers/dovecot.sh
. "$1/dovecot.sh"
# shellcheck source=tests/servers/exim.sh
. "$1/exim.sh"

server_open dovecot || bail 'Dovecot does not start'
server_port=1587
ways 1465
bodies
chunked
international
refusals '550'

# lmtp NAME LINE...: Dovecot keeps the message itself.
lmtp() {
	begin "dovecot: LMTP: $1"
	shift
	client_profile 'protocol lmtp' 'from alice@example.test' 'tls off' \
		'auth off' "$@"
	body_dots >"$work/m/raw"
	message_with "$work/m/raw" >"$work/m/in"
	submit mailchute bob@example.test nobody@example.test \
		carol@example.test <"$work/m/in"
	check_failed 67 EX_NOUSER 'nobody@example\.test.*550 5\.1\.1'
	message_lines "$work/m/raw" >"$work/m/body"
	arrives bob "$work/m/body"
	arrives carol "$work/m/body"
	finish
}
lmtp 'a port' "host $server_host" 'port 24'
lmtp 'a socket' "socket $server/lmtp"

drain
server_close 'dovecot|exim4'
