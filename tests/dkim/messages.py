#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Messages to be signed, each in a file of its own:
#
#	messages.py FOLDER COUNT
#
# 200 odd ones but valid, by their kinds, and COUNT made up at random, the same
# each time.
import pathlib
import random
import sys

HEAD = "From: Ann <ann@example.test>\nTo: bob@example.test\nSubject: %s\n"
PARTS = ["word", "two  blanks", "tab\tin it", " in front", "at the end ",
         "\t", "", " ", ".", "..", "From here", "ä ö ü", "日本語", "=20",
         "x" * 77, "x" * 500, "a: b", "\x0b\x0c", "\xa0", "-- ", "#" * 990]


def body(dice, lines):
    return "\n".join(
        dice.choice(["", " "]).join(
            dice.choice(PARTS)[:400] for _ in range(dice.randrange(4)))
        for _ in range(lines))


def random_message(dice):
    fields = ["From: Ann <ann@%sexample.test>" % dice.choice(["", "mail."])]
    for name in ["To", "Cc", "Reply-To"]:
        if dice.random() < 0.5:
            fields.append("%s:%s" % (name, dice.choice([" ", "", "\t", "  "])
                          + ",\n ".join("u%d@example.test" % i for i in
                                        range(1 + dice.randrange(5)))))
    if dice.random() < 0.8:
        fields.append("Subject: " + " ".join(
            p for p in dice.sample(PARTS[:13], 3) if p.strip())[:200])
    for name in ["List-Id", "In-Reply-To", "X-Own", "X-Own", "Comments"]:
        if dice.random() < 0.3:
            fields.append("%s: <%d.x@example.test>" % (
                name, dice.randrange(10 ** 9)))
    if dice.random() < 0.5:
        fields += ["MIME-Version: 1.0",
                   "Content-Type: text/plain;\n\tcharset=\"utf-8\"",
                   "Content-Transfer-Encoding: 8bit"]
    dice.shuffle(fields)
    return "\n".join(fields) + "\n\n" + body(dice, dice.randrange(40)) + \
        dice.choice(["", "\n", "\n\n\n", " \n \n"])


# Each kind of thing that a canonicalization stumbles over, in several places.
def odd_messages():
    for tail in ["", "\n", "\n\n", "\n\n\n\n", " ", " \n", "\t\n", " \n\n \n",
                 "\r\n", "\n \n\t\n", ".", ".\n", "\n.\n", "\n..\n"]:
        for start in ["", "text", "text ", " text", "\n\ntext", "a  b\tc"]:
            yield HEAD % "tails" + "\n" + start + tail
    for length in [62, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097, 65535,
                   65536, 65537, 200000]:
        for piece in ["word and ", "x ", "a\tb  c\n", "line\n", "\n",
                      " \t \n"]:
            text = (piece * (length // len(piece) + 1))[:length]
            if all(len(line) < 900 for line in text.split("\n")):
                yield HEAD % "lengths" + "\n" + text
            else:
                yield HEAD % "lengths" + "\n" + "\n".join(
                    text[i:i + 800] for i in range(0, length, 800))
    for subject in ["", " ", "a" * 900, "a\n b", "a\n\tb  \n  c", "ä",
                    "=?utf-8?q?=C3=A4?=", "a:b;c=d", "\tx", "x \n y "]:
        yield HEAD % subject + "\ntext\n"
    yield "From: ann@example.test\n\ntext\n"
    yield "From: ann@example.test\nSubject:no blank\nsubject: twice\n\n.\n"
    yield "From: ann@example.test\nDKIM-Signature: v=1; a=rsa-sha256;\n" \
        " d=old.test; s=old; h=from; bh=AAAA; b=AAAA\n\nt\n"
    yield "from: ann@EXAMPLE.test\nTO: b@example.test\n\nt\n"
    yield "From: ann@example.test\n" + "".join(
        "X-%d: %s\n" % (i, "v" * 70) for i in range(3000)) + "\nt\n"
    yield "From: ann@example.test\n" + "".join(
        "Subject: %d\n" % i for i in range(40)) + "\nt\n"
    yield "From: ann@example.test\nTo: " + ",\n ".join(
        "user%d@example.test" % i for i in range(2000)) + "\n\nt\n"
    for field in ["Reply-To: r@example.test", "List-Id: <l.example.test>",
                  "List-Unsubscribe: <https://example.test/u>\n"
                  "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
                  "Resent-From: c@example.test\nResent-To: d@example.test",
                  "Sender: s@other.test", "Cc:\n c@example.test",
                  "References: <1@x>\n <2@x>\n <3@x>", "Message-ID: <m@x>",
                  "Date: Mon, 30 Nov 2026 12:00:00 +0000", "Received: from x",
                  "MIME-Version: 1.0\nContent-Type: text/html",
                  "Comments: \udce4\udcff", "X-!#$%: 1"]:
        yield HEAD % "fields" + field + "\n\ntext\n"
    yield HEAD % "latin1" + "\nGr\udcfc\udcdfe\n"
    yield HEAD % "nothing"
    yield "From: ann@example.test, sue@example.test\nSender: sue@example.test" \
        "\n\nt\n"
    yield "From: ann@example.test\nX-Long: " + " ".join(
        ["word"] * 5000) + "\n\nt\n"


def main():
    folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    dice = random.Random(6376)
    messages = list(odd_messages()) + \
        [random_message(dice) for _ in range(count)]
    for number, text in enumerate(messages):
        (folder / ("%04d" % number)).write_bytes(
            text.encode("utf-8", "surrogateescape"))
    print(len(messages))


main()
