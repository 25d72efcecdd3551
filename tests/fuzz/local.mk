# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzz targets; README here tells how to run them and how to add one.

fuzz_targets =
fuzz_main = tests/libreplay.a tests/libtap.a
check_LIBRARIES += tests/libreplay.a
tests_libreplay_a_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h
tests_libreplay_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
EXTRA_DIST += tests/fuzz/README

fuzz_targets += tests/fuzz/base64_fuzz
tests_fuzz_base64_fuzz_SOURCES = tests/fuzz/base64_fuzz.c
tests_fuzz_base64_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_base64_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_base64_fuzz_LDADD = $(fuzz_main) $(base_libs)
EXTRA_DIST += tests/fuzz/corpus/base64

fuzz_targets += tests/fuzz/text_printable_fuzz
tests_fuzz_text_printable_fuzz_SOURCES = tests/fuzz/text_printable_fuzz.c
tests_fuzz_text_printable_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_text_printable_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_text_printable_fuzz_LDADD = $(fuzz_main) $(base_libs)
EXTRA_DIST += tests/fuzz/corpus/text_printable

fuzz_targets += tests/fuzz/compose_fuzz
tests_fuzz_compose_fuzz_SOURCES = tests/fuzz/compose_fuzz.c
tests_fuzz_compose_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_compose_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_compose_fuzz_LDADD = $(fuzz_main) $(mail_libs)
EXTRA_DIST += tests/fuzz/corpus/compose
fuzz_targets += tests/fuzz/record_fuzz
tests_fuzz_record_fuzz_SOURCES = tests/fuzz/record_fuzz.c
tests_fuzz_record_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_record_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_record_fuzz_LDADD = $(fuzz_main) $(spool_libs)
EXTRA_DIST += tests/fuzz/corpus/record

fuzz_targets += tests/fuzz/srv_fuzz
tests_fuzz_srv_fuzz_SOURCES = tests/fuzz/srv_fuzz.c
tests_fuzz_srv_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_srv_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_srv_fuzz_LDADD = $(fuzz_main) $(net_libs)
EXTRA_DIST += tests/fuzz/corpus/srv

fuzz_targets += tests/fuzz/trust_fuzz
tests_fuzz_trust_fuzz_SOURCES = tests/fuzz/trust_fuzz.c
tests_fuzz_trust_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_trust_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_trust_fuzz_LDADD = $(fuzz_main) $(net_libs)
EXTRA_DIST += tests/fuzz/corpus/trust

fuzz_targets += tests/fuzz/redirect_fuzz
tests_fuzz_redirect_fuzz_SOURCES = tests/fuzz/redirect_fuzz.c
tests_fuzz_redirect_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_redirect_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_redirect_fuzz_LDADD = $(fuzz_main) $(auth_libs)
EXTRA_DIST += tests/fuzz/corpus/redirect

fuzz_targets += tests/fuzz/sasl_fuzz
tests_fuzz_sasl_fuzz_SOURCES = tests/fuzz/sasl_fuzz.c
tests_fuzz_sasl_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_sasl_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_sasl_fuzz_LDADD = $(fuzz_main) $(auth_libs)
EXTRA_DIST += tests/fuzz/corpus/sasl

fuzz_targets += tests/fuzz/aliases_fuzz
tests_fuzz_aliases_fuzz_SOURCES = tests/fuzz/aliases_fuzz.c
tests_fuzz_aliases_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_aliases_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_aliases_fuzz_LDADD = $(fuzz_main) $(mail_libs)
EXTRA_DIST += tests/fuzz/corpus/aliases

fuzz_targets += tests/fuzz/config_line_fuzz
tests_fuzz_config_line_fuzz_SOURCES = tests/fuzz/config_line_fuzz.c
tests_fuzz_config_line_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_config_line_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_config_line_fuzz_LDADD = $(fuzz_main) $(config_libs)
EXTRA_DIST += tests/fuzz/corpus/config_line

fuzz_targets += tests/fuzz/address_fuzz
tests_fuzz_address_fuzz_SOURCES = tests/fuzz/address_fuzz.c
tests_fuzz_address_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_address_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_address_fuzz_LDADD = $(fuzz_main) $(mail_libs)
EXTRA_DIST += tests/fuzz/corpus/address

fuzz_targets += tests/fuzz/encode_fuzz
tests_fuzz_encode_fuzz_SOURCES = tests/fuzz/encode_fuzz.c
tests_fuzz_encode_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_encode_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_encode_fuzz_LDADD = $(fuzz_main) $(mail_libs)
EXTRA_DIST += tests/fuzz/corpus/encode

