#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail::DKIM, as Debian 12 and SpamAssassin there have it, knows no Ed25519.
#
# RFC 8463 (2018) added ed25519-sha256 to DKIM, and one expects a verifier of
# 2023 to check it, or to pass over a signature whose algorithm it does not know
# (RFC 6376 6.1).  Mail::DKIM 1.20230212 calls such a signature "invalid" with
# the reason "unsupported algorithm", and as the result of the whole message
# when there is no other signature.  dkimpy 1.1.4, which makes the signature
# here, verifies it.
#
# So a key for DKIM that is Ed25519 alone is no signature to many receivers:
# mailchute dkim keygen makes an RSA key beside it.
#
# Wanted: apt-get with Debian 12's archive, dpkg, perl, python3.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq \
	libmail-dkim-perl=1.20230212-2~deb12u1 python3-dkim=1.1.4-1 \
	libcrypt-openssl-rsa-perl libcrypt-openssl-bignum-perl \
	libmail-authenticationresults-perl libmailtools-perl libtimedate-perl \
	libnet-dns-perl python3-nacl python3-cffi-backend libsodium23 \
	python3-dnspython
for package in *.deb; do
	dpkg -x "$package" tree
done
PERL5LIB=$work/tree/usr/share/perl5:$(
	find "$work/tree" -type d -path '*/perl5/5.*' -prune | head -n 1)
LD_LIBRARY_PATH=$(find "$work/tree" -name "libsodium.so.*" -printf "%h\n" | head -n 1)
PYTHONPATH=$work/tree/usr/lib/python3/dist-packages
export PERL5LIB LD_LIBRARY_PATH PYTHONPATH

cat >sign.py <<'END'
import base64
import sys

import dkim
import nacl.signing

key = nacl.signing.SigningKey(bytes(range(32)))
message = (b"From: Ann <ann@example.test>\r\nTo: bob@example.test\r\n"
           b"Subject: hello\r\n\r\nhello\r\n")
field = dkim.sign(message, b"s", b"example.test",
                  base64.b64encode(key.encode()),
                  canonicalize=(b"relaxed", b"relaxed"),
                  signature_algorithm=b"ed25519-sha256",
                  include_headers=[b"from", b"to", b"subject"])
record = b"v=DKIM1; k=ed25519; p=" + base64.b64encode(
    key.verify_key.encode())
open("signed", "wb").write(field + message)
print("dkimpy:", "pass" if dkim.verify(
    field + message, dnsfunc=lambda name, timeout=5: record) else "fail")
END
cat >verify.pl <<'END'
use strict;
use warnings;
use Mail::DKIM::Verifier;
my $verifier = Mail::DKIM::Verifier->new;
open my $signed, '<:raw', 'signed' or die;
local $/;
$verifier->PRINT(<$signed>);
$verifier->CLOSE;
print 'Mail::DKIM ', Mail::DKIM::Verifier->VERSION, ': ',
	$verifier->result_detail, "\n";
END
{
	/usr/bin/python3 sign.py
	perl verify.pl
} >seen
cat seen
cat >expected <<'END'
dkimpy: pass
Mail::DKIM 1.20230212: invalid (unsupported algorithm ed25519-sha256)
END
diff expected seen
