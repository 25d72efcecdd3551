# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the samples of tests/parsers, fetches them over IMAP, and compares.

	mailbox.py FOLDER-OF-THIS-FILE WORKING-FOLDER
"""

import imaplib
import json
import os
import sys
import time

PARSERS = os.path.join(sys.argv[1], "..", "parsers")
WORK = sys.argv[2]
sys.path.insert(0, PARSERS)
import compare  # noqa: E402

PATIENCE_S = 20


def open_mailbox():
    mailbox = imaplib.IMAP4("127.0.0.1", 2143)
    mailbox.login(os.environ["POSTFIX_USER"], os.environ["POSTFIX_PASSWORD"])
    mailbox.select("INBOX")
    return mailbox


def fetch(mailbox, message_id):
    """The message of that identifier, once it is there."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        mailbox.select("INBOX")
        _, (numbers,) = mailbox.search(
            None, "HEADER", "Message-ID", f'"{message_id}"')
        if numbers:
            # One for each recipient.
            _, found = mailbox.fetch(numbers.split()[0], "(BODY.PEEK[])")
            return found[0][1]
        time.sleep(0.05)
    raise ValueError(f"{message_id} did not arrive within {PATIENCE_S} s")


def round_trip(mailbox, sample, index):
    """The name of the file with what came back."""
    printed = json.loads(compare.send(sample, index, "--json"))
    path = f"{WORK}/{index}.eml"
    with open(path, "wb") as file:
        file.write(fetch(mailbox, printed["message_id"]))
    return path


def main():
    mailbox = open_mailbox()
    samples, paths, results = [], [], []
    for sample in compare.all_samples():
        try:
            paths.append(round_trip(mailbox, sample, len(samples)))
            samples.append(sample)
        except (ValueError, imaplib.IMAP4.error) as error:
            results.append((sample.name, [repr(error)]))
    command = [sys.executable, PARSERS + "/with_python.py"]
    for sample, found in zip(samples, compare.read_all(command, paths)):
        notes = []
        if ("Python email", sample.name) in compare.LIMITS:
            continue
        compare.check(sample, found, notes.append)
        results.append((sample.name, notes))
    return compare.tell(results)


sys.exit(main())
