# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/cmd/libcmd.a
# The verbs' tables (words.h); completion is made from them, too.
verb_tables = src/cmd/bounces.def src/cmd/config.def src/cmd/dkim.def \
	src/cmd/doctor.def src/cmd/explain.def src/cmd/log.def src/cmd/login.def \
	src/cmd/queue.def src/cmd/send.def \
	src/cmd/serve.def src/cmd/setup.def src/cmd/suppress.def src/cmd/test.def
src_cmd_libcmd_a_SOURCES = $(verb_tables) \
	src/cmd/cmd.c src/cmd/cmd.def src/cmd/cmd.h \
	src/cmd/configure.c src/cmd/config.c \
	src/cmd/dkim.c \
	src/cmd/etrn.c \
	src/cmd/explain.c \
	src/cmd/help.c \
	src/cmd/newaliases.c \
	src/cmd/queue.c src/cmd/queue.h \
	src/cmd/queue_list.c \
	src/cmd/queue_others.c src/cmd/queue_others.h \
	src/cmd/queue_run.c src/cmd/queue_run.h \
	src/cmd/queue_store.c src/cmd/queue_store.h \
	src/cmd/server_info.c \
	src/cmd/reception_answer.c src/cmd/reception_answer.h \
	src/cmd/reception_door.c src/cmd/reception_door.h \
	src/cmd/reader.c src/cmd/reader.h \
	src/cmd/report.c src/cmd/report.h \
	src/cmd/returned.c src/cmd/returned.h \
	src/cmd/sendmail.c \
	src/cmd/serve.c \
	src/cmd/serve_calls.c src/cmd/serve_calls.h \
	src/cmd/setup.c src/cmd/setup.h \
	src/cmd/setup_find.c src/cmd/setup_keep.c src/cmd/setup_list.c \
	src/cmd/setup_made.c \
	src/cmd/setup_php.c src/cmd/setup_profile.c src/cmd/setup_said.c src/cmd/setup_secret.c \
	src/cmd/setup_server.c src/cmd/setup_system.c src/cmd/setup_talk.c \
	src/cmd/setup_try.c \
	src/cmd/smtp.c \
	src/cmd/stdio.c \
	src/cmd/submission.c src/cmd/submission.h \
	src/cmd/words.c src/cmd/words.h src/cmd/words_begin.def \
	src/cmd/words_end.def src/cmd/words_verb.h

# mailchute bounces
src_cmd_libcmd_a_SOURCES += \
	src/cmd/bounces.c \
	src/cmd/mailbox.c src/cmd/mailbox.h

# mailchute doctor
src_cmd_libcmd_a_SOURCES += \
	src/cmd/doctor.c src/cmd/doctor.h \
	src/cmd/doctor_callers.c \
	src/cmd/doctor_address.c \
	src/cmd/doctor_domain.c \
	src/cmd/doctor_machine.c \
	src/cmd/doctor_profile.c \
	src/cmd/doctor_server.c \
	src/cmd/findings.c src/cmd/findings.h \
	src/cmd/redact.c src/cmd/redact.h \
	src/cmd/test.c

# mailchute log
src_cmd_libcmd_a_SOURCES += \
	src/cmd/log.c \
	src/cmd/log_fallback.c src/cmd/log_fallback.h \
	src/cmd/log_report.c src/cmd/log_report.h \
	src/cmd/log_sources.c src/cmd/log_sources.h \
	src/cmd/log_tail.c src/cmd/log_tail.h \
	src/cmd/log_when.c src/cmd/log_when.h

# mailchute login
src_cmd_libcmd_a_SOURCES += src/cmd/login.c

# mailchute send
src_cmd_libcmd_a_SOURCES += \
	src/cmd/editor.c src/cmd/editor.h \
	src/cmd/problems.c src/cmd/problems.h \
	src/cmd/progress.c src/cmd/progress.h \
	src/cmd/send.c \
	src/cmd/send_list.c src/cmd/send_list.h \
	src/cmd/send_head.c src/cmd/send_head.h \
	src/cmd/send_options.c src/cmd/send_options.h \
	src/cmd/send_parts.c src/cmd/send_parts.h \
	src/cmd/sending.c src/cmd/sending.h

# mailchute suppress
src_cmd_libcmd_a_SOURCES += src/cmd/suppress.c

# mailchute send --merge
src_cmd_libcmd_a_SOURCES += \
	src/cmd/merge.c src/cmd/merge.h \
	src/cmd/merge_job.c src/cmd/merge_job.h \
	src/cmd/merge_preview.c src/cmd/merge_preview.h \
	src/cmd/merge_report.c src/cmd/merge_report.h \
	src/cmd/merge_rows.c src/cmd/merge_rows.h \
	src/cmd/merge_seen.c src/cmd/merge_seen.h \
	src/cmd/send_template.c src/cmd/send_template.h
