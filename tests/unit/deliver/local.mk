# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/deliver/arrived_test
tests_unit_deliver_arrived_test_SOURCES = tests/unit/deliver/arrived_test.c
tests_unit_deliver_arrived_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_deliver_arrived_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/arrived_test

check_PROGRAMS += tests/unit/deliver/outcome_test
tests_unit_deliver_outcome_test_SOURCES = tests/unit/deliver/outcome_test.c
tests_unit_deliver_outcome_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_outcome_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/outcome_test

check_PROGRAMS += tests/unit/deliver/sealing_test
tests_unit_deliver_sealing_test_SOURCES = tests/unit/deliver/sealing_test.c
tests_unit_deliver_sealing_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_sealing_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/sealing_test

check_PROGRAMS += tests/unit/deliver/peer_test
tests_unit_deliver_peer_test_SOURCES = tests/unit/deliver/peer_test.c
tests_unit_deliver_peer_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_peer_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/peer_test

check_PROGRAMS += tests/unit/deliver/attempt_test
tests_unit_deliver_attempt_test_SOURCES = tests/unit/deliver/attempt_test.c \
	tests/unit/deeds.c tests/unit/deeds.h
tests_unit_deliver_attempt_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_attempt_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/attempt_test

check_PROGRAMS += tests/unit/deliver/tidings_test
tests_unit_deliver_tidings_test_SOURCES = tests/unit/deliver/tidings_test.c
tests_unit_deliver_tidings_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_tidings_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/tidings_test

check_PROGRAMS += tests/unit/deliver/connection_test
tests_unit_deliver_connection_test_SOURCES = \
	tests/unit/deliver/connection_test.c
tests_unit_deliver_connection_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_connection_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/connection_test

check_PROGRAMS += tests/unit/deliver/bearing_test
tests_unit_deliver_bearing_test_SOURCES = tests/unit/deliver/bearing_test.c
tests_unit_deliver_bearing_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_bearing_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/bearing_test

check_PROGRAMS += tests/unit/deliver/wake_test
tests_unit_deliver_wake_test_SOURCES = tests/unit/deliver/wake_test.c
tests_unit_deliver_wake_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_wake_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/wake_test

check_PROGRAMS += tests/unit/deliver/hire_test
tests_unit_deliver_hire_test_SOURCES = tests/unit/deliver/hire_test.c
tests_unit_deliver_hire_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_hire_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/hire_test

check_PROGRAMS += tests/unit/deliver/crew_test
tests_unit_deliver_crew_test_SOURCES = tests/unit/deliver/crew_test.c
tests_unit_deliver_crew_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_crew_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/crew_test

check_PROGRAMS += tests/unit/deliver/known_test
tests_unit_deliver_known_test_SOURCES = tests/unit/deliver/known_test.c \
	tests/unit/deliver/known_replies.def
tests_unit_deliver_known_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_deliver_known_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/known_test

check_PROGRAMS += tests/unit/deliver/budget_test
tests_unit_deliver_budget_test_SOURCES = tests/unit/deliver/budget_test.c
tests_unit_deliver_budget_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_deliver_budget_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/budget_test

check_PROGRAMS += tests/unit/deliver/quoted_test
tests_unit_deliver_quoted_test_SOURCES = tests/unit/deliver/quoted_test.c
tests_unit_deliver_quoted_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_deliver_quoted_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/quoted_test

check_PROGRAMS += tests/unit/deliver/waiting_test
tests_unit_deliver_waiting_test_SOURCES = tests/unit/deliver/waiting_test.c
tests_unit_deliver_waiting_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_deliver_waiting_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/waiting_test

check_PROGRAMS += tests/unit/deliver/terms_test
tests_unit_deliver_terms_test_SOURCES = tests/unit/deliver/terms_test.c
tests_unit_deliver_terms_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_deliver_terms_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/unit/deliver/terms_test
