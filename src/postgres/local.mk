# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/postgres/libpostgres.a
src_postgres_libpostgres_a_SOURCES = \
	src/postgres/frame.c src/postgres/frame.h \
	src/postgres/helper.c src/postgres/helper.h \
	src/postgres/libpq.def \
	src/postgres/postgres.c src/postgres/postgres.h \
	src/postgres/schema.c src/postgres/schema.h \
	src/postgres/server.c src/postgres/server.h \
	src/postgres/statement.c src/postgres/statement.h \
	src/postgres/statement.def
src_postgres_libpostgres_a_CFLAGS = $(AM_CFLAGS) $(LIBPQ_CFLAGS)
