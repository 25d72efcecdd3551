# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and a real Exim.  Runs inside the sandbox:
#	sh exim_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/servers/submission.sh
. "$1/submission.sh"
# shellcheck source=tests/servers/exim.sh
. "$1/exim.sh"

server_open exim || bail 'Exim does not start'
ways 465
bodies
refusals '550 5\.1\.1'
server_close 'exim4'
