#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pod of a manifest, as the kubelet would make it:

	pod.py MANIFEST FOLDER check          is all of it known, and complete?
	pod.py MANIFEST FOLDER start NAME     becomes that container
	pod.py MANIFEST FOLDER probe NAME     its liveness probe
	pod.py MANIFEST FOLDER exec NAME WORD...

FOLDER has the volumes of the pod, by name, and images/, a link for each.  The
fields that it knows are those that it does; another one is an error.
"""
import os
import sys

import yaml

here = os.path.dirname(os.path.abspath(__file__))
KNOWN = {
    "document": "apiVersion kind metadata spec data",
    "set": "replicas serviceName selector template volumeClaimTemplates",
    "pod": "automountServiceAccountToken terminationGracePeriodSeconds "
           "securityContext initContainers containers volumes",
    "pod security": "runAsNonRoot fsGroup seccompProfile",
    "container": "name image restartPolicy args command env securityContext "
                 "startupProbe livenessProbe resources volumeMounts",
    "security": "runAsUser runAsGroup readOnlyRootFilesystem "
                "allowPrivilegeEscalation capabilities",
    "probe": "exec periodSeconds timeoutSeconds failureThreshold",
    "mount": "name mountPath readOnly subPath",
    "volume": "name emptyDir configMap secret",
}


def known(kind, value):
    unknown = set(value) - set(KNOWN[kind].split())
    if unknown:
        sys.exit(f"pod.py: {kind}: unknown: {', '.join(sorted(unknown))}")
    return value


class Pod:
    def __init__(self, manifest, folder):
        self.folder = folder
        self.documents = [known("document", d)
                          for d in yaml.safe_load_all(open(manifest))]
        self.set = known("set", self.find("StatefulSet")["spec"])
        self.spec = known("pod", self.set["template"]["spec"])
        self.security = known("pod security", self.spec["securityContext"])
        self.claims = [c["metadata"]["name"]
                       for c in self.set["volumeClaimTemplates"]]
        self.volumes = {v["name"]: known("volume", v)
                        for v in self.spec["volumes"]}
        self.containers = {c["name"]: known("container", c) for c in
                           self.spec["initContainers"] +
                           self.spec["containers"]}

    def find(self, kind, name=None):
        found = [d for d in self.documents if d["kind"] == kind and
                 name in (None, d["metadata"]["name"])]
        if len(found) != 1:
            sys.exit(f"pod.py: {len(found)} of {kind} {name or ''}")
        return found[0]

    def check(self):
        labels = self.set["template"]["metadata"]["labels"]
        assert self.set["selector"]["matchLabels"] == labels
        assert self.find("Service", self.set["serviceName"])["spec"][
            "selector"] == labels
        assert self.security["runAsNonRoot"] is True
        for name, container in self.containers.items():
            security = known("security", container["securityContext"])
            assert security["runAsUser"] > 0, name
            assert security["readOnlyRootFilesystem"] is True, name
            assert security["allowPrivilegeEscalation"] is False, name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            for probe in ("startupProbe", "livenessProbe"):
                known("probe", container.get(probe, {}))
            for mount in container["volumeMounts"]:
                known("mount", mount)
                assert mount["name"] in list(self.volumes) + self.claims, mount
            for item in container.get("env", []):
                assert set(item) == {"name", "value"}, item
                assert isinstance(item["value"], str), item
        used = {m["name"] for c in self.containers.values()
                for m in c["volumeMounts"]}
        assert used == set(self.volumes) | set(self.claims), used

    def make_volumes(self):
        """Owned by root and the group of fsGroup, as the kubelet has them."""
        group = self.security["fsGroup"]
        for name in list(self.volumes) + self.claims:
            place = os.path.join(self.folder, name)
            if os.path.isdir(place):
                continue
            os.mkdir(place)
            os.chown(place, 0, group)
            os.chmod(place, 0o2777)
            volume = self.volumes.get(name, {})
            files, mode = {}, 0o644
            if "configMap" in volume:
                files = self.find("ConfigMap", volume["configMap"]["name"])[
                    "data"]
            elif "secret" in volume:
                files = {"password": "open sesame"}
                mode = volume["secret"]["defaultMode"]
            for key, text in files.items():
                path = os.path.join(place, key)
                with open(path, "w") as out:
                    out.write(text)
                os.chown(path, 0, group)
                os.chmod(path, mode)

    def run(self, name, words):
        container = self.containers[name]
        security = container["securityContext"]
        command = ["python3", os.path.join(here, "contain.py"),
                   os.path.join(self.folder, "images", name), "--user",
                   f"{security['runAsUser']}:{security['runAsGroup']}:"
                   f"{self.security['fsGroup']}"]
        for item in container.get("env", []):
            command += ["--env", f"{item['name']}={item['value']}"]
        for item in os.environ.get("POD_ENV", "").split():
            command += ["--env", item]
        for mount in container["volumeMounts"]:
            source = os.path.join(self.folder, mount["name"],
                                  mount.get("subPath", "")).rstrip("/")
            command += ["--mount", f"{source}:{mount['mountPath']}" +
                        (":ro" if mount.get("readOnly") else "")]
        os.execvp(command[0], command + words)


manifest, folder, what, *rest = sys.argv[1:]
pod = Pod(manifest, folder)
if what == "check":
    pod.check()
    print("checked")
    sys.exit(0)
pod.make_volumes()
if what == "start":
    pod.run(rest[0], pod.containers[rest[0]].get("args", []))
elif what == "probe":
    pod.run(rest[0], ["--exec"] + pod.containers[rest[0]]["livenessProbe"][
        "exec"]["command"])
else:
    pod.run(rest[0], ["--exec"] + rest[1:])
