#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In a netrc, msmtp 1.8.23 takes quotes of both kinds anywhere in a word, and a
# backslash for itself, also in quotes.
#
# From curl and Python's netrc one expects a word in double quotes to know
# backslashes ("a\"b" is a"b), an apostrophe to be a letter of the word, and a
# quote within a word to be one.  With msmtp the password "a\"b" is a\b, 'a b' is
# a b, and a"b is ab.  A netrc that is shared by several programs works with all
# of them only when the password has none of the three characters.
#
# mailchute reads a netrc as msmtp does for a file of msmtp's.
#
# Wanted: apt-get with Debian 12's archive, dpkg, python3.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq msmtp=1.8.23-1 libsecret-1-0 libgsasl18 libgssglue1 \
	libntlm0 libidn12 libglib2.0-0 libgcrypt20 libgpg-error0 libpcre2-8-0 \
	libgnutls30 libp11-kit0 libidn2-0 libunistring2 libtasn1-6 libnettle8 \
	libhogweed6 libgmp10 libffi8
for package in *.deb; do
	dpkg -x "$package" tree
done
LD_LIBRARY_PATH=$(find "$work/tree" -name '*.so.*' -printf '%h\n' | sort -u |
	paste -sd :)
export LD_LIBRARY_PATH

# One session a connection: the password of AUTH PLAIN, and a refusal.
cat >server.py <<'END'
import base64
import os
import socket

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], file=open("port.new", "w"), flush=True)
os.rename("port.new", "port")
while True:
    connection, _ = listener.accept()
    stream = connection.makefile("rwb", 0)
    stream.write(b"220 here\r\n")
    for line in stream:
        if line.upper().startswith(b"EHLO"):
            stream.write(b"250-here\r\n250 AUTH PLAIN\r\n")
        elif line.upper().startswith(b"AUTH PLAIN "):
            said = base64.b64decode(line.split()[2]).split(b"\0")[2]
            open("password", "wb").write(said)
            stream.write(b"535 no\r\n")
        else:
            stream.write(b"221 bye\r\n")
            break
    connection.close()
END
python3 server.py &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
tries=0
until [ -s port ] || [ $((tries += 1)) -gt 100 ]; do
	sleep 0.1
done
printf '%s\n' 'account default' 'host 127.0.0.1' "port $(cat port)" \
	'from ann@example.test' 'auth plain' 'user ann' 'tls off' >.msmtprc
chmod 600 .msmtprc
failed=0

# reads WORD PASSWORD: what msmtp makes of it.
reads() {
	printf 'machine 127.0.0.1 login ann password %s\n' "$1" >.netrc
	chmod 600 .netrc
	rm -f password
	echo | HOME=$work timeout 20 tree/usr/bin/msmtp bob@example.test \
		>said 2>&1 || :
	got=$(cat password 2>/dev/null) || got='nothing was sent'
	printf 'in the netrc: %-8s password: %s\n' "$1" "$got"
	[ "$got" = "$2" ] || failed=1
}
reads 'a\b' 'a\b'
reads '"a\"b"' 'a\b'
reads "'a b'" 'a b'
reads 'a"b' 'ab'
[ "$failed" -eq 0 ] || {
	echo 'msmtp reads them in another way now'
	cat said
	exit 1
}
