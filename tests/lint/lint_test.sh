#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The lint scripts can fail: each rule is broken in a small tree of its own,
# and the script must name the file.
. "$(dirname "$0")/lint.sh"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
tree=$work/tree

# put FILE: standard input becomes a file of the tree.
put() {
	mkdir -p "$tree/${1%/*}"
	cat >"$tree/$1"
}

# fresh: the tree breaks no rule.
fresh() {
	rm -rf "$tree"
	cp -R "$work/whole" "$tree"
}

make_whole() {
	mkdir -p "$tree/build/src/mail"
	: >"$tree/build/src/mail/libmail.a"
	put src/README <<-'END'
		folder   floor  may include
		base     0      -
		mail     1      base
		net      2      base

		system library  its one door
		gnutls          net/tls_gnutls.c

		pure folders: mail
	END
	put po/POTFILES.in <<-'END'
		src/base/diag.def
		src/mail/good.c
	END
	put src/base/diag.def <<-'END'
		/* SPDX-License-Identifier: GPL-3.0-or-later */
		DIAG(GOOD, "good", HOST, EX_OK, "4.0.0",
			N_("%s, good %s"), N_("try"))
	END
	put src/mail/good.h <<-'END'
		/* SPDX-License-Identifier: GPL-3.0-or-later */
	END
	put src/mail/good.c <<-'END'
		/* SPDX-License-Identifier: GPL-3.0-or-later */
		/* Comments may say read(), strcpy() and _("words"). */
		#include <config.h>

		#include "mail/good.h"

		#include <string.h>

		int good(void)
		{
			return diag_set(why, DIAG_GOOD,
				_("strcpy(\"), and exit(1)"), f(1, 2));
		}
	END
	put work/nm <<-'END'
		#!/bin/sh
		if [ "$1" = -A ]; then
			cat "${0%/*}/symbols"
			exit
		fi
		echo '                 U memcpy@GLIBC_2.14'
		echo '                 U buf_put'
	END
	chmod +x "$tree/work/nm"
	put work/symbols <<-'END'
		libmail.a:mail-one.o:                 U two
		libmail.a:mail-one.o:0000000000000000 T one
		libmail.a:mail-two.o:                 U three
		libmail.a:mail-two.o:0000000000000000 T two
		libmail.a:mail-two.o:0000000000000000 t helper
		libmail.a:mail-three.o:0000000000000000 T three
	END
}

# run SCRIPT: its output, with the tree as its source.
run() {
	cp "$lint_dir/lint.sh" "$lint_dir/code.awk" "$lint_dir/$1" "$work"
	PATH=$tree/work:$PATH TOP_SRCDIR=$tree TOP_BUILDDIR=$tree/build \
		sh "$work/$1" 2>&1
}

# refuses SCRIPT CASE WORD [CASE WORD...]: the broken tree makes that case of the
# script fail with a complaint that holds the word.
refuses() {
	script=$1
	all=$(run "$script")
	shift
	while [ $# -gt 0 ]; do
		got=$(printf '%s\n' "$all" | awk -v name="$1" '
			/^(not )?ok / { here = index($0, "- " name) > 0 }
			here && /^not ok|^#/')
		case $got in
		"not ok"*"$2"*) report "$script refuses: $1 ($2)" '' ;;
		*) report "$script refuses: $1 ($2)" "got: $all" ;;
		esac
		shift 2
	done
	fresh
}

make_whole
mv "$tree" "$work/whole"
fresh
for script in layers.sh style.sh potfiles.sh diag.sh; do
	got=$(run "$script" | grep '^not ok')
	report "$script accepts a good tree" "$got"
done

echo '#include "net/x.h"' >>"$tree/src/mail/good.c"
put src/net/x.h </dev/null
refuses layers.sh 'a folder includes only' 'mail may not include net/x.h'
echo '#include "good.h"' >>"$tree/src/mail/good.c"
refuses layers.sh 'a folder includes only' 'named with its folder'
echo '#include "mail/missing.h"' >>"$tree/src/mail/good.c"
refuses layers.sh 'a folder includes only' 'mail/missing.h'
put src/attic/x.c </dev/null
echo 'int x;' >>"$tree/src/attic/x.c"
refuses layers.sh 'a folder includes only' 'attic is not in the table'
put src/net/x.c <<-'END'
	#include <gnutls/x509.h>
END
refuses layers.sh 'each system library' 'src/net/x.c:1: <gnutls/x509.h>'
echo '#include <unistd.h>' >>"$tree/src/mail/good.c"
refuses layers.sh 'the pure folders' '<unistd.h>'
for symbol in read open64 __read_chk time getenv clock_now_ms file_read \
	_exit stderr __printf_chk; do
	echo "echo '                 U $symbol'" >>"$tree/work/nm"
	refuses layers.sh 'mail/ makes no' "calls $symbol"
done
echo '#include "mail/x.h"' >>"$tree/src/mail/good.h"
echo '#include "mail/y.h"' | put src/mail/x.h
echo '#include "mail/good.h"' | put src/mail/y.h
for edge in good.h-x.h x.h-y.h y.h-good.h; do
	cp -R "$tree" "$work/kept"
	refuses layers.sh 'no header includes itself' \
		"mail/${edge%-*} needs mail/${edge#*-}"
	rm -rf "$tree"
	mv "$work/kept" "$tree"
