#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# dkimpy's verdict on every signature of every message:
#
#	dkimpy.py RECORDS MESSAGE...
#
# RECORDS has a line for each key, "NAME TEXT".  A line for each signature that
# does not verify, and last the number of those that do.
import sys

import dkim

records = {}
with open(sys.argv[1]) as lines:
    for line in lines:
        name, text = line.rstrip("\n").split(" ", 1)
        records[name + "."] = text.encode()


def look_up(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    return records.get(name)


good = 0
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        message = file.read()
    verifier = dkim.DKIM(message)
    for number in range(2):
        try:
            if verifier.verify(number, look_up):
                good += 1
            else:
                print(path, number, "does not verify")
        except dkim.DKIMException as error:
            print(path, number, error)
print(good)
