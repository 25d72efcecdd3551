# SPDX-License-Identifier: GPL-3.0-or-later
# The built binary against tests/sink: whole outputs, whole logs, exit codes.
blackbox_tests = tests/blackbox/outcome.sh tests/blackbox/caller.sh \
	tests/blackbox/queue.sh tests/blackbox/storm.sh \
	tests/blackbox/fallback.sh tests/blackbox/notify.sh \
	tests/blackbox/damage.sh tests/blackbox/root.sh \
	tests/blackbox/pace.sh tests/blackbox/signals.sh \
	tests/blackbox/hire.sh tests/blackbox/earlier.sh
TESTS += $(blackbox_tests)
EXTRA_DIST += $(blackbox_tests) tests/blackbox/sink.sh \
	tests/blackbox/earlier
tests/blackbox/outcome.log tests/blackbox/caller.log \
tests/blackbox/queue.log tests/blackbox/storm.log \
tests/blackbox/fallback.log tests/blackbox/notify.log \
tests/blackbox/damage.log tests/blackbox/root.log \
tests/blackbox/hire.log tests/blackbox/signals.log \
tests/blackbox/earlier.log \
tests/blackbox/pace.log: src/mailchute$(EXEEXT) \
	tests/sink/sink$(EXEEXT)

# The printing doors.
TESTS += tests/blackbox/config.sh tests/blackbox/check.sh \
	tests/blackbox/explain.sh tests/blackbox/verbs.sh
EXTRA_DIST += tests/blackbox/config.sh tests/blackbox/check.sh \
	tests/blackbox/explain.sh tests/blackbox/verbs.sh
tests/blackbox/explain.log: src/mailchute$(EXEEXT)
tests/blackbox/verbs.log: src/mailchute$(EXEEXT) contrib/tables
tests/blackbox/check.log: src/mailchute$(EXEEXT) tests/lint/tables$(EXEEXT)
tests/blackbox/config.log: src/mailchute$(EXEEXT) tests/lint/tables$(EXEEXT)

# mailchute doctor.
TESTS += tests/blackbox/doctor.sh
EXTRA_DIST += tests/blackbox/doctor.sh
tests/blackbox/doctor.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# A server that is not this machine.
TESTS += tests/blackbox/elsewhere.sh
EXTRA_DIST += tests/blackbox/elsewhere.sh tests/blackbox/socks.py
tests/blackbox/elsewhere.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# mailchute bounces.
TESTS += tests/blackbox/bounces.sh
EXTRA_DIST += tests/blackbox/bounces.sh tests/bounces
tests/blackbox/bounces.log: src/mailchute$(EXEEXT)

# Shapes of addresses.
TESTS += tests/blackbox/addresses.sh
EXTRA_DIST += tests/blackbox/addresses.sh tests/addresses \
	tests/lib/addresses.awk
tests/blackbox/addresses.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# mailchute send.
TESTS += tests/blackbox/send.sh
EXTRA_DIST += tests/blackbox/send.sh
tests/blackbox/send.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# mailchute suppress.
TESTS += tests/blackbox/suppress.sh
EXTRA_DIST += tests/blackbox/suppress.sh
tests/blackbox/suppress.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# mailchute send --merge.
TESTS += tests/blackbox/merge.sh tests/blackbox/mass.sh
EXTRA_DIST += tests/blackbox/merge.sh tests/blackbox/mass.sh
TESTS += tests/blackbox/unsubscribe.sh
EXTRA_DIST += tests/blackbox/unsubscribe.sh
tests/blackbox/merge.log tests/blackbox/mass.log: \
	src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# What becomes of content.
TESTS += tests/blackbox/content.sh
EXTRA_DIST += tests/blackbox/content.sh
tests/blackbox/content.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# Signatures.
TESTS += tests/blackbox/dkim.sh
EXTRA_DIST += tests/blackbox/dkim.sh
tests/blackbox/dkim.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# What msmtp's users know.
TESTS += tests/blackbox/msmtp.sh tests/blackbox/msmtp_words.sh
EXTRA_DIST += tests/blackbox/msmtp.sh tests/blackbox/msmtp_words.sh
tests/blackbox/msmtp.log tests/blackbox/msmtp_words.log: \
	src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# The alias file and names of this machine; for development; the log.
TESTS += tests/blackbox/aliases.sh tests/blackbox/capture.sh \
	tests/blackbox/log.sh
EXTRA_DIST += tests/blackbox/aliases.sh tests/blackbox/capture.sh \
	tests/blackbox/log.sh
