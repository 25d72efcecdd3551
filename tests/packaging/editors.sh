#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The modes for vim and Emacs, in the editors themselves, and logrotate: every
# keyword of the table is known, and nothing else is.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/packaging/tools.sh
. "$TOP_SRCDIR/tests/packaging/tools.sh"
tools_folder
HOME=$work
export HOME
contrib=$TOP_BUILDDIR/contrib
"$TOP_BUILDDIR/tests/lint/tables" >tables || exit 99
sed -n 's/^keyword	\([a-z0-9_]*\)	.*/\1/p; s/^old	//p' tables >known
sed -n 's/^later	//p' tables >unknown
echo no_such_keyword >>unknown
mkdir etc
{
	printf '# comment\naccount default\n'
	cat known unknown
	printf 'tls on\ntls-starttls off\ntls perhaps\n'
} >etc/mailchuterc

# check_words WHAT WANTED GOT: the words of a class.
check_words() {
	sort -u "$2" >wanted
	sort -u "$3" >got
	check_same "$1" wanted got
	cmp -s wanted got || complain "$(diff wanted got | head -n 10)"
}

if tools_need vim; then
	begin 'vim: the file type, and a colour for each keyword'
	mkdir -p runtime/syntax
	cp -R "$TOP_SRCDIR/contrib/vim/ftdetect" \
		"$TOP_SRCDIR/contrib/vim/ftplugin" runtime
	# make distcheck has a source that cannot be written.
	chmod -R u+w runtime
	cp "$contrib/vim/syntax/mailchuterc.vim" runtime/syntax
	cat >look.vim <<-'END'
		redir! > type
		silent echo &filetype . ' ' . &commentstring
		redir! > groups
		for n in range(1, line('$'))
			let w = matchstr(getline(n), '^\S*')
			let v = matchend(getline(n), '^\S*\s\+')
			silent echo w synIDattr(synID(n, 1, 1), 'name')
				\ v < 0 ? '' : synIDattr(synID(n, v + 1, 1), 'name')
		endfor
		redir END
		qall!
	END
	TERM=dumb timeout 30 vim -N -u NONE -i NONE -n -es \
		-c 'set runtimepath^=runtime' -c 'filetype plugin on' \
		-c 'syntax on' -c 'edit etc/mailchuterc' -S look.vim \
		</dev/null >out 2>&1 || complain "vim ended with $?: $(cat out)"
	check 'file type' 'mailchuterc # %s' "$(grep . type)"
	sed -n 's/^\([a-z0-9_]*\) mailchutercKeyword *$/\1/p' groups >coloured
	check_words keywords known coloured
	sed -n 's/^\([a-z0-9_]*\) mailchutercError *$/\1/p' groups >errors
	check_words errors unknown errors
	check_match comment '^# mailchutercComment' groups
	check_match account '^account mailchutercBlock' groups
	check_match 'a word' '^tls mailchutercKeyword mailchuterc_tls$' groups
	check_match 'with a dash' \
		'^tls-starttls mailchutercKeyword mailchuterc_tls_starttls$' groups
	check 'a wrong word is not coloured' 1 \
		"$(grep -c '^tls mailchutercKeyword mailchuterc_tls$' groups)"
	finish
fi

if tools_need emacs; then
	begin 'Emacs: the mode compiles without a warning'
	cp "$contrib/emacs/mailchuterc-mode.el" .
	timeout 60 emacs -Q --batch -L . \
		--eval '(setq byte-compile-error-on-warn t)' \
		-f batch-byte-compile mailchuterc-mode.el >out 2>&1 ||
		complain "emacs: $(cat out)"
	finish
	begin 'Emacs: the mode, a face for each keyword, completion'
	cat >look.el <<-'END'
		(require 'mailchuterc-mode)
		(find-file "etc/mailchuterc")
		(font-lock-ensure)
		(princ (format "mode %s\n" major-mode))
		(while (not (eobp))
		  (let ((word (buffer-substring (point) (progn (skip-chars-forward "^ \n") (point)))))
		    (princ (format "%s %s %s\n" word
		      (get-text-property (line-beginning-position) 'face)
		      (get-text-property (1- (line-end-position)) 'face))))
		  (forward-line 1))
		(goto-char (point-max))
		(insert "tls_startt")
		(completion-at-point)
		(princ (format "completed %s\n" (buffer-substring (line-beginning-position) (point))))
		(insert " of")
		(completion-at-point)
		(princ (format "value %s\n" (buffer-substring (line-beginning-position) (point))))
		(set-buffer-modified-p nil)
	END
	timeout 60 emacs -Q --batch -L . -l look.el >groups 2>out ||
		complain "emacs: $(cat out)"
	check_match 'mode' '^mode mailchuterc-mode$' groups
	sed -n 's/^\([a-z0-9_]*\) font-lock-variable-name-face font-lock-var.*/\1/p' \
		groups >coloured
	check_words keywords known coloured
	sed -n 's/^\([a-z0-9_]*\) font-lock-warning-face .*/\1/p' groups >errors
	check_words errors unknown errors
	check_match comment '^# font-lock-comment' groups
	check_match account '^account font-lock-keyword-face' groups
	check_match 'a word' '^tls font-lock-variable-name-face font-lock-constant-face$' groups
	check_match 'with a dash' \
		'^tls-starttls font-lock-variable-name-face font-lock-constant-face$' groups
	check_match 'completed' '^completed tls_starttls$' groups
	check_match 'value' '^value tls_starttls off$' groups
	finish
fi

PATH=$PATH:/usr/sbin:/sbin
if tools_need logrotate; then
	begin 'logrotate: a log is turned, and keeps its mode'
	sed "s,/var/log,$work/log,g" "$TOP_SRCDIR/contrib/logrotate/mailchute" \
		>rotate.conf
	mkdir log
	echo line >log/mailchute.log
	chmod 600 log/mailchute.log
	chmod go-w . log rotate.conf
	logrotate -f -s state rotate.conf >out 2>&1 || complain "$(cat out)"
	check 'the old one' line "$(cat log/mailchute.log.1)"
	check_empty 'the new one' log/mailchute.log
	check mode '-rw-------' "$(ls -l log/mailchute.log | cut -c1-10)"
	finish
fi
summary
