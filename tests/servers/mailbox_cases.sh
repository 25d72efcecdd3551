# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# What 'mailchute send' sends, through a real Postfix into a Dovecot mailbox,
# fetched back over IMAP and compared.  Runs inside the sandbox:
#	sh mailbox_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"
# shellcheck source=tests/lib/sandbox.sh
. "$lib/sandbox.sh"
# shellcheck source=tests/lib/pki.sh
. "$lib/pki.sh"
postfix_mailboxes=yes
# shellcheck source=tests/servers/postfix.sh
. "$1/postfix.sh"

work=/run/test
mkdir -p "$work/messages"
postfix_start "$work/postfix" || bail 'Postfix does not start'
cat >"$work/messages/profile" <<END
account default
host $postfix_host
port 587
tls on
tls_trust_file $work/postfix/pki/ca.pem
from alice@example.test
auth on
user $postfix_user
password $postfix_password
syslog off
END
chmod 600 "$work/messages/profile"
python=/usr/bin/python3
[ -x "$python" ] || python=python3
POSTFIX_USER=$postfix_user POSTFIX_PASSWORD=$postfix_password \
	"$python" "$1/mailbox.py" "$1" "$work/messages" || {
	postfix_tell
	exit 1
}
