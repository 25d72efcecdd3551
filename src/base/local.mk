# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/buf.c src/base/buf.h \
	src/base/diag.c src/base/diag.h src/base/diag.def \
	src/base/mem.c src/base/mem.h \
	src/base/secret.c src/base/secret.h \
	src/base/span.c src/base/span.h \
	src/base/text.c src/base/text.h
