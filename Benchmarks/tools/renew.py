#!/usr/bin/python3
"""Renews lineages of a tree as certbot does, file operation by file operation, in its order.

    Benchmarks/tools/renew.py TREE NEXT [--delay MS] [LINEAGE…]

NEXT is a tree with the lineages' next generation, as `make-tree NEXT COUNT --generation N` makes it; without LINEAGE all of
NEXT are renewed. With --delay the renewer rests so long between any two of its operations, as a certbot on a slow disk
would; without it a lineage takes less than a millisecond.
"""

import argparse
import os
import pathlib
import re
import time

KINDS = ("cert", "privkey", "chain", "fullchain")
KEPT = 6  # the current generation and five before it


def renew(tree, new, name, delay=0.0):
    """Renews one lineage from the tree `new`, and gives when its last link was made (time.monotonic)."""
    live, archive = tree / "live" / name, tree / "archive" / name
    number = int(re.search(r"(\d+)\.pem$", os.readlink(new / "live" / name / "cert.pem")).group(1))

    def rest():
        if delay:
            time.sleep(delay)

    for kind in ("privkey", "cert", "chain", "fullchain"):
        text = (new / "archive" / name / f"{kind}{number}.pem").read_bytes()
        target = os.open(archive / f"{kind}{number}.pem", os.O_WRONLY | os.O_CREAT, 0o600 if kind == "privkey" else 0o644)
        rest()
        os.write(target, text)
        os.close(target)
        rest()
    configuration = tree / "renewal" / f"{name}.conf"
    written = configuration.with_name(f"{name}.conf.new")
    written.write_bytes(configuration.read_bytes())
    rest()
    os.replace(written, configuration)
    rest()
    for kind in KINDS:
        os.symlink(os.readlink(live / f"{kind}.pem"), live / f"previous_{kind}.pem")
        rest()
    for kind in KINDS:
        os.unlink(live / f"{kind}.pem")
        rest()
        os.symlink(f"../../archive/{name}/{kind}{number}.pem", live / f"{kind}.pem")
        last = time.monotonic()
        rest()
    for kind in KINDS:
        os.unlink(live / f"previous_{kind}.pem")
        rest()
    for kind in KINDS:
        (archive / f"{kind}{number - KEPT}.pem").unlink(missing_ok=True)
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
