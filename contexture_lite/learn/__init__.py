"""Learning encoders with PyTorch: distributions of pairs, objectives on them, encoders, training.

Everything is imported when its name is first used.
"""

from contexture_lite._lazy import on_first_use

# public name -> the module that defines it; a module's own name stands for itself
_ON_FIRST_USE = {
    "laws": "laws",
    "draws": "draws",
    "losses": "losses",
    "negatives": "negatives",
    "objectives": "objectives",
    "TableEncoder": "encoders",
    "ResidualMLP": "encoders",
    "CausalTransformer": "autoregression",
    "NextToken": "autoregression",
    "train": "training",
    "Training": "training",
    "Diverged": "training",
    "scaling": "scaling",
}

__all__ = [*_ON_FIRST_USE]
__getattr__, __dir__ = on_first_use(__name__, _ON_FIRST_USE)
