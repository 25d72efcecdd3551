#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The scope in Dovecot's refusal of an access token is not the one it wants.
#
# RFC 7628 3.2.2 lets a server say in its challenge which scope a token must
# have, so that a client can ask its issuer for that, and Dovecot's passdb oauth2
# has a setting "scope".  One expects the one in the other.  Dovecot 2.3.19 says
# "scope":"mail" to XOAUTH2 whatever is configured, and no scope at all to
# OAUTHBEARER; only the address of the issuer's metadata is what was configured.
# An issuer that knows no "mail" refuses it, or leaves it out.
#
# mailchute takes the address from such an answer, and never the scope.
#
# Wanted: root, apt-get with Debian 12's archive, dpkg, python3, unshare.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 libapparmor1 \
	libcap2 libcrypt1 libpam0g libsodium23 libssl3 libwrap0 libzstd1 \
	libbz2-1.0 liblz4-1 liblzma5 libtirpc3 libsystemd0 libunwind8 zlib1g \
	libnsl2 libaudit1 libcap-ng0 2>/dev/null
for package in *.deb; do
	dpkg -x "$package" tree
done
chmod 755 "$work"
user=$(id -un)
mkdir run
cat >oauth2.ext <<END
introspection_url = http://127.0.0.1:1/introspection
introspection_mode = post
active_attribute = active
active_value = true
username_attribute = email
scope = smtp.send
openid_configuration_url = https://login.example.test/.well-known/openid-configuration
END
cat >dovecot.conf <<END
protocols =
base_dir = $work/run
state_dir = $work/run
log_path = $work/log
ssl = no
default_internal_user = $user
default_internal_group = $(id -gn)
default_login_user = $user
auth_mechanisms = xoauth2 oauthbearer
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $work/oauth2.ext
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service auth {
  user = $user
  unix_listener $work/auth {
    mode = 0666
  }
}
END

# It looks for its other programs under /usr: there they are, in its view alone.
unshare --mount sh -c 'mount -t overlay overlay -o "lowerdir=$0/tree/usr:/usr" \
	/usr && exec dovecot -F -c "$0/dovecot.conf"' "$work" >console 2>&1 &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
tries=0
until [ -S auth ] || [ $((tries += 1)) -gt 100 ]; do
	sleep 0.1
done

# An issuer that knows no token, and one question by each mechanism.
cat >ask.py <<'END'
import base64
import http.server
import json
import socket
import sys
import threading


class Issuer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = b'{"active":false}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


issuer = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Issuer)
threading.Thread(target=issuer.serve_forever, daemon=True).start()
first = {"XOAUTH2": b"user=ann@example.test\1auth=Bearer no\1\1",
         "OAUTHBEARER": b"n,a=ann@example.test,\1auth=Bearer no\1\1"}
for name, word in first.items():
    line = socket.socket(socket.AF_UNIX)
    line.connect("auth")
    stream = line.makefile("rwb", 0)
    stream.write(b"VERSION\t1\t1\nCPID\t1\n")
    while not stream.readline().startswith(b"DONE"):
        pass
    stream.write(b"AUTH\t1\t%s\tservice=smtp\tsecured\tresp=%s\n" % (
        name.encode(), base64.b64encode(word)))
    answer = stream.readline().decode().rstrip("\n").split("\t")
    said = json.loads(base64.b64decode(answer[2])) if answer[0] == "CONT" \
        else answer
    print(name, json.dumps(said))
END
port=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])')
sed -i "s/:1\/introspection/:$port\/introspection/" oauth2.ext
timeout 20 python3 ask.py "$port" >said 2>&1 || :
cat said
cat >wanted <<'END'
XOAUTH2 {"status": "401", "schemes": "bearer", "scope": "mail", "openid-configuration": "https://login.example.test/.well-known/openid-configuration"}
OAUTHBEARER {"status": "invalid_token", "openid-configuration": "https://login.example.test/.well-known/openid-configuration"}
END
cmp -s said wanted || {
	echo 'Dovecot answers in another way now'
	cat log console
	exit 1
}