tests/blackbox/aliases.log tests/blackbox/capture.log \
tests/blackbox/log.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# A drop-in: -bs, every option of a sendmail, and how programs call one.
dropin_tests = tests/blackbox/smtp.sh tests/blackbox/options.sh \
	tests/blackbox/callers.sh tests/blackbox/environment.sh \
	tests/blackbox/fence.sh tests/blackbox/migrate.sh
TESTS += $(dropin_tests)
EXTRA_DIST += $(dropin_tests)
tests/blackbox/smtp.log tests/blackbox/options.log tests/blackbox/callers.log \
tests/blackbox/environment.log tests/blackbox/fence.log \
tests/blackbox/migrate.log: \
	src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# What a server offers, and what it does of it.
TESTS += tests/blackbox/extensions.sh tests/blackbox/server_info.sh \
	tests/blackbox/replies.sh tests/blackbox/hello.sh
EXTRA_DIST += tests/blackbox/extensions.sh tests/blackbox/server_info.sh \
	tests/blackbox/replies.sh tests/blackbox/hello.sh
tests/blackbox/hello.log tests/blackbox/replies.log \
tests/blackbox/extensions.log tests/blackbox/server_info.log: \
	src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# A network that comes.
TESTS += tests/blackbox/train.sh
EXTRA_DIST += tests/blackbox/train.sh
tests/blackbox/train.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# What the README and the manual show.
TESTS += tests/blackbox/readme.sh tests/blackbox/manual.sh
EXTRA_DIST += tests/blackbox/readme.sh tests/blackbox/manual.sh
tests/blackbox/manual.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)
tests/blackbox/readme.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# Where a password comes from, and settings without a file.
TESTS += tests/blackbox/password.sh tests/blackbox/nofile.sh
EXTRA_DIST += tests/blackbox/password.sh tests/blackbox/nofile.sh
tests/blackbox/password.log tests/blackbox/nofile.log: \
	src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# The system-wide door.
TESTS += tests/blackbox/serve.sh
EXTRA_DIST += tests/blackbox/serve.sh
check_PROGRAMS += tests/blackbox/sockets
tests_blackbox_sockets_SOURCES = tests/blackbox/sockets.c
tests/blackbox/serve.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT) \
	tests/blackbox/sockets$(EXEEXT)

# The shape of all JSON.
TESTS += tests/blackbox/json.sh
EXTRA_DIST += tests/blackbox/json.sh tests/lib/schema.awk
check_PROGRAMS += tests/blackbox/json_paths
tests_blackbox_json_paths_SOURCES = tests/blackbox/json_paths.c
tests_blackbox_json_paths_LDADD = $(base_libs)
tests/blackbox/json.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT) \
	tests/blackbox/json_paths$(EXEEXT) contrib/tables

# A first profile, with a person who types.
TESTS += tests/blackbox/setup.sh
EXTRA_DIST += tests/blackbox/setup.sh
check_PROGRAMS += tests/blackbox/typist
tests_blackbox_typist_SOURCES = tests/blackbox/typist.c
tests/blackbox/setup.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT) \
	tests/blackbox/typist$(EXEEXT)

# Without the system's libraries.
TESTS += tests/blackbox/libraries.sh
EXTRA_DIST += tests/blackbox/libraries.sh
tests/blackbox/libraries.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# Who is confined.
TESTS += tests/blackbox/confined.sh
EXTRA_DIST += tests/blackbox/confined.sh
check_PROGRAMS += tests/blackbox/warden
tests_blackbox_warden_SOURCES = tests/blackbox/warden.c
tests/blackbox/confined.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT) \
	tests/blackbox/warden$(EXEEXT)

# Passwords in wrong places.
TESTS += tests/blackbox/secrets.sh
EXTRA_DIST += tests/blackbox/secrets.sh
tests/blackbox/secrets.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# Access tokens.
TESTS += tests/blackbox/oauth.sh tests/blackbox/keys.sh
EXTRA_DIST += tests/blackbox/oauth.sh tests/blackbox/keys.sh tests/oauth/issuer.py \
	tests/oauth/oauth.sh
tests/blackbox/keys.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)
tests/blackbox/oauth.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)
TESTS += tests/blackbox/login.sh
EXTRA_DIST += tests/blackbox/login.sh tests/oauth/browser.py
tests/blackbox/login.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# mailchute log.
TESTS += tests/blackbox/log_verb.sh
EXTRA_DIST += tests/blackbox/log_verb.sh
tests/blackbox/log_verb.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)
