# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and a real Haraka.  Runs inside the sandbox:
#	sh haraka_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/servers/submission.sh
. "$1/submission.sh"
# shellcheck source=tests/servers/haraka.sh
. "$1/haraka.sh"

server_open haraka || bail 'Haraka does not start'
ways 465
bodies
server_utf8=grün
international
refusals '550'
drain
server_close 'haraka'
