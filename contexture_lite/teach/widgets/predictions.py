"""Predictions: say what you expect, then see.

A prediction left alone does nothing: the notebook runs through, and `reveal` keeps the
answer folded.
"""

import html
import math
from dataclasses import dataclass
from itertools import combinations
from numbers import Real

import ipywidgets as widgets

from contexture_lite._text import escaped, said
from contexture_lite.teach.pictures import style

WIDE = {"description_width": "initial"}


@dataclass(frozen=True)
class Reveal:
    """What a prediction came to: ``text``, and ``score`` from 0 to 1 (None if untouched)."""

    text: str
    score: float | None

    def __repr__(self):
        return said(self.text)

    def _repr_html_(self):
        if self.score is None:
            return _boxed("<details><summary>No guess yet. Show the answer</summary>"
                          f"{escaped(self.text)}</details>", style.GREY)
        return _boxed(escaped(self.text), style.TASK if self.score > 0.8 else style.CONTEXT)


class Prediction:
    """One question to the reader; made by `predict`.

    Displayed, it shows the question and a control; ``guess`` is what the reader chose,
    None as long as nothing was touched.
    """

    def __init__(self, identifier, question, kind, allowed, control, read):
        self.identifier, self.question, self.kind = identifier, question, kind
        self._allowed, self._read, self._touched = allowed, read, False
        for part in control.children if isinstance(control, widgets.Box) else (control,):
            part.observe(self._touch, names="value")
        self._status = widgets.HTML("No guess yet. It is for you alone.")
        heading = widgets.HTML(f'<div style="font-size:16px;line-height:1.4"><b>Predict.</b> '
                               f"{html.escape(question)}</div>")
        self.widget = widgets.VBox([heading, control, self._status], layout={
            "border_left": f"6px solid {style.INPUT}", "padding": "4px 12px"})
        self.widget.add_class("contexture-prediction")

    @property
    def guess(self):
        """The reader's guess, or None."""
        return self._read() if self._touched else None

    def _touch(self, change):
        if self.kind == "number" and math.isclose(change["new"], change["old"], abs_tol=1e-9):
            return  # the page has rounded the slider's place
        self._touched = True
        guess = self.guess
        self._status.value = ("Not complete yet: every place needs its own name." if guess is None
                              else f"Your guess: <b>{escaped(_said(guess))}</b>")

    def reveal(self, value):
        """Compare the guess with the computed ``value`` (number, choice or order)."""
        if self.kind == "number":
            if isinstance(value, bool) or not isinstance(value, Real):
                raise TypeError(f"value is {value!r}; {self.identifier} asks for a number")
            value = float(value)
        elif self.kind == "choice" and value not in self._allowed:
            raise ValueError(f"value is {value!r}; it must be one of {list(self._allowed)}")
        elif self.kind == "order" and sorted(value) != sorted(self._allowed):
            raise ValueError(f"value is {value!r}; it must be an order of {list(self._allowed)}")
        if self.guess is None:
            return Reveal(f"The answer: {_said(value)}.", None)
        return getattr(self, f"_score_{self.kind}")(self.guess, value)

    def _score_choice(self, guess, value):
        if guess == value:
            return Reveal(f"You said {_said(guess)}, and so it is.", 1.0)
        return Reveal(f"You said {_said(guess)}; the answer is {_said(value)}. "
                      "A surprise is the best moment to ask why.", 0.0)

    def _score_number(self, guess, value):
        low, high = self._allowed
        score = max(0.0, 1 - abs(guess - value) / (high - low))
        word = ("Spot on" if score > 0.97 else "Close" if score > 0.88
                else "The right direction, perhaps" if score > 0.7 else "A surprise, then")
        return Reveal(f"{word}: you said {_said(guess)}, the answer is {_said(value)}.", score)

    def _score_order(self, guess, value):
        rank = {name: place for place, name in enumerate(value)}
        pairs = list(combinations(guess, 2))
        right = sum(rank[first] < rank[second] for first, second in pairs)
        if right == len(pairs):
            return Reveal(f"You said {_said(guess)}, and so it is.", 1.0)
        return Reveal(f"{right} of {len(pairs)} pairs are in the right order. You said "
                      f"{_said(guess)}; the answer is {_said(value)}.", right / len(pairs))

    def __repr__(self):
        if self.kind == "number":
            options = f"a number from {_said(self._allowed[0])} to {_said(self._allowed[1])}"
        else:
            before = "put in order, smallest first: " if self.kind == "order" else ""
            options = before + " | ".join(self._allowed)
        return said(f"Predict. {self.question} [{options}]")

    def _repr_mimebundle_(self, include=None, exclude=None):
        question, _, options = repr(self)[9:].rpartition(" [")
        page = _boxed(f"<b>Predict.</b> {html.escape(question)}<br>"
                      f"<i>{escaped(options[:-1])}</i>", style.INPUT)
        return self.widget._repr_mimebundle_() | {"text/plain": repr(self), "text/html": page}


