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
	(cd root && find . ! -type d ! -path '*/mailchute*' | sort) >tree
}

# installed FOLDER: what the links lead to.
installed() {
	mkdir -p "$1/bin" "$1/share/man/man1"
	printf '#!/bin/sh\n' >"$1/bin/mailchute"
	chmod 755 "$1/bin/mailchute"
	: >"$1/share/man/man1/mailchute.1"
}

mkdir root
begin 'before make install there is nothing to lead to'
made install-sendmail
check 'exit code' 2 "$status"
check_match stderr "no .*/root/usr/bin/mailchute: 'make install' comes" err
check tree '' "$(cat tree)"
finish

installed root/usr
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

begin 'each is told'
check_match link "LINK +$work/root/usr/sbin/sendmail -> /usr/bin/mailchute" out
check_match undo 'undo: make uninstall-sendmail' out
finish

begin 'a second time changes nothing'
made install-sendmail
check 'exit code' 0 "$status"
check_match stdout 'THERE .*/usr/sbin/sendmail' out
check_same tree links tree
finish

begin 'the undo takes them away'
made uninstall-sendmail
check 'exit code' 0 "$status"
check_same tree nothing tree
finish

begin 'without DESTDIR, under a prefix of its own, and the undo'
here=$work/plain
installed "$here"
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
check 'what is left' '' "$(find "$here" ! -type d ! -name 'mailchute*')"
finish

begin "another's sendmail stays, and nothing is made"
mkdir -p root/usr/lib
echo exim >root/usr/lib/sendmail
made install-sendmail
check 'exit code' 2 "$status"
check_match stderr 'root/usr/lib/sendmail is there already: remove it first' err
check_match 'what else' "given '/usr/bin/mailchute sendmail'" err
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
check_match stderr 'root/usr/bin/mailq leads nowhere: remove it first' err
check mailq /usr/bin/exim "$(readlink root/usr/bin/mailq)"
check tree ./usr/bin/mailq "$(cat tree)"
rm root/usr/bin/mailq
finish

# links_of PREFIX: what the script does for a program there.
links_of() {
	status=0
	DESTDIR=$work/root sh "$TOP_SRCDIR/contrib/sendmail-links" install \
		/usr/bin/mailchute "$1" /usr/share/man >out 2>err || status=$?
}

begin 'where one cannot be made, none is'
: >root/opt
links_of /opt
check 'exit code' 1 "$status"
rm root/opt
mkdir -p root/opt/lib
: >root/opt/bin
links_of /opt
check 'exit code' 1 "$status"
check 'links' '' "$(find root/opt -type l)"
finish

begin 'a program of /usr/local is /usr/sbin/sendmail all the same'
installed root/usr/local
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$TOP_BUILDDIR" \
	install-sendmail prefix=/usr/local exec_prefix=/usr/local \
	bindir=/usr/local/bin mandir=/usr/local/share/man \
	DESTDIR="$work/root" >out 2>err || complain "$? $(cat err)"
check sendmail /usr/local/bin/mailchute "$(readlink root/usr/sbin/sendmail)"
check page /usr/local/share/man/man1/mailchute.1 \
	"$(readlink root/usr/local/share/man/man8/sendmail.8)"
finish

begin 'and make uninstall leaves none that leads nowhere'
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$TOP_BUILDDIR" \
	uninstall-local prefix=/usr/local exec_prefix=/usr/local \
	bindir=/usr/local/bin mandir=/usr/local/share/man \
	DESTDIR="$work/root" >out 2>err || complain "$? $(cat err)"
check 'links' '' "$(find root -type l)"
finish
summary
