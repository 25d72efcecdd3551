# SPDX-License-Identifier: GPL-3.0-or-later
"""The samples: arguments for 'mailchute send', and what a reader must find.

Each sample is a Sample: words of the command line, bytes on standard input,
the files that they name, and what is expected.  Knows no parser.
"""

import random


class Sample:
    """What goes in, and what has to come out.

    text and html are str, or None when there is none; files are (name, bytes)
    in the order of the message, inlines the same; header maps a lower-case
    name to its decoded value.
    """

    def __init__(self, name, words, text=None, html=None, files=(),
                 inlines=(), stdin=b"", header=None, to=(), cc=(),
                 sources=None, types=None):
        self.name = name
        self.words = list(words)
        self.text = text
        self.html = html
        self.files = list(files)
        self.inlines = list(inlines)
        self.stdin = stdin
        self.header = header or {}
        self.to = list(to) or [("", "bob@example.org")]
        self.cc = list(cc)
        # File contents by path, for what is not an attached file itself.
        self.sources = sources or {}
        self.types = types or {}


def attach(*files):
    words = []
    for name, _ in files:
        words += ["-a", name]
    return words


EVERY_BYTE = bytes(range(256)) * 5
LONG_NAME = "Ein sehr langer Name für eine Datei, der " * 4 + "überläuft.pdf"
NAMES = [
    "plain.txt", "two words.pdf", "quote\"back\\slash.txt", "semi;colon=.txt",
    "Größe.txt", "отчёт.pdf", "日本語のファイル.pdf", "تقرير.pdf", "דוח.pdf",
    "रिपोर्ट.pdf", "📮 mail.png", "100%.txt", "it's.txt", "a*b.txt",
    "no-extension", ".hidden", "a" * 200 + ".txt", LONG_NAME,
    "文" * 60 + ".txt", "'utf-8''x.txt", "=?utf-8?Q?x?=.txt", "(c).txt",
    "a,b.csv", "[x].html", "x.tar.gz", "a@b.txt", "<tag>.txt",
]
CONTENTS = [
    ("empty.bin", b""), ("empty.txt", b""), ("one.bin", b"\0"),
    ("every.bin", EVERY_BYTE), ("nuls.bin", b"\0" * 1000),
    ("unix.txt", b"one\ntwo\n"), ("dos.txt", b"one\r\ntwo\r\n"),
    ("mac.txt", b"one\rtwo\r"), ("mixed.txt", b"a\r\n\nb\n\r\n\r\r\nc"),
    ("no-end.txt", b"one\ntwo"), ("spaces.txt", b"a  \n\t\n b \n "),
    ("dots.txt", b".\n..\n.a\n"), ("from.txt", b"From me\n>From\n"),
    ("equals.txt", b"a=b==\n=3D=\n=_1_\n"), ("long.txt", b"x" * 5000),
    ("long-words.txt", b"word " * 2000), ("utf8.txt", "Grüße\n".encode()),
    ("latin.txt", "Grüße\n".encode("latin-1")),
    ("wide.txt", "Grüße\n".encode("utf-16")),
    ("boundary.txt", b"\n--=_1_00\n--\n\n----\n"),
    ("blank.txt", b"\n\n\n"), ("crs.bin", b"\r\r\r"), ("tabs.txt", b"\t\n\t"),
    ("page.html", b"<p>attached\n"), ("data.json", b"{\"a\": 1}\n"),
    ("big.bin", random.Random(1).randbytes(300000)),
    ("big.txt", b"0123456789 abcdef\n" * 20000),
    ("57.bin", b"x" * 57 + b"\xff" * 57),
]
TEXTS = [
    ("words", "Hello."), ("empty", ""), ("UTF-8", "Grüße aus Köln, 100 €."),
    ("Japanese", "こんにちは、世界。\n" * 20), ("emoji", "📮 " * 100),
    ("long lines", "The quick brown fox jumps over the lazy dog. " * 50),
    ("long UTF-8 lines", "Über den Wölkchen muß die Freiheit wohl größer "
     "sein. " * 40),
    ("a long word", "x" * 5000), ("a long word among others",
                                  "a b " + "y" * 1500 + " c d"),
    ("no spaces, wide", "漢字" * 600),
    ("quotes", "> one\n>> two\n> " + "three " * 30 + "\nanswer"),
    ("a signature", "text\n-- \nme\nme@example.org"),
    ("From", "From here\n>From there\n From far\nFrom  x"),
    ("indented", "  two\n    four\n\ttab\nend"),
    ("indented and long", "  two\n" + "word " * 40 + "\n\ttab"),
    ("dots", ".\n..\n.a\nb."), ("equals", "a=b\n=3D\nx="),
    ("blank lines", "\n\na\n\n\nb\n\n"), ("lines of 78", ("x" * 78 + "\n") * 3),
    ("lines of 79", ("a " * 39 + "x\n") * 3),
    ("lines of 998", "x" * 998), ("lines of 999", "x" * 999),
    ("escapes", "\x1b[1mbold\x1b[0m"), ("dashes", "--\n--=_1_\n---"),
    ("leading quote mark in a long line", "a " * 38 + "> b From c"),
]
SUBJECTS = [
    "Hello", "Grüße", "日本語の件名", "📮" * 40, "word " * 60, "x" * 1200,
    "ü" * 300, "a =?utf-8?Q?b?= c", "Ünï " + "plain words " * 20,
    "tab\tinside", "\"quoted\" (comment) <tag>",
]


