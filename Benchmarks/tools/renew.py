#!/usr/bin/python3
"""Renews lineages of a tree as certbot does, file operation by file operation, in its order.

    Benchmarks/tools/renew.py TREE NEXT [--delay MS] [LINEAGE…]

NEXT is a tree with the lineages' next generation, as `make-tree NEXT COUNT --generation N` makes it; without LINEAGE all of
NEXT are renewed. With --delay the renewer rests so long between any two of its operations, as a certbot on a slow disk
would; without it a lineage takes less than a millisecond.
"""

import argparse
import contextlib
import os
import pathlib
import re
import time

KINDS = ("cert", "privkey", "chain", "fullchain")
KEPT = 6  # the current generation and five before it


def contents(path):
    """The bytes of a file."""
    with open(path, "rb", buffering=0) as file:
        return file.read()


def renew(tree, new, name, delay=0.0):
    """Renews one lineage from the tree `new`, and gives when its last link was made (time.monotonic)."""
    # By names alone: what paths cost as objects would be taken from the daemon on a host that has few cores.
    live, archive, made = f"{tree}/live/{name}", f"{tree}/archive/{name}", f"{new}/archive/{name}"
    number = int(re.search(r"(\d+)\.pem$", os.readlink(f"{new}/live/{name}/cert.pem")).group(1))

    def rest():
        if delay:
            time.sleep(delay)

    for kind in ("privkey", "cert", "chain", "fullchain"):
        text = contents(f"{made}/{kind}{number}.pem")
        target = os.open(f"{archive}/{kind}{number}.pem", os.O_WRONLY | os.O_CREAT, 0o600 if kind == "privkey" else 0o644)
        rest()
        os.write(target, text)
        os.close(target)
        rest()
    configuration = f"{tree}/renewal/{name}.conf"
    written = f"{configuration}.new"
    with open(written, "wb", buffering=0) as file:
        file.write(contents(configuration))
    rest()
    os.replace(written, configuration)
    rest()
    for kind in KINDS:
        os.symlink(os.readlink(f"{live}/{kind}.pem"), f"{live}/previous_{kind}.pem")
        rest()
    for kind in KINDS:
        os.unlink(f"{live}/{kind}.pem")
        rest()
        os.symlink(f"../../archive/{name}/{kind}{number}.pem", f"{live}/{kind}.pem")
        last = time.monotonic()
        rest()
    for kind in KINDS:
        os.unlink(f"{live}/previous_{kind}.pem")
        rest()
    for kind in KINDS:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{archive}/{kind}{number - KEPT}.pem")
        rest()
    return last


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("next", type=pathlib.Path)
    parser.add_argument("lineages", nargs="*")
    parser.add_argument("--delay", type=float, default=0, help="milliseconds between any two operations")
    options = parser.parse_args()
    for name in options.lineages or sorted(os.listdir(options.next / "live")):
        renew(options.tree, options.next, name, options.delay / 1000)


if __name__ == "__main__":
    main()
