"""Exercises of notebook 15: what a tokeniser decides."""

from functools import cache

import numpy as np

import contexture_lite as cl
from contexture_lite.teach.nb15_tokens import texts
from contexture_lite.teach.widgets.exercises import Exercise, Hint, array_of, compared
from contexture_lite.tokens import Bpe

COUNTS, TWICE = (100, 300, 500, 1000, 2000), 1.5  # merges to choose from, Hindi beside English
STRINGS, SEEDS, LONGEST = 20, (0, 1, 2), 20  # of the open exercise


def _tables():
    """(joint, a, b); in the last the two columns are proportional."""
    rng = np.random.default_rng(151)
    for shape, a, b in (((4, 5), 0, 3), ((6, 3), 2, 1), ((3, 6), 4, 5)):
        joint = rng.gamma(0.6, size=shape) + 0.01
        yield joint / joint.sum(), a, b
    joint[:, 4] = 2 * joint[:, 5]
    yield joint / joint.sum(), 4, 5


def _not_the_cost(wanted, cost, joint, a, b):
    context = cl.Context(joint)
    return (f"merging columns {a} and {b} of a table of {joint.shape[0]} × {joint.shape[1]} takes "
            f"{wanted:.4f} from its χ² of {context.chi2():.4f}; yours is {cost:.4f}.")


def _models():
    """(bits a token, tokens a byte, share of unknown words, bits to spell one)."""
    return [(4.1, 0.305, 0.0, 0.0), (6.0, 0.226, 0.12, 30.0), (3.0, 1.0, 0.0, 0.0),
            (7.5, 0.2, 0.05, 25.0)]


def _flips():
    """(probability of a flip, length of a block)."""
    return [(0.25, 3), (0.1, 1), (0.4, 2), (0.05, 4)]


@cache
def _hindi():
    """{merges: tokens of the Hindi text relative to the English one}, learnt from all fifteen."""
    data = cl.datasets.universal_declaration()
    of = dict(zip(data.y.tolist(), data.texts))
    bpe = Bpe.fit("\n".join(data.texts), COUNTS[-1])
    return {m: len(Bpe(bpe.merges[:m]).encode(of["hin"])) / len(
        Bpe(bpe.merges[:m]).encode(of["eng"])) for m in COUNTS}


def _check_hindi(answer):
    merges, ratio = float(array_of(answer, (), "the number of merges")), _hindi()
    if merges not in COUNTS:
        raise Hint(f"one of {', '.join(map(str, COUNTS))}, please.")
    said = f"with {merges:g} merges the Hindi text has {ratio[merges]:.2f} times as many tokens"
    fewest = min(m for m in COUNTS if ratio[m] < TWICE)
    if merges == fewest:
        return f"{said} as the English one. In bytes it is 2.65 times as long."
    if merges > fewest:
        raise Hint(f"{said}, but fewer merges are enough, too.")
    raise Hint(f"{said}: not yet. (Learn the merges from all fifteen texts together.)")


@cache
def _opponent():
    """Mean share of activities that bags of BPE 100 tell right, over three halves."""
    descriptions, y = texts.activities()

    def bags(fit):
        bpe = Bpe.fit("\n".join(descriptions[i] for i in fit)[:texts.TRAIN], 100)
        return texts.bags(descriptions, "BPE 100", bpe)

    return _told(y, bags)


def _told(y, bags):
    halves = [texts.two_halves(y, seed) for seed in SEEDS]
    return float(np.mean([texts.judged(bags(fit), y, fit, new) for fit, new in halves]))


def _check_strings(answer):
    if isinstance(answer, str) or not np.iterable(answer):
        raise Hint(f"answer must be a list of {STRINGS} strings.")
    strings = list(answer)
    if not all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in strings):
        raise Hint(f"every entry must be a string of 1 to {LONGEST} letters.")
    if len(set(strings)) != STRINGS:
        raise Hint(f"{STRINGS} different strings, please; yours are {len(set(strings))}.")
    descriptions, y = texts.activities()
    bags = np.log1p([[text.lower().count(one.lower()) for one in strings] for text in descriptions])
    mine, other = _told(y, lambda fit: bags), _opponent()
    said = f"your {STRINGS} strings tell {mine:.3f} of the activities, BPE's tokens {other:.3f}"
    if mine > other:
        return (f"{said}. Who knows the concept needs few tokens; byte pair encoding knows only "
                "what is frequent.")
    raise Hint(f"{said}. Pieces that occur in one section and no other tell most: look at the "
               "descriptions of the eight sections.")


