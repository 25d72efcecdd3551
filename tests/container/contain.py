#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs an image that build.py has made, as an engine would with --read-only:

	contain.py FOLDER [OPTION...] [WORD...]
	  --env NAME=VALUE      a variable; there are no others
	  --user UID:GID[:GID]  in the place of the image's
	  --mount FROM:TO[:ro]  a volume
	  --exec                WORDs are the whole command (docker exec), or, without
	                        any, the health check is
	  --unprivileged UID    by that user, as root of a user namespace

Mount, process and IPC namespaces of its own; the root cannot be written; no
terminal, no /etc/hosts.  It becomes the container: a signal ends it.
"""
import json
import os
import sys


def take(words):
    options = {"env": [], "mount": [], "user": None, "exec": False,
               "unprivileged": None}
    while words and words[0].startswith("--"):
        name = words.pop(0)[2:]
        if name == "exec":
            options["exec"] = True
        elif isinstance(options[name], list):
            options[name].append(words.pop(0))
        else:
            options[name] = words.pop(0)
    return options


INSIDE = """
root=$1
shift
mount --make-rprivate / && mount -t tmpfs tmpfs /mnt || exit
mkdir /mnt/root /mnt/upper /mnt/work
mount -t overlay overlay -o \
	"lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root || exit
root=/mnt/root
mount -t tmpfs -o mode=755 tmpfs "$root/run" || exit
mkdir -m 755 "$root/run/mailchute" &&
	chown "$OWNER" "$root/run/mailchute" || exit
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp" || exit
mount -t tmpfs -o mode=755 tmpfs "$root/dev" || exit
for name in null zero urandom; do
	: >"$root/dev/$name" &&
		mount --bind "/dev/$name" "$root/dev/$name" || exit
done
mount -t proc proc "$root/proc" || exit
while [ "$1" != -- ]; do
	if [ -d "$1" ]; then
		mkdir -p "$root$2"
	else
		mkdir -p "$root${2%/*}" && : >>"$root$2"
	fi && mount --bind "$1" "$root$2" || exit
	[ -z "$3" ] || mount -o remount,bind,ro "$root$2" || exit
	shift 3
done
shift
mount -o remount,ro "$root" || exit
[ ! -e "$root/etc/hosts" ] || { echo 'there is an /etc/hosts' >&2; exit 1; }
cd "$root" && exec env -i "$@"
"""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def main(folder, words):
    options = take(words)
    config = json.load(open(os.path.join(folder, "config.json")))
    root = os.path.join(os.path.abspath(folder), "root")
    command = words if options["exec"] else \
        config["entrypoint"] + (words or config["cmd"])
    if options["exec"] and not words:
        command = config["healthcheck"]
    uid, gid, *more = (options["user"] or config["user"]).split(":")
    spaces = ["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child"]
    chroot = [f"--userspec={uid}:{gid}", "--groups=" + ",".join([gid] + more)]
    env = {"PATH": PATH, "OWNER": "10025:10025"}
    if options["unprivileged"]:
        owner = options["unprivileged"]
        spaces = ["setpriv", "--reuid", owner, "--regid", owner,
                  "--clear-groups"] + spaces + ["--user", "--map-root-user"]
        chroot, env["OWNER"] = [], "0:0"
    mounts = []
    for mount in options["mount"]:
        source, target, *mode = mount.split(":")
        mounts += [source, target, "".join(mode)]
    said = ["PATH=" + PATH] + options["env"] + \
        [f"{name}={value}" for name, value in config["env"].items()]
    os.execvpe(spaces[0], spaces + ["sh", "-c", INSIDE, "contain", root] +
               mounts + ["--"] + said + ["chroot"] + chroot + ["/mnt/root"] + command,
               env)


main(sys.argv[1], sys.argv[2:])
