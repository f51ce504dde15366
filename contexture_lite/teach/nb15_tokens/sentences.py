"""A reader's own sentences, in two languages: their tokens, what they cost, what comes next."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from contexture_lite import tokens
from contexture_lite._checks import as_number
from contexture_lite._text import escaped, said
from contexture_lite.teach.nb15_tokens import compute as model

ENGLISH = "the taste of this coffee is better than the price"
OTHER = "der Geschmack von diesem Kaffee ist besser als der Preis"
TINTS = "#CFE6F4", "#F9DCC4", "#D5EBDD", "#E8DDF0"
FUNCTIONS, NEXT = 8, 3
LONGEST = 300


class Sentences:
    """Two sentences cut by the first ``merges`` merges of the picture's text, as a page."""

    def __init__(self, first=ENGLISH, other=OTHER, merges=250):
        merges = int(as_number("merges", merges, least=0, most=max(model.LADDER)))
        self.merges, self.rows = merges, [reading(text, merges) for text in (first, other)]

    def __repr__(self):
        return said("\n".join(f"{row['bytes']} bytes, {len(row['pieces'])} tokens, "
                              f"{row['bits']:.2f} bits a byte: {'|'.join(row['pieces'])}"
                              for row in self.rows))

    def _repr_html_(self):
        return "".join(map(_block, self.rows))


def reading(text, merges):
    """What the picture's tokens and model say about a sentence, in lower case; a dict."""
    text = text.lower()[:LONGEST]
    bpe = tokens.Bpe(model.bpe().merges[:merges])
    found = bpe.encode(text)
    spelled = [bpe.vocabulary[i] for i in found]
    bits = 0.0
    if len(found) > 1:
        bits = tokens.ngram_bits(model.encoded(merges), found, len(bpe.vocabulary))
    return {"bytes": len(text.encode()), "pieces": [_readable(token) for token in spelled],
            "bits": bits / max(1, len(text.encode())), "next": _expected(bpe, found, merges)}


@lru_cache(maxsize=8)
def _features(merges):
    """Names and singular functions of the next-token context of the picture's text."""
    names, x, a = model.coded(merges, False)
    values, (_, left), (_, right) = model.of_text(x, a, 1, model.WEIGHTS[0])
    return names, np.bincount(a) / len(a), left[:, :FUNCTIONS] * values[:FUNCTIONS], right


def _expected(bpe, found, merges):
    """The likeliest next tokens, by q(a) (1 + Σ_{i≤8} s_i μ_i(x) ν_i(a)); none if x is new."""
    if not len(found):
        return ()
    names, q, left, right = _features(merges)
    last = _readable(bpe.vocabulary[found[-1]])
    if last not in names:
        return ()
    share = q * (1 + right[:, :FUNCTIONS] @ left[names.index(last)])
    return tuple(names[i] for i in np.argsort(-np.round(share, 9), kind="stable")[:NEXT])


def _readable(token):
    """A token as text; bytes that are no whole letter as numbers."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return "".join(f"‹{byte:02x}›" for byte in token)


def _block(row):
    cells = "".join(
        f'<span style="background:{TINTS[i % 4]};color:#202124;padding:1px 2px;margin:1px;'
        f'border-radius:3px;display:inline-block;white-space:pre">{escaped(piece)}</span>'
        for i, piece in enumerate(row["pieces"]))
    after = ", ".join(f'<span style="white-space:nowrap">“{escaped(name)}”</span>'
                      for name in row["next"])
    expects = f" Eight features expect next: {after}." if after else (
        " Its last token does not occur in the reviews: the features say nothing about it.")
    return (f'<div style="line-height:1.9;font-size:16px;margin:4px 0">{cells}<br>'
            f"<b>{row['bytes']} bytes, {len(row['pieces'])} tokens, {row['bits']:.2f} bits a byte."
            f"</b>{expects if row['pieces'] else ''}</div>")
