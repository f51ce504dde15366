"""Every public door with everything that people bring: a table of doors × kinds.

The doors are found, not listed: the functions of `contexture_lite.__all__` and of every package's
`__all__`, and the methods of the classes that they return. Each has one example in a file
of `tests/doors` (those of a lesson in one of its own), made of NumPy arrays of floats (numbers),
integers (counts, positions, classes) and texts (labels); all that follows is made from it. A new
door fails `test_every_door_has_an_example` until it has one.

In the examples every axis has a size of its own, so that axes of one size are the same axis: the
inputs of a context (6), its values (5), points (40), others (30), features (4), nodes (7).
"""

import copy
import inspect
import pkgutil
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch
from doors.inputs import CLASSES, COUNTS, MORE, OF_A, POINTS, WEIGHTS, Made

import contexture_lite as cl
from contexture_lite import alignment, empirical, probes, sampling, shift
from contexture_lite.diagnosis import table as readers
from contexture_lite.experiment import protocol, strengths

ELSEWHERE = {"teach", "learn", "claims", "datasets"}  # tested in rooms of their own
# of the package for itself
NO_DOORS = {"criterion", "kinds_of", "pooled_correlations", "risks",
            "rotation_towards", "squares_left_out"}

EXAMPLES = {}
for path in sorted((Path(__file__).parent / "doors").glob("*.py")):
    EXAMPLES |= getattr(import_module(f"doors.{path.stem}"), "EXAMPLES", {})


def of_a_sweep(X, y):
    X, y = strengths._tables({"own": (X, y)})["own"]
    return X, X.T @ protocol.targets(y)[1]


def of_a_diagnosis(X, y):
    table = readers.read(X, y)
    rows = np.arange(len(table.frame))
    points = table.points(rows, rows)
    return points, points.T @ table.target


# What reads the data of the two long experiments, without the experiment: the table as it is
# read, and each column times the target, which says that the rows belong together.
ENTRANCES = {"sweep": of_a_sweep, "diagnose": of_a_diagnosis}


# -- finding doors, and going through them -----------------------------------------------


def doors():
    """{name: function} of all that the package offers and that takes an argument."""
    found, modules = {}, []
    for module in pkgutil.iter_modules(cl.__path__):
        if not module.name.startswith("_") and module.name not in ELSEWHERE:
            modules.append(import_module(f"contexture_lite.{module.name}"))
    offered = [getattr(cl, name) for name in cl.__all__ if name not in ELSEWHERE]
    for module in modules:
        offered += [getattr(module, name) for name in getattr(module, "__all__", ())]
    for module in filter(inspect.ismodule, offered[:]):
        offered += [thing for name, thing in vars(module).items() if not name.startswith("_")
                    and getattr(thing, "__module__", "").startswith(module.__name__)]
    homes = {inspect.getmodule(thing) for thing in offered if inspect.isfunction(thing)}
    offered += [thing for home in homes for thing in vars(home).values()
                if inspect.isclass(thing) and thing.__module__ == home.__name__]
    for thing in offered:
        if inspect.isfunction(thing) or (inspect.isclass(thing) and not is_dataclass(thing)):
            found[thing.__name__] = thing
        if inspect.isclass(thing):
            methods = [name for name in vars(thing) if not name.startswith("_")]
            found |= {f"{thing.__name__}.{name}": getattr(thing, name) for name in methods}
    return {name: door for name, door in found.items() if callable(door) and name not in NO_DOORS
            and set(inspect.signature(door).parameters) - {"self"}}


DOORS = doors()
SOME = {name: given if isinstance(given, list) else [given] for name, given in EXAMPLES.items()}
TRIED = [(name, number) for name in sorted(DOORS.keys() & SOME.keys())
         for number in range(len(SOME[name]))]


def example(name, number):
    return SOME[name][number]


def walk(tree, change, path=()):
    """The tree with every array replaced by ``change(array, path)``, and what is made made."""
    if isinstance(tree, np.ndarray):
        return change(tree, path)
    if isinstance(tree, dict):
        return {key: walk(part, change, (*path, key)) for key, part in tree.items()}
    if isinstance(tree, tuple | list):
        return type(tree)(walk(part, change, (*path, key)) for key, part in enumerate(tree))
    if isinstance(tree, Made):
        arguments = walk(tree.arguments, change, (*path, "made"))
        return tree.by(*arguments, **tree.then)
    return tree


