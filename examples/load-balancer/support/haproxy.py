"""One HAProxy, master and worker, as Debian's unit starts it."""

import csv
import signal
import socket
from pathlib import Path

from processes import Failure


class HAProxy:
    """A running HAProxy with its admin socket."""

    def __init__(self, processes, name, configuration, admin_socket):
        self.processes = processes
        self.name = name
        self.configuration = configuration
        self.admin_socket = admin_socket
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(configuration.with_suffix(".notify")))
        self.notify.settimeout(20)
        self.process = processes.start(
            name, "haproxy", "-Ws", "-f", configuration, environment={"NOTIFY_SOCKET": self.notify.getsockname()})
        self.wait_until_ready()

    def wait_until_ready(self):
        """Returns when HAProxy says that it is ready, as it says to systemd."""
        try:
            while b"READY=1" not in self.notify.recv(4096):
                pass
        except TimeoutError:
            raise Failure(f"{self.name} did not start:\n{self.processes.last_words(self.name)}") from None

    def reload(self):
        """What `systemctl reload haproxy` ends with."""
        self.process.send_signal(signal.SIGUSR2)
        self.wait_until_ready()

    def ask(self, command):
        """What the admin socket answers."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.admin_socket))
            connection.sendall(command.encode() + b"\n")
            return connection.makefile("rb").read().decode()

    def worker(self):
        """The process that serves new connections."""
        return int(dict(line.split(": ", 1) for line in self.ask("show info").splitlines() if ": " in line)["Pid"])

    def servers(self):
        """For every backend which of its servers are up and which are not."""
        state = {}
        for row in csv.DictReader(self.ask("show stat").removeprefix("# ").splitlines()):
            if row["type"] == "2":
                up, down = state.setdefault(row["pxname"], (set(), set()))
                (up if row["status"].split()[0] == "UP" else down).add(row["svname"])
        return state

    def family(self):
        """The master and all its workers, old ones included."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *(int(pid) for pid in children.split())]

    def memory(self, *pids):
        """The memory of processes, in KiB; what several share is divided among them, what has ended has none."""
        return sum(proportional_memory(pid) for pid in pids)


def proportional_memory(pid):
    """The proportional set size of one process, in KiB."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def own_memory(pid):
    """What a process has allocated and holds in memory, in KiB.

    The cache of TLS sessions is left out: it is shared memory of a fixed size (tune.ssl.cachesize) that fills with
    every handshake.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:"))
