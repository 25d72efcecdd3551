# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = src/net/aside.c src/net/aside.h \
	src/net/certificate.h src/net/certificate_gnutls.c src/net/curl.def \
	src/net/dns.c src/net/dns.h src/net/endpoint.c src/net/endpoint.h \
	src/net/gnutls.def \
	src/net/gnutls_certificate.def src/net/gnutls_keys.def src/net/https.c src/net/https.h \
	src/net/idn.c src/net/idn.h src/net/idn2.def src/net/keys.h \
	src/net/keys_gnutls.c src/net/listen.c \
	src/net/listen.h src/net/loopback.c src/net/loopback.h \
	src/net/network.c src/net/network.h \
	src/net/owner.c src/net/owner.h \
	src/net/pin.c src/net/pin.h src/net/resolve.c \
	src/net/resolve.h src/net/socks.c src/net/socks.h src/net/srv.c \
	src/net/srv.h src/net/stream.h \
	src/net/tcp.c src/net/tcp.h \
	src/net/tls.h src/net/tls_gnutls.c src/net/trust.c src/net/trust.h
