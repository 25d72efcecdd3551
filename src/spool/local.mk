# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/spool/libspool.a
src_spool_libspool_a_SOURCES = \
	src/spool/entry.c \
	src/spool/folder.c src/spool/folder.h \
	src/spool/form.c src/spool/form.h \
	src/spool/history.c src/spool/history.h \
	src/spool/job.c src/spool/job.h \
	src/spool/record.c src/spool/record.h \
	src/spool/schedule.c src/spool/schedule.h \
	src/spool/shared.c src/spool/shared.h \
	src/spool/store.c src/spool/store.h src/spool/store_ops.h \
	src/spool/walk.c src/spool/walk.h
