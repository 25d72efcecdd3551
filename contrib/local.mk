# SPDX-License-Identifier: GPL-3.0-or-later
# What goes with the program, and the links that make it the sendmail of a
# machine: never made by a plain make install.
EXTRA_DIST += contrib/quickstart

sendmail_links = $(DESTDIR)$(sbindir)/sendmail $(DESTDIR)$(prefix)/lib/sendmail

# A sendmail that is there already belongs to somebody.
install-sendmail:
	@for link in $(sendmail_links); do \
		if test "`readlink $$link`" = '$(bindir)/mailchute'; then \
			continue; \
		elif test -e $$link || test -h $$link; then \
			echo "$$link is there already: remove it first" >&2; \
			exit 1; \
		fi; \
	done
	@for link in $(sendmail_links); do \
		$(MKDIR_P) `dirname $$link` || exit 1; \
		rm -f $$link; \
		echo "  LINK     $$link"; \
		$(LN_S) $(bindir)/mailchute $$link || exit 1; \
	done

uninstall-sendmail:
	@for link in $(sendmail_links); do \
		if test "`readlink $$link`" = '$(bindir)/mailchute'; then \
			echo "  UNLINK   $$link"; \
			rm -f $$link || exit 1; \
		fi; \
	done

.PHONY: install-sendmail uninstall-sendmail
