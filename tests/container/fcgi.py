#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fcgi.py SOCKET SCRIPT: what a web server asks of php-fpm; prints the answer."""
import socket
import struct
import sys


def record(kind, content):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def pair(name, value):
    return struct.pack("!II", len(name) | 1 << 31, len(value) | 1 << 31) + \
        name.encode() + value.encode()


called = socket.socket(socket.AF_UNIX)
called.settimeout(30)
called.connect(sys.argv[1])
parameters = {"SCRIPT_FILENAME": sys.argv[2], "REQUEST_METHOD": "GET"}
called.sendall(
    record(1, struct.pack("!HB5x", 1, 0)) +
    record(4, b"".join(pair(*item) for item in parameters.items())) +
    record(4, b"") + record(5, b""))
answer = called.makefile("rb")
while True:
    head = answer.read(8)
    if len(head) < 8:
        break
    _, kind, _, length, padding = struct.unpack("!BBHHBx", head)
    content = answer.read(length + padding)[:length]
    if kind == 6:
        sys.stdout.write(content.decode())
    elif kind == 7:
        sys.stderr.write(content.decode())
    elif kind == 3:
        break
