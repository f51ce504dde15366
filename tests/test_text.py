"""Text from outside: on a page, in a picture and on a terminal it is what it is."""

import ast
import html.parser
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import mistune
import numpy as np
import pandas as pd
import pytest
from hostile import NAMES, random_names
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import contexture_lite as cl
from contexture_lite import _text
from contexture_lite._text import drawn, escaped, said
from contexture_lite.diagnosis.report import markdown

ROOT = Path(__file__).parents[1]
EVERY = [*NAMES, *random_names(400)]


class Page(html.parser.HTMLParser):
    """What a page shows: its text, its tags, and the cells of its tables."""

    def __init__(self, source):
        super().__init__()
        self.text, self.tags, self.cells, self.inside = "", [], [], False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "td":
            self.cells.append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "td"

    def handle_data(self, data):
        self.text += data
        if self.inside:
            self.cells[-1] += data


def of_markdown(source):
    """The page that another library makes of Markdown, with everything that GitHub adds to it."""
    plugins = ["table", "strikethrough", "url", "footnotes", "task_lists", "math"]
    return Page(mistune.create_markdown(escape=False, plugins=plugins)(source))


# -- pages ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hair", "x 1", "größe"])
def test_a_plain_name_stays_as_it_is(name):
    assert escaped(name) == name


def test_in_html_every_letter_is_seen_and_no_tag():
    for name in EVERY:
        page = Page(f"<p>{escaped(name)}</p>")
        assert page.text == name and set(page.tags) <= {"p", "span"}


def test_in_markdown_every_letter_is_seen_and_no_mark():
    for name in EVERY:
        for before, after in (("", ""), ("so ", " it is"), ("**", "**"), ("*", "*  "), ("* ", "")):
            page = of_markdown(f"{before}{escaped(name)}{after}")
            shown = name if before in ("", "**", "*", "* ") else f"so {name} it is"
            assert page.text.strip("\n") == shown.strip("\n"), (name, before)
            assert set(page.tags) <= {"p", "span", "ul", "li", "strong", "em", "br"}


def test_in_a_markdown_table_every_letter_is_seen_in_its_cell():
    rows = [f"| {escaped(name)} | here |" for name in EVERY]
    page = of_markdown("\n".join(["| name | where |", "| --- | --- |", *rows]))
    assert page.cells[::2] == EVERY
    assert {cell.strip() for cell in page.cells[1::2]} == {"here"}


def test_mathjax_is_told_to_look_away():
    """As its documentation says: by the class that JupyterLab's version, or an older one, obeys."""
    assert 'class="mathjax_ignore tex2jax_ignore"' in escaped("$x$")


def modules():
    return [(file, ast.parse(file.read_text()))
            for file in sorted((ROOT / "contexture_lite").rglob("*.py"))]


OWN_WORDS = {"problem.py", "hand_drawn.py", "training.py", "race"}  # they show no text from outside


def test_whatever_makes_a_page_knows_how_to_escape():
    makers = {"_repr_html_", "_repr_markdown_", "HTML", "Markdown"}
    for file, tree in modules():
        names = {getattr(node, "name", None) or getattr(node, "attr", None)
                 for node in ast.walk(tree)}
        if names & makers and not {file.name, file.parent.name} & OWN_WORDS:
            beside = [other.read_text() for other in file.parent.glob("*.py")]
            assert any("import escaped" in text for text in beside), file


@pytest.fixture(scope="module")
def found():
    """A diagnosis in which hostile names stand everywhere: columns, marks, contexts."""
    rng, n = np.random.default_rng(0), 60
    X = pd.DataFrame({"x": rng.normal(size=n), "y": rng.normal(size=n)})
    for place, name in enumerate(NAMES):
        mostly = np.where(np.arange(n) % 9, rng.normal(size=n).astype(str), NAMES[place])
        X[name] = mostly
    own = {name: partial(cl.knn_context, k=5 + place) for place, name in enumerate(NAMES[:8])}
    return cl.diagnose(X, rng.normal(size=n), own, progress=False)


