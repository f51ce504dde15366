"""Marks for a folder of notebooks, a line for each student and exercise.

    python -m contexture_lite.teach.grade FOLDER > marks.csv

FOLDER holds STUDENT.ipynb or STUDENT/NAME.ipynb. Every notebook is run in a process of its own,
with limits of time and memory for each cell, and each verdict is taken where its cell calls
``teach.check``. A student's files are read before anything runs.

The process refuses to write, delete, connect or start programs outside a folder that is thrown
away. That stops accidents and idle malice, not an attack: grade strangers' notebooks as a user,
or in a container, with nothing to lose.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import queue
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contexture_lite import teach
from contexture_lite.teach.widgets import exercises

SECONDS, MEMORY = 20, 2048  # for a cell; megabytes for a notebook
START = 60  # seconds more until the first cell runs, on a busy machine
NAME = re.compile(r"ex_\d\d_\d+")
FIELDS = ("student", "exercise", "status", "message")
REFUSED = {"os.remove", "os.rmdir", "os.rename", "os.mkdir", "os.link", "os.symlink", "os.truncate",
           "os.chmod", "os.chown", "shutil.rmtree", "shutil.move", "shutil.copyfile"}
NEVER = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.kill",
         "socket.connect", "socket.bind", "socket.sendto", "pty.spawn")


def marks(folder, seed=None, seconds=SECONDS, memory=MEMORY):
    """One dict (student, exercise, status, message) for each exercise of each notebook.

    The status is right, wrong, untouched, missing (its cell is not there), error (the cell
    stopped before the check) or stopped (by a limit, or by itself). With a ``seed`` the exercises
    that are tried on random tables get other tables.
    """
    folder = Path(folder)
    paths = sorted([*folder.glob("*.ipynb"), *folder.glob("*/*.ipynb")])
    if not paths:
        raise FileNotFoundError(f"{folder} holds no STUDENT.ipynb and no STUDENT/NAME.ipynb")
    read = {path: path.read_bytes() for path in paths}  # before any of them can do harm
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        limits = {"seed": seed, "seconds": seconds, "memory": memory}
        graded = pool.map(lambda text: _graded(text, limits), read.values())
        return [{"student": path.stem if path.parent == folder else path.parent.name, **row}
                for path, rows in zip(read, graded) for row in rows]


def _graded(text, limits):
    """The rows of one notebook, given as bytes."""
    try:
        cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"]
                 if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        return [{"exercise": "", "status": "error", "message": f"no notebook: {error!r}"}]
    asked = [sorted({*NAME.findall(cell)}) if "check(" in cell else [] for cell in cells]
    named = {name for names in asked for name in names} or {*NAME.findall(str(text))}
    expected = [task.identifier for lesson in sorted({name[3:5] for name in named})
                for task in exercises.of_lesson(lesson)]
    found, skip = {}, []
    while True:  # again without a cell that took the whole process with it
        told, at, why = _run(limits | {"cells": cells, "asked": asked, "skip": skip,
                                       "done": [*found]})
        found |= told
        if at is None:
            break
        found |= {name: ("stopped", why) for name in asked[at] if name not in found}
        skip.append(at)
    rows = [(name, *found.get(name, ("missing", "no cell checks it"))) for name in expected]
    return [dict(zip(FIELDS[1:], row)) for row in rows]


def _run(job):
    """({exercise: (status, message)}, the cell that ended the process or None, why)."""
    found, at, why = {}, None, ""
    said, patience = queue.SimpleQueue(), START + job["seconds"]
    with tempfile.TemporaryDirectory(prefix="grade-") as home:
        child = subprocess.Popen(
            [sys.executable, "-c", "from contexture_lite.teach import grade; grade.child()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=home,
            start_new_session=True, env=os.environ | {
                "TMPDIR": home, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(
                    [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])})
        threading.Thread(target=_hear, args=(child.stdout, said), daemon=True).start()
        with child.stdin:
            child.stdin.write(json.dumps(job).encode())
        try:
            while line := said.get(timeout=patience):
                kind, *rest = json.loads(line)
                if kind == "verdict":
                    found[rest[0]] = tuple(rest[1:])
                else:
                    at = rest[0] if kind == "begin" else None
                patience = job["seconds"] + 5
        except queue.Empty:
            why = f"nothing came for {job['seconds']} s"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # a group of its own, with all it has started
        code = child.wait()
    return found, at, why or f"the process ended by itself ({code})"


def _hear(stream, said):
    """Lines as they come, and an empty one at the end."""
    with stream:
        for line in stream:
            said.put(line)
    said.put(b"")


class OutOfTime(BaseException):
    """In the child: a cell has had its seconds, and no ``except Exception`` stops this."""


def child():
    """Run the notebook that comes in, and tell its verdicts, a line each."""
    job = json.loads(sys.stdin.buffer.read())
    run = Run(job, os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8"))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0), os.dup2(null, 1)
    if job["seed"] is not None:
        exercises.SEED = job["seed"]
    teach.check = exercises.check = lambda identifier, answer: run.verdict(
        identifier, *exercises.verdict(identifier, answer))
    _fence(Path.cwd().resolve(), job["memory"])
    run.all()


class Run:
    """The cells of one notebook: imports, then what is checked, and the rest if it is missed."""

    def __init__(self, job, out):
        self.cells, self.seconds, self.out = job["cells"], job["seconds"], out
        self.asked, self.skip, self.told = job["asked"], {*job["skip"]}, {*job["done"]}
        self.names, self.done = {"__name__": "__main__", "display": lambda *what: None}, set()

    def all(self):
        """Every cell with a check, in order."""
        checked = [i for i, names in enumerate(self.asked) if names and i not in self.skip]
        for i, cell in enumerate(self.cells):
            if re.search(r"^\s*(import|from) ", cell, re.M) and i not in checked:
                self.run(i)
        for i in checked:
            error = self.run(i)
            if isinstance(error, NameError):  # it needs what an earlier cell has made
                for before in range(i):
                    if before not in self.done and before not in checked:
                        self.run(before)
                error = self.run(i)
            if error is not None:
                status = "stopped" if isinstance(error, OutOfTime) else "error"
                for name in {*self.asked[i]} - self.told:
                    self.verdict(name, status, f"{type(error).__name__}: {error}"[:300])

    def tell(self, *what):
        """Tell the parent, in a line."""
        self.out.write(json.dumps(what, default=str) + "\n")

    def verdict(self, name, status, message):
        """Tell the verdict on an exercise."""
        self.told.add(name)
        self.tell("verdict", name, status, message)

    def run(self, i):
        """Run a cell; returns what stopped it, or None."""
        if i in self.skip:
            return None
        self.done.add(i)
        self.tell("begin", i)
        signal.signal(signal.SIGALRM, _out_of_time)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        try:
            exec(compile(_plain(self.cells[i]), f"cell {i}", "exec"), self.names)
        except BaseException as error:
            return error
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.tell("end", i)
        return None


def _out_of_time(*_):
    raise OutOfTime("the cell takes longer than it may")


def _plain(source):
    """Python without the lines that only IPython knows."""
    return re.sub(r"^( *)([%!].*)$", r"\1pass  # \2", source, flags=re.M)


def _fence(home, memory):
    """From now on nothing is written outside ``home``, and memory has an end."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory << 20, memory << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def outside(path):
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        path = Path(os.fsdecode(path))
        return path != Path(os.devnull) and not path.resolve().is_relative_to(home)

    def hook(event, arguments):
        if event == "open":
            changed = arguments[:1] if arguments[2] & writing else ()
        else:
            changed = arguments if event in REFUSED else ()
        if any(map(outside, changed)):
            raise PermissionError(f"{event} outside the notebook's folder: {changed[0]}")
        if event.startswith(NEVER):
            raise PermissionError(f"{event} is not for an exercise")

    sys.addaudithook(hook)


def main(arguments=None):
    """Read the command line and write the marks as csv."""
    parser = argparse.ArgumentParser(prog="python -m contexture_lite.teach.grade",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="STUDENT.ipynb files, or folders STUDENT/ with notebooks")
    parser.add_argument("--seed", type=int, help="other random tables for exercises that have some")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each cell (%(default)s)")
    parser.add_argument("--memory", type=int, default=MEMORY, help="in megabytes (%(default)s)")
    given = parser.parse_args(arguments)
    try:
        rows = marks(given.folder, given.seed, given.seconds, given.memory)
    except FileNotFoundError as error:
        parser.error(str(error))
    writer = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


if __name__ == "__main__":
    main()
