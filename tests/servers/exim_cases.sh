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
chunked
refusals '550 5\.1\.1'

begin 'exim: one recipient at a time: the message twice'
profile 2010
submit_plain mailchute bob@example.test carol@example.test
check_sent
message_body "$client/in" >"$work/m/body"
arrives bob "$work/m/body"
arrives carol "$work/m/body"
check 'put off' 1 "$(grep -c 'too many recipients' "$exim/log/mainlog")"
finish

begin 'exim: a message larger than it takes: 69, before it is sent'
profile 2007
body_long_lines >"$work/m/raw"
message_with "$work/m/raw" >"$work/m/in"
submit sendmail -t -i <"$work/m/in"
check_failed 69 EX_UNAVAILABLE '2000'
nothing_arrived
finish

begin 'exim: ETRN'
profile 587
submit mailchute --rmqs='#example.net' </dev/null
check 'exit code' 0 "$status"
check_empty stdout "$client/out"
check_empty stderr "$client/err"
check 'taken' 1 "$(grep -c 'ETRN #example.net' "$exim/log/mainlog")"
finish

begin 'exim: ETRN without a login: 458, so 75'
profile 587 'auth off'
submit mailchute --rmqs='#example.net' </dev/null
check 'exit code' 75 "$status"
check_match stderr '458 authenticate first' "$client/err"
finish

server_close 'exim4'
