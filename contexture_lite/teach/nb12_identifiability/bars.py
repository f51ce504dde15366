"""Notebook 12's networks on images of bars: pairs from a context, or the images alone.

A context encoder sees pairs of images whose two factors have each taken a step of a reflecting
walk; the sampler of the pairs knows the factors, and that is all the supervision there is. The
autoencoders see the images. Every use of an image adds noise to its pixels.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from sklearn.decomposition import FastICA
from torch import nn
from tqdm.auto import tqdm

import contexture_lite as cl
from contexture_lite import identifiability
from contexture_lite.learn import laws, losses

STRENGTHS = {"product context": (0.87, 0.66), "tied strengths": (0.815, 0.815),
             "too far apart": (0.93, 0.44)}
BETAS = {"autoencoder": None, "VAE, β = 1": 1.0, "VAE, β = 4": 4.0}
STEPS, IMAGES_ONLY = 100, 500
PAIRS, NOISE, RATE = 256, 0.05, 3e-3


@lru_cache(maxsize=1)
def bars():
    """(images (144, 256) as a tensor, factors (144, 2))."""
    data = cl.datasets.bars()
    return torch.tensor(data.X, dtype=torch.float32), data.y


def context_of(strengths):
    """Position and angle take a step of a reflecting walk each, of these strengths."""
    return cl.gallery.product(*map(cl.gallery.reflecting_walk, strengths))


def mlp(*sizes):
    """A chain of linear layers with tanh between them."""
    layers = [layer for one, other in pairwise(sizes)
              for layer in (nn.Linear(one, other), nn.Tanh())]
    return nn.Sequential(*layers[:-1])


def context_encoder(strengths, seed=0, steps=STEPS):
    """Features (144, 2) of the bars: an encoder of 8 outputs, trained on pairs, then Ritz.

    The objective is the whitened trace; `cl.ritz` turns its outputs into the functions that the
    context predicts best, since those of the objective are rotated at will.
    """
    images, _ = bars()
    context, generator = context_of(strengths), torch.Generator().manual_seed(seed)
    x, a = (torch.tensor(drawn).reshape(steps, PAIRS)
            for drawn in context.sample(steps * PAIRS, np.random.default_rng(seed)))
    encoder = _seeded(seed, 256, 64, 64, 8)

    def loss(step):
        both = encoder(_noisy(images[torch.cat((x[step], a[step]))], generator))
        return losses.whitened_trace(laws.batch(PAIRS), both[:PAIRS], both[PAIRS:])

    _train(loss, steps, encoder)
    with torch.no_grad():
        outputs = encoder(images).double().numpy()
    return cl.ritz(context, outputs).functions[:, :2], outputs


def autoencoder(beta=None, seed=0, steps=IMAGES_ONLY):
    """Two latents (144, 2) of an autoencoder; of a β-VAE where ``beta`` is given."""
    images, _ = bars()
    generator = torch.Generator().manual_seed(seed)
    encoder, decoder = _seeded(seed, 256, 64, 64, 4), _seeded(seed + 100, 2, 64, 64, 256)

    def loss(step):
        x = _noisy(images, generator)
        if beta is None:
            return ((decoder(encoder(x)[:, :2]) - x) ** 2).sum(1).mean()
        return vae_loss(encoder, decoder, x, beta, generator)

    _train(loss, steps, encoder, decoder)
    with torch.no_grad():
        return encoder(images)[:, :2].double().numpy()


def _train(loss, steps, *networks):
    optimiser = torch.optim.Adam([p for net in networks for p in net.parameters()], RATE)
    for step in range(steps):
        optimiser.zero_grad()
        loss(step).backward()
        optimiser.step()


def vae_loss(encoder, decoder, x, beta, generator, sigma=0.1):
    """Minus the β-ELBO: squared error / 2σ² + β KL(N(mean, e^logvar) ‖ N(0, 1)), per image."""
    mean, logvar = encoder(x).chunk(2, dim=1)
    noise = torch.randn(mean.shape, generator=generator)
    rebuilt = decoder(mean + noise * (logvar / 2).exp())
    error = ((rebuilt - x) ** 2).sum(1) / (2 * sigma**2)
    kl = (mean**2 + logvar.exp() - 1 - logvar).sum(1) / 2
    return (error + beta * kl).mean()


def unrotated(features, seed=0):
    """The two features after FastICA."""
    ica = FastICA(whiten="unit-variance", max_iter=2000, tol=1e-6, random_state=seed)
    return ica.fit_transform(features)


def features_of(learner, seed=0):
    """Features (144, 2) of a learner by its name in the table."""
    if learner == "principal components":
        X = bars()[0].double().numpy()
        U, s, _ = np.linalg.svd(X - X.mean(0), full_matrices=False)
        return U[:, :2] * s[:2]
    if learner.endswith(", then ICA"):
        return unrotated(features_of(learner.removesuffix(", then ICA"), seed), seed)
    if learner in BETAS:
        return autoencoder(BETAS[learner], seed)
    return context_encoder(STRENGTHS[learner], seed)[0]


LEARNERS = ("principal components", *BETAS, "autoencoder, then ICA", "product context",
            "tied strengths", "tied strengths, then ICA", "too far apart")


def scores(features):
    """Purity, one feature each, and mutual information gap of features (144, 2)."""
    factors = bars()[1]
    return {score.__name__: score(features, factors) for score in (
        identifiability.purity, identifiability.one_each,
        identifiability.mutual_information_gap)}


def run(seeds=range(5), learners=LEARNERS):
    """A row for each learner and random start; ``agreement`` with the other starts, matched."""
    rows = []
    for learner in tqdm(learners):
        found = [features_of(learner, seed) for seed in seeds]
        for seed, features in zip(seeds, found):
            others = [identifiability.matched_correlation(features, other)
                      for other in found if other is not features]
            rows.append({"learner": learner, "seed": seed} | scores(features)
                        | {"agreement": np.mean(others)})
    return pd.DataFrame(rows)


def _seeded(seed, *sizes):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return mlp(*sizes)


def _noisy(images, generator):
    return images + NOISE * torch.randn(images.shape, generator=generator)
