"""Names that somebody may have given to a column, and that are code on a page."""

import string

import numpy as np

NAMES = (
    "<img src=x onerror='window.ran=1'>", "</details><script>window.ran=2</script>", "$x$",
    r"\(y\) and \[z\]", r"\$w\$", "$$v$$", "*a*", "**b**", "_c_", "__d__", "a | b", "`e`", "~~f~~",
    "[g](javascript:window.ran=3)", "![h](x)", "<i>", "&lt; &amp; &#36;", "# i", "1. j", "    k",
    "two  spaces", "www.example.com", "http://example.com", "a@example.com", "{{ l }}", r"m\\n",
    "o\np", "---", ":-)", "'q' \"r\"", r"\begin{align}s\end{align}", "名前", "é ± 3 %",
)


def random_names(count, seed=0):
    """Texts of the letters that mean something somewhere."""
    rng = np.random.default_rng(seed)
    letters = [*(string.punctuation * 3), *"ab 1 \n", "www.a.b", "$x$", "</", "é"]
    return ["".join(rng.choice(letters, size=rng.integers(1, 14))) for _ in range(count)]
