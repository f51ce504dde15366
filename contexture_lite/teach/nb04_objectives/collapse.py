"""Notebook 04's live picture of dimensional collapse: whitening asked for, not enforced."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.optimize import minimize

from contexture_lite.learn import TableEncoder, laws, losses
from contexture_lite.teach.cast.members import CAST, system_at
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, choice, slider

OUTPUTS = 7
COLLAPSING = ("hypercube", "masked tokens", "binary tree", "cycle walk")
ALIVE = 0.01  # a trained direction with less variance counts as switched off


def minimised(loss, start, **options):
    """A table of the shape of ``start`` at a minimum of ``loss``: L-BFGS, gradients by torch.

    ``loss`` takes a tensor and returns a scalar tensor; ``options`` are SciPy's.
    """

    def value_and_gradient(flat):
        table = torch.tensor(flat.reshape(start.shape), requires_grad=True)
        value = loss(table)
        value.backward()
        return value.item(), table.grad.numpy().ravel()

    solution = minimize(value_and_gradient, start.ravel(), jac=True, method="L-BFGS-B",
                        options=options)
    return solution.x.reshape(start.shape)


def surviving_variances(squares, penalty):
    """(1 − (1 − s²)/λ)₊: the variance that a mode keeps under E‖ψ − ψ⁺‖² + λ‖Cov − I‖².

    Our derivation.
    """
    return np.maximum(0, 1 - (1 - squares) / penalty)


@lru_cache(maxsize=4096)
def trained_variances(name, strength, penalty, seed=0):
    """Eigenvalues of Cov Ψ(A), largest first, of a table encoder trained on the penalised loss.

    Its 7 outputs (fewer if A has fewer values) start at random; the table is scaled by
    1/√q, so that rare values of A learn as fast as frequent ones.
    """
    context = CAST[name].build(strength)
    law, q = laws.views(context), context.p_a
    scale = torch.tensor(q[:, None] ** -0.5)
    start = TableEncoder(len(q), min(OUTPUTS, len(q) - 1), seed=seed).values.detach().numpy()

    def loss(table):
        psi = scale * table
        return losses.covariance_penalty(law, psi, psi, penalty)

    psi = minimised(loss, 0.3 * start, ftol=1e-10, gtol=1e-5) * scale.numpy()
    psi = psi - q @ psi
    return np.maximum(np.linalg.eigvalsh(psi.T @ (q[:, None] * psi))[::-1], 0)


@dataclass(frozen=True)
class Collapse:
    """Everything the picture shows at one setting."""

    name: str
    strength: float
    penalty: float  # λ
    squares: np.ndarray  # (d,) s_i², 0 beyond the rank
    exact: np.ndarray  # (d,)
    trained: np.ndarray  # (d,)

    @property
    def alive(self):
        """How many modes the formula keeps."""
        return int((self.exact > 1e-12).sum())

    @property
    def trained_alive(self):
        """The same of the trained encoder."""
        return int((self.trained > ALIVE).sum())


class CollapseExplorer(Explorer):
    """Dimensional collapse: whitening asked for with a penalty λ, not enforced.

    E‖ψ(A) − ψ(A⁺)‖² + λ‖Cov ψ − I‖² keeps the modes with s_i² > 1 − λ, with variance
    1 − (1 − s_i²)/λ, and switches the others off. Panels: s_i² above or below the line
    1 − λ; the variances of a table encoder that has been trained (bars) and the formula
    (circles); how many directions are left, for every λ.

    Keys of `values`: ``alive`` (formula), ``trained_alive`` (trained variances above 0.01),
    ``largest_variance``, ``largest_gap`` (between training and formula).
    """

    alt = ("Squared singular values as bars, against a line at one minus lambda.",
           "The variances of a trained encoder as bars, with the formula as circles.",
           "The number of directions left, as a staircase in lambda.")
    frozen = {"context": ("hypercube", "cycle walk"), "strength": (0.3, 0.5, 0.7, 0.9),
              "penalty": (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)}

    def make_controls(self, context="hypercube", strength=0.7, penalty=0.6):
        return {"context": choice("Context", COLLAPSING, context, "260px"),
                "strength": slider("Strength", strength),
                "penalty": slider("λ, penalty", penalty, 0.02, 1.5)}

    def compute(self, context, strength, penalty):
        strength, penalty = CAST[context].strength(strength), round(penalty, 6)
        trained = trained_variances(context, strength, penalty)
        squares = np.zeros(len(trained))
        values = system_at(context, strength).values[:len(squares)]
        squares[:len(values)] = values**2
        return Collapse(context, strength, penalty, squares,
                        surviving_variances(squares, penalty), trained)

    def build(self, figure):
        modes, variances, stairs = (
            style.axes(panel, left=left, right=right, bottom=0.205) for panel, left, right in
            zip(figure.subfigs, (0.2, 0.14, 0.1), (0.83, 0.97, 0.96)))
        place, ends = np.arange(1, OUTPUTS + 1), [0.3, OUTPUTS + 0.7]
        style.label(modes, "Above the line: kept", "index $i$", "squared value $s_i^2$")
        style.label(variances, "Variance after training", "direction  (○ formula)", "")
        for ax in (modes, variances):
            ax.set(xlim=ends, ylim=(0, 1.04), xticks=place, yticks=[0, 0.5, 1])
            ax.tick_params(axis="x", pad=9)
        self.water = self.moving(modes.fill_between(ends, 0, 0, color=style.CONTEXT, alpha=0.13,
                                                    lw=0))
        self.modes = self.moving(artists.Bars(modes, place, 0.72))
        self.level = self.moving(modes.plot([], [], color=style.CONTEXT, lw=3)[0])
        self.level_name = self.moving(artists.Labels(modes, 12))
        self.level_name.artist.set_clip_on(False)  # it stands right of the axes
        self.variances = self.moving(artists.Bars(variances, place, 0.72))
        self.circles = self.moving(artists.ring(variances, 10, style.INK, 1.9))
        style.label(stairs, "Directions left", "λ, penalty (○ trained, here)", "")
        stairs.set(xlim=(0, 1.52), ylim=(-0.25, OUTPUTS + 0.35), yticks=range(OUTPUTS + 1),
                   xticks=[0, 0.5, 1, 1.5])
        self.stairs = self.moving(stairs.plot([], [], color=style.INPUT, drawstyle="steps-post")[0])
        self.ring = self.moving(artists.ring(stairs, 14, width=3))

    def draw(self, step):
        d, level = len(step.squares), max(1 - step.penalty, 0)
        self.modes.set_spectrum(step.squares, step.alive)
        self.water.set_data([0.3, OUTPUTS + 0.7], 0, [level, level])
        self.level.set_data([0.3, OUTPUTS + 0.7], [level, level])
        for artist in (self.level, self.level_name.artist):  # beyond λ = 1 nothing is below
            artist.set_visible(step.penalty <= 1)
        self.level_name.set(["1 − λ"], [(OUTPUTS + 1.55, level)], style.CONTEXT)
        self.variances.set(step.trained)
        self.circles.set_data(np.arange(1, d + 1), step.exact)
        thresholds = np.sort(1 - step.squares)
        self.stairs.set_data([0, *thresholds, 1.52], [0, *range(1, d + 1), d])
        self.ring.set_data([step.penalty], [step.trained_alive])

    def numbers(self, step):
        return {"alive": step.alive, "trained_alive": step.trained_alive,
                "largest_variance": float(step.trained[0]),
                "largest_gap": float(np.abs(step.trained - step.exact).max())}

    def sentence(self, step):
        rule = ("every mode lives" if step.penalty > 1 else
                f"modes with s² above {1 - step.penalty:.2f} live")
        return (f"{step.name.capitalize()} at strength {step.strength:.2f}, λ = "
                f"{step.penalty:.2f}: {rule}, {step.alive} of {len(step.squares)}; the trained "
                f"encoder has {step.trained_alive} directions, the largest with variance "
                f"{step.trained[0]:.3f} instead of 1.")
