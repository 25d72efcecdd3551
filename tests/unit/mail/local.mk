# SPDX-License-Identifier: GPL-3.0-or-later

check_PROGRAMS += tests/unit/mail/address_test
tests_unit_mail_address_test_SOURCES = tests/unit/mail/address_test.c
tests_unit_mail_address_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_address_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/address_test

check_PROGRAMS += tests/unit/mail/authres_test
tests_unit_mail_authres_test_SOURCES = tests/unit/mail/authres_test.c
tests_unit_mail_authres_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_authres_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/authres_test

check_PROGRAMS += tests/unit/mail/date_test
tests_unit_mail_date_test_SOURCES = tests/unit/mail/date_test.c
tests_unit_mail_date_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_date_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/date_test

check_PROGRAMS += tests/unit/mail/dkim_record_test
tests_unit_mail_dkim_record_test_SOURCES = tests/unit/mail/dkim_record_test.c
tests_unit_mail_dkim_record_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_dkim_record_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/dkim_record_test

check_PROGRAMS += tests/unit/mail/edit_test
tests_unit_mail_edit_test_SOURCES = tests/unit/mail/edit_test.c
tests_unit_mail_edit_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_edit_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/edit_test

check_PROGRAMS += tests/unit/mail/encode_test
tests_unit_mail_encode_test_SOURCES = tests/unit/mail/encode_test.c
tests_unit_mail_encode_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_encode_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/encode_test

check_PROGRAMS += tests/unit/mail/envelope_test
tests_unit_mail_envelope_test_SOURCES = tests/unit/mail/envelope_test.c
tests_unit_mail_envelope_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_envelope_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/envelope_test

check_PROGRAMS += tests/unit/mail/glob_test
tests_unit_mail_glob_test_SOURCES = tests/unit/mail/glob_test.c
tests_unit_mail_glob_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_glob_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/glob_test

check_PROGRAMS += tests/unit/mail/header_test
tests_unit_mail_header_test_SOURCES = tests/unit/mail/header_test.c
tests_unit_mail_header_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_header_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/header_test

check_PROGRAMS += tests/unit/mail/message_test
tests_unit_mail_message_test_SOURCES = tests/unit/mail/message_test.c
tests_unit_mail_message_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_message_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/message_test

check_PROGRAMS += tests/unit/mail/msgid_test
tests_unit_mail_msgid_test_SOURCES = tests/unit/mail/msgid_test.c
tests_unit_mail_msgid_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_msgid_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/msgid_test

check_PROGRAMS += tests/unit/mail/compose_test
tests_unit_mail_compose_test_SOURCES = tests/unit/mail/compose_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_compose_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_compose_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/compose_test

check_PROGRAMS += tests/unit/mail/content_test
tests_unit_mail_content_test_SOURCES = tests/unit/mail/content_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_content_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_content_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/content_test

check_PROGRAMS += tests/unit/mail/field_test
tests_unit_mail_field_test_SOURCES = tests/unit/mail/field_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_field_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_field_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/field_test

check_PROGRAMS += tests/unit/mail/flow_test
tests_unit_mail_flow_test_SOURCES = tests/unit/mail/flow_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_flow_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_flow_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/flow_test

check_PROGRAMS += tests/unit/mail/htmltext_test
tests_unit_mail_htmltext_test_SOURCES = tests/unit/mail/htmltext_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_htmltext_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_htmltext_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/htmltext_test

check_PROGRAMS += tests/unit/mail/transfer_test
tests_unit_mail_transfer_test_SOURCES = tests/unit/mail/transfer_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_transfer_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_transfer_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/transfer_test

check_PROGRAMS += tests/unit/mail/aliases_test
tests_unit_mail_aliases_test_SOURCES = tests/unit/mail/aliases_test.c
tests_unit_mail_aliases_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_aliases_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/aliases_test

check_PROGRAMS += tests/unit/mail/downgrade_test
tests_unit_mail_downgrade_test_SOURCES = tests/unit/mail/downgrade_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_downgrade_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_downgrade_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/downgrade_test

check_PROGRAMS += tests/unit/mail/spell_test
tests_unit_mail_spell_test_SOURCES = tests/unit/mail/spell_test.c
tests_unit_mail_spell_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_spell_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/spell_test

check_PROGRAMS += tests/unit/mail/wrap_test
tests_unit_mail_wrap_test_SOURCES = tests/unit/mail/wrap_test.c
tests_unit_mail_wrap_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_wrap_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/wrap_test

check_PROGRAMS += tests/unit/mail/relaxed_test
tests_unit_mail_relaxed_test_SOURCES = tests/unit/mail/relaxed_test.c
tests_unit_mail_relaxed_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_relaxed_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/relaxed_test

check_PROGRAMS += tests/unit/mail/dkim_test
tests_unit_mail_dkim_test_SOURCES = tests/unit/mail/dkim_test.c
tests_unit_mail_dkim_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_dkim_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/dkim_test

check_PROGRAMS += tests/unit/mail/mime_test
tests_unit_mail_mime_test_SOURCES = tests/unit/mail/mime_test.c
tests_unit_mail_mime_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_mime_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/mime_test

check_PROGRAMS += tests/unit/mail/parts_test
tests_unit_mail_parts_test_SOURCES = tests/unit/mail/parts_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_parts_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_parts_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/parts_test

check_PROGRAMS += tests/unit/mail/rewrap_test
tests_unit_mail_rewrap_test_SOURCES = tests/unit/mail/rewrap_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_rewrap_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_rewrap_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/rewrap_test

check_PROGRAMS += tests/unit/mail/reshape_test
tests_unit_mail_reshape_test_SOURCES = tests/unit/mail/reshape_test.c \
	tests/unit/mail/pieces.h
tests_unit_mail_reshape_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_reshape_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/reshape_test

check_PROGRAMS += tests/unit/mail/recipients_test
tests_unit_mail_recipients_test_SOURCES = tests/unit/mail/recipients_test.c
tests_unit_mail_recipients_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_recipients_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/recipients_test

check_PROGRAMS += tests/unit/mail/table_test
tests_unit_mail_table_test_SOURCES = tests/unit/mail/table_test.c
tests_unit_mail_table_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_table_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/table_test

check_PROGRAMS += tests/unit/mail/template_test
tests_unit_mail_template_test_SOURCES = tests/unit/mail/template_test.c
tests_unit_mail_template_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_template_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/template_test

check_PROGRAMS += tests/unit/mail/seal_test
tests_unit_mail_seal_test_SOURCES = tests/unit/mail/seal_test.c
tests_unit_mail_seal_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_mail_seal_test_LDADD = $(tap) $(mail_libs)
TESTS += tests/unit/mail/seal_test
