# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/log/line_test
tests_unit_log_line_test_SOURCES = tests/unit/log/line_test.c
tests_unit_log_line_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_log_line_test_LDADD = $(tap) $(log_libs)
TESTS += tests/unit/log/line_test

check_PROGRAMS += tests/unit/log/stamp_test
tests_unit_log_stamp_test_SOURCES = tests/unit/log/stamp_test.c
tests_unit_log_stamp_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_log_stamp_test_LDADD = $(tap) $(log_libs)
TESTS += tests/unit/log/stamp_test

check_PROGRAMS += tests/unit/log/row_test
tests_unit_log_row_test_SOURCES = tests/unit/log/row_test.c
tests_unit_log_row_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_log_row_test_LDADD = $(tap) $(log_libs)
TESTS += tests/unit/log/row_test

check_PROGRAMS += tests/unit/log/spread_test
tests_unit_log_spread_test_SOURCES = tests/unit/log/spread_test.c
tests_unit_log_spread_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_log_spread_test_LDADD = $(tap) $(log_libs)
TESTS += tests/unit/log/spread_test

check_PROGRAMS += tests/unit/log/summary_test
tests_unit_log_summary_test_SOURCES = tests/unit/log/summary_test.c
tests_unit_log_summary_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_log_summary_test_LDADD = $(tap) $(log_libs)
TESTS += tests/unit/log/summary_test

check_PROGRAMS += tests/unit/log/report_test
tests_unit_log_report_test_SOURCES = tests/unit/log/report_test.c
tests_unit_log_report_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_log_report_test_LDADD = $(tap) $(log_libs)
TESTS += tests/unit/log/report_test
