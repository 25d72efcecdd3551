# SPDX-License-Identifier: GPL-3.0-or-later
base_tests = \
	tests/unit/base/base64_test \
	tests/unit/base/buf_test \
	tests/unit/base/clock_test \
	tests/unit/base/closed_test \
	tests/unit/base/command_test \
	tests/unit/base/diag_test \
	tests/unit/base/duration_test \
	tests/unit/base/exits_test \
	tests/unit/base/failure_test \
	tests/unit/base/file_test \
	tests/unit/base/heap_test \
	tests/unit/base/json_test \
	tests/unit/base/log_test \
	tests/unit/base/mask_test \
	tests/unit/base/mem_test \
	tests/unit/base/names_test \
	tests/unit/base/needle_test \
	tests/unit/base/outlet_test \
	tests/unit/base/packed_test \
	tests/unit/base/process_test \
	tests/unit/base/random_test \
	tests/unit/base/rate_test \
	tests/unit/base/sandbox_test \
	tests/unit/base/secret_test \
	tests/unit/base/source_test \
	tests/unit/base/span_test \
	tests/unit/base/terminal_test \
	tests/unit/base/text_test \
	tests/unit/base/unit_test
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)

tests_unit_base_base64_test_SOURCES = tests/unit/base/base64_test.c
tests_unit_base_base64_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_base64_test_LDADD = $(tap) $(base_libs)

tests_unit_base_buf_test_SOURCES = tests/unit/base/buf_test.c
tests_unit_base_buf_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_buf_test_LDADD = $(tap) $(base_libs)

tests_unit_base_clock_test_SOURCES = tests/unit/base/clock_test.c
tests_unit_base_clock_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_clock_test_LDADD = $(tap) $(base_libs)

tests_unit_base_closed_test_SOURCES = tests/unit/base/closed_test.c
tests_unit_base_closed_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_closed_test_LDADD = $(tap) $(base_libs)

tests_unit_base_command_test_SOURCES = tests/unit/base/command_test.c
tests_unit_base_command_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_command_test_LDADD = $(tap) $(base_libs)

tests_unit_base_diag_test_SOURCES = tests/unit/base/diag_test.c
tests_unit_base_diag_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_diag_test_LDADD = $(tap) $(base_libs)

tests_unit_base_duration_test_SOURCES = tests/unit/base/duration_test.c
tests_unit_base_duration_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_duration_test_LDADD = $(tap) $(base_libs)

tests_unit_base_exits_test_SOURCES = tests/unit/base/exits_test.c
tests_unit_base_exits_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_exits_test_LDADD = $(tap) $(base_libs)

tests_unit_base_failure_test_SOURCES = tests/unit/base/failure_test.c
tests_unit_base_failure_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_failure_test_LDADD = $(tap) $(base_libs)

tests_unit_base_file_test_SOURCES = tests/unit/base/file_test.c
tests_unit_base_file_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_file_test_LDADD = $(tap) $(base_libs)

tests_unit_base_heap_test_SOURCES = tests/unit/base/heap_test.c
tests_unit_base_heap_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_heap_test_LDADD = $(tap) $(base_libs)
tests_unit_base_json_test_SOURCES = tests/unit/base/json_test.c
tests_unit_base_json_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_json_test_LDADD = $(tap) $(base_libs)

tests_unit_base_log_test_SOURCES = tests/unit/base/log_test.c
tests_unit_base_log_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_log_test_LDADD = $(tap) $(base_libs)

tests_unit_base_mask_test_SOURCES = tests/unit/base/mask_test.c
tests_unit_base_mask_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_mask_test_LDADD = $(tap) $(base_libs)

tests_unit_base_names_test_SOURCES = tests/unit/base/names_test.c
tests_unit_base_names_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_names_test_LDADD = $(tap) $(base_libs)
tests_unit_base_needle_test_SOURCES = tests/unit/base/needle_test.c
tests_unit_base_needle_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_needle_test_LDADD = $(tap) $(base_libs)
tests_unit_base_mem_test_SOURCES = tests/unit/base/mem_test.c
tests_unit_base_mem_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_mem_test_LDADD = $(tap) $(base_libs)

