# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/cmd/libcmd.a
src_cmd_libcmd_a_SOURCES = \
	src/cmd/cmd.c src/cmd/cmd.def src/cmd/cmd.h \
	src/cmd/configure.c src/cmd/config.c src/cmd/config.def src/cmd/config.def \
	src/cmd/etrn.c \
	src/cmd/help.c \
	src/cmd/newaliases.c \
	src/cmd/queue.c src/cmd/queue.def src/cmd/queue.h \
	src/cmd/queue_list.c \
	src/cmd/queue_run.c src/cmd/queue_run.h \
	src/cmd/server_info.c \
	src/cmd/reception_door.c src/cmd/reception_door.h \
	src/cmd/report.c src/cmd/report.h \
	src/cmd/sendmail.c \
	src/cmd/serve.c src/cmd/serve.def \
	src/cmd/serve_calls.c src/cmd/serve_calls.h \
	src/cmd/serve_options.c src/cmd/serve_options.h \
	src/cmd/smtp.c \
	src/cmd/submission.c src/cmd/submission.h

# mailchute send
src_cmd_libcmd_a_SOURCES += \
	src/cmd/editor.c src/cmd/editor.h \
	src/cmd/problems.c src/cmd/problems.h \
	src/cmd/progress.c src/cmd/progress.h \
	src/cmd/send.c src/cmd/send.def \
	src/cmd/send_head.c src/cmd/send_head.h \
	src/cmd/send_options.c src/cmd/send_options.h \
	src/cmd/send_parts.c src/cmd/send_parts.h