def predict(identifier, question, *, choices=None, low=None, high=None, step=None, order=None):
    """Ask the reader for a guess; give exactly one of the three kinds.

    ``identifier`` is a stable name such as "p_01_1", ``question`` one sentence. The answer is one
    of the texts ``choices``; or a number from ``low`` to ``high`` on a slider, ``step`` being a
    hundredth of the range by default; or an ``order``, two to five names. Returns a `Prediction`;
    show it as the last line of a cell and call its ``reveal`` in the next.
    """
    kinds = [choices is not None, low is not None or high is not None, order is not None]
    if sum(kinds) != 1:
        raise ValueError("give exactly one of choices, low and high, or order")
    if choices is not None:
        allowed = _names("choices", choices, 8)
        control = widgets.RadioButtons(options=allowed, value=None, layout={"width": "auto"})
        return Prediction(identifier, question, "choice", allowed, control, lambda: control.value)
    if order is not None:
        allowed = _names("order", order, 5)
        places = [widgets.Dropdown(options=["…", *allowed], value="…", description=f"{i}.",
                                   layout={"width": "230px"}, style=WIDE)
                  for i in range(1, len(allowed) + 1)]

        def read():
            chosen = tuple(place.value for place in places)
            return chosen if sorted(chosen) == sorted(allowed) else None

        row = widgets.HBox(places, layout={"flex_flow": "row wrap"})
        return Prediction(identifier, question, "order", allowed, row, read)
    if low is None or high is None or not low < high:
        raise ValueError(f"low is {low!r} and high is {high!r}; give two numbers, low < high")
    step = (high - low) / 100 if step is None else step
    if not 0 < step <= high - low:
        raise ValueError(f"step is {step!r}; it must be above 0, and at most high − low")
    middle = low + step * round((high - low) / 2 / step)  # where the page would put it, too
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    slider = widgets.FloatSlider(value=middle, min=low, max=high, step=step,
                                 readout_format=f".{decimals}f", description="My guess",
                                 style=WIDE, layout={"width": "420px"})
    return Prediction(identifier, question, "number", (float(low), float(high)), slider,
                      lambda: slider.value)


def _names(argument, names, most):
    names = tuple(names)
    if not 2 <= len(names) <= most or len(set(names)) < len(names):
        raise ValueError(f"{argument} is {list(names)}; give 2 to {most} different names")
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"{argument} is {list(names)}; every entry must be text")
    return names


def _said(value):
    if isinstance(value, str):
        return value
    if isinstance(value, Real):
        return f"{float(value):.3f}".rstrip("0").rstrip(".")
    return " < ".join(value)


def _boxed(inner, color):
    return (f'<div style="border-left:6px solid {color};padding:4px 12px;line-height:1.5;'
            f'font-size:15px">{inner}</div>')
