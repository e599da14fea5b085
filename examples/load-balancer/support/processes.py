"""The processes of the example: started, watched while something is waited for, and ended in order."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager


class Failure(Exception):
    """Something that the example needs did not happen; the text says what."""


# What ends the example early: Ctrl-C, a supervisor, a terminal that is closed.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undisturbed():
    """Lets a signal that ends the example wait until the body is done: no process starts without being written down."""
    came = []
    handlers = {number: signal.signal(number, lambda got, _: came.append(got)) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def run(*command, **options):
    """What a command prints; its words are the failure when it fails. Nothing of it is left when it is interrupted."""
    words = [str(word) for word in command]
    process = None
    try:
        with undisturbed():
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                start_new_session=True, **options)
        said, _ = process.communicate()
    finally:
        if process and process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate()
    if process.returncode:
        raise Failure(f"{' '.join(words[:3])} exited with {process.returncode}:\n{said}")
    return said


class Processes:
    """Every process that was started and is not ended yet.

    Each has a session of its own, so that Ctrl-C reaches the example alone, which then ends them in order; and each is
    told to end by the kernel if the example is killed.
    """

    def __init__(self, logs):
        self.logs = logs
        self.started = {}

    def start(self, name, *command, account=None, environment=None, **options):
        """Starts a process whose output goes to NAME.log; `account` is who it runs as when the example is root's."""
        become = ["setpriv", "--pdeathsig", "TERM"]
        if account and os.geteuid() == 0:
            become += ["--reuid", account, "--regid", account, "--init-groups"]
        with undisturbed(), open(self.logs / f"{name}.log", "ab") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            self.started[name] = subprocess.Popen(
                [*become, *(str(word) for word in command)], env={**os.environ, **(environment or {})},
                start_new_session=True, **{**streams, **options})
        return self.started[name]

    def wait(self, what, holds, limit=120):
        """Returns what `holds` gives once that is true.

        None of these servers tells anybody when it is ready, so they are asked again and again; one that ends meanwhile
        is a failure, at once.
        """
        end = time.monotonic() + limit
        while not (outcome := holds()):
            for name, process in self.started.items():
                if process.poll() is not None:
                    raise Failure(f"{name} has ended with {process.returncode}:\n{self.last_words(name)}")
            if time.monotonic() > end:
                raise Failure(f"{what}: not within {limit} s; the logs are in {self.logs}")
            time.sleep(0.05)
        return outcome

    def last_words(self, name):
        """The end of a process's log."""
        return "\n".join((self.logs / f"{name}.log").read_text(errors="replace").splitlines()[-10:])

    def stop(self, *names, limit=30):
        """Ends processes together and waits for all of them; who has not ended in time is killed."""
        processes = [self.started.pop(name) for name in names if name in self.started]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + limit
        for process in processes:
            try:
                process.wait(max(0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