done
fresh
for call in one two helper; do
	echo "libmail.a:mail-three.o:                 U $call" \
		>>"$tree/work/symbols"
	if [ "$call" = helper ]; then
		report 'layers.sh accepts a static function of that name' \
			"$(run layers.sh | grep '^not ok')"
	else
		refuses layers.sh 'no circle between the files of mail/' \
			"three needs $call"
	fi
done
fresh
echo >"$tree/src/README"
refuses layers.sh 'src/README has its tables' got

echo 'int x;' | put src/mail/x.c
refuses style.sh 'every file begins with' src/mail/x.c
printf 'int x;\n/* SPDX-License-Identifier: GPL-3.0-or-later */\n' |
	put src/mail/x.c
refuses style.sh 'every file begins with' src/mail/x.c
printf '%s\n' 'int x; ' '/* TO''DO: more */' >>"$tree/src/mail/good.c"
refuses style.sh 'no white space' src/mail/good.c:14 \
	'nothing is left' src/mail/good.c:15
printf 'int x;' >>"$tree/src/mail/good.c"
refuses style.sh 'every file ends with' src/mail/good.c
printf 'int x = %s;\n' 'strcpy(0)' 'sprintf(0)' 'atoi(0)' 'setjmp(0)' 'exit (1)' \
	'_exit(1)' 'isdigit(c)' >>"$tree/src/mail/good.c"
refuses style.sh 'no function that' 'good.c:14:int x = strcpy' \
	'no function that' 'good.c:15:int x = sprintf' \
	'no function that' 'good.c:16:int x = atoi' \
	'no function that' 'good.c:17:int x = setjmp' \
	'only main and' src/mail/good.c:18 \
	'only they and' src/mail/good.c:19 \
	'letters of a protocol' src/mail/good.c:20
printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n#include <a.h>\n' |
	put src/mail/x.c
refuses style.sh 'config.h comes first' src/mail/x.c
{
	printf '/* SPDX-License-Identifier: GPL-3.0-or-later */\n'
	printf '#include <config.h>\n\nvoid x(void)\n{\n'
	awk 'BEGIN {
		for (i = 0; i < 46; i++)
			print "\tx();"
		print "}"
		for (i = 0; i < 1400; i++)
			print "int x" i ";"
	}'
} | put src/mail/x.c
refuses style.sh 'no function of the program' 'src/mail/x.c:5: 46 lines' \
	'no file has more than' src/mail/x.c \
	'every file of the program says' src/mail/x.c

echo 'int x = _("words");' | put src/mail/x.c
refuses potfiles.sh 'files with sentences are' src/mail/x.c
sed -i.old 's/_(/x(/' "$tree/src/mail/good.c"
refuses potfiles.sh 'po/POTFILES.in names' src/mail/good.c
printf 'src/mail/good.c\nsrc/base/diag.def\n' | put po/POTFILES.in
refuses potfiles.sh 'po/POTFILES.in is in order' sort

echo 'DIAG(BAD, "bad", HOST, EX_OK, "4.0.0", "", NULL)' \
	>>"$tree/src/base/diag.def"
refuses diag.sh 'every row is used' DIAG_BAD
echo 'DIAG(BAD, "bad", HOST, EX_OK, "4.0.0", "", NULL)' \
	>>"$tree/src/base/diag.def"
refuses diag.sh 'every diagnostic says' DIAG_BAD
echo 'int x = diag_set(why, DIAG_GOOD, "1");' >>"$tree/src/mail/good.c"
refuses diag.sh 'every sentence gets' 'good.c:14: DIAG_GOOD takes 2 words, got 1'
echo 'int y = diag_set(why, DIAG_GOOD, "1", "it is wrong");' \
	>>"$tree/src/mail/good.c"
refuses diag.sh 'words in a sentence' 'good.c:14: it is wrong'
echo DIAG_GONE >"$work/diag_unused"
refuses diag.sh 'the rows that wait' DIAG_GONE
echo DIAG_GONE >"$work/diag_hintless"
refuses diag.sh 'who need not say' DIAG_GONE
rm "$work/diag_hintless"
mkdir "$tree/tests"
printf '# none\nopen sesame\n' >"$tree/tests/passwords"
for line in 'pass=open sesame' 'b3BlbiBzZXNhbWU=' 'YWFvcGVuIHNlc2FtZQ==' \
	'YW9wZW4gc2VzYW1l' 'OPEN SESAME' 'ann:open%20sesame@localhost' \
	'agfubgbvcgvuihnlc2ftzq=='; do
	echo "$line" >"$work/some.log"
	got=$(TOP_SRCDIR=$work/tree TOP_BUILDDIR=$work sh "$lint_dir/secrets.sh")
	case $got in
	*"not ok"*some.log:1*) report "secrets.sh sees $line" '' ;;
	*) report "secrets.sh sees $line" "got: $got" ;;
	esac
done
echo 'open the sesame, b3BlbiB0aGUgc2VzYW1l' >"$work/some.log"
report 'secrets.sh accepts other words' "$(TOP_SRCDIR=$work/tree \
	TOP_BUILDDIR=$work sh "$lint_dir/secrets.sh" | grep '^not ok')"
lint_done
