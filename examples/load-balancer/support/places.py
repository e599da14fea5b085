"""Where everything is: one loopback address for each host of the real deployment, and one scratch directory.

The shipped files are what runs; only what cannot be the same on one machine is put in the place of what they say.
"""

import os
import random
import re
from pathlib import Path

from processes import Failure

EXAMPLE = Path(__file__).resolve().parents[1]
PACKAGE = EXAMPLE.parents[1]
NAME = "phone.example.com"


class Places:
    """Addresses, ports, directories."""

    def __init__(self, scratch):
        self.scratch = scratch
        # Any of 127.0.0.0/8 is this machine: two deployments at once do not meet.
        self.network = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}."
        # HAProxy, certbot, pebble and etcd.
        self.address = self.network + "1"
        # The port that stands for 80 is the one at which pebble validates.
        self.http, self.https = 5002, 8443
        self.nodes = {f"pg{n}": f"{self.network}1{n}" for n in (1, 2, 3)}
        self.backends = {
            f"{name}{n}": f"{self.network}2{n}:{port}"
            for port, name in enumerate(("admin", "portal", "switchboard", "api", "ws"), 8081) for n in (1, 2)
        }
        self.bundle = scratch / "certs/combined.pem"
        self.letsencrypt = scratch / "letsencrypt"
        self.live = self.letsencrypt / "live" / NAME
        self.certd = scratch / "certd.toml"

    def haproxy(self, part, password):
        """The shipped configuration of a part, for this machine."""
        shipped = EXAMPLE / f"haproxy-{part}.cfg"
        changes = [
            (r"^    (chroot|user|group) .*\n", ""),
            (r"/dev/log local0", "stdout format raw local0"),
            (r"/run/haproxy/admin\.sock", str(self.socket(part))),
        ]
        if part != "web":
            changes += [(r"\b10\.0\.0\.1(?=\d:)", self.network + "1"), (r"CHANGE-THIS-PASSWORD", password)]
        if part != "database":
            changes += [
                (r"\b10\.0\.0\.2(?=\d:)", self.network + "2"), (r"bind :80$", f"bind {self.address}:{self.http}"),
                (r"bind :443 ", f"bind {self.address}:{self.https} "),
                (r"/etc/haproxy/certs/combined\.pem", str(self.bundle)),
            ]
        return adapted(shipped, [*changes, (r"\b127\.0\.0\.1:", self.address + ":")])

    def socket(self, part):
        """The admin socket of a part."""
        return self.scratch / f"{part}.sock"

    def certd_configuration(self, part):
        """The shipped certd.toml for this machine, and what pebble as the CA makes necessary."""
        shipped = adapted(EXAMPLE / "certd.toml", [
            (r"/run/haproxy/admin\.sock", str(self.socket(part))),
            (r"/etc/haproxy/haproxy\.cfg", str(self.scratch / f"haproxy-{part}.cfg")),
            (r"/etc/haproxy/certs/combined\.pem", str(self.bundle)),
        ])
        return (
            f'{shipped}\n[letsencrypt]\ndirectory = "{self.letsencrypt}"\n'
            f'\n[check]\ntrust = "{self.scratch}/root.pem"\n\n[paths]\nstate = "{self.scratch}/state"\n')


def adapted(file, changes):
    """A file's text with every change made; one that changes nothing means that the file is not what we think."""
    text = file.read_text()
    for pattern, replacement in changes:
        text, count = re.subn(pattern, lambda _, by=replacement: by, text, flags=re.MULTILINE)
        if not count:
            raise Failure(f"{file.name}: nothing there matches {pattern}")
    return text


def write_secret(path, text):
    """Writes a file that nobody else can read at any time."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