tests_unit_base_packed_test_SOURCES = tests/unit/base/packed_test.c
tests_unit_base_packed_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_packed_test_LDADD = $(tap) $(base_libs)

tests_unit_base_process_test_SOURCES = tests/unit/base/process_test.c
tests_unit_base_process_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_process_test_LDADD = $(tap) $(base_libs)

tests_unit_base_random_test_SOURCES = tests/unit/base/random_test.c
tests_unit_base_random_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_random_test_LDADD = $(tap) $(base_libs)

tests_unit_base_rate_test_SOURCES = tests/unit/base/rate_test.c
tests_unit_base_rate_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_rate_test_LDADD = $(tap) $(base_libs)

tests_unit_base_sandbox_test_SOURCES = tests/unit/base/sandbox_test.c \
	tests/unit/deeds.c tests/unit/deeds.h
tests_unit_base_sandbox_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_sandbox_test_LDADD = $(tap) $(base_libs)

tests_unit_base_secret_test_SOURCES = tests/unit/base/secret_test.c
tests_unit_base_secret_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_secret_test_LDADD = $(tap) $(base_libs)

tests_unit_base_source_test_SOURCES = tests/unit/base/source_test.c
tests_unit_base_source_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_source_test_LDADD = $(tap) $(base_libs)

tests_unit_base_span_test_SOURCES = tests/unit/base/span_test.c
tests_unit_base_span_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_span_test_LDADD = $(tap) $(base_libs)

tests_unit_base_terminal_test_SOURCES = tests/unit/base/terminal_test.c
tests_unit_base_terminal_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_terminal_test_LDADD = $(tap) $(base_libs)

tests_unit_base_text_test_SOURCES = tests/unit/base/text_test.c
tests_unit_base_text_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_text_test_LDADD = $(tap) $(base_libs)

check_PROGRAMS += tests/unit/base/charset_test
tests_unit_base_charset_test_SOURCES = tests/unit/base/charset_test.c
tests_unit_base_charset_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_charset_test_LDADD = $(tap) $(base_libs)
TESTS += tests/unit/base/charset_test

check_PROGRAMS += tests/unit/base/snapshot_test
tests_unit_base_snapshot_test_SOURCES = tests/unit/base/snapshot_test.c
tests_unit_base_snapshot_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_snapshot_test_LDADD = $(tap) $(base_libs)
TESTS += tests/unit/base/snapshot_test

check_PROGRAMS += tests/unit/base/library_test
tests_unit_base_library_test_SOURCES = tests/unit/base/library_test.c
tests_unit_base_library_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_library_test_LDADD = $(tap) $(base_libs)
TESTS += tests/unit/base/library_test

check_PROGRAMS += tests/unit/base/jsonread_test
tests_unit_base_jsonread_test_SOURCES = tests/unit/base/jsonread_test.c
tests_unit_base_jsonread_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_jsonread_test_LDADD = $(tap) $(base_libs)
TESTS += tests/unit/base/jsonread_test

check_PROGRAMS += tests/unit/base/apart_test
tests_unit_base_apart_test_SOURCES = tests/unit/base/apart_test.c
tests_unit_base_apart_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_apart_test_LDADD = $(tap) $(base_libs)
TESTS += tests/unit/base/apart_test

tests_unit_base_outlet_test_SOURCES = tests/unit/base/outlet_test.c
tests_unit_base_outlet_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_outlet_test_LDADD = $(tap) $(base_libs)

tests_unit_base_unit_test_SOURCES = tests/unit/base/unit_test.c
tests_unit_base_unit_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_unit_test_LDADD = $(tap) $(base_libs)

check_PROGRAMS += tests/unit/base/jsonwalk_test
tests_unit_base_jsonwalk_test_SOURCES = tests/unit/base/jsonwalk_test.c
tests_unit_base_jsonwalk_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_jsonwalk_test_LDADD = $(tap) $(base_libs)
TESTS += tests/unit/base/jsonwalk_test

check_PROGRAMS += tests/unit/base/lines_test
tests_unit_base_lines_test_SOURCES = tests/unit/base/lines_test.c
tests_unit_base_lines_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_base_lines_test_LDADD = $(tap) $(base_libs)
TESTS += tests/unit/base/lines_test
