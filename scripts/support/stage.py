"""A daemon for a check: lineages, HAProxy if it has one, and a page on an address of loopback of its own."""

import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIMIT = 60


def unused_address():
    return "127." + ".".join(str(random.randint(1, 254)) for _ in range(3))


class Daemon:
    """A daemon with lineages of its own, on an address of its own."""

    def __init__(self, certd, scratch, name, trust="pki/root.pem", haproxy=False):
        self.certd, self.directory, self.trust = certd, pathlib.Path(scratch, name), trust
        self.letsencrypt = self.directory / "letsencrypt"
        self.certs = self.directory / "certs"
        self.certs.mkdir(parents=True)
        (self.letsencrypt / "live").mkdir(parents=True)
        self.address = unused_address()
        self.url = f"http://{self.address}:9793"
        self.haproxy = self.process = None
        self.has_haproxy = haproxy

    def make(self, name, *options):
        subprocess.run([ROOT / "Tests/Certificates/make-certificates", "lineage", self.letsencrypt, name, *options], check=True)

    def configure(self):
        sockets = f'["{self.directory}/admin.sock"]' if self.has_haproxy else "[]"
        (self.directory / "certd.toml").write_text(f"""
[letsencrypt]
directory = "{self.letsencrypt}"
[haproxy]
sockets = {sockets}
master-socket = "{self.directory}/master.sock"
configuration = "{self.directory}/haproxy.cfg"
[bundles]
directory = "{self.certs}"
[check]
trust = "{self.letsencrypt / self.trust}"
[http]
listen = "{self.address}:9793"
[paths]
state = "{self.directory}/state"
runtime = "{self.directory}/run"
""")

    def start_haproxy(self):
        """HAProxy has every bundle that there is now."""
        subprocess.run([self.certd, "build", "--config", self.directory / "certd.toml"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (self.directory / "haproxy.cfg").write_text(f"""
global
    stats socket {self.directory}/admin.sock mode 600 level admin
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend web
    bind {self.address}:8443 ssl crt {self.certs}/
    http-request return status 204
""")
        self.haproxy = subprocess.Popen(["haproxy", "-W", "-S", f"{self.directory}/master.sock", "-f",
                                         self.directory / "haproxy.cfg"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(lambda: can_connect(self.directory / "admin.sock"), "HAProxy answers")

    def start(self):
        self.configure()
        if self.has_haproxy:
            self.start_haproxy()
        with open(self.directory / "log", "w") as log:
            self.process = subprocess.Popen([self.certd, "run", "--config", self.directory / "certd.toml"], stderr=log)
        wait(lambda: "notice: watching" in self.log() and self.ready(), "the daemon is ready")

    def log(self):
        return (self.directory / "log").read_text()

    def ready(self):
        try:
            with socket.create_connection((self.address, 9793), 1):
                return True
        except OSError:
            return False

    def stop(self):
        for process in filter(None, (self.process, self.haproxy)):
            process.send_signal(signal.SIGTERM)
            process.wait()


def can_connect(path):
    try:
        with socket.socket(socket.AF_UNIX) as unix:
            unix.connect(str(path))
            return True
    except OSError:
        return False


def wait(holds, what):
    end = time.monotonic() + LIMIT
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"error: waited {LIMIT} s in vain: {what}")
        time.sleep(0.05)
