#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In Exim's bounce, what the sender gave as xtext is xtext still.
#
# ORCPT and ENVID cross SMTP as xtext, with "+2B" for a plus sign; a report has
# them as they were before (RFC 3461 6.3).  One expects that of an Exim that
# offers DSN.  Exim 4.96 (Debian 12) copies both as they came: for each address
# with a plus sign Original-Recipient is none that mail was ever sent to.
#
# Wanted: root, apt-get with Debian 12's archive, dpkg, unshare.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 "$work"
apt-get download -qq exim4-daemon-light=4.96-15+deb12u11 libdb5.3 \
	libgnutls-dane0 libunbound8 libevent-2.1-7 libpcre2-8-0 libidn12 \
	libidn2-0 libspf2-2 libnsl2 libtirpc3
for package in *.deb; do
	dpkg -x "$package" tree
done
LD_LIBRARY_PATH=$(find "$work/tree" -name '*.so*' -printf '%h\n' | sort -u |
	paste -sd :)
export LD_LIBRARY_PATH
mkdir spool
cat >exim.conf <<END
primary_hostname = here.example
spool_directory = $work/spool
log_file_path = $work/spool/log-%s
exim_user = 65534
exim_group = 65534
dsn_advertise_hosts = *
host_lookup =
rfc1413_hosts =
keep_environment =
acl_smtp_rcpt = accept
begin routers
sender:
  driver = accept
  local_parts = ann
  transport = file
none:
  driver = redirect
  data = :fail: 550 5.1.1 nobody of that name
  allow_fail
begin transports
file:
  driver = appendfile
  file = $work/spool/box
  user = 65534
  group = 65534
END
cp /etc/passwd /etc/group .
echo 'Debian-exim:x:65534:65534::/:/bin/false' >>passwd
echo 'Debian-exim:x:65534:' >>group
chown -R 65534 spool
orcpt='ORCPT=rfc822;bob+2Bnews@here.example'
printf '%s\r\n' 'EHLO x.example' \
	'MAIL FROM:<ann@here.example> RET=HDRS ENVID=a+2Bb' \
	"RCPT TO:<bob+news@here.example> NOTIFY=FAILURE $orcpt" \
	DATA 'Subject: x' '' x . QUIT >dialogue

# It calls itself by its name under /usr, and looks up its user: both are
# there in its view alone.
unshare --mount sh -ec '
	mount --bind passwd /etc/passwd
	mount --bind group /etc/group
	mount -t overlay overlay -o "lowerdir=$0/tree/usr:/usr" /usr
	/usr/sbin/exim4 -C "$0/exim.conf" -odf -bs <dialogue' "$work" \
	>said 2>&1
for _ in 1 2 3 4 5 6 7 8 9 10; do
	! grep -q '^Final-' spool/box 2>/dev/null || break
	sleep 1
done
grep -E '^(Original-|Final-)' spool/box >seen || :
cat seen
cat >expected <<'END'
Original-Envelope-ID: a+2Bb
Original-Recipient: rfc822;bob+2Bnews@here.example
Final-Recipient: rfc822;bob+news@here.example
END
diff expected seen || {
	cat said
	exit 1
}