def leaves(tree):
    """{path: array} of the example."""
    found = {}
    walk(tree, lambda array, path: found.setdefault(path, array))
    return found


def through(name, arguments):
    """What the door answers."""
    many = [part for key, parts in arguments.items() if key[0] == "*" for part in parts]
    given = {key: part for key, part in arguments.items() if key[0] != "*" and key != "self"}
    first = [arguments["self"]] if "self" in arguments else []
    return ENTRANCES.get(name, DOORS[name])(*first, *many, **given)


def answer(name, number, change=lambda array, path: array):
    return numbers(through(name, walk(copy.deepcopy(example(name, number)), change)))


@cache
def plain_answer(name, number):
    """What the example itself is answered, which many tests compare with."""
    return answer(name, number)


def numbers(result):
    """All numbers of an answer in a fixed order, sorted inside each array."""
    if isinstance(result, cl.Context):
        result = result.joint
    if sp.issparse(result):
        result = result.toarray()
    if isinstance(result, torch.Tensor):
        result = result.detach().numpy()
    if isinstance(result, alignment.Alignment | sampling.MonteCarlo):
        return np.array([float(result)])
    if isinstance(result, cl.SingularSystem):
        return result.values
    if isinstance(result, probes.Probe):
        return np.array([result.error, result.penalty])
    if is_dataclass(result):
        result = [getattr(result, field.name) for field in fields(result)
                  if field.name != "columns"]
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, tuple | list):
        return np.concatenate([numbers(part) for part in result] or [np.zeros(0)])
    if isinstance(result, cl.ContextureEmbedding):
        return numbers(getattr(result, "context_", 0))
    kind = np.asarray(result).dtype.kind
    return np.sort(np.ravel(result)).astype(float) if kind in "buif" else np.zeros(0)


def outcome(name, number, change=lambda array, path: array):
    """The answer, or the kind of error."""
    try:
        return answer(name, number, change)
    except (TypeError, ValueError) as error:
        return type(error)


def same(one, other, tolerance=1e-9):
    if isinstance(one, type) or isinstance(other, type):
        return one is other
    return one.shape == other.shape and np.allclose(one, other, rtol=tolerance, atol=tolerance)


def at(place, replace):
    """The change of one array of an example."""
    return lambda array, path: replace(array) if path == place else array


def given(kind):
    """Parameters of a test: each door with each of its own arrays of this kind."""
    return pytest.mark.parametrize("name, number, place", [
        pytest.param(name, number, path, id=f"{name}-{number}-{'.'.join(map(str, path))}")
        for name, number in TRIED for path, array in leaves(example(name, number)).items()
        if "made" not in path and kind(array)])


def is_numbers(array):
    return array.dtype.kind in "if"


def is_floats(array):
    return array.dtype.kind == "f"


def is_table(array):
    return array.ndim == 2


def is_labels(array):
    return array.dtype.kind == "U"


# -- the table is complete -----------------------------------------------------------------


def test_every_door_has_an_example():
    missing = sorted(DOORS.keys() - EXAMPLES.keys())
    assert not missing, (f"{', '.join(missing)}: add an example in tests/doors, made of NumPy "
                         "arrays, with an axis of its own size for each thing")
    assert not EXAMPLES.keys() - DOORS.keys(), "examples of doors that are gone"


@pytest.mark.parametrize("name, number", TRIED)
def test_every_example_is_answered(name, number):
    answer(name, number)


# -- F9: numbers are numbers, whatever holds them -------------------------------------------


