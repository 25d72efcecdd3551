# SPDX-License-Identifier: GPL-3.0-or-later
# The shared queue on real servers: tests/postgres/run.
check_PROGRAMS += tests/postgres/rows_test
tests_postgres_rows_test_SOURCES = tests/postgres/rows_test.c
tests_postgres_rows_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_postgres_rows_test_LDADD = $(tap) $(postgres_libs)
