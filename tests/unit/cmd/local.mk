# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += tests/unit/cmd/doctor_callers_test
tests_unit_cmd_doctor_callers_test_SOURCES = \
	tests/unit/cmd/doctor_callers_test.c \
	tests/unit/cmd/tree.c tests/unit/cmd/tree.h
tests_unit_cmd_doctor_callers_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_cmd_doctor_callers_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/doctor_callers_test

check_PROGRAMS += tests/unit/cmd/doctor_address_test
tests_unit_cmd_doctor_address_test_SOURCES = tests/unit/cmd/doctor_address_test.c \
	tests/unit/cmd/zone.c tests/unit/cmd/zone.h
tests_unit_cmd_doctor_address_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_doctor_address_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/doctor_address_test

check_PROGRAMS += tests/unit/cmd/doctor_domain_test
tests_unit_cmd_doctor_domain_test_SOURCES = tests/unit/cmd/doctor_domain_test.c \
	tests/unit/cmd/zone.c tests/unit/cmd/zone.h
tests_unit_cmd_doctor_domain_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_doctor_domain_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/doctor_domain_test

check_PROGRAMS += tests/unit/cmd/progress_test
tests_unit_cmd_progress_test_SOURCES = tests/unit/cmd/progress_test.c
tests_unit_cmd_progress_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_progress_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/progress_test

check_PROGRAMS += tests/unit/cmd/reception_answer_test
tests_unit_cmd_reception_answer_test_SOURCES = \
	tests/unit/cmd/reception_answer_test.c
tests_unit_cmd_reception_answer_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_cmd_reception_answer_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/reception_answer_test

check_PROGRAMS += tests/unit/cmd/redact_test
tests_unit_cmd_redact_test_SOURCES = tests/unit/cmd/redact_test.c
tests_unit_cmd_redact_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_redact_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/redact_test

check_PROGRAMS += tests/unit/cmd/send_options_test
tests_unit_cmd_send_options_test_SOURCES = tests/unit/cmd/send_options_test.c
tests_unit_cmd_send_options_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_send_options_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/send_options_test

check_PROGRAMS += tests/unit/cmd/serve_calls_test
tests_unit_cmd_serve_calls_test_SOURCES = tests/unit/cmd/serve_calls_test.c
tests_unit_cmd_serve_calls_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_serve_calls_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/serve_calls_test

check_PROGRAMS += tests/unit/cmd/words_test
tests_unit_cmd_words_test_SOURCES = tests/unit/cmd/words_test.c
tests_unit_cmd_words_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_words_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/words_test

check_PROGRAMS += tests/unit/cmd/setup_find_test
tests_unit_cmd_setup_find_test_SOURCES = tests/unit/cmd/setup_find_test.c \
	tests/unit/cmd/zone.c tests/unit/cmd/zone.h
tests_unit_cmd_setup_find_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_setup_find_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/setup_find_test

check_PROGRAMS += tests/unit/cmd/setup_php_test
tests_unit_cmd_setup_php_test_SOURCES = tests/unit/cmd/setup_php_test.c \
	tests/unit/cmd/tree.c tests/unit/cmd/tree.h
tests_unit_cmd_setup_php_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_setup_php_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/setup_php_test

check_PROGRAMS += tests/unit/cmd/setup_system_test
tests_unit_cmd_setup_system_test_SOURCES = tests/unit/cmd/setup_system_test.c
tests_unit_cmd_setup_system_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_cmd_setup_system_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/setup_system_test

check_PROGRAMS += tests/unit/cmd/log_tail_test
tests_unit_cmd_log_tail_test_SOURCES = tests/unit/cmd/log_tail_test.c
tests_unit_cmd_log_tail_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_log_tail_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/log_tail_test

check_PROGRAMS += tests/unit/cmd/log_when_test
tests_unit_cmd_log_when_test_SOURCES = tests/unit/cmd/log_when_test.c
tests_unit_cmd_log_when_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_log_when_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/log_when_test

check_PROGRAMS += tests/unit/cmd/reader_test
tests_unit_cmd_reader_test_SOURCES = tests/unit/cmd/reader_test.c \
	tests/unit/deeds.c tests/unit/deeds.h
tests_unit_cmd_reader_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_cmd_reader_test_LDADD = $(tap) $(cmd_libs)
TESTS += tests/unit/cmd/reader_test
