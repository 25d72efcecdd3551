#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A DKIM key's record by the letter of RFC 6376, and who does not find the key.
#
# Section 3.6.1 lets white space stand around the colons of "h=" (hashes) and
# "s=" (services), as in the "h=" of a signature, where everybody takes it.  One
# expects the same reading of both.  Mail::DKIM 1.20230212 finds no sha256 in
# "h=sha1 : sha256", and says that the key does not support it; dkimpy 1.1.4 does.
# Of "s=tlsrpt : email" neither sees the mail, and without the blanks Mail::DKIM
# does, and dkimpy still does not: to it "s=" is one word.
#
# The same section says that "p=" of an RSA key is an RSAPublicKey (RFC 3447
# A.1.1), which openssl writes with -RSAPublicKey_out.  Mail::DKIM, and so
# SpamAssassin in Debian 12, calls that invalid ("wrong tag"): it knows
# SubjectPublicKeyInfo alone, as the example of appendix C has it.  dkimpy takes
# both, so that a test with it finds nothing.
#
# So mailchute dkim keygen writes neither tag, and SubjectPublicKeyInfo.
#
# Wanted: apt-get with Debian 12's archive, dpkg, openssl, perl, python3.
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
export PERL5LIB PYTHONPATH
export LD_LIBRARY_PATH
openssl genrsa -traditional -out key.pem 2048 2>/dev/null
key=$(openssl rsa -in key.pem -pubout -outform DER 2>/dev/null | base64 -w 0)

cat >sign.py <<'END'
import dkim

message = (b"From: Ann <ann@example.test>\r\nTo: bob@example.test\r\n"
           b"Subject: hello\r\n\r\nhello\r\n")
field = dkim.sign(message, b"s", b"example.test", open("key.pem", "rb").read(),
                  include_headers=[b"from", b"to", b"subject"])
open("signed", "wb").write(field + message)
END
cat >verify.py <<'END'
import sys

import dkim

record = sys.argv[1].encode()
try:
    verdict = dkim.verify(open("signed", "rb").read(),
                          dnsfunc=lambda name, timeout=5: record)
except dkim.DKIMException:
    verdict = False
print("dkimpy", "pass" if verdict else "fail")
END
cat >verify.pl <<'END'
use strict;
use warnings;
use Mail::DKIM::Verifier;
my $record = shift;
{
	package Record;
	sub type { return 'TXT' }
	sub char_str_list { return $record }
	sub txtdata { return $record }
}
{
	no warnings 'redefine';
	*Mail::DKIM::DNS::query = sub { return bless {}, 'Record' };
}
my $verifier = Mail::DKIM::Verifier->new;
open my $signed, '<:raw', 'signed' or die;
local $/;
$verifier->PRINT(<$signed>);
$verifier->CLOSE;
my $detail = $verifier->result_detail;
$detail =~ s/\s+\)/)/;
print "Mail::DKIM $detail\n";
END
/usr/bin/python3 sign.py

named=$(openssl rsa -in key.pem -RSAPublicKey_out -outform DER 2>/dev/null |
	base64 -w 0)

# look WORDS RECORD
look() {
	echo "$1"
	/usr/bin/python3 verify.py "v=DKIM1; $2" 2>/dev/null
	perl verify.pl "v=DKIM1; $2"
}
for tags in h=sha1:sha256 'h=sha1 : sha256' s=tlsrpt:email 's=tlsrpt : email'; do
	look "$tags" "$tags; p=$key"
done >seen
look SubjectPublicKeyInfo "k=rsa; p=$key" >>seen
look RSAPublicKey "k=rsa; p=$named" >>seen
cat seen
cat >expected <<'END'
h=sha1:sha256
dkimpy pass
Mail::DKIM pass
h=sha1 : sha256
dkimpy pass
Mail::DKIM invalid (public key: does not support hash algorithm 'sha256')
s=tlsrpt:email
dkimpy fail
Mail::DKIM pass
s=tlsrpt : email
dkimpy fail
Mail::DKIM invalid (public key: does not support email)
SubjectPublicKeyInfo
dkimpy pass
Mail::DKIM pass
RSAPublicKey
dkimpy pass
Mail::DKIM invalid (public key: OpenSSL error: wrong tag)
END
diff expected seen
