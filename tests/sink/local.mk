# SPDX-License-Identifier: GPL-3.0-or-later
# The project's own submission server: tests/sink/sink --help.
check_PROGRAMS += tests/sink/sink
tests_sink_sink_SOURCES = tests/sink/options.c tests/sink/sasl.c \
	tests/sink/script.c tests/sink/script.h \
	tests/sink/session.c tests/sink/sink.c tests/sink/sink.h \
	tests/sink/tls.c
tests_sink_sink_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_sink_sink_LDADD = $(certs) $(smtp_libs) $(net_libs) $(LIBGSASL_LIBS)

EXTRA_DIST += tests/sink/README

check_PROGRAMS += tests/sink/sink_test
TESTS += tests/sink/sink_test
tests_sink_sink_test_SOURCES = tests/sink/sink_test.c
tests_sink_sink_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_sink_sink_test_LDADD = $(tap) src/auth/libauth.a $(net_libs) \
	$(auth_system_libs)
