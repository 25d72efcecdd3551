#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Postfix calls a wrong command line a failure that passes.
#
# One expects 64 (EX_USAGE) for an option that there is not, which sysexits(3) has
# for just that.  The sendmail of Postfix 3.7.11 (Debian 12) prints how it
# is used and ends with 75, EX_TEMPFAIL: a caller that keeps what fails with 75
# tries a typing error again for ever.
#
# mailchute's code is 64; mailchute-migrate(7) has those of others.
#
# Wanted: apt-get with Debian 12's archive, dpkg.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq postfix=3.7.11-0+deb12u1 libdb5.3 libicu72 libsasl2-2 \
	libssl3 libnsl2 libtirpc3
for package in *.deb; do
	dpkg -x "$package" tree
done
LD_LIBRARY_PATH=$(find "$work/tree" -name '*.so*' -printf '%h\n' | sort -u |
	paste -sd :)
export LD_LIBRARY_PATH
mkdir etc queue
printf '%s\n' 'compatibility_level = 3.6' 'myhostname = here.example' \
	"queue_directory = $work/queue" "mail_owner = nobody" \
	"default_privs = daemon" "setgid_group = mail" \
	"shlib_directory = $work/tree/usr/lib/postfix" >etc/main.cf
MAIL_CONFIG=$work/etc
export MAIL_CONFIG
code=0
printf 'Subject: x\n\nx\n' |
	tree/usr/sbin/sendmail -Y ann@example.test >said 2>&1 || code=$?
{
	grep -c 'fatal: usage: sendmail ' said || :
	echo "exit code $code"
} >seen
cat seen
printf '1\nexit code 75\n' >expected
diff expected seen || {
	cat said
	exit 1
}
