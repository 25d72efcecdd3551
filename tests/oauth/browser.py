#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser and its person, for the suites of access tokens.

	browser.py URL          goes where the issuer leads to, as browsers do:
	                        with a favicon, an idle connection, another state
	browser.py --print URL  says where the issuer leads to, and does not go
"""
import http.client
import socket
import ssl
import sys
import urllib.parse

# As browsers do: "localhost" is this machine, whatever /etc/hosts has.
look_up = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **words: look_up(
    "127.0.0.1" if host == "localhost" else host, *rest, **words)

url = sys.argv[-1]
where = urllib.parse.urlsplit(url)
issuer = http.client.HTTPSConnection(
    where.hostname, where.port, context=ssl._create_unverified_context())
issuer.request("GET", where.path + "?" + where.query)
target = issuer.getresponse().getheader("Location")
if sys.argv[1] == "--print":
    print(target)
    sys.exit()

back = urllib.parse.urlsplit(target)
path_back = back.path or "/"
idle = socket.create_connection((back.hostname, back.port))


def get(path, method="GET"):
    host = http.client.HTTPConnection(back.hostname, back.port)
    host.request(method, path, headers={"Referer": target})
    return host.getresponse()


for method, path in (("GET", "/favicon.ico"),
                     ("GET", path_back + "?code=x&state=another"),
                     ("POST", path_back + "?" + back.query),
                     ("GET", path_back + "x?" + back.query)):
    status = get(path, method).status
    if status != 404:
        sys.exit(f"{method} {path}: {status}")
answer = get(path_back + "?" + back.query)
page = answer.read().decode()
with open("page", "w", encoding="utf-8") as file:
    file.write(f"{answer.status} {answer.getheader('Referrer-Policy')}\n")
    file.write(page)
