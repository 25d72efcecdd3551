# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/spool/record_test
tests_unit_spool_record_test_SOURCES = tests/unit/spool/record_test.c
tests_unit_spool_record_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_spool_record_test_LDADD = $(tap) $(spool_libs)
TESTS += tests/unit/spool/record_test

check_PROGRAMS += tests/unit/spool/schedule_test
tests_unit_spool_schedule_test_SOURCES = tests/unit/spool/schedule_test.c
tests_unit_spool_schedule_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_spool_schedule_test_LDADD = $(tap) $(spool_libs)
TESTS += tests/unit/spool/schedule_test

check_PROGRAMS += tests/unit/spool/folder_test
tests_unit_spool_folder_test_SOURCES = tests/unit/spool/folder_test.c \
	tests/unit/spool/room.c tests/unit/spool/room.h
tests_unit_spool_folder_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_spool_folder_test_LDADD = $(tap) $(spool_libs)
TESTS += tests/unit/spool/folder_test

check_PROGRAMS += tests/unit/spool/entry_test
tests_unit_spool_entry_test_SOURCES = tests/unit/spool/entry_test.c \
	tests/unit/spool/room.c tests/unit/spool/room.h
tests_unit_spool_entry_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_spool_entry_test_LDADD = $(tap) $(spool_libs)
TESTS += tests/unit/spool/entry_test

check_PROGRAMS += tests/unit/spool/history_test
tests_unit_spool_history_test_SOURCES = tests/unit/spool/history_test.c \
	tests/unit/spool/room.c tests/unit/spool/room.h
tests_unit_spool_history_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_spool_history_test_LDADD = $(tap) $(spool_libs)
TESTS += tests/unit/spool/history_test

check_PROGRAMS += tests/unit/spool/job_test
tests_unit_spool_job_test_SOURCES = tests/unit/spool/job_test.c \
	tests/unit/spool/room.c tests/unit/spool/room.h
tests_unit_spool_job_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_spool_job_test_LDADD = $(tap) $(spool_libs)
TESTS += tests/unit/spool/job_test
