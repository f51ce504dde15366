"""``python -m contexture_lite.experiment 04|…|07|07-trial|… FILE`` makes a table that is shipped.

A program and no part of the package: it asks each lesson for its experiment. Finished work is
kept in the folder ``build``, so that a sweep that was stopped goes on. A bar shows how far it is.
"""

import sys

from contexture_lite._lazy import extras_named
from contexture_lite.experiment.jobs import write

EXPERIMENTS = ("04", "05", "06", "06-sampled", "07", "07-trial", "08", "10", "11", "12", "13",
               "14", "15", "16")


def run(notebook):
    """The table of a notebook: encoders from five starts, strengths, mixes, sizes, shifts."""
    if notebook == "04":
        from contexture_lite.teach.nb04_objectives import experiment

        return experiment.run()
    if notebook == "05":
        from contexture_lite.teach.nb05_svme_kise import networks

        return networks.table()
    if notebook == "06":
        from contexture_lite.experiment.strengths import sweep

        return sweep(cache="build/sweep")
    if notebook == "06-sampled":
        from contexture_lite.teach.nb06_association import weak_contexts

        return weak_contexts.make(cache="build/sampled")
    if notebook == "07":
        from contexture_lite.teach.nb07_mixing import experiment

        return experiment.run(cache="build/mixing")
    if notebook == "08":
        from contexture_lite.learn.scaling import grid_and_cuts

        return grid_and_cuts(cache="build/scaling")
    if notebook == "07-trial":
        from contexture_lite.diagnosis import trial

        return trial.run()
    if notebook == "11":
        from contexture_lite.teach.nb11_geometry import experiment

        return experiment.run()
    if notebook == "12":
        from contexture_lite.teach.nb12_identifiability import results

        return results.run()
    if notebook == "13":
        from contexture_lite.teach.nb13_symmetry import experiment

        return experiment.run()
    if notebook == "14":
        from contexture_lite.teach.nb14_modalities import experiment

        return experiment.run()
    if notebook == "15":
        from contexture_lite.teach.nb15_tokens import digpt

        return digpt.run()
    if notebook == "16":
        from contexture_lite.diagnosis import choices

        return choices.run(cache="build/choices")
    from contexture_lite.teach.nb10_shift import contexts

    return contexts.run()


def main(arguments):
    """Make the table of a notebook and write it to a file."""
    if len(arguments) != 2 or arguments[0] not in EXPERIMENTS:
        sys.exit(f"usage: python -m contexture_lite.experiment {'|'.join(EXPERIMENTS)} FILE.csv.gz")
    with extras_named():
        write(run(arguments[0]), arguments[1])


if __name__ == "__main__":
    main(sys.argv[1:])
