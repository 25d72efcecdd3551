# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages read by Python's email, strictly: any defect is an exception.

Reads names of files, prints one line of JSON for each.
"""

import base64
import email
import email.policy
import json
import sys


def addresses(message, name):
    field = message[name]
    return [[a.display_name, a.addr_spec] for a in field.addresses] \
        if field else []


def part(message):
    if message.get_content_type() == "message/rfc822":
        content = message.get_payload(0).as_bytes()
    else:
        content = message.get_payload(decode=True)
    identifier = message["content-id"]
    return {
        "type": message.get_content_type(),
        "charset": message.get_content_charset(),
        "flowed": message.get_param("format") == "flowed",
        "name": message.get_filename(),
        "disposition": message.get_content_disposition(),
        "id": str(identifier).strip("<>") if identifier else None,
        "content": base64.b64encode(content).decode(),
    }


def leaves(message):
    if message.get_content_maintype() == "multipart":
        for child in message.iter_parts():
            yield from leaves(child)
    else:
        yield part(message)


def shape(message):
    if message.get_content_maintype() == "multipart":
        children = ",".join(shape(c) for c in message.iter_parts())
        return message.get_content_subtype() + "(" + children + ")"
    return message.get_content_type()


def check_defects(message):
    """Strictness is for the parser; fields are parsed when looked at."""
    for name, value in message.items():
        if getattr(value, "defects", ()):
            raise ValueError(f"{name}: {value.defects}")
    if message.defects:
        raise ValueError(str(message.defects))
    if message.is_multipart() and \
            message.get_content_type() != "message/rfc822":
        for child in message.iter_parts():
            check_defects(child)


def read(path):
    with open(path, "rb") as file:
        message = email.message_from_binary_file(
            file, policy=email.policy.strict)
    check_defects(message)
    return {
        "header": {k.lower(): str(v) for k, v in message.items()},
        "to": addresses(message, "to"),
        "cc": addresses(message, "cc"),
        "shape": shape(message),
        "parts": list(leaves(message)),
    }


for word in sys.argv[1:]:
    try:
        print(json.dumps(read(word)))
    except Exception as error:  # pylint: disable=broad-except
        print(json.dumps({"error": repr(error)}))