EXERCISES = (
    compared(
        "ex_15_1", "What merging two symbols costs",
        "Set `answer` to a function of `(joint, a, b)` that returns how much χ² a table loses when "
        "columns a and b are added up, by the formula: "
        r"$\frac{q_aq_b}{q_a+q_b}\sum_xp_x\big(\frac{P(a|x)}{q_a}-\frac{P(b|x)}{q_b}\big)^2$. "
        "numpy only.",
        """
def answer(joint, a, b):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    ratio = joint / p[:, None] / q
    return q[a] * q[b] / (q[a] + q[b]) * (p @ (ratio[:, a] - ratio[:, b]) ** 2)
""",
        takes="joint, a, b", what="the cost", cases=_tables,
        mistakes={
            "ratio = joint / p[:, None] / q → ratio = joint / p[:, None]":
                "compare the ratios P(a|x)/q_a: two columns of which one is twice the other say "
                "the same, and merge for nothing.",
            "q[a] * q[b] / (q[a] + q[b]) → (q[a] + q[b])":
                "q_a + q_b weighs the loss in information; here it is q_a q_b/(q_a + q_b).",
            "(p @ (ratio[:, a] - ratio[:, b]) ** 2) → ((ratio[:, a] - ratio[:, b]) ** 2).sum()":
                "inputs count by their probability: where is p?",
            "ratio = joint / p[:, None] / q → ratio = joint / q":
                "P(a|x) is the joint divided by p(x), row by row.",
        },
        otherwise=_not_the_cost,
        right="the same as χ² before minus χ² after, and 0 where the columns are proportional.",
    ),
    compared(
        "ex_15_2", "Which model compresses better?",
        "Model A needs 4.1 bits a token, and its tokeniser makes 0.305 tokens of a byte; model B "
        "needs 2.0 bits a byte. Set `answer` to a function of `(bits, tokens, unknown, spelling)` "
        "that makes them comparable: bits a token, tokens a byte, the share of tokens that are "
        "unknown words, and the bits to spell one of those on top. It returns bits a byte.",
        """
answer = lambda bits, tokens, unknown, spelling: tokens * (bits + unknown * spelling)
""",
        takes="bits, tokens, unknown, spelling", what="the bits a byte", cases=_models,
        mistakes={
            "bits": "that is per token; a tokeniser with longer tokens makes fewer of them.",
            "bits + unknown * spelling":
                "that is per token; a tokeniser with longer tokens makes fewer of them.",
            ("(bits + unknown * spelling) / tokens", "bits / tokens"):
                "4.1 / 0.305 is more bits than a raw byte has: multiply by the tokens a byte.",
            "bits * tokens":
                "an unknown word must still be spelled: add what that costs.",
            "tokens * (bits + spelling)": "only the unknown ones are spelled.",
            "tokens * (bits + unknown * spelling) * np.log(2)":
                "that is in nats; bits were asked for.",
        },
        otherwise=lambda wanted, mine, *case: f"for {case} it is {wanted:.3f} bits a byte, yours "
                                              f"is {mine:.3f}.",
        right="A costs 1.25 bits a byte and beats B, as long as it knows every word.",
    ),
    compared(
        "ex_15_3", "Blocks of a chain",
        "A binary chain flips with probability `f`; its tokens are blocks of `k` symbols. Set "
        "`answer` to a function of `(f, k)` that returns (s₁ of block → next block, bits a symbol "
        "of a model that knows only how frequent each block is). A table of 2ᵏ × 2ᵏ blocks does "
        "it, or a little thought.",
        """
def answer(f, k):
    h = -f * np.log2(f) - (1 - f) * np.log2(1 - f)
    return abs(1 - 2 * f), h + (1 - h) / k
""",
        takes="f, k", what="the pair", cases=_flips,
        mistakes={
            "abs(1 - 2 * f), h → abs(1 - 2 * f) ** k, h":
                "the two blocks touch: the last symbol of one and the first of the other are one "
                "step apart.",
            "h + (1 - h) / k → h":
                "that is the entropy rate, the limit of long blocks; each block still pays once "
                "for not knowing what came before.",
            "h + (1 - h) / k → 1": "that is the unigram cost of single symbols.",
            "h + (1 - h) / k → h * k + 1 - h": "that is a block's cost; divide by its length.",
        },
        otherwise=lambda wanted, mine, f, k: f"for f = {f:g} and blocks of {k} it is "
                                             f"({wanted[0]:.3f}, {wanted[1]:.3f}).",
        right="s₁ does not depend on the length of the blocks, the unigram cost falls to the "
              "entropy rate.",
    ),
    Exercise(
        "ex_15_4", "How many merges does Hindi need?",
        "Learn byte pair merges from all fifteen texts of "
        "`cl.datasets.universal_declaration()`, joined by line breaks (`Bpe.fit`; its first m "
        "merges are `Bpe(bpe.merges[:m])`). Set `answer` to the smallest number of merges, of "
        f"{', '.join(map(str, COUNTS))}, with which the Hindi text (`hin`) has fewer than "
        f"{TWICE:g} times as many tokens as the English one (`eng`).",
        _check_hindi,
        """
from contexture_lite.tokens import Bpe
data = cl.datasets.universal_declaration()
texts = dict(zip(data.y.tolist(), data.texts))
bpe = Bpe.fit("\\n".join(data.texts), 2000)
def ratio(m):
    hindi, english = (len(Bpe(bpe.merges[:m]).encode(texts[code])) for code in ("hin", "eng"))
    return hindi / english
answer = next(m for m in (100, 300, 500, 1000, 2000) if ratio(m) < 1.5)
"""),
    Exercise(
        "ex_15_5", "Twenty tokens of your own",
        "The eight largest sections of `cl.datasets.nace()` are to be told from how often 20 "
        "strings occur in a description (upper and lower case alike; logistic regression on log "
        "counts, half of the texts to fit, three times). Set `answer` to a list of 20 strings that "
        "beats the tokens of byte pair encoding with 100 merges.",
        _check_strings,
        """
answer = ["growing", "manufactur", "wholesale", "retail", "sale", "repair", "construct",
          "transport", "software", "publish", "broadcast", "telecom", "rental", "leasing",
          "research", "design", "consult", "crop", "fish", "install"]
"""),
)
