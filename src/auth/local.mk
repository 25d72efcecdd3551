# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/auth/libauth.a
src_auth_libauth_a_SOURCES = src/auth/answer.c src/auth/answer.def \
	src/auth/answer.h src/auth/form.c src/auth/form.h src/auth/gsasl.def \
	src/auth/jwt.c src/auth/jwt.h src/auth/netrc.c src/auth/netrc.h \
	src/auth/oauth.c \
	src/auth/oauth.h src/auth/password.c src/auth/password.h \
	src/auth/redirect.c src/auth/redirect.h \
	src/auth/sasl.c src/auth/sasl.h
