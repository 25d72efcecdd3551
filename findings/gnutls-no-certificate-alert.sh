#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a GnuTLS server says to a client that has no certificate.
#
# A server that demands a client certificate and gets none is to say
# handshake_failure with TLS 1.2 (RFC 5246 7.4.6: alert 40) and
# certificate_required with TLS 1.3 (RFC 8446 4.4.2.4: alert 116).  GnuTLS 3.7.9
# does the latter; with TLS 1.2 it says decode_error, alert 50, as if the client
# had sent something malformed.
#
# So a client that explains alerts to people takes 40, 50 and 116 for "it wants
# a certificate of yours" when it was asked for one and had none.
#
# Wanted: apt-get with Debian 12's archive, dpkg, unshare and ip.  The server has
# a network namespace of its own.
set -eu
[ "${1-}" = inside ] || {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cp "$0" "$work/self"
	cd "$work"
	apt-get download -qq gnutls-bin=3.7.9-2+deb12u7 \
		libgnutls30=3.7.9-2+deb12u7 libgnutls-dane0=3.7.9-2+deb12u7 \
		libunbound8 libevent-2.1-7 libopts25
	for package in *.deb; do
		dpkg -x "$package" tree
	done
	unshare --net --user --map-root-user sh self inside
	exit
}

PATH=$PWD/tree/usr/bin:$PATH
LD_LIBRARY_PATH=$(find "$PWD/tree" -name 'libgnutls.so.*' -printf '%h\n' | head -n 1)
export LD_LIBRARY_PATH
ip link set lo up
printf 'cn = localhost\ndns_name = localhost\nexpiration_days = 2\n' >template
certtool --generate-privkey --outfile key.pem 2>/dev/null
certtool --generate-self-signed --load-privkey key.pem --template template \
	--outfile certificate.pem 2>/dev/null
gnutls-serv --port 4433 --x509keyfile key.pem --x509certfile certificate.pem \
	--require-client-cert >server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
sleep 1
for version in 1.2 1.3; do
	printf 'TLS %s: ' "$version"
	sleep 1 | gnutls-cli --priority "NORMAL:-VERS-ALL:+VERS-TLS$version" \
		--x509cafile certificate.pem --sni-hostname localhost \
		--verify-hostname localhost --port 4433 127.0.0.1 2>&1 |
		grep '^\*\*\* Received alert'
done >seen
cat seen
cat >expected <<'END'
TLS 1.2: *** Received alert [50]: Decode error
TLS 1.3: *** Received alert [116]: Certificate is required
END
diff expected seen
