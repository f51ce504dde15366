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
import ast
import csv
import io
import json
import os
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SECONDS, MEMORY = 20, 2048  # for a cell; megabytes for a notebook
START = 60  # seconds more until the first cell runs, on a busy machine
NAME = re.compile(r"ex_\d\d_\d+")
FIELDS = ("student", "exercise", "status", "message")
REFUSED = {"os.remove", "os.rmdir", "os.rename", "os.mkdir", "os.link", "os.symlink", "os.truncate",
           "os.chmod", "os.chown", "shutil.rmtree", "shutil.move", "shutil.copyfile"}
NEVER = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.kill",
         "socket.connect", "socket.bind", "socket.sendto", "pty.spawn")


# ---- the parent


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
        graded = pool.map(lambda text: _graded(text, seed, seconds, memory), read.values())
        return [{"student": path.stem if path.parent == folder else path.parent.name, **row}
                for path, rows in zip(read, graded) for row in rows]


def _graded(text, seed, seconds, memory):
    """The rows of one notebook, given as bytes."""
    try:
        cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"]
                 if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        return [{"exercise": "", "status": "error", "message": f"no notebook: {error!r}"}]
    asked = [sorted({*NAME.findall(cell)}) if "check(" in cell else [] for cell in cells]
    expected = _exercises_of({name for names in asked for name in names}, text)
    found, skip = {}, []
    while True:  # again without a cell that took the whole process with it
        job = {"cells": cells, "asked": asked, "skip": skip, "seed": seed, "seconds": seconds,
               "memory": memory, "done": [*found]}
        told, at, why = _run(job)
        found |= told
        if at is None:
            break
        found |= {name: ("stopped", why) for name in asked[at] if name not in found}
        skip.append(at)
    return [{"exercise": name, "status": status, "message": message} for name in expected
            for status, message in [found.get(name, ("missing", "no cell checks it"))]]


def _exercises_of(names, text):
    """All exercises of the lessons that a notebook's cells, or else its text, name."""
    from contexture_lite.teach.widgets.exercises import of_lesson

    names = names or {*NAME.findall(text.decode("utf-8", "replace"))}
    lessons = sorted({name[3:5] for name in names})
    return [task.identifier for lesson in lessons for task in of_lesson(lesson)]


def _run(job):
    """({exercise: (status, message)}, the cell that ended the process or None, why)."""
    found, at, why = {}, None, ""
    with tempfile.TemporaryDirectory(prefix="grade-") as home:
        child = subprocess.Popen(
            [sys.executable, "-c", "from contexture_lite.teach import grade; grade.child()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=home,
            start_new_session=True, env=os.environ | {
                "TMPDIR": home, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(
                    [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])})
        child.stdin.write(json.dumps(job).encode())
        child.stdin.close()
        for line in _lines(child.stdout, START + job["seconds"], job["seconds"] + 5):
            if line is None:
                why = f"nothing came for {job['seconds']} s"
                break
            kind, *rest = json.loads(line)
            if kind == "begin":
                at = rest[0]
            elif kind == "end":
                at = None
            else:
                found[rest[0]] = tuple(rest[1:])
        try:
            os.killpg(child.pid, signal.SIGKILL)  # a group of its own, with all it has started
        except ProcessLookupError:
            pass
        child.stdout.close()
        code = child.wait()
    return found, at, why or f"the process ended by itself ({code})"


def _lines(stream, first, then):
    """Lines as they come, None when none has come for so many seconds."""
    left, patience = b"", first
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if not select.select([stream], [], [], 0.2)[0]:
            continue
        more = os.read(stream.fileno(), 65536)
        if not more:
            return
        *whole, left = (left + more).split(b"\n")
        yield from whole
        end = time.monotonic() + then
    yield None


# ---- the child


class OutOfTime(BaseException):
    """A cell has had its seconds; no ``except Exception`` stops it."""


def child():
    """Run the notebook that comes in, and tell its verdicts, a line each."""
    job = json.loads(sys.stdin.buffer.read())
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0), os.dup2(null, 1)

    def tell(*what):
        out.write(json.dumps(what, default=str) + "\n")
        out.flush()

    from contexture_lite import teach
    from contexture_lite.teach.widgets import exercises

    if job["seed"] is not None:
        exercises.SEED = job["seed"]

    run = Run(job, tell)

    def check(identifier, answer):
        run.verdict(identifier, *exercises.verdict(identifier, answer))

    teach.check = exercises.check = check
    run.all()


class Run:
    """The cells of one notebook: imports, then what is checked, and the rest if it is missed."""

    def __init__(self, job, tell):
        self.cells, self.tell, self.seconds = job["cells"], tell, job["seconds"]
        self.asked, self.skip = job["asked"], {*job["skip"]}
        self.names = {"__name__": "__main__", "display": lambda *what: None}
        self.done, self.told = set(), {*job["done"]}
        _fence(Path.cwd().resolve(), job["memory"])

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
    source = re.sub(r"^([%!].*)$", r"pass  # \1", source, flags=re.M)
    return ast.parse(source)


def _fence(home, memory):
    """From now on nothing is written outside ``home``, and memory has an end."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory << 20, memory << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def outside(path):
        if isinstance(path, int):
            return False
        path = Path(os.fsdecode(path))
        return path != Path(os.devnull) and not path.resolve().is_relative_to(home)

    def hook(event, arguments):
        if event == "open":
            path, _, flags = arguments
            if path is not None and flags & writing and outside(path):
                raise PermissionError(f"nothing is written outside the notebook's folder: {path}")
        elif event in REFUSED:
            for path in arguments:
                if isinstance(path, str | bytes | os.PathLike) and outside(path):
                    raise PermissionError(f"{event} outside the notebook's folder: {path}")
        elif event.startswith(NEVER):
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
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    sys.stdout.write(text.getvalue())


if __name__ == "__main__":
    main()
