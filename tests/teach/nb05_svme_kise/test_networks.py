"""Networks of notebook 05: what they learn from pairs or a kernel alone, on five random starts."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite.learn import ResidualMLP
from contexture_lite.teach.nb05_svme_kise import networks

torch.set_num_threads(1)
ROWS = networks.shipped()
WIDE, NARROW = (ROWS[ROWS["outputs"] == outputs] for outputs in networks.OUTPUTS)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# ---- Gaussian pairs


def test_the_pairs_have_the_correlation_they_say_and_their_kernel_is_that_of_the_pairs():
    x, a = networks.gaussian_pairs(200_000, generator())
    correlation = np.corrcoef(x[:, 0], a[:, 0])[0, 1]
    assert correlation == pytest.approx(networks.RHO, abs=0.005)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights, nodes = weights / weights.sum(), torch.tensor(nodes)[:, None]
    h = networks.hermite(nodes)
    assert np.allclose(h.T @ (weights[:, None] * h), np.eye(3))
    K = networks.gaussian_kernel(nodes, nodes.T).numpy()
    values = networks.RHO ** (2 * np.arange(1, 4))
    assert np.allclose(K @ (weights[:, None] * h), h * values, atol=1e-6)  # T_k h_k = ρ^{2k} h_k
    assert np.allclose(K @ weights, 1, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_both_find_the_hermite_functions_from_any_start(seed):
    first, second, alone = (ResidualMLP(1, 6, width=32, seed=10 + 3 * seed + k) for k in range(3))
    networks.svme(networks.gaussian_pairs, first, second, steps=400, seed=seed)
    networks.kise(networks.gaussian_kernel, alone, seed=seed)
    x = torch.linspace(-2.5, 2.5, 101)[:, None]
    for network in (first, alone):
        learned, rho = networks.ordered(network, x)
        assert rho > 0.98
        assert np.abs(learned - networks.hermite(x)).max() < 0.8


def test_what_lies_in_the_span_is_returned_as_it_is():
    x = torch.linspace(-2, 2, 41)[:, None]
    mixed = torch.tensor(networks.hermite(x) @ [[1, 2, 0], [0, 1, 1], [1, 0, 1]] + 5)
    learned, rho = networks.ordered(lambda _: mixed, x)
    assert rho == pytest.approx(1) and np.allclose(learned, networks.hermite(x))


# ---- the abalone


def test_with_more_outputs_than_functions_all_nine_are_found_unseen_too():
    assert len(WIDE) == len(NARROW) == 5
    assert WIDE[["found", "found_unseen"]].to_numpy().min() > 0.99


def test_with_nine_outputs_the_ninth_is_missing_for_the_tenth_and_no_rank_is_lost():
    assert (NARROW["rank"] == 9).all() and NARROW[["found", "found_unseen"]].max().max() < 0.9
    assert NARROW["mu9"].max() < 0.2 and NARROW["mu10"].min() > 0.8
    assert NARROW[[f"mu{i}" for i in range(1, 9)]].to_numpy().min() > 0.9


def test_the_ratio_trace_hardly_sees_it():
    assert (1 - NARROW["trace"]).max() < 0.011 < 0.1 < (1 - NARROW["found"]).min()


def test_the_force_that_turns_a_wrong_direction_vanishes_with_it():
    """Ratio trace of μ₁ … μ₈ and cos θ μ₁₀ + sin θ μ₉: flat at θ = 0, and nearly so around.

    It is Σ_{i≤8} s_i² + s₁₀² + (s₉² − s₁₀²) sin²θ, by the spectrum; here by the trace.
    """
    setting, _, system = networks.abalone()
    s, mu = system.values, system.left
    for angle in (0.0, 0.1, 0.8, np.pi / 2):
        last = np.cos(angle) * mu[:, 9] + np.sin(angle) * mu[:, 8]
        expected = (s[:8] ** 2).sum() + s[9] ** 2 + (s[8] ** 2 - s[9] ** 2) * np.sin(angle) ** 2
        assert cl.ratio_trace(setting.context, np.column_stack([mu[:, :8], last])) == (
            pytest.approx(expected, abs=1e-6))


def test_a_network_that_knows_some_functions_has_found_those():
    setting, _, exact = networks.abalone()
    wanted = [0, 1, 3, 11]

    class Given(torch.nn.Module):
        def forward(self, X):  # μ₁, μ₂, μ₄ and μ₁₂, in a mixture
            known = exact.extend(setting.context.conditional_at(X.numpy()))[:, wanted]
            return torch.tensor(known @ np.triu(np.ones((4, 4))))

    row = networks.found(Given())
    shares = [row[f"mu{i + 1}"] for i in range(networks.WANTED + networks.BEYOND)]
    assert np.allclose(shares, np.isin(np.arange(len(shares)), wanted), atol=1e-6)
    assert row["rank"] == 4 and row["found"] == pytest.approx(3 / 9)
    assert row["found_unseen"] == pytest.approx(3 / 4, abs=0.01)  # of the four that it has


@pytest.mark.processor
def test_the_table_comes_out_again():
    again = networks.found(networks.trained(9, seed=1))
    (row,) = NARROW[NARROW["seed"] == 1].to_dict("records")
    assert again["found"] == pytest.approx(row["found"], abs=0.02)
    assert again["trace"] == pytest.approx(row["trace"], abs=0.005)


def test_the_picture_shows_every_start():
    picture = networks.missing(ROWS)
    assert "0.1 of the ninth function and 0.9 of the tenth" in repr(picture)
    (panel,) = picture.figure.subfigs[1].axes
    assert np.allclose(panel.lines[2].get_ydata()[:2], NARROW[["mu1", "mu2"]].iloc[2])
