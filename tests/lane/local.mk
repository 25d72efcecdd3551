# SPDX-License-Identifier: GPL-3.0-or-later
# Lane and runner against the one scripted server, by a clock that tests move.
check_PROGRAMS += tests/lane/lane_test
tests_lane_lane_test_SOURCES = tests/lane/lane_test.c tests/lane/stage.c \
	tests/lane/stage.h tests/place.c
tests_lane_lane_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_lane_lane_test_LDADD = $(tap) $(deliver_libs)
TESTS += tests/lane/lane_test
EXTRA_tests_lane_lane_test_DEPENDENCIES = tests/sink/sink$(EXEEXT)
