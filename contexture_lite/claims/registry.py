"""What a claim is, and the ledger in which every claim stands once."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module

import numpy as np

from contexture_lite._text import said

TOLERANCE = 1e-9

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

    def worst(self):
        """(left, right) of the pair that fails the most, or is nearest to it.

        Rounded before they are compared, so that noise does not choose; two zeros are chosen
        only where there is nothing else.
        """
        left, right = np.broadcast_arrays(self.left, self.right)
        left, right = left.ravel(), right.ravel()
        with np.errstate(invalid="ignore"):  # ∞ − ∞
            gap = np.round(left.astype(float) - right.astype(float), 10)
        gap = np.abs(gap) if self.relation == "=" else gap
        gap[(np.abs(left) < TOLERANCE) & (np.abs(right) < TOLERANCE)] = -np.inf
        gap[~(np.isfinite(left) & np.isfinite(right))] = np.inf
        return left[gap.argmax()], right[gap.argmax()]

    @property
    def agree(self):
        """Whether the error is within the tolerance."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Hypothesis:
    """A condition that a claim needs: a few words, a test, and what a context has instead.

    ``needs`` reads on from "needs …"; ``test`` maps a context to True or False;
    ``instead`` maps a context without it to the rest of "this one …". Both may take options
    of the claim beside the context, some by name or all as ``**``. Without the condition the
    two sides can still be computed and seen to differ, unless ``to_compute`` says that one of
    them then does not exist.
    """

    needs: str
    test: Callable
    instead: Callable
    to_compute: bool = False

    def __repr__(self):
        return said(f"Hypothesis({self.needs!r})")


@dataclass(frozen=True)
class Claim:
    """A statement of the course, and the function that computes its two sides.

    ``statement`` is Markdown with LaTeX; ``routes`` says how the left and the right
    side are computed; ``function(context, **options)`` returns `Sides`. The claims of a
    notebook stand in the ledger by ``part``, then file by file.
    """

    identifier: str
    title: str
    statement: str
    hypotheses: tuple
    source: str
    taught_in: str
    routes: tuple
    function: Callable
    part: int = 1

    def __repr__(self):
        return said(f"Claim({self.identifier!r}, {self.title!r})")

    @property
    def options(self):
        """Names of the options that `check` passes on to the function."""
        return options_of(self.function)

    def how(self):
        """The source of the two routes, and of what they call here and on the shelf `by_hand`."""
        source = body_of(self.function)
        known = vars(import_module("contexture_lite.claims.by_hand")) | self.function.__globals__
        names = re.findall(r"(?:by_hand\.|(?<![.\w]))(\w+)\(", source)
        ours = [f for f in map(known.get, dict.fromkeys(names))
                if inspect.isfunction(f) and ".claims." in f.__module__ and f != self.function]
        return "\n\n".join([source, *map(body_of, ours)])

    def missing(self, context, options):
        """The hypotheses that are not fulfilled, up to one needed to compute."""
        missing = []
        for hypothesis in self.hypotheses:
            if not with_options(hypothesis.test, context, options):
                missing.append(hypothesis)
                if hypothesis.to_compute:
                    break
        return tuple(missing)


@cache
def body_of(function, longest=8):
    """Its source without decorators; without its first lines and docstring if it is long."""
    source = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(source).body[0]
    lines = source.rstrip().splitlines()
    short = len(lines) - tree.lineno < longest
    first = tree if short else tree.body[ast.get_docstring(tree) is not None]
    return textwrap.dedent("\n".join(lines[first.lineno - 1:]))


@cache
def options_of(function):
    """Names of what the function takes beside the context; the last is "**" if it takes any."""
    any_kind = inspect.Parameter.VAR_KEYWORD
    takes = list(inspect.signature(function).parameters.values())[1:]
    return tuple("**" if one.kind is any_kind else one.name for one in takes)


def with_options(function, context, options):
    """function(context, …) with those of the options that it takes."""
    takes = options_of(function)
    return function(context, **{k: v for k, v in options.items() if k in takes or "**" in takes})


def claim(identifier, title, statement, *, source, taught_in, routes, needs=(), part=1):
    """Register the decorated function as the claim of that identifier."""

    def register(function):
        if identifier in _LEDGER:
            raise ValueError(f"there are two claims named {identifier!r}")
        _LEDGER[identifier] = Claim(
            identifier, title, statement, tuple(needs), source, taught_in, routes, function, part
        )
        return function

    return register


def lesson(notebook, source=None, part=1):
    """`claim` for the statements of one notebook, with the source that most of them have.

    ``part`` says where in the notebook's list the statements stand if several files bring some.
    """
    return partial(claim, taught_in=notebook, source=source, part=part)


def ledger():
    """Every claim of the course, in teaching order: by notebook and part, as the files have them.

    The files themselves are read in alphabetical order, for `contexture_lite.claims` imports
    all of them, and none imports another.
    """
    return sorted(_LEDGER.values(), key=lambda claim: (claim.taught_in, claim.part))


def find(identifier):
    """The claim with this identifier; an unknown one raises, and names the nearest."""
    if not isinstance(identifier, str):
        raise TypeError(f"identifier is {identifier!r}; it must be a string such as 'chi-square'")
    if identifier not in _LEDGER:
        names = [known.identifier for known in ledger()]
        near = difflib.get_close_matches(identifier, names, n=3, cutoff=0.4)
        near += [name for name in names if identifier.lower() in name and name not in near]
        hint = f"near it: {', '.join(near)}" if near else f"there are: {', '.join(names)}"
        raise ValueError(f"identifier is {identifier!r}, which is no claim; {hint}")
    return _LEDGER[identifier]
