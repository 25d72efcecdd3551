#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alice and her browser, at the pages of oidc-provider.

	consent.py URL [CODE]      signs in, says yes, goes where she is led to
	consent.py --print URL     says where that is, and does not go
	consent.py --no URL        says no

With a CODE she enters it on a device's page.
"""
import html.parser
import http.cookiejar
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request


class Page(html.parser.HTMLParser):
    """The first form of a page, and the link that says no."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.no = [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append((attrs.get("action"), {}))
        elif tag in ("input", "button") and self.forms and attrs.get("name"):
            if tag == "input" or attrs["name"] not in ("abort",):
                self.forms[-1][1][attrs["name"]] = attrs.get("value") or ""
        elif tag == "a" and "abort" in attrs.get("href", ""):
            self.no = attrs["href"]


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


BROWSER = urllib.request.build_opener(
    Stay, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
    urllib.request.HTTPSHandler(context=ssl._create_unverified_context()))


def load(url, form=None):
    """The text of a page; a redirect's target instead."""
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with BROWSER.open(urllib.request.Request(url, data)) as reply:
            return reply.read().decode(), None
    except urllib.error.HTTPError as error:
        if error.code // 100 != 3:
            raise
        return "", urllib.parse.urljoin(url, error.headers["Location"])


def walk(url, code, says_no):
    form = None
    for _ in range(20):
        text, target = load(url, form)
        form = None
        if target and target.startswith("http:"):
            return target
        if target:
            url = target
            continue
        page = Page(text)
        if says_no and page.no:
            url = urllib.parse.urljoin(url, page.no)
            continue
        if not page.forms:
            return None
        action, form = page.forms[0]
        url = urllib.parse.urljoin(url, action or url)
        for name, value in (("login", "alice"), ("password", "x"),
                            ("user_code", code)):
            if name in form and value and not (
                    name == "user_code" and form[name]):
                form[name] = value
    raise SystemExit("no end of pages")


arguments = [word for word in sys.argv[1:] if not word.startswith("--")]
back = walk(arguments[0], arguments[1] if len(arguments) > 1 else None,
            "--no" in sys.argv)
if "--print" in sys.argv:
    print(back)
elif back:
    with urllib.request.urlopen(back) as last:
        last.read()
