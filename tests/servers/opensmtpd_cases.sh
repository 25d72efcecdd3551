# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and a real OpenSMTPD.  Runs inside the sandbox:
#	sh opensmtpd_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/servers/submission.sh
. "$1/submission.sh"
# shellcheck source=tests/servers/opensmtpd.sh
. "$1/opensmtpd.sh"

server_open opensmtpd || bail 'OpenSMTPD does not start'
server_port=25
server_profile='tls off
auth off'
way 'in clear' 25
bodies
refused '524 5\.2\.4'
# OpenSMTPD delivers once for each RCPT, also for the same one.
begin 'OpenSMTPD: a recipient named twice has one mail'
profile 25
submit_plain mailchute bob@example.test 'Bob <bob@EXAMPLE.test>'
check_sent
message_body "$client/in" >"$work/m/body"
arrives bob "$work/m/body"
nothing_arrived
finish
drain 'port 25'
server_close 'smtpd'
