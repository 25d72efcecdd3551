# SPDX-License-Identifier: GPL-3.0-or-later
# A crash or a failure at every call: mailchute with its calls routed through
# fault.c, and a library that does the same to the one that is installed.
crash_tests = tests/crash/crash.sh tests/crash/serving.sh \
	tests/crash/telling.sh tests/crash/syncs.sh tests/crash/readonly.sh
TESTS += $(crash_tests)
EXTRA_DIST += $(crash_tests) tests/crash/fault.sh tests/crash/calls.def

# Without the flags of the others: no sanitizer.
check_PROGRAMS += tests/crash/shim.so
tests_crash_shim_so_SOURCES = tests/crash/shim.c tests/crash/fault.h
tests_crash_shim_so_CFLAGS = -fPIC
tests_crash_shim_so_LDFLAGS = -shared
tests_crash_shim_so_LDADD =
crash_programs = tests/crash/shim.so src/mailchute$(EXEEXT) \
	tests/sink/sink$(EXEEXT)

if HAVE_WRAP
check_PROGRAMS += tests/crash/chute
tests_crash_chute_SOURCES = src/main.c tests/place.c tests/crash/fault.c \
	tests/crash/fault.h
tests_crash_chute_LDADD = $(cmd_libs)
# All of calls.def, and what fault.h adds.
tests_crash_chute_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=access,--wrap=bind,--wrap=chdir,--wrap=chmod \
	-Wl,--wrap=connect,--wrap=accept,--wrap=dup2,--wrap=fchown \
	-Wl,--wrap=fdatasync,--wrap=flock,--wrap=fork,--wrap=fstat \
	-Wl,--wrap=fstatat,--wrap=fsync,--wrap=ftruncate,--wrap=getsockname \
	-Wl,--wrap=getsockopt,--wrap=kill,--wrap=listen,--wrap=lstat \
	-Wl,--wrap=mkdirat,--wrap=mkfifoat,--wrap=pipe,--wrap=poll \
	-Wl,--wrap=renameat,--wrap=setsockopt,--wrap=socket,--wrap=stat \
	-Wl,--wrap=unlink,--wrap=unlinkat,--wrap=waitpid,--wrap=pread \
	-Wl,--wrap=pwrite,--wrap=read,--wrap=recv,--wrap=send,--wrap=write \
	-Wl,--wrap=openat,--wrap=open,--wrap=fcntl,--wrap=close \
	-Wl,--wrap=__openat_2,--wrap=__open_2
crash_programs += tests/crash/chute$(EXEEXT)
endif
tests/crash/crash.log tests/crash/serving.log tests/crash/telling.log \
tests/crash/syncs.log tests/crash/readonly.log: $(crash_programs)
