"""Notebook 16's live picture: say which tasks you expect, and watch the suggestion move."""

from __future__ import annotations

import numpy as np

from contexture_lite._checks import as_numbers, as_target, row_by_row
from contexture_lite._lazy import needed
from contexture_lite.teach.nb16_your_data import compute as model
from contexture_lite.teach.nb16_your_data.compute import EXACT, EXPECTED, FAMILIES, LABELS, VIEWS
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, steps

TABLES = "digits", "auto", "concrete", "wine"
YOURS, FEWEST_ROWS, MOST_WORDS = "your table", 100, 20
LINES = {"rbf": ("-o", 7), "knn": ("--s", 6)}  # solid: Gaussian weights, dashed: neighbours
USED = "columns", "context", "both"


class DiagnosisExplorer(Explorer):
    """Is a context of this table too weak, too strong, or right? And what stands beside it?

    Two families at six strengths; each point shows so many ``views`` of its context (or its whole
    row). Without ``labels`` the least rehearsal risk R on tasks of the ``expected`` kind suggests
    a context; with m < 100 of them log LOO + (40/m) log R, LOO the leave-one-out error; with more
    LOO alone. ``X``, ``y``: a table of your own, at least 100 rows (numbers; of a DataFrame words
    of few kinds, too, and gaps).

    Panels: R along the strength; the error, which nobody knows beforehand; the errors of ridge
    regression on the columns, on the suggested context, and on the columns with the context that
    rehearsed best. Without labels the last two show what all labelled points would give.

    Keys of `values`: ``R``, ``neighbours``, ``error`` of the suggestion, ``cost`` (over the least
    error), ``columns``, ``both``.
    """

    alt = ("Rehearsal risk along the strength, weak to strong, solid for Gaussian weights, dashed "
           "for neighbours; a ring at the suggestion.",
           "Error of a probe along the strength, in the same manner; a star at the least.",
           "Bars of three errors: the columns, the suggested context, both side by side.")
    height = 3.3
    frozen = {"table": ("digits", "auto", "concrete"), "expected": tuple(EXPECTED),
              "views": (*VIEWS, EXACT), "labels": (0, 20, 100, 200)}

    def __init__(self, table=None, expected="linear, smooth, rules", views=16, labels=0, *,
                 X=None, y=None):
        self._own = None if X is None else _own(X, y)
        table = table or (TABLES[0] if X is None else YOURS)
        super().__init__(table, expected, views, labels)

    def make_controls(self, table, expected, views, labels):
        """Table, tasks expected, views, labels."""
        names = [*TABLES] if self._own is None else [YOURS, *TABLES]
        controls = {"table": choice("Table", names, table),
                    "expected": choice("Tasks I expect", list(EXPECTED), expected),
                    "views": steps("Views of a point", [(str(v), v) for v in VIEWS]
                                   + [("its whole row", EXACT)], views),
                    "labels": steps("Labels", [(str(m), m) for m in LABELS], labels)}
        for name, control in controls.items():
            control.layout.width = "330px" if name in ("views", "labels") else "300px"
        return controls

    def compute(self, table, expected, views, labels):
        """The numbers of one setting, and what was asked."""
        known = self._own if table == YOURS else model.of_course(table)
        return model.step_at(known, expected, views, labels), expected

    def build(self, figure):
        """Axes and artists, once."""
        self.curves, self.rings = [], []
        titles = ("R, rehearsed", style.INPUT), ("Error, known later", style.TASK)
        for panel, (title, color) in zip(figure.subfigs, titles):
            ax = style.axes(panel, top=0.87)
            artists.title(ax, (title, color))
            style.label(ax, x="weak  →  strong")
            ax.set(xlim=(-0.4, model.STRENGTHS - 0.6), ylim=(0, 1.24), xticks=[],
                   yticks=[0, 0.5, 1])
            ax.axhline(1, color=style.GREY, lw=1)
            self.curves.append([self.moving(ax.plot([], [], look, color=color, ms=size)[0])
                                for look, size in LINES.values()])
            self.rings.append(self.moving(artists.ring(ax, 18)))
            if color == style.INPUT:
                for (look, size), name in zip(LINES.values(), FAMILIES.values()):
                    ax.plot([], [], look, color=style.INK, ms=size, label=name)
                ax.legend(loc="upper center", ncols=2, frameon=False, handlelength=1.8,
                          columnspacing=1, borderpad=0, fontsize=11.5)
            else:
                self.star = self.moving(ax.plot([], [], "*", ms=17, color=style.INK)[0])
        ax = style.axes(figure.subfigs[2], top=0.87)
        style.label(ax, "What to use", y="error")
        ax.set(xlim=(-0.6, 2.6), ylim=(0, 1.24), yticks=[0, 0.5, 1])
        ax.set_xticks(range(3), USED)
        ax.axhline(1, color=style.GREY, lw=1)
        self.bars = self.moving(artists.Bars(ax, np.arange(3), width=0.7))
        self.amounts = self.moving(artists.Labels(ax, 12))

    def draw(self, result):
        """Move everything to this setting."""
        step, _ = result
        family, place = step.suggested
        for curves, ring, values in zip(self.curves, self.rings, (step.risks, step.errors)):
            for curve, along in zip(curves, values):
                curve.set_data(range(model.STRENGTHS), np.minimum(along, 1.2))
            ring.set_data([place], [min(values[family, place], 1.2)])
        best = np.unravel_index(step.errors.argmin(), step.errors.shape)
        self.star.set_data([best[1]], [step.errors[best]])
        errors = np.array(self._errors(step))
        heights = np.minimum(errors, 1.1)
        self.bars.set(heights, [style.TASK if e == errors.min() else style.GREY for e in errors])
        self.amounts.set([f"{e:.2f}" for e in errors],
                         [(i, height + 0.06) for i, height in enumerate(heights)])

    def _errors(self, step):
        return step.columns, float(step.errors[step.suggested]), step.both

    def headline(self, result):
        """What is suggested, from what."""
        step, _ = result
        known = f"With {min(step.labels, step.most)} labels" if step.labels else "Without a label"
        return f"{known}: {self._name(step)}"

    def _name(self, step):
        family, place = step.suggested
        what = ("Gaussian weights on about {:.0f} neighbours", "about {:.0f} nearest neighbours")
        end = {0: ", the weakest", model.STRENGTHS - 1: ", the strongest"}.get(int(place), "")
        return what[family].format(step.neighbours[family, place]) + end

    def numbers(self, result):
        """Key numbers of one setting."""
        step, _ = result
        columns, context, both = self._errors(step)
        return {"R": float(step.risks[step.suggested]),
                "neighbours": float(step.neighbours[step.suggested]), "error": context,
                "cost": step.cost, "columns": columns, "both": both}

    def sentence(self, result):
        """One line of words."""
        step, expected = result
        columns, context, both = self._errors(step)
        m = min(step.labels, step.most) or step.most
        return (f"Tasks expected: {expected}. The suggested context has R = "
                f"{step.risks[step.suggested]:.2f} and costs {step.cost:.2f} times the least "
                f"error (star). With {m} labels: columns {columns:.2f}, context {context:.2f}, "
                f"both side by side {both:.2f}.")


