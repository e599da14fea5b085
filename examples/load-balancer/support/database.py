"""etcd and three PostgreSQL nodes under Patroni."""

import base64
import json
import os
import secrets
import shutil
import socket
import urllib.request
from pathlib import Path

import psycopg2

from places import write_secret
from processes import Failure

# Who runs PostgreSQL when the example runs as root: it refuses to be root's. Debian's package makes this account.
ACCOUNT = "postgres"


class Database:
    """The cluster; the application's account and database are both called `application`."""

    def __init__(self, processes, places):
        self.processes = processes
        self.places = places
        self.directory = places.scratch / "database"
        accounts = ("postgres", "replicator", "application", "patroni")
        self.passwords = {account: secrets.token_urlsafe(18) for account in accounts}

    def prepare(self):
        """Writes the configurations. They hold passwords: only the account that runs PostgreSQL can read them."""
        self.directory.mkdir(mode=0o700)
        for node, address in self.places.nodes.items():
            (self.directory / node / "socket").mkdir(parents=True, mode=0o700)
            write_secret(self.directory / node / "patroni.yml", json.dumps(self.patroni(node, address), indent=2))
        if os.geteuid() == 0:
            for path in (self.directory, *self.directory.rglob("*")):
                shutil.chown(path, ACCOUNT, ACCOUNT)
        write_secret(self.places.scratch / "pgpass", f"*:*:*:application:{self.passwords['application']}\n")

    def start_first(self):
        """Starts etcd and the first node, which makes the cluster."""
        address = self.places.address
        self.processes.start(
            "etcd", "etcd", "--name", "etcd", "--data-dir", self.directory / "etcd", "--listen-client-urls",
            f"http://{address}:2379", "--advertise-client-urls", f"http://{address}:2379", "--listen-peer-urls",
            f"http://{address}:2380", "--initial-advertise-peer-urls", f"http://{address}:2380", "--initial-cluster",
            f"etcd=http://{address}:2380", "--unsafe-no-fsync", account=ACCOUNT)
        self.processes.wait("etcd", lambda: connects(address, 2379))
        self.start_node("pg1")

    def start_others(self):
        """Starts the other nodes once there is a leader to copy."""
        self.processes.wait("the first PostgreSQL node", lambda: self.has_role("pg1", "primary"))
        for node in list(self.places.nodes)[1:]:
            self.start_node(node)

    def start_node(self, node):
        """Starts Patroni, which starts PostgreSQL."""
        self.processes.start(
            node, "patroni", self.directory / node / "patroni.yml", account=ACCOUNT, environment={"LC_ALL": "C.UTF-8"},
            cwd=self.directory.parent)

    def add_application(self):
        """Makes the application's account and database; returns once both replicas have them."""
        password = self.passwords["application"]
        connection = psycopg2.connect(
            host=self.places.nodes["pg1"], user="postgres", password=self.passwords["postgres"], dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("create role application login password %s", (password,))
            cursor.execute("create database application owner application")
            cursor.execute("select pg_current_wal_lsn()")
            written = cursor.fetchone()[0]

            def replayed():
                cursor.execute("select count(*) from pg_stat_replication where replay_lsn >= %s", (written,))
                return cursor.fetchone()[0] == 2

            self.processes.wait("the replicas", replayed)
        connection.close()

    def stop(self):
        """Ends the nodes, which release the leader's key, and then etcd."""
        self.processes.stop(*self.places.nodes)
        self.processes.stop("etcd")

    def has_role(self, node, role):
        """Whether a node's REST API answers 200 to the question that HAProxy asks, such as `primary`."""
        try:
            with urllib.request.urlopen(f"http://{self.places.nodes[node]}:8008/{role}", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def switch_over(self, leader, candidate):
        """Asks Patroni to make another node the leader, as `patronictl switchover` does."""
        credentials = base64.b64encode(f"patroni:{self.passwords['patroni']}".encode()).decode()
        request = urllib.request.Request(
            f"http://{self.places.nodes[leader]}:8008/switchover", method="POST",
            data=json.dumps({"leader": leader, "candidate": candidate}).encode(),
            headers={"Authorization": f"Basic {credentials}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def connect(self, port):
        """A session of the application, through HAProxy."""
        return psycopg2.connect(
            host=self.places.address, port=port, user="application", password=self.passwords["application"],
            dbname="application", connect_timeout=10)

    def patroni(self, node, address):
        """A node's configuration. JSON is YAML too."""
        directory = self.directory / node
        return {
            "scope": "phone",
            "name": node,
            "restapi": {
                "listen": f"{address}:8008", "connect_address": f"{address}:8008",
                "authentication": {"username": "patroni", "password": self.passwords["patroni"]},
            },
            "etcd3": {"hosts": [f"{self.places.address}:2379"]},
            "bootstrap": {
                # As quick as Patroni allows; its own defaults are made for networks.
                "dcs": {"ttl": 20, "loop_wait": 1, "retry_timeout": 3, "postgresql": {"use_pg_rewind": True}},
                "initdb": [
                    {"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "scram-sha-256"}, {"wal-segsize": "1"},
                    "data-checksums", "no-sync",
                ],
            },
            "postgresql": {
                "listen": f"{address}:5432",
                "connect_address": f"{address}:5432",
                "bin_dir": str(programs()),
                "data_dir": str(directory / "data"),
                "pgpass": str(directory / "pgpass"),
                "authentication": {
                    "superuser": {"username": "postgres", "password": self.passwords["postgres"]},
                    "replication": {"username": "replicator", "password": self.passwords["replicator"]},
                },
                "pg_hba": [
                    "local all all scram-sha-256",
                    "host all all 127.0.0.0/8 scram-sha-256",
                    "host replication replicator 127.0.0.0/8 scram-sha-256",
                ],
                "basebackup": [{"checkpoint": "fast"}, "no-sync"],
                # What this cluster holds is thrown away, so nothing waits for a disk.
                "parameters": {
                    "unix_socket_directories": str(directory / "socket"), "fsync": False, "shared_buffers": "16MB",
                    "max_connections": 100,
                },
            },
        }


def programs():
    """Where Debian's newest PostgreSQL is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Failure("there is no PostgreSQL; scripts/install-dependencies load-balancer installs it")
    return found[-1].parent


def connects(address, port):
    """Whether somebody listens."""
    try:
        socket.create_connection((address, port), timeout=5).close()
        return True
    except OSError:
        return False
