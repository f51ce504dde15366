"""Training steps a second of our losses beside lightly's VICReg, in one loop and on one thread.

    pip install --no-deps lightly lightly_utils    # only for this table
    make bench

A 64-256-256-16 network sees two views of a batch of 256. A step is two forward passes, the
loss, the backward pass and Adam; the methods take turns in short runs, so that a busy
machine is equally slow to all. Ratio: their median time over ours, 1 or more is the target.
"""

import importlib.util
import statistics
import time
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from contexture_lite.learn import laws, losses

BATCH, SIZES, STEPS, TURNS = 256, (64, 256, 256, 16), 20, 40


def lightly_vicreg():
    """Their VICRegLoss from its own file: the package's other losses need torchvision."""
    pytest.importorskip("lightly", reason="pip install --no-deps lightly lightly_utils")
    path = Path(importlib.util.find_spec("lightly").origin).parent / "loss" / "vicreg_loss.py"
    spec = importlib.util.spec_from_file_location("lightly_vicreg_loss", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.VICRegLoss()


def network():
    torch.manual_seed(0)
    layers = [part for m, n in pairwise(SIZES) for part in (nn.Linear(m, n), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


class Step:
    """One training step; ``loss`` takes the features of the two views."""

    def __init__(self, loss):
        self.loss, self.network = loss, network()
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=1e-3)
        x = torch.randn(BATCH, SIZES[0], generator=torch.Generator().manual_seed(1))
        self.views = x, x + 0.3 * torch.randn(x.shape, generator=torch.Generator().manual_seed(2))

    def __call__(self):
        self.optimiser.zero_grad()
        self.loss(*(self.network(view) for view in self.views)).backward()
        self.optimiser.step()


class LossAlone:
    """The loss and its gradient, for fixed features."""

    def __init__(self, loss):
        step = Step(loss)
        self.loss = loss
        self.features = [step.network(view).detach().requires_grad_() for view in step.views]

    def __call__(self):
        self.loss(*self.features).backward()


def seconds(works):
    """Median seconds of each piece of work, the works taking turns."""
    taken = {name: [] for name in works}
    for turn in range(TURNS + 1):
        for name, work in works.items():
            start = time.perf_counter()
            for _ in range(STEPS):
                work()
            if turn:  # the first is a warm-up
                taken[name].append((time.perf_counter() - start) / STEPS)
    return {name: statistics.median(times) for name, times in taken.items()}


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def bench_steps_beside_lightly():
    law, theirs = laws.batch(BATCH), lightly_vicreg()
    rows = {
        "lightly VICReg": theirs,
        "our VICReg": lambda f, g: losses.vicreg(law, f, g),
        "our spectral contrastive": lambda f, g: losses.spectral_contrastive(law, f, g),
    }
    f, g = (network()(view) for view in Step(theirs).views)
    assert rows["our VICReg"](f, g).item() == pytest.approx(theirs(f, g).item(), rel=1e-4)
    for title, kind in (("training step", Step), ("loss and gradient alone", LossAlone)):
        median = seconds({name: kind(loss) for name, loss in rows.items()})
        print(f"\n{title:<28} a second   ratio")
        for name, time_ in median.items():
            print(f"{name:<28} {1 / time_:8.0f} {median['lightly VICReg'] / time_:7.2f}")
