"""An index of inverted lists: points in cells around centres, and the search in some of them."""

from __future__ import annotations

import numpy as np

from contexture_lite._lazy import needed

SAMPLE = 500  # points whose neighbours are also looked for exactly, to measure the recall
AT_ONCE = 16  # nearest cells of a point that are put in order at one time
BLOCK_CELLS = 2**22  # distances held at one time
PAYS = 4  # beyond the m/4 nearest cells of m, an exact search is as fast …
SMALL = 5000  # … except of so few points, which are as well looked at in all of them
SAME = 1e-5  # relative rounding error of a squared distance in single precision


class Best:
    """The k nearest points so far of every query: ‖a‖² − 2⟨x, a⟩ and positions, (n, k)."""

    def __init__(self, n, k):
        self.squared = np.full((n, k), np.inf, dtype=np.float32)
        self.positions = np.zeros((n, k), dtype=np.int32)

    def offer(self, queries, squared, items):
        """Take in candidates: ``squared`` is (queries, items)."""
        k = self.squared.shape[1]
        worst = self.squared[queries].max(axis=1)
        nearer = squared.min(axis=1) < worst
        queries, squared = queries[nearer], squared[nearer]
        if not len(queries):
            return
        both = np.hstack([self.squared[queries], squared])
        take = np.argpartition(both, k - 1, axis=1)[:, :k]
        old = take < k
        known = np.take_along_axis(self.positions[queries], np.where(old, take, 0), axis=1)
        self.positions[queries] = np.where(old, known, items[np.where(old, 0, take - k)])
        self.squared[queries] = np.take_along_axis(both, take, axis=1)


class Index:
    """Points in cells around centres by k-means; single precision, centred."""

    def __init__(self, X):
        from sklearn.cluster import MiniBatchKMeans

        self.mean = X.mean(axis=0)
        self.points = self.centred(X)
        count = min(len(X), max(1, round(2 * np.sqrt(len(X)))))
        learned = self.points[np.random.default_rng(0).permutation(len(X))[:32 * count]]
        means = MiniBatchKMeans(count, init="random", n_init=1, max_iter=10, batch_size=4096,
                                random_state=0).fit(learned)
        self.centres = np.unique(means.cluster_centers_, axis=0)
        self.norms = (self.points**2).sum(axis=1)
        own = self.nearest_cells(self.points, 1)[:, 0]
        self.members = np.split(np.argsort(own, kind="stable").astype(np.int32),
                                np.cumsum(np.bincount(own, minlength=len(self.centres)))[:-1])

    def centred(self, X):
        """Near the origin squared distances lose fewest digits."""
        return (X - self.mean).astype(np.float32)

    def nearest_cells(self, X, count):
        """The ``count`` nearest centres of every row of X, nearest first."""
        found = np.empty((len(X), count), dtype=np.int32)
        norms = (self.centres**2).sum(axis=1)
        step = max(1, BLOCK_CELLS // len(norms))
        for start in range(0, len(X), step):
            squared = norms - 2 * (X[start:start + step] @ self.centres.T)
            near = squared.argmin(axis=1)[:, None] if count == 1 else np.argpartition(
                squared, count - 1, axis=1)[:, :count]
            order = np.take_along_axis(squared, near, axis=1).argsort(axis=1)
            found[start:start + step] = np.take_along_axis(near, order, axis=1)
        return found

    def search(self, X, ranks, best):
        """Offer to ``best`` what lies in the cells of these ranks; one rank after the other."""
        cells = self.nearest_cells(X, ranks[-1] + 1)
        for rank in ranks:
            self.search_one(X, cells[:, rank], best)

    def search_one(self, X, cell, best, but_itself=False):
        """Offer to each row of X the points of its cell, but for itself where X are the points."""
        order = np.argsort(cell, kind="stable")
        ends = np.cumsum(np.bincount(cell, minlength=len(self.members)))[:-1]
        for items, queries in zip(self.members, np.split(order, ends)):
            step = max(1, BLOCK_CELLS // max(1, len(items)))
            for start in range(0, len(queries) if len(items) else 0, step):
                rows = queries[start:start + step]
                squared = self.norms[items] - 2 * (X[rows] @ self.points[items].T)
                if but_itself:
                    squared[rows[:, None] == items] = np.inf
                best.offer(rows, squared, items)


def probe(index, k, recall, progress):
    """Positions, recall, cells probed: more and more of these until a sample has the recall."""
    n, count = len(index.points), len(index.centres)
    sample = np.random.default_rng(1).permutation(n)[:SAMPLE]
    exact = Best(len(sample), k)
    for items in np.array_split(np.arange(n, dtype=np.int32), -(-n * len(sample) // BLOCK_CELLS)):
        products = index.points[sample] @ index.points[items].T
        exact.offer(np.arange(len(sample)), index.norms[items] - 2 * products, items)
    farthest = exact.squared.max(axis=1)
    farthest = farthest + SAME * (np.abs(farthest) + index.norms[sample])
    best, most = Best(n, k), count if n <= SMALL else -(-count // PAYS)
    best.squared[:, 0], best.positions[:, 0] = -np.inf, np.arange(n)  # itself, also among copies
    bar = needed("tqdm.auto").tqdm(total=recall, disable=False) if progress else None
    for start in range(0, most, AT_ONCE):
        cells = index.nearest_cells(index.points, min(start + AT_ONCE, most))
        for rank in range(start, cells.shape[1]):
            index.search_one(index.points, cells[:, rank], best, but_itself=rank == 0)
            reached = float((best.squared[sample] <= farthest[:, None]).mean())
            if bar is not None:
                bar.update(min(reached, recall) - bar.n)
            if reached >= recall:
                return best.positions, reached, rank + 1
    raise RuntimeError(
        f"recall is {reached:.4f} after {most} of {count} cells, less than the {recall:g} asked "
        "for: these points are too scattered for an index; use the exact search (knn_context), "
        "fewer features, or a lower recall")
