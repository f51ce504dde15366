"""Notebook 05's networks: what they find from sampled pairs alone, or from a kernel's values.

On Gaussian pairs the exact functions are known in closed form, on the abalone from linear algebra.
`shipped` is the table that ``python -m contexture_lite.experiment 05 FILE.csv`` makes anew.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
import torch

import contexture_lite as cl
from contexture_lite.datasets import tables
from contexture_lite.learn import ResidualMLP, draws, losses, scaling
from contexture_lite.learn.laws import batch
from contexture_lite.teach.pictures import style

RHO = 0.8  # correlation of the Gaussian pairs
SEEDS, PAIRS, WANTED, BEYOND = range(5), 512, 9, 5
OUTPUTS = 16, 9


def gaussian_pairs(n, generator):
    """(x, a), each (n, 1): standard normal, with correlation 0.8."""
    x, noise = torch.randn(2, n, 1, generator=generator)
    return x, RHO * x + (1 - RHO**2) ** 0.5 * noise


def gaussian_kernel(x, y):
    """k_X⁺(x, y) of these pairs: Mehler's kernel with correlation ρ² (Σ ρ^{2k} h_k(x) h_k(y))."""
    r = RHO**2
    return torch.exp((2 * r * x * y - r**2 * (x**2 + y**2)) / (2 * (1 - r**2))) / (1 - r**2) ** 0.5


def hermite(x):
    """The normalised Hermite functions h₁, h₂, h₃ of (n, 1) points: the exact μ₁, μ₂, μ₃."""
    x = np.asarray(x, dtype=float)
    return np.hstack([x, (x**2 - 1) / 2**0.5, (x**3 - 3 * x) / 6**0.5])


def svme(draw, first, second, steps=600, seed=0):
    """Train two networks on fresh pairs, 512 a step; ``draw(n, generator)`` gives (x, a)."""
    def loss(generator):
        x, a = draw(PAIRS, generator)
        return losses.svme(batch(PAIRS), first(x), second(a))

    return _descended(loss, [*first.parameters(), *second.parameters()], steps, seed)


def kise(kernel, network, steps=400, seed=0):
    """Train a network on a kernel's values at 512 fresh standard normal inputs a step."""
    def loss(generator):
        x = torch.randn(PAIRS, 1, generator=generator)
        K, f = kernel(x, x.T).fill_diagonal_(0), network(x)
        f = f - f.mean(0)
        return -torch.trace(torch.linalg.solve(f.T @ f, f.T @ K @ f / (PAIRS - 1)))

    return _descended(loss, network.parameters(), steps, seed)


def _descended(loss, parameters, steps, seed):
    """Adam with a constant rate; returns the last loss."""
    generator, optimiser = torch.Generator().manual_seed(seed), torch.optim.Adam(parameters, 1e-2)
    for _ in range(steps):
        value = loss(generator)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    return value.item()


def promise():
    """The first picture: the functions that two networks find without a table."""
    first, second, alone = (ResidualMLP(1, 6, width=32, seed=seed) for seed in range(3))
    svme(gaussian_pairs, first, second, steps=400)
    kise(gaussian_kernel, alone)
    fig, axes = style.panels(2, height=2.9, bottom=0.2)
    x, rhos = torch.linspace(-2.5, 2.5, 101)[:, None], []
    for ax, name, network in zip(
            axes, ("From pairs alone (SVME)", "From a kernel (KISE)"), (first, alone)):
        found, rho = ordered(network, x)
        rhos.append(rho)
        ax.plot(x, hermite(x), color=style.GREY, lw=7, alpha=0.5)
        ax.plot(x, found, color=style.INPUT, lw=2)
        style.label(ax, name, "x  (grey: exact functions)")
    return style.Picture(fig, "The first three functions that a network learned from pairs of "
                         "Gaussian numbers, and from the values of a kernel, lie on the exact "
                         f"ones: correlations of {np.floor(50 * min(rhos)) / 50:.2f} or more.")


