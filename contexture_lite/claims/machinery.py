"""What a claim is, how one is registered, and how one is checked and shown."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contexture_lite._checks import as_dense, as_numbers, refuse_cells
from contexture_lite.contexts import Context

TOLERANCE = 1e-9
LARGEST_TABLE = 4_000_000  # cells; one side of every claim is computed on a dense table

_LEDGER = {}


@dataclass(frozen=True)
class Sides:
    """The two sides of a statement, computed by different routes.

    ``left`` and ``right`` are numbers or arrays that broadcast; ``relation`` is "=" or
    "<=". The error is max |left − right|, or max (left − right)₊ for "<=", divided by
    the largest number on the right where that is above 1. A side that is not finite
    never agrees.
    """

    left: object
    right: object
    tolerance: float = TOLERANCE
    relation: str = "="

    def __post_init__(self):
        if self.relation not in ("=", "<="):
            raise ValueError(f"relation is {self.relation!r}; it must be '=' or '<='")

    @property
    def error(self):
        """How far the two sides are from what the statement says."""
        left, right = np.broadcast_arrays(np.asarray(self.left, float), self.right)
        if left.size == 0:
            raise ValueError("both sides are empty; there is nothing to compare")
        if not (np.isfinite(left).all() and np.isfinite(right).all()):
            return np.inf
        gap = np.abs(left - right) if self.relation == "=" else np.maximum(left - right, 0)
        return float(gap.max() / max(1.0, np.abs(right).max()))

    @property
    def agree(self):
        """Whether the error is within the tolerance."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Hypothesis:
    """A condition that a claim needs: a few words, a test, and what a context has instead.

    ``needs`` reads on from "needs …"; ``test`` maps a context to True or False;
    ``found`` maps a context without it to the rest of "this one …". Both may take options
    of the claim beside the context, by name. Without the condition the two sides can still
    be computed and seen to differ, unless ``to_compute`` says that one of them then does
    not exist.
    """

    needs: str
    test: Callable
    found: Callable
    to_compute: bool = False


@dataclass(frozen=True)
class Claim:
    """A statement of the course, and the function that computes its two sides.

    ``statement`` is Markdown with LaTeX; ``routes`` says how the left and the right
    side are computed; ``function(context, **options)`` returns `Sides`.
    """

    identifier: str
    title: str
    statement: str
    hypotheses: tuple
    source: str
    taught_in: str
    routes: tuple
    function: Callable

    @property
    def options(self):
        """Names of the options that `check` passes on to the function."""
        return tuple(inspect.signature(self.function).parameters)[1:]

    def missing(self, context, options):
        """The hypotheses that are not fulfilled, up to one needed to compute."""
        missing = []
        for hypothesis in self.hypotheses:
            if not with_options(hypothesis.test, context, options):
                missing.append(hypothesis)
                if hypothesis.to_compute:
                    break
        return tuple(missing)


def with_options(function, context, options):
    """function(context, …) with those of the options that it takes."""
    takes = tuple(inspect.signature(function).parameters)[1:]
    return function(context, **{name: options[name] for name in takes if name in options})


def claim(identifier, title, statement, *, source, taught_in, routes, needs=()):
    """Register the decorated function as the claim of that identifier."""

    def register(function):
        if identifier in _LEDGER:
            raise ValueError(f"there are two claims named {identifier!r}")
        _LEDGER[identifier] = Claim(
            identifier, title, statement, tuple(needs), source, taught_in, routes, function
        )
        return function

    return register


def ledger():
    """Every claim of the course, in teaching order."""
    return list(_LEDGER.values())


