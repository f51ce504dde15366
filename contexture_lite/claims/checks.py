"""How a claim is checked on a context, and how the outcome shows itself in a notebook."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from contexture_lite._text import escaped, said
from contexture_lite.claims.registry import TOLERANCE, Claim, Sides, find, ledger, with_options
from contexture_lite.contexts import as_context

LARGEST_TABLE = 4_000_000  # cells; one side of every claim is computed on a dense table


def check(identifier, context, *, anyway=False, **options):
    """Compute both sides of a claim on a context, and compare them.

    Parameters
    ----------
    identifier : str
        Which claim; `ledger` lists them.
    context : Context
        The table of at most 4 million cells to check it on.
    anyway : bool
        Compute the two sides even if the context does not fulfil the hypotheses, to
        see the statement break.
    **options
        What the claim takes beside the context, such as ``d``.

    Returns
    -------
    Check
        True in an `assert` if the claim applies and holds; shows itself in a notebook.
    """
    claim = find(identifier)
    as_context(context)
    unknown = [name for name in options if name not in claim.options]
    if unknown:
        takes = ", ".join(claim.options) or "no options"
        raise TypeError(f"claim {identifier!r} has no option {unknown[0]!r}; it takes {takes}")
    if np.prod(context.shape) > LARGEST_TABLE:
        raise ValueError(
            f"context has {context.shape[0]}×{context.shape[1]} cells; claims are checked on dense "
            f"tables of at most {LARGEST_TABLE} cells"
        )
    missing = claim.missing(context, options)
    because = "; ".join(
        f"needs {h.needs}, this one {with_options(h.instead, context, options)}" for h in missing
    )
    if missing and not anyway:
        return Check(claim, None, missing, because)
    if any(h.to_compute for h in missing):
        raise ValueError(f"claim {identifier!r} cannot be computed: {because}")
    with np.errstate(all="ignore"):  # a broken hypothesis may divide by zero: the side is then ∞
        sides = claim.function(context, **options)
    return Check(claim, sides, missing, because)


def card(identifier, context, **options):
    """`check`, shown as a full card: for the few statements that surprise."""
    return replace(check(identifier, context, **options), full=True)


def survey(context, *, taught_in=None):
    """Check every claim on one context: a `Survey`, which shows itself as a table.

    ``taught_in`` keeps the claims of one notebook, such as "01".
    """
    chosen = [c for c in ledger() if taught_in in (None, c.taught_in)]
    if not chosen:
        taught = sorted({c.taught_in for c in ledger()})
        raise ValueError(f"taught_in is {taught_in!r}; it must be one of {', '.join(taught)}")
    return Survey(tuple(check(c.identifier, context) for c in chosen))


@dataclass(frozen=True, eq=False)
class Check:
    """The outcome of a claim on one context.

    Attributes
    ----------
    claim : Claim
    sides : Sides or None
        None if the claim does not apply and was not computed anyway.
    missing : tuple of Hypothesis
        The hypotheses that the context does not fulfil.
    because : str
        The same in words; empty if there are none.
    full : bool
        Whether it shows itself as a full card; see `card`.
    """

    claim: Claim
    sides: Sides | None
    missing: tuple
    because: str
    full: bool = False

    @property
    def applies(self):
        """Whether the context fulfils every hypothesis."""
        return not self.missing

    @property
    def holds(self):
        """Whether the two sides agree; None if they were not computed."""
        return None if self.sides is None else self.sides.agree

    @property
    def error(self):
        """The error of the two sides (see `Sides`); None if they were not computed."""
        return None if self.sides is None else self.sides.error

    def __bool__(self):
        return self.applies and bool(self.holds)

    @property
    def verdict(self):
        """One of: holds, fails, cannot be compared (a side is infinite), does not apply."""
        if self.sides is None:
            return f"does not apply: {self.because}"
        verdict = "holds" if self.holds else "fails"
        verdict = verdict if np.isfinite(self.error) else "cannot be compared"
        return verdict if self.applies else f"{verdict} outside its hypotheses: {self.because}"

    def _gap(self):
        kind = "difference" if self.sides.relation == "=" else "excess"
        if self.holds:
            return f"largest {kind} below {power(self.sides.tolerance)}"
        return f"largest {kind} {shown(self.error)}"

    def compared(self):
        """The two sides in a few words: numbers as they are, arrays by the pair that matters.

        Of an array that agrees nothing is worth reading but its size; of a bound, and of what
        disagrees, the one pair that is nearest to failing, or fails the most.
        """
        left, right = self.sides.worst()
        pair = f"{shown(left)} {self._relation()} {shown(right)}"
        size = np.broadcast(self.sides.left, self.sides.right).size
        if size == 1:
            return pair
        if self.holds and self.sides.relation == "=":
            return f"{size} numbers"
        return f"{pair}, the {'closest' if self.holds else 'worst'} of {size}"

    def _relation(self):
        """The sign between the two sides as they are: =, ≤, or its denial."""
        if not np.isfinite(self.error):
            return "?"
        return {"=": "=≠", "<=": "≤>"}[self.sides.relation][not self.holds]

    def __repr__(self):
        both = "" if self.sides is None else f"; {self.compared()}; {self._gap()}"
        return said(f"{self.claim.identifier}: {self.verdict}{both}")

    @property
    def mark(self):
        """✓ holds, ✗ does not, – was not computed."""
        return "–" if self.sides is None else "✓" if self.holds else "✗"

    def _repr_html_(self):
        verdict = f"{self.mark} {escaped(self.verdict)}"
        if self.sides is not None:
            verdict += f" ({self.compared()})"
        title, name = _in_html(self.claim.title), f"<code>{self.claim.identifier}</code>"
        if not self.full:
            return folded(f"{verdict} · {title}", f"<p>{name}</p>{self._body()}")
        return f"<p><b>{self.mark} {title}</b> &nbsp; {name}</p>{self._body()}"

    def _body(self):
        """The statement, both numbers, how they were computed, and where it comes from."""
        claim = self.claim
        parts = [f"<p>{escape(claim.statement)}</p>"]
        verdict = f"<b>{escaped(self.verdict)}</b>"
        if self.sides is not None:
            left, right = map(_in_html, claim.routes)
            parts.append(f"<p>{left} <b>{self._relation()}</b> {right}: {self.compared()}</p>")
            verdict += f", {self._gap()}"
        needs = "; ".join(h.needs for h in claim.hypotheses if not h.to_compute)
        needs = f"Needs {needs}. " if needs else ""
        return "".join([*parts, f"<p>{verdict}. <i>{_in_html(needs)}Source: "
                        f"{escape(claim.source)}.</i></p>",
                        folded("How both sides were computed",
                               f"<pre>{escape(claim.how())}</pre>")])


@dataclass(frozen=True)
class Survey:
    """The outcomes of many claims on one context, a line each."""

    checks: tuple

    def __repr__(self):
        counts = [sum(map(bool, self.checks)), sum(not c.applies for c in self.checks)]
        fails = len(self.checks) - sum(counts)
        return said(f"{counts[0]} claims hold, {fails} fail, {counts[1]} do not apply")

    def _repr_html_(self):
        left = '<td style="text-align:left">'
        rows = "".join(
            f"<tr><td>{c.mark}</td>{left}{_in_html(c.claim.title)}</td>"
            f"{left}{escape(c.claim.statement)}</td>{left}{escaped(c.verdict)}</td></tr>"
            for c in self.checks)
        return folded(f"What else the package checks: {self!r}", f"<table>{rows}</table>")


# -- words and numbers --------------------------------------------------------------


def _in_html(words):
    """Our own words: P_X, s_{d+1} and D^{-1/2} with what is written below and above."""
    letters = r"(?:\{(.*?)\}|([^\W_]))"
    below = re.sub(r"(?<![^\W\d_])(\w|err)_" + letters, r"\1<sub>\2\3</sub>", escape(words))
    return re.sub(r"\^" + letters, r"<sup>\1\2</sup>", below)


def folded(summary, inside):
    """HTML that unfolds at a click, or at Enter."""
    return f"<details><summary>{summary}</summary>{inside}</details>"


def shown(value):
    """A number with four digits, rounded to ten places first, so that noise never shows."""
    if np.asarray(value).dtype.kind in "iu":
        return str(value)
    value = round(float(value), 10) + 0.0
    if not np.isfinite(value):
        return "undefined" if np.isnan(value) else "∞" if value > 0 else "−∞"
    if abs(value) < TOLERANCE:
        return "0.0000"
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 else f"{value:.4g}"


def power(value):
    """1e-09 is written 1e-9."""
    return f"{value:.0e}".replace("e-0", "e-")
