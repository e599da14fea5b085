"""What clients of the deployment do: sessions that live through renewals, and handshakes that see the certificate."""

import hashlib
import http.client
import os
import socket
import ssl
import threading
import time

import psycopg2
import websocket
from places import NAME


def tls(places):
    """A TLS connection to the web load balancer, the certificate verified as a browser does it."""
    context = ssl.create_default_context(cafile=places.scratch / "root.pem")
    return context.wrap_socket(
        socket.create_connection((places.address, places.https), timeout=20), server_hostname=NAME)


def get(places, path):
    """Status and text of an answer over TLS, on a connection of its own."""
    session = KeepAlive(places)
    answer = session.get(path)
    session.close()
    return answer


class Writing:
    """A session on the port for writes, in the middle of a transaction from its first moment to its last."""

    def __init__(self, up):
        self.connection = up.database.connect(5000)
        self.cursor = self.connection.cursor()
        self.rows = 0
        self.check()

    def check(self):
        """Writes one more row in the transaction; the rows before are there."""
        self.cursor.execute("insert into calls values (pg_current_xact_id_if_assigned()::text)")
        self.rows += 1
        self.cursor.execute("select count(*) from calls where xmin = pg_current_xact_id()::xid")
        return self.cursor.fetchone()[0] == self.rows

    def close(self):
        """Commits."""
        self.connection.commit()
        self.connection.close()


class Reading:
    """A session on the port for reads: the same PostgreSQL process answers all the time."""

    def __init__(self, up):
        self.connection = up.database.connect(5001)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.first = self.ask()

    def ask(self):
        """Whether the server is a replica, and which process answers."""
        self.cursor.execute("select pg_is_in_recovery(), pg_backend_pid()")
        return self.cursor.fetchone()

    def check(self):
        """Asks again."""
        return self.ask() == self.first

    def close(self):
        """Ends the session."""
        self.connection.close()


class WebSocket:
    """A WebSocket that is echoed."""

    def __init__(self, up):
        self.socket = tls(up.places)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {NAME}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {websocket.new_key()}\r\n\r\n".encode())
        head = b"".join(iter(self.stream.readline, b"\r\n"))
        if not head.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError(f"the WebSocket was refused: {head!r}")

    def check(self):
        """One message, there and back."""
        message = os.urandom(8).hex().encode()
        self.socket.sendall(websocket.frame(message, os.urandom(4)))
        return websocket.read_frame(self.stream) == message

    def close(self):
        """Ends the session."""
        self.stream.close()
        self.socket.close()


class KeepAlive:
    """One HTTPS connection for several requests."""

    def __init__(self, places):
        self.connection = http.client.HTTPConnection(NAME)
        self.connection.auto_open = 0
        self.connection.sock = tls(places)

    def get(self, path):
        """Status and text of an answer."""
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def check(self):
        """One more request on the same connection."""
        return self.get("/api/health")[0] == 200

    def close(self):
        """Ends the connection."""
        self.connection.close()


class Sessions:
    """Sessions of the four kinds, more with every renewal, and how many of them live."""

    KINDS = {
        "psql 5000, in a transaction": Writing, "psql 5001": Reading, "WebSocket": WebSocket,
        "HTTP keep-alive": lambda up: KeepAlive(up.places),
    }

    def __init__(self, up):
        self.up = up
        self.live = {kind: [] for kind in self.KINDS}
        self.lost = {kind: 0 for kind in self.KINDS}

    def open(self):
        """One more of each kind; every one has had an answer."""
        for kind, make in self.KINDS.items():
            session = make(self.up)
            if not session.check():
                raise ConnectionError(f"{kind}: a session did not work from the start")
            self.live[kind].append(session)

    def check(self):
        """Uses every session; those that have ended are counted as lost."""
        for kind, sessions in self.live.items():
            for session in list(sessions):
                try:
                    lives = session.check()
                except (OSError, http.client.HTTPException, psycopg2.Error):
                    lives = False
                if not lives:
                    sessions.remove(session)
                    self.lost[kind] += 1

    def kept(self):
        """For each kind how many live, of how many."""
        return {kind: (len(live), len(live) + self.lost[kind]) for kind, live in self.live.items()}

    def close(self):
        """Ends what lives."""
        for sessions in self.live.values():
            for session in sessions:
                session.close()


class Watcher:
    """Handshakes, one after the other, that say when each certificate was seen for the first time."""

    def __init__(self, places):
        self.places = places
        self.seen = {}
        self.failed = []
        self.ending = threading.Event()
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()

    def look(self):
        """Until told to end; the rest in between keeps the load small."""
        while not self.ending.wait(0.005):
            try:
                with tls(self.places) as connection:
                    leaf = connection.getpeercert(binary_form=True)
            except OSError as error:
                self.failed.append(error)
                continue
            with self.changed:
                self.seen.setdefault(hashlib.sha256(leaf).hexdigest(), time.time())
                self.changed.notify_all()

    def first(self, fingerprint):
        """When a certificate was first seen, in seconds since 1970; waits for it."""
        with self.changed:
            if not self.changed.wait_for(lambda: fingerprint in self.seen, timeout=30):
                raise ConnectionError("the new certificate was not served within 30 s")
        return self.seen[fingerprint]
