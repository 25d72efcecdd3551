#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# make install-sendmail and its undo: what is there already stays.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/packaging/tools.sh
. "$TOP_SRCDIR/tests/packaging/tools.sh"
tools_folder

# made TARGET: run into a folder of its own, without a jobserver's leavings.
made() {
	status=0
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$TOP_BUILDDIR" "$1" \
		prefix=/usr exec_prefix=/usr bindir=/usr/bin sbindir=/usr/sbin \
		mandir=/usr/share/man man1dir=/usr/share/man/man1 \
		DESTDIR="$work/root" >out 2>err || status=$?
	(cd root && find . ! -type d | sort) >tree
}

mkdir root
cat >links <<-'END'
	./usr/bin/mailq
	./usr/bin/newaliases
	./usr/lib/sendmail
	./usr/sbin/sendmail
	./usr/share/man/man1/mailq.1
	./usr/share/man/man1/newaliases.1
	./usr/share/man/man8/sendmail.8
END
: >nothing

begin 'the links, both paths of sendmail among them'
made install-sendmail
check 'exit code' 0 "$status"
check_same tree links tree
check sbin /usr/bin/mailchute "$(readlink root/usr/sbin/sendmail)"
check lib /usr/bin/mailchute "$(readlink root/usr/lib/sendmail)"
check page /usr/share/man/man1/mailchute.1 \
	"$(readlink root/usr/share/man/man8/sendmail.8)"
finish

begin 'a second time changes nothing'
made install-sendmail
check 'exit code' 0 "$status"
check_same tree links tree
finish

begin 'the undo takes them away'
made uninstall-sendmail
check 'exit code' 0 "$status"
check_same tree nothing tree
finish

begin 'without DESTDIR, under a prefix of its own, and the undo'
here=$work/plain
for target in install-sendmail uninstall-sendmail; do
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u DESTDIR make -s \
		-C "$TOP_BUILDDIR" $target prefix="$here" exec_prefix="$here" \
		bindir="$here/bin" sbindir="$here/sbin" \
		mandir="$here/share/man" man1dir="$here/share/man/man1" \
		>out 2>err || complain "$target ended with $?: $(cat err)"
	[ $target = install-sendmail ] || continue
	for name in sbin/sendmail lib/sendmail bin/mailq bin/newaliases; do
		check $name "$here/bin/mailchute" "$(readlink "$here/$name")"
	done
done
check 'what is left' '' "$(find "$here" ! -type d)"
finish

begin "another's sendmail stays, and nothing is made"
mkdir -p root/usr/lib
echo exim >root/usr/lib/sendmail
made install-sendmail
check 'exit code' 2 "$status"
check_match stderr 'root/usr/lib/sendmail is there already: remove it first' err
check tree ./usr/lib/sendmail "$(cat tree)"
finish

begin "and the undo leaves it, and another's link"
ln -s /usr/bin/exim root/usr/bin/mailq
made uninstall-sendmail
check 'exit code' 0 "$status"
check sendmail exim "$(cat root/usr/lib/sendmail)"
check mailq /usr/bin/exim "$(readlink root/usr/bin/mailq)"
finish

begin 'a dangling link is there too'
rm root/usr/lib/sendmail
made install-sendmail
check 'exit code' 2 "$status"
check mailq /usr/bin/exim "$(readlink root/usr/bin/mailq)"
finish
summary