def texts():
    for name, text in TEXTS:
        yield Sample("text: " + name, ["bob@example.org"], text=text,
                     stdin=text.encode())
    yield Sample("text: CRLF", ["bob@example.org"], text="a\nb\n",
                 stdin=b"a\r\nb\r\n")


def subjects():
    for subject in SUBJECTS:
        yield Sample("subject: " + subject[:20],
                     ["-s", subject, "bob@example.org", "x"], text="x",
                     header={"subject": subject.strip().replace("\t", " ")})


def headers():
    yield Sample("names in any script",
                 ["--to", "Jörg Müller <j@example.org>, \"Doe, John\" "
                  "<d@example.org>", "--cc", "山田 <y@example.org>",
                  "--cc", "Плотников <p@example.org>", "x"], text="x",
                 to=[("Jörg Müller", "j@example.org"),
                     ("Doe, John", "d@example.org")],
                 cc=[("山田", "y@example.org"), ("Плотников", "p@example.org")])
    many = [(f"Name Nummer {i} ä", f"address-number-{i}@example.org")
            for i in range(60)]
    yield Sample("many recipients",
                 ["--to", ", ".join(f"{n} <{a}>" for n, a in many), "x"],
                 text="x", to=many)
    yield Sample("a long name",
                 ["--to", "\"" + "Ä long name " * 20 + "\" <b@example.org>",
                  "x"], text="x",
                 to=[(("Ä long name " * 20).strip(), "b@example.org")])
    yield Sample("a name in A-labels",
                 ["--to", "b@bücher.example", "x"], text="x",
                 to=[("", "b@xn--bcher-kva.example")])
    yield Sample("other fields",
                 ["--in-reply-to", "<a@b> <c@d>", "--reply-to",
                  "Ré <r@example.org>", "--header", "X-Long: " + "wört " * 50,
                  "--date", "2026-11-22 02:10:00 +0100", "bob@example.org",
                  "x"], text="x",
                 header={"in-reply-to": "<a@b> <c@d>",
                         "references": "<a@b> <c@d>",
                         "x-long": ("wört " * 50).strip(),
                         "date": "Sun, 22 Nov 2026 02:10:00 +0100"})


def file_samples():
    for name in NAMES:
        file = (name, b"content of a file\n")
        yield Sample("name: " + name[:30],
                     attach(file) + ["bob@example.org", "see"], text="see",
                     files=[file])
    for file in CONTENTS:
        yield Sample("content: " + file[0],
                     attach(file) + ["bob@example.org", "see"], text="see",
                     files=[file])
    yield Sample("all contents at once",
                 attach(*CONTENTS) + ["bob@example.org", "see"], text="see",
                 files=CONTENTS)
    yield Sample("all names at once",
                 attach(*((n, b"x") for n in NAMES if "=?" not in n)) +
                 ["bob@example.org", "see"], text="see",
                 files=[(n, b"x") for n in NAMES if "=?" not in n])
    yield Sample("standard input as a file",
                 ["-a", "-:text/csv", "bob@example.org", "see"], text="see",
                 stdin=b"a,b\n1,2\n", files=[("attachment.csv", b"a,b\n1,2\n")],
                 types={"attachment.csv": "text/csv"})
    yield Sample("a type that was given",
                 ["-a", "x.dat:application/x-foo", "bob@example.org", "see"],
                 text="see", files=[("x.dat", b"\0\1")],
                 types={"x.dat": "application/x-foo"})
    yield Sample("a file and no text", ["-a", "x.pdf", "bob@example.org"],
                 text="", files=[("x.pdf", b"%PDF-1.4\0")],
                 types={"x.pdf": "application/pdf"})


