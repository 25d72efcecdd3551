# SPDX-License-Identifier: GPL-3.0-or-later
# The floors, top down: the order in which they are linked is the order in
# which they may call each other.

include src/base/local.mk
include src/mail/local.mk
include src/smtp/local.mk
include src/auth/local.mk
include src/net/local.mk
include src/config/local.mk
include src/postgres/local.mk
include src/spool/local.mk
include src/log/local.mk
include src/bounce/local.mk
include src/deliver/local.mk
include src/cmd/local.mk

EXTRA_DIST += src/README

# The system's libraries, unless they are loaded when they are first needed
# (base/library.h).
if LAZY_LIBRARIES
base_system_libs =
net_system_libs =
auth_system_libs =
else
base_system_libs = $(JANSSON_LIBS)
net_system_libs = $(GNUTLS_LIBS) $(LIBIDN2_LIBS) $(LIBCURL_LIBS)
auth_system_libs = $(LIBGSASL_LIBS)
endif

# What a program on each floor links: its own floor and what is below it.
base_libs = src/base/libbase.a $(base_system_libs) $(LTLIBINTL) $(LIBINTL) \
	$(LIBICONV)
mail_libs = src/mail/libmail.a $(base_libs)
smtp_libs = src/smtp/libsmtp.a $(mail_libs)
auth_libs = src/auth/libauth.a $(base_libs) $(auth_system_libs)
net_libs = src/net/libnet.a $(base_libs) $(net_system_libs)
config_libs = src/config/libconfig.a src/smtp/libsmtp.a src/auth/libauth.a \
	src/net/libnet.a $(mail_libs) $(net_system_libs) $(auth_system_libs)
postgres_libs = src/postgres/libpostgres.a $(base_libs)
spool_libs = src/spool/libspool.a src/postgres/libpostgres.a $(mail_libs)
deliver_libs = src/deliver/libdeliver.a src/spool/libspool.a \
	src/postgres/libpostgres.a $(config_libs)
log_libs = src/log/liblog.a $(base_libs)
bounce_libs = src/bounce/libbounce.a $(mail_libs)
cmd_libs = src/cmd/libcmd.a src/log/liblog.a src/bounce/libbounce.a \
	$(deliver_libs)

bin_PROGRAMS += src/mailchute
src_mailchute_SOURCES = src/main.c
src_mailchute_LDADD = $(cmd_libs)
