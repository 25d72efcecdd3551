# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += tests/unit/bounce/reason_test
tests_unit_bounce_reason_test_SOURCES = tests/unit/bounce/reason_test.c
tests_unit_bounce_reason_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_bounce_reason_test_LDADD = $(tap) $(bounce_libs)
TESTS += tests/unit/bounce/reason_test

check_PROGRAMS += tests/unit/bounce/decode_test
tests_unit_bounce_decode_test_SOURCES = tests/unit/bounce/decode_test.c
tests_unit_bounce_decode_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_bounce_decode_test_LDADD = $(tap) $(bounce_libs)
TESTS += tests/unit/bounce/decode_test

check_PROGRAMS += tests/unit/bounce/packed_test
tests_unit_bounce_packed_test_SOURCES = tests/unit/bounce/packed_test.c
tests_unit_bounce_packed_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_bounce_packed_test_LDADD = $(tap) $(bounce_libs)
TESTS += tests/unit/bounce/packed_test
