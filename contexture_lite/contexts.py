"""Contexts: the joint distribution of an input X and a context variable A.

Everything the course says about a representation is said about one linear map,
the expectation operator (T g)(x) = E[g(A) | X = x] of such a joint distribution
(Zhai et al., ICML 2025, arXiv 2505.01557, Section 2).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from contexture_lite._checks import (
    as_count,
    as_distribution,
    as_function,
    as_generator,
    as_singular_values,
    as_table,
    column,
    read_only,
    refuse_empty,
    scaled,
    sums,
    without_empty,
)
from contexture_lite._text import said

SUM_TOLERANCE = 1e-8


class Context:
    """A finite joint distribution P⁺(x, a) and its expectation operator.

    With marginals p = P 1 and q = Pᵀ 1, the operator T : L²(P_A) → L²(P_X) is
    T = D_p⁻¹ P, its adjoint is T* = D_q⁻¹ Pᵀ, and in orthonormal coordinates T is
    the matrix Q = D_p^{-1/2} P D_q^{-1/2}.

    Parameters
    ----------
    joint : (N, M) array, DataFrame or scipy.sparse matrix
        Probabilities P⁺(x, a): finite, non-negative, total 1 within 1e-8 (what is
        left of the difference is divided out). A sparse joint stays sparse.
    x_labels, a_labels : sequence of length N and M, optional
        Names of the inputs and of the context values; a DataFrame brings its own.
    exact_values : (min(N, M) - 1,) array, optional
        Closed-form singular values, largest first, where theory knows them.
    drop_empty : bool
        Drop rows and columns without mass, with their labels, instead of raising.
        Without labels, the kept positions become the labels.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, the place and the value that is wrong.
    """

    def __init__(self, joint, *, x_labels=None, a_labels=None, exact_values=None, drop_empty=False):
        table, x_labels, a_labels = as_table("joint", joint, x_labels, a_labels)
        total = table.sum()
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(
                f"joint sums to {total:.10g}; probabilities must sum to 1 within {SUM_TOLERANCE:g} "
                "(Context.from_counts and Context.from_conditional normalise)"
            )
        table, x_labels, a_labels = without_empty("joint", table, x_labels, a_labels, drop_empty)
        joint = table / total
        set_once = super().__setattr__
        set_once("joint", read_only(joint))
        set_once("p_x", read_only(sums(joint, axis=1)))
        set_once("p_a", read_only(sums(joint, axis=0)))
        set_once("shape", joint.shape)
        set_once("x_labels", x_labels)
        set_once("a_labels", a_labels)
        if exact_values is not None:
            wanted = f"({min(joint.shape) - 1},)"
            exact_values = as_singular_values("exact_values", exact_values, wanted)
            exact_values = read_only(np.sort(exact_values)[::-1])
        set_once("exact_values", exact_values)

    def __setattr__(self, name, value):
        raise AttributeError(f"a Context cannot be changed (tried to set {name!r}); make a new one")

    def __delattr__(self, name):
        raise AttributeError(f"a Context cannot be changed (tried to delete {name!r})")

    def __setstate__(self, state):
        """A copy, or one from another process, cannot be changed either."""
        self.__dict__.update(state)
        for table in (self.joint, self.p_x, self.p_a, self.exact_values):
            if table is not None:
                read_only(table)

    def __repr__(self):
        kind = "sparse" if self.is_sparse else "dense"
        size = f"{self.shape[0]} inputs × {self.shape[1]} context values"
        return said(f"{type(self).__name__}({size}, {kind})")

    @classmethod
    def from_counts(cls, table, *, x_labels=None, a_labels=None, exact_values=None,
                    drop_empty=False):
        """Context of a table of counts or weights: P = table / total.

        ``table`` is (N, M), non-negative, with a positive total; the labels of a
        DataFrame are kept. Other arguments and errors as for `Context`.
        """
        table, x_labels, a_labels = as_table("table", table, x_labels, a_labels)
        if table.sum() <= 0:
            raise ValueError("table has total 0; at least one count must be positive")
        table, x_labels, a_labels = without_empty("table", table, x_labels, a_labels, drop_empty)
        return cls(table / table.sum(), x_labels=x_labels, a_labels=a_labels,
                   exact_values=exact_values)

    @classmethod
    def from_conditional(cls, p_a_given_x, p_x=None, *, x_labels=None, a_labels=None,
                         drop_empty=False):
        """Context of a channel: P(x, a) = p(x) P(a | x).

        ``p_a_given_x`` is (N, M); each row is divided by its sum. ``p_x`` is (N,),
        divided by its sum; uniform by default. Other arguments as for `Context`.
        """
        rows, x_labels, a_labels = as_table("p_a_given_x", p_a_given_x, x_labels, a_labels)
        if p_x is None:
            p_x = np.full(rows.shape[0], 1 / rows.shape[0])
        p_x = as_distribution("p_x", p_x, rows.shape[0], x_labels)
        row_sums = sums(rows, axis=1)
        refuse_empty("p_a_given_x", "row", (row_sums == 0) & (p_x > 0), x_labels)
        scale = np.divide(p_x, row_sums, out=np.zeros_like(p_x), where=row_sums > 0)
        joint = scaled(rows, left=scale)
        return cls(joint, x_labels=x_labels, a_labels=a_labels, drop_empty=drop_empty)

    @property
    def is_sparse(self):
        """Whether the joint is held as a scipy.sparse array."""
        return sp.issparse(self.joint)

    def conditional(self):
        """P(a | x) = P(x, a) / p(x): (N, M), rows sum to 1, sparse if the joint is."""
        return scaled(self.joint, left=1 / self.p_x)

    def expect(self, g):
        """(T g)(x) = E[g(A) | X = x], for g of shape (M,) or (M, k)."""
        g = as_function("g", g, self.shape[1], self.a_labels)
        return (self.joint @ g) / column(self.p_x, g)

    def expect_adjoint(self, f):
        """(T* f)(a) = E[f(X) | A = a], for f of shape (N,) or (N, k)."""
        f = as_function("f", f, self.shape[0], self.x_labels)
        return (self.joint.T @ f) / column(self.p_a, f)

    def matrix(self):
        """Q = D_p^{-1/2} P D_q^{-1/2}: T in orthonormal coordinates, (N, M)."""
        return scaled(self.joint, left=self.p_x**-0.5, right=self.p_a**-0.5)

    def dual_kernel(self):
        """k_X⁺(x, x') = Σ_a P(a|x) P(a|x') / q(a), the kernel of T T*.

        A density ratio: 1 means "no more alike than chance". (N, N), sparse if the joint is.
        """
        features = scaled(self.conditional(), right=self.p_a**-0.5)
        return features @ features.T

    def positive_pair_kernel(self):
        """k_A⁺(a, a') = E_x[P(a|x) P(a'|x)] / (q(a) q(a')), the kernel of T* T.

        k_A⁺(a, a') q(a) q(a') is the distribution of two views of one input. Returns (M, M),
        sparse if the joint is.
        """
        views = scaled(self.joint, left=self.p_x**-0.5, right=1 / self.p_a).T
        return views @ views.T

    def chi2(self):
        """χ²(P⁺ ‖ P_X × P_A) = Σ (P − p q)² / (p q), the total strength of association.

        0 for independence, Σ_{i≥1} s_i² always; n times it is Pearson's statistic of
        a table of n counts.
        """
        if self.is_sparse:
            return max(0.0, float(self.matrix().power(2).sum()) - 1)
        expected = np.multiply.outer(self.p_x, self.p_a)
        return float((((self.joint - expected) ** 2) / expected).sum())

    def mutual_information(self):
        """I(X; A) = Σ P log(P / (p q)) in nats; never above log(1 + χ²)."""
        cells = sp.coo_array(self.joint)
        x, a = cells.coords
        ratio = cells.data / (self.p_x[x] * self.p_a[a])
        return max(0.0, float(cells.data @ np.log(ratio)))

    def components(self):
        """Connected components of the bipartite graph that joins x and a if P(x, a) > 0.

        Returns (count, of_x, of_a): their number, which is also the number of
        singular values equal to 1 (the constant one included), and the component
        of every input (N,) and of every context value (M,).
        """
        from scipy.sparse.csgraph import connected_components

        n = self.shape[0]
        if not self.is_sparse and any(row.min() > 0 for row in self.joint):  # x knows every a
            return 1, np.zeros(n, dtype=np.int32), np.zeros(self.shape[1], dtype=np.int32)
        count, labels = connected_components(bipartite_graph(self.joint), directed=False)
        return int(count), labels[:n], labels[n:]

    def sample(self, n, rng):
        """Draw n pairs: (x, a), two integer arrays of shape (n,) of positions.

        ``rng`` is a seed or a `numpy.random.Generator`.
        """
        n = as_count("n", n)
        cells = sp.coo_array(self.joint)
        p = cells.data / cells.data.sum()
        drawn = as_generator("rng", rng).choice(p.size, size=n, p=p)
        x, a = cells.coords
        return x[drawn], a[drawn]

    def with_marginal_x(self, p_x):
        """The same channel P(a | x) under another distribution of the inputs, ``p_x`` (N,)."""
        return Context.from_conditional(self.joint, p_x, x_labels=self.x_labels,
                                        a_labels=self.a_labels)


def bipartite_graph(table):
    """The graph that joins x and a, counted after the x, where the table is not 0.

    Each edge once, from x to a.
    """
    table = sp.csr_array(table)
    n, m = table.shape
    ends = np.append(table.indptr, np.full(m, table.nnz, dtype=table.indptr.dtype))
    return sp.csr_array((table.data, table.indices + n, ends), shape=(n + m, n + m))


def as_context(context, name="context"):
    """The argument if it is a Context, else TypeError."""
    if not isinstance(context, Context):
        raise TypeError(f"{name} is a {type(context).__name__}; it must be a Context")
    return context