fuzz_targets += tests/fuzz/message_fuzz
tests_fuzz_message_fuzz_SOURCES = tests/fuzz/message_fuzz.c
tests_fuzz_message_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_message_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_message_fuzz_LDADD = $(fuzz_main) $(mail_libs)
EXTRA_DIST += tests/fuzz/corpus/message

fuzz_targets += tests/fuzz/dkim_fuzz
tests_fuzz_dkim_fuzz_SOURCES = tests/fuzz/dkim_fuzz.c
tests_fuzz_dkim_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_dkim_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_dkim_fuzz_LDADD = $(fuzz_main) $(mail_libs)
EXTRA_DIST += tests/fuzz/corpus/dkim

fuzz_targets += tests/fuzz/reply_fuzz
tests_fuzz_reply_fuzz_SOURCES = tests/fuzz/reply_fuzz.c
tests_fuzz_reply_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_reply_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_reply_fuzz_LDADD = $(fuzz_main) $(smtp_libs)
EXTRA_DIST += tests/fuzz/corpus/reply

fuzz_targets += tests/fuzz/dialogue_fuzz
tests_fuzz_dialogue_fuzz_SOURCES = tests/fuzz/dialogue_fuzz.c
tests_fuzz_dialogue_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_dialogue_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_dialogue_fuzz_LDADD = $(fuzz_main) $(smtp_libs)
EXTRA_DIST += tests/fuzz/corpus/dialogue

fuzz_targets += tests/fuzz/reception_fuzz
tests_fuzz_reception_fuzz_SOURCES = tests/fuzz/reception_fuzz.c
tests_fuzz_reception_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_reception_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_reception_fuzz_LDADD = $(fuzz_main) $(smtp_libs)
EXTRA_DIST += tests/fuzz/corpus/reception

fuzz_targets += tests/fuzz/answer_fuzz
tests_fuzz_answer_fuzz_SOURCES = tests/fuzz/answer_fuzz.c
tests_fuzz_answer_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_answer_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_answer_fuzz_LDADD = $(fuzz_main) $(auth_libs)
EXTRA_DIST += tests/fuzz/corpus/answer

fuzz_targets += tests/fuzz/bounce_fuzz
tests_fuzz_bounce_fuzz_SOURCES = tests/fuzz/bounce_fuzz.c
tests_fuzz_bounce_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_bounce_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_bounce_fuzz_LDADD = $(fuzz_main) $(bounce_libs)
EXTRA_DIST += tests/fuzz/corpus/bounce

fuzz_targets += tests/fuzz/log_line_fuzz
tests_fuzz_log_line_fuzz_SOURCES = tests/fuzz/log_line_fuzz.c
tests_fuzz_log_line_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_log_line_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_log_line_fuzz_LDADD = $(fuzz_main) $(log_libs)
EXTRA_DIST += tests/fuzz/corpus/log_line

fuzz_targets += tests/fuzz/table_fuzz
tests_fuzz_table_fuzz_SOURCES = tests/fuzz/table_fuzz.c
tests_fuzz_table_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_table_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_table_fuzz_LDADD = $(fuzz_main) $(mail_libs)
EXTRA_DIST += tests/fuzz/corpus/table

fuzz_targets += tests/fuzz/tidings_fuzz
tests_fuzz_tidings_fuzz_SOURCES = tests/fuzz/tidings_fuzz.c
tests_fuzz_tidings_fuzz_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_tidings_fuzz_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_tidings_fuzz_LDADD = $(fuzz_main) $(deliver_libs)
EXTRA_DIST += tests/fuzz/corpus/tidings

check_PROGRAMS += $(fuzz_targets)
if !FUZZING
TESTS += $(fuzz_targets)
endif

# Each target for FUZZ_SECONDS; new inputs go to fuzz.out/ in the build folder.
FUZZ_SECONDS = 30
fuzz: $(fuzz_targets)
if FUZZING
	@set -e; for target in $(fuzz_targets); do \
		name=`basename $$target _fuzz`; echo "== $$name"; \
		mkdir -p fuzz.out/$$name; \
		$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
			-rss_limit_mb=1024 -print_final_stats=0 -verbosity=0 \
			-artifact_prefix=fuzz.out/$$name. fuzz.out/$$name \
			$(srcdir)/tests/fuzz/corpus/$$name; \
	done
else
	@echo "configure with --enable-fuzzing CC=clang first" >&2; exit 1
endif
.PHONY: fuzz
