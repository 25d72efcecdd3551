# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/config/account_test
tests_unit_config_account_test_SOURCES = tests/unit/config/account_test.c
tests_unit_config_account_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_account_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/account_test

check_PROGRAMS += tests/unit/config/argv_test
tests_unit_config_argv_test_SOURCES = tests/unit/config/argv_test.c
tests_unit_config_argv_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_argv_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/argv_test

check_PROGRAMS += tests/unit/config/environment_test
tests_unit_config_environment_test_SOURCES = \
	tests/unit/config/environment_test.c
tests_unit_config_environment_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_config_environment_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/environment_test

check_PROGRAMS += tests/unit/config/file_test
tests_unit_config_file_test_SOURCES = tests/unit/config/file_test.c
tests_unit_config_file_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_file_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/file_test

check_PROGRAMS += tests/unit/config/kind_test
tests_unit_config_kind_test_SOURCES = tests/unit/config/kind_test.c
tests_unit_config_kind_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_kind_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/kind_test

check_PROGRAMS += tests/unit/config/option_test
tests_unit_config_option_test_SOURCES = tests/unit/config/option_test.c
tests_unit_config_option_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_option_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/option_test

check_PROGRAMS += tests/unit/config/show_test
tests_unit_config_show_test_SOURCES = tests/unit/config/show_test.c
tests_unit_config_show_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_show_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/show_test

check_PROGRAMS += tests/unit/config/syntax_test
tests_unit_config_syntax_test_SOURCES = tests/unit/config/syntax_test.c
tests_unit_config_syntax_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_syntax_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/syntax_test

check_PROGRAMS += tests/unit/config/wrong_test
tests_unit_config_wrong_test_SOURCES = tests/unit/config/wrong_test.c
tests_unit_config_wrong_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_wrong_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/wrong_test

check_PROGRAMS += tests/unit/config/provider_test
tests_unit_config_provider_test_SOURCES = tests/unit/config/provider_test.c
tests_unit_config_provider_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests
tests_unit_config_provider_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/provider_test

check_PROGRAMS += tests/unit/config/issuer_test
tests_unit_config_issuer_test_SOURCES = tests/unit/config/issuer_test.c
tests_unit_config_issuer_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_issuer_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/issuer_test

check_PROGRAMS += tests/unit/config/profile_test
tests_unit_config_profile_test_SOURCES = tests/unit/config/profile_test.c
tests_unit_config_profile_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_config_profile_test_LDADD = $(tap) $(config_libs)
TESTS += tests/unit/config/profile_test
