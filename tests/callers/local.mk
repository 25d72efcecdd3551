# SPDX-License-Identifier: GPL-3.0-or-later
# Real callers: not part of make check, since they want root and packages.
EXTRA_DIST += tests/callers/run tests/callers/caller.sh \
	tests/callers/php_cases.sh tests/callers/unsubscribe_cases.sh tests/callers/git_cases.sh \
	tests/callers/cron_cases.sh tests/callers/metrics_cases.sh tests/callers/phpmail_cases.sh \
	tests/callers/laravel_cases.sh tests/callers/php_mailer.sh \
	tests/callers/clients_cases.sh tests/callers/readme_cases.sh tests/callers/scripts_cases.sh \
	tests/callers/hold_cases.sh \
	tests/callers/README tests/lib/suite.sh

check-callers: all
	@$(installed_environment) $(SHELL) $(srcdir)/tests/callers/run
.PHONY: check-callers
