"""An encoder that is minimax optimal without the top d: formula against the exact dual."""

import joints
import numpy as np
import pytest

import contexture_lite as cl
from contexture_lite.teach import RotationExplorer
from contexture_lite.teach.nb03_tasks import rotation

LEAST = cl.minimax_error(rotation.context(), rotation.D, rotation.EPS)


def test_the_functions_are_singular_and_the_spectrum_is_that_of_the_example():
    context, (mu, squared) = rotation.context(), rotation.functions()
    assert np.allclose(squared, [0.9, 0.6, 0.5, 0.5, 0.4, 0.1, 0])
    assert np.allclose(mu.T @ (mu * context.p_x[:, None]), np.eye(7))
    assert np.allclose(context.expect(context.expect_adjoint(mu)), mu * squared)
    assert np.allclose(cl.singular_system(context).values**2, squared)
    assert rotation.threshold("2·3") == pytest.approx(0.6)
    assert pytest.approx(0.225) == LEAST


@pytest.mark.parametrize("partner", rotation.PARTNERS)
def test_the_error_is_flat_up_to_the_threshold_and_rises_after(partner):
    edge = rotation.threshold(partner)
    for share in np.linspace(0, edge, 5):
        encoder = rotation.encoder(partner, share)
        assert cl.worst_case_error(rotation.context(), encoder, 0.1) == pytest.approx(LEAST)
    shares = np.linspace(edge, 1, 6)
    errors = [cl.worst_case_error(rotation.context(), rotation.encoder(partner, share), 0.1)
              for share in shares]
    assert (np.diff(errors) > 1e-3).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_threshold_holds_for_other_contexts(seed):
    """Spectra, d, j and l of their own; the error is at its least on one side only."""
    values = np.sort(np.random.default_rng(seed).uniform(0.1, 1, 6))[::-1]
    context, mu, _ = joints.prescribed(values, 8, 9, seed)
    s, d, j = context.exact_values, 2 + seed % 2, 2
    eps = 1 - (s[0] + s[d]) / 2
    least = cl.minimax_error(context, d, eps)
    for new in range(d + 2, 7):
        edge = rotation.largest_minimax_share(s**2, d, j, new)
        for share, optimal in ((0.97 * edge, True), (min(1.03 * edge, 1), edge == 1)):
            encoder = mu[:, :d].copy()
            encoder[:, j - 1] = (np.sqrt(1 - share) * mu[:, j - 1]
                                 + np.sqrt(share) * mu[:, new - 1])
            error = cl.worst_case_error(context, encoder, eps)
            assert (error < least + 1e-9) == optimal


@pytest.fixture(scope="module")
def explorer():
    return RotationExplorer()


@pytest.mark.parametrize("partner", rotation.PARTNERS)
def test_ratio_trace_is_the_blue_part_and_falls_from_the_start(partner, explorer):
    traces = []
    for share in (0.0, 0.02, 0.5, 1.0):
        explorer.update(share=share, partner=partner)
        step, values = explorer.result, explorer.values()
        assert values["ratio_trace"] == pytest.approx(rotation.functions()[1] @ step.held)
        assert values["ratio_trace"] <= values["largest_ratio_trace"] + 1e-12
        assert values["error"] >= values["least_error"] - 1e-9
        traces.append(values["ratio_trace"])
    assert traces[0] == pytest.approx(1.5) and (np.diff(traces) < -1e-3).all()


def test_no_task_of_the_class_does_worse():
    """Random tasks with ρ ≥ 0.9 stay below the drawn error; the worst of them comes near it."""
    context, (mu, squared), rng = rotation.context(), rotation.functions(), np.random.default_rng(0)
    u = rng.standard_normal((200_000, 7)) * [3, 1, 1, 1, 1, 1, 1]
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    u = u[u**2 @ squared >= 0.9**2]
    for share in (0.3, 0.9):
        encoder = rotation.encoder("2·3", share)
        held = (encoder.T @ (mu * context.p_x[:, None])) @ u.T
        errors = 1 - (held**2).sum(axis=0)
        worst = cl.worst_case_error(context, encoder, 0.1)
        assert errors.max() <= worst + 1e-9
        assert errors.max() > 0.6 * worst


def test_headlines_tell_the_three_cases(explorer):
    said = set()
    for share in (0.0, 0.3, 0.9):
        explorer.update(share=share, partner="2·3")
        said.add(explorer.headline(explorer.result))
    assert len(said) == 3
    assert "kept up to sin²θ = 0.600" in explorer.sentence(explorer.result)