def find(identifier):
    """The claim with this identifier; an unknown one raises, and names the nearest."""
    if not isinstance(identifier, str):
        raise TypeError(f"identifier is {identifier!r}; it must be a string such as 'chi-square'")
    if identifier not in _LEDGER:
        near = difflib.get_close_matches(identifier, _LEDGER, n=3, cutoff=0.4)
        near += [name for name in _LEDGER if identifier.lower() in name and name not in near]
        hint = f"near it: {', '.join(near)}" if near else f"there are: {', '.join(_LEDGER)}"
        raise ValueError(f"identifier is {identifier!r}, which is no claim; {hint}")
    return _LEDGER[identifier]


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
        What the claim's function takes beside the context, such as ``d`` or ``seed``.

    Returns
    -------
    Check
        True in an `assert` if the claim applies and holds; shows itself in a notebook.
    """
    found = find(identifier)
    if not isinstance(context, Context):
        raise TypeError(f"context is a {type(context).__name__}; it must be a Context")
    unknown = [name for name in options if name not in found.options]
    if unknown:
        takes = ", ".join(found.options) or "no options"
        raise TypeError(f"claim {identifier!r} has no option {unknown[0]!r}; it takes {takes}")
    if np.prod(context.shape) > LARGEST_TABLE:
        raise ValueError(
            f"context has {context.shape[0]}×{context.shape[1]} cells; claims are checked on dense "
            f"tables of at most {LARGEST_TABLE} cells"
        )
    missing = found.missing(context, options)
    because = "; ".join(
        f"needs {h.needs}, this one {with_options(h.found, context, options)}" for h in missing
    )
    if missing and not anyway:
        return Check(found, None, missing, because)
    if any(h.to_compute for h in missing):
        raise ValueError(f"claim {identifier!r} cannot be computed: {because}")
    with np.errstate(all="ignore"):  # a broken hypothesis may divide by zero: the side is then ∞
        sides = found.function(context, **options)
    return Check(found, sides, missing, because)


def survey(context, *, taught_in=None):
    """Check every claim on one context: a `Survey`, which shows itself as a table.

    ``taught_in`` keeps the claims of one notebook, such as "01".
    """
    chosen = [c for c in ledger() if taught_in in (None, c.taught_in)]
    if not chosen:
        taught = sorted({c.taught_in for c in ledger()})
        raise ValueError(f"taught_in is {taught_in!r}; it must be one of {', '.join(taught)}")
    return Survey(tuple(check(c.identifier, context) for c in chosen))


@dataclass(frozen=True)
class Survey:
    """The outcomes of many claims on one context, a line each."""

    checks: tuple

    def __repr__(self):
        counts = [sum(map(bool, self.checks)), sum(not c.applies for c in self.checks)]
        fails = len(self.checks) - sum(counts)
        return f"{counts[0]} claims hold, {fails} fail, {counts[1]} do not apply"

    def _repr_markdown_(self):
        lines = ["| | claim | statement | |", "|:-:|:--|:--|:--|"]
        for c in self.checks:
            claim = c.claim
            lines.append(f"| {c.mark} | {starred(claim.title)} | {claim.statement} | {c.verdict} |")
        return "\n".join([*lines, "", f"**{self!r}**"])


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
    """

    claim: Claim
    sides: Sides | None
    missing: tuple
    because: str

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

    def _relation(self):
        """The sign between the two sides as they are: =, ≤, or its denial."""
        if not np.isfinite(self.error):
            return "?"
        return {"=": "=≠", "<=": "≤>"}[self.sides.relation][not self.holds]

    def __repr__(self):
        if self.sides is None:
            return f"{self.claim.identifier}: {self.verdict}"
        both = f"{shown(self.sides.left)} {self._relation()} {shown(self.sides.right)}"
        return f"{self.claim.identifier}: {self.verdict}; {both}; {self._gap()}"

    @property
    def mark(self):
        """✓ holds, ✗ does not, – was not computed."""
        return "–" if self.sides is None else "✓" if self.holds else "✗"

    def _repr_markdown_(self):
        title = f"**{self.mark} {starred(self.claim.title)}** &nbsp; `{self.claim.identifier}`"
        lines = [title, "", self.claim.statement, ""]
        verdict = f"**{self.verdict}**"
        if self.sides is not None:
            (left, right), sides = map(starred, self.claim.routes), self.sides
            lines += [f"| {left} | | {right} |", "|:-:|:-:|:-:|",
                      f"| {shown(sides.left)} | {self._relation()} | {shown(sides.right)} |", ""]
            verdict += f", {self._gap()}"
        needs = "; ".join(h.needs for h in self.claim.hypotheses if not h.to_compute)
        needs = f"Needs {needs}. " if needs else ""
        return "\n".join([*lines, f"{verdict}. *{needs}Source: {self.claim.source}.*"])


def starred(text):
    """Plain text in Markdown, where the star of T* would begin an emphasis."""
    return text.replace("*", r"\*")


def shown(values, most=3):
    """A number with four digits, or the first numbers of an array with its shape.

    Rounded to ten places first, so that noise in the last places never shows.
    """
    values = np.asarray(values)
    if values.ndim == 0:
        if values.dtype.kind in "iu":
            return str(values)
        value = round(float(values), 10) + 0.0
        if not np.isfinite(value):
            return "undefined" if np.isnan(value) else "∞" if value > 0 else "−∞"
        if abs(value) < TOLERANCE:
            return "0.0000"
        return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 else f"{value:.4g}"
    first = ", ".join(shown(v) for v in values.ravel()[:most])
    dots = ", …" if values.size > most else ""
    size = f" ({'×'.join(map(str, values.shape))})" if dots else ""
    return f"[{first}{dots}]{size}"


def power(value):
    """1e-09 is written 1e-9."""
    return f"{value:.0e}".replace("e-0", "e-")


# -- what the claims have in common ------------------------------------------------


def table(context):
    """P, p and q as dense arrays, the marginals summed from the table itself."""
    joint = as_dense(context.joint)
    return joint, joint.sum(axis=1), joint.sum(axis=0)


def function_on(size, values, name, seed):
    """The reader's function on ``size`` points, or a random one."""
    if values is None:
        return np.random.default_rng(seed).standard_normal(size)
    values = as_numbers(name, values)
    if values.shape != (size,):
        raise ValueError(f"{name} has shape {values.shape}; it must be ({size},)")
    refuse_cells(name, values, lambda v: ~np.isfinite(v), "must be finite")
    return values
