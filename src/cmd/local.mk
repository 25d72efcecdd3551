# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/cmd/libcmd.a
src_cmd_libcmd_a_SOURCES = \
	src/cmd/cmd.c src/cmd/cmd.def src/cmd/cmd.h \
	src/cmd/config.c \
	src/cmd/help.c \
	src/cmd/newaliases.c \
	src/cmd/queue.c \
	src/cmd/report.c src/cmd/report.h \
	src/cmd/sendmail.c
