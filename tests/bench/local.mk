# SPDX-License-Identifier: GPL-3.0-or-later
# Benchmarks: not part of make check, but their programs are built with it.
check_PROGRAMS += tests/bench/measure tests/bench/fill tests/bench/sign \
	tests/bench/line
tests_bench_measure_SOURCES = tests/bench/measure.c
tests_bench_fill_SOURCES = tests/bench/fill.c
tests_bench_line_SOURCES = tests/bench/line.c
tests_bench_sign_SOURCES = tests/bench/sign.c
tests_bench_sign_LDADD = $(net_libs) $(mail_libs)
EXTRA_DIST += tests/bench/run tests/bench/cases.sh tests/bench/README

bench: all
	@$(MAKE) $(AM_MAKEFLAGS) tests/bench/measure$(EXEEXT) \
		tests/bench/fill$(EXEEXT) tests/bench/sign$(EXEEXT) \
		tests/bench/line$(EXEEXT) tests/sink/sink$(EXEEXT)
	@$(installed_environment) $(SHELL) $(srcdir)/tests/bench/run
.PHONY: bench
