#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A browser tells the code of a login once more, to /favicon.ico.
#
# A program that waits on the loopback for the consent of a person (RFC 8252)
# shows a page at the end, and one expects one request.  Chromium 156 asks for an
# icon as soon as the page is there, and its Referer is the whole address with
# code and state, since both are of one origin.  Who answers the first request
# and listens on sees a second one that looks nearly right; and who logs requests
# has the code in the log.  An icon of no bytes in the page, and no referrer for
# it, leave one request; so does an answer without a page.
#
# So the page of mailchute login has both, and what is not the very path is 404.
#
# Wanted: apt-get with Debian 12's archive (and 130 MB), dpkg, python3.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 "$work"
mkdir -p debs/partial home
export HOME="$work/home"
apt-get install --download-only --reinstall --no-install-recommends -y -qq \
	-o Dir::Cache::archives="$work/debs" -o APT::Sandbox::User=root \
	-o Debug::NoLocking=1 "chromium=156.0.8078.114-1~deb12u1" \
	"chromium-common=156.0.8078.114-1~deb12u1" >apt.log 2>&1 || {
	cat apt.log
	exit 2
}
for package in debs/*.deb; do
	dpkg -x "$package" tree
	rm "$package"
done
LD_LIBRARY_PATH=$(find "$work/tree" -name '*.so*' -printf '%h\n' | sort -u |
	paste -sd :)
export LD_LIBRARY_PATH

cat >server.py <<'END'
import http.server
import os
import sys

PAGES = {"plain": (b"<title>x</title>done", {}),
         "careful": (b'<title>x</title><link rel=icon href="data:,">done',
                     {"Referrer-Policy": "no-referrer"}),
         "nothing": (b"", {})}


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("requests", "a", encoding="utf-8") as file:
            came = self.headers.get("Referer", "-").split("/", 3)[-1]
            file.write(f"{self.path} from {came}\n")
        body, headers = PAGES.get(self.path[1:].split("?")[0], (b"", {}))
        self.send_response(200 if body else 404)
        for name, value in {**headers, "Content-Type": "text/html",
                            "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
print(server.server_port, file=open("port.new", "w"), flush=True)
os.rename("port.new", "port")
server.serve_forever()
END
python3 server.py &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
tries=0
until [ -s port ] || [ $((tries += 1)) -gt 100 ]; do
	sleep 0.1
done
failed=0

# asks PAGE WANTED: what comes from the browser.
asks() {
	: >requests
	timeout 60 tree/usr/lib/chromium/chromium --headless \
		--no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$work/home/$1" --virtual-time-budget=2000 \
		--dump-dom "http://127.0.0.1:$(cat port)/$1?code=secret" \
		>dom 2>errors || :
	sleep 1
	echo "$1:"
	sed 's/^/    /' requests
	[ "$(cat requests)" = "$2" ] || failed=1
}
tree/usr/lib/chromium/chromium --headless --version 2>/dev/null || :
asks plain '/plain?code=secret from -
/favicon.ico from plain?code=secret'
asks careful '/careful?code=secret from -'
asks nothing '/nothing?code=secret from -'
[ "$failed" -eq 0 ] || {
	echo 'chromium asks for something else now'
	tail -n 5 errors
	exit 1
}
