# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the samples, has each parser read them, and compares part for part.

	compare.py FOLDER-OF-THIS-FILE WORKING-FOLDER

tests/servers/mailbox.py compares with the same functions.
"""

import base64
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = sys.argv[2]
sys.path.insert(0, HERE)
from samples import all_samples  # noqa: E402

# What a parser cannot do, whoever made the message: not counted.
LIMITS = {
    ("Python email", "a long name"):
        "does not join the encoded words of a name (before 3.13)",
    ("mailparser", "text: quotes"):
        "joins flowed quotations with their marks (3.7)",
    ("mailparser", "at random: 12"):
        "joins flowed quotations with their marks (3.7)",
    ("mailparser", "name: =?utf-8?Q?x?=.txt"):
        "decodes what RFC 2231 said is plain (3.7)",
    ("mailparser", "an attached message with a long line"):
        "takes the type from the name, not from the field (3.7)",
}
PARSERS = {
    "Python email": [sys.executable, HERE + "/with_python.py"],
    "GMime": [sys.executable, HERE + "/with_gmime.py"],
    "MIME::Tools": ["perl", HERE + "/with_mime_tools.pl"],
    "mailparser": ["node", HERE + "/with_mailparser.js"],
}


def send(sample, index, *options):
    """Runs mailchute in a folder of the sample's; what it printed."""
    folder = f"{WORK}/{index}"
    os.mkdir(folder)
    contents = dict(sample.files + sample.inlines)
    contents.update(sample.sources)
    for name, content in contents.items():
        with open(f"{folder}/{name}", "wb") as file:
            file.write(content)
    run = subprocess.run(
        [os.environ["MAILCHUTE"], "-C", WORK + "/profile", "send", *options,
         *sample.words],
        cwd=folder, input=sample.stdin, capture_output=True, check=False,
        env={**os.environ, "LC_ALL": "C", "HOME": WORK})
    if run.returncode or run.stderr:
        raise ValueError(f"exit {run.returncode}: {run.stderr.decode()}")
    return run.stdout


def make(sample, index):
    """The name of the file with the message, as it goes over the wire."""
    printed = send(sample, index, "--dry-run")
    path = f"{WORK}/{index}.eml"
    with open(path, "wb") as file:
        file.write(printed.replace(b"\n", b"\r\n"))
    return path


# ---- the message itself -----------------------------------------------------

def check_wire(path, is_8bit, complain):
    with open(path, "rb") as file:
        lines = file.read().split(b"\r\n")
    head = lines[:lines.index(b"")]
    if max(map(len, lines)) > 998:
        complain(f"a line of {max(map(len, lines))}")
    for line in head:
        # A word that cannot be folded may be longer.
        if len(line) > 78 and b" " in line.strip():
            complain(f"a header line of {len(line)}: {line[:90]!r}")
    if not is_8bit and any(byte > 127 for line in lines for byte in line):
        complain("bytes over 127")
    for line in lines:
        if line.lower().startswith(b"content-type:") and len(line) > 78:
            complain(f"a long field: {line!r}")


# ---- text -------------------------------------------------------------------

def unflow(text):
    """RFC 3676 section 4, as a mail program shows it."""
    out, paragraph, depth = [], "", None
    for line in text.split("\n"):
        marks = len(line) - len(line.lstrip(">"))
        rest = line[marks:]
        rest = rest[1:] if rest.startswith(" ") else rest
        if depth is not None and depth != marks:
            out.append(">" * depth + (" " if depth else "") + paragraph)
            paragraph = ""
        depth = marks
        paragraph += rest
        if rest.endswith(" ") and rest != "-- ":
            continue
        out.append(">" * depth + (" " if depth else "") + paragraph)
        paragraph, depth = "", None
    if depth is not None:
        out.append(paragraph)
    return "\n".join(out)


def settled(text):
    """What may differ: line ends, and spaces where nobody sees them."""
    text = re.sub("\r+\n|\r", "\n", text)
    text = "\n".join(line if line == "-- " else line.rstrip(" ")
                     for line in text.split("\n"))
    # A quote mark and its text: with or without a space between.
    text = re.sub("^(>+) ?", r"\1 ", text, flags=re.M)
    return "\n".join(l.rstrip(" ") for l in text.split("\n")).rstrip("\n")


def check_text(sample, part, complain):
    content = base64.b64decode(part["content"])
    try:
        text = content.decode(part["charset"] or "us-ascii")
    except (UnicodeDecodeError, LookupError) as error:
        complain(f"text: {error}")
        return
    text = text.replace("\r\n", "\n")
    if part["flowed"]:
        if any(len(l) > 78 and " " in l.strip()[:-1] and " " in l[:78]
               for l in text.split("\n")):
            complain("a flowed line over 78")
        text = unflow(text)
    if settled(text) != settled(sample.text):
        complain(f"text: want {sample.text[:300]!r}, got {text[:300]!r}")


def check_html(sample, html, ids, complain):
    wanted = sample.html
    for (name, _), found in zip(sample.inlines, ids):
        quoted = "".join(c if c.isascii() and c != " " else
                         "".join(f"%{b:02X}" for b in c.encode())
                         for c in name)
        wanted = wanted.replace("cid:" + quoted, "cid:" + (found or "NONE"))
    html = html.replace("\r\n", "\n").rstrip("\n")
    if html != wanted.rstrip("\n"):
        complain(f"HTML: want {wanted[:300]!r}, got {html[:300]!r}")


