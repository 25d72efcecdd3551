# SPDX-License-Identifier: GPL-3.0-or-later
# mailchute(1) has a section that is made from the table of diagnostics.
dist_man_MANS += man/mailchute-bounces.1 man/mailchute-dkim.1 man/mailchute-log.1 man/mailchute-login.1 \
	man/mailchute-migrate.7 man/mailchute-queue.1 \
	man/mailchute-send.1 man/mailchute-serve.8 man/mailchute-setup.1 man/mailchute-suppress.1 \
	man/mailchute-store.7 man/mailchuterc.5
nodist_man_MANS = man/mailchute.1 man/mailchute-hints.7 man/mailchute-json.7
CLEANFILES += man/mailchute.1 man/mailchute-hints.7 man/mailchute-json.7
EXTRA_DIST += man/mailchute.1.in man/diagnostics.awk man/mailchute-hints.7.in \
	man/hints.awk man/mailchute-json.7.in man/json.awk man/json.table

man/mailchute.1: man/mailchute.1.in man/diagnostics.awk src/base/diag.def
	$(AM_V_GEN)$(MKDIR_P) man && $(AWK) -f $(srcdir)/man/diagnostics.awk \
		$(srcdir)/src/base/diag.def $(srcdir)/man/mailchute.1.in \
		>$@.new && mv $@.new $@

# A page that is made from the tables of replies and of arrived mail.
man/mailchute-hints.7: man/mailchute-hints.7.in man/hints.awk \
		src/deliver/known.def src/deliver/arrived.def
	$(AM_V_GEN)$(MKDIR_P) man && $(AWK) -f $(srcdir)/man/hints.awk \
		$(srcdir)/src/deliver/known.def \
		$(srcdir)/src/deliver/arrived.def \
		$(srcdir)/man/mailchute-hints.7.in >$@.new && mv $@.new $@

# A page that is made from the schema, which tests/blackbox/json.sh holds all
# outputs to.
man/mailchute-json.7: man/mailchute-json.7.in man/json.awk man/json.table
	$(AM_V_GEN)$(MKDIR_P) man && $(AWK) -f $(srcdir)/man/json.awk \
		$(srcdir)/man/json.table $(srcdir)/man/mailchute-json.7.in \
		>$@.new && mv $@.new $@
