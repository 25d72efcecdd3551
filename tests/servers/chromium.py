#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's chromium, with Alice in front of it, as mailchute's $BROWSER.

	chromium.py FOLDER [--first URL]... [--no] [--code CODE] URL

Driven over WebDriver (chromedriver).  She first opens each --first at the host
that the consent comes back to, then signs in and says yes, or no.  Written into
FOLDER: page (title and text of the last one), requests (what the browser sent
to a loopback address: a line each, with its Referer), and end, when all of it
is written.
"""
import argparse
import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request

PORT = 9515
words = argparse.ArgumentParser()
words.add_argument("folder")
words.add_argument("--first", action="append", default=[])
words.add_argument("--no", action="store_true")
words.add_argument("--code")
words.add_argument("url")
said = words.parse_args()


def ask(method, path, body=None):
    data = json.dumps(body or {}).encode() if method == "POST" else None
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", data, method=method,
        headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["value"]


def find(selector):
    return [next(iter(one.values())) for one in ask(
        "POST", HERE + "/elements",
        {"using": "css selector", "value": selector})]


def act(element, what, **body):
    return ask("POST", f"{HERE}/element/{element}/{what}", body)


def open_page(url):
    try:
        ask("POST", HERE + "/url", {"url": url})
    except urllib.error.HTTPError as error:
        print(url, error.read().decode(), file=sys.stderr)


def step():
    """What Alice does on this page; false at the last one."""
    for name, value in (("login", "alice"), ("password", "x"),
                        ("user_code", said.code)):
        for field in find(f"input[name={name}]:not([type=hidden])"):
            if value:
                act(field, "clear")
                act(field, "value", text=value)
    no = find("a[href*=abort]") if said.no else []
    buttons = no or find("button[type=submit], button[autofocus], button")
    if not buttons:
        return False
    act(buttons[0], "click")
    return True


def sent(log):
    """METHOD TARGET Referer, of all that went to loopback addresses."""
    kind = log["constants"]["logEventTypes"][
        "HTTP_TRANSACTION_SEND_REQUEST_HEADERS"]
    for event in log["events"]:
        if event["type"] != kind:
            continue
        headers = dict(line.split(": ", 1) for line
                       in event["params"]["headers"] if ": " in line)
        host = headers.get("Host", "").rsplit(":", 1)[0]
        if host in ("127.0.0.1", "[::1]", "localhost"):
            method, target = event["params"]["line"].split(" ")[:2]
            yield f"{method} {target} {headers.get('Referer', '-')}\n"


os.makedirs(said.folder, exist_ok=True)
net_log = os.path.join(said.folder, "net.json")
driver = subprocess.Popen(
    ["chromedriver", f"--port={PORT}"], stdout=subprocess.DEVNULL)
for _ in range(100):
    try:
        ask("GET", "/status")
        break
    except OSError:
        time.sleep(0.1)
HERE = "/session/" + ask("POST", "/session", {"capabilities": {"alwaysMatch": {
    "goog:chromeOptions": {"args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        f"--user-data-dir={said.folder}/profile", f"--log-net-log={net_log}",
        "--net-log-capture-mode=IncludeSensitive"]}}}})["sessionId"]

query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(said.url).query))
for first in said.first:
    open_page(urllib.parse.urljoin(query["redirect_uri"], first))
    time.sleep(1)
open_page(said.url)
for _ in range(10):
    if not step():
        break
    time.sleep(0.5)
time.sleep(2)  # for whatever else it asks for
with open(os.path.join(said.folder, "page"), "w", encoding="utf-8") as file:
    file.write(ask("GET", HERE + "/title") + "\n")
    for body in find("body"):
        file.write(ask("GET", f"{HERE}/element/{body}/text") + "\n")
    file.write(ask("GET", HERE + "/url") + "\n")
ask("DELETE", HERE)
driver.terminate()
driver.wait()
for _ in range(50):
    try:
        with open(net_log, encoding="utf-8") as file:
            requests = list(sent(json.load(file)))
        break
    except ValueError:
        time.sleep(0.1)
with open(os.path.join(said.folder, "requests"), "w",
          encoding="utf-8") as file:
    file.writelines(requests)
with open(os.path.join(said.folder, "end"), "w", encoding="utf-8"):
    pass
