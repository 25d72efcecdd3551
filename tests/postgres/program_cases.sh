# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# The program over a shared queue, in the sandbox that has the server:
#	sh program_cases.sh FOLDER-OF-THIS-FILE
TOP_SRCDIR=$(cd "$1/../.." && pwd) || exit
export TOP_SRCDIR
exec sh "$1/queue.sh"