def ordered(network, x):
    """(learned, least ρ): the span's nearest functions to h₁, h₂, h₃ under the normal density."""
    weights = np.exp(-np.asarray(x, dtype=float)[:, 0] ** 2 / 2)
    weights /= weights.sum()
    with torch.no_grad():
        f = network(x).double().numpy()
    f, exact, root = np.c_[np.ones(len(f)), f], hermite(x), np.sqrt(weights)[:, None]
    rho = cl.alignment.canonical_correlations(f[:, 1:], exact, weights)
    return f @ np.linalg.lstsq(root * f, root * exact, rcond=None)[0], float(rho.min())


# -- the abalone ------------------------------------------------------------------------


@lru_cache(maxsize=1)
def abalone():
    """(setting, draw, exact): 3,000 abalone, pairs of near ones, the first exact functions."""
    setting = scaling.setting("abalone", "30 neighbours", samples=3000)
    points, near = torch.tensor(setting.points, dtype=torch.float32), draws.pairs(setting.context)
    exact = cl.singular_system(setting.context, WANTED + BEYOND)
    return setting, lambda n, generator: (points[i] for i in near(n, generator)), exact


def found(network):
    """How much of μ₁ … μ₉ a network holds, unseen too; its part of each μ_i, the ratio trace."""
    setting, _, exact = abalone()
    with torch.no_grad():
        seen, new = (network(torch.tensor(X)).double().numpy()
                     for X in (setting.points, setting.held_out))
    ritz, squares = cl.ritz(setting.context, seen), exact.values[:WANTED] ** 2
    learned, unseen = (f[:, :WANTED] for f in (ritz.functions, ritz.extend(new)))
    extended = exact.extend(setting.context.conditional_at(setting.held_out))[:, :WANTED]
    shares = ((learned.T @ exact.left / len(learned)) ** 2).sum(axis=0)
    return {"found": shares[:WANTED].mean(),
            "found_unseen": float(cl.alignment.squared_cca(unseen, extended)),
            "trace": ritz.values[:WANTED].sum() / squares.sum(), "rank": len(ritz.values),
            } | {f"mu{i + 1}": share for i, share in enumerate(shares)}


def trained(outputs, seed=0, steps=600):
    """The first network of an SVME training on pairs of abalone."""
    first, second = (ResidualMLP(8, outputs, width=64, seed=2 * seed + k) for k in range(2))
    svme(abalone()[1], first, second, steps, seed)
    return first


def table(seeds=SEEDS, steps=600):
    """A row for each number of outputs and random start: `found`."""
    return pd.DataFrame([{"outputs": outputs, "steps": steps, "seed": seed}
                         | found(trained(outputs, seed, steps))
                         for outputs in OUTPUTS for seed in seeds])


def shipped():
    """The table of `table` as it is shipped."""
    return tables.shipped(__package__, "networks.csv")


def missing(rows):
    """The share of each exact function that was found, a line for each random start."""
    fig, axes = style.panels(len(OUTPUTS))
    columns = [f"mu{i + 1}" for i in range(WANTED + BEYOND)]
    said = []
    for ax, outputs in zip(axes, OUTPUTS):
        shares = rows[rows["outputs"] == outputs][columns].to_numpy()
        ax.plot(np.arange(1, len(columns) + 1), shares.T, "o-", color=style.INPUT, lw=1.5, ms=5)
        ax.axvline(WANTED + 0.5, color=style.GREY, lw=1.5, zorder=0)
        ax.set(ylim=(-0.04, 1.05), xticks=[1, 5, WANTED, len(columns)])
        style.label(ax, f"{outputs} outputs", "i", r"share of $\mu_i$ found")
        said.append(f"with {outputs} outputs {shares[:, WANTED - 1].mean():.1f} of the ninth "
                    f"function and {shares[:, WANTED].mean():.1f} of the tenth")
    return style.Picture(fig, f"Shares found from {len(shares)} random starts: "
                              f"{'; '.join(said)}.")
