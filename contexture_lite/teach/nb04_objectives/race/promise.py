"""The first picture of notebook 04: five learners before and after training."""

import numpy as np

from contexture_lite.teach.nb04_objectives.race.compute import at_start, rotated
from contexture_lite.teach.nb04_objectives.race.explorer import FIVE, STEPS
from contexture_lite.teach.nb04_objectives.race.panels import COLORS, LINES
from contexture_lite.teach.pictures import style

HEIGHT = 2.9  # inches: it is seen on the first screen of a projector


def race_promise():
    """A still picture: the first function of each learner, before and after training."""
    race = at_start("cycle walk", 0.5, 4, FIVE, 0, STEPS)
    fig, (start, end) = style.panels(2, height=HEIGHT, bottom=0.2)
    _functions(start, race)
    race.advance()
    _functions(end, race)
    end.plot(race.system.left[:, 0], "o", ms=13, mfc="none", mec=style.INK, mew=1.6)
    style.label(start, "Five random starts", "place on the cycle")
    style.label(end, f"After {STEPS} steps", "place on the cycle  (○ exact)")
    least = min(racer.alignments[-1] for racer in race.racers)
    return style.Picture(fig, "The first function on a cycle of twelve places, as five learners "
                         "have it: five different curves at the start, one curve, the exact one, "
                         f"after {STEPS} steps, when every alignment is {least:.3f}.")


def _functions(ax, race):
    """The first function of everybody, with the sign and rotation nearest to the exact one."""
    for racer, color, line in zip(race.racers, COLORS, LINES):
        ax.plot(rotated(racer.ritz.functions, race.system)[:, 0], color=color, ls=line)
    ax.set(ylim=(-2.6, 2.6), xticks=np.arange(0, 12, 3))
