# SPDX-License-Identifier: GPL-3.0-or-later
# What goes with the program, and the links that make it the sendmail of a
# machine: never made by a plain make install.
EXTRA_DIST += contrib/network/mailchute
EXTRA_DIST += contrib/quickstart contrib/logrotate/mailchute
EXTRA_DIST += contrib/unsubscribe/README contrib/unsubscribe/unsubscribe.cgi \
	contrib/unsubscribe/unsubscribe.php

# ---- completion and editors, made from the program's tables ------------------

contrib_tables = src/config/option.h src/config/options.def \
	src/config/sendmail.def src/cmd/cmd.def $(verb_tables)
completions = contrib/completion/mailchute contrib/completion/_mailchute \
	contrib/completion/mailchute.fish
editor_modes = contrib/vim/syntax/mailchuterc.vim \
	contrib/emacs/mailchuterc-mode.el

noinst_DATA = contrib/tables $(completions) $(editor_modes)
CLEANFILES += $(noinst_DATA)
EXTRA_DIST += contrib/tables.awk \
	contrib/completion/bash.awk contrib/completion/mailchute.bash \
	contrib/completion/zsh.awk contrib/completion/mailchute.zsh \
	contrib/completion/fish.awk contrib/completion/mailchute.fish.in \
	contrib/vim/syntax.awk contrib/emacs/mode.awk \
	contrib/emacs/mailchuterc-mode.el.in

contrib/tables: contrib/tables.awk $(contrib_tables)
	$(AM_V_GEN)$(MKDIR_P) contrib && for table in $(contrib_tables); do \
		echo $(srcdir)/$$table; \
	done | xargs $(AWK) -f $(srcdir)/contrib/tables.awk >$@.new && \
		mv $@.new $@

completion_make = $(AM_V_GEN)$(MKDIR_P) contrib/completion && $(AWK)
completion_end = contrib/tables >$@.new && mv $@.new $@

contrib/completion/mailchute: contrib/tables contrib/completion/bash.awk \
		contrib/completion/mailchute.bash
	$(completion_make) -v rest=$(srcdir)/contrib/completion/mailchute.bash \
		-f $(srcdir)/contrib/completion/bash.awk $(completion_end)

contrib/completion/_mailchute: contrib/tables contrib/completion/zsh.awk \
		contrib/completion/mailchute.zsh
	$(completion_make) -v rest=$(srcdir)/contrib/completion/mailchute.zsh \
		-f $(srcdir)/contrib/completion/zsh.awk $(completion_end)

contrib/completion/mailchute.fish: contrib/tables \
		contrib/completion/fish.awk contrib/completion/mailchute.fish.in
	$(completion_make) \
		-v rest=$(srcdir)/contrib/completion/mailchute.fish.in \
		-f $(srcdir)/contrib/completion/fish.awk $(completion_end)

contrib/vim/syntax/mailchuterc.vim: contrib/tables contrib/vim/syntax.awk
	$(AM_V_GEN)$(MKDIR_P) contrib/vim/syntax && \
		$(AWK) -f $(srcdir)/contrib/vim/syntax.awk $(completion_end)

contrib/emacs/mailchuterc-mode.el: contrib/tables contrib/emacs/mode.awk \
		contrib/emacs/mailchuterc-mode.el.in
	$(AM_V_GEN)$(MKDIR_P) contrib/emacs && \
		$(AWK) -f $(srcdir)/contrib/emacs/mode.awk contrib/tables \
		$(srcdir)/contrib/emacs/mailchuterc-mode.el.in >$@.new && \
		mv $@.new $@

if HAVE_BASHCOMPLETIONDIR
nodist_bashcompletion_DATA = contrib/completion/mailchute
endif
if HAVE_ZSHCOMPLETIONDIR
nodist_zshcompletion_DATA = contrib/completion/_mailchute
endif
if HAVE_FISHCOMPLETIONDIR
nodist_fishcompletion_DATA = contrib/completion/mailchute.fish
endif
if HAVE_VIMDIR
vimsyntaxdir = $(vimdir)/syntax
vimftdetectdir = $(vimdir)/ftdetect
vimftplugindir = $(vimdir)/ftplugin
nodist_vimsyntax_DATA = contrib/vim/syntax/mailchuterc.vim
vimftdetect_DATA = contrib/vim/ftdetect/mailchuterc.vim
vimftplugin_DATA = contrib/vim/ftplugin/mailchuterc.vim
endif
EXTRA_DIST += contrib/vim/ftdetect/mailchuterc.vim \
	contrib/vim/ftplugin/mailchuterc.vim
if HAVE_EMACSDIR
nodist_emacs_DATA = contrib/emacs/mailchuterc-mode.el
endif

# ---- packages ----------------------------------------------------------------

