#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests' issuer of access tokens, on loopback, with TLS.

	issuer.py FOLDER CERTIFICATE KEY

In FOLDER it writes
    port       the port it listens on, when it does
    tokens     a line USER:TOKEN for each access token that is good
    requests   a line for each request: what was asked, and what came of it
and reads, for each request anew
    rotate     if it is there: refresh tokens are good for once, and using one
               twice takes the whole grant back (RFC 9700 4.14.2)
    life       seconds that a token is good for (3600)
    say        what to answer at the token endpoint, instead: a status, a type
               and the body, a line each; with "once" as the fourth line the
               file goes away then; "hang", "cut" or "huge" for a status is
               none of them
    say-metadata, say-device, say-register, say-revoke
               the same of the others
    allow      what the person at the device says: yes, no, or nothing yet
    deny       if it is there, the person in the browser says no
    iss        another issuer in the redirect; state: another state there
    key        a public RSA key (PEM): what is signed with it is service@ and
               the client "signer"; cert: its certificate's SHA-256, in hex
    clock      seconds that its clock is ahead of ours

Clients: public (no secret), private with the secret "c0nfidential", and basic,
the same in the header alone.  Refresh tokens "brought-N" are good once each.
"""
import base64
import hashlib
import http.server
import json
import os
import secrets
import ssl
import sys
import threading
import time
import urllib.parse

FOLDER, CERTIFICATE, KEY = sys.argv[1:]
USER = "alice@example.test"
LOCK = threading.Lock()
GRANTS = {}     # refresh token: grant
CODES = {}      # code: what it was asked with
DEVICES = {}    # device code: how often it was asked for
CLIENTS = {"public": None, "private": "c0nfidential", "basic": "c0nfidential"}


def path(name):
    return os.path.join(FOLDER, name)


def read(name, usual=None):
    try:
        with open(path(name), encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return usual


def der(data):
    """The parts of a DER value: [(tag, content)]."""
    parts, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length > 127:
            count = length & 127
            length = int.from_bytes(data[at:at + count], "big")
            at += count
        parts.append((tag, data[at:at + length]))
        at += length
    return parts


def rsa_key():
    """(n, e) of the key."""
    text = "".join(read("key").split("-----")[2].split())
    bits = der(der(base64.b64decode(text))[0][1])[1][1]
    return [int.from_bytes(part, "big")
            for _, part in der(der(bits[1:])[0][1])]


def mask(seed, length):
    """MGF1 of RFC 8017 B.2.1, with SHA-256."""
    return b"".join(hashlib.sha256(seed + i.to_bytes(4, "big")).digest()
                    for i in range(length // 32 + 1))[:length]


def is_signed(algorithm, text, signature):
    n, e = rsa_key()
    size = (n.bit_length() + 7) // 8
    block = pow(int.from_bytes(signature, "big"), e, n).to_bytes(size, "big")
    digest = hashlib.sha256(text).digest()
    if algorithm == "RS256":
        info = bytes.fromhex("3031300d060960864801650304020105000420")
        pad = size - 3 - len(info) - 32
        return block == b"\0\1" + b"\xff" * pad + b"\0" + info + digest
    if algorithm != "PS256" or block[-1] != 0xbc:
        return False
    hidden, check = block[:-33], block[-33:-1]
    plain = bytearray(a ^ b for a, b in zip(hidden, mask(check, len(hidden))))
    plain[0] &= 0x7f
    salt = bytes(plain[plain.index(1) + 1:])
    return hashlib.sha256(bytes(8) + digest + salt).digest() == check


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


SEEN = set()    # ids of what was signed


def claims_of(text, audience):
    """What is signed in a JWT (RFC 7523 3); a word when it is refused."""
    try:
        signed, signature = text.rsplit(".", 1)
        header, claims = (json.loads(decode(part))
                          for part in signed.split("."))
        good = is_signed(header["alg"], signed.encode(), decode(signature))
    except (ValueError, KeyError, AttributeError):
        return "malformed"
    now = time.time() + float(read("clock", "0"))
    cert = read("cert")
    print_of = decode(header.get("x5t#S256", "")).hex()
    if not good:
        return "signature"
    if cert and (print_of != cert or header["alg"] != "PS256"):
        return "certificate"
    if claims["aud"] != audience:
        return "audience"
    if claims["iat"] > now + 15 or claims["exp"] < now or \
            claims["exp"] - claims["iat"] > 3600:
        return "clock"
    if claims["jti"] in SEEN:
        return "twice"
    SEEN.add(claims["jti"])
    return claims


class Grant:
    def __init__(self, client, scope):
        self.client, self.scope = client, scope
        self.refresh, self.access, self.alive = None, set(), True


def write_tokens():
    """Only what is good now."""
    now = time.time()
    lines = [f"{USER}:{token}\n" for grant in ALL if grant.alive
             for token, end in list(grant.access) if end > now]
    with open(path("tokens.new"), "w", encoding="utf-8") as file:
        file.writelines(lines)
    os.rename(path("tokens.new"), path("tokens"))


ALL = []


def new_grant(client, scope):
    grant = Grant(client, scope)
    ALL.append(grant)
    return grant


def issue(grant, with_refresh=True, rotate=False):
    life = float(read("life", "3600"))
    token = "at-" + secrets.token_urlsafe(32)
    grant.access.add((token, time.time() + life))
    answer = {"access_token": token, "token_type": "Bearer",
              "expires_in": int(life), "scope": grant.scope}
    if with_refresh and (grant.refresh is None or rotate):
        grant.refresh = "rt-" + secrets.token_urlsafe(32)
        GRANTS[grant.refresh] = grant
        answer["refresh_token"] = grant.refresh
    write_tokens()
    return 200, answer


def error(word, status=400, text=None):
    answer = {"error": word}
    if text:
        answer["error_description"] = text
    return status, answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self, what, came):
        with open(path("requests"), "a", encoding="utf-8") as file:
            file.write(f"{what} {came}\n")

    def send(self, status, body, kind="application/json", headers=()):
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str)
                    else json.dumps(body)).encode()
        self.send_response_only(status)
        self.send_header("Date", self.date_time_string(
            time.time() + float(read("clock", "0"))))
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def said(self, what, file="say"):
        """Whether that was answered as the file has it."""
        said = read(file)
        if said is None:
            return False
        lines = said.split("\n")
        lines += [""] * (3 - len(lines))
        if len(lines) > 3:
            os.unlink(path(file))
        self.note(what, "said " + lines[0])
        if lines[0] == "hang":
            time.sleep(60)
        elif lines[0] == "cut":
            self.close_connection = True
        elif lines[0] == "huge":
            self.send(200, " " * 10000000)
        else:
            self.send(int(lines[0]), lines[2].replace("ISSUER", self.base()),
                      lines[1])
        return True

    def base(self):
        return f"https://localhost:{self.server.server_port}"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/.well-known/openid-configuration":
            if self.said("metadata", "say-metadata"):
                return
            base = self.base()
            self.note("metadata", 200)
            self.send(200, {
                "issuer": base,
                "authorization_endpoint": base + "/authorize",
                "token_endpoint": base + "/token",
                "device_authorization_endpoint": base + "/device",
                "revocation_endpoint": base + "/revoke",
                "registration_endpoint": base + "/register",
                "scopes_supported": ["smtp", "offline_access"],
                "authorization_response_iss_parameter_supported": True})
        elif url.path == "/authorize":
            self.authorize(query)
        else:
            self.send(404, "no such page", "text/html")

    def authorize(self, query):
        """The person is quick: there is no page, only the redirect."""
        back = {"state": read("state", query.get("state", "")),
                "iss": read("iss", self.base())}
        if read("deny") is not None:
            back["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe(16)
            CODES[code] = query
            back["code"] = code
        self.note("authorize", " ".join(
            f"{key}={query.get(key, '-')}" for key in
            ("client_id", "scope", "code_challenge_method")))
        self.send(303, "", headers=[(
            "Location", query["redirect_uri"] + "?" +
            urllib.parse.urlencode(back))])

    def client(self, form):
        """The client's name; None when it is not who it says."""
        name, secret = form.get("client_id"), form.get("client_secret")
        if "client_assertion" in form:
            claims = claims_of(form["client_assertion"], self.base() + "/token")
            if claims["iss"] != claims["sub"] if isinstance(claims, dict) \
                    else True:
                self.note("assertion", claims)
                return None
            return "signer" if claims["iss"] == "signer" else None
        header = self.headers.get("Authorization", "")
        if header.startswith("Basic "):
            name, secret = (
                urllib.parse.unquote_plus(part) for part in
                base64.b64decode(header[6:]).decode().split(":", 1))
        elif name == "basic":
            return None
        return name if name in CLIENTS and CLIENTS[name] == secret else None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body))
        with LOCK:
            what = self.path.strip("/")
            if what != "token" and self.said(what, "say-" + what):
                return
            if self.path == "/token":
                self.token(form)
            elif self.path == "/device":
                self.device(form)
            elif self.path == "/revoke":
                grant = GRANTS.get(form.get("token"))
                if grant:
                    grant.alive = False
                    write_tokens()
                self.note("revoke", bool(grant))
                self.send(200, "", "text/plain")
            elif self.path == "/register":
                name = secrets.token_hex(4)
                CLIENTS[name] = None
                self.note("register", json.loads(body)["redirect_uris"])
                self.send(201, {"client_id": name})
            else:
                self.send(404, "no such page", "text/html")

    def token(self, form):
        kind = form.get("grant_type", "-").rsplit(":", 1)[-1]
        if self.said(kind):
            return
        client = kind if kind == "jwt-bearer" else self.client(form)
        if client is None:
            status, answer = error("invalid_client", 401)
        else:
            status, answer = self.grant(kind, client, form)
        self.note(kind, answer.get("error", status))
        self.send(status, answer)

    def grant(self, kind, client, form):
        if kind == "refresh_token":
            return self.refresh(client, form.get("refresh_token", ""))
        if kind == "client_credentials":
            return issue(new_grant(client, form.get("scope", "")), False)
        if kind == "authorization_code":
            asked = CODES.pop(form.get("code"), None)
            proof = base64.urlsafe_b64encode(hashlib.sha256(
                form.get("code_verifier", "").encode()).digest())
            if (not asked or asked["client_id"] != client or
                    asked["redirect_uri"] != form.get("redirect_uri") or
                    asked["code_challenge"] != proof.decode().rstrip("=")):
                return error("invalid_grant")
            return issue(new_grant(client, asked["scope"]))
        if kind == "device_code":
            return self.poll(client, form.get("device_code"))
        if kind == "jwt-bearer":
            return self.service(form.get("assertion", ""))
        return error("unsupported_grant_type")

    def service(self, text):
        claims = claims_of(text, self.base() + "/token")
        if not isinstance(claims, dict):
            return error("invalid_grant", text=claims)
        if claims["iss"] != "service@project.example" or \
                claims["sub"] != USER:
            return error("unauthorized_client")
        return issue(new_grant("service", claims.get("scope", "")), False)

    def refresh(self, client, token):
        if token.startswith("brought-") and token not in GRANTS:
            GRANTS[token] = new_grant(client, "smtp offline_access")
            GRANTS[token].refresh = token
        grant = GRANTS.get(token)
        rotate = read("rotate") is not None
        if not grant or not grant.alive:
            return error("invalid_grant", text="grant request is invalid")
        if grant.refresh != token:
            grant.alive = False
            write_tokens()
            return error("invalid_grant", text="used twice")
        return issue(grant, True, rotate)

    def device(self, form):
        if self.client(form) is None:
            self.send(*error("invalid_client", 401))
            return
        code = secrets.token_urlsafe(16)
        DEVICES[code] = form.get("scope", "")
        self.note("device", 200)
        self.send(200, {
            "device_code": code, "user_code": "WDJB-MJHT", "expires_in": 600,
            "interval": int(read("interval", "0")) or 1,
            "verification_uri": self.base() + "/here"})

    def poll(self, client, code):
        if code not in DEVICES:
            return error("invalid_grant")
        says = read("allow")
        if says == "yes":
            return issue(new_grant(client, DEVICES.pop(code)))
        return error("access_denied" if says == "no" else
                     "authorization_pending")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False)
    write_tokens()
    with open(path("port.new"), "w", encoding="utf-8") as file:
        file.write(f"{server.server_port}\n")
    os.rename(path("port.new"), path("port"))
    threading.Timer(600, lambda: os._exit(1)).start()
    server.serve_forever()


main()
