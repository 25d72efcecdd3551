# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/mail/libmail.a
src_mail_libmail_a_SOURCES = \
	src/mail/address.c src/mail/address.h \
	src/mail/aliases.c src/mail/aliases.h \
	src/mail/authres.c src/mail/authres.h \
	src/mail/change.c src/mail/change.h src/mail/change.def \
	src/mail/date.c src/mail/date.h \
	src/mail/delivery.h \
	src/mail/downgrade.c src/mail/downgrade.h \
	src/mail/edit.c src/mail/edit.h \
	src/mail/encode.c src/mail/encode.h \
	src/mail/envelope.c src/mail/envelope.h \
	src/mail/policy.c src/mail/policy.h \
	src/mail/glob.c src/mail/glob.h \
	src/mail/header.c src/mail/header.h \
	src/mail/message.c src/mail/message.h \
	src/mail/mime.c src/mail/mime.h \
	src/mail/msgid.c src/mail/msgid.h \
	src/mail/parts.c src/mail/parts.h \
	src/mail/recipients.c src/mail/recipients.h \
	src/mail/reshape.c src/mail/reshape.h \
	src/mail/rewrap.c src/mail/rewrap.h \
	src/mail/spell.c src/mail/spell.h \
	src/mail/wrap.c src/mail/wrap.h

# Signing one.
src_mail_libmail_a_SOURCES += \
	src/mail/dkim.c src/mail/dkim.h \
	src/mail/dkim_record.c src/mail/dkim_record.h \
	src/mail/relaxed.c src/mail/relaxed.h

# Composing a message from its parts.
src_mail_libmail_a_SOURCES += \
	src/mail/compose.c src/mail/compose.h \
	src/mail/content.c src/mail/content.h \
	src/mail/field.c src/mail/field.h \
	src/mail/flow.c src/mail/flow.h \
	src/mail/htmltext.c src/mail/htmltext.h src/mail/htmltext.def \
	src/mail/mimetype.c src/mail/mimetype.h src/mail/mimetype.def \
	src/mail/transfer.c src/mail/transfer.h

# Many messages from a table.
src_mail_libmail_a_SOURCES += \
	src/mail/table.c src/mail/table.h \
	src/mail/template.c src/mail/template.h

# Addresses that only we can read.
src_mail_libmail_a_SOURCES += src/mail/seal.c src/mail/seal.h
