# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that make check runs; tests/README tells which suite is where.

# How each suite is run, and what is shown of it.
check_PROGRAMS += tests/keeper
tests_keeper_SOURCES = tests/keeper.c
EXTRA_DIST += tests/driver.sh

# The program that they run: it sees nothing of the machine.
check_PROGRAMS += tests/mailchute
tests_mailchute_SOURCES = src/main.c tests/place.c
tests_mailchute_LDADD = $(src_mailchute_LDADD)

check_LIBRARIES += tests/libtap.a
tests_libtap_a_SOURCES = tests/tap.c tests/tap.h
tap = tests/libtap.a

# Certificates made at test time, for whatever speaks TLS.
check_LIBRARIES += tests/libcerts.a
tests_libcerts_a_SOURCES = tests/certs.c tests/certs.h
certs = tests/libcerts.a $(GNUTLS_LIBS)
lint_tests =

include tests/unit/base/local.mk
include tests/unit/mail/local.mk
include tests/unit/smtp/local.mk
include tests/unit/auth/local.mk
include tests/unit/net/local.mk
include tests/unit/config/local.mk
include tests/unit/postgres/local.mk
include tests/unit/spool/local.mk
include tests/unit/bounce/local.mk
include tests/unit/log/local.mk
include tests/unit/deliver/local.mk
include tests/unit/cmd/local.mk
include tests/fuzz/local.mk
include tests/sink/local.mk
include tests/lane/local.mk
include tests/hostile/local.mk
include tests/blackbox/local.mk
include tests/clarity/local.mk
include tests/crash/local.mk
include tests/servers/local.mk
include tests/callers/local.mk
include tests/dkim/local.mk
include tests/postgres/local.mk
include tests/parsers/local.mk
include tests/bench/local.mk
include tests/packaging/local.mk
include tests/container/local.mk
include tests/systemd/local.mk
include tests/lint/local.mk
