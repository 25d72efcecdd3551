#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds an image as a Containerfile says, step for step, without an engine:

	build.py STORE NAME RECIPE CONTEXT [VARIABLE=VALUE...]

An image is a folder of STORE: root/ and config.json.  FROM names another one,
or nothing (scratch).  RUN is done in a chroot, in mount and process namespaces
of its own, with the variables that are given besides; what a stand-in for a
package manager wants of this machine, it lists in /.machine, and has until the
stage ends.  What it does not know, it refuses.  As root.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys


def fail(text):
    sys.exit(f"build.py: {text}")


def lines_of(recipe):
    """Instructions, a continued one as one line."""
    whole = ""
    for line in open(recipe):
        line = line.rstrip("\n")
        if line.lstrip().startswith("#") or not line.strip():
            continue
        if line.endswith("\\"):
            whole += line[:-1] + " "
            continue
        yield (whole + line).strip()
        whole = ""
    if whole:
        fail("the last line goes on")


def words_of(text):
    """The JSON form, or a shell's command."""
    return json.loads(text) if text.startswith("[") else ["/bin/sh", "-c", text]


def folder_of(store, name):
    name = re.sub(r"^docker\.io/library/", "", name)
    return os.path.join(store, re.sub(r"[^a-z0-9.-]", "_", name))


class Stage:
    def __init__(self, folder, base):
        self.root = os.path.join(folder, "root")
        self.config = {"env": {}, "user": "0:0", "workdir": "/",
                       "volumes": [], "entrypoint": [], "cmd": [],
                       "healthcheck": []}
        os.makedirs(folder)
        if base is None:
            os.makedirs(self.root)
            return
        subprocess.run(["cp", "-a", "--reflink=auto",
                        os.path.join(base, "root"), self.root], check=True)
        try:
            self.config = json.load(open(os.path.join(base, "config.json")))
        except FileNotFoundError:
            pass

    def run(self, command, variables):
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
               "/sbin:/bin", "HOME": "/root"}
        env.update(variables)
        env.update(self.config["env"])
        borrowed = ""
        if os.path.exists(os.path.join(self.root, ".machine")):
            borrowed = " ".join(
                open(os.path.join(self.root, ".machine")).read().split())
        user, group = (self.config["user"] + ":0").split(":")[:2]
        inside = ('for folder in dev proc; do mkdir -p "$0/$folder"; done;'
                  'mount --rbind /dev "$0/dev" && '
                  'mount -t proc proc "$0/proc" || exit;'
                  'for folder in $4; do mkdir -p "$0$folder" && '
                  'mount --bind "$folder" "$0$folder" && '
                  'mount -o remount,bind,ro "$0$folder" || exit; done;'
                  'cd "$0" && exec chroot --userspec="$1" "$0" '
                  '/bin/sh -c "cd \\"\\$0\\" && exec /bin/sh -c \\"\\$1\\"" '
                  '"$2" "$3"')
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh",
             "-c", inside, self.root, f"{user}:{group}",
             self.config["workdir"], command, borrowed], env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace")
        if done.returncode:
            print("\n".join(done.stdout.splitlines()[-40:]))
            fail(f"{done.returncode} from RUN {command}")

    def path(self, name):
        return os.path.join(self.root, os.path.join(self.config["workdir"],
                                                    name).lstrip("/"))

    def copy(self, rest, context, stages):
        source, mode = context, None
        words = shlex.split(rest)
        while words[0].startswith("--"):
            option, value = words.pop(0)[2:].split("=", 1)
            if option == "from":
                source = stages[value].root
            elif option == "chmod":
                mode = int(value, 8)
            else:
                fail(f"COPY --{option}")
        *names, target = words
        for name in names:
            origin = os.path.join(source, name.lstrip("/"))
            place = self.path(target)
            if os.path.isdir(origin):
                os.makedirs(place, exist_ok=True)
                subprocess.run(["cp", "-a", origin + "/.", place], check=True)
                continue
            if target.endswith("/"):
                place = os.path.join(place, os.path.basename(name))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy2(origin, place)
            os.chown(place, 0, 0)
            if mode is not None:
                os.chmod(place, mode)


def build(store, name, recipe, context, variables):
    stages, stage = {}, None
    target = folder_of(store, name)
    work = target + ".stages"
    shutil.rmtree(work, ignore_errors=True)
    for line in lines_of(recipe):
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        print(f"# {name}: {line[:100]}", flush=True)
        if word == "FROM":
            base, *called = rest.split()
            known = None
            if base in stages:
                known = os.path.dirname(stages[base].root)
            elif base != "scratch":
                known = folder_of(store, base)
                if not os.path.isdir(known):
                    fail(f"no image {base}")
            stage = Stage(os.path.join(work, str(len(stages))), known)
            stages[called[1] if called else str(len(stages))] = stage
        elif word == "RUN":
            stage.run(rest, variables)
        elif word == "COPY":
            stage.copy(rest, context, stages)
        elif word == "WORKDIR":
            stage.config["workdir"] = os.path.join(stage.config["workdir"],
                                                   rest)
            os.makedirs(stage.path("."), exist_ok=True)
        elif word == "USER":
            stage.config["user"] = rest
        elif word == "VOLUME":
            stage.config["volumes"].append(rest)
        elif word == "ENV":
            stage.config["env"].update(
                item.split("=", 1) for item in shlex.split(rest))
        elif word == "HEALTHCHECK":
            stage.config["healthcheck"] = words_of(rest.partition("CMD ")[2])
        elif word in ("ENTRYPOINT", "CMD"):
            stage.config[word.lower()] = words_of(rest)
        else:
            fail(f"unknown: {line}")
    # As an engine does before it mounts them.
    for place in ("dev", "proc", "run", "tmp"):
        os.makedirs(os.path.join(stage.root, place), exist_ok=True)
    json.dump(stage.config, open(os.path.join(os.path.dirname(stage.root),
                                              "config.json"), "w"))
    shutil.rmtree(target, ignore_errors=True)
    os.rename(os.path.dirname(stage.root), target)
    shutil.rmtree(work)


if len(sys.argv) < 5:
    fail(__doc__)
build(*sys.argv[1:5], dict(item.split("=", 1) for item in sys.argv[5:]))
