# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# mailchute and a real chasquid.  Runs inside the sandbox:
#	sh chasquid_cases.sh FOLDER-OF-THIS-FILE
set -u
lib=$1/../lib
# shellcheck source=tests/servers/submission.sh
. "$1/submission.sh"
# shellcheck source=tests/servers/chasquid.sh
. "$1/chasquid.sh"

server_open chasquid || bail 'chasquid does not start'
server_has_login=
ways 465
bodies
server_utf8=grün
international
refusals '550'
drain
server_close 'chasquid'