class Foreign:
    """What polars and others have: names of columns, and an array when asked for one."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype=dtype)

    @property
    def shape(self):
        return self.array.shape


def framed(array):
    return pd.DataFrame(array) if array.ndim == 2 else pd.Series(array)


def tensor(array):
    return torch.tensor(array, requires_grad=array.dtype.kind == "f")


HOLDERS = {
    "list": lambda array: array.tolist(),
    "objects": lambda array: array.astype(object),
    "frame": framed,
    "nullable": lambda array: framed(array).convert_dtypes(),
    "objects in a frame": lambda array: framed(array).astype(object),
    "tensor": tensor,
    "foreign": Foreign,
    "a mask that hides nothing": np.ma.array,
}
if find_spec("pyarrow"):
    HOLDERS["arrow"] = lambda array: framed(array).convert_dtypes(dtype_backend="pyarrow")


@given(is_numbers)
@pytest.mark.parametrize("holder", HOLDERS)
def test_numbers_are_numbers_whatever_holds_them(name, number, place, holder):
    assert same(answer(name, number, at(place, HOLDERS[holder])), plain_answer(name, number))


@given(is_numbers)
@pytest.mark.parametrize("nothing", [pd.NA, None, float("nan")], ids=["NA", "None", "nan"])
def test_a_missing_number_is_named_by_its_place(name, number, place, nothing):
    def without_the_second(array):
        array = array.astype(object)
        array[(1, *[0] * (array.ndim - 1))] = nothing
        return framed(array).convert_dtypes()

    if name == "diagnose":
        assert len(answer(name, number, at(place, without_the_second)))  # it may have gaps
        return
    with pytest.raises((TypeError, ValueError), match=r"\[1(, 0)?\] is (missing|nan)|NaN|integer"):
        answer(name, number, at(place, without_the_second))


@given(is_table)
def test_a_column_of_texts_is_named(name, number, place):
    def with_texts(array):
        return pd.DataFrame(array, columns=names(array.shape[1])).assign(t="a text")

    if name == "diagnose":
        return  # it reads texts
    words = r"column 't'.*df\.set_index\('t'\)|could not convert string|feature names"
    with pytest.raises((TypeError, ValueError, UserWarning), match=words):
        answer(name, number, at(place, with_texts))


# -- F5: a mask is not dropped ---------------------------------------------------------------


@given(lambda array: True)
def test_masked_entries_are_refused(name, number, place):
    def masked(array):
        hidden = np.zeros(array.shape, dtype=bool)
        hidden[0] = True
        return np.ma.array(array, mask=hidden)

    for change in (masked, lambda array: list(masked(array))):
        with pytest.raises(TypeError, match=r"masked entries; fill them with .*\.filled"):
            answer(name, number, at(place, change))


@pytest.mark.parametrize("name, number", TRIED)
def test_a_masked_number_is_refused(name, number):
    scalars = [key for key, value in example(name, number).items() if type(value) in (int, float)]
    for key in scalars:
        with pytest.raises((TypeError, ValueError)):
            arguments = walk(example(name, number), lambda array, path: array)
            through(name, arguments | {key: np.ma.masked})


# -- F3: counts are numbers before they are added ----------------------------------------------


@given(is_table)
def test_sparse_tables_are_refused_or_read_with_duplicates_added_as_floats(name, number, place):
    def wanted(array):
        return 100.0 * np.round(1 + 3 * np.abs(array))

    def in_bytes(array):
        """The same as many ones of 8 bits: 300 of them would add up to 44."""
        row, column = np.indices(array.shape).reshape(2, -1)
        times = wanted(array).astype(int).ravel()
        ones = np.ones(times.sum(), dtype=np.uint8)
        places = (np.repeat(row, times), np.repeat(column, times))
        return sp.coo_array((ones, places), shape=array.shape)

    try:
        found = answer(name, number, at(place, in_bytes))
    except (TypeError, ValueError) as error:
        assert "sparse" in str(error).lower() or "sum" in str(error)
    else:
        assert same(found, answer(name, number, at(place, wanted)))


def test_300_pairs_of_one_cell_are_300():
    counts = np.array([[300, 20], [30, 250]])
    x, a = np.repeat([0, 0, 1, 1], counts.ravel()), np.repeat([0, 1, 0, 1], counts.ravel())
    by_ones = [sp.coo_array((np.ones(600, dtype=kind), (x, a))) for kind in (np.uint8, np.int8)]
    p, q = counts.sum(1) / 600, counts.sum(0) / 600
    by_hand = ((counts / 600 - np.outer(p, q)) ** 2 / np.outer(p, q)).sum()
    assert np.isclose(by_hand, 0.693362, atol=5e-7)
    for table in (*by_ones, sp.csr_matrix(counts)):
        assert np.isclose(cl.Context.from_counts(table).chi2(), by_hand, rtol=1e-12)


# -- F4: what belongs together has the same name ------------------------------------------------


def names(size):
    return [f"{size}-{i}" for i in range(size)]


def named(array, order=None, axis=0):
    """The array with the names of its axes, and one axis in another order."""
    if array.ndim == 1:
        table = pd.Series(array, index=names(len(array)))
    else:
        table = pd.DataFrame(array, index=names(len(array)), columns=names(array.shape[1]))
    if order is None:
        return table
    return table.iloc[order] if axis == 0 else table.iloc[:, order]


# a system has none; tasks are drawn by position
WITHOUT_NAMES = {"SingularSystem.extend", "risk", "rehearsal"}


def meetings():
    """Every axis of every array that another array of the example has too."""
    for name, number in TRIED:
        arrays = leaves(example(name, number))
        for path, array in arrays.items():
            for axis, size in enumerate(array.shape):
                others = [other for place, other in arrays.items()
                          if (size in other.shape and place != path)]
                if others and name not in WITHOUT_NAMES:
                    yield pytest.param(name, number, path, axis, id=(
                        f"{name}-{number}-{'.'.join(map(str, path))}-{axis}"))


@pytest.mark.parametrize("name, number, place, axis", list(meetings()))
def test_names_decide_what_belongs_together(name, number, place, axis):
    """One array in another order, names and all, changes nothing; or both orders are shown."""
    def in_another_order(array, path):
        if path != place:
            return named(array)
        return named(array, np.roll(np.arange(array.shape[axis])[::-1], 1), axis)

    expected = answer(name, number, lambda array, path: named(array))
    assert same(expected, plain_answer(name, number))
    try:
        found = answer(name, number, in_another_order)
    except ValueError as error:
        shown = r"those of", "comes first", "in the same order"  # theirs: scikit-learn's words
        assert any(words in str(error) for words in shown), error
    else:
        assert same(found, expected)


def test_two_tables_whose_shared_values_stand_in_another_order():
    first = pd.DataFrame([[0.9, 0.1], [0.2, 0.8]], index=["x", "y"], columns=["a", "b"])
    second = pd.DataFrame([[0.7, 0.3], [0.1, 0.9]], index=["b", "a"], columns=["u", "v"])
    mixed = cl.convolve(cl.Context.from_conditional(first), cl.Context.from_conditional(second))
    by_hand = first @ second.loc[["a", "b"]]
    assert np.allclose(mixed.conditional(), by_hand)
    with pytest.raises(ValueError, match=r"its labels are 'c', 'a', those of .* 'a', 'b'"):
        cl.convolve(cl.Context.from_conditional(first),
                    cl.Context.from_conditional(second.set_axis(["c", "a"])))


def test_positions_are_no_names_but_in_another_order_they_are_refused():
    table, g = pd.DataFrame(COUNTS), pd.Series(OF_A)
    context = cl.Context.from_counts(table.set_axis(list("abcde"), axis=1))
    assert np.allclose(context.expect(g), context.expect(OF_A))
    with pytest.raises(ValueError, match=r"g: its labels are 4, 3, .* those of .* 0, 1"):
        cl.Context.from_counts(table).expect(g[::-1])


def test_bare_positions_do_not_hide_that_two_others_disagree():
    frame, y = pd.DataFrame(POINTS), pd.Series(CLASSES, names(40))
    weights = pd.Series(WEIGHTS, names(40))
    test = (POINTS, CLASSES, WEIGHTS)
    found = cl.linear_probe(frame, y, weights=weights[::-1], test=test, penalty=0.1)
    assert found.error == cl.linear_probe(
        POINTS, CLASSES, weights=WEIGHTS, test=test, penalty=0.1).error
    table = pd.DataFrame(COUNTS, index=names(6))
    one, other = (cl.Context.from_counts(rows) for rows in (table, table[::-1]))
    bare = cl.Context.from_conditional(COUNTS, one.p_x)
    assert same(numbers(cl.concatenate(bare, one, other)), numbers(cl.concatenate(bare, one, one)))


@pytest.mark.parametrize("names_of", [list, np.array, pd.Index])
def test_other_names_of_columns_are_refused(names_of):
    frame = pd.DataFrame(POINTS, columns=list("abcd"))
    for context in (cl.knn_context(frame, 5), cl.rbf_context(frame, 1.0)):
        at_new = context.conditional_at(frame[list("dcba")])
        assert np.allclose(numbers(at_new), numbers(context.conditional_at(POINTS)))
        with pytest.raises(ValueError, match=r"'c', 'e', those of the context are .*'c', 'd'"):
            context.conditional_at(frame.set_axis(names_of(list("abce")), axis=1))


# -- F6, F8, F15: labels ---------------------------------------------------------------------------


@given(is_labels)
@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, pd.NaT])
def test_a_missing_label_is_named_by_its_place(name, number, place, nothing):
    def without_the_second(array):
        return [array[0], nothing, *array[2:].tolist()]

    for holder in (list, pd.Series, lambda labels: pd.Series(labels, dtype="category")):
        change = at(place, lambda array, holder=holder: holder(without_the_second(array)))
        if name == "diagnose":
            given = walk(example(name, number), change)
            table = readers.read(given["X"], given["y"])
            assert table.target.shape == (39, 2) and "1 rows without a y" in table.notes[-1]
            continue
        with pytest.raises(ValueError, match=r"y?\[1\] is missing"):
            answer(name, number, change)


LABELS = {
    "category": lambda labels: pd.Series(labels, dtype="category"),
    "text": lambda labels: pd.Series(labels, dtype="string"),
    "objects": lambda labels: np.array(labels, dtype=object),
    "list": lambda labels: labels.tolist(),
    "index": pd.Index,
}


@given(is_labels)
@pytest.mark.parametrize("holder", LABELS)
def test_labels_are_labels_whatever_holds_them(name, number, place, holder):
    assert same(answer(name, number, at(place, LABELS[holder])), plain_answer(name, number))


@pytest.mark.parametrize("labels", [
    pd.Series(["a", "a", "b"], dtype="category"), pd.Series(["a", "a", "b"], dtype="string"),
    pd.Series(pd.PeriodIndex(["2020-01", "2020-01", "2020-02"], freq="M")),
    pd.Series(pd.to_datetime(["2020-01-01", "2020-01-01", "2020-01-02"]).tz_localize("CET")),
    pd.Series([1, 1, 2], dtype="Int64"), [True, True, False], torch.tensor([3, 3, 4]),
    pd.Series([("a", 1), ("a", 1), ("b", 0)])],
    ids=lambda labels: str(getattr(labels, "dtype", "list")))
def test_groups_have_labels_of_any_kind(labels):
    risks = shift.group_risks([1.0, 2.0, 3.0], labels)
    first, last = labels[0], labels[2]
    assert risks == {first: 1.5, last: 3.0} or risks == {int(first): 1.5, int(last): 3.0}
    assert shift.worst_group([1.0, 2.0, 3.0], labels) == 3.0


@pytest.mark.parametrize("name, number", [
    (name, number) for name, number in TRIED
    if sum(map(is_labels, leaves(example(name, number)).values())) > 1])
def test_labels_of_another_kind_are_no_labels_of_these_classes(name, number):
    """"0" and 0 are never equal, though NumPy finds one among the others."""
    arrays = leaves(example(name, number))
    for odd in [path for path, array in arrays.items() if is_labels(array)]:
        def coded(array, path, odd=odd):
            if not is_labels(array):
                return array
            codes = (array == "u").astype(int)
            return codes if path == odd else codes.astype(str)

        with pytest.raises((TypeError, ValueError), match=r"of one kind|one of the classes"):
            answer(name, number, coded)


# -- F1, F7: precision is not information, nor the lack of it -----------------------------


@given(is_floats)
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_low_precision_is_as_good_as_its_numbers(name, number, place, dtype):
    low = outcome(name, number, at(place, lambda array: array.astype(dtype)))
    assert same(low, outcome(name, number, at(place, lambda a: a.astype(dtype).astype(float))))


TYPES = {"float16": np.float16, "float32": np.float32, "float64": np.float64}
AS_GIVEN = {"array": lambda array: array, "tensor": torch.tensor, "frame": pd.DataFrame}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n, d, holder", [
    *((n, d, "array") for n in (100, 1000, 10_000) for d in (16, 128)),
    (300, 16, "tensor"), (300, 16, "frame")])
def test_full_rank_agrees_with_itself_and_rank_two_is_two(n, d, holder, dtype):
    rng = np.random.default_rng(n + d)
    spread = np.geomspace(1, 1 / 16, d)
    mix = np.linalg.qr(rng.standard_normal((d, d)))[0]
    full = (rng.standard_normal((n, d)) * spread) @ mix + rng.standard_normal(d)
    full = AS_GIVEN[holder](full.astype(TYPES[dtype]))
    assert np.isclose(float(alignment.squared_cca(full, full)), 1.0, rtol=0, atol=1e-9)
    poor = [rng.standard_normal((n, 2)) @ rng.standard_normal((2, d)) + offset for offset in (0, 1)]
    poor = [AS_GIVEN[holder](features.astype(TYPES[dtype])) for features in poor]
    rho = alignment.canonical_correlations(*poor)
    assert (rho[2:] == 0).all() and (rho[:2] < 1).all()


@pytest.mark.parametrize("holder", AS_GIVEN)
def test_bfloat16_and_unrelated_poor_encoders(holder):
    rng = np.random.default_rng(3)
    first, second = (rng.standard_normal((500, 2)) @ rng.standard_normal((2, 64)) for _ in "12")
    given = [AS_GIVEN[holder](one.astype(np.float32)) for one in (first, second)]
    by_hand = np.linalg.svd(np.linalg.qr(first - first.mean(0))[0][:, :2].T
                            @ np.linalg.qr(second - second.mean(0))[0][:, :2], compute_uv=False)
    found = alignment.squared_cca(*given)
    assert np.isclose(float(found), (by_hand**2).sum() / 64, rtol=1e-3)
    if holder == "tensor":
        coarse = [one.bfloat16() for one in given]
        assert (alignment.canonical_correlations(*coarse)[2:] == 0).all()


@pytest.mark.parametrize("holder", AS_GIVEN)
@pytest.mark.parametrize("dtype", TYPES)
def test_rounding_is_no_feature_of_an_encoder(dtype, holder):
    context = cl.gallery.hypercube(0.8, 6)
    rng = np.random.default_rng(5)
    two = rng.standard_normal((64, 2))
    collapsed = AS_GIVEN[holder]((two @ rng.standard_normal((2, 30))).astype(TYPES[dtype]))
    assert len(cl.ritz(context, collapsed).values) == 2
    assert np.isclose(cl.ratio_trace(context, collapsed), cl.ratio_trace(context, two), rtol=0.05)


# -- F13: a copy cannot be changed either ----------------------------------------------------------


def contexts():
    """A context from every door that makes one."""
    for name, number in TRIED:
        if name.split(".")[0] in dir(empirical) + dir(cl) + dir(cl.gallery):
            result = through(name, walk(example(name, number), lambda array, path: array))
            if isinstance(result, cl.Context):
                yield pytest.param(result, id=f"{name}-{number}")


def refuses_change(context):
    table = context.joint.data if context.is_sparse else context.joint
    for part in (table, context.p_x, context.p_a, context.exact_values):
        if part is not None and part.size:
            with pytest.raises(ValueError, match="read-only"):
                part[0] = 7


def copies(context, folder):
    import pickle

    import joblib

    yield copy.copy(context)
    yield copy.deepcopy(context)
    yield pickle.loads(pickle.dumps(context))
    joblib.dump(context, folder / "context")
    yield joblib.load(folder / "context")


@pytest.mark.parametrize("context", list(contexts()))
def test_a_copied_context_cannot_be_changed(context, tmp_path):
    refuses_change(context)
    for again in copies(context, tmp_path):
        refuses_change(again)
        assert same(numbers(again), numbers(context))
        if isinstance(context, empirical.DataContext) and "knn" in str(context._extension):
            assert same(numbers(again.conditional_at(MORE)), numbers(context.conditional_at(MORE)))


def test_a_context_from_another_process_cannot_be_changed():
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    mixed = cl.convolve(cl.knn_context(POINTS, 5), cl.Context(np.eye(40) / 40))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        again = pool.submit(copy.copy, mixed).result()
    refuses_change(again)
    assert same(numbers(again.conditional_at(MORE)), numbers(mixed.conditional_at(MORE)))
