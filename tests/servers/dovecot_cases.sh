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
refusals '550'
server_close 'dovecot|exim4'
