# SPDX-License-Identifier: GPL-3.0-or-later
# What "mailchute log --metrics" prints, as promtool, node_exporter and the
# strict parser of OpenMetrics read it.  Runs inside the sandbox:
#	sh metrics_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
work=$(mktemp -d) || exit
cd "$work" || exit
HOME=$work
export HOME

# line RESULT...: a line of the log.
line() {
	echo "2026-11-30T16:12:39Z host=mx.test tls=on auth=off from=a@x" \
		"recipients=b@y $*"
}
{
	line "smtpstatus=250 smtpmsg='ok' exitcode=EX_OK id=1ngv83n00abcdef account=work ms=120"
	line "smtpstatus=451 smtpmsg='no' errormsg='no' exitcode=EX_TEMPFAIL id=1ngv83n00abcdef account=\"<b>\\ü diag=smtp.data ms=9"
	line "errormsg='no' exitcode=EX_TEMPFAIL id=1ngv83n00abcdef diag=net.refused ms=9"
} >log
: >empty
mkdir prom

for log in log empty; do
	begin "promtool: $log"
	"$MAILCHUTE" log --metrics "$log" >prom/mailchute.prom 2>err ||
		complain "it ended with $?"
	check_empty stderr err
	promtool check metrics <prom/mailchute.prom >out 2>&1 ||
		complain "promtool ended with $?"
	check_empty promtool out
	finish
	begin "the strict parser: $log"
	python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(len(list(text_string_to_metric_families(sys.stdin.read()))))
' <prom/mailchute.prom >out 2>&1
	check families 6 "$(cat out)"
	finish
done

begin 'node_exporter takes it from a file'
"$MAILCHUTE" log --metrics log >prom/mailchute.prom
prometheus-node-exporter --web.listen-address=127.0.0.1:9100 \
	--collector.disable-defaults --collector.textfile \
	--collector.textfile.directory="$work/prom" >exporter.log 2>&1 &
exporter=$!
tries=0
until python3 -c '
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:9100/metrics").read().decode())
' >scraped 2>err || [ "$tries" -ge 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
kill "$exporter"
check_match 'no error' '^node_textfile_scrape_error 0$' scraped
check_match 'sent' '^mailchute_log_results{account="work",result="sent"} 1$' \
	scraped
check_match 'a histogram' '^mailchute_acceptance_seconds_bucket{le="0.25"} 1$' \
	scraped
check_match 'its type' '^# TYPE mailchute_acceptance_seconds histogram$' scraped
finish
summary
