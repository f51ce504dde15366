"""Tokens: byte pair encoding, what merging costs, and what a text costs in bits a byte.

A tokeniser chooses X and A, hence the operator: in the context of a text X is the token before (or
the few before) and A the next one. Two opposite moves are both called merging. Counting two symbols
as one is a coarsening, and lowers every s_i (`merge_cost`, `cheapest_merges`). A merge of byte pair
encoding makes a longer symbol beside the two: at the cuts that are left, the next token names the
next character, so no s_i falls (`Bpe`). Losses of different tokenisers are compared in bits a byte.
"""

from contexture_lite.tokens.bpe import WORD, Bpe
from contexture_lite.tokens.merging import cheapest_merges, merge_cost
from contexture_lite.tokens.next_token import (
    bits_per_byte,
    held_out_values,
    next_token_context,
    ngram_bits,
)

__all__ = ["Bpe", "WORD", "merge_cost", "cheapest_merges", "next_token_context", "held_out_values",
           "ngram_bits", "bits_per_byte"]
