"""``python -m contexture_lite.experiment NUMBER FILE`` makes a table that is shipped.

A program and no part of the package: it asks each lesson's room for its ``EXPERIMENTS``, the dotted
name of a function for each number. Finished work is kept in the folder ``build``, so that a sweep
that was stopped goes on. A bar shows how far it is.
"""

import sys
from importlib import import_module
from inspect import signature

from contexture_lite._lazy import extras_named
from contexture_lite.experiment.jobs import write
from contexture_lite.teach import ROOMS

EXPERIMENTS = {}
for _room in ROOMS:
    EXPERIMENTS |= getattr(import_module(f"contexture_lite.teach.{_room}"), "EXPERIMENTS", {})


def run(number):
    """The table of an experiment."""
    module, _, name = EXPERIMENTS[number].rpartition(".")
    make = getattr(import_module(module), name)
    kept = {"cache": f"build/{number}"} if "cache" in signature(make).parameters else {}
    return make(**kept)


def main(arguments):
    """Make the table of an experiment and write it to a file."""
    if len(arguments) != 2 or arguments[0] not in EXPERIMENTS:
        sys.exit(f"usage: python -m contexture_lite.experiment {'|'.join(EXPERIMENTS)} FILE.csv.gz")
    with extras_named():
        write(run(arguments[0]), arguments[1])


if __name__ == "__main__":
    main(sys.argv[1:])
