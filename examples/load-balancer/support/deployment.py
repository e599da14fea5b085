"""The whole deployment on this machine: started, looked at, ended."""

import os
import secrets
import shlex
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from database import Database
from haproxy import HAProxy
from places import EXAMPLE, NAME, PACKAGE, Places, write_secret
from processes import Failure, Processes, run


class Deployment:
    """HAProxy (one, or two with `separate`), the database, the application's stand-ins, pebble, certbot and certd."""

    def __init__(self, certd, scratch, separate):
        self.places = Places(scratch)
        self.processes = Processes(scratch / "logs")
        self.database = Database(self.processes, self.places)
        self.certd = certd
        self.parts = ["database", "web"] if separate else ["combined"]
        self.password = secrets.token_urlsafe(18)
        self.haproxy = {}
        self.hook = self.places.letsencrypt / "renewal-hooks/deploy/certbot-deploy"
        self.environment = {
            "CERTD_BINARY": str(certd), "CERTD_CONFIG": str(self.places.certd), "PGDATABASE": "application",
            "PGPASSFILE": str(scratch / "pgpass"), "PGUSER": "application",
            "REQUESTS_CA_BUNDLE": str(scratch / "acme.pem"),
        }

    # Up

    def start(self, stack, say):
        """Starts everything, in the order that the real hosts allow too; `stack` ends it again."""
        self.prepare()
        stack.callback(self.database.stop)
        self.database.start_first()
        say("etcd and the first PostgreSQL node start")
        self.start_helper(stack, "acme-server", PACKAGE / "scripts/support/acme-server", self.places.scratch,
                          self.places.address)
        self.start_helper(stack, "backends", EXAMPLE / "support/backends",
                          *(f"{name}={where}" for name, where in self.places.backends.items()))
        say("the application's stand-ins and pebble, as the CA, have started")
        for part in self.parts:
            stack.callback(self.processes.stop, f"haproxy-{part}")
            self.haproxy[part] = HAProxy(
                self.processes, f"haproxy-{part}", self.configuration(part), self.places.socket(part))
        say("HAProxy has started, with a throw-away certificate")
        self.database.start_others()
        say("there is a leader; the other two PostgreSQL nodes start")
        self.certbot(
            "certonly", "--standalone", "--http-01-address", self.places.address, "--http-01-port", "8888",
            "--agree-tos", "--register-unsafely-without-email", "--server", f"https://{self.places.address}:14000/dir",
            "--deploy-hook", self.hook, "-d", NAME)
        say("certbot has obtained a certificate through HAProxy, certd has deployed it")
        self.processes.wait("PostgreSQL and the backends", self.all_up)
        self.database.add_application()
        say("HAProxy has found the leader, two replicas and all backends")

    def prepare(self):
        """Writes everybody's configuration, certbot's hook and the throw-away certificate."""
        places = self.places
        for directory in (places.scratch / "logs", places.bundle.parent, self.hook.parent):
            directory.mkdir(parents=True, mode=0o700)
        self.database.prepare()
        for part in self.parts:
            write_secret(self.configuration(part), places.haproxy(part, self.password))
        write_secret(places.scratch / "netrc", f"machine {places.address} login admin password {self.password}\n")
        write_secret(places.certd, places.certd_configuration(self.parts[-1]))
        write_secret(places.scratch / "environment", "".join(
            f"export {name}={shlex.quote(value)}\n" for name, value in self.environment.items()))
        shutil.copy(PACKAGE / "hooks/certbot-deploy", self.hook)
        # Key and certificate in one file, 0600 from birth, as systemd/throw-away-certificate.service makes it.
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=throw-away", "-keyout", places.bundle, "-out", places.bundle)

    def start_helper(self, stack, name, *command):
        """Starts a program that says "ready" and ends with its standard input."""
        stack.callback(self.processes.stop, name)
        process = self.processes.start(name, *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if process.stdout.readline() != "ready\n":
            raise Failure(f"{name} did not start:\n{self.processes.last_words(name)}")

    def all_up(self, leader="pg1"):
        """Whether HAProxy has found the leader, the two others as replicas and every backend."""
        servers = {name: up for part in self.haproxy.values() for name, (up, _) in part.servers().items()}
        database = {"postgres_write": {leader}, "postgres_read": {*self.places.nodes} - {leader}}
        backends = ("admin", "portal", "switchboard", "api", "ws")
        return all(servers[name] == up for name, up in database.items()) and all(
            len(servers[name]) == 2 for name in backends)

    # While it runs

    @property
    def web(self):
        """The HAProxy that has the certificate."""
        return self.haproxy[self.parts[-1]]

    def configuration(self, part):
        """Where a part's configuration is."""
        return self.places.scratch / f"haproxy-{part}.cfg"

    def end_backend(self, name):
        """Ends one of the application's stand-ins."""
        process = self.processes.started["backends"]
        process.stdin.write(name + "\n")
        process.stdin.flush()
        process.stdout.readline()

    def certbot(self, *arguments):
        """Runs certbot; says how many seconds it took, its hook included."""
        places = self.places
        start = time.monotonic()
        run("certbot", *arguments, "--non-interactive", "--config-dir", places.letsencrypt, "--work-dir",
            places.scratch / "certbot", "--logs-dir", places.scratch / "certbot",
            env={**os.environ, **self.environment})
        return time.monotonic() - start

    def verify_command(self):
        """The command that looks at all of it."""
        configurations = [word for part in self.parts for word in ("--haproxy", str(self.configuration(part)))]
        return [str(EXAMPLE / "verify"), *configurations, "--certd", str(self.places.certd)]


@contextmanager
def deployment(certd, *, separate=False, keep=False, say=lambda text: None):
    """Everything up, for as long as the body runs; then down and away, whatever happened."""
    scratch = Path(tempfile.mkdtemp(prefix="load-balancer-"))
    try:
        # So that the account that runs PostgreSQL reaches its own directory in there; everything else in it is closed.
        scratch.chmod(0o711)
        with ExitStack() as stack:
            built = Deployment(Path(certd).resolve(), scratch, separate)
            built.start(stack, say)
            yield built
    finally:
        if keep:
            say(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
