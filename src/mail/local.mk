# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/mail/libmail.a
src_mail_libmail_a_SOURCES = \
	src/mail/address.c src/mail/address.h \
	src/mail/date.c src/mail/date.h \
	src/mail/encode.c src/mail/encode.h \
	src/mail/envelope.c src/mail/envelope.h \
	src/mail/header.c src/mail/header.h \
	src/mail/message.c src/mail/message.h \
	src/mail/msgid.c src/mail/msgid.h
