# SPDX-License-Identifier: GPL-3.0-or-later
# A crash at every call: mailchute with its calls routed through fault.c.
if HAVE_WRAP
check_PROGRAMS += tests/crash/chute
tests_crash_chute_SOURCES = src/main.c tests/crash/fault.c
tests_crash_chute_LDADD = $(cmd_libs)
tests_crash_chute_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=openat,--wrap=mkdirat,--wrap=pwrite,--wrap=pread \
	-Wl,--wrap=read,--wrap=write,--wrap=send,--wrap=recv \
	-Wl,--wrap=fdatasync,--wrap=fsync,--wrap=renameat,--wrap=unlinkat \
	-Wl,--wrap=flock,--wrap=ftruncate,--wrap=close,--wrap=fork
TESTS += tests/crash/crash.sh
endif
EXTRA_DIST += tests/crash/crash.sh
tests/crash/crash.log: tests/crash/chute$(EXEEXT) tests/sink/sink$(EXEEXT)
