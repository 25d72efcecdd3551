# SPDX-License-Identifier: GPL-3.0-or-later
# The shared queue on real servers: not part of make check, since it wants root,
# packages, and a build with --with-postgres.
EXTRA_DIST += tests/postgres/run tests/postgres/postgres_cases.sh \
	tests/postgres/queue.sh tests/postgres/program_cases.sh

check_PROGRAMS += tests/postgres/rows_test tests/postgres/fleet
tests_postgres_rows_test_SOURCES = tests/postgres/rows_test.c
tests_postgres_rows_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_postgres_rows_test_LDADD = $(tap) $(postgres_libs)
tests_postgres_fleet_SOURCES = tests/postgres/fleet.c
tests_postgres_fleet_LDADD = $(postgres_libs)

check-postgres: tests/postgres/rows_test$(EXEEXT) tests/postgres/fleet$(EXEEXT) \
		tests/sink/sink$(EXEEXT)
	@$(installed_environment) $(SHELL) $(srcdir)/tests/postgres/run
.PHONY: check-postgres
