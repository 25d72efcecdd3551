# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/log/liblog.a
src_log_liblog_a_SOURCES = \
	src/log/line.c src/log/line.h src/log/line.def \
	src/log/report.h src/log/report_html.c src/log/report_json.c \
	src/log/report_metrics.c src/log/report_table.c \
	src/log/row.c src/log/row.h \
	src/log/spread.c src/log/spread.h \
	src/log/stamp.c src/log/stamp.h \
	src/log/summary.c src/log/summary.h
