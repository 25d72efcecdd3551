# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/apart.c src/base/apart.h \
	src/base/base64.c src/base/base64.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/closed.c src/base/closed.h \
	src/base/diag.c src/base/diag.h src/base/diag.def \
	src/base/disk.c src/base/disk.h \
	src/base/duration.c src/base/duration.h \
	src/base/file.c src/base/file.h \
	src/base/heap.c src/base/heap.h \
	src/base/command.c src/base/command.h \
	src/base/exits.c src/base/exits.h \
	src/base/failure.c src/base/failure.h \
	src/base/interrupt.c src/base/interrupt.h \
	src/base/jansson.def src/base/json.c src/base/json.h \
	src/base/jsonread.c src/base/jsonread.h \
	src/base/jsonwalk.c src/base/jsonwalk.h \
	src/base/lines.c src/base/lines.h \
	src/base/library.c src/base/library.h src/base/library_calls.h \
	src/base/log.c src/base/log.h \
	src/base/machine.c src/base/machine.h \
	src/base/mask.c src/base/mask.h \
	src/base/mem.c src/base/mem.h \
	src/base/names.c src/base/names.h \
	src/base/needle.c src/base/needle.h \
	src/base/outlet.c src/base/outlet.h \
	src/base/packed.c src/base/packed.h \
	src/base/pipe.c src/base/pipe.h \
	src/base/place.c src/base/place.h \
	src/base/process.c src/base/process.h \
	src/base/program.c src/base/program.h \
	src/base/random.c src/base/random.h \
	src/base/rate.c src/base/rate.h \
	src/base/sandbox.c src/base/sandbox.h \
	src/base/sandbox.def src/base/sandbox_calls.def \
	src/base/secret.c src/base/secret.h \
	src/base/source.c src/base/source.h \
	src/base/span.c src/base/span.h \
	src/base/terminal.c src/base/terminal.h \
	src/base/text.c src/base/text.h \
	src/base/unit.c src/base/unit.h

src_base_libbase_a_SOURCES += \
	src/base/caller.c src/base/caller.h \
	src/base/charset.c src/base/charset.h \
	src/base/snapshot.c src/base/snapshot.h
