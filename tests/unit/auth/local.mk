# SPDX-License-Identifier: GPL-3.0-or-later
auth_tests = tests/unit/auth/password_test tests/unit/auth/sasl_test \
	tests/unit/auth/netrc_test
check_PROGRAMS += $(auth_tests)
TESTS += $(auth_tests)

tests_unit_auth_password_test_SOURCES = tests/unit/auth/password_test.c
tests_unit_auth_password_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_auth_password_test_LDADD = $(tap) $(auth_libs)

tests_unit_auth_netrc_test_SOURCES = tests/unit/auth/netrc_test.c
tests_unit_auth_netrc_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_auth_netrc_test_LDADD = $(tap) $(auth_libs)

tests_unit_auth_sasl_test_SOURCES = tests/unit/auth/sasl_test.c
tests_unit_auth_sasl_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_auth_sasl_test_LDADD = $(tap) $(auth_libs) $(LIBGSASL_LIBS)

check_PROGRAMS += tests/unit/auth/answer_test
tests_unit_auth_answer_test_SOURCES = tests/unit/auth/answer_test.c
tests_unit_auth_answer_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_auth_answer_test_LDADD = $(tap) $(auth_libs)
TESTS += tests/unit/auth/answer_test

check_PROGRAMS += tests/unit/auth/form_test
tests_unit_auth_form_test_SOURCES = tests/unit/auth/form_test.c
tests_unit_auth_form_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_auth_form_test_LDADD = $(tap) $(auth_libs)
TESTS += tests/unit/auth/form_test

check_PROGRAMS += tests/unit/auth/redirect_test
tests_unit_auth_redirect_test_SOURCES = tests/unit/auth/redirect_test.c
tests_unit_auth_redirect_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_auth_redirect_test_LDADD = $(tap) $(auth_libs)
TESTS += tests/unit/auth/redirect_test

check_PROGRAMS += tests/unit/auth/jwt_test
tests_unit_auth_jwt_test_SOURCES = tests/unit/auth/jwt_test.c
tests_unit_auth_jwt_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_auth_jwt_test_LDADD = $(tap) $(auth_libs)
TESTS += tests/unit/auth/jwt_test
