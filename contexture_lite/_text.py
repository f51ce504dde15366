"""Text from outside, wherever it is shown: letter by letter, and never as code.

Names of columns, labels, data sets and families, error messages and answers to exercises are
anybody's: on a page they could be HTML, Markdown or a formula, and a terminal may not have
their letters.
"""

from __future__ import annotations

import re
import sys
import unicodedata

# What HTML, Markdown and its tables give a meaning to; a dot between letters, as in a web address.
_MARKS = re.compile(r"[\x00-\x1f!-'*:<>@\[-`{-\x7f]|(?<=[^\W\d])\.(?=\w)")
_PLAIN = {
    "×": "x", "·": ".", "–": "-", "—": "-", "−": "-", "…": "...", "±": "+-", "→": "->", "←": "<-",
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∞": "inf", "✓": "ok", "✗": "no", "√": "sqrt",
    "Σ": "sum ", "²": "^2", "³": "^3", "⁻": "^-", "ᵀ": "^T", "′": "'", "’": "'", "‖": "||",
    "∣": "|", "⟨": "<", "⟩": ">", "⁄": "/", "ℓ": "l",
}
_COMMANDS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), 127)}  # to a terminal


def escaped(text):
    """The text for HTML, and just as well for Markdown and a cell of its tables.

    Its marks become character references, in which Markdown sees no marks; the span keeps
    MathJax from a ``$`` and line breaks and spaces as they are. Not for an attribute.
    """
    text = str(text)
    safe = _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", text)
    if safe == text and re.fullmatch(r"\w+(?: \w+)*", text):
        return text
    return ('<span class="mathjax_ignore tex2jax_ignore" style="white-space:pre-wrap">'
            f"{safe}</span>")


def drawn(text):
    """The text for a picture, where matplotlib would read ``$…$`` as a formula."""
    return " ".join(str(text).split()).replace("$", r"\$")


def said(text):
    r"""The text for ``print``: as it is if stdout can hold it, else what it can hold, and plain.

    Every ``__repr__`` of the package goes through it, since in a terminal of another encoding
    (locale C, cp1252) Python would raise UnicodeEncodeError. What has no plain form is shown
    by its number, as ``\u4e2d``, and so is what would give a terminal a command.
    """
    text = str(text).translate(_COMMANDS)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"

    def held(letters):
        return letters.encode(encoding, "backslashreplace").decode(encoding)

    if held(text) == text:
        return text
    return held("".join(letter if held(letter) == letter else _plain(letter) for letter in text))


def _plain(letter):
    """What stands for a letter in ASCII: <= for ≤, beta for β, e for é; or the letter."""
    parts = unicodedata.normalize("NFKD", _PLAIN.get(letter, letter))
    return "".join(map(_spelled, parts))


def _spelled(part):
    name = unicodedata.name(part, "")
    if "GREEK" in name and "LETTER" in name and part not in _PLAIN:
        spelled = name.split()[name.split().index("LETTER") + 1].replace("LAMDA", "LAMBDA")
        return spelled.lower() if "SMALL" in name else spelled.title()
    return "" if unicodedata.combining(part) else _PLAIN.get(part, part)
