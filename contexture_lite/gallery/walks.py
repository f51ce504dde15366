"""Steps around a ring, over a cube, and crops of a circle: translation-invariant contexts."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np

from contexture_lite.gallery._parts import channel, fraction, names_of, size_between


def cycle_walk(strength, n=8):
    """One step of a walk on a ring of n points that stays put with probability r.

    P(x|x) = r, P(x ± 1|x) = (1 − r)/2, X uniform. s = |r + (1 − r) cos(2πk/n)| for
    k = 1 … n − 1; the singular functions are the Fourier modes of frequency k.

    Parameters
    ----------
    strength : float in [0, 1]
        r: 0 is the plain walk, ½ the lazy one, 1 the identity. The plain walk is not
        independence; on an even ring it even has a second value 1, since it always
        changes colour on the two-coloured ring.
    n : int from 3 to 5000

    Source: circulant matrices; random walks on groups (Diaconis 1988).
    """
    stay, n = fraction("strength", strength), size_between("n", n, 3)
    step = np.zeros(n)
    step[[0, 1, -1]] = stay, (1 - stay) / 2, (1 - stay) / 2
    values = stay + (1 - stay) * np.cos(2 * np.pi * np.arange(1, n) / n)
    return channel(_circulant(step), values, names_of(n), names_of(n))


def hypercube(strength, n_bits=3):
    """A string of uniform bits, each flipped independently with probability f.

    P(a|x) = f^D (1 − f)^(n − D) with D the number of bits where a and x differ.
    s_S = (1 − 2f)^|S|, one for each non-empty set S of bits; the singular functions are
    the Walsh functions Π_{j∈S} (−1)^{x_j}.

    Parameters
    ----------
    strength : float in [0, 1]
        1 − 2f.
    n_bits : int from 1 to 12

    Source: Walsh functions; the noise operator (O'Donnell 2014, ch. 2).
    """
    strength, n = fraction("strength", strength), size_between("n_bits", n_bits, 1, 12)
    flip = (1 - strength) / 2
    rows = np.ones((1, 1))
    for _ in range(n):
        rows = np.kron(rows, [[1 - flip, flip], [flip, 1 - flip]])
    sizes = np.repeat(np.arange(1, n + 1), [comb(n, j) for j in range(1, n + 1)])
    names = ["".join(bits) for bits in product("01", repeat=n)]
    return channel(rows, strength**sizes, names, names)


def circle_crops(strength, n=64):
    """X is a direction, A the centre of a crop that looks up to w to either side of it.

    X is uniform on n equally spaced points of a circle, A uniform in the window
    X ± w, w = (1 − strength)π, and rounded to the nearest point: a point that the window
    covers only in part has that part of the weight. In steps of 2π/n the window reaches
    h = n(1 − strength)/2 (a narrower one than h = ½ is rounded to X itself), which is
    m + ½ + f with an integer m and 0 ≤ f < 1, and for k = 1 … n − 1
    s_k = |D_m(θ) + 2f cos((m + 1)θ)| / (2h), θ = 2πk/n, D_m(θ) = sin((m + ½)θ) / sin(θ/2).
    As n grows s_k → |sin(kw)/(kw)|, which is not monotone in the frequency k; the
    singular functions are the Fourier modes.

    Parameters
    ----------
    strength : float in [0, 1]
        1: the crop is where X is; 0: anywhere on the circle.
    n : int from 3 to 5000

    The labels are angles in degrees, as floats. Source: the Fourier series of a window
    (Dirichlet's kernel; sinc in the limit).
    """
    strength, n = fraction("strength", strength), size_between("n", n, 3)
    h = max(n * (1 - strength) / 2, 0.5)
    offsets = np.arange(-n, n + 1)
    covered = np.clip(h + 0.5 - np.abs(offsets), 0, 1) / (2 * h)
    window = np.bincount(offsets % n, weights=covered, minlength=n)
    labels = (360 * np.arange(n) / n).tolist()
    return channel(_circulant(window), _crop_values(h, n), labels, labels)


def _circulant(step):
    """P(a|x) = step[x − a mod n]; every step here is as likely as its reverse."""
    positions = np.arange(len(step))
    return step[np.subtract.outer(positions, positions) % len(step)]


def _crop_values(h, n):
    """Closed form of `circle_crops` for k = 1 … n − 1; h ≥ ½ in steps of the ring."""
    theta = 2 * np.pi * np.arange(1, n) / n
    m = np.floor(h - 0.5)
    dirichlet = np.sin((m + 0.5) * theta) / np.sin(theta / 2)
    return (dirichlet + 2 * (h - 0.5 - m) * np.cos((m + 1) * theta)) / (2 * h)
