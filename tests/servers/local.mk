# SPDX-License-Identifier: GPL-3.0-or-later
# Real servers: not part of make check, since they want root and packages.
EXTRA_DIST += tests/servers/run tests/servers/postfix.sh \
	tests/servers/postfix_cases.sh tests/servers/queue_cases.sh \
	tests/servers/drain.sh \
	tests/servers/setup_cases.sh \
	tests/servers/mailbox_cases.sh \
	tests/servers/mailbox.py tests/servers/submission.sh \
	tests/servers/exim.sh tests/servers/exim_cases.sh \
	tests/servers/opensmtpd.sh tests/servers/opensmtpd_cases.sh \
	tests/servers/chasquid.sh tests/servers/chasquid_cases.sh \
	tests/servers/kerberos.sh tests/servers/kerberos_cases.sh \
	tests/servers/socks_cases.sh tests/servers/network_cases.sh \
	tests/servers/pkcs11_cases.sh \
	tests/servers/dovecot.sh tests/servers/dovecot_cases.sh \
	tests/servers/haraka.sh tests/servers/haraka_cases.sh \
	tests/servers/oidc.sh tests/servers/oidc_cases.sh \
	tests/servers/issuer.mjs tests/servers/consent.py \
	tests/servers/browser_cases.sh tests/servers/chromium.py \
	tests/lib/client.sh \
	tests/lib/disk.sh \
	tests/lib/message.sh tests/lib/nsd.sh tests/lib/pki.sh tests/lib/sandbox.sh \
	tests/lib/tap.sh

check-servers: all tests/blackbox/typist$(EXEEXT)
	@$(installed_environment) $(SHELL) $(srcdir)/tests/servers/run
.PHONY: check-servers

# The same configurations with msmtp and with mailchute, and what they send; and
# whom Postfix and msmtp make of the addresses of blackbox/addresses.sh.
EXTRA_DIST += tests/peers/msmtp.sh tests/peers/run \
	tests/peers/addresses_cases.sh tests/peers/elsewhere_cases.sh
check-peers: all tests/sink/sink$(EXEEXT)
	@$(installed_environment) $(SHELL) $(srcdir)/tests/peers/run
	@$(installed_environment) $(SHELL) $(srcdir)/tests/peers/msmtp.sh
.PHONY: check-peers
