#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS 5 proxy without a login, for this machine's ports alone: whoever
comes through it is at a server that is not this machine's, as far as he knows.

    socks.py FILE           writes its port into FILE and serves until it is killed
"""
import os
import socket
import sys
import threading


def pass_on(from_, to):
    try:
        while piece := from_.recv(65536):
            to.sendall(piece)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of them has gone


def serve(caller):
    caller.recv(2 + 255)  # the methods
    caller.sendall(b"\5\0")
    asked = caller.recv(4 + 256 + 2)
    server = socket.create_connection(
        ("127.0.0.1", int.from_bytes(asked[-2:], "big")))
    caller.sendall(b"\5\0\0\1\0\0\0\0\0\0")
    threading.Thread(
        target=pass_on, args=(server, caller), daemon=True).start()
    pass_on(caller, server)


listener = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(listener.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True:
    threading.Thread(
        target=serve, args=(listener.accept()[0],), daemon=True).start()
