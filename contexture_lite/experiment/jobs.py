"""Independent pieces of long work: kept in files, made by several workers, with a bar."""

from __future__ import annotations

import gzip
import json
import warnings
from numbers import Integral
from pathlib import Path
from uuid import uuid4

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from contexture_lite._checks import as_count
from contexture_lite._lazy import needed

OLD = "*.pkl.gz"  # pickles, which could bring code with them: nothing here reads them


def run(unit, jobs, *, cache, edition, n_jobs, progress, label):
    """[unit(*job) for job in jobs], each computed once for ever, by ``n_jobs`` of joblib's workers.

    ``unit`` is a function of a module, so that workers find it by its name, and its answer
    depends on its arguments only. ``cache`` (a path, or None) is a folder with a file for every
    finished job, found again by what went in; what is kept there must be JSON: numbers, texts,
    lists, dicts. Since a file cannot see code, ``edition`` is to be raised with every change of
    the code that changes numbers. ``progress`` shows a bar; label(*job) names a job in a warning
    about its file. A file that is damaged, or cannot be written, costs a warning and no answer.
    """
    tqdm = needed("tqdm.auto").tqdm

    n_jobs = _workers(n_jobs)
    folder = None if cache is None else _folder(cache)
    # max_nbytes: a large table stays an array, which the cache would not know as a memmap
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator", max_nbytes=None)(
        joblib.delayed(_kept)(unit, label, folder, edition, *job) for job in jobs)
    answers, told = [], set()
    for answer, problems in tqdm(work, total=len(jobs), unit="unit", disable=not progress):
        answers.append(answer)
        for problem in problems:
            if problem not in told:  # a full disk is full for every job
                warnings.warn(problem, RuntimeWarning, stacklevel=3)
            told.add(problem)
    return answers


def _folder(cache):
    """The cache's folder, made if need be."""
    folder = Path(cache).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:  # nothing has been computed yet
        raise type(error)(f"cache is {str(cache)!r}, where no folder can be made ({error}); give "
                          "another place, or leave cache out") from None
    if any(folder.glob(OLD)):
        warnings.warn(f"the files {OLD} of {folder} are finished work of an older version, which "
                      "is not read any more; delete them", RuntimeWarning, stacklevel=4)
    return folder


def _kept(unit, label, folder, edition, *job):
    """A job's answer, from its file if there is one, and what was wrong with the file, if anything.

    Not `joblib.Memory`: where a process uses a second folder, that one calls everything in
    it outdated in the next process. One BLAS thread for each worker, for they share the cores.
    """
    with threadpool_limits(1):
        if folder is None:
            return unit(*job), []
        key, problems = joblib.hash((unit.__module__, unit.__qualname__, edition, *job)), []
        file = folder / f"{key}.json.gz"
        try:
            return _read(file, key), []
        except FileNotFoundError:
            pass
        except Exception as error:  # whatever reading a damaged file may raise
            problems.append(f"the cached work {file} cannot be read ({type(error).__name__}: "
                            f"{error}); {label(*job)} was computed again")
        rows = json.dumps({"key": key, "answer": unit(*job)}, default=lambda number: number.item())
        try:
            _write(file, gzip.compress(rows.encode(), 3, mtime=0))  # gzip: damage is noticed
        except OSError as error:
            problems.append(f"finished work cannot be kept in {folder} ({error.strerror}); it is "
                            "in the result, but would be computed again")
        return json.loads(rows)["answer"], problems  # as it will be read the next time


def _read(file, key):
    found = json.loads(gzip.decompress(file.read_bytes()))
    if found["key"] != key:
        raise ValueError("it holds another job's work")
    return found["answer"]


def _write(file, content):
    """All of it or nothing: a killed process leaves no half of a file."""
    part = file.with_name(f"{file.name}.{uuid4().hex}")  # on a cluster processes share numbers
    try:
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def write(table, path):
    """A DataFrame as csv, gzipped where ``path`` ends so; the same numbers are the same file."""
    Path(path).resolve().parent.mkdir(parents=True, exist_ok=True)
    gzip = {"method": "gzip", "mtime": 0} if str(path).endswith(".gz") else None
    table.to_csv(path, index=False, float_format="%.5g", compression=gzip)


def as_seeds(seeds):
    """The argument as a list of integers, at least one."""
    if isinstance(seeds, Integral) or not np.iterable(seeds) or isinstance(seeds, str):
        raise TypeError(f"seeds is {seeds!r}; it must be a sequence of integers, such as [0]")
    seeds = [as_count(f"seeds[{i}]", seed, least=0) for i, seed in enumerate(seeds)]
    if not seeds:
        raise ValueError("seeds is empty; give at least one")
    return seeds


def _workers(n_jobs):
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral):
        raise TypeError(f"n_jobs is {n_jobs!r}; it must be an integer, -1 for every core")
    if n_jobs == 0:
        raise ValueError("n_jobs is 0; it must be a number of workers, or -1 for every core")
    return int(n_jobs)