PAGE = ("<html><body><h1>Grüße</h1><p>See <a href=\"https://example.org/\">"
        "this</a> &amp; that.</p></body></html>\n")
PAGE_TEXT = "Grüße\n\nSee this <https://example.org/> & that.\n"


def pages():
    page = {"page.html": PAGE.encode()}
    logo = ("logo.png", b"\x89PNG\r\n\x1a\n" + EVERY_BYTE)
    photo = ("föto 1.jpg", b"\xff\xd8\xff" + EVERY_BYTE)
    shown = "<img src=\"cid:logo.png\"><img src='cid:f%C3%B6to%201.jpg'>\n"
    file = ("r.pdf", b"%PDF-1.4\n" + EVERY_BYTE)
    yield Sample("HTML makes its text",
                 ["--html", "page.html", "bob@example.org"], text=PAGE_TEXT,
                 html=PAGE, sources=page)
    yield Sample("HTML and a text",
                 ["--html", "page.html", "bob@example.org", "the text"],
                 text="the text", html=PAGE, sources=page)
    yield Sample("HTML and pictures",
                 ["--html", "p.html", "--inline", logo[0], "--inline",
                  photo[0], "bob@example.org", "t"], text="t", html=shown,
                 inlines=[logo, photo], sources={"p.html": shown.encode()})
    yield Sample("HTML, pictures and files",
                 ["--html", "p.html", "--inline", logo[0], "--inline",
                  photo[0], "-a", file[0], "bob@example.org", "t"], text="t",
                 html=shown, inlines=[logo, photo], files=[file],
                 sources={"p.html": shown.encode()})
    latin = PAGE.replace("<html>", "<html><meta charset=iso-8859-1>")
    yield Sample("HTML in Latin-1",
                 ["--html", "page.html", "bob@example.org"], text=PAGE_TEXT,
                 html=latin, sources={"page.html": latin.encode("latin-1")})
    long = "<p>" + "x" * 3000 + " ö</p>\n"
    yield Sample("HTML with a long line",
                 ["--html", "page.html", "bob@example.org", "t"], text="t",
                 html=long, sources={"page.html": long.encode()})
    yield Sample("a picture without HTML",
                 ["--inline", logo[0], "bob@example.org", "t"], text="t",
                 inlines=[logo])


def random_text(source, length):
    letters = "abc def  ghi\n\n>-.=äßé€漢字📮 \tFrom "
    return "".join(source.choice(letters) for _ in range(length))


def at_random():
    for seed in range(30):
        source = random.Random(seed)
        files = [(f"{seed}-{i} {source.choice(NAMES)}"[-80:],
                  source.randbytes(source.randrange(5000))
                  if source.random() < .5 else
                  random_text(source, source.randrange(5000)).encode())
                 for i in range(source.randrange(4))]
        files = [(n.strip(), c) for n, c in files if "/" not in n]
        text = random_text(source, source.randrange(3000))
        subject = random_text(source, source.randrange(1, 200))
        yield Sample(f"at random: {seed}",
                     attach(*files) + ["-s", subject, "bob@example.org"],
                     stdin=text.encode(), text=text, files=files,
                     header={"subject": " ".join(subject.split("\t"))
                             .replace("\n", " ").strip()})


def messages():
    seven = b"From: a@b.c\nSubject: inner\n\nbody\n"
    eight = "From: a@b.c\nSubject: inner\n\nGrüße\n".encode()
    broken = b"Subject: inner\n\n" + b"x" * 2000 + b"\n"
    yield Sample("an attached message", ["-a", "m.eml", "bob@example.org", "x"],
                 text="x", files=[("m.eml", seven)],
                 types={"m.eml": "message/rfc822"})
    yield Sample("an attached 8-bit message",
                 ["-a", "m.eml", "bob@example.org", "x"],
                 text="x", files=[("m.eml", eight)],
                 types={"m.eml": "message/rfc822"})
    yield Sample("an attached message with a long line",
                 ["-a", "m.eml", "bob@example.org", "x"],
                 text="x", files=[("m.eml", broken)],
                 types={"m.eml": "application/octet-stream"})


def all_samples():
    for group in (texts, subjects, headers, file_samples, pages, messages,
                  at_random):
        yield from group()
