"""Do two networks agree? Four networks on two contexts of the same points, for notebook 08.

Each context is learned by two networks that differ in width, depth, first weights and
objective. Their functions are compared pair by pair, and with the exact ones:
networks on one context agree, networks on two contexts agree as far as the contexts' exact
functions do. (Huh et al. 2024, arXiv 2405.07987, call the first the Platonic picture.)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from contexture_lite import learn
from contexture_lite._checks import as_count
from contexture_lite.alignment import cka, mutual_neighbours, squared_cca
from contexture_lite.learn import scaling
from contexture_lite.teach.pictures import style

CONTEXTS = {"abalone": ("30 neighbours", "100 neighbours, whitened"),
            "digits": ("300 neighbours", "30 neighbours")}
NETWORKS = {"wide": (256, 1, learn.losses.whitened_trace),  # width, depth, objective
            "deep": (64, 3, learn.losses.spectral_contrastive)}
EXACT = "exact"
STEPS = 200
NEIGHBOURS = 10
MEASURES = ("CCA", "CKA", "neighbours")
POINTS = ("training", "held out")
KINDS = ("two networks, one context", "network and its context", "two networks, two contexts",
         "the two contexts")


@dataclass(frozen=True, eq=False)
class Features:
    """The 15 functions that a network has learned, or a context's own, with their values."""

    context: str  # its name
    by: str  # "wide", "deep" or "exact"
    values: np.ndarray  # (15,) λ_i of `cl.ritz`, or s_i²
    functions: np.ndarray  # (n, 15) at the points that make the context
    held_out: np.ndarray  # (m, 15) at held out ones

    def at(self, points):
        """The functions at the points named: "training" or "held out"."""
        return self.functions if points == POINTS[0] else self.held_out


def runs(task="abalone", seed=0, *, steps=STEPS, progress=False):
    """Train two networks on each of two contexts of the same 1000 points: a list of `Features`.

    For each context first the exact functions, then "wide" (width 256, depth 1, trained on the
    whitened trace) and "deep" (width 64, depth 3, on the spectral contrastive loss). Both have
    64 outputs, from which `cl.ritz` takes 15 functions. Some 5 seconds. ``seed`` is that of the
    split and of the first weights, ``steps`` are those of each training.
    """
    seed = as_count("seed", seed, least=0)
    if task not in CONTEXTS:
        raise ValueError(f"task is {task!r}; there are {', '.join(CONTEXTS)}")
    jobs = [(context, by) for context in CONTEXTS[task] for by in (EXACT, *NETWORKS)]
    return [_features(scaling.setting(task, context, seed), by, seed, steps)
            for context, by in tqdm(jobs, disable=not progress, unit="network")]


def _features(setting, by, seed, steps):
    if by == EXACT:
        system = setting.system
        return Features(setting.name, by, system.values**2, system.left, setting.exact_held_out)
    width, depth, objective = NETWORKS[by]
    jobs = list(product(CONTEXTS[setting.task], NETWORKS))
    first = len(jobs) * seed + jobs.index((setting.name, by))  # no two networks begin alike
    network = scaling.network(setting, width, depth, first)
    list(scaling.fit(setting, network, objective, steps=steps, every=steps))
    learned = scaling.functions(setting, network)
    return Features(setting.name, by, learned.values, learned.training, learned.held_out)


# ---- the comparisons


def compare(first, second, points=POINTS[0]):
    """{measure: `Alignment`} of two `Features`, each beside its value for unrelated functions.

    "CCA" is the mean squared canonical correlation. "CKA" is of the functions times √λ_i, whose
    inner products are the part of the dual kernel that they make up: of the functions
    themselves, which are white, it would be CCA again (claim "cka-whitened"). "neighbours" is
    the share of the 10 nearest points in common, by cosine of the white functions.
    """
    f, g = first.at(points), second.at(points)
    return {
        "CCA": squared_cca(f, g),
        "CKA": cka(f * np.sqrt(first.values), g * np.sqrt(second.values)),
        "neighbours": mutual_neighbours(f, g, NEIGHBOURS),
    }


