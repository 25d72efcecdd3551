# SPDX-License-Identifier: GPL-3.0-or-later
smtp_tests = \
	tests/unit/smtp/command_test \
	tests/unit/smtp/dialogue_test \
	tests/unit/smtp/dotstuff_test \
	tests/unit/smtp/ehlo_test \
	tests/unit/smtp/reception_test \
	tests/unit/smtp/reply_test \
	tests/unit/smtp/transcript_test
check_PROGRAMS += $(smtp_tests)
TESTS += $(smtp_tests)

tests_unit_smtp_command_test_SOURCES = tests/unit/smtp/command_test.c
tests_unit_smtp_command_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_smtp_command_test_LDADD = $(tap) $(smtp_libs)
tests_unit_smtp_dialogue_test_SOURCES = tests/unit/smtp/dialogue_test.c
tests_unit_smtp_dialogue_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_smtp_dialogue_test_LDADD = $(tap) $(smtp_libs)
tests_unit_smtp_dotstuff_test_SOURCES = tests/unit/smtp/dotstuff_test.c
tests_unit_smtp_dotstuff_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_smtp_dotstuff_test_LDADD = $(tap) $(smtp_libs)
tests_unit_smtp_ehlo_test_SOURCES = tests/unit/smtp/ehlo_test.c
tests_unit_smtp_ehlo_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_smtp_ehlo_test_LDADD = $(tap) $(smtp_libs)
tests_unit_smtp_reception_test_SOURCES = tests/unit/smtp/reception_test.c
tests_unit_smtp_reception_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_smtp_reception_test_LDADD = $(tap) $(smtp_libs)
tests_unit_smtp_reply_test_SOURCES = tests/unit/smtp/reply_test.c
tests_unit_smtp_reply_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_smtp_reply_test_LDADD = $(tap) $(smtp_libs)
tests_unit_smtp_transcript_test_SOURCES = tests/unit/smtp/transcript_test.c
tests_unit_smtp_transcript_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_smtp_transcript_test_LDADD = $(tap) $(smtp_libs)

EXTRA_DIST += tests/transcripts
