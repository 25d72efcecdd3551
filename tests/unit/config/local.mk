# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/config/argv_test
tests_unit_config_argv_test_SOURCES = tests/unit/config/argv_test.c
tests_unit_config_argv_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_argv_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/argv_test