def pairs(sets):
    """Every pair of functions by every measure: a DataFrame.

    Columns points ("training", "held out"), kind (see `KINDS`; the comparison of a network with
    the other context's exact functions is left out), first, second, measure, value, unrelated.
    """
    rows = []
    for points in POINTS:
        for first, second in combinations(sets, 2):
            exact = (first.by == EXACT) + (second.by == EXACT)
            if first.context != second.context and exact == 1:
                continue
            kind = KINDS[exact] if first.context == second.context else KINDS[2 + exact // 2]
            names = [f"{one.by}, {one.context}" for one in (first, second)]
            for measure, seen in compare(first, second, points).items():
                rows.append((points, kind, *names, measure, seen.value, seen.unrelated))
    return pd.DataFrame(rows, columns=["points", "kind", "first", "second", "measure", "value",
                                       "unrelated"])


def means_of(every):
    """Mean agreement by kind of these `pairs`, and of unrelated functions: kinds × measures."""
    means = every.pivot_table(index="kind", columns=["points", "measure"], values="value")
    means = means.loc[list(KINDS), [(p, m) for p in POINTS for m in MEASURES]]
    means.loc["unrelated"] = every.groupby(["points", "measure"])["unrelated"].mean()
    return means.rename_axis(index=None)


# ---- the picture


LOOKS = {KINDS[0]: (style.INPUT, "o"), KINDS[1]: (style.TASK, "o"),
         KINDS[2]: (style.CONTEXT, "o"), KINDS[3]: (style.INK, "D")}
TITLES = {"CCA": "Canonical correlation²", "CKA": "CKA", "neighbours": "Common neighbours"}


def picture(sets):
    """Agreement of every pair, by kind: full at the training points, hollow at held out ones.

    The dashed line is how far the two contexts' exact functions agree at the training points,
    the grey line what unrelated functions have.
    """
    every = pairs(sets)
    fig, axes = style.panels(len(MEASURES), height=4, left=0.05, right=0.95, bottom=0.19)
    for ax, measure in zip(axes, MEASURES):
        _panel(ax, every[every.measure == measure])
        style.label(ax, TITLES[measure], "● training points  ○ held out\ngrey: unrelated functions")
    first, second = dict.fromkeys(one.context for one in sets)
    means = means_of(every)
    said = "; ".join(f"{kind}: " + ", ".join(
        f"{measure} {means.loc[kind, (POINTS[0], measure)]:.2f} (held out "
        f"{means.loc[kind, (POINTS[1], measure)]:.2f})" for measure in MEASURES)
        for kind in means.index)
    return style.Picture(fig, f"Agreement on the contexts {first} / {second}. {said}.")


def _panel(ax, seen):
    ax.axvline(seen.unrelated.mean(), color=style.GREY, lw=4, zorder=1)
    exact = seen[(seen.kind == KINDS[3]) & (seen.points == POINTS[0])]
    ax.plot([exact.value.item()] * 2, [1.55, 3], color=style.INK, lw=1.5, ls="--", zorder=2)
    for place, kind in enumerate(KINDS):
        colour, marker = LOOKS[kind]
        looks = (dict(mfc=colour, mec="white", mew=1, ms=13),
                 dict(mfc="white", mec=colour, mew=2, ms=11))
        for points, shift, look in zip(POINTS, (-0.15, 0.15), looks):
            values = seen.value[(seen.kind == kind) & (seen.points == points)]
            ax.plot(values, np.full(len(values), place + shift), ls="none", marker=marker,
                    clip_on=False, zorder=3, **look)
        ax.text(0.05, place - 0.32, kind, color=colour, fontsize=12,
                fontweight="bold", va="bottom", zorder=2.5,  # over the dashes
                bbox=dict(facecolor="white", edgecolor="none", pad=0.5))
    ax.set(xlim=(0, 1), ylim=(len(KINDS) - 0.5, -0.75), yticks=[])
    ax.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    ax.spines["left"].set_visible(False)