packaging = contrib/packaging
EXTRA_DIST += $(packaging)/README $(packaging)/mailchuterc.example \
	$(packaging)/alpine/APKBUILD \
	$(packaging)/alpine/mailchute.pre-install $(packaging)/arch/PKGBUILD \
	$(packaging)/homebrew/mailchute.rb $(packaging)/nix/mailchute.nix \
	$(packaging)/rpm/mailchute.spec $(packaging)/rpm/mailchute.rpmlintrc \
	$(packaging)/debian

container = contrib/container
EXTRA_DIST += $(container)/README $(container)/debian.Containerfile \
	$(container)/alpine.Containerfile $(container)/bare.Containerfile \
	$(container)/php-fpm.Containerfile $(container)/kubernetes.yaml \
	$(container)/workers.yaml $(container)/alerts.yaml \
	$(container)/door $(container)/mail.ini $(container)/fpm.conf \
	$(container)/with-mail $(container)/gather

# ---- the machine's sendmail --------------------------------------------------

# What the system's programs call is in /usr, wherever mailchute itself is; a
# prefix of one's own has its own.
sendmail_prefix = `case "$(prefix)" in /usr/local) echo /usr;; \
	*) echo "$(prefix)";; esac`
sendmail_links = DESTDIR='$(DESTDIR)' $(SHELL) \
	$(srcdir)/contrib/sendmail-links
EXTRA_DIST += contrib/sendmail-links

install-sendmail:
	@$(sendmail_links) install '$(bindir)/mailchute' $(sendmail_prefix) \
		'$(mandir)'
	@echo "undo: make uninstall-sendmail"

uninstall-sendmail:
	@$(sendmail_links) uninstall '$(bindir)/mailchute' \
		$(sendmail_prefix) '$(mandir)'

# A link that leads nowhere would be worse than none.
uninstall-local: uninstall-sendmail

.PHONY: install-sendmail uninstall-sendmail

# What runs the queue, and the system-wide door.  Nothing is installed unless
# configure was told where.
EXTRA_DIST += contrib/systemd/mailchute.service.in \
	contrib/systemd/mailchute-queue.service.in \
	contrib/systemd/mailchute.socket contrib/systemd/mailchute.sysusers \
	contrib/systemd/mailchute.tmpfiles \
	contrib/systemd/mailchute-queue.timer \
	contrib/systemd/mailchute-queue@.service.in \
	contrib/systemd/mailchute-queue@.timer contrib/openrc/mailchute \
	contrib/relay.conf.example contrib/mailchuterc.example
CLEANFILES += contrib/systemd/mailchute.service \
	contrib/systemd/mailchute-queue@.service \
	contrib/systemd/mailchute-queue.service
if WITH_SYSTEM_UNITS
systemunitdir = $(with_systemdsystemunitdir)
nodist_systemunit_DATA = contrib/systemd/mailchute.service \
	contrib/systemd/mailchute-queue@.service
dist_systemunit_DATA = contrib/systemd/mailchute.socket \
	contrib/systemd/mailchute-queue@.timer
endif
if WITH_USER_UNITS
userunitdir = $(with_systemduserunitdir)
nodist_userunit_DATA = contrib/systemd/mailchute-queue.service
dist_userunit_DATA = contrib/systemd/mailchute-queue.timer
endif

# FOLDER:FILE: the files of systemd's other tools, which want a name that ends in
# .conf.
systemd_conf =
if WITH_SYSUSERS
systemd_conf += $(with_sysusersdir):mailchute.sysusers
endif
if WITH_TMPFILES
systemd_conf += $(with_tmpfilesdir):mailchute.tmpfiles
endif

install-data-hook:
	@for pair in $(systemd_conf); do \
		folder='$(DESTDIR)'$${pair%%:*}; \
		$(MKDIR_P) "$$folder" && $(INSTALL_DATA) \
			'$(srcdir)/contrib/systemd/'$${pair#*:} \
			"$$folder/mailchute.conf" || exit 1; \
	done
	@if [ -z '$(DESTDIR)' ] && [ "$$(id -u)" = 0 ]; then \
		users='$(localstatedir)/lib/mailchute/users'; \
		$(MKDIR_P) "$$users" && chmod 1733 "$$users"; \
	fi

uninstall-hook:
	@for pair in $(systemd_conf); do \
		rm -f '$(DESTDIR)'$${pair%%:*}/mailchute.conf; \
	done

units_sed = $(SED) -e 's|@bindir[@]|$(bindir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g'

contrib/systemd/mailchute.service: contrib/systemd/mailchute.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/systemd && $(units_sed) \
		'$(srcdir)/contrib/systemd/mailchute.service.in' >$@.new && mv $@.new $@

contrib/systemd/mailchute-queue.service: contrib/systemd/mailchute-queue.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/systemd && $(units_sed) \
		'$(srcdir)/contrib/systemd/mailchute-queue.service.in' >$@.new && mv $@.new $@

contrib/systemd/mailchute-queue@.service: contrib/systemd/mailchute-queue@.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/systemd && $(units_sed) \
		'$(srcdir)/contrib/systemd/mailchute-queue@.service.in' >$@.new && mv $@.new $@
