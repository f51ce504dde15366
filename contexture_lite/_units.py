"""Independent pieces of long work: kept in files, made by several workers, with a bar."""

from __future__ import annotations

import os
import warnings
from numbers import Integral
from pathlib import Path

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from contexture_lite._checks import as_count


def run(unit, jobs, *, cache, edition, n_jobs, progress, label):
    """[unit(*job) for job in jobs], each computed once for ever.

    Parameters
    ----------
    unit : function
        Of a module, so that workers find it by its name. Its answer depends on its arguments
        only.
    jobs : list of tuple
    cache : path or None
        Folder with a file for every finished job, found again by what went in.
    edition : int
        To be raised with every change of the code that changes numbers: a file cannot see code.
    n_jobs : int
        Workers of `joblib.Parallel`.
    progress : bool
        Show a bar.
    label : function
        label(*job) names a job in a warning about its file.
    """
    from tqdm.auto import tqdm

    n_jobs = _workers(n_jobs)
    folder = None if cache is None else Path(cache).resolve()
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    # max_nbytes: a large table stays an array, which the cache would not know as a memmap
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator", max_nbytes=None)(
        joblib.delayed(_kept)(unit, label, folder, edition, *job) for job in jobs)
    answers = []
    for found, problem in tqdm(work, total=len(jobs), unit="unit", disable=not progress):
        answers.append(found)
        if problem:
            warnings.warn(problem, RuntimeWarning, stacklevel=3)
    return answers


def _kept(unit, label, folder, edition, *job):
    """A job's answer, from its file if there is one, and what was wrong with the file, if anything.

    Not `joblib.Memory`: where a process uses a second folder, that one calls everything in
    it outdated in the next process. One BLAS thread for each worker, for they share the cores.
    """
    with threadpool_limits(1):
        if folder is None:
            return unit(*job), None
        file, problem = folder / f"{joblib.hash((edition, *job))}.pkl.gz", None
        if file.exists():
            try:
                return joblib.load(file), None
            except Exception as error:  # whatever reading a damaged file may raise
                problem = (f"the cached work {file} cannot be read ({type(error).__name__}: "
                           f"{error}); {label(*job)} was computed again")
        found = unit(*job)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        joblib.dump(found, part, compress=("gzip", 3))  # gzip: damage is noticed
        part.replace(file)  # a killed process leaves no half of a file
        return found, problem


def write(table, path):
    """A DataFrame as a gzipped csv; the same numbers are the same file."""
    table.to_csv(path, index=False, float_format="%.5g",
                 compression={"method": "gzip", "mtime": 0})


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
