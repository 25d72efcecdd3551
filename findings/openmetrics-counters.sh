#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A counter for a file that node_exporter reads has no spelling that is right.
#
# In OpenMetrics the name of a counter stands in # TYPE without the _total that
# its samples have; in Prometheus' own text form it has it in both places.  One
# expects a tool of 2023 to take both.  promtool 2.42.0 (as the text parser of
# node_exporter) finds no type and no help for a sample x_total under "# TYPE x
# counter", and ends with 3; the OpenMetrics parser of prometheus_client 0.16.0
# refuses "# TYPE x_total counter".  Gauges and histograms are the same in both.
#
# So what mailchute log --metrics prints has gauges and a histogram, and no
# counter.
#
# Wanted: apt-get with Debian 12's archive, dpkg, python3.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 \
	python3-prometheus-client=0.16.0-0.1 2>/dev/null
for package in *.deb; do
	dpkg -x "$package" tree
done
PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
export PYTHONPATH

# family NAME TYPE SAMPLE
family() {
	printf '# HELP %s Help.\n# TYPE %s %s\n%s 1\n# EOF\n' "$1" "$1" "$2" "$3"
}
judge() {
	code=0
	tree/usr/bin/promtool check metrics <"$1" >/dev/null 2>&1 || code=$?
	echo "$1: promtool $code"
	code=0
	python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
list(text_string_to_metric_families(sys.stdin.read()))
' <"$1" >/dev/null 2>&1 || code=$?
	echo "$1: prometheus_client $code"
}
family x counter x_total >openmetrics
family x_total counter x_total >prometheus
family x gauge x >gauge
for form in openmetrics prometheus gauge; do
	judge $form
done >seen
cat seen
cat >expected <<'END'
openmetrics: promtool 3
openmetrics: prometheus_client 0
prometheus: promtool 0
prometheus: prometheus_client 1
gauge: promtool 0
gauge: prometheus_client 0
END
diff expected seen
