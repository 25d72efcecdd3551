# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/bounce/libbounce.a
src_bounce_libbounce_a_SOURCES = \
	src/bounce/bounce.c src/bounce/bounce.h \
	src/bounce/decode.c src/bounce/decode.h \
	src/bounce/fields.c src/bounce/fields.h \
	src/bounce/packed.c src/bounce/packed.h \
	src/bounce/prose.c src/bounce/prose.h src/bounce/prose.def \
	src/bounce/reason.c src/bounce/reason.h src/bounce/reason.def