def test_a_diagnosis_shows_names_letter_by_letter(found):
    page = of_markdown(markdown(found))
    for name in NAMES:
        assert f"{name}: 53 of 60 entries are numbers" in page.text
    assert set(page.cells) >= set(NAMES[:8])
    assert not {"img", "script", "code", "a", "del", "i"} & set(page.tags)


# -- pictures -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["$x$", "a$b", "$$", r"\$w\$", r"$\frac{$", r"a\$b", "$", "_c_"])
def test_a_picture_has_the_letters_and_no_formula(name):
    """As wide as the same letters without any mathematics."""
    figure = Figure()
    renderer = FigureCanvasAgg(figure).get_renderer()
    sizes = [figure.add_artist(text).get_window_extent(renderer).size for text in (
        Text(0, 0, drawn(name)), Text(0, 0, name, parse_math=False))]
    if r"\$" not in name:  # which matplotlib reads as a dollar even without mathematics
        assert sizes[0].tolist() == sizes[1].tolist()
    assert Text(0, 0, drawn(name))._preprocess_math(drawn(name)) == (name, False)


def test_a_diagnosis_draws_names_letter_by_letter(found):
    texts = [text._preprocess_math(text.get_text())
             for text in found.figure().figure.findobj(Text)]
    titles = [(shown.removesuffix(": error").rstrip("…"), is_math) for shown, is_math in texts]
    for name in NAMES[:8]:
        assert any(shown and name.startswith(shown) and not is_math
                   for shown, is_math in titles), name


# -- terminals ------------------------------------------------------------------------


@pytest.mark.parametrize(("encoding", "text", "wanted"), [
    ("utf-8", "s₁ ≤ 1 – 名 é", "s₁ ≤ 1 – 名 é"),
    ("ascii", "s₁² ≤ β·χ ± √Λ … 名 é ½", r"s1^2 <= beta.chi +- sqrtLambda ... \u540d e 1/2"),
    ("cp1252", "3 × 4 – é ≤ β", "3 × 4 – é <= beta"),
    ("latin-1", "3 × 4 – é ≤ β", "3 × 4 - é <= beta"),
    ("utf-8", "a\x1b[31mb\tc\nd\ud800", "a\\x1b[31mb\tc\nd\\ud800"),
    (None, "s₁", "s₁"),
])
def test_what_stdout_holds_is_said_as_it_is_and_the_rest_plainly(monkeypatch, encoding, text,
                                                                 wanted):
    class Stdout:
        def __init__(self):
            self.encoding = encoding

    monkeypatch.setattr(_text.sys, "stdout", Stdout())
    assert said(text) == wanted
    monkeypatch.undo()


def test_every_repr_and_print_of_the_package_is_said():
    for file, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == "__repr__":
                for back in ast.walk(node):
                    if isinstance(back, ast.Return):
                        assert ast.unparse(back).startswith("return said("), (file, node.lineno)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                assert ast.unparse(node) == "print(self)" or (
                    ast.unparse(node).startswith("print(said(")), (file, node.lineno)


def test_everything_can_be_printed_where_stdout_is_not_utf_8():
    encodings = ["ascii", "cp1252"]
    answer = subprocess.run([sys.executable, "-W", "error", ROOT / "tests/saying.py", *encodings],
                            capture_output=True, env=os.environ | {"PYTHONUTF8": "0"})
    assert answer.returncode == 0, answer.stderr.decode()[-3000:]
    own = {node.name for _, tree in modules() for node in ast.walk(tree)
           if isinstance(node, ast.ClassDef)
           and any(getattr(part, "name", "") == "__repr__" for part in node.body)}
    texts = re.findall(rb"(.*?)\nsaid: ([^\n]*)", answer.stdout, flags=re.DOTALL)
    assert len(texts) == len(encodings)
    for encoding, (text, names) in zip(encodings, texts):
        text = text.decode(encoding)
        assert "a <= b" in text and r"\u540d" in text and "beta <= " in text
        assert own - {"Explorer"} <= {*names.decode().split()}


def test_the_experiments_program_says_how_it_is_used():
    answer = subprocess.run([sys.executable, "-m", "contexture_lite.experiment"],
                            capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert answer.returncode == 1 and b"usage: python -m" in answer.stderr
