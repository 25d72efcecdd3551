# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/postgres/frame_test
tests_unit_postgres_frame_test_SOURCES = tests/unit/postgres/frame_test.c
tests_unit_postgres_frame_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_postgres_frame_test_LDADD = $(tap) $(postgres_libs)
TESTS += tests/unit/postgres/frame_test

check_PROGRAMS += tests/unit/postgres/schema_test
tests_unit_postgres_schema_test_SOURCES = tests/unit/postgres/schema_test.c
tests_unit_postgres_schema_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_postgres_schema_test_LDADD = $(tap) $(postgres_libs)
TESTS += tests/unit/postgres/schema_test
