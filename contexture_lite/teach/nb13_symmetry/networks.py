"""Convolutional networks of two layers without training, for notebook 13: padding and stride."""

from __future__ import annotations

import numpy as np

from contexture_lite._lazy import needed

FILTERS, DEEPER, PATCH = 24, 400, 3
NETWORKS = {  # padding, downsampling
    "circular": ("circular", "none"), "zero padding": ("constant", "none"),
    "stride 2, twice": ("circular", "stride"), "2 × 2 max pool, twice": ("circular", "pool"),
    "blur and stride, twice": ("circular", "blur"), "largest phase, twice": ("circular", "phase")}


def _blurred(x):
    """[1, 2, 1] / 4 both ways."""
    for axis in (2, 3):
        x = (x.roll(1, axis) + 2 * x + x.roll(-1, axis)) / 4
    return x


def _largest_phase(x):
    """Of the four ways to take every second pixel the one of largest norm."""
    phases = [x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    norms = needed("torch").stack([(phase**2).sum(dim=(1, 2, 3)) for phase in phases])
    return sum((norms.argmax(dim=0) == k)[:, None, None, None] * phase
               for k, phase in enumerate(phases))


def network(padding, down, filters):
    """A function from images (n, 12, 12) to mean-pooled features: two layers and no training."""
    torch = needed("torch")
    smaller = {"none": lambda x: x, "stride": lambda x: x[:, :, ::2, ::2],
               "pool": lambda x: torch.nn.functional.max_pool2d(x, 2),
               "blur": lambda x: _blurred(x)[:, :, ::2, ::2], "phase": _largest_phase}[down]

    def layer(x, weights, threshold):
        x = torch.nn.functional.pad(x, (1, 1, 1, 1), mode=padding)
        return smaller(torch.relu(torch.nn.functional.conv2d(x, weights) - threshold))

    def features(images):
        x = layer(torch.as_tensor(images, dtype=torch.float32)[:, None], filters[0], 0.2)
        return layer(x, filters[1], 0.0).mean(dim=(2, 3)).numpy()

    return lambda images: np.concatenate([features(part) for part in np.array_split(images, 20)])


def random_filters(images, seed):
    """24 patches of the images, centred and of length 1, and 400 random filters on top of them."""
    torch, rng = needed("torch"), np.random.default_rng(seed)
    place = rng.integers([len(images), 10, 10], size=(20 * FILTERS, 3))
    patches = np.array([images[i, r:r + PATCH, c:c + PATCH] for i, r, c in place])
    patches = patches - patches.mean(axis=(1, 2), keepdims=True)
    patches = patches[patches.std(axis=(1, 2)) > 0.1][:FILTERS]
    patches /= np.sqrt((patches**2).sum(axis=(1, 2), keepdims=True))
    deeper = rng.standard_normal((DEEPER, FILTERS, 3, 3)) / np.sqrt(9 * FILTERS)
    return [torch.as_tensor(weights, dtype=torch.float32) for weights in (patches[:, None], deeper)]