# ---- files ------------------------------------------------------------------

def wanted_name(name):
    """What is no name elsewhere is changed on purpose."""
    return re.sub("[\x00-\x1f\x7f-\x9f]", "_", name)


def check_file(sample, wanted, part, disposition, complain):
    name, content = wanted
    got = base64.b64decode(part["content"])
    kind = sample.types.get(name)
    if part["name"] != wanted_name(name):
        complain(f"name: want {name!r}, got {part['name']!r}")
    if kind == "message/rfc822":
        got = got.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
    elif part["type"].startswith("text/") and b"\r" not in content:
        # Its line ends are the mail's, which some save as CRLF.
        got = got.replace(b"\r\n", b"\n")
    if got != content:
        complain(f"{name}: {len(content)} bytes, got {len(got)}: "
                 f"{content[:60]!r}, {got[:60]!r}")
    if kind and part["type"] != kind:
        complain(f"{name}: type {part['type']}")
    if part["disposition"] != disposition:
        complain(f"{name}: disposition {part['disposition']}")


def check_files(sample, parts, complain):
    inlines = sample.inlines
    if len(parts) != len(inlines) + len(sample.files):
        complain(f"{len(parts)} files: {[p['name'] for p in parts]}")
        return
    for wanted, part in zip(inlines, parts):
        check_file(sample, wanted, part, "inline", complain)
    for wanted, part in zip(sample.files, parts[len(inlines):]):
        check_file(sample, wanted, part, "attachment", complain)


# ---- all of it --------------------------------------------------------------

def wanted_shape(sample, parts):
    files = [p["type"] for p in parts if p["name"]]
    inlines = files[:len(sample.inlines)]
    files = files[len(sample.inlines):]
    shape = "text/plain"
    if sample.html is not None:
        page = "text/html"
        if inlines:
            page = "related(" + ",".join([page] + inlines) + ")"
        shape = f"alternative(text/plain,{page})"
    elif inlines:
        files = inlines + files
    return "mixed(" + ",".join([shape] + files) + ")" if files else shape


def in_ascii(addresses):
    """GMime shows domains as U-labels."""
    return [(name, "@".join([address.split("@")[0], address.split("@")[1]
                             .encode("idna").decode()]))
            for name, address in addresses]


def check_header(sample, found, complain):
    for name, wanted in sample.header.items():
        if name not in found["header"] and len(found["header"]) < 2:
            continue  # a parser that shows the subject alone
        got = found["header"].get(name, "")
        if " ".join(got.split()) != " ".join(wanted.split()):
            complain(f"{name}: want {wanted[:200]!r}, got {got[:200]!r}")
    for name, wanted in (("to", sample.to), ("cc", sample.cc)):
        if name in found and in_ascii(found[name]) != wanted:
            complain(f"{name}: want {wanted[:5]}, got {found[name][:5]}")


def check(sample, found, complain):
    if "error" in found:
        complain(found["error"])
        return
    parts = found["parts"]
    check_header(sample, found, complain)
    files = [p for p in parts if p["name"]]
    check_files(sample, files, complain)
    ids = [p["id"] for p in files]
    if "text" in found:  # mailparser, which has undone everything
        if settled(found["text"]) != settled(sample.text):
            complain(f"text: want {sample.text[:300]!r}, "
                     f"got {found['text'][:300]!r}")
        if sample.html is not None:
            check_html(sample, found["html"] or "", ids, complain)
        return
    if found["shape"] != wanted_shape(sample, parts):
        complain(f"shape: {found['shape']}")
    texts = [p for p in parts if not p["name"]]
    check_text(sample, texts[0], complain)
    if sample.html is not None and len(texts) > 1:
        html = base64.b64decode(texts[1]["content"]).decode("utf-8")
        check_html(sample, html, ids, complain)


def read_all(command, paths):
    # Everything in one go: starting a program takes longer than reading.
    run = subprocess.run(command + paths, capture_output=True, check=False)
    lines = run.stdout.decode().splitlines()
    if len(lines) != len(paths):
        raise SystemExit(f"{command}: {run.stderr.decode()[:1000]}")
    return [json.loads(line) for line in lines]


def tell(results):
    """Prints TAP; the exit code."""
    failed = 0
    for number, (name, notes) in enumerate(results, 1):
        name = name.encode("unicode_escape").decode().replace("#", "%")
        print(("not ok" if notes else "ok"), number, "-", name)
        for note in notes:
            print("#   " + note)
        failed += bool(notes)
    print(f"1..{len(results)}")
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    samples = list(all_samples())
    paths, results = [], []
    with open(WORK + "/profile", "w", encoding="ascii") as file:
        file.write("account default\nhost localhost\nauth off\n"
                   "from me@example.org\n")
    for index, sample in enumerate(samples):
        paths.append(make(sample, index))
    for sample, path in zip(samples, paths):
        notes = []
        is_8bit = "8-bit" in sample.name
        check_wire(path, is_8bit, notes.append)
        results.append(("wire: " + sample.name, notes))
    for parser, command in PARSERS.items():
        for sample, found in zip(samples, read_all(command, paths)):
            notes = []
            name = parser + ": " + sample.name
            if (parser, sample.name) in LIMITS:
                print(f"# not counted: {name}: "
                      f"{parser} {LIMITS[parser, sample.name]}")
                continue
            check(sample, found, notes.append)
            results.append((name, notes))
    return tell(results)


if __name__ == "__main__":
    sys.exit(main())
