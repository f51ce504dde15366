"""The loss of a network on real data: float32 and a sparse table beside float64 and a dense one."""

import numpy as np
import pytest
import torch

import contexture_lite as cl
from contexture_lite import learn

torch.set_num_threads(1)


def test_float32_and_a_sparse_context_give_the_ratio_trace_and_its_gradient():
    """The loss that the network sees, beside float64 and the dense table."""
    sparse = cl.knn_context(cl.datasets.abalone().X[::14], 10)
    dense = cl.Context(sparse.joint.toarray())
    f = np.random.default_rng(1).standard_normal((sparse.shape[0], 6))
    exact = cl.ratio_trace(sparse, f)
    gradients = []
    for context, dtype in ((sparse, torch.float32), (dense, torch.float64)):
        values = torch.tensor(f, dtype=dtype, requires_grad=True)
        loss = learn.losses.whitened_trace(learn.laws.inputs(context, dtype), values, values)
        loss.backward()
        assert loss.item() == pytest.approx(-exact, rel=1e-4)
        gradients.append(values.grad.numpy())
    assert np.allclose(*gradients, rtol=1e-3, atol=1e-6)
