import sys
from weakref import WeakKeyDictionary

import numpy as np
import pytest
from joints import DIALS

import contexture_lite as cl
from contexture_lite import gallery

STRENGTHS = [0, 0.01, 0.99, 1]  # between them stands the gallery, on which the ledger is measured
SMALLER = {"circle_crops": {"n": 16}}  # than it is by default


def random_contexts(count, seed):
    """Dense, sparse, repeating and lopsided tables of all shapes up to 14 × 14."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        shape = rng.integers(1, 15, size=2)
        kind = number % 4
        if kind == 0:
            weights = rng.gamma(0.3, size=shape) + 1e-4
        elif kind == 1:
            weights = rng.integers(0, 3, size=shape) + np.eye(*shape)
        elif kind == 2:
            weights = np.repeat(rng.random(shape), 2, axis=0)
        else:
            weights = rng.random(shape) * 10.0 ** rng.integers(-3, 3, size=(shape[0], 1))
        yield f"random {number} {shape[0]}x{shape[1]}", cl.Context.from_counts(
            weights, drop_empty=True
        )


def corner_contexts():
    """Shapes and strengths at the edge of what there is."""
    rng = np.random.default_rng(7)
    symmetric = rng.random((6, 6))
    blocks = np.kron(np.eye(3), np.ones((2, 4))) * rng.random((6, 12))
    yield "one by one", cl.Context([[1.0]])
    yield "one input", cl.Context([[0.2, 0.5, 0.3]])
    yield "one context value", cl.Context([[0.2], [0.5], [0.3]])
    yield "long", cl.Context.from_counts(rng.random((80, 2)))
    yield "thin", cl.Context.from_counts(rng.random((2, 80)))
    yield "symmetric", cl.Context.from_counts(symmetric + symmetric.T)
    yield "three blocks", cl.Context.from_counts(blocks)
    yield "nearly independent", cl.Context.from_counts(1 + 1e-3 * rng.random((5, 6)))
    yield "as good as independent", gallery.symmetric_channel(1e-9, n=5)
    yield "nearly the identity", cl.Context.from_counts(np.eye(6) + 1e-3 * rng.random((6, 6)))
    yield "names changed", cl.Context.from_counts(np.diag(rng.random(5) + 0.1)[:, ::-1])
    for rho, n in ((-0.9, 80), (-0.4, 140), (0.9, 80)):
        yield f"Gaussian {rho}", gallery.gaussian_pair(rho, n)


@pytest.fixture(scope="session")
def zoo():
    """{name: Context}: what every claim is tried on, beside the contexts of the ledger."""
    dialled = {
        f"{dial.__name__} {strength}": dial(strength, **SMALLER.get(dial.__name__, {}))
        for dial in DIALS
        for strength in STRENGTHS
    }
    others = {
        "uneven erasure": gallery.erasure(0.6, p=[0.9, 0.05, 0.04, 0.01]),
        "circle_crops of 64": gallery.circle_crops(0.2),
    }
    return (
        dialled
        | others
        | dict(corner_contexts())
        | dict(random_contexts(12, seed=0))
    )


@pytest.fixture(scope="module")
def one_spectrum():
    """The spectrum of a context is computed once, not anew for every claim that asks for it."""
    true, known = cl.singular_system, WeakKeyDictionary()

    def remembered(context, d=None, **options):
        if options or not isinstance(context, cl.Context):
            return true(context, d, **options)
        systems = known.setdefault(context, {})
        if d not in systems:
            systems[d] = true(context, d)
        return systems[d]

    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            ours = name.split(".")[0] == "contexture_lite"
            if ours and vars(module).get("singular_system") is true:
                patch.setattr(module, "singular_system", remembered)
        yield
