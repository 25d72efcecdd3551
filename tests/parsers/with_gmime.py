# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages read by GMime; its warnings are errors.

Reads names of files, prints one line of JSON for each.
"""

import base64
import json
import sys

import gi
gi.require_version("GMime", "3.0")
from gi.repository import GMime  # noqa: E402

GMime.init()


def content_of(part):
    stream = GMime.StreamMem.new()
    if isinstance(part, GMime.MessagePart):
        part.get_message().write_to_stream(None, stream)
    else:
        part.get_content().write_to_stream(stream)
    return bytes(stream.get_byte_array())


def describe(part):
    kind = part.get_content_type()
    disposition = part.get_content_disposition()
    name = disposition.get_parameter("filename") if disposition else None
    return {
        "type": kind.get_mime_type().lower(),
        "charset": kind.get_parameter("charset"),
        "flowed": kind.get_parameter("format") == "flowed",
        "name": name,
        "disposition": disposition.get_disposition() if disposition else None,
        "id": part.get_content_id(),
        "content": base64.b64encode(content_of(part)).decode(),
    }


def children(part):
    return [part.get_part(i) for i in range(part.get_count())]


def leaves(part):
    if isinstance(part, GMime.Multipart):
        for child in children(part):
            yield from leaves(child)
    else:
        yield describe(part)


def shape(part):
    kind = part.get_content_type()
    if isinstance(part, GMime.Multipart):
        inner = ",".join(shape(c) for c in children(part))
        return kind.get_media_subtype() + "(" + inner + ")"
    return kind.get_mime_type().lower()


def addresses(message, kind):
    found = message.get_addresses(kind)
    return [[found.get_address(i).get_name() or "",
             found.get_address(i).get_addr()]
            for i in range(found.length())]


def read(path):
    stream = GMime.StreamFile.open(path, "r")
    parser = GMime.Parser.new_with_stream(stream)
    message = parser.construct_message(None)
    headers = message.get_header_list()
    found = {}
    for i in range(headers.get_count()):
        header = headers.get_header_at(i)
        found[header.get_name().lower()] = header.get_value()
    root = message.get_mime_part()
    return {
        "header": found,
        "to": addresses(message, GMime.AddressType.TO),
        "cc": addresses(message, GMime.AddressType.CC),
        "shape": shape(root),
        "parts": list(leaves(root)),
    }


for word in sys.argv[1:]:
    try:
        print(json.dumps(read(word)))
    except Exception as error:  # pylint: disable=broad-except
        print(json.dumps({"error": repr(error)}))