def _own(X, y):
    """A reader's table: words become columns, gaps medians."""
    if y is None:
        raise ValueError("y is missing; the picture shows errors beside R, so give X and y")
    X, y = row_by_row(X=X, y=y)
    if hasattr(X, "columns"):
        _refuse_texts(X)
        X = needed("pandas").get_dummies(X, dtype=float)
        X = X.fillna(X.median())
    X, y = as_numbers("X", X, "(rows, columns)"), as_target("y", y)
    if len(X) < FEWEST_ROWS or len(y) != len(X):
        raise ValueError(f"X has {len(X)} rows and y {len(y)}; both need the same, at least "
                         f"{FEWEST_ROWS}: 20 labels are the least that one can rehearse with")
    classes = len(np.unique(y))
    if y.dtype.kind != "f" and classes > len(y) / 5:
        raise ValueError(f"y has {classes} classes in {len(y)} rows, which is too many to learn; "
                         "give a quantity as floats, or fewer classes")
    return model.Table(X, y)


def _refuse_texts(frame):
    """Texts of many kinds are numbers or dates as somebody wrote them, or remarks."""
    kinds = frame.select_dtypes(exclude=["number", "bool"]).nunique()
    many = kinds[kinds > MOST_WORDS]
    if len(many):
        raise ValueError(f"X[{many.index[0]!r}] has {many.iloc[0]} different values that "
                         "are not numbers; the picture takes numbers, and words of at most "
                         f"{MOST_WORDS} kinds: leave the column out, or have it read as numbers: "
                         "pd.read_csv(..., decimal=\",\", "
                         "na_values=\"?\"). diagnose does so by itself")
