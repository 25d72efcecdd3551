# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/smtp/libsmtp.a
src_smtp_libsmtp_a_SOURCES =
