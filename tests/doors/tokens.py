"""Examples of the doors of lesson 15."""

import numpy as np
from doors.inputs import CONTEXT, RNG, made

from contexture_lite import tokens

TEXT = "the cat sat on the mat and the rat sat on the hat that the cat had"
TOKENS, MORE = RNG.integers(0, 9, 61), RNG.integers(0, 9, 31)
BPE = made(tokens.Bpe.fit, TEXT, 5)

EXAMPLES = {
    "Bpe.fit": {"text": TEXT, "merges": 5},
    "Bpe.encode": {"self": BPE, "text": "at the hat"},
    "Bpe.decode": {"self": BPE, "tokens": np.array([104, 97, 116, 256])},
    "merge_cost": {"context": CONTEXT, "a": 1, "b": 3},
    "cheapest_merges": {"context": CONTEXT},
    "next_token_context": {"tokens": TOKENS, "order": 2},
    "held_out_values": {"tokens": TOKENS, "d": 2, "block": 7},
    "ngram_bits": {"tokens": TOKENS, "held_out": MORE, "size": 9},
    "bits_per_byte": {"bpe": BPE, "text": TEXT, "held_out": "that hat"},
}
