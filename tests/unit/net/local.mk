# SPDX-License-Identifier: GPL-3.0-or-later
net_tests = tests/unit/net/dns_test tests/unit/net/endpoint_test \
	tests/unit/net/idn_test \
	tests/unit/net/network_test tests/unit/net/owner_test tests/unit/net/pin_test \
	tests/unit/net/resolve_test \
	tests/unit/net/socks_test tests/unit/net/srv_test \
	tests/unit/net/tcp_test \
	tests/unit/net/tls_test tests/unit/net/trust_test
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)


tests_unit_net_dns_test_SOURCES = tests/unit/net/dns_test.c
tests_unit_net_dns_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_dns_test_LDADD = $(tap) $(net_libs)

tests_unit_net_endpoint_test_SOURCES = tests/unit/net/endpoint_test.c
tests_unit_net_endpoint_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_endpoint_test_LDADD = $(tap) $(net_libs)

tests_unit_net_idn_test_SOURCES = tests/unit/net/idn_test.c
tests_unit_net_idn_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_idn_test_LDADD = $(tap) $(net_libs)

tests_unit_net_network_test_SOURCES = tests/unit/net/network_test.c
tests_unit_net_network_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_network_test_LDADD = $(tap) $(net_libs)

tests_unit_net_owner_test_SOURCES = tests/unit/net/owner_test.c
tests_unit_net_owner_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_owner_test_LDADD = $(tap) $(net_libs)

tests_unit_net_pin_test_SOURCES = tests/unit/net/pin_test.c
tests_unit_net_pin_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_pin_test_LDADD = $(tap) $(net_libs)

tests_unit_net_resolve_test_SOURCES = tests/unit/net/resolve_test.c
tests_unit_net_resolve_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_resolve_test_LDADD = $(tap) $(net_libs)

tests_unit_net_socks_test_SOURCES = tests/unit/net/socks_test.c
tests_unit_net_socks_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_socks_test_LDADD = $(tap) $(net_libs)

tests_unit_net_tcp_test_SOURCES = tests/unit/net/tcp_test.c
tests_unit_net_tcp_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_tcp_test_LDADD = $(tap) $(net_libs)

tests_unit_net_tls_test_SOURCES = tests/unit/net/tls_test.c
tests_unit_net_tls_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_tls_test_LDADD = $(tap) $(certs) $(net_libs)

tests_unit_net_trust_test_SOURCES = tests/unit/net/trust_test.c
tests_unit_net_trust_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_trust_test_LDADD = $(tap) $(certs) $(net_libs)

tests_unit_net_srv_test_SOURCES = tests/unit/net/srv_test.c
tests_unit_net_srv_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_srv_test_LDADD = $(tap) $(net_libs)

check_PROGRAMS += tests/unit/net/certificate_test
tests_unit_net_certificate_test_SOURCES = tests/unit/net/certificate_test.c
tests_unit_net_certificate_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_certificate_test_LDADD = $(tap) $(certs) $(net_libs)
TESTS += tests/unit/net/certificate_test

check_PROGRAMS += tests/unit/net/keys_test
tests_unit_net_keys_test_SOURCES = tests/unit/net/keys_test.c
tests_unit_net_keys_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_unit_net_keys_test_LDADD = $(tap) $(certs) $(net_libs)
TESTS += tests/unit/net/keys_test
