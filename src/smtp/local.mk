# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/smtp/libsmtp.a
src_smtp_libsmtp_a_SOURCES = \
	src/smtp/command.c src/smtp/command.h \
	src/smtp/dotstuff.c src/smtp/dotstuff.h \
	src/smtp/ehlo.c src/smtp/ehlo.h src/smtp/ehlo.def \
	src/smtp/reply.c src/smtp/reply.h \
	src/smtp/advice.c \
	src/smtp/authentication.c \
	src/smtp/dialogue.c src/smtp/dialogue.h \
	src/smtp/dialogue_internal.h \
	src/smtp/renounce.c \
	src/smtp/session.c \
	src/smtp/transaction.c \
	src/smtp/verb.def \
	src/smtp/window.c \
	src/smtp/wire.c \
	src/smtp/reception.c src/smtp/reception.h
